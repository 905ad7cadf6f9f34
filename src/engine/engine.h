/* engine/engine.h - machine code: LLVM's passes and emission, loading objects, the cache on disk.
 *
 * The stage is linked in two halves.  naja._core has the half without LLVM (elf.c: object loader, cache.c:
 * cache files), so that a program whose functions are all cached never loads LLVM.  naja._compiler has the
 * other (emit.c: target machine, pass pipeline, object emission; compile.c: all stages in a row).
 *
 * A *unit image* is what a compilation leaves: an object file and the facts about it that boundary/ needs
 * (result type, raise sites, functions).  It is position independent and self-contained: it is what the cache
 * stores, and fresh code is loaded from the same bytes.
 */
#ifndef NAJA_ENGINE_H
#define NAJA_ENGINE_H

#include "base/base.h"

/* ---- elf.c: loading a relocatable object (no LLVM) ------------------------------------------------------------- */

typedef struct LoadedObject LoadedObject;
typedef void *(*SymbolResolver)(void *data, const char *name);
/* Maps, relocates and protects the object (W^X); `image` may go afterwards.  NULL with *why on failure: a broken
 * image is an error value, never a crash: every offset is checked. */
LoadedObject *object_load(const void *image, size_t nbytes, SymbolResolver resolve, void *data, const char **why);
void *object_symbol(const LoadedObject *o, const char *name);
size_t object_code_nbytes(const LoadedObject *o);
void object_free(LoadedObject *o); /* unmaps: nothing may run in it any more */
void object_register_gdb(LoadedObject *o, const void *image, size_t nbytes);       /* NAJA_GDB=1 */
void object_register_perf(const LoadedObject *o, const char *name);                /* NAJA_PERF=1: /tmp/perf-PID.map */

/* ---- host.c: the machine (no LLVM) ------------------------------------------------------------------------------ */

/* Names the machine and everything about its CPU that code may be compiled for: part of every cache key. */
const char *engine_host_identity(void);
/* Has this machine's CPU, and does the system support, a feature of LLVM's name ("avx2")?  False for names that are unknown. */
bool engine_host_has(const char *feature);

/* ---- cache.c: content-addressed files (no LLVM) ------------------------------------------------------------------- */

typedef struct { uint64_t lo, hi; } CacheKey;
CacheKey cache_hash(const void *bytes, size_t nbytes);       /* XXH3, 128 bits */
/* The directory in force: NAJA_CACHE_DIR, else NUMBA_CACHE_DIR, else $XDG_CACHE_HOME/naja, else ~/.cache/naja, else
 * a private directory under the temporary one; NULL when none can be written.  Threads: any. */
const char *cache_directory(void);
/* From now on another directory (not while another thread compiles); false: it cannot be written, and nothing is cached. */
bool cache_set_directory(const char *path);
/* Reads an entry, checks header, length and checksum; *bytes is malloc'd.  A missing, foreign, truncated or corrupt
 * entry is a miss (false); a corrupt one is removed. */
bool cache_read(CacheKey key, uint8_t **bytes, size_t *nbytes);
/* Writes to a temporary file in the same directory and renames it; failure is silent (false).  Keeps the directory
 * under the size limit (NAJA_CACHE_SIZE, default 1 GiB) by removing the least recently used entries. */
bool cache_write(CacheKey key, const void *bytes, size_t nbytes);
typedef struct { uint64_t entries, nbytes; } CacheStats;
bool cache_stats(CacheStats *out);
bool cache_clear(void);

/* ---- emit.c: LLVM ---------------------------------------------------------------------------------------------------- */

typedef struct {
    char *object; /* malloc'd */
    size_t nbytes;
    char *llvm_ir, *assembly; /* only when asked for; malloc'd */
    char *vectors;            /* only when asked for: "file, line, lanes, type" of vector instructions, between tabs */
    char *unoptimised;        /* LLVM's text before its passes; only when asked for */
    struct { double start, ir, passes, code; } ms; /* CPU time of this thread */
    bool is_glue;             /* made with little effort: effort_of in emit.c */
} Emitted;
typedef struct {
    bool want_llvm_ir, want_assembly, want_unoptimised, want_vectors, optimise;
    const char *passes; /* NULL: the default pipeline */
    const char *text;   /* a module as text of LLVM, instead of the unit */
} EmitOptions;

struct Unit;
/* Generates, optimises and emits; called without the GIL.  An LLVM fatal error comes back as false with *why
 * (malloc'd).  Target machines are one per thread; contexts are fresh. */
bool engine_emit(struct Unit *u, const EmitOptions *options, Emitted *out, char **why);
const char *engine_host_cpu(void);       /* as LLVM names it; keys take engine_host_identity() */
const char *engine_host_features(void);
const char *engine_llvm_version(void);

#endif
