/* random.c - naja.library.low: sources of random numbers, and drawing from them.
 *
 * A source is the address of a bit generator: the running thread's (of np.random or of module random), or that of a
 * Generator object.  What can be drawn are the rows of runtime/random.def, named by a constant; parameters are passed by
 * address.  naja/library/random_*.py make the functions and methods that users call of this.
 */
#include "library/arrays.h"
#include "library/lower.h"
#include "runtime/abi.h"

enum { MAX_PARAMS = 3 };

typedef struct {
    const char *name, *result, *params;
} Draw;

#define D(name, result, parameters) {#name, result, parameters},
static const Draw draws[] = {
#include "runtime/random.def"
};
#undef D

static const Type *letter_type(char letter) {
    return letter == 'd' ? type_f64 : letter == 'f' ? type_f32 : type_i64;
}

/* The row that the literal argument 1 names. */
static const Draw *draw_of(const Call *c) {
    const char *name = call_literal_str(c, 1);
    for (size_t i = 0; name && i < ARRAY_LEN(draws); i++)
        if (!strcmp(draws[i].name, name)) return &draws[i];
    return NULL;
}

static bool takes(const Call *c, const Draw *d, uint32_t first) {
    uint32_t n = (uint32_t)strlen(d->params);
    for (uint32_t i = 0; i < MAX_PARAMS; i++) {
        const Type *t = c->type[first + i];
        if (i < n ? !t || !type_is_real(type_base(t)) : !call_is_none(c, first + i)) return false;
    }
    return true;
}

static ValueId store_params(Lower *l, const Call *c, const Draw *d, uint32_t first) {
    ValueId at = lower_alloca(l, sizeof(Slot) * MAX_PARAMS);
    for (uint32_t i = 0; d->params[i]; i++) {
        const Type *from = c->type[first + i], *to = letter_type(d->params[i]);
        ValueId address = ir_ptr_add(&l->b, at, lower_i64(l, (int64_t)(sizeof(Slot) * i)));
        ir_store(&l->b, address, lower_cast(l, c->value[first + i], from, to));
    }
    return at;
}

static ValueId number_of(Lower *l, const Draw *d) { return lower_i64(l, d - draws); }

static ValueId int_arg(Lower *l, const Call *c, uint32_t i) {
    return lower_int_to_i64(l, c->value[i], c->type[i]);
}

static bool is_integer(const Type *t) {
    return t && (type_is_int(type_base(t)) || type_base(t) == type_bool);
}

/* ---- sources -------------------------------------------------------------------------------------------------- */

static const Type *type_source(Call *c) { return is_integer(c->type[0]) ? type_ptr : call_decline(c); }

static void raise_unless_found(Lower *l, ValueId missing) {
    lower_raise_if(
        l, missing, "ImportError",
        "naja draws random numbers with the functions that NumPy's module numpy.random._generator exports, "
        "and cannot find them in this NumPy: install a NumPy from its wheels",
        0, NULL);
}

static ValueId emit_source(Lower *l, Call *c) {
    ValueId which = int_arg(l, c, 0);
    ValueId source = ir_native(&l->b, NATIVE_random_source, type_ptr, 1, &which);
    raise_unless_found(l, ir_icmp(&l->b, PRED_EQ, source, lower_null(l)));
    return source;
}

static const Type *type_double(Call *c) { return is_integer(c->type[0]) ? type_f64 : call_decline(c); }

static ValueId emit_double(Lower *l, Call *c) {
    ValueId which = int_arg(l, c, 0);
    return ir_native(&l->b, NATIVE_random_double, type_f64, 1, &which);
}

static const Type *type_rng_source(Call *c) {
    return c->type[0]->kind == TYPE_RNG ? type_ptr : call_decline(c);
}

static ValueId emit_rng_source(Lower *l, Call *c) { return lower_field(l, c->value[0], RNG_SOURCE); }

static bool is_words(const Type *t) {
    return type_is_array(t) && type_dtype_of(t) == type_u32 && t->ndim == 1 && t->layout == LAYOUT_C;
}

