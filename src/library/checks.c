/* checks.c - tests that library functions written in Python make on their callers' axes and indices.
 *
 * Rung 2 is compiled without index checks and cannot put numbers into messages; these rows raise NumPy's own words.
 */
#include "library/arrays.h"
#include "library/lower.h"

typedef struct {
    const char *exception, *message;
} CheckRule;
static const CheckRule axis = {"AxisError", "axis %d is out of bounds for array of dimension %d"},
                       index_ = {"IndexError", "index %d is out of bounds for axis 0 with size %d"};

static const Type *type_check(Call *c) {
    for (uint32_t i = 0; i < 2; i++)
        if (!c->type[i] || !is_integer_like(c->type[i])) return call_decline(c);
    return type_i64;
}

/* The number, counted from the end when negative. */
static ValueId emit_check(Lower *l, Call *c) {
    const CheckRule *rule = c->row->data;
    ValueId given = lower_int_to_i64(l, c->value[0], c->type[0]),
            n = lower_int_to_i64(l, c->value[1], c->type[1]);
    ValueId from_end = ir_icmp(&l->b, PRED_LT, given, lower_i64(l, 0));
    ValueId at = ir_select(&l->b, from_end, lower_bin(l, OP_iadd, given, n), given);
    lower_raise_if(l, ir_icmp(&l->b, PRED_UGE, at, n), rule->exception, rule->message, 2,
                   (ValueId[]){given, n});
    return at;
}

/* What collections.abc.Sequence is for `match`; text is none there. */
static const Type *type_is_sequence(Call *c) {
    TypeKind kind = c->type[0]->kind;
    return type_literal_bool(kind == TYPE_TUPLE || kind == TYPE_NAMEDTUPLE || kind == TYPE_LIST ||
                             kind == TYPE_RANGE);
}

static ValueId emit_known(Lower *l, Call *c) { return lower_empty(l, c->result); }

static const LibRow rows[] = {
    {"naja.library.low.is_sequence", "value", type_is_sequence, emit_known, NULL, 1, LIB_PURE | LIB_NO_RAISE},
    {"naja.library.low.checked_axis", "axis, ndim", type_check, emit_check, &axis, 1, 0},
    {"naja.library.low.checked_index", "index, n", type_check, emit_check, &index_, 1, 0},
};

const LibTable library_checks_table = {"checks", rows, ARRAY_LEN(rows)};
