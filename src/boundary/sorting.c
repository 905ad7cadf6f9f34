/* sorting.c - NumPy's sort functions, for the runtime.
 *
 * They are members of each dtype's table of functions.  Those of numbers use no Python object, so that compiled code
 * calls them without the GIL (runtime/sort.c).
 */
#include "boundary/state.h"
#include "runtime/runtime.h"

/* ORDER DTYPE, then the half float and times. */
static const int type_number[SORT_KERNELS] = {
    NPY_BOOL,   NPY_INT8,    NPY_INT16,   NPY_INT32,     NPY_INT64,      NPY_UINT8, NPY_UINT16,   NPY_UINT32,
    NPY_UINT64, NPY_FLOAT32, NPY_FLOAT64, NPY_COMPLEX64, NPY_COMPLEX128, NPY_HALF,  NPY_DATETIME,
};

static int fill(SortKernel *out, PyArray_Descr *descr) {
    PyArray_ArrFuncs *functions = PyDataType_GetArrFuncs(descr);
    static const NPY_SORTKIND kind[2] = {NPY_QUICKSORT, NPY_STABLESORT};
    for (int stable = 0; stable < 2; stable++) {
        out->sort[stable] = (int (*)(void *, intptr_t, void *))functions->sort[kind[stable]];
        out->argsort[stable] = (int (*)(void *, int64_t *, intptr_t, void *))functions->argsort[kind[stable]];
        if (!out->sort[stable] || !out->argsort[stable])
            return PyErr_Format(PyExc_ImportError, "this NumPy has no sort function for %R", descr), -1;
    }
    return 0;
}

int sorting_start(PyObject *module) {
    for (size_t i = 0; i < ARRAY_LEN(type_number); i++) {
        PyArray_Descr *descr = PyArray_DescrFromType(type_number[i]);
        int result = descr ? fill(&sort_kernel[i], descr) : -1;
        Py_XDECREF(descr);
        if (result < 0) return -1;
    }
    return 0;
}
