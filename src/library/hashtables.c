/* hashtables.c - sets and dicts: their types, hashing, iteration, and the raw operations that naja/library/tables.py is
 * written on (naja/library/low.py names them).
 *
 * A set or dict is one leaf, a MemoryBlock with a TableBody (runtime/abi.h).  Displays and comprehensions are an empty
 * container into which the items are put (frontend/calls.c), so there is one way in which element types become known:
 * what is put in refines the site (infer/refine.c), as for lists.  Keys and values are escaped when they are stored.
 *
 * A key's hash is computed here, in line, and by boundary/tables.c for keys that come from Python: both must agree.
 */
#include "library/hashtables.h"

#include "library/arrays.h"
#include "library/cells.h"
#include "library/lower.h"
#include "library/texts.h"
#include "runtime/abi.h"

#define FIELD(name) offsetof(TableBody, name)

static bool is_table(const Call *c, uint32_t i) { return c->type[i] && type_is_table(c->type[i]); }
static bool is_dict(const Call *c, uint32_t i) { return c->type[i] && c->type[i]->kind == TYPE_DICT; }
static bool is_open(const Type *t) {
    return t->elem[0]->kind == TYPE_UNDEFINED || t->elem[t->nelem - 1]->kind == TYPE_UNDEFINED;
}

ValueId table_length(Lower *l, ValueId table) { return body_load(l, table, FIELD(live), type_i64); }

/* ---- layout of an entry -------------------------------------------------------------------------------------- */

static ValueId entry_at(Lower *l, ValueId table, const Type *t, ValueId index) {
    int64_t layout[4];
    type_table_layout(t, layout);
    ValueId entries = body_load(l, table, FIELD(entries), type_ptr);
    return lower_ptr_offset(l, entries, index, lower_i64(l, layout[0]));
}

static ValueId value_cell(Lower *l, const Type *t, ValueId entry) {
    int64_t layout[4];
    type_table_layout(t, layout);
    return ir_ptr_add(&l->b, entry, lower_i64(l, layout[1]));
}

static ValueId new_table(Lower *l, const Type *t, ValueId capacity) {
    int64_t layout[4];
    type_table_layout(t, layout);
    ValueId at = lower_alloca(l, sizeof layout);
    for (uint32_t i = 0; i < 4; i++)
        ir_store(&l->b, ir_ptr_add(&l->b, at, lower_i64(l, 8 * i)), lower_i64(l, layout[i]));
    ValueId table = ir_native(&l->b, NATIVE_table_new, type_ptr, 2, (ValueId[]){at, capacity});
    lower_check_memory(l, table);
    return lower_un(l, OP_cast, t, table);
}

/* ---- element types ------------------------------------------------------------------------------------------- */

static const Type *unhashable(Call *c, const Type *t) {
    return call_error(
        c, DIAG_NO_IMPLEMENTATION,
        "unhashable type: %s as key is forbidden, it cannot be a key of a dict or an item of a set",
        library_widen(type_base(t))->name);
}

/* May a value of this type be looked up among keys of that one? */
static bool converts(const Type *from, const Type *to) {
    if (from == to) return true;
    if (type_is_tuple(from) && type_is_tuple(to) && from->nelem == to->nelem) {
        for (uint32_t i = 0; i < from->nelem; i++)
            if (!converts(from->elem[i], to->elem[i])) return false;
        return true;
    }
    if (from->kind <= TYPE_INT && to->kind == TYPE_INT) return true;
    return type_can_convert(from, to) >= CONVERT_SAFE ||
           (type_is_number(from) && to->kind >= TYPE_FLOAT && type_is_number(to) && from->kind <= to->kind);
}

static const Type *join(const Type *now, const Type *more) {
    return now->kind == TYPE_UNDEFINED ? more : type_unify(now, more);
}

static bool fits(const Type *t, const Type *key, const Type *value) {
    return converts(key, t->elem[0]) && (!value || converts(value, t->elem[1]));
}

