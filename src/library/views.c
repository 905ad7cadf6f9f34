/* views.c - other views of an array's memory, and copies: transpose, reshape, ravel, squeeze, flip, copy ...
 *
 * A function that permutes axes or changes extents gives a view.  reshape and ravel of a C array are views; of any
 * other array NumPy looks for strides that describe the new shape and copies when there are none, and so do we, at
 * run time (naja_reshape_strides).
 */
#include "library/lower.h"
#include "library/shapes.h"

static const Type *array_at(const Call *c, uint32_t i) {
    return i < c->nargs && c->type[i] && type_is_array(c->type[i]) ? c->type[i] : NULL;
}

static ValueId same_array(Lower *l, ValueId array) {
    lower_incref(l, array);
    return array;
}

static const Type *view_type(const Type *t, uint32_t ndim, Layout layout) {
    return type_array(type_dtype_of(t), ndim, ndim == 0 ? LAYOUT_C : layout, t->readonly, t->aligned);
}

/* ---- permutations of axes ---------------------------------------------------------------------------------------- */

typedef struct {
    uint32_t n, axis[ARRAY_MAX_NDIM];
} Permutation;

static const Type *permuted_type(const Type *t, const Permutation *p) {
    bool same = true, reversed = true;
    for (uint32_t i = 0; i < p->n; i++) {
        same &= p->axis[i] == i;
        reversed &= p->axis[i] == p->n - 1 - i;
    }
    Layout layout = LAYOUT_A;
    if (same) layout = t->layout;
    else if (reversed && t->layout != LAYOUT_A) layout = t->layout == LAYOUT_C ? LAYOUT_F : LAYOUT_C;
    return view_type(t, p->n, layout);
}

static ValueId emit_permuted(Lower *l, Call *c, const Permutation *p) {
    View a = view_of(l, c->value[0], c->type[0]);
    View v = view_new(l, a.dtype, p->n, c->result->layout);
    v.data = a.data;
    for (uint32_t i = 0; i < p->n; i++) {
        v.shape[i] = a.shape[p->axis[i]];
        v.stride[i] = a.stride[p->axis[i]];
    }
    return view_to_array(l, &v, c->result, c->value[0], c->type[0]);
}

static Permutation reversal(uint32_t n) {
    Permutation p = {.n = n};
    for (uint32_t i = 0; i < n; i++) p.axis[i] = n - 1 - i;
    return p;
}

/* False: reported. */
static bool axes_permutation(Call *c, uint32_t param, bool is_star, Permutation *p) {
    const Type *t = c->type[0], *axes = c->nargs > param ? c->type[param] : NULL;
    int64_t given[ARRAY_MAX_NDIM];
    uint32_t n, seen = 0;
    bool none = !axes || axes->kind == TYPE_NONE || (is_star && axes->nelem == 0) ||
                (is_star && axes->nelem == 1 && axes->elem[0]->kind == TYPE_NONE);
    *p = reversal(t->ndim);
    if (none) return true;
    if (!literal_ints(axes, is_star, &n, given)) {
        call_error(c, DIAG_NOT_CONSTANT, "the axes must be known at compile time");
        return false;
    }
    if (n != t->ndim) {
        call_error(c, DIAG_WRONG_ARGUMENTS, "axes don't match array");
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        int64_t a = given[i] < 0 ? given[i] + n : given[i];
        if (a < 0 || a >= n || seen & 1u << a) {
            call_error(c, DIAG_WRONG_ARGUMENTS,
                       a < 0 || a >= n ? "axis %lld is out of bounds for array of dimension %u"
                                       : "repeated axis in transpose: %lld of %u",
                       (long long)given[i], n);
            return false;
        }
        seen |= 1u << a;
        p->axis[i] = (uint32_t)a;
    }
    return true;
}

static const int star_argument = 1;

static const Type *type_transpose(Call *c) {
    Permutation p;
    if (!array_at(c, 0)) return call_decline(c);
    return axes_permutation(c, 1, c->row->data != NULL, &p) ? permuted_type(c->type[0], &p) : NULL;
}

static ValueId emit_transpose(Lower *l, Call *c) {
    Permutation p;
    axes_permutation(c, 1, c->row->data != NULL, &p);
    return emit_permuted(l, c, &p);
}

