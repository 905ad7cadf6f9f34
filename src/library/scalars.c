/* scalars.c - Python's operators on numbers, and the built-in functions that convert and round them.
 *
 * An operator is a row: a type rule, which says what the operands compute in, and an emitter, which converts them
 * and picks the form for ints, floats and complex numbers.  Errors and their words are CPython's (3.12); with
 * error_model="numpy" division by zero gives inf, nan or (integers) 0 instead.
 *
 * Known differences from Python, all of them the price of machine numbers: integers wrap at 64 bits; float ** float
 * gives nan where Python turns complex and inf where it raises OverflowError; int / int converts both to float64.
 */
#include "library/scalars.h"
#include "library/versions.h"

/* Small numbers as data of a row. */
#define TAG(n) ((const void *)(uintptr_t)(n))

/* ---- type rules ------------------------------------------------------------------------------------------ */

typedef const Type *(*PairRule)(const Type *x, const Type *y);

/* A constant beside a uint64 is one itself, as for NumPy: h * 31 keeps the type of h. */
static const Type *constant_beside(const Call *c, uint32_t i, const Type *own, const Type *other) {
    int64_t v;
    return other == type_u64 && own && own->kind == TYPE_INT && scalar_literal(c, i, &v) && v >= 0 ? type_u64
                                                                                                   : own;
}

static bool two_numbers(Call *c, const Type **x, const Type **y) {
    const Type *a = scalar_type(c->type[0]), *b = scalar_type(c->type[1]);
    *x = constant_beside(c, 0, a, b);
    *y = constant_beside(c, 1, b, a);
    return *x && *y;
}

/* The literal that an operator on two literal ints gives; NULL: not foldable. */
static const Type *fold(Call *c, bool (*compute)(int64_t, int64_t, int64_t *)) {
    int64_t x, y, result;
    if (!call_literal_int(c, 0, &x) || !call_literal_int(c, 1, &y) || !compute(x, y, &result)) return NULL;
    return type_literal_int(result);
}

static bool fold_add(int64_t x, int64_t y, int64_t *z) { return !__builtin_add_overflow(x, y, z); }
static bool fold_sub(int64_t x, int64_t y, int64_t *z) { return !__builtin_sub_overflow(x, y, z); }
static bool fold_mul(int64_t x, int64_t y, int64_t *z) { return !__builtin_mul_overflow(x, y, z); }
static bool fold_floordiv(int64_t x, int64_t y, int64_t *z) {
    if (y == 0 || (x == INT64_MIN && y == -1)) return false;
    *z = x / y - (x % y != 0 && (x < 0) != (y < 0));
    return true;
}
static bool fold_mod(int64_t x, int64_t y, int64_t *z) {
    if (y == 0 || y == -1) return false;
    *z = x % y + (x % y != 0 && (x < 0) != (y < 0) ? y : 0);
    return true;
}

/* An integer that the program spells out, such as 2**70, must fit: its wrapped value would be a silently
 * wrong answer. */
static const Type *exact(Call *c, bool (*folder)(int64_t, int64_t, int64_t *), const Type *otherwise) {
    int64_t x, y, result;
    if (!otherwise || !call_literal_int(c, 0, &x) || !call_literal_int(c, 1, &y) || folder(x, y, &result))
        return otherwise;
    return call_error(c, DIAG_INTEGER_TOO_LARGE, "the result of %lld %s %lld does not fit 64 bits",
                      (long long)x, operator_info[call_operator(c)].symbol, (long long)y);
}

static bool fits_pow(int64_t x, int64_t y, int64_t *z) {
    *z = 1;
    if (y < 0 || (x >= -1 && x <= 1)) return true; /* a float, or one of -1, 0, 1 */
    for (; y > 0; y--)
        if (__builtin_mul_overflow(*z, x, z)) return false;
    return true;
}

static bool fits_shift(int64_t x, int64_t y, int64_t *z) {
    *z = 0;
    if (y < 0 || x == 0) return true; /* an error of its own at run time */
    return y < 63 && !__builtin_mul_overflow(x, (int64_t)1 << y, z);
}

