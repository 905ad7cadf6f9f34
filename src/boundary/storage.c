/* storage.c - array elements that are no numbers: structured dtypes, strings of fixed length, records.
 *
 * A structured dtype becomes a RECORD type and back (types/storage.c has its text).  Both ways are remembered: the way
 * in by a few descriptors that were seen last, since every call with a record array comes here; the way out in a dict.
 *
 * A record argument (numpy.void, numpy.record) is passed by reference: compiled code reads and writes its bytes.  A
 * record result is a new numpy.record with a copy, but for an argument that comes back.
 */
#include "boundary/state.h"
#include "runtime/runtime.h"

#define LEAF(slot, T) (*(T *)(void *)(slot))

/* ---- dtype to type ----------------------------------------------------------------------------------------------- */

enum { MAX_FIELDS = 1000 };

/* "length:text" of a str; false: it has a character NUL, or an exception. */
static bool add_name(StrBuf *text, PyObject *name) {
    Py_ssize_t length;
    const char *utf8 = PyUnicode_AsUTF8AndSize(name, &length);
    if (!utf8 || strlen(utf8) != (size_t)length) return false;
    strbuf_printf(text, "%zd:%s", length, utf8);
    return true;
}

/* One field: its type and its part of the text; false: not supported, or an exception.  A title that is no str names nothing
 * in compiled code. */
static bool add_field(PyObject *fields, PyObject *name, const Type **elem, StrBuf *text) {
    PyObject *entry = PyDict_GetItemWithError(fields, name);
    if (!entry) return false;
    PyObject *title = PyTuple_GET_SIZE(entry) > 2 ? PyTuple_GET_ITEM(entry, 2) : NULL;
    *elem = typeof_dtype((PyArray_Descr *)PyTuple_GET_ITEM(entry, 0));
    strbuf_printf(text, "%zd:", PyLong_AsSsize_t(PyTuple_GET_ITEM(entry, 1)));
    if (!*elem || !add_name(text, name)) return false;
    if (!title || !PyUnicode_Check(title)) return true;
    strbuf_puts(text, ";");
    return add_name(text, title);
}

static const Type *typeof_structured(PyArray_Descr *d) {
    PyObject *names = PyDataType_NAMES(d), *fields = PyDataType_FIELDS(d);
    Py_ssize_t n = names ? PyTuple_GET_SIZE(names) : 0;
    if (n == 0 || n > MAX_FIELDS) return NULL;
    const Type *elem[n];
    StrBuf text = {0};
    strbuf_printf(&text, "%zd;", (Py_ssize_t)PyDataType_ELSIZE(d));
    bool ok = true;
    for (Py_ssize_t i = 0; ok && i < n; i++)
        ok = add_field(fields, PyTuple_GET_ITEM(names, i), &elem[i], &text);
    if (ok && text.failed) PyErr_NoMemory();
    bool aligned = PyDataType_FLAGCHK(d, NPY_ALIGNED_STRUCT);
    const Type *t = ok && !text.failed
                        ? type_record((uint32_t)n, elem, text.at, aligned ? TYPE_RECORD_ALIGNED : 0)
                        : NULL;
    strbuf_free(&text);
    return t;
}

static const Type *typeof_subarray(PyArray_Descr *d) {
    PyArray_ArrayDescr *sub = PyDataType_SUBARRAY(d);
    const Type *elem = typeof_dtype(sub->base);
    int64_t shape[2 * NPY_MAXDIMS];
    bool is_tuple = PyTuple_Check(sub->shape);
    Py_ssize_t ndim = is_tuple ? PyTuple_GET_SIZE(sub->shape) : 1;
    for (Py_ssize_t i = 0; i < ndim; i++)
        shape[i] = PyLong_AsLongLong(is_tuple ? PyTuple_GET_ITEM(sub->shape, i) : sub->shape);
    if (!elem || PyErr_Occurred()) return NULL;
    if (elem->kind != TYPE_NESTED) return type_nested(elem, (uint32_t)ndim, shape);
    uint32_t inner = type_nested_shape(elem, NULL); /* an array of arrays is one with more axes */
    if (ndim + inner > NPY_MAXDIMS) return NULL;
    type_nested_shape(elem, shape + ndim);
    return type_nested(elem->elem[0], (uint32_t)ndim + inner, shape);
}

