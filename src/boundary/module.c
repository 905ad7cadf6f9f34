/* module.c - naja._core: what `import naja` loads.  Boundary, runtime, object loader, cache; no LLVM.
 *
 * The module has one state per process and lives in the main interpreter only, as NumPy does.  It does not need the
 * GIL.  Starting order: NumPy and names, types, then each file's own types and functions.
 */
#define NAJA_IMPORTS_NUMPY
#include "boundary/binding.h"
#include "boundary/bridge.h"
#include "boundary/specialisation.h"
#include "boundary/state.h"
#include "runtime/runtime.h"

State core;

static int fill_names(void) {
#define N(id, text) \
    if (!(core.name.id = PyUnicode_InternFromString(text))) return -1;
    NAMES(N)
#undef N
    return 0;
}

static int start_numpy(PyObject *module) {
    if (PyArray_ImportNumPyAPI() < 0) return -1;
    random_start(PyArray_API[0]);
    PyObject *numpy = PyImport_ImportModule("numpy");
    core.ufunc_type = numpy ? (PyTypeObject *)PyObject_GetAttrString(numpy, "ufunc") : NULL;
    Py_XDECREF(numpy);
    return core.ufunc_type ? fill_names() : -1;
}

PyObject *call_python(const char *module, const char *function, PyObject *steal_args) {
    PyObject *imported = steal_args ? PyImport_ImportModule(module) : NULL;
    PyObject *callable = imported ? PyObject_GetAttrString(imported, function) : NULL;
    PyObject *result = callable ? PyObject_CallObject(callable, steal_args) : NULL;
    Py_XDECREF(callable);
    Py_XDECREF(imported);
    Py_XDECREF(steal_args);
    return result;
}

/* ---- threads and the cache, for the Python surface ------------------------------------------------------------------------ */

static PyObject *get_num_threads(PyObject *m, PyObject *unused) {
    return PyLong_FromLongLong(naja_get_num_threads());
}
static PyObject *max_threads(PyObject *m, PyObject *unused) {
    return PyLong_FromLongLong(pool_max_threads());
}

static PyObject *set_num_threads(PyObject *m, PyObject *n) {
    long long value = PyLong_AsLongLong(n);
    if (value == -1 && PyErr_Occurred()) return NULL;
    if (naja_set_num_threads(value))
        return PyErr_Format(PyExc_ValueError, "The number of threads must be between 1 and %lld",
                            (long long)pool_max_threads());
    Py_RETURN_NONE;
}

static PyObject *get_chunksize(PyObject *m, PyObject *unused) {
    return PyLong_FromLongLong(naja_get_chunksize());
}
static PyObject *set_chunksize(PyObject *m, PyObject *n) {
    long long value = PyLong_AsLongLong(n);
    if (value == -1 && PyErr_Occurred()) return NULL;
    return PyLong_FromLongLong(naja_set_chunksize(value));
}

static PyObject *configure_threads(PyObject *m, PyObject *args) {
    long long n;
    const char *layer = NULL, *why = NULL;
    if (!PyArg_ParseTuple(args, "L|z:configure_threads", &n, &layer)) return NULL;
    pool_configure(n);
    if (layer && !pool_choose_layer(layer, &why))
        return PyErr_Format(PyExc_ValueError, "threading layer '%s': %s", layer, why);
    Py_RETURN_NONE;
}

static PyObject *threading_layer(PyObject *m, PyObject *unused) { return Py_BuildValue("z", pool_layer()); }
static PyObject *cache_directory_(PyObject *m, PyObject *unused) {
    return Py_BuildValue("z", cache_directory());
}

static PyObject *set_cache_directory(PyObject *m, PyObject *path) {
    const char *text = PyUnicode_Check(path) ? PyUnicode_AsUTF8(path) : NULL;
    if (!text) return PyErr_Occurred() ? NULL : PyErr_Format(PyExc_TypeError, "a path is a str");
    compile_lock();
    bool ok = cache_set_directory(text);
    compile_unlock();
    return PyBool_FromLong(ok);
}

static PyObject *cache_stats_(PyObject *m, PyObject *unused) {
    CacheStats stats = {0};
    cache_stats(&stats);
    return Py_BuildValue("{s:K,s:K}", "entries", (unsigned long long)stats.entries, "nbytes",
                         (unsigned long long)stats.nbytes);
}
static PyObject *cache_clear_(PyObject *m, PyObject *unused) { return PyBool_FromLong(cache_clear()); }
static PyObject *compiler_loaded(PyObject *m, PyObject *unused) {
    return PyBool_FromLong(compiler_is_loaded());
}

static PyObject *llvm_version(PyObject *m, PyObject *unused) {
    const CompilerApi *api = compiler_get();
    return api ? PyUnicode_FromString(api->llvm_version()) : NULL;
}

static PyObject *set_overload_hook(PyObject *m, PyObject *hook) {
    Py_XSETREF(core.overload_hook, Py_NewRef(hook));
    Py_RETURN_NONE;
}

/* Library functions that are units of their own: how many are loaded, and how many this process has compiled. */
static PyObject *imports(PyObject *m, PyObject *unused) {
    return Py_BuildValue("(II)", imports_count(), imports_compiled());
}

