/* with.c - `with objmode(y="float64"):`, a block that the interpreter runs.
 *
 * Its body is no compiled code, so it is taken out of the bytecode before basic blocks are made.  The block is compiled
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
 * Every other `with` is refused.
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

static bool leaves_early(const Decoded *d, uint32_t begin, uint32_t end) {
    for (uint32_t i = begin; i < end; i++) {
        const Instruction *in = &d->code.at[i];
        bool is_outside = opcode_is_jump(in->op) && (in->arg < (int32_t)begin || in->arg > (int32_t)end);
        if (is_outside || in->op == I_RETURN) return true;
    }
    return false;
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

bool with_outline(Frame *f) {
    PyObject *objmode = objmode_object();
    Decoded *d = &f->decoded;
    for (uint32_t i = 0; objmode && i + 1 < d->code.n; i++) {
        if (d->code.at[i].op != I_WITH || !is_objmode(f, i, objmode)) continue;
        uint32_t body_end = 0, after = end_of_block(d, i + 1, &body_end);
        if (after == 0 || d->code.at[i + 1].op != I_POP || leaves_early(d, i + 2, body_end)) {
            build_at(f, i);
            build_unsupported(f, "`return`, `break`, `continue` or `as` with an objmode block");
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

static bool is_store(uint8_t op) { return op == I_STORE || op == I_STORE_DEREF || op == I_DELETE; }

/* What the body does with a slot: -1 nothing, 0 assigns it first, 1 reads it first. */
static int first_use(const Frame *f, const ObjmodeRegion *r, uint32_t slot) {
    for (uint32_t i = r->first; i < r->last; i++) {
        const Instruction *in = &f->decoded.code.at[i];
        if (in->arg != (int32_t)slot) continue;
        if (is_store(in->op)) return 0;
        if (in->op == I_LOAD || in->op == I_DEREF) return 1;
    }
    return -1;
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
        if (f->home[i].cell || first_use(f, r, i) != 1) continue;
        ValueId value = ssa_read(&b->ssa, f->home[i].var, b->b.block);
        if (inst_at(b->f, value)->op == OP_undef) continue;
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
    return true;
}

void op_objmode(Frame *f, int32_t arg) {
    Build *b = f->b;
    ObjmodeRegion *r = NULL;
    (void)arg;
    for (uint32_t i = 0; i < f->objmodes.n; i++)
        if (f->objmodes.at[i]->first == f->at + 2) r = f->objmodes.at[i];
    ValueId context = pop(f);
    if (!read_outputs(f, r, context)) {
        build_unsupported(f, "an objmode block whose outputs are not keywords");
        return;
    }
    ValueId *v = arena_array(b->arena, ValueId, f->nslots + r->nout + 1);
    uint32_t n = add_inputs(f, r, v);
    for (uint32_t i = 0; i < r->nout; i++) v[n + i] = r->type[i];
    ValueId region = emit_op(f, OP_objmode, n + r->nout, v);
    inst_at(b->f, region)->imm.objmode = r;
    for (uint32_t i = 0; i < f->nslots; i++)
        if (!f->home[i].cell && assigned_in(f, r, i))
            write_var(f, f->home[i].var, ssa_undef(&b->ssa, f->home[i].var));
    for (uint32_t i = 0; i < r->nout; i++) {
        uint32_t slot = slot_named(f, r->out[i]);
        if (slot == UINT32_MAX || !assigned_in(f, r, slot)) {
            build_error(f, DIAG_UNDEFINED_NAME, "the objmode block does not assign '%s'", r->out[i]);
            return;
        }
        ValueId item = emit_value(f, OP_item, region);
        inst_at(b->f, item)->imm.i = i;
        write_var(f, f->home[slot].var, item);
    }
    go_to(f, f->cfg.block[f->block].succ[0]);
}
