/* typed_table.c - what naja.typed.Dict and Set share: looking keys up, putting them in and taking them out, iterating.
 *
 * Nothing here is compiled: keys are hashed and compared by their cells (tables.c).  A key that is looked up is borrowed
 * from its object; one that is put in owns what it refers to.  Converting an object, and making one, may run Python code
 * that changes the very table, so an entry's number is used before anything else is converted or made.
 */
#include "boundary/cells.h"
#include "boundary/tables.h"
#include "boundary/typed.h"
#include "runtime/runtime.h"

static const Type *key_of(PyObject *o) { return as_typed(o)->type->elem[0]; }

PyObject *typed_key_error(PyObject *key) {
    PyErr_SetObject(PyExc_KeyError, key);
    return NULL;
}

/* ---- types ------------------------------------------------------------------------------------------------------ */

int typed_table_check_key(const Type *key) {
    if (type_is_hashable(key)) return 0;
    error_raise("TypingError", "unhashable type: %s cannot be a key of a dict or an item of a set",
                key->name);
    return -1;
}

int typed_table_set_type(PyObject *o, const Type *key, const Type *value) {
    TypedObject *d = as_typed(o);
    if (d->type) return 0; /* meanwhile, by Python code that ran */
    if (typed_table_check_key(key) < 0) return -1;
    const Type *t = value ? type_dict(key, value, 0) : type_set(key, TYPE_TABLE_TYPED);
    MemoryBlock *b = table_new(t, 0);
    if (!b) return -1;
    d->type = t;
    d->block = b;
    return 0;
}

/* ---- keys ------------------------------------------------------------------------------------------------------- */

/* Compiled code calls the methods of keys that have some; here is nobody who could. */
static int check_hash(const Type *key) {
    if (LIKELY(type_is_hashable(key))) return 0;
    PyErr_Format(PyExc_TypeError, "keys of type %s are found by compiled code only: pass the container to it",
                 key->name);
    return -1;
}

int64_t typed_table_find(PyObject *o, PyObject *key) {
    if (!as_typed(o)->type) return ENTRY_NONE;
    const Type *t = key_of(o);
    Slot slot[t->nleaves + 1];
    char *cell = (char *)slot;
    if (check_hash(t) < 0 || cell_borrow_object(t, key, cell) < 0) return ENTRY_ERROR;
    return table_find(t, typed_body(o), cell, table_hash_cell(t, cell));
}

int64_t typed_table_place(PyObject *o, PyObject *key, bool *is_new) {
    const Type *t = key_of(o);
    Slot slot[t->nleaves + 1];
    char *cell = (char *)slot;
    if (check_hash(t) < 0 || cell_borrow_object(t, key, cell) < 0) return ENTRY_ERROR;
    TableBody *b = typed_body(o);
    int64_t hash = table_hash_cell(t, cell), i = table_find(t, b, cell, hash);
    *is_new = i < 0;
    if (i >= 0) return i;
    if (b->key_managed && cell_own_slots(b->key_managed, key, slot) < 0) return ENTRY_ERROR;
    char *entry = naja_table_add(as_typed(o)->block, hash);
    if (!entry) {
        cell_release(b->key_managed, cell);
        PyErr_NoMemory();
        return ENTRY_ERROR;
    }
    memcpy(entry, cell, (size_t)type_cell_nbytes(t));
    return b->used - 1;
}

/* An object that could not be a key is none. */
int typed_table_contains(PyObject *o, PyObject *key) {
    int64_t i = typed_table_find(o, key);
    if (i != ENTRY_ERROR) return i >= 0;
    if (!error_matches("TypingError") && !PyErr_ExceptionMatches(PyExc_OverflowError)) return -1;
    PyErr_Clear();
    return 0;
}

void typed_table_remove(PyObject *o, int64_t entry) { naja_table_remove(as_typed(o)->block, entry); }

PyObject *typed_table_key(PyObject *o, int64_t entry) {
    return cell_to_object(key_of(o), table_entry(typed_body(o), entry));
}

PyObject *typed_table_value(PyObject *o, int64_t entry) {
    const TableBody *b = typed_body(o);
    return cell_to_object(as_typed(o)->type->elem[1], table_entry(b, entry) + b->value_at);
}

/* ---- all of them -------------------------------------------------------------------------------------------------- */

PyObject *typed_table_clear(PyObject *o, PyObject *unused) {
    (void)unused;
    if (as_typed(o)->block) naja_table_clear(as_typed(o)->block);
    Py_RETURN_NONE;
}

