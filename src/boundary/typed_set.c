/* typed_set.c - naja.typed.Set: the set of compiled code as Python's object, as typed_dict.c has dicts.
 *
 * Looking up, adding and removing work on the cells.  What combines whole sets makes a Python set, lets that do it, and
 * takes the result back.
 */
#include "boundary/cells.h"
#include "boundary/tables.h"
#include "boundary/typed.h"
#include "runtime/runtime.h"

static bool is_typed_set(PyObject *o) { return PyObject_TypeCheck(o, core.typed_set_type); }
static bool is_set(PyObject *o) { return is_typed_set(o) || PyAnySet_Check(o); }

/* ---- putting in -------------------------------------------------------------------------------------------------- */

static int add(PyObject *o, PyObject *item) {
    if (!as_typed(o)->type) {
        const Type *t = cell_type_of(item);
        if (!t || typed_table_set_type(o, t, NULL) < 0) return -1;
    }
    bool is_new;
    return typed_table_place(o, item, &is_new) < 0 ? -1 : 0;
}

static int update(PyObject *o, PyObject *items) {
    if (items == o) return 0;
    PyObject *iterator = PyObject_GetIter(items), *item;
    if (!iterator) return -1;
    int status = 0;
    if (is_typed_set(items) && as_typed(items)->type)
        status = typed_table_set_type(o, as_typed(items)->type->elem[0], NULL);
    while (status == 0 && (item = PyIter_Next(iterator))) {
        status = add(o, item);
        Py_DECREF(item);
    }
    Py_DECREF(iterator);
    return PyErr_Occurred() ? -1 : status;
}

/* ---- making ------------------------------------------------------------------------------------------------------- */

PyObject *typed_set_new(const Type *t, PyObject *items) {
    PyObject *o = typed_wrap(core.typed_set_type, NULL, NULL);
    if (o && t && typed_table_set_type(o, t->elem[0], NULL) < 0) Py_CLEAR(o);
    if (o && items && update(o, items) < 0) Py_CLEAR(o);
    return o;
}

static PyObject *set_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"", NULL};
    PyObject *items = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:Set", names, &items)) return NULL;
    if (typed_is_disabled()) return PyObject_CallObject((PyObject *)&PySet_Type, args);
    PyObject *o = typed_wrap(cls, NULL, NULL);
    if (o && items && update(o, items) < 0) Py_CLEAR(o);
    return o;
}

static PyObject *empty(PyObject *cls, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"key_type", "n_keys", NULL};
    PyObject *key;
    Py_ssize_t n = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|n:empty", names, &key, &n)) return NULL;
    if (typed_is_disabled()) return PySet_New(NULL);
    const Type *t = typed_named(key);
    if (!t) return NULL;
    if (!type_fits_cell(t)) return error_raise("TypingError", "a set cannot hold items of type %s", t->name);
    PyObject *o = typed_wrap((PyTypeObject *)cls, NULL, NULL);
    if (!o || typed_table_set_type(o, t, NULL) == 0) {
        if (!o || n <= 0 || !naja_table_reserve(as_typed(o)->block, n)) return o;
        PyErr_NoMemory();
    }
    Py_DECREF(o);
    return NULL;
}

/* ---- items -------------------------------------------------------------------------------------------------------- */

static PyObject *method_add(PyObject *o, PyObject *item) { return typed_done(add(o, item)); }

/* 1: the item was there, 0: it was not. */
static int take(PyObject *o, PyObject *item) {
    int64_t i = typed_table_find(o, item);
    if (i >= 0) typed_table_remove(o, i);
    return i == ENTRY_ERROR ? -1 : i >= 0;
}

static PyObject *method_discard(PyObject *o, PyObject *item) { return typed_done(take(o, item)); }

static PyObject *method_remove(PyObject *o, PyObject *item) {
    int taken = take(o, item);
    return taken == 0 ? typed_key_error(item) : typed_done(taken);
}

static PyObject *method_pop(PyObject *o, PyObject *unused) {
    if (typed_table_length(o) == 0) return PyErr_SetString(PyExc_KeyError, "pop from an empty set"), NULL;
    PyObject *item = typed_table_key(o, typed_body(o)->used - 1); /* the last entry is never a hole */
    if (item && take(o, item) < 0) Py_CLEAR(item);
    return item;
}

static PyObject *method_update(PyObject *o, PyObject *args) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args); i++)
        if (update(o, PyTuple_GET_ITEM(args, i)) < 0) return NULL;
    Py_RETURN_NONE;
}

/* ---- by way of Python sets ------------------------------------------------------------------------------------------ */

/* set(self).name(*others): with typed sets among the others made Python sets, too. */
static PyObject *of_pysets(PyObject *o, const char *name, PyObject *others) {
    PyObject *set = PySet_New(o), *method = set ? PyObject_GetAttrString(set, name) : NULL;
    PyObject *args = method ? PyTuple_New(PyTuple_GET_SIZE(others)) : NULL;
    for (Py_ssize_t i = 0; args && i < PyTuple_GET_SIZE(others); i++) {
        PyObject *other = PyTuple_GET_ITEM(others, i);
        PyObject *plain = is_typed_set(other) ? PySet_New(other) : Py_NewRef(other);
        if (!plain) Py_CLEAR(args);
        else PyTuple_SET_ITEM(args, i, plain);
    }
    PyObject *result = args ? PyObject_CallObject(method, args) : NULL;
    Py_XDECREF(set);
    Py_XDECREF(method);
    Py_XDECREF(args);
    return result;
}

