/* ir/text.h - the textual form of the IR, shared by print.c and parse*.c.  Private to ir/.
 *
 *   func NAME typed -> float64 {
 *   b0:
 *     %0: array(float64, 1d, C) = param 0
 *     %1: int64 = const_int 0
 *     br b1
 *   b1: <- b0, b2 handler b7 depth 1 cold
 *     %2: int64 = phi b0 %1, b2 %5
 *     %3: boolean = icmp lt %2, %4
 *     condbr %3, b2, b3 !cold
 *     ...
 *     %9: float64 = call %8, %7 kw(axis) !row cleanup(%6) bound(%7, _)     ; file.py:12
 *   }
 *
 * A line is  [%N[: TYPE] =] OP [immediate] operands attributes.  `_` is NO_VALUE.  Numbers of values and blocks
 * are kept, gaps included.  Comments run from `;` to the end of the line.  What follows `<-` are the preds; when
 * they are left out they follow from the terminators in the order of the text.
 * Not kept by printing and parsing: source positions, library rows, map bodies, the names of handles.
 */
#ifndef NAJA_IR_TEXT_H
#define NAJA_IR_TEXT_H

#include "ir/ir.h"

typedef struct {
    const char *name;
    uint32_t bit;
} FlagName;

extern const FlagName inst_flag_name[];     /* ends with a NULL name */
extern const char *const state_name[];      /* by FuncState */
extern const char *const predicate_name[PRED_COUNT];
extern const char *const operator_name[OPERATOR_COUNT];

/* Reads a type's name and moves *at behind it; NULL when there is none. */
const Type *ir_parse_type(const char **at);

#endif
