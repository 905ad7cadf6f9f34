/* bounds.c - array accesses that need no check in the loop.
 *
 * An access is x[i, j, ...] on an array, with integers among the indices.  Each integer index is an Affine e, the
 * axis has the extent D.  From the ranges of the induction variables follow the least and the greatest e:
 *
 *   1. Proof.  If 0 <= min(e) and max(e) <= D - 1 hold for all values of the symbols, or branches on the way have asked
 *      for it, the access is INST_INBOUNDS.  If only the first holds, it is INST_NONNEG: no wraparound code, the check
 *      stays.
 *   2. Versioning.  What is left holds or not depending on values that are known before the loop: for a loop nest,
 *      as far out as possible, the conditions of all its accesses become one test, and the nest two copies: in the
 *      one that normally runs the accesses are INST_INBOUNDS, the other keeps its checks and is cold.
 *
 * Soundness.  An Affine equals the program's value modulo 2^64 only.  An index whose polynomial lies in [0, D - 1]
 * is right nevertheless; what must not wrap are the ends of ranges.  A proof takes only those that cannot
 * (Induction.is_exact); a test bounds every symbol (affine_limit), so that no polynomial in it exceeds 2^62.
 *
 * A condition that fails sends the whole nest to the slow copy, so what is likely to fail stays out of the test: an
 * index below zero by its form (a[-i]), and in a guarded access (if i + 1 < n: ... a[i + 1]) whatever the other
 * accesses do not ask for, unless the index is an induction variable itself.
 *
 * A search inside of another loop that would keep checks is left alone: it is too short for a test.
 *
 * Indices that are data (a[idx[i]]) stay checked.  Without boundscheck only wraparound is left to save: no test.
 */
#include "passes/affine.h"
#include "passes/version.h"

enum { MAX_INDICES = 8, MAX_CONDITIONS = 32, MAX_LOOP_INSTS = 4000, MAX_VERSIONS = 16 };

typedef struct {
    Affine e, extent;
} Index;

typedef struct {
    ValueId inst;
    uint32_t n;
    Index index[MAX_INDICES]; /* those that are not proved yet */
    bool guarded;             /* not made in every iteration of its loop */
    bool versionable;         /* in the loop that is being looked at */
} Access;

/* A test in front of a loop. */
typedef struct {
    uint32_t n;
    Affine at[MAX_CONDITIONS]; /* each is to be >= 0 */
    bool *used;                /* by symbol: must be within its limit, or ends of ranges might have wrapped */
} Conditions;

typedef struct {
    Func *f;
    Arena *arena;
    Dominators dom;
    Loops loops;
    Affines affines;
    Vec(Access) accesses; /* not proved, not in cold blocks */
    uint32_t nfound;      /* accesses with integer indices outside of cold blocks, proved or not */
    Conditions scratch, test;
} Bounds;

/* ---- extremes ------------------------------------------------------------------------------------------------------ */

/* What an extreme may assume, and what it had to. */
typedef struct {
    const Loop *scope;      /* inductions of loops outside of it stay symbols; NULL: none do */
    Conditions *conditions; /* of a test; NULL: for a proof */
} Terms;

static bool add_condition(Conditions *c, const Affine *a) {
    for (uint32_t i = 0; i < c->n; i++) {
        if (!affine_equal_terms(&c->at[i], a)) continue;
        if (a->c < c->at[i].c) c->at[i].c = a->c; /* the stronger one */
        return true;
    }
    if (c->n == MAX_CONDITIONS) return false;
    c->at[c->n++] = *a;
    return true;
}

/* The innermost induction variable of a that is to be replaced by an end of its range. */
static uint16_t find_induction(const Bounds *b, const Affine *a, const Loop *scope) {
    uint16_t found = NO_SYMBOL;
    uint32_t depth = 0;
    for (uint32_t i = 0; i < a->n; i++) {
        uint16_t factor[2] = {a->term[i].x, a->term[i].y};
        for (uint32_t k = 0; k < 2; k++) {
            if (factor[k] == NO_SYMBOL || b->affines.symbols.at[factor[k]].kind != SYMBOL_INDUCTION) continue;
            const Loop *loop = b->affines.inductions.at[b->affines.symbols.at[factor[k]].loop].loop;
            if (loop && scope && !loop_contains(scope, loop)) continue;
            uint32_t inside = loop ? loop->depth : UINT32_MAX;
            if (inside <= depth) continue;
            depth = inside;
            found = factor[k];
        }
    }
    return found;
}

