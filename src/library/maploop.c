/* maploop.c - the loops of elementwise expressions: broadcasting, loop versions, overlap.
 *
 * A map evaluates one scalar expression for every element of a destination.  Steps:
 *   1. Shapes.  Node by node, in the order Python would evaluate the operations, extents are broadcast and the
 *      first pair that does not fit raises with NumPy's words.
 *   2. Overlap.  A fresh destination overlaps nothing.  Into existing memory, an operand that shares bytes with the
 *      destination in any other way than element for element is copied first; the test is a comparison of the two
 *      byte ranges and the copy is a cold path.
 *   3. Loops.  Contiguous operands whose shapes are equal by type: one flat loop.  Else one nest over rows of the
 *      destination, which becomes a single row at run time when everything is contiguous and of one shape after all.
 *      The innermost loop always has unit strides: rows that have not (and operands that repeat along the row) are
 *      gathered chunk by chunk into a buffer first, as NumPy's iterator does, and a destination's are scattered.  So
 *      there is one copy of the expression, and it vectorises, whatever the layouts.
 *
 *   4. In functions with parallel=True the loops become a function that does a part of them: mapparallel.c.
 *
 * Scalars and 0-d arrays are read once, before the loops.
 */
#include "library/maploop.h"

#include "library/lower.h"

enum { CHUNK = 128 }; /* elements gathered at a time */

typedef struct {
    uint32_t ndim;
    ValueId *n;
} Shape;

/* ---- operands ------------------------------------------------------------------------------------------------------ */

bool map_is_leaf(const MapBody *body, uint32_t operand) {
    for (uint32_t k = 0; k < body->n; k++)
        if (!body->node[k].ufunc && body->node[k].arg[0] == operand) return true;
    return false;
}

static MapLoop map_open(Lower *l, const MapBody *body, uint32_t n, const MapInput *input) {
    Arena *a = &l->unit->arena;
    MapLoop m = {.l = l, .body = body, .n = n, .input = input};
    m.view = arena_array(a, View, n);
    m.scalar = arena_array(a, ValueId, n);
    m.temporary = arena_array(a, ValueId, n);
    for (uint32_t i = 0; i < n; i++) {
        m.scalar[i] = m.temporary[i] = NO_VALUE;
        if (!map_is_leaf(body, i)) continue;
        const Type *t = input[i].type;
        if (!type_is_array(t)) m.scalar[i] = lower_cast(l, input[i].value, t, element_type(t));
        else if (t->ndim == 0)
            m.scalar[i] = lower_load_element(l, type_dtype_of(t), lower_field(l, input[i].value, ARRAY_DATA));
        else m.view[i] = view_of(l, input[i].value, t);
    }
    return m;
}

/* ---- shapes ---------------------------------------------------------------------------------------------------------- */

static bool same_shape_values(const Shape *x, const Shape *y) {
    return x->ndim == y->ndim && !memcmp(x->n, y->n, x->ndim * sizeof *x->n);
}

/* The payload of a message that names shapes: as many extents as fit. */
typedef struct {
    StrBuf text;
    ValueId word[16];
    uint32_t n;
} ShapeMessage;

static void message_shape(ShapeMessage *m, const Shape *s) {
    if (m->n + s->ndim > ARRAY_LEN(m->word)) {
        strbuf_puts(&m->text, "(...)");
        return;
    }
    shape_format(&m->text, s->ndim);
    for (uint32_t i = 0; i < s->ndim; i++) m->word[m->n++] = s->n[i];
}

static void message_raise_if(Lower *l, ShapeMessage *m, ValueId cond) {
    lower_raise_if(l, cond, "ValueError", lower_text(l, "%s", m->text.at), m->n, m->word);
    strbuf_free(&m->text);
}

/* Broadcasts two extents; *bad collects the condition under which they do not fit. */
static ValueId broadcast_extent(Lower *l, ValueId x, ValueId y, ValueId *bad) {
    if (x == y) return x;
    ValueId one = lower_i64(l, 1);
    ValueId x_is_one = ir_icmp(&l->b, PRED_EQ, x, one), y_is_one = ir_icmp(&l->b, PRED_EQ, y, one);
    ValueId differ = ir_icmp(&l->b, PRED_NE, x, y);
    ValueId wrong = lower_and(l, differ, lower_and(l, lower_not(l, x_is_one), lower_not(l, y_is_one)));
    *bad = *bad == NO_VALUE ? wrong : lower_or(l, *bad, wrong);
    return ir_select(&l->b, x_is_one, y, x);
}

