/* inline.c - calls in loops of small functions that only compute become part of the loop.
 *
 * LLVM inlines, too, but later: what search.c and lanes.c do with a loop they can only do when they see it, and programs
 * keep the body of a loop in a function:
 *
 *     for y in range(height): image[y, x] = escape(x0 + x * dx, y0 + y * dy, 20)
 *
 * Only the usual way through the function is copied.  Where it would raise or look for a signal, the copy gives up and the
 * call is done as it was: nothing has happened yet that could not happen again, and the exception has the frames it should
 * have.
 *
 *     before:  b: ... status = invoke f(slot, x); status != 0?  --yes--> fail        after:  b: ... br copy
 *                | no                                                                        copy: ... ret y  --> done
 *              cont: y = load slot                                                             | gives up
 *                                                                                            call: status = invoke f(slot, x)
 *                                                                                              | no               --yes--> fail
 *                                                                                            loaded: z = load slot
 *                                                                                            cont: y = phi [loaded, z] [done, y]
 */
#include "passes/hot.h"
#include "passes/pipeline.h"

enum { MAX_INSTS = 200, MAX_GROWTH = 1500, MAX_DEPTH = 6 };

typedef struct {
    Func *f;
    const Func *callee;
    Arena *arena;
    ValueId invoke, slot, load; /* load: of the result; NO_VALUE: there is none */
    BlockId call, cont, done;
    bool *hot;      /* by block of the callee: is it copied */
    BlockId *order; /* of the callee, in reverse postorder */
    uint32_t norder;
    BlockId *block; /* by block of the callee: its copy */
    ValueId *value; /* by value of the callee: its copy */
    uint32_t depth, span;
} Inlining;

/* ---- which functions ----------------------------------------------------------------------------------------------- */

static bool raises(const Func *f, BlockId b) {
    unsigned op = inst_at(f, ir_terminator(f, b))->op;
    return op == OP_raise_new || op == OP_raise_again;
}

static bool can_copy(const Inst *i) {
    bool same_targets = i->op == OP_condbr && i->imm.target[0] == i->imm.target[1];
    return (hot_is_quiet(i) && !same_targets) || i->op == OP_ret || i->op == OP_param || i->op == OP_alloca;
}

/* Marks the usual way; gives its instructions, or more than MAX_INSTS when it cannot be copied. */
static uint32_t mark_hot(Inlining *s) {
    uint32_t n = 0;
    bool *reached = arena_array(s->arena, bool, s->callee->block.n);
    reached[ENTRY_BLOCK] = true;
    for (uint32_t k = 0; k < s->norder; k++) {
        BlockId b = s->order[k], succ[2];
        const Block *block = block_at(s->callee, b);
        if (!reached[b] || block->cold || raises(s->callee, b)) continue;
        s->hot[b] = true;
        for (uint32_t i = 0; i < block->inst.n; i++)
            if (++n > MAX_INSTS || !can_copy(inst_at(s->callee, block->inst.at[i]))) return MAX_INSTS + 1;
        uint32_t nsucc = ir_successors(s->callee, b, succ);
        for (uint32_t t = 0; t < nsucc; t++) reached[succ[t]] = true;
    }
    return n;
}

static bool has_loop(const Inlining *s) {
    for (BlockId b = 0; b < s->callee->block.n; b++)
        if (s->hot[b] && block_at(s->callee, b)->loop_depth) return true;
    return false;
}

static bool is_plain(const Func *g) {
    return g->state == FUNC_LOWERED && !g->is_generator && !g->is_body && !g->foreign && !g->noinline_ &&
           !g->import && !g->is_elsewhere && g->block.n;
}

/* ---- which calls --------------------------------------------------------------------------------------------------- */

/* The slot is only read, once, where the call has succeeded. */
static bool find_load(Inlining *s) {
    s->load = NO_VALUE;
    for (ValueId v = 0; v < s->f->inst.n; v++) {
        const Inst *i = inst_at(s->f, v);
        if (i->block == NO_BLOCK || v == s->invoke) continue;
        for (uint32_t k = 0; k < i->nargs; k++) {
            if (i->arg[k] != s->slot) continue;
            if (i->op != OP_load || i->block != s->cont || s->load != NO_VALUE ||
                i->type != s->callee->result)
                return false;
            s->load = v;
        }
    }
    return true;
}

