/* counters.c - see counters.h.
 *
 * A `while` with several conditions, one of which a counter ends, is not strip-mined: it has no place in its middle where
 * an outer loop could begin.  Its limit is carried round instead, and moved on where it is reached:
 *
 *     header: limit = phi(end(x0), limit')             end(x) = x + STRIP, but at most stop
 *       ...
 *     test:   x < limit?  --no-->  check:  x < stop?  --no-->  outside
 *       | yes                        | yes
 *       v                            v
 *     inside: limit' = phi(limit, end(x))  <--  poll: checkpoint
 *
 * Nothing is added to an iteration.
 */
#include "passes/counters.h"

bool counter_is_inside(const CounterContext *c, const Loop *loop, BlockId b) {
    return b < c->nblocks && loop_contains(loop, c->loops->of_block[b]);
}

bool counter_is_invariant(const CounterContext *c, const Loop *loop, const Affine *a) {
    if (!a->ok || a->n != 1 || a->term[0].k != 1 || a->term[0].y != NO_SYMBOL) return a->ok && a->n == 0;
    return !counter_is_inside(c, loop, inst_at(c->f, c->affines->symbols.at[a->term[0].x].value)->block);
}

ValueId counter_emit_invariant(Builder *b, const Affines *affines, const Affine *a) {
    if (a->n == 0) return ir_const_int(b, type_i64, a->c);
    ValueId v = affine_emit_symbol(affines, b, a->term[0].x);
    return a->c ? ir_binop(b, OP_iadd, v, ir_const_int(b, type_i64, a->c)) : v;
}

/* From a current below stop the distance is a number without sign; from one above it could look like any. */
ValueId counter_emit_end(Builder *b, ValueId current, ValueId stop) {
    ValueId strip = ir_const_int(b, type_i64, STRIP);
    ValueId far = ir_icmp(b, PRED_UGT, ir_binop(b, OP_isub, stop, current), strip);
    far = ir_binop(b, OP_iand, ir_icmp(b, PRED_LT, current, stop), far);
    ValueId limit = ir_select(b, far, ir_binop(b, OP_iadd, current, strip), stop);
    inst_at(b->f, limit)->flags |= INST_LIMIT;
    return limit;
}

/* ---- finding --------------------------------------------------------------------------------------------------- */

/* The block is passed in every iteration. */
static bool is_always_passed(const CounterContext *c, const Loop *loop, BlockId block) {
    const Block *header = block_at(c->f, loop->header);
    for (uint32_t k = 0; k < header->pred.n; k++)
        if (counter_is_inside(c, loop, header->pred.at[k]) &&
            !dom_dominates(c->dom, block, header->pred.at[k]))
            return false;
    return true;
}

/* The phi's value in the next iteration is this one's and a positive constant, whichever way it comes. */
static bool counts_up(const CounterContext *c, const Loop *loop, ValueId phi) {
    const Block *header = block_at(c->f, loop->header);
    Affine here = affine_of(c->affines, phi);
    for (uint32_t k = 0; k < header->pred.n; k++) {
        if (!counter_is_inside(c, loop, header->pred.at[k])) continue;
        Affine next = affine_of(c->affines, inst_at(c->f, phi)->arg[k]);
        if (!next.ok || !affine_equal_terms(&next, &here) || next.c <= here.c || next.c - here.c > STRIP)
            return false;
    }
    return here.n == 1 && here.term[0].k == 1 && here.term[0].y == NO_SYMBOL;
}

static bool test_of_block(const CounterContext *c, const Loop *loop, BlockId b, ValueId counter,
                          CountedTest *t) {
    const Inst *end = inst_at(c->f, ir_terminator(c->f, b));
    if (end->op != OP_condbr || !counter_is_inside(c, loop, end->imm.target[0]) ||
        counter_is_inside(c, loop, end->imm.target[1]) || block_at(c->f, end->imm.target[0])->pred.n != 1)
        return false;
    const Inst *test = inst_at(c->f, end->arg[0]);
    if (test->op != OP_binary || (test->sub != OPERATOR_LT && test->sub != OPERATOR_GT)) return false;
    *t = (CountedTest){.loop = loop,
                       .counter = counter,
                       .test = b,
                       .inside = end->imm.target[0],
                       .outside = end->imm.target[1]};
    t->x = test->arg[test->sub == OPERATOR_GT];
    if (value_type(c->f, t->x) != type_i64 || block_at(c->f, b)->handler != NO_BLOCK) return false;
    Affine x = affine_of(c->affines, t->x), phi = affine_of(c->affines, counter);
    t->stop = affine_of(c->affines, test->arg[test->sub == OPERATOR_LT]);
    return x.ok && affine_equal_terms(&x, &phi) && counter_is_invariant(c, loop, &t->stop);
}

bool counter_find_test(const CounterContext *c, const Loop *loop, CountedTest *out) {
    const Block *header = block_at(c->f, loop->header);
    for (uint32_t n = 0; n < header->inst.n && inst_at(c->f, header->inst.at[n])->op == OP_phi; n++) {
        ValueId phi = header->inst.at[n];
        if (value_type(c->f, phi) != type_i64 || !counts_up(c, loop, phi)) continue;
        for (uint32_t k = 0; k < loop->blocks.n; k++)
            if (test_of_block(c, loop, loop->blocks.at[k], phi, out) &&
                is_always_passed(c, loop, loop->blocks.at[k]))
                return true;
    }
    return false;
}