/* Whether an axis parameter is a number that only the run knows. */
static bool is_late(const Call *c, uint32_t param) {
    int64_t known;
    return c->type[0]->ndim && c->type[param] && !call_literal_int(c, param, &known) &&
           is_integer_like(c->type[param]);
}

/* A view whose axes are put in order by the run. */
static const Type *late_type(const Call *c) {
    const Type *t = c->type[0];
    return view_type(t, t->ndim, t->ndim == 1 ? t->layout : LAYOUT_A);
}

static void late_axes(Lower *l, Call *c, ValueId *axis) {
    for (uint32_t i = 0; i < 2; i++) {
        AxisArg arg;
        axis_argument(c, 1 + i, c->type[0]->ndim, &arg);
        axis[i] = axis_value(l, c, 1 + i, &arg, c->type[0]->ndim);
    }
}

static bool swap_permutation(Call *c, Permutation *p) {
    uint32_t n = c->type[0]->ndim, x, y;
    if (!axis_literal(c, 1, n, &x) || !axis_literal(c, 2, n, &y)) return false;
    p->n = n;
    for (uint32_t i = 0; i < n; i++) p->axis[i] = i == x ? y : i == y ? x : i;
    return true;
}

static const Type *type_swapaxes(Call *c) {
    Permutation p;
    if (!array_at(c, 0)) return call_decline(c);
    if (is_late(c, 1) || is_late(c, 2)) {
        AxisArg axis;
        uint32_t n = c->type[0]->ndim;
        return axis_argument(c, 1, n, &axis) && axis_argument(c, 2, n, &axis) ? late_type(c) : NULL;
    }
    return swap_permutation(c, &p) ? permuted_type(c->type[0], &p) : NULL;
}

static ValueId emit_swapaxes_late(Lower *l, Call *c) {
    View a = view_of(l, c->value[0], c->type[0]), v = view_new(l, a.dtype, a.ndim, LAYOUT_A);
    ValueId axis[2];
    late_axes(l, c, axis);
    v.data = a.data;
    for (uint32_t i = 0; i < a.ndim; i++) {
        ValueId at = lower_i64(l, i);
        ValueId source = ir_select(&l->b, ir_icmp(&l->b, PRED_EQ, at, axis[1]), axis[0], at);
        source = ir_select(&l->b, ir_icmp(&l->b, PRED_EQ, at, axis[0]), axis[1], source);
        v.shape[i] = pick_value(l, a.ndim, a.shape, source);
        v.stride[i] = pick_value(l, a.ndim, a.stride, source);
    }
    return view_to_array(l, &v, c->result, c->value[0], c->type[0]);
}

static ValueId emit_swapaxes(Lower *l, Call *c) {
    Permutation p;
    if (is_late(c, 1) || is_late(c, 2)) return emit_swapaxes_late(l, c);
    swap_permutation(c, &p);
    return emit_permuted(l, c, &p);
}

/* moveaxis(a, source, destination) of single axes. */
static bool move_permutation(Call *c, Permutation *p) {
    uint32_t n = c->type[0]->ndim, from, to, k = 0;
    if (!axis_literal(c, 1, n, &from) || !axis_literal(c, 2, n, &to)) return false;
    p->n = n;
    for (uint32_t i = 0; i < n; i++) {
        if (k == from) k++;
        p->axis[i] = i == to ? from : k++;
    }
    return true;
}

static const Type *type_moveaxis(Call *c) {
    Permutation p;
    if (!array_at(c, 0)) return call_decline(c);
    if (type_is_tuple(c->type[1]) || type_is_tuple(c->type[2])) return call_decline(c);
    if (is_late(c, 1) || is_late(c, 2)) {
        AxisArg axis;
        uint32_t n = c->type[0]->ndim;
        return axis_argument(c, 1, n, &axis) && axis_argument(c, 2, n, &axis) ? late_type(c) : NULL;
    }
    return move_permutation(c, &p) ? permuted_type(c->type[0], &p) : NULL;
}

static ValueId emit_moveaxis(Lower *l, Call *c) {
    Permutation p;
    if (is_late(c, 1) || is_late(c, 2)) {
        ValueId axis[2];
        View a = view_of(l, c->value[0], c->type[0]);
        late_axes(l, c, axis);
        View v = view_move_axis(l, &a, axis[0], axis[1]);
        return view_to_array(l, &v, c->result, c->value[0], c->type[0]);
    }
    move_permutation(c, &p);
    return emit_permuted(l, c, &p);
}

