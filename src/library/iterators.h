/* library/iterators.h - the state of a for loop, for emitters that loop themselves; private to library/. */
#ifndef NAJA_LIBRARY_ITERATORS_H
#define NAJA_LIBRARY_ITERATORS_H

#include "library/library.h"

/* The state's type for a container; NULL: it cannot be iterated (possibly with an error reported). */
const Type *iterator_state_type(Call *c, const Type *container);
const Type *iterator_item_type(Call *c, const Type *state);
ValueId iterator_begin(Lower *l, ValueId container, const Type *from, const Type *state);
ValueId iterator_valid(Lower *l, ValueId v, const Type *state);
ValueId iterator_value(Lower *l, ValueId v, const Type *state, const Type *item);
ValueId iterator_next(Lower *l, ValueId v, const Type *state);

/* Asking this state for an item runs code of the program, which may raise: a generator. */
bool iterator_runs_code(const Type *state);

#endif
