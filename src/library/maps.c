/* maps.c - elementwise expressions: how calls become the nodes of a `map`, and their types.
 *
 * Every row here has a builder that says, from types alone, which scalar expression the call computes.  The type
 * rule reads the result off the expression, the emitter lowers it (maploop.c), and passes/fuse puts expressions
 * into one another: np.sqrt(x * x + y * y) is one MapBody and one loop.
 *
 * Promotion is NEP 50: Python scalars are weak.  A number variable of compiled code is taken for a Python scalar
 * when its type is what Python's own numbers have (int64, float64, complex128).
 */
#include "library/arrays.h"
#include "library/datetimes.h"
#include "library/lower.h"
#include "library/reduce.h"

/* ---- nodes ------------------------------------------------------------------------------------------------------- */

static uint16_t add_node(Arena *a, MapBody *body, MapNode node) {
    if (body->n == body->capacity) {
        uint32_t capacity = body->capacity ? 2 * body->capacity : 8;
        body->node = arena_grow(a, body->node, body->n * sizeof node, capacity * sizeof node);
        body->capacity = capacity;
    }
    body->node[body->n] = node;
    return (uint16_t)body->n++;
}

uint16_t map_leaf(Arena *a, MapBody *body, uint32_t operand, const Type *element) {
    return add_node(a, body, (MapNode){NULL, element, element, {(uint16_t)operand}, 0});
}

uint16_t map_node(Arena *a, MapBody *body, const Ufunc *u, const Type *compute, const Type *type, uint16_t x,
                  uint16_t y, uint16_t z) {
    return add_node(a, body, (MapNode){u, compute, type, {x, y, z}, 0});
}

static ValueId emit_convert(Lower *l, const Ufunc *u, const Type *type, const ValueId *args) {
    (void)l, (void)u, (void)type;
    return args[0];
}

static ValueId emit_select(Lower *l, const Ufunc *u, const Type *type, const ValueId *args) {
    (void)u;
    if (type->kind != TYPE_COMPLEX) return ir_select(&l->b, args[0], args[1], args[2]);
    ValueId part[2];
    for (uint32_t i = 0; i < 2; i++)
        part[i] = ir_select(&l->b, args[0], lower_field(l, args[1], i), lower_field(l, args[2], i));
    return lower_make2(l, type, part[0], part[1]);
}

const Ufunc map_convert = {.name = "convert", .nin = 1, .nout = 1, .emit = emit_convert};
const Ufunc map_select = {.name = "select", .nin = 3, .nout = 1, .emit = emit_select};

/* ---- types --------------------------------------------------------------------------------------------------------- */

const Type *map_result_type(uint32_t n, const Type *const *operand, const Type *dtype) {
    uint32_t ndim = 0;
    bool fortran = true;
    for (uint32_t i = 0; i < n; i++)
        if (operand[i] && type_is_array(operand[i]) && operand[i]->ndim > ndim) ndim = operand[i]->ndim;
    for (uint32_t i = 0; i < n; i++)
        if (operand[i] && type_is_array(operand[i]) && operand[i]->ndim == ndim)
            fortran &= operand[i]->layout == LAYOUT_F;
    return ndim ? type_array(dtype, ndim, ndim > 1 && fortran ? LAYOUT_F : LAYOUT_C, false, true) : dtype;
}

static bool any_array(const Call *c) {
    for (uint32_t i = 0; i < c->nargs; i++)
        if (c->type[i] && type_is_array(c->type[i])) return true;
    return false;
}

static bool all_elements(const Call *c, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (i >= c->nargs || !c->type[i] || !element_type(c->type[i])) return false;
    return true;
}

/* What two operands are computed in, when no ufunc says it. */
static const Type *promote_weak(const Type *x, bool x_weak, const Type *y, bool y_weak) {
    if (x_weak == y_weak || type_is_time(x) || type_is_time(y)) return type_promote(x, y);
    const Type *weak = x_weak ? x : y, *strong = x_weak ? y : x;
    if (strong->kind >= weak->kind) return strong;
    if (weak->kind == TYPE_COMPLEX && strong->kind == TYPE_FLOAT)
        return strong->bits == 64 ? type_c128 : type_c64;
    return weak;
}

