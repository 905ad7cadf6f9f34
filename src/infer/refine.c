/* refine.c - the element types of containers that are empty when they are made.
 *
 * `[]`, `[x for ...]`, `list()`, `List()` say nothing about their elements, or not all: what is put in later does.  The
 * *site* of such a container is the instruction that makes it (OP_list, or a call of a row with LIB_SITE); it keeps the
 * type that uses have asked for (Site.refined).  A use knows a value only, so refine_value() follows the value back to its
 * sites: through phis, tuples, items of other containers, iteration, arguments of the callers and returns of callees.  A
 * site whose type widens is typed again, and with it everything that depends on it; a use that needs the new type waits.
 *
 *   - Types at a site only widen, so this ends.
 *   - A callee is specialised for the open type first; what it puts in is noted at its parameter (Frame.refined), and the
 *     caller refines the argument and calls again with the type that is known then.
 *   - A container that nothing is ever put into gets int64 at the end, which nobody can observe but by its type.
 */
#include "infer/state.h"

bool has_container(const Type *t) {
    if (type_is_container(t) || t->kind == TYPE_VIEW) return true;
    if (!type_is_tuple(t) && t->kind != TYPE_STRDICT && t->kind != TYPE_OPTIONAL && t->kind != TYPE_CLOSURE)
        return false;
    for (uint32_t i = 0; i < t->nelem; i++)
        if (has_container(t->elem[i])) return true;
    return false;
}

bool is_open(const Type *t) {
    for (uint32_t i = 0; i < t->nelem; i++)
        if (t->elem[i]->kind == TYPE_UNDEFINED || (has_container(t->elem[i]) && is_open(t->elem[i])))
            return true;
    return false;
}

/* ---- following values ------------------------------------------------------------------------------------ */

enum { MAX_DEPTH = 64 };

/* The value is `value`, or item `item` of it. */
typedef struct {
    Frame *fr;
    uint32_t depth;
    uint8_t *seen; /* by value: a phi that has been followed */
} Trace;
static bool follow(Trace *t, ValueId v, int32_t item, const Type *to);

static const Type *type_of(const Frame *fr, ValueId v, int32_t item) {
    const Type *t = value_type(fr->f, v);
    return !t || item < 0                                                           ? t
           : type_is_tuple(t) || t->kind == TYPE_STRDICT || t->kind == TYPE_CLOSURE ? t->elem[item]
                                                                                    : NULL;
}

/* A display that becomes a typed.List: `self.items = [x for ...]` of a jitclass. */
static bool becomes_typed(const Type *from, const Type *to) {
    return from->kind == TYPE_LIST && to->kind == TYPE_LIST && to->flags & TYPE_LIST_TYPED &&
           !(from->flags & TYPE_LIST_TYPED);
}

static const Type *meet(const Type *now, const Type *to) {
    if (!becomes_typed(now, to) && !becomes_typed(to, now)) return type_unify(now, to);
    const Type *both = type_unify(type_list(now->elem[0], 0), type_list(to->elem[0], 0));
    return both ? type_list(both->elem[0], TYPE_LIST_TYPED) : NULL;
}

static bool refine_site(Frame *fr, ValueId v, const Type *to) {
    Site *s = &fr->site[v];
    const Type *both = s->refined ? meet(s->refined, to) : to;
    if (!both) return false;
    if (both == s->refined) return true;
    s->refined = both;
    frame_touch(fr, v);
    return true;
}

static bool follow_all(Trace *t, const Inst *i, int32_t item, const Type *to) {
    for (uint32_t k = 0; k < i->nargs; k++) {
        const Type *from = value_type(t->fr->f, i->arg[k]);
        if (from && from->kind != TYPE_UNDEFINED && from->kind != TYPE_NONE &&
            !follow(t, i->arg[k], item, to))
            return false;
    }
    return true;
}

/* What a tuple becomes when one of its items does; NULL: it is none, or has none that could. */
static const Type *with_item(const Type *tuple, int32_t item, const Type *to) {
    if (!tuple || (!type_is_tuple(tuple) && tuple->kind != TYPE_STRDICT) || (uint32_t)item >= tuple->nelem)
        return NULL;
    const Type *elem[tuple->nelem + 1];
    memcpy(elem, tuple->elem, tuple->nelem * sizeof *elem);
    elem[item] = to;
    return tuple->kind == TYPE_TUPLE     ? type_tuple(tuple->nelem, elem)
           : tuple->kind == TYPE_STRDICT ? type_strdict(tuple->nelem, elem)
                                         : type_namedtuple(tuple->handle, tuple->nelem, elem);
}

