/* build.c - the stack machine that turns decoded bytecode into SSA: frames, blocks, edges, positions, and the
 * functions of the door.
 *
 *   1. Decode, find blocks and their order (decode.c, cfg.c).
 *   2. Visit the blocks in that order.  Within a block the stack is a C array of values; each opcode's function
 *      (ops.c) pops and pushes.  At the end of a block what is on the stack is written to one SSA variable per
 *      slot; the next block reads a slot when it needs it.
 *   3. A block with one predecessor that ends in a plain jump continues the same IR block.
 *   4. When all predecessors of a block have been built, it is sealed (ssa.c).
 *   5. In a `try`, every IR block has the handler that its exceptions go to.  A block that nothing can lead to, such
 *      as the handler of a body that cannot raise, is left out.
 *   6. At the end: final values, and what closures.c must refuse.
 *
 * The depth of the stack and which slots are NULL are known statically: every path to an instruction has the same,
 * and a function for which that is not so is refused as malformed.
 *
 * After an error `failed` is set and everything unwinds to build_code; Python objects are only borrowed here, so
 * that the arena may unwind at any time.
 */
#include "frontend/build.h"

/* ---- errors -------------------------------------------------------------------------------------------------------- */

void build_error(Frame *f, DiagCode code, const char *fmt, ...) {
    Build *b = f->b;
    if (b->failed) return;
    va_list args;
    va_start(args, fmt);
    const char *text = arena_vprintf(b->arena, fmt, args);
    va_end(args);
    func_error(b->f, b->b.span, code, "%s", text);
    b->failed = true;
}

void build_unsupported(Frame *f, const char *phrase) {
    build_error(f, DIAG_UNSUPPORTED_SYNTAX, "%s is not supported in compiled functions", phrase);
}

static void malformed(Frame *f, const char *what) {
    build_error(f, DIAG_INTERNAL, "the bytecode of '%s' is not understood: %s", f->b->source->name, what);
}

/* ---- the stack ------------------------------------------------------------------------------------------------------ */

void push(Frame *f, ValueId v) {
    if (f->depth == f->max_depth) {
        malformed(f, "stack overflow");
        return;
    }
    f->stack[f->depth++] = v;
}

ValueId slot_at(Frame *f, uint32_t depth) {
    if (depth == 0 || depth > f->depth) {
        malformed(f, "stack underflow");
        return ssa_undef(&f->b->ssa, f->stack_var);
    }
    uint32_t i = f->depth - depth;
    if (f->stack[i] == UNREAD_SLOT) f->stack[i] = ssa_read(&f->b->ssa, f->stack_var + i, f->b->b.block);
    if (f->stack[i] != NULL_SLOT) f->stack[i] = ssa_resolve(&f->b->ssa, f->stack[i]);
    return f->stack[i];
}

ValueId value_at(Frame *f, uint32_t depth) {
    ValueId v = slot_at(f, depth);
    if (v != NULL_SLOT) return v;
    malformed(f, "NULL used as a value");
    return ssa_undef(&f->b->ssa, f->stack_var);
}

void set_slot(Frame *f, uint32_t depth, ValueId v) {
    if (depth == 0 || depth > f->depth) malformed(f, "stack underflow");
    else f->stack[f->depth - depth] = v;
}

void drop(Frame *f, uint32_t n) {
    if (n > f->depth) malformed(f, "stack underflow");
    else f->depth -= n;
}

ValueId pop(Frame *f) {
    ValueId v = value_at(f, 1);
    drop(f, 1);
    return v;
}

/* ---- emitting --------------------------------------------------------------------------------------------------------- */

ValueId emit_op(Frame *f, Op op, uint32_t nargs, const ValueId *args) {
    return ir_append(&f->b->b, op, NULL, nargs, args);
}

ValueId emit_operator(Frame *f, Op op, Operator sub, uint32_t nargs, const ValueId *args) {
    ValueId v = emit_op(f, op, nargs, args);
    inst_at(f->b->f, v)->sub = (uint8_t)sub;
    return v;
}

