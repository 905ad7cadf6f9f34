/* closures.c - inner functions, the variables they share, and list comprehensions that are functions.
 *
 * Values where that is right, else cells.  A variable that inner functions use is an SSA variable like any other, and an
 * inner function gets its value at the moment it is made.  That is right as long as nobody assigns the variable later
 * while the inner function may still be called, and no inner function assigns it.  Which variables those are says the
 * bytecode (closures_find_shared); closures_check finds the others:
 *
 *   1. aliases: the values that may hold the inner function (the closure, phis, tuples, results of calls it is
 *      passed to, functions that capture it, containers it is put into);
 *   2. an assignment counts if control can come to it from where the inner function is made;
 *   3. a walk forward from that assignment, which ends at an alias's definition.  If it meets a use, the alias is
 *      alive at the assignment: the variable has to be a cell, and the function is built once more.
 *
 * A cell is a list of compiled code with no or one item (naja/library/variables.py), made where Python makes its cell, so
 * that the type of what is put in is found as for any list.  Inner functions are passed the list.
 *
 * A function that captures itself is assigned to its own variable right after it is made, and one may capture another that
 * is defined after it.  That is allowed: its code makes the closures from its parameters (siblings.c), so they are no
 * captured values.
 *
 * On Python 3.11 a list comprehension is a function that is called at once.  It is expanded in place: its locals
 * are new variables, its free variables are the outer frame's, its return ends the expansion.
 */
#include "frontend/build.h"

#include <stdio.h>

/* ---- reading and writing shared variables ----------------------------------------------------------------------------- */

static void undefined_free(Frame *f, uint32_t slot) {
    build_error(f, DIAG_UNDEFINED_NAME,
                "Freevar '%s' is not defined: it has no value in the enclosing function yet",
                slot_name(f, slot));
}

/* The value of a variable of an enclosing Python function: read now. */
static ValueId cell_value(Frame *f, uint32_t slot) {
    Build *b = f->b;
    PyObject *o = PyCell_GET(f->home[slot].cell);
    if (o) return const_of(f, o);
    PyObject *self = b->host->object_of(b->source->lender);
    PyObject *name = PyTuple_GET_ITEM(f->code->co_localsplusnames, slot);
    if (self && PyUnicode_Compare(((PyFunctionObject *)self)->func_name, name) == 0)
        return object_of(f, self); /* compiled before its name is bound */
    undefined_free(f, slot);
    return ssa_undef(&b->ssa, f->home[slot].var);
}

static bool check_cell(Frame *f, uint32_t slot) {
    if (slot < f->nslots) return true;
    build_error(f, DIAG_INTERNAL, "the bytecode of '%s' is not understood: bad cell", f->b->source->name);
    return false;
}

static ValueId variables_function(Frame *f, const char *name) {
    return library_function(f, "naja.library.variables", name);
}

ValueId slot_read(Frame *f, uint32_t slot) {
    Build *b = f->b;
    const SlotHome *home = &f->home[slot];
    ValueId v = ssa_read(&b->ssa, home->var, b->b.block);
    if (!home->is_shared) return v;
    const char *fmt =
        home->is_free
            ? "cannot access free variable '%s' where it is not associated with a value in enclosing scope"
            : "cannot access local variable '%s' where it is not associated with a value";
    char text[300];
    snprintf(text, sizeof text, fmt, slot_name(f, slot));
    ValueId function = variables_function(f, home->is_free ? "read_free" : "read"),
            message = text_value(f, text);
    return b->failed ? v : emit_value(f, OP_call, function, v, message);
}

void slot_write(Frame *f, uint32_t slot, ValueId v) {
    Build *b = f->b;
    const SlotHome *home = &f->home[slot];
    if (!home->is_shared) {
        write_var(f, home->var, v);
        return;
    }
    ValueId function = variables_function(f, "assign");
    if (!b->failed) emit_value(f, OP_call, function, ssa_read(&b->ssa, home->var, b->b.block), v);
}