static Shape broadcast_pair(Lower *l, const Shape *x, const Shape *y, ValueId *bad) {
    if (x->ndim < y->ndim) {
        const Shape *swap = x;
        x = y;
        y = swap;
    }
    Shape s = {x->ndim, arena_array(&l->unit->arena, ValueId, x->ndim + 1)};
    uint32_t lead = x->ndim - y->ndim;
    for (uint32_t i = 0; i < x->ndim; i++)
        s.n[i] = i < lead ? x->n[i] : broadcast_extent(l, x->n[i], y->n[i - lead], bad);
    return s;
}

/* An output that could not even take part in broadcasting; check_fits has the other cases. */
static void output_mismatch(Lower *l, const Shape *s, const Shape *out, ValueId *bad) {
    for (uint32_t i = 0; i < s->ndim && i < out->ndim; i++)
        (void)broadcast_extent(l, s->n[s->ndim - 1 - i], out->n[out->ndim - 1 - i], bad);
}

/* Broadcasts the operands of one operation; `out` adds an in-place operation's own operand to the message. */
static Shape broadcast_node(Lower *l, uint32_t n, const Shape *const *operand, const Shape *out) {
    Shape s = *operand[0];
    ValueId bad = NO_VALUE;
    for (uint32_t i = 1; i < n; i++)
        if (operand[i]->ndim && !same_shape_values(&s, operand[i]))
            s = s.ndim ? broadcast_pair(l, &s, operand[i], &bad) : *operand[i];
    if (out) output_mismatch(l, &s, out, &bad);
    if (bad == NO_VALUE) return s;
    ShapeMessage m = {0};
    strbuf_puts(&m.text, "operands could not be broadcast together with shapes ");
    for (uint32_t i = 0; i < n; i++) {
        message_shape(&m, operand[i]);
        strbuf_puts(&m.text, " ");
    }
    if (out) {
        message_shape(&m, out);
        strbuf_puts(&m.text, " ");
    }
    message_raise_if(l, &m, bad);
    return s;
}

/* The shape of the whole expression. */
static Shape map_shape(MapLoop *m, const Shape *out) {
    Shape *of = arena_array(&m->l->unit->arena, Shape, m->body->n);
    for (uint32_t k = 0; k < m->body->n; k++) {
        const MapNode *node = &m->body->node[k];
        if (!node->ufunc) {
            of[k] = (Shape){m->view[node->arg[0]].ndim, m->view[node->arg[0]].shape};
            continue;
        }
        const Shape *operand[MAP_MAX_ARGS];
        for (uint32_t i = 0; i < node->ufunc->nin; i++) operand[i] = &of[node->arg[i]];
        uint32_t span = m->l->b.span;
        if (node->span) m->l->b.span = node->span;
        of[k] = broadcast_node(m->l, node->ufunc->nin, operand, k + 1 == m->body->n ? out : NULL);
        m->l->b.span = span;
    }
    return of[m->body->n - 1];
}

static void message_mismatch(Lower *l, StoreWords words, const Shape *s, const Shape *dst, ValueId cond) {
    ShapeMessage m = {0};
    if (words == STORE_ASSIGN) {
        strbuf_puts(&m.text, "could not broadcast input array from shape ");
        message_shape(&m, s);
        strbuf_puts(&m.text, " into shape ");
        message_shape(&m, dst);
    } else {
        if (words == STORE_LOOP) strbuf_puts(&m.text, "Loop and array shapes are incompatible: ");
        strbuf_puts(&m.text, "non-broadcastable output operand with shape ");
        message_shape(&m, dst);
        strbuf_puts(&m.text, " doesn't match the broadcast shape ");
        message_shape(&m, s);
    }
    message_raise_if(l, &m, cond);
}

/* Checks that an expression of shape s can be stored into dst; an assignment may drop leading axes of extent 1. */
static void check_fits(Lower *l, const Shape *s, const View *dst, StoreWords words) {
    Shape to = {dst->ndim, dst->shape};
    ValueId one = lower_i64(l, 1), bad = NO_VALUE;
    uint32_t extra = s->ndim > to.ndim ? s->ndim - to.ndim : 0;
    for (uint32_t i = 0; i < s->ndim; i++) {
        ValueId n = s->n[i], wrong;
        if (i >= extra && n == to.n[i + to.ndim - s->ndim]) continue;
        if (i < extra && words != STORE_ASSIGN) {
            wrong = lower_bool(l, true);
        } else {
            wrong = ir_icmp(&l->b, PRED_NE, n, one);
            if (i >= extra)
                wrong = lower_and(l, wrong, ir_icmp(&l->b, PRED_NE, n, to.n[i + to.ndim - s->ndim]));
        }
        bad = bad == NO_VALUE ? wrong : lower_or(l, bad, wrong);
    }
    if (bad != NO_VALUE) message_mismatch(l, words, s, &to, bad);
}