const char *text_of(Build *b, PyObject *str) {
    Py_ssize_t n;
    const char *s = PyUnicode_AsUTF8AndSize(str, &n);
    if (s) return arena_strndup(b->arena, s, (size_t)n);
    PyErr_Clear(); /* lone surrogates: only shown to people */
    return "?";
}

const char *slot_name(const Frame *f, uint32_t slot) {
    return unit_name(f->b->unit, text_of(f->b, PyTuple_GET_ITEM(f->code->co_localsplusnames, slot)));
}

/* ---- positions ---------------------------------------------------------------------------------------------------------- */

static uint32_t add_span(Build *b, Span s) {
    vec_push(b->arena, &b->source->spans, s);
    return b->source->spans.n - 1;
}

/* One span per code unit, made when first needed.  In an expanded comprehension the traceback's offset is the
 * call's, for the code object that Python knows has no other. */
static uint32_t span_at(Frame *f, int32_t offset) {
    uint32_t unit = (uint32_t)offset / 2;
    if (unit >= f->nposition) return 0;
    if (f->span_of[unit] == 0) {
        Span s = f->position[unit];
        if (f->outer) s.offset = f->b->source->spans.at[f->call_span].offset;
        f->span_of[unit] = add_span(f->b, s);
    }
    return f->span_of[unit];
}

static void set_span(Frame *f, uint32_t span) {
    f->b->b.span = span;
    f->b->ssa.span = span;
}

/* ---- edges ----------------------------------------------------------------------------------------------------------------- */

/* The stack becomes the variables of its slots, for the blocks that follow. */
static void flush(Frame *f) {
    for (uint32_t i = 0; i < f->depth; i++)
        if (f->stack[i] != UNREAD_SLOT && f->stack[i] != NULL_SLOT)
            ssa_write(&f->b->ssa, f->stack_var + i, f->b->b.block, f->stack[i]);
}

/* Records that an edge to block k leaves with this stack. */
static void flow(Frame *f, uint32_t k) {
    Entry *e = &f->entry[k];
    e->missing--;
    if (!e->known) {
        e->known = true;
        e->depth = f->depth;
        e->is_null = arena_array(f->b->arena, bool, f->depth + 1);
        for (uint32_t i = 0; i < f->depth; i++) e->is_null[i] = f->stack[i] == NULL_SLOT;
        return;
    }
    bool same = e->depth == f->depth;
    for (uint32_t i = 0; same && i < f->depth; i++) same = e->is_null[i] == (f->stack[i] == NULL_SLOT);
    if (!same) malformed(f, "stacks that meet differ");
}

static BlockId ir_of(Frame *f, uint32_t k);

/* The handler of what stands in block k. */
static BlockId handler_of(Frame *f, uint32_t k) {
    const CfgBlock *block = &f->cfg.block[k];
    return block->region == NO_REGION ? f->handler : ir_of(f, block->succ[block->nsucc]);
}

static BlockId new_block(Frame *f, uint32_t k) {
    BlockId handler = handler_of(f, k), ir = ir_block(f->b->f);
    block_at(f->b->f, ir)->loop_depth = f->loop_depth + cfg_loop_depth(&f->cfg, k);
    block_at(f->b->f, ir)->handler = handler;
    return ir;
}

static BlockId ir_of(Frame *f, uint32_t k) {
    if (f->entry[k].ir == NO_BLOCK) f->entry[k].ir = new_block(f, k);
    return f->entry[k].ir;
}

static void seal_if_complete(Frame *f, uint32_t k) {
    if (f->entry[k].missing == 0 && f->entry[k].ir != NO_BLOCK) ssa_seal(&f->b->ssa, f->entry[k].ir);
}

void end_block(Frame *f) {
    Func *fn = f->b->f;
    BlockId handler = ir_exception_edge(fn, f->b->b.block);
    if (handler != NO_BLOCK) vec_push(f->b->arena, &block_at(fn, handler)->pred, f->b->b.block);
}

