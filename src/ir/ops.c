/* ir/ops.c - the tables of ops and operators, expanded from their .def files. */
#include "ir/ir.h"

const OpInfo op_info[OP_COUNT] = {
#define O(name, nargs, flags, imm, doc) [OP_##name] = {#name, nargs, flags, imm, doc},
#include "ir/ops.def"
#undef O
};

const OperatorInfo operator_info[OPERATOR_COUNT] = {
#define P(name, symbol, function, ufunc) [OPERATOR_##name] = {symbol, function, ufunc},
#include "ir/operators.def"
#undef P
};
