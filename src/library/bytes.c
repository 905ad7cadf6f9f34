/* bytes.c - bytes and bytearray: the work is done by the functions of strings.
 *
 * A bytes value has the leaves of a str whose characters are its bytes (kind 1), so that searching, comparing, slicing
 * and hashing are the same.  What Python does otherwise is here: items are ints, white space is ASCII's.
 */
#include "library/index.h"
#include "library/records.h"
#include "library/texts.h"

static bool is_bytes(const Type *t) { return t && t->kind == TYPE_BYTES; }

static ValueId with_leaves_of(Lower *l, ValueId v, const Type *t) {
    ValueId field[STR_NFIELDS];
    for (uint32_t i = 0; i < STR_NFIELDS; i++) field[i] = lower_field(l, v, i);
    field[STR_PARENT] = lower_null(l); /* it is no object of the other class */
    return ir_make(&l->b, t, STR_NFIELDS, field);
}

ValueId bytes_as_text(Lower *l, ValueId bytes) { return with_leaves_of(l, bytes, type_str); }
ValueId text_as_bytes(Lower *l, ValueId text, const Type *bytes) { return with_leaves_of(l, text, bytes); }

static ValueId address_of(Lower *l, Call *c, uint32_t i) {
    return text_address(l, bytes_as_text(l, c->value[i]));
}

/* ---- length, items, comparison --------------------------------------------------------------------------------------- */

static const Type *type_len(Call *c) { return is_bytes(c->type[0]) ? type_i64 : call_decline(c); }
static ValueId emit_len(Lower *l, Call *c) { return lower_field(l, c->value[0], STR_LENGTH); }

static bool is_index(const Type *t) { return type_base(t)->kind <= TYPE_INT; }

static const Type *type_item(Call *c) {
    return is_bytes(c->type[0]) && is_index(c->type[1]) ? type_i64 : call_decline(c);
}

static ValueId item_address(Lower *l, Call *c) {
    ValueId n = lower_field(l, c->value[0], STR_LENGTH), i = lower_int_to_i64(l, c->value[1], c->type[1]);
    i = lower_select(l, ir_icmp(&l->b, PRED_LT, i, lower_i64(l, 0)), lower_bin(l, OP_iadd, i, n), i);
    if (!(c->site->flags & INST_INBOUNDS))
        lower_raise_if(l, ir_icmp(&l->b, PRED_UGE, i, n), "IndexError", "index out of range", 0, NULL);
    return ir_ptr_add(&l->b, lower_field(l, c->value[0], STR_DATA), i);
}

/* An int, as in Python, and no uint8: `~b[0]` is negative, and `b[0] - b[1]` may be. */
static ValueId emit_item(Lower *l, Call *c) {
    return lower_un(l, OP_zext, type_i64, ir_load(&l->b, type_u8, item_address(l, c)));
}

static const Type *type_set_item(Call *c) {
    const Type *t = c->type[0];
    if (!is_bytes(t) || !is_index(c->type[1]) || !is_index(c->type[2])) return call_decline(c);
    if (t->flags & TYPE_BYTES_MUTABLE) return type_none;
    return call_error(c, DIAG_READONLY, "'bytes' object does not support item assignment");
}

static ValueId emit_set_item(Lower *l, Call *c) {
    ValueId v = lower_int_to_i64(l, c->value[2], c->type[2]), address = item_address(l, c);
    lower_raise_if(l, ir_icmp(&l->b, PRED_UGE, v, lower_i64(l, 256)), "ValueError",
                   "byte must be in range(0, 256)", 0, NULL);
    ir_store(&l->b, address, lower_un(l, OP_trunc, type_u8, v));
    return NO_VALUE;
}

static const Type *type_part(Call *c) {
    return is_bytes(c->type[0]) && type_base(c->type[1])->kind == TYPE_SLICE ? c->type[0] : call_decline(c);
}

static bool is_mutable(const Type *t) { return t->flags & TYPE_BYTES_MUTABLE; }