/* ---- axes of extent 1 ----------------------------------------------------------------------------------------------- */

static const Type *type_expand_dims(Call *c) {
    const Type *t = array_at(c, 0);
    AxisArg axis;
    if (!t || type_is_tuple(c->type[1])) return call_decline(c);
    if (t->ndim == ARRAY_MAX_NDIM)
        return call_error(c, DIAG_WRONG_ARGUMENTS, "number of dimensions must be within [0, %d]",
                          ARRAY_MAX_NDIM);
    if (!axis_argument(c, 1, t->ndim + 1u, &axis)) return NULL;
    if (!axis.known) return view_type(t, t->ndim + 1u, t->ndim == 0 ? LAYOUT_C : LAYOUT_A);
    return view_type(t, t->ndim + 1u, t->ndim == 0 ? LAYOUT_C : t->layout);
}

static ValueId emit_expand_dims(Lower *l, Call *c) {
    View a = view_of(l, c->value[0], c->type[0]), v = view_new(l, a.dtype, a.ndim + 1, c->result->layout);
    AxisArg arg = {0};
    axis_argument(c, 1, v.ndim, &arg);
    if (!arg.known) {
        v = view_insert_axis(l, &a, axis_value(l, c, 1, &arg, v.ndim));
        v.layout = c->result->layout;
        return view_to_array(l, &v, c->result, c->value[0], c->type[0]);
    }
    uint32_t axis = arg.axis;
    v.data = a.data;
    for (uint32_t i = 0, k = 0; i < v.ndim; i++) {
        v.shape[i] = i == axis ? lower_i64(l, 1) : a.shape[k];
        v.stride[i] = i == axis ? lower_i64(l, 0) : a.stride[k++];
    }
    return view_to_array(l, &v, c->result, c->value[0], c->type[0]);
}

static const Type *type_squeeze(Call *c) {
    const Type *t = array_at(c, 0);
    uint32_t mask;
    if (!t) return call_decline(c);
    if (call_is_none(c, 1) && t->ndim)
        return call_error(c, DIAG_NOT_CONSTANT,
                          "squeeze needs its axis: the number of dimensions must be known at compile time");
    if (!axes_literal(c, 1, t->ndim, &mask)) return NULL;
    uint32_t ndim = t->ndim - (uint32_t)__builtin_popcount(mask);
    return view_type(t, ndim, ndim <= 1 && t->layout == LAYOUT_F ? LAYOUT_C : t->layout);
}

static ValueId emit_squeeze(Lower *l, Call *c) {
    View a = view_of(l, c->value[0], c->type[0]),
         v = view_new(l, a.dtype, c->result->ndim, c->result->layout);
    uint32_t mask = 0;
    axes_literal(c, 1, a.ndim, &mask);
    v.data = a.data;
    for (uint32_t i = 0, k = 0; i < a.ndim; i++) {
        if (mask & 1u << i) {
            lower_raise_if(l, ir_icmp(&l->b, PRED_NE, a.shape[i], lower_i64(l, 1)), "ValueError",
                           "cannot select an axis to squeeze out which has size not equal to one", 0, NULL);
            continue;
        }
        v.shape[k] = a.shape[i];
        v.stride[k++] = a.stride[i];
    }
    return view_to_array(l, &v, c->result, c->value[0], c->type[0]);
}

/* ---- flip ------------------------------------------------------------------------------------------------------------- */

enum { FLIP_ANY, FLIP_UD, FLIP_LR };
static const int flip_any = FLIP_ANY, flip_ud = FLIP_UD, flip_lr = FLIP_LR;

static bool flip_axes(Call *c, uint32_t *mask) {
    int which = *(const int *)c->row->data;
    if (which == FLIP_ANY) return axes_literal(c, 1, c->type[0]->ndim, mask);
    if (c->type[0]->ndim <= (uint32_t)(which == FLIP_LR)) {
        call_error(c, DIAG_WRONG_ARGUMENTS, "Input must be >= %d-d.", which == FLIP_LR ? 2 : 1);
        return false;
    }
    *mask = 1u << (which == FLIP_LR);
    return true;
}

static bool flips_late(const Call *c) { return *(const int *)c->row->data == FLIP_ANY && is_late(c, 1); }

