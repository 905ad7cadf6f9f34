/* lower_parallel.c - `parallel`: an outlined loop body becomes a call of the thread pool.
 *
 *   1. The captured values go to slots on the stack.  A wrapper with the pool's convention (ParallelBody in
 *      runtime/abi.h, which is that of any compiled function) loads them and calls the body.
 *   2. The iterations are cut into blocks.  Their number depends on the iteration count (and the size of arrays that each
 *      block has a copy of), never on the number of threads, and block k leaves its partial results in row k of a table on the stack.
 *   3. The partial results are combined in block order, so the bits do not depend on the schedule.
 *
 * Contract with prange.c: see "parallel" in passes.h.
 */
#include "passes/lower.h"

#include "runtime/abi.h"

enum { MAX_BLOCKS = 1 << PARALLEL_MAX_BLOCKS_LOG2 };

typedef struct {
    ValueId begin, end, length, nblocks; /* of the iterations, and of one block */
    ValueId partials;                    /* the table; undefined when nothing is reduced */
    const Type *partial;                 /* what one block gives */
    int64_t row_nbytes;
} Region;

/* ---- the wrapper ----------------------------------------------------------------------------------------- */

static ValueId after_slots(Lower *l, ValueId base, uint32_t nslots) {
    return nslots ? ir_ptr_add(&l->b, base, lower_i64(l, (int64_t)(nslots * sizeof(Slot)))) : base;
}

static Func *make_wrapper(Func *body) {
    Unit *u = body->unit;
    Func *f = func_new(u, NULL, arena_printf(&u->arena, "%s.block", body->symbol), FUNC_LOWERED);
    f->result = body->result;
    Lower l = {.b = {.f = f},
               .unit = u,
               .options = &u->options,
               .handler = NO_BLOCK,
               .handler_status = NO_VALUE,
               .handler_frame = NO_VALUE};
    ValueId *arg = arena_array(&u->arena, ValueId, body->params.n);
    arg[0] = ir_param(f, type_i64);
    arg[1] = ir_param(f, type_i64);
    ValueId captures = ir_param(f, type_ptr);
    uint32_t at = 0;
    for (uint32_t k = 2; k < body->params.n; k++) {
        const Type *t = value_type(body, body->params.at[k]);
        arg[k] = lower_load_slots(&l, after_slots(&l, captures, at), t);
        at += t->nleaves;
    }
    ir_ret(&l.b, lower_invoke(&l, body, body->params.n, arg));
    return f;
}

/* ---- the call -------------------------------------------------------------------------------------------- */

static ValueId store_captures(Lowering *s, const Inst *i) {
    Lower *l = workbench(s);
    const Func *body = i->imm.func;
    uint32_t nslots = 0;
    for (uint32_t k = 2; k < body->params.n; k++) nslots += value_type(body, body->params.at[k])->nleaves;
    ValueId captures = lower_alloca(l, (nslots ? nslots : 1) * sizeof(Slot));
    uint32_t at = 0;
    for (uint32_t k = 2; k < body->params.n; k++) {
        const Type *t = value_type(body, body->params.at[k]);
        lower_store_slots(l, after_slots(l, captures, at),
                          lowered_as(s, i->arg[PARALLEL_CAPTURES + k - 2], t), t);
        at += t->nleaves;
    }
    return captures;
}

/* ceil(n / blocks) */
static ValueId block_length(Lower *l, ValueId n, ValueId blocks) {
    Builder *b = &l->b;
    const Inst *i = inst_at(b->f, blocks);
    ValueId rounded = ir_binop(b, OP_iadd, n, ir_binop(b, OP_isub, blocks, lower_i64(l, 1)));
    if (i->op == OP_const_int && i->imm.i == MAX_BLOCKS)
        return ir_binop(b, OP_ashr, rounded, lower_i64(l, PARALLEL_MAX_BLOCKS_LOG2));
    return ir_binop(b, OP_sdiv, rounded, blocks);
}

/* length = max(1, ceil(n / blocks)); nblocks = ceil(n / length), 0 for an empty range. */
static void cut_into_blocks(Lower *l, Region *r, ValueId blocks) {
    Builder *b = &l->b;
    ValueId zero = lower_i64(l, 0), one = lower_i64(l, 1);
    ValueId n = ir_binop(b, OP_isub, r->end, r->begin);
    n = ir_select(b, ir_icmp(b, PRED_LT, r->begin, r->end), n, zero);
    ValueId length = block_length(l, n, blocks);
    r->length = ir_select(b, ir_icmp(b, PRED_GT, length, one), length, one);
    ValueId last = ir_binop(b, OP_isub, r->length, one);
    r->nblocks = ir_binop(b, OP_sdiv, ir_binop(b, OP_iadd, n, last), r->length);
}