/* An argument of the entry function that can be taken in as another type: something empty, fields that are assigned. */
static bool may_be_wanted(const Type *t) {
    bool wanted = is_open(t) || library_shared_fields(t);
    for (uint32_t i = 0; type_is_tuple(t) && i < t->nelem && !wanted; i++) wanted = may_be_wanted(t->elem[i]);
    return wanted;
}

static bool follow_param(Trace *t, const Inst *i, int32_t item, const Type *to) {
    Frame *fr = t->fr;
    uint32_t k = (uint32_t)i->imm.i;
    bool of_entry = !fr->waiters.n && !fr->caller;
    if (fr->fixed[k] || (of_entry && !may_be_wanted(fr->args[k])))
        return false; /* an entry's arguments are what they are */
    if (item >= 0 && !(to = with_item(fr->args[k], item, to))) return false;
    const Type *both = fr->refined[k] ? type_unify(fr->refined[k], to) : to;
    if (!both) return false;
    if (both == fr->refined[k]) return true;
    fr->refined[k] = both;
    for (uint32_t w = 0; w < fr->waiters.n; w++) frame_touch(fr->waiters.at[w].frame, fr->waiters.at[w].inst);
    return true;
}

/* The container that a loop's state goes through; NO_VALUE: not in sight. */
static ValueId iterated(const Frame *fr, ValueId state) {
    for (uint32_t depth = 0; depth < MAX_DEPTH; depth++) {
        const Inst *i = inst_at(fr->f, state);
        if (i->op == OP_iter) return i->arg[0];
        if ((i->op != OP_phi && i->op != OP_iter_next) || i->nargs == 0) return NO_VALUE;
        state = i->arg[0];
    }
    return NO_VALUE;
}

static const Type *with_element(const Type *container, const Type *to) {
    switch (container->kind) {
    case TYPE_LIST: return type_list(to, container->flags);
    case TYPE_DICT: return type_dict(container->elem[0], to, container->flags);
    default: return NULL;
    }
}

/* An element of a list, a value of a dict becomes `to`, so the container one of those. */
static bool follow_element(Trace *t, ValueId container, const Type *to) {
    const Type *from = container == NO_VALUE ? NULL : value_type(t->fr->f, container);
    const Type *wanted = from ? with_element(from, to) : NULL;
    return wanted && follow(t, container, -1, wanted);
}

/* The item of a loop, or item `item` of it: of the views of a dict only values can be refined. */
static bool follow_item(Trace *t, ValueId container, int32_t item, const Type *to) {
    const Type *from = container == NO_VALUE ? NULL : value_type(t->fr->f, container);
    if (!from || from->kind != TYPE_VIEW) return item < 0 && follow_element(t, container, to);
    const Type *value = from->flags == TYPE_VIEW_VALUES && item < 0   ? to
                        : from->flags != TYPE_VIEW_ITEMS || item == 0 ? NULL
                        : item < 0                                    ? to->elem[1]
                                                                      : to;
    return value && follow(t, container, -1, type_dict_view(with_element(from->elem[0], value), from->flags));
}

static bool follow_returns(const Frame *callee, int32_t item, const Type *to) {
    bool any = false;
    for (ValueId v = 0; v < callee->ninst; v++) {
        const Inst *i = inst_at(callee->f, v);
        if (i->op != OP_ret || i->block == NO_BLOCK || !callee->reached[i->block] || !i->nargs) continue;
        if (!refine_value((Frame *)callee, i->arg[0], item, to)) return false;
        any = true;
    }
    return any;
}

static bool follow_getitem(Trace *t, ValueId v, const Type *to) {
    const Inst *i = inst_at(t->fr->f, v);
    const Frame *callee = t->fr->site[v].form == FORM_CALLEE ? t->fr->site[v].callee : NULL;
    if (callee) return follow_returns(callee, -1, to); /* an object's __getitem__ */
    if (t->fr->site[v].form == FORM_ITEM) return follow(t, i->arg[0], (int32_t)t->fr->site[v].index, to);
    const Type *index = value_type(t->fr->f, i->arg[1]);
    if (index && index->kind == TYPE_SLICE) return follow(t, i->arg[0], -1, to);
    return follow_element(t, i->arg[0], to);
}

