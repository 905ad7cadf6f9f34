/* datetimes.c - datetime64 and timedelta64: conversion, NumPy's ufuncs on them, and what Python's operators make of
 * them.
 *
 * A time is an int64 that counts units; the unit is in the type, and INT64_MIN is NaT.  Arithmetic wraps as NumPy's
 * does.  A ufunc first brings both operands to one unit, so its computing type is a tuple with a type per operand;
 * integers that meet a timedelta count as timedeltas without a unit.
 *
 * Units of one family convert by a factor, downwards by flooring.  Between months and days a datetime goes by the
 * Gregorian calendar (runtime/datetime.c), a timedelta by the average month.
 */
#include "library/arrays.h"
#include "library/datetimes.h"
#include "library/objects.h"
#include "library/scalars.h"

/* ---- small change ------------------------------------------------------------------------------------------ */

ValueId time_ticks(Lower *l, ValueId v) {
    return lower_type(l, v) == type_i64 ? v : lower_un(l, OP_bitcast, type_i64, v);
}

static ValueId as_time(Lower *l, const Type *t, ValueId ticks) { return lower_un(l, OP_bitcast, t, ticks); }

static ValueId nat(Lower *l) { return lower_i64(l, INT64_MIN); }

ValueId time_is_nat(Lower *l, ValueId v) { return ir_icmp(&l->b, PRED_EQ, time_ticks(l, v), nat(l)); }

static ValueId nat_if(Lower *l, ValueId cond, ValueId ticks) { return lower_select(l, cond, nat(l), ticks); }

static ValueId either_nat(Lower *l, const ValueId *x) {
    return lower_or(l, time_is_nat(l, x[0]), time_is_nat(l, x[1]));
}

ValueId time_less(Lower *l, Predicate p, ValueId x, ValueId y) {
    ValueId both[2] = {time_ticks(l, x), time_ticks(l, y)};
    return lower_and(l, lower_compare(l, p, both[0], both[1]), lower_not(l, either_nat(l, both)));
}

/* ---- conversion -------------------------------------------------------------------------------------------- */

static ValueId times_constant(Lower *l, ValueId x, int64_t factor) {
    return factor == 1 ? x : lower_bin(l, OP_imul, x, lower_i64(l, factor));
}

static ValueId floor_by_constant(Lower *l, ValueId x, int64_t divisor) {
    return divisor == 1 ? x : int_floordiv(l, x, lower_i64(l, divisor));
}

/* By a factor; the types guarantee that there is one. */
static ValueId scaled(Lower *l, ValueId x, TimeUnit from, TimeUnit to) {
    int64_t num = 1, den = 1;
    time_unit_factor(from, to, &num, &den);
    return floor_by_constant(l, times_constant(l, x, num), den);
}

static ValueId by_calendar(Lower *l, ValueId x, TimeUnit from, TimeUnit to) {
    if (time_unit_is_calendar(from)) {
        ValueId days = lower_native1(l, NATIVE_days_of_months, scaled(l, x, from, UNIT_M));
        return scaled(l, days, UNIT_D, to);
    }
    ValueId months = lower_native1(l, NATIVE_months_of_days, scaled(l, x, from, UNIT_D));
    return scaled(l, months, UNIT_M, to);
}

static bool needs_calendar(const Type *from, TimeUnit to) {
    TimeUnit unit = type_unit(from);
    return from->kind == TYPE_DATETIME && unit != UNIT_GENERIC && to != UNIT_GENERIC &&
           time_unit_is_calendar(unit) != time_unit_is_calendar(to);
}

static ValueId change_unit(Lower *l, ValueId v, const Type *from, const Type *to) {
    TimeUnit unit = type_unit(to);
    ValueId x = time_ticks(l, v);
    if (type_unit(from) == unit || type_unit(from) == UNIT_GENERIC) return as_time(l, to, x);
    ValueId y = needs_calendar(from, unit) ? by_calendar(l, x, type_unit(from), unit)
                                           : scaled(l, x, type_unit(from), unit);
    return as_time(l, to, nat_if(l, time_is_nat(l, x), y));
}

