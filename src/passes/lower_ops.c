/* lower_ops.c - lowering of the ops that have no library row: constants, tuples, control flow, raise, checkpoints.
 *
 * Managed results are new references; where a result shares its owner with an operand (an item of a tuple, an array
 * seen as a weaker layout) that takes an incref.  Operands are never released here.
 */
#include "passes/lower.h"

#include "runtime/abi.h"

/* ---- constants ------------------------------------------------------------------------------------------- */

static ValueId lower_const_int_op(Lowering *s, const Inst *i) {
    Lower *l = workbench(s);
    if (i->type->kind == TYPE_FLOAT) return ir_const_float(&l->b, i->type, (double)i->imm.i);
    return ir_const_int(&l->b, i->type, i->imm.i);
}

static ValueId lower_const_float_op(Lowering *s, const Inst *i) {
    return ir_const_float(&s->l.b, i->type, i->imm.f);
}

static ValueId lower_undef_op(Lowering *s, const Inst *i) {
    return ir_append(&s->l.b, OP_undef, i->type, 0, NULL);
}

static ValueId constant(Lowering *s, const Inst *i, Handle h, const Type *t);

static ValueId constant_number(Lowering *s, Handle h, const Type *t) {
    Builder *b = &s->l.b;
    double re = 0, im = 0;
    int64_t n = 0;
    if (type_is_time(t)) {
        object_int(h, &n);
        return ir_emit(b, OP_bitcast, t, ir_const_int(b, type_i64, n));
    }
    if (t->kind <= TYPE_INT) {
        object_int(h, &n);
        return ir_const_int(b, t, n);
    }
    object_float(h, &re, &im);
    if (t->kind == TYPE_FLOAT) return ir_const_float(b, t, re);
    const Type *part = type_real_part(t);
    return ir_make(b, t, 2, (ValueId[]){ir_const_float(b, part, re), ir_const_float(b, part, im)});
}

static ValueId constant_tuple(Lowering *s, const Inst *i, Handle h, const Type *t) {
    ValueId *item = arena_array(&s->l.unit->arena, ValueId, t->nfields);
    for (uint32_t k = 0; k < t->nfields; k++) item[k] = constant(s, i, object_item(h, k), t->field[k]);
    return ir_make(&s->l.b, t, t->nfields, item);
}

/* Strides of the frozen copy: see ConstantData. */
static void packed_strides(Lowering *s, const Type *t, const int64_t *shape, ValueId *stride) {
    int64_t nbytes = type_itemsize(type_dtype_of(t));
    for (uint32_t k = 0; k < t->ndim; k++) {
        uint32_t axis = t->layout == LAYOUT_F ? k : t->ndim - 1 - k;
        stride[axis] = ir_const_int(&s->l.b, type_i64, nbytes);
        nbytes *= shape[axis];
    }
}

static ValueId constant_array(Lowering *s, Handle h, const Type *t) {
    Builder *b = &s->l.b;
    ValueId *field = arena_array(&s->l.unit->arena, ValueId, t->nfields);
    int64_t *shape = arena_array(&s->l.unit->arena, int64_t, t->ndim + 1);
    Handle extents = object_attribute(h, "shape");
    for (uint32_t axis = 0; axis < t->ndim; axis++) {
        object_int(object_item(extents, axis), &shape[axis]);
        field[array_shape(t, axis)] = ir_const_int(b, type_i64, shape[axis]);
    }
    field[ARRAY_DATA] = ir_append(b, OP_data, type_ptr, 0, NULL);
    inst_at(b->f, field[ARRAY_DATA])->imm.handle = h;
    field[ARRAY_OWNER] = ir_const_int(b, type_ptr, 0);
    field[ARRAY_PARENT] = ir_const_int(b, type_ptr, 0);
    packed_strides(s, t, shape, field + ARRAY_SHAPE + t->ndim);
    return ir_make(b, t, t->nfields, field);
}

static ValueId constant_data(Lowering *s, Handle h) {
    ValueId data = ir_append(&s->l.b, OP_data, type_ptr, 0, NULL);
    inst_at(s->l.b.f, data)->imm.handle = h;
    return data;
}

static ValueId constant_record(Lowering *s, Handle h, const Type *t) {
    ValueId null = ir_const_int(&s->l.b, type_ptr, 0);
    return ir_make(&s->l.b, t, 3, (ValueId[]){constant_data(s, h), null, null});
}

static ValueId constant_bytes(Lowering *s, Handle h, const Type *t) {
    ValueId null = ir_const_int(&s->l.b, type_ptr, 0);
    ValueId field[STR_NFIELDS] = {constant_data(s, h), ir_const_int(&s->l.b, type_i64, object_nbytes(h)),
                                  ir_const_int(&s->l.b, type_i32, 1), null, null};
    return ir_make(&s->l.b, t, STR_NFIELDS, field);
}

