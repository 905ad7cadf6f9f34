/* typed.c - naja._core.Typed: the base of naja.typed.List, Dict and Set, which share their memory with compiled code. */
#include "boundary/typed.h"

#include "boundary/binding.h"
#include "boundary/specialisation.h"
#include "runtime/runtime.h"

PyObject *typed_wrap(PyTypeObject *cls, const Type *t, MemoryBlock *steal) {
    TypedObject *o = (TypedObject *)cls->tp_alloc(cls, 0);
    if (o) {
        o->type = t;
        o->block = steal;
    } else block_release(steal);
    return (PyObject *)o;
}

static void dealloc(PyObject *o) {
    PyTypeObject *cls = Py_TYPE(o);
    if (as_typed(o)->weakrefs) PyObject_ClearWeakRefs(o);
    block_release(as_typed(o)->block);
    cls->tp_free(o);
    Py_DECREF(cls);
}

/* ---- as an argument and a result ------------------------------------------------------------------------------- */

const Type *typed_typeof(PyObject *o) { return as_typed(o)->type; }

int typed_unbox(const Type *t, PyObject *o, Slot *out) {
    if (!is_typed(o) || as_typed(o)->type != t) {
        PyErr_Format(PyExc_TypeError, "expected a %s, got %.100s", t->name,
                     is_typed(o) && as_typed(o)->type ? as_typed(o)->type->name : Py_TYPE(o)->tp_name);
        return -1;
    }
    *out = (Slot)(uintptr_t)as_typed(o)->block;
    return 0;
}

PyObject *typed_box(const Type *t, MemoryBlock *steal) {
    PyTypeObject *cls = t->kind == TYPE_LIST   ? core.typed_list_type
                        : t->kind == TYPE_DICT ? core.typed_dict_type
                                               : core.typed_set_type;
    return typed_wrap(cls, t, steal);
}

PyObject *typed_repr(const Type *t, const char *unknown, PyObject *steal_items) {
    PyObject *text = steal_items ? PyUnicode_FromFormat("%s(%U)", t ? t->name : unknown, steal_items) : NULL;
    Py_XDECREF(steal_items);
    return text;
}

/* ---- making ---------------------------------------------------------------------------------------------------- */

bool typed_is_disabled(void) {
    PyObject *config = PyImport_ImportModule("naja.config");
    PyObject *value = config ? PyObject_GetAttrString(config, "DISABLE_JIT") : NULL;
    bool disabled = value && PyObject_IsTrue(value) > 0;
    Py_XDECREF(config);
    Py_XDECREF(value);
    PyErr_Clear();
    return disabled;
}

static const Type *named(PyObject *o) {
    if (PyObject_TypeCheck(o, core.type_type)) return type_from_object(o);
    PyObject *types = PyImport_ImportModule("naja.types");
    PyObject *type = types ? PyObject_CallMethod(types, "as_type", "O", o) : NULL;
    Py_XDECREF(types);
    if (type) {
        const Type *t = type_from_object(type);
        Py_DECREF(type);
        return t;
    }
    PyErr_Clear();
    return typeof_argument(o);
}

const Type *typed_named(PyObject *o) {
    const Type *t = named(o);
    return t ? type_stored(t) : NULL;
}

/* ---- the type ---------------------------------------------------------------------------------------------------- */

static PyObject *get_type(PyObject *o, void *unused) {
    const Type *t = as_typed(o)->type;
    if (!t)
        return PyErr_Format(PyExc_TypeError, "invalid operation on untyped container: it has no type yet");
    return Py_XNewRef(type_object_borrow(t));
}
static PyObject *get_typed(PyObject *o, void *unused) { return PyBool_FromLong(as_typed(o)->type != NULL); }

/* clang-format off */
static PyGetSetDef typed_getset[] = {
    {"_numba_type_", get_type, NULL, "the container's type", NULL},
    {"_typed", get_typed, NULL, "whether the type is known", NULL},
    {0},
};
static PyMemberDef typed_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(TypedObject, weakrefs), READONLY, NULL},
    {0},
};
static PyType_Slot typed_slots[] = {
    {Py_tp_doc, "Base of the containers that Python and compiled code share."},
    {Py_tp_dealloc, dealloc},
    {Py_tp_hash, PyObject_HashNotImplemented},
    {Py_tp_getset, typed_getset},
    {Py_tp_members, typed_members},
    {0, NULL},
};
/* clang-format on */
static PyType_Spec typed_spec = {
    .name = "naja._core.Typed",
    .basicsize = sizeof(TypedObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = typed_slots,
};

PyTypeObject *typed_class(PyObject *module, PyType_Spec *spec) {
    PyObject *cls = PyType_FromModuleAndSpec(module, spec, (PyObject *)core.typed_type);
    if (cls && PyModule_AddObjectRef(module, strrchr(spec->name, '.') + 1, cls) < 0) Py_CLEAR(cls);
    return (PyTypeObject *)cls;
}

int typed_start(PyObject *module) {
    core.typed_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &typed_spec, NULL);
    return core.typed_type && typed_list_start(module) == 0 && typed_table_start(module) == 0 &&
                   typed_dict_start(module) == 0 && typed_set_start(module) == 0
               ? 0
               : -1;
}
