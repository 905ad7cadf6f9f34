/* iterators.c - what a for loop iterates over: range, prange, enumerate, zip, arrays, tuples.
 *
 * A loop's state is a value of ITER type (fields in types.h), carried by a phi; four rows work on it:
 *
 *   iter.begin  the state before the first item          iter.value  the current item
 *   iter.valid  is there an item                          iter.next   the state behind it
 *
 * They are the same for all containers; a table by the container's kind holds what differs.  zip and
 * enumerate keep the states of what they go through, so they nest.  States borrow their container, which
 * passes/refcount keeps alive; items are new references.
 *
 * range() with a step of 1 keeps (current, stop), the form that bounds and prange passes recognise and LLVM
 * turns into a counted loop; other steps count the remaining items, which cannot overflow.
 */
#include "library/iterators.h"

#include "library/cells.h"
#include "library/generators.h"
#include "library/flat.h"
#include "library/hashtables.h"
#include "library/index.h"
#include "library/lists.h"
#include "library/records.h"
#include "library/select.h"
#include "library/texts.h"

typedef struct {
    const Type *(*state)(Call *c, const Type *container); /* NULL: cannot be iterated */
    const Type *(*item)(Call *c, const Type *state);
    ValueId (*begin)(Lower *l, ValueId container, const Type *from, const Type *state);
    ValueId (*valid)(Lower *l, ValueId v, const Type *state);
    ValueId (*value)(Lower *l, ValueId v, const Type *state, const Type *item);
    ValueId (*next)(Lower *l, ValueId v, const Type *state);
} IterKind;
static const IterKind *kind_of(const Type *container);

const Type *iterator_state_type(Call *c, const Type *container) {
    if (text_is_str(container)) container = type_str;
    const IterKind *k = kind_of(container);
    return container->kind == TYPE_ITER ? container : k ? k->state(c, container) : NULL;
}

const Type *iterator_item_type(Call *c, const Type *state) { return kind_of(state->elem[0])->item(c, state); }

ValueId iterator_begin(Lower *l, ValueId container, const Type *from, const Type *state) {
    return from->kind == TYPE_ITER ? container : kind_of(from)->begin(l, container, from, state);
}

ValueId iterator_valid(Lower *l, ValueId v, const Type *state) {
    return kind_of(state->elem[0])->valid(l, v, state);
}

ValueId iterator_value(Lower *l, ValueId v, const Type *state, const Type *item) {
    return kind_of(state->elem[0])->value(l, v, state, item);
}

ValueId iterator_next(Lower *l, ValueId v, const Type *state) {
    return kind_of(state->elem[0])->next(l, v, state);
}

/* ---- range --------------------------------------------------------------------------------------------- */

static bool is_unit(const Type *range) { return range->flags & TYPE_RANGE_UNIT; }

static const Type *range_state(Call *c, const Type *range) {
    (void)c;
    return type_iter(range, 0, NULL);
}

static const Type *range_item(Call *c, const Type *state) {
    (void)c;
    return state->elem[0]->elem[0];
}

/* len(range): 0 if it is empty, else 1 + (distance - 1) / |step|, in unsigned arithmetic. */
static ValueId range_length(Lower *l, ValueId range, const Type *t) {
    ValueId start = lower_field(l, range, RANGE_START), stop = lower_field(l, range, RANGE_STOP);
    ValueId zero = lower_i64(l, 0), one = lower_i64(l, 1);
    if (is_unit(t)) {
        ValueId n = lower_bin(l, OP_isub, stop, start);
        return lower_select(l, ir_icmp(&l->b, PRED_LT, start, stop), n, zero);
    }
    ValueId step = lower_field(l, range, RANGE_STEP), down = ir_icmp(&l->b, PRED_LT, step, zero);
    ValueId width = lower_select(l, down, lower_bin(l, OP_isub, zero, step), step);
    ValueId low = lower_select(l, down, stop, start), high = lower_select(l, down, start, stop);
    ValueId distance = lower_bin(l, OP_isub, lower_bin(l, OP_isub, high, low), one);
    ValueId n = lower_bin(l, OP_iadd, lower_bin(l, OP_udiv, distance, width), one);
    return lower_select(l, ir_icmp(&l->b, PRED_LT, low, high), n, zero);
}

static ValueId range_begin(Lower *l, ValueId range, const Type *from, const Type *state) {
    ValueId start = lower_field(l, range, RANGE_START);
    if (is_unit(from)) return lower_make2(l, state, start, lower_field(l, range, RANGE_STOP));
    ValueId field[3] = {start, lower_field(l, range, RANGE_STEP), range_length(l, range, from)};
    return ir_make(&l->b, state, 3, field);
}