static ValueId constant(Lowering *s, const Inst *i, Handle h, const Type *t) {
    if (t->nleaves == 0) return lower_empty(workbench(s), t);
    if (type_is_scalar(t)) return constant_number(s, h, t);
    if (t->kind == TYPE_ENUM) {
        int64_t number = 0;
        object_enum(h, &number);
        return ir_emit(&s->l.b, OP_bitcast, t, ir_const_int(&s->l.b, type_i64, number));
    }
    if (t->kind == TYPE_CFUNCTION) return lower_function_constant(workbench(s), h, t);
    if (type_is_tuple(t)) return constant_tuple(s, i, h, t);
    if (t->kind == TYPE_CLOSURE) return constant_tuple(s, i, object_attribute(h, "_captured"), t);
    if (type_is_array(t)) return constant_array(s, h, t);
    if (t->kind == TYPE_RECORD) return constant_record(s, h, t);
    if (t->kind == TYPE_BYTES) return constant_bytes(s, h, t);
    ValueId own = t->kind == TYPE_USER ? lower_user_constant(workbench(s), h, t) : NO_VALUE;
    if (own != NO_VALUE) return own;
    func_error((Func *)s->typed, i->span, DIAG_UNSUPPORTED_CONSTANT,
               "%s cannot be a constant of compiled code", object_text(h));
    return ir_append(&s->l.b, OP_undef, t, 0, NULL);
}

static ValueId lower_const_object(Lowering *s, const Inst *i) {
    return constant(s, i, i->imm.handle, i->type);
}

/* ---- composite values ------------------------------------------------------------------------------------ */

static ValueId lower_cast_op(Lowering *s, const Inst *i) {
    ValueId v = lowered_as(s, i->arg[0], i->type);
    if (!(i->flags & INST_BORROWED)) lower_incref_result(workbench(s), v);
    return v;
}

/* A tuple or closure: its fields are the first operands. */
static ValueId lower_make_op(Lowering *s, const Inst *i) {
    const Type *t = i->type;
    ValueId *field = arena_array(&s->l.unit->arena, ValueId, t->nfields);
    assert(t->nfields <= i->nargs);
    for (uint32_t k = 0; k < t->nfields; k++) field[k] = lowered_as(s, i->arg[k], t->field[k]);
    ValueId v = ir_make(&s->l.b, t, t->nfields, field);
    lower_incref_result(workbench(s), v);
    return v;
}

static ValueId lower_item_op(Lowering *s, const Inst *i) {
    ValueId v = ir_field(&s->l.b, lowered(s, i->arg[0]), (uint32_t)i->imm.i);
    if (!(i->flags & INST_BORROWED)) lower_incref_result(workbench(s), v);
    return v;
}

static ValueId lower_count_op(Lowering *s, const Inst *i) {
    if (lower_stays_pending(s, i->arg[0])) lower_drop_caught(s, i->arg[0]);
    else if (type_is_managed(typed_type(s, i->arg[0])))
        ir_emit(&s->l.b, (Op)i->op, NULL, lowered(s, i->arg[0]));
    return NO_VALUE;
}

/* ---- control flow ---------------------------------------------------------------------------------------- */

static ValueId lower_param(Lowering *s, const Inst *i) { return ir_param(s->l.b.f, i->type); }

static ValueId lower_phi(Lowering *s, const Inst *i) { return ir_phi(s->l.b.f, s->l.b.block, i->type); }

static ValueId lower_br(Lowering *s, const Inst *i) {
    ir_br(&s->l.b, s->head[i->imm.target[0]]);
    return NO_VALUE;
}

static ValueId lower_condbr(Lowering *s, const Inst *i) {
    Lower *l = workbench(s);
    ValueId cond = lower_truth(l, lowered(s, i->arg[0]), typed_type(s, i->arg[0]));
    BlockId from = l->b.block;
    ir_condbr(&l->b, cond, s->head[i->imm.target[0]], s->head[i->imm.target[1]]);
    inst_at(l->b.f, ir_terminator(l->b.f, from))->flags |= i->flags & INST_COLD;
    return NO_VALUE;
}

static ValueId lower_ret(Lowering *s, const Inst *i) {
    Lower *l = workbench(s);
    const Type *t = l->b.f->result;
    if (s->generator) {
        generator_return(s, i);
        return NO_VALUE;
    }
    ValueId v = i->nargs ? lowered_as(s, i->arg[0], t) : lower_empty(l, t);
    ir_ret(&l->b, l->b.f->index == 0 ? lower_kept_captures(l, v, t) : v); /* Python calls function 0 */
    return NO_VALUE;
}

static ValueId lower_unreachable(Lowering *s, const Inst *i) {
    (void)i;
    ir_append(&s->l.b, OP_unreachable, NULL, 0, NULL);
    return NO_VALUE;
}

/* ---- raising and signals --------------------------------------------------------------------------------- */

