/* hot.c - loops along their usual way: see hot.h. */
#include "passes/hot.h"

enum { HOT_MAX_TREE = 100 };

/* ---- the hot blocks ------------------------------------------------------------------------------------------------ */

bool hot_is_in_loop(const HotLoop *h, BlockId b) {
    for (uint32_t k = 0; k < h->loop->blocks.n; k++)
        if (h->loop->blocks.at[k] == b) return true;
    return false;
}

/* What raises or serves a signal, and where a limit has been reached that is only there to have a checkpoint. */
static bool is_detour(const HotLoop *h, BlockId b) {
    const Inst *end = inst_at(h->f, ir_terminator(h->f, b));
    if (block_at(h->f, b)->cold) return true;
    if (h->without_limits || end->op != OP_condbr || !(end->flags & INST_COLD)) return false;
    const Loop *of = h->loops->of_block[b], *to = h->loops->of_block[end->imm.target[1]];
    while (to && to != of) to = to->parent;
    return !to;
}

bool hot_is_quiet(const Inst *i) {
    if (i->op == OP_native) return native_info[i->imm.native].attributes & NATIVE_PURE;
    return i->op == OP_load || i->op == OP_poll || i->op == OP_br || i->op == OP_condbr ||
           op_info[i->op].flags & OPF_PURE;
}

/* One hot way back to the header. */
static bool find_latch(HotLoop *h) {
    h->latch = NO_BLOCK;
    for (uint32_t k = 0; k < hot_header(h)->pred.n; k++) {
        BlockId p = hot_header(h)->pred.at[k];
        if (!h->hot[p]) continue;
        if (h->latch != NO_BLOCK) return false;
        h->latch = p;
    }
    return h->latch != NO_BLOCK;
}

static void visit_hot(HotLoop *h, BlockId b) {
    if (h->hot[b] || !hot_is_in_loop(h, b) || is_detour(h, b)) return;
    h->hot[b] = true;
    BlockId succ[2];
    uint32_t n = ir_successors(h->f, b, succ);
    bool unlikely = h->without_limits && inst_at(h->f, ir_terminator(h->f, b))->flags & INST_COLD;
    for (uint32_t k = unlikely; k < n; k++) visit_hot(h, succ[k]);
}

bool hot_find(HotLoop *h) {
    h->hot = arena_array(h->arena, bool, h->f->block.n);
    h->span = inst_at(h->f, ir_terminator(h->f, h->loop->header))->span;
    visit_hot(h, h->loop->header);
    for (uint32_t k = 0; k < h->dom->norder; k++)
        if (h->hot[h->dom->order[k]]) vec_push(h->arena, &h->order, h->dom->order[k]);
    return h->hot[h->loop->header] && find_latch(h);
}

/* ---- phis of single numbers ---------------------------------------------------------------------------------------- */

ValueId hot_emit_before_end(HotLoop *h, BlockId b, ValueId (*emit)(Builder *b, ValueId v, int64_t k),
                            ValueId v, int64_t k) {
    ValueId end = vec_pop(&block_at(h->f, b)->inst);
    Builder at = {.f = h->f, .block = b, .span = h->span};
    ValueId x = emit(&at, v, k);
    vec_push(h->arena, &block_at(h->f, b)->inst, end);
    return x;
}

static ValueId emit_field(Builder *b, ValueId v, int64_t k) { return ir_field(b, v, (uint32_t)k); }

static void split_phi(HotLoop *h, ValueId phi) {
    Func *f = h->f;
    const Type *t = value_type(f, phi);
    BlockId home = inst_at(f, phi)->block;
    ValueId *field = arena_array(h->arena, ValueId, t->nfields);
    for (uint32_t k = 0; k < t->nfields; k++) field[k] = ir_phi(f, home, t->field[k]);
    ValueId whole = ir_new(f, OP_make, t, t->nfields, field);
    uint32_t first = 0;
    while (inst_at(f, block_at(f, home)->inst.at[first])->op == OP_phi) first++;
    ir_insert(f, home, first, whole);
    inst_at(f, whole)->span = inst_at(f, phi)->span;
    ir_replace_uses(f, phi, whole);
    for (uint32_t p = 0; p < block_at(f, home)->pred.n; p++)
        for (uint32_t k = 0; k < t->nfields; k++)
            ir_phi_add(f, field[k],
                       hot_emit_before_end(h, block_at(f, home)->pred.at[p], emit_field,
                                           inst_at(f, phi)->arg[p], k));
    ir_delete(f, phi);
}

/* A field of a loop's state that no iteration changes is what it was in front of the loop. */
static ValueId field_of_phi(const HotLoop *h, const Inst *phi, uint32_t field) {
    ValueId one = NO_VALUE;
    for (uint32_t k = 0; k < phi->nargs; k++) {
        const Inst *whole = inst_at(h->f, phi->arg[k]);
        if (whole->op != OP_make) return NO_VALUE;
        const Inst *part = inst_at(h->f, whole->arg[field]);
        if (part->op == OP_field && part->imm.field == field && inst_at(h->f, part->arg[0]) == phi) continue;
        if (one != NO_VALUE && one != whole->arg[field]) return NO_VALUE;
        one = whole->arg[field];
    }
    return one;
}

