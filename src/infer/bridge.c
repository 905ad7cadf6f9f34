/* bridge.c - rung 4: calls of library functions that the interpreter does.
 *
 * A call for which the library has no row and nobody an @overload may still be done by the function itself, under the
 * GIL.  Its result type comes from a trial call at compile time (naja/interpreter.py); compiled code relies on it, so every
 * call checks it.  The option bridge= says whether that is wanted: with a warning (the default), silently, or not.
 *
 * The site keeps the callable; the call gets its final form, and the user the warning, in finalise.
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

/* "axis,out"; NULL: no keywords. */
static const char *keyword_text(Arena *a, const CallInfo *info) {
    const char *text = NULL;
    for (uint32_t k = 0; info && k < info->nkeywords; k++)
        text = text ? arena_printf(a, "%s,%s", text, info->keyword[k]) : info->keyword[k];
    return text;
}

void bridge_finalise(Frame *fr, ValueId v, const CallInfo *info, ValueId operands) {
    Arena *a = &fr->in->unit->arena;
    const Site *s = &fr->site[v];
    uint32_t n;
    CallInfo *own = arena_new(a, CallInfo);
    *own = (CallInfo){.bridge = s->handle, .bridge_keywords = keyword_text(a, info)};
    Inst *i = inst_at(fr->f, v);
    i->op = OP_call;
    i->sub = 0;
    i->imm.call = own;
    i->row = library_rows(LIBRARY_BRIDGE, &n)[0];
    i->arg = arena_array(a, ValueId, 2);
    i->bound = arena_array(a, ValueId, 1);
    i->arg[0] = i->bound[0] = operands;
    i->nargs = i->nbound = 1;
    const Source *source = fr->f->source;
    if (fr->in->unit->options.bridge == BRIDGE_WARN && source &&
        !library_host()->bridge_warn(s->handle, python_function(fr), source->filename,
                                     func_span(fr->f, i->span).line))
        func_error(fr->f, i->span, DIAG_BRIDGE_REFUSED, "%s is called through the interpreter",
                   object_text(s->handle)); /* the exception that is set comes first */
}
