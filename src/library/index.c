/* index.c - a[i], a[i, j:k, ..., None] and the assignments to them: NumPy's basic indexing.
 *
 * An index is planned from types alone: its parts in order, the ellipsis and the axes not mentioned expanded to
 * full slices.  All integers select one element, a scalar in registers; anything else is a view.  Emission walks
 * the plan once, moving the data address and collecting extents and strides.
 *
 * An integer i of an axis of n elements costs one unsigned comparison, i >= n, which finds what is to be wrapped and
 * what is out of bounds; two cold blocks tell them apart.  Types and passes/bounds prove steps needless: unsigned
 * integers do not wrap.
 *
 * Indices that are arrays of integers or booleans are not basic: the rows here decline, and rows behind them serve.
 */
#include "library/index.h"
#include "library/lower.h"

#include "library/lower.h"

/* ---- planning ------------------------------------------------------------------------------------------------------ */

static bool plan_item(Arena *a, const Type *t, int32_t component, IndexPlan *p, const char **why) {
    const Type *base = type_base(t);
    IndexItem item = {.type = t, .component = component};
    switch (base->kind) {
    case TYPE_INT: item.kind = INDEX_INT; break;
    case TYPE_SLICE: item.kind = base->flags & TYPE_SLICE_FULL ? INDEX_FULL : INDEX_SLICE; break;
    case TYPE_NONE: item.kind = INDEX_NEW; break;
    case TYPE_ELLIPSIS: item.kind = INDEX_FULL; break;
    default:
        *why =
            base->kind == TYPE_ARRAY || base->kind == TYPE_BOOL || base->kind == TYPE_OPTIONAL
                ? NULL
                : arena_printf(
                      a,
                      "only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer or "
                      "boolean arrays are valid indices, not %s",
                      t->name);
        return false;
    }
    p->item[p->n++] = item;
    return true;
}

static bool is_ellipsis(const Type *t) { return t->kind == TYPE_ELLIPSIS; }

static bool consumes_axis(const Type *t) {
    const Type *b = type_base(t);
    return b->kind == TYPE_INT || b->kind == TYPE_SLICE;
}

static PlanResult plan_parts(Arena *a, const Type *array, uint32_t n, const Type *const *part, bool is_tuple,
                             IndexPlan *p, const char **why) {
    uint32_t naxes = 0, nellipses = 0;
    for (uint32_t i = 0; i < n; i++) {
        naxes += consumes_axis(part[i]);
        nellipses += is_ellipsis(part[i]);
    }
    if (naxes > array->ndim) {
        *why = arena_printf(a, "too many indices for array: array is %u-dimensional, but %u were indexed",
                            array->ndim, naxes);
        return PLAN_WRONG;
    }
    if (nellipses > 1 || n > ARRAY_MAX_NDIM) {
        *why = "an index can only have a single ellipsis ('...')";
        return PLAN_WRONG;
    }
    uint32_t missing = array->ndim - naxes;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t repeat = is_ellipsis(part[i]) ? missing : 1;
        for (uint32_t k = 0; k < repeat; k++)
            if (!plan_item(a, part[i], is_tuple ? (int32_t)i : -1, p, why))
                return *why ? PLAN_WRONG : PLAN_OTHER;
    }
    for (uint32_t k = 0; !nellipses && k < missing; k++) p->item[p->n++] = (IndexItem){.kind = INDEX_FULL};
    p->is_element = !nellipses;
    for (uint32_t i = 0; i < p->n; i++) {
        p->ndim += p->item[i].kind != INDEX_INT;
        p->is_element &= p->item[i].kind == INDEX_INT;
    }
    if (p->ndim > ARRAY_MAX_NDIM) {
        *why = arena_printf(a, "number of dimensions must be within [0, %d], indexing result would have %u",
                            ARRAY_MAX_NDIM, p->ndim);
        return PLAN_WRONG;
    }
    return PLAN_OK;
}

PlanResult index_plan(Arena *a, const Type *array, const Type *index, IndexPlan *p, const char **why) {
    memset(p, 0, sizeof *p);
    *why = NULL;
    if (library_is_list(index)) return PLAN_OTHER;
    if (!type_is_tuple(index)) return plan_parts(a, array, 1, &index, false, p, why);
    for (uint32_t i = 0; i < index->nelem;
         i++) { /* an advanced part anywhere makes the whole index advanced */
        const Type *b = type_base(index->elem[i]);
        if (b->kind == TYPE_ARRAY || b->kind == TYPE_BOOL || type_is_tuple(b)) return PLAN_OTHER;
    }
    return plan_parts(a, array, index->nelem, index->elem, true, p, why);
}

