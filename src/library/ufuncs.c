/* ufuncs.c - NumPy's elementwise functions on single numbers: rows of ufuncs.def.
 *
 * The emitters here compute one element; arrays call them inside a loop (maps.c), np.sqrt(2.0) calls them once.
 * They follow NumPy, not Python: an integer divided by zero is 0, integers wrap in their own width, nothing raises
 * but an integer to a negative power.  float16 computes in float32 and is rounded back.
 *
 * Types are NEP 50: Python scalars are weak, they only lift the result's kind, never its width.
 */
#include <math.h>

#include "library/arrays.h"
#include "library/datetimes.h"
#include "library/scalars.h"

/* ---- types ----------------------------------------------------------------------------------------------- */

typedef enum {
    SAME,
    WIDE_BOOL,
    INEXACT,
    DIVIDE,
    TEST,
    LOGICAL,
    MAGNITUDE,
    COUNT,
    FLOAT64,
    MANTISSA
} UfuncRule;

typedef ValueId (*KindEmitter)(Lower *l, const Ufunc *u, const Type *t, const ValueId *x);
typedef struct {
    Ufunc ufunc; /* first: the public part */
    KindEmitter on[TYPE_COMPLEX + 1];
} UfuncRow;

static const UfuncRow *row_of(const Ufunc *u) { return (const UfuncRow *)u; }

static const Type *lift(const Type *strong, const Type *weak) {
    if (weak->kind <= strong->kind) return strong;
    if (weak->kind != TYPE_COMPLEX || strong->kind != TYPE_FLOAT) return weak;
    return strong->bits == 64 ? type_c128 : type_c64;
}

static const Type *promoted(const Ufunc *u, const Type *const *operand, const bool *weak) {
    const Type *strong = NULL, *t = NULL;
    for (uint32_t i = 0; i < u->nin; i++)
        if (!weak[i]) strong = strong ? type_promote(strong, operand[i]) : operand[i];
    t = strong;
    for (uint32_t i = 0; i < u->nin; i++)
        if (weak[i]) t = !t ? operand[i] : strong ? lift(t, operand[i]) : type_promote(t, operand[i]);
    return t;
}

static const Type *inexact(const Type *t) {
    if (t->kind > TYPE_INT) return t;
    if (t->kind == TYPE_BOOL || t->bits == 8) return type_f16;
    return t->bits == 16 ? type_f32 : type_f64;
}

/* Integers become floats one by one: int8 with uint8 is float16, although their own promotion is int16. */
static const Type *inexact_promoted(const Ufunc *u, const Type *const *operand, const bool *weak) {
    const Type *t = promoted(u, operand, weak), *strong = NULL;
    bool has_weak_int = false;
    if (t->kind > TYPE_INT) return t;
    for (uint32_t i = 0; i < u->nin; i++) has_weak_int |= weak[i] && operand[i]->kind == TYPE_INT;
    for (uint32_t i = 0; i < u->nin; i++)
        if (!weak[i]) strong = strong ? type_promote(strong, inexact(operand[i])) : inexact(operand[i]);
    /* bools with a Python int are int64 together */
    bool only_bools = has_weak_int && t->kind == TYPE_INT;
    for (uint32_t i = 0; i < u->nin; i++) only_bools &= weak[i] || operand[i]->kind == TYPE_BOOL;
    return strong && !only_bools ? strong : type_f64;
}

static const Type *compute_type(const Ufunc *u, const Type *const *operand, const bool *weak) {
    const Type *t = promoted(u, operand, weak);
    switch ((UfuncRule)u->rule) {
    case INEXACT:
    case MANTISSA: return inexact_promoted(u, operand, weak);
    case DIVIDE: return t->kind <= TYPE_INT ? type_f64 : t;
    case WIDE_BOOL: return t->kind == TYPE_BOOL ? type_i8 : t;
    case LOGICAL: return type_bool;
    case FLOAT64: return t->kind == TYPE_COMPLEX ? type_c128 : type_f64;
    default: return t;
    }
}

static const Type *result_type(const Ufunc *u, const Type *compute) {
    switch ((UfuncRule)u->rule) {
    case TEST:
    case LOGICAL: return type_bool;
    case MAGNITUDE: return type_real_part(compute);
    case COUNT: return type_u8;
    case MANTISSA: return type_tuple(2, (const Type *const[]){compute, type_i32});
    default: return u->nout == 2 ? type_tuple(2, (const Type *const[]){compute, compute}) : compute;
    }
}