static const Type *type_flip(Call *c) {
    uint32_t mask;
    if (!array_at(c, 0) || c->type[0]->ndim == 0) return call_decline(c);
    if (flips_late(c)) return view_type(c->type[0], c->type[0]->ndim, LAYOUT_A);
    return flip_axes(c, &mask) ? view_type(c->type[0], c->type[0]->ndim, LAYOUT_A) : NULL;
}

static ValueId emit_flip(Lower *l, Call *c) {
    View v = view_of(l, c->value[0], c->type[0]);
    uint32_t mask = UINT32_MAX;
    bool late = flips_late(c);
    if (!late) flip_axes(c, &mask);
    ValueId zero = lower_i64(l, 0), axis = late ? axis_value(l, c, 1, &(AxisArg){0}, v.ndim) : NO_VALUE;
    for (uint32_t i = 0; i < v.ndim; i++) {
        if (!(mask & 1u << i)) continue;
        ValueId last = lower_bin(l, OP_isub, v.shape[i], lower_i64(l, 1));
        ValueId steps = lower_native2(l, NATIVE_smax, last, zero),
                back = lower_bin(l, OP_isub, zero, v.stride[i]);
        if (late) {
            ValueId here = ir_icmp(&l->b, PRED_EQ, axis, lower_i64(l, i));
            steps = ir_select(&l->b, here, steps, zero);
            back = ir_select(&l->b, here, back, v.stride[i]);
        }
        v.data = lower_ptr_offset(l, v.data, steps, v.stride[i]);
        v.stride[i] = back;
    }
    return view_to_array(l, &v, c->result, c->value[0], c->type[0]);
}

/* ---- broadcast_to -------------------------------------------------------------------------------------------------------- */

static const Type *type_broadcast_to(Call *c) {
    const Type *t = array_at(c, 0);
    ShapeTypes s;
    if (!t || !shape_types(c->type[1], false, &s)) return call_decline(c);
    if (s.ndim < t->ndim)
        return call_error(c, DIAG_WRONG_ARGUMENTS,
                          "input operand has more dimensions than allowed by the axis remapping");
    return type_array(type_dtype_of(t), s.ndim, s.ndim ? LAYOUT_A : LAYOUT_C, true, t->aligned);
}

static ValueId emit_broadcast_to(Lower *l, Call *c) {
    View a = view_of(l, c->value[0], c->type[0]), v = view_new(l, a.dtype, c->result->ndim, LAYOUT_A);
    uint32_t lead = v.ndim - a.ndim;
    ValueId zero = lower_i64(l, 0), one = lower_i64(l, 1), bad = NO_VALUE;
    shape_values(l, c->type[1], false, c->value[1], v.shape);
    v.data = a.data;
    for (uint32_t i = 0; i < v.ndim; i++) {
        lower_raise_if(l, ir_icmp(&l->b, PRED_LT, v.shape[i], zero), "ValueError",
                       "all elements of broadcast shape must be non-negative", 0, NULL);
        v.stride[i] = zero;
        if (i < lead) continue;
        ValueId differ = ir_icmp(&l->b, PRED_NE, a.shape[i - lead], v.shape[i]);
        ValueId repeats = ir_icmp(&l->b, PRED_EQ, a.shape[i - lead], one);
        ValueId wrong = lower_and(l, differ, lower_not(l, repeats));
        bad = bad == NO_VALUE ? wrong : lower_or(l, bad, wrong);
        v.stride[i] = ir_select(&l->b, differ, zero, a.stride[i - lead]);
    }
    if (bad != NO_VALUE) {
        StrBuf text = {0};
        ValueId word[16];
        uint32_t n = 0;
        strbuf_puts(&text,
                    "operands could not be broadcast together with remapped shapes [original->remapped]: ");
        shape_format(&text, a.ndim);
        strbuf_puts(&text, "  and requested shape ");
        shape_format(&text, v.ndim);
        for (uint32_t i = 0; i < a.ndim && n < ARRAY_LEN(word); i++) word[n++] = a.shape[i];
        for (uint32_t i = 0; i < v.ndim && n < ARRAY_LEN(word); i++) word[n++] = v.shape[i];
        lower_raise_if(l, bad, "ValueError", lower_text(l, "%s", text.at), n, word);
        strbuf_free(&text);
    }
    return view_to_array(l, &v, c->result, c->value[0], c->type[0]);
}