void write_var(Frame *f, Var var, ValueId v) {
    Build *b = f->b;
    if (ir_exception_edge(b->f, b->b.block) != NO_BLOCK) {
        BlockId before = b->b.block, after = ir_block(b->f);
        block_at(b->f, after)->loop_depth = block_at(b->f, before)->loop_depth;
        block_at(b->f, after)->handler = block_at(b->f, before)->handler;
        ir_br(&b->b, after);
        end_block(f);
        ssa_seal(&b->ssa, after);
        b->b.block = after;
    }
    ssa_write(&b->ssa, var, b->b.block, v);
}

void go_to(Frame *f, uint32_t k) {
    f->ended = true;
    flush(f);
    flow(f, k);
    if (f->cfg.block[k].pred.n == 1 && f->entry[k].ir == NO_BLOCK &&
        block_at(f->b->f, f->b->b.block)->handler == handler_of(f, k)) {
        f->entry[k].ir = f->b->b.block;
        return;
    }
    ir_br(&f->b->b, ir_of(f, k));
    end_block(f);
    seal_if_complete(f, k);
}

void branch(Frame *f, ValueId cond, uint32_t if_true, uint32_t if_false) {
    f->ended = true;
    flush(f);
    flow(f, if_true);
    flow(f, if_false);
    ir_condbr(&f->b->b, cond, ir_of(f, if_true), ir_of(f, if_false));
    end_block(f);
    seal_if_complete(f, if_true);
    seal_if_complete(f, if_false);
}

/* Where the loop of a `yield from` ends, its result is left on the stack, since 3.12 above the iterator. */
static void leave_send(Frame *f, BlockId done, uint32_t after, ValueId state) {
    uint32_t depth = f->depth;
    f->b->b.block = done;
    ValueId call[] = {library_function(f, "naja.library.low", "loop_result"), state};
    ValueId result = emit_op(f, OP_call, 2, call);
    if (PY_VERSION_HEX >= 0x030C0000) push(f, result);
    else set_slot(f, 1, result);
    flush(f);
    flow(f, after);
    ir_br(&f->b->b, ir_of(f, after));
    end_block(f);
    seal_if_complete(f, after);
    f->depth = depth;
}

/* The item and the next state are made on the edge into the body: that edge's own block is the body's, if the body
 * has no other predecessor. */
static void branch_loop(Frame *f, ValueId valid, uint32_t npopped, bool is_send) {
    const CfgBlock *head = &f->cfg.block[f->block];
    uint32_t body = head->succ[0], after = head->succ[1], depth = f->depth;
    ValueId state = value_at(f, npopped);
    bool own = f->cfg.block[body].pred.n == 1;
    BlockId edge = own ? ir_of(f, body) : new_block(f, body);
    BlockId end = is_send ? new_block(f, f->block) : ir_of(f, after);
    flush(f);
    f->depth -= npopped;
    if (!is_send) flow(f, after);
    f->depth = depth;
    ir_condbr(&f->b->b, valid, edge, end);
    end_block(f);
    if (!is_send) seal_if_complete(f, after);
    ssa_seal(&f->b->ssa, edge);
    if (is_send) {
        ssa_seal(&f->b->ssa, end);
        leave_send(f, end, after, state);
    }
    f->b->b.block = edge;
    ValueId item = emit_value(f, OP_iter_value, state);
    set_slot(f, npopped, emit_value(f, OP_iter_next, state));
    push(f, item);
    flush(f);
    flow(f, body);
    f->ended = true;
    if (own) return;
    ir_br(&f->b->b, ir_of(f, body));
    end_block(f);
    seal_if_complete(f, body);
}

void branch_for(Frame *f, ValueId valid, uint32_t npopped) { branch_loop(f, valid, npopped, false); }

void branch_send(Frame *f, ValueId valid) { branch_loop(f, valid, 1, true); }

/* ---- frames ------------------------------------------------------------------------------------------------------------------ */

