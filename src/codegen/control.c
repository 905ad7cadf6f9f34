/* control.c - terminators, calls of compiled functions, polls and reference counts.
 *
 * Offsets into Context and MemoryBlock come from runtime/abi.h.
 */
#include "codegen/gen.h"

#include <llvm-c/DebugInfo.h>

/* Loops on cold paths are not worth vectorising or unrolling: it would double the time to compile a function. */
static void mark_cold_loop(FuncGen *fg, LLVMValueRef branch) {
    Gen *g = fg->g;
    LLVMContextRef c = g->context;
    static const char enable[] = "llvm.loop.vectorize.enable", unroll[] = "llvm.loop.unroll.disable";
    LLVMMetadataRef no_vector[2] = {LLVMMDStringInContext2(c, enable, sizeof enable - 1),
                                    LLVMValueAsMetadata(LLVMConstInt(g->i1, 0, false))};
    LLVMMetadataRef no_unroll = LLVMMDStringInContext2(c, unroll, sizeof unroll - 1);
    /* A loop id is a distinct node whose first operand is itself: a temporary one, replaced by its own parent. */
    LLVMMetadataRef self = LLVMTemporaryMDNode(c, NULL, 0);
    LLVMMetadataRef operands[3] = {self, LLVMMDNodeInContext2(c, no_vector, 2),
                                   LLVMMDNodeInContext2(c, &no_unroll, 1)};
    LLVMMetadataRef id = LLVMMDNodeInContext2(c, operands, 3);
    LLVMMetadataReplaceAllUsesWith(self, id);
    LLVMSetMetadata(branch, LLVMGetMDKindIDInContext(c, "llvm.loop", 9), LLVMMetadataAsValue(c, id));
}

static bool closes_loop(const FuncGen *fg, const Inst *in, uint32_t ntargets) {
    for (uint32_t i = 0; i < ntargets; i++)
        if (fg->position[in->imm.target[i]] <= fg->position[in->block]) return true;
    return false;
}

static void mark_branch(FuncGen *fg, const Inst *in, LLVMValueRef branch, uint32_t ntargets) {
    if (!closes_loop(fg, in, ntargets)) return;
    if (fg->f->noinline_ || block_at(fg->f, in->block)->cold) mark_cold_loop(fg, branch);
    else fg->g->repeats = true;
}

static void set_weights(Gen *g, LLVMValueRef branch, bool first_likely) {
    LLVMMetadataRef *weights = &g->likely[first_likely];
    if (!*weights) {
        LLVMMetadataRef node[3] = {LLVMMDStringInContext2(g->context, "branch_weights", 14),
                                   LLVMValueAsMetadata(gen_i32(g, first_likely ? 1 << 20 : 1)),
                                   LLVMValueAsMetadata(gen_i32(g, first_likely ? 1 : 1 << 20))};
        *weights = LLVMMDNodeInContext2(g->context, node, 3);
    }
    unsigned kind = LLVMGetMDKindIDInContext(g->context, "prof", 4);
    LLVMSetMetadata(branch, kind, LLVMMetadataAsValue(g->context, *weights));
}

LLVMValueRef gen_branch_unlikely(Gen *g, LLVMValueRef cond, LLVMBasicBlockRef unlikely,
                                 LLVMBasicBlockRef likely) {
    LLVMValueRef branch = LLVMBuildCondBr(g->b, cond, unlikely, likely);
    set_weights(g, branch, false);
    return branch;
}

void gen_emit_br(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    (void)out;
    mark_branch(fg, in, LLVMBuildBr(fg->g->b, gen_target(fg, in->block, in->imm.target[0])), 1);
}

