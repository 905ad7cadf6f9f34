/* box.c - from leaves to Python objects.
 *
 * Arrays are the interesting case.  By what their leaves say they become
 *   1. the argument itself       parent is set: it was passed in and comes back unchanged
 *   2. an ordinary owning array  the data begins its Block: NumPy gets the block's reference through our
 *                                PyDataMem_Handler, so `.base` is None and resize() works
 *   3. a view of a Block         the data lies inside: the base is a small object that holds the reference
 *   4. a view of an argument     no owner: the memory belongs to an array among the arguments, which becomes the base;
 *                                it is found by address
 *   5. a copy                    no owner and not among the arguments: a constant that lives in the code, or empty
 *
 * References: box_value takes over every reference that the leaves own, on failure too.
 */
#include "boundary/specialisation.h"
#include "boundary/state.h"
#include "runtime/runtime.h"

#define LEAF(slot, T) (*(T const *)(const void *)(slot))

/* ---- the memory of arrays, as NumPy sees it ------------------------------------------------------------------------- */

static void *handler_malloc(void *unused, size_t nbytes) {
    MemoryBlock *b = naja_block_new((int64_t)nbytes);
    return b ? block_data(b) : NULL;
}
static void *handler_calloc(void *unused, size_t n, size_t nbytes) {
    size_t total;
    if (__builtin_mul_overflow(n, nbytes, &total)) return NULL;
    MemoryBlock *b = naja_block_new_zeroed((int64_t)total);
    return b ? block_data(b) : NULL;
}
static void handler_free(void *unused, void *data, size_t nbytes) {
    if (data) block_release(block_of_data(data));
}
/* Not naja_block_resize: native code and other arrays may share the block. */
static void *handler_realloc(void *unused, void *data, size_t nbytes) {
    void *grown = handler_malloc(NULL, nbytes);
    if (grown && data) {
        size_t old = block_of_data(data)->nbytes;
        memcpy(grown, data, old < nbytes ? old : nbytes);
        block_release(block_of_data(data));
    }
    return grown;
}
static PyDataMem_Handler handler = {
    "naja", 1, {NULL, handler_malloc, handler_calloc, handler_realloc, handler_free}};

typedef struct {
    PyObject_HEAD
    MemoryBlock *block;
} BlockRef;

static void block_ref_dealloc(PyObject *o) {
    PyTypeObject *cls = Py_TYPE(o);
    block_release(((BlockRef *)o)->block);
    PyObject_Free(o);
    Py_DECREF(cls);
}
static PyObject *block_ref_refcount(PyObject *o, void *unused) {
    return PyLong_FromLongLong(atomic_load_explicit(&((BlockRef *)o)->block->count, memory_order_relaxed));
}
static PyGetSetDef block_ref_getset[] = {
    {"refcount", block_ref_refcount, NULL, "How many arrays and compiled values share the memory.", NULL},
    {0},
};
static PyType_Slot block_ref_slots[] = {{Py_tp_doc, "Memory that compiled code made, shared by arrays."},
                                        {Py_tp_dealloc, block_ref_dealloc},
                                        {Py_tp_getset, block_ref_getset},
                                        {0, NULL}};
static PyType_Spec block_ref_spec = {
    .name = "naja._core.BlockRef",
    .basicsize = sizeof(BlockRef),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = block_ref_slots,
};

static PyObject *block_ref_new(MemoryBlock *steal) {
    BlockRef *ref = (BlockRef *)core.block_ref_type->tp_alloc(core.block_ref_type, 0);
    if (ref) ref->block = steal;
    else block_release(steal);
    return (PyObject *)ref;
}

static PyObject *nrt_api(PyObject *m, PyObject *unused) {
    (void)m, (void)unused;
    return PyLong_FromUnsignedLongLong((uintptr_t)&naja_nrt_api);
}

