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

/* References to the imports of a fresh unit, until it is loaded and has its own. */
typedef struct {
    uint32_t n;
    Import **at;
} Held;

static bool hold_imports(Held *held, const CompileResult *result, bool use_cache);

static void held_release(Held *held) {
    for (uint32_t i = 0; i < held->n; i++) import_release(held->at[i]);
    PyMem_RawFree(held->at);
}

/* Its image names nothing, since it is loaded where nobody knows what the fingerprint has met. */
static Import *import_of_result(const UnitImport *u, CompileResult *result, bool use_cache) {
    StrBuf image = {0};
    Import *made = NULL;
    bool complete = false;
    PyObject *none = PyList_New(0);
    CacheKey key = {u->key[0], u->key[1]};
    result->result = type_none; /* whoever calls it knows */
    if (none && image_write(&image, result, 0, NULL, none, &complete) == 0 && complete) {
        if (use_cache && result->cacheable && !load_swap_uncacheable(false))
            cache_write(key, image.at, image.n);
        made = import_add(key, (uint8_t *)image.at, image.n);
        image.at = NULL;
    }
    strbuf_free(&image);
    Py_XDECREF(none);
    return made;
}

/* NULL, perhaps with an exception: the caller's unit has to do without. */
static Import *import_compile(const UnitImport *u, bool use_cache) {
    Session session;
    if (session_begin(&session) < 0) return NULL;
    CompileRequest request = {
        .function = u->function, .nargs = u->nargs, .args = u->args, .options = u->options};
    CompileResult result = {0};
    Held held = {0};
    Import *made = NULL;
    compiler_get()->compile(&request, &result);
    ncompiled++;
    if (result.ok && result.result == u->func->result && hold_imports(&held, &result, use_cache))
        made = import_of_result(u, &result, use_cache);
    held_release(&held);
    compiler_get()->result_free(&result);
    session_end(&session);
    return made;
}

/* false: one is not to be had. */
static bool hold_imports(Held *held, const CompileResult *result, bool use_cache) {
    held->at = PyMem_RawCalloc(result->nimports + 1, sizeof *held->at);
    while (held->at && held->n < result->nimports) {
        const UnitImport *u = &result->import[held->n];
        Import *found = import_find((CacheKey){u->key[0], u->key[1]}, use_cache);
        if (!found) found = import_compile(u, use_cache);
        if (!found) return false;
        held->at[held->n++] = found;
    }
    return held->at != NULL;
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

/* The image of a fresh compilation is loaded, and stored when it can be. */
static Specialisation *load_result(const SpecialiseRequest *r, const CompileResult *result,
                                   Fingerprint *print) {
    StrBuf image = {0};
    bool complete = false;
    if (image_write(&image, result, r->nargs, r->args, print->objects, &complete) < 0) {
        strbuf_free(&image);
        return NULL;
    }
    if (print->cacheable && complete && result->cacheable && !load_swap_uncacheable(false))
        cache_write(print->key, image.at, image.n);
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

/* *alone: everything was, or now has to be, in one unit: an import could not be compiled by itself. */
static Specialisation *compile_unit(const SpecialiseRequest *r, Fingerprint *print, Handle function,
                                    bool *alone) {
    const CompilerApi *api = compiler_get();
    CompileRequest request = request_of(r, function, *alone);
    CompileResult result = {0};
    Specialisation *s = NULL;
    Held held = {0};
    *alone = true;
    api->compile(&request, &result);
    if (result.ok) {
        *alone = hold_imports(&held, &result, r->use_cache && !is_experiment());
        if (*alone) s = load_result(r, &result, print);
        held_release(&held);
    } else if (r->literal_params && result.literal_params) {
        *r->literal_params |= result.literal_params;
    } else if (!PyErr_Occurred()) {
        raise_compile_error(&result);
    }
    api->result_free(&result);
    return s;
}

static Specialisation *compile(const SpecialiseRequest *r, Fingerprint *print) {
    Handle function = compiler_get() ? handle_of(r->function) : 0;
    Session session;
    if (!function || session_begin(&session) < 0) return NULL;
    bool alone = false;
    Specialisation *s = compile_unit(r, print, function, &alone);
    if (!alone && may_go_on()) {
        alone = true;
        s = compile_unit(r, print, function, &alone);
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
    print.cacheable &= r->use_cache && !r->inspect && !is_experiment();
    Specialisation *s = load_cached(r, &print);
    if (!s && !PyErr_Occurred()) s = compile(r, &print);
    Py_DECREF(print.objects);
    return s;
}
