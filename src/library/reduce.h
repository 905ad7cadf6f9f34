/* library/reduce.h - private to library/: what reductions take over from maps. */
#ifndef NAJA_LIBRARY_REDUCE_H
#define NAJA_LIBRARY_REDUCE_H

#include "library/arrays.h"

/* ORDER REDUCTION: as in runtime/arrays.h. */
typedef enum { REDUCE_SUM, REDUCE_PROD, REDUCE_MIN, REDUCE_MAX, REDUCE_ANY, REDUCE_ALL, REDUCE_COUNT_NONZERO, REDUCE_MEAN,
               REDUCE_VAR, REDUCE_STD } Reduction;

/* All elements of a view of type bool reduced to one value of this type. */
ValueId reduce_bools(Lower *l, Reduction op, const View *v, const Type *result);

/* A map instruction whose sink is a reduction; gives the reduction's result. */
ValueId reduce_emit_map(Lower *l, Call *c, const MapBody *body, const MapInput *input);

#endif
