/* generators.c - making generators, asking them for items, next().
 *
 * An item is taken in two steps, like any loop's: `iter.valid` resumes the function, which leaves the item in the
 * frame; `iter.value` takes it out, with its references.  What is never taken (zip() stops at the shortest) is
 * released when the function is resumed or the frame goes.
 *
 * Which function to resume is known where the type names it; else the frame says.
 */
#include "library/generators.h"

#include "library/iterators.h"
#include "library/lower.h"
#include "runtime/abi.h"

#define SLOT_OF(member) ((uint32_t)(offsetof(GeneratorFrame, member) / sizeof(Slot)))

ValueId generator_slot(Lower *l, ValueId generator, uint32_t at) {
    return ir_ptr_add(&l->b, generator, lower_i64(l, (int64_t)(sizeof(MemoryBlock) + sizeof(Slot) * at)));
}

static void set_word(Lower *l, ValueId generator, uint32_t at, int64_t value) {
    ir_store(&l->b, generator_slot(l, generator, at), lower_i64(l, value));
}

uint32_t generator_list_owners(Lower *l, ValueId generator, uint32_t at, const Type *t, uint32_t list_at) {
    uint32_t n = type_owners(t, NULL), *leaf = arena_array(&l->unit->arena, uint32_t, n + 1);
    type_owners(t, leaf);
    for (uint32_t i = 0; i < n; i++) {
        ValueId owner = ir_load(&l->b, type_ptr, generator_slot(l, generator, at + leaf[i]));
        ir_store(&l->b, generator_slot(l, generator, list_at + i), owner);
    }
    return n;
}

/* ---- making one ---------------------------------------------------------------------------------------- */

static ValueId new_frame(Lower *l, Func *callee, const GeneratorPlan *p) {
    ValueId resume = ir_append(&l->b, OP_func_address, type_ptr, 0, NULL);
    inst_at(l->b.f, resume)->imm.func = callee;
    ValueId arg[] = {ir_append(&l->b, OP_context, type_ptr, 0, NULL), resume,
                     lower_i64(l, (int64_t)(p->nslots * sizeof(Slot)))};
    ValueId frame = ir_native(&l->b, NATIVE_generator_new, type_ptr, 3, arg);
    lower_check_memory(l, frame);
    set_word(l, frame, SLOT_OF(args_at), p->args_at);
    set_word(l, frame, SLOT_OF(items_at), p->items_at);
    set_word(l, frame, SLOT_OF(live_at), p->live_at);
    set_word(l, frame, SLOT_OF(nargs), p->narg_owners);
    return frame;
}

/* The arguments are borrowed, and there is nothing to release: passes/generators.c. */
static ValueId stack_frame(Lower *l, const GeneratorPlan *p) {
    ValueId frame = lower_alloca(l, sizeof(MemoryBlock) + p->nslots * sizeof(Slot));
    set_word(l, frame, SLOT_OF(state), GENERATOR_START);
    set_word(l, frame, SLOT_OF(thrown), 0);
    set_word(l, frame, SLOT_OF(guarded), 0);
    return frame;
}

ValueId generator_new(Lower *l, Func *callee, const Type *type, const ValueId *args) {
    const GeneratorPlan *p = callee->generator;
    bool on_stack = type->flags & TYPE_GENERATOR_STACK;
    ValueId frame = on_stack ? stack_frame(l, p) : new_frame(l, callee, p);
    uint32_t list_at = p->args_at;
    if (p->sent) set_word(l, frame, p->sent_at + OPTIONAL_HAS, 0);
    for (uint32_t i = 0; i < p->nargs; i++) {
        const Type *t = p->arg[i];
        if (!t->nleaves) continue;
        lower_store_slots(l, generator_slot(l, frame, p->arg_at[i]), args[i], t);
        if (on_stack || !type_is_managed(t)) continue;
        ir_emit(&l->b, OP_incref, NULL, args[i]);
        list_at += generator_list_owners(l, frame, p->arg_at[i], t, list_at);
    }
    return lower_un(l, OP_cast, type, frame);
}

/* ---- resuming ------------------------------------------------------------------------------------------ */

static Func *function_of(Lower *l, const Type *generator) {
    if (!generator->handle) return NULL;
    const Type *plain = type_generator(generator->handle, generator->elem[0], generator->elem[1],
                                       generator->nelem - 2, generator->elem + 2);
    return map_find_ptr(&l->unit->generators, plain->id);
}

/* bool: there is an item. */
static ValueId resume(Lower *l, ValueId generator, const Type *t) {
    Func *f = function_of(l, t);
    if (f) return lower_invoke(l, f, 1, &generator);
    ValueId result = lower_alloca(l, sizeof(Slot));
    ValueId arg[] = {ir_append(&l->b, OP_context, type_ptr, 0, NULL), generator, result};
    lower_check_status(l, ir_native(&l->b, NATIVE_generator_resume, type_i32, 3, arg));
    return ir_load(&l->b, type_bool, result);
}

