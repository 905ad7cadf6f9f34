/* ir/build.c - making blocks and instructions.
 *
 * An instruction is made unplaced (ir_new) and then put into a block; ir_append does both.  Terminators also
 * record the edges they make in the targets' preds: nothing else may write a terminator.
 */
#include "ir/ir.h"

BlockId ir_block(Func *f) {
    Block b = {.handler = NO_BLOCK};
    vec_push(&f->unit->arena, &f->block, b);
    return f->block.n - 1;
}

/* ---- instructions ---------------------------------------------------------------------------------------------- */

static ValueId *copy_args(Func *f, uint32_t nargs, const ValueId *args) {
    if (nargs == 0) return NULL;
    ValueId *arg = arena_array(&f->unit->arena, ValueId, nargs);
    memcpy(arg, args, nargs * sizeof *arg);
    return arg;
}

ValueId ir_new(Func *f, Op op, const Type *type, uint32_t nargs, const ValueId *args) {
    assert(op_info[op].nargs < 0 || (uint32_t)op_info[op].nargs == nargs);
    Inst i = {.op = (uint8_t)op, .nargs = nargs, .type = type, .block = NO_BLOCK};
    i.arg = copy_args(f, nargs, args);
    vec_push(&f->unit->arena, &f->inst, i);
    return f->inst.n - 1;
}

void ir_insert(Func *f, BlockId block, uint32_t position, ValueId v) {
    Block *b = block_at(f, block);
    assert(position <= b->inst.n && inst_at(f, v)->block == NO_BLOCK);
    vec_push(&f->unit->arena, &b->inst, v);
    memmove(b->inst.at + position + 1, b->inst.at + position,
            (b->inst.n - 1 - position) * sizeof *b->inst.at);
    b->inst.at[position] = v;
    inst_at(f, v)->block = block;
}

ValueId ir_append(Builder *b, Op op, const Type *type, uint32_t nargs, const ValueId *args) {
    ValueId v = ir_new(b->f, op, type, nargs, args);
    inst_at(b->f, v)->span = b->span;
    inst_at(b->f, v)->fastmath = b->fastmath;
    ir_insert(b->f, b->block, block_at(b->f, b->block)->inst.n, v);
    return v;
}

ValueId ir_param(Func *f, const Type *type) {
    ValueId v = ir_new(f, OP_param, type, 0, NULL);
    inst_at(f, v)->imm.i = f->params.n;
    ir_insert(f, ENTRY_BLOCK, f->params.n, v); /* parameters come first */
    vec_push(&f->unit->arena, &f->params, v);
    return v;
}

ValueId ir_phi(Func *f, BlockId block, const Type *type) {
    ValueId v = ir_new(f, OP_phi, type, 0, NULL);
    const Block *b = block_at(f, block);
    uint32_t position = 0;
    while (position < b->inst.n && inst_at(f, b->inst.at[position])->op == OP_phi) position++;
    ir_insert(f, block, position, v);
    return v;
}

void ir_phi_add(Func *f, ValueId phi, ValueId value) {
    Inst *i = inst_at(f, phi);
    size_t nbytes = i->nargs * sizeof *i->arg;
    i->arg = arena_grow(&f->unit->arena, i->arg, nbytes, nbytes + sizeof *i->arg);
    i->arg[i->nargs++] = value;
}

/* ---- terminators -------------------------------------------------------------------------------------------------- */

static void add_edge(Func *f, BlockId from, BlockId to) {
    vec_push(&f->unit->arena, &block_at(f, to)->pred, from);
}

void ir_br(Builder *b, BlockId target) {
    ValueId v = ir_append(b, OP_br, NULL, 0, NULL);
    inst_at(b->f, v)->imm.target[0] = target;
    inst_at(b->f, v)->imm.target[1] = NO_BLOCK;
    add_edge(b->f, b->block, target);
}

void ir_condbr(Builder *b, ValueId cond, BlockId if_true, BlockId if_false) {
    ValueId v = ir_emit(b, OP_condbr, NULL, cond);
    inst_at(b->f, v)->imm.target[0] = if_true;
    inst_at(b->f, v)->imm.target[1] = if_false;
    add_edge(b->f, b->block, if_true);
    add_edge(b->f, b->block, if_false);
}

void ir_ret(Builder *b, ValueId value) { ir_append(b, OP_ret, NULL, value != NO_VALUE, &value); }

/* ---- constants ------------------------------------------------------------------------------------------------------ */

ValueId ir_const_int(Builder *b, const Type *type, int64_t value) {
    ValueId v = ir_append(b, OP_const_int, type, 0, NULL);
    inst_at(b->f, v)->imm.i = value;
    return v;
}

ValueId ir_const_float(Builder *b, const Type *type, double value) {
    ValueId v = ir_append(b, OP_const_float, type, 0, NULL);
    inst_at(b->f, v)->imm.f = value;
    return v;
}

ValueId ir_const_bool(Builder *b, bool value) { return ir_const_int(b, type_bool, value); }

ValueId ir_none(Builder *b) { return ir_append(b, OP_none, type_none, 0, NULL); }

/* ---- lowered IR -------------------------------------------------------------------------------------------------------- */

ValueId ir_field(Builder *b, ValueId composite, uint32_t field) {
    const Inst *from = inst_at(b->f, composite);
    assert(from->type && field < from->type->nfields);
    if (from->op == OP_make) return from->arg[field];
    ValueId v = ir_emit(b, OP_field, from->type->field[field], composite);
    inst_at(b->f, v)->imm.field = field;
    return v;
}

ValueId ir_make(Builder *b, const Type *type, uint32_t n, const ValueId *fields) {
    assert(n == type->nfields);
    return ir_append(b, OP_make, type, n, fields);
}

ValueId ir_binop(Builder *b, Op op, ValueId x, ValueId y) {
    return ir_emit(b, op, value_type(b->f, x), x, y);
}

static ValueId compare(Builder *b, Op op, Predicate p, ValueId x, ValueId y) {
    ValueId v = ir_emit(b, op, type_bool, x, y);
    inst_at(b->f, v)->sub = (uint8_t)p;
    return v;
}

ValueId ir_icmp(Builder *b, Predicate p, ValueId x, ValueId y) { return compare(b, OP_icmp, p, x, y); }
ValueId ir_fcmp(Builder *b, Predicate p, ValueId x, ValueId y) { return compare(b, OP_fcmp, p, x, y); }

ValueId ir_select(Builder *b, ValueId cond, ValueId x, ValueId y) {
    return ir_emit(b, OP_select, value_type(b->f, x), cond, x, y);
}

ValueId ir_load(Builder *b, const Type *type, ValueId ptr) { return ir_emit(b, OP_load, type, ptr); }

void ir_store(Builder *b, ValueId ptr, ValueId value) { ir_emit(b, OP_store, NULL, ptr, value); }

ValueId ir_ptr_add(Builder *b, ValueId ptr, ValueId nbytes) {
    return ir_emit(b, OP_ptr_add, type_ptr, ptr, nbytes);
}

ValueId ir_native(Builder *b, uint32_t native, const Type *result, uint32_t nargs, const ValueId *args) {
    ValueId v = ir_append(b, OP_native, result, nargs, args);
    inst_at(b->f, v)->imm.native = native;
    return v;
}