static const Type *arith(Call *c, bool (*folder)(int64_t, int64_t, int64_t *)) {
    const Type *x, *y, *literal = fold(c, folder);
    if (literal) return literal;
    return two_numbers(c, &x, &y) ? arith_type(x, y) : call_decline(c);
}

static const Type *type_add(Call *c) { return exact(c, fold_add, arith(c, fold_add)); }
static const Type *type_sub(Call *c) { return exact(c, fold_sub, arith(c, fold_sub)); }
static const Type *type_mul(Call *c) { return exact(c, fold_mul, arith(c, fold_mul)); }

static const Type *real_arith(Call *c, bool (*folder)(int64_t, int64_t, int64_t *)) {
    const Type *t = arith(c, folder);
    return t && type_base(t)->kind == TYPE_COMPLEX ? call_decline(c) : t;
}

static const Type *type_floordiv(Call *c) { return real_arith(c, fold_floordiv); }
static const Type *type_mod(Call *c) { return real_arith(c, fold_mod); }

static const Type *type_truediv(Call *c) {
    const Type *x, *y;
    if (!two_numbers(c, &x, &y)) return call_decline(c);
    return x->kind <= TYPE_INT && y->kind <= TYPE_INT ? type_f64 : arith_type(x, y);
}

/* int ** negative literal is a float, as in Python; an exponent that is not known must not be negative. */
static const Type *type_pow(Call *c) {
    const Type *x, *y;
    int64_t exponent;
    if (!two_numbers(c, &x, &y)) return call_decline(c);
    const Type *t = arith_type(x, y);
    bool integers = x->kind <= TYPE_INT && y->kind <= TYPE_INT;
    if (integers && call_literal_int(c, 1, &exponent)) t = exponent < 0 ? type_f64 : wide_int(x);
    return exact(c, fits_pow, t);
}

static const Type *type_shift(Call *c) {
    const Type *x, *y;
    if (!two_numbers(c, &x, &y) || x->kind > TYPE_INT || y->kind > TYPE_INT) return call_decline(c);
    return call_operator(c) == OPERATOR_LSHIFT ? exact(c, fits_shift, wide_int(x)) : wide_int(x);
}

static const Type *type_bitwise(Call *c) {
    const Type *x, *y, *t;
    if (!two_numbers(c, &x, &y) || !(t = bitwise_type(x, y))) return call_decline(c);
    return t;
}

static bool holds(Predicate p, int64_t x, int64_t y) {
    switch (p) {
    case PRED_EQ: return x == y;
    case PRED_NE: return x != y;
    case PRED_LT: return x < y;
    case PRED_LE: return x <= y;
    case PRED_GT: return x > y;
    default: return x >= y;
    }
}

static Predicate predicate_of(const Call *c) { return (Predicate)(uintptr_t)c->row->data; }

static const Type *type_compare(Call *c) {
    const Type *x, *y;
    Predicate p = predicate_of(c);
    int64_t left, right;
    if (!two_numbers(c, &x, &y)) return call_decline(c);
    if (p > PRED_NE && (x->kind == TYPE_COMPLEX || y->kind == TYPE_COMPLEX)) return call_decline(c);
    if (call_literal_int(c, 0, &left) && call_literal_int(c, 1, &right))
        return type_literal_bool(holds(p, left, right));
    return type_bool;
}

/* ---- arithmetic ------------------------------------------------------------------------------------------ */

typedef ValueId (*Binary)(Lower *l, ValueId x, ValueId y);
typedef struct {
    Op on_int, on_float;
    Binary on_complex;
} ArithOps;

/* Python's arithmetic between a complex number and a real one; NumPy's has no such case. */
static bool is_mixed(const Call *c) {
    bool x_is_complex = scalar_type(c->type[0])->kind == TYPE_COMPLEX;
    return PYTHON_SINCE_314 && x_is_complex != (scalar_type(c->type[1])->kind == TYPE_COMPLEX);
}

static ValueId emit_mixed(Lower *l, Call *c, Op op) {
    ValueId x[2];
    for (uint32_t i = 0; i < 2; i++)
        x[i] = scalar_arg(
            l, c, i, scalar_type(c->type[i])->kind == TYPE_COMPLEX ? c->result : type_real_part(c->result));
    return complex_mixed(l, op, x[0], x[1]);
}

