/* boundary/words.h - argument types as machine words, for finding a specialisation without looking at types.
 *
 * Every argument is described by one 64-bit word; a tuple by a head word with its length, then its elements' words.
 * The words of a call are prefix-free: equal sequences mean equal types, so comparing them needs no interning and has
 * no collisions.  One specialisation may have several sequences (float and np.float64 are one type).
 *
 * The low byte says which kind of word it is; the rest depends on it:
 *   INT         an exact int that fits int64        UINT   one that only fits uint64
 *   ARRAY       type number:8 | ndim:8 | flags:32   of an exact ndarray of numbers in native byte order
 *   LIST        then the words of its first element; unboxing checks the others
 *   SCALAR      address of NumPy's (immortal) scalar type
 *   DISPATCHER  its handle, which is never used again: a new dispatcher at an old address is a different word
 *   OMITTED     address of the Omitted object, which lives as long as the dispatcher
 *   INSTANCE    the id of its type
 *   TYPED       the id of what typeof says: everything else
 */
#ifndef NAJA_BOUNDARY_WORDS_H
#define NAJA_BOUNDARY_WORDS_H

#include "boundary/state.h"

typedef uint64_t Word;
enum { WORD_NONE = 1, WORD_BOOL, WORD_INT, WORD_UINT, WORD_FLOAT, WORD_COMPLEX, WORD_STR, WORD_ARRAY, WORD_TUPLE,
       WORD_SCALAR, WORD_DISPATCHER, WORD_OMITTED, WORD_TYPED, WORD_LIST, WORD_INSTANCE };

static inline unsigned word_kind(Word w) { return w & 255; }

enum { WORD_ARRAY_FLAGS = NPY_ARRAY_C_CONTIGUOUS | NPY_ARRAY_F_CONTIGUOUS | NPY_ARRAY_ALIGNED | NPY_ARRAY_WRITEABLE };

/* 0 for arrays that only typeof can judge. */
static inline Word word_of_array(PyObject *o) {
    PyArrayObject_fields *a = (PyArrayObject_fields *)o;
    PyArray_Descr *d = a->descr;
    if (UNLIKELY(d->type_num > NPY_CDOUBLE || !PyArray_ISNBO(d->byteorder))) return 0;
    return WORD_ARRAY | (Word)(uint8_t)d->type_num << 8 | (Word)(uint8_t)a->nd << 16 |
           (Word)(a->flags & WORD_ARRAY_FLAGS) << 24;
}

/* Is this exact int within int64? */
static inline bool is_int64(PyObject *o) {
#if PY_VERSION_HEX >= 0x030C0000
    if (LIKELY(PyUnstable_Long_IsCompact((PyLongObject *)o))) return true;
#else
    if (LIKELY(Py_SIZE(o) >= -1 && Py_SIZE(o) <= 1)) return true;
#endif
    int overflow;
    PyLong_AsLongLongAndOverflow(o, &overflow);
    return !overflow;
}

/* The words of an object up to `end`; NULL with an exception, or without one if there is no more room. */
Word *words_put(PyObject *o, Word *p, Word *end);

const Word *words_match_tuple(PyObject *tuple, const Word *p);
const Word *words_match_first(PyObject *list, const Word *p);
bool words_match_other(PyObject *o, Word w);

/* Does the object have these words?  Gives what is behind them, or NULL: no, or not known without typeof.  Compares
 * along the expected word: one predictable branch per argument. */
static inline const Word *words_match(PyObject *o, const Word *p) {
    Word w = *p++;
    PyTypeObject *t = Py_TYPE(o);
    switch (word_kind(w)) {
    case WORD_FLOAT: return t == &PyFloat_Type ? p : NULL;
    case WORD_INT: return t == &PyLong_Type && is_int64(o) ? p : NULL;
    case WORD_ARRAY: return t == &PyArray_Type && word_of_array(o) == w ? p : NULL;
    case WORD_TUPLE: return t == &PyTuple_Type && (Word)PyTuple_GET_SIZE(o) == w >> 8 ? words_match_tuple(o, p) : NULL;
    case WORD_LIST:
        return t == &PyList_Type && PyList_GET_SIZE(o) ? words_match_first(o, p) : NULL;
    default: return words_match_other(o, w) ? p : NULL;
    }
}

static inline uint64_t words_hash(const Word *w, uint32_t n) {
    uint64_t h = 0x9E3779B97F4A7C15u * (n + 1u);
    for (uint32_t i = 0; i < n; i++) {
        h = (h ^ w[i]) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    return h;
}

#endif
