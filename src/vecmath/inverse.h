/* vecmath/inverse.h - atan2, atan, asin and acos: the angle of a point from the nearest atan(k / 64). */
#ifndef NAJA_VECMATH_INVERSE_H
#define NAJA_VECMATH_INVERSE_H

#include "vecmath/pairs.h"
#include "vecmath/tables.h"
#include "vecmath/trigonometric.h"

/* The angle of (x, y), x >= y >= 0: atan(c) + atan((y - c * x) / (x + c * y)). */
INLINE Pair angle_below_diagonal(Pair y, Pair x) {
    I at;
    F c = nearest(64 * (y.high / x.high), &at) * (1.0 / 64);
    at &= 127;
    Pair p = product(c, x.high), n = sum_of_larger(y.high, -p.high), d;
    n = plus(n, y.low - p.low - c * x.low);
    d.high = muladd(c, y.high, x.high);
    d.low = muladd(c, y.high, x.high - d.high) + (x.low + c * y.low);
    Pair t = quotient(n, d);
    F t2 = t.high * t.high;
    F q = muladd(t2, all(1.0 / 9), all(-1.0 / 7));
    q = muladd(t2, q, all(1.0 / 5));
    q = muladd(t2, q, all(-1.0 / 3));
    return plus(sum_of_larger(lookup(atan_high, at), t.high),
                muladd(t.high * t2, q, t.low) + lookup(atan_low, at));
}

/* The angle of (|x|, y), y >= 0, or where `is_left` of (-|x|, y). */
INLINE F angle(Pair y, Pair x, I is_left) {
    I is_steep = COMPARED(y.high > x.high);
    Pair a = angle_below_diagonal(choose_pair(is_steep, x, y), choose_pair(is_steep, y, x));
    Pair up = sum_of_larger(all(PI_2_HIGH), -a.high);
    a = choose_pair(is_steep, plus(up, PI_2_LOW - a.low), a);
    Pair turned = sum_of_larger(all(2 * PI_2_HIGH), -a.high);
    return rounded(choose_pair(is_left, plus(turned, 2 * PI_2_LOW - a.low), a));
}

INLINE F atan_lanes(F x, I *left) {
    *left = beyond(x, INFINITY);
    F size = absolute(x);
    F a = angle(pair(size), pair(all(1)), (I){0});
    return with_sign(choose(COMPARED(size < 0x1p-30), size, a), x);
}

INLINE F atan2_lanes(F y, F x, I *left) {
    F height = absolute(y), width = absolute(x);
    I is_steep = COMPARED(height > width);
    F larger = choose(is_steep, height, width), smaller = choose(is_steep, width, height);
    *left = ~(COMPARED(larger < 0x1p1000) & COMPARED(larger > 0x1p-900)) | ~COMPARED(smaller <= larger) |
            (COMPARED(smaller < larger * 0x1p-100) & COMPARED(smaller != 0));
    return with_sign(angle(pair(height), pair(width), COMPARED(x < 0)), y);
}

/* sqrt(1 - x * x) */
INLINE Pair other_side(F x) {
    Pair p = product(x, x), w = plus(sum_of_larger(all(1), -p.high), -p.low);
    F root = square_root(w.high);
    F rest = (muladd(-root, root, w.high) + w.low) / (root + root);
    return (Pair){root, choose(COMPARED(root > 0), rest, all(0))};
}

INLINE F asin_lanes(F x, I *left) {
    F size = absolute(x);
    *left = ~COMPARED(size <= 1);
    F a = angle(pair(size), other_side(size), (I){0});
    return with_sign(choose(COMPARED(size < 0x1p-30), size, a), x);
}

INLINE F acos_lanes(F x, I *left) {
    F size = absolute(x);
    *left = ~COMPARED(size <= 1);
    return angle(other_side(size), pair(size), COMPARED(x < 0));
}

#endif
