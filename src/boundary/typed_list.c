/* typed_list.c - naja.typed.List: the list of compiled code as Python's object.
 *
 * The object is a type and a reference to the list's block (runtime/abi.h), which compiled code works on without a copy;
 * several objects may share a block.  Every operation here is C on the cells: nothing is compiled.  A list that is made
 * without items has no type and no block until the first one comes.
 *
 * Converting an item may run Python code, which may change the very list.  So items are converted to a buffer first, and
 * indices are checked after that.
 */
#include "boundary/cells.h"
#include "boundary/typed.h"
#include "runtime/runtime.h"

typedef TypedObject TypedList;

static TypedList *as_list(PyObject *o) { return as_typed(o); }
static bool is_typed_list(PyObject *o) { return PyObject_TypeCheck(o, core.typed_list_type); }
static ListBody *body(const TypedList *l) { return list_body(l->block); }
static Py_ssize_t length(PyObject *o) { return as_list(o)->block ? body(as_list(o))->length : 0; }
static const Type *elem_of(const TypedList *l) { return l->type->elem[0]; }
static char *cell_at(const TypedList *l, int64_t i) { return body(l)->cells + i * body(l)->cell_nbytes; }

/* ---- life ------------------------------------------------------------------------------------------------------ */

static MemoryBlock *new_block(const Type *elem, int64_t capacity) {
    MemoryBlock *b = naja_list_new(type_cell_nbytes(elem), (int64_t)type_cell_managed(elem), capacity);
    return b ? b : (PyErr_NoMemory(), NULL);
}

static int set_type(TypedList *l, const Type *elem) {
    MemoryBlock *b = new_block(elem, 0);
    if (!b) return -1;
    if (l->block) block_release(b); /* typed meanwhile, by Python code that ran */
    else {
        l->type = type_list(elem, TYPE_LIST_TYPED);
        l->block = b;
    }
    return 0;
}

static PyObject *new_like(PyObject *o, int64_t capacity) {
    const TypedList *l = as_list(o);
    MemoryBlock *b = l->type ? new_block(elem_of(l), capacity) : NULL;
    return l->type && !b ? NULL : typed_wrap(Py_TYPE(o), l->type, b);
}

static int untyped(void) {
    PyErr_SetString(PyExc_RuntimeError, "invalid operation on untyped list: nothing was appended yet");
    return -1;
}

/* 0 if items may be put in, taken out or replaced. */
static int check_mutable(const TypedList *l) {
    if (LIKELY(!l->block || !body(l)->frozen)) return 0;
    PyErr_SetString(PyExc_ValueError, "list is immutable");
    return -1;
}

static int reserve(const TypedList *l, int64_t n) {
    return naja_list_reserve(l->block, n) ? (PyErr_NoMemory(), -1) : 0;
}

/* ---- putting in -------------------------------------------------------------------------------------------------- */

static int append(TypedList *l, PyObject *item) {
    if (UNLIKELY(!l->type)) {
        const Type *elem = cell_type_of(item);
        if (!elem || set_type(l, elem) < 0) return -1;
    }
    if (UNLIKELY(check_mutable(l) < 0)) return -1;
    const Type *elem = elem_of(l);
    char buffer[elem->nleaves * 8 + 8];
    if (cell_from_object(elem, item, buffer) < 0) return -1;
    ListBody *b = body(l);
    if (UNLIKELY(b->length == b->capacity) && reserve(l, b->length + 1) < 0) {
        cell_release(b->managed, buffer);
        return -1;
    }
    memcpy(b->cells + b->length++ * b->cell_nbytes, buffer, (size_t)b->cell_nbytes);
    return 0;
}

static int extend_same(TypedList *l, const TypedList *from) {
    ListBody *b = body(l);
    int64_t n = body(from)->length;
    if (check_mutable(l) < 0 || reserve(l, b->length + n) < 0) return -1;
    if (n) memcpy(cell_at(l, b->length), body(from)->cells, (size_t)(n * b->cell_nbytes));
    naja_list_retain(from->block, 0, n);
    b->length += n;
    return 0;
}

/* A contiguous array of the list's elements; 1: is none. */
static int extend_array(TypedList *l, PyObject *o) {
    PyArrayObject *a = (PyArrayObject *)o;
    if (!PyArray_Check(o) || PyArray_NDIM(a) != 1 || !PyArray_ISCARRAY_RO(a)) return 1;
    const Type *elem = typeof_dtype(PyArray_DESCR(a));
    if (!elem || (l->type && elem_of(l) != elem)) return 1;
    if (!l->type && PyArray_DIM(a, 0) && set_type(l, elem) < 0) return -1;
    if (!l->type) return 0;
    ListBody *b = body(l);
    int64_t n = PyArray_DIM(a, 0);
    if (check_mutable(l) < 0 || reserve(l, b->length + n) < 0) return -1;
    memcpy(cell_at(l, b->length), PyArray_DATA(a), (size_t)(n * b->cell_nbytes));
    b->length += n;
    return 0;
}

