/* calls.c - who is called, and how the operands bind to its parameters.
 *
 *   FUNCTION   a dispatcher: its Python function, specialised; an exception class; a namedtuple class; a name
 *   of
 *              the library; else an @overload (rung 2)
 *   METHOD     rows "<space>.<name>" with the receiver first; else an @overload_method
 *   DTYPE      np.float32(x): row "dtype.call"
 *   CLOSURE    an inner function: captured values are its leading parameters
 *
 * f(*t) spreads a tuple: its items become operands here and instructions in finalise.c.  Of a list see stars.c.
 */
#include <stdio.h>

#include "infer/state.h"

/* ---- operands of a call -------------------------------------------------------------------------------- */

static uint32_t add_items(Operand *operand, uint32_t n, ValueId tuple, const Type *t, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) operand[n++] = operand_item(tuple, i, t->elem[i]);
    return n;
}

static uint32_t add_values(Operand *operand, uint32_t n, ValueId dict, const Type *t) {
    for (uint32_t i = 1; i < t->nelem; i += 2) operand[n++] = operand_item(dict, i, t->elem[i]);
    return n;
}

/* The site's operands: `nlead` ones that the caller fills, then positional and keyword arguments, then room
 * for `ntail`.  Returns false when a type is bottom or wrong. */
static bool call_operands(Frame *fr, ValueId v, uint32_t nlead, uint32_t ntail) {
    const Inst *call = inst_at(fr->f, v);
    const Inst *def = call->nargs > 1 ? inst_at(fr->f, call->arg[1]) : NULL;
    bool star = call->imm.call && call->imm.call->star &&
                (def->op != OP_unpack || def->imm.i != UNPACK_NOTHING);
    const Type *spread = star ? value_type(fr->f, call->arg[1]) : NULL;
    for (uint32_t i = 0; i < call->nargs; i++) {
        const Type *t = value_type(fr->f, call->arg[i]);
        if (!t) return false;
        if (t->kind == TYPE_UNDEFINED) {
            site_error(fr, v, DIAG_UNBOUND_LOCAL, "an argument of this call is not assigned");
            return false;
        }
    }
    if (star && !type_is_tuple(spread)) {
        site_error(fr, v, DIAG_WRONG_ARGUMENTS, "an argument after * must be a tuple, not %s",
                   shown(fr, spread));
        return false;
    }
    uint32_t n = nlead + call->nargs - 1 + (star ? spread->nelem - 1 : 0);
    const CallInfo *before = call->imm.call ? call->imm.call->unspread : NULL;
    if (before) n += call->imm.call->nkeywords - before->nkeywords;
    Operand *operand = site_operands(fr, v, n + ntail);
    uint32_t at = star ? add_items(operand, nlead, call->arg[1], spread, spread->nelem) : nlead;
    for (uint32_t i = star ? 2 : 1; i < call->nargs; i++) {
        const Type *t = value_type(fr->f, call->arg[i]);
        if (is_spread_dict(call, i)) at = add_values(operand, at, call->arg[i], t);
        else operand[at++] = operand_value(call->arg[i], t);
    }
    return true;
}

static bool no_keywords(Frame *fr, ValueId v, const char *what) {
    const CallInfo *info = inst_at(fr->f, v)->imm.call;
    if (!info || !info->nkeywords) return true;
    site_error(fr, v, DIAG_WRONG_ARGUMENTS, "%s takes no keyword arguments", what);
    return false;
}

/* ---- compiled callees ---------------------------------------------------------------------------------- */

/* What is called and what is bound so far. */
typedef struct {
    const Func *template;
    Handle function;    /* for default values; 0: a closure */
    uint32_t ncaptured; /* leading parameters, operands 0 .. ncaptured */
    uint32_t first, npositional, nkeywords,
        ndefaults; /* positional operands begin at first; defaults come last */
    const char *const *keyword;
    int32_t *bound;
    uint32_t nextra, *extra; /* operands that **keywords collects, and which keywords they are of */
    const char **extra_name;
    uint32_t nparams, nkwonly; /* declared ones, without *args and **keywords */
    Handle dispatcher;         /* 0: none, such as an inner function */
} Binding;

static const char *param_name(const Binding *b, uint32_t i) { return b->template->source->param[i]; }

static bool bind_keyword(Frame *fr, ValueId v, Binding *b, const char *name, int32_t operand) {
    const char *callee = b->template->source->name;
    for (uint32_t i = 0; i < b->nparams + b->nkwonly; i++) {
        if (i < b->template->source->nposonly || strcmp(param_name(b, i), name)) continue;
        if (b->bound[b->ncaptured + i] >= 0) {
            site_error(fr, v, DIAG_WRONG_ARGUMENTS, "%s() got multiple values for argument '%s'", callee,
                       name);
            return false;
        }
        b->bound[b->ncaptured + i] = operand;
        return true;
    }
    if (b->template->source->has_varkeywords) {
        b->extra_name[b->nextra] = name;
        b->extra[b->nextra++] = (uint32_t)operand;
        return true;
    }
    site_error(fr, v, DIAG_WRONG_ARGUMENTS, "%s() got an unexpected keyword argument '%s'", callee, name);
    return false;
}

static bool bind_operands(Frame *fr, ValueId v, Binding *b) {
    const Source *s = b->template->source;
    if (b->npositional > b->nparams && !s->has_varargs) {
        site_error(fr, v, DIAG_WRONG_ARGUMENTS, "%s() takes %u positional argument%s but %u %s given",
                   s->name, b->nparams, b->nparams == 1 ? "" : "s", b->npositional,
                   b->npositional == 1 ? "was" : "were");
        return false;
    }
    for (uint32_t i = 0; i < b->template->params.n; i++) b->bound[i] = i < b->ncaptured ? (int32_t)i : -1;
    for (uint32_t i = 0; i < b->npositional && i < b->nparams; i++)
        b->bound[b->ncaptured + i] = (int32_t)(b->first + i);
    for (uint32_t k = 0; k < b->nkeywords; k++)
        if (!bind_keyword(fr, v, b, b->keyword[k], (int32_t)(b->first + b->npositional + k))) return false;
    return true;
}

