/* reinterpret.c - the memory of an array seen as elements of another type (a.view, strings as characters), and `x in a`. */
#include "library/lower.h"
#include "library/records.h"
#include "library/reduce.h"

/* ---- view ------------------------------------------------------------------------------------------------- */

static const Type *type_view(Call *c) {
    const Type *t = c->type[0], *dtype = call_dtype(c, 1);
    if (!type_is_array(t) || !dtype) return call_decline(c);
    bool same = type_itemsize(dtype) == type_itemsize(type_dtype_of(t));
    if (!same && t->ndim == 0)
        return call_error(c, DIAG_WRONG_ARGUMENTS,
                          "Changing the dtype of a 0d array is only supported if the itemsize is unchanged");
    Layout layout = same || t->layout == LAYOUT_C ? t->layout : LAYOUT_A;
    return type_array(dtype, t->ndim, layout, t->readonly, t->aligned);
}

/* The last axis has as many bytes as before. */
static void resize_last(Lower *l, View *v, unsigned from, unsigned to) {
    uint32_t last = v->ndim - 1;
    ValueId size = lower_i64(l, to), old = lower_i64(l, from), zero = lower_i64(l, 0);
    ValueId nbytes = lower_bin(l, OP_imul, v->shape[last], old), stride = v->stride[last];
    ValueId apart = ir_icmp(&l->b, PRED_NE, stride, old); /* a single element has no neighbour */
    ValueId several = ir_icmp(&l->b, PRED_GT, v->shape[last], lower_i64(l, 1));
    lower_raise_if(l, lower_bin(l, OP_iand, apart, several), "ValueError",
                   "To change to a dtype of a different size, the last axis must be contiguous", 0, NULL);
    v->shape[last] = lower_bin(l, OP_udiv, nbytes, size);
    v->stride[last] = size;
    ValueId rest = lower_bin(l, OP_isub, nbytes, lower_bin(l, OP_imul, v->shape[last], size));
    const char *text =
        to > from ? "When changing to a larger dtype, its size must be a divisor of the total size in "
                    "bytes of the last axis of the array."
                  : "When changing to a smaller dtype, its size must be a divisor of the size of original "
                    "dtype";
    lower_raise_if(l, ir_icmp(&l->b, PRED_NE, rest, zero), "ValueError", text, 0, NULL);
}

static ValueId emit_view(Lower *l, Call *c) {
    const Type *t = c->type[0], *dtype = type_dtype_of(c->result);
    View a = view_of(l, c->value[0], t), v = view_new(l, dtype, a.ndim, c->result->layout);
    unsigned from = type_itemsize(a.dtype), to = type_itemsize(dtype);
    v.data = a.data;
    memcpy(v.shape, a.shape, a.ndim * sizeof *v.shape);
    memcpy(v.stride, a.stride, a.ndim * sizeof *v.stride);
    if (from != to) resize_last(l, &v, from, to);
    return view_to_array(l, &v, c->result, c->value[0], t);
}

/* ---- elements that are no numbers, as numbers on an axis of their own -------------------------------------------------- */

/* What an element is made of: characters, or bytes. */
static const Type *code_type(const Type *dtype) {
    bool is_unicode = dtype->kind == TYPE_CHARSEQ && dtype->flags & TYPE_CHARSEQ_UNICODE;
    return is_unicode ? type_u32 : type_u8;
}

static const Type *type_item_codes(Call *c) {
    const Type *t = c->type[0];
    if (!t || !is_storage_array(t) || t->ndim == ARRAY_MAX_NDIM) return call_decline(c);
    const Type *code = code_type(type_dtype_of(t));
    Layout layout = t->layout == LAYOUT_C ? LAYOUT_C : LAYOUT_A;
    return type_array(code, t->ndim + 1u, layout, t->readonly, t->aligned || code == type_u8);
}

