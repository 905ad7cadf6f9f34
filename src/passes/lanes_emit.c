/* lanes_emit.c - the vector code of a region: see lanes.c.
 *
 * Levels.  The region's own blocks, and those of each loop in it, are a level.  A level is written out as straight code, in
 * reverse postorder: whatever lanes do not come by a block, it is computed, and phis choose.  A loop in it stays a loop.
 *
 * Masks.  Which lanes come by a block is a bool for all lanes (`scalar`) and a vector of integers, 0 or -1, as wide as the
 * numbers that are computed with (`vector`): so LLVM needs no conversion between comparison and choice.  Both must hold.
 *
 * Loops.  Lanes at work (`act`) become fewer by every exit that some of them take; when there are none, the loop ends:
 *
 *     enter:  is a lane at work?  --no--> behind
 *     head:   x = phi, act = phi, left = phi       left: what the lanes that have left the loop leave behind
 *             ...
 *     exit:   leave = act and cond; left = leave ? x : left; act = act and not leave; is a lane at work?  --no--> behind
 *             ...                                                                             | yes
 *             to head
 *
 * What lanes that have left compute from then on is not seen.  A loop that all lanes leave together has no act and no left.
 *
 * Bails.  Where a lane would leave the hot blocks (it raises, leaves the outer loop, a signal waits), what has been computed
 * is dropped, and the loop does these iterations itself.
 */
#include "passes/lanes.h"

typedef struct {
    ValueId scalar, vector; /* NO_VALUE: of all lanes */
} Mask;

typedef struct {
    BlockId to;
    Mask mask;
    ValueId *value; /* by phi of `to` */
} Edge;

/* What a loop leaves behind: a phi of a block that it leaves to, a value, or whether a lane has left to a target. */
typedef enum { VAR_PHI, VAR_VALUE, VAR_GONE } VarKind;
typedef struct {
    VarKind kind;
    uint32_t target, phi;
    ValueId value;
    const Type *type;
} Var;

typedef struct {
    BlockId from;
    ValueId *value; /* by Var */
} Arrival;

typedef struct Level Level;
struct Level {
    Level *parent;
    const Loop *loop;
    BlockId entry;
    bool diverges;
    ValueId act; /* lanes at work; NO_VALUE: all */
    Edge back;   /* of a loop: to its header */
    uint32_t ntargets;
    BlockId target[LANES_MAX_TARGETS];
    Vec(Var) vars;
    ValueId *now; /* by Var: of lanes that have left */
    BlockId behind;
    Vec(Arrival) arrivals;
};

typedef struct {
    Lanes *s;
    Func *f;
    Arena *arena;
    Builder b;
    ValueId *copy; /* by value: in the vector code */
    Vec(Edge) edges;
    const Type *mask_type;
    BlockId bail;
    ValueId safe;    /* address of bytes that may be read */
    ValueId at_work; /* bool: does a lane come by the block at hand; NO_VALUE: one does */
} Emit;

static const Mask everywhere = {NO_VALUE, NO_VALUE};
static Inst *inst_of(const Emit *e, ValueId v) { return inst_at(e->f, v); }
static bool is_vector(const Emit *e, ValueId v) { return value_type(e->f, v)->kind == TYPE_VECTOR; }
static const Type *lanes_of(const Emit *e, const Type *t) { return type_vector(t, e->s->nlanes); }
static ValueId i64(Emit *e, int64_t k) { return ir_const_int(&e->b, type_i64, k); }
static const Loop *loop_of(const Emit *e, BlockId b) { return lanes_loop_of(e->s, b); }

static BlockId new_block(Emit *e) {
    BlockId b = ir_block(e->f);
    block_at(e->f, b)->loop_depth = hot_header(&e->s->h)->loop_depth + 1;
    return b;
}

/* ---- values -------------------------------------------------------------------------------------------------------- */

static ValueId splat(Emit *e, ValueId x) {
    return ir_emit(&e->b, OP_splat, lanes_of(e, value_type(e->f, x)), x);
}

static ValueId get(Emit *e, ValueId v) {
    v = hot_value(&e->s->h, v);
    return v < e->s->h.nvalues && e->copy[v] != NO_VALUE ? e->copy[v] : v;
}

static ValueId get_as(Emit *e, ValueId v, bool vector) {
    ValueId x = get(e, v);
    return vector && !is_vector(e, x) ? splat(e, x) : x;
}

static ValueId zero_of(Emit *e, const Type *t) {
    const Type *number = t->kind == TYPE_VECTOR ? t->elem[0] : t;
    ValueId zero = number->kind == TYPE_FLOAT  ? ir_const_float(&e->b, number, 0)
                   : number->kind == TYPE_BOOL ? ir_const_bool(&e->b, false)
                                               : ir_const_int(&e->b, number, 0);
    return t->kind == TYPE_VECTOR ? splat(e, zero) : zero;
}

static bool varies(const Emit *e, ValueId v) { return e->s->traits[v] & VARIES; }

/* ---- masks --------------------------------------------------------------------------------------------------------- */

static ValueId to_mask(Emit *e, ValueId lanes) { return ir_emit(&e->b, OP_sext, e->mask_type, lanes); }

