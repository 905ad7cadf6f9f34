/* library/maploop.h - one elementwise expression being lowered; private to maploop.c and mapparallel.c. */
#ifndef NAJA_MAPLOOP_H
#define NAJA_MAPLOOP_H

#include "library/arrays.h"

/* One map being lowered. */
struct MapLoop {
    Lower *l;
    const MapBody *body;
    uint32_t n; /* operands */
    const MapInput *input;
    View *view;         /* by operand; ndim 0: a scalar */
    ValueId *scalar;    /* by operand: its value when it has no axes */
    ValueId *temporary; /* by operand: array to release afterwards, or NO_VALUE */
    View dst;
};

bool map_is_leaf(const MapBody *body, uint32_t operand);
/* Computes the expression of the elements at these addresses, and stores it. */
void map_store_result(MapLoop *m, const ValueId *address, ValueId to);
/* Of element number `index` of each operand, when all are contiguous and of one shape. */
void map_element_addresses(MapLoop *m, ValueId index, ValueId *address);
/* The loop nest over rows of the destination; where `flat` holds it is one row (NO_VALUE: it never is). */
void map_row_nest(MapLoop *m, ValueId flat);

/* mapparallel.c */
ValueId map_is_long(MapLoop *m); /* are there so many elements that they are divided? */
void map_parallel_flat(MapLoop *m);
void map_parallel_nest(MapLoop *m);

#endif
