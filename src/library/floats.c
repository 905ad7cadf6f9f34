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
    ValueId mod = lower_bin(l, OP_frem, x, y);
    ValueId quotient = lower_bin(l, OP_fdiv, lower_bin(l, OP_fsub, x, mod), y);
    ValueId inexact = ir_fcmp(&l->b, PRED_NE, mod, zero);
    ValueId differ = lower_bin(l, OP_ixor, ir_fcmp(&l->b, PRED_LT, y, zero), ir_fcmp(&l->b, PRED_LT, mod, zero));
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

/* Exact short cuts only: x * x is the correctly rounded square.  Products of more than two factors round more often
 * than pow() does, so they need permission to reassociate. */
ValueId float_pow(Lower *l, ValueId x, ValueId y) {
    double known;
    bool is_known = lower_known_float(l, y, &known);
    if (is_known && known == 2) return lower_bin(l, OP_fmul, x, x);
    if (is_known && known == 1) return x;
    if (is_known && known == 0) return constant_like(l, x, 1);
    if (is_known && known == 3 && l->b.fastmath & FASTMATH_REASSOC)
        return lower_bin(l, OP_fmul, lower_bin(l, OP_fmul, x, x), x);
    return lower_native_f2(l, NATIVE_pow, x, y);
}

/* ---- conversion to int ----------------------------------------------------------------------------------- */

ValueId float_to_int(Lower *l, ValueId x) {
    const Type *t = lower_type(l, x);
    if (!l->options->error_model_numpy && !(l->b.fastmath & FASTMATH_NNAN)) {
        ValueId fits = ir_fcmp(&l->b, PRED_LT, float_abs(l, x), lower_float(l, t, 0x1p63));
        LowerIf bad = lower_if_unlikely(l, lower_not(l, fits));
        lower_raise_if(l, float_is_nan(l, x), "ValueError", "cannot convert float NaN to integer", 0, NULL);
        lower_raise_if(l, float_is_inf(l, x), "OverflowError", "cannot convert float infinity to integer", 0, NULL);
        ValueId least = ir_fcmp(&l->b, PRED_EQ, x, lower_float(l, t, -0x1p63)); /* fits after all */
        lower_raise_if(l, lower_not(l, least), "OverflowError", "float too large to convert to a 64-bit integer", 0,
                       NULL);
        lower_else(l, &bad);
        lower_endif(l, &bad, NO_VALUE, NO_VALUE);
    }
    return lower_un(l, OP_fptosi, type_i64, x);
}
