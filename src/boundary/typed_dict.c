/* typed_dict.c - naja.typed.Dict: the dict of compiled code as Python's object.
 *
 * The object is a type and a reference to the dict's block (runtime/table.c), which compiled code works on without a copy;
 * several objects may share a block.  Every operation here is C on the cells: nothing is compiled.  A dict that is made
 * without items has no type and no block until the first one comes.  What dicts have in common with sets is in
 * typed_table.c; views are those of collections.abc with iterators of C (naja/typed/views.py).
 */
#include "boundary/cells.h"
#include "boundary/tables.h"
#include "boundary/typed.h"
#include "runtime/runtime.h"

static bool is_dict(PyObject *o) { return PyObject_TypeCheck(o, core.typed_dict_type); }
static const Type *item_type(PyObject *o) { return as_typed(o)->type->elem[1]; }

/* ---- putting in -------------------------------------------------------------------------------------------------- */

static int infer_type(PyObject *o, PyObject *key, PyObject *value) {
    const Type *k = cell_type_of(key), *v = k ? cell_type_of(value) : NULL;
    return v ? typed_table_set_type(o, k, v) : -1;
}

static int set_item(PyObject *o, PyObject *key, PyObject *value) {
    if (!as_typed(o)->type && infer_type(o, key, value) < 0) return -1;
    const Type *t = item_type(o);
    size_t nbytes = (size_t)type_cell_nbytes(t);
    uint64_t managed = typed_body(o)->value_managed;
    Slot cell[t->nleaves + 1], old[t->nleaves + 1];
    if (cell_from_object(t, value, (char *)cell) < 0) return -1; /* may run Python code, so it is first */
    bool is_new;
    int64_t i = typed_table_place(o, key, &is_new);
    if (i < 0) {
        cell_release(managed, (char *)cell);
        return -1;
    }
    char *at = table_entry(typed_body(o), i) + typed_body(o)->value_at;
    if (!is_new) memcpy(old, at, nbytes);
    memcpy(at, cell, nbytes);
    if (!is_new) cell_release(managed, (char *)old);
    return 0;
}

static int reserve(PyObject *o, Py_ssize_t n) {
    if (!as_typed(o)->block || n <= 0) return 0;
    return naja_table_reserve(as_typed(o)->block, typed_body(o)->live + n) ? (PyErr_NoMemory(), -1) : 0;
}

static int update_from_dict(PyObject *o, PyObject *dict) {
    PyObject *key, *value;
    Py_ssize_t at = 0, n = PyDict_GET_SIZE(dict);
    int status = 0;
    while (status == 0 && PyDict_Next(dict, &at, &key, &value)) {
        Py_INCREF(key);
        Py_INCREF(value);
        status = set_item(o, key, value);
        if (n && status == 0) status = reserve(o, n - 1); /* once its type is known */
        n = 0;
        Py_DECREF(key);
        Py_DECREF(value);
    }
    return status;
}

/* Entries of the same type are copied, others go by way of Python. */
static int update_from_typed(PyObject *o, PyObject *from) {
    PyObject *items = typed_table_iterator(from, TYPE_VIEW_ITEMS), *item;
    if (!items || (as_typed(from)->type && !as_typed(o)->type &&
                   typed_table_set_type(o, as_typed(from)->type->elem[0], item_type(from)) < 0)) {
        Py_XDECREF(items);
        return -1;
    }
    int status = reserve(o, typed_table_length(from));
    while (status == 0 && (item = PyIter_Next(items))) {
        status = set_item(o, PyTuple_GET_ITEM(item, 0), PyTuple_GET_ITEM(item, 1));
        Py_DECREF(item);
    }
    Py_DECREF(items);
    return PyErr_Occurred() ? -1 : status;
}

static int update_from_keys(PyObject *o, PyObject *mapping, PyObject *keys) {
    PyObject *iterator = PyObject_GetIter(keys), *key;
    int status = iterator ? 0 : -1;
    while (status == 0 && (key = PyIter_Next(iterator))) {
        PyObject *value = PyObject_GetItem(mapping, key);
        status = value ? set_item(o, key, value) : -1;
        Py_XDECREF(value);
        Py_DECREF(key);
    }
    Py_XDECREF(iterator);
    return PyErr_Occurred() ? -1 : status;
}

