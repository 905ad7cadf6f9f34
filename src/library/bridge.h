/* library/bridge.h - the inner loop that a NumPy-ABI ufunc runs for given types; private to library/. */
#ifndef NAJA_LIBRARY_BRIDGE_H
#define NAJA_LIBRARY_BRIDGE_H

#include "library/library.h"

enum { UFUNC_MAX_OPERANDS = 32 };

typedef struct {
    const char *symbol, *name, *signature; /* signature "": elementwise */
    uint32_t nin, nout;
    const Type *dtype[UFUNC_MAX_OPERANDS];
    uint32_t core_ndim[UFUNC_MAX_OPERANDS];
} UfuncLoopType;

/* The loop for positional operands of these types; false: an error, which is reported while types are inferred. */
bool ufunc_loop_find(Call *c, Handle ufunc, uint32_t n, const Type *const *operand, UfuncLoopType *out);

#endif
