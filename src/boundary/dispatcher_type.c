/* dispatcher_type.c - the Python type of compiled functions, and of one compiled version (Overload).
 *
 *     _core.Dispatcher(function, switches, targetoptions)
 *
 * `switches` is a dict of the compiler's options: fastmath (bits), error_model_numpy, boundscheck, parallel, nogil,
 * polls, debug, cache, object_mode, target (the CPU's name).  `targetoptions` is kept for the user to see.
 *
 * It looks like the function: name, documentation and the rest of functools.update_wrapper, vectorcall, binding as a
 * method without making a bound method.  Slow methods (inspect_*, __reduce__, __repr__, ...) are Python functions
 * that naja/dispatcher.py assigns to the type, which is a heap type and open to that; what they need from here are
 * the members that begin with an underscore.
 */
#include "boundary/dispatcher.h"

/* ---- one compiled version ------------------------------------------------------------------------------------------------ */

typedef struct {
    PyObject_HEAD
    PyObject *dispatcher;
    Specialisation *spec;
    bool is_owner; /* made for inspection: the dispatcher does not have it */
} Overload;

static PyObject *overload_new(PyObject *dispatcher, Specialisation *spec, bool is_owner) {
    Overload *o = (Overload *)core.overload_type->tp_alloc(core.overload_type, 0);
    if (o)
        *o = (Overload){
            .ob_base = o->ob_base, .dispatcher = Py_NewRef(dispatcher), .spec = spec, .is_owner = is_owner};
    else if (is_owner) specialisation_free(spec);
    return (PyObject *)o;
}

static const Specialisation *spec_of(PyObject *self) { return ((Overload *)self)->spec; }
static PyObject *overload_args(PyObject *self, void *unused) {
    return type_tuple_object(spec_of(self)->nargs, spec_of(self)->arg);
}
static PyObject *overload_result(PyObject *self, void *unused) {
    return Py_XNewRef(type_object_borrow(spec_of(self)->result));
}
static PyObject *overload_image(PyObject *self, void *unused) {
    const Specialisation *s = spec_of(self);
    return PyBytes_FromStringAndSize((const char *)s->image + s->object_at, (Py_ssize_t)s->object_nbytes);
}
static PyObject *overload_stats(PyObject *self, void *unused) {
    const Specialisation *s = spec_of(self);
    return Py_BuildValue(
        "{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:d,s:d,s:n,s:n,s:O,s:O}", "fused_loops", s->stats.fused_loops,
        "checks_total", s->stats.checks_total, "checks_left", s->stats.checks_left, "versioned_loops",
        s->stats.versioned_loops, "parallel_loops", s->stats.parallel_loops, "searches", s->stats.searches,
        "lanes", s->stats.lanes, "ms_total", s->stats.ms_total, "ms_llvm", s->stats.ms_llvm, "code_nbytes",
        (Py_ssize_t)object_code_nbytes(s->code), "object_nbytes", (Py_ssize_t)s->object_nbytes, "from_cache",
        s->from_cache ? Py_True : Py_False, "has_polls", s->has_polls ? Py_True : Py_False);
}
static PyObject *overload_from_cache(PyObject *self, void *unused) {
    return PyBool_FromLong(spec_of(self)->from_cache);
}
static PyObject *text_or_none(const char *text) { return Py_BuildValue("z", text); }
static PyObject *overload_llvm_ir(PyObject *self, void *unused) {
    return text_or_none(spec_of(self)->llvm_ir);
}
static PyObject *overload_assembly(PyObject *self, void *unused) {
    return text_or_none(spec_of(self)->assembly);
}
static PyObject *overload_types_text(PyObject *self, void *unused) {
    return text_or_none(spec_of(self)->types_text);
}
static PyObject *overload_calls_text(PyObject *self, void *unused) {
    return text_or_none(spec_of(self)->calls_text);
}
static PyObject *overload_remarks_text(PyObject *self, void *unused) {
    return text_or_none(spec_of(self)->remarks_text);
}
static PyObject *overload_vector_text(PyObject *self, void *unused) {
    return text_or_none(spec_of(self)->vector_text);
}
static PyObject *overload_native(PyObject *self, void *unused) {
    return PyLong_FromVoidPtr(spec_of(self)->native);
}