static ValueId emit_item_codes(Lower *l, Call *c) {
    View a = view_of(l, c->value[0], c->type[0]),
         v = view_new(l, type_dtype_of(c->result), a.ndim + 1, c->result->layout);
    unsigned size = type_itemsize(v.dtype);
    v.data = a.data;
    memcpy(v.shape, a.shape, a.ndim * sizeof *v.shape);
    memcpy(v.stride, a.stride, a.ndim * sizeof *v.stride);
    v.shape[a.ndim] = lower_i64(l, type_itemsize(a.dtype) / size);
    v.stride[a.ndim] = lower_i64(l, size);
    return view_to_array(l, &v, c->result, c->value[0], c->type[0]);
}

/* And back: a contiguous array of codes, the last axis of which is as long as an element. */
static const Type *type_items_of(Call *c) {
    const Type *t = c->type[0], *given = c->type[1];
    if (!type_is_array(t) || t->ndim < 1 || t->layout != LAYOUT_C || given->kind != TYPE_DTYPE)
        return call_decline(c);
    const Type *dtype = given->elem[0];
    if (!type_is_storage(dtype) || type_dtype_of(t) != code_type(dtype)) return call_decline(c);
    return type_array(dtype, t->ndim - 1u, LAYOUT_C, t->readonly, t->aligned);
}

static ValueId emit_items_of(Lower *l, Call *c) {
    View codes = view_of(l, c->value[0], c->type[0]),
         v = view_new(l, type_dtype_of(c->result), c->result->ndim, LAYOUT_C);
    v.data = codes.data;
    memcpy(v.shape, codes.shape, v.ndim * sizeof *v.shape);
    view_fill_strides(l, &v);
    return view_to_array(l, &v, c->result, c->value[0], c->type[0]);
}

/* ---- x in a: some element is equal -------------------------------------------------------------------------- */

static bool comparison(Call *c, const Type **compute) {
    const Type *item = c->type[0], *t = c->type[1], *result;
    if (!t || !type_is_array(t) || !item || !is_scalar(item)) return false;
    const Type *operand[2] = {type_dtype_of(t), type_base(item)};
    bool weak[2] = {false, is_weak(item)};
    return library_ufunc_types(library_ufunc("equal"), operand, weak, compute, &result);
}

static const Type *type_contains(Call *c) {
    const Type *compute;
    return comparison(c, &compute) ? type_bool : call_decline(c);
}

static ValueId emit_contains(Lower *l, Call *c) {
    Arena *arena = &l->unit->arena;
    const Type *t = c->type[1], *compute;
    comparison(c, &compute);
    MapBody body = {0};
    map_leaf(arena, &body, 0, type_dtype_of(t));
    map_leaf(arena, &body, 1, type_base(c->type[0]));
    map_node(arena, &body, library_ufunc("equal"), compute, type_bool, 0, 1, 0);
    MapInput input[2] = {{t, c->value[1]}, {c->type[0], c->value[0]}};
    const Type *made = array_type_like(t, type_bool, t->ndim,
                                       t->ndim > 1 && t->layout == LAYOUT_F ? LAYOUT_F : LAYOUT_C);
    ValueId equal = map_new_array(l, &body, 2, input, made);
    if (!t->ndim) {
        View v = view_of(l, equal, made);
        ValueId one = lower_load_element(l, type_bool, v.data);
        lower_decref(l, equal);
        return one;
    }
    lower_cleanup_push(l, equal);
    View v = view_of(l, equal, made);
    ValueId any = reduce_bools(l, REDUCE_ANY, &v, type_bool);
    lower_cleanup_pop(l, 1);
    lower_decref(l, equal);
    return any;
}

static ValueId emit_not_contains(Lower *l, Call *c) { return lower_not(l, emit_contains(l, c)); }

/* ---- as_strided: any extents and strides over the memory of an array ------------------------------------------ */

static uint32_t word_count(const Type *t) { return type_is_tuple(t) ? t->nelem : 1; }

static bool are_words(const Type *t) {
    if (!type_is_tuple(t)) return is_integer_like(t);
    for (uint32_t i = 0; i < t->nelem; i++)
        if (!is_integer_like(t->elem[i])) return false;
    return true;
}

