/* ops.c - one emitter per primitive op or family of ops; the table at the end says which serves which.
 *
 * An emitter reads the leaves of its operands and fills `out`, the leaves of the result.  Ops that differ only in
 * LLVM's opcode share an emitter and find the opcode in their row.
 */
#include "codegen/gen.h"

#include <stdarg.h>

void gen_error(FuncGen *fg, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    const char *text = arena_vprintf(fg->g->arena, fmt, args);
    va_end(args);
    fg->g->failed = true;
    uint32_t span = fg->current < fg->f->inst.n ? fg->f->inst.at[fg->current].span : 0;
    func_error(fg->f, span, DIAG_INTERNAL, "codegen, function %s: %s", fg->f->symbol, text);
}

typedef struct {
    EmitOp emit;
    LLVMOpcode opcode;
} OpRow;
static const OpRow op_rows[OP_COUNT];

/* LLVM's bits are in another order than ours (ir.h): reassoc first. */
static LLVMFastMathFlags fast_math_flags(const Inst *in) {
    uint32_t flags = in->fastmath | (in->flags & INST_REASSOC ? FASTMATH_REASSOC : 0);
    return (flags & (FASTMATH_REASSOC - 1)) << 1 | (flags & FASTMATH_REASSOC ? 1 : 0);
}

static LLVMValueRef with_fast_math(const Inst *in, LLVMValueRef v) {
    LLVMFastMathFlags flags = fast_math_flags(in);
    if (flags && LLVMIsAInstruction(v) && LLVMCanValueUseFastMathFlags(v)) LLVMSetFastMathFlags(v, flags);
    return v;
}

/* ---- constants and composites ------------------------------------------------------------------------------------ */

static void emit_nothing(FuncGen *fg, const Inst *in, LLVMValueRef *out) { (void)fg, (void)in, (void)out; }

static void emit_param(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    uint32_t at = 2; /* behind the context and the result */
    for (int64_t i = 0; i < in->imm.i; i++) at += gen_nleaves(gen_type(fg, fg->f->params.at[i]));
    for (uint32_t k = 0; k < gen_nleaves(in->type); k++) out[k] = LLVMGetParam(fg->fn, at + k);
}

static void emit_const_int(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    if (!gen_nleaves(in->type)) return;
    LLVMTypeRef type = gen_scalar_type(fg->g, in->type);
    switch (LLVMGetTypeKind(type)) {
    case LLVMIntegerTypeKind: out[0] = LLVMConstInt(type, (uint64_t)in->imm.i, true); break;
    case LLVMPointerTypeKind: out[0] = LLVMConstIntToPtr(gen_i64(fg->g, in->imm.i), type); break;
    default: out[0] = LLVMConstReal(type, (double)in->imm.i);
    }
}

static void emit_const_float(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    if (gen_nleaves(in->type)) out[0] = LLVMConstReal(gen_scalar_type(fg->g, in->type), in->imm.f);
}

/* Nothing reads an unassigned variable; zeros keep owners null, so that releasing one does nothing. */
static void emit_zeros(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    for (uint32_t k = 0; k < gen_nleaves(in->type); k++)
        out[k] = gen_zero(fg->g, gen_leaf_scalar(in->type, k));
}

static void emit_cast(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    if (gen_nleaves(gen_type(fg, in->arg[0])) != gen_nleaves(in->type)) {
        gen_error(fg, "cast of %s to %s", gen_type(fg, in->arg[0])->name, in->type->name);
        emit_zeros(fg, in, out);
        return;
    }
    memcpy(out, fg->leaf[in->arg[0]], gen_nleaves(in->type) * sizeof *out);
}

static void emit_field(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    uint32_t first = gen_field_leaf(gen_type(fg, in->arg[0]), in->imm.field);
    for (uint32_t k = 0; k < gen_nleaves(in->type); k++) out[k] = fg->leaf[in->arg[0]][first + k];
}

static void emit_make(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    uint32_t n = 0, want = gen_nleaves(in->type);
    for (uint32_t i = 0; i < in->nargs; i++) {
        uint32_t nleaves = gen_nleaves(gen_type(fg, in->arg[i]));
        for (uint32_t k = 0; k < nleaves && n < want; k++) out[n++] = fg->leaf[in->arg[i]][k];
    }
    if (n == want) return;
    gen_error(fg, "make of %s from %u leaves instead of %u", in->type->name, n, want);
    emit_zeros(fg, in, out);
}

