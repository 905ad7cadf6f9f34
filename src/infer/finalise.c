/* finalise.c - writes the decisions of a finished walk into the function.
 *
 *   0. A block ends where it uses a variable without a value: that instruction raises UnboundLocalError; and behind a call
 *      of a function that never returns.
 *   1. Branches whose condition is known become jumps; blocks that are never reached go.
 *   2. Block by block, every instruction is rewritten by the form that its site chose; what it needs
 *      (constants, casts, items of spread tuples, checks for None) is put in front of it.
 *   3. Operands of phis are converted to the phi's type: at the end of the predecessor, or, where control
 *      comes by an exception, right behind the operand's definition, since the block may be left anywhere.
 *   4. Exception edges of blocks that cannot raise any more go, and everything that is not used.
 *   5. Uses of variables that may be unassigned are checked (defined.c).
 */
#include "infer/state.h"

/* ---- variables without a value ------------------------------------------------------------------------- */

static void cut_behind(Func *f, BlockId b, uint32_t position) {
    BlockId succ[2];
    uint32_t n = ir_successors(f, b, succ);
    for (uint32_t i = 0; i < n; i++) ir_remove_edge(f, b, succ[i]);
    Block *block = block_at(f, b);
    for (uint32_t i = position + 1; i < block->inst.n; i++) inst_at(f, block->inst.at[i])->block = NO_BLOCK;
    block->inst.n = position + 1;
}

/* The block's terminator, which has been cut off, says that control never comes to it. */
static void end_unreachable(Func *f, BlockId b, ValueId terminator) {
    *inst_at(f, terminator) = (Inst){.op = OP_unreachable, .block = b, .span = inst_at(f, terminator)->span};
    vec_push(&f->unit->arena, &block_at(f, b)->inst, terminator);
}

static void cut_ends(Frame *fr) {
    Func *f = fr->f;
    for (uint32_t k = 0; k < fr->norder; k++) {
        BlockId b = fr->order[k];
        for (uint32_t i = 0; fr->reached[b] && i < block_at(f, b)->inst.n; i++) {
            ValueId v = block_at(f, b)->inst.at[i];
            if (!ends_block(&fr->site[v])) continue;
            bool has_edge = ir_exception_edge(f, b) != NO_BLOCK;
            ValueId terminator = ir_terminator(f, b);
            cut_behind(f, b, i);
            if (fr->site[v].ends) end_unreachable(f, b, terminator);
            bool keeps_edge = ir_exception_edge(f, b) != NO_BLOCK;
            if (has_edge && !keeps_edge) ir_remove_edge(f, b, block_at(f, b)->handler);
            if (!keeps_edge) block_at(f, b)->handler = NO_BLOCK; /* which does not know this block */
            break;
        }
    }
}

static const char *unbound_name(const Func *f, ValueId v) {
    const Inst *i = inst_at(f, v);
    for (uint32_t k = 0; k < i->nargs; k++) {
        const Inst *operand = inst_at(f, i->arg[k]);
        bool is_unbound = operand->type && operand->type->kind == TYPE_UNDEFINED;
        if (is_unbound && (operand->op == OP_phi || operand->op == OP_undef) && operand->imm.name)
            return operand->imm.name;
    }
    return "?";
}

static void rewrite_unbound(Frame *fr, Builder *b, ValueId v) {
    const char *text = arena_printf(
        &fr->in->unit->arena, "cannot access local variable '%s' where it is not associated with a value",
        unbound_name(fr->f, v));
    const Type *message = type_literal_str(text);
    ValueId argument = ir_append(b, OP_literal, message, 0, NULL);
    const Type *t = type_exception(library_object("builtins.UnboundLocalError"), 1, &message);
    ValueId exception = ir_emit(b, OP_tuple, t, argument);
    Inst *i = inst_at(fr->f, v);
    *i = (Inst){.op = OP_raise, .block = i->block, .span = i->span, .flags = INST_BUILTIN_RAISE, .nargs = 1};
    i->arg = arena_array(&fr->in->unit->arena, ValueId, 1);
    inst_at(fr->f, v)->arg[0] = exception;
}

/* ---- branches ------------------------------------------------------------------------------------------ */