/* From the sign: machines choose by it. */
static ValueId to_bools(Emit *e, ValueId mask) {
    ValueId v = ir_emit(&e->b, OP_icmp, lanes_of(e, type_bool), mask, zero_of(e, e->mask_type));
    inst_of(e, v)->sub = PRED_LT;
    return v;
}

static ValueId any_lane(Emit *e, ValueId mask) {
    return ir_emit(&e->b, OP_any, type_bool, to_bools(e, mask));
}

static ValueId both(Emit *e, ValueId x, ValueId y) {
    if (x == NO_VALUE || x == y) return y;
    return y == NO_VALUE ? x : ir_binop(&e->b, OP_iand, x, y);
}

static ValueId not_scalar(Emit *e, ValueId x) {
    return ir_binop(&e->b, OP_ixor, x, ir_const_bool(&e->b, true));
}
static ValueId not_mask(Emit *e, ValueId mask) {
    return ir_binop(&e->b, OP_ixor, mask, splat(e, ir_const_int(&e->b, e->mask_type->elem[0], -1)));
}

/* As one vector; NO_VALUE: all lanes. */
static ValueId whole_mask(Emit *e, Mask m) {
    return m.scalar == NO_VALUE ? m.vector : both(e, m.vector, to_mask(e, splat(e, m.scalar)));
}

/* Lanes of `m` for which cond, a bool or a vector of bools, is `wanted`. */
static Mask narrow(Emit *e, Mask m, ValueId cond, bool wanted) {
    if (is_vector(e, cond)) {
        ValueId lanes = to_mask(e, cond);
        m.vector = both(e, m.vector, wanted ? lanes : not_mask(e, lanes));
    } else {
        m.scalar = both(e, m.scalar, wanted ? cond : not_scalar(e, cond));
    }
    return m;
}

static Mask either(Emit *e, Mask x, Mask y) {
    if (x.vector == y.vector) {
        if (x.scalar == NO_VALUE || y.scalar == NO_VALUE) return (Mask){NO_VALUE, x.vector};
        return (Mask){ir_binop(&e->b, OP_ior, x.scalar, y.scalar), x.vector};
    }
    ValueId p = whole_mask(e, x), q = whole_mask(e, y);
    if (p == NO_VALUE || q == NO_VALUE) return everywhere;
    return (Mask){NO_VALUE, ir_binop(&e->b, OP_ior, p, q)};
}

/* ---- edges --------------------------------------------------------------------------------------------------------- */

static uint32_t count_phis(const Emit *e, BlockId b) {
    const Block *block = block_at(e->f, b);
    uint32_t n = 0;
    while (n < block->inst.n && inst_of(e, block->inst.at[n])->op == OP_phi) n++;
    return n;
}

static ValueId phi_of(const Emit *e, BlockId b, uint32_t k) { return block_at(e->f, b)->inst.at[k]; }

static ValueId *values_on_edge(Emit *e, BlockId from, BlockId to) {
    uint32_t n = count_phis(e, to), pred = ir_pred_index(e->f, to, from);
    ValueId *value = arena_array(e->arena, ValueId, n + 1);
    for (uint32_t k = 0; k < n; k++) {
        ValueId phi = phi_of(e, to, k);
        value[k] = get_as(e, inst_of(e, phi)->arg[pred], varies(e, phi));
    }
    return value;
}

/* x where the mask holds, else y; lanes that are not at work in the level do not matter. */
static ValueId choose(Emit *e, const Level *l, Mask m, ValueId x, ValueId y) {
    if (x == y) return x;
    if (m.vector == l->act) return m.scalar == NO_VALUE ? x : ir_select(&e->b, m.scalar, x, y);
    return ir_select(&e->b, to_bools(e, whole_mask(e, m)), x, y);
}

/* All edges to b as one. */
static Edge merge(Emit *e, const Level *l, BlockId b) {
    Edge one = {.to = NO_BLOCK};
    uint32_t nphis = count_phis(e, b);
    for (uint32_t k = 0; k < e->edges.n; k++) {
        Edge x = e->edges.at[k];
        if (x.to != b) continue;
        if (one.to == NO_BLOCK) {
            one = x;
            continue;
        }
        for (uint32_t n = 0; n < nphis; n++) one.value[n] = choose(e, l, x.mask, x.value[n], one.value[n]);
        one.mask = either(e, one.mask, x.mask);
    }
    return one;
}

/* ---- leaving a loop ------------------------------------------------------------------------------------------------ */

/* A value that has been computed, if only for lanes that do not leave here, is at hand: the code of a level is straight. */
static bool applies(const Emit *e, const Level *l, const Var *var, BlockId to) {
    return var->kind == VAR_VALUE ? e->copy[var->value] != NO_VALUE : l->target[var->target] == to;
}

static ValueId var_on_exit(Emit *e, const Var *var, const ValueId *phi_value) {
    if (var->kind == VAR_PHI) return phi_value[var->phi];
    if (var->kind == VAR_VALUE) return get_as(e, var->value, var->type->kind == TYPE_VECTOR);
    if (var->type == type_bool) return ir_const_bool(&e->b, true);
    return splat(e, ir_const_int(&e->b, var->type->elem[0], -1));
}