static void emit_data(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    Gen *g = fg->g;
    out[0] = map_find_ptr(&g->data, in->imm.handle);
    if (out[0]) return;
    const ConstantData *data = map_find_ptr(&g->unit->data, in->imm.handle);
    if (!data) {
        gen_error(fg, "the constant array has no data");
        out[0] = LLVMConstNull(g->ptr);
        return;
    }
    LLVMValueRef bytes = LLVMConstStringInContext2(g->context, data->bytes, data->nbytes, true);
    out[0] = LLVMAddGlobal(g->module, LLVMTypeOf(bytes), "data");
    LLVMSetInitializer(out[0], bytes);
    LLVMSetLinkage(out[0], LLVMPrivateLinkage);
    LLVMSetGlobalConstant(out[0], true);
    LLVMSetAlignment(out[0], 64);
    map_set(g->arena, &g->data, in->imm.handle, (uintptr_t)out[0]);
}

static void emit_symbol(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    Gen *g = fg->g;
    out[0] = LLVMGetNamedGlobal(g->module, in->imm.name);
    if (!out[0]) out[0] = LLVMAddGlobal(g->module, g->i8, in->imm.name);
}

/* ---- arithmetic ------------------------------------------------------------------------------------------------------ */

static void emit_binary(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    LLVMOpcode opcode = op_rows[in->op].opcode;
    out[0] = LLVMBuildBinOp(fg->g->b, opcode, gen_leaf(fg, in->arg[0]), gen_leaf(fg, in->arg[1]), "");
    bool wraps = opcode == LLVMAdd || opcode == LLVMSub || opcode == LLVMMul || opcode == LLVMShl;
    if (in->flags & INST_NSW && wraps && LLVMIsAInstruction(out[0])) LLVMSetNSW(out[0], true);
    with_fast_math(in, out[0]);
}

static void emit_fneg(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    out[0] = with_fast_math(in, LLVMBuildFNeg(fg->g->b, gen_leaf(fg, in->arg[0]), ""));
}

static void emit_icmp(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    static const LLVMIntPredicate predicate[PRED_COUNT] = {
        [PRED_EQ] = LLVMIntEQ,   [PRED_NE] = LLVMIntNE,   [PRED_LT] = LLVMIntSLT,  [PRED_LE] = LLVMIntSLE,
        [PRED_GT] = LLVMIntSGT,  [PRED_GE] = LLVMIntSGE,  [PRED_ULT] = LLVMIntULT, [PRED_ULE] = LLVMIntULE,
        [PRED_UGT] = LLVMIntUGT, [PRED_UGE] = LLVMIntUGE,
    };
    out[0] = LLVMBuildICmp(fg->g->b, predicate[in->sub], gen_leaf(fg, in->arg[0]), gen_leaf(fg, in->arg[1]),
                           "");
}

static void emit_fcmp(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    static const LLVMRealPredicate predicate[PRED_COUNT] = {
        [PRED_EQ] = LLVMRealOEQ,  [PRED_NE] = LLVMRealUNE,  [PRED_LT] = LLVMRealOLT,
        [PRED_LE] = LLVMRealOLE,  [PRED_GT] = LLVMRealOGT,  [PRED_GE] = LLVMRealOGE,
        [PRED_ULT] = LLVMRealULT, [PRED_ULE] = LLVMRealULE, [PRED_UGT] = LLVMRealUGT,
        [PRED_UGE] = LLVMRealUGE,
    };
    LLVMValueRef x = gen_leaf(fg, in->arg[0]), y = gen_leaf(fg, in->arg[1]);
    out[0] = with_fast_math(in, LLVMBuildFCmp(fg->g->b, predicate[in->sub], x, y, ""));
}

static void emit_select(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    LLVMValueRef *x = fg->leaf[in->arg[1]], *y = fg->leaf[in->arg[2]], cond = gen_leaf(fg, in->arg[0]);
    for (uint32_t k = 0; k < gen_nleaves(in->type); k++)
        out[k] = with_fast_math(in, LLVMBuildSelect(fg->g->b, cond, x[k], y[k], ""));
}

static void emit_convert(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    LLVMTypeRef to = gen_scalar_type(fg->g, in->type);
    out[0] = LLVMBuildCast(fg->g->b, op_rows[in->op].opcode, gen_leaf(fg, in->arg[0]), to, "");
}

