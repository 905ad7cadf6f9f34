/* exporters.c - arguments that lend an array: objects with __array_interface__, __dlpack__ or __array__, such as a
 * Series of pandas, a tensor of PyTorch on the CPU, an array of pyarrow.
 *
 * Compiled code reads ndarrays.  Such an argument is replaced by the array that it lends, before the call, which holds
 * that array until it ends; nothing is copied unless the object can only give a copy (pyarrow's with missing values).
 * What comes back is an array, also where a function returns its argument.
 *
 * Classes are remembered once they have lent an array, so that the next call need not fail first.  A remembered class is
 * kept alive; there are few, and when the table is full the others go the longer way.
 */
#include "boundary/exporters.h"

enum { KNOWN = 16 };
static PyTypeObject *_Atomic known[KNOWN];

static bool is_known(PyTypeObject *cls) {
    for (uint32_t i = 0; i < KNOWN; i++) {
        PyTypeObject *k = atomic_load_explicit(&known[i], memory_order_acquire);
        if (!k || k == cls) return k != NULL;
    }
    return false;
}

static bool is_known_lender(PyObject *o) { return is_known(Py_TYPE(o)); }

/* Is it such an object, or a tuple (of *args, mostly) with one in it? */
static bool any(PyObject *o, bool (*test)(PyObject *)) {
    if (!PyTuple_CheckExact(o)) return test(o);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(o); i++)
        if (any(PyTuple_GET_ITEM(o, i), test)) return true;
    return false;
}

bool exporters_among(PyObject *const *args, uint32_t nargs) {
    if (!atomic_load_explicit(&known[0], memory_order_acquire)) return false;
    for (uint32_t i = 0; i < nargs; i++)
        if (any(args[i], is_known_lender)) return true;
    return false;
}

/* A class may be in the table twice after two threads learnt it at once; that does no harm. */
static void remember(PyTypeObject *cls) {
    for (uint32_t i = 0; i < KNOWN && !is_known(cls); i++) {
        PyTypeObject *none = NULL;
        if (atomic_compare_exchange_strong(&known[i], &none, cls)) Py_INCREF(cls);
    }
}

/* Attributes of the class: an instance that makes up attributes (a mock) is no exporter. */
static bool has(PyObject *o, const char *name) {
    return PyObject_HasAttrString((PyObject *)Py_TYPE(o), name);
}

static bool exports(PyObject *o) {
    return !PyType_Check(o) && !PyArray_Check(o) && !PyArray_IsScalar(o, Generic) &&
           (has(o, "__array_interface__") || has(o, "__array_struct__") || has(o, "__dlpack__") ||
            has(o, "__array__"));
}

static PyObject *from_dlpack(PyObject *o) {
    PyObject *numpy = PyImport_ImportModule("numpy");
    PyObject *array = numpy ? PyObject_CallMethod(numpy, "from_dlpack", "O", o) : NULL;
    Py_XDECREF(numpy);
    return array;
}

PyObject *exporter_array(PyObject *o) {
    bool by_memory = has(o, "__array_interface__") || has(o, "__array_struct__"),
         by_array = has(o, "__array__");
    if (!by_memory && has(o, "__dlpack__")) {
        PyObject *array = from_dlpack(o);
        if (array || !by_array) return array;
        PyErr_Clear(); /* missing values, gradients, another device: __array__ knows what to do or says why not */
    }
    return PyArray_FromAny(o, NULL, 0, 0, 0, NULL);
}

/* Only what has no type of its own is asked for an array. */
static bool lends(PyObject *o) {
    if (is_known(Py_TYPE(o))) return true;
    bool has_type = typeof_argument(o) != NULL;
    PyErr_Clear();
    return !has_type && exports(o);
}

/* A test that finds nothing to stop at, for its effect. */
static bool learn(PyObject *o) {
    if (lends(o)) remember(Py_TYPE(o));
    return false;
}

bool exporters_learn(PyObject *const *args, uint32_t nargs) {
    PyObject *error = exception_take();
    bool found = false;
    for (uint32_t i = 0; i < nargs; i++) {
        found |= any(args[i], lends);
        any(args[i], learn);
    }
    if (found) Py_DECREF(error);
    else exception_restore(error);
    return found;
}

/* What compiled code gets in place of an argument: the array, a tuple with arrays, itself.  New reference. */
static PyObject *replacement(PyObject *o) {
    if (!any(o, lends)) return Py_NewRef(o);
    if (!PyTuple_CheckExact(o)) return exporter_array(o);
    PyObject *made = PyTuple_New(PyTuple_GET_SIZE(o));
    for (Py_ssize_t i = 0; made && i < PyTuple_GET_SIZE(o); i++) {
        PyObject *item = replacement(PyTuple_GET_ITEM(o, i));
        if (!item || PyTuple_SetItem(made, i, item) < 0) Py_CLEAR(made);
    }
    return made;
}

uint32_t exporters_replace(PyObject **args, uint32_t nargs, PyObject **kept) {
    uint32_t n = 0;
    for (; n < nargs; n++) {
        PyObject *o = replacement(args[n]);
        if (!o) break;
        args[n] = kept[n] = o;
    }
    return n;
}
