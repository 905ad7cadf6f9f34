/* prange.c - the bodies of parallel loops become functions.
 *
 * For each outermost loop over prange():
 *
 *   1. Its shape is checked: it is left at the end of the range only, or by an exception.
 *   2. reductions.c decides what each carried variable is; dependence.c looks for races through arrays.
 *   3. The loop is copied into a function body(begin, end, captures...) that runs the same iterations over
 *      [begin, end), with every accumulator starting from its identity, and returns the accumulators.
 *   4. A function combine(so far, next) merges two of its results.
 *   5. The loop is replaced by one `parallel` instruction; the header phis' uses behind the loop become its items.
 *
 * Loops over prange() inside a body stay as they are: they run serially, in the thread of their iteration.
 * Captures are passed by value; arrays among them are borrowed from the function that runs the loop.
 */
#include "passes/prange.h"

#include "passes/pipeline.h"

/* ---- finding -------------------------------------------------------------------------------------------------- */

/* The `iter` instruction of a loop over prange() whose header is b, or NO_VALUE; *state is the state phi. */
static ValueId parallel_iter(const Func *f, BlockId b, BlockId preheader, ValueId *state) {
    const Block *block = block_at(f, b);
    for (uint32_t k = 0; k < block->inst.n; k++) {
        const Inst *valid = inst_at(f, block->inst.at[k]);
        if (valid->op != OP_iter_valid) continue;
        const Inst *phi = inst_at(f, valid->arg[0]);
        const Type *t = phi->type;
        if (phi->op != OP_phi || phi->block != b || t->kind != TYPE_ITER || t->elem[0]->kind != TYPE_RANGE)
            continue;
        if (!(t->elem[0]->flags & TYPE_RANGE_PARALLEL) || preheader == NO_BLOCK) continue;
        ValueId start = phi->arg[ir_pred_index(f, b, preheader)];
        if (inst_at(f, start)->op != OP_iter) continue;
        *state = valid->arg[0];
        return start;
    }
    return NO_VALUE;
}

static BlockId exit_of(const Func *f, const Loop *loop) {
    const Inst *end = inst_at(f, ir_terminator(f, loop->header));
    for (int k = 0; end->op == OP_condbr && k < 2; k++) {
        bool inside = false;
        for (uint32_t b = 0; b < loop->blocks.n; b++) inside |= loop->blocks.at[b] == end->imm.target[k];
        if (!inside) return end->imm.target[k];
    }
    return NO_BLOCK;
}

/* Marks what is reached from the loop other than through its exit.  Such blocks may only raise: if one of them
 * returns, or comes to the exit or beyond, the loop has a `break` or `return`. */
static bool mark_inside(ParallelLoop *p, const Loop *loop, ValueId *culprit) {
    Func *f = p->f;
    Vec(BlockId) work = {0};
    bool *beyond = arena_array(&f->unit->arena, bool, f->block.n);
    for (uint32_t k = 0; k < loop->blocks.n; k++) p->inside[loop->blocks.at[k]] = true;
    vec_push(&f->unit->arena, &work, p->exit);
    while (work.n) {
        BlockId b = vec_pop(&work), out[3];
        if (beyond[b]) continue;
        beyond[b] = true;
        for (uint32_t n = ir_all_successors(f, b, out); n--;) vec_push(&f->unit->arena, &work, out[n]);
    }
    for (uint32_t k = 0; k < loop->blocks.n; k++) vec_push(&f->unit->arena, &work, loop->blocks.at[k]);
    while (work.n) {
        BlockId b = vec_pop(&work), out[3];
        *culprit = ir_terminator(f, b);
        if (inst_at(f, *culprit)->op == OP_ret) return false;
        for (uint32_t n = ir_all_successors(f, b, out); n--;) {
            if (p->inside[out[n]] || (b == p->header && out[n] == p->exit) || out[n] == p->handler) continue;
            if (beyond[out[n]]) return false;
            p->inside[out[n]] = true;
            vec_push(&f->unit->arena, &work, out[n]);
        }
    }
    return true;
}

static void list_blocks(ParallelLoop *p) {
    Func *f = p->f;
    BlockId *order = arena_array(&f->unit->arena, BlockId, f->block.n);
    uint32_t n = ir_reverse_postorder(f, order);
    for (uint32_t k = 0; k < n; k++)
        if (p->inside[order[k]]) vec_push(&f->unit->arena, &p->blocks, order[k]);
    assert(p->blocks.at[0] == p->header);
}

/* An array that is an item of a tuple from outside, or a field of a named one. */
static bool is_outer_item(const ParallelLoop *p, const Inst *i) {
    bool reads = i->op == OP_item || i->op == OP_getitem || i->op == OP_getattr;
    if (!reads || !i->type || !type_is_array(i->type) || !type_is_tuple(value_type(p->f, i->arg[0])))
        return false;
    for (uint32_t k = 0; k < i->nargs; k++) {
        const Type *t = value_type(p->f, i->arg[k]);
        if (parallel_inside(p, i->arg[k]) && !(k && t->kind == TYPE_LITERAL)) return false;
    }
    return true;
}

static void move_to_preheader(ParallelLoop *p, ValueId v) {
    ir_delete(p->f, v);
    ir_insert(p->f, p->preheader, block_at(p->f, p->preheader)->inst.n - 1, v);
}

