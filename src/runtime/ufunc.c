/* ufunc.c - calling the inner loop of a NumPy ufunc over whole arrays.
 *
 * NumPy's inner loops do one axis: n times the operation, with a stride per operand.  What NumPy's own iterator does
 * around them is done here without Python: operands are broadcast against each other over their loop axes, axes of
 * one element go, neighbours that are one axis in memory for every operand become one, the longest of what is left
 * is given to the inner loop, and an odometer walks the others.  Operands have the loop's own types already.
 *
 * Generalized ufuncs have core axes behind the loop axes: the loop gets their extents behind n, and their strides
 * behind the loop strides.
 */
#include <fenv.h>
#include <string.h>

#include "runtime/runtime.h"

enum { MAX_NDIM = 32 };

typedef struct {
    char *data;
    int64_t ndim;
    const int64_t *shape, *stride;
} Operand;

static void read_operands(uint32_t n, const int64_t *words, Operand *out) {
    const int64_t *at = words + n;
    for (uint32_t i = 0; i < n; i++) {
        out[i].ndim = words[i];
        memcpy(&out[i].data, at, sizeof out[i].data);
        out[i].shape = at + 1;
        out[i].stride = at + 1 + out[i].ndim;
        at += 1 + 2 * out[i].ndim;
    }
}

static int64_t loop_ndim(const UfuncLoop *u, const Operand *op, uint32_t n) {
    int64_t ndim = 0;
    for (uint32_t i = 0; i < n; i++)
        if (op[i].ndim - u->core_ndim[i] > ndim) ndim = op[i].ndim - u->core_ndim[i];
    return ndim;
}

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

static bool broadcast(const UfuncLoop *u, const Operand *op, uint32_t n, int64_t ndim, int64_t *shape) {
    for (int64_t k = 0; k < ndim; k++) shape[k] = 1;
    for (uint32_t i = 0; i < n; i++) {
        int64_t own = op[i].ndim - u->core_ndim[i];
        for (int64_t k = 0; k < own; k++) {
            int64_t *s = &shape[ndim - own + k];
            if (*s == 1) *s = op[i].shape[k];
            else if (op[i].shape[k] != 1 && op[i].shape[k] != *s) return false;
        }
    }
    return true;
}

static bool core_extents(const UfuncLoop *u, const Operand *op, uint32_t n, int64_t *core, int64_t *payload) {
    memcpy(core, u->fixed, sizeof u->fixed);
    for (uint32_t i = 0; i < n; i++)
        for (int32_t k = 0; k < u->core_ndim[i]; k++) {
            int64_t *c = &core[u->core[u->core_begin[i] + k]];
            int64_t extent = op[i].shape[op[i].ndim - u->core_ndim[i] + k];
            if (*c < 0) *c = extent;
            if (*c == extent) continue;
            payload[0] = i;
            payload[1] = k;
            payload[2] = extent;
            payload[3] = *c;
            return false;
        }
    return true;
}

int64_t naja_ufunc_shapes(const UfuncLoop *u, const int64_t *operands, int64_t *extents, int64_t *payload) {
    Operand op[UFUNC_MAX_OPERANDS] = {0};
    int64_t core[UFUNC_MAX_CORE], shape[MAX_NDIM];
    read_operands(u->nin, operands, op);
    int64_t ndim = loop_ndim(u, op, u->nin);
    if (!core_extents(u, op, u->nin, core, payload)) return UFUNC_CORE;
    if (!broadcast(u, op, u->nin, ndim, shape)) return UFUNC_BROADCAST;
    for (uint32_t i = u->nin; i < u->nin + u->nout; i++) {
        memcpy(extents, shape, (size_t)ndim * sizeof *shape);
        extents += ndim;
        for (int32_t k = 0; k < u->core_ndim[i]; k++) {
            *extents = core[u->core[u->core_begin[i] + k]];
            if (*extents++ < 0) return UFUNC_CORE_UNKNOWN;
        }
    }
    return UFUNC_FITS;
}

/* ---- the iteration ------------------------------------------------------------------------------------------------ */

typedef struct {
    int64_t n, stride[UFUNC_MAX_OPERANDS];
} Axis;

