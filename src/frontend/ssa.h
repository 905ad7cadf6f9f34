/* frontend/ssa.h - variables to SSA values while a function is being built.  Private to frontend/. */
#ifndef NAJA_FRONTEND_SSA_H
#define NAJA_FRONTEND_SSA_H

#include "ir/ir.h"

typedef uint32_t Var;

typedef struct {
    ValueId phi;
    BlockId block;
    Var var;
} OpenPhi; /* a phi whose operands are not known yet */

typedef struct {
    Func *f;
    Arena *arena;
    Map defs;                /* block << 32 | variable -> value at the end of the block so far */
    Map undefs;              /* variable -> its `undef` */
    Vec(const char *) names; /* by variable; NULL: a stack slot */
    Vec(OpenPhi) unsealed;   /* in blocks whose predecessors are not all there */
    Vec(OpenPhi) unfilled;   /* in sealed blocks, while a read is under way */
    Vec(ValueId) phis;       /* all that are still there */
    Vec(ValueId) forward;    /* by value: what a trivial phi stands for, NO_VALUE: itself */
    uint32_t span;           /* given to new phis: the use that asked for them */
} Ssa;

void ssa_init(Ssa *s, Func *f);
Var ssa_var(Ssa *s, const char *name);                 /* a new variable; name may be NULL */
void ssa_write(Ssa *s, Var var, BlockId block, ValueId v);
ValueId ssa_read(Ssa *s, Var var, BlockId block);      /* its value at the end of the block so far */
ValueId ssa_undef(Ssa *s, Var var);
/* Whether v, a value of the variable, may come from where it has none.  In a loop that is still being built, what comes
 * from in front of it decides. */
bool ssa_may_be_undef(Ssa *s, Var var, ValueId v);
ValueId ssa_resolve(const Ssa *s, ValueId v);          /* what v is known to be by now */
void ssa_seal(Ssa *s, BlockId block);                  /* all predecessors are there */
/* Puts final values everywhere and removes phis that nothing needs. */
void ssa_finish(Ssa *s);

#endif
