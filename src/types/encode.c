/* types/encode.c - types as bytes, for cache files and for naming a type in another process.
 *
 * A type is its kind's number followed by the parts that the kind's row names (KindRow.key), in the order of
 * enum KeyPart; numbers are LEB128, texts and element lists carry their length.  Handles go through the
 * caller's object table.
 *
 * Decoding trusts nothing: every number is range checked, every kind checks that its parts make sense (a
 * dtype is a scalar, a literal has the base it claims), nesting is bounded, and each element costs at least one
 * byte of input.  Whatever it accepts was built by the public constructors.
 */
#include <stdlib.h>

#include "types/types_private.h"

enum { MAX_DEPTH = 48 };

typedef struct {
    const uint8_t *at, *end;
    Handle (*object_at)(void *, uint32_t);
    void *data;
    unsigned depth;
    bool failed;
} Reader;

/* ---- writing ---------------------------------------------------------------------------------------------------- */

static void put_number(StrBuf *out, uint64_t x) {
    do {
        char byte = (char)((x & 127) | (x > 127 ? 128 : 0));
        strbuf_add(out, &byte, 1);
    } while (x >>= 7);
}

static uint64_t zigzag(int64_t x) { return (uint64_t)x << 1 ^ (uint64_t)(x >> 63); }
static int64_t unzigzag(uint64_t x) { return (int64_t)(x >> 1 ^ (0 - (x & 1))); }

static void put_text(StrBuf *out, const char *text) {
    size_t n = text ? strlen(text) : 0;
    put_number(out, text ? n + 1 : 0);
    strbuf_add(out, text ? text : "", n);
}

static void put_handle(StrBuf *out, Handle h, uint32_t (*object_index)(void *, Handle), void *data) {
    put_number(out, h ? object_index(data, h) + UINT64_C(1) : 0);
}

