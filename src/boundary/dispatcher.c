/* dispatcher.c - a call: from arguments to the specialisation for their types.
 *
 *   1. The arguments are compared with the words of the specialisation called last.  Nearly all calls end here.
 *   2. Otherwise their words are stored, hashed and looked up in the table, without a lock.
 *   3. Otherwise the types are asked for: another sequence of words may have the same types.
 *   4. Otherwise the function is compiled for them, under the compile lock and after looking once more; or, when the
 *      signatures were given beforehand, the best one that the arguments convert to is taken.
 *
 * Arguments that are no arrays but lend one (exporters.c) are replaced by it on the slow path, which holds the arrays.
 *
 * Calls with keywords, defaults or *args are bound to one object per parameter first (binding.c).
 */
#include "runtime/runtime.h"
#include "boundary/dispatcher.h"

#include "boundary/exporters.h"

enum { FIRST_WORDS = 64, MAX_WORDS = 1 << 16, FIRST_SLOTS = 8 };

/* ---- the table ------------------------------------------------------------------------------------------------------------ */

static Key *table_find(const Table *t, uint64_t hash, const Word *w, uint32_t n) {
    if (!t) return NULL;
    for (uint32_t i = (uint32_t)hash & t->mask;; i = (i + 1) & t->mask) {
        Key *k = atomic_load_explicit(&t->slot[i], memory_order_acquire);
        if (!k || (k->hash == hash && k->nwords == n && !memcmp(k->word, w, n * sizeof *w))) return k;
    }
}

static void table_put(Table *t, Key *k) {
    uint32_t i = (uint32_t)k->hash & t->mask;
    while (atomic_load_explicit(&t->slot[i], memory_order_relaxed)) i = (i + 1) & t->mask;
    t->n++;
    atomic_store_explicit(&t->slot[i], k, memory_order_release);
}

/* The table with room for one more key; NULL with an exception. */
static Table *table_reserve(Dispatcher *d) {
    Table *old = atomic_load_explicit(&d->table, memory_order_relaxed);
    if (old && old->n < old->mask / 2) return old;
    uint32_t nslots = old ? (old->mask + 1) * 2 : FIRST_SLOTS;
    Table *t = PyMem_RawCalloc(1, sizeof *t + nslots * sizeof t->slot[0]);
    if (!t) return PyErr_NoMemory(), NULL;
    t->mask = nslots - 1;
    t->next = old;
    for (uint32_t i = 0; old && i <= old->mask; i++)
        if (old->slot[i]) table_put(t, old->slot[i]);
    atomic_store_explicit(&d->table, t, memory_order_release);
    return t;
}

/* Under the compile lock. */
static Key *add_key(Dispatcher *d, Specialisation *spec, uint64_t hash, const Word *w, uint32_t n) {
    Table *t = table_reserve(d);
    Key *k = t ? PyMem_RawMalloc(sizeof *k + n * sizeof *w) : NULL;
    if (!k) return t ? (PyErr_NoMemory(), NULL) : NULL;
    *k = (Key){.spec = spec, .hash = hash, .nwords = n, .next = d->keys};
    memcpy(k->word, w, n * sizeof *w);
    d->keys = k;
    table_put(t, k);
    return k;
}

void dispatcher_retire_all(Dispatcher *d) {
    compile_lock();
    Table *old = atomic_load(&d->table),
          *empty = PyMem_RawCalloc(1, sizeof *empty + FIRST_SLOTS * sizeof empty->slot[0]);
    if (empty) {
        empty->mask = FIRST_SLOTS - 1;
        empty->next = old;
        atomic_store(&d->table, empty);
        atomic_store(&d->last, NULL);
        FOR_EACH_SPECIALISATION(s, d) atomic_store(&s->retired, true);
    }
    compile_unlock();
}

void dispatcher_free_code(Dispatcher *d) {
    for (Table *t = atomic_load(&d->table), *next; t; t = next) {
        next = t->next;
        PyMem_RawFree(t);
    }
    for (Key *k = d->keys, *next; k; k = next) {
        next = k->next;
        PyMem_RawFree(k);
    }
    for (Specialisation *s = d->first, *next; s; s = next) {
        next = s->next;
        specialisation_free(s);
    }
}

/* ---- compiling --------------------------------------------------------------------------------------------------------------- */

