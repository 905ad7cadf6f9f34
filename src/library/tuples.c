/* tuples.c - tuples and namedtuples: run-time indices, concatenation, comparison, membership, conversion.
 *
 * The number and the types of the items are part of the type, so most operations need no code beyond taking
 * fields apart.  Constant indices and slices, unpacking and construction are done by infer/ without a row.
 * Results that are managed are new references: each takes an incref of the whole.
 */
#include "library/arrays.h"
#include "library/select.h"

static ValueId new_reference(Lower *l, ValueId v, const Type *t) {
    if (type_is_managed(t)) ir_emit(&l->b, OP_incref, NULL, v);
    return v;
}

static bool is_tuple(const Call *c, uint32_t i) { return c->type[i] && type_is_tuple(c->type[i]); }

static ValueId item(Lower *l, const Call *c, uint32_t arg, uint32_t i) {
    const Type *t = c->type[arg]->elem[i];
    return t->nleaves ? lower_field(l, c->value[arg], i) : lower_empty(l, t);
}

/* ---- indices known at run time ------------------------------------------------------------------------- */

static const Type *type_getitem(Call *c) {
    if (!is_tuple(c, 0) || type_base(c->type[1])->kind > TYPE_INT) return call_decline(c);
    const Type *t = tuple_item_type(c->type[0]);
    if (!t && library_is_list(c->type[0]))
        return call_error(
            c, DIAG_BAD_INDEX,
            "Cannot __getitem__ on a literal list: its items have different types, so that only a "
            "constant index is possible");
    if (!t && c->type[0]->nelem)
        return call_error(c, DIAG_BAD_INDEX,
                          "items of %s have different types: only a constant index is possible",
                          c->type[0]->name);
    return t ? t : call_error(c, DIAG_BAD_INDEX, "an empty tuple has no items");
}

static ValueId emit_getitem(Lower *l, Call *c) {
    uint32_t n = c->type[0]->nelem;
    ValueId index = lower_int_to_i64(l, c->value[1], c->type[1]), zero = lower_i64(l, 0),
            count = lower_i64(l, n);
    ValueId negative = ir_icmp(&l->b, PRED_LT, index, zero);
    index = lower_select(l, negative, lower_bin(l, OP_iadd, index, count), index);
    lower_raise_if(l, ir_icmp(&l->b, PRED_UGE, index, count), "IndexError", "tuple index out of range", 0,
                   NULL);
    ValueId *value = arena_array(&l->unit->arena, ValueId, n);
    for (uint32_t i = 0; i < n; i++)
        value[i] = lower_cast(l, item(l, c, 0, i), c->type[0]->elem[i], c->result);
    return new_reference(l, select_nth(l, index, n, value, c->result), c->result);
}

/* ---- making tuples of tuples --------------------------------------------------------------------------- */

/* Items of a list give a list. */
static const Type *concatenated(const Type *x, const Type *y, uint32_t times) {
    const Type *elem[x->nelem * times + (y ? y->nelem : 0) + 1];
    uint32_t n = 0;
    for (uint32_t k = 0; k < times; k++)
        for (uint32_t i = 0; i < x->nelem; i++) elem[n++] = x->elem[i];
    for (uint32_t i = 0; y && i < y->nelem; i++) elem[n++] = y->elem[i];
    return library_is_list(x) ? type_namedtuple(x->handle, n, elem) : type_tuple(n, elem);
}

static const Type *type_add(Call *c) {
    if (!is_tuple(c, 0) || !is_tuple(c, 1)) return call_decline(c);
    if (library_is_list(c->type[0]) != library_is_list(c->type[1])) return call_decline(c);
    return concatenated(c->type[0], c->type[1], 1);
}

static ValueId make(Lower *l, const Type *t, const ValueId *value) {
    return t->nleaves ? new_reference(l, ir_make(&l->b, t, t->nelem, value), t) : NO_VALUE;
}

static ValueId emit_add(Lower *l, Call *c) {
    ValueId value[c->result->nelem + 1];
    uint32_t n = 0;
    for (uint32_t arg = 0; arg < 2; arg++)
        for (uint32_t i = 0; i < c->type[arg]->nelem; i++) value[n++] = item(l, c, arg, i);
    return make(l, c->result, value);
}

enum { MAX_REPEATED = 1000 }; /* items of a repeated tuple */

static const Type *type_mul(Call *c) {
    int64_t times;
    uint32_t tuple = is_tuple(c, 0) ? 0 : 1;
    if (!is_tuple(c, tuple) || type_base(c->type[!tuple])->kind > TYPE_INT) return call_decline(c);
    if (!call_literal_int(c, !tuple, &times))
        return call_error(c, DIAG_NOT_CONSTANT, "a tuple can only be repeated a constant number of times");
    times = times < 0 ? 0 : times;
    if (times * (int64_t)c->type[tuple]->nelem > MAX_REPEATED)
        return call_error(c, DIAG_NO_IMPLEMENTATION, "a tuple of more than %d items", MAX_REPEATED);
    return concatenated(c->type[tuple], NULL, (uint32_t)times);
}

