/* handles.c - Python objects by number, for the stages that know no PyObject.
 *
 * An object gets one Handle for its life, by identity; a number is never used twice.  Functions, dispatchers,
 * classes, arrays and whatever else allows weak references are referenced weakly, so that a compilation keeps no
 * dropped dispatcher alive; the rest (tuples, numbers, ...) is kept.  During a compilation every object that is
 * asked for is also appended to a list (handles_pin), since attribute chains may make temporary objects.
 *
 * Two structures, both under one mutex inside which no Python code runs:
 *   entry[handle]   the object or its weak reference, and its address
 *   slot[]          open-addressed hash from address to the newest handle of that address; an entry whose weak
 *                   reference is dead is stale: the address then belongs to a new object, with a new handle
 */
#include "boundary/state.h"

typedef struct {
    PyObject *strong, *weak; /* one of them */
    uintptr_t address;
} Entry;

static struct {
    pthread_mutex_t mutex;
    Entry *entry;
    Handle *slot;
    size_t n, capacity, mask; /* entries in use (0 is none), room for entries, slots - 1 */
} table = {.mutex = PTHREAD_MUTEX_INITIALIZER, .n = 1};

static _Thread_local PyObject *pinned;

PyObject *handles_pin(PyObject *list) {
    PyObject *former = pinned;
    pinned = list;
    return former;
}

/* The referent of an entry as a new reference, NULL if it has died. */
static PyObject *entry_object(const Entry *e) {
    if (e->strong) return Py_NewRef(e->strong);
    PyObject *o = NULL;
#if PY_VERSION_HEX >= 0x030D0000
    if (PyWeakref_GetRef(e->weak, &o) < 0) PyErr_Clear(); /* not a weak reference: cannot be */
#else
    o = PyWeakref_GetObject(e->weak);
    o = o == Py_None ? NULL : Py_NewRef(o);
#endif
    return o;
}

static size_t slot_of(uintptr_t address) {
    uint64_t h = (uint64_t)address * 0x9E3779B97F4A7C15u;
    for (size_t i = (h >> 32) & table.mask;; i = (i + 1) & table.mask)
        if (!table.slot[i] || table.entry[table.slot[i]].address == address) return i;
}

/* Room for one more entry and its slot; false when memory is short. */
static bool reserve(void) {
    if (table.n < table.capacity) return true;
    size_t capacity = table.capacity ? table.capacity * 2 : 256;
    Entry *entry = PyMem_RawRealloc(table.entry, capacity * sizeof *entry);
    Handle *slot = entry ? PyMem_RawCalloc(capacity * 2, sizeof *slot) : NULL;
    if (entry) table.entry = entry;
    if (!slot) return false;
    PyMem_RawFree(table.slot);
    table.slot = slot;
    table.mask = capacity * 2 - 1;
    table.capacity = capacity;
    for (Handle h = 1; h < table.n; h++) /* in order: the newest handle of an address wins */
        table.slot[slot_of(table.entry[h].address)] = h;
    return true;
}

/* The live entry of this very object, 0 if there is none.  The caller holds a reference to `o`, so an entry of this
 * address whose weak reference is alive is the object's. */
static Handle find(PyObject *o) {
    if (!table.slot) return 0;
    Handle h = table.slot[slot_of((uintptr_t)o)];
    if (!h) return 0;
    PyObject *live = entry_object(&table.entry[h]);
    Py_XDECREF(live); /* not the last reference: the caller has one */
    return live ? h : 0;
}

static Handle add(PyObject *o, PyObject *weak) {
    if (!reserve()) return 0;
    Handle h = (Handle)table.n++;
    table.entry[h] = (Entry){weak ? NULL : Py_NewRef(o), weak, (uintptr_t)o};
    table.slot[slot_of((uintptr_t)o)] = h;
    return h;
}

Handle handle_of(PyObject *o) {
    if (pinned && PyList_Append(pinned, o) < 0) return 0;
    pthread_mutex_lock(&table.mutex);
    Handle h = find(o);
    pthread_mutex_unlock(&table.mutex);
    if (h) return h;
    /* Made outside the lock: an allocation may run the garbage collector, and that any code. */
    PyObject *weak = PyType_SUPPORTS_WEAKREFS(Py_TYPE(o)) ? PyWeakref_NewRef(o, NULL) : NULL;
    if (!weak) PyErr_Clear();
    pthread_mutex_lock(&table.mutex);
    h = find(o);
    bool is_new = h == 0;
    if (is_new) h = add(o, weak);
    pthread_mutex_unlock(&table.mutex);
    if (!is_new || !h) Py_XDECREF(weak);
    if (!h) PyErr_NoMemory();
    return h;
}

PyObject *handle_object_borrow(Handle h) {
    pthread_mutex_lock(&table.mutex);
    PyObject *o = h && h < table.n ? entry_object(&table.entry[h]) : NULL;
    pthread_mutex_unlock(&table.mutex);
    Py_XDECREF(
        o); /* whoever uses a handle keeps its object alive in another way: a pin list or a specialisation */
    return o;
}
