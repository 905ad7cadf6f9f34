/* vecmath/logarithm.h - log, log2 and, made of it and of exp, pow: a table of reciprocals and a short polynomial. */
#ifndef NAJA_VECMATH_LOGARITHM_H
#define NAJA_VECMATH_LOGARITHM_H

#include "vecmath/exponential.h"
#include "vecmath/lanes.h"
#include "vecmath/tables.h"

#define SMALLEST 0x1p-1022 /* normal number */

INLINE I no_logarithm(F x) { return ~(COMPARED(x >= SMALLEST) & COMPARED(x < INFINITY)); }

/* x = 2**k * z, z in [from, 2 * from). */
INLINE F split(F x, int64_t from, I *k, I *place) {
    *place = as_bits(x) - from;
    *k = (shift_right(*place, 52) ^ 0x800) - 0x800; /* with its sign */
    return as_float(as_bits(x) - (*place & INT64_C(0xfff) << 52));
}

INLINE F log_near_one(F x) {
    F r = x - 1.0, r2 = r * r, r3 = r * r2;
    F p3 = muladd(r3, all(-0x1.5521375d145cdp-4),
                  muladd(r2, all(0x1.78182f7afd085p-4),
                         muladd(r, all(-0x1.999eb43b068ffp-4), all(0x1.c7184282ad6cap-4))));
    F p2 = muladd(r3, p3,
                  muladd(r2, all(-0x1.fffffa4423d65p-4),
                         muladd(r, all(0x1.24924a344de3p-3), all(-0x1.55555556745a7p-3))));
    F p1 = muladd(r3, p2,
                  muladd(r2, all(0x1.999999995dd0cp-3),
                         muladd(r, all(-0x1.ffffffffffdcbp-3), all(0x1.5555555555577p-2))));
    F large = r * 0x1p27;
    F high = r + large - large, low = r - high; /* 26 bits and the rest */
    F square = high * high * -0.5, sum = r + square;
    F rest = muladd(low * -0.5, high + r, r - sum + square);
    return muladd(r3, p1, rest) + sum;
}

#define PARTS_FROM INT64_C(0x3fe6000000000000) /* 0.6875 */
#define LN2_HIGH 0x1.62e42fefa3800p-1
#define LN2_LOW 0x1.ef35793c76730p-45

INLINE F log_elsewhere(F x) {
    I k, place;
    F z = split(x, PARTS_FROM, &k, &place);
    I at = shift_right(place, 45) & 127;
    F whole = number(k);
    F r = muladd(z, lookup(log_inverse, at), all(-1));
    F w = muladd(whole, all(LN2_HIGH), lookup(log_value, at));
    F high = w + r, low = muladd(whole, all(LN2_LOW), w - high + r);
    F r2 = r * r;
    F p = muladd(r2, muladd(r, all(-0x1.55575e506c89fp-3), all(0x1.999b324f10111p-3)),
                 muladd(r, all(-0x1.fffffffeb459p-3), all(0x1.555555551305bp-2)));
    return muladd(r * r2, p, muladd(r2, all(-0x1.0000000000001p-1), low)) + high;
}

INLINE F log_lanes(F x, I *left) {
    *left = no_logarithm(x);
    I near = COMPARED(x >= 0x1.ep-1) & COMPARED(x < 0x1.109p+0);
    if (!any(near)) return log_elsewhere(x);
    return choose(near, log_near_one(x), log_elsewhere(x));
}

#define INV_LN2_HIGH 0x1.7154765200000p+0
#define INV_LN2_LOW 0x1.705fc2eefa200p-33

INLINE F log2_near_one(F x) {
    F r = x - 1.0;
    F high = r * INV_LN2_HIGH;
    F low = muladd(r, all(INV_LN2_LOW), muladd(r, all(INV_LN2_HIGH), -high));
    F r2 = r * r, r4 = r2 * r2;
    F p = r2 * muladd(r, all(0x1.ec709dc3a03f7p-2), all(-0x1.71547652b82fep-1));
    F y = high + p;
    low += high - y + p;
    F early = muladd(r2, muladd(r, all(0x1.a61761ec4e736p-3), all(-0x1.ec709dd768fe5p-3)),
                     muladd(r, all(0x1.2776c50f05be4p-2), all(-0x1.71547652b7c3fp-2)));
    F late = muladd(r2, muladd(r, all(0x1.0b32f285aee66p-3), all(-0x1.289e4a72c383cp-3)),
                    muladd(r, all(0x1.484d154f01b4ap-3), all(-0x1.7153fbc64a79bp-3)));
    return y + muladd(r4, muladd(r4, late, early), low);
}