static ValueId range_valid(Lower *l, ValueId v, const Type *state) {
    if (is_unit(state->elem[0]))
        return ir_icmp(&l->b, PRED_LT, lower_field(l, v, ITER_CURRENT), lower_field(l, v, ITER_STOP));
    return ir_icmp(&l->b, PRED_GT, lower_field(l, v, ITER_REMAINING), lower_i64(l, 0));
}

static ValueId range_value(Lower *l, ValueId v, const Type *state, const Type *item) {
    (void)state, (void)item;
    return lower_field(l, v, ITER_CURRENT);
}

static ValueId range_next(Lower *l, ValueId v, const Type *state) {
    ValueId current = lower_field(l, v, ITER_CURRENT), one = lower_i64(l, 1);
    if (is_unit(state->elem[0])) {
        ValueId next = lower_bin(l, OP_iadd, current, one);
        inst_at(l->b.f, next)->flags |= INST_NSW;
        return lower_make2(l, state, next, lower_field(l, v, ITER_STOP));
    }
    ValueId step = lower_field(l, v, ITER_STEP);
    ValueId field[3] = {lower_bin(l, OP_iadd, current, step), step,
                        lower_bin(l, OP_isub, lower_field(l, v, ITER_REMAINING), one)};
    return ir_make(&l->b, state, 3, field);
}

/* ---- containers with an index: arrays and tuples ------------------------------------------------------- */

static const Type *array_state(Call *c, const Type *array) {
    if (array->ndim == 0) return call_error(c, DIAG_NOT_ITERABLE, "iteration over a 0-d array");
    return type_iter(array, 0, NULL);
}

static const Type *array_item(Call *c, const Type *state) {
    const Type *array = state->elem[0];
    IndexPlan plan;
    const char *why;
    if (array->ndim == 1) return array_item_type(array);
    index_plan(&c->unit->arena, array, type_i64, &plan, &why);
    return index_view_type(array, &plan);
}

/* All items get one type, or there is no way to iterate. */
static const Type *tuple_state(Call *c, const Type *tuple) {
    const Type *item = tuple_item_type(tuple);
    if (!item && tuple->nelem)
        return call_error(c, DIAG_NOT_ITERABLE, "cannot iterate over %s: its items have different types",
                          tuple->name);
    const Type *elem[tuple->nelem + 1];
    for (uint32_t i = 0; i < tuple->nelem; i++) elem[i] = item;
    return type_iter(type_tuple(tuple->nelem, elem), 0, NULL);
}

/* A loop over a dict with known keys is one over the tuple of its keys; of an empty dict, whose items are strings as well,
 * one that begins behind its only item. */
static const Type *strdict_state(Call *c, const Type *dict) {
    (void)c;
    uint32_t n = dict->nelem ? dict->nelem / 2 : 1;
    const Type *elem[n];
    for (uint32_t i = 0; i < n; i++) elem[i] = type_str;
    return type_iter(type_tuple(n, elem), 0, NULL);
}

static ValueId strdict_begin(Lower *l, ValueId container, const Type *from, const Type *state) {
    const Type *keys = state->elem[0];
    ValueId key[keys->nelem];
    (void)container;
    for (uint32_t i = 0; i < keys->nelem; i++)
        key[i] = lower_string(l, from->nelem ? from->elem[2 * i]->text : "");
    return lower_make2(l, state, ir_make(&l->b, keys, keys->nelem, key), lower_i64(l, !from->nelem));
}

static const Type *tuple_item(Call *c, const Type *state) {
    (void)c;
    return state->elem[0]->nelem ? state->elem[0]->elem[0] : type_i64; /* of (): never seen */
}

static ValueId indexed_begin(Lower *l, ValueId container, const Type *from, const Type *state) {
    return lower_make2(l, state, lower_cast(l, container, from, state->elem[0]), lower_i64(l, 0));
}

static ValueId indexed_next(Lower *l, ValueId v, const Type *state) {
    ValueId next = lower_bin(l, OP_iadd, lower_field(l, v, ITER_INDEX), lower_i64(l, 1));
    inst_at(l->b.f, next)->flags |= INST_NSW;
    return lower_make2(l, state, lower_field(l, v, ITER_CONTAINER), next);
}

static ValueId array_valid(Lower *l, ValueId v, const Type *state) {
    ValueId n = lower_array_shape(l, lower_field(l, v, ITER_CONTAINER), state->elem[0], 0);
    return ir_icmp(&l->b, PRED_LT, lower_field(l, v, ITER_INDEX), n);
}

