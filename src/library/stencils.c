/* stencils.c - what naja/library/stencils.py, which writes the loops of stencils, needs of the compiler.
 *
 * A stencil's kernel is compiled like any function.  For an array whose indices are relative it gets a *place*: where
 * the array lies, and the element at hand.  a[0, -1] is then the element next to it.  There are three classes of
 * places (naja/library/low.py), so that a type says what an index may be:
 *
 *   Relative      constants only; what they are is noted here while types are inferred, and tells how far the kernel
 *                 looks: its neighborhood
 *   Neighborhood  anything, within a neighborhood that the user gave
 *   Bordered      anything: indices beyond the array's ends are brought back as the mode says
 *
 * A place owns nothing, and the loop around it keeps the array alive: so a place costs no counting, and is taken
 * apart when the kernel is inlined.  Every index is compared with the neighborhood; of constants nothing is left of it.
 */
#include "library/arrays.h"
#include "library/lower.h"
#include "library/select.h"

enum PlaceField {
    PLACE_DATA,
    PLACE_SHAPE,
    PLACE_STRIDES,
    PLACE_DTYPE,
    PLACE_AT,
    PLACE_LOW,
    PLACE_HIGH,
    PLACE_NFIELDS
};
enum { PLACE_MODE = PLACE_LOW, BORDERED_NFIELDS = PLACE_HIGH }; /* Bordered ends with the mode */
/* ORDER MODE: as in naja/stencils.py */
enum Mode { MODE_NEAREST, MODE_WRAP, MODE_REFLECT, MODE_MIRROR };

typedef enum { NO_PLACE, RELATIVE, NEIGHBORHOOD, BORDERED } PlaceKind;
static const char *const class_name[] = {
    [RELATIVE] = "naja.library.low.Relative",
    [NEIGHBORHOOD] = "naja.library.low.Neighborhood",
    [BORDERED] = "naja.library.low.Bordered",
};

static PlaceKind place_kind(const Type *t) {
    if (!t || t->kind != TYPE_NAMEDTUPLE || !t->handle) return NO_PLACE;
    for (PlaceKind k = RELATIVE; k <= BORDERED; k++)
        if (t->handle == library_object(class_name[k])) return k;
    return NO_PLACE;
}

bool library_is_place(const Type *t) { return place_kind(t) != NO_PLACE; }

static uint32_t place_ndim(const Type *place) { return place->elem[PLACE_SHAPE]->nelem; }
static const Type *place_dtype(const Type *place) { return place->elem[PLACE_DTYPE]->elem[0]; }

static const Type *words(uint32_t n) {
    const Type *elem[ARRAY_MAX_NDIM + 1];
    for (uint32_t k = 0; k < n; k++) elem[k] = type_i64;
    return type_tuple(n, elem);
}

/* ---- making places --------------------------------------------------------------------------------------------- */

/* relative(array, at, low, high), within(array, at, low, high), bordered(array, at, mode) */
static const Type *type_place(Call *c) {
    PlaceKind kind = (PlaceKind)(uintptr_t)c->row->data;
    const Type *array = c->type[0];
    if (!array || !type_is_array(array) || !type_is_scalar(type_dtype_of(array))) return call_decline(c);
    const Type *w = words(array->ndim);
    const Type *elem[PLACE_NFIELDS] = {type_ptr, w, w, type_dtype(type_dtype_of(array)), w, w, w};
    if (kind == BORDERED) elem[PLACE_MODE] = type_i64;
    return type_namedtuple(library_object(class_name[kind]),
                           kind == BORDERED ? BORDERED_NFIELDS : PLACE_NFIELDS, elem);
}

static ValueId tuple_of_words(Lower *l, Call *c, uint32_t param) {
    ValueId item[ARRAY_MAX_NDIM + 1];
    const Type *t = c->type[param];
    for (uint32_t k = 0; k < t->nelem; k++) {
        const Type *elem = t->elem[k];
        ValueId v = elem->nleaves ? lower_field(l, c->value[param], k) : lower_empty(l, elem);
        item[k] = lower_int_to_i64(l, v, elem);
    }
    return ir_make(&l->b, words(t->nelem), t->nelem, item);
}

