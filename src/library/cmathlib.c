/* cmathlib.c - module cmath.
 *
 * The functions are the C library's, whose special values (C's Annex G) are the ones CPython's tables hold.  Errors
 * are CPython's: ValueError where a nan appears, OverflowError where finite arguments give an infinity.
 */
#include <math.h>

#include "library/scalars.h"

typedef struct {
    Native native;
    MathErrors errors;
} Function;

static const Type *type_complex_function(Call *c) {
    for (uint32_t i = 0; i < c->nargs; i++)
        if (!scalar_type(c->type[i])) return call_decline(c);
    return type_c128;
}

static ValueId call_checked(Lower *l, const Function *f, ValueId z) {
    ValueId r = complex_native1(l, f->native, z);
    Complex from = complex_parts(l, z), to = complex_parts(l, r);
    check_math(l, f->errors, 2, (ValueId[]){to.re, to.im}, 2, (ValueId[]){from.re, from.im});
    return r;
}

static ValueId emit_function(Lower *l, Call *c) {
    return call_checked(l, c->row->data, scalar_arg(l, c, 0, type_c128));
}

static const Function log_function = {NATIVE_clog, INF_IS_DOMAIN};

static ValueId emit_log_base(Lower *l, Call *c) {
    /* what CPython says of the first logarithm is forgotten when it takes the second */
    ValueId top = complex_native1(l, NATIVE_clog, scalar_arg(l, c, 0, type_c128));
    ValueId bottom = call_checked(l, &log_function, scalar_arg(l, c, 1, type_c128));
    ValueId zero = lower_cast(l, lower_float(l, type_f64, 0), type_f64, type_c128);
    if (math_is_checked(l)) math_domain_error_if(l, complex_eq(l, bottom, zero));
    return complex_div(l, top, bottom);
}

/* ---- polar coordinates ----------------------------------------------------------------------------------- */

static const Type *type_real_function(Call *c) {
    return scalar_type(c->type[0]) ? type_f64 : call_decline(c);
}

static ValueId phase_of(Lower *l, ValueId z) {
    Complex a = complex_parts(l, z);
    return lower_native2(l, NATIVE_atan2, a.im, a.re);
}

static ValueId emit_phase(Lower *l, Call *c) { return phase_of(l, scalar_arg(l, c, 0, type_c128)); }

static const Type *type_polar(Call *c) {
    return scalar_type(c->type[0]) ? type_tuple(2, (const Type *const[]){type_f64, type_f64})
                                   : call_decline(c);
}

static ValueId emit_polar(Lower *l, Call *c) {
    ValueId z = scalar_arg(l, c, 0, type_c128), length = complex_abs(l, z);
    Complex a = complex_parts(l, z);
    check_math(l, INF_IS_RANGE, 1, &length, 2, (ValueId[]){a.re, a.im});
    return lower_make2(l, c->result, length, phase_of(l, z));
}

static const Type *type_rect(Call *c) {
    for (uint32_t i = 0; i < 2; i++) {
        const Type *t = scalar_type(c->type[i]);
        if (!t || t->kind == TYPE_COMPLEX) return call_decline(c);
    }
    return type_c128;
}

/* A phase of zero keeps its sign and an infinite length stays on the axis. */
static ValueId emit_rect(Lower *l, Call *c) {
    ValueId r = scalar_arg(l, c, 0, type_f64), phi = scalar_arg(l, c, 1, type_f64),
            zero = lower_float(l, type_f64, 0);
    ValueId on_axis = ir_fcmp(&l->b, PRED_EQ, phi, zero);
    ValueId signed_zero = lower_select(l, float_signbit(l, r), float_neg(l, phi), phi);
    ValueId re = lower_bin(l, OP_fmul, r, lower_native1(l, NATIVE_cos, phi));
    ValueId im = lower_bin(l, OP_fmul, r, lower_native1(l, NATIVE_sin, phi));
    if (math_is_checked(l)) {
        ValueId turning = lower_and(l, float_is_inf(l, phi), ir_fcmp(&l->b, PRED_NE, r, zero));
        math_domain_error_if(l, lower_and(l, turning, lower_not(l, float_is_nan(l, r))));
    }
    re = lower_select(l, lower_and(l, float_is_inf(l, r), float_is_nan(l, phi)),
                      lower_float(l, type_f64, INFINITY), re);
    ValueId nowhere = lower_and(l, ir_fcmp(&l->b, PRED_EQ, r, zero), lower_not(l, float_is_finite(l, phi)));
    re = lower_select(l, nowhere, zero, re);
    im = lower_select(l, nowhere, zero, im);
    return complex_make(l, type_c128, lower_select(l, on_axis, r, re),
                        lower_select(l, on_axis, signed_zero, im));
}

