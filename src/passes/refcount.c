/* refcount.c - every reference is given up exactly once, on every path.
 *
 * Whoever makes a managed value (type_is_managed) makes a new reference.  This pass decides where it goes:
 *
 *   owned      the result of any op but those below: the value has one reference of its own from its definition
 *              until it dies, is returned, or becomes a phi
 *   borrowed   parameters (the caller keeps them alive), constants (they have no owner), phis of only borrowed
 *              values, and what pass borrow has marked: no reference of their own
 *
 * Invariants, of which the code below is the direct reading:
 *   1. Operands are borrowed: after an owned value's last use in a block that ends its life stands a decref.
 *   2. On an edge p -> s each owned value of out(p) has one reference; s needs one if the value is in in(s), and
 *      one more for each owned phi that takes it.  The difference is made up on the edge by increfs or a decref.
 *      (So a transfer to a phi costs nothing, and a value that dies on one side of a branch is released there.)
 *   3. A borrowed value that an owned phi takes, or that is returned, needs an incref.
 *   4. An op that may raise releases, when it does, what was live in front of it and is not live in the handler:
 *      Inst.cleanup.  References that the handler's phis need beyond those at hand are taken at the top of the
 *      block (behind the values themselves, if it makes them) and given back at its end.
 *   5. A value that borrows (the state of a loop over an array) keeps its lenders alive: liveness sees its uses as
 *      theirs.  It must not be returned when it borrows from an owned value.
 *
 * Code on an edge stands before the terminator of p if p leads to s only, else at the top of s if only p leads
 * there, else in a new block.  Increfs come before decrefs, so that a count never touches zero in between.
 */
#include "passes/refcount.h"

typedef struct {
    Func *f;
    Arena *arena;
    Liveness live;
    bool *owned;    /* by bit */
    int32_t *delta; /* by bit: references to add on the edge at hand */
    uint64_t *now;  /* the owned values that are live where the walk stands */
    uint32_t nblocks;
} Counting;

static uint32_t bit_of(const Counting *c, ValueId v) { return c->live.bit[v]; }
static bool is_owned(const Counting *c, ValueId v) {
    return bit_of(c, v) != UINT32_MAX && c->owned[bit_of(c, v)];
}
static uint64_t *block_set(const Counting *c, uint64_t *sets, BlockId b) { return sets + b * c->live.nwords; }

/* ---- ownership --------------------------------------------------------------------------------------------------- */

static bool has_no_owner(unsigned op) { return op == OP_const_object || op == OP_undef || op == OP_literal; }

static bool is_borrowed(const Counting *c, uint32_t bit) {
    return inst_at(c->f, c->live.value[bit])->flags & INST_BORROWED;
}

static bool phi_is_owned(const Counting *c, const Inst *phi) {
    for (uint32_t k = 0; k < phi->nargs; k++) {
        uint32_t bit = bit_of(c, phi->arg[k]);
        if (bit != UINT32_MAX && (c->owned[bit] || is_borrowed(c, bit))) return true;
    }
    return false;
}

/* Phis are borrowed until an operand turns out to be owned, or to borrow from what need not live as long as the phi. */
static void find_owned(Counting *c) {
    for (uint32_t i = 0; i < c->live.nvalues; i++) {
        unsigned op = inst_at(c->f, c->live.value[i])->op;
        c->owned[i] = op != OP_param && op != OP_phi && !has_no_owner(op) && !is_borrowed(c, i);
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = 0; i < c->live.nvalues; i++) {
            const Inst *phi = inst_at(c->f, c->live.value[i]);
            if (c->owned[i] || phi->op != OP_phi || is_borrowed(c, i) || !phi_is_owned(c, phi)) continue;
            c->owned[i] = changed = true;
        }
    }
}

/* ---- emitting ------------------------------------------------------------------------------------------------------ */

static ValueId new_count(Counting *c, Op op, ValueId v, uint32_t span) {
    ValueId count = ir_new(c->f, op, NULL, 1, &v);
    inst_at(c->f, count)->span = span;
    return count;
}

/* Position behind the phis and parameters of a block. */
static uint32_t body_begin(const Func *f, BlockId b) {
    const Block *block = block_at(f, b);
    uint32_t n = 0;
    while (n < block->inst.n) {
        unsigned op = inst_at(f, block->inst.at[n])->op;
        if (op != OP_phi && op != OP_param) break;
        n++;
    }
    return n;
}