/* A part of a bytearray is a copy, which does not change with it; bytes share. */
static ValueId emit_slice(Lower *l, Call *c) {
    SliceRange r = slice_range(l, c->value[1], c->type[1], lower_field(l, c->value[0], STR_LENGTH));
    ValueId args[4] = {address_of(l, c, 0), r.start, r.step, r.length};
    return text_call(l, is_mutable(c->result) ? NATIVE_bytes_slice : NATIVE_text_slice, c->result, 0, 4,
                     args);
}

static const Type *type_pair(Call *c) {
    return is_bytes(c->type[0]) && is_bytes(c->type[1]) ? type_bool : call_decline(c);
}

static ValueId emit_compare(Lower *l, Call *c) {
    ValueId args[2] = {address_of(l, c, 0), address_of(l, c, 1)};
    ValueId order = ir_native(&l->b, NATIVE_text_compare, type_i64, 2, args);
    return ir_icmp(&l->b, (Predicate)(uintptr_t)c->row->data, order, lower_i64(l, 0));
}

/* str and bytes are never equal. */
static const Type *type_never(Call *c) {
    bool mixed = (is_bytes(c->type[0]) && text_is_str(c->type[1])) ||
                 (text_is_str(c->type[0]) && is_bytes(c->type[1]));
    return mixed ? type_literal_bool(c->row->data != NULL) : call_decline(c);
}

static ValueId emit_never(Lower *l, Call *c) {
    (void)l, (void)c;
    return NO_VALUE;
}

/* ---- sums, membership, hash --------------------------------------------------------------------------------------------- */

static const Type *type_add(Call *c) {
    return is_bytes(c->type[0]) && is_bytes(c->type[1]) ? c->type[0] : call_decline(c);
}

static ValueId emit_add(Lower *l, Call *c) {
    ValueId args[2] = {address_of(l, c, 0), address_of(l, c, 1)};
    return text_call(l, is_mutable(c->result) ? NATIVE_bytes_add : NATIVE_text_add, c->result, 0, 2, args);
}

static const Type *type_mul(Call *c) {
    uint32_t bytes = is_bytes(c->type[0]) ? 0 : 1;
    return is_bytes(c->type[bytes]) && is_index(c->type[!bytes]) ? c->type[bytes] : call_decline(c);
}

static ValueId emit_mul(Lower *l, Call *c) {
    uint32_t bytes = is_bytes(c->type[0]) ? 0 : 1;
    ValueId args[2] = {address_of(l, c, bytes), lower_int_to_i64(l, c->value[!bytes], c->type[!bytes])};
    return text_call(l, NATIVE_text_repeat, c->result, 0, 2, args);
}

/* `item in bytes`: in the order of the operands. */
static const Type *type_contains(Call *c) {
    return is_bytes(c->type[1]) && (is_bytes(c->type[0]) || is_index(c->type[0])) ? type_bool
                                                                                  : call_decline(c);
}

static ValueId emit_contains(Lower *l, Call *c) {
    bool part = is_bytes(c->type[0]);
    ValueId args[2] = {address_of(l, c, 1),
                       part ? address_of(l, c, 0) : lower_int_to_i64(l, c->value[0], c->type[0])};
    if (!part)
        lower_raise_if(l, ir_icmp(&l->b, PRED_UGE, args[1], lower_i64(l, 256)), "ValueError",
                       "byte must be in range(0, 256)", 0, NULL);
    ValueId found = ir_native(&l->b, part ? NATIVE_text_contains : NATIVE_bytes_has, type_i64, 2, args);
    return ir_icmp(&l->b, c->row->data ? PRED_EQ : PRED_NE, found, lower_i64(l, 0));
}

static const Type *type_hash(Call *c) {
    return is_bytes(c->type[0]) && !(c->type[0]->flags & TYPE_BYTES_MUTABLE) ? type_i64 : call_decline(c);
}

