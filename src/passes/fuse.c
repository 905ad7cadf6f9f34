/* fuse.c - elementwise operations become `map` instructions, and maps are merged into their consumers.
 *
 * Steps:
 *   1. Every elementwise operator, call or method whose result is an array becomes a `map`: its operands are the
 *      instruction's, its expression is what the library row says (library_map_body).
 *   2. A map that one instruction only consumes is merged into it when that is another map (their expressions become
 *      one), a reduction, a[i] = ..., or an in-place operator: the temporary array is never made.
 *
 * When a merge is right.  The producer's work moves down to the consumer, so
 *   - both stand in one block, so it is done as often as before;
 *   - nothing between them can write to an array (a store, a call that is not known to leave its arguments alone);
 *   - the producer has as many axes as the consumer: else broadcasting would repeat its work.
 * What may change is which of two errors is seen first when an operation between them raises as well; no effect is
 * lost, because nothing between them has one.
 *
 * In functions with parallel loops stores stay as they are: passes/prange looks for them.
 */
#include "passes/pipeline.h"

enum { MAX_NODES = 48, MAX_OPERANDS = 24 }; /* beyond that a loop's code and registers suffer */

typedef struct {
    Func *f;
    Arena *a;
    uint32_t *uses;    /* by value: instructions that have it as an operand */
    uint32_t *epoch;   /* by value: number of barriers in front of it in its block */
    bool keeps_stores; /* the function has parallel loops */
} Fuse;

/* ---- facts --------------------------------------------------------------------------------------------------------- */

static bool is_parallel(const Func *f) {
    for (ValueId v = 0; v < f->inst.n; v++) {
        const Type *t = f->inst.at[v].type;
        if (t && t->kind == TYPE_RANGE && t->flags & TYPE_RANGE_PARALLEL) return true;
    }
    return false;
}

static void count_uses(Fuse *p) {
    for (ValueId v = 0; v < p->f->inst.n; v++) {
        const Inst *i = inst_at(p->f, v);
        if (i->block == NO_BLOCK) continue;
        for (uint32_t k = 0; k < i->nargs; k++) {
            bool again = false; /* x * x uses x once */
            for (uint32_t j = 0; j < k; j++) again |= i->arg[j] == i->arg[k];
            p->uses[i->arg[k]] += !again;
        }
    }
}

/* Whether control may write to an array there. */
static bool is_barrier(const Fuse *p, const Inst *i) {
    const uint8_t reads_only = LIB_PURE | LIB_UFUNC | LIB_MAP | LIB_REDUCES | LIB_BORROWS;
    switch (i->op) {
    case OP_setitem:
    case OP_delitem:
    case OP_setattr:
    case OP_suspend:
    case OP_parallel: return true;
    case OP_iter_valid: return i->row && !(i->row->flags & LIB_PURE); /* runs a generator */
    case OP_inplace: return type_is_array(value_type(p->f, i->arg[0]));
    case OP_map: return i->imm.map->sink && !(i->imm.map->sink->flags & LIB_REDUCES);
    case OP_call:
    case OP_getitem:
    case OP_getattr:
    case OP_binary:
    case OP_unary: break;
    default: return false;
    }
    if (i->callee) return true;
    if (!i->row) return i->op == OP_call;
    return i->op == OP_call && !(i->row->flags & reads_only);
}

/* ---- calls as maps --------------------------------------------------------------------------------------------------- */

static const ValueId *bound_of(const Inst *i, uint32_t *n) {
    *n = i->bound ? i->nbound : i->nargs;
    return i->bound ? i->bound : i->arg;
}

/* The library's view of an instruction: types by parameter. */
static Call call_of(Fuse *p, const Inst *i) {
    uint32_t n;
    const ValueId *bound = bound_of(i, &n);
    Call c = {.unit = p->f->unit, .func = p->f, .span = i->span, .row = i->row, .nargs = n, .site = i};
    c.type = arena_array(p->a, const Type *, n);
    const Signature *s = library_signature(i->row);
    for (uint32_t k = 0; k < n; k++)
        c.type[k] = bound[k] != NO_VALUE ? value_type(p->f, bound[k]) : s ? s->param[k].default_type : NULL;
    return c;
}

static uint32_t operand_number(ValueId *operand, uint32_t *n, ValueId v) {
    for (uint32_t k = 0; k < *n; k++)
        if (operand[k] == v) return k;
    operand[*n] = v;
    return (*n)++;
}