static PyObject *overload_dispatcher(PyObject *self, void *unused) {
    return Py_NewRef(((Overload *)self)->dispatcher);
}

/* Calls this very version: what the arguments are is checked, since its entry trusts them. */
static PyObject *overload_call(PyObject *self, PyObject *args) {
    Specialisation *s = ((Overload *)self)->spec;
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (n != (Py_ssize_t)s->nargs)
        return PyErr_Format(PyExc_TypeError, "this version takes %u arguments, not %zd", s->nargs, n);
    for (Py_ssize_t i = 0; i < n; i++) {
        const Type *t = typeof_argument(PyTuple_GET_ITEM(args, i));
        bool real = t && type_is_real(t) &&
                    type_is_real(s->arg[i]); /* narrowed, as by an explicit signature */
        if (t && !real && type_can_convert(t, s->arg[i]) < CONVERT_SAFE)
            PyErr_Format(PyExc_TypeError, "argument %zd of this version is %s, not %s", i + 1,
                         s->arg[i]->name, t->name);
        if (PyErr_Occurred()) return NULL;
    }
    return s->entry(s, ((PyTupleObject *)args)->ob_item);
}

static PyObject *overload_c(PyObject *self, void *unused) { return PyLong_FromVoidPtr(spec_of(self)->c); }
static PyObject *overload_cross(PyObject *self, void *unused) {
    return PyLong_FromVoidPtr(spec_of(self)->cross);
}

Specialisation *overload_specialisation(PyObject *overload) { return ((Overload *)overload)->spec; }

