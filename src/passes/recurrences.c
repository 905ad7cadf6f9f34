/* recurrences.c - which loops LLVM replaces by a formula, so that they need no checkpoint.
 *
 * A header phi is an add recurrence if every iteration adds a polynomial to it: a term of constants, values from outside,
 * the loop's index and other recurrences.  With terms of degree d its value behind n iterations is a polynomial of degree
 * d + 1 in n (scalar evolution; Bachmann, Wang, Zima: "Chains of recurrences", 1994).  A phi may also become such a term
 * as it is, if nothing in the loop reads it: it leaves the last one behind.
 *
 * The loop must be counted, of two blocks at most, and do nothing else: what may raise, reads or writes memory, calls or
 * is a float stays in its loop, and so do polynomials of higher degree.  Cold loops may be left as they are (codegen/
 * outline.c), as everything is in a unit for a debugger.
 */
#include "passes/recurrences.h"

enum { MAX_DEGREE = 4, MAX_DEPTH = 16, NO_POLYNOMIAL = -1 };

typedef struct {
    const Func *f;
    const Loops *loops;
    const Loop *loop;
} Recurrences;

static bool is_inside(const Recurrences *r, ValueId v) {
    BlockId b = inst_at(r->f, v)->block;
    return b != NO_BLOCK && r->loops->of_block[b] == r->loop;
}

static bool is_index_type(const Type *t) {
    return t == type_i64 || t == type_u64 || (t->kind == TYPE_LITERAL && type_base(t)->kind == TYPE_INT);
}

static bool is_arithmetic(const Inst *i) {
    if (i->op != OP_binary && i->op != OP_inplace) return false;
    return (i->sub == OPERATOR_ADD || i->sub == OPERATOR_SUB || i->sub == OPERATOR_MUL) &&
           is_index_type(i->type);
}

static ValueId from_latch(const Recurrences *r, const Inst *phi) {
    return phi->arg[ir_pred_index(r->f, r->loop->header, r->loop->latch)];
}

/* ---- polynomials ------------------------------------------------------------------------------------------------ */

static int degree_of(const Recurrences *r, ValueId v, uint32_t depth);

/* The degree of what an iteration adds to the phi: the latch's value is a sum of terms, of which the phi is one. */
static int degree_of_step(const Recurrences *r, ValueId next, ValueId phi, uint32_t depth) {
    const Inst *i = inst_at(r->f, next);
    if (next == phi) return 0;
    if (depth > MAX_DEPTH || !is_inside(r, next) || !is_arithmetic(i) || i->sub == OPERATOR_MUL)
        return NO_POLYNOMIAL;
    int step = degree_of_step(r, i->arg[0], phi, depth + 1), term = NO_POLYNOMIAL;
    if (step != NO_POLYNOMIAL) term = degree_of(r, i->arg[1], depth + 1);
    else if (i->sub == OPERATOR_ADD && (step = degree_of_step(r, i->arg[1], phi, depth + 1)) != NO_POLYNOMIAL)
        term = degree_of(r, i->arg[0], depth + 1);
    if (term == NO_POLYNOMIAL) return NO_POLYNOMIAL;
    return step > term ? step : term;
}

static int degree_of_phi(const Recurrences *r, ValueId v, uint32_t depth) {
    const Inst *phi = inst_at(r->f, v);
    if (phi->block != r->loop->header || !is_index_type(phi->type)) return NO_POLYNOMIAL;
    int step = degree_of_step(r, from_latch(r, phi), v, depth + 1);
    return step == NO_POLYNOMIAL ? NO_POLYNOMIAL : step + 1;
}

/* As a polynomial in the number of the iteration.  Phis that need each other are none, and end at MAX_DEPTH. */
static int degree_of(const Recurrences *r, ValueId v, uint32_t depth) {
    const Inst *i = inst_at(r->f, v);
    if (!i->type || !is_index_type(i->type) || depth > MAX_DEPTH) return NO_POLYNOMIAL;
    if (!is_inside(r, v) || i->op == OP_literal || i->op == OP_const_int) return 0;
    if (i->op == OP_iter_value) return 1;
    if (i->op == OP_phi) return degree_of_phi(r, v, depth);
    if (!is_arithmetic(i)) return NO_POLYNOMIAL;
    int x = degree_of(r, i->arg[0], depth + 1), y = degree_of(r, i->arg[1], depth + 1);
    if (x == NO_POLYNOMIAL || y == NO_POLYNOMIAL) return NO_POLYNOMIAL;
    if (i->sub == OPERATOR_MUL) return x + y;
    return x > y ? x : y;
}

