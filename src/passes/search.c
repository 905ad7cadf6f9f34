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
 * A search test is one of data: what it compares are elements and what does not change.
 *
 * Soundness.  Why an access is in range may rest on tests (bounds.c): in the loop these are counted ones, which have been
 * made for all lanes, as a search test does not look at what counts; it may not lie in an address either.  Nothing in the
 * loop raises, stores or calls, so what the lanes behind the first exit do is not seen.
 */
#include "passes/hot.h"
#include "passes/pipeline.h"

enum { WIDTH = 32, GROUPS = 8, MAX_LANES = 64, FIRST = 32, MAX_LOADS = 8 };

/* More of what is known of a value, behind ON_COUNT, ...: its dependence is known, add_data has seen it. */
enum { KNOWN = 8, SEEN = 16 };

typedef struct {
    ValueId load;
    Growth growth;
    ValueId base; /* in `scan`: where its lanes begin */
} Access;

typedef struct {
    HotLoop h;        /* first: search_depends finds the Search by it */
    uint8_t *depends; /* by value */
    uint32_t nsearches, npolls, naccesses;
    Access access[MAX_LOADS];
    BlockId test;            /* that ends the loop: the first counted one stands in it */
    uint32_t lanes, ngroups; /* lanes of a vector */
    uint32_t nbytes;         /* of the widest number in a search test */
    BlockId begin, ready, room, scan, found, leave;
    ValueId hit[GROUPS]; /* by group: its lanes that leave the loop */
    ValueId *vector;     /* by value: in the group at hand */
    ValueId *splat;      /* by value: in `ready` */
} Search;

/* ---- 1. the hot blocks --------------------------------------------------------------------------------------------- */

/* A checkpoint may be passed twice; what else has an effect may not. */
static bool is_checkpoint(const Search *s, BlockId b) {
    const Block *block = block_at(s->h.f, b);
    for (uint32_t k = 0; k < block->inst.n; k++) {
        const Inst *i = inst_at(s->h.f, block->inst.at[k]);
        if (!hot_is_quiet(i) && (i->op != OP_native || i->imm.native != NATIVE_poll)) return false;
    }
    return true;
}

/* An access that is in range and an exit behind the header: worth a closer look. */
static bool may_search(const Search *s) {
    uint32_t nloads = 0, nexits = 0;
    for (uint32_t k = 0; k < s->h.order.n; k++) {
        const Block *b = block_at(s->h.f, s->h.order.at[k]);
        for (uint32_t n = 0; n < b->inst.n; n++) {
            const Inst *i = inst_at(s->h.f, b->inst.at[n]);
            nloads += i->op == OP_load && i->flags & INST_INBOUNDS;
        }
        BlockId succ[2];
        uint32_t n = ir_successors(s->h.f, s->h.order.at[k], succ);
        for (uint32_t t = 0; t < n; t++) nexits += !hot_is_in_loop(&s->h, succ[t]);
    }
    return nloads && nexits > 1;
}

static bool is_quiet(const Search *s, BlockId b) {
    const Block *block = block_at(s->h.f, b);
    for (uint32_t k = 0; k < block->inst.n; k++)
        if (!hot_is_quiet(inst_at(s->h.f, block->inst.at[k]))) return false;
    return true;
}

static bool find_hot(Search *s) {
    if (!s->h.loop->innermost || hot_header(&s->h)->cold || !hot_find(&s->h)) return false;
    for (uint32_t k = 0; k < s->h.loop->blocks.n; k++) {
        BlockId b = s->h.loop->blocks.at[k];
        if (s->h.hot[b] ? !is_quiet(s, b) : !is_checkpoint(s, b)) return false;
    }
    return may_search(s);
}

static ValueId emit_i64(Builder *b, ValueId v, int64_t k) {
    (void)v;
    return ir_const_int(b, type_i64, k);
}

/* ---- 2. what values depend on -------------------------------------------------------------------------------------- */

static unsigned depends(Search *s, ValueId v);

