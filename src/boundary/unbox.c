/* unbox.c - from Python objects to leaves, for what the generated entry does not read inline.
 *
 * Each leaf is written at the start of its own 8-byte slot, in its machine type.  Everything is borrowed from the
 * object: an array has no owner and its parent is the object itself; a string's characters are read in place.
 * Besides the objects that a type comes from, whatever converts to it without loss is accepted: explicit
 * signatures make float64 parameters that are given an int.
 */
#include "boundary/binding.h"
#include "boundary/bridge.h"
#include "boundary/specialisation.h"
#include "boundary/state.h"
#include "runtime/runtime.h"

#define LEAF(slot, T) (*(T *)(void *)(slot))

static int unbox_bool(PyObject *o, Slot *out) {
    int truth = PyObject_IsTrue(o);
    LEAF(out, uint8_t) = truth > 0;
    return truth < 0 ? -1 : 0;
}

static bool is_negative(PyObject *index) {
    int overflow;
    long long v = PyLong_AsLongLongAndOverflow(index, &overflow);
    return overflow < 0 || (!overflow && v < 0);
}

/* The bits of a Python or NumPy integer; a float, where a given signature asks for an int, is truncated. */
static int read_int(const Type *t, PyObject *o, int64_t *out) {
    PyObject *index = PyFloat_Check(o) || PyArray_IsScalar(o, Floating) ? PyNumber_Long(o)
                                                                        : PyNumber_Index(o);
    bool wrong = index && t && t->kind == TYPE_INT && !t->is_signed && is_negative(index);
    if (wrong)
        PyErr_Format(PyExc_OverflowError, "can't convert negative int to unsigned: %R for %s", o, t->name);
    *out = index ? (int64_t)PyLong_AsUnsignedLongLongMask(index) : 0;
    Py_XDECREF(index);
    return index && !wrong ? 0 : -1;
}

/* Little-endian: the low bytes are the narrower leaf, so what does not fit wraps as in C and in Numba. */
static int unbox_int(const Type *t, PyObject *o, Slot *out) {
    int64_t v;
    if (read_int(t, o, &v) < 0) return -1;
    LEAF(out, int64_t) = v;
    return 0;
}

static int unbox_float(const Type *t, PyObject *o, Slot *out) {
    double v = PyFloat_AsDouble(o);
    if (v == -1 && PyErr_Occurred()) return -1;
    if (t->bits == 64) LEAF(out, double) = v;
    else if (t->bits == 32) LEAF(out, float) = (float)v;
    else return PyFloat_Pack2(v, (char *)out, 1);
    return 0;
}

static int unbox_complex(const Type *t, PyObject *o, Slot *out) {
    Py_complex v = PyComplex_AsCComplex(o);
    if (v.real == -1 && PyErr_Occurred()) return -1;
    if (t->bits == 128) {
        LEAF(out, double) = v.real;
        LEAF(out + 1, double) = v.imag;
    } else {
        LEAF(out, float) = (float)v.real;
        LEAF(out + 1, float) = (float)v.imag;
    }
    return 0;
}

static int unbox_str(PyObject *o, Slot *out) {
    if (!PyUnicode_Check(o)) {
        PyErr_Format(PyExc_TypeError, "expected a str, got %.100s", Py_TYPE(o)->tp_name);
        return -1;
    }
    if (PyUnicode_READY(o) < 0) return -1;
    LEAF(out + STR_DATA, void *) = PyUnicode_DATA(o);
    LEAF(out + STR_LENGTH, int64_t) = PyUnicode_GET_LENGTH(o);
    LEAF(out + STR_KIND, int32_t) = (int32_t)PyUnicode_KIND(o);
    LEAF(out + STR_PARENT, void *) = o;
    LEAF(out + STR_OWNER, void *) = NULL;
    return 0;
}

/* Where an explicit signature gives another unit, NumPy converts. */
static int unbox_time(const Type *t, PyObject *o, Slot *out) {
    PyArray_Descr *dtype = dtype_of(t);
    if (!dtype) return -1;
    PyObject *array = PyArray_FromAny(o, dtype, 0, 0, NPY_ARRAY_FORCECAST, NULL); /* takes dtype */
    if (!array) return -1;
    LEAF(out, int64_t) = *(const int64_t *)PyArray_DATA((PyArrayObject *)array);
    Py_DECREF(array);
    return 0;
}

static int unbox_array(const Type *t, PyObject *o, Slot *out) {
    if (t->flags) return buffer_unbox(t, o, out);
    if (!PyArray_Check(o) || PyArray_NDIM((PyArrayObject *)o) != t->ndim) {
        PyErr_Format(PyExc_TypeError, "expected a %s, got %.100s", t->name, Py_TYPE(o)->tp_name);
        return -1;
    }
    PyArrayObject *a = (PyArrayObject *)o;
    LEAF(out + ARRAY_DATA, void *) = PyArray_DATA(a);
    LEAF(out + ARRAY_OWNER, void *) = NULL;
    LEAF(out + ARRAY_PARENT, void *) = o;
    for (unsigned axis = 0; axis < t->ndim; axis++) {
        LEAF(out + array_shape(t, axis), int64_t) = PyArray_DIM(a, (int)axis);
        LEAF(out + array_stride(t, axis), int64_t) = PyArray_STRIDE(a, (int)axis);
    }
    return 0;
}