/* ---- copies ------------------------------------------------------------------------------------------------------------------ */

/* A new array of type t with the elements of one of the same dtype and shape. */
static ValueId copy_to(Lower *l, const Type *t, const View *a) {
    ValueId copy = array_new_unchecked(l, t, a->shape, false);
    View v = view_of(l, copy, t);
    if (a->layout == t->layout && a->layout != LAYOUT_A) {
        ValueId nbytes = lower_bin(l, OP_imul, view_size(l, a), lower_i64(l, type_itemsize(a->dtype)));
        ir_native(&l->b, NATIVE_memcpy, type_ptr, 3, (ValueId[]){v.data, a->data, nbytes});
    } else {
        view_copy_same(l, &v, a);
    }
    return copy;
}

static const Type *fresh_type(const Type *t, uint32_t ndim, Layout layout) {
    return type_array(type_dtype_of(t), ndim, ndim > 1 ? layout : LAYOUT_C, false, true);
}

/* Layout of a copy: "C", "F", "A" and "K" as in NumPy.  -1: not literal. */
static int copy_layout(const Call *c, uint32_t param, const Type *t, char missing) {
    const char *order = call_literal_str(c, param);
    char o = order ? order[0] : missing;
    if (!order && !call_is_none(c, param)) return -1;
    if (o == 'K' || o == 'A') return t->layout == LAYOUT_F ? LAYOUT_F : LAYOUT_C;
    return o == 'F' ? LAYOUT_F : LAYOUT_C;
}

/* Rows of copies: which order a missing argument means, and whether an array that is right already is given back. */
typedef struct {
    char order;
    bool reuse;
    int order_param;
} CopyRule;
static const CopyRule copy_method = {'C', false, 1}, copy_function = {'K', false, 1},
                      copy_c = {'C', true, -1}, copy_f = {'F', true, -1};

static const Type *type_copy(Call *c) {
    const CopyRule *rule = c->row->data;
    const Type *t = array_at(c, 0);
    if (!t || (rule->reuse && !t->ndim)) return call_decline(c);
    int layout = rule->order_param < 0 ? (rule->order == 'F' ? LAYOUT_F : LAYOUT_C)
                                       : copy_layout(c, (uint32_t)rule->order_param, t, rule->order);
    if (layout < 0) return call_error(c, DIAG_NOT_CONSTANT, "the order must be known at compile time");
    const Type *fresh = fresh_type(t, t->ndim, (Layout)layout);
    if (rule->reuse && t->layout == fresh->layout) return t;
    return fresh;
}

static ValueId emit_copy(Lower *l, Call *c) {
    const CopyRule *rule = c->row->data;
    if (rule->reuse && c->result == c->type[0]) return same_array(l, c->value[0]);
    View a = view_of(l, c->value[0], c->type[0]);
    return copy_to(l, c->result, &a);
}

static ValueId flat_view(Lower *l, Call *c, const View *a) {
    View v = view_new(l, a->dtype, 1, LAYOUT_C);
    v.data = a->data;
    v.shape[0] = view_size(l, a);
    v.stride[0] = lower_i64(l, type_itemsize(a->dtype));
    return view_to_array(l, &v, c->result, c->value[0], c->type[0]);
}

static const int always_copies = 1;

/* ravel and flatten in C order. */
static const Type *type_ravel(Call *c) {
    const Type *t = array_at(c, 0);
    if (!t) return call_decline(c);
    if (copy_layout(c, 1, t, 'C') != LAYOUT_C && t->ndim > 1) return call_decline(c); /* rung 2 */
    bool view = !c->row->data && t->layout == LAYOUT_C;
    return view ? view_type(t, 1, LAYOUT_C) : fresh_type(t, 1, LAYOUT_C);
}

static ValueId emit_ravel(Lower *l, Call *c) {
    View a = view_of(l, c->value[0], c->type[0]);
    if (!c->row->data && c->type[0]->layout == LAYOUT_C) return flat_view(l, c, &a);
    const Type *t = fresh_type(c->type[0], a.ndim, LAYOUT_C);
    ValueId copy = copy_to(l, t, &a);
    View v = view_of(l, copy, t), flat = view_new(l, a.dtype, 1, LAYOUT_C);
    flat.data = v.data;
    flat.shape[0] = view_size(l, &v);
    flat.stride[0] = lower_i64(l, type_itemsize(a.dtype));
    ValueId array = view_to_array(l, &flat, c->result, copy, t);
    lower_decref(l, copy);
    return array;
}

