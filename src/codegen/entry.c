/* entry.c - what Python calls: unbox the arguments, run, box the result.
 *
 *     PyObject *naja_entry(Specialisation *spec, PyObject *const *args)
 *
 * The steps are listed in runtime/abi.h.  Floats and arrays are read straight from the objects; the offsets come
 * from naja._core through codegen_start(), since they are CPython's and NumPy's.  The code holds no address of this
 * process (PyFloat_Type is the first word of the Specialisation), so that it can be cached.
 *
 * LLVM is told not to optimise the entry: it is straight-line code as it comes, and compiling it took as long as a
 * small loop (2 ms of 4).  Its blocks are therefore laid out here: unlikely ones go to the end.
 */
#include "codegen/gen.h"

static CodegenHost host;

void codegen_start(const CodegenHost *h) { host = *h; }

bool gen_has_registers(const Gen *g, char letter) {
    return host.has_registers && host.has_registers(letter, g->unit->options.target);
}

bool gen_libmvec_has(const char *name) { return host.libmvec_has && host.libmvec_has(name); }

typedef struct {
    Gen *g;
    const Func *f;
    LLVMValueRef fn, spec, args, context, slots, chain; /* chain: NULL without lists among the arguments */
    LLVMBasicBlockRef entry, failed;                    /* failed: return NULL */
    Vec(LLVMBasicBlockRef) cold;                        /* to be laid out last */
    LLVMValueRef *leaf;
    uint32_t nleaves;
} Entry;

static LLVMValueRef load_ptr(Gen *g, LLVMValueRef address, uint64_t offset) {
    return LLVMBuildLoad2(g->b, g->ptr, gen_offset(g, address, offset), "");
}

static LLVMValueRef load_i64(Gen *g, LLVMValueRef address, uint64_t offset) {
    return LLVMBuildLoad2(g->b, g->i64, gen_offset(g, address, offset), "");
}

static LLVMBasicBlockRef append_cold(Entry *e, const char *name) {
    LLVMBasicBlockRef block = gen_append(e->g, e->fn, name);
    vec_push(e->g->arena, &e->cold, block);
    return block;
}

static void move_cold_blocks(Entry *e) {
    for (uint32_t i = 0; i < e->cold.n; i++)
        LLVMMoveBasicBlockAfter(e->cold.at[i], LLVMGetLastBasicBlock(e->fn));
}

static void store_context(Gen *g, LLVMValueRef context, LLVMValueRef value, size_t offset) {
    LLVMBuildStore(g->b, value, gen_offset(g, context, offset));
}

/* Payload, site and frames are written before they are read; only the rest needs a value. */
void gen_init_context(Gen *g, LLVMValueRef context, LLVMValueRef spec, LLVMValueRef args) {
    LLVMValueRef zero = gen_i32(g, 0), null = LLVMConstNull(g->ptr), limit = null;
    for (uint32_t i = 0; i < g->unit->funcs.n; i++)
        if (g->func[i].recursive) {
            limit = gen_call(g, gen_extern(g, "naja_stack_limit", "p:"), 0, NULL);
            break;
        }
    store_context(g, context, zero, offsetof(Context, nframes));
    store_context(g, context, limit, offsetof(Context, stack_limit));
    store_context(g, context, spec, offsetof(Context, spec));
    store_context(g, context, args, offsetof(Context, args));
    store_context(g, context, null, offsetof(Context, saved_thread));
    store_context(g, context, null, offsetof(Context, parent));
    store_context(g, context, null, offsetof(Context, cancel));
    store_context(g, context, zero, offsetof(Context, thread));
    store_context(g, context, zero, offsetof(Context, python_error));
    store_context(g, context, null, offsetof(Context, cause));
    store_context(g, context, null, offsetof(Context, memory));
}

static void init_context(Entry *e) {
    e->context = gen_alloca(e->g, e->entry, sizeof(Context));
    gen_init_context(e->g, e->context, e->spec, e->args);
}

/* ---- lists among the arguments ------------------------------------------------------------------------------------- */

