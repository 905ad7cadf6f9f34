/* library/flat.h - private to library/: loops over a.flat and np.ndindex, for the table in iterators.c. */
#ifndef NAJA_LIBRARY_FLAT_H
#define NAJA_LIBRARY_FLAT_H

#include "library/arrays.h"

const Type *flat_state(Call *c, const Type *flat);
const Type *flat_item(Call *c, const Type *state);
ValueId flat_begin(Lower *l, ValueId container, const Type *from, const Type *state);
ValueId flat_valid(Lower *l, ValueId v, const Type *state);
ValueId flat_value(Lower *l, ValueId v, const Type *state, const Type *item);
ValueId flat_next(Lower *l, ValueId v, const Type *state);

#endif
