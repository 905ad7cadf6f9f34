/* scatter.c - arrays that a parallel loop accumulates into at indices that iterations may share.
 *
 * h[idx[i]] += 1, h[k, :] -= row, h[j] = max(h[j], x), and inner loops of such: iterations that meet in an element would lose
 * updates.  When all that the loop does with h is to accumulate by one operation, each block of iterations can have an h
 * of its own, merged afterwards.  So for every array with a write that dependence.c could not prove to be alone:
 *
 *   1. Follow h and its views through the loop.  Views may be taken, extents be read.
 *   2. v op= x on a view accumulates.  So does an element that is read, goes through one operation and is written back to
 *      the same index; nothing else may use the element, nor what comes out.
 *   3. All of it by operations of one kind (reductions.c): h is a *scatter*.
 *
 * An array that is updated like this and also used in another way has no meaning that holds for every schedule: the loop runs
 * on one thread, and says so.
 */
#include <stdio.h>

#include "passes/prange.h"

static const char *const kind_name[REDUCE_COUNT] = {
    [REDUCE_ADD] = "add", [REDUCE_MUL] = "mul", [REDUCE_MIN] = "min", [REDUCE_MAX] = "max",
    [REDUCE_AND] = "and", [REDUCE_OR] = "or",   [REDUCE_XOR] = "xor",
};

const LibRow *scatter_row(const char *what, Reduction kind) {
    char name[64];
    uint32_t n = 0;
    if (!kind_name[kind]) return NULL;
    snprintf(name, sizeof name, "parallel.%s_%s", what, kind_name[kind]);
    const LibRow *const *rows = library_rows(name, &n);
    return n ? rows[0] : NULL;
}

bool scatter_accumulates(const ParallelLoop *p, ValueId array) {
    for (uint32_t n = 0; n < p->scatters.n; n++)
        if (p->scatters.at[n].array == array) return true;
    return false;
}

/* ---- uses ---------------------------------------------------------------------------------------------------------- */

typedef struct {
    ParallelLoop *p;
    ValueId array;
    Reduction kind;
    Vec(ValueId) views;  /* the array itself first */
    Vec(ValueId) reads;  /* elements that are read */
    Vec(ValueId) writes; /* setitem instructions */
    bool updates;        /* some element or view is updated */
    bool mixed;          /* something else happens to the array, too */
} Follow;

static bool uses(const Inst *i, ValueId v) {
    for (uint32_t k = 0; k < i->nargs; k++)
        if (i->arg[k] == v) return true;
    return false;
}

/* The only user of v inside the loop; NO_VALUE: none, or several. */
static ValueId only_user(const ParallelLoop *p, ValueId v) {
    ValueId user = NO_VALUE;
    for (uint32_t b = 0; b < p->blocks.n; b++) {
        const Block *block = block_at(p->f, p->blocks.at[b]);
        for (uint32_t k = 0; k < block->inst.n; k++) {
            if (!uses(inst_at(p->f, block->inst.at[k]), v)) continue;
            if (user != NO_VALUE) return NO_VALUE;
            user = block->inst.at[k];
        }
    }
    return user;
}

static void take_kind(Follow *w, Reduction kind) {
    w->updates = true;
    if (w->kind == REDUCE_NONE) w->kind = kind;
    if (kind == REDUCE_NONE || w->kind != kind) w->mixed = true;
}

static bool only_asks(const Inst *i) {
    static const char *const rows[] = {"builtins.len", "ndarray.shape@", "ndarray.size@", "ndarray.ndim@"};
    for (uint32_t k = 0; k < ARRAY_LEN(rows); k++)
        if (i->row && !strcmp(i->row->name, rows[k])) return true;
    return false;
}

