/* gather.c - indices of which some are arrays: a[:, idx], a[i, idx, 1:], a[rows, columns], a[mask, 0], a[..., mask].
 *
 * NumPy's rules.  Integers and slices are applied first and give a view.  Every array of integers stands for one of
 * its axes, a mask of n axes for n of them: it is replaced by the n arrays of the positions of its true elements.
 * These index arrays are broadcast together.  The axes of the broadcast shape replace the indexed ones where all
 * arrays and integers stand side by side in the index, and come first otherwise.
 *
 * The loops run over the result in C order: the remaining axes in front, the broadcast ones, which give the address
 * of a part of the view, and the axes behind, which are the part.  In an assignment the values are converted into an
 * array of their own first, so that they may come from the array itself.
 *
 * Single arrays and masks of integers that index the first axes are served by fancy.c.
 */
#include "library/index.h"
#include "library/lower.h"
#include "library/reduce.h"

enum { MAX_INDEX_ARRAYS = ARRAY_MAX_NDIM };

/* ---- planning ---------------------------------------------------------------------------------------------- */

typedef struct {
    const Type *type;
    int32_t component; /* of the index tuple; -1: the index itself */
    uint32_t dim;      /* of the view; a mask has type->ndim of them */
    uint32_t axis;     /* of the array, for messages */
} IndexArray;

typedef struct {
    IndexPlan basic; /* arrays count as full slices */
    IndexArray array[MAX_INDEX_ARRAYS];
    uint32_t narrays;
    uint32_t spread;                          /* axes of the broadcast index */
    uint32_t nrest, rest[2 * ARRAY_MAX_NDIM]; /* dims of the view that are not indexed by arrays */
    uint32_t place;                           /* of the broadcast axes: how many of `rest` are in front */
} Plan;

static bool is_mask(const Type *t) {
    return type_is_array(t) && t->ndim && type_dtype_of(t)->kind == TYPE_BOOL;
}
/* A list display of integers. */
static bool is_index_list(const Type *t) {
    if (!library_is_list(t) || !t->nelem) return false;
    for (uint32_t i = 0; i < t->nelem; i++)
        if (type_base(t->elem[i])->kind != TYPE_INT) return false;
    return true;
}

static bool is_index_array(const Type *t) {
    if (is_index_list(t)) return true;
    return type_is_array(t) && (type_dtype_of(t)->kind == TYPE_INT || is_mask(t));
}

static uint32_t axes_of(const Type *t) {
    const Type *b = type_base(t);
    if (is_index_array(t)) return is_mask(t) ? t->ndim : 1;
    return b->kind == TYPE_INT || b->kind == TYPE_SLICE;
}

static void add_basic(Plan *p, IndexKind kind, const Type *t, int32_t component) {
    p->basic.item[p->basic.n++] = (IndexItem){.kind = kind, .type = t, .component = component};
    p->basic.ndim += kind != INDEX_INT;
}

static void add_rest(Plan *p, IndexKind kind, const Type *t, int32_t component) {
    p->rest[p->nrest++] = p->basic.ndim;
    add_basic(p, kind, t, component);
}

static void add_array(Plan *p, const Type *t, int32_t component, uint32_t axis) {
    uint32_t spread = is_mask(t) || is_index_list(t) ? 1 : t->ndim;
    p->array[p->narrays++] = (IndexArray){t, component, p->basic.ndim, axis};
    if (spread > p->spread) p->spread = spread;
    for (uint32_t k = 0; k < axes_of(t); k++) add_basic(p, INDEX_FULL, NULL, -1);
}

/* One part of the index; `missing`: axes that an ellipsis stands for.  False: no such index. */
static bool add_part(Plan *p, const Type *t, int32_t component, uint32_t missing, uint32_t axis) {
    const Type *b = type_base(t);
    if (is_index_array(t)) add_array(p, t, component, axis);
    else if (b->kind == TYPE_INT) add_basic(p, INDEX_INT, t, component);
    else if (b->kind == TYPE_SLICE)
        add_rest(p, b->flags & TYPE_SLICE_FULL ? INDEX_FULL : INDEX_SLICE, t, component);
    else if (b->kind == TYPE_NONE) add_rest(p, INDEX_NEW, t, component);
    else if (b->kind == TYPE_ELLIPSIS)
        for (uint32_t k = 0; k < missing; k++) add_rest(p, INDEX_FULL, NULL, -1);
    else return false;
    return true;
}