/* What has been left behind, once the lanes of `leave` (NO_VALUE: all that are at work) go too. */
static ValueId *leave_behind(Emit *e, Level *l, BlockId to, ValueId leave, const ValueId *value) {
    ValueId *out = arena_array(e->arena, ValueId, l->vars.n + 1), lanes = NO_VALUE;
    for (uint32_t k = 0; k < l->vars.n; k++) {
        const Var *var = &l->vars.at[k];
        out[k] = l->diverges ? l->now[k] : zero_of(e, var->type);
        if (!applies(e, l, var, to)) continue;
        ValueId x = var_on_exit(e, var, value);
        if (!l->diverges || leave == NO_VALUE) {
            out[k] = x;
            continue;
        }
        if (lanes == NO_VALUE) lanes = to_bools(e, leave);
        out[k] = ir_select(&e->b, lanes, x, out[k]);
    }
    return out;
}

static void arrive(Emit *e, Level *l, BlockId from, ValueId *value) {
    vec_push(e->arena, &l->arrivals, ((Arrival){from, value}));
}

/* All lanes at work leave if `cond` (NO_VALUE: they do). */
static void leave_together(Emit *e, Level *l, BlockId to, ValueId cond, const ValueId *value) {
    BlockId out = new_block(e), stay = new_block(e);
    if (cond == NO_VALUE) ir_br(&e->b, out);
    else ir_condbr(&e->b, cond, out, stay);
    e->b.block = out;
    ValueId *left = leave_behind(e, l, to, l->act, value);
    arrive(e, l, out, left);
    ir_br(&e->b, l->behind);
    e->b.block = stay;
}

static void leave_loop(Emit *e, Level *l, BlockId to, Mask m, const ValueId *value) {
    if (!l->diverges || m.vector == l->act) {
        leave_together(e, l, to, m.scalar, value);
        return;
    }
    ValueId leave = whole_mask(e, m);
    l->now = leave_behind(e, l, to, leave, value);
    l->act = both(e, l->act, not_mask(e, leave));
    BlockId stay = new_block(e), from_here = e->b.block;
    ir_condbr(&e->b, any_lane(e, l->act), stay, l->behind);
    arrive(e, l, from_here, l->now);
    e->b.block = stay;
}

static void route(Emit *e, Level *l, BlockId to, Mask m, ValueId *value) {
    bool is_loop = l->parent != NULL;
    if (is_loop && !lanes_has(e->s, l->loop, to)) {
        leave_loop(e, l, to, m, value);
        return;
    }
    Edge edge = {to, m, value};
    if (is_loop && to == l->entry) l->back = edge;
    else vec_push(e->arena, &e->edges, edge);
}

/* ---- instructions -------------------------------------------------------------------------------------------------- */

static ValueId emit_copy(Emit *e, const Inst *i, const Type *type, const ValueId *arg) {
    ValueId v = ir_append(&e->b, (Op)i->op, type, i->nargs, arg);
    Inst *copy = inst_of(e, v);
    copy->imm = i->imm;
    copy->sub = i->sub;
    copy->fastmath = i->fastmath;
    copy->span = i->span;
    return v;
}

/* An address in one lane. */
static ValueId emit_address(Emit *e, ValueId v, uint32_t lane) {
    v = hot_value(&e->s->h, v);
    const Inst i = *inst_of(e, v);
    if (v >= e->s->h.nvalues || !e->s->h.hot[i.block] || !varies(e, v)) return get(e, v);
    if (i.op == OP_phi && i.block == e->s->h.loop->header) {
        int64_t step;
        hot_step(&e->s->h, v, &step);
        return lane ? ir_binop(&e->b, OP_iadd, v, ir_const_int(&e->b, i.type, step * lane)) : v;
    }
    bool sums = i.op == OP_ptr_add ||
                (i.type == type_i64 && (i.op == OP_iadd || i.op == OP_isub || i.op == OP_imul));
    if (sums)
        return emit_copy(e, &i, i.type,
                         (ValueId[]){emit_address(e, i.arg[0], lane), emit_address(e, i.arg[1], lane)});
    ValueId one = ir_emit(&e->b, OP_extract, i.type, get(e, v));
    inst_of(e, one)->imm.i = lane;
    return one;
}

static ValueId emit_load(Emit *e, ValueId v, const Inst *i) {
    if (!varies(e, v)) {
        ValueId at = get(e, i->arg[0]);
        if (e->at_work != NO_VALUE) at = ir_select(&e->b, e->at_work, at, e->safe);
        return emit_copy(e, i, i->type, &at);
    }
    if (lanes_is_contiguous(e->s, v))
        return ir_load(&e->b, lanes_of(e, i->type), emit_address(e, i->arg[0], 0));
    ValueId *lane = arena_array(e->arena, ValueId, e->s->nlanes);
    for (uint32_t k = 0; k < e->s->nlanes; k++)
        lane[k] = ir_load(&e->b, i->type, emit_address(e, i->arg[0], k));
    return ir_append(&e->b, OP_vector, lanes_of(e, i->type), e->s->nlanes, lane);
}

/* Some operands are the same for all lanes: what is no number, and those of intrinsics whose letter is no "=". */
static bool wants_lanes(const Emit *e, const Inst *i, uint32_t k) {
    if (i->op != OP_native) return true;
    return native_is_intrinsic(i->imm.native) ? native_info[i->imm.native].signature[2 + k] == '='
                                              : value_type(e->f, i->arg[k])->kind <= TYPE_FLOAT;
}

