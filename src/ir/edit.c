/* ir/edit.c - changing functions: uses, instructions, edges, blocks, and removal of what is dead.
 *
 * Invariant kept by every function here: block p is in pred(s) once per edge p -> s, and operand i of every phi
 * of s belongs to pred i.
 */
#include "ir/ir.h"

/* ---- values -------------------------------------------------------------------------------------------------- */

static void replace_in(ValueId *list, uint32_t n, ValueId old, ValueId new_) {
    for (uint32_t i = 0; i < n; i++)
        if (list[i] == old) list[i] = new_;
}

void ir_replace_uses(Func *f, ValueId old, ValueId new_) {
    for (uint32_t v = 0; v < f->inst.n; v++) {
        Inst *i = inst_at(f, v);
        replace_in(i->arg, i->nargs, old, new_);
        replace_in(i->bound, i->nbound, old, new_);
        replace_in(i->cleanup, i->ncleanup, old, new_);
    }
}

void ir_delete(Func *f, ValueId v) {
    BlockId id = inst_at(f, v)->block;
    if (id == NO_BLOCK) return;
    Block *b = block_at(f, id);
    for (uint32_t i = 0; i < b->inst.n; i++) {
        if (b->inst.at[i] == v) {
            memmove(b->inst.at + i, b->inst.at + i + 1, (b->inst.n - i - 1) * sizeof *b->inst.at);
            b->inst.n--;
            break;
        }
    }
    inst_at(f, v)->block = NO_BLOCK;
}

/* ---- edges ----------------------------------------------------------------------------------------------------- */

uint32_t ir_pred_index(const Func *f, BlockId block, BlockId pred) {
    const Block *b = block_at(f, block);
    for (uint32_t i = 0; i < b->pred.n; i++)
        if (b->pred.at[i] == pred) return i;
    return UINT32_MAX;
}

void ir_remove_edge(Func *f, BlockId from, BlockId to) {
    Block *b = block_at(f, to);
    uint32_t index = ir_pred_index(f, to, from);
    if (index == UINT32_MAX) return;
    memmove(b->pred.at + index, b->pred.at + index + 1, (b->pred.n - index - 1) * sizeof *b->pred.at);
    b->pred.n--;
    for (uint32_t i = 0; i < b->inst.n && inst_at(f, b->inst.at[i])->op == OP_phi; i++) {
        Inst *phi = inst_at(f, b->inst.at[i]);
        if (index < phi->nargs) {
            memmove(phi->arg + index, phi->arg + index + 1, (phi->nargs - index - 1) * sizeof *phi->arg);
            phi->nargs--;
        }
    }
}

/* The terminator of `from` jumps to new_to instead; of two equal targets one changes. */
static void set_target(Func *f, BlockId from, BlockId old_to, BlockId new_to) {
    Inst *t = inst_at(f, ir_terminator(f, from));
    assert(op_info[t->op].imm == IMM_BLOCKS);
    t->imm.target[t->imm.target[0] == old_to ? 0 : 1] = new_to;
}

void ir_edge_retarget(Func *f, BlockId from, BlockId old_to, BlockId new_to) {
    set_target(f, from, old_to, new_to);
    ir_remove_edge(f, from, old_to);
    vec_push(&f->unit->arena, &block_at(f, new_to)->pred, from);
}

BlockId ir_split_edge(Func *f, BlockId from, BlockId to) {
    BlockId middle = ir_block(f);
    uint32_t index = ir_pred_index(f, to, from), depth = block_at(f, to)->loop_depth;
    assert(index != UINT32_MAX);
    if (block_at(f, from)->loop_depth < depth) depth = block_at(f, from)->loop_depth;
    block_at(f, middle)->loop_depth = depth;
    block_at(f, middle)->cold = block_at(f, from)->cold || block_at(f, to)->cold;
    uint32_t span = inst_at(f, ir_terminator(f, from))->span;
    set_target(f, from, to, middle);
    vec_push(&f->unit->arena, &block_at(f, middle)->pred, from);
    ir_br(&(Builder){.f = f, .block = middle, .span = span}, to);
    block_at(f, to)->pred.n--; /* ir_br appended the edge; it takes the place of the old one */
    block_at(f, to)->pred.at[index] = middle;
    return middle;
}

static void rename_pred(Func *f, BlockId block, BlockId old, BlockId new_) {
    Block *b = block_at(f, block);
    for (uint32_t i = 0; i < b->pred.n; i++)
        if (b->pred.at[i] == old) b->pred.at[i] = new_;
}