static const Type *type_as_strided(Call *c) {
    const Type *t = c->type[0];
    bool writeable = true;
    if (!t || !type_is_array(t) || !call_literal_bool(c, 4, &writeable)) return call_decline(c);
    uint32_t n[2] = {t->ndim, t->ndim};
    for (uint32_t i = 0; i < 2; i++) {
        if (call_is_none(c, 1 + i)) continue;
        if (!are_words(c->type[1 + i])) return call_decline(c);
        n[i] = word_count(c->type[1 + i]);
    }
    if (n[0] != n[1] || n[0] > ARRAY_MAX_NDIM)
        return call_error(c, DIAG_WRONG_ARGUMENTS, "mismatch in length of strides and shape");
    return type_array(type_dtype_of(t), n[0], n[0] ? LAYOUT_A : LAYOUT_C, t->readonly || !writeable,
                      t->aligned);
}

static void words_of(Lower *l, const Type *t, ValueId value, ValueId *out) {
    for (uint32_t i = 0; i < word_count(t); i++) {
        const Type *item = type_is_tuple(t) ? t->elem[i] : t;
        ValueId v = type_is_tuple(t) && item->nleaves ? lower_field(l, value, i) : value;
        out[i] = lower_int_to_i64(l, v, item);
    }
}

/* x.view(dtype): the bits of a number as another one. */
static const Type *type_view_number(Call *c) {
    const Type *t = type_base(c->type[0]), *dtype = call_dtype(c, 1);
    if (!dtype) return call_decline(c);
    bool plain = (t->kind == TYPE_INT || t->kind == TYPE_FLOAT) &&
                 (dtype->kind == TYPE_INT || dtype->kind == TYPE_FLOAT);
    if (type_itemsize(dtype) != type_itemsize(t))
        return call_error(c, DIAG_WRONG_ARGUMENTS,
                          "Changing the dtype of a 0d array is only supported if the itemsize is unchanged");
    return plain || dtype == t ? dtype : call_decline(c);
}

static ValueId emit_view_number(Lower *l, Call *c) {
    const Type *t = type_base(c->type[0]);
    ValueId v = lower_cast(l, c->value[0], c->type[0], t);
    return t == c->result ? v : lower_un(l, OP_bitcast, c->result, v);
}

static ValueId emit_as_strided(Lower *l, Call *c) {
    View a = view_of(l, c->value[0], c->type[0]),
         v = view_new(l, a.dtype, c->result->ndim, c->result->layout);
    v.data = a.data;
    ValueId *part[2] = {v.shape, v.stride}, *own[2] = {a.shape, a.stride};
    for (uint32_t i = 0; i < 2; i++) {
        if (call_is_none(c, 1 + i)) memcpy(part[i], own[i], v.ndim * sizeof *part[i]);
        else words_of(l, c->type[1 + i], c->value[1 + i], part[i]);
    }
    return view_to_array(l, &v, c->result, c->value[0], c->type[0]);
}

static const LibRow rows[] = {
    {"numpy.lib.stride_tricks.as_strided", "x, shape=None, strides=None, subok=False, writeable=True",
     type_as_strided, emit_as_strided, NULL, 1, LIB_BORROWS},
    {"ndarray.view", "self, dtype", type_view, emit_view, NULL, 1, LIB_BORROWS},
    {"naja.library.low.item_codes", "a, /", type_item_codes, emit_item_codes, NULL, 1,
     LIB_BORROWS | LIB_STORAGE},
    {"naja.library.low.items_of", "codes, dtype, /", type_items_of, emit_items_of, NULL, 1,
     LIB_BORROWS | LIB_STORAGE},
    {"number.view", "self, dtype", type_view_number, emit_view_number, NULL, 1, LIB_PURE | LIB_NO_RAISE},
    {"operator.contains", "a, b", type_contains, emit_contains, NULL, 1, 0},
    {"operator.not_contains", "a, b", type_contains, emit_not_contains, NULL, 1, 0},
};

const LibTable library_reinterpret_table = {"reinterpret", rows, ARRAY_LEN(rows)};
