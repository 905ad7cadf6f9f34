/* boundary/cells.h - elements of containers (runtime/abi.h: cells) as Python objects; typed lists and dicts are made
 * of these. */
#ifndef NAJA_BOUNDARY_CELLS_H
#define NAJA_BOUNDARY_CELLS_H

#include "boundary/state.h"

/* The type as which a container keeps this object; NULL with TypingError: it cannot. */
const Type *cell_type_of(PyObject *o);

int cell_from_object_slowly(const Type *t, PyObject *o, char *cell);
PyObject *cell_to_object_slowly(const Type *t, const char *cell);

int cell_borrow_object_slowly(const Type *t, PyObject *o, char *cell);

/* What needs no conversion and refers to nothing. */
static inline bool cell_from_number(const Type *t, PyObject *o, char *cell) {
    if (t == type_f64 && PyFloat_CheckExact(o)) {
        *(double *)(void *)cell = PyFloat_AS_DOUBLE(o);
        return true;
    }
    if (t != type_i64 || !PyLong_CheckExact(o)) return false;
    int overflow;
    *(int64_t *)(void *)cell = PyLong_AsLongLongAndOverflow(o, &overflow);
    return LIKELY(!overflow);
}

/* Writes the object, converted, to a cell that holds nothing; the cell owns what it refers to.  May run Python code, so
 * `cell` must not be in a container: convert to a buffer, then copy. */
static inline int cell_from_object(const Type *t, PyObject *o, char *cell) {
    return cell_from_number(t, o, cell) ? 0 : cell_from_object_slowly(t, o, cell);
}

/* The same for a cell that lives as long as the object is held only, and refers to what is the object's: a key that is
 * looked up. */
static inline int cell_borrow_object(const Type *t, PyObject *o, char *cell) {
    return cell_from_number(t, o, cell) ? 0 : cell_borrow_object_slowly(t, o, cell);
}

/* A new object; the cell keeps its references. */
static inline PyObject *cell_to_object(const Type *t, const char *cell) {
    if (t == type_f64) return PyFloat_FromDouble(*(const double *)(const void *)cell);
    if (t == type_i64) return PyLong_FromLongLong(*(const int64_t *)(const void *)cell);
    return cell_to_object_slowly(t, cell);
}

/* Gives up the references of a cell; its bits stay. */
void cell_release(uint64_t managed, const char *cell);

/* Leaves in slots and a cell: a number keeps its natural size there. */
void cell_from_slots(const Type *t, const Slot *slot, char *cell);
void cell_to_slots(const Type *t, const char *cell, Slot *slot);
/* What the leaves borrow from the object gets an owner; what they own already (an inner list) one more reference. */
int cell_own_slots(uint64_t managed, PyObject *o, Slot *slot);
/* A block that keeps the object alive; NULL: memory is short. */
MemoryBlock *object_owner(PyObject *o);

#endif
