/* lists.c - lists: what takes a few instructions.  Everything that is an algorithm over elements is written in Python
 * (naja/library/lists.py) on the raw operations at the end of this file (naja/library/low.py names them).
 *
 * A list is one leaf, a MemoryBlock with a ListBody (runtime/abi.h).  Element types: `[a, b]` has the join of its items; an
 * empty list begins as list(undefined), and infer/refine.c widens its site when something is put in.  Operations on a
 * list(undefined) wait.  Values are escaped when they are stored, so a list never borrows.
 */
#include "library/arrays.h"
#include "library/cells.h"
#include "library/iterators.h"
#include "library/lists.h"
#include "library/lower.h"
#include "runtime/abi.h"

#define FIELD(name) offsetof(ListBody, name)

static bool is_list(const Call *c, uint32_t i) { return c->type[i] && c->type[i]->kind == TYPE_LIST; }
static bool is_open(const Type *list) { return list->elem[0]->kind == TYPE_UNDEFINED; }
static bool is_integer(const Type *t) { return type_base(t)->kind <= TYPE_INT; }

/* ---- the workbench ----------------------------------------------------------------------------------------- */

ValueId list_length(Lower *l, ValueId list) { return body_load(l, list, FIELD(length), type_i64); }

ValueId list_cell(Lower *l, ValueId list, const Type *t, ValueId index) {
    ValueId cells = body_load(l, list, FIELD(cells), type_ptr);
    return lower_ptr_offset(l, cells, index, lower_i64(l, type_cell_nbytes(t->elem[0])));
}

ValueId list_new(Lower *l, const Type *t, ValueId capacity) {
    ValueId arg[] = {lower_i64(l, type_cell_nbytes(t->elem[0])),
                     lower_i64(l, (int64_t)type_cell_managed(t->elem[0])), capacity};
    ValueId list = ir_native(&l->b, NATIVE_list_new, type_ptr, ARRAY_LEN(arg), arg);
    lower_check_memory(l, list);
    return lower_un(l, OP_cast, t, list);
}

void list_set_length(Lower *l, ValueId list, ValueId n) { body_store(l, list, FIELD(length), n); }

static void reserve(Lower *l, ValueId list, ValueId ncells) {
    ValueId failed = ir_native(&l->b, NATIVE_list_reserve, type_i32, 2, (ValueId[]){list, ncells});
    lower_raise_if(l, ir_icmp(&l->b, PRED_NE, failed, lower_int(l, type_i32, 0)), "MemoryError", "", 0, NULL);
}

/* The value as the list keeps it: of the element type, with a reference of its own. */
static ValueId stored(Lower *l, ValueId v, const Type *from, const Type *list) {
    return lower_escape(l, lower_cast(l, v, from, list->elem[0]), list->elem[0]);
}

/* ValueError if the list is a typed one that may not change. */
static void check_mutable(Lower *l, ValueId list, const Type *t) {
    if (!(t->flags & TYPE_LIST_TYPED)) return;
    ValueId frozen = body_load(l, list, FIELD(frozen), type_i64);
    lower_raise_if(l, ir_icmp(&l->b, PRED_NE, frozen, lower_i64(l, 0)), "ValueError", "list is immutable", 0,
                   NULL);
}

/* Appends a value whose reference the list takes over. */
void list_push(Lower *l, ValueId list, const Type *t, ValueId value) {
    ValueId n = list_length(l, list), more = lower_bin(l, OP_iadd, n, lower_i64(l, 1));
    ValueId full = ir_icmp(&l->b, PRED_EQ, n, body_load(l, list, FIELD(capacity), type_i64));
    bool managed = type_is_managed(t->elem[0]);
    if (managed) lower_cleanup_push(l, value);
    LowerIf branch = lower_if_unlikely(l, full);
    reserve(l, list, more);
    lower_else(l, &branch);
    lower_endif(l, &branch, NO_VALUE, NO_VALUE);
    if (managed) lower_cleanup_pop(l, 1);
    cell_store(l, t->elem[0], list_cell(l, list, t, n), value);
    list_set_length(l, list, more);
}

/* ---- element types ------------------------------------------------------------------------------------------- */

/* As naja.typed.List converts: any integer to any other one, but no float to an integer. */
static bool is_castable(const Type *from, const Type *to) {
    if (type_is_number(from) && type_is_number(to)) return from->kind <= to->kind;
    return type_can_convert(from, to) >= CONVERT_SAFE;
}

