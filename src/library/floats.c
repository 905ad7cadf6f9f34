/* floats.c - float arithmetic with Python's meaning: floored division, powers, classification, conversion to int.
 *
 * Floored division is that of CPython's float_divmod and of NumPy's npy_divmod, which agree: the remainder is C's
 * fmod, moved to the divisor's sign; the quotient is computed from the remainder, so that it is integral, and
 * rounded to the nearest integer to undo the error of the division.  Zeros keep the sign that mathematics gives.
 */
#include "library/scalars.h"

#include <math.h>

static ValueId constant_like(Lower *l, ValueId x, double v) { return lower_float(l, lower_type(l, x), v); }

ValueId float_neg(Lower *l, ValueId x) { return lower_un(l, OP_fneg, lower_type(l, x), x); }

ValueId float_abs(Lower *l, ValueId x) { return lower_native1(l, NATIVE_fabs, x); }

/* ---- classification -------------------------------------------------------------------------------------- */

ValueId float_is_nan(Lower *l, ValueId x) { return ir_fcmp(&l->b, PRED_NE, x, x); }

ValueId float_is_inf(Lower *l, ValueId x) {
    return ir_fcmp(&l->b, PRED_EQ, float_abs(l, x), constant_like(l, x, INFINITY));
}

ValueId float_is_finite(Lower *l, ValueId x) {
    return ir_fcmp(&l->b, PRED_LT, float_abs(l, x), constant_like(l, x, INFINITY));
}

ValueId float_signbit(Lower *l, ValueId x) {
    const Type *bits = type_int(lower_type(l, x)->bits, true);
    ValueId v = lower_un(l, OP_bitcast, bits, x);
    return ir_icmp(&l->b, PRED_LT, v, lower_int(l, bits, 0));
}

/* ---- remainder --------------------------------------------------------------------------------------------- */

/* C's fmod of two finite floats with |x / y| < 2**53, exactly.  The rounded quotient's integral part is the true one or
 * one more.  In the first case the remainder is a float; in the second |y| less is, and a small one; so the fused
 * product is exact, and so is adding |y| back.  A sixth of the time of a call of fmod(). */
static ValueId near_remainder(Lower *l, ValueId x, ValueId y, ValueId quotient) {
    ValueId minus_q = float_neg(l, lower_native1(l, NATIVE_ftrunc, quotient));
    ValueId r = ir_native(&l->b, NATIVE_fma, lower_type(l, x), 3, (ValueId[]){minus_q, y, x});
    ValueId below = ir_fcmp(&l->b, PRED_LT, r, constant_like(l, r, 0));
    return lower_select(l, below, lower_bin(l, OP_fadd, r, y), r);
}

ValueId float_rem(Lower *l, ValueId x, ValueId y) {
    const Type *t = lower_type(l, x);
    if (t != type_f64)
        return lower_cast(l, float_rem(l, lower_cast(l, x, t, type_f64), lower_cast(l, y, t, type_f64)),
                          type_f64, t);
    ValueId abs_x = float_abs(l, x), abs_y = float_abs(l, y), quotient = lower_bin(l, OP_fdiv, abs_x, abs_y);
    ValueId near = ir_fcmp(&l->b, PRED_LT, quotient, constant_like(l, x, 0x1p53));
    LowerIf far = lower_if_unlikely(l, lower_not(l, lower_and(l, near, float_is_finite(l, y))));
    ValueId slow = lower_native2(l, NATIVE_far_remainder, x, y);
    lower_else(l, &far);
    ValueId fast = lower_native2(l, NATIVE_copysign, near_remainder(l, abs_x, abs_y, quotient), x);
    return lower_endif(l, &far, slow, fast);
}

/* ---- floored division ------------------------------------------------------------------------------------ */

static ValueId floored_quotient(Lower *l, ValueId x, ValueId y, ValueId quotient) {
    ValueId zero = constant_like(l, x, 0), one = constant_like(l, x, 1);
    ValueId floor = lower_native1(l, NATIVE_floor, quotient);
    ValueId low = ir_fcmp(&l->b, PRED_GT, lower_bin(l, OP_fsub, quotient, floor), constant_like(l, x, 0.5));
    ValueId nearest = lower_select(l, low, lower_bin(l, OP_fadd, floor, one), floor);
    ValueId signed_zero = lower_native2(l, NATIVE_copysign, zero, lower_bin(l, OP_fdiv, x, y));
    return lower_select(l, ir_fcmp(&l->b, PRED_NE, quotient, zero), nearest, signed_zero);
}

DivMod float_divmod(Lower *l, ValueId x, ValueId y) {
    ValueId zero = constant_like(l, x, 0), one = constant_like(l, x, 1);
    ValueId mod = float_rem(l, x, y);
    ValueId quotient = lower_bin(l, OP_fdiv, lower_bin(l, OP_fsub, x, mod), y);
    ValueId inexact = ir_fcmp(&l->b, PRED_NE, mod, zero);
    ValueId differ = lower_bin(l, OP_ixor, ir_fcmp(&l->b, PRED_LT, y, zero),
                               ir_fcmp(&l->b, PRED_LT, mod, zero));
    ValueId adjust = lower_and(l, inexact, differ);
    ValueId moved = lower_select(l, adjust, lower_bin(l, OP_fadd, mod, y), mod);
    ValueId remainder = lower_select(l, inexact, moved, lower_native2(l, NATIVE_copysign, zero, y));
    quotient = lower_select(l, adjust, lower_bin(l, OP_fsub, quotient, one), quotient);
    quotient = floored_quotient(l, x, y, quotient);
    /* x // 0 is x / 0 and x % 0 is nan, where that is not an error. */
    if (!lower_is_nonzero(l, y)) {
        ValueId by_zero = ir_fcmp(&l->b, PRED_EQ, y, zero);
        quotient = lower_select(l, by_zero, lower_bin(l, OP_fdiv, x, y), quotient);
        remainder = lower_select(l, by_zero, mod, remainder);
    }
    return (DivMod){quotient, remainder};
}