static ValueId emit_hash(Lower *l, Call *c) {
    ValueId text = address_of(l, c, 0);
    return ir_native(&l->b, NATIVE_text_hash, type_i64, 1, &text);
}

/* ---- encodings -------------------------------------------------------------------------------------------------------------- */

typedef enum { CODEC_NONE = -1, CODEC_UTF8, CODEC_LATIN1, CODEC_ASCII } Codec;

static Codec codec_named(const Call *c, uint32_t param) {
    static const struct {
        const char *name;
        Codec codec;
    } known[] = {{"utf-8", CODEC_UTF8},        {"utf8", CODEC_UTF8},      {"UTF-8", CODEC_UTF8},
                 {"utf_8", CODEC_UTF8},        {"latin-1", CODEC_LATIN1}, {"latin1", CODEC_LATIN1},
                 {"iso-8859-1", CODEC_LATIN1}, {"ascii", CODEC_ASCII},    {"us-ascii", CODEC_ASCII}};
    if (call_is_none(c, param)) return CODEC_UTF8;
    const char *name = call_literal_str(c, param);
    for (size_t i = 0; name && i < ARRAY_LEN(known); i++)
        if (!strcmp(name, known[i].name)) return known[i].codec;
    return CODEC_NONE;
}

static const Type *type_codec(Call *c, const Type *result) {
    if (codec_named(c, 1) == CODEC_NONE)
        return call_error(c, DIAG_NOT_CONSTANT,
                          "the encoding must be 'utf-8', 'latin-1' or 'ascii', known at compile time");
    return result;
}

static const Type *type_str_encode(Call *c) {
    return text_is_str(c->type[0]) ? type_codec(c, type_bytes) : call_decline(c);
}

static ValueId emit_encode(Lower *l, Call *c) {
    ValueId args[2] = {text_address(l, text_arg(l, c, 0)), lower_i64(l, codec_named(c, 1))};
    return text_call(l, NATIVE_text_encode, c->result, ERROR_VALUE, 2, args);
}

static const Type *type_bytes_decode(Call *c) {
    return is_bytes(c->type[0]) ? type_codec(c, type_str) : call_decline(c);
}

static ValueId emit_decode(Lower *l, Call *c) {
    ValueId args[2] = {address_of(l, c, 0), lower_i64(l, codec_named(c, 1))};
    return text_call(l, NATIVE_text_decode, c->result, ERROR_VALUE, 2, args);
}

/* ---- methods that are those of str --------------------------------------------------------------------------------------- */

typedef struct {
    uint32_t native;
    int8_t extra; /* one more argument; -1: none */
    bool is_bool;
} Search;
static const Search find = {NATIVE_text_find, -1, false}, rfind = {NATIVE_text_rfind, -1, false},
                    count = {NATIVE_text_count, -1, false}, starts = {NATIVE_text_tail, 0, true},
                    ends = {NATIVE_text_tail, 1, true};

static bool is_bound(const Type *t) { return !t || t->kind == TYPE_NONE || is_index(t); }

static const Type *type_search(Call *c) {
    const Search *s = c->row->data;
    bool good = is_bytes(c->type[0]) && is_bytes(c->type[1]) && is_bound(c->type[2]) && is_bound(c->type[3]);
    return !good ? call_decline(c) : s->is_bool ? type_bool : type_i64;
}

static ValueId bound(Lower *l, Call *c, uint32_t i, int64_t missing) {
    return call_is_none(c, i) ? lower_i64(l, missing) : lower_int_to_i64(l, c->value[i], c->type[i]);
}

static ValueId emit_search(Lower *l, Call *c) {
    const Search *s = c->row->data;
    ValueId args[5] = {address_of(l, c, 0), address_of(l, c, 1), bound(l, c, 2, 0), bound(l, c, 3, INT64_MAX),
                       lower_i64(l, s->extra)};
    ValueId found = ir_native(&l->b, s->native, type_i64, s->extra < 0 ? 4 : 5, args);
    return s->is_bool ? ir_icmp(&l->b, PRED_NE, found, lower_i64(l, 0)) : found;
}

