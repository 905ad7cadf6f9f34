/* reduce.c - sum, prod, min, max, any, all, count_nonzero, mean, var, std, ptp: over all axes or some.
 *
 * The work is done by runtime/reduce.c, which knows NumPy's order of additions; here are the types, the output, and
 * the fused form: a reduction of an elementwise expression computes blocks of it into a stack buffer and folds them
 * (runtime/fold.c), so that no temporary array is made, with the same bits.
 *
 * Types: sums and products of integers are int64 or uint64; means of integers are float64; anything else keeps its
 * type.  The variance of complex numbers is real.
 */
#include "library/reduce.h"
#include "library/lower.h"
#include "library/shapes.h"

enum { FOLD_NBYTES = 2048, BLOCK_ELEMENTS = 512 }; /* as in runtime/arrays.h and fold.c */

typedef struct {
    Reduction op;
    int8_t dtype, out, keepdims, ddof; /* parameters; -1: none */
    const char *name;                  /* for messages */
} ReduceRule;
static const ReduceRule sum = {REDUCE_SUM, 2, 3, 4, -1, "add"}, prod = {REDUCE_PROD, 2, 3, 4, -1, "multiply"},
                        min = {REDUCE_MIN, -1, 2, 3, -1, "minimum"},
                        max = {REDUCE_MAX, -1, 2, 3, -1, "maximum"},
                        any = {REDUCE_ANY, -1, 2, 3, -1, "logical_or"},
                        all = {REDUCE_ALL, -1, 2, 3, -1, "logical_and"},
                        count_nonzero = {REDUCE_COUNT_NONZERO, -1, -1, 2, -1, "count_nonzero"},
                        mean = {REDUCE_MEAN, 2, 3, 4, -1, "mean"}, var = {REDUCE_VAR, 2, 3, 5, 4, "var"},
                        std = {REDUCE_STD, 2, 3, 5, 4, "std"}, ptp = {REDUCE_MAX, -1, 2, 3, -1, "maximum"};

/* ORDER DTYPE: as in runtime/arrays.h. */
int64_t dtype_code(const Type *t) {
    switch (t->kind) {
    case TYPE_BOOL: return 0;
    case TYPE_INT:
        return (t->is_signed ? 1 : 5) + (t->bits == 8 ? 0 : t->bits == 16 ? 1 : t->bits == 32 ? 2 : 3);
    case TYPE_FLOAT: return t->bits == 32 ? 9 : 10;
    default: return t->bits == 64 ? 11 : 12;
    }
}

/* ---- types --------------------------------------------------------------------------------------------------------- */

typedef struct {
    Reduction op;
    const Type *from, *acc, *dtype; /* elements, what adds up, the result's elements */
    uint32_t ndim, mask;            /* the input's axes; those that go */
    bool keepdims;
    bool late;    /* the axis is a number of the run; mask has one bit, of no meaning */
    ValueId axis; /* emission: that number */
} ReducePlan;

static const Type *wide(const Type *t) {
    if (t->kind == TYPE_BOOL) return type_i64;
    return t->kind == TYPE_INT ? (t->is_signed ? type_i64 : type_u64) : t;
}

static const Type *accumulator(Reduction op, const Type *from) {
    switch (op) {
    case REDUCE_SUM:
    case REDUCE_PROD: return wide(from);
    case REDUCE_ANY:
    case REDUCE_ALL: return type_bool;
    case REDUCE_COUNT_NONZERO: return type_i64;
    case REDUCE_MEAN:
    case REDUCE_VAR:
    case REDUCE_STD: return from->kind <= TYPE_INT ? type_f64 : from;
    default: return from;
    }
}

/* The accumulator for a dtype that the caller asks for; NULL: not supported. */
static const Type *asked_accumulator(Reduction op, const Type *from, const Type *dtype) {
    if (dtype == type_f16 || dtype->kind == TYPE_BOOL ||
        (from->kind == TYPE_COMPLEX && dtype->kind != TYPE_COMPLEX))
        return NULL;
    if (op == REDUCE_MEAN && dtype->kind == TYPE_INT) return NULL;
    return op == REDUCE_SUM || op == REDUCE_PROD || op == REDUCE_MEAN ? wide(dtype) : NULL;
}

static bool is_given(const Call *c, int8_t param) { return param >= 0 && !call_is_none(c, (uint32_t)param); }

