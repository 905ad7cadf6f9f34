/* operators.c - the types of generic ops: one function per op, found through a table.
 *
 * Operators are rows "operator.<function>"; an in-place form asks "operator.i<function>" first, which
 * mutates. What concerns structure only (constants, tuples, their items) needs no row: the form says how
 * finalise.c rewrites it.
 */
#include <math.h>

#include <stdio.h>

#include "infer/state.h"

/* ---- constants ----------------------------------------------------------------------------------------- */

static const Type *infer_param(Frame *fr, ValueId v) {
    return type_without_initial(fr->args[inst_at(fr->f, v)->imm.i]);
}

static const Type *infer_const_int(Frame *fr, ValueId v) {
    const Inst *i = inst_at(fr->f, v);
    if (i->type == type_u64) return type_u64; /* too large for int64 */
    if (i->type && type_base(i->type)->kind == TYPE_BOOL) return type_literal_bool(i->imm.i != 0);
    return type_literal_int(i->imm.i);
}

static const Type *infer_const_float(Frame *fr, ValueId v) {
    (void)fr, (void)v;
    return type_f64;
}

static const Type *infer_none(Frame *fr, ValueId v) {
    (void)fr, (void)v;
    return type_none;
}

static const Type *infer_undef(Frame *fr, ValueId v) {
    (void)fr, (void)v;
    return type_undefined;
}

static const Type *infer_literal(Frame *fr, ValueId v) { return inst_at(fr->f, v)->type; }

static const Type *infer_const_object(Frame *fr, ValueId v) {
    Handle h = inst_at(fr->f, v)->imm.handle;
    const Type *t = inst_at(fr->f, v)->type;
    if (!t) t = object_type(h);
    if (!t)
        return site_error(fr, v, DIAG_UNSUPPORTED_CONSTANT, "%s cannot be used in compiled code",
                          object_text(h));
    fr->site[v].form = FORM_CONSTANT;
    fr->site[v].handle = h;
    return t;
}

/* ---- operators ----------------------------------------------------------------------------------------- */

// clang-format off
/* "cannot add A and B", where English has a word for it. */
static const struct {
    const char *verb, *between;
} wording[OPERATOR_COUNT] = {
    [OPERATOR_ADD] = {"add", "and"},          [OPERATOR_SUB] = {"subtract", "and"},
    [OPERATOR_MUL] = {"multiply", "and"},     [OPERATOR_TRUEDIV] = {"divide", "by"},
    [OPERATOR_FLOORDIV] = {"divide", "by"},   [OPERATOR_MOD] = {"take the remainder of", "and"},
    [OPERATOR_POW] = {"raise", "to the power of"}, [OPERATOR_MATMUL] = {"matrix-multiply", "and"},
    [OPERATOR_LT] = {"compare", "and"},       [OPERATOR_LE] = {"compare", "and"},
    [OPERATOR_EQ] = {"compare", "and"},       [OPERATOR_NE] = {"compare", "and"},
    [OPERATOR_GT] = {"compare", "and"},       [OPERATOR_GE] = {"compare", "and"},
    [OPERATOR_GETITEM] = {"index", "with"},   [OPERATOR_NEG] = {"negate", ""},
};
// clang-format on

/* What a global names is a constant, of which nothing is known but what it is. */
static const Type *global_write_error(Frame *fr, ValueId v) {
    const char *type = shown(fr, fr->site[v].operand[0].type);
    site_error(
        fr, v, DIAG_BAD_INDEX,
        "The use of a value of type %s in globals, is not supported as globals are considered compile-time "
        "constants",
        type);
    return NULL;
}

