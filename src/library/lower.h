/* library/lower.h - shorthands of the emitters; private to library/.
 *
 * Everything here appends to the function being made (l->b) and takes lowered values.  Types are read off the
 * values, so one emitter serves all widths.
 */
#ifndef NAJA_LOWER_H
#define NAJA_LOWER_H

#include "library/library.h"

static inline const Type *lower_type(Lower *l, ValueId v) { return value_type(l->b.f, v); }
static inline ValueId lower_int(Lower *l, const Type *t, int64_t v) { return ir_const_int(&l->b, t, v); }
static inline ValueId lower_float(Lower *l, const Type *t, double v) { return ir_const_float(&l->b, t, v); }
static inline ValueId lower_bool(Lower *l, bool v) { return ir_const_bool(&l->b, v); }
/* Zero or one of any number type but complex. */
ValueId lower_number(Lower *l, const Type *t, int64_t v);

static inline ValueId lower_bin(Lower *l, Op op, ValueId x, ValueId y) { return ir_binop(&l->b, op, x, y); }
static inline ValueId lower_un(Lower *l, Op op, const Type *t, ValueId x) { return ir_emit(&l->b, op, t, x); }
static inline ValueId lower_field(Lower *l, ValueId v, uint32_t field) { return ir_field(&l->b, v, field); }
static inline ValueId lower_make2(Lower *l, const Type *t, ValueId x, ValueId y) {
    return ir_make(&l->b, t, 2, (ValueId[]){x, y});
}
static inline ValueId lower_select(Lower *l, ValueId cond, ValueId x, ValueId y) {
    return x == y ? x : ir_select(&l->b, cond, x, y);
}
/* Compares two reals of one type; the signed predicate is given, unsigned types get theirs. */
ValueId lower_compare(Lower *l, Predicate p, ValueId x, ValueId y);
ValueId lower_not(Lower *l, ValueId cond);
static inline ValueId lower_and(Lower *l, ValueId x, ValueId y) { return lower_bin(l, OP_iand, x, y); }
static inline ValueId lower_or(Lower *l, ValueId x, ValueId y) { return lower_bin(l, OP_ior, x, y); }

/* A function of natives.def whose result has the type of its first operand; lower_native_f takes the row of the
 * float64 form and uses the next one (its "f" form) for float32. */
ValueId lower_native1(Lower *l, Native n, ValueId x);
ValueId lower_native2(Lower *l, Native n, ValueId x, ValueId y);
ValueId lower_native_f1(Lower *l, Native n, ValueId x);
ValueId lower_native_f2(Lower *l, Native n, ValueId x, ValueId y);

/* The value of an integer or bool constant, as the emitters made it; false when not known at compile time. */
bool lower_known_int(Lower *l, ValueId v, int64_t *value);
bool lower_known_float(Lower *l, ValueId v, double *value);
bool lower_is_zero(Lower *l, ValueId v);      /* known to be zero */
bool lower_is_nonzero(Lower *l, ValueId v);   /* known not to be zero */

/* A conditional value: both arms are emitted in blocks of their own.  Usage: lower_if, lower_else, lower_endif. */
typedef struct {
    BlockId arm[2], join;
} LowerIf;
LowerIf lower_if(Lower *l, ValueId cond);
LowerIf lower_if_unlikely(Lower *l, ValueId cond); /* the first arm is an error path */
void lower_else(Lower *l, LowerIf *branch);
ValueId lower_endif(Lower *l, LowerIf *branch, ValueId then_value, ValueId else_value);

/* A call that the interpreter does: of the Python object `callable`, with the items of `args`, a tuple. */
ValueId lower_bridge_call(Lower *l, Handle callable, const char *keywords, ValueId args, const Type *args_type,
                          const Type *result);

#endif