/* False: declined or reported. */
static bool plan(Call *c, const ReduceRule *rule, const Type *t, ReducePlan *p) {
    *p = (ReducePlan){.op = rule->op, .from = type_dtype_of(t), .ndim = t->ndim};
    p->acc = p->dtype = accumulator(rule->op, p->from);
    if (p->from == type_f16 || type_is_time(p->from) || is_given(c, rule->out))
        return call_decline(c), false; /* rung 2 */
    if (is_given(c, rule->dtype)) {
        const Type *dtype = call_dtype(c, (uint32_t)rule->dtype);
        p->dtype = dtype;
        p->acc = dtype ? asked_accumulator(rule->op, p->from, dtype) : NULL;
        if (!p->acc) return call_decline(c), false;
    }
    if (rule->op == REDUCE_VAR || rule->op == REDUCE_STD) p->dtype = type_real_part(p->acc);
    if (rule->keepdims >= 0 && !call_literal_bool(c, (uint32_t)rule->keepdims, &p->keepdims)) {
        call_error(c, DIAG_NOT_CONSTANT, "keepdims must be known at compile time");
        return false;
    }
    AxisArg axis;
    bool is_moment = rule->op == REDUCE_MEAN || rule->op == REDUCE_VAR || rule->op == REDUCE_STD;
    if (!is_moment && axis_of_number(c, 1, t->ndim)) return true;
    if (call_is_none(c, 1) || type_is_tuple(c->type[1])) return axes_literal(c, 1, t->ndim, &p->mask);
    if (!axis_argument(c, 1, t->ndim, &axis)) return false;
    p->late = !axis.known;
    p->mask = 1u << axis.axis;
    return true;
}

static const Type *result_type(const Type *t, const ReducePlan *p, const Type *dtype) {
    uint32_t ndim = p->keepdims ? p->ndim : p->ndim - (uint32_t)__builtin_popcount(p->mask);
    Layout layout = ndim > 1 && t->layout == LAYOUT_F ? LAYOUT_F : LAYOUT_C;
    return ndim ? type_array(dtype, ndim, layout, false, true) : dtype;
}

static const Type *type_reduce(Call *c) {
    const ReduceRule *rule = c->row->data;
    const Type *t = c->type[0];
    ReducePlan p;
    if (!t || !type_is_array(t)) return call_decline(c);
    if (is_given(c, rule->ddof) && !is_integer_like(c->type[rule->ddof])) return call_decline(c);
    return plan(c, rule, t, &p) ? result_type(t, &p, p.dtype) : NULL;
}

/* ---- emission ---------------------------------------------------------------------------------------------------------- */

/* NumPy refuses when there are results to give but no elements to take them from. */
static void check_not_empty(Lower *l, const char *name, const View *a, const ReducePlan *p) {
    ValueId one = lower_i64(l, 1), reduced = one, kept = one, zero = lower_i64(l, 0);
    for (uint32_t i = 0; i < a->ndim; i++) {
        if (p->late) {
            ValueId goes = ir_icmp(&l->b, PRED_EQ, p->axis, lower_i64(l, i));
            kept = lower_bin(l, OP_imul, kept, ir_select(&l->b, goes, one, a->shape[i]));
            continue;
        }
        ValueId *n = p->mask & 1u << i ? &reduced : &kept;
        *n = lower_bin(l, OP_imul, *n, a->shape[i]);
    }
    if (p->late) reduced = pick_value(l, a->ndim, a->shape, p->axis);
    ValueId bad = ir_icmp(&l->b, PRED_EQ, reduced, zero);
    if (p->late || p->mask != (1u << a->ndim) - 1)
        bad = lower_and(l, bad, ir_icmp(&l->b, PRED_NE, kept, zero));
    lower_raise_if(l, bad, "ValueError",
                   lower_text(l, "zero-size array to reduction operation %s which has no identity", name), 0,
                   NULL);
}

/* The memory that takes the results, and its strides by axis of the input (0 for those that go). */
typedef struct {
    ValueId array, data, stride[ARRAY_MAX_NDIM];
} Output;