static int put_pair(PyObject *o, PyObject *item, Py_ssize_t i) {
    PyObject *pair = PySequence_Fast(item, "");
    if (!pair) {
        if (PyErr_ExceptionMatches(PyExc_TypeError))
            PyErr_Format(PyExc_TypeError,
                         "cannot convert dictionary update sequence element #%zd to a sequence", i);
        return -1;
    }
    int status = -1;
    if (PySequence_Fast_GET_SIZE(pair) == 2) {
        PyObject *key = Py_NewRef(PySequence_Fast_GET_ITEM(pair, 0)),
                 *value = Py_NewRef(PySequence_Fast_GET_ITEM(pair, 1));
        status = set_item(o, key, value);
        Py_DECREF(key);
        Py_DECREF(value);
    } else
        PyErr_Format(PyExc_ValueError,
                     "dictionary update sequence element #%zd has length %zd; 2 is required", i,
                     PySequence_Fast_GET_SIZE(pair));
    Py_DECREF(pair);
    return status;
}

static int update_from_pairs(PyObject *o, PyObject *pairs) {
    PyObject *iterator = PyObject_GetIter(pairs), *item;
    if (!iterator) return -1;
    int status = 0;
    for (Py_ssize_t i = 0; status == 0 && (item = PyIter_Next(iterator)); i++) {
        status = put_pair(o, item, i);
        Py_DECREF(item);
    }
    Py_DECREF(iterator);
    return PyErr_Occurred() ? -1 : status;
}

static int update(PyObject *o, PyObject *from) {
    if (PyDict_CheckExact(from)) return update_from_dict(o, from);
    if (is_dict(from)) return from == o ? 0 : update_from_typed(o, from);
    PyObject *keys = PyObject_HasAttrString(from, "keys") ? PyObject_CallMethod(from, "keys", NULL) : NULL;
    if (!keys) return PyErr_Occurred() ? -1 : update_from_pairs(o, from);
    int status = update_from_keys(o, from, keys);
    Py_DECREF(keys);
    return status;
}

/* ---- making ------------------------------------------------------------------------------------------------------- */

PyObject *typed_dict_new(const Type *t, PyObject *from) {
    PyObject *o = typed_wrap(core.typed_dict_type, NULL, NULL);
    if (o && t && typed_table_set_type(o, t->elem[0], t->elem[1]) < 0) Py_CLEAR(o);
    if (o && from && update(o, from) < 0) Py_CLEAR(o);
    return o;
}

/* dcttype=DictType[...]: the type that an empty dict gets at once. */
static int take_type(PyObject *o, PyObject *named, Py_ssize_t n) {
    const Type *t = named && named != Py_None ? typed_named(named) : NULL;
    if (named && named != Py_None && !t) return -1;
    if (t && t->kind != TYPE_DICT) {
        PyErr_Format(PyExc_TypeError, "dcttype must be a DictType, not %s", t->name);
        return -1;
    }
    if (t && typed_table_set_type(o, t->elem[0], t->elem[1]) < 0) return -1;
    return reserve(o, n);
}

static PyObject *dict_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"dcttype", "n_keys", NULL};
    PyObject *type = NULL;
    Py_ssize_t n = PyTuple_GET_SIZE(args), n_keys = 0;
    if (typed_is_disabled()) return PyObject_CallObject((PyObject *)&PyDict_Type, args);
    if (n > 1) return error_raise("TypingError", "Dict expect at most 1 argument, got %zd", n);
    PyObject *items = n ? PyTuple_GET_ITEM(args, 0) : NULL;
    if (items && !Py_TYPE(items)->tp_iter && !PySequence_Check(items) &&
        !PyObject_HasAttrString(items, "keys"))
        return error_raise("TypingError", "'%s' object is not iterable", Py_TYPE(items)->tp_name);
    PyObject *none = PyTuple_New(0);
    if (!none) return NULL;
    bool ok = PyArg_ParseTupleAndKeywords(none, kwargs, "|$On:Dict", names, &type, &n_keys);
    Py_DECREF(none);
    PyObject *o = ok ? typed_wrap(cls, NULL, NULL) : NULL;
    if (o && (take_type(o, type, n_keys) < 0 || (items && update(o, items) < 0))) Py_CLEAR(o);
    return o;
}

static PyObject *empty(PyObject *cls, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"key_type", "value_type", "n_keys", NULL};
    PyObject *key, *value;
    Py_ssize_t n_keys = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|n:empty", names, &key, &value, &n_keys)) return NULL;
    if (typed_is_disabled()) return PyDict_New();
    const Type *k = typed_named(key), *v = k ? typed_named(value) : NULL;
    if (!v) return NULL;
    if (!type_fits_cell(k) || !type_fits_cell(v))
        return error_raise("TypingError", "a dict cannot hold %s: %s", k->name, v->name);
    PyObject *o = typed_wrap((PyTypeObject *)cls, NULL, NULL);
    if (o && (typed_table_set_type(o, k, v) < 0 || reserve(o, n_keys) < 0)) Py_CLEAR(o);
    return o;
}