static int overload_traverse(PyObject *self, visitproc visit, void *arg) {
    Overload *o = (Overload *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(o->dispatcher);
    return o->is_owner ? specialisation_traverse(o->spec, visit, arg) : 0;
}
static void overload_dealloc(PyObject *self) {
    Overload *o = (Overload *)self;
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (o->is_owner) specialisation_free(o->spec);
    Py_XDECREF(o->dispatcher); /* may free the specialisation of one that is no owner */
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMethodDef overload_methods[] = {
    {"_call", overload_call, METH_VARARGS, "_call(*args)\n--\n\nCall this version."},
    {0},
};
static PyGetSetDef overload_getset[] = {
    {"dispatcher", overload_dispatcher, NULL, "the function that it is a version of", NULL},
    {"args", overload_args, NULL, "argument types", NULL},
    {"result", overload_result, NULL, "result type", NULL},
    {"from_cache", overload_from_cache, NULL, "whether the code came from the cache", NULL},
    {"stats", overload_stats, NULL, "dict of what the compiler did", NULL},
    {"image", overload_image, NULL, "the object file, as bytes", NULL},
    {"llvm_ir", overload_llvm_ir, NULL, "LLVM's text; None unless made by _inspect", NULL},
    {"assembly", overload_assembly, NULL, "assembly text; None unless made by _inspect", NULL},
    {"types_text", overload_types_text, NULL, "typed IR; None unless made by _inspect", NULL},
    {"calls_text", overload_calls_text, NULL, "call sites as text; None unless made by _inspect", NULL},
    {"remarks_text", overload_remarks_text, NULL, "remarks as text; None unless made by _explain", NULL},
    {"vector_text", overload_vector_text, NULL, "vector instructions as text; None unless made by _explain",
     NULL},
    {"c_address", overload_c, NULL,
     "with the switch exports: address of the C function; 0: C has no such types", NULL},
    {"cross_address", overload_cross, NULL,
     "with the switch exports: what compiled code of other units calls", NULL},
    {"native_address", overload_native, NULL, "address of the function by the native convention", NULL},
    {0},
};
static PyType_Slot overload_slots[] = {{Py_tp_doc, "One compiled version of a function."},
                                       {Py_tp_getset, overload_getset},
                                       {Py_tp_methods, overload_methods},
                                       {Py_tp_traverse, overload_traverse},
                                       {Py_tp_dealloc, overload_dealloc},
                                       {0, NULL}};
static PyType_Spec overload_spec = {
    .name = "naja._core.Overload",
    .basicsize = sizeof(Overload),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = overload_slots,
};

/* ---- construction -------------------------------------------------------------------------------------------------------- */

/* Reads one switch into *out if it is there; -1 on an exception. */
static int read_switch(PyObject *switches, const char *name, bool *out) {
    PyObject *value = PyDict_GetItemString(switches, name);
    int truth = value ? PyObject_IsTrue(value) : *out;
    *out = truth > 0;
    return truth < 0 ? -1 : 0;
}

/* The one address of a text; interned strings that have a reference more never die. */
static const char *intern_forever(PyObject *text) {
    if (!PyUnicode_Check(text)) return PyErr_Format(PyExc_TypeError, "the name of a CPU is a str"), NULL;
    Py_INCREF(text);
    PyUnicode_InternInPlace(&text);
    return PyUnicode_AsUTF8(text);
}

static int read_switches(Dispatcher *d, PyObject *switches) {
    UnitOptions o = {.boundscheck = true, .polls = true};
    PyObject *fastmath = PyDict_GetItemString(switches, "fastmath");
    o.fastmath = fastmath ? (uint32_t)PyLong_AsUnsignedLong(fastmath) : 0;
    PyObject *bridge = PyDict_GetItemString(switches, "bridge");
    o.bridge = bridge ? (uint8_t)PyLong_AsUnsignedLong(bridge) : BRIDGE_WARN;
    PyObject *serial = PyDict_GetItemString(switches, "serial");
    o.serial = serial ? (uint8_t)PyLong_AsUnsignedLong(serial) : 0;
    PyObject *target = PyDict_GetItemString(switches, "target");
    if (target && !(o.target = intern_forever(target))) return -1;
    bool use_cache = true;
    struct {
        const char *name;
        bool *out;
    } rows[] = {{"error_model_numpy", &o.error_model_numpy},
                {"boundscheck", &o.boundscheck},
                {"own_error_model", &o.own_error_model},
                {"own_boundscheck", &o.own_boundscheck},
                {"parallel", &o.parallel},
                {"nogil", &o.nogil},
                {"polls", &o.polls},
                {"debug", &o.debug},
                {"exports", &o.exports},
                {"cache", &use_cache},
                {"object_mode", &d->object_mode},
                {"ahead", &d->is_ahead}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (read_switch(switches, rows[i].name, rows[i].out) < 0) return -1;
    d->options = o;
    d->use_cache = use_cache;
    d->call = d->object_mode ? dispatcher_interpret : dispatcher_vectorcall;
    return PyErr_Occurred() ? -1 : 0;
}

/* What functools.update_wrapper does, without importing it. */
static int look_like(Dispatcher *d, PyObject *function) {
    PyObject *const names[] = {core.name.module, core.name.name, core.name.qualname, core.name.doc,
                               core.name.type_params};
    if (!(d->dict = PyDict_New())) return -1;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        PyObject *value = PyObject_GetAttr(function, names[i]);
        if (value && PyDict_SetItem(d->dict, names[i], value) < 0) return Py_DECREF(value), -1;
        Py_XDECREF(value);
        PyErr_Clear();
    }
    PyObject *own = PyObject_GetAttr(function, core.name.dict);
    int result = own ? PyDict_Update(d->dict, own) : -1;
    Py_XDECREF(own);
    return result < 0 ? -1 : PyDict_SetItem(d->dict, core.name.wrapped, function);
}

static int fill(Dispatcher *d, PyObject *function, PyObject *switches, PyObject *targetoptions) {
    d->call = dispatcher_vectorcall;
    d->can_compile = true;
    d->function = Py_NewRef(function);
    d->targetoptions = targetoptions ? Py_NewRef(targetoptions) : PyDict_New();
    d->literals = PyDict_New();
    if (!d->targetoptions || !d->literals || parameters_init(&d->parameters, function) < 0) return -1;
    if (d->parameters.nparams > MAX_PARAMETERS) {
        error_raise("UnsupportedError", "a compiled function has at most %d parameters", MAX_PARAMETERS);
        return -1;
    }
    bool is_plain = !d->parameters.has_varargs && !d->parameters.nkwonly && !d->parameters.has_varkeywords;
    d->nplain = is_plain ? d->parameters.npositional : -1;
    if ((switches ? read_switches(d, switches) : 0) < 0 || look_like(d, function) < 0) return -1;
    return (d->handle = handle_of((PyObject *)d)) ? 0 : -1;
}

static PyObject *dispatcher_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"function", "switches", "targetoptions", NULL};
    PyObject *function, *switches = NULL, *targetoptions = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!|O!O!:Dispatcher", names, &PyFunction_Type, &function,
                                     &PyDict_Type, &switches, &PyDict_Type, &targetoptions))
        return NULL;
    Dispatcher *d = (Dispatcher *)type->tp_alloc(type, 0);
    if (d && fill(d, function, switches, targetoptions) < 0) Py_CLEAR(d);
