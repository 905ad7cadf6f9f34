/* fancy.c - indexing with arrays: a[mask], a[indices], and the assignments to them.
 *
 * A mask of bools covers the first axes of the array; what it selects becomes one axis.  An array of integers
 * indexes the first axis, which its own axes replace.  Both make new arrays; elements are taken in C order of the
 * index.  In an assignment the values are converted into an array of their own first, so that they may come from the
 * array itself.
 */
#include "library/arrays.h"
#include "library/lower.h"
#include "library/reduce.h"

/* ---- types ----------------------------------------------------------------------------------------------- */

static bool is_mask(const Type *t) {
    return type_is_array(t) && t->ndim && type_dtype_of(t)->kind == TYPE_BOOL;
}
static bool is_indices(const Type *t) {
    return type_is_array(t) && t->ndim && type_dtype_of(t)->kind == TYPE_INT;
}

/* Axes of the array that the index replaces; 0: not an index of this file, UINT32_MAX: reported. */
static uint32_t replaced_axes(Call *c) {
    const Type *t = c->type[0], *index = c->type[1];
    if (!t || !index || !type_is_array(t) || (!is_mask(index) && !is_indices(index))) return 0;
    uint32_t n = is_mask(index) ? index->ndim : 1;
    if (n <= t->ndim) return n;
    call_error(c, DIAG_BAD_INDEX, "too many indices for array: array is %u-dimensional, but %u were indexed",
               t->ndim, n);
    return UINT32_MAX;
}

static uint32_t selected_ndim(const Type *t, const Type *index, uint32_t replaced) {
    return (is_mask(index) ? 1u : index->ndim) + t->ndim - replaced;
}

static const Type *type_getitem(Call *c) {
    uint32_t replaced = replaced_axes(c);
    if (replaced == 0) return call_decline(c);
    if (replaced == UINT32_MAX) return NULL;
    uint32_t ndim = selected_ndim(c->type[0], c->type[1], replaced);
    if (ndim > ARRAY_MAX_NDIM) return call_decline(c);
    return type_array(type_dtype_of(c->type[0]), ndim, LAYOUT_C, false, true);
}

static const Type *type_setitem(Call *c) {
    uint32_t replaced = replaced_axes(c);
    if (replaced == 0) return call_decline(c);
    if (replaced == UINT32_MAX) return NULL;
    const Type *t = c->type[0], *value = c->type[2], *element = element_type(value);
    if (t->readonly)
        return call_error(c, DIAG_READONLY,
                          "Cannot modify readonly array of type: %s (assignment destination is read-only)",
                          t->name);
    if (!element || (element->kind == TYPE_COMPLEX && type_dtype_of(t)->kind != TYPE_COMPLEX))
        return call_decline(c);
    uint32_t ndim = selected_ndim(t, c->type[1], replaced);
    if (type_is_array(value) && value->ndim > ndim)
        return call_error(c, DIAG_BAD_INDEX, "cannot assign %u dimensions to %u", value->ndim, ndim);
    return type_none;
}

/* ---- walking the index ------------------------------------------------------------------------------------ */

/* One walk over an index: where each selected part of the array lies, and its number. */
typedef struct {
    View array, index;
    bool is_mask;
    uint32_t replaced;
    Nest nest;
    LowerIf taken;   /* mask */
    ValueId counter; /* mask: address of the number of parts so far */
    ValueId part;    /* address of the selected part */
    ValueId number;  /* mask: which part this is */
} Walk;

static Walk walk_of(Lower *l, Call *c) {
    Walk w = {.array = view_of(l, c->value[0], c->type[0]), .index = view_of(l, c->value[1], c->type[1])};
    w.is_mask = is_mask(c->type[1]);
    w.replaced = w.is_mask ? w.index.ndim : 1;
    for (uint32_t i = 0; w.is_mask && i < w.index.ndim; i++)
        check_mask_axis(l, i, w.array.shape[i], w.index.shape[i]);
    return w;
}

static ValueId wrapped_index(Lower *l, const View *array, ValueId given, const Type *t) {
    ValueId n = array->shape[0], i = lower_int_to_i64(l, given, t), zero = lower_i64(l, 0);
    ValueId at = i;
    if (t->is_signed) at = ir_select(&l->b, ir_icmp(&l->b, PRED_LT, i, zero), lower_bin(l, OP_iadd, i, n), i);
    if (l->options->boundscheck)
        lower_raise_if(l, ir_icmp(&l->b, PRED_UGE, at, n), "IndexError",
                       "index %d is out of bounds for axis 0 with size %d", 2, (ValueId[]){i, n});
    return at;
}