/* Where the broadcast axes go: `first` and `last` are the outermost parts that are arrays or integers. */
static void set_place(Plan *p, uint32_t n, const Type *const *part, const uint32_t *rest_before) {
    uint32_t first = n, last = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!is_index_array(part[i]) && type_base(part[i])->kind != TYPE_INT) continue;
        if (first == n) first = i;
        last = i;
    }
    bool together = true;
    for (uint32_t i = first; i < last; i++)
        together &= is_index_array(part[i]) || type_base(part[i])->kind == TYPE_INT;
    p->place = together ? rest_before[first] : 0;
}

typedef enum { PLANNED, NOT_OURS, WRONG } Planning;

static Planning plan_index(Call *c, Plan *p) {
    const Type *t = c->type[0], *index = c->type[1];
    *p = (Plan){0};
    if (!t || !index || !type_is_array(t)) return NOT_OURS;
    bool is_tuple = type_is_tuple(index) && !library_is_list(index);
    uint32_t n = is_tuple ? index->nelem : 1, naxes = 0, narrays = 0, nellipses = 0;
    const Type *const *part = is_tuple ? index->elem : (const Type *const *)&index;
    if (n > ARRAY_MAX_NDIM) return NOT_OURS;
    uint32_t rest_before[ARRAY_MAX_NDIM + 1];
    for (uint32_t i = 0; i < n; i++) {
        naxes += axes_of(part[i]);
        narrays += is_index_array(part[i]);
        nellipses += part[i]->kind == TYPE_ELLIPSIS;
    }
    if (!narrays || nellipses > 1) return NOT_OURS;
    if (naxes > t->ndim) {
        if (c->infer)
            call_error(c, DIAG_BAD_INDEX,
                       "too many indices for array: array is %u-dimensional, but %u were indexed", t->ndim,
                       naxes);
        return WRONG;
    }
    uint32_t missing = t->ndim - naxes, axis = 0;
    for (uint32_t i = 0; i < n; i++) {
        rest_before[i] = p->nrest;
        if (!add_part(p, part[i], is_tuple ? (int32_t)i : -1, missing, axis)) return NOT_OURS;
        axis += part[i]->kind == TYPE_ELLIPSIS ? missing : axes_of(part[i]);
    }
    for (uint32_t k = 0; !nellipses && k < missing; k++) add_rest(p, INDEX_FULL, NULL, -1);
    set_place(p, n, part, rest_before);
    return p->basic.ndim <= ARRAY_MAX_NDIM && p->nrest + p->spread <= ARRAY_MAX_NDIM ? PLANNED : NOT_OURS;
}

/* ---- types --------------------------------------------------------------------------------------------------- */

static const Type *type_getitem(Call *c) {
    Plan p;
    switch (plan_index(c, &p)) {
    case NOT_OURS: return call_decline(c);
    case WRONG: return NULL;
    case PLANNED: break;
    }
    uint32_t ndim = p.nrest + p.spread;
    const Type *dtype = type_dtype_of(c->type[0]);
    return ndim ? type_array(dtype, ndim, LAYOUT_C, false, true) : dtype;
}

static const Type *type_setitem(Call *c) {
    Plan p;
    switch (plan_index(c, &p)) {
    case NOT_OURS: return call_decline(c);
    case WRONG: return NULL;
    case PLANNED: break;
    }
    const Type *t = c->type[0], *value = c->type[2], *element = element_type(value);
    if (t->readonly)
        return call_error(c, DIAG_READONLY,
                          "Cannot modify readonly array of type: %s (assignment destination is read-only)",
                          t->name);
    if (!element || (element->kind == TYPE_COMPLEX && type_dtype_of(t)->kind != TYPE_COMPLEX))
        return call_decline(c);
    if (type_is_array(value) && value->ndim > p.nrest + p.spread)
        return call_error(c, DIAG_BAD_INDEX, "cannot assign %u dimensions to %u", value->ndim,
                          p.nrest + p.spread);
    return type_none;
}

/* ---- index arrays ---------------------------------------------------------------------------------------------- */