/* ldexp's second operand is an integer; it has no say in the type. */
static const Type *ldexp_type(const Type *const *operand, const bool *weak) {
    if (operand[1]->kind > TYPE_INT || operand[0]->kind == TYPE_COMPLEX) return NULL;
    return weak[0] ? type_f64 : inexact(operand[0]);
}

static bool is_ldexp(const Ufunc *u);

/* int64 and uint64, whose common type float64 would take different numbers for equal ones: each stays as it is. */
static const Type *mixed_signs(const Ufunc *u, const Type *const *operand) {
    if (u->rule != TEST || u->nin != 2) return NULL;
    if (operand[0]->kind != TYPE_INT || operand[1]->kind != TYPE_INT) return NULL;
    if (operand[0]->is_signed == operand[1]->is_signed) return NULL;
    const Type *unsigned_one = operand[operand[0]->is_signed];
    if (unsigned_one->bits < 64) return NULL;
    return type_tuple(2, (const Type *const[]){operand[0]->is_signed ? type_i64 : type_u64,
                                               operand[1]->is_signed ? type_i64 : type_u64});
}

bool library_ufunc_types(const Ufunc *u, const Type *const *operand, const bool *weak, const Type **compute,
                         const Type **result) {
    for (uint32_t i = 0; i < u->nin; i++)
        if (!operand[i] || !type_is_scalar(operand[i])) return false;
    for (uint32_t i = 0; i < u->nin; i++)
        if (type_is_time(operand[i])) return time_ufunc_types(u, operand, compute, result);
    *result = type_bool;
    if ((*compute = mixed_signs(u, operand)) != NULL) return true;
    *compute = is_ldexp(u) ? ldexp_type(operand, weak) : compute_type(u, operand, weak);
    if (!*compute || !row_of(u)->on[(*compute)->kind]) return false;
    *result = result_type(u, *compute);
    return true;
}

/* ---- integers and bools ---------------------------------------------------------------------------------- */

#define EMITTER(name) static ValueId name(Lower *l, const Ufunc *u, const Type *t, const ValueId *x)
#define UNUSED (void)l, (void)u, (void)t, (void)x
#define BINARY(name, expression) \
    EMITTER(name) {              \
        UNUSED;                  \
        return expression;       \
    }
#define OF_OP(name, op) BINARY(name, lower_bin(l, op, x[0], x[1]))

OF_OP(bool_or, OP_ior)
OF_OP(bool_and, OP_iand)
OF_OP(bits_xor, OP_ixor)
OF_OP(int_add, OP_iadd)
OF_OP(int_sub, OP_isub)
OF_OP(int_mul, OP_imul)
BINARY(identity, x[0])
BINARY(bool_not, lower_not(l, x[0]))
BINARY(int_not, lower_bin(l, OP_ixor, x[0], lower_int(l, t, -1)))
BINARY(int_neg, lower_bin(l, OP_isub, lower_int(l, t, 0), x[0]))
BINARY(int_square, lower_bin(l, OP_imul, x[0], x[0]))
BINARY(abs_, int_abs(l, x[0]))
BINARY(max_, int_max(l, x[0], x[1]))
BINARY(min_, int_min(l, x[0], x[1]))
BINARY(shl_, int_shl(l, x[0], x[1]))
BINARY(shr_, int_shr(l, x[0], x[1]))
BINARY(never, lower_bool(l, false))
BINARY(always, lower_bool(l, true))
BINARY(sign_of_int, int_negative(l, x[0]))
BINARY(count_bool, lower_cast(l, x[0], type_bool, type_u8))
BINARY(count_bits, lower_cast(l, lower_native1(l, NATIVE_ctpop, int_abs(l, x[0])), t, type_u8))

/* The quotient or remainder of a division by zero is 0. */
static ValueId zero_by_zero(Lower *l, ValueId y, ValueId v) {
    if (lower_is_nonzero(l, y)) return v;
    ValueId zero = lower_int(l, lower_type(l, y), 0);
    return lower_select(l, ir_icmp(&l->b, PRED_EQ, y, zero), zero, v);
}

BINARY(floordiv, zero_by_zero(l, x[1], int_floordiv(l, x[0], nonzero_or_one(l, x[1]))))
BINARY(mod, zero_by_zero(l, x[1], int_mod(l, x[0], nonzero_or_one(l, x[1]))))
BINARY(int_divmod, lower_make2(l, result_type(u, t), floordiv(l, u, t, x), mod(l, u, t, x)))

