/* live.c - liveness of managed values: backward data flow over bit sets.
 *
 *   in(b)     = use(b) | ((out(b) | thrown(b)) & ~def(b))
 *   out(b)    = union over edges b -> s of in(s) and the operands that the phis of s take along that edge
 *   thrown(b) = the same for b's exception edge, without what b's body defines: control leaves somewhere inside b, when
 *               its phis have their values and nothing else is certain to
 *
 * A phi's operand is used at the end of the predecessor; its result is defined at the top of its block.
 *
 * Borrowing: a type with an ITER inside holds pointers that it does not own.  Which managed values they belong to
 * follows from the operands: those that are managed, and what those that borrow have borrowed.  So does a value that
 * passes/borrow.c has found to need no reference of its own (INST_BORROWED).
 */
#include "passes/passes.h"

/* ---- borrowing ------------------------------------------------------------------------------------------------- */

static bool borrows(const Type *t) {
    if (t->kind == TYPE_ITER || (t->kind == TYPE_GENERATOR && t->flags & TYPE_GENERATOR_STACK)) {
        for (uint32_t i = 0; i < t->nelem; i++)
            if (type_is_managed(t->elem[i]) || borrows(t->elem[i])) return true;
        return false;
    }
    for (uint32_t i = 0; i < t->nfields; i++)
        if (t->field[i]->nleaves && borrows(t->field[i])) return true;
    return false;
}

/* Ops that do not keep an operand but by a reference of their own. */
static bool only_looks(unsigned op) {
    return op == OP_getattr || op == OP_setattr || op == OP_getitem || op == OP_setitem || op == OP_binary ||
           op == OP_unary || op == OP_call || op == OP_tuple;
}

/* A record that is an element of an array (or a field of one) and is used for nothing but looking into it borrows, so
 * that `a[i].x` counts no reference. */
static void mark_borrowed(Arena *a, const Func *f) {
    Vec(ValueId) records = {0};
    for (ValueId v = 0; v < f->inst.n; v++) {
        Inst *i = inst_at(f, v);
        bool is_view = i->op == OP_getitem || i->op == OP_getattr || i->op == OP_iter_value;
        if (i->block == NO_BLOCK || !i->type || i->type->kind != TYPE_RECORD || !is_view) continue;
        i->flags |= INST_BORROWED;
        vec_push(a, &records, v);
    }
    for (ValueId v = 0; v < f->inst.n && records.n; v++) {
        const Inst *i = inst_at(f, v);
        if (i->block == NO_BLOCK || only_looks(i->op)) continue;
        for (uint32_t k = 0; k < i->nargs; k++)
            if (i->arg[k] != NO_VALUE) inst_at(f, i->arg[k])->flags &= (uint16_t)~INST_BORROWED;
    }
}

static bool list_add(Arena *a, ValueList *list, ValueId v) {
    for (uint32_t i = 0; i < list->n; i++)
        if (list->at[i] == v) return false;
    size_t nbytes = list->n * sizeof v;
    list->at = arena_grow(a, list->at, nbytes, nbytes + sizeof v);
    list->at[list->n++] = v;
    return true;
}

static bool lend_operands(Liveness *l, const Func *f, ValueId v) {
    const Inst *i = inst_at(f, v);
    bool changed = false;
    for (uint32_t k = 0; k < i->nargs; k++) {
        ValueId x = i->arg[k];
        if (l->bit[x] != UINT32_MAX) changed |= list_add(l->arena, &l->lenders[v], x);
        for (uint32_t n = 0; n < l->lenders[x].n; n++)
            changed |= list_add(l->arena, &l->lenders[v], l->lenders[x].at[n]);
    }
    return changed;
}

static void find_lenders(Liveness *l, const Func *f) {
    Vec(ValueId) borrowers = {0};
    for (ValueId v = 0; v < f->inst.n; v++) {
        const Inst *i = inst_at(f, v);
        if (i->block != NO_BLOCK && i->type && i->type->nleaves &&
            (borrows(i->type) || i->flags & INST_BORROWED))
            vec_push(l->arena, &borrowers, v);
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t k = 0; k < borrowers.n; k++) changed |= lend_operands(l, f, borrowers.at[k]);
    }
}

/* ---- uses ------------------------------------------------------------------------------------------------------ */

static void number_values(Liveness *l, const Func *f) {
    l->bit = arena_array(l->arena, uint32_t, f->inst.n);
    l->value = arena_array(l->arena, ValueId, f->inst.n);
    l->lenders = arena_array(l->arena, ValueList, f->inst.n);
    for (ValueId v = 0; v < f->inst.n; v++) {
        const Inst *i = inst_at(f, v);
        bool managed = i->block != NO_BLOCK && i->type && type_is_managed(i->type) &&
                       !(i->flags & INST_BORROWED && i->type->kind == TYPE_RECORD);
        l->bit[v] = managed ? l->nvalues : UINT32_MAX;
        if (managed) l->value[l->nvalues++] = v;
    }
}

