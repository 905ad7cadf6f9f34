/* mutables.c - the fields of dataclasses that compiled code assigns ("Shared instances" in docs/architecture.md).
 *
 * A shared instance is a NAMEDTUPLE of a companion class (naja/library/mutables.py) whose one item is a list with one item,
 * the fields: a NAMEDTUPLE of the program's class.  The types of fields widen as those of a list's items do, by refining
 * the display that the constructor made.
 */
#include "library/arrays.h"
#include "library/cells.h"
#include "library/lists.h"
#include "library/lower.h"

const Type *library_shared_fields(const Type *t) {
    const Type *list = t->kind == TYPE_NAMEDTUPLE && t->nelem == 1 ? t->elem[0] : NULL;
    if (!list || list->kind != TYPE_LIST || !object_attribute(t->handle, "_naja_of")) return NULL;
    return list->elem[0]->kind == TYPE_NAMEDTUPLE ? list->elem[0] : NULL;
}

int32_t library_shared_field(const Type *fields, const char *name) {
    for (uint32_t i = 0; i < fields->nelem; i++) {
        const char *field = object_field(fields->handle, i);
        if (field && !strcmp(field, name)) return (int32_t)i;
    }
    return -1;
}

const Type *library_shared_with(const Type *t, uint32_t i, const Type *field) {
    const Type *fields = library_shared_fields(t), *elem[fields->nelem + 1];
    memcpy(elem, fields->elem, fields->nelem * sizeof *elem);
    elem[i] = field;
    const Type *list = type_list(type_namedtuple(fields->handle, fields->nelem, elem), t->elem[0]->flags);
    return type_namedtuple(t->handle, 1, &list);
}

bool library_hashes_itself(const Type *t) {
    if (t->kind == TYPE_INSTANCE || library_shared_fields(t)) return true;
    return library_is_object(t) &&
           (object_overrides(t->handle, "__hash__") || object_overrides(t->handle, "__eq__"));
}

bool library_is_hashable(const Type *t) { return type_is_hashable(t) || library_hashes_itself(t); }

bool library_holds_container(const Type *t) {
    if (type_is_container(t)) return true;
    bool found = false;
    for (uint32_t i = 0; (type_is_tuple(t) || t->kind == TYPE_OPTIONAL) && i < t->nelem && !found; i++)
        found = library_holds_container(t->elem[i]);
    return found;
}

/* Where field i lies in the cell of the list. */
static ValueId field_address(Lower *l, ValueId instance, const Type *t, uint32_t i) {
    const Type *fields = library_shared_fields(t);
    int64_t slot = 0;
    for (uint32_t k = 0; k < i; k++) slot += fields->elem[k]->nleaves;
    ValueId list = lower_field(l, instance, 0);
    return ir_ptr_add(&l->b, list_cell(l, list, t->elem[0], lower_i64(l, 0)), lower_i64(l, 8 * slot));
}

static int32_t field_of(const Call *c) {
    const Type *fields = library_shared_fields(c->type[0]);
    return fields ? library_shared_field(fields, c->site->imm.name) : -1;
}

static const Type *type_get(Call *c) {
    int32_t i = field_of(c);
    if (i < 0) return call_decline(c);
    const Type *t = library_shared_fields(c->type[0])->elem[i];
    return t->kind == TYPE_UNDEFINED ? call_wait(c) : t;
}

static ValueId emit_get(Lower *l, Call *c) {
    if (!c->result->nleaves) return NO_VALUE;
    ValueId address = field_address(l, c->value[0], c->type[0], (uint32_t)field_of(c));
    ValueId v = lower_load_slots(l, address, c->result);
    lower_incref_part(l, v);
    return v;
}

/* The field's type with what is assigned to it; NULL: they have none in common. */
static const Type *met(const Type *field, const Type *value) {
    return field->kind == TYPE_UNDEFINED ? value : type_unify(field, value);
}

