/* joins.c - arrays made of several: concatenate, stack, hstack, vstack, column_stack.
 *
 * The parts are a tuple (or list) of arrays.  Each is first looked at with the axes it has in the result: stack
 * inserts one, vstack makes rows of vectors.  The result is allocated once and every part is stored into its
 * place.
 */
#include "library/lower.h"
#include "library/shapes.h"

typedef enum { JOIN_ALONG, JOIN_STACK, JOIN_HORIZONTAL, JOIN_VERTICAL, JOIN_COLUMNS } JoinKind;
typedef struct {
    JoinKind kind;
    int axis; /* parameter; -1: none */
} JoinRule;
static const JoinRule concatenate = {JOIN_ALONG, 1}, stack = {JOIN_STACK, 1}, hstack = {JOIN_HORIZONTAL, -1},
                      vstack = {JOIN_VERTICAL, -1}, column_stack = {JOIN_COLUMNS, -1};

typedef struct {
    const JoinRule *rule;
    const Type *dtype;
    uint32_t ndim, axis; /* of the result */
    bool late;     /* the axis is a number of the run: parts are joined along axis 0, which is moved there */
    ValueId place; /* emission: that number */
} Join;

/* Axes of a part as it stands in the result. */
static uint32_t part_ndim(JoinKind kind, uint32_t ndim) {
    switch (kind) {
    case JOIN_STACK: return ndim + 1;
    case JOIN_HORIZONTAL: return ndim ? ndim : 1;
    case JOIN_VERTICAL:
    case JOIN_COLUMNS: return ndim < 2 ? 2 : ndim;
    default: return ndim;
    }
}

/* Records and strings are joined with their like. */
static const Type *joined_dtype(const Type *a, const Type *b) {
    if (type_is_storage(a) || type_is_storage(b)) return a == b ? a : NULL;
    return type_promote(a, b);
}

/* Records are joined with nothing else, and have no common type with it. */
static bool has_records(const Type *parts) {
    for (uint32_t i = 0; i < parts->nelem; i++)
        if (type_is_array(parts->elem[i]) && type_dtype_of(parts->elem[i])->kind == TYPE_RECORD) return true;
    return false;
}

/* False: declined or reported. */
static bool plan_join(Call *c, Join *j) {
    const Type *parts = c->type[0];
    *j = (Join){.rule = c->row->data};
    if (!parts || !type_is_tuple(parts) || parts->nelem == 0) return call_decline(c), false;
    if (j->rule->axis >= 0 && call_is_none(c, (uint32_t)j->rule->axis))
        return call_decline(c), false; /* rung 2 */
    for (uint32_t i = 0; i < parts->nelem; i++) {
        const Type *t = parts->elem[i];
        if (!type_is_array(t)) return call_decline(c), false;
        uint32_t ndim = part_ndim(j->rule->kind, t->ndim);
        j->dtype = j->dtype ? joined_dtype(j->dtype, type_dtype_of(t)) : type_dtype_of(t);
        if (!j->dtype)
            return has_records(parts)
                       ? call_error(c, DIAG_WRONG_ARGUMENTS, "input arrays must have compatible dtypes")
                       : call_decline(c),
                   false;
        if (i && ndim != j->ndim) {
            call_error(
                c, DIAG_WRONG_ARGUMENTS,
                "all the input arrays must have same number of dimensions, but the array at index 0 has %u "
                "dimension(s) and the array at index %u has %u dimension(s)",
                j->ndim, i, ndim);
            return false;
        }
        j->ndim = ndim;
    }
    if (j->ndim == 0) {
        call_error(c, DIAG_WRONG_ARGUMENTS, "zero-dimensional arrays cannot be concatenated");
        return false;
    }
    if (j->ndim > ARRAY_MAX_NDIM) {
        call_error(c, DIAG_WRONG_ARGUMENTS, "number of dimensions must be within [0, %d]", ARRAY_MAX_NDIM);
        return false;
    }
    bool second = j->rule->kind == JOIN_COLUMNS || (j->rule->kind == JOIN_HORIZONTAL && j->ndim > 1);
    j->axis = second ? 1 : 0;
    if (j->rule->axis < 0 || !c->type[j->rule->axis]) return true;
    if (call_is_none(c, (uint32_t)j->rule->axis)) return call_decline(c), false;
    AxisArg axis;
    if (!axis_argument(c, (uint32_t)j->rule->axis, j->ndim, &axis)) return false;
    j->late = !axis.known;
    j->axis = axis.axis;
    return true;
}

static const Type *type_join(Call *c) {
    Join j;
    if (!plan_join(c, &j)) return NULL;
    bool fortran = j.ndim > 1;
    for (uint32_t i = 0; i < c->type[0]->nelem; i++) {
        const Type *t = c->type[0]->elem[i];
        fortran &= t->layout == LAYOUT_F && t->ndim == j.ndim;
    }
    return type_array(j.dtype, j.ndim, fortran ? LAYOUT_F : LAYOUT_C, false, true);
}