void gen_emit_condbr(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    (void)out;
    BlockId yes = in->imm.target[0], no = in->imm.target[1];
    LLVMValueRef branch = LLVMBuildCondBr(fg->g->b, gen_leaf(fg, in->arg[0]), gen_target(fg, in->block, yes),
                                          gen_target(fg, in->block, no));
    bool yes_cold = block_at(fg->f, yes)->cold, no_cold = block_at(fg->f, no)->cold;
    if (in->flags & INST_COLD) set_weights(fg->g, branch, false);
    else if (yes_cold != no_cold) set_weights(fg->g, branch, no_cold);
    mark_branch(fg, in, branch, 2);
}

void gen_emit_ret(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    (void)out;
    if (in->nargs) gen_store_slots(fg->g, gen_type(fg, in->arg[0]), fg->leaf[in->arg[0]], fg->result);
    gen_region_returns(fg);
    LLVMBuildRet(fg->g->b, gen_i32(fg->g, STATUS_OK));
}

void gen_emit_unreachable(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    (void)in, (void)out;
    LLVMBuildUnreachable(fg->g->b);
}

/* ---- calls and polls -------------------------------------------------------------------------------------------------- */

/* The address of a local variable stands for the stack pointer. */
void gen_stack_check(FuncGen *fg) {
    Gen *g = fg->g;
    LLVMBasicBlockRef overflow = gen_append(g, fg->fn, "overflow"), room = gen_append(g, fg->fn, "room");
    LLVMValueRef here = LLVMBuildPtrToInt(g->b, LLVMBuildAlloca(g->b, g->i8, ""), g->i64, "");
    LLVMValueRef limit = LLVMBuildLoad2(g->b, g->i64, gen_context_at(fg, offsetof(Context, stack_limit)), "");
    gen_branch_unlikely(g, LLVMBuildICmp(g->b, LLVMIntULT, here, limit, ""), overflow, room);
    LLVMPositionBuilderAtEnd(g->b, overflow);
    LLVMBuildRet(g->b, gen_i32(g, STATUS_RECURSION));
    LLVMPositionBuilderAtEnd(g->b, room);
}

void gen_emit_invoke(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    Gen *g = fg->g;
    FuncDecl *callee = &g->func[in->imm.func->index];
    uint32_t n = 0, want = LLVMCountParamTypes(callee->type);
    LLVMValueRef *arg = arena_array(g->arena, LLVMValueRef, want);
    arg[n++] = fg->context;
    for (uint32_t i = 0; i < in->nargs; i++)
        for (uint32_t k = 0; k < gen_nleaves(gen_type(fg, in->arg[i])); k++, n++)
            if (n < want) arg[n] = fg->leaf[in->arg[i]][k];
    if (n != want) {
        gen_error(fg, "call of %s with %u leaves instead of %u", in->imm.func->symbol, n, want);
        out[0] = gen_i32(g, STATUS_OK);
        return;
    }
    out[0] = LLVMBuildCall2(g->b, callee->type, callee->fn, arg, n, "");
    if (in->imm.func->import) out[0] = gen_import_status(fg, in->imm.func, out[0]);
}

/* A volatile load: a plain one would be moved out of the loop, and an atomic one would not become an operand of the
 * comparison and would keep other loads from being moved.  An aligned word is read in one piece anyway. */
void gen_emit_poll(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    (void)in;
    Gen *g = fg->g;
    if (!g->poll_word) g->poll_word = LLVMAddGlobal(g->module, g->i32, "naja_poll_word");
    out[0] = LLVMBuildLoad2(g->b, g->i32, g->poll_word, "");
    LLVMSetVolatile(out[0], true);
    LLVMSetAlignment(out[0], sizeof(int32_t));
}

/* ---- reference counts --------------------------------------------------------------------------------------------------- */

/* Runs the builder on in a block where `owner` is not null; the caller ends by going to the block returned. */
static LLVMBasicBlockRef if_owned(Gen *g, LLVMValueRef owner) {
    LLVMValueRef fn = LLVMGetBasicBlockParent(LLVMGetInsertBlock(g->b));
    LLVMBasicBlockRef owned = gen_append(g, fn, "owned"), after = gen_append(g, fn, "counted");
    LLVMBuildCondBr(g->b, LLVMBuildICmp(g->b, LLVMIntNE, owner, LLVMConstNull(g->ptr), ""), owned, after);
    LLVMPositionBuilderAtEnd(g->b, owned);
    return after;
}

