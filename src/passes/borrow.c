/* borrow.c - values that need no reference of their own, because what they were taken from has one.
 *
 *     while node is not None:            node, and what node.next gives, are kept alive by the list
 *         total += node.value            that the walk began at: nothing here can change a `next`
 *         node = node.next
 *
 * A candidate is what is taken out of another value: a member, an item of a list (by an index or in a loop), the value of
 * an Optional, a view of an array (rows with LIB_LENDS), an item of a tuple, a cast, and a phi.  It lives as long as
 *
 *   - the owned values at the end of its chain, its *roots*: live.c keeps these (its lenders) alive as long as it is used;
 *   - every place in memory that the chain goes through, its *keys* (effects.h), keeps what it holds.
 *
 * So a candidate gets a reference of its own after all if an instruction in its life may change one of its keys, or if it
 * is a phi with a root that is not there on every way to it.  It is then owned, the end of others' chains, and what they
 * need is computed again: candidates only ever drop out, so this ends.
 *
 * A signal's handler may change anything.  A checkpoint therefore has the borrowed values of its surroundings as operands,
 * to be pinned until the call from Python ends, in its cold path; behind it they are roots.
 */
#include "passes/effects.h"

typedef struct {
    Func *f;
    Arena *arena;
    Effects effects;
    Dominators dom;
    Liveness live;
    bool *candidate;  /* by value */
    Keys *keys, *own; /* by value: of the whole chain; of the last step */
    ValueList *roots; /* by value: owned ones */
    Vec(ValueId) candidates;
} Borrowing;

/* ---- candidates ------------------------------------------------------------------------------------------------------ */

static bool is_managed(const Func *f, ValueId v) {
    return v != NO_VALUE && value_type(f, v) && type_is_managed(value_type(f, v));
}

/* The item of a loop over a list or over the rows of an array; in a zip items are made part of a tuple. */
static bool is_loop_item(const Func *f, const Inst *i) {
    const Type *state = i->op == OP_iter_value ? value_type(f, i->arg[0]) : NULL;
    if (!state || state->kind != TYPE_ITER) return false;
    return state->elem[0]->kind == TYPE_LIST || (type_is_array(state->elem[0]) && state->elem[0]->ndim > 1);
}

static bool is_taken_out(const Func *f, const Inst *i) {
    if (is_loop_item(f, i)) return true;
    if (i->row) return i->row->flags & LIB_LENDS && is_managed(f, effects_operand(i, 0));
    if (i->op == OP_item || i->op == OP_phi) return true;
    return i->op == OP_cast && (is_managed(f, i->arg[0]) || value_type(f, i->arg[0])->nleaves == 0);
}

/* Memory that the value is read from. */
static Keys key_read(Borrowing *b, const Inst *i) {
    if (effects_is_member_read(i))
        return effects_member(&b->effects, value_type(b->f, effects_operand(i, 0)), i->imm.name);
    if (is_loop_item(b->f, i))
        return type_is_array(value_type(b->f, i->arg[0])->elem[0]) ? 0 : UINT64_C(1) << KEY_LISTS;
    bool list = i->row && value_type(b->f, effects_operand(i, 0))->kind == TYPE_LIST;
    return list ? UINT64_C(1) << KEY_LISTS : 0;
}

/* Ops that hand an operand's reference on; any other takes one for itself if it keeps the operand. */
static bool consumes(unsigned op) {
    return op == OP_raise || op == OP_yield || op == OP_parallel || op == OP_objmode;
}

static void find_candidates(Borrowing *b) {
    for (ValueId v = 0; v < b->f->inst.n; v++) {
        const Inst *i = inst_at(b->f, v);
        if (i->block == NO_BLOCK || !is_managed(b->f, v) || i->type->kind == TYPE_RECORD) continue;
        b->candidate[v] = is_taken_out(b->f, i);
    }
    for (ValueId v = 0; v < b->f->inst.n; v++) {
        const Inst *i = inst_at(b->f, v);
        for (uint32_t k = 0; i->block != NO_BLOCK && consumes(i->op) && k < i->nargs; k++)
            if (i->arg[k] != NO_VALUE) b->candidate[i->arg[k]] = false;
    }
    for (ValueId v = 0; v < b->f->inst.n; v++) {
        if (!b->candidate[v]) continue;
        b->own[v] = key_read(b, inst_at(b->f, v));
        vec_push(b->arena, &b->candidates, v);
    }
}

