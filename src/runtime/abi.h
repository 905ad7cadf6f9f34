/* runtime/abi.h - the contract between compiled code and C: what both sides must agree on to the byte.
 *
 * A compiled function is  int32_t f(Context *, Result *, leaf...).  It returns 0, or 1 + the number of the
 * raise site that failed (RaiseSite in ir/ir.h, SiteInfo here).  Arguments and results travel as leaves.
 * A leaf is one of: i1 (passed as uint8_t in memory), i8..i64, float, double, pointer.
 *
 * Change anything here and NAJA_ABI_VERSION with it: it is part of every cache key.
 */
#ifndef NAJA_ABI_H
#define NAJA_ABI_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define NAJA_ABI_VERSION 1

/* Memory made by compiled code: one atomic count, then 64-byte aligned data right behind the header. */
typedef struct Block {
    _Atomic int64_t count;
    size_t nbytes;                     /* of the data */
    void (*destroy)(struct Block *);   /* before the memory goes; NULL: nothing to do */
    void *extra;                       /* for destroy: the Python object that an escaping argument belongs to */
    void *raw;                         /* what malloc returned */
    uint64_t reserved[3];
} Block;
_Static_assert(sizeof(Block) == 64, "data behind a Block must be 64-byte aligned");

enum { CONTEXT_PAYLOAD = 16, CONTEXT_FRAMES = 64 };

/* One per call from Python, on the caller's stack; workers of a parallel loop have their own. */
typedef struct Context {
    uint64_t payload[CONTEXT_PAYLOAD];  /* arguments of the exception, as 64-bit words */
    uint32_t nframes;                   /* sites passed while unwinding, innermost first; may exceed CONTEXT_FRAMES */
    uint32_t site;                      /* the site that raised */
    uint32_t frame[CONTEXT_FRAMES];
    char *stack_limit;                  /* below this address a function entry raises RecursionError */
    void *spec;                         /* the Specialisation that runs; boundary/ */
    void *saved_thread;                 /* PyThreadState while the GIL is released, else NULL */
    struct Context *parent;             /* of a worker's context: the caller's */
    int32_t thread;                     /* number of the worker in this parallel region, 0: the caller */
    int32_t python_error;               /* a Python exception is already set (bridge, signal) */
} Context;

/* The word that polls read.  Nonzero: someone wants attention; the slow path is naja_poll(). */
extern _Atomic int32_t naja_poll_word;

/* Statuses that are not raise sites. */
enum { STATUS_OK = 0, STATUS_PYTHON_ERROR = -1, STATUS_MEMORY = -2, STATUS_RECURSION = -3, STATUS_INTERRUPT = -4 };

/* Body of a parallel loop: works on [begin, end) of block number `block` and leaves its partial results at
 * partial + block * partial_nbytes. */
typedef int32_t (*ParallelBody)(Context *, void *captures, int64_t begin, int64_t end, int64_t block, void *partial);

/* What the boundary must know of a compiled unit; written by codegen/, kept in the cache entry. */
typedef enum { SITE_BUILTIN, SITE_USER } SiteKind;

#endif