Specialisation *dispatcher_find(Dispatcher *d, uint32_t nargs, const Type *const *args) {
    FOR_EACH_SPECIALISATION(s, d) {
        if (s->nargs == nargs && !memcmp(s->arg, args, nargs * sizeof *args)) return s;
    }
    return NULL;
}

/* Under the compile lock. */
static void add_specialisation(Dispatcher *d, Specialisation *s) {
    Specialisation *_Atomic *place = &d->first;
    while (atomic_load_explicit(place, memory_order_relaxed)) place = &atomic_load(place)->next;
    atomic_store_explicit(place, s, memory_order_release);
    s->from_cache ? d->cache_hits++ : d->cache_misses++;
}

bool dispatcher_has_source(const Dispatcher *d) {
    if (d->is_ahead)
        error_raise(
            "UnsupportedError",
            "%U() was compiled ahead of time: there is no source here for more than the versions it has",
            d->parameters.name);
    return !d->is_ahead;
}

/* Tells the listeners of `numba:compile` (naja/event.py) that a compilation begins or has ended; nobody listens before
 * that module is loaded.  `error` is what it failed with, or NULL. */
static int announce(Dispatcher *d, uint32_t nargs, const Type *const *args, const Type *result,
                    const char *what, PyObject *error) {
    PyObject *module = PyDict_GetItemString(PyImport_GetModuleDict(), "naja.event");
    if (!module) return 0;
    PyObject *types = PyTuple_New(nargs);
    for (uint32_t i = 0; i < nargs && types; i++)
        PyTuple_SET_ITEM(types, i, Py_NewRef(type_object_borrow(args[i])));
    PyObject *done = types ? PyObject_CallMethod(module, "compiling", "sOOOO", what, d, types,
                                                 result ? type_object_borrow(result) : Py_None,
                                                 error ? error : Py_None)
                           : NULL;
    Py_XDECREF(types);
    Py_XDECREF(done);
    return done ? 0 : -1;
}

/* The end of a compilation whose exception, if any, stays set; -1 if a listener raises after one that succeeded. */
static int announce_end(Dispatcher *d, uint32_t nargs, const Type *const *args, const Type *result) {
    PyObject *type, *error, *traceback;
    PyErr_Fetch(&type, &error, &traceback);
    if (type) PyErr_NormalizeException(&type, &error, &traceback);
    int outcome = announce(d, nargs, args, result, "end", error);
    if (type) PyErr_Restore(type, error, traceback);
    return type ? 0 : outcome;
}

/* Under the compile lock. */
static Specialisation *compile_new(Dispatcher *d, uint32_t nargs, const Type *const *args, const Type *result,
                                   uint64_t *literal_params, const Type **wanted_args) {
    if (!d->function) return PyErr_SetString(PyExc_ReferenceError, "the function is being destroyed"), NULL;
    if (!dispatcher_has_source(d)) return NULL;
    SpecialiseRequest request = {.function = d->function,
                                 .options = d->options,
                                 .nargs = nargs,
                                 .args = args,
                                 .result = result,
                                 .use_cache = d->use_cache,
                                 .literal_params = literal_params,
                                 .wanted_args = wanted_args};
    if (announce(d, nargs, args, result, "start", NULL) < 0) return NULL;
    Specialisation *s = specialise(&request);
    if (s) s->owner = (PyObject *)d;
    if (s) add_specialisation(d, s);
    if (s && d->options.parallel) pool_announce_layer();
    return announce_end(d, nargs, args, result) < 0 ? NULL : s;
}

bool dispatcher_add(Dispatcher *d, Specialisation *steal) {
    compile_lock();
    bool is_new = !dispatcher_find(d, steal->nargs, steal->arg);
    steal->owner = (PyObject *)d;
    steal->from_cache = true;
    if (is_new) add_specialisation(d, steal);
    else specialisation_free(steal);
    compile_unlock();
    return is_new;
}

Specialisation *dispatcher_specialise(Dispatcher *d, uint32_t nargs, const Type *const *args,
                                      const Type *result) {
    compile_lock();
    Specialisation *s = dispatcher_find(d, nargs, args);
    if (!s) s = compile_new(d, nargs, args, result, NULL, NULL);
    compile_unlock();
    return s;
}

/* ---- given signatures ---------------------------------------------------------------------------------------- */

