/* image.c - the unit image: the object file and what the boundary must know of it, as bytes.
 *
 * Layout, little-endian, every string with its length and a final NUL so that it can be used in place:
 *
 *   magic, flags, counts, statistics, name
 *   types of the parameters and of the result (type_encode)
 *   one record per raise site, one per function, one per function of elsewhere (UnitFunction)
 *   the fingerprints of imports (UnitImport)
 *   padding to 16 bytes, the object file
 *
 * Python objects are numbers: 1 + place in the list of objects that the fingerprint made, 0 for none.  The reader
 * trusts nothing: a length, count or number out of range makes the image broken, which is a cache miss.
 */
#include "boundary/specialisation.h"

enum { IMAGE_MAGIC = 0x354a414e, HAS_POLLS = 1, RELEASES_GIL = 2, MAX_COUNT = 1 << 20 };

/* ---- writing --------------------------------------------------------------------------------------------------------- */

typedef struct {
    StrBuf *out;
    PyObject *objects;
    bool complete, failed; /* failed: an exception is set */
} Writer;

static void put_u32(Writer *w, uint32_t v) { strbuf_add(w->out, (const char *)&v, sizeof v); }
static void put_text(Writer *w, const char *s) {
    size_t n = s ? strlen(s) : 0;
    put_u32(w, (uint32_t)n);
    strbuf_add(w->out, s ? s : "", n + 1);
}

/* Place of an object in the list; appended when it is new. */
static uint32_t place_of(Writer *w, PyObject *o) {
    Py_ssize_t n = PyList_GET_SIZE(w->objects);
    for (Py_ssize_t i = 0; i < n; i++)
        if (PyList_GET_ITEM(w->objects, i) == o) return (uint32_t)i;
    w->complete = false;
    w->failed |= PyList_Append(w->objects, o) < 0;
    return (uint32_t)n;
}

static uint32_t index_of_handle(void *writer, Handle h) {
    Writer *w = writer;
    PyObject *o = handle_object_borrow(h);
    if (!o && !w->failed) {
        PyErr_SetString(PyExc_ReferenceError, "an object died while code that refers to it was compiled");
        w->failed = true;
    }
    return o ? place_of(w, o) : 0;
}

/* Of a function only its globals count, for tracebacks: any function that has the same ones serves.  What an @overload
 * gives is a new function at every call, and has no place of its own. */
static Handle same_globals(Writer *w, Handle h) {
    PyObject *function = h ? handle_object_borrow(h) : NULL, *other = NULL;
    if (!function || !PyFunction_Check(function)) return h;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(w->objects); i++) {
        PyObject *o = PyList_GET_ITEM(w->objects, i);
        if (o == function) return h;
        bool serves = PyFunction_Check(o) && PyFunction_GET_GLOBALS(o) == PyFunction_GET_GLOBALS(function);
        if (serves && !other) other = o;
    }
    return other ? handle_of(other) : h;
}

static void put_object(Writer *w, Handle h) { put_u32(w, h ? 1 + index_of_handle(w, h) : 0); }
static void put_type(Writer *w, const Type *t) { type_encode(w->out, t, index_of_handle, w); }
static void put_types(Writer *w, uint32_t n, const Type *const *types) {
    put_u32(w, n);
    for (uint32_t i = 0; i < n; i++) put_type(w, types[i]);
}

/* The name of an exception class that needs no place; NULL: it does. */
static const char *builtin_class(Handle h) {
    PyObject *cls = h ? handle_object_borrow(h) : NULL;
    if (!cls || !PyExceptionClass_Check(cls)) return NULL;
    return class_name(cls);
}

/* "bridge:module:name" of what naja's library lets the interpreter do (naja/interpreter.py): it has no place in the fingerprint,
 * either, and is the same in every process.  NULL: it is something else. */