/* What is out of range, and nan, is NaT. */
static ValueId ticks_of_float(Lower *l, ValueId x) {
    ValueId beyond = ir_fcmp(&l->b, PRED_GE, x, lower_float(l, type_f64, 0x1p63));
    return nat_if(l, beyond, lower_un(l, OP_fptosi, type_i64, x));
}

ValueId time_cast(Lower *l, ValueId v, const Type *from, const Type *to) {
    if (!type_is_time(to)) return lower_cast(l, time_ticks(l, v), type_i64, to);
    if (type_is_time(from)) return change_unit(l, v, from, to);
    if (from->kind <= TYPE_INT) return as_time(l, to, lower_cast(l, v, from, type_i64));
    return as_time(l, to, ticks_of_float(l, lower_cast(l, v, from, type_f64)));
}

bool time_can_cast(const Type *from, const Type *to) {
    int64_t num, den;
    if (!type_is_time(from) && !type_is_time(to)) return true;
    if (from->kind == TYPE_COMPLEX || to->kind == TYPE_COMPLEX) return false;
    if (!type_is_time(from) || !type_is_time(to)) return true;
    return from->kind == to->kind && (needs_calendar(from, type_unit(to)) ||
                                      time_unit_factor(type_unit(from), type_unit(to), &num, &den));
}

/* ---- ufuncs: types ----------------------------------------------------------------------------------------- */

typedef enum {
    SUM,
    DIFFERENCE,
    PRODUCT,
    QUOTIENT,
    FLOOR_QUOTIENT,
    REMAINDER,
    BOTH,
    CHOICE,
    ORDER,
    UNARY,
    TEST
} TimeRule;

typedef struct {
    const char *name; /* of the ufunc */
    TimeRule rule;
    ValueId (*emit)(Lower *l, const Type *const *t,
                    const ValueId *x); /* ticks or numbers; gives ticks or a result */
} TimeUfunc;

static bool is_delta(const Type *t) { return t->kind == TYPE_TIMEDELTA; }
static bool is_moment(const Type *t) { return t->kind == TYPE_DATETIME; }

/* Integers as timedeltas; NULL: neither a time nor an integer. */
static const Type *as_delta(const Type *t) {
    if (type_is_time(t)) return t;
    return t->kind <= TYPE_INT ? type_timedelta(UNIT_GENERIC) : NULL;
}

/* Both in their common unit, each with its own kind. */
static bool in_one_unit(const Type *const *operand, const Type **t) {
    TimeUnit unit;
    const Type *x = as_delta(operand[0]), *y = as_delta(operand[1]);
    if (!x || !y || !time_unit_common(x, y, &unit)) return false;
    t[0] = is_moment(x) ? type_datetime(unit) : type_timedelta(unit);
    t[1] = is_moment(y) ? type_datetime(unit) : type_timedelta(unit);
    return true;
}

static const Type *sum_type(const Type **t) {
    if (is_moment(t[0]) && is_moment(t[1])) return NULL;
    return is_moment(t[0]) ? t[0] : t[1];
}

static const Type *difference_type(const Type **t) {
    if (is_moment(t[1])) return is_moment(t[0]) ? type_timedelta(type_unit(t[0])) : NULL;
    return t[0];
}

/* A timedelta with a plain number; NULL: anything else. */
static const Type *by_number(const Type *const *operand, const Type **t, uint32_t delta, TypeKind least) {
    const Type *number = operand[1 - delta];
    if (!is_delta(operand[delta]) || !type_is_real(number) || number->kind < least) return NULL;
    t[delta] = operand[delta];
    t[1 - delta] = number->kind == TYPE_FLOAT ? type_f64 : type_i64;
    return operand[delta];
}

static const Type *quotient_type(const Type *const *operand, const Type **t, const Type *of_two) {
    const Type *by = by_number(operand, t, 0, TYPE_INT);
    if (by) return by;
    return is_delta(operand[0]) && is_delta(operand[1]) && in_one_unit(operand, t) ? of_two : NULL;
}