static void hoist_item(ParallelLoop *p, ValueId v) {
    Func *f = p->f;
    for (uint32_t a = 1; a < inst_at(f, v)->nargs; a++) { /* its literal index goes along */
        ValueId old = inst_at(f, v)->arg[a], index = ir_new(f, OP_literal, value_type(f, old), 0, NULL);
        Inst *i = inst_at(f, v);
        for (uint32_t n = 0; n < i->nbound; n++)
            if (i->bound[n] == old) i->bound[n] = index;
        i->arg[a] = index;
        move_to_preheader(p, index);
    }
    move_to_preheader(p, v);
}

/* Arrays in tuples are read in front of the loop, so that each is one value in it (members.c does that for instances). */
static void hoist_items(ParallelLoop *p) {
    Func *f = p->f;
    Vec(ValueId) items = {0};
    for (uint32_t b = 0; b < p->blocks.n; b++)
        for (uint32_t k = 0; k < block_at(f, p->blocks.at[b])->inst.n; k++) {
            ValueId v = block_at(f, p->blocks.at[b])->inst.at[k];
            if (is_outer_item(p, inst_at(f, v))) vec_push(&f->unit->arena, &items, v);
        }
    for (uint32_t n = 0; n < items.n; n++) {
        uint32_t first = 0;
        while (!parallel_same_operations(f, items.at[first], items.at[n])) first++;
        if (first == n) {
            hoist_item(p, items.at[n]);
        } else {
            ir_replace_uses(f, items.at[n], items.at[first]);
            ir_delete(f, items.at[n]);
        }
    }
}

/* A value of the loop that no iteration changes, such as a constant that was converted for the way out, made once more
 * in front of the loop; NO_VALUE: it is none. */
static ValueId made_before(ParallelLoop *p, ValueId v) {
    Func *f = p->f;
    if (!parallel_inside(p, v)) return v;
    const Inst old = *inst_at(f, v);
    if (!(op_info[old.op].flags & OPF_PURE) || old.op == OP_phi || old.bound) return NO_VALUE;
    ValueId *arg = arena_array(&f->unit->arena, ValueId, old.nargs + 1);
    for (uint32_t a = 0; a < old.nargs; a++)
        if ((arg[a] = made_before(p, old.arg[a])) == NO_VALUE) return NO_VALUE;
    ValueId copy = ir_new(f, old.op, old.type, old.nargs, arg);
    inst_at(f, copy)->imm = old.imm;
    inst_at(f, copy)->sub = old.sub;
    inst_at(f, copy)->span = old.span;
    ir_insert(f, p->preheader, block_at(f, p->preheader)->inst.n - 1, copy);
    return copy;
}

static void free_use(ParallelLoop *p, ValueId *use) {
    if (*use == NO_VALUE || !parallel_inside(p, *use)) return;
    ValueId made = made_before(p, *use);
    if (made != NO_VALUE) *use = made;
}

/* The code behind the loop and in a handler around it no longer sees the loop's blocks. */
static void free_outer_uses(ParallelLoop *p) {
    Func *f = p->f;
    for (BlockId b = 0; b < f->block.n; b++) {
        if (p->inside[b] || block_at(f, b)->dead || b == p->preheader) continue;
        for (uint32_t k = 0; k < block_at(f, b)->inst.n; k++) {
            ValueId user = block_at(f, b)->inst.at[k];
            ValueId *arg = inst_at(f, user)->arg, *bound = inst_at(f, user)->bound;
            for (uint32_t a = 0; a < inst_at(f, user)->nargs; a++) free_use(p, &arg[a]);
            for (uint32_t a = 0; bound && a < inst_at(f, user)->nbound; a++) free_use(p, &bound[a]);
        }
    }
}

static ValueId index_of(const ParallelLoop *p) {
    for (uint32_t b = 0; b < p->blocks.n; b++) {
        const Block *block = block_at(p->f, p->blocks.at[b]);
        for (uint32_t k = 0; k < block->inst.n; k++) {
            const Inst *i = inst_at(p->f, block->inst.at[k]);
            if (i->op == OP_iter_value && i->arg[0] == p->state) return block->inst.at[k];
        }
    }
    return NO_VALUE;
}

/* Iterations that take turns for the GIL are no parallel loop, unless the user says so. */
static bool has_refused_bridge(const ParallelLoop *p) {
    Func *f = p->f;
    for (uint32_t b = 0; b < p->blocks.n && f->unit->options.bridge != BRIDGE_ALLOW; b++) {
        const Block *block = block_at(f, p->blocks.at[b]);
        for (uint32_t k = 0; k < block->inst.n; k++) {
            const Inst *i = inst_at(f, block->inst.at[k]);
            Handle bridge = i->op == OP_call && i->imm.call ? i->imm.call->bridge : 0;
            if (!bridge || i->imm.call->is_region || library_is_foreign(bridge)) continue;
            func_error(f, i->span, DIAG_PARALLEL_BRIDGE,
                       "%s is called through the interpreter inside a prange loop", object_text(bridge));
            return true;
        }
    }
    return false;
}

static const char left_early[] =
    "prange or pndindex loop will not be executed in parallel due to there being more than one "
    "entry to or exit from the loop (e.g., an assertion, a break, or a return)";
static const char comprehension[] =
    "prange loop will not be executed in parallel: a comprehension puts one item behind the "
    "other; let a loop write to an array";
static const char filled_table[] =
    "prange loop will not be executed in parallel: its iterations change one dict or set, which is "
    "of one thread at a time; let each write its own element of an array or list";
static const char updated_array[] =
    "prange loop will not be executed in parallel: it updates an array at indices that "
    "iterations may share, and also uses it otherwise";

static const char read_by_handler[] =
    "prange loop will not be executed in parallel: an exception handler around it uses "
    "what the iterations before the failing one have left in a variable";

