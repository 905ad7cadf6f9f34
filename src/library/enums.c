/* enums.c - members of enum classes: ==, !=, is, hash, and .value of an IntEnum.
 *
 * An IntEnum widens to int64, so that arithmetic, order and indexing are those of numbers.
 */
#include "library/arrays.h"
#include "library/lower.h"

#define TAG(n) ((const void *)(uintptr_t)(n))
enum { EQUAL = 0, DIFFERENT = 1, BY_VALUE = 2 }; /* data of the rows */

static bool is_enum(const Type *t) { return t && t->kind == TYPE_ENUM; }

/* Members of one class are equal when they are the same; one of another class, or anything else, is another object. */
static const Type *type_same(Call *c) {
    const Type *x = c->type[0], *y = c->type[1];
    uintptr_t rule = (uintptr_t)c->row->data;
    if (!is_enum(x) && !is_enum(y)) return call_decline(c);
    if (x == y) return type_bool;
    if (x->kind == TYPE_OPTIONAL || y->kind == TYPE_OPTIONAL) return call_decline(c);
    if (rule & BY_VALUE && type_is_number(type_base(x)) && type_is_number(type_base(y)))
        return call_decline(c);
    return type_literal_bool(rule & DIFFERENT);
}

static ValueId number_of(Lower *l, ValueId member) { return lower_un(l, OP_bitcast, type_i64, member); }

static ValueId emit_same(Lower *l, Call *c) {
    if (c->result != type_bool) return NO_VALUE;
    Predicate p = (uintptr_t)c->row->data & DIFFERENT ? PRED_NE : PRED_EQ;
    return ir_icmp(&l->b, p, number_of(l, c->value[0]), number_of(l, c->value[1]));
}

static const Type *type_value(Call *c) {
    return is_enum(c->type[0]) && (c->type[0]->nelem || library_is_flag(c->type[0])) ? type_i64
                                                                                     : call_decline(c);
}
static ValueId emit_value(Lower *l, Call *c) { return number_of(l, c->value[0]); }

/* ---- flags, which are their values: naja/library/flags.py ---- */
bool library_is_flag(const Type *t) {
    Handle flag = is_enum(t) ? library_object("enum.Flag") : 0;
    return flag && object_is_subclass(t->handle, flag);
}

static const Type *type_bits(Call *c) { return library_is_flag(c->type[0]) ? type_i64 : call_decline(c); }

static const Type *type_flag_of(Call *c) {
    const Type *cls = c->type[0];
    if (cls->kind != TYPE_FUNCTION || type_base(c->type[1])->kind > TYPE_INT) return call_decline(c);
    return type_enum(cls->handle, object_is_subclass(cls->handle, library_object("builtins.int")));
}

static ValueId emit_flag_of(Lower *l, Call *c) {
    return lower_un(l, OP_bitcast, c->result, lower_int_to_i64(l, c->value[1], c->type[1]));
}

/* ---- rows ---- */
static const LibRow rows[] = {
    {"operator.eq", "a, b, /", type_same, emit_same, TAG(EQUAL | BY_VALUE), 1, LIB_PURE | LIB_NO_RAISE},
    {"operator.ne", "a, b, /", type_same, emit_same, TAG(DIFFERENT | BY_VALUE), 1, LIB_PURE | LIB_NO_RAISE},
    {"operator.is_", "a, b, /", type_same, emit_same, TAG(EQUAL), 1, LIB_PURE | LIB_NO_RAISE},
    {"operator.is_not", "a, b, /", type_same, emit_same, TAG(DIFFERENT), 1, LIB_PURE | LIB_NO_RAISE},
    {"enum.value@", "self", type_value, emit_value, NULL, 1, LIB_PURE | LIB_NO_RAISE},
    {"naja.library.low.flag_bits", "member, /", type_bits, emit_value, NULL, 1, LIB_PURE | LIB_NO_RAISE},
    {"naja.library.low.flag_of", "cls, bits, /", type_flag_of, emit_flag_of, NULL, 1,
     LIB_PURE | LIB_NO_RAISE},
};

const LibTable library_enums_table = {"enums", rows, ARRAY_LEN(rows)};