static bool is_known_nonnegative(const Bounds *b, const Terms *terms, uint16_t symbol) {
    if (symbol_is_nonnegative(&b->affines, symbol)) return true;
    const Symbol *s = &b->affines.symbols.at[symbol];
    const Loop *loop = s->kind == SYMBOL_INDUCTION ? b->affines.inductions.at[s->loop].loop : NULL;
    if (s->kind == SYMBOL_INDUCTION && (!loop || !terms->scope || loop_contains(terms->scope, loop)))
        return false; /* a product of two induction variables */
    Affine a = {.ok = true, .n = 1, .term = {{symbol, NO_SYMBOL, 1}}};
    return terms->conditions && add_condition(terms->conditions, &a);
}

static void use_symbols(Conditions *c, const Affine *a) {
    for (uint32_t i = 0; i < a->n; i++) {
        c->used[a->term[i].x] = true;
        if (a->term[i].y != NO_SYMBOL) c->used[a->term[i].y] = true;
    }
}

/* Below zero unless the symbols are tiny or negative: a[-i] over range(n) asks for 1 - n >= 0. */
static bool is_hopeless(const Affine *a) {
    bool negative = a->c < 0 || a->n;
    for (uint32_t i = 0; i < a->n; i++) negative &= a->term[i].k < 0;
    return negative && a->c <= 2;
}

/* Keeps a condition that is not true anyway; false when it will not hold or cannot be computed without overflow. */
static bool keep_condition(const Bounds *b, Conditions *c, const Affine *a) {
    if (!a->ok || affine_magnitude(&b->affines, a) >> 61 || is_hopeless(a)) return false;
    use_symbols(c, a);
    return affine_is_nonnegative(&b->affines, a) || add_condition(c, a);
}

/* The ends of a range are what they say if their symbols are within limits: even where these cancel out. */
static bool rely_on_ends(const Bounds *b, Conditions *c, const Induction *i) {
    use_symbols(c, &i->low);
    use_symbols(c, &i->high);
    return affine_magnitude(&b->affines, &i->low) >> 61 == 0 &&
           affine_magnitude(&b->affines, &i->high) >> 61 == 0;
}

static Affine extreme(Bounds *b, const Terms *terms, Affine a, bool maximum);

/* The range was taken for an ascending one. */
static bool is_ascending(Bounds *b, const Terms *terms, const Induction *i) {
    if (!i->ascent.ok) return true;
    Affine least = extreme(b, terms, i->ascent, false);
    return terms->conditions ? keep_condition(b, terms->conditions, &least)
                             : affine_is_nonnegative(&b->affines, &least);
}

/* Replaces k x y, with x the induction, by k y low or k y high. */
static bool replace_term(Bounds *b, const Terms *terms, Affine *sum, Term t, uint16_t x, bool maximum) {
    const Induction *i = &b->affines.inductions.at[b->affines.symbols.at[x].loop];
    uint16_t y = t.x == x ? t.y : t.x;
    if (!terms->conditions && !i->is_exact) return false;
    if (terms->conditions && !rely_on_ends(b, terms->conditions, i)) return false;
    if (!is_ascending(b, terms, i)) return false;
    if (y == x || (y != NO_SYMBOL && !is_known_nonnegative(b, terms, y))) return false;
    Affine end = (t.k > 0) == maximum ? i->high : i->low;
    if (y != NO_SYMBOL) {
        Affine factor = {.ok = true, .n = 1, .term = {{y, NO_SYMBOL, 1}}};
        end = affine_multiply(&b->affines, &end, &factor);
    }
    *sum = affine_add(*sum, &end, t.k);
    return sum->ok;
}