enum { UNSAFE_SHIFT = 40, SAFE_SHIFT = 20 };

/* How far the arguments are from a signature: how many conversions there are of each quality, the worst one first;
 * -1: some do not convert at all.  Unsafe conversions (float to int, int64 to int32) are taken when nothing better
 * was compiled, as Numba does. */
static int64_t distance(const Specialisation *s, uint32_t nargs, const Type *const *args) {
    static const int64_t cost[] = {[CONVERT_UNSAFE] = INT64_C(1) << UNSAFE_SHIFT,
                                   [CONVERT_SAFE] = INT64_C(1) << SAFE_SHIFT,
                                   [CONVERT_PROMOTE] = 1,
                                   [CONVERT_EXACT] = 0};
    int64_t far = 0;
    if (s->nargs != nargs) return -1;
    for (uint32_t i = 0; i < nargs; i++) {
        Conversion c = type_can_convert(args[i], s->arg[i]);
        if (c == CONVERT_NO) return -1;
        far += cost[c];
    }
    return far;
}

static void add_types(StrBuf *text, uint32_t n, const Type *const *types) {
    for (uint32_t i = 0; i < n; i++) strbuf_printf(text, "%s%s", i ? ", " : "", types[i]->name);
}

static Specialisation *no_match(uint32_t nargs, const Type *const *args) {
    StrBuf text = {0};
    add_types(&text, nargs, args);
    PyErr_Format(PyExc_TypeError, "No matching definition for argument type(s) %s", text.at ? text.at : "");
    strbuf_free(&text);
    return NULL;
}

static Specialisation *ambiguous(Dispatcher *d, uint32_t nargs, const Type *const *args, int64_t least) {
    StrBuf text = {0};
    strbuf_printf(&text, "(");
    add_types(&text, nargs, args);
    strbuf_printf(&text, "):");
    FOR_EACH_SPECIALISATION(s, d) {
        if (distance(s, nargs, args) != least) continue;
        strbuf_printf(&text, "\n(");
        add_types(&text, nargs, s->arg);
        strbuf_printf(&text, ") -> %s", s->result->name);
    }
    PyErr_Format(PyExc_TypeError, "Ambiguous overloading for %R %s", d->function, text.at ? text.at : "");
    strbuf_free(&text);
    return NULL;
}

/* Two equally good ways to lose something are an error; of two safe ways the first one given is taken. */
static Specialisation *best_conversion(Dispatcher *d, uint32_t nargs, const Type *const *args) {
    Specialisation *best = NULL;
    int64_t least = INT64_MAX;
    bool tie = false;
    FOR_EACH_SPECIALISATION(s, d) {
        int64_t far = distance(s, nargs, args);
        if (far < 0 || far > least) continue;
        tie = far == least;
        if (!tie) best = s;
        least = far;
    }
    if (!best) return no_match(nargs, args);
    return tie && least >> UNSAFE_SHIFT ? ambiguous(d, nargs, args, least) : best;
}

/* Option inline="always": the function takes part in its callers, whatever its own signatures are. */
static bool is_inlined(Dispatcher *d) {
    PyObject *options = PyObject_GetAttrString((PyObject *)d, "targetoptions");
    PyObject *value = options && PyDict_Check(options) ? PyDict_GetItemString(options, "inline") : NULL;
    bool is = value && PyUnicode_Check(value) && !PyUnicode_CompareWithASCIIString(value, "always");
    PyErr_Clear();
    Py_XDECREF(options);
    return is;
}

int dispatcher_given_version(PyObject *self, uint32_t nargs, const Type **args, const Type **result) {
    Dispatcher *d = (Dispatcher *)self;
    if (d->can_compile || d->object_mode) return 0;
    Specialisation *s = best_conversion(d, nargs, args);
    if (!s) return PyErr_Clear(), is_inlined(d) ? 0 : -1;
    memcpy(args, s->arg, nargs * sizeof *args);
    *result = s->result;
    return 1;
}

/* ---- the slow path ---------------------------------------------------------------------------------------------------------------- */

enum { MAX_WIDENED = 8 }; /* how often arguments are wanted as other types */

