/* polls.c - checkpoints, where Ctrl-C stops a loop, placed so that they cost nothing.
 *
 * A checkpoint in a loop that could be vectorised keeps it from being vectorised (measured: 2 to 16 times slower),
 * so innermost counted loops have none.  In order of preference:
 *
 *   a loop with loops inside            a checkpoint per iteration
 *   a loop over an array or tuple       none: it is as short as its container
 *   a loop of few iterations, known     none, and it does not count as a loop inside of another one
 *   to the compiler
 *   a loop that calls or works on
 *   whole arrays, or is no counted one  a checkpoint per iteration: it is not vectorised anyway
 *   a loop that only adds up          none: LLVM puts a formula in its place, see recurrences.c
 *   polynomials of its index
 *   a loop that yields                  none: it goes no further than its caller's loop, which polls
 *   a counted loop in another loop      none if it takes no longer than walking some array: the outer one has it
 *   any other counted loop              strip-mined: an outer loop with the checkpoint around pieces of STRIP items
 *   one with more conditions            a limit that is moved on: see counters.c
 *
 * Strip-mining, for a loop over a range whose state s is a phi of the header:
 *
 *     before                      outer:   s0 = phi(before, poll)
 *       |                                  limit = current(s0) + STRIP, but at most stop(s0)
 *       v                                    |
 *     header: s = phi  <--+       header:  s = phi(outer, latches); current(s) < limit?  <--+
 *       iter_valid s?     |        no |      | yes                                          |
 *       |no      |yes     |           v      +--> body ------------------------------------+
 *       v      body ------+       check:   iter_valid s?  --no--> exit
 *      exit                           | yes
 *                                 poll:    checkpoint, to outer
 *
 * A call of a function without loops is no reason for a checkpoint: the function is inlined, or fast.
 *
 * All header phis get a phi in `outer`.  Ranges with a step count the remaining items down instead.  A counter,
 * while i < n: ... i += 1, is tested in its latch, so `check` stands behind the latch instead of the header.
 * Checkpoints that are made here stand in blocks without a handler.  A loop in a `try` whose handler runs for
 * KeyboardInterrupt has one already, from the front end.
 */
#include "passes/counters.h"
#include "passes/recurrences.h"

enum { TINY = 64, TINY_TOTAL = 1024, MAX_DEPTH = 4 };

/* ---- what kind of loop it is ------------------------------------------------------------------------------------ */

/* The container of the for loop, or NULL: the header ends in `condbr iter_valid(phi), inside, outside`. */
static const Type *loop_container(const Func *f, const Loops *loops, const Loop *loop, ValueId *state) {
    const Inst *end = inst_at(f, ir_terminator(f, loop->header));
    if (end->op != OP_condbr || inst_at(f, end->arg[0])->op != OP_iter_valid) return NULL;
    *state = inst_at(f, end->arg[0])->arg[0];
    const Inst *phi = inst_at(f, *state);
    bool plain = phi->op == OP_phi && phi->block == loop->header && phi->type->kind == TYPE_ITER &&
                 inst_at(f, end->arg[0])->block == loop->header &&
                 loops->of_block[end->imm.target[0]] == loop && loops->of_block[end->imm.target[1]] != loop;
    return plain ? phi->type->elem[0] : NULL;
}

/* As many items as fit into memory, which takes no time worth stopping. */
static bool is_short(const Type *container) {
    if (container->kind == TYPE_GENERATOR) return false; /* may be endless */
    if (container->kind != TYPE_ZIP) return container->kind != TYPE_RANGE;
    for (uint32_t i = 0; i < container->nelem; i++)
        if (is_short(container->elem[i])) return true;
    return container->nelem == 0;
}

static bool takes_array(const Func *f, const Inst *i) {
    for (uint32_t k = 0; k < i->nargs; k++)
        if (value_type(f, i->arg[k]) && type_is_array(value_type(f, i->arg[k]))) return true;
    return false;
}

static bool takes_long(const Func *f, uint32_t depth);

static bool is_long(const Func *f, const Inst *i, uint32_t depth) {
    if (i->op == OP_map || i->op == OP_parallel || i->op == OP_format || i->op == OP_checkpoint) return true;
    if (i->callee && !i->row) return takes_long(i->callee, depth + 1);
    return i->op == OP_call && i->row && !(i->row->flags & (LIB_PURE | LIB_ELEMENT)) && takes_array(f, i);
}