/* Which of the two it is. */
static const char *why_not(Call *c, const Type *t, const Type *key, const Type *value) {
    bool wrong_key = t->elem[0]->kind != TYPE_UNDEFINED && !converts(key, t->elem[0]);
    bool wrong_value = t->elem[1]->kind != TYPE_UNDEFINED && !converts(value, t->elem[1]);
    const Type *from = wrong_key ? key : value, *to = wrong_key ? t->elem[0] : t->elem[1];
    return wrong_key || wrong_value
               ? arena_printf(&c->unit->arena, ": Cannot cast %s to %s", from->name, to->name)
               : "";
}

/* Makes table argument 0 one that can hold the key (and value).  A table whose site is in sight widens; the type of
 * any other is fixed. */
static const Type *admit(Call *c, const Type *key, const Type *value) {
    const Type *t = c->type[0];
    if (!library_is_hashable(key)) return unhashable(c, key);
    if (value && !type_fits_cell(value))
        return call_error(c, DIAG_NO_IMPLEMENTATION, "a dict cannot hold %s", value->name);
    const Type *k = join(t->elem[0], key), *v = value ? join(t->elem[1], value) : NULL;
    bool known = k && (v || !value);
    const Type *wanted = !known ? NULL : value ? type_dict(k, v, t->flags) : type_set(k, t->flags);
    if (wanted && wanted != t && call_refine(c, 0, wanted)) return call_wait(c);
    bool has_container = value && library_holds_container(value) &&
                         value != t->elem[1]; /* an empty one becomes a value */
    if (has_container && !is_open(t) && call_refine(c, 2, t->elem[1])) return call_wait(c);
    if (is_open(t) || !fits(t, key, value))
        return value
                   ? call_error(c, DIAG_NO_IMPLEMENTATION, "cannot store %s: %s in %s%s", key->name,
                                value->name, t->name, why_not(c, t, key, value))
                   : call_error(c, DIAG_NO_IMPLEMENTATION,
                                "cannot add %s to %s. All Sets must be of the same type", key->name, t->name);
    return type_none;
}

static const Type *type_admit_set(Call *c) {
    return c->type[0]->kind == TYPE_SET ? admit(c, type_stored(c->type[1]), NULL) : call_decline(c);
}

static const Type *type_admit_dict(Call *c) {
    return is_dict(c, 0) ? admit(c, type_stored(c->type[1]), type_stored(c->type[2])) : call_decline(c);
}

static ValueId emit_nothing(Lower *l, Call *c) {
    (void)l, (void)c;
    return NO_VALUE;
}

/* A new reference to the argument as a key (or value) of the table. */
static const Type *type_key(Call *c) {
    if (!is_table(c, 0)) return call_decline(c);
    const Type *key = type_stored(c->type[1]), *to = c->type[0]->elem[0];
    if (!library_is_hashable(key)) return unhashable(c, key);
    if (to->kind == TYPE_UNDEFINED) return call_wait(c);
    if (converts(key, to)) return to;
    return call_error(c, DIAG_NO_IMPLEMENTATION, "%s cannot be a key of %s: cannot safely cast %s to %s%s",
                      key->name, c->type[0]->name, key->name, to->name,
                      c->type[0]->kind == TYPE_SET ? ". All Sets must be of the same type" : "");
}

static ValueId converted(Lower *l, Call *c, uint32_t i, const Type *to) {
    ValueId v = lower_cast(l, c->value[i], c->type[i], to);
    if (type_is_managed(to)) lower_incref(l, v);
    return v;
}

static ValueId emit_key(Lower *l, Call *c) { return converted(l, c, 1, c->result); }

/* ---- making ----------------------------------------------------------------------------------------------------- */

static const Type *type_new_dict(Call *c) {
    if (!call_is_none(c, 0)) return call_decline(c);
    const Type *known = call_refined(c);
    return known ? known : type_dict(type_undefined, type_undefined, 0);
}

static const Type *new_set(Call *c, unsigned flags) {
    if (!call_is_none(c, 0)) return call_decline(c);
    const Type *known = call_refined(c);
    return known ? known : type_set(type_undefined, flags);
}

