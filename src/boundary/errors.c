/* errors.c - from a failed call to a Python exception with one traceback entry per compiled frame.
 *
 *   1. The status says what happened: a raise site of the unit (its class and arguments are facts of the
 *      specialisation, the values are in the context's payload), or one of the negative STATUS codes.
 *   2. Every compiled function that the error passed has left its site in context->frame, innermost first.  For each
 *      a frame object is made from the original function's code, and a traceback object through the type's public
 *      constructor, which takes the bytecode offset: co_positions() then gives line and carets.
 *
 * Only public API is used, so the same source serves every version; the frames have no locals.
 */
#include "boundary/specialisation.h"
#include "boundary/state.h"

#include "runtime/runtime.h"

#include <frameobject.h>

void *error_raise(const char *class_name, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    PyObject *text = PyUnicode_FromFormatV(fmt, args);
    va_end(args);
    PyObject *errors = text ? PyImport_ImportModule("naja.errors") : NULL;
    PyObject *cls = errors ? PyObject_GetAttrString(errors, class_name) : NULL;
    if (cls) PyErr_SetObject(cls, text);
    Py_XDECREF(cls);
    Py_XDECREF(errors);
    Py_XDECREF(text);
    return NULL;
}

bool error_matches(const char *class_name) {
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *errors = type ? PyImport_ImportModule("naja.errors") : NULL;
    PyObject *cls = errors ? PyObject_GetAttrString(errors, class_name) : NULL;
    bool matches = cls && PyErr_GivenExceptionMatches(type, cls);
    Py_XDECREF(cls);
    Py_XDECREF(errors);
    PyErr_Restore(type, value, traceback);
    return matches;
}

/* ---- the exception ----------------------------------------------------------------------------------------------------- */

