/* conversions.c - Python's built-in functions on numbers: int, float, bool, complex, NumPy's types as functions,
 * abs, round, divmod, pow, min, max; and the attributes of numbers.
 *
 * int(x) is checked: Python's int has no limit, ours has 64 bits, and an error is better than a wrong number.
 * NumPy's types convert as NumPy does, without checks.
 */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#include "library/scalars.h"
#include "library/versions.h"

/* ---- text of literals ------------------------------------------------------------------------------------ */

static bool ends_blank(const char *s) {
    while (isspace((unsigned char)*s)) s++;
    return *s == 0;
}

static bool parse_float(const char *text, double *value) {
    char *end;
    *value = text ? strtod(text, &end) : 0;
    bool hexadecimal = text && strpbrk(text, "xXpP(");
    return text && end != text && ends_blank(end) && !hexadecimal;
}

static bool parse_int(const char *text, int64_t *value) {
    char *end;
    *value = text ? strtoll(text, &end, 10) : 0;
    return text && end != text && ends_blank(end) && *value != INT64_MAX && *value != INT64_MIN;
}

/* ---- int, float, bool, complex, numpy.float32, ... ------------------------------------------------------- */

static const Type *type_int_of(Call *c) {
    const Type *t = scalar_type(c->type[0]);
    int64_t v;
    if (call_literal_int(c, 0, &v) || parse_int(call_literal_str(c, 0), &v)) return type_literal_int(v);
    if (!t || t->kind == TYPE_COMPLEX) return call_decline(c);
    return t->kind == TYPE_FLOAT ? type_i64 : wide_int(t);
}

static ValueId emit_int_of(Lower *l, Call *c) {
    const Type *t = scalar_type(c->type[0]);
    if (c->result->nleaves == 0) return NO_VALUE;
    ValueId x = scalar_arg(l, c, 0, t->kind == TYPE_FLOAT ? float_type(t) : t);
    return t->kind == TYPE_FLOAT ? float_to_int(l, x) : lower_cast(l, x, t, c->result);
}

static const Type *type_float_of(Call *c) {
    const Type *t = scalar_type(c->type[0]);
    double v;
    if (parse_float(call_literal_str(c, 0), &v)) return type_f64;
    return t && t->kind != TYPE_COMPLEX ? type_f64 : call_decline(c);
}

static ValueId emit_float_of(Lower *l, Call *c) {
    double v;
    if (parse_float(call_literal_str(c, 0), &v)) return lower_float(l, type_f64, v);
    return scalar_arg(l, c, 0, type_f64);
}

static const Type *type_complex_of(Call *c) {
    const Type *re = scalar_type(c->type[0]), *im = scalar_type(c->type[1]);
    return re && im ? type_c128 : call_decline(c);
}

/* complex(a, b) is a + b*1j, also when a or b are complex. */
static ValueId emit_complex_of(Lower *l, Call *c) {
    ValueId re = scalar_arg(l, c, 0, type_c128), im = scalar_arg(l, c, 1, type_c128);
    Complex a = complex_parts(l, re), b = complex_parts(l, im);
    bool a_complex = scalar_type(c->type[0])->kind == TYPE_COMPLEX;
    bool b_complex = scalar_type(c->type[1])->kind == TYPE_COMPLEX;
    ValueId real = b_complex ? lower_bin(l, OP_fsub, a.re, b.im) : a.re;
    ValueId imaginary = a_complex ? lower_bin(l, OP_fadd, a.im, b.re) : b.re;
    return complex_make(l, type_c128, real, imaginary);
}

static const Type *type_dtype_call(Call *c) {
    const Type *from = scalar_type(c->type[1]), *to = c->type[0]->elem[0];
    if (c->type[0]->kind != TYPE_DTYPE || !from || !type_is_number(to)) return call_decline(c);
    return from->kind == TYPE_COMPLEX && to->kind < TYPE_COMPLEX && to->kind != TYPE_BOOL ? call_decline(c)
                                                                                          : to;
}

