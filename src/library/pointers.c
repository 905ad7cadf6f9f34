/* pointers.c - addresses and functions that are not known at compile time.
 *
 * A CFUNCTION is any function of one signature: a cfunc, a dispatcher, a function of ctypes or cffi.  It is three
 * addresses (CFUNCTION_C, ...); a call prefers naja's convention, where exceptions travel and arguments may be of any
 * type, and takes C's otherwise.  One that the program names is a row of the unit's functions: the loader makes a
 * symbol of it.
 *
 * An address (PTR, CPOINTER) counts no references.  `a.ctypes` keeps the array, so that it lives as long as the call
 * it is passed to.
 */
#include "library/arrays.h"
#include "library/lower.h"

/* ---- conversions ------------------------------------------------------------------------------------------ */

static ValueId load_address(Lower *l, ValueId from, uint32_t slot) {
    return ir_load(&l->b, type_ptr, ir_ptr_add(&l->b, from, lower_i64(l, 8 * (int64_t)slot)));
}

ValueId lower_function_constant(Lower *l, Handle object, const Type *t) {
    uint32_t number = unit_add_function(l->unit, object, t);
    ValueId symbol = ir_append(&l->b, OP_symbol, type_ptr, 0, NULL);
    const char *name = arena_printf(&l->unit->arena, UNIT_FUNCTION_SYMBOL "%u", number);
    inst_at(l->b.f, symbol)->imm.name = unit_name(l->unit, name);
    return ir_make(&l->b, t, 3,
                   (ValueId[]){load_address(l, symbol, CFUNCTION_C),
                               load_address(l, symbol, CFUNCTION_NATIVE),
                               load_address(l, symbol, CFUNCTION_OBJECT)});
}

static ValueId address_of(Lower *l, ValueId v, const Type *from) {
    switch (from->kind) {
    case TYPE_CTYPES: return lower_field(l, lower_field(l, v, 0), ARRAY_DATA);
    case TYPE_CFUNCTION: return lower_field(l, v, CFUNCTION_C);
    case TYPE_NONE: return lower_int(l, type_ptr, 0);
    case TYPE_INT: return lower_un(l, OP_bitcast, type_ptr, v);
    case TYPE_LITERAL: return lower_un(l, OP_bitcast, type_ptr, lower_cast(l, v, from, type_i64));
    default: return v;
    }
}

bool lower_is_pointer_cast(const Type *from, const Type *to) {
    return type_is_address(from) || type_is_address(to) || to->kind == TYPE_CFUNCTION;
}

static ValueId chosen_function(Lower *l, ValueId choice, const Type *from, const Type *to) {
    ValueId index = lower_field(l, choice, CHOICE_INDEX);
    ValueId v = lower_function_constant(l, from->elem[0]->handle, to);
    for (uint32_t i = 1; i < from->nelem; i++)
        v = lower_select(l, ir_icmp(&l->b, PRED_EQ, index, lower_i64(l, i)),
                         lower_function_constant(l, from->elem[i]->handle, to), v);
    return v;
}

ValueId lower_pointer_cast(Lower *l, ValueId v, const Type *from, const Type *to) {
    if (to->kind == TYPE_CFUNCTION && from->kind == TYPE_FUNCTION)
        return lower_function_constant(l, from->handle, to);
    if (to->kind == TYPE_CFUNCTION && from->kind == TYPE_CHOICE) return chosen_function(l, v, from, to);
    if (to->kind == TYPE_INT) return lower_un(l, OP_bitcast, to, v);
    if (to->kind == TYPE_BOOL) return ir_icmp(&l->b, PRED_NE, v, lower_int(l, from, 0));
    return lower_un(l, OP_cast, to, address_of(l, v, from));
}

/* ---- calls ------------------------------------------------------------------------------------------------ */

static uint32_t nparams(const Type *function) { return function->nelem - 1; }
static const Type *param_type(const Type *function, uint32_t i) { return function->elem[1 + i]; }

static const Type *type_call(Call *c) {
    const Type *f = c->type[0], *given = c->type[1];
    if (f->kind != TYPE_CFUNCTION) return call_decline(c);
    bool fits = given->nelem == nparams(f);
    for (uint32_t i = 0; fits && i < given->nelem; i++)
        fits = type_can_convert(given->elem[i], param_type(f, i)) != CONVERT_NO;
    if (fits) return type_cfunction_result(f);
    return call_error(c, DIAG_WRONG_ARGUMENTS,
                      "No implementation of function ExternalFunctionPointer %s for %s", f->name,
                      given->name);
}