static double as_double(uint64_t bits) {
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

static void add_repr(StrBuf *out, double x) {
    char *text = PyOS_double_to_string(x, 'r', 0, Py_DTSF_ADD_DOT_0, NULL);
    strbuf_add(out, text ? text : "?", text ? strlen(text) : 1);
    PyMem_Free(text);
}

/* The message of a built-in raise: %d, %u, %g and %r take the next payload word as int64, uint64, double and (as
 * Python writes it) double. */
static PyObject *format_message(const char *message, const Slot *payload) {
    StrBuf text = {0};
    for (const char *s = message; *s; s++) {
        char kind = *s == '%' ? s[1] : 0;
        if (kind == 'd') strbuf_printf(&text, "%lld", (long long)*payload++);
        else if (kind == 'u') strbuf_printf(&text, "%llu", (unsigned long long)*payload++);
        else if (kind == 'g') strbuf_printf(&text, "%.17g", as_double(*payload++));
        else if (kind == 'r') add_repr(&text, as_double(*payload++));
        else strbuf_add(&text, s, 1);
        s += kind == 'd' || kind == 'u' || kind == 'g' || kind == 'r' || kind == '%';
    }
    PyObject *result = text.failed
                           ? PyErr_NoMemory()
                           : PyUnicode_DecodeUTF8(text.at ? text.at : "", (Py_ssize_t)text.n, "replace");
    strbuf_free(&text);
    return result;
}

/* A class by name: of builtins, else of naja.errors or NumPy's modules. */
static PyObject *class_by_name(const char *name) {
    static const char *const modules[] = {"naja.errors", "numpy.linalg", "numpy.exceptions"};
    PyObject *cls = PyDict_GetItemString(PyEval_GetBuiltins(), name);
    if (cls && PyExceptionClass_Check(cls)) return Py_NewRef(cls);
    for (size_t i = 0; i < ARRAY_LEN(modules); i++) {
        PyObject *module = PyImport_ImportModule(modules[i]);
        cls = module ? PyObject_GetAttrString(module, name) : NULL;
        Py_XDECREF(module);
        if (cls) return cls;
        PyErr_Clear();
    }
    return Py_NewRef(PyExc_RuntimeError);
}

const char *class_name(PyObject *cls) {
    const char *name = ((PyTypeObject *)cls)->tp_name, *last = strrchr(name, '.');
    PyObject *found = class_by_name(last ? last + 1 : name);
    Py_DECREF(found); /* a module has it */
    return found == cls ? (last ? last + 1 : name) : NULL;
}

/* What is raised: by the context of a failed call, or kept by a handler. */
typedef struct {
    const Specialisation *spec;
    int32_t status;
    const Slot *payload;
    Arguments args;
    bool has_exception; /* STATUS_PYTHON_ERROR: payload[0] owns it; else it is set on the thread */
} Raised;

static void raise_builtin(const Site *site, const Raised *r) {
    PyObject *cls = class_by_name(site->builtin ? site->builtin : "RuntimeError");
    PyObject *text = site->message ? format_message(site->message, r->payload) : NULL;
    if (text || !site->message) PyErr_SetObject(cls, text);
    Py_XDECREF(text);
    Py_DECREF(cls);
}

/* The class called with the boxed arguments.  Every argument is boxed, whatever fails: boxing takes over references. */
static void raise_user(const Site *site, const Raised *r) {
    PyObject *cls = site->cls ? Py_NewRef(site->cls) : class_by_name(site->builtin),
             *values = PyTuple_New(site->nargs);
    const Slot *payload = r->payload;
    bool failed = !values;
    for (uint32_t i = 0; i < site->nargs && values; i++) {
        PyObject *o = box_value(site->arg[i], payload, r->args);
        payload += site->arg[i]->nleaves;
        failed |= !o;
        PyTuple_SET_ITEM(values, i, o);
    }
    PyObject *exception = failed ? NULL : PyObject_Call(cls, values, NULL);
    if (exception && PyExceptionInstance_Check(exception))
        PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
    else if (exception)
        PyErr_Format(PyExc_TypeError, "calling %R should have returned an instance of BaseException, not %R",
                     cls, Py_TYPE(exception));
    Py_XDECREF(exception);
    Py_XDECREF(values);
    Py_DECREF(cls);
}

static void raise_site(const Raised *r) {
    uint32_t number = status_site(r->status);
    if (number >= r->spec->nsites) {
        error_raise("InternalError", "compiled code reports an unknown raise site (%u)", number);
        return;
    }
    const Site *site = &r->spec->site[number];
    bool is_user = site->cls || (site->nargs && !site->message);
    is_user ? raise_user(site, r) : raise_builtin(site, r);
}

static void raise_status(const Raised *r) {
    if (r->status > 0) raise_site(r);
    else if (r->status == STATUS_PYTHON_ERROR && r->has_exception)
        exception_restore((PyObject *)(uintptr_t)r->payload[0]);
    else if (r->status == STATUS_MEMORY) PyErr_NoMemory();
    else if (r->status == STATUS_RECURSION)
        PyErr_SetString(PyExc_RecursionError, "maximum recursion depth exceeded in compiled code");
    else if (r->status == STATUS_PYTHON_ERROR && !PyErr_Occurred()) vectorize_raise_pending();
    if (!PyErr_Occurred()) /* of the codes that say "already set" */
        PyErr_Format(PyExc_SystemError, "compiled code failed with status %d but set no exception",
                     (int)r->status);
}

int32_t exception_keep(Context *context) {
    context->payload[0] = (Slot)(uintptr_t)exception_take();
    context->python_error = 1;
    return STATUS_PYTHON_ERROR;
}

/* ---- the traceback ------------------------------------------------------------------------------------------------------- */

/* The code as a frame without a function can have it: when such a frame is asked for its locals, CPython reads the cells
 * of free variables, which nobody has put there.  New reference. */
static PyCodeObject *code_for_frame(PyCodeObject *code) {
    if (!code->co_nfreevars) return (PyCodeObject *)Py_NewRef(code);
    PyObject *replace = PyObject_GetAttrString((PyObject *)code, "replace");
    PyObject *none = replace ? PyTuple_New(0) : NULL;
    PyObject *named = none ? Py_BuildValue("{s()}", "co_freevars") : NULL;
    PyObject *made = named ? PyObject_Call(replace, none, named) : NULL;
    Py_XDECREF(named);
    Py_XDECREF(none);
    Py_XDECREF(replace);
    return (PyCodeObject *)made;
}

/* Puts one frame on top of an exception's traceback. */
static int add_frame(PyObject *exception, const FrameFact *f, int lasti, int line) {
    PyCodeObject *code = code_for_frame((PyCodeObject *)f->code);
    PyFrameObject *frame = code ? PyFrame_New(PyThreadState_Get(), code, f->globals, NULL) : NULL;
    if (lasti >= 0 && code) line = PyCode_Addr2Line(code, lasti);
    Py_XDECREF(code); /* the frame has it */
    if (!frame) return -1;
    PyObject *next = PyException_GetTraceback(exception);
    PyObject *traceback = PyObject_CallFunction((PyObject *)&PyTraceBack_Type, "OOii", next ? next : Py_None,
                                                frame, lasti, line);
    int result = traceback ? PyException_SetTraceback(exception, traceback) : -1;
    Py_XDECREF(next);
    Py_XDECREF(traceback);
    Py_DECREF(frame);
    return result;
}

PyObject *exception_take(void) {
#if PY_VERSION_HEX >= 0x030C0000
    return PyErr_GetRaisedException();
#else
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback) PyException_SetTraceback(value, traceback);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
    return value;
#endif
}

