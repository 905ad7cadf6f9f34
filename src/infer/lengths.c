/* lengths.c - tuple(x) of an iterable whose number of items is known: generator expressions, maps and comprehensions over
 * tuples, ranges and strings that are constants, zip and enumerate of tuples.
 *
 * A tuple's length is part of its type.  It is known of a generator that gives an item for each of a tuple's (its code says:
 * naja/library/lengths.py), and of a list that a comprehension made so, if nothing else is done to that list.
 */
#include "infer/state.h"

enum { UNKNOWN = -1, LONGEST = 256 };

static int64_t length_of_value(Frame *fr, ValueId v, uint32_t depth);

static int64_t length_of_text(const char *utf8) {
    int64_t n = 0;
    for (; *utf8; utf8++) n += ((unsigned char)*utf8 & 0xC0) != 0x80;
    return n;
}

static int64_t least(int64_t a, int64_t b) { return a == UNKNOWN || b == UNKNOWN ? UNKNOWN : a < b ? a : b; }

static int64_t length_of_type(const Type *t) {
    if (!t) return UNKNOWN;
    if (t->kind == TYPE_LITERAL && t->text) return length_of_text(t->text);
    if (t->kind == TYPE_ITER) return length_of_type(t->elem[0]);
    if (type_is_tuple(t) && !library_is_object(t)) return t->nelem;
    if (t->kind != TYPE_ZIP || t->nelem == 0) return UNKNOWN;
    int64_t n = length_of_type(t->elem[0]);
    for (uint32_t i = 1; i < t->nelem; i++) n = least(n, length_of_type(t->elem[i]));
    return n;
}

static bool literal_at(const Frame *fr, const Inst *call, uint32_t i, int64_t *value) {
    const Type *t = value_type(fr->f, call->arg[i]);
    bool is = t && t->kind == TYPE_LITERAL && !t->text;
    if (is) *value = t->value;
    return is;
}

/* range() of constants. */
static int64_t length_of_range(const Frame *fr, const Inst *call) {
    int64_t at[3] = {0, 0, 1};
    uint32_t n = call->nargs - 1;
    if (n < 1 || n > 3 || call->imm.call) return UNKNOWN;
    for (uint32_t i = 0; i < n; i++)
        if (!literal_at(fr, call, i + 1, &at[n == 1 ? 1 : i])) return UNKNOWN;
    if (at[2] == 0) return UNKNOWN;
    __int128 span = at[2] > 0 ? (__int128)at[1] - at[0] : (__int128)at[0] - at[1],
             step = at[2] < 0 ? -(__int128)at[2] : at[2];
    __int128 count = span <= 0 ? 0 : (span + step - 1) / step;
    return count > LONGEST ? UNKNOWN : (int64_t)count;
}

static int64_t length_of_generator(Frame *fr, ValueId v, const Type *t, uint32_t depth) {
    int32_t first = t->handle ? object_iterated(t->handle) : -1;
    const Site *s = &fr->site[v];
    if (first < 0 || s->form != FORM_CALLEE || !s->callee) return UNKNOWN;
    int64_t n = INT64_MAX;
    for (uint32_t i = (uint32_t)first + s->callee->template->source->ncaptured; i < s->nbound; i++) {
        const Operand *o = s->bound[i] >= 0 ? &s->operand[s->bound[i]] : NULL;
        const Type *tail = i < s->callee->nargs ? s->callee->args[i] : NULL;
        int64_t one = o && o->value != NO_VALUE && o->item < 0 ? length_of_value(fr, o->value, depth)
                      : o                                      ? length_of_type(o->type)
                                                               : UNKNOWN;
        if (!o && tail && tail->kind == TYPE_TUPLE) { /* *others */
            one = tail->nelem ? length_of_type(tail->elem[0]) : INT64_MAX;
            for (uint32_t k = 1; k < tail->nelem; k++) one = least(one, length_of_type(tail->elem[k]));
        }
        n = least(n, one);
    }
    return n == INT64_MAX ? UNKNOWN : n;
}

/* ---- lists that comprehensions make ------------------------------------------------------------------------------------ */

typedef struct {
    BlockId to, without, either;
    uint8_t *seen;
} Walk;

static bool walk(const Frame *fr, Walk *w, BlockId b) {
    BlockId next[2];
    if (b == w->without || b == w->either) return false;
    if (b == w->to) return true;
    if (w->seen[b]) return false;
    w->seen[b] = 1;
    for (uint32_t n = ir_successors(fr->f, b, next); n--;)
        if (walk(fr, w, next[n])) return true;
    return false;
}

/* Does control come from one block to another by none of two others (NO_BLOCK: there is none)? */
static bool leads(const Frame *fr, BlockId from, BlockId to, BlockId without, BlockId either) {
    Walk w = {.to = to, .without = without, .either = either};
    w.seen = arena_array(&fr->in->unit->arena, uint8_t, fr->f->block.n);
    return walk(fr, &w, from);
}

