/* codegen/gen.h - the state of one module being generated; private to codegen/.
 *
 * Gen belongs to a module, FuncGen to one function.  A value of the IR is a run of LLVM values, one per leaf:
 * leaf k of value v is fg->leaf[v][k].  The run is NULL until the value is emitted; values of types without
 * leaves point to an empty run.
 */
#ifndef NAJA_CODEGEN_GEN_H
#define NAJA_CODEGEN_GEN_H

#include <llvm-c/Core.h>

#include "codegen/codegen.h"
#include "runtime/abi.h"

typedef struct {
    LLVMValueRef fn;
    LLVMTypeRef type;
    bool used;                 /* reachable from the entry function: the others are not generated */
    bool recursive;            /* may call itself, directly or not: checks the stack */
} FuncDecl;

typedef struct {
    LLVMValueRef fn;
    LLVMTypeRef type;
} NativeDecl;

typedef struct {
    Unit *unit;
    Arena *arena;
    LLVMContextRef context;
    LLVMModuleRef module;
    LLVMBuilderRef b;
    LLVMTypeRef i1, i8, i32, i64, f64, ptr, void_;
    FuncDecl *func;                     /* by Func.index */
    NativeDecl native[NATIVE_COUNT];    /* declared at first use; intrinsics are not kept here */
    LLVMValueRef poll_word;             /* declared at first use */
    Vec(LLVMValueRef) kept;             /* declarations of vector functions: vecmath.c */
    Map data;                           /* handle of a constant array -> its global */
    LLVMMetadataRef likely[2];          /* branch weights: the first target is unlikely, is likely */
    LLVMDIBuilderRef debug;             /* NULL: no debug information wanted */
    bool repeats, catches;              /* see CodegenFacts */
    bool wide;                          /* some loop calls functions of 64 byte vectors: vecmath.c */
    bool failed;
} Gen;

/* A cold loop that becomes a function: outline.c. */
typedef Vec(LLVMValueRef *) RegionPhis;
typedef struct {
    BlockId from, to;
    LLVMBasicBlockRef landing;          /* in the caller: loads `phis`, goes to `to` */
    LLVMBasicBlockRef stub;             /* in the region's function: stores them, returns */
    RegionPhis phis;                    /* leaves of the operands that the phis of `to` have for this edge */
} RegionExit;
typedef struct {
    BlockId header, from;               /* entered over the edge from -> header */
    bool has_loop, returns;
    bool ambiguous;                     /* a branch with two equal targets: its edges cannot be told apart */
    Vec(RegionExit) exits;
    Vec(ValueId) live_in;
    LLVMValueRef fn;
    LLVMTypeRef type;
} Region;

typedef struct {
    Gen *g;
    Func *f;
    LLVMValueRef fn, context, result;
    Region *region;                     /* the one whose function this is; NULL: the function itself */
    LLVMValueRef slots;                 /* of a region's function: for the exit's number and the phis' operands */
    Vec(Region) regions;
    uint32_t *region_of;                /* by block: number of its region + 1 */
    LLVMBasicBlockRef entry;            /* allocas; then a jump to the IR's entry block */
    LLVMBasicBlockRef *first, *last;    /* by block: where it begins, where its terminator stands; NULL: unreachable */
    LLVMValueRef **leaf;                /* by value */
    BlockId *order;                     /* reverse postorder */
    uint32_t norder, *position;         /* by block: its place in `order` */
    ValueId current;                    /* being emitted */
    LLVMMetadataRef scope;              /* DWARF's subprogram, or NULL */
} FuncGen;

/* ---- leaves.c: types ---------------------------------------------------------------------------------------- */

LLVMTypeRef gen_scalar_type(Gen *g, const Type *t);               /* of a type that is one leaf, in a register */
uint32_t gen_leaf_types(Gen *g, const Type *t, LLVMTypeRef *out); /* fills t->nleaves types; returns how many */
const Type *gen_leaf_scalar(const Type *t, uint32_t leaf);        /* the scalar type that leaf number `leaf` has */
uint32_t gen_field_leaf(const Type *t, uint32_t field);           /* number of the first leaf of a field */
LLVMValueRef gen_zero(Gen *g, const Type *scalar);
LLVMValueRef gen_load(Gen *g, const Type *scalar, LLVMValueRef address);  /* bool is a byte in memory */
void gen_store(Gen *g, const Type *scalar, LLVMValueRef value, LLVMValueRef address);
LLVMValueRef gen_offset(Gen *g, LLVMValueRef address, uint64_t nbytes);
/* Composite values in memory: leaf k at 8 * k (Slot in runtime/abi.h). */
void gen_load_slots(Gen *g, const Type *t, LLVMValueRef address, LLVMValueRef *leaves);
void gen_store_slots(Gen *g, const Type *t, const LLVMValueRef *leaves, LLVMValueRef address);
/* Calls `visit` for every MemoryBlock* in a value; owners below an Optional are null where it is None. */
void gen_each_owner(FuncGen *fg, const Type *t, const LLVMValueRef *leaves,
                    void (*visit)(FuncGen *fg, LLVMValueRef owner));

