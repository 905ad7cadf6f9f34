/* cells.c - elements of containers that live in compiled code's memory, from and to Python objects.
 *
 * A cell (runtime/abi.h) is written from an object's leaves, and owns what they refer to: what was borrowed from the
 * object gets an owner that keeps the object alive.  An element is converted as an assignment in compiled code would
 * convert it, but what loses its value is an error: a float does not become an int, an int must fit.
 *
 * A Python list, set or dict that is put into a container becomes a typed one, as nothing could be written back to it.
 */
#include "boundary/binding.h"
#include "boundary/cells.h"
#include "boundary/specialisation.h"
#include "boundary/state.h"
#include "runtime/runtime.h"

/* ---- leaves and cells -------------------------------------------------------------------------------------- */

void cell_from_slots(const Type *t, const Slot *slot, char *cell) {
    if (t->kind == TYPE_COMPLEX) {
        memcpy(cell, slot, t->bits / 16u);
        memcpy(cell + t->bits / 16u, slot + 1, t->bits / 16u);
    } else memcpy(cell, slot, (size_t)type_cell_nbytes(t));
}

void cell_to_slots(const Type *t, const char *cell, Slot *slot) {
    if (t->kind == TYPE_COMPLEX) {
        memcpy(slot, cell, t->bits / 16u);
        memcpy(slot + 1, cell + t->bits / 16u, t->bits / 16u);
    } else memcpy(slot, cell, (size_t)type_cell_nbytes(t));
}

int cell_own_slots(uint64_t managed, PyObject *o, Slot *slot) {
    uint64_t owned = 0;
    for (uint64_t map = managed; map; map &= map - 1) {
        Slot *owner = &slot[__builtin_ctzll(map)];
        if (*owner) block_retain((MemoryBlock *)(uintptr_t)*owner);
        else if (!(*owner = (Slot)(uintptr_t)object_owner(o))) break;
        owned |= map & -map;
    }
    if (owned == managed) return 0;
    for (; owned; owned &= owned - 1) block_release((MemoryBlock *)(uintptr_t)slot[__builtin_ctzll(owned)]);
    return PyErr_NoMemory(), -1;
}

void cell_release(uint64_t managed, const char *cell) {
    for (; managed; managed &= managed - 1)
        block_release(((MemoryBlock *const *)(const void *)cell)[__builtin_ctzll(managed)]);
}

/* ---- types ------------------------------------------------------------------------------------------------- */

static const Type *kept_as(const Type *t) {
    t = type_stored(t);
    switch (t->kind) {
    case TYPE_LIST: return t->flags & TYPE_LIST_TYPED ? t : type_list(kept_as(t->elem[0]), TYPE_LIST_TYPED);
    case TYPE_SET: return t->flags & TYPE_TABLE_FROZEN ? t : type_set(t->elem[0], TYPE_TABLE_TYPED);
    case TYPE_DICT: return t->flags ? type_dict(t->elem[0], kept_as(t->elem[1]), 0) : t;
    default: return t;
    }
}

const Type *cell_type_of(PyObject *o) {
    const Type *t = typeof_argument(o);
    if (t && !type_fits_cell(kept_as(t)))
        return error_raise("TypingError", "a container of compiled code cannot hold a value of type %s",
                           t->name);
    return t ? kept_as(t) : NULL;
}

static bool is_castable(const Type *from, const Type *to) {
    if (type_is_number(from) && type_is_number(to))
        return from->kind <= to->kind || (to->kind == TYPE_BOOL && from->kind == TYPE_INT);
    return type_can_convert(from, to) >= CONVERT_SAFE;
}

