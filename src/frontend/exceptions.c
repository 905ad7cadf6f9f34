/* exceptions.c - try, except, finally and raise.
 *
 * CPython's exception table says which handler protects which instructions; build.c gives every IR block its handler.
 * A handler begins with `caught`: the exception that control came with, a value.  What CPython keeps in the thread,
 * the exception being handled, is the SSA variable Frame.handled; PUSH_EXC and POP_EXC save and restore it on the
 * stack, as they do there.  Everything else, `finally` included, is plain control flow that CPython has laid out.
 *
 * Loops that nothing raises in have no way to a handler.  One in the body of a `try` whose handler runs for
 * KeyboardInterrupt, as `finally` does, gets a checkpoint here, and with it that way; passes/polls.c adds none.
 */
#include "frontend/build.h"

void op_push_exc(Frame *f, int32_t arg) {
    Build *b = f->b;
    (void)arg;
    ValueId exception = pop(f);
    push(f, ssa_read(&b->ssa, f->handled, b->b.block));
    push(f, exception);
    write_var(f, f->handled, exception);
}

void op_pop_exc(Frame *f, int32_t arg) {
    (void)arg;
    ValueId before = pop(f);
    write_var(f, f->handled, before);
}

void op_exc_match(Frame *f, int32_t arg) {
    (void)arg;
    ValueId cls = pop(f);
    push(f, emit_value(f, OP_exc_match, value_at(f, 1), cls));
}

/* `again`: leaves no line of its own in the traceback. */
static void raise(Frame *f, uint32_t n, const ValueId *v, bool again) {
    ValueId raise = emit_op(f, OP_raise, n, v);
    inst_at(f->b->f, raise)->sub = again;
    end_block(f);
    f->ended = true;
}

void op_reraise(Frame *f, int32_t arg) {
    (void)arg;
    ValueId exception = pop(f);
    raise(f, 1, &exception, true);
}

/* A bare `raise` where nothing is being handled: what the interpreter handles, as it calls. */
static ValueId handled_outside(Frame *f) {
    ValueId exception = emit_op(f, OP_caught, 0, NULL);
    inst_at(f->b->f, exception)->sub = 1;
    return exception;
}

void op_raise(Frame *f, int32_t narg) {
    Build *b = f->b;
    ValueId v[2];
    if (narg == 0) {
        v[0] = ssa_read(&b->ssa, f->handled, b->b.block);
        bool any = inst_at(b->f, v[0])->op != OP_undef;
        if (!any) v[0] = handled_outside(f);
        raise(f, 1, v, any);
        return;
    }
    if (narg == 2) v[1] = pop(f);
    v[0] = pop(f);
    raise(f, (uint32_t)narg, v, false);
}

/* ---- Ctrl-C ------------------------------------------------------------------------------------------------------------ */

/* The class that the instructions from `at` on load, a global; NULL: they do something else. */
static PyObject *class_at(const Frame *f, uint32_t at) {
    const Instruction *in = &f->decoded.code.at[at];
    if (in->op != I_GLOBAL) return NULL;
    PyObject *name = PyTuple_GET_ITEM(f->code->co_names, in->arg);
    PyObject *o = PyDict_GetItemWithError(f->b->globals, name);
    if (!o) o = PyDict_GetItemWithError(f->b->builtins, name);
    PyErr_Clear();
    return o;
}

/* Does a handler run for KeyboardInterrupt?  Not if it is `except` clauses of ordinary exceptions and nothing else. */
static bool wants_interrupts(const Frame *f, uint32_t handler) {
    const Decoded *d = &f->decoded;
    for (uint32_t at = handler + 1; at + 2 < d->code.n;) {
        if (d->code.at[at].op == I_RERAISE) return false;
        PyObject *cls = class_at(f, at);
        bool is_clause = cls && d->code.at[at + 1].op == I_EXC_MATCH && d->code.at[at + 2].op == I_IF_FALSE;
        if (!is_clause || !PyExceptionClass_Check(cls) || PyObject_IsSubclass(cls, PyExc_Exception) != 1)
            break;
        at = (uint32_t)d->code.at[at + 2].arg;
    }
    PyErr_Clear();
    return true;
}

static bool is_loop_header(const Frame *f, uint32_t k) {
    int32_t loop = f->cfg.block[k].loop;
    return loop != NO_LOOP && f->cfg.loops.at[loop].header == k;
}

void checkpoint_in_try(Frame *f, uint32_t k) {
    const CfgBlock *block = &f->cfg.block[k];
    if (block->region == NO_REGION || !is_loop_header(f, k)) return;
    const Region *region = &f->cfg.regions.at[block->region];
    if (region->kind == REGION_WITH ||
        (region->kind == REGION_TRY && wants_interrupts(f, (uint32_t)region->range.target)))
        emit_op(f, OP_checkpoint, 0, NULL);
}
