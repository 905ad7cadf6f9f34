/* affine.c - integers of typed IR as polynomials over symbols.
 *
 * An integer is taken apart through +, - and * (library rows on int64), through literals, lengths and shapes.  The
 * extent of an array is traced to where the array was made, so that np.zeros(n) has extent n and a row a[i] the
 * extents of a behind the first; any other array has extents of its own, one symbol each.
 */
#include "passes/affine.h"

enum { MAX_DEPTH = 24, MAX_COEFFICIENT_LOG2 = 20, MAX_CONSTANT_LOG2 = 40 };

bool affine_is_row(const Inst *i, const char *name) { return i->row && strcmp(i->row->name, name) == 0; }

/* ---- arithmetic --------------------------------------------------------------------------------------------------- */

static const Affine not_affine = {.ok = false};

Affine affine_constant(int64_t c) {
    int64_t limit = INT64_C(1) << MAX_CONSTANT_LOG2;
    return c > limit || c < -limit ? not_affine : (Affine){.ok = true, .c = c};
}

static Affine affine_symbol(uint32_t symbol) {
    if (symbol >= NO_SYMBOL) return not_affine;
    return (Affine){.ok = true, .n = 1, .term = {{(uint16_t)symbol, NO_SYMBOL, 1}}};
}

static bool add_term(Affine *a, Term t) {
    uint32_t at = 0;
    while (at < a->n && (a->term[at].x < t.x || (a->term[at].x == t.x && a->term[at].y < t.y))) at++;
    if (at < a->n && a->term[at].x == t.x && a->term[at].y == t.y) {
        a->term[at].k += t.k;
        int64_t limit = INT64_C(1) << MAX_COEFFICIENT_LOG2;
        if (a->term[at].k > limit || a->term[at].k < -limit) return false;
        if (a->term[at].k == 0) {
            memmove(a->term + at, a->term + at + 1, (a->n - at - 1) * sizeof *a->term);
            a->n--;
        }
        return true;
    }
    if (a->n == MAX_TERMS) return false;
    memmove(a->term + at + 1, a->term + at, (a->n - at) * sizeof *a->term);
    a->term[at] = t;
    a->n++;
    return true;
}

static bool scale(int64_t k, int64_t by, int64_t limit_log2, int64_t *out) {
    return !__builtin_mul_overflow(k, by, out) && *out <= INT64_C(1) << limit_log2 &&
           *out >= -(INT64_C(1) << limit_log2);
}

Affine affine_add(Affine a, const Affine *b, int64_t k) {
    int64_t c;
    if (!a.ok || !b->ok || !scale(b->c, k, MAX_CONSTANT_LOG2, &c)) return not_affine;
    a.c += c;
    if (a.c > INT64_C(1) << MAX_CONSTANT_LOG2 || a.c < -(INT64_C(1) << MAX_CONSTANT_LOG2)) return not_affine;
    for (uint32_t i = 0; k && i < b->n; i++) {
        Term t = b->term[i];
        if (!scale(t.k, k, MAX_COEFFICIENT_LOG2, &t.k) || !add_term(&a, t)) return not_affine;
    }
    return a;
}

/* k x times l y; fails beyond the second degree. */
static bool multiply_terms(Affines *s, Affine *out, Term a, Term b) {
    if (a.y != NO_SYMBOL || b.y != NO_SYMBOL) return false;
    Term t = {a.x < b.x ? a.x : b.x, a.x < b.x ? b.x : a.x, 0};
    s->symbols.at[t.x].is_factor = s->symbols.at[t.y].is_factor = true;
    return scale(a.k, b.k, MAX_COEFFICIENT_LOG2, &t.k) && add_term(out, t);
}

Affine affine_multiply(Affines *s, const Affine *a, const Affine *b) {
    if (!a->ok || !b->ok) return not_affine;
    Affine product = affine_add(affine_constant(0), a, b->c), rest = *b;
    rest.c = 0;
    if (a->c) product = affine_add(product, &rest, a->c);
    for (uint32_t i = 0; product.ok && i < a->n; i++)
        for (uint32_t k = 0; product.ok && k < b->n; k++)
            product.ok = multiply_terms(s, &product, a->term[i], b->term[k]);
    return product;
}

bool affine_equal(const Affine *a, const Affine *b) {
    return a->ok && b->ok && a->c == b->c && affine_equal_terms(a, b);
}