static PyObject *from_keys(PyObject *cls, PyObject *args) {
    PyObject *keys, *value = Py_None, *key;
    if (!PyArg_ParseTuple(args, "O|O:fromkeys", &keys, &value)) return NULL;
    PyObject *o = typed_wrap((PyTypeObject *)cls, NULL, NULL);
    PyObject *iterator = o ? PyObject_GetIter(keys) : NULL;
    int status = iterator ? 0 : -1;
    while (status == 0 && (key = PyIter_Next(iterator))) {
        status = set_item(o, key, value);
        Py_DECREF(key);
    }
    Py_XDECREF(iterator);
    if (status < 0 || PyErr_Occurred()) Py_CLEAR(o);
    return o;
}

/* ---- items -------------------------------------------------------------------------------------------------------- */

static PyObject *subscript(PyObject *o, PyObject *key) {
    int64_t i = typed_table_find(o, key);
    if (LIKELY(i >= 0)) return typed_table_value(o, i);
    return i == ENTRY_NONE ? typed_key_error(key) : NULL;
}

static int assign_subscript(PyObject *o, PyObject *key, PyObject *value) {
    if (value) return set_item(o, key, value);
    int64_t i = typed_table_find(o, key);
    if (i == ENTRY_NONE) typed_key_error(key);
    if (i < 0) return -1;
    typed_table_remove(o, i);
    return 0;
}

static PyObject *method_contains(PyObject *o, PyObject *key) {
    int found = typed_table_contains(o, key);
    return found < 0 ? NULL : PyBool_FromLong(found);
}

static PyObject *method_get(PyObject *o, PyObject *const *args, Py_ssize_t n) {
    if (n < 1 || n > 2) return PyErr_Format(PyExc_TypeError, "get expected 1 or 2 arguments, got %zd", n);
    int64_t i = typed_table_find(o, args[0]);
    if (i >= 0) return typed_table_value(o, i);
    return i == ENTRY_ERROR ? NULL : Py_NewRef(n == 2 ? args[1] : Py_None);
}

static PyObject *method_setdefault(PyObject *o, PyObject *const *args, Py_ssize_t n) {
    if (n < 1 || n > 2)
        return PyErr_Format(PyExc_TypeError, "setdefault expected 1 or 2 arguments, got %zd", n);
    if (n == 1 && !as_typed(o)->type)
        return PyErr_Format(PyExc_TypeError, "invalid operation on untyped dictionary");
    int64_t i = typed_table_find(o, args[0]);
    if (i == ENTRY_NONE && set_item(o, args[0], n == 2 ? args[1] : Py_None) < 0) return NULL;
    if (i == ENTRY_NONE) i = typed_table_find(o, args[0]);
    return i >= 0 ? typed_table_value(o, i) : i == ENTRY_NONE ? typed_key_error(args[0]) : NULL;
}

/* The value goes with its reference before the entry does. */
static PyObject *take_value(PyObject *o, int64_t i, PyObject *key) {
    PyObject *value = typed_table_value(o, i);
    if (value && (i = typed_table_find(o, key)) >= 0) typed_table_remove(o, i);
    return value;
}

static PyObject *method_pop(PyObject *o, PyObject *const *args, Py_ssize_t n) {
    if (n < 1 || n > 2) return PyErr_Format(PyExc_TypeError, "pop expected 1 or 2 arguments, got %zd", n);
    int64_t i = typed_table_find(o, args[0]);
    if (i >= 0) return take_value(o, i, args[0]);
    if (i == ENTRY_ERROR) return NULL;
    return n == 2 ? Py_NewRef(args[1]) : typed_key_error(args[0]);
}

static PyObject *method_popitem(PyObject *o, PyObject *unused) {
    if (typed_table_length(o) == 0) return PyErr_SetString(PyExc_KeyError, "dictionary is empty"), NULL;
    int64_t last = typed_body(o)->used - 1; /* which is never a hole */
    PyObject *key = typed_table_key(o, last);
    PyObject *value = key ? subscript(o, key) : NULL;
    PyObject *item = value ? PyTuple_Pack(2, key, value) : NULL;
    if (item && (last = typed_table_find(o, key)) >= 0) typed_table_remove(o, last);
    Py_XDECREF(key);
    Py_XDECREF(value);
    return item;
}