/* C's remainder; a divisor of -1 would trap for the least integer. */
EMITTER(rem) {
    (void)u;
    ValueId y = nonzero_or_one(l, x[1]);
    if (!t->is_signed) return zero_by_zero(l, x[1], lower_bin(l, OP_urem, x[0], y));
    ValueId minus_one = ir_icmp(&l->b, PRED_EQ, y, lower_int(l, t, -1));
    y = lower_select(l, minus_one, lower_int(l, t, 1), y);
    return zero_by_zero(l, x[1], lower_bin(l, OP_srem, x[0], y));
}

EMITTER(power) {
    (void)u;
    int64_t known;
    if (t->is_signed && !(lower_known_int(l, x[1], &known) && known >= 0))
        lower_raise_if(l, int_negative(l, x[1]), "ValueError",
                       "Integers to negative integer powers are not allowed.", 0, NULL);
    return int_pow(l, x[0], x[1]);
}

EMITTER(int_sign) {
    (void)u;
    ValueId zero = lower_int(l, t, 0), positive = lower_compare(l, PRED_GT, x[0], zero);
    ValueId one = lower_un(l, OP_zext, t, positive);
    return t->is_signed ? lower_select(l, int_negative(l, x[0]), lower_int(l, t, -1), one) : one;
}

/* 1 / x towards zero: x itself where it is 1 or -1, else 0. */
EMITTER(int_reciprocal) {
    (void)u;
    ValueId unit = ir_icmp(&l->b, PRED_EQ, int_abs(l, x[0]), lower_int(l, t, 1));
    return lower_select(l, unit, x[0], lower_int(l, t, 0));
}

static ValueId gcd_of(Lower *l, const Type *t, const ValueId *x) {
    ValueId wide[2];
    for (uint32_t i = 0; i < 2; i++)
        wide[i] = lower_cast(l, lower_cast(l, int_abs(l, x[i]), t, type_u64), type_u64, type_i64);
    if (t->is_signed) /* |INT_MIN| of a narrow type is negative: its sign bits must go */
        for (uint32_t i = 0; i < 2; i++) wide[i] = int_abs(l, wide[i]);
    return lower_cast(l, lower_native2(l, NATIVE_gcd, wide[0], wide[1]), type_i64, t);
}

BINARY(gcd_, gcd_of(l, t, x))

EMITTER(lcm_) {
    (void)u;
    ValueId g = nonzero_or_one(l, gcd_of(l, t, x));
    ValueId part = lower_bin(l, t->is_signed ? OP_sdiv : OP_udiv, int_abs(l, x[0]), g);
    return lower_bin(l, OP_imul, part, int_abs(l, x[1]));
}

/* ---- floats ---------------------------------------------------------------------------------------------- */

OF_OP(float_add, OP_fadd)
OF_OP(float_sub, OP_fsub)
OF_OP(float_mul, OP_fmul)
OF_OP(float_div, OP_fdiv)
BINARY(neg, float_neg(l, x[0]))
BINARY(magnitude, float_abs(l, x[0]))
BINARY(square, lower_bin(l, OP_fmul, x[0], x[0]))
BINARY(reciprocal, lower_bin(l, OP_fdiv, lower_float(l, t, 1), x[0]))
BINARY(fmod_, float_rem(l, x[0], x[1]))
BINARY(float_floordiv, float_divmod(l, x[0], x[1]).quotient)
BINARY(float_mod, float_divmod(l, x[0], x[1]).remainder)
BINARY(is_nan, float_is_nan(l, x[0]))
BINARY(is_inf, float_is_inf(l, x[0]))
BINARY(is_finite, float_is_finite(l, x[0]))
BINARY(sign_of_float, float_signbit(l, x[0]))
BINARY(native1, lower_native_f1(l, (Native)u->native, x[0]))
BINARY(native2, lower_native_f2(l, (Native)u->native, x[0], x[1]))
BINARY(intrinsic1, lower_native1(l, (Native)u->native, x[0]))
BINARY(intrinsic2, lower_native2(l, (Native)u->native, x[0], x[1]))
BINARY(to_degrees,
       lower_bin(l, OP_fmul, x[0], lower_float(l, t, t->bits == 32 ? 180 / (float)M_PI : 180 / M_PI)))
