/* frontend/frontend.h - from a Python function to untyped SSA.
 *
 *   decode.c   bytecode of CPython 3.11 .. 3.15 -> one normalised opcode set, exception regions, positions
 *   cfg.c      basic blocks, reachable code, exception regions, loops
 *   ssa.c      abstract interpretation of the stack; locals, cells and stack slots become SSA values
 *              (Braun et al., "Simple and Efficient Construction of Static Single Assignment Form", 2013)
 *   build.c    one function per normalised opcode: what it means in IR
 *
 * Globals and free variables are read once, now, and become `const_object` (their handle) or plain constants;
 * NAJA's cache key covers them.  A `for` loop becomes iter / iter_valid / iter_value / iter_next with the state
 * as a phi, so that later passes see its induction variable.  Names that are not assigned on some path give an
 * `undef` operand of the phi.  The reads of Python objects happen here: callers hold the GIL.
 */
#ifndef NAJA_FRONTEND_H
#define NAJA_FRONTEND_H

#include "ir/ir.h"

/* The untyped function of a Python function object (given by handle), built once per unit; NULL after an error
 * (in unit->diags).  Parameters are in the order of Source.param. */
Func *frontend_function(Unit *u, Handle function);

/* The same for the code object of an inner function or lambda: its free variables are extra leading parameters,
 * `ncaptured` of them, in the order of co_freevars.  `outer` lends globals. */
Func *frontend_inner(Unit *u, Handle code, const Func *outer);

/* Source line `line` of a file, without its newline, for dumps and carets; NULL when it cannot be read. */
const char *frontend_source_line(Unit *u, const char *filename, int line);

#endif
