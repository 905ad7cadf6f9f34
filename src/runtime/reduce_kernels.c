/* reduce_kernels.c - the innermost loops of reductions: one run of elements into an accumulator, and rows added
 * element by element.
 *
 * Sums of floats add exactly as NumPy does, so that results agree to the bit: pairwise, in leaves of at most 128
 * numbers that are summed in eight interleaved accumulators,
 *
 *     sum(n) = sum(n2) + sum(n - n2),   n2 = n / 2 rounded down to a multiple of 8,     for n > 128
 *     sum(n) = ((r0+r1)+(r2+r3)) + ((r4+r5)+(r6+r7)) + the n % 8 last ones              for 8 <= n <= 128
 *     sum(n) = -0.0 + a0 + a1 + ...                                                     for n < 8
 *
 * where a complex number counts as two numbers and real and imaginary parts keep to themselves.  The eight
 * accumulators are independent chains, so the compiler may put them in vectors without changing a bit.
 */
#include <math.h>
#include <string.h>

#include "runtime/arrays.h"

/* One copy of hot loops for AVX2, chosen by the loader. */
#if defined(__x86_64__) && defined(__ELF__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CLONES __attribute__((target_clones("avx2", "default")))
#else
#define CLONES
#endif

const uint8_t dtype_itemsize[DTYPE_COUNT] = {1, 1, 2, 4, 8, 1, 2, 4, 8, 4, 8, 8, 16};

/* ---- truths --------------------------------------------------------------------------------------------------------- */

enum { SIDE_BY_SIDE = 32, MOST_ROWS = 255 };

/* Bytes that are not zero among rows of SIDE_BY_SIDE, so few that a byte can count them. */
static inline int64_t count_rows(const uint8_t *p, int64_t nrows) {
    uint8_t count[SIDE_BY_SIDE] = {0};
    int64_t total = 0;
    for (int64_t row = 0; row < nrows; row++)
        for (int k = 0; k < SIDE_BY_SIDE; k++) count[k] += p[row * SIDE_BY_SIDE + k] != 0;
    for (int k = 0; k < SIDE_BY_SIDE; k++) total += count[k];
    return total;
}

CLONES static int64_t count_bools(const char *in, int64_t n, int64_t stride) {
    const uint8_t *p = (const uint8_t *)in;
    int64_t total = 0, i = 0;
    while (stride == 1 && i + SIDE_BY_SIDE <= n) {
        int64_t nrows = (n - i) / SIDE_BY_SIDE;
        if (nrows > MOST_ROWS) nrows = MOST_ROWS;
        total += count_rows(p + i, nrows);
        i += nrows * SIDE_BY_SIDE;
    }
    for (; i < n; i++) total += p[i * stride] != 0;
    return total;
}

/* The loader's choice of a clone is a symbol of its own, which must not leave the module. */
int64_t reduce_count_bools(const char *in, int64_t n, int64_t stride) { return count_bools(in, n, stride); }

/* ---- pairwise sums ------------------------------------------------------------------------------------------------- */

enum { LEAF = 128, LANES = 8 };