static bool is_call(Inlining *s, BlockId b, ValueId v) {
    const Inst *i = inst_at(s->f, v), *end = inst_at(s->f, ir_terminator(s->f, b));
    if (i->op != OP_invoke || !is_plain(i->imm.func) || i->imm.func == s->f ||
        i->nargs - 1 != i->imm.func->params.n)
        return false;
    s->callee = i->imm.func;
    s->invoke = v;
    s->slot = i->arg[0];
    s->span = i->span;
    if (end->op != OP_condbr || !(end->flags & INST_COLD)) return false;
    s->cont = end->imm.target[1];
    const Inst *test = inst_at(s->f, end->arg[0]);
    const Block *cont = block_at(s->f, s->cont), *block = block_at(s->f, b);
    if (test->op != OP_icmp || test->arg[0] != v || cont->pred.n != 1 ||
        inst_at(s->f, cont->inst.at[0])->op == OP_phi)
        return false;
    for (uint32_t k = block->inst.n; block->inst.at[k - 1] != v; k--) {
        unsigned op = inst_at(s->f, block->inst.at[k - 1])->op;
        if (op != OP_condbr && op != OP_icmp && op != OP_const_int) return false;
    }
    return find_load(s);
}

/* ---- the copy ------------------------------------------------------------------------------------------------------ */

static ValueId value_of(const Inlining *s, ValueId v) { return s->value[v]; }

static void copy_inst(Inlining *s, Builder *b, ValueId v) {
    const Inst i = *inst_at(s->callee, v);
    ValueId *arg = arena_array(s->arena, ValueId, i.nargs + 1);
    if (i.op == OP_phi) {
        s->value[v] = ir_phi(s->f, b->block, i.type);
        return;
    }
    for (uint32_t k = 0; k < i.nargs; k++) arg[k] = value_of(s, i.arg[k]);
    if (i.op == OP_param) {
        s->value[v] = inst_at(s->f, s->invoke)->arg[1 + i.imm.i];
    } else if (i.op == OP_ret) {
        ir_br(b, s->done);
    } else if (i.op == OP_br) {
        ir_br(b, s->block[i.imm.target[0]]);
    } else if (i.op == OP_condbr) {
        ir_condbr(b, arg[0], s->block[i.imm.target[0]], s->block[i.imm.target[1]]);
        inst_at(s->f, ir_terminator(s->f, b->block))->flags = i.flags;
    } else {
        ValueId copy = s->value[v] = ir_append(b, (Op)i.op, i.type, i.nargs, arg);
        Inst *to = inst_at(s->f, copy);
        to->imm = i.imm;
        to->sub = i.sub;
        to->flags = i.flags;
        to->fastmath = i.fastmath;
    }
}

static void copy_block(Inlining *s, BlockId b) {
    const Block *from = block_at(s->callee, b);
    Builder at = {.f = s->f, .block = s->block[b], .span = s->span};
    block_at(s->f, at.block)->loop_depth = s->depth + from->loop_depth;
    for (uint32_t k = 0; k < from->inst.n; k++) copy_inst(s, &at, from->inst.at[k]);
}

/* The block of the callee that was copied to `copy`. */
static BlockId original(const Inlining *s, BlockId copy) {
    for (uint32_t k = 0; k < s->norder; k++)
        if (s->hot[s->order[k]] && s->block[s->order[k]] == copy) return s->order[k];
    return NO_BLOCK;
}

static void feed_phis(Inlining *s, BlockId b) {
    const Block *from = block_at(s->callee, b);
    for (uint32_t k = 0; k < from->inst.n; k++) {
        const Inst *phi = inst_at(s->callee, from->inst.at[k]);
        if (phi->op != OP_phi) break;
        for (uint32_t p = 0; p < block_at(s->f, s->block[b])->pred.n; p++) {
            BlockId pred = original(s, block_at(s->f, s->block[b])->pred.at[p]);
            ir_phi_add(s->f, s->value[from->inst.at[k]],
                       value_of(s, phi->arg[ir_pred_index(s->callee, b, pred)]));
        }
    }
}