static const Type *promote_operands(const Call *c, uint32_t first, uint32_t end) {
    const Type *t = NULL;
    bool weak = true;
    for (uint32_t i = first; i < end; i++) {
        if (call_is_none(c, i)) continue;
        const Type *e = element_type(c->type[i]);
        t = t ? promote_weak(t, weak, e, is_weak(c->type[i])) : e;
        weak = weak && is_weak(c->type[i]);
        if (!t) return NULL;
    }
    return t;
}

/* ---- ufuncs ---------------------------------------------------------------------------------------------------------- */

static bool is_comparison(const Ufunc *u) {
    static const char *const name[] = {"less",          "less_equal", "greater",
                                       "greater_equal", "equal",      "not_equal"};
    for (uint32_t i = 0; i < ARRAY_LEN(name); i++)
        if (!strcmp(u->name, name[i])) return true;
    return false;
}

/* A literal that the arrays' integer type cannot hold takes part in a comparison with its own type; anywhere else it
 * is an error, as in NumPy.  False: reported. */
static bool check_literals(Call *c, const Ufunc *u, const Type *const *operand, bool *weak) {
    for (uint32_t i = 0; i < u->nin; i++) {
        if (!weak[i] || c->type[i]->kind != TYPE_LITERAL || operand[i]->kind != TYPE_INT) continue;
        for (uint32_t k = 0; k < u->nin; k++) {
            if (weak[k] || operand[k]->kind != TYPE_INT || type_int_fits(operand[k], c->type[i]->value))
                continue;
            if (!is_comparison(u)) {
                call_error(c, DIAG_OVERFLOWING_CAST, "Python integer %lld out of bounds for %s",
                           (long long)c->type[i]->value, operand[k]->name);
                return false;
            }
            weak[i] = false;
        }
    }
    return true;
}

static bool build_ufunc(Call *c, const Ufunc *u, MapBody *body) {
    Arena *a = &c->unit->arena;
    const Type *operand[3], *compute, *result;
    bool weak[3];
    uint16_t leaf[3] = {0};
    if (!u || u->nout != 1 || !all_elements(c, u->nin)) return false;
    for (uint32_t i = 0; i < u->nin; i++) {
        operand[i] = element_type(c->type[i]);
        weak[i] = is_weak(c->type[i]);
    }
    if (u->nin == 2 && (type_is_time(operand[0]) || type_is_time(operand[1])) &&
        !library_ufunc_types(u, operand, weak, &compute, &result)) {
        call_error(c, DIAG_NO_IMPLEMENTATION, "ufunc '%s' is not supported between %s and %s", u->name,
                   operand[0]->name, operand[1]->name);
        return false;
    }
    if (!check_literals(c, u, operand, weak) || !library_ufunc_types(u, operand, weak, &compute, &result))
        return false;
    for (uint32_t i = 0; i < u->nin; i++) leaf[i] = map_leaf(a, body, i, operand[i]);
    map_node(a, body, u, compute, result, leaf[0], leaf[1], leaf[2]);
    body->node[body->n - 1].span = c->span;
    return true;
}

/* ---- expressions of several nodes -------------------------------------------------------------------------------------- */

/* A node of this ufunc over nodes already there, with NumPy's types. */
static bool apply(Call *c, MapBody *body, const char *name, uint16_t x, uint16_t y, uint16_t *out) {
    const Ufunc *u = library_ufunc(name);
    const Type *operand[3] = {body->node[x].type, body->node[y].type}, *compute, *result;
    bool weak[3] = {false, false, false};
    if (!u || !library_ufunc_types(u, operand, weak, &compute, &result)) return false;
    *out = map_node(&c->unit->arena, body, u, compute, result, x, y, 0);
    body->node[*out].span = c->span;
    return true;
}

static uint16_t converted(Call *c, MapBody *body, uint16_t x, const Type *t) {
    return body->node[x].type == t ? x : map_node(&c->unit->arena, body, &map_convert, t, t, x, 0, 0);
}

