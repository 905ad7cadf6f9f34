/* bridge.c - calls that the interpreter does for compiled code: library functions without an implementation of naja's
 * own (rung 4), and the blocks of `with objmode(...)`.
 *
 *     naja_bridge_call(context, site, operands, result)        through runtime_hooks
 *
 * The site, a row of the specialisation, names the callable, the types of the operands and of the result.  The steps:
 * take the GIL (the caller may hold it, may have released it, or be a worker that Python has not seen before), box the
 * operands, call, check that the result is of the type that was promised to compiled code, unbox it.
 *
 * Ownership: operands are borrowed, so a reference is added to each before boxing, which takes one.  What a result
 * borrows from its Python object (an array's memory) gets an owner: a block that holds the object and drops it under
 * the GIL.
 *
 * An exception leaves its thread at once, since that may be a worker's: the context's payload owns it until naja_fail
 * raises it, or naja_drop_error gives it up.
 */
#include "boundary/bridge.h"
#include "runtime/runtime.h"

#define LEAF(slot, T) (*(T *)(void *)(slot))

/* ---- references ---------------------------------------------------------------------------------------------------- */

/* The leaf that owns what a value of one of the kinds with an owner refers to. */
static uint32_t owner_at(const Type *t) {
    int32_t owner = type_owner_field(t); /* these have a leaf per field */
    return owner < 0 ? 0 : (uint32_t)owner;
}

static bool has_owner(const Type *t) { return type_owner_field(t) >= 0 || type_is_block(t); }

/* Calls `visit` with the block that each part of a value owns a reference of. */
static void each_block(const Type *t, Slot *s, void (*visit)(MemoryBlock *)) {
    if (!type_is_managed(t) || (t->kind == TYPE_OPTIONAL && !(LEAF(s, uint8_t) & 1))) return;
    if (has_owner(t)) {
        visit(LEAF(s + owner_at(t), MemoryBlock *));
        return;
    }
    for (uint32_t i = 0; i < t->nfields; i++) {
        each_block(t->field[i], s, visit);
        s += t->field[i]->nleaves;
    }
}

static void retain(MemoryBlock *b) { block_retain(b); }
static void release(MemoryBlock *b) { block_release(b); }

PyObject *box_borrowed(const Type *t, const Slot *leaves, Arguments args) {
    each_block(t, (Slot *)leaves, retain);
    return box_value(t, leaves, args);
}

static void drop_object(void *object) {
    if (!Py_IsInitialized()) return; /* at exit; the object goes with the process */
    PyGILState_STATE gil = gil_take();
    Py_DECREF((PyObject *)object);
    PyGILState_Release(gil);
}

static void drop_held_object(MemoryBlock *b) { drop_object(b->extra); }

MemoryBlock *block_holding(PyObject *object) {
    MemoryBlock *b = naja_block_new(0);
    if (!b) return PyErr_NoMemory(), NULL;
    b->extra = Py_NewRef(object);
    b->destroy = drop_held_object;
    return b;
}

/* Gives what the leaves borrow from `object` an owner. */
static int own_leaves(const Type *t, PyObject *object, Slot *s) {
    if (!type_is_managed(t) || type_is_block(t)) return 0;
    if (has_owner(t)) {
        MemoryBlock *b = block_holding(object);
        LEAF(s + owner_at(t), void *) = b;
        return b ? 0 : -1;
    }
    if (t->kind == TYPE_OPTIONAL)
        return LEAF(s, uint8_t) & 1 ? own_leaves(t->elem[0], object, s + t->field[OPTIONAL_HAS]->nleaves) : 0;
    for (uint32_t i = 0; i < t->nelem; i++) {
        if (own_leaves(t->elem[i], PyTuple_GET_ITEM(object, i), s) < 0) return -1;
        s += t->elem[i]->nleaves;
    }
    return 0;
}

int unbox_owned(const Type *t, PyObject *object, Slot *leaves) {
    if (unbox_value(t, object, leaves) < 0) return -1;
    if (own_leaves(t, object, leaves) == 0) return 0;
    each_block(t, leaves, release);
    return -1;
}

/* ---- is it what was promised? ------------------------------------------------------------------------------------------ */

static bool accepts_array(const Type *t, PyObject *o) {
    const Type *got = PyArray_Check(o) ? typeof_argument(o) : NULL;
    PyErr_Clear();
    return got && got->kind == TYPE_ARRAY && got->elem[0] == t->elem[0] && got->ndim == t->ndim &&
           (t->layout == LAYOUT_A || got->layout == t->layout ||
            (t->layout == LAYOUT_F && PyArray_IS_F_CONTIGUOUS((PyArrayObject *)o))) &&
           (t->readonly || !got->readonly) && (got->aligned || !t->aligned);
}

