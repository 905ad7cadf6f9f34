/* reductions.c - what the iterations of a parallel loop hand on to each other.
 *
 * A header phi p is a variable that crosses iterations.  It is a reduction when everything that happens to it inside
 * the loop is accumulation by one operation:
 *
 *   1. The chain of p is the least set with p in it, closed under: phis and casts of chain values, pairs made for
 *      min() and max(), and operations "v op x" whose accumulator operand v is in the chain while x is not.
 *   2. Every use of a chain value inside the loop is in the chain (so nobody sees an intermediate result), every
 *      operand of a chain phi is in the chain, and all operations are of one kind (- counts as +, / as *).
 *   3. What p becomes at the latch is in the chain.
 *
 * A variable without a value in front of the loop, and that nobody reads behind it, is private too: every iteration begins
 * without it.  If one reads it before it has assigned it, its check (infer/defined.c) raises UnboundLocalError, even where
 * an earlier iteration would have left a value; unless that is certain, which is an error now.
 *
 * A variable that no iteration reads, only the code behind the loop, is private: its last value is kept
 * (REDUCE_LAST); guarded.c finds those that some iterations replace.  Anything else depends on the order of the iterations and is an error.
 */
#include <stdio.h>

#include "passes/prange.h"

/* Operators: how they accumulate, and whether the accumulator may be the right operand. */
static const struct {
    uint8_t kind;
    bool either_side;
} by_operator[OPERATOR_COUNT] = {
    [OPERATOR_ADD] = {REDUCE_ADD, true}, [OPERATOR_SUB] = {REDUCE_ADD, false},
    [OPERATOR_MUL] = {REDUCE_MUL, true}, [OPERATOR_TRUEDIV] = {REDUCE_MUL, false},
    [OPERATOR_AND] = {REDUCE_AND, true}, [OPERATOR_OR] = {REDUCE_OR, true},
    [OPERATOR_XOR] = {REDUCE_XOR, true},
};

/* Functions of two values that accumulate. */
static const struct {
    const char *name;
    Reduction kind;
} by_function[] = {
    {"builtins.min", REDUCE_MIN},    {"builtins.max", REDUCE_MAX},      {"numpy.minimum", REDUCE_MIN},
    {"numpy.maximum", REDUCE_MAX},   {"numpy.fmin", REDUCE_MIN},        {"numpy.fmax", REDUCE_MAX},
    {"numpy.add", REDUCE_ADD},       {"numpy.multiply", REDUCE_MUL},    {"numpy.bitwise_and", REDUCE_AND},
    {"numpy.bitwise_or", REDUCE_OR}, {"numpy.bitwise_xor", REDUCE_XOR}, {"numpy.logical_and", REDUCE_AND},
    {"numpy.logical_or", REDUCE_OR}, {"numpy.logical_xor", REDUCE_XOR},
};

/* What partial results are combined with. */
static const char *const combine_with[REDUCE_COUNT] = {
    [REDUCE_ADD] = "operator.add",  [REDUCE_MUL] = "operator.mul",  [REDUCE_MIN] = "numpy.minimum",
    [REDUCE_MAX] = "numpy.maximum", [REDUCE_AND] = "operator.and_", [REDUCE_OR] = "operator.or_",
    [REDUCE_XOR] = "operator.xor",
};

static const char conflicting[] = "it is accumulated by two different operations";

static Reduction named_kind(const char *name) {
    for (uint32_t k = 0; k < ARRAY_LEN(by_function); k++)
        if (!strcmp(name, by_function[k].name)) return by_function[k].kind;
    return REDUCE_NONE;
}

static Reduction function_kind(const Inst *i) { return i->row ? named_kind(i->row->name) : REDUCE_NONE; }

/* An elementwise expression that is one of the functions, of v and of something else: m = np.maximum(m, row). */
static Reduction map_kind(const Inst *i, ValueId v) {
    const MapBody *body = i->imm.map;
    const MapNode *last = &body->node[body->n - 1];
    uint32_t uses = 0, direct = 0;
    char name[64];
    if (body->sink || !last->ufunc || last->ufunc->nin != 2) return REDUCE_NONE;
    for (uint32_t k = 0; k < body->n; k++) {
        if (body->node[k].ufunc || i->arg[body->node[k].arg[0]] != v) continue;
        uses++;
        direct += last->arg[0] == k || last->arg[1] == k;
    }
    snprintf(name, sizeof name, "numpy.%s", last->ufunc->name);
    return uses == 1 && direct == 1 ? named_kind(name) : REDUCE_NONE;
}