void op_deref(Frame *f, int32_t arg) {
    uint32_t slot = (uint32_t)arg;
    if (!check_cell(f, slot)) return;
    const SlotHome *home = &f->home[slot];
    if (home->cell) {
        push(f, cell_value(f, slot));
        return;
    }
    push(f, slot_read(f, slot));
}

/* Python's own variable, of the function around a compiled one. */
static bool check_own(Frame *f, uint32_t slot) {
    if (!check_cell(f, slot)) return false;
    if (!f->home[slot].is_free || f->home[slot].is_shared) return true;
    build_error(f, DIAG_CLOSURE_REASSIGNED,
                "the compiled function assigns '%s' of the Python function around it", slot_name(f, slot));
    return false;
}

void op_store_deref(Frame *f, int32_t arg) {
    Build *b = f->b;
    uint32_t slot = (uint32_t)arg;
    ValueId v = pop(f);
    if (!check_own(f, slot)) return;
    v = declared_value(f, slot, v);
    slot_write(f, slot, v);
    const Block *block = block_at(b->f, b->b.block);
    CellStore s = {.var = f->home[slot].var,
                   .value = v,
                   .block = b->b.block,
                   .span = b->b.span,
                   .before = block->inst.n ? vec_last(&block->inst) : NO_VALUE};
    if (!f->home[slot].is_shared) vec_push(b->arena, &b->cell_stores, s);
}

void op_delete_deref(Frame *f, int32_t arg) {
    Build *b = f->b;
    uint32_t slot = (uint32_t)arg;
    if (!check_own(f, slot)) return;
    if (!f->home[slot].is_shared) {
        build_unsupported(f, "`del` of a variable that an inner function uses");
        return;
    }
    ValueId function = variables_function(f, "delete"),
            cell = ssa_read(&b->ssa, f->home[slot].var, b->b.block);
    ValueId message = text_value(f,
                                 arena_printf(b->arena,
                                              "cannot access local variable '%s' where it is not associated "
                                              "with a value",
                                              slot_name(f, slot)));
    if (!b->failed) emit_value(f, OP_call, function, cell, message);
}

/* Where the variable's life begins; a parameter has a value by then. */
void op_make_cell(Frame *f, int32_t arg) {
    Build *b = f->b;
    uint32_t slot = (uint32_t)arg;
    if (!check_cell(f, slot) || !f->home[slot].is_shared) return;
    ValueId value = ssa_read(&b->ssa, f->home[slot].var, b->b.block),
            function = variables_function(f, "cell");
    if (b->failed) return;
    write_var(f, f->home[slot].var, emit_value(f, OP_call, function));
    if (inst_at(b->f, value)->op != OP_undef) slot_write(f, slot, value);
}

/* ---- making inner functions ------------------------------------------------------------------------------------------------ */

static uint32_t nfree_of(const PyCodeObject *code) { return (uint32_t)code->co_nfreevars; }

/* The slot of the cell that an inner function's free variable refers to: the one of the same name. */
static uint32_t slot_of_name(const Frame *f, PyObject *name) {
    enum { SLOT_CELL = 0x40, SLOT_FREE = 0x80 };
    const char *kinds = PyBytes_AS_STRING(f->code->co_localspluskinds);
    for (uint32_t i = f->nslots; i-- > 0;)
        if ((kinds[i] & (SLOT_CELL | SLOT_FREE)) &&
            PyUnicode_Compare(PyTuple_GET_ITEM(f->code->co_localsplusnames, i), name) == 0)
            return i;
    return UINT32_MAX;
}

enum { MOST_SHARED = 64 };

