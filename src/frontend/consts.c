/* consts.c - Python objects that are known when a function is compiled: constants, globals, builtins.
 *
 * Numbers, booleans, None and short tuples of anything become instructions of their own, so that later stages see
 * their values; every other object is a const_object with its handle.  Only exact types count: a subclass of int
 * has operators of its own.
 */
#include "frontend/build.h"

/* Longer tuples are const_objects: data, not operands. */
enum { LONGEST_TUPLE = 64, DEEPEST_TUPLE = 8 };

static ValueId fail(Frame *f) {
    f->b->failed = true;
    return ssa_undef(&f->b->ssa, f->stack_var);
}

ValueId object_of(Frame *f, PyObject *o) {
    Handle h = f->b->host->handle_of(o);
    if (h == 0) return fail(f);
    ValueId v = emit_op(f, OP_const_object, 0, NULL);
    inst_at(f->b->f, v)->imm.handle = h;
    return v;
}

ValueId declared_value(Frame *f, uint32_t slot, ValueId v) {
    PyObject *locals = f->outer ? NULL : f->b->locals,
             *name = PyTuple_GET_ITEM(f->code->co_localsplusnames, slot);
    PyObject *type = locals ? PyDict_GetItemWithError(locals, name) : NULL;
    if (!type) return PyErr_Occurred() ? fail(f) : v;
    PyObject *low = PyImport_ImportModule("naja.library.low");
    PyObject *convert = low ? PyObject_GetAttrString(low, "declared") : NULL;
    if (convert) {
        ValueId call[4] = {object_of(f, convert), v, object_of(f, type), object_of(f, name)};
        v = emit_op(f, OP_call, 4, call);
    }
    Py_XDECREF(convert);
    Py_XDECREF(low);
    return PyErr_Occurred() ? fail(f) : v;
}

PyObject *object_behind(Frame *f, ValueId v) {
    const Inst *i = inst_at(f->b->f, v);
    return i->op == OP_const_object ? f->b->host->object_of(i->imm.handle) : NULL;
}

/* int64, else uint64, else refused. */
static ValueId int_of(Frame *f, PyObject *o) {
    Builder *b = &f->b->b;
    int overflow;
    long long value = PyLong_AsLongLongAndOverflow(o, &overflow);
    if (!overflow) return ir_const_int(b, type_literal_int(value), value);
    unsigned long long bits = overflow > 0 ? PyLong_AsUnsignedLongLong(o) : 0;
    if (overflow > 0 && !PyErr_Occurred()) return ir_const_int(b, type_u64, (int64_t)bits);
    PyErr_Clear(); /* OverflowError: said in our words */
    build_error(f, DIAG_INTEGER_TOO_LARGE, "%s", "an integer constant does not fit 64 bits");
    return ssa_undef(&f->b->ssa, f->stack_var);
}

static ValueId value_of(Frame *f, PyObject *o, uint32_t depth);

static ValueId tuple_of(Frame *f, PyObject *o, uint32_t depth) {
    uint32_t n = (uint32_t)PyTuple_GET_SIZE(o);
    ValueId *v = arena_array(f->b->arena, ValueId, n + 1);
    for (uint32_t i = 0; i < n && !f->b->failed; i++) v[i] = value_of(f, PyTuple_GET_ITEM(o, i), depth + 1);
    return f->b->failed ? ssa_undef(&f->b->ssa, f->stack_var) : emit_op(f, OP_tuple, n, v);
}

/* A constant set, as in `x in {1, 2, 3}`: its items are a tuple. */
static ValueId frozenset_of(Frame *f, PyObject *o, uint32_t depth) {
    PyObject *items = PySequence_Tuple(o);
    if (!items) return fail(f);
    ValueId v = tuple_of(f, items, depth);
    Py_DECREF(items);
    return v;
}