bool affine_equal_terms(const Affine *a, const Affine *b) {
    bool same = a->n == b->n;
    for (uint32_t i = 0; same && i < a->n; i++)
        same = a->term[i].x == b->term[i].x && a->term[i].y == b->term[i].y && a->term[i].k == b->term[i].k;
    return same;
}

/* ---- what is known of symbols ---------------------------------------------------------------------------------------- */

bool symbol_is_nonnegative(const Affines *s, uint16_t symbol) {
    const Symbol *x = &s->symbols.at[symbol];
    if (x->kind == SYMBOL_EXTENT) return true;
    if (x->kind == SYMBOL_INDUCTION) {
        const Induction *i = &s->inductions.at[x->loop];
        return !i->loop && !i->ascent.ok;
    }
    const Type *t = type_base(value_type(s->f, x->value));
    bool is_count = x->value < s->nvalues && s->is_count[x->value];
    return x->kind == SYMBOL_VALUE && (t->kind == TYPE_BOOL || !t->is_signed || is_count);
}

bool affine_is_nonnegative(const Affines *s, const Affine *a) {
    bool yes = a->ok && a->c >= 0;
    for (uint32_t i = 0; yes && i < a->n; i++)
        yes = a->term[i].k > 0 && symbol_is_nonnegative(s, a->term[i].x) &&
              (a->term[i].y == NO_SYMBOL || symbol_is_nonnegative(s, a->term[i].y));
    return yes;
}

static uint64_t saturate(unsigned __int128 x) {
    return x > UINT64_C(1) << 62 ? UINT64_C(1) << 62 : (uint64_t)x;
}

/* Symbols that stand in products are kept smaller, so that the product stays below 2^56. */
uint64_t affine_limit(const Affines *s, uint16_t symbol) {
    const Symbol *x = &s->symbols.at[symbol];
    if (x->kind == SYMBOL_INDUCTION) {
        const Induction *i = &s->inductions.at[x->loop];
        uint64_t low = affine_magnitude(s, &i->low), high = affine_magnitude(s, &i->high);
        return low > high ? low : high;
    }
    return UINT64_C(1) << (x->is_factor ? 28 : 44);
}

uint64_t affine_magnitude(const Affines *s, const Affine *a) {
    if (!a->ok) return UINT64_C(1) << 62;
    unsigned __int128 sum = (uint64_t)(a->c < 0 ? -a->c : a->c);
    for (uint32_t i = 0; i < a->n; i++) {
        unsigned __int128 x = affine_limit(s, a->term[i].x);
        if (a->term[i].y != NO_SYMBOL) x = saturate(x * affine_limit(s, a->term[i].y));
        sum += x * (uint64_t)(a->term[i].k < 0 ? -a->term[i].k : a->term[i].k);
    }
    return saturate(sum);
}

/* ---- values ------------------------------------------------------------------------------------------------------------ */

static Affine symbol_of(Affines *s, SymbolKind kind, ValueId value, uint32_t axis, uint32_t loop) {
    for (uint32_t i = 0; i < s->symbols.n; i++) {
        const Symbol *x = &s->symbols.at[i];
        if (x->kind == kind && x->value == value && x->axis == axis) return affine_symbol(i);
    }
    Symbol x = {.kind = kind, .value = value, .axis = axis, .loop = loop};
    vec_push(s->arena, &s->symbols, x);
    return affine_symbol(s->symbols.n - 1);
}

/* Integers that arithmetic on int64 takes as they are. */
static bool is_integer(const Type *t) {
    t = type_base(t);
    return t->kind == TYPE_INT && (t->is_signed || t->bits < 64);
}

Affine affine_induction(Affines *s, ValueId state, uint32_t n) {
    return symbol_of(s, SYMBOL_INDUCTION, state, 0, n);
}

static Affine arithmetic(Affines *s, ValueId v) {
    const Inst *i = inst_at(s->f, v);
    Affine x = affine_of(s, i->arg[0]), y = affine_of(s, i->arg[1]);
    switch ((Operator)i->sub) {
    case OPERATOR_ADD: return affine_add(x, &y, 1);
    case OPERATOR_SUB: return affine_add(x, &y, -1);
    case OPERATOR_MUL: return affine_multiply(s, &x, &y);
    case OPERATOR_MOD: return affine_remainder(s, v, &y);
    default: return not_affine;
    }
}