static void call_c(Lower *l, ValueId address, const Type *f, ValueId *arg, ValueId slots) {
    const Type *result = type_cfunction_result(f);
    arg[0] = address;
    ValueId v = ir_append(&l->b, OP_call_c, result, nparams(f) + 1, arg);
    lower_store_slots(l, slots, v, result);
}

static void call_native(Lower *l, ValueId address, const Type *f, ValueId *arg, ValueId slots) {
    arg[-1] = address;
    arg[0] = slots;
    lower_check_status(l, ir_append(&l->b, OP_call_native, type_i32, nparams(f) + 2, arg - 1));
}

static ValueId emit_call(Lower *l, Call *c) {
    const Type *f = c->type[0], *given = c->type[1], *result = type_cfunction_result(f);
    ValueId *arg = arena_array(&l->unit->arena, ValueId, nparams(f) + 2), *c_arg = NULL;
    for (uint32_t i = 0; i < nparams(f); i++)
        arg[2 + i] = lower_cast(l, ir_field(&l->b, c->value[1], i), given->elem[i], param_type(f, i));
    ValueId slots = lower_alloca(l, sizeof(int64_t) * (result->nleaves ? result->nleaves : 1));
    ValueId native = lower_field(l, c->value[0], CFUNCTION_NATIVE);
    if (!type_has_c_convention(f)) {
        call_native(l, native, f, arg + 1, slots);
        return result->nleaves ? lower_load_slots(l, slots, result) : NO_VALUE;
    }
    c_arg = arena_array(&l->unit->arena, ValueId, nparams(f) + 1);
    memcpy(c_arg + 1, arg + 2, nparams(f) * sizeof *arg);
    LowerIf either = lower_if(l, ir_icmp(&l->b, PRED_NE, native, lower_int(l, type_ptr, 0)));
    call_native(l, native, f, arg + 1, slots);
    lower_else(l, &either);
    call_c(l, lower_field(l, c->value[0], CFUNCTION_C), f, c_arg, slots);
    lower_endif(l, &either, NO_VALUE, NO_VALUE);
    return result->nleaves ? lower_load_slots(l, slots, result) : NO_VALUE;
}

/* ---- p[i] ------------------------------------------------------------------------------------------------- */

static bool is_item(const Call *c) {
    const Type *t = c->type[0];
    if (t->kind != TYPE_CPOINTER || !is_integer_like(c->type[1])) return false;
    return type_is_scalar(t->elem[0]) || type_is_address(t->elem[0]);
}

static ValueId item_address(Lower *l, Call *c) {
    ValueId i = lower_int_to_i64(l, c->value[1], c->type[1]), p = lower_un(l, OP_cast, type_ptr, c->value[0]);
    return lower_ptr_offset(l, p, i, lower_i64(l, type_itemsize(c->type[0]->elem[0])));
}

static const Type *type_getitem(Call *c) { return is_item(c) ? c->type[0]->elem[0] : call_decline(c); }

static ValueId emit_getitem(Lower *l, Call *c) {
    return lower_load_element(l, c->type[0]->elem[0], item_address(l, c));
}

static const Type *type_setitem(Call *c) {
    if (!is_item(c)) return call_decline(c);
    return type_can_convert(c->type[2], c->type[0]->elem[0]) == CONVERT_NO ? call_decline(c) : type_none;
}

static ValueId emit_setitem(Lower *l, Call *c) {
    const Type *elem = c->type[0]->elem[0];
    lower_store_element(l, elem, item_address(l, c), lower_cast(l, c->value[2], c->type[2], elem));
    return NO_VALUE;
}

/* ---- comparisons: addresses are equal or not -------------------------------------------------------------- */

static const Type *type_compare(Call *c) {
    return type_is_address(c->type[0]) && type_is_address(c->type[1]) ? type_bool : call_decline(c);
}

static ValueId emit_compare(Lower *l, Call *c) {
    ValueId x = lower_un(l, OP_cast, type_ptr, c->value[0]), y = lower_un(l, OP_cast, type_ptr, c->value[1]);
    return ir_icmp(&l->b, (Predicate)(uintptr_t)c->row->data, x, y);
}

/* ---- carray, farray: the array at an address, which it does not own ----------------------------------------- */

