/* callables.c - callable(), the name of getattr(), literal_unroll, and the parts of a slice. */
#include "library/lower.h"

/* ---- callable ------------------------------------------------------------------------------------------------- */

static const Type *type_callable(Call *c) {
    TypeKind kind = c->type[0]->kind;
    if (kind == TYPE_PYOBJECT || kind == TYPE_OPTIONAL) return call_decline(c);
    return type_literal_bool(kind == TYPE_FUNCTION || kind == TYPE_CLOSURE || kind == TYPE_METHOD ||
                             kind == TYPE_CHOICE || kind == TYPE_DTYPE || kind == TYPE_CFUNCTION);
}

static ValueId emit_known(Lower *l, Call *c) {
    (void)l, (void)c;
    return NO_VALUE;
}

/* ---- getattr: infer/ makes an attribute of it when the name is known and there is one --------------------------- */

static const Type *type_getattr(Call *c) {
    if (call_literal_str(c, 1)) return call_decline(c);
    return call_error(c, DIAG_NOT_CONSTANT,
                      "getattr(): argument 'name' must be a literal string, known at compile time");
}

/* ---- one of several functions: which one, and that one ---------------------------------------------------------- */

static const Type *type_choice_index(Call *c) {
    return c->type[0]->kind == TYPE_CHOICE ? type_i64 : call_decline(c);
}

static ValueId emit_choice_index(Lower *l, Call *c) { return lower_field(l, c->value[0], CHOICE_INDEX); }

static const Type *type_choice_item(Call *c) {
    int64_t k;
    if (c->type[0]->kind != TYPE_CHOICE || !call_literal_int(c, 1, &k)) return call_decline(c);
    return c->type[0]->elem[k];
}

static ValueId emit_choice_item(Lower *l, Call *c) {
    int64_t k = 0;
    call_literal_int(c, 1, &k);
    if (!c->result->nleaves) return NO_VALUE;
    ValueId v = lower_field(l, c->value[0], CHOICE_FUNCTION + (uint32_t)k);
    if (type_is_managed(c->result)) ir_emit(&l->b, OP_incref, NULL, v);
    return v;
}

/* ---- literal_unroll(x) is x ------------------------------------------------------------------------------------ */

static const Type *type_itself(Call *c) { return c->type[0]; }

static ValueId emit_itself(Lower *l, Call *c) {
    if (type_is_managed(c->result)) ir_emit(&l->b, OP_incref, NULL, c->value[0]);
    return c->result->nleaves ? c->value[0] : NO_VALUE;
}

/* ---- s.start, s.stop, s.step: None where the slice has none ----------------------------------------------------- */

typedef struct {
    uint32_t field, flag;
} SlicePart;
static const SlicePart start = {SLICE_START, SLICE_HAS_START}, stop = {SLICE_STOP, SLICE_HAS_STOP},
                       step = {SLICE_STEP, SLICE_HAS_STEP};

static const Type *type_slice_part(Call *c) {
    const Type *t = c->type[0];
    if (t->kind != TYPE_SLICE) return call_decline(c);
    if (t->flags & TYPE_SLICE_FULL) return type_none;
    return type_optional(type_i64);
}

static ValueId emit_slice_part(Lower *l, Call *c) {
    const SlicePart *part = c->row->data;
    if (c->result->kind == TYPE_NONE) return ir_none(&l->b);
    ValueId flags = lower_field(l, c->value[0], SLICE_FLAGS);
    ValueId given = lower_bin(l, OP_iand, flags, lower_int(l, lower_type(l, flags), part->flag));
    ValueId has = ir_icmp(&l->b, PRED_NE, given, lower_int(l, lower_type(l, flags), 0));
    return lower_make2(l, c->result, has, lower_field(l, c->value[0], part->field));
}

// clang-format off
static const LibRow rows[] = {
    {"builtins.callable", "obj, /", type_callable, emit_known, NULL, 1, LIB_PURE | LIB_NO_RAISE},
    {"builtins.getattr", "object, name, default=None, /", type_getattr, emit_known, NULL, 1, LIB_PURE},
    {"naja.library.low.choice_index", "choice, /", type_choice_index, emit_choice_index, NULL, 1, LIB_PURE | LIB_NO_RAISE},
    {"naja.library.low.choice_item", "choice, k, /", type_choice_item, emit_choice_item, NULL, 1,
     LIB_PURE | LIB_NO_RAISE | LIB_BORROWS},
    {"naja.special.literally", "value, /", type_itself, emit_itself, NULL, 1, LIB_BORROWS | LIB_NO_RAISE},
    {"naja.special.literal_unroll", "container, /", type_itself, emit_itself, NULL, 1, LIB_BORROWS | LIB_NO_RAISE},
    {"slice.start@", "self", type_slice_part, emit_slice_part, &start, 1, LIB_PURE | LIB_NO_RAISE},
    {"slice.stop@", "self", type_slice_part, emit_slice_part, &stop, 1, LIB_PURE | LIB_NO_RAISE},
    {"slice.step@", "self", type_slice_part, emit_slice_part, &step, 1, LIB_PURE | LIB_NO_RAISE},
};
// clang-format on

const LibTable library_callables_table = {"callables", rows, ARRAY_LEN(rows)};