/* Kinds of slots, co_localspluskinds. */
enum { SLOT_FREE = 0x80 };

static bool slot_is_free(const PyCodeObject *code, uint32_t slot) {
    return PyBytes_AS_STRING(code->co_localspluskinds)[slot] & SLOT_FREE;
}

static void find_homes(Frame *f) {
    uint32_t nfree = (uint32_t)f->code->co_nfreevars;
    f->nslots = (uint32_t)f->code->co_nlocalsplus;
    f->home = arena_array(f->b->arena, SlotHome, f->nslots + 1);
    for (uint32_t i = 0; i < f->nslots; i++) {
        SlotHome *home = &f->home[i];
        uint32_t index = i - (f->nslots - nfree);
        home->is_free = slot_is_free(f->code, i) && !f->outer;
        if (home->is_free && f->b->closure && index < (uint32_t)PyTuple_GET_SIZE(f->b->closure))
            home->cell = PyTuple_GET_ITEM(f->b->closure, index);
        home->is_shared = !home->cell && closures_is_shared(f, i, home->is_free);
        home->var = ssa_var(&f->b->ssa, slot_name(f, i));
    }
}

void frame_init(Frame *f, Build *b, Frame *outer, PyCodeObject *code) {
    memset(f, 0, sizeof *f);
    f->b = b;
    f->outer = outer;
    f->code = code;
    f->kw_names = -1;
    f->exit = f->handler = NO_BLOCK;
    f->max_depth = (uint32_t)code->co_stacksize + 8; /* normalised code pushes a little more in places */
    f->stack = arena_array(b->arena, ValueId, f->max_depth);
    find_homes(f);
    f->handled = ssa_var(&b->ssa, NULL);
    f->stack_var = ssa_var(&b->ssa, NULL);
    for (uint32_t i = 1; i < f->max_depth; i++) ssa_var(&b->ssa, NULL);
}

static bool frame_decode(Frame *f) {
    Build *b = f->b;
    if (decode_positions(b->arena, f->code, &f->position, &f->nposition) < 0) {
        b->failed = true;
        return false;
    }
    f->span_of = arena_array(b->arena, uint32_t, f->nposition);
    if (!decode(b->arena, f->code, &f->decoded)) {
        malformed(f, "it cannot be decoded");
        return false;
    }
    if (!with_outline(f)) return false;
    for (uint32_t i = 0; i < b->nunroll && !f->outer; i++) {
        b->failed = !b->unroll[i].display && !unroll(b->arena, &f->decoded, &b->unroll[i]);
        if (b->failed) return false;
    }
    cfg_build(b->arena, &f->decoded, &f->cfg);
    f->entry = arena_array(b->arena, Entry, f->cfg.nblocks);
    for (uint32_t k = 0; k < f->cfg.nblocks; k++) {
        f->entry[k].missing = f->cfg.block[k].pred.n;
        f->entry[k].ir = NO_BLOCK;
    }
    return true;
}

void build_at(Frame *f, uint32_t instruction) {
    set_span(f, span_at(f, f->decoded.code.at[instruction].offset));
}

static void build_instruction(Frame *f) {
    const Instruction *in = &f->decoded.code.at[f->at];
    const Meaning *m = &meaning[in->op];
    build_at(f, f->at);
    if (m->build) m->build(f, in->arg);
    else build_unsupported(f, m->unsupported);
}

static void enter_block(Frame *f, uint32_t k) {
    const Entry *e = &f->entry[k];
    f->block = k;
    f->ended = false;
    f->depth = e->depth;
    f->b->b.block = e->ir;
    for (uint32_t i = 0; i < e->depth; i++) f->stack[i] = e->is_null[i] ? NULL_SLOT : UNREAD_SLOT;
}