static bool has_list(const Type *t) {
    /* unboxing makes objects that must outlive the call */
    if (t->kind == TYPE_USER || t->kind == TYPE_PYOBJECT) return true;
    if (type_is_table(t)) return t->flags & (TYPE_TABLE_REFLECTED | TYPE_TABLE_FROZEN);
    if (t->kind == TYPE_LIST) return !(t->flags & TYPE_LIST_TYPED);
    for (uint32_t i = 0; i < t->nelem && t->nleaves; i++)
        if (has_list(t->elem[i])) return true;
    return false;
}

static void begin_chain(Entry *e) {
    Gen *g = e->g;
    bool any = false;
    for (uint32_t i = 0; i < e->f->params.n; i++) any |= has_list(value_type(e->f, e->f->params.at[i]));
    if (!any) return;
    e->chain = gen_alloca(g, e->entry, sizeof(ReflectChain));
    gen_call(g, gen_extern(g, "naja_reflect_begin", "v:p"), 1, &e->chain);
}

static LLVMValueRef end_chain(Entry *e, LLVMValueRef result) {
    LLVMValueRef arg[2] = {e->chain, result};
    return e->chain ? gen_call(e->g, gen_extern(e->g, "naja_reflect_end", "p:pp"), 2, arg) : result;
}

/* ---- unboxing ---------------------------------------------------------------------------------------------------- */

typedef void (*Unbox)(Entry *e, uint32_t i, LLVMValueRef object, const Type *t, LLVMValueRef *leaf);
static Unbox unbox_of(const Type *t);

/* Any type: the boundary fills slots. */
static void unbox_any(Entry *e, uint32_t i, LLVMValueRef object, const Type *t, LLVMValueRef *leaf) {
    Gen *g = e->g;
    LLVMValueRef arg[4] = {e->spec, gen_i32(g, (int32_t)i), object, e->slots};
    LLVMValueRef status = gen_call(g, gen_extern(g, "naja_unbox", "I:pIpp"), 4, arg);
    bool fallback = unbox_of(t) != unbox_any;
    LLVMBasicBlockRef next = fallback ? append_cold(e, "unboxed") : gen_append(g, e->fn, "unboxed");
    gen_branch_unlikely(g, LLVMBuildICmp(g->b, LLVMIntSLT, status, gen_i32(g, 0), ""), e->failed, next);
    LLVMPositionBuilderAtEnd(g->b, next);
    gen_load_slots(g, t, e->slots, leaf);
}

static void unbox_float(Entry *e, uint32_t i, LLVMValueRef object, const Type *t, LLVMValueRef *leaf) {
    Gen *g = e->g;
    LLVMBasicBlockRef exact = gen_append(g, e->fn, "float"), other = append_cold(e, "nofloat");
    LLVMBasicBlockRef done = gen_append(g, e->fn, "done");
    LLVMValueRef type = load_ptr(g, object, host.object_type), float_type = load_ptr(g, e->spec, 0);
    gen_branch_unlikely(g, LLVMBuildICmp(g->b, LLVMIntNE, type, float_type, ""), other, exact);
    LLVMPositionBuilderAtEnd(g->b, other);
    unbox_any(e, i, object, t, leaf);
    LLVMValueRef value[2] = {leaf[0], NULL};
    LLVMBasicBlockRef from[2] = {LLVMGetInsertBlock(g->b), exact};
    LLVMBuildBr(g->b, done);
    LLVMPositionBuilderAtEnd(g->b, exact);
    value[1] = LLVMBuildLoad2(g->b, g->f64, gen_offset(g, object, host.float_value), "");
    LLVMBuildBr(g->b, done);
    LLVMPositionBuilderAtEnd(g->b, done);
    leaf[0] = LLVMBuildPhi(g->b, g->f64, "");
    LLVMAddIncoming(leaf[0], value, from, 2);
}

static void unbox_int(Entry *e, uint32_t i, LLVMValueRef object, const Type *t, LLVMValueRef *leaf) {
    (void)i, (void)t;
    leaf[0] = gen_call(e->g, gen_extern(e->g, "naja_as_int64", "L:p"), 1, &object);
}

