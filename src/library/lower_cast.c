/* lower_cast.c - the emitters' workbench: conversion between types, and truth.
 *
 * Number to number is a table of the two kinds; composite types convert field by field.  Floats become integers
 * by truncation, and of what does not fit the low bits stay, as in NumPy; complex numbers become real ones by dropping
 * the imaginary part, as array assignment does.  Python's int(x), which raises, is a row of its own.
 */
#include "library/datetimes.h"
#include "library/hashtables.h"
#include "library/lists.h"
#include "library/lower.h"

/* ---- numbers --------------------------------------------------------------------------------------------- */

static bool counts_up_from_zero(const Type *t) { return t->kind == TYPE_BOOL || !t->is_signed; }

static ValueId int_to_int(Lower *l, ValueId v, const Type *from, const Type *to) {
    unsigned from_bits = from->kind == TYPE_BOOL ? 1 : from->bits;
    int64_t known;
    if (lower_known_int(l, v, &known) && type_int_fits(to, known)) return lower_int(l, to, known);
    if (from_bits == to->bits) return lower_un(l, OP_bitcast, to, v);
    if (from_bits > to->bits) return lower_un(l, OP_trunc, to, v);
    return lower_un(l, counts_up_from_zero(from) ? OP_zext : OP_sext, to, v);
}

static ValueId int_to_float(Lower *l, ValueId v, const Type *from, const Type *to) {
    int64_t known;
    if (lower_known_int(l, v, &known) && from->kind == TYPE_INT && (from->is_signed || known >= 0) &&
        to->bits == 64)
        return lower_float(l, to, (double)known);
    return lower_un(l, counts_up_from_zero(from) ? OP_uitofp : OP_sitofp, to, v);
}

static ValueId float_to_float(Lower *l, ValueId v, const Type *from, const Type *to) {
    double known;
    if (lower_known_float(l, v, &known) && to->bits == 64) return lower_float(l, to, known);
    return lower_un(l, to->bits > from->bits ? OP_fpext : OP_fptrunc, to, v);
}

static ValueId real_to_real(Lower *l, ValueId v, const Type *from, const Type *to) {
    if (from == to) return v;
    if (to->kind == TYPE_BOOL) return lower_truth(l, v, from);
    bool from_float = from->kind == TYPE_FLOAT;
    if (to->kind == TYPE_FLOAT)
        return from_float ? float_to_float(l, v, from, to) : int_to_float(l, v, from, to);
    if (from_float) return lower_un(l, to->is_signed ? OP_fptosi : OP_fptoui, to, v);
    return int_to_int(l, v, from, to);
}

static ValueId number_cast(Lower *l, ValueId v, const Type *from, const Type *to) {
    bool from_complex = from->kind == TYPE_COMPLEX;
    if (to->kind != TYPE_COMPLEX) {
        if (!from_complex) return real_to_real(l, v, from, to);
        if (to->kind == TYPE_BOOL) return lower_truth(l, v, from);
        return real_to_real(l, lower_field(l, v, COMPLEX_RE), type_real_part(from), to);
    }
    const Type *part = type_real_part(to);
    if (!from_complex) return lower_make2(l, to, real_to_real(l, v, from, part), lower_float(l, part, 0));
    ValueId re = real_to_real(l, lower_field(l, v, COMPLEX_RE), type_real_part(from), part);
    return lower_make2(l, to, re, real_to_real(l, lower_field(l, v, COMPLEX_IM), type_real_part(from), part));
}

/* ---- literals -------------------------------------------------------------------------------------------- */

static ValueId literal_cast(Lower *l, const Type *from, const Type *to) {
    const Type *base = type_base(from);
    if (from->text) return to->kind == TYPE_STR ? lower_string(l, from->text) : lower_empty(l, to);
    return lower_cast(l, lower_int(l, base, from->value), base, to);
}

/* ---- composite types ------------------------------------------------------------------------------------- */

/* Undefined leaves are zeros, so that a managed value that is absent may be released. */
static ValueId undefined_value(Lower *l, const Type *t) {
    return t->nleaves ? ir_append(&l->b, OP_undef, t, 0, NULL) : lower_empty(l, t);
}

