/* convert.c - values of other types: constants, casts, and Python objects spelled out as instructions.
 *
 * Everything is appended at the builder.  A literal becomes a constant of the wanted type at the place of its
 * use; other conversions are `cast`s, which cannot fail.
 */
#include "infer/state.h"

static ValueId literal_as(Builder *b, int64_t value, const Type *to) {
    if (to->kind == TYPE_INT || to->kind == TYPE_BOOL)
        return ir_const_int(b, to, to->kind == TYPE_BOOL ? value != 0 : value);
    if (to->kind == TYPE_FLOAT) return ir_const_float(b, to, (double)value);
    return NO_VALUE;
}

ValueId convert_value(Builder *b, ValueId v, const Type *to) {
    const Type *from = value_type(b->f, v);
    if (from == to) return v;
    if (!from || from->kind == TYPE_UNDEFINED) return ir_append(b, OP_undef, to, 0, NULL);
    if (from->kind == TYPE_LITERAL && from->elem[0]->kind != TYPE_STR) {
        ValueId constant = literal_as(b, from->value, to);
        if (constant != NO_VALUE) return constant;
    }
    return ir_emit(b, OP_cast, to, v);
}

/* ---- Python objects ------------------------------------------------------------------------------------ */

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

/* Numbers become constants; tuples, complex numbers and arrays are spelled out by passes/lower. */
void constant_in_place(Builder *b, ValueId v, Handle h, const Type *type) {
    double re = 0, im = 0;
    int64_t value = 0;
    if (type->nleaves == 0) {
        clear_inst(b, v, type->kind == TYPE_NONE ? OP_none : OP_literal, type);
    } else if (type->kind == TYPE_FLOAT && object_float(h, &re, &im)) {
        clear_inst(b, v, OP_const_float, type);
        inst_at(b->f, v)->imm.f = re;
    } else if (type->kind <= TYPE_INT && object_int(h, &value)) {
        clear_inst(b, v, OP_const_int, type);
        inst_at(b->f, v)->imm.i = value;
    } else {
        clear_inst(b, v, OP_const_object, type);
        inst_at(b->f, v)->imm.handle = h;
    }
}