static const Type *binary_type(TimeRule rule, const Type *const *operand, const Type **t) {
    const Type *r;
    switch (rule) {
    case PRODUCT: r = by_number(operand, t, 0, TYPE_BOOL); return r ? r : by_number(operand, t, 1, TYPE_BOOL);
    case QUOTIENT: return quotient_type(operand, t, type_f64);
    case FLOOR_QUOTIENT: return quotient_type(operand, t, type_i64);
    default: break;
    }
    if ((rule == REMAINDER || rule == BOTH) && !(is_delta(operand[0]) && is_delta(operand[1]))) return NULL;
    if (!in_one_unit(operand, t)) return NULL;
    if (rule == SUM) return sum_type(t);
    if (rule == DIFFERENCE) return difference_type(t);
    if (t[0]->kind != t[1]->kind) return NULL;
    if ((rule == ORDER || rule == CHOICE) && (operand[0] == type_u64 || operand[1] == type_u64)) return NULL;
    if (rule == ORDER) return type_bool;
    if (rule == CHOICE) return t[0];
    return rule == BOTH ? type_tuple(2, (const Type *const[]){type_i64, t[0]}) : t[0];
}

/* ---- ufuncs: values ---------------------------------------------------------------------------------------- */

#define EMITTER(name) static ValueId name(Lower *l, const Type *const *t, const ValueId *x)
#define RESULT(name, expression) \
    EMITTER(name) {              \
        (void)t;                 \
        return expression;       \
    }

RESULT(add, nat_if(l, either_nat(l, x), lower_bin(l, OP_iadd, x[0], x[1])))
RESULT(subtract, nat_if(l, either_nat(l, x), lower_bin(l, OP_isub, x[0], x[1])))
RESULT(negative, lower_bin(l, OP_isub, lower_i64(l, 0), x[0]))
RESULT(absolute, int_abs(l, x[0]))
RESULT(identity, x[0])
RESULT(is_nat, time_is_nat(l, x[0]))
RESULT(is_finite, lower_not(l, time_is_nat(l, x[0])))
RESULT(never, lower_bool(l, false))
RESULT(equal, time_less(l, PRED_EQ, x[0], x[1]))
RESULT(not_equal, lower_not(l, time_less(l, PRED_EQ, x[0], x[1])))
RESULT(less, time_less(l, PRED_LT, x[0], x[1]))
RESULT(less_equal, time_less(l, PRED_LE, x[0], x[1]))
RESULT(greater, time_less(l, PRED_GT, x[0], x[1]))
RESULT(greater_equal, time_less(l, PRED_GE, x[0], x[1]))
/* NaT is the least number: minimum gives it by itself, fmax never does. */
RESULT(minimum, int_min(l, x[0], x[1]))
RESULT(maximum, nat_if(l, either_nat(l, x), int_max(l, x[0], x[1])))
RESULT(fmax_, int_max(l, x[0], x[1]))
RESULT(fmin_, lower_select(l, either_nat(l, x), int_max(l, x[0], x[1]), int_min(l, x[0], x[1])))

/* NumPy gives NaT the sign of its number. */
EMITTER(sign) {
    (void)t;
    ValueId one = lower_un(l, OP_zext, type_i64, ir_icmp(&l->b, PRED_GT, x[0], lower_i64(l, 0)));
    return lower_select(l, int_negative(l, x[0]), lower_i64(l, -1), one);
}

static ValueId as_double(Lower *l, ValueId x) { return lower_cast(l, x, lower_type(l, x), type_f64); }

EMITTER(multiply) {
    uint32_t delta = type_is_time(t[0]) ? 0 : 1;
    ValueId bad = time_is_nat(l, x[delta]);
    if (t[1 - delta]->kind == TYPE_INT) return nat_if(l, bad, lower_bin(l, OP_imul, x[0], x[1]));
    return nat_if(l, bad, ticks_of_float(l, lower_bin(l, OP_fmul, as_double(l, x[0]), as_double(l, x[1]))));
}

/* A divisor that does no harm where the result is not wanted. */
static ValueId safe_divisor(Lower *l, ValueId bad, ValueId y) {
    return lower_select(l, bad, lower_i64(l, 1), y);
}

static ValueId zero_or_nat(Lower *l, const ValueId *x) {
    return lower_or(l, either_nat(l, x), ir_icmp(&l->b, PRED_EQ, x[1], lower_i64(l, 0)));
}

