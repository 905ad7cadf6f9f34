/* flat.c - going through all elements or all indices: a.flat, np.ndindex, np.ndenumerate.
 *
 * FLAT of an array is a.flat; FLAT of a tuple of int64 is ndindex of that shape; ndenumerate is a zip of both.  The state of
 * a loop counts the items (ITER_INDEX) and, unless the elements lie one behind the other, holds the index along each axis
 * behind it (FLAT_AXES), counted up like an odometer, so that no step divides.
 */
#include "library/flat.h"
#include "library/lower.h"
#include "library/shapes.h"

enum { FLAT_AXES = ITER_INDEX + 1 };

/* The extents that a loop goes through. */
static uint32_t flat_ndim(const Type *flat) {
    const Type *t = flat->elem[0];
    return type_is_array(t) ? t->ndim : t->nelem;
}

static void extents_of(Lower *l, ValueId flat, const Type *t, ValueId *extent) {
    const Type *inner = t->elem[0];
    for (uint32_t i = 0; i < flat_ndim(t); i++) {
        ValueId v = lower_field(l, flat, 0);
        extent[i] = type_is_array(inner) ? lower_array_shape(l, v, inner, i) : lower_field(l, v, i);
    }
}

static ValueId count_of(Lower *l, ValueId flat, const Type *t) {
    ValueId extent[ARRAY_MAX_NDIM], n = lower_i64(l, 1);
    extents_of(l, flat, t, extent);
    for (uint32_t i = 0; i < flat_ndim(t); i++) n = lower_bin(l, OP_imul, n, extent[i]);
    return n;
}

/* ---- the loop ---------------------------------------------------------------------------------------------- */

const Type *flat_state(Call *c, const Type *flat) {
    (void)c;
    return type_iter(flat, 0, NULL);
}

const Type *flat_item(Call *c, const Type *state) {
    (void)c;
    const Type *inner = state->elem[0]->elem[0];
    return type_is_array(inner) ? type_dtype_of(inner) : inner;
}

ValueId flat_begin(Lower *l, ValueId container, const Type *from, const Type *state) {
    ValueId field[ARRAY_MAX_NDIM + 2] = {container};
    (void)from;
    for (uint32_t i = ITER_INDEX; i < state->nfields; i++) field[i] = lower_i64(l, 0);
    return ir_make(&l->b, state, state->nfields, field);
}

ValueId flat_valid(Lower *l, ValueId v, const Type *state) {
    ValueId n = count_of(l, lower_field(l, v, ITER_CONTAINER), state->elem[0]);
    return ir_icmp(&l->b, PRED_LT, lower_field(l, v, ITER_INDEX), n);
}

ValueId flat_value(Lower *l, ValueId v, const Type *state, const Type *item) {
    const Type *inner = state->elem[0]->elem[0];
    uint32_t naxes = state->nfields - FLAT_AXES;
    ValueId index[ARRAY_MAX_NDIM];
    for (uint32_t i = 0; i < naxes; i++) index[i] = lower_field(l, v, FLAT_AXES + i);
    if (!type_is_array(inner)) return ir_make(&l->b, item, naxes, index);
    View a = view_of(l, lower_field(l, lower_field(l, v, ITER_CONTAINER), 0), inner);
    if (naxes) return lower_load_element(l, a.dtype, view_element(l, &a, index));
    ValueId size = lower_i64(l, type_itemsize(a.dtype));
    return lower_load_element(l, a.dtype, lower_ptr_offset(l, a.data, lower_field(l, v, ITER_INDEX), size));
}