static int unbox_tuple(const Type *t, PyObject *o, Slot *out) {
    if (!PyTuple_Check(o) || PyTuple_GET_SIZE(o) != t->nelem) {
        PyErr_Format(PyExc_TypeError, "expected a %s, got %.100s", t->name, Py_TYPE(o)->tp_name);
        return -1;
    }
    for (uint32_t i = 0; i < t->nelem; i++) {
        if (unbox_value(t->elem[i], PyTuple_GET_ITEM(o, i), out) < 0) return -1;
        out += t->elem[i]->nleaves;
    }
    return 0;
}

/* What the leaves borrow from the fields' values the instance keeps alive. */
static int unbox_dataclass(const Type *t, PyObject *o, Slot *out) {
    PyObject *cls = handle_object_borrow(t->handle), *shared = cls ? dataclass_shared_borrow(cls) : NULL;
    if (shared && shared == (PyObject *)Py_TYPE(o)) return unbox_shared(t->elem[0], o, out);
    if ((PyObject *)Py_TYPE(o) != handle_object_borrow(t->handle)) {
        PyErr_Format(PyExc_TypeError, "expected a %s, got %.100s", t->name, Py_TYPE(o)->tp_name);
        return -1;
    }
    PyObject *values = dataclass_values(o);
    int status = values ? unbox_tuple(t, values, out) : -1;
    Py_XDECREF(values);
    return status;
}

static int unbox_optional(const Type *t, PyObject *o, Slot *out) {
    bool has = o != Py_None;
    memset(out, 0, t->nleaves * sizeof *out);
    LEAF(out, uint8_t) = has;
    return has ? unbox_value(t->elem[0], o, out + t->field[OPTIONAL_HAS]->nleaves) : 0;
}

static int unbox_slice(PyObject *o, Slot *out) {
    if (!PySlice_Check(o)) {
        PyErr_Format(PyExc_TypeError, "expected a slice, got %.100s", Py_TYPE(o)->tp_name);
        return -1;
    }
    PySliceObject *s = (PySliceObject *)o;
    PyObject *part[] = {s->start, s->stop, s->step};
    int64_t has = 0;
    for (int i = 0; i < 3; i++) {
        LEAF(out + i, int64_t) = i == SLICE_STEP;
        if (part[i] == Py_None) continue;
        Py_ssize_t v = PyNumber_AsSsize_t(part[i], NULL); /* clipped, as slices are */
        if (v == -1 && PyErr_Occurred()) return -1;
        LEAF(out + i, int64_t) = v;
        has |= (int64_t)1 << i; /* SLICE_HAS_START, SLICE_HAS_STOP, SLICE_HAS_STEP */
    }
    LEAF(out + SLICE_FLAGS, int64_t) = has;
    return 0;
}

static int unbox_range(const Type *t, PyObject *o, Slot *out) {
    static const char *const part[] = {[RANGE_START] = "start", [RANGE_STOP] = "stop", [RANGE_STEP] = "step"};
    if (!PyRange_Check(o)) {
        PyErr_Format(PyExc_TypeError, "expected a range, got %.100s", Py_TYPE(o)->tp_name);
        return -1;
    }
    for (uint32_t i = 0; i < t->nleaves; i++) {
        PyObject *number = PyObject_GetAttrString(o, part[i]);
        LEAF(out + i, int64_t) = number ? PyLong_AsLongLong(number) : -1;
        Py_XDECREF(number);
        if (PyErr_Occurred()) return -1;
    }
    return 0;
}

static void release_block(PyObject *capsule) { block_release(PyCapsule_GetPointer(capsule, NULL)); }

/* An argument's block lives until the call ends; outside of a call the value owns it. */
static int unbox_held(PyObject *o, Slot *out) {
    MemoryBlock *b = block_holding(o);
    PyObject *capsule = b ? PyCapsule_New(b, NULL, release_block) : NULL;
    int no_call = capsule ? chain_keep(capsule) : -1;
    if (no_call > 0) PyCapsule_SetDestructor(capsule, NULL);
    if (b && !capsule) block_release(b);
    Py_XDECREF(capsule);
    LEAF(out, void *) = b;
    return no_call < 0 ? -1 : 0;
}

static int unbox_function(const Type *t, PyObject *o, Slot *out) {
    const FunctionValue *value = function_value(o, t);
    if (value) memcpy(out, value, sizeof *value);
    return value ? 0 : -1;
}