/* `type` may become what the function wants the arguments to be: a list that is empty has no type of its own. */
static Specialisation *find_or_compile(Dispatcher *d, uint32_t nargs, const Type **type, uint64_t *literals) {
    const Type *wanted[MAX_PARAMETERS];
    for (uint32_t round = 0; round < MAX_WIDENED; round++) {
        Specialisation *s = dispatcher_find(d, nargs, type);
        if (s) return s;
        memcpy(wanted, type, nargs * sizeof *wanted);
        s = compile_new(d, nargs, type, NULL, literals, wanted);
        if (s || PyErr_Occurred() || !memcmp(wanted, type, nargs * sizeof *wanted)) return s;
        memcpy(type, wanted, nargs * sizeof *wanted);
    }
    return error_raise("TypingError", "the arguments of %U() have no types in the end", d->parameters.name);
}

static Specialisation *choose(Dispatcher *d, uint32_t nargs, PyObject *const *args) {
    const Type *type[MAX_PARAMETERS];
    for (uint32_t i = 0; i < nargs; i++)
        if (!(type[i] = typeof_argument(args[i]))) return NULL;
    Specialisation *s = dispatcher_find(d, nargs, type);
    if (s) return s;
    if (!d->can_compile) return best_conversion(d, nargs, type);
    uint64_t wanted = 0;
    long shared = dataclass_nshared();
    s = find_or_compile(d, nargs, type, &wanted);
    atomic_fetch_or(&d->literal_params, wanted);
    if (s || shared == dataclass_nshared()) return s;
    PyErr_Clear(); /* it assigns fields of instances that were values up to now */
    return choose(d, nargs, args);
}

static Key *find_key(Dispatcher *d, PyObject *const *args, uint32_t nargs, const Word *w, uint32_t nwords) {
    uint64_t hash = words_hash(w, nwords);
    Key *k = table_find(atomic_load_explicit(&d->table, memory_order_acquire), hash, w, nwords);
    if (k) return k;
    compile_lock();
    k = table_find(atomic_load(&d->table), hash, w, nwords); /* another thread may have been faster */
    if (!k) {
        Specialisation *s = choose(d, nargs, args);
        k = s ? add_key(d, s, hash, w, nwords) : NULL;
    }
    compile_unlock();
    return k;
}

/* The words of all arguments in `first` or, if they are many, in memory that the caller frees; NULL with an
 * exception. */
static Word *collect_words(PyObject *const *args, uint32_t nargs, Word *first, uint32_t *nwords) {
    Word *w = first;
    for (size_t room = FIRST_WORDS; w; room *= 8) {
        Word *p = w;
        for (uint32_t i = 0; i < nargs && p; i++) p = words_put(args[i], p, w + room);
        if (p) {
            *nwords = (uint32_t)(p - w);
            return w;
        }
        if (w != first) PyMem_RawFree(w);
        if (PyErr_Occurred()) return NULL;
        if (room >= MAX_WORDS)
            return error_raise("TypingError",
                               "the arguments have too many elements: pass arrays instead of long tuples");
        w = PyMem_RawMalloc(room * 8 * sizeof *w);
    }
    PyErr_NoMemory();
    return NULL;
}

/* The one object of this dispatcher that stands for a literal argument; borrowed. */
static PyObject *literal_borrow(Dispatcher *d, PyObject *value) {
    if (is_omitted(value)) return value;
    PyObject *key = PyTuple_Pack(2, Py_TYPE(value), value);
    PyObject *known = key ? PyDict_GetItemWithError(d->literals, key) : NULL;
    const Type *t = known || PyErr_Occurred() ? NULL : typeof_constant(value);
    if (t && t->kind == TYPE_LITERAL) {
        PyObject *made = omitted_new(value, t);
        known = made ? PyDict_SetDefault(d->literals, key, made) : NULL;
        Py_XDECREF(made);
    }
    if (!known) {
        PyErr_Clear();
        error_raise(
            "TypingError",
            "Cannot request literal type: %U() wants a value that is an int, a bool, a str or a slice, "
            "not one of %R",
            d->parameters.name, (void *)Py_TYPE(value));
    }
    Py_XDECREF(key);
    return known;
}

static bool literal_arguments(Dispatcher *d, uint64_t wanted, PyObject *const *args, uint32_t nargs,
                              PyObject **out) {
    for (uint32_t i = 0; i < nargs; i++) {
        out[i] = i < 64 && wanted >> i & 1 ? literal_borrow(d, args[i]) : args[i];
        if (!out[i]) return false;
    }
    return true;
}