BINARY(to_radians,
       lower_bin(l, OP_fmul, x[0], lower_float(l, t, t->bits == 32 ? (float)M_PI / 180 : M_PI / 180)))

EMITTER(float_both) {
    DivMod d = float_divmod(l, x[0], x[1]);
    return lower_make2(l, result_type(u, t), d.quotient, d.remainder);
}

/* NumPy's short cuts for a scalar exponent. */
EMITTER(float_power_) {
    (void)u;
    double known;
    if (lower_known_float(l, x[1], &known) && known == 0.5) return lower_native1(l, NATIVE_sqrt, x[0]);
    if (lower_known_float(l, x[1], &known) && known == -1)
        return lower_bin(l, OP_fdiv, lower_float(l, t, 1), x[0]);
    return float_pow(l, x[0], x[1]);
}

EMITTER(sign) {
    (void)u;
    ValueId zero = lower_float(l, t, 0);
    ValueId down = lower_select(l, ir_fcmp(&l->b, PRED_LT, x[0], zero), lower_float(l, t, -1),
                                lower_select(l, ir_fcmp(&l->b, PRED_EQ, x[0], zero), zero, x[0]));
    return lower_select(l, ir_fcmp(&l->b, PRED_GT, x[0], zero), lower_float(l, t, 1), down);
}

static ValueId in_double(Lower *l, const Type *t, Native n, ValueId x, ValueId y) {
    ValueId r = lower_native2(l, n, lower_cast(l, x, t, type_f64), lower_cast(l, y, t, type_f64));
    return lower_cast(l, r, type_f64, t);
}

BINARY(double2, in_double(l, t, (Native)u->native, x[0], x[1]))

EMITTER(ldexp_) {
    (void)u;
    ValueId n = lower_cast(l, x[1], t, type_i64);
    ValueId r = ir_native(&l->b, NATIVE_ldexp, type_f64, 2, (ValueId[]){lower_cast(l, x[0], t, type_f64), n});
    return lower_cast(l, r, type_f64, t);
}

EMITTER(both_parts) {
    ValueId whole = lower_native1(l, NATIVE_ftrunc, x[0]), zero = lower_float(l, t, 0);
    ValueId rest = lower_select(l, float_is_inf(l, x[0]), zero, lower_bin(l, OP_fsub, x[0], whole));
    return lower_make2(l, result_type(u, t), lower_native2(l, NATIVE_copysign, rest, x[0]), whole);
}

EMITTER(mantissa) {
    ValueId wide = lower_cast(l, x[0], t, type_f64);
    ValueId m = lower_cast(l, lower_native1(l, NATIVE_frexp_mantissa, wide), type_f64, t);
    ValueId e = ir_native(&l->b, NATIVE_frexp_exponent, type_i64, 1, &wide);
    return lower_make2(l, result_type(u, t), m, lower_cast(l, e, type_i64, type_i32));
}

EMITTER(heaviside) {
    (void)u;
    ValueId zero = lower_float(l, t, 0);
    ValueId step = lower_select(l, ir_fcmp(&l->b, PRED_GT, x[0], zero), lower_float(l, t, 1), x[0]);
    step = lower_select(l, ir_fcmp(&l->b, PRED_LT, x[0], zero), zero, step);
    return lower_select(l, ir_fcmp(&l->b, PRED_EQ, x[0], zero), x[1], step);
}

/* The first operand if it wins or `nan` is a nan, else the second: of zeros of both signs that is the second, which
 * is what NumPy's vector code gives. */
static ValueId extremum(Lower *l, Predicate wins, ValueId x, ValueId y, ValueId nan) {
    ValueId first = lower_or(l, ir_fcmp(&l->b, wins, x, y), float_is_nan(l, nan));
    return lower_select(l, first, x, y);
}

BINARY(maximum, extremum(l, PRED_GT, x[0], x[1], x[0]))
BINARY(minimum, extremum(l, PRED_LT, x[0], x[1], x[0]))
BINARY(fmax_, extremum(l, PRED_GT, x[0], x[1], x[1]))
BINARY(fmin_, extremum(l, PRED_LT, x[0], x[1], x[1]))

#define ORDER(name, p) BINARY(name, lower_compare(l, p, x[0], x[1]))
ORDER(eq, PRED_EQ)
ORDER(ne, PRED_NE)
ORDER(lt, PRED_LT)
ORDER(le, PRED_LE)
ORDER(gt, PRED_GT)
ORDER(ge, PRED_GE)