void exception_restore(PyObject *steal) {
#if PY_VERSION_HEX >= 0x030C0000
    PyErr_SetRaisedException(steal);
#else
    PyErr_Restore(Py_NewRef(Py_TYPE(steal)), steal, PyException_GetTraceback(steal));
#endif
}

/* The frame of one site, the next one outwards.  The loop that runs a parallel body is passed over: it and the body are
 * one function to the reader.  *in_body: that of the site before was a body. */
static void add_site(PyObject *exception, const Specialisation *spec, uint32_t number, bool *in_body) {
    if (number >= spec->nsites) return;
    const Site *site = &spec->site[number];
    const FrameFact *frame = &spec->frame[site->func];
    if (!frame->code) return;
    bool shown = !*in_body;
    *in_body = frame->is_body;
    if (shown && add_frame(exception, frame, site->offset, site->line) < 0)
        PyErr_Clear(); /* the exception itself matters more than a frame of it */
}

/* Where it was raised, and what it has passed. */
static void add_frames(PyObject *exception, const Specialisation *spec, int32_t status, uint32_t n,
                       const uint32_t *site) {
    bool in_body = false;
    if (status > 0) add_site(exception, spec, status_site(status), &in_body);
    for (uint32_t i = 0; i < n && i < CONTEXT_FRAMES; i++) add_site(exception, spec, site[i], &in_body);
}

/* ---- exceptions that were caught --------------------------------------------------------------------------------------- */

static PyObject *exception_of_caught(const Caught *c, Arguments args);

/* Sets __cause__ from the context's or a handler's; `from None` hides what was being handled. */
static void add_cause(PyObject *exception, const MemoryBlock *cause, Arguments args) {
    if (!cause) return;
    const Caught *c = (const Caught *)(cause + 1);
    PyException_SetCause(exception, cause == &naja_no_cause ? NULL : exception_of_caught(c, args));
}

/* References in the payload stay the handler's: boxing takes over some of its own. */
static void retain_payload(const Caught *c) {
    uint32_t words = c->status > 0 ? runtime_hooks.managed_words(c->spec, status_site(c->status)) : 0;
    for (uint32_t i = 0; words; i++, words >>= 1)
        if (words & 1) block_retain((MemoryBlock *)(uintptr_t)c->payload[i]);
}

/* A new exception object: what it would have been had it left the function. */
static PyObject *exception_of_caught(const Caught *c, Arguments args) {
    const Specialisation *spec = c->spec;
    if (c->python) return Py_NewRef(c->python);
    retain_payload(c);
    raise_status(&(Raised){spec, c->status, c->payload, args, false});
    PyObject *exception = exception_take();
    add_frames(exception, spec, c->status, c->nframes, c->frame);
    add_cause(exception, c->cause, args);
    return exception;
}