/* As many leading items as are exact floats, for a list of float64. */
static Py_ssize_t take_floats(TypedList *l, PyObject *const *item, Py_ssize_t n) {
    ListBody *b = body(l);
    if (elem_of(l) != type_f64 || b->frozen || naja_list_reserve(l->block, b->length + n)) return 0;
    double *to = (double *)(void *)cell_at(l, b->length);
    Py_ssize_t i = 0;
    for (; i < n && PyFloat_CheckExact(item[i]); i++) to[i] = PyFloat_AS_DOUBLE(item[i]);
    b->length += i;
    return i;
}

static int extend_sequence(TypedList *l, PyObject *o) {
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(o);
         i++) { /* which may change while items are converted */
        PyObject *item = Py_NewRef(PySequence_Fast_GET_ITEM(o, i));
        int status = append(l, item);
        Py_DECREF(item);
        if (status < 0) return -1;
        i += take_floats(l, PySequence_Fast_ITEMS(o) + i + 1, PySequence_Fast_GET_SIZE(o) - i - 1);
    }
    return 0;
}

static int extend(TypedList *l, PyObject *o) {
    if (is_typed_list(o)) {
        const TypedList *from = as_list(o);
        if (!from->type) return 0;
        if (!l->type && set_type(l, elem_of(from)) < 0) return -1;
        if (l->type == from->type) return extend_same(l, from);
    }
    int status = extend_array(l, o);
    if (status <= 0) return status;
    if (PyList_CheckExact(o) || PyTuple_CheckExact(o)) return extend_sequence(l, o);
    PyObject *iterator = PyObject_GetIter(o), *item;
    if (!iterator) return -1;
    while ((item = PyIter_Next(iterator))) {
        status = append(l, item);
        Py_DECREF(item);
        if (status < 0) break;
    }
    Py_DECREF(iterator);
    return PyErr_Occurred() ? -1 : 0;
}

/* ---- making ------------------------------------------------------------------------------------------------------- */

PyObject *typed_list_new(const Type *elem, PyObject *iterable) {
    PyObject *o = typed_wrap(core.typed_list_type, NULL, NULL);
    if (!o) return NULL;
    if ((elem && set_type(as_list(o), elem) < 0) || (iterable && extend(as_list(o), iterable) < 0))
        Py_CLEAR(o);
    return o;
}

static PyObject *list_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs) {
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    PyObject *iterable = n ? PyTuple_GET_ITEM(args, 0) : NULL;
    if (kwargs && PyDict_GET_SIZE(kwargs))
        return PyErr_Format(PyExc_TypeError, "List() takes no keyword arguments");
    if (n > 1) return PyErr_Format(PyExc_TypeError, "List() expected at most 1 argument, got %zd", n);
    if (typed_is_disabled()) return PyObject_CallObject((PyObject *)&PyList_Type, args);
    bool scalar_array = n && PyArray_Check(iterable) && PyArray_NDIM((PyArrayObject *)iterable) == 0;
    if (n && !scalar_array && !Py_TYPE(iterable)->tp_iter && !PySequence_Check(iterable))
        return PyErr_Format(PyExc_TypeError, "List() argument must be iterable, not %.100s",
                            Py_TYPE(iterable)->tp_name);
    PyObject *o = typed_wrap(cls, NULL, NULL);
    if (!o || !n) return o;
    PyObject *item = scalar_array ? PyArray_ToScalar(PyArray_DATA((PyArrayObject *)iterable),
                                                     (PyArrayObject *)iterable)
                                  : NULL;
    int status = !scalar_array ? extend(as_list(o), iterable) : item ? append(as_list(o), item) : -1;
    Py_XDECREF(item);
    if (status < 0) Py_CLEAR(o);
    return o;
}

