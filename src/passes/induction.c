/* induction.c - the ranges of induction variables: what counts in a loop, and from where to where.
 *
 *   for i in range(...)      the item of the state, where the loop's condition was true; a step that is not a
 *                            constant is taken for positive, which is a condition of what follows
 *   for i, x in enumerate(a) the first item of the pairs: from the first count on, len(a) of them
 *   x % m                    from 0 to m - 1, as m is not zero, if it is not negative
 *   while i < n and ...      a header phi that grows or shrinks by a constant, where each edge into the header comes from
 *                            a test of its operand (CPython tests at the bottom and once in front)
 */
#include "passes/affine.h"

bool loop_contains(const Loop *loop, const Loop *inner) {
    while (inner && inner != loop) inner = inner->parent;
    return inner != NULL;
}

/* start, stop and step of a range value; false when its construction is not seen. */
static bool range_parts(Affines *s, ValueId range, Affine part[3]) {
    const Inst *i = inst_at(s->f, range);
    part[RANGE_START] = affine_constant(0);
    part[RANGE_STEP] = affine_constant(1);
    if (i->op == OP_tuple) {
        for (uint32_t k = 0; k < i->nargs && k < 3; k++) part[k] = affine_of(s, i->arg[k]);
        return i->nargs >= 2;
    }
    if (i->op != OP_call || i->nbound != 1 ||
        !(affine_is_row(i, "builtins.range") || affine_is_row(i, "naja.prange")))
        return false;
    uint32_t n = value_type(s->f, i->bound[0])->nelem;
    if (n == 1) part[RANGE_STOP] = affine_item(s, i->bound[0], 0);
    for (uint32_t k = 0; n > 1 && k < n && k < 3; k++) part[k] = affine_item(s, i->bound[0], k);
    return n >= 1 && n <= 3;
}

/* Whether the value that the program computes is the polynomial's own, not only modulo 2^64: nothing is added that
 * could make it wrap. */
bool affine_is_exact(const Affines *s, const Affine *a) {
    if (!a->ok || a->n > 1) return false;
    if (a->n == 0) return true;
    if (a->term[0].k != 1 || a->term[0].y != NO_SYMBOL) return false;
    switch (s->symbols.at[a->term[0].x].kind) {
    case SYMBOL_EXTENT: return a->c <= 0; /* an extent is not negative */
    case SYMBOL_INDUCTION: {              /* below an int64 stop; above a constant */
        const Induction *i = &s->inductions.at[s->symbols.at[a->term[0].x].loop];
        return i->is_exact && (a->c == 0 || a->c == 1 || (a->c < 0 && i->low.n == 0));
    }
    default: return a->c == 0;
    }
}

/* The `iter` instruction that starts a loop whose state is this phi, if there is only one. */
static ValueId state_begin(const Func *f, const Loops *loops, const Loop *loop, const Inst *phi) {
    const Block *header = block_at(f, loop->header);
    ValueId begin = NO_VALUE;
    for (uint32_t k = 0; k < phi->nargs; k++) {
        const Inst *from = inst_at(f, phi->arg[k]);
        if (loop_contains(loop, loops->of_block[header->pred.at[k]])) {
            if (from->op != OP_iter_next || inst_at(f, from->arg[0]) != phi) return NO_VALUE;
        } else {
            if (begin != NO_VALUE && begin != phi->arg[k]) return NO_VALUE;
            begin = phi->arg[k];
        }
    }
    return begin != NO_VALUE && inst_at(f, begin)->op == OP_iter ? begin : NO_VALUE;
}

static void add_induction(Affines *s, const Loop *loop, ValueId state, BlockId body, const Affine *low,
                          const Affine *high, bool is_exact) {
    Induction i = {
        .state = state, .loop = loop, .body = body, .low = *low, .high = *high, .is_exact = is_exact};
    if (low->ok && high->ok) vec_push(s->arena, &s->inductions, i);
}

/* ---- range and enumerate ------------------------------------------------------------------------------------------ */

static void add_range(Affines *s, const Loop *loop, ValueId state, BlockId body, ValueId range) {
    Affine part[3], one = affine_constant(1);
    if (value_type(s->f, range)->elem[0] != type_i64 || !range_parts(s, range, part)) return;
    const Affine *start = &part[RANGE_START], *stop = &part[RANGE_STOP], *step = &part[RANGE_STEP];
    if (!step->ok || (step->n == 0 && step->c == 0)) return;
    bool up = step->n || step->c > 0,
         exact = step->n == 0 && affine_is_exact(s, start) && affine_is_exact(s, stop);
    Affine end = affine_add(*stop, &one, up ? -1 : 1), ascent = affine_add(*step, &one, -1);
    if (step->n && !ascent.ok) return;
    uint32_t known = s->inductions.n;
    add_induction(s, loop, state, body, up ? start : &end, up ? &end : start, exact);
    if (step->n && s->inductions.n > known) s->inductions.at[known].ascent = ascent;
}

