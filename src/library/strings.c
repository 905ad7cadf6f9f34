/* strings.c - Python strings: comparison, length, items, concatenation, hash; literals as values.
 *
 * A string is (data, length, kind, parent, owner) as PEP 393 has it: `kind` bytes per character, the least that the
 * characters fit.  So strings are equal exactly when length, kind and bytes are.  A literal's characters are
 * frozen into the code like the elements of a constant array.  Strings of one character, which loops and indices
 * give, are made in place and compared as numbers; everything longer is the runtime's (runtime/text.h).
 */
#include "library/index.h"
#include "library/texts.h"

/* ---- literals ------------------------------------------------------------------------------------------- */

ValueId lower_string(Lower *l, const char *text) {
    uint32_t kind = 1;
    int64_t length = 0;
    Handle bytes = object_string_bytes(text, &kind, &length);
    ValueId field[STR_NFIELDS] = {
        [STR_DATA] = ir_append(&l->b, OP_data, type_ptr, 0, NULL),
        [STR_LENGTH] = lower_i64(l, length),
        [STR_KIND] = ir_const_int(&l->b, type_i32, kind),
        [STR_PARENT] = lower_null(l),
        [STR_OWNER] = lower_null(l),
    };
    inst_at(l->b.f, field[STR_DATA])->imm.handle = bytes;
    return ir_make(&l->b, type_str, STR_NFIELDS, field);
}

/* ---- equality ------------------------------------------------------------------------------------------- */

static const Type *type_equal(Call *c) {
    bool x = text_is_str(c->type[0]), y = text_is_str(c->type[1]);
    if (x && y) return type_bool;
    if (!x && !y) return call_decline(c);
    const Type *other = type_base(c->type[x]); /* a number, None or a tuple never equals a string */
    bool never = type_is_number(other) || type_is_tuple(other) || other->kind == TYPE_NONE;
    return never ? type_literal_bool(c->row->data != NULL) : call_decline(c);
}

static ValueId same_bytes(Lower *l, ValueId x, ValueId y) {
    ValueId kind = ir_emit(&l->b, OP_sext, type_i64, ir_field(&l->b, x, STR_KIND));
    ValueId nbytes = ir_binop(&l->b, OP_imul, ir_field(&l->b, x, STR_LENGTH), kind);
    ValueId args[3] = {ir_field(&l->b, x, STR_DATA), ir_field(&l->b, y, STR_DATA), nbytes};
    ValueId order = ir_native(&l->b, NATIVE_memcmp, type_i32, 3, args);
    return ir_icmp(&l->b, PRED_EQ, order, ir_const_int(&l->b, type_i32, 0));
}

static bool is_single(Lower *l, ValueId x) {
    int64_t length;
    return lower_known_int(l, lower_field(l, x, STR_LENGTH), &length) && length == 1;
}

/* One of them is known to have one character, so the other one is looked at only if it has one too. */
static ValueId same_char(Lower *l, ValueId x, ValueId y) {
    ValueId zero = lower_i64(l, 0), one = lower_i64(l, 1);
    bool both = is_single(l, x) && is_single(l, y);
    if (both) return ir_icmp(&l->b, PRED_EQ, text_char_at(l, x, zero), text_char_at(l, y, zero));
    ValueId other = is_single(l, x) ? y : x;
    LowerIf branch = lower_if(l, ir_icmp(&l->b, PRED_EQ, lower_field(l, other, STR_LENGTH), one));
    ValueId same = ir_icmp(&l->b, PRED_EQ, text_char_at(l, x, zero), text_char_at(l, y, zero));
    lower_else(l, &branch);
    return lower_endif(l, &branch, same, lower_bool(l, false));
}

static ValueId same_text(Lower *l, ValueId x, ValueId y) {
    if (is_single(l, x) || is_single(l, y)) return same_char(l, x, y);
    ValueId shape = ir_binop(
        &l->b, OP_iand,
        ir_icmp(&l->b, PRED_EQ, ir_field(&l->b, x, STR_LENGTH), ir_field(&l->b, y, STR_LENGTH)),
        ir_icmp(&l->b, PRED_EQ, ir_field(&l->b, x, STR_KIND), ir_field(&l->b, y, STR_KIND)));
    LowerIf branch = lower_if(l, shape);
    ValueId same = same_bytes(l, x, y);
    lower_else(l, &branch);
    return lower_endif(l, &branch, same, ir_const_bool(&l->b, false));
}