static ValueId emit_op(Emit *e, ValueId v, const Inst *i) {
    ValueId *arg = arena_array(e->arena, ValueId, i->nargs + 1);
    bool vector = varies(e, v);
    for (uint32_t k = 0; k < i->nargs; k++) arg[k] = get_as(e, i->arg[k], vector && wants_lanes(e, i, k));
    return emit_copy(e, i, vector ? lanes_of(e, i->type) : i->type, arg);
}

static void emit_inst(Emit *e, ValueId v) {
    const Inst i = *inst_of(e, v);
    if (!lanes_is_region_op(&i) || i.op == OP_phi || hot_value(&e->s->h, v) != v || e->s->traits[v] & CARRIED)
        return;
    if ((i.op == OP_ptr_add && varies(e, v)) || hot_is_poll(&e->s->h, v))
        return; /* emit_address, emit_loop */
    e->copy[v] = i.op == OP_load ? emit_load(e, v, &i) : emit_op(e, v, &i);
}

static void emit_insts(Emit *e, BlockId b) {
    for (uint32_t k = 0; k < block_at(e->f, b)->inst.n; k++) emit_inst(e, block_at(e->f, b)->inst.at[k]);
}

/* ---- branches ------------------------------------------------------------------------------------------------------ */

/* Drops everything if `cond`. */
static void bail_if(Emit *e, ValueId cond) {
    BlockId on = new_block(e);
    ir_condbr(&e->b, cond, e->bail, on);
    inst_of(e, ir_terminator(e->f, e->b.block))->flags |= INST_COLD;
    e->b.block = on;
}

static void bail_if_any(Emit *e, Mask m, bool is_whole) {
    ValueId cond = m.scalar;
    if (m.vector != NO_VALUE && (!is_whole || cond == NO_VALUE)) cond = both(e, cond, any_lane(e, m.vector));
    bail_if(e, cond == NO_VALUE ? ir_const_bool(&e->b, true) : cond);
}

/* What control does that goes on to a block, in the order in which it is written out: lanes that have left are at work no
 * more. */
typedef enum { BAILS, LEAVES, STAYS, NWAYS } Way;

static bool is_region(const Emit *e, BlockId b) { return e->s->inside[b] || b == e->s->end; }

static Way way_to(const Emit *e, const Level *l, BlockId to) {
    if (!is_region(e, to)) return BAILS;
    return l->parent && !lanes_has(e->s, l->loop, to) ? LEAVES : STAYS;
}

/* Some lanes of the block go one way, some the other. */
static bool parts(Way way, Way other, bool is_whole) {
    if (way == BAILS || other == BAILS) return way == BAILS;
    return way == LEAVES || other == STAYS || !is_whole;
}

static void emit_branch(Emit *e, Level *l, BlockId b, Mask m) {
    const Inst end = *inst_of(e, ir_terminator(e->f, b));
    bool branches = end.op == OP_condbr && end.imm.target[0] != end.imm.target[1],
         is_whole = lanes_is_whole(e->s, b),
         poll = branches && hot_is_poll(&e->s->h, hot_value(&e->s->h, end.arg[0]));
    ValueId cond = branches && !poll ? get(e, end.arg[0]) : NO_VALUE;
    for (Way way = BAILS; way < NWAYS; way++) {
        for (uint32_t t = 0; t < 1u + branches; t++) {
            BlockId to = end.imm.target[t];
            if (way_to(e, l, to) != way || (poll && way == BAILS)) continue;
            Mask here = is_whole ? (Mask){NO_VALUE, l->act} : m;
            bool some = cond != NO_VALUE && parts(way, way_to(e, l, end.imm.target[!t]), is_whole);
            if (some) here = narrow(e, here, cond, !t);
            if (way == BAILS) bail_if_any(e, here, is_whole && some && !is_vector(e, cond));
            else route(e, l, to, here, values_on_edge(e, b, to));
        }
    }
}

static void emit_level(Emit *e, Level *l);

static bool has_load(const Emit *e, BlockId b) {
    for (uint32_t k = 0; k < block_at(e->f, b)->inst.n; k++)
        if (inst_of(e, block_at(e->f, b)->inst.at[k])->op == OP_load) return true;
    return false;
}

static void emit_block(Emit *e, Level *l, BlockId b) {
    Mask m = {NO_VALUE, l->act};
    if (b != l->entry) {
        Edge in = merge(e, l, b);
        for (uint32_t k = 0; k < count_phis(e, b); k++) e->copy[phi_of(e, b, k)] = in.value[k];
        if (!lanes_is_whole(e->s, b)) m = in.mask;
        if (!lanes_is_whole(e->s, b) && has_load(e, b)) {
            ValueId some = m.vector == NO_VALUE ? NO_VALUE : any_lane(e, m.vector);
            e->at_work = both(e, m.scalar, some);
        }
    }
    emit_insts(e, b);
    e->at_work = NO_VALUE;
    emit_branch(e, l, b, m);
}

/* ---- loops --------------------------------------------------------------------------------------------------------- */