/* The element type of list argument `list` with a value of this type in it, or NULL: error, or to be asked again.  A list
 * whose site is in sight widens; the type of any other is fixed, and the value must convert to it. */
static const Type *elem_with(Call *c, uint32_t list, uint32_t value, const char *verb) {
    const Type *t = c->type[list], *v = type_stored(c->type[value]);
    const Type *elem = is_open(t) ? v : type_unify(t->elem[0], v);
    if (!type_fits_cell(v)) return call_error(c, DIAG_NO_IMPLEMENTATION, "a list cannot hold %s", v->name);
    if (elem && elem != t->elem[0]) {
        if (call_refine(c, list, type_list(elem, t->flags))) return call_wait(c);
        if (!is_castable(v, t->elem[0])) elem = NULL;
    } else if (!elem && is_castable(v, t->elem[0])) elem = t->elem[0];
    if (!elem && t->flags & TYPE_LIST_TYPED)
        return call_error(c, DIAG_NO_IMPLEMENTATION,
                          "%s %s to %s: it cannot be put into a %s. Please cast explicitly.",
                          type_is_number(t->elem[0]) ? "cannot safely cast" : "Cannot cast", v->name,
                          t->elem[0]->name, t->name);
    if (!elem && *verb == 'a')
        return call_error(c, DIAG_NO_IMPLEMENTATION, "cannot append %s to %s", v->name, t->name);
    if (!elem)
        return call_error(c, DIAG_NO_IMPLEMENTATION,
                          "invalid setitem with value of %s to element of %s in %s", v->name,
                          t->elem[0]->name, t->name);
    if (v != t->elem[0])
        call_refine(c, value, t->elem[0]); /* an empty list that is put into a list of lists */
    return t->elem[0];
}

/* ---- [a, b], list(), append ------------------------------------------------------------------------------------ */

/* Typed by infer/ (infer_list). */
static const Type *type_display(Call *c) { return call_decline(c); }

static ValueId emit_display(Lower *l, Call *c) {
    uint32_t n = c->type[0]->nelem;
    const Type *t = c->result;
    ValueId list = list_new(l, t, lower_i64(l, n));
    lower_cleanup_push(l, list);
    for (uint32_t i = 0; i < n; i++) {
        const Type *from = c->type[0]->elem[i];
        ValueId v = stored(l, from->nleaves ? lower_field(l, c->value[0], i) : lower_empty(l, from), from, t);
        cell_store(l, t->elem[0], list_cell(l, list, t, lower_i64(l, i)), v);
        if (type_is_managed(t->elem[0])) list_set_length(l, list, lower_i64(l, i + 1));
    }
    lower_cleanup_pop(l, 1);
    list_set_length(l, list, lower_i64(l, n));
    return list;
}

static const Type *empty(Call *c, unsigned flags) {
    if (c->nargs && !call_is_none(c, 0)) return call_decline(c);
    const Type *known = call_refined(c);
    return known ? known : type_list(type_undefined, flags);
}

static const Type *type_empty(Call *c) { return empty(c, 0); }
static const Type *type_empty_typed(Call *c) { return empty(c, TYPE_LIST_TYPED); }

static ValueId emit_empty(Lower *l, Call *c) { return list_new(l, c->result, lower_i64(l, 0)); }

/* List.empty_list(item_type, allocated=0) */
static const Type *type_empty_list(Call *c) {
    const Type *elem = call_named_type(c, 0);
    if (!elem)
        return call_error(c, DIAG_NO_IMPLEMENTATION, "List.empty_list() takes a type, not %s",
                          c->type[0]->name);
    if (c->type[1] && !is_integer(c->type[1])) return call_decline(c);
    elem = type_stored(elem);
    if (!type_fits_cell(elem))
        return call_error(c, DIAG_NO_IMPLEMENTATION, "a list cannot hold %s", elem->name);
    return type_list(elem, TYPE_LIST_TYPED);
}

static ValueId emit_empty_list(Lower *l, Call *c) {
    bool given = c->value[1] != NO_VALUE;
    ValueId n = given ? lower_int_to_i64(l, c->value[1], c->type[1]) : lower_i64(l, 0);
    if (given)
        lower_raise_if(l, ir_icmp(&l->b, PRED_LT, n, lower_i64(l, 0)), "RuntimeError",
                       "expecting *allocated* to be >= 0, not %d", 1, &n);
    return list_new(l, c->result, n);
}