static bool build_where(Call *c, MapBody *body) {
    Arena *a = &c->unit->arena;
    if (!all_elements(c, 3)) return false;
    const Type *t = promote_operands(c, 1, 3);
    if (!t) return false;
    uint16_t leaf[3];
    for (uint32_t i = 0; i < 3; i++) leaf[i] = map_leaf(a, body, i, element_type(c->type[i]));
    map_node(a, body, &map_select, t, t, leaf[0], leaf[1], leaf[2]);
    body->node[body->n - 1].span = c->span;
    return true;
}

/* minimum(maximum(a, low), high), either bound missing. */
static bool build_clip(Call *c, MapBody *body) {
    Arena *a = &c->unit->arena;
    if (!all_elements(c, 1)) return false;
    const Type *t = element_type(c->type[0]);
    bool weak = is_weak(c->type[0]), bounded = false;
    for (uint32_t i = 1; i < 3; i++) {
        if (call_is_none(c, i)) continue;
        if (!element_type(c->type[i])) return false;
        t = promote_weak(t, weak, element_type(c->type[i]), is_weak(c->type[i]));
        weak &= is_weak(c->type[i]);
        if (!t) return false;
        bounded = true;
    }
    uint16_t at = converted(c, body, map_leaf(a, body, 0, element_type(c->type[0])), t);
    for (uint32_t i = 1; i < 3; i++) {
        if (call_is_none(c, i)) continue;
        uint16_t bound = converted(c, body, map_leaf(a, body, i, element_type(c->type[i])), t);
        if (!apply(c, body, i == 1 ? "maximum" : "minimum", at, bound, &at)) return false;
    }
    return bounded;
}

static bool build_astype(Call *c, MapBody *body) {
    const Type *t = call_dtype(c, 1);
    if (!t || !c->type[0] || !type_is_array(c->type[0]) || !time_can_cast(type_dtype_of(c->type[0]), t))
        return false;
    uint16_t leaf = map_leaf(&c->unit->arena, body, 0, type_dtype_of(c->type[0]));
    map_node(&c->unit->arena, body, &map_convert, t, t, leaf, 0, 0);
    return true;
}

/* abs(x - y) <= atol + rtol * abs(y) and isfinite(y), or x == y */
static bool build_isclose(Call *c, MapBody *body) {
    Arena *a = &c->unit->arena;
    bool equal_nan = false;
    if (!all_elements(c, 4) || (c->nargs > 4 && !call_literal_bool(c, 4, &equal_nan)) || equal_nan)
        return false;
    uint16_t x = map_leaf(a, body, 0, element_type(c->type[0])),
             y = map_leaf(a, body, 1, element_type(c->type[1]));
    const Type *yt = promote_weak(body->node[y].type, is_weak(c->type[1]), type_f64, true);
    if (!yt) return false;
    y = converted(c, body, y, yt);
    const Type *part = type_real_part(yt);
    uint16_t rtol = converted(c, body, map_leaf(a, body, 2, element_type(c->type[2])), part);
    uint16_t atol = converted(c, body, map_leaf(a, body, 3, element_type(c->type[3])), part);
    uint16_t distance, bound, near, finite, equal, result;
    return apply(c, body, "subtract", x, y, &distance) &&
           apply(c, body, "absolute", distance, 0, &distance) && apply(c, body, "absolute", y, 0, &bound) &&
           apply(c, body, "multiply", rtol, bound, &bound) && apply(c, body, "add", atol, bound, &bound) &&
           apply(c, body, "less_equal", distance, bound, &near) &&
           apply(c, body, "isfinite", y, 0, &finite) && apply(c, body, "logical_and", near, finite, &near) &&
           apply(c, body, "equal", x, y, &equal) && apply(c, body, "logical_or", near, equal, &result);
}

/* round(a) without decimals. */
static bool build_round(Call *c, MapBody *body) {
    int64_t decimals = 0;
    uint16_t at;
    if (!all_elements(c, 1) || (c->nargs > 1 && !call_is_none(c, 1) && !call_literal_int(c, 1, &decimals)) ||
        decimals)
        return false;
    const Type *t = element_type(c->type[0]);
    if (t->kind == TYPE_BOOL) return false; /* float16: rung 2 */
    at = map_leaf(&c->unit->arena, body, 0, t);
    if (t->kind >= TYPE_FLOAT) return apply(c, body, "rint", at, 0, &at);
    map_node(&c->unit->arena, body, &map_convert, t, t, at, 0, 0);
    return true;
}