static ValueId emit_dtype_call(Lower *l, Call *c) { return scalar_arg(l, c, 1, c->result); }

/* ---- abs, round, divmod, pow ----------------------------------------------------------------------------- */

static const Type *type_abs(Call *c) {
    const Type *t = scalar_type(c->type[0]);
    if (!t) return call_decline(c);
    return t->kind <= TYPE_INT ? wide_int(t) : type_real_part(float_type(t));
}

static ValueId emit_abs(Lower *l, Call *c) {
    const Type *t = scalar_type(c->type[0]);
    if (t->kind == TYPE_COMPLEX) return complex_abs(l, scalar_arg(l, c, 0, t));
    ValueId x = scalar_arg(l, c, 0, c->result);
    return t->kind == TYPE_FLOAT ? float_abs(l, x) : int_abs(l, x);
}

static const Type *type_round(Call *c) {
    const Type *t = scalar_type(c->type[0]), *n = scalar_type(c->type[1]);
    if (!t || t->kind == TYPE_COMPLEX || (!call_is_none(c, 1) && (!n || n->kind > TYPE_INT)))
        return call_decline(c);
    if (t->kind <= TYPE_INT) return wide_int(t);
    return call_is_none(c, 1) ? type_i64 : float_type(t);
}

static ValueId round_digits(Lower *l, Call *c) {
    ValueId x = scalar_arg(l, c, 0, type_f64), n = scalar_arg(l, c, 1, type_i64);
    ValueId r = ir_native(&l->b, NATIVE_round_digits, type_f64, 2, (ValueId[]){x, n});
    ValueId overflow = lower_and(l, float_is_inf(l, r), float_is_finite(l, x));
    lower_raise_if(l, overflow, "OverflowError", "rounded value too large to represent", 0, NULL);
    return lower_cast(l, r, type_f64, c->result);
}

/* Only a negative number of digits changes an integer. */
static ValueId round_int(Lower *l, Call *c) {
    ValueId x = scalar_arg(l, c, 0, c->result);
    if (call_is_none(c, 1)) return x;
    ValueId n = scalar_arg(l, c, 1, type_i64), places = lower_bin(l, OP_isub, lower_i64(l, 0), n);
    LowerIf shorter = lower_if(l, ir_icmp(&l->b, PRED_GT, places, lower_i64(l, 0)));
    ValueId wide = lower_cast(l, x, c->result, type_i64);
    ValueId r = lower_cast(l, lower_native2(l, NATIVE_round_int, wide, places), type_i64, c->result);
    lower_else(l, &shorter);
    return lower_endif(l, &shorter, r, x);
}

static ValueId emit_round(Lower *l, Call *c) {
    const Type *t = scalar_type(c->type[0]);
    if (t->kind <= TYPE_INT) return round_int(l, c);
    if (!call_is_none(c, 1)) return round_digits(l, c);
    return float_to_int(l, lower_native1(l, NATIVE_rint, scalar_arg(l, c, 0, float_type(t))));
}

static const Type *type_divmod(Call *c) {
    const Type *x = scalar_type(c->type[0]), *y = scalar_type(c->type[1]);
    if (!x || !y || arith_type(x, y)->kind == TYPE_COMPLEX) return call_decline(c);
    const Type *t = arith_type(x, y);
    return type_tuple(2, (const Type *const[]){t, t});
}

static ValueId emit_divmod(Lower *l, Call *c) {
    const Type *t = c->result->elem[0];
    ValueId x = scalar_arg(l, c, 0, t), y = scalar_arg(l, c, 1, t);
    bool is_float = t->kind == TYPE_FLOAT;
    check_nonzero(
        l, y,
        python_text(is_float ? "float divmod()" : "integer division or modulo by zero", "division by zero"));
    if (is_float) {
        DivMod d = float_divmod(l, x, y);
        return lower_make2(l, c->result, d.quotient, d.remainder);
    }
    ValueId safe = l->options->error_model_numpy ? nonzero_or_one(l, y) : y;
    return lower_make2(l, c->result, int_floordiv(l, x, safe), int_mod(l, x, safe));
}