static bool is_unit_slice(const IndexItem *item) {
    return item->kind == INDEX_FULL ||
           (item->kind == INDEX_SLICE && !(type_base(item->type)->flags & TYPE_SLICE_STEP));
}

/* Whether what is selected stays contiguous, walking from the slowest axis to the fastest: integers, then at most
 * one partial slice without step, then whole axes only. */
static bool stays_contiguous(const IndexPlan *p, bool backwards) {
    bool inside = false;
    for (uint32_t k = 0; k < p->n; k++) {
        const IndexItem *item = &p->item[backwards ? p->n - 1 - k : k];
        if (item->kind == INDEX_NEW) continue;
        if (inside ? item->kind != INDEX_FULL : item->kind == INDEX_SLICE && !is_unit_slice(item))
            return false;
        inside |= item->kind != INDEX_INT;
    }
    return true;
}

const Type *index_view_type(const Type *array, const IndexPlan *p) {
    Layout layout = LAYOUT_A;
    if (array->layout != LAYOUT_A && stays_contiguous(p, array->layout == LAYOUT_F))
        layout = p->ndim <= 1 ? LAYOUT_C : array->layout;
    return type_array(type_dtype_of(array), p->ndim, layout, array->readonly, array->aligned);
}

/* ---- emission ------------------------------------------------------------------------------------------------------- */

static void check_index(Lower *l, ValueId i, ValueId given, ValueId n, uint32_t axis) {
    lower_raise_if(l, ir_icmp(&l->b, PRED_UGE, i, n), "IndexError",
                   lower_text(l, "index %%d is out of bounds for axis %u with size %%d", axis), 2,
                   (ValueId[]){given, n});
}

/* One comparison serves both questions: an index that is no element's number wraps or raises, out of line. */
static ValueId wrap_checked(Lower *l, ValueId i, ValueId n, uint32_t axis) {
    LowerIf outside = lower_if_unlikely(l, ir_icmp(&l->b, PRED_UGE, i, n));
    ValueId wrapped = ir_binop(&l->b, OP_iadd, i, n);
    check_index(l, wrapped, i, n, axis);
    block_at(l->b.f, l->b.block)->cold = true;
    lower_else(l, &outside);
    return lower_endif(l, &outside, wrapped, i);
}

static ValueId index_int(Lower *l, const IndexItem *item, ValueId v, ValueId n, uint32_t axis,
                         uint32_t flags) {
    const Type *t = item->type;
    ValueId i = lower_int_to_i64(l, v, t), given = i, zero = lower_i64(l, 0);
    bool checked = !(flags & INST_INBOUNDS) && l->options->boundscheck;
    bool may_be_negative = t->kind == TYPE_LITERAL ? t->value < 0 : t->is_signed;
    if (flags & (INST_INBOUNDS | INST_NONNEG)) may_be_negative = false;
    if (may_be_negative && t->kind == TYPE_LITERAL) i = ir_binop(&l->b, OP_iadd, n, i);
    else if (may_be_negative && checked) return wrap_checked(l, i, n, axis);
    else if (may_be_negative)
        i = ir_select(&l->b, ir_icmp(&l->b, PRED_LT, i, zero), ir_binop(&l->b, OP_iadd, i, n), i);
    if (checked) check_index(l, i, given, n, axis);
    return i;
}

typedef struct {
    ValueId start, length, step; /* step: NO_VALUE when it is 1 */
} Range;

static ValueId least(Lower *l, ValueId x, ValueId y) { return lower_native2(l, NATIVE_smin, x, y); }
static ValueId greatest(Lower *l, ValueId x, ValueId y) { return lower_native2(l, NATIVE_smax, x, y); }

/* A bound as Python adjusts it: from the end when negative, then clamped to [low, high], where low <= 0 <= n. */
static ValueId adjust_bound(Lower *l, ValueId v, ValueId n, ValueId low, ValueId high) {
    int64_t known;
    ValueId from_end = lower_bin(l, OP_iadd, v, n);
    if (lower_known_int(l, v, &known)) /* half of the work is known */
        return known >= 0 ? least(l, v, high) : greatest(l, from_end, low);
    v = ir_select(&l->b, ir_icmp(&l->b, PRED_LT, v, lower_i64(l, 0)), from_end, v);
    return least(l, greatest(l, v, low), high);
}