/* ---- complex numbers ------------------------------------------------------------------------------------- */

BINARY(cadd, complex_add(l, x[0], x[1]))
BINARY(csub, complex_sub(l, x[0], x[1]))
BINARY(cmul, complex_mul(l, x[0], x[1]))
BINARY(cdiv, complex_div_numpy(l, x[0], x[1]))
BINARY(cneg, complex_neg(l, x[0]))
BINARY(conj_, complex_conj(l, x[0]))
BINARY(cabs_, complex_abs(l, x[0]))
BINARY(csquare, complex_mul(l, x[0], x[0]))
BINARY(ceq, complex_eq(l, x[0], x[1]))
BINARY(cne, lower_not(l, complex_eq(l, x[0], x[1])))
BINARY(cpower, complex_native2(l, NATIVE_complex_pow_numpy, x[0], x[1]))

#define C1(name) BINARY(name##_, complex_native1(l, NATIVE_##name, x[0]))
// clang-format off
C1(csqrt) C1(cexp) C1(clog) C1(clog10) C1(csin) C1(ccos) C1(ctan) C1(casin) C1(cacos) C1(catan)
C1(csinh) C1(ccosh) C1(ctanh) C1(casinh) C1(cacosh) C1(catanh)
    // clang-format on

    static ValueId complex_real(Lower *l, const Type *t, double v) {
    const Type *part = type_real_part(t);
    return complex_make(l, t, lower_float(l, part, v), lower_float(l, part, 0));
}

static ValueId scaled(Lower *l, const Type *t, ValueId x, double by) {
    Complex a = complex_parts(l, x);
    ValueId factor = lower_float(l, type_real_part(t), by);
    return complex_make(l, t, lower_bin(l, OP_fmul, a.re, factor), lower_bin(l, OP_fmul, a.im, factor));
}

/* As NumPy's loop: no numerator whose imaginary zero could change a sign. */
EMITTER(creciprocal) {
    (void)u;
    Complex a = complex_parts(l, x[0]);
    ValueId one = lower_float(l, type_real_part(t), 1);
    ValueId flat = ir_fcmp(&l->b, PRED_LE, float_abs(l, a.im), float_abs(l, a.re));
    ValueId large = lower_select(l, flat, a.re, a.im), small = lower_select(l, flat, a.im, a.re);
    ValueId ratio = lower_bin(l, OP_fdiv, small, large);
    ValueId norm = lower_bin(l, OP_fadd, large, lower_bin(l, OP_fmul, small, ratio));
    return complex_make(l, t, lower_bin(l, OP_fdiv, lower_select(l, flat, one, ratio), norm),
                        lower_bin(l, OP_fdiv, float_neg(l, lower_select(l, flat, ratio, one)), norm));
}

BINARY(cexp2, complex_native1(l, NATIVE_cexp, scaled(l, t, x[0], M_LN2)))
BINARY(clog2_, scaled(l, t, complex_native1(l, NATIVE_clog, x[0]), M_LOG2E))

/* expm1(a + bi) = expm1(a) cos b - 2 sin(b/2)^2 + (exp(a) sin b) i, without cancellation near zero. */
EMITTER(cexpm1) {
    (void)u;
    Complex a = complex_parts(l, x[0]);
    const Type *part = type_real_part(t);
    ValueId half = lower_native_f1(l, NATIVE_sin, lower_bin(l, OP_fmul, a.im, lower_float(l, part, 0.5)));
    ValueId re = lower_bin(l, OP_fmul, lower_native_f1(l, NATIVE_expm1, a.re),
                           lower_native_f1(l, NATIVE_cos, a.im));
    ValueId twice = lower_bin(l, OP_fmul, lower_float(l, part, 2), lower_bin(l, OP_fmul, half, half));
    ValueId im = lower_bin(l, OP_fmul, lower_native_f1(l, NATIVE_exp, a.re),
                           lower_native_f1(l, NATIVE_sin, a.im));
    return complex_make(l, t, lower_bin(l, OP_fsub, re, twice), im);
}

/* log1p(a + bi) = log(hypot(a + 1, b)) + atan2(b, a + 1) i, as NumPy has it. */
EMITTER(clog1p) {
    (void)u;
    Complex a = complex_parts(l, x[0]);
    ValueId re = lower_bin(l, OP_fadd, a.re, lower_float(l, type_real_part(t), 1));
    ValueId length = lower_native_f2(l, NATIVE_hypot, re, a.im);
    return complex_make(l, t, lower_native_f1(l, NATIVE_log, length),
                        lower_native_f2(l, NATIVE_atan2, a.im, re));
}

