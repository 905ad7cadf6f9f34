/* runtime/arrays.h - private to runtime/: what the array functions of compiled code share. */
#ifndef NAJA_RUNTIME_ARRAYS_H
#define NAJA_RUNTIME_ARRAYS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

enum { RUNTIME_MAX_NDIM = 32 };

/* strided.c */
void naja_copy_strided(char *dst, const char *src, int64_t ndim, const int64_t *shape, const int64_t *dst_stride,
                       const int64_t *src_stride, int64_t itemsize);
void naja_copy_row(char *dst, int64_t dst_stride, const char *src, int64_t src_stride, int64_t n, int64_t itemsize);
/* Strides that describe the same elements in a new shape of the same size; 0: there are none. */
int32_t naja_reshape_strides(int64_t ndim, const int64_t *shape, const int64_t *stride, int64_t new_ndim,
                             const int64_t *new_shape, int64_t *new_stride, int64_t itemsize);

/* ---- element types (reduce_kernels.c) ----------------------------------------------------------------------------- */

/* ORDER DTYPE: also in library/reduce.c. */
typedef enum { DTYPE_BOOL, DTYPE_I8, DTYPE_I16, DTYPE_I32, DTYPE_I64, DTYPE_U8, DTYPE_U16, DTYPE_U32, DTYPE_U64,
               DTYPE_F32, DTYPE_F64, DTYPE_C64, DTYPE_C128, DTYPE_COUNT } DType;
extern const uint8_t dtype_itemsize[DTYPE_COUNT];

/* Elements where they may lie: fields of packed records have any address. */
#define ANYWHERE(T) typedef T any_##T __attribute__((aligned(1)))
ANYWHERE(int8_t);
ANYWHERE(int16_t);
ANYWHERE(int32_t);
ANYWHERE(int64_t);
ANYWHERE(uint8_t);
ANYWHERE(uint16_t);
ANYWHERE(uint32_t);
ANYWHERE(uint64_t);
ANYWHERE(float);
ANYWHERE(double);
#undef ANYWHERE

/* ORDER REDUCTION: also in library/reduce.c. */
typedef enum { REDUCE_SUM, REDUCE_PROD, REDUCE_MIN, REDUCE_MAX, REDUCE_ANY, REDUCE_ALL, REDUCE_COUNT_NONZERO,
               REDUCE_MEAN, REDUCE_VAR, REDUCE_STD, REDUCE_COUNT } Reduction;

typedef struct {
    /* acc = acc op p[0] op p[1] ...; stride in bytes */
    void (*run)(char *acc, const char *p, int64_t n, int64_t stride);
    /* out[i] = out[i] op in[i] */
    void (*row)(char *out, int64_t out_stride, const char *in, int64_t in_stride, int64_t n);
    bool pairwise;         /* run adds pairwise: how elements are cut into runs shows in the result */
    uint8_t parts;         /* pairwise: 2 for complex */
    int64_t identity;      /* 0 or 1; -1: none, the first element starts */
} ReduceKernel;
extern const ReduceKernel reduce_kernel[REDUCE_MEAN][DTYPE_COUNT]; /* by the type of the accumulator */

/* n elements of one type, strided, to contiguous elements of another; NULL where reductions never convert. */
typedef void (*Converter)(char *out, const char *in, int64_t stride, int64_t n);
Converter reduce_converter(DType from, DType to);
/* The sum of one leaf of at most 128 numbers, contiguous, of a float or complex type, into *out. */
void naja_leaf_sum(DType type, char *out, const char *p, int64_t n);

/* The value that a reduction begins with; identity is 0 or 1. */
void reduce_identity(DType type, int64_t identity, char *out);
int64_t reduce_count_bools(const char *in, int64_t n, int64_t stride); /* that are true */

struct Context;
int32_t naja_reduce(struct Context *context, int64_t op, int64_t from, int64_t acc, char *out, const char *in, int64_t ndim,
                    int64_t mask, const int64_t *shape, const int64_t *in_stride, const int64_t *out_stride,
                    int64_t ddof);

/* pieces.c: long reductions on the thread pool, with the same bits. */
/* acc = acc op the elements first .. first + n - 1; gives a status */
typedef int32_t (*PieceFn)(const void *data, char *acc, int64_t first, int64_t n);
/* Whether n elements are divided.  A NULL context: the caller does not want it. */
bool pieces_are_worth_it(const struct Context *context, const ReduceKernel *kernel, DType type, int64_t n);
/* acc = acc op all n elements.  run_limit: a pairwise sum begins anew after so many elements; 0: never.  Gives a status. */
int32_t pieces_reduce(struct Context *context, const ReduceKernel *kernel, DType type, int64_t run_limit, PieceFn piece,
                      const void *data, int64_t n, char *acc);

/* fold.c */
enum { FOLD_DEPTH = 64 };
typedef struct {
    int64_t right;      /* elements of the right half; -1: its sum is being made */
    char left[16];      /* sum of the left half */
} FoldLevel;
typedef struct Fold {
    char acc[16];       /* the result: first, compiled code reads it */
    const ReduceKernel *kernel;
    Reduction op;
    DType type;
    int64_t rest;       /* elements behind the current run */
    int64_t run_limit;  /* elements of a run at most */
    int depth;
    FoldLevel level[FOLD_DEPTH];
} Fold;
static inline const char *fold_result(const Fold *f) { return f->acc; }
enum { FOLD_NBYTES = 2048 }; /* also in library/reduce.c */
int64_t naja_fold_begin(Fold *f, int64_t op, int64_t type, int64_t n, int64_t converted);
int64_t naja_fold_next(Fold *f, const char *buffer, int64_t n);

#endif