static const Type *type_new_set(Call *c) { return new_set(c, 0); }
static const Type *type_new_typed_set(Call *c) { return new_set(c, TYPE_TABLE_TYPED); }

static ValueId emit_new(Lower *l, Call *c) { return new_table(l, c->result, lower_i64(l, 0)); }

/* Dict.empty(key_type, value_type, n_keys=0), Set.empty(key_type, n_keys=0): types that are values. */
static const Type *type_empty(Call *c) {
    bool is_set = c->nargs == 2;
    const Type *key = call_named_type(c, 0), *value = is_set ? key : call_named_type(c, 1);
    if (!key || !value)
        return is_set ? call_error(c, DIAG_NO_IMPLEMENTATION, "Set.empty() takes a type, not %s",
                                   c->type[0]->name)
                      : call_error(c, DIAG_NO_IMPLEMENTATION, "Dict.empty() takes two types, not (%s, %s)",
                                   c->type[0]->name, c->type[1]->name);
    if (!call_is_none(c, c->nargs - 1) && !type_is_int(type_base(c->type[c->nargs - 1])))
        return call_decline(c);
    key = type_stored(key);
    value = type_stored(value);
    if (!library_is_hashable(key)) return unhashable(c, key);
    if (!type_fits_cell(value))
        return call_error(c, DIAG_NO_IMPLEMENTATION, "a dict cannot hold %s", value->name);
    return is_set ? type_set(key, TYPE_TABLE_TYPED) : type_dict(key, value, 0);
}

static ValueId emit_empty(Lower *l, Call *c) {
    ValueId n = c->value[c->nargs - 1];
    if (n == NO_VALUE) return new_table(l, c->result, lower_i64(l, 0));
    n = lower_int_to_i64(l, n, c->type[c->nargs - 1]);
    return new_table(l, c->result, lower_native2(l, NATIVE_smax, n, lower_i64(l, 0)));
}

static const Type *stored_here(const Type *t) {
    if (t->kind == TYPE_SET) return type_set(t->elem[0], t->flags & TYPE_TABLE_TYPED);
    return type_dict(t->elem[0], t->elem[1], 0);
}

static const Type *type_same(Call *c) {
    if (!is_table(c, 0)) return call_decline(c);
    return is_open(c->type[0]) ? call_wait(c) : stored_here(c->type[0]);
}

/* A set as a frozenset, or the other way round: the same memory. */
static const Type *type_refrozen(Call *c) {
    const Type *t = c->type[0];
    if (t->kind != TYPE_SET) return call_decline(c);
    if (t->elem[0]->kind == TYPE_UNDEFINED) return call_wait(c);
    return type_set(t->elem[0], (unsigned)(uintptr_t)c->row->data);
}

static ValueId emit_refrozen(Lower *l, Call *c) {
    lower_incref(l, c->value[0]);
    return lower_un(l, OP_cast, c->result, c->value[0]);
}

static ValueId emit_copy(Lower *l, Call *c) {
    ValueId capacity = c->value[1] == NO_VALUE ? lower_i64(l, 0)
                                               : lower_int_to_i64(l, c->value[1], c->type[1]);
    ValueId table = ir_native(&l->b, NATIVE_table_copy, type_ptr, 2, (ValueId[]){c->value[0], capacity});
    lower_check_memory(l, table);
    return lower_un(l, OP_cast, c->result, table);
}

static ValueId emit_like(Lower *l, Call *c) {
    return new_table(l, c->result, lower_int_to_i64(l, c->value[1], c->type[1]));
}

/* ---- what is asked of a table before anything was put in: the branches that depend on it are where that happens ---- */

static const Type *type_open_contains(Call *c) {
    return is_table(c, 1) && is_open(c->type[1]) ? type_bool : call_decline(c);
}

/* d.get(key, default), d.pop(key, default) */
static const Type *type_open_get(Call *c) {
    if (!is_dict(c, 0) || !is_open(c->type[0])) return call_decline(c);
    return call_is_none(c, 2) ? type_none : type_stored(c->type[2]);
}

