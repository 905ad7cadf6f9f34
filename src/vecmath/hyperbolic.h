/* vecmath/hyperbolic.h - expm1, tanh, sinh and cosh: exp in two pieces. */
#ifndef NAJA_VECMATH_HYPERBOLIC_H
#define NAJA_VECMATH_HYPERBOLIC_H

#include "vecmath/exponential.h"
#include "vecmath/pairs.h"

/* exp(x) = scale * (1 + t), |t| < 0.0028, for |x| < 744. */
INLINE F exp_in_pieces(F x, Pair *t) {
    F shifted = muladd(x, all(0x1.71547652b82fep+7), all(ROUND)), whole = shifted - ROUND;
    I k = as_bits(shifted), at = k & 127;
    F near = muladd(whole, all(-0x1.62e42fefa0000p-8), x); /* exact */
    F r = muladd(whole, all(-0x1.cf79abc9e3b3ap-47), near);
    F r_rest = muladd(whole, all(-0x1.cf79abc9e3b3ap-47), near - r);
    F p = muladd(r, all(1.0 / 720), all(1.0 / 120));
    p = muladd(r, p, all(1.0 / 24));
    p = muladd(r, p, all(1.0 / 6));
    p = muladd(r, p, all(0.5));
    F low = as_float(lookup_bits(powers_low, at));
    *t = plus(sum_of_larger(r, r * r * p), r_rest + muladd(low, r, low));
    return as_float(lookup_bits(powers_high, at) + (k << 45));
}

INLINE Pair expm1_in_pieces(F x) {
    Pair t, p, less, y;
    F scale = exp_in_pieces(x, &t);
    less = sum(scale, all(-1.0));
    p = product(scale, t.high);
    y = sum_of_larger(less.high, p.high);
    return plus(y, muladd(scale, t.low, p.low) + less.low);
}

INLINE F expm1_lanes(F x, I *left) {
    *left = beyond(x, 700);
    F y = rounded(expm1_in_pieces(x));
    return choose(COMPARED(absolute(x) < 0x1p-60), x, y);
}

/* expm1(2 * x) / (expm1(2 * x) + 2); 1 from 22 on. */
INLINE F tanh_lanes(F x, I *left) {
    *left = COMPARED(x != x);
    F size = absolute(x);
    size = choose(COMPARED(size < 22), size, all(22));
    Pair n = expm1_in_pieces(size + size), d = plus(sum(n.high, all(2)), n.low);
    F y = rounded(quotient(n, d));
    return with_sign(choose(COMPARED(size < 0x1p-60), size, y), x);
}

/* (n + n / (n + 1)) / 2 with n = expm1(|x|) */
INLINE F sinh_lanes(F x, I *left) {
    *left = beyond(x, 700);
    F size = absolute(x);
    Pair n = expm1_in_pieces(size), q = quotient(n, plus(sum(n.high, all(1)), n.low));
    Pair y = plus(sum_of_larger(n.high, q.high), n.low + q.low);
    return with_sign(choose(COMPARED(size < 0x1p-60), size, 0.5 * rounded(y)), x);
}

INLINE F cosh_lanes(F x, I *left) {
    *left = beyond(x, 700);
    Pair t;
    F scale = exp_in_pieces(absolute(x), &t);
    Pair p = product(scale, t.high), e = sum_of_larger(scale, p.high);
    e = plus(e, muladd(scale, t.low, p.low));
    Pair inverse = quotient(pair(all(1)), e);
    return 0.5 * rounded(plus(sum_of_larger(e.high, inverse.high), e.low + inverse.low));
}

#endif
