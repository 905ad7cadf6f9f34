/* blas.c - matrix products through the BLAS that NumPy has already loaded.
 *
 * NumPy's wheels bring an OpenBLAS of their own, with 64-bit integers and a prefix and suffix on every symbol
 * (scipy_cblas_dgemm64_).  It is found by walking the loaded libraries, so that products are computed by the very
 * same code as NumPy's, and with the same choice of routine: dot for vectors, gemv for a matrix and a vector, syrk
 * for a matrix and its own transpose, gemm otherwise.  Operands whose strides BLAS cannot express are copied.
 * Without a BLAS, and for integers, plain loops do it.
 *
 * One prototype serves libraries with 32-bit and 64-bit integers: every integer argument takes a whole register or
 * an 8-byte slot of the stack in the calling conventions of x86-64 and AArch64 Linux, of which the former read half.
 */
#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "runtime/abi.h"
#include "runtime/arrays.h"

enum { ROW_MAJOR = 101, COLUMN_MAJOR = 102, NO_TRANS = 111, TRANS = 112, UPPER = 121 }; /* CBLAS's numbers */

typedef void (*ComplexGemm)(int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, const void *, const void *,
                            int64_t, const void *, int64_t, const void *, void *, int64_t);
typedef void (*ComplexGemv)(int64_t, int64_t, int64_t, int64_t, const void *, const void *, int64_t,
                            const void *, int64_t, const void *, void *, int64_t);
typedef void (*ComplexSyrk)(int64_t, int64_t, int64_t, int64_t, int64_t, const void *, const void *, int64_t,
                            const void *, void *, int64_t);