static const Type *typeof_new(PyArray_Descr *d) {
    if (d->type_num == NPY_STRING) return type_charseq(PyDataType_ELSIZE(d), false);
    if (d->type_num == NPY_UNICODE) return type_charseq(PyDataType_ELSIZE(d) / 4, true);
    if (d->type_num != NPY_VOID) return NULL;
    return PyDataType_SUBARRAY(d) ? typeof_subarray(d) : typeof_structured(d);
}

const Type *storage_typeof(PyArray_Descr *d) {
    static struct {
        PyArray_Descr *dtype; /* kept alive: an address says what it said before */
        const Type *type;
    } seen[16];
    static unsigned next;
    for (size_t i = 0; i < ARRAY_LEN(seen); i++)
        if (seen[i].dtype == d) return seen[i].type;
    const Type *t = typeof_new(d);
    if (!t) return NULL;
    PyArray_Descr *old = seen[next].dtype;
    seen[next].dtype = (PyArray_Descr *)Py_NewRef(d);
    seen[next].type = t;
    next = (next + 1) % ARRAY_LEN(seen);
    Py_XDECREF(old);
    return t;
}

/* ---- type to dtype ------------------------------------------------------------------------------------------------ */

static PyArray_Descr *from_spec(PyObject *steal) {
    PyArray_Descr *d = NULL;
    if (steal && !PyArray_DescrConverter(steal, &d)) d = NULL;
    Py_XDECREF(steal);
    return d;
}

enum { NAMES, FORMATS, OFFSETS, TITLES, COLUMNS };

/* Field i as an item of each list. */
static bool append_field(PyObject *const *column, const Type *t, uint32_t i) {
    RecordField f = type_record_field(t, i);
    PyObject *item[COLUMNS] = {[NAMES] = PyUnicode_FromStringAndSize(f.name, f.length),
                               [FORMATS] = (PyObject *)dtype_of(t->elem[i]),
                               [OFFSETS] = PyLong_FromLongLong(f.offset),
                               [TITLES] = f.title ? PyUnicode_FromStringAndSize(f.title, f.title_length)
                                                  : Py_NewRef(Py_None)};
    bool ok = true;
    for (int k = 0; k < COLUMNS; k++) {
        ok = ok && item[k] && PyList_Append(column[k], item[k]) == 0;
        Py_XDECREF(item[k]);
    }
    return ok;
}

static PyObject *structured_spec(const Type *t) {
    PyObject *column[COLUMNS], *spec = NULL;
    bool ok = true, has_titles = false;
    for (int k = 0; k < COLUMNS; k++) ok = (column[k] = PyList_New(0)) && ok;
    for (uint32_t i = 0; ok && i < t->nelem; i++) {
        ok = append_field(column, t, i);
        has_titles |= type_record_field(t, i).title != NULL;
    }
    if (ok)
        spec = Py_BuildValue("{sOsOsOsIsO}", "names", column[NAMES], "formats", column[FORMATS], "offsets",
                             column[OFFSETS], "itemsize", type_itemsize(t), "aligned",
                             t->flags & TYPE_RECORD_ALIGNED ? Py_True : Py_False);
    if (spec && has_titles && PyDict_SetItemString(spec, "titles", column[TITLES]) < 0) Py_CLEAR(spec);
    for (int k = 0; k < COLUMNS; k++) Py_XDECREF(column[k]);
    return spec;
}

static PyObject *subarray_spec(const Type *t) {
    int64_t shape[NPY_MAXDIMS];
    uint32_t ndim = type_nested_shape(t, shape);
    PyObject *extents = PyTuple_New(ndim);
    for (uint32_t i = 0; extents && i < ndim; i++)
        PyTuple_SET_ITEM(extents, i, PyLong_FromLongLong(shape[i]));
    PyObject *base = (PyObject *)dtype_of(t->elem[0]);
    PyObject *spec = base && extents ? PyTuple_Pack(2, base, extents) : NULL;
    Py_XDECREF(base);
    Py_XDECREF(extents);
    return spec;
}

