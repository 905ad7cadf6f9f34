/* lower.c - typed IR to lowered IR, by copying.
 *
 * The function is emptied and refilled, so that pointers to it (callees) stay good:
 *   1. a lowered block is made for every typed block that control reaches, in reverse postorder;
 *   2. its instructions are lowered one after another.  What one of them emits may end the block and go on in a
 *      new one, so a typed block becomes a chain of lowered blocks, from head to tail;
 *   3. phis get their operands at the end, when all values exist, in the order of the lowered predecessors.
 *
 * An op with a library row is lowered by the row's emitter, a call of a compiled function by lower_invoke, anything
 * else by its entry of op_lowering.  Values of types without leaves need no code at all.
 *
 * Exceptions: what an instruction must release when it raises is its cleanup list.  In a `try`, every typed block
 * has a landing block of its own, the one predecessor that the handler knows for it.
 */
#include "passes/lower.h"

/* ---- values ---------------------------------------------------------------------------------------------- */

ValueId lowered_as(Lowering *s, ValueId v, const Type *to) {
    return lower_cast(workbench(s), lowered(s, v), typed_type(s, v), to);
}

void lower_incref_result(Lower *l, ValueId v) {
    if (type_is_managed(value_type(l->b.f, v))) ir_emit(&l->b, OP_incref, NULL, v);
}

/* ---- calls through rows and of compiled functions -------------------------------------------------------- */

static void bind_default(Lower *l, Call *c, uint32_t i, const Param *param) {
    c->type[i] = param->default_type;
    c->value[i] = NO_VALUE;
    if (param->default_type && param->default_type->nleaves)
        c->value[i] = ir_const_float(&l->b, param->default_type, param->default_float);
}

static void bind_operands(Lowering *s, Call *c, const Inst *i) {
    const ValueId *bound = i->bound ? i->bound : i->arg;
    c->nargs = i->bound ? i->nbound : i->nargs;
    c->type = arena_array(&c->unit->arena, const Type *, c->nargs);
    c->value = arena_array(&c->unit->arena, ValueId, c->nargs);
    const Signature *signature = NULL;
    for (uint32_t k = 0; k < c->nargs; k++) {
        if (bound[k] != NO_VALUE) {
            c->type[k] = typed_type(s, bound[k]);
            c->value[k] = lowered(s, bound[k]);
            continue;
        }
        if (!signature) signature = library_signature(i->row);
        bind_default(workbench(s), c, k, &signature->param[k]);
    }
}

static ValueId lower_row(Lowering *s, const Inst *i) {
    Lower *l = workbench(s);
    Call c = {.unit = l->unit, .func = l->b.f, .span = i->span, .row = i->row, .result = i->type, .site = i};
    bind_operands(s, &c, i);
    l->call = &c;
    ValueId v = i->row->emit(l, &c);
    l->call = NULL;
    return v;
}

/* Parameters of a callee that the call leaves out have a type without leaves (OMITTED). */
static ValueId lower_callee(Lowering *s, const Inst *i) {
    Lower *l = workbench(s);
    const GeneratorPlan *generator = i->callee->generator;
    uint32_t n = generator ? generator->nargs : i->callee->params.n;
    assert(n == i->nbound);
    ValueId *arg = arena_array(&l->unit->arena, ValueId, n);
    for (uint32_t k = 0; k < n; k++) {
        const Type *want = generator ? generator->arg[k] : value_type(i->callee, i->callee->params.at[k]);
        arg[k] = i->bound[k] == NO_VALUE ? lower_empty(l, want) : lowered_as(s, i->bound[k], want);
    }
    if (generator) return generator_new(l, i->callee, i->type, arg);
    ValueId v = lower_invoke(l, i->callee, n, arg);
    return i->type ? lower_cast(l, v, i->callee->result, i->type) : v;
}

/* ---- one instruction ------------------------------------------------------------------------------------- */

static ValueId no_way(Lowering *s, const Inst *i) {
    func_error((Func *)s->typed, i->span, DIAG_INTERNAL, "lower: no implementation of %s for type %s",
               op_info[i->op].name, i->type ? i->type->name : "none");
    return i->type ? ir_append(&s->l.b, OP_undef, i->type, 0, NULL) : NO_VALUE;
}

static ValueId lower_by_kind(Lowering *s, const Inst *i) {
    if (i->row) return lower_row(s, i);
    if (i->callee && i->op != OP_parallel) return lower_callee(s, i);
    if (i->type && i->type->nleaves == 0 && !(op_info[i->op].flags & OPF_EFFECT)) return NO_VALUE;
    return op_lowering[i->op] ? op_lowering[i->op](s, i) : no_way(s, i);
}

void lower_begin_cleanup(Lowering *s, const Inst *i) {
    Lower *l = workbench(s);
    l->cleanup.n = 0;
    for (uint32_t k = 0; k < i->ncleanup; k++)
        if (!lower_stays_pending(s, i->cleanup[k]))
            vec_push(&l->unit->arena, &l->cleanup, lowered(s, i->cleanup[k]));
}

