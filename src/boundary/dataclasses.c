/* dataclasses.c - instances of dataclasses as values of compiled code: their fields, as of a namedtuple.
 *
 * An instance is read when it is passed and made anew when it is given to Python, without __init__ and __post_init__,
 * which ran when the values were made.  One that is shared (naja/library/mutables.py) is on the chain of the call as a list
 * is, and the fields that have changed are written back when the call ends (lists.c).
 */
#include "boundary/state.h"

/* What dataclasses._FIELD is: the mark of a field that instances have; borrowed, NULL with an exception. */
static PyObject *field_mark(void) {
    static PyObject *mark; /* lives as long as the process */
    PyObject *module = mark ? NULL : PyImport_ImportModule("dataclasses");
    if (module) mark = PyObject_GetAttrString(module, "_FIELD");
    Py_XDECREF(module);
    return mark;
}

bool is_dataclass(PyObject *cls) {
    return PyType_Check(cls) && PyType_HasFeature((PyTypeObject *)cls, Py_TPFLAGS_HEAPTYPE) &&
           PyObject_HasAttr(cls, core.name.dataclass_fields);
}

static int add_field(PyObject *names, PyObject *name, PyObject *field) {
    PyObject *kind = PyObject_GetAttrString(field, "_field_type"), *mark = kind ? field_mark() : NULL;
    int status = !mark ? -1 : kind == mark ? PyList_Append(names, name) : 0; /* no ClassVar, no InitVar */
    Py_XDECREF(kind);
    return status;
}

/* What a class has under this name itself, not by its bases; borrowed, NULL without an exception. */
static PyObject *own_attribute(PyObject *cls, PyObject *name) {
    PyObject *own = ((PyTypeObject *)cls)->tp_dict;
    return own ? PyDict_GetItemWithError(own, name) : NULL;
}

/* The class keeps the names. */
PyObject *dataclass_fields(PyObject *cls) {
    PyObject *known = own_attribute(cls, core.name.naja_names);
    if (known) return Py_NewRef(known);
    PyObject *fields = PyObject_GetAttr(cls, core.name.dataclass_fields), *names = PyList_New(0), *name,
             *field;
    Py_ssize_t at = 0;
    bool failed = !fields || !names || !PyDict_Check(fields);
    while (!failed && PyDict_Next(fields, &at, &name, &field)) failed = add_field(names, name, field) < 0;
    if (!failed && PyList_GET_SIZE(names) == 0) {
        PyErr_Format(PyExc_TypeError, "%R has no fields", cls);
        failed = true;
    }
    PyObject *result = failed ? NULL : PyList_AsTuple(names);
    if (result && PyObject_SetAttr(cls, core.name.naja_names, result) < 0) PyErr_Clear();
    Py_XDECREF(fields);
    Py_XDECREF(names);
    return result;
}

PyObject *dataclass_values(PyObject *o) {
    PyObject *names = dataclass_fields((PyObject *)Py_TYPE(o));
    PyObject *values = names ? PyTuple_New(PyTuple_GET_SIZE(names)) : NULL;
    for (Py_ssize_t i = 0; values && i < PyTuple_GET_SIZE(names); i++) {
        PyObject *value = PyObject_GetAttr(o, PyTuple_GET_ITEM(names, i));
        if (value) PyTuple_SET_ITEM(values, i, value);
        else Py_CLEAR(values);
    }
    Py_XDECREF(names);
    return values;
}

PyObject *dataclass_companion_borrow(PyObject *cls) {
    PyObject *known = own_attribute(cls, core.name.naja_shared);
    if (!known && !PyErr_Occurred()) {
        PyObject *module = PyImport_ImportModule("naja.library.mutables");
        PyObject *made = module ? PyObject_CallMethod(module, "companion", "O", cls) : NULL;
        Py_XDECREF(module);
        Py_XDECREF(made);
        known = made ? own_attribute(cls, core.name.naja_shared) : NULL;
    }
    return known == Py_None ? NULL : known;
}

PyObject *dataclass_shared_borrow(PyObject *cls) { return own_attribute(cls, core.name.naja_of); }

long dataclass_nshared(void) {
    PyObject *type, *error, *traceback;
    PyErr_Fetch(&type, &error, &traceback);
    PyObject *module = PyDict_GetItemString(PyImport_GetModuleDict(), "naja.library.mutables");
    PyObject *n = module ? PyObject_GetAttrString(module, "nshared") : NULL;
    long value = n ? PyLong_AsLong(n) : 0;
    Py_XDECREF(n);
    PyErr_Restore(type, error, traceback);
    return value;
}

/* A dataclass whose instances are values so far. */
static bool is_value_class(PyObject *o) {
    return PyType_Check(o) && PyType_HasFeature((PyTypeObject *)o, Py_TPFLAGS_HEAPTYPE) &&
           own_attribute(o, core.name.naja_shared) == Py_None;
}

bool dataclasses_foresee(PyObject *objects) {
    long before = dataclass_nshared();
    bool any = false;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(objects) && !any; i++)
        any = is_value_class(PyList_GET_ITEM(objects, i));
    PyObject *module = any ? PyImport_ImportModule("naja.library.mutables") : NULL;
    PyObject *done = module ? PyObject_CallMethod(module, "foresee", "O", objects) : NULL;
    PyErr_Clear();
    Py_XDECREF(done);
    Py_XDECREF(module);
    return dataclass_nshared() != before;
}

/* One of naja's own (naja/library/containers.py) stands for an object of another class. */
PyObject *dataclass_to_python(PyObject *cls, PyObject *values) {
    PyObject *make = PyObject_GetAttrString(cls, "_to_python");
    if (!make) {
        PyErr_Clear();
        return dataclass_new(cls, values);
    }
    PyObject *o = PyObject_CallObject(make, values);
    Py_DECREF(make);
    return o;
}

PyObject *dataclass_new(PyObject *cls, PyObject *values) {
    PyObject *names = dataclass_fields(cls);
    PyObject *o = names ? PyObject_CallMethod(cls, "__new__", "O", cls) : NULL;
    for (Py_ssize_t i = 0; o && i < PyTuple_GET_SIZE(names); i++) /* past a frozen class's own __setattr__ */
        if (PyObject_GenericSetAttr(o, PyTuple_GET_ITEM(names, i), PyTuple_GET_ITEM(values, i)) < 0)
            Py_CLEAR(o);
    Py_XDECREF(names);
    return o;
}
