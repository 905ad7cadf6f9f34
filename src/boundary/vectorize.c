/* vectorize.c - NumPy ufuncs whose inner loops are compiled by naja.
 *
 * naja/dufunc.py compiles one kernel per loop, kernel(args, dimensions, steps) with the three addresses that NumPy
 * gives an inner loop.  Here such kernels become a numpy.ufunc: `run_loop` is the inner loop of all of them, and its
 * data is a Loop.
 *
 * Errors.  NumPy looks for no exception behind such a loop, which runs with or without the GIL; so the exception is
 * kept in `pending`, of this thread, and ufunc_call() or the bridge from compiled code raises it.  A failing
 * elementwise loop is done again one element at a time: all elements that can be computed are, as NumPy's own loops do.
 *
 * A Loop without a kernel is object mode: a Python callable gets the three addresses, under the GIL.
 */
#include "boundary/specialisation.h"
#include "boundary/state.h"
#include "runtime/runtime.h"

#include <numpy/ufuncobject.h>
#include <structmember.h>

typedef int32_t (*Kernel)(Context *, Slot *, int64_t args, int64_t dimensions, int64_t steps);

typedef struct {
    Specialisation *spec; /* NULL: object mode */
    Kernel kernel;
    PyObject *callback; /* borrowed from Family.keep */
    uint32_t nin, nargs;
    bool elementwise;
} Loop;

/* All loops of one ufunc, and what they need; lives as long as the ufunc. */
typedef struct {
    PyObject *keep;
    char *name, *doc, *signature, *types;
    PyUFuncGenericFunction *function;
    void **data;
    Loop *loop;
} Family;

static _Thread_local PyObject *pending; /* the exception of a loop that failed */

/* ---- running -------------------------------------------------------------------------------------------------------------- */

static PyObject *take_error(void) {
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback && value) PyException_SetTraceback(value, traceback);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
    return value;
}

static void give_error(PyObject *steal) {
    PyObject *traceback = PyException_GetTraceback(steal);
    PyErr_Restore(Py_NewRef(Py_TYPE(steal)), steal, traceback);
}

/* The first error counts. */
static void keep_error(void) {
    PyObject *error = take_error();
    naja_ufunc_failed = 1;
    if (pending) Py_XDECREF(error);
    else pending = error;
}

void vectorize_raise_pending(void) {
    PyObject *error = pending;
    pending = NULL;
    naja_ufunc_failed = 0;
    if (error) give_error(error);
}

static int32_t run_kernel(const Loop *l, char **args, const npy_intp *dimensions, const npy_intp *steps,
                          Context *context) {
    Slot result[4];
    *context = (Context){.spec = l->spec, .stack_limit = naja_stack_limit()};
    return l->kernel(context, result, (int64_t)(intptr_t)args, (int64_t)(intptr_t)dimensions,
                     (int64_t)(intptr_t)steps);
}

static void run_python(const Loop *l, char **args, const npy_intp *dimensions, const npy_intp *steps) {
    PyGILState_STATE gil = gil_take();
    PyObject *result = PyObject_CallFunction(l->callback, "KKK", (unsigned long long)(uintptr_t)args,
                                             (unsigned long long)(uintptr_t)dimensions,
                                             (unsigned long long)(uintptr_t)steps);
    if (!result) keep_error();
    Py_XDECREF(result);
    PyGILState_Release(gil);
}

/* Some output lies where an input does: an element may have lost its operands. */
static bool is_in_place(const Loop *l, char **args, npy_intp n, const npy_intp *steps) {
    for (uint32_t o = l->nin; o < l->nargs; o++)
        for (uint32_t i = 0; i < l->nin; i++) {
            char *x = args[o], *y = args[i], *x_end = x + (n - 1) * steps[o], *y_end = y + (n - 1) * steps[i];
            char *x_low = x < x_end ? x : x_end, *y_low = y < y_end ? y : y_end;
            char *x_high = x < x_end ? x_end : x, *y_high = y < y_end ? y_end : y;
            if (x_low <= y_high && y_low <= x_high) return true;
        }
    return false;
}

static void run_each(const Loop *l, char **args, npy_intp n, const npy_intp *steps) {
    static const npy_intp one = 1;
    Context context;
    char *at[NPY_MAXARGS];
    memcpy(at, args, l->nargs * sizeof *at);
    for (npy_intp k = 0; k < n; k++) {
        run_kernel(l, at, &one, steps, &context); /* which elements fail was found before */
        for (uint32_t i = 0; i < l->nargs; i++) at[i] += steps[i];
    }
}

static void run_loop(char **args, npy_intp const *dimensions, npy_intp const *steps, void *data) {
    const Loop *l = data;
    if (!l->spec) {
        run_python(l, args, dimensions, steps);
        return;
    }
    Context context;
    int32_t status = run_kernel(l, args, dimensions, steps, &context);
    if (!status) return;
    PyGILState_STATE gil = gil_take();
    PyObject *none[3] = {Py_None, Py_None, Py_None};
    naja_fail(l->spec, (void *const *)none, &context, status);
    keep_error();
    PyGILState_Release(gil);
    if (l->elementwise && dimensions[0] > 1 && !is_in_place(l, args, dimensions[0], steps))
        run_each(l, args, dimensions[0], steps);
}