static unsigned depends_of_phi(Search *s, ValueId v) {
    int64_t step;
    if (inst_at(s->h.f, v)->block != s->h.loop->header || !hot_step(&s->h, v, &step)) return ON_OTHER;
    return step ? ON_COUNT : 0;
}

static unsigned depends_of_inst(Search *s, ValueId v) {
    const Inst *i = inst_at(s->h.f, v);
    unsigned on = 0;
    if (i->op == OP_phi) return depends_of_phi(s, v);
    if (i->op == OP_poll || i->type->nfields) return ON_OTHER;
    for (uint32_t k = 0; k < i->nargs; k++) on |= depends(s, i->arg[k]);
    if (i->op != OP_load) return on;
    return on == ON_COUNT && i->flags & INST_INBOUNDS && i->type->kind <= TYPE_FLOAT ? ON_DATA : ON_OTHER;
}

static unsigned depends(Search *s, ValueId v) {
    v = hot_value(&s->h, v);
    if (v >= s->h.nvalues) return ON_OTHER;
    if (s->depends[v]) return s->depends[v] & (ON_COUNT | ON_DATA | ON_OTHER);
    BlockId home = inst_at(s->h.f, v)->block;
    unsigned on = s->h.hot[home] ? depends_of_inst(s, v) : hot_is_in_loop(&s->h, home) ? ON_OTHER : 0;
    s->depends[v] = (uint8_t)(on | KNOWN);
    return on;
}

static unsigned search_depends(HotLoop *h, ValueId v) { return depends((Search *)h, v); }

/* ---- 3. tests ------------------------------------------------------------------------------------------------------ */

static bool add_access(Search *s, ValueId load) {
    for (uint32_t k = 0; k < s->naccesses; k++)
        if (s->access[k].load == load) return true;
    if (!hot_can_emit(&s->h, inst_at(s->h.f, load)->arg[0])) return false;
    Growth g = hot_growth(&s->h, inst_at(s->h.f, load)->arg[0]);
    int64_t nbytes = type_itemsize(value_type(s->h.f, load));
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
    if (divides) return hot_is_const(&s->h, hot_value(&s->h, i->arg[1]), &k) && k > 0;
    if (i->op == OP_native) return native_is_intrinsic(i->imm.native);
    return lanewise[i->op];
}

/* All of what a search test computes from data; notes accesses and widths. */
static bool add_data(Search *s, ValueId v) {
    v = hot_value(&s->h, v);
    const Inst *i = inst_at(s->h.f, v);
    if (!depends(s, v)) return i->type && i->type->kind <= TYPE_FLOAT && hot_can_emit(&s->h, v);
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
    const Inst *end = inst_at(s->h.f, ir_terminator(s->h.f, b));
    if (end->op != OP_condbr || end->imm.target[0] == end->imm.target[1]) return end->op == OP_br;
    ValueId cond = hot_value(&s->h, end->arg[0]);
    bool stay = s->h.hot[end->imm.target[0]];
    if (hot_is_poll(&s->h, cond)) {
        s->npolls++;
        return !stay && s->h.hot[end->imm.target[1]];
    }
    if (!(depends(s, cond) & ON_COUNT)) return add_search(s, cond);
    uint32_t before = s->h.ncounted;
    if (s->h.hot[end->imm.target[stay]] || !dom_dominates(s->h.dom, b, s->h.latch) ||
        !hot_add_counted(&s->h, cond, stay))
        return false;
    if (!before) s->test = b;
    return true;
}

/* A variable's value behind an iteration depends on what counts and on data only, not on its value before. */
static bool is_set(Search *s, ValueId next) {
    return !(depends(s, next) & ON_OTHER) && !value_type(s->h.f, next)->nfields && hot_can_emit(&s->h, next);
}