static ValueId to_optional(Lower *l, ValueId v, const Type *from, const Type *to) {
    const Type *elem = to->elem[0];
    if (from->kind == TYPE_NONE) return lower_make2(l, to, lower_bool(l, false), undefined_value(l, elem));
    if (from->kind != TYPE_OPTIONAL)
        return lower_make2(l, to, lower_bool(l, true), lower_cast(l, v, from, elem));
    ValueId has = lower_field(l, v, OPTIONAL_HAS);
    return lower_make2(l, to, has, lower_cast(l, lower_field(l, v, OPTIONAL_VALUE), from->elem[0], elem));
}

static ValueId from_optional(Lower *l, ValueId v, const Type *from, const Type *to) {
    ValueId none = lower_not(l, lower_field(l, v, OPTIONAL_HAS));
    const char *message = arena_printf(&l->unit->arena, "expected %s, got None", from->elem[0]->name);
    lower_raise_if(l, none, "TypeError", message, 0, NULL);
    return lower_cast(l, lower_field(l, v, OPTIONAL_VALUE), from->elem[0], to);
}

static ValueId field_by_field(Lower *l, ValueId v, const Type *from, const Type *to) {
    ValueId *field = arena_array(&l->unit->arena, ValueId, to->nfields);
    for (uint32_t i = 0; i < to->nfields; i++)
        field[i] = lower_cast(l, lower_field(l, v, i), from->field[i], to->field[i]);
    return ir_make(&l->b, to, to->nfields, field);
}

static uint32_t choice_number(const Type *choice, const Type *function) {
    uint32_t i = 0;
    while (i < choice->nelem && choice->elem[i] != function) i++;
    if (i < choice->nelem) return i;
    for (i = 0; type_unify(choice->elem[i], function) != choice->elem[i];)
        i++; /* its captured values widen */
    return i;
}

/* A function as one of several, or several as more. */
static ValueId to_choice(Lower *l, ValueId v, const Type *from, const Type *to) {
    ValueId *field = arena_array(&l->unit->arena, ValueId, to->nfields);
    for (uint32_t i = 0; i < to->nelem; i++) field[CHOICE_FUNCTION + i] = undefined_value(l, to->elem[i]);
    if (from->kind != TYPE_CHOICE) {
        uint32_t k = choice_number(to, from);
        field[CHOICE_INDEX] = lower_i64(l, k);
        field[CHOICE_FUNCTION + k] = lower_cast(l, v, from, to->elem[k]);
        return ir_make(&l->b, to, to->nfields, field);
    }
    ValueId index = lower_field(l, v, CHOICE_INDEX), number = lower_i64(l, 0);
    for (uint32_t i = 0; i < from->nelem; i++) {
        uint32_t k = choice_number(to, from->elem[i]);
        number = lower_select(l, ir_icmp(&l->b, PRED_EQ, index, lower_i64(l, i)), lower_i64(l, k), number);
        ValueId function = from->elem[i]->nleaves ? lower_field(l, v, CHOICE_FUNCTION + i) : NO_VALUE;
        field[CHOICE_FUNCTION + k] = lower_cast(l, function, from->elem[i], to->elem[k]);
    }
    field[CHOICE_INDEX] = number;
    return ir_make(&l->b, to, to->nfields, field);
}

static ValueId with_step(Lower *l, ValueId v, const Type *from, const Type *to) {
    const Type *t = to->elem[0];
    ValueId field[] = {lower_cast(l, lower_field(l, v, RANGE_START), from->elem[0], t),
                       lower_cast(l, lower_field(l, v, RANGE_STOP), from->elem[0], t), lower_int(l, t, 1)};
    return ir_make(&l->b, to, ARRAY_LEN(field), field);
}

