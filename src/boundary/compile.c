/* compile.c - from a request to a loaded specialisation.
 *
 *   1. The fingerprint of the function, its argument types and options is the key of the cache.
 *   2. A hit is loaded; LLVM is not.
 *   3. A miss goes to naja._compiler.  Its result becomes a unit image, which is loaded the same way, and is stored
 *      if every object it mentions has a place in the fingerprint.
 *   4. Library functions that it calls as units of their own (imports) are loaded first: those that are in use, those
 *      in the cache, and the others are compiled in the same way.
 *   5. A compile-time error becomes an exception of naja.errors, here and nowhere else.
 */
#include "boundary/specialisation.h"
#include "boundary/state.h"

/* ---- the compile lock ---------------------------------------------------------------------------------------------------- */

static pthread_mutex_t lock;

static void make_lock(void) {
    pthread_mutexattr_t attr;
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&lock, &attr);
    pthread_mutexattr_destroy(&attr);
}
static void relock_in_child(void) { make_lock(); }

void compile_lock_start(void) {
    make_lock();
    pthread_atfork(NULL, NULL, relock_in_child);
}

void compile_lock(void) {
    if (!pthread_mutex_trylock(&lock)) return;
    Py_BEGIN_ALLOW_THREADS
    pthread_mutex_lock(&lock);
    Py_END_ALLOW_THREADS
}
void compile_unlock(void) { pthread_mutex_unlock(&lock); }

/* ---- errors ------------------------------------------------------------------------------------------------------------------ */

/* The exception class of naja.errors, called with the text; its `code` is the diagnostic's stable code. */
static void raise_compile_error(const CompileResult *r) {
    PyObject *errors = PyImport_ImportModule("naja.errors");
    PyObject *cls = errors ? PyObject_GetAttrString(errors, r->error_class ? r->error_class : "CompilerError")
                           : NULL;
    PyObject *exception =
        cls ? PyObject_CallFunction(cls, "s", r->error_text ? r->error_text : "compilation failed") : NULL;
    PyObject *code = exception && r->error_code ? PyUnicode_FromString(r->error_code) : NULL;
    if (exception && (!code || !PyObject_SetAttrString(exception, "code", code)))
        PyErr_SetObject(cls, exception);
    Py_XDECREF(code);
    Py_XDECREF(exception);
    Py_XDECREF(cls);
    Py_XDECREF(errors);
}

/* ---- compiling ----------------------------------------------------------------------------------------------------------------- */

static char *copy_text(const char *text) { return text ? strdup(text) : NULL; }

/* Code made to look at the compiler is compiled now, and is nobody else's: these variables are in no key. */
static bool is_experiment(void) {
    static const char *const variable[] = {"NAJA_DUMP", "NAJA_TIME", "NAJA_SKIP", "NAJA_PASSES"};
    for (size_t i = 0; i < ARRAY_LEN(variable); i++)
        if (getenv(variable[i])) return true;
    return false;
}

/* What is in force while the compiler runs Python, which may compile in turn. */
typedef struct {
    PyObject *pins, *outer_pins;
    bool outer_uncacheable;
} Session;

static int session_begin(Session *s) {
    s->pins = PyList_New(0);
    if (!s->pins) return -1;
    s->outer_pins = handles_pin(s->pins);
    s->outer_uncacheable = load_swap_uncacheable(false);
    return 0;
}

static void session_end(Session *s) {
    load_swap_uncacheable(s->outer_uncacheable);
    handles_pin(s->outer_pins);
    Py_DECREF(s->pins);
}

/* ---- imports ------------------------------------------------------------------------------------------------------- */

static atomic_uint ncompiled;

uint32_t imports_compiled(void) { return ncompiled; }

/* An import that is compiled now. */
typedef struct Fresh {
    const UnitImport *what;
    CompileResult result;
    PyObject *pins;
    bool uncacheable;
    struct Fresh *next;
} Fresh;

/* All that a fresh unit calls: references to what there is, and what is compiled with it, callees first. */
typedef struct {
    bool use_cache;
    uint32_t nheld, nfresh;
    Import **held;
    Fresh *first, **end;
} Imports;

static void fresh_free(Fresh *f) {
    compiler_get()->result_free(&f->result);
    Py_XDECREF(f->pins);
    PyMem_RawFree(f);
}

static void imports_release(Imports *all) {
    for (uint32_t i = 0; i < all->nheld; i++) import_release(all->held[i]);
    PyMem_RawFree(all->held);
    for (Fresh *f = all->first, *next; f; f = next) {
        next = f->next;
        fresh_free(f);
    }
}

