/* calls.c - calls with keywords and stars, and the lists and tuples that CPython builds for them.
 *
 * `f(a, *t)` is compiled by CPython as: a list [a], extended by t, turned into a tuple.  Until the last step shows
 * what it was for, a `list` op stands for the list, and a Display remembers the parts it is made of:
 *
 *   [1, 2, 3]       LIST 0; (1, 2, 3); LIST_EXTEND     a new `list` of three operands
 *   (a, *t)         LIST 1; t; LIST_EXTEND; LIST_TO_TUPLE
 *                                                      tuple(a) + builtins.tuple(t)
 *   [a, *t]         the same without LIST_TO_TUPLE     the list [a], and a call of its method extend
 *
 * The list of a comprehension is a Display, too, but has operands only by list_append.  A list that is being
 * built stays in its stack slot across blocks; behind loops its slot is that `list` op again (see ssa.c).
 */
#include "frontend/build.h"

/* ---- displays ------------------------------------------------------------------------------------------------------ */

static Display *find_display(Frame *f, ValueId list) {
    for (uint32_t i = f->b->displays.n; i-- > 0;)
        if (f->b->displays.at[i].list == list) return &f->b->displays.at[i];
    return NULL;
}

static void add_part(Frame *f, Display *d, ValueId v, bool star) {
    const Inst *i = inst_at(f->b->f, v);
    if (star && i->op == OP_tuple) { /* *(1, 2): its items */
        for (uint32_t k = 0; k < i->nargs; k++) add_part(f, d, inst_at(f->b->f, v)->arg[k], false);
        return;
    }
    Part p = {.value = v, .star = star};
    vec_push(f->b->arena, &d->parts, p);
    d->has_star |= star;
}

void op_list(Frame *f, int32_t n) {
    Build *b = f->b;
    Display d = {.span = b->b.span};
    for (uint32_t i = (uint32_t)n; i > 0; i--) add_part(f, &d, value_at(f, i), false);
    drop(f, (uint32_t)n);
    ValueId *v = arena_array(b->arena, ValueId, n + 1);
    for (uint32_t i = 0; i < d.parts.n; i++) v[i] = d.parts.at[i].value;
    d.list = emit_op(f, OP_list, d.parts.n, v);
    vec_push(b->arena, &b->displays, d);
    push(f, d.list);
}

/* A list of known items is one `list` op of all of them, in place of the one so far. */
static void rebuild_list(Frame *f, Display *d, uint32_t depth) {
    Build *b = f->b;
    ValueId *v = arena_array(b->arena, ValueId, d->parts.n + 1);
    for (uint32_t i = 0; i < d->parts.n; i++) v[i] = d->parts.at[i].value;
    vec_push(b->arena, &b->doomed, d->list);
    d->list = emit_op(f, OP_list, d->parts.n, v);
    set_slot(f, depth, d->list);
}

static void grow(Frame *f, Display *d, ValueId v) { vec_push(f->b->arena, &d->growth, v); }

static void extend_in_place(Frame *f, Display *d, ValueId items) {
    ValueId method = emit_value(f, OP_getattr, d->list);
    inst_at(f->b->f, method)->imm.name = unit_name(f->b->unit, "extend");
    grow(f, d, method);
    grow(f, d, emit_value(f, OP_call, method, items));
}

void op_list_extend(Frame *f, int32_t depth) {
    ValueId items = pop(f);
    Display *d = find_display(f, value_at(f, (uint32_t)depth));
    if (!d) {
        build_unsupported(f, "`*` in a list");
        return;
    }
    add_part(f, d, items, true);
    if (d->has_star) extend_in_place(f, d, items);
    else rebuild_list(f, d, (uint32_t)depth);
}

/* Of a comprehension the list stands below the iterator; at depth 1 it is the next part of [*a, b] or (*a, b). */
void op_list_append(Frame *f, int32_t depth) {
    ValueId v = pop(f), list = value_at(f, (uint32_t)depth);
    Display *d = depth == 1 ? find_display(f, list) : NULL;
    if (!d) {
        emit_value(f, OP_list_append, list, v);
        return;
    }
    add_part(f, d, v, false);
    if (d->has_star) grow(f, d, emit_value(f, OP_list_append, list, v));
    else rebuild_list(f, d, (uint32_t)depth);
}

static ValueId concatenate(Frame *f, ValueId x, ValueId y) {
    ValueId args[] = {x, y};
    return x == NO_VALUE ? y : emit_operator(f, OP_binary, OPERATOR_ADD, 2, args);
}

