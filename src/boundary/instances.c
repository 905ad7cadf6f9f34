/* instances.c - instances of jitclasses and structrefs as Python objects, and the types of their classes.
 *
 * `_core.Instance` is the base of all their classes: a block and its type.  Several objects may hold one block.  The class
 * of an object that compiled code returns is the attribute `_box_class` of the type's Python object.  Members are read
 * and written in place, by descriptors (`_core.InstanceMember`) that know the member's offset: nothing is compiled for that.
 *
 * What is written must have the member's type or convert to it; what it borrows from Python gets an owner, as in compiled
 * code (lower_escape).
 */
#include "boundary/cells.h"
#include "runtime/runtime.h"

typedef struct {
    PyObject_HEAD
    MemoryBlock *block; /* NULL: made without a constructor */
    const Type *type;
} Instance;

typedef struct {
    PyObject_HEAD
    const Type *type; /* of the instances */
    uint32_t index;
    PyObject *name;
} InstanceMember;

/* ---- instances ---------------------------------------------------------------------------------------------------- */

const Type *instance_typeof(PyObject *o) {
    const Instance *self = (Instance *)o;
    if (self->block) return self->type;
    return error_raise("TypingError", "%.200R was made without its constructor", (void *)Py_TYPE(o));
}

int instance_unbox(const Type *t, PyObject *o, Slot *out) {
    if (!is_instance(o) || !((Instance *)o)->block || ((Instance *)o)->type != t) {
        PyErr_Format(PyExc_TypeError, "expected a %s, got %.100s", t->name, Py_TYPE(o)->tp_name);
        return -1;
    }
    *out = (Slot)(uintptr_t)((Instance *)o)->block;
    return 0;
}

PyObject *instance_box(const Type *t, MemoryBlock *steal) {
    PyObject *type = type_object_borrow(t), *cls = NULL;
    if (!steal)
        PyErr_Format(PyExc_AttributeError, "a value of type %s is read before it is assigned", t->name);
    else if (type) cls = PyObject_GetAttrString(type, "_box_class");
    bool fits = cls && PyType_Check(cls) && PyType_IsSubtype((PyTypeObject *)cls, core.instance_type);
    if (cls && !fits)
        PyErr_Format(PyExc_TypeError,
                     "values of type %s have no class in Python: see structref.define_boxing", t->name);
    PyObject *o = fits ? ((PyTypeObject *)cls)->tp_alloc((PyTypeObject *)cls, 0) : NULL;
    if (o) {
        ((Instance *)o)->block = steal;
        ((Instance *)o)->type = t;
    } else {
        block_release(steal);
    }
    Py_XDECREF(cls);
    return o;
}

static void instance_dealloc(PyObject *o) {
    PyTypeObject *cls = Py_TYPE(o);
    block_release(((Instance *)o)->block);
    cls->tp_free(o);
    Py_DECREF(cls);
}

static PyObject *instance_reduce(PyObject *o, PyObject *unused) {
    return PyErr_Format(PyExc_TypeError, "cannot pickle %.200R: its memory belongs to compiled code",
                        Py_TYPE(o));
}

static PyObject *get_type(PyObject *o, void *unused) {
    const Type *t = instance_typeof(o);
    return t ? Py_XNewRef(type_object_borrow(t)) : NULL;
}

/* Where the members lie, and the block itself: for those who look at memory. */
static PyObject *get_address(PyObject *o, void *of_block) {
    MemoryBlock *b = ((Instance *)o)->block;
    return PyLong_FromVoidPtr(of_block || !b ? (void *)b : block_data(b));
}

static int instance_setattro(PyObject *o, PyObject *name, PyObject *value) {
    PyObject *descriptor = _PyType_Lookup(Py_TYPE(o), name);
    if (descriptor && Py_TYPE(descriptor)->tp_descr_set)
        return Py_TYPE(descriptor)->tp_descr_set(descriptor, o, value);
    PyErr_Format(PyExc_AttributeError,
                 "'%.100s' object has no attribute '%U'; the members of a compiled class are fixed",
                 Py_TYPE(o)->tp_name, name);
    return -1;
}

static PyGetSetDef instance_getset[] = {
    {"_numba_type_", get_type, NULL, "type of the instance in compiled code", NULL},
    {"_data_address", get_address, NULL, "address of the first member", NULL},
    {"_block_address", get_address, NULL, "address of the memory block", (void *)1},
    {0},
};
static PyMethodDef instance_methods[] = {
    {"__reduce__", instance_reduce, METH_NOARGS, NULL},
    {0},
};
static PyType_Slot instance_slots[] = {
    {Py_tp_doc, "An object whose members lie in memory of compiled code."},
    {Py_tp_dealloc, instance_dealloc},
    {Py_tp_setattro, instance_setattro},
    {Py_tp_getset, instance_getset},
    {Py_tp_methods, instance_methods},
    {0, NULL},
};
static PyType_Spec instance_spec = {
    .name = "naja._core.Instance",
    .basicsize = sizeof(Instance),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = instance_slots,
};