static PyObject *empty_list(PyObject *cls, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"item_type", "allocated", NULL};
    PyObject *item_type;
    Py_ssize_t allocated = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|n:empty_list", names, &item_type, &allocated))
        return NULL;
    if (typed_is_disabled()) return PyList_New(0);
    const Type *elem = typed_named(item_type);
    if (!elem) return NULL;
    if (!type_fits_cell(elem))
        return error_raise("TypingError", "a list cannot hold elements of type %s", elem->name);
    if (allocated < 0)
        return PyErr_Format(PyExc_RuntimeError, "expecting *allocated* to be >= 0, not %zd", allocated);
    MemoryBlock *b = new_block(elem, allocated);
    return b ? typed_wrap((PyTypeObject *)cls, type_list(elem, TYPE_LIST_TYPED), b) : NULL;
}

/* ---- items -------------------------------------------------------------------------------------------------------- */

static PyObject *out_of_range(const char *what) {
    PyErr_SetString(PyExc_IndexError, what);
    return NULL;
}

static PyObject *get_item(PyObject *o, Py_ssize_t i) {
    if (UNLIKELY(i < 0 || i >= length(o))) return out_of_range("list index out of range");
    return cell_to_object(elem_of(as_list(o)), cell_at(as_list(o), i));
}

static PyObject *to_pylist(PyObject *o) {
    PyObject *list = PyList_New(length(o));
    for (Py_ssize_t i = 0; list && i < PyList_GET_SIZE(list); i++) {
        PyObject *item = get_item(o, i);
        if (!item) Py_CLEAR(list);
        else PyList_SET_ITEM(list, i, item);
    }
    return list;
}

/* Takes n cells out of the list at i, whose references are now the caller's. */
static void close_gap(const TypedList *l, int64_t i, int64_t n) {
    ListBody *b = body(l);
    memmove(cell_at(l, i), cell_at(l, i + n), (size_t)((b->length - i - n) * b->cell_nbytes));
    b->length -= n;
    naja_list_shrink(l->block);
}

static int delete_range(const TypedList *l, int64_t i, int64_t n) {
    ListBody *b = body(l);
    if (n <= 0) return 0;
    char *gone = NULL;
    if (b->managed) { /* released at the end: that may run Python code */
        if (!(gone = PyMem_Malloc((size_t)(n * b->cell_nbytes)))) return PyErr_NoMemory(), -1;
        memcpy(gone, cell_at(l, i), (size_t)(n * b->cell_nbytes));
    }
    int64_t cell_nbytes = b->cell_nbytes;
    uint64_t managed = b->managed;
    close_gap(l, i, n);
    for (int64_t k = 0; gone && k < n; k++) cell_release(managed, gone + k * cell_nbytes);
    PyMem_Free(gone);
    return 0;
}

static int set_item(PyObject *o, Py_ssize_t i, PyObject *value) {
    TypedList *l = as_list(o);
    if (i < 0 || i >= length(o)) return out_of_range("list assignment index out of range"), -1;
    if (check_mutable(l) < 0) return -1;
    if (!value) return delete_range(l, i, 1);
    const Type *elem = elem_of(l);
    char buffer[elem->nleaves * 8 + 8], old[elem->nleaves * 8 + 8];
    if (cell_from_object(elem, value, buffer) < 0) return -1;
    size_t n = (size_t)body(l)->cell_nbytes;
    if (i >= length(o)) {
        cell_release(body(l)->managed, buffer);
        return out_of_range("list assignment index out of range"), -1;
    }
    memcpy(old, cell_at(l, i), n);
    memcpy(cell_at(l, i), buffer, n);
    cell_release(body(l)->managed, old);
    return 0;
}

/* ---- slices -------------------------------------------------------------------------------------------------------- */

typedef struct {
    Py_ssize_t start, stop, step, n;
} Range;

static int range_of(PyObject *o, PyObject *slice, Range *r) {
    if (PySlice_Unpack(slice, &r->start, &r->stop, &r->step) < 0) return -1;
    r->n = PySlice_AdjustIndices(length(o), &r->start, &r->stop, r->step);
    return 0;
}

static PyObject *get_slice(PyObject *o, PyObject *slice) {
    Range r;
    PyObject *made = range_of(o, slice, &r) < 0 ? NULL : new_like(o, r.n);
    if (!made || !r.n) return made;
    ListBody *b = body(as_list(made));
    for (Py_ssize_t k = 0; k < r.n; k++)
        memcpy(b->cells + k * b->cell_nbytes, cell_at(as_list(o), r.start + k * r.step),
               (size_t)b->cell_nbytes);
    b->length = r.n;
    naja_list_retain(as_list(made)->block, 0, r.n);
    return made;
}

