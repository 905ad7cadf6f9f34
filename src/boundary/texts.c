/* texts.c - what the string functions of the runtime ask of Python: its tables of characters, which need no GIL, and
 * the things that do: case mappings outside ASCII, format specifications, sys.stdout. */
#include "boundary/state.h"
#include "runtime/text.h"

/* ---- characters -------------------------------------------------------------------------------------------------- */

static bool is_class(CharClass c, uint32_t ch) {
    switch (c) {
    case CHAR_ALPHA: return Py_UNICODE_ISALPHA(ch);
    case CHAR_DECIMAL: return Py_UNICODE_ISDECIMAL(ch);
    case CHAR_DIGIT: return Py_UNICODE_ISDIGIT(ch);
    case CHAR_NUMERIC: return Py_UNICODE_ISNUMERIC(ch);
    case CHAR_PRINTABLE: return Py_UNICODE_ISPRINTABLE(ch);
    case CHAR_SPACE: return Py_UNICODE_ISSPACE(ch);
    case CHAR_LOWER: return Py_UNICODE_ISLOWER(ch);
    case CHAR_UPPER: return Py_UNICODE_ISUPPER(ch);
    default: return Py_UNICODE_ISTITLE(ch);
    }
}

static int decimal(uint32_t ch) { return Py_UNICODE_TODECIMAL(ch); }

#if PY_VERSION_HEX >= 0x030D0000 && PY_VERSION_HEX < 0x030E0000
extern Py_hash_t _Py_HashBytes(const void *,
                               Py_ssize_t); /* exported, but declared in an internal header only */
#endif

static int64_t hash(const void *data, int64_t nbytes) {
#if PY_VERSION_HEX >= 0x030E0000
    return Py_HashBuffer(data, (Py_ssize_t)nbytes);
#else
    return _Py_HashBytes(data, (Py_ssize_t)nbytes);
#endif
}

/* ---- the GIL --------------------------------------------------------------------------------------------------- */

PyGILState_STATE gil_take(void) {
    if (!PyGILState_Check()) atomic_store(&naja_python_wanted, 1);
    return PyGILState_Ensure();
}

static void *leave_python(void) { return PyGILState_Check() ? PyEval_SaveThread() : NULL; }

static void enter_python(void *state) {
    if (state) PyEval_RestoreThread(state);
}

/* ---- to Python and back ------------------------------------------------------------------------------------------ */

static PyObject *to_python(const Text *s) {
    return s->parent ? Py_NewRef((PyObject *)s->parent)
                     : PyUnicode_FromKindAndData(s->kind, s->data, s->length);
}

static int32_t from_python(Slot *out, PyObject *text) {
    return text_from_chars(out, PyUnicode_DATA(text), (int32_t)PyUnicode_KIND(text),
                           PyUnicode_GET_LENGTH(text));
}

/* The exception that is set becomes one that compiled code raises itself, so that it can also catch it. */
static int32_t take_failure(Slot *out) {
    struct {
        PyObject *cls;
        TextError error;
    } known[] = {{PyExc_ValueError, TEXT_VALUE_ERROR},
                 {PyExc_TypeError, TEXT_TYPE_ERROR},
                 {PyExc_OverflowError, TEXT_OVERFLOW_ERROR},
                 {PyExc_MemoryError, (TextError)STATUS_MEMORY}};
    PyObject *cls, *value, *traceback;
    PyErr_Fetch(&cls, &value, &traceback);
    PyObject *text = value ? PyObject_Str(value) : PyUnicode_FromString("");
    for (size_t i = 0; text && i < ARRAY_LEN(known); i++) {
        if (!PyErr_GivenExceptionMatches(cls, known[i].cls)) continue;
        int32_t status = from_python(out, text) ? STATUS_MEMORY : (int32_t)known[i].error;
        Py_DECREF(text);
        Py_XDECREF(cls);
        Py_XDECREF(value);
        Py_XDECREF(traceback);
        return status;
    }
    Py_XDECREF(text);
    PyErr_Clear();
    PyErr_Restore(cls, value, traceback);
    return STATUS_PYTHON_ERROR;
}

