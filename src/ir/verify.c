/* ir/verify.c - the rules that every function keeps between passes.
 *
 *   V1   every block that is reachable ends in its only terminator
 *   V2   phis come first in a block, parameters first in the entry block, in order
 *   V3   edges and preds agree: block p is in pred(s) as often as p has edges to s
 *   V4   a phi has one operand for each predecessor
 *   V5   an op is allowed in the function's state
 *   V6   an op has the number of operands that its row says
 *   V7   operands are values: placed in a block, and of an op that has a result
 *   V8   a definition dominates its uses; an operand of a phi dominates the end of that predecessor
 *   V9   typed and lowered: every value has a type
 *   V10  lowered: the operands of a primitive op have the types it needs (two-operand arithmetic: its own)
 *   V11  an instruction stands in the block it says it stands in, once
 *   V12  the entry block has no predecessors
 */
#include "ir/ir.h"

typedef struct {
    const Func *f;
    StrBuf *why;
    bool ok;
    BlockId *idom;
    uint32_t *depth;    /* in the dominator tree; 0: unreachable, the entry is 1 */
    uint32_t *position; /* of each instruction in its block */
} Checker;

__attribute__((format(printf, 4, 5))) static void complain(Checker *c, const char *rule, ValueId v,
                                                           const char *fmt, ...) {
    c->ok = false;
    if (!c->why) return;
    strbuf_printf(c->why, "%s %s: ", c->f->symbol, rule);
    if (v != NO_VALUE)
        strbuf_printf(c->why, "%%%u (%s) in b%u: ", v, op_info[inst_at(c->f, v)->op].name,
                      inst_at(c->f, v)->block);
    va_list args;
    va_start(args, fmt);
    strbuf_vprintf(c->why, fmt, args);
    va_end(args);
    strbuf_puts(c->why, "\n");
}

static bool is_terminator(const Func *f, ValueId v) {
    return op_info[inst_at(f, v)->op].flags & OPF_TERMINATOR;
}

/* ---- blocks ------------------------------------------------------------------------------------------------------ */

static void check_order(Checker *c, BlockId id) {
    const Func *f = c->f;
    const Block *b = block_at(f, id);
    bool body = false; /* something other than a phi or a parameter was seen */
    uint32_t nparams = 0;
    for (uint32_t i = 0; i < b->inst.n; i++) {
        ValueId v = b->inst.at[i];
        const Inst *inst = inst_at(f, v);
        bool leads = inst->op == OP_phi || inst->op == OP_param;
        if (inst->block != id) complain(c, "V11", v, "listed in b%u", id);
        if (leads && body) complain(c, "V2", v, "behind other instructions");
        if (inst->op == OP_param && (id != ENTRY_BLOCK || inst->imm.i != nparams++))
            complain(c, "V2", v, "parameter out of order");
        if (inst->op == OP_phi && inst->nargs != b->pred.n)
            complain(c, "V4", v, "%u operands, %u predecessors", inst->nargs, b->pred.n);
        if (is_terminator(f, v) != (i + 1 == b->inst.n))
            complain(c, "V1", v, is_terminator(f, v) ? "not at the end" : "the block has no terminator");
        body |= !leads;
    }
    if (b->inst.n == 0) complain(c, "V1", NO_VALUE, "b%u is empty", id);
}

static uint32_t count_edges(const Func *f, BlockId from, BlockId to) {
    BlockId succ[3];
    uint32_t n = ir_all_successors(f, from, succ), found = 0;
    for (uint32_t i = 0; i < n; i++) found += succ[i] == to;
    return found;
}

static uint32_t count_preds(const Func *f, BlockId to, BlockId from) {
    const Block *b = block_at(f, to);
    uint32_t found = 0;
    for (uint32_t i = 0; i < b->pred.n; i++) found += b->pred.at[i] == from;
    return found;
}