static void add_use(Liveness *l, ValueId v) {
    for (uint32_t i = 0; i < l->uses.n; i++)
        if (l->uses.at[i] == v) return;
    if (l->uses.n == l->uses_capacity)
        vec_grow_(l->arena, (void **)&l->uses.at, &l->uses_capacity, l->uses.n + 1, sizeof v);
    l->uses.at[l->uses.n++] = v;
}

static void add_uses(Liveness *l, uint32_t n, const ValueId *operand) {
    for (uint32_t k = 0; k < n; k++) {
        ValueId v = operand[k];
        if (v == NO_VALUE) continue;
        if (l->bit[v] != UINT32_MAX) add_use(l, v);
        for (uint32_t i = 0; i < l->lenders[v].n; i++) add_use(l, l->lenders[v].at[i]);
    }
}

const ValueList *live_uses(Liveness *l, uint32_t n, const ValueId *operand, uint32_t nmore,
                           const ValueId *more) {
    l->uses.n = 0;
    add_uses(l, n, operand);
    add_uses(l, nmore, more);
    return &l->uses;
}

/* ---- data flow --------------------------------------------------------------------------------------------------- */

/* What a block uses before it defines it, what it defines, and what of that its body defines, not its phis. */
typedef struct {
    uint64_t *use, *def, *body;
} Summary;

static void summarise_block(Liveness *l, const Func *f, BlockId id, Summary s) {
    const Block *b = block_at(f, id);
    for (uint32_t k = 0; k < b->inst.n; k++) {
        const Inst *i = inst_at(f, b->inst.at[k]);
        uint32_t bit = l->bit[b->inst.at[k]];
        if (i->op != OP_phi) {
            const ValueList *uses = live_uses(l, i->nargs, i->arg, i->nbound, i->bound);
            for (uint32_t n = 0; n < uses->n; n++)
                if (!live_test(s.def, l->bit[uses->at[n]])) live_add(s.use, l->bit[uses->at[n]]);
            if (bit != UINT32_MAX) live_add(s.body, bit);
        }
        if (bit != UINT32_MAX) live_add(s.def, bit);
    }
}

/* What block s wants from predecessor p: into `set`. */
static void add_wanted(Liveness *l, const Func *f, BlockId p, BlockId s, uint64_t *set) {
    const Block *b = block_at(f, s);
    for (uint32_t w = 0; w < l->nwords; w++) set[w] |= l->in[s * l->nwords + w];
    for (uint32_t k = 0; k < b->pred.n; k++) {
        if (b->pred.at[k] != p) continue;
        for (uint32_t n = 0; n < b->inst.n && inst_at(f, b->inst.at[n])->op == OP_phi; n++) {
            const ValueList *uses = live_uses(l, 1, &inst_at(f, b->inst.at[n])->arg[k], 0, NULL);
            for (uint32_t u = 0; u < uses->n; u++) live_add(set, l->bit[uses->at[u]]);
        }
    }
}

static bool flow_block(Liveness *l, const Func *f, BlockId b, Summary s) {
    uint64_t *in = l->in + b * l->nwords, *out = l->out + b * l->nwords, *thrown = l->thrown + b * l->nwords;
    BlockId succ[2], handler = ir_exception_edge(f, b);
    uint32_t nsucc = ir_successors(f, b, succ);
    for (uint32_t k = 0; k < nsucc; k++) add_wanted(l, f, b, succ[k], out);
    if (handler != NO_BLOCK) add_wanted(l, f, b, handler, thrown);
    bool changed = false;
    for (uint32_t w = 0; w < l->nwords; w++) {
        thrown[w] &= ~s.body[w];
        uint64_t now = s.use[w] | ((out[w] | thrown[w]) & ~s.def[w]);
        changed |= now != in[w];
        in[w] = now;
    }
    return changed;
}

static Summary summary_of(const Liveness *l, Summary all, BlockId b) {
    uint32_t at = b * l->nwords;
    return (Summary){all.use + at, all.def + at, all.body + at};
}

void live_compute(Arena *a, const Func *f, Liveness *l) {
    *l = (Liveness){.arena = a};
    mark_borrowed(a, f);
    number_values(l, f);
    find_lenders(l, f);
    l->nwords = (l->nvalues + 63) / 64;
    uint32_t nwords = f->block.n * l->nwords;
    l->in = arena_array(a, uint64_t, nwords);
    l->out = arena_array(a, uint64_t, nwords);
    l->thrown = arena_array(a, uint64_t, nwords);
    if (l->nvalues == 0) return;
    Summary all = {arena_array(a, uint64_t, nwords), arena_array(a, uint64_t, nwords),
                   arena_array(a, uint64_t, nwords)};
    BlockId *order = arena_array(a, BlockId, f->block.n);
    uint32_t norder = ir_reverse_postorder(f, order);
    for (uint32_t i = 0; i < norder; i++) summarise_block(l, f, order[i], summary_of(l, all, order[i]));
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = norder; i-- > 0;)
            changed |= flow_block(l, f, order[i], summary_of(l, all, order[i]));
    }
}