static bool understand(Search *s) {
    s->h.nvalues = s->h.f->inst.n;
    s->depends = arena_array(s->h.arena, uint8_t, s->h.nvalues);
    for (uint32_t k = 0; k < s->h.order.n; k++)
        if (!add_test(s, s->h.order.at[k])) return false;
    for (uint32_t k = 0; k < s->h.nphis; k++) {
        int64_t step;
        if (!hot_step(&s->h, hot_phi(&s->h, k), &step) && !is_set(s, hot_next(&s->h, hot_phi(&s->h, k))))
            return false;
    }
    return s->h.ncounted && s->nsearches && s->naccesses;
}

static ValueId i64(Builder *b, int64_t k) { return ir_const_int(b, type_i64, k); }

/* The first limit: FIRST iterations on, but not beyond the end. */
static ValueId emit_near(Search *s, Builder *b, const ValueId *state) {
    const Counted *c = &s->h.counted[0];
    ValueId x = hot_emit_value(&s->h, b, c->x, state), stop = hot_emit_value(&s->h, b, c->stop, state);
    ValueId room = hot_emit_room(b, c, x, stop, FIRST);
    return ir_select(b, room, ir_binop(b, OP_iadd, x, i64(b, FIRST * c->step)), stop);
}

/* ---- 4. lanes ------------------------------------------------------------------------------------------------------ */

static const Type *lanes_of(const Search *s, const Type *t) { return type_vector(t, s->lanes); }

static ValueId emit_splat(Search *s, ValueId v) {
    if (s->splat[v] != NO_VALUE) return s->splat[v];
    ValueId state[HOT_MAX_PHIS];
    for (uint32_t k = 0; k < s->h.nphis; k++) state[k] = hot_phi(&s->h, k);
    Builder b = {.f = s->h.f, .block = s->ready, .span = s->h.span};
    ValueId x = hot_emit_value(&s->h, &b, v, state);
    return s->splat[v] = ir_emit(&b, OP_splat, lanes_of(s, value_type(s->h.f, x)), x);
}

static ValueId emit_lanes(Search *s, Builder *b, ValueId v, uint32_t group);

static ValueId emit_lanes_of_load(Search *s, Builder *b, ValueId v, uint32_t group) {
    uint32_t k = 0;
    while (s->access[k].load != v) k++;
    const Type *t = value_type(s->h.f, v);
    ValueId at = ir_ptr_add(b, s->access[k].base, i64(b, (int64_t)group * s->lanes * type_itemsize(t)));
    return ir_load(b, lanes_of(s, t), at);
}

static ValueId emit_lanes_of_op(Search *s, Builder *b, const Inst *i, uint32_t group) {
    ValueId *arg = arena_array(s->h.arena, ValueId, i->nargs + 1);
    const char *letter = i->op == OP_native ? native_info[i->imm.native].signature + 2 : NULL;
    for (uint32_t k = 0; k < i->nargs; k++) {
        bool alone = letter && letter[k] != '=';
        arg[k] = alone ? hot_value(&s->h, i->arg[k]) : emit_lanes(s, b, i->arg[k], group);
        if (alone) arg[k] = hot_emit_value(&s->h, b, arg[k], NULL);
    }
    ValueId v = ir_append(b, (Op)i->op, lanes_of(s, i->type), i->nargs, arg);
    inst_at(s->h.f, v)->imm = i->imm;
    inst_at(s->h.f, v)->sub = i->sub;
    inst_at(s->h.f, v)->fastmath = i->fastmath;
    return v;
}

static ValueId emit_lanes(Search *s, Builder *b, ValueId v, uint32_t group) {
    v = hot_value(&s->h, v);
    if (!depends(s, v)) return emit_splat(s, v);
    if (s->vector[v] != NO_VALUE) return s->vector[v];
    Inst i = *inst_at(s->h.f, v);
    ValueId x = i.op == OP_load ? emit_lanes_of_load(s, b, v, group) : emit_lanes_of_op(s, b, &i, group);
    return s->vector[v] = x;
}

static ValueId either(Builder *b, Op op, ValueId x, ValueId y) {
    return x == NO_VALUE ? y : ir_binop(b, op, x, y);
}