static void prune_branches(Frame *fr) {
    Func *f = fr->f;
    for (uint32_t k = 0; k < fr->norder; k++) {
        BlockId b = fr->order[k];
        ValueId t = fr->reached[b] ? ir_terminator(f, b) : NO_VALUE;
        if (t == NO_VALUE || inst_at(f, t)->op != OP_condbr) continue;
        uint8_t taken = fr->edges[b] & (EDGE_TRUE | EDGE_FALSE);
        if (taken == (EDGE_TRUE | EDGE_FALSE)) continue;
        Inst *branch = inst_at(f, t);
        BlockId keep = branch->imm.target[taken == EDGE_FALSE],
                drop = branch->imm.target[taken != EDGE_FALSE];
        branch->op = OP_br;
        branch->nargs = 0;
        branch->imm.target[0] = keep;
        branch->imm.target[1] = NO_BLOCK;
        ir_remove_edge(f, b, drop);
    }
    ir_remove_dead_blocks(f);
}

/* ---- operands ------------------------------------------------------------------------------------------ */

static ValueId call_row(Builder *b, const char *name, const Type *type, ValueId operand) {
    uint32_t n;
    const LibRow *const *row = library_rows(name, &n);
    ValueId v = ir_emit(b, OP_call, type, operand);
    Inst *i = inst_at(b->f, v);
    i->row = row[0];
    i->bound = i->arg;
    i->nbound = 1;
    return v;
}

static ValueId materialise(Builder *b, const Operand *o) {
    if (o->value == NO_VALUE) {
        ValueId v = ir_append(b, OP_literal, o->type, 0, NULL);
        constant_in_place(b, v, o->constant, o->type);
        return v;
    }
    if (o->item < 0) return o->value;
    if (o->type->nleaves == 0) return ir_append(b, OP_literal, o->type, 0, NULL);
    ValueId v = ir_emit(b, OP_item, o->type, o->value);
    inst_at(b->f, v)->imm.i = o->item;
    return v;
}

/* The operand with the type that `level` gives it. */
static ValueId operand_at_level(Builder *b, const Operand *o, Level level) {
    ValueId v = materialise(b, o);
    const Type *wide = level_type(o->type, level < LEVEL_WIDE ? level : LEVEL_WIDE);
    v = convert_value(b, v, wide);
    const Type *to = level_type(o->type, level);
    return to == wide ? v : call_row(b, "optional.unwrap", to, v);
}

static ValueId make_tuple(Builder *b, uint32_t n, const ValueId *item) {
    const Type *elem[n + 1];
    for (uint32_t i = 0; i < n; i++) elem[i] = value_type(b->f, item[i]);
    return ir_append(b, OP_tuple, type_tuple(n, elem), n, item);
}

static ValueId collect(Builder *b, const Site *s, int32_t first, uint32_t n, Level level) {
    ValueId item[n + 1];
    for (uint32_t i = 0; i < n; i++)
        item[i] = operand_at_level(b, &s->operand[(uint32_t)first + i], level_of(level, (uint32_t)first + i));
    return make_tuple(b, n, item);
}

static ValueId collect_keywords(Builder *b, const Site *s, const Type *dict) {
    ValueId item[dict->nelem + 1];
    for (uint32_t i = 0; i < dict->nelem; i += 2) {
        item[i] = ir_append(b, OP_literal, dict->elem[i], 0, NULL);
        item[i + 1] = convert_value(b, materialise(b, &s->operand[s->extra[i / 2]]), dict->elem[i + 1]);
    }
    return ir_append(b, OP_tuple, dict, dict->nelem, item);
}

/* Operands of the instruction: what is bound; of a call, behind the callee. */
static void set_bound(Frame *fr, ValueId v, uint32_t n, const ValueId *bound) {
    Arena *a = &fr->in->unit->arena;
    Inst *i = inst_at(fr->f, v);
    bool keeps_callee = i->op == OP_call && i->nargs && i->type && value_type(fr->f, i->arg[0]) &&
                        value_type(fr->f, i->arg[0])->nleaves == 0 &&
                        value_type(fr->f, i->arg[0])->kind != TYPE_METHOD;
    ValueId callee = keeps_callee ? i->arg[0] : NO_VALUE;
    i->arg = arena_array(a, ValueId, n + 1);
    i->bound = arena_array(a, ValueId, n + 1);
    i->nbound = n;
    i->nargs = 0;
    if (i->op == OP_call) i->imm.call = NULL; /* keywords and stars are bound */
    if (keeps_callee) i->arg[i->nargs++] = callee;
    for (uint32_t k = 0; k < n; k++) {
        i->bound[k] = bound[k];
        if (bound[k] != NO_VALUE) i->arg[i->nargs++] = bound[k];
    }
}

