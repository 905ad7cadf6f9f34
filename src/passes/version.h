/* passes/version.h - two copies of a loop, one of which runs; private to the pass `bounds`. */
#ifndef NAJA_PASSES_VERSION_H
#define NAJA_PASSES_VERSION_H

#include "passes/pipeline.h"

typedef struct {
    Func *f;
    const Loops *loops;
    const Loop *loop;
    uint32_t nblocks, ninst;  /* before the copy was made */
    BlockId test;             /* all edges into the loop come through here */
    ValueId *entry;           /* by header phi: its operand from `test` */
    uint32_t nphis;
    BlockId *block;           /* of the copy, by original block; NO_BLOCK: not in the loop */
    ValueId *value;           /* of the copy, by original value; NO_VALUE: not in the loop */
} Version;

/* Makes the block `test` in front of the loop, without a terminator: the caller appends its condition. */
void version_begin(Version *v, Func *f, const Loops *loops, const Loop *loop);
/* Ends `test`: to a cold copy of the loop when `cond` is true, else to the loop.  `loops` is out of date then. */
void version_end(Version *v, ValueId cond, uint32_t span);

#endif
