/* search.c - loops that search arrays look at many elements at once.
 *
 *     while i < n and a[i] <= limit: i += 1           for i in range(n): if a[i] > x: return i
 *
 * A loop that may end at every element is not vectorised: LLVM must not read what the program might not.  Here it is known
 * that it may: an access without a check (INST_INBOUNDS) is in range up to the counted end of its loop.  So a *scan* tests
 * the exits of up to GROUPS vectors of WIDTH bytes without a branch, and goes on while none is taken; then the loop is
 * entered at the iteration that takes one:
 *
 *     header: p = phi(p0, latch, e), near = phi(x0 + FIRST, .., stop)  <------------------------------------------+
 *       ...                                                                                                       |
 *     test:   x(p) < near?  --no-->  begin: x(p) < stop?  --no--> outside                                         |
 *       | yes                          | yes                                                                      |
 *       ...                          ready: are the accesses contiguous?  --no------------------------------+     |
 *                                      | yes                                                                v     |
 *                                    room:  s = phi(p, s + lanes); as many iterations left?  --no-->  leave: e ---+
 *                                      | yes                                     ^                          ^
 *                                    scan:  is an exit taken in any of them?  -no+                          |
 *                                      | yes                                                                |
 *                                    found: s + the number of lanes before it  -----------------------------+
 *
 * Nothing is added to an iteration, and what is found among the first FIRST elements never meets the scan.
 *
 * Words
 *   hot        blocks that iterations pass as a rule: not the checkpoint of a limit that is moved on (counters.c).
 *   counted    a test of what counts (x + k < stop); holds for all lanes if it does for the last one.
 *   search     a test of data: what it compares are elements and what does not change.
 *
 * Soundness.  Why an access is in range may rest on tests (bounds.c): in the loop these are counted ones, which have been
 * made for all lanes, as a search test does not look at what counts; it may not lie in an address either.  Nothing in the
 * loop raises, stores or calls, so what the lanes behind the first exit do is not seen.
 */
#include "passes/pipeline.h"

enum {
    WIDTH = 32,
    GROUPS = 8,
    MAX_LANES = 64,
    FIRST = 32,
    MAX_TESTS = 8,
    MAX_LOADS = 8,
    MAX_PHIS = 32,
    MAX_TREE = 100
};

/* What a value of the loop depends on; 0: it does not change. */
enum { ON_COUNT = 1, ON_DATA = 2, ON_OTHER = 4, KNOWN = 8, SEEN = 16 /* by add_data */ };

typedef struct {
    ValueId x, stop;
    ValueId tested; /* x as the test names it */
    Predicate stay; /* x stay stop: the loop goes on; LT, LE, GT or GE */
    int64_t step;   /* of x */
} Counted;

/* How much an address or a count grows in an iteration: k, times an invariant. */
typedef struct {
    bool ok;
    int64_t k;
    ValueId factor; /* NO_VALUE: 1 */
} Growth;

typedef struct {
    ValueId load;
    Growth growth;
    ValueId base; /* in `scan`: where its lanes begin */
} Access;

typedef struct {
    Func *f;
    Arena *arena;
    const Dominators *dom;
    const Loop *loop;
    bool *hot;          /* by block */
    Vec(BlockId) order; /* the hot blocks, in reverse postorder */
    BlockId latch;      /* the hot one */
    uint32_t nphis;     /* of the header */
    uint8_t *depends;   /* by value */
    uint32_t nvalues;   /* that the analysis knows */
    uint32_t ncounted, nsearches, npolls, naccesses;
    Counted counted[MAX_TESTS];
    Access access[MAX_LOADS];
    BlockId test;            /* that ends the loop: the first counted one stands in it */
    uint32_t lanes, ngroups; /* lanes of a vector */
    uint32_t nbytes;         /* of the widest number in a search test */
    BlockId begin, ready, room, scan, found, leave;
    ValueId hit[GROUPS]; /* by group: its lanes that leave the loop */
    ValueId *vector;     /* by value: in the group at hand */
    ValueId *splat;      /* by value: in `ready` */
    uint32_t span;
} Search;

static Block *header_of(const Search *s) { return block_at(s->f, s->loop->header); }
static ValueId header_phi(const Search *s, uint32_t k) { return header_of(s)->inst.at[k]; }
static bool is_in_loop(const Search *s, BlockId b) {
    for (uint32_t k = 0; k < s->loop->blocks.n; k++)
        if (s->loop->blocks.at[k] == b) return true;
    return false;
}

/* ---- 1. the hot blocks --------------------------------------------------------------------------------------------- */

/* Where a limit has been reached that is only there to have a checkpoint. */
static bool is_detour(const Search *s, BlockId b) {
    const Inst *end = inst_at(s->f, ir_terminator(s->f, b));
    return block_at(s->f, b)->cold ||
           (end->op == OP_condbr && end->flags & INST_COLD && !is_in_loop(s, end->imm.target[1]));
}

static bool is_quiet(const Inst *i) {
    if (i->op == OP_native) return native_info[i->imm.native].attributes & NATIVE_PURE;
    return i->op == OP_load || i->op == OP_poll || i->op == OP_br || i->op == OP_condbr ||
           op_info[i->op].flags & OPF_PURE;
}

/* A checkpoint may be passed twice; what else has an effect may not. */
static bool is_checkpoint(const Search *s, BlockId b) {
    const Block *block = block_at(s->f, b);
    for (uint32_t k = 0; k < block->inst.n; k++) {
        const Inst *i = inst_at(s->f, block->inst.at[k]);
        if (!is_quiet(i) && (i->op != OP_native || i->imm.native != NATIVE_poll)) return false;
    }
    return true;
}

