/* vecmath.c - mathematics on vectors: which functions of glibc's libmvec serve a call of libm.
 *
 * The loop vectoriser replaces a call by a vector function when the call carries the attribute
 * vector-function-abi-variant, which lists the functions and their lanes, and when the module declares them; the
 * global llvm.compiler.used keeps the declarations alive until then.  libmvec's results are off by up to 4 units in
 * the last place, so only calls that allow approximations (fastmath: afn) get the attribute.
 */
#include "codegen/gen.h"

#include <stdio.h>

/* Names that have variants for float64 and, with "f" behind them, float32. */
static const char *const functions[] = {
    "acos",  "acosh", "asin", "asinh", "atan",  "atanh", "atan2", "cbrt",  "cos",
    "cosh",  "erf",   "erfc", "exp",   "exp10", "exp2",  "expm1", "hypot", "log",
    "log10", "log1p", "log2", "pow",   "sin",   "sinh",  "tan",   "tanh",
};

/* Letters of the vector ABI and their width in bytes; the host says which of them it has. */
static const struct {
    char letter;
    uint8_t nbytes;
} widths[] = {{'b', 16}, {'d', 32}, {'e', 64}};

static bool is_known(const char *symbol, bool single) {
    size_t n = strlen(symbol) - single;
    for (uint32_t i = 0; i < ARRAY_LEN(functions); i++)
        if (strlen(functions[i]) == n && !strncmp(functions[i], symbol, n)) return true;
    return false;
}

static void keep_declared(Gen *g, LLVMValueRef fn) { vec_push(g->arena, &g->kept, fn); }

/* Appends "_ZGV_LLVM_N4v_exp(_ZGVdN4v_exp)" to the list of variants. */
static void add_variant(Gen *g, const char *symbol, LLVMTypeRef element, uint32_t lanes, char letter,
                        uint32_t nargs, char **list) {
    char name[48], args[4] = "vv";
    args[nargs] = 0;
    snprintf(name, sizeof name, "_ZGV%cN%u%s_%s", letter, lanes, args, symbol);
    LLVMValueRef fn = LLVMGetNamedFunction(g->module, name);
    if (!fn) {
        if (!gen_vector_function(g, name)) return;
        LLVMTypeRef vector = LLVMVectorType(element, lanes), param[2] = {vector, vector};
        fn = LLVMAddFunction(g->module, name, LLVMFunctionType(vector, param, nargs, false));
        gen_fn_attribute(g, fn, "nounwind", 0);
        keep_declared(g, fn);
    }
    *list = arena_printf(g->arena, "%s%s_ZGV_LLVM_N%u%s_%s(%s)", *list, **list ? "," : "", lanes, args,
                         symbol, name);
}

void gen_vector_variants(Gen *g, Native native, LLVMValueRef call) {
    const NativeInfo *info = &native_info[native];
    const char *signature = info->signature; /* d:d, d:dd, f:f or f:ff */
    bool single = signature[0] == 'f';
    size_t nargs = strspn(signature + 2, single ? "f" : "d");
    if ((!single && signature[0] != 'd') || signature[2 + nargs] || !nargs || nargs > 2) return;
    if (!is_known(info->symbol, single)) return;
    char *list = "";
    for (uint32_t i = 0; i < ARRAY_LEN(widths); i++)
        add_variant(g, info->symbol, LLVMTypeOf(call), widths[i].nbytes / (single ? 4 : 8), widths[i].letter,
                    (uint32_t)nargs, &list);
    static const char key[] = "vector-function-abi-variant";
    if (!*list) return;
    LLVMAttributeRef a = LLVMCreateStringAttribute(g->context, key, sizeof key - 1, list,
                                                   (unsigned)strlen(list));
    LLVMAddCallSiteAttribute(call, LLVMAttributeFunctionIndex, a);
}

void gen_keep_vector_functions(Gen *g) {
    if (!g->kept.n) return;
    LLVMValueRef list = LLVMConstArray2(g->ptr, g->kept.at, g->kept.n);
    LLVMValueRef global = LLVMAddGlobal(g->module, LLVMTypeOf(list), "llvm.compiler.used");
    LLVMSetInitializer(global, list);
    LLVMSetLinkage(global, LLVMAppendingLinkage);
    LLVMSetSection(global, "llvm.metadata");
}
