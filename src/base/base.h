/* base/base.h - what every stage stands on: memory, containers, text, source positions, diagnostics.
 *
 * Everything a compilation makes lives in one Arena and goes with it in one call.  Inside a compilation
 * allocation does not fail: when memory runs out the arena calls `exhausted`, which unwinds to the
 * compilation's entry and becomes a MemoryError there.  Nothing in this stage knows Python or LLVM.
 *
 * Words: a *span* is a range of source text plus the bytecode offset it came from; a *diagnostic* is one
 * message about the user's program, with a stable code from diag.def.
 */
#ifndef NAJA_BASE_H
#define NAJA_BASE_H

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

/* ---- arena ---------------------------------------------------------------------------------------------- */

typedef struct ArenaBlock ArenaBlock;
typedef struct Arena {
    char *at, *end;                   /* free part of the newest block */
    ArenaBlock *blocks;               /* newest first */
    size_t nbytes;                    /* handed out so far, for statistics */
    void (*exhausted)(struct Arena *); /* must not return; NULL aborts the process (tests only) */
    void *exhausted_data;             /* for `exhausted`: usually a jmp_buf */
} Arena;

void arena_init(Arena *a, void (*exhausted)(Arena *), void *data);
void arena_free(Arena *a);                            /* releases everything; the arena may be used again */
void *arena_alloc(Arena *a, size_t nbytes);           /* zeroed, 16-byte aligned, never NULL */
void *arena_grow(Arena *a, void *old, size_t old_nbytes, size_t new_nbytes); /* copies; old memory is not reused */
char *arena_strndup(Arena *a, const char *s, size_t n);
char *arena_strdup(Arena *a, const char *s);
char *arena_printf(Arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
char *arena_vprintf(Arena *a, const char *fmt, va_list args);
#define arena_new(a, T) ((T *)arena_alloc((a), sizeof(T)))
#define arena_array(a, T, n) ((T *)arena_alloc((a), (size_t)(n) * sizeof(T)))

/* ---- vectors and maps, living in an arena ---------------------------------------------------------------- */

/* Vec(T) is a growable array: v.at[0 .. v.n).  All-zero is empty. */
#define Vec(T)                                                                                                 \
    struct {                                                                                                   \
        T *at;                                                                                                 \
        uint32_t n, capacity;                                                                                  \
    }
#define vec_reserve(a, v, want)                                                                                \
    ((v)->capacity >= (want) ? (void)0                                                                         \
                             : vec_grow_((a), (void **)&(v)->at, &(v)->capacity, (want), sizeof *(v)->at))
#define vec_push(a, v, x) (vec_reserve((a), (v), (v)->n + 1), (v)->at[(v)->n++] = (x))
#define vec_pop(v) ((v)->at[--(v)->n])
#define vec_last(v) ((v)->at[(v)->n - 1])
void vec_grow_(Arena *a, void **at, uint32_t *capacity, uint32_t want, size_t elem_nbytes);

/* Map from 64-bit key to 64-bit value (pointers fit).  All-zero is empty; any key but UINT64_MAX. */
typedef struct {
    uint64_t *key, *value;
    uint32_t n, mask;
} Map;
bool map_find(const Map *m, uint64_t key, uint64_t *value); /* value may be NULL */
void map_set(Arena *a, Map *m, uint64_t key, uint64_t value);
static inline void *map_find_ptr(const Map *m, uint64_t key) {
    uint64_t v;
    return map_find(m, key, &v) ? (void *)(uintptr_t)v : NULL;
}

/* Map from string to pointer; keys are copied into the arena. */
typedef struct {
    const char **key;
    void **value;
    uint32_t n, mask;
} StrMap;
void *strmap_find(const StrMap *m, const char *key);
void strmap_set(Arena *a, StrMap *m, const char *key, void *value);

uint64_t hash_bytes(const void *p, size_t nbytes, uint64_t seed); /* for tables inside one process only */

/* ---- text ------------------------------------------------------------------------------------------------ */

/* A string builder on the heap.  All-zero is empty; `at` is always NUL-terminated once anything was added.
 * Out of memory sets `failed` and drops further text: test it once at the end. */
typedef struct {
    char *at;
    size_t n, capacity;
    bool failed;
} StrBuf;
void strbuf_add(StrBuf *b, const char *s, size_t n);
void strbuf_puts(StrBuf *b, const char *s);
void strbuf_printf(StrBuf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void strbuf_vprintf(StrBuf *b, const char *fmt, va_list args);
void strbuf_free(StrBuf *b);

/* ---- source positions ------------------------------------------------------------------------------------ */

typedef struct {
    int32_t line, column, end_line, end_column; /* lines from 1, columns in UTF-8 bytes from 0; 0/-1: unknown */
    int32_t offset;                             /* byte offset into co_code: tb_lasti of a traceback; -1: none */
} Span;

/* ---- diagnostics ----------------------------------------------------------------------------------------- */

/* How many processors this process may use; at least 1. */
uint32_t processor_count(void);

/* Rows of diag.def: D(NAME, "NJ1234", ErrorClass, "what to do").  ErrorClass names a class of naja.errors. */
typedef enum {
#define D(name, code, cls, hint) DIAG_##name,
#include "base/diag.def"
#undef D
    DIAG_COUNT
} DiagCode;

typedef struct {
    DiagCode code;
    const char *filename, *function; /* where; may be NULL */
    Span span;
    const char *message; /* what and why, one or two lines, no trailing newline */
    const char *hint;    /* what to do; NULL: the row's own */
} Diagnostic;

/* The sink of one compilation.  Only the first error is shown to the user; later ones are kept for dumps. */
typedef struct {
    Arena *arena;
    Vec(Diagnostic) list;
} Diagnostics;

const char *diag_code_text(DiagCode code);  /* "NJ1234" */
const char *diag_code_class(DiagCode code); /* "TypingError" */
const char *diag_code_hint(DiagCode code);  /* "" when the row has none */
/* Returns the new record so that the caller may set `hint`. */
Diagnostic *diag_add(Diagnostics *d, DiagCode code, const char *filename, const char *function, Span span,
                     const char *fmt, ...) PRINTF_LIKE(6, 7);
Diagnostic *diag_vadd(Diagnostics *d, DiagCode code, const char *filename, const char *function, Span span,
                      const char *fmt, va_list args);
static inline bool diag_any(const Diagnostics *d) { return d->list.n != 0; }

#endif