/* Which of the default values that an inner function has captured is that of parameter i; -1: it has none. */
static int32_t captured_default(const Frame *fr, const Binding *b, uint32_t i) {
    uint64_t bits = 0;
    map_find(&fr->in->unit->keyword_defaults, b->template->source->code, &bits);
    uint32_t npositional = b->ndefaults - (uint32_t)__builtin_popcountll(bits),
             first = b->nparams - npositional;
    if (i < b->nparams) return i < first ? -1 : (int32_t)(i - first);
    uint64_t bit = UINT64_C(1) << (i - b->nparams);
    return bits & bit ? (int32_t)npositional + __builtin_popcountll(bits & (bit - 1)) : -1;
}

/* The type of declared parameter i when no operand is bound to it; NULL: it has no default. */
static const Type *default_type(Frame *fr, ValueId v, Binding *b, uint32_t i) {
    if (!b->function) {
        int32_t k = captured_default(fr, b, i);
        if (k < 0) return NULL;
        const Site *s = &fr->site[v];
        uint32_t operand = s->noperand - b->ndefaults + (uint32_t)k;
        b->bound[b->ncaptured + i] = (int32_t)operand;
        return library_widen(s->operand[operand].type);
    }
    bool keyword_only = i >= b->nparams;
    Handle h = object_default(b->function, param_name(b, i), i, keyword_only);
    const Type *t = h ? object_type(h) : NULL;
    return t ? type_omitted(library_widen(type_base(t)), h) : NULL;
}

/* f(*list) of a function that has *args only: the list itself. */
static bool takes_list(const Frame *fr, ValueId v, const Binding *b) {
    const Inst *i = inst_at(fr->f, v);
    if (i->op != OP_call || !i->imm.call || !i->imm.call->star || b->npositional != b->nparams + 1)
        return false;
    const Inst *values = inst_at(fr->f, i->arg[1]);
    return values->op == OP_unpack && values->imm.i == UNPACK_NOTHING;
}

static const Type *rest_type(Frame *fr, ValueId v, const Binding *b) {
    uint32_t n = b->npositional > b->nparams ? b->npositional - b->nparams : 0;
    if (takes_list(fr, v, b)) return library_widen(fr->site[v].operand[b->first + b->nparams].type);
    const Type *elem[n + 1];
    for (uint32_t i = 0; i < n; i++)
        elem[i] = library_widen(fr->site[v].operand[b->first + b->nparams + i].type);
    return type_tuple(n, elem);
}

static const Type *keywords_type(Frame *fr, ValueId v, const Binding *b) {
    const Type *elem[2 * b->nextra + 1];
    for (uint32_t i = 0; i < b->nextra; i++) {
        elem[2 * i] = type_literal_str(b->extra_name[i]);
        elem[2 * i + 1] = library_widen(fr->site[v].operand[b->extra[i]].type);
    }
    return type_strdict(2 * b->nextra, elem);
}

/* The place of *args among the parameters. */
static uint32_t rest_param(const Binding *b) {
    return b->template->params.n - 1 - b->template->source->has_varkeywords;
}

/* A parameter that was asked for with literally() is handed on with its initial items. */
static const Type *passed_type(Frame *fr, const Operand *operand) {
    ValueId from = source_of(fr, operand);
    bool handed_on = from != NO_VALUE && type_is_container(operand->type) &&
                     inst_at(fr->f, from)->op == OP_param;
    return handed_on ? initial_type(fr, operand) : library_widen(operand->type);
}

static bool param_types(Frame *fr, ValueId v, Binding *b, const Type **type) {
    const Source *source = b->template->source;
    uint64_t literals = literal_params(fr->in, b->template);
    for (uint32_t i = 0; i < b->ncaptured; i++) {
        type[i] = fr->site[v].operand[i].type;
        if (i < 64 && literals >> i & 1 && !want_literal(fr, v, &fr->site[v].operand[i])) return false;
    }
    for (uint32_t i = 0; i < b->nparams + b->nkwonly; i++) {
        int32_t bound = b->bound[b->ncaptured + i];
        bool offered = bound >= 0 && b->ncaptured + i < 64 &&
                       literal_offers(fr->in, b->template) >> (b->ncaptured + i) & 1;
        bool literal = bound >= 0 && b->ncaptured + i < 64 && literals >> (b->ncaptured + i) & 1;
        const Type *t = literal      ? want_literal(fr, v, &fr->site[v].operand[bound])
                        : offered    ? offered_type(fr, &fr->site[v].operand[bound])
                        : bound >= 0 ? passed_type(fr, &fr->site[v].operand[bound])
                                     : default_type(fr, v, b, i);
        if (!t && literal) return false;
        if (!t) {
            site_error(fr, v, DIAG_WRONG_ARGUMENTS,
                       "Cannot bind the arguments: %s() missing a required argument: '%s'", source->name,
                       param_name(b, i));
            return false;
        }
        type[b->ncaptured + i] = t;
    }
    if (source->has_varargs) type[rest_param(b)] = rest_type(fr, v, b);
    if (source->has_varkeywords) type[b->template->params.n - 1] = keywords_type(fr, v, b);
    return true;
}

/* Of a function with given signatures only, the one that the call takes replaces the types of the arguments. */
static bool given_version(Frame *fr, ValueId v, const Binding *b, const Type **type, const Type **result) {
    const LibraryHost *host = library_host();
    uint32_t n = b->template->params.n;
    if (!b->dispatcher || !host->dispatcher_version) return true;
    const Type *given[n + 1];
    for (uint32_t i = 0; i < n; i++) given[i] = type[i]->kind == TYPE_OMITTED ? type_base(type[i]) : type[i];
    int found = host->dispatcher_version(b->dispatcher, n, given, result);
    for (uint32_t i = 0; found > 0 && i < n; i++) /* a default stays a constant of the callee */
        if (type[i]->kind != TYPE_OMITTED) type[i] = given[i];
    if (found >= 0) return true;
    const char *types = "";
    for (uint32_t i = 0; i < n; i++)
        types = arena_printf(&fr->in->unit->arena, "%s%s%s", types, i ? ", " : "", type[i]->name);
    site_error(
        fr, v, DIAG_WRONG_ARGUMENTS,
        "Invalid use of %s with parameters (%s). No matching definition for argument type(s) %s: %s() takes "
        "given signatures only",
        b->template->source->name, types, types, b->template->source->name);
    return false;
}

