/* guarded.c - carried variables that an iteration replaces instead of accumulating into.
 *
 * Such a variable is a header phi p.  Its *chain* is p and the phis inside the loop that merge it with other values;
 * a value merged in from outside of the chain is an *assignment*.  Two sorts have an answer that does not depend on
 * the schedule:
 *
 *   kept     Nothing but phis reads the chain.  What counts is the last assignment of all, so a block's partial
 *            result counts if the block assigned anything:   p = next.assigned ? next.p : p
 *   best     One comparison reads the chain, `x > p` (or <, >=, <=, either way round), every assignment is of that x,
 *            and it happens only where the comparison is true.  A block that assigned anything has its own best:
 *                p = next.assigned and next.p > p ? next.p : p
 *            Companions of p, variables assigned at the very same places as p (the index of an argmax), go along.
 *
 * Every block starts from the value that p has before the loop, unassigned.  For `best` that gives the serial result:
 * a block assigns only what beats the initial value, its last assignment is the first (>=: the last) of the block's
 * extremes, and in block order the same comparison decides between blocks.  NaN never beats anything, in both.
 *
 * Whether a block has assigned is a flag that this file adds to the loop: a bool phi beside every phi of the chain,
 * true where an assignment comes in.  The flag is an ordinary reduction with `or`.
 */
#include "passes/prange.h"

typedef struct {
    ParallelLoop *p;
    Dominators dom;
    Carried *c;
    bool *in;           /* by value: belongs to the chain */
    Vec(ValueId) chain; /* the header phi first */
    ValueId compare;    /* the one comparison that reads the chain; NO_VALUE */
} Guarded;

typedef bool (*VisitOperand)(Guarded *g, const Inst *phi, uint32_t operand, void *data);

/* Calls `visit` for each operand of the chain's phis that comes from inside the loop; stops when it says false. */
static bool each_operand(Guarded *g, VisitOperand visit, void *data) {
    const Func *f = g->p->f;
    for (uint32_t n = 0; n < g->chain.n; n++) {
        const Inst *phi = inst_at(f, g->chain.at[n]);
        for (uint32_t k = 0; k < phi->nargs; k++)
            if (g->p->inside[block_at(f, phi->block)->pred.at[k]] && !visit(g, phi, k, data)) return false;
    }
    return true;
}

/* ---- the chain --------------------------------------------------------------------------------------------------- */

static bool is_comparison(const Inst *i) {
    if (i->op != OP_binary) return false;
    Operator op = (Operator)i->sub;
    return op == OPERATOR_LT || op == OPERATOR_LE || op == OPERATOR_GT || op == OPERATOR_GE;
}

/* One use of a chain value; false: neither sort of variable. */
static bool take_use(Guarded *g, ValueId user) {
    const Inst *i = inst_at(g->p->f, user);
    if (is_comparison(i) && (g->compare == NO_VALUE || g->compare == user)) {
        g->compare = user;
        return true;
    }
    if (i->op != OP_phi || (i->block == g->p->header && user != g->c->phi)) return false;
    if (!g->in[user]) {
        g->in[user] = true;
        vec_push(&g->p->f->unit->arena, &g->chain, user);
    }
    return true;
}

static bool take_uses(Guarded *g, ValueId v) {
    const ParallelLoop *p = g->p;
    for (uint32_t b = 0; b < p->blocks.n; b++) {
        const Block *block = block_at(p->f, p->blocks.at[b]);
        for (uint32_t k = 0; k < block->inst.n; k++) {
            const Inst *i = inst_at(p->f, block->inst.at[k]);
            bool uses = false;
            for (uint32_t a = 0; a < i->nargs; a++) uses |= i->arg[a] == v;
            if (uses && !take_use(g, block->inst.at[k])) return false;
        }
    }
    return true;
}

static bool find_chain(Guarded *g) {
    ParallelLoop *p = g->p;
    g->in = arena_array(&p->f->unit->arena, bool, p->f->inst.n);
    g->in[g->c->phi] = true;
    vec_push(&p->f->unit->arena, &g->chain, g->c->phi);
    for (uint32_t n = 0; n < g->chain.n; n++)
        if (!take_uses(g, g->chain.at[n])) return false;
    return true;
}

/* ---- best ------------------------------------------------------------------------------------------------------- */

