/* tables.c - Python sets and dicts as arguments and results.
 *
 * A Python set or dict argument becomes a table whose `parent` it is, on the chain of the call (lists.c).  The keys of a
 * Python container differ, and all have the one type that its first item has, so they are put in without comparing them.
 * What the call has changed is written back at its end: `changes` of the table says whether there is anything.
 *
 * Keys are hashed and compared here as library/hashtables.c has compiled code do it.
 */
#include "boundary/cells.h"
#include "boundary/specialisation.h"
#include "boundary/state.h"
#include "boundary/tables.h"
#include "runtime/text.h"

/* ---- hashes ------------------------------------------------------------------------------------------------- */

static int64_t hash_float(double x) {
    uint64_t bits;
    x += 0.0; /* -0.0 is 0.0 */
    memcpy(&bits, &x, sizeof bits);
    return table_mix(bits);
}

static double float_at(const Type *part, const char *cell) {
    float single;
    double x;
    if (part->bits == 64) return memcpy(&x, cell, sizeof x), x;
    memcpy(&single, cell, sizeof single);
    return (double)single;
}

static int64_t hash_int(const Type *t, const char *cell) {
    uint64_t bits = 0;
    unsigned nbytes = t->kind == TYPE_BOOL ? 1 : t->bits / 8u, shift = 64 - 8 * nbytes;
    memcpy(&bits, cell, nbytes);
    if (t->kind == TYPE_BOOL) bits &= 1;
    if (t->is_signed) bits = (uint64_t)((int64_t)(bits << shift) >> shift);
    return table_hash_integer(bits);
}

/* Of a cell; inside a tuple every leaf has a slot of its own. */
static int64_t hash_cell(const Type *t, const char *cell, bool in_slots) {
    if (t->nleaves == 0) return 0;
    switch (t->kind) {
    case TYPE_BOOL:
    case TYPE_INT: return hash_int(t, cell);
    case TYPE_ENUM:
    case TYPE_DATETIME:
    case TYPE_TIMEDELTA: return hash_int(type_i64, cell);
    case TYPE_FLOAT: return hash_float(float_at(t, cell));
    case TYPE_COMPLEX: {
        const Type *part = type_real_part(t);
        const char *imag = cell + (in_slots ? sizeof(Slot) : part->bits / 8u);
        return table_mix_next(hash_float(float_at(part, cell)), hash_float(float_at(part, imag)));
    }
    case TYPE_STR:
    case TYPE_BYTES: {
        const Text *text = (const Text *)(const void *)cell;
        return naja_table_hash_bytes(text->data, text_nbytes(text));
    }
    case TYPE_SET: return naja_table_hash_items(*(MemoryBlock *const *)(const void *)cell);
    default: break;
    }
    int64_t h = 0;
    for (uint32_t i = 0; i < t->nelem; i++) {
        h = table_mix_next(h, hash_cell(t->elem[i], cell, true));
        cell += t->elem[i]->nleaves * sizeof(Slot);
    }
    return h;
}

int64_t table_hash_cell(const Type *key, const char *cell) { return hash_cell(key, cell, false); }

/* ---- searching ---------------------------------------------------------------------------------------------- */

static bool same_text(const Text *a, const Text *b) {
    return a->kind == b->kind && a->length == b->length && !memcmp(a->data, b->data, (size_t)text_nbytes(a));
}

static bool same_cell(const Type *t, const char *a, const char *b, bool in_slots);

static bool same_items(const Type *t, const MemoryBlock *one, const MemoryBlock *other) {
    const TableBody *a = table_body((MemoryBlock *)one), *b = table_body((MemoryBlock *)other);
    if (a->live != b->live) return false;
    for (int64_t i = 0; i < a->used; i++) {
        const char *key = a->entries + i * a->entry_nbytes;
        if (a->marks[i] && table_find(t->elem[0], b, key, hash_cell(t->elem[0], key, false)) < 0)
            return false;
    }
    return true;
}

