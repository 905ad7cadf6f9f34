/* raising.c - raising, passing an exception on, and what handlers ask of one that is pending.
 *
 * The protocol is described in runtime/abi.h.  What can be said of a raise site when code is generated, its class and
 * whether it owns something, is a set of numbers; whether a status is in it becomes a comparison with each run of the
 * set.  Where LLVM sees the raise, the status is a constant, and so is the answer.
 */
#include "codegen/gen.h"

enum { MAX_RUNS = 8 }; /* of a set that is compared; with more of them a table is read */

LLVMValueRef gen_context_at(FuncGen *fg, size_t offset) { return gen_offset(fg->g, fg->context, offset); }

/* ---- raising ----------------------------------------------------------------------------------------------------- */

/* Integers fill their word, so that messages can print it whatever the width. */
static void store_payload(FuncGen *fg, const Type *scalar, LLVMValueRef value, uint32_t word) {
    Gen *g = fg->g;
    LLVMValueRef address = gen_context_at(fg, offsetof(Context, payload) + sizeof(uint64_t) * word);
    if (scalar->kind == TYPE_INT && scalar->is_signed) value = LLVMBuildSExt(g->b, value, g->i64, "");
    else if (scalar->kind <= TYPE_INT) value = LLVMBuildZExt(g->b, value, g->i64, "");
    LLVMBuildStore(g->b, value, address);
}

void gen_emit_raise_new(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    (void)out;
    uint32_t word = 0;
    for (uint32_t i = 0; i < in->nargs; i++) {
        const Type *t = gen_type(fg, in->arg[i]);
        for (uint32_t k = 0; k < gen_nleaves(t) && word < CONTEXT_PAYLOAD; k++)
            store_payload(fg, gen_leaf_scalar(t, k), fg->leaf[in->arg[i]][k], word++);
    }
    LLVMBuildRet(fg->g->b, gen_i32(fg->g, (int32_t)in->imm.site + 1));
}

/* Without a branch: when there is no room, the last frame is overwritten by itself.  Of a status that nothing is
 * recorded of, LLVM may know that, and then where the frame goes. */
static LLVMValueRef record_frame(FuncGen *fg, LLVMValueRef status, LLVMValueRef site) {
    Gen *g = fg->g;
    LLVMValueRef address = gen_context_at(fg, offsetof(Context, nframes)),
                 last = gen_i32(g, CONTEXT_FRAMES - 1);
    LLVMValueRef recorded = gen_i32(g, STATUS_RECORDED), zero = gen_i32(g, 0);
    LLVMValueRef is_first = LLVMBuildICmp(g->b, LLVMIntULT, status, recorded, "");
    LLVMValueRef n = LLVMBuildSelect(g->b, is_first, zero, LLVMBuildLoad2(g->b, g->i32, address, ""), "");
    LLVMValueRef room = LLVMBuildICmp(g->b, LLVMIntULE, n, last, "");
    LLVMValueRef index = LLVMBuildZExt(g->b, LLVMBuildSelect(g->b, room, n, last, ""), g->i64, "");
    LLVMValueRef frames = gen_context_at(fg, offsetof(Context, frame));
    LLVMValueRef frame = LLVMBuildInBoundsGEP2(g->b, g->i32, frames, &index, 1, "");
    LLVMValueRef old = LLVMBuildLoad2(g->b, g->i32, frame, "");
    LLVMBuildStore(g->b, LLVMBuildSelect(g->b, room, site, old, ""), frame);
    LLVMBuildStore(g->b, LLVMBuildAdd(g->b, n, gen_i32(g, 1), ""), address);
    return LLVMBuildOr(g->b, status, recorded, "");
}