/* ---- rules and emitters -------------------------------------------------------------------------------------------------- */

/* Parameters beyond the ufunc's own are `out`. */
static const Type *out_operand(const Call *c) {
    if (!(c->row->flags & LIB_UFUNC)) return NULL;
    const Ufunc *u = c->row->data;
    return c->nargs > u->nin && !call_is_none(c, u->nin) ? c->type[u->nin] : NULL;
}

static bool build(Call *c, MapBody *body) {
    if (c->row->flags & LIB_UFUNC) return build_ufunc(c, c->row->data, body);
    return ((const MapBuilder *)c->row->data)->build(c, body);
}

bool library_map_body(Call *c, MapBody *body) {
    memset(body, 0, sizeof *body);
    if (!c->row || !(c->row->flags & (LIB_UFUNC | LIB_MAP)) || !any_array(c) || out_operand(c)) return false;
    return build(c, body);
}

/* NumPy's casting="same_kind". */
static bool is_same_kind(const Type *from, const Type *to) {
    static const int rank[] = {[TYPE_BOOL] = 0, [TYPE_INT] = 1, [TYPE_FLOAT] = 3, [TYPE_COMPLEX] = 4};
    int x = rank[from->kind] + (from->kind == TYPE_INT && from->is_signed);
    int y = rank[to->kind] + (to->kind == TYPE_INT && to->is_signed);
    return x <= y;
}

static const Type *check_out(Call *c, const char *name, const Type *out, const Type *dtype) {
    if (!type_is_array(out))
        return call_error(c, DIAG_NO_IMPLEMENTATION, "return arrays must be of ArrayType, not %s", out->name);
    if (out->readonly) return call_error(c, DIAG_READONLY, "output array is read-only: %s", out->name);
    if (!is_same_kind(dtype, type_dtype_of(out)))
        return call_error(
            c, DIAG_NO_IMPLEMENTATION,
            "Cannot cast ufunc '%s' output from dtype('%s') to dtype('%s') with casting rule 'same_kind'",
            name, dtype->name, type_dtype_of(out)->name);
    return out;
}

const Type *map_type_ufunc(Call *c) {
    MapBody body = {0};
    const Ufunc *u = c->row->data;
    const Type *out = out_operand(c);
    if (!any_array(c) || !build_ufunc(c, u, &body)) return call_decline(c);
    const Type *dtype = body.node[body.n - 1].type;
    return out ? check_out(c, u->name, out, dtype) : map_result_type(u->nin, c->type, dtype);
}

static const Type *type_map(Call *c) {
    MapBody body = {0};
    if (!build(c, &body)) return call_decline(c);
    return map_result_type(c->nargs, c->type, body.node[body.n - 1].type);
}

static const MapInput *inputs_of(Lower *l, uint32_t n, const Type *const *type, const ValueId *value) {
    MapInput *input = arena_array(&l->unit->arena, MapInput, n);
    for (uint32_t i = 0; i < n; i++) input[i] = (MapInput){type[i], value[i]};
    return input;
}

static ValueId new_reference(Lower *l, ValueId array) {
    lower_incref(l, array);
    return array;
}

ValueId map_emit(Lower *l, Call *c) {
    MapBody body = {0};
    const Type *out = out_operand(c);
    bool built = build(c, &body);
    assert(built);
    (void)built;
    const MapInput *input = inputs_of(l, c->nargs, c->type, c->value);
    if (!out) return map_new_array(l, &body, c->nargs, input, c->result);
    uint32_t at = ((const Ufunc *)c->row->data)->nin;
    View dst = view_of(l, c->value[at], out);
    map_store(l, &body, c->nargs, input, &dst, STORE_OUT);
    return new_reference(l, c->value[at]);
}

ValueId lower_map(Lower *l, Call *c) {
    const MapBody *body = c->site->imm.map;
    const MapInput *input = inputs_of(l, c->nargs, c->type, c->value);
    if (!body->sink) return map_new_array(l, body, c->nargs, input, c->result);
    if (body->sink->flags & LIB_REDUCES) return reduce_emit_map(l, c, body, input);
    return ((const MapSink *)body->sink->data)->emit(l, c, body);
}