/* The parts from *at on that are not starred, as one tuple. */
static ValueId plain_run(Frame *f, const Display *d, uint32_t *at) {
    ValueId *v = arena_array(f->b->arena, ValueId, d->parts.n + 1);
    uint32_t n = 0;
    while (*at < d->parts.n && !d->parts.at[*at].star) v[n++] = d->parts.at[(*at)++].value;
    return emit_op(f, OP_tuple, n, v);
}

static ValueId tuple_from(Frame *f, const Display *d) {
    ValueId whole = NO_VALUE;
    for (uint32_t i = 0; i < d->parts.n && !f->b->failed;) {
        if (!d->parts.at[i].star) {
            whole = concatenate(f, whole, plain_run(f, d, &i));
        } else {
            ValueId callee = object_of(f, (PyObject *)&PyTuple_Type);
            whole = concatenate(f, whole, emit_value(f, OP_call, callee, d->parts.at[i++].value));
        }
    }
    return whole == NO_VALUE ? emit_op(f, OP_tuple, 0, NULL) : whole;
}

void op_list_to_tuple(Frame *f, int32_t arg) {
    ValueId list = pop(f);
    Display *d = find_display(f, list);
    if (!d) {
        build_unsupported(f, "`*` in this expression");
        return;
    }
    vec_push(f->b->arena, &f->b->doomed, list);
    for (uint32_t i = 0; i < d->growth.n; i++) vec_push(f->b->arena, &f->b->doomed, d->growth.at[i]);
    push(f, tuple_from(f, d));
}

/* ---- calls ------------------------------------------------------------------------------------------------------------ */

/* What is called, with the first argument when a function and its receiver stand there instead of a NULL. */
typedef struct {
    ValueId callee, first; /* first: NO_VALUE if there is none */
} Callee;

static Callee callee_at(Frame *f, uint32_t depth) {
    ValueId lower = slot_at(f, depth + 1), upper = slot_at(f, depth);
    if (lower == NULL_SLOT) return (Callee){value_at(f, depth), NO_VALUE};
    if (upper == NULL_SLOT) return (Callee){lower, NO_VALUE};
    return (Callee){lower, upper};
}

void op_kw_names(Frame *f, int32_t arg) { f->kw_names = arg; }

static const CallInfo *new_info(Frame *f, uint32_t n, const char *const *names, bool star) {
    CallInfo *info = arena_new(f->b->arena, CallInfo);
    info->nkeywords = n;
    info->keyword = names;
    info->star = star;
    return info;
}

static const CallInfo *take_kw_names(Frame *f) {
    if (f->kw_names < 0) return NULL;
    PyObject *names = PyTuple_GET_ITEM(f->code->co_consts, f->kw_names);
    uint32_t n = (uint32_t)PyTuple_GET_SIZE(names);
    const char **text = arena_array(f->b->arena, const char *, n + 1);
    for (uint32_t i = 0; i < n; i++)
        text[i] = unit_name(f->b->unit, text_of(f->b, PyTuple_GET_ITEM(names, i)));
    f->kw_names = -1;
    return new_info(f, n, text, false);
}

/* A generator expression is called with an iterator over its first iterable.  It gets the iterable and iterates
 * itself (build.c: add_params), so that its frame holds a value and no borrowed state. */
static void pass_iterable(Frame *f, uint32_t nargs, ValueId *v) {
    const Inst *iterator = nargs == 2 ? inst_at(f->b->f, v[1]) : NULL;
    if (!iterator || iterator->op != OP_iter || !is_generator_expression(f, v[0])) return;
    vec_push(f->b->arena, &f->b->doomed, v[1]);
    v[1] = iterator->arg[0];
}

void op_call(Frame *f, int32_t arg) {
    uint32_t n = (uint32_t)arg, nargs = 0;
    const CallInfo *info = take_kw_names(f);
    Callee c = callee_at(f, n + 1);
    ValueId *v = arena_array(f->b->arena, ValueId, n + 2);
    v[nargs++] = c.callee;
    if (c.first != NO_VALUE) v[nargs++] = c.first;
    for (uint32_t i = n; i > 0; i--) v[nargs++] = value_at(f, i);
    drop(f, n + 2);
    if (f->b->failed || (nargs == 2 && expand_comprehension(f, v[0], v[1]))) return;
    pass_iterable(f, nargs, v);
    ValueId call = emit_op(f, OP_call, nargs, v);
    inst_at(f->b->f, call)->imm.call = info;
    push(f, call);
}

/* ---- displays and comprehensions of dicts and sets: an empty one, then what is put in ------------------------------ */

static Mapping *find_mapping(Frame *f, ValueId dict) {
    for (uint32_t i = f->b->mappings.n; i-- > 0;)
        if (f->b->mappings.at[i].dict == dict) return &f->b->mappings.at[i];
    return NULL;
}