/* Do the phis of a handler around the loop take values from the loop? */
static bool handler_reads_loop(const ParallelLoop *p) {
    const Func *f = p->f;
    if (p->handler == NO_BLOCK) return false;
    const Block *handler = block_at(f, p->handler);
    for (uint32_t k = 0; k < handler->inst.n && inst_at(f, handler->inst.at[k])->op == OP_phi; k++)
        for (uint32_t a = 0; a < handler->pred.n; a++)
            if (p->inside[handler->pred.at[a]] && parallel_inside(p, inst_at(f, handler->inst.at[k])->arg[a]))
                return true;
    return false;
}

static void stay_serial(ParallelLoop *p, ValueId culprit, const char *why) {
    p->serial = culprit;
    p->why_serial = why;
}

/* Step 1.  False after an error, or if the loop has to be serial. */
static bool describe(ParallelLoop *p, const Loop *loop) {
    Func *f = p->f;
    p->header = loop->header;
    p->preheader = loop->preheader;
    p->range = inst_at(f, p->begin_state)->arg[0];
    p->exit = exit_of(f, loop);
    p->handler = block_at(f, p->header)->handler;
    p->inside = arena_array(&f->unit->arena, bool, f->block.n);
    ValueId culprit = p->begin_state;
    if (p->exit == NO_BLOCK || !mark_inside(p, loop, &culprit)) {
        stay_serial(p, culprit, left_early);
        return false;
    }
    list_blocks(p);
    hoist_items(p);
    free_outer_uses(p);
    p->index = index_of(p);
    if (handler_reads_loop(p)) {
        stay_serial(p, p->begin_state, read_by_handler);
        return false;
    }
    if (parallel_shares_cell(p, &culprit)) {
        func_error(f, inst_at(f, culprit)->span, DIAG_PARALLEL_CARRIED,
                   "an inner function assigns a variable that the iterations of a parallel loop share");
        return false;
    }
    const Type *container = parallel_changes_container(p, &culprit);
    if (container && type_is_table(container)) {
        stay_serial(p, culprit, filled_table);
        return false;
    }
    if (container && inst_at(f, culprit)->op == OP_list_append) {
        stay_serial(p, p->begin_state, comprehension);
        return false;
    }
    if (container) {
        func_error(f, inst_at(f, culprit)->span, DIAG_PARALLEL_CONTAINER,
                   "iterations of a parallel loop change one list");
        return false;
    }
    return !has_refused_bridge(p);
}

static bool is_unit(const ParallelLoop *p) { return value_type(p->f, p->range)->flags & TYPE_RANGE_UNIT; }

static ValueId range_bound(Builder *b, ValueId range, uint32_t field) {
    ValueId v = ir_emit(b, OP_item, type_i64, range);
    inst_at(b->f, v)->imm.i = field;
    return v;
}

/* A guess: one without inner loops; each level of those is taken for 256 turns. */
static int64_t operations_of_iteration(const ParallelLoop *p) {
    uint32_t deepest = 0;
    for (uint32_t k = 0; k < p->loops->loops.n; k++) {
        const Loop *loop = p->loops->loops.at[k];
        if (p->inside[loop->header] && loop->depth - p->loop->depth > deepest)
            deepest = loop->depth - p->loop->depth;
    }
    return INT64_C(1) << 8 * (deepest < 2 ? deepest : 2);
}

static uint32_t nresults(const ParallelLoop *p) { return p->carried.n + p->scatters.n; }

/* ---- the body ---------------------------------------------------------------------------------------------------- */

typedef struct {
    ParallelLoop *p;
    Func *body;
    Builder b;             /* appends to the body's entry block */
    ValueId *value;        /* value of the loop's function -> value of the body */
    BlockId *block;        /* likewise; the preheader stands for the entry */
    Vec(ValueId) captures; /* values of the loop's function */
    ValueId begin, end;
} Outline;

/* Values that are made anew in the body instead of being passed to it. */
static bool is_constant(const Inst *i) {
    switch (i->op) {
    case OP_const_int:
    case OP_const_float:
    case OP_none:
    case OP_literal:
    case OP_const_object:
    case OP_undef: return true;
    default: return i->type && i->type->nleaves == 0 && i->op != OP_param;
    }
}

static ValueId copy_inst(Func *to, const Inst *i, ValueId *args, uint32_t nargs) {
    ValueId v = ir_new(to, OP_tuple, i->type, nargs, args); /* any number of operands: most follow later */
    Inst *copy = inst_at(to, v);
    copy->op = i->op;
    copy->sub = i->sub;
    copy->flags = i->flags;
    copy->span = i->span;
    copy->fastmath = i->fastmath;
    copy->imm = i->imm;
    copy->row = i->row;
    copy->callee = i->callee;
    return v;
}

/* A call of a row; operand 0, the callee, is not looked at. */
static ValueId call_bound(Builder *b, const LibRow *row, const Type *type, uint32_t n, const ValueId *bound) {
    ValueId v = ir_append(b, OP_call, type, n, bound);
    Inst *i = inst_at(b->f, v);
    i->row = row;
    i->nbound = n;
    i->bound = arena_array(&b->f->unit->arena, ValueId, n);
    memcpy(i->bound, bound, n * sizeof *bound);
    return v;
}

static ValueId call_row(Builder *b, const LibRow *row, const Type *type, ValueId x, ValueId y) {
    return call_bound(b, row, type, 2, (ValueId[]){x, y});
}