static void add_target(Emit *e, Level *l, BlockId to) {
    for (uint32_t k = 0; k < l->ntargets; k++)
        if (l->target[k] == to) return;
    uint32_t t = l->ntargets++;
    l->target[t] = to;
    for (uint32_t k = 0; k < count_phis(e, to); k++) {
        const Type *type = value_type(e->f, phi_of(e, to, k));
        if (varies(e, phi_of(e, to, k))) type = lanes_of(e, type);
        vec_push(e->arena, &l->vars, ((Var){VAR_PHI, t, k, NO_VALUE, type}));
    }
}

static void add_value(Emit *e, Level *l, ValueId v, BlockId use) {
    v = hot_value(&e->s->h, v);
    const Inst *i = inst_of(e, v);
    if (v >= e->s->h.nvalues || i->block == NO_BLOCK || !e->s->inside[i->block] ||
        !lanes_has(e->s, l->loop, i->block) || lanes_has(e->s, l->loop, use) || !lanes_is_region_op(i) ||
        i->type->kind > TYPE_FLOAT)
        return;
    for (uint32_t k = 0; k < l->vars.n; k++)
        if (l->vars.at[k].value == v) return;
    bool vector = varies(e, v) || l->diverges;
    for (const Loop *of = loop_of(e, i->block); of != l->loop; of = lanes_outer(e->s, of))
        vector |= e->s->inner[of->index].diverges;
    vec_push(e->arena, &l->vars, ((Var){VAR_VALUE, 0, 0, v, vector ? lanes_of(e, i->type) : i->type}));
}

static void find_targets(Emit *e, Level *l) {
    for (uint32_t k = 0; k < l->loop->blocks.n; k++) {
        BlockId b = l->loop->blocks.at[k], succ[2];
        if (!e->s->inside[b]) continue;
        uint32_t n = ir_successors(e->f, b, succ);
        for (uint32_t t = 0; t < n; t++)
            if (is_region(e, succ[t]) && !lanes_has(e->s, l->loop, succ[t])) add_target(e, l, succ[t]);
    }
    for (uint32_t t = 0; l->ntargets > 1 && t < l->ntargets; t++)
        vec_push(e->arena, &l->vars,
                 ((Var){VAR_GONE, t, 0, NO_VALUE, l->diverges ? e->mask_type : type_bool}));
}

/* What is used in the region behind the loop, but not by a phi that the loop leads to, and what leaves the region. */
static void find_left_behind(Emit *e, Level *l) {
    for (uint32_t k = 0; k < e->s->h.order.n; k++) {
        BlockId b = e->s->h.order.at[k];
        if (!e->s->inside[b] && b != e->s->end) continue;
        for (uint32_t n = 0; n < block_at(e->f, b)->inst.n; n++) {
            const Inst i = *inst_of(e, block_at(e->f, b)->inst.at[n]);
            if (i.op == OP_make || (b == e->s->end && i.op != OP_phi)) continue;
            for (uint32_t a = 0; a < i.nargs; a++)
                add_value(e, l, i.arg[a], i.op == OP_phi ? block_at(e->f, b)->pred.at[a] : b);
        }
    }
    for (uint32_t k = 0; k < e->s->nouts; k++) add_value(e, l, e->s->out[k], e->s->end);
}

/* Phis of the vector loop's head, all fed by the way in. */
typedef struct {
    ValueId *phi, *var, act;
    uint32_t nphis;
} Head;

static ValueId new_phi(Emit *e, const Type *t, ValueId first) {
    ValueId phi = ir_phi(e->f, e->b.block, t);
    ir_phi_add(e->f, phi, first);
    return phi;
}

static Head emit_head(Emit *e, Level *l, const Edge *in, const ValueId *zero) {
    Head h = {.nphis = count_phis(e, l->entry), .act = NO_VALUE};
    h.phi = arena_array(e->arena, ValueId, h.nphis + 1);
    h.var = arena_array(e->arena, ValueId, l->vars.n + 1);
    for (uint32_t k = 0; k < h.nphis; k++) {
        ValueId old = phi_of(e, l->entry, k);
        const Type *t = value_type(e->f, old);
        e->copy[old] = h.phi[k] = new_phi(e, varies(e, old) ? lanes_of(e, t) : t, in->value[k]);
    }
    if (!l->diverges) return h;
    h.act = new_phi(e, e->mask_type, l->act);
    l->act = h.act;
    l->now = arena_array(e->arena, ValueId, l->vars.n + 1);
    for (uint32_t k = 0; k < l->vars.n; k++) l->now[k] = h.var[k] = new_phi(e, l->vars.at[k].type, zero[k]);
    return h;
}

static void close_loop(Emit *e, Level *l, const Head *h, BlockId head) {
    if (l->diverges && !lanes_is_whole(e->s, l->entry)) l->act = whole_mask(e, l->back.mask);
    ir_br(&e->b, head);
    for (uint32_t k = 0; k < h->nphis; k++) ir_phi_add(e->f, h->phi[k], l->back.value[k]);
    if (!l->diverges) return;
    ir_phi_add(e->f, h->act, l->act);
    for (uint32_t k = 0; k < l->vars.n; k++) ir_phi_add(e->f, h->var[k], l->now[k]);
}