/* The callee for the bound operands; NULL: the site has an error, or waits.  Walking it may find that it takes
 * literals: then it is another one. */
static Frame *callee_of(Frame *fr, ValueId v, Binding *b) {
    uint32_t n = b->template->params.n;
    const Type *type[n + 1];
    for (;;) {
        uint64_t literals = literal_params(fr->in, b->template), offers = literal_offers(fr->in, b->template);
        if (!param_types(fr, v, b, type)) return NULL;
        FrameKey key = {.template = b->template, .nargs = n, .args = type};
        if (!given_version(fr, v, b, type, &key.wanted)) return NULL;
        key.options = options_for(fr, b->dispatcher);
        Frame *callee = frame_for(fr->in, &key);
        if (literal_params(fr->in, b->template) == literals && literal_offers(fr->in, b->template) == offers)
            return callee;
    }
}

static const Type *call_compiled(Frame *fr, ValueId v, Binding *b) {
    Site *s = &fr->site[v];
    const Source *source = b->template->source;
    uint32_t n = b->template->params.n;
    b->nkwonly = source->nkwonly;
    b->nparams = n - b->ncaptured - source->nkwonly - source->has_varargs - source->has_varkeywords;
    b->bound = arena_array(&fr->in->unit->arena, int32_t, n + 1);
    b->extra = arena_array(&fr->in->unit->arena, uint32_t, b->nkeywords + 1);
    b->extra_name = arena_array(&fr->in->unit->arena, const char *, b->nkeywords + 1);
    if (!bind_operands(fr, v, b)) return NULL;
    Frame *callee = callee_of(fr, v, b);
    s = &fr->site[v];
    s->callee = NULL; /* of an earlier attempt */
    if (!callee) return NULL;
    if (source->has_varargs && b->npositional > b->nparams)
        b->bound[rest_param(b)] = (int32_t)(b->first + b->nparams);
    s->extra = b->extra;
    s->bound = b->bound;
    s->nbound = n;
    s->form = FORM_CALLEE;
    s->callee = callee;
    s->index = takes_list(fr, v, b)          ? SITE_WHOLE
               : b->npositional > b->nparams ? b->npositional - b->nparams
                                             : 0; /* collected by *args */
    frame_wait(callee, fr, v);
    if (refine_arguments(fr, v) || !send_arguments(fr, v)) return NULL;
    return callee->result;
}

/* A Python function; the operands are in the site already. */
static const Type *call_function(Frame *fr, ValueId v, Handle function, Handle dispatcher,
                                 const CallInfo *info) {
    Unit *u = fr->in->unit;
    uint32_t ndiags = u->diags.list.n;
    const Func *template = frontend_function(u, function);
    if (capture_error(fr, v, ndiags) || !template) return NULL;
    uint32_t nkeywords = info ? info->nkeywords : 0;
    Binding b = {.template = template,
                 .function = function,
                 .dispatcher = dispatcher,
                 .npositional = fr->site[v].noperand - nkeywords,
                 .nkeywords = nkeywords,
                 .keyword = info ? info->keyword : NULL};
    return call_compiled(fr, v, &b);
}

const Type *infer_function(Frame *fr, ValueId v, Handle h, const CallInfo *info) {
    Handle function = library_host()->dispatcher_function(h);
    return call_function(fr, v, function ? function : h, function ? h : 0, info);
}

/* Fast math is the callee's own decision; error model and index checks, too, if its decorator says so; the other
 * options are the entry function's. */
static const Type *call_dispatcher(Frame *fr, ValueId v, Handle function, Handle dispatcher,
                                   const CallInfo *info) {
    UnitOptions options = {0};
    const Type *t = call_function(fr, v, function, dispatcher, info);
    if (fr->site[v].callee && library_host()->dispatcher_options(dispatcher, &options))
        fr->site[v].callee->fastmath = options.fastmath;
    return t;
}

/* ---- inner functions ----------------------------------------------------------------------------------- */

const Type *infer_closure(Frame *fr, ValueId v) {
    if (!site_args(fr, v)) return NULL;
    const Site *s = &fr->site[v];
    Handle code = inst_at(fr->f, v)->imm.handle;
    const Type *captured[s->noperand + 1];
    for (uint32_t i = 0; i < s->noperand; i++) captured[i] = s->operand[i].type;
    return type_closure(code, fr->f->source->lender, s->noperand, captured);
}

static const Type *call_closure(Frame *fr, ValueId v, const Type *closure) {
    Unit *u = fr->in->unit;
    uint32_t ndiags = u->diags.list.n;
    const Func *template = frontend_inner(u, closure->handle, type_closure_lender(closure));
    if (capture_error(fr, v, ndiags) || !template) return NULL;
    uint32_t ncaptured = template->source->ncaptured, ndefaults = closure->nelem - ncaptured;
    if (!call_operands(fr, v, ncaptured, ndefaults)) return NULL;
    Operand *operand = fr->site[v].operand;
    const Inst *call = inst_at(fr->f, v);
    uint32_t n = fr->site[v].noperand;
    add_items(operand, 0, call->arg[0], closure, ncaptured);
    for (uint32_t i = 0; i < ndefaults; i++)
        operand[n - ndefaults + i] = operand_item(call->arg[0], ncaptured + i, closure->elem[ncaptured + i]);
    uint32_t nkeywords = call->imm.call ? call->imm.call->nkeywords : 0;
    Binding b = {.template = template,
                 .ncaptured = ncaptured,
                 .first = ncaptured,
                 .ndefaults = ndefaults,
                 .npositional = n - ncaptured - ndefaults - nkeywords,
                 .nkeywords = nkeywords,
                 .keyword = call->imm.call ? call->imm.call->keyword : NULL};
    return call_compiled(fr, v, &b);
}

