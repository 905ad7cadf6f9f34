/* vecmath/inverse.h - atan2 and atan: the angle of a point from the nearest atan(k / 64). */
#ifndef NAJA_VECMATH_INVERSE_H
#define NAJA_VECMATH_INVERSE_H

#include "vecmath/pairs.h"
#include "vecmath/tables.h"
#include "vecmath/trigonometric.h"

/* The angle of (x, y), x >= y >= 0: atan(c) + atan((y - c * x) / (x + c * y)). */
INLINE Pair angle_below_diagonal(F y, F x) {
    I at;
    F c = nearest(64 * (y / x), &at) * (1.0 / 64);
    at &= 127;
    Pair p = product(c, x), n = sum_of_larger(y, -p.high), d;
    d.high = muladd(c, y, x);
    d.low = muladd(c, y, x - d.high);
    Pair t = quotient(plus(n, -p.low), d);
    F t2 = t.high * t.high;
    F q = muladd(t2, all(1.0 / 9), all(-1.0 / 7));
    q = muladd(t2, q, all(1.0 / 5));
    q = muladd(t2, q, all(-1.0 / 3));
    return plus(sum_of_larger(lookup(atan_high, at), t.high),
                muladd(t.high * t2, q, t.low) + lookup(atan_low, at));
}

/* The angle of (|x|, y), y >= 0, or where `is_left` of (-|x|, y). */
INLINE F angle(F y, F x, I is_left) {
    I is_steep = COMPARED(y > x);
    Pair a = angle_below_diagonal(choose(is_steep, x, y), choose(is_steep, y, x));
    Pair up = sum_of_larger(all(PI_2_HIGH), -a.high);
    a = choose_pair(is_steep, plus(up, PI_2_LOW - a.low), a);
    Pair turned = sum_of_larger(all(2 * PI_2_HIGH), -a.high);
    return rounded(choose_pair(is_left, plus(turned, 2 * PI_2_LOW - a.low), a));
}

INLINE F atan_lanes(F x, I *left) {
    *left = beyond(x, INFINITY);
    F size = absolute(x);
    F a = angle(size, all(1), (I){0});
    return with_sign(choose(COMPARED(size < 0x1p-30), size, a), x);
}

INLINE F atan2_lanes(F y, F x, I *left) {
    F height = absolute(y), width = absolute(x);
    I is_steep = COMPARED(height > width);
    F larger = choose(is_steep, height, width), smaller = choose(is_steep, width, height);
    *left = ~(COMPARED(larger < 0x1p1000) & COMPARED(larger > 0x1p-900)) | ~COMPARED(smaller <= larger) |
            (COMPARED(smaller < larger * 0x1p-100) & COMPARED(smaller != 0));
    return with_sign(angle(height, width, COMPARED(x < 0)), y);
}

#endif
