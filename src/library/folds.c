/* folds.c - sum, any, all, min and max over anything that a for loop takes, one item after the other.
 *
 * The loop is the one that `for x in iterable` would be (iterators.h), with the accumulator carried beside
 * the state.  Items must be numbers.  For arrays, sum() adds in order, as the built-in does; numpy.sum is
 * another row.
 */
#include "library/iterators.h"
#include "library/select.h"

/* ---- the loop ------------------------------------------------------------------------------------------ */

typedef struct {
    const Type *state_type, *item_type;
    BlockId head, body, exit;
    ValueId state, item;
} FoldLoop;

static FoldLoop loop_begin(Lower *l, ValueId iterable, const Type *from, const Type *state_type,
                           const Type *item_type, ValueId initial, ValueId *carried) {
    FoldLoop loop = {state_type,     item_type, lower_block(l), lower_block(l),
                     lower_block(l), NO_VALUE,  NO_VALUE};
    ValueId first = iterator_begin(l, iterable, from, state_type);
    ir_br(&l->b, loop.head);
    lower_at(l, loop.head);
    loop.state = ir_phi(l->b.f, loop.head, state_type);
    ir_phi_add(l->b.f, loop.state, first);
    *carried = ir_phi(l->b.f, loop.head, lower_type(l, initial));
    ir_phi_add(l->b.f, *carried, initial);
    ir_condbr(&l->b, iterator_valid(l, loop.state, state_type), loop.body, loop.exit);
    lower_at(l, loop.body);
    loop.item = iterator_value(l, loop.state, state_type, item_type);
    return loop;
}

static void loop_end(Lower *l, FoldLoop *loop, ValueId carried, ValueId next) {
    ir_phi_add(l->b.f, loop->state, iterator_next(l, loop->state, loop->state_type));
    ir_phi_add(l->b.f, carried, next);
    ir_br(&l->b, loop->head);
    lower_at(l, loop->exit);
}

/* ---- sum ----------------------------------------------------------------------------------------------- */

/* The rows that do not raise are for what runs no code of the program; the rows behind them serve generators. */
static bool number_items(Call *c, const Type **item) {
    const Type *iterable = c->type[0];
    if (type_is_tuple(iterable) && iterable->nelem && !tuple_item_type(iterable)) return false;
    const Type *state = iterator_state_type(c, c->type[0]);
    if (state && c->row->flags & LIB_NO_RAISE && iterator_runs_code(state)) return false;
    *item = state ? iterator_item_type(c, state) : NULL;
    return *item && type_is_number(*item);
}

static const Type *type_sum(Call *c) {
    const Type *item, *start = type_base(c->type[1]);
    if (!number_items(c, &item) || !type_is_number(start)) return call_decline(c);
    if (item == type_u64 && start == type_i64 && start != c->type[1])
        start = type_u64; /* the constant 0, mostly */
    const Type *first = operator_type(c, OPERATOR_ADD, start, item),
               *acc = first ? type_unify(start, first) : NULL;
    const Type *next = acc ? operator_type(c, OPERATOR_ADD, acc, item) : NULL;
    acc = next ? type_unify(acc, next) : NULL;
    return acc && type_is_number(acc) ? acc : call_decline(c);
}

static ValueId emit_sum(Lower *l, Call *c) {
    const Type *state = iterator_state_type(c, c->type[0]), *item = iterator_item_type(c, state);
    ValueId carried, initial = lower_cast(l, c->value[1], c->type[1], c->result);
    FoldLoop loop = loop_begin(l, c->value[0], c->type[0], state, item, initial, &carried);
    const Type *added = operator_type(c, OPERATOR_ADD, c->result, item);
    ValueId next = operator_emit(l, c, OPERATOR_ADD, carried, c->result, loop.item, item);
    loop_end(l, &loop, carried, lower_cast(l, next, added, c->result));
    return carried;
}

