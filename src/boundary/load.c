/* load.c - the seam to naja._compiler: what it gets from here (CoreApi), and importing it when it is first needed.
 *
 * The functions of CoreApi are called during a compilation, with the GIL.  Those that return 0 or NULL and may also
 * have set an exception say so through PyErr_Occurred(), which the compiler's Python-facing files check.
 */
#include "boundary/specialisation.h"
#include "boundary/state.h"

static _Thread_local bool saw_uncacheable;

bool load_swap_uncacheable(bool value) {
    bool former = saw_uncacheable;
    saw_uncacheable = value;
    return former;
}

static Handle api_handle_of(void *object) { return handle_of(object); }
static void *api_object_of(Handle h) { return handle_object_borrow(h); }
static const Type *api_type_of(void *object) { return typeof_constant(object); }
static const Type *api_type_named(void *object) {
    return PyObject_TypeCheck((PyObject *)object, core.type_type) ? type_from_object(object) : NULL;
}

/* A function of naja's library: it needs no decorator.  What naja.library.low names is rows. */
static bool is_library_function(PyObject *o) {
    PyObject *globals = PyFunction_Check(o) ? PyFunction_GET_GLOBALS(o) : NULL;
    PyObject *name = globals ? PyDict_GetItemWithError(globals, core.name.name) : NULL;
    const char *text = name && PyUnicode_Check(name) ? PyUnicode_AsUTF8(name) : NULL;
    if (!text) PyErr_Clear();
    return text && !strncmp(text, "naja.library.", 13) && strcmp(text, "naja.library.low");
}

/* A class made by jitclass is called through a dispatcher of its own; borrowed. */
static PyObject *constructor_of(PyObject *cls) {
    if (!PyType_Check(cls) || !PyType_IsSubtype((PyTypeObject *)cls, core.instance_type)) return cls;
    PyObject *made = PyObject_GetAttrString(cls, "_constructor");
    PyErr_Clear();
    if (!made) return cls;
    Py_DECREF(made); /* the class keeps it */
    return made;
}

static Handle api_dispatcher_function(Handle h) {
    PyObject *o = handle_object_borrow(h);
    if (o) o = constructor_of(o);
    if (o && is_library_function(o)) return h;
    bool is_compiled = o && is_dispatcher(o) && !dispatcher_is_interpreted(o) && !dispatcher_is_ahead(o);
    return is_compiled ? handle_of(dispatcher_function_borrow(o)) : 0;
}

static bool api_dispatcher_options(Handle h, UnitOptions *out) {
    PyObject *o = handle_object_borrow(h);
    if (!o || !is_dispatcher(o)) return false;
    *out = *dispatcher_options(o);
    return true;
}

static int api_dispatcher_version(Handle h, uint32_t nargs, const Type **args, const Type **result) {
    PyObject *o = handle_object_borrow(h);
    return o && is_dispatcher(o) ? dispatcher_given_version(o, nargs, args, result) : 0;
}

/* ---- @overload ------------------------------------------------------------------------------------------------------------
 *
 * The key of the cache has the factories of users (fingerprint.c).  An implementation that comes from elsewhere has no
 * place among the key's objects, and what is compiled with it is not stored for that reason. */

static PyObject *overload_hook(void) {
    if (!core.overload_hook) {
        PyObject *extending = PyImport_ImportModule("naja.extending");
        PyObject *hook = extending ? PyObject_GetAttrString(extending, "_find") : NULL;
        Py_XDECREF(extending);
        core.overload_hook = hook;
    }
    return core.overload_hook;
}

/* kinds.Known: what an overload of naja's own returns when the call is a constant; kinds.LiteralsWanted. */
static bool is_known(PyObject *found) {
    PyObject *value = PyObject_GetAttrString(found, "known_value");
    if (!value) PyErr_Clear();
    if (!value) value = PyObject_GetAttrString(found, "literal_positions");
    if (!value) PyErr_Clear();
    Py_XDECREF(value);
    return value != NULL;
}

/* Code that an extension has built: see library/foreign.c. */
static bool is_foreign(PyObject *found) {
    PyObject *text = PyObject_GetAttrString(found, "foreign_text");
    if (!text) PyErr_Clear();
    Py_XDECREF(text);
    return text != NULL;
}