static ValueId slice_of(Frame *f, PyObject *o, uint32_t depth) {
    const PySliceObject *s = (const PySliceObject *)o;
    ValueId start = value_of(f, s->start, depth + 1);
    ValueId stop = value_of(f, s->stop, depth + 1);
    return emit_value(f, OP_slice, start, stop, value_of(f, s->step, depth + 1));
}

static ValueId value_of(Frame *f, PyObject *o, uint32_t depth) {
    Builder *b = &f->b->b;
    if (o == Py_None) return ir_none(b);
    if (PyBool_Check(o)) return ir_const_int(b, type_literal_bool(o == Py_True), o == Py_True);
    if (PyLong_CheckExact(o)) return int_of(f, o);
    if (PyFloat_CheckExact(o)) return ir_const_float(b, type_f64, PyFloat_AS_DOUBLE(o));
    if (PyTuple_CheckExact(o) && PyTuple_GET_SIZE(o) <= LONGEST_TUPLE && depth < DEEPEST_TUPLE)
        return tuple_of(f, o, depth);
    if (PyFrozenSet_CheckExact(o) && PySet_GET_SIZE(o) <= LONGEST_TUPLE && depth < DEEPEST_TUPLE)
        return frozenset_of(f, o, depth);
    if (PySlice_Check(o) && depth < DEEPEST_TUPLE) return slice_of(f, o, depth);
    return object_of(f, o);
}

ValueId const_of(Frame *f, PyObject *o) { return value_of(f, o, 0); }

ValueId library_function(Frame *f, const char *module_name, const char *name) {
    PyObject *module = PyImport_ImportModule(module_name);
    PyObject *o = module ? PyObject_GetAttrString(module, name) : NULL;
    ValueId v = o ? object_of(f, o) : fail(f);
    Py_XDECREF(o);
    Py_XDECREF(module);
    return v;
}

ValueId text_value(Frame *f, const char *text) {
    PyObject *o = PyUnicode_FromString(text);
    ValueId v = o ? const_of(f, o) : NO_VALUE;
    if (!o) f->b->failed = true;
    Py_XDECREF(o);
    return v;
}

/* A function that is compiled before its own name is bound may call itself by that name. */
static bool is_own_name(Frame *f, PyObject *name) {
    PyObject *lender = f->b->host->object_of(f->b->source->lender);
    PyFunctionObject *fn = (PyFunctionObject *)lender;
    return lender && PyUnicode_Compare(fn->func_name, name) == 0 &&
           PyUnicode_Compare(fn->func_qualname, name) == 0;
}

/* One of naja's own public names, such as prange. */
static bool is_public_name(PyObject *name) {
    PyObject *naja = PyDict_GetItemString(PyImport_GetModuleDict(), "naja");
    PyObject *all = naja ? PyObject_GetAttrString(naja, "__all__") : NULL;
    int found = all ? PySequence_Contains(all, name) : 0;
    Py_XDECREF(all);
    PyErr_Clear();
    return found > 0;
}

static void undefined_name(Frame *f, PyObject *name) {
    const char *text = text_of(f->b, name);
    if (is_public_name(name))
        build_error(
            f, DIAG_UNDEFINED_NAME,
            "NameError: name '%s' is not defined: '%s' looks like a Numba internal function, has it been "
            "imported?",
            text, text);
    else build_error(f, DIAG_UNDEFINED_NAME, "NameError: name '%s' is not defined", text);
}

ValueId global_of(Frame *f, PyObject *name) {
    Build *b = f->b;
    PyObject *o = PyDict_GetItemWithError(b->globals, name);
    if (!o && !PyErr_Occurred()) o = PyDict_GetItemWithError(b->builtins, name);
    if (o) return const_of(f, o);
    if (PyErr_Occurred()) return fail(f);
    if (is_own_name(f, name)) return object_of(f, b->host->object_of(b->source->lender));
    undefined_name(f, name);
    return ssa_undef(&b->ssa, f->stack_var);
}
