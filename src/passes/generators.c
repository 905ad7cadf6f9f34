/* generators.c - where a generator lives, and what its frame holds.
 *
 * Pass `stack`, before counts are placed.  A generator that is only iterated over, here and in the functions it is
 * passed to, lives on the stack of the function that makes it.  It borrows its arguments as a loop's state does
 * (live.c keeps them alive), nobody counts it, and nothing is released at its end.  So it must not own anything:
 * its items and all values of its function but the parameters are of unmanaged types.  In a generator nothing is
 * made on the stack: the stack goes with every yield.
 *
 * Pass `frames`, when the counts are placed.  Every value that is alive across a `suspend` gets a place in the
 * frame; constants do not, they are made anew, and parameters stay where the call has put them.  A value with a
 * reference of its own hands it to the frame and back.
 */
#include "passes/pipeline.h"
#include "runtime/abi.h"

enum { MAX_DEPTH = 8 }; /* of calls that a generator is followed through */

/* ---- stack: what happens to a generator ------------------------------------------------------------------ */

static bool stays(const Func *f, ValueId v, uint32_t depth);
static bool owns_nothing(const Func *f);

static bool is_param_kept(const Func *callee, uint32_t i, uint32_t depth) {
    return depth < MAX_DEPTH && stays(callee, callee->params.at[i], depth + 1);
}

/* As an argument of a compiled function; one that makes a generator keeps it as long as that one lives, and must not own
 * it: a frame in the heap owns its arguments. */
static bool stays_in_call(const Func *f, ValueId call, ValueId v, uint32_t depth) {
    const Inst *i = inst_at(f, call);
    if (i->callee->is_generator &&
        (f->is_generator || !i->type->handle || !owns_nothing(i->callee) || !stays(f, call, depth + 1)))
        return false;
    for (uint32_t k = 0; k < i->nbound; k++)
        if (i->bound[k] == v && !is_param_kept(i->callee, k, depth)) return false;
    return true;
}

static bool is_loop_op(const Inst *i) {
    if (i->op == OP_call && i->row && !strcmp(i->row->name, LOOP_RESULT)) return true;
    return i->op == OP_iter || i->op == OP_iter_valid || i->op == OP_iter_value || i->op == OP_iter_next;
}

static bool is_operand(const Inst *i, ValueId v) {
    for (uint32_t k = 0; k < i->nargs; k++)
        if (i->arg[k] == v) return true;
    return false;
}

/* Rows that take a generator and do not keep it. */
static bool only_reads(const char *row) {
    static const char *const names[] = {"builtins.next", "builtins.sum", "builtins.any", "builtins.all",
                                        "builtins.min",  "builtins.max", LOOP_RESULT};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (!strcmp(row, names[i])) return true;
    return false;
}

/* One instruction that has v, a generator or the state of a loop over one, as an operand. */
static bool stays_in_use(const Func *f, ValueId user, ValueId v, uint32_t depth) {
    const Inst *i = inst_at(f, user);
    if (i->op == OP_iter_valid || i->op == OP_iter_value) return true;
    if (i->op == OP_iter || i->op == OP_iter_next) return stays(f, user, depth + 1);
    if (i->op == OP_phi)
        return i->type && i->type->kind == TYPE_ITER; /* a loop's own: its users are the loop's */
    if (i->op != OP_call) return false;
    if (i->callee && !i->row) return stays_in_call(f, user, v, depth);
    return i->row && only_reads(i->row->name);
}

static bool stays(const Func *f, ValueId v, uint32_t depth) {
    if (depth > MAX_DEPTH) return false;
    for (ValueId user = 0; user < f->inst.n; user++) {
        const Inst *i = inst_at(f, user);
        if (i->block != NO_BLOCK && is_operand(i, v) && !stays_in_use(f, user, v, depth)) return false;
    }
    return true;
}