static ValueId array_value(Lower *l, ValueId v, const Type *state, const Type *item) {
    const Type *array = state->elem[0];
    ValueId container = lower_field(l, v, ITER_CONTAINER), index = lower_field(l, v, ITER_INDEX);
    if (array->ndim == 1)
        return array_item_load(l, array, container, lower_array_element(l, container, array, &index));
    View all = view_of(l, container, array), one = view_new(l, all.dtype, all.ndim - 1, item->layout);
    one.data = lower_ptr_offset(l, all.data, index, all.stride[0]);
    for (uint32_t k = 1; k < all.ndim; k++) {
        one.shape[k - 1] = all.shape[k];
        one.stride[k - 1] = all.stride[k];
    }
    return view_to_array(l, &one, item, container, array);
}

static ValueId tuple_valid(Lower *l, ValueId v, const Type *state) {
    return ir_icmp(&l->b, PRED_LT, lower_field(l, v, ITER_INDEX), lower_i64(l, state->elem[0]->nelem));
}

static ValueId tuple_value(Lower *l, ValueId v, const Type *state, const Type *item) {
    const Type *tuple = state->elem[0];
    if (!tuple->nelem) return lower_i64(l, 0);
    ValueId *value = arena_array(&l->unit->arena, ValueId, tuple->nelem),
            container = lower_field(l, v, ITER_CONTAINER);
    for (uint32_t i = 0; i < tuple->nelem; i++) value[i] = lower_field(l, container, i);
    ValueId chosen = select_nth(l, lower_field(l, v, ITER_INDEX), tuple->nelem, value, item);
    if (type_is_managed(item)) ir_emit(&l->b, OP_incref, NULL, chosen);
    return chosen;
}

static const Type *str_item(Call *c, const Type *state) {
    (void)c, (void)state;
    return type_str;
}

static ValueId str_valid(Lower *l, ValueId v, const Type *state) {
    (void)state;
    ValueId length = lower_field(l, lower_field(l, v, ITER_CONTAINER), STR_LENGTH);
    return ir_icmp(&l->b, PRED_LT, lower_field(l, v, ITER_INDEX), length);
}

static ValueId str_value(Lower *l, ValueId v, const Type *state, const Type *item) {
    (void)state, (void)item;
    return text_single(l, lower_field(l, v, ITER_CONTAINER), lower_field(l, v, ITER_INDEX));
}

static const Type *bytes_item(Call *c, const Type *state) {
    (void)c, (void)state;
    return type_i64;
}

static ValueId bytes_value(Lower *l, ValueId v, const Type *state, const Type *item) {
    (void)state;
    ValueId data = lower_field(l, lower_field(l, v, ITER_CONTAINER), STR_DATA);
    ValueId byte = ir_load(&l->b, type_u8, ir_ptr_add(&l->b, data, lower_field(l, v, ITER_INDEX)));
    return lower_un(l, OP_zext, item, byte);
}

/* A list may grow or shrink while it is iterated: its length is asked for each time, as Python does.  A typed one, which
 * another thread may be changing, may not. */
static const Type *list_state(Call *c, const Type *list) {
    if (list->elem[0]->kind == TYPE_UNDEFINED) return call_wait(c);
    return type_iter(list, 0, NULL);
}

static const Type *list_item(Call *c, const Type *state) {
    (void)c;
    return state->elem[0]->elem[0];
}

static bool counts_items(const Type *state) { return state->elem[0]->flags & TYPE_LIST_TYPED; }

static ValueId list_begin(Lower *l, ValueId container, const Type *from, const Type *state) {
    if (!counts_items(state)) return indexed_begin(l, container, from, state);
    ValueId field[] = {container, lower_i64(l, 0), list_length(l, container)};
    return ir_make(&l->b, state, 3, field);
}

static ValueId list_valid(Lower *l, ValueId v, const Type *state) {
    ValueId n = list_length(l, lower_field(l, v, ITER_CONTAINER));
    if (counts_items(state))
        lower_raise_if(l, ir_icmp(&l->b, PRED_NE, n, lower_field(l, v, ITER_COUNT)), "RuntimeError",
                       "list was mutated during iteration", 0, NULL);
    return ir_icmp(&l->b, PRED_LT, lower_field(l, v, ITER_INDEX), n);
}

static ValueId list_next(Lower *l, ValueId v, const Type *state) {
    if (!counts_items(state)) return indexed_next(l, v, state);
    ValueId next = lower_bin(l, OP_iadd, lower_field(l, v, ITER_INDEX), lower_i64(l, 1));
    inst_at(l->b.f, next)->flags |= INST_NSW;
    ValueId field[] = {lower_field(l, v, ITER_CONTAINER), next, lower_field(l, v, ITER_COUNT)};
    return ir_make(&l->b, state, 3, field);
}