static const Type *type_append(Call *c) {
    if (!is_list(c, 0)) return call_decline(c);
    return elem_with(c, 0, 1, "append") ? type_none : NULL;
}

static ValueId emit_append(Lower *l, Call *c) {
    check_mutable(l, c->value[0], c->type[0]);
    list_push(l, c->value[0], c->type[0], stored(l, c->value[1], c->type[1], c->type[0]));
    return NO_VALUE;
}

/* ---- items ------------------------------------------------------------------------------------------------------- */

/* Slices are served by naja/library/lists.py. */
static bool is_index(Call *c) {
    if (is_integer(c->type[1])) return true;
    if (c->type[1]->kind != TYPE_SLICE && c->type[1]->kind != TYPE_OPTIONAL)
        call_error(c, DIAG_BAD_INDEX, "list indices must be integers or slices, not %s",
                   library_widen(type_base(c->type[1]))->name);
    return false;
}

static ValueId checked_index(Lower *l, Call *c, const char *message) {
    ValueId i = lower_int_to_i64(l, c->value[1], c->type[1]), n = list_length(l, c->value[0]);
    ValueId negative = ir_icmp(&l->b, PRED_LT, i, lower_i64(l, 0));
    i = lower_select(l, negative, lower_bin(l, OP_iadd, i, n), i);
    lower_raise_if(l, ir_icmp(&l->b, PRED_UGE, i, n), "IndexError", message, 0, NULL);
    return i;
}

static const Type *type_getitem(Call *c) {
    if (!is_list(c, 0) || !is_index(c)) return call_decline(c);
    return is_open(c->type[0]) ? call_wait(c) : c->type[0]->elem[0];
}

/* Item i of the first operand. */
static ValueId cell_part(Lower *l, Call *c, ValueId i) {
    ValueId v = cell_load(l, c->result, list_cell(l, c->value[0], c->type[0], i));
    if (c->result->nleaves) lower_incref_part(l, v);
    return v;
}

static ValueId emit_getitem(Lower *l, Call *c) {
    ValueId i = checked_index(l, c, "list index out of range");
    return cell_part(l, c, i);
}

static const Type *type_setitem(Call *c) {
    if (!is_list(c, 0) || !is_index(c)) return call_decline(c);
    return elem_with(c, 0, 2, "store") ? type_none : NULL;
}

static ValueId emit_setitem(Lower *l, Call *c) {
    const Type *elem = c->type[0]->elem[0];
    check_mutable(l, c->value[0], c->type[0]);
    ValueId i = checked_index(l, c, "list assignment index out of range");
    ValueId v = stored(l, c->value[2], c->type[2], c->type[0]),
            cell = list_cell(l, c->value[0], c->type[0], i);
    ValueId old = type_is_managed(elem) ? cell_load(l, elem, cell) : NO_VALUE;
    cell_store(l, elem, cell, v);
    if (old != NO_VALUE) lower_decref(l, old);
    return NO_VALUE;
}

static const Type *type_len(Call *c) { return is_list(c, 0) ? type_i64 : call_decline(c); }
static ValueId emit_len(Lower *l, Call *c) { return list_length(l, c->value[0]); }

/* ---- raw operations, for naja/library -------------------------------------------------------------------------- */

static const Type *type_raw_get(Call *c) {
    if (!is_list(c, 0)) return call_decline(c);
    return is_open(c->type[0]) ? call_wait(c) : c->type[0]->elem[0];
}

/* The caller has checked the index; `take` leaves the cell without its reference. */
static ValueId emit_get(Lower *l, Call *c) {
    ValueId i = lower_int_to_i64(l, c->value[1], c->type[1]);
    return cell_part(l, c, i);
}

static ValueId emit_take(Lower *l, Call *c) {
    ValueId i = lower_int_to_i64(l, c->value[1], c->type[1]);
    return cell_load(l, c->result, list_cell(l, c->value[0], c->type[0], i));
}

static ValueId emit_put(Lower *l, Call *c) {
    ValueId i = lower_int_to_i64(l, c->value[1], c->type[1]);
    ValueId v = stored(l, c->value[2], c->type[2], c->type[0]);
    cell_store(l, c->type[0]->elem[0], list_cell(l, c->value[0], c->type[0], i), v);
    return NO_VALUE;
}

static const Type *type_put(Call *c) {
    if (!is_list(c, 0)) return call_decline(c);
    return elem_with(c, 0, 2, "store") ? type_none : NULL;
}

