/* mathlib.c - module math on numbers.
 *
 * Values come from the C library, as CPython's do; errors are CPython's: ValueError("math domain error") where the
 * result is a nan that no argument was, OverflowError("math range error") where it is infinite and the arguments
 * finite.  Only a result that is not finite is looked at closely, in a cold block, so the usual price is one compare.
 * error_model="numpy" and fastmath without nans drop the checks; then loops over these functions vectorise.
 *
 * float32 arguments compute in float32; everything else in float64.  Integer results are int64.
 */
#include <math.h>

#include "library/scalars.h"
#include "library/versions.h"

#define TAG(n) ((const void *)(uintptr_t)(n))

/* ---- errors ---------------------------------------------------------------------------------------------- */

bool math_is_checked(Lower *l) { return !l->options->error_model_numpy && !(l->b.fastmath & FASTMATH_NNAN); }

void math_domain_error_if(Lower *l, ValueId cond) {
    lower_raise_if(l, cond, "ValueError", "math domain error", 0, NULL);
}

/* Since 3.14 functions of one number say what they expect, and mostly what they got. */
static void domain_error_of(Lower *l, ValueId cond, const char *expected, ValueId x) {
    if (!PYTHON_SINCE_314 || !expected) {
        math_domain_error_if(l, cond);
        return;
    }
    uint32_t npayload = strchr(expected, '%') ? 1 : 0;
    ValueId got = npayload ? lower_cast(l, x, lower_type(l, x), type_f64) : NO_VALUE;
    lower_raise_if(l, cond, "ValueError", expected, npayload, &got);
}

static ValueId any(Lower *l, uint32_t n, const ValueId *x, ValueId (*test)(Lower *, ValueId)) {
    ValueId result = test(l, x[0]);
    for (uint32_t i = 1; i < n; i++) result = lower_or(l, result, test(l, x[i]));
    return result;
}

static ValueId all_finite(Lower *l, uint32_t n, const ValueId *x) {
    ValueId result = float_is_finite(l, x[0]);
    for (uint32_t i = 1; i < n; i++) result = lower_and(l, result, float_is_finite(l, x[i]));
    return result;
}

static void check_infinite(Lower *l, MathErrors errors, const char *expected, ValueId infinite, ValueId x) {
    if (errors == INF_IS_DOMAIN) {
        domain_error_of(l, infinite, expected, x);
        return;
    }
    if (errors == INF_IS_POLE) {
        ValueId at_pole = ir_fcmp(&l->b, PRED_LE, x, lower_float(l, lower_type(l, x), 0));
        domain_error_of(l, lower_and(l, infinite, at_pole), expected, x);
    }
    lower_raise_if(l, infinite, "OverflowError", "math range error", 0, NULL);
}

static void check_results(Lower *l, MathErrors errors, const char *expected, uint32_t nr, const ValueId *r,
                          uint32_t nx, const ValueId *x) {
    if (errors == NO_ERRORS || !math_is_checked(l)) return;
    LowerIf suspect = lower_if_unlikely(l, lower_not(l, all_finite(l, nr, r)));
    ValueId new_nan = lower_and(l, any(l, nr, r, float_is_nan), lower_not(l, any(l, nx, x, float_is_nan)));
    domain_error_of(l, new_nan, expected, x[0]);
    check_infinite(l, errors, expected, lower_and(l, any(l, nr, r, float_is_inf), all_finite(l, nx, x)),
                   x[0]);
    lower_else(l, &suspect);
    lower_endif(l, &suspect, NO_VALUE, NO_VALUE);
}

void check_math(Lower *l, MathErrors errors, uint32_t nr, const ValueId *r, uint32_t nx, const ValueId *x) {
    check_results(l, errors, NULL, nr, r, nx, x);
}

/* ---- float functions of one and two numbers -------------------------------------------------------------- */

typedef struct {
    Native native;
    MathErrors errors;
    const char *expected; /* of a domain error since 3.14; NULL: as before */
} Function;

static const char positive[] = "expected a positive input, got %r";
static const char positive_integer[] = "expected a positive input"; /* it may have any number of digits */
static const char finite_input[] = "expected a finite input, got %r";
static const char no_pole[] = "expected a noninteger or positive integer, got %r";
static const char up_to_one[] = "expected a number in range from -1 up to 1, got %r";

