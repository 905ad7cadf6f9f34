/* create.c - arrays from nothing: zeros, ones, full, empty and their _like forms, arange, linspace, eye, array.
 *
 * Contents follow NumPy to the bit.  arange computes its length as ceil((stop - start) / step) in double precision, from
 * the exact difference of integers, its first two elements in Python's arithmetic, and the others as first + i * (second - first) in the array's own
 * type, which is what NumPy's fill functions do.
 */
#include "library/lower.h"
#include "library/shapes.h"
#include "library/versions.h"

/* ---- zeros, ones, empty, full -------------------------------------------------------------------------------------- */

typedef enum { FILL_NONE, FILL_ZERO, FILL_ONE, FILL_VALUE } Filling;
typedef struct {
    Filling filling;
    bool like;
    int dtype, order, value; /* parameters, -1: none */
} CreateRule;
static const CreateRule zeros = {FILL_ZERO, false, 1, 2, -1}, ones = {FILL_ONE, false, 1, 2, -1},
                        empty = {FILL_NONE, false, 1, 2, -1}, full = {FILL_VALUE, false, 2, 3, 1},
                        zeros_like = {FILL_ZERO, true, 1, 2, -1}, ones_like = {FILL_ONE, true, 1, 2, -1},
                        empty_like = {FILL_NONE, true, 1, 2, -1}, full_like = {FILL_VALUE, true, 2, 3, 1};

static const Type *type_create(Call *c);

/* A dtype's name in a constant string; a number in place of a dtype stands for its own. */
static const Type *dtype_argument_scalar(const Call *c, uint32_t param) {
    const Type *t = call_dtype(c, param), *given = c->type[param];
    return t || !is_scalar(given) || given->kind == TYPE_LITERAL ? t : given;
}

/* The dtype argument, or what its absence means; NULL: reported. */
static const Type *dtype_argument(Call *c, uint32_t param, const Type *missing) {
    if (call_is_none(c, param)) return missing;
    const Type *t = dtype_argument_scalar(c, param), *given = c->type[param];
    const CreateRule *rule = c->row->data;
    /* records and strings have zeros, but no ones */
    bool may_be_storage = rule && c->row->type == type_create &&
                          (rule->filling == FILL_NONE || rule->filling == FILL_ZERO);
    if (may_be_storage && given->kind == TYPE_DTYPE && type_is_storage(given->elem[0])) return given->elem[0];
    if (!t) t = call_storage_dtype(c, param);
    return t && (type_is_scalar(t) || may_be_storage) ? t : call_dtype_error(c, param);
}

/* The layout that an argument `order` asks for.  `kept`: what "K" and "A" mean, of an array that serves as model; -1:
 * there is none, and NumPy takes "C" and "F" only. */
static bool order_argument(Call *c, int param, int kept, Layout *layout) {
    *layout = kept < 0 ? LAYOUT_C : (Layout)kept;
    if (param < 0 || call_is_none(c, (uint32_t)param)) return true;
    const char *order = call_literal_str(c, (uint32_t)param);
    if (order && (!strcmp(order, "C") || !strcmp(order, "F"))) {
        *layout = order[0] == 'F' ? LAYOUT_F : LAYOUT_C;
        return true;
    }
    if (order && kept >= 0 && (!strcmp(order, "K") || !strcmp(order, "A"))) return true;
    call_error(c, DIAG_NOT_CONSTANT, "order must be %s, known at compile time",
               kept < 0 ? "'C' or 'F'" : "'C', 'F', 'A' or 'K'");
    return false;
}

static const Type *type_like(Call *c, const CreateRule *rule) {
    const Type *t = c->type[0];
    bool is_array = type_is_array(t);
    const Type *stored = is_array ? type_dtype_of(t) : t;
    bool is_storage = type_is_storage(stored) && (is_array || t->kind == TYPE_RECORD) &&
                      rule->filling <= FILL_ZERO;
    const Type *element = is_storage ? stored : element_type(t);
    if (!element) return call_decline(c);
    const Type *dtype = dtype_argument(c, (uint32_t)rule->dtype, element);
    Layout layout, kept = is_array && t->layout == LAYOUT_F ? LAYOUT_F : LAYOUT_C;
    if (!dtype || !order_argument(c, rule->order, (int)kept, &layout)) return NULL;
    return type_array(dtype, is_array ? t->ndim : 0, is_array && t->ndim > 1 ? layout : kept, false, true);
}