static void copy_body(Inlining *s) {
    s->block = arena_array(s->arena, BlockId, s->callee->block.n);
    s->value = arena_array(s->arena, ValueId, s->callee->inst.n);
    for (BlockId b = 0; b < s->callee->block.n; b++) s->block[b] = s->hot[b] ? ir_block(s->f) : s->call;
    for (uint32_t k = 0; k < s->norder; k++)
        if (s->hot[s->order[k]]) copy_block(s, s->order[k]);
    for (uint32_t k = 0; k < s->norder; k++)
        if (s->hot[s->order[k]]) feed_phis(s, s->order[k]);
}

/* The result, in `done`. */
static ValueId join_results(Inlining *s) {
    ValueId result = ir_phi(s->f, s->done, s->callee->result);
    for (uint32_t p = 0; p < block_at(s->f, s->done)->pred.n; p++) {
        BlockId b = original(s, block_at(s->f, s->done)->pred.at[p]);
        const Inst *ret = inst_at(s->callee, ir_terminator(s->callee, b));
        ir_phi_add(s->f, result, value_of(s, ret->arg[0]));
    }
    return result;
}

static void mark_cold(Func *f, BlockId b) { block_at(f, b)->cold = true; }

static void do_inline(Inlining *s, BlockId b) {
    Func *f = s->f;
    uint32_t at = 0;
    while (block_at(f, b)->inst.at[at] != s->invoke) at++;
    s->depth = block_at(f, b)->loop_depth;
    s->call = ir_split_block(f, b, at);
    s->done = ir_block(f);
    block_at(f, s->done)->loop_depth = s->depth;
    copy_body(s);
    ir_br(&(Builder){.f = f, .block = b, .span = s->span}, s->block[ENTRY_BLOCK]);
    BlockId loaded = ir_split_edge(f, s->call, s->cont);
    mark_cold(f, s->call);
    mark_cold(f, loaded);
    ValueId result = s->load == NO_VALUE ? NO_VALUE : join_results(s);
    ir_br(&(Builder){.f = f, .block = s->done, .span = s->span}, s->cont);
    if (inst_at(f, s->slot)->op == OP_alloca) { /* the loop is rid of it */
        ir_delete(f, s->slot);
        ir_insert(f, s->call, 0, s->slot);
    }
    if (result == NO_VALUE) return;
    ValueId phi = ir_phi(f, s->cont, s->callee->result);
    ir_replace_uses(f, s->load, phi);
    ir_delete(f, s->load);
    ir_insert(f, loaded, 0, s->load);
    ir_phi_add(f, phi, s->load);
    ir_phi_add(f, phi, result);
}

/* ---- the pass ------------------------------------------------------------------------------------------------------ */

static void inline_calls(Func *f, uint32_t depth);

/* Gives how much the function has grown. */
static uint32_t visit_block(Func *f, BlockId b, uint32_t depth) {
    const Block *block = block_at(f, b);
    bool is_callee = depth < MAX_DEPTH; /* then a loop is around it */
    if (block->cold || block->dead || (!block->loop_depth && !is_callee)) return 0;
    Arena *a = &f->unit->arena;
    for (uint32_t k = 0; k < block->inst.n; k++) {
        Inlining s = {.f = f, .arena = a};
        if (inst_at(f, block->inst.at[k])->op != OP_invoke || !is_call(&s, b, block->inst.at[k])) continue;
        inline_calls(inst_at(f, s.invoke)->imm.func, depth - 1);
        s.hot = arena_array(a, bool, s.callee->block.n);
        s.order = arena_array(a, BlockId, s.callee->block.n);
        s.norder = ir_reverse_postorder(s.callee, s.order);
        uint32_t n = mark_hot(&s);
        if (n > MAX_INSTS || (!is_callee && !has_loop(&s) && block->loop_depth < 2)) return 0;
        do_inline(&s, b);
        return n;
    }
    return 0;
}

/* Calls in what has been copied are looked at, too: new blocks come last. */
static void inline_calls(Func *f, uint32_t depth) {
    uint32_t growth = 0, nblocks = f->block.n;
    if (!depth || (depth < MAX_DEPTH && !is_plain(f)) || f->is_open) return;
    f->is_open = true;
    for (BlockId b = 0; b < f->block.n && growth < MAX_GROWTH; b++) growth += visit_block(f, b, depth);
    if (f->block.n != nblocks) ir_remove_dead_blocks(f);
    f->is_open = false;
}

void pass_inline(Func *f) {
    if (!f->is_generator) inline_calls(f, MAX_DEPTH);
}