/* Marks what control reaches from the header without a detour; false when something there has an effect. */
static bool visit_hot(Search *s, BlockId b) {
    if (s->hot[b] || !is_in_loop(s, b) || is_detour(s, b)) return true;
    s->hot[b] = true;
    const Block *block = block_at(s->f, b);
    for (uint32_t k = 0; k < block->inst.n; k++)
        if (!is_quiet(inst_at(s->f, block->inst.at[k]))) return false;
    BlockId succ[2];
    uint32_t n = ir_successors(s->f, b, succ);
    for (uint32_t k = 0; k < n; k++)
        if (!visit_hot(s, succ[k])) return false;
    return true;
}

/* One hot way back to the header. */
static bool find_latch(Search *s) {
    s->latch = NO_BLOCK;
    for (uint32_t k = 0; k < header_of(s)->pred.n; k++) {
        BlockId p = header_of(s)->pred.at[k];
        if (!s->hot[p]) continue;
        if (s->latch != NO_BLOCK) return false;
        s->latch = p;
    }
    return s->latch != NO_BLOCK;
}

/* An access that is in range and an exit behind the header: worth a closer look. */
static bool may_search(const Search *s) {
    uint32_t nloads = 0, nexits = 0;
    for (uint32_t k = 0; k < s->order.n; k++) {
        const Block *b = block_at(s->f, s->order.at[k]);
        for (uint32_t n = 0; n < b->inst.n; n++) {
            const Inst *i = inst_at(s->f, b->inst.at[n]);
            nloads += i->op == OP_load && i->flags & INST_INBOUNDS;
        }
        BlockId succ[2];
        uint32_t n = ir_successors(s->f, s->order.at[k], succ);
        for (uint32_t t = 0; t < n; t++) nexits += !is_in_loop(s, succ[t]);
    }
    return nloads && nexits > 1;
}

static bool find_hot(Search *s) {
    s->hot = arena_array(s->arena, bool, s->f->block.n);
    if (!s->loop->innermost || header_of(s)->cold || !visit_hot(s, s->loop->header) || !find_latch(s))
        return false;
    for (uint32_t k = 0; k < s->loop->blocks.n; k++) {
        BlockId b = s->loop->blocks.at[k];
        if (!s->hot[b] && !is_checkpoint(s, b)) return false;
    }
    for (uint32_t k = 0; k < s->dom->norder; k++)
        if (s->hot[s->dom->order[k]]) vec_push(s->arena, &s->order, s->dom->order[k]);
    return may_search(s);
}

/* ---- 2. phis of single numbers ------------------------------------------------------------------------------------- */

static ValueId emit_before_end(Search *s, BlockId b, ValueId (*emit)(Builder *b, ValueId v, int64_t k),
                               ValueId v, int64_t k) {
    ValueId end = vec_pop(&block_at(s->f, b)->inst);
    Builder at = {.f = s->f, .block = b, .span = s->span};
    ValueId x = emit(&at, v, k);
    vec_push(s->arena, &block_at(s->f, b)->inst, end);
    return x;
}

static ValueId emit_field(Builder *b, ValueId v, int64_t k) { return ir_field(b, v, (uint32_t)k); }
static ValueId emit_i64(Builder *b, ValueId v, int64_t k) {
    (void)v;
    return ir_const_int(b, type_i64, k);
}

/* The state of a loop over a range or an array becomes a phi for each of its fields. */
static void split_phi(Search *s, ValueId phi) {
    Func *f = s->f;
    const Type *t = value_type(f, phi);
    BlockId header = s->loop->header;
    ValueId *field = arena_array(s->arena, ValueId, t->nfields);
    for (uint32_t k = 0; k < t->nfields; k++) field[k] = ir_phi(f, header, t->field[k]);
    ValueId whole = ir_new(f, OP_make, t, t->nfields, field);
    uint32_t first = 0;
    while (inst_at(f, header_of(s)->inst.at[first])->op == OP_phi) first++;
    ir_insert(f, header, first, whole);
    inst_at(f, whole)->span = inst_at(f, phi)->span;
    ir_replace_uses(f, phi, whole);
    for (uint32_t p = 0; p < header_of(s)->pred.n; p++)
        for (uint32_t k = 0; k < t->nfields; k++)
            ir_phi_add(f, field[k],
                       emit_before_end(s, header_of(s)->pred.at[p], emit_field, inst_at(f, phi)->arg[p], k));
    ir_delete(f, phi);
}

static ValueId resolve(const Search *s, ValueId v);

/* A field of a loop's state that no iteration changes is what it was in front of the loop. */
static ValueId field_of_phi(const Search *s, const Inst *phi, uint32_t field) {
    ValueId one = NO_VALUE;
    for (uint32_t k = 0; k < phi->nargs; k++) {
        const Inst *whole = inst_at(s->f, phi->arg[k]);
        if (whole->op != OP_make) return NO_VALUE;
        const Inst *part = inst_at(s->f, whole->arg[field]);
        if (part->op == OP_field && part->imm.field == field && inst_at(s->f, part->arg[0]) == phi) continue;
        if (one != NO_VALUE && one != whole->arg[field]) return NO_VALUE;
        one = whole->arg[field];
    }
    return one;
}

/* Fields of what has been put together, through any number of levels. */
static ValueId resolve(const Search *s, ValueId v) {
    const Inst *i = inst_at(s->f, v), *whole;
    if (i->op != OP_field) return v;
    whole = inst_at(s->f, resolve(s, i->arg[0]));
    if (whole->op == OP_make) return resolve(s, whole->arg[i->imm.field]);
    ValueId one = whole->op == OP_phi ? field_of_phi(s, whole, i->imm.field) : NO_VALUE;
    return one == NO_VALUE ? v : resolve(s, one);
}