static int check_range(const Type *t, PyObject *o) {
    if (!PyLong_Check(o) && !PyArray_IsScalar(o, Integer)) return 0;
    PyObject *index = PyNumber_Index(o);
    if (!index) return -1;
    int overflow;
    long long v = PyLong_AsLongLongAndOverflow(index, &overflow);
    bool fits = overflow ? overflow > 0 && t == type_u64 : type_int_fits(t, v);
    if (fits && overflow)
        fits = PyLong_AsUnsignedLongLong(index) != (unsigned long long)-1 || !PyErr_Occurred();
    PyErr_Clear();
    Py_DECREF(index);
    if (!fits) PyErr_Format(PyExc_OverflowError, "%R does not fit %s", o, t->name);
    return fits ? 0 : -1;
}

/* ---- objects ------------------------------------------------------------------------------------------------- */

static int put_slots(const Type *t, PyObject *o, char *cell) {
    Slot slot[t->nleaves + 1];
    if (unbox_value(t, o, slot) < 0 || cell_own_slots(type_cell_managed(t), o, slot) < 0) return -1;
    cell_from_slots(t, slot, cell);
    return 0;
}

/* A Python list, set or dict becomes a typed one of its own. */
static int put_container(const Type *t, PyObject *o, char *cell) {
    PyObject *made = t->kind == TYPE_LIST   ? typed_list_new(t->elem[0], o)
                     : t->kind == TYPE_DICT ? typed_dict_new(t, o)
                                            : typed_set_new(t, o);
    int status = made ? put_slots(t, made, cell) : -1;
    Py_XDECREF(made);
    return status;
}

static bool is_python_container(const Type *t, PyObject *o) {
    return t->kind == TYPE_LIST   ? PyList_CheckExact(o)
           : t->kind == TYPE_DICT ? PyDict_CheckExact(o)
                                  : t->kind == TYPE_SET && PySet_CheckExact(o);
}

/* 0 if the object may be kept as this type. */
static int check_cast(const Type *t, PyObject *o);

/* Item by item: (1, 2) may be a key of two uint32. */
static int check_items(const Type *t, PyObject *o) {
    for (uint32_t i = 0; i < t->nelem; i++) {
        PyObject *item = PyTuple_GET_ITEM(o, i);
        if (check_cast(t->elem[i], item) < 0) return -1;
        if (t->elem[i]->kind == TYPE_INT && check_range(t->elem[i], item) < 0) return -1;
    }
    return 0;
}

static int check_cast(const Type *t, PyObject *o) {
    const Type *from = typeof_argument(o);
    if (!from) return -1;
    if (t->kind == TYPE_TUPLE && PyTuple_CheckExact(o) && PyTuple_GET_SIZE(o) == t->nelem)
        return check_items(t, o);
    if (type_base(from) != t && !is_castable(from, t)) {
        error_raise("TypingError", "%s %s to %s. Please cast explicitly.",
                    type_is_number(t) ? "cannot safely cast" : "Cannot cast", from->name, t->name);
        return -1;
    }
    return t->kind == TYPE_INT && t != from ? check_range(t, o) : 0;
}

int cell_from_object_slowly(const Type *t, PyObject *o, char *cell) {
    if (t->kind == TYPE_OPTIONAL && o == Py_None) return put_slots(t, o, cell);
    if (is_python_container(t, o)) return put_container(t, o, cell);
    return check_cast(t, o) < 0 ? -1 : put_slots(t, o, cell);
}

int cell_borrow_object_slowly(const Type *t, PyObject *o, char *cell) {
    Slot slot[t->nleaves + 1];
    if (!(t == type_str && PyUnicode_CheckExact(o)) && check_cast(t, o) < 0) return -1;
    if (unbox_value(t, o, slot) < 0) return -1;
    cell_from_slots(t, slot, cell);
    return 0;
}

PyObject *cell_to_object_slowly(const Type *t, const char *cell) {
    Slot slot[t->nleaves + 1];
    cell_to_slots(t, cell, slot);
    for (uint64_t map = type_cell_managed(t); map; map &= map - 1)
        block_retain((MemoryBlock *)(uintptr_t)slot[__builtin_ctzll(map)]);
    return box_value(t, slot, (Arguments){0});
}