static const Type *type_pow_mod(Call *c) {
    for (uint32_t i = 0; i < 3; i++)
        if (!scalar_type(c->type[i]) || scalar_type(c->type[i])->kind > TYPE_INT) return call_decline(c);
    return type_i64;
}

/* A negative exponent is a power of the inverse. */
static ValueId emit_pow_mod(Lower *l, Call *c) {
    ValueId x = scalar_arg(l, c, 0, type_i64), n = scalar_arg(l, c, 1, type_i64),
            m = scalar_arg(l, c, 2, type_i64);
    ValueId zero = lower_i64(l, 0);
    lower_raise_if(l, ir_icmp(&l->b, PRED_EQ, m, zero), "ValueError", "pow() 3rd argument cannot be 0", 0,
                   NULL);
    LowerIf inverted = lower_if(l, int_negative(l, n));
    ValueId inverse = lower_native2(l, NATIVE_inverse_mod, x, m);
    lower_raise_if(l, int_negative(l, inverse), "ValueError", "base is not invertible for the given modulus",
                   0, NULL);
    ValueId positive = lower_bin(l, OP_isub, zero, n);
    ValueId r = ir_native(&l->b, NATIVE_pow_mod, type_i64, 3, (ValueId[]){inverse, positive, m});
    lower_else(l, &inverted);
    return lower_endif(l, &inverted, r, ir_native(&l->b, NATIVE_pow_mod, type_i64, 3, (ValueId[]){x, n, m}));
}

/* ---- hash ------------------------------------------------------------------------------------------------- */

/* CPython's numeric hash: the number modulo the prime 2**61 - 1, with the number's sign; -1 means error, so it is -2. */
static const int64_t hash_modulus = ((int64_t)1 << 61) - 1;

static ValueId hash_real(Lower *l, ValueId x, const Type *t) {
    if (t->kind == TYPE_FLOAT)
        return ir_native(&l->b, NATIVE_hash_float, type_i64, 1, (ValueId[]){lower_cast(l, x, t, type_f64)});
    const Type *wide = wide_int(t);
    ValueId n = lower_cast(l, x, t, wide), magnitude = lower_cast(l, int_abs(l, n), wide, type_u64);
    ValueId rest = lower_bin(l, OP_urem, magnitude, lower_int(l, type_u64, hash_modulus));
    ValueId h = lower_cast(l, rest, type_u64, type_i64);
    h = lower_select(l, int_negative(l, n), lower_bin(l, OP_isub, lower_i64(l, 0), h), h);
    return lower_select(l, ir_icmp(&l->b, PRED_EQ, h, lower_i64(l, -1)), lower_i64(l, -2), h);
}

static const Type *type_hash(Call *c) { return scalar_type(c->type[0]) ? type_i64 : call_decline(c); }

enum { HASH_IMAGINARY = 1000003 };

static ValueId emit_hash(Lower *l, Call *c) {
    const Type *t = scalar_type(c->type[0]);
    ValueId x = scalar_arg(l, c, 0, t);
    if (t->kind != TYPE_COMPLEX) return hash_real(l, x, t);
    Complex a = complex_parts(l, x);
    ValueId re = hash_real(l, a.re, type_real_part(t)), im = hash_real(l, a.im, type_real_part(t));
    ValueId h = lower_bin(l, OP_iadd, re, lower_bin(l, OP_imul, im, lower_i64(l, HASH_IMAGINARY)));
    return lower_select(l, ir_icmp(&l->b, PRED_EQ, h, lower_i64(l, -1)), lower_i64(l, -2), h);
}

/* ---- declared(value, type, name): a variable with a type of its own --------------------------------------- */

