/* members.c - a member of an instance that does not change is read once.
 *
 *     for i in range(len(self.x)):               x = self.x; v = self.v
 *         self.x[i] += self.v[i] * dt      ->    for i in range(len(x)): x[i] += v[i] * dt
 *
 * Members lie in memory, and to LLVM any store might change them; it would load an array's address and extents for every
 * element, and each load has a reference counted.  Here it is known what changes a member (effects.h), so:
 *
 *   1. A read in a loop that nothing in the loop can change is made in front of the outermost such loop as well.  That is
 *      right even if the loop makes none, because the instance is there.  A read that may fail (an unassigned list) stays,
 *      and one that alone decides whether the loop ends: `while self.running` waits for someone outside to change it.
 *   2. A read is replaced by the nearest one that dominates it, or by what was stored there, if no way from there to here
 *      changes the member.
 *
 * Behind this pass a member is a value like any other: bounds.c proves and versions accesses to it.
 */
#include "passes/effects.h"

enum { MAX_DEPTH = 3 }; /* of computations followed from a read to a branch */

typedef struct {
    Func *f;
    Effects effects;
    Dominators dom;
    Loops loops;
    Keys *writes;           /* by block */
    Vec(ValueId) reads;     /* and writes of members, in reverse postorder */
    uint32_t *mark, nmarks; /* by block: the number of the walk that came here last */
    Vec(BlockId) work;
} Members;

static Keys key_of(Members *m, const Inst *i) {
    return effects_member(&m->effects, value_type(m->f, effects_operand(i, 0)), i->imm.name);
}

static bool has_reads(const Func *f) {
    for (ValueId v = 0; v < f->inst.n; v++)
        if (inst_at(f, v)->block != NO_BLOCK && effects_is_member_read(inst_at(f, v))) return true;
    return false;
}

static bool is_in(const Loops *loops, const Loop *loop, BlockId b) {
    const Loop *l = loops->of_block[b];
    while (l && l != loop) l = l->parent;
    return l != NULL;
}

/* ---- out of loops -------------------------------------------------------------------------------------------------- */

static Keys writes_of_loop(const Members *m, const Loop *loop) {
    Keys keys = 0;
    for (uint32_t k = 0; k < loop->blocks.n; k++) keys |= m->writes[loop->blocks.at[k]];
    return keys;
}

static bool is_same_read(const Inst *a, const Inst *b) {
    return effects_is_member_read(a) && a->imm.name == b->imm.name &&
           effects_operand(a, 0) == effects_operand(b, 0);
}

static void read_in_front(Members *m, const Loop *loop, ValueId v) {
    Func *f = m->f;
    const Block *b = block_at(f, loop->preheader);
    for (uint32_t k = 0; k < b->inst.n; k++)
        if (is_same_read(inst_at(f, b->inst.at[k]), inst_at(f, v))) return;
    ValueId copy = ir_new(f, OP_getattr, inst_at(f, v)->type, inst_at(f, v)->nargs, inst_at(f, v)->arg);
    Inst *to = inst_at(f, copy), *from = inst_at(f, v);
    to->span = from->span;
    to->imm = from->imm;
    to->row = from->row;
    to->bound = from->bound;
    to->nbound = from->nbound;
    ir_insert(f, loop->preheader, b->inst.n - 1, copy);
}

static bool is_outside(const Members *m, const Loop *loop, ValueId v) {
    return !is_in(&m->loops, loop, inst_at(m->f, v)->block) || inst_at(m->f, v)->op == OP_literal ||
           inst_at(m->f, v)->op == OP_none || inst_at(m->f, v)->op == OP_const_int;
}

/* Whether the loop is left by a branch on v, or on what is computed from v and values of outside alone. */
static bool decides_end(const Members *m, const Loop *loop, ValueId v, uint32_t depth) {
    for (uint32_t k = 0; k < loop->blocks.n; k++) {
        const Block *b = block_at(m->f, loop->blocks.at[k]);
        for (uint32_t n = 0; n < b->inst.n; n++) {
            const Inst *i = inst_at(m->f, b->inst.at[n]);
            bool uses = false, alone = i->op != OP_phi;
            for (uint32_t o = 0; o < i->nargs; o++) {
                uses |= i->arg[o] == v;
                alone &= i->arg[o] == v || is_outside(m, loop, i->arg[o]);
            }
            if (!uses || !alone) continue;
            if (i->op == OP_condbr) {
                if (!is_in(&m->loops, loop, i->imm.target[0]) || !is_in(&m->loops, loop, i->imm.target[1]))
                    return true;
            } else if (depth && i->type && i->type->kind <= TYPE_INT &&
                       decides_end(m, loop, b->inst.at[n], depth - 1)) {
                return true;
            }
        }
    }
    return false;
}