/* The stack as the handler finds it: cut down to the depth of the region, which no block of it goes below. */
static void flow_to_handler(Frame *f, uint32_t k) {
    const CfgBlock *block = &f->cfg.block[k];
    if (block->region == NO_REGION) return;
    Entry *e = &f->entry[block->succ[block->nsucc]];
    uint32_t depth = (uint32_t)f->cfg.regions.at[block->region].range.depth;
    if (depth > f->depth) {
        malformed(f, "a handler wants more of the stack than there is");
        return;
    }
    if (e->known) return;
    e->known = true;
    e->depth = depth;
    e->is_null = arena_array(f->b->arena, bool, depth + 1);
    for (uint32_t i = 0; i < depth; i++) e->is_null[i] = f->stack[i] == NULL_SLOT;
}

/* The exception is pushed, below it the place where it was raised, which says nothing here. */
static void begin_handler(Frame *f, uint32_t k) {
    int32_t region = f->cfg.block[k].entered_by;
    if (region == NO_REGION) return;
    set_span(f, span_at(f, f->decoded.code.at[f->cfg.block[k].begin].offset));
    ValueId exception = emit_op(f, OP_caught, 0, NULL);
    if (f->cfg.regions.at[region].range.push_lasti) push(f, ir_none(&f->b->b));
    push(f, exception);
}

static void seal_handler(Frame *f, uint32_t k) {
    const CfgBlock *block = &f->cfg.block[k];
    if (block->region == NO_REGION) return;
    f->entry[block->succ[block->nsucc]].missing--;
    seal_if_complete(f, block->succ[block->nsucc]);
}

static bool is_unreached(const Frame *f, uint32_t k) {
    const Entry *e = &f->entry[k];
    if (f->cfg.block[k].entered_by == NO_REGION) return !e->known;
    return e->ir == NO_BLOCK || block_at(f->b->f, e->ir)->pred.n == 0;
}

/* Nothing leads to block k: its edges are taken back. */
static void skip_block(Frame *f, uint32_t k) {
    const CfgBlock *block = &f->cfg.block[k];
    if (f->entry[k].ir != NO_BLOCK) block_at(f->b->f, f->entry[k].ir)->dead = true;
    for (uint32_t i = 0; i < cfg_nedges(block); i++) {
        f->entry[block->succ[i]].missing--;
        seal_if_complete(f, block->succ[i]);
    }
}

static void build_block(Frame *f, uint32_t k) {
    const CfgBlock *block = &f->cfg.block[k];
    if (is_unreached(f, k)) {
        skip_block(f, k);
        return;
    }
    enter_block(f, k);
    begin_handler(f, k);
    flow_to_handler(f, k);
    checkpoint_in_try(f, k);
    for (f->at = block->begin; f->at < block->end && !f->b->failed; f->at++) build_instruction(f);
    if (f->b->failed) return;
    if (!f->ended && block->nsucc == 0) malformed(f, "control runs off the end");
    else if (!f->ended) go_to(f, block->succ[0]);
    seal_handler(f, k);
}

void frame_build(Frame *f) {
    Build *b = f->b;
    if (!frame_decode(f)) return;
    f->loop_depth = block_at(b->f, b->b.block)->loop_depth;
    f->handler = block_at(b->f, b->b.block)->handler;
    Entry *first = &f->entry[0];
    first->known = true;
    first->is_null = arena_array(b->arena, bool, 1);
    if (first->missing == 0 && handler_of(f, 0) == f->handler) {
        first->ir = b->b.block;
    } else { /* the code begins with a loop or a `try`: that needs a block of its own */
        ir_br(&b->b, ir_of(f, 0));
        end_block(f);
        seal_if_complete(f, 0);
    }
    for (uint32_t i = 0; i < f->cfg.norder && !b->failed; i++) build_block(f, f->cfg.order[i]);
    if (!b->failed && f->outer) {
        if (f->exit == NO_BLOCK) malformed(f, "it does not return");
        b->b.block = f->exit;
    }
}

/* ---- a function -------------------------------------------------------------------------------------------------------------- */