/* The loop axes with more than one element; false: there is nothing to do. */
static bool collect_axes(const UfuncLoop *u, const Operand *op, uint32_t nop, Axis *axis, uint32_t *naxes) {
    int64_t ndim = loop_ndim(u, op, nop), shape[MAX_NDIM];
    if (!broadcast(u, op, nop, ndim, shape)) return false;
    *naxes = 0;
    for (int64_t k = 0; k < ndim; k++) {
        if (shape[k] == 0) return false;
        if (shape[k] == 1) continue;
        Axis *a = &axis[(*naxes)++];
        a->n = shape[k];
        for (uint32_t i = 0; i < nop; i++) {
            int64_t own = k - (ndim - (op[i].ndim - u->core_ndim[i]));
            a->stride[i] = own >= 0 && op[i].shape[own] != 1 ? op[i].stride[own] : 0;
        }
    }
    return true;
}

static bool joins(const Axis *outer, const Axis *inner, uint32_t nop) {
    for (uint32_t i = 0; i < nop; i++)
        if (outer->stride[i] != inner->stride[i] * inner->n) return false;
    return true;
}

static uint32_t merge_axes(Axis *axis, uint32_t n, uint32_t nop) {
    uint32_t kept = 0;
    for (uint32_t k = 0; k < n; k++) {
        if (kept && joins(&axis[kept - 1], &axis[k], nop)) {
            int64_t outer = axis[kept - 1].n;
            axis[kept - 1] = axis[k];
            axis[kept - 1].n *= outer;
        } else {
            axis[kept++] = axis[k];
        }
    }
    return kept;
}

/* Moves the longest axis to the end; the last of equals, since its strides are mostly the smallest. */
static void longest_last(Axis *axis, uint32_t n) {
    uint32_t longest = n - 1;
    for (uint32_t k = n - 1; k-- > 0;)
        if (axis[k].n > 4 * axis[longest].n) longest = k;
    Axis inner = axis[longest];
    memmove(&axis[longest], &axis[longest + 1], (n - 1 - longest) * sizeof *axis);
    axis[n - 1] = inner;
}

/* Advances to the next inner loop; false: that was the last. */
static bool advance(char **data, const Axis *axis, uint32_t nouter, int64_t *index, uint32_t nop) {
    for (uint32_t k = nouter; k-- > 0;) {
        bool carry = ++index[k] == axis[k].n;
        int64_t steps = carry ? 1 - axis[k].n : 1;
        for (uint32_t i = 0; i < nop; i++) data[i] += steps * axis[k].stride[i];
        if (!carry) return true;
        index[k] = 0;
    }
    return false;
}

int32_t naja_ufunc_run(const UfuncLoop *u, const int64_t *operands) {
    Operand op[UFUNC_MAX_OPERANDS] = {0};
    Axis axis[MAX_NDIM + 1];
    char *data[UFUNC_MAX_OPERANDS];
    int64_t extents[1 + UFUNC_MAX_CORE], strides[UFUNC_MAX_OPERANDS * 5], index[MAX_NDIM + 1] = {0},
                                                                                           unused[4];
    uint32_t nop = u->nin + u->nout, naxes = 0, nstrides = nop;
    read_operands(nop, operands, op);
    if (!core_extents(u, op, nop, extents + 1, unused)) return STATUS_OK; /* the shapes were checked before */
    if (!collect_axes(u, op, nop, axis, &naxes)) return STATUS_OK;
    naxes = merge_axes(axis, naxes, nop);
    if (naxes > 1) longest_last(axis, naxes);
    for (uint32_t i = 0; i < nop; i++) {
        data[i] = op[i].data;
        strides[i] = naxes ? axis[naxes - 1].stride[i] : 0;
        for (int32_t k = 0; k < u->core_ndim[i]; k++)
            strides[nstrides++] = op[i].stride[op[i].ndim - u->core_ndim[i] + k];
    }
    extents[0] = naxes ? axis[naxes - 1].n : 1;
    do {
        char *at[UFUNC_MAX_OPERANDS]; /* old loops advance the pointers they are given */
        memcpy(at, data, nop * sizeof *at);
        if (u->loop(u->context, at, extents, strides, u->auxdata) || naja_ufunc_failed)
            return STATUS_PYTHON_ERROR;
    } while (naxes && advance(data, axis, naxes - 1, index, nop));
    return STATUS_OK;
}

_Thread_local int naja_ufunc_failed;

/* ---- floating-point errors: how LAPACK wrappers say that a matrix is singular --------------------------------------- */

void naja_fp_clear(void) { feclearexcept(FE_ALL_EXCEPT); }
int64_t naja_fp_invalid(void) { return fetestexcept(FE_INVALID) != 0; }