/* ---- the loop ------------------------------------------------------------------------------------------------------- */

static bool is_read_inside(const Recurrences *r, ValueId v) {
    for (uint32_t b = 0; b < r->loop->blocks.n; b++) {
        const Block *block = block_at(r->f, r->loop->blocks.at[b]);
        for (uint32_t k = 0; k < block->inst.n; k++) {
            const Inst *i = inst_at(r->f, block->inst.at[k]);
            for (uint32_t a = 0; a < i->nargs; a++)
                if (i->arg[a] == v) return true;
        }
    }
    return false;
}

/* The state of the range, a recurrence, or the last value of a polynomial. */
static bool phi_has_closed_form(const Recurrences *r, ValueId v) {
    const Inst *phi = inst_at(r->f, v);
    if (phi->type->kind == TYPE_ITER) {
        const Type *t = phi->type->elem[0];
        const Inst *next = inst_at(r->f, from_latch(r, phi));
        return t->kind == TYPE_RANGE && t->elem[0] == type_i64 && next->op == OP_iter_next &&
               next->arg[0] == v;
    }
    int degree = degree_of(r, v, 0);
    if (degree == NO_POLYNOMIAL && !is_read_inside(r, v) && is_index_type(phi->type))
        degree = degree_of(r, from_latch(r, phi), 0);
    return degree != NO_POLYNOMIAL && degree <= MAX_DEGREE;
}

/* x < stop, where x is a counter that goes up by one, or what it becomes. */
static bool is_counter_test(const Recurrences *r, const Inst *test) {
    if (test->op != OP_binary || (test->sub != OPERATOR_LT && test->sub != OPERATOR_GT)) return false;
    ValueId x = test->arg[test->sub == OPERATOR_GT], stop = test->arg[test->sub == OPERATOR_LT];
    if (is_inside(r, stop) && inst_at(r->f, stop)->op != OP_literal) return false;
    if (value_type(r->f, x) != type_i64 || !is_index_type(value_type(r->f, stop))) return false;
    if (inst_at(r->f, x)->op == OP_phi)
        x = inst_at(r->f, x)->block == r->loop->header ? from_latch(r, inst_at(r->f, x)) : x;
    const Inst *add = inst_at(r->f, x);
    if (!is_inside(r, x) || !is_arithmetic(add) || add->sub != OPERATOR_ADD) return false;
    const Inst *phi = inst_at(r->f, add->arg[0]);
    const Type *one = value_type(r->f, add->arg[1]);
    return phi->op == OP_phi && phi->block == r->loop->header && from_latch(r, phi) == x &&
           one->kind == TYPE_LITERAL && one->value == 1;
}

/* Does the branch end the loop behind a number of iterations that is known in front of it? */
static bool is_counted(const Recurrences *r, const Inst *branch) {
    const Inst *test = inst_at(r->f, branch->arg[0]);
    if (!is_inside(r, branch->arg[0])) return false;
    if (test->op != OP_iter_valid) return is_counter_test(r, test);
    const Inst *state = inst_at(r->f, test->arg[0]);
    return state->op == OP_phi && state->block == r->loop->header;
}

static bool inst_has_closed_form(const Recurrences *r, ValueId v) {
    const Inst *i = inst_at(r->f, v);
    switch (i->op) {
    case OP_phi: return i->block == r->loop->header && phi_has_closed_form(r, v);
    case OP_iter_valid:
    case OP_iter_value:
    case OP_iter_next:
    case OP_literal:
    case OP_const_int:
    case OP_br: return true;
    case OP_condbr: return is_counted(r, i);
    case OP_binary: return is_arithmetic(i) || is_counter_test(r, i);
    default: return is_arithmetic(i);
    }
}

bool loop_has_closed_form(const Func *f, const Loops *loops, const Loop *loop) {
    Recurrences r = {f, loops, loop};
    uint32_t ntests = 0;
    if (f->noinline_ || block_at(f, loop->header)->cold) return false;
    if (!loop->innermost || loop->latch == NO_BLOCK || loop->blocks.n > 2 || f->unit->options.debug)
        return false;
    for (uint32_t b = 0; b < loop->blocks.n; b++) {
        const Block *block = block_at(f, loop->blocks.at[b]);
        for (uint32_t k = 0; k < block->inst.n; k++) {
            if (!inst_has_closed_form(&r, block->inst.at[k])) return false;
            ntests += inst_at(f, block->inst.at[k])->op == OP_condbr;
        }
    }
    return ntests == 1;
}
