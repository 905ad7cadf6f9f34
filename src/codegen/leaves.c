/* leaves.c - types of values as LLVM sees them: a flat list of machine scalars.
 *
 * A bool is i1 in registers and one byte (0 or 1) in memory; every other scalar is the same in both.  Loads and
 * stores claim no alignment beyond one byte: NumPy arrays may be unaligned, and on the machines we generate for
 * an unaligned access of aligned data costs nothing.
 */
#include "codegen/gen.h"

LLVMTypeRef gen_scalar_type(Gen *g, const Type *t) {
    switch (t->kind) {
    case TYPE_BOOL: return g->i1;
    case TYPE_ENUM:
    case TYPE_DATETIME:
    case TYPE_TIMEDELTA: return g->i64;
    case TYPE_INT: return LLVMIntTypeInContext(g->context, t->bits);
    case TYPE_FLOAT:
        return t->bits == 64   ? g->f64
               : t->bits == 32 ? LLVMFloatTypeInContext(g->context)
                               : LLVMHalfTypeInContext(g->context);
    case TYPE_VECTOR: return LLVMVectorType(gen_scalar_type(g, t->elem[0]), t->bits);
    default: return g->ptr;
    }
}

uint32_t gen_leaf_types(Gen *g, const Type *t, LLVMTypeRef *out) {
    if (!gen_nleaves(t)) return 0;
    if (!t->nfields) {
        out[0] = gen_scalar_type(g, t);
        return 1;
    }
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->nfields; i++) n += gen_leaf_types(g, t->field[i], out + n);
    return n;
}

const Type *gen_leaf_scalar(const Type *t, uint32_t leaf) {
    while (t->nfields) {
        uint32_t i = 0;
        while (leaf >= t->field[i]->nleaves) leaf -= t->field[i++]->nleaves;
        t = t->field[i];
    }
    return t;
}

uint32_t gen_field_leaf(const Type *t, uint32_t field) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < field; i++) n += t->field[i]->nleaves;
    return n;
}

LLVMValueRef gen_zero(Gen *g, const Type *scalar) { return LLVMConstNull(gen_scalar_type(g, scalar)); }

static bool is_bool(const Type *scalar) {
    return scalar->kind == TYPE_BOOL || (scalar->kind == TYPE_VECTOR && scalar->elem[0]->kind == TYPE_BOOL);
}

static LLVMTypeRef memory_type(Gen *g, const Type *scalar) {
    if (scalar->kind == TYPE_BOOL) return g->i8;
    return is_bool(scalar) ? LLVMVectorType(g->i8, scalar->bits) : gen_scalar_type(g, scalar);
}

LLVMValueRef gen_load(Gen *g, const Type *scalar, LLVMValueRef address) {
    LLVMTypeRef type = memory_type(g, scalar);
    LLVMValueRef v = LLVMBuildLoad2(g->b, type, address, "");
    LLVMSetAlignment(v, 1);
    return is_bool(scalar) ? LLVMBuildICmp(g->b, LLVMIntNE, v, LLVMConstNull(type), "") : v;
}

void gen_store(Gen *g, const Type *scalar, LLVMValueRef value, LLVMValueRef address) {
    if (is_bool(scalar)) value = LLVMBuildZExt(g->b, value, memory_type(g, scalar), "");
    LLVMSetAlignment(LLVMBuildStore(g->b, value, address), 1);
}

LLVMValueRef gen_offset(Gen *g, LLVMValueRef address, uint64_t nbytes) {
    LLVMValueRef index = gen_i64(g, (int64_t)nbytes);
    return nbytes ? LLVMBuildInBoundsGEP2(g->b, g->i8, address, &index, 1, "") : address;
}

void gen_load_slots(Gen *g, const Type *t, LLVMValueRef address, LLVMValueRef *leaves) {
    for (uint32_t k = 0; k < gen_nleaves(t); k++)
        leaves[k] = gen_load(g, gen_leaf_scalar(t, k), gen_offset(g, address, 8 * (uint64_t)k));
}

void gen_store_slots(Gen *g, const Type *t, const LLVMValueRef *leaves, LLVMValueRef address) {
    for (uint32_t k = 0; k < gen_nleaves(t); k++)
        gen_store(g, gen_leaf_scalar(t, k), leaves[k], gen_offset(g, address, 8 * (uint64_t)k));
}

/* `has`: the Optional around it has a value; NULL: there is none around. */
static void each_owner(FuncGen *fg, const Type *t, const LLVMValueRef *leaves, LLVMValueRef has,
                       void (*visit)(FuncGen *fg, LLVMValueRef owner)) {
    Gen *g = fg->g;
    if (!t || !type_is_managed(t)) return;
    int32_t field = type_owner_field(t);
    if (field >= 0) {
        LLVMValueRef owner = leaves[gen_field_leaf(t, (uint32_t)field)];
        visit(fg, has ? LLVMBuildSelect(g->b, has, owner, LLVMConstNull(g->ptr), "") : owner);
        return;
    }
    if (type_is_block(t)) {
        visit(fg, has ? LLVMBuildSelect(g->b, has, leaves[0], LLVMConstNull(g->ptr), "") : leaves[0]);
        return;
    }
    if (t->kind == TYPE_OPTIONAL) has = has ? LLVMBuildAnd(g->b, has, leaves[0], "") : leaves[0];
    for (uint32_t i = 0; i < t->nfields; i++)
        each_owner(fg, t->field[i], leaves + gen_field_leaf(t, i), has, visit);
}

void gen_each_owner(FuncGen *fg, const Type *t, const LLVMValueRef *leaves,
                    void (*visit)(FuncGen *fg, LLVMValueRef owner)) {
    each_owner(fg, t, leaves, NULL, visit);
}
