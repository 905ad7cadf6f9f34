/* library/lists.h - lists, for the emitters of other tables; private to library/.
 * Lists are given as lowered values of LIST type; `t` is that type, its element type known. */
#ifndef NAJA_LIBRARY_LISTS_H
#define NAJA_LIBRARY_LISTS_H

#include "library/library.h"

ValueId list_length(Lower *l, ValueId list);
ValueId list_cell(Lower *l, ValueId list, const Type *t, ValueId index); /* address; index in range */
ValueId list_new(Lower *l, const Type *t, ValueId capacity); /* empty, a new reference; MemoryError */
void list_set_length(Lower *l, ValueId list, ValueId n);
void list_push(Lower *l, ValueId list, const Type *t, ValueId value); /* takes over the value's reference */

#endif