static bool drop_phi_of_one(Search *s, ValueId phi) {
    ValueId one = NO_VALUE;
    const Inst *i = inst_at(s->f, phi);
    for (uint32_t k = 0; k < i->nargs; k++) {
        ValueId x = resolve(s, i->arg[k]);
        if (x == phi || x == one) continue;
        if (one != NO_VALUE) return false;
        one = x;
    }
    if (one == NO_VALUE) return false;
    ir_replace_uses(s->f, phi, one);
    ir_delete(s->f, phi);
    return true;
}

static bool split_phis(Search *s) {
    for (uint32_t k = 0; inst_at(s->f, header_phi(s, k))->op == OP_phi && k < MAX_PHIS;) {
        ValueId phi = header_phi(s, k);
        if (value_type(s->f, phi)->nfields) split_phi(s, phi);
        else if (!drop_phi_of_one(s, phi)) k++;
    }
    while (inst_at(s->f, header_phi(s, s->nphis))->op == OP_phi) s->nphis++;
    return s->nphis <= MAX_PHIS;
}

/* ---- 3. what values depend on -------------------------------------------------------------------------------------- */

/* What a value is in an iteration that has come by hot blocks only. */
static ValueId hot_value(const Search *s, ValueId v) {
    v = resolve(s, v);
    const Inst *i = inst_at(s->f, v);
    if (i->op != OP_phi || i->block == s->loop->header || !s->hot[i->block]) return v;
    ValueId one = NO_VALUE;
    for (uint32_t k = 0; k < i->nargs; k++) {
        if (!s->hot[block_at(s->f, i->block)->pred.at[k]]) continue;
        if (one != NO_VALUE && one != i->arg[k]) return v;
        one = i->arg[k];
    }
    return one == NO_VALUE ? v : hot_value(s, one);
}

static ValueId next_of(const Search *s, ValueId phi) {
    return hot_value(s, inst_at(s->f, phi)->arg[ir_pred_index(s->f, s->loop->header, s->latch)]);
}

static bool is_const(const Search *s, ValueId v, int64_t *value) {
    const Inst *i = inst_at(s->f, v);
    *value = i->imm.i;
    return i->op == OP_const_int;
}

/* A phi's step if it is a counter: any integer, as sums wrap. */
static bool step_of(const Search *s, ValueId phi, int64_t *step) {
    ValueId next = next_of(s, phi);
    const Inst *i = inst_at(s->f, next);
    *step = 0;
    if (next == phi) return true;
    if (i->op != OP_iadd && i->op != OP_isub) return false;
    ValueId x = hot_value(s, i->arg[0]), y = hot_value(s, i->arg[1]);
    if (i->op == OP_iadd && y == phi) y = x, x = phi;
    if (x != phi || !is_const(s, y, step) || *step < -INT32_MAX || *step > INT32_MAX) return false;
    if (i->op == OP_isub) *step = -*step;
    return true;
}

static unsigned depends(Search *s, ValueId v);

static unsigned depends_of_phi(Search *s, ValueId v) {
    int64_t step;
    if (inst_at(s->f, v)->block != s->loop->header || !step_of(s, v, &step)) return ON_OTHER;
    return step ? ON_COUNT : 0;
}

static unsigned depends_of_inst(Search *s, ValueId v) {
    const Inst *i = inst_at(s->f, v);
    unsigned on = 0;
    if (i->op == OP_phi) return depends_of_phi(s, v);
    if (i->op == OP_poll || i->type->nfields) return ON_OTHER;
    for (uint32_t k = 0; k < i->nargs; k++) on |= depends(s, i->arg[k]);
    if (i->op != OP_load) return on;
    return on == ON_COUNT && i->flags & INST_INBOUNDS && i->type->kind <= TYPE_FLOAT ? ON_DATA : ON_OTHER;
}

static unsigned depends(Search *s, ValueId v) {
    v = hot_value(s, v);
    if (v >= s->nvalues) return ON_OTHER;
    if (s->depends[v]) return s->depends[v] & (ON_COUNT | ON_DATA | ON_OTHER);
    BlockId home = inst_at(s->f, v)->block;
    unsigned on = s->hot[home] ? depends_of_inst(s, v) : is_in_loop(s, home) ? ON_OTHER : 0;
    s->depends[v] = (uint8_t)(on | KNOWN);
    return on;
}

/* Few operations: what emit_value writes out as a tree, however often a value is used in it. */
static bool is_short(const Search *s, ValueId v, uint32_t *left) {
    const Inst *i = inst_at(s->f, v = hot_value(s, v));
    if (!s->hot[i->block] || (i->op == OP_phi && i->block == s->loop->header)) return true;
    if (!*left) return false;
    --*left;
    for (uint32_t k = 0; k < i->nargs; k++)
        if (!is_short(s, i->arg[k], left)) return false;
    return true;
}

static bool can_emit(const Search *s, ValueId v) {
    uint32_t left = MAX_TREE;
    return is_short(s, v, &left);
}

static Growth growth(Search *s, ValueId v);

static Growth sum(Growth a, Growth b, int64_t sign) {
    if (!a.ok || !b.ok || (a.k && b.k && a.factor != b.factor)) return (Growth){0};
    Growth c = {true, a.k + sign * b.k, a.k ? a.factor : b.factor};
    return c;
}

static Growth product(const Search *s, Growth a, ValueId y) {
    int64_t k;
    if (!a.ok || !a.k) return a;
    if (is_const(s, y, &k)) {
        a.ok = !__builtin_mul_overflow(a.k, k, &a.k);
        return a;
    }
    a.ok = a.factor == NO_VALUE;
    a.factor = y;
    return a;
}

static Growth growth_of_product(Search *s, ValueId x, ValueId y) {
    if (!depends(s, y)) return product(s, growth(s, x), hot_value(s, y));
    return depends(s, x) ? (Growth){0} : product(s, growth(s, y), hot_value(s, x));
}

