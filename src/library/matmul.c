/* matmul.c - products of vectors and matrices: @, np.matmul, np.dot, np.inner, np.outer.
 *
 * A vector is a matrix of one row on the left and of one column on the right; the result loses that axis again.
 * Operands are converted to the common type first; runtime/blas.c multiplies, as NumPy does, through NumPy's BLAS.
 */
#include "library/lower.h"
#include "library/shapes.h"

typedef enum { WORDS_DOT, WORDS_MATMUL } Words;
typedef struct {
    Words words;
    bool right_rows; /* inner: over the last axis of both */
} ProductRule;
static const ProductRule matmul = {WORDS_MATMUL, false}, dot = {WORDS_DOT, false}, inner = {WORDS_DOT, true};

static const Type *array_at(const Call *c, uint32_t i) {
    return i < c->nargs && c->type[i] && type_is_array(c->type[i]) ? c->type[i] : NULL;
}

static const Type *type_product(Call *c) {
    const Type *a = array_at(c, 0), *b = array_at(c, 1);
    if (!a || !b || (c->nargs > 2 && !call_is_none(c, 2))) return call_decline(c);
    if (a->ndim < 1 || b->ndim < 1 || a->ndim > 2 || b->ndim > 2) return call_decline(c); /* rung 2 */
    const Type *dtype = type_promote(type_dtype_of(a), type_dtype_of(b));
    if (!dtype || dtype == type_f16 || type_is_time(dtype)) return call_decline(c);
    uint32_t ndim = a->ndim + b->ndim - 2u;
    return ndim ? type_array(dtype, ndim, LAYOUT_C, false, true) : dtype;
}

static void check_inner(Lower *l, const ProductRule *rule, const View *a, const View *b, uint32_t along_a,
                        uint32_t along_b) {
    ValueId n = a->shape[along_a], m = b->shape[along_b], differ = ir_icmp(&l->b, PRED_NE, n, m);
    if (rule->words == WORDS_MATMUL) {
        const char *text = lower_text(
            l, "matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature "
               "(n?,k),(k,m?)->(n?,m?) (size %%d is different from %%d)");
        lower_raise_if(l, differ, "ValueError", text, 2, (ValueId[]){m, n});
        return;
    }
    StrBuf text = {0};
    ValueId word[6];
    uint32_t nwords = 0;
    strbuf_puts(&text, "shapes ");
    shape_format(&text, a->ndim);
    strbuf_puts(&text, " and ");
    shape_format(&text, b->ndim);
    strbuf_printf(&text, " not aligned: %%d (dim %u) != %%d (dim %u)", along_a, along_b);
    for (uint32_t i = 0; i < a->ndim; i++) word[nwords++] = a->shape[i];
    for (uint32_t i = 0; i < b->ndim; i++) word[nwords++] = b->shape[i];
    word[nwords++] = n;
    word[nwords++] = m;
    lower_raise_if(l, differ, "ValueError", lower_text(l, "%s", text.at), nwords, word);
    strbuf_free(&text);
}

/* An operand in the common type: itself, or a converted copy that is to be released. */
typedef struct {
    View view;
    ValueId copy;
} Operand;

static Operand operand_as(Lower *l, Call *c, uint32_t i, const Type *dtype) {
    const Type *t = c->type[i];
    if (type_dtype_of(t) == dtype) return (Operand){view_of(l, c->value[i], t), NO_VALUE};
    const Type *to = type_array(dtype, t->ndim, LAYOUT_C, false, true);
    MapInput input = {t, c->value[i]};
    ValueId copy = map_new_array(l, map_identity_body(&l->unit->arena, type_dtype_of(t), dtype), 1, &input,
                                 to);
    lower_cleanup_push(l, copy);
    return (Operand){view_of(l, copy, to), copy};
}

static void release_operand(Lower *l, const Operand *o) {
    if (o->copy == NO_VALUE) return;
    lower_cleanup_pop(l, 1);
    lower_decref(l, o->copy);
}

/* BLAS walks memory in order; the user may know how to have it so.  Code of the library is not the user's. */
static void warn_of_strides(Lower *l, const Call *c, const Type *dtype) {
    const Source *s = c->func->source;
    const LibraryHost *host = library_host();
    bool strided = c->type[0]->layout == LAYOUT_A || c->type[1]->layout == LAYOUT_A;
    bool is_float = dtype->kind == TYPE_FLOAT || dtype->kind == TYPE_COMPLEX;
    if (!strided || !is_float || l->unit->wants_remarks || !s || s->is_library || !host ||
        !host->performance_warn)
        return;
    const char *name = strchr(c->row->name, '.') + 1, *prefix = "np.";
    if (!strncmp(c->row->name, "operator.", 9)) name = "'@'", prefix = "";
    const char *text = arena_printf(
        &l->unit->arena, "%s%s is faster on contiguous arrays, called on (%s, %s)", prefix,
        prefix[0] ? arena_printf(&l->unit->arena, "%s()", name) : name, c->type[0]->name, c->type[1]->name);
    Handle function = s->function ? s->function : s->lender;
    if (!host->performance_warn(function, s->filename, func_span(c->func, c->span).line, text))
        func_error(c->func, c->span, DIAG_NO_IMPLEMENTATION, "%s",
                   text); /* warnings are errors: theirs comes first */
}

