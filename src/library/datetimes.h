/* library/datetimes.h - datetime64 and timedelta64 in lowered IR; private to library/. */
#ifndef NAJA_LIBRARY_DATETIMES_H
#define NAJA_LIBRARY_DATETIMES_H

#include "library/lower.h"

/* Conversion where at least one of the types is a time. */
ValueId time_cast(Lower *l, ValueId v, const Type *from, const Type *to);
/* Whether NumPy converts an array of one to the other, where a time is among them; true where none is. */
bool time_can_cast(const Type *from, const Type *to);
/* The int64 of a time. */
ValueId time_ticks(Lower *l, ValueId v);
ValueId time_is_nat(Lower *l, ValueId v);
ValueId time_less(Lower *l, Predicate p, ValueId x, ValueId y); /* false where one is NaT */

/* NumPy's resolution of a ufunc with a time among its operands.  `compute` becomes a tuple with a type for each
 * operand; false: not defined. */
bool time_ufunc_types(const Ufunc *u, const Type *const *operand, const Type **compute, const Type **result);
ValueId time_ufunc_emit(Lower *l, const Ufunc *u, const Type *compute, const ValueId *args);

#endif
