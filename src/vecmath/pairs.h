/* vecmath/pairs.h - numbers in two pieces: `high` is the number, `low` what is missing, far below it.
 *
 * With these the functions below libm's own accuracy (its tanh is off by up to 2 units in the last place) are computed to
 * about 68 bits and rounded once: results are off by little more than half a unit.
 */
#ifndef NAJA_VECMATH_PAIRS_H
#define NAJA_VECMATH_PAIRS_H

#include "vecmath/lanes.h"

typedef struct {
    F high, low;
} Pair;

INLINE Pair pair(F x) { return (Pair){x, all(0)}; }
INLINE F rounded(Pair x) { return x.high + x.low; }

/* x + y, where |x| >= |y| or x is 0 (Dekker). */
INLINE Pair sum_of_larger(F x, F y) {
    F s = x + y;
    return (Pair){s, y - (s - x)};
}

/* x + y (Knuth). */
INLINE Pair sum(F x, F y) {
    F s = x + y, part = s - x;
    return (Pair){s, (x - (s - part)) + (y - part)};
}

INLINE Pair product(F x, F y) {
    F p = x * y;
    return (Pair){p, muladd(x, y, -p)};
}

INLINE Pair quotient(Pair x, Pair y) {
    F inverse = 1.0 / y.high, q = x.high * inverse;
    F left = muladd(-q, y.high, x.high) + muladd(-q, y.low, x.low);
    return (Pair){q, left * inverse};
}

INLINE Pair plus(Pair x, F y) { return (Pair){x.high, x.low + y}; }
INLINE Pair choose_pair(I mask, Pair yes, Pair no) {
    return (Pair){choose(mask, yes.high, no.high), choose(mask, yes.low, no.low)};
}

#endif