static const Type *type_open_pop(Call *c) {
    return c->type[2] && !call_is_none(c, 2) ? type_open_get(c) : call_decline(c);
}

/* Every table has a type in the end. */
static ValueId emit_open(Lower *l, Call *c) { return ir_append(&l->b, OP_undef, c->result, 0, NULL); }

/* ---- hashing ------------------------------------------------------------------------------------------------------ */

/* table_mix of abi.h */
static ValueId mix(Lower *l, ValueId x) {
    ValueId factor = lower_i64(l, (int64_t)TABLE_HASH_FACTOR);
    x = lower_bin(l, OP_ixor, x, lower_bin(l, OP_lshr, x, lower_i64(l, 32)));
    x = lower_bin(l, OP_imul, x, factor);
    x = lower_bin(l, OP_ixor, x, lower_bin(l, OP_lshr, x, lower_i64(l, 29)));
    return lower_bin(l, OP_lshr, lower_bin(l, OP_imul, x, factor), lower_i64(l, TABLE_HASH_SHIFT));
}

/* table_hash_integer */
static ValueId hash_integer(Lower *l, ValueId v) {
    ValueId high = lower_bin(l, OP_ashr, v, lower_i64(l, 31));
    high = lower_bin(l, OP_imul, high, lower_i64(l, (int64_t)TABLE_HASH_FACTOR));
    high = lower_bin(l, OP_lshr, high, lower_i64(l, TABLE_HASH_SHIFT));
    return lower_bin(l, OP_iand, lower_bin(l, OP_ixor, v, high), lower_i64(l, (int64_t)TABLE_HASH_MASK));
}

static ValueId mix_next(Lower *l, ValueId so_far, ValueId hash) {
    ValueId x = lower_bin(l, OP_ixor, lower_bin(l, OP_shl, so_far, lower_i64(l, 31)), hash);
    return mix(l, lower_bin(l, OP_ixor, x, lower_i64(l, INT64_C(1) << 62)));
}

/* By its bits; -0.0 is 0.0. */
static ValueId hash_float(Lower *l, ValueId v, const Type *t) {
    v = lower_bin(l, OP_fadd, lower_cast(l, v, t, type_f64), lower_float(l, type_f64, 0));
    return mix(l, lower_un(l, OP_bitcast, type_i64, v));
}

static ValueId hash_value(Lower *l, ValueId v, const Type *t) {
    if (t->nleaves == 0) return lower_i64(l, 0);
    switch (t->kind) {
    case TYPE_ENUM:
    case TYPE_DATETIME:
    case TYPE_TIMEDELTA: return hash_integer(l, lower_un(l, OP_bitcast, type_i64, v));
    case TYPE_BOOL:
    case TYPE_INT: return hash_integer(l, lower_int_to_i64(l, v, t));
    case TYPE_FLOAT: return hash_float(l, v, t);
    case TYPE_STR:
    case TYPE_BYTES: {
        ValueId text = text_address(l, v);
        return ir_native(&l->b, NATIVE_text_table_hash, type_i64, 1, &text);
    }
    case TYPE_SET: {
        ValueId block = lower_un(l, OP_cast, type_ptr, v);
        return ir_native(&l->b, NATIVE_table_hash_items, type_i64, 1, &block);
    }
    case TYPE_COMPLEX: {
        const Type *part = type_real_part(t);
        ValueId re = hash_float(l, lower_field(l, v, COMPLEX_RE), part);
        return mix_next(l, re, hash_float(l, lower_field(l, v, COMPLEX_IM), part));
    }
    default: break;
    }
    ValueId h = lower_i64(l, 0);
    for (uint32_t i = 0; i < t->nelem; i++) {
        ValueId item = t->elem[i]->nleaves ? lower_field(l, v, i) : NO_VALUE;
        h = mix_next(l, h, hash_value(l, item, t->elem[i]));
    }
    return h;
}

static const Type *type_hash(Call *c) {
    if (library_hashes_itself(c->type[0]))
        return call_decline(c); /* naja/library/tables.py calls its __hash__ */
    return type_is_hashable(c->type[0]) ? type_i64 : unhashable(c, c->type[0]);
}

