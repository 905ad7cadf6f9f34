/* library/hashtables.h - sets, dicts and their views, for the emitters of other tables; private to library/. */
#ifndef NAJA_LIBRARY_HASHTABLES_H
#define NAJA_LIBRARY_HASHTABLES_H

#include "library/library.h"

ValueId table_length(Lower *l, ValueId table);

/* Rows of iterators.c for SET, DICT and VIEW. */
const Type *table_state(Call *c, const Type *container);
const Type *table_item(Call *c, const Type *state);
ValueId table_begin(Lower *l, ValueId container, const Type *from, const Type *state);
ValueId table_valid(Lower *l, ValueId v, const Type *state);
ValueId table_value(Lower *l, ValueId v, const Type *state, const Type *item);
ValueId table_next(Lower *l, ValueId v, const Type *state);

#endif