/* Of a timedelta by a number, towards zero, also for //. */
static ValueId divide_by_number(Lower *l, const Type *const *t, const ValueId *x) {
    if (t[1]->kind == TYPE_FLOAT) {
        ValueId q = lower_bin(l, OP_fdiv, as_double(l, x[0]), x[1]);
        return nat_if(l, time_is_nat(l, x[0]), ticks_of_float(l, q));
    }
    ValueId bad = lower_or(l, time_is_nat(l, x[0]), ir_icmp(&l->b, PRED_EQ, x[1], lower_i64(l, 0)));
    return nat_if(l, bad, lower_bin(l, OP_sdiv, x[0], safe_divisor(l, bad, x[1])));
}

EMITTER(divide) {
    if (!type_is_time(t[1])) return divide_by_number(l, t, x);
    ValueId q = lower_bin(l, OP_fdiv, as_double(l, x[0]), as_double(l, x[1]));
    return lower_select(l, either_nat(l, x), lower_float(l, type_f64, __builtin_nan("")), q);
}

EMITTER(floor_divide) {
    if (!type_is_time(t[1])) return divide_by_number(l, t, x);
    ValueId bad = zero_or_nat(l, x);
    return lower_select(l, bad, lower_i64(l, 0), int_floordiv(l, x[0], safe_divisor(l, bad, x[1])));
}

EMITTER(remainder_) {
    (void)t;
    ValueId bad = zero_or_nat(l, x);
    return nat_if(l, bad, int_mod(l, x[0], safe_divisor(l, bad, x[1])));
}

EMITTER(divmod_) {
    const Type *pair = type_tuple(2, (const Type *const[]){type_i64, t[0]});
    return lower_make2(l, pair, floor_divide(l, t, x), as_time(l, t[0], remainder_(l, t, x)));
}

static const TimeUfunc time_ufuncs[] = {
    {"add", SUM, add},
    {"subtract", DIFFERENCE, subtract},
    {"multiply", PRODUCT, multiply},
    {"divide", QUOTIENT, divide},
    {"floor_divide", FLOOR_QUOTIENT, floor_divide},
    {"remainder", REMAINDER, remainder_},
    {"divmod", BOTH, divmod_},
    {"negative", UNARY, negative},
    {"positive", UNARY, identity},
    {"absolute", UNARY, absolute},
    {"sign", UNARY, sign},
    {"isnat", TEST, is_nat},
    {"isnan", TEST, is_nat},
    {"isfinite", TEST, is_finite},
    {"isinf", TEST, never},
    {"minimum", CHOICE, minimum},
    {"maximum", CHOICE, maximum},
    {"fmin", CHOICE, fmin_},
    {"fmax", CHOICE, fmax_},
    {"equal", ORDER, equal},
    {"not_equal", ORDER, not_equal},
    {"less", ORDER, less},
    {"less_equal", ORDER, less_equal},
    {"greater", ORDER, greater},
    {"greater_equal", ORDER, greater_equal},
};

static const TimeUfunc *time_ufunc(const Ufunc *u) {
    for (uint32_t i = 0; i < ARRAY_LEN(time_ufuncs); i++)
        if (!strcmp(time_ufuncs[i].name, u->name)) return &time_ufuncs[i];
    return NULL;
}

bool time_ufunc_types(const Ufunc *u, const Type *const *operand, const Type **compute, const Type **result) {
    const TimeUfunc *row = time_ufunc(u);
    const Type *t[2] = {operand[0], operand[0]};
    if (!row) return false;
    if (row->rule == TEST) *result = type_bool;
    else if (row->rule == UNARY) *result = is_delta(operand[0]) ? operand[0] : NULL;
    else *result = binary_type(row->rule, operand, t);
    *compute = type_tuple(u->nin, t);
    return *result != NULL;
}