/* ---- powers ---------------------------------------------------------------------------------------------- */

/* A number as the unevaluated sum of two floats: twice the precision (Dekker, 1971). */
typedef struct {
    ValueId hi, lo;
} Pair;

static ValueId fma_of(Lower *l, ValueId x, ValueId y, ValueId z) {
    return ir_native(&l->b, NATIVE_fma, lower_type(l, x), 3, (ValueId[]){x, y, z});
}

static Pair pair_mul(Lower *l, Pair a, Pair b) {
    ValueId hi = lower_bin(l, OP_fmul, a.hi, b.hi);
    ValueId lo = fma_of(l, a.hi, b.hi, float_neg(l, hi));
    if (b.lo != NO_VALUE) lo = fma_of(l, a.hi, b.lo, lo);
    if (a.lo != NO_VALUE) lo = fma_of(l, a.lo, b.hi, lo);
    return (Pair){hi, lo};
}

enum { LONGEST_CHAIN = 16 };

/* x ** n in twice the precision, rounded once: what pow() gives, at the price of a few products. */
static ValueId exact_power(Lower *l, ValueId x, int n) {
    Pair result = {NO_VALUE, NO_VALUE}, square = {x, NO_VALUE};
    for (; n; n >>= 1) {
        if (n & 1) result = result.hi == NO_VALUE ? square : pair_mul(l, result, square);
        if (n > 1) square = pair_mul(l, square, square);
    }
    ValueId sum = lower_bin(l, OP_fadd, result.hi, result.lo), error = float_abs(l, result.lo);
    /* The error of an overflow is a nan; that of a zero would take its sign. */
    ValueId counts = lower_and(l, ir_fcmp(&l->b, PRED_LT, error, constant_like(l, x, INFINITY)),
                               ir_fcmp(&l->b, PRED_GT, error, constant_like(l, x, 0)));
    return lower_select(l, counts, sum, result.hi);
}

static ValueId plain_power(Lower *l, ValueId x, int n) {
    ValueId result = NO_VALUE;
    for (; n; n >>= 1, x = n ? lower_bin(l, OP_fmul, x, x) : x)
        if (n & 1) result = result == NO_VALUE ? x : lower_bin(l, OP_fmul, result, x);
    return result;
}

/* float32 products are exact enough in float64. */
static ValueId power_of_int(Lower *l, ValueId x, int n) {
    const Type *t = lower_type(l, x);
    if (l->b.fastmath & FASTMATH_REASSOC || n == 2) return plain_power(l, x, n);
    if (t == type_f64) return exact_power(l, x, n);
    return lower_cast(l, plain_power(l, lower_cast(l, x, t, type_f64), n), type_f64, t);
}

/* pow() maps both zeros to +0 and both infinities to +inf, where the square root does not. */
static ValueId power_of_half(Lower *l, ValueId x) {
    ValueId root = lower_native1(l, NATIVE_sqrt, lower_bin(l, OP_fadd, x, constant_like(l, x, 0)));
    ValueId infinity = constant_like(l, x, INFINITY);
    return lower_select(l, float_is_inf(l, x), infinity, root);
}

/* Known exponents take short cuts that round like pow(), whose own error is below 0.52 units of the last place. */
ValueId float_pow(Lower *l, ValueId x, ValueId y) {
    double n;
    if (!lower_known_float(l, y, &n)) return lower_native_f2(l, NATIVE_pow, x, y);
    if (n == 0) return constant_like(l, x, 1);
    if (n == 1) return x;
    if (n == -1) return lower_bin(l, OP_fdiv, constant_like(l, x, 1), x);
    if (n == 0.5) return power_of_half(l, x);
    if (n == floor(n) && n > 0 && n <= LONGEST_CHAIN) return power_of_int(l, x, (int)n);
    return lower_native_f2(l, NATIVE_pow, x, y);
}

/* ---- conversion to int ----------------------------------------------------------------------------------- */

ValueId float_to_int(Lower *l, ValueId x) {
    const Type *t = lower_type(l, x);
    bool checked = !l->options->error_model_numpy && !(l->b.fastmath & FASTMATH_NNAN);
    if (checked) {
        ValueId fits = ir_fcmp(&l->b, PRED_LT, float_abs(l, x), lower_float(l, t, 0x1p63));
        LowerIf bad = lower_if_unlikely(l, lower_not(l, fits));
        lower_raise_if(l, float_is_nan(l, x), "ValueError", "cannot convert float NaN to integer", 0, NULL);
        lower_raise_if(l, float_is_inf(l, x), "OverflowError", "cannot convert float infinity to integer", 0,
                       NULL);
        ValueId least = ir_fcmp(&l->b, PRED_EQ, x, lower_float(l, t, -0x1p63)); /* fits after all */
        lower_raise_if(l, lower_not(l, least), "OverflowError",
                       "float too large to convert to a 64-bit integer", 0, NULL);
        lower_else(l, &bad);
        lower_endif(l, &bad, NO_VALUE, NO_VALUE);
    }
    ValueId n = lower_un(l, OP_fptosi, type_i64, x);
    if (checked) inst_at(l->b.f, n)->flags |= INST_NSW;
    return n;
}