/* min(v, x) and max(v, x): functions of any number of arguments get them as one tuple. */
static bool is_pair(const Inst *i) { return i->op == OP_tuple && i->nargs == 2; }

Reduction reduction_step(const Func *f, const Inst *i, ValueId v) {
    if (i->op == OP_binary || i->op == OP_inplace) {
        bool left = i->arg[0] == v, right = i->arg[1] == v;
        if (left == right || (right && !by_operator[i->sub].either_side)) return REDUCE_NONE;
        return by_operator[i->sub].kind;
    }
    if (i->op == OP_map) return map_kind(i, v);
    if (i->op != OP_call) return REDUCE_NONE;
    if (i->nargs == 2 && i->arg[1] == v && is_pair(inst_at(f, v))) return function_kind(i);
    uint32_t n = 0;
    for (uint32_t k = 1; k < i->nargs; k++) n += i->arg[k] == v;
    return n == 1 && i->nargs == 3 ? function_kind(i) : REDUCE_NONE;
}

/* ---- the chain of one phi ---------------------------------------------------------------------------------- */

typedef struct {
    ParallelLoop *p;
    Carried *c;
    bool *in; /* by value */
    Vec(ValueId) work;
    const char *problem; /* why it is no reduction */
    ValueId culprit;
} Chain;

static void chain_add(Chain *c, ValueId v) {
    if (c->in[v]) return;
    c->in[v] = true;
    vec_push(&c->p->f->unit->arena, &c->work, v);
}

static void chain_fail(Chain *c, ValueId culprit, const char *problem) {
    if (c->problem) return;
    c->problem = problem;
    c->culprit = culprit;
}

static void chain_follow(Chain *c, ValueId v, ValueId user) {
    const Inst *i = inst_at(c->p->f, user);
    if (user == c->c->phi) return;
    if (i->op == OP_phi && i->block == c->p->header) {
        chain_fail(c, user, "its value goes into another variable");
        return;
    }
    if (i->op == OP_phi || i->op == OP_cast || is_pair(i)) {
        chain_add(c, user);
        return;
    }
    Reduction kind = reduction_step(c->p->f, i, v);
    if (kind == REDUCE_NONE) {
        chain_fail(c, user, "an iteration reads what an earlier one left in it");
    } else if (c->c->kind != REDUCE_NONE && c->c->kind != kind) {
        chain_fail(c, user, conflicting);
    } else {
        c->c->kind = kind;
        c->c->op = user;
        chain_add(c, user);
    }
}

/* Calls `visit` for every user of v inside the loop. */
static void each_user(Chain *c, ValueId v, void (*visit)(Chain *, ValueId, ValueId)) {
    const ParallelLoop *p = c->p;
    for (uint32_t b = 0; b < p->blocks.n; b++) {
        const Block *block = block_at(p->f, p->blocks.at[b]);
        for (uint32_t k = 0; k < block->inst.n; k++) {
            const Inst *i = inst_at(p->f, block->inst.at[k]);
            for (uint32_t a = 0; a < i->nargs; a++)
                if (i->arg[a] == v) {
                    visit(c, v, block->inst.at[k]);
                    break;
                }
        }
    }
}

/* Rule 2 for phis and for the other operand of an accumulation. */
static void check_operands(Chain *c, ValueId v) {
    const Inst *i = inst_at(c->p->f, v);
    uint32_t in_chain = 0;
    for (uint32_t k = 0; k < i->nargs; k++) in_chain += c->in[i->arg[k]];
    if (v == c->c->phi) return;
    if (i->op == OP_phi ? in_chain != i->nargs : in_chain != 1)
        chain_fail(c, v, "it is set to an unrelated value in some iterations");
}

static void check_latches(Chain *c) {
    const ParallelLoop *p = c->p;
    const Inst *phi = inst_at(p->f, c->c->phi);
    for (uint32_t k = 0; k < phi->nargs; k++)
        if (p->inside[block_at(p->f, p->header)->pred.at[k]] && !c->in[phi->arg[k]])
            chain_fail(c, phi->arg[k], "it is set to an unrelated value in some iterations");
}

static bool is_used_inside(const ParallelLoop *p, ValueId v) {
    for (uint32_t b = 0; b < p->blocks.n; b++) {
        const Block *block = block_at(p->f, p->blocks.at[b]);
        for (uint32_t k = 0; k < block->inst.n; k++) {
            const Inst *i = inst_at(p->f, block->inst.at[k]);
            for (uint32_t a = 0; a < i->nargs; a++)
                if (i->arg[a] == v) return true;
        }
    }
    return false;
}

