/* link.c - code that extensions have built as text becomes part of the module.
 *
 * LLVM's parser and verifier say what is wrong with it, so that no mistake of an extension reaches LLVM's passes.
 */
#include "codegen/gen.h"

#include <llvm-c/Analysis.h>
#include <llvm-c/IRReader.h>
#include <llvm-c/Linker.h>

static bool fail(Gen *g, const Func *f, char *message) {
    g->failed = true;
    func_error(g->unit->funcs.at[0], 0, DIAG_LLVM_FAILED, "the code that was built for %s: %s", f->symbol,
               message ? message : "no reason given");
    if (message) LLVMDisposeMessage(message);
    return false;
}

static bool link_text(Gen *g, const Func *f) {
    char *message = NULL;
    LLVMModuleRef module;
    LLVMMemoryBufferRef text = LLVMCreateMemoryBufferWithMemoryRangeCopy(f->foreign, strlen(f->foreign),
                                                                         f->symbol);
    if (LLVMParseIRInContext(g->context, text, &module, &message)) return fail(g, f, message);
    LLVMSetDataLayout(module, LLVMGetDataLayoutStr(g->module));
    LLVMSetTarget(module, LLVMGetTarget(g->module));
    if (LLVMVerifyModule(module, LLVMReturnStatusAction, &message)) {
        LLVMDisposeModule(module);
        return fail(g, f, message);
    }
    LLVMDisposeMessage(message);
    if (LLVMLinkModules2(g->module, module)) return fail(g, f, NULL);
    LLVMValueRef fn = LLVMGetNamedFunction(g->module, f->symbol);
    LLVMSetLinkage(fn, LLVMInternalLinkage);
    gen_fn_attribute(g, fn, "alwaysinline", 0);
    gen_fn_attribute(g, fn, "nounwind", 0);
    return true;
}

bool gen_link_foreign(Gen *g) {
    for (uint32_t i = 0; i < g->unit->funcs.n; i++) {
        const Func *f = g->unit->funcs.at[i];
        if (g->func[i].used && f->foreign && !link_text(g, f)) return false;
    }
    return true;
}
