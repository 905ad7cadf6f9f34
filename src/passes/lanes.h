/* passes/lanes.h - between lanes.c, which finds loops whose iterations can be computed side by side, and lanes_emit.c, which
 * writes the vector code. */
#ifndef NAJA_PASSES_LANES_H
#define NAJA_PASSES_LANES_H

#include "passes/hot.h"

enum { LANES_MAX_ARRAYS = 8, LANES_NBYTES = 64, LANES_MAX_TARGETS = 4, LANES_MAX_OUTS = 24 };

/* What is known of a value of the loop. */
enum { VARIES = 1 /* from lane to lane */, CARRIED = 2 /* needs what earlier iterations computed */ };

/* An inner loop. */
typedef struct {
    BlockId latch;    /* the hot one; NO_BLOCK: only limits of checkpoints make it a loop */
    bool diverges;    /* lanes leave it in different iterations */
    bool entry_apart; /* lanes of its outer loop that are at work may disagree about entering it */
    bool polls;
    bool worth; /* lanes pay for it */
} LaneLoop;

typedef struct {
    HotLoop h;                /* first: lanes_depends finds the Lanes by it */
    Dominators hot_dom;       /* among the hot blocks */
    BlockId test;             /* that ends the outer loop */
    bool kernels_pay;         /* functions of several numbers: LLVM does not vectorise the loop by itself */
    BlockId begin, end;       /* the region: hot blocks from `begin` to before `end` */
    bool *inside;             /* by block: is it in the region */
    bool *apart;              /* by block: lanes in its innermost loop may disagree about coming here */
    uint8_t *traits;          /* by value: VARIES, CARRIED */
    LaneLoop *inner;          /* by loop */
    uint32_t nlanes, nbytes;  /* nbytes: of the masks' numbers */
    uint32_t nread, nwritten; /* arrays from outside the loop */
    ValueId read[LANES_MAX_ARRAYS], written[LANES_MAX_ARRAYS]; /* by the region, by the rest of the loop */
    uint32_t nouts;
    ValueId out[LANES_MAX_OUTS]; /* values of the region that are used behind it */
} Lanes;

const Loop *lanes_loop_of(const Lanes *s,
                          BlockId b); /* the innermost loop around it that iterations go round */
const Loop *lanes_outer(const Lanes *s, const Loop *loop);
bool lanes_has(const Lanes *s, const Loop *loop, BlockId b); /* is b in the loop */
bool lanes_is_whole(const Lanes *s, BlockId b); /* no lane at work in its innermost loop comes by it */
bool lanes_is_region_op(const Inst *i); /* phis, numbers: what the region's vector code has a value for */
/* The address of a load grows by the size of an element from lane to lane. */
bool lanes_is_contiguous(Lanes *s, ValueId load);

/* lanes_memory.c: fills read and written; false if the region may read what the rest of the loop writes. */
bool lanes_find_memory(Lanes *s);
/* bool: no array is read and written; NO_VALUE: there are none that could be. */
ValueId lanes_emit_apart(const Lanes *s, Builder *b);

void lanes_emit(Lanes *s);

#endif