static void set_item(Frame *f, ValueId dict, ValueId key, ValueId value) {
    if (f->b->failed) return;
    ValueId v = emit_value(f, OP_setitem, dict, key, value);
    Mapping *m = find_mapping(f, dict);
    if (!m) return;
    vec_push(f->b->arena, &m->made, v);
    vec_push(f->b->arena, &m->key, key);
    vec_push(f->b->arena, &m->value, value);
}

static ValueId new_container(Frame *f, PyTypeObject *type) {
    return emit_value(f, OP_call, object_of(f, (PyObject *)type));
}

static void call_method(Frame *f, ValueId object, const char *name, ValueId argument) {
    ValueId method = emit_value(f, OP_getattr, object);
    inst_at(f->b->f, method)->imm.name = unit_name(f->b->unit, name);
    emit_value(f, OP_call, method, argument);
}

void op_set(Frame *f, int32_t arg) {
    uint32_t n = (uint32_t)arg;
    ValueId set = new_container(f, &PySet_Type);
    for (uint32_t i = n; i > 0 && !f->b->failed; i--) call_method(f, set, "add", value_at(f, i));
    drop(f, n);
    push(f, set);
}

void op_set_add(Frame *f, int32_t depth) {
    ValueId item = pop(f);
    call_method(f, value_at(f, (uint32_t)depth), "add", item);
}

void op_map_add(Frame *f, int32_t depth) {
    ValueId value = pop(f), key = pop(f);
    set_item(f, value_at(f, (uint32_t)depth), key, value);
}

/* The items of a tuple that is known, or whatever there is to iterate over. */
void op_set_update(Frame *f, int32_t depth) {
    ValueId from = pop(f), set = value_at(f, (uint32_t)depth);
    const Inst *i = inst_at(f->b->f, from);
    if (i->op != OP_tuple) call_method(f, set, "update", from);
    else
        for (uint32_t k = 0; k < inst_at(f->b->f, from)->nargs && !f->b->failed; k++)
            call_method(f, set, "add", inst_at(f->b->f, from)->arg[k]);
}

/* The items of a dict of known items, or of a call dict(a=1). */
static bool add_known(Frame *f, ValueId dict, ValueId from) {
    Build *b = f->b;
    const Mapping *m = find_mapping(f, from);
    const Inst *call = inst_at(b->f, from);
    if (m && m->is_open) return false;
    if (m) {
        Mapping copy = *m;
        for (uint32_t i = 0; i < copy.key.n; i++) set_item(f, dict, copy.key.at[i], copy.value.at[i]);
        Spread s = {.dict = from, .span = b->b.span};
        vec_push(b->arena, &b->spreads, s);
        return true;
    }
    const CallInfo *info = call->op == OP_call ? call->imm.call : NULL;
    if (!info || info->star || call->nargs != info->nkeywords + 1 ||
        object_behind(f, call->arg[0]) != (PyObject *)&PyDict_Type)
        return false;
    for (uint32_t i = 0; i < info->nkeywords; i++) {
        ValueId key = text_value(f, info->keyword[i]);
        set_item(f, dict, key, inst_at(b->f, from)->arg[1 + i]);
    }
    vec_push(b->arena, &b->doomed, from);
    return true;
}

void op_dict_update(Frame *f, int32_t depth) {
    ValueId from = pop(f), dict = value_at(f, (uint32_t)depth);
    Mapping *m = find_mapping(f, dict);
    if (m) m->is_open = true;
    call_method(f, dict, "update", from);
}

/* Of the keywords of a call only: f(a=1, **more). */
void op_dict_merge(Frame *f, int32_t depth) {
    ValueId from = pop(f), dict = value_at(f, (uint32_t)depth);
    Mapping *m = find_mapping(f, dict);
    if (!f->b->failed && (!m || !add_known(f, dict, from)))
        build_unsupported(f, "`**` in a call with anything but a dict display whose keys are literals");
}

/* A new empty dict that remembers what is put in. */
static ValueId new_mapping(Frame *f) {
    Mapping m = {.dict = new_container(f, &PyDict_Type)};
    vec_push(f->b->arena, &m.made, m.dict);
    vec_push(f->b->arena, &f->b->mappings, m);
    return m.dict;
}

void op_map(Frame *f, int32_t arg) {
    uint32_t n = (uint32_t)arg;
    ValueId dict = new_mapping(f);
    for (uint32_t i = n; i > 0 && !f->b->failed; i--)
        set_item(f, dict, value_at(f, 2 * i), value_at(f, 2 * i - 1));
    drop(f, 2 * n);
    push(f, dict);
}