/* The least or greatest value of a, over the symbols that are no inductions of the scope. */
static Affine extreme(Bounds *b, const Terms *terms, Affine a, bool maximum) {
    for (uint32_t round = 0; a.ok && round < 4 * MAX_TERMS; round++) {
        uint16_t x = find_induction(b, &a, terms->scope);
        if (x == NO_SYMBOL) return a;
        Affine sum = affine_constant(a.c);
        for (uint32_t i = 0; sum.ok && i < a.n; i++) {
            Affine same = {.ok = true, .n = 1, .term = {a.term[i]}};
            if (a.term[i].x != x && a.term[i].y != x) sum = affine_add(sum, &same, 1);
            else if (!replace_term(b, terms, &sum, a.term[i], x, maximum)) sum.ok = false;
        }
        a = sum;
    }
    a.ok = false;
    return a;
}

/* extent - 1 - max(e); the extent may itself depend on inductions. */
static Affine room_above(Bounds *b, const Terms *terms, const Index *x) {
    Affine one = affine_constant(1), room = affine_add(x->extent, &x->e, -1);
    return extreme(b, terms, affine_add(room, &one, -1), false);
}

/* ---- accesses and proofs ------------------------------------------------------------------------------------------------ */

/* The array that is indexed, or NO_VALUE when this is no access to an array's elements or rows. */
static ValueId accessed_array(const Func *f, const Inst *i) {
    if ((i->op != OP_getitem && i->op != OP_setitem) || !i->row || i->nargs < 2) return NO_VALUE;
    return type_is_array(value_type(f, i->arg[0])) ? i->arg[0] : NO_VALUE;
}

static bool is_int_index(const Type *t) {
    t = type_base(t);
    return t->kind == TYPE_INT;
}

/* Fills the indices that are integers; false when there are none, or axes cannot be told apart. */
static bool describe_access(Bounds *b, ValueId v, Access *out) {
    const Inst *i = inst_at(b->f, v);
    ValueId array = accessed_array(b->f, i), key = i->arg[1];
    const Type *t = value_type(b->f, key);
    const Inst *tuple = inst_at(b->f, key);
    uint32_t n = type_is_tuple(t) ? t->nelem : 1;
    *out = (Access){.inst = v};
    if (n > MAX_INDICES || n > value_type(b->f, array)->ndim) return false;
    for (uint32_t k = 0; k < n; k++) {
        const Type *one = type_is_tuple(t) ? t->elem[k] : t;
        if (one->kind == TYPE_SLICE) continue;
        if (!is_int_index(one) || (type_is_tuple(t) && tuple->op != OP_tuple)) return false;
        Index *x = &out->index[out->n++];
        x->e = affine_of(&b->affines, type_is_tuple(t) ? tuple->arg[k] : key);
        x->extent = affine_extent(&b->affines, array, k);
    }
    return out->n > 0;
}

/* From the ranges of loops, or because the program has asked: if 0 <= i < len(a): ... a[i]. */
static bool is_above_zero(Bounds *b, const Index *x, BlockId at) {
    Terms terms = {0};
    Affine low = extreme(b, &terms, x->e, false), end;
    if (affine_is_nonnegative(&b->affines, &low)) return true;
    if (!affine_guard(&b->affines, at, &x->e, true, &end)) return false;
    low = extreme(b, &terms, end, false);
    return affine_is_nonnegative(&b->affines, &low);
}

static bool is_below_extent(Bounds *b, const Index *x, BlockId at) {
    Terms terms = {0};
    Affine room = room_above(b, &terms, x);
    Index guarded = {.extent = x->extent};
    if (affine_is_nonnegative(&b->affines, &room)) return true;
    if (!affine_guard(&b->affines, at, &x->e, false, &guarded.e)) return false;
    room = room_above(b, &terms, &guarded);
    return affine_is_nonnegative(&b->affines, &room);
}