static ValueId emit_place(Lower *l, Call *c) {
    PlaceKind kind = (PlaceKind)(uintptr_t)c->row->data;
    View v = view_of(l, c->value[0], c->type[0]);
    const Type *w = words(v.ndim);
    ValueId field[PLACE_NFIELDS] = {v.data, ir_make(&l->b, w, v.ndim, v.shape),
                                    ir_make(&l->b, w, v.ndim, v.stride),
                                    lower_empty(l, c->result->elem[PLACE_DTYPE]), tuple_of_words(l, c, 1)};
    if (kind == BORDERED) {
        field[PLACE_MODE] = lower_int_to_i64(l, c->value[2], c->type[2]);
    } else {
        field[PLACE_LOW] = tuple_of_words(l, c, 2);
        field[PLACE_HIGH] = tuple_of_words(l, c, 3);
    }
    return ir_make(&l->b, c->result, c->result->nelem, field);
}

/* ---- how far a kernel looks ------------------------------------------------------------------------------------ */

typedef struct {
    uint32_t ndim; /* 0: no access so far */
    int64_t low[ARRAY_MAX_NDIM], high[ARRAY_MAX_NDIM];
} Extent;

static Extent *extent_of(Unit *u, const Func *kernel) {
    if (!u->library) u->library = arena_new(&u->arena, Map);
    uint64_t key = (uint64_t)(uintptr_t)kernel >> 4;
    Extent *e = map_find_ptr(u->library, key);
    if (e) return e;
    e = arena_new(&u->arena, Extent);
    map_set(&u->arena, u->library, key, (uint64_t)(uintptr_t)e);
    return e;
}

static void note_access(Call *c, uint32_t ndim, const int64_t *offset) {
    Extent *e = extent_of(c->unit, c->func);
    for (uint32_t k = 0; k < ndim; k++) {
        if (e->ndim == 0 || offset[k] < e->low[k]) e->low[k] = offset[k];
        if (e->ndim == 0 || offset[k] > e->high[k]) e->high[k] = offset[k];
    }
    e->ndim = ndim;
}

/* ---- a[...] in a kernel ---------------------------------------------------------------------------------------- */

static uint32_t index_length(const Type *index) { return type_is_tuple(index) ? index->nelem : 1; }
static const Type *index_part(const Type *index, uint32_t k) {
    return type_is_tuple(index) ? index->elem[k] : index;
}

static const Type *type_item(Call *c) {
    PlaceKind kind = place_kind(c->type[0]);
    if (!kind) return call_decline(c);
    uint32_t ndim = place_ndim(c->type[0]);
    int64_t offset[ARRAY_MAX_NDIM + 1];
    bool constant = true, slices = false;
    if (index_length(c->type[1]) != ndim)
        return call_error(c, DIAG_STENCIL, "Stencil index does not match array dimensionality.");
    for (uint32_t k = 0; k < ndim; k++) {
        const Type *t = index_part(c->type[1], k);
        slices |= type_base(t)->kind == TYPE_SLICE;
        if (type_base(t)->kind != TYPE_SLICE && !is_integer_like(t))
            return call_error(c, DIAG_STENCIL, "a stencil index is an integer or a slice, not %s", t->name);
        if (t->kind == TYPE_LITERAL) offset[k] = t->value;
        else constant = false;
    }
    if (kind == RELATIVE && !constant)
        return call_error(c, DIAG_STENCIL_INDEX,
                          "stencil kernel index is not constant, 'neighborhood' option required");
    if (slices) return call_decline(c); /* naja/library/stencils.py */
    if (kind == RELATIVE) note_access(c, ndim, offset);
    return place_dtype(c->type[0]);
}