/* The inner function is passed a cell for its free variable of this name. */
static void share_with(Frame *f, PyCodeObject *code, PyObject *name) {
    Build *b = f->b;
    uint64_t bits = 0;
    Handle h = b->host->handle_of(code);
    uint32_t i = 0;
    while (i < nfree_of(code) && PyUnicode_Compare(free_name(code, i), name)) i++;
    if (i == nfree_of(code)) return; /* it only passes it on */
    if (i >= MOST_SHARED) build_unsupported(f, "an inner function of more than 64 captured variables");
    map_find(&b->unit->shared, h, &bits);
    map_set(b->arena, &b->unit->shared, h, bits | UINT64_C(1) << (i & (MOST_SHARED - 1)));
}

/* Values of the captured variables now; a comprehension takes none, it is expanded where it is called. */
static void capture(Frame *f, Capture *c, ValueId *v) {
    Build *b = f->b;
    for (uint32_t i = 0; i < c->ncaptured && !b->failed; i++) {
        uint32_t slot = slot_of_name(f, c->name[i]);
        if (slot == UINT32_MAX) {
            build_error(f, DIAG_INTERNAL, "the bytecode of '%s' is not understood: no cell", b->source->name);
            return;
        }
        const SlotHome *home = &f->home[slot];
        c->var[i] = home->cell || home->is_shared ? NO_VALUE : home->var;
        if (home->is_shared) share_with(f, c->code, c->name[i]);
        if (!c->is_comprehension)
            v[i] = home->cell ? cell_value(f, slot) : ssa_read(&b->ssa, home->var, b->b.block);
    }
}

bool closures_is_comprehension(const PyCodeObject *code) {
    static const char *const names[] = {"<listcomp>", "<setcomp>", "<dictcomp>"};
    for (uint32_t i = 0; i < ARRAY_LEN(names); i++)
        if (PyUnicode_CompareWithASCIIString(code->co_name, names[i]) == 0) return true;
    return false;
}

void op_function(Frame *f, int32_t arg) {
    Build *b = f->b;
    ValueId code = pop(f);
    PyObject *o = object_behind(f, code);
    if (!o || !PyCode_Check(o)) {
        build_unsupported(f, "this kind of inner function");
        return;
    }
    Names names = captured_at_first(b, b->host->handle_of(o));
    Capture c = {.code = (PyCodeObject *)o, .ncaptured = names.n, .name = names.at};
    c.is_comprehension = closures_is_comprehension(c.code);
    c.var = arena_array(b->arena, Var, c.ncaptured + 1);
    ValueId *v = arena_array(b->arena, ValueId, c.ncaptured + 1);
    capture(f, &c, v);
    c.closure = emit_op(f, OP_closure, c.is_comprehension ? 0 : c.ncaptured, v);
    inst_at(b->f, c.closure)->imm.handle = inst_at(b->f, code)->imm.handle;
    vec_push(b->arena, &b->captures, c);
    push(f, c.closure);
}

/* Operands of a closure: captured values, default values of positional parameters, then those of keyword-only ones. */
static void insert_defaults(Frame *f, ValueId closure, uint32_t nadded, const ValueId *added, bool last) {
    Inst *c = inst_at(f->b->f, closure);
    if (c->op != OP_closure || c->sub + nadded > UINT8_MAX) {
        build_unsupported(f, "this kind of default values of an inner function");
        return;
    }
    uint32_t at = last ? c->nargs : c->nargs - c->sub, n = 0; /* either kind may come first */
    ValueId *v = arena_array(f->b->arena, ValueId, c->nargs + nadded + 1);
    for (uint32_t i = 0; i < at; i++) v[n++] = c->arg[i];
    for (uint32_t i = 0; i < nadded; i++) v[n++] = added[i];
    for (uint32_t i = at; i < c->nargs; i++) v[n++] = c->arg[i];
    c->arg = v;
    c->sub = (uint8_t)(c->sub + nadded);
    c->nargs = n;
}

static void add_defaults(Frame *f, ValueId closure, ValueId defaults) {
    const Inst *t = inst_at(f->b->f, defaults);
    if (t->op != OP_tuple) build_unsupported(f, "this kind of default values of an inner function");
    else insert_defaults(f, closure, t->nargs, t->arg, false);
}