/* Drops the indices that are proved; sets the flags. */
static void prove(Bounds *b, Access *a) {
    uint32_t left = 0;
    bool nonnegative = true;
    BlockId at = inst_at(b->f, a->inst)->block;
    for (uint32_t k = 0; k < a->n; k++) {
        const Index *x = &a->index[k];
        bool low_ok = is_above_zero(b, x, at);
        nonnegative &= low_ok;
        if (!low_ok || !is_below_extent(b, x, at)) a->index[left++] = *x;
    }
    a->n = left;
    if (!left) func_remark(b->f, inst_at(b->f, a->inst)->span, "bounds", "no check: the index is in range");
    if (nonnegative) inst_at(b->f, a->inst)->flags |= left ? INST_NONNEG : INST_NONNEG | INST_INBOUNDS;
}

/* Whether an iteration of the innermost loop around may leave the access out. */
static bool is_guarded(const Bounds *b, BlockId block) {
    const Loop *loop = b->loops.of_block[block];
    if (!loop) return false;
    const Block *header = block_at(b->f, loop->header);
    for (uint32_t k = 0; k < header->pred.n; k++) {
        BlockId latch = header->pred.at[k];
        if (loop_contains(loop, b->loops.of_block[latch]) && !dom_dominates(&b->dom, block, latch))
            return true;
    }
    return false;
}

/* a >= 0 if the symbol, which is not negative, is not 0 either. */
static bool is_nonnegative_above_zero(const Bounds *b, Affine a, uint16_t symbol) {
    for (uint32_t i = 0; i < a.n; i++)
        if (a.term[i].x == symbol && a.term[i].y == NO_SYMBOL && a.term[i].k > 0) a.c += a.term[i].k;
    return affine_is_nonnegative(&b->affines, &a);
}

/* x % m with -m <= x < 2 m needs no division: (i + 1) % len(a). */
static void prove_remainder(Bounds *b, Inst *i) {
    if (func_options(b->f)->error_model_numpy || i->type != type_i64 || !i->row) return;
    Terms terms = {0};
    Affine x = affine_of(&b->affines, i->arg[0]), m = affine_of(&b->affines, i->arg[1]),
           most = affine_add(affine_constant(-1), &m, 2);
    if (!x.ok || !m.ok || m.n != 1 || m.c || m.term[0].k != 1 || m.term[0].y != NO_SYMBOL) return;
    if (!symbol_is_nonnegative(&b->affines, m.term[0].x)) return;
    Affine above = extreme(b, &terms, affine_add(most, &x, -1), false),
           below = extreme(b, &terms, affine_add(x, &m, 1), false);
    if (is_nonnegative_above_zero(b, above, m.term[0].x) && is_nonnegative_above_zero(b, below, m.term[0].x))
        i->flags |= INST_INBOUNDS;
}

static void find_accesses(Bounds *b) {
    for (uint32_t k = 0; k < b->dom.norder; k++) {
        const Block *block = block_at(b->f, b->dom.order[k]);
        for (uint32_t n = 0; !block->cold && n < block->inst.n; n++) {
            Inst *i = inst_at(b->f, block->inst.at[n]);
            Access a;
            if ((i->op == OP_binary || i->op == OP_inplace) && i->sub == OPERATOR_MOD) prove_remainder(b, i);
            if (accessed_array(b->f, i) == NO_VALUE || !describe_access(b, block->inst.at[n], &a)) continue;
            b->nfound++;
            if (i->flags & INST_INBOUNDS) continue;
            prove(b, &a);
            a.guarded = is_guarded(b, b->dom.order[k]);
            if (a.n) vec_push(b->arena, &b->accesses, a);
        }
    }
}

/* ---- versioning: which loop ---------------------------------------------------------------------------------------------- */

static BlockId block_of(const Bounds *b, ValueId v) { return inst_at(b->f, v)->block; }

static bool is_invariant(const Bounds *b, const Loop *loop, uint16_t symbol) {
    BlockId home = block_of(b, b->affines.symbols.at[symbol].value);
    return !loop_contains(loop, b->loops.of_block[home]) && dom_dominates(&b->dom, home, loop->header);
}