/* ---- members -------------------------------------------------------------------------------------------------------- */

/* The address of the member in an instance; NULL with an exception. */
static char *member_address(const InstanceMember *d, PyObject *o, const Member **m) {
    Slot block;
    const InstanceLayout *layout = type_layout(d->type);
    if (!layout) return error_raise("TypingError", "the members of %s are not defined yet", d->type->name);
    if (instance_unbox(d->type, o, &block) < 0) return NULL;
    *m = &layout->member[d->index];
    return (char *)block_data((MemoryBlock *)(uintptr_t)block) + (*m)->offset;
}

static bool is_unassigned(const Type *t, const Slot *slot) {
    return (type_is_block(t) && !slot[0]) || (t->kind == TYPE_STR && !(uint32_t)slot[STR_KIND]);
}

static PyObject *member_get(PyObject *descriptor, PyObject *o, PyObject *cls) {
    const InstanceMember *d = (InstanceMember *)descriptor;
    const Member *m = NULL;
    if (!o || o == Py_None) return Py_NewRef(descriptor);
    const char *cell = member_address(d, o, &m);
    if (!cell) return NULL;
    if (type_is_number(m->type)) return cell_to_object(m->type, cell);
    Slot slot[m->type->nleaves + 1];
    cell_to_slots(m->type, cell, slot);
    if (is_unassigned(m->type, slot))
        return PyErr_Format(PyExc_AttributeError, "attribute '%U' is read before it is assigned", d->name);
    return cell_to_object(m->type, cell);
}

/* Not of numbers, which unboxing converts itself. */
static int check_value(const InstanceMember *d, const Type *to, PyObject *value) {
    const Type *from = typeof_argument(value);
    if (!from) return -1;
    if (type_can_convert(from, to) != CONVERT_NO) return 0;
    error_raise("TypingError", "Cannot cast %s to %s: attribute '%U' of %s", from->name, to->name, d->name,
                d->type->name);
    return -1;
}

static int write_member(const Type *t, PyObject *value, char *cell) {
    Slot slot[t->nleaves + 1];
    uint64_t managed = type_cell_managed(t);
    ReflectChain chain; /* for lists */
    naja_reflect_begin(&chain);
    int status = unbox_value(t, value, slot);
    if (status == 0 && value != Py_None) status = cell_own_slots(managed, value, slot);
    if (!naja_reflect_end(&chain, status < 0 ? NULL : (void *)value) || status < 0) return -1;
    char old[type_cell_nbytes(t) + 8];
    memcpy(old, cell, (size_t)type_cell_nbytes(t));
    cell_from_slots(t, slot, cell);
    cell_release(managed, old);
    return 0;
}

static int member_set(PyObject *descriptor, PyObject *o, PyObject *value) {
    const InstanceMember *d = (InstanceMember *)descriptor;
    const Member *m = NULL;
    if (!value) {
        PyErr_Format(PyExc_AttributeError, "attribute '%U' cannot be deleted", d->name);
        return -1;
    }
    char *cell = member_address(d, o, &m);
    if (!cell || (!type_is_number(m->type) && check_value(d, m->type, value) < 0)) return -1;
    return write_member(m->type, value, cell);
}

static void member_dealloc(PyObject *o) {
    PyTypeObject *cls = Py_TYPE(o);
    Py_XDECREF(((InstanceMember *)o)->name);
    PyObject_Free(o);
    Py_DECREF(cls);
}

static PyType_Slot member_slots[] = {
    {Py_tp_doc, "A member of the instances of a class."},
    {Py_tp_dealloc, member_dealloc},
    {Py_tp_descr_get, member_get},
    {Py_tp_descr_set, member_set},
    {0, NULL},
};
static PyType_Spec member_spec = {
    .name = "naja._core.InstanceMember",
    .basicsize = sizeof(InstanceMember),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = member_slots,
};

/* ---- functions of naja._core ----------------------------------------------------------------------------------------- */

static const Type *as_instance_type(PyObject *o) {
    const Type *t = type_from_object(o);
    if (!t || t->kind == TYPE_INSTANCE) return t;
    PyErr_Format(PyExc_TypeError, "%s is not the type of an instance", t->name);
    return NULL;
}

