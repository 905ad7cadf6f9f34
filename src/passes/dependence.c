/* dependence.c - which elements of arrays the iterations of a parallel loop touch.
 *
 * An access to an array from outside of the loop is described axis by axis: it touches the positions from `low` to `high`,
 * polynomials over what does not change in the loop and the loop's own index I (affine.h).  An integer index has low = high;
 * a slice, and the variable of an inner loop, have a range; a view of the array (row = a[i]) adds the axes of its own index.
 * With  low = K * I + R  and  high = K * I + R + width  on some axis:
 *
 *   distinct    no two iterations touch the same element:  |K| * step > width.  K and width may be symbols, as in
 *               a[i * k : (i + 1) * k] and in a[i * k + j] with j in range(k).
 *   shared      what is touched does not depend on I on any axis: each iteration touches the same elements.  An error if
 *               every iteration writes them.
 *   colliding   two accesses, one of them a write, differ by a constant on one axis, and no other axis depends on I, so that
 *               another iteration provably touches the element (a[i] = a[i - 1] + ...).  An error.  2 * i and 2 * i + 1
 *               do not collide.
 *   partition   an axis is indexed by the variable of an inner loop whose range depends on the iteration or on data (rows of a
 *               sparse matrix, shares of a thread).  It is taken to be the iteration's own, as its writer means it.
 *
 * Anything else may or may not collide.  scatter.c makes a reduction of it if it accumulates; other writes are left to the
 * user, as in any parallel language, and f.explain() names them.  Arrays made inside the body belong to one iteration.
 */
#include "passes/affine.h"
#include "passes/prange.h"

enum { MAX_PARTS = 8, MAX_SUBSTITUTIONS = 6 };

typedef struct {
    Affine low, high; /* .ok false: not known */
} Part;

typedef struct {
    ValueId inst, array;    /* the array that is not of the loop's making */
    bool is_write, is_view; /* is_view: it touches a part of what the parts say */
    bool is_partition;
    uint32_t nparts;
    Part part[MAX_PARTS];
} Access;

typedef struct {
    ParallelLoop *p;
    Affines s;
    uint16_t index; /* the symbol of the loop's index; NO_SYMBOL: it is not used */
    int64_t step;   /* 0: known at run time only */
    Vec(Access) accesses;
} Dependence;

/* ---- polynomials -------------------------------------------------------------------------------------------------- */

/* K * I + rest; `symbol` is a factor of K, or NO_SYMBOL. */
typedef struct {
    bool ok;
    int64_t k;
    uint16_t symbol;
    Affine rest;
} Split;

static Split split(const Dependence *d, const Affine *a) {
    Split out = {.ok = a->ok, .symbol = NO_SYMBOL, .rest = affine_constant(0)};
    out.rest.c = a->c;
    for (uint32_t n = 0; n < a->n && out.ok; n++) {
        Term t = a->term[n];
        bool first = t.x == d->index, second = t.y != NO_SYMBOL && t.y == d->index;
        if (!first && !second) {
            out.rest.term[out.rest.n++] = t;
            continue;
        }
        out.ok = first != second && !out.k;
        out.k = t.k;
        out.symbol = first ? t.y : t.x;
    }
    return out;
}

static bool is_invariant_symbol(const Dependence *d, uint16_t symbol) {
    const Symbol *x = &d->s.symbols.at[symbol];
    return x->kind != SYMBOL_INDUCTION ? !parallel_inside(d->p, x->value) : false;
}

/* Neither of the loop's own making, nor of one inside; the loop's index is allowed. */
static bool is_invariant(const Dependence *d, const Affine *a) {
    bool yes = a->ok;
    for (uint32_t n = 0; n < a->n && yes; n++)
        yes = (a->term[n].x == d->index || is_invariant_symbol(d, a->term[n].x)) &&
              (a->term[n].y == NO_SYMBOL || a->term[n].y == d->index || is_invariant_symbol(d, a->term[n].y));
    return yes;
}

static bool uses_index(const Dependence *d, const Affine *a) {
    for (uint32_t n = 0; n < a->n; n++)
        if (a->term[n].x == d->index || (a->term[n].y != NO_SYMBOL && a->term[n].y == d->index)) return true;
    return false;
}

/* The induction of an inner loop, or a remainder, in this symbol; NULL: it is none. */
static const Induction *inner_induction(const Dependence *d, uint16_t symbol) {
    if (symbol == NO_SYMBOL || symbol == d->index || d->s.symbols.at[symbol].kind != SYMBOL_INDUCTION)
        return NULL;
    return &d->s.inductions.at[d->s.symbols.at[symbol].loop];
}

