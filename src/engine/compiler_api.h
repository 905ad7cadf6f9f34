/* engine/compiler_api.h - the seam between the two shared objects, a pair of tables of functions.
 *
 * naja._core hands CoreApi to naja._compiler when it loads it and gets CompilerApi back.  Neither exports any
 * other symbol.
 */
#ifndef NAJA_COMPILER_API_H
#define NAJA_COMPILER_API_H

#include "ir/ir.h"

#define COMPILER_API_VERSION 3

/* What naja._core gives. */
typedef struct {
    uint32_t version;
    TypeTable *types;
    /* The table of handles.  All need the GIL.  `object`: borrowed, NULL if it has died. */
    Handle (*handle_of)(void *py_object);   /* interned by identity; 0 with a Python error */
    void *(*object_of)(Handle h);
    /* The type of a Python object used as a constant; NULL without an error: not supported. */
    const Type *(*type_of)(void *py_object);
    const Type *(*type_named)(void *py_object); /* of a naja.types object; NULL: it is none */
    /* A dispatcher's Python function and options; 0 when h is no dispatcher. */
    Handle (*dispatcher_function)(Handle h);
    bool (*dispatcher_options)(Handle h, UnitOptions *out);
    int (*dispatcher_version)(Handle h, uint32_t nargs, const Type **args, const Type **result);
    /* Rung 2: the Python implementation that an @overload gives for these types; 0: none. *failed: Python error. */
    Handle (*overload)(const char *library_name, Handle callable, uint32_t nargs, const Type *const *plain,
                       const Type *const *exact, uint32_t nkeywords, const char *const *keyword, bool *failed);
    /* Rung 3: which inner loop a ufunc runs for these operands, as the symbol of library/bridge.c; NULL with a Python
     * error.  Lives as long as the process. */
    const char *(*ufunc_loop)(Handle ufunc, uint32_t nargs, const Type *const *args);
    /* Rung 4: see LibraryHost. */
    const Type *(*bridge)(Handle callable, Handle caller, uint32_t nargs, const Type *const *args,
                          uint32_t nkeywords, const char *const *keyword, const char **why, bool *failed);
    bool (*bridge_warn)(Handle callable, Handle caller, const char *filename, int line);
    bool (*performance_warn)(Handle function, const char *filename, int line, const char *text);
    /* The fingerprint of a library function that is to be a unit of its own; false: it has none. */
    bool (*import_key)(Handle function, uint32_t nargs, const Type *const *args, const Type *result,
                       const UnitOptions *options, uint64_t key[2]);
    bool (*class_has_name)(Handle cls); /* an exception class that images need no object for */
    /* Is what a raise site raises, a class or (0) a built-in one, an instance of a class? */
    bool (*site_matches)(Handle cls, const char *builtin, Handle of);
    /* Numbers that generated code needs of CPython and NumPy: offsets into their structs. */
    struct {
        uint32_t float_value;                                       /* ob_fval */
        uint32_t object_type;                                       /* ob_type */
        uint32_t array_data, array_nd, array_dimensions, array_strides;
    } offset;
} CoreApi;

/* A request: everything about one specialisation. */
typedef struct {
    Handle function;              /* the Python function */
    uint32_t nargs;
    const Type *const *args;      /* by parameter; *args as one tuple */
    const Type *result;           /* wanted, or NULL */
    UnitOptions options;
    bool want_llvm_ir, want_assembly, want_types, want_calls, want_remarks; /* for inspect_*() */
    bool no_imports;              /* everything in one unit */
} CompileRequest;

/* Facts about one raise site and one function, as boundary/ needs them. */
typedef struct {
    Handle cls; const char *builtin, *message; uint32_t func; int32_t offset, line; uint32_t nargs; const Type **arg;
} SiteFact;
typedef struct {
    Handle code;                  /* code object, for tracebacks; 0: made by the compiler */
    Handle function;
    const char *name, *filename; int first_line;
    bool is_body;                 /* body of a parallel loop: a part of the function that its caller is */
} FuncFact;

typedef struct {
    bool ok;
    /* on success; all owned by the result, freed by compiler->result_free */
    const void *object; size_t object_nbytes;
    const Type *result;
    uint32_t nsites, nfuncs;
    const SiteFact *site;
    const FuncFact *func;
    const char *llvm_ir, *assembly, *types_text, *calls_text, *remarks_text, *vector_text;
    uint32_t nfunctions;
    const UnitFunction *function; /* values of FunctionTypes that the unit names */
    uint32_t nimports;
    const UnitImport *import;     /* library functions that it calls; known with `result` from preparation on */
    bool has_polls, can_raise, releases_gil;
    bool cacheable;               /* false: refers to objects that cannot be named in another process */
    struct {
        uint32_t fused_loops, checks_total, checks_left, versioned_loops, parallel_loops, searches, lanes;
        double ms_total, ms_llvm;
    } stats;
    /* on failure: the first diagnostic, already formatted: at most 8 lines */
    const char *error_class, *error_text, *error_code;
    bool python_error;            /* a Python exception is set instead */
    const Type *const *wanted_args; /* on failure, not NULL: with arguments of these types it may succeed */
    uint64_t literal_params;      /* on failure: with these parameters as literals it may succeed */
    void *owner;                  /* private */
} CompileResult;

/* What naja._compiler gives. */
typedef struct {
    uint32_t version;
    /* A compilation in three steps, all called with the GIL.  `prepare` does what needs Python, and says which imports
     * there are; `emit` lets LLVM work on prepared results, on as many threads as there are processors, without the GIL;
     * `finish` makes the rest of the result known, or why there is none. */
    void (*prepare)(const CompileRequest *request, CompileResult *result);
    void (*emit)(uint32_t n, CompileResult *const *results);
    void (*finish)(CompileResult *result);
    void (*result_free)(CompileResult *result);
    const char *(*llvm_version)(void);
} CompilerApi;

#define CORE_CAPSULE "naja._core._api"
#define COMPILER_CAPSULE "naja._compiler._api"

#endif
