/* passes/passes.h - from typed IR to lowered IR.
 *
 * The pipeline is the table passes[] in passes.c, walked by one loop that dumps (NAJA_DUMP), verifies (debug
 * builds), times (NAJA_TIME=1) and skips (NAJA_SKIP=fuse,bounds).  In order:
 *
 *   fuse      elementwise calls on arrays become `map`; a map used once by another map, by a reduction or by a
 *             slice assignment is merged into it: one loop, no temporary                     (typed -> typed)
 *   members   members of instances that do not change are read once                       (typed -> typed)
 *   prange    bodies of parallel loops become functions; reductions are recognised; a value that crosses
 *             iterations otherwise is an error                                               (typed -> typed)
 *   bounds    array accesses proved in range lose their check; loop nests whose affine accesses can be tested
 *             before the nest get an unchecked copy                                           (typed -> typed)
 *   polls     loops get checkpoints for signals                                              (typed -> typed)
 *   borrow    values that others keep alive are told to need no reference of their own     (typed -> typed)
 *   refcount  managed values are released after their last use, on every path               (typed -> typed)
 *   lower     generic ops become primitive ones                                             (typed -> lowered)
 *   inline    small functions that only compute become part of the loops that call them (lowered -> lowered)
 *   search    loops that look for something test many elements at a time                  (lowered -> lowered)
 *   lanes     iterations are computed side by side, with inner loops that cannot be vectorised
 *                                                                                         (lowered -> lowered)
 *
 * Analyses (dom.c, loops.c, live.c) are computed when a pass asks and thrown away.
 * How to add a pass: a file, a row in passes[], a golden test in tests/ir/.
 */
#ifndef NAJA_PASSES_H
#define NAJA_PASSES_H

#include "library/library.h"

/* Runs the whole pipeline over every function of the unit; false with unit->diags on an error. */
bool passes_run(Unit *u);

/* ---- parallel loops: between prange.c and lower_parallel.c --------------------------------------------------------
 *
 * A `parallel` instruction runs the iterations begin .. end of an outlined loop in blocks of fixed length:
 *
 *   imm.func   the body, is_body: parameters begin, end (int64), then the captures.  It returns a tuple with the partial
 *              result of each accumulator over its block (starting from the operation's identity), or None if there
 *              are no accumulators.
 *   callee     combine: a function of two such tuples, what was accumulated so far and the next block's partial
 *              results; gives the tuple with both.  NULL: there are no accumulators.
 *   operands   begin, end, the most blocks there may be, the tuple of initial accumulators (`none` without any), then the
 *              captures.
 *   result     the tuple of final accumulators: combine applied to the blocks in order (an empty range: the initial ones).
 *
 * Managed partial results (arrays) are owned by their slot until combine has taken them in; slots of blocks that have
 * not run are zero, so that all of them can be released when the loop fails.
 */
enum { PARALLEL_BEGIN, PARALLEL_END, PARALLEL_BLOCKS, PARALLEL_INITIAL, PARALLEL_CAPTURES };
enum { PARALLEL_MAX_BLOCKS_LOG2 = 7 }; /* the most blocks there are; never a function of the number of threads */

/* By value: has it a reference of its own?  With the counts placed; see refcount.c. */
void refcount_owned(const Func *f, bool *owned);
bool generator_is_constant(const Inst *i); /* lower_generator.c */

/* ---- analyses ------------------------------------------------------------------------------------------------------ */

typedef struct {
    BlockId *idom;                 /* immediate dominator; of the entry: itself; NO_BLOCK: unreachable */
    uint32_t *depth;
    BlockId *order;                /* reverse postorder */
    uint32_t norder;
} Dominators;
void dom_compute(Arena *a, const Func *f, Dominators *d);
/* Among some blocks in reverse postorder: ways through the others do not count. */
void dom_compute_part(Arena *a, const Func *f, BlockId *order, uint32_t norder, Dominators *d);
bool dom_dominates(const Dominators *d, BlockId x, BlockId y);

typedef struct Loop Loop;
struct Loop {
    BlockId header, preheader /* or NO_BLOCK */, latch /* or NO_BLOCK: several */;
    Loop *parent;
    uint32_t depth, index;
    Vec(BlockId) blocks;           /* with those of inner loops */
    Vec(BlockId) exits;            /* blocks outside, reached from inside */
    bool innermost;
};
typedef struct {
    Vec(Loop *) loops;             /* outer before inner */
    Loop **of_block;               /* innermost loop of each block, or NULL */
} Loops;
void loops_compute(Arena *a, const Func *f, const Dominators *d, Loops *out);

/* The managed values that are live at block ends, as bit sets (block * nwords).  A value that borrows from managed
 * ones (the state of a loop over an array) counts as a use of those wherever it is used. */
typedef struct {
    ValueId *at;
    uint32_t n;
} ValueList;
typedef struct {
    uint32_t nvalues, nwords;
    ValueId *value;                /* by bit */
    uint32_t *bit;                 /* by value; UINT32_MAX: not managed */
    ValueList *lenders;            /* by value: the managed values it borrows from */
    uint64_t *in, *out;            /* `in` is before the phis, `out` at the end with the operands of the next phis */
    uint64_t *thrown;              /* live along the exception edge, if the block has one */
    ValueList uses;                /* of live_uses */
    uint32_t uses_capacity;
    Arena *arena;
} Liveness;
void live_compute(Arena *a, const Func *f, Liveness *out);
/* The managed values that a use of these operands keeps alive, each once; the list is good until the next call. */
const ValueList *live_uses(Liveness *l, uint32_t n, const ValueId *operand, uint32_t nmore, const ValueId *more);
static inline bool live_test(const uint64_t *set, uint32_t bit) { return set[bit / 64] >> (bit % 64) & 1; }
static inline void live_add(uint64_t *set, uint32_t bit) { set[bit / 64] |= UINT64_C(1) << (bit % 64); }
static inline void live_remove(uint64_t *set, uint32_t bit) { set[bit / 64] &= ~(UINT64_C(1) << (bit % 64)); }

#endif
