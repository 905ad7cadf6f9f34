/* loops.c - natural loops.
 *
 * An edge whose target dominates its source is a back edge; the target is a loop's header and the loop is what
 * reaches the source without passing the header.  Back edges to one header make one loop.  Headers are visited
 * in reverse postorder, so that outer loops come before inner ones and the last loop to claim a block is its
 * innermost.  (Functions made from Python are reducible: every retreating edge is a back edge.)
 */
#include "passes/passes.h"

typedef struct {
    Arena *arena;
    const Func *f;
    const Dominators *dom;
    Loops *out;
    uint32_t *mark; /* by block: 1 + the index of the loop that took it last */
    Vec(BlockId) work;
} LoopFinder;

static void take(LoopFinder *s, Loop *loop, BlockId b) {
    if (s->mark[b] == loop->index + 1 || s->dom->idom[b] == NO_BLOCK) return;
    s->mark[b] = loop->index + 1;
    vec_push(s->arena, &loop->blocks, b);
    vec_push(s->arena, &s->work, b);
}

static Loop *begin_loop(LoopFinder *s, BlockId header) {
    Loop *loop = arena_new(s->arena, Loop);
    *loop = (Loop){.header = header, .preheader = NO_BLOCK, .latch = NO_BLOCK, .innermost = true};
    loop->index = s->out->loops.n;
    loop->parent = s->out->of_block[header];
    loop->depth = loop->parent ? loop->parent->depth + 1 : 1;
    if (loop->parent) loop->parent->innermost = false;
    vec_push(s->arena, &s->out->loops, loop);
    take(s, loop, header);
    return loop;
}

/* The loop with this header, if back edges make one. */
static void find_loop(LoopFinder *s, BlockId header) {
    const Block *h = block_at(s->f, header);
    Loop *loop = NULL;
    uint32_t nlatches = 0;
    s->work.n = 0;
    for (uint32_t i = 0; i < h->pred.n; i++) {
        BlockId latch = h->pred.at[i];
        if (!dom_dominates(s->dom, header, latch)) continue;
        if (!loop) {
            loop = begin_loop(s, header);
            s->work.n = 0; /* the header's preds are outside */
        }
        loop->latch = nlatches++ ? NO_BLOCK : latch;
        take(s, loop, latch);
    }
    while (s->work.n) {
        const Block *b = block_at(s->f, vec_pop(&s->work));
        for (uint32_t i = 0; i < b->pred.n; i++) take(s, loop, b->pred.at[i]);
    }
    for (uint32_t i = 0; loop && i < loop->blocks.n; i++) s->out->of_block[loop->blocks.at[i]] = loop;
}

static bool contains(const LoopFinder *s, const Loop *loop, BlockId b) {
    const Loop *inner = s->out->of_block[b];
    while (inner && inner != loop) inner = inner->parent;
    return inner != NULL;
}

static void add_exit(LoopFinder *s, Loop *loop, BlockId b) {
    for (uint32_t i = 0; i < loop->exits.n; i++)
        if (loop->exits.at[i] == b) return;
    vec_push(s->arena, &loop->exits, b);
}

static void find_exits(LoopFinder *s, Loop *loop) {
    for (uint32_t i = 0; i < loop->blocks.n; i++) {
        BlockId succ[3];
        uint32_t n = ir_all_successors(s->f, loop->blocks.at[i], succ);
        for (uint32_t k = 0; k < n; k++)
            if (!contains(s, loop, succ[k])) add_exit(s, loop, succ[k]);
    }
}

/* The only predecessor outside, if it leads nowhere else. */
static void find_preheader(LoopFinder *s, Loop *loop) {
    const Block *h = block_at(s->f, loop->header);
    BlockId outside = NO_BLOCK, succ[3];
    for (uint32_t i = 0; i < h->pred.n; i++) {
        if (contains(s, loop, h->pred.at[i])) continue;
        if (outside != NO_BLOCK) return;
        outside = h->pred.at[i];
    }
    if (outside != NO_BLOCK && ir_all_successors(s->f, outside, succ) == 1) loop->preheader = outside;
}

void loops_compute(Arena *a, const Func *f, const Dominators *d, Loops *out) {
    *out = (Loops){.of_block = arena_array(a, Loop *, f->block.n)};
    LoopFinder s = {.arena = a, .f = f, .dom = d, .out = out, .mark = arena_array(a, uint32_t, f->block.n)};
    for (uint32_t i = 0; i < d->norder; i++) find_loop(&s, d->order[i]);
    for (uint32_t i = 0; i < out->loops.n; i++) {
        find_exits(&s, out->loops.at[i]);
        find_preheader(&s, out->loops.at[i]);
    }
}
