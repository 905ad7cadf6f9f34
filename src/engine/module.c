/* module.c - the extension module naja._compiler: takes naja._core's table, starts the stages, gives its own table.
 *
 * Loaded on the first compilation.  It also offers the compiler's insides to the tests: functions from IR text to
 * IR text, LLVM text or an object file.
 */
#include <Python.h>

#include "codegen/codegen.h"
#include "engine/compile.h"
#include "engine/emit.h"
#include "engine/engine.h"
#include "infer/infer.h"
#include "passes/passes.h"

/* ---- starting the stages ----------------------------------------------------------------------------------------- */

static const CompilerApi compiler_api = {
    .version = COMPILER_API_VERSION,
    .prepare = compile_prepare,
    .emit = compile_emit,
    .finish = compile_finish,
    .result_free = compile_result_free,
    .llvm_version = engine_llvm_version,
};

static int start_stages(const CoreApi *core) {
    types_adopt(core->types);
    frontend_start(&(FrontendHost){.handle_of = core->handle_of, .object_of = core->object_of});
    static LibraryHost library;
    library = (LibraryHost){.handle_of = core->handle_of,
                            .object_of = core->object_of,
                            .type_of = core->type_of,
                            .type_named = core->type_named,
                            .dispatcher_function = core->dispatcher_function,
                            .dispatcher_options = core->dispatcher_options,
                            .dispatcher_version = core->dispatcher_version,
                            .overload = core->overload,
                            .ufunc_loop = core->ufunc_loop,
                            .bridge = core->bridge,
                            .bridge_warn = core->bridge_warn,
                            .performance_warn = core->performance_warn};
    if (!library_start(&library)) {
        PyErr_NoMemory();
        return -1;
    }
    codegen_start(&(CodegenHost){.object_type = core->offset.object_type,
                                 .float_value = core->offset.float_value,
                                 .array_data = core->offset.array_data,
                                 .array_nd = core->offset.array_nd,
                                 .array_dimensions = core->offset.array_dimensions,
                                 .array_strides = core->offset.array_strides,
                                 .has_registers = engine_has_registers,
                                 .libmvec_has = engine_libmvec_has});
    compile_start(core);
    return 0;
}

static int module_exec(PyObject *module) {
    const CoreApi *core = PyCapsule_Import(CORE_CAPSULE, 0);
    if (!core) return -1;
    if (core->version != COMPILER_API_VERSION) {
        PyErr_SetString(PyExc_ImportError, "naja._compiler and naja._core come from different builds");
        return -1;
    }
    if (start_stages(core) < 0) return -1;
    PyObject *capsule = PyCapsule_New((void *)&compiler_api, COMPILER_CAPSULE, NULL);
    int status = capsule ? PyModule_AddObjectRef(module, "_api", capsule) : -1;
    Py_XDECREF(capsule);
    if (status < 0) return -1;
    return PyModule_AddStringConstant(module, "llvm_version", engine_llvm_version());
}

/* ---- functions for tests --------------------------------------------------------------------------------------------- */

static PyObject *raise_diagnostics(Unit *u) {
    const char *text = diag_any(&u->diags) ? u->diags.list.at[0].message : "no reason given";
    return PyErr_Format(PyExc_ValueError, "%s", text);
}

/* A unit from text: functions one after the other, callees first; the last one becomes the entry. */
static bool parse_unit(Unit *u, const char *text) {
    while (*text) {
        const char *end = strstr(text, "\n}");
        size_t n = end ? (size_t)(end - text) + 2 : strlen(text);
        char *one = arena_strndup(&u->arena, text, n);
        text += n;
        if (!one[strspn(one, " \t\r\n")]) continue;
        if (!func_parse(u, one)) return false;
    }
    if (!u->funcs.n) return false;
    Func *entry = u->funcs.at[u->funcs.n - 1];
    memmove(u->funcs.at + 1, u->funcs.at, (u->funcs.n - 1) * sizeof *u->funcs.at);
    u->funcs.at[0] = entry;
    for (uint32_t i = 0; i < u->funcs.n; i++) u->funcs.at[i]->index = i;
    return true;
}

static UnitOptions test_options(void) { return (UnitOptions){.boundscheck = true, .polls = true}; }

static PyObject *emit_text(PyObject *args, bool want_object) {
    const char *text, *passes = NULL;
    if (!PyArg_ParseTuple(args, "s|z", &text, &passes)) return NULL;
    Unit *u = unit_new(test_options(), NULL, NULL);
    if (!u) return PyErr_NoMemory();
    PyObject *result = NULL;
    EmitOptions options = {.want_llvm_ir = true, .optimise = true, .passes = passes};
    Emitted emitted;
    char *why = NULL;
    if (!parse_unit(u, text)) raise_diagnostics(u);
    else if (!engine_emit(u, &options, &emitted, &why)) {
        if (diag_any(&u->diags)) raise_diagnostics(u);
        else PyErr_SetString(PyExc_ValueError, why);
    } else {
        result = want_object ? PyBytes_FromStringAndSize(emitted.object, (Py_ssize_t)emitted.nbytes)
                             : PyUnicode_FromString(emitted.llvm_ir);
        emitted_free(&emitted);
    }
    free(why);
    unit_free(u);
    return result;
}

/* The object file of a module that is given as text of LLVM. */
static PyObject *compile_llvm(PyObject *module, PyObject *args) {
    EmitOptions options = {.optimise = true};
    if (!PyArg_ParseTuple(args, "s:compile_llvm", &options.text)) return NULL;
    Unit *u = unit_new(test_options(), NULL, NULL);
    if (!u) return PyErr_NoMemory();
    Emitted emitted;
    char *why = NULL;
    PyObject *result = NULL;
    if (engine_emit(u, &options, &emitted, &why)) {
        result = PyBytes_FromStringAndSize(emitted.object, (Py_ssize_t)emitted.nbytes);
        emitted_free(&emitted);
    } else {
        PyErr_SetString(PyExc_ValueError, why ? why : "no code was emitted");
    }
    free(why);
    unit_free(u);
    return result;
}

static PyObject *emit_ir(PyObject *module, PyObject *args) { return emit_text(args, false); }
static PyObject *emit_object(PyObject *module, PyObject *args) { return emit_text(args, true); }
static PyObject *dump_ssa(PyObject *module, PyObject *function) { return frontend_dump(function); }

static PyObject *host(PyObject *module, PyObject *unused) {
    return Py_BuildValue("(ss)", engine_host_cpu(), engine_host_features());
}

static PyMethodDef methods[] = {
    {"dump_ssa", dump_ssa, METH_O, "dump_ssa(function): the untyped SSA of a Python function, as text."},
    {"emit_ir", emit_ir, METH_VARARGS,
     "emit_ir(text, passes=None): LLVM's text for lowered IR; the last function is the entry."},
    {"emit_object", emit_object, METH_VARARGS,
     "emit_object(text, passes=None): the object file for lowered IR, as bytes."},
    {"compile_llvm", compile_llvm, METH_VARARGS,
     "compile_llvm(text): the object file of a module of LLVM, as bytes."},
    {"host", host, METH_NOARGS, "host(): name and features of the CPU, as LLVM gives them."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)module_exec},
#ifdef Py_mod_multiple_interpreters
    {Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED},
#endif
#ifdef Py_mod_gil
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "naja._compiler",
    .m_doc = "The compiler: from Python functions to object files.",
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__compiler(void) { return PyModuleDef_Init(&definition); }
