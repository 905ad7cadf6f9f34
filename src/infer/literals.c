/* literals.c - literally(x): a value that is to be part of its type.
 *
 * Arguments of compiled functions are passed as plain values: f(3) and f(4) share one version.  When literally() meets
 * a parameter, the function it belongs to is marked as taking that parameter as a literal, and the calls of it that were
 * typed so far are typed again: each constant then has a version of its own.  Where the argument is a parameter of the
 * caller, the caller is marked, and so on.  The way ends at the entry function, whose arguments only the boundary
 * knows: Unit.literal_params tells it to ask again, with the values.
 *
 * A call that no overload takes may be taken with constants: `helper(a, 0)`, where helper hands its second parameter to a
 * function whose result type depends on it.  Such parameters are *offered*: they are literals where a caller passes a
 * constant, and plain where not.  This never reaches the entry function.
 */
#include "infer/state.h"

enum { MAX_MARKED = 64 };

static uint64_t bits_of(const Map *m, const Func *template) {
    uint64_t bits = 0;
    map_find(m, (uint64_t)(uintptr_t)template, &bits);
    return bits;
}

uint64_t literal_params(const Infer *in, const Func *template) {
    return bits_of(&in->literal_params, template);
}

uint64_t literal_offers(const Infer *in, const Func *template) {
    return bits_of(&in->literal_offers, template);
}

ValueId source_of(const Frame *fr, const Operand *operand) {
    if (operand->value == NO_VALUE || operand->item < 0) return operand->value;
    const Inst *whole = inst_at(fr->f, operand->value);
    bool made_here = (whole->op == OP_closure || whole->op == OP_tuple) &&
                     (uint32_t)operand->item < whole->nargs;
    return made_here ? whole->arg[operand->item] : NO_VALUE;
}

static void note(Frame *fr, uint32_t param) {
    Infer *in = fr->in;
    uint64_t marks = literal_params(in, fr->template) | UINT64_C(1) << param;
    map_set(&in->unit->arena, &in->literal_params, (uint64_t)(uintptr_t)fr->template, marks);
}

static void mark(Frame *fr, uint32_t param) {
    Infer *in = fr->in;
    note(fr, param);
    if (fr->is_entry) in->unit->literal_params |= UINT64_C(1) << param;
    if (fr->marked >> param & 1) return; /* functions that call one another would touch each other for ever */
    fr->marked |= UINT64_C(1) << param;
    for (uint32_t i = 0; i < fr->waiters.n; i++) frame_touch(fr->waiters.at[i].frame, fr->waiters.at[i].inst);
}

const Type *want_literal(Frame *fr, ValueId v, const Operand *operand) {
    if (operand->type->kind == TYPE_LITERAL) return operand->type;
    const Type *initial = initial_type(fr, operand);
    ValueId from = source_of(fr, operand);
    const Inst *i = from == NO_VALUE ? NULL : inst_at(fr->f, from);
    bool is_param = i && i->op == OP_param && i->imm.i < MAX_MARKED;
    if (is_param && initial != operand->type) note(fr, (uint32_t)i->imm.i); /* it was handed on by a caller */
    if (initial != operand->type) return initial;
    if (is_param) mark(fr, (uint32_t)i->imm.i);
    return site_error(
        fr, v, DIAG_NOT_CONSTANT,
        "Cannot request literal type: literally() takes a constant or an argument, and not a value "
        "of type %s that is computed",
        shown(fr, operand->type));
}

/* false: it was offered before, or cannot be. */
static bool offer(Frame *fr, const Operand *operand) {
    const Type *t = operand->type;
    ValueId from = t->kind == TYPE_INT || t->kind == TYPE_BOOL ? source_of(fr, operand) : NO_VALUE;
    const Inst *i = from == NO_VALUE ? NULL : inst_at(fr->f, from);
    if (!i || i->op != OP_param || i->imm.i >= MAX_MARKED || fr->is_entry) return false;
    uint64_t offers = literal_offers(fr->in, fr->template), bit = UINT64_C(1) << i->imm.i;
    if (offers & bit) return false;
    map_set(&fr->in->unit->arena, &fr->in->literal_offers, (uint64_t)(uintptr_t)fr->template, offers | bit);
    for (uint32_t k = 0; k < fr->waiters.n; k++) frame_touch(fr->waiters.at[k].frame, fr->waiters.at[k].inst);
    return true;
}

bool offer_literals(Frame *fr, ValueId v) {
    bool any = false;
    for (uint32_t i = 0; i < fr->site[v].noperand; i++) any |= offer(fr, &fr->site[v].operand[i]);
    return any;
}

const Type *offered_type(Frame *fr, const Operand *operand) {
    if (operand->type->kind == TYPE_LITERAL) return operand->type;
    offer(fr, operand);
    return library_widen(operand->type);
}

const Type *infer_literally(Frame *fr, ValueId v) {
    Site *s = &fr->site[v];
    if (s->noperand != 1 || inst_at(fr->f, v)->imm.call)
        return site_error(fr, v, DIAG_WRONG_ARGUMENTS, "literally() takes one positional argument");
    const Type *t = want_literal(fr, v, &s->operand[0]);
    if (t &&
        type_is_container(t)) { /* the container itself: its initial items are in the types of arguments */
        s->form = FORM_SAME;
        return s->operand[0].type;
    }
    if (t) s->form = FORM_CONSTANT;
    s->handle = 0;
    return t;
}