/* Opens the loops: behind this, code runs once for every selected part. */
static void walk_begin(Lower *l, Walk *w) {
    w->counter = lower_alloca(l, 8);
    ir_store(&l->b, w->counter, lower_i64(l, 0));
    nest_begin(l, &w->nest, w->index.ndim, w->index.shape);
    ValueId index = lower_load_element(l, w->index.dtype, view_element(l, &w->index, w->nest.index));
    w->part = w->array.data;
    if (!w->is_mask) {
        ValueId at = wrapped_index(l, &w->array, index, w->index.dtype);
        w->part = lower_ptr_offset(l, w->part, at, w->array.stride[0]);
        return;
    }
    w->taken = lower_if(l, index);
    for (uint32_t i = 0; i < w->index.ndim; i++)
        w->part = lower_ptr_offset(l, w->part, w->nest.index[i], w->array.stride[i]);
    w->number = ir_load(&l->b, type_i64, w->counter);
}

static void walk_end(Lower *l, Walk *w) {
    if (w->is_mask) {
        ir_store(&l->b, w->counter, lower_bin(l, OP_iadd, w->number, lower_i64(l, 1)));
        lower_else(l, &w->taken);
        lower_endif(l, &w->taken, NO_VALUE, NO_VALUE);
    }
    nest_end(l, &w->nest);
}

/* The shape of what is selected. */
static uint32_t selected_shape(Lower *l, const Walk *w, ValueId *shape) {
    uint32_t n = 0;
    if (w->is_mask) shape[n++] = reduce_bools(l, REDUCE_COUNT_NONZERO, &w->index, type_i64);
    else
        for (uint32_t i = 0; i < w->index.ndim; i++) shape[n++] = w->index.shape[i];
    for (uint32_t i = w->replaced; i < w->array.ndim; i++) shape[n++] = w->array.shape[i];
    return n;
}

/* The part of `v`, an array of the selected shape, that belongs to this step of the walk. */
static ValueId part_of(Lower *l, const Walk *w, const View *v) {
    if (w->is_mask) return lower_ptr_offset(l, v->data, w->number, v->stride[0]);
    ValueId p = v->data;
    for (uint32_t i = 0; i < w->index.ndim; i++) p = lower_ptr_offset(l, p, w->nest.index[i], v->stride[i]);
    return p;
}

/* Copies one part, the axes behind the replaced ones, element by element. */
static void copy_part(Lower *l, const Walk *w, ValueId to, const ValueId *to_stride, ValueId from,
                      const ValueId *from_stride) {
    Nest rest;
    uint32_t n = w->array.ndim - w->replaced;
    nest_begin(l, &rest, n, w->array.shape + w->replaced);
    for (uint32_t i = 0; i < n; i++) {
        to = lower_ptr_offset(l, to, rest.index[i], to_stride[i]);
        from = lower_ptr_offset(l, from, rest.index[i], from_stride[i]);
    }
    lower_store_element(l, w->array.dtype, to, lower_load_element(l, w->array.dtype, from));
    nest_end(l, &rest);
}

/* ---- getitem ----------------------------------------------------------------------------------------------- */

static ValueId emit_getitem(Lower *l, Call *c) {
    ValueId shape[ARRAY_MAX_NDIM];
    Walk w = walk_of(l, c);
    selected_shape(l, &w, shape);
    ValueId array = lower_array_new(l, c->result, shape, false);
    View v = view_of(l, array, c->result);
    lower_cleanup_push(l, array);
    walk_begin(l, &w);
    uint32_t first = w.is_mask ? 1 : w.index.ndim;
    copy_part(l, &w, part_of(l, &w, &v), v.stride + first, w.part, w.array.stride + w.replaced);
    walk_end(l, &w);
    lower_cleanup_pop(l, 1);
    return array;
}

/* ---- setitem ----------------------------------------------------------------------------------------------- */