/* Takes over `result`, a str; NULL: the exception that is set. */
static int32_t deliver(Slot *out, PyObject *result) {
    int32_t status = result ? from_python(out, result) : take_failure(out);
    Py_XDECREF(result);
    return status;
}

/* ---- case, identifiers --------------------------------------------------------------------------------------------- */

static int32_t call_method(Slot *out, const char *name, const Text *self) {
    PyGILState_STATE state = gil_take();
    PyObject *o = to_python(self);
    int32_t status = deliver(out, o ? PyObject_CallMethod(o, name, NULL) : NULL);
    Py_XDECREF(o);
    PyGILState_Release(state);
    return status;
}

static int32_t identifier(Slot *out, const Text *s) {
    PyGILState_STATE state = gil_take();
    PyObject *o = to_python(s);
    *(uint8_t *)out = o && PyUnicode_IsIdentifier(o) == 1;
    Py_XDECREF(o);
    PyErr_Clear();
    PyGILState_Release(state);
    return o ? STATUS_OK : STATUS_MEMORY;
}

/* ---- format(x, spec) ------------------------------------------------------------------------------------------------- */

static PyObject *number(FormatKind kind, int64_t integer, double real, double imag) {
    switch (kind) {
    case FORMAT_INT: return PyLong_FromLongLong(integer);
    case FORMAT_UINT: return PyLong_FromUnsignedLongLong((uint64_t)integer);
    case FORMAT_BOOL: return PyBool_FromLong(integer != 0);
    case FORMAT_FLOAT: return PyFloat_FromDouble(real);
    case FORMAT_COMPLEX: return PyComplex_FromDoubles(real, imag);
    default: return Py_NewRef(Py_None);
    }
}

static int32_t format(Slot *out, FormatKind kind, int64_t integer, double real, double imag, const Text *text,
                      const Text *spec) {
    PyGILState_STATE state = gil_take();
    PyObject *o = text ? to_python(text) : number(kind, integer, real, imag),
             *how = o ? to_python(spec) : NULL;
    int32_t status = deliver(out, how ? PyObject_Format(o, how) : NULL);
    Py_XDECREF(o);
    Py_XDECREF(how);
    PyGILState_Release(state);
    return status;
}

/* ---- print -------------------------------------------------------------------------------------------------------------- */

static int write_out(const Text *text, bool flush) {
    PyObject *file = PySys_GetObject("stdout");
    if (!file || file == Py_None) return 0;
    Py_INCREF(file);
    PyObject *line = to_python(text), *done = NULL;
    int status = line ? PyFile_WriteObject(line, file, Py_PRINT_RAW) : -1;
    if (!status && flush && !(done = PyObject_CallMethod(file, "flush", NULL))) status = -1;
    Py_XDECREF(done);
    Py_XDECREF(line);
    Py_DECREF(file);
    return status;
}

static int32_t print(Context *context, const Text *text, bool flush) {
    PyGILState_STATE state = gil_take();
    int32_t status = write_out(text, flush) ? exception_keep(context) : STATUS_OK;
    PyGILState_Release(state);
    return status;
}

/* ---- exceptions ----------------------------------------------------------------------------------------------------------- */

static int32_t caught(Slot *out, MemoryBlock *block, bool repr) {
    PyGILState_STATE state = gil_take();
    PyObject *exception = caught_object(block);
    int32_t status = deliver(out, !exception ? NULL
                                  : repr     ? PyObject_Repr(exception)
                                             : PyObject_Str(exception));
    Py_XDECREF(exception);
    PyGILState_Release(state);
    return status;
}

void texts_start(void) {
    runtime_hooks.leave_python = leave_python;
    runtime_hooks.enter_python = enter_python;
    text_hooks = (TextHooks){is_class, decimal, hash, call_method, identifier, format, print, caught};
}
