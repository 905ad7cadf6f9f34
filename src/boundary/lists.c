/* lists.c - Python lists as arguments and results, and arguments that outlive their call.
 *
 * A Python list argument becomes a list block whose `parent` it is (reflection).  All such blocks of a call are on its
 * chain, found by the Python list, so that a list that is passed twice, or stands twice in another one, is one block.  When
 * the call ends, elements that differ from what the Python list holds are written back; what is equal keeps its identity.
 *
 * The type of a list comes from its first element, as the dispatcher looks at no more; unboxing checks all of them.
 *
 * An argument that is stored in the heap escapes: a block with the Python object in `extra` owns it from then on.
 */
#include "boundary/cells.h"
#include "boundary/specialisation.h"
#include "boundary/state.h"
#include "boundary/tables.h"
#include "runtime/runtime.h"

/* ---- the chain of a call --------------------------------------------------------------------------------- */

static _Thread_local ReflectChain *chain;

void naja_reflect_begin(ReflectChain *c) {
    *c = (ReflectChain){.previous = chain};
    chain = c;
}

/* Where the block of this Python list is in the open-addressing table, or where it belongs. */
static MemoryBlock **place_of(const ReflectChain *c, const void *parent) {
    uint64_t i = ((uintptr_t)parent >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 20;
    while (c->block[i & (uint64_t)(c->capacity - 1)] &&
           list_body(c->block[i & (uint64_t)(c->capacity - 1)])->parent != parent)
        i++;
    return &c->block[i & (uint64_t)(c->capacity - 1)];
}

static int grow_chain(ReflectChain *c) {
    ReflectChain grown = {
        .previous = c->previous, .kept = c->kept, .n = c->n, .capacity = c->capacity ? c->capacity * 2 : 8};
    grown.block = calloc((size_t)grown.capacity, sizeof *grown.block);
    if (!grown.block) return PyErr_NoMemory(), -1;
    for (int64_t i = 0; i < c->capacity; i++)
        if (c->block[i]) *place_of(&grown, list_body(c->block[i])->parent) = c->block[i];
    free(c->block);
    *c = grown;
    return 0;
}

int chain_keep(PyObject *o) {
    if (!chain) return 1;
    if (!chain->kept && !(chain->kept = PyList_New(0))) return -1;
    return PyList_Append(chain->kept, o);
}

/* ---- from Python ----------------------------------------------------------------------------------------------- */

static int heterogeneous(PyObject *list, PyObject *item) {
    PyObject *first = PyList_GET_ITEM(list, 0);
    const char *names[2] = {Py_TYPE(first)->tp_name, Py_TYPE(item)->tp_name};
    if (Py_TYPE(first) == Py_TYPE(item)) { /* both lists, or arrays */
        const Type *a = typeof_argument(first), *b = typeof_argument(item);
        if (!a || !b) return -1;
        names[0] = a->name;
        names[1] = b->name;
    }
    PyErr_Format(PyExc_TypeError, "can't unbox heterogeneous list: %s != %s", names[0], names[1]);
    return -1;
}

static int unbox_floats(PyObject *list, ListBody *b) {
    double *cell = (double *)(void *)b->cells;
    for (; b->length < b->capacity; b->length++) {
        PyObject *o = PyList_GET_ITEM(list, b->length);
        if (UNLIKELY(!PyFloat_Check(o))) return heterogeneous(list, o); /* a numpy.float64 is a float */
        cell[b->length] = PyFloat_AS_DOUBLE(o);
    }
    return 0;
}

static int unbox_ints(PyObject *list, ListBody *b) {
    int64_t *cell = (int64_t *)(void *)b->cells;
    for (; b->length < b->capacity; b->length++) {
        PyObject *o = PyList_GET_ITEM(list, b->length);
        if (UNLIKELY(!PyLong_CheckExact(o) && typeof_argument(o) != type_i64)) {
            PyErr_Clear();
            return heterogeneous(list, o);
        }
        if (LIKELY(PyLong_CheckExact(o))) {
            cell[b->length] = PyLong_AsLongLong(o);
            if (UNLIKELY(cell[b->length] == -1 && PyErr_Occurred())) return -1;
        } else if (unbox_value(type_i64, o, (Slot *)&cell[b->length]) < 0) return -1;
    }
    return 0;
}

/* A list inside a list of compiled code's own is one, too. */
static bool is_same_list(const Type *t, const Type *elem) {
    if (t == elem) return true;
    return t->kind == TYPE_LIST && elem->kind == TYPE_LIST && !(t->flags & TYPE_LIST_TYPED) && !elem->flags &&
           is_same_list(t->elem[0], elem->elem[0]);
}

/* Elements of the types of arguments: every one must have the list's type. */
static int unbox_elements(const Type *elem, PyObject *list, ListBody *b) {
    Slot slot[elem->nleaves + 1];
    for (; b->length < b->capacity; b->length++) {
        PyObject *o = PyList_GET_ITEM(list, b->length);
        const Type *t = typeof_argument(o);
        if (!t) return -1;
        if (!is_same_list(t, elem) && type_can_convert(t, elem) < CONVERT_PROMOTE)
            return heterogeneous(list, o);
        if (unbox_value(elem, o, slot) < 0) return -1;
        if (cell_own_slots(b->managed, o, slot) < 0) return -1;
        cell_from_slots(elem, slot, b->cells + b->length * b->cell_nbytes);
    }
    return 0;
}

/* The one item of what stands for a shared instance of a dataclass; fields convert as in an assignment. */
static int fill_shared(const Type *fields, PyObject *o, ListBody *b) {
    PyObject *values = dataclass_values(o);
    Slot slot[fields->nleaves + 1], *at = slot;
    int status = values ? 0 : -1;
    for (uint32_t i = 0; status == 0 && i < fields->nelem; i++) {
        PyObject *value = PyTuple_GET_ITEM(values, i);
        status = unbox_value(fields->elem[i], value, at);
        if (status == 0 && value != Py_None)
            status = cell_own_slots(type_cell_managed(fields->elem[i]), value, at);
        if (status == 0) at += fields->elem[i]->nleaves;
    }
    Py_XDECREF(values);
    uint64_t made = at == slot + fields->nleaves ? 0 : (UINT64_C(1) << (at - slot)) - 1;
    for (uint64_t map = type_cell_managed(fields) & made; map; map &= map - 1)
        block_release((MemoryBlock *)(uintptr_t)slot[__builtin_ctzll(map)]);
    if (status < 0) return -1;
    cell_from_slots(fields, slot, b->cells);
    b->length = 1;
    return 0;
}

static int fill_list(const Type *elem, PyObject *list, ListBody *b) {
    if (b->capacity == 0) return 0;
    if (elem == type_f64) return unbox_floats(list, b);
    return elem == type_i64 ? unbox_ints(list, b) : unbox_elements(elem, list, b);
}

typedef int (*Fill)(const Type *elem, PyObject *o, ListBody *b);

/* The block of this object on the chain, which is filled if it is new. */
static int unbox_reflected(const Type *t, PyObject *o, int64_t n, Fill fill, Slot *out) {
    if (chain->n * 2 >= chain->capacity && grow_chain(chain) < 0) return -1;
    MemoryBlock *list = *place_of(chain, o);
    if (!list) {
        const Type *elem = t->elem[0];
        list = naja_list_new(type_cell_nbytes(elem), (int64_t)type_cell_managed(elem), n);
        if (!list) return PyErr_NoMemory(), -1;
        list_body(list)->parent = Py_NewRef(o); /* writing back may take it out of the list it stands in */
        list->extra = (void *)(uintptr_t)elem;
        *place_of(chain, o) = list;
        chain->n++;
        if (fill(elem, o, list_body(list)) < 0) {
            list->extra = NULL; /* not to be written back */
            return -1;
        }
    }
    if (list->extra != t->elem[0]) {
        PyErr_Format(PyExc_TypeError, "one %.100s is passed twice, as a %s and with items of type %s",
                     Py_TYPE(o)->tp_name, t->name, list->extra ? ((const Type *)list->extra)->name : "?");
        return -1;
    }
    *out = (Slot)(uintptr_t)list;
    return 0;
}

int unbox_list(const Type *t, PyObject *o, Slot *out) {
    if (t->flags & TYPE_LIST_TYPED) return typed_unbox(t, o, out);
    if (!PyList_Check(o) || !chain) {
        PyErr_Format(PyExc_TypeError, "expected a %s, got %.100s", t->name, Py_TYPE(o)->tp_name);
        return -1;
    }
    return unbox_reflected(t, o, PyList_GET_SIZE(o), fill_list, out);
}

int unbox_shared(const Type *list, PyObject *o, Slot *out) {
    if (chain) return unbox_reflected(list, o, 1, fill_shared, out);
    PyErr_Format(PyExc_TypeError, "a %.100s cannot be passed here", Py_TYPE(o)->tp_name);
    return -1;
}

/* A set or dict, on the same chain: boundary/tables.c. */
int unbox_table(const Type *t, PyObject *o, Slot *out) {
    if (table_is_typed(t)) return typed_unbox(t, o, out);
    if (!chain) {
        PyErr_Format(PyExc_TypeError, "expected a %s, got %.100s", t->name, Py_TYPE(o)->tp_name);
        return -1;
    }
    if (chain->n * 2 >= chain->capacity && grow_chain(chain) < 0) return -1;
    MemoryBlock *table = *place_of(chain, o);
    if (!table) {
        table = table_from_python(t, o);
        if (!table) return -1;
        /* what it holds may have joined the chain and made it grow */
        if (chain->n * 2 >= chain->capacity && grow_chain(chain) < 0) return block_release(table), -1;
        table_body(table)->parent = Py_NewRef(o);
        table->extra = (void *)(uintptr_t)t;
        *place_of(chain, o) = table;
        chain->n++;
    }
    *out = (Slot)(uintptr_t)table;
    return 0;
}

/* ---- to Python --------------------------------------------------------------------------------------------------- */

static PyObject *box_element(const Type *elem, MemoryBlock *list, int64_t i) {
    const ListBody *b = list_body(list);
    return cell_to_object(elem, b->cells + i * b->cell_nbytes);
}

static PyObject *new_list(const Type *elem, MemoryBlock *list) {
    const ListBody *b = list_body(list);
    PyObject *made = PyList_New(b->length);
    for (int64_t i = 0; made && i < b->length; i++) {
        PyObject *o = box_element(elem, list, i);
        if (!o) Py_CLEAR(made);
        else PyList_SET_ITEM(made, i, o);
    }
    return made;
}

PyObject *box_list(const Type *t, const Slot *leaves) {
    MemoryBlock *list = (MemoryBlock *)(uintptr_t)*leaves;
    if (t->flags & TYPE_LIST_TYPED) return typed_box(t, list);
    PyObject *parent = list_body(list)->parent;
    PyObject *o = parent ? Py_NewRef(parent) : new_list(t->elem[0], list);
    block_release(list);
    return o;
}

PyObject *box_shared(const Type *list, const Slot *leaves) {
    MemoryBlock *block = (MemoryBlock *)(uintptr_t)*leaves;
    PyObject *parent = list_body(block)->parent;
    PyObject *o = parent ? Py_NewRef(parent) : box_element(list->elem[0], block, 0);
    block_release(block);
    return o;
}

/* ---- writing back ------------------------------------------------------------------------------------------------- */

static bool is_same_scalar(const Type *elem, const char *cell, PyObject *o) {
    Slot slot[2], now[2] = {0};
    if (!PyArray_IsScalar(o, Generic) || !type_is_scalar(elem)) return false;
    if (typeof_argument(o) != elem || unbox_value(elem, o, slot) < 0) return PyErr_Clear(), false;
    cell_from_slots(elem, slot, (char *)now);
    return !memcmp(now, cell, (size_t)type_cell_nbytes(elem));
}

static bool are_items_unchanged(const Type *t, const char *cell, PyObject *o);

/* Does the Python list's item still say what the cell says?  "No" costs a new object only. */
static bool is_unchanged(const Type *elem, const char *cell, PyObject *o) {
    switch (elem->kind) {
    case TYPE_FLOAT:
        if (elem->bits < 64) return is_same_scalar(elem, cell, o);
        return PyFloat_Check(o) && !memcmp(cell, &((PyFloatObject *)o)->ob_fval, 8);
    case TYPE_INT: {
        if (elem != type_i64 || !PyLong_CheckExact(o)) return is_same_scalar(elem, cell, o);
        int overflow;
        return PyLong_AsLongLongAndOverflow(o, &overflow) == *(const int64_t *)(const void *)cell &&
               !overflow;
    }
    case TYPE_COMPLEX:
        return elem->bits == 128 && PyComplex_CheckExact(o) &&
               !memcmp(cell, &((PyComplexObject *)o)->cval, 16);
    case TYPE_BOOL: return o == (*cell ? Py_True : Py_False);
    case TYPE_LIST: return list_body(*(MemoryBlock *const *)(const void *)cell)->parent == o;
    case TYPE_TUPLE:
    case TYPE_NAMEDTUPLE: return are_items_unchanged(elem, cell, o);
    case TYPE_NONE: return o == Py_None;
    case TYPE_ARRAY: return ((void *const *)(const void *)cell)[ARRAY_PARENT] == o;
    case TYPE_BYTES:
    case TYPE_STR: return ((void *const *)(const void *)cell)[STR_PARENT] == o;
    default: return is_same_scalar(elem, cell, o);
    }
}

static const char *item_cell(const Type *t, const char *slots, Slot *natural) {
    if (!type_is_scalar(t)) return slots;
    cell_from_slots(t, (const Slot *)(const void *)slots, (char *)natural);
    return (const char *)natural;
}

/* An int where the class says float, which nobody has assigned. */
static bool is_same_int(const Type *t, const char *cell, PyObject *o) {
    int overflow = t == type_f64 && PyLong_CheckExact(o) ? 0 : 1;
    long long v = overflow ? 0 : PyLong_AsLongLongAndOverflow(o, &overflow);
    return !overflow && (double)v == *(const double *)(const void *)cell && v >> 53 == v >> 63;
}

/* The fields of a shared instance that are not what the object has. */
static int write_fields_back(const Type *fields, const char *cell, PyObject *o) {
    PyObject *names = dataclass_fields((PyObject *)Py_TYPE(o));
    int status = names ? 0 : -1;
    for (uint32_t i = 0; status == 0 && i < fields->nelem; cell += 8 * fields->elem[i++]->nleaves) {
        const Type *t = fields->elem[i];
        PyObject *name = PyTuple_GET_ITEM(names, i), *now = PyObject_GetAttr(o, name);
        Slot natural[2] = {0};
        const char *at = item_cell(t, cell, natural);
        if (now && !is_unchanged(t, at, now) && !is_same_int(t, at, now)) {
            Slot slot[t->nleaves + 1];
            memcpy(slot, cell, t->nleaves * sizeof *slot);
            for (uint64_t map = type_cell_managed(t); map; map &= map - 1)
                block_retain((MemoryBlock *)(uintptr_t)slot[__builtin_ctzll(map)]);
            PyObject *value = box_value(t, slot, (Arguments){0});
            status = value ? PyObject_SetAttr(o, name, value) : -1;
            Py_XDECREF(value);
        }
        if (!now) status = -1;
        Py_XDECREF(now);
    }
    Py_XDECREF(names);
    return status;
}

/* Of a tuple, a namedtuple, or an instance of a dataclass: of a shared one, whether it is still the same. */
static bool are_items_unchanged(const Type *t, const char *cell, PyObject *o) {
    PyObject *cls = t->kind == TYPE_NAMEDTUPLE ? handle_object_borrow(t->handle) : (PyObject *)&PyTuple_Type;
    PyObject *shared = cls && PyType_Check(cls) ? dataclass_shared_borrow(cls) : NULL;
    if (shared) return shared == (PyObject *)Py_TYPE(o) && is_unchanged(t->elem[0], cell, o);
    if ((PyObject *)Py_TYPE(o) != cls) return false;
    PyObject *items = PyTuple_Check(o) ? Py_NewRef(o) : dataclass_values(o);
    bool same = items && PyTuple_GET_SIZE(items) == t->nelem;
    for (uint32_t i = 0; same && i < t->nelem; cell += 8 * t->elem[i++]->nleaves) {
        Slot natural[2] = {0};
        same = is_unchanged(t->elem[i], item_cell(t->elem[i], cell, natural), PyTuple_GET_ITEM(items, i));
    }
    PyErr_Clear();
    Py_XDECREF(items);
    return same;
}

int reflect_write_back(MemoryBlock *list) {
    if (list->destroy == naja_table_destroy) return table_write_back(list->extra, list);
    const ListBody *b = list_body(list);
    const Type *elem = list->extra;
    PyObject *o = b->parent;
    if (!PyList_Check(o)) return write_fields_back(elem, b->cells, o);
    if (PyList_GET_SIZE(o) > b->length && PyList_SetSlice(o, b->length, PyList_GET_SIZE(o), NULL) < 0)
        return -1;
    for (int64_t i = 0; i < b->length; i++) {
        bool beyond = i >= PyList_GET_SIZE(o);
        if (!beyond && is_unchanged(elem, b->cells + i * b->cell_nbytes, PyList_GET_ITEM(o, i))) continue;
        PyObject *item = box_element(elem, list, i);
        int status = !item ? -1 : beyond ? PyList_Append(o, item) : PyList_SetItem(o, i, Py_NewRef(item));
        Py_XDECREF(item);
        if (status < 0) return -1;
    }
    return 0;
}

void *naja_reflect_end(ReflectChain *c, void *result) {
    PyObject *type, *value, *traceback;
    chain = c->previous;
    if (c->n == 0 && !c->kept) return result;
    PyErr_Fetch(&type, &value, &traceback);
    int status = 0;
    for (int64_t i = 0; i < c->capacity; i++)
        if (c->block[i] && c->block[i]->extra && reflect_write_back(c->block[i]) < 0) status = -1;
    for (int64_t i = 0; i < c->capacity; i++) {
        if (!c->block[i]) continue;
        PyObject *parent = list_body(c->block[i])->parent;
        list_body(c->block[i])->parent = NULL;
        block_release(c->block[i]);
        Py_DECREF(parent);
    }
    free(c->block);
    Py_XDECREF((PyObject *)c->kept);
    if (type || status == 0) {
        PyErr_Clear();
        PyErr_Restore(type, value, traceback);
        return result;
    }
    Py_XDECREF((PyObject *)result);
    return NULL;
}

/* ---- arguments that outlive the call -------------------------------------------------------------------------------- */

/* The owner made last, while it lives.  Many pieces of one string, or views of one array, are stored one after another and
 * share it (str.split: 10 times faster).  The GIL guards it: an owner dies with the GIL held. */
#ifndef Py_GIL_DISABLED
static MemoryBlock *last_owner;
#endif

static void forget_owner(MemoryBlock *b) {
#ifndef Py_GIL_DISABLED
    if (last_owner == b) last_owner = NULL;
#endif
}

/* A new reference to the last owner if it is this object's; its last reference may be gone already, though. */
static MemoryBlock *same_owner(PyObject *o) {
#ifndef Py_GIL_DISABLED
    if (!last_owner || last_owner->extra != o) return NULL;
    int64_t count = atomic_load_explicit(&last_owner->count, memory_order_relaxed);
    while (count > 0)
        if (atomic_compare_exchange_weak(&last_owner->count, &count, count + 1)) return last_owner;
#endif
    return NULL;
}

static MemoryBlock *new_owner(PyObject *o) {
    MemoryBlock *owner = object_owner(o);
#ifndef Py_GIL_DISABLED
    if (owner) last_owner = owner;
#endif
    return owner;
}

static void drop_object(MemoryBlock *b) {
#if PY_VERSION_HEX >= 0x030D0000
    if (Py_IsFinalizing()) return;
#else
    if (_Py_IsFinalizing()) return;
#endif
    PyGILState_STATE state = gil_take();
    forget_owner(b);
    Py_DECREF((PyObject *)b->extra);
    PyGILState_Release(state);
}

MemoryBlock *object_owner(PyObject *o) {
    MemoryBlock *owner = naja_block_new(0);
    if (!owner) return NULL;
    owner->extra = Py_NewRef(o);
    owner->destroy = drop_object;
    return owner;
}

static int32_t escape(Context *context, void *parent, const void *data, MemoryBlock **owner) {
    while (context->parent) context = context->parent;
    PyGILState_STATE state = gil_take();
    const Specialisation *spec = context->spec;
    Arguments args = {context->args ? spec->nargs : 0, (PyObject *const *)context->args};
    PyObject *o = parent ? parent : find_argument(args, data);
    if (!o) o = spec->owner; /* a constant lies in the code, which the dispatcher keeps loaded */
    *owner = o ? same_owner(o) : NULL;
    if (o && !*owner) *owner = new_owner(o);
    PyGILState_Release(state);
    return o && !*owner ? STATUS_MEMORY : STATUS_OK;
}

void lists_start(void) { runtime_hooks.escape = escape; }
