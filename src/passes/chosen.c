/* chosen.c - the ranges of variables that take over an index from time to time: the best so far.
 *
 *     best = 0
 *     for j in range(1, n):
 *         if a[j] > a[best]: best = j
 *
 * The phis that carry such a variable through a loop have each other as operands, and *origins*: values from in front of
 * the loop, and items of loops inside it.  The variable lies between the least and the greatest origin, if these do not
 * change while the loop runs, and are what their polynomials say without wrapping.
 *
 *   1. Collect the phis that are reached from a phi of the loop's header without leaving the loop, and their origins.
 *   2. The least origin becomes `low`, the greatest item `high`; that nothing from in front of the loop is above `high` is
 *      proved, or a condition of the range (Induction.ascent).
 *   3. Every phi becomes an induction variable with this range.
 */
#include "passes/affine.h"

enum { MAX_PHIS = 16, MAX_ORIGINS = 8 };

typedef struct {
    Affine low, high;
    bool is_item; /* of a loop inside */
} Origin;

typedef struct {
    Affines *s;
    const Loops *loops;
    const Loop *loop;
    uint32_t nphis, norigins;
    ValueId phi[MAX_PHIS];
    Origin origin[MAX_ORIGINS];
} Web;

/* ---- what the variable is made of ------------------------------------------------------------------------------------- */

static bool is_fixed(const Web *w, const Affine *a) {
    for (uint32_t i = 0; i < a->n; i++) {
        uint16_t factor[2] = {a->term[i].x, a->term[i].y};
        for (uint32_t k = 0; k < 2; k++) {
            if (factor[k] == NO_SYMBOL) continue;
            BlockId home = inst_at(w->s->f, w->s->symbols.at[factor[k]].value)->block;
            if (home == NO_BLOCK || loop_contains(w->loop, w->loops->of_block[home])) return false;
        }
    }
    return a->ok;
}

/* x + c, where x is the item of a loop inside: its range, or NULL. */
static const Induction *item_of(const Web *w, const Affine *a) {
    if (a->n != 1 || a->term[0].k != 1 || a->term[0].y != NO_SYMBOL) return NULL;
    const Symbol *x = &w->s->symbols.at[a->term[0].x];
    if (x->kind != SYMBOL_INDUCTION) return NULL;
    const Induction *i = &w->s->inductions.at[x->loop];
    return i->loop && loop_contains(w->loop, i->loop) && !i->ascent.ok ? i : NULL;
}

static bool add_origin(Web *w, ValueId v) {
    Affine a = affine_of(w->s, v), more = affine_constant(a.c);
    const Induction *item = a.ok ? item_of(w, &a) : NULL;
    bool is_exact = item ? item->is_exact && (a.c == 0 || a.c == 1) : affine_is_exact(w->s, &a);
    Origin origin = {a, a, item != NULL};
    if (item) {
        origin.low = affine_add(item->low, &more, 1);
        origin.high = affine_add(item->high, &more, 1);
    }
    if (!is_exact || w->norigins == MAX_ORIGINS || !is_fixed(w, &origin.low) || !is_fixed(w, &origin.high))
        return false;
    w->origin[w->norigins++] = origin;
    return true;
}

static bool is_phi_inside(const Web *w, ValueId v) {
    const Inst *i = inst_at(w->s->f, v);
    return i->op == OP_phi && i->type == type_i64 && loop_contains(w->loop, w->loops->of_block[i->block]) &&
           affine_of(w->s, v).n == 1 && w->s->symbols.at[affine_of(w->s, v).term[0].x].kind == SYMBOL_VALUE;
}

static bool add_value(Web *w, ValueId v) {
    if (!is_phi_inside(w, v)) return add_origin(w, v);
    for (uint32_t k = 0; k < w->nphis; k++)
        if (w->phi[k] == v) return true;
    if (w->nphis == MAX_PHIS) return false;
    w->phi[w->nphis++] = v;
    return true;
}

static bool collect(Web *w, ValueId first) {
    w->phi[w->nphis++] = first;
    for (uint32_t k = 0; k < w->nphis; k++) {
        const Inst *i = inst_at(w->s->f, w->phi[k]);
        for (uint32_t n = 0; n < i->nargs; n++)
            if (!add_value(w, i->arg[n])) return false;
    }
    return true;
}

/* ---- its range -------------------------------------------------------------------------------------------------------- */

static bool is_at_least(const Web *w, const Affine *a, const Affine *b) {
    Affine difference = affine_add(*a, b, -1);
    return affine_is_nonnegative(w->s, &difference);
}

static bool add_low(const Web *w, const Origin *origin, Affine *low) {
    if (is_at_least(w, &origin->low, low)) return true;
    bool lower = is_at_least(w, low, &origin->low);
    if (lower) *low = origin->low;
    return lower;
}

/* Items come first.  What is from in front of the loop may be above them: one such value becomes a condition. */
static bool add_high(const Web *w, const Origin *origin, Induction *range) {
    if (is_at_least(w, &range->high, &origin->high)) return true;
    if (origin->is_item) {
        bool higher = is_at_least(w, &origin->high, &range->high);
        if (higher) range->high = origin->high;
        return higher;
    }
    if (range->ascent.ok) return false;
    range->ascent = affine_add(range->high, &origin->high, -1);
    return range->ascent.ok;
}

static bool find_range(const Web *w, Induction *range) {
    const Origin *item = NULL;
    for (uint32_t k = 0; k < w->norigins && !item; k++)
        if (w->origin[k].is_item) item = &w->origin[k];
    if (!item) return false;
    *range = (Induction){.loop = w->loop, .low = item->low, .high = item->high, .is_exact = true};
    for (uint32_t pass = 0; pass < 2; pass++)
        for (uint32_t k = 0; k < w->norigins; k++) {
            const Origin *origin = &w->origin[k];
            if (origin->is_item == (pass == 1)) continue;
            if (!add_low(w, origin, &range->low) || !add_high(w, origin, range)) return false;
        }
    return true;
}

void affine_add_chosen(Affines *s, const Loops *loops, const Loop *loop) {
    const Block *header = block_at(s->f, loop->header);
    for (uint32_t k = 0; k < header->inst.n && inst_at(s->f, header->inst.at[k])->op == OP_phi; k++) {
        Web w = {.s = s, .loops = loops, .loop = loop};
        Induction range;
        if (!is_phi_inside(&w, header->inst.at[k]) || !collect(&w, header->inst.at[k])) continue;
        if (!find_range(&w, &range)) continue;
        for (uint32_t n = 0; n < w.nphis; n++) {
            range.state = w.phi[n];
            range.body = inst_at(s->f, w.phi[n])->block;
            vec_push(s->arena, &s->inductions, range);
        }
    }
}
