/* boundary/specialisation.h - one compiled version of a function, and how it comes to be.
 *
 *   compile.c         asks the cache, else naja._compiler; gives a Specialisation
 *   fingerprint.c     what a function's code depends on, as a hash: the key of the cache
 *   imports.c         the library functions that other units call, each loaded once
 *   extension.c       images for modules that are compiled ahead of time
 *   image.c           the unit image: what a compilation leaves, as position-independent bytes
 *   specialisation.c  loads an image: fresh code and cached code take the same way
 *
 * A unit image names Python objects (code objects, exception classes, namedtuple classes) by their place in the
 * fingerprint's list of objects, which is the same in every process that computes the same key.
 */
#ifndef NAJA_BOUNDARY_SPECIALISATION_H
#define NAJA_BOUNDARY_SPECIALISATION_H

#include "boundary/state.h"
#include "engine/engine.h"

/* One place that can raise. */
typedef struct {
    PyObject *cls;               /* user raises: the class; NULL: the built-in named below; borrowed from `keep` */
    PyObject *_Atomic found;     /* the class named by `builtin`, once something asked for it */
    const char *builtin, *message;
    uint32_t func;               /* row of `frame` */
    int32_t offset, line;
    uint32_t nargs;
    const Type **arg;
} Site;

/* What a traceback shows of a compiled function. */
typedef struct {
    PyObject *code, *globals;    /* borrowed from `keep`; code NULL: made by the compiler, not shown */
    bool is_body;                /* of a parallel loop: the frame around it is the same Python function */
} FrameFact;

/* A function that the unit has the addresses of: see UnitFunction in ir/ir.h. */
typedef struct {
    PyObject *object;            /* borrowed from `keep` */
    const Type *type;
} NamedFunction;

/* A library function that is a unit of its own: see UnitImport in ir/ir.h. */
typedef struct Import Import;

typedef struct {
    uint32_t fused_loops, checks_total, checks_left, versioned_loops, parallel_loops, searches, lanes;
    double ms_total, ms_llvm;
} UnitStats;

struct Specialisation {
    void *float_type;            /* &PyFloat_Type; first, generated code reads it */
    PyObject *(*entry)(Specialisation *, PyObject *const *);
    void *native, *c, *cross;    /* c, cross: of a unit with the option exports; c is NULL where C has no such types */
    uint32_t nargs;
    const Type **arg;            /* by parameter */
    const Type *result;
    uint32_t nsites, nframes;    /* of imports, too, once they are loaded */
    Site *site;
    FrameFact *frame;
    uint32_t nfunctions;
    NamedFunction *function;
    uint32_t nimports, nown_sites;
    CacheKey *import_key;
    Import **import;             /* a reference to each */
    uint32_t *import_sites;      /* by import: the number of its first site */
    PyObject *keep;              /* list of the objects that the facts mention */
    LoadedObject *code;
    uint8_t *image;              /* malloc'd; strings above point into it */
    const char *name;            /* of the entry function, in the image */
    size_t image_nbytes, object_at, object_nbytes; /* the object file inside the image */
    PyObject *owner;             /* the dispatcher it belongs to; borrowed, NULL: none */
    UnitStats stats;
    bool has_polls, releases_gil, from_cache, is_import;
    _Atomic bool retired;        /* recompile() replaced it; calls that run in it go on */
    Specialisation *_Atomic next; /* of the same dispatcher, in the order of compilation */
    char *llvm_ir, *assembly, *types_text, *calls_text, *remarks_text, *vector_text; /* malloc'd; only after compile_inspect */
};

/* ---- image.c ------------------------------------------------------------------------------------------------------ */

/* Appends the image of a compilation.  `objects` is the fingerprint's list; what is missing there is appended, and
 * *complete becomes false: the image is good in this process only. */
int image_write(StrBuf *out, const CompileResult *result, uint32_t nargs, const Type *const *args, PyObject *objects,
                bool *complete);
/* Fills the facts of a specialisation from image bytes, which must outlive it.  1: broken, no exception. */
int image_read(Specialisation *s, PyObject *objects, PyObject *globals);
/* Makes compilations of the same code the same bytes: takes out how long it took. */
void image_forget_times(uint8_t *image);

/* ---- specialisation.c --------------------------------------------------------------------------------------------- */

/* Takes over `image`.  `function`: NULL for an import.  NULL without an exception when the image is broken, or one of its
 * imports is missing or is. */
Specialisation *specialisation_load(uint8_t *steal_image, size_t nbytes, PyObject *objects, PyObject *function);
const char *specialisation_failure(void); /* why the last image of this thread was not loaded */
void specialisation_free(Specialisation *s);
int specialisation_traverse(Specialisation *s, visitproc visit, void *arg);
int specialisation_start(void);
Specialisation *overload_specialisation(PyObject *overload); /* dispatcher_type.c */

/* ---- imports.c ---------------------------------------------------------------------------------------------------- */

/* A new reference to a loaded import: from the table, else from the cache's files.  NULL without an exception: it is in
 * neither. */
Import *import_find(CacheKey key, bool use_cache);
/* The same for a unit that was compiled just now; takes over its image. */
Import *import_add(CacheKey key, uint8_t *steal_image, size_t nbytes);
const Specialisation *import_unit(const Import *import);
void import_release(Import *import); /* the last one frees the code */
void imports_start(void);
uint32_t imports_count(void);        /* that are loaded */
uint32_t imports_compiled(void);     /* compile.c: so far, in this process */

/* ---- fingerprint.c ------------------------------------------------------------------------------------------------ */

typedef struct {
    bool cacheable;
    CacheKey key;
    PyObject *objects;           /* list of what the function refers to, in the order of the walk; new reference */
    const char *why_not;         /* static text: why it cannot be cached */
} Fingerprint;
int fingerprint(PyObject *function, uint32_t nargs, const Type *const *args, const Type *result,
                const UnitOptions *options, Fingerprint *out);

/* ---- extension.c -------------------------------------------------------------------------------------------------- */

int extension_start(PyObject *module);

/* ---- compile.c ------------------------------------------------------------------------------------------------------ */

typedef struct {
    PyObject *function;
    UnitOptions options;
    uint32_t nargs;
    const Type *const *args;
    const Type *result;          /* wanted, or NULL */
    bool use_cache;
    bool inspect;                /* keep the texts: never served by the cache */
    bool explain;                /* and the remarks, with line numbers in the texts */
    /* Not NULL: instead of raising an error, says which parameters are wanted as literals (bits), if that may help. */
    uint64_t *literal_params;
    /* Goes with that: the types that the arguments are to have instead; the caller's, `nargs` of them. */
    const Type **wanted_args;
    /* Not NULL: the objects that the image names by their places, as a list (new reference), for use in other processes.
     * Code that holds what only this process has is an error. */
    PyObject **objects;
} SpecialiseRequest;
Specialisation *specialise(const SpecialiseRequest *r); /* NULL without an exception: see literal_params */

/* Compilations go one at a time per process; the lock is recursive and never waited for with the GIL held. */
void compile_lock(void);
void compile_unlock(void);
void compile_lock_start(void);

#endif
