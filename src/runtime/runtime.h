/* runtime/runtime.h - what compiled code calls: memory, threads, mathematics, sorting, BLAS.  Plain C.
 *
 * Everything here runs without a Python thread state: workers of a parallel loop call it, and functions that
 * released the GIL.  The few places that need Python (a pending signal, an array that must be given back to
 * its Python owner) go through RuntimeHooks, which boundary/ fills in at import.
 *
 * The symbols that compiled code may use are the rows of natives.def; natives.c turns them into the table
 * that the object loader resolves against.
 */
#ifndef NAJA_RUNTIME_H
#define NAJA_RUNTIME_H

#include <stdbool.h>

#include "runtime/abi.h"

/* ---- natives.c -------------------------------------------------------------------------------------------------- */

/* Address of a runtime function or libm function by name; NULL when compiled code may not call it. */
void *runtime_symbol(const char *name);
/* Adds the symbols that other parts of naja._core provide (boundary/); `n` pairs, kept by reference. */
typedef struct {
    const char *name;
    void *address;
} RuntimeSymbol;
void runtime_add_symbols(const RuntimeSymbol *symbol, uint32_t n);

typedef struct {
    /* Serve signals now; nonzero: a Python exception is set and the program must unwind.  Any thread, GIL or not. */
    int32_t (*check_signals)(Context *);
    void (*pin)(MemoryBlock *);
    int32_t (*resume_foreign)(Context *, MemoryBlock *generator, Slot *has_item);
    /* Gives up the GIL, if this thread has it, while it waits for its workers; what leave_python gives goes back in. */
    void *(*leave_python)(void);
    void (*enter_python)(void *state);
    /* A block that keeps the Python object alive that this memory of an argument belongs to (`parent`, or found by
     * address); NULL in *owner: nobody's, the memory is constant.  0 or STATUS_MEMORY. */
    int32_t (*escape)(Context *, void *parent, const void *data, MemoryBlock **owner);
    /* Exceptions that are caught.  Any thread, GIL or not.  take: the pending Python exception, a new reference. */
    void *(*take_error)(Context *, int32_t status);
    void (*set_error)(Context *, int32_t status, void *exception); /* borrowed */
    void (*drop_error)(void *steal_exception);
    void *(*handled_error)(void); /* a new reference; a RuntimeError if Python handles none */
    bool (*matches)(const Caught *c, void *spec, uint32_t site); /* is it an instance of the class of a site */
    bool (*pending_matches)(Context *, int32_t status, uint32_t site);
    uint32_t (*managed_words)(void *spec, uint32_t site);        /* bit i: payload[i] is a MemoryBlock */
    /* naja_bridge_call (abi.h), with the GIL taken. */
    int32_t (*bridge_call)(Context *, int64_t site, const Slot *args, Slot *result);
} RuntimeHooks;
extern RuntimeHooks runtime_hooks;
/* A worker has wanted the GIL at least once: who waits for workers does so without it. */
extern _Atomic int32_t naja_python_wanted;

/* ---- ufunc.c: calling the inner loops of NumPy's ufuncs ------------------------------------------------------------ */

enum { UFUNC_MAX_OPERANDS = 32, UFUNC_MAX_CORE = 16 };
typedef int (*UfuncInnerLoop)(void *context, char *const *data, const int64_t *extents, const int64_t *strides,
                              void *auxdata);
/* One inner loop of a ufunc.  Core dimensions are numbered; those of operand i are core[core_begin[i]] and the
 * core_ndim[i] - 1 that follow.  Lives as long as the process. */
typedef struct {
    UfuncInnerLoop loop;
    void *context, *auxdata;
    uint32_t nin, nout, ncore;               /* ncore: different core dimensions */
    int32_t core_begin[UFUNC_MAX_OPERANDS], core_ndim[UFUNC_MAX_OPERANDS];
    int32_t core[UFUNC_MAX_OPERANDS * 4];
    int64_t fixed[UFUNC_MAX_CORE];           /* by core dimension: its extent when the signature says it, else -1 */
    void *keep;                              /* the Python object that owns the loop */
} UfuncLoop;

/* What compiled code passes: first the number of axes of every operand; then, operand by operand, its address, its
 * extents and its strides.  naja_ufunc_shapes sees inputs only, naja_ufunc_run the outputs too. */
typedef enum { UFUNC_FITS, UFUNC_BROADCAST, UFUNC_CORE, UFUNC_CORE_UNKNOWN } UfuncProblem;
/* Extents of the outputs, one output behind the other: loop axes, then core axes.  payload: of UFUNC_CORE the operand,
 * its core axis, its extent and the one expected. */
