/* text.c - strings at run time: memory, comparison, search, concatenation, slices, hash.  See text.h. */
#include "runtime/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TextHooks text_hooks;

/* ---- memory -------------------------------------------------------------------------------------------------- */

/* The bytes in use of a block that holds characters. */
static _Atomic uint64_t *used_bytes(MemoryBlock *b) { return (_Atomic uint64_t *)&b->reserved[0]; }

static bool block_for(Text *out, int64_t length, int32_t kind, int64_t capacity, void **data) {
    int64_t nbytes;
    if (__builtin_mul_overflow(capacity, (int64_t)kind, &nbytes)) return false;
    MemoryBlock *b = naja_block_new(nbytes);
    if (!b) return false;
    atomic_store_explicit(used_bytes(b), (uint64_t)(length * kind), memory_order_relaxed);
    *data = block_data(b);
    *out = (Text){.data = *data, .length = length, .kind = kind, .owner = b};
    return true;
}

bool text_new(Text *out, int64_t length, int32_t kind, void **data) {
    return block_for(out, length, kind, length, data);
}

void text_put(void *data, int32_t kind, int64_t i, uint32_t ch) {
    if (kind == 1) ((uint8_t *)data)[i] = (uint8_t)ch;
    else if (kind == 2) ((uint16_t *)data)[i] = (uint16_t)ch;
    else ((uint32_t *)data)[i] = ch;
}

void text_copy_chars(void *to, int32_t to_kind, const void *from, int32_t from_kind, int64_t n) {
    if (to_kind == from_kind) {
        memcpy(to, from, (size_t)(n * to_kind));
        return;
    }
    Text s = {.data = from, .length = n, .kind = from_kind};
    for (int64_t i = 0; i < n; i++) text_put(to, to_kind, i, text_at(&s, i));
}

int32_t text_greatest_kind(const void *data, int32_t kind, int64_t n) {
    uint32_t all = 0;
    if (kind == 1) return 1;
    for (int64_t i = 0; kind == 2 && i < n; i++) all |= ((const uint16_t *)data)[i];
    for (int64_t i = 0; kind == 4 && i < n; i++) all |= ((const uint32_t *)data)[i];
    return kind_of_char(all);
}

bool text_is_ascii(const Text *s) {
    uint8_t all = 0;
    if (s->kind != 1) return false;
    for (int64_t i = 0; i < s->length; i++) all |= ((const uint8_t *)s->data)[i];
    return all < 0x80;
}

int32_t text_from_chars(Slot *out, const void *data, int32_t kind, int64_t length) {
    int32_t least = text_greatest_kind(data, kind, length);
    void *to;
    if (length == 0) return text_constant(out, "");
    if (!text_new(text_out(out), length, least, &to)) return STATUS_MEMORY;
    text_copy_chars(to, least, data, kind, length);
    return STATUS_OK;
}

int32_t text_from_ascii(Slot *out, const char *data, int64_t length) {
    return text_from_chars(out, data, 1, length);
}

int32_t text_constant(Slot *out, const char *text) {
    *text_out(out) = (Text){.data = text, .length = (int64_t)strlen(text), .kind = 1};
    return STATUS_OK;
}

int32_t text_part(Slot *out, const Text *s, int64_t start, int64_t length) {
    const char *data = (const char *)s->data + start * s->kind;
    if (length == 0) return text_constant(out, "");
    if (length > 1 && text_greatest_kind(data, s->kind, length) != s->kind)
        return text_from_chars(out, data, s->kind, length);
    int32_t kind = length == 1 ? kind_of_char(text_at(s, start)) : s->kind; /* little-endian: in place */
    bool whole = length == s->length;
    block_retain(s->owner);
    *text_out(out) = (Text){data, length, kind, 0, whole ? s->parent : NULL, s->owner};
    return STATUS_OK;
}

/* Compiled code keeps strings of Python only for a call: what outlives it is copied. */
int32_t naja_text_own(Slot *out, const Text *s) {
    return s->owner ? text_part(out, s, 0, s->length) : text_from_chars(out, s->data, s->kind, s->length);
}

/* ---- failing ------------------------------------------------------------------------------------------------- */

int32_t text_fail(Slot *out, TextError error, const char *fmt, ...) {
    char text[256];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (n < 0) n = 0;
    if (n >= (int)sizeof text) n = sizeof text - 1;
    return text_from_ascii(out, text, n) ? STATUS_MEMORY : (int32_t)error;
}

/* ---- building ------------------------------------------------------------------------------------------------ */

/* Room for `extra` more characters of this kind. */
static bool reserve(TextBuilder *b, int64_t extra, int32_t kind) {
    if (b->failed) return false;
    if (b->data && kind <= b->kind && b->length + extra <= b->capacity) return true;
    int32_t grown_kind = kind > b->kind ? kind : b->kind;
    int64_t capacity = b->length + extra <= b->capacity ? b->capacity : (b->length + extra) * 3 / 2 + 16;
    void *grown = malloc((size_t)(capacity * grown_kind));
    if (!grown) {
        b->failed = true;
        return false;
    }
    if (b->data) text_copy_chars(grown, grown_kind, b->data, b->kind, b->length);
    free(b->data);
    b->data = grown;
    b->kind = grown_kind;
    b->capacity = capacity;
    return true;
}

