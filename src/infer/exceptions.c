/* exceptions.c - what can be read of exceptions: e.args, and the attributes that a class keeps its arguments in.
 *
 * An exception that was made here (EXCEPTION) has its arguments in its type.  Of one that was caught only the run time knows
 * which raise it came from, so its type follows from the raises that the handler may see: those of the blocks that it
 * protects and of the functions called there, whose class fits the `except` clause.  What they agree in is the type; where
 * there is none, the error is one of compiled code's own, which have a message.  The interpreter reads the attribute, as the
 * value may be of a raise that was not seen, and its type is checked (library/bridge.c).
 *
 * Which argument an attribute is says the class itself: object_exception_attribute() makes one of arguments that are told
 * apart by identity.
 */
#include "infer/state.h"

enum { MAX_CLASSES = 16 };

typedef struct {
    Frame *fr;
    const char *name;
    uint32_t ncls, nothers;
    Handle cls[MAX_CLASSES];   /* that the handler asks for here; none: any */
    Handle other[MAX_CLASSES]; /* that it has asked for before, in vain */
    const Type *type;          /* so far */
    const Type *conflict;      /* does not meet with it */
    Vec(const Frame *) seen;
    bool any; /* some raise fits */
} Search;

/* ---- exceptions that were made here ------------------------------------------------------------------------ */

static const Type *args_type(const Type *exception) {
    const Type *elem[exception->nelem + 1];
    for (uint32_t i = 0; i < exception->nelem; i++) elem[i] = type_stored(exception->elem[i]);
    return type_tuple(exception->nelem, elem);
}

const Type *exception_attribute(Frame *fr, ValueId v, const Type *t, const char *name) {
    ValueId from = inst_at(fr->f, v)->arg[0];
    if (!strcmp(name, "args") &&
        object_exception_attribute(t->handle, t->nelem, "args", NULL) == EXCEPTION_ARGS) {
        Operand *operand = site_operands(fr, v, t->nelem);
        for (uint32_t i = 0; i < t->nelem; i++) operand[i] = operand_item(from, i, t->elem[i]);
        fr->site[v].form = FORM_TUPLE;
        return type_tuple(t->nelem, t->elem);
    }
    Handle constant = 0;
    int32_t i = object_exception_attribute(t->handle, t->nelem, name, &constant);
    if (constant) {
        fr->site[v].form = FORM_CONSTANT;
        fr->site[v].handle = constant;
        return object_type(constant);
    }
    if (i < 0) return NULL;
    fr->site[v].form = FORM_ITEM;
    fr->site[v].index = (uint32_t)i;
    return t->elem[i];
}

/* ---- exceptions that were caught --------------------------------------------------------------------------- */

static uint32_t add_class(Handle *list, uint32_t n, const Type *cls) {
    if (cls->kind == TYPE_TUPLE)
        for (uint32_t i = 0; i < cls->nelem; i++) n = add_class(list, n, cls->elem[i]);
    else if (cls->kind == TYPE_FUNCTION && n < MAX_CLASSES) list[n++] = cls->handle;
    return n;
}

/* The classes that control has been asked about on its way from `from` to `to`, and the answer; NULL: no question. */
static const Type *asked_between(const Frame *fr, BlockId from, BlockId to, bool *answer) {
    ValueId t = ir_terminator(fr->f, from);
    const Inst *branch = t == NO_VALUE ? NULL : inst_at(fr->f, t);
    if (!branch || branch->op != OP_condbr || branch->imm.target[0] == branch->imm.target[1]) return NULL;
    const Inst *match = inst_at(fr->f, branch->arg[0]);
    if (match->op == OP_unary && match->sub == OPERATOR_TRUTH) match = inst_at(fr->f, match->arg[0]);
    *answer = branch->imm.target[0] == to;
    return match->op == OP_exc_match ? value_type(fr->f, match->arg[1]) : NULL;
}

/* Which classes was the exception found to be of, and not to be of before that, on the ways from the handler's begin? */
static void find_classes(Search *s, BlockId block, BlockId handler, uint8_t *seen) {
    const Block *b = block_at(s->fr->f, block);
    if (block == handler || seen[block]) return;
    seen[block] = 1;
    for (uint32_t i = 0; i < b->pred.n; i++) {
        bool answer;
        const Type *cls = asked_between(s->fr, b->pred.at[i], block, &answer);
        if (cls && answer && !s->nothers) s->ncls = add_class(s->cls, s->ncls, cls);
        else if (cls && !answer && s->ncls) s->nothers = add_class(s->other, s->nothers, cls);
        find_classes(s, b->pred.at[i], handler, seen);
    }
}

