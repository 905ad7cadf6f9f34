/* argreduce.c - positions of extremes, and running sums and products, along one axis.
 *
 * argmin and argmax give the first position of the extreme; the first NaN is an extreme.  Contiguous runs of floats
 * are searched in two steps, the value first (vectorised), then its position.
 */
#include <string.h>

#include "runtime/abi.h"
#include "runtime/arrays.h"

#define ARG(NAME, T, BETTER)                                        \
    static int64_t NAME(const char *p, int64_t n, int64_t stride) { \
        T best = *(const any_##T *)p;                               \
        int64_t at = 0;                                             \
        for (int64_t i = 1; i < n && best == best; i++) {           \
            T x = *(const any_##T *)(p + i * stride);               \
            if (x BETTER best || x != x) best = x, at = i;          \
        }                                                           \
        return at;                                                  \
    }
/* Lexicographic; a number with a NaN in it is an extreme. */
#define ARG_COMPLEX(NAME, T, BETTER)                                                                  \
    static int64_t NAME(const char *p, int64_t n, int64_t stride) {                                   \
        T re = ((const any_##T *)p)[0], im = ((const any_##T *)p)[1];                                 \
        int64_t at = 0;                                                                               \
        for (int64_t i = 1; i < n && re == re && im == im; i++) {                                     \
            T x = ((const any_##T *)(p + i * stride))[0], y = ((const any_##T *)(p + i * stride))[1]; \
            if (x BETTER re || (x == re && y BETTER im) || x != x || y != y) re = x, im = y, at = i;  \
        }                                                                                             \
        return at;                                                                                    \
    }
/* clang-format never settles on a list of macro calls. */
/* clang-format off */
#define TYPES(X)                                                                                  \
    X(BOOL, uint8_t)                                                                              \
    X(I8, int8_t) X(I16, int16_t) X(I32, int32_t) X(I64, int64_t) X(U8, uint8_t) X(U16, uint16_t) \
        X(U32, uint32_t) X(U64, uint64_t) X(F32, float) X(F64, double)
/* clang-format on */

#define X(N, T) ARG(min_##N, T, <) ARG(max_##N, T, >)
TYPES(X)
#undef X
ARG_COMPLEX(min_C64, float, <)
ARG_COMPLEX(max_C64, float, >)
ARG_COMPLEX(min_C128, double, <)
ARG_COMPLEX(max_C128, double, >)

typedef int64_t (*ArgKernel)(const char *p, int64_t n, int64_t stride);
static const ArgKernel arg_kernel[2][DTYPE_COUNT] = {
#define X(N, T) [DTYPE_##N] = min_##N,
    {TYPES(X)[DTYPE_C64] = min_C64, [DTYPE_C128] = min_C128},
#undef X
#define X(N, T) [DTYPE_##N] = max_##N,
    {TYPES(X)[DTYPE_C64] = max_C64, [DTYPE_C128] = max_C128},
#undef X
};

/* The first element equal to x; of a NaN, the first NaN.  Whole blocks are tested before their elements, in integers
 * of the elements' width, so that the test vectorises. */
#define FIND(NAME, T, I)                                                    \
    FIND_CLONES static int64_t NAME(const any_##T *p, int64_t n, T x) {     \
        enum { N = 64 };                                                    \
        int64_t i = 0;                                                      \
        for (; x == x && i + N <= n; i += N) {                              \
            I hit = 0;                                                      \
            for (int k = 0; k < N; k++) hit |= p[i + k] == x ? (I) - 1 : 0; \
            if (hit) break;                                                 \
        }                                                                   \
        while (i < n && !(x == x ? p[i] == x : p[i] != p[i])) i++;          \
        return i;                                                           \
    }
#if defined(__x86_64__) && defined(__ELF__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define FIND_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define FIND_CLONES
#endif
FIND(find_f32, float, int32_t)
FIND(find_f64, double, int64_t)

static double float_at(DType t, const char *p) {
    return t == DTYPE_F64 ? *(const double *)p : *(const float *)p;
}

/* Large contiguous arrays of floats: find the value with the vectorised reduction, then where it is.  Block by block, so
 * that memory is read once: only the first block with the extreme is searched. */
static int64_t arg_float(bool max, DType t, const char *p, int64_t n) {
    enum { BLOCK = 2048 };
    const ReduceKernel *reduce = &reduce_kernel[max ? REDUCE_MAX : REDUCE_MIN][t];
    int64_t size = dtype_itemsize[t], at = 0;
    double best = 0;
    for (int64_t i = 0; i < n && best == best; i += BLOCK) {
        char now[sizeof(double)];
        memcpy(now, p + i * size, (size_t)size);
        reduce->run(now, p + i * size, n - i < BLOCK ? n - i : BLOCK, size);
        double x = float_at(t, now);
        if (i == 0 || (max ? x > best : x < best) || x != x) best = x, at = i;
    }
    int64_t m = n - at < BLOCK ? n - at : BLOCK;
    p += at * size;
    return at + (t == DTYPE_F64 ? find_f64((const any_double *)p, m, best)
                                : find_f32((const any_float *)p, m, (float)best));
}

static int64_t arg_run(bool max, DType t, const char *p, int64_t n, int64_t stride) {
    if ((t == DTYPE_F32 || t == DTYPE_F64) && stride == dtype_itemsize[t] && n >= 64)
        return arg_float(max, t, p, n);
    return arg_kernel[max][t](p, n, stride);
}

static void arg_axes(bool max, DType t, int64_t ndim, int64_t axis, int64_t n, int64_t stride_of_axis,
                     const int64_t *shape, const int64_t *in_stride, const int64_t *out_stride, char *out,
                     const char *in) {
    if (ndim == 0) {
        *(int64_t *)out = arg_run(max, t, in, n, stride_of_axis);
        return;
    }
    int64_t count = axis == 0 ? 1 : *shape;
    for (int64_t i = 0; i < count; i++)
        arg_axes(max, t, ndim - 1, axis - 1, n, stride_of_axis, shape + 1, in_stride + 1, out_stride + 1,
                 out + (axis == 0 ? 0 : i * *out_stride), in + i * *in_stride);
}

/* Along one axis, which is not empty.  out_stride has an entry, unused, for that axis. */
void naja_arg_extreme(int64_t max, int64_t type, char *out, const char *in, int64_t ndim, int64_t axis,
                      const int64_t *shape, const int64_t *in_stride, const int64_t *out_stride) {
    arg_axes(max != 0, (DType)type, ndim, axis, shape[axis], in_stride[axis], shape, in_stride, out_stride,
             out, in);
}

/* Over all elements in C order, the position counted in that order; not empty. */
int64_t naja_arg_extreme_flat(int64_t max, int64_t type, const char *in, int64_t ndim, const int64_t *shape,
                              const int64_t *stride) {
    int64_t itemsize = dtype_itemsize[type], size = 1, expected = itemsize;
    bool contiguous = true;
    for (int64_t i = ndim; i-- > 0;) {
        contiguous &= shape[i] == 1 || stride[i] == expected;
        expected *= shape[i];
        size *= shape[i];
    }
    if (contiguous) return arg_run(max != 0, (DType)type, in, size, itemsize);
    if (ndim == 1) return arg_run(max != 0, (DType)type, in, size, stride[0]);
    char *copy = malloc((size_t)(size * itemsize));
    int64_t packed[RUNTIME_MAX_NDIM];
    if (!copy) return -1;
    expected = itemsize;
    for (int64_t i = ndim; i-- > 0;) {
        packed[i] = expected;
        expected *= shape[i];
    }
    naja_copy_strided(copy, in, ndim, shape, packed, stride, itemsize);
    int64_t at = arg_run(max != 0, (DType)type, copy, size, itemsize);
    free(copy);
    return at;
}

/* ---- running sums and products --------------------------------------------------------------------------------------- */

#define RUNNING(NAME, T, OP)                                      \
    static void NAME(char *data, int64_t n) {                     \
        T *p = (T *)data, sum = *p;                               \
        for (int64_t i = 1; i < n; i++) p[i] = sum = sum OP p[i]; \
    }
RUNNING(sum_f64, double, +)
RUNNING(sum_f32, float, +)
RUNNING(sum_u64, uint64_t, +)
RUNNING(prod_f64, double, *)
RUNNING(prod_f32, float, *)
RUNNING(prod_u64, uint64_t, *)

static void (*const running[2][DTYPE_COUNT])(char *, int64_t) = {
    {[DTYPE_I64] = sum_u64, [DTYPE_U64] = sum_u64, [DTYPE_F32] = sum_f32, [DTYPE_F64] = sum_f64},
    {[DTYPE_I64] = prod_u64, [DTYPE_U64] = prod_u64, [DTYPE_F32] = prod_f32, [DTYPE_F64] = prod_f64},
};

/* In place on contiguous memory seen as (outer, n, inner): slice i becomes slice i - 1 op slice i. */
void naja_accumulate(int64_t op, int64_t type, char *data, int64_t outer, int64_t n, int64_t inner) {
    const ReduceKernel *k = &reduce_kernel[op][type];
    int64_t size = dtype_itemsize[type], slice = inner * size;
    if (n == 0) return;
    for (int64_t o = 0; o < outer; o++, data += n * slice) {
        if (inner == 1 && running[op][type]) {
            running[op][type](data, n);
            continue;
        }
        for (int64_t i = 1; i < n; i++) k->row(data + i * slice, size, data + (i - 1) * slice, size, inner);
    }
}