/* The value of a generator in a block that a native has put into *out, unless the status says otherwise. */
static ValueId made_rng(Lower *l, const Type *t, ValueId status, ValueId out) {
    raise_unless_found(l, ir_icmp(&l->b, PRED_EQ, status, lower_int(l, type_i32, 1)));
    lower_raise_if(l, ir_icmp(&l->b, PRED_EQ, status, lower_int(l, type_i32, 2)), "MemoryError",
                   "no memory for a random generator", 0, NULL);
    ValueId block = ir_load(&l->b, type_ptr, out);
    ValueId source = ir_ptr_add(&l->b, block, lower_i64(l, (int64_t)sizeof(MemoryBlock)));
    return ir_make(&l->b, t, 3, (ValueId[]){source, block, lower_null(l)});
}

/* A new generator, of the words of a seed; of nothing: from the operating system. */
static const Type *type_rng_new(Call *c) {
    return is_words(c->type[0]) || call_is_none(c, 0) ? type_rng : call_decline(c);
}

static ValueId emit_rng_new(Lower *l, Call *c) {
    ValueId out = lower_alloca(l, sizeof(void *)), none = lower_i64(l, -1);
    ValueId arg[] = {lower_null(l), none, out};
    if (!call_is_none(c, 0)) {
        View v = view_of(l, c->value[0], c->type[0]);
        arg[0] = v.data;
        arg[1] = v.shape[0];
    }
    return made_rng(l, type_rng, ir_native(&l->b, NATIVE_random_new, type_i32, 3, arg), out);
}

/* A RandomState, of 32 bits, words or nothing. */
static const Type *type_state_new(Call *c) {
    const Type *t = c->type[0];
    return is_integer(t) || is_words(t) || call_is_none(c, 0) ? type_random_state : call_decline(c);
}

static ValueId emit_state_new(Lower *l, Call *c) {
    ValueId out = lower_alloca(l, sizeof(void *)), zero = lower_i64(l, 0);
    ValueId arg[] = {zero, lower_null(l), lower_i64(l, -1), out};
    if (is_words(c->type[0])) {
        View v = view_of(l, c->value[0], c->type[0]);
        arg[1] = v.data;
        arg[2] = v.shape[0];
    } else if (is_integer(c->type[0])) {
        arg[0] = int_arg(l, c, 0);
        arg[2] = zero;
    }
    return made_rng(l, type_random_state, ir_native(&l->b, NATIVE_random_state_new, type_i32, 4, arg), out);
}

/* ---- seeding -------------------------------------------------------------------------------------------------- */

static const Type *type_seed(Call *c) {
    for (uint32_t i = 0; i < c->nargs; i++)
        if (!is_integer(c->type[i])) return call_decline(c);
    return type_none;
}

static ValueId emit_seed(Lower *l, Call *c) {
    ValueId arg[2];
    for (uint32_t i = 0; i < c->nargs; i++) arg[i] = int_arg(l, c, i);
    Native native = c->nargs == 2 ? NATIVE_random_seed : NATIVE_random_seed_system;
    ir_native(&l->b, native, NULL, c->nargs, arg);
    return lower_empty(l, c->result);
}

static const Type *type_seed_words(Call *c) {
    const Type *t = c->type[1];
    return is_integer(c->type[0]) && is_words(t) ? type_none : call_decline(c);
}

static ValueId emit_seed_words(Lower *l, Call *c) {
    View v = view_of(l, c->value[1], c->type[1]);
    ValueId arg[] = {int_arg(l, c, 0), v.data, v.shape[0]};
    ir_native(&l->b, NATIVE_random_seed_words, NULL, 3, arg);
    return lower_empty(l, c->result);
}

/* ---- drawing -------------------------------------------------------------------------------------------------- */

static const Type *type_draw(Call *c) {
    const Draw *d = draw_of(c);
    return d && c->type[0] == type_ptr && takes(c, d, 2) ? letter_type(d->result[0]) : call_decline(c);
}

static ValueId emit_draw(Lower *l, Call *c) {
    const Draw *d = draw_of(c);
    Native native = d->result[0] == 'd'   ? NATIVE_random_draw
                    : d->result[0] == 'f' ? NATIVE_random_draw_f
                                          : NATIVE_random_draw_int;
    ValueId arg[] = {c->value[0], number_of(l, d), store_params(l, c, d, 2)};
    return ir_native(&l->b, native, c->result, 3, arg);
}

static bool is_run_of(const Type *t, const Type *dtype) {
    return type_is_array(t) && !t->readonly && (t->layout == LAYOUT_C || t->layout == LAYOUT_F) &&
           (!dtype || type_dtype_of(t) == dtype);
}