static const Type *type_replace(Call *c) {
    bool good = is_bytes(c->type[0]) && is_bytes(c->type[1]) && is_bytes(c->type[2]) && is_bound(c->type[3]);
    return good ? c->type[0] : call_decline(c);
}

static ValueId emit_replace(Lower *l, Call *c) {
    ValueId args[4] = {address_of(l, c, 0), address_of(l, c, 1), address_of(l, c, 2), bound(l, c, 3, -1)};
    return text_call(l, NATIVE_text_replace, c->result, 0, 4, args);
}

static const Type *type_hex(Call *c) { return is_bytes(c->type[0]) ? type_str : call_decline(c); }
static ValueId emit_hex(Lower *l, Call *c) {
    ValueId bytes = address_of(l, c, 0);
    return text_call(l, NATIVE_bytes_hex, type_str, 0, 1, &bytes);
}

static bool is_strip(const Call *c) { return ((const TextCall *)c->row->data)->native == NATIVE_text_strip; }

/* A method that str has too: bytes go in as texts, and texts come out as bytes. */
static const Type *as_text_type(const Type *t) { return is_bytes(t) ? type_str : t; }

static bool as_text_call(const Call *c, Call *inner, const Type **type) {
    *inner = *c;
    for (uint32_t i = 0; i < c->nargs; i++) {
        bool text = text_is_str(c->type[i]) &&
                    !(i == 2 && c->type[i]->kind == TYPE_LITERAL); /* the default ' ' */
        if (text) return false;
        type[i] = as_text_type(c->type[i]);
    }
    inner->type = type;
    return is_bytes(c->type[0]);
}

static const Type *type_as_text(Call *c) {
    const Type *type[8];
    Call inner;
    if (!as_text_call(c, &inner, type)) return call_decline(c);
    const Type *result = text_type(&inner);
    return !result ? call_decline(c) : result == type_str ? c->type[0] : result;
}

/* A bytearray gets memory of its own: the text may share what it was made of. */
static ValueId own_bytes(Lower *l, ValueId text, const Type *t) {
    if (!is_mutable(t)) return text_as_bytes(l, text, t);
    ValueId args[4] = {text_address(l, text), lower_i64(l, 0), lower_i64(l, 1),
                       lower_field(l, text, STR_LENGTH)};
    ValueId copy = text_call(l, NATIVE_bytes_slice, t, 0, 4, args);
    lower_decref(l, text);
    return copy;
}

static ValueId emit_as_text(Lower *l, Call *c) {
    const Type *type[8];
    ValueId value[8];
    Call inner;
    as_text_call(c, &inner, type);
    for (uint32_t i = 0; i < c->nargs; i++) {
        value[i] = is_bytes(c->type[i]) ? bytes_as_text(l, c->value[i]) : c->value[i];
        if (is_strip(c) && i == 1 && call_is_none(c, 1)) {
            value[i] = lower_string(l, " \t\n\r\x0b\x0c"); /* what is white space among bytes */
            type[i] = type_str;
        }
    }
    inner.value = value;
    inner.result = is_bytes(c->result) ? type_str : c->result;
    ValueId v = text_emit(l, &inner);
    return is_bytes(c->result) ? own_bytes(l, v, c->result) : v;
}

/* bytes(b), bytes(n) and bytearray() of them. */
static const Type *type_make(Call *c) {
    const Type *t = c->type[0], *result = type_bytes_of(c->row->data ? TYPE_BYTES_MUTABLE : 0);
    return !t || is_bytes(t) || is_index(t) ? result : call_decline(c);
}

