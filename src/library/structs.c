/* structs.c - None and Optional, identity, slices, dtypes that are called: what concerns types more than
 * values.
 *
 * Most answers are literals, so that branches on them are pruned: `x is None` is known unless x is Optional.
 */
#include "library/arrays.h"
#include "library/select.h"

static bool is_none(const Type *t) { return t->kind == TYPE_NONE; }

/* ---- x is y -------------------------------------------------------------------------------------------- */

/* Values that exist once, so that identity is equality. */
static bool is_singleton(const Type *t) {
    return type_base(t)->kind == TYPE_BOOL || t->kind == TYPE_FUNCTION || t->kind == TYPE_OBJECT ||
           t->kind == TYPE_DTYPE || t->kind == TYPE_ELLIPSIS || t->kind == TYPE_CLOSURE;
}

/* The heap value that a value of this type is, or may be; NULL: its identity is not a block's. */
static const Type *block_in(const Type *t) {
    if (t->kind == TYPE_OPTIONAL) t = t->elem[0];
    return t->kind == TYPE_INSTANCE || type_is_container(t) ? t : NULL;
}

/* 1: always, 0: never, -1: known at run time, -2: not defined. */
static int identity(const Type *x, const Type *y) {
    bool x_optional = x->kind == TYPE_OPTIONAL, y_optional = y->kind == TYPE_OPTIONAL;
    if (is_none(x) && is_none(y)) return 1;
    if ((is_none(x) && y_optional) || (is_none(y) && x_optional)) return -1;
    if (is_none(x) || is_none(y)) return 0;
    if (type_base(x)->kind == TYPE_BOOL && type_base(y)->kind == TYPE_BOOL) return -1;
    if (x->nleaves == 0 && y->nleaves == 0) return x == y;
    if (type_is_array(x) && type_is_array(y)) return -1;
    if (type_is_address(x) && type_is_address(y)) return -1;
    if (block_in(x) && block_in(y)) return block_in(x)->kind == block_in(y)->kind ? -1 : 0;
    if (is_singleton(x) || is_singleton(y)) return 0;
    return type_base(x)->kind == type_base(y)->kind ? -2 : 0;
}

static const Type *type_is(Call *c) {
    bool negated = c->row->data != NULL;
    int same = identity(c->type[0], c->type[1]);
    if (same == -2)
        return call_error(c, DIAG_NO_IMPLEMENTATION,
                          "'is' between two values of %s has no meaning in compiled code", c->type[0]->name);
    return same < 0 ? type_bool : type_literal_bool((same != 0) != negated);
}

/* None is the null address. */
static ValueId block_address(Lower *l, const Call *c, uint32_t i) {
    bool optional = c->type[i]->kind == TYPE_OPTIONAL;
    ValueId v = optional ? lower_field(l, c->value[i], OPTIONAL_VALUE) : c->value[i];
    v = lower_un(l, OP_cast, type_ptr, v);
    return optional ? lower_select(l, lower_field(l, c->value[i], OPTIONAL_HAS), v, lower_null(l)) : v;
}

static ValueId emit_is(Lower *l, Call *c) {
    if (c->result->kind == TYPE_LITERAL) return NO_VALUE;
    const Type *x = c->type[0], *y = c->type[1];
    ValueId same;
    if (type_is_array(x)) {
        same = ir_icmp(&l->b, PRED_EQ, lower_field(l, c->value[0], ARRAY_DATA),
                       lower_field(l, c->value[1], ARRAY_DATA));
        for (unsigned k = 0; k < x->ndim && x->ndim == y->ndim; k++) {
            ValueId extent = lower_array_shape(l, c->value[0], x, k),
                    other = lower_array_shape(l, c->value[1], y, k);
            same = lower_and(l, same, ir_icmp(&l->b, PRED_EQ, extent, other));
        }
    } else if (block_in(x) && block_in(y)) {
        same = ir_icmp(&l->b, PRED_EQ, block_address(l, c, 0), block_address(l, c, 1));
    } else if (type_is_address(x) && type_is_address(y)) {
        same = ir_icmp(&l->b, PRED_EQ, lower_un(l, OP_cast, type_ptr, c->value[0]),
                       lower_un(l, OP_cast, type_ptr, c->value[1]));
    } else if (x->kind == TYPE_OPTIONAL || y->kind == TYPE_OPTIONAL) {
        same = lower_not(l, lower_field(l, c->value[x->kind != TYPE_OPTIONAL], OPTIONAL_HAS));
    } else {
        same = ir_icmp(&l->b, PRED_EQ, lower_cast(l, c->value[0], x, type_bool),
                       lower_cast(l, c->value[1], y, type_bool));
    }
    return c->row->data ? lower_not(l, same) : same;
}

/* ---- == and truth of what may be None ------------------------------------------------------------------ */

