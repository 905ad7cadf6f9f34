/* library/tables.h - the list of all tables of rows, for library.c. */
#ifndef NAJA_LIBRARY_TABLES_H
#define NAJA_LIBRARY_TABLES_H

#include "library/library.h"

extern const LibTable *const library_tables[];
extern const uint32_t library_ntables;

/* signature.c: parses row->params; NULL: the text is malformed (a bug in the table). */
const Signature *signature_parse(Arena *a, const LibRow *row);

#endif