static ValueId list_value(Lower *l, ValueId v, const Type *state, const Type *item) {
    ValueId list = lower_field(l, v, ITER_CONTAINER);
    ValueId value = cell_load(l, item, list_cell(l, list, state->elem[0], lower_field(l, v, ITER_INDEX)));
    if (item->nleaves) lower_incref_part(l, value);
    return value;
}

/* ---- zip and enumerate --------------------------------------------------------------------------------- */

static bool is_enumerate(const Type *zip) { return zip->flags & TYPE_ZIP_ENUMERATE; }

static const Type *zip_state(Call *c, const Type *zip) {
    const Type *inner[zip->nelem + 1];
    for (uint32_t i = 0; i < zip->nelem; i++)
        if (!(inner[i] = iterator_state_type(c, zip->elem[i]))) return NULL;
    return type_iter(zip, zip->nelem, inner);
}

static const Type *zip_item(Call *c, const Type *state) {
    const Type *item[state->nelem + 1];
    uint32_t n = 0;
    if (is_enumerate(state->elem[0])) item[n++] = type_i64;
    for (uint32_t i = 1; i < state->nelem; i++) item[n++] = iterator_item_type(c, state->elem[i]);
    return type_tuple(n, item);
}

/* Where inner state number i stands among the fields: behind the count of enumerate. */
static uint32_t inner_field(const Type *state, uint32_t i) { return i + is_enumerate(state->elem[0]); }
static const Type *inner_state(const Type *state, uint32_t i) { return state->elem[i + 1]; }

static ValueId zip_begin(Lower *l, ValueId container, const Type *from, const Type *state) {
    ValueId *field = arena_array(&l->unit->arena, ValueId, state->nfields + 1);
    if (is_enumerate(from)) field[ENUMERATE_COUNT] = lower_field(l, container, ENUMERATE_START);
    for (uint32_t i = 0; i < from->nelem; i++)
        field[inner_field(state, i)] = iterator_begin(l, lower_field(l, container, i), from->elem[i],
                                                      inner_state(state, i));
    return ir_make(&l->b, state, state->nfields, field);
}

/* In order, and no further than the first that is exhausted: the others must not move. */
static ValueId zip_valid_in_order(Lower *l, ValueId v, const Type *state, uint32_t i) {
    ValueId one = iterator_valid(l, lower_field(l, v, inner_field(state, i)), inner_state(state, i));
    if (i + 2 >= state->nelem) return one;
    LowerIf branch = lower_if(l, one);
    ValueId others = zip_valid_in_order(l, v, state, i + 1);
    lower_else(l, &branch);
    return lower_endif(l, &branch, others, lower_bool(l, false));
}

static ValueId zip_valid(Lower *l, ValueId v, const Type *state) {
    ValueId all = NO_VALUE;
    if (state->nelem > 1 && iterator_runs_code(state)) return zip_valid_in_order(l, v, state, 0);
    for (uint32_t i = 0; i + 1 < state->nelem; i++) {
        const Type *inner = inner_state(state, i);
        ValueId one = iterator_valid(l, lower_field(l, v, inner_field(state, i)), inner);
        all = i ? lower_and(l, all, one) : one;
    }
    return all == NO_VALUE ? lower_bool(l, false) : all;
}

static ValueId zip_value(Lower *l, ValueId v, const Type *state, const Type *item) {
    ValueId *field = arena_array(&l->unit->arena, ValueId, item->nelem + 1);
    uint32_t n = 0;
    if (is_enumerate(state->elem[0])) field[n++] = lower_field(l, v, ENUMERATE_COUNT);
    for (uint32_t i = 0; i + 1 < state->nelem; i++, n++) {
        const Type *inner = inner_state(state, i);
        field[n] = iterator_value(l, lower_field(l, v, inner_field(state, i)), inner, item->elem[n]);
    }
    return ir_make(&l->b, item, item->nelem, field);
}

static ValueId zip_next(Lower *l, ValueId v, const Type *state) {
    ValueId *field = arena_array(&l->unit->arena, ValueId, state->nfields + 1);
    if (is_enumerate(state->elem[0]))
        field[ENUMERATE_COUNT] = lower_bin(l, OP_iadd, lower_field(l, v, ENUMERATE_COUNT), lower_i64(l, 1));
    for (uint32_t i = 0; i + 1 < state->nelem; i++) {
        const Type *inner = inner_state(state, i);
        uint32_t at = inner_field(state, i);
        field[at] = iterator_next(l, lower_field(l, v, at), inner);
    }
    return ir_make(&l->b, state, state->nfields, field);
}

/* ---- the table, and the four rows ---------------------------------------------------------------------- */

