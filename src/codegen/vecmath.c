/* vecmath.c - mathematics on vectors: which functions of several numbers serve a call of libm.
 *
 * The loop vectoriser replaces a call by a vector function when the call carries the attribute
 * vector-function-abi-variant, which lists the functions and their lanes, and when the module declares them; the
 * global llvm.compiler.used keeps the declarations alive until then.
 *
 * There are two sources.  The kernels of vecmath/ give the same bits for any number of lanes, so they serve wherever the
 * processor has their registers; a call with one number goes to them as well.  glibc's libmvec is faster and off by up to 4
 * units in the last place, so it serves calls that allow approximations (fastmath: afn).
 */
#include "codegen/gen.h"
#include "vecmath/vecmath.h"

#include <stdio.h>

/* Letters of the vector ABI and their width in bytes; the host says which of them it has. */
static const struct {
    char letter;
    uint8_t nbytes;
} widths[] = {{'b', 16}, {'d', 32}, {'e', 64}};

/* libmvec's names that have variants for float64 and, with "f" behind them, float32. */
static const char *const approximated[] = {
    "acos",  "acosh", "asin", "asinh", "atan",  "atanh", "atan2", "cbrt",  "cos",
    "cosh",  "erf",   "erfc", "exp",   "exp10", "exp2",  "expm1", "hypot", "log",
    "log10", "log1p", "log2", "pow",   "sin",   "sinh",  "tan",   "tanh",
};

static bool is_approximated(const char *symbol, bool single) {
    size_t n = strlen(symbol) - single;
    for (uint32_t i = 0; i < ARRAY_LEN(approximated); i++)
        if (strlen(approximated[i]) == n && !strncmp(approximated[i], symbol, n)) return true;
    return false;
}

/* One of libm's functions, called with numbers of one type. */
typedef struct {
    Gen *g;
    const char *symbol, *callee; /* libm's name, and that of what is called with one number */
    LLVMTypeRef element;
    bool approximate;
    uint32_t nbytes, nargs; /* nbytes: of a number */
} Called;

/* False for what has other types, as no function with variants has: they are d:d, d:dd, f:f or f:ff. */
static bool describe(Gen *g, Native native, bool approximate, Called *c) {
    const NativeInfo *info = &native_info[native];
    const char *signature = info->signature, *kernel = approximate ? NULL : gen_kernel(g, native);
    bool single = signature[0] == 'f';
    *c = (Called){.g = g, .symbol = info->symbol, .callee = kernel ? kernel : info->symbol};
    c->element = single ? LLVMFloatTypeInContext(g->context) : g->f64;
    c->nbytes = single ? 4 : 8;
    c->approximate = approximate;
    c->nargs = (uint32_t)strspn(signature + 2, single ? "f" : "d");
    if ((!single && signature[0] != 'd') || signature[2 + c->nargs] || !c->nargs || c->nargs > 2)
        return false;
    return approximate ? is_approximated(info->symbol, single) : kernel != NULL;
}

static char *kernel_name(Gen *g, const char *symbol, char letter, uint32_t lanes) {
    return arena_printf(g->arena, VECMATH_PREFIX "%s_%c%u", symbol, letter, lanes);
}

/* The function for as many numbers as fit into widths[i], or NULL. */
static char *variant_name(const Called *c, uint32_t i) {
    char letter = widths[i].letter;
    uint32_t lanes = widths[i].nbytes / c->nbytes;
    if (!gen_has_registers(c->g, letter)) return NULL;
    if (!c->approximate) return letter == 'b' ? NULL : kernel_name(c->g, c->symbol, letter, lanes);
    char *name = arena_printf(c->g->arena, "_ZGV%cN%u%s_%s", letter, lanes, c->nargs == 2 ? "vv" : "v",
                              c->symbol);
    return gen_libmvec_has(name) ? name : NULL;
}

static NativeDecl declare_variant(const Called *c, const char *name, uint32_t lanes) {
    Gen *g = c->g;
    LLVMTypeRef vector = LLVMVectorType(c->element, lanes), param[2] = {vector, vector};
    NativeDecl d = {LLVMGetNamedFunction(g->module, name), LLVMFunctionType(vector, param, c->nargs, false)};
    if (d.fn) return d;
    d.fn = LLVMAddFunction(g->module, name, d.type);
    gen_fn_attribute(g, d.fn, "nounwind", 0);
    g->wide |= !c->approximate && lanes * c->nbytes == 64;
    vec_push(g->arena, &g->kept, d.fn);
    return d;
}

/* ---- calls that the vectoriser may change ------------------------------------------------------------------------------- */

/* "_ZGV_LLVM_N4v_exp(name),..." */
static char *list_variants(const Called *c) {
    char *list = "";
    for (uint32_t i = 0; i < ARRAY_LEN(widths); i++) {
        const char *name = variant_name(c, i);
        uint32_t lanes = widths[i].nbytes / c->nbytes;
        if (!name) continue;
        declare_variant(c, name, lanes);
        list = arena_printf(c->g->arena, "%s%s_ZGV_LLVM_N%u%s_%s(%s)", list, *list ? "," : "", lanes,
                            c->nargs == 2 ? "vv" : "v", c->callee, name);
    }
    return list;
}

