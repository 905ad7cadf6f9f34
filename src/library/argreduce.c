/* argreduce.c - argmin, argmax, cumsum, cumprod. */
#include "library/lower.h"
#include "library/shapes.h"

static const Type *array_at(const Call *c, uint32_t i) {
    const Type *t = i < c->nargs ? c->type[i] : NULL;
    return t && type_is_array(t) && !type_is_time(type_dtype_of(t)) ? t : NULL; /* times: rung 2 */
}

/* ---- argmin, argmax ------------------------------------------------------------------------------------------------ */

static const int is_max = 1;

static const Type *type_arg(Call *c) {
    const Type *t = array_at(c, 0);
    AxisArg axis;
    if (!t || type_dtype_of(t) == type_f16) return call_decline(c);
    if (call_is_none(c, 1) || axis_of_number(c, 1, t->ndim)) return type_i64;
    if (!axis_argument(c, 1, t->ndim, &axis)) return NULL;
    return t->ndim == 1 ? type_i64 : type_array(type_i64, t->ndim - 1u, LAYOUT_C, false, true);
}

static void check_some(Lower *l, Call *c, ValueId n) {
    lower_raise_if(l, ir_icmp(&l->b, PRED_EQ, n, lower_i64(l, 0)), "ValueError",
                   c->row->data ? "attempt to get argmax of an empty sequence"
                                : "attempt to get argmin of an empty sequence",
                   0, NULL);
}

static ValueId arg_flat(Lower *l, Call *c, const View *a) {
    ValueId args[] = {lower_i64(l, c->row->data != NULL),
                      lower_i64(l, dtype_code(a->dtype)),
                      a->data,
                      lower_i64(l, a->ndim),
                      lower_shape_pointer(l, a->ndim, a->shape),
                      lower_shape_pointer(l, a->ndim, a->stride)};
    check_some(l, c, view_size(l, a));
    ValueId at = ir_native(&l->b, NATIVE_arg_extreme_flat, type_i64, ARRAY_LEN(args), args);
    lower_raise_if(l, ir_icmp(&l->b, PRED_LT, at, lower_i64(l, 0)), "MemoryError", "", 0, NULL);
    return at;
}

static ValueId emit_arg(Lower *l, Call *c) {
    View a = view_of(l, c->value[0], c->type[0]);
    AxisArg arg = {0};
    bool flat = call_is_none(c, 1) || axis_of_number(c, 1, a.ndim);
    if (!flat) axis_argument(c, 1, a.ndim, &arg);
    ValueId late = flat || arg.known ? NO_VALUE : axis_value(l, c, 1, &arg, a.ndim);
    if (!type_is_array(c->result)) return arg_flat(l, c, &a);
    uint32_t axis = arg.axis;
    if (late != NO_VALUE) { /* the last one, then */
        axis = a.ndim - 1;
        a = view_move_axis(l, &a, late, lower_i64(l, axis));
    }
    ValueId shape[ARRAY_MAX_NDIM], stride[ARRAY_MAX_NDIM];
    for (uint32_t i = 0; i < a.ndim; i++)
        if (i != axis) shape[i - (i > axis)] = a.shape[i];
    check_some(l, c, a.shape[axis]);
    ValueId out = array_new_unchecked(l, c->result, shape, false);
    View v = view_of(l, out, c->result);
    for (uint32_t i = 0; i < a.ndim; i++) stride[i] = i == axis ? lower_i64(l, 0) : v.stride[i - (i > axis)];
    ValueId args[] = {lower_i64(l, c->row->data != NULL),
                      lower_i64(l, dtype_code(a.dtype)),
                      v.data,
                      a.data,
                      lower_i64(l, a.ndim),
                      lower_i64(l, axis),
                      lower_shape_pointer(l, a.ndim, a.shape),
                      lower_shape_pointer(l, a.ndim, a.stride),
                      lower_shape_pointer(l, a.ndim, stride)};
    ir_native(&l->b, NATIVE_arg_extreme, NULL, ARRAY_LEN(args), args);
    return out;
}

/* ---- cumsum, cumprod ------------------------------------------------------------------------------------------------- */

enum { SUM = 0, PROD = 1 }; /* ORDER REDUCTION */
static const int cumsum = SUM, cumprod = PROD;