/* Code that holds addresses of this process is not for others. */
static bool is_lasting(PyObject *foreign) {
    PyObject *lasting = PyObject_GetAttrString(foreign, "lasting");
    bool is = lasting == Py_True;
    PyErr_Clear();
    Py_XDECREF(lasting);
    return is;
}

/* Calls the hook; None, a function (of a dispatcher: its Python function), a kinds.Known, or a Foreign. */
static PyObject *call_overload_hook(const char *library_name, PyObject *callable, PyObject *plain,
                                    PyObject *exact, PyObject *keywords) {
    PyObject *hook = overload_hook();
    PyObject *found =
        hook ? PyObject_CallFunction(hook, "zOOOO", library_name, callable, plain, exact, keywords) : NULL;
    if (found && is_dispatcher(found)) Py_SETREF(found, Py_NewRef(dispatcher_function_borrow(found)));
    if (found && found != Py_None && !PyFunction_Check(found) && !is_known(found) && !is_foreign(found)) {
        PyErr_Format(PyExc_TypeError, "an overload must return a Python function or None, not %R", found);
        Py_CLEAR(found);
    }
    return found;
}

static PyObject *keyword_tuple(uint32_t n, const char *const *keyword) {
    PyObject *names = PyTuple_New(n);
    for (uint32_t i = 0; names && i < n; i++) {
        PyObject *name = PyUnicode_FromString(keyword[i]);
        if (!name) Py_CLEAR(names);
        else PyTuple_SET_ITEM(names, i, name);
    }
    return names;
}

static Handle api_overload(const char *library_name, Handle callable, uint32_t nargs,
                           const Type *const *plain, const Type *const *exact, uint32_t nkeywords,
                           const char *const *keyword, bool *failed) {
    PyObject *plain_types = type_tuple_object(nargs, plain), *exact_types = type_tuple_object(nargs, exact);
    PyObject *names = keyword_tuple(nkeywords, keyword), *found = NULL;
    PyObject *object = callable ? handle_object_borrow(callable) : NULL;
    if (plain_types && exact_types && names)
        found = call_overload_hook(library_name, object ? object : Py_None, plain_types, exact_types, names);
    if (found && is_foreign(found) && !is_lasting(found)) saw_uncacheable = true;
    Handle h = found && found != Py_None ? handle_of(found) : 0;
    *failed = PyErr_Occurred() != NULL;
    Py_XDECREF(plain_types);
    Py_XDECREF(exact_types);
    Py_XDECREF(names);
    Py_XDECREF(found);
    return h;
}

/* ---- ufuncs --------------------------------------------------------------------------------------------------------------- */

static const char *api_ufunc_loop(Handle ufunc, uint32_t nargs, const Type *const *args) {
    PyObject *object = handle_object_borrow(ufunc);
    bool lasting = true;
    const char *symbol = object ? ufunc_loop_symbol(object, nargs, args, &lasting) : NULL;
    if (!lasting) saw_uncacheable = true;
    return symbol;
}

/* ---- rung 4 -------------------------------------------------------------------------------------------------------------- */

static PyObject *object_or_none(Handle h) {
    PyObject *o = handle_object_borrow(h);
    return o ? o : Py_None;
}

/* The module answers with a type, with a text that says why not, or with None. */
static const Type *api_bridge(Handle callable, Handle caller, uint32_t nargs, const Type *const *args,
                              uint32_t nkeywords, const char *const *keyword, const char **why,
                              bool *failed) {
    static char text[400];
    PyObject *types = type_tuple_object(nargs, args), *names = keyword_tuple(nkeywords, keyword),
             *answer = NULL;
    if (types && names)
        answer = call_python(
            "naja.interpreter", "result_type",
            Py_BuildValue("(OOOO)", object_or_none(callable), object_or_none(caller), types, names));
    const Type *t = NULL;
    if (answer && PyUnicode_Check(answer)) {
        const char *utf8 = PyUnicode_AsUTF8(answer);
        snprintf(text, sizeof text, "%s", utf8 ? utf8 : "");
        *why = text;
    } else if (answer && answer != Py_None) {
        t = type_from_object(answer);
    }
    *failed = PyErr_Occurred() != NULL;
    Py_XDECREF(answer);
    Py_XDECREF(names);
    Py_XDECREF(types);
    return t;
}