static int delete_slice(PyObject *o, Range r) {
    const TypedList *l = as_list(o);
    if (r.n == 0) return 0;
    if (r.step < 0) {
        r.start += (r.n - 1) * r.step;
        r.step = -r.step;
    }
    if (r.step == 1) return delete_range(l, r.start, r.n);
    ListBody *b = body(l);
    size_t size = (size_t)b->cell_nbytes;
    char *gone = PyMem_Malloc((size_t)r.n * size + 1);
    if (!gone) return PyErr_NoMemory(), -1;
    for (Py_ssize_t k = 0; k < r.n;
         k++) { /* the cell that goes, then those up to the next one move down by k + 1 */
        Py_ssize_t at = r.start + k * r.step, next = k + 1 < r.n ? at + r.step : length(o);
        memcpy(gone + (size_t)k * size, cell_at(l, at), size);
        memmove(cell_at(l, at - k), cell_at(l, at + 1), (size_t)(next - at - 1) * size);
    }
    b->length -= r.n;
    uint64_t managed = b->managed;
    naja_list_shrink(l->block);
    for (Py_ssize_t k = 0; k < r.n; k++) cell_release(managed, gone + (size_t)k * size);
    PyMem_Free(gone);
    return 0;
}

/* The cells of `items` take the place of those in the range; its references move. */
static int replace_range(const TypedList *l, Range r, const TypedList *items) {
    ListBody *b = body(l), *from = body(items);
    int64_t grown = b->length + from->length - r.n;
    if (reserve(l, grown) < 0) return -1;
    char *old = PyMem_Malloc((size_t)(r.n * b->cell_nbytes) + 1);
    if (!old) return PyErr_NoMemory(), -1;
    memcpy(old, cell_at(l, r.start), (size_t)(r.n * b->cell_nbytes));
    memmove(cell_at(l, r.start + from->length), cell_at(l, r.start + r.n),
            (size_t)((b->length - r.start - r.n) * b->cell_nbytes));
    if (from->length) /* an empty list may have no cells at all */
        memcpy(cell_at(l, r.start), from->cells, (size_t)(from->length * b->cell_nbytes));
    from->length = 0;
    b->length = grown;
    int64_t size = b->cell_nbytes;
    uint64_t managed = b->managed;
    naja_list_shrink(l->block);
    for (Py_ssize_t k = 0; k < r.n; k++) cell_release(managed, old + k * size);
    PyMem_Free(old);
    return 0;
}

static int assign_extended(const TypedList *l, Range r, const TypedList *items) {
    if (length((PyObject *)items) != r.n) {
        PyErr_Format(PyExc_ValueError,
                     "length mismatch for extended slice and sequence: %zd items for a slice of %zd",
                     length((PyObject *)items), r.n);
        return -1;
    }
    size_t size = (size_t)body(l)->cell_nbytes;
    char swap[size + 1];
    for (Py_ssize_t k = 0; k < r.n; k++) { /* the old cells go with `items` */
        memcpy(swap, cell_at(l, r.start + k * r.step), size);
        memcpy(cell_at(l, r.start + k * r.step), cell_at(items, k), size);
        memcpy(cell_at(items, k), swap, size);
    }
    return 0;
}

static int set_slice(PyObject *o, PyObject *slice, PyObject *value) {
    TypedList *l = as_list(o);
    Range r;
    if (check_mutable(l) < 0) return -1;
    if (!value) return range_of(o, slice, &r) < 0 ? -1 : delete_slice(o, r);
    PyObject *items = typed_list_new(l->type ? elem_of(l) : NULL, value);
    if (!items) return -1;
    int status = 0;
    if (!l->type && as_list(items)->type) status = set_type(l, elem_of(as_list(items)));
    if (status == 0) status = range_of(o, slice, &r);
    if (r.step == 1 && r.stop < r.start) r.stop = r.start;
    if (status == 0 && l->type)
        status = r.step == 1 ? replace_range(l, r, as_list(items)) : assign_extended(l, r, as_list(items));
    Py_DECREF(items);
    return status;
}

/* ---- subscripts ------------------------------------------------------------------------------------------------------ */

static int index_of(PyObject *o, PyObject *index, Py_ssize_t *i) {
    if (!PyIndex_Check(index)) {
        PyErr_Format(PyExc_TypeError, "list indices must be integers or slices, not %.100s",
                     Py_TYPE(index)->tp_name);
        return -1;
    }
    *i = PyNumber_AsSsize_t(index, PyExc_IndexError);
    if (*i == -1 && PyErr_Occurred()) return -1;
    if (*i < 0) *i += length(o);
    return 0;
}

