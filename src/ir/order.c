/* ir/order.c - the shape of a function: successors, reverse postorder, immediate dominators.
 *
 * Control leaves a block through its terminator, and, where it has a handler and an op that may raise, through
 * the exception edge to that handler.  Both kinds of edges are in the targets' preds.
 *
 * Dominators: Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm", 2001: intersect the dominators
 * of the predecessors in reverse postorder until nothing changes.
 */
#include "ir/ir.h"

ValueId ir_terminator(const Func *f, BlockId b) {
    const Block *block = block_at(f, b);
    if (block->inst.n == 0) return NO_VALUE;
    ValueId last = vec_last(&block->inst);
    return op_info[inst_at(f, last)->op].flags & OPF_TERMINATOR ? last : NO_VALUE;
}

uint32_t ir_successors(const Func *f, BlockId b, BlockId out[2]) {
    ValueId t = ir_terminator(f, b);
    if (t == NO_VALUE || op_info[inst_at(f, t)->op].imm != IMM_BLOCKS) return 0;
    const Inst *i = inst_at(f, t);
    out[0] = i->imm.target[0];
    if (i->op == OP_br) return 1;
    out[1] = i->imm.target[1];
    return 2;
}

BlockId ir_exception_edge(const Func *f, BlockId b) {
    const Block *block = block_at(f, b);
    if (block->handler == NO_BLOCK) return NO_BLOCK;
    for (uint32_t i = 0; i < block->inst.n; i++)
        if (op_info[inst_at(f, block->inst.at[i])->op].flags & OPF_RAISES) return block->handler;
    return NO_BLOCK;
}

uint32_t ir_all_successors(const Func *f, BlockId b, BlockId out[3]) {
    uint32_t n = ir_successors(f, b, out);
    BlockId handler = ir_exception_edge(f, b);
    if (handler != NO_BLOCK) out[n++] = handler;
    return n;
}

/* Depth first without recursion: a block is numbered when all its successors are. */
uint32_t ir_reverse_postorder(const Func *f, BlockId *order) {
    Arena *a = &f->unit->arena;
    uint32_t n = f->block.n, depth = 0, nfound = 0;
    BlockId *stack = arena_array(a, BlockId, n);
    uint8_t *next = arena_array(a, uint8_t, n); /* 1 + the successor to visit next; 0: not seen */
    stack[depth++] = ENTRY_BLOCK;
    next[ENTRY_BLOCK] = 1;
    while (depth) {
        BlockId b = stack[depth - 1], succ[3];
        uint32_t nsucc = ir_all_successors(f, b, succ);
        if (next[b] > nsucc) {
            order[n - ++nfound] = b;
            depth--;
            continue;
        }
        BlockId s = succ[next[b]++ - 1];
        if (!next[s]) {
            next[s] = 1;
            stack[depth++] = s;
        }
    }
    memmove(order, order + n - nfound, nfound * sizeof *order);
    return nfound;
}

static BlockId intersect(const BlockId *idom, const uint32_t *position, BlockId x, BlockId y) {
    while (x != y) {
        while (position[x] > position[y]) x = idom[x];
        while (position[y] > position[x]) y = idom[y];
    }
    return x;
}

static BlockId meet_preds(const Func *f, BlockId b, const BlockId *idom, const uint32_t *position) {
    const Block *block = block_at(f, b);
    BlockId meet = NO_BLOCK;
    for (uint32_t i = 0; i < block->pred.n; i++) {
        BlockId p = block->pred.at[i];
        if (idom[p] != NO_BLOCK) meet = meet == NO_BLOCK ? p : intersect(idom, position, meet, p);
    }
    return meet;
}

void ir_dominators(const Func *f, const BlockId *order, uint32_t norder, BlockId *idom) {
    uint32_t *position = arena_array(&f->unit->arena, uint32_t, f->block.n);
    for (uint32_t b = 0; b < f->block.n; b++) idom[b] = NO_BLOCK;
    for (uint32_t i = 0; i < norder; i++) position[order[i]] = i;
    idom[order[0]] = order[0];
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = 1; i < norder; i++) {
            BlockId meet = meet_preds(f, order[i], idom, position);
            changed |= idom[order[i]] != meet;
            idom[order[i]] = meet;
        }
    }
}
