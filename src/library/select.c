/* select.c - choosing between composite values, and operators applied inside emitters. */
#include "library/select.h"

#include "runtime/abi.h"

ValueId select_value(Lower *l, ValueId cond, ValueId x, ValueId y, const Type *t) {
    if (x == y || t->nleaves == 0) return x;
    if (t->nfields == 0) return lower_select(l, cond, x, y);
    ValueId *field = arena_array(&l->unit->arena, ValueId, t->nfields);
    for (uint32_t i = 0; i < t->nfields; i++)
        field[i] = select_value(l, cond, lower_field(l, x, i), lower_field(l, y, i), t->field[i]);
    return ir_make(&l->b, t, t->nfields, field);
}

enum { SELECT_LEAVES = 32 }; /* beyond, a table in memory is shorter than the comparisons */

ValueId select_nth(Lower *l, ValueId index, uint32_t n, const ValueId *value, const Type *t) {
    if (t->nleaves == 0) return value[0];
    if (n * t->nleaves <= SELECT_LEAVES) {
        ValueId v = value[n - 1];
        for (uint32_t i = n - 1; i-- > 0;)
            v = select_value(l, ir_icmp(&l->b, PRED_EQ, index, lower_i64(l, i)), value[i], v, t);
        return v;
    }
    int64_t nbytes = (int64_t)(t->nleaves * sizeof(Slot));
    ValueId table = lower_alloca(l, (size_t)nbytes * n);
    for (uint32_t i = 0; i < n; i++)
        lower_store_slots(l, ir_ptr_add(&l->b, table, lower_i64(l, nbytes * i)), value[i], t);
    ValueId offset = lower_bin(l, OP_imul, index, lower_i64(l, nbytes));
    return lower_load_slots(l, ir_ptr_add(&l->b, table, offset), t);
}

/* ---- operators ----------------------------------------------------------------------------------------- */

static const LibRow *find_row(Call *like, Operator op, const Type **type, const Type **result) {
    char name[40] = "operator.";
    uint32_t n;
    strcat(name, operator_info[op].function);
    const LibRow *const *row = library_rows(name, &n);
    for (uint32_t i = 0; i < n; i++) {
        Call c = {.unit = like->unit,
                  .func = like->func,
                  .span = like->span,
                  .row = row[i],
                  .nargs = 2,
                  .type = type,
                  .site = like->site,
                  .infer = like->infer};
        if ((*result = row[i]->type(&c)) != NULL) return row[i];
    }
    return NULL;
}

/* Rules may know numbers but not literals: ask for what those widen to. */
static const Type *operand_type(const Type *t) { return library_widen(t); }

const Type *operator_type(Call *c, Operator op, const Type *x, const Type *y) {
    const Type *type[2] = {operand_type(x), operand_type(y)}, *result = NULL;
    find_row(c, op, type, &result);
    return result;
}

ValueId operator_emit(Lower *l, const Call *c, Operator op, ValueId x, const Type *tx, ValueId y,
                      const Type *ty) {
    const Type *type[2] = {operand_type(tx), operand_type(ty)}, *result = NULL;
    ValueId value[2] = {lower_cast(l, x, tx, type[0]), lower_cast(l, y, ty, type[1])};
    Call asked = *c;
    const LibRow *row = find_row(&asked, op, type, &result);
    Call inner = {.unit = c->unit,
                  .func = c->func,
                  .span = c->span,
                  .row = row,
                  .nargs = 2,
                  .type = type,
                  .value = value,
                  .result = result,
                  .site = c->site};
    const Call *outer = l->call;
    l->call = &inner;
    ValueId v = row->emit(l, &inner);
    l->call = outer;
    return lower_cast(l, v == NO_VALUE ? lower_empty(l, result) : v, result, library_widen(result));
}

const Type *tuple_item_type(const Type *t) {
    const Type *item = NULL;
    for (uint32_t i = 0; i < t->nelem; i++) {
        const Type *wide = library_widen(t->elem[i]);
        item = item ? type_unify(item, wide) : wide;
        if (!item) return NULL;
    }
    return item;
}