/* ---- reshape ------------------------------------------------------------------------------------------------------------------- */

static const Type *type_reshape(Call *c) {
    const Type *t = array_at(c, 0);
    ShapeTypes s;
    bool star = c->row->data != NULL;
    if (!t) return call_decline(c);
    if (!shape_types(c->type[1], star, &s)) return call_decline(c);
    if (!star && copy_layout(c, 2, t, 'C') != LAYOUT_C) return call_decline(c); /* rung 2 */
    return view_type(t, s.ndim, t->layout == LAYOUT_C ? LAYOUT_C : LAYOUT_A);
}

/* The message of a shape that does not fit, as NumPy prints shapes with unknown extents: leading ones are left out. */
static const char *reshape_message(Lower *l, const ShapeTypes *s, const ValueId *n, ValueId *word,
                                   uint32_t *nwords) {
    StrBuf text = {0};
    uint32_t i = 0;
    int64_t known;
    strbuf_puts(&text, "cannot reshape array of size %d into shape (");
    while (i < s->ndim && lower_known_int(l, n[i], &known) && known < 0) i++;
    for (uint32_t first = i; i < s->ndim && *nwords < 16; i++) {
        bool unknown = lower_known_int(l, n[i], &known) && known < 0;
        strbuf_puts(&text, i == first ? "" : ",");
        strbuf_puts(&text, unknown ? "newaxis" : "%d");
        if (!unknown) word[(*nwords)++] = n[i];
    }
    strbuf_puts(&text, s->ndim == 1 ? ",)" : ")");
    const char *message = lower_text(l, "%s", text.at);
    strbuf_free(&text);
    return message;
}

/* Checks the new extents against the number of elements and fills in the unknown one. */
static void resolve_shape(Lower *l, const ShapeTypes *s, ValueId size, ValueId *n) {
    ValueId zero = lower_i64(l, 0), one = lower_i64(l, 1), product = one, unknown = zero;
    ValueId negative[ARRAY_MAX_NDIM], word[16] = {size};
    uint32_t nwords = 1;
    for (uint32_t i = 0; i < s->ndim; i++) {
        int64_t known;
        bool is_known = lower_known_int(l, n[i], &known);
        negative[i] = is_known ? lower_bool(l, known < 0) : ir_icmp(&l->b, PRED_LT, n[i], zero);
        product = lower_bin(l, OP_imul, product, lower_select(l, negative[i], one, n[i]));
        if (!is_known || known < 0)
            unknown = lower_bin(l, OP_iadd, unknown, lower_un(l, OP_zext, type_i64, negative[i]));
    }
    const char *message = reshape_message(l, s, n, word, &nwords);
    lower_raise_if(l, ir_icmp(&l->b, PRED_GT, unknown, one), "ValueError",
                   "can only specify one unknown dimension", 0, NULL);
    ValueId has_unknown = ir_icmp(&l->b, PRED_EQ, unknown, one),
            empty = ir_icmp(&l->b, PRED_EQ, product, zero);
    ValueId divisor = ir_select(&l->b, empty, one, product), rest = lower_bin(l, OP_udiv, size, divisor);
    ValueId exact = ir_icmp(&l->b, PRED_EQ, lower_bin(l, OP_imul, rest, divisor), size);
    ValueId bad_unknown = lower_or(l, empty, lower_not(l, exact));
    ValueId bad = ir_select(&l->b, has_unknown, bad_unknown, ir_icmp(&l->b, PRED_NE, product, size));
    lower_raise_if(l, bad, "ValueError", message, nwords, word);
    for (uint32_t i = 0; i < s->ndim; i++) n[i] = lower_select(l, negative[i], rest, n[i]);
}

