/* types/unify.c - the type in which two values meet where control flow joins.
 *
 * The join of a semilattice, so that inference gets the same answer in any order and ends.  The numbers:
 *
 *     bool < int8 < int16 < int32 < int64 < float64 < complex128
 *     bool < uint8 < uint16 < uint32 < uint64 < int64        uint8 < int16, uint16 < int32, uint32 < int64
 *     bool < float16 < float32 < float64                     int16 < float32, int32 < float64
 *     float32 < complex64 < complex128
 *
 * This is NumPy's promotion but for three points.  uint64 meets a signed integer in int64, because a loop
 * counter must not turn into a float.  uint16 meets float32 in float64, and 8-bit integers meet float16 in
 * float32: with NumPy's answers uint16, int8 and float32 would meet in a type that depends on the order.
 *
 * Literals widen to their base first.  None and T meet in Optional(T).  Tuples and closures meet elementwise,
 * arrays in the weaker layout.  An undefined variable meets nothing: infer/ decides about those.
 */
#include <stdlib.h>

#include "types/types_private.h"

static unsigned max(unsigned a, unsigned b) { return a > b ? a : b; }

/* Width of the narrowest float above t. */
static unsigned float_bits(const Type *t) {
    switch (t->kind) {
    case TYPE_INT: return t->bits + !t->is_signed * 8u <= 16 ? 32 : 64; /* int8, int16, uint8 */
    case TYPE_FLOAT: return t->bits;
    case TYPE_COMPLEX: return t->bits / 2u;
    default: return 16; /* bool */
    }
}

static const Type *unify_ints(const Type *a, const Type *b) {
    if (a->is_signed == b->is_signed) return a->bits > b->bits ? a : b;
    unsigned signed_bits = a->is_signed ? a->bits : b->bits, unsigned_bits = a->is_signed ? b->bits : a->bits;
    unsigned bits = max(signed_bits, unsigned_bits * 2);
    return type_int(bits < 64 ? bits : 64, true);
}

static const Type *unify_numbers(const Type *a, const Type *b) {
    unsigned bits = max(float_bits(a), float_bits(b));
    switch (max(a->kind, b->kind)) {
    case TYPE_COMPLEX: return type_complex(2 * max(bits, 32));
    case TYPE_FLOAT: return type_float(bits);
    default: return a->kind == TYPE_BOOL ? b : b->kind == TYPE_BOOL ? a : unify_ints(a, b);
    }
}

static const Type *unify_arrays(const Type *a, const Type *b) {
    if (a->elem[0] != b->elem[0] || a->ndim != b->ndim) return NULL;
    return type_array(a->elem[0], a->ndim, a->layout == b->layout ? a->layout : LAYOUT_A,
                      a->readonly || b->readonly, a->aligned && b->aligned);
}

static const Type *unify_elems(const Type *a, const Type *b) {
    if (a->nelem != b->nelem || a->handle != b->handle || a->value != b->value) return NULL;
    const Type *few[16], **elem = a->nelem <= ARRAY_LEN(few) ? few : calloc(a->nelem, sizeof *elem);
    bool ok = elem != NULL;
    for (uint32_t i = 0; ok && i < a->nelem; i++) ok = (elem[i] = type_unify(a->elem[i], b->elem[i])) != NULL;
    const Type *t = ok ? type_with_elems(a, elem) : NULL;
    if (elem != few) free(elem);
    return t;
}

/* ---- functions ------------------------------------------------------------------------------------------------ */

enum { MAX_CHOICE = 32 }; /* functions that a variable may be */

static bool is_callable(const Type *t) {
    return t->kind == TYPE_FUNCTION || t->kind == TYPE_CLOSURE || t->kind == TYPE_CHOICE;
}

/* The same inner function whose captured values have types that meet is one. */
static uint32_t merge_closure(const Type **list, uint32_t n, const Type **t) {
    for (uint32_t i = 0; i < n; i++) {
        bool same_code = (*t)->kind == TYPE_CLOSURE && list[i]->kind == TYPE_CLOSURE && list[i] != *t;
        const Type *both = same_code ? unify_elems(list[i], *t) : NULL;
        if (!both) continue;
        memmove(list + i, list + i + 1, (n - i - 1) * sizeof *list);
        *t = both;
        return n - 1;
    }
    return n;
}

static uint32_t add_choice(const Type **list, uint32_t n, const Type *t) {
    uint32_t at = 0;
    n = merge_closure(list, n, &t);
    while (at < n && list[at]->id < t->id) at++;
    if (n > MAX_CHOICE || (at < n && list[at] == t)) return n;
    memmove(list + at + 1, list + at, (n - at) * sizeof *list);
    list[at] = t;
    return n + 1;
}

