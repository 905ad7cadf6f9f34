/* strings.c - Python strings, read in place: equality, length, truth; literals as values.
 *
 * A string is (data, length, kind, parent) as PEP 393 has it: `kind` bytes per character, the least that the
 * characters fit.  So strings are equal exactly when length, kind and bytes are.  A literal's characters are
 * frozen into the code like the elements of a constant array.
 */
#include "library/arrays.h"
#include "library/lower.h"

/* ---- literals ------------------------------------------------------------------------------------------- */

ValueId lower_string(Lower *l, const char *text) {
    uint32_t kind = 1;
    int64_t length = 0;
    Handle bytes = object_string_bytes(text, &kind, &length);
    ValueId field[4] = {
        [STR_DATA] = ir_append(&l->b, OP_data, type_ptr, 0, NULL),
        [STR_LENGTH] = lower_i64(l, length),
        [STR_KIND] = ir_const_int(&l->b, type_i32, kind),
        [STR_PARENT] = lower_null(l),
    };
    inst_at(l->b.f, field[STR_DATA])->imm.handle = bytes;
    return ir_make(&l->b, type_str, 4, field);
}

static bool is_str(const Type *t) { return type_base(t)->kind == TYPE_STR; }

/* ---- equality ------------------------------------------------------------------------------------------- */

static const Type *type_equal(Call *c) {
    bool x = is_str(c->type[0]), y = is_str(c->type[1]);
    if (x && y) return type_bool;
    if (!x && !y) return call_decline(c);
    const Type *other = type_base(c->type[x]); /* a number never equals a string */
    return type_is_number(other) ? type_literal_bool(c->row->data != NULL) : call_decline(c);
}

static ValueId same_bytes(Lower *l, ValueId x, ValueId y) {
    ValueId kind = ir_emit(&l->b, OP_sext, type_i64, ir_field(&l->b, x, STR_KIND));
    ValueId nbytes = ir_binop(&l->b, OP_imul, ir_field(&l->b, x, STR_LENGTH), kind);
    ValueId args[3] = {ir_field(&l->b, x, STR_DATA), ir_field(&l->b, y, STR_DATA), nbytes};
    ValueId order = ir_native(&l->b, NATIVE_memcmp, type_i32, 3, args);
    return ir_icmp(&l->b, PRED_EQ, order, ir_const_int(&l->b, type_i32, 0));
}

static ValueId emit_equal(Lower *l, Call *c) {
    if (c->result->kind == TYPE_LITERAL) return NO_VALUE;
    ValueId x = lower_cast(l, c->value[0], c->type[0], type_str);
    ValueId y = lower_cast(l, c->value[1], c->type[1], type_str);
    ValueId shape = ir_binop(
        &l->b, OP_iand,
        ir_icmp(&l->b, PRED_EQ, ir_field(&l->b, x, STR_LENGTH), ir_field(&l->b, y, STR_LENGTH)),
        ir_icmp(&l->b, PRED_EQ, ir_field(&l->b, x, STR_KIND), ir_field(&l->b, y, STR_KIND)));
    LowerIf branch = lower_if(l, shape);
    ValueId same = same_bytes(l, x, y);
    lower_else(l, &branch);
    ValueId equal = lower_endif(l, &branch, same, ir_const_bool(&l->b, false));
    return c->row->data ? lower_not(l, equal) : equal;
}

/* ---- length --------------------------------------------------------------------------------------------- */

static const Type *type_len(Call *c) {
    if (!is_str(c->type[0])) return call_decline(c);
    const char *text = call_literal_str(c, 0);
    uint32_t kind;
    int64_t length;
    if (!text || !object_string_bytes(text, &kind, &length)) return type_i64;
    return type_literal_int(length);
}

static ValueId emit_len(Lower *l, Call *c) {
    return c->result->kind == TYPE_LITERAL ? NO_VALUE : ir_field(&l->b, c->value[0], STR_LENGTH);
}

#define NEGATED (const void *)1

// clang-format off
static const LibRow rows[] = {
    {"operator.eq", "a, b", type_equal, emit_equal, NULL, 1, LIB_PURE},
    {"operator.ne", "a, b", type_equal, emit_equal, NEGATED, 1, LIB_PURE},
    {"builtins.len", "obj, /", type_len, emit_len, NULL, 1, LIB_PURE},
};
// clang-format on

const LibTable library_strings_table = {"strings", rows, ARRAY_LEN(rows)};