static PyObject *method_update(PyObject *o, PyObject *args, PyObject *kwargs) {
    PyObject *from = NULL;
    if (!PyArg_ParseTuple(args, "|O:update", &from)) return NULL;
    if (from && update(o, from) < 0) return NULL;
    return typed_done(kwargs ? update_from_dict(o, kwargs) : 0);
}

/* ---- views -------------------------------------------------------------------------------------------------------- */

static PyObject *view(PyObject *o, const char *name) {
    return call_python("naja.typed.views", name, Py_BuildValue("(O)", o));
}

static PyObject *method_keys(PyObject *o, PyObject *unused) { return view(o, "KeysView"); }
static PyObject *method_values(PyObject *o, PyObject *unused) { return view(o, "ValuesView"); }
static PyObject *method_items(PyObject *o, PyObject *unused) { return view(o, "ItemsView"); }
static PyObject *iterate_values(PyObject *o, PyObject *unused) {
    return typed_table_iterator(o, TYPE_VIEW_VALUES);
}
static PyObject *iterate_items(PyObject *o, PyObject *unused) {
    return typed_table_iterator(o, TYPE_VIEW_ITEMS);
}

static PyObject *method_reversed(PyObject *o, PyObject *unused) {
    PyObject *keys = PySequence_List(o), *reversed = NULL;
    if (keys && PyList_Reverse(keys) == 0) reversed = PyObject_GetIter(keys);
    Py_XDECREF(keys);
    return reversed;
}

/* ---- as a Python dict ----------------------------------------------------------------------------------------------- */

static PyObject *to_pydict(PyObject *o) {
    PyObject *dict = PyDict_New(), *items = dict ? iterate_items(o, NULL) : NULL, *item;
    while (items && (item = PyIter_Next(items))) {
        if (PyDict_SetItem(dict, PyTuple_GET_ITEM(item, 0), PyTuple_GET_ITEM(item, 1)) < 0) Py_CLEAR(items);
        Py_DECREF(item);
    }
    if (!items || PyErr_Occurred()) Py_CLEAR(dict);
    Py_XDECREF(items);
    return dict;
}

static PyObject *compare(PyObject *o, PyObject *other, int op) {
    if ((op != Py_EQ && op != Py_NE) || (!is_dict(other) && !PyDict_Check(other))) Py_RETURN_NOTIMPLEMENTED;
    if (typed_table_length(o) != PyObject_Length(other)) return PyBool_FromLong(op == Py_NE);
    PyObject *a = to_pydict(o), *b = a && is_dict(other) ? to_pydict(other) : Py_NewRef(other);
    PyObject *result = a && b ? PyObject_RichCompare(a, b, op) : NULL;
    Py_XDECREF(a);
    Py_XDECREF(b);
    return result;
}

static PyObject *merged(PyObject *o, PyObject *other) {
    if (!is_dict(o) || (!is_dict(other) && !PyDict_Check(other))) Py_RETURN_NOTIMPLEMENTED;
    PyObject *made = typed_table_copy(o, NULL);
    if (made && update(made, other) < 0) Py_CLEAR(made);
    return made;
}

static PyObject *merge_in(PyObject *o, PyObject *other) { return update(o, other) < 0 ? NULL : Py_NewRef(o); }

static PyObject *dict_str(PyObject *o) {
    PyObject *dict = to_pydict(o), *text = dict ? PyObject_Repr(dict) : NULL;
    Py_XDECREF(dict);
    return text;
}

static PyObject *dict_repr(PyObject *o) {
    return typed_repr(as_typed(o)->type, "DictType[Undefined]", dict_str(o));
}

/* Dict.empty(key type, value type), filled with what iteration gives. */
static PyObject *method_reduce(PyObject *o, PyObject *unused) {
    const Type *t = as_typed(o)->type;
    if (!t) return Py_BuildValue("(O())", Py_TYPE(o));
    PyObject *make = PyObject_GetAttrString((PyObject *)Py_TYPE(o), "empty"), *items = iterate_items(o, NULL);
    PyObject *key = type_object_borrow(t->elem[0]), *value = type_object_borrow(t->elem[1]);
    PyObject *result = make && items && key && value
                           ? Py_BuildValue("(O(OO)OOO)", make, key, value, Py_None, Py_None, items)
                           : NULL;
    Py_XDECREF(make);
    Py_XDECREF(items);
    return result;
}

static PyObject *get_type(PyObject *o, void *unused) { return PyObject_GetAttrString(o, "_numba_type_"); }

/* ---- the type ---------------------------------------------------------------------------------------------------------- */