static const Type *type_declared(Call *c) {
    const Type *t = c->type[0], *to = call_named_type(c, 1);
    if (!to) return call_decline(c);
    if (to->kind == TYPE_DTYPE) to = to->elem[0];
    if (t == to || type_can_convert(t, to) != CONVERT_NO) return to;
    return call_error(c, DIAG_CANNOT_UNIFY, "variable '%s' is declared as %s by locals=, and cannot hold %s",
                      call_literal_str(c, 2), to->name, type_base(t)->name);
}

static ValueId emit_declared(Lower *l, Call *c) {
    ValueId v = lower_cast(l, c->value[0], c->type[0], c->result);
    if (type_is_managed(c->result)) ir_emit(&l->b, OP_incref, NULL, v);
    return v;
}

/* ---- min and max ----------------------------------------------------------------------------------------- */

/* min(a, b, ...) or min((a, b, ...)): the tuple of numbers; NULL: something else. */
static const Type *compared_tuple(Call *c) {
    const Type *args = c->type[0];
    if (args->nelem == 1) args = args->elem[0];
    if (!type_is_tuple(args) || args->nelem == 0) return NULL;
    for (uint32_t i = 0; i < args->nelem; i++) {
        const Type *t = scalar_type(args->elem[i]);
        if (!t || t->kind == TYPE_COMPLEX) return NULL;
    }
    return args;
}

static const Type *type_extremum(Call *c) {
    const Type *args = compared_tuple(c);
    if (!args) return call_decline(c);
    const Type *t = type_base(args->elem[0]);
    for (uint32_t i = 1; t && i < args->nelem; i++) t = type_unify(t, type_base(args->elem[i]));
    return t ? t : call_decline(c);
}

/* As Python does: a later item wins only if it compares less (greater), so a nan never does. */
static ValueId emit_extremum(Lower *l, Call *c) {
    Predicate wins = (Predicate)(uintptr_t)c->row->data;
    const Type *args = compared_tuple(c);
    ValueId tuple = c->type[0]->nelem == 1 ? lower_field(l, c->value[0], 0) : c->value[0];
    ValueId best = lower_cast(l, lower_field(l, tuple, 0), args->elem[0], c->result);
    for (uint32_t i = 1; i < args->nelem; i++) {
        ValueId v = lower_cast(l, lower_field(l, tuple, i), args->elem[i], c->result);
        best = lower_select(l, lower_compare(l, wins, v, best), v, best);
    }
    return best;
}

/* ---- NumPy's functions that are no ufuncs ----------------------------------------------------------------- */

/* np.round: scales, rounds to even, scales back.  Integers are left alone, so only without decimals. */
static const Type *type_round_numpy(Call *c) {
    const Type *t = scalar_type(c->type[0]), *n = scalar_type(c->type[1]);
    int64_t decimals;
    if (!t || t->kind == TYPE_COMPLEX || !n || n->kind > TYPE_INT) return call_decline(c);
    if (t->kind == TYPE_FLOAT) return t;
    return call_literal_int(c, 1, &decimals) && decimals >= 0 && t->kind == TYPE_INT ? t : call_decline(c);
}

static ValueId emit_round_numpy(Lower *l, Call *c) {
    int64_t decimals;
    const Type *t = float_type(c->result);
    ValueId x = scalar_arg(l, c, 0, c->result);
    if (c->result->kind == TYPE_INT) return x;
    x = lower_cast(l, x, c->result, t);
    if (call_literal_int(c, 1, &decimals) && decimals == 0)
        return lower_cast(l, lower_native1(l, NATIVE_rint, x), t, c->result);
    ValueId n = scalar_arg(l, c, 1, type_i64), places = lower_cast(l, int_abs(l, n), type_i64, t);
    ValueId unit = lower_native_f2(l, NATIVE_pow, lower_float(l, t, 10), places), down = int_negative(l, n);
    ValueId scaled = lower_select(l, down, lower_bin(l, OP_fdiv, x, unit), lower_bin(l, OP_fmul, x, unit));
    ValueId whole = lower_native1(l, NATIVE_rint, scaled);
    ValueId r = lower_select(l, down, lower_bin(l, OP_fmul, whole, unit), lower_bin(l, OP_fdiv, whole, unit));
    return lower_cast(l, r, t, c->result);
}