/* A number that converts without loss of its kind: an int that fits, any real for a float. */
static bool accepts_number(const Type *t, PyObject *o) {
    const Type *got = PyArray_Check(o) ? NULL : typeof_argument(o);
    PyErr_Clear();
    if (!got || !type_is_number(got)) return false;
    if (t->kind == TYPE_INT && got->kind == TYPE_INT && got != t) {
        PyObject *index = PyNumber_Index(o);
        int overflow = 0;
        long long v = index ? PyLong_AsLongLongAndOverflow(index, &overflow) : 0;
        bool fits = index && (overflow ? overflow > 0 && t == type_u64 : type_int_fits(t, v));
        PyErr_Clear();
        Py_XDECREF(index);
        return fits;
    }
    return got->kind <= t->kind;
}

static bool accepts_tuple(const Type *t, PyObject *o) {
    bool same_class = t->kind == TYPE_TUPLE ? PyTuple_Check(o)
                                            : (PyObject *)Py_TYPE(o) == handle_object_borrow(t->handle);
    if (!same_class || !PyTuple_Check(o) || PyTuple_GET_SIZE(o) != t->nelem) return false;
    for (uint32_t i = 0; i < t->nelem; i++)
        if (!unbox_accepts(t->elem[i], PyTuple_GET_ITEM(o, i))) return false;
    return true;
}

bool unbox_accepts(const Type *t, PyObject *o) {
    switch (t->kind) {
    case TYPE_BOOL:
    case TYPE_INT:
    case TYPE_FLOAT:
    case TYPE_COMPLEX: return accepts_number(t, o);
    case TYPE_NONE: return o == Py_None;
    case TYPE_STR: return PyUnicode_Check(o);
    case TYPE_ARRAY: return accepts_array(t, o);
    case TYPE_TUPLE:
    case TYPE_NAMEDTUPLE: return accepts_tuple(t, o);
    case TYPE_OPTIONAL: return o == Py_None || unbox_accepts(t->elem[0], o);
    case TYPE_PYOBJECT: return true;
    default: break;
    }
    const Type *got = typeof_argument(o);
    PyErr_Clear();
    return got == t;
}

static void refuse_result(const Type *t, PyObject *callable, PyObject *o) {
    const Type *got = typeof_argument(o);
    PyErr_Clear();
    PyObject *name = PyObject_GetAttr(callable, core.name.name);
    PyErr_Clear();
    PyErr_Format(
        PyExc_TypeError,
        "%S gave a value of type %s where compiled code expects %s: declare the type that it gives with "
        "objmode(name='...')",
        name ? name : callable, got ? got->name : Py_TYPE(o)->tp_name, t->name);
    Py_XDECREF(name);
}

/* ---- the call ------------------------------------------------------------------------------------------------------------ */

static PyObject *keyword_names(const char *text) {
    PyObject *all = PyUnicode_FromString(text), *comma = PyUnicode_FromString(",");
    PyObject *list = all && comma ? PyUnicode_Split(all, comma, -1) : NULL;
    PyObject *names = list ? PyList_AsTuple(list) : NULL;
    Py_XDECREF(all);
    Py_XDECREF(comma);
    Py_XDECREF(list);
    return names;
}

static PyObject *call_boxed(const Site *site, PyObject **operand, uint32_t n) {
    PyObject *names = site->message ? keyword_names(site->message) : NULL;
    if (site->message && !names) return NULL;
    size_t positional = n - (names ? (size_t)PyTuple_GET_SIZE(names) : 0);
    PyObject *result = PyObject_Vectorcall(site->cls, operand, positional, names);
    Py_XDECREF(names);
    return result;
}

static int call_and_unbox(const Site *site, const Context *context, const Slot *args, Slot *result) {
    const Specialisation *spec = context->spec;
    const Type *operands = site->arg[0];
    Arguments passed = {context->args ? spec->nargs : 0, (PyObject *const *)context->args};
    PyObject **operand = PyMem_Calloc(operands->nelem + 1, sizeof *operand), *value = NULL;
    if (!operand) return PyErr_NoMemory(), -1;
    uint32_t n = 0;
    for (; n < operands->nelem; n++) {
        if (!(operand[n] = box_borrowed(operands->elem[n], args, passed))) break;
        args += operands->elem[n]->nleaves;
    }
    if (n == operands->nelem) value = call_boxed(site, operand, n);
    bool fits = value && unbox_accepts(site->arg[1], value);
    if (value && !fits) refuse_result(site->arg[1], site->cls, value);
    int status = fits ? unbox_owned(site->arg[1], value, result) : -1;
    Py_XDECREF(value);
    while (n) Py_DECREF(operand[--n]);
    PyMem_Free(operand);
    return status;
}

static int32_t bridge_call(Context *context, int64_t number, const Slot *args, Slot *result) {
    PyGILState_STATE gil = gil_take();
    const Specialisation *spec = context->spec;
    int32_t status = STATUS_OK;
    if (call_and_unbox(&spec->site[number], context, args, result) < 0) status = exception_keep(context);
    PyGILState_Release(gil);
    return status;
}

void bridge_start(void) { runtime_hooks.bridge_call = bridge_call; }
