/* strdicts.c - dicts whose keys are known: displays with values of different types, **keywords.
 *
 * {"a": 1, "b": "x"} has no type of values.  The front end makes of every display an empty dict into which items are put;
 * when the walk finds one that has no type in common with those before it, and all keys are constant strings, it builds the function again with
 * that display as a STRDICT (the way of loops that are unrolled, unroll.c), which cannot be changed.  The same is done for
 * a dict that is spread in a call, f(**d): the names of the keywords have to be known.
 */
#include "infer/state.h"

enum { MAX_DISPLAYS = 200 };

/* The number of the display that made a dict; 0: it is none that could be a STRDICT. */
static int64_t display_of(const Frame *fr, ValueId dict) {
    const Inst *call = inst_at(fr->f, dict);
    return call->op == OP_call && call->imm.call ? call->imm.call->display : 0;
}

bool make_strdict(Frame *fr, ValueId dict) {
    int64_t number = display_of(fr, dict);
    if (!number || fr->unrolled.n >= MAX_DISPLAYS || !fr->template->source) return false;
    return unroll_template(fr, (Unroll){.iter = number, .display = true});
}

/* An item of a display stands where the display stands; one that is put in later does not. */
static bool same_place(const Frame *fr, uint32_t a, uint32_t b) {
    Span x = func_span(fr->f, a), y = func_span(fr->f, b);
    return a == b || (x.line == y.line && x.column == y.column && x.end_line == y.end_line &&
                      x.end_column == y.end_column);
}

bool is_mixed_item(const Frame *fr, ValueId setitem) {
    const Inst *i = inst_at(fr->f, setitem);
    if (!display_of(fr, i->arg[0]) || !same_place(fr, i->span, inst_at(fr->f, i->arg[0])->span)) return false;
    const Type *dict = value_type(fr->f, i->arg[0]), *value = value_type(fr->f, i->arg[2]);
    if (!dict || dict->kind != TYPE_DICT || !value || dict->elem[1]->kind == TYPE_UNDEFINED) return false;
    return !type_unify(dict->elem[1], type_stored(value));
}

bool is_mixed_dict(const Frame *fr, ValueId call) {
    const Site *s = &fr->site[call];
    const Type *all = NULL;
    for (uint32_t i = 0; i < s->noperand && display_of(fr, call); i++) {
        const Type *t = type_stored(s->operand[i].type);
        all = all ? type_unify(all, t) : t;
        if (!all) return true;
    }
    return false;
}

/* low.strdict(key, value, ...) of the front end. */
const Type *infer_strdict(Frame *fr, ValueId v) {
    const Site *s = &fr->site[v];
    const Type *elem[s->noperand + 1];
    for (uint32_t i = 0; i < s->noperand; i++) elem[i] = s->operand[i].type;
    fr->site[v].form = FORM_TUPLE;
    return type_strdict(s->noperand, elem);
}

/* ---- f(**d) -------------------------------------------------------------------------------------------------- */

typedef struct {
    uint32_t n, capacity;
    const char **name;
} Names;

static bool add_name(Frame *fr, ValueId v, Names *names, const char *name) {
    for (uint32_t i = 0; i < names->n; i++)
        if (!strcmp(names->name[i], name)) {
            site_error(fr, v, DIAG_WRONG_ARGUMENTS, "got multiple values for keyword argument '%s'", name);
            return false;
        }
    names->name[names->n++] = unit_name(fr->in->unit, name);
    return true;
}

static bool add_keys(Frame *fr, ValueId v, Names *names, const Type *dict) {
    for (uint32_t k = 0; k < dict->nelem; k += 2)
        if (!add_name(fr, v, names, dict->elem[k]->text)) return false;
    return true;
}

/* The dict behind `**` of this operand; NULL: not known yet, or an error. */
static const Type *spread_type(Frame *fr, ValueId v, ValueId operand) {
    const Type *t = value_type(fr->f, operand);
    if (!t || t->kind == TYPE_STRDICT || make_strdict(fr, operand)) return t && !fr->begins_again ? t : NULL;
    return site_error(fr, v, DIAG_WRONG_ARGUMENTS,
                      "an argument after ** must be a dict whose keys are constant strings, not %s",
                      shown(fr, t));
}

bool spread_keywords(Frame *fr, ValueId v) {
    Inst *call = inst_at(fr->f, v);
    const CallInfo *info = call->imm.call;
    if (info && info->unspread) info = info->unspread;
    uint32_t total = 0, nspread = 0;
    for (uint32_t k = 0; info && k < info->nkeywords; k++) {
        if (info->keyword[k]) continue;
        const Type *t = spread_type(fr, v, call->arg[call->nargs - info->nkeywords + k]);
        if (!t) return false;
        total += t->nelem / 2;
        nspread++;
    }
    if (!nspread) return true;
    Arena *a = &fr->in->unit->arena;
    Names names = {.name = arena_array(a, const char *, info->nkeywords + total + 1)};
    for (uint32_t k = 0; k < info->nkeywords; k++) {
        const Type *t = value_type(fr->f, call->arg[call->nargs - info->nkeywords + k]);
        bool ok = info->keyword[k] ? add_name(fr, v, &names, info->keyword[k]) : add_keys(fr, v, &names, t);
        if (!ok) return false;
    }
    CallInfo *spread = arena_new(a, CallInfo);
    *spread = *info;
    spread->nkeywords = names.n;
    spread->keyword = names.name;
    spread->unspread = info;
    inst_at(fr->f, v)->imm.call = spread;
    return true;
}

bool is_spread_dict(const Inst *call, uint32_t operand) {
    const CallInfo *info = call->imm.call ? call->imm.call->unspread : NULL;
    uint32_t first = info ? call->nargs - info->nkeywords : 0;
    return info && operand >= first && !info->keyword[operand - first];
}