/* Does the loop write an array that an index is read from? */
static bool index_changes(const ParallelLoop *p, ValueId index) {
    const Inst *i = inst_at(p->f, index);
    if (!parallel_inside(p, index) || i->op == OP_phi) return false;
    for (uint32_t b = 0; b < p->blocks.n && i->op == OP_getitem; b++) {
        const Block *block = block_at(p->f, p->blocks.at[b]);
        for (uint32_t k = 0; k < block->inst.n; k++) {
            const Inst *write = inst_at(p->f, block->inst.at[k]);
            if ((write->op == OP_setitem || write->op == OP_inplace) && write->arg[0] == i->arg[0])
                return true;
        }
    }
    for (uint32_t k = 0; k < i->nargs; k++)
        if (index_changes(p, i->arg[k])) return true;
    return false;
}

static bool same_index(const ParallelLoop *p, ValueId x, ValueId y) {
    return x == y || (parallel_same_operations(p->f, x, y) && !index_changes(p, x));
}

/* h[i] = h[i], which Python does behind h[i] += x on a view. */
static bool puts_view_back(const Follow *w, const Inst *write) {
    const Func *f = w->p->f;
    const Inst *from = inst_at(f, write->arg[2]);
    if (from->op != OP_inplace || !type_is_array(from->type)) return false;
    const Inst *view = inst_at(f, from->arg[0]);
    return view->op == OP_getitem && view->arg[0] == write->arg[0] &&
           same_index(w->p, view->arg[1], write->arg[1]);
}

static void take_use(Follow *w, ValueId v, ValueId user) {
    Arena *a = &w->p->f->unit->arena;
    const Inst *i = inst_at(w->p->f, user);
    if (i->op == OP_getitem && i->arg[0] == v) {
        if (type_is_array(i->type)) vec_push(a, &w->views, user);
        else vec_push(a, &w->reads, user);
    } else if (i->op == OP_inplace && i->arg[0] == v && i->arg[1] != v) {
        take_kind(w, reduction_step(w->p->f, i, v));
        vec_push(a, &w->views, user);
    } else if (i->op == OP_setitem && i->arg[1] != v && (i->arg[2] != v || puts_view_back(w, i))) {
        if (i->arg[0] == v) vec_push(a, &w->writes, user);
    } else if (i->op == OP_cast && type_is_array(i->type)) {
        vec_push(a, &w->views, user);
    } else if (!only_asks(i)) {
        w->mixed = true;
    }
}

static void follow(Follow *w) {
    const ParallelLoop *p = w->p;
    vec_push(&p->f->unit->arena, &w->views, w->array);
    for (uint32_t n = 0; n < w->views.n; n++)
        for (uint32_t b = 0; b < p->blocks.n; b++) {
            const Block *block = block_at(p->f, p->blocks.at[b]);
            for (uint32_t k = 0; k < block->inst.n; k++)
                if (uses(inst_at(p->f, block->inst.at[k]), w->views.at[n]))
                    take_use(w, w->views.at[n], block->inst.at[k]);
        }
}

/* ---- elements ------------------------------------------------------------------------------------------------------- */

/* uint64 op int64 is done in float64, Numba's rule; what is added is whole all the same. */
static bool counts_in_floats(const Func *f, const Type *dtype, const Inst *i) {
    if (dtype != type_u64 || i->type != type_f64 || i->nargs != 2) return false;
    return type_base(value_type(f, i->arg[0]))->kind <= TYPE_INT &&
           type_base(value_type(f, i->arg[1]))->kind <= TYPE_INT;
}

/* Partial results of the accumulation can be kept in elements of this type: nothing is lost between two steps. */
static bool keeps(const Type *dtype, const Type *computed, Reduction kind) {
    if (!type_is_number(dtype) || dtype == type_f16) return false;
    bool ordered = kind == REDUCE_MIN || kind == REDUCE_MAX;
    bool wraps = kind == REDUCE_ADD || kind == REDUCE_MUL || kind == REDUCE_AND || kind == REDUCE_OR ||
                 kind == REDUCE_XOR;
    if (ordered && dtype->kind == TYPE_COMPLEX) return false;
    if (dtype == computed) return true;
    return dtype->kind == computed->kind && (dtype->kind != TYPE_INT || wraps) && dtype->kind != TYPE_BOOL;
}