/* ---- rung 2 -------------------------------------------------------------------------------------------- */

/* What an overload gave for a call: asked once, since every answer is a new function, to be inferred anew. */
typedef struct Answer Answer;
struct Answer {
    Answer *same_hash;
    const char *name;
    Handle callable, implementation; /* 0: it failed, or nobody took the call */
    const char *error;               /* what the overload that failed said */
    DiagCode code;
    bool literal; /* asked with the values of constants only, since an implementation wants them */
    uint32_t n, nkeywords;
    const Type **exact;
    const char *const *keyword;
};

static bool same_call(const Answer *a, const Answer *b) {
    if (a->callable != b->callable || a->literal != b->literal || a->n != b->n ||
        a->nkeywords != b->nkeywords || strcmp(a->name, b->name) ||
        memcmp(a->exact, b->exact, a->n * sizeof *a->exact))
        return false;
    for (uint32_t i = 0; i < a->nkeywords; i++)
        if (strcmp(a->keyword[i], b->keyword[i])) return false;
    return true;
}

static uint64_t hash_call(const Answer *call) {
    uint64_t h = call->callable + call->n + ((uint64_t)call->literal << 63);
    for (const char *c = call->name; *c; c++) h = (h ^ (uint8_t)*c) * UINT64_C(0x100000001B3);
    for (uint32_t i = 0; i < call->n; i++)
        h = (h ^ call->exact[i]->id) * UINT64_C(0x9E3779B97F4A7C15), h ^= h >> 29;
    return h >> 1; /* not the map's reserved key */
}

static const Answer *ask_overload(Infer *in, const Answer *call, const Type *const *plain) {
    Arena *a = &in->unit->arena;
    uint64_t hash = hash_call(call);
    Answer *known = map_find_ptr(&in->answers, hash);
    for (Answer *at = known; at; at = at->same_hash)
        if (same_call(at, call)) return at;
    bool failed = false;
    Handle h = library_host()->overload(call->name, call->callable, call->n, plain, call->exact,
                                        call->nkeywords, call->keyword, &failed);
    Answer *answer = arena_new(a, Answer);
    *answer = *call;
    answer->name = arena_printf(a, "%s", call->name);
    answer->exact = arena_array(a, const Type *, call->n + 1);
    memcpy(answer->exact, call->exact, call->n * sizeof *call->exact);
    answer->implementation = failed ? 0 : h;
    if (failed) {
        answer->code = object_error_is("NumbaValueError") ? DIAG_OVERLOAD_VALUE : DIAG_NO_IMPLEMENTATION;
        answer->error = arena_strdup(a, object_take_error());
    }
    answer->same_hash = known;
    map_set(a, &in->answers, hash, (uint64_t)(uintptr_t)answer);
    return answer;
}

/* An overload that asks for the values of operands: it is asked again once they have literal types. */
static const Type *want_literals(Frame *fr, ValueId v, Handle positions) {
    for (uint32_t k = 0; k < object_length(positions); k++) {
        int64_t i;
        const Site *s = &fr->site[v];
        if (!object_int(object_item(positions, k), &i) || i < 0 || i >= s->noperand)
            return site_error(fr, v, DIAG_NOT_CONSTANT,
                              "an overload asks for the value of an argument that "
                              "this call does not have");
        if (!want_literal(fr, v, &s->operand[i])) return NULL;
    }
    return site_error(fr, v, DIAG_NOT_CONSTANT,
                      "an overload asks for literal arguments, and does not take those of this call");
}

/* Does an implementation ask for the value of one of its parameters, by literally()? */
static bool wants_values(Frame *fr, Handle implementation) {
    return literal_params(fr->in, frontend_function(fr->in->unit, implementation)) != 0;
}

/* An implementation that was chosen without the values of constants asked for one: with them it may be another. */
static const Type *call_implementation(Frame *fr, ValueId v, Answer *call, Handle h, const CallInfo *info) {
    const Type *t = call_function(fr, v, h, 0, info);
    if (call->literal || !wants_values(fr, h) || fr->site[v].error || fr->begins_again) return t;
    call->literal = true;
    const Answer *answer = ask_overload(fr->in, call, call->exact);
    Handle other = answer->implementation;
    if (answer->error) return site_error(fr, v, answer->code, "%s", answer->error);
    return other && other != h && object_is_function(other) ? call_function(fr, v, other, 0, info) : t;
}

/* The types of the site's operands as an overload gets them: `exact` with what is known of the values. */
static void overload_types(Frame *fr, ValueId v, bool initial, const Type **plain, const Type **exact) {
    const Site *s = &fr->site[v];
    for (uint32_t i = 0; i < s->noperand; i++) {
        const Type *t = s->operand[i].type;
        exact[i] = initial ? initial_type(fr, &s->operand[i]) : t;
        bool keeps = t->kind == TYPE_STRDICT || library_is_list(t); /* constants are part of these */
        plain[i] = keeps ? exact[i] : level_type(t, LEVEL_WIDE);
    }
}

/* The Python implementation that an @overload gives for the site's operands, inferred as a callee. */
const Type *infer_overload(Frame *fr, ValueId v, const char *name, Handle callable, const CallInfo *info) {
    const LibraryHost *host = library_host();
    if (!host || !host->overload) return NULL;
    uint32_t n = fr->site[v].noperand;
    const Type *plain[n + 1], *exact[n + 1];
    overload_types(fr, v, callable && !*name, plain,
                   exact); /* naja's own library asks for no initial items */
    Answer call = {.name = name,
                   .callable = callable,
                   .n = n,
                   .exact = exact,
                   .nkeywords = info ? info->nkeywords : 0,
                   .keyword = info ? info->keyword : NULL};
    const Answer *answer = ask_overload(fr->in, &call, plain);
    Handle h = answer->implementation;
    if (answer->error) {
        offer_literals(fr, v);
        return site_error(fr, v, answer->code, "%s", answer->error);
    }
    if (h && library_is_foreign(h)) return infer_foreign(fr, v, h);
    bool special = h && !object_is_function(h);
    Handle positions = special ? object_attribute(h, "literal_positions") : 0;
    if (positions) return want_literals(fr, v, positions);
    Handle known = special ? object_attribute(h, "known_value") : 0;
    if (!known) return h ? call_implementation(fr, v, &call, h, info) : NULL;
    fr->site[v].form = FORM_CONSTANT; /* kinds.Known: the answer is a constant */
    fr->site[v].handle = known;
    return object_type(known);
}

