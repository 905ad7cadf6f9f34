/* with.c - `with`, and `with objmode(y="float64"):`, a block that the interpreter runs.
 *
 * A `with` calls naja/library/contexts.py: entering gives the function to leave with and the value; the exit function's
 * call at the end is the bytecode's, as is that in the handler.
 *
 * The body of objmode is no compiled code, so it is taken out of the bytecode before basic blocks are made.  The block is compiled
 * by CPython as
 *
 *        context expression; WITH; POP; body (a region of its own); None, None, None; CALL; POP; what follows
 *
 *   1. with_outline, on decoded code: an I_WITH whose context expression is naja.objmode, or a call of it, becomes an
 *      I_OBJMODE, which jumps behind the block.  Nothing leads into the body then; its regions
 *      go.
 *   2. op_objmode builds one `objmode` op: operands are the variables that the body reads, results (`item`) those that
 *      the context expression names.  Any other variable that the body assigns is unassigned behind it.
 *
 * naja/regions.py makes a function of the body's bytecode, which the interpreter runs.
 */
#include "frontend/build.h"

/* ---- 1. finding the block ------------------------------------------------------------------------------------------ */

static PyObject *objmode_object(void) { /* borrowed; NULL: the program has none */
    PyObject *name = PyUnicode_FromString("naja.special");
    PyObject *module = name ? PyImport_GetModule(name) : NULL;
    PyObject *o = module ? PyObject_GetAttrString(module, "objmode") : NULL;
    Py_XDECREF(name);
    Py_XDECREF(module);
    Py_XDECREF(o); /* the module keeps it */
    PyErr_Clear();
    return o;
}

/* What a global, a variable of an enclosing function, or an attribute of one is at the moment; a new reference. */
static PyObject *named_object(const Frame *f, uint32_t at) {
    const Build *b = f->b;
    const Instruction *in = &f->decoded.code.at[at];
    PyObject *o = NULL;
    if (in->op == I_GLOBAL) {
        o = PyDict_GetItemWithError(b->globals, PyTuple_GET_ITEM(f->code->co_names, in->arg));
        Py_XINCREF(o);
    } else if (in->op == I_DEREF && f->home[in->arg].cell) {
        o = Py_XNewRef(PyCell_GET(f->home[in->arg].cell));
    }
    for (at++; o && at < f->decoded.code.n; at++) {
        const Instruction *next = &f->decoded.code.at[at];
        if (next->op != I_ATTR && next->op != I_METHOD) break;
        PyObject *value = PyModule_Check(o)
                              ? PyObject_GetAttr(o, PyTuple_GET_ITEM(f->code->co_names, next->arg))
                              : NULL;
        if (!value) break;
        Py_SETREF(o, value);
    }
    PyErr_Clear();
    return o;
}

/* Is the context expression that ends in front of `with` about objmode? */
static bool is_objmode(const Frame *f, uint32_t with, PyObject *objmode) {
    for (uint32_t i = with; i-- > 0;) {
        uint8_t op = f->decoded.code.at[i].op;
        if (op == I_STORE || op == I_POP || op == I_RETURN || opcode_is_jump(op)) return false;
        PyObject *o = op == I_GLOBAL || op == I_DEREF ? named_object(f, i) : NULL;
        Py_XDECREF(o);
        if (o && o == objmode) return true;
    }
    return false;
}

/* The instruction behind a call of the exit function that stands at `at`; 0: there is none. */
static uint32_t behind_exit(const Decoded *d, uint32_t at) {
    while (at < d->code.n && d->code.at[at].op == I_NOP) at++;
    uint32_t end = at + 3;
    for (; at < end && at < d->code.n; at++)
        if (d->code.at[at].op != I_CONST && d->code.at[at].op != I_COMMON) return 0;
    bool is_exit = at + 1 < d->code.n && d->code.at[at].op == I_CALL && d->code.at[at + 1].op == I_POP;
    return is_exit ? at + 2 : 0;
}

/* The instruction behind the block: the exit function is called where a piece of its region ends.  Other pieces are
 * handlers inside, which stand further below.  0: not understood. */
static uint32_t end_of_block(const Decoded *d, uint32_t begin, uint32_t *body_end) {
    int32_t target = -1;
    uint32_t found = 0;
    for (uint32_t i = 0; i < d->regions.n; i++)
        if (d->regions.at[i].begin == (int32_t)begin) target = d->regions.at[i].target;
    for (uint32_t i = 0; target >= 0 && i < d->regions.n; i++) {
        const ExceptionRegion *r = &d->regions.at[i];
        uint32_t behind = r->target == target ? behind_exit(d, (uint32_t)r->end) : 0;
        if (behind && (!found || (uint32_t)r->end < *body_end)) {
            *body_end = (uint32_t)r->end;
            found = behind;
        }
    }
    return found;
}