/* The index arrays as they are walked: one for each indexed dim of the view. */
typedef struct {
    View index[ARRAY_MAX_NDIM]; /* any integer type */
    uint32_t dim[ARRAY_MAX_NDIM], axis[ARRAY_MAX_NDIM], n;
    uint32_t ntemporaries;
    ValueId temporary[ARRAY_MAX_NDIM + 1]; /* positions in masks, offsets; on the cleanup stack */
} Indices;

static void check_mask(Lower *l, const IndexArray *a, const View *view, const View *mask) {
    for (uint32_t i = 0; i < mask->ndim; i++)
        check_mask_axis(l, a->axis + i, view->shape[a->dim + i], mask->shape[i]);
}

/* The positions of a mask's true elements, an array for each of its axes. */
static void add_mask(Lower *l, Indices *out, const IndexArray *a, const View *view, const View *mask) {
    const Type *t = type_array(type_i64, 1, LAYOUT_C, false, true);
    check_mask(l, a, view, mask);
    ValueId count = reduce_bools(l, REDUCE_COUNT_NONZERO, mask, type_i64), counter = lower_alloca(l, 8);
    uint32_t first = out->n;
    for (uint32_t i = 0; i < mask->ndim; i++) {
        ValueId array = lower_array_new(l, t, &count, false);
        lower_cleanup_push(l, array);
        out->temporary[out->ntemporaries++] = array;
        out->dim[out->n] = a->dim + i;
        out->axis[out->n] = a->axis + i;
        out->index[out->n++] = view_of(l, array, t);
    }
    Nest nest;
    ir_store(&l->b, counter, lower_i64(l, 0));
    nest_begin(l, &nest, mask->ndim, mask->shape);
    LowerIf taken = lower_if(l, lower_load_element(l, type_bool, view_element(l, mask, nest.index)));
    ValueId number = ir_load(&l->b, type_i64, counter);
    for (uint32_t i = 0; i < mask->ndim; i++)
        lower_store_element(l, type_i64, view_element(l, &out->index[first + i], &number), nest.index[i]);
    ir_store(&l->b, counter, lower_bin(l, OP_iadd, number, lower_i64(l, 1)));
    lower_else(l, &taken);
    lower_endif(l, &taken, NO_VALUE, NO_VALUE);
    nest_end(l, &nest);
}

/* The integers of a list display, in a stack buffer. */
static View view_of_list(Lower *l, const Type *t, ValueId list) {
    ValueId item[t->nelem];
    for (uint32_t i = 0; i < t->nelem; i++) {
        ValueId v = t->elem[i]->nleaves ? lower_field(l, list, i) : NO_VALUE;
        item[i] = lower_int_to_i64(l, v, t->elem[i]);
    }
    View v = view_new(l, type_i64, 1, LAYOUT_C);
    v.data = lower_shape_pointer(l, t->nelem, item);
    v.shape[0] = lower_i64(l, t->nelem);
    view_fill_strides(l, &v);
    return v;
}

static void find_indices(Lower *l, Call *c, const Plan *p, const View *view, Indices *out) {
    *out = (Indices){0};
    for (uint32_t i = 0; i < p->narrays; i++) {
        const IndexArray *a = &p->array[i];
        ValueId value = c->value[1];
        if (a->component >= 0 && a->type->nleaves) value = lower_field(l, value, (uint32_t)a->component);
        View v = is_index_list(a->type) ? view_of_list(l, a->type, value) : view_of(l, value, a->type);
        if (is_mask(a->type)) {
            add_mask(l, out, a, view, &v);
            continue;
        }
        out->dim[out->n] = a->dim;
        out->axis[out->n] = a->axis;
        out->index[out->n++] = v;
    }
}

static void release_indices(Lower *l, const Indices *x) {
    lower_cleanup_pop(l, x->ntemporaries);
    for (uint32_t i = 0; i < x->ntemporaries; i++) lower_decref(l, x->temporary[i]);
}

