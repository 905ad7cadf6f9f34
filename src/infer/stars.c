/* stars.c - f(*values), where how many values there are is known at run time only.
 *
 * The front end puts an OP_unpack without a count in front of the call.  Of a tuple it is that tuple's items.  Of a list,
 * an array, a str or a range the callee says how many there are: as many as it has parameters that nothing else is bound
 * to and that have no default, which is checked when the call is reached.  A function that takes any number (*args, or one
 * of the library's below) gets the list itself.
 */
#include "infer/state.h"

/* The values that a call spreads: tuples, and at most one that is none. */
typedef struct {
    uint32_t nknown; /* items of the tuples */
    ValueId open;    /* an OP_unpack without a count, of something that is no tuple */
    uint32_t nopen;
    bool waits; /* for a type */
} Spread;

static bool is_spread(const Inst *i) { return i->op == OP_unpack && i->imm.i == UNPACK_ARGUMENTS; }

static void add_spread(const Frame *fr, ValueId v, Spread *s) {
    const Inst *i = inst_at(fr->f, v);
    const Type *t = value_type(fr->f, is_spread(i) ? i->arg[0] : v);
    if (i->op == OP_binary && i->sub == OPERATOR_ADD) {
        add_spread(fr, i->arg[0], s);
        add_spread(fr, i->arg[1], s);
    } else if (!t) {
        s->waits = true;
    } else if (type_is_tuple(t)) {
        s->nknown += t->nelem;
    } else if (is_spread(i)) {
        s->open = v;
        s->nopen++;
    }
}

/* Functions of the library that take any number of arguments, and what takes one list instead. */
static const char *of_list(const Type *callee) {
    static const char *const row[][2] = {
        {"builtins.max", "builtins.max"},
        {"builtins.min", "builtins.min"},
        {"builtins.print", "naja.library.low.print_items"},
        {"builtins.zip", "naja.library.low.zip_rows"},
        {"itertools.chain", "naja.library.low.chain_rows"},
    };
    for (uint32_t k = 0; callee->kind == TYPE_FUNCTION && k < ARRAY_LEN(row); k++)
        if (callee->handle == library_object(row[k][0])) return row[k][1];
    return NULL;
}

const char *spread_callee(const Frame *fr, ValueId call) {
    const Inst *i = inst_at(fr->f, call);
    if (!i->imm.call || !i->imm.call->star) return NULL;
    const Inst *values = inst_at(fr->f, i->arg[1]);
    bool whole = values->op == OP_unpack && values->imm.i == UNPACK_NOTHING;
    return whole ? of_list(value_type(fr->f, i->arg[0])) : NULL;
}

/* The Python function, or inner function, that is called, and how many of its first parameters are bound already. */
static const Func *called(Frame *fr, const Type *callee, uint32_t *nbound) {
    Unit *u = fr->in->unit;
    Handle function = 0, setter;
    *nbound = 0;
    if (callee->kind == TYPE_CLOSURE) return frontend_inner(u, callee->handle, type_closure_lender(callee));
    if (callee->kind == TYPE_FUNCTION) {
        function = library_host()->dispatcher_function(callee->handle);
        if (!function && map_find(&u->templates, callee->handle, NULL)) function = callee->handle;
    } else if (callee->kind == TYPE_METHOD) {
        const Type *t = type_base(callee->elem[0]);
        ClassMember member = library_has_methods(t)
                                 ? object_class_member(t->handle, callee->text, &function, &setter)
                                 : CLASS_NOTHING;
        *nbound = member != CLASS_STATIC;
        if (member == CLASS_NOTHING) function = 0;
    }
    return function ? frontend_function(u, function) : NULL;
}

static bool has_keyword(const CallInfo *info, const char *name) {
    for (uint32_t k = 0; k < info->nkeywords; k++)
        if (info->keyword[k] && !strcmp(info->keyword[k], name)) return true;
    return false;
}

/* How many parameters nothing is bound to: those that have no default, or all if each has one. */
static int64_t count_missing(const Func *f, const CallInfo *info, uint32_t nbound) {
    const Source *s = f->source;
    int64_t all = 0, required = 0;
    for (uint32_t i = nbound; i < s->nparams; i++) {
        if (has_keyword(info, s->param[i])) continue;
        all++;
        required += !s->function || !object_default(s->function, s->param[i], i, false);
    }
    return required || s->has_varargs ? required : all;
}