static bool report(const ParallelLoop *p, const Carried *c) {
    Func *f = p->f;
    const Inst *phi = inst_at(f, c->phi);
    const char *name = phi->imm.name;
    uint32_t span = inst_at(f, c->culprit)->span;
    if (c->problem == conflicting)
        func_error(f, span ? span : phi->span, DIAG_PARALLEL_CARRIED,
                   "Reduction variable %s has multiple conflicting reduction operators.",
                   name ? name : "of the loop");
    else
        func_error(f, span ? span : phi->span, DIAG_PARALLEL_CARRIED,
                   "%s%s%s crosses the iterations of a parallel loop, and %s",
                   name ? "variable '" : "a variable", name ? name : "", name ? "'" : "", c->problem);
    return false;
}

static void find_kind(ParallelLoop *p, Carried *c) {
    Arena *a = &p->f->unit->arena;
    if (!is_used_inside(p, c->phi)) {
        c->kind = REDUCE_LAST;
        return;
    }
    Chain chain = {.p = p, .c = c, .in = arena_array(a, bool, p->f->inst.n)};
    chain_add(&chain, c->phi);
    while (chain.work.n) each_user(&chain, vec_pop(&chain.work), chain_follow);
    for (ValueId v = 0; v < p->f->inst.n; v++)
        if (chain.in[v]) check_operands(&chain, v);
    check_latches(&chain);
    if (!chain.problem && c->kind == REDUCE_NONE) chain_fail(&chain, c->phi, "no iteration changes it");
    if (!chain.problem) return;
    c->kind = REDUCE_NONE;
    c->problem = chain.problem;
    c->culprit = chain.culprit;
}

/* ---- private variables -------------------------------------------------------------------------------------------- */

static bool is_undefined(const Func *f, ValueId v) {
    while (inst_at(f, v)->op == OP_cast) v = inst_at(f, v)->arg[0];
    return inst_at(f, v)->op == OP_undef;
}

/* The bool beside a variable that says whether it has a value: only phis and checks have it as an operand. */
static bool is_companion(const ParallelLoop *p, ValueId phi) {
    const Func *f = p->f;
    Vec(ValueId) chain = {0};
    bool *in = arena_array(&f->unit->arena, bool, f->inst.n);
    vec_push(&f->unit->arena, &chain, phi);
    in[phi] = true;
    for (uint32_t n = 0; n < chain.n; n++)
        for (ValueId user = 0; user < f->inst.n; user++) {
            const Inst *i = inst_at(f, user);
            bool uses = false;
            for (uint32_t a = 0; a < i->nargs && parallel_inside(p, user); a++)
                uses |= i->arg[a] == chain.at[n];
            if (!uses || in[user]) continue;
            if (i->op != OP_phi && !(i->op == OP_call && i->row && !strcmp(i->row->name, "local.check")))
                return false;
            in[user] = true;
            if (i->op == OP_phi) vec_push(&f->unit->arena, &chain, user);
        }
    return true;
}

static bool is_used_behind(const ParallelLoop *p, ValueId v) {
    for (ValueId user = 0; user < p->f->inst.n; user++) {
        const Inst *i = inst_at(p->f, user);
        for (uint32_t a = 0; a < i->nargs && i->block != NO_BLOCK && !p->inside[i->block]; a++)
            if (i->arg[a] == v) return true;
    }
    return false;
}

/* Some instruction that every iteration comes to has the value of the iteration before as an operand. */
static bool is_always_read(const ParallelLoop *p, ValueId phi, const Dominators *dom) {
    const Func *f = p->f;
    for (ValueId user = 0; user < f->inst.n; user++) {
        const Inst *i = inst_at(f, user);
        bool uses = false, always = i->op != OP_phi && parallel_inside(p, user);
        for (uint32_t a = 0; a < i->nargs; a++) uses |= i->arg[a] == phi;
        for (uint32_t k = 0; k < block_at(f, p->header)->pred.n && uses && always; k++) {
            BlockId latch = block_at(f, p->header)->pred.at[k];
            always = !p->inside[latch] || dom_dominates(dom, i->block, latch);
        }
        if (uses && always) return true;
    }
    return false;
}

static bool is_private(const ParallelLoop *p, const Carried *c, const Dominators *dom) {
    const Inst *initial = inst_at(p->f, c->initial);
    if (c->kind != REDUCE_NONE || is_used_behind(p, c->phi)) return false;
    if (is_undefined(p->f, c->initial)) return !is_always_read(p, c->phi, dom);
    return initial->op == OP_const_int && initial->type == type_bool && !initial->imm.i &&
           is_companion(p, c->phi);
}

