/* library/cells.h - values in the memory of containers ("Heap values" in docs/architecture.md); private to library/.
 *
 * A cell holds one value: a number as in an array (its natural size, a bool is one byte), anything else as its leaves in
 * 8-byte slots, a value without leaves in no bytes at all (type_cell_nbytes).  The managed map says which slots hold
 * MemoryBlocks, for the runtime functions that retain and release cells they know nothing else of.
 */
#ifndef NAJA_LIBRARY_CELLS_H
#define NAJA_LIBRARY_CELLS_H

#include "library/library.h"

ValueId cell_load(Lower *l, const Type *t, ValueId address);     /* borrowed: the cell keeps its reference */
ValueId cell_load_new(Lower *l, const Type *t, ValueId address); /* a new reference */
/* Overwrites the cell; it takes over the value's reference. */
void cell_store(Lower *l, const Type *t, ValueId address, ValueId value);

/* A new reference to the value for a place that may outlive the call: what is borrowed from Python (an array or
 * string without an owner) gets an owner first, a MemoryBlock that keeps the Python object alive. */
ValueId lower_escape(Lower *l, ValueId value, const Type *t);

/* Fields of the body of a heap value. */
ValueId body_load(Lower *l, ValueId block, size_t offset, const Type *t);
void body_store(Lower *l, ValueId block, size_t offset, ValueId value);
ValueId body_address(Lower *l, ValueId block, size_t offset);

#endif