static const Type *type_none_equal(Call *c) {
    bool negated = c->row->data != NULL;
    if (!is_none(c->type[0]) && !is_none(c->type[1])) return call_decline(c);
    if (type_is_array(c->type[0]) || type_is_array(c->type[1])) return call_decline(c);
    int same = identity(c->type[0], c->type[1]);
    return same < 0 ? type_bool : type_literal_bool((same != 0) != negated);
}

/* An Optional equals a value when it is there and its value does. */
static const Type *type_optional_equal(Call *c) {
    const Type *x = c->type[0], *y = c->type[1];
    if ((x->kind != TYPE_OPTIONAL && y->kind != TYPE_OPTIONAL) || is_none(x) || is_none(y))
        return call_decline(c);
    const Type *t = operator_type(c, OPERATOR_EQ, x->kind == TYPE_OPTIONAL ? x->elem[0] : x,
                                  y->kind == TYPE_OPTIONAL ? y->elem[0] : y);
    return t && type_base(t)->kind == TYPE_BOOL ? type_bool : call_decline(c);
}

static ValueId has_value(Lower *l, const Call *c, uint32_t i) {
    return c->type[i]->kind == TYPE_OPTIONAL ? lower_field(l, c->value[i], OPTIONAL_HAS)
                                             : lower_bool(l, true);
}

static ValueId inner_value(Lower *l, const Call *c, uint32_t i) {
    return c->type[i]->kind == TYPE_OPTIONAL ? lower_field(l, c->value[i], OPTIONAL_VALUE) : c->value[i];
}

static const Type *inner_type(const Call *c, uint32_t i) {
    return c->type[i]->kind == TYPE_OPTIONAL ? c->type[i]->elem[0] : c->type[i];
}

static ValueId emit_optional_equal(Lower *l, Call *c) {
    ValueId x = has_value(l, c, 0), y = has_value(l, c, 1);
    ValueId equal = operator_emit(l, c, OPERATOR_EQ, inner_value(l, c, 0), inner_type(c, 0),
                                  inner_value(l, c, 1), inner_type(c, 1));
    equal = lower_select(l, lower_and(l, x, y), equal, lower_not(l, lower_or(l, x, y)));
    return c->row->data ? lower_not(l, equal) : equal;
}

/* What is true or false by its type alone. */
static const Type *type_truth(Call *c) {
    const Type *t = c->type[0];
    bool negated = c->row->data != NULL;
    if (t->kind == TYPE_OPTIONAL && !type_is_array(t->elem[0])) return type_bool;
    if (t->kind == TYPE_LITERAL)
        return type_literal_bool((t->text ? t->text[0] != '\0' : t->value != 0) != negated);
    if (type_is_tuple(t)) return type_literal_bool((t->nelem != 0) != negated);
    if (is_none(t)) return type_literal_bool(negated);
    if (t->kind == TYPE_RANGE) return type_bool;
    if (t->nleaves == 0 || t->kind == TYPE_CLOSURE || t->kind == TYPE_SLICE)
        return type_literal_bool(!negated);
    return call_decline(c);
}

static ValueId emit_truth(Lower *l, Call *c) {
    if (c->result->kind == TYPE_LITERAL) return NO_VALUE;
    ValueId v = lower_truth(l, c->value[0], c->type[0]);
    return c->row->data ? lower_not(l, v) : v;
}

/* ---- Optional(T) where a T is needed ------------------------------------------------------------------- */

static const Type *type_unwrap(Call *c) {
    return c->type[0]->kind == TYPE_OPTIONAL ? c->type[0]->elem[0] : call_decline(c);
}

static ValueId emit_unwrap(Lower *l, Call *c) {
    ValueId v = lower_cast(l, c->value[0], c->type[0], c->result);
    lower_incref_part(l, v);
    return v;
}

/* ---- slices -------------------------------------------------------------------------------------------- */

static bool is_slice_part(const Type *t) { return !t || is_none(t) || type_base(t)->kind <= TYPE_INT; }

static const Type *type_slice_new(Call *c) {
    for (uint32_t i = 0; i < 3; i++)
        if (!is_slice_part(c->type[i]))
            return call_error(c, DIAG_BAD_INDEX, "slice indices must be integers or None, not %s",
                              c->type[i]->name);
    int64_t step = 1;
    bool unit = call_is_none(c, 2) || (call_literal_int(c, 2, &step) && step == 1);
    bool full = unit && call_is_none(c, 0) && call_is_none(c, 1);
    return type_slice(full ? TYPE_SLICE_FULL : unit ? 0 : TYPE_SLICE_STEP);
}

static ValueId slice_part(Lower *l, const Call *c, uint32_t i, int64_t missing) {
    return call_is_none(c, i) ? lower_i64(l, missing) : lower_int_to_i64(l, c->value[i], c->type[i]);
}