/* Item `k` of a tuple of integers. */
Affine affine_item(Affines *s, ValueId tuple, uint32_t k) {
    const Inst *i = inst_at(s->f, tuple);
    if (i->op == OP_tuple && k < i->nargs) return affine_of(s, i->arg[k]);
    if (i->op == OP_cast && type_is_tuple(value_type(s->f, i->arg[0]))) return affine_item(s, i->arg[0], k);
    if (i->op == OP_getattr && affine_is_row(i, "ndarray.shape@")) return affine_extent(s, i->arg[0], k);
    return not_affine;
}

static bool literal_value(const Func *f, ValueId v, int64_t *value) {
    const Inst *i = inst_at(f, v);
    bool literal = i->type && i->type->kind == TYPE_LITERAL && i->type->elem[0]->kind == TYPE_INT;
    if (literal) *value = i->type->value;
    else if (i->op == OP_const_int && i->type && i->type->kind == TYPE_INT) *value = i->imm.i;
    else return false;
    return true;
}

static Affine getitem_of(Affines *s, const Inst *i) {
    int64_t k;
    if (i->nargs != 2 || !type_is_tuple(value_type(s->f, i->arg[0])) || !literal_value(s->f, i->arg[1], &k))
        return not_affine;
    if (k < 0) k += value_type(s->f, i->arg[0])->nelem;
    return k < 0 ? not_affine : affine_item(s, i->arg[0], (uint32_t)k);
}

static Affine length_of(Affines *s, const Inst *i) {
    ValueId array = i->nbound ? i->bound[0] : i->arg[i->nargs - 1];
    if (array == NO_VALUE || !type_is_array(value_type(s->f, array))) return not_affine;
    return affine_extent(s, array, 0);
}

/* The item of a loop's state, seen from a block where there is one. */
static Affine induction_of(Affines *s, ValueId state, BlockId block) {
    for (uint32_t n = 0; n < s->inductions.n; n++)
        if (s->inductions.at[n].state == state && dom_dominates(s->dom, s->inductions.at[n].body, block))
            return affine_induction(s, state, n);
    return not_affine;
}

/* Item `k` of a composite value; the first one of enumerate()'s pairs counts. */
static Affine part_of(Affines *s, ValueId from, uint32_t k) {
    const Inst *i = inst_at(s->f, from);
    if (i->op == OP_iter_value && k == 0) return induction_of(s, i->arg[0], i->block);
    return affine_item(s, from, k);
}

static Affine parts_of(Affines *s, ValueId v) {
    const Inst *i = inst_at(s->f, v);
    switch (i->op) {
    case OP_binary:
    case OP_inplace:
        return i->row && i->type == type_i64 && is_integer(value_type(s->f, i->arg[0])) &&
                       is_integer(value_type(s->f, i->arg[1]))
                   ? arithmetic(s, v)
                   : not_affine;
    case OP_cast:
        return i->type == type_i64 && is_integer(value_type(s->f, i->arg[0])) ? affine_of(s, i->arg[0])
                                                                              : not_affine;
    case OP_item: return part_of(s, i->arg[0], (uint32_t)i->imm.i);
    case OP_getitem: return getitem_of(s, i);
    case OP_iter_value: return induction_of(s, i->arg[0], i->block);
    case OP_phi: return induction_of(s, v, i->block);
    case OP_call: return affine_is_row(i, "builtins.len") ? length_of(s, i) : not_affine;
    case OP_getattr:
        return affine_is_row(i, "ndarray.size@") && value_type(s->f, i->arg[0])->ndim == 1
                   ? affine_extent(s, i->arg[0], 0)
                   : not_affine;
    default: return not_affine;
    }
}

Affine affine_of(Affines *s, ValueId v) {
    const Inst *i = inst_at(s->f, v);
    int64_t value;
    if (literal_value(s->f, v, &value)) return affine_constant(value);
    if (!i->type || !is_integer(i->type) || s->depth == MAX_DEPTH) return not_affine;
    s->depth++;
    Affine a = parts_of(s, v);
    s->depth--;
    return a.ok ? a : symbol_of(s, SYMBOL_VALUE, v, 0, 0);
}