static void make_partials(Lower *l, Region *r) {
    r->row_nbytes = (int64_t)((r->partial->nleaves ? r->partial->nleaves : 1) * sizeof(Slot));
    if (r->partial->nleaves == 0) {
        r->partials = lower_alloca(l,
                                   (size_t)r->row_nbytes); /* every block may write there: nobody reads it */
        r->row_nbytes = 0;
        return;
    }
    r->partials = lower_alloca(l, (size_t)r->row_nbytes * MAX_BLOCKS);
    if (!type_is_managed(r->partial)) return;
    ValueId arg[] = {r->partials, ir_const_int(&l->b, type_i32, 0), lower_i64(l, r->row_nbytes * MAX_BLOCKS)};
    ir_native(&l->b, NATIVE_memset, type_ptr, 3, arg); /* rows of blocks that never ran are safe to release */
}

static ValueId partial_row(Lower *l, const Region *r, ValueId k) {
    ValueId offset = ir_binop(&l->b, OP_imul, k, lower_i64(l, r->row_nbytes));
    return lower_load_slots(l, ir_ptr_add(&l->b, r->partials, offset), r->partial);
}

static void release_partials(Lower *l, const Region *r) {
    LowerLoop loop = lower_loop_begin(l, lower_i64(l, 0), r->nblocks, 1);
    ir_emit(&l->b, OP_decref, NULL, partial_row(l, r, loop.i));
    lower_loop_end(l, &loop);
}

static void check_region(Lower *l, const Region *r, ValueId status) {
    if (!type_is_managed(r->partial)) {
        lower_check_status(l, status);
        return;
    }
    BlockId failed = lower_block(l), done = lower_block(l), from = l->b.block;
    ir_condbr(&l->b, ir_icmp(&l->b, PRED_NE, status, ir_const_int(&l->b, type_i32, STATUS_OK)), failed, done);
    inst_at(l->b.f, ir_terminator(l->b.f, from))->flags |= INST_COLD;
    lower_at(l, failed);
    release_partials(l, r);
    lower_raise_again(l, status);
    lower_at(l, done);
}

static void run_blocks(Lower *l, const Region *r, Func *body, ValueId captures) {
    ValueId context = ir_append(&l->b, OP_context, type_ptr, 0, NULL);
    ValueId wrapper = ir_append(&l->b, OP_func_address, type_ptr, 0, NULL);
    Func *f = make_wrapper(body);
    inst_at(l->b.f, wrapper)->imm.func = f;
    ValueId arg[] = {context, wrapper,   captures,    r->begin,
                     r->end,  r->length, r->partials, lower_i64(l, r->row_nbytes)};
    ValueId status = ir_native(&l->b, NATIVE_parallel_for, type_i32, ARRAY_LEN(arg), arg);
    l->frame = f; /* the body has the user's line already; this one is not shown */
    check_region(l, r, status);
    l->frame = NULL;
}

/* ---- reductions ------------------------------------------------------------------------------------------ */

/* so_far = combine(so_far, row k), for every block in order.  The loop owns what it carries. */
static ValueId combine_partials(Lower *l, const Region *r, Func *combine, ValueId initial) {
    bool managed = type_is_managed(r->partial);
    if (managed) ir_emit(&l->b, OP_incref, NULL, initial);
    LowerLoop loop = lower_loop_begin(l, lower_i64(l, 0), r->nblocks, 1);
    ValueId so_far = lower_loop_carry(l, &loop, initial);
    ValueId row = partial_row(l, r, loop.i);
    if (managed) {
        lower_cleanup_push(l, so_far);
        lower_cleanup_push(l, row);
    }
    ValueId next = lower_invoke(l, combine, 2, (ValueId[]){so_far, row});
    if (managed) {
        lower_cleanup_pop(l, 2);
        ir_emit(&l->b, OP_decref, NULL, so_far);
        ir_emit(&l->b, OP_decref, NULL, row);
    }
    lower_loop_next(l, &loop, so_far, next);
    lower_loop_end(l, &loop);
    return so_far;
}

ValueId lower_parallel(Lowering *s, const Inst *i) {
    Lower *l = workbench(s);
    Func *body = i->imm.func;
    bool reduces = i->callee != NULL;
    Region r = {.begin = lowered_as(s, i->arg[PARALLEL_BEGIN], type_i64),
                .end = lowered_as(s, i->arg[PARALLEL_END], type_i64),
                .partial = body->result};
    cut_into_blocks(l, &r, lowered_as(s, i->arg[PARALLEL_BLOCKS], type_i64));
    make_partials(l, &r);
    ValueId initial = reduces ? lowered_as(s, i->arg[PARALLEL_INITIAL], r.partial) : NO_VALUE;
    run_blocks(l, &r, body, store_captures(s, i));
    return reduces ? combine_partials(l, &r, i->callee, initial) : NO_VALUE;
}