static bool is_replaced(const Bounds *b, const Loop *loop, uint16_t symbol) {
    const Symbol *s = &b->affines.symbols.at[symbol];
    return s->kind == SYMBOL_INDUCTION && loop_contains(loop, b->affines.inductions.at[s->loop].loop);
}

static void copy_conditions(const Bounds *b, Conditions *to, const Conditions *from) {
    to->n = from->n;
    memcpy(to->at, from->at, from->n * sizeof *from->at);
    memcpy(to->used, from->used, b->affines.symbols.n * sizeof *from->used);
}

static bool same_conditions(const Conditions *a, const Conditions *b) {
    bool same = a->n == b->n;
    for (uint32_t i = 0; same && i < a->n; i++) same = a->at[i].c == b->at[i].c;
    return same;
}

/* Every index left is an induction variable as it is. */
static bool is_induction(const Bounds *b, const Access *a) {
    for (uint32_t k = 0; k < a->n; k++) {
        const Affine *e = &a->index[k].e;
        if (e->n != 1 || e->c || e->term[0].k != 1 || e->term[0].y != NO_SYMBOL ||
            b->affines.symbols.at[e->term[0].x].kind != SYMBOL_INDUCTION)
            return false;
    }
    return true;
}

/* Which accesses may add what to the test: in this order, so that the last ones find all that is asked for. */
typedef enum { ACCESS_CERTAIN, ACCESS_GUARDED_INDUCTION, ACCESS_GUARDED } AccessKind;

static AccessKind access_kind(const Bounds *b, const Access *a) {
    if (!a->guarded) return ACCESS_CERTAIN;
    return is_induction(b, a) ? ACCESS_GUARDED_INDUCTION : ACCESS_GUARDED;
}

/* Adds an access's conditions to the test in front of the loop; false leaves the test as it was. */
static bool add_access(Bounds *b, const Loop *loop, const Access *a) {
    Conditions *with = &b->scratch;
    Terms terms = {loop, with};
    copy_conditions(b, with, &b->test);
    for (uint32_t k = 0; k < a->n; k++) {
        Affine low = extreme(b, &terms, a->index[k].e, false), room = room_above(b, &terms, &a->index[k]);
        if (!keep_condition(b, with, &low) || !keep_condition(b, with, &room)) return false;
    }
    for (uint16_t s = 0; s < b->affines.symbols.n; s++) {
        if (with->used[s] && is_replaced(b, loop, s)) with->used[s] = false;
        if (with->used[s] && !is_invariant(b, loop, s)) return false;
    }
    if (access_kind(b, a) == ACCESS_GUARDED && !same_conditions(with, &b->test)) return false;
    copy_conditions(b, &b->test, with);
    return true;
}

static uint32_t add_accesses(Bounds *b, const Loop *loop, AccessKind kind) {
    uint32_t n = 0;
    for (uint32_t k = 0; k < b->accesses.n; k++) {
        Access *a = &b->accesses.at[k];
        if (access_kind(b, a) != kind) continue;
        a->versionable = loop_contains(loop, b->loops.of_block[block_of(b, a->inst)]) &&
                         add_access(b, loop, a);
        n += a->versionable;
    }
    return n;
}

/* Makes b->test for a loop; how many accesses it frees. */
static uint32_t make_test(Bounds *b, const Loop *loop) {
    b->test.n = 0;
    memset(b->test.used, 0, b->affines.symbols.n * sizeof *b->test.used);
    uint32_t n = 0;
    for (AccessKind kind = ACCESS_CERTAIN; kind <= ACCESS_GUARDED; kind++) n += add_accesses(b, loop, kind);
    return n;
}

static uint32_t loop_ninsts(const Bounds *b, const Loop *loop) {
    uint32_t n = 0;
    for (uint32_t k = 0; k < loop->blocks.n; k++) n += block_at(b->f, loop->blocks.at[k])->inst.n;
    return n;
}

static uint32_t count_accesses(const Bounds *b, const Loop *loop) {
    uint32_t n = 0;
    for (uint32_t k = 0; k < b->accesses.n; k++)
        n += loop_contains(loop, b->loops.of_block[block_of(b, b->accesses.at[k].inst)]);
    return n;
}

