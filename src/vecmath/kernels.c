/* vecmath/kernels.c - functions of libm on LANES numbers at once; compiled once for every number of lanes.
 *
 * exp, exp2, log, log2, pow, sin and cos are computed as glibc does it, step by step and with the same products fused, so
 * that a vectorised loop, its remainder, and math.exp in the interpreter agree.  exp, log, pow and their kin are Szabolcs
 * Nagy's (a table and a short polynomial, errors below 0.55 units in the last place), sin and cos those of the Accurate
 * Mathematical Library (Ziv, 1991; below 0.55 units).  libm's others differ between versions and are off by up to 2 units;
 * here they are computed in two pieces (pairs.h), so that the results are off by 0.7 units at most, and 0.501 as a rule.
 * A kernel says by a mask which lanes are left to libm: what is not finite, over- or underflows, or is too large to be
 * reduced here.
 */
#include <math.h>
#include <stdbool.h>

#include "vecmath/cbrt.h"
#include "vecmath/exponential.h"
#include "vecmath/hyperbolic.h"
#include "vecmath/inverse.h"
#include "vecmath/logarithm.h"
#include "vecmath/single.h"
#include "vecmath/trigonometric.h"
#include "vecmath/vecmath.h"

/* Of float32: the same function of doubles.  The declaration behind it is there for the semicolon. */
INLINE F atan2f_lanes(F y, F x, I *left) { return atan2_lanes(y, x, left); }
#define SAME(name)                                                         \
    INLINE F name##f_lanes(F x, I *left) { return name##_lanes(x, left); } \
    INLINE F name##f_lanes(F x, I *left)
SAME(expm1);
SAME(log1p);
SAME(log10);
SAME(sinh);
SAME(cosh);
SAME(tanh);
SAME(atan);
SAME(asin);
SAME(acos);
SAME(tan);
SAME(cbrt);

#if LANES == 1

#define DOUBLE_1(name)                     \
    double vecmath_##name##_d1(double x) { \
        I left;                            \
        double y = name##_lanes(x, &left); \
        return left ? name(x) : y;         \
    }
#define DOUBLE_2(name)                               \
    double vecmath_##name##_d1(double x, double y) { \
        I left;                                      \
        double z = name##_lanes(x, y, &left);        \
        return left ? name(x, y) : z;                \
    }
#define SINGLE_1(name)                     \
    float vecmath_##name##_d1(float x) {   \
        I left;                            \
        double y = name##_lanes(x, &left); \
        return left ? name(x) : (float)y;  \
    }
#define SINGLE_2(name)                            \
    float vecmath_##name##_d1(float x, float y) { \
        I left;                                   \
        double z = name##_lanes(x, y, &left);     \
        return left ? name(x, y) : (float)z;      \
    }

#else

#if LANES == 4
#define DOUBLE(name) vecmath_##name##_d4
#define SINGLE(name) vecmath_##name##_d8
typedef float S __attribute__((vector_size(32))); /* twice LANES */
INLINE F low_half(S x) { return _mm256_cvtps_pd(_mm256_castps256_ps128(x)); }
INLINE F high_half(S x) { return _mm256_cvtps_pd(_mm256_extractf128_ps(x, 1)); }
INLINE S joined(F low, F high) { return _mm256_set_m128(_mm256_cvtpd_ps(high), _mm256_cvtpd_ps(low)); }
#else
#define DOUBLE(name) vecmath_##name##_e8
#define SINGLE(name) vecmath_##name##_e16
typedef float S __attribute__((vector_size(64)));
INLINE F low_half(S x) { return _mm512_cvtps_pd(_mm512_castps512_ps256(x)); }
INLINE F high_half(S x) { return _mm512_cvtps_pd(_mm512_extractf32x8_ps(x, 1)); }
INLINE S joined(F low, F high) {
    return _mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps(low)), _mm512_cvtpd_ps(high), 1);
}
#endif
#define RARE __attribute__((noinline, cold)) static

RARE F finish_1(F x, F y, I left, double (*f)(double)) {
    for (int k = 0; k < LANES; k++)
        if (left[k]) y[k] = f(x[k]);
    return y;
}

RARE F finish_2(F x, F y, F z, I left, double (*f)(double, double)) {
    for (int k = 0; k < LANES; k++)
        if (left[k]) z[k] = f(x[k], y[k]);
    return z;
}

RARE S finish_single_1(S x, S y, I low, I high, float (*f)(float)) {
    for (int k = 0; k < 2 * LANES; k++)
        if (k < LANES ? low[k] : high[k - LANES]) y[k] = f(x[k]);
    return y;
}

RARE S finish_single_2(S x, S y, S z, I low, I high, float (*f)(float, float)) {
    for (int k = 0; k < 2 * LANES; k++)
        if (k < LANES ? low[k] : high[k - LANES]) z[k] = f(x[k], y[k]);
    return z;
}

#define UNLIKELY(x) __builtin_expect(x, 0)
#define DOUBLE_1(name)                                               \
    F DOUBLE(name)(F x) {                                            \
        I left;                                                      \
        F y = name##_lanes(x, &left);                                \
        return UNLIKELY(any(left)) ? finish_1(x, y, left, name) : y; \
    }
#define DOUBLE_2(name)                                                  \
    F DOUBLE(name)(F x, F y) {                                          \
        I left;                                                         \
        F z = name##_lanes(x, y, &left);                                \
        return UNLIKELY(any(left)) ? finish_2(x, y, z, left, name) : z; \
    }
#define SINGLE_1(name)                                                                         \
    S SINGLE(name)(S x) {                                                                      \
        I low, high;                                                                           \
        F first = name##_lanes(low_half(x), &low), second = name##_lanes(high_half(x), &high); \
        S y = joined(first, second);                                                           \
        return UNLIKELY(any(low | high)) ? finish_single_1(x, y, low, high, name) : y;         \
    }
#define SINGLE_2(name)                                                                    \
    S SINGLE(name)(S x, S y) {                                                            \
        I low, high;                                                                      \
        F first = name##_lanes(low_half(x), low_half(y), &low);                           \
        F second = name##_lanes(high_half(x), high_half(y), &high);                       \
        S z = joined(first, second);                                                      \
        return UNLIKELY(any(low | high)) ? finish_single_2(x, y, z, low, high, name) : z; \
    }

#endif

#define X(name, native, parameters, of, scalar) of##_##parameters(name)
#include "vecmath/vecmath.def"
