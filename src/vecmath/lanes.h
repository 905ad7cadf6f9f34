/* vecmath/lanes.h - numbers side by side: the few operations that the kernels are written in.
 *
 * A kernel is one text for several widths: with LANES 1, F is a double and I an int64_t; with LANES 4 each is a vector of
 * four (AVX2).  Masks are I of 0 and -1.  Nothing is fused but where `muladd` says so, so all widths give the same bits.
 */
#ifndef NAJA_VECMATH_LANES_H
#define NAJA_VECMATH_LANES_H

#include <immintrin.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

#if LANES == 1
typedef double F;
typedef int64_t I;
typedef uint64_t U;

INLINE F muladd(F x, F y, F z) { return __builtin_fma(x, y, z); }
INLINE F lookup(const double *table, I at) { return table[at]; }
INLINE I lookup_bits(const uint64_t *table, I at) { return (I)table[at]; }
INLINE F choose(I mask, F yes, F no) { return mask ? yes : no; }
INLINE bool any(I mask) { return mask != 0; }
INLINE F as_float(I x) {
    F y;
    memcpy(&y, &x, sizeof y);
    return y;
}
INLINE I as_bits(F x) {
    I y;
    memcpy(&y, &x, sizeof y);
    return y;
}
INLINE F square_root(F x) { return __builtin_sqrt(x); }
INLINE F rounded_down(F x) { return __builtin_floor(x); }
INLINE F truncated(F x) { return __builtin_trunc(x); }
#define COMPARED(comparison) (-(I)(comparison))

#elif LANES == 4
typedef double F __attribute__((vector_size(32)));
typedef int64_t I __attribute__((vector_size(32)));
typedef uint64_t U __attribute__((vector_size(32)));

INLINE F muladd(F x, F y, F z) { return _mm256_fmadd_pd(x, y, z); }
INLINE F lookup(const double *table, I at) { return _mm256_i64gather_pd(table, (__m256i)at, 8); }
INLINE I lookup_bits(const uint64_t *table, I at) {
    return (I)_mm256_i64gather_epi64((const long long *)table, (__m256i)at, 8);
}
#ifdef __AVX512VL__
INLINE F choose(I mask, F yes, F no) { return _mm256_mask_blend_pd(_mm256_movepi64_mask((__m256i)mask), no, yes); }
#else
INLINE F choose(I mask, F yes, F no) { return _mm256_blendv_pd(no, yes, (__m256d)mask); }
#endif
INLINE bool any(I mask) { return _mm256_movemask_pd((__m256d)mask) != 0; }
INLINE F square_root(F x) { return _mm256_sqrt_pd(x); }
INLINE F rounded_down(F x) { return _mm256_floor_pd(x); }
INLINE F truncated(F x) { return _mm256_round_pd(x, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC); }
INLINE F as_float(I x) { return (F)x; }
INLINE I as_bits(F x) { return (I)x; }
#define COMPARED(comparison) ((I)(comparison))

#elif LANES == 8
typedef double F __attribute__((vector_size(64)));
typedef int64_t I __attribute__((vector_size(64)));
typedef uint64_t U __attribute__((vector_size(64)));

INLINE F muladd(F x, F y, F z) { return _mm512_fmadd_pd(x, y, z); }
INLINE F lookup(const double *table, I at) { return _mm512_i64gather_pd((__m512i)at, table, 8); }
INLINE I lookup_bits(const uint64_t *table, I at) { return (I)_mm512_i64gather_epi64((__m512i)at, table, 8); }
INLINE F choose(I mask, F yes, F no) { return _mm512_mask_blend_pd(_mm512_movepi64_mask((__m512i)mask), no, yes); }
INLINE bool any(I mask) { return _mm512_movepi64_mask((__m512i)mask) != 0; }
INLINE F square_root(F x) { return _mm512_sqrt_pd(x); }
INLINE F rounded_down(F x) { return _mm512_roundscale_pd(x, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC); }
INLINE F truncated(F x) { return _mm512_roundscale_pd(x, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC); }
INLINE F as_float(I x) { return (F)x; }
INLINE I as_bits(F x) { return (I)x; }
#define COMPARED(comparison) ((I)(comparison))

#else
#error "LANES is 1, 4 or 8"
#endif

#define SIGN_BIT INT64_MIN

INLINE F all(double x) { return x - (F){0}; } /* that number in each lane */
INLINE F absolute(F x) { return as_float(as_bits(x) & ~SIGN_BIT); }
INLINE F with_sign(F x, F of) { return as_float((as_bits(x) & ~SIGN_BIT) | (as_bits(of) & SIGN_BIT)); }
INLINE I shift_right(I x, int by) { return (I)((U)x >> by); }

/* The integer nearest to |x| < 2**51, as a number and in the low bits of *k. */
#define ROUND 0x1.8p52
INLINE F nearest(F x, I *k) {
    F shifted = x + ROUND;
    *k = as_bits(shifted);
    return shifted - ROUND;
}

/* An integer |k| < 2**51 as a number. */
INLINE F number(I k) { return as_float(k + as_bits(all(ROUND))) - ROUND; }

#endif