static PyObject *subscript(PyObject *o, PyObject *index) {
    Py_ssize_t i;
    if (PySlice_Check(index)) return get_slice(o, index);
    return index_of(o, index, &i) < 0 ? NULL : get_item(o, i);
}

static int assign_subscript(PyObject *o, PyObject *index, PyObject *value) {
    Py_ssize_t i;
    if (PySlice_Check(index)) return set_slice(o, index, value);
    return index_of(o, index, &i) < 0 ? -1 : set_item(o, i, value);
}

/* ---- searching ------------------------------------------------------------------------------------------------------- */

/* The first item in [start, stop) that equals the value; -1: none, -2: an exception is set. */
static Py_ssize_t find(PyObject *o, PyObject *value, Py_ssize_t start, Py_ssize_t stop) {
    for (Py_ssize_t i = start; i < stop && i < length(o); i++) {
        PyObject *item = get_item(o, i);
        if (!item) return -2;
        int same = PyObject_RichCompareBool(item, value, Py_EQ);
        Py_DECREF(item);
        if (same) return same < 0 ? -2 : i;
    }
    return -1;
}

static int contains(PyObject *o, PyObject *value) {
    Py_ssize_t i = find(o, value, 0, length(o));
    return i == -2 ? -1 : i >= 0;
}

static PyObject *method_index(PyObject *o, PyObject *args) {
    PyObject *value;
    Py_ssize_t start = 0, stop = PY_SSIZE_T_MAX, n = length(o);
    if (!PyArg_ParseTuple(args, "O|nn:index", &value, &start, &stop)) return NULL;
    if (start < 0 && (start += n) < 0) start = 0;
    if (stop < 0) stop += n;
    Py_ssize_t i = find(o, value, start, stop);
    if (i == -1) return PyErr_Format(PyExc_ValueError, "%R is not in list", value);
    return i < 0 ? NULL : PyLong_FromSsize_t(i);
}

static PyObject *method_count(PyObject *o, PyObject *value) {
    Py_ssize_t n = 0;
    for (Py_ssize_t i = -1; (i = find(o, value, i + 1, PY_SSIZE_T_MAX)) != -1; n++)
        if (i == -2) return NULL;
    return PyLong_FromSsize_t(n);
}

static PyObject *compare(PyObject *o, PyObject *other, int op) {
    if (!is_typed_list(other) && !PyList_Check(other)) Py_RETURN_NOTIMPLEMENTED;
    if ((op == Py_EQ || op == Py_NE) && length(o) != PyObject_Length(other))
        return PyBool_FromLong(op == Py_NE);
    PyObject *a = to_pylist(o), *b = is_typed_list(other) ? to_pylist(other) : Py_NewRef(other);
    PyObject *result = a && b ? PyObject_RichCompare(a, b, op) : NULL;
    Py_XDECREF(a);
    Py_XDECREF(b);
    return result;
}

/* ---- methods ----------------------------------------------------------------------------------------------------------- */


static PyObject *method_append(PyObject *o, PyObject *item) { return typed_done(append(as_list(o), item)); }
static PyObject *method_extend(PyObject *o, PyObject *items) {
    return typed_done(check_mutable(as_list(o)) < 0 ? -1 : extend(as_list(o), items));
}

static PyObject *method_insert(PyObject *o, PyObject *args) {
    TypedList *l = as_list(o);
    Py_ssize_t i;
    PyObject *item;
    if (!PyArg_ParseTuple(args, "nO:insert", &i, &item) || append(l, item) < 0) return NULL;
    ListBody *b = body(l);
    int64_t n = b->length - 1;
    if (i < 0 && (i += n) < 0) i = 0;
    if (i >= n) Py_RETURN_NONE;
    size_t size = (size_t)b->cell_nbytes;
    char last[size + 1];
    memcpy(last, cell_at(l, n), size);
    memmove(cell_at(l, i + 1), cell_at(l, i), (size_t)(n - i) * size);
    memcpy(cell_at(l, i), last, size);
    Py_RETURN_NONE;
}

static PyObject *method_pop(PyObject *o, PyObject *args) {
    PyObject *index = NULL;
    Py_ssize_t i = length(o) - 1;
    if (!PyArg_ParseTuple(args, "|O:pop", &index)) return NULL;
    if (!as_list(o)->type) return typed_done(untyped());
    if (check_mutable(as_list(o)) < 0) return NULL;
    if (length(o) == 0) return out_of_range("pop from empty list");
    if (index && index_of(o, index, &i) < 0) return NULL;
    if (i < 0 || i >= length(o)) return out_of_range("pop index out of range");
    PyObject *item = get_item(o, i);
    if (item && delete_range(as_list(o), i, 1) < 0) Py_CLEAR(item);
    return item;
}