/* x mod n for n > 0, not negative. */
static ValueId modulo(Lower *l, ValueId x, ValueId n) {
    ValueId r = lower_bin(l, OP_srem, x, n);
    return lower_select(l, ir_icmp(&l->b, PRED_LT, r, lower_i64(l, 0)), lower_bin(l, OP_iadd, r, n), r);
}

/* The element that index i of an axis of n stands for.  reflect: d c b a | a b c d | d c b a; mirror: d c b | a b c d
 * | c b a. */
static ValueId bring_back(Lower *l, ValueId i, ValueId n, ValueId mode) {
    ValueId zero = lower_i64(l, 0), one = lower_i64(l, 1), two = lower_i64(l, 2);
    ValueId last = lower_bin(l, OP_isub, n, one);
    ValueId nearest = lower_select(l, ir_icmp(&l->b, PRED_LT, i, zero), zero, i);
    nearest = lower_select(l, ir_icmp(&l->b, PRED_GT, nearest, last), last, nearest);
    ValueId wrap = modulo(l, i, n);
    ValueId twice = lower_bin(l, OP_imul, n, two), r = modulo(l, i, twice);
    ValueId back = lower_bin(l, OP_isub, lower_bin(l, OP_isub, twice, one), r);
    ValueId reflect = lower_select(l, ir_icmp(&l->b, PRED_GE, r, n), back, r);
    ValueId period = lower_bin(l, OP_imul, last, two);
    period = lower_select(l, ir_icmp(&l->b, PRED_EQ, period, zero), one, period);
    ValueId m = modulo(l, i, period);
    ValueId mirror = lower_select(l, ir_icmp(&l->b, PRED_GT, m, last), lower_bin(l, OP_isub, period, m), m);
    ValueId choice[] = {
        [MODE_NEAREST] = nearest, [MODE_WRAP] = wrap, [MODE_REFLECT] = reflect, [MODE_MIRROR] = mirror};
    return select_nth(l, mode, ARRAY_LEN(choice), choice, type_i64);
}

static void check_offset(Lower *l, ValueId place, ValueId offset, uint32_t axis) {
    ValueId low = lower_field(l, lower_field(l, place, PLACE_LOW), axis),
            high = lower_field(l, lower_field(l, place, PLACE_HIGH), axis);
    ValueId outside = lower_or(l, ir_icmp(&l->b, PRED_LT, offset, low),
                               ir_icmp(&l->b, PRED_GT, offset, high));
    lower_raise_if(
        l, outside, "IndexError",
        lower_text(l, "stencil index %%d is outside of the neighborhood (%%d, %%d) of axis %u", axis), 3,
        (ValueId[]){offset, low, high});
}

static ValueId emit_item(Lower *l, Call *c) {
    const Type *place = c->type[0], *index = c->type[1];
    ValueId address = lower_field(l, c->value[0], PLACE_DATA);
    for (uint32_t k = 0; k < place_ndim(place); k++) {
        const Type *t = index_part(index, k);
        ValueId part = !t->nleaves            ? lower_empty(l, t)
                       : type_is_tuple(index) ? lower_field(l, c->value[1], k)
                                              : c->value[1];
        ValueId offset = lower_int_to_i64(l, part, t);
        ValueId at = lower_field(l, lower_field(l, c->value[0], PLACE_AT), k);
        ValueId i = lower_bin(l, OP_iadd, at, offset);
        if (place_kind(place) != BORDERED) {
            check_offset(l, c->value[0], offset, k);
        } else {
            ValueId n = lower_field(l, lower_field(l, c->value[0], PLACE_SHAPE), k);
            i = bring_back(l, i, n, lower_field(l, c->value[0], PLACE_MODE));
        }
        address = lower_ptr_offset(l, address, i,
                                   lower_field(l, lower_field(l, c->value[0], PLACE_STRIDES), k));
    }
    return lower_load_element(l, c->result, address);
}

static const Type *type_set_item(Call *c) {
    if (!place_kind(c->type[0])) return call_decline(c);
    return call_error(c, DIAG_STENCIL, "Assignments to arrays passed to stencil kernels is not allowed.");
}

