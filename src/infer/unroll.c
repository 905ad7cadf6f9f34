/* unroll.c - loops over tuples whose items have different types: which of them are unrolled.
 *
 * A loop has one type for its variable; a tuple like (1, "a") has none to give.  When the walk meets such a loop, the
 * front end builds the function again with that loop's body repeated for every item, and the walk begins again.  The
 * same is done for what is marked by literal_unroll(), whatever the types, so that items stay constants, and for
 * loops over range(len(literal_unroll(x))), in which the index is a constant.
 */
#include "infer/state.h"

enum { MAX_ITEMS = 1000, MAX_LOOPS = 100 };

/* The operand of a call of a library function with one argument; NO_VALUE: v is no such call. */
static ValueId argument_of(const Frame *fr, ValueId v, const char *function) {
    const Inst *call = inst_at(fr->f, v);
    if (call->op != OP_call || call->nargs != 2) return NO_VALUE;
    const Inst *callee = inst_at(fr->f, call->arg[0]);
    if (callee->op != OP_const_object) return NO_VALUE;
    const char *name = library_name_of(callee->imm.handle);
    return name && !strcmp(name, function) ? call->arg[1] : NO_VALUE;
}

static const char marker[] = "naja.special.literal_unroll";

bool is_unroll_marked(const Frame *fr, ValueId v) {
    for (uint32_t i = fr->user_begin[v]; i < fr->user_begin[v + 1]; i++)
        if (argument_of(fr, fr->user[i], marker) == v) return true;
    return false;
}

/* No type for all items; or several functions, which are better called one by one. */
static bool is_mixed(const Type *tuple) {
    const Type *item = tuple_item_type(tuple);
    return !item || item->kind == TYPE_CHOICE;
}

static bool wants_unrolling(const Type *t, bool marked) {
    return type_is_tuple(t) && t->nelem <= MAX_ITEMS && (marked || is_mixed(t));
}

/* zip() and enumerate() of tuples: as many items as the shortest has. */
static bool wants_zip(const Type *zip, uint32_t *n) {
    bool wanted = false;
    *n = UINT32_MAX;
    for (uint32_t i = 0; i < zip->nelem; i++) {
        if (!type_is_tuple(zip->elem[i])) return false;
        wanted |= wants_unrolling(zip->elem[i], false);
        *n = zip->elem[i]->nelem < *n ? zip->elem[i]->nelem : *n;
    }
    return wanted && *n <= MAX_ITEMS;
}

/* for i in range(len(literal_unroll(x))) */
static const Type *counted(const Frame *fr, ValueId range) {
    ValueId len = argument_of(fr, range, "builtins.range");
    ValueId mark = len == NO_VALUE ? NO_VALUE : argument_of(fr, len, "builtins.len");
    ValueId tuple = mark == NO_VALUE ? NO_VALUE : argument_of(fr, mark, marker);
    return tuple == NO_VALUE ? NULL : value_type(fr->f, tuple);
}

bool unroll_loop(Frame *fr, ValueId iter) {
    const Inst *i = inst_at(fr->f, iter);
    ValueId iterable = i->arg[0];
    const Type *t = value_type(fr->f, iterable), *indexed = counted(fr, iterable);
    if (!i->imm.i || fr->unrolled.n >= MAX_LOOPS || !fr->template->source) return false;
    Unroll loop = {.iter = i->imm.i};
    if (indexed && wants_unrolling(indexed, true)) loop.n = indexed->nelem, loop.counts = true;
    else if (wants_unrolling(t, argument_of(fr, iterable, marker) != NO_VALUE)) loop.n = t->nelem;
    else if (t->kind != TYPE_ZIP || !wants_zip(t, &loop.n)) return false;
    return unroll_template(fr, loop);
}

bool unroll_template(Frame *fr, Unroll what) {
    Unit *u = fr->in->unit;
    vec_push(&u->arena, &fr->unrolled, what);
    const Func *template = frontend_unrolled(u, fr->template, fr->unrolled.n, fr->unrolled.at);
    if (!template) {
        fr->unrolled.n--;
        return false;
    }
    fr->f = func_clone(u, template, fr->f->symbol);
    return fr->begins_again = true;
}