/* What control can reach from the body before it comes to the block's end. */
typedef struct {
    const Decoded *d;
    int32_t handler; /* of the block itself: not followed */
    bool *seen;
    Vec(uint32_t) work;
    Arena *arena;
} Reach;

static void reach(Reach *r, uint32_t i) {
    if (i >= r->d->code.n || r->seen[i]) return;
    r->seen[i] = true;
    vec_push(r->arena, &r->work, i);
}

static void reach_handlers(Reach *r, uint32_t i) {
    for (uint32_t k = 0; k < r->d->regions.n; k++) {
        const ExceptionRegion *region = &r->d->regions.at[k];
        if (region->target != r->handler && region->begin <= (int32_t)i && (int32_t)i < region->end)
            reach(r, (uint32_t)region->target);
    }
}

static bool ends_here(uint8_t op) {
    return op == I_RETURN || op == I_JUMP || op == I_RAISE || op == I_RERAISE || op == I_UNROLL_END;
}

/* From the body's first instruction. */
static Reach reach_begin(Arena *a, const Decoded *d, uint32_t begin) {
    Reach r = {.d = d, .handler = -1, .seen = arena_array(a, bool, d->code.n + 1), .arena = a};
    for (uint32_t k = 0; k < d->regions.n; k++)
        if (d->regions.at[k].begin == (int32_t)begin - 1) r.handler = d->regions.at[k].target;
    reach(&r, begin);
    return r;
}

static void reach_next(Reach *r, uint32_t i) {
    const Instruction *in = &r->d->code.at[i];
    reach_handlers(r, i);
    if (opcode_is_jump(in->op)) reach(r, (uint32_t)in->arg);
    if (!ends_here(in->op)) reach(r, i + 1);
}

/* What the body [begin, end) does that a function of its own cannot; NULL: nothing. */
static const char *leaves_early(Arena *a, const Decoded *d, uint32_t begin, uint32_t end, uint32_t after) {
    for (Reach r = reach_begin(a, d, begin); r.work.n;) {
        uint32_t i = vec_pop(&r.work);
        const Instruction *in = &d->code.at[i];
        if (i == end) continue;
        if (in->op == I_YIELD) return "`yield` in an objmode block";
        if (in->op == I_ASYNC) return "`await` in an objmode block";
        if (in->op == I_RETURN) return "`return` in an objmode block";
        if (i < begin || i == after) return "`break` or `continue` out of an objmode block";
        reach_next(&r, i);
    }
    return NULL;
}

/* Of a body whose end cannot be reached. */
static const char *why_endless(Arena *a, const Decoded *d, uint32_t begin) {
    for (Reach r = reach_begin(a, d, begin); r.work.n;) {
        uint32_t i = vec_pop(&r.work);
        if (d->code.at[i].op == I_RETURN)
            return "an objmode block that never reaches its end (unsupported control flow due to return statements "
                   "inside with block)";
        reach_next(&r, i);
    }
    return "an objmode block that never reaches its end (unsupported control flow due to raise statements inside "
           "with block)";
}

/* An inner `with` of the body is the interpreter's; one around it is not seen. */
static const char *refusal(Arena *a, const Decoded *d, uint32_t begin, uint32_t end, uint32_t after) {
    if (after == 0) return why_endless(a, d, begin);
    if (d->code.at[begin - 1].op != I_POP) return "`as` with an objmode block";
    return leaves_early(a, d, begin, end, after);
}

static void drop_regions(Decoded *d, uint32_t begin, uint32_t end) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < d->regions.n; i++) {
        const ExceptionRegion r = d->regions.at[i];
        if (r.begin >= (int32_t)begin && r.end <= (int32_t)end) continue;
        d->regions.at[kept++] = r;
    }
    d->regions.n = kept;
}

static void keep_regions(Frame *f) {
    f->whole = f->decoded;
    memset(&f->whole.regions, 0, sizeof f->whole.regions);
    for (uint32_t i = 0; i < f->decoded.regions.n; i++)
        vec_push(f->b->arena, &f->whole.regions, f->decoded.regions.at[i]);
}