/* What a library row made of its first argument: a view, an equal container, or an element of it. */
static bool follow_first(Trace *t, ValueId v, const Type *to) {
    const Site *s = &t->fr->site[v];
    const Operand *o = &s->operand[s->bound[0]];
    const Type *from = value_type(t->fr->f, v);
    if (o->value == NO_VALUE || !o->type) return false;
    if (from->kind == TYPE_VIEW) return from->elem[0] == o->type && follow(t, o->value, o->item, to->elem[0]);
    if (from == o->type) return follow(t, o->value, o->item, to);
    if (!type_is_container(o->type) || o->type->elem[o->type->nelem - 1] != from) return false;
    const Type *wanted = with_element(o->type, to);
    return wanted && follow(t, o->value, o->item, wanted);
}

static bool follow_call(Trace *t, ValueId v, int32_t item, const Type *to) {
    const Site *s = &t->fr->site[v];
    if (s->form == FORM_CALLEE) return s->callee && follow_returns(s->callee, item, to);
    if (item >= 0) return false;
    if (s->form == FORM_ROW && s->row->flags & LIB_SITE) return refine_site(t->fr, v, to);
    return s->form == FORM_ROW && s->nbound && s->bound[0] >= 0 && follow_first(t, v, to);
}

/* x + y, x += y, x * n: each list among the operands. */
static bool follow_operands(Trace *t, const Inst *i, const Type *to) {
    bool any = false;
    for (uint32_t k = 0; k < i->nargs; k++) {
        const Type *from = value_type(t->fr->f, i->arg[k]);
        if (!from || from->kind != to->kind) continue;
        if (!follow(t, i->arg[k], -1, to)) return false;
        any = true;
    }
    return any;
}

static bool follow_tuple(Trace *t, const Inst *i, int32_t item, const Type *to) {
    if (item >= 0) return (uint32_t)item < i->nargs && follow(t, i->arg[item], -1, to);
    bool ok = true;
    for (uint32_t k = 0; ok && k < i->nargs && k < to->nelem; k++) ok = follow(t, i->arg[k], -1, to->elem[k]);
    return ok;
}

/* What a call put together, or an item of it: a namedtuple, a STRDICT. */
static bool follow_tuple_call(Trace *t, ValueId v, int32_t item, const Type *to) {
    const Site *s = &t->fr->site[v];
    bool ok = item < 0 || (uint32_t)item < s->noperand;
    for (uint32_t k = item < 0 ? 0 : (uint32_t)item; ok && k < s->noperand; k++) {
        const Operand *o = &s->operand[k];
        const Type *part = item >= 0 ? to : k < to->nelem ? to->elem[k] : NULL;
        if (o->value == NO_VALUE) ok = item < 0;
        else ok = part && follow(t, o->value, o->item, part);
        if (item >= 0) break;
    }
    return ok;
}

/* A field of a shared instance becomes `to`, so the instance one with that. */
static bool follow_shared(Trace *t, const Inst *i, const Type *to) {
    const Type *from = value_type(t->fr->f, i->arg[0]), *fields = library_shared_fields(from);
    int32_t k = fields ? library_shared_field(fields, i->imm.name) : -1;
    return k >= 0 && follow(t, i->arg[0], -1, library_shared_with(from, (uint32_t)k, to));
}

/* A field of a namedtuple, or an item of that. */
static bool follow_field(Trace *t, ValueId v, int32_t item, const Type *to) {
    const Site *s = &t->fr->site[v];
    if (item >= 0 && !(to = with_item(value_type(t->fr->f, v), item, to))) return false;
    if (s->form == FORM_CALLEE) return s->callee && follow_returns(s->callee, -1, to);
    if (s->form == FORM_ROW) return follow_shared(t, inst_at(t->fr->f, v), to);
    return s->form == FORM_ITEM && follow(t, inst_at(t->fr->f, v)->arg[0], (int32_t)s->index, to);
}