EMITTER(crint) {
    (void)u;
    Complex a = complex_parts(l, x[0]);
    return complex_make(l, t, lower_native1(l, NATIVE_rint, a.re), lower_native1(l, NATIVE_rint, a.im));
}

static ValueId select_complex(Lower *l, ValueId cond, ValueId x, ValueId y) {
    Complex a = complex_parts(l, x), b = complex_parts(l, y);
    return complex_make(l, lower_type(l, x), lower_select(l, cond, a.re, b.re),
                        lower_select(l, cond, a.im, b.im));
}

/* x / |x|, 0 for 0. */
/* A part of a number over its length; one part that is infinite is the direction, and two have none. */
static ValueId sign_part(Lower *l, ValueId part, ValueId other, ValueId length) {
    const Type *t = lower_type(l, part);
    ValueId alone = lower_native2(l, NATIVE_copysign, lower_float(l, t, 1), part);
    ValueId infinite = lower_select(l, float_is_inf(l, other), lower_float(l, t, NAN), alone);
    ValueId finite = lower_select(l, float_is_inf(l, other), lower_float(l, t, 0),
                                  lower_bin(l, OP_fdiv, part, length));
    return lower_select(l, float_is_inf(l, part), infinite, finite);
}

EMITTER(csign) {
    (void)u;
    ValueId length = complex_abs(l, x[0]), zero = lower_float(l, type_real_part(t), 0);
    Complex a = complex_parts(l, x[0]);
    ValueId unit = complex_make(l, t, sign_part(l, a.re, a.im, length), sign_part(l, a.im, a.re, length));
    return select_complex(l, ir_fcmp(&l->b, PRED_EQ, length, zero), complex_real(l, t, 0), unit);
}

static ValueId any_part(Lower *l, ValueId x, ValueId (*test)(Lower *, ValueId)) {
    Complex a = complex_parts(l, x);
    return lower_or(l, test(l, a.re), test(l, a.im));
}

static ValueId both_finite(Lower *l, ValueId x) {
    Complex a = complex_parts(l, x);
    return lower_and(l, float_is_finite(l, a.re), float_is_finite(l, a.im));
}

BINARY(cis_nan, any_part(l, x[0], float_is_nan))
BINARY(cis_inf, any_part(l, x[0], float_is_inf))
BINARY(cis_finite, both_finite(l, x[0]))

/* Lexicographic; false where a part that decides is nan. */
static ValueId ordered(Lower *l, Predicate strict, Predicate p, ValueId x, ValueId y) {
    Complex a = complex_parts(l, x), b = complex_parts(l, y);
    ValueId known = lower_not(l, lower_or(l, float_is_nan(l, a.im), float_is_nan(l, b.im)));
    ValueId by_re = lower_and(l, ir_fcmp(&l->b, strict, a.re, b.re), known);
    ValueId by_im = lower_and(l, ir_fcmp(&l->b, PRED_EQ, a.re, b.re), ir_fcmp(&l->b, p, a.im, b.im));
    return lower_or(l, by_re, by_im);
}

BINARY(clt, ordered(l, PRED_LT, PRED_LT, x[0], x[1]))
BINARY(cle, ordered(l, PRED_LT, PRED_LE, x[0], x[1]))
BINARY(cgt, ordered(l, PRED_GT, PRED_GT, x[0], x[1]))
BINARY(cge, ordered(l, PRED_GT, PRED_GE, x[0], x[1]))

static ValueId complex_extremum(Lower *l, Predicate strict, Predicate p, const ValueId *x) {
    ValueId first = lower_or(l, ordered(l, strict, p, x[0], x[1]), any_part(l, x[0], float_is_nan));
    return select_complex(l, first, x[0], x[1]);
}

BINARY(cmaximum, complex_extremum(l, PRED_GT, PRED_GE, x))
BINARY(cminimum, complex_extremum(l, PRED_LT, PRED_LE, x))

/* The first operand if it wins or the second is a nan. */
static ValueId complex_number_extremum(Lower *l, Predicate strict, Predicate p, const ValueId *x) {
    ValueId first = lower_or(l, ordered(l, strict, p, x[0], x[1]), any_part(l, x[1], float_is_nan));
    return select_complex(l, first, x[0], x[1]);
}