/* Calls, and raises what a loop has left behind. */
static PyObject *call_and_raise(PyObject *callable, PyObject *args, PyObject *kwargs) {
    PyObject *outer = pending;
    pending = NULL;
    PyObject *result = PyObject_Call(callable, args, kwargs);
    PyObject *error = pending;
    pending = outer;
    naja_ufunc_failed = outer != NULL;
    if (!error) return result;
    Py_XDECREF(result);
    PyErr_Clear();
    give_error(error);
    return NULL;
}

/* ufunc_call(callable, args, kwargs) */
static PyObject *ufunc_call(PyObject *m, PyObject *const *args, Py_ssize_t n) {
    if (n != 3 || !PyTuple_Check(args[1]) || !PyDict_Check(args[2]))
        return PyErr_Format(PyExc_TypeError, "ufunc_call(callable, args, kwargs)");
    return call_and_raise(args[0], args[1], PyDict_GET_SIZE(args[2]) ? args[2] : NULL);
}

/* ---- the base of naja.dufunc's objects ------------------------------------------------------------------------------------ */

/* Its call goes to the ufunc at once when the operands are plain; types that no loop serves, and all else, are
 * `_call_slowly`'s.  Python code in between would double the time of a call on few elements. */
typedef struct {
    PyObject_HEAD
    PyObject *made; /* the numpy.ufunc of the loops so far; NULL or None: there are none */
    char direct;    /* calls may take a loop that their operands are cast for */
} Caller;

static bool is_plain(PyObject *o) {
    return PyArray_CheckExact(o) || PyFloat_CheckExact(o) || PyLong_CheckExact(o);
}

static bool are_plain(PyObject *args) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args); i++)
        if (!is_plain(PyTuple_GET_ITEM(args, i))) return false;
    return true;
}

static PyObject *caller_call(PyObject *self, PyObject *args, PyObject *kwargs) {
    PyObject *made = Py_XNewRef(((Caller *)self)->made);
    if (((Caller *)self)->direct && made && made != Py_None && !kwargs && are_plain(args)) {
        PyObject *result = call_and_raise(made, args, NULL);
        if (result || !PyErr_ExceptionMatches(PyExc_TypeError)) return Py_DECREF(made), result;
        PyErr_Clear();
    }
    Py_XDECREF(made);
    PyObject *slowly = PyObject_GetAttrString(self, "_call_slowly");
    PyObject *result = slowly ? PyObject_Call(slowly, args, kwargs) : NULL;
    Py_XDECREF(slowly);
    return result;
}

static void caller_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(((Caller *)self)->made);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMemberDef caller_members[] = {
    {"_made", T_OBJECT, offsetof(Caller, made), 0, "the numpy.ufunc of the loops so far, or None"},
    {"_direct", T_BOOL, offsetof(Caller, direct), 0, "whether plain calls go to it at once"},
    {0},
};
static PyType_Slot caller_slots[] = {
    {Py_tp_doc, "What calls the numpy.ufunc of an object of naja.dufunc."},
    {Py_tp_call, caller_call},
    {Py_tp_dealloc, caller_dealloc},
    {Py_tp_members, caller_members},
    {0, NULL},
};
static PyType_Spec caller_spec = {"naja._core.UfuncCaller", sizeof(Caller), 0,
                                  Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, caller_slots};

int vectorize_start(PyObject *module) {
    PyObject *type = PyType_FromModuleAndSpec(module, &caller_spec, NULL);
    int status = type ? PyModule_AddObjectRef(module, "UfuncCaller", type) : -1;
    Py_XDECREF(type);
    return status;
}

/* ---- making --------------------------------------------------------------------------------------------------------------- */

static void family_free(Family *f) {
    Py_XDECREF(f->keep);
    PyMem_RawFree(f->name);
    PyMem_RawFree(f->doc);
    PyMem_RawFree(f->signature);
    PyMem_RawFree(f->types);
    PyMem_RawFree(f->function);
    PyMem_RawFree(f->data);
    PyMem_RawFree(f->loop);
    PyMem_RawFree(f);
}

static void free_capsule(PyObject *capsule) { family_free(PyCapsule_GetPointer(capsule, NULL)); }

static char *copy(const char *text) {
    size_t n = text ? strlen(text) + 1 : 0;
    char *at = text ? PyMem_RawMalloc(n) : NULL;
    if (at) memcpy(at, text, n);
    return at;
}

