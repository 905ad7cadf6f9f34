/* closure.c - inner functions that Python holds: compiled code with the values that it has captured.
 *
 * The object has the leaves of a value of CLOSURE type, which own what they refer to (lower_kept_captures in
 * library/cells.c), so two inner functions that share a variable still share it in Python.  As an argument of a compiled
 * function it is that value again, and a call of it is a call of a compiled function that does nothing but call its
 * argument (naja/library/closures.py).  An inner function that has captured nothing becomes a dispatcher.
 */
#include "boundary/specialisation.h"
#include "boundary/state.h"
#include "runtime/runtime.h"

typedef struct {
    PyVarObject head; /* ob_size: how many leaves there are */
    vectorcallfunc call;
    const Type *type;
    PyObject *code, *lender; /* what the type's handles name */
    PyObject *caller;        /* compiled: caller(function, *args, **keywords) */
    PyObject *weakrefs;
    Slot leaf[];
} Closure;

static void release_leaves(const Type *t, const Slot *leaf) {
    uint32_t n = type_owners(t, NULL), owner[n + 1];
    type_owners(t, owner);
    for (uint32_t i = 0; i < n; i++)
        if (leaf[owner[i]]) block_release((MemoryBlock *)(uintptr_t)leaf[owner[i]]);
}

/* ---- calls --------------------------------------------------------------------------------------------------------- */

static PyObject *closure_call(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *keywords) {
    size_t nargs = (size_t)PyVectorcall_NARGS(nargsf),
           n = nargs + (keywords ? (size_t)PyTuple_GET_SIZE(keywords) : 0);
    PyObject *few[9], **all = n < ARRAY_LEN(few) ? few : PyMem_Malloc((n + 1) * sizeof *all);
    if (!all) return PyErr_NoMemory();
    all[0] = self;
    if (n) memcpy(all + 1, args, n * sizeof *all);
    PyObject *result = PyObject_Vectorcall(((Closure *)self)->caller, all, nargs + 1, keywords);
    if (all != few) PyMem_Free(all);
    return result;
}

/* ---- making one ---------------------------------------------------------------------------------------------------- */

static PyObject *new_closure(const Type *t, const Slot *leaf, PyObject *code, PyObject *lender,
                             PyObject *steal_caller) {
    Closure *c = PyObject_GC_NewVar(Closure, core.closure_type, t->nleaves);
    if (!c) {
        Py_DECREF(steal_caller);
        return NULL;
    }
    c->call = closure_call;
    c->type = t;
    c->code = Py_NewRef(code);
    c->lender = Py_NewRef(lender);
    c->caller = steal_caller;
    c->weakrefs = NULL;
    if (t->nleaves) memcpy(c->leaf, leaf, t->nleaves * sizeof *leaf);
    PyObject_GC_Track(c);
    return (PyObject *)c;
}

PyObject *closure_box(const Type *t, const Slot *leaf, PyObject *dispatcher) {
    PyObject *code = handle_object_borrow(t->handle), *lender = handle_object_borrow(type_closure_lender(t));
    PyObject *made = NULL, *caller = NULL, *options = NULL;
    if (!code || !lender) PyErr_Format(PyExc_ReferenceError, "the code of %s is gone", t->name);
    else if (dispatcher) options = PyObject_GetAttrString(dispatcher, "targetoptions");
    else options = PyDict_New();
    if (options && t->nelem == 0)
        made = call_python("naja.library.closures", "function_of",
                           Py_BuildValue("OOO", code, lender, options));
    if (made == Py_None) Py_CLEAR(made);
    if (options && !made && !PyErr_Occurred())
        caller = call_python("naja.library.closures", "caller", Py_BuildValue("(O)", options));
    if (caller) made = new_closure(t, leaf, code, lender, caller);
    if (!caller || !made) release_leaves(t, leaf);
    Py_XDECREF(options);
    return made;
}

static int closure_clear(PyObject *o) {
    Closure *c = (Closure *)o;
    Py_CLEAR(c->code);
    Py_CLEAR(c->lender);
    return 0;
}

static void closure_dealloc(PyObject *o) {
    Closure *c = (Closure *)o;
    PyTypeObject *cls = Py_TYPE(o);
    PyObject_GC_UnTrack(o);
    if (c->weakrefs) PyObject_ClearWeakRefs(o);
    release_leaves(c->type, c->leaf);
    closure_clear(o);
    Py_XDECREF(c->caller);
    PyObject_GC_Del(o);
    Py_DECREF(cls);
}

