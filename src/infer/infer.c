/* infer.c - specialisations: one frame per function and argument types, and the fixpoint over all of them.
 *
 * A call infers its callee at once, so the usual call tree is typed bottom-up in one go.  Recursion meets a
 * frame that is still being walked: the call is left at bottom and waits; when the callee's result becomes
 * known or widens, the waiting calls are typed again.  At the end of the walk
 *
 *   1. a frame without an error and without a reachable return never returns: its calls give None;
 *   2. errors that are still there are real (types only widen, so an early error may have gone away): the
 *      first one in the order of the entry function's blocks is reported, with the chain of calls that led to
 *      it;
 *   3. a call that is still at bottom is a recursion that never ends;
 *   4. frames that final code calls are finalised and become the unit's functions.
 */
#include "infer/state.h"

/* Nested specialisations of one function: beyond, its argument types grow with every call. */
enum { MAX_NESTED = 12 };

/* ---- frames -------------------------------------------------------------------------------------------- */

static uint64_t frame_hash(const FrameKey *key) {
    uint64_t h = (uint64_t)(uintptr_t)key->template ^ (uint64_t)(uintptr_t)key->options << 1;
    for (uint32_t i = 0; i < key->nargs; i++)
        h = (h ^ key->args[i]->id) * UINT64_C(0x9E3779B97F4A7C15), h ^= h >> 29;
    return h >> 1; /* not the map's reserved key */
}

static Frame *frame_find(Infer *in, uint64_t hash, const FrameKey *key) {
    Frame *fr = map_find_ptr(&in->frames, hash);
    while (fr &&
           (fr->template != key->template || fr->f->options != key->options || fr->wanted != key->wanted ||
            fr->nargs != key->nargs || memcmp(fr->args, key->args, key->nargs * sizeof *key->args)))
        fr = fr->same_hash;
    return fr;
}

static Frame *frame_new(Infer *in, uint64_t hash, const FrameKey *key) {
    Arena *a = &in->unit->arena;
    Frame *fr = arena_new(a, Frame);
    const Type **copy = arena_array(a, const Type *, key->nargs + 1);
    memcpy(copy, key->args, key->nargs * sizeof *copy);
    const Func *template = key->template;
    const char *name = template->source ? template->source->name : template->symbol;
    *fr = (Frame){.in = in,
                  .template = template,
                  .nargs = key->nargs,
                  .args = copy,
                  .wanted = key->wanted,
                  .same_hash = map_find_ptr(&in->frames, hash)};
    fr->refined = arena_array(a, const Type *, key->nargs + 1);
    fr->param_sent = arena_array(a, const Type *, key->nargs + 1);
    fr->fixed = arena_array(a, bool, key->nargs + 1);
    fr->f = func_clone(in->unit, template, arena_printf(a, "%s.%u", name, in->nframes++));
    fr->f->options = key->options;
    map_set(a, &in->frames, hash, (uint64_t)(uintptr_t)fr);
    return fr;
}

static size_t size_of_types(const Frame *fr) {
    size_t n = 0;
    for (uint32_t i = 0; i < fr->nargs; i++) n += strlen(fr->args[i]->name);
    return n;
}

/* Recursion may go through many types as long as they shrink, as when it takes a tuple apart. */
static bool is_growing(const Frame *fr) {
    uint32_t n = 0;
    for (const Frame *outer = fr->caller; outer; outer = outer->caller)
        n += outer->template == fr->template && size_of_types(outer) < size_of_types(fr);
    return n > MAX_NESTED;
}

static const UnitOptions *options_intern(Infer *in, const UnitOptions *options) {
    if (!memcmp(options, &in->unit->options, sizeof *options)) return NULL;
    for (uint32_t i = 0; i < in->options.n; i++)
        if (!memcmp(in->options.at[i], options, sizeof *options)) return in->options.at[i];
    UnitOptions *copy = arena_new(&in->unit->arena, UnitOptions);
    memcpy(copy, options, sizeof *copy); /* with its padding, which memcmp sees */
    vec_push(&in->unit->arena, &in->options, (const UnitOptions *)copy);
    return copy;
}

const UnitOptions *options_for(Frame *caller, Handle dispatcher) {
    const UnitOptions *outer = caller->f->options;
    UnitOptions own = {0}, all;
    if (!dispatcher || !library_host()->dispatcher_options(dispatcher, &own)) return outer;
    if (!own.own_error_model && !own.own_boundscheck) return outer;
    memcpy(&all, outer ? outer : &caller->in->unit->options, sizeof all);
    if (own.own_error_model) all.error_model_numpy = own.error_model_numpy;
    if (own.own_boundscheck) all.boundscheck = own.boundscheck;
    return options_intern(caller->in, &all);
}