static const char *expected_of(const char *expected, const Type *argument) {
    return expected == positive && scalar_type(argument)->kind <= TYPE_INT ? positive_integer : expected;
}

/* The common float type of all arguments; NULL: they are not real numbers. */
static const Type *real_arguments(Call *c) {
    const Type *t = NULL;
    for (uint32_t i = 0; i < c->nargs; i++) {
        const Type *x = scalar_type(c->type[i]);
        if (!x || x->kind == TYPE_COMPLEX) return NULL;
        x = float_type(x);
        t = t ? type_promote(t, x) : x;
    }
    return t;
}

static const Type *type_of_floats(Call *c) {
    const Type *t = real_arguments(c);
    return t ? t : call_decline(c);
}

static ValueId emit_function(Lower *l, Call *c) {
    const Function *f = c->row->data;
    ValueId x[2], r;
    for (uint32_t i = 0; i < c->nargs; i++) x[i] = scalar_arg(l, c, i, c->result);
    r = c->nargs == 1 ? lower_native_f1(l, f->native, x[0]) : lower_native_f2(l, f->native, x[0], x[1]);
    check_results(l, f->errors, expected_of(f->expected, c->type[0]), 1, &r, c->nargs, x);
    return r;
}

static ValueId emit_intrinsic(Lower *l, Call *c) {
    Native n = (Native)(uintptr_t)c->row->data;
    ValueId x = scalar_arg(l, c, 0, c->result);
    return c->nargs == 1 ? lower_native1(l, n, x) : lower_native2(l, n, x, scalar_arg(l, c, 1, c->result));
}

static ValueId emit_sqrt(Lower *l, Call *c) {
    ValueId x = scalar_arg(l, c, 0, c->result);
    if (math_is_checked(l))
        domain_error_of(l, ir_fcmp(&l->b, PRED_LT, x, lower_float(l, c->result, 0)),
                        "expected a nonnegative input, got %r", x);
    return lower_native1(l, NATIVE_sqrt, x);
}

static ValueId emit_fmod(Lower *l, Call *c) {
    ValueId x[] = {scalar_arg(l, c, 0, c->result), scalar_arg(l, c, 1, c->result)};
    ValueId r = float_rem(l, x[0], x[1]);
    check_math(l, INF_IS_DOMAIN, 1, &r, 2, x);
    return r;
}

/* pow(0, negative) is a domain error, any other infinity a range error. */
static ValueId emit_pow(Lower *l, Call *c) {
    ValueId x[] = {scalar_arg(l, c, 0, c->result), scalar_arg(l, c, 1, c->result)},
            zero = lower_float(l, c->result, 0);
    ValueId r = lower_native_f2(l, NATIVE_pow, x[0], x[1]);
    if (!math_is_checked(l)) return r;
    LowerIf suspect = lower_if_unlikely(l, lower_not(l, float_is_finite(l, r)));
    ValueId infinite = lower_and(l, float_is_inf(l, r), all_finite(l, 2, x));
    math_domain_error_if(l, lower_and(l, infinite, ir_fcmp(&l->b, PRED_EQ, x[0], zero)));
    lower_else(l, &suspect);
    lower_endif(l, &suspect, NO_VALUE, NO_VALUE);
    check_math(l, INF_IS_RANGE, 1, &r, 2, x);
    return r;
}

static ValueId checked_log(Lower *l, Call *c, uint32_t i) {
    ValueId x = scalar_arg(l, c, i, c->result), r = lower_native_f1(l, NATIVE_log, x);
    check_results(l, INF_IS_DOMAIN, expected_of(positive, c->type[i]), 1, &r, 1, &x);
    return r;
}

static ValueId emit_log_base(Lower *l, Call *c) {
    ValueId top = checked_log(l, c, 0);
    ValueId bottom = checked_log(l, c, 1);
    check_nonzero(l, bottom, python_text("float division by zero", "division by zero"));
    return lower_bin(l, OP_fdiv, top, bottom);
}

static ValueId emit_scaled(Lower *l, Call *c) {
    return lower_bin(l, OP_fmul, scalar_arg(l, c, 0, c->result),
                     lower_float(l, c->result, *(const double *)c->row->data));
}

static const double to_degrees = 180 / M_PI, to_radians = M_PI / 180;