/* Drops leading axes (known to have extent 1) so that every operand has at most the destination's axes. */
static void trim_views(MapLoop *m) {
    for (uint32_t i = 0; i < m->n; i++) {
        View *v = &m->view[i];
        if (v->ndim <= m->dst.ndim) continue;
        uint32_t extra = v->ndim - m->dst.ndim;
        v->shape += extra;
        v->stride += extra;
        v->ndim = m->dst.ndim;
        if (v->ndim == 0) m->scalar[i] = lower_load_element(m->l, v->dtype, v->data);
    }
}

/* ---- overlap ------------------------------------------------------------------------------------------------------------ */

typedef struct {
    ValueId low, high; /* bytes from low to high - 1 */
} Extent;

static Extent view_extent(Lower *l, const View *v) {
    ValueId itemsize = lower_i64(l, type_itemsize(v->dtype)), zero = lower_i64(l, 0), one = lower_i64(l, 1);
    if (v->layout != LAYOUT_A) {
        ValueId nbytes = lower_bin(l, OP_imul, view_size(l, v), itemsize);
        return (Extent){v->data, ir_ptr_add(&l->b, v->data, nbytes)};
    }
    ValueId low = zero, high = itemsize;
    for (uint32_t i = 0; i < v->ndim; i++) {
        ValueId span = lower_bin(l, OP_imul, lower_bin(l, OP_isub, v->shape[i], one), v->stride[i]);
        low = lower_bin(l, OP_iadd, low, lower_native2(l, NATIVE_smin, span, zero));
        high = lower_bin(l, OP_iadd, high, lower_native2(l, NATIVE_smax, span, zero));
    }
    return (Extent){ir_ptr_add(&l->b, v->data, low), ir_ptr_add(&l->b, v->data, high)};
}

/* The operand is the destination itself, as far as values tell. */
static bool is_same_view(const View *x, const View *y) {
    return x->ndim == y->ndim && x->data == y->data && x->dtype == y->dtype &&
           !memcmp(x->shape, y->shape, x->ndim * sizeof *x->shape) &&
           !memcmp(x->stride, y->stride, x->ndim * sizeof *x->stride);
}

/* Whether each element of x lies exactly on the element of dst with the same index. */
static ValueId runs_along(Lower *l, const View *x, const View *dst) {
    if (x->ndim != dst->ndim || type_itemsize(x->dtype) != type_itemsize(dst->dtype))
        return lower_bool(l, false);
    ValueId same = ir_icmp(&l->b, PRED_EQ, x->data, dst->data);
    for (uint32_t i = 0; i < x->ndim; i++) {
        if (x->shape[i] != dst->shape[i])
            same = lower_and(l, same, ir_icmp(&l->b, PRED_EQ, x->shape[i], dst->shape[i]));
        if (x->stride[i] != dst->stride[i])
            same = lower_and(l, same, ir_icmp(&l->b, PRED_EQ, x->stride[i], dst->stride[i]));
    }
    return same;
}

void view_copy_same(Lower *l, const View *dst, const View *src) {
    ValueId args[] = {dst->data,
                      src->data,
                      lower_i64(l, dst->ndim),
                      lower_shape_pointer(l, src->ndim, src->shape),
                      lower_shape_pointer(l, dst->ndim, dst->stride),
                      lower_shape_pointer(l, src->ndim, src->stride),
                      lower_i64(l, type_itemsize(dst->dtype))};
    ir_native(&l->b, NATIVE_copy_strided, NULL, ARRAY_LEN(args), args);
}