static Growth growth(Search *s, ValueId v) {
    v = hot_value(s, v);
    const Inst *i = inst_at(s->f, v);
    Growth g = {true, 0, NO_VALUE};
    unsigned on = depends(s, v);
    if (!on) return g;
    if (on != ON_COUNT || (i->type != type_i64 && i->type != type_ptr)) return (Growth){0};
    switch (i->op) {
    case OP_phi: g.ok = step_of(s, v, &g.k); return g;
    case OP_iadd:
    case OP_ptr_add: return sum(growth(s, i->arg[0]), growth(s, i->arg[1]), 1);
    case OP_isub: return sum(growth(s, i->arg[0]), growth(s, i->arg[1]), -1);
    case OP_imul: return growth_of_product(s, i->arg[0], i->arg[1]);
    default: return (Growth){0};
    }
}

/* ---- 4. tests ------------------------------------------------------------------------------------------------------ */

static Predicate negated(Predicate p) {
    static const Predicate other[PRED_COUNT] = {
        [PRED_LT] = PRED_GE, [PRED_GE] = PRED_LT, [PRED_GT] = PRED_LE, [PRED_LE] = PRED_GT};
    return other[p];
}

static Predicate swapped(Predicate p) {
    static const Predicate other[PRED_COUNT] = {
        [PRED_LT] = PRED_GT, [PRED_GT] = PRED_LT, [PRED_LE] = PRED_GE, [PRED_GE] = PRED_LE};
    return other[p];
}

static bool is_order(Predicate p) { return p >= PRED_LT && p <= PRED_GE; }

/* The loop goes on while cond == stay. */
static bool add_counted(Search *s, ValueId cond, bool stay) {
    const Inst *i = inst_at(s->f, cond = hot_value(s, cond));
    if (i->op == OP_iand && stay) return add_counted(s, i->arg[0], true) && add_counted(s, i->arg[1], true);
    if (i->op != OP_icmp || !is_order((Predicate)i->sub) || s->ncounted == MAX_TESTS) return false;
    bool left = depends(s, i->arg[0]) == ON_COUNT;
    Counted c = {
        .x = hot_value(s, i->arg[!left]), .stop = hot_value(s, i->arg[left]), .tested = i->arg[!left]};
    c.stay = left ? (Predicate)i->sub : swapped((Predicate)i->sub);
    if (!stay) c.stay = negated(c.stay);
    if (!can_emit(s, c.x) || !can_emit(s, c.stop)) return false;
    Growth g = growth(s, c.x);
    bool up = c.stay == PRED_LT || c.stay == PRED_LE;
    c.step = g.k;
    if (value_type(s->f, c.x) != type_i64 || depends(s, c.stop) || !g.ok || g.factor != NO_VALUE ||
        !(up ? g.k > 0 : g.k < 0) || g.k < -INT32_MAX || g.k > INT32_MAX)
        return false;
    s->counted[s->ncounted++] = c;
    return true;
}

static bool is_poll(const Search *s, ValueId cond) {
    const Inst *i = inst_at(s->f, cond);
    return i->op == OP_icmp && inst_at(s->f, i->arg[0])->op == OP_poll;
}

static bool add_access(Search *s, ValueId load) {
    for (uint32_t k = 0; k < s->naccesses; k++)
        if (s->access[k].load == load) return true;
    if (!can_emit(s, inst_at(s->f, load)->arg[0])) return false;
    Growth g = growth(s, inst_at(s->f, load)->arg[0]);
    int64_t nbytes = type_itemsize(value_type(s->f, load));
    if (!g.ok || !g.k || nbytes % g.k || s->naccesses == MAX_LOADS) return false;
    if (g.factor == NO_VALUE && g.k != nbytes && g.k != -nbytes) return false;
    s->access[s->naccesses++] = (Access){.load = load, .growth = g};
    return true;
}

/* What codegen has for vectors. */
// clang-format off
static const bool lanewise[OP_COUNT] = {
    [OP_iadd] = true, [OP_isub] = true, [OP_imul] = true, [OP_iand] = true, [OP_ior] = true, [OP_ixor] = true,
    [OP_shl] = true, [OP_ashr] = true, [OP_lshr] = true, [OP_icmp] = true, [OP_fadd] = true, [OP_fsub] = true,
    [OP_fmul] = true, [OP_fdiv] = true, [OP_fneg] = true, [OP_fcmp] = true, [OP_select] = true, [OP_trunc] = true,
    [OP_sext] = true, [OP_zext] = true, [OP_sitofp] = true, [OP_uitofp] = true, [OP_fpext] = true, [OP_fptrunc] = true,
};
// clang-format on

/* Divisions only by what cannot fail. */
static bool is_lanewise(const Search *s, const Inst *i) {
    int64_t k;
    bool divides = i->op == OP_sdiv || i->op == OP_udiv || i->op == OP_srem || i->op == OP_urem;
    if (divides) return is_const(s, hot_value(s, i->arg[1]), &k) && k > 0;
    if (i->op == OP_native) return !strncmp(native_info[i->imm.native].symbol, "llvm.", 5);
    return lanewise[i->op];
}

/* All of what a search test computes from data; notes accesses and widths. */
static bool add_data(Search *s, ValueId v) {
    v = hot_value(s, v);
    const Inst *i = inst_at(s->f, v);
    if (!depends(s, v)) return i->type && i->type->kind <= TYPE_FLOAT && can_emit(s, v);
    if (s->depends[v] & SEEN) return true;
    s->depends[v] |= SEEN;
    if (i->type->kind > TYPE_FLOAT || depends(s, v) != ON_DATA) return false;
    if (i->type->kind != TYPE_BOOL || i->op == OP_load)
        s->nbytes = type_itemsize(i->type) > s->nbytes ? type_itemsize(i->type) : s->nbytes;
    if (i->op == OP_load) return add_access(s, v);
    if (!is_lanewise(s, i)) return false;
    for (uint32_t k = 0; k < i->nargs; k++)
        if (!add_data(s, i->arg[k])) return false;
    return true;
}