static ValueId take_item(Lower *l, ValueId generator, const Type *t) {
    const Type *item = t->elem[0];
    ValueId v = lower_load_slots(l, generator_slot(l, generator, GENERATOR_ITEM_AT), item);
    if (type_is_managed(item)) set_word(l, generator, SLOT_OF(nitems), 0);
    return v;
}

const Type *generator_state(Call *c, const Type *generator) {
    (void)c;
    return type_iter(generator, 0, NULL);
}

const Type *generator_item(Call *c, const Type *state) {
    (void)c;
    return state->elem[0]->elem[0];
}

ValueId generator_begin(Lower *l, ValueId generator, const Type *from, const Type *state) {
    return ir_make(&l->b, state, 1, (ValueId[]){lower_cast(l, generator, from, state->elem[0])});
}

ValueId generator_valid(Lower *l, ValueId v, const Type *state) {
    return resume(l, lower_field(l, v, ITER_CONTAINER), state->elem[0]);
}

ValueId generator_value(Lower *l, ValueId v, const Type *state, const Type *item) {
    (void)item;
    return take_item(l, lower_field(l, v, ITER_CONTAINER), state->elem[0]);
}

ValueId generator_next(Lower *l, ValueId v, const Type *state) {
    (void)l, (void)state;
    return v;
}

/* ---- yield from: the result of the generator that a loop went over ------------------------------------------ */

static const Type *type_loop_result(Call *c) {
    const Type *state = c->type[0];
    bool has_one = state->kind == TYPE_ITER && state->elem[0]->kind == TYPE_GENERATOR;
    return has_one ? state->elem[0]->elem[1] : type_none;
}

static ValueId emit_loop_result(Lower *l, Call *c) {
    const Type *returned = c->result;
    if (!returned->nleaves) return NO_VALUE;
    ValueId generator = lower_field(l, c->value[0], ITER_CONTAINER);
    ValueId state = ir_load(&l->b, type_i64, generator_slot(l, generator, SLOT_OF(state)));
    ValueId returns = ir_icmp(&l->b, PRED_EQ, state, lower_i64(l, GENERATOR_RETURNED));
    lower_raise_if(l, lower_not(l, returns), "RuntimeError",
                   "the generator behind `yield from` had ended before, so there is no value", 0, NULL);
    set_word(l, generator, SLOT_OF(state), GENERATOR_DONE);
    uint32_t at = GENERATOR_ITEM_AT + c->type[0]->elem[0]->elem[0]->nleaves;
    ValueId v = lower_load_slots(l, generator_slot(l, generator, at), returned);
    if (type_is_managed(returned)) set_word(l, generator, SLOT_OF(nitems), 0);
    return v;
}

/* ---- next, iter ---------------------------------------------------------------------------------------- */

static const Type *type_next(Call *c) {
    const Type *t = c->type[0];
    if (t->kind != TYPE_GENERATOR) return call_decline(c);
    return t->elem[0];
}

static ValueId emit_next(Lower *l, Call *c) {
    ValueId valid = resume(l, c->value[0], c->type[0]);
    lower_raise_if(l, lower_not(l, valid), "StopIteration", NULL, 0, NULL);
    return take_item(l, c->value[0], c->type[0]);
}

static const Type *type_next_default(Call *c) {
    const Type *t = c->type[0];
    if (t->kind != TYPE_GENERATOR) return call_decline(c);
    const Type *both = type_unify(t->elem[0], library_widen(type_base(c->type[1])));
    return both ? both
                : call_error(c, DIAG_CANNOT_UNIFY, "next() gives %s, and its default is %s", t->elem[0]->name,
                             c->type[1]->name);
}

static ValueId emit_next_default(Lower *l, Call *c) {
    const Type *item = c->type[0]->elem[0];
    LowerIf branch = lower_if(l, resume(l, c->value[0], c->type[0]));
    ValueId next = lower_cast(l, take_item(l, c->value[0], c->type[0]), item, c->result);
    lower_else(l, &branch);
    ValueId otherwise = lower_cast(l, c->value[1], c->type[1], c->result);
    if (type_is_managed(c->result)) ir_emit(&l->b, OP_incref, NULL, otherwise);
    ValueId v = lower_endif(l, &branch, c->result->nleaves ? next : NO_VALUE, otherwise);
    return v;
}

static const Type *type_iter_self(Call *c) {
    return c->type[0]->kind == TYPE_GENERATOR ? c->type[0] : call_decline(c);
}

static ValueId emit_iter_self(Lower *l, Call *c) {
    if (type_is_managed(c->result)) ir_emit(&l->b, OP_incref, NULL, c->value[0]);
    return c->value[0];
}

/* ---- throw, close: naja/library/iterables.py ---------------------------------------------------------------- */

static bool is_generator(const Call *c) { return c->type[0]->kind == TYPE_GENERATOR; }

/* Whether it waits inside of a `try` or `with`. */
static const Type *type_waits(Call *c) {
    if (!is_generator(c)) return call_decline(c);
    if (!c->type[0]->handle)
        return call_error(
            c, DIAG_NO_IMPLEMENTATION,
            "nothing can be thrown into %s, whose function is known at run time only, and close() "
            "would not run its `finally`: drop it instead",
            c->type[0]->name);
    return type_bool;
}

