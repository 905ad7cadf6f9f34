/* vecmath/cbrt.h - cube roots: a polynomial, then Halley's and Newton's steps. */
#ifndef NAJA_VECMATH_CBRT_H
#define NAJA_VECMATH_CBRT_H

#include "vecmath/pairs.h"

INLINE F cbrt_lanes(F x, I *left) {
    F size = absolute(x);
    *left = ~(COMPARED(size > 0) & COMPARED(size < INFINITY));
    I tiny = COMPARED(size < 0x1p-1022);
    size = choose(tiny, size * 0x1p54, size);
    F exponent = number(shift_right(as_bits(size), 52));
    F third = rounded_down((exponent + 0.5) * (1.0 / 3)); /* 1023 is divisible by 3, too */
    F over = exponent - 3 * third;
    F m = as_float((as_bits(size) & INT64_C(0xfffffffffffff)) | INT64_C(0x3ff0000000000000)); /* 1 to 2 */
    F y = muladd(m, all(-0x1.559d89b229c31p-7), all(0x1.5c429f96d1e06p-4)); /* off by 3e-5 */
    y = muladd(m, y, all(-0x1.316cd55992b41p-2));
    y = muladd(m, y, all(0x1.6e8b8fda4342dp-1));
    y = muladd(m, y, all(0x1.03fa5b8a9cf60p-1));
    I by_two = COMPARED(over == 1), by_four = COMPARED(over == 2);
    m = m * choose(by_four, all(4), choose(by_two, all(2), all(1)));
    y = y * choose(by_four, all(0x1.965fea53d6e3dp+0), choose(by_two, all(0x1.428a2f98d728bp+0), all(1)));
    F cube = y * y * y, inverse = 1.0 / (cube + cube + m);
    y = y * (cube + m + m) * inverse;
    Pair square = product(y, y), power = product(square.high, y);
    F missing = (m - power.high) - muladd(square.low, y, power.low);
    y = y + missing * y * inverse; /* 1 / (3 * y * y) is y / (3 * m) */
    I shift = as_bits(third - 341.0 + ROUND) << 52;
    y = as_float(as_bits(y) + shift);
    return with_sign(choose(tiny, y * 0x1p-18, y), x);
}

#endif