/* Of the first n slots: the parameters. */
static const char *const *slot_names(Build *b, PyCodeObject *code, uint32_t n) {
    const char **names = arena_array(b->arena, const char *, n + 1);
    for (uint32_t i = 0; i < n; i++)
        names[i] = unit_name(b->unit, text_of(b, PyTuple_GET_ITEM(code->co_localsplusnames, i)));
    return names;
}

static bool is_library(PyObject *globals) {
    PyObject *name = globals ? PyDict_GetItemString(globals, "__name__") : NULL;
    const char *text = name && PyUnicode_Check(name) ? PyUnicode_AsUTF8(name) : NULL;
    if (!text) PyErr_Clear();
    return text && !strncmp(text, "naja.library.", 13);
}

/* The names of captured variables, then of captured default values, which have none. */
static void name_captured(Build *b, Source *s) {
    const Siblings *siblings = siblings_of(b, s->code);
    Names names = captured_by(b, s->code);
    s->ncaptured = names.n + (siblings ? siblings->ndefaults : 0);
    const char **name = arena_array(b->arena, const char *, s->ncaptured + 1);
    for (uint32_t i = 0; i < s->ncaptured; i++)
        name[i] = i < names.n ? unit_name(b->unit, text_of(b, names.at[i])) : "(default)";
    s->captured = name;
}

static Source *new_source(Build *b, PyCodeObject *code, Handle function, Handle lender) {
    Source *s = arena_new(b->arena, Source);
    s->function = function;
    s->lender = lender;
    s->code = b->host->handle_of(code);
    s->name = text_of(b, code->co_name);
    s->qualname = text_of(b, code->co_qualname);
    s->filename = text_of(b, code->co_filename);
    s->first_line = code->co_firstlineno;
    s->nparams = (uint32_t)code->co_argcount;
    s->nposonly = (uint32_t)code->co_posonlyargcount;
    s->nkwonly = (uint32_t)code->co_kwonlyargcount;
    s->has_varargs = code->co_flags & CO_VARARGS;
    s->has_varkeywords = code->co_flags & CO_VARKEYWORDS;
    s->param = slot_names(b, code, s->nparams + s->nkwonly + s->has_varargs + s->has_varkeywords);
    s->is_library = is_library(b->globals);
    if (!function) name_captured(b, s);
    Span unknown = {.column = -1, .end_column = -1, .offset = -1};
    vec_push(b->arena, &s->spans, unknown);
    return s->code ? s : NULL;
}

static void add_param(Frame *f, uint32_t slot) {
    Build *b = f->b;
    ssa_write(&b->ssa, f->home[slot].var, ENTRY_BLOCK, ir_param(b->f, NULL));
}

/* Parameters that locals= gives a type; after all of them were added, as parameters come first in their block. */
static void declare_params(Frame *f, uint32_t n) {
    Build *b = f->b;
    for (uint32_t i = 0; b->locals && i < n; i++) {
        ValueId v = ssa_read(&b->ssa, f->home[i].var, ENTRY_BLOCK), converted = declared_value(f, i, v);
        if (converted != v) ssa_write(&b->ssa, f->home[i].var, ENTRY_BLOCK, converted);
    }
}

static bool is_genexpr(const PyCodeObject *code) {
    return code->co_flags & CO_GENERATOR && PyUnicode_CompareWithASCIIString(code->co_name, "<genexpr>") == 0;
}

/* A generator expression's only parameter is the iterable: calls.c. */
static void iterate_first(Frame *f) {
    Build *b = f->b;
    ValueId iterable = b->f->params.at[b->f->params.n - 1];
    for (uint32_t i = 0; i < b->nunroll; i++)
        if (b->unroll[i].iter == UNROLL_FIRST && !b->unroll[i].display) return; /* the parameter itself */
    ValueId v = emit_op(f, OP_iter, 1, &iterable);
    inst_at(b->f, v)->imm.i = UNROLL_FIRST;
    ssa_write(&b->ssa, f->home[0].var, ENTRY_BLOCK, v);
}

