/* buffers.c - bytes, and objects that lend their memory: bytearray, memoryview, array.array and other exporters.
 *
 * bytes and bytearray are BYTES, read in place.  Any other object with the buffer protocol becomes an array of its
 * format, whose flags keep it apart from an ndarray, which the generated entry reads inline.  The memory is borrowed for the call, in which nothing
 * may resize it, as nothing may resize an array argument.
 */
#include "boundary/state.h"
#include "runtime/runtime.h"

#define LEAF(slot, T) (*(T *)(void *)(slot))

/* ---- bytes --------------------------------------------------------------------------------------------------------- */

const Type *bytes_typeof(PyObject *o) {
    if (PyBytes_Check(o)) return type_bytes;
    return PyByteArray_Check(o) ? type_bytes_of(TYPE_BYTES_MUTABLE) : NULL;
}

int bytes_unbox(const Type *t, PyObject *o, Slot *out) {
    bool is_bytes = PyBytes_Check(o);
    if (bytes_typeof(o) != t) {
        PyErr_Format(PyExc_TypeError, "expected a %s, got %.100s", t->name, Py_TYPE(o)->tp_name);
        return -1;
    }
    LEAF(out + STR_DATA, void *) = is_bytes ? PyBytes_AS_STRING(o) : PyByteArray_AS_STRING(o);
    LEAF(out + STR_LENGTH, int64_t) = is_bytes ? PyBytes_GET_SIZE(o) : PyByteArray_GET_SIZE(o);
    LEAF(out + STR_KIND, int32_t) = 1;
    LEAF(out + STR_PARENT, void *) = o;
    LEAF(out + STR_OWNER, void *) = NULL;
    return 0;
}

PyObject *bytes_box(const Type *t, const Slot *s) {
    PyObject *parent = *(PyObject *const *)(const void *)(s + STR_PARENT);
    const char *data = *(const char *const *)(const void *)(s + STR_DATA);
    Py_ssize_t n = *(const int64_t *)(const void *)(s + STR_LENGTH);
    PyObject *o = parent                          ? Py_NewRef(parent)
                  : t->flags & TYPE_BYTES_MUTABLE ? PyByteArray_FromStringAndSize(data, n)
                                                  : PyBytes_FromStringAndSize(data, n);
    block_release(*(MemoryBlock *const *)(const void *)(s + STR_OWNER));
    return o;
}

/* ---- exporters ------------------------------------------------------------------------------------------------------ */

/* The element type of a format of one native number; NULL: none. */
static const Type *type_of_format(const Py_buffer *view) {
    const char *format = view->format ? view->format : "B";
    if (*format == '@' || *format == '=' || *format == '<' || *format == '|') format++;
    if (*format && !format[1] && strchr("bhilqn", *format))
        return type_int(8 * (unsigned)view->itemsize, true);
    if (*format && !format[1] && strchr("BHILQNc", *format))
        return type_int(8 * (unsigned)view->itemsize, false);
    return !strcmp(format, "?")    ? type_bool
           : !strcmp(format, "e")  ? type_f16
           : !strcmp(format, "f")  ? type_f32
           : !strcmp(format, "d")  ? type_f64
           : !strcmp(format, "Zf") ? type_c64
           : !strcmp(format, "Zd") ? type_c128
                                   : NULL;
}

static bool is_array_array(PyObject *o) { return !strcmp(Py_TYPE(o)->tp_name, "array.array"); }

static bool get_buffer(PyObject *o, Py_buffer *view) {
    if (!PyObject_CheckBuffer(o)) return false;
    if (PyObject_GetBuffer(o, view, PyBUF_FULL_RO) == 0) return true;
    PyErr_Clear(); /* what cannot be lent has no type */
    return false;
}

const Type *buffer_typeof(PyObject *o) {
    Py_buffer view;
    if (!get_buffer(o, &view)) return NULL;
    const Type *dtype = type_of_format(&view), *t = NULL;
    bool c = PyBuffer_IsContiguous(&view, 'C'), f = PyBuffer_IsContiguous(&view, 'F');
    if (dtype && !view.suboffsets && view.ndim <= 32)
        t = type_array(dtype, (unsigned)view.ndim,
                       c   ? LAYOUT_C
                       : f ? LAYOUT_F
                           : LAYOUT_A,
                       view.readonly, true);
    if (t) t = type_buffer(t, is_array_array(o) ? TYPE_ARRAY_PYARRAY : TYPE_ARRAY_MEMORYVIEW);
    PyBuffer_Release(&view);
    return t;
}

int buffer_unbox(const Type *t, PyObject *o, Slot *out) {
    Py_buffer view;
    if (buffer_typeof(o) != t || !get_buffer(o, &view)) {
        PyErr_Format(PyExc_TypeError, "expected a %s, got %.100s", t->name, Py_TYPE(o)->tp_name);
        return -1;
    }
    LEAF(out + ARRAY_DATA, void *) = view.buf;
    LEAF(out + ARRAY_OWNER, void *) = NULL;
    LEAF(out + ARRAY_PARENT, void *) = o;
    for (unsigned axis = 0; axis < t->ndim; axis++) {
        LEAF(out + array_shape(t, axis), int64_t) = view.shape[axis];
        LEAF(out + array_stride(t, axis), int64_t) = view.strides[axis];
    }
    PyBuffer_Release(&view);
    return 0;
}

/* Does the address lie in what the object lends? */
bool buffer_contains(PyObject *o, const char *data) {
    Py_buffer view;
    if (PyArray_IsScalar(o, Void)) {
        const char *low = ((PyVoidScalarObject *)o)->obval;
        return data >= low &&
               data < low + PyDataType_ELSIZE((PyArray_Descr *)((PyVoidScalarObject *)o)->descr);
    }
    if (!get_buffer(o, &view)) return false;
    const char *low = view.buf, *high = low + view.itemsize;
    for (int axis = 0; axis < view.ndim; axis++) {
        Py_ssize_t extent = (view.shape[axis] - 1) * view.strides[axis];
        if (view.shape[axis] == 0) high = low;
        else extent < 0 ? (low += extent) : (high += extent);
    }
    PyBuffer_Release(&view);
    return data >= low && data < high;
}