/* Fields of what has been put together, through any number of levels. */
ValueId hot_resolve(const HotLoop *h, ValueId v) {
    const Inst *i = inst_at(h->f, v), *whole;
    if (i->op != OP_field) return v;
    whole = inst_at(h->f, hot_resolve(h, i->arg[0]));
    if (whole->op == OP_make) return hot_resolve(h, whole->arg[i->imm.field]);
    ValueId one = whole->op == OP_phi ? field_of_phi(h, whole, i->imm.field) : NO_VALUE;
    return one == NO_VALUE ? v : hot_resolve(h, one);
}

static bool drop_phi_of_one(HotLoop *h, ValueId phi) {
    ValueId one = NO_VALUE;
    const Inst *i = inst_at(h->f, phi);
    for (uint32_t k = 0; k < i->nargs; k++) {
        ValueId x = hot_resolve(h, i->arg[k]);
        if (x == phi || x == one) continue;
        if (one != NO_VALUE) return false;
        one = x;
    }
    if (one == NO_VALUE) return false;
    ir_replace_uses(h->f, phi, one);
    ir_delete(h->f, phi);
    return true;
}

uint32_t hot_split_phis(HotLoop *h, BlockId b) {
    uint32_t k = 0;
    while (inst_at(h->f, block_at(h->f, b)->inst.at[k])->op == OP_phi && k < HOT_MAX_PHIS) {
        ValueId phi = block_at(h->f, b)->inst.at[k];
        if (value_type(h->f, phi)->nfields) split_phi(h, phi);
        else if (!drop_phi_of_one(h, phi)) k++;
    }
    return k;
}

/* The end that a limit is before. */
static ValueId behind_limit(const HotLoop *h, ValueId v) {
    const Inst *i = inst_at(h->f, v);
    if (i->op == OP_select) return i->arg[2];
    const Block *header = block_at(h->f, i->block);
    for (uint32_t k = 0; k < i->nargs; k++)
        if (!dom_dominates(h->dom, i->block, header->pred.at[k])) return i->arg[k];
    return v;
}

/* What a value is in an iteration that has come by hot blocks only. */
ValueId hot_value(const HotLoop *h, ValueId v) {
    v = hot_resolve(h, v);
    const Inst *i = inst_at(h->f, v);
    if (h->without_limits && i->flags & INST_LIMIT) return hot_value(h, behind_limit(h, v));
    if (i->op != OP_phi || i->block == h->loop->header || !h->hot[i->block]) return v;
    ValueId one = NO_VALUE;
    for (uint32_t k = 0; k < i->nargs; k++) {
        if (!h->hot[block_at(h->f, i->block)->pred.at[k]]) continue;
        if (one != NO_VALUE && one != i->arg[k]) return v;
        one = i->arg[k];
    }
    return one == NO_VALUE ? v : hot_value(h, one);
}

ValueId hot_next(const HotLoop *h, ValueId phi) {
    return hot_value(h, inst_at(h->f, phi)->arg[ir_pred_index(h->f, h->loop->header, h->latch)]);
}

bool hot_is_const(const HotLoop *h, ValueId v, int64_t *value) {
    const Inst *i = inst_at(h->f, v);
    *value = i->imm.i;
    return i->op == OP_const_int;
}

/* A phi's step if it is a counter: any integer, as sums wrap. */
bool hot_step(const HotLoop *h, ValueId phi, int64_t *step) {
    ValueId next = hot_next(h, phi);
    const Inst *i = inst_at(h->f, next);
    *step = 0;
    if (next == phi) return true;
    if (i->op != OP_iadd && i->op != OP_isub) return false;
    ValueId x = hot_value(h, i->arg[0]), y = hot_value(h, i->arg[1]);
    if (i->op == OP_iadd && y == phi) y = x, x = phi;
    if (x != phi || !hot_is_const(h, y, step) || *step < -INT32_MAX || *step > INT32_MAX) return false;
    if (i->op == OP_isub) *step = -*step;
    return true;
}

/* ---- growth -------------------------------------------------------------------------------------------------------- */

static Growth sum(Growth a, Growth b, int64_t sign) {
    if (!a.ok || !b.ok || (a.k && b.k && a.factor != b.factor)) return (Growth){0};
    Growth c = {true, a.k + sign * b.k, a.k ? a.factor : b.factor};
    return c;
}

static Growth product(const HotLoop *h, Growth a, ValueId y) {
    int64_t k;
    if (!a.ok || !a.k) return a;
    if (hot_is_const(h, y, &k)) {
        a.ok = !__builtin_mul_overflow(a.k, k, &a.k);
        return a;
    }
    a.ok = a.factor == NO_VALUE;
    a.factor = y;
    return a;
}

static Growth growth_of_product(HotLoop *h, ValueId x, ValueId y) {
    if (!h->depends(h, y)) return product(h, hot_growth(h, x), hot_value(h, y));
    return h->depends(h, x) ? (Growth){0} : product(h, hot_growth(h, y), hot_value(h, x));
}