static const Type *operator_error(Frame *fr, ValueId v, Operator op) {
    const Site *s = &fr->site[v];
    DiagCode code = op == OPERATOR_GETITEM || op == OPERATOR_SETITEM ? DIAG_BAD_INDEX
                                                                     : DIAG_NO_IMPLEMENTATION;
    bool literal = s->noperand && library_is_list(s->operand[0].type);
    if (literal && op == OPERATOR_GETITEM)
        return site_error(fr, v, code,
                          "Cannot __getitem__ on a literal list, whose items have different types: %s",
                          shown(fr, s->operand[0].type));
    if (literal && (op == OPERATOR_SETITEM || op == OPERATOR_DELITEM))
        return site_error(fr, v, code, "Cannot mutate a literal list, whose items have different types: %s",
                          shown(fr, s->operand[0].type));
    if ((op == OPERATOR_SETITEM || op == OPERATOR_DELITEM) && s->operand[0].type->kind == TYPE_OBJECT)
        return global_write_error(fr, v);
    if (op == OPERATOR_SETITEM)
        return site_error(fr, v, code, "cannot assign %s to an item of %s with index %s",
                          shown(fr, s->operand[2].type), shown(fr, s->operand[0].type),
                          shown(fr, s->operand[1].type));
    if (wording[op].verb && s->noperand == 2)
        return site_error(fr, v, code, "cannot %s %s %s %s", wording[op].verb, shown(fr, s->operand[0].type),
                          wording[op].between, shown(fr, s->operand[1].type));
    if (wording[op].verb && s->noperand == 1)
        return site_error(fr, v, code, "cannot %s %s", wording[op].verb, shown(fr, s->operand[0].type));
    return site_error(fr, v, code, "operator %s is not defined for (%s)", operator_info[op].symbol,
                      operand_types(fr, s->operand, s->noperand));
}

static bool check_defined(Frame *fr, ValueId v) {
    const Site *s = &fr->site[v];
    for (uint32_t i = 0; i < s->noperand; i++) {
        if (s->operand[i].type->kind != TYPE_UNDEFINED) continue;
        const Inst *def = inst_at(fr->f, s->operand[i].value);
        site_error(fr, v, DIAG_UNBOUND_LOCAL, "local variable '%s' is used before it is assigned",
                   def->op == OP_undef && def->imm.name ? def->imm.name : "?");
        return false;
    }
    return true;
}

static bool has_instance(const Site *s) {
    for (uint32_t i = 0; i < s->noperand; i++) {
        const Type *t = type_base(s->operand[i].type);
        if (t->kind == TYPE_INSTANCE || (t->kind == TYPE_OPTIONAL && t->elem[0]->kind == TYPE_INSTANCE))
            return true;
    }
    return false;
}

/* What the class of an operand, or an overload, says; NULL without error or callee: nothing. */
static const Type *instance_operator(Frame *fr, ValueId v, Operator op, const char *name) {
    if (op == OPERATOR_IS || op == OPERATOR_IS_NOT || !has_instance(&fr->site[v])) return NULL;
    bool swap = op == OPERATOR_IN || op == OPERATOR_NOT_IN;
    Site *s = &fr->site[v];
    Operand first = s->operand[0];
    if (swap) s->operand[0] = s->operand[1], s->operand[1] = first;
    const Type *t = infer_overload(fr, v, name, library_object(name), NULL);
    if (swap && !t && !s->error && !s->callee) s->operand[1] = s->operand[0], s->operand[0] = first;
    return t;
}

static const Type *infer_operator(Frame *fr, ValueId v, Operator op, bool in_place) {
    char name[40] = "operator.i", plain[40] = "operator.";
    if (!site_args(fr, v) || !check_defined(fr, v)) return NULL;
    strcat(plain, operator_info[op].function);
    strncat(name, operator_info[op].function, strcspn(operator_info[op].function, "_")); /* or_, but ior */
    const char *why = NULL;
    Site *s = &fr->site[v];
    const Type *t = in_place ? instance_operator(fr, v, op, name) : NULL;
    if (!t && !s->error && !s->callee && !fr->in->pending) t = instance_operator(fr, v, op, plain);
    if (t || s->error || s->callee || fr->in->pending) return t;
    t = in_place ? rows_try(fr, v, name, NULL, &why) : NULL;
    if (!t && !s->error && !fr->in->pending) t = rows_try(fr, v, plain, NULL, &why);
    if (in_place && !t && !s->error && !fr->in->pending) {
        t = infer_overload(fr, v, name, library_object(name), NULL);
        if (t || s->callee) return t;
    }
    if (!t && !s->error && !fr->in->pending) {
        if (op == OPERATOR_IN || op == OPERATOR_NOT_IN) { /* operator.contains(container, item) */
            Operand item = s->operand[0];
            s->operand[0] = s->operand[1];
            s->operand[1] = item;
        }
        t = infer_overload(fr, v, plain, library_object(plain), NULL);
    }
    if (t || s->error || s->callee || fr->in->pending) return t;
    for (uint32_t i = 0; i < s->noperand && i < 2; i++)
        if (is_interpreters(s->operand[i].type))
            t = infer_object_use(fr, v, OBJECT_OPERATOR, plain + 9, NULL);
    return t || s->error ? t : operator_error(fr, v, op);
}

