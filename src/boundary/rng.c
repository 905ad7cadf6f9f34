/* rng.c - numpy.random.Generator objects as arguments.
 *
 * Compiled code draws from the bit generator behind the object (its capsule holds a bitgen_t), so that Python and compiled
 * code share one stream.  The lock that NumPy's methods take is not taken: as long as the GIL is held nobody else draws;
 * with nogil, or in a parallel loop, every thread needs a Generator of its own.
 *
 * numpy.random need not be imported for telling such an object: who has one has imported it.
 */
#include "boundary/state.h"
#include "runtime/runtime.h"

bool is_rng(PyObject *o) {
    for (const PyTypeObject *t = Py_TYPE(o); t; t = t->tp_base)
        if (!strcmp(t->tp_name, "numpy.random._generator.Generator")) return true;
    return false;
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
    PyObject *capsule = bits ? PyObject_GetAttrString(bits, "capsule") : NULL;
    void *source = capsule ? PyCapsule_GetPointer(capsule, "BitGenerator") : NULL;
    Py_XDECREF(capsule);
    Py_XDECREF(bits); /* the Generator keeps it */
    memcpy(out + RNG_SOURCE, &source, sizeof source);
    memcpy(out + RNG_OBJECT, &o, sizeof o);
    return source ? 0 : -1;
}
