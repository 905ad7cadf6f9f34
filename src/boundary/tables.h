/* boundary/tables.h - sets and dicts in compiled code's memory (runtime/table.c), searched and filled from here: hashes and
 * equality of keys agree with those of compiled code (library/hashtables.c, naja/library/tables.py). */
#ifndef NAJA_BOUNDARY_TABLES_H
#define NAJA_BOUNDARY_TABLES_H

#include "boundary/state.h"
#include "runtime/runtime.h"

/* The object is not made anew for Python, but shared with it: a typed.Set, or any dict that is no Python one. */
static inline bool table_is_typed(const Type *t) {
    return t->kind == TYPE_SET ? t->flags & TYPE_TABLE_TYPED : !(t->flags & TYPE_TABLE_REFLECTED);
}

/* An empty table of a set or dict type; NULL with MemoryError. */
MemoryBlock *table_new(const Type *t, int64_t capacity);
int64_t table_hash_cell(const Type *key, const char *cell);
/* The entry of a key, or -1. */
int64_t table_find(const Type *key, const TableBody *b, const char *cell, int64_t hash);
static inline char *table_entry(const TableBody *b, int64_t i) { return b->entries + i * b->entry_nbytes; }

#endif