static PyObject *block_count(PyObject *m, PyObject *unused) {
    return PyLong_FromLongLong(runtime_live_blocks());
}
static PyMethodDef methods[] = {
    {"nrt_api", nrt_api, METH_NOARGS,
     "nrt_api()\n--\n\nAddress of the C function that gives Numba's table of functions for memory."},
    {"block_count", block_count, METH_NOARGS,
     "block_count()\n--\n\nNumber of live memory blocks of compiled code, for leak tests."},
    {0},
};

int box_start(PyObject *module) {
    core.block_ref_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &block_ref_spec, NULL);
    core.mem_handler = PyCapsule_New(&handler, "mem_handler", NULL);
    return core.block_ref_type && core.mem_handler ? PyModule_AddFunctions(module, methods) : -1;
}

/* ---- arrays ------------------------------------------------------------------------------------------------------------ */

typedef struct {
    char *data;
    MemoryBlock *owner;
    npy_intp shape[NPY_MAXDIMS], strides[NPY_MAXDIMS];
} ArrayParts;

static void array_parts(const Type *t, const Slot *s, ArrayParts *a) {
    a->data = LEAF(s + ARRAY_DATA, void *);
    a->owner = LEAF(s + ARRAY_OWNER, void *);
    for (unsigned axis = 0; axis < t->ndim; axis++) {
        a->shape[axis] = LEAF(s + array_shape(t, axis), int64_t);
        a->strides[axis] = LEAF(s + array_stride(t, axis), int64_t);
    }
}

static PyArrayObject *array_new(const Type *t, ArrayParts *a) {
    PyArray_Descr *dtype = dtype_of(type_dtype_of(t));
    if (!dtype) return NULL;
    int flags = t->readonly ? 0 : NPY_ARRAY_WRITEABLE;
    return (PyArrayObject *)PyArray_NewFromDescr(&PyArray_Type, dtype, t->ndim, a->shape, a->strides, a->data,
                                                 flags, NULL);
}

/* Does the address lie in the memory of this array?  One past the end does not: another array may begin there. */
static bool contains(PyArrayObject *array, const char *data) {
    const char *low = PyArray_BYTES(array), *high = low + PyArray_ITEMSIZE(array);
    for (int axis = 0; axis < PyArray_NDIM(array); axis++) {
        npy_intp extent = (PyArray_DIM(array, axis) - 1) * PyArray_STRIDE(array, axis);
        if (PyArray_DIM(array, axis) == 0) return false;
        extent < 0 ? (low += extent) : (high += extent);
    }
    return data >= low && data < high;
}

static bool text_contains(PyObject *text, const char *data) {
    const char *low = PyUnicode_DATA(text);
    return data >= low && data < low + PyUnicode_GET_LENGTH(text) * PyUnicode_KIND(text);
}

static PyObject *find_in_values(PyObject *dict, const char *data) {
    PyObject *key, *value, *found = NULL;
    Py_ssize_t at = 0;
    while (!found && PyDict_Next(dict, &at, &key, &value))
        found = find_argument((Arguments){1, &value}, data);
    return found;
}

PyObject *find_argument(Arguments args, const char *data) {
    for (uint32_t i = 0; i < args.n; i++) {
        PyObject *o = args.at[i], *found = NULL;
        if (PyUnicode_Check(o)) found = text_contains(o, data) ? o : NULL;
        else if (PyArray_Check(o)) found = contains((PyArrayObject *)o, data) ? o : NULL;
        else if (PyTuple_Check(o))
            found = find_argument((Arguments){(uint32_t)PyTuple_GET_SIZE(o), ((PyTupleObject *)o)->ob_item},
                                  data);
        else if (PyDict_Check(o)) found = find_in_values(o, data);
        else if (PyList_Check(o))
            found = find_argument((Arguments){(uint32_t)PyList_GET_SIZE(o), ((PyListObject *)o)->ob_item},
                                  data);
        else found = buffer_contains(o, data) ? o : NULL;
        if (found) return found;
    }
    return NULL;
}

