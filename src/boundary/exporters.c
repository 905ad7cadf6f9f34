/* exporters.c - arguments in whose place compiled code gets something else: objects that lend an array, and containers of
 * `collections`.
 *
 * A lender has __array_interface__, __dlpack__ or __array__, such as a Series of pandas, a tensor of PyTorch on the CPU, an
 * array of pyarrow.
 * Compiled code reads ndarrays.  Such an argument is replaced by the array that it lends, before the call, which holds
 * that array until it ends; nothing is copied unless the object can only give a copy (pyarrow's with missing values).
 * What comes back is an array, also where a function returns its argument.
 *
 * A deque, Counter, defaultdict or OrderedDict is replaced by the dataclass that has its methods in compiled code
 * (naja/library/containers.py), and changed behind the call, also one that raises, to what that has become.
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

/* A deque, Counter, defaultdict or OrderedDict, but no instance of a class derived from one. */
static bool is_collection(PyObject *o) {
    static const char *const name[] = {"deque", "Counter", "defaultdict", "OrderedDict"};
    PyObject *module = PyImport_ImportModule("collections");
    bool found = false;
    for (uint32_t i = 0; module && i < ARRAY_LEN(name) && !found; i++) {
        PyObject *cls = PyObject_GetAttrString(module, name[i]);
        found = (PyObject *)Py_TYPE(o) == cls;
        Py_XDECREF(cls);
    }
    Py_XDECREF(module);
    PyErr_Clear();
    return found;
}

/* containers.take_in(o), containers.give_back(o, taken) */
static PyObject *ask_containers(const char *function, PyObject *o, PyObject *taken) {
    PyObject *module = PyImport_ImportModule("naja.library.containers");
    PyObject *answer = module ? PyObject_CallMethod(module, function, taken ? "OO" : "O", o, taken) : NULL;
    Py_XDECREF(module);
    return answer;
}

/* What was given in place of a collection goes back into it; `o` may be a tuple of arguments. */
static int give_back(PyObject *o, PyObject *taken) {
    if (o == taken) return 0;
    if (PyTuple_CheckExact(o) && PyTuple_CheckExact(taken)) {
        int status = 0;
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(o); i++)
            if (give_back(PyTuple_GET_ITEM(o, i), PyTuple_GET_ITEM(taken, i)) < 0) status = -1;
        return status;
    }
    if (!is_collection(o)) return 0;
    PyObject *none = ask_containers("give_back", o, taken);
    Py_XDECREF(none);
    return none ? 0 : -1;
}

int exporters_give_back(PyObject *const *args, PyObject *const *kept, uint32_t nargs) {
    PyObject *error = exception_take();
    int status = 0;
    for (uint32_t i = 0; i < nargs; i++)
        if (give_back(args[i], kept[i]) < 0) status = -1;
    if (!error) return status;
    PyErr_Clear();
    exception_restore(error);
    return -1;
}

static PyObject *from_dlpack(PyObject *o) {
    PyObject *numpy = PyImport_ImportModule("numpy");
    PyObject *array = numpy ? PyObject_CallMethod(numpy, "from_dlpack", "O", o) : NULL;
    Py_XDECREF(numpy);
    return array;
}

PyObject *exporter_array(PyObject *o) {
    if (is_collection(o)) return ask_containers("take_in", o, NULL);
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
    return !has_type && (exports(o) || is_collection(o));
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

/* What stands for a collection, one for all places where it is passed: `memo` is a dict by address.  New reference. */
static PyObject *collection_once(PyObject *o, PyObject *memo) {
    PyObject *key = PyLong_FromVoidPtr(o), *made = key ? PyDict_GetItemWithError(memo, key) : NULL;
    Py_XINCREF(made);
    if (key && !made && !PyErr_Occurred()) {
        made = exporter_array(o);
        if (made && PyDict_SetItem(memo, key, made) < 0) Py_CLEAR(made);
    }
    Py_XDECREF(key);
    return made;
}

/* What compiled code gets in place of an argument: the array or stand-in, a tuple with some, itself.  New reference. */
static PyObject *replacement(PyObject *o, PyObject *memo) {
    if (!any(o, lends)) return Py_NewRef(o);
    if (!PyTuple_CheckExact(o)) return is_collection(o) ? collection_once(o, memo) : exporter_array(o);
    PyObject *made = PyTuple_New(PyTuple_GET_SIZE(o));
    for (Py_ssize_t i = 0; made && i < PyTuple_GET_SIZE(o); i++) {
        PyObject *item = replacement(PyTuple_GET_ITEM(o, i), memo);
        if (!item || PyTuple_SetItem(made, i, item) < 0) Py_CLEAR(made);
    }
    return made;
}

uint32_t exporters_replace(PyObject **args, uint32_t nargs, PyObject **kept) {
    PyObject *memo = PyDict_New();
    uint32_t n = 0;
    for (; memo && n < nargs; n++) {
        PyObject *o = replacement(args[n], memo);
        if (!o) break;
        args[n] = kept[n] = o;
    }
    Py_XDECREF(memo);
    return n;
}