/* ---- chains ------------------------------------------------------------------------------------------------------------ */

static bool add_root(Borrowing *b, ValueList *list, ValueId v) {
    for (uint32_t i = 0; i < list->n; i++)
        if (list->at[i] == v) return false;
    list->at = arena_grow(b->arena, list->at, list->n * sizeof v, (list->n + 1) * sizeof v);
    list->at[list->n++] = v;
    return true;
}

/* v is taken out of x, which is managed. */
static bool extend_from(Borrowing *b, ValueId v, ValueId x) {
    if (!b->candidate[x]) return add_root(b, &b->roots[v], x);
    bool changed = b->keys[x] & ~b->keys[v];
    b->keys[v] |= b->keys[x];
    for (uint32_t n = 0; n < b->roots[x].n; n++) changed |= add_root(b, &b->roots[v], b->roots[x].at[n]);
    return changed;
}

static bool extend(Borrowing *b, ValueId v) {
    const Inst *i = inst_at(b->f, v);
    bool changed = false;
    for (uint32_t k = 0; k < i->nargs; k++) {
        ValueId x = i->arg[k];
        if (is_managed(b->f, x)) changed |= extend_from(b, v, x);
        for (uint32_t n = 0; n < b->live.lenders[x].n; n++)
            changed |= extend_from(b, v, b->live.lenders[x].at[n]);
    }
    return changed;
}

static void find_chains(Borrowing *b) {
    for (uint32_t k = 0; k < b->candidates.n; k++) {
        ValueId v = b->candidates.at[k];
        b->keys[v] = b->own[v];
        b->roots[v].n = 0;
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t k = 0; k < b->candidates.n; k++)
            if (b->candidate[b->candidates.at[k]]) changed |= extend(b, b->candidates.at[k]);
    }
}

/* ---- dropping out -------------------------------------------------------------------------------------------------------- */

/* A block that an exception may leave does not have all that it defines on every way on. */
static bool is_there(const Borrowing *b, ValueId root, ValueId phi) {
    BlockId home = inst_at(b->f, root)->block, here = inst_at(b->f, phi)->block;
    bool at_top = inst_at(b->f, root)->op == OP_phi || inst_at(b->f, root)->op == OP_param;
    if (!at_top && (home == here || ir_exception_edge(b->f, home) != NO_BLOCK)) return false;
    return home == here || dom_dominates(&b->dom, home, here);
}

/* A phi of nothing but owned values would make all of them live longer for nothing. */
static bool suits_phi(const Borrowing *b, ValueId v) {
    const Inst *phi = inst_at(b->f, v);
    bool any = false;
    for (uint32_t k = 0; k < phi->nargs; k++) any |= b->candidate[phi->arg[k]];
    for (uint32_t n = 0; any && n < b->roots[v].n; n++) any = is_there(b, b->roots[v].at[n], v);
    return any;
}

static bool drop_phis(Borrowing *b) {
    bool dropped = false;
    for (uint32_t k = 0; k < b->candidates.n; k++) {
        ValueId v = b->candidates.at[k];
        if (!b->candidate[v] || inst_at(b->f, v)->op != OP_phi || suits_phi(b, v)) continue;
        b->candidate[v] = false;
        dropped = true;
    }
    return dropped;
}

static bool drop_if_written(Borrowing *b, const uint64_t *alive, const uint64_t *thrown, Keys writes) {
    bool dropped = false;
    for (uint32_t n = 0; n < b->live.nvalues; n++) {
        ValueId v = b->live.value[n];
        if (!b->candidate[v] || !(b->keys[v] & writes)) continue;
        if (!live_test(alive, n) && !live_test(thrown, n)) continue;
        b->candidate[v] = false;
        dropped = true;
    }
    return dropped;
}