/* ---- folding ------------------------------------------------------------------------------------------- */

static bool int_literal(const Type *t, int64_t *value) {
    if (!t || t->kind != TYPE_LITERAL || t->elem[0]->kind == TYPE_STR) return false;
    *value = t->value;
    return true;
}

static const Type *fold_comparison(Operator op, int64_t order) {
    switch (op) {
    case OPERATOR_LT: return type_literal_bool(order < 0);
    case OPERATOR_LE: return type_literal_bool(order <= 0);
    case OPERATOR_EQ: return type_literal_bool(order == 0);
    case OPERATOR_NE: return type_literal_bool(order != 0);
    case OPERATOR_GT: return type_literal_bool(order > 0);
    case OPERATOR_GE: return type_literal_bool(order >= 0);
    default: return NULL;
    }
}

/* Comparisons of literals, which decide branches, and the arithmetic that indices of tuples are made of. */
static const Type *fold_binary(Operator op, const Type *x, const Type *y) {
    int64_t a, b, r = 0;
    if (x->kind == TYPE_LITERAL && y->kind == TYPE_LITERAL && x->text && y->text)
        return op == OPERATOR_EQ || op == OPERATOR_NE ? fold_comparison(op, strcmp(x->text, y->text)) : NULL;
    if (!int_literal(x, &a) || !int_literal(y, &b)) return NULL;
    const Type *t = fold_comparison(op, (a > b) - (a < b));
    bool fits = (op == OPERATOR_ADD && !__builtin_add_overflow(a, b, &r)) ||
                (op == OPERATOR_SUB && !__builtin_sub_overflow(a, b, &r)) ||
                (op == OPERATOR_MUL && !__builtin_mul_overflow(a, b, &r));
    return t ? t : fits ? type_literal_int(r) : NULL;
}

/* A number that is known, as a float that is exactly it. */
static bool known_float(const Frame *fr, ValueId v, double *value) {
    const Inst *i = inst_at(fr->f, v);
    const Type *t = value_type(fr->f, v);
    int64_t whole, exact = (int64_t)1 << 53;
    double imaginary;
    if (int_literal(t, &whole)) {
        *value = (double)whole;
        return -exact <= whole && whole <= exact;
    }
    if (!t || t->kind != TYPE_FLOAT) return false;
    if (i->op == OP_const_float) *value = i->imm.f;
    return i->op == OP_const_float ||
           (i->op == OP_const_object && object_float(i->imm.handle, value, &imaginary));
}

/* `if width > 0.0` with a global: decides the branch.  NaN is neither less, equal nor greater. */
static const Type *fold_floats(const Frame *fr, Operator op, ValueId x, ValueId y) {
    double a, b;
    if (!known_float(fr, x, &a) || !known_float(fr, y, &b)) return NULL;
    if (isnan(a) || isnan(b)) return fold_comparison(op, 0) ? type_literal_bool(op == OPERATOR_NE) : NULL;
    return fold_comparison(op, (a > b) - (a < b));
}

static const Type *constant_result(Frame *fr, ValueId v, const Type *t) {
    fr->site[v].form = FORM_CONSTANT;
    fr->site[v].handle = 0;
    return t;
}

