/* bridge.c - what the interpreter does for compiled code: calls of library functions (rung 4), and objmode blocks.
 *
 * A call for which the library has no row and nobody an @overload may still be done by the function itself, under the
 * GIL.  Its result type comes from a trial call at compile time (naja/interpreter.py); compiled code relies on it, so every
 * call checks it.  The option bridge= says whether that is wanted: with a warning (the default), silently, or not.
 *
 * The site keeps the callable; the call gets its final form, and the user the warning, in finalise.
 *
 * An objmode block takes the same way.  Its callable is the function that it stands in, the names of keywords are a text
 * that says which block (naja/regions.py), its result is a tuple of what the block gives back.
 */
#include "infer/state.h"

static Handle python_function(const Frame *fr) {
    const Source *s = fr->f->source;
    return s ? (s->function ? s->function : s->lender) : 0;
}

const Type *infer_bridge(Frame *fr, ValueId v, Handle callable, const CallInfo *info, const char **why) {
    const LibraryHost *host = library_host();
    Site *s = &fr->site[v];
    if (!host || !host->bridge || !callable) return NULL;
    const Type *type[s->noperand + 1];
    for (uint32_t i = 0; i < s->noperand; i++) type[i] = s->operand[i].type;
    bool failed = false;
    const char *text = NULL;
    const Type *t = host->bridge(callable, python_function(fr), s->noperand, type, info ? info->nkeywords : 0,
                                 info ? info->keyword : NULL, &text, &failed);
    if (failed) return site_error(fr, v, DIAG_NO_IMPLEMENTATION, "%s", object_take_error());
    if (text) *why = arena_strdup(&fr->in->unit->arena, text);
    if (!t) return NULL;
    if (fr->in->unit->options.bridge == BRIDGE_ERROR)
        return site_error(fr, v, DIAG_BRIDGE_REFUSED, "%s can only be called through the interpreter",
                          object_text(callable));
    s->form = FORM_BRIDGE;
    s->handle = callable;
    return t;
}

/* An object of NumPy or SciPy, passed, made by the interpreter, or named by the program. */
bool is_interpreters(const Type *t) {
    return (t->kind == TYPE_PYOBJECT && t->handle) ||
           (t->kind == TYPE_OBJECT && object_is_interpreters(t->handle));
}

const Type *infer_object_use(Frame *fr, ValueId v, ObjectUse use, const char *name, const CallInfo *info) {
    static const char *const space[] = {[OBJECT_METHOD] = "naja.interpreter.methods",
                                        [OBJECT_ATTRIBUTE] = "naja.interpreter.attributes",
                                        [OBJECT_OPERATOR] = "naja.interpreter.operators",
                                        [OBJECT_CALL] = "naja.interpreter.calls"};
    Handle uses = library_object(space[use]), how = uses ? object_attribute(uses, name) : 0;
    const char *why = NULL;
    const Type *t = how ? infer_bridge(fr, v, how, info, &why) : NULL;
    if (t || fr->site[v].error || !why) return t;
    return site_error(fr, v, DIAG_NO_IMPLEMENTATION, "the interpreter cannot do .%s of %s: %s", name,
                      shown(fr, fr->site[v].operand[0].type), why);
}

/* The Python function that the code wants compiled, inferred as a callee.  False: its type is not known yet, or wrong. */
static bool infer_inner(Frame *fr, ValueId v, Handle foreign) {
    Unit *u = fr->in->unit;
    Handle function = object_attribute(foreign, "internal"),
           args = object_attribute(foreign, "internal_args");
    Handle of_dispatcher = library_host()->dispatcher_function(function);
    if (of_dispatcher) function = of_dispatcher;
    if (!object_is_function(function)) return true; /* None */
    uint32_t n = object_length(args), ndiags = u->diags.list.n;
    const Func *template = frontend_function(u, function);
    if (capture_error(fr, v, ndiags) || !template) return false;
    if (template->params.n != n) {
        site_error(fr, v, DIAG_WRONG_ARGUMENTS, "%s takes %u arguments, not %u", template->source->name,
                   template->params.n, n);
        return false;
    }
    const Type *type[n + 1], *wanted = object_named_type(object_attribute(foreign, "internal_result"));
    for (uint32_t i = 0; i < n; i++) type[i] = object_named_type(object_item(args, i));
    FrameKey key = {.template = template, .nargs = n, .args = type, .wanted = wanted};
    Frame *callee = frame_for(fr->in, &key);
    fr->site[v].callee = callee;
    frame_wait(callee, fr, v);
    return callee->result != NULL;
}

const Type *infer_foreign(Frame *fr, ValueId v, Handle foreign) {
    Site *s = &fr->site[v];
    uint32_t n = object_length(object_attribute(foreign, "args"));
    bool fits = n == s->noperand;
    for (uint32_t i = 0; fits && i < n; i++)
        fits = type_can_convert(s->operand[i].type, library_foreign_arg(foreign, i)) != CONVERT_NO;
    if (!fits)
        return site_error(fr, v, DIAG_WRONG_ARGUMENTS, "the signature of %s is not for arguments (%s)",
                          object_utf8(&fr->in->unit->arena, object_attribute(foreign, "symbol")),
                          operand_types(fr, s->operand, s->noperand));
    if (!infer_inner(fr, v, foreign)) return NULL;
    s = &fr->site[v];
    s->form = FORM_BRIDGE;
    s->handle = foreign;
    return library_foreign_result(foreign);
}

/* "axis,out"; NULL: no keywords. */
static const char *keyword_text(Arena *a, const CallInfo *info) {
    const char *text = NULL;
    for (uint32_t k = 0; info && k < info->nkeywords; k++)
        text = text ? arena_printf(a, "%s,%s", text, info->keyword[k]) : info->keyword[k];
    return text;
}

