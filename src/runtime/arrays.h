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
/* Strides that describe the same elements in a new shape of the same size; 0: there are none. */
int32_t naja_reshape_strides(int64_t ndim, const int64_t *shape, const int64_t *stride, int64_t new_ndim,
                             const int64_t *new_shape, int64_t *new_stride, int64_t itemsize);

#endif
