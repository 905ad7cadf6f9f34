/* convert.c - values of other types: constants, casts, and Python objects spelled out as instructions.
 *
 * Everything is appended at the builder.  A literal becomes a constant of the wanted type at the place of its use;
 * other conversions are `cast`s, which cannot fail.
 */
#include "infer/state.h"

static ValueId literal_as(Builder *b, int64_t value, const Type *to) {
    if (to->kind == TYPE_INT || to->kind == TYPE_BOOL)
        return ir_const_int(b, to, to->kind == TYPE_BOOL ? value != 0 : value);
    if (to->kind == TYPE_FLOAT)
        return ir_const_float(b, to, (double)value);
    return NO_VALUE;
}

ValueId convert_value(Builder *b, ValueId v, const Type *to) {
    const Type *from = value_type(b->f, v);
    if (from == to)
        return v;
    if (!from || from->kind == TYPE_UNDEFINED)
        return ir_append(b, OP_undef, to, 0, NULL);
    if (from->kind == TYPE_LITERAL && from->elem[0]->kind != TYPE_STR) {
        ValueId constant = literal_as(b, from->value, to);
        if (constant != NO_VALUE)
            return constant;
    }
    return ir_emit(b, OP_cast, to, v);
}

/* ---- Python objects ------------------------------------------------------------------------------------------- */

static void clear_inst(Builder *b, ValueId v, Op op, const Type *type) {
    Inst *i = inst_at(b->f, v);
    i->op = (uint8_t)op;
    i->sub = 0;
    i->type = type;
    i->nargs = i->nbound = 0;
    i->bound = NULL;
    i->row = NULL;
    i->callee = NULL;
    i->imm.i = 0;
}

static void complex_in_place(Builder *b, ValueId v, double re, double im) {
    ValueId part[2] = {ir_const_float(b, type_f64, re), ir_const_float(b, type_f64, im)};
    uint32_t n;
    const LibRow *const *row = library_rows("builtins.complex", &n);
    assert(n);
    clear_inst(b, v, OP_call, type_c128);
    Inst *i = inst_at(b->f, v);
    i->row = row[0];
    i->arg = arena_array(&b->f->unit->arena, ValueId, 2);
    memcpy(i->arg, part, sizeof part);
    i->bound = i->arg;
    i->nargs = i->nbound = 2;
}

static void tuple_in_place(Builder *b, ValueId v, Handle h, const Type *type) {
    ValueId *item = arena_array(&b->f->unit->arena, ValueId, type->nelem + 1);
    for (uint32_t i = 0; i < type->nelem; i++)
        item[i] = convert_constant(b, object_item(h, i), type->elem[i]);
    clear_inst(b, v, OP_tuple, type);
    inst_at(b->f, v)->arg = item;
    inst_at(b->f, v)->nargs = type->nelem;
}

void constant_in_place(Builder *b, ValueId v, Handle h, const Type *type) {
    double re = 0, im = 0;
    int64_t value = 0;
    if (type->nleaves == 0) {
        clear_inst(b, v, type->kind == TYPE_NONE ? OP_none : OP_literal, type);
    } else if (type->kind == TYPE_FLOAT && object_float(h, &re, &im)) {
        clear_inst(b, v, OP_const_float, type);
        inst_at(b->f, v)->imm.f = re;
    } else if (type->kind == TYPE_COMPLEX && object_float(h, &re, &im)) {
        complex_in_place(b, v, re, im);
        if (type != type_c128) { /* numpy.complex64: made in double precision, then narrowed */
            ValueId wide = ir_new(b->f, OP_call, type_c128, 0, NULL);
            complex_in_place(b, wide, re, im);
            ir_insert(b->f, b->block, block_at(b->f, b->block)->inst.n, wide);
            clear_inst(b, v, OP_cast, type);
            inst_at(b->f, v)->arg = arena_array(&b->f->unit->arena, ValueId, 1);
            inst_at(b->f, v)->arg[0] = wide;
            inst_at(b->f, v)->nargs = 1;
        }
    } else if (type_is_real(type) && object_int(h, &value)) {
        clear_inst(b, v, OP_const_int, type);
        inst_at(b->f, v)->imm.i = value;
    } else if (type_is_tuple(type)) {
        tuple_in_place(b, v, h, type);
    } else {
        clear_inst(b, v, OP_const_object, type); /* an array: its bytes are frozen into the code */
        inst_at(b->f, v)->imm.handle = h;
    }
}

ValueId convert_constant(Builder *b, Handle h, const Type *type) {
    ValueId v = ir_new(b->f, OP_literal, type, 0, NULL);
    constant_in_place(b, v, h, type);
    inst_at(b->f, v)->span = b->span;
    ir_insert(b->f, b->block, block_at(b->f, b->block)->inst.n, v);
    return v;
}