/* ---- what else a kernel may ask of such an array ---------------------------------------------------------------- */

static const Type *type_ndim(Call *c) {
    return place_kind(c->type[0]) ? type_literal_int(place_ndim(c->type[0])) : call_decline(c);
}
static const Type *type_count(Call *c) { return place_kind(c->type[0]) ? type_i64 : call_decline(c); }

static ValueId emit_ndim(Lower *l, Call *c) { return lower_empty(l, c->result); }

static ValueId emit_len(Lower *l, Call *c) {
    return lower_field(l, lower_field(l, c->value[0], PLACE_SHAPE), 0);
}

static ValueId emit_size(Lower *l, Call *c) {
    ValueId n = lower_i64(l, 1);
    for (uint32_t k = 0; k < place_ndim(c->type[0]); k++)
        n = lower_bin(l, OP_imul, n, lower_field(l, lower_field(l, c->value[0], PLACE_SHAPE), k));
    return n;
}

/* base(place): address of the element at hand, for slices. */
static const Type *type_base_address(Call *c) { return place_kind(c->type[0]) ? type_i64 : call_decline(c); }

static ValueId emit_base_address(Lower *l, Call *c) {
    ValueId address = lower_field(l, c->value[0], PLACE_DATA);
    for (uint32_t k = 0; k < place_ndim(c->type[0]); k++)
        address = lower_ptr_offset(l, address, lower_field(l, lower_field(l, c->value[0], PLACE_AT), k),
                                   lower_field(l, lower_field(l, c->value[0], PLACE_STRIDES), k));
    return lower_un(l, OP_bitcast, type_i64, address);
}

/* ---- the kernel as a whole -------------------------------------------------------------------------------------- */

/* The type of what kernel(*args) returns; parameter 0 is the kernel, `first` the tuple of its arguments.  NULL: an
 * error, or not known yet. */
static const Type *kernel_result(Call *c, uint32_t first, const Func **kernel) {
    const Type *args = c->type[first];
    *kernel = c->infer->callee(c->infer, c->type[0], args->nelem, args->elem, c->span);
    if (!*kernel) return call_error(c, DIAG_STENCIL, "a stencil kernel takes %u arguments here", args->nelem);
    const Type *t = (*kernel)->result;
    if (!t) return NULL;
    t = type_base(t);
    if (!type_is_scalar(t))
        return call_error(c, DIAG_STENCIL,
                          "Stencil kernel must return a scalar and not a numpy array: it gives %s", t->name);
    return t;
}

/* stencil_new(kernel, array, *args): an array of array's shape for the kernel's results. */
static const Type *type_new(Call *c) {
    const Func *kernel;
    const Type *dtype = kernel_result(c, 2, &kernel);
    return dtype ? type_array(dtype, c->type[1]->ndim, LAYOUT_C, false, true) : NULL;
}

static ValueId emit_new(Lower *l, Call *c) {
    View v = view_of(l, c->value[1], c->type[1]);
    return lower_array_new(l, c->result, v.shape, false);
}

/* stencil_extent(kernel, *args): how far the kernel looks, ((low, high), ...) as one flat tuple, per axis. */
static const Type *type_extent(Call *c) {
    const Func *kernel;
    if (!kernel_result(c, 1, &kernel)) return NULL;
    uint32_t ndim = 0;
    for (uint32_t k = 0; k < c->type[1]->nelem && !ndim; k++)
        if (place_kind(c->type[1]->elem[k])) ndim = place_ndim(c->type[1]->elem[k]);
    if (!ndim || !extent_of(c->unit, kernel)->ndim)
        return call_error(c, DIAG_STENCIL, "Stencil kernel with no accesses to relatively indexed arrays.");
    return words(2 * ndim);
}

