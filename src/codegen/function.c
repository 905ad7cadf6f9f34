/* function.c - one function: its declaration, blocks, phis and instructions.
 *
 * Blocks are emitted in reverse postorder, so that every operand except those of phis is there before its use;
 * phis are filled in at the end.  A block of the IR may become several of LLVM's (reference counts branch):
 * `first` is where it is entered, `last` where its terminator stands, which is what a phi names.  LLVM's entry
 * block must have no predecessors and holds the allocas; the IR's entry block follows it.
 */
#include "codegen/gen.h"

LLVMBasicBlockRef gen_append(Gen *g, LLVMValueRef fn, const char *name) {
    return LLVMAppendBasicBlockInContext(g->context, fn, name);
}

LLVMValueRef gen_alloca(Gen *g, LLVMBasicBlockRef entry, uint64_t nbytes) {
    LLVMBasicBlockRef here = LLVMGetInsertBlock(g->b);
    LLVMValueRef first = LLVMGetFirstInstruction(entry);
    if (first) LLVMPositionBuilderBefore(g->b, first);
    else LLVMPositionBuilderAtEnd(g->b, entry);
    LLVMValueRef v = LLVMBuildAlloca(g->b, LLVMArrayType2(g->i8, nbytes ? nbytes : 1), "");
    LLVMSetAlignment(v, 16);
    LLVMPositionBuilderAtEnd(g->b, here);
    return v;
}

/* ---- declarations ------------------------------------------------------------------------------------------------ */

static LLVMTypeRef function_type(Gen *g, const Func *f) {
    uint32_t n = 2;
    for (uint32_t i = 0; i < f->params.n; i++) n += gen_nleaves(value_type(f, f->params.at[i]));
    LLVMTypeRef *param = arena_array(g->arena, LLVMTypeRef, n);
    param[0] = param[1] = g->ptr;
    uint32_t at = 2;
    for (uint32_t i = 0; i < f->params.n; i++)
        at += gen_leaf_types(g, value_type(f, f->params.at[i]), param + at);
    return LLVMFunctionType(g->i32, param, n, false);
}

/* Lengths of arrays are not negative: checks of an index against both ends become one, or none behind the program's own. */
static void array_attributes(Gen *g, LLVMValueRef fn, const Type *t, uint32_t first) {
    const uint64_t low = 0, high = UINT64_C(1) << 63;
    unsigned range = LLVMGetEnumAttributeKindForName("range", 5);
    LLVMAttributeRef nonnegative = LLVMCreateConstantRangeAttribute(g->context, range, 64, &low, &high);
    for (uint32_t axis = 0; axis < t->ndim; axis++) {
        uint32_t param = first + gen_field_leaf(t, array_shape(t, axis));
        LLVMAddAttributeAtIndex(fn, 1 + param, nonnegative);
        gen_param_attribute(g, fn, param, "noundef", 0);
    }
}

/* The context and the result slots are reachable through no other argument. */
static void function_attributes(Gen *g, LLVMValueRef fn, const Func *f) {
    gen_fn_attribute(g, fn, "nounwind", 0);
    gen_param_attribute(g, fn, 0, "noalias", 0);
    gen_param_attribute(g, fn, 0, "nonnull", 0);
    gen_param_attribute(g, fn, 0, "dereferenceable", sizeof(Context));
    gen_param_attribute(g, fn, 1, "noalias", 0);
    if (gen_nleaves(f->result))
        gen_param_attribute(g, fn, 1, "dereferenceable", 8 * (uint64_t)f->result->nleaves);
    for (uint32_t i = 0, at = 2; i < f->params.n; i++) {
        const Type *t = value_type(f, f->params.at[i]);
        if (t->kind == TYPE_ARRAY) array_attributes(g, fn, t, at);
        at += gen_nleaves(t);
    }
    if (f->noinline_) {
        gen_fn_attribute(g, fn, "noinline", 0);
        gen_fn_attribute(g, fn, "cold", 0);
    }
}

static void declare(Gen *g, const Func *f) {
    FuncDecl *d = &g->func[f->index];
    bool is_entry = f->index == 0;
    d->type = function_type(g, f);
    if (f->import) d->fn = gen_declare_import(g, f, d->type);
    else d->fn = LLVMAddFunction(g->module, is_entry ? CODEGEN_NATIVE : f->symbol, d->type);
    if (!is_entry && !f->foreign && !f->import) LLVMSetLinkage(d->fn, LLVMInternalLinkage);
    function_attributes(g, d->fn, f);
}

/* ---- the call graph ---------------------------------------------------------------------------------------------- */

/* Depth first from the entry function; a call to a function on the stack closes a cycle, and every function on the
 * stack from there on is recursive. */
