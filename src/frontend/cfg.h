/* frontend/cfg.h - basic blocks of decoded bytecode.  Private to frontend/. */
#ifndef NAJA_FRONTEND_CFG_H
#define NAJA_FRONTEND_CFG_H

#include "frontend/decode.h"

typedef enum {
    REGION_TRY,     /* try/except or try/finally that the user wrote */
    REGION_WITH,    /* the body of a with block */
    REGION_RESTORE, /* restores the variables of an inlined comprehension and raises again */
} RegionKind;

typedef struct {
    ExceptionRegion range;
    RegionKind kind;
} Region;

enum { NO_REGION = -1, NO_LOOP = -1 };

typedef struct {
    uint32_t begin, end;   /* instruction indices */
    uint32_t succ[3];      /* [0]: the next block or the target of a JUMP, [1]: the target of a conditional jump */
    uint32_t nsucc;        /* of normal control flow; succ[nsucc] is the handler, if there is one */
    Vec(uint32_t) pred;    /* reachable predecessors, each once; of a handler: the blocks it protects */
    int32_t region;        /* innermost region, by index into Cfg.regions */
    int32_t entered_by;    /* the block is the handler of this region, by index into Cfg.regions; else NO_REGION */
    int32_t loop;          /* innermost loop */
    bool reachable;
} CfgBlock;

typedef struct {
    uint32_t header;
    int32_t parent;
    uint32_t depth;        /* 1: outermost */
    uint32_t nblocks;
} CfgLoop;

typedef struct {
    uint32_t nblocks;
    CfgBlock *block;
    Vec(Region) regions;   /* those that matter: what the user wrote, and restoring ones inside */
    Vec(CfgLoop) loops;
    uint32_t *order;       /* the reachable blocks; see cfg.c */
    uint32_t norder;
} Cfg;

/* Edges that leave a block, the one to its handler included. */
static inline uint32_t cfg_nedges(const CfgBlock *b) { return b->nsucc + (b->region != NO_REGION); }

void cfg_build(Arena *a, const Decoded *code, Cfg *out);
static inline uint32_t cfg_loop_depth(const Cfg *g, uint32_t block) {
    int32_t loop = g->block[block].loop;
    return loop == NO_LOOP ? 0 : g->loops.at[loop].depth;
}

#endif