static ValueId emit_arith(Lower *l, Call *c) {
    const ArithOps *ops = c->row->data;
    ValueId x = scalar_arg(l, c, 0, c->result), y = scalar_arg(l, c, 1, c->result);
    if (c->result->kind == TYPE_COMPLEX)
        return is_mixed(c) ? emit_mixed(l, c, ops->on_float) : ops->on_complex(l, x, y);
    return lower_bin(l, c->result->kind == TYPE_FLOAT ? ops->on_float : ops->on_int, x, y);
}

static const ArithOps add_ops = {OP_iadd, OP_fadd, complex_add};
static const ArithOps sub_ops = {OP_isub, OP_fsub, complex_sub};
static const ArithOps mul_ops = {OP_imul, OP_fmul, complex_mul};

static bool both_integers(const Call *c) {
    return scalar_type(c->type[0])->kind <= TYPE_INT && scalar_type(c->type[1])->kind <= TYPE_INT;
}

static void check_complex_nonzero(Lower *l, ValueId y, const Type *t) {
    if (l->options->error_model_numpy) return;
    lower_raise_if(l, lower_not(l, lower_truth(l, y, t)), "ZeroDivisionError",
                   python_text("complex division by zero", "division by zero"), 0, NULL);
}

static ValueId emit_truediv(Lower *l, Call *c) {
    ValueId x = scalar_arg(l, c, 0, c->result), y = scalar_arg(l, c, 1, c->result);
    if (c->result->kind == TYPE_COMPLEX) {
        check_complex_nonzero(l, y, c->result);
        if (is_mixed(c) && !l->options->error_model_numpy) return emit_mixed(l, c, OP_fdiv);
        return l->options->error_model_numpy ? complex_div_numpy(l, x, y) : complex_div(l, x, y);
    }
    check_nonzero(l, y,
                  both_integers(c) ? "division by zero"
                                   : python_text("float division by zero", "division by zero"));
    return lower_bin(l, OP_fdiv, x, y);
}

static ValueId zero_if(Lower *l, ValueId y, ValueId v) {
    if (lower_is_nonzero(l, y)) return v;
    ValueId zero = lower_int(l, lower_type(l, v), 0);
    return lower_select(l, ir_icmp(&l->b, PRED_EQ, y, zero), zero, v);
}

/* Under the NumPy error model an integer divided by zero is 0. */
static ValueId int_division(Lower *l, Binary divide, ValueId x, ValueId y, const char *message) {
    check_nonzero(l, y, message);
    if (!l->options->error_model_numpy) return divide(l, x, y);
    return zero_if(l, y, divide(l, x, nonzero_or_one(l, y)));
}

static ValueId emit_floordiv(Lower *l, Call *c) {
    ValueId x = scalar_arg(l, c, 0, c->result), y = scalar_arg(l, c, 1, c->result);
    if (c->result->kind != TYPE_FLOAT)
        return int_division(l, int_floordiv, x, y,
                            python_text("integer division or modulo by zero", "division by zero"));
    check_nonzero(l, y, python_text("float floor division by zero", "division by zero"));
    return float_divmod(l, x, y).quotient;
}

static ValueId emit_mod(Lower *l, Call *c) {
    ValueId x = scalar_arg(l, c, 0, c->result), y = scalar_arg(l, c, 1, c->result);
    bool is_near = c->site && c->site->flags & INST_INBOUNDS;
    if (c->result->kind != TYPE_FLOAT)
        return int_division(l, is_near ? int_near_mod : int_mod, x, y,
                            python_text("integer modulo by zero", "division by zero"));
    check_nonzero(l, y, python_text("float modulo", "division by zero"));
    return float_divmod(l, x, y).remainder;
}

static ValueId pow_of_floats(Lower *l, ValueId x, ValueId y) {
    double known;
    ValueId zero = lower_number(l, lower_type(l, x), 0);
    bool may_be_negative = !lower_known_float(l, y, &known) || known < 0;
    if (may_be_negative && !l->options->error_model_numpy && !lower_is_nonzero(l, x)) {
        ValueId bad = lower_and(l, ir_fcmp(&l->b, PRED_EQ, x, zero), ir_fcmp(&l->b, PRED_LT, y, zero));
        bad = lower_and(l, bad, float_is_finite(l, y)); /* 0.0 ** -inf is inf */
        lower_raise_if(l, bad, "ZeroDivisionError",
                       python_text("0.0 cannot be raised to a negative power", "zero to a negative power"), 0,
                       NULL);
    }
    return float_pow(l, x, y);
}