static const Type *type_double(Call *c) { return real_arguments(c) ? type_f64 : call_decline(c); }

static ValueId emit_ulp(Lower *l, Call *c) {
    ValueId x = float_abs(l, scalar_arg(l, c, 0, type_f64)), infinity = lower_float(l, type_f64, INFINITY);
    ValueId up = lower_native2(l, NATIVE_nextafter, x, infinity);
    ValueId down = lower_native2(l, NATIVE_nextafter, x, lower_float(l, type_f64, -INFINITY));
    ValueId at_top = lower_bin(l, OP_fsub, x, down), gap = lower_bin(l, OP_fsub, up, x);
    ValueId r = lower_select(l, float_is_inf(l, up), at_top, gap);
    return lower_select(l, float_is_inf(l, x), x, r);
}

static ValueId emit_fma(Lower *l, Call *c) {
    ValueId x[3];
    for (uint32_t i = 0; i < 3; i++) x[i] = scalar_arg(l, c, i, c->result);
    ValueId r = ir_native(&l->b, NATIVE_fma, c->result, 3, x);
    check_math(l, INF_IS_RANGE, 1, &r, 3, x);
    return r;
}

/* ---- lengths --------------------------------------------------------------------------------------------- */

static bool are_reals(const Type *tuple) {
    for (uint32_t i = 0; i < tuple->nelem; i++) {
        const Type *t = scalar_type(tuple->elem[i]);
        if (!t || t->kind == TYPE_COMPLEX) return false;
    }
    return true;
}

static const Type *type_hypot(Call *c) { return are_reals(c->type[0]) ? type_f64 : call_decline(c); }

static ValueId length_of(Lower *l, uint32_t n, const ValueId *x) {
    if (n == 0) return lower_float(l, type_f64, 0);
    ValueId r = float_abs(l, x[0]);
    for (uint32_t i = 1; i < n; i++) r = lower_native2(l, NATIVE_hypot, r, x[i]);
    return r;
}

static ValueId number_in(Lower *l, ValueId tuple, const Type *t, uint32_t i, const Type *to) {
    return lower_cast(l, lower_field(l, tuple, i), t->elem[i], to);
}

static ValueId emit_hypot(Lower *l, Call *c) {
    uint32_t n = c->type[0]->nelem;
    ValueId *x = arena_array(&l->unit->arena, ValueId, n + 1);
    for (uint32_t i = 0; i < n; i++) x[i] = number_in(l, c->value[0], c->type[0], i, type_f64);
    return length_of(l, n, x);
}

static const Type *type_dist(Call *c) {
    const Type *p = c->type[0], *q = c->type[1];
    if (!type_is_tuple(p) || !type_is_tuple(q) || !are_reals(p) || !are_reals(q)) return call_decline(c);
    if (p->nelem != q->nelem)
        return call_error(c, DIAG_WRONG_ARGUMENTS, "both points must have the same number of dimensions");
    return type_f64;
}

static ValueId emit_dist(Lower *l, Call *c) {
    uint32_t n = c->type[0]->nelem;
    ValueId *x = arena_array(&l->unit->arena, ValueId, n + 1);
    for (uint32_t i = 0; i < n; i++)
        x[i] = lower_bin(l, OP_fsub, number_in(l, c->value[0], c->type[0], i, type_f64),
                         number_in(l, c->value[1], c->type[1], i, type_f64));
    return length_of(l, n, x);
}

/* ---- tests ----------------------------------------------------------------------------------------------- */

static const Type *type_test(Call *c) { return real_arguments(c) ? type_bool : call_decline(c); }

static ValueId emit_test(Lower *l, Call *c) {
    ValueId (*const tests[])(Lower *, ValueId) = {float_is_nan, float_is_inf, float_is_finite};
    uintptr_t which = (uintptr_t)c->row->data;
    const Type *t = scalar_type(c->type[0]);
    if (t->kind <= TYPE_INT) return lower_bool(l, which == 2);
    return tests[which](l, scalar_arg(l, c, 0, float_type(t)));
}