static void visit_calls(Gen *g, Func *f, Func **stack, uint32_t depth) {
    FuncDecl *d = g->func;
    d[f->index].used = true;
    if (f->import) return;
    stack[depth++] = f;
    for (ValueId v = 0; v < f->inst.n; v++) {
        const Inst *in = inst_at(f, v);
        if (op_info[in->op].imm != IMM_FUNC || in->block == NO_BLOCK || !in->imm.func) continue;
        Func *callee = in->imm.func;
        bool on_stack = false;
        for (uint32_t i = 0; i < depth; i++) {
            on_stack |= stack[i] == callee;
            if (on_stack) d[stack[i]->index].recursive = true;
        }
        if (!on_stack && !d[callee->index].used) visit_calls(g, callee, stack, depth);
    }
}

/* ---- bodies -------------------------------------------------------------------------------------------------------- */

static void analyse(FuncGen *fg) {
    Gen *g = fg->g;
    Func *f = fg->f;
    fg->order = arena_array(g->arena, BlockId, f->block.n);
    fg->position = arena_array(g->arena, uint32_t, f->block.n);
    fg->norder = ir_reverse_postorder(f, fg->order);
    for (uint32_t i = 0; i < fg->norder; i++) fg->position[fg->order[i]] = i;
    gen_find_regions(fg);
}

static void alloc_maps(FuncGen *fg) {
    fg->first = arena_array(fg->g->arena, LLVMBasicBlockRef, fg->f->block.n);
    fg->last = arena_array(fg->g->arena, LLVMBasicBlockRef, fg->f->block.n);
    fg->leaf = arena_array(fg->g->arena, LLVMValueRef *, fg->f->inst.n);
}

/* Tells whether a block belongs to the function that is being emitted. */
static bool is_here(const FuncGen *fg, BlockId b) {
    uint32_t region = fg->region_of[b];
    return fg->region ? region && &fg->regions.at[region - 1] == fg->region : !region;
}

static void open_blocks(FuncGen *fg) {
    for (uint32_t i = 0; i < fg->norder; i++)
        if (is_here(fg, fg->order[i])) fg->first[fg->order[i]] = gen_append(fg->g, fg->fn, "");
    for (uint32_t i = 0; i < fg->regions.n && !fg->region; i++)
        fg->first[fg->regions.at[i].header] = gen_append(fg->g, fg->fn, "outlined");
}

static void open_phi(FuncGen *fg, ValueId v) {
    const Inst *in = inst_at(fg->f, v);
    LLVMTypeRef types[1];
    fg->leaf[v] = arena_array(fg->g->arena, LLVMValueRef, gen_nleaves(in->type) + 1);
    for (uint32_t k = 0; k < gen_nleaves(in->type); k++) {
        gen_leaf_types(fg->g, gen_leaf_scalar(in->type, k), types);
        fg->leaf[v][k] = LLVMBuildPhi(fg->g->b, types[0], "");
    }
}

static void close_phi(FuncGen *fg, ValueId v, uint32_t nth) {
    const Inst *in = inst_at(fg->f, v);
    const Block *b = block_at(fg->f, in->block);
    fg->current = v;
    for (uint32_t i = 0; i < in->nargs; i++) {
        LLVMValueRef *operand = fg->leaf[in->arg[i]];
        LLVMBasicBlockRef from = gen_incoming(fg, b->pred.at[i], in->block, nth, &operand);
        if (!from) continue; /* an unreachable predecessor */
        if (!operand || gen_nleaves(gen_type(fg, in->arg[i])) != gen_nleaves(in->type)) {
            gen_error(fg, "phi operand %u of %%%u does not fit", i, v);
            return;
        }
        for (uint32_t k = 0; k < gen_nleaves(in->type); k++)
            LLVMAddIncoming(fg->leaf[v][k], &operand[k], &from, 1);
    }
}

static bool emit_block(FuncGen *fg, BlockId id) {
    const Block *b = block_at(fg->f, id);
    LLVMPositionBuilderAtEnd(fg->g->b, fg->first[id]);
    for (uint32_t i = 0; i < b->inst.n; i++) {
        ValueId v = b->inst.at[i];
        if (inst_at(fg->f, v)->op == OP_phi) open_phi(fg, v);
        else if (!gen_inst(fg, v)) return false;
    }
    fg->last[id] = LLVMGetInsertBlock(fg->g->b);
    return true;
}