static const Type *type_of_list(Call *c) { return is_list(c, 0) ? type_none : call_decline(c); }

static ValueId emit_set_length(Lower *l, Call *c) {
    list_set_length(l, c->value[0], lower_int_to_i64(l, c->value[1], c->type[1]));
    return NO_VALUE;
}

static ValueId emit_reserve(Lower *l, Call *c) {
    reserve(l, c->value[0], lower_int_to_i64(l, c->value[1], c->type[1]));
    return NO_VALUE;
}

static ValueId emit_change(Lower *l, Call *c) {
    check_mutable(l, c->value[0], c->type[0]);
    return NO_VALUE;
}

static ValueId emit_shrink(Lower *l, Call *c) {
    ValueId half = lower_bin(l, OP_ashr, body_load(l, c->value[0], FIELD(capacity), type_i64),
                             lower_i64(l, 1));
    LowerIf branch = lower_if_unlikely(l, ir_icmp(&l->b, PRED_LT, list_length(l, c->value[0]), half));
    ir_native(&l->b, NATIVE_list_shrink, NULL, 1, &c->value[0]);
    lower_else(l, &branch);
    lower_endif(l, &branch, NO_VALUE, NO_VALUE);
    return NO_VALUE;
}

/* Numbers, ascending. */
static const Type *type_sort(Call *c) {
    return is_list(c, 0) && dtype_code(c->type[0]->elem[0]) >= 0 ? type_none : call_decline(c);
}

static ValueId emit_sort(Lower *l, Call *c) {
    ValueId arg[] = {lower_i64(l, dtype_code(c->type[0]->elem[0])),
                     body_load(l, c->value[0], FIELD(cells), type_ptr), list_length(l, c->value[0]),
                     lower_int_to_i64(l, c->value[1], c->type[1])};
    lower_check_status(l, ir_native(&l->b, NATIVE_sort, type_i32, ARRAY_LEN(arg), arg));
    return NO_VALUE;
}

/* ---- what typed lists show of themselves ------------------------------------------------------------------- */

static bool is_typed(const Call *c) { return is_list(c, 0) && c->type[0]->flags & TYPE_LIST_TYPED; }
static const Type *type_flag(Call *c) { return is_typed(c) ? type_bool : call_decline(c); }
static const Type *type_count(Call *c) { return is_typed(c) ? type_i64 : call_decline(c); }
static const Type *type_freeze(Call *c) { return is_typed(c) ? type_none : call_decline(c); }

static const Type *type_dtype_attribute(Call *c) {
    if (!is_typed(c)) return call_decline(c);
    if (is_open(c->type[0])) return call_wait(c);
    return type_is_number(c->type[0]->elem[0]) ? type_dtype(c->type[0]->elem[0]) : call_decline(c);
}

static ValueId emit_dtype_attribute(Lower *l, Call *c) { return lower_empty(l, c->result); }

static ValueId emit_is_mutable(Lower *l, Call *c) {
    return ir_icmp(&l->b, PRED_EQ, body_load(l, c->value[0], FIELD(frozen), type_i64), lower_i64(l, 0));
}

static ValueId emit_allocated(Lower *l, Call *c) {
    return body_load(l, c->value[0], FIELD(capacity), type_i64);
}

/* The row's data is not NULL for a list that may not change. */
static ValueId emit_freeze(Lower *l, Call *c) {
    body_store(l, c->value[0], FIELD(frozen), lower_i64(l, c->row->data != NULL));
    return NO_VALUE;
}

static ValueId emit_move(Lower *l, Call *c) {
    ValueId at[3];
    for (uint32_t k = 0; k < 3; k++) at[k] = lower_int_to_i64(l, c->value[k + 1], c->type[k + 1]);
    ValueId nbytes = lower_bin(l, OP_imul, at[2], lower_i64(l, type_cell_nbytes(c->type[0]->elem[0])));
    ValueId arg[] = {list_cell(l, c->value[0], c->type[0], at[0]),
                     list_cell(l, c->value[0], c->type[0], at[1]), nbytes};
    ir_native(&l->b, NATIVE_memmove, type_ptr, ARRAY_LEN(arg), arg);
    return NO_VALUE;
}

static ValueId emit_cells_count(Lower *l, Call *c) {
    if (!type_is_managed(c->type[0]->elem[0])) return NO_VALUE;
    Native native = (Native)(uintptr_t)c->row->data;
    ValueId arg[] = {c->value[0], lower_int_to_i64(l, c->value[1], c->type[1]),
                     lower_int_to_i64(l, c->value[2], c->type[2])};
    ir_native(&l->b, native, NULL, ARRAY_LEN(arg), arg);
    return NO_VALUE;
}