static const Type *type_assign(Call *c) {
    int32_t i = field_of(c);
    if (i < 0) return call_decline(c);
    const Type *to = library_shared_fields(c->type[0])->elem[i], *from = type_stored(c->type[1]);
    const Type *both = met(to, from);
    if (both && both != to && call_refine(c, 0, library_shared_with(c->type[0], (uint32_t)i, both)))
        return call_wait(c);
    if (from != to && library_holds_container(from) && call_refine(c, 1, to)) return call_wait(c);
    if (from == to || type_can_convert(from, to) >= CONVERT_SAFE) return type_none;
    return call_error(c, DIAG_NO_IMPLEMENTATION,
                      "cannot assign %s to the field '%s', which is %s in the instance that was passed in: "
                      "annotate it in the class, or pass an instance that has such a value",
                      from->name, c->site->imm.name, to->name);
}

static ValueId emit_set(Lower *l, Call *c) {
    uint32_t i = (uint32_t)field_of(c);
    const Type *t = library_shared_fields(c->type[0])->elem[i];
    if (!t->nleaves) return NO_VALUE;
    ValueId v = lower_escape(l, lower_cast(l, c->value[1], c->type[1], t), t);
    ValueId address = field_address(l, c->value[0], c->type[0], i);
    ValueId old = type_is_managed(t) ? lower_load_slots(l, address, t) : NO_VALUE;
    lower_store_slots(l, address, v, t);
    if (old != NO_VALUE) lower_decref(l, old);
    return NO_VALUE;
}

static bool is_shared_or_none(const Type *t) {
    return library_shared_fields(t->kind == TYPE_OPTIONAL ? t->elem[0] : t) != NULL;
}

static const Type *type_same(Call *c) {
    return is_shared_or_none(c->type[0]) && is_shared_or_none(c->type[1]) ? type_bool : call_decline(c);
}

/* None is the null address. */
static ValueId block_of(Lower *l, const Call *c, uint32_t i) {
    bool optional = c->type[i]->kind == TYPE_OPTIONAL;
    ValueId v = optional ? lower_field(l, c->value[i], OPTIONAL_VALUE) : c->value[i];
    v = lower_un(l, OP_cast, type_ptr, lower_field(l, v, 0));
    return optional ? lower_select(l, lower_field(l, c->value[i], OPTIONAL_HAS), v, lower_null(l)) : v;
}

static ValueId emit_same(Lower *l, Call *c) {
    return ir_icmp(&l->b, c->row->data ? PRED_NE : PRED_EQ, block_of(l, c, 0), block_of(l, c, 1));
}

/* What makes it itself, as a number. */
static const Type *type_address(Call *c) {
    const Type *t = c->type[0];
    return t->kind == TYPE_INSTANCE || library_shared_fields(t) ? type_i64 : call_decline(c);
}

static ValueId emit_address(Lower *l, Call *c) {
    ValueId place = lower_alloca(l, sizeof(void *));
    bool shared = c->type[0]->kind != TYPE_INSTANCE;
    ir_store(&l->b, place, shared ? block_of(l, c, 0) : lower_un(l, OP_cast, type_ptr, c->value[0]));
    return ir_load(&l->b, type_i64, place);
}

#define NEGATED (const void *)1

// clang-format off
static const LibRow rows[] = {
    {"shared.@", "self", type_get, emit_get, NULL, 1, LIB_NO_RAISE},
    {"naja.library.low.instance_address", "self, /", type_address, emit_address, NULL, 1, LIB_NO_RAISE},
    {"shared.@=", "self, value", type_assign, emit_set, NULL, 1, 0},
    {"operator.is_", "a, b, /", type_same, emit_same, NULL, 1, LIB_NO_RAISE},
    {"operator.is_not", "a, b, /", type_same, emit_same, NEGATED, 1, LIB_NO_RAISE},
};
// clang-format on

const LibTable library_mutables_table = {"mutables", rows, ARRAY_LEN(rows)};