/* The integer type of `bits` with as many lanes as x. */
static LLVMTypeRef integers_like(Gen *g, LLVMValueRef x, unsigned bits) {
    LLVMTypeRef t = LLVMIntTypeInContext(g->context, bits), of = LLVMTypeOf(x);
    return LLVMGetTypeKind(of) == LLVMVectorTypeKind ? LLVMVectorType(t, LLVMGetVectorSize(of)) : t;
}

/* The machine's conversion: LLVM says nothing of numbers that do not fit, and freezing takes what comes out. */
static LLVMValueRef machine_int(Gen *g, LLVMValueRef x, unsigned bits) {
    return LLVMBuildFreeze(g->b, LLVMBuildFPToSI(g->b, x, integers_like(g, x, bits), ""), "");
}

/* All 64 bits without a sign: numbers from 2**63 on are converted without their top bit. */
static LLVMValueRef machine_u64(Gen *g, LLVMValueRef x) {
    LLVMValueRef top = LLVMConstReal(LLVMTypeOf(x), 0x1p63), low = machine_int(g, x, 64),
                 least = LLVMBuildFPToSI(g->b, LLVMConstReal(LLVMTypeOf(x), -0x1p63), integers_like(g, x, 64),
                                         ""),
                 high = machine_int(g, LLVMBuildFSub(g->b, x, top, ""), 64);
    high = LLVMBuildXor(g->b, high, least, "");
    return LLVMBuildSelect(g->b, LLVMBuildFCmp(g->b, LLVMRealOGE, x, top, ""), high, low, "");
}

/* As C, and so NumPy, does it: to int32, or int64 for what is wider, and of that the low bits. */
static void emit_float_to_int(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    Gen *g = fg->g;
    if (in->flags & INST_NSW) {
        emit_convert(fg, in, out);
        return;
    }
    bool is_signed = in->op == OP_fptosi;
    LLVMValueRef x = gen_leaf(fg, in->arg[0]);
    unsigned bits = (in->type->kind == TYPE_VECTOR ? in->type->elem[0] : in->type)->bits;
    bool narrow = bits < 32 || (bits == 32 && is_signed);
    LLVMValueRef wide = bits == 64 && !is_signed ? machine_u64(g, x) : machine_int(g, x, narrow ? 32 : 64);
    out[0] = LLVMBuildTruncOrBitCast(g->b, wide, gen_scalar_type(g, in->type), "");
}

static void emit_bitcast(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    Gen *g = fg->g;
    LLVMValueRef x = gen_leaf(fg, in->arg[0]);
    LLVMTypeRef to = gen_scalar_type(g, in->type);
    bool from_ptr = LLVMGetTypeKind(LLVMTypeOf(x)) == LLVMPointerTypeKind;
    bool to_ptr = LLVMGetTypeKind(to) == LLVMPointerTypeKind;
    if (from_ptr == to_ptr) out[0] = LLVMBuildBitCast(g->b, x, to, "");
    else out[0] = from_ptr ? LLVMBuildPtrToInt(g->b, x, to, "") : LLVMBuildIntToPtr(g->b, x, to, "");
}

/* ---- vectors ---------------------------------------------------------------------------------------------------------- */

static void emit_splat(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    Gen *g = fg->g;
    LLVMTypeRef type = gen_scalar_type(g, in->type);
    LLVMValueRef poison = LLVMGetPoison(type);
    LLVMValueRef one = LLVMBuildInsertElement(g->b, poison, gen_leaf(fg, in->arg[0]), gen_i32(g, 0), "");
    out[0] = LLVMBuildShuffleVector(g->b, one, poison, LLVMConstNull(LLVMVectorType(g->i32, in->type->bits)),
                                    "");
}

static void emit_vector(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    Gen *g = fg->g;
    out[0] = LLVMGetPoison(gen_scalar_type(g, in->type));
    for (uint32_t k = 0; k < in->nargs; k++)
        out[0] = LLVMBuildInsertElement(g->b, out[0], gen_leaf(fg, in->arg[k]), gen_i32(g, (int32_t)k), "");
}

static void emit_extract(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    out[0] = LLVMBuildExtractElement(fg->g->b, gen_leaf(fg, in->arg[0]), gen_i32(fg->g, (int32_t)in->imm.i),
                                     "");
}

static void emit_any(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    Gen *g = fg->g;
    LLVMValueRef lanes = gen_leaf(fg, in->arg[0]);
    LLVMTypeRef type = LLVMTypeOf(lanes);
    out[0] = gen_call(g, gen_intrinsic(g, "llvm.vector.reduce.or", 1, &type), 1, &lanes);
}

