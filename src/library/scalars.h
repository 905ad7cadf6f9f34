/* library/scalars.h - numbers: types of their operations, and the arithmetic that more than one table needs.
 * Private to library/.
 *
 *   numbers.c    type rules: what two number types compute in
 *   ints.c       floor division, modulo, powers and shifts of integers
 *   floats.c     the same of floats, with Python's signs and signed zeros; rounding; conversion to int
 *   complexes.c  complex arithmetic
 *   scalars.c    the rows of Python's operators and number built-ins
 *   ufuncs.c     NumPy's elementwise functions (rows in ufuncs.def)
 *   mathlib.c, cmathlib.c   modules math and cmath
 *
 * All operands of an emitting function have one type, the computing type; the result has it too unless said.
 */
#ifndef NAJA_SCALARS_H
#define NAJA_SCALARS_H

#include "library/lower.h"

/* ---- numbers.c: types ------------------------------------------------------------------------------------ */

/* The number type behind an argument (a literal's base); NULL: not a number. */
const Type *scalar_type(const Type *t);
/* Python's arithmetic: bool and small integers become int64 (or uint64, when no operand is signed), uint64 with a
 * signed integer float64; int with float follows NumPy; float16 computes in float32. */
const Type *arith_type(const Type *x, const Type *y);
const Type *bitwise_type(const Type *x, const Type *y); /* bool, int64 or uint64; NULL for others */
const Type *float_type(const Type *t);                  /* integers: float64; float16: float32; others: itself */
const Type *wide_int(const Type *t);                    /* int64, or uint64 for unsigned ones; bool: int64 */

/* Argument i of a call, converted. */
ValueId scalar_arg(Lower *l, Call *c, uint32_t i, const Type *to);
/* The literal's value if argument i is one. */
bool scalar_literal(const Call *c, uint32_t i, int64_t *value);

/* ---- ints.c ---------------------------------------------------------------------------------------------- */

/* Division by zero is the caller's: y is not zero at run time. */
ValueId int_floordiv(Lower *l, ValueId x, ValueId y);
ValueId int_mod(Lower *l, ValueId x, ValueId y);
ValueId int_near_mod(Lower *l, ValueId x, ValueId y); /* where -y <= x < 2 y */
ValueId int_shl(Lower *l, ValueId x, ValueId y);   /* 0 when y is negative or too large */
ValueId int_shr(Lower *l, ValueId x, ValueId y);   /* sign bits when y is negative or too large */
ValueId int_pow(Lower *l, ValueId x, ValueId y);   /* wraps; y >= 0 */
ValueId int_abs(Lower *l, ValueId x);
ValueId int_min(Lower *l, ValueId x, ValueId y);
ValueId int_max(Lower *l, ValueId x, ValueId y);
ValueId int_negative(Lower *l, ValueId x);         /* bool: x < 0 */
/* int64 with uint64: a negative number is less than any unsigned one. */
ValueId compare_mixed_signs(Lower *l, Predicate p, ValueId x, ValueId y);
void check_nonzero(Lower *l, ValueId y, const char *message); /* ZeroDivisionError, unless error_model says numpy */
/* x, or 1 where x is zero and the error model lets that pass. */
ValueId nonzero_or_one(Lower *l, ValueId x);

/* ---- floats.c -------------------------------------------------------------------------------------------- */

typedef struct {
    ValueId quotient, remainder;
} DivMod;
ValueId float_rem(Lower *l, ValueId x, ValueId y);   /* C's fmod */
DivMod float_divmod(Lower *l, ValueId x, ValueId y); /* floored; y == 0 gives what IEEE arithmetic gives */
ValueId float_pow(Lower *l, ValueId x, ValueId y);
ValueId float_neg(Lower *l, ValueId x);
ValueId float_abs(Lower *l, ValueId x);
ValueId float_is_nan(Lower *l, ValueId x);         /* bool */
ValueId float_is_inf(Lower *l, ValueId x);         /* bool */
ValueId float_is_finite(Lower *l, ValueId x);      /* bool */
ValueId float_signbit(Lower *l, ValueId x);        /* bool */
/* An integral float to int64; ValueError and OverflowError with Python's words unless the error model is NumPy's. */
ValueId float_to_int(Lower *l, ValueId x);

/* ---- mathlib.c ------------------------------------------------------------------------------------------- */

/* What an infinite result of finite arguments means; a nan of arguments that are none is always a domain error. */
typedef enum { NO_ERRORS, INF_IS_DOMAIN, INF_IS_RANGE, INF_IS_POLE /* domain at x <= 0, else range */ } MathErrors;
/* Raises what CPython's math would for results r[0..nr) of x[0..nx): floats. */
void check_math(Lower *l, MathErrors errors, uint32_t nr, const ValueId *r, uint32_t nx, const ValueId *x);
bool math_is_checked(Lower *l); /* error_model="python" and nans exist */
void math_domain_error_if(Lower *l, ValueId cond);

/* ---- complexes.c ----------------------------------------------------------------------------------------- */

typedef struct {
    ValueId re, im;
} Complex;
Complex complex_parts(Lower *l, ValueId v);
ValueId complex_make(Lower *l, const Type *t, ValueId re, ValueId im);
ValueId complex_add(Lower *l, ValueId x, ValueId y);
ValueId complex_sub(Lower *l, ValueId x, ValueId y);
ValueId complex_mul(Lower *l, ValueId x, ValueId y);
ValueId complex_div(Lower *l, ValueId x, ValueId y);       /* CPython's algorithm; y == 0: nan */
ValueId complex_div_numpy(Lower *l, ValueId x, ValueId y); /* NumPy's */
/* CPython since 3.14: one operand is real, and its missing part takes no part (no 0 * inf, no 0 - 0). */
ValueId complex_mixed(Lower *l, Op op, ValueId x, ValueId y); /* OP_fadd, OP_fsub, OP_fmul, OP_fdiv */
ValueId complex_neg(Lower *l, ValueId x);
ValueId complex_conj(Lower *l, ValueId x);
ValueId complex_abs(Lower *l, ValueId x);                  /* real */
ValueId complex_eq(Lower *l, ValueId x, ValueId y);        /* bool */
ValueId complex_pow(Lower *l, ValueId x, ValueId y);       /* CPython's, with its errors */
/* A function of runtime/math.c: (re, im, double[2] result); complex64 computes in double. */
ValueId complex_native1(Lower *l, Native n, ValueId x);
ValueId complex_native2(Lower *l, Native n, ValueId x, ValueId y);

#endif
