/* compile.c - from a request to a loaded specialisation.
 *
 *   1. The fingerprint of the function, its argument types and options is the key of the cache.
 *   2. A hit is loaded; LLVM is not.
 *   3. A miss goes to naja._compiler.  Its result becomes a unit image, which is loaded the same way, and is stored
 *      if every object it mentions has a place in the fingerprint.
 *   4. A compile-time error becomes an exception of naja.errors, here and nowhere else.
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
    if (s && r->inspect) {
        s->llvm_ir = copy_text(result->llvm_ir);
        s->assembly = copy_text(result->assembly);
        s->types_text = copy_text(result->types_text);
        s->calls_text = copy_text(result->calls_text);
        s->remarks_text = copy_text(result->remarks_text);
        s->vector_text = copy_text(result->vector_text);
    }
    return s;
}

static Specialisation *compile(const SpecialiseRequest *r, Fingerprint *print) {
    const CompilerApi *api = compiler_get();
    Handle function = api ? handle_of(r->function) : 0;
    PyObject *pins = function ? PyList_New(0) : NULL;
    if (!pins) return NULL;
    CompileRequest request = {
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
    };
    CompileResult result = {0};
    PyObject *outer = handles_pin(pins);
    bool outer_uncacheable = load_swap_uncacheable(
        false); /* overloads run Python, which may compile in turn */
    api->compile(&request, &result);
    Specialisation *s = NULL;
    if (result.ok) s = load_result(r, &result, print);
    else if (r->literal_params && result.literal_params) *r->literal_params |= result.literal_params;
    else if (!PyErr_Occurred()) raise_compile_error(&result);
    load_swap_uncacheable(outer_uncacheable);
    handles_pin(outer);
    api->result_free(&result);
    Py_DECREF(pins);
    return s;
}

/* Code made to look at the compiler is compiled now, and is nobody else's: these variables are in no key. */
static bool is_experiment(void) {
    static const char *const variable[] = {"NAJA_DUMP", "NAJA_TIME", "NAJA_SKIP", "NAJA_PASSES"};
    for (size_t i = 0; i < ARRAY_LEN(variable); i++)
        if (getenv(variable[i])) return true;
    return false;
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