static const Type *type_fill(Call *c) {
    const Draw *d = draw_of(c);
    bool fits = d && c->type[0] == type_ptr && takes(c, d, 3) &&
                is_run_of(c->type[2], letter_type(d->result[0]));
    return fits ? type_none : call_decline(c);
}

static ValueId emit_fill(Lower *l, Call *c) {
    const Draw *d = draw_of(c);
    View v = view_of(l, c->value[2], c->type[2]);
    ValueId arg[] = {c->value[0], number_of(l, d), store_params(l, c, d, 3), v.data, view_size(l, &v)};
    ir_native(&l->b, NATIVE_random_fill, NULL, 5, arg);
    return lower_empty(l, c->result);
}

static const Type *type_integers(Call *c) {
    bool fits = c->type[0] == type_ptr && is_integer(c->type[1]) && is_integer(c->type[2]) &&
                is_integer(c->type[3]) && is_run_of(c->type[4], NULL) &&
                type_dtype_of(c->type[4])->kind <= TYPE_INT;
    return fits ? type_none : call_decline(c);
}

static ValueId emit_integers(Lower *l, Call *c) {
    const Type *dtype = type_dtype_of(c->type[4]);
    View v = view_of(l, c->value[4], c->type[4]);
    ValueId arg[] = {c->value[0],      lower_i64(l, dtype == type_bool ? 1 : dtype->bits),
                     int_arg(l, c, 1), int_arg(l, c, 2),
                     int_arg(l, c, 3), v.data,
                     view_size(l, &v)};
    ir_native(&l->b, NATIVE_random_integers, NULL, 7, arg);
    return lower_empty(l, c->result);
}

/* One integer of 0 .. range, as unsigned bits: the type asked for is that of argument 3. */
static const Type *type_integer(Call *c) {
    bool fits = c->type[0] == type_ptr && is_integer(c->type[1]) && is_integer(c->type[2]) &&
                call_dtype(c, 3) && call_dtype(c, 3)->kind <= TYPE_INT;
    return fits ? type_i64 : call_decline(c);
}

static ValueId emit_integer(Lower *l, Call *c) {
    const Type *dtype = call_dtype(c, 3);
    ValueId out = lower_alloca(l, sizeof(Slot)), zero = lower_i64(l, 0);
    ir_store(&l->b, out, zero);
    ValueId arg[] = {c->value[0],      lower_i64(l, dtype == type_bool ? 1 : dtype->bits),
                     int_arg(l, c, 1), zero,
                     int_arg(l, c, 2), out,
                     lower_i64(l, 1)};
    ir_native(&l->b, NATIVE_random_integers, NULL, 7, arg);
    return ir_load(&l->b, type_i64, out);
}

#define LOW "naja.library.low."

// clang-format off
static const LibRow rows[] = {
    {LOW "random_source", "which, /", type_source, emit_source, NULL, 1, 0},
    {LOW "random_of", "rng, /", type_rng_source, emit_rng_source, NULL, 1, LIB_NO_RAISE},
    {LOW "random_new", "words, /", type_rng_new, emit_rng_new, NULL, 1, 0},
    {LOW "random_state_new", "seed, /", type_state_new, emit_state_new, NULL, 1, 0},
    {LOW "random_double", "which, /", type_double, emit_double, NULL, 1, LIB_NO_RAISE},
    {LOW "random_seed", "which, seed, /", type_seed, emit_seed, NULL, 1, LIB_NO_RAISE},
    {LOW "random_seed_system", "which, /", type_seed, emit_seed, NULL, 1, LIB_NO_RAISE},
    {LOW "random_seed_words", "which, words, /", type_seed_words, emit_seed_words, NULL, 1, LIB_NO_RAISE},
    {LOW "random_draw", "source, name, a=None, b=None, c=None, /", type_draw, emit_draw, NULL, 1, LIB_NO_RAISE},
    {LOW "random_fill", "source, name, out, a=None, b=None, c=None, /", type_fill, emit_fill, NULL, 1, LIB_NO_RAISE},
    {LOW "random_integers", "source, masked, low, range, out, /", type_integers, emit_integers, NULL, 1, LIB_NO_RAISE},
    {LOW "random_integer", "source, masked, range, dtype, /", type_integer, emit_integer, NULL, 1, LIB_NO_RAISE},
};
// clang-format on

const LibTable library_random_table = {"random", rows, ARRAY_LEN(rows)};