/* Replaces operand i by a copy when it overlaps the destination in another way than element for element. */
static void separate(MapLoop *m, uint32_t i) {
    Lower *l = m->l;
    View *v = &m->view[i];
    const Type *t = type_array(v->dtype, v->ndim, v->layout == LAYOUT_F ? LAYOUT_F : LAYOUT_C, false, true);
    Extent x = view_extent(l, v), d = view_extent(l, &m->dst);
    ValueId overlap = lower_and(l, ir_icmp(&l->b, PRED_ULT, x.low, d.high),
                                ir_icmp(&l->b, PRED_ULT, d.low, x.high));
    ValueId cond = lower_and(l, overlap, lower_not(l, runs_along(l, v, &m->dst)));
    LowerIf branch = lower_if(l, cond);
    block_at(l->b.f, l->b.block)->cold = true;
    ValueId copy = array_new_unchecked(l, t, v->shape, false);
    View to = view_of(l, copy, t);
    view_copy_same(l, &to, v);
    lower_else(l, &branch);
    View none = *v;
    ValueId empty = view_to_array(l, &none, t, NO_VALUE, NULL);
    m->temporary[i] = lower_endif(l, &branch, copy, empty);
    Layout layout = v->layout;
    ValueId *shape = v->shape;
    *v = view_of(l, m->temporary[i], t);
    v->shape = shape;
    if (layout == LAYOUT_A) { /* the other way in, strides are what they were */
        v->layout = LAYOUT_A;
        for (uint32_t k = 0; k < v->ndim; k++)
            v->stride[k] = lower_field(l, m->temporary[i], array_stride(t, k));
    }
    lower_cleanup_push(l, m->temporary[i]);
}

static void separate_operands(MapLoop *m) {
    for (uint32_t i = 0; i < m->n; i++)
        if (m->view[i].ndim && !is_same_view(&m->view[i], &m->dst)) separate(m, i);
}

static void release_copies(MapLoop *m) {
    for (uint32_t i = m->n; i-- > 0;) {
        if (m->temporary[i] == NO_VALUE) continue;
        lower_cleanup_pop(m->l, 1);
        lower_decref(m->l, m->temporary[i]);
    }
}

/* ---- evaluation ----------------------------------------------------------------------------------------------------------- */

/* NumPy multiplies arrays of complex numbers with fused multiply-adds where the machine has them, single numbers
 * without: re = fma(xr, yr, -(xi * yi)), im = fma(xr, yi, xi * yr). */
static bool multiplies_fused(const Ufunc *u, const Type *compute) {
    if (compute->kind != TYPE_COMPLEX || (strcmp(u->name, "multiply") != 0 && strcmp(u->name, "square") != 0))
        return false;
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#elif defined(__aarch64__)
    return true;
#else
    return false;
#endif
}

static ValueId multiply_fused(Lower *l, const Type *t, ValueId x, ValueId y) {
    ValueId xr = lower_field(l, x, COMPLEX_RE), xi = lower_field(l, x, COMPLEX_IM);
    ValueId yr = lower_field(l, y, COMPLEX_RE), yi = lower_field(l, y, COMPLEX_IM);
    const Type *part = type_real_part(t);
    ValueId ii = lower_un(l, OP_fneg, part, lower_bin(l, OP_fmul, xi, yi)),
            ir = lower_bin(l, OP_fmul, xi, yr);
    ValueId re = ir_native(&l->b, NATIVE_fma, part, 3, (ValueId[]){xr, yr, ii});
    return lower_make2(l, t, re, ir_native(&l->b, NATIVE_fma, part, 3, (ValueId[]){xr, yi, ir}));
}

/* Loads the elements at these addresses and computes the expression. */
static ValueId evaluate(MapLoop *m, const ValueId *address) {
    Lower *l = m->l;
    ValueId *v = arena_array(&l->unit->arena, ValueId, m->body->n);
    for (uint32_t k = 0; k < m->body->n; k++) {
        const MapNode *node = &m->body->node[k];
        uint32_t operand = node->arg[0];
        if (!node->ufunc) {
            v[k] = m->view[operand].ndim ? lower_load_element(l, m->view[operand].dtype, address[operand])
                                         : m->scalar[operand];
            continue;
        }
        ValueId arg[MAP_MAX_ARGS];
        for (uint32_t i = 0; i < node->ufunc->nin; i++) {
            const Type *want = node->ufunc == &map_select && i == 0 ? type_bool
                                                                    : ufunc_operand(node->compute, i);
            arg[i] = lower_cast(l, v[node->arg[i]], m->body->node[node->arg[i]].type, want);
        }
        if (m->dst.ndim && multiplies_fused(node->ufunc, node->compute))
            v[k] = multiply_fused(l, node->compute, arg[0], arg[node->ufunc->nin - 1]);
        else v[k] = node->ufunc->emit(l, node->ufunc, node->compute, arg);
    }
    return v[m->body->n - 1];
}