static void check_edges(Checker *c, BlockId id) {
    const Block *b = block_at(c->f, id);
    BlockId succ[3];
    uint32_t n = ir_all_successors(c->f, id, succ);
    for (uint32_t i = 0; i < n; i++) {
        if (succ[i] >= c->f->block.n || block_at(c->f, succ[i])->dead)
            complain(c, "V3", NO_VALUE, "b%u goes to b%u, which does not exist", id, succ[i]);
        else if (count_preds(c->f, succ[i], id) != count_edges(c->f, id, succ[i]))
            complain(c, "V3", NO_VALUE, "edge b%u -> b%u is not in the preds", id, succ[i]);
    }
    for (uint32_t i = 0; i < b->pred.n; i++)
        if (b->pred.at[i] >= c->f->block.n || count_edges(c->f, b->pred.at[i], id) == 0)
            complain(c, "V3", NO_VALUE, "pred b%u of b%u has no edge to it", b->pred.at[i], id);
    if (id == ENTRY_BLOCK && b->pred.n) complain(c, "V12", NO_VALUE, "the entry block has predecessors");
}

/* ---- instructions -------------------------------------------------------------------------------------------------- */

static bool dominates(const Checker *c, BlockId x, BlockId y) {
    while (c->depth[y] > c->depth[x]) y = c->idom[y];
    return x == y;
}

static bool is_value(const Checker *c, ValueId v) {
    return v < c->f->inst.n && inst_at(c->f, v)->block != NO_BLOCK &&
           !(op_info[inst_at(c->f, v)->op].flags & OPF_NO_RESULT);
}

/* Whether `def` is available at position `at` of block b (UINT32_MAX: at its end). */
static bool is_available(const Checker *c, ValueId def, BlockId b, uint32_t at) {
    BlockId home = inst_at(c->f, def)->block;
    if (c->depth[b] == 0) return true; /* control never comes there */
    return home == b ? at > c->position[def] : c->depth[home] && dominates(c, home, b);
}

static void check_operands(Checker *c, ValueId v) {
    const Inst *i = inst_at(c->f, v);
    const Block *b = block_at(c->f, i->block);
    for (uint32_t k = 0; k < i->nargs; k++) {
        if (!is_value(c, i->arg[k])) {
            complain(c, "V7", v, "operand %u is no value (%%%u)", k, i->arg[k]);
        } else if (i->op == OP_phi) {
            if (k < b->pred.n && !is_available(c, i->arg[k], b->pred.at[k], UINT32_MAX))
                complain(c, "V8", v, "%%%u does not dominate the end of b%u", i->arg[k], b->pred.at[k]);
        } else if (!is_available(c, i->arg[k], i->block, c->position[v])) {
            complain(c, "V8", v, "%%%u does not dominate this use", i->arg[k]);
        }
    }
    for (uint32_t k = 0; k < i->ncleanup; k++)
        if (!is_value(c, i->cleanup[k]) || !is_available(c, i->cleanup[k], i->block, c->position[v]))
            complain(c, "V8", v, "%%%u is to be released here but does not dominate", i->cleanup[k]);
}

/* Ops whose two operands have the type of the result: the arithmetic from iadd to frem. */
static bool is_arithmetic(unsigned op) { return op >= OP_iadd && op <= OP_frem && op != OP_icmp; }

static void check_types(Checker *c, ValueId v) {
    const Inst *i = inst_at(c->f, v);
    unsigned flags = op_info[i->op].flags;
    if (c->f->state == FUNC_UNTYPED) return;
    bool is_void = i->op == OP_native && native_info[i->imm.native].signature[0] == 'v';
    if (!(flags & OPF_NO_RESULT) && !i->type && !is_void) {
        complain(c, "V9", v, "has no type");
        return;
    }
    for (uint32_t k = 0; k < i->nargs; k++)
        if (is_value(c, i->arg[k]) && !value_type(c->f, i->arg[k])) return; /* reported where it is defined */
    if (c->f->state != FUNC_LOWERED || i->nargs == 0 || !is_value(c, i->arg[0])) return;
    const Type *first = value_type(c->f, i->arg[0]);
    bool pair = i->nargs == 2 && (is_arithmetic(i->op) || i->op == OP_icmp || i->op == OP_fcmp);
    if (pair && is_value(c, i->arg[1]) && value_type(c->f, i->arg[1]) != first)
        complain(c, "V10", v, "operands of types %s and %s", first->name, value_type(c->f, i->arg[1])->name);
    else if (pair && is_arithmetic(i->op) && i->type != first)
        complain(c, "V10", v, "%s from operands of type %s", i->type->name, first->name);
    if (i->op == OP_field && (i->imm.field >= first->nfields || i->type != first->field[i->imm.field]))
        complain(c, "V10", v, "field %u of %s is not %s", i->imm.field, first->name, i->type->name);
    if (i->op == OP_make && i->nargs != i->type->nfields)
        complain(c, "V10", v, "%u fields for %s", i->nargs, i->type->name);
    if (i->op == OP_condbr && first != type_bool) complain(c, "V10", v, "the condition is %s", first->name);
}