/* `missing` when it was not written. */
static ValueId slice_bound(Lower *l, ValueId slice, uint32_t field, ValueId flags, int64_t flag, ValueId n,
                           ValueId low, ValueId high, ValueId missing) {
    int64_t known;
    bool is_known = lower_known_int(l, flags, &known);
    if (is_known && !(known & flag)) return missing;
    ValueId v = adjust_bound(l, ir_field(&l->b, slice, field), n, low, high);
    if (is_known) return v;
    ValueId bit = lower_bin(l, OP_iand, flags, lower_i64(l, flag));
    return ir_select(&l->b, ir_icmp(&l->b, PRED_NE, bit, lower_i64(l, 0)), v, missing);
}

static Range unit_slice(Lower *l, ValueId slice, ValueId flags, ValueId n) {
    ValueId zero = lower_i64(l, 0);
    ValueId start = slice_bound(l, slice, SLICE_START, flags, SLICE_HAS_START, n, zero, n, zero);
    ValueId stop = slice_bound(l, slice, SLICE_STOP, flags, SLICE_HAS_STOP, n, zero, n, n);
    if (start == zero) return (Range){start, stop, NO_VALUE};
    ValueId length = lower_bin(l, OP_isub, stop, start);
    return (Range){start, stop == n ? length : greatest(l, length, zero), NO_VALUE};
}

/* x when the step goes down, else y. */
static ValueId by_direction(Lower *l, ValueId down, ValueId x, ValueId y) {
    int64_t known;
    if (lower_known_int(l, down, &known)) return known ? x : y;
    return lower_select(l, down, x, y);
}

static ValueId slice_step(Lower *l, ValueId slice, ValueId flags) {
    int64_t known;
    ValueId step = ir_field(&l->b, slice, SLICE_STEP), one = lower_i64(l, 1);
    if (lower_known_int(l, flags, &known)) return known & SLICE_HAS_STEP ? step : one;
    ValueId has = lower_bin(l, OP_iand, flags, lower_i64(l, SLICE_HAS_STEP));
    return ir_select(&l->b, ir_icmp(&l->b, PRED_NE, has, lower_i64(l, 0)), step, one);
}

static Range step_slice(Lower *l, ValueId slice, ValueId flags, ValueId n) {
    ValueId zero = lower_i64(l, 0), one = lower_i64(l, 1), minus_one = lower_i64(l, -1);
    ValueId step = slice_step(l, slice, flags), down, last = lower_bin(l, OP_isub, n, one);
    int64_t known = 0;
    if (lower_known_int(l, step, &known) && known) {
        down = lower_bool(l, known < 0);
    } else {
        lower_raise_if(l, ir_icmp(&l->b, PRED_EQ, step, zero), "ValueError", "slice step cannot be zero", 0,
                       NULL);
        down = ir_icmp(&l->b, PRED_LT, step, zero);
    }
    ValueId low = by_direction(l, down, minus_one, zero), high = by_direction(l, down, last, n);
    ValueId start = slice_bound(l, slice, SLICE_START, flags, SLICE_HAS_START, n, low, high,
                                by_direction(l, down, last, zero));
    ValueId stop = slice_bound(l, slice, SLICE_STOP, flags, SLICE_HAS_STOP, n, low, high,
                               by_direction(l, down, minus_one, n));
    /* (distance - 1) / |step| + 1 items when there is a distance at all */
    ValueId ahead = lower_bin(l, OP_isub, stop, start), back = lower_bin(l, OP_isub, start, stop);
    ValueId distance = by_direction(l, down, back, ahead);
    ValueId size = by_direction(l, down, lower_bin(l, OP_isub, zero, step), step);
    ValueId count = lower_bin(l, OP_udiv, lower_bin(l, OP_isub, distance, one), size);
    ValueId some = ir_icmp(&l->b, PRED_GT, distance, zero);
    ValueId length = ir_select(&l->b, some, lower_bin(l, OP_iadd, count, one), zero);
    return (Range){ir_select(&l->b, some, start, zero), length, step};
}

SliceRange slice_range(Lower *l, ValueId slice, const Type *t, ValueId n) {
    ValueId flags = ir_field(&l->b, slice, SLICE_FLAGS);
    Range r = type_base(t)->flags & TYPE_SLICE_STEP ? step_slice(l, slice, flags, n)
                                                    : unit_slice(l, slice, flags, n);
    return (SliceRange){r.start, r.length, r.step == NO_VALUE ? lower_i64(l, 1) : r.step};
}

