/* text_methods.c - str's methods: stripping, padding, case, tests, replacing.
 *
 * Case outside ASCII is CPython's own (one character may become three, and sigma looks at its neighbours), asked
 * through the hooks; ASCII, where every mapping is one to one, is done here.
 */
#include "runtime/text.h"

#include <stdlib.h>
#include <string.h>

/* ---- stripping ------------------------------------------------------------------------------------------------ */

enum { STRIP_LEFT = 1, STRIP_RIGHT = 2 };

static bool is_among(const Text *set, uint32_t ch) {
    if (!set)
        return ch < 0x80 ? ch == ' ' || (ch >= 9 && ch <= 13) || (ch >= 28 && ch <= 31)
                         : char_is(CHAR_SPACE, ch);
    for (int64_t i = 0; i < set->length; i++)
        if (text_at(set, i) == ch) return true;
    return false;
}

/* `set` NULL: white space. */
int32_t naja_text_strip(Slot *out, const Text *s, const Text *set, int64_t sides) {
    int64_t low = 0, high = s->length;
    while (sides & STRIP_LEFT && low < high && is_among(set, text_at(s, low))) low++;
    while (sides & STRIP_RIGHT && low < high && is_among(set, text_at(s, high - 1))) high--;
    return text_part(out, s, low, high - low);
}

int32_t naja_text_remove(Slot *out, const Text *s, const Text *part, int64_t suffix) {
    bool fits = part->length && part->length <= s->length;
    if (!fits || !text_same_at(s, suffix ? s->length - part->length : 0, part))
        return text_part(out, s, 0, s->length);
    return text_part(out, s, suffix ? 0 : part->length, s->length - part->length);
}

/* ---- padding --------------------------------------------------------------------------------------------------- */

static int32_t pad(Slot *out, const Text *s, int64_t left, int64_t right, uint32_t fill) {
    int32_t kind = kind_of_char(fill) > s->kind ? kind_of_char(fill) : s->kind;
    int64_t length;
    void *data;
    if (left <= 0 && right <= 0) return text_part(out, s, 0, s->length);
    if (__builtin_add_overflow(s->length, left + right, &length) ||
        !text_new(text_out(out), length, kind, &data))
        return STATUS_MEMORY;
    for (int64_t i = 0; i < left; i++) text_put(data, kind, i, fill);
    text_copy_chars((char *)data + left * kind, kind, s->data, s->kind, s->length);
    for (int64_t i = left + s->length; i < length; i++) text_put(data, kind, i, fill);
    return STATUS_OK;
}

enum { JUST_LEFT, JUST_RIGHT, JUST_CENTER };

int32_t naja_text_just(Slot *out, const Text *s, int64_t width, const Text *fill, int64_t how) {
    if (fill->length != 1)
        return text_fail(out, TEXT_TYPE_ERROR, "The fill character must be exactly one character long");
    int64_t missing = width > s->length ? width - s->length : 0;
    int64_t left = how == JUST_LEFT ? 0 : how == JUST_RIGHT ? missing : missing / 2 + (missing & width & 1);
    return pad(out, s, left, missing - left, text_at(fill, 0));
}

int32_t naja_text_zfill(Slot *out, const Text *s, int64_t width) {
    int64_t missing = width > s->length ? width - s->length : 0;
    int32_t status = pad(out, s, missing, 0, '0');
    if (status || !missing || !s->length) return status;
    uint32_t sign = text_at(s, 0);
    if (sign != '+' && sign != '-') return STATUS_OK;
    Text *made = text_out(out);
    text_put((void *)made->data, made->kind, missing, '0');
    text_put((void *)made->data, made->kind, 0, sign);
    return STATUS_OK;
}