/* Whether a block may leave the loop for more than an exception. */
static bool is_exiting(const Bounds *b, const Loop *loop, BlockId block) {
    BlockId succ[3];
    uint32_t n = ir_all_successors(b->f, block, succ);
    for (uint32_t k = 0; k < n; k++)
        if (!loop_contains(loop, b->loops.of_block[succ[k]]) && !block_at(b->f, succ[k])->cold) return true;
    return false;
}

/* Left where something is found, as well as at its end. */
static bool is_search(const Bounds *b, const Loop *loop) {
    uint32_t n = 0;
    for (uint32_t k = 0; k < loop->blocks.n; k++) n += is_exiting(b, loop, loop->blocks.at[k]);
    return n > 1;
}

/* A search is not vectorised, and inside of another loop it is often over after an iteration or two: then the test
 * costs more than the checks it replaces, unless none is left. */
static bool pays(const Bounds *b, const Loop *loop, uint32_t freed) {
    return !loop->parent || freed == count_accesses(b, loop) || !is_search(b, loop);
}

/* How many accesses can be freed in front of the loop or, if that is more, of loops inside it; *best: the first of
 * these. */
static uint32_t choose_loop(Bounds *b, const Loop *loop, const Loop **best) {
    bool fits = !block_at(b->f, loop->header)->cold && loop_ninsts(b, loop) <= MAX_LOOP_INSTS;
    uint32_t here = fits ? make_test(b, loop) : 0, inside = 0;
    if (here && !pays(b, loop, here)) here = 0;
    const Loop *first = NULL;
    for (uint32_t k = loop->index + 1; k < b->loops.loops.n; k++) {
        const Loop *found = NULL;
        if (b->loops.loops.at[k]->parent != loop) continue;
        inside += choose_loop(b, b->loops.loops.at[k], &found);
        if (!first) first = found;
    }
    *best = here && here >= inside ? loop : first;
    return here > inside ? here : inside;
}

/* ---- versioning: the test ---------------------------------------------------------------------------------------------------- */

static ValueId emit_or(Builder *at, ValueId x, ValueId y) {
    return x == NO_VALUE ? y : ir_binop(at, OP_ior, x, y);
}

/* |x| > limit, as one comparison. */
static ValueId emit_beyond(Builder *at, ValueId x, uint64_t limit) {
    ValueId shifted = ir_binop(at, OP_iadd, x, ir_const_int(at, type_i64, (int64_t)limit));
    return ir_icmp(at, PRED_UGT, shifted, ir_const_int(at, type_i64, (int64_t)(2 * limit)));
}

static ValueId emit_affine(Builder *at, const Affine *a, const ValueId *symbol) {
    ValueId sum = ir_const_int(at, type_i64, a->c);
    for (uint32_t i = 0; i < a->n; i++) {
        ValueId x = symbol[a->term[i].x];
        if (a->term[i].y != NO_SYMBOL) x = ir_binop(at, OP_imul, x, symbol[a->term[i].y]);
        int64_t k = a->term[i].k;
        if (k != 1 && k != -1) x = ir_binop(at, OP_imul, x, ir_const_int(at, type_i64, k));
        sum = ir_binop(at, k == -1 ? OP_isub : OP_iadd, sum, x);
    }
    return sum;
}

/* True when the loop must run with its checks. */
static ValueId emit_test(Bounds *b, Builder *at) {
    ValueId *symbol = arena_array(b->arena, ValueId, b->affines.symbols.n), fails = NO_VALUE;
    for (uint16_t s = 0; s < b->affines.symbols.n; s++) {
        if (!b->test.used[s]) continue;
        symbol[s] = affine_emit_symbol(&b->affines, at, s);
        fails = emit_or(at, fails, emit_beyond(at, symbol[s], affine_limit(&b->affines, s)));
    }
    for (uint32_t i = 0; i < b->test.n; i++) {
        ValueId x = emit_affine(at, &b->test.at[i], symbol);
        fails = emit_or(at, fails, ir_icmp(at, PRED_LT, x, ir_const_int(at, type_i64, 0)));
    }
    return fails == NO_VALUE ? ir_const_bool(at, false) : fails;
}