static bool refuse(Frame *fr, ValueId v, const Type *values) {
    site_error(
        fr, v, DIAG_WRONG_ARGUMENTS,
        "how many arguments *%s gives is known at run time only, and this callee takes any number; pass a "
        "tuple, or the items one by one",
        shown(fr, values));
    return false;
}

/* The count that the callee asks for, UNPACK_NOTHING, or UNPACK_ARGUMENTS after an error. */
static int64_t wanted_count(Frame *fr, ValueId v, const Type *callee, const Spread *s) {
    const Inst *call = inst_at(fr->f, v);
    const CallInfo *info = call->imm.call;
    bool alone = call->arg[1] == s->open && call->nargs == 2 + info->nkeywords;
    const Type *values = value_type(fr->f, inst_at(fr->f, s->open)->arg[0]);
    if (of_list(callee) && alone) return UNPACK_NOTHING;
    if (callee->kind == TYPE_FUNCTION && object_nfields(callee->handle) != UINT32_MAX)
        return (int64_t)object_nfields(callee->handle) - s->nknown - info->nkeywords;
    uint32_t nbound, ndiags = fr->in->unit->diags.list.n;
    const Func *f = called(fr, callee, &nbound);
    if (capture_error(fr, v, ndiags)) return UNPACK_ARGUMENTS;
    if (f && callee->kind == TYPE_CLOSURE && callee->nelem > f->source->ncaptured) f = NULL; /* defaults */
    if (!f) {
        refuse(fr, v, values);
        return UNPACK_ARGUMENTS;
    }
    int64_t n = count_missing(f, info, nbound + s->nknown);
    if (!f->source->has_varargs) return n;
    if (n == 0 && alone && values->kind == TYPE_LIST) return UNPACK_NOTHING;
    refuse(fr, v, values);
    return UNPACK_ARGUMENTS;
}

bool spread_values(Frame *fr, ValueId v) {
    const Inst *call = inst_at(fr->f, v);
    if (!call->imm.call || !call->imm.call->star) return true;
    Spread s = {0};
    add_spread(fr, call->arg[1], &s);
    if (s.waits) return false;
    if (!s.nopen) return true;
    const Type *callee = value_type(fr->f, call->arg[0]);
    if (s.nopen > 1) {
        site_error(fr, v, DIAG_WRONG_ARGUMENTS,
                   "a call can spread one list, whose length is known at run time only; this one spreads %u",
                   s.nopen);
        return false;
    }
    int64_t n = wanted_count(fr, v, callee, &s);
    if (n == UNPACK_ARGUMENTS) return false;
    inst_at(fr->f, s.open)->imm.i = n < 0 && n != UNPACK_NOTHING ? 0 : n;
    inst_at(fr->f, s.open)->sub = 1;
    frame_touch(fr, s.open);
    return false;
}

/* Is it spread by a call, as it is or behind other arguments? */
static bool is_argument(const Frame *fr, ValueId v) {
    for (uint32_t k = fr->user_begin[v]; k < fr->user_begin[v + 1]; k++) {
        const Inst *user = inst_at(fr->f, fr->user[k]);
        bool star = user->op == OP_call && user->imm.call && user->imm.call->star && user->arg[1] == v;
        if (star || (user->op == OP_binary && is_argument(fr, fr->user[k]))) return true;
    }
    return false;
}

const Type *infer_spread(Frame *fr, ValueId v) {
    const Type *t = fr->site[v].operand[0].type;
    if (type_is_tuple(t)) return rows_get(fr, v, "builtins.tuple", NULL, "*");
    if (!is_argument(fr, v)) {
        const Type *known = infer_known_tuple(fr, v);
        if (known || fr->site[v].error || fr->site[v].callee || fr->in->pending) return known;
    }
    if (!is_argument(fr, v))
        return site_error(
            fr, v, DIAG_NO_IMPLEMENTATION,
            "No implementation of function builtins.tuple for (%s): its items cannot be those of a tuple, whose "
            "length is known when it is compiled; make a list, [*a, b]",
            shown(fr, t));
    if (inst_at(fr->f, v)->imm.i == UNPACK_ARGUMENTS) return NULL; /* the call will say */
    fr->site[v].form = FORM_SAME;
    return t;
}