static void begin_inst(Lowering *s, const Inst *i) {
    Lower *l = workbench(s);
    l->b.span = i->span;
    l->b.fastmath = l->options->fastmath | i->fastmath | (i->flags & INST_REASSOC ? FASTMATH_REASSOC : 0);
    lower_begin_cleanup(s, i);
}

/* True while control can still come to the end of what was emitted. */
static bool is_open(const Lower *l) { return ir_terminator(l->b.f, l->b.block) == NO_VALUE; }

/* What reads elements that are in range without a check says so: pass `search` reads ahead. */
static void mark_loads(Lowering *s, const Inst *i, uint32_t first) {
    Func *f = s->l.b.f;
    bool in_range = i->op == OP_iter_value || (i->op == OP_getitem && i->flags & INST_INBOUNDS);
    for (ValueId v = first; in_range && v < f->inst.n; v++)
        if (inst_at(f, v)->op == OP_load) inst_at(f, v)->flags |= INST_INBOUNDS;
}

static void lower_inst(Lowering *s, ValueId v) {
    Lower *l = workbench(s);
    const Inst *i = typed_inst(s, v);
    if (s->generator && (i->op == OP_param || generator_is_constant(i))) return;
    begin_inst(s, i);
    uint32_t first = l->b.f->inst.n;
    ValueId result = lower_by_kind(s, i);
    mark_loads(s, i, first);
    if (!is_open(l) && !(op_info[i->op].flags & OPF_TERMINATOR))
        lower_at(l, lower_block(l)); /* it always raises */
    if (result == NO_VALUE && i->type)
        result = i->type->nleaves ? ir_append(&l->b, OP_undef, i->type, 0, NULL) : lower_empty(l, i->type);
    s->value[v] = result;
    if (s->generator) generator_define(s, v, result);
}

/* ---- exception landings ---------------------------------------------------------------------------------- */

static void finish_landing(Lowering *s, BlockId b) {
    Lower *l = workbench(s);
    BlockId landing = s->landing[b], handler = s->head[block_at(s->typed, b)->handler];
    l->handler = NO_BLOCK;
    l->handler_status = l->handler_frame = NO_VALUE;
    l->cleanup.n = 0;
    lower_at(l, landing);
    ir_br(&l->b, handler);
}

static void begin_landing(Lowering *s, BlockId b) {
    Lower *l = workbench(s);
    l->handler = NO_BLOCK;
    if (ir_exception_edge(s->typed, b) == NO_BLOCK) return;
    s->landing[b] = l->handler = lower_block(l);
    block_at(l->b.f, l->handler)->cold = true;
    l->handler_status = ir_phi(l->b.f, l->handler, type_i32);
    l->handler_frame = ir_phi(l->b.f, l->handler, type_i32);
}

/* ---- blocks ---------------------------------------------------------------------------------------------- */

static void lower_block_body(Lowering *s, BlockId b) {
    Lower *l = workbench(s);
    const Block *block = block_at(s->typed, b);
    uint32_t nblocks = l->b.f->block.n;
    lower_at(l, s->head[b]);
    begin_landing(s, b);
    for (uint32_t k = 0; k < block->inst.n; k++) lower_inst(s, block->inst.at[k]);
    s->tail[b] = l->b.block;
    if (l->handler != NO_BLOCK) finish_landing(s, b);
    for (uint32_t k = nblocks; block->cold && k < l->b.f->block.n; k++) block_at(l->b.f, k)->cold = true;
}

static void make_heads(Lowering *s, const BlockId *order, uint32_t n) {
    Func *f = s->l.b.f;
    for (uint32_t b = 0; b < s->typed->block.n; b++) s->head[b] = s->tail[b] = s->landing[b] = NO_BLOCK;
    for (uint32_t k = 0; k < n; k++) {
        const Block *from = block_at(s->typed, order[k]);
        s->head[order[k]] = k == 0 && !f->is_generator ? ENTRY_BLOCK : ir_block(f);
        Block *to = block_at(f, s->head[order[k]]);
        to->cold = from->cold;
        to->loop_depth = from->loop_depth;
        to->sealed = true;
    }
}

/* ---- phis ------------------------------------------------------------------------------------------------ */

/* Lowered block -> 1 + the typed block whose control (or, with the high bit, whose exceptions) leaves from it. */
enum { FROM_LANDING = 1u << 31 };

static uint32_t *edge_origins(Lowering *s) {
    uint32_t *origin = arena_array(&s->l.unit->arena, uint32_t, s->l.b.f->block.n);
    for (uint32_t b = 0; b < s->typed->block.n; b++) {
        if (s->tail[b] != NO_BLOCK) origin[s->tail[b]] = b + 1;
        if (s->landing[b] != NO_BLOCK) origin[s->landing[b]] = (b + 1) | FROM_LANDING;
    }
    return origin;
}

/* Which operand of the typed block's phis comes along lowered predecessor `p`: of several edges from one typed block
 * the nth, an exception's edge being the last. */