/* Captured variables first, and those that it passes on to functions defined after it; see siblings.c. */
static Names add_captured(Frame *f) {
    Build *b = f->b;
    const Siblings *s = siblings_of(b, b->source->code);
    uint32_t nfree = (uint32_t)f->code->co_nfreevars, first = f->nslots - nfree;
    Names names = captured_by(b, b->source->code);
    for (uint32_t k = 0; k < names.n; k++) {
        uint32_t i = 0;
        while (i < nfree && PyUnicode_Compare(free_name(f->code, i), names.at[k])) i++;
        if (i < nfree) add_param(f, first + i);
        else ir_param(b->f, NULL);
    }
    for (uint32_t i = 0; s && i < s->ndefaults; i++) ir_param(b->f, NULL);
    return names;
}

static void add_params(Frame *f) {
    Build *b = f->b;
    Names captured = {0};
    if (!b->source->function) captured = add_captured(f);
    uint32_t n = b->source->nparams + b->source->nkwonly + b->source->has_varargs +
                 b->source->has_varkeywords;
    for (uint32_t i = 0; i < n; i++) add_param(f, i);
    declare_params(f, n);
    if (is_genexpr(f->code)) iterate_first(f);
    if (!b->source->function) siblings_begin(f, &captured);
}

static bool check_flags(Frame *f) {
    int flags = f->code->co_flags;
    Span s = {.line = f->code->co_firstlineno,
              .end_line = f->code->co_firstlineno,
              .column = -1,
              .end_column = -1,
              .offset = -1};
    if (flags & (CO_COROUTINE | CO_ASYNC_GENERATOR | CO_ITERABLE_COROUTINE)) {
        set_span(f, add_span(f->b, s));
        build_unsupported(f, "an `async` function");
    }
    return !f->b->failed;
}

/* Of bodies that cannot raise. */
static void forget_dead_handlers(Func *fn) {
    for (BlockId k = 0; k < fn->block.n; k++) {
        BlockId handler = block_at(fn, k)->handler;
        if (handler != NO_BLOCK && block_at(fn, handler)->dead) block_at(fn, k)->handler = NO_BLOCK;
    }
}

static void finish(Frame *f) {
    Build *b = f->b;
    ssa_finish(&b->ssa);
    forget_dead_handlers(b->f);
    with_check_lost(f);
    closures_check(f);
    for (uint32_t i = 0; i < b->doomed.n; i++) ir_delete(b->f, b->doomed.at[i]);
    ir_remove_dead_values(b->f);
}

/* The qualified name, numbered if the unit has it already: lambdas share names. */
static const char *symbol_for(const Build *b) {
    const char *name = b->source->qualname, *symbol = name;
    uint32_t number = 1;
    for (uint32_t i = 0; i < b->unit->funcs.n; i++) {
        if (strcmp(b->unit->funcs.at[i]->symbol, symbol) == 0) {
            symbol = arena_printf(b->arena, "%s#%u", name, ++number);
            i = UINT32_MAX; /* again from the first */
        }
    }
    return symbol;
}

static Func *build_once(Build *b, PyCodeObject *code, Handle function, Handle lender) {
    Frame f;
    b->source = new_source(b, code, function, lender);
    if (!b->source) return NULL;
    b->f = func_new(b->unit, b->source, symbol_for(b), FUNC_UNTYPED);
    b->b = (Builder){.f = b->f, .block = ENTRY_BLOCK};
    ssa_init(&b->ssa, b->f);
    ssa_seal(&b->ssa, ENTRY_BLOCK);
    frame_init(&f, b, NULL, code);
    if (!check_flags(&f)) return NULL;
    b->f->is_generator = code->co_flags & CO_GENERATOR;
    add_params(&f);
    frame_build(&f);
    if (!b->failed) finish(&f);
    return b->failed ? NULL : b->f;
}