static const Type *accumulated(Call *c, const Type *dtype) {
    if (!call_is_none(c, 2)) {
        const Type *t = call_dtype(c, 2);
        bool ok = t && (t->kind != TYPE_INT || t->bits == 64) && t->kind != TYPE_BOOL && t != type_f16 &&
                  (dtype->kind != TYPE_COMPLEX || t->kind == TYPE_COMPLEX);
        if (!ok) call_decline(c); /* rung 2 */
        return ok ? t : NULL;
    }
    if (dtype->kind == TYPE_BOOL) return type_i64;
    return dtype->kind == TYPE_INT ? (dtype->is_signed ? type_i64 : type_u64) : dtype;
}

static const Type *type_cumulative(Call *c) {
    const Type *t = array_at(c, 0), *dtype;
    AxisArg axis;
    if (!t || type_dtype_of(t) == type_f16) return call_decline(c);
    if (!(dtype = accumulated(c, type_dtype_of(t)))) return NULL;
    if (call_is_none(c, 1) || axis_of_number(c, 1, t->ndim))
        return type_array(dtype, 1, LAYOUT_C, false, true);
    return axis_argument(c, 1, t->ndim, &axis) ? type_array(dtype, t->ndim, LAYOUT_C, false, true) : NULL;
}

/* A converted copy, accumulated in place. */
static ValueId emit_cumulative(Lower *l, Call *c) {
    View a = view_of(l, c->value[0], c->type[0]);
    const Type *dtype = type_dtype_of(c->result);
    AxisArg arg = {0};
    bool flat = call_is_none(c, 1) || axis_of_number(c, 1, a.ndim);
    ValueId one = lower_i64(l, 1), size = view_size(l, &a), outer = one, inner = one, n = size;
    if (!flat) {
        axis_argument(c, 1, a.ndim, &arg);
        ValueId axis = axis_value(l, c, 1, &arg, a.ndim);
        n = pick_value(l, a.ndim, a.shape, axis);
        for (uint32_t i = 0; i < a.ndim; i++) {
            ValueId at = lower_i64(l, i);
            ValueId before = ir_select(&l->b, ir_icmp(&l->b, PRED_LT, at, axis), a.shape[i], one);
            ValueId behind = ir_select(&l->b, ir_icmp(&l->b, PRED_GT, at, axis), a.shape[i], one);
            outer = lower_bin(l, OP_imul, outer, before);
            inner = lower_bin(l, OP_imul, inner, behind);
        }
    }
    ValueId array = lower_array_new(l, c->result, flat ? &size : a.shape, false);
    View v = view_new(l, dtype, a.ndim, LAYOUT_C);
    v.data = lower_field(l, array, ARRAY_DATA);
    memcpy(v.shape, a.shape, a.ndim * sizeof *v.shape);
    view_fill_strides(l, &v);
    lower_cleanup_push(l, array);
    view_assign_fresh(l, &v, c->type[0], c->value[0]);
    lower_cleanup_pop(l, 1);
    ValueId args[] = {
        lower_i64(l, *(const int *)c->row->data), lower_i64(l, dtype_code(dtype)), v.data, outer, n, inner};
    ir_native(&l->b, NATIVE_accumulate, NULL, ARRAY_LEN(args), args);
    return array;
}

#define CUMULATIVE "axis=None, dtype=None"
static const LibRow rows[] = {
    {"numpy.argmin", "a, axis=None", type_arg, emit_arg, NULL, 1, 0},
    {"numpy.argmax", "a, axis=None", type_arg, emit_arg, &is_max, 1, 0},
    {"ndarray.argmin", "self, axis=None", type_arg, emit_arg, NULL, 1, 0},
    {"ndarray.argmax", "self, axis=None", type_arg, emit_arg, &is_max, 1, 0},
    {"numpy.cumsum", "a, " CUMULATIVE, type_cumulative, emit_cumulative, &cumsum, 1, 0},
    {"ndarray.cumsum", "self, " CUMULATIVE, type_cumulative, emit_cumulative, &cumsum, 1, 0},
    {"numpy.cumprod", "a, " CUMULATIVE, type_cumulative, emit_cumulative, &cumprod, 1, 0},
    {"ndarray.cumprod", "self, " CUMULATIVE, type_cumulative, emit_cumulative, &cumprod, 1, 0},
};

const LibTable library_argreduce_table = {"argreduce", rows, ARRAY_LEN(rows)};