static void append_copy(Outline *o, const Inst *i, ValueId old) {
    ValueId v = i->type && i->type->nleaves == 0 && i->op != OP_const_object
                    ? ir_new(o->body, OP_literal, i->type, 0, NULL)
                    : copy_inst(o->body, i, NULL, 0);
    ir_insert(o->body, ENTRY_BLOCK, block_at(o->body, ENTRY_BLOCK)->inst.n, v);
    o->value[old] = v;
}

/* The body's value for something that the loop uses from outside. */
static void import(Outline *o, ValueId v) {
    if (o->value[v] != NO_VALUE || parallel_inside(o->p, v)) return;
    const Inst *i = inst_at(o->p->f, v);
    if (is_constant(i)) {
        append_copy(o, i, v);
        return;
    }
    vec_push(&o->body->unit->arena, &o->captures, v);
    o->value[v] = ir_param(o->body, i->type);
}

static bool is_header_phi(const ParallelLoop *p, const Inst *i) {
    return i->op == OP_phi && i->block == p->header;
}

static bool starts_from_initial(const Carried *c) {
    return c->kind == REDUCE_LAST || c->kind == REDUCE_KEEP || c->kind == REDUCE_BEST;
}

static void import_operands(Outline *o) {
    const ParallelLoop *p = o->p;
    for (uint32_t b = 0; b < p->blocks.n; b++) {
        const Block *block = block_at(p->f, p->blocks.at[b]);
        for (uint32_t k = 0; k < block->inst.n; k++) {
            const Inst *i = inst_at(p->f, block->inst.at[k]);
            for (uint32_t a = 0; a < i->nargs; a++)
                if (!is_header_phi(p, i) || p->inside[block->pred.at[a]]) import(o, i->arg[a]);
            for (uint32_t a = 0; a < i->nbound; a++)
                if (i->bound[a] != NO_VALUE) import(o, i->bound[a]);
        }
    }
    for (uint32_t k = 0; k < p->carried.n; k++) {
        const Carried *c = &p->carried.at[k];
        if (starts_from_initial(c) || type_is_array(value_type(p->f, c->phi))) import(o, c->initial);
    }
    for (uint32_t k = 0; k < p->privates.n; k++) import(o, p->privates.at[k].initial);
    for (uint32_t k = 0; k < p->scatters.n; k++) import(o, p->scatters.at[k].array);
    if (p->scatters.n || !is_unit(p)) import(o, p->range);
}

/* The array that a block of iterations accumulates into: one like `array`, or itself where `mine` is true. */
static ValueId private_array(Outline *o, Reduction kind, ValueId array, ValueId mine) {
    return call_row(&o->b, scatter_row("private", kind), value_type(o->body, array), array, mine);
}

static ValueId starting_value(Outline *o, const Carried *c) {
    const Type *t = value_type(o->p->f, c->phi);
    if (starts_from_initial(c)) return o->value[c->initial];
    if (type_is_array(t)) return private_array(o, c->kind, o->value[c->initial], ir_const_bool(&o->b, false));
    return reduction_identity(&o->b, c->kind, t, NO_VALUE);
}

/* The items number begin .. end - 1 of a range with a step. */
static ValueId part_of_range(Outline *o, const Type *range) {
    const ParallelLoop *p = o->p;
    Builder *b = &o->b;
    int64_t known = parallel_step(p);
    ValueId whole = o->value[p->range], start = range_bound(b, whole, RANGE_START);
    ValueId step = known ? ir_const_int(b, type_i64, known) : range_bound(b, whole, RANGE_STEP);
    ValueId low = ir_binop(b, OP_iadd, start, ir_binop(b, OP_imul, o->begin, step));
    ValueId high = ir_binop(b, OP_iadd, start, ir_binop(b, OP_imul, o->end, step));
    return ir_emit(b, OP_tuple, range, low, high, step);
}

static ValueId first_state(Outline *o) {
    const ParallelLoop *p = o->p;
    const Inst *iter = inst_at(p->f, p->begin_state);
    const Type *range = value_type(p->f, p->range);
    ValueId made = is_unit(p) ? ir_emit(&o->b, OP_tuple, range, o->begin, o->end) : part_of_range(o, range);
    ValueId v = ir_emit(&o->b, OP_iter, iter->type, made);
    Inst *copy = inst_at(o->body, v);
    copy->row = iter->row;
    copy->nbound = 1;
    copy->bound = arena_new(&o->body->unit->arena, ValueId);
    copy->bound[0] = made;
    return v;
}

static void copy_blocks(Outline *o) {
    const ParallelLoop *p = o->p;
    Arena *a = &o->body->unit->arena;
    for (uint32_t k = 0; k < p->blocks.n; k++) o->block[p->blocks.at[k]] = ir_block(o->body);
    o->block[p->preheader] = ENTRY_BLOCK;
    o->block[p->exit] = ir_block(o->body);
    for (uint32_t k = 0; k < p->blocks.n; k++) {
        const Block *from = block_at(p->f, p->blocks.at[k]);
        BlockId to = o->block[p->blocks.at[k]];
        for (uint32_t n = 0; n < from->inst.n; n++) {
            const Inst *i = inst_at(p->f, from->inst.at[n]);
            ValueId v = copy_inst(o->body, i, NULL, 0);
            o->value[from->inst.at[n]] = v;
            ir_insert(o->body, to, n, v);
        }
        Block *copy = block_at(o->body, to);
        for (uint32_t n = 0; n < from->pred.n; n++) vec_push(a, &copy->pred, o->block[from->pred.at[n]]);
        bool caught = from->handler != NO_BLOCK &&
                      p->inside[from->handler]; /* else: by the loop's function */
        copy->handler = caught ? o->block[from->handler] : NO_BLOCK;
        copy->cold = from->cold;
        copy->sealed = true;
    }
    vec_push(a, &block_at(o->body, o->block[p->exit])->pred, o->block[p->header]);
}

