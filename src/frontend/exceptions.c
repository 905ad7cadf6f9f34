/* exceptions.c - try, except, finally and raise.
 *
 * CPython's exception table says which handler protects which instructions; build.c gives every IR block its handler.
 * A handler begins with `caught`: the exception that control came with, a value.  What CPython keeps in the thread,
 * the exception being handled, is the SSA variable Frame.handled; PUSH_EXC and POP_EXC save and restore it on the
 * stack, as they do there.  Everything else, `finally` included, is plain control flow that CPython has laid out.
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

/* A bare `raise` where nothing is being handled. */
static ValueId nothing_to_raise(Frame *f) {
    PyObject *text = PyUnicode_InternFromString("No active exception to reraise");
    if (!text) {
        f->b->failed = true;
        return ssa_undef(&f->b->ssa, f->stack_var);
    }
    ValueId message = object_of(f, text), cls = object_of(f, PyExc_RuntimeError);
    Py_DECREF(text); /* the table of handles keeps it */
    return emit_value(f, OP_call, cls, message);
}

void op_raise(Frame *f, int32_t narg) {
    Build *b = f->b;
    ValueId v[2];
    if (narg == 0) {
        v[0] = ssa_read(&b->ssa, f->handled, b->b.block);
        bool any = inst_at(b->f, v[0])->op != OP_undef;
        if (!any) v[0] = nothing_to_raise(f);
        raise(f, 1, v, any);
        return;
    }
    if (narg == 2) v[1] = pop(f);
    v[0] = pop(f);
    raise(f, (uint32_t)narg, v, false);
}
