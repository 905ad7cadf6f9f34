/* library/generators.h - generators between passes/ (which splits them) and library/ (which makes and resumes them).
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

/* Places in a frame, in 8-byte slots from its beginning. */
typedef struct GeneratorPlan {
    const Type *item;
    const Type **arg;       /* by parameter */
    uint32_t nargs;
    uint32_t *arg_at;       /* by parameter */
    uint32_t args_at, items_at, live_at; /* lists of owned blocks: see GeneratorFrame; the item: GENERATOR_ITEM_AT */
    uint32_t narg_owners, nitem_owners;
    uint32_t *spill_at;     /* by typed value: where it is kept; 0: it is not alive across a yield */
    bool *owned;            /* by typed value: it has a reference of its own */
    ValueId **alive;        /* by suspend, in order: the values to keep, ending in NO_VALUE */
    uint32_t nsuspends, nslots;
    bool has_owned;         /* some kept value has a reference of its own */
} GeneratorPlan;

/* The address of slot `at` of a frame. */
ValueId generator_slot(Lower *l, ValueId generator, uint32_t at);
/* Copies the owners among the leaves of a value in memory to a list of blocks; gives how many. */
uint32_t generator_list_owners(Lower *l, ValueId generator, uint32_t at, const Type *t, uint32_t list_at);
/* A new generator: what a call of a generator function does. */
ValueId generator_new(Lower *l, Func *callee, const Type *type, const ValueId *args);

/* library/iterators.c */
const Type *generator_state(Call *c, const Type *generator);
const Type *generator_item(Call *c, const Type *state);
ValueId generator_begin(Lower *l, ValueId generator, const Type *from, const Type *state);
ValueId generator_valid(Lower *l, ValueId v, const Type *state);
ValueId generator_value(Lower *l, ValueId v, const Type *state, const Type *item);
ValueId generator_next(Lower *l, ValueId v, const Type *state);

#endif