/* The blocks that a value is, or has, live until the call from Python ends. */
static void pin(Lower *l, ValueId v, const Type *t) {
    int32_t owner = type_owner_field(t);
    if (!type_is_managed(t)) return;
    if (owner >= 0 || type_is_block(t)) {
        ValueId block = owner >= 0 ? ir_field(&l->b, v, (uint32_t)owner)
                                   : ir_emit(&l->b, OP_cast, type_ptr, v);
        ir_native(&l->b, NATIVE_pin, NULL, 1, &block);
        return;
    }
    BlockId join = NO_BLOCK;
    if (t->kind == TYPE_OPTIONAL) {
        BlockId has = lower_block(l);
        join = lower_block(l);
        ir_condbr(&l->b, ir_field(&l->b, v, OPTIONAL_HAS), has, join);
        lower_at(l, has);
    }
    for (uint32_t k = 0; k < t->nfields; k++)
        if (type_is_managed(t->field[k])) pin(l, ir_field(&l->b, v, k), t->field[k]);
    if (join == NO_BLOCK) return;
    ir_br(&l->b, join);
    lower_at(l, join);
}

static ValueId lower_checkpoint(Lowering *s, const Inst *i) {
    Lower *l = workbench(s);
    BlockId serve = lower_block(l), onward = lower_block(l), from = l->b.block;
    ValueId wanted = ir_append(&l->b, OP_poll, type_i32, 0, NULL);
    ir_condbr(&l->b, ir_icmp(&l->b, PRED_NE, wanted, ir_const_int(&l->b, type_i32, 0)), serve, onward);
    inst_at(l->b.f, ir_terminator(l->b.f, from))->flags |= INST_COLD;
    block_at(l->b.f, serve)->cold = true;
    lower_at(l, serve);
    uint32_t nblocks = l->b.f->block.n;
    for (uint32_t k = 0; k < i->nargs; k++) pin(l, lowered(s, i->arg[k]), typed_type(s, i->arg[k]));
    for (uint32_t k = nblocks; k < l->b.f->block.n; k++) block_at(l->b.f, k)->cold = true;
    ValueId context = ir_append(&l->b, OP_context, type_ptr, 0, NULL);
    lower_check_status(l, ir_native(&l->b, NATIVE_poll, type_i32, 1, &context));
    block_at(l->b.f, l->b.block)->cold = true;
    ir_br(&l->b, onward);
    lower_at(l, onward);
    l->b.f->has_polls = true;
    return NO_VALUE;
}

/* ---- elementwise expressions ----------------------------------------------------------------------------- */

static ValueId lower_map_op(Lowering *s, const Inst *i) {
    Lower *l = workbench(s);
    Call c = {
        .unit = l->unit, .func = l->b.f, .span = i->span, .nargs = i->nargs, .result = i->type, .site = i};
    c.type = arena_array(&l->unit->arena, const Type *, i->nargs);
    c.value = arena_array(&l->unit->arena, ValueId, i->nargs);
    for (uint32_t k = 0; k < i->nargs; k++) {
        c.type[k] = typed_type(s, i->arg[k]);
        c.value[k] = lowered(s, i->arg[k]);
    }
    l->call = &c;
    ValueId v = lower_map(l, &c);
    l->call = NULL;
    return v;
}

/* ---- primitive ops that passes over typed IR have made ----------------------------------------------------- */

static ValueId lower_primitive(Lowering *s, const Inst *i) {
    Builder *b = &s->l.b;
    ValueId arg[3];
    assert(i->nargs <= ARRAY_LEN(arg));
    for (uint32_t k = 0; k < i->nargs; k++) arg[k] = lowered(s, i->arg[k]);
    if (i->op == OP_field) return ir_field(b, arg[0], i->imm.field);
    ValueId v = ir_append(b, (Op)i->op, i->type, i->nargs, arg);
    inst_at(b->f, v)->sub = i->sub;
    inst_at(b->f, v)->flags = i->flags;
    return v;
}

const OpLowering op_lowering[OP_COUNT] = {
    [OP_param] = lower_param,
    [OP_phi] = lower_phi,
    [OP_br] = lower_br,
    [OP_condbr] = lower_condbr,
    [OP_ret] = lower_ret,
    [OP_unreachable] = lower_unreachable,
    [OP_const_int] = lower_const_int_op,
    [OP_const_float] = lower_const_float_op,
    [OP_const_object] = lower_const_object,
    [OP_undef] = lower_undef_op,
    [OP_incref] = lower_count_op,
    [OP_decref] = lower_count_op,
    [OP_cast] = lower_cast_op,
    [OP_tuple] = lower_make_op,
    [OP_closure] = lower_make_op,
    [OP_item] = lower_item_op,
    [OP_raise] = lower_raise_op,
    [OP_caught] = lower_caught_op,
    [OP_exc_match] = lower_exc_match_op,
    [OP_map] = lower_map_op,
    [OP_parallel] = lower_parallel,
    [OP_checkpoint] = lower_checkpoint,
    [OP_yield] = lower_yield,
    [OP_suspend] = lower_suspend,
    [OP_sent] = lower_sent,
    [OP_field] = lower_primitive,
    [OP_iadd] = lower_primitive,
    [OP_isub] = lower_primitive,
    [OP_imul] = lower_primitive,
    [OP_iand] = lower_primitive,
    [OP_ior] = lower_primitive,
    [OP_icmp] = lower_primitive,
    [OP_select] = lower_primitive,
};