/* ---- natives.c: what compiled code calls ------------------------------------------------------------------------ */

/* The declaration of a row of natives.def; `result` selects the type of an overloaded intrinsic. */
NativeDecl gen_native(Gen *g, Native native, LLVMTypeRef result);
NativeDecl gen_native_as(Gen *g, Native native, const char *symbol); /* the same, served by another function */
NativeDecl gen_extern(Gen *g, const char *symbol, const char *signature); /* letters as in natives.def */
LLVMValueRef gen_call(Gen *g, NativeDecl d, uint32_t nargs, LLVMValueRef *args);
NativeDecl gen_intrinsic(Gen *g, const char *name, uint32_t ntypes, LLVMTypeRef *types);
void gen_fn_attribute(Gen *g, LLVMValueRef fn, const char *name, uint64_t value);
void gen_param_attribute(Gen *g, LLVMValueRef fn, uint32_t param, const char *name, uint64_t value);

/* ---- vecmath.c ------------------------------------------------------------------------------------------------------ */

/* What serves calls of libm for any number of lanes with the same bits; NULL: nothing but libm does. */
const char *gen_kernel(Gen *g, Native native);
/* What serves one number; approximate: not the kernel. */
NativeDecl gen_function_of(Gen *g, Native native, bool approximate, LLVMTypeRef result);
/* Lets such a call be vectorised; false if there is nothing for vectors. */
bool gen_vector_variants(Gen *g, Native native, bool approximate, LLVMValueRef call);
LLVMValueRef gen_call_on_vectors(Gen *g, Native native, bool approximate, uint32_t nargs, const LLVMValueRef *arg,
                                 LLVMTypeRef type);
void gen_finish_vector_functions(Gen *g);                          /* once, when all functions are there */
bool gen_has_registers(const Gen *g, char letter);                 /* entry.c: of the vector ABI */
bool gen_libmvec_has(const char *name);                            /* entry.c */

/* ---- ops.c: one instruction ------------------------------------------------------------------------------------------ */

