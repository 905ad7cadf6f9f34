/* lower_generator.c - the function that resumes a generator.
 *
 *     resume(frame) -> bool
 *         read the arguments; go to where the frame says:
 *         start:     the user's function from its beginning
 *         suspend k: what was alive there is read back; the function goes on behind it
 *         done:      return False
 *
 * Splitting a function in the middle breaks SSA form: a value from before a suspend and the one read back behind it
 * are two.  So a value that is alive across some suspend becomes a variable on the stack: stored where it is
 * defined, loaded at every use.  LLVM makes SSA values of them again, with the phis that this needs.
 *
 * While it runs, and after an exception, a generator is done.
 */
#include "passes/lower.h"
#include "runtime/abi.h"

#define SLOT_OF(member) ((uint32_t)(offsetof(GeneratorFrame, member) / sizeof(Slot)))

bool generator_is_constant(const Inst *i) {
    return i->op == OP_const_int || i->op == OP_const_float || i->op == OP_const_object || i->op == OP_none ||
           i->op == OP_literal || i->op == OP_undef;
}

static void set_word(Lower *l, ValueId generator, uint32_t at, int64_t value) {
    ir_store(&l->b, generator_slot(l, generator, at), lower_i64(l, value));
}

/* ---- values that live on the stack --------------------------------------------------------------------------- */

ValueId generator_read(Lowering *s, ValueId v) {
    const Inst *i = typed_inst(s, v);
    Lower *l = workbench(s);
    if (generator_is_constant(i)) {
        ValueId constant = i->type->nleaves ? op_lowering[i->op](s, i) : lower_empty(l, i->type);
        return constant;
    }
    return lower_load_slots(l, s->generator->variable[v], i->type);
}

void generator_define(Lowering *s, ValueId v, ValueId value) {
    if (s->generator->variable[v] == NO_VALUE) return;
    lower_store_slots(workbench(s), s->generator->variable[v], value, typed_type(s, v));
}

/* ---- suspending ------------------------------------------------------------------------------------------------ */

ValueId lower_yield(Lowering *s, const Inst *i) {
    Lower *l = workbench(s);
    const GeneratorPlan *p = s->generator->plan;
    ValueId frame = s->generator->frame;
    if (!p->item->nleaves) return NO_VALUE;
    ValueId item = lowered_as(s, i->arg[0], p->item);
    lower_store_slots(l, generator_slot(l, frame, GENERATOR_ITEM_AT), item, p->item);
    if (!type_is_managed(p->item)) return NO_VALUE;
    ir_emit(&l->b, OP_incref, NULL, item);
    uint32_t n = generator_list_owners(l, frame, GENERATOR_ITEM_AT, p->item, p->items_at);
    set_word(l, frame, SLOT_OF(nitems), n);
    return NO_VALUE;
}

/* The result, whose reference is the frame's until somebody takes it. */
void generator_return(Lowering *s, const Inst *ret) {
    Lower *l = workbench(s);
    const GeneratorPlan *p = s->generator->plan;
    ValueId frame = s->generator->frame;
    uint32_t at = GENERATOR_ITEM_AT + p->item->nleaves;
    if (ret->nargs && p->returned->nleaves) {
        lower_store_slots(l, generator_slot(l, frame, at), lowered_as(s, ret->arg[0], p->returned),
                          p->returned);
        if (type_is_managed(p->returned))
            set_word(l, frame, SLOT_OF(nitems),
                     generator_list_owners(l, frame, at, p->returned, p->items_at));
        set_word(l, frame, SLOT_OF(state), GENERATOR_RETURNED);
    }
    ir_ret(&l->b, ir_const_bool(&l->b, false));
}

static ValueId load_variable(Lowering *s, ValueId v) {
    return lower_load_slots(workbench(s), s->generator->variable[v], typed_type(s, v));
}

static void save(Lowering *s, const ValueId *alive) {
    Lower *l = workbench(s);
    const GeneratorPlan *p = s->generator->plan;
    ValueId frame = s->generator->frame;
    uint32_t nowners = 0;
    for (; *alive != NO_VALUE; alive++) {
        const Type *t = typed_type(s, *alive);
        uint32_t at = p->spill_at[*alive];
        lower_store_slots(l, generator_slot(l, frame, at), load_variable(s, *alive), t);
        if (p->owned[*alive]) nowners += generator_list_owners(l, frame, at, t, p->live_at + nowners);
    }
    if (p->has_owned) set_word(l, frame, SLOT_OF(nlive), nowners);
}