static bool has_long_ops(const Func *f, const Loop *loop) {
    for (uint32_t k = 0; k < loop->blocks.n; k++) {
        const Block *b = block_at(f, loop->blocks.at[k]);
        for (uint32_t n = 0; n < b->inst.n; n++)
            if (is_long(f, inst_at(f, b->inst.at[n]), 0)) return true;
    }
    return false;
}

/* ---- short loops and functions ---------------------------------------------------------------------------------- */

/* How often a loop over range(constants) runs; 0: not known, or more than TINY times. */
static int64_t constant_count(const Func *f, const Loops *loops, const Loop *loop) {
    ValueId state = NO_VALUE;
    const Type *container = loop_container(f, loops, loop, &state);
    if (!container || container->kind != TYPE_RANGE || !(container->flags & TYPE_RANGE_UNIT) ||
        loop->preheader == NO_BLOCK)
        return 0;
    const Inst *begin = inst_at(f, inst_at(f, state)->arg[ir_pred_index(f, loop->header, loop->preheader)]);
    const Inst *range = begin->op == OP_iter ? inst_at(f, begin->arg[0]) : begin;
    if (range->op != OP_call || range->nbound != 1 || range->bound[0] == NO_VALUE) return 0;
    const Type *args = value_type(f, range->bound[0]);
    for (uint32_t k = 0; k < args->nelem; k++)
        if (args->elem[k]->kind != TYPE_LITERAL) return 0;
    int64_t start = args->nelem > 1 ? args->elem[0]->value : 0, stop = args->elem[args->nelem > 1]->value, n;
    if (__builtin_sub_overflow(stop, start, &n) || n > TINY) return 0;
    return n > 0 ? n : 1;
}

/* Iterations of a loop and those in it, all of them counted; 0: more than TINY_TOTAL, or not known. */
static int64_t total_count(const Func *f, const Loops *loops, const Loop *loop) {
    int64_t inside = 1, n = constant_count(f, loops, loop);
    for (uint32_t k = 0; k < loops->loops.n && n; k++) {
        if (loops->loops.at[k]->parent != loop) continue;
        int64_t m = total_count(f, loops, loops->loops.at[k]);
        if (!m) return 0;
        inside += m;
    }
    return n && inside <= TINY_TOTAL / n ? n * inside : 0;
}

static bool is_tiny(const Func *f, const Loops *loops, const Loop *loop) {
    return total_count(f, loops, loop) && !has_long_ops(f, loop);
}

/* Innermost, or with tiny loops inside only. */
static bool is_innermost(const Func *f, const Loops *loops, const Loop *loop) {
    for (uint32_t k = 0; k < loops->loops.n; k++)
        if (loops->loops.at[k]->parent == loop && !total_count(f, loops, loops->loops.at[k])) return false;
    return true;
}

/* A function that may run for a while: it has loops, calls itself, or works on whole arrays. */
static bool takes_long(const Func *f, uint32_t depth) {
    if (f->state != FUNC_TYPED || f->is_generator || depth > MAX_DEPTH) return true;
    for (BlockId b = 0; b < f->block.n; b++) {
        const Block *block = block_at(f, b);
        for (uint32_t n = 0; n < block->inst.n && !block->dead; n++)
            if (is_long(f, inst_at(f, block->inst.at[n]), depth)) return true;
    }
    Dominators dom;
    Loops loops;
    dom_compute(&f->unit->arena, f, &dom);
    loops_compute(&f->unit->arena, f, &dom, &loops);
    for (uint32_t k = 0; k < loops.loops.n; k++)
        if (!total_count(f, &loops, loops.loops.at[k])) return true;
    return false;
}

/* ---- a checkpoint per iteration ----------------------------------------------------------------------------------- */

static uint32_t phi_count(const Func *f, BlockId b) {
    uint32_t n = 0;
    while (n < block_at(f, b)->inst.n && inst_at(f, block_at(f, b)->inst.at[n])->op == OP_phi) n++;
    return n;
}

static void poll_header(Func *f, BlockId header) {
    uint32_t position = phi_count(f, header), span = inst_at(f, block_at(f, header)->inst.at[position])->span;
    if (block_at(f, header)->handler != NO_BLOCK) {
        BlockId rest = ir_split_block(f, header, position);
        block_at(f, header)->handler = NO_BLOCK;
        ir_br(&(Builder){.f = f, .block = header, .span = span}, rest);
    }
    ValueId v = ir_new(f, OP_checkpoint, NULL, 0, NULL);
    inst_at(f, v)->span = span;
    ir_insert(f, header, position, v);
}

/* ---- strip-mining --------------------------------------------------------------------------------------------------- */

