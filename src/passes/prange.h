/* passes/prange.h - private to the pass `prange`: one parallel loop and what its iterations carry along.
 *
 *   reductions.c  what crosses iterations, and whether it is a reduction
 *   guarded.c     variables that some iterations replace: the last one to do so, or the best one, counts
 *   dependence.c  which elements of arrays the iterations touch
 *   scatter.c     arrays that are accumulated into wherever the index says
 *   prange.c      the body as a function of its own, and the loop that calls it
 */
#ifndef NAJA_PASSES_PRANGE_H
#define NAJA_PASSES_PRANGE_H

#include "passes/passes.h"

typedef enum { REDUCE_NONE, REDUCE_ADD, REDUCE_MUL, REDUCE_MIN, REDUCE_MAX, REDUCE_AND, REDUCE_OR, REDUCE_XOR,
               REDUCE_LAST /* the value of the last iteration */, REDUCE_KEEP /* of the last one that assigned */,
               REDUCE_BEST /* of the one that won a comparison */, REDUCE_COUNT } Reduction;

/* A variable that the loop carries from one iteration to the next. */
typedef struct {
    ValueId phi, initial;
    Reduction kind;
    ValueId op;              /* one of the instructions that accumulate; NO_VALUE where there is none */
    const char *problem;     /* REDUCE_NONE: why, and the instruction to point at */
    ValueId culprit;
    /* REDUCE_BEST, REDUCE_KEEP: */
    uint32_t leader;         /* the REDUCE_BEST that it goes along with; itself if there is none */
    uint32_t flag;           /* of a leader: the carried bool that says whether anything was assigned */
    ValueId compare;         /* REDUCE_BEST: the comparison, and whether the variable is its left side */
    bool compare_left;
} Carried;

/* An array from outside that iterations accumulate into at indices of any kind (h[idx[i]] += 1): each block of iterations
 * has its own copy, library/privatise.c. */
typedef struct {
    ValueId array;
    Reduction kind;
} Scatter;

/* A write to an array from outside that is not proved to be of elements that no other iteration touches. */
typedef struct {
    ValueId inst, array;
    bool is_shared;          /* the same elements in every iteration */
    bool is_partition;       /* an inner loop's variable over a range of the iteration's own */
} Unproven;

typedef struct {
    Func *f;
    const Dominators *dom;
    const Loops *loops;
    const Loop *loop;
    BlockId handler;                 /* of a `try` around the loop; NO_BLOCK: there is none */
    BlockId header, preheader, exit; /* the header is left for `exit` when the range is at its end */
    ValueId state, begin_state;      /* the state phi; the `iter` instruction it starts from */
    ValueId range;                   /* what is iterated */
    ValueId index;                   /* iter_value of the state, or NO_VALUE when it is not used */
    bool *inside;                    /* by block: belongs to the loop, or is only reached from it and then raises */
    Vec(BlockId) blocks;             /* those blocks in reverse postorder, the header first */
    Vec(Carried) carried;
    Vec(Carried) privates;           /* variables that every iteration assigns anew: they begin as before the loop */
    Vec(Scatter) scatters;
    Vec(Unproven) unproven;
    ValueId serial;                  /* why the loop has to run on one thread: an instruction; NO_VALUE: it need not */
    const char *why_serial;
} ParallelLoop;

/* Does an iteration assign a variable that all of them share, through an inner function?  cells.c */
bool parallel_shares_cell(const ParallelLoop *p, ValueId *where);

/* The type of a list, set or dict from outside whose size an iteration changes; NULL: there is none.  cells.c */
const Type *parallel_changes_container(const ParallelLoop *p, ValueId *where);

static inline bool parallel_inside(const ParallelLoop *p, ValueId v) {
    BlockId b = inst_at(p->f, v)->block;
    return b != NO_BLOCK && p->inside[b];
}

/* Fills p->carried and p->privates; false after an error. */
bool reductions_find(ParallelLoop *p);
/* Finds REDUCE_KEEP and REDUCE_BEST among the carried variables without a kind, and adds their flags. */
void guarded_find(ParallelLoop *p);
/* Fills p->unproven and p->scatters; reports a dependence between iterations through an array: false after an error. */
bool dependence_check(ParallelLoop *p);
/* Moves what accumulates from p->unproven to p->scatters; sets p->serial. */
void scatters_find(ParallelLoop *p);
bool scatter_accumulates(const ParallelLoop *p, ValueId array);
/* "add" for the rows parallel.private_add and parallel.merge_add. */
const LibRow *scatter_row(const char *what, Reduction kind);
/* The accumulation that instruction i does to v, one of its operands. */
Reduction reduction_step(const Func *f, const Inst *i, ValueId v);
/* The same operations on the same values: they agree where nothing that they read is written in between. */
bool parallel_same_operations(const Func *f, ValueId x, ValueId y);
int64_t parallel_step(const ParallelLoop *p); /* of the range; 0: known at run time only */
bool parallel_always_runs(const ParallelLoop *p, BlockId b);
/* The row that combines two partial results of type t, for a reduction whose instructions look like `op`. */
const LibRow *reduction_row(const ParallelLoop *p, const Carried *c, const Type *t);
/* An identity of the reduction, appended with b. */
ValueId reduction_identity(Builder *b, Reduction kind, const Type *t, ValueId initial);

#endif