/* Of a site that may be NO_SITE, which is known where it was a constant. */
void gen_emit_pass_frame(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    Gen *g = fg->g;
    LLVMValueRef status = gen_leaf(fg, in->arg[0]), site = gen_leaf(fg, in->arg[1]);
    if (LLVMIsAConstantInt(site)) {
        bool none = (uint32_t)LLVMConstIntGetZExtValue(site) == NO_SITE;
        out[0] = none ? status : record_frame(fg, status, site);
        return;
    }
    LLVMBasicBlockRef here = LLVMGetInsertBlock(g->b), some = gen_append(g, fg->fn, "frame"),
                      after = gen_append(g, fg->fn, "passed");
    LLVMValueRef none = LLVMBuildICmp(g->b, LLVMIntEQ, site, gen_i32(g, (int32_t)NO_SITE), "");
    LLVMBuildCondBr(g->b, none, after, some);
    LLVMPositionBuilderAtEnd(g->b, some);
    LLVMValueRef recorded = record_frame(fg, status, site);
    LLVMBuildBr(g->b, after);
    LLVMPositionBuilderAtEnd(g->b, after);
    out[0] = LLVMBuildPhi(g->b, g->i32, "");
    LLVMAddIncoming(out[0], (LLVMValueRef[]){status, recorded}, (LLVMBasicBlockRef[]){here, some}, 2);
}

void gen_emit_raise_again(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    (void)out;
    LLVMValueRef status;
    gen_emit_pass_frame(fg, in, &status);
    LLVMBuildRet(fg->g->b, status);
}

/* ---- sets of raise sites ------------------------------------------------------------------------------------------ */

typedef struct {
    uint32_t n; /* sites of the unit */
    const bool *is_in;
} SiteSet;

static uint32_t count_runs(const SiteSet *s) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->n; i++) n += s->is_in[i] && (i == 0 || !s->is_in[i - 1]);
    return n;
}

static LLVMValueRef is_in_runs(Gen *g, const SiteSet *s, LLVMValueRef site) {
    LLVMValueRef any = LLVMConstInt(g->i1, 0, false);
    for (uint32_t i = 0, n; i < s->n; i += n + 1) {
        for (n = 0; i + n < s->n && s->is_in[i + n];) n++;
        if (!n) continue;
        LLVMValueRef offset = LLVMBuildSub(g->b, site, gen_i32(g, (int32_t)i), "");
        LLVMValueRef in_run = LLVMBuildICmp(g->b, LLVMIntULT, offset, gen_i32(g, (int32_t)n), "");
        any = LLVMBuildOr(g->b, any, in_run, "");
    }
    return any;
}

static LLVMValueRef is_in_table(Gen *g, const SiteSet *s, LLVMValueRef site) {
    LLVMTypeRef type = LLVMArrayType2(g->i8, s->n);
    LLVMValueRef table = LLVMAddGlobal(g->module, type, "sites");
    LLVMSetInitializer(table, LLVMConstStringInContext2(g->context, (const char *)s->is_in, s->n, true));
    LLVMSetGlobalConstant(table, true);
    LLVMSetLinkage(table, LLVMPrivateLinkage);
    LLVMSetUnnamedAddress(table, LLVMGlobalUnnamedAddr);
    LLVMValueRef index = LLVMBuildZExt(g->b, site, g->i64, "");
    LLVMValueRef at = LLVMBuildInBoundsGEP2(g->b, g->i8, table, &index, 1, "");
    return LLVMBuildTrunc(g->b, LLVMBuildLoad2(g->b, g->i8, at, ""), g->i1, "");
}

static LLVMValueRef site_of_status(Gen *g, LLVMValueRef status) {
    LLVMValueRef number = LLVMBuildAnd(g->b, status, gen_i32(g, ~STATUS_RECORDED), "");
    return LLVMBuildSub(g->b, number, gen_i32(g, 1), "");
}

/* Goes to one of two new blocks: is the status one of the unit's sites?  The builder goes on where it is. */
static LLVMValueRef branch_if_site(FuncGen *fg, LLVMValueRef status, LLVMBasicBlockRef *other) {
    Gen *g = fg->g;
    LLVMValueRef site = site_of_status(g, status), n = gen_i32(g, (int32_t)g->unit->sites.n);
    LLVMBasicBlockRef known = gen_append(g, fg->fn, "site");
    *other = gen_append(g, fg->fn, "other");
    LLVMBuildCondBr(g->b, LLVMBuildICmp(g->b, LLVMIntULT, site, n, ""), known, *other);
    LLVMPositionBuilderAtEnd(g->b, known);
    return site;
}