#define KEYWORDS(f) (PyCFunction)(void (*)(void))(f)
#define FAST(f) (PyCFunction)(void (*)(void))(f)

/* clang-format off */
static PyMethodDef dict_methods[] = {
    {"__getitem__", subscript, METH_O | METH_COEXIST, "d.__getitem__(key) is d[key]."}, /* faster than the slot's */
    {"__contains__", method_contains, METH_O | METH_COEXIST, "d.__contains__(key) is key in d."},
    {"get", FAST(method_get), METH_FASTCALL, "get(key, default=None, /)\n--\n\nThe key's value, or the default."},
    {"setdefault", FAST(method_setdefault), METH_FASTCALL,
     "setdefault(key, default=None, /)\n--\n\nThe key's value; if there is none, the default is put in."},
    {"pop", FAST(method_pop), METH_FASTCALL,
     "pop(key, default=<none>, /)\n--\n\nTake a key out and return its value; KeyError without key and default."},
    {"popitem", method_popitem, METH_NOARGS, "popitem()\n--\n\nTake out the last item; KeyError if there is none."},
    {"update", KEYWORDS(method_update), METH_VARARGS | METH_KEYWORDS,
     "update(other=(), /, **items)\n--\n\nPut in the items of a mapping, or pairs."},
    {"clear", typed_table_clear, METH_NOARGS, "clear()\n--\n\nTake all items out."},
    {"copy", typed_table_copy, METH_NOARGS, "copy()\n--\n\nA new dict of the same items."},
    {"__copy__", typed_table_copy, METH_NOARGS, "__copy__()\n--\n\nA new dict of the same items."},
    {"keys", method_keys, METH_NOARGS, "keys()\n--\n\nA set-like view of the keys."},
    {"values", method_values, METH_NOARGS, "values()\n--\n\nA view of the values."},
    {"items", method_items, METH_NOARGS, "items()\n--\n\nA set-like view of the items."},
    {"_iterate_values", iterate_values, METH_NOARGS, "For the views."},
    {"_iterate_items", iterate_items, METH_NOARGS, "For the views."},
    {"empty", KEYWORDS(empty), METH_VARARGS | METH_KEYWORDS | METH_CLASS,
     "empty(key_type, value_type, n_keys=0)\n--\n\nAn empty dict of these types, with room for `n_keys` items."},
    {"fromkeys", from_keys, METH_VARARGS | METH_CLASS,
     "fromkeys(iterable, value=None, /)\n--\n\nA dict with these keys, all of one value."},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "Dict[key type, value type], for annotations."},
    {"__reversed__", method_reversed, METH_NOARGS, "The keys, the last one first."},
    {"__reduce__", method_reduce, METH_NOARGS, "For pickling."},
    {0},
};
static PyGetSetDef dict_getset[] = {
    {"_dict_type", get_type, NULL, "the dict's type", NULL},
    {0},
};
static PyType_Slot dict_slots[] = {
    {Py_tp_doc, "Dict(items=(), /, *, dcttype=None, n_keys=0)\n--\n\n"
                "A dict with keys of one type and values of one type, which compiled code works on without copying it.\n\n"
                "Parameters\n----------\nitems : mapping or iterable of pairs, optional\n"
                "    The items.  The first one decides the types; an empty dict has none until something is put in.\n"
                "dcttype : DictType, optional\n    The types of keys and values.\n"
                "n_keys : int\n    Number of items to make room for.\n\n"
                "Raises\n------\nTypingError\n    If a type is unsupported, or a key or value does not convert safely.\n"},
    {Py_tp_new, dict_new},
    {Py_tp_iter, typed_table_iter},
    {Py_tp_repr, dict_repr},
    {Py_tp_str, dict_str},
    {Py_tp_richcompare, compare},
    {Py_tp_hash, PyObject_HashNotImplemented},
    {Py_tp_methods, dict_methods},
    {Py_tp_getset, dict_getset},
    {Py_sq_contains, typed_table_contains},
    {Py_nb_or, merged},
    {Py_nb_inplace_or, merge_in},
    {Py_mp_length, typed_table_length},
    {Py_mp_subscript, subscript},
    {Py_mp_ass_subscript, assign_subscript},
    {0, NULL},
};
/* clang-format on */
static PyType_Spec dict_spec = {
    .name = "naja.typed.Dict",
    .basicsize = sizeof(TypedObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_MAPPING,
    .slots = dict_slots,
};

int typed_dict_start(PyObject *module) {
    core.typed_dict_type = typed_class(module, &dict_spec);
    return core.typed_dict_type ? 0 : -1;
}