/* A part with the result's axes: one of extent 1 is put where the part has none. */
static View spread_part(Lower *l, const Join *j, const View *part) {
    if (part->ndim == j->ndim) return *part;
    View v = view_new(l, part->dtype, j->ndim, LAYOUT_A);
    bool second = j->rule->kind == JOIN_COLUMNS && part->ndim == 1;
    uint32_t at = j->rule->kind == JOIN_STACK ? j->axis : second ? 1 : 0, n = 0;
    v.data = part->data;
    for (uint32_t i = 0; i < j->ndim; i++) {
        bool has_axis = n < part->ndim && i != at;
        v.shape[i] = has_axis ? part->shape[n] : lower_i64(l, 1);
        v.stride[i] = has_axis ? part->stride[n] : lower_i64(l, 0);
        n += has_axis;
    }
    return v;
}

static void check_extents(Lower *l, const Join *j, uint32_t number, const View *first, const View *part) {
    for (uint32_t k = 0; k < j->ndim; k++) {
        if (k == j->axis && j->rule->kind != JOIN_STACK) continue;
        ValueId differ = ir_icmp(&l->b, PRED_NE, part->shape[k], first->shape[k]);
        const char *text = "all input arrays must have the same shape";
        if (j->rule->kind != JOIN_STACK)
            text = lower_text(
                l,
                "all the input array dimensions except for the concatenation axis must match "
                "exactly, but along dimension %%d, the array at index 0 has size %%d and the array "
                "at index %u has size %%d",
                number);
        uint32_t nwords = j->rule->kind == JOIN_STACK ? 0 : 3;
        ValueId dimension = lower_i64(l, k);
        if (j->late) {
            ValueId before = lower_i64(l, (int64_t)k - 1);
            dimension = ir_select(&l->b, ir_icmp(&l->b, PRED_LT, before, j->place), before, dimension);
        }
        lower_raise_if(l, differ, "ValueError", text, nwords,
                       (ValueId[]){dimension, first->shape[k], part->shape[k]});
    }
}

static ValueId emit_join(Lower *l, Call *c) {
    const Type *parts = c->type[0];
    Join j;
    plan_join(c, &j);
    ValueId zero = lower_i64(l, 0);
    if (j.late) j.place = axis_value(l, c, (uint32_t)j.rule->axis, &(AxisArg){0}, j.ndim);
    View *part = arena_array(&l->unit->arena, View, parts->nelem);
    ValueId shape[ARRAY_MAX_NDIM];
    for (uint32_t i = 0; i < parts->nelem; i++) {
        View v = view_of(l, lower_field(l, c->value[0], i), parts->elem[i]);
        part[i] = spread_part(l, &j, &v);
        if (j.late && j.rule->kind != JOIN_STACK) part[i] = view_move_axis(l, &part[i], j.place, zero);
        if (i) check_extents(l, &j, i, &part[0], &part[i]);
    }
    memcpy(shape, part[0].shape, j.ndim * sizeof *shape);
    for (uint32_t i = 1; i < parts->nelem; i++)
        shape[j.axis] = lower_bin(l, OP_iadd, shape[j.axis], part[i].shape[j.axis]);
    View whole = {.ndim = j.ndim, .data = zero, .shape = shape, .stride = shape};
    if (j.late) whole = view_move_axis(l, &whole, zero, j.place);
    ValueId array = lower_array_new(l, c->result, whole.shape, false);
    View v = view_of(l, array, c->result);
    if (j.late) v = view_move_axis(l, &v, j.place, zero);
    lower_cleanup_push(l, array);
    for (uint32_t i = 0; i < parts->nelem; i++) {
        View place = v;
        place.layout = j.ndim == 1 ? LAYOUT_C : LAYOUT_A;
        place.shape = part[i].shape;
        const Type *t = type_array(part[i].dtype, j.ndim, part[i].layout, true, parts->elem[i]->aligned);
        if (part[i].dtype == v.dtype) view_copy_same(l, &place, &part[i]);
        else view_assign_fresh(l, &place, t, view_to_array(l, &part[i], t, NO_VALUE, NULL));
        v.data = lower_ptr_offset(l, v.data, part[i].shape[j.axis], v.stride[j.axis]);
    }
    lower_cleanup_pop(l, 1);
    return array;
}

static const LibRow rows[] = {
    {"numpy.concatenate", "arrays, axis=0", type_join, emit_join, &concatenate, 1, LIB_STORAGE},
    {"numpy.concat", "arrays, axis=0", type_join, emit_join, &concatenate, 1, LIB_STORAGE},
    {"numpy.stack", "arrays, axis=0", type_join, emit_join, &stack, 1, LIB_STORAGE},
    {"numpy.hstack", "tup", type_join, emit_join, &hstack, 1, LIB_STORAGE},
    {"numpy.vstack", "tup", type_join, emit_join, &vstack, 1, LIB_STORAGE},
    {"numpy.column_stack", "tup", type_join, emit_join, &column_stack, 1, LIB_STORAGE},
};

const LibTable library_joins_table = {"joins", rows, ARRAY_LEN(rows)};