static bool add_search(Search *s, ValueId cond) {
    s->nsearches += depends(s, cond) == ON_DATA;
    return add_data(s, cond);
}

static bool add_test(Search *s, BlockId b) {
    const Inst *end = inst_at(s->f, ir_terminator(s->f, b));
    if (end->op != OP_condbr || end->imm.target[0] == end->imm.target[1]) return end->op == OP_br;
    ValueId cond = hot_value(s, end->arg[0]);
    bool stay = s->hot[end->imm.target[0]];
    if (is_poll(s, cond)) {
        s->npolls++;
        return !stay && s->hot[end->imm.target[1]];
    }
    if (!(depends(s, cond) & ON_COUNT)) return add_search(s, cond);
    uint32_t before = s->ncounted;
    if (s->hot[end->imm.target[stay]] || !dom_dominates(s->dom, b, s->latch) || !add_counted(s, cond, stay))
        return false;
    if (!before) s->test = b;
    return true;
}

/* A variable's value behind an iteration depends on what counts and on data only, not on its value before. */
static bool is_set(Search *s, ValueId next) {
    return !(depends(s, next) & ON_OTHER) && !value_type(s->f, next)->nfields && can_emit(s, next);
}

static bool understand(Search *s) {
    s->nvalues = s->f->inst.n;
    s->depends = arena_array(s->arena, uint8_t, s->nvalues);
    for (uint32_t k = 0; k < s->order.n; k++)
        if (!add_test(s, s->order.at[k])) return false;
    for (uint32_t k = 0; k < s->nphis; k++) {
        int64_t step;
        if (!step_of(s, header_phi(s, k), &step) && !is_set(s, next_of(s, header_phi(s, k)))) return false;
    }
    return s->ncounted && s->nsearches && s->naccesses;
}

/* ---- 5. values of other iterations --------------------------------------------------------------------------------- */

/* v where the header's phis are `state`; the block at hand must be dominated by what the loop does not change. */
static ValueId emit_value(Search *s, Builder *b, ValueId v, const ValueId *state) {
    v = hot_value(s, v);
    for (uint32_t k = 0; k < s->nphis; k++)
        if (header_phi(s, k) == v) return state[k];
    if (v >= s->nvalues || !s->hot[inst_at(s->f, v)->block]) return v;
    Inst i = *inst_at(s->f, v);
    ValueId *arg = arena_array(s->arena, ValueId, i.nargs + 1);
    for (uint32_t k = 0; k < i.nargs; k++) arg[k] = emit_value(s, b, i.arg[k], state);
    ValueId copy = ir_append(b, (Op)i.op, i.type, i.nargs, arg);
    inst_at(s->f, copy)->imm = i.imm;
    inst_at(s->f, copy)->sub = i.sub;
    inst_at(s->f, copy)->fastmath = i.fastmath;
    return copy;
}

static ValueId i64(Builder *b, int64_t k) { return ir_const_int(b, type_i64, k); }

/* x stay stop, and more than n steps to go: in lane n, too. */
static ValueId emit_room(Builder *b, const Counted *c, ValueId x, ValueId stop, int64_t n) {
    bool up = c->step > 0, strict = c->stay == PRED_LT || c->stay == PRED_GT;
    ValueId distance = up ? ir_binop(b, OP_isub, stop, x) : ir_binop(b, OP_isub, x, stop),
            need = i64(b, n * (up ? c->step : -c->step));
    ValueId far = ir_icmp(b, strict ? PRED_UGT : PRED_UGE, distance, need);
    return ir_binop(b, OP_iand, ir_icmp(b, c->stay, x, stop), far);
}

/* The first limit: FIRST iterations on, but not beyond the end. */
static ValueId emit_near(Search *s, Builder *b, const ValueId *state) {
    const Counted *c = &s->counted[0];
    ValueId x = emit_value(s, b, c->x, state), stop = emit_value(s, b, c->stop, state);
    ValueId room = emit_room(b, c, x, stop, FIRST);
    return ir_select(b, room, ir_binop(b, OP_iadd, x, i64(b, FIRST * c->step)), stop);
}

/* ---- 6. lanes ------------------------------------------------------------------------------------------------------ */

static const Type *lanes_of(const Search *s, const Type *t) { return type_vector(t, s->lanes); }

static ValueId emit_splat(Search *s, ValueId v) {
    if (s->splat[v] != NO_VALUE) return s->splat[v];
    ValueId state[MAX_PHIS];
    for (uint32_t k = 0; k < s->nphis; k++) state[k] = header_phi(s, k);
    Builder b = {.f = s->f, .block = s->ready, .span = s->span};
    ValueId x = emit_value(s, &b, v, state);
    return s->splat[v] = ir_emit(&b, OP_splat, lanes_of(s, value_type(s->f, x)), x);
}

static ValueId emit_lanes(Search *s, Builder *b, ValueId v, uint32_t group);

static ValueId emit_lanes_of_load(Search *s, Builder *b, ValueId v, uint32_t group) {
    uint32_t k = 0;
    while (s->access[k].load != v) k++;
    const Type *t = value_type(s->f, v);
    ValueId at = ir_ptr_add(b, s->access[k].base, i64(b, (int64_t)group * s->lanes * type_itemsize(t)));
    return ir_load(b, lanes_of(s, t), at);
}

