/* bytes.c - bytes at run time, strings in arrays, encodings.
 *
 * A bytes value travels as a Text of kind 1 (text.h), so only what differs from strings is here: copies (a bytearray
 * must not share what it is made of), and the ways between bytes and characters.  A string in an array fills its
 * element from the left; zeros behind it do not count.
 */
#include "runtime/text.h"

#include <stdlib.h>
#include <string.h>

/* ---- copies ---------------------------------------------------------------------------------------------------- */

int32_t naja_bytes_slice(Slot *out, const Text *b, int64_t start, int64_t step, int64_t n) {
    const char *from = (const char *)b->data + start;
    void *data;
    if (n <= 0) return text_constant(out, "");
    if (!text_new(text_out(out), n, 1, &data)) return STATUS_MEMORY;
    if (step == 1) memcpy(data, from, (size_t)n);
    else
        for (int64_t i = 0; i < n; i++) ((char *)data)[i] = from[i * step];
    return STATUS_OK;
}

int32_t naja_bytes_add(Slot *out, const Text *x, const Text *y) {
    void *data;
    if (!text_new(text_out(out), x->length + y->length, 1, &data)) return STATUS_MEMORY;
    memcpy(data, x->data, (size_t)x->length);
    memcpy((char *)data + x->length, y->data, (size_t)y->length);
    return STATUS_OK;
}

int32_t naja_bytes_zeros(Slot *out, int64_t n) {
    void *data;
    if (!text_new(text_out(out), n, 1, &data)) return STATUS_MEMORY;
    memset(data, 0, (size_t)n);
    return STATUS_OK;
}

int64_t naja_bytes_has(const Text *b, int64_t byte) {
    return memchr(b->data, (int)byte, (size_t)b->length) != NULL;
}

static bool is_lower(uint8_t byte) { return byte >= 'a' && byte <= 'z'; }
static bool is_upper(uint8_t byte) { return byte >= 'A' && byte <= 'Z'; }

/* Letters are ASCII's, as for Python's bytes. */
int32_t naja_bytes_case(Slot *out, const Text *b, int64_t upper) {
    void *data;
    if (!text_new(text_out(out), b->length, 1, &data)) return STATUS_MEMORY;
    for (int64_t i = 0; i < b->length; i++) {
        uint8_t byte = ((const uint8_t *)b->data)[i];
        bool turned = upper ? is_lower(byte) : is_upper(byte);
        ((uint8_t *)data)[i] = turned ? byte ^ 32 : byte;
    }
    return STATUS_OK;
}