typedef void (*ComplexDot)(int64_t, const void *, int64_t, const void *, int64_t, void *);
#define REAL_PROTOTYPES(T, N)                                                                              \
    typedef void (*Gemm##N)(int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, T, const T *, int64_t,   \
                            const T *, int64_t, T, T *, int64_t);                                          \
    typedef void (*Gemv##N)(int64_t, int64_t, int64_t, int64_t, T, const T *, int64_t, const T *, int64_t, \
                            T, T *, int64_t);                                                              \
    typedef void (*Syrk##N)(int64_t, int64_t, int64_t, int64_t, int64_t, T, const T *, int64_t, T, T *,    \
                            int64_t);                                                                      \
    typedef T (*Dot##N)(int64_t, const T *, int64_t, const T *, int64_t);
REAL_PROTOTYPES(float, F32)
REAL_PROTOTYPES(double, F64)

/* ---- finding the library ------------------------------------------------------------------------------------------- */

typedef struct {
    void *gemm, *gemv, *syrk, *dot;
} Routines;

static struct {
    bool found;
    Routines of[4]; /* float32, float64, complex64, complex128 */
} blas;
static pthread_once_t blas_once = PTHREAD_ONCE_INIT;

static bool load_from(void *library, const char *prefix, const char *suffix) {
    static const struct {
        size_t offset;
        const char *name[4];
    } routine[] = {
        {offsetof(Routines, gemm), {"sgemm", "dgemm", "cgemm", "zgemm"}},
        {offsetof(Routines, gemv), {"sgemv", "dgemv", "cgemv", "zgemv"}},
        {offsetof(Routines, syrk), {"ssyrk", "dsyrk", "csyrk", "zsyrk"}},
        {offsetof(Routines, dot), {"sdot", "ddot", "cdotu_sub", "zdotu_sub"}},
    };
    Routines all[4];
    for (size_t r = 0; r < 4; r++)
        for (size_t t = 0; t < 4; t++) {
            char symbol[64];
            snprintf(symbol, sizeof symbol, "%scblas_%s%s", prefix, routine[r].name[t], suffix);
            void *address = dlsym(library, symbol);
            if (!address) return false;
            memcpy((char *)&all[t] + routine[r].offset, &address, sizeof address);
        }
    memcpy(blas.of, all, sizeof all);
    return true;
}

static bool load_any(void *library) {
    static const char *const decoration[][2] = {{"scipy_", "64_"}, {"", "64_"}, {"scipy_", ""}, {"", ""}};
    for (size_t i = 0; i < sizeof decoration / sizeof decoration[0]; i++)
        if (load_from(library, decoration[i][0], decoration[i][1])) return true;
    return false;
}

/* NumPy's own libraries come first: `data` says which round it is. */
static int try_library(struct dl_phdr_info *info, size_t size, void *data) {
    const char *name = info->dlpi_name;
    bool numpy_only = *(const bool *)data;
    (void)size;
    if (blas.found || !name || !strstr(name, "blas") || (numpy_only && !strstr(name, "numpy")))
        return blas.found;
    void *library = dlopen(name, RTLD_LAZY | RTLD_NOLOAD);
    if (!library) return 0;
    blas.found = load_any(library); /* stays loaded: NumPy holds it, and so do we now */
    if (!blas.found) dlclose(library);
    return blas.found;
}

static void find_blas(void) {
    for (int round = 0; round < 2 && !blas.found; round++) {
        bool numpy_only = round == 0;
        dl_iterate_phdr(try_library, &numpy_only);
    }
    if (!blas.found) blas.found = load_any(RTLD_DEFAULT);
}

/* ---- operands -------------------------------------------------------------------------------------------------------- */

typedef struct {
    const char *data;
    int64_t rows, columns, row, column; /* extents, strides in bytes */
    char *copy;                         /* owned, or NULL */
} Matrix;

typedef struct {
    DType type;
    int64_t size; /* of an element */
    const Routines *blas;
    char *out; /* contiguous */
} Product;

/* NumPy's is_blasable2d: rows of unit stride, far enough apart. */
static bool has_unit_rows(int64_t row, int64_t column, int64_t columns, int64_t size) {
    int64_t lead = row / size;
    return column == size && row % size == 0 && lead >= columns && lead <= INT_MAX;
}

static bool is_c(const Matrix *m, int64_t size) { return has_unit_rows(m->row, m->column, m->columns, size); }
static bool is_f(const Matrix *m, int64_t size) { return has_unit_rows(m->column, m->row, m->rows, size); }

static int32_t make_regular(Matrix *m, int64_t size) {
    if (is_c(m, size) || is_f(m, size)) return STATUS_OK;
    m->copy = malloc((size_t)(m->rows * m->columns * size) + 1);
    if (!m->copy) return STATUS_MEMORY;
    int64_t shape[2] = {m->rows, m->columns}, to[2] = {m->columns * size, size},
            from[2] = {m->row, m->column};
    naja_copy_strided(m->copy, m->data, 2, shape, to, from, size);
    m->data = m->copy;
    m->row = to[0];
    m->column = size;
    return STATUS_OK;
}

static int64_t unit_or_zero(int64_t stride, int64_t size) {
    return stride > 0 && stride % size == 0 && stride / size <= INT_MAX ? stride / size : 0;
}

/* ---- plain loops --------------------------------------------------------------------------------------------------------- */

/* Row by row of b, so that the innermost loop runs along rows of b and out. */
#define PLAIN(NAME, T, STEP)                                                        \
    static void NAME(char *out, const Matrix *a, const Matrix *b) {                 \
        for (int64_t i = 0; i < a->rows; i++)                                       \
            for (int64_t k = 0; k < a->columns; k++) {                              \
                const T *x = (const T *)(a->data + i * a->row + k * a->column);     \
                for (int64_t j = 0; j < b->columns; j++) {                          \
                    const T *y = (const T *)(b->data + k * b->row + j * b->column); \
                    T *to = (T *)out + i * b->columns + j;                          \
                    STEP                                                            \
                }                                                                   \
            }                                                                       \
    }
#define PLAIN_COMPLEX(NAME, T)                                                      \
    static void NAME(char *out, const Matrix *a, const Matrix *b) {                 \
        for (int64_t i = 0; i < a->rows; i++)                                       \
            for (int64_t k = 0; k < a->columns; k++) {                              \
                const T *x = (const T *)(a->data + i * a->row + k * a->column);     \
                for (int64_t j = 0; j < b->columns; j++) {                          \
                    const T *y = (const T *)(b->data + k * b->row + j * b->column); \
                    T *to = (T *)out + 2 * (i * b->columns + j);                    \
                    to[0] += x[0] * y[0] - x[1] * y[1];                             \
                    to[1] += x[0] * y[1] + x[1] * y[0];                             \
                }                                                                   \
            }                                                                       \
    }
PLAIN(plain_bool, uint8_t, *to |= *x & *y;)
PLAIN(plain_8, uint8_t, *to = (uint8_t)(*to + *x * *y);)
PLAIN(plain_16, uint16_t, *to = (uint16_t)(*to + (uint32_t)*x * *y);)
PLAIN(plain_32, uint32_t, *to += *x * *y;)
PLAIN(plain_64, uint64_t, *to += *x * *y;)
PLAIN(plain_f32, float, *to += *x * *y;)
PLAIN(plain_f64, double, *to += *x * *y;)
PLAIN_COMPLEX(plain_c64, float)
PLAIN_COMPLEX(plain_c128, double)

static void (*const plain[DTYPE_COUNT])(char *, const Matrix *, const Matrix *) = {
    [DTYPE_BOOL] = plain_bool, [DTYPE_I8] = plain_8,    [DTYPE_I16] = plain_16,  [DTYPE_I32] = plain_32,
    [DTYPE_I64] = plain_64,    [DTYPE_U8] = plain_8,    [DTYPE_U16] = plain_16,  [DTYPE_U32] = plain_32,
    [DTYPE_U64] = plain_64,    [DTYPE_F32] = plain_f32, [DTYPE_F64] = plain_f64, [DTYPE_C64] = plain_c64,
    [DTYPE_C128] = plain_c128,
};

/* ---- calls ------------------------------------------------------------------------------------------------------------- */

static const double one_c128[2] = {1, 0}, zero_c128[2] = {0, 0};
static const float one_c64[2] = {1, 0}, zero_c64[2] = {0, 0};

static void call_gemm(const Product *p, int64_t ta, int64_t tb, int64_t m, int64_t n, int64_t k,
                      const void *a, int64_t lda, const void *b, int64_t ldb) {
    void *f = p->blas->gemm, *out = p->out;
    switch (p->type) {
    case DTYPE_F32: ((GemmF32)f)(ROW_MAJOR, ta, tb, m, n, k, 1, a, lda, b, ldb, 0, out, n); break;
    case DTYPE_F64: ((GemmF64)f)(ROW_MAJOR, ta, tb, m, n, k, 1, a, lda, b, ldb, 0, out, n); break;
    case DTYPE_C64:
        ((ComplexGemm)f)(ROW_MAJOR, ta, tb, m, n, k, one_c64, a, lda, b, ldb, zero_c64, out, n);
        break;
    default: ((ComplexGemm)f)(ROW_MAJOR, ta, tb, m, n, k, one_c128, a, lda, b, ldb, zero_c128, out, n);
    }
}

static void call_gemv(const Product *p, int64_t order, int64_t m, int64_t n, const void *a, int64_t lda,
                      const void *x, int64_t incx) {
    void *f = p->blas->gemv, *out = p->out;
    switch (p->type) {
    case DTYPE_F32: ((GemvF32)f)(order, TRANS, m, n, 1, a, lda, x, incx, 0, out, 1); break;
    case DTYPE_F64: ((GemvF64)f)(order, TRANS, m, n, 1, a, lda, x, incx, 0, out, 1); break;
    case DTYPE_C64: ((ComplexGemv)f)(order, TRANS, m, n, one_c64, a, lda, x, incx, zero_c64, out, 1); break;
    default: ((ComplexGemv)f)(order, TRANS, m, n, one_c128, a, lda, x, incx, zero_c128, out, 1);
    }
}

/* Makes the lower triangle of an n x n matrix what the upper one is, a block at a time: its columns stay in the cache. */
#define MIRROR(NAME, NBYTES)                                                                    \
    static void NAME(char *out, int64_t n) {                                                    \
        enum { SIDE = 32 };                                                                     \
        for (int64_t r = 0; r < n; r += SIDE)                                                   \
            for (int64_t c = 0; c <= r; c += SIDE)                                              \
                for (int64_t i = r; i < r + SIDE && i < n; i++)                                 \
                    for (int64_t j = c; j < c + SIDE && j < i; j++)                             \
                        memcpy(out + (i * n + j) * NBYTES, out + (j * n + i) * NBYTES, NBYTES); \
    }
MIRROR(mirror_4, 4)
MIRROR(mirror_8, 8)
MIRROR(mirror_16, 16)

static void call_syrk(const Product *p, int64_t trans, int64_t n, int64_t k, const void *a, int64_t lda) {
    void *f = p->blas->syrk, *out = p->out;
    switch (p->type) {
    case DTYPE_F32: ((SyrkF32)f)(ROW_MAJOR, UPPER, trans, n, k, 1, a, lda, 0, out, n); break;
    case DTYPE_F64: ((SyrkF64)f)(ROW_MAJOR, UPPER, trans, n, k, 1, a, lda, 0, out, n); break;
    case DTYPE_C64: ((ComplexSyrk)f)(ROW_MAJOR, UPPER, trans, n, k, one_c64, a, lda, zero_c64, out, n); break;
    default: ((ComplexSyrk)f)(ROW_MAJOR, UPPER, trans, n, k, one_c128, a, lda, zero_c128, out, n);
    }
    if (p->size == 4) mirror_4(p->out, n);
    else if (p->size == 8) mirror_8(p->out, n);
    else mirror_16(p->out, n);
}

static void call_dot(const Product *p, int64_t n, const void *x, int64_t incx, const void *y, int64_t incy) {
    void *f = p->blas->dot;
    switch (p->type) {
    case DTYPE_F32: *(float *)p->out = ((DotF32)f)(n, x, incx, y, incy); break;
    case DTYPE_F64: *(double *)p->out = ((DotF64)f)(n, x, incx, y, incy); break;
    default: ((ComplexDot)f)(n, x, incx, y, incy, p->out);
    }
}

/* The matrix times a vector: rows of `a` against x. */
static int32_t matrix_vector(const Product *p, Matrix *a, const char *x, int64_t x_stride) {
    char *copy = NULL;
    int32_t status = make_regular(a, p->size);
    if (status == STATUS_OK && !unit_or_zero(x_stride, p->size)) {
        int64_t n = a->columns, to = p->size;
        copy = malloc((size_t)(n * p->size) + 1);
        if (!copy) return STATUS_MEMORY;
        naja_copy_strided(copy, x, 1, &n, &to, &x_stride, p->size);
        x = copy;
        x_stride = p->size;
    }
    if (status == STATUS_OK) {
        bool c = is_c(a, p->size);
        call_gemv(p, c ? COLUMN_MAJOR : ROW_MAJOR, a->columns, a->rows, a->data,
                  (c ? a->row : a->column) / p->size, x, x_stride / p->size);
    }
    free(copy);
    return status;
}

static int32_t matrix_matrix(const Product *p, Matrix *a, Matrix *b) {
    bool same = a->data == b->data && a->rows == b->columns && a->row == b->column && a->column == b->row;
    int32_t status = make_regular(a, p->size);
    if (status == STATUS_OK) status = make_regular(b, p->size);
    if (status != STATUS_OK) return status;
    bool ac = is_c(a, p->size), bc = is_c(b, p->size);
    int64_t lda = (ac ? a->row : a->column) / p->size, ldb = (bc ? b->row : b->column) / p->size;
    if (same && ac != bc && !a->copy)
        call_syrk(p, ac ? NO_TRANS : TRANS, b->columns, a->columns, a->data, ac ? lda : ldb);
    else
        call_gemm(p, ac ? NO_TRANS : TRANS, bc ? NO_TRANS : TRANS, a->rows, b->columns, a->columns, a->data,
                  lda, b->data, ldb);
    return STATUS_OK;
}

static int32_t blas_product(const Product *p, Matrix *a, Matrix *b) {
    int64_t incx = unit_or_zero(a->column, p->size), incy = unit_or_zero(b->row, p->size);
    if (a->rows == 1 && b->columns == 1) {
        if (incx && incy) {
            call_dot(p, a->columns, a->data, incx, b->data, incy);
        } else { /* where NumPy does not call BLAS either */
            memset(p->out, 0, (size_t)p->size);
            plain[p->type](p->out, a, b);
        }
        return STATUS_OK;
    }
    if (a->rows == 1) { /* the transpose of b times a */
        Matrix t = {b->data, b->columns, b->rows, b->column, b->row, NULL};
        int32_t status = matrix_vector(p, &t, a->data, a->column);
        free(t.copy);
        return status;
    }
    if (b->columns == 1) return matrix_vector(p, a, b->data, b->row);
    return matrix_matrix(p, a, b);
}

/* ---- what compiled code calls ------------------------------------------------------------------------------------------------ */

/* out (m x n, C order) = a (m x k) times b (k x n).  `extents` is m, k, n; `strides` those of a, then of b. */
int32_t naja_matmul(int64_t type, char *out, const char *a, const char *b, const int64_t *extents,
                    const int64_t *strides) {
    Product p = {(DType)type, dtype_itemsize[type], NULL, out};
    Matrix x = {a, extents[0], extents[1], strides[0], strides[1], NULL};
    Matrix y = {b, extents[1], extents[2], strides[2], strides[3], NULL};
    int32_t status = STATUS_OK;
    pthread_once(&blas_once, find_blas);
    if (extents[0] == 0 || extents[1] == 0 || extents[2] == 0 || type < DTYPE_F32 || !blas.found) {
        memset(out, 0, (size_t)(extents[0] * extents[2] * p.size));
        plain[type](out, &x, &y);
        return status;
    }
    p.blas = &blas.of[type - DTYPE_F32];
    status = blas_product(&p, &x, &y);
    free(x.copy);
    free(y.copy);
    return status;
}