static bool follow_op(Trace *t, ValueId v, int32_t item, const Type *to) {
    const Inst *i = inst_at(t->fr->f, v);
    switch (i->op) {
    case OP_phi:
        if (t->seen[v]) return true;
        t->seen[v] = 1;
        return follow_all(t, i, item, to);
    case OP_list: return item < 0 && refine_site(t->fr, v, to);
    case OP_call:
        if (t->fr->site[v].form == FORM_SAME) return follow(t, i->arg[1], item, to);
        if (t->fr->site[v].form == FORM_TUPLE) return follow_tuple_call(t, v, item, to);
        return follow_call(t, v, item, to);
    case OP_getattr: return follow_field(t, v, item, to);
    case OP_tuple:
    case OP_closure: return follow_tuple(t, i, item, to);
    case OP_unpack:
        return t->fr->site[v].form == FORM_SAME ? follow(t, i->arg[0], item, to)
                                                : item >= 0 && follow_element(t, i->arg[0], to);
    case OP_item: return item < 0 && follow(t, i->arg[0], (int32_t)i->imm.i, to);
    case OP_getitem:
        if (item >= 0 && !(to = with_item(value_type(t->fr->f, v), item, to))) return false;
        return follow_getitem(t, v, to);
    case OP_iter_value: return follow_item(t, iterated(t->fr, i->arg[0]), item, to);
    case OP_binary:
    case OP_inplace: return item < 0 && follow_operands(t, i, to);
    case OP_param: return follow_param(t, i, item, to);
    default: return false;
    }
}

/* The part of `to` that matters for a value of type t: an Optional's or tuple's is the other one's as well. */
static bool follow(Trace *t, ValueId v, int32_t item, const Type *to) {
    const Type *from = type_of(t->fr, v, item);
    if (from && from->kind != TYPE_OPTIONAL && to->kind == TYPE_OPTIONAL) to = to->elem[0];
    if (!from || from == to || !has_container(from)) return true;
    if (from->kind == TYPE_LIST && to->kind == TYPE_LIST && from->elem[0] == to->elem[0] &&
        !becomes_typed(from, to))
        return !((from->flags ^ to->flags) & TYPE_LIST_TYPED);
    if (type_is_table(from) && from->kind == to->kind &&
        !memcmp(from->elem, to->elem, from->nelem * sizeof *from->elem))
        return true;
    if (++t->depth > MAX_DEPTH) return false;
    bool ok = follow_op(t, v, item, to);
    t->depth--;
    return ok;
}

bool refine_value(Frame *fr, ValueId v, int32_t item, const Type *to) {
    if (v == NO_VALUE) return false;
    Trace t = {.fr = fr, .seen = arena_array(&fr->in->unit->arena, uint8_t, fr->f->inst.n)};
    return follow(&t, v, item, to);
}

bool refine_arguments(Frame *fr, ValueId call) {
    const Site *s = &fr->site[call];
    bool changes = false;
    for (uint32_t i = 0; i < s->callee->nargs; i++) {
        const Type *to = s->callee->refined[i];
        if (!to || s->bound[i] < 0) continue;
        const Operand *o = &s->operand[s->bound[i]];
        if (o->value == NO_VALUE || o->type == to) continue;
        changes |= refine_value(fr, o->value, o->item, to);
    }
    return changes;
}

/* Everything that could be typed is; what still waits for a container of the caller's to widen, which it will not, such as
 * a typed.Dict of int32 that is given int64, is asked once more. */
static void fix_parameter(Frame *callee, uint32_t i) {
    callee->fixed[i] = true;
    callee->refined[i] = NULL;
    for (ValueId v = 0; v < callee->ninst; v++)
        if (!callee->site[v].done) frame_touch(callee, v);
    for (uint32_t w = 0; w < callee->waiters.n; w++)
        frame_touch(callee->waiters.at[w].frame, callee->waiters.at[w].inst);
}

static bool settle_call(Frame *fr, ValueId call) {
    const Site *s = &fr->site[call];
    bool any = false;
    for (uint32_t i = 0; !s->done && i < s->nbound && i < s->callee->nargs; i++) {
        const Type *to = s->callee->refined[i];
        if (!to || s->bound[i] < 0 || s->callee->fixed[i]) continue;
        const Operand *o = &s->operand[s->bound[i]];
        if (o->value == NO_VALUE || o->type == to) continue;
        fix_parameter(s->callee, i);
        any = true;
    }
    return any;
}

/* Visits what control reaches in a frame, which the visitor may leave for those it calls; one that is being walked already
 * is left out.  Gives whether a visit changed anything. */
static bool walk_reached(Frame *fr, bool (*visit)(Frame *fr, ValueId v, bool flag), bool flag) {
    if (fr->refining) return false;
    fr->refining = true;
    bool any = false;
    for (uint32_t k = 0; k < fr->norder; k++) {
        const Block *b = block_at(fr->f, fr->order[k]);
        for (uint32_t i = 0; fr->reached[fr->order[k]] && i < b->inst.n; i++)
            any |= visit(fr, b->inst.at[i], flag);
    }
    fr->refining = false;
    return any;
}

