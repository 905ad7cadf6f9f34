/* mapparallel.c - elementwise expressions on several threads, in functions with parallel=True.
 *
 * The loops become a function that does a part of them, which the thread pool calls: elements first to last of a flat loop,
 * or a range of the outermost axis of a nest.  Elements do not depend on each other, so the parts do not change the result.
 * What the loops need from outside goes to the function in slots; constants stay constants, since emitters look at them.
 */
#include "library/lower.h"
#include "library/maploop.h"

/* From how many elements on a loop is divided, into how many shares at most, and the least share.  Handing out a loop takes
 * about 5 us, in which a thread adds about 10,000 numbers. */
enum { PARALLEL_MINIMUM = 32768, PARALLEL_SHARE_LOG2 = 6, PARALLEL_LEAST = 8192 };

typedef struct {
    Vec(ValueId) value; /* by number: what is handed over */
    ValueId *loaded;    /* the same in the function */
    Lower *from, *to;
} Captured;

bool lower_goes_parallel(const Lower *l, uint8_t serial) {
    return l->options->parallel && !(l->options->serial & serial) && !l->b.f->is_body;
}

/* ---- what a part needs ------------------------------------------------------------------------------------------------- */

static bool is_constant(Lower *l, ValueId v) {
    uint8_t op = inst_at(l->b.f, v)->op;
    return op == OP_const_int || op == OP_const_float;
}

static void capture(Captured *c, ValueId v) {
    if (is_constant(c->from, v)) return;
    for (uint32_t k = 0; k < c->value.n; k++)
        if (c->value.at[k] == v) return;
    vec_push(&c->from->unit->arena, &c->value, v);
}

static void capture_view(Captured *c, const View *v, bool with_shape) {
    capture(c, v->data);
    for (uint32_t k = 0; k < v->ndim && with_shape; k++) {
        capture(c, v->shape[k]);
        capture(c, v->stride[k]);
    }
}

/* with_shape: a nest needs extents and strides, too. */
static void capture_operands(MapLoop *m, Captured *c, bool with_shape) {
    for (uint32_t i = 0; i < m->n; i++) {
        if (!map_is_leaf(m->body, i)) continue; /* it says where the elements go */
        if (m->view[i].ndim) capture_view(c, &m->view[i], with_shape);
        else capture(c, m->scalar[i]);
    }
    capture_view(c, &m->dst, with_shape);
}

static ValueId slot_after(Lower *l, ValueId base, uint32_t n) {
    return n ? ir_ptr_add(&l->b, base, lower_i64(l, 8 * (int64_t)n)) : base;
}

static ValueId store_captured(const Captured *c) {
    Lower *l = c->from;
    uint32_t at = 0;
    for (uint32_t k = 0; k < c->value.n; k++) at += lower_type(l, c->value.at[k])->nleaves;
    ValueId base = lower_alloca(l, 8 * (size_t)(at + 1));
    at = 0;
    for (uint32_t k = 0; k < c->value.n; k++) {
        const Type *t = lower_type(l, c->value.at[k]);
        lower_store_slots(l, slot_after(l, base, at), c->value.at[k], t);
        at += t->nleaves;
    }
    return base;
}

static void load_captured(Captured *c, ValueId base) {
    uint32_t at = 0;
    c->loaded = arena_array(&c->to->unit->arena, ValueId, c->value.n + 1);
    for (uint32_t k = 0; k < c->value.n; k++) {
        const Type *t = lower_type(c->from, c->value.at[k]);
        c->loaded[k] = lower_load_slots(c->to, slot_after(c->to, base, at), t);
        at += t->nleaves;
    }
}

static ValueId fetch(const Captured *c, ValueId v) {
    const Inst *i = inst_at(c->from->b.f, v);
    if (i->op == OP_const_float) return ir_const_float(&c->to->b, i->type, i->imm.f);
    if (i->op == OP_const_int) return ir_const_int(&c->to->b, i->type, i->imm.i);
    uint32_t k = 0;
    while (c->value.at[k] != v) k++;
    return c->loaded[k];
}

static View fetch_view(const Captured *c, const View *v, bool with_shape) {
    View out = view_new(c->to, v->dtype, v->ndim, v->layout);
    out.data = fetch(c, v->data);
    for (uint32_t k = 0; k < v->ndim && with_shape; k++) {
        out.shape[k] = fetch(c, v->shape[k]);
        out.stride[k] = fetch(c, v->stride[k]);
    }
    return out;
}

static MapLoop fetch_operands(MapLoop *m, const Captured *c, bool with_shape) {
    MapLoop part = *m;
    part.l = c->to;
    part.view = arena_array(&c->to->unit->arena, View, m->n + 1);
    part.scalar = arena_array(&c->to->unit->arena, ValueId, m->n + 1);
    for (uint32_t i = 0; i < m->n; i++) {
        part.view[i] = (View){0};
        part.scalar[i] = NO_VALUE;
        if (!map_is_leaf(m->body, i)) continue;
        if (m->view[i].ndim) part.view[i] = fetch_view(c, &m->view[i], with_shape);
        else part.scalar[i] = fetch(c, m->scalar[i]);
    }
    part.dst = fetch_view(c, &m->dst, with_shape);
    return part;
}

/* ---- parts --------------------------------------------------------------------------------------------------------------- */

