/* natives.c - declarations of what compiled code calls: rows of runtime/natives.def, LLVM intrinsics, and the
 * functions of boundary/ that the entry uses.
 *
 * Attributes matter: a call that LLVM knows to be pure can be hoisted, merged and vectorised; a result that is
 * known to be new memory aliases nothing, so a loop that fills a new array needs no overlap test.
 */
#include "codegen/gen.h"

#include <stdio.h>

/* Which attributes a native function gets; value -1 stands for "no value". */
enum {
    MEMORY_NONE = 0,
    MEMORY_READ = 1 | 1 << 2 | 1 << 4
}; /* llvm::MemoryEffects, two bits per kind of memory */
static const struct {
    uint8_t when;
    const char *attribute;
    uint64_t value;
} attribute_rows[] = {
    {NATIVE_PURE, "memory", MEMORY_NONE},
    {NATIVE_PURE, "willreturn", 0},
    {NATIVE_PURE, "nosync", 0},
    {NATIVE_PURE, "nofree", 0},
    {NATIVE_READS, "memory", MEMORY_READ},
    {NATIVE_READS, "willreturn", 0},
    {NATIVE_READS, "nofree", 0},
    {NATIVE_COLD, "cold", 0},
    {NATIVE_PURE | NATIVE_READS | NATIVE_WRITES, "nounwind", 0},
};

static LLVMAttributeRef attribute(Gen *g, const char *name, uint64_t value) {
    return LLVMCreateEnumAttribute(g->context, LLVMGetEnumAttributeKindForName(name, strlen(name)), value);
}

void gen_fn_attribute(Gen *g, LLVMValueRef fn, const char *name, uint64_t value) {
    LLVMAddAttributeAtIndex(fn, LLVMAttributeFunctionIndex, attribute(g, name, value));
}

void gen_param_attribute(Gen *g, LLVMValueRef fn, uint32_t param, const char *name, uint64_t value) {
    LLVMAddAttributeAtIndex(fn, param + 1, attribute(g, name, value));
}

/* One letter of a signature; `overloaded` is what '=' stands for. */
static LLVMTypeRef letter_type(Gen *g, char letter, LLVMTypeRef overloaded) {
    switch (letter) {
    case 'v': return g->void_;
    case 'b': return g->i1;
    case 'B': return g->i8;
    case 'H': return LLVMInt16TypeInContext(g->context);
    case 'I': return g->i32;
    case 'L': return g->i64;
    case 'e': return LLVMHalfTypeInContext(g->context);
    case 'f': return LLVMFloatTypeInContext(g->context);
    case 'd': return g->f64;
    case '=': return overloaded;
    default: return g->ptr;
    }
}

enum { MAX_PARAMS = 16 };

static LLVMTypeRef signature_type(Gen *g, const char *signature, LLVMTypeRef overloaded) {
    LLVMTypeRef param[MAX_PARAMS];
    uint32_t n = 0;
    for (const char *p = signature + 2; *p && n < MAX_PARAMS; p++)
        param[n++] = letter_type(g, *p, overloaded);
    return LLVMFunctionType(letter_type(g, signature[0], overloaded), param, n, false);
}

/* C wants small integers extended by the caller. */
static void extend_small(Gen *g, LLVMValueRef fn, const char *signature) {
    for (uint32_t i = 0; signature[2 + i]; i++) {
        char letter = signature[2 + i];
        if (letter == 'b') gen_param_attribute(g, fn, i, "zeroext", 0);
        if (letter == 'B' || letter == 'H') gen_param_attribute(g, fn, i, "signext", 0);
    }
    if (signature[0] == 'b')
        LLVMAddAttributeAtIndex(fn, LLVMAttributeReturnIndex, attribute(g, "zeroext", 0));
}

NativeDecl gen_extern(Gen *g, const char *symbol, const char *signature) {
    NativeDecl d = {LLVMGetNamedFunction(g->module, symbol), signature_type(g, signature, NULL)};
    if (d.fn) return d;
    d.fn = LLVMAddFunction(g->module, symbol, d.type);
    extend_small(g, d.fn, signature);
    gen_fn_attribute(g, d.fn, "nounwind", 0);
    return d;
}

NativeDecl gen_intrinsic(Gen *g, const char *name, uint32_t ntypes, LLVMTypeRef *types) {
    unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
    if (!id) return (NativeDecl){NULL, NULL};
    return (NativeDecl){LLVMGetIntrinsicDeclaration(g->module, id, types, ntypes),
                        LLVMIntrinsicGetType(g->context, id, types, ntypes)};
}

NativeDecl gen_native(Gen *g, Native native, LLVMTypeRef result) {
    const NativeInfo *info = &native_info[native];
    if (native_is_intrinsic(native)) return gen_intrinsic(g, info->symbol, 1, &result);
    NativeDecl *d = &g->native[native];
    if (!d->fn) *d = gen_native_as(g, native, info->symbol);
    return *d;
}

NativeDecl gen_native_as(Gen *g, Native native, const char *symbol) {
    const NativeInfo *info = &native_info[native];
    NativeDecl d = gen_extern(g, symbol, info->signature);
    for (uint32_t i = 0; i < ARRAY_LEN(attribute_rows); i++)
        if (info->attributes & attribute_rows[i].when)
            gen_fn_attribute(g, d.fn, attribute_rows[i].attribute, attribute_rows[i].value);
    if (info->attributes & NATIVE_FRESH)
        LLVMAddAttributeAtIndex(d.fn, LLVMAttributeReturnIndex, attribute(g, "noalias", 0));
    return d;
}

LLVMValueRef gen_call(Gen *g, NativeDecl d, uint32_t nargs, LLVMValueRef *args) {
    return LLVMBuildCall2(g->b, d.type, d.fn, args, nargs, "");
}
