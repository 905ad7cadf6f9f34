/* passes/recurrences.h - loops that leave a closed form; private to pass `polls`. */
#ifndef NAJA_PASSES_RECURRENCES_H
#define NAJA_PASSES_RECURRENCES_H

#include "passes/affine.h"

/* Does the loop do nothing but count, and add up polynomials of what it counts?  Then there is a formula for all that it
 * leaves behind, which LLVM puts in its place. */
bool loop_has_closed_form(const Func *f, const Loops *loops, const Loop *loop);

#endif