/* ---- tests ----------------------------------------------------------------------------------------------- */

static const Type *type_test(Call *c) {
    for (uint32_t i = 0; i < c->nargs; i++)
        if (!scalar_type(c->type[i])) return call_decline(c);
    return type_bool;
}

static ValueId emit_isnan(Lower *l, Call *c) {
    Complex a = complex_parts(l, scalar_arg(l, c, 0, type_c128));
    return lower_or(l, float_is_nan(l, a.re), float_is_nan(l, a.im));
}

static ValueId emit_isinf(Lower *l, Call *c) {
    Complex a = complex_parts(l, scalar_arg(l, c, 0, type_c128));
    return lower_or(l, float_is_inf(l, a.re), float_is_inf(l, a.im));
}

static ValueId emit_isfinite(Lower *l, Call *c) {
    Complex a = complex_parts(l, scalar_arg(l, c, 0, type_c128));
    return lower_and(l, float_is_finite(l, a.re), float_is_finite(l, a.im));
}

static ValueId has_infinity(Lower *l, ValueId z) {
    Complex a = complex_parts(l, z);
    return lower_or(l, float_is_inf(l, a.re), float_is_inf(l, a.im));
}

static ValueId emit_isclose(Lower *l, Call *c) {
    ValueId z[] = {scalar_arg(l, c, 0, type_c128), scalar_arg(l, c, 1, type_c128)};
    ValueId rel = scalar_arg(l, c, 2, type_f64), abs = scalar_arg(l, c, 3, type_f64),
            zero = lower_float(l, type_f64, 0);
    ValueId bad = lower_or(l, ir_fcmp(&l->b, PRED_LT, rel, zero), ir_fcmp(&l->b, PRED_LT, abs, zero));
    lower_raise_if(l, bad, "ValueError", "tolerances must be non-negative", 0, NULL);
    ValueId distance = complex_abs(l, complex_sub(l, z[0], z[1])),
            near = ir_fcmp(&l->b, PRED_LE, distance, abs);
    for (uint32_t i = 0; i < 2; i++) {
        ValueId bound = lower_bin(l, OP_fmul, rel, complex_abs(l, z[i]));
        near = lower_or(l, near, ir_fcmp(&l->b, PRED_LE, distance, bound));
    }
    near = lower_and(l, near, lower_not(l, lower_or(l, has_infinity(l, z[0]), has_infinity(l, z[1]))));
    return lower_or(l, near, complex_eq(l, z[0], z[1]));
}

/* ---- rows ------------------------------------------------------------------------------------------------ */

// clang-format off
enum { PURE = LIB_PURE | LIB_NO_RAISE };
#define FUNCTION(name, errors)                                                                                 \
    {"cmath." #name, "z, /", type_complex_function, emit_function, &(const Function){NATIVE_c##name, errors}, 1, 0}

static const LibRow rows[] = {
    FUNCTION(sqrt, NO_ERRORS),
    FUNCTION(exp, INF_IS_RANGE),
    FUNCTION(log, INF_IS_DOMAIN),
    {"cmath.log", "z, base, /", type_complex_function, emit_log_base, NULL, 1, 0},
    FUNCTION(log10, INF_IS_DOMAIN),
    FUNCTION(sin, INF_IS_RANGE),
    FUNCTION(cos, INF_IS_RANGE),
    FUNCTION(tan, INF_IS_RANGE),
    FUNCTION(asin, NO_ERRORS),
    FUNCTION(acos, NO_ERRORS),
    FUNCTION(atan, INF_IS_DOMAIN),
    FUNCTION(sinh, INF_IS_RANGE),
    FUNCTION(cosh, INF_IS_RANGE),
    FUNCTION(tanh, INF_IS_RANGE),
    FUNCTION(asinh, NO_ERRORS),
    FUNCTION(acosh, NO_ERRORS),
    FUNCTION(atanh, INF_IS_DOMAIN),
    {"cmath.phase", "z, /", type_real_function, emit_phase, NULL, 1, PURE},
    {"cmath.polar", "z, /", type_polar, emit_polar, NULL, 1, 0},
    {"cmath.rect", "r, phi, /", type_rect, emit_rect, NULL, 1, 0},
    {"cmath.isnan", "z, /", type_test, emit_isnan, NULL, 1, PURE},
    {"cmath.isinf", "z, /", type_test, emit_isinf, NULL, 1, PURE},
    {"cmath.isfinite", "z, /", type_test, emit_isfinite, NULL, 1, PURE},
    {"cmath.isclose", "a, b, *, rel_tol=1e-09, abs_tol=0.0", type_test, emit_isclose, NULL, 1, 0},
};
// clang-format on

const LibTable library_cmathlib_table = {"cmathlib", rows, ARRAY_LEN(rows)};