static const Type *type_angle(Call *c) {
    const Type *t = scalar_type(c->type[0]);
    bool degrees = false;
    if (!t || !call_literal_bool(c, 1, &degrees)) return call_decline(c);
    return type_real_part(float_type(t));
}

static ValueId emit_angle(Lower *l, Call *c) {
    bool degrees = false;
    call_literal_bool(c, 1, &degrees);
    Complex a = complex_parts(l, scalar_arg(l, c, 0, type_complex(c->result->bits * 2)));
    ValueId r = lower_native_f2(l, NATIVE_atan2, a.im, a.re);
    return degrees ? lower_bin(l, OP_fmul, r, lower_float(l, c->result, 180 / M_PI)) : r;
}

/* ---- attributes and methods of numbers ------------------------------------------------------------------- */

static const Type *type_real(Call *c) {
    const Type *t = scalar_type(c->type[0]);
    if (!t) return call_decline(c);
    return t->kind == TYPE_BOOL ? type_i64 : type_real_part(t);
}

static ValueId emit_real(Lower *l, Call *c) {
    const Type *t = scalar_type(c->type[0]);
    return t->kind == TYPE_COMPLEX ? complex_parts(l, c->value[0]).re : scalar_arg(l, c, 0, c->result);
}

static ValueId emit_imag(Lower *l, Call *c) {
    const Type *t = scalar_type(c->type[0]);
    return t->kind == TYPE_COMPLEX ? complex_parts(l, c->value[0]).im : lower_number(l, c->result, 0);
}

static const Type *type_same(Call *c) {
    const Type *t = scalar_type(c->type[0]);
    return t->kind == TYPE_BOOL ? type_i64 : t;
}

static ValueId emit_conjugate(Lower *l, Call *c) {
    ValueId x = scalar_arg(l, c, 0, c->result);
    return c->result->kind == TYPE_COMPLEX ? complex_conj(l, x) : x;
}

static const Type *type_index(Call *c) {
    const Type *t = scalar_type(c->type[0]);
    return t && t->kind <= TYPE_INT ? wide_int(t) : call_decline(c);
}

static ValueId emit_one(Lower *l, Call *c) { return lower_int(l, c->result, 1); }

static const Type *type_item(Call *c) { return scalar_type(c->type[0]); }

static ValueId emit_item(Lower *l, Call *c) { return scalar_arg(l, c, 0, c->result); }

static const Type *type_is_integer(Call *c) {
    (void)c;
    return type_bool;
}

static ValueId emit_is_integer(Lower *l, Call *c) {
    const Type *t = scalar_type(c->type[0]);
    if (t->kind <= TYPE_INT) return lower_bool(l, true);
    ValueId x = scalar_arg(l, c, 0, float_type(t));
    ValueId whole = ir_fcmp(&l->b, PRED_EQ, lower_native1(l, NATIVE_floor, x), x);
    return lower_and(l, whole, float_is_finite(l, x));
}

static const Type *type_bits(Call *c) {
    (void)c;
    return type_i64;
}

static ValueId magnitude(Lower *l, Call *c) {
    const Type *t = wide_int(scalar_type(c->type[0]));
    return int_abs(l, scalar_arg(l, c, 0, t));
}

static ValueId emit_bit_length(Lower *l, Call *c) {
    ValueId x = magnitude(l, c);
    ValueId zeros = ir_native(&l->b, NATIVE_ctlz, lower_type(l, x), 2, (ValueId[]){x, lower_bool(l, false)});
    ValueId n = lower_cast(l, zeros, lower_type(l, x), type_i64);
    return lower_bin(l, OP_isub, lower_i64(l, 64), n);
}

