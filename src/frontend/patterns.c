/* patterns.c - statements that take things apart or bring them in: `a, *b = t`, sequence patterns, imports.
 *
 *   a, *b, c = t       a library function gives (t[0], [t[1], ...], t[-1]); the tuple is unpacked as any other
 *   case [x, y]:       is it a sequence (known from its type), and of this length
 *   import m           the module is imported when the function is compiled and stands as a constant
 */
#include "frontend/build.h"


/* The low byte of the argument: items before the star; the rest: behind it. */
void op_unpack_ex(Frame *f, int32_t counts) {
    Build *b = f->b;
    int32_t before = counts & 0xff, after = counts >> 8;
    ValueId from = pop(f), args[4] = {library_function(f, "naja.library.low", "unpack_star"), from,
                                      ir_const_int(&b->b, type_literal_int(before), before),
                                      ir_const_int(&b->b, type_literal_int(after), after)};
    push(f, emit_op(f, OP_call, ARRAY_LEN(args), args));
    op_unpack(f, before + 1 + after);
}

void op_length(Frame *f, int32_t arg) {
    PyObject *len = PyDict_GetItemString(f->b->builtins, "len");
    ValueId callee = len ? object_of(f, len) : NO_VALUE;
    if (!len) build_error(f, DIAG_UNDEFINED_NAME, "NameError: name 'len' is not defined");
    else push(f, emit_value(f, OP_call, callee, value_at(f, 1)));
}

void op_is_sequence(Frame *f, int32_t arg) {
    ValueId callee = library_function(f, "naja.library.low", "is_sequence");
    push(f, emit_value(f, OP_call, callee, value_at(f, 1)));
}

/* ---- imports ------------------------------------------------------------------------------------------------------ */

/* With a list of names `import a.b` gives a.b, without one a.  Which names they are matters to IMPORT_FROM alone. */
void op_import(Frame *f, int32_t index) {
    bool has_names = inst_at(f->b->f, value_at(f, 1))->op != OP_none;
    int64_t level = inst_at(f->b->f, value_at(f, 2))->imm.i;
    drop(f, 2);
    PyObject *names = has_names ? Py_BuildValue("(s)", "__name__") : Py_NewRef(Py_None);
    PyObject *name = PyTuple_GET_ITEM(f->code->co_names, index);
    PyObject *module = names ? PyImport_ImportModuleLevelObject(name, f->b->globals, NULL, names, (int)level)
                             : NULL;
    Py_XDECREF(names);
    if (!module) f->b->failed = true;
    push(f, module ? object_of(f, module) : ir_none(&f->b->b));
    Py_XDECREF(module);
}

/* `from package import name`: an attribute, or a submodule that is not loaded yet. */
static PyObject *imported(PyObject *module, PyObject *name) {
    PyObject *value = PyObject_GetAttr(module, name);
    if (value || !PyErr_ExceptionMatches(PyExc_AttributeError)) return value;
    PyErr_Clear();
    PyObject *package = PyObject_GetAttrString(module, "__name__");
    PyObject *full = package ? PyUnicode_FromFormat("%U.%U", package, name) : NULL;
    value = full ? PyImport_Import(full) : NULL;
    if (!value && PyErr_ExceptionMatches(PyExc_ImportError))
        PyErr_Format(PyExc_ImportError, "cannot import name %R from %R", name, package);
    Py_XDECREF(value);
    value = value ? PyObject_GetAttr(module, name) : NULL;
    Py_XDECREF(full);
    Py_XDECREF(package);
    return value;
}

void op_import_from(Frame *f, int32_t index) {
    PyObject *module = object_behind(f, value_at(f, 1));
    PyObject *value = module ? imported(module, PyTuple_GET_ITEM(f->code->co_names, index)) : NULL;
    if (!value) f->b->failed = true;
    push(f, value ? const_of(f, value) : ir_none(&f->b->b));
    Py_XDECREF(value);
}

/* ---- mapping and class patterns: naja/library/patterns.py --------------------------------------------------------------- */

static ValueId call_pattern(Frame *f, const char *name, uint32_t n, const ValueId *args) {
    ValueId v[6];
    v[0] = library_function(f, "naja.library.low", name);
    if (f->b->failed) return v[0];
    memcpy(v + 1, args, n * sizeof *args);
    return emit_op(f, OP_call, n + 1, v);
}

void op_is_mapping(Frame *f, int32_t arg) {
    (void)arg;
    ValueId subject = value_at(f, 1);
    push(f, call_pattern(f, "is_mapping", 1, &subject));
}

void op_match_keys(Frame *f, int32_t arg) {
    (void)arg;
    ValueId args[] = {value_at(f, 2), value_at(f, 1)};
    push(f, call_pattern(f, "match_keys", 2, args));
}

void op_match_class(Frame *f, int32_t n) {
    ValueId names = pop(f), cls = pop(f), subject = pop(f);
    ValueId args[] = {subject, cls, ir_const_int(&f->b->b, type_literal_int(n), n), names};
    push(f, call_pattern(f, "match_class", 4, args));
}