static void raise_mismatch(Lower *l, const Indices *x, ValueId bad) {
    StrBuf text = {0};
    ValueId word[16];
    uint32_t n = 0;
    strbuf_puts(&text, "shape mismatch: indexing arrays could not be broadcast together with shapes ");
    for (uint32_t k = 0; k < x->n; k++) {
        shape_format(&text, x->index[k].ndim);
        strbuf_puts(&text, " ");
        for (uint32_t i = 0; i < x->index[k].ndim && n < ARRAY_LEN(word); i++)
            word[n++] = x->index[k].shape[i];
    }
    lower_raise_if(l, bad, "IndexError", lower_text(l, "%s", text.at), n, word);
    strbuf_free(&text);
}

/* Broadcasts the index arrays together: gives the shape, and every index view that many axes. */
static void broadcast(Lower *l, Indices *x, uint32_t ndim, ValueId *shape) {
    ValueId one = lower_i64(l, 1), zero = lower_i64(l, 0), bad = NO_VALUE;
    for (uint32_t d = 0; d < ndim; d++) {
        shape[d] = NO_VALUE;
        for (uint32_t k = 0; k < x->n; k++) {
            const View *v = &x->index[k];
            if (d + v->ndim < ndim) continue;
            ValueId n = v->shape[d + v->ndim - ndim];
            if (shape[d] == NO_VALUE) {
                shape[d] = n;
                continue;
            }
            ValueId repeats = ir_icmp(&l->b, PRED_EQ, n, one), all = ir_icmp(&l->b, PRED_EQ, shape[d], one);
            ValueId wrong = lower_and(l, ir_icmp(&l->b, PRED_NE, n, shape[d]),
                                      lower_not(l, lower_or(l, repeats, all)));
            bad = bad == NO_VALUE ? wrong : lower_or(l, bad, wrong);
            shape[d] = ir_select(&l->b, repeats, shape[d], n);
        }
    }
    if (bad != NO_VALUE) raise_mismatch(l, x, bad);
    for (uint32_t k = 0; k < x->n; k++) {
        View *v = &x->index[k], wide = view_new(l, v->dtype, ndim, LAYOUT_A);
        wide.data = v->data;
        for (uint32_t d = 0; d < ndim; d++) {
            wide.shape[d] = shape[d];
            wide.stride[d] = zero;
            if (d + v->ndim < ndim) continue;
            uint32_t own = d + v->ndim - ndim;
            ValueId repeats = ir_icmp(&l->b, PRED_EQ, v->shape[own], one);
            wide.stride[d] = x->n == 1 ? v->stride[own] : ir_select(&l->b, repeats, zero, v->stride[own]);
        }
        *v = wide;
    }
}

/* ---- walking ----------------------------------------------------------------------------------------------------- */

typedef struct {
    const Plan *plan;
    View view;
    Indices indices;
    uint32_t ndim; /* of the result */
    ValueId shape[ARRAY_MAX_NDIM];
    bool has_offsets;
    View offsets; /* what the index arrays add to an address, when they are walked many times */
    Nest front, middle, back;
} Walk;

static ValueId index_at(Lower *l, const ValueId *index, const Walk *w, uint32_t k);

/* a[:, i]: the indices are checked and multiplied once, not for every row. */
static void find_offsets(Lower *l, Walk *w) {
    const Plan *p = w->plan;
    const Type *t = type_array(type_i64, p->spread, LAYOUT_C, false, true);
    ValueId array = lower_array_new(l, t, w->shape + p->place, false);
    lower_cleanup_push(l, array);
    w->indices.temporary[w->indices.ntemporaries++] = array;
    w->has_offsets = true;
    w->offsets = view_of(l, array, t);
    Nest nest;
    nest_begin(l, &nest, p->spread, w->offsets.shape);
    ValueId sum = lower_i64(l, 0);
    for (uint32_t k = 0; k < w->indices.n; k++) {
        ValueId step = lower_bin(l, OP_imul, index_at(l, nest.index, w, k),
                                 w->view.stride[w->indices.dim[k]]);
        sum = lower_bin(l, OP_iadd, sum, step);
    }
    lower_store_element(l, type_i64, view_element(l, &w->offsets, nest.index), sum);
    nest_end(l, &nest);
}