static void emit_bits(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    Gen *g = fg->g;
    LLVMTypeRef bits = LLVMIntTypeInContext(g->context, gen_type(fg, in->arg[0])->bits);
    LLVMValueRef v = LLVMBuildBitCast(g->b, gen_leaf(fg, in->arg[0]), bits, "");
    out[0] = LLVMBuildZExt(g->b, v, g->i64, "");
}

/* ---- memory and calls ------------------------------------------------------------------------------------------------- */

static void emit_load(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    if (in->type->nfields) gen_load_slots(fg->g, in->type, gen_leaf(fg, in->arg[0]), out);
    else if (gen_nleaves(in->type)) out[0] = gen_load(fg->g, in->type, gen_leaf(fg, in->arg[0]));
}

static void emit_store(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    (void)out;
    const Type *t = gen_type(fg, in->arg[1]);
    gen_store_slots(fg->g, t, fg->leaf[in->arg[1]], gen_leaf(fg, in->arg[0]));
}

static void emit_ptr_add(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    LLVMValueRef nbytes = gen_leaf(fg, in->arg[1]);
    out[0] = LLVMBuildInBoundsGEP2(fg->g->b, fg->g->i8, gen_leaf(fg, in->arg[0]), &nbytes, 1, "");
}

static void emit_alloca(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    out[0] = gen_alloca(fg->g, fg->entry, (uint64_t)in->imm.i);
}

/* LLVM knows libm by name and would call exp2(y) for pow(2, y); a value must not depend on what LLVM noticed, or on
 * whether a loop was vectorised, unless the program allows approximations. */
static void allow_vectors(Gen *g, const Inst *in, LLVMValueRef call) {
    const NativeInfo *info = &native_info[in->imm.native];
    bool approximate = in->fastmath & FASTMATH_AFN;
    if (!(info->attributes & NATIVE_PURE) || native_is_intrinsic(in->imm.native)) return;
    if (gen_vector_variants(g, in->imm.native, approximate, call) || approximate) return;
    unsigned kind = LLVMGetEnumAttributeKindForName("nobuiltin", 9);
    LLVMAddCallSiteAttribute(call, LLVMAttributeFunctionIndex, LLVMCreateEnumAttribute(g->context, kind, 0));
}

static void emit_native(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    Gen *g = fg->g;
    Native native = in->imm.native;
    LLVMTypeRef result = gen_nleaves(in->type) ? gen_scalar_type(g, in->type) : g->void_;
    bool approximate = in->fastmath & FASTMATH_AFN;
    LLVMValueRef arg[16];
    uint32_t n = 0;
    for (uint32_t i = 0; i < in->nargs; i++)
        for (uint32_t k = 0; k < gen_nleaves(gen_type(fg, in->arg[i])) && n < ARRAY_LEN(arg); k++)
            arg[n++] = fg->leaf[in->arg[i]][k];
    if (in->type && in->type->kind == TYPE_VECTOR && !native_is_intrinsic(native)) {
        out[0] = gen_call_on_vectors(g, native, approximate, n, arg, result);
        return;
    }
    NativeDecl d = gen_function_of(g, native, approximate, result);
    if (!d.fn || n != LLVMCountParamTypes(d.type)) {
        gen_error(fg, "bad call of native function %s", native_info[native].name);
        emit_zeros(fg, in, out);
        return;
    }
    LLVMValueRef v = with_fast_math(in, gen_call(g, d, n, arg));
    allow_vectors(g, in, v);
    if (gen_nleaves(in->type)) out[0] = v;
}

static void emit_func_address(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    out[0] = fg->g->func[in->imm.func->index].fn;
}

static void emit_context(FuncGen *fg, const Inst *in, LLVMValueRef *out) {
    (void)in;
    out[0] = fg->context;
}

/* ---- the table ------------------------------------------------------------------------------------------------------------ */

