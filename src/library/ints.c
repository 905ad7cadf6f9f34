/* ints.c - integer arithmetic with Python's meaning.
 *
 * The machine divides towards zero and traps on INT_MIN / -1; Python floors.  With q = x / y and r = x - q*y, the
 * floored quotient is q - 1 and the floored remainder r + y where r is not zero and its sign is not y's.  A divisor
 * of -1 is replaced by 1 and the quotient negated, which wraps as all our arithmetic does.  Known divisors, the
 * usual case, need less: powers of two are shifts and masks, which floor by themselves.
 */
#include "library/scalars.h"

static bool is_signed(Lower *l, ValueId x) { return lower_type(l, x)->is_signed; }

static ValueId constant_like(Lower *l, ValueId x, int64_t v) { return lower_int(l, lower_type(l, x), v); }

ValueId int_negative(Lower *l, ValueId x) {
    return is_signed(l, x) ? ir_icmp(&l->b, PRED_LT, x, constant_like(l, x, 0)) : lower_bool(l, false);
}

static ValueId negate(Lower *l, ValueId x) { return lower_bin(l, OP_isub, constant_like(l, x, 0), x); }

/* ---- division -------------------------------------------------------------------------------------------- */

static int log2_of(int64_t y) { return y > 0 && (y & (y - 1)) == 0 ? __builtin_ctzll((uint64_t)y) : -1; }

typedef struct {
    ValueId quotient, remainder, adjust; /* towards zero; adjust: bool, the floored quotient is one less */
    ValueId divisor;                     /* y with -1 replaced */
    ValueId minus_one;                   /* bool: y is -1; NO_VALUE: it is not */
} Division;

static Division divide(Lower *l, ValueId x, ValueId y) {
    Division d = {.divisor = y, .minus_one = NO_VALUE};
    int64_t known;
    if (!lower_known_int(l, y, &known) || known == -1) {
        d.minus_one = ir_icmp(&l->b, PRED_EQ, y, constant_like(l, y, -1));
        d.divisor = lower_select(l, d.minus_one, constant_like(l, y, 1), y);
    }
    d.quotient = lower_bin(l, OP_sdiv, x, d.divisor);
    d.remainder = lower_bin(l, OP_isub, x, lower_bin(l, OP_imul, d.quotient, d.divisor));
    ValueId zero = constant_like(l, x, 0);
    ValueId inexact = ir_icmp(&l->b, PRED_NE, d.remainder, zero);
    ValueId differ = ir_icmp(&l->b, PRED_LT, lower_bin(l, OP_ixor, d.remainder, d.divisor), zero);
    d.adjust = lower_and(l, inexact, differ);
    return d;
}

ValueId int_floordiv(Lower *l, ValueId x, ValueId y) {
    int64_t known;
    bool is_known = lower_known_int(l, y, &known);
    int shift = is_known ? log2_of(known) : -1;
    if (shift >= 0) return lower_bin(l, is_signed(l, x) ? OP_ashr : OP_lshr, x, constant_like(l, x, shift));
    if (!is_signed(l, x)) return lower_bin(l, OP_udiv, x, y);
    Division d = divide(l, x, y);
    ValueId q = lower_bin(l, OP_isub, d.quotient, lower_un(l, OP_zext, lower_type(l, x), d.adjust));
    return d.minus_one == NO_VALUE ? q : lower_select(l, d.minus_one, negate(l, x), q);
}

ValueId int_mod(Lower *l, ValueId x, ValueId y) {
    int64_t known;
    if (lower_known_int(l, y, &known) && log2_of(known) >= 0)
        return lower_bin(l, OP_iand, x, constant_like(l, x, known - 1));
    if (!is_signed(l, x)) return lower_bin(l, OP_urem, x, y);
    Division d = divide(l, x, y);
    ValueId shifted = lower_bin(l, OP_iadd, d.remainder, d.divisor);
    return lower_select(l, d.adjust, shifted, d.remainder);
}

ValueId int_near_mod(Lower *l, ValueId x, ValueId y) {
    ValueId low = ir_icmp(&l->b, PRED_LT, x, constant_like(l, x, 0)), high = ir_icmp(&l->b, PRED_GE, x, y);
    ValueId raised = lower_select(l, low, lower_bin(l, OP_iadd, x, y), x);
    return lower_select(l, high, lower_bin(l, OP_isub, x, y), raised);
}

