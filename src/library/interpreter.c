/* interpreter.c - rung 4: a call that the interpreter does.
 *
 * infer/ decides that a call goes this way and what type its result has; finalise packs all operands, keywords last,
 * into one tuple and leaves the callable and the keywords' names in the call's CallInfo.  Here the tuple goes to
 * memory and naja_bridge_call (boundary/bridge.c) does the rest.  What it must know (callable, types) is a row of the
 * unit's sites, which is kept with the code.
 */
#include "library/lower.h"

/* Nobody asks: infer/ picks the row itself. */
static const Type *type_bridge(Call *c) { return call_decline(c); }

static ValueId slots(Lower *l, const Type *t) {
    return lower_alloca(l, (t->nleaves ? t->nleaves : 1) * sizeof(uint64_t));
}

/* `kind`: "bridge", or "objmode" for a block; `text`: names of keywords, or which block. */
static ValueId call_python(Lower *l, const char *kind, Handle callable, const char *text, ValueId tuple,
                           const Type *args_type, const Type *result_type) {
    const Type **type = arena_array(&l->unit->arena, const Type *, 2);
    type[0] = args_type;
    type[1] = result_type;
    RaiseSite site = {.cls = callable,
                      .builtin = kind,
                      .message = text,
                      .func = (l->frame ? l->frame : l->b.f)->index,
                      .span = l->b.span,
                      .nargs = 2,
                      .arg = type};
    ValueId number = lower_i64(l, unit_add_site(l->unit, site));
    ValueId context = ir_append(&l->b, OP_context, type_ptr, 0, NULL);
    ValueId args = slots(l, type[0]), result = slots(l, type[1]);
    if (type[0]->nleaves) lower_store_slots(l, args, tuple, type[0]);
    ValueId status = ir_native(&l->b, NATIVE_bridge_call, type_i32, 4,
                               (ValueId[]){context, number, args, result});
    if (l->unit->options.parallel)
        l->unit->options.nogil = true; /* a worker waits for the GIL: nobody may keep it */
    lower_check_status(l, status);
    return lower_load_slots(l, result, type[1]);
}

ValueId lower_bridge_call(Lower *l, Handle callable, const char *keywords, ValueId tuple,
                          const Type *args_type, const Type *result_type) {
    return call_python(l, "bridge", callable, keywords, tuple, args_type, result_type);
}

static ValueId emit_foreign(Lower *l, Call *c, Handle foreign) {
    uint32_t n = c->type[0]->nelem;
    ValueId *arg = arena_array(&l->unit->arena, ValueId, n + 1);
    for (uint32_t i = 0; i < n; i++)
        arg[i] = lower_cast(l, ir_field(&l->b, c->value[0], i), c->type[0]->elem[i],
                            library_foreign_arg(foreign, i));
    return lower_foreign(l, foreign, c->site->callee, arg);
}

static ValueId emit_bridge(Lower *l, Call *c) {
    const CallInfo *info = c->site->imm.call;
    if (library_is_foreign(info->bridge)) return emit_foreign(l, c, info->bridge);
    return call_python(l, info->is_region ? "objmode" : "bridge", info->bridge, info->bridge_keywords,
                       c->value[0], c->type[0], c->result);
}

static const LibRow rows[] = {
    {LIBRARY_BRIDGE, "*args", type_bridge, emit_bridge, NULL, 4, LIB_PYTHON},
};

const LibTable library_interpreter_table = {"interpreter", rows, ARRAY_LEN(rows)};