ValueId flat_next(Lower *l, ValueId v, const Type *state) {
    ValueId field[ARRAY_MAX_NDIM + 2], extent[ARRAY_MAX_NDIM], zero = lower_i64(l, 0), one = lower_i64(l, 1);
    ValueId carry = one;
    field[ITER_CONTAINER] = lower_field(l, v, ITER_CONTAINER);
    field[ITER_INDEX] = lower_bin(l, OP_iadd, lower_field(l, v, ITER_INDEX), one);
    inst_at(l->b.f, field[ITER_INDEX])->flags |= INST_NSW;
    if (state->nfields > FLAT_AXES) extents_of(l, field[ITER_CONTAINER], state->elem[0], extent);
    for (uint32_t i = state->nfields; i-- > FLAT_AXES;) {
        ValueId up = lower_bin(l, OP_iadd, lower_field(l, v, i), carry);
        ValueId wraps = ir_icmp(&l->b, PRED_EQ, up, extent[i - FLAT_AXES]);
        field[i] = ir_select(&l->b, wraps, zero, up);
        carry = ir_select(&l->b, wraps, one, zero);
    }
    return ir_make(&l->b, state, state->nfields, field);
}

/* ---- making them ----------------------------------------------------------------------------------------------- */

static const Type *type_flat_attribute(Call *c) {
    return type_is_array(c->type[0]) ? type_flat(c->type[0]) : call_decline(c);
}

static ValueId emit_flat_attribute(Lower *l, Call *c) {
    lower_incref(l, c->value[0]);
    return ir_make(&l->b, c->result, 1, c->value);
}

static const Type *index_type(uint32_t n) {
    const Type *elem[ARRAY_MAX_NDIM];
    for (uint32_t i = 0; i < n; i++) elem[i] = type_i64;
    return type_tuple(n, elem);
}

static const Type *type_ndindex(Call *c) {
    ShapeTypes s;
    if (!shape_types(c->type[0], true, &s)) return call_decline(c);
    return type_flat(index_type(s.ndim));
}

static ValueId emit_ndindex(Lower *l, Call *c) {
    ValueId extent[ARRAY_MAX_NDIM], zero = lower_i64(l, 0);
    const Type *tuple = c->result->elem[0];
    shape_values(l, c->type[0], true, c->value[0], extent);
    for (uint32_t i = 0; i < tuple->nelem; i++)
        lower_raise_if(l, ir_icmp(&l->b, PRED_LT, extent[i], zero), "ValueError",
                       "negative dimensions are not allowed", 0, NULL);
    ValueId shape = tuple->nelem ? ir_make(&l->b, tuple, tuple->nelem, extent) : lower_empty(l, tuple);
    return ir_make(&l->b, c->result, 1, &shape);
}

static const Type *type_ndenumerate(Call *c) {
    const Type *t = c->type[0];
    if (!type_is_array(t)) return call_decline(c);
    return type_zip(false, 2, (const Type *[]){type_flat(index_type(t->ndim)), type_flat(t)});
}

static ValueId emit_ndenumerate(Lower *l, Call *c) {
    const Type *t = c->type[0], *tuple = index_type(t->ndim);
    ValueId extent[ARRAY_MAX_NDIM];
    for (uint32_t i = 0; i < t->ndim; i++) extent[i] = lower_array_shape(l, c->value[0], t, i);
    ValueId shape = t->ndim ? ir_make(&l->b, tuple, t->ndim, extent) : lower_empty(l, tuple);
    lower_incref(l, c->value[0]);
    ValueId part[2] = {ir_make(&l->b, c->result->elem[0], 1, &shape),
                       ir_make(&l->b, c->result->elem[1], 1, c->value)};
    return ir_make(&l->b, c->result, 2, part);
}

static const Type *type_flat_base(Call *c) {
    return c->type[0]->kind == TYPE_FLAT && type_is_array(c->type[0]->elem[0]) ? c->type[0]->elem[0]
                                                                               : call_decline(c);
}

static ValueId emit_flat_base(Lower *l, Call *c) {
    ValueId array = lower_field(l, c->value[0], 0);
    lower_incref(l, array);
    return array;
}

/* ---- a.flat[i] ----------------------------------------------------------------------------------------------------- */

static const Type *type_flat_len(Call *c) {
    return c->type[0]->kind == TYPE_FLAT ? type_i64 : call_decline(c);
}