int32_t naja_text_expandtabs(Slot *out, const Text *s, int64_t size) {
    TextBuilder b = {0};
    int64_t column = 0;
    for (int64_t i = 0; i < s->length; i++) {
        uint32_t ch = text_at(s, i);
        if (ch != '\t') {
            builder_char(&b, ch);
            column = ch == '\n' || ch == '\r' ? 0 : column + 1;
        } else if (size > 0) {
            for (int64_t n = size - column % size; n > 0; n--, column++) builder_char(&b, ' ');
        }
    }
    return builder_finish(&b, out);
}

/* ---- case ------------------------------------------------------------------------------------------------------- */

typedef enum { CASE_LOWER, CASE_UPPER, CASE_SWAP, CASE_TITLE, CASE_CAPITALIZE, CASE_FOLD } Case;
static const char *const case_method[] = {"lower", "upper", "swapcase", "title", "capitalize", "casefold"};

static bool ascii_lower(uint8_t ch) { return ch >= 'a' && ch <= 'z'; }
static bool ascii_upper(uint8_t ch) { return ch >= 'A' && ch <= 'Z'; }

/* `inside`: a letter stands before it. */
static uint8_t ascii_case(Case to, uint8_t ch, bool first, bool inside) {
    bool letter = ascii_lower(ch) || ascii_upper(ch);
    bool upper = to == CASE_UPPER || (to == CASE_SWAP && ascii_lower(ch)) || (to == CASE_TITLE && !inside) ||
                 (to == CASE_CAPITALIZE && first);
    return !letter ? ch : upper ? ch & 0xdf : ch | 0x20;
}

int32_t naja_text_case(Slot *out, const Text *s, int64_t to) {
    void *data;
    if (!text_is_ascii(s)) return text_hooks.method(out, case_method[to], s);
    if (!s->length) return text_constant(out, "");
    if (!text_new(text_out(out), s->length, 1, &data)) return STATUS_MEMORY;
    const uint8_t *from = s->data;
    bool inside = false;
    for (int64_t i = 0; i < s->length; i++) {
        ((uint8_t *)data)[i] = ascii_case((Case)to, from[i], i == 0, inside);
        inside = ascii_lower(from[i]) || ascii_upper(from[i]);
    }
    return STATUS_OK;
}

/* ---- tests ------------------------------------------------------------------------------------------------------ */

typedef enum {
    IS_ALPHA,
    IS_DECIMAL,
    IS_DIGIT,
    IS_NUMERIC,
    IS_PRINTABLE,
    IS_SPACE,
    IS_ALNUM,
    IS_LOWER,
    IS_UPPER,
    IS_TITLE,
    IS_ASCII
} Test;

static bool has_class(Test t, uint32_t ch) {
    if (t == IS_ALNUM)
        return char_is(CHAR_ALPHA, ch) || char_is(CHAR_DECIMAL, ch) || char_is(CHAR_DIGIT, ch) ||
               char_is(CHAR_NUMERIC, ch);
    return char_is((CharClass)t, ch);
}

/* No character of the other cases, and at least one of this. */
static bool is_case(const Text *s, bool upper) {
    bool cased = false;
    for (int64_t i = 0; i < s->length; i++) {
        uint32_t ch = text_at(s, i);
        if (char_is(upper ? CHAR_LOWER : CHAR_UPPER, ch) || char_is(CHAR_TITLE, ch)) return false;
        cased |= char_is(upper ? CHAR_UPPER : CHAR_LOWER, ch);
    }
    return cased;
}

static bool is_title(const Text *s) {
    bool cased = false, inside = false;
    for (int64_t i = 0; i < s->length; i++) {
        uint32_t ch = text_at(s, i);
        bool begins = char_is(CHAR_UPPER, ch) || char_is(CHAR_TITLE, ch), goes_on = char_is(CHAR_LOWER, ch);
        if ((begins && inside) || (goes_on && !inside)) return false;
        inside = begins || goes_on;
        cased |= inside;
    }
    return cased;
}