/* getattr(x, "name") is x.name: the instruction becomes that, where there is such an attribute. */
static const Type *call_getattr(Frame *fr, ValueId v) {
    Site *s = &fr->site[v];
    Inst *i = inst_at(fr->f, v);
    const Type *name = s->noperand >= 2 ? s->operand[1].type : NULL;
    bool plain = !i->imm.call && s->noperand <= 3 && name && name->kind == TYPE_LITERAL && name->text;
    if (!plain || !attribute_exists(fr, v, s->operand[0].type, name->text)) {
        s->error = NULL;
        s->callee = NULL;
        s->form = FORM_NONE;
        call_operands(fr, v, 0, 0);
        return NULL;
    }
    i->op = OP_getattr;
    i->arg++;
    i->nargs = 1;
    i->imm.name = unit_name(fr->in->unit, name->text);
    s->error = NULL;
    return infer_getattr(fr, v);
}

/* ---- classes and library functions --------------------------------------------------------------------- */

static const Type *call_exception(Frame *fr, ValueId v, const Type *callee) {
    if (!no_keywords(fr, v, callee->text ? callee->text : "an exception") || !call_operands(fr, v, 0, 0))
        return NULL;
    const Site *s = &fr->site[v];
    const Type *arg[s->noperand + 1];
    for (uint32_t i = 0; i < s->noperand; i++) arg[i] = s->operand[i].type;
    fr->site[v].form = FORM_TUPLE;
    return type_exception(callee->handle, s->noperand, arg);
}

static int32_t find_field(Handle cls, uint32_t n, const char *name) {
    for (uint32_t i = 0; i < n; i++)
        if (!strcmp(object_field(cls, i), name)) return (int32_t)i;
    return -1;
}

static Operand field_default(Handle cls, uint32_t i) {
    Handle h = object_fields_default(cls, object_field(cls, i));
    return (Operand){.value = NO_VALUE, .item = -1, .constant = h, .type = h ? object_type(h) : NULL};
}

/* Point(1, y=2): the fields in order, as the operands of a tuple. */
static const Type *call_namedtuple(Frame *fr, ValueId v, const Type *callee, uint32_t n) {
    if (!call_operands(fr, v, 0, 0)) return NULL;
    const CallInfo *info = inst_at(fr->f, v)->imm.call;
    Site *s = &fr->site[v];
    uint32_t nkeywords = info ? info->nkeywords : 0, npositional = s->noperand - nkeywords;
    Operand *field = arena_array(&fr->in->unit->arena, Operand, n + 1);
    const Type *elem[n + 1];
    bool fits = npositional <= n;
    for (uint32_t i = 0; fits && i < npositional; i++) field[i] = s->operand[i];
    for (uint32_t k = 0; fits && k < nkeywords; k++) {
        int32_t i = find_field(callee->handle, n, info->keyword[k]);
        fits = i >= 0 && !field[i].type;
        if (fits) field[i] = s->operand[npositional + k];
    }
    for (uint32_t i = 0; fits && i < n; i++) {
        if (!field[i].type) field[i] = field_default(callee->handle, i);
        fits = field[i].type != NULL;
        elem[i] = field[i].type;
    }
    if (!fits)
        return site_error(fr, v, DIAG_WRONG_ARGUMENTS, "%s takes %u fields; check their number and names",
                          callee->text ? callee->text : "the namedtuple", n);
    s->operand = field;
    s->noperand = n;
    s->form = FORM_TUPLE;
    return type_namedtuple(callee->handle, n, elem);
}

/* Of a dataclass that does more than to keep its arguments, naja/library/mutables.py writes the constructor. */
static const Type *call_class(Frame *fr, ValueId v, const Type *cls, uint32_t nfields) {
    if (!call_operands(fr, v, 0, 0)) return NULL;
    const Type *t = infer_overload(fr, v, "naja.library.low.make_fields", cls->handle,
                                   inst_at(fr->f, v)->imm.call);
    if (t || fr->site[v].error || fr->site[v].callee || fr->in->pending) return t;
    return call_namedtuple(fr, v, cls, nfields);
}

static const Type *call_unknown(Frame *fr, ValueId v, const Type *callee, const char *refusal) {
    offer_literals(fr, v);
    const Site *s = &fr->site[v];
    const char *name = callee->text ? callee->text : object_text(callee->handle);
    if (object_attribute(callee->handle, "_captured"))
        return site_error(
            fr, v, DIAG_UNSUPPORTED_CONSTANT,
            "%s has captured arrays or containers, so it is no constant: pass it as an argument", name);
    if (object_is_function(callee->handle) && !refusal)
        return site_error(fr, v, DIAG_NOT_COMPILED,
                          "Untyped global name '%s': %s() is a plain Python function", name, name);
    return site_error(fr, v, DIAG_NO_IMPLEMENTATION, "No implementation of function %s for (%s)%s%s", name,
                      operand_types(fr, s->operand, s->noperand), refusal ? "; " : "",
                      refusal ? refusal : "");
}

/* The Python function to compile for a callee; 0: it is none.  A function that is being compiled may name
 * itself before its decorator has bound the name. */
static Handle compiled_function(Infer *in, const Type *callee) {
    Handle h = library_host()->dispatcher_function(callee->handle);
    return h ? h : map_find(&in->unit->templates, callee->handle, NULL) ? callee->handle : 0;
}

/* Rung 3: the ufunc's own inner loop, library/bridge.c. */
static const Type *call_ufunc(Frame *fr, ValueId v, const Type *callee) {
    const Inst *call = inst_at(fr->f, v);
    if (!call_operands(fr, v, 1, 0)) return NULL;
    fr->site[v].operand[0] = operand_value(call->arg[0], callee);
    return rows_get(fr, v, "ufunc.call", call->imm.call, object_text(callee->handle));
}

