/* frontend.c - the door: functions of the front end for other stages, and the dump for tests. */
#include <setjmp.h>
#include <stdlib.h>

#include "frontend/build.h"

static FrontendHost the_host;

void frontend_start(const FrontendHost *host) { the_host = *host; }

Func *frontend_function(Unit *u, Handle function) { return build_function(u, &the_host, function); }

/* Whether `to` is among the inner code of `code`; builds what lies between, outermost first. */
static bool build_between(Unit *u, const PyCodeObject *code, const PyCodeObject *to, Handle lender,
                          bool build) {
    bool found = false;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(code->co_consts) && !found; i++) {
        PyObject *o = PyTuple_GET_ITEM(code->co_consts, i);
        if (!PyCode_Check(o)) continue;
        PyCodeObject *inner = (PyCodeObject *)o;
        found = inner == to || build_between(u, inner, to, lender, false);
        if (!found || inner == to || !build) continue;
        if (!closures_is_comprehension(inner)) build_inner(u, &the_host, the_host.handle_of(o), lender);
        build_between(u, inner, to, lender, true);
    }
    return found;
}

/* Which captured variables are cells, and which functions know each other, is found where an inner function is made.
 * One that another unit made is built after what is around it. */
Func *frontend_inner(Unit *u, Handle code, Handle lender) {
    Func *f = map_find_ptr(&u->templates, inner_key(code, lender));
    PyObject *to = f ? NULL : the_host.object_of(code), *around = f ? NULL : the_host.object_of(lender);
    if (to && PyCode_Check(to) && around && PyFunction_Check(around) && build_function(u, &the_host, lender))
        build_between(u, (PyCodeObject *)PyFunction_GET_CODE(around), (PyCodeObject *)to, lender, true);
    return f ? f : build_inner(u, &the_host, code, lender);
}

Func *frontend_unrolled(Unit *u, const Func *template, uint32_t n, const Unroll *unroll) {
    return build_unrolled(u, &the_host, template->source, n, unroll);
}

/* ---- dump -------------------------------------------------------------------------------------------------------- */

/* Handles of one dump: index + 1 into a list that owns the objects.  Thread-local, as hosts have no data. */
static _Thread_local PyObject *dump_objects;

static Handle dump_handle_of(void *py_object) {
    Py_ssize_t n = PyList_GET_SIZE(dump_objects);
    for (Py_ssize_t i = 0; i < n; i++)
        if (PyList_GET_ITEM(dump_objects, i) == py_object) return (Handle)i + 1;
    return PyList_Append(dump_objects, py_object) < 0 ? 0 : (Handle)n + 1;
}

static void *dump_object_of(Handle h) {
    bool known = h > 0 && (Py_ssize_t)h <= PyList_GET_SIZE(dump_objects);
    return known ? PyList_GET_ITEM(dump_objects, h - 1) : NULL;
}

static void unwind(Arena *a) { longjmp(*(jmp_buf *)a->exhausted_data, 1); }

/* Builds the inner functions as well, as inference would when they are called. */
static void build_closures(Unit *u, const FrontendHost *host) {
    for (uint32_t k = 0; k < u->funcs.n && !diag_any(&u->diags); k++) {
        const Func *f = u->funcs.at[k];
        for (ValueId v = 0; v < f->inst.n; v++) {
            const Inst *i = inst_at(f, v);
            if (i->op == OP_closure && i->block != NO_BLOCK)
                build_inner(u, host, i->imm.handle, f->source->lender);
        }
    }
}

static void print_diagnostics(StrBuf *out, const Unit *u) {
    for (uint32_t i = 0; i < u->diags.list.n; i++) {
        const Diagnostic *d = &u->diags.list.at[i];
        strbuf_printf(out, "%s at %d:%d-%d:%d in %s: %s\n", diag_code_text(d->code), d->span.line,
                      d->span.column, d->span.end_line, d->span.end_column, d->function ? d->function : "?",
                      d->message);
    }
}

/* "# 3: builtins.range", "# 4: 'text'": a name if the object has one, else its repr. */
static void print_object(StrBuf *out, const Unit *u, Handle handle, Handle lender) {
    PyObject *o = dump_object_of(handle);
    PyObject *name = PyObject_GetAttrString(o, "__qualname__"),
             *module = PyObject_GetAttrString(o, "__module__");
    PyErr_Clear();
    PyObject *text = NULL;
    const Func *built = map_find_ptr(&u->templates, inner_key(handle, lender));
    if (PyCode_Check(o)) text = PyUnicode_FromFormat("code of %s", built ? built->symbol : "a function");
    else if (PyModule_Check(o)) text = PyUnicode_FromFormat("module %s", PyModule_GetName(o));
    else if (name && module && PyUnicode_Check(name) && PyUnicode_Check(module))
        text = PyUnicode_FromFormat("%U.%U", module, name);
    else text = PyObject_Repr(o);
    const char *s = text ? PyUnicode_AsUTF8(text) : NULL;
    strbuf_printf(out, "# %u: %s\n", handle, s ? s : "?");
    PyErr_Clear();
    Py_XDECREF(text);
    Py_XDECREF(name);
    Py_XDECREF(module);
}

static void dump_unit(Unit *u, StrBuf *out, PyObject *function) {
    const FrontendHost host = {.handle_of = dump_handle_of, .object_of = dump_object_of};
    jmp_buf on_exhaustion;
    u->arena.exhausted_data = &on_exhaustion;
    if (setjmp(on_exhaustion)) {
        PyErr_NoMemory();
        return;
    }
    if (build_function(u, &host, dump_handle_of(function))) build_closures(u, &host);
    if (PyErr_Occurred()) return;
    if (diag_any(&u->diags)) {
        print_diagnostics(out, u);
        return;
    }
    for (uint32_t k = 0; k < u->funcs.n; k++) func_print(out, u->funcs.at[k]);
    for (Handle h = 1; dump_object_of(h); h++) print_object(out, u, h, dump_handle_of(function));
}

void *frontend_dump(void *py_function) {
    PyObject *outer = dump_objects, *result = NULL;
    StrBuf out = {0};
    Unit *u = unit_new((UnitOptions){0}, unwind, NULL);
    dump_objects = PyList_New(0);
    if (u && dump_objects) dump_unit(u, &out, py_function);
    else PyErr_NoMemory();
    if (out.failed && !PyErr_Occurred()) PyErr_NoMemory();
    if (!PyErr_Occurred()) result = PyUnicode_DecodeUTF8(out.at ? out.at : "", (Py_ssize_t)out.n, "replace");
    strbuf_free(&out);
    unit_free(u);
    Py_XDECREF(dump_objects);
    dump_objects = outer;
    return result;
}