static ValueId emit_make(Lower *l, Call *c) {
    const Type *t = c->type[0];
    if (is_bytes(t)) {
        ValueId args[4] = {address_of(l, c, 0), lower_i64(l, 0), lower_i64(l, 1),
                           lower_field(l, c->value[0], STR_LENGTH)};
        return text_call(l, NATIVE_bytes_slice, c->result, 0, 4, args);
    }
    ValueId n = t ? lower_int_to_i64(l, c->value[0], t) : lower_i64(l, 0);
    lower_raise_if(l, ir_icmp(&l->b, PRED_LT, n, lower_i64(l, 0)), "ValueError", "negative count", 0, NULL);
    return text_call(l, NATIVE_bytes_zeros, c->result, 0, 1, &n);
}

/* a.tobytes() of what lies in C order already; rung 2 brings the others into it. */
static const Type *type_tobytes(Call *c) {
    const Type *t = c->type[0];
    return type_is_array(t) && t->layout == LAYOUT_C && call_is_none(c, 1) ? type_bytes : call_decline(c);
}

static ValueId emit_tobytes(Lower *l, Call *c) {
    View a = view_of(l, c->value[0], c->type[0]);
    ValueId n = lower_bin(l, OP_imul, view_size(l, &a), lower_i64(l, type_itemsize(a.dtype)));
    ValueId bytes = text_call(l, NATIVE_bytes_zeros, c->result, 0, 1, &n);
    ir_native(&l->b, NATIVE_memcpy, type_ptr, 3, (ValueId[]){lower_field(l, bytes, STR_DATA), a.data, n});
    return bytes;
}

/* ---- np.frombuffer ------------------------------------------------------------------------------------------------------------ */

static const Type *buffer_type(const Type *t) {
    if (is_bytes(t)) return type_u8;
    bool contiguous = t && type_is_array(t) && t->layout != LAYOUT_A;
    return contiguous ? type_dtype_of(t) : NULL;
}

static bool is_readonly(const Type *t) {
    return is_bytes(t) ? !(t->flags & TYPE_BYTES_MUTABLE) : t->readonly;
}

static const Type *frombuffer_dtype(const Call *c) {
    if (call_is_none(c, 1)) return type_f64;
    if (c->type[1]->kind == TYPE_DTYPE) return c->type[1]->elem[0];
    const Type *scalar = call_dtype(c, 1);
    return scalar ? scalar : call_storage_dtype(c, 1);
}

static const Type *type_frombuffer(Call *c) {
    const Type *dtype = frombuffer_dtype(c);
    if (!buffer_type(c->type[0]) || !is_bound(c->type[2]) || !is_bound(c->type[3])) return call_decline(c);
    if (!dtype) return call_dtype_error(c, 1);
    return type_array(dtype, 1, LAYOUT_C, is_readonly(c->type[0]), type_itemsize(dtype) == 1);
}

static ValueId buffer_nbytes(Lower *l, Call *c) {
    if (is_bytes(c->type[0])) return lower_field(l, c->value[0], STR_LENGTH);
    ValueId n = lower_array_size(l, c->value[0], c->type[0]);
    return lower_bin(l, OP_imul, n, lower_i64(l, type_itemsize(type_dtype_of(c->type[0]))));
}

static ValueId emit_frombuffer(Lower *l, Call *c) {
    ValueId zero = lower_i64(l, 0), nbytes = buffer_nbytes(l, c), offset = bound(l, c, 3, 0),
            count_ = bound(l, c, 2, -1);
    ValueId itemsize = lower_i64(l, type_itemsize(type_dtype_of(c->result)));
    ValueId outside = lower_or(l, ir_icmp(&l->b, PRED_LT, offset, zero),
                               ir_icmp(&l->b, PRED_GT, offset, nbytes));
    lower_raise_if(l, outside, "ValueError",
                   "offset must be non-negative and no greater than buffer length (%d)", 1, &nbytes);
    ValueId rest = lower_bin(l, OP_isub, nbytes, offset), whole = ir_icmp(&l->b, PRED_LT, count_, zero);
    ValueId odd = ir_icmp(&l->b, PRED_NE, lower_bin(l, OP_urem, rest, itemsize), zero);
    lower_raise_if(l, lower_and(l, whole, odd), "ValueError",
                   "buffer size must be a multiple of element size", 0, NULL);
    ValueId fits = lower_bin(l, OP_udiv, rest, itemsize), n = lower_select(l, whole, fits, count_);
    lower_raise_if(l, ir_icmp(&l->b, PRED_GT, n, fits), "ValueError", "buffer is smaller than requested size",
                   0, NULL);
    bool bytes = is_bytes(c->type[0]);
    ValueId data = lower_field(l, c->value[0], bytes ? (uint32_t)STR_DATA : (uint32_t)ARRAY_DATA);
    ValueId owner = lower_field(l, c->value[0], bytes ? (uint32_t)STR_OWNER : (uint32_t)ARRAY_OWNER);
    ValueId field[] = {ir_ptr_add(&l->b, data, offset), owner, lower_null(l), n, itemsize};
    ValueId array = ir_make(&l->b, c->result, ARRAY_LEN(field), field);
    lower_incref(l, array);
    return array;
}