static Family *family_new(Py_ssize_t ntypes, uint32_t nargs, const char *name, const char *doc,
                          const char *signature) {
    Family *f = PyMem_RawCalloc(1, sizeof *f);
    size_t n = (size_t)ntypes;
    if (!f) return NULL;
    f->name = copy(name);
    f->doc = copy(doc ? doc : "");
    f->signature = copy(signature);
    f->types = PyMem_RawCalloc(n * nargs + 1, 1);
    f->function = PyMem_RawCalloc(n + 1, sizeof *f->function);
    f->data = PyMem_RawCalloc(n + 1, sizeof *f->data);
    f->loop = PyMem_RawCalloc(n + 1, sizeof *f->loop);
    if (f->name && f->doc && (f->signature || !signature) && f->types && f->function && f->data && f->loop)
        return f;
    family_free(f);
    return NULL;
}

/* loops[k] is (type numbers, Overload or callable). */
static int read_loop(Family *f, Py_ssize_t k, PyObject *item, uint32_t nin, uint32_t nargs) {
    PyObject *types, *code;
    if (!PyArg_ParseTuple(item, "O!O", &PyTuple_Type, &types, &code)) return -1;
    if (PyTuple_GET_SIZE(types) != (Py_ssize_t)nargs)
        return PyErr_SetString(PyExc_ValueError, "a type per operand is needed"), -1;
    for (uint32_t i = 0; i < nargs; i++)
        f->types[(size_t)k * nargs + i] = (char)PyLong_AsLong(PyTuple_GET_ITEM(types, i));
    Loop *l = &f->loop[k];
    *l = (Loop){.callback = code, .nin = nin, .nargs = nargs, .elementwise = !f->signature};
    if (PyObject_TypeCheck(code, core.overload_type)) {
        l->spec = overload_specialisation(code);
        memcpy(&l->kernel, &l->spec->native, sizeof l->kernel);
    }
    f->function[k] = run_loop;
    f->data[k] = l;
    return PyErr_Occurred() ? -1 : 0;
}

static PyObject *ufunc_make(PyObject *m, PyObject *args) {
    const char *name, *doc, *signature;
    PyObject *loops, *writable;
    int nin, nout, identity;
    if (!PyArg_ParseTuple(args, "szO!iiizO!:ufunc_make", &name, &doc, &PyTuple_Type, &loops, &nin, &nout,
                          &identity, &signature, &PyTuple_Type, &writable))
        return NULL;
    if (!PyUFunc_API && _import_umath() < 0) return NULL;
    if (nin < 0 || nout < 0 || nin + nout < 1 || nin + nout > NPY_MAXARGS)
        return PyErr_Format(PyExc_ValueError, "a ufunc has 1 to %d operands, not %d", NPY_MAXARGS,
                            nin + nout);
    uint32_t nargs = (uint32_t)(nin + nout);
    Py_ssize_t n = PyTuple_GET_SIZE(loops);
    Family *f = family_new(n, nargs, name, doc, signature);
    if (!f) return PyErr_NoMemory();
    f->keep = Py_NewRef(loops);
    for (Py_ssize_t k = 0; k < n; k++)
        if (read_loop(f, k, PyTuple_GET_ITEM(loops, k), (uint32_t)nin, nargs) < 0)
            return family_free(f), NULL;
    PyObject *capsule = PyCapsule_New(f, NULL, free_capsule);
    if (!capsule) return family_free(f), NULL;
    PyObject *ufunc = PyUFunc_FromFuncAndDataAndSignatureAndIdentity(
        f->function, f->data, f->types, (int)n, nin, nout, identity, f->name, f->doc, 0, f->signature, NULL);
    if (!ufunc) return Py_DECREF(capsule), NULL;
    ((PyUFuncObject *)ufunc)->obj = capsule; /* given up with the ufunc */
    /* A function that gets a whole sub-array may write to some of its elements only, also where NumPy hands it a
     * converted copy: the others keep their values. */
    for (int i = nin; signature && i < nin + nout; i++)
        ((PyUFuncObject *)ufunc)->op_flags[i] = NPY_ITER_READWRITE | NPY_ITER_UPDATEIFCOPY |
                                                NPY_ITER_ALLOCATE | NPY_ITER_NO_BROADCAST |
                                                NPY_ITER_NO_SUBTYPE;
    for (Py_ssize_t k = 0; k < PyTuple_GET_SIZE(writable); k++) {
        long i = PyLong_AsLong(PyTuple_GET_ITEM(writable, k));
        if (i >= 0 && i < nin)
            ((PyUFuncObject *)ufunc)->op_flags[i] = NPY_ITER_READWRITE | NPY_ITER_UPDATEIFCOPY;
    }
    return ufunc;
}

PyMethodDef vectorize_methods[] = {
    {"ufunc_make", ufunc_make, METH_VARARGS,
     "ufunc_make(name, doc, loops, nin, nout, identity, signature, writable)\n--\n\nA numpy.ufunc of compiled "
     "loops."},
    {"ufunc_call", (PyCFunction)(void (*)(void))ufunc_call, METH_FASTCALL,
     "ufunc_call(callable, args, kwargs)\n--\n\nCall, and raise the error of a compiled loop."},
    {0},
};
