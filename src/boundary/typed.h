/* boundary/typed.h - what the objects of naja.typed share: each is a type and a reference to a block that compiled code
 * works on without a copy (typed.c; typed_list.c, typed_table.c, typed_dict.c and typed_set.c have the rest). */
#ifndef NAJA_BOUNDARY_TYPED_H
#define NAJA_BOUNDARY_TYPED_H

#include "boundary/state.h"
#include "runtime/runtime.h"

typedef struct {
    PyObject_HEAD
    const Type *type;   /* ListType[...], DictType[...], SetType[...]; NULL: not known yet */
    MemoryBlock *block; /* NULL when the type is */
    PyObject *weakrefs;
} TypedObject;

static inline TypedObject *as_typed(PyObject *o) { return (TypedObject *)o; }

/* A new object of this class; NULL type and block: nothing is known of it yet. */
PyObject *typed_wrap(PyTypeObject *cls, const Type *t, MemoryBlock *steal);
/* With NAJA_DISABLE_JIT there are Python's own containers only. */
bool typed_is_disabled(void);
/* The type that an argument names, or that a value given in its place has, as elements are kept. */
const Type *typed_named(PyObject *o);
/* The class object, under its name in the module; NULL with an exception. */
PyTypeObject *typed_class(PyObject *module, PyType_Spec *spec);
/* "ListType[int64]([1, 2])": `unknown` is the type's name while it is NULL. */
PyObject *typed_repr(const Type *t, const char *unknown, PyObject *steal_items);
static inline PyObject *typed_done(int status) { return status < 0 ? NULL : Py_NewRef(Py_None); }

int typed_list_start(PyObject *module);
int typed_table_start(PyObject *module);
int typed_dict_start(PyObject *module);
int typed_set_start(PyObject *module);

/* ---- typed_table.c: what dicts and sets share ------------------------------------------------------------------------- */

static inline TableBody *typed_body(PyObject *o) { return table_body(as_typed(o)->block); }
static inline Py_ssize_t typed_table_length(PyObject *o) {
    return as_typed(o)->block ? (Py_ssize_t)typed_body(o)->live : 0;
}
enum { ENTRY_NONE = -1, ENTRY_ERROR = -2 };
/* The entry of a key: ENTRY_NONE, or ENTRY_ERROR with an exception if the key has another type. */
int64_t typed_table_find(PyObject *o, PyObject *key);
/* The entry that a key has now; *is_new if it had none: its value is the caller's to fill, at once. */
int64_t typed_table_place(PyObject *o, PyObject *key, bool *is_new);
/* A set's or dict's type, which must be a hashable key's; gives the object an empty table.  `value` NULL: of a set. */
int typed_table_set_type(PyObject *o, const Type *key, const Type *value);
int typed_table_check_key(const Type *key); /* TypingError if it has no hash */
int typed_table_contains(PyObject *o, PyObject *key);
void typed_table_remove(PyObject *o, int64_t entry);
PyObject *typed_table_key(PyObject *o, int64_t entry);   /* a new object */
PyObject *typed_table_value(PyObject *o, int64_t entry);
PyObject *typed_table_clear(PyObject *o, PyObject *unused);
PyObject *typed_table_copy(PyObject *o, PyObject *unused);
/* An iterator over keys, values or items: TYPE_VIEW_KEYS ... */
PyObject *typed_table_iterator(PyObject *o, unsigned what);
PyObject *typed_table_iter(PyObject *o); /* over the keys: tp_iter */
PyObject *typed_key_error(PyObject *key); /* gives NULL */

#endif