/* The same for an axis that only the run knows. */
static Output output_late(Lower *l, const View *a, const ReducePlan *p, const Type *t) {
    Output o = {.array = NO_VALUE};
    ValueId shape[ARRAY_MAX_NDIM], one = lower_i64(l, 1), zero = lower_i64(l, 0);
    uint32_t ndim = p->keepdims ? a->ndim : a->ndim - 1;
    for (uint32_t i = 0; i < ndim; i++) {
        ValueId at = lower_i64(l, i);
        shape[i] = p->keepdims
                       ? ir_select(&l->b, ir_icmp(&l->b, PRED_EQ, at, p->axis), one, a->shape[i])
                       : ir_select(&l->b, ir_icmp(&l->b, PRED_LT, at, p->axis), a->shape[i], a->shape[i + 1]);
    }
    o.stride[0] = zero;
    if (!type_is_array(t)) {
        o.data = lower_alloca(l, 16);
        return o;
    }
    o.array = array_new_unchecked(l, t, shape, false);
    View v = view_of(l, o.array, t);
    o.data = v.data;
    for (uint32_t i = 0; i < a->ndim; i++) {
        ValueId at = lower_i64(l, i), here = ir_icmp(&l->b, PRED_EQ, at, p->axis);
        ValueId stride = i < ndim ? v.stride[i] : v.stride[i - 1];
        if (!p->keepdims && i && i < ndim)
            stride = ir_select(&l->b, ir_icmp(&l->b, PRED_LT, at, p->axis), v.stride[i], v.stride[i - 1]);
        o.stride[i] = ir_select(&l->b, here, zero, stride);
    }
    return o;
}

static Output output_new(Lower *l, const View *a, uint32_t mask, bool keepdims, const Type *t) {
    Output o = {.array = NO_VALUE};
    ValueId shape[ARRAY_MAX_NDIM], one = lower_i64(l, 1), zero = lower_i64(l, 0);
    uint32_t n = 0;
    for (uint32_t i = 0; i < a->ndim; i++) {
        bool goes = mask & 1u << i;
        if (!goes || keepdims) shape[n++] = goes ? one : a->shape[i];
        o.stride[i] = zero;
    }
    if (!type_is_array(t)) {
        o.data = lower_alloca(l, 16);
        return o;
    }
    o.array = array_new_unchecked(l, t, shape, false);
    View v = view_of(l, o.array, t);
    o.data = v.data;
    n = 0;
    for (uint32_t i = 0; i < a->ndim; i++) {
        bool goes = mask & 1u << i;
        if (!goes) o.stride[i] = v.stride[n];
        n += !goes || keepdims;
    }
    return o;
}

static ValueId call_reduction(Lower *l, const ReducePlan *p, const View *a, const Type *t, ValueId ddof) {
    Output o = p->late ? output_late(l, a, p, t) : output_new(l, a, p->mask, p->keepdims, t);
    ValueId mask = p->late ? lower_bin(l, OP_shl, lower_i64(l, 1), p->axis) : lower_i64(l, p->mask);
    bool divided = lower_goes_parallel(l, SERIAL_REDUCTION);
    ValueId args[] = {divided ? ir_append(&l->b, OP_context, type_ptr, 0, NULL) : lower_null(l),
                      lower_i64(l, p->op),
                      lower_i64(l, dtype_code(p->from)),
                      lower_i64(l, dtype_code(p->acc)),
                      o.data,
                      a->data,
                      lower_i64(l, a->ndim),
                      mask,
                      lower_shape_pointer(l, a->ndim, a->shape),
                      lower_shape_pointer(l, a->ndim, a->stride),
                      lower_shape_pointer(l, a->ndim, o.stride),
                      ddof};
    if (o.array != NO_VALUE) lower_cleanup_push(l, o.array);
    ValueId status = ir_native(&l->b, NATIVE_reduce, type_i32, ARRAY_LEN(args), args);
    lower_check_status(l, status);
    l->unit->parallel_loops += divided;
    if (o.array != NO_VALUE) lower_cleanup_pop(l, 1);
    return o.array != NO_VALUE ? o.array : lower_load_element(l, t, o.data);
}

/* Sums of one axis to a number.  For fewer than eight elements NumPy's order is the plain one. */
static bool has_short_sum(const ReducePlan *p, const View *a, const Type *t) {
    return (p->op == REDUCE_SUM || p->op == REDUCE_MEAN) && a->ndim == 1 && p->mask && !p->late &&
           !type_is_array(t) && type_is_number(p->from) && p->acc->kind != TYPE_COMPLEX;
}

/* As runtime/reduce.c divides: in double precision. */
static ValueId mean_of_sum(Lower *l, const Type *t, ValueId sum, ValueId count) {
    ValueId quotient = lower_bin(l, OP_fdiv, lower_cast(l, sum, t, type_f64),
                                 lower_cast(l, count, type_i64, type_f64));
    return lower_cast(l, quotient, type_f64, t);
}