ValueId lower_cast(Lower *l, ValueId v, const Type *from, const Type *to) {
    if (from == to) return v;
    if (from->kind == TYPE_UNDEFINED) return undefined_value(l, to);
    if (from->kind == TYPE_ENUM && to->kind != TYPE_OPTIONAL)
        return lower_cast(l, lower_un(l, OP_bitcast, type_i64, v), type_i64, to);
    if (to->kind == TYPE_OPTIONAL) return to_optional(l, v, from, to);
    if (from->kind == TYPE_OPTIONAL) return from_optional(l, v, from, to);
    if (to->nleaves == 0) return lower_empty(l, to);
    if (lower_is_pointer_cast(from, to)) return lower_pointer_cast(l, v, from, to);
    if (to->kind == TYPE_CHOICE) return to_choice(l, v, from, to);
    if (to->kind == TYPE_RANGE && from->nfields != to->nfields) return with_step(l, v, from, to);
    if (from->kind == TYPE_LITERAL) return literal_cast(l, from, to);
    if (type_is_scalar(from) && type_is_scalar(to) && (type_is_time(from) || type_is_time(to)))
        return time_cast(l, v, from, to);
    if (type_is_number(from) && type_is_number(to)) return number_cast(l, v, from, to);
    if (from->nfields == to->nfields && to->nfields && !type_is_array(to))
        return field_by_field(l, v, from, to);
    return lower_un(l, OP_cast, to, v); /* arrays of another layout, pointers: the leaves are the same */
}

/* ---- truth ----------------------------------------------------------------------------------------------- */

static ValueId literal_truth(Lower *l, const Type *t) {
    return lower_bool(l, t->text ? t->text[0] != 0 : t->value != 0);
}

static ValueId range_truth(Lower *l, ValueId v, const Type *t) {
    ValueId start = lower_field(l, v, RANGE_START), stop = lower_field(l, v, RANGE_STOP);
    ValueId up = lower_compare(l, PRED_LT, start, stop);
    if (t->nfields <= RANGE_STEP) return up;
    ValueId step = lower_field(l, v, RANGE_STEP);
    ValueId forward = lower_compare(l, PRED_GT, step, lower_int(l, lower_type(l, step), 0));
    return lower_select(l, forward, up, lower_compare(l, PRED_GT, start, stop));
}

ValueId lower_truth(Lower *l, ValueId v, const Type *t) {
    int64_t known;
    switch (t->kind) {
    case TYPE_BOOL: return v;
    case TYPE_INT:
        if (lower_known_int(l, v, &known)) return lower_bool(l, known != 0);
        return ir_icmp(&l->b, PRED_NE, v, lower_int(l, t, 0));
    case TYPE_FLOAT: return ir_fcmp(&l->b, PRED_NE, v, lower_float(l, t, 0));
    case TYPE_COMPLEX:
        return lower_or(l, lower_truth(l, lower_field(l, v, COMPLEX_RE), type_real_part(t)),
                        lower_truth(l, lower_field(l, v, COMPLEX_IM), type_real_part(t)));
    case TYPE_DATETIME:
    case TYPE_TIMEDELTA: return lower_truth(l, time_ticks(l, v), type_i64);
    case TYPE_LITERAL: return literal_truth(l, t);
    case TYPE_OPTIONAL:
        return lower_select(l, lower_field(l, v, OPTIONAL_HAS),
                            lower_truth(l, lower_field(l, v, OPTIONAL_VALUE), t->elem[0]),
                            lower_bool(l, false));
    case TYPE_TUPLE:
    case TYPE_STRDICT:
    case TYPE_NAMEDTUPLE: return lower_bool(l, t->nelem != 0);
    case TYPE_BYTES:
    case TYPE_STR: return lower_truth(l, lower_field(l, v, STR_LENGTH), type_i64);
    case TYPE_SET:
    case TYPE_DICT: return lower_truth(l, table_length(l, v), type_i64);
    case TYPE_VIEW: return lower_truth(l, table_length(l, lower_field(l, v, 0)), type_i64);
    case TYPE_LIST: return lower_truth(l, list_length(l, v), type_i64);
    case TYPE_RANGE: return range_truth(l, v, t);
    default: return lower_bool(l, t->kind != TYPE_NONE); /* objects without a length are true */
    }
}