static const CallInfo *call_info(const Inst *i) { return i->op == OP_call ? i->imm.call : NULL; }

static void rewrite_row(Frame *fr, Builder *b, ValueId v) {
    const Site *s = &fr->site[v];
    const Signature *sig = library_signature(s->row);
    const CallInfo *info = call_info(inst_at(fr->f, v));
    ValueId bound[sig->n + 1];
    for (uint32_t i = 0; i < sig->n; i++) {
        int32_t o = s->bound[i];
        uint32_t end = s->noperand - (info ? info->nkeywords : 0);
        if (sig->param[i].is_star)
            bound[i] = collect(b, s, o, o < 0 ? 0 : end - (uint32_t)o, (Level)s->level);
        else
            bound[i] = o < 0 ? NO_VALUE
                             : operand_at_level(b, &s->operand[o], level_of((Level)s->level, (uint32_t)o));
    }
    set_bound(fr, v, sig->n, bound);
    inst_at(fr->f, v)->row = s->row;
    inst_at(fr->f, v)->callee = s->callee ? s->callee->f : NULL;
}

/* A loop over an object is one over what the callee makes of it. */
static ValueId call_in_front(Frame *fr, Builder *b, ValueId v) {
    const Frame *callee = fr->site[v].callee;
    uint32_t n;
    const LibRow *const *begin = library_rows("iter.begin", &n);
    ValueId call = ir_append(b, OP_call, callee->result, 0, NULL);
    Inst *loop = inst_at(fr->f, v);
    loop->arg = loop->bound = arena_array(&fr->in->unit->arena, ValueId, 1);
    loop->arg[0] = call;
    loop->nargs = loop->nbound = 1;
    loop->row = begin[0];
    return call;
}

static void rewrite_callee(Frame *fr, Builder *b, ValueId v) {
    const Site *s = &fr->site[v];
    const Frame *callee = s->callee;
    ValueId bound[callee->nargs + 1];
    const Source *source = callee->template->source;
    uint32_t keywords = callee->nargs - source->has_varkeywords; /* nargs: there is none */
    for (uint32_t i = 0; i < callee->nargs; i++) {
        const Type *t = type_without_initial(callee->args[i]);
        int32_t o = s->bound[i];
        if (i == keywords) bound[i] = collect_keywords(b, s, t);
        else if (source->has_varargs && i == keywords - 1 && s->index != SITE_WHOLE)
            bound[i] = collect(b, s, o, s->index, LEVEL_WIDE);
        else bound[i] = o < 0 ? NO_VALUE : convert_value(b, materialise(b, &s->operand[o]), t);
    }
    if (inst_at(fr->f, v)->op == OP_iter) v = call_in_front(fr, b, v);
    Inst *i = inst_at(fr->f, v);
    if (i->op != OP_call) { /* an operator or attribute that is written in Python */
        i->op = OP_call;
        i->sub = 0;
        i->imm.call = NULL;
        i->nargs = 0;
        if (!i->type) i->type = callee->result; /* of `x[i] = y` */
    }
    set_bound(fr, v, callee->nargs, bound);
    inst_at(fr->f, v)->callee = callee->f;
}

/* All operands as they are, keywords last, become one tuple. */
static void rewrite_bridge(Frame *fr, Builder *b, ValueId v) {
    const Site *s = &fr->site[v];
    const CallInfo *info = call_info(inst_at(fr->f, v));
    ValueId operands = collect(b, s, 0, s->noperand, LEVEL_EXACT);
    bridge_finalise(fr, v, info, operands);
}

/* ---- instructions -------------------------------------------------------------------------------------- */

static void become(Frame *fr, ValueId v, Op op, uint32_t n, const ValueId *args) {
    Inst *i = inst_at(fr->f, v);
    i->op = (uint8_t)op;
    i->sub = 0;
    i->imm.i = 0;
    i->nargs = n;
    i->arg = arena_array(&fr->in->unit->arena, ValueId, n + 1);
    memcpy(i->arg, args, n * sizeof *args);
}

static void rewrite_tuple(Frame *fr, Builder *b, ValueId v) {
    const Site *s = &fr->site[v];
    ValueId item[s->noperand + 1];
    for (uint32_t i = 0; i < s->noperand; i++) item[i] = materialise(b, &s->operand[i]);
    become(fr, v, OP_tuple, s->noperand, item);
}