static bool api_bridge_warn(Handle callable, Handle caller, const char *filename, int line) {
    PyObject *done = call_python(
        "naja.interpreter", "warn",
        Py_BuildValue("(OOsi)", object_or_none(callable), object_or_none(caller), filename, line));
    Py_XDECREF(done);
    return done != NULL;
}

static bool api_performance_warn(Handle function, const char *filename, int line, const char *text) {
    PyObject *done = call_python("naja.interpreter", "warn_at",
                                 Py_BuildValue("(Osis)", object_or_none(function), filename, line, text));
    Py_XDECREF(done);
    return done != NULL;
}

/* ---- imports ------------------------------------------------------------------------------------------------------------ */

static bool api_import_key(Handle function, uint32_t nargs, const Type *const *args, const Type *result,
                           const UnitOptions *options, uint64_t key[2]) {
    PyObject *f = handle_object_borrow(function);
    Fingerprint print = {0};
    if (!f || !PyFunction_Check(f) || fingerprint(f, nargs, args, result, options, &print) < 0) PyErr_Clear();
    Py_XDECREF(print.objects);
    memcpy(key, &print.key, sizeof print.key);
    return print.cacheable;
}

static bool api_class_has_name(Handle cls) {
    PyObject *o = handle_object_borrow(cls);
    return o && PyExceptionClass_Check(o) && class_name(o);
}

static bool api_site_matches(Handle cls, const char *builtin, Handle of) {
    return site_matches(cls ? handle_object_borrow(cls) : NULL, builtin, handle_object_borrow(of));
}

/* ---- the tables ------------------------------------------------------------------------------------------------------------ */

static CoreApi core_api = {
    .version = COMPILER_API_VERSION,
    .handle_of = api_handle_of,
    .object_of = api_object_of,
    .type_of = api_type_of,
    .type_named = api_type_named,
    .dispatcher_function = api_dispatcher_function,
    .dispatcher_options = api_dispatcher_options,
    .dispatcher_version = api_dispatcher_version,
    .overload = api_overload,
    .ufunc_loop = api_ufunc_loop,
    .bridge = api_bridge,
    .bridge_warn = api_bridge_warn,
    .performance_warn = api_performance_warn,
    .import_key = api_import_key,
    .class_has_name = api_class_has_name,
    .site_matches = api_site_matches,
    .offset =
        {
            .float_value = offsetof(PyFloatObject, ob_fval),
            .object_type = offsetof(PyObject, ob_type),
            .array_data = offsetof(PyArrayObject_fields, data),
            .array_nd = offsetof(PyArrayObject_fields, nd),
            .array_dimensions = offsetof(PyArrayObject_fields, dimensions),
            .array_strides = offsetof(PyArrayObject_fields, strides),
        },
};

static const CompilerApi *_Atomic compiler;

bool compiler_is_loaded(void) { return atomic_load(&compiler) != NULL; }

const CompilerApi *compiler_get(void) {
    const CompilerApi *api = atomic_load(&compiler);
    if (api) return api;
    PyObject *module = PyImport_ImportModule("naja._compiler");
    PyObject *capsule = module ? PyObject_GetAttrString(module, "_api") : NULL;
    api = capsule ? PyCapsule_GetPointer(capsule, COMPILER_CAPSULE) : NULL;
    Py_XDECREF(capsule);
    Py_XDECREF(module);
    if (api && api->version != COMPILER_API_VERSION) {
        PyErr_Format(PyExc_ImportError,
                     "naja._compiler speaks version %u of the interface, naja._core %u: rebuild naja",
                     api->version, COMPILER_API_VERSION);
        return NULL;
    }
    if (api) atomic_store(&compiler, api);
    return api;
}

int load_start(PyObject *module) {
    core_api.types = types_start();
    if (!core_api.types) return PyErr_NoMemory(), -1;
    PyObject *capsule = PyCapsule_New(&core_api, CORE_CAPSULE, NULL);
    int result = capsule ? PyModule_AddObjectRef(module, "_api", capsule) : -1;
    Py_XDECREF(capsule);
    return result;
}