/* Making a range can raise, so its row is not LIB_PURE; it writes nothing all the same. */
static bool writes(const Inst *i) {
    bool pure = (i->row && i->row->flags & LIB_PURE) || (i->type && i->type->kind == TYPE_RANGE);
    return op_info[i->op].flags & OPF_EFFECT && !pure;
}

static bool loop_writes(const ParallelLoop *p) {
    for (uint32_t b = 0; b < p->blocks.n; b++) {
        const Block *block = block_at(p->f, p->blocks.at[b]);
        for (uint32_t k = 0; k < block->inst.n; k++)
            if (writes(inst_at(p->f, block->inst.at[k]))) return true;
    }
    return false;
}

bool parallel_same_operations(const Func *f, ValueId x, ValueId y) {
    if (x == y) return true;
    const Inst *i = inst_at(f, x), *j = inst_at(f, y);
    if (i->type && i->type == j->type && i->type->nleaves == 0)
        return true; /* literals: the type is the value */
    if (i->op != j->op || i->sub != j->sub || i->type != j->type || i->row != j->row || i->nargs != j->nargs)
        return false;
    bool known = i->op == OP_getitem || i->op == OP_getattr || i->op == OP_binary || i->op == OP_unary ||
                 i->op == OP_cast || i->op == OP_tuple || i->op == OP_item;
    if (i->op == OP_getattr) { /* what never changes */
        const Type *of = value_type(f, i->arg[0]);
        if (i->imm.name != j->imm.name || !(type_is_tuple(of) || type_is_array(of))) return false;
    }
    if (!known || !i->nargs || (op_info[i->op].imm == IMM_INT && i->imm.i != j->imm.i)) return false;
    for (uint32_t k = 0; k < i->nargs; k++)
        if (!parallel_same_operations(f, i->arg[k], j->arg[k])) return false;
    return true;
}

/* Two evaluations of one expression, as in `if a[i] > m: m = a[i]`: they agree where nothing is written. */
static bool same_expression(const ParallelLoop *p, ValueId x, ValueId y) {
    return x == y || (parallel_same_operations(p->f, x, y) && !loop_writes(p));
}

/* The block that runs only when the comparison holds; NO_BLOCK if it decides no branch. */
static BlockId where_true(const Guarded *g) {
    const Func *f = g->p->f;
    const Inst *branch = inst_at(f, ir_terminator(f, inst_at(f, g->compare)->block));
    if (branch->op != OP_condbr || branch->arg[0] != g->compare) return NO_BLOCK;
    BlockId b = branch->imm.target[0];
    return block_at(f, b)->pred.n == 1 ? b : NO_BLOCK;
}

/* Assignments of a `best`: of what was compared, and only where it won. */
static bool is_winner(Guarded *g, const Inst *phi, uint32_t k, void *data) {
    const Func *f = g->p->f;
    const BlockId *won = data;
    if (g->in[phi->arg[k]]) return true;
    const Inst *compare = inst_at(f, g->compare);
    ValueId x = compare->arg[g->in[compare->arg[0]] ? 1 : 0];
    return dom_dominates(&g->dom, *won, block_at(f, phi->block)->pred.at[k]) &&
           same_expression(g->p, x, phi->arg[k]);
}

static bool is_best(Guarded *g) {
    const Func *f = g->p->f;
    const Inst *compare = inst_at(f, g->compare);
    if (g->in[compare->arg[0]] == g->in[compare->arg[1]]) return false;
    const Type *t = value_type(f, g->c->phi);
    if (value_type(f, compare->arg[0]) != t || value_type(f, compare->arg[1]) != t) return false;
    BlockId won = where_true(g);
    return won != NO_BLOCK && each_operand(g, is_winner, &won);
}

/* ---- flags ------------------------------------------------------------------------------------------------------ */

static ValueId constant(ParallelLoop *p, bool value) {
    ValueId v = ir_new(p->f, OP_const_int, type_bool, 0, NULL);
    inst_at(p->f, v)->imm.i = value;
    ir_insert(p->f, p->preheader, block_at(p->f, p->preheader)->inst.n - 1, v);
    return v;
}

static ValueId new_phi(ParallelLoop *p, BlockId block, uint32_t nargs) {
    ValueId *arg = arena_array(&p->f->unit->arena, ValueId, nargs);
    ValueId v = ir_new(p->f, OP_phi, type_bool, nargs, arg);
    ir_insert(p->f, block, 0, v);
    return v;
}