static ValueId emit_lanes_of_op(Search *s, Builder *b, const Inst *i, uint32_t group) {
    ValueId *arg = arena_array(s->arena, ValueId, i->nargs + 1);
    const char *letter = i->op == OP_native ? native_info[i->imm.native].signature + 2 : NULL;
    for (uint32_t k = 0; k < i->nargs; k++) {
        bool alone = letter && letter[k] != '=';
        arg[k] = alone ? hot_value(s, i->arg[k]) : emit_lanes(s, b, i->arg[k], group);
        if (alone) arg[k] = emit_value(s, b, arg[k], NULL);
    }
    ValueId v = ir_append(b, (Op)i->op, lanes_of(s, i->type), i->nargs, arg);
    inst_at(s->f, v)->imm = i->imm;
    inst_at(s->f, v)->sub = i->sub;
    inst_at(s->f, v)->fastmath = i->fastmath;
    return v;
}

static ValueId emit_lanes(Search *s, Builder *b, ValueId v, uint32_t group) {
    v = hot_value(s, v);
    if (!depends(s, v)) return emit_splat(s, v);
    if (s->vector[v] != NO_VALUE) return s->vector[v];
    Inst i = *inst_at(s->f, v);
    ValueId x = i.op == OP_load ? emit_lanes_of_load(s, b, v, group) : emit_lanes_of_op(s, b, &i, group);
    return s->vector[v] = x;
}

static ValueId either(Builder *b, Op op, ValueId x, ValueId y) {
    return x == NO_VALUE ? y : ir_binop(b, op, x, y);
}

static ValueId emit_not(Search *s, Builder *b, ValueId lanes) {
    Builder at = {.f = s->f, .block = s->ready, .span = s->span};
    return ir_binop(b, OP_ixor, lanes,
                    ir_emit(&at, OP_splat, lanes_of(s, type_bool), ir_const_bool(&at, true)));
}

/* Which lanes of a group leave the loop.  `mask` by block: the lanes that come there, NO_VALUE: all; what comes behind an
 * exit that is taken does not matter. */
static ValueId emit_group(Search *s, Builder *b, uint32_t group) {
    ValueId hit = NO_VALUE, *mask = arena_array(s->arena, ValueId, s->f->block.n);
    bool *all = arena_array(s->arena, bool, s->f->block.n);
    for (ValueId v = 0; v < s->nvalues; v++) s->vector[v] = NO_VALUE;
    for (BlockId k = 0; k < s->f->block.n; k++) mask[k] = NO_VALUE;
    all[s->loop->header] = true;
    for (uint32_t k = 0; k < s->order.n; k++) {
        BlockId at = s->order.at[k];
        const Inst end = *inst_at(s->f, ir_terminator(s->f, at));
        bool branches = end.op == OP_condbr && end.imm.target[0] != end.imm.target[1];
        ValueId cond = branches ? hot_value(s, end.arg[0]) : NO_VALUE;
        bool data = branches && !is_poll(s, cond) && !(depends(s, cond) & ON_COUNT);
        for (uint32_t t = 0; t < 1u + branches; t++) {
            BlockId to = end.imm.target[t];
            bool exits = !s->hot[to], stays = branches && !s->hot[end.imm.target[!t]];
            if (exits && !data) continue;
            ValueId lanes = all[at] ? NO_VALUE : mask[at];
            if (data && (exits || !stays)) {
                ValueId c = emit_lanes(s, b, cond, group);
                if (t) c = emit_not(s, b, c);
                lanes = either(b, OP_iand, lanes, c);
            }
            if (exits) hit = either(b, OP_ior, hit, lanes);
            else if (lanes == NO_VALUE) all[to] = true;
            else if (!all[to]) mask[to] = either(b, OP_ior, mask[to], lanes);
        }
    }
    return hit;
}

/* ---- 7. the scan --------------------------------------------------------------------------------------------------- */

static BlockId new_block(Search *s) {
    BlockId b = ir_block(s->f);
    block_at(s->f, b)->loop_depth = header_of(s)->loop_depth;
    return b;
}

/* Do the accesses with a stride that is not known go through memory step by step, all in one direction?  Gives how far
 * before the first lane's element the lanes begin, in lanes. */
static ValueId emit_contiguous(Search *s, Builder *b, const ValueId *here, ValueId *back) {
    ValueId ok[2] = {NO_VALUE, NO_VALUE};
    bool can[2] = {true, true};
    for (uint32_t k = 0; k < s->naccesses; k++) {
        Growth g = s->access[k].growth;
        int64_t want = (int64_t)type_itemsize(value_type(s->f, s->access[k].load)) / g.k;
        if (g.factor == NO_VALUE) {
            can[want > 0] = false;
            continue;
        }
        ValueId stride = emit_value(s, b, g.factor, here);
        for (uint32_t down = 0; down < 2; down++)
            ok[down] = either(b, OP_iand, ok[down], ir_icmp(b, PRED_EQ, stride, i64(b, down ? -want : want)));
    }
    for (uint32_t down = 0; down < 2; down++)
        if (!can[down]) ok[down] = ir_const_bool(b, false);
        else if (ok[down] == NO_VALUE) ok[down] = ir_const_bool(b, true);
    *back = ir_select(b, ok[0], i64(b, 0), i64(b, (int64_t)(s->lanes * s->ngroups - 1)));
    return ir_binop(b, OP_ior, ok[0], ok[1]);
}

static void emit_bases(Search *s, Builder *b, const ValueId *state, ValueId back) {
    for (uint32_t k = 0; k < s->naccesses; k++) {
        ValueId load = s->access[k].load, first = emit_value(s, b, inst_at(s->f, load)->arg[0], state);
        int64_t nbytes = type_itemsize(value_type(s->f, load));
        s->access[k].base = ir_ptr_add(b, first, ir_binop(b, OP_imul, back, i64(b, -nbytes)));
    }
}