bool gen_inst(FuncGen *fg, ValueId v);  /* false: an internal error was reported */
void gen_error(FuncGen *fg, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* ---- control.c: terminators, calls, reference counts ------------------------------------------------------------------ */

typedef void (*EmitOp)(FuncGen *fg, const Inst *in, LLVMValueRef *out);
void gen_emit_br(FuncGen *fg, const Inst *in, LLVMValueRef *out);
void gen_emit_condbr(FuncGen *fg, const Inst *in, LLVMValueRef *out);
void gen_emit_ret(FuncGen *fg, const Inst *in, LLVMValueRef *out);
void gen_emit_unreachable(FuncGen *fg, const Inst *in, LLVMValueRef *out);
void gen_emit_invoke(FuncGen *fg, const Inst *in, LLVMValueRef *out);
void gen_emit_incref(FuncGen *fg, const Inst *in, LLVMValueRef *out);
void gen_emit_decref(FuncGen *fg, const Inst *in, LLVMValueRef *out);
void gen_emit_poll(FuncGen *fg, const Inst *in, LLVMValueRef *out);
void gen_stack_check(FuncGen *fg);      /* at the start of a recursive function */

/* ---- raising.c ------------------------------------------------------------------------------------------------------- */

LLVMValueRef gen_context_at(FuncGen *fg, size_t offset); /* address of a field */
void gen_emit_raise_new(FuncGen *fg, const Inst *in, LLVMValueRef *out);
void gen_emit_raise_again(FuncGen *fg, const Inst *in, LLVMValueRef *out);
void gen_emit_pass_frame(FuncGen *fg, const Inst *in, LLVMValueRef *out);
void gen_emit_status_match(FuncGen *fg, const Inst *in, LLVMValueRef *out);
void gen_emit_drop_error(FuncGen *fg, const Inst *in, LLVMValueRef *out);

/* ---- outline.c: cold loops ------------------------------------------------------------------------------------------ */

void gen_find_regions(FuncGen *fg);
void gen_call_region(FuncGen *fg, Region *r);
void gen_open_region(FuncGen *fg, const FuncGen *outer, Region *r);
void gen_close_region(FuncGen *fg);
void gen_region_returns(FuncGen *fg);
/* Where a branch goes, and where a phi's operand comes from: regions are entered and left by other blocks. */
LLVMBasicBlockRef gen_target(FuncGen *fg, BlockId from, BlockId to);
LLVMBasicBlockRef gen_incoming(FuncGen *fg, BlockId from, BlockId to, uint32_t nth, LLVMValueRef **leaves);

/* ---- debug.c --------------------------------------------------------------------------------------------------------- */

void gen_debug_open(Gen *g);
void gen_debug_close(Gen *g);
void gen_debug_function(FuncGen *fg);            /* at the beginning of a function */
void gen_debug_at(FuncGen *fg, uint32_t span);   /* before an instruction */

/* ---- foreign.c: calls by C's convention and of other units ---------------------------------------------------- */

void gen_emit_call_c(FuncGen *fg, const Inst *in, LLVMValueRef *out);
void gen_emit_call_native(FuncGen *fg, const Inst *in, LLVMValueRef *out);
/* How C passes a value of a type (type_has_c_convention): as one register or two. */
uint32_t gen_c_types(Gen *g, const Type *t, LLVMTypeRef out[2]);
LLVMTypeRef gen_c_result(Gen *g, const Type *t);
void gen_c_pack(Gen *g, const Type *t, const LLVMValueRef *leaves, LLVMValueRef *out);   /* leaves to registers */
void gen_c_unpack(Gen *g, const Type *t, const LLVMValueRef *in, LLVMValueRef *leaves);
LLVMValueRef gen_c_join(Gen *g, const Type *t, LLVMValueRef *registers);                 /* to a result, and back */
void gen_c_split(Gen *g, const Type *t, LLVMValueRef result, LLVMValueRef *registers);
const char *gen_c_extension(const Type *t);                                              /* "signext", ..., or NULL */

/* ---- link.c: code that extensions have built --------------------------------------------------------------------- */

bool gen_link_foreign(Gen *g); /* last: declarations are replaced */

/* ---- exports.c: what C and other units call ----------------------------------------------------------------------- */

void gen_exports(Gen *g, const Func *f);

/* ---- imports.c: library functions that are other units -------------------------------------------------------------- */

LLVMValueRef gen_declare_import(Gen *g, const Func *f, LLVMTypeRef type);
/* Behind a call of an import: its status, as a status of this unit. */
LLVMValueRef gen_import_status(FuncGen *fg, const Func *callee, LLVMValueRef status);

/* ---- function.c, entry.c ------------------------------------------------------------------------------------------------- */

bool gen_function(Gen *g, Func *f);
LLVMValueRef gen_alloca(Gen *g, LLVMBasicBlockRef entry, uint64_t nbytes);
LLVMBasicBlockRef gen_append(Gen *g, LLVMValueRef fn, const char *name);
LLVMValueRef gen_branch_unlikely(Gen *g, LLVMValueRef cond, LLVMBasicBlockRef unlikely, LLVMBasicBlockRef likely);
bool gen_entry(Gen *g, Func *f);
/* Fills the context of a call that begins: `spec` runs, `args` are its Python objects or null. */
void gen_init_context(Gen *g, LLVMValueRef context, LLVMValueRef spec, LLVMValueRef args);

static inline LLVMValueRef gen_i32(Gen *g, int32_t v) { return LLVMConstInt(g->i32, (uint64_t)(int64_t)v, true); }
static inline LLVMValueRef gen_i64(Gen *g, int64_t v) { return LLVMConstInt(g->i64, (uint64_t)v, true); }
static inline const Type *gen_type(const FuncGen *fg, ValueId v) { return fg->f->inst.at[v].type; }
static inline LLVMValueRef gen_leaf(const FuncGen *fg, ValueId v) { return fg->leaf[v][0]; }
static inline uint32_t gen_nleaves(const Type *t) { return t ? t->nleaves : 0; }

#endif
