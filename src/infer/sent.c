/* sent.c - what is sent to generators: `x = yield y`.
 *
 * A generator function is typed before anybody sends it anything.  g.send(value) follows g back to the calls that made it
 * and notes the type of the value in the frames of their callees (Frame.sent); the value of a `yield` there is Optional of
 * that, since next() sends None.
 *
 * What is sent lies in the generator's frame, which does not own it: numbers, and tuples of them.
 */
#include "infer/state.h"

enum { MAX_DEPTH = 32 };

const Type *infer_sent(Frame *fr, ValueId v) {
    (void)v;
    return fr->sent ? type_optional(fr->sent) : type_none;
}

/* Does the generator hand on what it is asked for, by `yield from`? */
static bool delegates(const Frame *callee) {
    for (ValueId v = 0; v < callee->ninst; v++) {
        const Inst *i = inst_at(callee->f, v);
        const Inst *function = i->op == OP_call ? inst_at(callee->f, i->arg[0]) : NULL;
        const char *name = function && function->op == OP_const_object ? library_name_of(function->imm.handle)
                                                                       : NULL;
        if (name && !strcmp(name, LOOP_RESULT)) return true;
    }
    return false;
}

/* The first problem, or NULL. */
static const char *note(Frame *callee, const Type *value) {
    const Type *both = callee->sent ? type_unify(callee->sent, value) : value;
    if (delegates(callee)) return "it may wait in a `yield from`, which takes no value";
    if (!both) return "values of other types are sent to it elsewhere";
    if (both == callee->sent) return NULL;
    callee->sent = both;
    for (ValueId v = 0; v < callee->ninst; v++)
        if (inst_at(callee->f, v)->op == OP_sent) frame_touch(callee, v);
    return NULL;
}

static const char *follow(Frame *fr, ValueId v, const Type *value, uint32_t depth);

static const char *follow_returns(Frame *callee, const Type *value, uint32_t depth) {
    const char *problem = NULL;
    for (ValueId v = 0; v < callee->ninst && !problem; v++) {
        const Inst *i = inst_at(callee->f, v);
        if (i->op == OP_ret && i->block != NO_BLOCK && callee->reached[i->block] && i->nargs)
            problem = follow(callee, i->arg[0], value, depth);
    }
    return problem;
}

static const char *follow_param(Frame *fr, uint32_t param, const Type *value, uint32_t depth) {
    const Type *known = fr->param_sent[param], *both = known ? type_unify(known, value) : value;
    const char *problem = !fr->waiters.n && !fr->caller ? "it comes from Python"
                          : both                        ? NULL
                                                        : "values of other types are sent to it elsewhere";
    if (both) fr->param_sent[param] = both; /* a caller that waits for the first time asks for it then */
    for (uint32_t w = 0; w < fr->waiters.n && !problem; w++) {
        Frame *caller = fr->waiters.at[w].frame;
        const Site *s = &caller->site[fr->waiters.at[w].inst];
        const Operand *o = param < s->nbound && s->bound[param] >= 0 ? &s->operand[s->bound[param]] : NULL;
        problem = o && o->item < 0 && o->value != NO_VALUE ? follow(caller, o->value, value, depth)
                                                           : "the function that makes it is not in sight";
    }
    return problem;
}

static const char *follow(Frame *fr, ValueId v, const Type *value, uint32_t depth) {
    const Inst *i = inst_at(fr->f, v);
    Frame *callee = fr->site[v].form == FORM_CALLEE ? fr->site[v].callee : NULL;
    const char *problem = NULL;
    if (depth > MAX_DEPTH) return NULL; /* a phi that has been followed */
    if (i->op == OP_call && callee)
        return callee->f->is_generator ? note(callee, value) : follow_returns(callee, value, depth + 1);
    if (i->op == OP_param) return follow_param(fr, (uint32_t)i->imm.i, value, depth + 1);
    if (i->op != OP_phi) return "the function that makes it is not in sight";
    for (uint32_t k = 0; k < i->nargs && !problem; k++) {
        const Type *t = value_type(fr->f, i->arg[k]);
        if (t && t->kind == TYPE_GENERATOR) problem = follow(fr, i->arg[k], value, depth + 4);
    }
    return problem;
}

static bool report(Frame *fr, ValueId call, const Type *generator, const Type *value, const char *problem) {
    if (!problem) return true;
    site_error(fr, call, DIAG_NO_IMPLEMENTATION, "cannot send %s to %s: %s", shown(fr, value),
               shown(fr, generator), problem);
    return false;
}

bool send_arguments(Frame *fr, ValueId call) {
    const Site *s = &fr->site[call];
    bool ok = true;
    for (uint32_t i = 0; ok && i < s->callee->nargs; i++) {
        const Type *value = s->callee->param_sent[i];
        const Operand *o = value && i < s->nbound && s->bound[i] >= 0 ? &s->operand[s->bound[i]] : NULL;
        if (o && o->value != NO_VALUE && o->item < 0)
            ok = report(fr, call, o->type, value, follow(fr, o->value, value, 0));
    }
    return ok;
}

bool send_value(Frame *fr, ValueId call, const Operand *generator, const Type *value) {
    const char *problem = NULL;
    value = type_stored(value);
    if (value->kind == TYPE_NONE) return true;
    if (!generator->type->handle) problem = "its function is known at run time only";
    else if (type_is_managed(value) || !value->nleaves)
        problem = "only numbers and tuples of numbers are sent";
    else if (generator->value == NO_VALUE || generator->item >= 0)
        problem = "the function that makes it is not in sight";
    else problem = follow(fr, generator->value, value, 0);
    return report(fr, call, generator->type, value, problem);
}
