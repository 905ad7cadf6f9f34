/* texts.c - calls of the runtime's string functions: operands to the stack, results from it, exceptions. */
#include "library/texts.h"

#include "runtime/abi.h"

bool text_is_str(const Type *t) { return t && type_base(t)->kind == TYPE_STR; }

ValueId text_arg(Lower *l, Call *c, uint32_t i) { return lower_cast(l, c->value[i], c->type[i], type_str); }

ValueId text_address(Lower *l, ValueId text) {
    ValueId slots = lower_alloca(l, sizeof(Slot) * type_str->nleaves);
    lower_store_slots(l, slots, text, type_str);
    return slots;
}

/* ---- exceptions ------------------------------------------------------------------------------------------------ */

/* By number of runtime/text.h's TextError. */
static const char *const error_class[] = {"ValueError", "TypeError", "OverflowError", "IndexError",
                                          "KeyError"};

/* The call failed: an exception that it left in the context, or one of these classes with the text in `out`. */
static void raise_failure(Lower *l, ValueId status, ValueId out, uint32_t errors) {
    for (uint32_t k = 0; k < ARRAY_LEN(error_class); k++) {
        if (!(errors >> k & 1)) continue;
        BlockId raise = lower_block(l), next = lower_block(l);
        ir_condbr(&l->b, ir_icmp(&l->b, PRED_EQ, status, lower_int(l, type_i32, k + 1)), raise, next);
        lower_at(l, raise);
        block_at(l->b.f, raise)->cold = true;
        const Type **arg = arena_array(&l->unit->arena, const Type *, 1);
        arg[0] = type_str;
        ValueId message = lower_load_slots(l, out, type_str);
        lower_raise_site(l, (RaiseSite){.builtin = error_class[k], .nargs = 1, .arg = arg}, 1, &message);
        lower_at(l, next);
        block_at(l->b.f, next)->cold = true;
    }
    lower_raise_again(l, status);
}

static void check(Lower *l, ValueId status, ValueId out, uint32_t errors) {
    if (!errors) {
        lower_check_status(l, status);
        return;
    }
    BlockId failed = lower_block(l), onward = lower_block(l), from = l->b.block;
    ir_condbr(&l->b, ir_icmp(&l->b, PRED_NE, status, lower_int(l, type_i32, 0)), failed, onward);
    inst_at(l->b.f, ir_terminator(l->b.f, from))->flags |= INST_COLD;
    block_at(l->b.f, failed)->cold = true;
    lower_at(l, failed);
    raise_failure(l, status, out, errors);
    lower_at(l, onward);
}

ValueId text_call(Lower *l, uint32_t native, const Type *result, uint32_t errors, uint32_t nargs,
                  const ValueId *args) {
    uint32_t nslots = result->nleaves > type_str->nleaves ? result->nleaves : type_str->nleaves;
    ValueId operand[8], out = lower_alloca(l, sizeof(Slot) * nslots);
    assert(nargs < ARRAY_LEN(operand));
    operand[0] = out;
    for (uint32_t i = 0; i < nargs; i++) operand[i + 1] = args[i];
    check(l, ir_native(&l->b, native, type_i32, nargs + 1, operand), out, errors);
    return lower_load_slots(l, out, result);
}

/* ---- rows that are one call ------------------------------------------------------------------------------------- */

static const Type *result_type(char letter) {
    switch (letter) {
    case 's': return type_str;
    case 'i': return type_i64;
    case 'f': return type_f64;
    case 'b': return type_bool;
    default: return type_tuple(3, (const Type *const[]){type_str, type_str, type_str});
    }
}

static bool fits(const Call *c, uint32_t i, char letter) {
    const Type *t = c->type[i];
    bool none = !t || t->kind == TYPE_NONE, integer = !none && type_base(t)->kind <= TYPE_INT;
    switch (letter) {
    case 's': return text_is_str(t);
    case 'o': return none || text_is_str(t);
    case 'i': return integer;
    default: return none || integer;
    }
}

static const char *parameters(const TextCall *t) { return t->shape + (t->shape[1] == '1' ? 2 : 1); }

const Type *text_type(Call *c) {
    const TextCall *t = c->row->data;
    const char *p = parameters(t);
    for (uint32_t i = 0; p[i]; i++)
        if (!fits(c, i, p[i])) return call_decline(c);
    return result_type(t->shape[0]);
}

