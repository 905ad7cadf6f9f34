/* ufuncs.c - the inner loops of NumPy's ufuncs, for compiled code (rung 3).
 *
 * naja/ufuncs.py asks NumPy which loop serves which types and gives it a name; here the name meets the compiler
 * (ufunc_loop_symbol) and the loader (ufunc_loop_address), and NumPy's capsule becomes a UfuncLoop.  Symbols and loops
 * live as long as the process: compiled code refers to them.
 */
#include "boundary/state.h"
#include "runtime/runtime.h"

/* The layout that numpy.ufunc._get_strided_loop documents for capsules of this name. */
#define CAPSULE_NAME "numpy_1.24_ufunc_call_info"
typedef struct {
    UfuncInnerLoop strided_loop;
    void *context, *auxdata;
    npy_bool requires_pyapi, no_floatingpoint_errors;
} LoopInfo;

const char *ufunc_loop_symbol(PyObject *ufunc, uint32_t nargs, const Type *const *args, bool *lasting) {
    static PyObject *kept; /* dict: the symbols handed out */
    PyObject *types = type_tuple_object(nargs, args);
    PyObject *given = types ? Py_BuildValue("(ON)", ufunc, types) : NULL; /* N: takes the reference */
    PyObject *found = call_python("naja.ufuncs", "loop_symbol", given);
    if (!found) return NULL;
    PyObject *symbol = PyTuple_GetItem(found, 0), *is_lasting = PyTuple_GetItem(found, 1);
    const char *text = NULL;
    if (symbol && is_lasting && (kept || (kept = PyDict_New())) &&
        (symbol = PyDict_SetDefault(kept, symbol, symbol))) {
        text = PyUnicode_AsUTF8(symbol);
        *lasting = is_lasting == Py_True;
    }
    Py_DECREF(found);
    return text;
}

void *ufunc_loop_address(const char *symbol) {
    PyObject *address = call_python("naja.ufuncs", "loop_address", Py_BuildValue("(s)", symbol));
    void *p = address ? PyLong_AsVoidPtr(address) : NULL;
    Py_XDECREF(address);
    if (PyErr_Occurred()) PyErr_Clear(); /* the loader says that the symbol is missing */
    return p;
}

/* ---- _core.ufunc_loop(capsule, nin, nout, core, fixed) ------------------------------------------------------------------- */

/* Numbers of the core dimensions of every operand: a tuple of tuples. */
static int read_core(UfuncLoop *u, PyObject *core) {
    int32_t n = 0;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(core); i++) {
        PyObject *dims = PyTuple_GET_ITEM(core, i);
        u->core_begin[i] = n;
        u->core_ndim[i] = (int32_t)PyTuple_Size(dims);
        for (Py_ssize_t k = 0; k < u->core_ndim[i]; k++, n++) {
            long d = PyLong_AsLong(PyTuple_GET_ITEM(dims, k));
            if (d < 0 || d >= UFUNC_MAX_CORE || n >= UFUNC_MAX_OPERANDS * 4) {
                PyErr_SetString(PyExc_ValueError, "a ufunc with too many core dimensions");
                return -1;
            }
            u->core[n] = (int32_t)d;
        }
    }
    return PyErr_Occurred() ? -1 : 0;
}

static PyObject *ufunc_loop(PyObject *m, PyObject *args) {
    PyObject *capsule, *core_dims, *fixed;
    unsigned nin, nout;
    if (!PyArg_ParseTuple(args, "OIIO!O!:ufunc_loop", &capsule, &nin, &nout, &PyTuple_Type, &core_dims,
                          &PyTuple_Type, &fixed))
        return NULL;
    const LoopInfo *info = PyCapsule_GetPointer(capsule, CAPSULE_NAME);
    if (!info) return NULL;
    if (info->requires_pyapi || nin + nout > UFUNC_MAX_OPERANDS || PyTuple_GET_SIZE(fixed) > UFUNC_MAX_CORE ||
        PyTuple_GET_SIZE(core_dims) != (Py_ssize_t)(nin + nout))
        return PyErr_Format(PyExc_TypeError, "this ufunc's loop needs the interpreter");
    UfuncLoop *u = PyMem_RawCalloc(1, sizeof *u);
    if (!u) return PyErr_NoMemory();
    *u = (UfuncLoop){.loop = info->strided_loop,
                     .context = info->context,
                     .auxdata = info->auxdata,
                     .nin = nin,
                     .nout = nout,
                     .ncore = (uint32_t)PyTuple_GET_SIZE(fixed)};
    for (uint32_t i = 0; i < UFUNC_MAX_CORE; i++)
        u->fixed[i] = i < u->ncore ? PyLong_AsLongLong(PyTuple_GET_ITEM(fixed, i)) : -1;
    if (read_core(u, core_dims) < 0) {
        PyMem_RawFree(u);
        return NULL;
    }
    u->keep = Py_NewRef(capsule);
    return PyLong_FromVoidPtr(u);
}

PyMethodDef ufuncs_methods[] = {
    {"ufunc_loop", ufunc_loop, METH_VARARGS,
     "ufunc_loop(capsule, nin, nout, core, fixed)\n--\n\nAddress of the description of a ufunc's inner loop."},
    {0},
};
