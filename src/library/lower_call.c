/* lower_call.c - the emitters' workbench: composite values in memory, and calls of compiled functions.
 *
 * In memory a composite value is its leaves in order, each in an 8-byte slot (Slot in runtime/abi.h).  Results of
 * compiled functions, captured variables of parallel loops and partial results travel this way.
 */
#include "library/lower.h"
#include "runtime/abi.h"

ValueId lower_empty(Lower *l, const Type *t) {
    assert(t->nleaves == 0);
    return t->kind == TYPE_NONE ? ir_none(&l->b) : ir_append(&l->b, OP_literal, t, 0, NULL);
}

void lower_store_slots(Lower *l, ValueId address, ValueId v, const Type *t) {
    if (t->nleaves) ir_store(&l->b, address, v);
}

ValueId lower_load_slots(Lower *l, ValueId address, const Type *t) {
    return t->nleaves ? ir_load(&l->b, t, address) : lower_empty(l, t);
}

ValueId lower_alloca(Lower *l, size_t nbytes) {
    ValueId v = ir_append(&l->b, OP_alloca, type_ptr, 0, NULL);
    inst_at(l->b.f, v)->imm.i = (int64_t)nbytes;
    return v;
}

ValueId lower_invoke(Lower *l, Func *callee, uint32_t nargs, const ValueId *args) {
    const Type *t = callee->result;
    ValueId result = lower_alloca(l, (t->nleaves ? t->nleaves : 1) * sizeof(Slot));
    ValueId *operand = arena_array(&l->unit->arena, ValueId, nargs + 1);
    operand[0] = result;
    if (nargs) memcpy(operand + 1, args, nargs * sizeof *args);
    ValueId status = ir_append(&l->b, OP_invoke, type_i32, nargs + 1, operand);
    inst_at(l->b.f, status)->imm.func = callee;
    lower_check_status(l, status);
    return lower_load_slots(l, result, t);
}
