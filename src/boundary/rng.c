/* rng.c - numpy.random.Generator objects as arguments and results.
 *
 * Compiled code draws from the bit generator behind the object (its capsule holds a bitgen_t), so that Python and compiled
 * code share one stream.  The lock that NumPy's methods take is not taken: as long as the GIL is held nobody else draws;
 * with nogil, or in a parallel loop, every thread needs a Generator of its own.
 *
 * A generator that compiled code made (runtime/random_new.c) gets an object when Python first sees it.  From then on compiled
 * code draws from that object, too, so there is one stream still.
 *
 * numpy.random need not be imported for telling such an object: who has one has imported it.
 */
#include <string.h>

#include "boundary/bridge.h"
#include "boundary/state.h"
#include "runtime/runtime.h"

#define LEAF(slot, T) (*(T const *)(const void *)(slot))

bool is_rng(PyObject *o) {
    for (const PyTypeObject *t = Py_TYPE(o); t; t = t->tp_base)
        if (!strcmp(t->tp_name, "numpy.random._generator.Generator")) return true;
    return false;
}

/* Of a bit generator, which keeps it; NULL with an exception. */
static void *source_of(PyObject *bits) {
    PyObject *capsule = PyObject_GetAttrString(bits, "capsule");
    void *source = capsule ? PyCapsule_GetPointer(capsule, "BitGenerator") : NULL;
    Py_XDECREF(capsule);
    return source;
}

int rng_unbox(PyObject *o, Slot *out) {
    if (!is_rng(o)) {
        PyErr_Format(PyExc_TypeError, "expected a numpy.random.Generator, got %.100s", Py_TYPE(o)->tp_name);
        return -1;
    }
    if (!random_find()) {
        PyErr_SetString(
            PyExc_ImportError,
            "naja draws random numbers with the functions that NumPy's module numpy.random._generator "
            "exports, and cannot find them in this NumPy: install a NumPy from its wheels");
        return -1;
    }
    PyObject *bits = PyObject_GetAttrString(o, "bit_generator");
    void *source = bits ? source_of(bits) : NULL;
    Py_XDECREF(bits); /* the Generator keeps it */
    memcpy(out + RNG_SOURCE, &source, sizeof source);
    memset(out + RNG_OWNER, 0, sizeof *out);
    memcpy(out + RNG_OBJECT, &o, sizeof o);
    return source ? 0 : -1;
}

static PyObject *integer_of(const void *bytes, size_t n) {
    return PyObject_CallMethod((PyObject *)&PyLong_Type, "from_bytes", "y#s", (const char *)bytes,
                               (Py_ssize_t)n, "little");
}

/* numpy.random.PCG64 of the same seed and state. */
static PyObject *pcg64_like(PyObject *module, const MadeState *g) {
    PyObject *seed = integer_of(g->word, (size_t)g->nwords * sizeof g->word[0]);
    PyObject *bits = seed ? PyObject_CallMethod(module, "PCG64", "O", seed) : NULL;
    PyObject *state = bits ? integer_of(g->state, 16) : NULL;
    PyObject *increment = state ? integer_of(g->increment, 16) : NULL;
    PyObject *whole = increment ? Py_BuildValue("{s:s,s:{s:O,s:O},s:i,s:I}", "bit_generator", "PCG64",
                                                "state", "state", state, "inc", increment, "has_uint32",
                                                (int)g->has_half, "uinteger", g->half)
                                : NULL;
    if (!whole || PyObject_SetAttrString(bits, "state", whole) < 0) Py_CLEAR(bits);
    Py_XDECREF(whole);
    Py_XDECREF(increment);
    Py_XDECREF(state);
    Py_XDECREF(seed);
    return bits;
}

/* The object of a generator that compiled code made; the block holds it and draws from it.  A new reference. */
static PyObject *made_object(MemoryBlock *b) {
    if (b->extra) return Py_NewRef((PyObject *)b->extra);
    MadeState made = random_made_state(b);
    PyObject *module = PyImport_ImportModule("numpy.random");
    PyObject *bits = module ? pcg64_like(module, &made) : NULL;
    void *source = bits ? source_of(bits) : NULL;
    PyObject *o = source ? PyObject_CallMethod(module, "Generator", "O", bits) : NULL;
    if (o) {
        block_hold(b, o);
        random_made_follow(b, source);
    }
    Py_XDECREF(bits);
    Py_XDECREF(module);
    return o;
}

PyObject *rng_box(const Slot *s) {
    PyObject *object = LEAF(s + RNG_OBJECT, PyObject *);
    MemoryBlock *owner = LEAF(s + RNG_OWNER, MemoryBlock *);
    PyObject *o = object ? Py_NewRef(object) : made_object(owner);
    block_release(owner);
    return o;
}