static PyObject *method_remove(PyObject *o, PyObject *value) {
    if (check_mutable(as_list(o)) < 0) return NULL;
    Py_ssize_t i = find(o, value, 0, PY_SSIZE_T_MAX);
    if (i == -1) return PyErr_Format(PyExc_ValueError, "list.remove(x): x not in list");
    return i < 0 ? NULL : typed_done(delete_range(as_list(o), i, 1));
}

static PyObject *method_clear(PyObject *o, PyObject *unused) {
    if (check_mutable(as_list(o)) < 0) return NULL;
    return as_list(o)->type ? typed_done(delete_range(as_list(o), 0, length(o))) : typed_done(0);
}

static void reverse(const TypedList *l) {
    size_t size = (size_t)body(l)->cell_nbytes;
    char swap[size + 1];
    for (int64_t i = 0, k = body(l)->length - 1; i < k; i++, k--) {
        memcpy(swap, cell_at(l, i), size);
        memcpy(cell_at(l, i), cell_at(l, k), size);
        memcpy(cell_at(l, k), swap, size);
    }
}

static PyObject *method_reverse(PyObject *o, PyObject *unused) {
    if (check_mutable(as_list(o)) < 0) return NULL;
    if (as_list(o)->type) reverse(as_list(o));
    Py_RETURN_NONE;
}

static PyObject *method_copy(PyObject *o, PyObject *unused) {
    PyObject *made = new_like(o, length(o));
    if (made && as_list(o)->type && extend_same(as_list(made), as_list(o)) < 0) Py_CLEAR(made);
    return made;
}

/* ---- sorting ------------------------------------------------------------------------------------------------------------ */

/* Equal numbers are the same but for zeros: only those need a stable sort. */
static bool has_negative_zero(const TypedList *l) {
    const ListBody *b = body(l);
    if (elem_of(l)->kind != TYPE_FLOAT) return false;
    if (elem_of(l) != type_f64) return true;
    for (int64_t i = 0; i < b->length; i++)
        if (((const uint64_t *)(const void *)b->cells)[i] == UINT64_C(1) << 63) return true;
    return false;
}

/* Numbers: NumPy's sort, in place.  Descending is the reverse of ascending of the reverse: stable too. */
static int sort_numbers(const TypedList *l, bool descending) {
    npy_intp n = body(l)->length;
    PyArray_Descr *dtype = dtype_of(elem_of(l));
    if (!dtype) return -1;
    PyObject *view = PyArray_NewFromDescr(&PyArray_Type, dtype, 1, &n, NULL, body(l)->cells,
                                          NPY_ARRAY_WRITEABLE, NULL);
    if (!view) return -1;
    if (descending) reverse(l);
    int status = PyArray_Sort((PyArrayObject *)view, 0,
                              has_negative_zero(l) ? NPY_STABLESORT : NPY_QUICKSORT);
    if (descending) reverse(l);
    Py_DECREF(view);
    return status;
}

/* range(n) sorted by the keys: the places that the cells come from. */
static PyObject *sorted_places(PyObject *keys, bool descending) {
    PyObject *places = PyList_New(PyList_GET_SIZE(keys));
    for (Py_ssize_t i = 0; places && i < PyList_GET_SIZE(keys); i++) {
        PyObject *place = PyLong_FromSsize_t(i);
        if (!place) Py_CLEAR(places);
        else PyList_SET_ITEM(places, i, place);
    }
    PyObject *by = PyObject_GetAttrString(keys, "__getitem__"), *sort = NULL, *none = NULL;
    PyObject *named = by ? Py_BuildValue("{s:O,s:O}", "key", by, "reverse", descending ? Py_True : Py_False)
                         : NULL;
    PyObject *no_args = PyTuple_New(0);
    if (places && named && no_args && (sort = PyObject_GetAttrString(places, "sort")))
        none = PyObject_Call(sort, no_args, named);
    if (!none) Py_CLEAR(places);
    Py_XDECREF(by);
    Py_XDECREF(sort);
    Py_XDECREF(none);
    Py_XDECREF(named);
    Py_XDECREF(no_args);
    return places;
}