/* Replaces variables of inner loops by the ends of their ranges: the least (or greatest) value of a. */
static Affine extreme(Dependence *d, Affine a, bool greatest, bool *partition) {
    for (uint32_t round = 0; round < MAX_SUBSTITUTIONS && a.ok; round++) {
        uint32_t n = 0;
        while (n < a.n && !inner_induction(d, a.term[n].x) && !inner_induction(d, a.term[n].y)) n++;
        if (n == a.n) return a;
        Term t = a.term[n];
        bool is_x = inner_induction(d, t.x) != NULL;
        const Induction *i = inner_induction(d, is_x ? t.x : t.y);
        uint16_t other = is_x ? t.y : t.x;
        if (other != NO_SYMBOL && !symbol_is_nonnegative(&d->s, other)) return (Affine){.ok = false};
        Affine end = (t.k > 0) == greatest ? i->high : i->low, taken = {.ok = true, .n = 1, .term = {t}};
        if (!is_invariant(d, &i->low) || uses_index(d, &i->low)) *partition = i->loop != NULL;
        if (other != NO_SYMBOL) {
            Affine factor = {.ok = true, .n = 1, .term = {{other, NO_SYMBOL, 1}}};
            end = affine_multiply(&d->s, &end, &factor);
        }
        a = affine_add(a, &taken, -1);
        a = affine_add(a, &end, t.k);
    }
    return (Affine){.ok = false};
}

/* ---- accesses ------------------------------------------------------------------------------------------------------ */

static bool slice_end(Dependence *d, ValueId v, Affine *out) {
    if (value_type(d->p->f, v)->kind == TYPE_NONE) return false;
    *out = affine_of(&d->s, v);
    return true;
}

/* A whole axis is [0, extent - 1]; negative ends count from the end, so only those with an index are looked into. */
static Part slice_part(Dependence *d, const Inst *slice, ValueId array, uint32_t axis) {
    Affine one = affine_constant(1), none = {.ok = false}, low = affine_constant(0),
           high = affine_extent(&d->s, array, axis);
    if (slice->op != OP_slice || value_type(d->p->f, slice->arg[2])->kind != TYPE_NONE)
        return (Part){none, none};
    bool from = slice_end(d, slice->arg[0], &low), to = slice_end(d, slice->arg[1], &high);
    if ((from && low.ok && low.n == 0 && low.c < 0) || (to && high.ok && high.n == 0 && high.c < 0))
        return (Part){none, none};
    return (Part){low, affine_add(high, &one, -1)};
}

static void close_part(Dependence *d, Access *out, Part part) {
    part.low = extreme(d, part.low, false, &out->is_partition);
    part.high = extreme(d, part.high, true, &out->is_partition);
    out->part[out->nparts++] = part;
}

/* One index, behind the axes that the access already has.  False: it is of another kind. */
static bool add_part(Dependence *d, Access *out, ValueId array, uint32_t axis, ValueId index) {
    const Type *t = type_base(value_type(d->p->f, index));
    if (out->nparts == MAX_PARTS) return false;
    if (t->kind == TYPE_INT) {
        Affine a = affine_of(&d->s, index);
        close_part(d, out, (Part){a, a});
        return true;
    }
    if (t->kind != TYPE_SLICE) return false;
    close_part(d, out, slice_part(d, inst_at(d->p->f, index), array, axis));
    return true;
}

static void add_parts(Dependence *d, Access *out, ValueId array, ValueId index) {
    const Inst *i = inst_at(d->p->f, index);
    bool several = i->op == OP_tuple;
    for (uint32_t k = 0; k < (several ? i->nargs : 1) && !out->is_view; k++)
        out->is_view = !add_part(d, out, array, k, several ? i->arg[k] : index);
}

/* What is a view of what: the array from outside, and the axes that the views in between take away.  False: the array is
 * the iteration's own, or it is not known what it is. */