// clang-format off
static const IterKind kinds[TYPE_KIND_COUNT] = {
    [TYPE_RANGE] = {range_state, range_item, range_begin, range_valid, range_value, range_next},
    [TYPE_ARRAY] = {array_state, array_item, indexed_begin, array_valid, array_value, indexed_next},
    [TYPE_TUPLE] = {tuple_state, tuple_item, indexed_begin, tuple_valid, tuple_value, indexed_next},
    [TYPE_NAMEDTUPLE] = {tuple_state, tuple_item, indexed_begin, tuple_valid, tuple_value, indexed_next},
    [TYPE_STRDICT] = {strdict_state, tuple_item, strdict_begin, tuple_valid, tuple_value, indexed_next},
    [TYPE_STR] = {range_state, str_item, indexed_begin, str_valid, str_value, indexed_next},
    [TYPE_BYTES] = {range_state, bytes_item, indexed_begin, str_valid, bytes_value, indexed_next},
    [TYPE_GENERATOR] = {generator_state, generator_item, generator_begin, generator_valid, generator_value,
                        generator_next},
    [TYPE_FLAT] = {flat_state, flat_item, flat_begin, flat_valid, flat_value, flat_next},
    [TYPE_LIST] = {list_state, list_item, list_begin, list_valid, list_value, list_next},
    [TYPE_SET] = {table_state, table_item, table_begin, table_valid, table_value, table_next},
    [TYPE_DICT] = {table_state, table_item, table_begin, table_valid, table_value, table_next},
    [TYPE_VIEW] = {table_state, table_item, table_begin, table_valid, table_value, table_next},
    [TYPE_ZIP] = {zip_state, zip_item, zip_begin, zip_valid, zip_value, zip_next},
};
// clang-format on

static const IterKind *kind_of(const Type *container) {
    if (container->kind == TYPE_LITERAL) container = container->elem[0];
    const IterKind *k = &kinds[container->kind];
    return k->state ? k : NULL;
}

static ValueId new_reference(Lower *l, ValueId v, const Type *t) {
    if (type_is_managed(t)) ir_emit(&l->b, OP_incref, NULL, v);
    return v;
}

static const Type *type_begin(Call *c) {
    const Type *t = c->type[0];
    if (t->kind == TYPE_OPTIONAL) return call_decline(c);
    uint32_t ndiags = c->unit->diags.list.n;
    const Type *state = iterator_state_type(c, t);
    if (state || c->unit->diags.list.n > ndiags || call_waits(c)) return state;
    return call_error(c, DIAG_NOT_ITERABLE, "cannot iterate over %s", library_widen(type_base(t))->name);
}

static ValueId emit_begin(Lower *l, Call *c) { return iterator_begin(l, c->value[0], c->type[0], c->result); }

static const Type *type_valid(Call *c) { return c->type[0]->kind == TYPE_ITER ? type_bool : call_decline(c); }

/* A generator runs when it is asked whether there is another item; a set, dict or typed list raises if it has changed. */
bool iterator_runs_code(const Type *state) {
    const Type *container = state->elem[0];
    if (container->kind == TYPE_LIST && counts_items(state)) return true;
    if (container->kind == TYPE_GENERATOR || container->kind == TYPE_VIEW || type_is_table(container))
        return true;
    for (uint32_t i = 1; i < state->nelem; i++)
        if (iterator_runs_code(state->elem[i])) return true;
    return false;
}

static const Type *type_valid_plain(Call *c) {
    return c->type[0]->kind == TYPE_ITER && !iterator_runs_code(c->type[0]) ? type_bool : call_decline(c);
}

static ValueId emit_valid(Lower *l, Call *c) { return iterator_valid(l, c->value[0], c->type[0]); }

static const Type *type_value(Call *c) {
    return c->type[0]->kind == TYPE_ITER ? iterator_item_type(c, c->type[0]) : call_decline(c);
}

/* The items of containers count their own references: a view is made anew, an item of a tuple is increfed
 * there. */
static ValueId emit_value(Lower *l, Call *c) { return iterator_value(l, c->value[0], c->type[0], c->result); }

static const Type *type_next(Call *c) { return c->type[0]->kind == TYPE_ITER ? c->type[0] : call_decline(c); }

static ValueId emit_next(Lower *l, Call *c) { return iterator_next(l, c->value[0], c->type[0]); }

/* ---- unpacking what is not a tuple: a, b = array, list, str or range ------------------------------------------------------- */

static const Type *type_unpack(Call *c) {
    const Type *t = c->type[0];
    if (text_is_str(t)) t = type_str;
    bool can = (type_is_array(t) && t->ndim) || t->kind == TYPE_LIST || t->kind == TYPE_STR ||
               t->kind == TYPE_RANGE;
    if (!can)
        return t->kind == TYPE_OPTIONAL ? call_decline(c)
                                        : call_error(c, DIAG_UNPACK_COUNT, "failed to unpack %s",
                                                     library_widen(type_base(t))->name);
    uint32_t n = (uint32_t)c->site->imm.i;
    const Type *state = iterator_state_type(c, t), *elem[n + 1];
    if (!state) return NULL; /* a list whose items have no type yet */
    for (uint32_t i = 0; i < n; i++) elem[i] = iterator_item_type(c, state);
    return type_tuple(n, elem);
}