/* What vectorize made, when its function can be a part of the expression around the call: library/userufuncs.c. */
static const Type *call_user_ufunc(Frame *fr, ValueId v, const Type *callee) {
    const Inst *call = inst_at(fr->f, v);
    const char *why = NULL;
    if (call->imm.call && (call->imm.call->nkeywords || call->imm.call->star)) return NULL;
    if (!call_operands(fr, v, 1, 0)) return NULL;
    fr->site[v].operand[0] = operand_value(call->arg[0], callee);
    const Type *t = rows_try(fr, v, "ufunc.user", NULL, &why);
    if (!t && !fr->site[v].error && !fr->in->pending) call_operands(fr, v, 0, 0);
    return t;
}

/* Loops of ufuncs over records and strings are left to the interpreter. */
static bool takes_storage(const Site *s) {
    for (uint32_t i = 0; i < s->noperand; i++) {
        const Type *t = s->operand[i].type;
        if (t && type_is_array(t) && type_is_storage(type_dtype_of(t))) return true;
    }
    return false;
}

static void swap_operands(Site *s) {
    Operand first = s->operand[0];
    s->operand[0] = s->operand[1];
    s->operand[1] = first;
}

static const Type *call_method_of(Frame *fr, ValueId v, const Type *receiver, const char *name,
                                  const CallInfo *info);

/* Behind a `yield from`: None, unless the loop went over a generator with a result. */
static const Type *infer_loop_result(Frame *fr, ValueId v, const char *name) {
    const char *why;
    const Type *t = rows_try(fr, v, name, NULL, &why);
    if (t != type_none) return t;
    fr->site[v].form = FORM_CONSTANT;
    fr->site[v].handle = 0;
    return t;
}

/* object.__setattr__(x, "name", value), as the __post_init__ of a frozen dataclass sets fields. */
static const Type *call_object_setattr(Frame *fr, ValueId v) {
    Site *s = &fr->site[v];
    Inst *i = inst_at(fr->f, v);
    const Type *name = s->noperand == 3 && i->nargs == 4 ? s->operand[1].type : NULL;
    if (!name || name->kind != TYPE_LITERAL || !name->text || !library_is_object(s->operand[0].type))
        return NULL;
    i->op = OP_setattr;
    i->sub = 1; /* past the class's own __setattr__ */
    i->imm.name = unit_name(fr->in->unit, name->text);
    i->arg[0] = i->arg[1];
    i->arg[1] = i->arg[3];
    i->nargs = 2;
    return infer_inst(fr, v);
}

static bool is_object_setattr(Handle h) {
    Handle cls = library_object("builtins.object");
    return cls && h == object_attribute(cls, "__setattr__");
}

static const Type *call_named(Frame *fr, ValueId v, const Type *callee) {
    Handle function = compiled_function(fr->in, callee);
    const CallInfo *info = inst_at(fr->f, v)->imm.call;
    if (object_is_exception_class(callee->handle)) return call_exception(fr, v, callee);
    uint32_t nfields = object_nfields(callee->handle);
    if (nfields != UINT32_MAX) return call_class(fr, v, callee, nfields);
    Handle fields_of = object_attribute(callee->handle, "_naja_fields_of");
    if (fields_of) return call_namedtuple(fr, v, object_type(fields_of), object_nfields(fields_of));
    if (object_attribute(callee->handle, "_fused_kernel")) {
        const Type *fused = call_user_ufunc(fr, v, callee);
        if (fused || fr->site[v].error || fr->in->pending) return fused;
    }
    if (!call_operands(fr, v, 0, 0)) return NULL;
    if (callee->handle == library_object("builtins.super") && fr->site[v].noperand == 1) {
        fr->site[v].form = FORM_SAME;
        return fr->site[v].operand[0].type;
    }
    if (function) return call_dispatcher(fr, v, function, callee->handle, info);
    const char *of_list = spread_callee(fr, v), *why = NULL;
    const char *name = of_list ? of_list : library_name_of(callee->handle);
    Site *s = &fr->site[v];
    if (!name && is_object_setattr(callee->handle)) {
        const Type *set = call_object_setattr(fr, v);
        if (inst_at(fr->f, v)->op == OP_setattr) return set;
    }
    if (name && !strcmp(name, "naja.special.literally")) return infer_literally(fr, v);
    if (name && !strcmp(name, "naja.special.literal_unroll") && s->noperand != 1)
        return site_error(fr, v, DIAG_UNSUPPORTED_SYNTAX, "literal_unroll takes one argument, found %u",
                          s->noperand);
    if (s->noperand == 2 && s->operand[0].type == type_caught &&
        callee->handle == library_object("builtins.isinstance")) {
        Inst *i = inst_at(fr->f, v); /* the question of `except` */
        i->op = OP_exc_match;
        i->arg++;
        i->nargs = 2;
        return infer_inst(fr, v);
    }
    if (name && !strcmp(name, "builtins.tuple")) {
        const Type *made = infer_tuple_of(fr, v);
        if (made || s->error || s->callee || fr->in->pending) return made;
    }
    if (name && !strcmp(name, "naja.library.low.strdict")) return infer_strdict(fr, v);
    if (name && !strcmp(name, "naja.library.low.loop_result")) return infer_loop_result(fr, v, name);
    if (name && !strcmp(name, "builtins.dict") && is_mixed_dict(fr, v) && make_strdict(fr, v)) return NULL;
    if (name && !strcmp(name, "builtins.getattr")) {
        const Type *attribute = call_getattr(fr, v);
        if (inst_at(fr->f, v)->op == OP_getattr) return attribute;
    }
    bool swapped = name && s->noperand == 2 &&
                   !strcmp(name, "operator.contains"); /* rows have the item first */
    if (swapped) swap_operands(s);
    const Type *t = name ? rows_try(fr, v, name, info, &why) : NULL;
    if (t || s->error || fr->in->pending) return t;
    if (swapped) swap_operands(s);
    t = infer_overload(fr, v, name ? name : "", of_list ? 0 : callee->handle, info);
    if (t || s->error || s->callee) return t;
    if (object_is_ufunc(callee->handle) && !takes_storage(s)) return call_ufunc(fr, v, callee);
    const char *method = s->noperand ? object_method_name(callee->handle) : NULL; /* str.lower(s) */
    if (method) return call_method_of(fr, v, s->operand[0].type, unit_name(fr->in->unit, method), info);
    const char *refusal = NULL;
    t = infer_bridge(fr, v, callee->handle, info, &refusal);
    if (t || s->error) return t;
    if (why) return site_error(fr, v, DIAG_WRONG_ARGUMENTS, "%s", why);
    return call_unknown(fr, v, callee, refusal);
}