static const Type *type_create(Call *c) {
    const CreateRule *rule = c->row->data;
    const Type *missing = type_f64;
    ShapeTypes s;
    Layout layout;
    if (rule->value >= 0) {
        missing = c->type[rule->value] ? element_type(c->type[rule->value]) : NULL;
        if (!missing) return call_decline(c);
    }
    if (rule->like) return type_like(c, rule);
    if (!shape_types(c->type[0], false, &s)) return call_decline(c);
    const Type *dtype = dtype_argument(c, (uint32_t)rule->dtype, missing);
    if (!dtype || !order_argument(c, rule->order, -1, &layout)) return NULL;
    return type_array(dtype, s.ndim, s.ndim > 1 ? layout : LAYOUT_C, false, true);
}

/* Fills a new array with one value; zero is done by the allocation. */
static void fill(Lower *l, Call *c, const CreateRule *rule, ValueId array) {
    View v = view_of(l, array, c->result);
    lower_cleanup_push(l, array);
    if (rule->filling == FILL_ONE) view_assign_fresh(l, &v, type_literal_int(1), NO_VALUE);
    else if (rule->filling == FILL_VALUE && is_scalar(c->type[rule->value]))
        view_assign_fresh(l, &v, c->type[rule->value], c->value[rule->value]);
    else if (rule->filling == FILL_VALUE)
        view_assign(l, &v, c->type[rule->value], c->value[rule->value], STORE_ASSIGN);
    lower_cleanup_pop(l, 1);
}

static ValueId emit_create(Lower *l, Call *c) {
    const CreateRule *rule = c->row->data;
    ValueId shape[ARRAY_MAX_NDIM];
    bool zeroed = rule->filling == FILL_ZERO, known_good = rule->like && type_is_array(c->type[0]);
    if (known_good) {
        View a = view_of(l, c->value[0], c->type[0]);
        memcpy(shape, a.shape, a.ndim * sizeof *shape);
        if (type_itemsize(type_dtype_of(c->result)) > type_itemsize(a.dtype)) known_good = false;
    } else if (!rule->like) {
        shape_values(l, c->type[0], false, c->value[0], shape);
    }
    ValueId array = known_good ? array_new_unchecked(l, c->result, shape, zeroed)
                               : lower_array_new(l, c->result, shape, zeroed);
    fill(l, c, rule, array);
    return array;
}

/* ---- eye, identity ------------------------------------------------------------------------------------------------------ */

/* eye(N, M=None, k=0, dtype=None, order='C'); identity(n, dtype=None) */
typedef struct {
    int columns, diagonal, dtype, order;
} EyeRule;
static const EyeRule eye = {1, 2, 3, 4}, identity = {-1, -1, 1, -1};

static const Type *type_eye(Call *c) {
    const EyeRule *rule = c->row->data;
    if (!c->type[0] || !is_integer_like(c->type[0])) return call_decline(c);
    if (rule->columns >= 0 && !call_is_none(c, 1) && !is_integer_like(c->type[1])) return call_decline(c);
    if (rule->diagonal >= 0 && (!c->type[2] || !is_integer_like(c->type[2]))) return call_decline(c);
    const Type *dtype = dtype_argument(c, (uint32_t)rule->dtype, type_f64);
    Layout layout;
    if (!dtype || !order_argument(c, rule->order, -1, &layout)) return NULL;
    return type_array(dtype, 2, layout, false, true);
}

static ValueId emit_eye(Lower *l, Call *c) {
    const EyeRule *rule = c->row->data;
    ValueId zero = lower_i64(l, 0), shape[2], k = zero;
    shape[0] = shape[1] = lower_int_to_i64(l, c->value[0], c->type[0]);
    if (rule->columns >= 0 && !call_is_none(c, 1)) shape[1] = lower_int_to_i64(l, c->value[1], c->type[1]);
    if (rule->diagonal >= 0) k = lower_int_to_i64(l, c->value[2], c->type[2]);
    ValueId array = lower_array_new(l, c->result, shape, true);
    View v = view_of(l, array, c->result);
    /* rows -k .. and columns k .. : row i has its one in column i + k */
    ValueId first = lower_native2(l, NATIVE_smax, lower_bin(l, OP_isub, zero, k), zero);
    ValueId end = lower_native2(l, NATIVE_smin, lower_bin(l, OP_isub, shape[1], k), shape[0]);
    ValueId one = lower_cast(l, NO_VALUE, type_literal_int(1), v.dtype);
    LowerLoop loop = lower_loop_begin(l, first, end, 1);
    ValueId index[2] = {loop.i, lower_bin(l, OP_iadd, loop.i, k)};
    lower_store_element(l, v.dtype, view_element(l, &v, index), one);
    lower_loop_end(l, &loop);
    return array;
}