static bool emit_blocks(FuncGen *fg) {
    Func *f = fg->f;
    for (uint32_t i = 0; i < fg->norder; i++) {
        uint32_t region = fg->region_of[fg->order[i]];
        if (is_here(fg, fg->order[i])) {
            if (!emit_block(fg, fg->order[i])) return false;
        } else if (!fg->region && fg->regions.at[region - 1].header == fg->order[i]) {
            gen_call_region(fg, &fg->regions.at[region - 1]);
        }
    }
    for (uint32_t i = 0; i < fg->norder; i++) {
        const Block *b = block_at(f, fg->order[i]);
        if (!is_here(fg, fg->order[i])) continue;
        for (uint32_t k = 0; k < b->inst.n && inst_at(f, b->inst.at[k])->op == OP_phi; k++)
            close_phi(fg, b->inst.at[k], k);
    }
    return !fg->g->failed;
}

static bool emit_region(const FuncGen *outer, Region *r) {
    FuncGen fg = *outer;
    fg.scope = NULL;
    gen_debug_at(&fg, 0);
    alloc_maps(&fg);
    gen_open_region(&fg, outer, r);
    open_blocks(&fg);
    if (!emit_blocks(&fg)) return false;
    gen_close_region(&fg);
    LLVMPositionBuilderAtEnd(fg.g->b, fg.entry);
    LLVMBuildBr(fg.g->b, fg.first[r->header]);
    return true;
}

/* Parameters first: they stand in the entry block, but any block may name them. */
static bool emit_body(FuncGen *fg) {
    Func *f = fg->f;
    LLVMPositionBuilderAtEnd(fg->g->b, fg->entry);
    for (uint32_t i = 0; i < f->params.n; i++)
        if (!gen_inst(fg, f->params.at[i])) return false;
    if (!emit_blocks(fg)) return false;
    LLVMPositionBuilderAtEnd(fg->g->b, fg->entry);
    if (fg->g->func[f->index].recursive) gen_stack_check(fg);
    fg->g->repeats |= fg->g->func[f->index].recursive;
    LLVMBuildBr(fg->g->b, fg->first[ENTRY_BLOCK]);
    for (uint32_t i = 0; i < fg->regions.n; i++)
        if (!emit_region(fg, &fg->regions.at[i])) return false;
    return true;
}

bool gen_function(Gen *g, Func *f) {
    FuncGen fg = {.g = g, .f = f, .fn = g->func[f->index].fn, .current = UINT32_MAX};
    if (f->state != FUNC_LOWERED) {
        gen_error(&fg, "the function is not lowered");
        return false;
    }
    gen_debug_function(&fg);
    fg.context = LLVMGetParam(fg.fn, 0);
    fg.result = LLVMGetParam(fg.fn, 1);
    fg.entry = gen_append(g, fg.fn, "");
    analyse(&fg);
    alloc_maps(&fg);
    open_blocks(&fg);
    return emit_body(&fg);
}

/* ---- the module -------------------------------------------------------------------------------------------------------- */

static void gen_init(Gen *g) {
    LLVMContextRef c = g->context;
    g->i1 = LLVMInt1TypeInContext(c);
    g->i8 = LLVMInt8TypeInContext(c);
    g->i32 = LLVMInt32TypeInContext(c);
    g->i64 = LLVMInt64TypeInContext(c);
    g->f64 = LLVMDoubleTypeInContext(c);
    g->ptr = LLVMPointerTypeInContext(c, 0);
    g->void_ = LLVMVoidTypeInContext(c);
    g->b = LLVMCreateBuilderInContext(c);
    g->func = arena_array(g->arena, FuncDecl, g->unit->funcs.n);
}

static bool has_body(const Gen *g, const Func *f) {
    return g->func[f->index].used && !f->foreign && !f->import;
}

static bool gen_functions(Gen *g) {
    Unit *u = g->unit;
    visit_calls(g, u->funcs.at[0], arena_array(g->arena, Func *, u->funcs.n + 1), 0);
    for (uint32_t i = 0; i < u->funcs.n; i++)
        if (g->func[i].used) declare(g, u->funcs.at[i]);
    for (uint32_t i = 0; i < u->funcs.n; i++)
        if (has_body(g, u->funcs.at[i]) && !gen_function(g, u->funcs.at[i])) return false;
    gen_finish_vector_functions(g);
    LLVMSetCurrentDebugLocation2(g->b, NULL);
    if (u->options.exports) gen_exports(g, u->funcs.at[0]);
    return (u->options.is_import || gen_entry(g, u->funcs.at[0])) && gen_link_foreign(g);
}

bool codegen_unit(Unit *u, LLVMContextRef context, LLVMModuleRef module, CodegenFacts *facts) {
    Gen *g = arena_new(&u->arena, Gen);
    *g = (Gen){.unit = u, .arena = &u->arena, .context = context, .module = module};
    gen_init(g);
    gen_debug_open(g);
    bool ok = gen_functions(g);
    gen_debug_close(g);
    LLVMDisposeBuilder(g->b);
    facts->repeats = g->repeats;
    facts->catches = g->catches;
    return ok;
}