Frame *frame_for(Infer *in, const FrameKey *key) {
    uint64_t hash = frame_hash(key);
    Frame *fr = frame_find(in, hash, key);
    if (fr) return fr;
    fr = frame_new(in, hash, key);
    frame_begin(fr);
    Frame *at = in->at;
    ValueId at_inst = in->at_inst;
    bool pending = in->pending;
    fr->caller = at;
    if (!is_growing(fr)) frame_run(fr);
    fr->caller = NULL;
    in->at = at;
    in->at_inst = at_inst;
    in->pending = pending;
    return fr;
}

void frame_wait(Frame *callee, Frame *caller, ValueId inst) {
    uint32_t n = callee->waiters.n;
    if (n && callee->waiters.at[n - 1].frame == caller && callee->waiters.at[n - 1].inst == inst)
        return; /* others may be there twice, which does no harm */
    vec_push(&caller->in->unit->arena, &callee->waiters, ((Waiter){caller, inst}));
}

static void drain(Infer *in) {
    while (in->queue.n) {
        Frame *fr = vec_pop(&in->queue);
        fr->queued = false;
        frame_run(fr);
    }
}

/* ---- errors that remain -------------------------------------------------------------------------------- */

/* A value whose only users are phis that nobody else uses: an error there concerns nobody. */
static bool is_used(const Frame *fr, ValueId v, uint32_t depth) {
    for (uint32_t i = fr->user_begin[v]; i < fr->user_begin[v + 1]; i++) {
        ValueId u = fr->user[i];
        const Inst *user = inst_at(fr->f, u);
        if (user->block == NO_BLOCK || !fr->reached[user->block]) continue;
        if (user->op != OP_phi || (depth < 8 && is_used(fr, u, depth + 1))) return true;
    }
    return false;
}

static Diagnostic *report(Unit *u, const Diagnostic *d) {
    Diagnostic *out = diag_add(&u->diags, d->code, d->filename, d->function, d->span, "%s", d->message);
    out->hint = d->hint;
    return out;
}

/* An error inside naja's own library is an error of the call that led there. */
static void move_to_call(const Frame *caller, ValueId call, Diagnostic *d) {
    const Source *from = caller->f->source;
    if (!from || from->is_library) return;
    d->filename = from->filename;
    d->function = from->qualname;
    d->span = func_span(caller->f, inst_at(caller->f, call)->span);
}

/* Adds "called from ..." to an error inside a callee, once, at the innermost call. */
static void add_chain(Frame *caller, ValueId call, Diagnostic *d, const Frame *callee) {
    if (callee->f->source && callee->f->source->is_library) {
        move_to_call(caller, call, d);
        return;
    }
    if (strstr(d->message, ", called from ")) return;
    Arena *a = &caller->in->unit->arena;
    const Source *from = caller->f->source, *to = callee->f->source;
    const char *types = "";
    for (uint32_t i = 0; i < callee->nargs; i++)
        types = arena_printf(a, "%s%s%s", types, i ? ", " : "", callee->args[i]->name);
    d->message = arena_printf(a, "%s\nin %s(%s), called from %s, line %d", d->message,
                              to ? to->name : callee->f->symbol, types, from ? from->name : caller->f->symbol,
                              func_span(caller->f, inst_at(caller->f, call)->span).line);
}

/* Reports the first remaining error of a frame or of what it calls; NULL: there is none. */
static Diagnostic *first_error(Frame *fr) {
    if (fr->visiting) return NULL;
    fr->visiting = true;
    for (uint32_t k = 0; k < fr->norder; k++) {
        const Block *b = block_at(fr->f, fr->order[k]);
        if (!fr->reached[fr->order[k]]) continue;
        for (uint32_t i = 0; i < b->inst.n; i++) {
            ValueId v = b->inst.at[i];
            Site *s = &fr->site[v];
            Diagnostic *d = NULL;
            if (s->callee && (d = first_error(s->callee))) {
                add_chain(fr, v, d, s->callee);
                return d;
            }
            if (s->error && !(inst_at(fr->f, v)->op == OP_phi && !is_used(fr, v, 0)))
                return report(fr->in->unit, s->error);
        }
    }
    return NULL;
}

/* A call that is still at bottom although nothing is wrong: its callee does not return without calling
 * itself, or with ever larger arguments. */