static bool add_array(Dependence *d, Access *out, ValueId array) {
    const Inst *i = inst_at(d->p->f, array);
    if (!parallel_inside(d->p, array)) {
        out->array = array;
        return true;
    }
    if (i->op == OP_cast || (i->op == OP_inplace && type_is_array(i->type)))
        return add_array(d, out, i->arg[0]);
    if (i->op != OP_getitem || !type_is_array(value_type(d->p->f, i->arg[0])) ||
        !add_array(d, out, i->arg[0]))
        return false;
    if (!out->is_view) add_parts(d, out, i->arg[0], i->arg[1]);
    /* behind a slice the axes do not follow each other */
    for (uint32_t k = 0; k < out->nparts; k++)
        out->is_view |= !affine_equal(&out->part[k].low, &out->part[k].high);
    return true;
}

static bool describe_access(Dependence *d, ValueId v, Access *out) {
    const Inst *i = inst_at(d->p->f, v);
    bool in_place = i->op == OP_inplace && type_is_array(value_type(d->p->f, i->arg[0]));
    if (i->op != OP_getitem && i->op != OP_setitem && !in_place) return false;
    if (!type_is_array(value_type(d->p->f, i->arg[0]))) return false;
    *out = (Access){.inst = v, .is_write = i->op != OP_getitem};
    if (!add_array(d, out, i->arg[0])) return false;
    if (!in_place && !out->is_view) add_parts(d, out, i->arg[0], i->arg[1]);
    return true;
}

/* ---- tests --------------------------------------------------------------------------------------------------------- */

/* high - low: how far the axis reaches beyond its first position. */
static Affine width_of(const Part *part) {
    return part->low.ok && part->high.ok ? affine_add(part->high, &part->low, -1) : (Affine){.ok = false};
}

static bool is_distinct_axis(const Dependence *d, const Part *part) {
    Affine width = width_of(part), one = affine_constant(1);
    if (!width.ok || !is_invariant(d, &part->low) || !is_invariant(d, &width) || uses_index(d, &width))
        return false;
    Split s = split(d, &part->low);
    if (!s.ok || !s.k) return false;
    if (width.n == 0 && width.c == 0) return true; /* a point; a factor that is zero is the user's business */
    int64_t k = s.k < 0 ? -s.k : s.k;
    if (d->step > 1 || d->step < -1) k *= d->step < 0 ? -d->step : d->step;
    Affine room = affine_constant(s.symbol == NO_SYMBOL ? k : 0);
    if (s.symbol != NO_SYMBOL) {
        room.n = 1;
        room.term[0] = (Term){s.symbol, NO_SYMBOL, k};
    }
    room = affine_add(affine_add(room, &width, -1), &one, -1);
    return affine_is_nonnegative(&d->s, &room);
}

static bool is_distinct(const Dependence *d, const Access *x) {
    for (uint32_t k = 0; k < x->nparts; k++)
        if (is_distinct_axis(d, &x->part[k])) return true;
    return false;
}

static bool is_shared(const Dependence *d, const Access *x) {
    for (uint32_t k = 0; k < x->nparts; k++) {
        const Part *part = &x->part[k];
        if (!is_invariant(d, &part->low) || !is_invariant(d, &part->high) || uses_index(d, &part->low) ||
            uses_index(d, &part->high))
            return false;
    }
    return !x->is_view;
}

static bool same_part(const Part *x, const Part *y) {
    return affine_equal(&x->low, &y->low) && affine_equal(&x->high, &y->high);
}

/* Does some other iteration touch the same positions of this axis, as far as constants tell? */
static bool shifted_onto(const Dependence *d, const Part *x, const Part *y) {
    Affine shift = affine_add(y->low, &x->low, -1), wx = width_of(x), wy = width_of(y);
    Split s = split(d, &x->low);
    bool constant = shift.ok && wx.ok && wy.ok && !shift.n && !wx.n && !wy.n;
    if (!constant || !s.ok || !s.k || s.symbol != NO_SYMBOL || !d->step) return false;
    if (!is_invariant(d, &x->low) || wx.c < 0 || wy.c < 0) return false;
    int64_t stride = s.k * d->step, nearest = -shift.c / stride;
    for (int64_t t = nearest - 1; t <= nearest + 1; t++) {
        int64_t low = shift.c + t * stride; /* where y begins in an iteration t steps on, seen from x */
        if (t && low <= wx.c && 0 <= low + wy.c) return true;
    }
    return false;
}