static ValueId pow_of_ints(Lower *l, ValueId x, ValueId y) {
    int64_t known;
    if (!lower_known_int(l, y, &known) || known < 0)
        lower_raise_if(l, int_negative(l, y), "ValueError",
                       "Integers to negative integer powers are not allowed.", 0, NULL);
    return int_pow(l, x, y);
}

static ValueId emit_pow(Lower *l, Call *c) {
    ValueId x = scalar_arg(l, c, 0, c->result), y = scalar_arg(l, c, 1, c->result);
    if (c->result->kind == TYPE_COMPLEX) return complex_pow(l, x, y);
    return c->result->kind == TYPE_FLOAT ? pow_of_floats(l, x, y) : pow_of_ints(l, x, y);
}

/* ---- bits ------------------------------------------------------------------------------------------------ */

static ValueId emit_shift(Lower *l, Call *c) {
    Binary shift = c->row->data == TAG(OPERATOR_LSHIFT) ? int_shl : int_shr;
    const Type *count = scalar_type(c->type[1]);
    ValueId x = scalar_arg(l, c, 0, c->result), y = scalar_arg(l, c, 1, wide_int(count));
    int64_t known;
    if (!lower_known_int(l, y, &known) || known < 0)
        lower_raise_if(l, int_negative(l, y), "ValueError", "negative shift count", 0, NULL);
    return shift(l, x, lower_cast(l, y, wide_int(count), c->result));
}

static ValueId emit_bitwise(Lower *l, Call *c) {
    ValueId x = scalar_arg(l, c, 0, c->result), y = scalar_arg(l, c, 1, c->result);
    return lower_bin(l, (Op)(uintptr_t)c->row->data, x, y);
}

/* ---- comparison ------------------------------------------------------------------------------------------ */

ValueId compare_mixed_signs(Lower *l, Predicate p, ValueId x, ValueId y) {
    bool x_signed = lower_type(l, x)->is_signed;
    ValueId negative = int_negative(l, x_signed ? x : y);
    ValueId ux = lower_cast(l, x, lower_type(l, x), type_u64),
            uy = lower_cast(l, y, lower_type(l, y), type_u64);
    bool if_negative = x_signed ? p == PRED_LT || p == PRED_LE || p == PRED_NE
                                : p == PRED_GT || p == PRED_GE || p == PRED_NE;
    return lower_select(l, negative, lower_bool(l, if_negative), lower_compare(l, p, ux, uy));
}

/* A 64-bit integer n with a float f, exactly, as Python does.  Rounding n to float is monotone: where the rounded n
 * is not f, it decides; where it is, f is integral and the integers decide.  Only f = 2**63 (2**64) is beyond any n. */
static ValueId compare_int_float(Lower *l, Predicate p, ValueId n, ValueId f) {
    const Type *t = lower_type(l, n);
    ValueId rounded = lower_cast(l, n, t, type_f64);
    ValueId tie = ir_fcmp(&l->b, PRED_EQ, rounded, f);
    ValueId beyond = ir_fcmp(&l->b, PRED_EQ, f, lower_float(l, type_f64, t->is_signed ? 0x1p63 : 0x1p64));
    ValueId exact = lower_compare(l, p, n, lower_cast(l, f, type_f64, t));
    ValueId less = lower_bool(l, p == PRED_LT || p == PRED_LE || p == PRED_NE);
    return lower_select(l, tie, lower_select(l, beyond, less, exact), ir_fcmp(&l->b, p, rounded, f));
}

static Predicate swapped(Predicate p) {
    static const Predicate mirror[] = {[PRED_EQ] = PRED_EQ, [PRED_NE] = PRED_NE, [PRED_LT] = PRED_GT,
                                       [PRED_LE] = PRED_GE, [PRED_GT] = PRED_LT, [PRED_GE] = PRED_LE};
    return mirror[p];
}

enum { EXACT_BITS = 53 };