static int permute(const TypedList *l, PyObject *places) {
    size_t size = (size_t)body(l)->cell_nbytes, n = (size_t)PyList_GET_SIZE(places);
    if ((size_t)body(l)->length != n) {
        PyErr_SetString(PyExc_ValueError, "list modified during sort");
        return -1;
    }
    char *sorted = PyMem_Malloc(n * size + 1);
    if (!sorted) return PyErr_NoMemory(), -1;
    for (size_t i = 0; i < n; i++)
        memcpy(sorted + i * size, cell_at(l, PyLong_AsSsize_t(PyList_GET_ITEM(places, i))), size);
    memcpy(body(l)->cells, sorted, n * size);
    PyMem_Free(sorted);
    return 0;
}

static PyObject *method_sort(PyObject *o, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"key", "reverse", NULL};
    PyObject *key = Py_None;
    int descending = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|Op:sort", names, &key, &descending)) return NULL;
    if (check_mutable(as_list(o)) < 0) return NULL;
    if (length(o) < 2) Py_RETURN_NONE;
    if (key == Py_None && type_is_number(elem_of(as_list(o))) && elem_of(as_list(o))->kind != TYPE_COMPLEX)
        return typed_done(sort_numbers(as_list(o), descending));
    PyObject *keys = to_pylist(o);
    for (Py_ssize_t i = 0; keys && key != Py_None && i < PyList_GET_SIZE(keys); i++) {
        PyObject *k = PyObject_CallOneArg(key, PyList_GET_ITEM(keys, i));
        if (!k || PyList_SetItem(keys, i, k) < 0) Py_CLEAR(keys);
    }
    PyObject *places = keys ? sorted_places(keys, descending) : NULL;
    int status = places ? permute(as_list(o), places) : -1;
    Py_XDECREF(keys);
    Py_XDECREF(places);
    return typed_done(status);
}

/* ---- operators ------------------------------------------------------------------------------------------------------------ */

static PyObject *concat(PyObject *o, PyObject *other) {
    if (!is_typed_list(other) && !PyList_Check(other))
        return PyErr_Format(PyExc_TypeError, "can only concatenate a list (not \"%.100s\") to a typed List",
                            Py_TYPE(other)->tp_name);
    PyObject *made = method_copy(o, NULL);
    if (made && extend(as_list(made), other) < 0) Py_CLEAR(made);
    return made;
}

static PyObject *inplace_concat(PyObject *o, PyObject *other) {
    return check_mutable(as_list(o)) < 0 || extend(as_list(o), other) < 0 ? NULL : Py_NewRef(o);
}

static PyObject *repeat(PyObject *o, Py_ssize_t times) {
    PyObject *made = new_like(o, 0);
    for (Py_ssize_t i = 0; made && as_list(o)->type && i < times && length(o); i++)
        if (extend_same(as_list(made), as_list(o)) < 0) Py_CLEAR(made);
    return made;
}

/* ---- printing and pickling ------------------------------------------------------------------------------------------------- */

static PyObject *list_str(PyObject *o) {
    PyObject *items = to_pylist(o), *text = items ? PyObject_Repr(items) : NULL;
    Py_XDECREF(items);
    return text;
}

static PyObject *list_repr(PyObject *o) {
    return typed_repr(as_list(o)->type, "ListType[Undefined]", list_str(o));
}

/* List.empty_list(type), filled with what iteration gives. */
static PyObject *method_reduce(PyObject *o, PyObject *unused) {
    if (!as_list(o)->type) return Py_BuildValue("(O())", Py_TYPE(o));
    PyObject *make = PyObject_GetAttrString((PyObject *)Py_TYPE(o), "empty_list"),
             *items = PyObject_GetIter(o);
    PyObject *type = type_object_borrow(elem_of(as_list(o)));
    PyObject *result = make && items && type ? Py_BuildValue("(O(O)OO)", make, type, Py_None, items) : NULL;
    Py_XDECREF(make);
    Py_XDECREF(items);
    return result;
}

/* ---- what Numba's lists show --------------------------------------------------------------------------------------------- */

static PyObject *method_allocated(PyObject *o, PyObject *unused) {
    return PyLong_FromLongLong(as_list(o)->block ? body(as_list(o))->capacity : 0);
}
static PyObject *method_is_mutable(PyObject *o, PyObject *unused) {
    return PyBool_FromLong(!as_list(o)->block || !body(as_list(o))->frozen);
}
static PyObject *freeze(PyObject *o, bool frozen) {
    if (!as_list(o)->type) return typed_done(untyped());
    body(as_list(o))->frozen = frozen;
    Py_RETURN_NONE;
}
static PyObject *method_make_immutable(PyObject *o, PyObject *unused) { return freeze(o, true); }
static PyObject *method_make_mutable(PyObject *o, PyObject *unused) { return freeze(o, false); }

