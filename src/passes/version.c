/* version.c - loop versioning: the loop is copied within its function, and a test in front of it chooses.
 *
 *            test ----cond----> copy (cold)
 *              |                  |
 *              v                  |
 *            loop ---> exits <----+
 *
 *   1. All edges from outside into the header go through `test`.
 *   2. Blocks and instructions of the loop are copied; what is outside the loop stays what it was.
 *   3. Exits have the copy's edges as further predecessors, and their phis the copy's values.
 *   4. A value of the loop that is used behind it now has two definitions.  Uses are renewed as SSA construction
 *      does it (Braun et al., 2013): walking back from the use, a block with several predecessors gets a phi.
 *      Every block on the way is dominated by the old definition, so the walk ends in the loop or its copy.
 */
#include "passes/version.h"

/* Blocks made after the analysis are outside of every loop that is still to be versioned. */
static bool is_inside(const Version *v, BlockId b) {
    const Loop *loop = b < v->nblocks ? v->loops->of_block[b] : NULL;
    while (loop && loop != v->loop) loop = loop->parent;
    return loop != NULL;
}

static bool is_phi(const Version *v, BlockId b, uint32_t n) {
    return n < block_at(v->f, b)->inst.n && inst_at(v->f, block_at(v->f, b)->inst.at[n])->op == OP_phi;
}

/* ---- 1. the test in front ------------------------------------------------------------------------------------------ */

static uint32_t count_outside(const Version *v) {
    const Block *header = block_at(v->f, v->loop->header);
    uint32_t n = 0;
    for (uint32_t k = 0; k < header->pred.n; k++) n += !is_inside(v, header->pred.at[k]);
    return n;
}

static void make_entry_phis(Version *v) {
    for (uint32_t n = 0; n < v->nphis; n++)
        v->entry[n] = ir_phi(v->f, v->test, value_type(v->f, block_at(v->f, v->loop->header)->inst.at[n]));
}

void version_begin(Version *v, Func *f, const Loops *loops, const Loop *loop) {
    *v = (Version){.f = f, .loops = loops, .loop = loop, .nblocks = f->block.n};
    BlockId header = loop->header;
    while (is_phi(v, header, v->nphis)) v->nphis++;
    v->entry = arena_array(&f->unit->arena, ValueId, v->nphis);
    bool several = count_outside(v) > 1;
    v->test = ir_block(f);
    block_at(f, v->test)->loop_depth = block_at(f, header)->loop_depth ? block_at(f, header)->loop_depth - 1
                                                                       : 0;
    if (several) make_entry_phis(v);
    for (uint32_t k = 0; k < block_at(f, header)->pred.n;) {
        BlockId p = block_at(f, header)->pred.at[k];
        if (is_inside(v, p)) {
            k++;
            continue;
        }
        for (uint32_t n = 0; n < v->nphis; n++) {
            ValueId operand = inst_at(f, block_at(f, header)->inst.at[n])->arg[k];
            if (several) ir_phi_add(f, v->entry[n], operand);
            else v->entry[n] = operand;
        }
        ir_edge_retarget(f, p, header, v->test);
    }
}

/* ---- 2. the copy ------------------------------------------------------------------------------------------------------ */

static ValueId mapped(const Version *v, ValueId x) {
    return x < v->ninst && v->value[x] != NO_VALUE ? v->value[x] : x;
}

static ValueId *map_list(const Version *v, const ValueId *list, uint32_t n) {
    if (n == 0) return NULL;
    ValueId *copy = arena_array(&v->f->unit->arena, ValueId, n);
    for (uint32_t k = 0; k < n; k++) copy[k] = list[k] == NO_VALUE ? NO_VALUE : mapped(v, list[k]);
    return copy;
}

static BlockId mapped_block(const Version *v, BlockId b) {
    return b != NO_BLOCK && b < v->nblocks && v->block[b] != NO_BLOCK ? v->block[b] : b;
}

static void copy_block_head(Version *v, BlockId b) {
    BlockId to = v->block[b] = ir_block(v->f);
    const Block *from = block_at(v->f, b);
    Block *copy = block_at(v->f, to);
    copy->handler = from->handler;
    copy->loop_depth = from->loop_depth;
    copy->cold = true;
    copy->sealed = from->sealed;
    for (uint32_t k = 0; k < from->inst.n; k++) {
        Inst i = *inst_at(v->f, from->inst.at[k]);
        i.block = to;
        v->value[from->inst.at[k]] = v->f->inst.n;
        vec_push(&v->f->unit->arena, &copy->inst, v->f->inst.n);
        vec_push(&v->f->unit->arena, &v->f->inst, i);
    }
}

static void map_block(Version *v, BlockId b) {
    const Block *from = block_at(v->f, b);
    Block *copy = block_at(v->f, v->block[b]);
    copy->handler = mapped_block(v, from->handler);
    for (uint32_t k = 0; k < from->pred.n; k++)
        vec_push(&v->f->unit->arena, &copy->pred, mapped_block(v, from->pred.at[k]));
    for (uint32_t k = 0; k < copy->inst.n; k++) {
        Inst *i = inst_at(v->f, copy->inst.at[k]);
        i->arg = map_list(v, i->arg, i->nargs);
        i->bound = map_list(v, i->bound, i->nbound);
        i->cleanup = map_list(v, i->cleanup, i->ncleanup);
        if (op_info[i->op].imm != IMM_BLOCKS) continue;
        i->imm.target[0] = mapped_block(v, i->imm.target[0]);
        i->imm.target[1] = mapped_block(v, i->imm.target[1]);
    }
}

/* ---- 3. exits ------------------------------------------------------------------------------------------------------------ */