static ValueId unpacked_length(Lower *l, ValueId v, const Type *t) {
    if (type_is_array(t)) return lower_array_shape(l, v, t, 0);
    if (t->kind == TYPE_RANGE) return range_length(l, v, t);
    return t->kind == TYPE_LIST ? list_length(l, v) : lower_field(l, v, STR_LENGTH);
}

static ValueId emit_unpack(Lower *l, Call *c) {
    const Type *t = text_is_str(c->type[0]) ? type_str : c->type[0], *state = type_iter(t, 0, NULL);
    uint32_t n = c->result->nelem;
    ValueId from = lower_cast(l, c->value[0], c->type[0], t);
    ValueId length = unpacked_length(l, from, t), wanted = lower_i64(l, n);
    if (c->row->data) {
        lower_raise_if(l, ir_icmp(&l->b, PRED_NE, length, wanted), "TypeError",
                       "the call takes %d arguments from what it spreads, but %d are given", 2,
                       (ValueId[]){wanted, length});
    } else {
        lower_raise_if(l, ir_icmp(&l->b, PRED_LT, length, wanted), "ValueError",
                       "not enough values to unpack (expected %d, got %d)", 2, (ValueId[]){wanted, length});
        lower_raise_if(l, ir_icmp(&l->b, PRED_GT, length, wanted), "ValueError",
                       "too many values to unpack (expected %d)", 1, &wanted);
    }
    ValueId field[n + 1], at = iterator_begin(l, from, t, state);
    for (uint32_t i = 0; i < n; i++) {
        if (t->kind != TYPE_RANGE) at = lower_make2(l, state, from, lower_i64(l, i));
        field[i] = iterator_value(l, at, state, c->result->elem[i]);
        if (t->kind == TYPE_RANGE) at = iterator_next(l, at, state);
    }
    return ir_make(&l->b, c->result, n, field);
}

/* ---- what makes iterables ------------------------------------------------------------------------------ */

static const Type *type_range_new(Call *c) {
    const Type *args = c->type[0];
    const char *name = strrchr(c->row->name, '.') + 1;
    unsigned parallel = c->row->data ? TYPE_RANGE_PARALLEL : 0;
    if (args->nelem < 1 || args->nelem > 3)
        return call_error(c, DIAG_WRONG_ARGUMENTS, "%s() takes 1 to 3 arguments, but %u were given", name,
                          args->nelem);
    for (uint32_t i = 0; i < args->nelem; i++) {
        const Type *t = type_base(args->elem[i]);
        if (t->kind == TYPE_OPTIONAL) return call_decline(c);
        if (t->kind > TYPE_INT &&
            t->kind != TYPE_FLOAT) /* a float is cut off, which Numba's users count on */
            return call_error(c, DIAG_NO_IMPLEMENTATION, "%s() takes integers, not %s", name,
                              args->elem[i]->name);
    }
    const Type *step = args->nelem == 3 ? args->elem[2] : NULL;
    if (step && step->kind == TYPE_LITERAL && step->value == 0)
        return call_error(c, DIAG_WRONG_ARGUMENTS, "%s() arg 3 must not be zero", name);
    bool unit = !step || (step->kind == TYPE_LITERAL && step->value == 1);
    return type_range(type_i64, (unit ? TYPE_RANGE_UNIT : 0) | parallel);
}

static ValueId range_argument(Lower *l, const Call *c, uint32_t i) {
    const Type *t = c->type[0]->elem[i];
    ValueId v = t->nleaves ? lower_field(l, c->value[0], i) : NO_VALUE;
    return t->kind == TYPE_FLOAT ? lower_cast(l, v, t, type_i64) : lower_int_to_i64(l, v, t);
}

static ValueId emit_range_new(Lower *l, Call *c) {
    uint32_t n = c->type[0]->nelem;
    ValueId start = n > 1 ? range_argument(l, c, 0) : lower_i64(l, 0), stop = range_argument(l, c, n > 1);
    if (is_unit(c->result)) return lower_make2(l, c->result, start, stop);
    ValueId step = range_argument(l, c, 2), zero = lower_i64(l, 0);
    int64_t known;
    if (!lower_known_int(l, step, &known))
        lower_raise_if(l, ir_icmp(&l->b, PRED_EQ, step, zero), "ValueError", "range() arg 3 must not be zero",
                       0, NULL);
    return ir_make(&l->b, c->result, 3, (ValueId[]){start, stop, step});
}