static ValueId emit_extent(Lower *l, Call *c) {
    const Extent *e = extent_of(l->unit, c->site->callee);
    ValueId word[2 * ARRAY_MAX_NDIM];
    for (uint32_t k = 0; k < e->ndim; k++) {
        word[2 * k] = lower_i64(l, e->low[k] < 0 ? e->low[k] : 0);
        word[2 * k + 1] = lower_i64(l, e->high[k] > 0 ? e->high[k] : 0);
    }
    return ir_make(&l->b, c->result, c->result->nelem, word);
}

/* stencil_put(out, at, value): without a test of the place. */
static const Type *type_put(Call *c) {
    const Type *out = c->type[0], *value = type_base(c->type[2]);
    if (!type_is_array(out) || !type_is_scalar(value)) return call_decline(c);
    if (out->readonly) return call_error(c, DIAG_READONLY, "output array is read-only: %s", out->name);
    if (value->kind == TYPE_COMPLEX && type_dtype_of(out)->kind != TYPE_COMPLEX)
        return call_error(c, DIAG_STENCIL, "a stencil of %s values cannot be put into %s", value->name,
                          out->name);
    return type_none;
}

static ValueId emit_put(Lower *l, Call *c) {
    ValueId at = tuple_of_words(l, c, 1), index[ARRAY_MAX_NDIM];
    const Type *dtype = type_dtype_of(c->type[0]);
    for (uint32_t k = 0; k < c->type[0]->ndim; k++) index[k] = lower_field(l, at, k);
    lower_store_element(l, dtype, lower_array_element(l, c->value[0], c->type[0], index),
                        lower_cast(l, c->value[2], c->type[2], dtype));
    return lower_empty(l, type_none);
}

/* stencil_cval(out, value): the value as an element of out. */
static const Type *type_cval(Call *c) {
    const Type *dtype = type_is_array(c->type[0]) ? type_dtype_of(c->type[0]) : NULL,
               *value = type_base(c->type[1]);
    if (!dtype) return call_decline(c);
    if (!type_is_scalar(value) || type_is_time(value) != type_is_time(dtype) ||
        (value->kind == TYPE_COMPLEX && dtype->kind != TYPE_COMPLEX))
        return call_error(c, DIAG_STENCIL, "cval type does not match stencil return type.");
    return dtype;
}

static ValueId emit_cval(Lower *l, Call *c) { return lower_cast(l, c->value[1], c->type[1], c->result); }

#define KIND(k) (const void *)(uintptr_t)(k)

// clang-format off
static const LibRow rows[] = {
    {"naja.library.low.relative", "array, at, low, high", type_place, emit_place, KIND(RELATIVE), 1, LIB_PURE},
    {"naja.library.low.within", "array, at, low, high", type_place, emit_place, KIND(NEIGHBORHOOD), 1, LIB_PURE},
    {"naja.library.low.bordered", "array, at, mode", type_place, emit_place, KIND(BORDERED), 1, LIB_PURE},
    {"naja.library.low.place_address", "place", type_base_address, emit_base_address, NULL, 1, LIB_PURE},
    {"operator.getitem", "a, b", type_item, emit_item, NULL, 1, 0},
    {"operator.setitem", "a, b, c", type_set_item, NULL, NULL, 1, 0},
    {"builtins.len", "obj, /", type_count, emit_len, NULL, 1, LIB_PURE},
    {"tuple.ndim@", "a", type_ndim, emit_ndim, NULL, 1, LIB_PURE},
    {"tuple.size@", "a", type_count, emit_size, NULL, 1, LIB_PURE},
    {"naja.library.low.stencil_new", "kernel, array, *args", type_new, emit_new, NULL, 1, 0},
    {"naja.library.low.stencil_extent", "kernel, *args", type_extent, emit_extent, NULL, 1, LIB_PURE},
    {"naja.library.low.stencil_put", "out, at, value", type_put, emit_put, NULL, 1, LIB_NO_RAISE | LIB_ELEMENT},
    {"naja.library.low.stencil_cval", "out, value", type_cval, emit_cval, NULL, 1, 0},
};
// clang-format on

const LibTable library_stencils_table = {"stencils", rows, ARRAY_LEN(rows)};
