/* usertypes.c - boxing and unboxing values of types of the program's own (naja.extending.box, unbox).
 *
 * What the program registered builds two functions per type (naja/lowering/boxing.py), which are compiled when the first
 * value crosses:
 *
 *     int32_t unbox(PyObject *, Slot *leaves)     0, or -1 with an exception
 *     PyObject *box(const Slot *leaves)           takes over the references; NULL with an exception
 *
 * They call Python's C API, and naja_unbox_as and naja_box_as for parts of other types.  They are made anew in every
 * process, since they hold addresses of its objects.
 */
#include "boundary/bridge.h"
#include "boundary/specialisation.h"
#include "boundary/state.h"

#include "runtime/runtime.h"

typedef struct {
    int32_t (*unbox)(PyObject *, Slot *);
    PyObject *(*box)(const Slot *);
} Codec;

/* ---- called by the code ---------------------------------------------------------------------------------------------- */

/* Everything is borrowed from the object, which lives until the call ends; outside of a call the values own it. */
static int32_t naja_unbox_as(PyObject *type, PyObject *o, Slot *out) {
    const Type *t = type_from_object(type);
    if (!t || !o) return -1;
    int no_call = chain_keep(o);
    return no_call < 0 ? -1 : no_call ? unbox_owned(t, o, out) : unbox_value(t, o, out);
}

static PyObject *naja_box_as(PyObject *type, const Slot *s) {
    const Type *t = type_from_object(type);
    return t ? box_value(t, s, (Arguments){0}) : NULL;
}

/* ---- one type's functions ------------------------------------------------------------------------------------------------ */

static PyObject *codecs; /* number of the type -> address of a Codec */

static void *resolve(void *unused, const char *name) {
    void *address = runtime_symbol(name);
    return address ? address : foreign_symbol(name);
}

static PyObject *load_codec(PyObject *m, PyObject *args) {
    const char *object, *why = NULL;
    Py_ssize_t nbytes;
    if (!PyArg_ParseTuple(args, "y#:load_codec", &object, &nbytes)) return NULL;
    LoadedObject *code = object_load(object, (size_t)nbytes, resolve, NULL, &why);
    if (!code) return PyErr_Format(PyExc_RuntimeError, "the code cannot be loaded: %s", why ? why : "?");
    return Py_BuildValue("(KK)", (unsigned long long)(uintptr_t)object_symbol(code, "unbox"),
                         (unsigned long long)(uintptr_t)object_symbol(code, "box"));
}

static Codec *codec_new(const Type *t) {
    PyObject *type = type_object_borrow(t);
    PyObject *answer = type ? call_python("naja.lowering.boxing", "functions", Py_BuildValue("(O)", type))
                            : NULL;
    unsigned long long unbox, box;
    Codec *codec = NULL;
    if (answer && PyArg_ParseTuple(answer, "KK:functions", &unbox, &box) &&
        (codec = PyMem_RawCalloc(1, sizeof *codec))) {
        memcpy(&codec->unbox, &(uintptr_t){(uintptr_t)unbox}, sizeof codec->unbox);
        memcpy(&codec->box, &(uintptr_t){(uintptr_t)box}, sizeof codec->box);
    }
    if (answer && !codec && !PyErr_Occurred()) PyErr_NoMemory();
    Py_XDECREF(answer);
    return codec;
}

static const Codec *codec_of(const Type *t) {
    PyObject *key = PyLong_FromUnsignedLong(t->id),
             *known = key ? PyDict_GetItemWithError(codecs, key) : NULL;
    Codec *codec = known ? PyLong_AsVoidPtr(known) : NULL;
    if (key && !known && !PyErr_Occurred() && (codec = codec_new(t))) {
        PyObject *address = PyLong_FromVoidPtr(codec);
        if (!address || PyDict_SetItem(codecs, key, address) < 0) codec = NULL;
        Py_XDECREF(address);
    }
    Py_XDECREF(key);
    return codec;
}

int user_unbox(const Type *t, PyObject *o, Slot *out) {
    const Codec *codec = codec_of(t);
    if (codec && codec->unbox) {
        int32_t status = codec->unbox(o, out);
        if (status < 0 && !PyErr_Occurred())
            PyErr_Format(PyExc_TypeError, "a value of type %s cannot be taken from %R", t->name,
                         (void *)Py_TYPE(o));
        return status;
    }
    if (codec)
        PyErr_Format(PyExc_TypeError, "values of type %s cannot be taken from Python: register @unbox",
                     t->name);
    return -1;
}

PyObject *user_box(const Type *t, const Slot *s) {
    const Codec *codec = codec_of(t);
    if (codec && codec->box) return codec->box(s);
    if (!codec) return NULL;
    return PyErr_Format(PyExc_TypeError, "values of type %s cannot be given to Python: register @box",
                        t->name);
}

#define SYMBOL(name) {#name, (void *)(uintptr_t)(name)}
static const RuntimeSymbol symbols[] = {SYMBOL(naja_unbox_as), SYMBOL(naja_box_as)};

int usertypes_start(void) {
    runtime_add_symbols(symbols, ARRAY_LEN(symbols));
    codecs = PyDict_New();
    return codecs ? 0 : -1;
}

PyMethodDef usertypes_methods[] = {
    {"load_codec", load_codec, METH_VARARGS,
     "load_codec(object)\n--\n\nLoad an object file for good: the addresses of its functions unbox and box."},
    {0},
};
