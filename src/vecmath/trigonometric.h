/* vecmath/trigonometric.h - sin and cos: steps of pi / 2 taken away, then a table of k / 128. */
#ifndef NAJA_VECMATH_TRIGONOMETRIC_H
#define NAJA_VECMATH_TRIGONOMETRIC_H

#include "vecmath/pairs.h"
#include "vecmath/tables.h"

#define SN3 -1.66666666666664880952546298448555E-01
#define SN5 8.33333214285722277379541354343671E-03
#define CS2 4.99999999999999999999950396842453E-01
#define CS4 -4.16666666666664434524222570944589E-02
#define CS6 1.38888874007937613028114285595617E-03

/* sin(a + da) - a, |a| < 0.126 */
INLINE F sin_series_rest(F a, F da) {
    F square = a * a;
    F p = muladd(square, all(-0x1.addffc2fcdf59p-26), all(0x1.71de27b9a7ed9p-19));
    p = muladd(p, square, all(-0x1.a01a019db08b8p-13));
    p = muladd(p, square, all(0x1.1111111110ecep-7));
    p = muladd(p, square, all(-0x1.5555555555555p-3));
    return muladd(muladd(p, a, da * -0.5), square, da);
}

/* sin(a + da), or where `odd` cos(a + da), for |a| < 0.9, from the values at the nearest k / 128.  A sine is
 * sin k cos x + cos k sin x and a cosine cos k cos x - sin k sin x: the same with the two tables and a sign exchanged. */
#define ROUND_TO_128TH 0x1.8p45
INLINE Pair sin_or_cos_by_table(F a, F da, I odd) {
    F size = absolute(a), shifted = size + ROUND_TO_128TH;
    I at = as_bits(shifted) & 127, first = at + (odd & 128), second = at + (~odd & 128);
    F same = lookup(sincos_high, first), same_rest = lookup(sincos_low, first);
    F other = lookup(sincos_high, second), other_rest = lookup(sincos_low, second);
    I sign = as_bits(a) & SIGN_BIT;
    F x = size - (shifted - ROUND_TO_128TH), dx = as_float(as_bits(da) ^ sign);
    x = choose(odd, x + dx, x);
    dx = as_float(as_bits(dx) & ~odd);
    F square = x * x, cube = x * square, p = muladd(square, all(SN5), all(SN3));
    F sine = choose(odd, muladd(cube, p, x), x + muladd(cube, p, dx));
    F cosine = muladd(x, dx, square * muladd(square, muladd(square, all(CS6), all(CS4)), all(CS2))); /* 1 less it */
    sine = as_float(as_bits(sine) ^ (odd & SIGN_BIT));
    F rest = muladd(other, sine, muladd(-same, cosine, muladd(sine, other_rest, same_rest)));
    sign &= ~odd;
    return sum_of_larger(as_float(as_bits(same) ^ sign), as_float(as_bits(rest) ^ sign));
}

/* x = n * pi / 2 + a + da */
INLINE F reduce(F x, F *da, I *n) {
    F shifted = muladd(x, all(0x1.45f306dc9c883p-1), all(ROUND));
    F whole = shifted - ROUND;
    *n = as_bits(shifted);
    F y = muladd(-whole, all(-0x1.dde973cp-27), muladd(-whole, all(0x1.921fb58p+0), x));
    F t1 = whole * -0x1.cb3b398p-55, t2 = y - t1;
    F rest = y - t2 - t1;
    F a = muladd(whole, all(0x1.d747f23e32ed7p-83), t2);
    *da = rest + muladd(whole, all(0x1.d747f23e32ed7p-83), t2 - a);
    return a;
}

#define PI_2_HIGH 0x1.921fb54442d18p+0
#define PI_2_LOW 0x1.1a62633145c07p-54

/* sin(a + da + n * pi / 2) */
INLINE F sin_of_reduced(F a, F da, I n) {
    I odd = -(n & 1);
    F y = sin_or_cos_by_table(a, da, odd).high;
    y = choose(~odd & COMPARED(absolute(a) < 0.126), a + sin_series_rest(a, da), y);
    return as_float(as_bits(y) ^ (n & 2) << 62);
}

/* Where libm takes |x| as it is, less pi / 2, and reduces it by a few multiplications: upper halves of doubles. */
#define AS_IT_IS INT64_C(0x3feb600000000000)
#define ONE_STEP INT64_C(0x400368fd00000000)
#define BY_PARTS INT64_C(0x419921fb00000000)
#define TINY INT64_C(0x3e50000000000000)

INLINE F sin_lanes(F x, I *left) {
    F da, size = absolute(x);
    I n, bits = as_bits(size);
    F a = reduce(x, &da, &n);
    I as_it_is = COMPARED(bits < AS_IT_IS), one_step = COMPARED(bits < ONE_STEP) & ~as_it_is;
    a = choose(as_it_is, x, choose(one_step, PI_2_HIGH - size, a));
    da = as_float(as_bits(choose(one_step, all(PI_2_LOW), da)) & ~as_it_is);
    n = (n & ~(as_it_is | one_step)) | (one_step & 1);
    *left = ~COMPARED(bits < BY_PARTS);
    F y = sin_of_reduced(a, da, n);
    y = as_float(as_bits(y) ^ (as_bits(x) & one_step & SIGN_BIT));
    return choose(COMPARED(bits < TINY), x, y);
}

INLINE F cos_lanes(F x, I *left) {
    F da, size = absolute(x);
    I n, bits = as_bits(size);
    F a = reduce(x, &da, &n);
    I as_it_is = COMPARED(bits < AS_IT_IS), one_step = COMPARED(bits < ONE_STEP) & ~as_it_is;
    F complement = PI_2_HIGH - size, b = complement + PI_2_LOW;
    a = choose(as_it_is, x, choose(one_step, b, a));
    da = as_float(as_bits(choose(one_step, complement - b + PI_2_LOW, da)) & ~as_it_is);
    n = ((n + 1) & ~(as_it_is | one_step)) | (as_it_is & 1);
    *left = ~COMPARED(bits < BY_PARTS);
    return sin_of_reduced(a, da, n);
}

/* sin(a + da), or where `odd` cos, for |a| < 0.9 */
INLINE Pair sin_or_cos_in_pieces(F a, F da, I odd) {
    Pair small = sum_of_larger(a, sin_series_rest(a, da));
    return choose_pair(~odd & COMPARED(absolute(a) < 0.126), small, sin_or_cos_by_table(a, da, odd));
}

/* sin / cos, or -cos / sin where a quarter turn has been taken away */
INLINE F tan_lanes(F x, I *left) {
    F da, size = absolute(x);
    I n;
    F a = reduce(x, &da, &n);
    I odd = -(n & 1);
    Pair y = quotient(sin_or_cos_in_pieces(a, da, odd), sin_or_cos_in_pieces(a, da, ~odd));
    *left = ~COMPARED(as_bits(size) < BY_PARTS);
    F tan = as_float(as_bits(rounded(y)) ^ (odd & SIGN_BIT));
    return choose(COMPARED(as_bits(size) < TINY), x, tan);
}

#endif