static PyArray_Descr *new_dtype(const Type *t) {
    if (t->kind == TYPE_RECORD) return from_spec(structured_spec(t));
    if (t->kind == TYPE_NESTED) return from_spec(subarray_spec(t));
    return from_spec(
        PyUnicode_FromFormat("%c%lld", t->flags & TYPE_CHARSEQ_UNICODE ? 'U' : 'S', (long long)t->value));
}

PyArray_Descr *dtype_of(const Type *t) {
    static PyObject *made; /* dict: number of the type -> dtype */
    if (!type_is_storage(t) && !type_is_time(t)) return PyArray_DescrFromType(dtype_number(t));
    if (!made && !(made = PyDict_New())) return NULL;
    PyObject *id = PyLong_FromUnsignedLong(t->id);
    PyObject *d = id ? PyDict_GetItemWithError(made, id) : NULL;
    Py_XINCREF(d);
    if (id && !d && !PyErr_Occurred()) {
        d = (PyObject *)(type_is_time(t) ? time_dtype_new(t) : new_dtype(t));
        if (d && PyDict_SetItem(made, id, d) < 0) Py_CLEAR(d);
    }
    Py_XDECREF(id);
    return (PyArray_Descr *)d;
}

/* ---- records as values -------------------------------------------------------------------------------------------- */

const Type *record_typeof(PyObject *o) {
    PyVoidScalarObject *v = (PyVoidScalarObject *)o;
    const Type *t = typeof_dtype((PyArray_Descr *)v->descr);
    return t && t->kind == TYPE_RECORD ? type_record_readonly(t, !(v->flags & NPY_ARRAY_WRITEABLE)) : NULL;
}

int record_unbox(const Type *t, PyObject *o, Slot *out) {
    const Type *given = PyArray_IsScalar(o, Void) ? record_typeof(o) : NULL;
    if (!given ||
        type_can_convert(type_record_readonly(given, false), type_record_readonly(t, false)) == CONVERT_NO) {
        if (!PyErr_Occurred())
            PyErr_Format(PyExc_TypeError, "expected a %s, got %.100s", t->name, Py_TYPE(o)->tp_name);
        return -1;
    }
    LEAF(out + ARRAY_DATA, void *) = ((PyVoidScalarObject *)o)->obval;
    LEAF(out + ARRAY_OWNER, void *) = NULL;
    LEAF(out + ARRAY_PARENT, void *) = o;
    return 0;
}

/* numpy.record instead of numpy.void: fields are attributes too, as in compiled code. */
static PyArray_Descr *record_dtype(const Type *t) {
    PyArray_Descr *plain = dtype_of(type_record_readonly(t, false));
    if (!plain) return NULL;
    PyObject *numpy = PyImport_ImportModule("numpy");
    PyObject *cls = numpy ? PyObject_GetAttrString(numpy, "record") : NULL;
    PyArray_Descr *d = cls ? from_spec(PyTuple_Pack(2, cls, (PyObject *)plain)) : NULL;
    Py_XDECREF(cls);
    Py_XDECREF(numpy);
    Py_DECREF(plain);
    return d;
}

PyObject *record_box(const Type *t, const Slot *s) {
    PyObject *parent = *(PyObject *const *)(const void *)(s + ARRAY_PARENT);
    MemoryBlock *owner = *(MemoryBlock *const *)(const void *)(s + ARRAY_OWNER);
    PyObject *o = NULL;
    if (parent) {
        o = Py_NewRef(parent);
    } else {
        PyArray_Descr *d = record_dtype(t);
        PyObject *array = d ? PyArray_SimpleNewFromDescr(0, NULL, (PyArray_Descr *)Py_NewRef(d)) : NULL;
        if (array) { /* an element of an array: assignment to fields works for those only */
            void *data = PyArray_DATA((PyArrayObject *)array);
            memcpy(data, *(void *const *)(const void *)(s + ARRAY_DATA), type_itemsize(t));
            o = PyArray_Scalar(data, d, array);
        }
        Py_XDECREF(array);
        Py_XDECREF(d);
    }
    block_release(owner);
    return o;
}

/* ---- constructors of types ------------------------------------------------------------------------------------------ */

