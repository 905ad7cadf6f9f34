/* instances.c - instances of jitclasses and structrefs: making them, reading and writing their members.
 *
 * Members lie where types/instances.c puts them.  A new instance is all zeros, so a member that holds a heap value or a
 * string may be read before it was assigned: that is an AttributeError.  Methods, properties and operators are calls of
 * Python functions, which infer/ finds in the class.
 */
#include "library/arrays.h"
#include "library/cells.h"
#include "library/lower.h"
#include "runtime/abi.h"

static const Type *instance_at(const Call *c, uint32_t i) {
    return c->type[i] && c->type[i]->kind == TYPE_INSTANCE ? c->type[i] : NULL;
}

/* ---- making ---------------------------------------------------------------------------------------------------- */

static const Type *type_new(Call *c) {
    const Type *t = c->type[0]->kind == TYPE_DTYPE ? c->type[0]->elem[0] : NULL;
    if (!t || t->kind != TYPE_INSTANCE) return call_decline(c);
    if (!type_layout(t))
        return call_error(c, DIAG_NO_IMPLEMENTATION, "the members of %s are not defined yet", t->name);
    return t;
}

static ValueId emit_new(Lower *l, Call *c) {
    const InstanceLayout *layout = type_layout(c->result);
    ValueId arg[] = {lower_i64(l, layout->nbytes), lower_i64(l, layout->nmaps)};
    ValueId block = ir_native(&l->b, NATIVE_instance_new, type_ptr, ARRAY_LEN(arg), arg);
    lower_check_memory(l, block);
    for (uint32_t w = 0; w < layout->nmaps; w++)
        body_store(l, block, (size_t)layout->nbytes + 8 * w, lower_i64(l, (int64_t)layout->map[w]));
    return lower_un(l, OP_cast, c->result, block);
}

static const Type *type_init_result(Call *c) {
    if (c->type[0]->kind == TYPE_NONE) return type_none;
    return call_error(c, DIAG_RETURN_TYPE, "__init__() should return None, not %s",
                      type_base(c->type[0])->name);
}

static ValueId emit_nothing(Lower *l, Call *c) {
    (void)l, (void)c;
    return NO_VALUE;
}

/* ---- reading --------------------------------------------------------------------------------------------------- */

static bool may_be_missing(const Type *t) {
    if (type_is_block(t) || t->kind == TYPE_STR) return true;
    for (uint32_t i = 0; type_is_tuple(t) && i < t->nelem; i++)
        if (may_be_missing(t->elem[i])) return true;
    return false;
}

/* Whether a member has been assigned: its first heap value is not null, its first string has a kind. */
static ValueId is_missing(Lower *l, ValueId v, const Type *t) {
    if (type_is_block(t)) return ir_icmp(&l->b, PRED_EQ, lower_un(l, OP_cast, type_ptr, v), lower_null(l));
    if (t->kind == TYPE_STR)
        return ir_icmp(&l->b, PRED_EQ, lower_field(l, v, STR_KIND), lower_int(l, type_i32, 0));
    uint32_t i = 0;
    while (!may_be_missing(t->elem[i])) i++;
    return is_missing(l, lower_field(l, v, i), t->elem[i]);
}

static const Type *type_get(Call *c) {
    const Member *m = instance_at(c, 0) ? type_member(c->type[0], c->site->imm.name) : NULL;
    bool checked = c->row->data != NULL;
    return m && may_be_missing(m->type) == checked ? m->type : call_decline(c);
}

static ValueId emit_get(Lower *l, Call *c) {
    const Member *m = type_member(c->type[0], c->site->imm.name);
    ValueId v = cell_load(l, m->type, body_address(l, c->value[0], (size_t)m->offset));
    if (c->row->data) {
        const char *message = arena_printf(&l->unit->arena, "attribute '%s' is read before it is assigned",
                                           m->name);
        lower_raise_if(l, is_missing(l, v, m->type), "AttributeError", message, 0, NULL);
    }
    if (!m->type->nleaves) return NO_VALUE;
    lower_incref_part(l, v);
    return v;
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

static const Type *type_set_member(Call *c) {
    const Member *m = instance_at(c, 0) ? type_member(c->type[0], c->site->imm.name) : NULL;
    if (!m) return call_decline(c);
    const Type *from = type_stored(c->type[1]), *to = m->type;
    const Type *list = to->kind == TYPE_OPTIONAL ? to->elem[0] : to;
    if (from != to && type_is_container(from) && from->kind == list->kind && call_refine(c, 1, list))
        return call_wait(c); /* `self.items = []` */
    if (type_can_convert(from, to) != CONVERT_NO) return type_none;
    return call_error(c, DIAG_NO_IMPLEMENTATION, "Cannot cast %s to %s: attribute '%s' of %s", from->name,
                      to->name, m->name, c->type[0]->name);
}

static ValueId emit_set(Lower *l, Call *c) {
    const Member *m = type_member(c->type[0], c->site->imm.name);
    const Type *t = m->type;
    ValueId v = lower_escape(l, lower_cast(l, c->value[1], c->type[1], t), t);
    ValueId address = body_address(l, c->value[0], (size_t)m->offset);
    ValueId old = type_is_managed(t) ? cell_load(l, t, address) : NO_VALUE;
    cell_store(l, t, address, v);
    if (old != NO_VALUE) lower_decref(l, old);
    return NO_VALUE;
}

#define LOW "naja.library.low."
#define CHECKED (const void *)1

// clang-format off
static const LibRow rows[] = {
    {LOW "instance_new", "type, /", type_new, emit_new, NULL, 1, 0},
    {LOW "check_init", "result, /", type_init_result, emit_nothing, NULL, 1, LIB_NO_RAISE},
    {"instance.@", "self", type_get, emit_get, NULL, 1, LIB_NO_RAISE | LIB_LENDS},
    {"instance.@", "self", type_get, emit_get, CHECKED, 1, LIB_LENDS},
    {"instance.@=", "self, value", type_set_member, emit_set, NULL, 1, 0},
};
// clang-format on

const LibTable library_instances_table = {"instances", rows, ARRAY_LEN(rows)};