static ValueId *emit_arrivals(Emit *e, Level *l) {
    ValueId *value = arena_array(e->arena, ValueId, l->vars.n + 1);
    e->b.block = l->behind;
    for (uint32_t k = 0; k < l->vars.n; k++) {
        value[k] = ir_phi(e->f, l->behind, l->vars.at[k].type);
        for (uint32_t a = 0; a < l->arrivals.n; a++) ir_phi_add(e->f, value[k], l->arrivals.at[a].value[k]);
    }
    return value;
}

/* Goes on in the outer level with what the loop has left behind. */
static void go_on(Emit *e, Level *l, const Level *inner, Mask entered, bool whole, const ValueId *value) {
    for (uint32_t k = 0; k < inner->vars.n; k++)
        if (inner->vars.at[k].kind == VAR_VALUE) e->copy[inner->vars.at[k].value] = value[k];
    for (uint32_t t = 0; t < inner->ntargets; t++) {
        Mask m = whole ? (Mask){NO_VALUE, l->act} : entered;
        ValueId *phi = arena_array(e->arena, ValueId, count_phis(e, inner->target[t]) + 1);
        for (uint32_t k = 0; k < inner->vars.n; k++) {
            const Var *var = &inner->vars.at[k];
            if (var->kind == VAR_VALUE || var->target != t) continue;
            if (var->kind == VAR_PHI) phi[var->phi] = value[k];
            else if (inner->diverges) m = (Mask){NO_VALUE, value[k]};
            else m.scalar = both(e, m.scalar, value[k]);
        }
        route(e, l, inner->target[t], m, phi);
    }
}

static void emit_loop(Emit *e, Level *outer, const Loop *loop) {
    const LaneLoop *info = &e->s->inner[loop->index];
    Edge in = merge(e, outer, loop->header);
    const Loop *around = lanes_outer(e->s, loop);
    BlockId way_on = around == e->s->h.loop ? e->s->end : e->s->inner[around->index].latch;
    bool whole = dom_dominates(&e->s->hot_dom, loop->header, way_on);
    if (whole) in.mask = (Mask){NO_VALUE, outer->act};
    Level l = {.parent = outer, .loop = loop, .entry = loop->header, .diverges = info->diverges};
    l.act = in.mask.vector;
    find_targets(e, &l);
    find_left_behind(e, &l);
    ValueId *zero = arena_array(e->arena, ValueId, l.vars.n + 1);
    for (uint32_t k = 0; k < l.vars.n; k++) zero[k] = zero_of(e, l.vars.at[k].type);
    if (l.diverges && l.act == NO_VALUE) l.act = splat(e, ir_const_int(&e->b, e->mask_type->elem[0], -1));
    ValueId enter = in.mask.scalar;
    if (!whole && in.mask.vector != NO_VALUE) enter = both(e, enter, any_lane(e, in.mask.vector));
    BlockId head = new_block(e), before = e->b.block;
    l.behind = new_block(e);
    if (enter == NO_VALUE) {
        ir_br(&e->b, head);
    } else {
        ir_condbr(&e->b, enter, head, l.behind);
        arrive(e, &l, before, zero);
    }
    e->b.block = head;
    Head h = emit_head(e, &l, &in, zero);
    if (info->polls) {
        ValueId poll = ir_append(&e->b, OP_poll, type_i32, 0, NULL);
        bail_if(e, ir_icmp(&e->b, PRED_NE, poll, ir_const_int(&e->b, type_i32, 0)));
    }
    emit_level(e, &l);
    close_loop(e, &l, &h, head);
    ValueId *value = emit_arrivals(e, &l);
    go_on(e, outer, &l, in.mask, whole, value);
}

static void emit_level(Emit *e, Level *l) {
    for (uint32_t k = 0; k < e->s->h.order.n; k++) {
        BlockId b = e->s->h.order.at[k];
        const Loop *of = loop_of(e, b);
        if (!e->s->inside[b]) continue;
        if (of == l->loop) emit_block(e, l, b);
        else if (lanes_outer(e->s, of) == l->loop && of->header == b) emit_loop(e, l, of);
    }
}

/* ---- the region ---------------------------------------------------------------------------------------------------- */

/* The counters in lanes, and what the body computes before the region. */
static void emit_front(Emit *e) {
    Lanes *s = e->s;
    for (uint32_t k = 0; k < s->h.nphis; k++) {
        ValueId phi = hot_phi(&s->h, k), *lane = arena_array(e->arena, ValueId, s->nlanes);
        int64_t step;
        if (!hot_step(&s->h, phi, &step) || !step) continue;
        const Type *t = value_type(e->f, phi);
        for (uint32_t n = 0; n < s->nlanes; n++) lane[n] = ir_const_int(&e->b, t, step * n);
        ValueId steps = ir_append(&e->b, OP_vector, lanes_of(e, t), s->nlanes, lane);
        e->copy[phi] = ir_binop(&e->b, OP_iadd, splat(e, phi), steps);
    }
    for (uint32_t k = 0; k < s->h.order.n; k++) {
        BlockId b = s->h.order.at[k];
        if (b != s->begin && dom_dominates(s->h.dom, b, s->begin)) emit_insts(e, b);
    }
}

