/* source.c - source lines, as Python's own tracebacks find them: through linecache. */
#include "frontend/build.h"

static PyObject *new_line(const char *filename, int line) {
    PyObject *linecache = PyImport_ImportModule("linecache");
    PyObject *text = linecache ? PyObject_CallMethod(linecache, "getline", "si", filename, line) : NULL;
    Py_XDECREF(linecache);
    return text;
}

const char *frontend_source_line(Unit *u, const char *filename, int line) {
    const char *result = NULL;
    Py_ssize_t n = 0;
    if (!filename || line <= 0) return NULL;
    PyObject *text = new_line(filename, line);
    const char *s = text && PyUnicode_Check(text) ? PyUnicode_AsUTF8AndSize(text, &n) : NULL;
    while (s && n > 0 && (s[n - 1] == '\n' || s[n - 1] == '\r')) n--;
    if (s && n > 0) result = arena_strndup(&u->arena, s, (size_t)n);
    PyErr_Clear(); /* a line that cannot be read is only missing from a message */
    Py_XDECREF(text);
    return result;
}