PyObject *caught_object(MemoryBlock *caught) {
    return exception_of_caught(block_data(caught), (Arguments){0});
}

/* The class of what was caught; borrowed. */
static PyObject *class_of_site(Site *site) {
    if (site->cls) return site->cls;
    PyObject *cls = atomic_load(&site->found);
    if (cls) return cls;
    cls = class_by_name(site->builtin ? site->builtin : "RuntimeError"); /* lives as long as the process */
    atomic_store(&site->found, cls);
    return cls;
}

static PyObject *class_of_caught(const Caught *c) {
    if (c->python) return (PyObject *)Py_TYPE(c->python);
    if (c->status > 0) return class_of_site(&((Specialisation *)c->spec)->site[status_site(c->status)]);
    return c->status == STATUS_MEMORY      ? PyExc_MemoryError
           : c->status == STATUS_RECURSION ? PyExc_RecursionError
                                           : NULL; /* a parallel region that is being abandoned */
}

static bool is_known(const Site *site) { return site->cls || atomic_load(&site->found); }

/* Without the GIL but for the first time that a built-in class is asked for: classes are compared by their order of
 * resolution, as `except` does. */
static bool caught_matches(const Caught *c, void *spec, uint32_t number) {
    Site *site = &((Specialisation *)spec)->site[number];
    bool ready = is_known(site) &&
                 (c->status <= 0 || is_known(&((Specialisation *)c->spec)->site[status_site(c->status)]));
    PyGILState_STATE state = ready ? PyGILState_UNLOCKED : gil_take();
    PyObject *cls = class_of_caught(c), *wanted = class_of_site(site);
    if (!ready) PyGILState_Release(state);
    return cls && PyType_IsSubtype((PyTypeObject *)cls, (PyTypeObject *)wanted);
}

/* The class of what is pending; the GIL is held if it is no site.  An exception that is set on the thread goes into the context, where
 * Python code that runs in between leaves it alone. */
static PyObject *class_of_pending(Context *context, int32_t status) {
    if (status > 0) return class_of_site(&((Specialisation *)context->spec)->site[status_site(status)]);
    if (status == STATUS_PYTHON_ERROR) {
        if (!context->python_error && !PyErr_Occurred()) vectorize_raise_pending();
        if (!context->python_error && !PyErr_Occurred()) return PyExc_SystemError;
        if (!context->python_error) exception_keep(context);
        return (PyObject *)Py_TYPE((PyObject *)(uintptr_t)context->payload[0]);
    }
    if (status == STATUS_INTERRUPT) return context->python_error ? PyErr_Occurred() : NULL;
    return status == STATUS_MEMORY ? PyExc_MemoryError : PyExc_RecursionError;
}

static bool pending_matches(Context *context, int32_t status, uint32_t number) {
    Site *site = ((Specialisation *)context->spec)->site;
    bool ready = status > 0 && is_known(&site[number]) && is_known(&site[status_site(status)]);
    PyGILState_STATE state = ready ? PyGILState_UNLOCKED : gil_take();
    PyObject *cls = class_of_pending(context, status), *wanted = class_of_site(&site[number]);
    if (!ready) PyGILState_Release(state);
    return cls && PyType_IsSubtype((PyTypeObject *)cls, (PyTypeObject *)wanted);
}

bool site_matches(PyObject *cls, const char *builtin, PyObject *of) {
    PyObject *raised = cls ? Py_NewRef(cls) : class_by_name(builtin ? builtin : "RuntimeError");
    bool is_of = of && PyType_Check(raised) && PyType_Check(of) &&
                 PyType_IsSubtype((PyTypeObject *)raised, (PyTypeObject *)of);
    Py_DECREF(raised);
    return is_of;
}

/* Of STATUS_PYTHON_ERROR in the context (exception_keep), of an interrupt on the thread. */
static bool is_in_context(int32_t status, const Context *context) {
    return status == STATUS_PYTHON_ERROR && context->python_error;
}