static bool hold(Imports *all, Import *steal) {
    Import **held = PyMem_RawRealloc(all->held, (all->nheld + 1) * sizeof *held);
    if (!held) return import_release(steal), false;
    all->held = held;
    held[all->nheld++] = steal;
    return true;
}

static bool is_fresh(const Imports *all, const uint64_t key[2]) {
    for (const Fresh *f = all->first; f; f = f->next)
        if (f->what->key[0] == key[0] && f->what->key[1] == key[1]) return true;
    return false;
}

/* NULL, perhaps with an exception: the caller's unit has to do without. */
static Fresh *import_prepare(const UnitImport *u) {
    Session session;
    Fresh *f = PyMem_RawCalloc(1, sizeof *f);
    if (!f || session_begin(&session) < 0) return PyMem_RawFree(f), NULL;
    CompileRequest request = {
        .function = u->function, .nargs = u->nargs, .args = u->args, .options = u->options};
    f->what = u;
    f->pins = Py_NewRef(session.pins);
    compiler_get()->prepare(&request, &f->result);
    f->uncacheable = load_swap_uncacheable(false);
    session_end(&session);
    ncompiled++;
    if (f->result.ok && f->result.result == u->func->result) return f;
    return fresh_free(f), NULL;
}

/* false: one is not to be had. */
static bool imports_prepare(Imports *all, const CompileResult *result) {
    for (uint32_t i = 0; i < result->nimports; i++) {
        const UnitImport *u = &result->import[i];
        if (is_fresh(all, u->key)) continue;
        Import *found = import_find((CacheKey){u->key[0], u->key[1]}, all->use_cache);
        if (found) {
            if (!hold(all, found)) return false;
            continue;
        }
        Fresh *f = import_prepare(u);
        if (!f || !imports_prepare(all, &f->result)) {
            if (f) fresh_free(f);
            return false;
        }
        *all->end = f;
        all->end = &f->next;
        all->nfresh++;
    }
    return true;
}

/* The unit and its fresh imports at once. */
static bool emit_all(const Imports *all, CompileResult *unit) {
    CompileResult **results = PyMem_RawCalloc(all->nfresh + 1, sizeof *results);
    if (!results) return PyErr_NoMemory(), false;
    uint32_t n = 0;
    results[n++] = unit;
    for (Fresh *f = all->first; f; f = f->next) results[n++] = &f->result;
    compiler_get()->emit(n, results);
    PyMem_RawFree(results);
    return true;
}

/* Its image names nothing, since it is loaded where nobody knows what the fingerprint has met. */
static Import *import_of(Fresh *f, bool use_cache) {
    StrBuf image = {0};
    Import *made = NULL;
    bool complete = false;
    PyObject *none = PyList_New(0);
    CacheKey key = {f->what->key[0], f->what->key[1]};
    f->result.result = type_none; /* whoever calls it knows */
    if (none && image_write(&image, &f->result, 0, NULL, none, &complete) == 0 && complete) {
        if (use_cache && f->result.cacheable && !f->uncacheable) cache_write(key, image.at, image.n);
        made = import_add(key, (uint8_t *)image.at, image.n);
        image.at = NULL;
    }
    strbuf_free(&image);
    Py_XDECREF(none);
    return made;
}

static bool imports_finish(Imports *all) {
    for (Fresh *f = all->first; f; f = f->next) {
        compiler_get()->finish(&f->result);
        Import *made = f->result.ok ? import_of(f, all->use_cache) : NULL;
        if (!made || !hold(all, made)) return false;
    }
    return true;
}

/* ---- units -------------------------------------------------------------------------------------------------------- */

static void copy_texts(Specialisation *s, const CompileResult *result) {
    s->llvm_ir = copy_text(result->llvm_ir);
    s->assembly = copy_text(result->assembly);
    s->types_text = copy_text(result->types_text);
    s->calls_text = copy_text(result->calls_text);
    s->remarks_text = copy_text(result->remarks_text);
    s->vector_text = copy_text(result->vector_text);
}

static Specialisation *no_lasting_code(const SpecialiseRequest *r) {
    return error_raise(
        "UnsupportedError",
        "%R cannot be compiled ahead of time: its code holds an address, or something else that "
        "only this process has",
        r->function);
}

