/* strdicts.c - dicts whose keys are known at compile time (STRDICT): their length, keys, values and items.
 *
 * Keys are literal strings, so what is asked with a constant key is answered while compiling: d["a"] is an item of a
 * composite value (infer/operators.c).  keys(), values() and items() are tuples, over which loops can be unrolled.  What
 * asks with a string that is known at run time only is written in Python (naja/library/strdicts.py).
 */
#include "library/lower.h"

enum { KEYS, VALUES, ITEMS };

static bool is_strdict(const Call *c) { return c->type[0] && c->type[0]->kind == TYPE_STRDICT; }

static const Type *type_len(Call *c) {
    return is_strdict(c) ? type_literal_int(c->type[0]->nelem / 2) : call_decline(c);
}

static ValueId emit_nothing(Lower *l, Call *c) {
    (void)l, (void)c;
    return NO_VALUE;
}

/* d[key] for a constant key; `in` is decided. */
static const Type *type_contains(Call *c) {
    bool swapped = c->type[1] && c->type[1]->kind == TYPE_STRDICT; /* key in dict: the item comes first */
    const Type *dict = c->type[swapped], *key = c->type[!swapped];
    if (!dict || dict->kind != TYPE_STRDICT || !key || key->kind != TYPE_LITERAL || !key->text)
        return call_decline(c);
    bool found = false;
    for (uint32_t i = 0; i < dict->nelem; i += 2) found |= !strcmp(dict->elem[i]->text, key->text);
    return type_literal_bool(found == !c->row->data);
}

static const Type *pair_type(const Type *dict, uint32_t i) {
    return type_tuple(2, (const Type *const[]){dict->elem[2 * i], dict->elem[2 * i + 1]});
}

static const Type *type_view(Call *c) {
    if (!is_strdict(c)) return call_decline(c);
    const Type *dict = c->type[0];
    uint32_t n = dict->nelem / 2, what = (uint32_t)(uintptr_t)c->row->data;
    const Type *elem[n + 1];
    for (uint32_t i = 0; i < n; i++)
        elem[i] = what == ITEMS ? pair_type(dict, i) : dict->elem[2 * i + (what == VALUES)];
    return type_tuple(n, elem);
}

static ValueId part(Lower *l, Call *c, uint32_t i) {
    const Type *t = c->type[0]->elem[i];
    return t->nleaves ? lower_field(l, c->value[0], i) : lower_empty(l, t);
}

static ValueId emit_view(Lower *l, Call *c) {
    uint32_t n = c->result->nelem, what = (uint32_t)(uintptr_t)c->row->data;
    if (!c->result->nleaves) return NO_VALUE;
    ValueId value[n + 1];
    for (uint32_t i = 0; i < n; i++) {
        if (what != ITEMS) {
            value[i] = part(l, c, 2 * i + (what == VALUES));
            continue;
        }
        ValueId pair[2] = {part(l, c, 2 * i), part(l, c, 2 * i + 1)};
        value[i] = c->result->elem[i]->nleaves ? ir_make(&l->b, c->result->elem[i], 2, pair)
                                               : lower_empty(l, c->result->elem[i]);
    }
    ValueId tuple = ir_make(&l->b, c->result, n, value);
    if (type_is_managed(c->result)) ir_emit(&l->b, OP_incref, NULL, tuple);
    return tuple;
}

#define VIEW(name, what) \
    {"dict." name, "d", type_view, emit_view, (const void *)(uintptr_t)(what), 1, LIB_PURE | LIB_BORROWS}

static const LibRow rows[] = {
    {"naja.library.low.strdict", "*items", call_decline, emit_nothing, NULL, 1,
     0}, /* known to infer/strdicts.c */
    {"builtins.len", "obj, /", type_len, emit_nothing, NULL, 1, LIB_PURE},
    {"operator.contains", "a, b", type_contains, emit_nothing, NULL, 1, LIB_PURE},
    {"operator.not_contains", "a, b", type_contains, emit_nothing, (const void *)1, 1, LIB_PURE},
    VIEW("keys", KEYS),
    VIEW("values", VALUES),
    VIEW("items", ITEMS),
};

const LibTable library_strdicts_table = {"strdicts", rows, ARRAY_LEN(rows)};