static const Type *infer_binary(Frame *fr, ValueId v) {
    const Inst *i = inst_at(fr->f, v);
    const Type *x = value_type(fr->f, i->arg[0]), *y = value_type(fr->f, i->arg[1]);
    const Type *t = x && y ? fold_binary((Operator)i->sub, x, y) : NULL;
    if (!t && x && y) t = fold_floats(fr, (Operator)i->sub, i->arg[0], i->arg[1]);
    if (t) return constant_result(fr, v, t);
    return infer_operator(fr, v, (Operator)inst_at(fr->f, v)->sub, false);
}

static const Type *infer_inplace(Frame *fr, ValueId v) {
    return infer_operator(fr, v, (Operator)inst_at(fr->f, v)->sub, true);
}

static const Type *infer_unary(Frame *fr, ValueId v) {
    const Inst *i = inst_at(fr->f, v);
    const Type *t = value_type(fr->f, i->arg[0]);
    if (t && i->sub == OPERATOR_TRUTH && type_base(t)->kind == TYPE_BOOL) { /* the usual case: a comparison */
        site_args(fr, v);
        fr->site[v].form = FORM_SAME;
        return t;
    }
    double known;
    bool is_truth = i->sub == OPERATOR_TRUTH || i->sub == OPERATOR_NOT;
    if (is_truth && t && t->kind == TYPE_FLOAT && known_float(fr, i->arg[0], &known))
        return constant_result(fr, v, type_literal_bool((known != 0) == (i->sub == OPERATOR_TRUTH)));
    return infer_operator(fr, v, (Operator)i->sub, false);
}

/* ---- tuples -------------------------------------------------------------------------------------------- */

static const Type *infer_tuple(Frame *fr, ValueId v) {
    if (!site_args(fr, v) || !check_defined(fr, v)) return NULL;
    const Site *s = &fr->site[v];
    const Type *elem[s->noperand + 1];
    for (uint32_t i = 0; i < s->noperand; i++) elem[i] = s->operand[i].type;
    return type_tuple(s->noperand, elem);
}

/* A display that only feeds what takes a tuple as well; see library_is_list(). */
static const Type *static_display(Frame *fr, ValueId v) {
    const Type *tuple = infer_tuple(fr, v);
    fr->site[v].form = FORM_TUPLE;
    return tuple ? type_namedtuple(library_object("builtins.list"), tuple->nelem, tuple->elem) : NULL;
}

static const Type *join_items(Frame *fr, ValueId v) {
    const Site *s = &fr->site[v];
    const Type *elem = s->refined ? s->refined->elem[0] : type_undefined;
    for (uint32_t i = 0; i < s->noperand; i++) {
        const Type *t = type_stored(s->operand[i].type);
        const Type *both = elem->kind == TYPE_UNDEFINED ? t : type_unify(elem, t);
        if (!both) return NULL;
        elem = both;
    }
    return elem;
}

/* [a, b]: row list.display, whose one parameter collects all operands. */
static const Type *infer_list(Frame *fr, ValueId v) {
    if (display_is_static(fr, v)) return static_display(fr, v);
    if (!site_args(fr, v) || !check_defined(fr, v)) return NULL;
    Site *s = &fr->site[v];
    const Type *elem = join_items(fr, v);
    if (!elem) return static_display(fr, v); /* items of different types: nothing can be put in */
    uint32_t n;
    s->row = library_rows("list.display", &n)[0];
    s->bound = arena_array(&fr->in->unit->arena, int32_t, 1);
    s->bound[0] = s->noperand ? 0 : -1;
    s->nbound = 1;
    s->level = LEVEL_EXACT;
    s->form = FORM_ROW;
    for (uint32_t i = 0; i < s->noperand && has_container(elem); i++)
        if (!refine_value(fr, s->operand[i].value, -1, elem))
            return site_error(fr, v, DIAG_CANNOT_UNIFY,
                              "the items of a list must have one type, but these are %s and %s",
                              shown(fr, s->operand[i].type), shown(fr, elem));
    return type_list(elem, s->refined ? s->refined->flags & TYPE_LIST_TYPED : 0);
}

