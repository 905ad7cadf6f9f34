/* latches.c - one way back to the header of every loop, as C's loops have.
 *
 * CPython ends branches of a loop's body with jumps of their own.  LLVM takes several edges back to one header for nested
 * loops: an inner one for what leaves a variable as it is, an outer one for what changes it.  That pulls a state machine to
 * pieces (digits of numbers 30 % slower).  The edges meet in a new block:
 *
 *     a: br header        b: br header              a: br latch      b: br latch
 *     header: x = phi [a, x1] [b, x2] [in, x0]      latch: y = phi [a, x1] [b, x2]; br header
 *                                                   header: x = phi [in, x0] [latch, y]
 */
#include "passes/pipeline.h"

typedef struct {
    Func *f;
    const Loops *loops;
    const Loop *loop;
    uint32_t nphis;
} Merge;

/* Blocks that are new lead to their own headers, so `loops` knows whatever leads to this one. */
static bool is_latch(const Merge *m, BlockId b) {
    const Loop *of = m->loops->of_block[b];
    while (of && of != m->loop) of = of->parent;
    return of != NULL;
}

static uint32_t count_phis(const Func *f, BlockId b) {
    const Block *block = block_at(f, b);
    uint32_t n = 0;
    while (n < block->inst.n && inst_at(f, block->inst.at[n])->op == OP_phi) n++;
    return n;
}

static ValueId header_phi(const Merge *m, uint32_t k) { return block_at(m->f, m->loop->header)->inst.at[k]; }

static void move_edge(Merge *m, uint32_t pred, BlockId latch, const ValueId *phi) {
    BlockId header = m->loop->header, from = block_at(m->f, header)->pred.at[pred];
    for (uint32_t k = 0; k < m->nphis; k++)
        ir_phi_add(m->f, phi[k], inst_at(m->f, header_phi(m, k))->arg[pred]);
    ir_edge_retarget(m->f, from, header, latch);
}

static void merge(Merge *m) {
    Func *f = m->f;
    BlockId header = m->loop->header, latch = ir_block(f);
    block_at(f, latch)->loop_depth = block_at(f, header)->loop_depth;
    block_at(f, latch)->cold = block_at(f, header)->cold;
    m->nphis = count_phis(f, header);
    ValueId *phi = arena_array(&f->unit->arena, ValueId, m->nphis + 1);
    for (uint32_t k = 0; k < m->nphis; k++) {
        phi[k] = ir_phi(f, latch, value_type(f, header_phi(m, k)));
        inst_at(f, phi[k])->imm.name = inst_at(f, header_phi(m, k))->imm.name;
    }
    for (uint32_t k = block_at(f, header)->pred.n; k-- > 0;)
        if (is_latch(m, block_at(f, header)->pred.at[k])) move_edge(m, k, latch, phi);
    Builder at = {.f = f, .block = latch, .span = inst_at(f, ir_terminator(f, header))->span};
    ir_br(&at, header);
    for (uint32_t k = 0; k < m->nphis; k++) ir_phi_add(f, header_phi(m, k), phi[k]);
}

void pass_latches(Func *f) {
    Dominators dom;
    Loops loops;
    dom_compute(&f->unit->arena, f, &dom);
    loops_compute(&f->unit->arena, f, &dom, &loops);
    for (uint32_t i = 0; i < loops.loops.n; i++) {
        Merge m = {.f = f, .loops = &loops, .loop = loops.loops.at[i]};
        if (m.loop->latch == NO_BLOCK) merge(&m);
    }
}