#if PY_VERSION_HEX >= 0x030E0000
    if (d)
        PyUnstable_Object_EnableDeferredRefcount(
            (PyObject *)d); /* threads that call it do not contend for its count */
#endif
    return (PyObject *)d;
}

static int dispatcher_traverse(PyObject *self, visitproc visit, void *arg) {
    Dispatcher *d = (Dispatcher *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(d->function);
    Py_VISIT(d->dict);
    Py_VISIT(d->targetoptions);
    Py_VISIT(d->literals);
    int result = parameters_traverse(&d->parameters, visit, arg);
    for (Specialisation *s = d->first; s && !result; s = s->next)
        result = specialisation_traverse(s, visit, arg);
    return result;
}
static int dispatcher_clear(PyObject *self) {
    Dispatcher *d = (Dispatcher *)self;
    Py_CLEAR(d->function);
    Py_CLEAR(d->dict);
    Py_CLEAR(d->targetoptions);
    Py_CLEAR(d->literals);
    return 0;
}
static void dispatcher_dealloc(PyObject *self) {
    Dispatcher *d = (Dispatcher *)self;
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (d->weakrefs) PyObject_ClearWeakRefs(self);
    dispatcher_clear(self);
    parameters_clear(&d->parameters);
    dispatcher_free_code(d);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *dispatcher_bind(PyObject *self, PyObject *object, PyObject *type) {
    return !object || object == Py_None ? Py_NewRef(self) : PyMethod_New(self, object);
}

/* ---- for the other files ------------------------------------------------------------------------------------------------- */

PyObject *dispatcher_function_borrow(PyObject *self) { return ((Dispatcher *)self)->function; }
const UnitOptions *dispatcher_options(PyObject *self) { return &((Dispatcher *)self)->options; }
bool dispatcher_is_ahead(PyObject *self) { return ((Dispatcher *)self)->is_ahead; }
bool dispatcher_is_interpreted(PyObject *self) { return ((Dispatcher *)self)->object_mode; }
Handle dispatcher_handle(PyObject *self) { return ((Dispatcher *)self)->handle; }

/* ---- attributes ------------------------------------------------------------------------------------------------------------ */

static PyObject *get_signatures(PyObject *self, void *unused) {
    Dispatcher *d = (Dispatcher *)self;
    PyObject *list = PyList_New(0);
    FOR_EACH_SPECIALISATION(s, d) {
        PyObject *types = type_tuple_object(s->nargs, s->arg);
        bool failed = !list || !types || PyList_Append(list, types) < 0;
        Py_XDECREF(types);
        if (failed) return Py_XDECREF(list), NULL;
    }
    return list;
}

/* A naja.typing.Signature from a version's types. */
static PyObject *signature_of(const Specialisation *s) {
    PyObject *typing = PyImport_ImportModule("naja.typing");
    PyObject *args = type_tuple_object(s->nargs, s->arg), *result = type_object_borrow(s->result),
             *signature = NULL;
    if (typing && args && result) signature = PyObject_CallMethod(typing, "Signature", "OO", result, args);
    Py_XDECREF(typing);
    Py_XDECREF(args);
    return signature;
}

static PyObject *get_nopython_signatures(PyObject *self, void *unused) {
    Dispatcher *d = (Dispatcher *)self;
    PyObject *list = PyList_New(0);
    FOR_EACH_SPECIALISATION(s, d) {
        PyObject *signature = signature_of(s);
        bool failed = !list || !signature || PyList_Append(list, signature) < 0;
        Py_XDECREF(signature);
        if (failed) return Py_XDECREF(list), NULL;
    }
    return list;
}

static PyObject *get_overloads(PyObject *self, void *unused) {
    Dispatcher *d = (Dispatcher *)self;
    PyObject *dict = PyDict_New();
    FOR_EACH_SPECIALISATION(s, d) {
        PyObject *types = type_tuple_object(s->nargs, s->arg);
        PyObject *overload = types ? overload_new(self, s, false) : NULL;
        bool failed = !dict || !overload || PyDict_SetItem(dict, types, overload) < 0;
        Py_XDECREF(types);
        Py_XDECREF(overload);
        if (failed) return Py_XDECREF(dict), NULL;
    }
    return dict;
}

static PyObject *get_annotations(PyObject *self, void *unused) {
    PyObject *function = ((Dispatcher *)self)->function;
    return function ? PyObject_GetAttr(function, core.name.annotations) : PyDict_New();
}

static PyObject *get_can_compile(PyObject *self, void *unused) {
    return PyBool_FromLong(((Dispatcher *)self)->can_compile);
}

static PyObject *get_is_ahead(PyObject *self, void *unused) {
    return PyBool_FromLong(((Dispatcher *)self)->is_ahead);
}

static PyObject *get_was_called(PyObject *self, void *unused) {
    return PyBool_FromLong(((Dispatcher *)self)->was_called);
}

static PyObject *get_cache_counts(PyObject *self, void *unused) {
    Dispatcher *d = (Dispatcher *)self;
    return Py_BuildValue("(KK)", (unsigned long long)d->cache_hits, (unsigned long long)d->cache_misses);
}

static PyObject *get_handle(PyObject *self, void *unused) {
    return PyLong_FromUnsignedLong(((Dispatcher *)self)->handle);
}

static PyGetSetDef getset[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {"__annotations__", get_annotations, NULL, NULL, NULL},
    {"signatures", get_signatures, NULL, "argument types of the compiled versions, as a list of tuples",
     NULL},
    {"nopython_signatures", get_nopython_signatures, NULL, "signatures of the compiled versions, as a list",
     NULL},
    {"overloads", get_overloads, NULL, "compiled versions by tuple of argument types", NULL},
    {"_can_compile", get_can_compile, NULL, "whether calls with new types compile", NULL},
    {"_is_ahead", get_is_ahead, NULL, "whether it was compiled ahead of time", NULL},
    {"_was_called", get_was_called, NULL, "in object mode: whether there was a call", NULL},
    {"_cache_counts", get_cache_counts, NULL, "versions that came from the cache, and that did not", NULL},
    {"_handle", get_handle, NULL, "number of the dispatcher in this process", NULL},
    {0},
};
static PyMemberDef members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(Dispatcher, call), READONLY, NULL},
    {"__dictoffset__", T_PYSSIZET, offsetof(Dispatcher, dict), READONLY, NULL},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(Dispatcher, weakrefs), READONLY, NULL},
    {"py_func", T_OBJECT, offsetof(Dispatcher, function), READONLY, "the Python function"},
    {"targetoptions", T_OBJECT, offsetof(Dispatcher, targetoptions), READONLY,
     "options given to the decorator"},
    {0},
};