static ValueId emit_product(Lower *l, Call *c) {
    const ProductRule *rule = c->row->data;
    const Type *dtype = type_is_array(c->result) ? type_dtype_of(c->result) : c->result;
    warn_of_strides(l, c, dtype);
    Operand a = operand_as(l, c, 0, dtype), b = operand_as(l, c, 1, dtype);
    View *x = &a.view, *y = &b.view;
    uint32_t along_a = x->ndim - 1, along_b = rule->right_rows || y->ndim == 1 ? y->ndim - 1 : 0;
    ValueId one = lower_i64(l, 1), shape[2], size = lower_i64(l, type_itemsize(dtype));
    check_inner(l, rule, x, y, along_a, along_b);
    uint32_t n = 0, across_b = 1 - along_b;
    if (x->ndim == 2) shape[n++] = x->shape[0];
    if (y->ndim == 2) shape[n++] = y->shape[across_b];
    ValueId array = n ? lower_array_new(l, c->result, shape, false) : NO_VALUE;
    ValueId out = n ? lower_field(l, array, ARRAY_DATA) : lower_alloca(l, 16);
    ValueId extents[] = {x->ndim == 2 ? x->shape[0] : one, x->shape[along_a],
                         y->ndim == 2 ? y->shape[across_b] : one};
    ValueId strides[] = {x->ndim == 2 ? x->stride[0] : lower_bin(l, OP_imul, size, extents[1]),
                         x->stride[along_a], y->stride[along_b], y->ndim == 2 ? y->stride[across_b] : size};
    ValueId args[] = {
        lower_i64(l, dtype_code(dtype)),   out, x->data, y->data, lower_shape_pointer(l, 3, extents),
        lower_shape_pointer(l, 4, strides)};
    if (n) lower_cleanup_push(l, array);
    lower_check_status(l, ir_native(&l->b, NATIVE_matmul, type_i32, ARRAY_LEN(args), args));
    if (n) lower_cleanup_pop(l, 1);
    release_operand(l, &b);
    release_operand(l, &a);
    return n ? array : lower_load_element(l, dtype, out);
}

/* vdot of real vectors; rung 2 does the others. */
static const Type *type_vdot(Call *c) {
    const Type *a = array_at(c, 0), *b = array_at(c, 1);
    bool is_real = a && b && a->ndim == 1 && b->ndim == 1 && type_dtype_of(a)->kind == TYPE_FLOAT &&
                   type_dtype_of(b)->kind == TYPE_FLOAT;
    return is_real ? type_product(c) : call_decline(c);
}

/* ---- outer: every element of a with every one of b ------------------------------------------------------------------- */

static const Type *type_outer(Call *c) {
    const Type *a = array_at(c, 0), *b = array_at(c, 1);
    if (!a || !b || a->ndim != 1 || b->ndim != 1) return call_decline(c);
    const Type *dtype = type_promote(type_dtype_of(a), type_dtype_of(b));
    return dtype && dtype != type_f16 && !type_is_time(dtype) ? type_array(dtype, 2, LAYOUT_C, false, true)
                                                              : call_decline(c);
}

static ValueId emit_outer(Lower *l, Call *c) {
    const Type *dtype = type_dtype_of(c->result), *compute, *result;
    const Ufunc *multiply = library_ufunc("multiply");
    View a = view_of(l, c->value[0], c->type[0]), column = view_new(l, a.dtype, 2, LAYOUT_A);
    column.data = a.data;
    column.shape[0] = a.shape[0];
    column.stride[0] = a.stride[0];
    column.shape[1] = lower_i64(l, 1);
    column.stride[1] = lower_i64(l, 0);
    const Type *t = type_array(a.dtype, 2, LAYOUT_A, true, c->type[0]->aligned);
    MapInput input[2] = {{t, view_to_array(l, &column, t, NO_VALUE, NULL)}, {c->type[1], c->value[1]}};
    const Type *operand[2] = {a.dtype, type_dtype_of(c->type[1])};
    library_ufunc_types(multiply, operand, (bool[2]){false, false}, &compute, &result);
    MapBody body = {0};
    map_leaf(&l->unit->arena, &body, 0, operand[0]);
    map_leaf(&l->unit->arena, &body, 1, operand[1]);
    map_node(&l->unit->arena, &body, multiply, compute, dtype, 0, 1, 0);
    return map_new_array(l, &body, 2, input, c->result);
}

static const LibRow rows[] = {
    {"operator.matmul", "a, b, /", type_product, emit_product, &matmul, 1, 0},
    {"numpy.matmul", "x1, x2, /, out=None", type_product, emit_product, &matmul, 1, 0},
    {"numpy.dot", "a, b, out=None", type_product, emit_product, &dot, 1, 0},
    {"ndarray.dot", "self, b, out=None", type_product, emit_product, &dot, 1, 0},
    {"numpy.inner", "a, b, /", type_product, emit_product, &inner, 1, 0},
    {"numpy.vdot", "a, b, /", type_vdot, emit_product, &dot, 1, 0},
    {"numpy.outer", "a, b", type_outer, emit_outer, NULL, 1, 0},
};

const LibTable library_matmul_table = {"matmul", rows, ARRAY_LEN(rows)};