static void select_slice(Lower *l, ValueId slice, const Type *t, ValueId n, ValueId stride, View *out,
                         uint32_t to) {
    ValueId flags = ir_field(&l->b, slice, SLICE_FLAGS);
    Range r = type_base(t)->flags & TYPE_SLICE_STEP ? step_slice(l, slice, flags, n)
                                                    : unit_slice(l, slice, flags, n);
    out->data = lower_ptr_offset(l, out->data, r.start, stride);
    out->shape[to] = r.length;
    out->stride[to] = r.step == NO_VALUE ? stride : ir_binop(&l->b, OP_imul, stride, r.step);
}

View index_select(Lower *l, const View *a, const IndexPlan *p, const Type *index_type, ValueId index,
                  uint32_t flags) {
    View v = view_new(l, a->dtype, p->ndim, LAYOUT_A);
    uint32_t axis = 0, to = 0;
    v.data = a->data;
    for (uint32_t i = 0; i < p->n; i++) {
        const IndexItem *item = &p->item[i];
        ValueId part = index;
        if (item->type && item->component >= 0 && item->type->nleaves)
            part = ir_field(&l->b, index, (uint32_t)item->component);
        switch (item->kind) {
        case INDEX_INT: {
            ValueId at = index_int(l, item, part, a->shape[axis], axis, flags);
            v.data = lower_ptr_offset(l, v.data, at, a->stride[axis++]);
            break;
        }
        case INDEX_SLICE:
            select_slice(l, part, item->type, a->shape[axis], a->stride[axis], &v, to++);
            axis++;
            break;
        case INDEX_FULL:
            v.shape[to] = a->shape[axis];
            v.stride[to++] = a->stride[axis++];
            break;
        case INDEX_NEW:
            v.shape[to] = lower_i64(l, 1);
            v.stride[to++] = lower_i64(l, 0);
            break;
        }
    }
    (void)index_type;
    return v;
}

/* ---- getitem ------------------------------------------------------------------------------------------------------------ */

static const Type *type_getitem(Call *c) {
    IndexPlan plan;
    const char *why;
    const Type *t = c->type[0];
    if (!t || !type_is_array(t) || c->type[1]->kind == TYPE_OPTIONAL) return call_decline(c);
    switch (index_plan(&c->unit->arena, t, c->type[1], &plan, &why)) {
    case PLAN_WRONG: return call_error(c, DIAG_BAD_INDEX, "%s", why);
    case PLAN_OTHER: return call_decline(c);
    case PLAN_OK: break;
    }
    return plan.is_element ? type_dtype_of(t) : index_view_type(t, &plan);
}

static ValueId emit_getitem(Lower *l, Call *c) {
    IndexPlan plan;
    const char *why;
    const Type *t = c->type[0];
    index_plan(&l->unit->arena, t, c->type[1], &plan, &why);
    View a = view_of(l, c->value[0], t);
    View v = index_select(l, &a, &plan, c->type[1], c->value[1], c->site ? c->site->flags : 0);
    if (plan.is_element) return lower_load_element(l, v.dtype, v.data);
    return view_to_array(l, &v, c->result, c->value[0], t);
}

/* ---- setitem ------------------------------------------------------------------------------------------------------------- */

/* Real numbers take no complex value: NumPy refuses to drop the imaginary part of a single number. */
static bool is_assignable(const Type *dtype, const Type *value, bool element) {
    const Type *from = element_type(value);
    if (element && type_is_address(value)) return dtype->kind == TYPE_INT && dtype->bits == 64;
    if (!from && type_is_tuple(value) && !element) {
        for (uint32_t i = 0; i < value->nelem; i++)
            if (!is_scalar(value->elem[i]) || !is_assignable(dtype, value->elem[i], true)) return false;
        return value->nelem > 0;
    }
    if (!from || (element && type_is_array(value) && value->ndim)) return false;
    return from->kind != TYPE_COMPLEX || dtype->kind == TYPE_COMPLEX || (type_is_array(value) && value->ndim);
}

