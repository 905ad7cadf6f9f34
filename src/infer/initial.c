/* initial.c - the items that a display gave a list or dict, for who asks what a value is made from.
 *
 * [1, 2, 3] is a list(int64), whatever is put in later, and the types of values say no more.  An overload sees more: the
 * type that it gets for an operand whose display is in sight has the display's items, if all of them are constants
 * (`initial_value`).  They say what the container was made with, not what is in it now.  literally() makes them part of a
 * parameter's type (Frame.args), so that they come as far as it asks for them.
 */
#include "infer/state.h"

/* A str as Python's repr() writes it; characters outside ASCII stay. */
static void put_str(StrBuf *out, const char *text) {
    strbuf_puts(out, "'");
    for (const char *c = text; *c; c++) {
        if (*c == '\'' || *c == '\\') strbuf_printf(out, "\\%c", *c);
        else if ((unsigned char)*c < ' ' || *c == 0x7f) strbuf_printf(out, "\\x%02x", (unsigned)*c);
        else strbuf_add(out, c, 1);
    }
    strbuf_puts(out, "'");
}

/* false: the value is no constant. */
static bool put_constant(StrBuf *out, const Frame *fr, ValueId v) {
    const Type *t = value_type(fr->f, v);
    if (!t || t->kind != TYPE_LITERAL) return false;
    if (t->text) put_str(out, t->text);
    else if (t->elem[0]->kind == TYPE_BOOL) strbuf_puts(out, t->value ? "True" : "False");
    else strbuf_printf(out, "%lld", (long long)t->value);
    return true;
}

static bool put_list(StrBuf *out, const Frame *fr, const Inst *list) {
    bool ok = list->nargs > 0;
    strbuf_puts(out, "[");
    for (uint32_t k = 0; ok && k < list->nargs; k++) {
        if (k) strbuf_puts(out, ", ");
        ok = put_constant(out, fr, list->arg[k]);
    }
    strbuf_puts(out, "]");
    return ok;
}

/* The instructions of a display stand at its place in the source, whichever bytecodes they come from. */
static bool same_place(const Frame *fr, const Inst *a, const Inst *b) {
    Span x = func_span(fr->f, a->span), y = func_span(fr->f, b->span);
    return x.line && x.line == y.line && x.column == y.column && x.end_line == y.end_line &&
           x.end_column == y.end_column;
}

/* {**other}, and a long display, which comes in pieces: d.update(other), all of it at one place of the source.  Gives the
 * dict that is put in; NO_VALUE: it is a call that somebody wrote. */
static ValueId spread_into(const Frame *fr, ValueId update) {
    if (fr->user_begin[update + 1] - fr->user_begin[update] != 1) return NO_VALUE;
    const Inst *call = inst_at(fr->f, fr->user[fr->user_begin[update]]);
    bool made = call->op == OP_call && call->nargs == 2 && same_place(fr, call, inst_at(fr->f, update));
    return made ? call->arg[1] : NO_VALUE;
}

static bool put_items(StrBuf *out, const Frame *fr, ValueId dict);

static bool put_item(StrBuf *out, const Frame *fr, const Inst *setitem) {
    if (out->at[out->n - 1] != '{') strbuf_puts(out, ", ");
    if (!put_constant(out, fr, setitem->arg[1])) return false;
    strbuf_puts(out, ": ");
    return put_constant(out, fr, setitem->arg[2]);
}

/* What the front end makes of a display is an empty dict, and then what is put in at the same place of the source. */
static bool put_items(StrBuf *out, const Frame *fr, ValueId dict) {
    const Inst *made = inst_at(fr->f, dict);
    if (made->op != OP_call || made->nargs != 1) return false;
    for (uint32_t i = fr->user_begin[dict]; i < fr->user_begin[dict + 1]; i++) {
        const Inst *user = inst_at(fr->f, fr->user[i]);
        ValueId other = NO_VALUE;
        if (user->op == OP_getattr && !strcmp(user->imm.name, "update")) other = spread_into(fr, fr->user[i]);
        if (other != NO_VALUE && !put_items(out, fr, other)) return false;
        if (user->op != OP_setitem || user->arg[0] != dict || !same_place(fr, user, made)) continue;
        if (!put_item(out, fr, user)) return false;
    }
    return true;
}

static bool put_dict(StrBuf *out, const Frame *fr, ValueId dict) {
    strbuf_puts(out, "{");
    bool ok = put_items(out, fr, dict) && !out->failed && out->at[out->n - 1] != '{';
    strbuf_puts(out, "}");
    return ok;
}

/* The items as text in the arena; NULL: not known. */
static const char *display_items(const Frame *fr, ValueId v) {
    const Inst *i = inst_at(fr->f, v);
    StrBuf text = {0};
    bool known = i->op == OP_list ? put_list(&text, fr, i) : put_dict(&text, fr, v);
    const char *items = known && !text.failed ? arena_strndup(&fr->in->unit->arena, text.at, text.n) : NULL;
    strbuf_free(&text);
    return items;
}

/* The same for the parts of what may hold containers as they are: a display of different types. */
static const Type *initial_parts(Frame *fr, ValueId v, const Type *t) {
    const Inst *made = inst_at(fr->f, v);
    const Site *s = &fr->site[v];
    const Type *elem[t->nelem + 1];
    for (uint32_t k = 0; k < t->nelem; k++) {
        Operand part = {.value = NO_VALUE, .item = -1, .type = t->elem[k]};
        if (made->op == OP_list && k < made->nargs) part.value = made->arg[k];
        else if (made->op == OP_call && s->form == FORM_TUPLE && k < s->noperand) part = s->operand[k];
        elem[k] = initial_type(fr, &part);
    }
    return t->kind == TYPE_STRDICT ? type_strdict(t->nelem, elem)
                                   : type_namedtuple(t->handle, t->nelem, elem);
}

const Type *initial_type(Frame *fr, const Operand *operand) {
    const Type *t = operand->type;
    ValueId v = source_of(fr, operand);
    if (v == NO_VALUE) return t;
    if (t->kind == TYPE_STRDICT || library_is_list(t)) return initial_parts(fr, v, t);
    bool plain_list = t->kind == TYPE_LIST && !t->flags;
    if (!plain_list && !(t->kind == TYPE_DICT && !t->flags)) return t;
    const Inst *i = inst_at(fr->f, v);
    const Type *asked = i->op == OP_param ? fr->args[i->imm.i] : NULL;
    const char *items = asked ? asked->text : display_items(fr, v);
    return items ? type_with_initial(t, items) : t;
}