static const Type *infer_list_append(Frame *fr, ValueId v) {
    return site_args(fr, v) && check_defined(fr, v) ? rows_get(fr, v, "list.append", NULL, "list.append")
                                                    : NULL;
}

static const Type *infer_item(Frame *fr, ValueId v) {
    const Inst *i = inst_at(fr->f, v);
    const Type *t = value_type(fr->f, i->arg[0]);
    return t && (uint64_t)i->imm.i < t->nelem ? t->elem[i->imm.i] : NULL;
}

/* The part of a tuple that a constant slice selects: its items become the operands of a new tuple. */
static const Type *tuple_slice(Frame *fr, ValueId v, const Type *tuple, int64_t start, int64_t step,
                               uint32_t n) {
    ValueId from = inst_at(fr->f, v)->arg[0];
    Operand *operand = site_operands(fr, v, n);
    const Type *elem[n + 1];
    for (uint32_t i = 0; i < n; i++) {
        int64_t item = start + step * (int64_t)i;
        elem[i] = tuple->elem[item];
        operand[i] = operand_item(from, (uint32_t)item, elem[i]);
    }
    fr->site[v].form = FORM_TUPLE;
    return library_is_list(tuple) ? type_namedtuple(tuple->handle, n, elem) : type_tuple(n, elem);
}

static bool slice_part(const Frame *fr, ValueId v, bool *given, int64_t *value) {
    const Type *t = value_type(fr->f, v);
    *given = t && t->kind != TYPE_NONE;
    if (*given && t->kind == TYPE_LITERAL && t->elem[0]->kind == TYPE_INT) *value = t->value;
    return t && (!*given || (t->kind == TYPE_LITERAL && t->elem[0]->kind == TYPE_INT));
}

static int64_t clamp(int64_t i, int64_t low, int64_t high) { return i < low ? low : i > high ? high : i; }

/* PySlice_AdjustIndices for a tuple of n items. */
static const Type *infer_tuple_slice(Frame *fr, ValueId v, const Type *tuple, const Inst *slice) {
    int64_t n = tuple->nelem, start = 0, stop = 0, step = 1;
    bool has_start, has_stop, has_step;
    if (!slice_part(fr, slice->arg[0], &has_start, &start) ||
        !slice_part(fr, slice->arg[1], &has_stop, &stop) ||
        !slice_part(fr, slice->arg[2], &has_step, &step) || step == 0)
        return site_error(fr, v, DIAG_NOT_CONSTANT, "a slice of a tuple must be known at compile time");
    int64_t low = step < 0 ? -1 : 0, high = step < 0 ? n - 1 : n;
    start = has_start ? clamp(start < 0 ? start + n : start, low, high) : step < 0 ? high : low;
    stop = has_stop ? clamp(stop < 0 ? stop + n : stop, low, high) : step < 0 ? low : high;
    int64_t span = step < 0 ? start - stop : stop - start, width = step < 0 ? -step : step;
    return tuple_slice(fr, v, tuple, start, step, span > 0 ? (uint32_t)((span + width - 1) / width) : 0);
}

static const Type *infer_tuple_item(Frame *fr, ValueId v, const Type *tuple, int64_t index) {
    int64_t n = tuple->nelem, item = index < 0 ? index + n : index;
    if (item < 0 || item >= n)
        return site_error(fr, v, DIAG_BAD_INDEX, "index %lld is out of range for %s", (long long)index,
                          tuple->name);
    fr->site[v].form = FORM_ITEM;
    fr->site[v].index = (uint32_t)item;
    return tuple->elem[item];
}

static const Type *infer_strdict_item(Frame *fr, ValueId v, const Type *dict, const char *key) {
    for (uint32_t i = 0; i < dict->nelem; i += 2) {
        if (strcmp(dict->elem[i]->text, key)) continue;
        fr->site[v].form = FORM_ITEM;
        fr->site[v].index = i + 1;
        return dict->elem[i + 1];
    }
    return site_error(fr, v, DIAG_BAD_INDEX, "there is no key '%s' in %s", key, shown(fr, dict));
}

