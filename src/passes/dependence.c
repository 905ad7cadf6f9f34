/* dependence.c - races of a parallel loop that can be seen when it is compiled.
 *
 * Two iterations touch the same element of an array when
 *   - a write's index does not depend on the iteration: every iteration writes that element, or
 *   - one access is at i + c and a write of the same array at i + d with c != d, all other index parts being equal:
 *     iteration i touches what iteration i + c - d writes (a[i] = a[i - 1] + ...).
 * Both are errors.  Arrays made inside the body belong to one iteration.  Indices that are read from data may or
 * may not collide; they are left to the user, as in any parallel language.
 */
#include "passes/prange.h"

/* index = loop index * `uses_index` + offset, the rest being values that do not change in the loop. */
typedef struct {
    bool known, uses_index;
    int64_t offset;
    ValueId rest; /* an invariant part that is not constant; NO_VALUE: none */
} Affine;

static ValueId through_casts(const Func *f, ValueId v) {
    while (inst_at(f, v)->op == OP_cast) v = inst_at(f, v)->arg[0];
    return v;
}

static Affine affine_of(const ParallelLoop *p, ValueId v) {
    v = through_casts(p->f, v);
    const Inst *i = inst_at(p->f, v);
    if (v == p->index) return (Affine){.known = true, .uses_index = true, .rest = NO_VALUE};
    if (i->op == OP_const_int) return (Affine){.known = true, .offset = i->imm.i, .rest = NO_VALUE};
    if (i->type && i->type->kind == TYPE_LITERAL)
        return (Affine){.known = true, .offset = i->type->value, .rest = NO_VALUE};
    if (!parallel_inside(p, v)) return (Affine){.known = true, .rest = v};
    if (i->op == OP_binary && (i->sub == OPERATOR_ADD || i->sub == OPERATOR_SUB)) {
        Affine x = affine_of(p, i->arg[0]), y = affine_of(p, i->arg[1]);
        bool minus = i->sub == OPERATOR_SUB;
        if (!x.known || !y.known || (y.uses_index && (x.uses_index || minus)) || y.rest != NO_VALUE)
            return (Affine){0};
        return (Affine){.known = true,
                        .uses_index = x.uses_index | y.uses_index,
                        .rest = x.rest,
                        .offset = minus ? x.offset - y.offset : x.offset + y.offset};
    }
    return (Affine){0};
}

enum { MAX_PARTS = 8 };
typedef struct {
    ValueId inst, array;
    bool is_write;
    uint32_t nparts;
    Affine part[MAX_PARTS];
} Access;

static bool describe_access(const ParallelLoop *p, ValueId v, Access *out) {
    const Inst *i = inst_at(p->f, v);
    if (i->op != OP_getitem && i->op != OP_setitem) return false;
    const Type *t = value_type(p->f, i->arg[0]);
    if (!t || !type_is_array(t) || parallel_inside(p, i->arg[0])) return false;
    *out = (Access){.inst = v, .array = i->arg[0], .is_write = i->op == OP_setitem};
    const Inst *index = inst_at(p->f, i->arg[1]);
    bool several = index->op == OP_tuple;
    out->nparts = several ? index->nargs : 1;
    if (out->nparts > MAX_PARTS) return false;
    for (uint32_t k = 0; k < out->nparts; k++) {
        ValueId part = several ? index->arg[k] : i->arg[1];
        const Type *type = type_base(value_type(p->f, part));
        if (type->kind != TYPE_INT) return false;
        out->part[k] = affine_of(p, part);
    }
    return true;
}

static bool every_iteration_writes(const Access *x) {
    for (uint32_t k = 0; k < x->nparts; k++)
        if (!x->part[k].known || x->part[k].uses_index) return false;
    return x->is_write;
}

static bool same_part(const Affine *x, const Affine *y) {
    return x->known && y->known && x->uses_index == y->uses_index && x->rest == y->rest &&
           x->offset == y->offset;
}

/* The accesses differ in one part only, there by a constant distance along the loop index. */
static bool collide(const Access *x, const Access *y) {
    uint32_t shifted = 0;
    if (x->array != y->array || x->nparts != y->nparts || !(x->is_write || y->is_write)) return false;
    for (uint32_t k = 0; k < x->nparts; k++) {
        const Affine *a = &x->part[k], *b = &y->part[k];
        if (same_part(a, b)) continue;
        if (!a->known || !b->known || !a->uses_index || !b->uses_index || a->rest != b->rest) return false;
        shifted++;
    }
    return shifted == 1;
}

static bool report(const ParallelLoop *p, const Access *x, const char *why) {
    const Inst *i = inst_at(p->f, x->inst);
    func_error(p->f, i->span, DIAG_PARALLEL_ARRAY_CARRIED,
               "iterations of a parallel loop depend on each other: %s", why);
    return false;
}

bool dependence_check(ParallelLoop *p) {
    Vec(Access) seen = {0};
    for (uint32_t b = 0; b < p->blocks.n; b++) {
        const Block *block = block_at(p->f, p->blocks.at[b]);
        for (uint32_t k = 0; k < block->inst.n; k++) {
            Access x;
            if (!describe_access(p, block->inst.at[k], &x)) continue;
            if (every_iteration_writes(&x))
                return report(p, &x, "each of them writes the same array element");
            for (uint32_t s = 0; s < seen.n; s++)
                if (collide(&seen.at[s], &x))
                    return report(p, x.is_write ? &x : &seen.at[s],
                                  "one of them writes an array element that another one uses");
            vec_push(&p->f->unit->arena, &seen, x);
        }
    }
    return true;
}