/* ---- methods ------------------------------------------------------------------------------------------- */

/* The receiver of a bound method: what the attribute was read from, if that is in sight. */
static Operand receiver_of(const Frame *fr, ValueId method) {
    const Inst *def = inst_at(fr->f, method);
    const Type *t = def->type->elem[0];
    return def->op == OP_getattr ? operand_value(def->arg[0], t) : operand_item(method, 0, t);
}

/* np.ndarray.<name>, for the interpreter; 0: there is none. */
static Handle array_method(const char *name) {
    Handle cls = library_object("numpy.ndarray");
    return cls ? object_attribute(cls, name) : 0;
}

/* A method of a class that compiled code knows; the operands are in the site, the receiver first, or, of a method that was
 * looked up in its class, only the arguments.  *found: there is one of this name. */
static const Type *call_class_method(Frame *fr, ValueId v, const Type *receiver, const char *name,
                                     const CallInfo *info, bool *found) {
    const Type *t = type_base(receiver);
    Handle function, setter;
    Site *s = &fr->site[v];
    if (t->kind == TYPE_OPTIONAL) t = t->elem[0];
    bool of_class = t->kind == TYPE_FUNCTION && object_nfields(t->handle) != UINT32_MAX;
    ClassMember member = of_class || library_has_methods(t)
                             ? object_class_member(t->handle, name, &function, &setter)
                             : CLASS_NOTHING;
    *found = member == CLASS_METHOD || member == CLASS_STATIC || member == CLASS_ALTERNATIVE;
    if (!*found) return NULL;
    if (member == CLASS_ALTERNATIVE) {
        Operand *operand = arena_array(&fr->in->unit->arena, Operand, s->noperand + 2);
        uint32_t n = s->noperand - !of_class; /* behind the receiver */
        operand[0] = (Operand){
            .value = NO_VALUE, .item = -1, .constant = t->handle, .type = object_type(t->handle)};
        memcpy(operand + 1, s->operand + !of_class, n * sizeof *operand);
        s->operand = operand;
        s->noperand = n + 1;
    } else if (member == CLASS_STATIC && !of_class) {
        s->operand++;
        s->noperand--;
    }
    return infer_function(fr, v, function, info);
}

/* A display of different types is a tuple in all but name (infer_list). */
static const Type *literal_list_error(Frame *fr, ValueId v, const Type *list, const char *method) {
    bool reads = !strcmp(method, "index") || !strcmp(method, "count") || !strcmp(method, "copy");
    if (reads)
        return site_error(fr, v, DIAG_NO_ATTRIBUTE,
                          "list.%s is unsupported for literal lists, whose items have different types: %s",
                          method, shown(fr, list));
    return site_error(fr, v, DIAG_NO_ATTRIBUTE,
                      "Cannot mutate a literal list, whose items have different types: %s has no '%s'",
                      shown(fr, list), method);
}

/* The operands are in the site, the receiver first, but of a function's method, whose receiver is part of the name. */
static const Type *call_method_of(Frame *fr, ValueId v, const Type *receiver, const char *name,
                                  const CallInfo *info) {
    bool of_function = receiver->kind == TYPE_FUNCTION; /* np.add.reduce */
    const char *space = of_function ? library_name_of(receiver->handle) : library_type_name(receiver);
    const Site *s = &fr->site[v];
    const char *why = NULL;
    char full[160];
    snprintf(full, sizeof full, "%s.%s", space, name);
    const Type *t = rows_try(fr, v, full, info, &why);
    if (!t && !s->error && !fr->in->pending && type_is_number(type_base(receiver))) {
        snprintf(full, sizeof full, "number.%s", name);
        t = rows_try(fr, v, full, info, &why);
    }
    if (t || s->error || fr->in->pending) return t;
    snprintf(full, sizeof full, "%s.%s", space, name);
    t = infer_overload(fr, v, full, 0, info);
    if (t || s->error || s->callee) return t;
    const char *refusal = NULL;
    t = type_is_array(receiver)     ? infer_bridge(fr, v, array_method(name), info, &refusal)
        : is_interpreters(receiver) ? infer_object_use(fr, v, OBJECT_METHOD, name, info)
                                    : NULL;
    if (t || s->error) return t;
    uint32_t n;
    library_rows(full, &n);
    if (why) return site_error(fr, v, DIAG_WRONG_ARGUMENTS, "%s", why);
    if (library_is_list(receiver)) return literal_list_error(fr, v, receiver, name);
    if (!n)
        return site_error(fr, v, DIAG_NO_ATTRIBUTE, "Unknown attribute '%s' of type %s", name,
                          shown(fr, receiver));
    return site_error(fr, v, DIAG_NO_IMPLEMENTATION, "no implementation of %s.%s(%s)", shown(fr, receiver),
                      name, operand_types(fr, s->operand + !of_function, s->noperand - !of_function));
}

static const Type *call_method(Frame *fr, ValueId v, const Type *method) {
    const Type *receiver = method->elem[0];
    const CallInfo *info = inst_at(fr->f, v)->imm.call;
    bool of_function = receiver->kind == TYPE_FUNCTION, found = false;
    if (!call_operands(fr, v, !of_function, 0)) return NULL;
    if (!of_function) fr->site[v].operand[0] = receiver_of(fr, inst_at(fr->f, v)->arg[0]);
    bool sends = receiver->kind == TYPE_GENERATOR && !strcmp(method->text, "send") &&
                 fr->site[v].noperand == 2;
    if (sends && !send_value(fr, v, &fr->site[v].operand[0], fr->site[v].operand[1].type)) return NULL;
    const Type *made = call_class_method(fr, v, receiver, method->text, info, &found);
    return found ? made : call_method_of(fr, v, receiver, method->text, info);
}