/* The phis of a loop's state have users of their own: all of them must be the loop's. */
static bool states_stay(const Func *f) {
    for (ValueId v = 0; v < f->inst.n; v++) {
        const Inst *i = inst_at(f, v);
        for (uint32_t k = 0; i->block != NO_BLOCK && k < i->nargs; k++) {
            const Type *t = value_type(f, i->arg[k]);
            if (t && t->kind == TYPE_ITER && !is_loop_op(i) && i->op != OP_phi) return false;
        }
    }
    return true;
}

static bool owns_nothing(const Func *f) {
    if (type_is_managed(f->result->elem[0]) || type_is_managed(f->result->elem[1])) return false;
    for (ValueId v = 0; v < f->inst.n; v++) {
        const Inst *i = inst_at(f, v);
        if (i->block != NO_BLOCK && i->op != OP_param && i->type && type_is_managed(i->type)) return false;
    }
    return true;
}

void pass_stack(Func *f) {
    if (f->is_generator || !states_stay(f)) return;
    for (ValueId v = 0; v < f->inst.n; v++) {
        const Inst *i = inst_at(f, v);
        if (i->block == NO_BLOCK || i->op != OP_call || !i->callee || !i->callee->is_generator) continue;
        if (i->type->handle && owns_nothing(i->callee) && stays(f, v, 0))
            inst_at(f, v)->type = type_generator_on_stack(i->type);
    }
}

/* ---- frames: what is alive --------------------------------------------------------------------------------- */

typedef struct {
    Func *f;
    Arena *a;
    GeneratorPlan *plan;
    uint32_t nwords;
    uint64_t *in, *now; /* bit sets of values: by block, and where the walk stands */
} Frames;

static uint64_t *in_set(const Frames *p, BlockId b) { return p->in + (size_t)b * p->nwords; }

/* What block s wants of its predecessor p. */
static void add_wanted(Frames *p, BlockId from, BlockId s) {
    const Block *b = block_at(p->f, s);
    for (uint32_t w = 0; w < p->nwords; w++) p->now[w] |= in_set(p, s)[w];
    for (uint32_t k = 0; k < b->pred.n; k++)
        for (uint32_t n = 0; b->pred.at[k] == from && n < b->inst.n; n++) {
            const Inst *phi = inst_at(p->f, b->inst.at[n]);
            if (phi->op != OP_phi) break;
            live_add(p->now, phi->arg[k]);
        }
}

static void add_operands(Frames *p, uint32_t n, const ValueId *operand) {
    for (uint32_t k = 0; k < n; k++)
        if (operand[k] != NO_VALUE) live_add(p->now, operand[k]);
}

/* From the end of a block to its beginning; `visit` sees what is alive behind every suspend. */
static void walk_block(Frames *p, BlockId id, void (*visit)(Frames *p, ValueId suspend)) {
    const Block *b = block_at(p->f, id);
    BlockId succ[3];
    memset(p->now, 0, p->nwords * sizeof *p->now);
    for (uint32_t k = 0, n = ir_all_successors(p->f, id, succ); k < n; k++) add_wanted(p, id, succ[k]);
    for (uint32_t k = b->inst.n; k-- > 0;) {
        const Inst *i = inst_at(p->f, b->inst.at[k]);
        live_remove(p->now, b->inst.at[k]);
        if (i->op == OP_suspend) add_operands(p, i->ncleanup, i->cleanup); /* it raises when it goes on */
        if (i->op == OP_suspend && visit) visit(p, b->inst.at[k]);
        if (i->op == OP_phi) continue;
        add_operands(p, i->nargs, i->arg);
        add_operands(p, i->nbound, i->bound);
        add_operands(p, i->ncleanup, i->cleanup);
    }
}

static void find_alive(Frames *p) {
    Func *f = p->f;
    BlockId *order = arena_array(p->a, BlockId, f->block.n);
    uint32_t norder = ir_reverse_postorder(f, order);
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t k = norder; k-- > 0;) {
            walk_block(p, order[k], NULL);
            if (!memcmp(p->now, in_set(p, order[k]), p->nwords * sizeof *p->now)) continue;
            memcpy(in_set(p, order[k]), p->now, p->nwords * sizeof *p->now);
            changed = true;
        }
    }
}