/* ---- arange --------------------------------------------------------------------------------------------------------------- */

/* Start, stop and step of arange, whose first argument is the stop when it stands alone. */
typedef struct {
    const Type *type[3];
    ValueId value[3];
} ArangeParts;

static ArangeParts arange_parts(const Call *c) {
    ArangeParts p = {{type_literal_int(0), c->type[0], type_literal_int(1)}, {NO_VALUE, NO_VALUE, NO_VALUE}};
    if (c->value) p.value[1] = c->value[0];
    for (uint32_t i = 1; i < 3; i++) {
        if (call_is_none(c, i)) continue;
        p.type[i] = c->type[i];
        if (c->value) p.value[i] = c->value[i];
        if (i == 1) {
            p.type[0] = c->type[0];
            if (c->value) p.value[0] = c->value[0];
        }
    }
    return p;
}

static const Type *arange_common(const ArangeParts *p) {
    const Type *t = type_i64;
    for (uint32_t i = 0; i < 3; i++) {
        if (!p->type[i] || !is_scalar(p->type[i]) || type_is_time(p->type[i])) return NULL;
        if (type_base(p->type[i])->kind == TYPE_COMPLEX) return NULL;
        const Type *e = type_base(p->type[i]);
        if (e->kind == TYPE_FLOAT) t = type_f64;
        else if (e == type_u64 && t == type_i64 && p->type[i]->kind != TYPE_LITERAL) t = type_u64;
    }
    return t;
}

static const Type *type_arange(Call *c) {
    ArangeParts p = arange_parts(c);
    const Type *common = arange_common(&p);
    if (!common) return call_decline(c);
    const Type *dtype = dtype_argument(c, 3, common);
    if (!dtype) return NULL;
    if (dtype->kind == TYPE_BOOL)
        return call_error(c, DIAG_NO_IMPLEMENTATION, "arange of booleans is not supported");
    return type_array(dtype, 1, LAYOUT_C, false, true);
}

/* stop - start as a double: of integers exactly, then rounded. */
static ValueId arange_distance(Lower *l, ValueId start, ValueId stop, const Type *t) {
    if (t->kind != TYPE_INT) return lower_bin(l, OP_fsub, stop, start);
    ValueId down = ir_icmp(&l->b, t->is_signed ? PRED_LT : PRED_ULT, stop, start);
    ValueId length = ir_select(&l->b, down, lower_bin(l, OP_isub, start, stop),
                               lower_bin(l, OP_isub, stop, start));
    length = lower_cast(l, length, type_u64, type_f64);
    return ir_select(&l->b, down, lower_un(l, OP_fneg, type_f64, length), length);
}

/* ceil(distance / step), as many elements as fit. */
static ValueId arange_length(Lower *l, ValueId distance, ValueId step, bool is_int) {
    ValueId zero = lower_float(l, type_f64, 0), one = lower_i64(l, 1), none = lower_i64(l, 0);
    lower_raise_if(l, ir_fcmp(&l->b, PRED_EQ, step, zero), "ZeroDivisionError",
                   python_text(is_int ? "division by zero" : "float division by zero", "division by zero"), 0,
                   NULL);
    ValueId ratio = lower_bin(l, OP_fdiv, distance, step);
    lower_raise_if(l, lower_not(l, ir_fcmp(&l->b, PRED_EQ, ratio, ratio)), "ValueError",
                   "arange: cannot compute length", 0, NULL);
    ValueId length = lower_native1(l, NATIVE_ceil, ratio);
    lower_raise_if(l, ir_fcmp(&l->b, PRED_GE, length, lower_float(l, type_f64, 9223372036854775808.0)),
                   "ValueError", "Maximum allowed size exceeded", 0, NULL);
    ValueId n = lower_native2(l, NATIVE_smax, lower_un(l, OP_fptosi, type_i64, length), none);
    /* a quotient that underflows still has its first element */
    ValueId tiny = lower_and(l, ir_fcmp(&l->b, PRED_EQ, ratio, zero),
                             ir_fcmp(&l->b, PRED_NE, distance, zero));
    ValueId sign = lower_native2(l, NATIVE_copysign, lower_float(l, type_f64, 1), ratio);
    tiny = lower_and(l, tiny, ir_fcmp(&l->b, PRED_GT, sign, zero));
    return ir_select(&l->b, tiny, one, n);
}