/* They come as a dict, and are kept in the order of the parameters; which have one is a fact about the code. */
static void add_keyword_defaults(Frame *f, ValueId closure, ValueId defaults) {
    Build *b = f->b;
    const Mapping *m = find_mapping(f, defaults);
    Handle h = inst_at(b->f, closure)->imm.handle;
    const PyCodeObject *code = b->host->object_of(h);
    uint32_t first = (uint32_t)code->co_argcount, n = (uint32_t)code->co_kwonlyargcount, nadded = 0;
    if (!m || m->is_open || n > 64) {
        build_unsupported(f, "this kind of default values of an inner function");
        return;
    }
    ValueId *added = arena_array(b->arena, ValueId, n + 1);
    uint64_t bits = 0;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < m->key.n; k++) {
            PyObject *name = object_behind(f, ssa_resolve(&b->ssa, m->key.at[k]));
            if (!name || PyUnicode_Compare(name, PyTuple_GET_ITEM(code->co_localsplusnames, first + i)))
                continue;
            added[nadded++] = m->value.at[k];
            bits |= UINT64_C(1) << i;
        }
    for (uint32_t i = 0; i < m->made.n; i++) vec_push(b->arena, &b->doomed, m->made.at[i]);
    map_set(b->arena, &b->unit->keyword_defaults, h, bits);
    insert_defaults(f, closure, nadded, added, true);
}

/* The closure tuple was not needed (capture goes by name), and annotations mean nothing to compiled code. */
void op_function_attr(Frame *f, int32_t attr) {
    ValueId closure = pop(f), value = pop(f);
    if (attr == FUNCTION_DEFAULTS) add_defaults(f, closure, value);
    else if (attr == FUNCTION_KW_DEFAULTS) add_keyword_defaults(f, closure, value);
    push(f, closure);
}

/* ---- list comprehensions of Python 3.11 ---------------------------------------------------------------------------------------- */

static const Capture *find_capture(const Build *b, ValueId closure) {
    for (uint32_t i = 0; i < b->captures.n; i++)
        if (b->captures.at[i].closure == closure) return &b->captures.at[i];
    return NULL;
}

bool is_generator_expression(Frame *f, ValueId callee) {
    const Inst *i = inst_at(f->b->f, callee);
    PyObject *code = i->op == OP_closure ? f->b->host->object_of(i->imm.handle) : NULL;
    return code && PyUnicode_CompareWithASCIIString(((PyCodeObject *)code)->co_name, "<genexpr>") == 0;
}

bool expand_comprehension(Frame *f, ValueId callee, ValueId iterator) {
    Build *b = f->b;
    const Capture *c = find_capture(b, callee);
    if (!c || !c->is_comprehension) return false;
    PyCodeObject *code = c->code;
    Frame inner;
    frame_init(&inner, b, f, code);
    inner.call_span = f->outer ? f->call_span : b->b.span;
    for (uint32_t i = 0; i < nfree_of(code); i++)
        inner.home[inner.nslots - nfree_of(code) + i] = f->home[slot_of_name(f, free_name(code, i))];
    ssa_write(&b->ssa, inner.home[0].var, b->b.block, iterator);
    for (uint32_t i = 1; i < inner.nslots - nfree_of(code); i++)
        ssa_write(&b->ssa, inner.home[i].var, b->b.block, ssa_undef(&b->ssa, inner.home[i].var));
    frame_build(&inner);
    if (!b->failed) push(f, inner.result);
    return true;
}

/* ---- assignments that an inner function would have to see -------------------------------------------------------------------------- */

/* Does the code, or code inside it, make a function that uses the variable? */
static bool makes_user_of(const PyCodeObject *code, PyObject *name) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(code->co_consts); i++) {
        PyObject *o = PyTuple_GET_ITEM(code->co_consts, i);
        if (!PyCode_Check(o)) continue;
        const PyCodeObject *inner = (const PyCodeObject *)o;
        for (uint32_t k = 0; k < nfree_of(inner); k++)
            if (PyUnicode_Compare(free_name(inner, k), name) == 0) return true;
    }
    return false;
}