static PyObject *get_type(PyObject *o, void *of_items) {
    const Type *t = as_list(o)->type;
    if (!t) return typed_done(untyped());
    return Py_XNewRef(type_object_borrow(of_items ? t->elem[0] : t));
}
/* ---- the type ---------------------------------------------------------------------------------------------------------------- */

#define KEYWORDS(f) (PyCFunction)(void (*)(void))(f)

/* clang-format off */
static PyMethodDef list_methods[] = {
    {"append", method_append, METH_O, "append(item)\n--\n\nAdd an item at the end; the first one decides the type."},
    {"extend", method_extend, METH_O, "extend(iterable)\n--\n\nAdd the items of an iterable at the end."},
    {"insert", method_insert, METH_VARARGS, "insert(index, item)\n--\n\nPut an item before the one at `index`."},
    {"pop", method_pop, METH_VARARGS, "pop(index=-1)\n--\n\nTake an item out; IndexError if there is none."},
    {"remove", method_remove, METH_O, "remove(item)\n--\n\nTake out the first equal item; ValueError if there is none."},
    {"clear", method_clear, METH_NOARGS, "clear()\n--\n\nTake all items out."},
    {"reverse", method_reverse, METH_NOARGS, "reverse()\n--\n\nReverse the order of the items."},
    {"copy", method_copy, METH_NOARGS, "copy()\n--\n\nA new list of the same items."},
    {"__copy__", method_copy, METH_NOARGS, "__copy__()\n--\n\nA new list of the same items."},
    {"count", method_count, METH_O, "count(item)\n--\n\nNumber of equal items."},
    {"index", method_index, METH_VARARGS,
     "index(item, start=0, stop=len)\n--\n\nPlace of the first equal item; ValueError if there is none."},
    {"sort", KEYWORDS(method_sort), METH_VARARGS | METH_KEYWORDS,
     "sort(key=None, reverse=False)\n--\n\nSort the items, keeping the order of equal ones."},
    {"empty_list", KEYWORDS(empty_list), METH_VARARGS | METH_KEYWORDS | METH_CLASS,
     "empty_list(item_type, allocated=0)\n--\n\nAn empty list of this type of items, with room for `allocated` of them."},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "List[item type], for annotations."},
    {"__reduce__", method_reduce, METH_NOARGS, "For pickling."},
    {"_allocated", method_allocated, METH_NOARGS, "_allocated()\n--\n\nNumber of items there is room for."},
    {"_is_mutable", method_is_mutable, METH_NOARGS, "_is_mutable()\n--\n\nWhether the list may change."},
    {"_make_immutable", method_make_immutable, METH_NOARGS, "_make_immutable()\n--\n\nForbid changes."},
    {"_make_mutable", method_make_mutable, METH_NOARGS, "_make_mutable()\n--\n\nAllow changes."},
    {0},
};
static PyGetSetDef list_getset[] = {
    {"_list_type", get_type, NULL, "the list's type", NULL},
    {"_dtype", get_type, NULL, "type of the items", (void *)1},
    {0},
};
static PyType_Slot list_slots[] = {
    {Py_tp_doc, "List(iterable=(), /)\n--\n\n"
                "A list of items of one type, which compiled code works on without copying it.\n\n"
                "Parameters\n----------\niterable : iterable, optional\n"
                "    The items.  The first one decides the type; an empty list has none until something is appended.\n\n"
                "Raises\n------\nTypingError\n    If an item's type is unsupported, or does not convert safely.\n"},
    {Py_tp_new, list_new},
    {Py_tp_iter, PySeqIter_New},
    {Py_tp_repr, list_repr},
    {Py_tp_str, list_str},
    {Py_tp_richcompare, compare},
    {Py_tp_hash, PyObject_HashNotImplemented},
    {Py_tp_methods, list_methods},
    {Py_tp_getset, list_getset},
    {Py_sq_length, length},
    {Py_sq_item, get_item},
    {Py_sq_ass_item, set_item},
    {Py_sq_contains, contains},
    {Py_sq_concat, concat},
    {Py_sq_inplace_concat, inplace_concat},
    {Py_sq_repeat, repeat},
    {Py_mp_length, length},
    {Py_mp_subscript, subscript},
    {Py_mp_ass_subscript, assign_subscript},
    {0, NULL},
};
/* clang-format on */
static PyType_Spec list_spec = {
    .name = "naja.typed.List",
    .basicsize = sizeof(TypedList),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = list_slots,
};

int typed_list_start(PyObject *module) {
    core.typed_list_type = typed_class(module, &list_spec);
    return core.typed_list_type ? 0 : -1;
}
