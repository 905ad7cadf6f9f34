/* runtime/text.h - strings made and taken apart at run time.  Plain C, without the GIL.
 *
 * A Text is a string value in the slots of its leaves (STR_* in types/types.h): PEP 393's array of characters of
 * 1, 2 or 4 bytes, always of the least kind that holds them all.  So equal strings have equal bytes, and hash as
 * CPython's do.
 *
 * Characters made here lie in a MemoryBlock whose first reserved word counts the bytes in use.  A string that ends
 * where its block's used bytes end can be appended to in place: the claim is one compare-and-swap, and strings
 * that share the block never see the characters behind their own end.  That makes `s += t` in a loop linear.
 *
 * Functions that compiled code calls write their result (or, when they fail, the text of the exception) to the
 * slots `out` and return 0, STATUS_MEMORY, STATUS_PYTHON_ERROR or one of TextError.  Texts they return own a
 * reference.  They never release their operands.
 */
#ifndef NAJA_RUNTIME_TEXT_H
#define NAJA_RUNTIME_TEXT_H

#include "runtime/runtime.h"

typedef struct {
    const void *data;
    int64_t length;
    int32_t kind, unused;
    void *parent;
    MemoryBlock *owner;
} Text;
_Static_assert(sizeof(Text) == 5 * sizeof(Slot), "a Text is the slots of a string");

/* Exceptions that string functions raise, by number: see library/texts.c. */
typedef enum { TEXT_VALUE_ERROR = 1, TEXT_TYPE_ERROR, TEXT_OVERFLOW_ERROR, TEXT_INDEX_ERROR, TEXT_KEY_ERROR } TextError;

/* What needs CPython's tables or the GIL; boundary/texts.c fills it in at import. */
typedef enum { CHAR_ALPHA, CHAR_DECIMAL, CHAR_DIGIT, CHAR_NUMERIC, CHAR_PRINTABLE, CHAR_SPACE, CHAR_LOWER, CHAR_UPPER,
               CHAR_TITLE, CHAR_CLASSES } CharClass;
typedef enum { FORMAT_INT, FORMAT_UINT, FORMAT_BOOL, FORMAT_FLOAT, FORMAT_COMPLEX, FORMAT_NONE, FORMAT_TEXT } FormatKind;
typedef struct {
    bool (*is)(CharClass c, uint32_t ch);
    int (*decimal)(uint32_t ch);                       /* value of a decimal digit, or -1 */
    int64_t (*hash)(const void *data, int64_t nbytes);
    /* These take the GIL. */
    int32_t (*method)(Slot *out, const char *name, const Text *self); /* str's own method of this name */
    int32_t (*identifier)(Slot *out, const Text *s);   /* a bool */
    int32_t (*format)(Slot *out, FormatKind kind, int64_t integer, double real, double imag, const Text *text,
                      const Text *spec);
    int32_t (*print)(Context *context, const Text *text, bool flush);
    int32_t (*caught)(Slot *out, MemoryBlock *caught, bool repr);
} TextHooks;
extern TextHooks text_hooks;

/* ---- characters (text.c) --------------------------------------------------------------------------------------- */

static inline uint32_t text_at(const Text *s, int64_t i) {
    if (s->kind == 1) return ((const uint8_t *)s->data)[i];
    return s->kind == 2 ? ((const uint16_t *)s->data)[i] : ((const uint32_t *)s->data)[i];
}
static inline int32_t kind_of_char(uint32_t ch) { return ch < 0x100 ? 1 : ch < 0x10000 ? 2 : 4; }
static inline int64_t text_nbytes(const Text *s) { return s->length * s->kind; }
static inline Text *text_out(Slot *out) { return (Text *)(void *)out; }
bool text_is_ascii(const Text *s);
static inline bool char_is(CharClass c, uint32_t ch) { return text_hooks.is(c, ch); }

/* Memory for a string; the characters are the caller's to write.  False: out of memory. */
bool text_new(Text *out, int64_t length, int32_t kind, void **data);
void text_put(void *data, int32_t kind, int64_t i, uint32_t ch);
void text_copy_chars(void *to, int32_t to_kind, const void *from, int32_t from_kind, int64_t n);
int32_t text_greatest_kind(const void *data, int32_t kind, int64_t n); /* the least kind that holds them */
/* A new string of these characters in its least kind; 0 or STATUS_MEMORY. */
int32_t text_from_chars(Slot *out, const void *data, int32_t kind, int64_t length);
int32_t text_from_ascii(Slot *out, const char *data, int64_t length);
/* Part of s, which must lie inside: shares its characters where the kind stays. */
int32_t text_part(Slot *out, const Text *s, int64_t start, int64_t length);
int32_t text_constant(Slot *out, const char *text); /* a C string that lives for ever */
/* Fails with this exception; the text is printf's. */
int32_t text_fail(Slot *out, TextError error, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* ... with the text `before` + repr(s). */
int32_t text_fail_repr(Slot *out, TextError error, const char *before, const Text *s);

/* ---- building ---------------------------------------------------------------------------------------------------- */

/* A string that grows; characters are kept in the kind of the greatest so far. */
typedef struct {
    void *data;
    int64_t length, capacity;
    int32_t kind;
    bool failed; /* out of memory: the rest is ignored */
} TextBuilder;
void builder_char(TextBuilder *b, uint32_t ch);
void builder_text(TextBuilder *b, const Text *s, int64_t start, int64_t length);
void builder_ascii(TextBuilder *b, const char *text, int64_t length);
int32_t builder_finish(TextBuilder *b, Slot *out); /* frees the builder */

/* First place of `sub` in s[start:end], or -1; from the right with `last`. */
int64_t text_search(const Text *s, const Text *sub, int64_t start, int64_t end, bool last);
int64_t naja_text_contains(const Text *s, const Text *sub);
bool text_same_at(const Text *s, int64_t at, const Text *sub);
/* start and end as str.find has them: negative counts from the end, then cut to [0, n]. */
void text_clip(int64_t length, int64_t *start, int64_t *end);

#endif