/* The state counts from the first count on. */
static void add_enumerate(Affines *s, const Loop *loop, ValueId state, BlockId body, ValueId zip) {
    const Inst *i = inst_at(s->f, zip);
    if (!affine_is_row(i, "builtins.enumerate") || i->nbound != 2) return;
    if (i->bound[0] == NO_VALUE || !type_is_array(value_type(s->f, i->bound[0]))) return;
    Affine first = i->bound[1] == NO_VALUE ? affine_constant(0) : affine_of(s, i->bound[1]),
           one = affine_constant(1);
    Affine extent = affine_extent(s, i->bound[0], 0),
           high = affine_add(affine_add(first, &extent, 1), &one, -1);
    add_induction(s, loop, state, body, &first, &high, first.ok && first.n == 0 && first.c == 0);
}

static void add_for(Affines *s, const Loops *loops, const Loop *loop) {
    const Func *f = s->f;
    const Inst *end = inst_at(f, ir_terminator(f, loop->header));
    if (end->op != OP_condbr || inst_at(f, end->arg[0])->op != OP_iter_valid) return;
    ValueId state = inst_at(f, end->arg[0])->arg[0], begin;
    const Inst *phi = inst_at(f, state);
    BlockId body = end->imm.target[0];
    if (phi->op != OP_phi || phi->block != loop->header || block_at(f, body)->pred.n != 1) return;
    if ((begin = state_begin(f, loops, loop, phi)) == NO_VALUE) return;
    const Type *container = phi->type->elem[0];
    if (container->kind == TYPE_RANGE) add_range(s, loop, state, body, inst_at(f, begin)->arg[0]);
    if (container->kind == TYPE_ZIP && container->flags & TYPE_ZIP_ENUMERATE)
        add_enumerate(s, loop, state, body, inst_at(f, begin)->arg[0]);
}

/* ---- remainders --------------------------------------------------------------------------------------------------- */

/* Only where a remainder by zero raises: under the NumPy error model it is 0. */
Affine affine_remainder(Affines *s, ValueId v, const Affine *m) {
    Affine one = affine_constant(1), zero = affine_constant(0), high = affine_add(*m, &one, -1);
    if (!high.ok || (m->n == 0 && m->c <= 0) || func_options(s->f)->error_model_numpy) return (Affine){0};
    for (uint32_t n = 0; n < s->inductions.n; n++)
        if (s->inductions.at[n].state == v) return affine_induction(s, v, n);
    add_induction(s, NULL, v, NO_BLOCK, &zero, &high, affine_is_exact(s, m));
    if (!affine_is_nonnegative(s, m)) s->inductions.at[s->inductions.n - 1].ascent = high;
    return affine_induction(s, v, s->inductions.n - 1);
}

/* ---- what branches say --------------------------------------------------------------------------------------------- */

enum {
    MAX_STEPS = 8,
    MAX_GUARDS = 24
}; /* blocks to walk up: to a test in front of a loop; to one around an access */

/* What taking an edge says of an integer: it is at most `end`, or at least. */
typedef struct {
    bool down;
    Affine end;
    bool
        is_exact; /* `end` is what it says without wrapping; a counter that makes one more step does not wrap either */
} EndTest;

static Operator opposite(Operator o) {
    switch (o) {
    case OPERATOR_LT: return OPERATOR_GE;
    case OPERATOR_LE: return OPERATOR_GT;
    case OPERATOR_GT: return OPERATOR_LE;
    case OPERATOR_GE: return OPERATOR_LT;
    default: return o;
    }
}

/* `x < stop` or `x <= stop` (down: `x > stop` or `x >= stop`), however it is written. */
static bool bound_of_test(Affines *s, ValueId cond, bool holds, Affine *x, EndTest *t) {
    const Inst *i = inst_at(s->f, cond);
    if (i->op != OP_binary || !i->row || i->nargs != 2) return false;
    Operator o = holds ? (Operator)i->sub : opposite((Operator)i->sub);
    bool greater = o == OPERATOR_GT || o == OPERATOR_GE, swapped = greater != t->down;
    bool strict = o == OPERATOR_LT || o == OPERATOR_GT;
    if (!strict && o != OPERATOR_LE && o != OPERATOR_GE) return false;
    for (uint32_t k = 0; k < 2; k++) {
        const Type *type = type_base(value_type(s->f, i->arg[k]));
        if (type->kind != TYPE_INT || (type->bits == 64 && !type->is_signed)) return false;
    }
    Affine stop = affine_of(s, i->arg[!swapped]), one = affine_constant(1);
    *x = affine_of(s, i->arg[swapped]);
    t->is_exact = (strict || stop.n == 0) &&
                  affine_is_exact(s, &stop); /* behind x <= stop, x + 1 could wrap */
    t->end = strict ? affine_add(stop, &one, t->down ? 1 : -1) : stop;
    return x->ok && t->end.ok;
}