static uint32_t operand_index(const Lowering *s, BlockId b, const uint32_t *origin, uint32_t p) {
    const Block *to = block_at(s->l.b.f, s->head[b]), *from = block_at(s->typed, b);
    uint32_t wanted = origin[to->pred.at[p]], nth = 0, found = UINT32_MAX;
    assert(wanted);
    for (uint32_t k = 0; k < p; k++) nth += origin[to->pred.at[k]] == wanted;
    bool last = wanted & FROM_LANDING;
    for (uint32_t k = 0; k < from->pred.n; k++) {
        if (from->pred.at[k] != (wanted & ~FROM_LANDING) - 1) continue;
        found = k;
        if (!last && nth-- == 0) break;
    }
    assert(found != UINT32_MAX);
    return found;
}

/* A conversion that an edge needs stands before the terminator of the block it leaves. */
static ValueId value_on_edge(Lowering *s, ValueId v, const Type *to, BlockId pred) {
    Lower *l = workbench(s);
    if (typed_type(s, v) == to && s->value[v] != NO_VALUE && !is_read_anew(s, v)) return s->value[v];
    Block *block = block_at(l->b.f, pred);
    ValueId terminator = vec_pop(&block->inst);
    lower_at(l, pred);
    l->cleanup.n = 0;
    ValueId converted = lowered_as(s, v, to);
    block = block_at(l->b.f, pred);
    vec_push(&l->unit->arena, &block->inst, terminator);
    return converted;
}

/* What a handler came with is what its landings have, the first two instructions of each. */
static void fill_pending(Lowering *s, BlockId b) {
    Func *f = s->l.b.f;
    const Block *head = block_at(f, s->head[b]), *from = block_at(s->typed, b);
    for (uint32_t n = 0; n < from->inst.n; n++) {
        const Pending *pending = &s->pending[from->inst.at[n]];
        if (typed_inst(s, from->inst.at[n])->op != OP_caught || pending->status == NO_VALUE) continue;
        for (uint32_t p = 0; p < head->pred.n; p++) {
            const Block *landing = block_at(f, head->pred.at[p]);
            ir_phi_add(f, pending->status, landing->inst.at[0]);
            ir_phi_add(f, pending->frame, landing->inst.at[1]);
        }
    }
}

static void fill_phis(Lowering *s, BlockId b, const uint32_t *origin) {
    Func *f = s->l.b.f;
    const Block *from = block_at(s->typed, b);
    if (from->pred.n == 0) return; /* the first, which may be entered from in front of it */
    for (uint32_t p = 0; p < block_at(f, s->head[b])->pred.n; p++) {
        BlockId pred = block_at(f, s->head[b])->pred.at[p];
        uint32_t k = operand_index(s, b, origin, p);
        for (uint32_t n = 0; n < from->inst.n && typed_inst(s, from->inst.at[n])->op == OP_phi; n++) {
            const Inst *phi = typed_inst(s, from->inst.at[n]);
            if (phi->type->nleaves == 0) continue;
            ir_phi_add(f, s->value[from->inst.at[n]], value_on_edge(s, phi->arg[k], phi->type, pred));
        }
    }
}

/* ---- the function ---------------------------------------------------------------------------------------- */

static void empty_func(Func *f) {
    memset(&f->inst, 0, sizeof f->inst);
    memset(&f->block, 0, sizeof f->block);
    memset(&f->params, 0, sizeof f->params);
    f->state = FUNC_LOWERED;
    f->can_raise = false;
    ir_block(f);
}

static void copy_blocks(Lowering *s) {
    Arena *a = &s->l.unit->arena;
    BlockId *order = arena_array(a, BlockId, s->typed->block.n);
    uint32_t n = ir_reverse_postorder(s->typed, order);
    make_heads(s, order, n);
    if (s->l.b.f->is_generator) generator_enter(s, s->l.b.f, s->head[order[0]]);
    for (uint32_t k = 0; k < n; k++) lower_block_body(s, order[k]);
    ir_remove_dead_blocks(s->l.b.f); /* landings that nothing raises to, code behind a raise */
    const uint32_t *origin = edge_origins(s);
    for (uint32_t k = 0; k < n; k++)
        if (!block_at(s->l.b.f, s->head[order[k]])->dead) {
            fill_pending(s, order[k]);
            fill_phis(s, order[k], origin);
        }
}

void lower_func(Func *f) {
    Arena *a = &f->unit->arena;
    Func typed = *f;
    uint32_t nvalues = typed.inst.n, nblocks = typed.block.n;
    Lowering s = {
        .l = {.b = {.f = f},
              .unit = f->unit,
              .options = func_options(f),
              .handler = NO_BLOCK,
              .handler_status = NO_VALUE,
              .handler_frame = NO_VALUE},
        .typed = &typed,
        .value = arena_array(a, ValueId, nvalues),
        .head = arena_array(a, BlockId, nblocks),
        .tail = arena_array(a, BlockId, nblocks),
        .landing = arena_array(a, BlockId, nblocks),
        .pending = arena_array(a, Pending, nvalues),
    };
    for (uint32_t v = 0; v < nvalues; v++) {
        s.value[v] = NO_VALUE;
        s.pending[v] = (Pending){NO_VALUE, NO_VALUE, false};
    }
    empty_func(f);
    copy_blocks(&s);
    ir_remove_dead_values(f);
}