static PyObject *borrowed_array(const Type *t, ArrayParts *a, Arguments args) {
    PyArrayObject *array = array_new(t, a);
    if (!array) return NULL;
    PyObject *found = find_argument(args, a->data);
    if (found) {
        /* Of what is no array the buffer must be kept, not the object: it could be resized, or closed. */
        bool lends = !PyArray_Check(found) && PyObject_CheckBuffer(found);
        PyObject *base = lends ? PyMemoryView_FromObject(found) : Py_NewRef(found);
        if (!base || PyArray_SetBaseObject(array, base) < 0)
            Py_CLEAR(array); /* takes the reference, on failure too */
        return (PyObject *)array;
    }
    PyObject *copy = PyArray_NewCopy(array, NPY_KEEPORDER);
    Py_DECREF(array);
    return copy;
}

static PyObject *owning_array(const Type *t, ArrayParts *a) {
    PyArrayObject *array = array_new(t, a);
    if (!array) {
        block_release(a->owner);
        return NULL;
    }
    bool begins_block = a->data == (char *)block_data(a->owner) && PyArray_ISONESEGMENT(array);
    if (begins_block) {
        PyArray_ENABLEFLAGS(array, NPY_ARRAY_OWNDATA);
        ((PyArrayObject_fields *)array)->mem_handler = Py_NewRef(core.mem_handler);
        return (PyObject *)array;
    }
    PyObject *ref = block_ref_new(a->owner);
    if (!ref || PyArray_SetBaseObject(array, ref) < 0) /* takes the reference, on failure too */
        Py_CLEAR(array);
    return (PyObject *)array;
}

static PyObject *box_array(const Type *t, const Slot *s, Arguments args) {
    PyObject *parent = LEAF(s + ARRAY_PARENT, void *);
    ArrayParts a;
    array_parts(t, s, &a);
    if (parent) {
        Py_INCREF(parent); /* first: the owner may be what keeps it alive */
        block_release(a.owner);
        return parent;
    }
    return a.owner ? owning_array(t, &a) : borrowed_array(t, &a, args);
}

/* ---- the other kinds ----------------------------------------------------------------------------------------------------- */

static PyObject *box_int(const Type *t, const Slot *s) {
    switch (t->bits) {
    case 8: return t->is_signed ? PyLong_FromLong(LEAF(s, int8_t)) : PyLong_FromLong(LEAF(s, uint8_t));
    case 16: return t->is_signed ? PyLong_FromLong(LEAF(s, int16_t)) : PyLong_FromLong(LEAF(s, uint16_t));
    case 32: return t->is_signed ? PyLong_FromLong(LEAF(s, int32_t)) : PyLong_FromLong(LEAF(s, uint32_t));
    default:
        return t->is_signed ? PyLong_FromLongLong(LEAF(s, int64_t))
                            : PyLong_FromUnsignedLongLong(LEAF(s, uint64_t));
    }
}

static PyObject *box_float(const Type *t, const Slot *s) {
    if (t->bits == 16) {
        double v = PyFloat_Unpack2((const char *)s, 1);
        return v == -1 && PyErr_Occurred() ? NULL : PyFloat_FromDouble(v);
    }
    return PyFloat_FromDouble(t->bits == 64 ? LEAF(s, double) : LEAF(s, float));
}

static PyObject *box_complex(const Type *t, const Slot *s) {
    return t->bits == 128 ? PyComplex_FromDoubles(LEAF(s, double), LEAF(s + 1, double))
                          : PyComplex_FromDoubles(LEAF(s, float), LEAF(s + 1, float));
}

static PyObject *box_literal(const Type *t) {
    if (t->text) return PyUnicode_FromString(t->text);
    return t->elem[0]->kind == TYPE_BOOL ? PyBool_FromLong(t->value != 0) : PyLong_FromLongLong(t->value);
}

static PyObject *box_str(const Slot *s) {
    PyObject *parent = LEAF(s + STR_PARENT, void *);
    MemoryBlock *owner = LEAF(s + STR_OWNER, void *);
    PyObject *o = parent ? Py_NewRef(parent)
                         : PyUnicode_FromKindAndData(LEAF(s + STR_KIND, int32_t), LEAF(s + STR_DATA, void *),
                                                     LEAF(s + STR_LENGTH, int64_t));
    block_release(owner);
    return o;
}