/* Block `tail` was split off `head`: both or either may raise now. */
static void split_exception_edge(Func *f, BlockId head, BlockId tail, BlockId handler) {
    bool head_raises = ir_exception_edge(f, head) != NO_BLOCK,
         tail_raises = ir_exception_edge(f, tail) != NO_BLOCK;
    uint32_t index = ir_pred_index(f, handler, head);
    if (!tail_raises || index == UINT32_MAX) return;
    if (!head_raises) {
        block_at(f, handler)->pred.at[index] = tail;
        return;
    }
    Block *b = block_at(f, handler);
    vec_push(&f->unit->arena, &b->pred, tail);
    for (uint32_t i = 0; i < b->inst.n && inst_at(f, b->inst.at[i])->op == OP_phi; i++)
        ir_phi_add(f, b->inst.at[i], inst_at(f, b->inst.at[i])->arg[index]);
}

BlockId ir_split_block(Func *f, BlockId b, uint32_t position) {
    BlockId tail = ir_block(f), succ[2];
    uint32_t nsucc = ir_successors(f, b, succ);
    for (uint32_t i = 0; i < nsucc; i++) rename_pred(f, succ[i], b, tail);
    Block *from = block_at(f, b), *to = block_at(f, tail);
    to->handler = from->handler;
    to->loop_depth = from->loop_depth;
    to->cold = from->cold;
    to->sealed = from->sealed;
    for (uint32_t i = position; i < from->inst.n; i++) {
        vec_push(&f->unit->arena, &to->inst, from->inst.at[i]);
        inst_at(f, from->inst.at[i])->block = tail;
    }
    from->inst.n = position;
    if (from->handler != NO_BLOCK) split_exception_edge(f, b, tail, from->handler);
    return tail;
}

/* ---- removal ------------------------------------------------------------------------------------------------------- */

static void remove_block(Func *f, BlockId b) {
    BlockId succ[3];
    uint32_t nsucc = ir_all_successors(f, b, succ);
    for (uint32_t i = 0; i < nsucc; i++) ir_remove_edge(f, b, succ[i]);
    Block *block = block_at(f, b);
    for (uint32_t i = 0; i < block->inst.n; i++) inst_at(f, block->inst.at[i])->block = NO_BLOCK;
    block->inst.n = block->pred.n = 0;
    block->dead = true;
}

void ir_remove_dead_blocks(Func *f) {
    BlockId *order = arena_array(&f->unit->arena, BlockId, f->block.n);
    bool *reachable = arena_array(&f->unit->arena, bool, f->block.n);
    uint32_t n = ir_reverse_postorder(f, order);
    for (uint32_t i = 0; i < n; i++) reachable[order[i]] = true;
    for (BlockId b = 0; b < f->block.n; b++)
        if (!reachable[b] && !block_at(f, b)->dead) remove_block(f, b);
}

typedef Vec(ValueId) Worklist;

static void mark(Func *f, bool *live, Worklist *work, const ValueId *list, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        if (list[i] != NO_VALUE && !live[list[i]]) {
            live[list[i]] = true;
            vec_push(&f->unit->arena, work, list[i]);
        }
    }
}

/* From what must stay backwards, so that phis that only feed each other go too. */
void ir_remove_dead_values(Func *f) {
    bool *live = arena_array(&f->unit->arena, bool, f->inst.n);
    Worklist work = {0};
    for (ValueId v = 0; v < f->inst.n; v++) {
        const Inst *i = inst_at(f, v);
        if (i->block != NO_BLOCK && op_info[i->op].flags & (OPF_EFFECT | OPF_RAISES | OPF_TERMINATOR))
            mark(f, live, &work, &v, 1);
    }
    while (work.n) {
        const Inst *i = inst_at(f, vec_pop(&work));
        mark(f, live, &work, i->arg, i->nargs);
        mark(f, live, &work, i->bound, i->nbound);
        mark(f, live, &work, i->cleanup, i->ncleanup);
    }
    for (BlockId id = 0; id < f->block.n; id++) {
        Block *b = block_at(f, id);
        uint32_t kept = 0;
        for (uint32_t i = 0; i < b->inst.n; i++) {
            if (live[b->inst.at[i]]) b->inst.at[kept++] = b->inst.at[i];
            else inst_at(f, b->inst.at[i])->block = NO_BLOCK;
        }
        b->inst.n = kept;
    }
}
