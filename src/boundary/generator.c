/* generator.c - generators that Python holds: an iterator around a frame of compiled code.
 *
 * Each item is a call of its own: a context, the function that resumes the frame, boxing or an exception with a
 * traceback.  The object keeps alive what the frame borrows: the arguments of the call that made it, and the
 * dispatcher whose code it runs.  One thread at a time runs it; another one, and the generator itself, get the
 * ValueError that Python's generators give.
 */
#include "boundary/specialisation.h"
#include "boundary/state.h"
#include "runtime/runtime.h"

typedef struct {
    PyObject_HEAD
    MemoryBlock *block; /* NULL: exhausted, failed or closed */
    PyObject *args, *dispatcher;
    const Type *type;
    _Atomic int32_t running;
} Generator;

static GeneratorFrame *frame_of(MemoryBlock *block) { return block_data(block); }

/* At least as many arguments as naja_fail looks at: the generator may come from another function's call. */
static PyObject *keep_arguments(const Specialisation *spec, Arguments args) {
    uint32_t n = args.n > spec->nargs ? args.n : spec->nargs;
    PyObject *tuple = PyTuple_New(n);
    for (uint32_t i = 0; tuple && i < n; i++)
        PyTuple_SET_ITEM(tuple, i, Py_NewRef(i < args.n ? args.at[i] : Py_None));
    return tuple;
}

PyObject *generator_box(const Type *t, MemoryBlock *steal, Arguments args) {
    const Specialisation *spec = frame_of(steal)->spec;
    PyObject *kept = keep_arguments(spec, args);
    Generator *g = kept ? PyObject_GC_New(Generator, core.generator_type) : NULL;
    if (!g) {
        Py_XDECREF(kept);
        block_release(steal);
        return NULL;
    }
    g->block = steal;
    g->args = kept;
    g->dispatcher = Py_XNewRef(spec->owner);
    g->type = t;
    atomic_init(&g->running, 0);
    PyObject_GC_Track(g);
    return (PyObject *)g;
}

static void drop_frame(Generator *g) {
    MemoryBlock *block = g->block;
    g->block = NULL;
    if (block) block_release(block); /* while the dispatcher is there */
    Py_CLEAR(g->args);
    Py_CLEAR(g->dispatcher);
}

static void generator_dealloc(PyObject *o) {
    PyTypeObject *cls = Py_TYPE(o);
    if (PyObject_CallFinalizerFromDealloc(o) < 0) return;
    PyObject_GC_UnTrack(o);
    drop_frame((Generator *)o);
    PyObject_GC_Del(o);
    Py_DECREF(cls);
}

static int generator_traverse(PyObject *o, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(o));
    Py_VISIT(((Generator *)o)->args);
    Py_VISIT(((Generator *)o)->dispatcher);
    return 0;
}

static int generator_clear(PyObject *o) {
    drop_frame((Generator *)o);
    return 0;
}

/* ---- items --------------------------------------------------------------------------------------------------------- */

static Context new_context(Specialisation *spec, char *stack_limit) {
    Context c;
    memset(&c, 0, offsetof(Context, frame));
    memset(&c.stack_limit, 0, sizeof c - offsetof(Context, stack_limit));
    c.stack_limit = stack_limit;
    c.spec = spec;
    return c;
}

static int32_t resume_from_python(MemoryBlock *block, Context *context, Slot *has_item) {
    const Specialisation *spec = context->spec;
    bool enters = spec->has_polls || spec->releases_gil;
    if (enters) naja_enter(context);
    int32_t status = frame_of(block)->resume(context, has_item, block);
    if (enters) naja_leave(context);
    return status;
}

static PyObject *take_item(const Generator *g) {
    GeneratorFrame *frame = frame_of(g->block);
    Arguments args = {(uint32_t)PyTuple_GET_SIZE(g->args), ((PyTupleObject *)g->args)->ob_item};
    frame->nitems = 0; /* boxing takes over the references */
    return box_value(g->type->elem[0], (const Slot *)frame + GENERATOR_ITEM_AT, args);
}

