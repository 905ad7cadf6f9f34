/* passes/counters.h - how long a loop may run without a checkpoint; private to pass `polls`. */
#ifndef NAJA_PASSES_COUNTERS_H
#define NAJA_PASSES_COUNTERS_H

#include "passes/affine.h"

enum { STRIP = 16384 }; /* items between two checkpoints */

/* A condition of a loop that a counter ends:  while x < stop and ...: ...; x += 1 */
typedef struct {
    const Loop *loop;
    ValueId counter;               /* the phi */
    ValueId x;                     /* the counter, or what it becomes: what the test compares */
    Affine stop;                   /* does not change in the loop */
    BlockId test, inside, outside; /* the test is made in every iteration */
} CountedTest;

typedef struct {
    Func *f;
    Affines *affines;
    const Dominators *dom;
    const Loops *loops;
    uint32_t nblocks; /* that `loops` knows; later ones are outside */
} CounterContext;

bool counter_is_inside(const CounterContext *c, const Loop *loop, BlockId b);
/* `a` is a constant, or a value or an extent from outside of the loop plus a constant. */
bool counter_is_invariant(const CounterContext *c, const Loop *loop, const Affine *a);
ValueId counter_emit_invariant(Builder *b, const Affines *affines, const Affine *a);
/* current + STRIP, but not beyond stop. */
ValueId counter_emit_end(Builder *b, ValueId current, ValueId stop);

bool counter_find_test(const CounterContext *c, const Loop *loop, CountedTest *out);
/* Every iteration has an access to some array at an index that moves on with the counter (a phi of the header), so there
 * are no more iterations than the array has elements. */
bool counter_walks_array(const CounterContext *c, const Loop *loop, ValueId counter);
/* Gives the test a limit that is at most STRIP away, with a checkpoint where it is reached. */
void counter_add_checkpoint(const CounterContext *c, const CountedTest *t);

#endif