/* The read that the value written by setitem `write` comes from, through one accumulating operation.  NO_VALUE: none. */
static ValueId read_behind(const Follow *w, const Inst *write, Reduction *kind) {
    const Func *f = w->p->f;
    for (uint32_t n = 0; n < w->reads.n; n++) {
        ValueId v = w->reads.at[n], user = only_user(w->p, v);
        const Inst *read = inst_at(f, v);
        *kind = REDUCE_NONE;
        while (user != NO_VALUE) {
            const Inst *i = inst_at(f, user);
            bool passes = i->op == OP_cast || (i->op == OP_tuple && i->nargs == 2);
            Reduction step = passes ? REDUCE_NONE : reduction_step(f, i, v);
            if (!passes && step == REDUCE_NONE) break;
            bool kept = keeps(read->type, i->type, step) ||
                        (step == REDUCE_ADD && counts_in_floats(f, read->type, i));
            if (step != REDUCE_NONE && (*kind != REDUCE_NONE || !kept)) break;
            if (step != REDUCE_NONE) *kind = step;
            v = user;
            if (v == write->arg[2]) break;
            user = only_user(w->p, v);
        }
        if (v == write->arg[2] && *kind != REDUCE_NONE && only_user(w->p, v) != NO_VALUE &&
            read->arg[0] == write->arg[0] && same_index(w->p, read->arg[1], write->arg[1]))
            return w->reads.at[n];
    }
    return NO_VALUE;
}

/* Is the element that a write replaces read in the same iteration?  Then it is an update, whatever it is. */
static bool is_update(const Follow *w, const Inst *write) {
    for (uint32_t n = 0; n < w->reads.n; n++) {
        const Inst *read = inst_at(w->p->f, w->reads.at[n]);
        if (read->arg[0] == write->arg[0] && parallel_same_operations(w->p->f, read->arg[1], write->arg[1]))
            return true;
    }
    return false;
}

static void match_writes(Follow *w) {
    uint32_t matched = 0;
    for (uint32_t n = 0; n < w->writes.n; n++) {
        const Inst *write = inst_at(w->p->f, w->writes.at[n]);
        if (puts_view_back(w, write)) continue;
        Reduction kind;
        if (read_behind(w, write, &kind) == NO_VALUE) {
            w->mixed = true;
            w->updates |= is_update(w, write);
            continue;
        }
        matched++;
        take_kind(w, kind);
    }
    w->mixed |= matched != w->reads.n;
}

/* ---- the arrays of a loop ------------------------------------------------------------------------------------------- */

static Follow followed(ParallelLoop *p, ValueId array) {
    Follow w = {.p = p, .array = array};
    follow(&w);
    match_writes(&w);
    w.mixed |= !keeps(type_dtype_of(value_type(p->f, array)), type_dtype_of(value_type(p->f, array)), w.kind);
    return w;
}

static void drop_unproven(ParallelLoop *p, ValueId array) {
    uint32_t n = 0;
    for (uint32_t k = 0; k < p->unproven.n; k++)
        if (p->unproven.at[k].array != array) p->unproven.at[n++] = p->unproven.at[k];
    p->unproven.n = n;
}

/* Of the writes to one array: do any lie where only data says which iteration they belong to? */
static bool is_partitioned(const ParallelLoop *p, ValueId array) {
    for (uint32_t k = 0; k < p->unproven.n; k++)
        if (p->unproven.at[k].array == array && !p->unproven.at[k].is_partition) return false;
    return true;
}

void scatters_find(ParallelLoop *p) {
    for (uint32_t k = 0; k < p->unproven.n;) {
        const Unproven u = p->unproven.at[k++];
        if (is_partitioned(p, u.array)) continue;
        Follow w = followed(p, u.array);
        if (!w.updates) continue;
        if (w.mixed) {
            if (!u.is_shared) p->serial = u.inst;
            continue;
        }
        Scatter s = {u.array, w.kind};
        vec_push(&p->f->unit->arena, &p->scatters, s);
        drop_unproven(p, u.array);
        k = 0;
    }
}
