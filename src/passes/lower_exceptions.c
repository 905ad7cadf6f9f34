/* lower_exceptions.c - lowering of what a program says about exceptions: raise, what a handler caught, and whether it is
 * of a class.
 *
 * The operands of a raise are on its cleanup list like anything else that dies there.
 *
 * Compiled code names a class by the number of a raise site that has it: boundary/ knows the object.  The rest is
 * runtime/caught.c.
 */
#include "passes/lower.h"

#include "runtime/abi.h"

static ValueId context_of(Lower *l) { return ir_append(&l->b, OP_context, type_ptr, 0, NULL); }

/* ---- catching -------------------------------------------------------------------------------------------- */

ValueId lower_caught_op(Lowering *s, const Inst *i) {
    (void)i;
    Lower *l = workbench(s);
    ValueId context = context_of(l), at = ir_const_int(&l->b, type_i64, offsetof(Context, status));
    ValueId status = ir_load(&l->b, type_i32, ir_ptr_add(&l->b, context, at));
    return ir_native(&l->b, NATIVE_catch, type_caught, 2, (ValueId[]){context, status});
}

/* The class, or any of a tuple of classes. */
static ValueId matches(Lower *l, ValueId caught, const Type *cls) {
    if (cls->kind != TYPE_TUPLE) {
        ValueId site = ir_const_int(&l->b, type_i32, lower_class_site(l, cls->handle));
        return ir_native(&l->b, NATIVE_caught_matches, type_bool, 3,
                         (ValueId[]){caught, site, context_of(l)});
    }
    ValueId any = ir_const_bool(&l->b, false);
    for (uint32_t k = 0; k < cls->nelem; k++)
        any = ir_binop(&l->b, OP_ior, any, matches(l, caught, cls->elem[k]));
    return any;
}

ValueId lower_exc_match_op(Lowering *s, const Inst *i) {
    return matches(workbench(s), lowered(s, i->arg[0]), typed_type(s, i->arg[1]));
}

/* ---- raising --------------------------------------------------------------------------------------------- */

/* The exception's fields are the payload; false when they do not fit. */
static bool site_of(Lowering *s, const Inst *i, ValueId exception, RaiseSite *site, ValueId *payload,
                    uint32_t *npayload) {
    Lower *l = workbench(s);
    const Type *t = typed_type(s, exception);
    *npayload = 0;
    if (t->nleaves > CONTEXT_PAYLOAD) {
        func_error((Func *)s->typed, i->span, DIAG_BAD_RAISE, "the exception has too many arguments");
        return false;
    }
    for (uint32_t k = 0; k < t->nelem; k++)
        if (t->elem[k]->nleaves) payload[(*npayload)++] = ir_field(&l->b, lowered(s, exception), k);
    if (type_is_managed(t)) ir_emit(&l->b, OP_incref, NULL, lowered(s, exception)); /* the context's */
    *site = (RaiseSite){.cls = t->handle, .nargs = t->nelem, .arg = (const Type **)t->elem};
    return true;
}

/* A cause becomes what a handler would have caught of it; the reference is the context's. */
static bool set_cause(Lowering *s, const Inst *i) {
    Lower *l = workbench(s);
    ValueId cause = i->arg[1], none = ir_const_int(&l->b, type_ptr, 0), block;
    const Type *t = typed_type(s, cause);
    RaiseSite site;
    uint32_t n;
    if (t->kind == TYPE_NONE) {
        ir_native(&l->b, NATIVE_set_cause, NULL, 2, (ValueId[]){context_of(l), none});
        return true;
    }
    if (t->kind == TYPE_CAUGHT) {
        block = lowered(s, cause);
        ir_native(&l->b, NATIVE_set_cause, NULL, 2, (ValueId[]){context_of(l), block});
        return true;
    }
    ValueId *payload = arena_array(&l->unit->arena, ValueId, t->nelem);
    if (!site_of(s, i, cause, &site, payload, &n)) return false;
    ValueId status = lower_record_error(l, site, n, payload);
    block = ir_native(&l->b, NATIVE_catch, type_caught, 2, (ValueId[]){context_of(l), status});
    ir_native(&l->b, NATIVE_set_cause, NULL, 2, (ValueId[]){context_of(l), block});
    ir_emit(&l->b, OP_decref, NULL, block);
    return true;
}

static void raise_caught(Lowering *s, const Inst *i) {
    Lower *l = workbench(s);
    ValueId caught = lowered(s, i->arg[0]);
    ValueId status = ir_native(&l->b, NATIVE_reraise, type_i32, 2, (ValueId[]){context_of(l), caught});
    if (i->nargs > 1) set_cause(s, i);
    l->quiet = i->sub;
    lower_raise_again(l, status);
    l->quiet = false;
}

static void raise_new(Lowering *s, const Inst *i) {
    Lower *l = workbench(s);
    RaiseSite site;
    uint32_t n;
    ValueId *payload = arena_array(&l->unit->arena, ValueId, typed_type(s, i->arg[0])->nelem);
    bool ok = site_of(s, i, i->arg[0], &site, payload, &n) && (i->nargs < 2 || set_cause(s, i));
    if (ok) lower_raise_site(l, site, n, payload);
    else ir_append(&l->b, OP_unreachable, NULL, 0, NULL);
}

ValueId lower_raise_op(Lowering *s, const Inst *i) {
    if (typed_type(s, i->arg[0])->kind == TYPE_CAUGHT) raise_caught(s, i);
    else raise_new(s, i);
    return NO_VALUE;
}