typedef struct {
    Func *f;
    const Loops *loops;
    const Loop *loop;
    uint32_t nblocks; /* that `loops` knows; later ones are outside */
    CounterContext context;
    ValueId state;
    Vec(ValueId) phis;   /* of the header */
    Vec(ValueId) around; /* their phis in `outer` */
    BlockId outer, check, poll, exit;
    BlockId tail;  /* where the loop is left: the header, or the latch of a counter */
    ValueId again; /* the condition there */
    uint32_t span;
} Strip;

static ValueId i64(Builder *b, int64_t value) { return ir_const_int(b, type_i64, value); }

/* Where this piece of a range ends, in `outer`: a value of the field that the header compares. */
static ValueId emit_limit(Builder *b, ValueId state, bool unit) {
    if (unit) {
        ValueId current = ir_field(b, state, ITER_CURRENT);
        return counter_emit_end(b, current, ir_field(b, state, ITER_STOP));
    }
    ValueId remaining = ir_field(b, state, ITER_REMAINING), strip = i64(b, STRIP);
    ValueId far = ir_icmp(b, PRED_GT, remaining, strip);
    ValueId limit = ir_select(b, far, ir_binop(b, OP_isub, remaining, strip), i64(b, 0));
    inst_at(b->f, limit)->flags |= INST_LIMIT;
    return limit;
}

static bool is_inside(const Strip *s, BlockId b) {
    return b < s->nblocks && s->loops->of_block[b] == s->loop;
}

/* Edges from outside come to `outer`, whose phis feed the header's. */
static void enter_through_outer(Strip *s) {
    Func *f = s->f;
    Block *h = block_at(f, s->loop->header);
    for (uint32_t n = 0; n < phi_count(f, s->loop->header); n++)
        vec_push(&f->unit->arena, &s->phis, h->inst.at[n]);
    for (uint32_t n = 0; n < s->phis.n; n++) {
        ValueId around = ir_phi(f, s->outer, value_type(f, s->phis.at[n]));
        vec_push(&f->unit->arena, &s->around, around);
    }
    for (uint32_t k = 0; k < block_at(f, s->loop->header)->pred.n;) {
        BlockId p = block_at(f, s->loop->header)->pred.at[k];
        if (is_inside(s, p)) {
            k++;
            continue;
        }
        for (uint32_t n = 0; n < s->phis.n; n++)
            ir_phi_add(f, s->around.at[n], inst_at(f, s->phis.at[n])->arg[k]);
        ir_edge_retarget(f, p, s->loop->header, s->outer);
    }
}

static ValueId outer_state(const Strip *s) {
    uint32_t n = 0;
    while (s->phis.at[n] != s->state) n++;
    return s->around.at[n];
}

/* The tail asks whether this piece is at its end. */
static void compare_with_limit(Strip *s, ValueId x, Predicate p, ValueId limit) {
    Func *f = s->f;
    ValueId more = ir_new(f, OP_icmp, type_bool, 2, (ValueId[]){x, limit});
    inst_at(f, more)->sub = (uint8_t)p;
    ir_insert(f, s->tail, block_at(f, s->tail)->inst.n - 1, more);
    inst_at(f, ir_terminator(f, s->tail))->arg[0] = more;
}

/* What `again` says, in `check`. */
static ValueId emit_again(Strip *s, Builder *b) {
    if (inst_at(s->f, s->again)->op != OP_iter_valid) return s->again;
    ValueId valid = ir_emit(b, OP_iter_valid, type_bool, s->state);
    Inst *copy = inst_at(s->f, valid), *old = inst_at(s->f, s->again);
    copy->row = old->row;
    copy->nbound = old->nbound;
    copy->bound = old->bound;
    return valid;
}

/* tail -> check -> poll or exit; the exit's phis see `check` where they saw the tail. */
static void leave_through_check(Strip *s) {
    Func *f = s->f;
    BlockId header = s->loop->header;
    bool is_range = inst_at(f, s->again)->op == OP_iter_valid;
    uint32_t k = ir_pred_index(f, s->exit, s->tail), nphis = phi_count(f, s->exit),
             latch = ir_pred_index(f, header, s->tail);
    ValueId *operand = arena_array(&f->unit->arena, ValueId, nphis + 1);
    for (uint32_t n = 0; n < nphis; n++) operand[n] = inst_at(f, block_at(f, s->exit)->inst.at[n])->arg[k];
    ir_edge_retarget(f, s->tail, s->exit, s->check);
    Builder b = {.f = f, .block = s->check, .span = s->span};
    ir_condbr(&b, emit_again(s, &b), s->poll, s->exit);
    inst_at(f, ir_terminator(f, s->check))->flags |= INST_COLD;
    for (uint32_t n = 0; n < nphis; n++) ir_phi_add(f, block_at(f, s->exit)->inst.at[n], operand[n]);
    b.block = s->poll;
    ir_append(&b, OP_checkpoint, NULL, 0, NULL);
    ir_br(&b, s->outer);
    for (uint32_t n = 0; n < s->phis.n; n++) {
        ValueId phi = s->phis.at[n];
        ir_phi_add(f, s->around.at[n], is_range ? phi : inst_at(f, phi)->arg[latch]);
    }
}

