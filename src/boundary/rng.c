/* rng.c - numpy.random.Generator and RandomState objects as arguments and results.
 *
 * Compiled code draws from the bit generator behind the object (its capsule holds a bitgen_t), so that Python and compiled
 * code share one stream.  The lock that NumPy's methods take is not taken: as long as the GIL is held nobody else draws;
 * with nogil, or in a parallel loop, every thread needs a Generator of its own.
 *
 * A RandomState also keeps the second one of a pair of normal numbers.  Where it does is no public fact: it is looked for in
 * the object, beside the copy of the bitgen_t that is there, and compared once with what the object's get_state() says.
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

const Type *rng_typeof(PyObject *o) {
    for (const PyTypeObject *t = Py_TYPE(o); t; t = t->tp_base) {
        if (!strcmp(t->tp_name, "numpy.random._generator.Generator")) return type_rng;
        if (!strcmp(t->tp_name, "numpy.random.mtrand.RandomState")) return type_random_state;
    }
    return NULL;
}

/* Of a bit generator, which keeps it; NULL with an exception. */
static void *source_of(PyObject *bits) {
    PyObject *capsule = PyObject_GetAttrString(bits, "capsule");
    void *source = capsule ? PyCapsule_GetPointer(capsule, "BitGenerator") : NULL;
    Py_XDECREF(capsule);
    return source;
}

static int not_found(void) {
    PyErr_SetString(
        PyExc_ImportError,
        "naja draws random numbers with the functions that NumPy's module numpy.random._generator "
        "exports, and cannot find them in this NumPy: install a NumPy from its wheels");
    return -1;
}

/* Whether what was found in a RandomState is what the object itself says: 1, 0, or -1 with an exception. */
static int agrees(PyObject *o, const void *legacy) {
    int has_gauss;
    double gauss;
    random_legacy_gauss(legacy, &has_gauss, &gauss);
    PyObject *get = PyObject_GetAttrString(o, "get_state");
    PyObject *args = get ? PyTuple_Pack(1, Py_False) : NULL;
    PyObject *state = args ? PyObject_CallObject(get, args) : NULL;
    PyObject *says = state && PyDict_Check(state) ? PyDict_GetItemString(state, "gauss") : NULL;
    PyObject *has = says ? PyDict_GetItemString(state, "has_gauss") : NULL;
    int same = PyErr_Occurred() ? -1
                                : has && PyLong_AsLong(has) == has_gauss && PyFloat_AsDouble(says) == gauss;
    Py_XDECREF(state);
    Py_XDECREF(args);
    Py_XDECREF(get);
    return PyErr_Occurred() ? -1 : same;
}

/* What a RandomState draws from, in place; NULL with an exception. */
static void *legacy_of(PyObject *o, const void *source) {
    static bool compared;
    void *legacy = random_legacy_in(o, (size_t)Py_TYPE(o)->tp_basicsize, source);
    int same = !legacy ? 0 : compared ? 1 : agrees(o, legacy);
    if (same > 0) compared = true;
    else if (same == 0) (void)not_found();
    return same > 0 ? legacy : NULL;
}

int rng_unbox(const Type *t, PyObject *o, Slot *out) {
    bool is_legacy = t->flags & TYPE_RNG_LEGACY;
    if (rng_typeof(o) != t) {
        PyErr_Format(PyExc_TypeError, "expected a numpy.random.%s, got %.100s",
                     is_legacy ? "RandomState" : "Generator", Py_TYPE(o)->tp_name);
        return -1;
    }
    if (!random_find()) return not_found();
    PyObject *bits = PyObject_GetAttrString(o, is_legacy ? "_bit_generator" : "bit_generator");
    void *source = bits ? source_of(bits) : NULL;
    if (source && is_legacy) source = legacy_of(o, source);
    Py_XDECREF(bits); /* the object keeps it */
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

/* numpy.random.Generator like one that compiled code made; what it draws from is put into *source. */
static PyObject *generator_like(PyObject *module, MemoryBlock *b, void **source) {
    MadeState made = random_made_state(b);
    PyObject *bits = pcg64_like(module, &made);
    *source = bits ? source_of(bits) : NULL;
    PyObject *o = *source ? PyObject_CallMethod(module, "Generator", "O", bits) : NULL;
    Py_XDECREF(bits);
    return o;
}

/* numpy.random.RandomState with the state of a Twister; as above. */
static PyObject *random_state_like(PyObject *module, MemoryBlock *b, void **source) {
    TwisterState made = random_twister_state(b);
    npy_intp n = 624;
    PyObject *o = PyObject_CallMethod(module, "RandomState", "i", 0);
    PyObject *key = o ? PyArray_SimpleNew(1, &n, NPY_UINT32) : NULL;
    if (key) memcpy(PyArray_DATA((PyArrayObject *)key), made.key, (size_t)n * sizeof *made.key);
    PyObject *set = key ? PyObject_CallMethod(o, "set_state", "((sOiid))", "MT19937", key, (int)made.at,
                                              (int)made.has_gauss, made.gauss)
                        : NULL;
    Slot slot[3];
    if (!set || rng_unbox(type_random_state, o, slot) < 0) Py_CLEAR(o);
    else memcpy(source, slot + RNG_SOURCE, sizeof *source);
    Py_XDECREF(set);
    Py_XDECREF(key);
    return o;
}

/* The object of a generator that compiled code made; the block holds it and draws from it.  A new reference. */
static PyObject *made_object(MemoryBlock *b, bool is_legacy) {
    if (b->extra) return Py_NewRef((PyObject *)b->extra);
    PyObject *module = PyImport_ImportModule("numpy.random"), *o = NULL;
    void *source = NULL;
    if (module) o = (is_legacy ? random_state_like : generator_like)(module, b, &source);
    if (o) {
        block_hold(b, o);
        (is_legacy ? random_twister_follow : random_made_follow)(b, source);
    }
    Py_XDECREF(module);
    return o;
}

PyObject *rng_box(const Type *t, const Slot *s) {
    PyObject *object = LEAF(s + RNG_OBJECT, PyObject *);
    MemoryBlock *owner = LEAF(s + RNG_OWNER, MemoryBlock *);
    PyObject *o = object ? Py_NewRef(object) : made_object(owner, t->flags & TYPE_RNG_LEGACY);
    block_release(owner);
    return o;
}
