/* refcount_verify.c - the proof behind pass refcount, redone: counts the references of every managed value along
 * every edge.
 *
 * The state at a point is one number per managed value: the references held for it.  It must be the same whichever
 * way control came (checked at every block that was reached before), at least one where an owned value or one that
 * lends to an operand is used, never negative, and zero wherever the function is left: at `ret` and, after
 * the cleanup, at every op that may raise out of the function.
 */
#include "passes/refcount.h"

typedef struct {
    const Func *f;
    const Liveness *live;
    const bool *owned;
    uint32_t ninst, n; /* values that have a bit at all; number of bits */
    StrBuf *why;
    bool ok;
    int32_t **entry; /* by block; NULL: not reached yet */
    int32_t *now;
} Audit;

static uint32_t bit_of(const Audit *a, ValueId v) { return v < a->ninst ? a->live->bit[v] : UINT32_MAX; }

static void complain(Audit *a, const char *what, uint32_t bit, BlockId b, ValueId at) {
    a->ok = false;
    strbuf_printf(a->why, "%%%u %s in b%u", a->live->value[bit], what, b);
    if (at != NO_VALUE) strbuf_printf(a->why, " at %%%u (%s)", at, op_info[inst_at(a->f, at)->op].name);
    strbuf_puts(a->why, "\n");
}

static void add(Audit *a, int32_t *state, ValueId v, int32_t n, BlockId b, ValueId at) {
    uint32_t bit = bit_of(a, v);
    if (bit == UINT32_MAX) return;
    state[bit] += n;
    if (state[bit] < 0) complain(a, "is released too often", bit, b, at);
}

static bool has_no_owner(unsigned op) { return op == OP_const_object || op == OP_undef || op == OP_literal; }

static int32_t *copy_state(const Audit *a, const int32_t *state) {
    int32_t *copy = arena_array(&a->f->unit->arena, int32_t, a->n);
    memcpy(copy, state, a->n * sizeof *copy);
    return copy;
}

/* Follows one edge: phis take over their operands' references. */
static void enter(Audit *a, const int32_t *from, BlockId p, BlockId s, uint32_t k) {
    const Block *b = block_at(a->f, s);
    int32_t *state = copy_state(a, from);
    for (uint32_t n = 0; n < b->inst.n && inst_at(a->f, b->inst.at[n])->op == OP_phi; n++) {
        uint32_t phi = bit_of(a, b->inst.at[n]);
        ValueId v = inst_at(a->f, b->inst.at[n])->arg[k];
        if (phi != UINT32_MAX && a->owned[phi] && !has_no_owner(inst_at(a->f, v)->op))
            add(a, state, v, -1, p, NO_VALUE);
    }
    for (uint32_t n = 0; n < b->inst.n && inst_at(a->f, b->inst.at[n])->op == OP_phi; n++) {
        uint32_t phi = bit_of(a, b->inst.at[n]);
        if (phi == UINT32_MAX || !a->owned[phi]) continue;
        if (state[phi]) complain(a, "is lost when its phi is entered again", phi, s, NO_VALUE);
        state[phi] = 1;
    }
    if (!a->entry[s]) {
        a->entry[s] = state;
        return;
    }
    for (uint32_t i = 0; i < a->n; i++)
        if (a->entry[s][i] != state[i]) complain(a, "has counts that differ by path", i, s, NO_VALUE);
}

static void enter_all(Audit *a, const int32_t *state, BlockId p, BlockId s) {
    const Block *b = block_at(a->f, s);
    for (uint32_t k = 0; k < b->pred.n; k++)
        if (b->pred.at[k] == p) enter(a, state, p, s, k);
}

static void check_left(Audit *a, const int32_t *state, BlockId b, ValueId at) {
    for (uint32_t i = 0; i < a->n; i++)
        if (state[i]) complain(a, "is not released", i, b, at);
}

static void check_uses(Audit *a, BlockId b, ValueId v) {
    const Inst *i = inst_at(a->f, v);
    for (uint32_t k = 0; k < i->nargs; k++) {
        uint32_t bit = bit_of(a, i->arg[k]);
        if (bit != UINT32_MAX && a->owned[bit] && a->now[bit] < 1)
            complain(a, "is used after its release", bit, b, v);
        bool has_reference = i->op == OP_ret &&
                             inst_at(a->f, i->arg[k])->flags & INST_BORROWED; /* taken for the caller */
        if (i->arg[k] >= a->ninst || has_reference) continue;
        const ValueList *lenders = &a->live->lenders[i->arg[k]];
        for (uint32_t n = 0; n < lenders->n; n++)
            if (a->owned[bit_of(a, lenders->at[n])] && a->now[bit_of(a, lenders->at[n])] < 1)
                complain(a, "is lent after its release", bit_of(a, lenders->at[n]), b, v);
    }
}

static void follow_exception(Audit *a, BlockId b, ValueId v) {
    const Inst *i = inst_at(a->f, v);
    if (!(op_info[i->op].flags & OPF_RAISES) || (i->row && i->row->flags & (LIB_PURE | LIB_NO_RAISE))) return;
    int32_t *state = copy_state(a, a->now);
    for (uint32_t k = 0; k < i->ncleanup; k++) add(a, state, i->cleanup[k], -1, b, v);
    if (block_at(a->f, b)->handler == NO_BLOCK) check_left(a, state, b, v);
    else enter_all(a, state, b, block_at(a->f, b)->handler);
}

static void follow_inst(Audit *a, BlockId b, ValueId v) {
    const Inst *i = inst_at(a->f, v);
    check_uses(a, b, v);
    follow_exception(a, b, v);
    if (i->op == OP_incref) add(a, a->now, i->arg[0], 1, b, v);
    if (i->op == OP_decref) add(a, a->now, i->arg[0], -1, b, v);
    if (i->op == OP_ret) {
        if (i->nargs && !has_no_owner(inst_at(a->f, i->arg[0])->op)) add(a, a->now, i->arg[0], -1, b, v);
        check_left(a, a->now, b, v);
    }
    uint32_t bit = bit_of(a, v);
    if (bit == UINT32_MAX || !a->owned[bit]) return;
    if (a->now[bit]) complain(a, "is lost when it is made again", bit, b, v);
    a->now[bit] = 1;
}

bool refcount_balanced(const Func *f, const Liveness *live, const bool *owned, uint32_t ninst, StrBuf *why) {
    Arena *arena = &f->unit->arena;
    Audit a = {
        .f = f, .live = live, .owned = owned, .ninst = ninst, .n = live->nvalues, .why = why, .ok = true};
    BlockId *order = arena_array(arena, BlockId, f->block.n), succ[2];
    uint32_t norder = ir_reverse_postorder(f, order);
    a.entry = arena_array(arena, int32_t *, f->block.n);
    a.entry[ENTRY_BLOCK] = arena_array(arena, int32_t, a.n);
    for (uint32_t i = 0; i < norder; i++) {
        const Block *b = block_at(f, order[i]);
        if (!a.entry[order[i]]) continue; /* a handler of calls whose rows say that they never raise */
        a.now = copy_state(&a, a.entry[order[i]]);
        for (uint32_t k = 0; k < b->inst.n; k++)
            if (inst_at(f, b->inst.at[k])->op != OP_phi) follow_inst(&a, order[i], b->inst.at[k]);
        uint32_t nsucc = ir_successors(f, order[i], succ);
        for (uint32_t k = 0; k < nsucc; k++) enter_all(&a, a.now, order[i], succ[k]);
    }
    return a.ok;
}