int64_t naja_ufunc_shapes(const UfuncLoop *u, const int64_t *operands, int64_t *extents, int64_t *payload);
int32_t naja_ufunc_run(const UfuncLoop *u, const int64_t *operands);
extern _Thread_local int naja_ufunc_failed; /* set by an inner loop of naja's own that failed: the error is kept */
void naja_fp_clear(void);
int64_t naja_fp_invalid(void);

/* ---- memory.c ---------------------------------------------------------------------------------------------------- */

static inline void *block_data(MemoryBlock *b) { return b + 1; }
static inline MemoryBlock *block_of_data(void *data) { return (MemoryBlock *)data - 1; }
MemoryBlock *naja_block_new(int64_t nbytes);        /* count 1; NULL: negative size or no memory */
MemoryBlock *naja_block_new_zeroed(int64_t nbytes);
MemoryBlock *naja_block_new_in(Context *context, int64_t nbytes); /* for compiled code: of the context's thread */
MemoryBlock *naja_block_new_zeroed_in(Context *context, int64_t nbytes);
MemoryBlock *naja_block_resize(MemoryBlock *b, int64_t nbytes); /* count must be 1; NULL: no memory, b is unchanged */
void naja_block_destroy(MemoryBlock *b);            /* by its last owner: the count is zero, or that owner's one */
void naja_block_destroy_in(Context *context, MemoryBlock *b);
static inline void block_retain(MemoryBlock *b) {
    if (b) atomic_fetch_add_explicit(&b->count, 1, memory_order_relaxed);
}
/* The only owner sees that it is so by a load, which takes a fraction of the time of an atomic subtraction. */
static inline void block_release(MemoryBlock *b) {
    if (b && (atomic_load_explicit(&b->count, memory_order_acquire) == 1 ||
              atomic_fetch_sub_explicit(&b->count, 1, memory_order_acq_rel) == 1))
        naja_block_destroy(b);
}
void naja_block_release(MemoryBlock *b);            /* the same for compiled code that wants to be small */
void *naja_nrt_data(MemoryBlock *b);                /* what a block manages: behind it or, of C libraries' own, elsewhere */
const void *naja_nrt_api(void);                     /* Numba's table of functions for C libraries: nrt.c */
int64_t runtime_live_blocks(void);            /* blocks handed out and not yet destroyed; for leak tests */

/* ---- list.c: ListBody of abi.h -------------------------------------------------------------------------------------- */

static inline ListBody *list_body(MemoryBlock *list) { return block_data(list); }
MemoryBlock *naja_list_new(int64_t cell_nbytes, int64_t managed, int64_t capacity); /* NULL: no memory */
int32_t naja_list_reserve(MemoryBlock *list, int64_t ncells);                       /* 1: no memory */
void naja_list_shrink(MemoryBlock *list);             /* gives memory back when less than half is in use */
void naja_list_retain(MemoryBlock *list, int64_t begin, int64_t end);
void naja_list_release(MemoryBlock *list, int64_t begin, int64_t end);
int32_t naja_escape(Context *context, void *parent, const void *data, MemoryBlock **owner);
/* ---- caught.c ---------------------------------------------------------------------------------------------------- */

/* Moves what is pending out of the context.  `frame` is the site of the call that it came from, not recorded yet;
 * UINT32_MAX: it came from no call.  Never NULL. */
MemoryBlock *naja_catch(Context *context, int32_t status, uint32_t frame);
MemoryBlock *naja_handled(Context *context); /* what Python is handling, or a RuntimeError; never NULL */
bool naja_pending_matches(Context *context, int32_t status, uint32_t site); /* of what is in the context still */
bool naja_caught_matches(MemoryBlock *caught, uint32_t site, Context *context);
int32_t naja_reraise(Context *context, MemoryBlock *caught); /* its status; the frames it passed stay */
void naja_set_cause(Context *context, MemoryBlock *cause);   /* of what is raised next; NULL: `from None` */

/* ---- instances.c ---------------------------------------------------------------------------------------------------- */

MemoryBlock *naja_instance_new(int64_t nbytes, int64_t nmaps); /* zeroed; NULL: no memory */
void naja_instance_destroy(MemoryBlock *b);

/* ---- table.c: TableBody of abi.h ------------------------------------------------------------------------------------ */

static inline TableBody *table_body(MemoryBlock *table) { return block_data(table); }
/* layout: nbytes of an entry, where its value begins, managed maps of key and value; NULL: no memory */
MemoryBlock *naja_table_new(const int64_t *layout, int64_t capacity);
MemoryBlock *naja_table_like(MemoryBlock *from, int64_t capacity);
MemoryBlock *naja_table_copy(MemoryBlock *from, int64_t capacity);
void naja_table_destroy(MemoryBlock *table);        /* `destroy` of every set and dict */
int32_t naja_table_reserve(MemoryBlock *table, int64_t n); /* 1: no memory */
char *naja_table_add(MemoryBlock *table, int64_t hash);
void naja_table_remove(MemoryBlock *table, int64_t i);
void naja_table_clear(MemoryBlock *table);
int64_t naja_table_next(MemoryBlock *table, int64_t i);
int64_t naja_table_hash_items(const MemoryBlock *table);
int64_t naja_table_hash_bytes(const void *data, int64_t nbytes);