/* One of several functions.  Inner functions made at one place with captured values of different types are several. */
static const Type *unify_callables(const Type *a, const Type *b) {
    const Type *list[MAX_CHOICE + 2], *part[2] = {a, b};
    uint32_t n = 0;
    for (uint32_t k = 0; k < 2; k++) {
        if (part[k]->kind != TYPE_CHOICE) n = add_choice(list, n, part[k]);
        else
            for (uint32_t i = 0; i < part[k]->nelem; i++) n = add_choice(list, n, part[k]->elem[i]);
    }
    return n <= MAX_CHOICE ? type_choice(n, list) : NULL;
}

/* Lists of different elements meet only as types: inference makes the lists so, or reports the conflict. */
static const Type *unify_lists(const Type *a, const Type *b) {
    if ((a->flags ^ b->flags) & TYPE_LIST_TYPED) return NULL;
    const Type *x = a->elem[0], *y = b->elem[0];
    const Type *elem = x->kind == TYPE_UNDEFINED ? y : y->kind == TYPE_UNDEFINED ? x : type_unify(x, y);
    return elem ? type_list(elem, a->flags | b->flags) : NULL;
}

static const Type *unify_open(const Type *x, const Type *y) {
    return x->kind == TYPE_UNDEFINED ? y : y->kind == TYPE_UNDEFINED ? x : type_unify(x, y);
}

static const Type *unify_tables(const Type *a, const Type *b) {
    if ((a->flags ^ b->flags) & (TYPE_TABLE_TYPED | TYPE_TABLE_FROZEN)) return NULL;
    const Type *key = unify_open(a->elem[0], b->elem[0]);
    if (!key || a->kind == TYPE_SET) return key ? type_set(key, a->flags | b->flags) : NULL;
    const Type *value = unify_open(a->elem[1], b->elem[1]);
    return value ? type_dict(key, value, a->flags | b->flags) : NULL;
}

/* The same keys in the same order; values as the items of tuples. */
static const Type *unify_strdicts(const Type *a, const Type *b) {
    if (a->nelem != b->nelem) return NULL;
    const Type *few[32], **elem = a->nelem <= ARRAY_LEN(few) ? few : calloc(a->nelem, sizeof *elem);
    bool ok = elem != NULL;
    for (uint32_t i = 0; ok && i < a->nelem; i++) {
        elem[i] = i % 2 ? type_unify(a->elem[i], b->elem[i]) : a->elem[i] == b->elem[i] ? a->elem[i] : NULL;
        ok = elem[i] != NULL;
    }
    const Type *t = ok ? type_strdict(a->nelem, elem) : NULL;
    if (elem != few) free(elem);
    return t;
}

/* What zip() and enumerate() go through, or the states of loops over it. */
static const Type *unify_parts(const Type *a, const Type *b) {
    const Type *few[16], **elem = a->nelem <= ARRAY_LEN(few) ? few : calloc(a->nelem, sizeof *elem);
    bool ok = elem && a->nelem == b->nelem && a->flags == b->flags;
    for (uint32_t i = 0; ok && i < a->nelem; i++) ok = (elem[i] = type_unify(a->elem[i], b->elem[i])) != NULL;
    const Type *t = !ok                   ? NULL
                    : a->kind == TYPE_ZIP ? type_zip(a->flags & TYPE_ZIP_ENUMERATE, a->nelem, elem)
                                          : type_iter(elem[0], a->nelem - 1, elem + 1);
    if (elem != few) free(elem);
    return t;
}

/* The same type, as it was before something was put into what was empty. */
static bool is_open_form(const Type *open, const Type *t) {
    if (open == t || open->kind == TYPE_UNDEFINED) return true;
    bool same = open->kind == t->kind && open->nelem == t->nelem && open->nelem &&
                open->handle == t->handle && open->flags == t->flags;
    for (uint32_t i = 0; same && i < t->nelem; i++) same = is_open_form(open->elem[i], t->elem[i]);
    return same;
}

/* Views, and loops over containers, of one container whose element types are becoming known. */
static const Type *unify_views(const Type *a, const Type *b) {
    const Type *x = a->elem[0], *y = b->elem[0];
    if (a->nelem != 1 || b->nelem != 1 || a->flags != b->flags) return NULL;
    if (a->kind == TYPE_ITER && x->kind == TYPE_GENERATOR)
        return is_open_form(x, y) ? b : is_open_form(y, x) ? a : NULL;
    if (x->kind != y->kind || !(type_is_container(x) || x->kind == TYPE_VIEW || type_is_tuple(x)))
        return NULL;
    const Type *both = type_unify(x, y);
    if (!both) return NULL;
    return a->kind == TYPE_VIEW ? type_dict_view(both, a->flags) : type_iter(both, 0, NULL);
}

/* With a step, unless both have none. */
static const Type *unify_ranges(const Type *a, const Type *b) {
    if ((a->flags ^ b->flags) & TYPE_RANGE_PARALLEL) return NULL;
    const Type *elem = type_unify(a->elem[0], b->elem[0]);
    return elem && elem->kind == TYPE_INT ? type_range(elem, a->flags & b->flags) : NULL;
}

