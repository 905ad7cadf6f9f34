/* shapes.c - shape and axis arguments: integers, tuples of integers, and the tuple that *args makes of either. */
#include "library/shapes.h"
#include "library/lower.h"

/* a.reshape((2, 3)) and a.reshape(2, 3) say the same: *args of one tuple is that tuple. */
static const Type *unwrap(const Type *t, bool is_star) {
    return is_star && t->nelem == 1 && type_is_tuple(t->elem[0]) ? t->elem[0] : t;
}

bool shape_types(const Type *t, bool is_star, ShapeTypes *out) {
    out->ndim = 0;
    if (!t) return false;
    t = unwrap(t, is_star);
    if (is_integer_like(t)) {
        out->ndim = 1;
        out->type[0] = t;
        return true;
    }
    if (!type_is_tuple(t) || t->nelem > ARRAY_MAX_NDIM) return false;
    for (uint32_t i = 0; i < t->nelem; i++) {
        if (!is_integer_like(t->elem[i])) return false;
        out->type[out->ndim++] = t->elem[i];
    }
    return true;
}

static ValueId item(Lower *l, ValueId tuple, const Type *t, uint32_t i) {
    return t->elem[i]->nleaves ? lower_field(l, tuple, i) : NO_VALUE;
}

void shape_values(Lower *l, const Type *t, bool is_star, ValueId value, ValueId *out) {
    const Type *inner = unwrap(t, is_star);
    if (inner != t) value = item(l, value, t, 0);
    if (!type_is_tuple(inner)) {
        out[0] = lower_int_to_i64(l, value, inner);
        return;
    }
    for (uint32_t i = 0; i < inner->nelem; i++)
        out[i] = lower_int_to_i64(l, item(l, value, inner, i), inner->elem[i]);
}

static bool literal_int_type(const Type *t, int64_t *value) {
    if (!t || t->kind != TYPE_LITERAL || t->elem[0]->kind != TYPE_INT) return false;
    *value = t->value;
    return true;
}

bool literal_ints(const Type *t, bool is_star, uint32_t *n, int64_t *out) {
    *n = 0;
    if (!t) return false;
    t = unwrap(t, is_star);
    if (literal_int_type(t, out)) {
        *n = 1;
        return true;
    }
    if (!type_is_tuple(t) || t->nelem > ARRAY_MAX_NDIM) return false;
    for (uint32_t i = 0; i < t->nelem; i++)
        if (!literal_int_type(t->elem[i], &out[(*n)++])) return false;
    return true;
}

static bool check_axis(Call *c, int64_t given, uint32_t ndim, uint32_t *axis) {
    int64_t a = given < 0 ? given + ndim : given;
    if (a < 0 || a >= ndim) {
        call_error(c, DIAG_WRONG_ARGUMENTS, "axis %lld is out of bounds for array of dimension %u",
                   (long long)given, ndim);
        return false;
    }
    *axis = (uint32_t)a;
    return true;
}

bool axis_literal(Call *c, uint32_t param, uint32_t ndim, uint32_t *axis) {
    int64_t given;
    if (call_literal_int(c, param, &given)) return check_axis(c, given, ndim, axis);
    call_error(c, DIAG_NOT_CONSTANT, "the axis must be known at compile time");
    return false;
}

bool axis_argument(Call *c, uint32_t param, uint32_t ndim, AxisArg *out) {
    int64_t given;
    *out = (AxisArg){.known = call_literal_int(c, param, &given)};
    if (out->known) return check_axis(c, given, ndim, &out->axis);
    const Type *t = c->type[param];
    if (t && is_integer_like(t) && ndim) return true;
    call_error(c, DIAG_WRONG_ARGUMENTS,
               ndim ? "the axis must be an integer, not %s"
                    : "axis %s is out of bounds for array of dimension 0",
               t ? t->name : "missing");
    return false;
}

bool axis_of_number(const Call *c, uint32_t param, uint32_t ndim) {
    int64_t given;
    return !ndim && call_literal_int(c, param, &given) && (given == 0 || given == -1);
}

