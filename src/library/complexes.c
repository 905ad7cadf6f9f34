/* complexes.c - complex arithmetic on pairs of floats.
 *
 * Products are the textbook ones, as CPython's and NumPy's are: no recovery of infinities (C's Annex G).  Quotients
 * scale by the larger part of the divisor (Smith, "Algorithm 116", 1962); CPython divides by the scaled norm where
 * NumPy multiplies by its reciprocal, so there are two forms.  Branches are selects, so that loops vectorise.
 */
#include "library/scalars.h"
#include "library/versions.h"

Complex complex_parts(Lower *l, ValueId v) {
    return (Complex){lower_field(l, v, COMPLEX_RE), lower_field(l, v, COMPLEX_IM)};
}

ValueId complex_make(Lower *l, const Type *t, ValueId re, ValueId im) { return lower_make2(l, t, re, im); }

static ValueId by_parts(Lower *l, Op op, ValueId x, ValueId y) {
    Complex a = complex_parts(l, x), b = complex_parts(l, y);
    return complex_make(l, lower_type(l, x), lower_bin(l, op, a.re, b.re), lower_bin(l, op, a.im, b.im));
}

ValueId complex_add(Lower *l, ValueId x, ValueId y) { return by_parts(l, OP_fadd, x, y); }

ValueId complex_sub(Lower *l, ValueId x, ValueId y) { return by_parts(l, OP_fsub, x, y); }

ValueId complex_neg(Lower *l, ValueId x) {
    Complex a = complex_parts(l, x);
    return complex_make(l, lower_type(l, x), float_neg(l, a.re), float_neg(l, a.im));
}

ValueId complex_conj(Lower *l, ValueId x) {
    Complex a = complex_parts(l, x);
    return complex_make(l, lower_type(l, x), a.re, float_neg(l, a.im));
}

ValueId complex_mul(Lower *l, ValueId x, ValueId y) {
    Complex a = complex_parts(l, x), b = complex_parts(l, y);
    ValueId re = lower_bin(l, OP_fsub, lower_bin(l, OP_fmul, a.re, b.re), lower_bin(l, OP_fmul, a.im, b.im));
    ValueId im = lower_bin(l, OP_fadd, lower_bin(l, OP_fmul, a.re, b.im), lower_bin(l, OP_fmul, a.im, b.re));
    return complex_make(l, lower_type(l, x), re, im);
}

/* a - z has the imaginary part -z.im, not 0 - z.im; z - a keeps its own. */
static ValueId mixed_parts(Lower *l, Op op, const Type *t, ValueId x, ValueId y, bool real_first) {
    Complex z = complex_parts(l, real_first ? y : x);
    ValueId re = lower_bin(l, op, real_first ? x : z.re, real_first ? z.re : y);
    if (op == OP_fmul || op == OP_fdiv)
        return complex_make(l, t, re, lower_bin(l, op, real_first ? x : z.im, real_first ? z.im : y));
    return complex_make(l, t, re, op == OP_fsub && real_first ? float_neg(l, z.im) : z.im);
}

/* a / z: complex_div with the terms of a.im left out. */
static ValueId real_by_complex(Lower *l, const Type *t, ValueId a, ValueId y) {
    Complex b = complex_parts(l, y);
    ValueId big = ir_fcmp(&l->b, PRED_GE, float_abs(l, b.re), float_abs(l, b.im));
    ValueId large = lower_select(l, big, b.re, b.im), small = lower_select(l, big, b.im, b.re);
    ValueId ratio = lower_bin(l, OP_fdiv, small, large);
    ValueId norm = lower_bin(l, OP_fadd, large, lower_bin(l, OP_fmul, small, ratio));
    ValueId scaled = lower_bin(l, OP_fmul, a, ratio), negative = float_neg(l, a);
    ValueId re = lower_select(l, big, a, scaled);
    ValueId im = lower_select(l, big, lower_bin(l, OP_fmul, negative, ratio), negative);
    return complex_make(l, t, lower_bin(l, OP_fdiv, re, norm), lower_bin(l, OP_fdiv, im, norm));
}

ValueId complex_mixed(Lower *l, Op op, ValueId x, ValueId y) {
    bool real_first = lower_type(l, x)->kind != TYPE_COMPLEX;
    const Type *t = lower_type(l, real_first ? y : x);
    if (op == OP_fdiv && real_first) return real_by_complex(l, t, x, y);
    return mixed_parts(l, op, t, x, y, real_first);
}

/* ---- division -------------------------------------------------------------------------------------------- */

/* x / y = (re + im i) / norm, all scaled by the larger part of y. */
typedef struct {
    ValueId re, im, norm;
} Scaled;

static Scaled scaled_quotient(Lower *l, Complex a, Complex b) {
    ValueId big = ir_fcmp(&l->b, PRED_GE, float_abs(l, b.re), float_abs(l, b.im));
    ValueId large = lower_select(l, big, b.re, b.im), small = lower_select(l, big, b.im, b.re);
    ValueId ratio = lower_bin(l, OP_fdiv, small, large);
    ValueId re_scaled = lower_bin(l, OP_fmul, a.re, ratio), im_scaled = lower_bin(l, OP_fmul, a.im, ratio);
    /* big: (re + im*ratio, im - re*ratio); else (re*ratio + im, im*ratio - re) */
    ValueId re = lower_bin(l, OP_fadd, lower_select(l, big, a.re, re_scaled),
                           lower_select(l, big, im_scaled, a.im));
    ValueId im = lower_bin(l, OP_fsub, lower_select(l, big, a.im, im_scaled),
                           lower_select(l, big, re_scaled, a.re));
    ValueId norm = lower_bin(l, OP_fadd, large, lower_bin(l, OP_fmul, small, ratio));
    return (Scaled){re, im, norm};
}