static ValueId emit_not(Search *s, Builder *b, ValueId lanes) {
    Builder at = {.f = s->h.f, .block = s->ready, .span = s->h.span};
    return ir_binop(b, OP_ixor, lanes,
                    ir_emit(&at, OP_splat, lanes_of(s, type_bool), ir_const_bool(&at, true)));
}

/* Which lanes of a group leave the loop.  `mask` by block: the lanes that come there, NO_VALUE: all; what comes behind an
 * exit that is taken does not matter. */
static ValueId emit_group(Search *s, Builder *b, uint32_t group) {
    ValueId hit = NO_VALUE, *mask = arena_array(s->h.arena, ValueId, s->h.f->block.n);
    bool *all = arena_array(s->h.arena, bool, s->h.f->block.n);
    for (ValueId v = 0; v < s->h.nvalues; v++) s->vector[v] = NO_VALUE;
    for (BlockId k = 0; k < s->h.f->block.n; k++) mask[k] = NO_VALUE;
    all[s->h.loop->header] = true;
    for (uint32_t k = 0; k < s->h.order.n; k++) {
        BlockId at = s->h.order.at[k];
        const Inst end = *inst_at(s->h.f, ir_terminator(s->h.f, at));
        bool branches = end.op == OP_condbr && end.imm.target[0] != end.imm.target[1];
        ValueId cond = branches ? hot_value(&s->h, end.arg[0]) : NO_VALUE;
        bool data = branches && !hot_is_poll(&s->h, cond) && !(depends(s, cond) & ON_COUNT);
        for (uint32_t t = 0; t < 1u + branches; t++) {
            BlockId to = end.imm.target[t];
            bool exits = !s->h.hot[to], stays = branches && !s->h.hot[end.imm.target[!t]];
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

/* ---- 5. the scan --------------------------------------------------------------------------------------------------- */

static BlockId new_block(Search *s) {
    BlockId b = ir_block(s->h.f);
    block_at(s->h.f, b)->loop_depth = hot_header(&s->h)->loop_depth;
    return b;
}

/* Do the accesses with a stride that is not known go through memory step by step, all in one direction?  Gives how far
 * before the first lane's element the lanes begin, in lanes. */
static ValueId emit_contiguous(Search *s, Builder *b, const ValueId *here, ValueId *back) {
    ValueId ok[2] = {NO_VALUE, NO_VALUE};
    bool can[2] = {true, true};
    for (uint32_t k = 0; k < s->naccesses; k++) {
        Growth g = s->access[k].growth;
        int64_t want = (int64_t)type_itemsize(value_type(s->h.f, s->access[k].load)) / g.k;
        if (g.factor == NO_VALUE) {
            can[want > 0] = false;
            continue;
        }
        ValueId stride = hot_emit_value(&s->h, b, g.factor, here);
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
        ValueId load = s->access[k].load,
                first = hot_emit_value(&s->h, b, inst_at(s->h.f, load)->arg[0], state);
        int64_t nbytes = type_itemsize(value_type(s->h.f, load));
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
    for (uint32_t k = 0; k < s->h.nphis; k++) {
        const Type *t = value_type(s->h.f, state[k]);
        int64_t step;
        out[k] = state[k];
        if (!hot_step(&s->h, hot_phi(&s->h, k), &step) || !step) continue;
        ValueId by = type_itemsize(t) < 8 ? ir_emit(b, OP_trunc, t, n) : n;
        out[k] = ir_binop(b, OP_iadd, state[k], ir_binop(b, OP_imul, by, ir_const_int(b, t, step)));
    }
}

/* The header's phis n iterations on.  A variable that each iteration sets has the value of the last one, if there is one. */
static void emit_state(Search *s, Builder *b, const ValueId *state, ValueId n, ValueId *out) {
    ValueId last[HOT_MAX_PHIS], none = NO_VALUE;
    emit_counters(s, b, state, n, out);
    for (uint32_t k = 0; k < s->h.nphis; k++) {
        int64_t step;
        if (hot_step(&s->h, hot_phi(&s->h, k), &step)) continue;
        if (none == NO_VALUE) {
            none = ir_icmp(b, PRED_EQ, n, i64(b, 0));
            ValueId before = ir_binop(b, OP_isub, n, i64(b, 1));
            emit_counters(s, b, state, ir_select(b, none, n, before), last);
        }
        out[k] = ir_select(b, none, state[k],
                           hot_emit_value(&s->h, b, hot_next(&s->h, hot_phi(&s->h, k)), last));
    }
}

static void add_phis(Search *s, BlockId b, ValueId *phi) {
    for (uint32_t k = 0; k < s->h.nphis; k++)
        phi[k] = ir_phi(s->h.f, b, value_type(s->h.f, hot_phi(&s->h, k)));
}

static void feed_phis(Search *s, const ValueId *phi, const ValueId *value) {
    for (uint32_t k = 0; k < s->h.nphis; k++) ir_phi_add(s->h.f, phi[k], value[k]);
}

/* Fills ready, room, scan and found; gives the state in `leave`. */
static void emit_scan(Search *s, ValueId *leaving) {
    ValueId state[HOT_MAX_PHIS], here[HOT_MAX_PHIS], next[HOT_MAX_PHIS], found[HOT_MAX_PHIS], back,
        room = NO_VALUE;
    int64_t lanes = (int64_t)s->lanes * s->ngroups;
    for (uint32_t k = 0; k < s->h.nphis; k++) here[k] = hot_phi(&s->h, k);
    add_phis(s, s->leave, leaving);
    add_phis(s, s->room, state);
    Builder ready = {.f = s->h.f, .block = s->ready, .span = s->h.span}, b = ready;
    ValueId contiguous = emit_contiguous(s, &ready, here, &back);

    b.block = s->room;
    for (uint32_t k = 0; k < s->h.ncounted; k++) {
        const Counted *c = &s->h.counted[k];
        ValueId x = hot_emit_value(&s->h, &b, c->x, state), stop = hot_emit_value(&s->h, &b, c->stop, state);
        room = either(&b, OP_iand, room, hot_emit_room(&b, c, x, stop, lanes - 1));
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

/* ---- 6. the limit in front of the scan ----------------------------------------------------------------------------- */

/* The limit on the way through the loop, by hot block; a detour goes to the scan with the next test. */
static void carry_near(Search *s, ValueId near, ValueId *at) {
    int64_t soon = s->h.counted[0].step > 0 ? INT64_MIN : INT64_MAX;
    for (uint32_t k = 0; k < s->h.order.n; k++) {
        BlockId b = s->h.order.at[k];
        const Block *block = block_at(s->h.f, b);
        bool same = true;
        if (b == s->h.loop->header) {
            at[b] = near;
            continue;
        }
        for (uint32_t p = 0; p < block->pred.n; p++)
            same &= s->h.hot[block->pred.at[p]] && at[block->pred.at[p]] == at[block->pred.at[0]];
        at[b] = same ? at[block->pred.at[0]] : ir_phi(s->h.f, b, type_i64);
        for (uint32_t p = 0; !same && p < block_at(s->h.f, b)->pred.n; p++) {
            BlockId from = block_at(s->h.f, b)->pred.at[p];
            ir_phi_add(s->h.f, at[b],
                       s->h.hot[from] ? at[from]
                                      : hot_emit_before_end(&s->h, from, emit_i64, NO_VALUE, soon));
        }
    }
    at[s->h.loop->header] = near;
    for (uint32_t p = 0; p < hot_header(&s->h)->pred.n; p++) {
        BlockId from = hot_header(&s->h)->pred.at[p];
        ValueId operand[HOT_MAX_PHIS];
        if (s->h.hot[from]) {
            ir_phi_add(s->h.f, near, at[from]);
            continue;
        }
        if (hot_is_in_loop(&s->h, from)) {
            ir_phi_add(s->h.f, near, hot_emit_before_end(&s->h, from, emit_i64, NO_VALUE, soon));
            continue;
        }
        for (uint32_t k = 0; k < s->h.nphis; k++) operand[k] = inst_at(s->h.f, hot_phi(&s->h, k))->arg[p];
        ValueId end = vec_pop(&block_at(s->h.f, from)->inst);
        Builder b = {.f = s->h.f, .block = from, .span = s->h.span};
        ir_phi_add(s->h.f, near, emit_near(s, &b, operand));
        vec_push(s->h.arena, &block_at(s->h.f, from)->inst, end);
    }
}

/* The first counted test compares with the limit, and `begin` with the end. */
static void lead_to_scan(Search *s, ValueId near) {
    Func *f = s->h.f;
    const Counted *c = &s->h.counted[0];
    ValueId end = vec_pop(&block_at(f, s->test)->inst), cond = inst_at(f, end)->arg[0];
    bool stay = s->h.hot[inst_at(f, end)->imm.target[0]];
    BlockId outside = inst_at(f, end)->imm.target[stay];
    Builder b = {.f = f, .block = s->test, .span = s->h.span};
    ValueId test = ir_icmp(&b, stay ? c->stay : hot_negated(c->stay), c->tested, near);
    if (inst_at(f, hot_value(&s->h, cond))->op == OP_iand) test = ir_binop(&b, OP_iand, test, cond);
    inst_at(f, end)->arg[0] = test;
    vec_push(s->h.arena, &block_at(f, s->test)->inst, end);

    uint32_t k = ir_pred_index(f, outside, s->test), nphis = 0;
    const Block *out = block_at(f, outside);
    ValueId *operand = arena_array(s->h.arena, ValueId, out->inst.n);
    for (; inst_at(f, out->inst.at[nphis])->op == OP_phi; nphis++)
        operand[nphis] = inst_at(f, out->inst.at[nphis])->arg[k];
    ir_edge_retarget(f, s->test, outside, s->begin);
    b.block = s->begin;
    ir_condbr(&b, cond, stay ? s->ready : outside, stay ? outside : s->ready);
    for (uint32_t n = 0; n < nphis; n++) ir_phi_add(f, block_at(f, outside)->inst.at[n], operand[n]);
}

static void transform(Search *s) {
    Func *f = s->h.f;
    ValueId leaving[HOT_MAX_PHIS], *at = arena_array(s->h.arena, ValueId, f->block.n);
    s->lanes = WIDTH / s->nbytes;
    s->ngroups = s->lanes * GROUPS > MAX_LANES ? MAX_LANES / s->lanes : GROUPS;
    s->vector = arena_array(s->h.arena, ValueId, s->h.nvalues);
    s->splat = arena_array(s->h.arena, ValueId, s->h.nvalues);
    for (ValueId v = 0; v < s->h.nvalues; v++) s->splat[v] = NO_VALUE;
    s->begin = new_block(s);
    s->ready = new_block(s);
    s->room = new_block(s);
    s->scan = new_block(s);
    s->found = new_block(s);
    s->leave = new_block(s);
    emit_scan(s, leaving);
    ValueId near = ir_phi(f, s->h.loop->header, type_i64);
    carry_near(s, near, at);
    lead_to_scan(s, at[s->test]);
    Builder b = {.f = f, .block = s->leave, .span = s->h.span};
    ValueId stop = hot_emit_value(&s->h, &b, s->h.counted[0].stop, leaving);
    ir_br(&b, s->h.loop->header);
    for (uint32_t k = 0; k < s->h.nphis; k++) ir_phi_add(f, hot_phi(&s->h, k), leaving[k]);
    ir_phi_add(f, near, stop);
    f->unit->searches++;
    func_remark(f, s->h.span, "vector", "searched %u at a time", s->lanes * s->ngroups);
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
        Search s = {.h = {.f = f, .arena = a, .dom = &dom, .loops = &loops, .loop = loops.loops.at[k]}};
        s.h.depends = search_depends;
        if (!find_hot(&s)) continue;
        s.h.nphis = hot_split_phis(&s.h, s.h.loop->header);
        if (s.h.nphis < HOT_MAX_PHIS && understand(&s)) transform(&s);
    }
}