/* ---- methods ---------------------------------------------------------------------------------------------------------------- */

/* Types for the function's parameters; -1 with an exception when the number is wrong. */
static int read_types(Dispatcher *d, PyObject *types, const Type **out) {
    uint32_t n = MAX_PARAMETERS;
    if (types_from_sequence(types, out, &n) < 0) return -1;
    if ((int)n == d->parameters.nparams) return 0;
    PyErr_Format(PyExc_TypeError,
                 "Signature mismatch: %u argument types given, but function takes %d arguments: %U()", n,
                 d->parameters.nparams, d->parameters.name);
    return -1;
}

int dispatcher_read_version(Dispatcher *d, PyObject *args, const char *format, const Type **types,
                            const Type **result) {
    PyObject *sequence, *wanted = Py_None;
    if (!PyArg_ParseTuple(args, format, &sequence, &wanted)) return -1;
    *result = wanted == Py_None ? NULL : type_from_object(wanted);
    return (wanted != Py_None && !*result) ? -1 : read_types(d, sequence, types);
}

static PyObject *method_compile(PyObject *self, PyObject *args) {
    const Type *types[MAX_PARAMETERS], *result;
    Dispatcher *d = (Dispatcher *)self;
    if (dispatcher_read_version(d, args, "O|O:_compile", types, &result) < 0) return NULL;
    Specialisation *s = dispatcher_specialise(d, (uint32_t)d->parameters.nparams, types, result);
    return s ? overload_new(self, s, false) : NULL;
}

