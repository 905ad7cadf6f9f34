/* library/generators.h - generators between passes/ (which splits them) and library/ (which makes and resumes them).
 *
 * GeneratorPlan and the making of generators are in library.h.
 *
 * A generator is a frame and a function.  The frame is a MemoryBlock (GeneratorFrame in runtime/abi.h) with the
 * arguments, what is alive across a `yield`, and the item last yielded.  The function, made from the user's by
 * passes/lower_generator.c, takes the frame, goes on where it was left and says whether there is another item.
 *
 * A generator that does not leave the function that made it (passes/generators.c) lives on that function's stack:
 * its frame is an alloca that LLVM takes apart once the function is inlined, and `for x in gen()` is a plain loop.
 */
#ifndef NAJA_LIBRARY_GENERATORS_H
#define NAJA_LIBRARY_GENERATORS_H

#include "library/library.h"

/* library/iterators.c */
const Type *generator_state(Call *c, const Type *generator);
const Type *generator_item(Call *c, const Type *state);
ValueId generator_begin(Lower *l, ValueId generator, const Type *from, const Type *state);
ValueId generator_valid(Lower *l, ValueId v, const Type *state);
ValueId generator_value(Lower *l, ValueId v, const Type *state, const Type *item);
ValueId generator_next(Lower *l, ValueId v, const Type *state);

#endif
