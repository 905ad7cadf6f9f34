/* tables.c - every table of library rows, in the order in which rows of one name are tried.
 * A new table file adds its declaration and its line here. */
#include "library/tables.h"

// clang-format off
#define TABLES(T)                                                                        \
    T(enums) T(mutables) T(stencils) T(scalars) T(conversions) T(mathlib) T(cmathlib) T(ufuncs) T(structs) T(tuples)      \
    T(strdicts) T(iterators) T(generators) T(folds) T(strings) T(bytes) T(records) T(arrays) T(index) T(fancy) T(gather)   \
    T(views) T(create) T(joins) T(maps) T(reduce) T(argreduce) T(matmul) T(threads)        \
    T(bridge) T(userufuncs) T(interpreter) T(sorting)                                                   \
    T(string_methods) T(string_formats) T(string_templates) T(printing) \
    T(checks) T(flat) T(lists) T(reinterpret) T(callables) \
    T(datetimes) T(random) T(instances) T(hashtables) T(pointers) T(privatise)
// clang-format on

#define T(name) extern const LibTable library_##name##_table;
TABLES(T)
#undef T

#define T(name) &library_##name##_table,
const LibTable *const library_tables[] = {TABLES(T)};
#undef T

const uint32_t library_ntables = ARRAY_LEN(library_tables);