void check_nonzero(Lower *l, ValueId y, const char *message) {
    if (l->options->error_model_numpy || lower_is_nonzero(l, y)) return;
    ValueId zero = lower_compare(l, PRED_EQ, y, lower_number(l, lower_type(l, y), 0));
    lower_raise_if(l, zero, "ZeroDivisionError", message, 0, NULL);
}

ValueId nonzero_or_one(Lower *l, ValueId x) {
    if (lower_is_nonzero(l, x)) return x;
    return lower_select(l, ir_icmp(&l->b, PRED_EQ, x, constant_like(l, x, 0)), constant_like(l, x, 1), x);
}

/* ---- shifts ---------------------------------------------------------------------------------------------- */

static ValueId in_width(Lower *l, ValueId x, ValueId y) {
    return ir_icmp(&l->b, PRED_ULT, y, constant_like(l, y, lower_type(l, x)->bits));
}

static bool known_in_width(Lower *l, ValueId x, ValueId y) {
    int64_t known;
    return lower_known_int(l, y, &known) && known >= 0 && known < lower_type(l, x)->bits;
}

ValueId int_shl(Lower *l, ValueId x, ValueId y) {
    if (known_in_width(l, x, y)) return lower_bin(l, OP_shl, x, y);
    ValueId ok = in_width(l, x, y), zero = constant_like(l, x, 0);
    return lower_select(l, ok, lower_bin(l, OP_shl, x, lower_select(l, ok, y, zero)), zero);
}

ValueId int_shr(Lower *l, ValueId x, ValueId y) {
    Op op = is_signed(l, x) ? OP_ashr : OP_lshr;
    if (known_in_width(l, x, y)) return lower_bin(l, op, x, y);
    ValueId ok = in_width(l, x, y), most = constant_like(l, x, lower_type(l, x)->bits - 1);
    ValueId shifted = lower_bin(l, op, x, lower_select(l, ok, y, most));
    return is_signed(l, x) ? shifted : lower_select(l, ok, shifted, constant_like(l, x, 0));
}

/* ---- powers ---------------------------------------------------------------------------------------------- */

enum { LONGEST_CHAIN = 64 }; /* exponents up to this are multiplied out: at most 10 products */

static ValueId power_chain(Lower *l, ValueId x, int64_t n) {
    ValueId result = NO_VALUE, square = x;
    for (; n; n >>= 1) {
        if (n & 1) result = result == NO_VALUE ? square : lower_bin(l, OP_imul, result, square);
        if (n > 1) square = lower_bin(l, OP_imul, square, square);
    }
    return result == NO_VALUE ? constant_like(l, x, 1) : result;
}

/* Wrapping products do not depend on sign or on the bits above, so one 64-bit function serves all widths. */
ValueId int_pow(Lower *l, ValueId x, ValueId y) {
    int64_t known;
    if (lower_known_int(l, y, &known) && known >= 0 && known <= LONGEST_CHAIN)
        return power_chain(l, x, known);
    const Type *t = lower_type(l, x);
    ValueId wide_x = lower_cast(l, x, t, type_i64), wide_y = lower_cast(l, y, t, type_i64);
    return lower_cast(l, lower_native2(l, NATIVE_int_pow, wide_x, wide_y), type_i64, t);
}

/* ---- magnitude and order --------------------------------------------------------------------------------- */

ValueId int_abs(Lower *l, ValueId x) {
    if (!is_signed(l, x)) return x;
    return ir_native(&l->b, NATIVE_abs, lower_type(l, x), 2, (ValueId[]){x, lower_bool(l, false)});
}

ValueId int_min(Lower *l, ValueId x, ValueId y) {
    return lower_native2(l, is_signed(l, x) ? NATIVE_smin : NATIVE_umin, x, y);
}

ValueId int_max(Lower *l, ValueId x, ValueId y) {
    return lower_native2(l, is_signed(l, x) ? NATIVE_smax : NATIVE_umax, x, y);
}