ValueId axis_value(Lower *l, Call *c, uint32_t param, const AxisArg *a, uint32_t ndim) {
    if (a->known) return lower_i64(l, a->axis);
    ValueId given = lower_int_to_i64(l, c->value[param], c->type[param]), n = lower_i64(l, ndim);
    ValueId from_end = ir_icmp(&l->b, PRED_LT, given, lower_i64(l, 0));
    ValueId axis = ir_select(&l->b, from_end, lower_bin(l, OP_iadd, given, n), given);
    /* "axis1", "source": NumPy names those it has two of */
    const char *name = library_signature(c->row)->param[param].name;
    bool is_axis = !strcmp(name, "axis");
    lower_raise_if(l, ir_icmp(&l->b, PRED_UGE, axis, n), "AxisError",
                   lower_text(l, "%s%saxis %%d is out of bounds for array of dimension %u",
                              is_axis ? "" : name, is_axis ? "" : ": ", ndim),
                   1, &given);
    return axis;
}

ValueId pick_value(Lower *l, uint32_t n, const ValueId *value, ValueId number) {
    int64_t known;
    if (lower_known_int(l, number, &known)) return value[known];
    ValueId v = value[n - 1];
    for (uint32_t i = n - 1; i-- > 0;)
        v = lower_select(l, ir_icmp(&l->b, PRED_EQ, number, lower_i64(l, i)), value[i], v);
    return v;
}

View view_move_axis(Lower *l, const View *a, ValueId from, ValueId to) {
    View v = view_new(l, a->dtype, a->ndim, LAYOUT_A);
    ValueId one = lower_i64(l, 1), zero = lower_i64(l, 0);
    v.data = a->data;
    for (uint32_t i = 0; i < a->ndim; i++) {
        /* place i takes the next of the axes that stay, or the one that moves */
        ValueId place = lower_i64(l, i);
        ValueId behind = ir_select(&l->b, ir_icmp(&l->b, PRED_GT, place, to), one, zero);
        ValueId stays = lower_bin(l, OP_isub, place, behind);
        ValueId skip = ir_select(&l->b, ir_icmp(&l->b, PRED_GE, stays, from), one, zero);
        ValueId source = ir_select(&l->b, ir_icmp(&l->b, PRED_EQ, place, to), from,
                                   lower_bin(l, OP_iadd, stays, skip));
        v.shape[i] = pick_value(l, a->ndim, a->shape, source);
        v.stride[i] = pick_value(l, a->ndim, a->stride, source);
    }
    return v;
}

View view_insert_axis(Lower *l, const View *a, ValueId at) {
    View v = view_new(l, a->dtype, a->ndim + 1, LAYOUT_A);
    ValueId one = lower_i64(l, 1), zero = lower_i64(l, 0);
    v.data = a->data;
    for (uint32_t i = 0; i <= a->ndim; i++) {
        ValueId place = lower_i64(l, i), here = ir_icmp(&l->b, PRED_EQ, place, at);
        ValueId before = ir_icmp(&l->b, PRED_LT, place, at);
        ValueId extent = one, stride = zero;
        if (i < a->ndim && i) {
            extent = ir_select(&l->b, before, a->shape[i], a->shape[i - 1]);
            stride = ir_select(&l->b, before, a->stride[i], a->stride[i - 1]);
        } else if (a->ndim) {
            extent = a->shape[i ? i - 1 : 0];
            stride = a->stride[i ? i - 1 : 0];
        }
        v.shape[i] = ir_select(&l->b, here, one, extent);
        v.stride[i] = ir_select(&l->b, here, zero, stride);
    }
    return v;
}

bool axes_literal(Call *c, uint32_t param, uint32_t ndim, uint32_t *mask) {
    int64_t given[ARRAY_MAX_NDIM];
    uint32_t n, axis;
    *mask = ndim == 32 ? UINT32_MAX : (1u << ndim) - 1;
    if (call_is_none(c, param)) return true;
    *mask = 0;
    if (!literal_ints(c->type[param], false, &n, given)) {
        call_error(c, DIAG_NOT_CONSTANT, "the axis must be known at compile time");
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (!check_axis(c, given[i], ndim, &axis)) return false;
        if (*mask & 1u << axis) {
            call_error(c, DIAG_WRONG_ARGUMENTS, "duplicate value in 'axis'");
            return false;
        }
        *mask |= 1u << axis;
    }
    return true;
}