static ValueId short_sum(Lower *l, const ReducePlan *p, const View *a) {
    ValueId zero = lower_number(l, p->acc, 0);
    LowerLoop loop = lower_loop_begin(l, lower_i64(l, 0), a->shape[0], 1);
    ValueId sum = lower_loop_carry(l, &loop, zero);
    ValueId at = ir_binop(&l->b, OP_ptr_add, a->data, lower_bin(l, OP_imul, loop.i, a->stride[0])),
            x = lower_cast(l, lower_load_element(l, p->from, at), p->from, p->acc);
    lower_loop_next(l, &loop, sum, lower_bin(l, p->acc->kind == TYPE_INT ? OP_iadd : OP_fadd, sum, x));
    lower_loop_end(l, &loop);
    return p->op == REDUCE_MEAN ? mean_of_sum(l, p->acc, sum, a->shape[0]) : sum;
}

/* In a loop the slice may be short, and then the call takes longer than adding up its elements. */
static ValueId run_reduction(Lower *l, const ReducePlan *p, const View *a, const Type *t, ValueId ddof) {
    bool in_loop = block_at(l->b.f, l->b.block)->loop_depth > 0;
    if (!in_loop || !has_short_sum(p, a, t)) return call_reduction(l, p, a, t, ddof);
    LowerIf branch = lower_if(l, ir_icmp(&l->b, PRED_LT, a->shape[0], lower_i64(l, 8)));
    ValueId fast = short_sum(l, p, a);
    lower_else(l, &branch);
    return lower_endif(l, &branch, fast, call_reduction(l, p, a, t, ddof));
}

ValueId reduce_bools(Lower *l, Reduction op, const View *v, const Type *result) {
    uint32_t all_axes = v->ndim == 32 ? UINT32_MAX : (1u << v->ndim) - 1;
    ReducePlan p = {
        .op = op, .from = type_bool, .acc = result, .dtype = result, .ndim = v->ndim, .mask = all_axes};
    return run_reduction(l, &p, v, result, lower_i64(l, 0));
}

/* The result in the asked-for dtype, when the accumulator is wider. */
static ValueId narrowed(Lower *l, const ReducePlan *p, ValueId v, const Type *from, const Type *to) {
    if (from == to) return v;
    if (!type_is_array(to)) return lower_cast(l, v, from, to);
    MapInput input = {from, v};
    lower_cleanup_push(l, v);
    ValueId array = map_new_array(l, map_identity_body(&l->unit->arena, p->acc, type_dtype_of(to)), 1, &input,
                                  to);
    lower_cleanup_pop(l, 1);
    lower_decref(l, v);
    return array;
}

static ValueId reduce_view(Lower *l, Call *c, const ReduceRule *rule, const Type *t, const View *a) {
    ReducePlan p;
    plan(c, rule, t, &p);
    ValueId ddof = lower_i64(l, 0);
    if (rule->ddof >= 0 && c->type[rule->ddof])
        ddof = lower_int_to_i64(l, c->value[rule->ddof], c->type[rule->ddof]);
    if (p.late) p.axis = axis_value(l, c, 1, &(AxisArg){0}, a->ndim);
    if (rule->op == REDUCE_MIN || rule->op == REDUCE_MAX) check_not_empty(l, rule->name, a, &p);
    bool is_spread = rule->op == REDUCE_VAR || rule->op == REDUCE_STD;
    const Type *made = result_type(t, &p, is_spread ? p.dtype : p.acc);
    return narrowed(l, &p, run_reduction(l, &p, a, made, ddof), made, result_type(t, &p, p.dtype));
}

static ValueId emit_reduce(Lower *l, Call *c) {
    View a = view_of(l, c->value[0], c->type[0]);
    return reduce_view(l, c, c->row->data, c->type[0], &a);
}

/* ---- ptp: maximum minus minimum ----------------------------------------------------------------------------------------- */

