/* runtime/abi.h - the contract between compiled code and C: what both sides must agree on to the byte.
 *
 * A compiled function is  int32_t f(Context *, Result *, leaf...).  It returns 0, or a status that says what was
 * raised ("Unwinding" below).  Arguments and results travel as leaves.
 * A leaf is one of: i1 (passed as uint8_t in memory), i8..i64, float, double, pointer.
 *
 * Change anything here and NAJA_ABI_VERSION with it: it is part of every cache key.
 */
#ifndef NAJA_ABI_H
#define NAJA_ABI_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define NAJA_ABI_VERSION 7

/* Memory made by compiled code: one atomic count, then data right behind the header, 64-byte aligned if it is longer. */
typedef struct MemoryBlock {
    _Atomic int64_t count;
    size_t nbytes;                     /* of the data */
    void (*destroy)(struct MemoryBlock *);   /* before the memory goes; NULL: nothing to do */
    void *extra;                       /* for destroy: the Python object that an escaping argument belongs to */
    void *raw;                         /* what malloc returned */
    uint64_t reserved[3];
} MemoryBlock;
_Static_assert(sizeof(MemoryBlock) == 64, "data behind a MemoryBlock must be 64-byte aligned");

typedef struct Context Context;

/* The data of a generator's block.  Three lists say which blocks the frame owns, at slots args_at, items_at and
 * live_at: of the arguments, of an item that nobody has taken, of what is alive where the function was left.
 * A frame on the stack of compiled code has `state` only. */
typedef struct GeneratorFrame {
    int32_t (*resume)(Context *, uint64_t *result, MemoryBlock *generator); /* result: a bool, is there an item */
    void *spec;                        /* Specialisation whose code `resume` is */
    int64_t state;                     /* of GENERATOR_START ..., else the number of the suspend it waits at */
    int64_t args_at, items_at, live_at;
    int64_t nargs, nitems, nlive;
    int64_t thrown;                    /* a status: what is raised, in place of going on, where it waits */
    int64_t guarded;                   /* it waits inside of a `try` or `with` */
} GeneratorFrame;
/* DONE also while it runs and when it has failed; RETURNED: done, and nobody has taken its result. */
enum { GENERATOR_RETURNED = -2, GENERATOR_DONE = -1, GENERATOR_START = 0 };
enum { GENERATOR_ITEM_AT = sizeof(GeneratorFrame) / 8 }; /* of every generator; its result lies behind the item */
/* ---- heap values ----------------------------------------------------------------------------------------------
 *
 * A list, set, dict, instance, ... is one leaf: the address of a MemoryBlock whose data is the body below, and whose
 * `destroy` releases what the body owns.  Elements lie in *cells*: a number in its natural size (a bool is one byte),
 * anything else as its leaves in 8-byte slots.  Which slots of a cell are MemoryBlocks says the *managed map*, one bit
 * per slot; null pointers are allowed there. */
typedef struct ListBody {
    char *cells;                       /* from malloc, NULL while the capacity is 0 */
    int64_t length, capacity;          /* in cells */
    int64_t cell_nbytes;
    uint64_t managed;
    int64_t frozen;                    /* of a typed list: changes raise ValueError */
    void *parent;                      /* the Python list that an argument stands for during the call, else NULL */
} ListBody;

/* A set or dict: entries in the order of insertion, and an open-addressing table of slots that say where they are.  A
 * slot is 0, or hash << 32 | (number of the entry + 1); a hash has 31 bits.  See runtime/table.c. */
