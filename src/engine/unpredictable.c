/* unpredictable.c - choices that no processor can guess: which half of an array a search goes on with.
 *
 *     base = base + half if a[base + half - 1] < x else base
 *
 * LLVM makes conditional moves of such a choice and then, where the loop waits for loads, branches of the moves.  If what is
 * loaded decides where the next load is, each second branch is mispredicted (10,000 keys in as many elements: 92 ns a
 * search, 20 with moves).  The metadata !unpredictable keeps the moves.
 *
 * Only where the choice does not also decide when the loop ends: a search of that form (low, high) is what the processor
 * does best by guessing, which at least starts to read large arrays early (a million elements, one search after the other:
 * 450 ns, 1460 with moves).
 */
#include <llvm-c/Core.h>

#include "engine/emit.h"

enum { STEPS = 8, VISITS = 64 };

/* One walk from a value to what it was made of. */
typedef struct {
    LLVMValueRef target; /* NULL: any load, which is then `found` */
    LLVMValueRef found;
    uint32_t visits;
} Origin;

static bool comes_from(Origin *o, LLVMValueRef v, uint32_t steps) {
    if (v == o->target) return true;
    if (!LLVMIsAInstruction(v) || !steps || ++o->visits > VISITS) return false;
    if (LLVMIsALoadInst(v)) {
        o->found = v;
        return !o->target;
    }
    if (LLVMIsACallInst(v) || (LLVMIsAPHINode(v) && !o->target)) return false;
    bool is_phi = LLVMIsAPHINode(v) != NULL;
    unsigned n = is_phi ? LLVMCountIncoming(v) : (unsigned)LLVMGetNumOperands(v);
    for (unsigned k = 0; k < n; k++)
        if (comes_from(o, is_phi ? LLVMGetIncomingValue(v, k) : LLVMGetOperand(v, k), steps - 1)) return true;
    return false;
}

/* Does a branch depend on it?  Not those with weights: checks, which hardly ever fail. */
static bool branches(LLVMValueRef comparison) {
    unsigned prof = LLVMGetMDKindIDInContext(LLVMGetTypeContext(LLVMTypeOf(comparison)), "prof", 4);
    for (LLVMUseRef use = LLVMGetFirstUse(comparison); use; use = LLVMGetNextUse(use)) {
        LLVMValueRef user = LLVMGetUser(use);
        if (LLVMIsABranchInst(user) && !LLVMGetMetadata(user, prof)) return true;
    }
    return false;
}

/* Does what v is, or what is computed of it without memory, decide which way the program goes? */
static bool is_compared(LLVMValueRef v, uint32_t steps, uint32_t *visits) {
    for (LLVMUseRef use = LLVMGetFirstUse(v); use; use = LLVMGetNextUse(use)) {
        LLVMValueRef user = LLVMGetUser(use);
        if (LLVMIsAICmpInst(user) && branches(user)) return true;
        bool follows = LLVMIsAPHINode(user) || LLVMIsABinaryOperator(user) || LLVMIsACastInst(user);
        if (follows && steps && ++*visits < VISITS && is_compared(user, steps - 1, visits)) return true;
    }
    return false;
}

/* The condition looks at memory, and where it looks next depends on what is chosen. */
static bool is_search(LLVMValueRef select) {
    LLVMTypeKind kind = LLVMGetTypeKind(LLVMTypeOf(select));
    if (kind != LLVMIntegerTypeKind && kind != LLVMPointerTypeKind) return false;
    Origin load = {0};
    if (!comes_from(&load, LLVMGetOperand(select, 0), STEPS)) return false;
    Origin address = {.target = select};
    uint32_t visits = 0;
    return comes_from(&address, LLVMGetOperand(load.found, 0), STEPS) &&
           !is_compared(select, STEPS / 2, &visits);
}

void engine_mark_unpredictable(LLVMModuleRef module) {
    LLVMContextRef context = LLVMGetModuleContext(module);
    static const char name[] = "unpredictable";
    unsigned kind = LLVMGetMDKindIDInContext(context, name, sizeof name - 1);
    LLVMValueRef empty = LLVMMetadataAsValue(context, LLVMMDNodeInContext2(context, NULL, 0));
    for (LLVMValueRef f = LLVMGetFirstFunction(module); f; f = LLVMGetNextFunction(f))
        for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(f); b; b = LLVMGetNextBasicBlock(b))
            for (LLVMValueRef i = LLVMGetFirstInstruction(b); i; i = LLVMGetNextInstruction(i))
                if (LLVMIsASelectInst(i) && is_search(i)) LLVMSetMetadata(i, kind, empty);
}