/* memcpy of cells between lists of one type; the references are the caller's business. */
static const Type *type_copy_cells(Call *c) {
    if (!is_list(c, 0) || !is_list(c, 2)) return call_decline(c);
    if (is_open(c->type[2])) return call_wait(c);
    if (c->type[0]->elem[0] == c->type[2]->elem[0]) return type_none;
    return call_refine(c, 0, type_list(c->type[2]->elem[0], c->type[0]->flags)) ? call_wait(c)
                                                                                : call_decline(c);
}

static ValueId emit_copy_cells(Lower *l, Call *c) {
    ValueId to = lower_int_to_i64(l, c->value[1], c->type[1]),
            from = lower_int_to_i64(l, c->value[3], c->type[3]);
    ValueId n = lower_int_to_i64(l, c->value[4], c->type[4]);
    ValueId arg[] = {list_cell(l, c->value[0], c->type[0], to), list_cell(l, c->value[2], c->type[2], from),
                     lower_bin(l, OP_imul, n, lower_i64(l, type_cell_nbytes(c->type[0]->elem[0])))};
    ir_native(&l->b, NATIVE_memmove, type_ptr, ARRAY_LEN(arg), arg);
    return NO_VALUE;
}

/* An empty list with room, of the type that another list has. */
static const Type *type_like(Call *c) {
    if (!is_list(c, 0)) return call_decline(c);
    if (is_open(c->type[0])) return call_wait(c);
    return type_list(c->type[0]->elem[0], c->type[0]->flags & TYPE_LIST_TYPED);
}

static ValueId emit_like(Lower *l, Call *c) {
    return list_new(l, c->result, lower_int_to_i64(l, c->value[1], c->type[1]));
}

static ValueId emit_data(Lower *l, Call *c) { return body_load(l, c->value[0], FIELD(cells), type_ptr); }
static const Type *type_data(Call *c) { return is_list(c, 0) ? type_ptr : call_decline(c); }

/* ---- slice.indices(n), as PySlice_AdjustIndices ------------------------------------------------------------- */

static const Type *type_indices(Call *c) {
    if (c->type[0]->kind != TYPE_SLICE) return call_decline(c);
    if (!is_integer(c->type[1]))
        return call_error(c, DIAG_WRONG_ARGUMENTS, "'%s' object cannot be interpreted as an integer",
                          c->type[1]->name);
    return type_tuple(3, (const Type *const[]){type_i64, type_i64, type_i64});
}

static ValueId slice_has(Lower *l, ValueId slice, int64_t flag) {
    ValueId bit = lower_bin(l, OP_iand, lower_field(l, slice, SLICE_FLAGS), lower_i64(l, flag));
    return ir_icmp(&l->b, PRED_NE, bit, lower_i64(l, 0));
}

static ValueId clipped(Lower *l, ValueId i, ValueId n, ValueId low, ValueId high) {
    ValueId negative = ir_icmp(&l->b, PRED_LT, i, lower_i64(l, 0));
    i = lower_select(l, negative, lower_bin(l, OP_iadd, i, n), i);
    i = lower_native2(l, NATIVE_smax, i, low);
    return lower_native2(l, NATIVE_smin, i, high);
}

static ValueId emit_indices(Lower *l, Call *c) {
    ValueId s = c->value[0], n = lower_int_to_i64(l, c->value[1], c->type[1]), zero = lower_i64(l, 0);
    ValueId step = lower_select(l, slice_has(l, s, SLICE_HAS_STEP), lower_field(l, s, SLICE_STEP),
                                lower_i64(l, 1));
    lower_raise_if(l, ir_icmp(&l->b, PRED_LT, n, zero), "ValueError", "length should not be negative", 0,
                   NULL);
    lower_raise_if(l, ir_icmp(&l->b, PRED_EQ, step, zero), "ValueError", "slice step cannot be zero", 0,
                   NULL);
    ValueId down = ir_icmp(&l->b, PRED_LT, step, zero);
    ValueId low = lower_select(l, down, lower_i64(l, -1), zero);
    ValueId high = lower_select(l, down, lower_bin(l, OP_isub, n, lower_i64(l, 1)), n);
    ValueId start = clipped(l, lower_field(l, s, SLICE_START), n, low, high);
    ValueId stop = clipped(l, lower_field(l, s, SLICE_STOP), n, low, high);
    start = lower_select(l, slice_has(l, s, SLICE_HAS_START), start, lower_select(l, down, high, low));
    stop = lower_select(l, slice_has(l, s, SLICE_HAS_STOP), stop, lower_select(l, down, low, high));
    return ir_make(&l->b, c->result, 3, (ValueId[]){start, stop, step});
}