bool gen_vector_variants(Gen *g, Native native, bool approximate, LLVMValueRef call) {
    static const char key[] = "vector-function-abi-variant";
    Called c;
    if (!describe(g, native, approximate, &c)) return false;
    char *list = list_variants(&c);
    if (!*list) return false;
    LLVMAttributeRef a = LLVMCreateStringAttribute(g->context, key, sizeof key - 1, list,
                                                   (unsigned)strlen(list));
    LLVMAddCallSiteAttribute(call, LLVMAttributeFunctionIndex, a);
    return true;
}

const char *gen_kernel(Gen *g, Native native) {
    const char *symbol = native_info[native].symbol;
    return native_has_kernel(native) && gen_has_registers(g, 'd') ? kernel_name(g, symbol, 'd', 1) : NULL;
}

/* ---- calls with vectors ------------------------------------------------------------------------------------------------- */

/* `n` of the lanes of v from `first` on. */
static LLVMValueRef part(Gen *g, LLVMValueRef v, uint32_t first, uint32_t n) {
    LLVMValueRef *at = arena_array(g->arena, LLVMValueRef, n);
    for (uint32_t k = 0; k < n; k++) at[k] = gen_i32(g, (int32_t)(first + k));
    return LLVMBuildShuffleVector(g->b, v, LLVMGetPoison(LLVMTypeOf(v)), LLVMConstVector(at, n), "");
}

static LLVMValueRef joined(Gen *g, LLVMValueRef low, LLVMValueRef high, uint32_t n) {
    LLVMValueRef *at = arena_array(g->arena, LLVMValueRef, n);
    for (uint32_t k = 0; k < n; k++) at[k] = gen_i32(g, (int32_t)k);
    return LLVMBuildShuffleVector(g->b, low, high, LLVMConstVector(at, n), "");
}

/* Vectors that no variant takes are halved. */
static LLVMValueRef call_variants(const Called *c, const LLVMValueRef *arg, uint32_t lanes) {
    Gen *g = c->g;
    for (uint32_t i = 0; i < ARRAY_LEN(widths); i++) {
        const char *name = widths[i].nbytes == lanes * c->nbytes ? variant_name(c, i) : NULL;
        if (name) return gen_call(g, declare_variant(c, name, lanes), c->nargs, (LLVMValueRef *)arg);
    }
    if (lanes <= 2 || lanes & 1) return NULL;
    LLVMValueRef half[2];
    for (uint32_t h = 0; h < 2; h++) {
        LLVMValueRef given[2];
        for (uint32_t k = 0; k < c->nargs; k++) given[k] = part(g, arg[k], h * lanes / 2, lanes / 2);
        if (!(half[h] = call_variants(c, given, lanes / 2))) return NULL;
    }
    return joined(g, half[0], half[1], lanes);
}

static bool is_vector(LLVMValueRef v) { return LLVMGetTypeKind(LLVMTypeOf(v)) == LLVMVectorTypeKind; }

/* A function of C that has no variants is called once for each lane. */
static LLVMValueRef call_by_lane(Gen *g, NativeDecl d, uint32_t nargs, const LLVMValueRef *arg,
                                 LLVMTypeRef type) {
    LLVMValueRef result = LLVMGetPoison(type), *one = arena_array(g->arena, LLVMValueRef, nargs + 1);
    for (uint32_t lane = 0; lane < LLVMGetVectorSize(type); lane++) {
        LLVMValueRef at = gen_i32(g, (int32_t)lane);
        for (uint32_t k = 0; k < nargs; k++)
            one[k] = is_vector(arg[k]) ? LLVMBuildExtractElement(g->b, arg[k], at, "") : arg[k];
        result = LLVMBuildInsertElement(g->b, result, gen_call(g, d, nargs, one), at, "");
    }
    return result;
}

LLVMValueRef gen_call_on_vectors(Gen *g, Native native, bool approximate, uint32_t nargs,
                                 const LLVMValueRef *arg, LLVMTypeRef type) {
    Called c;
    LLVMValueRef v = NULL;
    if (describe(g, native, approximate, &c)) v = call_variants(&c, arg, LLVMGetVectorSize(type));
    return v ? v
             : call_by_lane(g, gen_function_of(g, native, approximate, LLVMGetElementType(type)), nargs, arg,
                            type);
}

NativeDecl gen_function_of(Gen *g, Native native, bool approximate, LLVMTypeRef result) {
    const char *kernel = approximate ? NULL : gen_kernel(g, native);
    return kernel ? gen_native_as(g, native, kernel) : gen_native(g, native, result);
}

/* LLVM avoids them by itself; the kernels are worth them. */
static void prefer_wide_registers(Gen *g) {
    for (LLVMValueRef f = LLVMGetFirstFunction(g->module); f; f = LLVMGetNextFunction(f))
        if (!LLVMIsDeclaration(f)) LLVMAddTargetDependentFunctionAttr(f, "prefer-vector-width", "512");
}

void gen_finish_vector_functions(Gen *g) {
    if (g->wide) prefer_wide_registers(g);
    if (!g->kept.n) return;
    LLVMValueRef list = LLVMConstArray2(g->ptr, g->kept.at, g->kept.n);
    LLVMValueRef global = LLVMAddGlobal(g->module, LLVMTypeOf(list), "llvm.compiler.used");
    LLVMSetInitializer(global, list);
    LLVMSetLinkage(global, LLVMAppendingLinkage);
    LLVMSetSection(global, "llvm.metadata");
}