static ValueId emit_equal(Lower *l, Call *c) {
    if (c->result->kind == TYPE_LITERAL) return NO_VALUE;
    ValueId equal = same_text(l, text_arg(l, c, 0), text_arg(l, c, 1));
    return c->row->data ? lower_not(l, equal) : equal;
}

/* ---- order ---------------------------------------------------------------------------------------------- */

static const Type *type_order(Call *c) {
    return text_is_str(c->type[0]) && text_is_str(c->type[1]) ? type_bool : call_decline(c);
}

static ValueId emit_order(Lower *l, Call *c) {
    Predicate p = (Predicate)(uintptr_t)c->row->data;
    ValueId x = text_arg(l, c, 0), y = text_arg(l, c, 1), zero = lower_i64(l, 0);
    if (is_single(l, x) && is_single(l, y))
        return lower_compare(l, p, text_char_at(l, x, zero), text_char_at(l, y, zero));
    ValueId args[2] = {text_address(l, x), text_address(l, y)};
    return ir_icmp(&l->b, p, ir_native(&l->b, NATIVE_text_compare, type_i64, 2, args), zero);
}

/* ---- length --------------------------------------------------------------------------------------------- */

static const Type *type_len(Call *c) {
    if (!text_is_str(c->type[0])) return call_decline(c);
    const char *text = call_literal_str(c, 0);
    uint32_t kind;
    int64_t length;
    if (!text || !object_string_bytes(text, &kind, &length)) return type_i64;
    return type_literal_int(length);
}

static ValueId emit_len(Lower *l, Call *c) {
    return c->result->kind == TYPE_LITERAL ? NO_VALUE : ir_field(&l->b, c->value[0], STR_LENGTH);
}

/* ---- items ---------------------------------------------------------------------------------------------- */

static const Type *type_item(Call *c) {
    const Type *index = type_base(c->type[1]);
    return text_is_str(c->type[0]) && index->kind <= TYPE_INT ? type_str : call_decline(c);
}

static ValueId emit_item(Lower *l, Call *c) {
    ValueId text = text_arg(l, c, 0), n = lower_field(l, text, STR_LENGTH), zero = lower_i64(l, 0);
    ValueId index = lower_int_to_i64(l, c->value[1], c->type[1]);
    if (!(c->site->flags & (INST_INBOUNDS | INST_NONNEG)))
        index = lower_select(l, ir_icmp(&l->b, PRED_LT, index, zero), lower_bin(l, OP_iadd, index, n), index);
    if (!(c->site->flags & INST_INBOUNDS))
        lower_raise_if(l, ir_icmp(&l->b, PRED_UGE, index, n), "IndexError", "string index out of range", 0,
                       NULL);
    return text_single(l, text, index);
}

static const Type *type_slice_of(Call *c) {
    const Type *slice = type_base(c->type[1]);
    return text_is_str(c->type[0]) && slice->kind == TYPE_SLICE ? type_str : call_decline(c);
}

static ValueId emit_slice_of(Lower *l, Call *c) {
    ValueId text = text_arg(l, c, 0);
    SliceRange r = slice_range(l, c->value[1], c->type[1], lower_field(l, text, STR_LENGTH));
    ValueId args[4] = {text_address(l, text), r.start, r.step, r.length};
    return text_call(l, NATIVE_text_slice, type_str, 0, 4, args);
}

/* ---- concatenation, repetition ------------------------------------------------------------------------------ */

static const Type *type_add(Call *c) {
    return text_is_str(c->type[0]) && text_is_str(c->type[1]) ? type_str : call_decline(c);
}

static ValueId emit_add(Lower *l, Call *c) { return text_concat(l, text_arg(l, c, 0), text_arg(l, c, 1)); }

static const Type *type_mul(Call *c) {
    uint32_t text = text_is_str(c->type[0]) ? 0 : 1;
    bool good = text_is_str(c->type[text]) && type_base(c->type[!text])->kind <= TYPE_INT;
    return good ? type_str : call_decline(c);
}

static ValueId emit_mul(Lower *l, Call *c) {
    uint32_t text = text_is_str(c->type[0]) ? 0 : 1;
    ValueId times = lower_int_to_i64(l, c->value[!text], c->type[!text]);
    ValueId args[2] = {text_address(l, text_arg(l, c, text)), times};
    return text_call(l, NATIVE_text_repeat, type_str, 0, 2, args);
}

