/* engine/calls.h - which implementation every call of a function got, as text; private to engine/. */
#ifndef NAJA_CALLS_H
#define NAJA_CALLS_H

#include "ir/ir.h"

/* One line per operation of the user's own functions that the library or a compiled function does, in the order of the
 * source's functions: "function, line, column, end line, end column, rung, name, result type", between tabs.  A rung of 0
 * is a function of the user's own.  The unit is in the state that inference leaves. */
void calls_format(StrBuf *out, Unit *u);

#endif