/* May the result of this instruction hold the alias that it uses? */
static bool passes_on(const Inst *i, ValueId alias, bool callee_returns_user) {
    switch (i->op) {
    case OP_phi:
    case OP_tuple:
    case OP_list:
    case OP_closure:
    case OP_unpack:
    case OP_item:
    case OP_getitem:
    case OP_iter:
    case OP_iter_value:
    case OP_iter_next:
    case OP_getattr: return true;
    case OP_call:
        for (uint32_t k = 1; k < i->nargs; k++)
            if (i->arg[k] == alias) return true;
        return callee_returns_user;
    default: return false;
    }
}

/* What an instruction may put the alias into: a list, an object, or the receiver of a method that it is passed to.
 * A plain function is trusted not to hide its argument in another one. */
static ValueId container_of(const Func *fn, const Inst *i) {
    if (i->op == OP_list_append || i->op == OP_setitem || i->op == OP_setattr) return i->arg[0];
    const Inst *callee = i->op == OP_call ? inst_at(fn, i->arg[0]) : NULL;
    return callee && callee->op == OP_getattr ? callee->arg[0] : NO_VALUE;
}

static bool mark(bool *alias, ValueId v) {
    bool is_new = v != NO_VALUE && !alias[v];
    if (is_new) alias[v] = true;
    return is_new;
}

/* Functions whose results are numbers, bools and texts, whatever they go through. */
static bool gives_plain_value(Frame *f, const Inst *call) {
    static const char *const name[] = {"sum",  "any", "all",   "len",  "str",
                                       "repr", "int", "float", "bool", "join"};
    const Inst *callee = inst_at(f->b->f, call->arg[0]);
    const char *called = NULL;
    if (callee->op == OP_getattr) called = callee->imm.name;
    PyObject *o = object_behind(f, call->arg[0]);
    PyObject *builtins = o ? PyEval_GetBuiltins() : NULL;
    for (uint32_t k = 0; k < ARRAY_LEN(name); k++)
        if (called ? !strcmp(called, name[k]) && !strcmp(called, "join")
                   : builtins && PyDict_GetItemString(builtins, name[k]) == o)
            return true;
    return false;
}

static bool add_alias(Frame *f, bool *alias, ValueId v, bool returns_user) {
    const Inst *i = inst_at(f->b->f, v);
    bool changed = false;
    if (i->op == OP_call && gives_plain_value(f, i)) return false;
    for (uint32_t k = 0; k < i->nargs; k++) {
        if (!alias[i->arg[k]]) continue;
        if (passes_on(i, i->arg[k], returns_user)) changed |= mark(alias, v);
        if (i->op != OP_call || k > 0) changed |= mark(alias, container_of(f->b->f, i));
    }
    return changed;
}

static bool *find_aliases(Frame *f, const Capture *c, PyObject *name) {
    Build *b = f->b;
    bool *alias = arena_array(b->arena, bool, b->f->inst.n);
    bool returns_user = makes_user_of(c->code, name);
    alias[c->closure] = true;
    for (bool changed = true; changed;) {
        changed = false;
        for (ValueId v = 0; v < b->f->inst.n; v++)
            changed |= inst_at(b->f, v)->block != NO_BLOCK && add_alias(f, alias, v, returns_user);
    }
    return alias;
}

/* Is `v` used in block k from position `from` on, before it is defined again?  *stop: the walk ends in this block. */
static bool used_in_block(const Func *fn, ValueId v, BlockId k, uint32_t from, bool *stop) {
    const Block *block = block_at(fn, k);
    for (uint32_t i = from; i < block->inst.n; i++) {
        const Inst *in = inst_at(fn, block->inst.at[i]);
        *stop |= block->inst.at[i] == v;
        if (in->op == OP_phi) continue; /* uses its operands on the edges */
        if (*stop) return false;
        for (uint32_t a = 0; a < in->nargs; a++)
            if (in->arg[a] == v) return true;
    }
    return false;
}