static ValueId *map_values(Outline *o, const ValueId *v, uint32_t n) {
    ValueId *out = arena_array(&o->body->unit->arena, ValueId, n);
    for (uint32_t k = 0; k < n; k++) out[k] = v[k] == NO_VALUE ? NO_VALUE : o->value[v[k]];
    return out;
}

static void connect(Outline *o, ValueId old) {
    const Inst *i = inst_at(o->p->f, old);
    Inst *copy = inst_at(o->body, o->value[old]);
    copy->nargs = i->nargs;
    copy->arg = map_values(o, i->arg, i->nargs);
    copy->nbound = i->nbound;
    copy->bound = i->bound ? map_values(o, i->bound, i->nbound) : NULL;
    if (op_info[i->op].imm == IMM_BLOCKS)
        for (int k = 0; k < (i->op == OP_condbr ? 2 : 1); k++)
            copy->imm.target[k] = o->block[i->imm.target[k]];
}

/* Accumulations may be done in any order inside a block; that is what lets them vectorise. */
static void allow_reordering(Outline *o, const Carried *c) {
    if (c->op == NO_VALUE) return;
    for (uint32_t b = 0; b < o->p->blocks.n; b++) {
        const Block *block = block_at(o->p->f, o->p->blocks.at[b]);
        for (uint32_t k = 0; k < block->inst.n; k++) {
            const Inst *i = inst_at(o->p->f, block->inst.at[k]);
            const Inst *model = inst_at(o->p->f, c->op);
            if (i->op == model->op && i->sub == model->sub && i->type == model->type &&
                i->row == model->row && (i->op == OP_binary || i->op == OP_inplace))
                inst_at(o->body, o->value[block->inst.at[k]])->flags |= INST_REASSOC;
        }
    }
}

static void connect_all(Outline *o, ValueId state, const ValueId *start) {
    const ParallelLoop *p = o->p;
    uint32_t from_outside = ir_pred_index(p->f, p->header, p->preheader);
    for (uint32_t b = 0; b < p->blocks.n; b++) {
        const Block *block = block_at(p->f, p->blocks.at[b]);
        for (uint32_t k = 0; k < block->inst.n; k++) connect(o, block->inst.at[k]);
    }
    inst_at(o->body, o->value[p->state])->arg[from_outside] = state;
    for (uint32_t k = 0; k < p->carried.n; k++) {
        inst_at(o->body, o->value[p->carried.at[k].phi])->arg[from_outside] = start[k];
        allow_reordering(o, &p->carried.at[k]);
    }
    for (uint32_t k = 0; k < p->privates.n; k++) {
        Inst *phi = inst_at(o->body, o->value[p->privates.at[k].phi]);
        for (uint32_t a = 0; a < phi->nargs; a++) phi->arg[a] = o->value[p->privates.at[k].initial];
    }
}

static const Type *result_type(const ParallelLoop *p) {
    if (!nresults(p)) return type_none;
    const Type **elem = arena_array(&p->f->unit->arena, const Type *, nresults(p));
    for (uint32_t k = 0; k < p->carried.n; k++) elem[k] = value_type(p->f, p->carried.at[k].phi);
    for (uint32_t k = 0; k < p->scatters.n; k++)
        elem[p->carried.n + k] = value_type(p->f, p->scatters.at[k].array);
    return type_tuple(nresults(p), elem);
}

static void finish_body(Outline *o) {
    const ParallelLoop *p = o->p;
    Builder b = {.f = o->body, .block = o->block[p->exit]};
    ValueId *final = arena_array(&o->body->unit->arena, ValueId, nresults(p));
    for (uint32_t k = 0; k < p->carried.n; k++) final[k] = o->value[p->carried.at[k].phi];
    for (uint32_t k = 0; k < p->scatters.n; k++) final[p->carried.n + k] = o->value[p->scatters.at[k].array];
    if (nresults(p)) ir_ret(&b, ir_append(&b, OP_tuple, o->body->result, nresults(p), final));
    else ir_ret(&b, ir_none(&b));
}

static Func *made_function(ParallelLoop *p, const char *what, const Type *result) {
    Unit *u = p->f->unit;
    Func *f = func_new(u, p->f->source, arena_printf(&u->arena, "%s.%s%u", p->f->symbol, what, u->funcs.n),
                       FUNC_TYPED);
    f->result = result;
    f->options = p->f->options;
    return f;
}

/* From here on the body means its own arrays. */
static void make_private(Outline *o) {
    const ParallelLoop *p = o->p;
    if (!p->scatters.n) return;
    ValueId first = is_unit(p) ? range_bound(&o->b, o->value[p->range], RANGE_START)
                               : ir_const_int(&o->b, type_i64, 0);
    ValueId mine = ir_icmp(&o->b, PRED_EQ, o->begin, first);
    for (uint32_t k = 0; k < p->scatters.n; k++) {
        ValueId *array = &o->value[p->scatters.at[k].array];
        *array = private_array(o, p->scatters.at[k].kind, *array, mine);
    }
}