static ValueId operand(Lower *l, Call *c, uint32_t i, char letter) {
    bool none = !c->type[i] || c->type[i]->kind == TYPE_NONE;
    switch (letter) {
    case 's': return text_address(l, text_arg(l, c, i));
    case 'o': return none ? lower_null(l) : text_address(l, text_arg(l, c, i));
    case 'z': return none ? lower_i64(l, 0) : lower_int_to_i64(l, c->value[i], c->type[i]);
    case 'e': return none ? lower_i64(l, INT64_MAX) : lower_int_to_i64(l, c->value[i], c->type[i]);
    default: return lower_int_to_i64(l, c->value[i], c->type[i]);
    }
}

ValueId text_emit(Lower *l, Call *c) {
    const TextCall *t = c->row->data;
    const char *p = parameters(t);
    ValueId args[8];
    uint32_t n = 0;
    for (; p[n]; n++) args[n] = operand(l, c, n, p[n]);
    if (t->extra >= 0) args[n++] = lower_i64(l, t->extra);
    if (t->shape[1] != '1') return text_call(l, t->native, c->result, t->errors, n, args);
    ValueId answer = ir_native(&l->b, t->native, type_i64, n, args);
    return t->shape[0] == 'b' ? ir_icmp(&l->b, PRED_NE, answer, lower_i64(l, 0)) : answer;
}

/* ---- characters ------------------------------------------------------------------------------------------------------ */

static ValueId load_char(Lower *l, ValueId text, ValueId index, const Type *t) {
    ValueId offset = lower_bin(l, OP_imul, index, lower_i64(l, t->bits / 8));
    ValueId address = ir_ptr_add(&l->b, lower_field(l, text, STR_DATA), offset);
    ValueId ch = lower_un(l, OP_load, t, address);
    return t->bits == 32 ? ch : lower_un(l, OP_zext, type_u32, ch);
}

static ValueId kind_is(Lower *l, ValueId text, int64_t kind) {
    return ir_icmp(&l->b, PRED_EQ, lower_field(l, text, STR_KIND), lower_int(l, type_i32, kind));
}

ValueId text_char_at(Lower *l, ValueId text, ValueId index) {
    int64_t kind;
    if (lower_known_int(l, lower_field(l, text, STR_KIND), &kind))
        return load_char(l, text, index, kind == 1 ? type_u8 : kind == 2 ? type_u16 : type_u32);
    LowerIf narrow = lower_if(l, kind_is(l, text, 1));
    ValueId one = load_char(l, text, index, type_u8);
    lower_else(l, &narrow);
    LowerIf medium = lower_if(l, kind_is(l, text, 2));
    ValueId two = load_char(l, text, index, type_u16);
    lower_else(l, &medium);
    ValueId wide = lower_endif(l, &medium, two, load_char(l, text, index, type_u32));
    return lower_endif(l, &narrow, one, wide);
}

/* In place, of the least kind: the low bytes of a wide character come first in memory. */
ValueId text_single(Lower *l, ValueId text, ValueId index) {
    ValueId ch = text_char_at(l, text, index);
    ValueId wide = lower_field(l, text, STR_KIND), offset = lower_un(l, OP_sext, type_i64, wide);
    offset = lower_bin(l, OP_imul, index, offset);
    ValueId is_byte = ir_icmp(&l->b, PRED_ULT, ch, lower_int(l, type_u32, 0x100));
    ValueId is_short = ir_icmp(&l->b, PRED_ULT, ch, lower_int(l, type_u32, 0x10000));
    ValueId kind = lower_select(l, is_short, lower_int(l, type_i32, 2), lower_int(l, type_i32, 4));
    ValueId field[STR_NFIELDS] = {
        [STR_DATA] = ir_ptr_add(&l->b, lower_field(l, text, STR_DATA), offset),
        [STR_LENGTH] = lower_i64(l, 1),
        [STR_KIND] = lower_select(l, is_byte, lower_int(l, type_i32, 1), kind),
        [STR_PARENT] = lower_null(l),
        [STR_OWNER] = lower_field(l, text, STR_OWNER),
    };
    ValueId one = ir_make(&l->b, type_str, STR_NFIELDS, field);
    lower_incref(l, one);
    return one;
}

ValueId text_concat(Lower *l, ValueId x, ValueId y) {
    ValueId args[2] = {text_address(l, x), text_address(l, y)};
    return text_call(l, NATIVE_text_add, type_str, 0, 2, args);
}