static bool edge_tests(Affines *s, BlockId from, BlockId to, const Affine *operand, EndTest *t) {
    const Inst *end = inst_at(s->f, ir_terminator(s->f, from));
    Affine x;
    return end->op == OP_condbr && end->imm.target[0] != end->imm.target[1] &&
           bound_of_test(s, end->arg[0], end->imm.target[0] == to, &x, t) && affine_equal(&x, operand);
}

bool affine_guard(Affines *s, BlockId at, const Affine *x, bool down, Affine *end) {
    for (uint32_t steps = 0; x->ok && at != ENTRY_BLOCK && steps < MAX_GUARDS;
         steps++, at = s->dom->idom[at]) {
        const Block *b = block_at(s->f, at);
        EndTest t = {.down = down};
        if (b->pred.n != 1 || !edge_tests(s, b->pred.at[0], at, x, &t) || !t.is_exact) continue;
        *end = t.end;
        return true;
    }
    return false;
}

/* ---- while -------------------------------------------------------------------------------------------------------- */

/* Edge number k into the header tests the phi's operand.  Other blocks may stand between: more conditions of the loop, the
 * test that versioning adds. */
static bool edge_is_tested(Affines *s, BlockId header, uint32_t k, const Affine *operand, EndTest *t) {
    BlockId to = header, from = block_at(s->f, header)->pred.at[k];
    for (uint32_t steps = 0; !edge_tests(s, from, to, operand, t); steps++) {
        if (steps == MAX_STEPS || block_at(s->f, from)->pred.n != 1) return false;
        to = from;
        from = block_at(s->f, from)->pred.at[0];
    }
    return true;
}

/* A phi that grows by a constant in every iteration, or shrinks. */
static bool add_counter(Affines *s, const Loops *loops, const Loop *loop, ValueId v, bool down) {
    const Block *header = block_at(s->f, loop->header);
    Affine begin = {0}, end = {0}, self = affine_of(s, v);
    bool exact = true;
    for (uint32_t k = 0; k < header->pred.n; k++) {
        EndTest test = {.down = down};
        Affine operand = affine_of(s, inst_at(s->f, v)->arg[k]), step = affine_add(operand, &self, -1);
        bool inside = loop_contains(loop, loops->of_block[header->pred.at[k]]);
        if (!edge_is_tested(s, loop->header, k, &operand, &test)) return false;
        if (inside && (!step.ok || step.n || (down ? step.c >= 0 : step.c <= 0))) return false;
        if (!inside && begin.ok && !affine_equal(&begin, &operand)) return false;
        if (k && !affine_equal(&end, &test.end)) return false;
        if (!inside) begin = operand;
        end = test.end;
        exact &= test.is_exact && (inside ? step.c == 1 || step.c == -1 : affine_is_exact(s, &operand));
    }
    add_induction(s, loop, v, loop->header, down ? &end : &begin, down ? &begin : &end, exact);
    return true;
}

static void add_while(Affines *s, const Loops *loops, const Loop *loop) {
    const Block *header = block_at(s->f, loop->header);
    for (uint32_t k = 0; k < header->inst.n && inst_at(s->f, header->inst.at[k])->op == OP_phi; k++)
        if (value_type(s->f, header->inst.at[k]) == type_i64 &&
            !add_counter(s, loops, loop, header->inst.at[k], false))
            add_counter(s, loops, loop, header->inst.at[k], true);
}

/* Outer loops come first: the ranges of inner ones may rest on theirs. */
void affines_init(Affines *s, Func *f, const Dominators *dom, const Loops *loops) {
    *s = (Affines){.arena = &f->unit->arena, .f = f, .dom = dom};
    affine_find_counts(s);
    for (uint32_t i = 0; i < loops->loops.n; i++) {
        add_for(s, loops, loops->loops.at[i]);
        add_while(s, loops, loops->loops.at[i]);
    }
    for (uint32_t i = 0; i < loops->loops.n; i++) affine_add_chosen(s, loops, loops->loops.at[i]);
}
