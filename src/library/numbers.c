/* numbers.c - type rules of arithmetic: what two number types compute in.
 *
 * Integers of any width compute in 64 bits, as Numba's do, so that a loop over an int8 array sums what Python would.
 * Unsigned with unsigned is uint64, all others int64; a bool counts as the other operand's kind.  Literals are int64, but
 * those beside a uint64 (scalars.c).  With floats and complex numbers NumPy's promotion rules, except that float16 is for storage only.
 */
#include "library/scalars.h"

const Type *scalar_type(const Type *t) {
    if (!t) return NULL;
    t = type_base(t);
    return type_is_number(t) ? t : NULL;
}

const Type *wide_int(const Type *t) { return t->kind == TYPE_INT && !t->is_signed ? type_u64 : type_i64; }

const Type *float_type(const Type *t) {
    if (t->kind <= TYPE_INT) return type_f64;
    return t == type_f16 ? type_f32 : t;
}

static const Type *integers(const Type *x, const Type *y) {
    if (x->kind == TYPE_BOOL && y->kind == TYPE_BOOL) return type_i64;
    if (x->kind == TYPE_BOOL) return wide_int(y);
    if (y->kind == TYPE_BOOL) return wide_int(x);
    if (x->is_signed == y->is_signed) return wide_int(x);
    return type_i64;
}

const Type *arith_type(const Type *x, const Type *y) {
    if (x->kind <= TYPE_INT && y->kind <= TYPE_INT) return integers(x, y);
    return float_type(type_promote(x, y));
}

const Type *bitwise_type(const Type *x, const Type *y) {
    if (x->kind > TYPE_INT || y->kind > TYPE_INT) return NULL;
    if (x->kind == TYPE_BOOL && y->kind == TYPE_BOOL) return type_bool;
    return integers(x, y);
}

ValueId scalar_arg(Lower *l, Call *c, uint32_t i, const Type *to) {
    return lower_cast(l, c->value[i], c->type[i], to);
}

bool scalar_literal(const Call *c, uint32_t i, int64_t *value) {
    const Type *t = c->type[i];
    if (!t || t->kind != TYPE_LITERAL || !type_is_real(type_base(t))) return false;
    *value = t->value;
    return true;
}