static void rewrite_return(Frame *fr, Builder *b, ValueId v) {
    Inst *ret = inst_at(fr->f, v);
    const Type *result = fr->f->is_generator ? fr->result->elem[1] : fr->result;
    if (result->kind == TYPE_NONE) {
        ret->nargs = 0;
        return;
    }
    ValueId value = convert_value(b, ret->nargs ? ret->arg[0] : ir_none(b), result);
    become(fr, v, OP_ret, 1, &value);
}

static void rewrite_yield(Frame *fr, Builder *b, ValueId v) {
    ValueId item = convert_value(b, inst_at(fr->f, v)->arg[0], fr->yielded);
    inst_at(fr->f, v)->arg[0] = item;
}

/* `raise ValueError` is `raise ValueError()`; the same of a cause. */
static void rewrite_raise(Frame *fr, Builder *b, ValueId v) {
    for (uint32_t k = 0; k < inst_at(fr->f, v)->nargs; k++) {
        ValueId exception = inst_at(fr->f, v)->arg[k];
        const Type *t = value_type(fr->f, exception);
        if (t->kind == TYPE_FUNCTION)
            exception = ir_append(b, OP_tuple, type_exception(t->handle, 0, NULL), 0, NULL);
        else if (t->kind == TYPE_OPTIONAL) exception = call_row(b, "optional.unwrap", t->elem[0], exception);
        inst_at(fr->f, v)->arg[k] = exception;
    }
}

/* A result whose value is its type: nothing is left to do at run time. */
static bool is_known(const Frame *fr, ValueId v) {
    const Inst *i = inst_at(fr->f, v);
    const Form form = (Form)fr->site[v].form;
    if (!i->type || i->type->nleaves || i->op == OP_phi || i->op == OP_param || i->op == OP_undef ||
        i->op == OP_none)
        return false;
    if (form == FORM_ROW) return i->type->kind == TYPE_LITERAL || i->type->kind == TYPE_DTYPE;
    return form == FORM_ITEM || form == FORM_CONSTANT || i->op == OP_const_int || i->op == OP_literal ||
           i->type->kind == TYPE_LITERAL;
}

static void rewrite(Frame *fr, Builder *b, ValueId v) {
    const Inst *i = inst_at(fr->f, v);
    const Site *s = &fr->site[v];
    if (s->form == FORM_UNBOUND) {
        rewrite_unbound(fr, b, v);
        return;
    }
    if (is_known(fr, v)) {
        constant_in_place(b, v, 0, i->type);
        return;
    }
    if (i->op == OP_ret) rewrite_return(fr, b, v);
    else if (i->op == OP_yield) rewrite_yield(fr, b, v);
    else if (i->op == OP_raise) rewrite_raise(fr, b, v);
    else if (s->form == FORM_ROW) rewrite_row(fr, b, v);
    else if (s->form == FORM_BRIDGE) rewrite_bridge(fr, b, v);
    else if (s->form == FORM_CALLEE) rewrite_callee(fr, b, v);
    else if (s->form == FORM_TUPLE) rewrite_tuple(fr, b, v);
    else if (s->form == FORM_CONSTANT) constant_in_place(b, v, s->handle, i->type);
    else if (s->form == FORM_ITEM) {
        ValueId from = i->arg[0];
        become(fr, v, OP_item, 1, &from);
        inst_at(fr->f, v)->imm.i = s->index;
    }
}

static void rewrite_block(Frame *fr, BlockId id) {
    Func *f = fr->f;
    Block *block = block_at(f, id);
    uint32_t n = block->inst.n;
    const ValueId *old = block->inst.at;
    memset(&block->inst, 0, sizeof block->inst);
    for (uint32_t k = 0; k < n; k++) {
        ValueId v = old[k];
        Builder b = {.f = f, .block = id, .span = inst_at(f, v)->span, .fastmath = inst_at(f, v)->fastmath};
        if (fr->site[v].form == FORM_SAME) {
            inst_at(f, v)->block = NO_BLOCK;
            continue;
        }
        rewrite(fr, &b, v);
        vec_push(&f->unit->arena, &block_at(f, id)->inst, v);
    }
}

static ValueId same_value(const Func *f, ValueId v) {
    const Inst *i = inst_at(f, v);
    return i->arg[i->op == OP_call]; /* behind the callee */
}