/* ---- memoryview and array.array ------------------------------------------------------------------------------------------------ */

static const Type *memoryview_of(const Call *c) {
    const Type *t = c->type[0];
    return t && type_is_array(t) && t->flags & TYPE_ARRAY_MEMORYVIEW ? t : NULL;
}

enum { VIEW_C = 1, VIEW_F = 2, VIEW_READONLY = 4 };
static const Type *type_view_flag(Call *c) {
    const Type *t = memoryview_of(c);
    unsigned asked = (unsigned)(uintptr_t)c->row->data;
    if (!t) return call_decline(c);
    if (asked == VIEW_READONLY) return type_literal_bool(t->readonly);
    bool flat = t->ndim <= 1 && t->layout != LAYOUT_A;
    bool is_c = flat || t->layout == LAYOUT_C, is_f = flat || t->layout == LAYOUT_F;
    return type_literal_bool((asked & VIEW_C && is_c) || (asked & VIEW_F && is_f));
}

#define BY(p) (const void *)(uintptr_t)PRED_##p
#define FLAG(f) (const void *)(uintptr_t)(f)
#define YES (const void *)1
#define CALL(native, shape, extra) &(const TextCall){NATIVE_##native, shape, extra, 0}
#define JUST(side) \
    &(const TextCall) { NATIVE_text_just, "ssis", side, ERROR_TYPE }
#define METHOD(name, params, call) {"bytes." name, params, type_as_text, emit_as_text, call, 1, 0}