static ValueId emit_hit(Search *s, Builder *b) {
    ValueId hit = NO_VALUE;
    for (uint32_t g = 0; g < s->ngroups; g++) {
        s->hit[g] = emit_group(s, b, g);
        hit = either(b, OP_ior, hit, s->hit[g]);
    }
    hit = ir_emit(b, OP_any, type_bool, hit);
    if (!s->npolls) return hit;
    ValueId poll = ir_append(b, OP_poll, type_i32, 0, NULL);
    return ir_binop(b, OP_ior, hit, ir_icmp(b, PRED_NE, poll, ir_const_int(b, type_i32, 0)));
}

/* How many iterations come before the first that leaves; 0 if none does, and a signal waits. */
static ValueId emit_first(Search *s, Builder *b, ValueId back) {
    ValueId bits = NO_VALUE, no = ir_const_bool(b, false);
    int64_t lanes = (int64_t)s->lanes * s->ngroups;
    for (uint32_t g = 0; g < s->ngroups; g++) {
        ValueId group = ir_emit(b, OP_bits, type_i64, s->hit[g]);
        if (g) group = ir_binop(b, OP_shl, group, i64(b, (int64_t)g * s->lanes));
        bits = either(b, OP_ior, bits, group);
    }
    ValueId up = ir_native(b, NATIVE_cttz, type_i64, 2, (ValueId[]){bits, no}),
            down = ir_native(b, NATIVE_ctlz, type_i64, 2, (ValueId[]){bits, no});
    down = ir_binop(b, OP_isub, down, i64(b, 64 - lanes));
    ValueId first = ir_select(b, ir_icmp(b, PRED_EQ, back, i64(b, 0)), up, down);
    return s->npolls ? ir_select(b, ir_icmp(b, PRED_EQ, bits, i64(b, 0)), i64(b, 0), first) : first;
}

/* The counters `n` iterations on; other phis as they are. */
static void emit_counters(Search *s, Builder *b, const ValueId *state, ValueId n, ValueId *out) {
    for (uint32_t k = 0; k < s->nphis; k++) {
        const Type *t = value_type(s->f, state[k]);
        int64_t step;
        out[k] = state[k];
        if (!step_of(s, header_phi(s, k), &step) || !step) continue;
        ValueId by = type_itemsize(t) < 8 ? ir_emit(b, OP_trunc, t, n) : n;
        out[k] = ir_binop(b, OP_iadd, state[k], ir_binop(b, OP_imul, by, ir_const_int(b, t, step)));
    }
}

/* The header's phis n iterations on.  A variable that each iteration sets has the value of the last one, if there is one. */
static void emit_state(Search *s, Builder *b, const ValueId *state, ValueId n, ValueId *out) {
    ValueId last[MAX_PHIS], none = NO_VALUE;
    emit_counters(s, b, state, n, out);
    for (uint32_t k = 0; k < s->nphis; k++) {
        int64_t step;
        if (step_of(s, header_phi(s, k), &step)) continue;
        if (none == NO_VALUE) {
            none = ir_icmp(b, PRED_EQ, n, i64(b, 0));
            ValueId before = ir_binop(b, OP_isub, n, i64(b, 1));
            emit_counters(s, b, state, ir_select(b, none, n, before), last);
        }
        out[k] = ir_select(b, none, state[k], emit_value(s, b, next_of(s, header_phi(s, k)), last));
    }
}

static void add_phis(Search *s, BlockId b, ValueId *phi) {
    for (uint32_t k = 0; k < s->nphis; k++) phi[k] = ir_phi(s->f, b, value_type(s->f, header_phi(s, k)));
}

static void feed_phis(Search *s, const ValueId *phi, const ValueId *value) {
    for (uint32_t k = 0; k < s->nphis; k++) ir_phi_add(s->f, phi[k], value[k]);
}

/* Fills ready, room, scan and found; gives the state in `leave`. */
static void emit_scan(Search *s, ValueId *leaving) {
    ValueId state[MAX_PHIS], here[MAX_PHIS], next[MAX_PHIS], found[MAX_PHIS], back, room = NO_VALUE;
    int64_t lanes = (int64_t)s->lanes * s->ngroups;
    for (uint32_t k = 0; k < s->nphis; k++) here[k] = header_phi(s, k);
    add_phis(s, s->leave, leaving);
    add_phis(s, s->room, state);
    Builder ready = {.f = s->f, .block = s->ready, .span = s->span}, b = ready;
    ValueId contiguous = emit_contiguous(s, &ready, here, &back);

    b.block = s->room;
    for (uint32_t k = 0; k < s->ncounted; k++) {
        const Counted *c = &s->counted[k];
        ValueId x = emit_value(s, &b, c->x, state), stop = emit_value(s, &b, c->stop, state);
        room = either(&b, OP_iand, room, emit_room(&b, c, x, stop, lanes - 1));
    }
    ir_condbr(&b, room, s->scan, s->leave);
    feed_phis(s, leaving, state);

    b.block = s->scan;
    emit_bases(s, &b, state, back);
    ValueId hit = emit_hit(s, &b);
    emit_state(s, &b, state, i64(&b, lanes), next);
    ir_condbr(&b, hit, s->found, s->room);

    b.block = s->found;
    emit_state(s, &b, state, emit_first(s, &b, back), found);
    ir_br(&b, s->leave);
    feed_phis(s, leaving, found);

    ir_condbr(&ready, contiguous, s->room, s->leave); /* room's predecessors: scan, ready */
    feed_phis(s, state, next);
    feed_phis(s, state, here);
    feed_phis(s, leaving, here);
}

/* ---- 8. the limit in front of the scan ----------------------------------------------------------------------------- */

