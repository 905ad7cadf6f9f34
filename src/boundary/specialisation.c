/* specialisation.c - loading unit images and throwing them away.
 *
 * A specialisation is immutable once it is published in a dispatcher's table, and lives as long as the dispatcher:
 * a call borrows its dispatcher, so no code is unmapped while it runs.
 */
#include "boundary/specialisation.h"
#include "runtime/runtime.h"

/* For code that extensions build. */
static void naja_block_incref(MemoryBlock *b) { block_retain(b); }
static void naja_block_decref(MemoryBlock *b) { block_release(b); }

/* What the generated entry calls beside the rows of natives.def. */
#define SYMBOL(name) {#name, (void *)(uintptr_t)(name)}
static const RuntimeSymbol entry_symbols[] = {
    SYMBOL(naja_unbox),         SYMBOL(naja_as_int64),       SYMBOL(naja_box),
    SYMBOL(naja_box_none),      SYMBOL(naja_reflect_begin),  SYMBOL(naja_reflect_end),
    SYMBOL(naja_fail),          SYMBOL(naja_cross_fail),     SYMBOL(naja_import_failed),
    SYMBOL(naja_c_fail),        SYMBOL(naja_block_incref),   SYMBOL(naja_block_decref),
    SYMBOL(naja_enter),         SYMBOL(naja_leave),          SYMBOL(naja_stack_limit),
    SYMBOL(PyFloat_FromDouble), SYMBOL(PyLong_FromLongLong), SYMBOL(PyLong_FromUnsignedLongLong),
    SYMBOL(PyBool_FromLong),
};

int specialisation_start(void) {
    runtime_add_symbols(entry_symbols, ARRAY_LEN(entry_symbols));
    return 0;
}

/* The addresses of a function that the unit names; NULL: it has none, which is not expected of a function that had a
 * type when the code was made. */
static void *named_function(const Specialisation *s, const char *number) {
    unsigned long i = strtoul(number, NULL, 10);
    const FunctionValue *value = i < s->nfunctions
                                     ? function_value(s->function[i].object, s->function[i].type)
                                     : NULL;
    return (void *)(uintptr_t)value;
}

/* Behind a prefix is the number of an import.  The number of its first site is given as an address. */
static bool import_symbol(const Specialisation *s, const char *name, void **address) {
    static const char code[] = UNIT_IMPORT_SYMBOL, sites[] = UNIT_IMPORT_SITES;
    bool is_code = !strncmp(name, code, sizeof code - 1), is_sites = !strncmp(name, sites, sizeof sites - 1);
    if (!is_code && !is_sites) return false;
    unsigned long i = strtoul(strchr(name, ':') + 1, NULL, 10);
    *address = i >= s->nimports ? NULL
               : is_code        ? import_unit(s->import[i])->native
                                : (void *)(uintptr_t)s->import_sites[i];
    return true;
}

static void *resolve(void *spec, const char *name) {
    void *found;
    if (!strcmp(name, "naja_self")) return spec;
    if (import_symbol(spec, name, &found)) return found;
    if (!strncmp(name, UNIT_FUNCTION_SYMBOL, sizeof UNIT_FUNCTION_SYMBOL - 1))
        return named_function(spec, name + sizeof UNIT_FUNCTION_SYMBOL - 1);
    if (!strncmp(name, UFUNC_SYMBOL, sizeof UFUNC_SYMBOL - 1)) return ufunc_loop_address(name);
    void *address = runtime_symbol(name);
    return address ? address : foreign_symbol(name);
}

/* Maps the code.  NULL *why: fine. */
static void load_code(Specialisation *s, const char **why) {
    const uint8_t *object = s->image + s->object_at;
    s->code = object_load(object, s->object_nbytes, resolve, s, why);
    if (!s->code) return;
    *why = NULL;
    void *entry = object_symbol(s->code, "naja_entry");
    memcpy(&s->entry, &entry, sizeof entry);
    s->native = object_symbol(s->code, "naja_native");
    s->c = object_symbol(s->code, "naja_c");
    s->cross = object_symbol(s->code, "naja_cross");
    if (!entry && !(s->is_import && s->native)) *why = "the object has no entry";
    if (getenv("NAJA_GDB")) object_register_gdb(s->code, object, s->object_nbytes);
    if (getenv("NAJA_PERF")) object_register_perf(s->code, s->name ? s->name : "import");
}