static uint32_t span_at(const Func *f, BlockId b, uint32_t position) {
    return inst_at(f, block_at(f, b)->inst.at[position])->span;
}

/* Inserts what delta says at a position, and clears delta. */
static void insert_deltas(Counting *c, BlockId b, uint32_t position) {
    uint32_t span = span_at(c->f, b, position);
    for (uint32_t i = 0; i < c->live.nvalues; i++)
        for (; c->delta[i] > 0; c->delta[i]--)
            ir_insert(c->f, b, position++, new_count(c, OP_incref, c->live.value[i], span));
    for (uint32_t i = 0; i < c->live.nvalues; i++)
        for (; c->delta[i] < 0; c->delta[i]++)
            ir_insert(c->f, b, position++, new_count(c, OP_decref, c->live.value[i], span));
}

/* ---- edges ----------------------------------------------------------------------------------------------------------- */

/* Adds to delta what block s needs along its incoming edge number k. */
static void add_needs(Counting *c, BlockId s, uint32_t k) {
    const Block *b = block_at(c->f, s);
    const uint64_t *in = block_set(c, c->live.in, s);
    for (uint32_t i = 0; i < c->live.nvalues; i++) c->delta[i] += c->owned[i] && live_test(in, i);
    for (uint32_t n = 0; n < b->inst.n && inst_at(c->f, b->inst.at[n])->op == OP_phi; n++) {
        ValueId v = inst_at(c->f, b->inst.at[n])->arg[k];
        if (is_owned(c, b->inst.at[n]) && !has_no_owner(inst_at(c->f, v)->op)) c->delta[bit_of(c, v)]++;
    }
}

static bool any_delta(const Counting *c) {
    for (uint32_t i = 0; i < c->live.nvalues; i++)
        if (c->delta[i]) return true;
    return false;
}

static bool is_exception_edge(const Counting *c, BlockId p, BlockId s) {
    BlockId succ[2];
    uint32_t n = ir_successors(c->f, p, succ);
    for (uint32_t i = 0; i < n; i++)
        if (succ[i] == s) return false;
    return true;
}

static void balance_edge(Counting *c, BlockId s, uint32_t k) {
    BlockId p = block_at(c->f, s)->pred.at[k], succ[2];
    const uint64_t *out = block_set(c, c->live.out, p);
    for (uint32_t i = 0; i < c->live.nvalues; i++) c->delta[i] = -(int32_t)(c->owned[i] && live_test(out, i));
    add_needs(c, s, k);
    if (!any_delta(c)) return;
    if (ir_successors(c->f, p, succ) == 1) insert_deltas(c, p, block_at(c->f, p)->inst.n - 1);
    else if (block_at(c->f, s)->pred.n == 1) insert_deltas(c, s, body_begin(c->f, s));
    else insert_deltas(c, ir_split_edge(c->f, p, s), 0);
}

/* Only blocks that were there before: those made here are the middles of edges that are done. */
static void balance_edges(Counting *c) {
    for (BlockId s = 0; s < c->nblocks; s++) {
        uint32_t npreds = block_at(c->f, s)->pred.n;
        for (uint32_t k = 0; k < npreds; k++)
            if (!is_exception_edge(c, block_at(c->f, s)->pred.at[k], s)) balance_edge(c, s, k);
    }
}

/* Two edges between the same blocks could not be told apart later. */
static void split_twin_edges(Func *f) {
    for (BlockId b = 0; b < f->block.n; b++) {
        BlockId succ[2];
        if (ir_successors(f, b, succ) == 2 && succ[0] == succ[1]) ir_split_edge(f, b, succ[0]);
    }
}

/* ---- blocks ------------------------------------------------------------------------------------------------------------ */

typedef struct {
    BlockId id, handler;   /* NO_BLOCK: exceptions leave the function */
    uint32_t edge;         /* the block's place among the handler's preds */
    Vec(ValueId) reversed; /* the block's instructions with the decrefs, last first */
} BlockWalk;

static bool can_raise(const Inst *i) {
    return op_info[i->op].flags & OPF_RAISES && !(i->row && i->row->flags & (LIB_PURE | LIB_NO_RAISE));
}