static bool report_endless(Frame *fr) {
    for (uint32_t k = 0; k < fr->norder; k++) {
        const Block *b = block_at(fr->f, fr->order[k]);
        for (uint32_t i = 0; fr->reached[fr->order[k]] && i < b->inst.n; i++) {
            Site *s = &fr->site[b->inst.at[i]];
            if (s->done || !s->callee) continue;
            const Source *to = s->callee->f->source;
            bool grows = !s->callee->walked;
            func_error(
                fr->f, inst_at(fr->f, b->inst.at[i])->span, DIAG_BAD_RECURSION,
                grows
                    ? "cannot type infer runaway recursion: %s() calls itself with arguments of ever larger "
                      "types"
                    : "cannot type infer runaway recursion: %s() calls itself on every path, so its result "
                      "has no type",
                to ? to->name : "the function");
            return true;
        }
    }
    return false;
}

/* ---- the end of the walk ------------------------------------------------------------------------------- */

static void keep_called(Infer *in, Frame *fr) {
    if (fr->kept) return;
    fr->kept = true;
    vec_push(&in->unit->arena, &in->kept, fr);
    for (uint32_t k = 0; k < fr->norder; k++) {
        const Block *b = block_at(fr->f, fr->order[k]);
        for (uint32_t i = 0; fr->reached[fr->order[k]] && i < b->inst.n; i++)
            if (fr->site[b->inst.at[i]].callee) keep_called(in, fr->site[b->inst.at[i]].callee);
    }
}

static uint32_t return_span(const Frame *fr) {
    for (ValueId v = 0; v < fr->ninst; v++) {
        const Inst *i = inst_at(fr->f, v);
        if (i->op == OP_ret && i->block != NO_BLOCK && fr->reached[i->block]) return i->span;
    }
    return 0;
}

const char *not_for_python(const Type *t) {
    static const bool leaves_compiled_code[TYPE_KIND_COUNT] = {
        [TYPE_BOOL] = true,     [TYPE_INT] = true,       [TYPE_FLOAT] = true,     [TYPE_COMPLEX] = true,
        [TYPE_NONE] = true,     [TYPE_STR] = true,       [TYPE_TUPLE] = true,     [TYPE_NAMEDTUPLE] = true,
        [TYPE_ARRAY] = true,    [TYPE_DTYPE] = true,     [TYPE_OPTIONAL] = true,  [TYPE_LITERAL] = true,
        [TYPE_SLICE] = true,    [TYPE_FUNCTION] = true,  [TYPE_ELLIPSIS] = true,  [TYPE_OBJECT] = true,
        [TYPE_RNG] = true,      [TYPE_GENERATOR] = true, [TYPE_LIST] = true,      [TYPE_RECORD] = true,
        [TYPE_BYTES] = true,    [TYPE_DATETIME] = true,  [TYPE_TIMEDELTA] = true, [TYPE_INSTANCE] = true,
        [TYPE_ENUM] = true,     [TYPE_SET] = true,       [TYPE_DICT] = true,      [TYPE_PTR] = true,
        [TYPE_CPOINTER] = true, [TYPE_CFUNCTION] = true, [TYPE_USER] = true,      [TYPE_RANGE] = true,
        [TYPE_OMITTED] = true,  [TYPE_PYOBJECT] = true,  [TYPE_CAUGHT] = true,    [TYPE_STRDICT] = true,
        [TYPE_CLOSURE] = true,  [TYPE_CHOICE] = true,
    };
    static const char *const words[TYPE_KIND_COUNT] = {
        [TYPE_ITER] = "an iterator",
        [TYPE_ZIP] = "zip() or enumerate()",
        [TYPE_METHOD] = "a method",
        [TYPE_EXCEPTION] = "an exception",
    };
    if (leaves_compiled_code[t->kind]) return NULL;
    return words[t->kind] ? words[t->kind] : t->name;
}

static bool check_result(Frame *fr) {
    const char *word = fr->in->unit->options.is_import ? NULL : not_for_python(fr->result);
    if (!word) return true;
    Diagnostic *d = func_error(fr->f, return_span(fr), DIAG_RETURN_TYPE, "cannot return %s to Python", word);
    d->hint = "return numbers, strings, tuples, lists or arrays";
    return false;
}

static bool end_walk(Infer *in, Frame *entry) {
    if (first_error(entry)) return false;
    keep_called(in, entry);
    for (uint32_t i = 0; i < in->kept.n; i++)
        if (report_endless(in->kept.at[i])) return false;
    if (entry->result) return check_result(entry);
    func_error(entry->f, 0, DIAG_INTERNAL, "the result of %s has no type", entry->f->symbol);
    return false;
}

