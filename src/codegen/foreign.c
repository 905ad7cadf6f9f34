/* foreign.c - calls of functions that are not of this unit: by C's convention, or by naja's through an address.
 *
 * LLVM leaves it to the front end how C passes what is no machine scalar, and that narrow integers are extended by the
 * caller.  Of what we pass that concerns complex numbers: on x86-64 two doubles are two registers and two floats share
 * one; on AArch64 each part has a register.
 */
#include "codegen/gen.h"

static bool is_packed_complex(const Type *t) {
#ifdef __x86_64__
    return t->kind == TYPE_COMPLEX && t->bits == 64;
#else
    (void)t;
    return false;
#endif
}

static LLVMTypeRef part_type(Gen *g, const Type *complex) {
    return gen_scalar_type(g, type_real_part(complex));
}

uint32_t gen_c_types(Gen *g, const Type *t, LLVMTypeRef out[2]) {
    if (!gen_nleaves(t)) return 0; /* None */
    if (t->kind == TYPE_CFUNCTION) return out[0] = g->ptr, 1;
    if (t->kind != TYPE_COMPLEX) return out[0] = gen_scalar_type(g, t), 1;
    out[0] = out[1] = part_type(g, t);
    if (!is_packed_complex(t)) return 2;
    out[0] = LLVMVectorType(out[0], 2);
    return 1;
}

LLVMTypeRef gen_c_result(Gen *g, const Type *t) {
    LLVMTypeRef types[2];
    if (!gen_nleaves(t)) return g->void_;
    return gen_c_types(g, t, types) == 1 ? types[0] : LLVMStructTypeInContext(g->context, types, 2, false);
}

void gen_c_pack(Gen *g, const Type *t, const LLVMValueRef *leaves, LLVMValueRef *out) {
    if (!gen_nleaves(t)) return;
    out[0] = leaves[0]; /* of a function: its address by C's convention */
    if (t->kind != TYPE_COMPLEX) return;
    if (!is_packed_complex(t)) {
        out[1] = leaves[1];
        return;
    }
    LLVMValueRef v = LLVMGetPoison(LLVMVectorType(part_type(g, t), 2));
    v = LLVMBuildInsertElement(g->b, v, leaves[0], gen_i32(g, 0), "");
    out[0] = LLVMBuildInsertElement(g->b, v, leaves[1], gen_i32(g, 1), "");
}

void gen_c_unpack(Gen *g, const Type *t, const LLVMValueRef *in, LLVMValueRef *leaves) {
    leaves[0] = in[0];
    if (t->kind == TYPE_CFUNCTION)
        leaves[CFUNCTION_NATIVE] = leaves[CFUNCTION_OBJECT] = LLVMConstNull(g->ptr);
    if (t->kind != TYPE_COMPLEX) return;
    if (!is_packed_complex(t)) {
        leaves[1] = in[1];
        return;
    }
    for (int i = 0; i < 2; i++) leaves[i] = LLVMBuildExtractElement(g->b, in[0], gen_i32(g, i), "");
}

LLVMValueRef gen_c_join(Gen *g, const Type *t, LLVMValueRef *registers) {
    LLVMTypeRef types[2];
    if (gen_c_types(g, t, types) == 1) return registers[0];
    LLVMValueRef v = LLVMGetPoison(gen_c_result(g, t));
    v = LLVMBuildInsertValue(g->b, v, registers[0], 0, "");
    return LLVMBuildInsertValue(g->b, v, registers[1], 1, "");
}

void gen_c_split(Gen *g, const Type *t, LLVMValueRef result, LLVMValueRef *registers) {
    LLVMTypeRef types[2];
    registers[0] = result;
    if (gen_c_types(g, t, types) == 1) return;
    for (unsigned i = 0; i < 2; i++) registers[i] = LLVMBuildExtractValue(g->b, result, i, "");
}

const char *gen_c_extension(const Type *t) {
    if (t->kind == TYPE_BOOL) return "zeroext";
    if (t->kind != TYPE_INT || t->bits >= 64) return NULL;
    return t->is_signed ? "signext" : "zeroext";
}

static void extend(Gen *g, LLVMValueRef call, unsigned index, const Type *t) {
    const char *name = gen_c_extension(t);
    if (!name) return;
    unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
    LLVMAddCallSiteAttribute(call, index, LLVMCreateEnumAttribute(g->context, kind, 0));
}

void gen_emit_call_c(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    Gen *g = fg->g;
    LLVMTypeRef *type = arena_array(g->arena, LLVMTypeRef, 2 * in->nargs);
    LLVMValueRef *arg = arena_array(g->arena, LLVMValueRef, 2 * in->nargs), registers[2] = {NULL, NULL};
    uint32_t *first = arena_array(g->arena, uint32_t, in->nargs + 1), n = 0;
    for (uint32_t i = 1; i < in->nargs; i++) {
        const Type *t = gen_type(fg, in->arg[i]);
        first[i] = n;
        gen_c_pack(g, t, fg->leaf[in->arg[i]], arg + n);
        n += gen_c_types(g, t, type + n);
    }
    LLVMTypeRef function = LLVMFunctionType(gen_c_result(g, in->type), type, n, false);
    LLVMValueRef call = LLVMBuildCall2(g->b, function, gen_leaf(fg, in->arg[0]), arg, n, "");
    for (uint32_t i = 1; i < in->nargs; i++) extend(g, call, first[i] + 1, gen_type(fg, in->arg[i]));
    if (!gen_nleaves(in->type)) return;
    extend(g, call, LLVMAttributeReturnIndex, in->type);
    gen_c_split(g, in->type, call, registers);
    gen_c_unpack(g, in->type, registers, out);
}

void gen_emit_call_native(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    Gen *g = fg->g;
    uint32_t most = 1, n = 0;
    for (uint32_t i = 1; i < in->nargs; i++) most += gen_nleaves(gen_type(fg, in->arg[i]));
    LLVMTypeRef *type = arena_array(g->arena, LLVMTypeRef, most);
    LLVMValueRef *arg = arena_array(g->arena, LLVMValueRef, most);
    type[n] = g->ptr;
    arg[n++] = fg->context;
    for (uint32_t i = 1; i < in->nargs; i++) {
        const Type *t = gen_type(fg, in->arg[i]);
        gen_leaf_types(g, t, type + n);
        for (uint32_t k = 0; k < gen_nleaves(t); k++) arg[n++] = fg->leaf[in->arg[i]][k];
    }
    LLVMTypeRef function = LLVMFunctionType(g->i32, type, n, false);
    out[0] = LLVMBuildCall2(g->b, function, gen_leaf(fg, in->arg[0]), arg, n, "");
}