/* Leaves are numbered by parameter so far: gives them numbers of operands.  False: one is a default. */
static bool bind_leaves(MapBody *body, const ValueId *bound, ValueId *operand, uint32_t *n) {
    for (uint32_t k = 0; k < body->n; k++) {
        MapNode *node = &body->node[k];
        if (node->ufunc) continue;
        if (bound[node->arg[0]] == NO_VALUE) return false;
        node->arg[0] = (uint16_t)operand_number(operand, n, bound[node->arg[0]]);
    }
    return true;
}

static void become_map(Fuse *p, ValueId v, const MapBody *body, uint32_t n, const ValueId *operand) {
    Inst *i = inst_at(p->f, v);
    MapBody *own = arena_new(p->a, MapBody);
    *own = *body;
    i->op = OP_map;
    i->imm.map = own;
    i->arg = arena_array(p->a, ValueId, n);
    memcpy(i->arg, operand, n * sizeof *operand);
    i->nargs = n;
    i->row = NULL;
    i->callee = NULL; /* of a user's ufunc: in the body now */
    i->bound = NULL;
    i->nbound = 0;
    if (!i->type) i->type = type_none;
}

static void map_of_call(Fuse *p, ValueId v) {
    Inst *i = inst_at(p->f, v);
    MapBody body;
    ValueId operand[MAX_OPERANDS];
    uint32_t n = 0, nbound;
    if (!i->row || !(i->row->flags & (LIB_UFUNC | LIB_MAP)) || !i->type || !type_is_array(i->type)) return;
    if (i->op == OP_inplace) return;
    Call c = call_of(p, i);
    if (c.nargs > MAX_OPERANDS || !library_map_body(&c, &body)) return;
    if (bind_leaves(&body, bound_of(i, &nbound), operand, &n)) become_map(p, v, &body, n, operand);
}

/* ---- merging ---------------------------------------------------------------------------------------------------------- */

/* Whether the map x may be computed where `by` stands. */
static bool can_move(const Fuse *p, ValueId x, ValueId by, uint32_t epoch) {
    const Inst *i = inst_at(p->f, x);
    return i->op == OP_map && !i->imm.map->sink && p->uses[x] == 1 && i->block == inst_at(p->f, by)->block &&
           p->epoch[x] == epoch && type_is_array(i->type);
}

/* Appends the expression of map x to `to`; gives the number of its last node. */
static uint16_t inline_body(Fuse *p, ValueId x, MapBody *to, ValueId *operand, uint32_t *n) {
    const Inst *i = inst_at(p->f, x);
    uint16_t base = (uint16_t)to->n;
    for (uint32_t k = 0; k < i->imm.map->n; k++) {
        MapNode node = i->imm.map->node[k];
        if (!node.ufunc) node.arg[0] = (uint16_t)operand_number(operand, n, i->arg[node.arg[0]]);
        else
            for (uint32_t j = 0; j < node.ufunc->nin; j++) node.arg[j] = (uint16_t)(node.arg[j] + base);
        to->node[to->n++] = node;
    }
    return (uint16_t)(to->n - 1);
}

static bool has_room(const MapBody *x, const MapBody *y, uint32_t nx, uint32_t ny) {
    return x->n + y->n <= MAX_NODES && nx + ny <= MAX_OPERANDS;
}

/* Replaces operand number `at` of map v by the expression that makes it. */
static void merge_operand(Fuse *p, ValueId v, uint32_t at) {
    Inst *i = inst_at(p->f, v);
    ValueId x = i->arg[at], operand[MAX_OPERANDS];
    uint32_t n = 0;
    MapBody body = *i->imm.map;
    uint16_t number[MAX_NODES];
    body.node = arena_array(p->a, MapNode, MAX_NODES);
    body.capacity = MAX_NODES;
    body.n = 0;
    uint16_t made = inline_body(p, x, &body, operand, &n);
    for (uint32_t k = 0; k < i->imm.map->n; k++) {
        MapNode node = i->imm.map->node[k];
        if (!node.ufunc && node.arg[0] == at) {
            number[k] = made;
            continue;
        }
        if (!node.ufunc) node.arg[0] = (uint16_t)operand_number(operand, &n, i->arg[node.arg[0]]);
        else
            for (uint32_t j = 0; j < node.ufunc->nin; j++) node.arg[j] = number[node.arg[j]];
        number[k] = (uint16_t)body.n;
        body.node[body.n++] = node;
    }
    become_map(p, v, &body, n, operand);
    ir_delete(p->f, x);
    p->f->unit->fused_loops++;
}