/* Inner functions that were built already do not know of the cells. */
static void forget_inner(Build *b) {
    for (uint32_t i = 0; i < b->captures.n; i++)
        map_set(b->arena, &b->unit->templates,
                inner_key(b->host->handle_of(b->captures.at[i].code), b->source->lender), 0);
}

static void begin_again(Build *b) {
    forget_inner(b);
    Build fresh = {.unit = b->unit, .host = b->host, .globals = b->globals, .builtins = b->builtins};
    fresh.arena = b->arena;
    fresh.closure = b->closure;
    fresh.unroll = b->unroll;
    fresh.nunroll = b->nunroll;
    fresh.shared = b->shared;
    fresh.locals = b->locals;
    *b = fresh;
}

static Func *build_code(Build *b, PyCodeObject *code, Handle function, Handle lender) {
    b->arena = &b->unit->arena;
    closures_find_shared(b, code);
    Func *f = build_once(b, code, function, lender);
    while (f && b->again) {
        begin_again(b);
        f = build_once(b, code, function, lender);
    }
    return f;
}

/* Gives a new reference that the caller drops once the function is built. */
static PyObject *take_locals(Build *b, PyObject *function) {
    b->locals = PyObject_GetAttrString(function, "__naja_locals__");
    if (!b->locals) PyErr_Clear();
    return b->locals;
}

static void lend(Build *b, PyObject *function) {
    PyFunctionObject *fn = (PyFunctionObject *)function;
    b->globals = fn->func_globals;
    b->builtins = fn->func_builtins;
}

Func *build_function(Unit *u, const FrontendHost *host, Handle function) {
    Func *f = map_find_ptr(&u->templates, function);
    PyObject *o = f ? NULL : host->object_of(function);
    if (f) return f;
    Build b = {.unit = u, .host = host};
    if (!o || !PyFunction_Check(o)) {
        Span unknown = {.column = -1, .end_column = -1, .offset = -1};
        diag_add(&u->diags, DIAG_INTERNAL, NULL, NULL, unknown, "%s", "not a Python function");
        return NULL;
    }
    lend(&b, o);
    b.closure = ((PyFunctionObject *)o)->func_closure;
    PyObject *locals = take_locals(&b, o);
    f = build_code(&b, (PyCodeObject *)PyFunction_GET_CODE(o), function, function);
    Py_XDECREF(locals);
    if (f) map_set(&u->arena, &u->templates, function, (uintptr_t)f);
    return f;
}

Func *build_inner(Unit *u, const FrontendHost *host, Handle code, Handle lender) {
    Func *f = map_find_ptr(&u->templates, inner_key(code, lender));
    if (f) return f;
    PyObject *o = host->object_of(code), *function = host->object_of(lender);
    Build b = {.unit = u, .host = host};
    if (!o || !PyCode_Check(o) || !function || !PyFunction_Check(function)) {
        Span unknown = {.column = -1, .end_column = -1, .offset = -1};
        diag_add(&u->diags, DIAG_INTERNAL, NULL, NULL, unknown, "%s", "not the code of an inner function");
        return NULL;
    }
    lend(&b, function);
    f = build_code(&b, (PyCodeObject *)o, 0, lender);
    if (f) map_set(&u->arena, &u->templates, inner_key(code, lender), (uintptr_t)f);
    return f;
}

/* Not among the templates: it belongs to one specialisation. */
Func *build_unrolled(Unit *u, const FrontendHost *host, const Source *source, uint32_t n,
                     const Unroll *unroll) {
    Build b = {.unit = u, .host = host, .unroll = unroll, .nunroll = n};
    PyObject *function = host->object_of(source->lender), *code = host->object_of(source->code);
    if (!function || !PyFunction_Check(function) || !code || !PyCode_Check(code)) return NULL;
    lend(&b, function);
    if (source->function) b.closure = ((PyFunctionObject *)function)->func_closure;
    PyObject *locals = source->function ? take_locals(&b, function) : NULL;
    Func *f = build_code(&b, (PyCodeObject *)code, source->function, source->lender);
    Py_XDECREF(locals);
    return f;
}