ValueId complex_div(Lower *l, ValueId x, ValueId y) {
    Scaled s = scaled_quotient(l, complex_parts(l, x), complex_parts(l, y));
    return complex_make(l, lower_type(l, x), lower_bin(l, OP_fdiv, s.re, s.norm),
                        lower_bin(l, OP_fdiv, s.im, s.norm));
}

ValueId complex_div_numpy(Lower *l, ValueId x, ValueId y) {
    Complex a = complex_parts(l, x), b = complex_parts(l, y);
    Scaled s = scaled_quotient(l, a, b);
    const Type *part = lower_type(l, a.re);
    ValueId zero = lower_float(l, part, 0), scale = lower_bin(l, OP_fdiv, lower_float(l, part, 1), s.norm);
    ValueId abs_re = float_abs(l, b.re), abs_im = float_abs(l, b.im);
    ValueId by_zero = lower_and(l, ir_fcmp(&l->b, PRED_EQ, abs_re, zero),
                                ir_fcmp(&l->b, PRED_EQ, abs_im, zero));
    ValueId re = lower_select(l, by_zero, lower_bin(l, OP_fdiv, a.re, abs_re),
                              lower_bin(l, OP_fmul, s.re, scale));
    ValueId im = lower_select(l, by_zero, lower_bin(l, OP_fdiv, a.im, abs_re),
                              lower_bin(l, OP_fmul, s.im, scale));
    return complex_make(l, lower_type(l, x), re, im);
}

/* ---- order and magnitude --------------------------------------------------------------------------------- */

ValueId complex_eq(Lower *l, ValueId x, ValueId y) {
    Complex a = complex_parts(l, x), b = complex_parts(l, y);
    return lower_and(l, ir_fcmp(&l->b, PRED_EQ, a.re, b.re), ir_fcmp(&l->b, PRED_EQ, a.im, b.im));
}

ValueId complex_abs(Lower *l, ValueId x) {
    Complex a = complex_parts(l, x);
    return lower_native_f2(l, NATIVE_hypot, a.re, a.im);
}

/* ---- functions in C -------------------------------------------------------------------------------------- */

enum { COMPLEX_NBYTES = 16 };

static ValueId load_result(Lower *l, ValueId at, const Type *t) {
    ValueId re = ir_load(&l->b, type_f64, at);
    ValueId im = ir_load(&l->b, type_f64, ir_ptr_add(&l->b, at, lower_i64(l, COMPLEX_NBYTES / 2)));
    return lower_cast(l, complex_make(l, type_c128, re, im), type_c128, t);
}

ValueId complex_native1(Lower *l, Native n, ValueId x) {
    Complex a = complex_parts(l, lower_cast(l, x, lower_type(l, x), type_c128));
    ValueId at = lower_alloca(l, COMPLEX_NBYTES);
    ir_native(&l->b, n, type_none, 3, (ValueId[]){a.re, a.im, at});
    return load_result(l, at, lower_type(l, x));
}

ValueId complex_native2(Lower *l, Native n, ValueId x, ValueId y) {
    Complex a = complex_parts(l, lower_cast(l, x, lower_type(l, x), type_c128));
    Complex b = complex_parts(l, lower_cast(l, y, lower_type(l, y), type_c128));
    ValueId at = lower_alloca(l, COMPLEX_NBYTES);
    ir_native(&l->b, n, type_none, 5, (ValueId[]){a.re, a.im, b.re, b.im, at});
    return load_result(l, at, lower_type(l, x));
}

/* ---- powers ---------------------------------------------------------------------------------------------- */

static bool known_real(Lower *l, ValueId v, double *value) {
    double im;
    Complex a = complex_parts(l, v);
    return lower_known_float(l, a.re, value) && lower_known_float(l, a.im, &im) && im == 0;
}

ValueId complex_pow(Lower *l, ValueId x, ValueId y) {
    double known;
    bool is_known = known_real(l, y, &known);
    if (is_known && known == 2) return complex_mul(l, x, x);
    if (is_known && known == 3) return complex_mul(l, x, complex_mul(l, x, x));
    Complex a = complex_parts(l, lower_cast(l, x, lower_type(l, x), type_c128));
    Complex b = complex_parts(l, lower_cast(l, y, lower_type(l, y), type_c128));
    ValueId at = lower_alloca(l, COMPLEX_NBYTES);
    ValueId error = ir_native(&l->b, NATIVE_complex_pow, type_i32, 5,
                              (ValueId[]){a.re, a.im, b.re, b.im, at});
    if (!l->options->error_model_numpy) {
        lower_raise_if(
            l, ir_icmp(&l->b, PRED_EQ, error, lower_int(l, type_i32, 1)), "ZeroDivisionError",
            python_text("0.0 to a negative or complex power", "zero to a negative or complex power"), 0,
            NULL);
        lower_raise_if(l, ir_icmp(&l->b, PRED_EQ, error, lower_int(l, type_i32, 2)), "OverflowError",
                       "complex exponentiation", 0, NULL);
    }
    return load_result(l, at, lower_type(l, x));
}
