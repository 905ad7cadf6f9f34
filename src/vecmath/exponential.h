/* vecmath/exponential.h - exp and exp2: a power of two from the table, times a short polynomial. */
#ifndef NAJA_VECMATH_EXPONENTIAL_H
#define NAJA_VECMATH_EXPONENTIAL_H

#include "vecmath/lanes.h"
#include "vecmath/tables.h"

/* 2**(k / 128) * (1 + r), where r includes what the table's number is off by. */
INLINE F scale_by_power(I k, F r_of_table, F (*polynomial)(F r, F low)) {
    I at = k & 127;
    F low = as_float(lookup_bits(powers_low, at));
    F high = as_float(lookup_bits(powers_high, at) + (k << 45));
    return muladd(high, polynomial(r_of_table, low), high);
}

INLINE F exp_polynomial(F r, F low) {
    F r2 = r * r;
    F early = muladd(r, all(0x1.555555555543cp-3), all(0x1.ffffffffffdbdp-2));
    F late = muladd(r, all(0x1.1111167a4d017p-7), all(0x1.55555cf172b91p-5));
    return muladd(r2 * r2, late, muladd(r2, early, low + r));
}

/* exp(x + rest), where |rest| is far below |x|. */
INLINE F exp_of_sum(F x, F rest) {
    F shifted = muladd(x, all(0x1.71547652b82fep+7), all(ROUND)); /* 128 / ln 2 */
    F whole = shifted - ROUND;
    F r = muladd(whole, all(-0x1.62e42fefa0000p-8), x);
    r = muladd(whole, all(-0x1.cf79abc9e3b3ap-47), r) + rest;
    return scale_by_power(as_bits(shifted), r, exp_polynomial);
}

INLINE I beyond(F x, double limit) { return ~COMPARED(absolute(x) < limit); } /* true of nan */

INLINE F exp_lanes(F x, I *left) {
    *left = beyond(x, 512);
    return exp_of_sum(x, all(0));
}

INLINE F exp2_polynomial(F r, F low) {
    F r2 = r * r;
    F early = muladd(r, all(0x1.c6b08d70cf4b5p-5), all(0x1.ebfbdff82c424p-3));
    F late = muladd(r, all(0x1.5d7e09b4e3a84p-10), all(0x1.3b2abd24650ccp-7));
    return muladd(r2 * r2, late, muladd(r2, early, muladd(r, all(0x1.62e42fefa39efp-1), low)));
}

INLINE F exp2_lanes(F x, I *left) {
    *left = beyond(x, 512);
    F shifted = x + 0x1.8p45; /* k / 128 */
    return scale_by_power(as_bits(shifted), x - (shifted - 0x1.8p45), exp2_polynomial);
}

#endif