/* (key, value, key, value) as a dict. */
static PyObject *dict_of_pairs(PyObject *steal) {
    PyObject *dict = PyDict_New();
    for (Py_ssize_t i = 0; dict && i < PyTuple_GET_SIZE(steal); i += 2)
        if (PyDict_SetItem(dict, PyTuple_GET_ITEM(steal, i), PyTuple_GET_ITEM(steal, i + 1)) < 0)
            Py_CLEAR(dict);
    Py_DECREF(steal);
    return dict;
}

/* All elements are boxed even after one has failed: each takes over its references. */
static PyObject *box_tuple(const Type *t, const Slot *s, Arguments args) {
    PyObject *cls = t->kind == TYPE_NAMEDTUPLE ? handle_object_borrow(t->handle) : NULL;
    if (cls && PyType_Check(cls) && dataclass_shared_borrow(cls)) return box_shared(t->elem[0], s);
    PyObject *tuple = PyTuple_New(t->nelem);
    bool failed = !tuple;
    PyObject *type = NULL, *value = NULL, *traceback = NULL;
    if (failed) PyErr_Fetch(&type, &value, &traceback);
    for (uint32_t i = 0; i < t->nelem; i++) {
        PyObject *o = box_value(t->elem[i], s, args);
        s += t->elem[i]->nleaves;
        if (!o && !failed) PyErr_Fetch(&type, &value, &traceback);
        failed |= !o;
        if (tuple) PyTuple_SET_ITEM(tuple, i, o);
        else Py_XDECREF(o);
    }
    if (failed) {
        Py_CLEAR(tuple);
        PyErr_Restore(type, value, traceback);
    }
    if (!tuple || t->kind == TYPE_TUPLE) return tuple;
    if (t->kind == TYPE_STRDICT) return dict_of_pairs(tuple);
    PyObject *named = NULL;
    if (cls == (PyObject *)&PyList_Type) named = PySequence_List(tuple); /* a list display */
    else if (cls && is_dataclass(cls)) named = dataclass_to_python(cls, tuple);
    else if (cls) named = PyObject_Call(cls, tuple, NULL);
    else PyErr_Format(PyExc_ReferenceError, "the class of %s is gone", t->name);
    Py_DECREF(tuple);
    return named;
}

static PyObject *box_slice(const Slot *s) {
    int64_t has = LEAF(s + SLICE_FLAGS, int64_t);
    PyObject *part[3] = {NULL, NULL, NULL};
    for (int i = 0; i < 3; i++)
        if (has >> i & 1 && !(part[i] = PyLong_FromLongLong(LEAF(s + i, int64_t)))) break;
    PyObject *slice = PyErr_Occurred() ? NULL : PySlice_New(part[0], part[1], part[2]);
    for (int i = 0; i < 3; i++) Py_XDECREF(part[i]);
    return slice;
}

static PyObject *box_range(const Type *t, const Slot *s) {
    int64_t step = t->nleaves > RANGE_STEP ? LEAF(s + RANGE_STEP, int64_t) : 1;
    return PyObject_CallFunction((PyObject *)&PyRange_Type, "LLL", (long long)LEAF(s + RANGE_START, int64_t),
                                 (long long)LEAF(s + RANGE_STOP, int64_t), (long long)step);
}

static PyObject *box_held(MemoryBlock *steal) {
    PyObject *o = Py_NewRef((PyObject *)steal->extra);
    block_release(steal);
    return o;
}

static PyObject *box_function(const Type *t, const Slot *s) {
    PyObject *o = LEAF(s + CFUNCTION_OBJECT, PyObject *);
    if (!o) return PyErr_Format(PyExc_TypeError, "a %s that came from C has no Python object", t->name);
    return Py_NewRef(o);
}