/* One axis of float64[:, ::1]: 1 for `::1`, 0 for `:`, -1 for anything else. */
static int axis_step(const Frame *fr, ValueId v) {
    const Inst *slice = inst_at(fr->f, v);
    int64_t start, stop, step = 0;
    bool has_start, has_stop, has_step;
    bool known = slice->op == OP_slice && slice_part(fr, slice->arg[0], &has_start, &start) &&
                 slice_part(fr, slice->arg[1], &has_stop, &stop) &&
                 slice_part(fr, slice->arg[2], &has_step, &step);
    if (!known || has_start || has_stop || (has_step && step != 1)) return -1;
    return has_step;
}

/* float64[:, ::1]: an array type, known at compile time.  NULL: it is something else. */
static const Type *infer_array_type(Frame *fr, ValueId v, const Type *dtype) {
    const Inst *i = inst_at(fr->f, v), *index = inst_at(fr->f, i->arg[1]);
    bool several = index->op == OP_tuple;
    uint32_t n = several ? index->nargs : 1;
    const ValueId *axis = several ? index->arg : &i->arg[1];
    bool first = false, last = false;
    for (uint32_t k = 0; k < n; k++) {
        int step = axis_step(fr, axis[k]);
        bool inner = k > 0 && k + 1 < n;
        if (step < 0 || (step && inner) || (step && first)) return NULL; /* one axis at most is contiguous */
        first |= step && k == 0;
        last |= step && k + 1 == n;
    }
    if (n == 0 || n > 32 || !(type_is_scalar(dtype->elem[0]) || type_is_storage(dtype->elem[0]))) return NULL;
    fr->site[v].form = FORM_CONSTANT;
    fr->site[v].handle = 0;
    return type_dtype(type_array(dtype->elem[0], n,
                                 last    ? LAYOUT_C
                                 : first ? LAYOUT_F
                                         : LAYOUT_A,
                                 false, true));
}

static const Type *infer_getitem(Frame *fr, ValueId v) {
    const Inst *i = inst_at(fr->f, v);
    if (!site_args(fr, v) || !check_defined(fr, v)) return NULL;
    if (fr->site[v].operand[0].type->kind == TYPE_DTYPE) {
        const Type *array = infer_array_type(fr, v, fr->site[v].operand[0].type);
        if (array) return array;
    }
    const Type *tuple = fr->site[v].operand[0].type, *index = fr->site[v].operand[1].type;
    const Inst *def = inst_at(fr->f, i->arg[1]);
    bool is_tuple = type_is_tuple(tuple) && !library_is_place(tuple) && !library_is_object(tuple);
    if (is_tuple && index->kind == TYPE_LITERAL && index->elem[0]->kind != TYPE_STR)
        return infer_tuple_item(fr, v, tuple, index->value);
    if (tuple->kind == TYPE_STRDICT && index->kind == TYPE_LITERAL && index->text)
        return infer_strdict_item(fr, v, tuple, index->text);
    if (is_tuple && def->op == OP_slice) return infer_tuple_slice(fr, v, tuple, def);
    return infer_operator(fr, v, OPERATOR_GETITEM, false);
}

/* What an object's __iter__ gives, into so many variables: naja/library/unpacking.py. */
static const Type *infer_unpack_object(Frame *fr, ValueId v, int64_t n) {
    char name[64];
    snprintf(name, sizeof name, "naja.library.low.unpack_object_%lld", (long long)n);
    return infer_overload(fr, v, name, 0, NULL);
}