static ValueId emit_mul(Lower *l, Call *c) {
    uint32_t tuple = is_tuple(c, 0) ? 0 : 1, each = c->type[tuple]->nelem;
    ValueId value[c->result->nelem + 1];
    for (uint32_t i = 0; i < c->result->nelem; i++) value[i] = item(l, c, tuple, i % each);
    return make(l, c->result, value);
}

static const Type *type_tuple_of(Call *c) {
    if (call_is_none(c, 0)) return type_tuple(0, NULL);
    return is_tuple(c, 0) ? type_tuple(c->type[0]->nelem, c->type[0]->elem) : call_decline(c);
}

static const Type *type_list_of(Call *c) {
    if (!is_tuple(c, 0)) return call_decline(c);
    const Type *t = type_tuple_of(c);
    return type_namedtuple(library_object("builtins.list"), t->nelem, t->elem);
}

static const Type *type_reversed(Call *c) {
    if (!is_tuple(c, 0)) return call_decline(c);
    uint32_t n = c->type[0]->nelem;
    const Type *elem[n + 1];
    for (uint32_t i = 0; i < n; i++) elem[i] = c->type[0]->elem[n - 1 - i];
    return type_tuple(n, elem);
}

static ValueId emit_tuple_of(Lower *l, Call *c) {
    bool reversed = c->row->data != NULL;
    uint32_t n = c->result->nelem;
    ValueId value[n + 1];
    for (uint32_t i = 0; i < n; i++) value[i] = item(l, c, 0, reversed ? n - 1 - i : i);
    return make(l, c->result, value);
}

/* ---- comparison ---------------------------------------------------------------------------------------- */

static uint32_t common_items(const Call *c) {
    uint32_t x = c->type[0]->nelem, y = c->type[1]->nelem;
    return x < y ? x : y;
}

static Operator compared_by(const Call *c) { return (Operator)(uintptr_t)c->row->data; }

static const Type *type_compare(Call *c) {
    if (!is_tuple(c, 0) || !is_tuple(c, 1)) return call_decline(c);
    Operator op = compared_by(c);
    bool equality = op == OPERATOR_EQ || op == OPERATOR_NE;
    bool one_list = library_is_list(c->type[0]) != library_is_list(c->type[1]);
    if (one_list) return equality ? type_literal_bool(op == OPERATOR_NE) : call_decline(c);
    if (equality && c->type[0]->nelem != c->type[1]->nelem) return type_literal_bool(op == OPERATOR_NE);
    for (uint32_t i = 0; i < common_items(c); i++) {
        const Type *x = c->type[0]->elem[i], *y = c->type[1]->elem[i];
        const Type *t = operator_type(c, OPERATOR_EQ, x, y);
        if (!t || type_base(t)->kind != TYPE_BOOL || (!equality && !operator_type(c, op, x, y)))
            return call_decline(c);
    }
    return type_bool;
}

static ValueId compare_items(Lower *l, Call *c, Operator op, uint32_t i) {
    return operator_emit(l, c, op, item(l, c, 0, i), c->type[0]->elem[i], item(l, c, 1, i),
                         c->type[1]->elem[i]);
}

static ValueId emit_equal(Lower *l, Call *c) {
    if (c->result->kind == TYPE_LITERAL) return NO_VALUE;
    ValueId all = lower_bool(l, true);
    for (uint32_t i = 0; i < c->type[0]->nelem; i++)
        all = i ? lower_and(l, all, compare_items(l, c, OPERATOR_EQ, i))
                : compare_items(l, c, OPERATOR_EQ, i);
    return compared_by(c) == OPERATOR_NE ? lower_not(l, all) : all;
}

/* x op y, from the last item backwards: where items are equal the later ones decide, then the lengths. */
static ValueId emit_order(Lower *l, Call *c) {
    Operator op = compared_by(c);
    uint32_t nx = c->type[0]->nelem, ny = c->type[1]->nelem;
    bool by_length = op == OPERATOR_LT   ? nx < ny
                     : op == OPERATOR_LE ? nx <= ny
                     : op == OPERATOR_GT ? nx > ny
                                         : nx >= ny;
    ValueId result = lower_bool(l, by_length);
    for (uint32_t i = common_items(c); i-- > 0;) {
        ValueId same = compare_items(l, c, OPERATOR_EQ, i);
        result = lower_select(l, same, result, compare_items(l, c, op, i));
    }
    return result;
}

/* ---- searching ----------------------------------------------------------------------------------------- */

/* Operands of `in` come as (item, tuple); those of methods as (tuple, item). */
static uint32_t tuple_arg(const Call *c) { return c->row->data ? 0 : 1; }