/* The dispatcher has checked that the object is an ndarray of this very type. */
static void unbox_array(Entry *e, uint32_t i, LLVMValueRef object, const Type *t, LLVMValueRef *leaf) {
    (void)i;
    Gen *g = e->g;
    leaf[gen_field_leaf(t, ARRAY_DATA)] = load_ptr(g, object, host.array_data);
    leaf[gen_field_leaf(t, ARRAY_OWNER)] = LLVMConstNull(g->ptr);
    leaf[gen_field_leaf(t, ARRAY_PARENT)] = object;
    if (!t->ndim) return;
    LLVMValueRef shape = load_ptr(g, object, host.array_dimensions);
    LLVMValueRef strides = load_ptr(g, object, host.array_strides);
    for (uint32_t axis = 0; axis < t->ndim; axis++) {
        leaf[gen_field_leaf(t, array_shape(t, axis))] = load_i64(g, shape, 8 * (uint64_t)axis);
        leaf[gen_field_leaf(t, array_stride(t, axis))] = load_i64(g, strides, 8 * (uint64_t)axis);
    }
}

static Unbox unbox_of(const Type *t) {
    switch (t->kind) {
    case TYPE_FLOAT: return t->bits == 64 ? unbox_float : unbox_any;
    case TYPE_INT: return t == type_i64 ? unbox_int : unbox_any; /* unsigned ones are checked for signs */
    case TYPE_ARRAY: return t->flags ? unbox_any : unbox_array; /* memoryviews and the like are no ndarrays */
    default: return unbox_any;
    }
}

/* The function's body is there already: what it does not use (strides of contiguous arrays, owners) is not passed, and
 * then not read either.  Half of what a call with arrays costs. */
static void drop_unused(Entry *e) {
    LLVMValueRef native = e->g->func[e->f->index].fn;
    unsigned noundef = LLVMGetEnumAttributeKindForName("noundef", 7);
    if (e->g->debug || LLVMIsDeclaration(native)) return;
    for (uint32_t k = 0; k < e->nleaves; k++) {
        LLVMValueRef param = LLVMGetParam(native, k);
        if (LLVMGetFirstUse(param)) continue;
        LLVMRemoveEnumAttributeAtIndex(native, 1 + k, noundef);
        e->leaf[k] = LLVMGetUndef(LLVMTypeOf(param));
    }
}

static void unbox_arguments(Entry *e) {
    Gen *g = e->g;
    uint32_t most = gen_nleaves(e->f->result), total = 0;
    for (uint32_t i = 0; i < e->f->params.n; i++) {
        uint32_t n = gen_nleaves(value_type(e->f, e->f->params.at[i]));
        total += n;
        if (n > most) most = n;
    }
    e->slots = gen_alloca(g, e->entry, 8 * (uint64_t)most); /* for unboxing, then for the result */
    e->leaf = arena_array(g->arena, LLVMValueRef, total + 2);
    e->leaf[0] = e->context;
    e->leaf[1] = e->slots;
    e->nleaves = 2;
    for (uint32_t i = 0; i < e->f->params.n; i++) {
        const Type *t = value_type(e->f, e->f->params.at[i]);
        if (!gen_nleaves(t)) continue;
        unbox_of(t)(e, i, load_ptr(g, e->args, sizeof(void *) * i), t, e->leaf + e->nleaves);
        e->nleaves += t->nleaves;
    }
    drop_unused(e);
}

/* ---- boxing ---------------------------------------------------------------------------------------------------------- */

static LLVMValueRef box_composite(Entry *e) {
    LLVMValueRef arg[3] = {e->spec, e->args, e->slots};
    return gen_call(e->g, gen_extern(e->g, "naja_box", "p:ppp"), 3, arg);
}

static LLVMValueRef box_int(Entry *e, const Type *t) {
    Gen *g = e->g;
    LLVMValueRef v = gen_load(g, t, e->slots);
    v = t->is_signed ? LLVMBuildSExt(g->b, v, g->i64, "") : LLVMBuildZExt(g->b, v, g->i64, "");
    return gen_call(
        g, gen_extern(g, t->is_signed ? "PyLong_FromLongLong" : "PyLong_FromUnsignedLongLong", "p:L"), 1, &v);
}

static LLVMValueRef box_float(Entry *e, const Type *t) {
    Gen *g = e->g;
    LLVMValueRef v = gen_load(g, t, e->slots);
    if (t->bits != 64) v = LLVMBuildFPExt(g->b, v, g->f64, "");
    return gen_call(g, gen_extern(g, "PyFloat_FromDouble", "p:d"), 1, &v);
}