static const Type *infer_unpack(Frame *fr, ValueId v) {
    const Inst *i = inst_at(fr->f, v);
    if (!site_args(fr, v) || !check_defined(fr, v)) return NULL;
    const Type *t = fr->site[v].operand[0].type;
    if (i->imm.i < 0) return infer_spread(fr, v);
    if (t->kind == TYPE_OPTIONAL && type_is_tuple(t->elem[0]) && t->elem[0]->nelem == (uint64_t)i->imm.i)
        return rows_get(fr, v, "optional.unwrap", NULL, "unpacking"); /* raises when it is None */
    if (library_is_object(t) || t->kind == TYPE_INSTANCE) {
        const Type *made = infer_unpack_object(fr, v, i->imm.i);
        if (made || fr->site[v].error || fr->site[v].callee || fr->in->pending) return made;
        return site_error(fr, v, DIAG_NO_IMPLEMENTATION, "cannot unpack non-iterable %s object",
                          shown(fr, t));
    }
    if (!type_is_tuple(t)) return rows_get(fr, v, i->sub ? "iter.spread" : "iter.unpack", NULL, "unpacking");
    if (t->nelem != (uint64_t)i->imm.i)
        return site_error(fr, v, DIAG_UNPACK_COUNT, "cannot unpack %s with %u items into %lld variables",
                          t->name, t->nelem, (long long)i->imm.i);
    fr->site[v].form = FORM_SAME;
    return t;
}

/* ---- ops that are rows of a fixed name ----------------------------------------------------------------- */

static const struct {
    const char *row, *what;
} op_row[OP_COUNT] = {
    [OP_slice] = {"slice.new", "slice"},
    [OP_iter] = {"iter.begin", "iteration"},
    [OP_iter_valid] = {"iter.valid", "iteration"},
    [OP_iter_value] = {"iter.value", "iteration"},
    [OP_iter_next] = {"iter.next", "iteration"},
    [OP_format] = {"naja.library.low.fstring_join", "an f-string"},
};

static const Type *infer_op_row(Frame *fr, ValueId v) {
    const Inst *i = inst_at(fr->f, v);
    if (!site_args(fr, v) || !check_defined(fr, v)) return NULL;
    const Type *t = rows_get(fr, v, op_row[i->op].row, NULL, op_row[i->op].what);
    return t;
}

/* An object with __iter__ or __next__: the loop is over a generator that asks it (naja/library/instances.py). */
static const Type *infer_iter_object(Frame *fr, ValueId v) {
    if (is_open(fr->site[v].operand[0].type)) return infer_wait(&fr->in->api), NULL;
    const Type *made = infer_overload(fr, v, "naja.library.low.iterate", 0, NULL);
    if (made) return type_iter(made, 0, NULL);
    if (fr->site[v].error || fr->site[v].callee) return NULL;
    return site_error(fr, v, DIAG_NO_IMPLEMENTATION, "'%s' object is not iterable",
                      shown(fr, fr->site[v].operand[0].type));
}

static const Type *infer_iter(Frame *fr, ValueId v) {
    if (!site_args(fr, v) || !check_defined(fr, v)) return NULL;
    const Type *t = type_base(fr->site[v].operand[0].type);
    if (library_is_flag(fr->site[v].operand[0].type)) return infer_iter_object(fr, v);
    if (t->kind == TYPE_OPTIONAL) t = t->elem[0];
    if (t->kind == TYPE_INSTANCE || t->kind == TYPE_USER || t->kind == TYPE_FUNCTION || library_is_object(t))
        return infer_iter_object(fr, v);
    return unroll_loop(fr, v) ? NULL : infer_op_row(fr, v);
}

/* A bool whatever the iterator is: a generator that calls itself is iterated before its type is known, and the
 * yields that tell it may stand behind that loop. */
static const Type *infer_iter_valid(Frame *fr, ValueId v) {
    bool is_known = value_type(fr->f, inst_at(fr->f, v)->arg[0]) != NULL;
    return is_known ? infer_op_row(fr, v) : type_bool;
}

static const Type *infer_setitem(Frame *fr, ValueId v) {
    if (is_mixed_item(fr, v) && make_strdict(fr, inst_at(fr->f, v)->arg[0])) return NULL;
    return infer_operator(fr, v, OPERATOR_SETITEM, false);
}
static const Type *infer_delitem(Frame *fr, ValueId v) {
    return infer_operator(fr, v, OPERATOR_DELITEM, false);
}

static bool can_be_raised(const Type *t) {
    return t->kind == TYPE_EXCEPTION || t->kind == TYPE_CAUGHT ||
           (t->kind == TYPE_FUNCTION && object_is_exception_class(t->handle));
}

