/* extension.c - modules that are compiled ahead of time: naja/pycc.py makes them, naja/extensions.py fills them.
 *
 * Such a module is a shared object that contains a *bundle*: unit images, and what they need of Python as bytes.  Its
 * PyInit function, which is compiled without any header, finds the table below and passes the bundle on:
 *
 *   1. `initialise` makes a definition for the import system (several phases, no GIL).
 *   2. Executing the module gives the bundle to naja.extensions.fill, which says what is wrong with it, or makes
 *      dispatchers of the functions and puts their versions in.
 *
 * An image names Python objects by their places in a list.  For another process only those that it does name count; the
 * other places become None.  Library functions that the code calls travel along, callees first.
 */
#include "boundary/dispatcher.h"

/* ---- taking a version out of this process ------------------------------------------------------------------------- */

/* Appends (key, image) of everything that a unit calls; `seen`: a set of keys. */
static int add_imports(PyObject *list, PyObject *seen, const Specialisation *unit) {
    for (uint32_t i = 0; i < unit->nimports; i++) {
        const Specialisation *callee = import_unit(unit->import[i]);
        PyObject *key = PyBytes_FromStringAndSize((const char *)&unit->import_key[i], sizeof(CacheKey));
        int known = key ? PySet_Contains(seen, key) : -1, status = known < 0 ? -1 : 0;
        if (known == 0 && PySet_Add(seen, key) == 0 && (status = add_imports(list, seen, callee)) == 0) {
            PyObject *pair = Py_BuildValue("(Oy#)", key, callee->image, (Py_ssize_t)callee->image_nbytes);
            if (pair) image_forget_times((uint8_t *)PyBytes_AS_STRING(PyTuple_GET_ITEM(pair, 1)));
            status = pair ? PyList_Append(list, pair) : -1;
            Py_XDECREF(pair);
        }
        Py_XDECREF(key);
        if (status < 0 || PyErr_Occurred()) return -1;
    }
    return 0;
}

static bool is_kept(const Specialisation *s, PyObject *o) {
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(s->keep); i++)
        if (PyList_GET_ITEM(s->keep, i) == o) return true;
    return false;
}

/* Python code runs with the globals of the function that it is a part of. */
static bool runs_python(const Specialisation *s) {
    for (uint32_t i = 0; i < s->nown_sites; i++)
        if (s->site[i].builtin && !strcmp(s->site[i].builtin, "objmode")) return true;
    return false;
}

/* Is it called, rather than just the function whose globals a traceback shows? */
static bool is_called(const Specialisation *s, PyObject *function) {
    for (uint32_t i = 0; i < s->nown_sites; i++)
        if (s->site[i].cls == function) return true;
    for (uint32_t i = 0; i < s->nfunctions; i++)
        if (s->function[i].object == function) return true;
    return runs_python(s);
}

/* The list with None for what the image does not name, and for functions that do nothing. */
static PyObject *objects_in_use(const Specialisation *s, PyObject *objects) {
    PyObject *list = PyList_New(PyList_GET_SIZE(objects));
    for (Py_ssize_t i = 0; list && i < PyList_GET_SIZE(objects); i++) {
        PyObject *o = PyList_GET_ITEM(objects, i);
        bool used = is_kept(s, o) && (!PyFunction_Check(o) || is_called(s, o));
        PyList_SET_ITEM(list, i, Py_NewRef(used ? o : Py_None));
    }
    return list;
}

static PyObject *parts_of(const Specialisation *s, PyObject *objects) {
    PyObject *imports = PyList_New(0), *seen = PySet_New(NULL), *used = objects_in_use(s, objects);
    PyObject *image = PyBytes_FromStringAndSize((const char *)s->image, (Py_ssize_t)s->image_nbytes);
    PyObject *parts = NULL;
    if (image) image_forget_times((uint8_t *)PyBytes_AS_STRING(image));
    if (imports && seen && used && image && add_imports(imports, seen, s) == 0)
        parts = Py_BuildValue("(OOO)", image, used, imports);
    Py_XDECREF(image);
    Py_XDECREF(used);
    Py_XDECREF(seen);
    Py_XDECREF(imports);
    return parts;
}