/* The accesses differ on one axis only, there by a constant, and the others are the same in every iteration. */
static bool collide(const Dependence *d, const Access *x, const Access *y) {
    uint32_t moving = UINT32_MAX;
    if (x->array != y->array || x->nparts != y->nparts || x->is_view || y->is_view) return false;
    for (uint32_t k = 0; k < x->nparts; k++) {
        const Part *a = &x->part[k], *b = &y->part[k];
        if (!a->low.ok || !b->low.ok) return false;
        if (!uses_index(d, &a->low) && !uses_index(d, &b->low)) {
            if (!same_part(a, b) || !is_invariant(d, &a->low) || !is_invariant(d, &a->high)) return false;
        } else if (moving != UINT32_MAX) {
            return false;
        } else {
            moving = k;
        }
    }
    return moving != UINT32_MAX && shifted_onto(d, &x->part[moving], &y->part[moving]);
}

/* ---- the accesses of a loop ------------------------------------------------------------------------------------------ */

static bool report(const ParallelLoop *p, const Access *x, const char *why) {
    func_error(p->f, inst_at(p->f, x->inst)->span, DIAG_PARALLEL_ARRAY_CARRIED,
               "iterations of a parallel loop depend on each other: %s", why);
    return false;
}

bool parallel_always_runs(const ParallelLoop *p, BlockId b) {
    const Block *header = block_at(p->f, p->header);
    for (uint32_t k = 0; k < header->pred.n; k++)
        if (p->inside[header->pred.at[k]] && !dom_dominates(p->dom, b, header->pred.at[k])) return false;
    return true;
}

int64_t parallel_step(const ParallelLoop *p) {
    const Inst *range = inst_at(p->f, p->range);
    if (value_type(p->f, p->range)->flags & TYPE_RANGE_UNIT) return 1;
    ValueId arguments = affine_parameter(range, 0), step = NO_VALUE;
    const Inst *tuple = arguments == NO_VALUE ? NULL : inst_at(p->f, arguments);
    if (tuple && tuple->op == OP_tuple && tuple->nargs == 3) step = tuple->arg[2];
    while (step != NO_VALUE && inst_at(p->f, step)->op == OP_cast) step = inst_at(p->f, step)->arg[0];
    const Inst *i = step == NO_VALUE ? NULL : inst_at(p->f, step);
    if (i && i->type && i->type->kind == TYPE_LITERAL) return i->type->value;
    return i && i->op == OP_const_int ? i->imm.i : 0;
}

static void find_accesses(Dependence *d) {
    ParallelLoop *p = d->p;
    Affine index = p->index == NO_VALUE ? affine_constant(0) : affine_of(&d->s, p->index);
    d->index = index.ok && index.n == 1 && index.c == 0 && index.term[0].y == NO_SYMBOL ? index.term[0].x
                                                                                        : NO_SYMBOL;
    d->step = parallel_step(p);
    for (uint32_t b = 0; b < p->blocks.n; b++) {
        const Block *block = block_at(p->f, p->blocks.at[b]);
        for (uint32_t k = 0; k < block->inst.n; k++) {
            Access x;
            if (describe_access(d, block->inst.at[k], &x)) vec_push(&p->f->unit->arena, &d->accesses, x);
        }
    }
}

static bool check_pairs(const Dependence *d) {
    for (uint32_t n = 0; n < d->accesses.n; n++)
        for (uint32_t m = 0; m <= n; m++) {
            const Access *x = &d->accesses.at[m], *y = &d->accesses.at[n];
            if (!(x->is_write || y->is_write) || scatter_accumulates(d->p, x->array) || !collide(d, x, y))
                continue;
            return report(d->p, y->is_write ? y : x,
                          "one of them writes an array element that another one uses");
        }
    return true;
}

bool dependence_check(ParallelLoop *p) {
    Dependence d = {.p = p, .s = {.arena = &p->f->unit->arena}};
    affines_init(&d.s, p->f, p->dom, p->loops);
    find_accesses(&d);
    for (uint32_t n = 0; n < d.accesses.n; n++) {
        const Access *x = &d.accesses.at[n];
        if (!x->is_write || is_distinct(&d, x)) continue;
        Unproven u = {.inst = x->inst,
                      .array = x->array,
                      .is_shared = is_shared(&d, x),
                      .is_partition = x->is_partition};
        vec_push(&p->f->unit->arena, &p->unproven, u);
    }
    scatters_find(p);
    for (uint32_t n = 0; n < p->unproven.n; n++) {
        const Unproven *u = &p->unproven.at[n];
        const Access x = {.inst = u->inst};
        if (u->is_shared && parallel_always_runs(p, inst_at(p->f, u->inst)->block))
            return report(p, &x, "each of them writes the same array element");
    }
    return check_pairs(&d);
}