void map_store_result(MapLoop *m, const ValueId *address, ValueId to) {
    ValueId v = evaluate(m, address);
    const Type *t = m->body->node[m->body->n - 1].type;
    lower_store_element(m->l, m->dst.dtype, to, lower_cast(m->l, v, t, m->dst.dtype));
}

/* ---- loop versions ---------------------------------------------------------------------------------------------------------- */

static ValueId both(Lower *l, ValueId x, ValueId y) { return x == NO_VALUE ? y : lower_and(l, x, y); }

/* Whether one loop over all elements can do it, by types: contiguous, one layout, as many axes. */
static bool may_be_flat(const MapLoop *m, Layout layout) {
    if (m->dst.layout == LAYOUT_A || m->dst.layout != layout) return false;
    for (uint32_t i = 0; i < m->n; i++)
        if (m->view[i].ndim && (m->view[i].layout != layout || m->view[i].ndim != m->dst.ndim)) return false;
    return true;
}

/* And at run time: equal shapes.  NO_VALUE: always. */
static ValueId same_shapes(MapLoop *m) {
    ValueId cond = NO_VALUE;
    for (uint32_t i = 0; i < m->n; i++)
        for (uint32_t k = 0; k < m->view[i].ndim; k++)
            if (m->view[i].shape[k] != m->dst.shape[k])
                cond = both(m->l, cond, ir_icmp(&m->l->b, PRED_EQ, m->view[i].shape[k], m->dst.shape[k]));
    return cond;
}

void map_element_addresses(MapLoop *m, ValueId index, ValueId *address) {
    for (uint32_t i = 0; i < m->n; i++)
        if (m->view[i].ndim)
            address[i] = lower_ptr_offset(m->l, m->view[i].data, index,
                                          lower_i64(m->l, type_itemsize(m->view[i].dtype)));
}

static void flat_loop(MapLoop *m) {
    Lower *l = m->l;
    ValueId *address = arena_array(&l->unit->arena, ValueId, m->n);
    LowerLoop loop = lower_loop_begin(l, lower_i64(l, 0), view_size(l, &m->dst), 1);
    map_element_addresses(m, loop.i, address);
    map_store_result(m, address,
                     lower_ptr_offset(l, m->dst.data, loop.i, lower_i64(l, type_itemsize(m->dst.dtype))));
    lower_loop_end(l, &loop);
}

/* The stride of operand v along an axis of the destination: 0 where it repeats.  NO_VALUE: it has no such axis. */
static ValueId stride_along(Lower *l, const View *v, const View *dst, uint32_t axis) {
    uint32_t lead = dst->ndim - v->ndim;
    if (axis < lead) return NO_VALUE;
    ValueId n = v->shape[axis - lead], stride = v->stride[axis - lead];
    if (n == dst->shape[axis]) return stride;
    return ir_select(&l->b, ir_icmp(&l->b, PRED_EQ, n, lower_i64(l, 1)), lower_i64(l, 0), stride);
}

/* One loop nest over rows of the destination.  Operand m->n is the destination itself. */
typedef struct {
    uint32_t ndim;
    uint32_t axis[ARRAY_MAX_NDIM]; /* by level, outermost first */
    ValueId extent[ARRAY_MAX_NDIM];
    ValueId *stride;  /* [operand * ndim + level]; NO_VALUE: the operand has no such axis */
    ValueId *gathers; /* by operand: whether its rows are not contiguous; NO_VALUE: they are, by type */
    ValueId *buffer;  /* by operand: one chunk of a row, where gathers[] is a value */
    ValueId chunk;    /* elements at a time; NO_VALUE: whole rows */
} RowNest;

static const Type *operand_dtype(const MapLoop *m, uint32_t i) {
    return i < m->n ? m->view[i].dtype : m->dst.dtype;
}

/* Strides and extents; when `flat` holds, the array is one row. */
static void plan_axes(MapLoop *m, RowNest *r, ValueId flat) {
    Lower *l = m->l;
    uint32_t ndim = r->ndim = m->dst.ndim, inner = ndim - 1;
    for (uint32_t k = 0; k < ndim; k++) {
        uint32_t axis = r->axis[k] = m->dst.layout == LAYOUT_F ? inner - k : k;
        r->extent[k] = m->dst.shape[axis];
        if (flat != NO_VALUE)
            r->extent[k] = ir_select(&l->b, flat, k == inner ? view_size(l, &m->dst) : lower_i64(l, 1),
                                     r->extent[k]);
        for (uint32_t i = 0; i < m->n; i++)
            r->stride[i * ndim + k] = m->view[i].ndim ? stride_along(l, &m->view[i], &m->dst, axis)
                                                      : NO_VALUE;
        r->stride[m->n * ndim + k] = m->dst.stride[axis];
    }
    for (uint32_t i = 0; flat != NO_VALUE && i <= m->n; i++) {
        ValueId *stride = &r->stride[i * ndim + inner], itemsize = NO_VALUE;
        if (*stride == NO_VALUE) continue;
        itemsize = lower_i64(l, type_itemsize(operand_dtype(m, i)));
        *stride = ir_select(&l->b, flat, itemsize, *stride);
    }
}