static const Type *type_setitem(Call *c) {
    IndexPlan plan;
    const char *why;
    const Type *t = c->type[0];
    if (!t || !type_is_array(t) || c->type[1]->kind == TYPE_OPTIONAL) return call_decline(c);
    switch (index_plan(&c->unit->arena, t, c->type[1], &plan, &why)) {
    case PLAN_WRONG: return call_error(c, DIAG_BAD_INDEX, "%s", why);
    case PLAN_OTHER: return call_decline(c);
    case PLAN_OK: break;
    }
    if (t->readonly)
        return call_error(c, DIAG_READONLY,
                          "Cannot modify readonly array of type: %s (assignment destination is read-only)",
                          t->name);
    if (c->type[2]->kind == TYPE_LIST && !plan.is_element)
        return call_decline(c); /* becomes an array: arraylikes.py */
    if (!is_assignable(type_dtype_of(t), c->type[2], plan.is_element))
        return call_error(c, DIAG_NO_IMPLEMENTATION, "cannot assign %s to %s of %s", c->type[2]->name,
                          plan.is_element ? "an element" : "a part", t->name);
    return type_none;
}

/* A tuple of numbers as a 1-d view of a stack buffer, already converted. */
static View view_of_tuple(Lower *l, const Type *dtype, const Type *t, ValueId tuple) {
    View v = view_new(l, dtype, 1, LAYOUT_C);
    unsigned itemsize = type_itemsize(dtype);
    v.data = ir_append(&l->b, OP_alloca, type_ptr, 0, NULL);
    inst_at(l->b.f, v.data)->imm.i = itemsize * t->nelem;
    v.shape[0] = lower_i64(l, t->nelem);
    view_fill_strides(l, &v);
    for (uint32_t i = 0; i < t->nelem; i++) {
        ValueId item = t->elem[i]->nleaves ? ir_field(&l->b, tuple, i) : NO_VALUE;
        lower_store_element(l, dtype, ir_ptr_add(&l->b, v.data, lower_i64(l, (int64_t)itemsize * i)),
                            lower_cast(l, item, t->elem[i], dtype));
    }
    return v;
}

static ValueId emit_setitem(Lower *l, Call *c) {
    IndexPlan plan;
    const char *why;
    const Type *t = c->type[0], *from = c->type[2];
    ValueId value = c->value[2];
    index_plan(&l->unit->arena, t, c->type[1], &plan, &why);
    View a = view_of(l, c->value[0], t);
    View v = index_select(l, &a, &plan, c->type[1], c->value[1], c->site ? c->site->flags : 0);
    if (plan.is_element) {
        if (type_is_array(from)) { /* 0-d */
            value = lower_load_element(l, type_dtype_of(from), ir_field(&l->b, value, ARRAY_DATA));
            from = type_dtype_of(from);
        }
        lower_store_element(l, v.dtype, v.data, lower_cast(l, value, from, v.dtype));
        return NO_VALUE;
    }
    v.layout = index_view_type(t, &plan)->layout;
    if (type_is_tuple(from)) {
        View items = view_of_tuple(l, v.dtype, from, value);
        from = type_array(v.dtype, 1, LAYOUT_C, true, true);
        value = view_to_array(l, &items, from, NO_VALUE, NULL);
    }
    view_assign(l, &v, from, value, STORE_ASSIGN);
    return NO_VALUE;
}

/* a[index] = expression, element by element. */
static ValueId emit_store_map(Lower *l, Call *c, const MapBody *body) {
    IndexPlan plan;
    const char *why;
    const Type *t = body->sink_type[0], *index_type = body->sink_type[1];
    ValueId array = c->value[body->sink_operand[0]], index = c->value[body->sink_operand[1]];
    index_plan(&l->unit->arena, t, index_type, &plan, &why);
    View a = view_of(l, array, t);
    View v = index_select(l, &a, &plan, index_type, index, c->site->flags);
    v.layout = index_view_type(t, &plan)->layout;
    MapInput *input = arena_array(&l->unit->arena, MapInput, c->nargs);
    for (uint32_t i = 0; i < c->nargs; i++) input[i] = (MapInput){c->type[i], c->value[i]};
    map_store(l, body, c->nargs, input, &v, STORE_ASSIGN);
    return NO_VALUE;
}

static const MapSink store_sink = {emit_store_map, false};

static const LibRow rows[] = {
    {"operator.getitem", "a, b, /", type_getitem, emit_getitem, NULL, 1, LIB_BORROWS | LIB_LENDS},
    {"operator.setitem", "a, b, c, /", type_setitem, emit_setitem, &store_sink, 1, LIB_SINK},
};

const LibTable library_index_table = {"index", rows, ARRAY_LEN(rows)};