static bool same_cell(const Type *t, const char *a, const char *b, bool in_slots) {
    if (t->nleaves == 0) return true;
    switch (t->kind) {
    case TYPE_BOOL: return !((*a ^ *b) & 1);
    case TYPE_INT: return !memcmp(a, b, t->bits / 8u);
    case TYPE_ENUM:
    case TYPE_DATETIME:
    case TYPE_TIMEDELTA: return !memcmp(a, b, sizeof(int64_t));
    case TYPE_FLOAT: return float_at(t, a) == float_at(t, b);
    case TYPE_COMPLEX: {
        const Type *part = type_real_part(t);
        size_t imag = in_slots ? sizeof(Slot) : part->bits / 8u;
        return float_at(part, a) == float_at(part, b) && float_at(part, a + imag) == float_at(part, b + imag);
    }
    case TYPE_STR:
    case TYPE_BYTES: return same_text((const Text *)(const void *)a, (const Text *)(const void *)b);
    case TYPE_SET:
        return same_items(t, *(MemoryBlock *const *)(const void *)a, *(MemoryBlock *const *)(const void *)b);
    default: break;
    }
    for (uint32_t i = 0; i < t->nelem; i++) {
        if (!same_cell(t->elem[i], a, b, true)) return false;
        a += t->elem[i]->nleaves * sizeof(Slot);
        b += t->elem[i]->nleaves * sizeof(Slot);
    }
    return true;
}

int64_t table_find(const Type *key, const TableBody *b, const char *cell, int64_t hash) {
    uint64_t slot;
    for (int64_t at = table_home(b, hash); (slot = b->slots[at]); at = (at + 1) & b->mask) {
        if ((int64_t)(slot >> 32) != hash) continue;
        int64_t i = (int64_t)(slot & UINT32_MAX) - 1;
        if (same_cell(key, table_entry(b, i), cell, false)) return i;
    }
    return -1;
}

/* ---- from Python -------------------------------------------------------------------------------------------------- */

static int heterogeneous(const char *what, const Type *wanted, PyObject *item) {
    PyErr_Format(PyExc_TypeError, "can't unbox heterogeneous %s: %s != %s", what, wanted->name,
                 Py_TYPE(item)->tp_name);
    return -1;
}

static int item_to_cell(const char *what, const Type *t, PyObject *o, char *cell) {
    bool exact = (t == type_f64 && PyFloat_CheckExact(o)) || (t == type_i64 && PyLong_CheckExact(o));
    if (exact) return cell_from_object(t, o, cell);
    const Type *from = typeof_argument(o);
    if (!from) return -1;
    if (type_stored(from) != t) return heterogeneous(what, t, o);
    Slot slot[t->nleaves + 1];
    if (unbox_value(t, o, slot) < 0 || cell_own_slots(type_cell_managed(t), o, slot) < 0) return -1;
    cell_from_slots(t, slot, cell);
    return 0;
}

static int put_item(const Type *t, MemoryBlock *table, PyObject *key, PyObject *value) {
    const TableBody *b = table_body(table);
    const char *what = t->kind == TYPE_SET ? "set" : "dict";
    Slot key_cell[t->elem[0]->nleaves + 1], value_cell[t->elem[t->nelem - 1]->nleaves + 1];
    if (item_to_cell(what, t->elem[0], key, (char *)key_cell) < 0) return -1;
    if (value && item_to_cell(what, t->elem[1], value, (char *)value_cell) < 0) {
        cell_release(b->key_managed, (char *)key_cell);
        return -1;
    }
    char *entry = naja_table_add(table, hash_cell(t->elem[0], (char *)key_cell, false));
    if (!entry) {
        cell_release(b->key_managed, (char *)key_cell);
        if (value) cell_release(b->value_managed, (char *)value_cell);
        return PyErr_NoMemory(), -1;
    }
    memcpy(entry, key_cell, (size_t)type_cell_nbytes(t->elem[0]));
    if (value) memcpy(entry + b->value_at, value_cell, (size_t)type_cell_nbytes(t->elem[1]));
    return 0;
}

static int fill_from_set(const Type *t, MemoryBlock *table, PyObject *set) {
    PyObject *iterator = PyObject_GetIter(set), *item;
    if (!iterator) return -1;
    int status = 0;
    while (status == 0 && (item = PyIter_Next(iterator))) {
        status = put_item(t, table, item, NULL);
        Py_DECREF(item);
    }
    Py_DECREF(iterator);
    return status < 0 || PyErr_Occurred() ? -1 : 0;
}

