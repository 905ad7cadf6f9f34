/* defined.c - local variables that may be unassigned where they are used.
 *
 * The front end leaves an `undef` operand in a phi where a path does not assign the variable.  Python decides
 * at run time whether that path was taken, and so does compiled code:
 *
 *   1. The phis that `undef` may come through are found by following it from phi to phi.
 *   2. Each of them gets a companion phi of bools: false where undef comes in, the other phi's companion
 *      where that comes in, else true.
 *   3. In front of every other use stands a check of the companion (row "local.check"), which raises
 *      UnboundLocalError; one per block is enough.
 *
 * LLVM removes the companions that are always true.  Functions without such phis, nearly all, cost one scan.
 */
#include "infer/state.h"

typedef struct {
    Func *f;
    ValueId *companion; /* by value: NO_VALUE, or the phi of bools */
    BlockId *checked;   /* by value: the block that has a check already */
    ValueId yes, no;    /* constants, in the entry block */
    uint32_t n;         /* values when this began */
} Defined;

static bool is_undefined(const Func *f, ValueId v) {
    return inst_at(f, v)->op == OP_undef && (!value_type(f, v) || value_type(f, v)->kind == TYPE_UNDEFINED);
}

static bool has_undef(const Func *f) {
    for (ValueId v = 0; v < f->inst.n; v++)
        if (inst_at(f, v)->block != NO_BLOCK && is_undefined(f, v)) return true;
    return false;
}

/* ---- companions ---------------------------------------------------------------------------------------- */

static bool may_be_undefined(const Defined *d, ValueId v) {
    return is_undefined(d->f, v) || (v < d->n && d->companion[v] != NO_VALUE);
}

static bool mark_phi(Defined *d, ValueId phi) {
    const Inst *i = inst_at(d->f, phi);
    if (i->op != OP_phi || i->block == NO_BLOCK || d->companion[phi] != NO_VALUE) return false;
    for (uint32_t k = 0; k < i->nargs; k++) {
        if (!may_be_undefined(d, i->arg[k])) continue;
        d->companion[phi] = ir_phi(d->f, i->block, type_bool);
        return true;
    }
    return false;
}

static bool mark_phis(Defined *d) {
    bool any = false;
    for (bool again = true; again;) {
        again = false;
        for (ValueId v = 0; v < d->n; v++) again |= mark_phi(d, v);
        any |= again;
    }
    return any;
}

static void fill_companion(Defined *d, ValueId phi) {
    uint32_t n = inst_at(d->f, phi)->nargs;
    for (uint32_t k = 0; k < n; k++) {
        ValueId v = inst_at(d->f, phi)->arg[k];
        ValueId state = is_undefined(d->f, v)                     ? d->no
                        : v < d->n && d->companion[v] != NO_VALUE ? d->companion[v]
                                                                  : d->yes;
        ir_phi_add(d->f, d->companion[phi], state);
    }
}

static ValueId constant(Defined *d, bool value) {
    ValueId v = ir_new(d->f, OP_const_int, type_bool, 0, NULL);
    inst_at(d->f, v)->imm.i = value;
    ir_insert(d->f, ENTRY_BLOCK, d->f->params.n, v);
    return v;
}

/* ---- checks -------------------------------------------------------------------------------------------- */

static void insert_check(Defined *d, BlockId b, uint32_t *position, ValueId phi, const LibRow *row) {
    Func *f = d->f;
    const Inst *user = inst_at(f, block_at(f, b)->inst.at[*position]);
    uint32_t span = user->span;
    const char *variable = inst_at(f, phi)->imm.name;
    ValueId name = ir_new(f, OP_literal, type_literal_str(variable ? variable : "?"), 0, NULL);
    ir_insert(f, b, (*position)++, name);
    ValueId check = ir_new(f, OP_call, type_none, 2, (ValueId[]){d->companion[phi], name});
    Inst *i = inst_at(f, check);
    i->row = row;
    i->bound = i->arg;
    i->nbound = 2;
    i->span = span;
    ir_insert(f, b, (*position)++, check);
    d->checked[phi] = b;
}

static void check_block(Defined *d, BlockId b, const LibRow *row) {
    Func *f = d->f;
    if (block_at(f, b)->handler != NO_BLOCK && ir_exception_edge(f, b) == NO_BLOCK)
        return; /* the handler does not know this block: a use that cannot raise must stay so */
    for (uint32_t k = 0; k < block_at(f, b)->inst.n; k++) {
        ValueId user = block_at(f, b)->inst.at[k];
        if (inst_at(f, user)->op == OP_phi) continue;
        for (uint32_t j = 0; j < inst_at(f, user)->nargs; j++) {
            ValueId v = inst_at(f, user)->arg[j];
            if (v < d->n && d->companion[v] != NO_VALUE && d->checked[v] != b) insert_check(d, b, &k, v, row);
        }
    }
}

void check_defined_locals(Frame *fr) {
    Func *f = fr->f;
    if (!has_undef(f)) return;
    Arena *a = &f->unit->arena;
    Defined d = {.f = f, .n = f->inst.n};
    d.companion = arena_array(a, ValueId, d.n);
    d.checked = arena_array(a, BlockId, d.n);
    for (ValueId v = 0; v < d.n; v++) {
        d.companion[v] = NO_VALUE;
        d.checked[v] = NO_BLOCK;
    }
    if (!mark_phis(&d)) return;
    d.yes = constant(&d, true);
    d.no = constant(&d, false);
    for (ValueId v = 0; v < d.n; v++)
        if (d.companion[v] != NO_VALUE) fill_companion(&d, v);
    uint32_t nrows;
    const LibRow *row = library_rows("local.check", &nrows)[0];
    for (BlockId b = 0; b < f->block.n; b++)
        if (!block_at(f, b)->dead) check_block(&d, b, row);
}