static bool settle_visit(Frame *fr, ValueId v, bool flag) {
    if (!fr->site[v].callee) return false;
    bool any = settle_call(fr, v);
    return walk_reached(fr->site[v].callee, settle_visit, flag) || any;
}

bool settle_parameters(Frame *entry) { return walk_reached(entry, settle_visit, false); }

/* ---- what library rules ask ------------------------------------------------------------------------------ */

bool infer_refine(InferApi *api, uint32_t param, const Type *to) {
    Infer *in = (Infer *)api;
    const Site *s = &in->at->site[in->at_inst];
    int32_t o = param < s->nbound ? s->bound[param] : -1;
    return o >= 0 && refine_value(in->at, s->operand[o].value, s->operand[o].item, to);
}

void infer_wait(InferApi *api) { ((Infer *)api)->pending = true; }

const Type *infer_refined(InferApi *api) {
    const Infer *in = (const Infer *)api;
    return in->at->site[in->at_inst].refined;
}

/* ---- what nothing was put into --------------------------------------------------------------------------- */

static const Type *filled_in(const Type *t);

/* The same container with int64 where an element type is open; a typed.List has no type that may be made up. */
static const Type *filled(const Type *t) {
    if (!type_is_container(t) || (t->kind == TYPE_LIST && t->flags & TYPE_LIST_TYPED)) return t;
    const Type *elem[2];
    for (uint32_t i = 0; i < t->nelem; i++)
        elem[i] = t->elem[i]->kind == TYPE_UNDEFINED ? type_i64 : filled_in(t->elem[i]);
    return t->kind == TYPE_LIST  ? type_list(elem[0], t->flags)
           : t->kind == TYPE_SET ? type_set(elem[0], t->flags)
                                 : type_dict(elem[0], elem[1], t->flags);
}

/* Of a tuple, what is in it. */
static const Type *filled_in(const Type *t) {
    if (!type_is_tuple(t)) return filled(t);
    const Type *elem[t->nelem + 1];
    for (uint32_t i = 0; i < t->nelem; i++) elem[i] = filled_in(t->elem[i]);
    return t->kind == TYPE_TUPLE ? type_tuple(t->nelem, elem) : type_namedtuple(t->handle, t->nelem, elem);
}

bool refine_wanted(Frame *entry) {
    bool any = false;
    const Type **wanted = arena_array(&entry->in->unit->arena, const Type *, entry->nargs + 1);
    for (uint32_t i = 0; i < entry->nargs; i++) {
        const Type *t = entry->args[i], *to = entry->refined[i] ? type_unify(t, entry->refined[i]) : t;
        wanted[i] = !to || !may_be_wanted(t) ? t : to != t ? to : filled_in(t);
        any |= wanted[i] != t;
    }
    if (any) entry->in->unit->wanted_args = wanted;
    return any;
}

/* Is something put into the container where it is made by name?  Its type follows when that has one. */
static bool is_fed(const Frame *fr, ValueId v) {
    static const char *const feeding[] = {"append", "add", "insert", "extend", "update", "setdefault"};
    for (uint32_t k = fr->user_begin[v]; k < fr->user_begin[v + 1]; k++) {
        const Inst *user = inst_at(fr->f, fr->user[k]);
        if (user->block == NO_BLOCK || !fr->reached[user->block] || user->arg[0] != v) continue;
        if (user->op == OP_setitem) return true;
        for (uint32_t i = 0; user->op == OP_getattr && i < ARRAY_LEN(feeding); i++)
            if (!strcmp(user->imm.name, feeding[i])) return true;
    }
    return false;
}

static bool fill_site(Frame *fr, ValueId v, bool fed_too) {
    const Type *t = value_type(fr->f, v);
    const Site *s = &fr->site[v];
    bool is_site = inst_at(fr->f, v)->op == OP_list || (s->form == FORM_ROW && s->row->flags & LIB_SITE);
    if (!is_site || !t || !type_is_container(t) || !is_open(t) || filled(t) == t) return false;
    if (!fed_too && is_fed(fr, v)) return false;
    return refine_site(fr, v, filled(t));
}