static void flat_part(MapLoop *part, ValueId begin, ValueId end) {
    Lower *l = part->l;
    ValueId *address = arena_array(&l->unit->arena, ValueId, part->n + 1);
    LowerLoop loop = lower_loop_begin(l, begin, end, 1);
    map_element_addresses(part, loop.i, address);
    map_store_result(
        part, address,
        lower_ptr_offset(l, part->dst.data, loop.i, lower_i64(l, type_itemsize(part->dst.dtype))));
    lower_loop_end(l, &loop);
}

/* The axis of the destination that the outermost loop runs along. */
static uint32_t outer_axis(const View *dst) { return dst->layout == LAYOUT_F ? dst->ndim - 1 : 0; }

/* Restricts an operand to positions from `begin` on of an axis of the destination, unless it repeats along that axis. */
static void restrict_view(Lower *l, View *v, const View *dst, uint32_t axis, ValueId begin, ValueId count) {
    uint32_t lead = dst->ndim - v->ndim;
    if (axis < lead) return;
    ValueId *n = &v->shape[axis - lead], step = v->stride[axis - lead];
    if (*n == dst->shape[axis]) {
        *n = count;
    } else {
        ValueId whole = ir_icmp(&l->b, PRED_EQ, *n, dst->shape[axis]);
        *n = ir_select(&l->b, whole, count, *n);
        step = ir_select(&l->b, whole, step, lower_i64(l, 0));
    }
    v->data = lower_ptr_offset(l, v->data, begin, step);
}

static void nest_part(MapLoop *part, ValueId begin, ValueId end) {
    Lower *l = part->l;
    uint32_t axis = outer_axis(&part->dst);
    ValueId count = lower_bin(l, OP_isub, end, begin);
    for (uint32_t i = 0; i < part->n; i++)
        if (part->view[i].ndim) restrict_view(l, &part->view[i], &part->dst, axis, begin, count);
    part->dst.data = lower_ptr_offset(l, part->dst.data, begin, part->dst.stride[axis]);
    part->dst.shape[axis] = count;
    map_row_nest(part, NO_VALUE);
}

typedef void (*PartEmitter)(MapLoop *part, ValueId begin, ValueId end);

/* A function (begin, end, captures): ParallelBody in runtime/abi.h. */
static Func *part_function(MapLoop *m, Captured *c, bool with_shape, PartEmitter emit) {
    Unit *u = m->l->unit;
    const char *name = arena_printf(&u->arena, "%s.part%u", m->l->b.f->symbol, u->funcs.n);
    Func *f = func_new(u, NULL, name, FUNC_LOWERED);
    f->result = type_none;
    Lower w = {.b = {.f = f, .span = m->l->b.span, .fastmath = m->l->b.fastmath},
               .unit = u,
               .options = m->l->options,
               .call = m->l->call,
               .handler = NO_BLOCK,
               .handler_status = NO_VALUE,
               .handler_frame = NO_VALUE,
               .frame = m->l->frame ? m->l->frame : m->l->b.f};
    ValueId begin = ir_param(f, type_i64), end = ir_param(f, type_i64), base = ir_param(f, type_ptr);
    c->to = &w;
    load_captured(c, base);
    MapLoop part = fetch_operands(m, c, with_shape);
    emit(&part, begin, end);
    ir_ret(&w.b, NO_VALUE);
    return f;
}

static void run_parts(MapLoop *m, bool with_shape, PartEmitter emit, ValueId n, ValueId length) {
    Lower *l = m->l;
    Captured c = {.from = l};
    capture_operands(m, &c, with_shape);
    ValueId captures = store_captured(&c), nothing = lower_alloca(l, 8);
    ValueId context = ir_append(&l->b, OP_context, type_ptr, 0, NULL);
    ValueId address = ir_append(&l->b, OP_func_address, type_ptr, 0, NULL);
    Func *f = part_function(m, &c, with_shape, emit);
    inst_at(l->b.f, address)->imm.func = f;
    ValueId zero = lower_i64(l, 0);
    ValueId arg[] = {context, address, captures, zero, n, length, nothing, zero};
    const Func *frame = l->frame;
    ValueId status = ir_native(&l->b, NATIVE_parallel_for, type_i32, ARRAY_LEN(arg), arg);
    l->frame = f; /* the error has the user's line already */
    lower_check_status(l, status);
    l->frame = frame;
    l->unit->parallel_loops++;
}

/* ---- entry points --------------------------------------------------------------------------------------------------------- */

ValueId map_is_long(MapLoop *m) {
    return ir_icmp(&m->l->b, PRED_GE, view_size(m->l, &m->dst), lower_i64(m->l, PARALLEL_MINIMUM));
}

/* n / 2 ** PARALLEL_SHARE_LOG2 + 1: a fixed share, whatever the number of threads. */
static ValueId share_of(Lower *l, ValueId n) {
    ValueId share = lower_bin(l, OP_ashr, n, lower_i64(l, PARALLEL_SHARE_LOG2));
    return lower_bin(l, OP_iadd, share, lower_i64(l, 1));
}

void map_parallel_flat(MapLoop *m) {
    Lower *l = m->l;
    ValueId n = view_size(l, &m->dst);
    /* not so few that handing them out costs more than it saves */
    run_parts(m, false, flat_part, n,
              lower_native2(l, NATIVE_smax, share_of(l, n), lower_i64(l, PARALLEL_LEAST)));
}

/* A short nest is one part, which is a call and no more, so that its code exists once. */
void map_parallel_nest(MapLoop *m) {
    Lower *l = m->l;
    ValueId n = m->dst.shape[outer_axis(&m->dst)];
    run_parts(m, true, nest_part, n, ir_select(&l->b, map_is_long(m), share_of(l, n), n));
}
