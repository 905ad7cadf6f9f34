/* types/storage.c - elements of arrays that are no numbers: records, strings of fixed length, arrays inside records.
 *
 * What NumPy keeps in a structured dtype is the text of a RECORD: "itemsize;", then "offset:length:name" per field,
 * whose types are the elements, and ";length:title" where a field has a title, too.  The length stands in front of a name
 * because a name may contain anything.  A NESTED array's text is its shape as Python prints it: "3," or "2, 3".
 */
#include <stdlib.h>

#include "types/types_private.h"

const Type *type_record(uint32_t n, const Type *const *field, const char *layout, unsigned flags) {
    return type_intern(
        &(Type){.kind = TYPE_RECORD, .nelem = n, .elem = field, .text = layout, .flags = (uint8_t)flags});
}

const Type *type_record_readonly(const Type *t, bool readonly) {
    unsigned flags = (t->flags & ~(unsigned)TYPE_RECORD_READONLY) | (readonly ? TYPE_RECORD_READONLY : 0);
    return flags == t->flags ? t : type_record(t->nelem, t->elem, t->text, flags);
}

const Type *type_charseq(int64_t length, bool is_unicode) {
    return type_intern(
        &(Type){.kind = TYPE_CHARSEQ, .value = length, .flags = is_unicode ? TYPE_CHARSEQ_UNICODE : 0});
}

const Type *type_nested(const Type *dtype, uint32_t ndim, const int64_t *shape) {
    StrBuf text = {0};
    for (uint32_t i = 0; i < ndim; i++)
        strbuf_printf(&text, "%s%lld%s", i ? ", " : "", (long long)shape[i], ndim == 1 ? "," : "");
    const Type *t =
        text.failed ? NULL
                    : type_intern(&(Type){.kind = TYPE_NESTED, .nelem = 1, .elem = &dtype, .text = text.at});
    strbuf_free(&text);
    if (!t) abort(); /* as when the table itself finds no memory */
    return t;
}

const Type *type_bytes_of(unsigned flags) {
    return type_intern(&(Type){.kind = TYPE_BYTES, .flags = (uint8_t)flags});
}

const Type *type_buffer(const Type *array, unsigned flags) {
    Type key = *array;
    key.flags = (uint8_t)flags;
    return type_intern(&key);
}

/* ---- reading the texts ------------------------------------------------------------------------------------------ */

/* "length:text" at `at`; gives what is behind it.  NULL: that is no text. */
static const char *next_text(const char *at, const char **text, uint32_t *length) {
    char *end;
    unsigned long n = strtoul(at, &end, 10);
    if (end == at || *end != ':' || strnlen(end + 1, n) != n) return NULL;
    *text = end + 1;
    *length = (uint32_t)n;
    return *text + n;
}

/* The field at *at, which moves behind it; name NULL: that is no field. */
static RecordField next_field(const char **at) {
    char *end;
    RecordField f = {.offset = strtoll(*at, &end, 10)};
    if (end == *at || *end != ':') return f;
    const char *next = next_text(end + 1, &f.name, &f.length);
    if (next && *next == ';') next = next_text(next + 1, &f.title, &f.title_length);
    if (!next) f.name = NULL;
    else *at = next;
    return f;
}

static const char *first_field(const Type *t) { return strchr(t->text, ';') + 1; }

RecordField type_record_field(const Type *t, uint32_t i) {
    const char *at = first_field(t);
    RecordField f = next_field(&at);
    while (i--) f = next_field(&at);
    return f;
}

static bool is_text(const char *name, const char *text, uint32_t length) {
    return strlen(name) == length && !memcmp(name, text, length);
}

int32_t type_record_find(const Type *t, const char *name) {
    const char *at = first_field(t);
    for (uint32_t i = 0; i < t->nelem; i++) {
        RecordField f = next_field(&at);
        if (is_text(name, f.name, f.length) || (f.title && is_text(name, f.title, f.title_length)))
            return (int32_t)i;
    }
    return -1;
}

uint32_t type_nested_shape(const Type *t, int64_t *shape) {
    uint32_t ndim = 0;
    for (const char *at = t->text; *at;) {
        char *end;
        int64_t n = strtoll(at, &end, 10);
        if (end == at) break;
        if (shape) shape[ndim] = n;
        ndim++;
        at = end + strspn(end, ", ");
    }
    return ndim;
}

unsigned storage_itemsize(const Type *t) {
    if (t->kind == TYPE_CHARSEQ) return (unsigned)t->value * (t->flags & TYPE_CHARSEQ_UNICODE ? 4u : 1u);
    if (t->kind == TYPE_RECORD) return (unsigned)strtoul(t->text, NULL, 10);
    int64_t shape[MAX_NDIM], n = type_itemsize(t->elem[0]);
    uint32_t ndim = type_nested_shape(t, shape);
    for (uint32_t i = 0; i < ndim; i++) n *= shape[i];
    return (unsigned)n;
}

/* ---- what makes sense -------------------------------------------------------------------------------------------- */

static bool is_element(const Type *t) { return type_is_scalar(t) || type_is_storage(t); }

static bool valid_nested(const Type *t) {
    if (t->nelem != 1 || !t->text || !is_element(t->elem[0])) return false;
    uint32_t numbers = 0;
    int64_t n = type_itemsize(t->elem[0]), shape[MAX_NDIM];
    for (const char *at = t->text; *at; at++) {
        if (!strchr("0123456789, ", *at)) return false;
        numbers += at[0] == ',';
    }
    if (numbers >= MAX_NDIM) return false;
    uint32_t ndim = type_nested_shape(t, shape);
    for (uint32_t i = 0; i < ndim; i++)
        if (__builtin_mul_overflow(n, shape[i], &n) || n > INT32_MAX) return false;
    return ndim > 0;
}

bool storage_valid(const Type *t) {
    if (t->kind == TYPE_NESTED) return valid_nested(t);
    if (!t->text) return false;
    char *end;
    unsigned long itemsize = strtoul(t->text, &end, 10);
    if (end == t->text || *end != ';' || itemsize > INT32_MAX) return false;
    const char *at = end + 1;
    for (uint32_t i = 0; i < t->nelem; i++) {
        RecordField f = next_field(&at);
        if (!f.name || f.offset < 0 || !is_element(t->elem[i])) return false;
        if ((uint64_t)f.offset + type_itemsize(t->elem[i]) > itemsize) return false;
    }
    return *at == '\0';
}