static void check_values(Lower *l, const Walk *w, uint32_t ndim, const ValueId *shape, const View *value,
                         ValueId *stride) {
    ValueId one = lower_i64(l, 1), zero = lower_i64(l, 0), bad = lower_bool(l, false);
    uint32_t lead = ndim - value->ndim;
    for (uint32_t i = 0; i < ndim; i++) {
        stride[i] = zero;
        if (i < lead) continue;
        ValueId n = value->shape[i - lead], repeats = ir_icmp(&l->b, PRED_EQ, n, one);
        ValueId differs = ir_icmp(&l->b, PRED_NE, n, shape[i]);
        bad = lower_or(l, bad, lower_and(l, differs, lower_not(l, repeats)));
        stride[i] = ir_select(&l->b, repeats, zero, value->stride[i - lead]);
    }
    if (w->is_mask && ndim == 1) {
        lower_raise_if(
            l, bad, "ValueError",
            "NumPy boolean array indexing assignment cannot assign %d input values to the %d output "
            "values where the mask is true",
            2, (ValueId[]){value->shape[0], shape[0]});
        return;
    }
    StrBuf text = {0};
    ValueId word[16];
    uint32_t n = 0;
    strbuf_puts(&text, "shape mismatch: value array of shape ");
    shape_format(&text, value->ndim);
    strbuf_puts(&text, " could not be broadcast to indexing result of shape ");
    shape_format(&text, ndim);
    for (uint32_t i = 0; i < value->ndim && n < ARRAY_LEN(word); i++) word[n++] = value->shape[i];
    for (uint32_t i = 0; i < ndim && n < ARRAY_LEN(word); i++) word[n++] = shape[i];
    lower_raise_if(l, bad, "ValueError", lower_text(l, "%s", text.at), n, word);
    strbuf_free(&text);
}

/* Before anything is stored, as in NumPy: what raises has changed nothing. */
static void check_indices(Lower *l, const Walk *w) {
    Nest nest;
    if (w->is_mask || !l->options->boundscheck) return;
    nest_begin(l, &nest, w->index.ndim, w->index.shape);
    ValueId index = lower_load_element(l, w->index.dtype, view_element(l, &w->index, nest.index));
    wrapped_index(l, &w->array, index, w->index.dtype);
    nest_end(l, &nest);
}

static void store_scalar(Lower *l, Walk *w, const Type *from, ValueId value) {
    Nest rest;
    ValueId v = lower_cast(l, value, from, w->array.dtype);
    check_indices(l, w);
    walk_begin(l, w);
    nest_begin(l, &rest, w->array.ndim - w->replaced, w->array.shape + w->replaced);
    ValueId to = w->part;
    for (uint32_t i = 0; i < rest.n; i++)
        to = lower_ptr_offset(l, to, rest.index[i], w->array.stride[w->replaced + i]);
    lower_store_element(l, w->array.dtype, to, v);
    nest_end(l, &rest);
    walk_end(l, w);
}

static void store_array(Lower *l, Call *c, Walk *w) {
    const Type *from = c->type[2];
    const Type *t = type_array(w->array.dtype, from->ndim, LAYOUT_C, false, true);
    MapInput input = {from, c->value[2]};
    const MapBody *convert = map_identity_body(&l->unit->arena, type_dtype_of(from), w->array.dtype);
    ValueId copy = map_new_array(l, convert, 1, &input, t);
    lower_cleanup_push(l, copy);
    View v = view_of(l, copy, t);
    ValueId shape[ARRAY_MAX_NDIM], stride[ARRAY_MAX_NDIM];
    uint32_t ndim = selected_shape(l, w, shape);
    check_values(l, w, ndim, shape, &v, stride);
    View spread = {
        .dtype = v.dtype, .ndim = ndim, .layout = LAYOUT_A, .data = v.data, .shape = shape, .stride = stride};
    check_indices(l, w);
    walk_begin(l, w);
    uint32_t first = w->is_mask ? 1 : w->index.ndim;
    copy_part(l, w, w->part, w->array.stride + w->replaced, part_of(l, w, &spread), stride + first);
    walk_end(l, w);
    lower_cleanup_pop(l, 1);
    lower_decref(l, copy);
}

static ValueId emit_setitem(Lower *l, Call *c) {
    Walk w = walk_of(l, c);
    const Type *from = c->type[2];
    if (type_is_array(from) && from->ndim) {
        store_array(l, c, &w);
        return NO_VALUE;
    }
    ValueId value = c->value[2];
    if (type_is_array(from)) {
        value = lower_load_element(l, type_dtype_of(from), lower_field(l, value, ARRAY_DATA));
        from = type_dtype_of(from);
    }
    store_scalar(l, &w, from, value);
    return NO_VALUE;
}

static const LibRow rows[] = {
    {"operator.getitem", "a, b, /", type_getitem, emit_getitem, NULL, 1, 0},
    {"operator.setitem", "a, b, c, /", type_setitem, emit_setitem, NULL, 1, 0},
};

const LibTable library_fancy_table = {"fancy", rows, ARRAY_LEN(rows)};
