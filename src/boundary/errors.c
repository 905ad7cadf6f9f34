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

/* ---- the exception ----------------------------------------------------------------------------------------------------- */

static double as_double(uint64_t bits) {
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

/* The message of a built-in raise: %d, %u and %g take the next payload word as int64, uint64 and double. */
static PyObject *format_message(const char *message, const Slot *payload) {
    StrBuf text = {0};
    for (const char *s = message; *s; s++) {
        char kind = *s == '%' ? s[1] : 0;
        if (kind == 'd') strbuf_printf(&text, "%lld", (long long)*payload++);
        else if (kind == 'u') strbuf_printf(&text, "%llu", (unsigned long long)*payload++);
        else if (kind == 'g') strbuf_printf(&text, "%.17g", as_double(*payload++));
        else strbuf_add(&text, s, 1);
        s += kind == 'd' || kind == 'u' || kind == 'g' || kind == '%';
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

static void raise_builtin(const Site *site, const Context *context) {
    PyObject *cls = class_by_name(site->builtin ? site->builtin : "RuntimeError");
    PyObject *text = site->message ? format_message(site->message, context->payload) : NULL;
    if (text || !site->message) PyErr_SetObject(cls, text);
    Py_XDECREF(text);
    Py_DECREF(cls);
}

/* The class called with the boxed arguments.  Every argument is boxed, whatever fails: boxing takes over references. */
static void raise_user(const Site *site, const Context *context, Arguments args) {
    PyObject *cls = site->cls ? Py_NewRef(site->cls) : class_by_name(site->builtin),
             *values = PyTuple_New(site->nargs);
    const Slot *payload = context->payload;
    bool failed = !values;
    for (uint32_t i = 0; i < site->nargs && values; i++) {
        PyObject *o = box_value(site->arg[i], payload, args);
        payload += site->arg[i]->nleaves;
        failed |= !o;
        PyTuple_SET_ITEM(values, i, o);
    }
    PyObject *exception = failed ? NULL : PyObject_Call(cls, values, NULL);
    if (exception) PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
    Py_XDECREF(exception);
    Py_XDECREF(values);
    Py_DECREF(cls);
}

static void raise_site(const Specialisation *spec, uint32_t number, const Context *context, Arguments args) {
    if (number >= spec->nsites) {
        error_raise("InternalError", "compiled code reports an unknown raise site (%u)", number);
        return;
    }
    const Site *site = &spec->site[number];
    bool is_user = site->cls || (site->nargs && !site->message);
    is_user ? raise_user(site, context, args) : raise_builtin(site, context);
}

static void raise_status(const Specialisation *spec, int32_t status, const Context *context, Arguments args) {
    if (status > 0) raise_site(spec, (uint32_t)status - 1, context, args);
    else if (status == STATUS_MEMORY) PyErr_NoMemory();
    else if (status == STATUS_RECURSION)
        PyErr_SetString(PyExc_RecursionError, "maximum recursion depth exceeded in compiled code");
    else if (status == STATUS_PYTHON_ERROR && !PyErr_Occurred()) vectorize_raise_pending();
    if (!PyErr_Occurred()) /* of the codes that say "already set" */
        PyErr_Format(PyExc_SystemError, "compiled code failed with status %d but set no exception",
                     (int)status);
}

/* ---- the traceback ------------------------------------------------------------------------------------------------------- */

/* Puts one frame on top of an exception's traceback. */
static int add_frame(PyObject *exception, const FrameFact *f, int lasti, int line) {
    PyCodeObject *code = (PyCodeObject *)f->code;
    PyFrameObject *frame = PyFrame_New(PyThreadState_Get(), code, f->globals, NULL);
    if (!frame) return -1;
    if (lasti >= 0) line = PyCode_Addr2Line(code, lasti);
    PyObject *next = PyException_GetTraceback(exception);
    PyObject *traceback = PyObject_CallFunction((PyObject *)&PyTraceBack_Type, "OOii", next ? next : Py_None,
                                                frame, lasti, line);
    int result = traceback ? PyException_SetTraceback(exception, traceback) : -1;
    Py_XDECREF(next);
    Py_XDECREF(traceback);
    Py_DECREF(frame);
    return result;
}

/* The current exception as one normalised object, taken off the thread. */
static PyObject *take_exception(void) {
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

static void restore_exception(PyObject *steal) {
#if PY_VERSION_HEX >= 0x030C0000
    PyErr_SetRaisedException(steal);
#else
    PyErr_Restore(Py_NewRef(Py_TYPE(steal)), steal, PyException_GetTraceback(steal));
#endif
}

/* The loop that runs a parallel body is passed over: it and the body are one function to the reader. */
static void add_frames(const Specialisation *spec, const Context *context) {
    PyObject *exception = take_exception();
    uint32_t n = context->nframes < CONTEXT_FRAMES ? context->nframes : CONTEXT_FRAMES;
    bool in_body = false;
    for (uint32_t i = 0; i < n; i++) {
        if (context->frame[i] >= spec->nsites) continue;
        const Site *site = &spec->site[context->frame[i]];
        const FrameFact *frame = &spec->frame[site->func];
        if (!frame->code) continue;
        bool shown = !in_body;
        in_body = frame->is_body;
        if (shown && add_frame(exception, frame, site->offset, site->line) < 0)
            PyErr_Clear(); /* the exception itself matters more than a frame of it */
    }
    restore_exception(exception);
}

void *naja_fail(Specialisation *spec, void *const *args, Context *context, int32_t status) {
    raise_status(spec, status, context, (Arguments){spec->nargs, (PyObject *const *)args});
    add_frames(spec, context);
    return NULL;
}