static const OpRow op_rows[OP_COUNT] = {
    [OP_param] = {emit_param, 0},
    [OP_const_int] = {emit_const_int, 0},
    [OP_const_float] = {emit_const_float, 0},
    [OP_none] = {emit_nothing, 0},
    [OP_literal] = {emit_nothing, 0},
    [OP_undef] = {emit_zeros, 0},
    [OP_cast] = {emit_cast, 0},
    [OP_field] = {emit_field, 0},
    [OP_make] = {emit_make, 0},
    [OP_data] = {emit_data, 0},
    [OP_symbol] = {emit_symbol, 0},
    [OP_iadd] = {emit_binary, LLVMAdd},
    [OP_isub] = {emit_binary, LLVMSub},
    [OP_imul] = {emit_binary, LLVMMul},
    [OP_sdiv] = {emit_binary, LLVMSDiv},
    [OP_udiv] = {emit_binary, LLVMUDiv},
    [OP_srem] = {emit_binary, LLVMSRem},
    [OP_urem] = {emit_binary, LLVMURem},
    [OP_iand] = {emit_binary, LLVMAnd},
    [OP_ior] = {emit_binary, LLVMOr},
    [OP_ixor] = {emit_binary, LLVMXor},
    [OP_shl] = {emit_binary, LLVMShl},
    [OP_ashr] = {emit_binary, LLVMAShr},
    [OP_lshr] = {emit_binary, LLVMLShr},
    [OP_fadd] = {emit_binary, LLVMFAdd},
    [OP_fsub] = {emit_binary, LLVMFSub},
    [OP_fmul] = {emit_binary, LLVMFMul},
    [OP_fdiv] = {emit_binary, LLVMFDiv},
    [OP_frem] = {emit_binary, LLVMFRem},
    [OP_fneg] = {emit_fneg, 0},
    [OP_icmp] = {emit_icmp, 0},
    [OP_fcmp] = {emit_fcmp, 0},
    [OP_select] = {emit_select, 0},
    [OP_trunc] = {emit_convert, LLVMTrunc},
    [OP_sext] = {emit_convert, LLVMSExt},
    [OP_zext] = {emit_convert, LLVMZExt},
    [OP_sitofp] = {emit_convert, LLVMSIToFP},
    [OP_uitofp] = {emit_convert, LLVMUIToFP},
    [OP_fpext] = {emit_convert, LLVMFPExt},
    [OP_fptrunc] = {emit_convert, LLVMFPTrunc},
    [OP_fptosi] = {emit_float_to_int, LLVMFPToSI},
    [OP_fptoui] = {emit_float_to_int, 0},
    [OP_bitcast] = {emit_bitcast, 0},
    [OP_splat] = {emit_splat, 0},
    [OP_vector] = {emit_vector, 0},
    [OP_extract] = {emit_extract, 0},
    [OP_any] = {emit_any, 0},
    [OP_bits] = {emit_bits, 0},
    [OP_load] = {emit_load, 0},
    [OP_store] = {emit_store, 0},
    [OP_ptr_add] = {emit_ptr_add, 0},
    [OP_alloca] = {emit_alloca, 0},
    [OP_native] = {emit_native, 0},
    [OP_func_address] = {emit_func_address, 0},
    [OP_context] = {emit_context, 0},
    [OP_call_c] = {gen_emit_call_c, 0},
    [OP_call_native] = {gen_emit_call_native, 0},
    [OP_invoke] = {gen_emit_invoke, 0},
    [OP_poll] = {gen_emit_poll, 0},
    [OP_incref] = {gen_emit_incref, 0},
    [OP_decref] = {gen_emit_decref, 0},
    [OP_br] = {gen_emit_br, 0},
    [OP_condbr] = {gen_emit_condbr, 0},
    [OP_ret] = {gen_emit_ret, 0},
    [OP_unreachable] = {gen_emit_unreachable, 0},
    [OP_raise_new] = {gen_emit_raise_new, 0},
    [OP_raise_again] = {gen_emit_raise_again, 0},
    [OP_pass_frame] = {gen_emit_pass_frame, 0},
    [OP_status_match] = {gen_emit_status_match, 0},
    [OP_drop_error] = {gen_emit_drop_error, 0},
};

bool gen_inst(FuncGen *fg, ValueId v) {
    const Inst *in = &fg->f->inst.at[v];
    fg->current = v;
    if (!op_rows[in->op].emit) {
        gen_error(fg, "op %s is not lowered", op_info[in->op].name);
        return false;
    }
    for (uint32_t i = 0; i < in->nargs; i++)
        if (!fg->leaf[in->arg[i]]) {
            gen_error(fg, "operand %u of %%%u (%s) is used before it is defined", i, v, op_info[in->op].name);
            return false;
        }
    fg->leaf[v] = arena_array(fg->g->arena, LLVMValueRef, gen_nleaves(in->type) + 1);
    gen_debug_at(fg, in->span);
    op_rows[in->op].emit(fg, in, fg->leaf[v]);
    return !fg->g->failed;
}
