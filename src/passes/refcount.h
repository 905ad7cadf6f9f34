/* passes/refcount.h - private to the pass `refcount`. */
#ifndef NAJA_PASSES_REFCOUNT_H
#define NAJA_PASSES_REFCOUNT_H

#include "passes/pipeline.h"

/* Whether every path through the function gives up each reference once: follows the counts symbolically.  `owned`
 * is by bit of `live`, which was computed when the function had `ninst` instructions.  Adds a line to `why`. */
bool refcount_balanced(const Func *f, const Liveness *live, const bool *owned, uint32_t ninst, StrBuf *why);

#endif
