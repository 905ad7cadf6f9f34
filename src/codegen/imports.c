/* imports.c - calls of library functions that are other units (engine/imports.c).
 *
 * They follow the native convention and get the caller's context.  Raise sites are numbers of a unit; the loader appends
 * those of imports to the unit's own, so what comes back from a call that failed is corrected by where they begin.  That
 * is a number that the loader knows, given to the code as the address of a symbol.
 */
#include "codegen/gen.h"

static const char *symbol_of(Gen *g, const char *prefix, const Func *f) {
    return arena_printf(g->arena, "%s%u", prefix, f->import - 1);
}

LLVMValueRef gen_declare_import(Gen *g, const Func *f, LLVMTypeRef type) {
    return LLVMAddFunction(g->module, symbol_of(g, UNIT_IMPORT_SYMBOL, f), type);
}

static LLVMValueRef first_site(Gen *g, const Func *f) {
    const char *name = symbol_of(g, UNIT_IMPORT_SITES, f);
    LLVMValueRef symbol = LLVMGetNamedGlobal(g->module, name);
    return symbol ? symbol : LLVMAddGlobal(g->module, g->i8, name);
}

LLVMValueRef gen_import_status(FuncGen *fg, const Func *callee, LLVMValueRef status) {
    Gen *g = fg->g;
    LLVMBasicBlockRef here = LLVMGetInsertBlock(g->b), failed = gen_append(g, fg->fn, "failed"),
                      after = gen_append(g, fg->fn, "returned");
    LLVMValueRef zero = gen_i32(g, STATUS_OK), phi;
    gen_branch_unlikely(g, LLVMBuildICmp(g->b, LLVMIntNE, status, zero, ""), failed, after);
    LLVMPositionBuilderAtEnd(g->b, failed);
    LLVMValueRef arg[3] = {fg->context, status, first_site(g, callee)};
    LLVMValueRef own = gen_call(g, gen_extern(g, "naja_import_failed", "I:pIp"), 3, arg);
    LLVMBuildBr(g->b, after);
    LLVMPositionBuilderAtEnd(g->b, after);
    phi = LLVMBuildPhi(g->b, g->i32, "");
    LLVMAddIncoming(phi, (LLVMValueRef[]){zero, own}, (LLVMBasicBlockRef[]){here, failed}, 2);
    return phi;
}
