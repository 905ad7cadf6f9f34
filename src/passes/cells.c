/* cells.c - variables that iterations of a parallel loop share through an inner function.
 *
 * Such a variable is a list with one item (frontend/closures.c), written by naja/library/variables.py.  When the list is
 * older than the loop, iterations that assign it race: the loop is refused.  A list that an iteration makes, or a function
 * that it calls, is its own.
 *
 * Containers that are older than the loop are of one thread at a time, too: iterations that append to a list, or add to a
 * set or dict, are refused.
 *
 *   writes_outside(f)    f assigns a cell that one of its parameters brings, itself or through what it calls
 */
#include "passes/effects.h"
#include "passes/prange.h"

enum { DEEPEST_CALL = 12 };

static bool assigns_cell(const Func *f) {
    static const char file[] = "/library/variables.py";
    const Source *s = f->source;
    size_t n = s && s->is_library ? strlen(s->filename) : 0;
    return n > sizeof file && !strcmp(s->filename + n - (sizeof file - 1), file) &&
           (!strcmp(s->name, "assign") || !strcmp(s->name, "delete"));
}

static bool may_hold_cell(const Type *t) {
    return t && (t->kind == TYPE_LIST || t->kind == TYPE_CLOSURE || t->kind == TYPE_CHOICE);
}

/* The parameter itself, or a part of it. */
static bool is_of_param(const Func *f, ValueId v) {
    const Inst *i = inst_at(f, v);
    while (i->op == OP_item || i->op == OP_cast) i = inst_at(f, i->arg[0]);
    if (i->op == OP_closure || i->op == OP_tuple)
        for (uint32_t k = 0; k < i->nargs; k++)
            if (may_hold_cell(value_type(f, i->arg[k])) && is_of_param(f, i->arg[k])) return true;
    return i->op == OP_param;
}

static bool writes_outside(const Func *f, uint32_t depth);

static bool call_writes(const Inst *call, uint32_t depth) {
    return call->op == OP_call && call->callee && writes_outside(call->callee, depth + 1);
}

static bool writes_outside(const Func *f, uint32_t depth) {
    if (assigns_cell(f)) return true;
    if (depth > DEEPEST_CALL || f->state != FUNC_TYPED) return false;
    for (ValueId v = 0; v < f->inst.n; v++) {
        const Inst *call = inst_at(f, v);
        bool brings = false;
        for (uint32_t k = 0; call->block != NO_BLOCK && call->op == OP_call && k < call->nargs; k++)
            brings |= may_hold_cell(value_type(f, call->arg[k])) && is_of_param(f, call->arg[k]);
        if (brings && call_writes(call, depth)) return true;
    }
    return false;
}

/* Is a cell among the operands, or behind them, that is older than the loop? */
static bool is_from_outside(const ParallelLoop *p, ValueId v) {
    const Inst *i = inst_at(p->f, v);
    if (!may_hold_cell(i->type)) return false;
    if (!parallel_inside(p, v)) return true;
    for (uint32_t k = 0;
         (i->op == OP_closure || i->op == OP_tuple || i->op == OP_item || i->op == OP_cast) && k < i->nargs;
         k++)
        if (is_from_outside(p, i->arg[k])) return true;
    return false;
}

/* ---- containers ------------------------------------------------------------------------------------------------- */

/* Appending to a list, adding to a set or dict: they are of one thread at a time.  l[i] = x is not such a change. */
static bool changes(Effects *e, const Func *f, const Inst *i, uint32_t operand) {
    const Type *t = value_type(f, i->arg[operand]);
    if (i->op == OP_setitem) return operand == 0 && type_is_table(t);
    if (i->op == OP_delitem || i->op == OP_list_append) return operand == 0;
    if (i->op != OP_call || (i->callee && !(i->callee->source && i->callee->source->is_library)))
        return false;
    int key = type_is_table(t) ? KEY_TABLES : KEY_LISTS;
    return effects_writes(e, f, i) >> key & 1;
}

const Type *parallel_changes_container(const ParallelLoop *p, ValueId *where) {
    Effects e;
    effects_init(&e, p->f->unit);
    for (uint32_t b = 0; b < p->blocks.n; b++) {
        const Block *block = block_at(p->f, p->blocks.at[b]);
        for (uint32_t n = 0; n < block->inst.n; n++) {
            const Inst *i = inst_at(p->f, *where = block->inst.at[n]);
            for (uint32_t k = 0; k < i->nargs; k++) {
                const Type *t = value_type(p->f, i->arg[k]);
                if (t && type_is_container(t) && !parallel_inside(p, i->arg[k]) && changes(&e, p->f, i, k))
                    return t;
            }
        }
    }
    return NULL;
}

bool parallel_shares_cell(const ParallelLoop *p, ValueId *where) {
    for (uint32_t b = 0; b < p->blocks.n; b++) {
        const Block *block = block_at(p->f, p->blocks.at[b]);
        for (uint32_t k = 0; k < block->inst.n; k++) {
            const Inst *call = inst_at(p->f, block->inst.at[k]);
            bool outside = false;
            for (uint32_t a = 0; call->op == OP_call && a < call->nargs; a++)
                outside |= is_from_outside(p, call->arg[a]);
            if (!outside || !call_writes(call, 0)) continue;
            *where = block->inst.at[k];
            return true;
        }
    }
    return false;
}