static bool used_on_edge(const Func *fn, ValueId v, BlockId from, BlockId to) {
    const Block *block = block_at(fn, to);
    uint32_t index = ir_pred_index(fn, to, from);
    for (uint32_t i = 0; i < block->inst.n && inst_at(fn, block->inst.at[i])->op == OP_phi; i++) {
        const Inst *phi = inst_at(fn, block->inst.at[i]);
        if (index < phi->nargs && phi->arg[index] == v) return true;
    }
    return false;
}

/* Position in its block of the instruction behind the store. */
static uint32_t position_of(const Func *fn, const CellStore *s) {
    const Block *block = block_at(fn, s->block);
    for (uint32_t i = 0; s->before != NO_VALUE && i < block->inst.n; i++)
        if (block->inst.at[i] == s->before) return i + 1;
    return 0;
}

/* Liveness of v behind the store, by a walk forward. */
static bool alive_after(Frame *f, ValueId v, const CellStore *s) {
    const Func *fn = f->b->f;
    bool *seen = arena_array(f->b->arena, bool, fn->block.n);
    Vec(BlockId) work = {0};
    vec_push(f->b->arena, &work, s->block);
    for (uint32_t from = position_of(fn, s); work.n; from = 0) {
        BlockId k = vec_pop(&work), succ[3];
        bool stop = false;
        if (used_in_block(fn, v, k, from, &stop)) return true;
        uint32_t n = stop ? 0 : ir_all_successors(fn, k, succ);
        for (uint32_t i = 0; i < n; i++) {
            if (used_on_edge(fn, v, k, succ[i])) return true;
            if (!seen[succ[i]]) {
                seen[succ[i]] = true;
                vec_push(f->b->arena, &work, succ[i]);
            }
        }
    }
    return false;
}

/* Can control come from where the closure is made to the store? */
static bool comes_after(Frame *f, ValueId closure, const CellStore *s) {
    const Func *fn = f->b->f;
    BlockId made = inst_at(fn, closure)->block;
    uint32_t at = 0, end = position_of(fn, s);
    while (block_at(fn, made)->inst.at[at] != closure) at++;
    if (made == s->block && at < end) return true;
    bool *seen = arena_array(f->b->arena, bool, fn->block.n);
    Vec(BlockId) work = {0};
    vec_push(f->b->arena, &work, made);
    while (work.n) {
        BlockId succ[3];
        uint32_t n = ir_all_successors(fn, vec_pop(&work), succ);
        for (uint32_t i = 0; i < n; i++) {
            if (succ[i] == s->block) return true;
            if (!seen[succ[i]]) {
                seen[succ[i]] = true;
                vec_push(f->b->arena, &work, succ[i]);
            }
        }
    }
    return false;
}

static bool any_alive(Frame *f, const bool *alias, const CellStore *s) {
    for (ValueId v = 0; v < f->b->f->inst.n; v++)
        if (alias[v] && inst_at(f->b->f, v)->block != NO_BLOCK && alive_after(f, v, s)) return true;
    return false;
}

/* Who makes its own closure anew needs its default values. */
static void capture_defaults(Frame *f, const Capture *c) {
    Inst *closure = inst_at(f->b->f, c->closure);
    uint32_t n = closure->nargs, ndefaults = closure->sub;
    ValueId *v = arena_array(f->b->arena, ValueId, n + ndefaults + 1);
    for (uint32_t k = 0; k < n; k++) v[k] = closure->arg[k];
    for (uint32_t k = 0; k < ndefaults; k++) v[n + k] = v[n - ndefaults + k];
    closure->arg = v;
    closure->nargs = n + ndefaults;
}