BINARY(cfmax, complex_number_extremum(l, PRED_GT, PRED_GE, x))
BINARY(cfmin, complex_number_extremum(l, PRED_LT, PRED_LE, x))

/* ---- the table ------------------------------------------------------------------------------------------- */

static ValueId emit_half(Lower *l, const Ufunc *u, const ValueId *args) {
    ValueId wide[3];
    for (uint32_t i = 0; i < u->nin; i++) wide[i] = lower_cast(l, args[i], type_f16, type_f32);
    ValueId r;
    if (u->native == NATIVE_spacing) r = lower_native1(l, NATIVE_half_spacing, wide[0]);
    else if (u->native == NATIVE_nextafter) r = lower_native2(l, NATIVE_half_nextafter, wide[0], wide[1]);
    else r = row_of(u)->on[TYPE_FLOAT](l, u, type_f32, wide);
    return lower_cast(l, r, lower_type(l, r), result_type(u, type_f16));
}

static Predicate predicate_of(const Ufunc *u);

static ValueId emit_ufunc(Lower *l, const Ufunc *u, const Type *type, const ValueId *args) {
    if (type->kind == TYPE_TUPLE && type_is_int(type->elem[0]) && type_is_int(type->elem[1]))
        return compare_mixed_signs(l, predicate_of(u), args[0], args[1]);
    if (type->kind == TYPE_TUPLE) return time_ufunc_emit(l, u, type, args);
    return type == type_f16 ? emit_half(l, u, args) : row_of(u)->on[type->kind](l, u, type, args);
}

#define F(name, nin, nout, rule, native, on_bool, on_int, on_float, on_complex) UFUNC_##name,
enum {
#include "library/ufuncs.def"
    UFUNC_COUNT
};
#undef F