static int fill_from_dict(const Type *t, MemoryBlock *table, PyObject *dict) {
    PyObject *key, *value;
    Py_ssize_t at = 0;
    while (PyDict_Next(dict, &at, &key, &value))
        if (put_item(t, table, key, value) < 0) return -1;
    return 0;
}

MemoryBlock *table_new(const Type *t, int64_t capacity) {
    int64_t layout[4];
    type_table_layout(t, layout);
    MemoryBlock *table = naja_table_new(layout, capacity);
    return table ? table : (PyErr_NoMemory(), NULL);
}

MemoryBlock *table_from_python(const Type *t, PyObject *o) {
    bool is_set = t->kind == TYPE_SET;
    bool is_frozen = is_set && t->flags & TYPE_TABLE_FROZEN;
    if (is_frozen ? !PyFrozenSet_Check(o) : is_set ? !PySet_Check(o) : !PyDict_Check(o)) {
        PyErr_Format(PyExc_TypeError, "expected a %s, got %.100s", t->name, Py_TYPE(o)->tp_name);
        return NULL;
    }
    if (!type_is_hashable(t->elem[0])) {
        PyErr_Format(PyExc_TypeError,
                     "a %s cannot be passed: keys of type %s are found by methods that compiled code calls",
                     Py_TYPE(o)->tp_name, t->elem[0]->name);
        return NULL;
    }
    MemoryBlock *table = table_new(t, is_set ? PySet_GET_SIZE(o) : PyDict_GET_SIZE(o));
    if (!table) return NULL;
    if ((is_set ? fill_from_set(t, table, o) : fill_from_dict(t, table, o)) < 0) {
        block_release(table);
        return NULL;
    }
    table_body(table)->changes = 0;
    return table;
}

/* ---- to Python ------------------------------------------------------------------------------------------------------- */

static int set_put(PyObject *set, const Type *t, const char *entry) {
    PyObject *item = cell_to_object(t->elem[0], entry);
    int status = item ? PySet_Add(set, item) : -1;
    Py_XDECREF(item);
    return status;
}

static int dict_put(PyObject *dict, const Type *t, const char *entry, int64_t value_at) {
    PyObject *key = cell_to_object(t->elem[0], entry);
    PyObject *value = key ? cell_to_object(t->elem[1], entry + value_at) : NULL;
    int status = value ? PyDict_SetItem(dict, key, value) : -1;
    Py_XDECREF(key);
    Py_XDECREF(value);
    return status;
}

static PyObject *new_object(const Type *t, MemoryBlock *table) {
    const TableBody *b = table_body(table);
    bool is_set = t->kind == TYPE_SET;
    PyObject *o = is_set ? PySet_New(NULL) : PyDict_New();
    for (int64_t i = 0; o && i < b->used; i++) {
        if (!b->marks[i]) continue;
        const char *entry = b->entries + i * b->entry_nbytes;
        if ((is_set ? set_put(o, t, entry) : dict_put(o, t, entry, b->value_at)) < 0) Py_CLEAR(o);
    }
    if (!o || !is_set || !(t->flags & TYPE_TABLE_FROZEN)) return o;
    PyObject *frozen = PyFrozenSet_New(o);
    Py_DECREF(o);
    return frozen;
}

PyObject *box_table(const Type *t, const Slot *leaves) {
    MemoryBlock *table = (MemoryBlock *)(uintptr_t)*leaves;
    if (table_is_typed(t)) return typed_box(t, table);
    PyObject *parent = table_body(table)->parent;
    PyObject *o = parent ? Py_NewRef(parent) : new_object(t, table);
    block_release(table);
    return o;
}

int table_write_back(const Type *t, MemoryBlock *table) {
    if (!table_body(table)->changes) return 0;
    PyObject *made = new_object(t, table), *parent = table_body(table)->parent, *none;
    if (!made) return -1;
    if (t->kind == TYPE_DICT) {
        PyDict_Clear(parent);
        int status = PyDict_Update(parent, made);
        Py_DECREF(made);
        return status;
    }
    none = PySet_Clear(parent) < 0 ? NULL : PyObject_CallMethod(parent, "update", "O", made);
    Py_DECREF(made);
    Py_XDECREF(none);
    return none ? 0 : -1;
}