static const Type *type_enumerate(Call *c) {
    if (!kind_of(c->type[0]) && c->type[0]->kind != TYPE_OPTIONAL)
        return call_error(c, DIAG_NOT_ITERABLE, "cannot iterate over %s",
                          library_widen(type_base(c->type[0]))->name);
    if (!kind_of(c->type[0])) return call_decline(c);
    if (type_base(c->type[1])->kind > TYPE_INT && type_base(c->type[1])->kind != TYPE_OPTIONAL)
        return call_error(c, DIAG_WRONG_ARGUMENTS,
                          "Only integers supported as start value in enumerate, not %s",
                          type_base(c->type[1])->name);
    if (type_base(c->type[1])->kind > TYPE_INT) return call_decline(c);
    return type_zip(true, 1, &c->type[0]);
}

static ValueId emit_enumerate(Lower *l, Call *c) {
    ValueId start = call_is_none(c, 1) ? lower_i64(l, 0) : lower_int_to_i64(l, c->value[1], c->type[1]);
    ValueId inner = c->type[0]->nleaves ? c->value[0] : lower_empty(l, c->type[0]);
    return new_reference(l, lower_make2(l, c->result, inner, start), c->result);
}

/* Two generators of one type may be one, which two items of a row are taken from: naja/library/functional.py does that. */
static bool may_meet_itself(const Type *args) {
    for (uint32_t i = 0; i < args->nelem; i++)
        for (uint32_t k = 0; k < i; k++)
            if (args->elem[i]->kind == TYPE_GENERATOR && args->elem[i] == args->elem[k]) return true;
    return false;
}

static const Type *type_zip_new(Call *c) {
    const Type *args = c->type[0];
    for (uint32_t i = 0; i < args->nelem; i++)
        if (!kind_of(args->elem[i]))
            return args->elem[i]->kind == TYPE_OPTIONAL
                       ? call_decline(c)
                       : call_error(c, DIAG_NOT_ITERABLE, "cannot iterate over %s", args->elem[i]->name);
    if (may_meet_itself(args)) return call_decline(c);
    return type_zip(false, args->nelem, args->elem);
}

static ValueId emit_zip_new(Lower *l, Call *c) {
    uint32_t n = c->result->nelem;
    ValueId field[n + 1];
    for (uint32_t i = 0; i < n; i++)
        field[i] = c->result->elem[i]->nleaves ? lower_field(l, c->value[0], i)
                                               : lower_empty(l, c->result->elem[i]);
    return new_reference(l, ir_make(&l->b, c->result, n, field), c->result);
}

/* Item k of zip() and enumerate() of tuples: what an unrolled loop over them takes. */
static const Type *type_zip_getitem(Call *c) {
    const Type *zip = c->type[0], *item[zip->nelem + 1];
    int64_t k;
    uint32_t n = 0;
    if (zip->kind != TYPE_ZIP || !call_literal_int(c, 1, &k)) return call_decline(c);
    if (is_enumerate(zip)) item[n++] = type_i64;
    for (uint32_t i = 0; i < zip->nelem; i++) {
        if (!type_is_tuple(zip->elem[i]) || k < 0 || k >= zip->elem[i]->nelem) return call_decline(c);
        item[n++] = zip->elem[i]->elem[k];
    }
    return type_tuple(n, item);
}

static ValueId emit_zip_getitem(Lower *l, Call *c) {
    const Type *zip = c->type[0];
    int64_t k = 0;
    uint32_t n = 0;
    call_literal_int(c, 1, &k);
    ValueId field[c->result->nelem + 1];
    if (is_enumerate(zip))
        field[n++] = lower_bin(l, OP_iadd, lower_field(l, c->value[0], ENUMERATE_START), lower_i64(l, k));
    for (uint32_t i = 0; i < zip->nelem; i++, n++) {
        const Type *t = c->result->elem[n];
        field[n] = t->nleaves ? lower_field(l, lower_field(l, c->value[0], i), (uint32_t)k)
                              : lower_empty(l, t);
    }
    return new_reference(l, ir_make(&l->b, c->result, n, field), c->result);
}

/* reversed(range(a, b, s)) is a range from the last item down. */
static const Type *type_reversed(Call *c) {
    return c->type[0]->kind == TYPE_RANGE ? type_range(type_i64, 0) : call_decline(c);
}

