/* strided.c - copying between arrays of equal shape and element size but different strides.
 *
 * Axes are merged while they are contiguous in both arrays, so that two arrays of one layout are one memcpy; then
 * rows of the innermost axis are copied one after the other by a loop for their element size.
 */
#include <string.h>

#include "runtime/arrays.h"

typedef struct {
    int64_t n, dst, src; /* extent, strides */
} Axis;

typedef struct {
    uint64_t low, high; /* a complex128 */
} Pair;

/* Drops axes of extent 1 and merges those that follow each other in memory; innermost last. */
static int merge_axes(int ndim, const int64_t *shape, const int64_t *dst, const int64_t *src, Axis *out) {
    int n = 0;
    for (int i = 0; i < ndim; i++) {
        if (shape[i] == 1) continue;
        Axis a = {shape[i], dst[i], src[i]};
        Axis *last = n ? &out[n - 1] : NULL;
        if (last && last->dst == a.dst * a.n && last->src == a.src * a.n)
            *last = (Axis){last->n * a.n, a.dst, a.src};
        else out[n++] = a;
    }
    return n;
}

#define COPY_ROW(T)                                                                                 \
    for (; i + 4 <= n; i += 4, dst += 4 * to, src += 4 * from) { /* four loads before the stores */ \
        T x0, x1, x2, x3;                                                                           \
        memcpy(&x0, src, sizeof(T)), memcpy(&x1, src + from, sizeof(T));                            \
        memcpy(&x2, src + 2 * from, sizeof(T)), memcpy(&x3, src + 3 * from, sizeof(T));             \
        memcpy(dst, &x0, sizeof(T)), memcpy(dst + to, &x1, sizeof(T));                              \
        memcpy(dst + 2 * to, &x2, sizeof(T)), memcpy(dst + 3 * to, &x3, sizeof(T));                 \
    }                                                                                               \
    for (; i < n; i++, dst += to, src += from) memcpy(dst, src, sizeof(T))

static void copy_row(char *dst, const char *src, const Axis *a, int64_t itemsize) {
    if (a->dst == itemsize && a->src == itemsize) {
        memcpy(dst, src, (size_t)(a->n * itemsize));
        return;
    }
    int64_t n = a->n, to = a->dst, from = a->src,
            i = 0; /* copies: dst may alias *a for all the compiler knows */
    switch (itemsize) {
    case 1: COPY_ROW(uint8_t); break;
    case 2: COPY_ROW(uint16_t); break;
    case 4: COPY_ROW(uint32_t); break;
    case 8: COPY_ROW(uint64_t); break;
    case 16: COPY_ROW(Pair); break;
    default:
        for (; i < n; i++) memcpy(dst + i * to, src + i * from, (size_t)itemsize);
    }
}

#define FILL_ROW(T) \
    for (int64_t i = 0; i < n; i++) ((T *)dst)[i] = *(const T *)src

/* A row of one value repeated is usual: broadcasting along the row. */
void naja_copy_row(char *dst, int64_t dst_stride, const char *src, int64_t src_stride, int64_t n,
                   int64_t itemsize) {
    if (src_stride == 0 && dst_stride == itemsize && itemsize == 8) {
        FILL_ROW(uint64_t);
    } else if (src_stride == 0 && dst_stride == itemsize && itemsize == 4) {
        FILL_ROW(uint32_t);
    } else {
        Axis a = {n, dst_stride, src_stride};
        copy_row(dst, src, &a, itemsize);
    }
}

static void copy_axes(char *dst, const char *src, const Axis *a, int naxes, int64_t itemsize) {
    if (naxes == 1) {
        copy_row(dst, src, a, itemsize);
        return;
    }
    for (int64_t i = 0; i < a->n; i++)
        copy_axes(dst + i * a->dst, src + i * a->src, a + 1, naxes - 1, itemsize);
}

/* Fortran arrays in C order would jump at every element: the axis with the smallest destination stride goes last. */
static void sort_axes(Axis *axis, int n) {
    for (int i = 1; i < n; i++)
        for (int k = i; k > 0 && llabs(axis[k].dst) > llabs(axis[k - 1].dst); k--) {
            Axis swap = axis[k];
            axis[k] = axis[k - 1];
            axis[k - 1] = swap;
        }
}

void naja_copy_strided(char *dst, const char *src, int64_t ndim, const int64_t *shape,
                       const int64_t *dst_stride, const int64_t *src_stride, int64_t itemsize) {
    Axis axis[RUNTIME_MAX_NDIM];
    for (int64_t i = 0; i < ndim; i++)
        if (shape[i] == 0) return;
    int n = merge_axes((int)ndim, shape, dst_stride, src_stride, axis);
    if (n == 0) {
        memcpy(dst, src, (size_t)itemsize);
        return;
    }
    sort_axes(axis, n);
    copy_axes(dst, src, axis, n, itemsize);
}

/* ---- reshaping without a copy ------------------------------------------------------------------------------------- */

/* Axes of both shapes are matched in groups of equal size; a group works when its old axes are contiguous among
 * themselves, and the new strides of the group follow from its last old axis. */
int32_t naja_reshape_strides(int64_t ndim, const int64_t *shape, const int64_t *stride, int64_t new_ndim,
                             const int64_t *new_shape, int64_t *new_stride, int64_t itemsize) {
    int64_t old_n[RUNTIME_MAX_NDIM], old_s[RUNTIME_MAX_NDIM];
    int n = 0;
    for (int64_t i = 0; i < ndim; i++) {
        if (shape[i] == 0) return 0;
        if (shape[i] != 1) {
            old_n[n] = shape[i];
            old_s[n++] = stride[i];
        }
    }
    int64_t oi = 0, oj = 1, ni = 0, nj = 1;
    while (ni < new_ndim && oi < n) {
        int64_t np = new_shape[ni], op = old_n[oi];
        while (np != op) {
            if (np < op) np *= new_shape[nj++];
            else op *= old_n[oj++];
        }
        for (int64_t k = oi; k < oj - 1; k++)
            if (old_s[k] != old_n[k + 1] * old_s[k + 1]) return 0;
        new_stride[nj - 1] = old_s[oj - 1];
        for (int64_t k = nj - 1; k > ni; k--) new_stride[k - 1] = new_stride[k] * new_shape[k];
        ni = nj++;
        oi = oj++;
    }
    int64_t last = ni >= 1 ? new_stride[ni - 1] : itemsize; /* what is left has extent 1 */
    for (int64_t k = ni; k < new_ndim; k++) new_stride[k] = last;
    return 1;
}