static PyObject *inspect_version(PyObject *self, PyObject *args, bool explain) {
    const Type *types[MAX_PARAMETERS], *result;
    Dispatcher *d = (Dispatcher *)self;
    if (dispatcher_read_version(d, args, "O|O:_inspect", types, &result) < 0 || !dispatcher_has_source(d))
        return NULL;
    SpecialiseRequest request = {.function = d->function,
                                 .options = d->options,
                                 .nargs = (uint32_t)d->parameters.nparams,
                                 .args = types,
                                 .result = result,
                                 .inspect = true,
                                 .explain = explain};
    compile_lock();
    Specialisation *s = specialise(&request);
    compile_unlock();
    return s ? overload_new(self, s, true) : NULL;
}

static PyObject *method_inspect(PyObject *self, PyObject *args) { return inspect_version(self, args, false); }
static PyObject *method_explain(PyObject *self, PyObject *args) { return inspect_version(self, args, true); }

static PyObject *method_get_overload(PyObject *self, PyObject *types) {
    const Type *type[MAX_PARAMETERS];
    Dispatcher *d = (Dispatcher *)self;
    if (read_types(d, types, type) < 0) return NULL;
    Specialisation *s = dispatcher_find(d, (uint32_t)d->parameters.nparams, type);
    if (!s) return PyErr_Format(PyExc_KeyError, "%U() has no version for %R", d->parameters.name, types);
    return overload_new(self, s, false);
}

static PyObject *method_disable_compile(PyObject *self, PyObject *args) {
    int value = 1;
    if (!PyArg_ParseTuple(args, "|p:disable_compile", &value)) return NULL;
    ((Dispatcher *)self)->can_compile = !value;
    Py_RETURN_NONE;
}

static PyObject *method_set_switches(PyObject *self, PyObject *switches) {
    if (!PyDict_Check(switches)) return PyErr_Format(PyExc_TypeError, "switches are a dict");
    if (read_switches((Dispatcher *)self, switches) < 0) return NULL;
    Py_RETURN_NONE;
}

/* Compiles every version again, with the globals and options of now. */
static PyObject *method_recompile(PyObject *self, PyObject *unused) {
    Dispatcher *d = (Dispatcher *)self;
    PyObject *signatures = dispatcher_has_source(d) ? get_signatures(self, NULL) : NULL;
    if (!signatures) return NULL;
    dispatcher_retire_all(d);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(signatures) && !PyErr_Occurred(); i++) {
        const Type *types[MAX_PARAMETERS];
        if (read_types(d, PyList_GET_ITEM(signatures, i), types) == 0)
            dispatcher_specialise(d, (uint32_t)d->parameters.nparams, types, NULL);
    }
    Py_DECREF(signatures);
    if (PyErr_Occurred()) return NULL;
    Py_RETURN_NONE;
}

