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
 *
 * A name that is not defined yet and is the function's own (a function compiled before its name is bound) becomes
 * a const_object with the handle of the Python function itself.
 *
 * Inner functions.  `closure` carries the handle of the inner code object; its operands are the values of the
 * captured variables (in the order of co_freevars), then the default values (sub counts them).  The captured
 * values become the leading parameters of the inner function: Source.ncaptured.  Captured variables are values:
 * an assignment that a live inner function could observe is CLOSURE_REASSIGNED.  An inner function that captures
 * itself, or one that is defined later, does not have those among its captured values, but what they have captured; it
 * builds such a `closure` from its parameters (siblings.c).
 * List comprehensions are no functions: they are expanded in place on every version of Python.
 *
 * What the ops mean here beyond ops.def: binary, inplace and unary have the Operator in Inst.sub; condbr takes the
 * result of unary TRUTH or of binary IS / IS_NOT; f(a, *t) is a call with CallInfo.star whose tuple is
 * `tuple(a) + unpack(t)`; `format` with one operand is str() of it.
 */
#ifndef NAJA_FRONTEND_H
#define NAJA_FRONTEND_H

#include "ir/ir.h"

/* What the front end asks of the table of handles: CoreApi's functions of the same names. */
typedef struct {
    Handle (*handle_of)(void *py_object); /* 0 with a Python error */
    void *(*object_of)(Handle h);         /* borrowed */
} FrontendHost;

/* Once, before anything else of this stage; the struct is copied. */
void frontend_start(const FrontendHost *host);

/* The untyped function of a Python function object (given by handle), built once per unit; NULL after an error
 * (in unit->diags; with a Python exception set only if Python itself failed).  Parameters are in the order of
 * Source.param.  The function is a template in unit->funcs: clone it to change it. */
Func *frontend_function(Unit *u, Handle function);

/* The same for the code object of an inner function or lambda: its captured values are extra leading parameters,
 * Source.ncaptured of them.  `lender`: the Python function whose globals it sees (Source.lender). */
Func *frontend_inner(Unit *u, Handle code, Handle lender);

/* A loop to unroll: imm.i of its `iter`, in the code in which the earlier ones of a list are unrolled already.  `counts`:
 * items are the numbers from 0, of a loop over range(len(...)); else they are made by getitem with a constant.
 * `display`: no loop, but a dict display (or call of dict) whose values have different types, which becomes a STRDICT;
 * `iter` is its CallInfo.display. */
typedef struct {
    int64_t iter;
    uint32_t n;
    bool counts, display;
} Unroll;
enum { UNROLL_FIRST = -1 }; /* imm.i of what a generator expression iterates over */

/* The function or inner function of a template built anew with loops unrolled, one after the other; NULL: the last one
 * cannot be, or is too large. */
Func *frontend_unrolled(Unit *u, const Func *template, uint32_t n, const Unroll *unroll);

/* Source line `line` of a file, without its newline, for dumps and carets; NULL when it cannot be read. */
const char *frontend_source_line(Unit *u, const char *filename, int line);

/* For tests and dumps: the SSA of a Python function and of its inner functions, or its diagnostics, as a new
 * Python str; NULL with a Python exception.  Needs types_start/types_adopt, but not frontend_start: it uses handles
 * of its own, numbered in order of appearance and listed at the end, so that the text is the same in every run. */
void *frontend_dump(void *py_function);

#endif