/* Whether a variable of this type may be None on another path: what exists only at compile time may not. */
static bool may_be_optional(const Type *t) {
    return type_is_scalar(t) || t->kind == TYPE_ENUM || type_is_tuple(t) || type_is_array(t) ||
           t->kind == TYPE_STR || t->kind == TYPE_BYTES || t->kind == TYPE_RECORD || t->kind == TYPE_SLICE ||
           type_is_address(t) || t->kind == TYPE_CFUNCTION || t->kind == TYPE_RANGE || t->kind == TYPE_RNG ||
           type_is_block(t);
}

static const Type *unify_optional(const Type *a, const Type *b) {
    const Type *x = a->kind == TYPE_OPTIONAL ? a->elem[0] : a, *y = b->kind == TYPE_OPTIONAL ? b->elem[0] : b;
    const Type *t = x->kind == TYPE_NONE ? y : y->kind == TYPE_NONE ? x : type_unify(x, y);
    return t && may_be_optional(t) ? type_optional(t) : NULL;
}

/* Times of one kind in the finer of both units, as far as one converts to the other. */
static const Type *unify_times(const Type *a, const Type *b) {
    TimeUnit unit;
    if (a->kind != b->kind || !time_unit_common(a, b, &unit)) return NULL;
    return a->kind == TYPE_DATETIME ? type_datetime(unit) : type_timedelta(unit);
}

static bool is_none_or_optional(const Type *t) { return t->kind == TYPE_NONE || t->kind == TYPE_OPTIONAL; }

const Type *type_stored(const Type *t) {
    if (t->kind == TYPE_ENUM) return t; /* one of ints stays a member, too */
    t = type_base(t);
    if (t->kind == TYPE_CHARSEQ) return t->flags & TYPE_CHARSEQ_UNICODE ? type_str : type_bytes;
    if (!type_is_tuple(t) || t->nelem == 0) return t;
    const Type *few[16], **elem = t->nelem <= ARRAY_LEN(few) ? few : calloc(t->nelem, sizeof *elem);
    if (!elem) abort(); /* as when the table itself finds no memory */
    for (uint32_t i = 0; i < t->nelem; i++) elem[i] = type_stored(t->elem[i]);
    t = type_with_elems(t, elem);
    if (elem != few) free(elem);
    return t;
}

const Type *type_unify(const Type *a, const Type *b) {
    if (a == b) return a;
    a = type_without_initial(type_base(a));
    b = type_without_initial(type_base(b));
    if (a == b) return a;
    if (a->kind == TYPE_UNDEFINED || b->kind == TYPE_UNDEFINED) return NULL;
    if (is_none_or_optional(a) || is_none_or_optional(b)) return unify_optional(a, b);
    if (type_is_number(a) && type_is_number(b)) return unify_numbers(a, b);
    if (is_callable(a) && is_callable(b)) {
        const Type *same = a->kind == TYPE_CLOSURE && b->kind == TYPE_CLOSURE ? unify_elems(a, b) : NULL;
        return same ? same : unify_callables(a, b);
    }
    if (a->kind == TYPE_CFUNCTION && b->kind == TYPE_FUNCTION) return a;
    if (b->kind == TYPE_CFUNCTION && a->kind == TYPE_FUNCTION) return b;
    if (a->kind != b->kind) return NULL;
    if (type_is_time(a)) return unify_times(a, b);
    if (type_is_array(a)) return unify_arrays(a, b);
    if (a->kind == TYPE_GENERATOR) {
        bool alike = a->elem[0] == b->elem[0] && a->elem[1] == b->elem[1];
        if (!alike && a->handle == b->handle) return is_open_form(a, b) ? b : is_open_form(b, a) ? a : NULL;
        return alike ? type_generator_any(a->elem[0], a->elem[1]) : NULL;
    }
    if (a->kind == TYPE_RECORD) { /* of one dtype: to be written to only if both may be */
        const Type *t = type_record_readonly(a, true);
        return t == type_record_readonly(b, true) ? t : NULL;
    }
    if (a->kind == TYPE_LIST) return unify_lists(a, b);
    if (type_is_table(a)) return unify_tables(a, b);
    if (a->kind == TYPE_ZIP || (a->kind == TYPE_ITER && a->elem[0]->kind == TYPE_ZIP))
        return unify_parts(a, b);
    if (a->kind == TYPE_VIEW || a->kind == TYPE_ITER) return unify_views(a, b);
    if (type_is_tuple(a)) return unify_elems(a, b);
    if (a->kind == TYPE_STRDICT) return unify_strdicts(a, b);
    if (a->kind == TYPE_RANGE) return unify_ranges(a, b);
    if (a->kind != TYPE_SLICE) return NULL;
    unsigned full = a->flags & b->flags & TYPE_SLICE_FULL; /* a whole axis on both sides */
    return type_slice(((a->flags | b->flags) & TYPE_SLICE_STEP) | full);
}