bool with_outline(Frame *f) {
    PyObject *objmode = objmode_object();
    Decoded *d = &f->decoded;
    keep_regions(f);
    for (uint32_t i = 0; objmode && i + 1 < d->code.n; i++) {
        if (d->code.at[i].op != I_WITH || !is_objmode(f, i, objmode)) continue;
        uint32_t body_end = 0, after = end_of_block(d, i + 1, &body_end);
        const char *why = refusal(f->b->arena, d, i + 2, body_end, after);
        if (why) {
            build_at(f, i);
            build_error(f, DIAG_OBJMODE_FLOW, "%s is not supported in compiled functions", why);
            return false;
        }
        ObjmodeRegion *r = arena_new(f->b->arena, ObjmodeRegion);
        r->begin = d->code.at[i + 2].offset;
        r->end = d->code.at[body_end].offset;
        r->first = i + 2;
        r->last = body_end;
        vec_push(f->b->arena, &f->objmodes, r);
        d->code.at[i].op = I_OBJMODE;
        d->code.at[i].arg = (int32_t)after;
        drop_regions(d, i + 1, body_end);
        i = after - 1;
    }
    return true;
}

/* ---- 2. building it --------------------------------------------------------------------------------------------------- */

static bool is_store(uint8_t op) {
    return op == I_STORE || op == I_STORE_DEREF || op == I_DELETE || op == I_DELETE_DEREF;
}

static bool is_load(uint8_t op) { return op == I_LOAD || op == I_LOAD_CLEAR || op == I_DEREF; }

/* May the body read the value that a slot has before it? */
static bool reads_first(const Frame *f, const ObjmodeRegion *region, uint32_t slot) {
    Reach r = reach_begin(f->b->arena, &f->whole, region->first);
    while (r.work.n) {
        uint32_t i = vec_pop(&r.work);
        const Instruction *in = &r.d->code.at[i];
        if (i == region->last) continue;
        bool is_use = in->arg == (int32_t)slot && (is_load(in->op) || is_store(in->op));
        if (is_use && is_load(in->op)) return true;
        if (!is_use) reach_next(&r, i);
    }
    return false;
}

static bool assigned_in(const Frame *f, const ObjmodeRegion *r, uint32_t slot) {
    for (uint32_t i = r->first; i < r->last; i++)
        if (is_store(f->decoded.code.at[i].op) && f->decoded.code.at[i].arg == (int32_t)slot) return true;
    return false;
}

static uint32_t slot_named(const Frame *f, const char *name) {
    for (uint32_t i = 0; i < f->nslots; i++)
        if (strcmp(slot_name(f, i), name) == 0) return i;
    return UINT32_MAX;
}

static uint32_t add_inputs(Frame *f, ObjmodeRegion *r, ValueId *v) {
    Build *b = f->b;
    const char **name = arena_array(b->arena, const char *, f->nslots + 1);
    for (uint32_t i = 0; i < f->nslots; i++) {
        if (f->home[i].cell || !reads_first(f, r, i)) continue;
        ValueId value = slot_read(f, i);
        if (b->failed || inst_at(b->f, value)->op == OP_undef) continue;
        name[r->nin] = slot_name(f, i);
        v[r->nin++] = value;
    }
    r->in = name;
    return r->nin;
}

/* The keywords of objmode(...): names of variables, and what stands for their types. */
static bool read_outputs(Frame *f, ObjmodeRegion *r, ValueId context) {
    Build *b = f->b;
    const Inst *call = inst_at(b->f, context);
    if (call->op != OP_call) return true; /* `with objmode:` */
    const CallInfo *info = call->imm.call;
    uint32_t n = info ? info->nkeywords : 0;
    if (call->nargs != n + 1 || (info && info->star)) return false;
    r->out = n ? info->keyword : NULL;
    r->nout = n;
    r->type = arena_array(b->arena, ValueId, n + 1);
    memcpy(r->type, call->arg + 1, n * sizeof *r->type);
    vec_push(b->arena, &b->doomed, context);
    for (uint32_t i = 0; i < n; i++)
        if (inst_at(b->f, r->type[i])->op == OP_const_int || inst_at(b->f, r->type[i])->op == OP_const_float)
            build_error(
                f, DIAG_OBJMODE_TYPE,
                "Error handling objmode argument '%s'. The value must be a compile-time constant either as a "
                "non-local variable or a getattr expression that refers to a Numba type.",
                r->out[i]);
    return true;
}

static bool is_output(const ObjmodeRegion *r, const char *name) {
    for (uint32_t i = 0; i < r->nout; i++)
        if (strcmp(r->out[i], name) == 0) return true;
    return false;
}