static const Type *type_array_at(Call *c) {
    const Type *p = type_base(c->type[0]), *shape = library_widen(c->type[1]);
    bool is_tuple = type_is_tuple(shape);
    if (!type_is_address(p))
        return call_error(c, DIAG_WRONG_ARGUMENTS, "expected a pointer to make an array of, got %s", p->name);
    if (!is_tuple && !is_integer_like(shape)) return call_decline(c);
    for (uint32_t i = 0; is_tuple && i < shape->nelem; i++)
        if (!is_integer_like(shape->elem[i])) return call_decline(c);
    const Type *dtype = call_is_none(c, 2) ? NULL : call_dtype(c, 2);
    if (!dtype && !call_is_none(c, 2)) dtype = call_named_type(c, 2);
    if (p->kind == TYPE_CPOINTER && dtype && dtype != p->elem[0])
        return call_error(c, DIAG_WRONG_ARGUMENTS, "mismatching dtype '%s' for pointer type '%s'",
                          dtype->name, p->name);
    if (!dtype && p->kind == TYPE_PTR)
        return call_error(c, DIAG_WRONG_ARGUMENTS, "explicit dtype required for void* argument");
    if (!dtype) dtype = p->elem[0];
    if (!type_is_scalar(dtype) && !type_is_storage(dtype))
        return call_error(c, DIAG_WRONG_ARGUMENTS, "an array cannot have elements of type %s", dtype->name);
    uint32_t ndim = is_tuple ? shape->nelem : 1;
    Layout layout = ndim > 1 ? (Layout)(uintptr_t)c->row->data : LAYOUT_C;
    return type_array(dtype, ndim, layout, false, true);
}

static ValueId emit_array_at(Lower *l, Call *c) {
    const Type *t = c->result, *shape = c->type[1];
    ValueId *field = arena_array(&l->unit->arena, ValueId, t->nfields);
    ValueId stride = lower_i64(l, type_itemsize(type_dtype_of(t))), null = lower_int(l, type_ptr, 0);
    for (uint32_t i = 0; i < t->ndim; i++)
        field[array_shape(t, i)] = type_is_tuple(shape)
                                       ? lower_int_to_i64(l, ir_field(&l->b, c->value[1], i), shape->elem[i])
                                       : lower_int_to_i64(l, c->value[1], shape);
    for (uint32_t k = 0; k < t->ndim; k++) {
        uint32_t axis = t->layout == LAYOUT_F ? k : t->ndim - 1 - k;
        field[array_stride(t, axis)] = stride;
        stride = lower_bin(l, OP_imul, stride, field[array_shape(t, axis)]);
    }
    field[ARRAY_DATA] = lower_un(l, OP_cast, type_ptr, c->value[0]);
    field[ARRAY_OWNER] = field[ARRAY_PARENT] = null;
    return ir_make(&l->b, t, t->nfields, field);
}

/* ---- a.ctypes ----------------------------------------------------------------------------------------------- */

static const Type *type_ctypes_attribute(Call *c) {
    return type_is_array(c->type[0]) ? type_ctypes(c->type[0]) : call_decline(c);
}

static ValueId emit_ctypes_attribute(Lower *l, Call *c) {
    ir_emit(&l->b, OP_incref, NULL, c->value[0]);
    return ir_make(&l->b, c->result, 1, c->value);
}

static const Type *type_ctypes_data(Call *c) {
    return c->type[0]->kind == TYPE_CTYPES ? type_i64 : call_decline(c);
}

static ValueId emit_ctypes_data(Lower *l, Call *c) {
    return lower_un(l, OP_bitcast, type_i64, address_of(l, c->value[0], c->type[0]));
}

// clang-format off
static const LibRow rows[] = {
    {"cfunction.call", "function, *args", type_call, emit_call, NULL, 1, 0},
    {"operator.getitem", "a, b, /", type_getitem, emit_getitem, NULL, 1, 0},
    {"operator.setitem", "a, b, c, /", type_setitem, emit_setitem, NULL, 1, 0},
    {"operator.eq", "a, b, /", type_compare, emit_compare, (const void *)PRED_EQ, 1, LIB_PURE | LIB_NO_RAISE},
    {"operator.ne", "a, b, /", type_compare, emit_compare, (const void *)PRED_NE, 1, LIB_PURE | LIB_NO_RAISE},
    {"naja.pointers.carray", "ptr, shape, dtype=None", type_array_at, emit_array_at, (const void *)LAYOUT_C, 1, LIB_STORAGE},
    {"naja.pointers.farray", "ptr, shape, dtype=None", type_array_at, emit_array_at, (const void *)LAYOUT_F, 1, LIB_STORAGE},
    {"ndarray.ctypes@", "a", type_ctypes_attribute, emit_ctypes_attribute, NULL, 1, LIB_BORROWS | LIB_STORAGE},
    {"ctypes.data@", "a", type_ctypes_data, emit_ctypes_data, NULL, 1, LIB_NO_RAISE},
};
// clang-format on

const LibTable library_pointers_table = {"pointers", rows, ARRAY_LEN(rows)};