static PyObject *export_version(PyObject *module, PyObject *args) {
    const Type *types[MAX_PARAMETERS], *result;
    PyObject *self = PyTuple_GET_SIZE(args) ? PyTuple_GET_ITEM(args, 0) : Py_None, *objects = NULL,
             *parts = NULL;
    if (!is_dispatcher(self)) return PyErr_Format(PyExc_TypeError, "expected a dispatcher, got %R", self);
    Dispatcher *d = (Dispatcher *)self;
    PyObject *version = PyTuple_GetSlice(args, 1, PyTuple_GET_SIZE(args));
    int status = version ? dispatcher_read_version(d, version, "O|O:export_version", types, &result) : -1;
    Py_XDECREF(version);
    if (status < 0 || !dispatcher_has_source(d)) return NULL;
    SpecialiseRequest request = {.function = d->function,
                                 .options = d->options,
                                 .nargs = (uint32_t)d->parameters.nparams,
                                 .args = types,
                                 .result = result,
                                 .use_cache = d->use_cache,
                                 .objects = &objects};
    compile_lock();
    Specialisation *s = specialise(&request);
    if (s) parts = parts_of(s, objects);
    specialisation_free(s);
    compile_unlock();
    Py_XDECREF(objects);
    return parts;
}

/* ---- putting it into another ---------------------------------------------------------------------------------------- */

static uint8_t *copy_bytes(PyObject *bytes, size_t *nbytes) {
    *nbytes = (size_t)PyBytes_GET_SIZE(bytes);
    uint8_t *copy = malloc(*nbytes);
    return copy ? memcpy(copy, PyBytes_AS_STRING(bytes), *nbytes) : (PyErr_NoMemory(), NULL);
}

static Import *take_import(PyObject *key_bytes, PyObject *image) {
    CacheKey key;
    size_t nbytes;
    memcpy(&key, PyBytes_AS_STRING(key_bytes), sizeof key);
    Import *loaded = import_find(key, false);
    if (loaded) return loaded;
    uint8_t *copy = copy_bytes(image, &nbytes);
    return copy ? import_add(key, copy, nbytes) : NULL;
}

/* A reference to each is held while the version that calls it takes its own; *n: how many are held. */
static bool take_imports(PyObject *pairs, Import **held, Py_ssize_t *n) {
    for (*n = 0; *n < PyList_GET_SIZE(pairs); ++*n) {
        PyObject *key, *image;
        if (!PyArg_ParseTuple(PyList_GET_ITEM(pairs, *n), "SS", &key, &image)) return false;
        if (PyBytes_GET_SIZE(key) != sizeof(CacheKey)) return false;
        if (!(held[*n] = take_import(key, image))) return false;
    }
    return true;
}

static Specialisation *load_version(Dispatcher *d, PyObject *image, PyObject *objects, PyObject *pairs) {
    Import **held = PyMem_RawCalloc((size_t)PyList_GET_SIZE(pairs) + 1, sizeof *held);
    Specialisation *s = NULL;
    Py_ssize_t nheld = 0;
    size_t nbytes;
    uint8_t *copy = held && take_imports(pairs, held, &nheld) ? copy_bytes(image, &nbytes) : NULL;
    if (copy) s = specialisation_load(copy, nbytes, objects, d->function);
    while (nheld) import_release(held[--nheld]);
    PyMem_RawFree(held);
    return s;
}

static PyObject *add_version(PyObject *module, PyObject *args) {
    PyObject *self, *image, *objects, *pairs;
    if (!PyArg_ParseTuple(args, "O!SO!O!:add_version", core.dispatcher_type, &self, &image, &PyList_Type,
                          &objects, &PyList_Type, &pairs))
        return NULL;
    Dispatcher *d = (Dispatcher *)self;
    compile_lock();
    Specialisation *s = load_version(d, image, objects, pairs);
    compile_unlock();
    if (!s && !PyErr_Occurred())
        PyErr_Format(PyExc_ImportError, "the code of %U() could not be loaded: %s", d->parameters.name,
                     specialisation_failure());
    if (!s) return NULL;
    if ((int)s->nargs == d->parameters.nparams) return PyBool_FromLong(dispatcher_add(d, s));
    specialisation_free(s);
    return PyErr_Format(PyExc_ImportError, "the code of %U() has another number of parameters",
                        d->parameters.name);
}

/* Argument types of the version that serves a call with these types; None: there is none. */
static PyObject *version_for(PyObject *module, PyObject *args) {
    PyObject *self, *given;
    const Type *types[MAX_PARAMETERS], *result;
    uint32_t n = MAX_PARAMETERS;
    if (!PyArg_ParseTuple(args, "O!O:version_for", core.dispatcher_type, &self, &given) ||
        types_from_sequence(given, types, &n) < 0)
        return NULL;
    if (dispatcher_given_version(self, n, types, &result) <= 0) return Py_NewRef(Py_None);
    return type_tuple_object(n, types);
}