static bool is_among(Handle cls, const Handle *list, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (object_is_subclass(cls, list[i])) return true;
    return false;
}

static bool is_asked_for(const Search *s, Handle cls) {
    return (!s->ncls || is_among(cls, s->cls, s->ncls)) && !is_among(cls, s->other, s->nothers);
}

static void add_raise(Search *s, const Type *t) {
    if (t && t->kind == TYPE_OPTIONAL) t = t->elem[0];
    if (!t || (t->kind != TYPE_EXCEPTION && t->kind != TYPE_FUNCTION) || !is_asked_for(s, t->handle)) return;
    uint32_t n = t->kind == TYPE_EXCEPTION ? t->nelem : 0;
    Handle constant = 0;
    int32_t i = object_exception_attribute(t->handle, n, s->name, &constant);
    const Type *value = i == EXCEPTION_ARGS ? (n ? args_type(t) : type_tuple(0, NULL))
                        : i >= 0            ? type_stored(t->elem[i])
                        : constant          ? type_base(object_type(constant))
                                            : NULL;
    if (!value) return;
    const Type *both = s->any ? type_unify(s->type, value) : value;
    s->any = true;
    if (both) s->type = both;
    else s->conflict = value;
}

static void add_raises(Search *s, const Frame *fr, BlockId handler);

static void add_callee(Search *s, const Frame *callee) {
    for (uint32_t i = 0; i < s->seen.n; i++)
        if (s->seen.at[i] == callee) return;
    vec_push(&s->fr->in->unit->arena, &s->seen, callee);
    if (callee->walked) add_raises(s, callee, NO_BLOCK);
}

/* `handler`: only of the blocks that it protects; NO_BLOCK: of the whole function. */
static void add_raises(Search *s, const Frame *fr, BlockId handler) {
    for (uint32_t k = 0; k < fr->norder; k++) {
        const Block *b = block_at(fr->f, fr->order[k]);
        if (!fr->reached[fr->order[k]] || (handler != NO_BLOCK && b->handler != handler)) continue;
        for (uint32_t i = 0; i < b->inst.n; i++) {
            const Inst *inst = inst_at(fr->f, b->inst.at[i]);
            if (inst->op == OP_raise) add_raise(s, value_type(fr->f, inst->arg[0]));
            if (fr->site[b->inst.at[i]].callee) add_callee(s, fr->site[b->inst.at[i]].callee);
        }
    }
}

/* getattr(e, "name") by the interpreter. */
static const Type *read_by_python(Frame *fr, ValueId v, const char *name, const Type *result) {
    Operand *operand = site_operands(fr, v, 2);
    operand[0] = operand_value(inst_at(fr->f, v)->arg[0], type_caught);
    operand[1] = (Operand){.value = NO_VALUE, .item = -1, .type = type_literal_str(name)};
    fr->site[v].form = FORM_BRIDGE;
    fr->site[v].handle = library_object("builtins.getattr");
    return result;
}

const Type *caught_attribute(Frame *fr, ValueId v, const char *name) {
    ValueId caught = inst_at(fr->f, v)->arg[0];
    if (!fr->site[v].changes) vec_push(&fr->in->unit->arena, &fr->caught_reads, v);
    Search s = {.fr = fr, .name = name};
    if (inst_at(fr->f, caught)->op == OP_caught) {
        BlockId handler = inst_at(fr->f, caught)->block;
        find_classes(&s, inst_at(fr->f, v)->block, handler,
                     arena_array(&fr->in->unit->arena, uint8_t, fr->f->block.n));
        add_raises(&s, fr, handler);
    } else {
        add_raises(&s, fr, NO_BLOCK);
    }
    if (s.conflict)
        return site_error(fr, v, DIAG_CANNOT_UNIFY,
                          "Cannot unify %s and %s: '%s' of the exception depends on where it was raised",
                          shown(fr, s.type), shown(fr, s.conflict), name);
    if (!s.any && strcmp(name, "args")) return NULL;
    return read_by_python(fr, v, name, s.any ? s.type : type_tuple(1, (const Type *const[]){type_str}));
}