static void walk_of(Lower *l, Call *c, const Plan *p, Walk *w) {
    View a = view_of(l, c->value[0], c->type[0]);
    ValueId spread[ARRAY_MAX_NDIM];
    w->plan = p;
    w->view = index_select(l, &a, &p->basic, c->type[1], c->value[1], 0);
    find_indices(l, c, p, &w->view, &w->indices);
    broadcast(l, &w->indices, p->spread, spread);
    w->ndim = p->nrest + p->spread;
    for (uint32_t i = 0; i < p->nrest; i++)
        w->shape[i < p->place ? i : i + p->spread] = w->view.shape[p->rest[i]];
    for (uint32_t i = 0; i < p->spread; i++) w->shape[p->place + i] = spread[i];
    w->has_offsets = false;
    if (p->place && p->spread) find_offsets(l, w);
}

/* Index number k at a place of the index arrays, from the front. */
static ValueId index_at(Lower *l, const ValueId *index, const Walk *w, uint32_t k) {
    const View *v = &w->indices.index[k];
    ValueId given = lower_load_element(l, v->dtype, view_element(l, v, index));
    ValueId n = w->view.shape[w->indices.dim[k]], i = lower_int_to_i64(l, given, v->dtype), at = i;
    if (v->dtype->is_signed)
        at = ir_select(&l->b, ir_icmp(&l->b, PRED_LT, i, lower_i64(l, 0)), lower_bin(l, OP_iadd, i, n), i);
    if (l->options->boundscheck)
        lower_raise_if(
            l, ir_icmp(&l->b, PRED_UGE, at, n), "IndexError",
            lower_text(l, "index %%d is out of bounds for axis %u with size %%d", w->indices.axis[k]), 2,
            (ValueId[]){i, n});
    return at;
}

/* Runs once for every element: its address in the view, and in `other`, an array of the result's shape. */
static void walk_begin(Lower *l, Walk *w, const View *other, ValueId *mine, ValueId *others) {
    const Plan *p = w->plan;
    ValueId at = w->view.data, to = other ? other->data : NO_VALUE;
    uint32_t behind = p->nrest - p->place, end = p->place + p->spread;
    nest_begin(l, &w->front, p->place, w->shape);
    for (uint32_t i = 0; i < p->place; i++) {
        at = lower_ptr_offset(l, at, w->front.index[i], w->view.stride[p->rest[i]]);
        if (other) to = lower_ptr_offset(l, to, w->front.index[i], other->stride[i]);
    }
    nest_begin(l, &w->middle, p->spread, w->shape + p->place);
    if (w->has_offsets)
        at = ir_ptr_add(&l->b, at,
                        lower_load_element(l, type_i64, view_element(l, &w->offsets, w->middle.index)));
    for (uint32_t k = 0; k < w->indices.n && !w->has_offsets; k++)
        at = lower_ptr_offset(l, at, index_at(l, w->middle.index, w, k), w->view.stride[w->indices.dim[k]]);
    for (uint32_t i = 0; other && i < p->spread; i++)
        to = lower_ptr_offset(l, to, w->middle.index[i], other->stride[p->place + i]);
    nest_begin(l, &w->back, behind, w->shape + end);
    for (uint32_t i = 0; i < behind; i++) {
        at = lower_ptr_offset(l, at, w->back.index[i], w->view.stride[p->rest[p->place + i]]);
        if (other) to = lower_ptr_offset(l, to, w->back.index[i], other->stride[end + i]);
    }
    *mine = at;
    *others = to;
}

static void walk_end(Lower *l, Walk *w) {
    nest_end(l, &w->back);
    nest_end(l, &w->middle);
    nest_end(l, &w->front);
}

/* ---- getitem ------------------------------------------------------------------------------------------------------- */

static ValueId emit_getitem(Lower *l, Call *c) {
    Plan p;
    Walk w;
    ValueId from, to;
    plan_index(c, &p);
    walk_of(l, c, &p, &w);
    const Type *dtype = w.view.dtype;
    if (!w.ndim) {
        walk_begin(l, &w, NULL, &from, &to);
        ValueId v = lower_load_element(l, dtype, from);
        walk_end(l, &w);
        return v;
    }
    ValueId array = lower_array_new(l, c->result, w.shape, false);
    View v = view_of(l, array, c->result);
    lower_cleanup_push(l, array);
    walk_begin(l, &w, &v, &from, &to);
    lower_store_element(l, dtype, to, lower_load_element(l, dtype, from));
    walk_end(l, &w);
    lower_cleanup_pop(l, 1);
    release_indices(l, &w.indices);
    return array;
}