/* The body assigns the variable, but does not give its value back. */
static void lose_value(Frame *f, uint32_t slot) {
    Build *b = f->b;
    ValueId undef = emit_op(f, OP_undef, 0, NULL);
    inst_at(b->f, undef)->imm.name = slot_name(f, slot);
    vec_push(b->arena, &b->lost, undef);
    slot_write(f, slot, undef);
}

static bool is_used(const Func *fn, ValueId v) {
    for (ValueId u = 0; u < fn->inst.n; u++)
        for (uint32_t k = 0; inst_at(fn, u)->block != NO_BLOCK && k < inst_at(fn, u)->nargs; k++)
            if (inst_at(fn, u)->arg[k] == v) return true;
    return false;
}

void with_check_lost(Frame *f) {
    Build *b = f->b;
    const char *names = NULL, *first = NULL;
    for (uint32_t i = 0; i < b->lost.n; i++) {
        ValueId v = b->lost.at[i];
        if (!is_used(b->f, v)) continue;
        const char *name = inst_at(b->f, v)->imm.name;
        if (!first) first = name, b->b.span = inst_at(b->f, v)->span;
        names = names ? arena_printf(b->arena, "%s, '%s'", names, name)
                      : arena_printf(b->arena, "'%s'", name);
    }
    if (names)
        build_error(f, DIAG_OBJMODE_OUTPUT,
                    "Missing type annotation on outgoing variable(s): [%s]. Example code: with "
                    "objmode(%s='<add_type_as_string_here>')",
                    names, first);
}

void op_objmode(Frame *f, int32_t arg) {
    Build *b = f->b;
    ObjmodeRegion *r = NULL;
    (void)arg;
    for (uint32_t i = 0; i < f->objmodes.n; i++)
        if (f->objmodes.at[i]->first == f->at + 2) r = f->objmodes.at[i];
    ValueId context = pop(f);
    if (!read_outputs(f, r, context)) {
        build_unsupported(f, "an objmode block whose outputs are not keywords, such as objmode(y='float64')");
        return;
    }
    ValueId *v = arena_array(b->arena, ValueId, f->nslots + r->nout + 1);
    uint32_t n = add_inputs(f, r, v);
    for (uint32_t i = 0; i < r->nout; i++) v[n + i] = r->type[i];
    ValueId region = emit_op(f, OP_objmode, n + r->nout, v);
    inst_at(b->f, region)->imm.objmode = r;
    for (uint32_t i = 0; i < f->nslots; i++)
        if (!f->home[i].cell && assigned_in(f, r, i) && !is_output(r, slot_name(f, i))) lose_value(f, i);
    for (uint32_t i = 0; i < r->nout; i++) {
        uint32_t slot = slot_named(f, r->out[i]);
        if (slot == UINT32_MAX || !assigned_in(f, r, slot)) {
            build_error(
                f, DIAG_OBJMODE_OUTPUT,
                "Invalid type annotation on non-outgoing variables: the objmode block does not assign '%s'",
                r->out[i]);
            return;
        }
        ValueId item = emit_value(f, OP_item, region);
        inst_at(b->f, item)->imm.i = i;
        slot_write(f, slot, item);
    }
    go_to(f, f->cfg.block[f->block].succ[0]);
}

/* ---- any other context manager -------------------------------------------------------------------------------------------- */

void op_with(Frame *f, int32_t arg) {
    Build *b = f->b;
    (void)arg;
    ValueId manager = pop(f), enter = library_function(f, "naja.library.contexts", "enter");
    if (b->failed) return;
    ValueId pair = emit_value(f, OP_call, enter, manager);
    pair = emit_value(f, OP_unpack, pair);
    inst_at(b->f, pair)->imm.i = 2;
    for (int64_t i = 0; i < 2; i++) {
        ValueId item = emit_value(f, OP_item, pair);
        inst_at(b->f, item)->imm.i = i;
        push(f, item);
        if (i == 0 && WITH_SLOTS == 2) push(f, NULL_SLOT);
    }
}

/* Below the exception: the one handled before, where it was raised, and what WITH left.  Its class is not told apart from
 * it: both are what was caught. */
void op_with_exit(Frame *f, int32_t arg) {
    (void)arg;
    ValueId exception = value_at(f, 1), leave = value_at(f, 3 + WITH_SLOTS), none = ir_none(&f->b->b);
    if (!f->b->failed) push(f, emit_value(f, OP_call, leave, exception, exception, none));
}
