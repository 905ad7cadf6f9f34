/* lower_exceptions.c - lowering of what a program says about exceptions: raise, what a handler caught, and whether it is
 * of a class.
 *
 * The operands of a raise are on its cleanup list like anything else that dies there.
 *
 * Control comes to a handler with a status.  If nothing happens to the exception there but that it is matched with
 * classes, dropped or raised again, before anything else may raise, it stays where it is, in the context, and costs
 * nothing: the release of such a value drops what is pending.  Any other is moved to a block (runtime/caught.c).
 *
 * Compiled code names a class by the number of a raise site that has it.  Whether a status is of a class, and whether
 * there is something to drop, is known when code is generated, for the sites of the unit.
 */
#include "passes/lower.h"

#include "runtime/abi.h"

static ValueId context_of(Lower *l) { return ir_append(&l->b, OP_context, type_ptr, 0, NULL); }

/* ---- catching -------------------------------------------------------------------------------------------- */

/* May `i` stand between a `caught`, v, and the end of it?  Releases may, as they may on the way to a handler. */
static bool leaves_pending(const Lowering *s, const Inst *i, ValueId v) {
    if (i->op == OP_exc_match || i->op == OP_decref || i->op == OP_br || i->op == OP_condbr) return true;
    if (i->op == OP_unary && i->sub == OPERATOR_TRUTH) return typed_type(s, i->arg[0]) == type_bool;
    bool uses = false;
    for (uint32_t k = 0; k < i->nargs; k++) uses |= i->arg[k] == v;
    return !uses && op_info[i->op].flags & OPF_PURE && i->op != OP_phi && i->op != OP_cast;
}

/* Is the rest of a block, from instruction `first` on, such that v may stay pending?  Tells whether v leaves it alive. */
static bool block_leaves_pending(const Lowering *s, BlockId b, uint32_t first, ValueId v, bool *alive) {
    const Block *block = block_at(s->typed, b);
    *alive = false;
    for (uint32_t k = first; k < block->inst.n; k++) {
        const Inst *i = typed_inst(s, block->inst.at[k]);
        if (i->op == OP_decref && i->arg[0] == v) return true;
        if (i->op == OP_raise && i->nargs == 1 && i->arg[0] == v) return true;
        if (!leaves_pending(s, i, v)) return false;
    }
    *alive = true;
    return true;
}

/* On every way from `caught` on: it is matched, and released or raised again, before anything that may touch the context.
 * A block where ways meet ends the search, since a phi may have it. */
static bool is_only_matched(const Lowering *s, ValueId v) {
    BlockId b = typed_inst(s, v)->block, next[2];
    uint32_t first = 0;
    Vec(BlockId) work = {0};
    bool alive;
    while (block_at(s->typed, b)->inst.at[first] != v) first++;
    for (first++;; first = 0) {
        if (!block_leaves_pending(s, b, first, v, &alive)) return false;
        for (uint32_t n = alive ? ir_successors(s->typed, b, next) : 0; n--;) {
            if (block_at(s->typed, next[n])->pred.n != 1) return false;
            vec_push(&s->l.unit->arena, &work, next[n]);
        }
        if (!work.n) return true;
        b = vec_pop(&work);
    }
}

bool lower_stays_pending(const Lowering *s, ValueId v) { return s->pending[v].stays; }

ValueId lower_caught_op(Lowering *s, const Inst *i) {
    Lower *l = workbench(s);
    if (i->sub) return ir_native(&l->b, NATIVE_handled, type_caught, 1, (ValueId[]){context_of(l)});
    ValueId v = (ValueId)(i - s->typed->inst.at);
    Pending *pending = &s->pending[v];
    pending->status = ir_phi(l->b.f, l->b.block, type_i32);
    pending->frame = ir_phi(l->b.f, l->b.block, type_i32);
    pending->stays = is_only_matched(s, v);
    if (pending->stays) return pending->status;
    return ir_native(&l->b, NATIVE_catch, type_caught, 3,
                     (ValueId[]){context_of(l), pending->status, pending->frame});
}

void lower_drop_caught(Lowering *s, ValueId caught) {
    ir_emit(&workbench(s)->b, OP_drop_error, NULL, s->pending[caught].status);
}

/* Is what is pending with a status, or was moved to the block, of a class, or any of a tuple of classes? */
static ValueId matches(Lower *l, uint32_t n, const ValueId *pending, const Type *cls) {
    if (cls->kind != TYPE_TUPLE) {
        ValueId match = ir_append(&l->b, OP_status_match, type_bool, n, pending);
        inst_at(l->b.f, match)->imm.site = lower_class_site(l, cls->handle);
        return match;
    }
    ValueId any = ir_const_bool(&l->b, false);
    for (uint32_t k = 0; k < cls->nelem; k++)
        any = ir_binop(&l->b, OP_ior, any, matches(l, n, pending, cls->elem[k]));
    return any;
}

ValueId lower_exc_match_op(Lowering *s, const Inst *i) {
    Lower *l = workbench(s);
    const Type *cls = typed_type(s, i->arg[1]);
    const Pending *pending = &s->pending[i->arg[0]];
    if (pending->stays) return matches(l, 1, &pending->status, cls);
    ValueId block = lowered(s, i->arg[0]), status = ir_const_int(&l->b, type_i32, 0);
    if (pending->status != NO_VALUE && !s->generator) status = pending->status;
    return matches(l, 2, (ValueId[]){status, block}, cls);
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
    *site = (RaiseSite){
        .cls = t->handle, .nargs = t->nelem, .arg = (const Type **)t->elem, .owns = i->nargs > 1};
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
    ValueId no_frame = ir_const_int(&l->b, type_i32, (int32_t)NO_SITE);
    block = ir_native(&l->b, NATIVE_catch, type_caught, 3, (ValueId[]){context_of(l), status, no_frame});
    ir_native(&l->b, NATIVE_set_cause, NULL, 2, (ValueId[]){context_of(l), block});
    ir_emit(&l->b, OP_decref, NULL, block);
    return true;
}

static void raise_caught(Lowering *s, const Inst *i) {
    Lower *l = workbench(s);
    const Pending *pending = &s->pending[i->arg[0]];
    ValueId status;
    if (pending->stays) {
        status = ir_append(&l->b, OP_pass_frame, type_i32, 2, (ValueId[]){pending->status, pending->frame});
    } else {
        ValueId caught = lowered(s, i->arg[0]);
        status = ir_native(&l->b, NATIVE_reraise, type_i32, 2, (ValueId[]){context_of(l), caught});
    }
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