static ValueId emit_isclose(Lower *l, Call *c) {
    ValueId x[4], zero = lower_float(l, type_f64, 0);
    for (uint32_t i = 0; i < 4; i++) x[i] = scalar_arg(l, c, i, type_f64);
    ValueId bad = lower_or(l, ir_fcmp(&l->b, PRED_LT, x[2], zero), ir_fcmp(&l->b, PRED_LT, x[3], zero));
    lower_raise_if(l, bad, "ValueError", "tolerances must be non-negative", 0, NULL);
    ValueId distance = float_abs(l, lower_bin(l, OP_fsub, x[1], x[0]));
    ValueId near = ir_fcmp(&l->b, PRED_LE, distance, x[3]);
    for (uint32_t i = 0; i < 2; i++) {
        ValueId bound = float_abs(l, lower_bin(l, OP_fmul, x[2], x[i]));
        near = lower_or(l, near, ir_fcmp(&l->b, PRED_LE, distance, bound));
    }
    near = lower_and(l, near, lower_not(l, lower_or(l, float_is_inf(l, x[0]), float_is_inf(l, x[1]))));
    return lower_or(l, near, ir_fcmp(&l->b, PRED_EQ, x[0], x[1]));
}

/* ---- parts of floats ------------------------------------------------------------------------------------- */

static const Type *type_to_int(Call *c) {
    const Type *t = scalar_type(c->type[0]);
    if (!t || t->kind == TYPE_COMPLEX) return call_decline(c);
    return t->kind == TYPE_FLOAT ? type_i64 : wide_int(t);
}

static ValueId emit_to_int(Lower *l, Call *c) {
    const Type *t = scalar_type(c->type[0]);
    if (t->kind != TYPE_FLOAT) return scalar_arg(l, c, 0, c->result);
    return float_to_int(
        l, lower_native1(l, (Native)(uintptr_t)c->row->data, scalar_arg(l, c, 0, float_type(t))));
}

static const Type *type_modf(Call *c) {
    return real_arguments(c) ? type_tuple(2, (const Type *const[]){type_f64, type_f64}) : call_decline(c);
}

static ValueId emit_modf(Lower *l, Call *c) {
    ValueId x = scalar_arg(l, c, 0, type_f64), whole = lower_native1(l, NATIVE_ftrunc, x);
    ValueId rest = lower_bin(l, OP_fsub, x, whole);
    rest = lower_select(l, float_is_inf(l, x), lower_float(l, type_f64, 0), rest);
    return lower_make2(l, c->result, lower_native2(l, NATIVE_copysign, rest, x), whole);
}

static const Type *type_frexp(Call *c) {
    return real_arguments(c) ? type_tuple(2, (const Type *const[]){type_f64, type_i64}) : call_decline(c);
}

static ValueId emit_frexp(Lower *l, Call *c) {
    ValueId x = scalar_arg(l, c, 0, type_f64);
    ValueId exponent = ir_native(&l->b, NATIVE_frexp_exponent, type_i64, 1, &x);
    return lower_make2(l, c->result, lower_native1(l, NATIVE_frexp_mantissa, x), exponent);
}

static const Type *type_ldexp(Call *c) {
    const Type *n = scalar_type(c->type[1]);
    return real_arguments(c) && n->kind <= TYPE_INT ? type_f64 : call_decline(c);
}

static ValueId emit_ldexp(Lower *l, Call *c) {
    ValueId x = scalar_arg(l, c, 0, type_f64), n = scalar_arg(l, c, 1, type_i64);
    ValueId r = ir_native(&l->b, NATIVE_ldexp, type_f64, 2, (ValueId[]){x, n});
    check_math(l, INF_IS_RANGE, 1, &r, 1, &x);
    return r;
}

/* ---- integers -------------------------------------------------------------------------------------------- */

static const Type *type_integers(Call *c) {
    for (uint32_t i = 0; i < c->nargs; i++) {
        const Type *t = scalar_type(c->type[i]);
        if (!t || t->kind > TYPE_INT) return call_decline(c);
    }
    return type_i64;
}

static void check_natural(Lower *l, ValueId n, const char *message) {
    lower_raise_if(l, int_negative(l, n), "ValueError", message, 0, NULL);
}

static ValueId check_fits(Lower *l, ValueId r) {
    lower_raise_if(l, int_negative(l, r), "OverflowError", "the result does not fit a 64-bit integer", 0,
                   NULL);
    return r;
}

