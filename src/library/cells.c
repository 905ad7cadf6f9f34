/* cells.c - values in the memory of containers, and what a value needs to stay there. */
#include "library/cells.h"

#include "library/arrays.h"
#include "library/lower.h"
#include "runtime/abi.h"

/* ---- reading and writing ----------------------------------------------------------------------------------- */

ValueId cell_load(Lower *l, const Type *t, ValueId address) {
    if (type_is_scalar(t)) return lower_load_element(l, t, address);
    return lower_load_slots(l, address, t);
}

ValueId cell_load_new(Lower *l, const Type *t, ValueId address) {
    ValueId v = cell_load(l, t, address);
    if (type_is_managed(t)) lower_incref(l, v);
    return v;
}

void cell_store(Lower *l, const Type *t, ValueId address, ValueId value) {
    if (type_is_scalar(t)) lower_store_element(l, t, address, value);
    else lower_store_slots(l, address, value, t);
}

ValueId body_address(Lower *l, ValueId block, size_t offset) {
    return ir_ptr_add(&l->b, block, lower_i64(l, (int64_t)(sizeof(MemoryBlock) + offset)));
}

ValueId body_load(Lower *l, ValueId block, size_t offset, const Type *t) {
    return ir_load(&l->b, t, body_address(l, block, offset));
}

void body_store(Lower *l, ValueId block, size_t offset, ValueId value) {
    ir_store(&l->b, body_address(l, block, offset), value);
}

/* ---- values that leave the call ------------------------------------------------------------------------------ */

static ValueId replace_field(Lower *l, ValueId v, const Type *t, uint32_t field, ValueId value) {
    ValueId *all = arena_array(&l->unit->arena, ValueId, t->nfields);
    for (uint32_t i = 0; i < t->nfields; i++) all[i] = i == field ? value : lower_field(l, v, i);
    return ir_make(&l->b, t, t->nfields, all);
}

static ValueId new_owner(Lower *l, ValueId parent, ValueId data) {
    ValueId out = lower_alloca(l, sizeof(void *)), context = ir_append(&l->b, OP_context, type_ptr, 0, NULL);
    ValueId arg[] = {context, parent, data, out};
    lower_check_status(l, ir_native(&l->b, NATIVE_escape, type_i32, ARRAY_LEN(arg), arg));
    return ir_load(&l->b, type_ptr, out);
}

/* Of an array or a string, by the numbers of their fields. */
static ValueId escape_borrowed(Lower *l, ValueId v, const Type *t, uint32_t owner_field, uint32_t parent,
                               uint32_t data) {
    ValueId owner = lower_field(l, v, owner_field);
    ValueId borrowed = ir_icmp(&l->b, PRED_EQ, owner, lower_null(l));
    LowerIf branch = lower_if_unlikely(l, borrowed);
    ValueId made = new_owner(l, lower_field(l, v, parent), lower_field(l, v, data));
    lower_else(l, &branch);
    lower_incref(l, v);
    return replace_field(l, v, t, owner_field, lower_endif(l, &branch, made, owner));
}

/* Only where it has a value: the fields of None are zeros, which need no owner. */
static ValueId escape_optional(Lower *l, ValueId v, const Type *t) {
    ValueId value = lower_field(l, v, OPTIONAL_VALUE);
    LowerIf branch = lower_if(l, lower_field(l, v, OPTIONAL_HAS));
    ValueId escaped = lower_escape(l, value, t->elem[0]);
    lower_else(l, &branch);
    ValueId nothing = ir_append(&l->b, OP_undef, t->elem[0], 0, NULL);
    return replace_field(l, v, t, OPTIONAL_VALUE, lower_endif(l, &branch, escaped, nothing));
}

ValueId lower_escape(Lower *l, ValueId v, const Type *t) {
    if (!type_is_managed(t)) return v;
    if (t->kind == TYPE_ARRAY || t->kind == TYPE_RECORD)
        return escape_borrowed(l, v, t, ARRAY_OWNER, ARRAY_PARENT, ARRAY_DATA);
    if (t->kind == TYPE_STR || t->kind == TYPE_BYTES)
        return escape_borrowed(l, v, t, STR_OWNER, STR_PARENT, STR_DATA);
    if (t->kind == TYPE_RNG) return escape_borrowed(l, v, t, RNG_OWNER, RNG_OBJECT, RNG_SOURCE);
    if (t->kind == TYPE_OPTIONAL) return escape_optional(l, v, t);
    if (type_is_block(t)) {
        lower_incref(l, v);
        return v;
    }
    ValueId *field = arena_array(&l->unit->arena, ValueId, t->nfields);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < t->nfields; i++) {
        field[i] = lower_escape(l, lower_field(l, v, i), t->field[i]);
        if (!type_is_managed(t->field[i])) continue;
        lower_cleanup_push(l, field[i]); /* if a later field finds no memory */
        kept++;
    }
    lower_cleanup_pop(l, kept);
    return ir_make(&l->b, t, t->nfields, field);
}

static bool holds_closure(const Type *t) {
    bool found = t->kind == TYPE_CLOSURE || t->kind == TYPE_CHOICE;
    for (uint32_t i = 0; i < t->nfields && !found; i++) found = holds_closure(t->field[i]);
    return found;
}

ValueId lower_kept_captures(Lower *l, ValueId v, const Type *t) {
    if (!type_is_managed(t) || !holds_closure(t)) return v;
    lower_cleanup_push(l, v);
    ValueId kept = lower_escape(l, v, t);
    lower_cleanup_pop(l, 1);
    lower_decref(l, v);
    return kept;
}
