/* userufuncs.c - calls of what vectorize made: the user's function becomes a node of the elementwise expression.
 *
 * NumPy says which of the object's loops serves the operands, and so in which types the function computes
 * (bridge.c).  The function itself is compiled for these types as a callee, and every element is a call of it, which
 * LLVM inlines: `np.sum(f(a) + b)` is one loop without a temporary, whatever f is.  The rows take the object as their
 * first parameter.  What does not fit here, more than eight operands or object mode, is left to the bridge.
 */
#include "library/arrays.h"
#include "library/bridge.h"
#include "library/lower.h"

typedef struct {
    Ufunc ufunc; /* first: the public part */
    Func *function;
    const Type *result;
} UserUfunc;

static ValueId emit_function(Lower *l, const Ufunc *u, const Type *type, const ValueId *args) {
    const UserUfunc *f = (const UserUfunc *)u;
    (void)type;
    ValueId v = lower_invoke(l, f->function, u->nin, args);
    return lower_cast(l, v, f->function->result, f->result);
}

/* The compiled function behind the object: while types are inferred a callee, afterwards the one that was found then. */
static Func *function_of(Call *c, const UfuncLoopType *loop) {
    if (!c->infer) return c->site->callee;
    Handle h = object_attribute(c->type[0]->handle, "_fused_kernel");
    const Type *callable = h ? object_type(h) : NULL;
    if (!callable || callable->kind != TYPE_FUNCTION) return NULL;
    return c->infer->callee(c->infer, callable, loop->nin, loop->dtype, c->span);
}

static UserUfunc *find_ufunc(Call *c, UfuncLoopType *loop) {
    uint32_t n = c->nargs - 1;
    for (uint32_t i = 1; i <= n; i++)
        if (!c->type[i] || !element_type(c->type[i])) return NULL;
    if (!ufunc_loop_find(c, c->type[0]->handle, n, c->type + 1, loop)) return NULL;
    if (loop->nin != n || loop->nout != 1 || *loop->signature) return NULL;
    Func *function = function_of(c, loop);
    if (!function || !function->result || !type_is_scalar(type_base(function->result))) return NULL;
    UserUfunc *u = arena_new(&c->unit->arena, UserUfunc);
    *u = (UserUfunc){
        {.name = loop->name, .nin = (uint8_t)n, .nout = 1, .emit = emit_function}, function, loop->dtype[n]};
    return u;
}

static bool build_user(Call *c, MapBody *body) {
    Arena *a = &c->unit->arena;
    UfuncLoopType loop;
    UserUfunc *u = find_ufunc(c, &loop);
    if (!u) return false;
    uint16_t leaf[MAP_MAX_ARGS];
    for (uint32_t i = 0; i < loop.nin; i++) leaf[i] = map_leaf(a, body, i + 1, element_type(c->type[i + 1]));
    uint16_t node = map_node(a, body, &u->ufunc, type_tuple(loop.nin, loop.dtype), u->result, 0, 0, 0);
    memcpy(body->node[node].arg, leaf, loop.nin * sizeof *leaf);
    body->node[node].span = c->span;
    return true;
}

static const MapBuilder builder = {build_user};

static const Type *type_call(Call *c) {
    MapBody body = {0};
    if (c->type[0]->kind != TYPE_FUNCTION || !build_user(c, &body)) return call_decline(c);
    return map_result_type(c->nargs, c->type, body.node[body.n - 1].type);
}

static ValueId emit_call(Lower *l, Call *c) {
    UfuncLoopType loop;
    if (type_is_array(c->result)) return map_emit(l, c);
    UserUfunc *u = find_ufunc(c, &loop);
    ValueId arg[MAP_MAX_ARGS];
    for (uint32_t i = 0; i < loop.nin; i++)
        arg[i] = lower_cast(l, c->value[i + 1], c->type[i + 1], loop.dtype[i]);
    return emit_function(l, &u->ufunc, NULL, arg);
}

#define ROW(params) {"ufunc.user", "ufunc, " params ", /", type_call, emit_call, &builder, 1, LIB_MAP}
static const LibRow rows[] = {
    ROW("a"),
    ROW("a, b"),
    ROW("a, b, c"),
    ROW("a, b, c, d"),
    ROW("a, b, c, d, e"),
    ROW("a, b, c, d, e, f"),
    ROW("a, b, c, d, e, f, g"),
    ROW("a, b, c, d, e, f, g, h"),
};

const LibTable library_userufuncs_table = {"userufuncs", rows, ARRAY_LEN(rows)};