/* StopIteration with the generator's result; nothing if that is None. */
static void raise_result(const Generator *g) {
    GeneratorFrame *frame = frame_of(g->block);
    if (frame->state != GENERATOR_RETURNED) return;
    Arguments args = {(uint32_t)PyTuple_GET_SIZE(g->args), ((PyTupleObject *)g->args)->ob_item};
    frame->nitems = 0;
    frame->state = GENERATOR_DONE;
    uint32_t at = GENERATOR_ITEM_AT + g->type->elem[0]->nleaves;
    PyObject *value = box_value(g->type->elem[1], (const Slot *)frame + at, args);
    PyObject *stop = value && value != Py_None ? PyObject_CallOneArg(PyExc_StopIteration, value) : NULL;
    if (stop) PyErr_SetObject(PyExc_StopIteration, stop);
    Py_XDECREF(value);
    Py_XDECREF(stop);
}

/* Raises in the generator, where it waits, if `throws`: the exception that is set. */
static PyObject *next_item(Generator *g, bool throws) {
    if (!g->block) return NULL;
    Specialisation *spec = frame_of(g->block)->spec;
    Context context = new_context(spec, naja_stack_limit());
    context.args =
        (void *const *)((PyTupleObject *)g->args)->ob_item; /* what it stores may lie in one of them */
    Slot has_item = 0;
    if (throws) frame_of(g->block)->thrown = exception_keep(&context);
    int32_t status = resume_from_python(g->block, &context, &has_item);
    if (status == 0 && has_item & 1) return take_item(g);
    if (status) naja_fail(spec, (void *const *)((PyTupleObject *)g->args)->ob_item, &context, status);
    else raise_result(g);
    drop_frame(g);
    return NULL;
}

static bool claim(Generator *g) {
    if (!atomic_exchange(&g->running, 1)) return true;
    PyErr_SetString(PyExc_ValueError, "generator already executing");
    return false;
}

static PyObject *run(Generator *g, bool throws) {
    if (!claim(g)) return NULL;
    Py_INCREF(g);
    PyObject *item = next_item(g, throws);
    atomic_store(&g->running, 0);
    Py_DECREF(g);
    return item;
}

static PyObject *generator_next(PyObject *o) { return run((Generator *)o, false); }

/* Is there a handler, a `finally` or a `with` around the place where it waits? */
static bool is_guarded(const Generator *g) {
    const GeneratorFrame *frame = g->block ? frame_of(g->block) : NULL;
    return frame && frame->state > GENERATOR_START && frame->guarded;
}

/* Ends it where it waits, so that `finally` and `with` around that place run.  false: an exception is set. */
static bool end(Generator *g) {
    if (!is_guarded(g)) return true;
    PyErr_SetNone(PyExc_GeneratorExit);
    PyObject *item = next_item(g, true);
    if (item) {
        Py_DECREF(item);
        PyErr_SetString(PyExc_RuntimeError, "generator ignored GeneratorExit");
        return false;
    }
    bool ended = !PyErr_Occurred() || PyErr_ExceptionMatches(PyExc_GeneratorExit) ||
                 PyErr_ExceptionMatches(PyExc_StopIteration);
    if (ended) PyErr_Clear();
    return ended;
}

static PyObject *generator_close(PyObject *o, PyObject *unused) {
    Generator *g = (Generator *)o;
    if (!claim(g)) return NULL;
    bool ended = end(g);
    drop_frame(g);
    atomic_store(&g->running, 0);
    return ended ? Py_NewRef(Py_None) : NULL;
}

/* What a `yield` gives has the type of what compiled code sends (infer/sent.c); from here nothing else than None can be sent. */
static PyObject *generator_send(PyObject *o, PyObject *value) {
    if (value != Py_None) {
        PyErr_SetString(
            PyExc_TypeError,
            "a compiled generator takes no value by send(): pass it as an argument, or write it to an array");
        return NULL;
    }
    PyObject *item = generator_next(o);
    if (!item && !PyErr_Occurred()) PyErr_SetNone(PyExc_StopIteration);
    return item;
}