/* The sum of n numbers (n elements of `parts` numbers each make n * parts) in one leaf. */
#define PAIRWISE_LEAF(NAME, T, PARTS)                                                                  \
    static inline void NAME##_leaf(T *out, const char *p, int64_t n, int64_t stride) {                 \
        const int64_t step = LANES / PARTS;                                                            \
        int64_t i = step;                                                                              \
        T r[LANES];                                                                                    \
        if (n < step) {                                                                                \
            for (int k = 0; k < PARTS; k++) out[k] = (T) - 0.0;                                        \
            for (i = 0; i < n; i++)                                                                    \
                for (int k = 0; k < PARTS; k++) out[k] += ((const any_##T *)(p + i * stride))[k];      \
            return;                                                                                    \
        }                                                                                              \
        for (int k = 0; k < LANES; k++) r[k] = ((const any_##T *)(p + k / PARTS * stride))[k % PARTS]; \
        if (stride == PARTS * (int64_t)sizeof(T)) {                                                    \
            for (; i + step <= n; i += step)                                                           \
                for (int k = 0; k < LANES; k++) r[k] += ((const any_##T *)p)[i * PARTS + k];           \
        } else {                                                                                       \
            for (; i + step <= n; i += step)                                                           \
                for (int k = 0; k < LANES; k++)                                                        \
                    r[k] += ((const any_##T *)(p + (i + k / PARTS) * stride))[k % PARTS];              \
        }                                                                                              \
        if (PARTS == 1) {                                                                              \
            out[0] = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));                \
        } else {                                                                                       \
            out[0] = (r[0] + r[2]) + (r[4] + r[6]);                                                    \
            out[PARTS - 1] = (r[1] + r[3]) + (r[5] + r[7]);                                            \
        }                                                                                              \
        for (; i < n; i++)                                                                             \
            for (int k = 0; k < PARTS; k++) out[k] += ((const any_##T *)(p + i * stride))[k];          \
    }

#define PAIRWISE(NAME, T, PARTS)                                                       \
    PAIRWISE_LEAF(NAME, T, PARTS)                                                      \
    CLONES static void NAME##_tree(T *out, const char *p, int64_t n, int64_t stride) { \
        if (n * PARTS <= LEAF) {                                                       \
            NAME##_leaf(out, p, n, stride);                                            \
            return;                                                                    \
        }                                                                              \
        int64_t half = n * PARTS / 2;                                                  \
        half = (half - half % LANES) / PARTS;                                          \
        T right[PARTS];                                                                \
        NAME##_tree(out, p, half, stride);                                             \
        NAME##_tree(right, p + half * stride, n - half, stride);                       \
        for (int k = 0; k < PARTS; k++) out[k] += right[k];                            \
    }                                                                                  \
    static void NAME##_run(char *acc, const char *p, int64_t n, int64_t stride) {      \
        T sum[PARTS];                                                                  \
        NAME##_tree(sum, p, n, stride);                                                \
        for (int k = 0; k < PARTS; k++) ((T *)acc)[k] += sum[k];                       \
    }

PAIRWISE(sum_f32, float, 1)
PAIRWISE(sum_f64, double, 1)
PAIRWISE(sum_c64, float, 2)
PAIRWISE(sum_c128, double, 2)

CLONES static void leaf_f64(char *out, const char *p, int64_t n) {
    sum_f64_leaf((double *)out, p, n, sizeof(double));
}
CLONES static void leaf_f32(char *out, const char *p, int64_t n) {
    sum_f32_leaf((float *)out, p, n, sizeof(float));
}
CLONES static void leaf_c64(char *out, const char *p, int64_t n) {
    sum_c64_leaf((float *)out, p, n, 2 * sizeof(float));
}
CLONES static void leaf_c128(char *out, const char *p, int64_t n) {
    sum_c128_leaf((double *)out, p, n, 2 * sizeof(double));
}

void naja_leaf_sum(DType type, char *out, const char *p, int64_t n) {
    switch (type) {
    case DTYPE_F32: leaf_f32(out, p, n); break;
    case DTYPE_F64: leaf_f64(out, p, n); break;
    case DTYPE_C64: leaf_c64(out, p, n); break;
    default: leaf_c128(out, p, n);
    }
}

/* ---- plain kernels --------------------------------------------------------------------------------------------------- */

/* acc = OP(acc, x), in order. */
#define RUN(NAME, T, OP)                                                                   \
    CLONES static void NAME##_run(char *acc, const char *p, int64_t n, int64_t stride) {   \
        T a = *(T *)acc;                                                                   \
        if (stride == (int64_t)sizeof(T))                                                  \
            for (int64_t i = 0; i < n; i++) a = OP(a, ((const any_##T *)p)[i]);            \
        else                                                                               \
            for (int64_t i = 0; i < n; i++) a = OP(a, *(const any_##T *)(p + i * stride)); \
        *(T *)acc = a;                                                                     \
    }
#define ROW(NAME, T, OP)                                                                                 \
    CLONES static void NAME##_row(char *out, int64_t os, const char *in, int64_t is, int64_t n) {        \
        if (os == (int64_t)sizeof(T) && is == (int64_t)sizeof(T))                                        \
            for (int64_t i = 0; i < n; i++) ((T *)out)[i] = OP(((T *)out)[i], ((const any_##T *)in)[i]); \
        else                                                                                             \
            for (int64_t i = 0; i < n; i++)                                                              \
                *(T *)(out + i * os) = OP(*(T *)(out + i * os), *(const any_##T *)(in + i * is));        \
    }
#define BOTH(NAME, T, OP) RUN(NAME, T, OP) ROW(NAME, T, OP)

#define ADD(x, y) ((x) + (y))
#define MUL(x, y) ((x) * (y))
#define LESSER(x, y) ((y) < (x) ? (y) : (x))
#define GREATER(x, y) ((y) > (x) ? (y) : (x))
#define OR(x, y) ((x) | (y))
#define AND(x, y) ((x) & (y))

/* Signed overflow wraps: the unsigned types do the work of both. */
BOTH(sum_u64, uint64_t, ADD)
BOTH(prod_u64, uint64_t, MUL)
ROW(sum_f32, float, ADD)
ROW(sum_f64, double, ADD)
BOTH(prod_f32, float, MUL)
BOTH(prod_f64, double, MUL)
BOTH(any, uint8_t, OR)
BOTH(all, uint8_t, AND)

#define MIN_MAX(T, N) BOTH(min_##N, T, LESSER) BOTH(max_##N, T, GREATER)
MIN_MAX(int8_t, i8)
MIN_MAX(int16_t, i16)
MIN_MAX(int32_t, i32)
MIN_MAX(int64_t, i64)
MIN_MAX(uint8_t, u8)
MIN_MAX(uint16_t, u16)
MIN_MAX(uint32_t, u32)
MIN_MAX(uint64_t, u64)

/* ---- minimum and maximum of floats: a NaN wins -------------------------------------------------------------------------- */

#define NAN_LESSER(x, y) ((x) <= (y) || (x) != (x) ? (x) : (y))
#define NAN_GREATER(x, y) ((x) >= (y) || (x) != (x) ? (x) : (y))

/* Lanes of plain comparisons beside lanes of "was a NaN", in integers of the same width so that both vectorise. */
#define FLOAT_EXTREME(NAME, T, I, PLAIN, EXACT)                                                              \
    CLONES static bool NAME##_lanes(T *acc, const any_##T *q, int64_t n) {                                   \
        enum { N = 256 / sizeof(T) };                                                                        \
        T lane[N];                                                                                           \
        I nan[N] = {0}, any_nan = 0;                                                                         \
        for (int k = 0; k < N; k++) lane[k] = *acc;                                                          \
        for (int64_t i = 0; i + N <= n; i += N)                                                              \
            for (int k = 0; k < N; k++) {                                                                    \
                T x = q[i + k];                                                                              \
                lane[k] = PLAIN(lane[k], x);                                                                 \
                nan[k] |= x != x ? (I) - 1 : 0;                                                              \
            }                                                                                                \
        for (int k = 0; k < N; k++) any_nan |= nan[k];                                                       \
        for (int k = 0; k < N; k++) *acc = PLAIN(*acc, lane[k]);                                             \
        return any_nan != 0;                                                                                 \
    }                                                                                                        \
    static void NAME##_run(char *acc, const char *p, int64_t n, int64_t stride) {                            \
        T a = *(T *)acc, b = a;                                                                              \
        int64_t i = 0, whole = n & ~(int64_t)(256 / sizeof(T) - 1);                                          \
        if (stride == (int64_t)sizeof(T) && a == a && whole && !NAME##_lanes(&b, (const any_##T *)p, whole)) \
            i = whole, a = b;                                                                                \
        for (; i < n; i++) {                                                                                 \
            T x = *(const any_##T *)(p + i * stride);                                                        \
            a = EXACT(a, x);                                                                                 \
        }                                                                                                    \
        *(T *)acc = a;                                                                                       \
    }                                                                                                        \
    ROW(NAME, T, EXACT)

FLOAT_EXTREME(min_f32, float, int32_t, LESSER, NAN_LESSER)
FLOAT_EXTREME(max_f32, float, int32_t, GREATER, NAN_GREATER)
FLOAT_EXTREME(min_f64, double, int64_t, LESSER, NAN_LESSER)
FLOAT_EXTREME(max_f64, double, int64_t, GREATER, NAN_GREATER)

/* ---- complex ------------------------------------------------------------------------------------------------------------- */

/* STEP updates (ar, ai) by (xr, xi). */
#define COMPLEX_KERNEL(NAME, T, RUN_NAME, STEP)                                                         \
    static void RUN_NAME(char *acc, const char *p, int64_t n, int64_t stride) {                         \
        T ar = ((T *)acc)[0], ai = ((T *)acc)[1];                                                       \
        for (int64_t i = 0; i < n; i++) {                                                               \
            T xr = ((const any_##T *)(p + i * stride))[0], xi = ((const any_##T *)(p + i * stride))[1]; \
            STEP(T)                                                                                     \
        }                                                                                               \
        ((T *)acc)[0] = ar;                                                                             \
        ((T *)acc)[1] = ai;                                                                             \
    }                                                                                                   \
    static void NAME##_row(char *out, int64_t os, const char *in, int64_t is, int64_t n) {              \
        for (int64_t i = 0; i < n; i++) RUN_NAME(out + i * os, in + i * is, 1, is);                     \
    }
#define STEP_ADD(T) ar += xr, ai += xi;
#define STEP_MUL(T)           \
    T re = ar * xr - ai * xi; \
    ai = ar * xi + ai * xr;   \
    ar = re;
/* Lexicographic order; a NaN in either part wins. */
#define STEP_EXTREME(CMP) \
    if (ar == ar && ai == ai && (!(ar CMP xr || (ar == xr && (ai CMP xi || ai == xi))))) ar = xr, ai = xi;
#define STEP_MIN(T) STEP_EXTREME(<)
#define STEP_MAX(T) STEP_EXTREME(>)

COMPLEX_KERNEL(sum_c64, float, sum_c64_plain_run, STEP_ADD)
COMPLEX_KERNEL(sum_c128, double, sum_c128_plain_run, STEP_ADD)
COMPLEX_KERNEL(prod_c64, float, prod_c64_run, STEP_MUL)
COMPLEX_KERNEL(prod_c128, double, prod_c128_run, STEP_MUL)

/* Rows of products: NumPy's array multiplication, which uses fused multiply-adds where the machine has them. */
#if defined(__x86_64__)
#define FUSED_ROW(NAME, T, FMA)                                                                             \
    __attribute__((target("avx2,fma"))) static void NAME##_fused_row(char *out, int64_t os, const char *in, \
                                                                     int64_t is, int64_t n) {               \
        for (int64_t i = 0; i < n; i++) {                                                                   \
            T *a = (T *)(out + i * os);                                                                     \
            const any_##T *b = (const any_##T *)(in + i * is);                                              \
            T re = FMA(a[0], b[0], -(a[1] * b[1]));                                                         \
            a[1] = FMA(a[0], b[1], a[1] * b[0]);                                                            \
            a[0] = re;                                                                                      \
        }                                                                                                   \
    }                                                                                                       \
    static void NAME##_best_row(char *out, int64_t os, const char *in, int64_t is, int64_t n) {             \
        bool fused = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");                       \
        (fused ? NAME##_fused_row : NAME##_row)(out, os, in, is, n);                                        \
    }
#else
#define FUSED_ROW(NAME, T, FMA)                                                                 \
    static void NAME##_best_row(char *out, int64_t os, const char *in, int64_t is, int64_t n) { \
        NAME##_row(out, os, in, is, n);                                                         \
    }
#endif
FUSED_ROW(prod_c64, float, __builtin_fmaf)
FUSED_ROW(prod_c128, double, __builtin_fma)
COMPLEX_KERNEL(min_c64, float, min_c64_run, STEP_MIN)
COMPLEX_KERNEL(min_c128, double, min_c128_run, STEP_MIN)
COMPLEX_KERNEL(max_c64, float, max_c64_run, STEP_MAX)
COMPLEX_KERNEL(max_c128, double, max_c128_run, STEP_MAX)

/* ---- the table ------------------------------------------------------------------------------------------------------------ */

#define K(name, identity) {name##_run, name##_row, false, 1, identity}
#define P(name, parts) {name##_run, name##_row, true, parts, 0}
#define EXTREME(m)                                                                              \
    {[DTYPE_BOOL] = K(m##_u8, -1),  [DTYPE_I8] = K(m##_i8, -1),   [DTYPE_I16] = K(m##_i16, -1), \
     [DTYPE_I32] = K(m##_i32, -1),  [DTYPE_I64] = K(m##_i64, -1), [DTYPE_U8] = K(m##_u8, -1),   \
     [DTYPE_U16] = K(m##_u16, -1),  [DTYPE_U32] = K(m##_u32, -1), [DTYPE_U64] = K(m##_u64, -1), \
     [DTYPE_F32] = K(m##_f32, -1),  [DTYPE_F64] = K(m##_f64, -1), [DTYPE_C64] = K(m##_c64, -1), \
     [DTYPE_C128] = K(m##_c128, -1)}

const ReduceKernel reduce_kernel[REDUCE_MEAN][DTYPE_COUNT] = {
    [REDUCE_SUM] = {[DTYPE_I64] = K(sum_u64, 0),
                    [DTYPE_U64] = K(sum_u64, 0),
                    [DTYPE_F32] = P(sum_f32, 1),
                    [DTYPE_F64] = P(sum_f64, 1),
                    [DTYPE_C64] = P(sum_c64, 2),
                    [DTYPE_C128] = P(sum_c128, 2)},
    [REDUCE_PROD] = {[DTYPE_I64] = K(prod_u64, 1),
                     [DTYPE_U64] = K(prod_u64, 1),
                     [DTYPE_F32] = K(prod_f32, 1),
                     [DTYPE_F64] = K(prod_f64, 1),
                     [DTYPE_C64] = {prod_c64_run, prod_c64_best_row, false, 1, 1},
                     [DTYPE_C128] = {prod_c128_run, prod_c128_best_row, false, 1, 1}},
    [REDUCE_MIN] = EXTREME(min),
    [REDUCE_MAX] = EXTREME(max),
    [REDUCE_ANY] = {[DTYPE_BOOL] = K(any, 0)},
    [REDUCE_ALL] = {[DTYPE_BOOL] = K(all, 1)},
    [REDUCE_COUNT_NONZERO] = {[DTYPE_I64] = K(sum_u64, 0)},
};

/* ---- conversion -------------------------------------------------------------------------------------------------------------- */

#define CONVERT(FROM, TO, NAME, EXPR)                                               \
    CLONES static void NAME(char *out, const char *in, int64_t stride, int64_t n) { \
        if (stride == (int64_t)sizeof(FROM))                                        \
            for (int64_t i = 0; i < n; i++) {                                       \
                FROM x = ((const any_##FROM *)in)[i];                               \
                ((TO *)out)[i] = (TO)(EXPR);                                        \
            }                                                                       \
        else                                                                        \
            for (int64_t i = 0; i < n; i++) {                                       \
                FROM x = *(const any_##FROM *)(in + i * stride);                    \
                ((TO *)out)[i] = (TO)(EXPR);                                        \
            }                                                                       \
    }
/* To a complex number with no imaginary part. */
#define CONVERT_COMPLEX(FROM, TO, NAME)                                        \
    static void NAME(char *out, const char *in, int64_t stride, int64_t n) {   \
        for (int64_t i = 0; i < n; i++) {                                      \
            ((TO *)out)[2 * i] = (TO) * (const any_##FROM *)(in + i * stride); \
            ((TO *)out)[2 * i + 1] = 0;                                        \
        }                                                                      \
    }
/* clang-format never settles on a list of macro calls. */
/* clang-format off */
#define REALS(X)                                                                                  \
    X(BOOL, uint8_t)                                                                              \
    X(I8, int8_t) X(I16, int16_t) X(I32, int32_t) X(I64, int64_t) X(U8, uint8_t) X(U16, uint16_t) \
        X(U32, uint32_t) X(U64, uint64_t) X(F32, float) X(F64, double)

#define X(N, T)                                                                    \
    CONVERT(T, int64_t, N##_to_i64, x)                                             \
    CONVERT(T, uint64_t, N##_to_u64, x)                                            \
    CONVERT(T, float, N##_to_f32, x)                                               \
    CONVERT(T, double, N##_to_f64, x)                                              \
    CONVERT(T, uint8_t, N##_to_bool, x != 0) CONVERT_COMPLEX(T, float, N##_to_c64) \
        CONVERT_COMPLEX(T, double, N##_to_c128)
/* clang-format on */

REALS(X)
#undef X

#define FROM_COMPLEX(N, T)                                                                \
    static void N##_to_c64(char *out, const char *in, int64_t stride, int64_t n) {        \
        for (int64_t i = 0; i < 2 * n; i++)                                               \
            ((float *)out)[i] = (float)((const any_##T *)(in + i / 2 * stride))[i % 2];   \
    }                                                                                     \
    static void N##_to_c128(char *out, const char *in, int64_t stride, int64_t n) {       \
        for (int64_t i = 0; i < 2 * n; i++)                                               \
            ((double *)out)[i] = (double)((const any_##T *)(in + i / 2 * stride))[i % 2]; \
    }                                                                                     \
    static void N##_to_bool(char *out, const char *in, int64_t stride, int64_t n) {       \
        for (int64_t i = 0; i < n; i++)                                                   \
            out[i] = ((const any_##T *)(in + i * stride))[0] != 0 ||                      \
                     ((const any_##T *)(in + i * stride))[1] != 0;                        \
    }
FROM_COMPLEX(C64, float)
FROM_COMPLEX(C128, double)

Converter reduce_converter(DType from, DType to) {
    static const Converter table[DTYPE_COUNT][DTYPE_COUNT] = {
#define X(N, T)                                                                                    \
    [DTYPE_##N] = {[DTYPE_BOOL] = N##_to_bool, [DTYPE_I64] = N##_to_i64, [DTYPE_U64] = N##_to_u64, \
                   [DTYPE_F32] = N##_to_f32,   [DTYPE_F64] = N##_to_f64, [DTYPE_C64] = N##_to_c64, \
                   [DTYPE_C128] = N##_to_c128},
        REALS(X)
#undef X
            [DTYPE_C64] = {[DTYPE_C64] = C64_to_c64, [DTYPE_C128] = C64_to_c128, [DTYPE_BOOL] = C64_to_bool},
        [DTYPE_C128] = {[DTYPE_C64] = C128_to_c64, [DTYPE_C128] = C128_to_c128, [DTYPE_BOOL] = C128_to_bool},
    };
    return table[from][to];
}