/* Neither contiguous nor known to be a view: strides are looked for, else the elements are copied. */
static ValueId reshape_any(Lower *l, Call *c, const View *a, View *v) {
    ValueId strides = lower_alloca(l, 8 * (v->ndim + 1));
    ValueId args[] = {lower_i64(l, a->ndim),
                      lower_shape_pointer(l, a->ndim, a->shape),
                      lower_shape_pointer(l, a->ndim, a->stride),
                      lower_i64(l, v->ndim),
                      lower_shape_pointer(l, v->ndim, v->shape),
                      strides,
                      lower_i64(l, type_itemsize(a->dtype))};
    ValueId found = ir_native(&l->b, NATIVE_reshape_strides, type_i32, ARRAY_LEN(args), args);
    LowerIf branch = lower_if(l, ir_icmp(&l->b, PRED_NE, found, lower_int(l, type_i32, 0)));
    View view = *v;
    view.stride = arena_array(&l->unit->arena, ValueId, v->ndim + 1);
    view.data = a->data;
    for (uint32_t i = 0; i < v->ndim; i++)
        view.stride[i] = ir_load(&l->b, type_i64, ir_ptr_add(&l->b, strides, lower_i64(l, 8 * i)));
    ValueId seen = view_to_array(l, &view, c->result, c->value[0], c->type[0]);
    lower_else(l, &branch);
    const Type *t = type_array(a->dtype, a->ndim, LAYOUT_C, false, true);
    ValueId copy = copy_to(l, t, a);
    v->data = lower_field(l, copy, ARRAY_DATA);
    v->layout = LAYOUT_C;
    view_fill_strides(l, v);
    ValueId copied = view_to_array(l, v, c->result, copy, t);
    lower_decref(l, copy);
    return lower_endif(l, &branch, seen, copied);
}

static ValueId emit_reshape(Lower *l, Call *c) {
    ShapeTypes s;
    bool star = c->row->data != NULL;
    View a = view_of(l, c->value[0], c->type[0]);
    shape_types(c->type[1], star, &s);
    View v = view_new(l, a.dtype, s.ndim, LAYOUT_C);
    shape_values(l, c->type[1], star, c->value[1], v.shape);
    resolve_shape(l, &s, view_size(l, &a), v.shape);
    if (c->type[0]->layout != LAYOUT_C) return reshape_any(l, c, &a, &v);
    v.data = a.data;
    view_fill_strides(l, &v);
    return view_to_array(l, &v, c->result, c->value[0], c->type[0]);
}

/* ---- single elements ------------------------------------------------------------------------------------------------------------ */

static const Type *type_fill(Call *c) {
    const Type *t = array_at(c, 0);
    if (!t || !c->type[1] || !is_scalar(c->type[1])) return call_decline(c);
    if (t->readonly)
        return call_error(c, DIAG_READONLY,
                          "Cannot modify readonly array of type: %s (assignment destination is read-only)",
                          t->name);
    if (type_base(c->type[1])->kind == TYPE_COMPLEX && type_dtype_of(t)->kind != TYPE_COMPLEX)
        return call_decline(c);
    return type_none;
}

static ValueId emit_fill(Lower *l, Call *c) {
    View v = view_of(l, c->value[0], c->type[0]);
    view_assign_fresh(l, &v, c->type[1], c->value[1]);
    return NO_VALUE;
}

/* item(): the only element; item(i, ...): that element, flat if there is one index only. */
static const Type *type_item(Call *c) {
    const Type *t = array_at(c, 0);
    ShapeTypes s;
    if (!t || !shape_types(c->type[1], true, &s)) return call_decline(c);
    if (s.ndim > 1 && s.ndim != t->ndim)
        return call_error(c, DIAG_WRONG_ARGUMENTS, "incorrect number of indices for array");
    return type_dtype_of(t);
}

/* `axis` < 0: an index into all elements. */
static ValueId checked_index(Lower *l, ValueId i, ValueId n, int axis) {
    ValueId wrapped = ir_select(&l->b, ir_icmp(&l->b, PRED_LT, i, lower_i64(l, 0)),
                                lower_bin(l, OP_iadd, i, n), i);
    const char *text = axis < 0 ? "index %d is out of bounds for size %d"
                                : lower_text(l, "index %%d is out of bounds for axis %d with size %%d", axis);
    lower_raise_if(l, ir_icmp(&l->b, PRED_UGE, wrapped, n), "IndexError", text, 2, (ValueId[]){i, n});
    return wrapped;
}

/* Splits a flat index in C order. */
static void unravel(Lower *l, const View *v, ValueId flat, ValueId *index) {
    for (uint32_t i = v->ndim; i-- > 0;) {
        index[i] = i ? lower_bin(l, OP_urem, flat, v->shape[i]) : flat;
        if (i) flat = lower_bin(l, OP_udiv, flat, v->shape[i]);
    }
}