static LLVMValueRef add_to_count(Gen *g, LLVMValueRef owner, int64_t n, LLVMAtomicOrdering order) {
    LLVMValueRef count = gen_offset(g, owner, offsetof(MemoryBlock, count));
    return LLVMBuildAtomicRMW(g->b, LLVMAtomicRMWBinOpAdd, count, gen_i64(g, n), order, false);
}

static void retain(FuncGen *fg, LLVMValueRef owner) {
    Gen *g = fg->g;
    if (LLVMIsConstant(owner)) return; /* null */
    LLVMBasicBlockRef after = if_owned(g, owner);
    add_to_count(g, owner, 1, LLVMAtomicOrderingMonotonic);
    LLVMBuildBr(g->b, after);
    LLVMPositionBuilderAtEnd(g->b, after);
}

/* In the runtime: error paths only need to be small. */
static void release_by_call(FuncGen *fg, LLVMValueRef owner) {
    Gen *g = fg->g;
    if (!LLVMIsConstant(owner)) gen_call(g, gen_native(g, NATIVE_block_release, g->void_), 1, &owner);
}

/* Outside of loops: nothing is left where the owner turns out to be null. */
static void release_once(FuncGen *fg, LLVMValueRef owner) {
    Gen *g = fg->g;
    if (LLVMIsConstant(owner)) return;
    LLVMBasicBlockRef after = if_owned(g, owner);
    release_by_call(fg, owner);
    LLVMBuildBr(g->b, after);
    LLVMPositionBuilderAtEnd(g->b, after);
}

/* Goes to `last` if the count is one, else to `other`. */
static void branch_if_one(Gen *g, LLVMValueRef count, LLVMBasicBlockRef last, LLVMBasicBlockRef other) {
    LLVMBuildCondBr(g->b, LLVMBuildICmp(g->b, LLVMIntEQ, count, gen_i64(g, 1), ""), last, other);
}

/* As block_release of the runtime. */
static void release(FuncGen *fg, LLVMValueRef owner) {
    Gen *g = fg->g;
    if (LLVMIsConstant(owner)) return;
    LLVMBasicBlockRef after = if_owned(g, owner);
    LLVMValueRef fn = LLVMGetBasicBlockParent(after);
    LLVMBasicBlockRef shared = gen_append(g, fn, "shared"), last = gen_append(g, fn, "last");
    LLVMValueRef count = LLVMBuildLoad2(g->b, g->i64, gen_offset(g, owner, offsetof(MemoryBlock, count)), "");
    LLVMSetOrdering(count, LLVMAtomicOrderingAcquire);
    LLVMSetAlignment(count, sizeof(int64_t));
    branch_if_one(g, count, last, shared);
    LLVMPositionBuilderAtEnd(g->b, shared);
    branch_if_one(g, add_to_count(g, owner, -1, LLVMAtomicOrderingAcquireRelease), last, after);
    LLVMPositionBuilderAtEnd(g->b, last);
    gen_call(g, gen_native(g, NATIVE_block_release_last, g->void_), 2, (LLVMValueRef[]){fg->context, owner});
    LLVMBuildBr(g->b, after);
    LLVMPositionBuilderAtEnd(g->b, after);
}

void gen_emit_incref(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    (void)out;
    gen_each_owner(fg, gen_type(fg, in->arg[0]), fg->leaf[in->arg[0]], retain);
}

void gen_emit_decref(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    (void)out;
    const Block *block = block_at(fg->f, in->block);
    gen_each_owner(fg, gen_type(fg, in->arg[0]), fg->leaf[in->arg[0]],
                   block->cold         ? release_by_call
                   : block->loop_depth ? release
                                       : release_once);
}