int64_t naja_text_is(const Text *s, int64_t test) {
    switch (test) {
    case IS_ASCII: return s->length == 0 || text_is_ascii(s);
    case IS_LOWER: return is_case(s, false);
    case IS_UPPER: return is_case(s, true);
    case IS_TITLE: return is_title(s);
    default: break;
    }
    for (int64_t i = 0; i < s->length; i++)
        if (!has_class((Test)test, text_at(s, i))) return false;
    return s->length > 0 || test == IS_PRINTABLE;
}

/* ---- replacing --------------------------------------------------------------------------------------------------- */

/* Of an empty pattern: before every character and at the end. */
static int32_t interleave(Slot *out, const Text *s, const Text *with, int64_t most) {
    TextBuilder b = {0};
    for (int64_t i = 0; i <= s->length; i++) {
        if (i < most) builder_text(&b, with, 0, with->length);
        if (i < s->length) builder_char(&b, text_at(s, i));
    }
    return builder_finish(&b, out);
}

int32_t naja_text_replace(Slot *out, const Text *s, const Text *from, const Text *with, int64_t most) {
    if (most < 0) most = INT64_MAX;
    if (!from->length) return most ? interleave(out, s, with, most) : text_part(out, s, 0, s->length);
    int64_t done = 0, at = most ? text_search(s, from, 0, INT64_MAX, false) : -1;
    if (at < 0) return text_part(out, s, 0, s->length);
    TextBuilder b = {0};
    for (; at >= 0 && most-- > 0; at = text_search(s, from, done, INT64_MAX, false)) {
        builder_text(&b, s, done, at - done);
        builder_text(&b, with, 0, with->length);
        done = at + from->length;
    }
    builder_text(&b, s, done, s->length - done);
    return builder_finish(&b, out);
}

/* ---- partition --------------------------------------------------------------------------------------------------- */

enum { TEXT_SLOTS = sizeof(Text) / sizeof(Slot) };

int32_t naja_text_partition(Slot *out, const Text *s, const Text *separator, int64_t last) {
    if (!separator->length) return text_fail(out, TEXT_VALUE_ERROR, "empty separator");
    int64_t at = text_search(s, separator, 0, INT64_MAX, last), behind = at + separator->length;
    Slot *part[3] = {out, out + TEXT_SLOTS, out + 2 * TEXT_SLOTS};
    if (at < 0) {
        for (int i = 0; i < 3; i++) text_constant(part[i], "");
        return text_part(part[last ? 2 : 0], s, 0, s->length);
    }
    int32_t status = text_part(part[0], s, 0, at);
    if (status) return status;
    status = text_part(part[2], s, behind, s->length - behind);
    if (!status) status = text_part(part[1], s, at, separator->length);
    if (status) block_release(text_out(part[0])->owner);
    return status;
}

/* ---- splitting: piece by piece ------------------------------------------------------------------------------------ */

static bool is_line_end(uint32_t ch) {
    return (ch >= 10 && ch <= 13) || (ch >= 0x1c && ch <= 0x1e) || ch == 0x85 || ch == 0x2028 || ch == 0x2029;
}

/* The line that begins at `at`: where its text ends, and in *next where the next line begins. */
int64_t naja_text_line_end(const Text *s, int64_t at, int64_t *next) {
    int64_t end = at;
    while (end < s->length && !is_line_end(text_at(s, end))) end++;
    *next = end < s->length ? end + 1 : end;
    if (*next < s->length && text_at(s, end) == '\r' && text_at(s, *next) == '\n') ++*next;
    return end;
}

/* The first position from `at` on that is (not) white space, or the length. */
int64_t naja_text_skip(const Text *s, int64_t at, int64_t space) {
    while (at < s->length && is_among(NULL, text_at(s, at)) == (space != 0)) at++;
    return at;
}

/* The same towards the left: the end of what is left of `at` without them. */
int64_t naja_text_skip_back(const Text *s, int64_t at, int64_t space) {
    while (at > 0 && is_among(NULL, text_at(s, at - 1)) == (space != 0)) at--;
    return at;
}