static PyObject *interpreted_name(Handle h) {
    PyObject *o = h ? handle_object_borrow(h) : NULL;
    PyObject *name = o && !PyType_Check(o) ? PyObject_GetAttrString(o, "_naja_name_") : NULL;
    PyErr_Clear();
    if (name && !PyUnicode_Check(name)) Py_CLEAR(name);
    return name;
}

/* Built-in classes go by name: one that naja's library raises has no place in the fingerprint. */
static void put_site(Writer *w, const SiteFact *s) {
    const char *builtin = s->builtin ? s->builtin : builtin_class(s->cls);
    PyObject *name = s->builtin ? interpreted_name(s->cls) : NULL;
    put_object(w, !name && (s->builtin || !builtin) ? s->cls : 0);
    put_text(w, name ? PyUnicode_AsUTF8(name) : builtin);
    Py_XDECREF(name);
    put_text(w, s->message);
    put_u32(w, s->func);
    put_u32(w, (uint32_t)s->offset);
    put_u32(w, (uint32_t)s->line);
    put_types(w, s->nargs, s->arg);
}

static void put_stats(Writer *w, const CompileResult *r) {
    UnitStats stats;
    /* With what lies between the members: the same units make the same bytes. */
    memset(&stats, 0, sizeof stats);
    stats.fused_loops = r->stats.fused_loops;
    stats.checks_total = r->stats.checks_total;
    stats.checks_left = r->stats.checks_left;
    stats.versioned_loops = r->stats.versioned_loops;
    stats.parallel_loops = r->stats.parallel_loops;
    stats.searches = r->stats.searches;
    stats.lanes = r->stats.lanes;
    stats.ms_total = r->stats.ms_total;
    stats.ms_llvm = r->stats.ms_llvm;
    strbuf_add(w->out, (const char *)&stats, sizeof stats);
}

void image_forget_times(uint8_t *image) {
    double none = 0;
    uint8_t *stats = image + 2 * sizeof(uint32_t); /* behind magic and flags */
    memcpy(stats + offsetof(UnitStats, ms_total), &none, sizeof none);
    memcpy(stats + offsetof(UnitStats, ms_llvm), &none, sizeof none);
}