ValueId time_ufunc_emit(Lower *l, const Ufunc *u, const Type *compute, const ValueId *args) {
    const Type *result, *operand[2] = {compute->elem[0], compute->elem[u->nin - 1]}, *same;
    ValueId x[2];
    for (uint32_t i = 0; i < u->nin; i++) x[i] = type_is_time(operand[i]) ? time_ticks(l, args[i]) : args[i];
    time_ufunc_types(u, operand, &same, &result);
    ValueId v = time_ufunc(u)->emit(l, operand, x);
    return type_is_time(result) ? as_time(l, result, v) : v;
}

/* ---- the types as functions -------------------------------------------------------------------------------- */

static bool constructs_time(const Call *c) {
    return c->type[0]->kind == TYPE_DTYPE && type_is_time(c->type[0]->elem[0]);
}

/* The unit that the second argument names. */
static bool unit_argument(Call *c, TimeUnit *unit) {
    const char *text = call_literal_str(c, 2);
    *unit = UNIT_GENERIC;
    if (call_is_none(c, 2)) return true;
    if (text && time_unit_named(text, strlen(text), unit)) return true;
    call_error(c, DIAG_NOT_CONSTANT,
               "the unit of a time must be one of 'Y', 'M', 'W', 'D', 'h', 'm', 's', 'ms', 'us', "
               "'ns', 'ps', 'fs', 'as', known at compile time");
    return false;
}

static const Type *time_in(const Type *kind, TimeUnit unit) {
    return kind->kind == TYPE_DATETIME ? type_datetime(unit) : type_timedelta(unit);
}

/* np.datetime64("2020-02-29", "D"), np.timedelta64(3, "h"), np.datetime64(another). */
static const Type *type_construct(Call *c) {
    TimeUnit unit;
    int64_t value;
    if (!constructs_time(c)) return call_decline(c);
    const Type *to = c->type[0]->elem[0], *from = c->type[1] ? type_base(c->type[1]) : NULL;
    if (!unit_argument(c, &unit)) return NULL;
    const char *text = call_literal_str(c, 1);
    if (text) {
        if (object_time(text, to->kind == TYPE_DATETIME, unit, &value, &unit)) return time_in(to, unit);
        return call_error(c, DIAG_NO_IMPLEMENTATION, "%s", object_take_error());
    }
    if (unit == UNIT_GENERIC) unit = type_unit(to);
    if (!from) return time_in(to, unit);
    if (type_is_time(from)) {
        if (from->kind != to->kind) return call_decline(c);
        return time_in(to, unit == UNIT_GENERIC ? type_unit(from) : unit);
    }
    return from->kind <= TYPE_INT ? time_in(to, unit) : call_decline(c);
}

static ValueId emit_construct(Lower *l, Call *c) {
    const char *text = call_literal_str(c, 1);
    TimeUnit unit = UNIT_GENERIC;
    int64_t value = 0;
    if (!c->type[1])
        return as_time(l, c->result, lower_i64(l, c->result->kind == TYPE_DATETIME ? INT64_MIN : 0));
    if (!text) return lower_cast(l, c->value[1], c->type[1], c->result);
    const char *name = call_literal_str(c, 2);
    if (name) time_unit_named(name, strlen(name), &unit);
    object_time(text, c->result->kind == TYPE_DATETIME, unit, &value, &unit);
    return as_time(l, c->result, lower_i64(l, value));
}

/* ---- built-in functions, methods, attributes --------------------------------------------------------------- */

static const Type *time_at(const Call *c, uint32_t i) {
    return c->type[i] && type_is_time(c->type[i]) ? c->type[i] : NULL;
}

static const Type *type_int_of(Call *c) { return time_at(c, 0) ? type_i64 : call_decline(c); }
static ValueId emit_int_of(Lower *l, Call *c) { return time_ticks(l, c->value[0]); }

static const Type *type_astype(Call *c) {
    const Type *from = time_at(c, 0), *to = call_dtype(c, 1);
    return from && to && time_can_cast(from, to) ? to : call_decline(c);
}
static ValueId emit_astype(Lower *l, Call *c) { return time_cast(l, c->value[0], c->type[0], c->result); }

static const Type *type_view(Call *c) {
    const Type *from = time_at(c, 0), *to = call_dtype(c, 1);
    return from && to && (to == type_i64 || type_is_time(to)) ? to : call_decline(c);
}
static ValueId emit_view(Lower *l, Call *c) {
    ValueId ticks = time_ticks(l, c->value[0]);
    return c->result == type_i64 ? ticks : as_time(l, c->result, ticks);
}

