/* calls.c - calls with keywords and stars, and the lists and tuples that CPython builds for them.
 *
 * `f(a, *t)` is compiled by CPython as: a list [a], extended by t, turned into a tuple.  Until the last step shows
 * what it was for, a `list` op stands for the list, and a Display remembers the parts it is made of:
 *
 *   [1, 2, 3]       LIST 0; (1, 2, 3); LIST_EXTEND     a new `list` of three operands
 *   (a, *t)         LIST 1; t; LIST_EXTEND; LIST_TO_TUPLE
 *                                                      tuple(a) + unpack(t)
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

/* What is starred, as a tuple: infer/stars.c. */
static ValueId emit_spread(Frame *f, ValueId values) {
    ValueId v = emit_value(f, OP_unpack, values);
    inst_at(f->b->f, v)->imm.i = UNPACK_ARGUMENTS;
    return v;
}

static ValueId tuple_from(Frame *f, const Display *d) {
    ValueId whole = NO_VALUE;
    for (uint32_t i = 0; i < d->parts.n && !f->b->failed;) {
        if (!d->parts.at[i].star) {
            whole = concatenate(f, whole, plain_run(f, d, &i));
        } else {
            whole = concatenate(f, whole, emit_spread(f, d->parts.at[i++].value));
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

static bool make_named_dict(Frame *f, ValueId call);

/* The callee of `super()`, which takes the first parameter. */
static bool is_super(Frame *f, ValueId callee) {
    const Inst *i = inst_at(f->b->f, callee);
    return i->op == OP_const_object && i->imm.handle == f->b->host->handle_of((PyObject *)&PySuper_Type);
}

/* super() as a call with the first parameter: that as an object of the class behind the method's own. */
ValueId super_of_self(Frame *f) {
    if (f->outer || f->b->f->params.n == 0) {
        build_unsupported(f, "`super()` here");
        return ir_none(&f->b->b);
    }
    return emit_value(f, OP_call, object_of(f, (PyObject *)&PySuper_Type), f->b->f->params.at[0]);
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
    if (!f->b->failed && is_super(f, v[0])) {
        if (nargs > 1) build_unsupported(f, "`super()` with arguments");
        push(f, super_of_self(f));
        return;
    }
    if (f->b->failed || (nargs == 2 && expand_comprehension(f, v[0], v[1]))) return;
    pass_iterable(f, nargs, v);
    ValueId call = emit_op(f, OP_call, nargs, v);
    inst_at(f->b->f, call)->imm.call = info;
    if (!make_named_dict(f, call)) push(f, call);
}

/* ---- displays and comprehensions of dicts and sets: an empty one, then what is put in ------------------------------ */

Mapping *find_mapping(Frame *f, ValueId dict) {
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

static void add_to_strdict(Frame *f, Mapping *m, uint32_t depth, ValueId key, ValueId value);

/* The items of a display are known so far: inference may want a STRDICT of them. */
static void mark_display(Frame *f, Mapping *m, bool known) {
    Inst *i = inst_at(f->b->f, m->dict);
    if (!known || m->is_open) {
        i->imm.call = NULL;
    } else if (!i->imm.call) {
        CallInfo *info = arena_new(f->b->arena, CallInfo);
        info->display = m->number;
        i->imm.call = info;
    }
}

/* Large displays are put together one by one, at depth 1; comprehensions, whose iterator lies between, deeper. */
static void add_item(Frame *f, uint32_t depth, ValueId key, ValueId value) {
    ValueId dict = value_at(f, depth);
    Mapping *m = f->b->failed ? NULL : find_mapping(f, dict);
    if (m && m->literal) {
        add_to_strdict(f, m, depth, key, value);
        return;
    }
    PyObject *o = m ? object_behind(f, key) : NULL;
    if (m) mark_display(f, m, depth == 1 && o && PyUnicode_Check(o) && m->key.n == m->made.n - 1);
    set_item(f, dict, key, value);
}

void op_map_add(Frame *f, int32_t depth) {
    ValueId value = pop(f), key = pop(f);
    add_item(f, (uint32_t)depth, key, value);
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

/* Was what this instruction takes made by the one before, so that nobody else has it? */
static bool takes_display(const Frame *f) {
    uint32_t made = f->at ? f->decoded.code.at[f->at - 1].op : I_NOP;
    return made == I_MAP || made == I_CONST_KEY_MAP || made == I_MAP_ADD;
}

void op_dict_update(Frame *f, int32_t depth) {
    ValueId from = pop(f), dict = value_at(f, (uint32_t)depth);
    Mapping *m = find_mapping(f, dict), *part = f->b->failed ? NULL : find_mapping(f, from);
    if (m && part && takes_display(f) && depth == 1 && !m->is_open && !part->is_open && !part->literal &&
        part->made.n) {
        Mapping items = *part; /* the end of a large display */
        for (uint32_t i = 0; i < items.made.n; i++) vec_push(f->b->arena, &f->b->doomed, items.made.at[i]);
        for (uint32_t i = 0; i < items.key.n; i++) add_item(f, 1, items.key.at[i], items.value.at[i]);
        return;
    }
    if (m && m->literal) {
        build_unsupported(f, "a dict of values of different types that is put together by `**`");
        return;
    }
    if (m) {
        m->is_open = true;
        mark_display(f, m, false);
    }
    call_method(f, dict, "update", from);
}

/* Of the keywords of a call only, f(a=1, **more): inference knows the names, which are the keys of a STRDICT. */
void op_dict_merge(Frame *f, int32_t depth) {
    ValueId from = pop(f);
    Mapping *m = find_mapping(f, value_at(f, (uint32_t)depth));
    if (f->b->failed) return;
    if (!m) {
        build_unsupported(f, "`**` in this kind of call");
        return;
    }
    vec_push(f->b->arena, &m->key, NO_VALUE);
    vec_push(f->b->arena, &m->value, from);
}

/* CallInfo.display for the instruction being built: its place, in an expanded comprehension with the code it is in. */
static int64_t display_number(const Frame *f) {
    int64_t code = f->outer ? (int64_t)f->b->host->handle_of(f->code) : 0;
    return code << 32 | ((int64_t)f->at + 1);
}

/* Has inference asked for the dict that this instruction makes to be a STRDICT? */
static bool is_strdict(const Frame *f) {
    for (uint32_t i = 0; i < f->b->nunroll; i++)
        if (f->b->unroll[i].display && f->b->unroll[i].iter == display_number(f)) return true;
    return false;
}

static ValueId strdict_of(Frame *f, uint32_t n, const ValueId *key, const ValueId *value) {
    ValueId *v = arena_array(f->b->arena, ValueId, 2 * n + 1);
    v[0] = library_function(f, "naja.library.low", "strdict");
    for (uint32_t i = 0; i < n; i++) v[2 * i + 1] = key[i], v[2 * i + 2] = value[i];
    return f->b->failed ? v[0] : emit_op(f, OP_call, 2 * n + 1, v);
}

static bool are_names(Frame *f, uint32_t n, const ValueId *key) {
    for (uint32_t i = 0; i < n; i++) {
        PyObject *o = object_behind(f, key[i]);
        if (!o || !PyUnicode_Check(o)) return false;
    }
    return n > 0;
}

/* A key that is given again keeps its place, with the new value. */
static void put_item(Frame *f, Mapping *m, ValueId key, ValueId value) {
    for (uint32_t i = 0; i < m->key.n; i++)
        if (PyUnicode_Compare(object_behind(f, m->key.at[i]), object_behind(f, key)) == 0) {
            m->value.at[i] = value;
            return;
        }
    vec_push(f->b->arena, &m->key, key);
    vec_push(f->b->arena, &m->value, value);
}

/* One `strdict` of all items, in place of the one so far. */
static void add_to_strdict(Frame *f, Mapping *m, uint32_t depth, ValueId key, ValueId value) {
    PyObject *o = object_behind(f, key);
    if (!o || !PyUnicode_Check(o)) {
        build_unsupported(f, "a dict of values of different types with keys that are no constant strings");
        return;
    }
    put_item(f, m, key, value);
    vec_push(f->b->arena, &f->b->doomed, m->dict);
    m->dict = strdict_of(f, m->key.n, m->key.at, m->value.at);
    m->made.at[0] = m->dict;
    set_slot(f, depth, m->dict);
}

/* A new dict that remembers what is put in. */
static void make_mapping(Frame *f, uint32_t n, const ValueId *key, const ValueId *value) {
    Build *b = f->b;
    bool literal = is_strdict(f), named = are_names(f, n, key);
    Mapping m = {.literal = literal, .number = display_number(f)};
    for (uint32_t i = 0; literal && i < n; i++) put_item(f, &m, key[i], value[i]);
    m.dict = literal ? strdict_of(f, m.key.n, m.key.at, m.value.at) : new_container(f, &PyDict_Type);
    vec_push(b->arena, &m.made, m.dict);
    if (named && !literal && !b->failed) {
        CallInfo *info = arena_new(b->arena, CallInfo);
        info->display = display_number(f);
        inst_at(b->f, m.dict)->imm.call = info;
    }
    vec_push(b->arena, &b->mappings, m);
    for (uint32_t i = 0; !literal && i < n && !b->failed; i++) set_item(f, m.dict, key[i], value[i]);
    push(f, m.dict);
}

void op_map(Frame *f, int32_t arg) {
    uint32_t n = (uint32_t)arg;
    ValueId *key = arena_array(f->b->arena, ValueId, n + 1),
            *value = arena_array(f->b->arena, ValueId, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        key[i] = value_at(f, 2 * (n - i));
        value[i] = value_at(f, 2 * (n - i) - 1);
    }
    drop(f, 2 * n);
    if (!f->b->failed) make_mapping(f, n, key, value);
}

void op_const_key_map(Frame *f, int32_t arg) {
    uint32_t n = (uint32_t)arg;
    ValueId keys = pop(f);
    ValueId *key = arena_array(f->b->arena, ValueId, n + 1),
            *value = arena_array(f->b->arena, ValueId, n + 1);
    for (uint32_t i = 0; i < n && !f->b->failed; i++) {
        const Inst *names = inst_at(f->b->f, keys);
        bool known = names->op == OP_tuple && names->nargs == n;
        key[i] = known ? names->arg[i]
                       : emit_value(f, OP_getitem, keys, ir_const_int(&f->b->b, type_literal_int(i), i));
        value[i] = value_at(f, n - i);
    }
    drop(f, n);
    if (!f->b->failed) make_mapping(f, n, key, value);
}

/* dict(a=1, b=2) */
static bool make_named_dict(Frame *f, ValueId call) {
    Build *b = f->b;
    Inst *i = inst_at(b->f, call);
    const CallInfo *info = i->imm.call;
    bool named = info && info->nkeywords && i->nargs == info->nkeywords + 1 &&
                 object_behind(f, i->arg[0]) == (PyObject *)&PyDict_Type;
    if (!named) return false;
    if (!is_strdict(f)) {
        CallInfo *marked = arena_new(b->arena, CallInfo);
        *marked = *info;
        marked->display = display_number(f);
        i->imm.call = marked;
        return false;
    }
    ValueId *key = arena_array(b->arena, ValueId, info->nkeywords);
    for (uint32_t k = 0; k < info->nkeywords; k++) key[k] = text_value(f, info->keyword[k]);
    vec_push(b->arena, &b->doomed, call);
    push(f, strdict_of(f, info->nkeywords, key, inst_at(b->f, call)->arg + 1));
    return true;
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
        if (m->key.at[i] == NO_VALUE) continue; /* **dict */
        PyObject *key = object_behind(f, ssa_resolve(&b->ssa, m->key.at[i]));
        if (!key || !PyUnicode_Check(key)) return false;
        name[i] = unit_name(b->unit, text_of(b, key));
        for (uint32_t k = 0; k < i; k++)
            if (name[k] && strcmp(name[k], name[i]) == 0)
                build_error(f, DIAG_WRONG_ARGUMENTS, "got multiple values for keyword argument '%s'",
                            name[i]);
    }
    for (uint32_t i = 0; i < m->made.n; i++) vec_push(b->arena, &b->doomed, m->made.at[i]);
    return true;
}

/* What inference has to know as a STRDICT. */
static void spread_whole(Frame *f, ValueId dict, CallInfo *info, ValueId **value) {
    info->nkeywords = 1;
    info->keyword = arena_array(f->b->arena, const char *, 1);
    *value = arena_array(f->b->arena, ValueId, 1);
    **value = dict;
}

/* The positional operands behind the callee: the items of a tuple that is known, else the tuple itself. */
static uint32_t add_star(Frame *f, ValueId *v, ValueId args, bool *star) {
    const Inst *i = inst_at(f->b->f, args);
    *star = i->op != OP_tuple;
    if (*star) {
        bool made = i->op == OP_binary || i->op == OP_unpack; /* by tuple_from */
        v[0] = made ? args : emit_spread(f, args);
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
            spread_whole(f, dict, info, &keyword);
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