/* The kept frames become the unit's functions, in place of templates and copies for types that were given up.
 * */
static void finalise_kept(Infer *in) {
    in->unit->funcs.n = 0;
    for (uint32_t i = 0; i < in->kept.n; i++) {
        Func *f = in->kept.at[i]->f;
        f->index = i;
        f->is_whole = true;
        f->result = in->kept.at[i]->result;
        vec_push(&in->unit->arena, &in->unit->funcs, f);
        if (f->is_generator)
            map_set(&in->unit->arena, &in->unit->generators, f->result->id, (uint64_t)(uintptr_t)f);
    }
    for (uint32_t i = 0; i < in->kept.n; i++) frame_finalise(in->kept.at[i]);
}

/* The entry function of a unit is called by Python.  For a generator it is one that calls the generator function
 * with its own parameters and returns what that gives. */
static Func *maker_of(Unit *u, const Func *generator, Handle function) {
    Arena *a = &u->arena;
    Source *source = generator->source;
    uint32_t n = generator->params.n, nkwonly = source->nkwonly,
             npositional = n - nkwonly - source->has_varargs - source->has_varkeywords;
    Func *f = func_new(u, source, arena_printf(a, "%s.make", generator->symbol), FUNC_UNTYPED);
    Builder b = {.f = f, .block = ENTRY_BLOCK};
    ValueId *arg = arena_array(a, ValueId, n + 2);
    uint32_t nargs = 1;
    for (uint32_t i = 0; i < n; i++) ir_param(f, NULL);
    arg[0] = ir_append(&b, OP_const_object, NULL, 0, NULL);
    inst_at(f, arg[0])->imm.handle = function;
    if (source->has_varargs) {
        ValueId first = ir_append(&b, OP_tuple, NULL, npositional, f->params.at);
        ValueId all = ir_emit(&b, OP_binary, NULL, first, f->params.at[n - 1 - source->has_varkeywords]);
        inst_at(f, all)->sub = OPERATOR_ADD;
        arg[nargs++] = all;
    } else {
        for (uint32_t i = 0; i < npositional; i++) arg[nargs++] = f->params.at[i];
    }
    for (uint32_t i = 0; i < nkwonly; i++) arg[nargs++] = f->params.at[npositional + i];
    const char **keyword = arena_array(a, const char *, nkwonly + 1);
    for (uint32_t i = 0; i < nkwonly; i++) keyword[i] = source->param[source->nparams + i];
    if (source->has_varkeywords) arg[nargs++] = f->params.at[n - 1]; /* f(**keywords): its name is NULL */
    ValueId call = ir_append(&b, OP_call, NULL, nargs, arg);
    CallInfo *info = arena_new(a, CallInfo);
    *info = (CallInfo){
        .nkeywords = nkwonly + source->has_varkeywords, .keyword = keyword, .star = source->has_varargs};
    inst_at(f, call)->imm.call = info;
    ir_ret(&b, call);
    return f;
}

Func *infer_entry(Unit *u, Handle function, uint32_t nargs, const Type *const *args, const Type *result) {
    Infer *in = arena_new(&u->arena, Infer);
    *in = (Infer){
        .api = {infer_callee, infer_refine, infer_wait, infer_refined}, .unit = u, .at_inst = NO_VALUE};
    u->infer = in;
    const Func *template = frontend_function(u, function);
    if (!template || diag_any(&u->diags)) return NULL;
    if (template->params.n != nargs) {
        func_error((Func *)template, 0, DIAG_WRONG_ARGUMENTS,
                   "%s() has %u parameters, but %u argument types are given", template->source->name,
                   template->params.n, nargs);
        return NULL;
    }
    if (template->is_generator) template = maker_of(u, template, function);
    FrameKey key = {.template = template, .nargs = nargs, .args = args, .wanted = result};
    Frame *entry = frame_new(in, frame_hash(&key), &key);
    entry->is_entry = true;
    frame_begin(entry);
    frame_run(entry);
    drain(in);
    if (refine_wanted(entry)) { /* nothing that depends on it is worth a look */
        func_error(entry->f, 0, DIAG_INTERNAL, "the arguments of %s are to be taken in as other types",
                   entry->f->symbol);
        return NULL;
    }
    do drain(in);
    while (refine_leftovers(entry) || settle_parameters(entry));
    if (!end_walk(in, entry)) return NULL;
    finalise_kept(in);
    return diag_any(&u->diags) ? NULL : entry->f;
}