static PyObject *method_bind(PyObject *self, PyObject *args, PyObject *kwargs) {
    Dispatcher *d = (Dispatcher *)self;
    const Parameters *p = &d->parameters;
    PyObject *bound[MAX_PARAMETERS], *names = NULL, *all = NULL;
    Py_ssize_t nargs = PyTuple_GET_SIZE(args);
    if (kwargs && PyDict_GET_SIZE(kwargs)) {
        PyObject *keys = PyDict_Keys(kwargs), *values = PyDict_Values(kwargs);
        names = keys ? PyList_AsTuple(keys) : NULL;
        PyObject *tail = values ? PyList_AsTuple(values) : NULL;
        all = tail ? PySequence_Concat(args, tail) : NULL;
        Py_XDECREF(keys);
        Py_XDECREF(values);
        Py_XDECREF(tail);
    }
    PyObject *result = NULL, *source = all ? all : args;
    if (!PyErr_Occurred() &&
        parameters_bind(p, ((PyTupleObject *)source)->ob_item, nargs, names, bound) == 0) {
        result = PyTuple_New(p->nparams);
        for (int i = 0; result && i < p->nparams; i++)
            PyTuple_SET_ITEM(result, i, Py_NewRef(omitted_value_borrow(bound[i])));
        parameters_release(p, bound);
    }
    Py_XDECREF(names);
    Py_XDECREF(all);
    return result;
}

static PyMethodDef methods[] = {
    {"_compile", method_compile, METH_VARARGS,
     "_compile(types, result=None)\n--\n\nThe version for these types, compiled if need be."},
    {"_explain", method_explain, METH_VARARGS,
     "_explain(types, result=None)\n--\n\nAs _inspect, and keep what the passes had to say."},
    {"_inspect", method_inspect, METH_VARARGS,
     "_inspect(types, result=None)\n--\n\nCompile anew and keep the texts; the version is not used for calls."},
    {"_set_switches", method_set_switches, METH_O,
     "_set_switches(switches)\n--\n\nChange the compiler's options for later compilations."},
    {"_bind", (PyCFunction)(void (*)(void))method_bind, METH_VARARGS | METH_KEYWORDS,
     "_bind(*args, **kwargs)\n--\n\nOne object per parameter, as a tuple."},
    {"get_overload", method_get_overload, METH_O,
     "get_overload(types)\n--\n\nThe version for these types; KeyError if there is none."},
    {"disable_compile", method_disable_compile, METH_VARARGS,
     "disable_compile(val=True)\n--\n\nServe only what is compiled; or, with False, compile again on new types."},
    {"recompile", method_recompile, METH_NOARGS,
     "recompile()\n--\n\nCompile all versions again, with the globals of now."},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "A function that is compiled for the types it is called with."},
    {Py_tp_new, dispatcher_new},
    {Py_tp_call, PyVectorcall_Call},
    {Py_tp_dealloc, dispatcher_dealloc},
    {Py_tp_traverse, dispatcher_traverse},
    {Py_tp_clear, dispatcher_clear},
    {Py_tp_descr_get, dispatcher_bind},
    {Py_tp_getset, getset},
    {Py_tp_members, members},
    {Py_tp_methods, methods},
    {0, NULL},
};
static PyType_Spec spec = {
    .name = "naja._core.Dispatcher",
    .basicsize = sizeof(Dispatcher),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL |
             Py_TPFLAGS_METHOD_DESCRIPTOR | Py_TPFLAGS_BASETYPE,
    .slots = slots,
};

int dispatcher_start(PyObject *module) {
    compile_lock_start();
    core.overload_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &overload_spec, NULL);
    core.dispatcher_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
    if (!core.overload_type || !core.dispatcher_type || PyModule_AddType(module, core.overload_type) < 0)
        return -1;
    return PyModule_AddType(module, core.dispatcher_type);
}