/* Which operands may need their rows gathered, and the length of chunks. */
static void plan_rows(MapLoop *m, RowNest *r) {
    Lower *l = m->l;
    ValueId any = NO_VALUE, inner = r->extent[r->ndim - 1];
    for (uint32_t i = 0; i <= m->n; i++) {
        ValueId stride = r->stride[i * r->ndim + r->ndim - 1];
        int64_t itemsize = type_itemsize(m->dst.dtype), known;
        r->gathers[i] = r->buffer[i] = NO_VALUE;
        if (i < m->n && !m->view[i].ndim) continue;
        itemsize = type_itemsize(operand_dtype(m, i));
        if (stride == NO_VALUE) stride = lower_i64(l, 0);
        if (lower_known_int(l, stride, &known) && known == itemsize) continue;
        r->stride[i * r->ndim + r->ndim - 1] = stride;
        r->gathers[i] = ir_icmp(&l->b, PRED_NE, stride, lower_i64(l, itemsize));
        r->buffer[i] = lower_alloca(l, (size_t)(CHUNK * itemsize));
        any = any == NO_VALUE ? r->gathers[i] : lower_or(l, any, r->gathers[i]);
    }
    r->chunk = any == NO_VALUE ? NO_VALUE : ir_select(&l->b, any, lower_i64(l, CHUNK), inner);
}

static void copy_row(Lower *l, ValueId dst, ValueId dst_stride, ValueId src, ValueId src_stride, ValueId n,
                     const Type *dtype) {
    ValueId args[] = {dst, dst_stride, src, src_stride, n, lower_i64(l, type_itemsize(dtype))};
    ir_native(&l->b, NATIVE_copy_row, NULL, ARRAY_LEN(args), args);
}

/* The chunk of operand i that begins at element `first` of its row: in place, or gathered into the buffer. */
static ValueId chunk_address(MapLoop *m, const RowNest *r, uint32_t i, ValueId row, ValueId first,
                             ValueId count) {
    Lower *l = m->l;
    ValueId itemsize = lower_i64(l, type_itemsize(operand_dtype(m, i)));
    if (r->gathers[i] == NO_VALUE) return lower_ptr_offset(l, row, first, itemsize);
    ValueId stride = r->stride[i * r->ndim + r->ndim - 1], at = lower_ptr_offset(l, row, first, stride);
    if (i < m->n) {
        LowerIf branch = lower_if(l, r->gathers[i]);
        copy_row(l, r->buffer[i], itemsize, at, stride, count, operand_dtype(m, i));
        lower_else(l, &branch);
        lower_endif(l, &branch, NO_VALUE, NO_VALUE);
    }
    return ir_select(&l->b, r->gathers[i], r->buffer[i], at);
}

static void chunk_loop(MapLoop *m, const RowNest *r, const ValueId *row, ValueId first, ValueId count) {
    Lower *l = m->l;
    ValueId *base = arena_array(&l->unit->arena, ValueId, m->n + 1),
            *at = arena_array(&l->unit->arena, ValueId, m->n + 1);
    for (uint32_t i = 0; i <= m->n; i++)
        if (i == m->n || m->view[i].ndim) base[i] = chunk_address(m, r, i, row[i], first, count);
    LowerLoop loop = lower_loop_begin(l, lower_i64(l, 0), count, 1);
    for (uint32_t i = 0; i <= m->n; i++)
        if (i == m->n || m->view[i].ndim)
            at[i] = lower_ptr_offset(l, base[i], loop.i, lower_i64(l, type_itemsize(operand_dtype(m, i))));
    map_store_result(m, at, at[m->n]);
    lower_loop_end(l, &loop);
    if (r->gathers[m->n] == NO_VALUE) return;
    ValueId stride = r->stride[m->n * r->ndim + r->ndim - 1];
    LowerIf branch = lower_if(l, r->gathers[m->n]);
    copy_row(l, lower_ptr_offset(l, row[m->n], first, stride), stride, base[m->n],
             lower_i64(l, type_itemsize(m->dst.dtype)), count, m->dst.dtype);
    lower_else(l, &branch);
    lower_endif(l, &branch, NO_VALUE, NO_VALUE);
}