/* The limit on the way through the loop, by hot block; a detour goes to the scan with the next test. */
static void carry_near(Search *s, ValueId near, ValueId *at) {
    int64_t soon = s->counted[0].step > 0 ? INT64_MIN : INT64_MAX;
    for (uint32_t k = 0; k < s->order.n; k++) {
        BlockId b = s->order.at[k];
        const Block *block = block_at(s->f, b);
        bool same = true;
        if (b == s->loop->header) {
            at[b] = near;
            continue;
        }
        for (uint32_t p = 0; p < block->pred.n; p++)
            same &= s->hot[block->pred.at[p]] && at[block->pred.at[p]] == at[block->pred.at[0]];
        at[b] = same ? at[block->pred.at[0]] : ir_phi(s->f, b, type_i64);
        for (uint32_t p = 0; !same && p < block_at(s->f, b)->pred.n; p++) {
            BlockId from = block_at(s->f, b)->pred.at[p];
            ir_phi_add(s->f, at[b],
                       s->hot[from] ? at[from] : emit_before_end(s, from, emit_i64, NO_VALUE, soon));
        }
    }
    at[s->loop->header] = near;
    for (uint32_t p = 0; p < header_of(s)->pred.n; p++) {
        BlockId from = header_of(s)->pred.at[p];
        ValueId operand[MAX_PHIS];
        if (s->hot[from]) {
            ir_phi_add(s->f, near, at[from]);
            continue;
        }
        if (is_in_loop(s, from)) {
            ir_phi_add(s->f, near, emit_before_end(s, from, emit_i64, NO_VALUE, soon));
            continue;
        }
        for (uint32_t k = 0; k < s->nphis; k++) operand[k] = inst_at(s->f, header_phi(s, k))->arg[p];
        ValueId end = vec_pop(&block_at(s->f, from)->inst);
        Builder b = {.f = s->f, .block = from, .span = s->span};
        ir_phi_add(s->f, near, emit_near(s, &b, operand));
        vec_push(s->arena, &block_at(s->f, from)->inst, end);
    }
}

/* The first counted test compares with the limit, and `begin` with the end. */
static void lead_to_scan(Search *s, ValueId near) {
    Func *f = s->f;
    const Counted *c = &s->counted[0];
    ValueId end = vec_pop(&block_at(f, s->test)->inst), cond = inst_at(f, end)->arg[0];
    bool stay = s->hot[inst_at(f, end)->imm.target[0]];
    BlockId outside = inst_at(f, end)->imm.target[stay];
    Builder b = {.f = f, .block = s->test, .span = s->span};
    ValueId test = ir_icmp(&b, stay ? c->stay : negated(c->stay), c->tested, near);
    if (inst_at(f, hot_value(s, cond))->op == OP_iand) test = ir_binop(&b, OP_iand, test, cond);
    inst_at(f, end)->arg[0] = test;
    vec_push(s->arena, &block_at(f, s->test)->inst, end);

    uint32_t k = ir_pred_index(f, outside, s->test), nphis = 0;
    const Block *out = block_at(f, outside);
    ValueId *operand = arena_array(s->arena, ValueId, out->inst.n);
    for (; inst_at(f, out->inst.at[nphis])->op == OP_phi; nphis++)
        operand[nphis] = inst_at(f, out->inst.at[nphis])->arg[k];
    ir_edge_retarget(f, s->test, outside, s->begin);
    b.block = s->begin;
    ir_condbr(&b, cond, stay ? s->ready : outside, stay ? outside : s->ready);
    for (uint32_t n = 0; n < nphis; n++) ir_phi_add(f, block_at(f, outside)->inst.at[n], operand[n]);
}

static void transform(Search *s) {
    Func *f = s->f;
    ValueId leaving[MAX_PHIS], *at = arena_array(s->arena, ValueId, f->block.n);
    s->lanes = WIDTH / s->nbytes;
    s->ngroups = s->lanes * GROUPS > MAX_LANES ? MAX_LANES / s->lanes : GROUPS;
    s->vector = arena_array(s->arena, ValueId, s->nvalues);
    s->splat = arena_array(s->arena, ValueId, s->nvalues);
    for (ValueId v = 0; v < s->nvalues; v++) s->splat[v] = NO_VALUE;
    s->begin = new_block(s);
    s->ready = new_block(s);
    s->room = new_block(s);
    s->scan = new_block(s);
    s->found = new_block(s);
    s->leave = new_block(s);
    emit_scan(s, leaving);
    ValueId near = ir_phi(f, s->loop->header, type_i64);
    carry_near(s, near, at);
    lead_to_scan(s, at[s->test]);
    Builder b = {.f = f, .block = s->leave, .span = s->span};
    ValueId stop = emit_value(s, &b, s->counted[0].stop, leaving);
    ir_br(&b, s->loop->header);
    for (uint32_t k = 0; k < s->nphis; k++) ir_phi_add(f, header_phi(s, k), leaving[k]);
    ir_phi_add(f, near, stop);
    f->unit->searches++;
    func_remark(f, s->span, "vector", "searched %u at a time", s->lanes * s->ngroups);
}

/* ---- the pass ------------------------------------------------------------------------------------------------------ */

static bool reads_ahead(const Func *f) {
    for (ValueId v = 0; v < f->inst.n; v++)
        if (inst_at(f, v)->op == OP_load && inst_at(f, v)->flags & INST_INBOUNDS &&
            inst_at(f, v)->block != NO_BLOCK)
            return true;
    return false;
}

void pass_search(Func *f) {
    if (f->is_generator || !reads_ahead(f)) return;
    Arena *a = &f->unit->arena;
    Dominators dom;
    Loops loops;
    dom_compute(a, f, &dom);
    loops_compute(a, f, &dom, &loops);
    for (uint32_t k = 0; k < loops.loops.n; k++) {
        Search s = {.f = f, .arena = a, .dom = &dom, .loop = loops.loops.at[k]};
        s.span = inst_at(f, ir_terminator(f, s.loop->header))->span;
        if (find_hot(&s) && split_phis(&s) && understand(&s)) transform(&s);
    }
}