static ValueId emit_waits(Lower *l, Call *c) {
    ValueId state = ir_load(&l->b, type_i64, generator_slot(l, c->value[0], SLOT_OF(state)));
    ValueId guarded = ir_load(&l->b, type_i64, generator_slot(l, c->value[0], SLOT_OF(guarded)));
    return lower_bin(l, OP_iand, ir_icmp(&l->b, PRED_GT, state, lower_i64(l, GENERATOR_START)),
                     ir_icmp(&l->b, PRED_NE, guarded, lower_i64(l, 0)));
}

static const Type *type_end(Call *c) { return is_generator(c) ? type_none : call_decline(c); }

static ValueId emit_end(Lower *l, Call *c) {
    set_word(l, c->value[0], SLOT_OF(state), GENERATOR_DONE);
    return NO_VALUE;
}

static const Type *type_throw(Call *c) {
    const Type *error = c->type[1];
    bool is_error = error->kind == TYPE_EXCEPTION || error->kind == TYPE_CAUGHT;
    if (error->nleaves > CONTEXT_PAYLOAD)
        return call_error(c, DIAG_BAD_RAISE, "the exception has too many arguments");
    return is_generator(c) && is_error ? c->type[0]->elem[0] : call_decline(c);
}

/* The status of an exception that is raised where the generator waits. */
static ValueId status_of(Lower *l, ValueId error, const Type *t) {
    if (t->kind == TYPE_CAUGHT)
        return ir_native(&l->b, NATIVE_reraise, type_i32, 2,
                         (ValueId[]){ir_append(&l->b, OP_context, type_ptr, 0, NULL), error});
    ValueId payload[CONTEXT_PAYLOAD];
    uint32_t n = 0;
    for (uint32_t k = 0; k < t->nelem; k++)
        if (t->elem[k]->nleaves) payload[n++] = lower_field(l, error, k);
    if (type_is_managed(t)) ir_emit(&l->b, OP_incref, NULL, error); /* the context's */
    return lower_record_error(
        l, (RaiseSite){.cls = t->handle, .nargs = t->nelem, .arg = (const Type **)t->elem}, n, payload);
}

static ValueId emit_throw(Lower *l, Call *c) {
    ValueId status = status_of(l, c->value[1], c->type[1]);
    ir_store(&l->b, generator_slot(l, c->value[0], SLOT_OF(thrown)),
             ir_emit(&l->b, OP_sext, type_i64, status));
    ValueId valid = resume(l, c->value[0], c->type[0]);
    lower_raise_if(l, lower_not(l, valid), "StopIteration", NULL, 0, NULL);
    return take_item(l, c->value[0], c->type[0]);
}

/* ---- send ---------------------------------------------------------------------------------------------------- */

static const Type *type_send(Call *c) { return is_generator(c) ? c->type[0]->elem[0] : call_decline(c); }

static ValueId emit_send(Lower *l, Call *c) {
    const Func *f = function_of(l, c->type[0]);
    const GeneratorPlan *p = f ? f->generator : NULL;
    ValueId state = ir_load(&l->b, type_i64, generator_slot(l, c->value[0], SLOT_OF(state)));
    lower_raise_if(l, ir_icmp(&l->b, PRED_EQ, state, lower_i64(l, GENERATOR_START)), "TypeError",
                   "can't send non-None value to a just-started generator", 0, NULL);
    if (p && p->sent)
        lower_store_slots(l, generator_slot(l, c->value[0], p->sent_at),
                          lower_cast(l, c->value[1], c->type[1], p->sent), p->sent);
    lower_raise_if(l, lower_not(l, resume(l, c->value[0], c->type[0])), "StopIteration", NULL, 0, NULL);
    return take_item(l, c->value[0], c->type[0]);
}

#define LOW "naja.library.low."

// clang-format off
static const LibRow rows[] = {
    {LOW "generator_waits", "generator, /", type_waits, emit_waits, NULL, 1, LIB_NO_RAISE},
    {LOW "generator_end", "generator, /", type_end, emit_end, NULL, 1, LIB_NO_RAISE},
    {LOW "generator_send", "generator, value, /", type_send, emit_send, NULL, 1, 0},
    {LOW "generator_throw", "generator, error, /", type_throw, emit_throw, NULL, 1, 0},
    {LOOP_RESULT, "state", type_loop_result, emit_loop_result, NULL, 1, 0},
    {"builtins.next", "iterator, /", type_next, emit_next, NULL, 1, 0},
    {"builtins.next", "iterator, default, /", type_next_default, emit_next_default, NULL, 1, 0},
    {"builtins.iter", "iterable, /", type_iter_self, emit_iter_self, NULL, 1, LIB_BORROWS | LIB_NO_RAISE},
};
// clang-format on

const LibTable library_generators_table = {"generators", rows, ARRAY_LEN(rows)};