void op_const_key_map(Frame *f, int32_t arg) {
    uint32_t n = (uint32_t)arg;
    ValueId keys = pop(f), dict = new_mapping(f);
    for (uint32_t i = 0; i < n && !f->b->failed; i++) {
        const Inst *names = inst_at(f->b->f, keys);
        bool known = names->op == OP_tuple && names->nargs == n;
        ValueId key = known ? names->arg[i]
                            : emit_value(f, OP_getitem, keys, ir_const_int(&f->b->b, type_literal_int(i), i));
        set_item(f, dict, key, value_at(f, n - i));
    }
    drop(f, n);
    push(f, dict);
}

/* ---- calls with stars ----------------------------------------------------------------------------------------------------- */

/* The dict of a call's keywords was made for it alone: its items are the keywords, and it goes. */
static bool take_keywords(Frame *f, ValueId dict, CallInfo *info, ValueId **value) {
    Build *b = f->b;
    const Mapping *m = find_mapping(f, dict);
    if (!m || m->is_open) return false;
    const char **name = arena_array(b->arena, const char *, m->key.n + 1);
    *value = m->value.at;
    info->nkeywords = m->key.n;
    info->keyword = name;
    for (uint32_t i = 0; i < m->key.n; i++) {
        PyObject *key = object_behind(f, ssa_resolve(&b->ssa, m->key.at[i]));
        if (!key || !PyUnicode_Check(key)) return false;
        name[i] = unit_name(b->unit, text_of(b, key));
        for (uint32_t k = 0; k < i; k++)
            if (strcmp(name[k], name[i]) == 0)
                build_error(f, DIAG_WRONG_ARGUMENTS, "got multiple values for keyword argument '%s'",
                            name[i]);
    }
    for (uint32_t i = 0; i < m->made.n; i++) vec_push(b->arena, &b->doomed, m->made.at[i]);
    return true;
}

static bool is_own_use(const Mapping *m, ValueId user) {
    for (uint32_t i = 0; i < m->made.n; i++)
        if (m->made.at[i] == user) return true;
    return false;
}

static bool is_doomed(const Build *b, ValueId v) {
    for (uint32_t i = 0; i < b->doomed.n; i++)
        if (b->doomed.at[i] == v) return true;
    return false;
}

/* A dict that was spread has the items that it was made of: it is only read. */
void calls_check(Frame *f) {
    Build *b = f->b;
    for (uint32_t i = 0; i < b->spreads.n && !b->failed; i++) {
        ValueId dict = b->spreads.at[i].dict;
        const Mapping *m = find_mapping(f, dict);
        for (ValueId u = 0; u < b->f->inst.n; u++) {
            const Inst *user = inst_at(b->f, u);
            bool uses = false;
            for (uint32_t k = 0; k < user->nargs; k++) uses |= user->arg[k] == dict;
            bool reads = user->op == OP_getitem && user->arg[0] == dict;
            if (!uses || reads || user->block == NO_BLOCK || is_own_use(m, u) || is_doomed(b, u)) continue;
            b->b.span = b->spreads.at[i].span;
            build_unsupported(f, "`**` in a call with a dict that is used in other ways, too,");
            return;
        }
    }
}

/* The positional operands behind the callee: the items of a tuple that is known, else the tuple itself. */
static uint32_t add_star(Frame *f, ValueId *v, ValueId args, bool *star) {
    const Inst *i = inst_at(f->b->f, args);
    *star = i->op != OP_tuple;
    if (*star) {
        v[0] = args;
        return 1;
    }
    for (uint32_t k = 0; k < i->nargs; k++) v[k] = i->arg[k];
    return i->nargs;
}

void op_call_ex(Frame *f, int32_t has_keywords) {
    Build *b = f->b;
    CallInfo *info = arena_new(b->arena, CallInfo);
    ValueId *keyword = NULL;
    if (has_keywords) {
        ValueId dict = slot_at(f, 1);
        drop(f, 1);
        if (dict != NULL_SLOT && !take_keywords(f, dict, info, &keyword))
            build_unsupported(f, "`**` in a call with anything but a dict display whose keys are literals");
    }
    if (b->failed) return;
    ValueId args = pop(f);
    Callee c = callee_at(f, 1);
    drop(f, 2);
    if (b->failed) return;
    ValueId *v = arena_array(b->arena, ValueId, inst_at(b->f, args)->nargs + info->nkeywords + 3);
    uint32_t nargs = 0;
    v[nargs++] = c.callee;
    if (c.first != NO_VALUE) v[nargs++] = c.first;
    nargs += add_star(f, v + nargs, args, &info->star);
    for (uint32_t i = 0; i < info->nkeywords; i++) v[nargs++] = keyword[i];
    ValueId call = emit_op(f, OP_call, nargs, v);
    if (info->star || info->nkeywords) inst_at(b->f, call)->imm.call = info;
    push(f, call);
}