/* One reference of v ends behind the instruction that the walk is at, unless v lives on. */
static void use_value(Counting *c, BlockWalk *w, ValueId v, bool release, uint32_t span) {
    if (!is_owned(c, v) || live_test(c->now, bit_of(c, v))) return;
    live_add(c->now, bit_of(c, v));
    if (release) vec_push(c->arena, &w->reversed, new_count(c, OP_decref, v, span));
}

/* Along the exception edge: released is what the handler does not need. */
static void set_cleanup(Counting *c, const BlockWalk *w, ValueId v) {
    if (w->handler != NO_BLOCK) add_needs(c, w->handler, w->edge);
    Vec(ValueId) list = {0};
    for (uint32_t i = 0; i < c->live.nvalues; i++) {
        if (live_test(c->now, i) && c->delta[i] == 0) vec_push(c->arena, &list, c->live.value[i]);
        c->delta[i] = 0;
    }
    inst_at(c->f, v)->cleanup = list.at;
    inst_at(c->f, v)->ncleanup = list.n;
}

static void walk_inst(Counting *c, BlockWalk *w, ValueId v) {
    const Inst *i = inst_at(c->f, v);
    uint32_t span = i->span;
    bool raises = can_raise(i), release = !(op_info[i->op].flags & OPF_TERMINATOR);
    bool thrown = op_info[i->op].flags & OPF_RAISES && w->handler != NO_BLOCK;
    if (is_owned(c, v)) {
        if (!live_test(c->now, bit_of(c, v)))
            vec_push(c->arena, &w->reversed, new_count(c, OP_decref, v, span));
        live_remove(c->now, bit_of(c, v));
        i = inst_at(c->f, v);
    }
    const ValueList *uses = live_uses(&c->live, i->nargs, i->arg, i->nbound, i->bound);
    for (uint32_t k = 0; k < uses->n; k++) use_value(c, w, uses->at[k], release, span);
    const uint64_t *kept = block_set(c, c->live.thrown, w->id);
    for (uint32_t k = 0; thrown && k < c->live.nvalues; k++)
        if (live_test(kept, k)) use_value(c, w, c->live.value[k], release, span);
    if (raises) set_cleanup(c, w, v);
    vec_push(c->arena, &w->reversed, v);
}

/* A returned value keeps its reference, or gets one. */
static void walk_ret(Counting *c, BlockWalk *w, ValueId ret) {
    vec_push(c->arena, &w->reversed, ret);
    if (inst_at(c->f, ret)->nargs == 0) return;
    ValueId v = inst_at(c->f, ret)->arg[0];
    uint32_t span = inst_at(c->f, ret)->span;
    bool marked = inst_at(c->f, v)->flags & INST_BORROWED;
    for (uint32_t k = 0; !marked && k < c->live.lenders[v].n; k++) {
        if (!is_owned(c, c->live.lenders[v].at[k])) continue;
        func_error(c->f, span, DIAG_UNSUPPORTED_TYPE,
                   "an iterator over an array that was made here cannot be returned");
        return;
    }
    if (is_owned(c, v)) live_add(c->now, bit_of(c, v));
    else if (bit_of(c, v) != UINT32_MAX && !has_no_owner(inst_at(c->f, v)->op)) {
        const ValueList *uses = live_uses(&c->live, 1, &v, 0, NULL); /* lenders end behind the incref */
        for (uint32_t k = 0; k < uses->n; k++) use_value(c, w, uses->at[k], true, span);
        vec_push(c->arena, &w->reversed, new_count(c, OP_incref, v, span));
    }
}

/* Where the block begins to hold what delta says: behind the values that are made in it.  Nothing raises in front of
 * those, or the handler would see another value. */
static uint32_t hold_begin(const Counting *c, BlockId id) {
    const Block *b = block_at(c->f, id);
    uint32_t begin = body_begin(c->f, id);
    for (uint32_t k = begin; k < b->inst.n; k++) {
        unsigned op = inst_at(c->f, b->inst.at[k])->op;
        if (op == OP_incref || op == OP_decref) continue; /* made here: liveness does not know them */
        uint32_t bit = bit_of(c, b->inst.at[k]);
        if (bit != UINT32_MAX && c->delta[bit]) begin = k + 1;
    }
    return begin;
}