void builder_char(TextBuilder *b, uint32_t ch) {
    if (reserve(b, 1, kind_of_char(ch))) text_put(b->data, b->kind, b->length++, ch);
}

void builder_text(TextBuilder *b, const Text *s, int64_t start, int64_t length) {
    const char *data = (const char *)s->data + start * s->kind;
    if (!reserve(b, length, text_greatest_kind(data, s->kind, length))) return;
    text_copy_chars((char *)b->data + b->length * b->kind, b->kind, data, s->kind, length);
    b->length += length;
}

void builder_ascii(TextBuilder *b, const char *text, int64_t length) {
    builder_text(b, &(Text){.data = text, .length = length, .kind = 1}, 0, length);
}

int32_t builder_finish(TextBuilder *b, Slot *out) {
    int32_t status = b->failed ? STATUS_MEMORY
                     : b->data ? text_from_chars(out, b->data, b->kind, b->length)
                               : text_constant(out, "");
    free(b->data);
    return status;
}

/* ---- concatenation and repetition ---------------------------------------------------------------------------- */

/* Appends in place if x ends its block's used bytes and there is room behind them. */
static bool append_in_place(Slot *out, const Text *x, const Text *y) {
    MemoryBlock *b = x->owner;
    if (!b || y->kind > x->kind) return false;
    uint64_t used = (uint64_t)((const char *)x->data - (const char *)block_data(b)) +
                    (uint64_t)text_nbytes(x);
    uint64_t wanted = used + (uint64_t)(y->length * x->kind);
    if (wanted > b->nbytes || !atomic_compare_exchange_strong(used_bytes(b), &used, wanted)) return false;
    text_copy_chars((char *)block_data(b) + used, x->kind, y->data, y->kind, y->length);
    block_retain(b);
    *text_out(out) = (Text){.data = x->data, .length = x->length + y->length, .kind = x->kind, .owner = b};
    return true;
}

/* A left side that was itself made at run time is likely to grow again: it gets room. */
int32_t naja_text_add(Slot *out, const Text *x, const Text *y) {
    if (!y->length) return text_part(out, x, 0, x->length);
    if (!x->length) return text_part(out, y, 0, y->length);
    if (append_in_place(out, x, y)) return STATUS_OK;
    int32_t kind = x->kind > y->kind ? x->kind : y->kind;
    int64_t length = x->length + y->length, room = x->owner ? length + length / 2 : length;
    void *data;
    if (!block_for(text_out(out), length, kind, room, &data)) return STATUS_MEMORY;
    text_copy_chars(data, kind, x->data, x->kind, x->length);
    text_copy_chars((char *)data + x->length * kind, kind, y->data, y->kind, y->length);
    return STATUS_OK;
}

/* The strings of a list with a separator between them. */
int32_t naja_text_join(Slot *out, const Text *separator, const MemoryBlock *list) {
    const ListBody *b = list_body((MemoryBlock *)list);
    const Text *part = (const Text *)(const void *)b->cells;
    if (!b->length) return text_constant(out, "");
    if (b->length == 1) return text_part(out, part, 0, part->length);
    int32_t kind = separator->length ? separator->kind : 1;
    int64_t length = 0, gaps;
    bool fits = !__builtin_mul_overflow(separator->length, b->length - 1, &gaps);
    for (int64_t i = 0; i < b->length; i++) {
        fits &= !__builtin_add_overflow(length, part[i].length, &length);
        if (part[i].length && part[i].kind > kind) kind = part[i].kind;
    }
    void *data;
    fits = fits && !__builtin_add_overflow(length, gaps, &length);
    if (!fits || !text_new(text_out(out), length, kind, &data)) return STATUS_MEMORY;
    char *to = data;
    for (int64_t i = 0; i < b->length; i++) {
        if (i) {
            text_copy_chars(to, kind, separator->data, separator->kind, separator->length);
            to += separator->length * kind;
        }
        text_copy_chars(to, kind, part[i].data, part[i].kind, part[i].length);
        to += part[i].length * kind;
    }
    return STATUS_OK;
}

int32_t naja_text_repeat(Slot *out, const Text *s, int64_t times) {
    int64_t length;
    void *data;
    if (times <= 0 || !s->length) return text_constant(out, "");
    if (times == 1) return text_part(out, s, 0, s->length);
    if (__builtin_mul_overflow(s->length, times, &length) || !text_new(text_out(out), length, s->kind, &data))
        return STATUS_MEMORY;
    int64_t unit = text_nbytes(s), total = length * s->kind;
    memcpy(data, s->data, (size_t)unit);
    for (int64_t done = unit; done < total; done += done) /* doubles what is there */
        memcpy((char *)data + done, data, (size_t)(done < total - done ? done : total - done));
    return STATUS_OK;
}

/* ---- slices -------------------------------------------------------------------------------------------------- */

