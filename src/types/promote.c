/* types/promote.c - NumPy's promotion of element types, and how well one type converts to another.
 *
 * Promotion follows from one number: how many bits a float needs to hold a type (float_bits).  8-bit integers
 * need a float16, 16-bit ones a float32, all others a float64.  The result's kind is the greater kind; its width
 * is the greater need.  Integers of both signs need the next wider signed type; uint64 with a signed integer has
 * none and goes to float64.
 */
#include "types/types_private.h"

static unsigned max(unsigned a, unsigned b) { return a > b ? a : b; }

/* Width of the float that NumPy pairs with t. */
static unsigned float_bits(const Type *t) {
    switch (t->kind) {
    case TYPE_INT: return t->bits <= 16 ? t->bits * 2u : 64;
    case TYPE_FLOAT: return t->bits;
    case TYPE_COMPLEX: return t->bits / 2u;
    default: return 16; /* bool */
    }
}

static const Type *promote_ints(const Type *a, const Type *b) {
    if (a->is_signed == b->is_signed) return a->bits > b->bits ? a : b;
    unsigned signed_bits = a->is_signed ? a->bits : b->bits, unsigned_bits = a->is_signed ? b->bits : a->bits;
    unsigned bits = max(signed_bits, unsigned_bits * 2);
    return bits <= 64 ? type_int(bits, true) : type_f64;
}

/* Integers count as timedeltas without a unit; a timedelta with a datetime is one. */
static const Type *promote_times(const Type *a, const Type *b) {
    TimeUnit unit;
    if (!type_is_time(a)) return a->kind <= TYPE_INT ? b : NULL;
    if (!type_is_time(b)) return b->kind <= TYPE_INT ? a : NULL;
    if (!time_unit_common(a, b, &unit)) return NULL;
    bool moment = a->kind == TYPE_DATETIME || b->kind == TYPE_DATETIME;
    return moment ? type_datetime(unit) : type_timedelta(unit);
}

const Type *type_promote(const Type *a, const Type *b) {
    if (a == b) return a;
    if (type_is_time(a) || type_is_time(b)) return promote_times(a, b);
    assert(type_is_number(a) && type_is_number(b));
    unsigned bits = max(float_bits(a), float_bits(b));
    switch (max(a->kind, b->kind)) {
    case TYPE_COMPLEX: return type_complex(2 * max(bits, 32));
    case TYPE_FLOAT: return type_float(bits);
    default: return a->kind == TYPE_BOOL ? b : b->kind == TYPE_BOOL ? a : promote_ints(a, b);
    }
}

/* ---- conversion ------------------------------------------------------------------------------------------------- */

static Conversion worse(Conversion a, Conversion b) { return a < b ? a : b; }

/* Promote: the same kind, wider.  Safe: every value is kept, but that int64 to float64 may round, as it does for
 * NumPy and in Python's own arithmetic.  Unsafe: some are not. */
static Conversion convert_numbers(const Type *from, const Type *to) {
    if (from->kind == TYPE_COMPLEX && to->kind != TYPE_COMPLEX)
        return to->kind == TYPE_BOOL ? CONVERT_UNSAFE : CONVERT_NO;
    if (from->kind == to->kind && from->is_signed == to->is_signed)
        return to->bits > from->bits ? CONVERT_PROMOTE : CONVERT_UNSAFE;
    if (from->kind == TYPE_INT && to->kind == TYPE_INT)
        return to->is_signed && to->bits > from->bits ? CONVERT_SAFE : CONVERT_UNSAFE;
    return type_promote(from, to) == to ? CONVERT_SAFE : CONVERT_UNSAFE;
}

/* A finer unit of the same family keeps every value. */
static Conversion convert_times(const Type *from, const Type *to) {
    TimeUnit unit;
    if (from->kind != to->kind || !time_unit_common(from, to, &unit)) return CONVERT_NO;
    return unit == type_unit(to) ? CONVERT_SAFE : CONVERT_UNSAFE;
}

static Conversion convert_arrays(const Type *from, const Type *to) {
    bool fits = from->elem[0] == to->elem[0] && from->ndim == to->ndim && from->flags == to->flags &&
                (to->layout == from->layout || to->layout == LAYOUT_A) && (to->readonly || !from->readonly) &&
                (from->aligned || !to->aligned);
    return fits ? CONVERT_SAFE : CONVERT_NO;
}

/* By reference: a record will do that begins with the same fields in the same places. */
static Conversion convert_records(const Type *from, const Type *to) {
    if (from->flags & TYPE_RECORD_READONLY && !(to->flags & TYPE_RECORD_READONLY)) return CONVERT_NO;
    if (from->nelem < to->nelem || type_itemsize(from) < type_itemsize(to)) return CONVERT_NO;
    for (uint32_t i = 0; i < to->nelem; i++) {
        RecordField x = type_record_field(from, i), y = type_record_field(to, i);
        bool same = from->elem[i] == to->elem[i] && x.offset == y.offset && x.length == y.length &&
                    !memcmp(x.name, y.name, x.length);
        if (!same) return CONVERT_NO;
    }
    return CONVERT_SAFE;
}