/* ---- pool.c ---------------------------------------------------------------------------------------------------------- */

/* Runs body over [begin, end) cut into blocks of `block_length` iterations.  Block k leaves its partial results at
 * partial + k * partial_nbytes, so the caller can combine them in order: the same bits for any number of threads.
 * Returns 0 or the status of the lowest failing block, whose error is then in `context`. */
int32_t naja_parallel_for(Context *context, ParallelBody body, void *captures, int64_t begin, int64_t end,
                          int64_t block_length, void *partial, int64_t partial_nbytes);
int64_t naja_get_thread_id(Context *context);
int64_t naja_get_num_threads(void);
int32_t naja_set_num_threads(int64_t n);      /* 0; 1 when n is not in 1..max */
int64_t naja_get_chunksize(void);             /* iterations a thread takes at a time; 0: the pool chooses */
int64_t naja_set_chunksize(int64_t n);        /* n >= 0; the one before */
int64_t pool_max_threads(void);
void pool_configure(int64_t max_threads);     /* before the first region; later calls are ignored */
/* "native" or "omp" once a region has run, NULL before. */
const char *pool_layer(void);
/* Chooses the layer by name ("default", "native", "workqueue", "omp", "safe", ...); false with *why if not available. */
void pool_announce_layer(void); /* a parallel function exists: pool_layer() says what it will run on */
bool pool_choose_layer(const char *name, const char **why);

/* ---- sort.c ------------------------------------------------------------------------------------------------------------ */

/* NumPy's functions for a type of numbers, which need no GIL; [1] is the stable one. */
enum { SORT_KERNELS = 15 }; /* DType of runtime/arrays.h, then float16 and times */
typedef struct {
    int (*sort[2])(void *data, intptr_t n, void *unused);
    int (*argsort[2])(void *data, int64_t *index, intptr_t n, void *unused);
} SortKernel;
extern SortKernel sort_kernel[SORT_KERNELS]; /* boundary/ fills it at import */
int32_t naja_sort(int64_t type, void *data, int64_t n, int64_t stable);
int32_t naja_argsort(int64_t type, void *data, int64_t n, int64_t stable, int64_t *index);
int32_t naja_partition(int64_t type, void *data, int64_t n, const int64_t *kth, int64_t nkth);
int32_t naja_argpartition(int64_t type, void *data, int64_t n, const int64_t *kth, int64_t nkth, int64_t *index);

/* ---- random.c, random_draws.c -------------------------------------------------------------------------------------- */

bool random_find(void); /* NumPy's distributions are at hand */
/* A generator that compiled code made: the words of its seed, PCG64's state and increment (16 bytes, the lowest first), and
 * the half of a number that waits for the next 32 bits. */
typedef struct {
    const uint32_t *word;
    int64_t nwords;
    const void *state, *increment;
    bool has_half;
    uint32_t half;
} MadeState;
MadeState random_made_state(MemoryBlock *b);
void random_made_follow(MemoryBlock *b, const void *bitgen); /* from now on it draws from this bitgen_t */
/* A RandomState that compiled code made: the Twister's 624 words, the next one, and the normal number that waits. */
typedef struct {
    const uint32_t *key;
    int32_t at, has_gauss;
    double gauss;
} TwisterState;
TwisterState random_twister_state(MemoryBlock *b);
void random_twister_follow(MemoryBlock *b, const void *legacy); /* from now on it draws from what random_legacy_in found */
/* Where, in an object of n bytes, NumPy's RandomState keeps this bitgen_t and the waiting normal number (see LegacyGen);
 * NULL: nowhere, so this is another NumPy than the ones known. */
void *random_legacy_in(void *object, size_t n, const void *bitgen);
void random_legacy_gauss(const void *legacy, int *has_gauss, double *gauss);
void random_start(const void *in_numpy); /* an address in NumPy's core module, to find its distributions by */

/* ---- poll.c ------------------------------------------------------------------------------------------------------------ */

/* The slow path of a poll: 0, or STATUS_INTERRUPT / STATUS_PYTHON_ERROR when the function must unwind. */
int32_t naja_poll(Context *context);
/* What borrows is kept alive over a signal's handler, which may change what it borrows from. */
void naja_pin(MemoryBlock *block);

#endif