static ValueId emit_slice_new(Lower *l, Call *c) {
    int64_t flags = (call_is_none(c, 0) ? 0 : SLICE_HAS_START) | (call_is_none(c, 1) ? 0 : SLICE_HAS_STOP) |
                    (call_is_none(c, 2) ? 0 : SLICE_HAS_STEP);
    ValueId field[4] = {[SLICE_START] = slice_part(l, c, 0, 0),
                        [SLICE_STOP] = slice_part(l, c, 1, 0),
                        [SLICE_STEP] = slice_part(l, c, 2, 1),
                        [SLICE_FLAGS] = lower_i64(l, flags)};
    return ir_make(&l->b, c->result, 4, field);
}

/* slice(stop), slice(start, stop), slice(start, stop, step). */
static Call as_slice_new(const Call *c, const Type **type, ValueId *value) {
    const Type *args = c->type[0];
    Call inner = *c;
    inner.nargs = 3;
    inner.type = type;
    inner.value = value;
    for (uint32_t i = 0; i < 3; i++) type[i] = NULL;
    for (uint32_t i = 0; i < args->nelem && i < 3; i++) type[args->nelem == 1 ? 1 : i] = args->elem[i];
    return inner;
}

static const Type *type_slice_builtin(Call *c) {
    const Type *type[3];
    if (c->type[0]->nelem < 1 || c->type[0]->nelem > 3)
        return call_error(c, DIAG_WRONG_ARGUMENTS, "slice() takes 1 to 3 arguments");
    Call inner = as_slice_new(c, type, NULL);
    const Type *t = type_slice_new(&inner);
    c->declined = inner.declined;
    return t;
}

static ValueId emit_slice_builtin(Lower *l, Call *c) {
    const Type *type[3], *args = c->type[0];
    ValueId value[3] = {NO_VALUE, NO_VALUE, NO_VALUE};
    Call inner = as_slice_new(c, type, value);
    for (uint32_t i = 0; i < args->nelem; i++)
        if (args->elem[i]->nleaves) value[args->nelem == 1 ? 1 : i] = lower_field(l, c->value[0], i);
    return emit_slice_new(l, &inner);
}

/* ---- np.float32(x) ------------------------------------------------------------------------------------- */

static const Type *type_dtype_call(Call *c) {
    const Type *to = c->type[0]->elem[0];
    if (call_is_none(c, 1)) return to;
    const Type *from = type_base(c->type[1]);
    if (!type_is_number(from) ||
        (from->kind == TYPE_COMPLEX && to->kind != TYPE_COMPLEX && to->kind != TYPE_BOOL))
        return call_decline(c);
    return to;
}

static ValueId emit_dtype_call(Lower *l, Call *c) {
    if (call_is_none(c, 1)) return lower_cast(l, lower_i64(l, 0), type_i64, c->result);
    return lower_cast(l, c->value[1], c->type[1], c->result);
}

/* ---- variables that may be unassigned ------------------------------------------------------------------ */

static const Type *type_local_check(Call *c) {
    (void)c;
    return type_none;
}

static ValueId emit_local_check(Lower *l, Call *c) {
    const char *text = lower_text(l,
                                  "cannot access local variable '%s' where it is not associated with a value",
                                  call_literal_str(c, 1));
    lower_raise_if(l, lower_not(l, c->value[0]), "UnboundLocalError", text, 0, NULL);
    return NO_VALUE;
}

#define NEGATED (const void *)1

// clang-format off
static const LibRow rows[] = {
    {"operator.is_", "a, b", type_is, emit_is, NULL, 1, LIB_PURE},
    {"operator.is_not", "a, b", type_is, emit_is, NEGATED, 1, LIB_PURE},
    {"operator.eq", "a, b", type_none_equal, emit_is, NULL, 1, LIB_PURE},
    {"operator.ne", "a, b", type_none_equal, emit_is, NEGATED, 1, LIB_PURE},
    {"operator.eq", "a, b", type_optional_equal, emit_optional_equal, NULL, 1, LIB_PURE},
    {"operator.ne", "a, b", type_optional_equal, emit_optional_equal, NEGATED, 1, LIB_PURE},
    {"operator.truth", "a", type_truth, emit_truth, NULL, 1, LIB_PURE},
    {"operator.not_", "a", type_truth, emit_truth, NEGATED, 1, LIB_PURE},
    {"optional.unwrap", "a", type_unwrap, emit_unwrap, NULL, 1, LIB_BORROWS | LIB_LENDS},
    {"naja.library.low.unwrap", "a", type_unwrap, emit_unwrap, NULL, 1, LIB_BORROWS | LIB_LENDS},
    {"slice.new", "start, stop, step", type_slice_new, emit_slice_new, NULL, 1, LIB_PURE},
    {"builtins.slice", "*args", type_slice_builtin, emit_slice_builtin, NULL, 1, LIB_PURE},
    {"local.check", "defined, name", type_local_check, emit_local_check, NULL, 1, 0},
    {"dtype.call", "dtype, x=None, /", type_dtype_call, emit_dtype_call, NULL, 1, LIB_PURE},
};
// clang-format on

const LibTable library_structs_table = {"structs", rows, ARRAY_LEN(rows)};