/* One row, in chunks when an operand has to be gathered. */
static void row_loop(MapLoop *m, const RowNest *r, const ValueId *row) {
    Lower *l = m->l;
    ValueId zero = lower_i64(l, 0), n = r->extent[r->ndim - 1];
    if (r->chunk == NO_VALUE) {
        chunk_loop(m, r, row, zero, n);
        return;
    }
    BlockId head = lower_block(l), body = lower_block(l), exit = lower_block(l);
    ir_br(&l->b, head);
    lower_at(l, head);
    ValueId first = ir_phi(l->b.f, head, type_i64);
    ir_phi_add(l->b.f, first, zero);
    ir_condbr(&l->b, ir_icmp(&l->b, PRED_LT, first, n), body, exit);
    lower_at(l, body);
    chunk_loop(m, r, row, first, lower_native2(l, NATIVE_smin, r->chunk, lower_bin(l, OP_isub, n, first)));
    ir_phi_add(l->b.f, first, lower_bin(l, OP_iadd, first, r->chunk));
    ir_br(&l->b, head);
    lower_at(l, exit);
}

void map_row_nest(MapLoop *m, ValueId flat) {
    Lower *l = m->l;
    RowNest r = {.ndim = m->dst.ndim};
    r.stride = arena_array(&l->unit->arena, ValueId, (m->n + 1) * r.ndim);
    r.gathers = arena_array(&l->unit->arena, ValueId, m->n + 1);
    r.buffer = arena_array(&l->unit->arena, ValueId, m->n + 1);
    plan_axes(m, &r, flat);
    plan_rows(m, &r);
    ValueId *row = arena_array(&l->unit->arena, ValueId, m->n + 1);
    LowerLoop loop[ARRAY_MAX_NDIM];
    for (uint32_t i = 0; i < m->n; i++) row[i] = m->view[i].ndim ? m->view[i].data : NO_VALUE;
    row[m->n] = m->dst.data;
    for (uint32_t k = 0; k + 1 < r.ndim; k++) {
        loop[k] = lower_loop_begin(l, lower_i64(l, 0), r.extent[k], 1);
        for (uint32_t i = 0; i <= m->n; i++)
            if (row[i] != NO_VALUE && r.stride[i * r.ndim + k] != NO_VALUE)
                row[i] = lower_ptr_offset(l, row[i], loop[k].i, r.stride[i * r.ndim + k]);
    }
    row_loop(m, &r, row);
    for (uint32_t k = r.ndim - 1; k-- > 0;) lower_loop_end(l, &loop[k]);
}

/* ---- all of them -------------------------------------------------------------------------------------------------------------- */

static void serial_loops(MapLoop *m, bool flat, ValueId cond) {
    if (flat && cond == NO_VALUE) flat_loop(m);
    else map_row_nest(m, cond);
}

static void emit_loops(MapLoop *m) {
    if (m->dst.ndim == 0) {
        map_store_result(m, NULL, m->dst.data);
        return;
    }
    bool flat = may_be_flat(m, LAYOUT_C) || may_be_flat(m, LAYOUT_F);
    ValueId cond = flat ? same_shapes(m) : NO_VALUE;
    if (!lower_goes_parallel(m->l, SERIAL_MAP)) {
        serial_loops(m, flat, cond);
        return;
    }
    if (!flat) {
        map_parallel_nest(m);
        return;
    }
    ValueId long_enough = both(m->l, cond, map_is_long(m));
    LowerIf branch = lower_if(m->l, long_enough);
    map_parallel_flat(m);
    lower_else(m->l, &branch);
    serial_loops(m, flat, cond);
    lower_endif(m->l, &branch, NO_VALUE, NO_VALUE);
}

/* ---- entry points ------------------------------------------------------------------------------------------------------------- */

void map_store(Lower *l, const MapBody *body, uint32_t n, const MapInput *input, const View *dst,
               StoreWords words) {
    MapLoop m = map_open(l, body, n, input);
    Shape out = {dst->ndim, dst->shape};
    Shape s = map_shape(&m, words != STORE_ASSIGN ? &out : NULL);
    m.dst = *dst;
    check_fits(l, &s, dst, words);
    trim_views(&m);
    separate_operands(&m);
    emit_loops(&m);
    release_copies(&m);
}