static BlockId strip_block(Func *f, uint32_t depth) {
    BlockId b = ir_block(f);
    block_at(f, b)->loop_depth = depth;
    return b;
}

static void begin_strip(Strip *s) {
    const Loop *loop = s->loop;
    const Inst *end = inst_at(s->f, ir_terminator(s->f, s->tail));
    s->again = end->arg[0];
    s->exit = end->imm.target[1];
    s->span = end->span;
    s->outer = strip_block(s->f, loop->depth);
    s->check = strip_block(s->f, loop->depth);
    s->poll = strip_block(s->f, loop->depth);
    for (uint32_t k = 0; k < loop->blocks.n; k++)
        block_at(s->f, loop->blocks.at[k])->loop_depth = loop->depth + 1;
    enter_through_outer(s);
}

static void end_strip(Strip *s, Builder *outer) {
    ir_br(outer, s->loop->header);
    for (uint32_t n = 0; n < s->phis.n; n++) ir_phi_add(s->f, s->phis.at[n], s->around.at[n]);
    leave_through_check(s);
}

static void strip_range(Strip *s) {
    bool unit = value_type(s->f, s->state)->elem[0]->flags & TYPE_RANGE_UNIT;
    s->tail = s->loop->header;
    begin_strip(s);
    Builder b = {.f = s->f, .block = s->outer, .span = s->span};
    ValueId limit = emit_limit(&b, outer_state(s), unit);
    ValueId field = ir_new(s->f, OP_field, type_i64, 1, &s->state);
    inst_at(s->f, field)->imm.field = unit ? ITER_CURRENT : ITER_REMAINING;
    ir_insert(s->f, s->tail, block_at(s->f, s->tail)->inst.n - 1, field);
    compare_with_limit(s, field, unit ? PRED_LT : PRED_GT, limit);
    end_strip(s, &b);
}

/* ---- counters ------------------------------------------------------------------------------------------------------- */

/* The phi of a counter that the loop tests, or NO_VALUE. */
static ValueId find_counter(const Affines *affines, const Loop *loop) {
    for (uint32_t i = 0; i < affines->inductions.n; i++) {
        const Induction *x = &affines->inductions.at[i];
        if (x->loop == loop && value_type(affines->f, x->state) == type_i64) return x->state;
    }
    return NO_VALUE;
}

/* The one latch tests `x < stop` with a stop that does not change. */
static bool tests_below(const Strip *s, Affines *affines, ValueId *x, Affine *stop) {
    const Loop *loop = s->loop;
    if (loop->latch == NO_BLOCK) return false;
    const Inst *end = inst_at(s->f, ir_terminator(s->f, loop->latch));
    if (end->op != OP_condbr || end->imm.target[0] != loop->header || is_inside(s, end->imm.target[1]))
        return false;
    const Inst *test = inst_at(s->f, end->arg[0]);
    if (test->op != OP_binary || (test->sub != OPERATOR_LT && test->sub != OPERATOR_GT)) return false;
    *x = test->arg[test->sub == OPERATOR_GT];
    *stop = affine_of(affines, test->arg[test->sub == OPERATOR_LT]);
    return value_type(s->f, *x) == type_i64 && counter_is_invariant(&s->context, s->loop, stop);
}

static void strip_counter(Strip *s, const Affines *affines, ValueId x, const Affine *stop) {
    s->tail = s->loop->latch;
    begin_strip(s);
    Builder b = {.f = s->f, .block = s->outer, .span = s->span};
    ValueId limit = counter_emit_end(&b, outer_state(s), counter_emit_invariant(&b, affines, stop));
    compare_with_limit(s, x, PRED_LT, limit);
    end_strip(s, &b);
}

/* ---- the pass --------------------------------------------------------------------------------------------------------- */

