/* boundary/dispatcher.h - the callable that stands for a compiled function.
 *
 *   dispatcher.c       calling: from arguments to a specialisation, compiling on a miss
 *   dispatcher_type.c  the Python type: construction, attributes, methods, life and death
 *
 * Invariants, for threads without a GIL: specialisations and keys are immutable and live until the dispatcher dies;
 * tables and the list of specialisations are only added to, by one thread at a time (the compile lock), each link by a
 * release store; a table that has become too small, or was replaced by recompile(), is kept until the dispatcher dies,
 * since a reader may be in it.
 */
#ifndef NAJA_BOUNDARY_DISPATCHER_H
#define NAJA_BOUNDARY_DISPATCHER_H

#include "boundary/binding.h"
#include "boundary/specialisation.h"
#include "boundary/words.h"

/* One sequence of argument words and what serves it. */
typedef struct Key {
    Specialisation *spec;
    uint64_t hash;
    uint32_t nwords;
    struct Key *next;                 /* of all keys of the dispatcher, for freeing */
    Word word[];
} Key;

typedef struct Table {
    struct Table *next;               /* the one it replaced */
    uint32_t mask, n;
    Key *_Atomic slot[];
} Table;

typedef struct {
    PyObject_HEAD
    vectorcallfunc call;
    int nplain;                       /* a call with exactly so many positional arguments needs no binding; -1: none */
    bool can_compile, use_cache;
    bool object_mode;                 /* calls run the Python function itself */
    bool was_called;                  /* object mode only */
    bool is_ahead;                    /* compiled ahead of time: it has the versions it came with, and no source */
    Key *_Atomic last;                /* inline cache */
    Table *_Atomic table;
    Parameters parameters;
    PyObject *function;               /* NULL after tp_clear */
    PyObject *targetoptions, *dict, *weakrefs;
    UnitOptions options;
    Handle handle;
    _Atomic uint64_t literal_params;  /* bits of the parameters whose values are part of their types: literally(x) */
    PyObject *literals;               /* dict: (class, value) -> Omitted, which stands for such an argument */
    Specialisation *_Atomic first;    /* list in the order of compilation; with the retired ones */
    Key *keys;
    uint64_t cache_hits, cache_misses;
} Dispatcher;

enum { MAX_PARAMETERS = 255 };

/* The specialisation at or behind s that is in use. */
static inline Specialisation *specialisation_live(Specialisation *s) {
    while (s && atomic_load_explicit(&s->retired, memory_order_acquire)) s = atomic_load_explicit(&s->next, memory_order_acquire);
    return s;
}
#define FOR_EACH_SPECIALISATION(s, d)                                                                          \
    for (Specialisation *s = specialisation_live(atomic_load_explicit(&(d)->first, memory_order_acquire)); s;  \
         s = specialisation_live(atomic_load_explicit(&s->next, memory_order_acquire)))

/* The specialisation for exactly these types, compiled if need be, whether or not the dispatcher may compile on
 * calls. */
Specialisation *dispatcher_specialise(Dispatcher *d, uint32_t nargs, const Type *const *args, const Type *result);
/* False with an exception: its versions came without the source of others. */
bool dispatcher_has_source(const Dispatcher *d);
/* Adds a version that was compiled elsewhere; false: it has one for these types. */
bool dispatcher_add(Dispatcher *d, Specialisation *steal);
/* Types for the function's parameters, `args` a tuple of (types[, result]); -1 with an exception when the number is wrong. */
int dispatcher_read_version(Dispatcher *d, PyObject *args, const char *format, const Type **types, const Type **result);
/* The one that exists; NULL without an exception. */
Specialisation *dispatcher_find(Dispatcher *d, uint32_t nargs, const Type *const *args);
/* Retires every specialisation; the next call compiles again. */
void dispatcher_retire_all(Dispatcher *d);
void dispatcher_free_code(Dispatcher *d);
PyObject *dispatcher_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames);
/* In object mode: the interpreter runs the Python function. */
PyObject *dispatcher_interpret(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames);

#endif