static ValueId emit_item(Lower *l, Call *c) {
    View v = view_of(l, c->value[0], c->type[0]);
    ValueId index[ARRAY_MAX_NDIM], size = view_size(l, &v);
    ShapeTypes s;
    shape_types(c->type[1], true, &s);
    shape_values(l, c->type[1], true, c->value[1], index);
    if (s.ndim == 0) {
        lower_raise_if(l, ir_icmp(&l->b, PRED_NE, size, lower_i64(l, 1)), "ValueError",
                       "can only convert an array of size 1 to a Python scalar", 0, NULL);
        return lower_load_element(l, v.dtype, v.data);
    }
    if (s.ndim == 1 && v.ndim != 1) {
        unravel(l, &v, checked_index(l, index[0], size, -1), index);
    } else {
        for (uint32_t i = 0; i < v.ndim; i++) index[i] = checked_index(l, index[i], v.shape[i], (int)i);
    }
    return lower_load_element(l, v.dtype, view_element(l, &v, index));
}

enum { VIEW = LIB_BORROWS | LIB_STORAGE }; /* elements of any kind, as so many bytes */
static const LibRow rows[] = {
    {"ndarray.T@", "self", type_transpose, emit_transpose, NULL, 1, VIEW},
    {"ndarray.transpose", "self, *axes", type_transpose, emit_transpose, &star_argument, 1, VIEW},
    {"numpy.transpose", "a, axes=None", type_transpose, emit_transpose, NULL, 1, VIEW},
    {"numpy.permute_dims", "a, axes=None", type_transpose, emit_transpose, NULL, 1, VIEW},
    {"ndarray.swapaxes", "a, axis1, axis2", type_swapaxes, emit_swapaxes, NULL, 1, VIEW},
    {"numpy.swapaxes", "a, axis1, axis2", type_swapaxes, emit_swapaxes, NULL, 1, VIEW},
    {"numpy.moveaxis", "a, source, destination", type_moveaxis, emit_moveaxis, NULL, 1, VIEW},
    {"numpy.expand_dims", "a, axis", type_expand_dims, emit_expand_dims, NULL, 1, VIEW},
    {"ndarray.squeeze", "self, axis=None", type_squeeze, emit_squeeze, NULL, 1, VIEW},
    {"numpy.squeeze", "a, axis=None", type_squeeze, emit_squeeze, NULL, 1, VIEW},
    {"numpy.flip", "m, axis=None", type_flip, emit_flip, &flip_any, 1, VIEW},
    {"numpy.flipud", "m", type_flip, emit_flip, &flip_ud, 1, VIEW},
    {"numpy.fliplr", "m", type_flip, emit_flip, &flip_lr, 1, VIEW},
    {"numpy.broadcast_to", "array, shape", type_broadcast_to, emit_broadcast_to, NULL, 1, VIEW},
    {"ndarray.copy", "self, order='C'", type_copy, emit_copy, &copy_method, 1, LIB_STORAGE},
    {"numpy.copy", "a, order='K'", type_copy, emit_copy, &copy_function, 1, LIB_STORAGE},
    {"numpy.ascontiguousarray", "a", type_copy, emit_copy, &copy_c, 1, VIEW},
    {"numpy.asfortranarray", "a", type_copy, emit_copy, &copy_f, 1, VIEW},
    {"ndarray.ravel", "self, order='C'", type_ravel, emit_ravel, NULL, 1, VIEW},
    {"numpy.ravel", "a, order='C'", type_ravel, emit_ravel, NULL, 1, VIEW},
    {"ndarray.flatten", "self, order='C'", type_ravel, emit_ravel, &always_copies, 1, LIB_STORAGE},
    {"ndarray.reshape", "self, *shape", type_reshape, emit_reshape, &star_argument, 1, VIEW},
    {"numpy.reshape", "a, shape, order='C'", type_reshape, emit_reshape, NULL, 1, VIEW},
    {"ndarray.fill", "self, value", type_fill, emit_fill, NULL, 1, 0},
    {"ndarray.item", "self, *args", type_item, emit_item, NULL, 1, 0},
};

const LibTable library_views_table = {"views", rows, ARRAY_LEN(rows)};
