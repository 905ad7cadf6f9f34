/* flow.c - the walk over one function: sparse conditional type propagation.
 *
 *   1. A block is reached when an edge to it is taken.  A branch on a literal takes one edge only.
 *   2. A sweep visits the reached blocks in reverse postorder and types the dirty instructions; an
 *      instruction whose type changes makes its users dirty.  Sweeps repeat until nothing is dirty: types of
 *      loop-carried values settle in the second one, whatever the depth of the nest.
 *   3. A phi has the join of the operands that come over taken edges.  Everything else has the type that its
 *      operands give, so a wrong early guess leaves no trace.
 *
 * The walk ends because joins only widen; a site that keeps changing nevertheless (a tuple that grows in a
 * loop) is an error.
 */
#include "infer/state.h"

enum { JOIN_AFTER = 8, GIVE_UP_AFTER = 64 }; /* changes of one type */

/* ---- users and marks ----------------------------------------------------------------------------------- */

static void index_users(Frame *fr) {
    Arena *a = &fr->in->unit->arena;
    const Func *f = fr->f;
    uint32_t n = f->inst.n, total = 0;
    fr->user_begin = arena_array(a, uint32_t, n + 2);
    for (ValueId v = 0; v < n; v++)
        for (uint32_t k = 0; k < inst_at(f, v)->nargs; k++, total++)
            fr->user_begin[inst_at(f, v)->arg[k] + 2]++;
    for (uint32_t i = 2; i < n + 2; i++) fr->user_begin[i] += fr->user_begin[i - 1];
    fr->user = arena_array(a, ValueId, total + 1);
    for (ValueId v = 0; v < n; v++)
        for (uint32_t k = 0; k < inst_at(f, v)->nargs; k++)
            fr->user[fr->user_begin[inst_at(f, v)->arg[k] + 1]++] = v;
}

void frame_touch(Frame *fr, ValueId v) {
    if (v >= fr->ninst) return; /* an instruction of the function as it was before a loop was unrolled */
    BlockId b = inst_at(fr->f, v)->block;
    if (b == NO_BLOCK || !fr->reached[b]) return; /* it is typed when its block is reached */
    fr->dirty[v] = 1;
    fr->block_dirty[b] = 1;
    if (!fr->running && !fr->queued) {
        fr->queued = true;
        vec_push(&fr->in->unit->arena, &fr->in->queue, fr);
    }
}

static void touch_users(Frame *fr, ValueId v) {
    for (uint32_t i = fr->user_begin[v]; i < fr->user_begin[v + 1]; i++) frame_touch(fr, fr->user[i]);
}

static void touch_block(Frame *fr, BlockId b, bool phis_only) {
    const Block *block = block_at(fr->f, b);
    for (uint32_t i = 0; i < block->inst.n; i++) {
        if (phis_only && inst_at(fr->f, block->inst.at[i])->op != OP_phi) break;
        fr->dirty[block->inst.at[i]] = 1;
    }
    fr->block_dirty[b] = 1;
}

static void take_edge(Frame *fr, BlockId from, BlockId to, uint8_t edge) {
    if (fr->edges[from] & edge) return;
    fr->edges[from] |= edge;
    bool reached = fr->reached[to];
    fr->reached[to] = 1;
    touch_block(fr, to, reached);
    if (!reached && ir_exception_edge(fr->f, to) != NO_BLOCK)
        take_edge(fr, to, block_at(fr->f, to)->handler, EDGE_HANDLER);
}

bool frame_edge_taken(const Frame *fr, BlockId from, BlockId to) {
    BlockId succ[2];
    uint32_t n = ir_successors(fr->f, from, succ);
    uint8_t edges = fr->edges[from];
    return ((edges & EDGE_TRUE) && n > 0 && succ[0] == to) ||
           ((edges & EDGE_FALSE) && n > 1 && succ[1] == to) ||
           ((edges & EDGE_HANDLER) && block_at(fr->f, from)->handler == to);
}

/* ---- beginning ----------------------------------------------------------------------------------------- */

/* A parameter left to its default is a constant in this specialisation. */
static void fold_omitted(Frame *fr, uint32_t i) {
    Func *f = fr->f;
    ValueId v = ir_new(f, OP_const_object, NULL, 0, NULL);
    inst_at(f, v)->imm.handle = fr->args[i]->handle;
    ir_replace_uses(f, f->params.at[i], v);
    ir_insert(f, ENTRY_BLOCK, f->params.n, v);
}