/* throw(exception), or throw(class, value, traceback) of old: sets that. */
static bool set_thrown(PyObject *args) {
    PyObject *cls, *value = NULL, *traceback = NULL;
    if (!PyArg_UnpackTuple(args, "throw", 1, 3, &cls, &value, &traceback)) return false;
    if (PyExceptionInstance_Check(cls)) {
        PyErr_SetObject((PyObject *)Py_TYPE(cls), cls);
    } else if (PyExceptionClass_Check(cls)) {
        PyErr_SetObject(cls, value == Py_None ? NULL : value);
    } else {
        PyErr_SetString(PyExc_TypeError,
                        "exceptions must be classes or instances deriving from BaseException");
        return false;
    }
    return true;
}

static PyObject *generator_throw(PyObject *o, PyObject *args) {
    Generator *g = (Generator *)o;
    if (!set_thrown(args)) return NULL;
    if (!is_guarded(g)) { /* nobody there can catch it */
        PyObject *error = exception_take();
        if (claim(g)) {
            drop_frame(g);
            atomic_store(&g->running, 0);
        }
        PyErr_Clear();
        exception_restore(error);
        return NULL;
    }
    PyObject *item = run(g, true);
    if (!item && !PyErr_Occurred()) PyErr_SetNone(PyExc_StopIteration);
    return item;
}

static PyObject *generator_repr(PyObject *o) {
    return PyUnicode_FromFormat("<compiled %s at %p>", ((Generator *)o)->type->name, (void *)o);
}

/* ---- in compiled code ------------------------------------------------------------------------------------------------ */

const Type *generator_typeof(PyObject *o) { return ((Generator *)o)->type; }

int generator_unbox(PyObject *o, Slot *out) {
    Generator *g = (Generator *)o;
    if (!PyObject_TypeCheck(o, core.generator_type) || !g->block) {
        PyErr_SetString(PyExc_ValueError, "the generator is exhausted or closed: make a new one");
        return -1;
    }
    memcpy(out, &g->block, sizeof g->block);
    return 0;
}

/* An error of another unit's code means nothing to the caller's: it becomes a Python exception here. */
static int32_t resume_foreign(Context *context, MemoryBlock *generator, Slot *has_item) {
    GeneratorFrame *frame = frame_of(generator);
    Specialisation *spec = frame->spec;
    Context inner = new_context(spec, context->stack_limit ? context->stack_limit : naja_stack_limit());
    int32_t status = frame->resume(&inner, has_item, generator);
    if (status == 0) return STATUS_OK;
    PyGILState_STATE state = gil_take();
    PyObject *none = keep_arguments(spec, (Arguments){0, NULL});
    if (none) naja_fail(spec, (void *const *)((PyTupleObject *)none)->ob_item, &inner, status);
    Py_XDECREF(none);
    status = exception_keep(context);
    PyGILState_Release(state);
    return status;
}

/* ---- the type ---------------------------------------------------------------------------------------------------------- */

/* One that is dropped is closed first, as Python does. */
static void generator_finalize(PyObject *o) {
    Generator *g = (Generator *)o;
    if (!is_guarded(g)) return;
    PyObject *error = exception_take();
    PyObject *none = generator_close(o, NULL);
    if (!none) PyErr_WriteUnraisable(o);
    Py_XDECREF(none);
    if (error) exception_restore(error);
}

static PyMethodDef generator_methods[] = {
    {"send", generator_send, METH_O, "send(value)\n--\n\nThe next item; the value must be None."},
    {"throw", generator_throw, METH_VARARGS,
     "throw(exception)\n--\n\nRaise an exception where the generator waits; the next item."},
    {"close", generator_close, METH_NOARGS, "close()\n--\n\nEnd the generator: release what it holds."},
    {0},
};
static PyType_Slot generator_slots[] = {
    {Py_tp_doc, "An iterator over what a compiled generator yields."},
    {Py_tp_dealloc, generator_dealloc},
    {Py_tp_finalize, generator_finalize},
    {Py_tp_traverse, generator_traverse},
    {Py_tp_clear, generator_clear},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, generator_next},
    {Py_tp_repr, generator_repr},
    {Py_tp_methods, generator_methods},
    {0, NULL},
};
static PyType_Spec generator_spec = {
    .name = "naja._core.Generator",
    .basicsize = sizeof(Generator),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = generator_slots,
};

int generator_start(PyObject *module) {
    core.generator_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &generator_spec, NULL);
    runtime_hooks.resume_foreign = resume_foreign;
    return core.generator_type ? 0 : -1;
}