/* `def g(): ... g() ...`: the store of the closure to the variable that it captured.  The operand goes, and the
 * code is built now, knowing which of its free variables is itself. */
static bool drop_self(Frame *f, const Capture *c, uint32_t i) {
    Build *b = f->b;
    Inst *closure = inst_at(b->f, c->closure);
    if (inst_at(b->f, closure->arg[i])->op != OP_undef) return false;
    for (uint32_t k = i; k + 1 < closure->nargs; k++) closure->arg[k] = closure->arg[k + 1];
    closure->nargs--;
    capture_defaults(f, c);
    siblings_know_self(b, closure->imm.handle, c->name[i], closure->sub);
    if (!build_inner(b->unit, b->host, closure->imm.handle, b->source->lender)) b->failed = true;
    return true;
}

/* Does the variable belong to the function itself?  One of an expanded comprehension has a cell for each evaluation. */
static bool is_local(const Frame *f, Var var) {
    for (uint32_t i = 0; i < f->nslots; i++)
        if (f->home[i].var == var) return true;
    return false;
}

/* An inner function in a cell that it captures would have a type that contains itself. */
static bool is_closure(const Build *b, ValueId v) {
    return inst_at(b->f, ssa_resolve(&b->ssa, v))->op == OP_closure;
}

/* The variable that a closure is assigned to; NULL: none. */
static PyObject *own_name(const Frame *f, ValueId closure) {
    const Build *b = f->b;
    for (uint32_t s = 0; s < b->cell_stores.n; s++) {
        if (ssa_resolve(&b->ssa, b->cell_stores.at[s].value) != closure) continue;
        for (uint32_t i = 0; i < f->nslots; i++)
            if (f->home[i].var == b->cell_stores.at[s].var)
                return PyTuple_GET_ITEM(f->code->co_localsplusnames, i);
    }
    return NULL;
}

/* Is the variable only ever this inner function? */
static bool is_function_variable(const Frame *f, const CellStore *s) {
    const Build *b = f->b;
    const Inst *closure = inst_at(b->f, ssa_resolve(&b->ssa, s->value));
    for (uint32_t k = 0; k < b->cell_stores.n; k++) {
        const Inst *other = inst_at(b->f, ssa_resolve(&b->ssa, b->cell_stores.at[k].value));
        if (b->cell_stores.at[k].var != s->var) continue;
        if (other->op != OP_closure || other->imm.handle != closure->imm.handle) return false;
    }
    return closure->sub == 0; /* its default values are not known before */
}

/* The inner function uses one that is defined after it: siblings.c. */
static bool link_sibling(Frame *f, const Capture *c, PyObject *name, const CellStore *s) {
    Build *b = f->b;
    Handle from = inst_at(b->f, c->closure)->imm.handle,
           target = inst_at(b->f, ssa_resolve(&b->ssa, s->value))->imm.handle;
    if (!is_function_variable(f, s) || from == target) return false;
    b->again = true;
    if (siblings_reach(b, target, from)) return true; /* of two in a loop one has a link */
    Siblings *siblings = siblings_make(b, from);
    siblings->own = own_name(f, c->closure);
    siblings->ndefaults = inst_at(b->f, c->closure)->sub;
    vec_push(b->arena, &siblings->link, ((Link){.name = name, .target = target}));
    return true;
}

static void check_store(Frame *f, const Capture *c, uint32_t i, const CellStore *s, int32_t *self) {
    Build *b = f->b;
    PyObject *name = c->name[i];
    if (ssa_resolve(&b->ssa, s->value) == c->closure) {
        if (*self < 0 && drop_self(f, c, i)) *self = (int32_t)i;
        if (*self == (int32_t)i) return;
    }
    b->b.span = s->span;
    if (b->failed || !comes_after(f, c->closure, s) || !any_alive(f, find_aliases(f, c, name), s)) return;
    if (is_local(f, c->var[i]) && is_closure(b, s->value) && link_sibling(f, c, name, s)) return;
    if (is_local(f, c->var[i]) && !is_closure(b, s->value)) {
        vec_push(b->arena, &b->shared, text_of(b, name));
        b->again = true;
        return;
    }
    build_error(f, DIAG_CLOSURE_REASSIGNED, "'%s' is assigned after the inner function '%s' took its value",
                text_of(b, name), text_of(b, c->code->co_name));
}