void frame_begin(Frame *fr) {
    Arena *a = &fr->in->unit->arena;
    Func *f = fr->f;
    for (uint32_t i = 0; i < fr->nargs; i++)
        if (fr->args[i]->kind == TYPE_OMITTED) fold_omitted(fr, i);
    fr->ninst = f->inst.n;
    fr->site = arena_array(a, Site, f->inst.n);
    fr->dirty = arena_array(a, uint8_t, f->inst.n);
    fr->block_dirty = arena_array(a, uint8_t, f->block.n);
    fr->reached = arena_array(a, uint8_t, f->block.n);
    fr->edges = arena_array(a, uint8_t, f->block.n);
    fr->order = arena_array(a, BlockId, f->block.n);
    fr->norder = ir_reverse_postorder(f, fr->order);
    index_users(fr);
    fr->reached[ENTRY_BLOCK] = 1;
    touch_block(fr, ENTRY_BLOCK, false);
    if (ir_exception_edge(f, ENTRY_BLOCK) != NO_BLOCK)
        take_edge(fr, ENTRY_BLOCK, block_at(f, ENTRY_BLOCK)->handler, EDGE_HANDLER);
}

/* ---- sweeps -------------------------------------------------------------------------------------------- */

/* A variable that has no value on any path that is known so far; if one with a value is found, v is visited again. */
static bool uses_unbound(const Frame *fr, ValueId v) {
    const Inst *i = inst_at(fr->f, v);
    for (uint32_t k = 0; k < i->nargs && i->op != OP_phi; k++) {
        const Type *t = value_type(fr->f, i->arg[k]);
        if (t && t->kind == TYPE_UNDEFINED) return true;
    }
    return false;
}

/* Has control been seen to come to the end of the block? */
static bool has_left(const Frame *fr, BlockId b) {
    ValueId last = ir_terminator(fr->f, b);
    return last != NO_VALUE && fr->site[last].done;
}

static void visit(Frame *fr, ValueId v) {
    Site *s = &fr->site[v];
    fr->dirty[v] = 0;
    s->error = NULL;
    s->callee = NULL;
    s->form = FORM_NONE;
    if (uses_unbound(fr, v)) {
        s->form = FORM_UNBOUND;
        s->done = true;
        return;
    }
    fr->in->at = fr;
    fr->in->at_inst = v;
    fr->in->pending = false;
    const Type *t = infer_inst(fr, v);
    if (fr->begins_again) return;
    Inst *i = inst_at(fr->f, v);
    s = &fr->site[v];
    s->done = t != NULL;
    s->ends = t && s->form == FORM_CALLEE && s->callee->never_returns && !has_left(fr, i->block);
    if (op_info[i->op].flags & OPF_NO_RESULT || t == i->type) return;
    if (++s->changes > GIVE_UP_AFTER) {
        if (s->changes == GIVE_UP_AFTER + 1)
            site_error(fr, v, s->callee ? DIAG_BAD_RECURSION : DIAG_CANNOT_UNIFY,
                       s->callee
                           ? "Return type of recursive function does not converge: %.60s..., then %.60s..."
                           : "the type of this value changes with every iteration: %.60s..., then %.60s...",
                       i->type ? i->type->name : "unknown", t ? t->name : "unknown");
        return;
    }
    i->type = t;
    touch_users(fr, v);
}

/* No return can be reached, and not because something is still unknown: the function always raises or loops.
 * */
static bool never_returns(const Frame *fr) {
    for (uint32_t k = 0; k < fr->norder; k++) {
        const Block *b = block_at(fr->f, fr->order[k]);
        for (uint32_t i = 0; fr->reached[fr->order[k]] && i < b->inst.n; i++) {
            const Inst *inst = inst_at(fr->f, b->inst.at[i]);
            if (ends_block(&fr->site[b->inst.at[i]])) break;
            if (!fr->site[b->inst.at[i]].done || inst->op == OP_ret) return false;
        }
    }
    return true;
}

static void set_result(Frame *fr, const Type *t) {
    if (t == fr->result) return;
    fr->result = t;
    for (ValueId v = 0; has_container(t) && v < fr->ninst; v++) /* earlier returns follow the join */
        if (inst_at(fr->f, v)->op == OP_ret) frame_touch(fr, v);
    for (uint32_t i = 0; i < fr->waiters.n; i++) frame_touch(fr->waiters.at[i].frame, fr->waiters.at[i].inst);
}

static void set_yielded(Frame *fr, const Type *t) {
    const Type *returned = fr->returned ? fr->returned : type_none;
    fr->yielded = t;
    set_result(fr, type_generator(fr->f->source->code, t, returned, fr->nargs, fr->args));
}

/* A generator whose yields cannot be reached; not one that waits for a type. */
static bool never_yields(const Frame *fr) {
    for (uint32_t k = 0; k < fr->norder; k++) {
        const Block *b = block_at(fr->f, fr->order[k]);
        for (uint32_t i = 0; fr->reached[fr->order[k]] && i < b->inst.n; i++) {
            if (ends_block(&fr->site[b->inst.at[i]])) break;
            if (!fr->site[b->inst.at[i]].done) return false;
        }
    }
    return true;
}