static ValueId emit_arange(Lower *l, Call *c) {
    ArangeParts p = arange_parts(c);
    const Type *common = arange_common(&p), *dtype = type_dtype_of(c->result);
    bool is_int = common->kind == TYPE_INT;
    ValueId part[3];
    for (uint32_t i = 0; i < 3; i++) part[i] = lower_cast(l, p.value[i], p.type[i], common);
    ValueId distance = arange_distance(l, part[0], part[1], common);
    ValueId n = arange_length(l, distance, lower_cast(l, part[2], common, type_f64), is_int);
    ValueId array = lower_array_new(l, c->result, &n, false);
    View v = view_of(l, array, c->result);
    ValueId second = lower_bin(l, is_int ? OP_iadd : OP_fadd, part[0], part[2]);
    const Type *t = dtype->kind == TYPE_COMPLEX ? type_real_part(dtype) : dtype;
    ValueId first = lower_cast(l, part[0], common, t);
    second = lower_cast(l, second, common, t);
    bool real_float = t->kind == TYPE_FLOAT;
    ValueId delta = lower_bin(l, real_float ? OP_fsub : OP_isub, second, first);
    LowerLoop loop = lower_loop_begin(l, lower_i64(l, 0), n, 1);
    ValueId i = lower_cast(l, loop.i, type_i64, t);
    ValueId x = lower_bin(l, real_float ? OP_fadd : OP_iadd, first,
                          lower_bin(l, real_float ? OP_fmul : OP_imul, i, delta));
    lower_store_element(l, dtype, view_element(l, &v, &loop.i), lower_cast(l, x, t, dtype));
    lower_loop_end(l, &loop);
    if (!real_float) return array;
    ValueId fixed[2] = {first, second}; /* rounding may move first + (second - first) */
    for (int64_t k = 0; k < 2; k++) {
        LowerIf branch = lower_if(l, ir_icmp(&l->b, PRED_GT, n, lower_i64(l, k)));
        ValueId at = lower_i64(l, k);
        lower_store_element(l, dtype, view_element(l, &v, &at), lower_cast(l, fixed[k], t, dtype));
        lower_else(l, &branch);
        lower_endif(l, &branch, NO_VALUE, NO_VALUE);
    }
    return array;
}

/* ---- linspace ------------------------------------------------------------------------------------------------------------------ */

static bool is_short_float(const Type *t) {
    t = type_base(t);
    return t->kind == TYPE_FLOAT && t != type_f64;
}

static const Type *type_linspace(Call *c) {
    bool endpoint;
    for (uint32_t i = 0; i < 2; i++)
        if (!c->type[i] || !is_scalar(c->type[i]) || type_base(c->type[i])->kind == TYPE_COMPLEX)
            return call_decline(c);
    if (is_short_float(c->type[0]) || is_short_float(c->type[1])) return call_decline(c);
    if (!c->type[2] || !is_integer_like(c->type[2])) return call_decline(c);
    if (!call_literal_bool(c, 3, &endpoint)) return call_decline(c) /* naja/library/choices.py */;
    const Type *dtype = dtype_argument(c, 4, type_f64);
    return dtype ? type_array(dtype, 1, LAYOUT_C, false, true) : NULL;
}