// clang-format off
enum { PURE = LIB_PURE | LIB_NO_RAISE };
static const LibRow rows[] = {
    {"builtins.len", "obj, /", type_len, emit_len, NULL, 1, PURE},
    {"operator.getitem", "a, b, /", type_item, emit_item, NULL, 1, 0},
    {"operator.getitem", "a, b, /", type_part, emit_slice, NULL, 1, 0},
    {"operator.setitem", "a, b, c, /", type_set_item, emit_set_item, NULL, 1, 0},
    {"operator.eq", "a, b", type_pair, emit_compare, BY(EQ), 1, PURE},
    {"operator.ne", "a, b", type_pair, emit_compare, BY(NE), 1, PURE},
    {"operator.lt", "a, b", type_pair, emit_compare, BY(LT), 1, PURE},
    {"operator.le", "a, b", type_pair, emit_compare, BY(LE), 1, PURE},
    {"operator.gt", "a, b", type_pair, emit_compare, BY(GT), 1, PURE},
    {"operator.ge", "a, b", type_pair, emit_compare, BY(GE), 1, PURE},
    {"operator.eq", "a, b", type_never, emit_never, NULL, 1, PURE},
    {"operator.ne", "a, b", type_never, emit_never, YES, 1, PURE},
    {"operator.add", "a, b", type_add, emit_add, NULL, 1, LIB_BORROWS},
    {"operator.mul", "a, b", type_mul, emit_mul, NULL, 1, LIB_BORROWS},
    {"operator.contains", "a, b", type_contains, emit_contains, NULL, 1, 0},
    {"operator.not_contains", "a, b", type_contains, emit_contains, YES, 1, 0},
    {"builtins.hash", "x, /", type_hash, emit_hash, NULL, 1, PURE},
    {"str.encode", "s, encoding=None", type_str_encode, emit_encode, NULL, 1, 0},
    {"bytes.decode", "s, encoding=None", type_bytes_decode, emit_decode, NULL, 1, 0},
    {"bytes.find", "b, sub, start=None, end=None, /", type_search, emit_search, &find, 1, PURE},
    {"bytes.rfind", "b, sub, start=None, end=None, /", type_search, emit_search, &rfind, 1, PURE},
    {"bytes.count", "b, sub, start=None, end=None, /", type_search, emit_search, &count, 1, PURE},
    {"bytes.startswith", "b, prefix, start=None, end=None, /", type_search, emit_search, &starts, 1, PURE},
    {"bytes.endswith", "b, suffix, start=None, end=None, /", type_search, emit_search, &ends, 1, PURE},
    {"bytes.replace", "b, old, new, count=None, /", type_replace, emit_replace, NULL, 1, LIB_BORROWS},
    METHOD("strip", "a, chars=None, /", CALL(text_strip, "sso", 3)),
    METHOD("lstrip", "a, chars=None, /", CALL(text_strip, "sso", 1)),
    METHOD("rstrip", "a, chars=None, /", CALL(text_strip, "sso", 2)),
    METHOD("removeprefix", "a, prefix, /", CALL(text_remove, "sss", 0)),
    METHOD("removesuffix", "a, suffix, /", CALL(text_remove, "sss", 1)),
    METHOD("ljust", "a, width, fillchar=' ', /", JUST(0)),
    METHOD("rjust", "a, width, fillchar=' ', /", JUST(1)),
    METHOD("center", "a, width, fillchar=' ', /", JUST(2)),
    METHOD("zfill", "a, width, /", CALL(text_zfill, "ssi", -1)),
    METHOD("lower", "a, /", CALL(bytes_case, "ss", 0)),
    METHOD("upper", "a, /", CALL(bytes_case, "ss", 1)),
    METHOD("isalpha", "a, /", CALL(bytes_is, "b1s", 0)),
    METHOD("isdigit", "a, /", CALL(bytes_is, "b1s", 1)),
    METHOD("isalnum", "a, /", CALL(bytes_is, "b1s", 2)),
    METHOD("isspace", "a, /", CALL(bytes_is, "b1s", 3)),
    METHOD("islower", "a, /", CALL(bytes_is, "b1s", 4)),
    METHOD("isupper", "a, /", CALL(bytes_is, "b1s", 5)),
    {"bytes.hex", "b, /", type_hex, emit_hex, NULL, 1, 0},
    {"builtins.bytes", "x=None, /", type_make, emit_make, NULL, 1, 0},
    {"builtins.bytearray", "x=None, /", type_make, emit_make, YES, 1, 0},
    {"ndarray.tobytes", "a, order=None", type_tobytes, emit_tobytes, NULL, 1, LIB_STORAGE},
    {"numpy.frombuffer", "buffer, dtype=None, count=None, offset=None", type_frombuffer, emit_frombuffer, NULL, 1,
     LIB_BORROWS | LIB_STORAGE},
    {"ndarray.contiguous@", "a", type_view_flag, emit_never, FLAG(VIEW_C | VIEW_F), 1, PURE},
    {"ndarray.c_contiguous@", "a", type_view_flag, emit_never, FLAG(VIEW_C), 1, PURE},
    {"ndarray.f_contiguous@", "a", type_view_flag, emit_never, FLAG(VIEW_F), 1, PURE},
    {"ndarray.readonly@", "a", type_view_flag, emit_never, FLAG(VIEW_READONLY), 1, PURE},
};
// clang-format on

const LibTable library_bytes_table = {"bytes", rows, ARRAY_LEN(rows)};