/* Invariant 4: what the handler needs beyond the references at hand, held from the top of the block to its end. */
static void hold_for_handler(Counting *c, const BlockWalk *w) {
    if (w->handler == NO_BLOCK) return;
    add_needs(c, w->handler, w->edge);
    bool any = false;
    for (uint32_t i = 0; i < c->live.nvalues; i++) {
        c->delta[i] -= c->owned[i] && c->delta[i];
        any |= c->delta[i] != 0;
    }
    if (!any) return;
    ValueId terminator = ir_terminator(c->f, w->id);
    if (!can_raise(inst_at(c->f, terminator))) {
        int32_t *held = arena_array(c->arena, int32_t, c->live.nvalues);
        memcpy(held, c->delta, c->live.nvalues * sizeof *held);
        for (uint32_t i = 0; i < c->live.nvalues; i++) c->delta[i] = -held[i];
        insert_deltas(c, w->id, block_at(c->f, w->id)->inst.n - 1);
        memcpy(c->delta, held, c->live.nvalues * sizeof *held);
    }
    insert_deltas(c, w->id, hold_begin(c, w->id));
}

static void walk_block(Counting *c, BlockId id) {
    BlockWalk w = {.id = id, .handler = ir_exception_edge(c->f, id)};
    if (w.handler != NO_BLOCK) w.edge = ir_pred_index(c->f, w.handler, id);
    const uint64_t *out = block_set(c, c->live.out, id);
    memset(c->now, 0, c->live.nwords * sizeof *c->now);
    for (uint32_t i = 0; i < c->live.nvalues; i++)
        if (c->owned[i] && live_test(out, i)) live_add(c->now, i);
    Block *b = block_at(c->f, id);
    uint32_t begin = body_begin(c->f, id);
    for (uint32_t k = b->inst.n; k-- > begin;) {
        ValueId v = b->inst.at[k];
        if (inst_at(c->f, v)->op == OP_ret) walk_ret(c, &w, v);
        else walk_inst(c, &w, v);
    }
    for (uint32_t k = begin; k-- > 0;) {
        ValueId v = b->inst.at[k];
        if (is_owned(c, v) && !live_test(c->now, bit_of(c, v)))
            vec_push(c->arena, &w.reversed, new_count(c, OP_decref, v, span_at(c->f, id, begin)));
    }
    b = block_at(c->f, id);
    b->inst.n = begin;
    while (w.reversed.n) {
        ValueId v = vec_pop(&w.reversed);
        inst_at(c->f, v)->block = id;
        vec_push(c->arena, &b->inst, v);
    }
    hold_for_handler(c, &w);
}

#if NAJA_VERIFY
static void verify_counts(const Counting *c, uint32_t ninst) {
    StrBuf why = {0};
    if (!diag_any(&c->f->unit->diags) && !refcount_balanced(c->f, &c->live, c->owned, ninst, &why))
        func_error(c->f, 0, DIAG_INTERNAL, "references are not balanced: %s", why.at ? why.at : "no memory");
    strbuf_free(&why);
}
#else
static void verify_counts(const Counting *c, uint32_t ninst) { (void)c, (void)ninst; }
#endif

void refcount_owned(const Func *f, bool *owned) {
    Arena *a = &f->unit->arena;
    Counting c = {.f = (Func *)f, .arena = a};
    live_compute(a, f, &c.live);
    c.owned = arena_array(a, bool, c.live.nvalues + 1);
    find_owned(&c);
    for (uint32_t i = 0; i < c.live.nvalues; i++) owned[c.live.value[i]] = c.owned[i];
}

void pass_refcount(Func *f) {
    Arena *a = &f->unit->arena;
    Counting c = {.f = f, .arena = a};
    split_twin_edges(f);
    uint32_t ninst = f->inst.n;
    live_compute(a, f, &c.live);
    if (c.live.nvalues == 0) return;
    c.nblocks = f->block.n;
    c.owned = arena_array(a, bool, c.live.nvalues);
    c.delta = arena_array(a, int32_t, c.live.nvalues);
    c.now = arena_array(a, uint64_t, c.live.nwords);
    find_owned(&c);
    BlockId *order = arena_array(a, BlockId, f->block.n);
    uint32_t norder = ir_reverse_postorder(f, order);
    for (uint32_t i = 0; i < norder; i++) walk_block(&c, order[i]);
    balance_edges(&c);
    verify_counts(&c, ninst);
}