static bool is_space(uint8_t byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

typedef enum { BYTES_ALPHA, BYTES_DIGIT, BYTES_ALNUM, BYTES_SPACE, BYTES_LOWER, BYTES_UPPER } BytesTest;

/* islower, isupper: some letter is of this case, none of the other.  The others: of every byte, and there is one. */
int64_t naja_bytes_is(const Text *b, int64_t test) {
    int64_t seen[6] = {0}, n = b->length;
    for (int64_t i = 0; i < n; i++) {
        uint8_t byte = ((const uint8_t *)b->data)[i];
        bool lower = is_lower(byte), upper = is_upper(byte), digit = byte >= '0' && byte <= '9';
        seen[BYTES_ALPHA] += lower || upper;
        seen[BYTES_DIGIT] += digit;
        seen[BYTES_ALNUM] += lower || upper || digit;
        seen[BYTES_SPACE] += is_space(byte);
        seen[BYTES_LOWER] += lower;
        seen[BYTES_UPPER] += upper;
    }
    if (test == BYTES_LOWER) return seen[BYTES_LOWER] && !seen[BYTES_UPPER];
    if (test == BYTES_UPPER) return seen[BYTES_UPPER] && !seen[BYTES_LOWER];
    return n > 0 && seen[test] == n;
}

int32_t naja_bytes_hex(Slot *out, const Text *b) {
    static const char digit[] = "0123456789abcdef";
    void *data;
    if (!text_new(text_out(out), 2 * b->length, 1, &data)) return STATUS_MEMORY;
    for (int64_t i = 0; i < b->length; i++) {
        uint8_t byte = ((const uint8_t *)b->data)[i];
        ((char *)data)[2 * i] = digit[byte >> 4];
        ((char *)data)[2 * i + 1] = digit[byte & 15];
    }
    return STATUS_OK;
}

/* ---- strings in arrays -------------------------------------------------------------------------------------------- */

int32_t naja_charseq_read(Slot *out, const char *data, int64_t n, int64_t width) {
    static const char zeros[4];
    while (n > 0 && !memcmp(data + (n - 1) * width, zeros, (size_t)width)) n--;
    return text_from_chars(out, data, (int32_t)width,
                           n); /* also of bytes: their kind is the least there is */
}

/* What is too long is cut off, as NumPy does. */
int32_t naja_charseq_write(Slot *out, char *data, int64_t n, int64_t width, const Text *s) {
    int64_t length = s->length < n ? s->length : n;
    if (width == 1 && s->kind != 1)
        return text_fail(out, TEXT_VALUE_ERROR,
                         "'ascii' codec can't encode characters: ordinal not in range(128)");
    text_copy_chars(data, (int32_t)width, s->data, s->kind, length);
    memset(data + length * width, 0, (size_t)((n - length) * width));
    return STATUS_OK;
}

/* ---- encodings ------------------------------------------------------------------------------------------------------ */

typedef enum { CODEC_UTF8, CODEC_LATIN1, CODEC_ASCII } Codec;

static bool is_surrogate(uint32_t ch) { return ch >= 0xD800 && ch < 0xE000; }

static int64_t utf8_length(uint32_t ch) { return ch < 0x80 ? 1 : ch < 0x800 ? 2 : ch < 0x10000 ? 3 : 4; }

static uint8_t *put_utf8(uint8_t *to, uint32_t ch) {
    int64_t n = utf8_length(ch);
    static const uint8_t lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (int64_t i = n - 1; i > 0; i--, ch >>= 6) to[i] = (uint8_t)(0x80 | (ch & 63));
    to[0] = (uint8_t)(lead[n] | ch);
    return to + n;
}

static int32_t encode_utf8(Slot *out, const Text *s) {
    int64_t nbytes = 0;
    void *data;
    for (int64_t i = 0; i < s->length; i++) {
        uint32_t ch = text_at(s, i);
        if (is_surrogate(ch))
            return text_fail(
                out, TEXT_VALUE_ERROR,
                "'utf-8' codec can't encode character '\\u%04x' in position %lld: surrogates not allowed", ch,
                (long long)i);
        nbytes += utf8_length(ch);
    }
    if (!text_new(text_out(out), nbytes, 1, &data)) return STATUS_MEMORY;
    uint8_t *to = data;
    for (int64_t i = 0; i < s->length; i++) to = put_utf8(to, text_at(s, i));
    return STATUS_OK;
}

static int32_t encode_narrow(Slot *out, const Text *s, uint32_t limit, const char *codec) {
    void *data;
    for (int64_t i = 0; i < s->length; i++) {
        uint32_t ch = text_at(s, i);
        if (ch >= limit)
            return text_fail(
                out, TEXT_VALUE_ERROR,
                "'%s' codec can't encode character '\\%c%0*x' in position %lld: ordinal not in range(%u)",
                codec,
                ch < 0x100     ? 'x'
                : ch < 0x10000 ? 'u'
                               : 'U',
                ch < 0x100     ? 2
                : ch < 0x10000 ? 4
                               : 8,
                ch, (long long)i, limit);
    }
    if (!text_new(text_out(out), s->length, 1, &data)) return STATUS_MEMORY;
    text_copy_chars(data, 1, s->data, s->kind, s->length);
    return STATUS_OK;
}

int32_t naja_text_encode(Slot *out, const Text *s, int64_t codec) {
    if (codec == CODEC_UTF8) return encode_utf8(out, s);
    return codec == CODEC_ASCII ? encode_narrow(out, s, 0x80, "ascii")
                                : encode_narrow(out, s, 0x100, "latin-1");
}

static int32_t bad_byte(Slot *out, const char *codec, const uint8_t *p, int64_t i, const char *why) {
    return text_fail(out, TEXT_VALUE_ERROR, "'%s' codec can't decode byte 0x%02x in position %lld: %s", codec,
                     p[i], (long long)i, why);
}

/* How many bytes begin a character here: 0 for none, and the bits of the lead byte in *ch. */
static int64_t utf8_lead(uint8_t byte, uint32_t *ch) {
    int64_t n = byte < 0x80 ? 1 : byte < 0xC2 ? 0 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : byte < 0xF5 ? 4 : 0;
    *ch = n < 2 ? byte : byte & (0x7Fu >> n);
    return n;
}

static int32_t decode_utf8(Slot *out, const uint8_t *p, int64_t n) {
    TextBuilder b = {0};
    for (int64_t i = 0; i < n;) {
        uint32_t ch;
        int64_t length = utf8_lead(p[i], &ch), k = 1;
        const char *why = length ? NULL : "invalid start byte";
        for (; !why && k < length; k++) {
            if (i + k >= n) why = "unexpected end of data";
            else if ((p[i + k] & 0xC0) != 0x80) why = "invalid continuation byte";
            else ch = ch << 6 | (p[i + k] & 63);
        }
        if (!why && (is_surrogate(ch) || ch > 0x10FFFF || utf8_length(ch) != length))
            why = "invalid continuation byte";
        if (why) {
            free(b.data);
            return bad_byte(out, "utf-8", p, i, why);
        }
        builder_char(&b, ch);
        i += length;
    }
    return builder_finish(&b, out);
}

int32_t naja_text_decode(Slot *out, const Text *b, int64_t codec) {
    const uint8_t *p = b->data;
    int64_t i = 0;
    while (i < b->length && p[i] < 0x80) i++;
    if (i == b->length || codec == CODEC_LATIN1) return text_from_chars(out, p, 1, b->length);
    return codec == CODEC_UTF8 ? decode_utf8(out, p, b->length)
                               : bad_byte(out, "ascii", p, i, "ordinal not in range(128)");
}