/* Step 3. */
static void outline(Outline *o) {
    ParallelLoop *p = o->p;
    Arena *a = &p->f->unit->arena;
    o->body = made_function(p, "loop", result_type(p));
    o->body->is_body = true;
    o->b = (Builder){.f = o->body, .block = ENTRY_BLOCK, .span = inst_at(p->f, p->begin_state)->span};
    o->value = arena_array(a, ValueId, p->f->inst.n);
    o->block = arena_array(a, BlockId, p->f->block.n);
    for (uint32_t v = 0; v < p->f->inst.n; v++) o->value[v] = NO_VALUE;
    o->begin = ir_param(o->body, type_i64);
    o->end = ir_param(o->body, type_i64);
    import_operands(o);
    ValueId state = first_state(o);
    ValueId *start = arena_array(a, ValueId, p->carried.n);
    for (uint32_t k = 0; k < p->carried.n; k++) start[k] = starting_value(o, &p->carried.at[k]);
    make_private(o);
    copy_blocks(o);
    connect_all(o, state, start);
    ValueId jump = ir_new(o->body, OP_br, NULL, 0, NULL);
    inst_at(o->body, jump)->imm.target[0] = o->block[p->header];
    ir_insert(o->body, ENTRY_BLOCK, block_at(o->body, ENTRY_BLOCK)->inst.n, jump);
    finish_body(o);
}

/* ---- combining ----------------------------------------------------------------------------------------------------- */

static ValueId item(Builder *b, ValueId tuple, uint32_t k) {
    ValueId v = ir_emit(b, OP_item, value_type(b->f, tuple)->elem[k], tuple);
    inst_at(b->f, v)->imm.i = k;
    return v;
}

/* The comparison of a REDUCE_BEST between two of its values: does `next` beat `so_far`? */
static ValueId beats(const ParallelLoop *p, Builder *b, const Carried *c, ValueId so_far, ValueId next) {
    const Inst *model = inst_at(p->f, c->compare);
    ValueId arg[2] = {c->compare_left ? so_far : next, c->compare_left ? next : so_far};
    ValueId v = ir_emit(b, OP_binary, type_bool, arg[0], arg[1]);
    Inst *i = inst_at(b->f, v);
    i->sub = model->sub;
    i->row = model->row;
    i->nbound = model->nbound;
    i->bound = arena_array(&b->f->unit->arena, ValueId, model->nbound);
    for (uint32_t k = 0; k < model->nbound; k++)
        i->bound[k] = model->bound[k] == NO_VALUE ? NO_VALUE : arg[model->bound[k] == model->arg[1]];
    return v;
}

/* Of a leader (guarded.c): whether the next block's values replace those so far. */
static ValueId takes_next(const ParallelLoop *p, Builder *b, uint32_t leader, ValueId so_far, ValueId next) {
    const Carried *c = &p->carried.at[leader];
    ValueId assigned = item(b, next, c->flag);
    if (c->kind == REDUCE_KEEP) return assigned;
    ValueId better = beats(p, b, c, item(b, so_far, leader), item(b, next, leader));
    return ir_binop(b, OP_iand, assigned, better);
}

static ValueId combine_one(ParallelLoop *p, Builder *b, const Carried *c, ValueId so_far, ValueId next) {
    if (c->kind == REDUCE_LAST) return next;
    const Type *t = value_type(b->f, so_far);
    if (type_is_array(t)) return call_row(b, scatter_row("merge", c->kind), t, so_far, next);
    const LibRow *row = reduction_row(p, c, t);
    if (!row) {
        func_error(p->f, inst_at(p->f, c->op)->span, DIAG_PARALLEL_CARRIED,
                   "partial results of type %s cannot be combined", t->name);
        return so_far;
    }
    uint32_t n = library_signature(row)->n;
    ValueId v = ir_emit(b, OP_binary, t, so_far, next);
    Inst *i = inst_at(b->f, v);
    i->sub = OPERATOR_ADD;
    i->row = row;
    i->nbound = n;
    i->bound = arena_array(&b->f->unit->arena, ValueId, n);
    for (uint32_t k = 0; k < n; k++) i->bound[k] = k == 0 ? so_far : k == 1 ? next : NO_VALUE;
    return v;
}

/* Step 4. */
static Func *make_combine(ParallelLoop *p, const Type *result) {
    if (!nresults(p)) return NULL;
    Func *f = made_function(p, "combine", result);
    Builder b = {.f = f, .block = ENTRY_BLOCK};
    ValueId so_far = ir_param(f, result), next = ir_param(f, result);
    ValueId *merged = arena_array(&f->unit->arena, ValueId, nresults(p));
    for (uint32_t k = 0; k < p->carried.n; k++) {
        ValueId x = item(&b, so_far, k), y = item(&b, next, k);
        const Carried *c = &p->carried.at[k];
        bool guarded = c->kind == REDUCE_KEEP || c->kind == REDUCE_BEST;
        merged[k] = guarded ? ir_select(&b, takes_next(p, &b, c->leader, so_far, next), y, x)
                            : combine_one(p, &b, c, x, y);
    }
    for (uint32_t k = p->carried.n; k < nresults(p); k++) {
        const LibRow *row = scatter_row("merge", p->scatters.at[k - p->carried.n].kind);
        merged[k] = call_row(&b, row, result->elem[k], item(&b, so_far, k), item(&b, next, k));
    }
    ir_ret(&b, ir_append(&b, OP_tuple, result, nresults(p), merged));
    return f;
}

/* ---- replacing ------------------------------------------------------------------------------------------------------ */

static ValueId initial_tuple(ParallelLoop *p, Builder *b, const Type *type) {
    if (!nresults(p)) return ir_none(b);
    ValueId *initial = arena_array(&p->f->unit->arena, ValueId, nresults(p));
    for (uint32_t k = 0; k < p->carried.n; k++) initial[k] = p->carried.at[k].initial;
    for (uint32_t k = 0; k < p->scatters.n; k++) initial[p->carried.n + k] = p->scatters.at[k].array;
    return ir_append(b, OP_tuple, type, nresults(p), initial);
}