static LLVMValueRef box_bool(Entry *e, const Type *t) {
    Gen *g = e->g;
    LLVMValueRef v = LLVMBuildZExt(g->b, gen_load(g, t, e->slots), g->i64, "");
    return gen_call(g, gen_extern(g, "PyBool_FromLong", "p:L"), 1, &v);
}

static LLVMValueRef box_result(Entry *e) {
    const Type *t = e->f->result;
    switch (t ? t->kind : TYPE_NONE) {
    case TYPE_FLOAT: return box_float(e, t);
    case TYPE_INT: return box_int(e, t);
    case TYPE_BOOL: return box_bool(e, t);
    case TYPE_NONE: return gen_call(e->g, gen_extern(e->g, "naja_box_none", "p:"), 0, NULL);
    default: return box_composite(e);
    }
}

/* ---- the whole --------------------------------------------------------------------------------------------------------- */

/* Loops that poll need someone who sets the word, and a released GIL must be taken again. */
static bool needs_bracket(const Gen *g) {
    if (g->unit->options.nogil) return true;
    for (uint32_t i = 0; i < g->unit->funcs.n; i++)
        if (g->func[i].used && g->unit->funcs.at[i]->has_polls) return true;
    return false;
}

static LLVMValueRef call_native(Entry *e) {
    Gen *g = e->g;
    NativeDecl native = {g->func[e->f->index].fn, g->func[e->f->index].type};
    bool bracket = needs_bracket(g);
    if (bracket) gen_call(g, gen_extern(g, "naja_enter", "v:p"), 1, &e->context);
    LLVMValueRef status = gen_call(g, native, e->nleaves, e->leaf);
    if (bracket) gen_call(g, gen_extern(g, "naja_leave", "v:p"), 1, &e->context);
    return status;
}

static void finish(Entry *e, LLVMValueRef status) {
    Gen *g = e->g;
    LLVMBasicBlockRef raised = append_cold(e, "raised"), fine = gen_append(g, e->fn, "fine");
    gen_branch_unlikely(g, LLVMBuildICmp(g->b, LLVMIntNE, status, gen_i32(g, 0), ""), raised, fine);
    LLVMPositionBuilderAtEnd(g->b, raised);
    LLVMValueRef arg[4] = {e->spec, e->args, e->context, status};
    LLVMBuildRet(g->b, end_chain(e, gen_call(g, gen_extern(g, "naja_fail", "p:pppI"), 4, arg)));
    LLVMPositionBuilderAtEnd(g->b, fine);
    LLVMBuildRet(g->b, end_chain(e, box_result(e)));
}

bool gen_entry(Gen *g, Func *f) {
    LLVMTypeRef param[2] = {g->ptr, g->ptr};
    Entry e = {.g = g, .f = f};
    e.fn = LLVMAddFunction(g->module, CODEGEN_ENTRY, LLVMFunctionType(g->ptr, param, 2, false));
    gen_fn_attribute(g, e.fn, "nounwind", 0);
    gen_fn_attribute(g, e.fn, "noinline", 0);
    gen_fn_attribute(g, e.fn, "optnone", 0);
    e.spec = LLVMGetParam(e.fn, 0);
    e.args = LLVMGetParam(e.fn, 1);
    e.entry = gen_append(g, e.fn, "");
    e.failed = append_cold(&e, "failed");
    LLVMPositionBuilderAtEnd(g->b, e.entry);
    init_context(&e);
    begin_chain(&e);
    LLVMBasicBlockRef body = LLVMGetInsertBlock(g->b);
    LLVMPositionBuilderAtEnd(g->b, e.failed);
    LLVMBuildRet(g->b, end_chain(&e, LLVMConstNull(g->ptr)));
    LLVMPositionBuilderAtEnd(g->b, body);
    unbox_arguments(&e);
    finish(&e, call_native(&e));
    move_cold_blocks(&e);
    if (!LLVMGetFirstUse(LLVMBasicBlockAsValue(e.failed))) LLVMDeleteBasicBlock(e.failed);
    return true;
}