/* Of a list: everything that is joined is made one. */
static const Type *type_join(Call *c) {
    const Type *t = c->type[1];
    if (!text_is_str(c->type[0]) || t->kind != TYPE_LIST) return call_decline(c);
    return t->elem[0]->kind == TYPE_UNDEFINED ? call_wait(c)
           : t->elem[0] == type_str           ? type_str
                                              : call_decline(c);
}

static ValueId emit_join(Lower *l, Call *c) {
    ValueId args[2] = {text_address(l, text_arg(l, c, 0)), lower_un(l, OP_cast, type_ptr, c->value[1])};
    return text_call(l, NATIVE_text_join, type_str, 0, 2, args);
}

/* ---- membership, hash, code points ----------------------------------------------------------------------------- */

static ValueId emit_contains(Lower *l, Call *c) {
    ValueId args[2] = {text_address(l, text_arg(l, c, 0)), text_address(l, text_arg(l, c, 1))};
    if (c->row->data) { /* `part in text`: the operands of the operator */
        ValueId text = args[1];
        args[1] = args[0];
        args[0] = text;
    }
    ValueId found = ir_native(&l->b, NATIVE_text_contains, type_i64, 2, args);
    Predicate p = c->row->data == (const void *)2 ? PRED_EQ : PRED_NE;
    return ir_icmp(&l->b, p, found, lower_i64(l, 0));
}

static const Type *type_hash(Call *c) { return text_is_str(c->type[0]) ? type_i64 : call_decline(c); }

static ValueId emit_hash(Lower *l, Call *c) {
    ValueId text = text_address(l, text_arg(l, c, 0));
    return ir_native(&l->b, NATIVE_text_hash, type_i64, 1, &text);
}

static ValueId emit_ord(Lower *l, Call *c) {
    ValueId text = text_arg(l, c, 0), n = lower_field(l, text, STR_LENGTH);
    lower_raise_if(l, ir_icmp(&l->b, PRED_NE, n, lower_i64(l, 1)), "TypeError",
                   "ord() expected a character, but string of length %d found", 1, &n);
    return lower_un(l, OP_zext, type_i64, text_char_at(l, text, lower_i64(l, 0)));
}

#define NEGATED (const void *)1
#define BY(p) (const void *)(uintptr_t)PRED_##p
#define IN (const void *)1
#define NOT_IN (const void *)2
static const TextCall chr_call = {NATIVE_text_chr, "si", -1, ERROR_VALUE};

// clang-format off
enum { PURE = LIB_PURE | LIB_NO_RAISE };
static const LibRow rows[] = {
    {"operator.eq", "a, b", type_equal, emit_equal, NULL, 1, LIB_PURE},
    {"operator.ne", "a, b", type_equal, emit_equal, NEGATED, 1, LIB_PURE},
    {"operator.lt", "a, b", type_order, emit_order, BY(LT), 1, LIB_PURE},
    {"operator.le", "a, b", type_order, emit_order, BY(LE), 1, LIB_PURE},
    {"operator.gt", "a, b", type_order, emit_order, BY(GT), 1, LIB_PURE},
    {"operator.ge", "a, b", type_order, emit_order, BY(GE), 1, LIB_PURE},
    {"operator.getitem", "a, b", type_item, emit_item, NULL, 1, LIB_BORROWS},
    {"operator.getitem", "a, b", type_slice_of, emit_slice_of, NULL, 1, LIB_BORROWS},
    {"operator.add", "a, b", type_add, emit_add, NULL, 1, LIB_BORROWS},
    {"operator.mul", "a, b", type_mul, emit_mul, NULL, 1, LIB_BORROWS},
    {"naja.library.low.text_join", "separator, parts, /", type_join, emit_join, NULL, 1, 0},
    {"operator.contains", "a, b", type_order, emit_contains, IN, 1, LIB_PURE},
    {"operator.not_contains", "a, b", type_order, emit_contains, NOT_IN, 1, LIB_PURE},
    {"str.__contains__", "a, b, /", type_order, emit_contains, NULL, 1, LIB_PURE},
    {"builtins.len", "obj, /", type_len, emit_len, NULL, 1, LIB_PURE},
    {"builtins.hash", "x, /", type_hash, emit_hash, NULL, 1, PURE},
    {"str.__hash__", "x, /", type_hash, emit_hash, NULL, 1, PURE},
    {"builtins.ord", "c, /", type_hash, emit_ord, NULL, 1, 0},
    {"builtins.chr", "i, /", text_type, text_emit, &chr_call, 1, 0},
};
// clang-format on

const LibTable library_strings_table = {"strings", rows, ARRAY_LEN(rows)};