/* ---- accesses ---------------------------------------------------------------------------------------------------- */

static bool moves_on(const CounterContext *c, const Loop *loop, ValueId index, ValueId counter) {
    Affine a = affine_of(c->affines, index);
    bool moves = false;
    for (uint32_t k = 0; a.ok && k < a.n; k++) {
        const Symbol *s = &c->affines->symbols.at[a.term[k].x];
        if (a.term[k].y != NO_SYMBOL) return false;
        if (s->value == counter) moves = a.term[k].k > 0;
        else if (counter_is_inside(c, loop, inst_at(c->f, s->value)->block)) return false;
    }
    return moves;
}

static bool is_walk(const CounterContext *c, const Loop *loop, const Inst *i, ValueId counter) {
    if ((i->op != OP_getitem && i->op != OP_setitem) || !i->row || i->nargs < 2) return false;
    const Type *t = value_type(c->f, i->arg[0]);
    if (!type_is_array(t) || counter_is_inside(c, loop, inst_at(c->f, i->arg[0])->block)) return false;
    const Inst *key = inst_at(c->f, i->arg[1]);
    if (key->op != OP_tuple) return moves_on(c, loop, i->arg[1], counter);
    for (uint32_t k = 0; k < key->nargs; k++)
        if (moves_on(c, loop, key->arg[k], counter)) return true;
    return false;
}

bool counter_walks_array(const CounterContext *c, const Loop *loop, ValueId counter) {
    for (uint32_t k = 0; k < loop->blocks.n; k++) {
        const Block *b = block_at(c->f, loop->blocks.at[k]);
        for (uint32_t n = 0; n < b->inst.n; n++)
            if (is_walk(c, loop, inst_at(c->f, b->inst.at[n]), counter) &&
                is_always_passed(c, loop, loop->blocks.at[k]))
                return true;
    }
    return false;
}

/* ---- checkpoints --------------------------------------------------------------------------------------------------- */

static BlockId new_block(Func *f, uint32_t depth) {
    BlockId b = ir_block(f);
    block_at(f, b)->loop_depth = depth;
    return b;
}

/* The limit that an iteration begins with: computed where the loop is entered, passed on by the others. */
static ValueId limit_phi(const CounterContext *c, const CountedTest *t, ValueId *moved, uint32_t span) {
    Func *f = c->f;
    ValueId limit = ir_phi(f, t->loop->header, type_i64);
    *moved = ir_phi(f, t->inside, type_i64);
    inst_at(f, limit)->flags |= INST_LIMIT;
    uint32_t npreds = block_at(f, t->loop->header)->pred.n;
    for (uint32_t k = 0; k < npreds; k++) {
        BlockId p = block_at(f, t->loop->header)->pred.at[k];
        ValueId from = *moved;
        if (!counter_is_inside(c, t->loop, p)) {
            ValueId terminator = vec_pop(&block_at(f, p)->inst);
            Builder b = {.f = f, .block = p, .span = span};
            from = counter_emit_end(&b, inst_at(f, t->counter)->arg[k],
                                    counter_emit_invariant(&b, c->affines, &t->stop));
            vec_push(&f->unit->arena, &block_at(f, p)->inst, terminator);
        }
        ir_phi_add(f, limit, from);
    }
    ir_phi_add(f, *moved, limit);
    return limit;
}

void counter_add_checkpoint(const CounterContext *c, const CountedTest *t) {
    Func *f = c->f;
    Arena *a = &f->unit->arena;
    uint32_t span = inst_at(f, ir_terminator(f, t->test))->span, k = ir_pred_index(f, t->outside, t->test),
             nphis = 0;
    ValueId moved, limit = limit_phi(c, t, &moved, span),
                   again = inst_at(f, ir_terminator(f, t->test))->arg[0];
    BlockId check = new_block(f, t->loop->depth), poll = new_block(f, t->loop->depth);
    const Block *outside = block_at(f, t->outside);
    ValueId *operand = arena_array(a, ValueId, outside->inst.n);
    for (; inst_at(f, outside->inst.at[nphis])->op == OP_phi; nphis++)
        operand[nphis] = inst_at(f, outside->inst.at[nphis])->arg[k];
    ValueId more = ir_new(f, OP_icmp, type_bool, 2, (ValueId[]){t->x, limit});
    inst_at(f, more)->sub = PRED_LT;
    ir_insert(f, t->test, block_at(f, t->test)->inst.n - 1, more);
    inst_at(f, ir_terminator(f, t->test))->arg[0] = more;
    ir_edge_retarget(f, t->test, t->outside, check);
    Builder b = {.f = f, .block = check, .span = span};
    ir_condbr(&b, again, poll, t->outside);
    inst_at(f, ir_terminator(f, check))->flags |= INST_COLD;
    for (uint32_t n = 0; n < nphis; n++) ir_phi_add(f, block_at(f, t->outside)->inst.at[n], operand[n]);
    b.block = poll;
    ir_append(&b, OP_checkpoint, NULL, 0, NULL);
    ValueId next = counter_emit_end(&b, t->x, counter_emit_invariant(&b, c->affines, &t->stop));
    ir_br(&b, t->inside);
    ir_phi_add(f, moved, next);
}