static ValueId emit_hash(Lower *l, Call *c) { return hash_value(l, c->value[0], c->type[0]); }

/* ---- raw operations ------------------------------------------------------------------------------------------------ */

static const Type *type_number_of(Call *c) { return is_table(c, 0) ? type_i64 : call_decline(c); }

/* A field of the body: the row's data is its offset. */
static ValueId emit_body_field(Lower *l, Call *c) {
    return body_load(l, c->value[0], (size_t)(uintptr_t)c->row->data, type_i64);
}

static ValueId emit_home(Lower *l, Call *c) {
    ValueId table = c->value[0], hash = lower_int_to_i64(l, c->value[1], c->type[1]);
    ValueId mixed = lower_bin(l, OP_imul, hash, body_load(l, table, FIELD(factor), type_i64));
    mixed = lower_bin(l, OP_lshr, mixed, body_load(l, table, FIELD(shift), type_i64));
    return lower_bin(l, OP_iand, mixed, body_load(l, table, FIELD(mask), type_i64));
}

static ValueId emit_slot(Lower *l, Call *c) {
    ValueId slots = body_load(l, c->value[0], FIELD(slots), type_ptr);
    ValueId at = lower_ptr_offset(l, slots, lower_int_to_i64(l, c->value[1], c->type[1]), lower_i64(l, 8));
    return ir_load(&l->b, type_i64, at);
}

static ValueId emit_next(Lower *l, Call *c) {
    ValueId arg[] = {c->value[0], lower_int_to_i64(l, c->value[1], c->type[1])};
    return ir_native(&l->b, NATIVE_table_next, type_i64, 2, arg);
}

/* Is the key of an entry this one?  A string is compared where it lies, without a reference of its own. */
static const Type *type_same_key(Call *c) {
    if (!is_table(c, 0)) return call_decline(c);
    const Type *key = c->type[0]->elem[0];
    return key == c->type[2] && (key->kind == TYPE_STR || key->kind == TYPE_BYTES) ? type_bool
                                                                                   : call_decline(c);
}

static ValueId emit_same_key(Lower *l, Call *c) {
    ValueId entry = entry_at(l, c->value[0], c->type[0], lower_int_to_i64(l, c->value[1], c->type[1]));
    ValueId arg[] = {entry, text_address(l, c->value[2])};
    ValueId same = ir_native(&l->b, NATIVE_text_same, type_i64, 2, arg);
    return ir_icmp(&l->b, PRED_NE, same, lower_i64(l, 0));
}

static const Type *type_get_key(Call *c) {
    if (!is_table(c, 0)) return call_decline(c);
    return c->type[0]->elem[0]->kind == TYPE_UNDEFINED ? call_wait(c) : c->type[0]->elem[0];
}

static ValueId emit_get_key(Lower *l, Call *c) {
    ValueId i = lower_int_to_i64(l, c->value[1], c->type[1]);
    return cell_load_new(l, c->result, entry_at(l, c->value[0], c->type[0], i));
}

static const Type *type_get_value(Call *c) {
    if (!is_dict(c, 0)) return call_decline(c);
    return c->type[0]->elem[1]->kind == TYPE_UNDEFINED ? call_wait(c) : c->type[0]->elem[1];
}

static ValueId emit_get_value(Lower *l, Call *c) {
    ValueId entry = entry_at(l, c->value[0], c->type[0], lower_int_to_i64(l, c->value[1], c->type[1]));
    return cell_load_new(l, c->result, value_cell(l, c->type[0], entry));
}

/* The value as the table keeps it: of the element type, with a reference of its own. */
static ValueId stored(Lower *l, Call *c, uint32_t i, const Type *to) {
    return lower_escape(l, lower_cast(l, c->value[i], c->type[i], to), to);
}

static void count_change(Lower *l, ValueId table) {
    ValueId changes = body_load(l, table, FIELD(changes), type_i64);
    body_store(l, table, FIELD(changes), lower_bin(l, OP_iadd, changes, lower_i64(l, 1)));
}