/* Every value of the integer type (or this literal) is a float64. */
static bool is_exact_float(const Call *c, uint32_t i) {
    const Type *t = scalar_type(c->type[i]);
    int64_t v;
    if (scalar_literal(c, i, &v)) return v >= -(1ll << EXACT_BITS) && v <= 1ll << EXACT_BITS;
    return t->kind == TYPE_BOOL || t->bits < EXACT_BITS;
}

static ValueId compare_complex(Lower *l, Call *c, const Type *x, const Type *y) {
    const Type *t = type_promote(x, y);
    ValueId equal = complex_eq(l, scalar_arg(l, c, 0, t), scalar_arg(l, c, 1, t));
    return predicate_of(c) == PRED_EQ ? equal : lower_not(l, equal);
}

/* The integer type that holds the values of both operands; NULL: int64 with uint64 need more care. */
static const Type *common_integer(const Call *c, const Type *x, const Type *y) {
    int64_t v;
    if (x == y) return x;
    if (x == type_u64 && scalar_literal(c, 1, &v) && v >= 0) return x;
    if (y == type_u64 && scalar_literal(c, 0, &v) && v >= 0) return y;
    if ((x == type_u64 || y == type_u64) && x->kind == TYPE_INT && y->kind == TYPE_INT &&
        x->is_signed != y->is_signed)
        return NULL;
    const Type *t = arith_type(x, y);
    return t->kind == TYPE_INT ? t : NULL;
}

static ValueId emit_compare(Lower *l, Call *c) {
    const Type *x = scalar_type(c->type[0]), *y = scalar_type(c->type[1]);
    Predicate p = predicate_of(c);
    if (x->kind == TYPE_COMPLEX || y->kind == TYPE_COMPLEX) return compare_complex(l, c, x, y);
    bool x_float = x->kind == TYPE_FLOAT, y_float = y->kind == TYPE_FLOAT;
    if (x_float && !y_float && !is_exact_float(c, 1))
        return compare_int_float(l, swapped(p), scalar_arg(l, c, 1, y), scalar_arg(l, c, 0, type_f64));
    if (y_float && !x_float && !is_exact_float(c, 0))
        return compare_int_float(l, p, scalar_arg(l, c, 0, x), scalar_arg(l, c, 1, type_f64));
    if (x_float || y_float) {
        const Type *t = x_float && y_float ? float_type(type_promote(x, y)) : type_f64;
        return ir_fcmp(&l->b, p, scalar_arg(l, c, 0, t), scalar_arg(l, c, 1, t));
    }
    const Type *t = common_integer(c, x, y);
    if (t) return lower_compare(l, p, scalar_arg(l, c, 0, t), scalar_arg(l, c, 1, t));
    return compare_mixed_signs(l, p, scalar_arg(l, c, 0, wide_int(x)), scalar_arg(l, c, 1, wide_int(y)));
}

/* ---- unary operators ------------------------------------------------------------------------------------- */

static const Type *unary_result(const Type *t) { return t->kind <= TYPE_INT ? wide_int(t) : float_type(t); }

static const Type *type_neg(Call *c) {
    const Type *t = scalar_type(c->type[0]);
    int64_t v;
    if (call_literal_int(c, 0, &v) && v != INT64_MIN) return type_literal_int(-v);
    if (t && t->kind == TYPE_INT && !t->is_signed) return t; /* -uint8(1) is 255 */
    return t ? unary_result(t) : call_decline(c);
}

static const Type *type_pos(Call *c) {
    const Type *t = scalar_type(c->type[0]);
    int64_t v;
    if (call_literal_int(c, 0, &v)) return type_literal_int(v);
    return t ? unary_result(t) : call_decline(c);
}

static const Type *type_invert(Call *c) {
    const Type *t = scalar_type(c->type[0]);
    if (!t || t->kind > TYPE_INT) return call_decline(c);
    return t->kind == TYPE_INT && !t->is_signed ? t : wide_int(t); /* the bits above would all be ones */
}

static ValueId emit_neg(Lower *l, Call *c) {
    const Type *t = c->result;
    ValueId x = scalar_arg(l, c, 0, t);
    if (t->kind == TYPE_COMPLEX) return complex_neg(l, x);
    return t->kind == TYPE_FLOAT ? float_neg(l, x) : lower_bin(l, OP_isub, lower_int(l, t, 0), x);
}