void type_encode(StrBuf *out, const Type *t, uint32_t (*object_index)(void *, Handle), void *data) {
    unsigned key = kind_row[t->kind].key;
    put_number(out, t->kind);
    if (key & KEY_BITS) put_number(out, t->bits);
    if (key & KEY_SIGNED) put_number(out, t->is_signed);
    if (key & KEY_ARRAY)
        put_number(out, t->ndim | (uint64_t)t->layout << 8 | (uint64_t)t->readonly << 10 |
                            (uint64_t)t->aligned << 11 | (uint64_t)t->flags << 12);
    if (key & KEY_FLAGS) put_number(out, t->flags);
    if (key & KEY_ELEMS) {
        put_number(out, t->nelem);
        for (uint32_t i = 0; i < t->nelem; i++) type_encode(out, t->elem[i], object_index, data);
    }
    /* The function before its inner code: a walk that writes what objects are needs it to understand the code. */
    if (t->kind == TYPE_CLOSURE) put_handle(out, type_closure_lender(t), object_index, data);
    else if (key & KEY_VALUE) put_number(out, zigzag(t->value));
    if (key & KEY_HANDLE) put_handle(out, t->handle, object_index, data);
    if (key & KEY_TEXT) put_text(out, t->text);
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

static uint64_t get_number(Reader *r, uint64_t limit) {
    uint64_t x = 0;
    for (unsigned shift = 0; r->at < r->end && shift < 64; shift += 7) {
        uint8_t byte = *r->at++;
        if (shift == 63 && byte > 1) break;
        x |= (uint64_t)(byte & 127) << shift;
        if (byte < 128) {
            r->failed |= x > limit;
            return x > limit ? 0 : x;
        }
    }
    r->failed = true;
    return 0;
}

/* NULL: no text.  malloc'd; the caller frees. */
static char *get_text(Reader *r) {
    uint64_t n = get_number(r, UINT32_MAX);
    if (n == 0 || n - 1 > (uint64_t)(r->end - r->at)) {
        r->failed |= n != 0;
        return NULL;
    }
    char *text = strndup((const char *)r->at, n - 1);
    r->failed |= !text || strlen(text) != n - 1;
    r->at += n - 1;
    return text;
}

static const Type *get_type(Reader *r);

/* malloc'd array of n types; NULL when n is 0 or on failure. */
static const Type **get_elems(Reader *r, uint32_t n) {
    if (n == 0 || n > (uint64_t)(r->end - r->at)) {
        r->failed |= n != 0;
        return NULL;
    }
    const Type **elem = calloc(n, sizeof *elem);
    r->failed |= !elem;
    for (uint32_t i = 0; !r->failed && i < n; i++) elem[i] = get_type(r);
    return elem;
}

static Handle get_handle(Reader *r) {
    uint64_t index = get_number(r, UINT32_MAX);
    if (index == 0 || r->failed) return 0;
    Handle h = r->object_at ? r->object_at(r->data, (uint32_t)(index - 1)) : 0;
    r->failed |= h == 0; /* the object does not exist here */
    return h;
}

static void read_parts(Reader *r, Type *t, const Type ***elem, char **text) {
    unsigned key = kind_row[t->kind].key;
    if (key & KEY_BITS) t->bits = (uint8_t)get_number(r, 255);
    if (key & KEY_SIGNED) t->is_signed = get_number(r, 1);
    if (key & KEY_ARRAY) {
        uint64_t packed = get_number(r, 16383);
        t->ndim = (uint8_t)packed;
        t->layout = (Layout)(packed >> 8 & 3);
        t->readonly = packed >> 10 & 1;
        t->aligned = packed >> 11 & 1;
        t->flags = (uint8_t)(packed >> 12);
    }
    if (key & KEY_FLAGS) t->flags = (uint8_t)get_number(r, 255);
    if (key & KEY_ELEMS && !r->failed) {
        t->nelem = (uint32_t)get_number(r, MAX_ELEMS);
        t->elem = *elem = get_elems(r, t->nelem);
    }
    if (t->kind == TYPE_CLOSURE) t->value = get_handle(r);
    else if (key & KEY_VALUE) t->value = unzigzag(get_number(r, UINT64_MAX));
    if (key & KEY_HANDLE) t->handle = get_handle(r);
    if (key & KEY_TEXT && !r->failed) t->text = *text = get_text(r);
}

/* ---- what makes sense -------------------------------------------------------------------------------------------- */

static bool is_scalar(const Type *t) { return type_is_scalar(t) || type_is_storage(t); }
static bool one_of(unsigned x, unsigned a, unsigned b, unsigned c) { return x == a || x == b || x == c; }

static bool valid_literal(const Type *t) {
    if (t->nelem != 1) return false;
    if (t->elem[0] == type_str) return t->text && t->value == 0;
    return !t->text && (t->elem[0] == type_i64 || (t->elem[0] == type_bool && (t->value | 1) == 1));
}

static bool valid_array(const Type *t) {
    bool canonical = t->ndim > 1 || t->layout == LAYOUT_C || (t->ndim == 1 && t->layout == LAYOUT_A);
    if (t->nelem != 1 || !is_scalar(t->elem[0])) return false;
    bool packed = t->elem[0]->kind == TYPE_RECORD && !(t->elem[0]->flags & TYPE_RECORD_ALIGNED);
    return t->flags < 3 && t->ndim <= MAX_NDIM && t->layout <= LAYOUT_A && canonical &&
           !(packed && t->aligned);
}

static bool valid_optional(const Type *t) {
    return t->nelem == 1 && t->elem[0]->kind != TYPE_NONE && t->elem[0]->kind != TYPE_OPTIONAL &&
           type_base(t->elem[0]) == t->elem[0];
}

static bool valid(const Type *t) {
    switch (t->kind) {
    case TYPE_BOOL: return t->bits == 1;
    case TYPE_INT: return t->bits == 8 || one_of(t->bits, 16, 32, 64);
    case TYPE_FLOAT: return one_of(t->bits, 16, 32, 64);
    case TYPE_COMPLEX: return t->bits == 64 || t->bits == 128;
    case TYPE_ENUM: return t->handle && (t->nelem == 0 || (t->nelem == 1 && t->elem[0] == type_i64));
    case TYPE_DATETIME:
    case TYPE_TIMEDELTA: return t->bits == 64 && t->flags < UNIT_COUNT;
    case TYPE_LITERAL: return valid_literal(t);
    case TYPE_ARRAY: return valid_array(t);
    case TYPE_OPTIONAL: return valid_optional(t);
    case TYPE_RANGE:
        return t->nelem == 1 && type_is_int(t->elem[0]) &&
               t->flags <= (TYPE_RANGE_UNIT | TYPE_RANGE_PARALLEL);
    case TYPE_SLICE: return (t->flags & ~(TYPE_SLICE_STEP | TYPE_SLICE_FULL)) == 0;
    case TYPE_ZIP: return (t->flags & ~TYPE_ZIP_ENUMERATE) == 0;
    case TYPE_ITER: return t->nelem >= 1 && (t->elem[0]->kind == TYPE_ZIP || t->nelem == 1);
    case TYPE_DTYPE: return t->nelem == 1 && (is_scalar(t->elem[0]) || t->elem[0]->kind == TYPE_INSTANCE);
    case TYPE_METHOD: return t->nelem == 1 && t->text;
    case TYPE_OBJECT:
    case TYPE_FUNCTION: return t->text != NULL;
    case TYPE_OMITTED: return t->nelem == 1;
    case TYPE_GENERATOR: return t->nelem >= 2;
    case TYPE_CPOINTER: return t->nelem == 1;
    case TYPE_CFUNCTION: return t->nelem >= 1;
    case TYPE_USER: return t->handle && t->text;
    case TYPE_CTYPES:
    case TYPE_FLAT:
    case TYPE_FLAGS: return t->nelem == 1 && type_is_array(t->elem[0]);
    case TYPE_SET: return t->nelem == 1 && (t->flags <= TYPE_TABLE_TYPED || t->flags == TYPE_TABLE_FROZEN);
    case TYPE_DICT: return t->nelem == 2 && t->flags <= TYPE_TABLE_REFLECTED;
    case TYPE_VIEW: return t->nelem == 1 && t->elem[0]->kind == TYPE_DICT && t->flags <= TYPE_VIEW_ITEMS;
    case TYPE_LIST: return t->nelem == 1 && t->flags <= TYPE_LIST_TYPED;
    case TYPE_RECORD: return storage_valid(t) && t->flags <= (TYPE_RECORD_READONLY | TYPE_RECORD_ALIGNED);
    case TYPE_NESTED: return storage_valid(t);
    case TYPE_PYOBJECT: return !t->handle == !t->text;
    case TYPE_RNG: return t->flags <= TYPE_RNG_LEGACY;
    case TYPE_CHARSEQ: return t->value >= 0 && t->value <= INT32_MAX / 4 && t->flags <= TYPE_CHARSEQ_UNICODE;
    case TYPE_BYTES: return t->flags <= TYPE_BYTES_MUTABLE;
    case TYPE_INSTANCE: return t->handle && t->text;
    case TYPE_DEFERRED: return t->handle;
    case TYPE_VECTOR: return t->nelem == 1 && type_is_real(t->elem[0]) && t->bits > 0;
    default: return true;
    }
}

static const Type *get_type(Reader *r) {
    Type key = {.kind = (TypeKind)get_number(r, TYPE_KIND_COUNT - 1)};
    const Type **elem = NULL;
    char *text = NULL;
    if (++r->depth > MAX_DEPTH) r->failed = true;
    if (!r->failed) read_parts(r, &key, &elem, &text);
    if (!r->failed && !valid(&key)) r->failed = true;
    const Type *t = r->failed ? NULL : type_intern(&key);
    free(elem);
    free(text);
    r->depth--;
    return t;
}

const Type *type_decode(const uint8_t **at, const uint8_t *end, Handle (*object_at)(void *, uint32_t),
                        void *data) {
    Reader r = {.at = *at, .end = end, .object_at = object_at, .data = data};
    const Type *t = get_type(&r);
    *at = r.at;
    return t;
}