typedef struct {
    BlockId serial, pick, skip, skipping, room, code, take;
    ValueId left; /* address of the number of iterations that are computed already; below 0: to do without */
    ValueId memory; /* address of their results */
    uint32_t nresults;
    uint32_t offset[LANES_MAX_OUTS + HOT_MAX_PHIS];
    ValueId result[LANES_MAX_OUTS + HOT_MAX_PHIS]; /* of the vector code */
} Frame;

static ValueId emit_alloca(Builder *b, ValueId v, int64_t nbytes) {
    (void)v;
    ValueId at = ir_append(b, OP_alloca, type_ptr, 0, NULL);
    inst_at(b->f, at)->imm.i = nbytes;
    return at;
}

static ValueId emit_reset(Builder *b, ValueId left, int64_t k) {
    ir_store(b, left, ir_const_int(b, type_i64, k));
    return left;
}

static void emit_pick(Emit *e, Frame *fr) {
    Lanes *s = e->s;
    e->b.block = fr->pick;
    ValueId left = ir_load(&e->b, type_i64, fr->left);
    ir_condbr(&e->b, ir_icmp(&e->b, PRED_GT, left, i64(e, 0)), fr->take, fr->skip);
    e->b.block = fr->skip;
    ir_condbr(&e->b, ir_icmp(&e->b, PRED_LT, left, i64(e, 0)), fr->skipping, fr->room);
    e->b.block = fr->skipping;
    ir_store(&e->b, fr->left, ir_binop(&e->b, OP_iadd, left, i64(e, 1)));
    ir_br(&e->b, fr->serial);
    e->b.block = fr->room;
    ValueId state[HOT_MAX_PHIS], room = NO_VALUE;
    for (uint32_t k = 0; k < s->h.nphis; k++) state[k] = hot_phi(&s->h, k);
    for (uint32_t k = 0; k < s->h.ncounted; k++) {
        const Counted *c = &s->h.counted[k];
        ValueId x = hot_emit_value(&s->h, &e->b, c->x, state),
                stop = hot_emit_value(&s->h, &e->b, c->stop, state);
        room = both(e, room, hot_emit_room(&e->b, c, x, stop, s->nlanes - 1));
    }
    room = both(e, room, lanes_emit_apart(s, &e->b));
    ir_condbr(&e->b, room, fr->code, fr->serial);
}

/* A result that is the same in all lanes is kept once. */
static void keep(Emit *e, Frame *fr, ValueId x, uint32_t *nbytes) {
    const Type *t = value_type(e->f, x), *number = t->kind == TYPE_VECTOR ? t->elem[0] : t;
    fr->offset[fr->nresults] = *nbytes;
    fr->result[fr->nresults++] = x;
    *nbytes += t->kind == TYPE_VECTOR ? (uint32_t)type_itemsize(number) * e->s->nlanes : 8;
    *nbytes = (*nbytes + 7) & ~7u;
}

/* Cheaper to compute than to keep. */
static bool is_count(Emit *e, ValueId v) {
    Growth g = hot_growth(&e->s->h, v);
    return g.ok && g.k && g.factor == NO_VALUE && hot_can_emit(&e->s->h, v);
}

static bool is_deferred(const Emit *e, ValueId v) { return e->s->traits[hot_value(&e->s->h, v)] & CARRIED; }
static bool is_kept(Emit *e, ValueId v) { return !is_count(e, v) && !is_deferred(e, v); }

static void emit_code(Emit *e, Frame *fr) {
    Lanes *s = e->s;
    uint32_t nbytes = 0;
    e->b.block = fr->code;
    emit_front(e);
    Level top = {.loop = s->h.loop, .entry = s->begin, .act = NO_VALUE};
    emit_level(e, &top);
    Edge out = merge(e, &top, s->end);
    for (uint32_t k = 0; k < count_phis(e, s->end); k++) keep(e, fr, out.value[k], &nbytes);
    for (uint32_t k = 0; k < s->nouts; k++)
        if (is_kept(e, s->out[k])) keep(e, fr, get(e, s->out[k]), &nbytes);
    fr->memory = hot_emit_before_end(&s->h, ENTRY_BLOCK, emit_alloca, NO_VALUE, nbytes ? nbytes : 8);
    for (uint32_t k = 0; k < fr->nresults; k++)
        ir_store(&e->b, ir_ptr_add(&e->b, fr->memory, i64(e, fr->offset[k])), fr->result[k]);
    ir_store(&e->b, fr->left, i64(e, s->nlanes));
    ir_br(&e->b, fr->take);
}

/* Uses behind the region see what comes from either way. */
static void redirect(Emit *e, ValueId v, ValueId phi) {
    const Lanes *s = e->s;
    for (uint32_t k = 0; k < s->h.dom->norder; k++) {
        BlockId b = s->h.dom->order[k];
        for (uint32_t n = 0; n < block_at(e->f, b)->inst.n; n++) {
            ValueId user = block_at(e->f, b)->inst.at[n];
            Inst *i = inst_of(e, user);
            for (uint32_t a = 0; a < i->nargs && user != phi; a++) {
                BlockId at = i->op == OP_phi ? block_at(e->f, b)->pred.at[a] : b;
                if (i->arg[a] == v && at < s->h.f->block.n && dom_dominates(s->h.dom, s->end, at))
                    i->arg[a] = phi;
            }
        }
    }
}