/* Values that are another value (FORM_SAME) are replaced everywhere, operands of sites included. */
static void forward_same(Frame *fr) {
    Func *f = fr->f;
    for (ValueId v = 0; v < fr->ninst; v++) {
        Inst *i = inst_at(f, v);
        for (uint32_t k = 0; k < i->nargs; k++)
            while (fr->site[i->arg[k]].form == FORM_SAME) i->arg[k] = same_value(f, i->arg[k]);
        for (uint32_t k = 0; k < fr->site[v].noperand; k++) {
            Operand *o = &fr->site[v].operand[k];
            while (o->type && o->value != NO_VALUE && fr->site[o->value].form == FORM_SAME)
                o->value = same_value(f, o->value);
        }
    }
}

/* ---- phis ---------------------------------------------------------------------------------------------- */

/* Position behind the definition of v, and its block. */
static uint32_t after_definition(const Func *f, ValueId v, BlockId *block) {
    *block = inst_at(f, v)->block;
    const Block *b = block_at(f, *block);
    uint32_t at = 0;
    while (b->inst.at[at] != v) at++;
    for (at++; at < b->inst.n &&
               (inst_at(f, b->inst.at[at])->op == OP_phi || inst_at(f, b->inst.at[at])->op == OP_param);)
        at++;
    return at;
}

static bool is_normal_edge(const Func *f, BlockId from, BlockId to) {
    BlockId succ[2];
    uint32_t n = ir_successors(f, from, succ);
    return (n > 0 && succ[0] == to) || (n > 1 && succ[1] == to);
}

/* Converts at the end of a block by letting the builder append behind the terminator and moving that back. */
static ValueId convert_at(Func *f, ValueId v, const Type *to, BlockId block, uint32_t position) {
    Block *b = block_at(f, block);
    uint32_t before = b->inst.n;
    Builder builder = {.f = f, .block = block, .span = inst_at(f, v)->span};
    ValueId converted = convert_value(&builder, v, to);
    b = block_at(f, block);
    for (uint32_t made = before; made < b->inst.n; made++, position++) {
        ValueId moved = b->inst.at[made];
        memmove(b->inst.at + position + 1, b->inst.at + position, (made - position) * sizeof *b->inst.at);
        b->inst.at[position] = moved;
    }
    return converted;
}

static void convert_phi_operand(Frame *fr, ValueId phi, uint32_t k) {
    Func *f = fr->f;
    const Type *to = inst_at(f, phi)->type;
    ValueId v = inst_at(f, phi)->arg[k];
    BlockId block = block_at(f, inst_at(f, phi)->block)->pred.at[k];
    if (value_type(f, v) == to) return;
    uint32_t position = block_at(f, block)->inst.n - 1;
    if (!is_normal_edge(f, block, inst_at(f, phi)->block)) position = after_definition(f, v, &block);
    ValueId converted = convert_at(f, v, to, block, position);
    inst_at(f, phi)->arg[k] = converted;
}

static void convert_phis(Frame *fr, BlockId id) {
    Func *f = fr->f;
    for (uint32_t i = 0; i < block_at(f, id)->inst.n; i++) {
        ValueId phi = block_at(f, id)->inst.at[i];
        if (inst_at(f, phi)->op != OP_phi) break;
        for (uint32_t k = 0; inst_at(f, phi)->type && k < inst_at(f, phi)->nargs; k++)
            convert_phi_operand(fr, phi, k);
    }
}

/* ---- all of it ----------------------------------------------------------------------------------------- */

void frame_finalise(Frame *fr) {
    Func *f = fr->f;
    Arena *a = &fr->in->unit->arena;
    uint32_t nblocks = f->block.n;
    for (ValueId v = 0; v < f->inst.n; v++) inst_at(f, v)->fastmath |= fr->fastmath;
    cut_ends(fr);
    prune_branches(fr);
    BlockId *handler = arena_array(a, BlockId, nblocks);
    for (BlockId b = 0; b < nblocks; b++)
        handler[b] = block_at(f, b)->dead ? NO_BLOCK : ir_exception_edge(f, b);
    forward_same(fr);
    for (BlockId b = 0; b < nblocks; b++)
        if (!block_at(f, b)->dead) rewrite_block(fr, b);
    for (BlockId b = 0; b < nblocks; b++)
        if (handler[b] != NO_BLOCK && ir_exception_edge(f, b) == NO_BLOCK) ir_remove_edge(f, b, handler[b]);
    ir_remove_dead_blocks(f);
    ir_remove_dead_values(f);
    check_defined_locals(fr);
    for (BlockId b = 0; b < nblocks; b++)
        if (!block_at(f, b)->dead) convert_phis(fr, b);
    f->state = FUNC_TYPED;
    f->result = fr->result;
    f->sent = fr->sent;
}
