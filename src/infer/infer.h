/* infer/infer.h - type inference: untyped SSA and argument types in, the same IR with types out.
 *
 * A worklist walks the function from its entry, sparse and conditional (Wegman & Zadeck, 1991): only blocks
 * that can be reached with the types at hand are typed, so `if x is None:` costs and fails nothing for an
 * array x.  A value's type only ever widens (type_unify), so the walk ends.  Every operator, attribute and
 * call asks library/ for a row; calls of compiled functions infer the callee first, on demand; recursion uses
 * what is known of the result so far and repeats until it is stable.  At the end casts are put where a value
 * meets a wider type (phis, arguments, returns), unreachable blocks go, and the first problem is one diagnostic.
 */
#ifndef NAJA_INFER_H
#define NAJA_INFER_H

#include "frontend/frontend.h"
#include "library/library.h"

/* Infers the entry function of a unit for these argument types (one per parameter; *args as one tuple), and all
 * it calls.  `result`: wanted result type or NULL.  Returns the typed function, or NULL with unit->diags. */
Func *infer_entry(Unit *u, Handle function, uint32_t nargs, const Type *const *args, const Type *result);

#endif