static ValueId emit_pos(Lower *l, Call *c) { return scalar_arg(l, c, 0, c->result); }

static ValueId emit_invert(Lower *l, Call *c) {
    return lower_bin(l, OP_ixor, scalar_arg(l, c, 0, c->result), lower_int(l, c->result, -1));
}

/* A special method of the class that an instance is of, for naja/library/instances.py to call. */
static bool class_has(const Type *instance, const char *name) {
    Handle function, setter;
    return object_class_member(instance->handle, name, &function, &setter) == CLASS_METHOD;
}

static bool has_truth(const Type *t) {
    switch (t->kind) {
    case TYPE_ARRAY:
    case TYPE_UNDEFINED: return false;
    case TYPE_OPTIONAL: return has_truth(t->elem[0]);
    case TYPE_INSTANCE: return !class_has(t, "__bool__") && !class_has(t, "__len__");
    default: return true;
    }
}

/* Whether the truth of any value of this type is known: *value. */
static bool known_truth(const Type *t, bool *value) {
    switch (t->kind) {
    case TYPE_NONE: *value = false; return true;
    case TYPE_LITERAL: *value = t->text ? t->text[0] != 0 : t->value != 0; return true;
    case TYPE_TUPLE:
    case TYPE_STRDICT:
    case TYPE_NAMEDTUPLE: *value = t->nelem != 0; return true;
    default: return false;
    }
}

static const Type *type_truth(Call *c) {
    bool value;
    if (!has_truth(c->type[0])) return call_decline(c);
    return known_truth(c->type[0], &value) ? type_literal_bool(value) : type_bool;
}

static const Type *type_not(Call *c) {
    bool value;
    if (!has_truth(c->type[0])) return call_decline(c);
    return known_truth(c->type[0], &value) ? type_literal_bool(!value) : type_bool;
}

static ValueId emit_truth(Lower *l, Call *c) {
    return c->result == type_bool ? lower_truth(l, c->value[0], c->type[0]) : NO_VALUE;
}

static ValueId emit_not(Lower *l, Call *c) {
    return c->result == type_bool ? lower_not(l, lower_truth(l, c->value[0], c->type[0])) : NO_VALUE;
}

/* ---- is, and comparison with None ------------------------------------------------------------------------ */

enum {
    SAME = 0,
    DIFFERENT = 1,
    BY_VALUE = 2
}; /* data of the rows: negated, and whether == may be overloaded */

static bool is_negated(const Call *c) { return (uintptr_t)c->row->data & DIFFERENT; }

static bool is_none(const Type *t) { return t->kind == TYPE_NONE; }

/* `x is None`, `x == None` and their negations: known from the types unless x is Optional. */
static const Type *type_is_none(Call *c) {
    const Type *x = c->type[0], *y = c->type[1];
    if (!is_none(x) && !is_none(y)) return call_decline(c);
    if (x->kind == TYPE_OPTIONAL || y->kind == TYPE_OPTIONAL) return type_bool;
    if ((uintptr_t)c->row->data & BY_VALUE && (type_is_array(x) || type_is_array(y))) return call_decline(c);
    return type_literal_bool((is_none(x) && is_none(y)) != is_negated(c));
}

static ValueId emit_is_none(Lower *l, Call *c) {
    if (c->result != type_bool) return NO_VALUE;
    uint32_t i = c->type[0]->kind == TYPE_OPTIONAL ? 0 : 1;
    ValueId has = lower_field(l, c->value[i], OPTIONAL_HAS);
    return is_negated(c) ? has : lower_not(l, has);
}

/* Of what may be None: the type it has when it is not. */
static const Type *present(const Type *t) { return t->kind == TYPE_OPTIONAL ? t->elem[0] : t; }