typedef struct TableBody {
    uint64_t *slots;                   /* mask + 1 of them */
    char *entries;                     /* cells: the key, at value_at the value */
    int32_t *marks;                    /* by entry: hash + 1, or 0 where it was removed */
    int64_t mask;
    int64_t used, live;                /* entries in use, and those of them that were not removed */
    void *parent;                      /* the Python object that an argument stands for; at the place of ListBody's */
    int64_t capacity;                  /* in entries */
    int64_t changes;                   /* counts what was done to it */
    int64_t entry_nbytes, value_at;
    uint64_t key_managed, value_managed;
    uint64_t factor, shift;            /* a search begins at slot (hash * factor >> shift) & mask: see table_home */
} TableBody;
_Static_assert(offsetof(TableBody, parent) == offsetof(ListBody, parent), "boundary/ finds both by their parents");
enum { TABLE_HASH_SHIFT = 33 }; /* hash = mixed bits of the key >> TABLE_HASH_SHIFT: see table_mix */
#define TABLE_HASH_FACTOR UINT64_C(0x9E3779B97F4A7C15)
/* The hash of a key of one number, as compiled code computes it, too. */
static inline int64_t table_mix(uint64_t bits) {
    uint64_t x = (bits ^ bits >> 32) * TABLE_HASH_FACTOR;
    return (int64_t)((x ^ x >> 29) * TABLE_HASH_FACTOR >> TABLE_HASH_SHIFT);
}
/* Of an integer: small ones are their own hash, so that counting up goes through memory in order. */
#define TABLE_HASH_MASK ((UINT64_C(1) << 31) - 1)
static inline int64_t table_hash_integer(uint64_t v) {
    uint64_t high = (uint64_t)((int64_t)v >> 31);
    return (int64_t)((v ^ high * TABLE_HASH_FACTOR >> TABLE_HASH_SHIFT) & TABLE_HASH_MASK);
}
static inline int64_t table_home(const TableBody *t, int64_t hash) {
    return (int64_t)((uint64_t)hash * t->factor >> t->shift) & t->mask;
}
/* The hash of a tuple: of its items in order, from 0. */
static inline int64_t table_mix_next(int64_t so_far, int64_t hash) {
    return table_mix((uint64_t)so_far << 31 ^ (uint64_t)hash ^ (uint64_t)1 << 62);
}

enum { CONTEXT_PAYLOAD = 16, CONTEXT_FRAMES = 64 };

/* One per call from Python, on the caller's stack; workers of a parallel loop have their own. */
struct Context {
    uint64_t payload[CONTEXT_PAYLOAD];  /* arguments of the exception, as 64-bit words */
    uint32_t nframes;                   /* callers passed while unwinding, innermost first; may exceed CONTEXT_FRAMES;
                                           0 while nothing is pending */
    uint32_t frame[CONTEXT_FRAMES];
    char *stack_limit;                  /* below this address a function entry raises RecursionError */
    void *spec;                         /* the Specialisation that runs; boundary/ */
    void *saved_thread;                 /* PyThreadState while the GIL is released, else NULL */
    void *const *args;                  /* the Python objects of this call; NULL in workers */
    struct Context *parent;             /* of a worker's context: the caller's */
    _Atomic int32_t *cancel;            /* in a parallel region: nonzero when it is being abandoned; else NULL */
    int32_t thread;                     /* number of the worker in this parallel region, 0: the caller */
    int32_t python_error;               /* STATUS_PYTHON_ERROR: payload[0] owns the exception; else: one is set */
    MemoryBlock *cause;                 /* of the pending exception, owned: a Caught, &naja_no_cause, or NULL: none */
    struct ThreadMemory *memory;        /* of the thread that runs; NULL until it is asked for (memory.c) */
};

/* What a handler keeps of an exception: the data of a MemoryBlock. */
typedef struct {
    int32_t status, python_error;
    uint32_t nframes;
    void *spec;                         /* whose sites they are */
    void *python;                       /* the exception object if Python raised it, owned; else NULL */
    MemoryBlock *cause;                 /* owned; as in Context */
    uint64_t payload[CONTEXT_PAYLOAD];
    uint32_t frame[CONTEXT_FRAMES];
} Caught;
extern MemoryBlock naja_no_cause;       /* `raise ... from None` */

/* Unwinding.  A function that raises (raise_new) returns 1 + the number of its raise site (RaiseSite in ir/ir.h), which
 * says all there is to know but the payload: nothing else is stored, so that LLVM can make a branch of a raise that is
 * caught where it was inlined.  A function whose callee failed (raise_again) appends its own site at frame[nframes],
 * if there is room, counts nframes up in any case, and returns the callee's status with STATUS_RECORDED; without that
 * bit nobody has been passed, and the frames are not looked at.  The statuses that are no sites have the bit set anyway.
 * A handler that wants to know more than the class moves the exception out of the context (naja_catch) and puts it back
 * to raise it again (naja_reraise); any other leaves it there, and forgets it (naja_drop_error) unless there is nothing
 * to forget. */
enum { STATUS_RECORDED = 1 << 30 };
static inline uint32_t status_site(int32_t status) { return ((uint32_t)status & ~(uint32_t)STATUS_RECORDED) - 1; }

/* A composite value in memory (a result, a payload, what naja_unbox fills): its leaves in order, each at the start
 * of an 8-byte slot of its own; the rest of a slot is undefined.  A Result is an array of such slots. */
typedef uint64_t Slot;

/* The word that polls read.  Nonzero: someone wants attention; the slow path is naja_poll(). */
extern _Atomic int32_t naja_poll_word;