void closures_check(Frame *f) {
    Build *b = f->b;
    for (uint32_t k = 0; k < b->captures.n && !b->failed; k++) {
        const Capture *c = &b->captures.at[k];
        int32_t self = -1; /* the free variable that is the function itself */
        for (uint32_t i = 0; i < c->ncaptured && !c->is_comprehension; i++)
            for (uint32_t s = 0; s < b->cell_stores.n && !b->failed; s++)
                if (c->var[i] != NO_VALUE && b->cell_stores.at[s].var == c->var[i])
                    check_store(f, c, i, &b->cell_stores.at[s], &self);
        const Siblings *s = siblings_of(b, b->host->handle_of(c->code));
        if (self < 0 && s && s->link.n && !b->again) capture_defaults(f, c);
    }
}

/* ---- variables that are cells ------------------------------------------------------------------------------------------------------ */

/* Does the code assign its free variable of this name? */
static bool assigns_free(Build *b, PyCodeObject *code, PyObject *name) {
    Decoded d = {0};
    if (closures_is_comprehension(code) || !decode(b->arena, code, &d)) return false;
    for (uint32_t i = 0; i < d.code.n; i++) {
        const Instruction *in = &d.code.at[i];
        bool is_store = in->op == I_STORE_DEREF || in->op == I_DELETE_DEREF;
        if (is_store && PyUnicode_Compare(PyTuple_GET_ITEM(code->co_localsplusnames, in->arg), name) == 0)
            return true;
    }
    return false;
}

static bool has_free(const PyCodeObject *code, PyObject *name) {
    for (uint32_t i = 0; i < nfree_of(code); i++)
        if (PyUnicode_Compare(free_name(code, i), name) == 0) return true;
    return false;
}

/* Does a function inside the code, at any depth, assign the variable of this name? */
static bool assigned_inside(Build *b, PyCodeObject *code, PyObject *name) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(code->co_consts); i++) {
        PyObject *o = PyTuple_GET_ITEM(code->co_consts, i);
        PyCodeObject *inner = (PyCodeObject *)o;
        if (!PyCode_Check(o) || !has_free(inner, name)) continue;
        if (assigns_free(b, inner, name) || assigned_inside(b, inner, name)) return true;
    }
    return false;
}

void closures_find_shared(Build *b, PyCodeObject *code) {
    enum { SLOT_CELL = 0x40 };
    const char *kinds = PyBytes_AS_STRING(code->co_localspluskinds);
    for (Py_ssize_t i = 0; i < code->co_nlocalsplus; i++) {
        PyObject *name = PyTuple_GET_ITEM(code->co_localsplusnames, i);
        if (kinds[i] & SLOT_CELL && assigned_inside(b, code, name))
            vec_push(b->arena, &b->shared, text_of(b, name));
    }
}

bool closures_is_shared(Frame *f, uint32_t slot, bool is_free) {
    enum { SLOT_CELL = 0x40 };
    Build *b = f->b;
    uint32_t first = f->nslots - nfree_of(f->code);
    uint64_t bits = 0;
    if (f->outer) return false; /* what it shares is its outer frame's */
    if (is_free) return map_find(&b->unit->shared, b->source->code, &bits) && bits >> (slot - first) & 1;
    if (!(PyBytes_AS_STRING(f->code->co_localspluskinds)[slot] & SLOT_CELL)) return false;
    for (uint32_t i = 0; i < b->shared.n; i++)
        if (strcmp(b->shared.at[i], slot_name(f, slot)) == 0) return true;
    return false;
}
