/* dom.c - the dominator tree, with depths so that dominance is a walk up. */
#include "passes/passes.h"

void dom_compute(Arena *a, const Func *f, Dominators *d) {
    BlockId *order = arena_array(a, BlockId, f->block.n);
    dom_compute_part(a, f, order, ir_reverse_postorder(f, order), d);
}

void dom_compute_part(Arena *a, const Func *f, BlockId *order, uint32_t norder, Dominators *d) {
    d->order = order;
    d->norder = norder;
    d->idom = arena_array(a, BlockId, f->block.n);
    d->depth = arena_array(a, uint32_t, f->block.n);
    ir_dominators(f, d->order, d->norder, d->idom);
    for (uint32_t i = 1; i < d->norder; i++) d->depth[d->order[i]] = d->depth[d->idom[d->order[i]]] + 1;
}

bool dom_dominates(const Dominators *d, BlockId x, BlockId y) {
    if (d->idom[x] == NO_BLOCK || d->idom[y] == NO_BLOCK) return false;
    while (d->depth[y] > d->depth[x]) y = d->idom[y];
    return x == y;
}
