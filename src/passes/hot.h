/* passes/hot.h - a loop of lowered IR, seen along the way that its iterations take as a rule.
 *
 * Words
 *   hot        blocks that iterations pass as a rule: not those that raise, serve a signal or move the limit of a
 *              checkpoint on (counters.c).
 *   detour     such a block.
 *   counted    a test of what counts (x + k < stop); holds for all iterations up to one if it does for that one.
 *
 * Shared by search.c and lanes.c, which compute several iterations at once. */
#ifndef NAJA_PASSES_HOT_H
#define NAJA_PASSES_HOT_H

#include "passes/passes.h"

enum { HOT_MAX_PHIS = 32, HOT_MAX_TESTS = 8 };

/* What a value of the loop depends on; 0: it does not change. */
enum { ON_COUNT = 1, ON_DATA = 2, ON_OTHER = 4 };

typedef struct {
    ValueId x, stop;
    ValueId tested; /* x as the test names it */
    Predicate stay; /* x stay stop: the loop goes on; LT, LE, GT or GE */
    int64_t step;   /* of x */
} Counted;

/* How much an address or a count grows in an iteration: k, times an invariant. */
typedef struct {
    bool ok;
    int64_t k;
    ValueId factor; /* NO_VALUE: 1 */
} Growth;

typedef struct HotLoop HotLoop;
struct HotLoop {
    Func *f;
    Arena *arena;
    const Dominators *dom;
    const Loops *loops;
    const Loop *loop;
    bool without_limits; /* set by the pass: as if there were no limits before the end (INST_LIMIT) */
    bool *hot;           /* by block */
    Vec(BlockId) order;  /* the hot blocks, in reverse postorder */
    BlockId latch;       /* the hot one */
    uint32_t nphis;      /* of the header */
    uint32_t nvalues;    /* when the pass began to change the function */
    uint32_t span;
    uint32_t ncounted;
    Counted counted[HOT_MAX_TESTS];
    unsigned (*depends)(HotLoop *h, ValueId v); /* ON_COUNT, ...; says the pass */
};

/* Fills hot, order and latch; false without a single hot way back to the header. */
bool hot_find(HotLoop *h);
static inline Block *hot_header(const HotLoop *h) { return block_at(h->f, h->loop->header); }
static inline ValueId hot_phi(const HotLoop *h, uint32_t k) { return hot_header(h)->inst.at[k]; }
bool hot_is_in_loop(const HotLoop *h, BlockId b);
bool hot_is_quiet(const Inst *i); /* no effect but a look at the poll word; may read memory */
bool hot_is_poll(const HotLoop *h, ValueId cond);

/* Phis of states (of a loop over a range, of complex numbers) become a phi for each of their fields, and those of one value
 * are that value.  Gives how many phis the block has then, at most HOT_MAX_PHIS. */
uint32_t hot_split_phis(HotLoop *h, BlockId b);

/* Fields of what has been put together, through any number of levels. */
ValueId hot_resolve(const HotLoop *h, ValueId v);
/* What a value is in an iteration that has come by hot blocks only. */
ValueId hot_value(const HotLoop *h, ValueId v);
ValueId hot_next(const HotLoop *h, ValueId phi); /* a phi of the header in the next iteration */
bool hot_is_const(const HotLoop *h, ValueId v, int64_t *value);
bool hot_step(const HotLoop *h, ValueId phi, int64_t *step); /* of a counter: any integer, as sums wrap */
Growth hot_growth(HotLoop *h, ValueId v);

/* Adds the counted tests in `cond`; the loop goes on while cond == stay. */
bool hot_add_counted(HotLoop *h, ValueId cond, bool stay);
/* Can it be written out as a tree of few operations? */
bool hot_can_emit(const HotLoop *h, ValueId v);
/* v where the header's phis are `state`; the block at hand must be dominated by what the loop does not change. */
ValueId hot_emit_value(HotLoop *h, Builder *b, ValueId v, const ValueId *state);
Predicate hot_negated(Predicate p);
/* x stay stop, and more than n steps to go: in the nth iteration from here, too. */
ValueId hot_emit_room(Builder *b, const Counted *c, ValueId x, ValueId stop, int64_t n);
ValueId hot_emit_before_end(HotLoop *h, BlockId b, ValueId (*emit)(Builder *b, ValueId v, int64_t k),
                            ValueId v, int64_t k);

#endif