/* A deferred value; out: the results. */
static ValueId emit_deferred(Emit *e, ValueId v, const ValueId *out) {
    const Lanes *s = e->s;
    v = hot_value(&s->h, v);
    const Inst i = *inst_of(e, v);
    if (v >= s->h.nvalues || !s->inside[i.block]) return v;
    if (!is_deferred(e, v)) {
        uint32_t k = 0;
        while (hot_value(&s->h, s->out[k]) != v) k++;
        return out[k];
    }
    if (e->copy[v] != NO_VALUE) return e->copy[v];
    ValueId *arg = arena_array(e->arena, ValueId, i.nargs + 1);
    for (uint32_t k = 0; k < i.nargs; k++) arg[k] = emit_deferred(e, i.arg[k], out);
    return e->copy[v] = emit_copy(e, &i, i.type, arg);
}

/* All results, in `take`. */
static void emit_outs(Emit *e, const ValueId *kept, ValueId *out) {
    Lanes *s = e->s;
    ValueId state[HOT_MAX_PHIS];
    for (uint32_t k = 0; k < s->h.nphis; k++) state[k] = hot_phi(&s->h, k);
    for (uint32_t k = 0; k < s->nouts; k++) {
        out[k] = NO_VALUE;
        if (is_count(e, s->out[k])) out[k] = hot_emit_value(&s->h, &e->b, s->out[k], state);
        else if (is_kept(e, s->out[k])) out[k] = *kept++;
    }
    for (uint32_t k = 0; k < s->nouts; k++)
        if (out[k] == NO_VALUE) out[k] = emit_deferred(e, s->out[k], out);
}

static void emit_take(Emit *e, Frame *fr) {
    Lanes *s = e->s;
    e->b.block = fr->take;
    ValueId left = ir_load(&e->b, type_i64, fr->left),
            lane = ir_binop(&e->b, OP_isub, i64(e, s->nlanes), left), result[LANES_MAX_OUTS + HOT_MAX_PHIS];
    ir_store(&e->b, fr->left, ir_binop(&e->b, OP_isub, left, i64(e, 1)));
    for (uint32_t k = 0; k < fr->nresults; k++) {
        const Type *t = value_type(e->f, fr->result[k]), *number = t->kind == TYPE_VECTOR ? t->elem[0] : t;
        ValueId at = ir_ptr_add(&e->b, fr->memory, i64(e, fr->offset[k]));
        if (t != number)
            at = ir_ptr_add(&e->b, at, ir_binop(&e->b, OP_imul, lane, i64(e, type_itemsize(number))));
        result[k] = ir_load(&e->b, number, at);
    }
    ValueId out[LANES_MAX_OUTS];
    uint32_t nphis = count_phis(e, s->end), npreds = block_at(e->f, s->end)->pred.n;
    emit_outs(e, result + nphis, out);
    ir_br(&e->b, s->end);
    for (uint32_t k = 0; k < nphis; k++) ir_phi_add(e->f, phi_of(e, s->end, k), result[k]);
    for (uint32_t k = 0; k < s->nouts; k++) {
        ValueId phi = ir_phi(e->f, s->end, value_type(e->f, s->out[k]));
        for (uint32_t p = 0; p < npreds; p++) ir_phi_add(e->f, phi, s->out[k]);
        ir_phi_add(e->f, phi, out[k]);
        redirect(e, s->out[k], phi);
    }
}

static void begin_frame(Emit *e, Frame *fr) {
    Lanes *s = e->s;
    fr->left = e->safe = hot_emit_before_end(&s->h, ENTRY_BLOCK, emit_alloca, NO_VALUE, 8);
    for (uint32_t k = 0; k < hot_header(&s->h)->pred.n; k++) {
        BlockId p = hot_header(&s->h)->pred.at[k];
        if (!hot_is_in_loop(&s->h, p)) hot_emit_before_end(&s->h, p, emit_reset, fr->left, 0);
    }
    BlockId *each[] = {&fr->pick, &fr->skip, &fr->skipping, &fr->room, &fr->code, &fr->take, &e->bail};
    for (uint32_t k = 0; k < ARRAY_LEN(each); k++) *each[k] = new_block(e);
    fr->serial = ir_split_edge(e->f, s->test, s->begin);
    ir_edge_retarget(e->f, s->test, fr->serial, fr->pick);
    e->b.block = e->bail;
    ir_store(&e->b, fr->left, i64(e, -(int64_t)s->nlanes));
    ir_br(&e->b, fr->serial);
}

void lanes_emit(Lanes *s) {
    Emit e = {.s = s, .f = s->h.f, .arena = s->h.arena, .b = {.f = s->h.f, .span = s->h.span}};
    Frame fr = {0};
    e.at_work = NO_VALUE;
    e.mask_type = type_vector(s->nbytes == 8 ? type_i64 : type_i32, s->nlanes);
    e.copy = arena_array(e.arena, ValueId, s->h.nvalues);
    for (ValueId v = 0; v < s->h.nvalues; v++) e.copy[v] = NO_VALUE;
    begin_frame(&e, &fr);
    emit_pick(&e, &fr);
    emit_code(&e, &fr);
    emit_take(&e, &fr);
}
