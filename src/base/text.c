/* base/text.c - the string builder.
 *
 * It lives on the heap, not in an arena, because what it builds (dumps, messages, encoded types) outlives
 * compilations and grows large.  Invariant: at[n] == 0 whenever `at` is not NULL.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/base.h"

/* Room for n more bytes and the NUL; false, for good, when memory is short. */
static bool strbuf_room(StrBuf *b, size_t n) {
    if (b->failed) return false;
    if (b->capacity - b->n > n) return true;
    size_t capacity = b->capacity ? b->capacity : 64;
    while (capacity - b->n <= n && capacity <= SIZE_MAX / 2) capacity *= 2;
    char *grown = capacity - b->n > n ? realloc(b->at, capacity) : NULL;
    if (!grown) {
        b->failed = true;
        return false;
    }
    b->at = grown;
    b->capacity = capacity;
    return true;
}

void strbuf_add(StrBuf *b, const char *s, size_t n) {
    if (!strbuf_room(b, n)) return;
    if (n) memcpy(b->at + b->n, s, n);
    b->n += n;
    b->at[b->n] = 0;
}

void strbuf_puts(StrBuf *b, const char *s) { strbuf_add(b, s, strlen(s)); }

void strbuf_vprintf(StrBuf *b, const char *fmt, va_list args) {
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    if (n >= 0 && strbuf_room(b, (size_t)n)) {
        vsnprintf(b->at + b->n, (size_t)n + 1, fmt, again);
        b->n += (size_t)n;
    }
    va_end(again);
}

void strbuf_printf(StrBuf *b, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    strbuf_vprintf(b, fmt, args);
    va_end(args);
}

void strbuf_free(StrBuf *b) {
    free(b->at);
    *b = (StrBuf){0};
}