static PyObject *instance_type(PyObject *m, PyObject *args) {
    PyObject *descriptor;
    const char *name;
    if (!PyArg_ParseTuple(args, "Os:instance_type", &descriptor, &name)) return NULL;
    Handle h = handle_of(descriptor);
    return h ? Py_XNewRef(type_object_borrow(type_instance(h, name))) : NULL;
}

static int read_members(PyObject *names, PyObject *types, const char **name, const Type **type, uint32_t n) {
    if (types_from_sequence(types, type, &n) < 0) return -1;
    for (uint32_t i = 0; i < n; i++)
        if (!(name[i] = PyUnicode_AsUTF8(PyTuple_GET_ITEM(names, i)))) return -1;
    return 0;
}

static PyObject *instance_define(PyObject *m, PyObject *args) {
    PyObject *type_object, *names, *types;
    if (!PyArg_ParseTuple(args, "OO!O!:instance_define", &type_object, &PyTuple_Type, &names, &PyTuple_Type,
                          &types))
        return NULL;
    const Type *t = as_instance_type(type_object);
    Py_ssize_t n = PyTuple_GET_SIZE(names);
    if (!t) return NULL;
    if (n != PyTuple_GET_SIZE(types)) return PyErr_Format(PyExc_ValueError, "a name without a type");
    const char **name = PyMem_New(const char *, n + 1);
    const Type **type = PyMem_New(const Type *, n + 1);
    int status = name && type ? read_members(names, types, name, type, (uint32_t)n) : (PyErr_NoMemory(), -1);
    if (status == 0 && !type_define_instance(t, (uint32_t)n, name, type)) {
        PyErr_Format(PyExc_ValueError, "the members of %s are defined already", t->name);
        status = -1;
    }
    PyMem_Free(name);
    PyMem_Free(type);
    if (status < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *instance_member(PyObject *m, PyObject *args) {
    PyObject *type_object, *name;
    unsigned index;
    if (!PyArg_ParseTuple(args, "OIU:instance_member", &type_object, &index, &name)) return NULL;
    const Type *t = as_instance_type(type_object);
    InstanceMember *d = t ? PyObject_New(InstanceMember, core.member_type) : NULL;
    if (!d) return NULL;
    d->type = t;
    d->index = index;
    d->name = Py_NewRef(name);
    return (PyObject *)d;
}

static PyObject *deferred_type_(PyObject *m, PyObject *token) {
    Handle h = handle_of(token);
    return h ? Py_XNewRef(type_object_borrow(type_deferred(h))) : NULL;
}

static PyObject *deferred_define(PyObject *m, PyObject *args) {
    PyObject *deferred, *as;
    if (!PyArg_ParseTuple(args, "OO:deferred_define", &deferred, &as)) return NULL;
    const Type *t = type_from_object(deferred), *to = t ? type_from_object(as) : NULL;
    if (!to) return NULL;
    if (t->kind != TYPE_DEFERRED) return PyErr_Format(PyExc_TypeError, "%s is not a deferred type", t->name);
    if (!type_define_deferred(t, to)) return PyErr_Format(PyExc_TypeError, "deferred type already defined");
    Py_RETURN_NONE;
}

static PyObject *type_resolve_(PyObject *m, PyObject *o) {
    const Type *t = type_from_object(o), *resolved = t ? type_resolve(t) : NULL;
    if (!t) return NULL;
    if (!resolved) Py_RETURN_NONE;
    return Py_XNewRef(type_object_borrow(resolved));
}

static PyMethodDef functions[] = {
    {"instance_type", instance_type, METH_VARARGS,
     "instance_type(descriptor, name)\n--\n\nType of the instances that an object (a class) describes."},
    {"instance_define", instance_define, METH_VARARGS,
     "instance_define(type, names, types)\n--\n\nSay, once, which members the instances have."},
    {"instance_member", instance_member, METH_VARARGS,
     "instance_member(type, index, name)\n--\n\nDescriptor for a member, for the class of the instances."},
    {"deferred_type", deferred_type_, METH_O,
     "deferred_type(token)\n--\n\nA type that is named before it exists."},
    {"deferred_define", deferred_define, METH_VARARGS,
     "deferred_define(deferred, type)\n--\n\nSay, once, what a deferred type stands for."},
    {"type_resolve", type_resolve_, METH_O,
     "type_resolve(type)\n--\n\nThe type without deferred ones in it; None: one is not defined."},
    {0},
};

int instances_start(PyObject *module) {
    core.instance_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &instance_spec, NULL);
    core.member_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &member_spec, NULL);
    if (!core.instance_type || !core.member_type || PyModule_AddType(module, core.instance_type) < 0)
        return -1;
    return PyModule_AddFunctions(module, functions);
}
