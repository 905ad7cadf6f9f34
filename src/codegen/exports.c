/* exports.c - the entry function as C functions and other units call it; for units with the option exports.
 *
 *     int32_t naja_cross(Context *caller, Slot *result, leaves...)    by naja's convention, from another unit
 *     R naja_c(...)                                                   by C's, from anywhere
 *
 * Raise sites are numbers of a unit, so an exception that leaves it becomes a Python exception, which naja_cross puts
 * into the caller's context.  C has no exceptions: naja_c prints it as ignored and gives zero.  Both may be called in
 * any thread, with the GIL or without it.
 */
#include "codegen/gen.h"

typedef struct {
    Gen *g;
    const Func *f;
    LLVMValueRef fn, context, self;
    LLVMBasicBlockRef entry;
} Export;

static void open_export(Export *x, const char *name, LLVMTypeRef type) {
    Gen *g = x->g;
    x->fn = LLVMAddFunction(g->module, name, type);
    gen_fn_attribute(g, x->fn, "nounwind", 0);
    x->entry = gen_append(g, x->fn, "");
    LLVMPositionBuilderAtEnd(g->b, x->entry);
    x->context = gen_alloca(g, x->entry, sizeof(Context));
    LLVMPositionBuilderAtEnd(g->b, x->entry);
    x->self = LLVMGetNamedGlobal(g->module, CODEGEN_SELF);
    if (!x->self) x->self = LLVMAddGlobal(g->module, g->i8, CODEGEN_SELF);
    gen_init_context(g, x->context, x->self, LLVMConstNull(g->ptr));
}

/* Calls the function itself; the builder goes on in `failed`, then in the block that is returned. */
static LLVMBasicBlockRef call_entry(Export *x, LLVMValueRef *arg, uint32_t n, LLVMValueRef *status) {
    Gen *g = x->g;
    FuncDecl *d = &g->func[x->f->index];
    *status = LLVMBuildCall2(g->b, d->type, d->fn, arg, n, "");
    LLVMBasicBlockRef failed = gen_append(g, x->fn, "failed"), fine = gen_append(g, x->fn, "fine");
    gen_branch_unlikely(g, LLVMBuildICmp(g->b, LLVMIntNE, *status, gen_i32(g, 0), ""), failed, fine);
    LLVMPositionBuilderAtEnd(g->b, failed);
    return fine;
}

static void gen_cross(Gen *g, const Func *f) {
    Export x = {.g = g, .f = f};
    open_export(&x, CODEGEN_CROSS, g->func[f->index].type);
    uint32_t n = LLVMCountParams(x.fn);
    LLVMValueRef *arg = arena_array(g->arena, LLVMValueRef, n), status;
    LLVMGetParams(x.fn, arg);
    LLVMValueRef caller = arg[0];
    arg[0] = x.context;
    LLVMBasicBlockRef fine = call_entry(&x, arg, n, &status);
    LLVMValueRef fail[4] = {x.self, x.context, status, caller};
    LLVMBuildRet(g->b, gen_call(g, gen_extern(g, "naja_cross_fail", "I:ppIp"), 4, fail));
    LLVMPositionBuilderAtEnd(g->b, fine);
    LLVMBuildRet(g->b, gen_i32(g, STATUS_OK));
}

/* ---- C -------------------------------------------------------------------------------------------------------- */

static const Type *signature_of(Gen *g, const Func *f) {
    const Type **arg = arena_array(g->arena, const Type *, f->params.n + 1);
    for (uint32_t i = 0; i < f->params.n; i++) arg[i] = value_type(f, f->params.at[i]);
    return type_cfunction(f->result ? f->result : type_none, f->params.n, arg);
}

static LLVMTypeRef c_type(Gen *g, const Type *signature) {
    LLVMTypeRef *type = arena_array(g->arena, LLVMTypeRef, 2 * signature->nelem);
    uint32_t n = 0;
    for (uint32_t i = 1; i < signature->nelem; i++) n += gen_c_types(g, signature->elem[i], type + n);
    return LLVMFunctionType(gen_c_result(g, type_cfunction_result(signature)), type, n, false);
}

/* The parameters of the C function as leaves, behind the context and the result; gives how many arguments. */
static uint32_t c_arguments(Export *x, const Type *signature, LLVMValueRef *arg) {
    Gen *g = x->g;
    uint32_t at = 0, n = 2;
    for (uint32_t i = 1; i < signature->nelem; i++) {
        const Type *t = signature->elem[i];
        LLVMTypeRef types[2];
        uint32_t count = gen_c_types(g, t, types);
        if (!count) continue;
        LLVMValueRef registers[2] = {LLVMGetParam(x->fn, at), NULL};
        if (count == 2) registers[1] = LLVMGetParam(x->fn, at + 1);
        if (gen_c_extension(t)) gen_param_attribute(g, x->fn, at, gen_c_extension(t), 0);
        gen_c_unpack(g, t, registers, arg + n);
        at += count;
        n += t->nleaves;
    }
    return n;
}

static void return_to_c(Export *x, const Type *t, const LLVMValueRef *leaves) {
    Gen *g = x->g;
    LLVMValueRef registers[2];
    gen_c_pack(g, t, leaves, registers);
    LLVMBuildRet(g->b, gen_c_join(g, t, registers));
}

static void extend_result(Gen *g, LLVMValueRef fn, const Type *t) {
    const char *name = gen_c_extension(t);
    unsigned kind = name ? LLVMGetEnumAttributeKindForName(name, strlen(name)) : 0;
    if (kind)
        LLVMAddAttributeAtIndex(fn, LLVMAttributeReturnIndex, LLVMCreateEnumAttribute(g->context, kind, 0));
}

static void gen_c_function(Gen *g, const Func *f, const Type *signature) {
    const Type *result = type_cfunction_result(signature);
    Export x = {.g = g, .f = f};
    open_export(&x, CODEGEN_C, c_type(g, signature));
    extend_result(g, x.fn, result);
    uint32_t most = 2;
    for (uint32_t i = 1; i < signature->nelem; i++) most += signature->elem[i]->nleaves;
    LLVMValueRef *arg = arena_array(g->arena, LLVMValueRef, most + 2), status, leaf[4];
    LLVMValueRef slots = gen_alloca(g, x.entry, 8 * (uint64_t)(result->nleaves + 1));
    arg[0] = x.context;
    arg[1] = slots;
    uint32_t n = c_arguments(&x, signature, arg);
    LLVMBasicBlockRef fine = call_entry(&x, arg, n, &status);
    LLVMValueRef fail[3] = {x.self, x.context, status};
    gen_call(g, gen_extern(g, "naja_c_fail", "v:ppI"), 3, fail);
    LLVMTypeRef returned = gen_c_result(g, result);
    if (returned == g->void_) LLVMBuildRetVoid(g->b);
    else LLVMBuildRet(g->b, LLVMConstNull(returned));
    LLVMPositionBuilderAtEnd(g->b, fine);
    if (returned == g->void_) {
        LLVMBuildRetVoid(g->b);
        return;
    }
    gen_load_slots(g, result, slots, leaf);
    return_to_c(&x, result, leaf);
}

void gen_exports(Gen *g, const Func *f) {
    const Type *signature = signature_of(g, f);
    gen_cross(g, f);
    if (type_has_c_convention(signature)) gen_c_function(g, f, signature);
}