int image_write(StrBuf *out, const CompileResult *r, uint32_t nargs, const Type *const *args,
                PyObject *objects, bool *complete) {
    static const char zeros[16];
    Writer w = {out, objects, true, false};
    put_u32(&w, IMAGE_MAGIC);
    put_u32(&w, (r->has_polls ? HAS_POLLS : 0) | (r->releases_gil ? RELEASES_GIL : 0));
    put_stats(&w, r);
    put_text(&w, r->nfuncs ? r->func[0].name : NULL);
    put_types(&w, nargs, args);
    put_type(&w, r->result);
    put_u32(&w, r->nsites);
    for (uint32_t i = 0; i < r->nsites; i++) put_site(&w, &r->site[i]);
    put_u32(&w, r->nfuncs);
    for (uint32_t i = 0; i < r->nfuncs; i++) {
        put_object(&w, r->func[i].code);
        put_object(&w, same_globals(&w, r->func[i].function));
        put_u32(&w, r->func[i].is_body);
    }
    put_u32(&w, r->nfunctions);
    for (uint32_t i = 0; i < r->nfunctions; i++) {
        put_object(&w, r->function[i].object);
        put_type(&w, r->function[i].type);
    }
    put_u32(&w, r->nimports);
    for (uint32_t i = 0; i < r->nimports; i++)
        strbuf_add(out, (const char *)r->import[i].key, sizeof(CacheKey));
    strbuf_add(out, zeros, -out->n & 15);
    strbuf_add(out, r->object, r->object_nbytes);
    *complete = w.complete;
    if (out->failed && !w.failed) PyErr_NoMemory();
    return out->failed || w.failed ? -1 : 0;
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

typedef struct {
    const uint8_t *at, *end;
    PyObject *objects; /* borrowed */
    PyObject *keep;
    bool broken, failed;
} Reader;

static bool take(Reader *r, void *out, size_t nbytes) {
    if ((size_t)(r->end - r->at) < nbytes) r->broken = true;
    if (r->broken) return memset(out, 0, nbytes), false;
    memcpy(out, r->at, nbytes);
    r->at += nbytes;
    return true;
}
static uint32_t take_u32(Reader *r) {
    uint32_t v;
    take(r, &v, sizeof v);
    return v;
}
static uint32_t take_count(Reader *r) {
    uint32_t n = take_u32(r);
    r->broken |= n > MAX_COUNT || n > (size_t)(r->end - r->at); /* every item has at least a byte */
    return r->broken ? 0 : n;
}

/* Empty text is NULL. */
static const char *take_text(Reader *r) {
    uint32_t n = take_count(r);
    const char *s = (const char *)r->at;
    if (r->broken || (size_t)(r->end - r->at) < (size_t)n + 1 || s[n]) return r->broken = true, NULL;
    r->at += n + 1;
    return n ? s : NULL;
}

/* Borrowed from `keep`. */
static PyObject *take_object(Reader *r) {
    uint32_t i = take_u32(r);
    if (i == 0 || r->broken) return NULL;
    if (i > PyList_GET_SIZE(r->objects)) return r->broken = true, NULL;
    PyObject *o = PyList_GET_ITEM(r->objects, i - 1);
    r->failed |= PyList_Append(r->keep, o) < 0;
    return o;
}

static Handle handle_at(void *reader, uint32_t i) {
    Reader *r = reader;
    if (i >= PyList_GET_SIZE(r->objects)) return r->broken = true, 0;
    PyObject *o = PyList_GET_ITEM(r->objects, i);
    r->failed |= PyList_Append(r->keep, o) < 0;
    Handle h = r->failed ? 0 : handle_of(o);
    r->failed |= h == 0;
    return h;
}
static const Type *take_type(Reader *r) {
    const Type *t = r->broken ? NULL : type_decode(&r->at, r->end, handle_at, r);
    r->broken |= !t;
    return t;
}

static void *allocate(Reader *r, size_t n, size_t nbytes) {
    void *p = PyMem_RawCalloc(n ? n : 1, nbytes);
    if (!p && !r->failed) {
        PyErr_NoMemory();
        r->failed = true;
    }
    return p;
}

static const Type **take_types(Reader *r, uint32_t *n) {
    *n = take_count(r);
    const Type **types = allocate(r, *n, sizeof *types);
    for (uint32_t i = 0; types && i < *n; i++) types[i] = take_type(r);
    return types;
}

/* What interpreted_name() gave, borrowed from `keep`. */
static PyObject *take_interpreted(Reader *r, const char *name) {
    PyObject *module = PyImport_ImportModule("naja.interpreter");
    PyObject *o = module ? PyObject_CallMethod(module, "named", "s", name) : NULL;
    r->failed |= !o || PyList_Append(r->keep, o) < 0;
    Py_XDECREF(o);
    Py_XDECREF(module);
    return o;
}

static void take_site(Reader *r, Site *s) {
    s->cls = take_object(r);
    s->builtin = take_text(r);
    if (s->builtin && !strncmp(s->builtin, "bridge:", 7)) {
        s->cls = take_interpreted(r, s->builtin + 7);
        s->builtin = "bridge";
    }
    s->message = take_text(r);
    s->func = take_u32(r);
    s->offset = (int32_t)take_u32(r);
    s->line = (int32_t)take_u32(r);
    s->arg = take_types(r, &s->nargs);
    if (s->builtin && (!strcmp(s->builtin, "bridge") || !strcmp(s->builtin, "objmode")))
        r->broken |= !s->cls || s->nargs != 2 || (!r->broken && !type_is_tuple(s->arg[0]));
    else r->broken |= s->cls ? !PyExceptionClass_Check(s->cls) : !s->builtin && s->nargs;
}

/* The callable of an objmode block, which runs a piece of the bytecode of the function it stands in. */
static void take_region(Reader *r, const Specialisation *s, Site *site) {
    PyObject *code = s->frame[site->func].code, *made = NULL;
    PyObject *regions = code ? PyImport_ImportModule("naja.regions") : NULL;
    PyObject *types = regions ? type_tuple_object(site->arg[1]->nelem, site->arg[1]->elem) : NULL;
    if (types) made = PyObject_CallMethod(regions, "Region", "OOsO", site->cls, code, site->message, types);
    r->broken |= !code;
    r->failed |= code && (!made || PyList_Append(r->keep, made) < 0);
    site->cls = made;
    Py_XDECREF(made); /* `keep` has it */
    Py_XDECREF(types);
    Py_XDECREF(regions);
}

/* `globals`: of the specialised function, for code without a function of its own. */
static void take_frame(Reader *r, FrameFact *f, PyObject *globals) {
    f->code = take_object(r);
    PyObject *function = take_object(r);
    f->is_body = take_u32(r) != 0;
    f->globals = function && PyFunction_Check(function) ? PyFunction_GET_GLOBALS(function) : globals;
    r->broken |= f->code && !PyCode_Check(f->code);
    if (f->code) r->failed |= PyList_Append(r->keep, f->globals) < 0;
}

static void take_function(Reader *r, NamedFunction *f) {
    f->object = take_object(r);
    f->type = take_type(r);
    r->broken |= !f->object || !f->type || f->type->kind != TYPE_CFUNCTION;
}

int image_read(Specialisation *s, PyObject *objects, PyObject *globals) {
    Reader r = {.at = s->image, .end = s->image + s->image_nbytes, .objects = objects, .keep = s->keep};
    r.broken = take_u32(&r) != IMAGE_MAGIC;
    uint32_t flags = take_u32(&r);
    s->has_polls = flags & HAS_POLLS;
    s->releases_gil = flags & RELEASES_GIL;
    take(&r, &s->stats, sizeof s->stats);
    s->name = take_text(&r);
    s->arg = take_types(&r, &s->nargs);
    s->result = take_type(&r);
    uint32_t nsites = take_count(&r);
    if ((s->site = allocate(&r, nsites, sizeof *s->site)))
        for (; s->nsites < nsites && !r.broken; s->nsites++) take_site(&r, &s->site[s->nsites]);
    s->nown_sites = s->nsites;
    s->nframes = take_count(&r);
    if ((s->frame = allocate(&r, s->nframes, sizeof *s->frame)))
        for (uint32_t i = 0; i < s->nframes && !r.broken; i++) take_frame(&r, &s->frame[i], globals);
    for (uint32_t i = 0; i < s->nsites; i++) r.broken |= s->site[i].func >= s->nframes;
    s->nfunctions = take_count(&r);
    if ((s->function = allocate(&r, s->nfunctions, sizeof *s->function)))
        for (uint32_t i = 0; i < s->nfunctions && !r.broken; i++) take_function(&r, &s->function[i]);
    s->nimports = take_count(&r);
    if ((s->import_key = allocate(&r, s->nimports, sizeof *s->import_key)))
        take(&r, s->import_key, s->nimports * sizeof *s->import_key);
    for (uint32_t i = 0; i < s->nsites && !r.broken && !r.failed; i++)
        if (s->site[i].builtin && !strcmp(s->site[i].builtin, "objmode")) take_region(&r, s, &s->site[i]);
    s->object_at = ((size_t)(r.at - s->image) + 15) & ~(size_t)15;
    r.broken |= s->object_at >= s->image_nbytes;
    s->object_nbytes = r.broken ? 0 : s->image_nbytes - s->object_at;
    return r.failed ? -1 : r.broken;
}
