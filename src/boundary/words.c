/* words.c - making and comparing argument words where words.h does not do it inline. */
#include "boundary/words.h"

#include "boundary/binding.h"

static bool is_static_scalar(PyObject *o) {
    return PyArray_IsScalar(o, Generic) && !PyArray_IsScalar(o, Void) && !PyArray_IsScalar(o, Datetime) &&
           !PyArray_IsScalar(o, Timedelta) && !(Py_TYPE(o)->tp_flags & Py_TPFLAGS_HEAPTYPE);
}

/* The word of an object that needs no typeof; 0: it does. */
static Word word_of(PyObject *o) {
    PyTypeObject *t = Py_TYPE(o);
    if (t == &PyFloat_Type) return WORD_FLOAT;
    if (t == &PyLong_Type) return is_int64(o) ? WORD_INT : 0;
    if (t == &PyArray_Type) return word_of_array(o);
    if (t == &PyTuple_Type) return WORD_TUPLE | (Word)PyTuple_GET_SIZE(o) << 8;
    if (t == &PyList_Type && PyList_GET_SIZE(o)) return WORD_LIST;
    if (t == &PyBool_Type) return WORD_BOOL;
    if (t == &PyComplex_Type) return WORD_COMPLEX;
    if (o == Py_None) return WORD_NONE;
    if (t == &PyUnicode_Type) return WORD_STR;
    if (t == core.dispatcher_type) return WORD_DISPATCHER | (Word)dispatcher_handle(o) << 8;
    if (is_instance(o))
        return instance_typeof(o) ? WORD_INSTANCE | (Word)instance_typeof(o)->id << 8 : (PyErr_Clear(), 0);
    if (is_omitted(o)) return WORD_OMITTED | (Word)(uintptr_t)o << 8;
    if (is_static_scalar(o)) return WORD_SCALAR | (Word)(uintptr_t)t << 8;
    return 0;
}

static Word word_by_type(PyObject *o) {
    const Type *t = typeof_argument(o);
    if (!t) return 0;
    return t == type_u64 && Py_TYPE(o) == &PyLong_Type ? WORD_UINT : WORD_TYPED | (Word)t->id << 8;
}

Word *words_put(PyObject *o, Word *p, Word *end) {
    if (p >= end) return NULL;
    Word w = word_of(o);
    if (!w && !(w = word_by_type(o))) return NULL;
    *p++ = w;
    if (word_kind(w) == WORD_TUPLE)
        for (Py_ssize_t i = 0, n = PyTuple_GET_SIZE(o); i < n && p; i++)
            p = words_put(PyTuple_GET_ITEM(o, i), p, end);
    if (word_kind(w) == WORD_LIST && p) p = words_put(PyList_GET_ITEM(o, 0), p, end);
    return p;
}

const Word *words_match_tuple(PyObject *tuple, const Word *p) {
    for (Py_ssize_t i = 0, n = PyTuple_GET_SIZE(tuple); i < n && p; i++)
        p = words_match(PyTuple_GET_ITEM(tuple, i), p);
    return p;
}

const Word *words_match_first(PyObject *list, const Word *p) {
    return words_match(PyList_GET_ITEM(list, 0), p);
}

bool words_match_other(PyObject *o, Word w) {
    const Type *t;
    switch (word_kind(w)) {
    case WORD_SCALAR: return (Word)(uintptr_t)Py_TYPE(o) == w >> 8;
    case WORD_TYPED:
        if (Py_TYPE(o) == core.closure_type) return closure_typeof(o)->id == w >> 8;
        if (!is_typed(o) && !is_keywords(o)) return false;
        t = is_typed(o) ? typed_typeof(o) : typeof_argument(o);
        if (!t) PyErr_Clear();
        return t && t->id == w >> 8;
    case WORD_UINT: return false;
    default: return word_of(o) == w;
    }
}
