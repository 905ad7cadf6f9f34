/* passes/pipeline.h - private to passes/: one entry per pass.  Each works on one function of the right state and
 * reports problems to the unit's diagnostics; a pass may add functions to the unit, which it then visits too. */
#ifndef NAJA_PASSES_PIPELINE_H
#define NAJA_PASSES_PIPELINE_H

#include "passes/passes.h"

void pass_fuse(Func *f);     /* fuse.c */
void pass_prange(Func *f);   /* prange.c */
void pass_members(Func *f);  /* members.c */
void pass_bounds(Func *f);   /* bounds.c */
void pass_polls(Func *f);    /* polls.c */
void pass_latches(Func *f);  /* latches.c */
void pass_stack(Func *f);    /* generators.c */
void pass_frames(Func *f);   /* generators.c */
void pass_borrow(Func *f);   /* borrow.c */
void pass_refcount(Func *f); /* refcount.c */
void lower_func(Func *f);    /* lower.c */
void pass_inline(Func *f);   /* inline.c */
void pass_search(Func *f);   /* search.c */
void pass_lanes(Func *f);    /* lanes.c */

#endif