/* i * step + start, where step == 0 (an underflow) means i / n * distance instead; the end is exact. */
static ValueId linspace_value(Lower *l, ValueId i, ValueId start, ValueId distance, ValueId intervals,
                              ValueId step) {
    ValueId zero = lower_float(l, type_f64, 0);
    ValueId x = lower_un(l, OP_sitofp, type_f64, i);
    ValueId flat = lower_bin(l, OP_fmul, lower_bin(l, OP_fdiv, x, intervals), distance);
    ValueId scaled = ir_select(&l->b, ir_fcmp(&l->b, PRED_EQ, step, zero), flat,
                               lower_bin(l, OP_fmul, x, step));
    ValueId alone = lower_bin(l, OP_fmul, x, distance); /* no intervals at all */
    scaled = ir_select(&l->b, ir_fcmp(&l->b, PRED_GT, intervals, zero), scaled, alone);
    return lower_bin(l, OP_fadd, scaled, start);
}

static ValueId linspace_cast(Lower *l, ValueId x, const Type *dtype) {
    if (dtype->kind == TYPE_INT) x = lower_native1(l, NATIVE_floor, x);
    return lower_cast(l, x, type_f64, dtype);
}

static ValueId emit_linspace(Lower *l, Call *c) {
    bool endpoint = true;
    call_literal_bool(c, 3, &endpoint);
    ValueId n = lower_int_to_i64(l, c->value[2], c->type[2]);
    lower_raise_if(l, ir_icmp(&l->b, PRED_LT, n, lower_i64(l, 0)), "ValueError",
                   "Number of samples, %d, must be non-negative.", 1, &n);
    ValueId start = lower_cast(l, c->value[0], c->type[0], type_f64),
            stop = lower_cast(l, c->value[1], c->type[1], type_f64);
    ValueId distance = lower_bin(l, OP_fsub, stop, start);
    ValueId count = endpoint ? lower_bin(l, OP_isub, n, lower_i64(l, 1)) : n;
    ValueId intervals = lower_un(l, OP_sitofp, type_f64, count),
            step = lower_bin(l, OP_fdiv, distance, intervals);
    ValueId array = lower_array_new(l, c->result, &n, false);
    View v = view_of(l, array, c->result);
    LowerLoop loop = lower_loop_begin(l, lower_i64(l, 0), n, 1);
    ValueId x = linspace_value(l, loop.i, start, distance, intervals, step);
    lower_store_element(l, v.dtype, view_element(l, &v, &loop.i), linspace_cast(l, x, v.dtype));
    lower_loop_end(l, &loop);
    if (endpoint) {
        LowerIf branch = lower_if(l, ir_icmp(&l->b, PRED_GT, n, lower_i64(l, 1)));
        lower_store_element(l, v.dtype, view_element(l, &v, &count), linspace_cast(l, stop, v.dtype));
        lower_else(l, &branch);
        lower_endif(l, &branch, NO_VALUE, NO_VALUE);
    }
    return array;
}

/* ---- array, asarray ----------------------------------------------------------------------------------------------------------------- */

/* The shape and common element type of nested tuples of numbers; false: ragged or of other things. */
typedef struct {
    uint32_t ndim, n[ARRAY_MAX_NDIM];
    const Type *dtype;
} Nested;

static bool nested_shape(const Type *t, uint32_t depth, bool first, Nested *out) {
    if (!type_is_tuple(t)) {
        const Type *e = is_scalar(t) ? type_base(t) : NULL;
        if (!e || depth != out->ndim) return false;
        out->dtype = out->dtype ? type_promote(out->dtype, e) : e;
        return out->dtype != NULL;
    }
    if (first) {
        if (out->ndim == ARRAY_MAX_NDIM) return false;
        out->n[out->ndim++] = t->nelem;
    } else if (depth >= out->ndim || out->n[depth] != t->nelem) {
        return false;
    }
    for (uint32_t i = 0; i < t->nelem; i++)
        if (!nested_shape(t->elem[i], depth + 1, first && i == 0, out)) return false;
    return true;
}

static bool tuple_shape(const Type *t, Nested *out) {
    *out = (Nested){0};
    if (!nested_shape(t, 0, true, out)) return false;
    if (!out->dtype) out->dtype = type_f64; /* no elements */
    return true;
}

static const int may_share = 1;