/* Objects known at compile time are the same when their types are; True and False are two such objects. */
static const Type *type_is(Call *c) {
    const Type *x = c->type[0], *y = c->type[1];
    bool negated = is_negated(c);
    bool ints = type_base(x) == type_base(y) && type_base(x)->kind == TYPE_INT;
    if (ints && x->kind != TYPE_ENUM && y->kind != TYPE_ENUM &&
        !(x->kind == TYPE_LITERAL && y->kind == TYPE_LITERAL))
        return type_bool; /* small ones are one object in CPython too */
    if (type_base(x) == type_bool && type_base(y) == type_bool)
        return x->kind == TYPE_LITERAL && y->kind == TYPE_LITERAL ? type_literal_bool((x == y) != negated)
                                                                  : type_bool;
    if (x->nleaves || y->nleaves || x->kind == TYPE_LITERAL || y->kind == TYPE_LITERAL) {
        if (x->kind == y->kind && type_base(x) == type_base(y)) return call_decline(c);
        if (present(x) == present(y) && type_is_block(present(x))) return call_decline(c);
        return type_is_number(type_base(x)) && type_is_number(type_base(y)) ? call_decline(c)
                                                                            : type_literal_bool(negated);
    }
    return type_literal_bool((x == y) != negated);
}

static ValueId emit_is(Lower *l, Call *c) {
    if (c->result != type_bool) return NO_VALUE;
    const Type *t = type_base(c->type[0]);
    ValueId x = scalar_arg(l, c, 0, t), y = scalar_arg(l, c, 1, t);
    return ir_icmp(&l->b, is_negated(c) ? PRED_NE : PRED_EQ, x, y);
}

/* ---- rows ------------------------------------------------------------------------------------------------ */

enum { PURE = LIB_PURE | LIB_NO_RAISE };
#define BINARY(name, type, emit, data, flags) {"operator." name, "a, b, /", type, emit, data, 1, flags}
#define UNARY(name, type, emit) {"operator." name, "a, /", type, emit, NULL, 1, PURE}
#define COMPARE(name, predicate) BINARY(name, type_compare, emit_compare, TAG(predicate), PURE)

static const LibRow rows[] = {
    BINARY("add", type_add, emit_arith, &add_ops, PURE),
    BINARY("sub", type_sub, emit_arith, &sub_ops, PURE),
    BINARY("mul", type_mul, emit_arith, &mul_ops, PURE),
    BINARY("truediv", type_truediv, emit_truediv, NULL, 0),
    BINARY("floordiv", type_floordiv, emit_floordiv, NULL, 0),
    BINARY("mod", type_mod, emit_mod, NULL, 0),
    BINARY("pow", type_pow, emit_pow, NULL, 0),
    {"builtins.pow", "base, exp", type_pow, emit_pow, NULL, 1, 0},
    BINARY("lshift", type_shift, emit_shift, TAG(OPERATOR_LSHIFT), 0),
    BINARY("rshift", type_shift, emit_shift, TAG(OPERATOR_RSHIFT), 0),
    BINARY("and_", type_bitwise, emit_bitwise, TAG(OP_iand), PURE),
    BINARY("or_", type_bitwise, emit_bitwise, TAG(OP_ior), PURE),
    BINARY("xor", type_bitwise, emit_bitwise, TAG(OP_ixor), PURE),
    COMPARE("lt", PRED_LT),
    COMPARE("le", PRED_LE),
    COMPARE("eq", PRED_EQ),
    COMPARE("ne", PRED_NE),
    COMPARE("gt", PRED_GT),
    COMPARE("ge", PRED_GE),
    BINARY("eq", type_is_none, emit_is_none, TAG(SAME | BY_VALUE), PURE),
    BINARY("ne", type_is_none, emit_is_none, TAG(DIFFERENT | BY_VALUE), PURE),
    BINARY("is_", type_is_none, emit_is_none, TAG(SAME), PURE),
    BINARY("is_not", type_is_none, emit_is_none, TAG(DIFFERENT), PURE),
    BINARY("is_", type_is, emit_is, TAG(SAME), PURE),
    BINARY("is_not", type_is, emit_is, TAG(DIFFERENT), PURE),
    UNARY("neg", type_neg, emit_neg),
    UNARY("pos", type_pos, emit_pos),
    UNARY("invert", type_invert, emit_invert),
    UNARY("truth", type_truth, emit_truth),
    {"builtins.bool", "x=False, /", type_truth, emit_truth, NULL, 1, PURE},
    UNARY("not_", type_not, emit_not),
};

const LibTable library_scalars_table = {"scalars", rows, ARRAY_LEN(rows)};