/* ---- objmode ------------------------------------------------------------------------------------------- */

/* The type that an output's annotation says: a text, or an object of naja.types. */
static const Type *declared_type(const Type *t) {
    if (t->kind == TYPE_LITERAL && t->text) return object_type_of_text(t->text);
    if (t->kind == TYPE_DTYPE) return t->elem[0];
    return t->handle ? object_named_type(t->handle) : NULL;
}

/* What the interpreter gives is new: a list that compiled code would write back to is a list of its own. */
static const Type *own_list(const Type *t) {
    bool is_plain = t->kind == TYPE_LIST && !(t->flags & TYPE_LIST_TYPED);
    return is_plain ? type_list(own_list(t->elem[0]), 0) : t;
}

static const Type *output_type(Frame *fr, ValueId v, const char *name, const Type *annotation) {
    const Type *t = declared_type(annotation);
    if (!t)
        return site_error(
            fr, v, DIAG_OBJMODE_TYPE,
            "Error handling objmode argument '%s'. The value must be a compile-time constant either as a "
            "non-local variable or a getattr expression that refers to a Numba type%s%s",
            name, annotation->text ? ", not " : "", annotation->text ? annotation->text : "");
    return own_list(t);
}

static bool check_input(Frame *fr, ValueId v, const char *name, const Type *t) {
    const char *word = not_for_python(t);
    if (t->kind != TYPE_UNDEFINED && !word) return true;
    site_error(fr, v, DIAG_OBJMODE_OUTPUT, "the objmode block reads '%s', %s", name,
               word ? arena_printf(&fr->in->unit->arena, "%s, which the interpreter cannot be given", word)
                    : "which has no value here");
    return false;
}

const Type *infer_objmode(Frame *fr, ValueId v) {
    const ObjmodeRegion *r = inst_at(fr->f, v)->imm.objmode;
    if (!site_args(fr, v)) return NULL;
    const Operand *operand = fr->site[v].operand;
    const Type *out[r->nout + 1];
    for (uint32_t i = 0; i < r->nin; i++)
        if (!check_input(fr, v, r->in[i], operand[i].type)) return NULL;
    for (uint32_t i = 0; i < r->nout; i++)
        if (!(out[i] = output_type(fr, v, r->out[i], operand[r->nin + i].type))) return NULL;
    fr->site[v].form = FORM_BRIDGE;
    fr->site[v].handle = fr->f->source->lender;
    fr->site[v].noperand = r->nin;
    return type_tuple(r->nout, out);
}

static const char *name_list(Arena *a, uint32_t n, const char *const *name) {
    const char *text = n ? name[0] : "-";
    for (uint32_t i = 1; i < n; i++) text = arena_printf(a, "%s,%s", text, name[i]);
    return text;
}

/* What naja/regions.py is told of a block: "begin end inputs outputs". */
static const char *region_text(Arena *a, const ObjmodeRegion *r) {
    return arena_printf(a, "%d %d %s %s", r->begin, r->end, name_list(a, r->nin, r->in),
                        name_list(a, r->nout, r->out));
}

/* The program's own instruction that a call in the library stands for. */
static Waiter program_site(Frame *fr, ValueId v) {
    for (int depth = 0; depth < 100; depth++) {
        const Source *s = fr->f->source;
        if (!s || !s->is_library || !fr->waiters.n) break;
        Waiter w = fr->waiters.at[0];
        fr = w.frame;
        v = w.inst;
    }
    return (Waiter){fr, v};
}

/* Tells the user that a call is slow, at the program's own line. */
static bool warn(Frame *fr, ValueId v, Handle callable) {
    Waiter at = program_site(fr, v);
    const Source *source = at.frame->f->source;
    if (!source || fr->in->unit->options.bridge != BRIDGE_WARN) return true;
    int line = func_span(at.frame->f, inst_at(at.frame->f, at.inst)->span).line;
    return library_host()->bridge_warn(callable, python_function(at.frame), source->filename, line);
}

/* ---- the final form ------------------------------------------------------------------------------------ */

void bridge_finalise(Frame *fr, ValueId v, const CallInfo *info, ValueId operands) {
    Arena *a = &fr->in->unit->arena;
    const Site *s = &fr->site[v];
    uint32_t n;
    Inst *i = inst_at(fr->f, v);
    bool is_region = i->op == OP_objmode,
         is_attribute = i->op == OP_getattr; /* of an exception: no warning */
    CallInfo *own = arena_new(a, CallInfo);
    *own = (CallInfo){.bridge = s->handle,
                      .bridge_keywords = is_region ? region_text(a, i->imm.objmode) : keyword_text(a, info),
                      .is_region = is_region};
    if (!i->type) i->type = type_none; /* of `x[i] = y` */
    i->op = OP_call;
    i->sub = 0;
    i->imm.call = own;
    i->row = library_rows(LIBRARY_BRIDGE, &n)[0];
    i->arg = arena_array(a, ValueId, 2);
    i->bound = arena_array(a, ValueId, 1);
    i->arg[0] = i->bound[0] = operands;
    i->nargs = i->nbound = 1;
    if (library_is_foreign(s->handle)) {
        i->callee = s->callee ? s->callee->f : NULL;
        return;
    }
    if (!is_region && !is_attribute && !warn(fr, v, s->handle))
        func_error(fr->f, i->span, DIAG_BRIDGE_REFUSED, "%s is called through the interpreter",
                   object_text(s->handle)); /* the exception that is set comes first */
}