/* ---- what handlers ask -------------------------------------------------------------------------------------------- */

static LLVMValueRef ask_runtime(FuncGen *fg, const Inst *in) {
    Gen *g = fg->g;
    LLVMValueRef cls = gen_i32(g, (int32_t)in->imm.site);
    if (in->nargs > 1) {
        LLVMValueRef arg[3] = {gen_leaf(fg, in->arg[1]), cls, fg->context};
        return gen_call(g, gen_native(g, NATIVE_caught_matches, g->i1), 3, arg);
    }
    LLVMValueRef arg[3] = {fg->context, gen_leaf(fg, in->arg[0]), cls};
    return gen_call(g, gen_native(g, NATIVE_pending_matches, g->i1), 3, arg);
}

void gen_emit_status_match(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    Gen *g = fg->g;
    SiteSet set = {g->unit->sites.n, map_find_ptr(&g->unit->matches, in->imm.site)};
    if (!set.is_in) {
        gen_error(fg, "nobody has compared the class of site %u", in->imm.site);
        out[0] = LLVMConstInt(g->i1, 0, false);
        return;
    }
    LLVMBasicBlockRef other, after = gen_append(g, fg->fn, "matched");
    LLVMValueRef site = branch_if_site(fg, gen_leaf(fg, in->arg[0]), &other), answer[2];
    LLVMBasicBlockRef from[2] = {LLVMGetInsertBlock(g->b), other};
    answer[0] = count_runs(&set) <= MAX_RUNS ? is_in_runs(g, &set, site) : is_in_table(g, &set, site);
    LLVMBuildBr(g->b, after);
    LLVMPositionBuilderAtEnd(g->b, other);
    answer[1] = ask_runtime(fg, in);
    LLVMBuildBr(g->b, after);
    LLVMPositionBuilderAtEnd(g->b, after);
    out[0] = LLVMBuildPhi(g->b, g->i1, "");
    LLVMAddIncoming(out[0], answer, from, 2);
}

/* An exception that owns nothing has left nothing behind but the frames, if somebody recorded some. */
void gen_emit_drop_error(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    (void)out;
    Gen *g = fg->g;
    g->catches = true;
    bool *owns = arena_array(g->arena, bool, g->unit->sites.n + 1);
    for (uint32_t i = 0; i < g->unit->sites.n; i++) owns[i] = g->unit->sites.at[i].owns;
    SiteSet set = {g->unit->sites.n, owns};
    LLVMBasicBlockRef other, after = gen_append(g, fg->fn, "dropped"), plain = gen_append(g, fg->fn, "plain"),
                             passed = gen_append(g, fg->fn, "passed");
    LLVMValueRef status = gen_leaf(fg, in->arg[0]), site = branch_if_site(fg, status, &other);
    LLVMValueRef owner = count_runs(&set) <= MAX_RUNS ? is_in_runs(g, &set, site)
                                                      : is_in_table(g, &set, site);
    LLVMBuildCondBr(g->b, owner, other, plain);
    LLVMPositionBuilderAtEnd(g->b, plain);
    LLVMValueRef recorded = gen_i32(g, STATUS_RECORDED);
    LLVMBuildCondBr(g->b, LLVMBuildICmp(g->b, LLVMIntULT, status, recorded, ""), after, passed);
    LLVMPositionBuilderAtEnd(g->b, passed);
    LLVMBuildStore(g->b, gen_i32(g, 0), gen_context_at(fg, offsetof(Context, nframes)));
    LLVMBuildBr(g->b, after);
    LLVMPositionBuilderAtEnd(g->b, other);
    LLVMValueRef arg[2] = {fg->context, status};
    gen_call(g, gen_native(g, NATIVE_drop_error, g->void_), 2, arg);
    LLVMBuildBr(g->b, after);
    LLVMPositionBuilderAtEnd(g->b, after);
}