static const Type *type_set_value(Call *c) { return is_dict(c, 0) ? type_none : call_decline(c); }

static ValueId emit_set_value(Lower *l, Call *c) {
    const Type *t = c->type[0], *elem = t->elem[1];
    ValueId i = lower_int_to_i64(l, c->value[1], c->type[1]), v = stored(l, c, 2, elem);
    ValueId cell = value_cell(l, t, entry_at(l, c->value[0], t, i));
    ValueId old = type_is_managed(elem) ? cell_load(l, elem, cell) : NO_VALUE;
    cell_store(l, elem, cell, v);
    if (t->flags & TYPE_TABLE_REFLECTED) count_change(l, c->value[0]);
    if (old != NO_VALUE) lower_decref(l, old);
    return NO_VALUE;
}

static ValueId new_entry(Lower *l, Call *c) {
    ValueId arg[] = {c->value[0], lower_int_to_i64(l, c->value[1], c->type[1])};
    ValueId entry = ir_native(&l->b, NATIVE_table_add, type_ptr, 2, arg);
    lower_raise_if(l, ir_icmp(&l->b, PRED_EQ, entry, lower_null(l)), "MemoryError", "", 0, NULL);
    return entry;
}

static const Type *type_push(Call *c) { return is_table(c, 0) ? type_none : call_decline(c); }

/* table, hash, key[, value] */
static ValueId emit_push(Lower *l, Call *c) {
    const Type *t = c->type[0];
    ValueId item[2];
    uint32_t nowned = 0;
    for (uint32_t i = 0; i < t->nelem; i++) {
        item[i] = stored(l, c, 2 + i, t->elem[i]);
        if (!type_is_managed(t->elem[i])) continue;
        lower_cleanup_push(l, item[i]);
        nowned++;
    }
    ValueId entry = new_entry(l, c);
    lower_cleanup_pop(l, nowned);
    cell_store(l, t->elem[0], entry, item[0]);
    if (t->nelem == 2) cell_store(l, t->elem[1], value_cell(l, t, entry), item[1]);
    return NO_VALUE;
}

static ValueId emit_remove(Lower *l, Call *c) {
    ValueId arg[] = {c->value[0], lower_int_to_i64(l, c->value[1], c->type[1])};
    ir_native(&l->b, NATIVE_table_remove, NULL, 2, arg);
    return NO_VALUE;
}

static ValueId emit_clear(Lower *l, Call *c) {
    ir_native(&l->b, NATIVE_table_clear, NULL, 1, &c->value[0]);
    return NO_VALUE;
}

/* ---- views -------------------------------------------------------------------------------------------------------- */

static const Type *type_make_view(Call *c) {
    return is_dict(c, 0) ? type_dict_view(c->type[0], (unsigned)(uintptr_t)c->row->data) : call_decline(c);
}

static ValueId emit_view(Lower *l, Call *c) {
    lower_incref(l, c->value[0]);
    return ir_make(&l->b, c->result, 1, &c->value[0]);
}

static const Type *type_view_dict(Call *c) {
    return c->type[0]->kind == TYPE_VIEW ? c->type[0]->elem[0] : call_decline(c);
}

static ValueId emit_view_dict(Lower *l, Call *c) {
    ValueId dict = lower_field(l, c->value[0], 0);
    lower_incref(l, dict);
    return dict;
}

static const Type *type_len(Call *c) {
    return is_table(c, 0) || c->type[0]->kind == TYPE_VIEW ? type_i64 : call_decline(c);
}

static ValueId emit_len(Lower *l, Call *c) {
    return table_length(l, is_table(c, 0) ? c->value[0] : lower_field(l, c->value[0], 0));
}

/* ---- iteration: the container, the number of the next entry (or of a hole before it), the length at the start -------- */

static const Type *dict_of(const Type *container) {
    return container->kind == TYPE_VIEW ? container->elem[0] : container;
}

static ValueId iterated(Lower *l, ValueId v, const Type *state) {
    ValueId container = lower_field(l, v, ITER_CONTAINER);
    return state->elem[0]->kind == TYPE_VIEW ? lower_field(l, container, 0) : container;
}