/* ---- setitem ------------------------------------------------------------------------------------------------------- */

/* The values as an array of the result's shape, by strides of 0; ValueError when they do not fit. */
static View spread_values(Lower *l, const Walk *w, const View *value) {
    View v = view_new(l, value->dtype, w->ndim, LAYOUT_A);
    ValueId one = lower_i64(l, 1), zero = lower_i64(l, 0), bad = lower_bool(l, false);
    uint32_t lead = w->ndim - value->ndim, n = 0;
    v.data = value->data;
    for (uint32_t i = 0; i < w->ndim; i++) {
        v.shape[i] = w->shape[i];
        v.stride[i] = zero;
        if (i < lead) continue;
        ValueId extent = value->shape[i - lead], repeats = ir_icmp(&l->b, PRED_EQ, extent, one);
        bad = lower_or(l, bad,
                       lower_and(l, ir_icmp(&l->b, PRED_NE, extent, w->shape[i]), lower_not(l, repeats)));
        v.stride[i] = ir_select(&l->b, repeats, zero, value->stride[i - lead]);
    }
    StrBuf text = {0};
    ValueId word[16];
    strbuf_puts(&text, "shape mismatch: value array of shape ");
    shape_format(&text, value->ndim);
    strbuf_puts(&text, " could not be broadcast to indexing result of shape ");
    shape_format(&text, w->ndim);
    for (uint32_t i = 0; i < value->ndim && n < ARRAY_LEN(word); i++) word[n++] = value->shape[i];
    for (uint32_t i = 0; i < w->ndim && n < ARRAY_LEN(word); i++) word[n++] = w->shape[i];
    lower_raise_if(l, bad, "ValueError", lower_text(l, "%s", text.at), n, word);
    strbuf_free(&text);
    return v;
}

/* Before anything is stored, as in NumPy: what raises has changed nothing. */
static void check_indices(Lower *l, const Walk *w) {
    Nest nest;
    if (w->has_offsets || !l->options->boundscheck) return;
    nest_begin(l, &nest, w->plan->spread, w->shape + w->plan->place);
    for (uint32_t k = 0; k < w->indices.n; k++) index_at(l, nest.index, w, k);
    nest_end(l, &nest);
}

static void store_array(Lower *l, Walk *w, const Type *from, ValueId value) {
    const Type *dtype = w->view.dtype, *t = type_array(dtype, from->ndim, LAYOUT_C, false, true);
    MapInput input = {from, value};
    const MapBody *convert = map_identity_body(&l->unit->arena, type_dtype_of(from), dtype);
    ValueId copy = map_new_array(l, convert, 1, &input, t), to, at;
    lower_cleanup_push(l, copy);
    View v = view_of(l, copy, t), spread = spread_values(l, w, &v);
    check_indices(l, w);
    walk_begin(l, w, &spread, &to, &at);
    lower_store_element(l, dtype, to, lower_load_element(l, dtype, at));
    walk_end(l, w);
    lower_cleanup_pop(l, 1);
    lower_decref(l, copy);
}

static ValueId emit_setitem(Lower *l, Call *c) {
    Plan p;
    Walk w;
    plan_index(c, &p);
    walk_of(l, c, &p, &w);
    const Type *from = c->type[2];
    ValueId value = c->value[2], to, none;
    if (type_is_array(from) && from->ndim) {
        store_array(l, &w, from, value);
    } else {
        if (type_is_array(from)) {
            from = type_dtype_of(from);
            value = lower_load_element(l, from, lower_field(l, value, ARRAY_DATA));
        }
        ValueId v = lower_cast(l, value, from, w.view.dtype);
        check_indices(l, &w);
        walk_begin(l, &w, NULL, &to, &none);
        lower_store_element(l, w.view.dtype, to, v);
        walk_end(l, &w);
    }
    release_indices(l, &w.indices);
    return NO_VALUE;
}

static const LibRow rows[] = {
    {"operator.getitem", "a, b, /", type_getitem, emit_getitem, NULL, 1, 0},
    {"operator.setitem", "a, b, c, /", type_setitem, emit_setitem, NULL, 1, 0},
};

const LibTable library_gather_table = {"gather", rows, ARRAY_LEN(rows)};