static void copy_edges_into(Version *v, BlockId exit) {
    uint32_t npreds = block_at(v->f, exit)->pred.n;
    for (uint32_t k = 0; k < npreds; k++) {
        BlockId p = block_at(v->f, exit)->pred.at[k];
        if (!is_inside(v, p)) continue;
        vec_push(&v->f->unit->arena, &block_at(v->f, exit)->pred, v->block[p]);
        for (uint32_t n = 0; is_phi(v, exit, n); n++) {
            ValueId phi = block_at(v->f, exit)->inst.at[n];
            ir_phi_add(v->f, phi, mapped(v, inst_at(v->f, phi)->arg[k]));
        }
    }
}

/* ---- 4. uses behind the loop ------------------------------------------------------------------------------------------------ */

typedef struct {
    Version *v;
    ValueId old;
    ValueId *start; /* by block: the value at its top, NO_VALUE: not known yet */
} Renewal;

static ValueId value_at_end(Renewal *r, BlockId b);

static ValueId value_at_start(Renewal *r, BlockId b) {
    Func *f = r->v->f;
    if (r->start[b] != NO_VALUE) return r->start[b];
    uint32_t npreds = block_at(f, b)->pred.n;
    assert(npreds > 0);
    if (npreds == 1) return r->start[b] = value_at_end(r, block_at(f, b)->pred.at[0]);
    ValueId phi = r->start[b] = ir_phi(f, b, value_type(f, r->old));
    for (uint32_t k = 0; k < npreds; k++) ir_phi_add(f, phi, value_at_end(r, block_at(f, b)->pred.at[k]));
    return phi;
}

static bool is_in_copy(const Version *v, BlockId b) {
    for (uint32_t k = 0; k < v->loop->blocks.n; k++)
        if (v->block[v->loop->blocks.at[k]] == b) return true;
    return false;
}

static ValueId value_at_end(Renewal *r, BlockId b) {
    if (is_inside(r->v, b)) return r->old;
    return is_in_copy(r->v, b) ? r->v->value[r->old] : value_at_start(r, b);
}

static Renewal *renewal_of(Version *v, Renewal **renewals, ValueId old) {
    if (!renewals[old]) {
        renewals[old] = arena_new(&v->f->unit->arena, Renewal);
        *renewals[old] = (Renewal){v, old, arena_array(&v->f->unit->arena, ValueId, v->f->block.n)};
        for (BlockId b = 0; b < v->f->block.n; b++) renewals[old]->start[b] = NO_VALUE;
    }
    return renewals[old];
}

static void renew_list(Version *v, Renewal **renewals, BlockId b, ValueId user, ValueId *list, uint32_t n) {
    for (uint32_t k = 0; k < n; k++) {
        ValueId x = list[k];
        if (x >= v->ninst || v->value[x] == NO_VALUE) continue;
        BlockId p = inst_at(v->f, user)->op == OP_phi ? block_at(v->f, b)->pred.at[k] : NO_BLOCK;
        Renewal *r = renewal_of(v, renewals, x);
        list[k] = p == NO_BLOCK ? value_at_start(r, b) : is_inside(v, p) ? x : value_at_end(r, p);
    }
}

/* Operands are lists of their own, so they stay where they are while phis are added. */
static void renew_uses(Version *v) {
    Func *f = v->f;
    Renewal **renewals = arena_array(&f->unit->arena, Renewal *, v->ninst);
    for (BlockId b = 0; b < v->nblocks; b++) {
        if (is_inside(v, b)) continue;
        uint32_t n = block_at(f, b)->inst.n;
        ValueId *user = arena_grow(&f->unit->arena, block_at(f, b)->inst.at, n * sizeof *user,
                                   n * sizeof *user);
        for (uint32_t k = 0; k < n; k++) {
            if (user[k] >= v->ninst) continue;
            Inst i = *inst_at(f, user[k]);
            renew_list(v, renewals, b, user[k], i.arg, i.nargs);
            if (i.op == OP_phi) continue;
            renew_list(v, renewals, b, user[k], i.bound, i.nbound);
            renew_list(v, renewals, b, user[k], i.cleanup, i.ncleanup);
        }
    }
}

void version_end(Version *v, ValueId cond, uint32_t span) {
    Func *f = v->f;
    Arena *a = &f->unit->arena;
    const Loop *loop = v->loop;
    uint32_t nblocks = f->block.n;
    v->ninst = f->inst.n;
    v->block = arena_array(a, BlockId, nblocks);
    v->value = arena_array(a, ValueId, v->ninst);
    for (BlockId b = 0; b < nblocks; b++) v->block[b] = NO_BLOCK;
    for (ValueId x = 0; x < v->ninst; x++) v->value[x] = NO_VALUE;
    for (uint32_t k = 0; k < loop->blocks.n; k++) copy_block_head(v, loop->blocks.at[k]);
    for (uint32_t k = 0; k < loop->blocks.n; k++) map_block(v, loop->blocks.at[k]);
    for (uint32_t k = 0; k < loop->exits.n; k++) copy_edges_into(v, loop->exits.at[k]);
    BlockId copy = v->block[loop->header];
    ir_condbr(&(Builder){.f = f, .block = v->test, .span = span}, cond, copy, loop->header);
    inst_at(f, ir_terminator(f, v->test))->flags |= INST_COLD;
    for (uint32_t n = 0; n < v->nphis; n++) {
        ir_phi_add(f, block_at(f, copy)->inst.at[n], v->entry[n]);
        ir_phi_add(f, block_at(f, loop->header)->inst.at[n], v->entry[n]);
    }
    renew_uses(v);
}