/* ---- operators ----------------------------------------------------------------------------------------------------------- */

static const Ufunc *operator_ufunc(const Call *c) {
    const char *name = operator_info[call_operator(c)].ufunc;
    return name ? library_ufunc(name) : NULL;
}

static const Type *type_in_place(Call *c) {
    MapBody body = {0};
    const Ufunc *u = operator_ufunc(c);
    const Type *t = c->type[0];
    if (!t || !type_is_array(t) || !u || !build_ufunc(c, u, &body)) return call_decline(c);
    return check_out(c, u->name, t, body.node[body.n - 1].type);
}

static ValueId emit_in_place(Lower *l, Call *c) {
    MapBody body = {0};
    build_ufunc(c, operator_ufunc(c), &body);
    View dst = view_of(l, c->value[0], c->type[0]);
    const MapInput *input = inputs_of(l, c->nargs, c->type, c->value);
    map_store(l, &body, c->nargs, input, &dst, STORE_OUT);
    return new_reference(l, c->value[0]);
}

bool library_map_in_place(Call *c, uint32_t array_operand, MapBody *body) {
    const Ufunc *u = operator_ufunc(c);
    const Type *operand[2] = {element_type(c->type[0]), body->node[body->n - 1].type}, *compute, *result;
    bool weak[2] = {false, false};
    uint16_t value = (uint16_t)(body->n - 1);
    if (!u || !library_ufunc_types(u, operand, weak, &compute, &result)) return false;
    uint16_t array = map_leaf(&c->unit->arena, body, array_operand, operand[0]);
    map_node(&c->unit->arena, body, u, compute, result, array, value, 0);
    body->node[body->n - 1].span = c->span;
    return true;
}

static ValueId emit_in_place_map(Lower *l, Call *c, const MapBody *body) {
    ValueId array = c->value[body->sink_operand[0]];
    View dst = view_of(l, array, body->sink_type[0]);
    map_store(l, body, c->nargs, inputs_of(l, c->nargs, c->type, c->value), &dst, STORE_OUT);
    return new_reference(l, array);
}

static const MapSink in_place_sink = {emit_in_place_map, true};

static const MapBuilder where = {build_where}, clip = {build_clip}, astype = {build_astype},
                        isclose = {build_isclose}, round_ = {build_round};

static const LibRow rows[] = {
    {"numpy.where", "condition, x, y, /", type_map, map_emit, &where, 1, LIB_MAP},
    {"numpy.clip", "a, a_min=None, a_max=None", type_map, map_emit, &clip, 1, LIB_MAP},
    {"ndarray.clip", "self, min=None, max=None", type_map, map_emit, &clip, 1, LIB_MAP},
    {"ndarray.astype", "self, dtype", type_map, map_emit, &astype, 1, LIB_MAP},
    {"numpy.isclose", "a, b, rtol=1e-05, atol=1e-08, equal_nan=False", type_map, map_emit, &isclose, 1,
     LIB_MAP},
    {"numpy.round", "a, decimals=0", type_map, map_emit, &round_, 1, LIB_MAP},
    {"numpy.around", "a, decimals=0", type_map, map_emit, &round_, 1, LIB_MAP},
    {"ndarray.round", "self, decimals=0", type_map, map_emit, &round_, 1, LIB_MAP},
#define IN_PLACE(name) \
    {"operator.i" name, "a, b, /", type_in_place, emit_in_place, &in_place_sink, 1, LIB_SINK}
    IN_PLACE("add"),
    IN_PLACE("sub"),
    IN_PLACE("mul"),
    IN_PLACE("truediv"),
    IN_PLACE("floordiv"),
    IN_PLACE("mod"),
    IN_PLACE("pow"),
    IN_PLACE("lshift"),
    IN_PLACE("rshift"),
    IN_PLACE("and"),
    IN_PLACE("or"),
    IN_PLACE("xor"),
};

const LibTable library_maps_table = {"maps", rows, ARRAY_LEN(rows)};