static ValueId emit_factorial(Lower *l, Call *c) {
    ValueId n = scalar_arg(l, c, 0, type_i64);
    check_natural(l, n, "factorial() not defined for negative values");
    return check_fits(l, lower_native1(l, NATIVE_factorial, n));
}

static ValueId emit_choose(Lower *l, Call *c) {
    ValueId n = scalar_arg(l, c, 0, type_i64), k = scalar_arg(l, c, 1, type_i64);
    check_natural(l, n, "n must be a non-negative integer");
    check_natural(l, k, "k must be a non-negative integer");
    return check_fits(l, lower_native2(l, (Native)(uintptr_t)c->row->data, n, k));
}

static ValueId emit_isqrt(Lower *l, Call *c) {
    const Type *t = wide_int(scalar_type(c->type[0]));
    ValueId n = scalar_arg(l, c, 0, t);
    check_natural(l, n, "isqrt() argument must be nonnegative");
    return lower_native1(l, NATIVE_isqrt, lower_cast(l, n, t, type_i64));
}

static const Type *type_gcd(Call *c) {
    const Type *args = c->type[0];
    for (uint32_t i = 0; i < args->nelem; i++) {
        const Type *t = scalar_type(args->elem[i]);
        if (!t || t->kind > TYPE_INT) return call_decline(c);
    }
    return type_i64;
}

static ValueId emit_gcd(Lower *l, Call *c) {
    ValueId r = lower_i64(l, 0);
    for (uint32_t i = 0; i < c->type[0]->nelem; i++) {
        ValueId x = int_abs(l, number_in(l, c->value[0], c->type[0], i, type_i64));
        r = i == 0 ? x : lower_native2(l, NATIVE_gcd, r, x);
    }
    return r;
}

static ValueId emit_lcm(Lower *l, Call *c) {
    ValueId r = lower_i64(l, 1);
    for (uint32_t i = 0; i < c->type[0]->nelem; i++) {
        ValueId x = int_abs(l, number_in(l, c->value[0], c->type[0], i, type_i64));
        ValueId g = nonzero_or_one(l, lower_native2(l, NATIVE_gcd, r, x));
        r = i == 0 ? x : lower_bin(l, OP_imul, lower_bin(l, OP_sdiv, r, g), x);
    }
    return r;
}

/* ---- rows ------------------------------------------------------------------------------------------------ */

// clang-format off
enum { PURE = LIB_PURE | LIB_NO_RAISE };
#define FLOAT1(name, native, errors) EXPECTS(name, native, errors, NULL)
#define EXPECTS(name, native, errors, expected)                                                                \
    {"math." name, "x, /", type_of_floats, emit_function, &(const Function){native, errors, expected}, 1,          \
     errors == NO_ERRORS ? PURE : 0}
#define FLOAT2(name, native, errors)                                                                           \
    {"math." name, "x, y, /", type_of_floats, emit_function, &(const Function){native, errors, NULL}, 1,           \
     errors == NO_ERRORS ? PURE : 0}
#define INTRINSIC(name, params, native) {"math." name, params, type_of_floats, emit_intrinsic, TAG(native), 1, PURE}
#define TEST(name, which) {"math." name, "x, /", type_test, emit_test, TAG(which), 1, PURE}
#define INTEGER(name, params, emit, data) {"math." name, params, type_integers, emit, data, 1, 0}