const Type *table_state(Call *c, const Type *container) {
    return is_open(dict_of(container)) ? call_wait(c) : type_iter(container, 0, NULL);
}

const Type *table_item(Call *c, const Type *state) {
    (void)c;
    const Type *container = state->elem[0], *t = dict_of(container);
    if (container->kind != TYPE_VIEW || container->flags == TYPE_VIEW_KEYS) return t->elem[0];
    return container->flags == TYPE_VIEW_VALUES ? t->elem[1] : type_tuple(2, t->elem);
}

ValueId table_begin(Lower *l, ValueId container, const Type *from, const Type *state) {
    ValueId table = from->kind == TYPE_VIEW ? lower_field(l, container, 0) : container;
    ValueId field[] = {container, lower_i64(l, 0), table_length(l, table)};
    return ir_make(&l->b, state, 3, field);
}

/* The entry itself, if there are no holes to pass. */
static ValueId here(Lower *l, ValueId v, const Type *state) {
    ValueId table = iterated(l, v, state), i = lower_field(l, v, ITER_INDEX);
    ValueId used = body_load(l, table, FIELD(used), type_i64);
    LowerIf branch = lower_if(l, ir_icmp(&l->b, PRED_NE, used, table_length(l, table)));
    ValueId behind = ir_native(&l->b, NATIVE_table_next, type_i64, 2, (ValueId[]){table, i});
    lower_else(l, &branch);
    return lower_endif(l, &branch, behind, i);
}

ValueId table_valid(Lower *l, ValueId v, const Type *state) {
    ValueId table = iterated(l, v, state), n = lower_field(l, v, ITER_COUNT);
    bool is_set = state->elem[0]->kind == TYPE_SET;
    lower_raise_if(l, ir_icmp(&l->b, PRED_NE, table_length(l, table), n), "RuntimeError",
                   is_set ? "Set changed size during iteration" : "dictionary changed size during iteration",
                   0, NULL);
    return ir_icmp(&l->b, PRED_LT, here(l, v, state), body_load(l, table, FIELD(used), type_i64));
}

ValueId table_value(Lower *l, ValueId v, const Type *state, const Type *item) {
    const Type *container = state->elem[0], *t = dict_of(container);
    ValueId entry = entry_at(l, iterated(l, v, state), t, here(l, v, state));
    if (container->kind != TYPE_VIEW || container->flags == TYPE_VIEW_KEYS)
        return cell_load_new(l, item, entry);
    ValueId value = cell_load_new(l, t->elem[1], value_cell(l, t, entry));
    if (container->flags == TYPE_VIEW_VALUES) return value;
    ValueId key = t->elem[0]->nleaves ? cell_load_new(l, t->elem[0], entry) : lower_empty(l, t->elem[0]);
    return lower_make2(l, item, key, value);
}

ValueId table_next(Lower *l, ValueId v, const Type *state) {
    ValueId next = lower_bin(l, OP_iadd, here(l, v, state), lower_i64(l, 1));
    ValueId field[] = {lower_field(l, v, ITER_CONTAINER), next, lower_field(l, v, ITER_COUNT)};
    return ir_make(&l->b, state, 3, field);
}

#define LOW "naja.library.low."
#define OFFSET(name) (const void *)FIELD(name)
#define VIEW(name) (const void *)(uintptr_t)TYPE_VIEW_##name