/* Gives false when a loop has to be unrolled first: everything begins again. */
static bool sweep(Frame *fr) {
    for (bool again = true; again;) {
        again = false;
        for (uint32_t k = 0; k < fr->norder; k++) {
            BlockId b = fr->order[k];
            if (!fr->block_dirty[b]) continue;
            fr->block_dirty[b] = 0;
            again = true;
            for (uint32_t i = 0; i < block_at(fr->f, b)->inst.n; i++) {
                ValueId v = block_at(fr->f, b)->inst.at[i];
                if (fr->dirty[v]) visit(fr, v);
                if (fr->begins_again) return false;
                if (ends_block(&fr->site[v])) break;
            }
        }
    }
    return true;
}

/* Raises may have got their types later than the handler that asked for them. */
static bool sweep_all(Frame *fr) {
    if (!sweep(fr)) return false;
    for (uint32_t i = 0; i < fr->caught_reads.n; i++) frame_touch(fr, fr->caught_reads.at[i]);
    return sweep(fr);
}

void frame_run(Frame *fr) {
    fr->running = fr->walked = true;
    while (!sweep_all(fr)) {
        fr->begins_again = false;
        fr->result = fr->yielded = fr->returned = NULL;
        fr->caught_reads.n = 0;
        frame_begin(fr);
    }
    fr->running = false;
    if (fr->f->is_generator) {
        if (!fr->result && never_yields(fr)) set_yielded(fr, type_none);
        return;
    }
    if (fr->result || !never_returns(fr)) return;
    fr->never_returns = true;
    set_result(fr, fr->wanted ? fr->wanted : type_none);
}

/* ---- where control joins, branches and ends ------------------------------------------------------------ */

/* Is the variable asked for its type? */
static bool is_questioned(const Frame *fr, ValueId v) {
    for (uint32_t k = fr->user_begin[v]; k < fr->user_begin[v + 1]; k++) {
        const Inst *user = inst_at(fr->f, fr->user[k]);
        if (user->op != OP_call || user->nargs < 2 || user->arg[1] != v) continue;
        const Inst *callee = inst_at(fr->f, user->arg[0]);
        if (callee->op == OP_const_object && callee->imm.handle == library_object("builtins.isinstance"))
            return true;
    }
    return false;
}

/* The first conflict stays: without a type for the phi its operands would lose theirs, and the conflict go
 * away. */
static const Type *join_conflict(Frame *fr, ValueId v, const Type *x, const Type *y) {
    const char *name = inst_at(fr->f, v)->imm.name;
    const char *what = name ? arena_printf(&fr->in->unit->arena, "variable '%s'", name) : "a value";
    const char *question =
        name && is_questioned(fr, v)
            ? arena_printf(&fr->in->unit->arena,
                           "isinstance() cannot determine the type of variable \"%s\" due to a branch. ",
                           name)
            : "";
    site_error(fr, v, DIAG_CANNOT_UNIFY,
               "%sCannot unify %s and %s: %s has one type on one path and the other on another", question,
               shown(fr, x), shown(fr, y), what);
    fr->site[v].conflict = fr->site[v].error;
    return NULL;
}

/* Containers that meet get the joined element types; where one cannot, they do not meet. */
static bool refine_phi(Frame *fr, ValueId v, const Type *join) {
    const Inst *phi = inst_at(fr->f, v);
    for (uint32_t k = 0; k < phi->nargs; k++) {
        const Type *t = value_type(fr->f, phi->arg[k]);
        if (!t || t->kind == TYPE_UNDEFINED ||
            !frame_edge_taken(fr, block_at(fr->f, phi->block)->pred.at[k], phi->block))
            continue;
        if (t != join && !refine_value(fr, phi->arg[k], -1, join)) return join_conflict(fr, v, join, t);
    }
    return true;
}

const Type *flow_phi(Frame *fr, ValueId v) {
    const Inst *phi = inst_at(fr->f, v);
    const Block *b = block_at(fr->f, phi->block);
    const Type *join = NULL, *undefined = NULL;
    if ((fr->site[v].error = fr->site[v].conflict)) return NULL;
    if (fr->site[v].changes > JOIN_AFTER) join = phi->type;
    for (uint32_t k = 0; k < phi->nargs; k++) {
        const Type *t = value_type(fr->f, phi->arg[k]);
        if (!t || !frame_edge_taken(fr, b->pred.at[k], phi->block)) continue;
        if (t->kind == TYPE_UNDEFINED) {
            undefined = t;
            continue;
        }
        const Type *both = !join || join->kind == TYPE_UNDEFINED ? t : type_unify(join, t);
        if (!both) return join_conflict(fr, v, join, t);
        join = both;
    }
    if (join && has_container(join) && !refine_phi(fr, v, join)) return NULL;
    if (join && undefined) return library_widen(join); /* known only where it is assigned */
    return join ? join : undefined;
}