static void hoist_from(Members *m, const Loop *loop) {
    Keys writes = writes_of_loop(m, loop);
    if (loop->preheader == NO_BLOCK || block_at(m->f, loop->header)->cold || writes == EVERY_KEY) return;
    for (uint32_t k = 0; k < loop->blocks.n; k++) {
        for (uint32_t n = 0; n < block_at(m->f, loop->blocks.at[k])->inst.n; n++) {
            ValueId v = block_at(m->f, loop->blocks.at[k])->inst.at[n];
            const Inst *i = inst_at(m->f, v);
            if (!effects_is_member_read(i) || !(i->row->flags & LIB_NO_RAISE)) continue;
            BlockId home = inst_at(m->f, effects_operand(i, 0))->block;
            if (is_in(&m->loops, loop, home) || writes & key_of(m, i)) continue;
            if (!decides_end(m, loop, v, MAX_DEPTH)) read_in_front(m, loop, v);
        }
    }
}

/* ---- from the register --------------------------------------------------------------------------------------------- */

static uint32_t position_of(const Func *f, ValueId v) {
    const Block *b = block_at(f, inst_at(f, v)->block);
    uint32_t n = 0;
    while (b->inst.at[n] != v) n++;
    return n;
}

static bool writes_between(Members *m, BlockId b, uint32_t begin, uint32_t end, Keys key) {
    const Block *block = block_at(m->f, b);
    for (uint32_t n = begin; n < end && n < block->inst.n; n++)
        if (effects_writes(&m->effects, m->f, inst_at(m->f, block->inst.at[n])) & key) return true;
    return false;
}

/* Adds the blocks in front of b that this walk has not seen. */
static void walk_back(Members *m, BlockId b, BlockId stop) {
    const Block *block = block_at(m->f, b);
    for (uint32_t k = 0; k < block->pred.n; k++) {
        BlockId p = block->pred.at[k];
        if (p == stop || m->mark[p] == m->nmarks || m->dom.idom[p] == NO_BLOCK) continue;
        m->mark[p] = m->nmarks;
        vec_push(m->effects.arena, &m->work, p);
    }
}

/* Whether control may come from one instruction to another one, which it dominates, past a change. */
static bool may_change(Members *m, ValueId from, ValueId to, Keys key) {
    BlockId a = inst_at(m->f, from)->block, b = inst_at(m->f, to)->block;
    if (a == b) return writes_between(m, a, position_of(m->f, from) + 1, position_of(m->f, to), key);
    if (writes_between(m, a, position_of(m->f, from) + 1, UINT32_MAX, key)) return true;
    if (writes_between(m, b, 0, position_of(m->f, to), key)) return true;
    m->nmarks++;
    m->work.n = 0;
    for (walk_back(m, b, a); m->work.n;) {
        BlockId at = vec_pop(&m->work);
        if (m->writes[at] & key) return true;
        walk_back(m, at, a);
    }
    return false;
}

/* What is in the member behind a read or write of it. */
static ValueId content_of(const Func *f, ValueId v) {
    return effects_is_member_read(inst_at(f, v)) ? v : effects_operand(inst_at(f, v), 1);
}

/* Whether some loop that `from` stands in front of ends by the read `to`. */
static bool ends_loop_behind(const Members *m, ValueId from, ValueId to) {
    BlockId a = inst_at(m->f, from)->block, b = inst_at(m->f, to)->block;
    for (const Loop *l = m->loops.of_block[b]; l && !is_in(&m->loops, l, a); l = l->parent)
        if (decides_end(m, l, to, MAX_DEPTH)) return true;
    return false;
}

static bool reuse(Members *m, ValueId v) {
    const Inst *read = inst_at(m->f, v);
    for (uint32_t k = m->reads.n; k-- > 0;) {
        const Inst *earlier = inst_at(m->f, m->reads.at[k]);
        if (earlier->imm.name != read->imm.name || effects_operand(earlier, 0) != effects_operand(read, 0) ||
            !dom_dominates(&m->dom, earlier->block, read->block))
            continue;
        ValueId content = content_of(m->f, m->reads.at[k]);
        if (value_type(m->f, content) != read->type || may_change(m, m->reads.at[k], v, key_of(m, read)) ||
            ends_loop_behind(m, m->reads.at[k], v))
            return false;
        ir_replace_uses(m->f, v, content);
        ir_delete(m->f, v);
        return true;
    }
    return false;
}

static void reuse_in_block(Members *m, BlockId b) {
    for (uint32_t n = 0; n < block_at(m->f, b)->inst.n; n++) {
        ValueId v = block_at(m->f, b)->inst.at[n];
        const Inst *i = inst_at(m->f, v);
        bool is_read = effects_is_member_read(i);
        if (!is_read && !effects_is_member_write(i)) continue;
        if (is_read && reuse(m, v)) n--;
        else vec_push(m->effects.arena, &m->reads, v);
    }
}

void pass_members(Func *f) {
    if (!has_reads(f)) return;
    Arena *a = &f->unit->arena;
    Members m = {
        .f = f, .writes = arena_array(a, Keys, f->block.n), .mark = arena_array(a, uint32_t, f->block.n)};
    effects_init(&m.effects, f->unit);
    dom_compute(a, f, &m.dom);
    loops_compute(a, f, &m.dom, &m.loops);
    for (BlockId b = 0; b < f->block.n; b++) m.writes[b] = effects_of_block(&m.effects, f, b);
    for (uint32_t k = 0; k < m.loops.loops.n; k++) hoist_from(&m, m.loops.loops.at[k]);
    for (uint32_t k = 0; k < m.dom.norder; k++) reuse_in_block(&m, m.dom.order[k]);
}
