/* library/records.h - private to library/: elements of arrays that are no numbers. */
#ifndef NAJA_LIBRARY_RECORDS_H
#define NAJA_LIBRARY_RECORDS_H

#include "library/arrays.h"

bool is_storage_array(const Type *t); /* an array of records or strings */
/* The type of an element as a value, and the element at an address; `container` is the array. */
const Type *array_item_type(const Type *array);
ValueId array_item_load(Lower *l, const Type *array, ValueId container, ValueId address);
/* dst[...] = array, of the same element type and number of axes; they may overlap. */
void storage_assign(Lower *l, const View *dst, ValueId array, const Type *t);
/* A bytes value as the str of the characters with its codes, and back; no reference is counted. */
ValueId bytes_as_text(Lower *l, ValueId bytes);
ValueId text_as_bytes(Lower *l, ValueId text, const Type *bytes);

#endif