static const LibRow rows[] = {
    {"math.sqrt", "x, /", type_of_floats, emit_sqrt, NULL, 1, 0},
    FLOAT1("exp", NATIVE_exp, INF_IS_RANGE),
    FLOAT1("exp2", NATIVE_exp2, INF_IS_RANGE),
    FLOAT1("expm1", NATIVE_expm1, INF_IS_RANGE),
    EXPECTS("log", NATIVE_log, INF_IS_DOMAIN, positive),
    {"math.log", "x, base, /", type_of_floats, emit_log_base, NULL, 1, 0},
    EXPECTS("log2", NATIVE_log2, INF_IS_DOMAIN, positive),
    EXPECTS("log10", NATIVE_log10, INF_IS_DOMAIN, positive),
    EXPECTS("log1p", NATIVE_log1p, INF_IS_DOMAIN, "expected argument value > -1, got %r"),
    EXPECTS("sin", NATIVE_sin, INF_IS_DOMAIN, finite_input),
    EXPECTS("cos", NATIVE_cos, INF_IS_DOMAIN, finite_input),
    EXPECTS("tan", NATIVE_tan, INF_IS_DOMAIN, finite_input),
    EXPECTS("asin", NATIVE_asin, INF_IS_DOMAIN, up_to_one),
    EXPECTS("acos", NATIVE_acos, INF_IS_DOMAIN, up_to_one),
    FLOAT1("atan", NATIVE_atan, NO_ERRORS),
    FLOAT1("sinh", NATIVE_sinh, INF_IS_RANGE),
    FLOAT1("cosh", NATIVE_cosh, INF_IS_RANGE),
    FLOAT1("tanh", NATIVE_tanh, NO_ERRORS),
    FLOAT1("asinh", NATIVE_asinh, NO_ERRORS),
    EXPECTS("acosh", NATIVE_acosh, INF_IS_DOMAIN, "expected argument value not less than 1, got %r"),
    EXPECTS("atanh", NATIVE_atanh, INF_IS_DOMAIN, "expected a number between -1 and 1, got %r"),
    FLOAT1("erf", NATIVE_erf, NO_ERRORS),
    FLOAT1("erfc", NATIVE_erfc, NO_ERRORS),
    EXPECTS("gamma", NATIVE_tgamma, INF_IS_POLE, no_pole),
    EXPECTS("lgamma", NATIVE_lgamma, INF_IS_POLE, no_pole),
    FLOAT1("cbrt", NATIVE_cbrt, NO_ERRORS),
    FLOAT2("atan2", NATIVE_atan2, NO_ERRORS),
    {"math.fmod", "x, y, /", type_of_floats, emit_fmod, NULL, 1, 0},
    FLOAT2("remainder", NATIVE_remainder, INF_IS_DOMAIN),
    FLOAT2("nextafter", NATIVE_nextafter, NO_ERRORS),
    INTRINSIC("fabs", "x, /", NATIVE_fabs),
    INTRINSIC("copysign", "x, y, /", NATIVE_copysign),
    {"math.pow", "x, y, /", type_of_floats, emit_pow, NULL, 1, 0},
    {"math.fma", "x, y, z, /", type_of_floats, emit_fma, NULL, 1, 0},
    {"math.degrees", "x, /", type_of_floats, emit_scaled, &to_degrees, 1, PURE},
    {"math.radians", "x, /", type_of_floats, emit_scaled, &to_radians, 1, PURE},
    {"math.ulp", "x, /", type_double, emit_ulp, NULL, 1, PURE},
    {"math.hypot", "*coordinates", type_hypot, emit_hypot, NULL, 1, PURE},
    {"math.dist", "p, q, /", type_dist, emit_dist, NULL, 1, PURE},
    TEST("isnan", 0),
    TEST("isinf", 1),
    TEST("isfinite", 2),
    {"math.isclose", "a, b, *, rel_tol=1e-09, abs_tol=0.0", type_test, emit_isclose, NULL, 1, 0},
    {"math.floor", "x, /", type_to_int, emit_to_int, TAG(NATIVE_floor), 1, 0},
    {"math.ceil", "x, /", type_to_int, emit_to_int, TAG(NATIVE_ceil), 1, 0},
    {"math.trunc", "x, /", type_to_int, emit_to_int, TAG(NATIVE_ftrunc), 1, 0},
    {"math.modf", "x, /", type_modf, emit_modf, NULL, 1, PURE},
    {"math.frexp", "x, /", type_frexp, emit_frexp, NULL, 1, PURE},
    {"math.ldexp", "x, i, /", type_ldexp, emit_ldexp, NULL, 1, 0},
    INTEGER("factorial", "n, /", emit_factorial, NULL),
    INTEGER("comb", "n, k, /", emit_choose, TAG(NATIVE_comb)),
    INTEGER("perm", "n, k, /", emit_choose, TAG(NATIVE_perm)),
    INTEGER("perm", "n, /", emit_factorial, NULL),
    INTEGER("isqrt", "n, /", emit_isqrt, NULL),
    {"math.gcd", "*integers", type_gcd, emit_gcd, NULL, 1, PURE},
    {"math.lcm", "*integers", type_gcd, emit_lcm, NULL, 1, PURE},
};
// clang-format on

const LibTable library_mathlib_table = {"mathlib", rows, ARRAY_LEN(rows)};
