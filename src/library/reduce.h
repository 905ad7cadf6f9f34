/* library/reduce.h - private to library/: what reductions take over from maps. */
#ifndef NAJA_LIBRARY_REDUCE_H
#define NAJA_LIBRARY_REDUCE_H

#include "library/arrays.h"

/* A map instruction whose sink is a reduction; gives the reduction's result. */
ValueId reduce_emit_map(Lower *l, Call *c, const MapBody *body, const MapInput *input);

#endif