/* ---- what both sides must agree on -------------------------------------------------------------------------------------- */

/* The runtime's functions as compiled code sees them. */
static const char natives[] =
#define X(name, symbol, signature, attributes) #symbol ":" signature "\n"
#include "runtime/natives.def"
#undef X
    ;

/* Names the agreement between compiled code and naja._core: a module that names another one is not loaded. */
static PyObject *abi(PyObject *module, PyObject *unused) {
    CacheKey key = cache_hash(natives, sizeof natives);
    char text[48];
    snprintf(text, sizeof text, "%d-%016llx", NAJA_ABI_VERSION, (unsigned long long)key.lo);
    return PyUnicode_FromString(text);
}

static PyObject *cpu_has(PyObject *module, PyObject *feature) {
    const char *name = PyUnicode_Check(feature) ? PyUnicode_AsUTF8(feature) : NULL;
    if (!name) return PyErr_Occurred() ? NULL : PyErr_Format(PyExc_TypeError, "a feature is a str");
    return PyBool_FromLong(engine_host_has(name));
}

static PyMethodDef methods[] = {
    {"export_version", export_version, METH_VARARGS,
     "export_version(dispatcher, types, result=None)\n--\n\nCompile for use in other processes: (image, objects, "
     "imports)."},
    {"add_version", add_version, METH_VARARGS,
     "add_version(dispatcher, image, objects, imports)\n--\n\nGive a dispatcher a version that was exported."},
    {"version_for", version_for, METH_VARARGS,
     "version_for(dispatcher, types)\n--\n\nArgument types of the version that takes such arguments, or None."},
    {"abi", abi, METH_NOARGS, "abi()\n--\n\nNames what compiled code and this module have agreed on."},
    {"cpu_has", cpu_has, METH_O,
     "cpu_has(feature)\n--\n\nWhether this machine has a feature of LLVM's name."},
    {0},
};

/* ---- the module's side ------------------------------------------------------------------------------------------------ */

/* A module's definition lives as long as the process, as its shared object does. */
typedef struct {
    PyModuleDef definition;
    PyModuleDef_Slot slot[4];
    const void *bundle;
    size_t nbytes;
} Extension;

static int execute(PyObject *module) {
    const Extension *e = (const Extension *)PyModule_GetDef(module);
    PyObject *bundle = PyMemoryView_FromMemory((char *)(uintptr_t)e->bundle, (Py_ssize_t)e->nbytes,
                                               PyBUF_READ);
    PyObject *done = bundle ? call_python("naja.extensions", "fill", Py_BuildValue("(ON)", module, bundle))
                            : NULL;
    Py_XDECREF(done);
    return done ? 0 : -1;
}

static void *initialise(const char *name, const void *bundle, size_t nbytes, void **state) {
    Extension *e = *state;
    if (!e) {
        e = *state = PyMem_RawCalloc(1, sizeof *e);
        if (!e) return PyErr_NoMemory();
        uint32_t n = 0;
        e->slot[n++] = (PyModuleDef_Slot){Py_mod_exec, execute};
#if PY_VERSION_HEX >= 0x030C0000
        e->slot[n++] = (PyModuleDef_Slot){Py_mod_multiple_interpreters,
                                          Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED};
#endif
#if PY_VERSION_HEX >= 0x030D0000
        e->slot[n++] = (PyModuleDef_Slot){Py_mod_gil, Py_MOD_GIL_NOT_USED};
#endif
        e->definition = (PyModuleDef){PyModuleDef_HEAD_INIT, .m_name = name, .m_slots = e->slot};
        e->bundle = bundle;
        e->nbytes = nbytes;
    }
    return PyModuleDef_Init(&e->definition);
}

/* What a module's PyInit function finds in the capsule naja._core._extension; naja/pycc.py has its text. */
static void *(*const table[])(const char *, const void *, size_t, void **) = {initialise};

int extension_start(PyObject *module) {
    PyObject *capsule = PyCapsule_New((void *)(uintptr_t)table, "naja._core._extension", NULL);
    int status = capsule ? PyModule_AddObjectRef(module, "_extension", capsule) : -1;
    Py_XDECREF(capsule);
    return status < 0 ? -1 : PyModule_AddFunctions(module, methods);
}