static const LibRow *only_row(const char *name) {
    uint32_t n = 0;
    return library_rows(name, &n)[0];
}

/* How many blocks there may be, when each has copies of the arrays that are accumulated into. */
static ValueId most_blocks(const ParallelLoop *p, Builder *b, ValueId begin, ValueId end) {
    ValueId most = ir_const_int(b, type_i64, 1 << PARALLEL_MAX_BLOCKS_LOG2);
    if (!p->scatters.n) return most;
    ValueId n = ir_binop(b, OP_isub, end, begin);
    ValueId work = ir_binop(b, OP_imul, n, ir_const_int(b, type_i64, operations_of_iteration(p)));
    for (uint32_t k = 0; k < p->scatters.n; k++) {
        ValueId copies = call_row(b, only_row("parallel.copies"), type_i64, p->scatters.at[k].array, work);
        most = ir_select(b, ir_icmp(b, PRED_LT, copies, most), copies, most);
    }
    return most;
}

/* The block that runs the loop raises in its place. */
static void add_exception_edge(const ParallelLoop *p, BlockId from) {
    Func *f = p->f;
    if (p->handler == NO_BLOCK) return;
    Block *handler = block_at(f, p->handler);
    uint32_t like = 0;
    while (like < handler->pred.n && !p->inside[handler->pred.at[like]]) like++;
    for (uint32_t k = 0; k < handler->inst.n && inst_at(f, handler->inst.at[k])->op == OP_phi; k++)
        ir_phi_add(f, handler->inst.at[k], inst_at(f, handler->inst.at[k])->arg[like]);
    vec_push(&f->unit->arena, &handler->pred, from);
}

/* Step 5. */
static void replace_loop(ParallelLoop *p, const Outline *o, Func *combine) {
    Func *f = p->f;
    Arena *a = &f->unit->arena;
    Builder b = {.f = f, .block = ir_block(f), .span = inst_at(f, p->begin_state)->span};
    const Type *result = o->body->result;
    block_at(f, b.block)->handler = p->handler;
    uint32_t n = PARALLEL_CAPTURES + o->captures.n;
    ValueId *args = arena_array(a, ValueId, n);
    if (is_unit(p)) {
        args[PARALLEL_BEGIN] = range_bound(&b, p->range, RANGE_START);
        args[PARALLEL_END] = range_bound(&b, p->range, RANGE_STOP);
    } else {
        args[PARALLEL_BEGIN] = ir_const_int(&b, type_i64, 0);
        args[PARALLEL_END] = call_bound(&b, only_row("parallel.iterations"), type_i64, 1, &p->range);
    }
    args[PARALLEL_BLOCKS] = most_blocks(p, &b, args[PARALLEL_BEGIN], args[PARALLEL_END]);
    args[PARALLEL_INITIAL] = initial_tuple(p, &b, result);
    for (uint32_t k = 0; k < o->captures.n; k++) args[PARALLEL_CAPTURES + k] = o->captures.at[k];
    ValueId run = ir_append(&b, OP_parallel, result, n, args);
    inst_at(f, run)->imm.func = o->body;
    inst_at(f, run)->callee = combine;
    for (uint32_t k = 0; k < p->carried.n; k++) ir_replace_uses(f, p->carried.at[k].phi, item(&b, run, k));
    ir_edge_retarget(f, p->preheader, p->header, b.block);
    add_exception_edge(p, b.block);
    ir_br(&b, p->exit);
    Block *exit = block_at(f, p->exit);
    uint32_t from_header = ir_pred_index(f, p->exit, p->header);
    exit->pred.n--; /* the one that ir_br appended: phis have their operands in the old place */
    exit->pred.at[from_header] = b.block;
    Inst *leave = inst_at(f, ir_terminator(f, p->header));
    leave->op = OP_unreachable;
    leave->nargs = 0;
    ir_remove_dead_blocks(f);
}

static uint32_t span_of_loop(const Func *f, const Loop *loop) {
    return inst_at(f, ir_terminator(f, loop->header))->span;
}

static void remark_parallel(const Func *f, uint32_t span, const Type *reduced) {
    uint32_t n = type_is_tuple(reduced) ? reduced->nelem : 0;
    if (n) func_remark(f, span, "parallel", "runs in parallel; %u reduction%s", n, n == 1 ? "" : "s");
    else func_remark(f, span, "parallel", "runs in parallel");
}

/* What the user should know about writes that were not proved to be apart. */
static void remark_unproven(const ParallelLoop *p) {
    for (uint32_t k = 0; k < p->unproven.n; k++)
        func_remark(
            p->f, inst_at(p->f, p->unproven.at[k].inst)->span, "parallel",
            p->unproven.at[k].is_partition
                ? "the ranges of inner loops are taken to be apart: iterations that write the same element race"
                : "not proved: iterations that write the same element race");
    for (uint32_t k = 0; k < p->scatters.n; k++)
        func_remark(
            p->f, span_of_loop(p->f, p->loop), "parallel",
            "blocks of iterations accumulate into copies of an array if it is small, else one thread does all");
}

static void warn_performance(Func *f, uint32_t span, const char *text) {
    const Source *s = f->source;
    const LibraryHost *host = library_host();
    if (f->unit->wants_remarks || !s || s->is_library || !host || !host->performance_warn) return;
    Handle function = s->function ? s->function : s->lender;
    if (!host->performance_warn(function, s->filename, func_span(f, span).line, text))
        func_error(f, span, DIAG_PARALLEL_EXIT, "%s",
                   text); /* warnings are errors: the exception that is set comes first */
}

