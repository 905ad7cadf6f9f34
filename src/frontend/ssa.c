/* ssa.c - SSA construction on the fly: Braun, Buchwald, Hack, Leissa, Mallon, Zwinkau, "Simple and Efficient
 * Construction of Static Single Assignment Form", 2013.
 *
 * A variable is a local, a cell, or a stack slot that is live across blocks.
 *   read    the block's own definition, else that of its only predecessor, else a phi.  A block whose
 *           predecessors are not all known (not sealed) gets a phi without operands, filled when it is sealed.
 *   phi     trivial when all operands are one value or the phi itself: it then stands for that value.
 *           Instead of patching uses at once, `forward` remembers it (a union-find); ssa_finish patches once.
 *
 * Reads do not recurse: phis that they make wait in `unfilled`, so that a long function needs no deep C stack.
 * When a loop is sealed all phis are looked at again; with loops visited one after the other (cfg.c) a value that a
 * loop only carries along is itself again behind the loop, which display.c and calls.c rely on.
 *
 * Invariant: every phi of a sealed block has one operand per predecessor when no read is under way.
 */
#include "frontend/ssa.h"

void ssa_init(Ssa *s, Func *f) {
    memset(s, 0, sizeof *s);
    s->f = f;
    s->arena = &f->unit->arena;
}

Var ssa_var(Ssa *s, const char *name) {
    vec_push(s->arena, &s->names, name);
    return s->names.n - 1;
}

static uint64_t key_of(Var var, BlockId block) { return (uint64_t)block << 32 | var; }

void ssa_write(Ssa *s, Var var, BlockId block, ValueId v) {
    map_set(s->arena, &s->defs, key_of(var, block), v);
}

/* ---- trivial phis ------------------------------------------------------------------------------------------------ */

ValueId ssa_resolve(const Ssa *s, ValueId v) {
    while (v < s->forward.n && s->forward.at[v] != NO_VALUE) v = s->forward.at[v];
    return v;
}

static void set_forward(Ssa *s, ValueId phi, ValueId v) {
    while (s->forward.n <= phi) vec_push(s->arena, &s->forward, NO_VALUE);
    s->forward.at[phi] = v;
}

/* The one value that the phi's operands are beside itself; NO_VALUE when there are several. */
static ValueId only_operand(const Ssa *s, ValueId phi) {
    const Inst *i = inst_at(s->f, phi);
    ValueId same = NO_VALUE;
    for (uint32_t k = 0; k < i->nargs; k++) {
        ValueId v = ssa_resolve(s, i->arg[k]);
        if (v == phi || v == same) continue;
        if (same != NO_VALUE) return NO_VALUE;
        same = v;
    }
    return same;
}

