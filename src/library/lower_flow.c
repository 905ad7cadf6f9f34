/* lower_flow.c - the emitters' workbench: blocks, structured loops and branches, constants, comparisons.
 *
 * Loops are made in the shape that LLVM's loop passes like best and our own passes recognise: one header with the
 * induction phi and the exit test, one latch, one exit.
 *
 *        preheader            header phis: operand 0 comes from the preheader, operand 1 from the latch
 *            |
 *      +-> header --> exit
 *      |     |
 *      +-- body ... latch
 */
#include "library/lower.h"

/* ---- blocks ---------------------------------------------------------------------------------------------- */

BlockId lower_block(Lower *l) {
    BlockId b = ir_block(l->b.f);
    if (l->b.block != NO_BLOCK) block_at(l->b.f, b)->loop_depth = block_at(l->b.f, l->b.block)->loop_depth;
    return b;
}

void lower_at(Lower *l, BlockId block) { l->b.block = block; }

LowerIf lower_if(Lower *l, ValueId cond) {
    LowerIf branch = {{lower_block(l), lower_block(l)}, lower_block(l)};
    ir_condbr(&l->b, cond, branch.arm[0], branch.arm[1]);
    lower_at(l, branch.arm[0]);
    return branch;
}

LowerIf lower_if_unlikely(Lower *l, ValueId cond) {
    BlockId from = l->b.block;
    LowerIf branch = lower_if(l, cond);
    inst_at(l->b.f, ir_terminator(l->b.f, from))->flags |= INST_COLD;
    block_at(l->b.f, branch.arm[0])->cold = true;
    return branch;
}

void lower_else(Lower *l, LowerIf *branch) {
    ir_br(&l->b, branch->join);
    lower_at(l, branch->arm[1]);
}

ValueId lower_endif(Lower *l, LowerIf *branch, ValueId then_value, ValueId else_value) {
    ir_br(&l->b, branch->join);
    lower_at(l, branch->join);
    if (then_value == NO_VALUE) return NO_VALUE;
    ValueId phi = ir_phi(l->b.f, branch->join, lower_type(l, then_value));
    ir_phi_add(l->b.f, phi, then_value);
    ir_phi_add(l->b.f, phi, else_value);
    return phi;
}

/* ---- loops ----------------------------------------------------------------------------------------------- */

LowerLoop lower_loop_begin(Lower *l, ValueId begin, ValueId end, int64_t step) {
    LowerLoop loop = {.head = lower_block(l), .body = lower_block(l), .exit = lower_block(l), .step = step};
    ir_br(&l->b, loop.head);
    lower_at(l, loop.head);
    loop.i = ir_phi(l->b.f, loop.head, lower_type(l, begin));
    ir_phi_add(l->b.f, loop.i, begin);
    ValueId more = lower_compare(l, step > 0 ? PRED_LT : PRED_GT, loop.i, end);
    ir_condbr(&l->b, more, loop.body, loop.exit);
    lower_at(l, loop.body);
    return loop;
}

ValueId lower_loop_carry(Lower *l, LowerLoop *loop, ValueId initial) {
    ValueId phi = ir_phi(l->b.f, loop->head, lower_type(l, initial));
    ir_phi_add(l->b.f, phi, initial);
    return phi;
}

void lower_loop_next(Lower *l, LowerLoop *loop, ValueId phi, ValueId next) {
    (void)loop;
    ir_phi_add(l->b.f, phi, next);
}

void lower_loop_end(Lower *l, LowerLoop *loop) {
    loop->phi_next = lower_bin(l, OP_iadd, loop->i, lower_int(l, lower_type(l, loop->i), loop->step));
    inst_at(l->b.f, loop->phi_next)->flags |= INST_NSW;
    ir_phi_add(l->b.f, loop->i, loop->phi_next);
    ir_br(&l->b, loop->head);
    lower_at(l, loop->exit);
}

/* ---- constants ------------------------------------------------------------------------------------------- */

ValueId lower_i64(Lower *l, int64_t value) { return lower_int(l, type_i64, value); }

ValueId lower_number(Lower *l, const Type *t, int64_t v) {
    return t->kind == TYPE_FLOAT ? lower_float(l, t, (double)v) : lower_int(l, t, v);
}

bool lower_known_int(Lower *l, ValueId v, int64_t *value) {
    const Inst *i = inst_at(l->b.f, v);
    if (i->op != OP_const_int) return false;
    *value = i->imm.i;
    return true;
}

bool lower_known_float(Lower *l, ValueId v, double *value) {
    const Inst *i = inst_at(l->b.f, v);
    if (i->op != OP_const_float) return false;
    *value = i->imm.f;
    return true;
}

bool lower_is_zero(Lower *l, ValueId v) {
    int64_t i;
    double f;
    return (lower_known_int(l, v, &i) && i == 0) || (lower_known_float(l, v, &f) && f == 0);
}

bool lower_is_nonzero(Lower *l, ValueId v) {
    int64_t i;
    double f;
    return (lower_known_int(l, v, &i) && i != 0) || (lower_known_float(l, v, &f) && f != 0);
}

/* ---- small values ---------------------------------------------------------------------------------------- */

ValueId lower_compare(Lower *l, Predicate p, ValueId x, ValueId y) {
    static const Predicate unsigned_form[PRED_COUNT] = {
        [PRED_EQ] = PRED_EQ,   [PRED_NE] = PRED_NE,   [PRED_LT] = PRED_ULT,  [PRED_LE] = PRED_ULE,
        [PRED_GT] = PRED_UGT,  [PRED_GE] = PRED_UGE,  [PRED_ULT] = PRED_ULT, [PRED_ULE] = PRED_ULE,
        [PRED_UGT] = PRED_UGT, [PRED_UGE] = PRED_UGE,
    };
    const Type *t = lower_type(l, x);
    if (t->kind == TYPE_FLOAT) return ir_fcmp(&l->b, p, x, y);
    bool is_signed = t->kind == TYPE_INT && t->is_signed;
    return ir_icmp(&l->b, is_signed ? p : unsigned_form[p], x, y);
}

ValueId lower_not(Lower *l, ValueId cond) {
    int64_t known;
    if (lower_known_int(l, cond, &known)) return lower_bool(l, !known);
    return lower_bin(l, OP_ixor, cond, lower_bool(l, true));
}

ValueId lower_native1(Lower *l, Native n, ValueId x) { return ir_native(&l->b, n, lower_type(l, x), 1, &x); }

ValueId lower_native2(Lower *l, Native n, ValueId x, ValueId y) {
    return ir_native(&l->b, n, lower_type(l, x), 2, (ValueId[]){x, y});
}

static Native of_width(Lower *l, Native n, ValueId x) {
    return lower_type(l, x)->bits == 32 ? (Native)(n + 1) : n;
}

ValueId lower_native_f1(Lower *l, Native n, ValueId x) { return lower_native1(l, of_width(l, n, x), x); }

ValueId lower_native_f2(Lower *l, Native n, ValueId x, ValueId y) {
    return lower_native2(l, of_width(l, n, x), x, y);
}