/* The loop stays as it is, and its author is told. */
static void warn_serial(const ParallelLoop *p) {
    Func *f = p->f;
    uint32_t span = inst_at(f, p->serial)->span;
    if (!span) span = span_of_loop(f, p->loop);
    func_remark(f, span, "parallel", "runs on one thread: %s", p->why_serial);
    warn_performance(f, span, p->why_serial);
    f->unit->serial_loops++;
}

typedef enum { LOOP_REPLACED, LOOP_SERIAL, LOOP_FAILED } Outcome;

static Outcome outcome_without(const ParallelLoop *p) {
    if (p->serial == NO_VALUE) return LOOP_FAILED;
    warn_serial(p);
    return diag_any(&p->f->unit->diags) ? LOOP_FAILED : LOOP_SERIAL;
}

static Outcome run_in_parallel(ParallelLoop p) {
    Func *f = p.f;
    const Loop *loop = p.loop;
    if (!describe(&p, loop) || !reductions_find(&p) || !dependence_check(&p)) return outcome_without(&p);
    if (p.serial != NO_VALUE) {
        p.why_serial = updated_array;
        return outcome_without(&p);
    }
    Outline o = {.p = &p};
    outline(&o);
    Func *combine = make_combine(&p, o.body->result);
    if (diag_any(&f->unit->diags)) return LOOP_FAILED;
    uint32_t span = span_of_loop(f, loop);
    remark_unproven(&p);
    replace_loop(&p, &o, combine);
    f->unit->parallel_loops++;
    remark_parallel(f, span, o.body->result);
    return LOOP_REPLACED;
}

static bool is_over_prange(const Func *f, BlockId header) {
    const Block *block = block_at(f, header);
    for (uint32_t k = 0; k < block->inst.n && inst_at(f, block->inst.at[k])->op == OP_phi; k++) {
        const Type *t = value_type(f, block->inst.at[k]);
        if (t && t->kind == TYPE_ITER && t->elem[0]->kind == TYPE_RANGE &&
            t->elem[0]->flags & TYPE_RANGE_PARALLEL)
            return true;
    }
    return false;
}

/* In a `try` the block in front of a loop may go to the handler as well: puts one in between.  False: nothing to do. */
static bool add_preheader(Func *f, const Dominators *d, const Loops *loops) {
    for (uint32_t k = 0; k < loops->loops.n; k++) {
        const Loop *loop = loops->loops.at[k];
        const Block *header = block_at(f, loop->header);
        BlockId outside = NO_BLOCK;
        uint32_t n = 0;
        for (uint32_t a = 0; a < header->pred.n; a++)
            if (!dom_dominates(d, loop->header, header->pred.at[a])) outside = header->pred.at[a], n++;
        if (loop->preheader != NO_BLOCK || n != 1 || !is_over_prange(f, loop->header)) continue;
        ir_split_edge(f, outside, loop->header);
        return true;
    }
    return false;
}

/* Outlines the first outermost loop over prange(); false when there is none left, or after an error.  `serial` has the
 * `iter` instructions of loops that stay. */
static bool outline_next(Func *f, bool *serial) {
    Arena *a = &f->unit->arena;
    Dominators d;
    Loops loops;
    dom_compute(a, f, &d);
    loops_compute(a, f, &d, &loops);
    if (add_preheader(f, &d, &loops)) return true;
    for (uint32_t k = 0; k < loops.loops.n; k++) {
        const Loop *loop = loops.loops.at[k];
        ValueId state = NO_VALUE, iter = parallel_iter(f, loop->header, loop->preheader, &state);
        if (iter == NO_VALUE || serial[iter]) continue;
        Outcome outcome = run_in_parallel((ParallelLoop){.f = f,
                                                         .dom = &d,
                                                         .loops = &loops,
                                                         .loop = loop,
                                                         .begin_state = iter,
                                                         .state = state,
                                                         .serial = NO_VALUE});
        if (outcome == LOOP_SERIAL) serial[iter] = true;
        return outcome != LOOP_FAILED;
    }
    return false;
}

/* Why loops over prange() run on one thread. */
static void remark_serial(Func *f) {
    Dominators d;
    Loops loops;
    const char *why = func_options(f)->parallel ? "it is inside a parallel loop or a generator"
                                                : "the function is compiled without parallel=True";
    dom_compute(&f->unit->arena, f, &d);
    loops_compute(&f->unit->arena, f, &d, &loops);
    for (uint32_t k = 0; k < loops.loops.n; k++) {
        const Loop *loop = loops.loops.at[k];
        ValueId state = NO_VALUE;
        bool runs = f->is_body && !loop->parent; /* the block of iterations itself */
        if (!runs && parallel_iter(f, loop->header, loop->preheader, &state) != NO_VALUE)
            func_remark(f, span_of_loop(f, loop), "parallel", "runs on one thread: %s", why);
    }
}

void pass_prange(Func *f) {
    const UnitOptions *options = func_options(f);
    bool switched_off = options == &f->unit->options && options->serial & SERIAL_PRANGE;
    bool runs = options->parallel && !switched_off && !f->is_body && !f->is_generator;
    if (!runs && f->unit->wants_remarks) remark_serial(f);
    if (!runs) return;
    bool *serial = arena_array(&f->unit->arena, bool, f->inst.n);
    while (outline_next(f, serial)) {}
}
