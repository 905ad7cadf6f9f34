/* library/select.h - choosing between composite values, and operators inside emitters; private to library/. */
#ifndef NAJA_LIBRARY_SELECT_H
#define NAJA_LIBRARY_SELECT_H

#include "library/lower.h"

/* cond ? x : y for values of any type, field by field; no reference is counted. */
ValueId select_value(Lower *l, ValueId cond, ValueId x, ValueId y, const Type *t);

/* The value number `index` of n values of one type; index is in range. */
ValueId select_nth(Lower *l, ValueId index, uint32_t n, const ValueId *value, const Type *t);

/* An operator on values of other types than the call's own: its result type, or NULL. */
const Type *operator_type(Call *c, Operator op, const Type *x, const Type *y);
/* The same, emitted; operator_type has given a type. */
ValueId operator_emit(Lower *l, const Call *c, Operator op, ValueId x, const Type *tx, ValueId y, const Type *ty);

#endif