static PyObject *record_type(PyObject *m, PyObject *args) {
    PyObject *fields;
    Py_ssize_t itemsize;
    int aligned;
    if (!PyArg_ParseTuple(args, "O!np:record_type", &PyTuple_Type, &fields, &itemsize, &aligned)) return NULL;
    Py_ssize_t n = PyTuple_GET_SIZE(fields);
    if (n > MAX_FIELDS) return PyErr_Format(PyExc_ValueError, "a record has at most %d fields", MAX_FIELDS);
    const Type *elem[n + 1];
    StrBuf text = {0};
    strbuf_printf(&text, "%zd;", itemsize);
    bool ok = true;
    for (Py_ssize_t i = 0; ok && i < n; i++) {
        const char *name, *title = NULL;
        Py_ssize_t offset;
        PyObject *type;
        ok = PyArg_ParseTuple(PyTuple_GET_ITEM(fields, i), "snO|z", &name, &offset, &type, &title) &&
             (elem[i] = type_from_object(type));
        if (ok && !type_is_scalar(elem[i]) && !type_is_storage(elem[i])) {
            PyErr_Format(PyExc_TypeError, "a record cannot have a field of type %s", elem[i]->name);
            ok = false;
        }
        if (ok && (offset < 0 || offset + (Py_ssize_t)type_itemsize(elem[i]) > itemsize)) {
            PyErr_Format(PyExc_ValueError, "field %s does not lie inside a record of %zd bytes", name,
                         itemsize);
            ok = false;
        }
        if (ok) strbuf_printf(&text, "%zd:%zu:%s", offset, strlen(name), name);
        if (ok && title) strbuf_printf(&text, ";%zu:%s", strlen(title), title);
    }
    const Type *t = NULL;
    if (ok && text.failed) PyErr_NoMemory();
    else if (ok) t = type_record((uint32_t)n, elem, text.at, aligned ? TYPE_RECORD_ALIGNED : 0);
    strbuf_free(&text);
    return t ? Py_XNewRef(type_object_borrow(t)) : NULL;
}

static PyObject *charseq_type(PyObject *m, PyObject *args) {
    int length, is_unicode;
    if (!PyArg_ParseTuple(args, "ip:charseq_type", &length, &is_unicode)) return NULL;
    if (length < 0 || length > INT32_MAX / 4)
        return PyErr_Format(PyExc_ValueError, "a string in an array cannot have %d characters", length);
    return Py_XNewRef(type_object_borrow(type_charseq(length, is_unicode)));
}

static PyObject *nested_type(PyObject *m, PyObject *args) {
    PyObject *type, *shape;
    if (!PyArg_ParseTuple(args, "OO!:nested_type", &type, &PyTuple_Type, &shape)) return NULL;
    const Type *dtype = type_from_object(type);
    Py_ssize_t ndim = PyTuple_GET_SIZE(shape);
    int64_t extent[NPY_MAXDIMS], nbytes = dtype ? type_itemsize(dtype) : 0;
    if (!dtype) return NULL;
    if (ndim < 1 || ndim > NPY_MAXDIMS || !(type_is_scalar(dtype) || type_is_storage(dtype)))
        return PyErr_Format(PyExc_ValueError, "%s cannot be an array of %zd dimensions in a record",
                            dtype->name, ndim);
    for (Py_ssize_t i = 0; i < ndim; i++) {
        extent[i] = PyLong_AsLongLong(PyTuple_GET_ITEM(shape, i));
        if (extent[i] == -1 && PyErr_Occurred()) return NULL;
        if (extent[i] < 0 || __builtin_mul_overflow(nbytes, extent[i], &nbytes) || nbytes > INT32_MAX)
            return PyErr_Format(PyExc_ValueError, "%R is no shape of an array in a record", shape);
    }
    return Py_XNewRef(type_object_borrow(type_nested(dtype, (uint32_t)ndim, extent)));
}

PyMethodDef storage_methods[] = {
    {"record_type", record_type, METH_VARARGS,
     "record_type(fields, itemsize, aligned)\n--\n\nStructured dtype; fields: tuple of "
     "(name, offset, type, title or None)."},
    {"charseq_type", charseq_type, METH_VARARGS,
     "charseq_type(length, is_unicode)\n--\n\nString of fixed length in an array."},
    {"nested_type", nested_type, METH_VARARGS,
     "nested_type(dtype, shape)\n--\n\nArray of fixed shape inside a record."},
    {0},
};