/* The loop whose head this block is: the container that it goes over. */
static ValueId container_of_loop(const Frame *fr, ValueId valid) {
    ValueId state = inst_at(fr->f, valid)->arg[0];
    for (uint32_t depth = 0; depth < 8; depth++) {
        const Inst *i = inst_at(fr->f, state);
        if (i->op == OP_iter) return i->arg[0];
        if ((i->op != OP_phi && i->op != OP_iter_next) || i->nargs == 0) return NO_VALUE;
        state = i->arg[0];
    }
    return NO_VALUE;
}

/* The one instruction that puts something into a new list which else is only given to `call`; NO_VALUE. */
static ValueId only_append(const Frame *fr, ValueId list, ValueId call) {
    ValueId append = NO_VALUE;
    for (uint32_t k = fr->user_begin[list]; k < fr->user_begin[list + 1]; k++) {
        ValueId u = fr->user[k];
        const Inst *user = inst_at(fr->f, u);
        if (u == call || user->block == NO_BLOCK) continue;
        if (user->op != OP_list_append || user->arg[0] != list || append != NO_VALUE) return NO_VALUE;
        append = u;
    }
    return append;
}

static int64_t length_of_list(Frame *fr, ValueId list, ValueId call, uint32_t depth) {
    const Inst *display = inst_at(fr->f, list);
    if (display->op != OP_list || display->nargs) return UNKNOWN;
    ValueId append = only_append(fr, list, call);
    if (append == NO_VALUE) return UNKNOWN;
    BlockId body = inst_at(fr->f, append)->block, made = display->block, next[2];
    ValueId valid = NO_VALUE;
    for (ValueId v = 0; v < fr->ninst; v++) { /* the one loop around the append, and not around the display */
        const Inst *i = inst_at(fr->f, v);
        bool is_loop = i->op == OP_iter_valid && i->block != NO_BLOCK &&
                       ir_successors(fr->f, i->block, next) == 2;
        if (!is_loop || !leads(fr, next[0], body, i->block, made)) continue;
        if (!leads(fr, body, i->block, NO_BLOCK, made)) continue;     /* in front */
        if (valid != NO_VALUE) return UNKNOWN;                        /* loops in one another */
        if (leads(fr, next[0], i->block, body, made)) return UNKNOWN; /* a condition */
        valid = v;
    }
    ValueId container = valid == NO_VALUE ? NO_VALUE : container_of_loop(fr, valid);
    return container == NO_VALUE ? UNKNOWN : length_of_value(fr, container, depth);
}

/* ---- the whole --------------------------------------------------------------------------------------------------------- */

static int64_t length_of_value(Frame *fr, ValueId v, uint32_t depth) {
    const Inst *i = inst_at(fr->f, v);
    const Type *t = value_type(fr->f, v);
    if (!t || depth > 8) return UNKNOWN;
    int64_t n = length_of_type(t);
    if (n != UNKNOWN) return n;
    if (i->op == OP_iter) return length_of_value(fr, i->arg[0], depth + 1);
    if (i->op != OP_call) return UNKNOWN;
    if (t->kind == TYPE_GENERATOR) return length_of_generator(fr, v, t, depth + 1);
    return t->kind == TYPE_RANGE ? length_of_range(fr, i) : UNKNOWN;
}

static int64_t length_of_operand(Frame *fr, ValueId v) {
    const Operand *o = &fr->site[v].operand[0];
    int64_t n = o->value == NO_VALUE         ? length_of_type(o->type)
                : o->type->kind == TYPE_LIST ? length_of_list(fr, o->value, v, 0)
                                             : length_of_value(fr, o->value, 0);
    return n > LONGEST ? UNKNOWN : n;
}

const Type *infer_known_tuple(Frame *fr, ValueId v) {
    int64_t n = length_of_operand(fr, v);
    bool is_list = fr->site[v].operand[0].type->kind == TYPE_LIST;
    return n == UNKNOWN ? NULL : infer_function(fr, v, object_taker(n, is_list), NULL);
}

const Type *infer_tuple_of(Frame *fr, ValueId v) {
    const Operand *o = &fr->site[v].operand[0];
    const Type *t = o->type;
    if (fr->site[v].noperand != 1 || o->item >= 0 || (type_is_tuple(t) && !library_is_object(t))) return NULL;
    bool is_list = t->kind == TYPE_LIST;
    int64_t n = length_of_operand(fr, v);
    bool iterable = is_list || n != UNKNOWN || type_is_table(t) || type_is_array(t) || t->kind == TYPE_STR ||
                    t->kind == TYPE_RANGE || t->kind == TYPE_GENERATOR || t->kind == TYPE_ZIP ||
                    t->kind == TYPE_VIEW;
    if (!iterable) return NULL;
    if (n == UNKNOWN)
        return site_error(
            fr, v, DIAG_NO_IMPLEMENTATION,
            "No implementation of function builtins.tuple for (%s): how many items it has is known when "
            "it runs, and a tuple's length is part of its type.  Keep a list, or say the length: "
            "to_fixed_tuple(array, 3), (x[0], x[1])",
            shown(fr, t));
    return infer_function(fr, v, object_taker(n, is_list), NULL);
}