/* Statuses that are not raise sites. */
enum { STATUS_OK = 0, STATUS_PYTHON_ERROR = -1, STATUS_MEMORY = -2, STATUS_RECURSION = -3, STATUS_INTERRUPT = -4 };

/* Body of a parallel loop: works on [begin, end), which is block number k, and leaves its partial results in
 * `partials`, the slots at partial + k * partial_nbytes.  This is the convention of compiled functions with parameters
 * begin, end, captures: passes/lower makes the body an ordinary function whose result is the partial results. */
typedef int32_t (*ParallelBody)(Context *, void *partials, int64_t begin, int64_t end, void *captures);

/* ---- the generated entry, and what it calls in boundary/ ---------------------------------------------------------
 *
 *     PyObject *naja_entry(Specialisation *spec, PyObject *const *args)     a new reference, or NULL with an exception
 *
 * `args` has one object per parameter: defaults are filled in and *args is one tuple.  They are borrowed, alive and
 * unchanged for the whole call.  Steps:
 *   1. a Context on the stack: nframes, python_error, thread = 0; parent, saved_thread, cancel = NULL; spec;
 *      stack_limit = naja_stack_limit() if a function of the unit is recursive.
 *   2. unbox.  float64: if the object's type is spec's first word (PyFloat_Type), its ob_fval, else naja_unbox.
 *      int64, uint64: naja_as_int64.  Arrays, which are always ndarrays of the parameter's very type: inline from the
 *      array struct, owner = NULL, parent = the object.  Anything else: naja_unbox; on -1 return NULL.
 *   3. naja_enter(context) if the unit has polls or releases the GIL.
 *   4. status = naja_native(context, result slots, leaves...)
 *   5. naja_leave(context) if there was naja_enter.
 *   6. status != 0: return naja_fail(...).  Else box: float32/64 PyFloat_FromDouble, signed integers
 *      PyLong_FromLongLong, unsigned ones PyLong_FromUnsignedLongLong, bool PyBool_FromLong, None naja_box_none,
 *      anything else naja_box, which takes over the references in the result.
 * All these are functions that the loader resolves by name. */
typedef struct Specialisation Specialisation;                        /* first word: address of PyFloat_Type */
int32_t naja_unbox(Specialisation *spec, uint32_t i, void *object, Slot *leaves); /* argument i; -1: exception is set */
int64_t naja_as_int64(void *object);                                 /* a Python or NumPy integer; bits of a uint64 */
void *naja_box(Specialisation *spec, void *const *args, const Slot *result);
/* Around a call with lists among its arguments: unboxing puts them on `chain`; at the end, in any case, what has changed
 * is written back to the Python lists and the chain's references are given up.  `result`: the call's, NULL if it has
 * failed; gives it back, or NULL when writing back has failed. */
typedef struct ReflectChain {
    struct ReflectChain *previous;
    MemoryBlock **block;
    int64_t n, capacity;
    void *kept;                         /* a Python list of objects that unboxing code of extensions took values from */
} ReflectChain;
void naja_reflect_begin(ReflectChain *chain);
void *naja_reflect_end(ReflectChain *chain, void *result);
void *naja_box_none(void);
void *naja_fail(Specialisation *spec, void *const *args, Context *context, int32_t status); /* NULL */
/* A call that came from another unit, or from C, has failed: the exception goes into the caller's context, which gives the
 * status to return; or it is printed as ignored. */
int32_t naja_cross_fail(Specialisation *spec, Context *context, int32_t status, Context *caller);
void naja_c_fail(Specialisation *spec, Context *context, int32_t status);
/* A call of an import has failed: its raise sites, which are left in the context, become this unit's.  Its first one has
 * the number that `first_site` is.  Gives the status to return. */
int32_t naja_import_failed(Context *context, int32_t status, void *first_site);
void naja_enter(Context *context);
void naja_leave(Context *context);
char *naja_stack_limit(void);
/* A call that the interpreter does; takes the GIL, held or not.  `site` is a row of the unit's sites whose builtin is
 * "bridge"; operands are borrowed, the result owns its references.  STATUS_OK or STATUS_PYTHON_ERROR. */
int32_t naja_bridge_call(Context *context, int64_t site, const Slot *args, Slot *result);
/* The pending exception will not be raised: gives up what the context has of it. */
void naja_drop_error(Context *context, int32_t status);
int32_t naja_poll(Context *context);                                 /* 0, or STATUS_INTERRUPT: unwind */

/* What the boundary must know of a compiled unit; written by codegen/, kept in the cache entry. */
typedef enum { SITE_BUILTIN, SITE_USER } SiteKind;

#endif