/* A function's fingerprint, for tests and for asking why something is not cached. */
static PyObject *fingerprint_(PyObject *m, PyObject *args) {
    PyObject *function, *types = NULL;
    if (!PyArg_ParseTuple(args, "O|O:fingerprint", &function, &types)) return NULL;
    UnitOptions options = {.boundscheck = true, .polls = true};
    if (is_dispatcher(function)) {
        options = *dispatcher_options(function);
        function = dispatcher_function_borrow(function);
    }
    const Type *type[255];
    uint32_t n = types ? ARRAY_LEN(type) : 0;
    Fingerprint print;
    if (!PyFunction_Check(function))
        return PyErr_Format(PyExc_TypeError, "expected a function, got %R", function);
    if ((types && types_from_sequence(types, type, &n) < 0) ||
        fingerprint(function, n, type, NULL, &options, &print) < 0)
        return NULL;
    char text[33];
    snprintf(text, sizeof text, "%016llx%016llx", (unsigned long long)print.key.hi,
             (unsigned long long)print.key.lo);
    return Py_BuildValue("(zzN)", print.cacheable ? text : NULL, print.why_not, print.objects);
}

static PyMethodDef methods[] = {
    {"get_num_threads", get_num_threads, METH_NOARGS,
     "get_num_threads()\n--\n\nThreads that loops of this thread may use."},
    {"set_num_threads", set_num_threads, METH_O,
     "set_num_threads(n)\n--\n\nLimit the threads of loops of this thread."},
    {"get_chunksize", get_chunksize, METH_NOARGS,
     "get_chunksize()\n--\n\nIterations a thread takes at a time; 0: the pool chooses."},
    {"set_chunksize", set_chunksize, METH_O,
     "set_chunksize(n)\n--\n\nSet it; n is not negative.  Returns the one before."},
    {"max_threads", max_threads, METH_NOARGS, "max_threads()\n--\n\nThreads that there are."},
    {"configure_threads", configure_threads, METH_VARARGS,
     "configure_threads(n, layer=None)\n--\n\nBefore the first parallel loop."},
    {"threading_layer", threading_layer, METH_NOARGS,
     "threading_layer()\n--\n\n'native', 'omp', or None before the first parallel loop."},
    {"set_cache_directory", set_cache_directory, METH_O,
     "set_cache_directory(path)\n--\n\nKeep compiled code there from now on; False: that cannot be written."},
    {"cache_directory", cache_directory_, METH_NOARGS,
     "cache_directory()\n--\n\nWhere compiled code is kept, or None."},
    {"cache_stats", cache_stats_, METH_NOARGS, "cache_stats()\n--\n\nNumber of entries and bytes."},
    {"cache_clear", cache_clear_, METH_NOARGS, "cache_clear()\n--\n\nRemove all entries."},
    {"compiler_is_loaded", compiler_loaded, METH_NOARGS,
     "compiler_is_loaded()\n--\n\nWhether LLVM is in the process."},
    {"llvm_version", llvm_version, METH_NOARGS, "llvm_version()\n--\n\nVersion of LLVM; loads the compiler."},
    {"set_overload_hook", set_overload_hook, METH_O,
     "set_overload_hook(hook)\n--\n\nWhat finds implementations written in Python."},
    {"type_accepts", type_accepts, METH_VARARGS,
     "type_accepts(type, object)\n--\n\nWhether compiled code takes the object as a value of the type."},
    {"imports", imports, METH_NOARGS,
     "imports()\n--\n\nLibrary functions that are units of their own: (loaded, compiled in this process)."},
    {"fingerprint", fingerprint_, METH_VARARGS,
     "fingerprint(function, types=())\n--\n\nKey of the cache or None, why there is none, and the objects met."},
    {0},
};

static int start(PyObject *module) {
    if (core.type_type) {
        PyErr_SetString(PyExc_ImportError, "naja._core can be loaded once per process only");
        return -1;
    }
    int (*const steps[])(PyObject *) = {start_numpy,      sorting_start,   load_start,      pytypes_start,
                                        box_start,        generator_start, closure_start,   binding_start,
                                        dispatcher_start, typed_start,     instances_start, vectorize_start,
                                        extension_start};
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        if (steps[i](module) < 0) return -1;
    texts_start();
    lists_start();
    errors_start();
    bridge_start();
    imports_start();
    if (specialisation_start() < 0 || signals_start() < 0) return -1;
    if (PyModule_AddFunctions(module, functions_methods) < 0 ||
        PyModule_AddFunctions(module, usertypes_methods) < 0 || usertypes_start() < 0 ||
        PyModule_AddIntConstant(module, "BLOCK_HEADER_NBYTES", sizeof(MemoryBlock)) < 0 ||
        PyModule_AddFunctions(module, ufuncs_methods) < 0 ||
        PyModule_AddFunctions(module, vectorize_methods) < 0 ||
        PyModule_AddFunctions(module, storage_methods) < 0)
        return -1;
    return PyModule_AddFunctions(module, typemake_methods);
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, start},
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED},
#endif
#if PY_VERSION_HEX >= 0x030D0000
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};
static PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "naja._core",
                                 .m_doc = "The core of naja: dispatching, boxing, loading.",
                                 .m_methods = methods, .m_slots = slots};

PyMODINIT_FUNC PyInit__core(void) { return PyModuleDef_Init(&definition); }