static PyObject *combined(PyObject *o, const char *name, PyObject *others) {
    PyObject *items = of_pysets(o, name, others), *made = items ? typed_wrap(Py_TYPE(o), NULL, NULL) : NULL;
    const Type *t = as_typed(o)->type;
    if (made && ((t && typed_table_set_type(made, t->elem[0], NULL) < 0) || update(made, items) < 0))
        Py_CLEAR(made);
    Py_XDECREF(items);
    return made;
}

/* The result takes the place of the set's items. */
static int replace(PyObject *o, const char *name, PyObject *others) {
    PyObject *made = combined(o, name, others);
    if (!made) return -1;
    Py_XDECREF(typed_table_clear(o, NULL));
    int status = update(o, made);
    Py_DECREF(made);
    return status;
}

#define COMBINES(name) \
    static PyObject *method_##name(PyObject *o, PyObject *others) { return combined(o, #name, others); }
#define ASKS(name) \
    static PyObject *method_##name(PyObject *o, PyObject *others) { return of_pysets(o, #name, others); }
#define REPLACES(name)                                                       \
    static PyObject *method_##name##_update(PyObject *o, PyObject *others) { \
        return typed_done(replace(o, #name, others));                        \
    }
COMBINES(union)
COMBINES(intersection)
COMBINES(difference)
COMBINES(symmetric_difference)
REPLACES(intersection)
REPLACES(difference)
REPLACES(symmetric_difference)
ASKS(issubset)
ASKS(issuperset)
ASKS(isdisjoint)

static PyObject *binary(PyObject *a, PyObject *b, const char *name, const char *mirrored) {
    if (!is_set(a) || !is_set(b)) Py_RETURN_NOTIMPLEMENTED;
    bool swapped = !is_typed_set(a);
    PyObject *others = PyTuple_Pack(1, swapped ? a : b), *result = NULL;
    if (others && (!swapped || mirrored))
        result = combined(swapped ? b : a, swapped ? mirrored : name, others);
    else if (others) { /* set - typed.Set */
        PyObject *first = typed_set_new(as_typed(b)->type, a), *args = first ? PyTuple_Pack(1, b) : NULL;
        if (args) result = combined(first, name, args);
        Py_XDECREF(first);
        Py_XDECREF(args);
    }
    Py_XDECREF(others);
    return result;
}

static PyObject *in_place(PyObject *o, PyObject *other, const char *name) {
    if (!is_set(other)) Py_RETURN_NOTIMPLEMENTED;
    PyObject *others = PyTuple_Pack(1, other);
    int status = others ? replace(o, name, others) : -1;
    Py_XDECREF(others);
    return status < 0 ? NULL : Py_NewRef(o);
}

#define OPERATOR(operator, name, mirrored)                                                       \
    static PyObject *operator(PyObject *a, PyObject *b) { return binary(a, b, name, mirrored); } \
    static PyObject *inplace_##operator(PyObject * a, PyObject * b) { return in_place(a, b, name); }
OPERATOR(or, "union", "union")
OPERATOR(and, "intersection", "intersection")
OPERATOR(xor, "symmetric_difference", "symmetric_difference")
OPERATOR(subtract, "difference", NULL)

static PyObject *compare(PyObject *o, PyObject *other, int op) {
    if (!is_set(other)) Py_RETURN_NOTIMPLEMENTED;
    PyObject *a = PySet_New(o), *b = a && is_typed_set(other) ? PySet_New(other) : Py_NewRef(other);
    PyObject *result = a && b ? PyObject_RichCompare(a, b, op) : NULL;
    Py_XDECREF(a);
    Py_XDECREF(b);
    return result;
}

/* ---- printing and pickling ------------------------------------------------------------------------------------------- */

/* In the order of insertion, {} around them even if there are none: as Numba shows sets. */
static PyObject *set_str(PyObject *o) {
    PyObject *items = PySequence_List(o), *text = items ? PyObject_Repr(items) : NULL;
    PyObject *inner = text ? PyUnicode_Substring(text, 1, PyUnicode_GET_LENGTH(text) - 1) : NULL;
    PyObject *result = inner ? PyUnicode_FromFormat("{%U}", inner) : NULL;
    Py_XDECREF(items);
    Py_XDECREF(text);
    Py_XDECREF(inner);
    return result;
}

static PyObject *set_repr(PyObject *o) {
    return typed_repr(as_typed(o)->type, "SetType[Undefined]", set_str(o));
}

static PyObject *restore(PyObject *cls, PyObject *args) {
    PyObject *type, *items;
    if (!PyArg_ParseTuple(args, "OO:_restore", &type, &items)) return NULL;
    PyObject *made = PyObject_CallMethod(cls, "empty", "O", type);
    if (made && update(made, items) < 0) Py_CLEAR(made);
    return made;
}

static PyObject *method_reduce(PyObject *o, PyObject *unused) {
    const Type *t = as_typed(o)->type;
    if (!t) return Py_BuildValue("(O())", Py_TYPE(o));
    PyObject *make = PyObject_GetAttrString((PyObject *)Py_TYPE(o), "_restore"), *items = PySequence_List(o);
    PyObject *type = type_object_borrow(t->elem[0]);
    PyObject *result = make && items && type ? Py_BuildValue("(O(OO))", make, type, items) : NULL;
    Py_XDECREF(make);
    Py_XDECREF(items);
    return result;
}

/* ---- the type ---------------------------------------------------------------------------------------------------------- */

#define KEYWORDS(f) (PyCFunction)(void (*)(void))(f)

/* clang-format off */
static PyMethodDef set_methods[] = {
    {"add", method_add, METH_O, "add(item, /)\n--\n\nPut an item in; the first one decides the type."},
    {"discard", method_discard, METH_O, "discard(item, /)\n--\n\nTake an item out if it is there."},
    {"remove", method_remove, METH_O, "remove(item, /)\n--\n\nTake an item out; KeyError if it is not there."},
    {"pop", method_pop, METH_NOARGS, "pop()\n--\n\nTake some item out; KeyError if there is none."},
    {"clear", typed_table_clear, METH_NOARGS, "clear()\n--\n\nTake all items out."},
    {"copy", typed_table_copy, METH_NOARGS, "copy()\n--\n\nA new set of the same items."},
    {"__copy__", typed_table_copy, METH_NOARGS, "__copy__()\n--\n\nA new set of the same items."},
    {"update", method_update, METH_VARARGS, "update(*others)\n--\n\nPut in the items of all others."},
    {"union", method_union, METH_VARARGS, "union(*others)\n--\n\nA new set of the items of this one and all others."},
    {"intersection", method_intersection, METH_VARARGS, "intersection(*others)\n--\n\nA new set of what all have."},
    {"difference", method_difference, METH_VARARGS, "difference(*others)\n--\n\nA new set of what no other has."},
    {"symmetric_difference", method_symmetric_difference, METH_VARARGS,
     "symmetric_difference(other)\n--\n\nA new set of what exactly one of both has."},
    {"intersection_update", method_intersection_update, METH_VARARGS,
     "intersection_update(*others)\n--\n\nKeep what all others have."},
    {"difference_update", method_difference_update, METH_VARARGS,
     "difference_update(*others)\n--\n\nKeep what no other has."},
    {"symmetric_difference_update", method_symmetric_difference_update, METH_VARARGS,
     "symmetric_difference_update(other)\n--\n\nKeep what exactly one of both has."},
    {"issubset", method_issubset, METH_VARARGS, "issubset(other)\n--\n\nWhether the other has all items."},
    {"issuperset", method_issuperset, METH_VARARGS, "issuperset(other)\n--\n\nWhether all the other's items are here."},
    {"isdisjoint", method_isdisjoint, METH_VARARGS, "isdisjoint(other)\n--\n\nWhether no item is in both."},
    {"empty", KEYWORDS(empty), METH_VARARGS | METH_KEYWORDS | METH_CLASS,
     "empty(key_type, n_keys=0)\n--\n\nAn empty set for items of this type, with room for `n_keys` of them."},
    {"_restore", restore, METH_VARARGS | METH_CLASS, "For pickling."},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "Set[item type], for annotations."},
    {"__reduce__", method_reduce, METH_NOARGS, "For pickling."},
    {0},
};
static PyType_Slot set_slots[] = {
    {Py_tp_doc, "Set(iterable=(), /)\n--\n\n"
                "A set of items of one type, which compiled code works on without copying it.\n\n"
                "Parameters\n----------\niterable : iterable, optional\n"
                "    The items.  The first one decides the type; an empty set has none until something is added.\n\n"
                "Raises\n------\nTypingError\n    If an item's type is unsupported, or does not convert safely.\n"},
    {Py_tp_new, set_new},
    {Py_tp_iter, typed_table_iter},
    {Py_tp_repr, set_repr},
    {Py_tp_str, set_str},
    {Py_tp_richcompare, compare},
    {Py_tp_hash, PyObject_HashNotImplemented},
    {Py_tp_methods, set_methods},
    {Py_sq_contains, typed_table_contains},
    {Py_sq_length, typed_table_length},
    {Py_nb_or, or},
    {Py_nb_and, and},
    {Py_nb_xor, xor},
    {Py_nb_subtract, subtract},
    {Py_nb_inplace_or, inplace_or},
    {Py_nb_inplace_and, inplace_and},
    {Py_nb_inplace_xor, inplace_xor},
    {Py_nb_inplace_subtract, inplace_subtract},
    {0, NULL},
};
/* clang-format on */
static PyType_Spec set_spec = {
    .name = "naja.typed.Set",
    .basicsize = sizeof(TypedObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = set_slots,
};

int typed_set_start(PyObject *module) {
    core.typed_set_type = typed_class(module, &set_spec);
    return core.typed_set_type ? 0 : -1;
}