static Conversion convert_elems(const Type *from, const Type *to) {
    if (from->nelem != to->nelem || from->handle != to->handle) return CONVERT_NO;
    Conversion worst = CONVERT_EXACT;
    for (uint32_t i = 0; i < from->nelem; i++)
        worst = worse(worst, type_can_convert(from->elem[i], to->elem[i]));
    return worst;
}

/* An address goes where any address goes, and where one of the same elements goes; a function and the memory of an array
 * go by their addresses. */
static Conversion convert_to_address(const Type *from, const Type *to) {
    const Type *elem = to->kind == TYPE_CPOINTER ? to->elem[0] : NULL;
    switch (from->kind) {
    case TYPE_NONE:
    case TYPE_PTR: return CONVERT_SAFE;
    case TYPE_CPOINTER: return elem ? CONVERT_NO : CONVERT_SAFE;
    case TYPE_CTYPES: return !elem || elem == type_dtype_of(from->elem[0]) ? CONVERT_SAFE : CONVERT_NO;
    case TYPE_CFUNCTION: return elem ? CONVERT_NO : CONVERT_SAFE;
    case TYPE_INT: return !elem && from->bits == 64 ? CONVERT_UNSAFE : CONVERT_NO;
    default: return CONVERT_NO;
    }
}

/* Whether the function takes the signature is known when it is compiled for it. */
static Conversion convert_to_function(const Type *from) {
    if (from->kind == TYPE_FUNCTION) return CONVERT_SAFE;
    for (uint32_t i = 0; i < from->nelem; i++)
        if (from->elem[i]->kind != TYPE_FUNCTION) return CONVERT_NO;
    return from->kind == TYPE_CHOICE ? CONVERT_SAFE : CONVERT_NO;
}

Conversion type_can_convert(const Type *from, const Type *to) {
    if (from == to) return CONVERT_EXACT;
    if (from->kind == TYPE_LITERAL || from->kind == TYPE_OMITTED)
        return worse(CONVERT_PROMOTE, type_can_convert(type_base(from), to));
    if (to->kind == TYPE_OPTIONAL && from->kind != TYPE_OPTIONAL)
        return from->kind == TYPE_NONE ? CONVERT_PROMOTE
                                       : worse(CONVERT_PROMOTE, type_can_convert(from, to->elem[0]));
    if (from->kind == TYPE_OPTIONAL && to->kind != TYPE_OPTIONAL) /* raises on None */
        return worse(CONVERT_SAFE, type_can_convert(from->elem[0], to));
    if (type_is_number(from) && type_is_number(to)) return convert_numbers(from, to);
    if (type_is_time(to)) return convert_times(from, to);
    if (type_is_address(to)) return convert_to_address(from, to);
    if (type_is_address(from)) return to->kind == TYPE_INT && to->bits == 64 ? CONVERT_SAFE : CONVERT_NO;
    if (to->kind == TYPE_CFUNCTION) return convert_to_function(from);
    if (to->kind == TYPE_CHOICE) return type_unify(from, to) == to ? CONVERT_SAFE : CONVERT_NO;
    if (from->kind != to->kind) return CONVERT_NO;
    if (from->kind == TYPE_LIST) /* written back or not: the values are the same */
        return from->elem[0] == to->elem[0] && !((from->flags ^ to->flags) & TYPE_LIST_TYPED) ? CONVERT_SAFE
                                                                                              : CONVERT_NO;
    if (from->kind == TYPE_RECORD) return convert_records(from, to);
    if (type_is_table(from))
        return from->elem[0] == to->elem[0] && from->elem[from->nelem - 1] == to->elem[from->nelem - 1] &&
                       !((from->flags ^ to->flags) & (TYPE_TABLE_TYPED | TYPE_TABLE_FROZEN))
                   ? CONVERT_SAFE
                   : CONVERT_NO;
    if (type_is_array(from)) return convert_arrays(from, to);
    if (type_is_tuple(from) || from->kind == TYPE_STRDICT || from->kind == TYPE_OPTIONAL ||
        from->kind == TYPE_CLOSURE)
        return convert_elems(from, to);
    if (from->kind == TYPE_RANGE)
        return (from->flags ^ to->flags) & TYPE_RANGE_PARALLEL || (to->flags & ~from->flags & TYPE_RANGE_UNIT)
                   ? CONVERT_NO
                   : worse(CONVERT_SAFE, type_can_convert(from->elem[0], to->elem[0]));
    if (from->kind != TYPE_SLICE || (to->flags & TYPE_SLICE_FULL)) return CONVERT_NO;
    return (to->flags & TYPE_SLICE_STEP) || !(from->flags & TYPE_SLICE_STEP) ? CONVERT_SAFE : CONVERT_NO;
}
