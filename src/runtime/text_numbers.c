/* text_numbers.c - numbers as text and text as numbers, without locale and without the GIL.
 *
 * repr(float) is the shortest decimal that rounds to the number, and of those the nearest.  A decimal of 15 digits
 * survives the way to binary and back, so if the nearest one of 15 digits is the number, the shortest is that one
 * without its zeros; else 16 or 17 digits are.  Only at a power of two is the nearest one of 16 digits not always
 * the one that rounds back: there the gap below is half the gap above, and the next one up is tried too.
 * Subnormal numbers have fewer digits, and are tried from one digit on.  glibc's printf and strtod round correctly.
 */
#include "runtime/text.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- the C library in its own locale ------------------------------------------------------------------------------ */

static locale_t c_locale;
static pthread_once_t locale_once = PTHREAD_ONCE_INIT;
static void make_locale(void) { c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0); }

static double parse_double(const char *text) {
    pthread_once(&locale_once, make_locale);
    return strtod_l(text, NULL, c_locale);
}

/* Text as a number of this width. */
static double parse_width(const char *text, int bits) {
    return bits == 64 ? parse_double(text) : (double)strtof_l(text, NULL, c_locale);
}

/* ---- shortest decimal ------------------------------------------------------------------------------------------------ */

typedef struct {
    char digit[20];  /* without a point, no zeros at the end */
    int n, exponent; /* value: 0.d1d2... times ten to the exponent */
} Decimal;

/* x > 0, finite, in `n` digits; gives whether it rounds back. */
static bool try_digits(double x, int bits, int n, Decimal *d) {
    char text[40];
    pthread_once(&locale_once, make_locale);
    locale_t old = uselocale(c_locale);
    snprintf(text, sizeof text, "%.*e", n - 1, x);
    uselocale(old);
    d->n = 0;
    char *p = text;
    for (; *p != 'e'; p++)
        if (*p != '.') d->digit[d->n++] = *p;
    d->exponent = atoi(p + 1) + 1;
    return n == (bits == 64 ? 17 : 9) || parse_width(text, bits) == x;
}

/* The next decimal up of as many digits. */
static bool try_next(double x, int bits, Decimal *d) {
    char text[48];
    int i = d->n - 1;
    while (i >= 0 && d->digit[i] == '9') d->digit[i--] = '0';
    if (i < 0) return false;
    d->digit[i]++;
    snprintf(text, sizeof text, "0.%.*se%d", d->n, d->digit, d->exponent);
    return parse_width(text, bits) == x;
}

/* The decimal of 15 digits without the C library, if there is one.  Dividing two exact numbers rounds once, so that the
 * test is exact; scaling x is off by less than half a unit of the last digit. */