/* The image of a fresh compilation is loaded, and stored when it can be. */
static Specialisation *load_result(const SpecialiseRequest *r, const CompileResult *result,
                                   Fingerprint *print) {
    StrBuf image = {0};
    bool complete = false, lasting = result->cacheable && !load_swap_uncacheable(false);
    if (r->objects && !lasting) return no_lasting_code(r);
    if (image_write(&image, result, r->nargs, r->args, print->objects, &complete) < 0) {
        strbuf_free(&image);
        return NULL;
    }
    if (print->cacheable && complete && lasting) cache_write(print->key, image.at, image.n);
    Specialisation *s = specialisation_load((uint8_t *)image.at, image.n, print->objects, r->function);
    if (!s && !PyErr_Occurred())
        error_raise("InternalError", "the code of %R could not be loaded", r->function);
    if (s && r->inspect) copy_texts(s, result);
    return s;
}

static CompileRequest request_of(const SpecialiseRequest *r, Handle function, bool no_imports) {
    return (CompileRequest){
        .function = function,
        .nargs = r->nargs,
        .args = r->args,
        .result = r->result,
        .options = r->options,
        .want_llvm_ir = r->inspect,
        .want_assembly = r->inspect,
        .want_types = r->inspect,
        .want_calls = r->inspect,
        .want_remarks = r->explain,
        .no_imports = no_imports,
    };
}

static bool may_go_on(void) {
    if (!PyErr_Occurred()) return true;
    if (!PyErr_ExceptionMatches(PyExc_Exception) || PyErr_ExceptionMatches(PyExc_MemoryError)) return false;
    PyErr_Clear();
    return true;
}

/* keep: imports are looked for in the cache, and put there.  *alone: everything was, or now has to be, in one unit: an
 * import could not be compiled by itself. */
static Specialisation *compile_unit(const SpecialiseRequest *r, Fingerprint *print, Handle function,
                                    bool keep, bool *alone) {
    const CompilerApi *api = compiler_get();
    CompileRequest request = request_of(r, function, *alone);
    CompileResult result = {0};
    Specialisation *s = NULL;
    Imports imports = {.use_cache = keep};
    imports.end = &imports.first;
    api->prepare(&request, &result);
    *alone = !result.ok ||
             (imports_prepare(&imports, &result) && emit_all(&imports, &result) && imports_finish(&imports));
    if (*alone && result.ok) api->finish(&result);
    if (*alone && result.ok) s = load_result(r, &result, print);
    else if (*alone && r->literal_params && result.literal_params)
        *r->literal_params |= result.literal_params;
    else if (*alone && r->wanted_args && result.wanted_args)
        memcpy(r->wanted_args, result.wanted_args, r->nargs * sizeof *r->wanted_args);
    else if (*alone && !PyErr_Occurred()) raise_compile_error(&result);
    imports_release(&imports);
    api->result_free(&result);
    return s;
}

static Specialisation *compile(const SpecialiseRequest *r, Fingerprint *print, bool keep) {
    Handle function = compiler_get() ? handle_of(r->function) : 0;
    Session session;
    if (!function || session_begin(&session) < 0) return NULL;
    bool alone = false;
    Specialisation *s = compile_unit(r, print, function, keep, &alone);
    if (!alone && may_go_on()) {
        alone = true;
        s = compile_unit(r, print, function, keep, &alone);
    }
    session_end(&session);
    return s;
}

static Specialisation *load_cached(const SpecialiseRequest *r, const Fingerprint *print) {
    uint8_t *image;
    size_t nbytes;
    if (!print->cacheable || !cache_read(print->key, &image, &nbytes)) return NULL;
    Specialisation *s = specialisation_load(image, nbytes, print->objects, r->function);
    if (s) s->from_cache = true;
    return s;
}

Specialisation *specialise(const SpecialiseRequest *r) {
    Fingerprint print;
    if (fingerprint(r->function, r->nargs, r->args, r->result, &r->options, &print) < 0) return NULL;
    if (r->literal_params &&
        dataclasses_foresee(print.objects)) { /* the caller describes its arguments anew */
        Py_DECREF(print.objects);
        return NULL;
    }
    bool keep = r->use_cache && !is_experiment();
    print.cacheable &= keep && !r->inspect;
    Specialisation *s = load_cached(r, &print);
    if (!s && !PyErr_Occurred()) s = compile(r, &print, keep);
    if (s && r->objects) *r->objects = Py_NewRef(print.objects);
    Py_DECREF(print.objects);
    return s;
}