static const Type *type_dtype_of_time(Call *c) { return type_dtype(c->type[0]); }
static ValueId emit_nothing(Lower *l, Call *c) {
    (void)l, (void)c;
    return NO_VALUE;
}

/* min(a, b, ...): a later one wins only if it compares so; nothing compares with NaT. */
static const Type *type_extremum(Call *c) {
    const Type *args = c->type[0], *t = NULL;
    for (uint32_t i = 0; i < args->nelem; i++) {
        if (!type_is_time(args->elem[i])) return call_decline(c);
        t = t ? type_unify(t, args->elem[i]) : args->elem[i];
        if (!t) return call_decline(c);
    }
    return args->nelem > 1 ? t : call_decline(c);
}

static ValueId emit_extremum(Lower *l, Call *c) {
    Predicate wins = (Predicate)(uintptr_t)c->row->data;
    const Type *args = c->type[0];
    ValueId best = lower_cast(l, lower_field(l, c->value[0], 0), args->elem[0], c->result);
    for (uint32_t i = 1; i < args->nelem; i++) {
        ValueId v = lower_cast(l, lower_field(l, c->value[0], i), args->elem[i], c->result);
        best = lower_select(l, time_less(l, wins, v, best), v, best);
    }
    return best;
}

/* ---- arrays: the numbers behind the times ------------------------------------------------------------------ */

static const Type *retyped(const Type *t, const Type *dtype) {
    return type_array(dtype, t->ndim, t->layout, t->readonly, t->aligned);
}

static const Type *type_ticks(Call *c) {
    const Type *t = c->type[0];
    return type_is_array(t) && type_is_time(type_dtype_of(t)) ? retyped(t, type_i64) : call_decline(c);
}

static const Type *type_times(Call *c) {
    const Type *t = c->type[0], *dtype = call_dtype(c, 1);
    if (!dtype || !type_is_time(dtype)) return call_decline(c);
    if (type_is_array(t)) return type_dtype_of(t) == type_i64 ? retyped(t, dtype) : call_decline(c);
    return t->kind == TYPE_INT ? dtype : call_decline(c);
}

static ValueId emit_retyped(Lower *l, Call *c) {
    if (!type_is_array(c->type[0])) return time_cast(l, c->value[0], c->type[0], c->result);
    View v = view_of(l, c->value[0], c->type[0]);
    v.dtype = type_dtype_of(c->result);
    return view_to_array(l, &v, c->result, c->value[0], c->type[0]);
}

/* ---- rows -------------------------------------------------------------------------------------------------- */

// clang-format off
enum { PURE = LIB_PURE | LIB_NO_RAISE };
#define TAG(n) ((const void *)(uintptr_t)(n))
#define TIME_ROWS(space)                                                                                       \
    {space ".astype", "self, dtype", type_astype, emit_astype, NULL, 1, PURE},                                 \
    {space ".view", "self, dtype", type_view, emit_view, NULL, 1, PURE},                                       \
    {space ".dtype@", "self", type_dtype_of_time, emit_nothing, NULL, 1, PURE}

static const LibRow rows[] = {
    {"dtype.call", "dtype, x=None, unit=None, /", type_construct, emit_construct, NULL, 1, PURE},
    {"builtins.int", "x, /", type_int_of, emit_int_of, NULL, 1, PURE},
    {"builtins.min", "*args", type_extremum, emit_extremum, TAG(PRED_LT), 1, PURE},
    {"builtins.max", "*args", type_extremum, emit_extremum, TAG(PRED_GT), 1, PURE},
    {"naja.library.low.ticks", "a, /", type_ticks, emit_retyped, NULL, 1, LIB_BORROWS},
    {"naja.library.low.times", "a, dtype, /", type_times, emit_retyped, NULL, 1, LIB_BORROWS},
    TIME_ROWS("datetime64"), TIME_ROWS("timedelta64"),
};
// clang-format on

const LibTable library_datetimes_table = {"datetimes", rows, ARRAY_LEN(rows)};