static void find_privates(ParallelLoop *p) {
    Dominators dom;
    uint32_t n = 0;
    bool any = false;
    for (uint32_t k = 0; k < p->carried.n; k++) any |= p->carried.at[k].kind == REDUCE_NONE;
    if (!any) return;
    dom_compute(&p->f->unit->arena, p->f, &dom);
    for (uint32_t k = 0; k < p->carried.n; k++) {
        const Carried *c = &p->carried.at[k];
        if (is_private(p, c, &dom)) vec_push(&p->f->unit->arena, &p->privates, *c);
        else p->carried.at[n++] = *c;
    }
    p->carried.n = n;
}

bool reductions_find(ParallelLoop *p) {
    const Block *header = block_at(p->f, p->header);
    uint32_t from_outside = ir_pred_index(p->f, p->header, p->preheader);
    for (uint32_t k = 0; k < header->inst.n; k++) {
        ValueId v = header->inst.at[k];
        const Inst *phi = inst_at(p->f, v);
        if (phi->op != OP_phi) break;
        if (v == p->state) continue;
        Carried c = {.phi = v, .initial = phi->arg[from_outside], .op = NO_VALUE};
        find_kind(p, &c);
        vec_push(&p->f->unit->arena, &p->carried, c);
    }
    find_privates(p);
    for (uint32_t k = 0; k < p->carried.n; k++) p->carried.at[k].leader = k;
    guarded_find(p);
    for (uint32_t k = 0; k < p->carried.n; k++)
        if (p->carried.at[k].kind == REDUCE_NONE) return report(p, &p->carried.at[k]);
    return true;
}

/* ---- combining ------------------------------------------------------------------------------------------------ */

/* Whether the row takes two values of type t and gives another. */
static bool row_serves(const ParallelLoop *p, const LibRow *row, const Type *t) {
    const Type *types[2] = {t, t};
    Call c = {.unit = p->f->unit, .func = p->f, .row = row, .nargs = 2, .type = types};
    const Signature *s = library_signature(row);
    if (s->n < 2 || s->param[0].is_star) return false;
    if (s->n > 2) {
        c.type = arena_array(&p->f->unit->arena, const Type *, s->n);
        c.nargs = s->n;
        for (uint32_t k = 0; k < s->n; k++) c.type[k] = k < 2 ? t : s->param[k].default_type;
    }
    return row->type(&c) == t && !c.declined;
}

const LibRow *reduction_row(const ParallelLoop *p, const Carried *c, const Type *t) {
    uint32_t n = 0;
    const LibRow *const *rows = library_rows(combine_with[c->kind], &n);
    for (uint32_t k = 0; k < n; k++)
        if (row_serves(p, rows[k], t)) return rows[k];
    return NULL;
}

static int64_t int_extreme(const Type *t, bool greatest) {
    if (t->kind == TYPE_BOOL) return greatest;
    if (!t->is_signed) return greatest ? (int64_t)(UINT64_MAX >> (64 - t->bits)) : 0;
    return greatest ? INT64_MAX >> (64 - t->bits) : INT64_MIN >> (64 - t->bits);
}

/* The sum begins with -0.0: with +0.0 a sum of negative zeros would lose its sign. */
static ValueId float_identity(Builder *b, Reduction kind, const Type *t) {
    double infinity = __builtin_inf();
    double value = kind == REDUCE_ADD   ? -0.0
                   : kind == REDUCE_MUL ? 1.0
                   : kind == REDUCE_MIN ? infinity
                                        : -infinity;
    return ir_const_float(b, t, value);
}

static ValueId int_identity(Builder *b, Reduction kind, const Type *t) {
    int64_t value = kind == REDUCE_MUL   ? 1
                    : kind == REDUCE_AND ? (t->kind == TYPE_BOOL ? 1 : -1)
                    : kind == REDUCE_MIN ? int_extreme(t, true)
                    : kind == REDUCE_MAX ? int_extreme(t, false)
                                         : 0;
    return ir_const_int(b, t, value);
}

ValueId reduction_identity(Builder *b, Reduction kind, const Type *t, ValueId initial) {
    if (t->kind == TYPE_FLOAT) return float_identity(b, kind, t);
    if (t->kind == TYPE_INT || t->kind == TYPE_BOOL) return int_identity(b, kind, t);
    if (t->kind == TYPE_COMPLEX) {
        ValueId re = float_identity(b, kind, type_real_part(t));
        return ir_emit(b, OP_cast, t, re);
    }
    return initial;
}