INLINE F log2_elsewhere(F x) {
    I k, place;
    F z = split(x, PARTS_FROM, &k, &place);
    I at = shift_right(place, 46) & 63;
    F r = muladd(z, lookup(log2_inverse, at), all(-1));
    F t1 = r * INV_LN2_HIGH;
    F t2 = muladd(r, all(INV_LN2_LOW), muladd(r, all(INV_LN2_HIGH), -t1));
    F t3 = number(k) + lookup(log2_value, at);
    F high = t3 + t1, low = t3 - high + t1 + t2;
    F r2 = r * r, r4 = r2 * r2;
    F p = muladd(r4, muladd(r, all(0x1.a6225e117f92ep-3), all(-0x1.ec7b328ea92bcp-3)),
                 muladd(r2, muladd(r, all(0x1.2776c50034c48p-2), all(-0x1.7154764702ffbp-2)),
                        muladd(r, all(0x1.ec709dc3a04bep-2), all(-0x1.71547652b8339p-1))));
    return muladd(r2, p, low) + high;
}

INLINE F log2_lanes(F x, I *left) {
    *left = no_logarithm(x);
    I near = COMPARED(x >= 1.0 - 0x1.5b51p-5) & COMPARED(x < 1.0 + 0x1.6ab2p-5);
    if (!any(near)) return log2_elsewhere(x);
    return choose(near, log2_near_one(x), log2_elsewhere(x));
}

/* log(x) in two pieces, 68 bits of it. */
INLINE F log_in_pieces(F x, F *rest) {
    I k, place;
    F z = split(x, INT64_C(0x3fe6955500000000), &k, &place);
    I at = shift_right(place, 45) & 127;
    F whole = number(k);
    F r = muladd(z, lookup(pow_inverse, at), all(-1));
    F t1 = muladd(whole, all(LN2_HIGH), lookup(pow_value, at));
    F t2 = t1 + r;
    F low1 = muladd(whole, all(LN2_LOW), lookup(pow_rest, at)), low2 = t1 - t2 + r;
    F ar = r * -0.5, ar2 = r * ar, ar3 = r * ar2;
    F high = t2 + ar2;
    F low3 = muladd(ar, r, -ar2), low4 = t2 - high + ar2;
    F p = muladd(ar2,
                 muladd(ar2, muladd(r, all(-0x1.0002b8b263fc3p-3 * -8), all(0x1.2495b9b4845e9p-3 * -8)),
                        muladd(r, all(-0x1.555555529a47ap-3 * 4), all(0x1.999999959554ep-3 * 4))),
                 muladd(r, all(-0x1.0000000000006p-2 * -2), all(0x1.555555555556p-2 * -2)));
    F low = muladd(ar3, p, low1 + low2 + low3 + low4);
    F y = high + low;
    *rest = high - y + low;
    return y;
}

INLINE F pow_lanes(F x, F y, I *left) {
    F low, high = log_in_pieces(x, &low);
    F product = y * high;
    F rest = muladd(y, low, muladd(y, high, -product));
    *left = no_logarithm(x) | beyond(y, 0x1p63) | COMPARED(absolute(y) < 0x1p-65) | beyond(product, 512);
    return exp_of_sum(product, rest);
}

#define INV_LN10_HIGH 0x1.bcb7b1526e50ep-2
#define INV_LN10_LOW 0x1.95355baaafad3p-57

INLINE F log10_lanes(F x, I *left) {
    *left = no_logarithm(x);
    F low, high = log_in_pieces(x, &low);
    F y = high * INV_LN10_HIGH;
    F rest = muladd(high, all(INV_LN10_HIGH), -y);
    return y + muladd(high, all(INV_LN10_LOW), muladd(low, all(INV_LN10_HIGH), rest));
}

/* log(u) + (1 + x - u) / u, where u is 1 + x rounded. */
INLINE F log1p_lanes(F x, I *left) {
    *left = ~(COMPARED(x > -1) & COMPARED(x < 0x1p60));
    F u = x + 1.0, part = u - 1.0, rest = (1.0 - (u - part)) + (x - part);
    F low, high = log_in_pieces(u, &low);
    F y = high + (low + rest / u);
    return choose(COMPARED(absolute(x) < 0x1p-60), x, y);
}

#endif