static ValueId emit_ptp(Lower *l, Call *c) {
    Arena *arena = &l->unit->arena;
    const Type *t = c->type[0], *dtype = type_dtype_of(t), *compute, *result;
    const Ufunc *subtract = library_ufunc("subtract");
    View a = view_of(l, c->value[0], t);
    ValueId high = reduce_view(l, c, &max, t, &a);
    if (type_is_array(c->result)) lower_cleanup_push(l, high);
    ValueId low = reduce_view(l, c, &min, t, &a);
    if (type_is_array(c->result)) lower_cleanup_push(l, low);
    const Type *operand[2] = {dtype, dtype};
    library_ufunc_types(subtract, operand, (bool[2]){false, false}, &compute, &result);
    MapBody body = {0};
    map_leaf(arena, &body, 0, dtype);
    map_leaf(arena, &body, 1, dtype);
    map_node(arena, &body, subtract, compute, result, 0, 1, 0);
    MapInput input[2] = {{c->result, high}, {c->result, low}};
    ValueId v = map_new_array(l, &body, 2, input, c->result);
    if (type_is_array(c->result)) {
        lower_cleanup_pop(l, 2);
        lower_decref(l, high);
        lower_decref(l, low);
    }
    return v;
}

static const Type *type_ptp(Call *c) {
    const Type *t = c->type[0];
    if (t && type_is_array(t) && type_dtype_of(t)->kind == TYPE_BOOL)
        return call_error(c, DIAG_NO_IMPLEMENTATION,
                          "numpy boolean subtract, the `-` operator, is not supported");
    return type_reduce(c);
}

/* ---- fused -------------------------------------------------------------------------------------------------------------------- */

static bool can_fold(const ReducePlan *p) {
    return p->op <= REDUCE_MEAN && !p->keepdims && !p->late &&
           p->mask == (p->ndim == 32 ? UINT32_MAX : (1u << p->ndim) - 1);
}

/* The loop over blocks; gives the address of the result. */
static ValueId fold_blocks(Lower *l, const ReducePlan *p, MapBlocks *blocks) {
    Reduction op = p->op == REDUCE_MEAN ? REDUCE_SUM : p->op;
    ValueId fold = lower_alloca(l, FOLD_NBYTES),
            buffer = lower_alloca(l, (size_t)BLOCK_ELEMENTS * type_itemsize(p->acc));
    bool converted = blocks->element != p->acc;
    ValueId zero = lower_i64(l, 0);
    ValueId args[] = {fold, lower_i64(l, op), lower_i64(l, dtype_code(p->acc)), blocks->size,
                      lower_i64(l, converted)};
    ValueId n = ir_native(&l->b, NATIVE_fold_begin, type_i64, ARRAY_LEN(args), args);
    BlockId head = lower_block(l), body = lower_block(l), exit = lower_block(l);
    blocks->element = p->acc;
    ir_br(&l->b, head);
    lower_at(l, head);
    ValueId count = ir_phi(l->b.f, head, type_i64), first = ir_phi(l->b.f, head, type_i64);
    ir_phi_add(l->b.f, count, n);
    ir_phi_add(l->b.f, first, zero);
    ir_condbr(&l->b, ir_icmp(&l->b, PRED_NE, count, zero), body, exit);
    lower_at(l, body);
    map_block(l, blocks, first, count, buffer);
    ValueId next = ir_native(&l->b, NATIVE_fold_next, type_i64, 3, (ValueId[]){fold, buffer, count});
    ir_phi_add(l->b.f, count, next);
    ir_phi_add(l->b.f, first, lower_bin(l, OP_iadd, first, count));
    ir_br(&l->b, head);
    lower_at(l, exit);
    return fold;
}

/* count_nonzero counts truths. */
static const MapBody *with_truth(Lower *l, const MapBody *body) {
    MapBody *truth = arena_new(&l->unit->arena, MapBody);
    *truth = *body;
    truth->capacity = truth->n; /* a copy: adding to it must not write into the instruction's own */
    map_node(&l->unit->arena, truth, &map_convert, type_bool, type_bool, (uint16_t)(body->n - 1), 0, 0);
    return truth;
}

static ValueId fold(Lower *l, const ReduceRule *rule, const ReducePlan *p, MapBlocks *blocks) {
    if (p->op == REDUCE_MIN || p->op == REDUCE_MAX) {
        ValueId none = ir_icmp(&l->b, PRED_EQ, blocks->size, lower_i64(l, 0));
        lower_raise_if(
            l, none, "ValueError",
            lower_text(l, "zero-size array to reduction operation %s which has no identity", rule->name), 0,
            NULL);
    }
    ValueId at = fold_blocks(l, p, blocks);
    if (p->op == REDUCE_MEAN)
        ir_native(&l->b, NATIVE_mean_divide, NULL, 3,
                  (ValueId[]){lower_i64(l, dtype_code(p->acc)), at, blocks->size});
    return lower_cast(l, lower_load_element(l, p->acc, at), p->acc, p->dtype);
}