static ValueId emit_flat_len(Lower *l, Call *c) { return count_of(l, c->value[0], c->type[0]); }

/* The address of element number i in C order; IndexError outside. */
static ValueId flat_address(Lower *l, Call *c) {
    const Type *t = c->type[0]->elem[0];
    View a = view_of(l, lower_field(l, c->value[0], 0), t);
    ValueId given = lower_int_to_i64(l, c->value[1], c->type[1]), n = view_size(l, &a);
    ValueId from_end = ir_icmp(&l->b, PRED_LT, given, lower_i64(l, 0));
    ValueId at = ir_select(&l->b, from_end, lower_bin(l, OP_iadd, given, n), given);
    lower_raise_if(l, ir_icmp(&l->b, PRED_UGE, at, n), "IndexError", "index %d is out of bounds for size %d",
                   2, (ValueId[]){given, n});
    if (a.layout == LAYOUT_C) return lower_ptr_offset(l, a.data, at, lower_i64(l, type_itemsize(a.dtype)));
    ValueId address = a.data;
    for (uint32_t i = a.ndim; i-- > 0;) {
        ValueId rest = i ? lower_bin(l, OP_udiv, at, a.shape[i]) : lower_i64(l, 0);
        ValueId index = lower_bin(l, OP_isub, at, lower_bin(l, OP_imul, rest, a.shape[i]));
        address = lower_ptr_offset(l, address, index, a.stride[i]);
        at = rest;
    }
    return address;
}

static bool is_flat_index(const Call *c) {
    return c->type[0]->kind == TYPE_FLAT && type_is_array(c->type[0]->elem[0]) && is_integer_like(c->type[1]);
}

static const Type *type_flat_getitem(Call *c) {
    return is_flat_index(c) ? type_dtype_of(c->type[0]->elem[0]) : call_decline(c);
}

static ValueId emit_flat_getitem(Lower *l, Call *c) {
    return lower_load_element(l, type_dtype_of(c->type[0]->elem[0]), flat_address(l, c));
}

static const Type *type_flat_setitem(Call *c) {
    if (!is_flat_index(c) || !is_scalar(c->type[2])) return call_decline(c);
    const Type *t = c->type[0]->elem[0];
    if (t->readonly)
        return call_error(c, DIAG_READONLY,
                          "Cannot modify readonly array of type: %s (assignment destination is read-only)",
                          t->name);
    bool loses = type_base(c->type[2])->kind == TYPE_COMPLEX && type_dtype_of(t)->kind != TYPE_COMPLEX;
    return loses ? call_decline(c) : type_none;
}

static ValueId emit_flat_setitem(Lower *l, Call *c) {
    const Type *dtype = type_dtype_of(c->type[0]->elem[0]);
    ValueId address = flat_address(l, c);
    lower_store_element(l, dtype, address, lower_cast(l, c->value[2], c->type[2], dtype));
    return NO_VALUE;
}

static const LibRow rows[] = {
    {"ndarray.flat@", "a", type_flat_attribute, emit_flat_attribute, NULL, 1, LIB_BORROWS},
    {"numpy.ndindex", "*shape", type_ndindex, emit_ndindex, NULL, 1, 0},
    {"numpy.ndenumerate", "arr", type_ndenumerate, emit_ndenumerate, NULL, 1, LIB_BORROWS},
    {"builtins.len", "obj, /", type_flat_len, emit_flat_len, NULL, 1, LIB_PURE},
    {"flatiter.base@", "a", type_flat_base, emit_flat_base, NULL, 1, LIB_BORROWS},
    {"flatiter.size@", "a", type_flat_len, emit_flat_len, NULL, 1, LIB_PURE},
    {"operator.getitem", "a, b, /", type_flat_getitem, emit_flat_getitem, NULL, 1, 0},
    {"operator.setitem", "a, b, c, /", type_flat_setitem, emit_flat_setitem, NULL, 1, 0},
};

const LibTable library_flat_table = {"flat", rows, ARRAY_LEN(rows)};