static const Type *infer_raise(Frame *fr, ValueId v) {
    if (!site_args(fr, v) || !check_defined(fr, v)) return NULL;
    const Site *s = &fr->site[v];
    const Type *t = s->operand[0].type, *cause = s->noperand > 1 ? s->operand[1].type : type_none;
    if (t->kind == TYPE_OPTIONAL) t = t->elem[0]; /* raises TypeError when it is None */
    if (!can_be_raised(t)) return site_error(fr, v, DIAG_BAD_RAISE, "cannot raise %s", shown(fr, t));
    if (cause->kind == TYPE_NONE || can_be_raised(cause)) return type_none;
    return site_error(fr, v, DIAG_BAD_RAISE, "the cause of an exception cannot be %s", shown(fr, cause));
}

static const Type *infer_caught(Frame *fr, ValueId v) {
    (void)fr, (void)v;
    return type_caught;
}

/* The class that is asked for is a class or a tuple of classes, known at compile time. */
static bool is_class(const Type *t) {
    return t->kind == TYPE_FUNCTION && object_is_exception_class(t->handle);
}

static const Type *not_a_class(const Type *t) {
    if (t->kind != TYPE_TUPLE) return is_class(t) ? NULL : t;
    for (uint32_t i = 0; i < t->nelem; i++)
        if (!is_class(t->elem[i])) return t->elem[i];
    return NULL;
}

static const Type *infer_exc_match(Frame *fr, ValueId v) {
    if (!site_args(fr, v) || !check_defined(fr, v)) return NULL;
    const Type *bad = not_a_class(fr->site[v].operand[1].type);
    if (!bad) return type_bool;
    return site_error(fr, v, DIAG_BAD_EXCEPT, "`except` with %s, which is not an exception class",
                      shown(fr, bad));
}

/* ---- the table ----------------------------------------------------------------------------------------- */

static const Type *(*const rule[OP_COUNT])(Frame *, ValueId) = {
    [OP_param] = infer_param,
    [OP_phi] = flow_phi,
    [OP_br] = flow_branch,
    [OP_condbr] = flow_branch,
    [OP_ret] = flow_return,
    [OP_unreachable] = infer_none,
    [OP_const_int] = infer_const_int,
    [OP_const_float] = infer_const_float,
    [OP_none] = infer_none,
    [OP_undef] = infer_undef,
    [OP_literal] = infer_literal,
    [OP_const_object] = infer_const_object,
    [OP_binary] = infer_binary,
    [OP_inplace] = infer_inplace,
    [OP_unary] = infer_unary,
    [OP_getattr] = infer_getattr,
    [OP_setattr] = infer_setattr,
    [OP_getitem] = infer_getitem,
    [OP_setitem] = infer_setitem,
    [OP_delitem] = infer_delitem,
    [OP_call] = infer_call,
    [OP_tuple] = infer_tuple,
    [OP_list] = infer_list,
    [OP_list_append] = infer_list_append,
    [OP_slice] = infer_op_row,
    [OP_unpack] = infer_unpack,
    [OP_item] = infer_item,
    [OP_iter] = infer_iter,
    [OP_iter_valid] = infer_iter_valid,
    [OP_iter_value] = infer_op_row,
    [OP_iter_next] = infer_op_row,
    [OP_closure] = infer_closure,
    [OP_format] = infer_op_row,
    [OP_raise] = infer_raise,
    [OP_caught] = infer_caught,
    [OP_objmode] = infer_objmode,
    [OP_exc_match] = infer_exc_match,
    [OP_checkpoint] = infer_none,
    [OP_yield] = flow_yield,
    [OP_suspend] = infer_none,
    [OP_sent] = infer_sent,
};

const Type *infer_inst(Frame *fr, ValueId v) {
    Op op = (Op)inst_at(fr->f, v)->op;
    if (rule[op]) return rule[op](fr, v);
    return site_error(fr, v, DIAG_INTERNAL, "inference does not know the operation '%s'", op_info[op].name);
}