static int closure_traverse(PyObject *o, visitproc visit, void *arg) {
    Closure *c = (Closure *)o;
    Py_VISIT(Py_TYPE(o));
    Py_VISIT(c->code);
    Py_VISIT(c->lender);
    Py_VISIT(c->caller);
    return 0;
}

/* ---- in compiled code ------------------------------------------------------------------------------------------------ */

const Type *closure_typeof(PyObject *o) { return ((Closure *)o)->type; }

int closure_unbox(const Type *t, PyObject *o, Slot *out) {
    if (Py_TYPE(o) != core.closure_type || ((Closure *)o)->type != t) {
        PyErr_Format(PyExc_TypeError, "expected %s, got %.100s", t->name, Py_TYPE(o)->tp_name);
        return -1;
    }
    memcpy(out, ((Closure *)o)->leaf, t->nleaves * sizeof *out);
    return 0;
}

/* ---- the type ---------------------------------------------------------------------------------------------------------- */

static const char *text_of_code(const Closure *c, const char *attribute, PyObject **text) {
    *text = c->code ? PyObject_GetAttrString(c->code, attribute) : NULL;
    const char *utf8 = *text ? PyUnicode_AsUTF8(*text) : NULL;
    if (!utf8) PyErr_Clear();
    return utf8 ? utf8 : "?";
}

static PyObject *closure_repr(PyObject *o) {
    PyObject *text;
    const char *name = text_of_code((Closure *)o, "co_qualname", &text);
    PyObject *repr = PyUnicode_FromFormat("<compiled inner function %s at %p>", name, (void *)o);
    Py_XDECREF(text);
    return repr;
}

static PyObject *get_of_code(PyObject *o, void *attribute) {
    return PyObject_GetAttrString(((Closure *)o)->code, attribute);
}
static PyObject *get_of_lender(PyObject *o, void *attribute) {
    return PyObject_GetAttrString(((Closure *)o)->lender, attribute);
}
/* Numbers, functions: what code can hold as constants.  Nothing if it holds memory, too. */
static PyObject *get_captured(PyObject *o, void *unused) {
    const Type *t = closure_typeof(o);
    PyObject *captured = PyTuple_New(type_is_managed(t) ? 0 : t->nelem);
    const Slot *leaf = ((Closure *)o)->leaf;
    for (Py_ssize_t i = 0; captured && i < PyTuple_GET_SIZE(captured); leaf += t->elem[i++]->nleaves) {
        PyObject *value = box_value(t->elem[i], leaf, (Arguments){0});
        if (value) PyTuple_SET_ITEM(captured, i, value);
        else Py_CLEAR(captured);
    }
    return captured;
}
static PyObject *get_code(PyObject *o, void *unused) { return Py_NewRef(((Closure *)o)->code); }

/* The first constant of a function with a docstring. */
static PyObject *get_doc(PyObject *o, void *unused) {
    const PyCodeObject *code = (PyCodeObject *)((Closure *)o)->code;
    PyObject *first = PyTuple_GET_SIZE(code->co_consts) ? PyTuple_GET_ITEM(code->co_consts, 0) : Py_None;
    return Py_NewRef(PyUnicode_Check(first) ? first : Py_None);
}

static PyGetSetDef closure_getset[] = {
    {"__name__", get_of_code, NULL, "The inner function's name.", "co_name"},
    {"__qualname__", get_of_code, NULL, "The inner function's name with those around it.", "co_qualname"},
    {"__module__", get_of_lender, NULL, "The module of the function that made it.", "__module__"},
    {"__doc__", get_doc, NULL, "The inner function's documentation.", NULL},
    {"__code__", get_code, NULL, "The inner function's Python code.", NULL},
    {"_captured", get_captured, NULL, "The captured values, if all of them can be constants.", NULL},
    {0},
};
static PyMemberDef closure_members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(Closure, call), READONLY, NULL},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(Closure, weakrefs), READONLY, NULL},
    {0},
};
static PyType_Slot closure_slots[] = {
    {Py_tp_dealloc, closure_dealloc}, {Py_tp_traverse, closure_traverse},
    {Py_tp_clear, closure_clear},     {Py_tp_call, PyVectorcall_Call},
    {Py_tp_repr, closure_repr},       {Py_tp_getset, closure_getset},
    {Py_tp_members, closure_members}, {0, NULL},
};
static PyType_Spec closure_spec = {
    .name = "naja._core.Closure",
    .basicsize = offsetof(Closure, leaf),
    .itemsize = sizeof(Slot),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL |
             Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = closure_slots,
};

int closure_start(PyObject *module) {
    core.closure_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &closure_spec, NULL);
    return core.closure_type ? PyModule_AddObjectRef(module, "Closure", (PyObject *)core.closure_type) : -1;
}