/* ---- frames: places ------------------------------------------------------------------------------------------ */

static bool is_kept(const Frames *p, ValueId v) {
    const Inst *i = inst_at(p->f, v);
    return i->type && i->type->nleaves && i->op != OP_param && !generator_is_constant(i);
}

static void keep_alive(Frames *p, ValueId suspend) {
    Vec(ValueId) list = {0};
    for (ValueId v = 0; v < p->f->inst.n; v++) {
        if (!live_test(p->now, v) || !is_kept(p, v)) continue;
        vec_push(p->a, &list, v);
        p->plan->spill_at[v] = 1; /* a place comes later */
        p->plan->has_owned |= p->plan->owned[v];
    }
    vec_push(p->a, &list, (ValueId)NO_VALUE);
    p->plan->alive[inst_at(p->f, suspend)->imm.i] = list.at;
}

static void number_suspends(Frames *p) {
    for (ValueId v = 0; v < p->f->inst.n; v++) {
        Inst *i = inst_at(p->f, v);
        if (i->op != OP_suspend || i->block == NO_BLOCK) continue;
        i->imm.i = p->plan->nsuspends++;
        p->plan->guarded |= block_at(p->f, i->block)->handler != NO_BLOCK;
    }
    p->plan->alive = arena_array(p->a, ValueId *, p->plan->nsuspends + 1);
}

static void place(Frames *p) {
    GeneratorPlan *g = p->plan;
    const Func *f = p->f;
    uint32_t at = GENERATOR_ITEM_AT + g->item->nleaves + g->returned->nleaves, nowners = 0;
    g->sent = f->sent ? type_optional(f->sent) : NULL;
    g->sent_at = at;
    at += g->sent ? g->sent->nleaves : 0;
    g->nargs = f->params.n;
    g->arg = arena_array(p->a, const Type *, g->nargs + 1);
    g->arg_at = arena_array(p->a, uint32_t, g->nargs + 1);
    for (uint32_t i = 0; i < g->nargs; i++) {
        g->arg[i] = value_type(f, f->params.at[i]);
        g->arg_at[i] = at;
        at += g->arg[i]->nleaves;
        g->narg_owners += type_owners(g->arg[i], NULL);
    }
    for (ValueId v = 0; v < f->inst.n; v++) {
        if (!g->spill_at[v]) continue;
        g->spill_at[v] = at;
        at += value_type(f, v)->nleaves;
        if (g->owned[v]) nowners += type_owners(value_type(f, v), NULL);
    }
    uint32_t nresult = type_owners(g->returned, NULL); /* in the place of the item's */
    g->nitem_owners = type_owners(g->item, NULL);
    if (g->nitem_owners < nresult) g->nitem_owners = nresult;
    g->args_at = at;
    g->items_at = g->args_at + g->narg_owners;
    g->live_at = g->items_at + g->nitem_owners;
    g->nslots = g->live_at + nowners;
}

void pass_frames(Func *f) {
    if (!f->is_generator) return;
    Arena *a = &f->unit->arena;
    GeneratorPlan *g = arena_new(a, GeneratorPlan);
    uint32_t nwords = f->inst.n / 64 + 1;
    Frames p = {.f = f,
                .a = a,
                .plan = g,
                .nwords = nwords,
                .in = arena_array(a, uint64_t, (size_t)f->block.n *nwords),
                .now = arena_array(a, uint64_t, nwords)};
    *g = (GeneratorPlan){.item = f->result->elem[0],
                         .returned = f->result->elem[1],
                         .spill_at = arena_array(a, uint32_t, f->inst.n),
                         .owned = arena_array(a, bool, f->inst.n)};
    refcount_owned(f, g->owned);
    number_suspends(&p);
    find_alive(&p);
    for (BlockId b = 0; b < f->block.n; b++)
        if (!block_at(f, b)->dead) walk_block(&p, b, keep_alive);
    place(&p);
    f->generator = g;
    f->result = type_bool; /* of the function that resumes it */
}