static bool try_scaled(double x, Decimal *d) {
    enum { SURE = 15, MOST = 22 };
    static const double power[MOST + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                           1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                           1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (!(x >= 1e-5 && x < 1e15)) return false;
    int exponent = -4; /* x < 10 to the exponent, at the end */
    while (x >= (exponent < 0 ? 1 / power[-exponent] : power[exponent])) exponent++;
    int scale = SURE - exponent;
    if (scale > MOST) return false;
    int64_t digits = llrint(x * power[scale]);
    if (digits >= (int64_t)power[SURE] || digits < (int64_t)power[SURE - 1]) return false;
    if ((double)digits / power[scale] != x) return false;
    for (int i = SURE; i-- > 0; digits /= 10) d->digit[i] = (char)('0' + digits % 10);
    d->n = SURE;
    d->exponent = exponent;
    return true;
}

/* Of float32 6 digits survive, and 9 are enough. */
static void shortest(double x, int bits, Decimal *d) {
    int exponent, sure = bits == 64 ? 15 : 6, enough = bits == 64 ? 17 : 9;
    bool normal = x >= (bits == 64 ? DBL_MIN : (double)FLT_MIN), power_of_two = frexp(x, &exponent) == 0.5;
    bool found = bits == 64 && try_scaled(x, d);
    for (int n = normal ? sure : 1; n <= enough && !found; n++)
        found = try_digits(x, bits, n, d) || (power_of_two && n < enough && try_next(x, bits, d));
    while (d->n > 1 && d->digit[d->n - 1] == '0') d->n--;
}

/* ---- repr(float) ------------------------------------------------------------------------------------------------------- */

typedef struct {
    char text[64];
    int n;
} Chars;

static void put_char(Chars *c, char ch) { c->text[c->n++] = ch; }
static void put_digits(Chars *c, const Decimal *d, int from, int to) {
    for (int i = from; i < to; i++) put_char(c, i < d->n ? d->digit[i] : '0');
}

enum { FLOAT_POINT_ZERO = 1 }; /* ".0" behind whole numbers */

static void put_decimal(Chars *c, const Decimal *d, int flags) {
    int point = d->exponent;
    if (point > -4 && point <= 16) {
        if (point <= 0) {
            put_char(c, '0'), put_char(c, '.');
            for (int i = point; i < 0; i++) put_char(c, '0');
            put_digits(c, d, 0, d->n);
            return;
        }
        put_digits(c, d, 0, point);
        if (d->n > point) {
            put_char(c, '.');
            put_digits(c, d, point, d->n);
        } else if (flags & FLOAT_POINT_ZERO) {
            put_char(c, '.'), put_char(c, '0');
        }
        return;
    }
    put_digits(c, d, 0, 1);
    if (d->n > 1) {
        put_char(c, '.');
        put_digits(c, d, 1, d->n);
    }
    c->n += snprintf(c->text + c->n, sizeof c->text - (size_t)c->n, "e%+03d", point - 1);
}

static void put_float(Chars *c, double x, int bits, int flags) {
    Decimal d = {.digit = "0", .n = 1, .exponent = 1};
    if (isnan(x)) {
        memcpy(c->text + c->n, "nan", 3);
        c->n += 3;
        return;
    }
    if (signbit(x)) put_char(c, '-');
    x = fabs(x);
    if (isinf(x)) {
        memcpy(c->text + c->n, "inf", 3);
        c->n += 3;
        return;
    }
    if (x != 0 && x < 1e15 && x == floor(x)) {
        c->n += snprintf(c->text + c->n, 24, flags & FLOAT_POINT_ZERO ? "%lld.0" : "%lld", (long long)x);
        return;
    }
    if (x != 0) shortest(x, bits, &d);
    put_decimal(c, &d, flags);
}

int32_t naja_text_of_float(Slot *out, double x) {
    Chars c = {.n = 0};
    put_float(&c, x, 64, FLOAT_POINT_ZERO);
    return text_from_ascii(out, c.text, c.n);
}

int32_t naja_text_of_float32(Slot *out, float x) {
    Chars c = {.n = 0};
    put_float(&c, x, 32, FLOAT_POINT_ZERO);
    return text_from_ascii(out, c.text, c.n);
}

/* As Python writes it: 3j, (1+2j), (-0-2j). */
int32_t naja_text_of_complex(Slot *out, double re, double im) {
    char text[140];
    Chars real = {.n = 0}, imag = {.n = 0};
    put_float(&real, re, 64, 0);
    put_float(&imag, im, 64, 0);
    bool bare = re == 0 && !signbit(re), sign = !bare && (isnan(im) || !signbit(im));
    int n = bare ? snprintf(text, sizeof text, "%.*sj", imag.n, imag.text)
                 : snprintf(text, sizeof text, "(%.*s%s%.*sj)", real.n, real.text, sign ? "+" : "", imag.n,
                            imag.text);
    return text_from_ascii(out, text, n);
}

int32_t naja_text_of_int(Slot *out, int64_t x, int64_t is_signed) {
    char text[24], *p = text + sizeof text;
    uint64_t rest = is_signed && x < 0 ? 0 - (uint64_t)x : (uint64_t)x;
    do *--p = (char)('0' + rest % 10);
    while (rest /= 10);
    if (is_signed && x < 0) *--p = '-';
    return text_from_ascii(out, p, text + sizeof text - p);
}

/* bin, oct, hex: the base as a power of two. */
int32_t naja_text_of_bits(Slot *out, int64_t x, int64_t is_signed, int64_t bits) {
    char text[72], *p = text + sizeof text;
    uint64_t rest = is_signed && x < 0 ? 0 - (uint64_t)x : (uint64_t)x;
    do *--p = "0123456789abcdef"[rest & ((1u << bits) - 1)];
    while (rest >>= bits);
    *--p = bits == 1 ? 'b' : bits == 3 ? 'o' : 'x';
    *--p = '0';
    if (is_signed && x < 0) *--p = '-';
    return text_from_ascii(out, p, text + sizeof text - p);
}

/* ---- int(text) ------------------------------------------------------------------------------------------------------------ */

/* White space off, other scripts' digits and spaces made ASCII; '?' for what cannot be in a number.  Freed by the
 * caller; NULL: out of memory. */
static char *ascii_number(const Text *s, char *buffer, int64_t room) {
    char *text = s->length < room ? buffer : malloc((size_t)s->length + 1);
    if (!text) return NULL;
    int64_t n = 0, begin = 0;
    for (int64_t i = 0; i < s->length; i++) {
        uint32_t ch = text_at(s, i);
        int digit = ch < 0x80 ? -1 : text_hooks.decimal(ch);
        bool space = ch < 0x80 ? ch == ' ' || (ch >= 9 && ch <= 13) || (ch >= 28 && ch <= 31)
                               : char_is(CHAR_SPACE, ch);
        text[n++] = (char)(space ? ' ' : digit >= 0 ? '0' + digit : ch < 0x80 && ch ? (char)ch : '?');
    }
    while (n && text[n - 1] == ' ') n--;
    while (begin < n && text[begin] == ' ') begin++;
    memmove(text, text + begin, (size_t)(n - begin));
    text[n - begin] = '\0';
    return text;
}

static int digit_value(char ch) {
    return ch >= '0' && ch <= '9'   ? ch - '0'
           : ch >= 'a' && ch <= 'z' ? ch - 'a' + 10
           : ch >= 'A' && ch <= 'Z' ? ch - 'A' + 10
                                    : 99;
}

/* "0x", "0o", "0b" give the base, where they fit the one asked for; skipped.  *zero: base 0 and a plain number, which
 * then must not begin with 0. */
static const char *read_base(const char *p, int64_t *base, bool *zero) {
    int letter = p[0] == '0' ? p[1] | 0x20 : 0;
    int64_t given = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
    *zero = *base == 0 && !given;
    if (*base == 0) *base = given ? given : 10;
    if (given != *base || !given) return p;
    return p[2] == '_' ? p + 3 : p + 2;
}

typedef enum { PARSED, MALFORMED, TOO_LARGE } Parsed;

static Parsed parse_int(const char *p, int64_t base, int64_t *value) {
    bool negative = *p == '-', zero, large = false, nonzero = false, digits = false;
    if (*p == '-' || *p == '+') p++;
    uint64_t v = 0;
    p = read_base(p, &base, &zero);
    bool leading = *p == '0';
    for (bool underscore = true; *p; p++) { /* an underscore only between digits */
        int d = digit_value(*p);
        if (*p == '_' && !underscore) underscore = true;
        else if (*p == '_' || d >= base) return MALFORMED;
        else {
            large |= __builtin_mul_overflow(v, (uint64_t)base, &v) ||
                     __builtin_add_overflow(v, (uint64_t)d, &v);
            nonzero |= d != 0;
            underscore = false;
            digits = true;
        }
        if (!p[1] && underscore) return MALFORMED;
    }
    if (!digits || (zero && leading && nonzero)) return MALFORMED;
    if (large || v > (uint64_t)INT64_MAX + negative) return TOO_LARGE;
    *value = (int64_t)(negative ? 0 - v : v);
    return PARSED;
}

int32_t naja_text_to_int(Slot *out, const Text *s, int64_t base) {
    char buffer[80], before[64];
    if (base != 0 && (base < 2 || base > 36))
        return text_fail(out, TEXT_VALUE_ERROR, "int() base must be >= 2 and <= 36, or 0");
    char *text = ascii_number(s, buffer, sizeof buffer);
    if (!text) return STATUS_MEMORY;
    int64_t value = 0;
    Parsed result = parse_int(text, base, &value);
    if (text != buffer) free(text);
    if (result == MALFORMED) {
        snprintf(before, sizeof before, "invalid literal for int() with base %d: ", (int)base);
        return text_fail_repr(out, TEXT_VALUE_ERROR, before, s);
    }
    if (result == TOO_LARGE)
        return text_fail(out, TEXT_OVERFLOW_ERROR, "int() of a text: the number does not fit 64 bits");
    *(int64_t *)out = value;
    return STATUS_OK;
}

/* ---- float(text) ------------------------------------------------------------------------------------------------------------ */

/* Digits with underscores between them; gives the end. */
static const char *skip_digits(const char *p, int *n) {
    for (*n = 0; (*p >= '0' && *p <= '9') || (*p == '_' && *n && p[1] >= '0' && p[1] <= '9'); p++) ++*n;
    return p;
}

static bool is_word(const char *p) {
    static const char *const word[] = {"inf", "infinity", "nan"};
    for (int i = 0; i < 3; i++)
        if (!strcasecmp(p, word[i])) return true;
    return false;
}

static bool is_float(const char *p) {
    int whole, part = 0, power;
    if (*p == '+' || *p == '-') p++;
    if (is_word(p)) return true;
    p = skip_digits(p, &whole);
    if (*p == '.') p = skip_digits(p + 1, &part);
    if (!whole && !part) return false;
    if (*p == 'e' || *p == 'E') {
        p++;
        if (*p == '+' || *p == '-') p++;
        p = skip_digits(p, &power);
        if (!power) return false;
    }
    return !*p;
}

int32_t naja_text_to_float(Slot *out, const Text *s) {
    char buffer[128];
    char *text = ascii_number(s, buffer, sizeof buffer);
    if (!text) return STATUS_MEMORY;
    bool good = is_float(text);
    char *to = text;
    for (const char *p = text; *p; p++)
        if (*p != '_') *to++ = *p;
    *to = '\0';
    double value = good ? parse_double(text) : 0;
    if (isnan(value)) value = text[0] == '-' ? -NAN : NAN;
    if (text != buffer) free(text);
    if (!good) return text_fail_repr(out, TEXT_VALUE_ERROR, "could not convert string to float: ", s);
    *(double *)out = value;
    return STATUS_OK;
}

/* ---- repr(str) ---------------------------------------------------------------------------------------------------------------- */

static void put_escape(TextBuilder *b, uint32_t ch) {
    char text[16];
    char letter = ch == '\n' ? 'n' : ch == '\r' ? 'r' : ch == '\t' ? 't' : 0;
    int n = letter         ? snprintf(text, sizeof text, "\\%c", letter)
            : ch < 0x100   ? snprintf(text, sizeof text, "\\x%02x", ch)
            : ch < 0x10000 ? snprintf(text, sizeof text, "\\u%04x", ch)
                           : snprintf(text, sizeof text, "\\U%08x", ch);
    builder_ascii(b, text, n);
}

static void put_repr(TextBuilder *b, const Text *s, bool ascii) {
    const Text one = {.data = "'", .length = 1, .kind = 1}, two = {.data = "\"", .length = 1, .kind = 1};
    uint32_t quote = naja_text_contains(s, &one) && !naja_text_contains(s, &two) ? '"' : '\'';
    builder_char(b, quote);
    for (int64_t i = 0; i < s->length; i++) {
        uint32_t ch = text_at(s, i);
        bool plain = ch < 0x80 ? ch >= 32 && ch < 127 : !ascii && char_is(CHAR_PRINTABLE, ch);
        if (ch == quote || ch == '\\') builder_char(b, '\\'), builder_char(b, ch);
        else if (plain) builder_char(b, ch);
        else put_escape(b, ch);
    }
    builder_char(b, quote);
}

int32_t naja_text_repr(Slot *out, const Text *s, int64_t ascii) {
    TextBuilder b = {0};
    put_repr(&b, s, ascii);
    return builder_finish(&b, out);
}

int32_t text_fail_repr(Slot *out, TextError error, const char *before, const Text *s) {
    TextBuilder b = {0};
    builder_ascii(&b, before, (int64_t)strlen(before));
    put_repr(&b, s, false);
    int32_t status = builder_finish(&b, out);
    return status ? status : (int32_t)error;
}
