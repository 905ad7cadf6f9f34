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
#include "boundary/cells.h"
#include "runtime/runtime.h"

#define LEAF(slot, T) (*(T *)(void *)(slot))

/* ---- references ---------------------------------------------------------------------------------------------------- */

/* Calls `visit` with the block that each part of a value owns a reference of. */
static void each_block(const Type *t, Slot *s, void (*visit)(MemoryBlock *)) {
    int32_t owner = type_owner_field(t);
    if (!type_is_managed(t) || (t->kind == TYPE_OPTIONAL && !(LEAF(s, uint8_t) & 1))) return;
    if (type_is_block(t)) {
        visit(LEAF(s, MemoryBlock *));
        return;
    }
    for (int32_t i = 0; i < (int32_t)t->nfields; i++) {
        if (i == owner) visit(LEAF(s, MemoryBlock *));
        else if (owner < 0) each_block(t->field[i], s, visit);
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

void block_hold(MemoryBlock *b, PyObject *object) {
    b->extra = Py_NewRef(object);
    b->destroy = drop_held_object;
}

MemoryBlock *block_holding(PyObject *object) {
    MemoryBlock *b = naja_block_new(0);
    if (!b) return PyErr_NoMemory(), NULL;
    block_hold(b, object);
    return b;
}

static int own_leaves(const Type *t, PyObject *object, Slot *s);

static int own_items(const Type *t, PyObject *object, Slot *first) {
    Slot *s = first;
    for (uint32_t i = 0; i < t->nelem; s += t->elem[i++]->nleaves) {
        if (own_leaves(t->elem[i], PyTuple_GET_ITEM(object, i), s) == 0) continue;
        for (uint32_t k = 0; k < i; first += t->elem[k++]->nleaves) each_block(t->elem[k], first, release);
        return -1;
    }
    return 0;
}

/* Gives the leaves references of their own: to what they borrow from `object` a block that holds it. */
static int own_leaves(const Type *t, PyObject *object, Slot *s) {
    if (type_is_tuple(t) && PyTuple_Check(object)) return own_items(t, object, s);
    if (!type_is_managed(t)) return 0;
    if (t->kind == TYPE_PYOBJECT) { /* until now of the chain's */
        block_retain(LEAF(s, MemoryBlock *));
        return 0;
    }
    if (t->kind == TYPE_OPTIONAL && !(LEAF(s, uint8_t) & 1)) return 0;
    return cell_own_slots(type_cell_managed(t), object, s);
}

/* Lists, sets and dicts become containers of compiled code's own, which have no Python object behind them. */
int unbox_owned(const Type *t, PyObject *object, Slot *leaves) {
    ReflectChain own;
    naja_reflect_begin(&own);
    int status = unbox_value(t, object, leaves) < 0 ? -1 : own_leaves(t, object, leaves);
    for (int64_t i = 0; i < own.capacity; i++)
        if (own.block[i]) own.block[i]->extra = NULL; /* nothing to write back */
    naja_reflect_end(&own, NULL);
    return status;
}

/* ---- containers that the interpreter may change ------------------------------------------------------------------------ */

static bool is_shared_instance(const Type *t) {
    PyObject *cls = t->kind == TYPE_NAMEDTUPLE && t->nelem == 1 ? handle_object_borrow(t->handle) : NULL;
    return cls && PyType_Check(cls) && dataclass_shared_borrow(cls);
}

static bool is_python_container(const Type *t) {
    return is_shared_instance(t) || (t->kind == TYPE_LIST && !(t->flags & TYPE_LIST_TYPED)) ||
           t->kind == TYPE_SET || t->kind == TYPE_DICT;
}

/* What compiled code has done to a container that was passed in is seen by its Python object. */
static int write_changes(const Type *t, const Slot *leaves) {
    MemoryBlock *b = LEAF(leaves, MemoryBlock *);
    return is_python_container(t) && list_body(b)->parent ? reflect_write_back(b) : 0;
}

static void swap_bodies(MemoryBlock *x, MemoryBlock *y, size_t nbytes) {
    char body[sizeof(TableBody)];
    void *parent[] = {list_body(x)->parent, list_body(y)->parent};
    memcpy(body, block_data(x), nbytes);
    memcpy(block_data(x), block_data(y), nbytes);
    memcpy(block_data(y), body, nbytes);
    list_body(x)->parent = parent[0];
    list_body(y)->parent = parent[1];
}

/* The other way: the container gets the content of the Python object. */
static int read_changes(const Type *t, PyObject *object, Slot *leaves) {
    Slot fresh;
    if (!is_python_container(t)) return 0;
    if (unbox_owned(t, object, &fresh) < 0) return -1;
    MemoryBlock *from = (MemoryBlock *)(uintptr_t)fresh;
    swap_bodies(LEAF(leaves, MemoryBlock *), from,
                t->kind == TYPE_LIST || t->kind == TYPE_NAMEDTUPLE ? sizeof(ListBody) : sizeof(TableBody));
    block_release(from);
    return 0;
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
    if (same_class && !PyTuple_Check(o)) { /* a dataclass */
        const Type *got = typeof_argument(o);
        PyErr_Clear();
        return got == t;
    }
    if (!same_class || PyTuple_GET_SIZE(o) != t->nelem) return false;
    for (uint32_t i = 0; i < t->nelem; i++)
        if (!unbox_accepts(t->elem[i], PyTuple_GET_ITEM(o, i))) return false;
    return true;
}

static bool accepts_strdict(const Type *t, PyObject *o) {
    if (!PyDict_Check(o) || PyDict_GET_SIZE(o) != t->nelem / 2) return false;
    for (uint32_t i = 0; i < t->nelem; i += 2) {
        PyObject *value = PyDict_GetItemString(o, t->elem[i]->text);
        if (!value || !unbox_accepts(t->elem[i + 1], value)) return false;
    }
    return true;
}

/* Whether an object has the class that a type says. */
static bool is_of_sort(const Type *t, PyObject *o) {
    PyObject *sort = handle_object_borrow(t->handle);
    PyObject *cls = sort ? PyObject_GetAttrString(sort, "cls") : NULL;
    int is = cls ? PyObject_IsInstance(o, cls) : 0;
    Py_XDECREF(cls);
    if (is < 0) PyErr_Clear();
    return is > 0;
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
    case TYPE_PYOBJECT: return !t->handle || is_of_sort(t, o);
    case TYPE_LIST:
        if (!(t->flags & TYPE_LIST_TYPED)) return PyList_Check(o); /* unboxing looks at the items */
        break;
    case TYPE_SET: return PyAnySet_Check(o);
    case TYPE_STRDICT: return accepts_strdict(t, o);
    default: break;
    }
    const Type *got = typeof_argument(o);
    PyErr_Clear();
    return got == t || (t->kind == TYPE_DICT && !t->flags && PyDict_CheckExact(o));
}

PyObject *type_accepts(PyObject *m, PyObject *args) {
    PyObject *type, *value;
    if (!PyArg_ParseTuple(args, "O!O", core.type_type, &type, &value)) return NULL;
    return PyBool_FromLong(unbox_accepts(type_from_object(type), value));
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
    bool has_names = site->message && strcmp(site->builtin, "objmode") != 0;
    PyObject *names = has_names ? keyword_names(site->message) : NULL;
    if (has_names && !names) return NULL;
    size_t positional = n - (names ? (size_t)PyTuple_GET_SIZE(names) : 0);
    PyObject *result = PyObject_Vectorcall(site->cls, operand, positional, names);
    Py_XDECREF(names);
    return result;
}

/* A number of a type that Python's int, float and complex do not stand for: NumPy computes with its width. */
static bool is_narrow_number(const Type *t) {
    return (t->kind == TYPE_INT && t != type_i64) || (t->kind == TYPE_FLOAT && t != type_f64) ||
           t == type_c64;
}

/* What a library function gets: an int8 stays one.  In a block of objmode it is Python's int, as everywhere. */
static PyObject *box_operand(const Type *t, const Slot *leaves, Arguments passed, bool is_block) {
    PyObject *o = box_borrowed(t, leaves, passed);
    int number = o && !is_block && is_narrow_number(t) ? dtype_number(t) : -1;
    if (number < 0) return o;
    PyArray_Descr *dtype = PyArray_DescrFromType(number);
    PyObject *scalar = dtype ? PyObject_CallOneArg((PyObject *)dtype->typeobj, o) : NULL;
    Py_XDECREF(dtype);
    Py_DECREF(o);
    return scalar;
}

static int box_operands(const Site *site, const Slot *args, Arguments passed, PyObject **operand,
                        uint32_t *n) {
    const Type *types = site->arg[0];
    bool is_block = !strcmp(site->builtin, "objmode");
    for (; *n < types->nelem; ++*n) {
        const Type *t = types->elem[*n];
        if (write_changes(t, args) < 0 || !(operand[*n] = box_operand(t, args, passed, is_block))) return -1;
        args += t->nleaves;
    }
    return 0;
}

static int read_operands(const Type *types, PyObject *const *operand, const Slot *args) {
    for (uint32_t i = 0; i < types->nelem; i++) {
        if (read_changes(types->elem[i], operand[i], (Slot *)args) < 0) return -1;
        args += types->elem[i]->nleaves;
    }
    return 0;
}

static int call_and_unbox(const Site *site, const Context *context, const Slot *args, Slot *result) {
    const Specialisation *spec = context->spec;
    const Type *operands = site->arg[0];
    Arguments passed = {context->args ? spec->nargs : 0, (PyObject *const *)context->args};
    PyObject **operand = PyMem_Calloc(operands->nelem + 1, sizeof *operand), *value = NULL;
    if (!operand) return PyErr_NoMemory(), -1;
    uint32_t n = 0;
    if (box_operands(site, args, passed, operand, &n) == 0) value = call_boxed(site, operand, n);
    bool fits = value && unbox_accepts(site->arg[1], value);
    if (value && !fits) refuse_result(site->arg[1], site->cls, value);
    int status = fits && read_operands(operands, operand, args) == 0
                     ? unbox_owned(site->arg[1], value, result)
                     : -1;
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