/* n characters from `start` on, `step` apart; all of them lie inside s. */
int32_t naja_text_slice(Slot *out, const Text *s, int64_t start, int64_t step, int64_t n) {
    void *data;
    if (n <= 0) return text_constant(out, "");
    if (step == 1 || n == 1) return text_part(out, s, start, n);
    uint32_t all = 0;
    for (int64_t i = 0; i < n; i++) all |= text_at(s, start + i * step);
    int32_t kind = kind_of_char(all);
    if (!text_new(text_out(out), n, kind, &data)) return STATUS_MEMORY;
    for (int64_t i = 0; i < n; i++) text_put(data, kind, i, text_at(s, start + i * step));
    return STATUS_OK;
}

/* ---- comparison, hash ------------------------------------------------------------------------------------------ */

int64_t naja_text_compare(const Text *x, const Text *y) {
    int64_t n = x->length < y->length ? x->length : y->length;
    if (x->kind == 1 && y->kind == 1) {
        int order = memcmp(x->data, y->data, (size_t)n);
        if (order) return order < 0 ? -1 : 1;
    } else {
        for (int64_t i = 0; i < n; i++) {
            uint32_t a = text_at(x, i), b = text_at(y, i);
            if (a != b) return a < b ? -1 : 1;
        }
    }
    return (x->length > y->length) - (x->length < y->length);
}

int64_t naja_text_same(const Text *x, const Text *y) {
    return x->kind == y->kind && x->length == y->length && !memcmp(x->data, y->data, (size_t)text_nbytes(x));
}

int64_t naja_text_hash(const Text *s) { return text_hooks.hash(s->data, text_nbytes(s)); }

/* ---- search ---------------------------------------------------------------------------------------------------- */

bool text_same_at(const Text *s, int64_t at, const Text *sub) {
    if (s->kind == sub->kind)
        return !memcmp((const char *)s->data + at * s->kind, sub->data, (size_t)text_nbytes(sub));
    for (int64_t i = 0; i < sub->length; i++)
        if (text_at(s, at + i) != text_at(sub, i)) return false;
    return true;
}

void text_clip(int64_t length, int64_t *start, int64_t *end) {
    if (*end > length) *end = length;
    else if (*end < 0) *end = *end + length < 0 ? 0 : *end + length;
    if (*start < 0) *start = *start + length < 0 ? 0 : *start + length;
}

static int64_t search_bytes(const Text *s, const Text *sub, int64_t start, int64_t end) {
    const char *from = (const char *)s->data + start, *found;
    found = sub->length == 1 ? memchr(from, *(const uint8_t *)sub->data, (size_t)(end - start))
                             : memmem(from, (size_t)(end - start), sub->data, (size_t)sub->length);
    return found ? found - (const char *)s->data : -1;
}

int64_t text_search(const Text *s, const Text *sub, int64_t start, int64_t end, bool last) {
    text_clip(s->length, &start, &end);
    if (end - start < sub->length) return -1;
    if (!sub->length) return last ? end : start;
    if (sub->kind > s->kind) return -1;
    if (!last && s->kind == 1) return search_bytes(s, sub, start, end);
    uint32_t first = text_at(sub, 0);
    int64_t n = end - start - sub->length + 1;
    for (int64_t k = 0; k < n; k++) {
        int64_t at = last ? start + n - 1 - k : start + k;
        if (text_at(s, at) == first && text_same_at(s, at, sub)) return at;
    }
    return -1;
}

int64_t naja_text_contains(const Text *s, const Text *sub) {
    return text_search(s, sub, 0, INT64_MAX, false) >= 0;
}

int64_t naja_text_find(const Text *s, const Text *sub, int64_t start, int64_t end) {
    return text_search(s, sub, start, end, false);
}

int64_t naja_text_rfind(const Text *s, const Text *sub, int64_t start, int64_t end) {
    return text_search(s, sub, start, end, true);
}

int64_t naja_text_count(const Text *s, const Text *sub, int64_t start, int64_t end) {
    text_clip(s->length, &start, &end);
    if (end - start < sub->length) return 0;
    if (!sub->length) return end - start + 1;
    int64_t n = 0;
    for (int64_t at; (at = text_search(s, sub, start, end, false)) >= 0; n++) start = at + sub->length;
    return n;
}

/* mode 0: prefix, 1: suffix. */
int64_t naja_text_tail(const Text *s, const Text *sub, int64_t start, int64_t end, int64_t mode) {
    text_clip(s->length, &start, &end);
    if (end - start < sub->length || sub->kind > s->kind) return 0;
    return text_same_at(s, mode ? end - sub->length : start, sub);
}

/* ---- characters and numbers ------------------------------------------------------------------------------------ */

int32_t naja_text_chr(Slot *out, int64_t code) {
    if (code < 0 || code > 0x10ffff)
        return text_fail(out, TEXT_VALUE_ERROR, "chr() arg not in range(0x110000)");
    uint32_t ch = (uint32_t)code;
    return text_from_chars(out, &ch, 4, 1);
}
