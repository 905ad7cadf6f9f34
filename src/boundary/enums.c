/* enums.c - members of Python's enum classes as numbers.
 *
 * A member of an IntEnum is its value, so that arithmetic needs no table, and so is a flag, which may be several members
 * together; any other is its place among the names of the class.  The class is in the type, and the same member comes back: a class cannot change its members.
 */
#include "boundary/state.h"

/* enum.Enum once somebody has imported it; before that there are no members. */
static PyTypeObject *enum_class(const char *name, PyTypeObject **place) {
    if (*place) return *place;
    PyObject *module = PyDict_GetItemString(PyImport_GetModuleDict(), "enum");
    PyObject *cls = module ? PyObject_GetAttrString(module, name) : NULL;
    if (!cls) PyErr_Clear();
    *place = (PyTypeObject *)cls; /* kept for the life of the process */
    return *place;
}

static PyTypeObject *enum_type, *flag_type;

bool is_enum_member(PyObject *o) {
    PyTypeObject *cls = Py_TYPE(o);
    if (!(cls->tp_flags & Py_TPFLAGS_HEAPTYPE) || Py_TYPE(cls) == &PyType_Type) return false;
    return enum_class("Enum", &enum_type) && PyType_IsSubtype(cls, enum_type);
}

bool is_enum_class(PyObject *cls) {
    return PyType_Check(cls) && enum_class("Enum", &enum_type) &&
           PyType_IsSubtype((PyTypeObject *)cls, enum_type);
}

/* Of an IntEnum or IntFlag. */
static bool is_int(PyObject *member) { return PyLong_Check(member); }

static bool is_flag_class(PyObject *cls) {
    return enum_class("Flag", &flag_type) && PyType_IsSubtype((PyTypeObject *)cls, flag_type);
}

const Type *enum_typeof(PyObject *member) {
    Handle cls = handle_of((PyObject *)Py_TYPE(member));
    return cls ? type_enum(cls, is_int(member)) : NULL;
}

int64_t enum_number(PyObject *member) {
    if (is_int(member)) return PyLong_AsLongLong(member);
    if (is_flag_class((PyObject *)Py_TYPE(member))) {
        PyObject *value = PyObject_GetAttrString(member, "_value_");
        int64_t bits = value ? PyLong_AsLongLong(value) : -1;
        Py_XDECREF(value);
        return bits;
    }
    PyObject *names = PyObject_GetAttrString((PyObject *)Py_TYPE(member), "_member_names_");
    PyObject *name = names ? PyObject_GetAttrString(member, "_name_") : NULL;
    int64_t number = name ? PySequence_Index(names, name) : -1;
    Py_XDECREF(name);
    Py_XDECREF(names);
    return number;
}

int enum_unbox(const Type *t, PyObject *o, int64_t *out) {
    if ((PyObject *)Py_TYPE(o) != handle_object_borrow(t->handle)) {
        PyErr_Format(PyExc_TypeError, "expected a %s, got %.100s", t->name, Py_TYPE(o)->tp_name);
        return -1;
    }
    *out = enum_number(o);
    return *out == -1 && PyErr_Occurred() ? -1 : 0;
}

PyObject *enum_box(const Type *t, int64_t number) {
    PyObject *cls = handle_object_borrow(t->handle);
    if (!cls) return PyErr_Format(PyExc_ReferenceError, "the class of %s is gone", t->name);
    if (t->nelem || is_flag_class(cls)) {
        PyObject *value = PyLong_FromLongLong(number),
                 *member = value ? PyObject_CallOneArg(cls, value) : NULL;
        Py_XDECREF(value);
        return member;
    }
    PyObject *names = PyObject_GetAttrString(cls, "_member_names_");
    PyObject *name = names ? PySequence_GetItem(names, number) : NULL;
    PyObject *member = name ? PyObject_GetItem(cls, name) : NULL;
    Py_XDECREF(name);
    Py_XDECREF(names);
    return member;
}