static ValueId emit_reversed(Lower *l, Call *c) {
    const Type *t = c->type[0];
    ValueId range = c->value[0], start = lower_field(l, range, RANGE_START), one = lower_i64(l, 1);
    ValueId step = is_unit(t) ? one : lower_field(l, range, RANGE_STEP), n = range_length(l, range, t);
    ValueId last = lower_bin(l, OP_iadd, start, lower_bin(l, OP_imul, lower_bin(l, OP_isub, n, one), step));
    ValueId field[3] = {last, lower_bin(l, OP_isub, start, step),
                        lower_bin(l, OP_isub, lower_i64(l, 0), step)};
    return ir_make(&l->b, c->result, 3, field);
}

/* ---- range as a value ---------------------------------------------------------------------------------- */

static const Type *type_of_range(Call *c) {
    return c->type[0]->kind == TYPE_RANGE ? type_i64 : call_decline(c);
}

static ValueId emit_range_len(Lower *l, Call *c) { return range_length(l, c->value[0], c->type[0]); }

static ValueId emit_range_part(Lower *l, Call *c) {
    uint32_t field = (uint32_t)(uintptr_t)c->row->data;
    return field == RANGE_STEP && is_unit(c->type[0]) ? lower_i64(l, 1) : lower_field(l, c->value[0], field);
}

static const Type *type_range_getitem(Call *c) {
    return c->type[0]->kind == TYPE_RANGE && type_base(c->type[1])->kind <= TYPE_INT ? type_i64
                                                                                     : call_decline(c);
}

static ValueId emit_range_getitem(Lower *l, Call *c) {
    const Type *t = c->type[0];
    ValueId n = range_length(l, c->value[0], t), index = lower_int_to_i64(l, c->value[1], c->type[1]);
    ValueId negative = ir_icmp(&l->b, PRED_LT, index, lower_i64(l, 0));
    index = lower_select(l, negative, lower_bin(l, OP_iadd, index, n), index);
    lower_raise_if(l, ir_icmp(&l->b, PRED_UGE, index, n), "IndexError", "range object index out of range", 0,
                   NULL);
    ValueId step = is_unit(t) ? lower_i64(l, 1) : lower_field(l, c->value[0], RANGE_STEP);
    return lower_bin(l, OP_iadd, lower_field(l, c->value[0], RANGE_START),
                     lower_bin(l, OP_imul, index, step));
}

#define PARALLEL (const void *)1
#define FIELD(name) (const void *)(uintptr_t)RANGE_##name

// clang-format off
static const LibRow rows[] = {
    {"iter.begin", "iterable", type_begin, emit_begin, NULL, 1, LIB_BORROWS | LIB_NO_RAISE | LIB_STORAGE},
    {"iter.valid", "state", type_valid_plain, emit_valid, NULL, 1, LIB_PURE},
    {"iter.valid", "state", type_valid, emit_valid, NULL, 1, 0},
    {"iter.value", "state", type_value, emit_value, NULL, 1, LIB_BORROWS | LIB_NO_RAISE},
    {"iter.next", "state", type_next, emit_next, NULL, 1, LIB_BORROWS | LIB_PURE},
    {"iter.unpack", "iterable", type_unpack, emit_unpack, NULL, 1, LIB_BORROWS},
    {"iter.spread", "iterable", type_unpack, emit_unpack, "arguments", 1, LIB_BORROWS},
    {"builtins.range", "*args", type_range_new, emit_range_new, NULL, 1, 0},
    {"naja.prange", "*args", type_range_new, emit_range_new, PARALLEL, 1, 0},
    {"builtins.enumerate", "iterable, start=0", type_enumerate, emit_enumerate, NULL, 1, LIB_BORROWS | LIB_STORAGE},
    {"builtins.zip", "*iterables", type_zip_new, emit_zip_new, NULL, 1, LIB_BORROWS | LIB_NO_RAISE},
    {"builtins.reversed", "sequence, /", type_reversed, emit_reversed, NULL, 1, LIB_PURE},
    {"builtins.len", "obj, /", type_of_range, emit_range_len, NULL, 1, LIB_PURE},
    {"operator.getitem", "a, b", type_range_getitem, emit_range_getitem, NULL, 1, 0},
    {"operator.getitem", "a, b", type_zip_getitem, emit_zip_getitem, NULL, 1, LIB_BORROWS | LIB_NO_RAISE},
    {"parallel.iterations", "a", type_of_range, emit_range_len, NULL, 1, LIB_PURE},
    {"range.start@", "a", type_of_range, emit_range_part, FIELD(START), 1, LIB_PURE},
    {"range.stop@", "a", type_of_range, emit_range_part, FIELD(STOP), 1, LIB_PURE},
    {"range.step@", "a", type_of_range, emit_range_part, FIELD(STEP), 1, LIB_PURE},
};
// clang-format on

const LibTable library_iterators_table = {"iterators", rows, ARRAY_LEN(rows)};