static ValueId emit_bit_count(Lower *l, Call *c) {
    ValueId n = lower_native1(l, NATIVE_ctpop, magnitude(l, c));
    return lower_cast(l, n, lower_type(l, n), type_i64);
}

/* ---- rows ------------------------------------------------------------------------------------------------ */

// clang-format off
enum { PURE = LIB_PURE | LIB_NO_RAISE };
#define TAG(n) ((const void *)(uintptr_t)(n))
#define NUMBER_ROWS(space)                                                                                     \
    {space ".real@", "x, /", type_real, emit_real, NULL, 1, PURE},                                             \
    {space ".imag@", "x, /", type_real, emit_imag, NULL, 1, PURE},                                             \
    {space ".conjugate", "x, /", type_same, emit_conjugate, NULL, 1, PURE},                                    \
    {space ".item", "x, /", type_item, emit_item, NULL, 1, PURE}
#define INTEGER_ROWS(space)                                                                                    \
    {space ".bit_length", "x, /", type_bits, emit_bit_length, NULL, 1, PURE},                                  \
    {space ".bit_count", "x, /", type_bits, emit_bit_count, NULL, 1, PURE},                                    \
    {space ".numerator@", "x, /", type_index, emit_item, NULL, 1, PURE},                                       \
    {space ".denominator@", "x, /", type_index, emit_one, NULL, 1, PURE},                                      \
    {space ".is_integer", "x, /", type_is_integer, emit_is_integer, NULL, 1, PURE}

static const LibRow rows[] = {
    {"builtins.int", "x=0, /", type_int_of, emit_int_of, NULL, 1, 0},
    {"builtins.float", "x=0.0, /", type_float_of, emit_float_of, NULL, 1, PURE},
    {"builtins.complex", "real=0, imag=0", type_complex_of, emit_complex_of, NULL, 1, PURE},
    {"dtype.call", "dtype, x=0, /", type_dtype_call, emit_dtype_call, NULL, 1, PURE},
    {"builtins.abs", "x, /", type_abs, emit_abs, NULL, 1, PURE},
    {"operator.abs", "x, /", type_abs, emit_abs, NULL, 1, PURE},
    {"builtins.round", "number, ndigits=None", type_round, emit_round, NULL, 1, 0},
    {"builtins.divmod", "a, b, /", type_divmod, emit_divmod, NULL, 1, 0},
    {"builtins.pow", "base, exp, mod", type_pow_mod, emit_pow_mod, NULL, 1, 0},
    {"naja.library.low.declared", "value, type, name", type_declared, emit_declared, NULL, 1, LIB_BORROWS},
    {"operator.index", "a, /", type_index, emit_item, NULL, 1, PURE},
    {"builtins.hash", "x, /", type_hash, emit_hash, NULL, 1, PURE},
    {"numpy.real", "val", type_real, emit_real, NULL, 1, PURE},
    {"numpy.imag", "val", type_real, emit_imag, NULL, 1, PURE},
    {"numpy.angle", "z, deg=False", type_angle, emit_angle, NULL, 1, PURE},
    {"numpy.round", "a, decimals=0", type_round_numpy, emit_round_numpy, NULL, 1, PURE},
    {"numpy.around", "a, decimals=0", type_round_numpy, emit_round_numpy, NULL, 1, PURE},
    {"builtins.min", "*args", type_extremum, emit_extremum, TAG(PRED_LT), 1, PURE},
    {"builtins.max", "*args", type_extremum, emit_extremum, TAG(PRED_GT), 1, PURE},
    NUMBER_ROWS("bool"), NUMBER_ROWS("int"), NUMBER_ROWS("float"), NUMBER_ROWS("complex"),
    INTEGER_ROWS("int"), INTEGER_ROWS("bool"),
    {"float.is_integer", "x, /", type_is_integer, emit_is_integer, NULL, 1, PURE},
};
// clang-format on

const LibTable library_conversions_table = {"conversions", rows, ARRAY_LEN(rows)};