const Type *flow_branch(Frame *fr, ValueId v) {
    const Inst *i = inst_at(fr->f, v);
    if (i->op == OP_br) {
        take_edge(fr, i->block, i->imm.target[0], EDGE_TRUE);
        return type_none;
    }
    const Type *cond = value_type(fr->f, i->arg[0]);
    if (!cond) return NULL;
    bool known = cond->kind == TYPE_LITERAL;
    if (!known || cond->value) take_edge(fr, i->block, i->imm.target[0], EDGE_TRUE);
    if (!known || !cond->value) take_edge(fr, i->block, i->imm.target[1], EDGE_FALSE);
    return type_none;
}

/* Literals do not leave a function, strings included. */
static const Type *returned(const Type *t) { return t->kind == TYPE_ENUM ? t : library_widen(type_base(t)); }

/* Every yield of a function gives the same type, to which its items are converted. */
const Type *flow_yield(Frame *fr, ValueId v) {
    const Type *t = value_type(fr->f, inst_at(fr->f, v)->arg[0]);
    if (!t) return NULL;
    if (t->kind == TYPE_UNDEFINED)
        return site_error(fr, v, DIAG_UNBOUND_LOCAL, "the value to yield is not assigned");
    t = returned(t);
    const Type *both = fr->yielded ? type_unify(fr->yielded, t) : t;
    if (!both)
        return site_error(fr, v, DIAG_RETURN_TYPE, "yields %s here and %s elsewhere", t->name,
                          fr->yielded->name);
    set_yielded(fr, both);
    return type_none;
}

/* The value of a generator's StopIteration, and of a `yield from` that goes over it. */
static const Type *generator_return(Frame *fr, ValueId v, const Type *t) {
    const Type *both = fr->returned ? type_unify(fr->returned, t) : t;
    if (!both || has_container(both)) both = fr->returned == NULL || fr->returned == t ? t : NULL;
    if (!both)
        return site_error(fr, v, DIAG_RETURN_TYPE, "Can't unify return type from the following types: %s, %s",
                          fr->returned->name, t->name);
    fr->returned = both;
    if (fr->yielded) set_yielded(fr, fr->yielded);
    return type_none;
}

static bool is_first_return(const Frame *fr, ValueId v) {
    int line = func_span(fr->f, inst_at(fr->f, v)->span).line;
    for (ValueId other = 0; other < fr->ninst; other++) {
        const Inst *i = inst_at(fr->f, other);
        if (other == v || i->op != OP_ret || i->block == NO_BLOCK || !fr->reached[i->block]) continue;
        if (func_span(fr->f, i->span).line <= line) return false;
    }
    return true;
}

const Type *flow_return(Frame *fr, ValueId v) {
    const Inst *i = inst_at(fr->f, v);
    const Type *t = i->nargs ? value_type(fr->f, i->arg[0]) : type_none;
    if (!t) return NULL;
    if (t->kind == TYPE_UNDEFINED)
        return site_error(fr, v, DIAG_UNBOUND_LOCAL, "the value to return is not assigned");
    t = returned(t);
    if (fr->f->is_generator) return generator_return(fr, v, t);
    if (fr->is_entry && t->kind == TYPE_GENERATOR) t = type_generator_any(t->elem[0], t->elem[1]);
    if (fr->wanted) {
        if (has_container(fr->wanted)) refine_value(fr, i->arg[0], -1, fr->wanted);
        if (t != fr->wanted && type_can_convert(t, fr->wanted) == CONVERT_NO)
            return site_error(fr, v, DIAG_RETURN_TYPE,
                              "No conversion from %s to %s, which the signature says is returned", t->name,
                              fr->wanted->name);
        set_result(fr, fr->wanted);
        return type_none;
    }
    const Type *both = fr->result ? type_unify(fr->result, t) : t;
    if (!both) {
        bool first = is_first_return(fr, v); /* the walk may come by the later ones first */
        return site_error(fr, v, DIAG_RETURN_TYPE, "Can't unify return type from the following types: %s, %s",
                          first ? t->name : fr->result->name, first ? fr->result->name : t->name);
    }
    if (both != t && has_container(both) && !refine_value(fr, i->arg[0], -1, both))
        return site_error(fr, v, DIAG_RETURN_TYPE, "Can't unify return type from the following types: %s, %s",
                          both->name, t->name);
    set_result(fr, both);
    return type_none;
}