/* Adds the flag of a chain to the loop; gives its header phi. */
static ValueId add_flag(Guarded *g) {
    ParallelLoop *p = g->p;
    Arena *a = &p->f->unit->arena;
    ValueId no = constant(p, false), yes = constant(p, true);
    ValueId *flag = arena_array(a, ValueId, g->chain.n);
    for (uint32_t n = 0; n < g->chain.n; n++) {
        const Inst *phi = inst_at(p->f, g->chain.at[n]);
        flag[n] = new_phi(p, phi->block, phi->nargs);
    }
    for (uint32_t n = 0; n < g->chain.n; n++) {
        const Inst *phi = inst_at(p->f, g->chain.at[n]);
        const Block *block = block_at(p->f, phi->block);
        for (uint32_t k = 0; k < phi->nargs; k++) {
            ValueId from = p->inside[block->pred.at[k]] ? yes : no;
            for (uint32_t m = 0; m < g->chain.n; m++)
                if (g->chain.at[m] == phi->arg[k]) from = flag[m];
            inst_at(p->f, flag[n])->arg[k] = from;
        }
    }
    return flag[0];
}

/* ---- the variables of one loop ------------------------------------------------------------------------------------ */

/* Whether the other chain is assigned where this one is: operand k of `phi`. */
static bool has_partner(Guarded *g, const Inst *phi, uint32_t k, void *data) {
    const Guarded *other = data;
    const Func *f = g->p->f;
    if (g->in[phi->arg[k]]) return true;
    for (uint32_t n = 0; n < other->chain.n; n++) {
        const Inst *partner = inst_at(f, other->chain.at[n]);
        if (partner->block == phi->block && !other->in[partner->arg[k]]) return true;
    }
    return false;
}

static bool goes_along(Guarded *g, Guarded *leader) {
    return g->c->kind == REDUCE_KEEP && each_operand(g, has_partner, leader) &&
           each_operand(leader, has_partner, g);
}

/* Values that fit one register, which is what combining selects between. */
static bool is_simple(const Type *t) { return type_is_number(t) && t->nleaves == 1; }

static void classify(Guarded *g) {
    const Func *f = g->p->f;
    if (g->c->kind != REDUCE_NONE || !is_simple(value_type(f, g->c->phi)) || !find_chain(g)) return;
    if (g->compare == NO_VALUE) {
        g->c->kind = REDUCE_KEEP;
    } else if (is_best(g)) {
        g->c->kind = REDUCE_BEST;
        g->c->compare = g->compare;
        g->c->compare_left = g->in[inst_at(f, g->compare)->arg[0]];
    }
}

static void push_flag(ParallelLoop *p, uint32_t k, ValueId phi) {
    uint32_t outside = ir_pred_index(p->f, p->header, p->preheader);
    Carried flag = {.phi = phi,
                    .initial = inst_at(p->f, phi)->arg[outside],
                    .op = NO_VALUE,
                    .kind = REDUCE_OR,
                    .leader = p->carried.n};
    p->carried.at[k].flag = p->carried.n;
    vec_push(&p->f->unit->arena, &p->carried, flag);
}

void guarded_find(ParallelLoop *p) {
    uint32_t n = p->carried.n;
    Guarded *of = arena_array(&p->f->unit->arena, Guarded, n);
    Dominators dom;
    dom_compute(&p->f->unit->arena, p->f, &dom);
    for (uint32_t k = 0; k < n; k++) {
        of[k] = (Guarded){.p = p, .dom = dom, .c = &p->carried.at[k], .compare = NO_VALUE};
        classify(&of[k]);
    }
    for (uint32_t k = 0; k < n; k++)
        for (uint32_t m = 0; m < n && of[k].c->kind == REDUCE_BEST; m++)
            if (of[m].c->leader == m && goes_along(&of[m], &of[k])) of[m].c->leader = k;
    for (uint32_t k = 0; k < n; k++) {
        const Carried *c = &p->carried.at[k];
        if ((c->kind == REDUCE_BEST || c->kind == REDUCE_KEEP) && c->leader == k)
            push_flag(p, k, add_flag(&of[k]));
    }
}
