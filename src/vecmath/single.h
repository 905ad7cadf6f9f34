/* vecmath/single.h - the functions of float32. */
#ifndef NAJA_VECMATH_SINGLE_H
#define NAJA_VECMATH_SINGLE_H

#include "vecmath/exponential.h"
#include "vecmath/lanes.h"
#include "vecmath/tables.h"

/* The functions of float32 work on doubles: the numbers given are floats, and the result is rounded to one. */

/* 2**(r / 32 + k / 32), |r| <= 1/2; `unit` is 1, or 32 where r was divided by 32 already. */
INLINE F single_power(I k, F r, double unit) {
    F scale = as_float(lookup_bits(powersf, k & 31) + (k << 47));
    F early = muladd(all(0x1.62e42ff0c52d6p-1 / 32 * unit), r, all(1));
    F late = muladd(all(0x1.c6af84b912394p-5 / 32 / 32 / 32 * unit * unit * unit), r,
                    all(0x1.ebfce50fac4f3p-3 / 32 / 32 * unit * unit));
    return muladd(late, r * r, early) * scale;
}

INLINE F expf_lanes(F x, I *left) {
    *left = beyond(x, 88);
    F inv_ln2 = all(0x1.71547652b82fep+0 * 32);
    F shifted = muladd(inv_ln2, x, all(ROUND));
    return single_power(as_bits(shifted), muladd(inv_ln2, x, -(shifted - ROUND)), 1);
}

INLINE F single_exp2(F x) {
    F shifted = x + ROUND / 32;
    return single_power(as_bits(shifted), x - (shifted - ROUND / 32), 32);
}

INLINE F exp2f_lanes(F x, I *left) {
    *left = beyond(x, 126);
    return single_exp2(x);
}

#define SMALLEST_SINGLE 0x1p-126
#define SINGLE_PARTS_FROM INT64_C(0x3fe6600000000000) /* 0.69921875 */

INLINE I no_single_logarithm(F x) { return ~(COMPARED(x >= SMALLEST_SINGLE) & COMPARED(x < INFINITY)); }

INLINE F logf_lanes(F x, I *left) {
    *left = no_single_logarithm(x);
    I k, place;
    F z = split(x, SINGLE_PARTS_FROM, &k, &place);
    I at = shift_right(place, 48) & 15;
    F r = muladd(z, lookup(logf_inverse, at), all(-1));
    F y0 = muladd(number(k), all(0x1.62e42fefa39efp-1), lookup(logf_value, at));
    F r2 = r * r, y = muladd(all(0x1.5575b0be00b6ap-2), r, all(-0x1.ffffef20a4123p-2));
    y = muladd(all(-0x1.00ea348b88334p-2), r2, y);
    return muladd(y, r2, y0 + r);
}

INLINE F log2f_lanes(F x, I *left) {
    *left = no_single_logarithm(x);
    I k, place;
    F z = split(x, SINGLE_PARTS_FROM, &k, &place);
    I at = shift_right(place, 48) & 15;
    F r = muladd(z, lookup(log2f_inverse, at), all(-1));
    F y0 = lookup(log2f_value, at) + number(k);
    F r2 = r * r, y = muladd(all(0x1.ecabf496832ep-2), r, all(-0x1.715479ffae3dep-1));
    y = muladd(all(-0x1.712b6f70a7e4dp-2), r2, y);
    return muladd(y, r2, muladd(all(0x1.715475f35c8b8p0), r, y0));
}

INLINE F powf_lanes(F x, F y, I *left) {
    I k, place;
    F z = split(x, SINGLE_PARTS_FROM, &k, &place);
    I at = shift_right(place, 48) & 15;
    F r = muladd(z, lookup(powf_inverse, at), all(-1));
    F y0 = lookup(powf_value, at) + number(k);
    F r2 = r * r, a = muladd(all(0x1.27616c9496e0bp-2), r, all(-0x1.71969a075c67ap-2));
    F p = muladd(all(0x1.ec70a6ca7baddp-2), r, all(-0x1.7154748bef6c8p-1));
    F q = muladd(p, r2, muladd(all(0x1.71547652ab82bp0), r, y0));
    F product = y * muladd(a, r2 * r2, q);
    *left = no_single_logarithm(x) | beyond(y, INFINITY) | COMPARED(y == 0) | beyond(product, 126);
    return single_exp2(product);
}

/* sin(x), or where `odd` cos(x), |x| <= pi / 4 */
INLINE F single_sin_or_cos(F x, I odd) {
    F x2 = x * x, x4 = x2 * x2, x3 = x * x2;
    F sine = muladd(x3, all(-0x1.555545995a603p-3), x);
    sine = muladd(x3 * x2, muladd(x2, all(-0x1.994eb3774cf24p-13), all(0x1.1107605230bc4p-7)), sine);
    F cosine = muladd(x2, all(-0x1.ffffffd0c621cp-2), all(1));
    cosine = muladd(x4, all(0x1.55553e1068f19p-5), cosine);
    cosine = muladd(x4 * x2, muladd(x2, all(0x1.99343027bf8c3p-16), all(-0x1.6c087e89a359dp-10)), cosine);
    return choose(odd, cosine, sine);
}

/* x = n * pi / 2 + r, for |x| < 120; which n, is decided by 24 bits after the point. */
INLINE F single_reduce(F x, I *n) {
    F whole = rounded_down((truncated(x * 0x1.45f306dc9c883p+23) + 0x1p23) * 0x1p-24);
    *n = as_bits(whole + ROUND);
    return muladd(-whole, all(0x1.921fb54442d18p0), x);
}

/* sin(x + n * pi / 2) */
INLINE F single_sin(F x, I n) {
    F y = single_sin_or_cos(x, -(n & 1));
    return as_float(as_bits(y) ^ (n & 2) << 62);
}

INLINE F sinf_lanes(F x, I *left) {
    *left = beyond(x, 120);
    I n;
    F r = single_reduce(x, &n);
    return choose(COMPARED(absolute(x) < 0x1p-12), x, single_sin(r, n));
}

INLINE F cosf_lanes(F x, I *left) {
    *left = beyond(x, 120);
    I n;
    F r = single_reduce(x, &n);
    return single_sin(r, n + 1);
}

#endif