static void *take_error(Context *context, int32_t status) {
    if (is_in_context(status, context)) return (void *)(uintptr_t)context->payload[0];
    PyGILState_STATE state = gil_take();
    if (!PyErr_Occurred()) vectorize_raise_pending();
    PyObject *exception = PyErr_Occurred() ? exception_take() : NULL;
    PyGILState_Release(state);
    return exception;
}

static void set_error(Context *context, int32_t status, void *exception) {
    PyGILState_STATE state = gil_take();
    exception_restore(Py_NewRef(exception));
    if (status == STATUS_PYTHON_ERROR) exception_keep(context);
    PyGILState_Release(state);
}

static void drop_error(void *exception) {
    if (!Py_IsInitialized()) return; /* at exit; the object goes with the process */
    PyGILState_STATE state = gil_take();
    Py_DECREF(exception);
    PyGILState_Release(state);
}

static void *handled_error(void) {
    PyGILState_STATE state = gil_take();
    PyObject *exception = PyErr_GetHandledException();
    if (!exception || exception == Py_None) {
        PyErr_SetString(PyExc_RuntimeError, "No active exception to reraise");
        Py_XSETREF(exception, exception_take());
    }
    PyGILState_Release(state);
    return exception;
}

static uint32_t owners_of(const Type *t, uint32_t first) {
    if (!type_is_managed(t)) return 0;
    if (t->kind == TYPE_ARRAY) return UINT32_C(1) << (first + ARRAY_OWNER);
    if (t->kind == TYPE_STR) return UINT32_C(1) << (first + STR_OWNER);
    if (t->nfields == 0) return UINT32_C(1) << first;
    uint32_t words = 0;
    for (uint32_t i = 0; i < t->nfields; first += t->field[i++]->nleaves)
        words |= owners_of(t->field[i], first);
    return words;
}

static uint32_t managed_words(void *spec, uint32_t number) {
    const Site *site = &((Specialisation *)spec)->site[number];
    uint32_t words = 0, first = 0;
    for (uint32_t i = 0; i < site->nargs; first += site->arg[i++]->nleaves)
        words |= owners_of(site->arg[i], first);
    return words;
}

void errors_start(void) {
    runtime_hooks.take_error = take_error;
    runtime_hooks.set_error = set_error;
    runtime_hooks.drop_error = drop_error;
    runtime_hooks.handled_error = handled_error;
    runtime_hooks.matches = caught_matches;
    runtime_hooks.pending_matches = pending_matches;
    runtime_hooks.managed_words = managed_words;
}

/* ---- leaving compiled code --------------------------------------------------------------------------------------------- */

static void raise_failed(Specialisation *spec, Arguments given, Context *context, int32_t status) {
    raise_status(&(Raised){spec, status, context->payload, given, context->python_error});
    PyObject *exception = exception_take();
    add_frames(exception, spec, status, context->nframes, context->frame);
    add_cause(exception, context->cause, given);
    block_release(context->cause);
    exception_restore(exception);
}

void *naja_fail(Specialisation *spec, void *const *args, Context *context, int32_t status) {
    raise_failed(spec, (Arguments){spec->nargs, (PyObject *const *)args}, context, status);
    return NULL;
}

int32_t naja_cross_fail(Specialisation *spec, Context *context, int32_t status, Context *caller) {
    PyGILState_STATE gil = gil_take();
    raise_failed(spec, (Arguments){0}, context, status);
    status = exception_keep(caller);
    PyGILState_Release(gil);
    return status;
}

int32_t naja_import_failed(Context *context, int32_t status, void *first_site) {
    uint32_t first = (uint32_t)(uintptr_t)first_site;
    for (uint32_t i = 0; i < context->nframes && i < CONTEXT_FRAMES; i++) context->frame[i] += first;
    return status > 0 ? status + (int32_t)first : status;
}

void naja_c_fail(Specialisation *spec, Context *context, int32_t status) {
    PyGILState_STATE gil = gil_take();
    raise_failed(spec, (Arguments){0}, context, status);
    PyErr_WriteUnraisable(spec->owner);
    PyGILState_Release(gil);
}