static void remark_version(const Bounds *b, uint32_t span) {
    uint32_t n = 0;
    for (uint32_t k = 0; k < b->accesses.n; k++) n += b->accesses.at[k].versionable;
    func_remark(b->f, span, "bounds", "one test in front of this loop replaces the checks of %u access%s", n,
                n == 1 ? "" : "es");
}

/* Why an access is checked each time. */
static void remark_checked(const Bounds *b, const Access *a) {
    if (!func_options(b->f)->boundscheck) return;
    const char *why = "nothing is known of it";
    for (uint32_t k = 0; k < a->n; k++) {
        const Affine *e = &a->index[k].e;
        for (uint32_t t = 0; t < e->n; t++) {
            const Symbol *s = &b->affines.symbols.at[e->term[t].x];
            unsigned op = inst_at(b->f, s->value)->op;
            if (s->kind == SYMBOL_INDUCTION) why = "its loop may go beyond the array";
            else if (op == OP_getitem) why = "it is read from memory";
            else if (op == OP_param) why = "it is an argument";
            else if (op == OP_phi) why = "it changes from one iteration to the next";
        }
    }
    func_remark(b->f, inst_at(b->f, a->inst)->span, "bounds", "the index is checked at every access: %s",
                why);
}

static void version_loop(Bounds *b, const Loop *loop) {
    make_test(b, loop);
    Version v;
    version_begin(&v, b->f, &b->loops, loop);
    uint32_t span = inst_at(b->f, ir_terminator(b->f, loop->header))->span;
    Builder at = {.f = b->f, .block = v.test, .span = span};
    version_end(&v, emit_test(b, &at), span);
    for (uint32_t k = 0; k < b->accesses.n; k++)
        if (b->accesses.at[k].versionable)
            inst_at(b->f, b->accesses.at[k].inst)->flags |= INST_NONNEG | INST_INBOUNDS;
    b->f->unit->versioned_loops++;
    remark_version(b, span);
}

/* ---- the pass ------------------------------------------------------------------------------------------------------------------ */

static void analyse(Bounds *b, Func *f) {
    *b = (Bounds){.f = f, .arena = &f->unit->arena};
    dom_compute(b->arena, f, &b->dom);
    loops_compute(b->arena, f, &b->dom, &b->loops);
    affines_init(&b->affines, f, &b->dom, &b->loops);
    find_accesses(b);
    b->scratch.used = arena_array(b->arena, bool, b->affines.symbols.n);
    b->test.used = arena_array(b->arena, bool, b->affines.symbols.n);
}

/* Versions one loop nest; false when there is none left that gains. */
static bool version_next(Bounds *b) {
    for (uint32_t k = 0; k < b->loops.loops.n; k++) {
        const Loop *best = NULL;
        if (b->loops.loops.at[k]->parent || !choose_loop(b, b->loops.loops.at[k], &best)) continue;
        version_loop(b, best);
        return true;
    }
    return false;
}

static bool has_accesses(const Func *f) {
    for (ValueId v = 0; v < f->inst.n; v++)
        if (inst_at(f, v)->block != NO_BLOCK && accessed_array(f, inst_at(f, v)) != NO_VALUE) return true;
    return false;
}

void pass_bounds(Func *f) {
    if (!has_accesses(f)) return;
    Bounds *b = arena_new(&f->unit->arena, Bounds);
    analyse(b, f);
    f->unit->checks_total += b->nfound;
    for (uint32_t n = 0; n < MAX_VERSIONS && func_options(f)->boundscheck && b->accesses.n &&
                         !f->is_generator && version_next(b);
         n++)
        analyse(b, f); /* values have moved into phis behind the loop */
    f->unit->checks_left += b->accesses.n;
    for (uint32_t k = 0; f->unit->wants_remarks && k < b->accesses.n; k++)
        remark_checked(b, &b->accesses.at[k]);
}