#define F(name, nin, nout, rule, native, on_bool, on_int, on_float, on_complex) \
    [UFUNC_##name] = {                                                          \
        {#name, nin, nout, rule, emit_ufunc, native},                           \
        {[TYPE_BOOL] = on_bool, [TYPE_INT] = on_int, [TYPE_FLOAT] = on_float, [TYPE_COMPLEX] = on_complex}},
static const UfuncRow ufuncs[UFUNC_COUNT] = {
#include "library/ufuncs.def"
};
#undef F

static bool is_ldexp(const Ufunc *u) { return u == &ufuncs[UFUNC_ldexp].ufunc; }

static Predicate predicate_of(const Ufunc *u) {
    static const Predicate of[] = {
        [UFUNC_equal] = PRED_EQ,      [UFUNC_not_equal] = PRED_NE, [UFUNC_less] = PRED_LT,
        [UFUNC_less_equal] = PRED_LE, [UFUNC_greater] = PRED_GT,   [UFUNC_greater_equal] = PRED_GE};
    return of[(const UfuncRow *)u - ufuncs];
}

const Ufunc *library_ufunc(const char *name) {
    if (!strcmp(name, "true_divide")) name = "divide";
    for (uint32_t i = 0; i < UFUNC_COUNT; i++)
        if (!strcmp(ufuncs[i].ufunc.name, name)) return &ufuncs[i].ufunc;
    return NULL;
}

/* ---- on single numbers ----------------------------------------------------------------------------------- */

static const Type *scalar_operand(const Call *c, uint32_t i) {
    const Type *t = c->type[i] ? type_base(c->type[i]) : NULL;
    return t && type_is_scalar(t) ? t : NULL;
}

static bool scalar_types(const Call *c, const Type **compute, const Type **result) {
    const Ufunc *u = c->row->data;
    const Type *operand[3];
    bool weak[3];
    for (uint32_t i = 0; i < u->nin; i++) {
        operand[i] = scalar_operand(c, i);
        weak[i] = operand[i] && is_weak(operand[i]);
    }
    return library_ufunc_types(u, operand, weak, compute, result);
}

static const Type *type_scalar(Call *c) {
    const Type *compute, *result;
    return scalar_types(c, &compute, &result) ? result : call_decline(c);
}

static ValueId emit_scalar(Lower *l, Call *c) {
    const Ufunc *u = c->row->data;
    const Type *compute, *result;
    ValueId arg[3];
    if (c->result->nleaves == 0) return NO_VALUE;
    scalar_types(c, &compute, &result);
    for (uint32_t i = 0; i < u->nin; i++) arg[i] = scalar_arg(l, c, i, ufunc_operand(compute, i));
    return emit_ufunc(l, u, compute, arg);
}

/* Python's operators on times are NumPy's. */
static const Type *type_times(Call *c) {
    const Ufunc *u = c->row->data;
    bool has_time = false;
    for (uint32_t i = 0; i < u->nin; i++) {
        if (!scalar_operand(c, i)) return call_decline(c);
        has_time |= type_is_time(scalar_operand(c, i));
    }
    if (!has_time) return call_decline(c);
    const Type *t = type_scalar(c);
    if (t || u->nin < 2) return t;
    if (u == &ufuncs[UFUNC_equal].ufunc || u == &ufuncs[UFUNC_not_equal].ufunc) /* of different kinds */
        if (scalar_operand(c, 0)->kind != scalar_operand(c, 1)->kind)
            return type_literal_bool(u == &ufuncs[UFUNC_not_equal].ufunc);
    return call_error(c, DIAG_NO_IMPLEMENTATION, "ufunc '%s' is not supported between %s and %s", u->name,
                      c->type[0]->name, c->type[1]->name);
}

/* ---- rows ------------------------------------------------------------------------------------------------ */

// clang-format off
#define PARAMS_1 "x, /"
#define PARAMS_2 "x1, x2, /"
#define F(name, nin, nout, rule, native, on_bool, on_int, on_float, on_complex)                                \
    {"numpy." #name, PARAMS_##nin, type_scalar, emit_scalar, &ufuncs[UFUNC_##name], 1, 0},                     \
    {"numpy." #name, PARAMS_##nin ", out=None", map_type_ufunc, map_emit, &ufuncs[UFUNC_##name], 1, LIB_UFUNC},
#define OPERATOR(name, params, ufunc)                                                                          \
    {"operator." name, params, type_times, emit_scalar, &ufuncs[UFUNC_##ufunc], 1, LIB_PURE | LIB_NO_RAISE},   \
    {"operator." name, params, map_type_ufunc, map_emit, &ufuncs[UFUNC_##ufunc], 1, LIB_UFUNC}

static const LibRow rows[] = {
#include "library/ufuncs.def"
    OPERATOR("add", "a, b, /", add),
    OPERATOR("sub", "a, b, /", subtract),
    OPERATOR("mul", "a, b, /", multiply),
    OPERATOR("truediv", "a, b, /", divide),
    OPERATOR("floordiv", "a, b, /", floor_divide),
    OPERATOR("mod", "a, b, /", remainder),
    OPERATOR("pow", "a, b, /", power),
    OPERATOR("lshift", "a, b, /", left_shift),
    OPERATOR("rshift", "a, b, /", right_shift),
    OPERATOR("and_", "a, b, /", bitwise_and),
    OPERATOR("or_", "a, b, /", bitwise_or),
    OPERATOR("xor", "a, b, /", bitwise_xor),
    OPERATOR("lt", "a, b, /", less),
    OPERATOR("le", "a, b, /", less_equal),
    OPERATOR("eq", "a, b, /", equal),
    OPERATOR("ne", "a, b, /", not_equal),
    OPERATOR("gt", "a, b, /", greater),
    OPERATOR("ge", "a, b, /", greater_equal),
    OPERATOR("neg", "a, /", negative),
    OPERATOR("pos", "a, /", positive),
    OPERATOR("invert", "a, /", invert),
    {"builtins.abs", "x, /", type_times, emit_scalar, &ufuncs[UFUNC_absolute], 1, LIB_PURE | LIB_NO_RAISE},
    {"builtins.divmod", "x, y, /", type_times, emit_scalar, &ufuncs[UFUNC_divmod], 1, LIB_PURE | LIB_NO_RAISE},
    {"builtins.abs", "x, /", map_type_ufunc, map_emit, &ufuncs[UFUNC_absolute], 1, LIB_UFUNC},
    {"ndarray.conjugate", "x, /", map_type_ufunc, map_emit, &ufuncs[UFUNC_conjugate], 1, LIB_UFUNC},
    {"ndarray.conj", "x, /", map_type_ufunc, map_emit, &ufuncs[UFUNC_conjugate], 1, LIB_UFUNC},
};
#undef F
// clang-format on

const LibTable library_ufuncs_table = {"ufuncs", rows, ARRAY_LEN(rows)};