/* An integer, None, or what ctypes and cffi have for pointers. */
static int unbox_address(const Type *t, PyObject *o, Slot *out) {
    PyObject *number = NULL;
    if (o == Py_None) number = PyLong_FromLong(0);
    else if (PyLong_Check(o)) number = Py_NewRef(o);
    else number = pointer_address(o);
    LEAF(out, void *) = number ? PyLong_AsVoidPtr(number) : NULL;
    Py_XDECREF(number);
    if (PyErr_Occurred() && PyErr_ExceptionMatches(PyExc_TypeError))
        PyErr_Format(PyExc_TypeError, "expected an address (%s), got %.100s", t->name, Py_TYPE(o)->tp_name);
    return PyErr_Occurred() ? -1 : 0;
}

/* The values of its keys, of a dict that has them. */
static int unbox_strdict(const Type *t, PyObject *o, Slot *out) {
    for (uint32_t i = 0; i < t->nelem; i += 2) {
        PyObject *value = PyDict_Check(o) ? PyDict_GetItemString(o, t->elem[i]->text) : NULL;
        if (!value) {
            PyErr_Format(PyExc_TypeError, "expected a %s, got %.100s without '%s'", t->name,
                         Py_TYPE(o)->tp_name, t->elem[i]->text);
            return -1;
        }
        if (unbox_value(t->elem[i + 1], value, out) < 0) return -1;
        out += t->elem[i + 1]->nleaves;
    }
    return 0;
}

int unbox_value(const Type *t, PyObject *o, Slot *out) {
    switch (t->kind) {
    case TYPE_BOOL: return unbox_bool(o, out);
    case TYPE_INT: return unbox_int(t, o, out);
    case TYPE_FLOAT: return unbox_float(t, o, out);
    case TYPE_COMPLEX: return unbox_complex(t, o, out);
    case TYPE_ENUM: return enum_unbox(t, o, &LEAF(out, int64_t));
    case TYPE_DATETIME:
    case TYPE_TIMEDELTA: return unbox_time(t, o, out);
    case TYPE_STR: return unbox_str(o, out);
    case TYPE_ARRAY: return unbox_array(t, o, out);
    case TYPE_RECORD: return record_unbox(t, o, out);
    case TYPE_BYTES: return bytes_unbox(t, o, out);
    case TYPE_LIST: return unbox_list(t, o, out);
    case TYPE_SET:
    case TYPE_DICT: return unbox_table(t, o, out);
    case TYPE_NAMEDTUPLE:
        if (!PyTuple_Check(o)) return unbox_dataclass(t, o, out);
        return unbox_tuple(t, o, out);
    case TYPE_TUPLE: return unbox_tuple(t, o, out);
    case TYPE_STRDICT: return unbox_strdict(t, o, out);
    case TYPE_OPTIONAL: return unbox_optional(t, o, out);
    case TYPE_SLICE: return unbox_slice(o, out);
    case TYPE_RANGE: return unbox_range(t, o, out);
    case TYPE_GENERATOR: return generator_unbox(o, out);
    case TYPE_CLOSURE: return closure_unbox(t, o, out);
    case TYPE_RNG: return rng_unbox(t, o, out);
    case TYPE_PYOBJECT: return unbox_held(o, out);
    case TYPE_PTR:
    case TYPE_CPOINTER: return unbox_address(t, o, out);
    case TYPE_CFUNCTION: return unbox_function(t, o, out);
    case TYPE_USER: return user_unbox(t, o, out);
    case TYPE_INSTANCE: return instance_unbox(t, o, out);
    default: break;
    }
    if (t->nleaves == 0) return 0;
    PyErr_Format(PyExc_TypeError, "an argument of type %s cannot be passed from Python", t->name);
    return -1;
}

/* ---- called by generated code -------------------------------------------------------------------------------------- */

int32_t naja_unbox(Specialisation *spec, uint32_t i, void *object, Slot *leaves) {
    return unbox_value(spec->arg[i], omitted_value_borrow(object), leaves);
}

/* NumPy scalars, bools, big ints.  The dispatcher has seen that it converts, so a failure is a float without an
 * integer value, and gives what the conversion gives in compiled code. */
static __attribute__((noinline)) int64_t as_int64_slowly(PyObject *o) {
    int64_t v;
    if (read_int(NULL, omitted_value_borrow(o), &v) == 0) return v;
    PyErr_Clear();
    return INT64_MIN;
}

int64_t naja_as_int64(void *object) {
    PyObject *o = object;
    if (LIKELY(Py_TYPE(o) == &PyLong_Type)) {
#if PY_VERSION_HEX >= 0x030C0000
        if (LIKELY(PyUnstable_Long_IsCompact((PyLongObject *)o)))
            return PyUnstable_Long_CompactValue((PyLongObject *)o);
#else
        Py_ssize_t n = Py_SIZE(o);
        if (LIKELY(n >= -1 && n <= 1)) return n * (int64_t)((PyLongObject *)o)->ob_digit[0];
#endif
    }
    return as_int64_slowly(o);
}