/* ---- any, all ------------------------------------------------------------------------------------------ */

static const Type *type_any(Call *c) {
    const Type *item;
    return number_items(c, &item) ? type_bool : call_decline(c);
}

/* any() stops at the first true item, all() at the first false one: the carried value is what the loop says
 * if it runs to its end. */
static ValueId emit_any(Lower *l, Call *c) {
    bool all = c->row->data != NULL;
    const Type *state = iterator_state_type(c, c->type[0]), *item = iterator_item_type(c, state);
    ValueId carried;
    FoldLoop loop = loop_begin(l, c->value[0], c->type[0], state, item, lower_bool(l, all), &carried);
    ValueId truth = lower_truth(l, loop.item, item), found = lower_bool(l, !all);
    BlockId onward = lower_block(l), join = lower_block(l);
    ir_condbr(&l->b, all ? lower_not(l, truth) : truth, join, onward);
    lower_at(l, onward);
    loop_end(l, &loop, carried, carried);
    ir_br(&l->b, join);
    lower_at(l, join);
    ValueId result = ir_phi(l->b.f, join, type_bool);
    ir_phi_add(l->b.f, result, found);
    ir_phi_add(l->b.f, result, carried);
    return result;
}

/* ---- min, max of an iterable --------------------------------------------------------------------------- */

static const Type *type_extremum(Call *c) {
    const Type *item;
    if (!number_items(c, &item) || item->kind == TYPE_COMPLEX) return call_decline(c);
    return item;
}

/* The carried value is Optional: empty before the first item. */
static ValueId emit_extremum(Lower *l, Call *c) {
    Operator op = (Operator)(uintptr_t)c->row->data;
    const Type *state = iterator_state_type(c, c->type[0]), *item = c->result,
               *optional = type_optional(item);
    ValueId carried, initial = lower_make2(l, optional, lower_bool(l, false), lower_number(l, item, 0));
    FoldLoop loop = loop_begin(l, c->value[0], c->type[0], state, item, initial, &carried);
    ValueId best = lower_field(l, carried, OPTIONAL_VALUE), has = lower_field(l, carried, OPTIONAL_HAS);
    ValueId better = operator_emit(l, c, op, loop.item, item, best, item);
    ValueId take = lower_or(l, lower_not(l, has), better);
    ValueId next = lower_make2(l, optional, lower_bool(l, true), lower_select(l, take, loop.item, best));
    loop_end(l, &loop, carried, next);
    const char *text = op == OPERATOR_LT ? "min() iterable argument is empty"
                                         : "max() iterable argument is empty";
    lower_raise_if(l, lower_not(l, lower_field(l, carried, OPTIONAL_HAS)), "ValueError", text, 0, NULL);
    return lower_field(l, carried, OPTIONAL_VALUE);
}

#define ALL (const void *)1
#define OP(name) (const void *)(uintptr_t)OPERATOR_##name

// clang-format off
static const LibRow rows[] = {
    {"builtins.sum", "iterable, /, start=0", type_sum, emit_sum, NULL, 1, LIB_NO_RAISE},
    {"builtins.sum", "iterable, /, start=0", type_sum, emit_sum, NULL, 1, 0},
    {"builtins.any", "iterable, /", type_any, emit_any, NULL, 1, LIB_NO_RAISE},
    {"builtins.any", "iterable, /", type_any, emit_any, NULL, 1, 0},
    {"builtins.all", "iterable, /", type_any, emit_any, ALL, 1, LIB_NO_RAISE},
    {"builtins.all", "iterable, /", type_any, emit_any, ALL, 1, 0},
    {"builtins.min", "iterable, /", type_extremum, emit_extremum, OP(LT), 1, 0},
    {"builtins.max", "iterable, /", type_extremum, emit_extremum, OP(GT), 1, 0},
};
// clang-format on

const LibTable library_folds_table = {"folds", rows, ARRAY_LEN(rows)};