static bool fill_visit(Frame *fr, ValueId v, bool fed_too) {
    bool any = fr->site[v].callee && walk_reached(fr->site[v].callee, fill_visit, fed_too);
    return fill_site(fr, v, fed_too) || any;
}

/* First what nothing is put into: the types of what else is made may follow from that. */
bool refine_leftovers(Frame *entry) {
    return walk_reached(entry, fill_visit, false) || walk_reached(entry, fill_visit, true);
}

/* ---- displays that need no list ---------------------------------------------------------------------------- */

/* Library functions that take a list display as they take a tuple. */
static bool takes_displays(const char *name) {
    static const char *const builtins[] = {"len", "tuple", "min", "max", "sum", "isinstance"};
    if (!name) return false;
    uint32_t n;
    if (!strncmp(name, "numpy.", 6)) return library_rows(name, &n) && n;
    if (strncmp(name, "builtins.", 9)) return false;
    for (uint32_t i = 0; i < ARRAY_LEN(builtins); i++)
        if (!strcmp(name + 9, builtins[i])) return true;
    return false;
}

/* What sum() starts from, and what it adds to that, is no tuple. */
static bool is_summed(const Frame *fr, const Inst *call, ValueId display) {
    const Inst *i = inst_at(fr->f, display);
    bool numbers = call->nargs > 1 && call->arg[1] == display;
    for (uint32_t k = 0; k < i->nargs && numbers; k++) {
        const Type *t = value_type(fr->f, i->arg[k]);
        numbers = !t || type_is_number(type_base(t));
    }
    return numbers;
}

static bool call_takes_displays(const Frame *fr, const Inst *call, ValueId display) {
    const Type *callee = value_type(fr->f, call->arg[0]);
    const Inst *named = inst_at(fr->f, call->arg[0]);
    if (!callee && named->op == OP_const_object)
        callee = object_type(named->imm.handle); /* not visited yet */
    if (!callee || call->arg[0] == display) return false;
    if (callee->kind == TYPE_FUNCTION) {
        const char *name = library_name_of(callee->handle);
        return takes_displays(name) && (strcmp(name, "builtins.sum") || is_summed(fr, call, display));
    }
    if (callee->kind == TYPE_DTYPE) return true;
    if (callee->kind != TYPE_METHOD) return false;
    const Type *receiver = callee->elem[0];
    return type_is_array(receiver) ||
           (receiver->kind == TYPE_FUNCTION && takes_displays(library_name_of(receiver->handle)));
}

/* A constant that is no index of the display raises when it is reached, as with any list. */
static bool is_index_of(const Type *index, const Inst *display) {
    if (!index || index->kind != TYPE_LITERAL) return false;
    return index->text || (index->value >= -(int64_t)display->nargs && index->value < display->nargs);
}

static bool use_is_static(const Frame *fr, const Inst *user, ValueId v) {
    switch (user->op) {
    case OP_call: return call_takes_displays(fr, user, v);
    case OP_getitem: {
        const Type *index = value_type(fr->f, user->arg[1]), *base = value_type(fr->f, user->arg[0]);
        if (user->arg[0] != v) return base && type_is_array(base);
        return user->arg[1] != v && is_index_of(index, inst_at(fr->f, v));
    }
    case OP_setitem: {
        const Type *base = value_type(fr->f, user->arg[0]);
        return user->arg[0] != v && base && type_is_array(base);
    }
    case OP_binary:
        if (user->sub == OPERATOR_IN || user->sub == OPERATOR_NOT_IN) return user->arg[1] == v;
        return false;
    case OP_unpack: return true;
    default: return false;
    }
}

bool display_is_static(const Frame *fr, ValueId v) {
    if (fr->site[v].refined || fr->user_begin[v] == fr->user_begin[v + 1]) return false;
    if (is_unroll_marked(fr, v)) return true;
    const Inst *display = inst_at(fr->f, v);
    for (uint32_t i = 0; i < display->nargs; i++) { /* a list among lists, not a row of known length */
        const Type *t = value_type(fr->f, display->arg[i]);
        if (t && t->kind == TYPE_LIST) return false;
    }
    for (uint32_t i = fr->user_begin[v]; i < fr->user_begin[v + 1]; i++) {
        ValueId u = fr->user[i];
        const Inst *user = inst_at(fr->f, u);
        if (user->op == OP_list ? !display_is_static(fr, u) : !use_is_static(fr, user, v)) return false;
    }
    return true;
}