/* Like what is stored: pieces of the result share its owner, instead of asking for one each. */
static const Type *type_owned(Call *c) { return type_stored(c->type[0]); }

static ValueId emit_owned(Lower *l, Call *c) {
    return lower_escape(l, lower_cast(l, c->value[0], c->type[0], c->result), c->result);
}

#define LOW "naja.library.low."
#define OF(native) (const void *)(uintptr_t)NATIVE_##native

// clang-format off
static const LibRow rows[] = {
    {"list.display", "*items", type_display, emit_display, NULL, 1, 0},
    {"builtins.list", "iterable=None, /", type_empty, emit_empty, NULL, 1, LIB_SITE},
    {"naja.typed.List", "iterable=None, /", type_empty_typed, emit_empty, NULL, 1, LIB_SITE},
    {"naja.typed.List.empty_list", "item_type, allocated=0", type_empty_list, emit_empty_list, NULL, 1, 0},
    {"list._dtype@", "self", type_dtype_attribute, emit_dtype_attribute, NULL, 1, LIB_NO_RAISE},
    {"list._is_mutable", "self", type_flag, emit_is_mutable, NULL, 1, LIB_NO_RAISE},
    {"list._allocated", "self", type_count, emit_allocated, NULL, 1, LIB_NO_RAISE},
    {"list._make_immutable", "self", type_freeze, emit_freeze, "frozen", 1, LIB_NO_RAISE},
    {"list._make_mutable", "self", type_freeze, emit_freeze, NULL, 1, LIB_NO_RAISE},
    {"list.append", "self, object, /", type_append, emit_append, NULL, 1, 0},
    {"operator.getitem", "a, b", type_getitem, emit_getitem, NULL, 1, LIB_LENDS},
    {"operator.setitem", "a, b, c", type_setitem, emit_setitem, NULL, 1, 0},
    {"builtins.len", "obj, /", type_len, emit_len, NULL, 1, LIB_NO_RAISE},
    {"slice.indices", "self, length, /", type_indices, emit_indices, NULL, 1, 0},
    {LOW "cell", "", type_empty, emit_empty, NULL, 1, LIB_SITE},
    {LOW "list_like", "list, capacity, /", type_like, emit_like, NULL, 1, 0},
    {LOW "list_get", "list, index, /", type_raw_get, emit_get, NULL, 1, LIB_NO_RAISE | LIB_LENDS},
    {LOW "list_take", "list, index, /", type_raw_get, emit_take, NULL, 1, LIB_NO_RAISE},
    {LOW "list_put", "list, index, value, /", type_put, emit_put, NULL, 1, 0},
    {LOW "list_set_length", "list, n, /", type_of_list, emit_set_length, NULL, 1, LIB_NO_RAISE},
    {LOW "list_reserve", "list, n, /", type_of_list, emit_reserve, NULL, 1, 0},
    {LOW "list_change", "list, /", type_of_list, emit_change, NULL, 1, 0},
    {LOW "list_shrink", "list, /", type_of_list, emit_shrink, NULL, 1, LIB_NO_RAISE},
    {LOW "list_sort", "list, stable, /", type_sort, emit_sort, NULL, 1, 0},
    {LOW "list_move", "list, to, source, n, /", type_of_list, emit_move, NULL, 1, LIB_NO_RAISE},
    {LOW "list_copy", "list, to, source, start, n, /", type_copy_cells, emit_copy_cells, NULL, 1, LIB_NO_RAISE},
    {LOW "list_retain", "list, begin, end, /", type_of_list, emit_cells_count, OF(list_retain), 1, LIB_NO_RAISE},
    {LOW "list_release", "list, begin, end, /", type_of_list, emit_cells_count, OF(list_release), 1, LIB_NO_RAISE},
    {LOW "owned", "value, /", type_owned, emit_owned, NULL, 1, 0},
    {LOW "list_data", "list, /", type_data, emit_data, NULL, 1, LIB_NO_RAISE},
};
// clang-format on

const LibTable library_lists_table = {"lists", rows, ARRAY_LEN(rows)};