/* ---- imports --------------------------------------------------------------------------------------------------- */

/* 1: one is missing, which is no error. */
static int load_imports(Specialisation *s) {
    s->import = PyMem_RawCalloc(s->nimports + 1, sizeof *s->import);
    s->import_sites = PyMem_RawCalloc(s->nimports + 1, sizeof *s->import_sites);
    if (!s->import || !s->import_sites) return PyErr_NoMemory(), -1;
    for (uint32_t i = 0; i < s->nimports; i++)
        if (!(s->import[i] = import_find(s->import_key[i], true))) return PyErr_Occurred() ? -1 : 1;
    return 0;
}

/* The sites of imports follow the unit's own.  None of them is in a function that tracebacks show: all get one frame more,
 * which is not shown. */
static int append_sites(Specialisation *s) {
    uint32_t n = s->nsites;
    for (uint32_t i = 0; i < s->nimports; n += import_unit(s->import[i++])->nsites) s->import_sites[i] = n;
    Site *site = PyMem_RawRealloc(s->site, (n + 1) * sizeof *site);
    if (site) s->site = site;
    FrameFact *frame = PyMem_RawRealloc(s->frame, (s->nframes + 1) * sizeof *frame);
    if (frame) s->frame = frame;
    if (!site || !frame) return PyErr_NoMemory(), -1;
    frame[s->nframes] = (FrameFact){0};
    for (uint32_t i = 0; i < s->nimports; i++) {
        const Specialisation *unit = import_unit(s->import[i]);
        for (uint32_t k = 0; k < unit->nsites; k++, s->nsites++) {
            memcpy(&site[s->nsites], &unit->site[k], sizeof *site);
            site[s->nsites].func = s->nframes;
        }
    }
    s->nframes++;
    return 0;
}

static int take_imports(Specialisation *s) {
    if (!s->nimports) return 0;
    int status = load_imports(s);
    return status ? status : append_sites(s);
}

static _Thread_local const char *last_failure = "";

const char *specialisation_failure(void) { return last_failure; }

Specialisation *specialisation_load(uint8_t *steal_image, size_t nbytes, PyObject *objects,
                                    PyObject *function) {
    Specialisation *s = PyMem_RawCalloc(1, sizeof *s);
    if (!s) {
        free(steal_image);
        return PyErr_NoMemory(), NULL;
    }
    s->float_type = &PyFloat_Type;
    s->image = steal_image;
    s->image_nbytes = nbytes;
    s->keep = PyList_New(0);
    const char *why = "the image is broken";
    s->is_import = !function;
    int status = s->keep ? image_read(s, objects, function ? PyFunction_GET_GLOBALS(function) : NULL) : -1;
    if (status == 0) status = take_imports(s);
    if (status == 0) load_code(s, &why);
    if (status == 0 && !why) return s;
    if (status == 0 && PyErr_Occurred()) status = -1; /* a function that the unit names has no address */
    last_failure = why ? why : "a library function that it calls is missing";
    if (status >= 0 && getenv("NAJA_DUMP")) PySys_WriteStderr("naja: cannot load a compiled unit: %s\n", why);
    specialisation_free(s);
    return NULL;
}

void specialisation_free(Specialisation *s) {
    if (!s) return;
    if (s->code) object_free(s->code);
    for (uint32_t i = 0; i < s->nown_sites; i++) PyMem_RawFree(s->site[i].arg);
    for (uint32_t i = 0; s->import && i < s->nimports; i++) import_release(s->import[i]);
    PyMem_RawFree(s->import);
    PyMem_RawFree(s->import_key);
    PyMem_RawFree(s->import_sites);
    PyMem_RawFree(s->site);
    PyMem_RawFree(s->frame);
    PyMem_RawFree(s->function);
    PyMem_RawFree(s->arg);
    Py_XDECREF(s->keep);
    free(s->image);
    free(s->llvm_ir);
    free(s->assembly);
    free(s->types_text);
    free(s->calls_text);
    free(s->remarks_text);
    free(s->vector_text);
    PyMem_RawFree(s);
}

int specialisation_traverse(Specialisation *s, visitproc visit, void *arg) {
    Py_VISIT(s->keep);
    return 0;
}