static PyObject *box_known_object(const Type *t) {
    PyObject *o = handle_object_borrow(t->handle);
    if (!o) PyErr_Format(PyExc_ReferenceError, "the object of type %s is gone", t->name);
    return Py_XNewRef(o);
}

/* The version whose result is being boxed: inner functions get its options. */
static _Thread_local const Specialisation *boxing;

static PyObject *box_choice(const Type *t, const Slot *s, Arguments args) {
    int64_t chosen = LEAF(s, int64_t);
    for (int64_t i = 0; i < CHOICE_FUNCTION + chosen; i++) s += t->field[i]->nleaves;
    return box_value(t->elem[chosen], s, args);
}

static PyObject *box_caught(MemoryBlock *steal) {
    PyObject *exception = caught_object(steal);
    block_release(steal);
    return exception;
}

PyObject *box_value(const Type *t, const Slot *s, Arguments args) {
    switch (t->kind) {
    case TYPE_BOOL: return PyBool_FromLong(LEAF(s, uint8_t) & 1);
    case TYPE_INT: return box_int(t, s);
    case TYPE_FLOAT: return box_float(t, s);
    case TYPE_COMPLEX: return box_complex(t, s);
    case TYPE_ENUM: return enum_box(t, LEAF(s, int64_t));
    case TYPE_DATETIME:
    case TYPE_TIMEDELTA: return time_box(t, LEAF(s, int64_t));
    case TYPE_NONE: Py_RETURN_NONE;
    case TYPE_LITERAL: return box_literal(t);
    case TYPE_STR: return box_str(s);
    case TYPE_TUPLE:
    case TYPE_STRDICT:
    case TYPE_NAMEDTUPLE: return box_tuple(t, s, args);
    case TYPE_ARRAY: return box_array(t, s, args);
    case TYPE_RECORD: return record_box(t, s);
    case TYPE_BYTES: return bytes_box(t, s);
    case TYPE_LIST: return box_list(t, s);
    case TYPE_SET:
    case TYPE_DICT: return box_table(t, s);
    case TYPE_OPTIONAL:
        if (!(LEAF(s, uint8_t) & 1)) Py_RETURN_NONE;
        return box_value(t->elem[0], s + t->field[OPTIONAL_HAS]->nleaves, args);
    case TYPE_SLICE: return box_slice(s);
    case TYPE_RANGE: return box_range(t, s);
    case TYPE_INSTANCE: return instance_box(t, LEAF(s, void *));
    case TYPE_CHOICE: return box_choice(t, s, args);
    case TYPE_CLOSURE: return closure_box(t, s, boxing ? boxing->owner : NULL);
    case TYPE_PTR:
    case TYPE_CPOINTER: return PyLong_FromVoidPtr(LEAF(s, void *));
    case TYPE_CFUNCTION: return box_function(t, s);
    case TYPE_USER: return user_box(t, s);
    case TYPE_RNG: return rng_box(t, s);
    case TYPE_GENERATOR: return generator_box(t, LEAF(s, void *), args);
    case TYPE_ELLIPSIS: return Py_NewRef(Py_Ellipsis);
    case TYPE_DTYPE: return (PyObject *)dtype_of(t->elem[0]);
    case TYPE_PYOBJECT: return box_held(LEAF(s, void *));
    case TYPE_OBJECT:
    case TYPE_FUNCTION:
    case TYPE_OMITTED: return box_known_object(t);
    case TYPE_CAUGHT: return box_caught((MemoryBlock *)(uintptr_t)s[0]);
    default: return PyErr_Format(PyExc_TypeError, "a value of type %s cannot be given to Python", t->name);
    }
}

/* ---- called by generated code ------------------------------------------------------------------------------------------ */

void *naja_box(Specialisation *spec, void *const *args, const Slot *result) {
    const Specialisation *outer = boxing;
    boxing = spec;
    PyObject *o = box_value(spec->result, result, (Arguments){spec->nargs, (PyObject *const *)args});
    boxing = outer;
    return o;
}

void *naja_box_none(void) { return Py_NewRef(Py_None); }