static PyObject *call_slowly(Dispatcher *d, PyObject *const *args, uint32_t nargs);

/* The call with arrays or stand-ins in place of the arguments that have some. */
static PyObject *call_with_arrays(Dispatcher *d, PyObject *const *args, uint32_t nargs) {
    PyObject *own[MAX_PARAMETERS], *kept[MAX_PARAMETERS], *result = NULL;
    memcpy(own, args, nargs * sizeof *own);
    uint32_t nkept = exporters_replace(own, nargs, kept);
    if (!PyErr_Occurred()) {
        result = call_slowly(d, own, nargs);
        if (exporters_give_back(args, kept, nargs) < 0) Py_CLEAR(result);
    }
    while (nkept) Py_DECREF(kept[--nkept]);
    return result;
}

static PyObject *call_as_typed(Dispatcher *d, PyObject *const *args, uint32_t nargs) {
    Word first[FIRST_WORDS];
    uint32_t nwords = 0;
    bool open = typeof_take_empty(true);
    Word *w = collect_words(args, nargs, first, &nwords);
    if (!w) {
        typeof_take_empty(open);
        return exporters_learn(args, nargs) ? call_with_arrays(d, args, nargs) : NULL;
    }
    Key *k = find_key(d, args, nargs, w, nwords);
    typeof_take_empty(open);
    if (w != first) PyMem_RawFree(w);
    if (!k) return NULL;
    atomic_store_explicit(&d->last, k, memory_order_release);
    return k->spec->entry(k->spec, args);
}

/* Compiling may find that a parameter is wanted as a literal; then the call is made again with its value. */
static __attribute__((noinline)) PyObject *call_slowly(Dispatcher *d, PyObject *const *args, uint32_t nargs) {
    if (exporters_among(args, nargs)) return call_with_arrays(d, args, nargs);
    PyObject *with[MAX_PARAMETERS];
    for (;;) {
        uint64_t wanted = atomic_load(&d->literal_params);
        if (wanted && !literal_arguments(d, wanted, args, nargs, with)) return NULL;
        PyObject *result = call_as_typed(d, wanted ? with : args, nargs);
        if (result || PyErr_Occurred() || atomic_load(&d->literal_params) == wanted) return result;
    }
}

static inline PyObject *call_positional(Dispatcher *d, PyObject *const *args, uint32_t nargs) {
    Key *k = atomic_load_explicit(&d->last, memory_order_acquire);
    if (UNLIKELY(!k)) return call_slowly(d, args, nargs);
    const Word *p = k->word;
    for (uint32_t i = 0; i < nargs; i++)
        if (UNLIKELY(!(p = words_match(args[i], p)))) return call_slowly(d, args, nargs);
    return k->spec->entry(k->spec, args);
}

static __attribute__((noinline)) PyObject *call_bound(Dispatcher *d, PyObject *const *args, Py_ssize_t nargs,
                                                      PyObject *kwnames) {
    PyObject *bound[MAX_PARAMETERS];
    const Parameters *p = &d->parameters;
    if (parameters_bind(p, args, nargs, kwnames, bound) < 0) return NULL;
    PyObject *result = call_positional(d, bound, (uint32_t)p->nparams);
    parameters_release(p, bound);
    return result;
}

PyObject *dispatcher_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames) {
    Dispatcher *d = (Dispatcher *)self;
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (UNLIKELY(kwnames != NULL || nargs != d->nplain)) return call_bound(d, args, nargs, kwnames);
    return call_positional(d, args, (uint32_t)nargs);
}

PyObject *dispatcher_interpret(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames) {
    Dispatcher *d = (Dispatcher *)self;
    if (!d->function) return PyErr_SetString(PyExc_ReferenceError, "the function is being destroyed"), NULL;
    const Parameters *p = &d->parameters;
    Py_ssize_t n = PyVectorcall_NARGS(nargsf);
    if (kwnames || n != d->nplain) { /* wrong calls get the same words as elsewhere */
        PyObject *bound[MAX_PARAMETERS];
        if (parameters_bind(p, args, n, kwnames, bound) < 0) return NULL;
        parameters_release(p, bound);
    }
    d->was_called = true;
    return PyObject_Vectorcall(d->function, args, nargsf, kwnames);
}