/* ---- extents of arrays ------------------------------------------------------------------------------------------------- */

/* The value itself, without arithmetic that could wrap: then an extent is equal to what it was made from. */
static bool is_plain(const Affine *a) {
    return a->ok && (a->n == 0 || (a->n == 1 && a->c == 0 && a->term[0].k == 1));
}

ValueId affine_parameter(const Inst *i, uint32_t k) {
    return i->nbound ? (k < i->nbound ? i->bound[k] : NO_VALUE)
                     : (k + 1 < i->nargs ? i->arg[k + 1] : NO_VALUE);
}

static Affine created_extent(Affines *s, const Inst *i, uint32_t axis) {
    ValueId shape = affine_parameter(i, 0);
    if (shape == NO_VALUE) return not_affine;
    const Type *t = value_type(s->f, shape);
    Affine a = type_is_tuple(t)             ? affine_item(s, shape, axis)
               : axis == 0 && is_integer(t) ? affine_of(s, shape)
                                            : not_affine;
    return is_plain(&a) ? a : not_affine;
}

/* a[i] and a[i, j]: the axes behind those that integers take away. */
static Affine row_extent(Affines *s, const Inst *i, uint32_t axis) {
    const Type *index = value_type(s->f, i->arg[1]);
    uint32_t n = type_is_tuple(index) ? index->nelem : 1;
    for (uint32_t k = 0; k < n; k++)
        if (!is_integer(type_is_tuple(index) ? index->elem[k] : index)) return not_affine;
    return type_is_array(value_type(s->f, i->arg[0])) ? affine_extent(s, i->arg[0], axis + n) : not_affine;
}

static bool is_named(const Inst *i, const char *const *names, uint32_t n) {
    for (uint32_t k = 0; k < n; k++)
        if (affine_is_row(i, names[k])) return true;
    return false;
}

static Affine traced_extent(Affines *s, const Inst *i, uint32_t axis) {
    static const char *const from_shape[] = {"numpy.zeros", "numpy.empty", "numpy.ones", "numpy.full"};
    static const char *const like[] = {"numpy.zeros_like", "numpy.empty_like", "numpy.ones_like",
                                       "numpy.full_like",  "ndarray.copy",     "numpy.copy"};
    if (i->op == OP_cast && type_is_array(value_type(s->f, i->arg[0])))
        return affine_extent(s, i->arg[0], axis);
    if (i->op == OP_getitem && i->row) return row_extent(s, i, axis);
    if (i->op == OP_getattr && affine_is_row(i, "ndarray.T@"))
        return affine_extent(s, i->arg[0], (uint32_t)value_type(s->f, i->arg[0])->ndim - 1 - axis);
    if (i->op != OP_call) return not_affine;
    if (is_named(i, from_shape, ARRAY_LEN(from_shape))) return created_extent(s, i, axis);
    ValueId model = is_named(i, like, ARRAY_LEN(like)) ? affine_parameter(i, 0) : NO_VALUE;
    bool same = model != NO_VALUE && type_is_array(value_type(s->f, model)) &&
                value_type(s->f, model)->ndim == i->type->ndim;
    return same ? affine_extent(s, model, axis) : not_affine;
}

Affine affine_extent(Affines *s, ValueId array, uint32_t axis) {
    const Inst *i = inst_at(s->f, array);
    if (!type_is_array(i->type) || axis >= i->type->ndim) return not_affine;
    Affine a = not_affine;
    if (s->depth < MAX_DEPTH) {
        s->depth++;
        a = traced_extent(s, i, axis);
        s->depth--;
    }
    return a.ok ? a : symbol_of(s, SYMBOL_EXTENT, array, axis, 0);
}

ValueId affine_emit_symbol(const Affines *s, Builder *b, uint16_t symbol) {
    const Symbol *x = &s->symbols.at[symbol];
    const Type *t = value_type(b->f, x->value);
    if (x->kind == SYMBOL_EXTENT) return ir_field(b, x->value, array_shape(t, x->axis));
    bool is_state = x->kind == SYMBOL_INDUCTION && t->kind == TYPE_ITER;
    if (is_state) return ir_field(b, x->value, ITER_CURRENT); /* or ENUMERATE_COUNT: both come first */
    return t == type_i64 ? x->value : ir_emit(b, OP_cast, type_i64, x->value);
}