/* np.float32(x); of an array: x.astype(np.float32). */
static const Type *call_dtype_object(Frame *fr, ValueId v, const Type *dtype) {
    const Inst *call = inst_at(fr->f, v);
    if (!call_operands(fr, v, 1, 0)) return NULL;
    Operand *operand = fr->site[v].operand, self = operand_value(call->arg[0], dtype);
    if (fr->site[v].noperand == 2 && type_is_array(operand[1].type)) {
        operand[0] = operand[1];
        operand[1] = self;
        return rows_get(fr, v, "ndarray.astype", NULL, dtype->name);
    }
    operand[0] = self;
    return rows_get(fr, v, "dtype.call", call->imm.call, dtype->name);
}

/* One of several functions: naja.library.low.call_choice(choice, ...) branches on its number. */
static const Type *call_choice(Frame *fr, ValueId v, const Type *choice) {
    const Inst *call = inst_at(fr->f, v);
    if (!call_operands(fr, v, 1, 0)) return NULL;
    fr->site[v].operand[0] = operand_value(call->arg[0], choice);
    return infer_overload(fr, v, "naja.library.low.call_choice", 0, call->imm.call);
}

/* A value that a library function made and that can be called: what stencil() gives. */
static const Type *call_value(Frame *fr, ValueId v, const Type *value) {
    const Inst *call = inst_at(fr->f, v);
    if (!call_operands(fr, v, 1, 0)) return NULL;
    fr->site[v].operand[0] = operand_value(call->arg[0], value);
    const Type *t = infer_overload(fr, v, "naja.library.low.call_value", 0, call->imm.call);
    if (!t && !fr->site[v].error && !fr->site[v].callee && is_interpreters(value))
        t = infer_object_use(fr, v, OBJECT_CALL, "call", call->imm.call);
    if (t || fr->site[v].error || fr->site[v].callee) return t;
    return site_error(fr, v, DIAG_NOT_CALLABLE, "%s is not callable", shown(fr, value));
}

/* An instance: the special method of its class. */
static const Type *call_instance(Frame *fr, ValueId v, const Type *callee) {
    const Inst *call = inst_at(fr->f, v);
    bool found = false;
    if (!call_operands(fr, v, 1, 0)) return NULL;
    fr->site[v].operand[0] = operand_value(call->arg[0], callee);
    const Type *t = call_class_method(fr, v, callee, "__call__", call->imm.call, &found);
    return found ? t : site_error(fr, v, DIAG_NOT_CALLABLE, "%s is not callable", shown(fr, callee));
}

/* A function that is known at run time only. */
static const Type *call_cfunction(Frame *fr, ValueId v, const Type *function) {
    const Inst *call = inst_at(fr->f, v);
    if (!no_keywords(fr, v, function->name) || !call_operands(fr, v, 1, 0)) return NULL;
    fr->site[v].operand[0] = operand_value(call->arg[0], function);
    return rows_get(fr, v, "cfunction.call", NULL, function->name);
}

const Type *infer_call(Frame *fr, ValueId v) {
    const Type *callee = value_type(fr->f, inst_at(fr->f, v)->arg[0]);
    if (!callee || !spread_keywords(fr, v) || !spread_values(fr, v)) return NULL;
    switch (callee->kind) {
    case TYPE_FUNCTION: return call_named(fr, v, callee);
    case TYPE_CHOICE: return call_choice(fr, v, callee);
    case TYPE_NAMEDTUPLE:
        if (library_has_methods(callee) && object_overrides(callee->handle, "__call__"))
            return call_instance(fr, v, callee);
        return call_value(fr, v, callee);
    case TYPE_PYOBJECT:
    case TYPE_USER: return call_value(fr, v, callee);
    case TYPE_CFUNCTION: return call_cfunction(fr, v, callee);
    case TYPE_METHOD: return call_method(fr, v, callee);
    case TYPE_CLOSURE: return call_closure(fr, v, callee);
    case TYPE_INSTANCE:
    case TYPE_OPTIONAL: return call_instance(fr, v, callee);
    case TYPE_DTYPE: return call_dtype_object(fr, v, callee);
    case TYPE_UNDEFINED: return site_error(fr, v, DIAG_UNBOUND_LOCAL, "the called function is not assigned");
    default: return site_error(fr, v, DIAG_NOT_CALLABLE, "%s is not callable", shown(fr, callee));
    }
}

/* ---- functions as arguments of library rows ------------------------------------------------------------ */

Func *infer_callee(InferApi *api, const Type *callable, uint32_t nargs, const Type *const *args,
                   uint32_t span) {
    Infer *in = (Infer *)api;
    Frame *fr = in->at;
    ValueId v = in->at_inst;
    (void)span;
    const Func *template = NULL;
    if (callable->kind == TYPE_CLOSURE)
        template = frontend_inner(in->unit, callable->handle, type_closure_lender(callable));
    else if (callable->kind == TYPE_FUNCTION && compiled_function(in, callable))
        template = frontend_function(in->unit, compiled_function(in, callable));
    uint32_t ncaptured = template ? template->source->ncaptured : 0;
    if (!template || template->params.n != ncaptured + nargs) return NULL;
    const Type *type[ncaptured + nargs + 1];
    for (uint32_t i = 0; i < ncaptured + nargs; i++)
        type[i] = i < ncaptured ? callable->elem[i] : library_widen(args[i - ncaptured]);
    FrameKey key = {.template = template, .nargs = ncaptured + nargs, .args = type};
    key.options = options_for(fr, callable->kind == TYPE_FUNCTION ? callable->handle : 0);
    Frame *callee = frame_for(in, &key);
    in->at = fr;
    in->at_inst = v;
    fr->site[v].callee = callee;
    frame_wait(callee, fr, v);
    in->pending |= callee->result == NULL;
    callee->f->result = callee->result;
    return callee->f;
}