// clang-format off
static const LibRow rows[] = {
    {"builtins.dict", "iterable=None, /", type_new_dict, emit_new, NULL, 1, LIB_SITE},
    {"builtins.set", "iterable=None, /", type_new_set, emit_new, NULL, 1, LIB_SITE},
    {"builtins.len", "obj, /", type_len, emit_len, NULL, 1, LIB_NO_RAISE},
    {"operator.contains", "a, b", type_open_contains, emit_open, NULL, 1, LIB_NO_RAISE},
    {"operator.not_contains", "a, b", type_open_contains, emit_open, NULL, 1, LIB_NO_RAISE},
    {"dict.get", "self, key, default=None, /", type_open_get, emit_open, NULL, 1, LIB_NO_RAISE},
    {"dict.pop", "self, key, default=None, /", type_open_pop, emit_open, NULL, 1, LIB_NO_RAISE},
    {"dict.keys", "self, /", type_make_view, emit_view, VIEW(KEYS), 1, LIB_NO_RAISE},
    {"dict.values", "self, /", type_make_view, emit_view, VIEW(VALUES), 1, LIB_NO_RAISE},
    {"dict.items", "self, /", type_make_view, emit_view, VIEW(ITEMS), 1, LIB_NO_RAISE},
    {"naja.typed.Dict", "iterable=None, /", type_new_dict, emit_new, NULL, 1, LIB_SITE},
    {"naja.typed.Dict.empty", "key_type, value_type, n_keys=0", type_empty, emit_empty, NULL, 1, 0},
    {"naja.typed.Set", "iterable=None, /", type_new_typed_set, emit_new, NULL, 1, LIB_SITE},
    {"naja.typed.Set.empty", "key_type, n_keys=0", type_empty, emit_empty, NULL, 1, 0},
    {LOW "table_admit", "table, key, /", type_admit_set, emit_nothing, NULL, 1, LIB_NO_RAISE},
    {LOW "table_admit_item", "table, key, value, /", type_admit_dict, emit_nothing, NULL, 1, LIB_NO_RAISE},
    {LOW "table_key", "table, key, /", type_key, emit_key, NULL, 1, LIB_NO_RAISE},
    {LOW "table_hash", "key, /", type_hash, emit_hash, NULL, 1, LIB_NO_RAISE},
    {LOW "table_mask", "table, /", type_number_of, emit_body_field, OFFSET(mask), 1, LIB_NO_RAISE},
    {LOW "table_home", "table, hash, /", type_number_of, emit_home, NULL, 1, LIB_NO_RAISE},
    {LOW "table_used", "table, /", type_number_of, emit_body_field, OFFSET(used), 1, LIB_NO_RAISE},
    {LOW "table_slot", "table, slot, /", type_number_of, emit_slot, NULL, 1, LIB_NO_RAISE},
    {LOW "table_next", "table, entry, /", type_number_of, emit_next, NULL, 1, LIB_NO_RAISE},
    {LOW "table_same_key", "table, entry, key, /", type_same_key, emit_same_key, NULL, 1, LIB_NO_RAISE},
    {LOW "table_get_key", "table, entry, /", type_get_key, emit_get_key, NULL, 1, LIB_NO_RAISE},
    {LOW "table_get_value", "table, entry, /", type_get_value, emit_get_value, NULL, 1, LIB_NO_RAISE},
    {LOW "table_set_value", "table, entry, value, /", type_set_value, emit_set_value, NULL, 1, 0},
    {LOW "table_push", "table, hash, key, /", type_push, emit_push, NULL, 1, 0},
    {LOW "table_push_item", "table, hash, key, value, /", type_push, emit_push, NULL, 1, 0},
    {LOW "table_remove", "table, entry, /", type_push, emit_remove, NULL, 1, LIB_NO_RAISE},
    {LOW "table_clear", "table, /", type_push, emit_clear, NULL, 1, LIB_NO_RAISE},
    {LOW "table_copy", "table, capacity=0, /", type_same, emit_copy, NULL, 1, 0},
    {LOW "set_frozen", "s", type_refrozen, emit_refrozen, (const void *)(uintptr_t)TYPE_TABLE_FROZEN, 1, LIB_NO_RAISE},
    {LOW "set_thawed", "s", type_refrozen, emit_refrozen, NULL, 1, LIB_NO_RAISE},
    {LOW "table_like", "table, capacity, /", type_same, emit_like, NULL, 1, 0},
    {LOW "table_viewed", "view, /", type_view_dict, emit_view_dict, NULL, 1, LIB_NO_RAISE},
};
// clang-format on

const LibTable library_hashtables_table = {"hashtables", rows, ARRAY_LEN(rows)};