/* Backwards: `alive` is what lives behind an instruction, then what lives behind or is used by it. */
static bool drop_in_block(Borrowing *b, BlockId id, uint64_t *alive) {
    Liveness *l = &b->live;
    const Block *block = block_at(b->f, id);
    bool dropped = false;
    memcpy(alive, l->out + id * l->nwords, l->nwords * sizeof *alive);
    for (uint32_t k = block->inst.n; k-- > 0;) {
        const Inst *i = inst_at(b->f, block->inst.at[k]);
        if (i->op == OP_phi) break;
        if (l->bit[block->inst.at[k]] != UINT32_MAX) live_remove(alive, l->bit[block->inst.at[k]]);
        const ValueList *uses = live_uses(l, i->nargs, i->arg, i->nbound, i->bound);
        for (uint32_t n = 0; n < uses->n; n++) live_add(alive, l->bit[uses->at[n]]);
        Keys writes = effects_writes(&b->effects, b->f, i);
        if (writes) dropped |= drop_if_written(b, alive, l->thrown + id * l->nwords, writes);
    }
    return dropped;
}

static bool drop_written(Borrowing *b) {
    bool dropped = false;
    uint64_t *alive = arena_array(b->arena, uint64_t, b->live.nwords);
    for (uint32_t k = 0; k < b->dom.norder; k++) dropped |= drop_in_block(b, b->dom.order[k], alive);
    return dropped;
}

/* ---- checkpoints --------------------------------------------------------------------------------------------------------- */

/* The borrowed values that live across a checkpoint at a position. */
static void pin_at(Borrowing *b, BlockId id, uint32_t position) {
    Liveness *l = &b->live;
    const Block *block = block_at(b->f, id);
    Vec(ValueId) pinned = {0};
    uint64_t *alive = arena_array(b->arena, uint64_t, l->nwords);
    memcpy(alive, l->out + id * l->nwords, l->nwords * sizeof *alive);
    for (uint32_t k = block->inst.n; k-- > position + 1;) {
        const Inst *i = inst_at(b->f, block->inst.at[k]);
        if (l->bit[block->inst.at[k]] != UINT32_MAX) live_remove(alive, l->bit[block->inst.at[k]]);
        const ValueList *uses = live_uses(l, i->nargs, i->arg, i->nbound, i->bound);
        for (uint32_t n = 0; n < uses->n; n++) live_add(alive, l->bit[uses->at[n]]);
    }
    for (uint32_t n = 0; n < l->nvalues; n++)
        if (live_test(alive, n) && b->candidate[l->value[n]] && b->keys[l->value[n]])
            vec_push(b->arena, &pinned, l->value[n]);
    Inst *checkpoint = inst_at(b->f, block->inst.at[position]);
    checkpoint->nargs = pinned.n;
    checkpoint->arg = pinned.at;
}

static void pin_at_checkpoints(Borrowing *b) {
    for (uint32_t k = 0; k < b->dom.norder; k++) {
        const Block *block = block_at(b->f, b->dom.order[k]);
        for (uint32_t n = 0; n < block->inst.n; n++)
            if (inst_at(b->f, block->inst.at[n])->op == OP_checkpoint) pin_at(b, b->dom.order[k], n);
    }
}

void pass_borrow(Func *f) {
    if (f->is_generator) return; /* its values live in a frame, across everything */
    Arena *a = &f->unit->arena;
    Borrowing b = {.f = f, .arena = a, .candidate = arena_array(a, bool, f->inst.n)};
    b.own = arena_array(a, Keys, f->inst.n);
    effects_init(&b.effects, f->unit);
    find_candidates(&b);
    if (!b.candidates.n) return;
    b.keys = arena_array(a, Keys, f->inst.n);
    b.roots = arena_array(a, ValueList, f->inst.n);
    dom_compute(a, f, &b.dom);
    live_compute(a, f, &b.live);
    do { find_chains(&b); } while (drop_phis(&b) || drop_written(&b));
    for (uint32_t k = 0; k < b.candidates.n; k++)
        if (b.candidate[b.candidates.at[k]]) inst_at(f, b.candidates.at[k])->flags |= INST_BORROWED;
    pin_at_checkpoints(&b);
}