static void merge_operands(Fuse *p, ValueId v, uint32_t epoch) {
    for (bool merged = true; merged;) {
        merged = false;
        const Inst *i = inst_at(p->f, v);
        for (uint32_t k = 0; k < i->nargs && !merged; k++) {
            ValueId x = i->arg[k];
            const Inst *from = inst_at(p->f, x);
            if (!can_move(p, x, v, epoch) || !type_is_array(i->type) || from->type->ndim != i->type->ndim)
                continue;
            if (!has_room(i->imm.map, from->imm.map, i->nargs, from->nargs)) continue;
            merge_operand(p, v, k);
            merged = true;
        }
    }
}

/* ---- sinks -------------------------------------------------------------------------------------------------------------- */

/* The parameter of v's row that can take an expression; UINT32_MAX: none. */
static uint32_t sink_parameter(const Fuse *p, const Inst *i) {
    if (!i->row) return UINT32_MAX;
    if (i->row->flags & LIB_REDUCES) return i->op == OP_call ? 0 : UINT32_MAX;
    if (!(i->row->flags & LIB_SINK) || p->keeps_stores) return UINT32_MAX;
    return i->op == OP_setitem ? 2 : i->op == OP_inplace ? 1 : UINT32_MAX;
}

static void merge_into_sink(Fuse *p, ValueId v, uint32_t epoch) {
    Inst *i = inst_at(p->f, v);
    uint32_t param = sink_parameter(p, i), nbound, n = 0;
    const ValueId *bound = bound_of(i, &nbound);
    if (param >= nbound || bound[param] == NO_VALUE || !can_move(p, bound[param], v, epoch)) return;
    ValueId x = bound[param], operand[MAX_OPERANDS + 8];
    const Inst *from = inst_at(p->f, x);
    if (from->nargs + nbound > MAX_OPERANDS || nbound > 8 || from->imm.map->n + 2 > MAX_NODES) return;
    Call c = call_of(p, i);
    MapBody body = *from->imm.map;
    body.node = arena_array(p->a, MapNode, MAX_NODES);
    body.capacity = MAX_NODES;
    body.n = 0;
    inline_body(p, x, &body, operand, &n);
    body.sink = i->row;
    body.sink_param = param;
    body.sink_type = c.type;
    body.sink_operand = arena_array(p->a, int32_t, nbound);
    for (uint32_t k = 0; k < nbound; k++)
        body.sink_operand[k] = k == param || bound[k] == NO_VALUE
                                   ? -1
                                   : (int32_t)operand_number(operand, &n, bound[k]);
    bool in_place = i->row->flags & LIB_SINK && ((const MapSink *)i->row->data)->in_place;
    if (in_place && !library_map_in_place(&c, (uint32_t)body.sink_operand[0], &body)) return;
    become_map(p, v, &body, n, operand);
    ir_delete(p->f, x);
    p->f->unit->fused_loops++;
}

/* ---- the pass ------------------------------------------------------------------------------------------------------------ */

static void fuse_block(Fuse *p, BlockId b) {
    ValueId *list = arena_array(p->a, ValueId,
                                block_at(p->f, b)->inst.n); /* the block loses instructions meanwhile */
    uint32_t n = block_at(p->f, b)->inst.n, epoch = 0;
    if (n) memcpy(list, block_at(p->f, b)->inst.at, n * sizeof *list);
    for (uint32_t k = 0; k < n; k++) {
        ValueId v = list[k];
        map_of_call(p, v);
        p->epoch[v] = epoch;
        if (inst_at(p->f, v)->op == OP_map) merge_operands(p, v, epoch);
        else merge_into_sink(p, v, epoch);
        epoch += is_barrier(p, inst_at(p->f, v));
    }
}

static void remark_loops(const Func *f) {
    for (ValueId v = 0; v < f->inst.n; v++) {
        const Inst *i = inst_at(f, v);
        if (i->block == NO_BLOCK || i->op != OP_map) continue;
        uint32_t n = i->imm.map->sink != NULL;
        for (uint32_t k = 0; k < i->imm.map->n; k++) n += i->imm.map->node[k].ufunc != NULL;
        func_remark(f, i->span, "fused",
                    n == 1 ? "one loop" : "one loop for %u operations, without temporary arrays", n);
    }
}

void pass_fuse(Func *f) {
    Fuse p = {.f = f, .a = &f->unit->arena, .keeps_stores = is_parallel(f)};
    p.uses = arena_array(p.a, uint32_t, f->inst.n);
    p.epoch = arena_array(p.a, uint32_t, f->inst.n);
    count_uses(&p);
    for (BlockId b = 0; b < f->block.n; b++)
        if (!block_at(f, b)->dead) fuse_block(&p, b);
    if (f->unit->wants_remarks) remark_loops(f);
}