/* The expression as an array, reduced and released. */
static ValueId materialise(Lower *l, Call *c, const ReduceRule *rule, const Type *t, const MapBody *body,
                           uint32_t n, const MapInput *input) {
    ValueId array = map_new_array(l, body, n, input, t);
    lower_cleanup_push(l, array);
    View a = view_of(l, array, t);
    ValueId v = reduce_view(l, c, rule, t, &a);
    lower_cleanup_pop(l, 1);
    lower_decref(l, array);
    return v;
}

/* The reduction as a call of its own; its first parameter is the array that the expression would make. */
static Call sink_call(Call *c, const MapBody *body, const Type *t) {
    Call sink = *c;
    sink.row = body->sink;
    sink.nargs = library_signature(body->sink)->n;
    sink.type = arena_array(&c->unit->arena, const Type *, sink.nargs);
    sink.value = arena_array(&c->unit->arena, ValueId, sink.nargs);
    for (uint32_t i = 0; i < sink.nargs; i++) {
        sink.type[i] = i == body->sink_param ? t : body->sink_type[i];
        sink.value[i] = i == body->sink_param || body->sink_operand[i] < 0 ? NO_VALUE
                                                                           : c->value[body->sink_operand[i]];
    }
    return sink;
}

ValueId reduce_emit_map(Lower *l, Call *c, const MapBody *body, const MapInput *input) {
    const Type **leaf = arena_array(&l->unit->arena, const Type *, c->nargs);
    for (uint32_t k = 0; k < body->n; k++)
        if (!body->node[k].ufunc) leaf[body->node[k].arg[0]] = input[body->node[k].arg[0]].type;
    const Type *t = map_result_type(c->nargs, leaf, body->node[body->n - 1].type);
    const ReduceRule *rule = body->sink->data;
    Call sink = sink_call(c, body, t);
    ReducePlan p;
    MapBlocks blocks;
    plan(&sink, rule, t, &p);
    if (!can_fold(&p)) return materialise(l, &sink, rule, t, body, c->nargs, input);
    const MapBody *folded = p.op == REDUCE_COUNT_NONZERO ? with_truth(l, body) : body;
    if (!map_blocks(l, folded, c->nargs, input, &blocks))
        return materialise(l, &sink, rule, t, body, c->nargs, input);
    if (blocks.condition == NO_VALUE) return fold(l, rule, &p, &blocks);
    LowerIf branch = lower_if(l, blocks.condition);
    ValueId fast = fold(l, rule, &p, &blocks);
    lower_else(l, &branch);
    block_at(l->b.f, l->b.block)->cold = true;
    ValueId slow = materialise(l, &sink, rule, t, body, c->nargs, input);
    return lower_endif(l, &branch, fast, slow);
}

/* ---- rows ------------------------------------------------------------------------------------------------------------------------ */

#define REDUCTION(name, params, rule)                                                     \
    {"numpy." name, "a, " params, type_reduce, emit_reduce, &rule, 1, LIB_REDUCES}, {     \
        "ndarray." name, "self, " params, type_reduce, emit_reduce, &rule, 1, LIB_REDUCES \
    }
#define WITH_DTYPE "axis=None, dtype=None, out=None, keepdims=False"
#define PLAIN "axis=None, out=None, keepdims=False"
#define WITH_DDOF "axis=None, dtype=None, out=None, ddof=0, keepdims=False"

static const LibRow rows[] = {
    REDUCTION("sum", WITH_DTYPE, sum),
    REDUCTION("prod", WITH_DTYPE, prod),
    REDUCTION("min", PLAIN, min),
    REDUCTION("max", PLAIN, max),
    {"numpy.amin", "a, " PLAIN, type_reduce, emit_reduce, &min, 1, LIB_REDUCES},
    {"numpy.amax", "a, " PLAIN, type_reduce, emit_reduce, &max, 1, LIB_REDUCES},
    REDUCTION("any", PLAIN, any),
    REDUCTION("all", PLAIN, all),
    REDUCTION("mean", WITH_DTYPE, mean),
    REDUCTION("var", WITH_DDOF, var),
    REDUCTION("std", WITH_DDOF, std),
    {"numpy.count_nonzero", "a, axis=None, keepdims=False", type_reduce, emit_reduce, &count_nonzero, 1,
     LIB_REDUCES},
    {"numpy.ptp", "a, " PLAIN, type_ptp, emit_ptp, &ptp, 1, 0},
};

const LibTable library_reduce_table = {"reduce", rows, ARRAY_LEN(rows)};
