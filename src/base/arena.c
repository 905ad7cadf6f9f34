/* base/arena.c - memory that goes all at once.
 *
 * An arena is a list of blocks; `at` moves through the newest.  A request that does not fit gets a new block of
 * twice the previous size (capped), or of its own size when it is larger: a large request does not waste the
 * rest of a small block more than once.
 *
 * Invariants: what is handed out is zero and 16-byte aligned; blocks come from calloc, so memory is cleared
 * once and, for large blocks, by the kernel only when it is touched.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/base.h"

enum { ALIGNMENT = 16, FIRST_BLOCK_NBYTES = 32 << 10, MAX_BLOCK_NBYTES = 1 << 20 };

struct ArenaBlock {
    ArenaBlock *older;
    size_t nbytes; /* of the data behind this header */
    char data[] __attribute__((aligned(ALIGNMENT)));
};

void arena_init(Arena *a, void (*exhausted)(Arena *), void *data) {
    *a = (Arena){.exhausted = exhausted, .exhausted_data = data};
}

void arena_free(Arena *a) {
    for (ArenaBlock *b = a->blocks, *older; b; b = older) {
        older = b->older;
        free(b);
    }
    arena_init(a, a->exhausted, a->exhausted_data);
}

static void out_of_memory(Arena *a) {
    if (a->exhausted) a->exhausted(a);
    fputs("naja: out of memory\n", stderr);
    abort();
}

static void add_block(Arena *a, size_t want) {
    size_t nbytes = a->blocks ? a->blocks->nbytes * 2 : FIRST_BLOCK_NBYTES;
    if (nbytes > MAX_BLOCK_NBYTES) nbytes = MAX_BLOCK_NBYTES;
    if (nbytes < want) nbytes = want;
    ArenaBlock *b = nbytes > SIZE_MAX - sizeof(ArenaBlock) ? NULL : calloc(1, sizeof(ArenaBlock) + nbytes);
    if (!b) out_of_memory(a);
    b->nbytes = nbytes;
    b->older = a->blocks;
    a->blocks = b;
    a->at = b->data;
    a->end = b->data + nbytes;
}

void *arena_alloc(Arena *a, size_t nbytes) {
    if (UNLIKELY(nbytes > SIZE_MAX / 2)) out_of_memory(a);
    nbytes = (nbytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if (UNLIKELY((size_t)(a->end - a->at) < nbytes || !a->at)) add_block(a, nbytes);
    void *p = a->at;
    a->at += nbytes;
    a->nbytes += nbytes;
    return p;
}

void *arena_grow(Arena *a, void *old, size_t old_nbytes, size_t new_nbytes) {
    void *p = arena_alloc(a, new_nbytes);
    if (old_nbytes) memcpy(p, old, old_nbytes < new_nbytes ? old_nbytes : new_nbytes);
    return p;
}

char *arena_strndup(Arena *a, const char *s, size_t n) {
    char *copy = arena_alloc(a, n + 1);
    if (n) memcpy(copy, s, n);
    return copy;
}

char *arena_strdup(Arena *a, const char *s) { return arena_strndup(a, s, strlen(s)); }

char *arena_vprintf(Arena *a, const char *fmt, va_list args) {
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    char *s = arena_alloc(a, n < 0 ? 1 : (size_t)n + 1);
    if (n > 0) vsnprintf(s, (size_t)n + 1, fmt, again);
    va_end(again);
    return s;
}

char *arena_printf(Arena *a, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    char *s = arena_vprintf(a, fmt, args);
    va_end(args);
    return s;
}