void map_store_fresh(Lower *l, const MapBody *body, uint32_t n, const MapInput *input, const View *dst) {
    MapLoop m = map_open(l, body, n, input);
    m.dst = *dst;
    emit_loops(&m);
}

static bool has_one_shape(const MapLoop *m, const Shape *s) {
    for (uint32_t i = 0; i < m->n; i++)
        if (m->view[i].ndim && !same_shape_values(&(Shape){m->view[i].ndim, m->view[i].shape}, s))
            return false;
    return true;
}

ValueId map_new_array(Lower *l, const MapBody *body, uint32_t n, const MapInput *input, const Type *result) {
    MapLoop m = map_open(l, body, n, input);
    Shape s = map_shape(&m, NULL);
    if (!type_is_array(result))
        return lower_cast(l, evaluate(&m, NULL), body->node[body->n - 1].type, result);
    bool can_grow = !has_one_shape(&m, &s); /* broadcasting can make more elements than memory has bytes */
    ValueId array = can_grow ? lower_array_new(l, result, s.n, false)
                             : array_new_unchecked(l, result, s.n, false);
    m.dst = view_of(l, array, result);
    memcpy(m.dst.shape, s.n, s.ndim * sizeof *s.n);
    lower_cleanup_push(l, array);
    emit_loops(&m);
    lower_cleanup_pop(l, 1);
    return array;
}

MapBody *map_identity_body(Arena *a, const Type *element, const Type *to) {
    MapBody *body = arena_new(a, MapBody);
    uint16_t leaf = map_leaf(a, body, 0, element);
    if (element != to) map_node(a, body, &map_convert, to, to, leaf, 0, 0);
    return body;
}

void view_assign(Lower *l, const View *dst, const Type *type, ValueId value, StoreWords words) {
    MapInput input = {type, value};
    map_store(l, map_identity_body(&l->unit->arena, element_type(type), dst->dtype), 1, &input, dst, words);
}

void view_assign_fresh(Lower *l, const View *dst, const Type *type, ValueId value) {
    MapInput input = {type, value};
    map_store_fresh(l, map_identity_body(&l->unit->arena, element_type(type), dst->dtype), 1, &input, dst);
}

/* ---- blocks of elements, for reductions ------------------------------------------------------------------------------------------ */

bool map_blocks(Lower *l, const MapBody *body, uint32_t n, const MapInput *input, MapBlocks *out) {
    MapLoop *m = arena_new(&l->unit->arena, MapLoop);
    *m = map_open(l, body, n, input);
    Shape s = map_shape(m, NULL);
    *out = (MapBlocks){.map = m, .element = body->node[body->n - 1].type};
    if (!s.ndim) return false;
    m->dst = view_new(l, out->element, s.ndim, LAYOUT_C);
    m->dst.shape = s.n;
    bool flat = may_be_flat(m, LAYOUT_C);
    if (!flat) {
        m->dst.layout = LAYOUT_F;
        flat = may_be_flat(m, LAYOUT_F);
    }
    if (!flat && s.ndim > 1) return false;
    out->size = view_size(l, &m->dst);
    out->condition = flat ? same_shapes(m) : NO_VALUE;
    if (!flat) {
        m->dst.stride[0] = lower_i64(l, type_itemsize(out->element));
        m->dst.layout = LAYOUT_A;
    }
    return true;
}

void map_block(Lower *l, MapBlocks *blocks, ValueId first, ValueId count, ValueId buffer) {
    MapLoop *m = blocks->map;
    bool flat = m->dst.layout != LAYOUT_A;
    uint32_t ndim = m->n;
    ValueId *address = arena_array(&l->unit->arena, ValueId, ndim + 1);
    LowerLoop loop = lower_loop_begin(l, lower_i64(l, 0), count, 1);
    ValueId at = lower_bin(l, OP_iadd, first, loop.i);
    for (uint32_t i = 0; i < m->n; i++) {
        if (!m->view[i].ndim) continue;
        ValueId stride = flat ? lower_i64(l, type_itemsize(m->view[i].dtype))
                              : stride_along(l, &m->view[i], &m->dst, 0);
        address[i] = lower_ptr_offset(l, m->view[i].data, at, stride);
    }
    m->dst.dtype = blocks->element;
    map_store_result(m, address,
                     lower_ptr_offset(l, buffer, loop.i, lower_i64(l, type_itemsize(blocks->element))));
    lower_loop_end(l, &loop);
}