/* Innermost and by itself. */
static void poll_counter(Strip *s, Affines *affines) {
    ValueId x;
    Affine stop;
    bool cold = block_at(s->f, s->loop->header)->cold;
    if (!cold && tests_below(s, affines, &x, &stop)) strip_counter(s, affines, x, &stop);
    else poll_header(s->f, s->loop->header);
}

static bool has_suspend(const Func *f, const Loop *loop) {
    for (uint32_t k = 0; k < loop->blocks.n; k++) {
        const Block *b = block_at(f, loop->blocks.at[k]);
        for (uint32_t i = 0; i < b->inst.n; i++)
            if (inst_at(f, b->inst.at[i])->op == OP_suspend) return true;
    }
    return false;
}

static bool has_checkpoint(const Func *f, const Loop *loop) {
    const Block *b = block_at(f, loop->header);
    for (uint32_t i = 0; i < b->inst.n; i++)
        if (inst_at(f, b->inst.at[i])->op == OP_checkpoint) return true;
    return false;
}

/* No checkpoint is needed before the loop around has one: the loop ends with some array, or after a few items. */
static bool ends_soon(const Strip *s, ValueId counter, const Affine *stop) {
    bool nested = s->loop->parent != NULL;
    if (nested && stop->ok && stop->n == 0 && stop->c <= STRIP) return true;
    return nested && counter_walks_array(&s->context, s->loop, counter);
}

/* The stop of the loop's range, if it is an ascending one; its start may be anywhere, which is rare. */
static Affine stop_of_range(const Affines *affines, const Loop *loop) {
    for (uint32_t i = 0; i < affines->inductions.n; i++)
        if (affines->inductions.at[i].loop == loop && affines->inductions.at[i].low.ok &&
            affines->inductions.at[i].low.n == 0 && affines->inductions.at[i].low.c >= 0)
            return affines->inductions.at[i].high;
    return (Affine){0};
}

static void poll_range(Strip *s, Affines *affines, const Type *container) {
    bool is_range = container->kind == TYPE_RANGE && container->elem[0] == type_i64;
    Affine stop = stop_of_range(affines, s->loop);
    if (is_short(container) || (is_range && ends_soon(s, s->state, &stop))) return;
    if (is_range && s->loop->innermost && !block_at(s->f, s->loop->header)->cold) strip_range(s);
    else if (is_range || !s->loop->parent) poll_header(s->f, s->loop->header);
}

static void poll_while(Strip *s, Affines *affines) {
    CountedTest test;
    Affine unknown = {0};
    if (s->state != NO_VALUE) {
        if (!ends_soon(s, s->state, &unknown)) poll_counter(s, affines);
    } else if (!counter_find_test(&s->context, s->loop, &test)) {
        poll_header(s->f, s->loop->header);
    } else if (!ends_soon(s, test.counter, &unknown)) {
        if (block_at(s->f, s->loop->header)->cold) poll_header(s->f, s->loop->header);
        else counter_add_checkpoint(&s->context, &test);
    }
}

static void poll_loop(Strip *s, Affines *affines) {
    Func *f = s->f;
    const Loop *loop = s->loop;
    if ((f->is_generator && has_suspend(f, loop)) || has_checkpoint(f, loop)) return;
    if (loop_has_closed_form(f, s->loops, loop)) return;
    const Type *container = loop_container(f, s->loops, loop, &s->state);
    if (is_tiny(f, s->loops, loop)) return;
    bool plain = is_innermost(f, s->loops, loop) && !has_long_ops(f, loop), has_tiny = !loop->innermost;
    if (!plain || (has_tiny && (!loop->parent || !container))) {
        poll_header(f, loop->header);
    } else if (container) {
        poll_range(s, affines, container);
    } else {
        s->state = find_counter(affines, loop);
        poll_while(s, affines);
    }
}

void pass_polls(Func *f) {
    if (!f->unit->options.polls) return;
    Arena *a = &f->unit->arena;
    Dominators dom;
    Loops loops;
    Affines affines;
    dom_compute(a, f, &dom);
    loops_compute(a, f, &dom, &loops);
    if (loops.loops.n == 0) return;
    affines_init(&affines, f, &dom, &loops);
    uint32_t nblocks = f->block.n;
    for (uint32_t i = 0; i < loops.loops.n; i++) {
        Strip s = {.f = f, .loops = &loops, .nblocks = nblocks, .loop = loops.loops.at[i], .state = NO_VALUE};
        s.context = (CounterContext){f, &affines, &dom, &loops, nblocks};
        poll_loop(&s, &affines);
    }
    ir_remove_dead_values(f);
}