PyObject *typed_table_copy(PyObject *o, PyObject *unused) {
    (void)unused;
    const TypedObject *d = as_typed(o);
    MemoryBlock *b = d->block ? naja_table_copy(d->block, 0) : NULL;
    return d->block && !b ? PyErr_NoMemory() : typed_wrap(Py_TYPE(o), d->type, b);
}

/* ---- iteration ------------------------------------------------------------------------------------------------------ */

typedef struct {
    PyObject_HEAD
    PyObject *of; /* NULL: at the end */
    int64_t next, n;
    unsigned what;
} Iterator;

static PyTypeObject *iterator_type;

PyObject *typed_table_iterator(PyObject *o, unsigned what) {
    Iterator *it = (Iterator *)iterator_type->tp_alloc(iterator_type, 0);
    if (!it) return NULL;
    it->of = Py_NewRef(o);
    it->n = typed_table_length(o);
    it->what = what;
    return (PyObject *)it;
}

PyObject *typed_table_iter(PyObject *o) { return typed_table_iterator(o, TYPE_VIEW_KEYS); }

static void iterator_dealloc(PyObject *o) {
    PyTypeObject *cls = Py_TYPE(o);
    Py_XDECREF(((Iterator *)o)->of);
    cls->tp_free(o);
    Py_DECREF(cls);
}

/* Making the key may run code that changes the table: what the value cell refers to is taken out before. */
static PyObject *item_at(PyObject *o, int64_t entry) {
    const TableBody *b = typed_body(o);
    const Type *t = as_typed(o)->type->elem[1];
    const char *at = table_entry(b, entry) + b->value_at;
    Slot value[t->nleaves + 1];
    uint64_t managed = b->value_managed;
    memcpy(value, at, (size_t)type_cell_nbytes(t));
    for (uint64_t map = managed; map; map &= map - 1)
        block_retain((MemoryBlock *)(uintptr_t)value[__builtin_ctzll(map)]);
    PyObject *k = typed_table_key(o, entry), *v = k ? cell_to_object(t, (char *)value) : NULL;
    cell_release(managed, (char *)value);
    PyObject *item = v ? PyTuple_New(2) : NULL;
    if (item) {
        PyTuple_SET_ITEM(item, 0, k);
        PyTuple_SET_ITEM(item, 1, v);
        return item;
    }
    Py_XDECREF(k);
    Py_XDECREF(v);
    return NULL;
}

static PyObject *iterator_next(PyObject *self) {
    Iterator *it = (Iterator *)self;
    if (!it->of) return NULL;
    PyObject *o = it->of;
    if (typed_table_length(o) != it->n) {
        PyErr_SetString(PyExc_RuntimeError, PyObject_TypeCheck(o, core.typed_set_type)
                                                ? "Set changed size during iteration"
                                                : "dictionary changed size during iteration");
        return NULL;
    }
    int64_t i = as_typed(o)->block ? naja_table_next(as_typed(o)->block, it->next) : 0;
    if (!as_typed(o)->block || i >= typed_body(o)->used) {
        it->of = NULL;
        Py_DECREF(o);
        return NULL;
    }
    it->next = i + 1;
    switch (it->what) {
    case TYPE_VIEW_KEYS: return typed_table_key(o, i);
    case TYPE_VIEW_VALUES: return typed_table_value(o, i);
    default: return item_at(o, i);
    }
}

static PyObject *iterator_length_hint(PyObject *self, PyObject *unused) {
    (void)unused;
    const Iterator *it = (const Iterator *)self;
    int64_t passed = it->next < it->n ? it->next : it->n; /* holes are not worth a search */
    return PyLong_FromLongLong(it->of ? it->n - passed : 0);
}

static PyMethodDef iterator_methods[] = {
    {"__length_hint__", iterator_length_hint, METH_NOARGS, "About how many there are to come."},
    {0},
};
static PyType_Slot iterator_slots[] = {
    {Py_tp_dealloc, iterator_dealloc},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, iterator_next},
    {Py_tp_methods, iterator_methods},
    {Py_tp_doc, "Iterator over a typed Dict or Set."},
    {0, NULL},
};
static PyType_Spec iterator_spec = {
    .name = "naja._core.TypedIterator",
    .basicsize = sizeof(Iterator),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = iterator_slots,
};

int typed_table_start(PyObject *module) {
    iterator_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &iterator_spec, NULL);
    return iterator_type ? 0 : -1;
}