Growth hot_growth(HotLoop *h, ValueId v) {
    v = hot_value(h, v);
    const Inst *i = inst_at(h->f, v);
    Growth g = {true, 0, NO_VALUE};
    unsigned on = h->depends(h, v);
    if (!on) return g;
    if (on != ON_COUNT || (i->type != type_i64 && i->type != type_ptr)) return (Growth){0};
    switch (i->op) {
    case OP_phi: g.ok = hot_step(h, v, &g.k); return g;
    case OP_iadd:
    case OP_ptr_add: return sum(hot_growth(h, i->arg[0]), hot_growth(h, i->arg[1]), 1);
    case OP_isub: return sum(hot_growth(h, i->arg[0]), hot_growth(h, i->arg[1]), -1);
    case OP_imul: return growth_of_product(h, i->arg[0], i->arg[1]);
    default: return (Growth){0};
    }
}

/* ---- values of other iterations, and counted tests ----------------------------------------------------------------- */

/* Few operations: what emit_value writes out as a tree, however often a value is used in it. */
static bool is_short(const HotLoop *h, ValueId v, uint32_t *left) {
    const Inst *i = inst_at(h->f, v = hot_value(h, v));
    if (!h->hot[i->block] || (i->op == OP_phi && i->block == h->loop->header)) return true;
    if (!*left) return false;
    --*left;
    for (uint32_t k = 0; k < i->nargs; k++)
        if (!is_short(h, i->arg[k], left)) return false;
    return true;
}

bool hot_can_emit(const HotLoop *h, ValueId v) {
    uint32_t left = HOT_MAX_TREE;
    return is_short(h, v, &left);
}

/* v where the header's phis are `state`; the block at hand must be dominated by what the loop does not change. */
ValueId hot_emit_value(HotLoop *h, Builder *b, ValueId v, const ValueId *state) {
    v = hot_value(h, v);
    for (uint32_t k = 0; k < h->nphis; k++)
        if (hot_phi(h, k) == v) return state[k];
    if (v >= h->nvalues || !h->hot[inst_at(h->f, v)->block]) return v;
    Inst i = *inst_at(h->f, v);
    ValueId *arg = arena_array(h->arena, ValueId, i.nargs + 1);
    for (uint32_t k = 0; k < i.nargs; k++) arg[k] = hot_emit_value(h, b, i.arg[k], state);
    ValueId copy = ir_append(b, (Op)i.op, i.type, i.nargs, arg);
    inst_at(h->f, copy)->imm = i.imm;
    inst_at(h->f, copy)->sub = i.sub;
    inst_at(h->f, copy)->fastmath = i.fastmath;
    return copy;
}

Predicate hot_negated(Predicate p) {
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
bool hot_add_counted(HotLoop *h, ValueId cond, bool stay) {
    const Inst *i = inst_at(h->f, cond = hot_value(h, cond));
    if (i->op == OP_iand && stay)
        return hot_add_counted(h, i->arg[0], true) && hot_add_counted(h, i->arg[1], true);
    if (i->op != OP_icmp || !is_order((Predicate)i->sub) || h->ncounted == HOT_MAX_TESTS) return false;
    bool left = h->depends(h, i->arg[0]) == ON_COUNT;
    Counted c = {
        .x = hot_value(h, i->arg[!left]), .stop = hot_value(h, i->arg[left]), .tested = i->arg[!left]};
    c.stay = left ? (Predicate)i->sub : swapped((Predicate)i->sub);
    if (!stay) c.stay = hot_negated(c.stay);
    if (!hot_can_emit(h, c.x) || !hot_can_emit(h, c.stop)) return false;
    Growth g = hot_growth(h, c.x);
    bool up = c.stay == PRED_LT || c.stay == PRED_LE;
    c.step = g.k;
    if (value_type(h->f, c.x) != type_i64 || h->depends(h, c.stop) || !g.ok || g.factor != NO_VALUE ||
        !(up ? g.k > 0 : g.k < 0) || g.k < -INT32_MAX || g.k > INT32_MAX)
        return false;
    h->counted[h->ncounted++] = c;
    return true;
}

bool hot_is_poll(const HotLoop *h, ValueId cond) {
    const Inst *i = inst_at(h->f, cond);
    return i->op == OP_icmp && inst_at(h->f, i->arg[0])->op == OP_poll;
}

/* x stay stop, and more than n steps to go: in lane n, too. */
ValueId hot_emit_room(Builder *b, const Counted *c, ValueId x, ValueId stop, int64_t n) {
    bool up = c->step > 0, strict = c->stay == PRED_LT || c->stay == PRED_GT;
    ValueId distance = up ? ir_binop(b, OP_isub, stop, x) : ir_binop(b, OP_isub, x, stop),
            need = ir_const_int(b, type_i64, n * (up ? c->step : -c->step));
    ValueId far = ir_icmp(b, strict ? PRED_UGT : PRED_UGE, distance, need);
    return ir_binop(b, OP_iand, ir_icmp(b, c->stay, x, stop), far);
}