/* Forwards the trivial phis among phis[first..] until none is left; `phis` keeps the others. */
static void simplify(Ssa *s, uint32_t first) {
    for (bool changed = true; changed;) {
        uint32_t kept = first;
        changed = false;
        for (uint32_t i = first; i < s->phis.n; i++) {
            ValueId phi = s->phis.at[i];
            const Block *b = block_at(s->f, inst_at(s->f, phi)->block);
            bool filled = b->sealed && inst_at(s->f, phi)->nargs == b->pred.n;
            ValueId same = filled ? only_operand(s, phi) : NO_VALUE;
            if (same == NO_VALUE) {
                s->phis.at[kept++] = phi;
                continue;
            }
            set_forward(s, phi, same);
            changed = true;
        }
        s->phis.n = kept;
    }
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

ValueId ssa_undef(Ssa *s, Var var) {
    uint64_t found;
    if (map_find(&s->undefs, var, &found)) return (ValueId)found;
    ValueId v = ir_new(s->f, OP_undef, NULL, 0, NULL);
    const char *name = s->names.at[var];
    inst_at(s->f, v)->imm.name = unit_name(s->f->unit, name ? name : "");
    ir_insert(s->f, ENTRY_BLOCK, s->f->params.n, v);
    map_set(s->arena, &s->undefs, var, v);
    return v;
}

static ValueId new_phi(Ssa *s, Var var, BlockId block) {
    ValueId phi = ir_phi(s->f, block, NULL);
    inst_at(s->f, phi)->imm.name = s->names.at[var];
    inst_at(s->f, phi)->span = s->span;
    OpenPhi open = {.phi = phi, .block = block, .var = var};
    if (block_at(s->f, block)->sealed) vec_push(s->arena, &s->unfilled, open);
    else vec_push(s->arena, &s->unsealed, open);
    vec_push(s->arena, &s->phis, phi);
    return phi;
}

/* Reads without filling the phis that this makes. */
static ValueId look_up(Ssa *s, Var var, BlockId block) {
    BlockId at = block;
    uint64_t found;
    ValueId v;
    while (!map_find(&s->defs, key_of(var, at), &found)) {
        const Block *b = block_at(s->f, at);
        if (b->sealed && b->pred.n == 1) {
            at = b->pred.at[0];
            continue;
        }
        bool is_start = b->sealed && b->pred.n == 0;
        found = is_start ? ssa_undef(s, var) : new_phi(s, var, at);
        ssa_write(s, var, at, (ValueId)found);
        break;
    }
    v = ssa_resolve(s, (ValueId)found);
    ssa_write(s, var, block, v);
    return v;
}

static void fill(Ssa *s, OpenPhi open) {
    for (uint32_t i = 0; i < block_at(s->f, open.block)->pred.n; i++) {
        ValueId v = look_up(s, open.var, block_at(s->f, open.block)->pred.at[i]);
        ir_phi_add(s->f, open.phi, v);
    }
}

/* Fills the waiting phis, and those that this makes; phis before `first` are not looked at again. */
static void fill_all(Ssa *s, uint32_t first) {
    if (s->unfilled.n == 0) return;
    while (s->unfilled.n) {
        OpenPhi open = vec_pop(&s->unfilled);
        fill(s, open);
    }
    simplify(s, first);
}

ValueId ssa_read(Ssa *s, Var var, BlockId block) {
    uint32_t first = s->phis.n;
    ValueId v = look_up(s, var, block);
    fill_all(s, first);
    return ssa_resolve(s, v);
}

enum {
    MAX_JOINS = 64
}; /* phis that are followed; behind more of them a value counts as one that may be missing */

static bool undef_reaches(Ssa *s, Var var, ValueId v, ValueId *seen, uint32_t *nseen) {
    v = ssa_resolve(s, v);
    if (inst_at(s->f, v)->op != OP_phi) return inst_at(s->f, v)->op == OP_undef;
    for (uint32_t i = 0; i < *nseen; i++)
        if (seen[i] == v) return false;
    if (*nseen == MAX_JOINS) return true;
    seen[(*nseen)++] = v;
    BlockId block = inst_at(s->f, v)->block;
    if (block_at(s->f, block)->sealed) {
        for (uint32_t i = 0; i < inst_at(s->f, v)->nargs; i++)
            if (undef_reaches(s, var, inst_at(s->f, v)->arg[i], seen, nseen)) return true;
        return false;
    }
    for (uint32_t i = 0; i < block_at(s->f, block)->pred.n; i++)
        if (undef_reaches(s, var, ssa_read(s, var, block_at(s->f, block)->pred.at[i]), seen, nseen))
            return true;
    return false;
}

bool ssa_may_be_undef(Ssa *s, Var var, ValueId v) {
    ValueId seen[MAX_JOINS];
    uint32_t nseen = 0;
    return undef_reaches(s, var, v, seen, &nseen);
}

void ssa_seal(Ssa *s, BlockId block) {
    uint32_t kept = 0;
    block_at(s->f, block)->sealed = true;
    for (uint32_t i = 0; i < s->unsealed.n; i++) {
        if (s->unsealed.at[i].block == block) vec_push(s->arena, &s->unfilled, s->unsealed.at[i]);
        else s->unsealed.at[kept++] = s->unsealed.at[i];
    }
    s->unsealed.n = kept;
    fill_all(s, 0);
}

/* ---- the end --------------------------------------------------------------------------------------------------------- */

static void patch_operands(Ssa *s) {
    for (ValueId v = 0; v < s->f->inst.n; v++) {
        Inst *i = inst_at(s->f, v);
        for (uint32_t k = 0; k < i->nargs; k++) i->arg[k] = ssa_resolve(s, i->arg[k]);
    }
}

/* A phi is needed when some other instruction uses it, directly or through needed phis. */
static void mark_needed(Ssa *s, bool *needed) {
    Vec(ValueId) work = {0};
    for (BlockId b = 0; b < s->f->block.n; b++) {
        for (uint32_t k = 0; k < block_at(s->f, b)->inst.n; k++) {
            ValueId v = block_at(s->f, b)->inst.at[k];
            if (inst_at(s->f, v)->op != OP_phi) vec_push(s->arena, &work, v);
        }
    }
    while (work.n) {
        const Inst *i = inst_at(s->f, vec_pop(&work));
        for (uint32_t k = 0; k < i->nargs; k++) {
            ValueId v = i->arg[k];
            if (inst_at(s->f, v)->op == OP_phi && !needed[v]) {
                needed[v] = true;
                vec_push(s->arena, &work, v);
            }
        }
    }
}

void ssa_finish(Ssa *s) {
    simplify(s, 0);
    patch_operands(s);
    bool *needed = arena_array(s->arena, bool, s->f->inst.n);
    mark_needed(s, needed);
    for (ValueId v = 0; v < s->f->inst.n; v++)
        if (inst_at(s->f, v)->op == OP_phi && !needed[v]) ir_delete(s->f, v);
}