static void check_inst(Checker *c, ValueId v) {
    const Inst *i = inst_at(c->f, v);
    const OpInfo *op = &op_info[i->op];
    if (!(op->flags & (c->f->state == FUNC_LOWERED ? OPF_LOWERED : OPF_GENERIC)))
        complain(c, "V5", v, "not allowed in this state");
    if (op->nargs >= 0 && (uint32_t)op->nargs != i->nargs)
        complain(c, "V6", v, "%u operands instead of %d", i->nargs, op->nargs);
    check_operands(c, v);
    check_types(c, v);
}

/* ---- function ------------------------------------------------------------------------------------------------------ */

static void compute_dominance(Checker *c) {
    const Func *f = c->f;
    Arena *a = &f->unit->arena;
    BlockId *order = arena_array(a, BlockId, f->block.n);
    uint32_t norder = ir_reverse_postorder(f, order);
    c->idom = arena_array(a, BlockId, f->block.n);
    c->depth = arena_array(a, uint32_t, f->block.n);
    c->position = arena_array(a, uint32_t, f->inst.n);
    ir_dominators(f, order, norder, c->idom);
    for (uint32_t i = 0; i < norder; i++) {
        BlockId idom = c->idom[order[i]]; /* NO_BLOCK: reachable only by edges that are in no preds (V3) */
        c->depth[order[i]] = order[i] == ENTRY_BLOCK ? 1 : idom == NO_BLOCK ? 0 : c->depth[idom] + 1;
    }
    for (BlockId b = 0; b < f->block.n; b++)
        for (uint32_t i = 0; i < block_at(f, b)->inst.n; i++) c->position[block_at(f, b)->inst.at[i]] = i;
}

/* Targets must exist and preds must be blocks before dominators can be computed. */
static bool is_closed(Checker *c) {
    const Func *f = c->f;
    for (BlockId b = 0; b < f->block.n; b++) {
        BlockId succ[3];
        uint32_t n = ir_all_successors(f, b, succ);
        for (uint32_t i = 0; i < n; i++)
            if (succ[i] >= f->block.n)
                complain(c, "V3", NO_VALUE, "b%u goes to b%u, which does not exist", b, succ[i]);
        for (uint32_t i = 0; i < block_at(f, b)->pred.n; i++)
            if (block_at(f, b)->pred.at[i] >= f->block.n)
                complain(c, "V3", NO_VALUE, "pred b%u of b%u does not exist", block_at(f, b)->pred.at[i], b);
    }
    return c->ok;
}

bool func_verify(const Func *f, StrBuf *why) {
    Checker c = {.f = f, .why = why, .ok = true};
    if (!is_closed(&c)) return false;
    compute_dominance(&c);
    for (BlockId b = 0; b < f->block.n; b++) {
        if (block_at(f, b)->dead || (c.depth[b] == 0 && block_at(f, b)->inst.n == 0)) continue;
        check_order(&c, b);
        check_edges(&c, b);
        for (uint32_t i = 0; i < block_at(f, b)->inst.n; i++) check_inst(&c, block_at(f, b)->inst.at[i]);
    }
    return c.ok;
}