static void restore(Lowering *s, const ValueId *alive) {
    Lower *l = workbench(s);
    const GeneratorPlan *p = s->generator->plan;
    for (; *alive != NO_VALUE; alive++) {
        const Type *t = typed_type(s, *alive);
        ValueId v = lower_load_slots(l, generator_slot(l, s->generator->frame, p->spill_at[*alive]), t);
        lower_store_slots(l, s->generator->variable[*alive], v, t);
    }
}

/* Behind a suspend with a handler: raises what was thrown, if something was. */
static void raise_thrown(Lowering *s, const Inst *suspend) {
    Lower *l = workbench(s);
    ValueId thrown = generator_slot(l, s->generator->frame, SLOT_OF(thrown));
    ValueId status = ir_load(&l->b, type_i64, thrown);
    lower_begin_cleanup(s, suspend); /* what was read in front of the suspend is not at hand here */
    ir_store(&l->b, thrown, lower_i64(l, 0));
    lower_check_status(l, ir_emit(&l->b, OP_trunc, type_i32, status));
}

ValueId lower_suspend(Lowering *s, const Inst *i) {
    Lower *l = workbench(s);
    const GeneratorPlan *p = s->generator->plan;
    const ValueId *alive = p->alive[i->imm.i];
    bool guarded = block_at(s->typed, i->block)->handler != NO_BLOCK;
    save(s, alive);
    set_word(l, s->generator->frame, SLOT_OF(state), i->imm.i + 1);
    if (p->guarded) set_word(l, s->generator->frame, SLOT_OF(guarded), guarded);
    ir_ret(&l->b, ir_const_bool(&l->b, true));
    lower_at(l, s->generator->behind[i->imm.i]);
    restore(s, alive);
    if (guarded) raise_thrown(s, i);
    return NO_VALUE;
}

/* What was sent is gone once it was read. */
ValueId lower_sent(Lowering *s, const Inst *i) {
    Lower *l = workbench(s);
    const GeneratorPlan *p = s->generator->plan;
    if (!i->type->nleaves) return lower_empty(l, i->type);
    ValueId place = generator_slot(l, s->generator->frame, p->sent_at);
    ValueId v = lower_load_slots(l, place, p->sent);
    set_word(l, s->generator->frame, p->sent_at + OPTIONAL_HAS, 0);
    return v;
}

/* ---- the beginning ----------------------------------------------------------------------------------------------- */

static void read_arguments(Lowering *s) {
    Lower *l = workbench(s);
    const GeneratorPlan *p = s->generator->plan;
    for (uint32_t i = 0; i < p->nargs; i++)
        s->value[s->typed->params.at[i]] = lower_load_slots(
            l, generator_slot(l, s->generator->frame, p->arg_at[i]), p->arg[i]);
}

static void make_variables(Lowering *s) {
    GeneratorLowering *g = s->generator;
    g->variable = arena_array(&s->l.unit->arena, ValueId, s->typed->inst.n);
    for (ValueId v = 0; v < s->typed->inst.n; v++)
        g->variable[v] = g->plan->spill_at[v]
                             ? lower_alloca(workbench(s), typed_type(s, v)->nleaves * sizeof(Slot))
                             : NO_VALUE;
}

static void go_to_state(Lowering *s, ValueId state, int64_t value, BlockId target) {
    Lower *l = workbench(s);
    BlockId next = lower_block(l);
    ir_condbr(&l->b, ir_icmp(&l->b, PRED_EQ, state, lower_i64(l, value)), target, next);
    lower_at(l, next);
}

void generator_enter(Lowering *s, Func *f, BlockId start) {
    Lower *l = workbench(s);
    Arena *a = &l->unit->arena;
    GeneratorLowering *g = s->generator = arena_new(a, GeneratorLowering);
    const GeneratorPlan *p = g->plan = f->generator;
    lower_at(l, ENTRY_BLOCK);
    g->frame = ir_param(f, type_ptr);
    g->behind = arena_array(a, BlockId, p->nsuspends + 1);
    read_arguments(s);
    make_variables(s);
    ValueId state = ir_load(&l->b, type_i64, generator_slot(l, g->frame, SLOT_OF(state)));
    set_word(l, g->frame, SLOT_OF(state), GENERATOR_DONE);
    if (p->has_owned) set_word(l, g->frame, SLOT_OF(nlive), 0);
    if (type_is_managed(p->item) || type_is_managed(p->returned)) /* one that the last caller did not take */
        ir_native(&l->b, NATIVE_generator_drop_items, NULL, 1, &g->frame);
    for (uint32_t k = 0; k < p->nsuspends; k++) g->behind[k] = lower_block(l);
    for (uint32_t k = 0; k < p->nsuspends; k++) go_to_state(s, state, k + 1, g->behind[k]);
    go_to_state(s, state, GENERATOR_START, start);
    ir_ret(&l->b, ir_const_bool(&l->b, false));
}