static const Type *type_array_of(Call *c) {
    const Type *t = c->type[0];
    if (!t) return call_decline(c);
    const Type *dtype;
    Nested nested;
    if (type_is_array(t)) {
        if (!(dtype = dtype_argument(c, 1, type_dtype_of(t)))) return NULL;
        if (c->row->data && dtype == type_dtype_of(t)) /* of a memoryview: an array over its memory */
            return t->flags ? type_array(dtype, t->ndim, t->layout, t->readonly, t->aligned) : t;
        return type_array(dtype, t->ndim, t->layout == LAYOUT_F ? LAYOUT_F : LAYOUT_C, false, true);
    }
    if (!tuple_shape(t, &nested)) return call_decline(c);
    if (!(dtype = dtype_argument(c, 1, nested.dtype))) return NULL;
    return type_array(dtype, nested.ndim, LAYOUT_C, false, true);
}

/* Stores the numbers of nested tuples one after another, from element number `at`. */
static int64_t store_nested(Lower *l, const Type *t, ValueId value, const View *v, int64_t at) {
    if (type_is_tuple(t)) {
        for (uint32_t i = 0; i < t->nelem; i++)
            at = store_nested(l, t->elem[i], t->elem[i]->nleaves ? lower_field(l, value, i) : NO_VALUE, v,
                              at);
        return at;
    }
    ValueId address = ir_ptr_add(&l->b, v->data, lower_i64(l, at * (int64_t)type_itemsize(v->dtype)));
    lower_store_element(l, v->dtype, address, lower_cast(l, value, t, v->dtype));
    return at + 1;
}

static ValueId emit_array_of(Lower *l, Call *c) {
    const Type *t = c->type[0];
    ValueId shape[ARRAY_MAX_NDIM];
    Nested nested;
    if (type_is_array(t)) {
        if (c->result == t && c->row->data) {
            lower_incref(l, c->value[0]);
            return c->value[0];
        }
        View a = view_of(l, c->value[0], t);
        if (c->row->data && a.dtype == type_dtype_of(c->result))
            return view_to_array(l, &a, c->result, c->value[0], t);
        ValueId array = lower_array_new(l, c->result, a.shape, false);
        View v = view_of(l, array, c->result);
        if (v.dtype == a.dtype) view_copy_same(l, &v, &a);
        else view_assign_fresh(l, &v, t, c->value[0]);
        return array;
    }
    tuple_shape(t, &nested);
    for (uint32_t i = 0; i < nested.ndim; i++) shape[i] = lower_i64(l, nested.n[i]);
    ValueId array = array_new_unchecked(l, c->result, shape, false);
    View v = view_of(l, array, c->result);
    store_nested(l, t, c->value[0], &v, 0);
    return array;
}

static const LibRow rows[] = {
    {"numpy.zeros", "shape, dtype=None, order='C'", type_create, emit_create, &zeros, 1, 0},
    {"numpy.ones", "shape, dtype=None, order='C'", type_create, emit_create, &ones, 1, 0},
    {"numpy.empty", "shape, dtype=None, order='C'", type_create, emit_create, &empty, 1, 0},
    {"numpy.full", "shape, fill_value, dtype=None, order='C'", type_create, emit_create, &full, 1, 0},
    {"numpy.zeros_like", "a, dtype=None, order='K'", type_create, emit_create, &zeros_like, 1, LIB_STORAGE},
    {"numpy.ones_like", "a, dtype=None, order='K'", type_create, emit_create, &ones_like, 1, 0},
    {"numpy.empty_like", "prototype, dtype=None, order='K'", type_create, emit_create, &empty_like, 1,
     LIB_STORAGE},
    {"numpy.full_like", "a, fill_value, dtype=None, order='K'", type_create, emit_create, &full_like, 1, 0},
    {"numpy.eye", "N, M=None, k=0, dtype=None, order='C'", type_eye, emit_eye, &eye, 1, 0},
    {"numpy.identity", "n, dtype=None", type_eye, emit_eye, &identity, 1, 0},
    {"numpy.arange", "start, stop=None, step=None, dtype=None", type_arange, emit_arange, NULL, 1, 0},
    {"numpy.linspace", "start, stop, num=50, endpoint=True, *, dtype=None", type_linspace, emit_linspace,
     NULL, 1, 0},
    {"numpy.array", "object, dtype=None", type_array_of, emit_array_of, NULL, 1, 0},
    {"numpy.asarray", "a, dtype=None", type_array_of, emit_array_of, &may_share, 1, LIB_BORROWS},
};

const LibTable library_create_table = {"create", rows, ARRAY_LEN(rows)};
