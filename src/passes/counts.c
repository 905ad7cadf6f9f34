/* counts.c - variables that count what a loop finds: they only grow, from a constant on, so they are not negative.
 *
 *     n = 0
 *     for x in a:
 *         if x > 0: out[n] = x; n += 1
 *
 * Every phi is taken for a count until an operand shows that it is none; then those that rest on it are none either, and so on
 * until nothing changes.  What is added at one place is MAX_STEP at most.  A sum that wraps around would have taken more than
 * 2^58 additions, which is years.
 */
#include "passes/affine.h"

enum { MAX_STEP = 16, MAX_START_LOG2 = 40 };

static bool literal_of(const Func *f, ValueId v, int64_t *value) {
    const Inst *i = inst_at(f, v);
    if (i->op == OP_cast) return literal_of(f, i->arg[0], value);
    bool literal = i->type && i->type->kind == TYPE_LITERAL && i->type->elem[0]->kind == TYPE_INT;
    if (literal) *value = i->type->value;
    else if (i->op == OP_const_int && i->type && i->type->kind == TYPE_INT) *value = i->imm.i;
    else return false;
    return true;
}

static bool is_step(const Func *f, ValueId v) {
    const Inst *i = inst_at(f, v);
    int64_t value;
    if (literal_of(f, v, &value)) return value >= 0 && value <= MAX_STEP;
    if (i->op == OP_cast && i->type == type_i64) return is_step(f, i->arg[0]);
    return i->type && type_base(i->type)->kind == TYPE_BOOL;
}

static bool is_start(const Func *f, ValueId v) {
    int64_t value;
    return literal_of(f, v, &value) && value >= 0 && value <= INT64_C(1) << MAX_START_LOG2;
}

/* A count, as far as is known now, plus steps. */
static bool is_counted(const Affines *s, ValueId v) {
    const Inst *i = inst_at(s->f, v);
    if (is_start(s->f, v)) return true;
    if (i->op == OP_phi) return s->is_count[v];
    bool sum = (i->op == OP_binary || i->op == OP_inplace) && i->sub == OPERATOR_ADD && i->row &&
               i->type == type_i64;
    if (!sum) return false;
    return is_step(s->f, i->arg[1]) ? is_counted(s, i->arg[0])
                                    : is_step(s->f, i->arg[0]) && is_counted(s, i->arg[1]);
}

static bool rests_on_counts(const Affines *s, const Inst *phi) {
    for (uint32_t k = 0; k < phi->nargs; k++)
        if (!is_counted(s, phi->arg[k])) return false;
    return true;
}

void affine_find_counts(Affines *s) {
    const Func *f = s->f;
    s->nvalues = f->inst.n;
    s->is_count = arena_array(s->arena, bool, s->nvalues);
    for (ValueId v = 0; v < s->nvalues; v++) {
        const Inst *i = inst_at(f, v);
        s->is_count[v] = i->op == OP_phi && i->block != NO_BLOCK && i->type == type_i64;
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (ValueId v = 0; v < s->nvalues; v++) {
            if (!s->is_count[v] || rests_on_counts(s, inst_at(f, v))) continue;
            s->is_count[v] = false;
            changed = true;
        }
    }
}
