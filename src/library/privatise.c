/* privatise.c - arrays that the iterations of a parallel loop accumulate into: a copy for each block of iterations.
 *
 * Pass prange inserts these calls (passes/scatter.c says when).  Every block of iterations but the first accumulates into
 * an array of its own that begins as the operation's identity; the first one works on the array itself.  The copies are
 * merged in the order of the blocks, so the bits do not depend on the number of threads:
 *
 *   parallel.copies(a, work)         how many blocks there may be: for each element of their copies the loop does eight
 *                                    operations at least, so that making and merging them costs little beside the loop.
 *                                    One block: the loop runs on one thread, in place, without any copy.
 *   parallel.private_add(a, mine)    the array that a block accumulates into: `a` if mine is true, else a new one
 *   parallel.merge_add(a, b)         a += b, if they are not the same array; gives a
 *
 * The copies of a carried array (acc += row) are the same, but for `mine`, which is then false.
 */
#include "library/arrays.h"
#include "library/lower.h"

enum { MAX_COPIES = 64, WORK_OF_ELEMENT = 8 };

typedef enum { IDENTITY_ZERO, IDENTITY_ONE, IDENTITY_LEAST, IDENTITY_GREATEST, IDENTITY_ALL_ONES } Identity;
typedef struct {
    const char *ufunc;
    Identity identity;
} Merge;

/* ---- identities ---------------------------------------------------------------------------------------------------- */

static int64_t int_extreme(const Type *t, bool greatest) {
    if (t->kind == TYPE_BOOL) return greatest;
    if (!t->is_signed) return greatest ? (int64_t)(UINT64_MAX >> (64 - t->bits)) : 0;
    return greatest ? INT64_MAX >> (64 - t->bits) : INT64_MIN >> (64 - t->bits);
}

static ValueId int_identity(Lower *l, const Type *t, Identity identity) {
    switch (identity) {
    case IDENTITY_ONE: return lower_int(l, t, 1);
    case IDENTITY_LEAST: return lower_int(l, t, int_extreme(t, false));
    case IDENTITY_GREATEST: return lower_int(l, t, int_extreme(t, true));
    case IDENTITY_ALL_ONES: return lower_int(l, t, t->kind == TYPE_BOOL ? 1 : -1);
    default: return lower_int(l, t, 0);
    }
}

/* Sums begin with -0.0: 0.0 would take the sign from elements that are -0.0 and that no iteration touches. */
static ValueId identity_of(Lower *l, const Type *t, Identity identity) {
    if (t->kind == TYPE_COMPLEX) {
        const Type *part = type_real_part(t);
        ValueId im = lower_float(l, part, identity == IDENTITY_ONE ? 0.0 : -0.0);
        return lower_make2(l, t, identity_of(l, part, identity), im);
    }
    if (t->kind != TYPE_FLOAT) return int_identity(l, t, identity);
    double value = identity == IDENTITY_ZERO    ? -0.0
                   : identity == IDENTITY_ONE   ? 1.0
                   : identity == IDENTITY_LEAST ? -__builtin_inf()
                                                : __builtin_inf();
    return lower_float(l, t, value);
}

/* ---- private ------------------------------------------------------------------------------------------------------- */

static const Type *type_first(Call *c) { return c->type[0]; }

static ValueId new_private(Lower *l, Call *c, const Merge *m) {
    const Type *t = c->type[0];
    const Type *own = type_array(type_dtype_of(t), t->ndim, t->layout == LAYOUT_F ? LAYOUT_F : LAYOUT_C,
                                 false, true);
    View like = view_of(l, c->value[0], t);
    ValueId made = array_new_unchecked(l, own, like.shape, false);
    View v = view_of(l, made, own);
    view_assign_fresh(l, &v, v.dtype, identity_of(l, v.dtype, m->identity));
    return lower_cast(l, made, own, t);
}

static ValueId emit_private(Lower *l, Call *c) {
    LowerIf branch = lower_if(l, c->value[1]);
    lower_incref(l, c->value[0]);
    lower_else(l, &branch);
    ValueId made = new_private(l, c, c->row->data);
    return lower_endif(l, &branch, c->value[0], made);
}

/* ---- merge --------------------------------------------------------------------------------------------------------- */

static ValueId emit_merge(Lower *l, Call *c) {
    const Merge *m = c->row->data;
    Arena *arena = &l->unit->arena;
    const Type *dtype = type_dtype_of(c->type[0]), *compute, *result;
    const Ufunc *u = library_ufunc(m->ufunc);
    const Type *operand[2] = {dtype, dtype};
    library_ufunc_types(u, operand, (bool[2]){false, false}, &compute, &result);
    View a = view_of(l, c->value[0], c->type[0]), b = view_of(l, c->value[1], c->type[1]);
    LowerIf branch = lower_if(l, ir_icmp(&l->b, PRED_NE, a.data, b.data));
    MapBody body = {0};
    map_leaf(arena, &body, 0, dtype);
    map_leaf(arena, &body, 1, dtype);
    map_node(arena, &body, u, compute, result, 0, 1, 0);
    MapInput input[2] = {{c->type[0], c->value[0]}, {c->type[1], c->value[1]}};
    map_store_fresh(l, &body, 2, input, &a);
    lower_else(l, &branch);
    lower_endif(l, &branch, NO_VALUE, NO_VALUE);
    lower_incref(l, c->value[0]);
    return c->value[0];
}

/* ---- how many ------------------------------------------------------------------------------------------------------ */

static const Type *type_copies(Call *c) {
    (void)c;
    return type_i64;
}

/* min(MAX_COPIES, max(1, work / (WORK_OF_ELEMENT * elements))) */
static ValueId emit_copies(Lower *l, Call *c) {
    ValueId one = lower_i64(l, 1);
    ValueId elements = lower_native2(l, NATIVE_smax, lower_array_size(l, c->value[0], c->type[0]), one);
    ValueId n = lower_bin(l, OP_sdiv, c->value[1],
                          lower_bin(l, OP_imul, elements, lower_i64(l, WORK_OF_ELEMENT)));
    return lower_native2(l, NATIVE_smin, lower_native2(l, NATIVE_smax, n, one), lower_i64(l, MAX_COPIES));
}

/* ---- rows ---------------------------------------------------------------------------------------------------------- */

static const Merge add = {"add", IDENTITY_ZERO}, mul = {"multiply", IDENTITY_ONE},
                   min = {"minimum", IDENTITY_GREATEST}, max = {"maximum", IDENTITY_LEAST},
                   and_ = {"bitwise_and", IDENTITY_ALL_ONES}, or_ = {"bitwise_or", IDENTITY_ZERO},
                   xor_ = {"bitwise_xor", IDENTITY_ZERO};

#define MERGE(name, merge)                                                                     \
    {"parallel.private_" name, "a, mine", type_first, emit_private, &merge, 1, LIB_BORROWS}, { \
        "parallel.merge_" name, "a, b", type_first, emit_merge, &merge, 1, LIB_BORROWS         \
    }

static const LibRow rows[] = {
    MERGE("add", add),  MERGE("mul", mul),
    MERGE("min", min),  MERGE("max", max),
    MERGE("and", and_), MERGE("or", or_),
    MERGE("xor", xor_), {"parallel.copies", "a, work", type_copies, emit_copies, NULL, 1, LIB_PURE},
};

const LibTable library_privatise_table = {"privatise", rows, ARRAY_LEN(rows)};