static const Type *type_search(Call *c, const Type *result) {
    uint32_t tuple = tuple_arg(c);
    if (!is_tuple(c, tuple)) return call_decline(c);
    for (uint32_t i = 0; i < c->type[tuple]->nelem; i++) {
        const Type *t = operator_type(c, OPERATOR_EQ, c->type[tuple]->elem[i], c->type[!tuple]);
        if (!t || type_base(t)->kind != TYPE_BOOL) return call_decline(c);
    }
    return result;
}

static const Type *type_contains(Call *c) { return type_search(c, type_bool); }
static const Type *type_find(Call *c) { return type_search(c, type_i64); }

static ValueId item_equals(Lower *l, Call *c, uint32_t i) {
    uint32_t tuple = tuple_arg(c);
    return operator_emit(l, c, OPERATOR_EQ, item(l, c, tuple, i), c->type[tuple]->elem[i], c->value[!tuple],
                         c->type[!tuple]);
}

static ValueId emit_contains(Lower *l, Call *c) {
    ValueId any = lower_bool(l, false);
    for (uint32_t i = 0; i < c->type[1]->nelem; i++)
        any = i ? lower_or(l, any, item_equals(l, c, i)) : item_equals(l, c, i);
    return any;
}

static ValueId emit_not_contains(Lower *l, Call *c) { return lower_not(l, emit_contains(l, c)); }

static ValueId emit_count(Lower *l, Call *c) {
    ValueId n = lower_i64(l, 0);
    for (uint32_t i = 0; i < c->type[0]->nelem; i++)
        n = lower_bin(l, OP_iadd, n, lower_un(l, OP_zext, type_i64, item_equals(l, c, i)));
    return n;
}

static ValueId emit_index(Lower *l, Call *c) {
    ValueId found = lower_i64(l, -1);
    for (uint32_t i = c->type[0]->nelem; i-- > 0;)
        found = lower_select(l, item_equals(l, c, i), lower_i64(l, i), found);
    ValueId missing = ir_icmp(&l->b, PRED_LT, found, lower_i64(l, 0));
    lower_raise_if(l, missing, "ValueError", "tuple.index(x): x not in tuple", 0, NULL);
    return found;
}

/* ---- length -------------------------------------------------------------------------------------------- */

static const Type *type_len(Call *c) {
    return is_tuple(c, 0) ? type_literal_int(c->type[0]->nelem) : call_decline(c);
}

static ValueId emit_known(Lower *l, Call *c) {
    (void)l, (void)c;
    return NO_VALUE;
}

#define OP(name) (const void *)(uintptr_t)OPERATOR_##name
#define RECEIVER_FIRST (const void *)1
#define REVERSED (const void *)1

// clang-format off
static const LibRow rows[] = {
    {"operator.getitem", "a, b", type_getitem, emit_getitem, NULL, 1, LIB_BORROWS},
    {"operator.add", "a, b", type_add, emit_add, NULL, 1, LIB_PURE | LIB_BORROWS},
    {"operator.mul", "a, b", type_mul, emit_mul, NULL, 1, LIB_PURE | LIB_BORROWS},
    {"operator.eq", "a, b", type_compare, emit_equal, OP(EQ), 1, LIB_PURE},
    {"operator.ne", "a, b", type_compare, emit_equal, OP(NE), 1, LIB_PURE},
    {"operator.lt", "a, b", type_compare, emit_order, OP(LT), 1, LIB_PURE},
    {"operator.le", "a, b", type_compare, emit_order, OP(LE), 1, LIB_PURE},
    {"operator.gt", "a, b", type_compare, emit_order, OP(GT), 1, LIB_PURE},
    {"operator.ge", "a, b", type_compare, emit_order, OP(GE), 1, LIB_PURE},
    {"operator.contains", "a, b", type_contains, emit_contains, NULL, 1, LIB_PURE},
    {"operator.not_contains", "a, b", type_contains, emit_not_contains, NULL, 1, LIB_PURE},
    {"builtins.len", "obj, /", type_len, emit_known, NULL, 1, LIB_PURE},
    {"builtins.tuple", "iterable=None, /", type_tuple_of, emit_tuple_of, NULL, 1, LIB_PURE | LIB_BORROWS},
    {"builtins.list", "iterable=None, /", type_list_of, emit_tuple_of, NULL, 1, LIB_PURE | LIB_BORROWS},
    {"builtins.reversed", "sequence, /", type_reversed, emit_tuple_of, REVERSED, 1, LIB_PURE | LIB_BORROWS},
    {"tuple.count", "a, value, /", type_find, emit_count, RECEIVER_FIRST, 1, LIB_PURE},
    {"tuple.index", "a, value, /", type_find, emit_index, RECEIVER_FIRST, 1, 0},
};
// clang-format on

const LibTable library_tuples_table = {"tuples", rows, ARRAY_LEN(rows)};
