/* bridge.c - rung 3: calls of NumPy-ABI ufuncs that have no implementation of our own.
 *
 * Such a ufunc (scipy.special.erf, numpy.linalg's, one made by vectorize) brings compiled inner loops, and NumPy says
 * which one serves which operand types.  boundary/ufuncs.c asks it and answers with the name of a symbol that says
 * everything that is needed here, and that the loader turns into the loop again, in this process or another:
 *
 *     naja_ufunc:<module>:<name>:<dtypes of inputs>><dtypes of outputs>:<signature of a generalized ufunc>
 *
 * Emitted code converts operands to the loop's types, puts numbers into stack slots, describes all of them in a
 * buffer (runtime/runtime.h), asks for the extents of the results, allocates them and runs.  No Python, no GIL.
 */
#include "library/bridge.h"
#include "library/lower.h"
#include "library/records.h"
#include "library/objects.h"
#include "library/shapes.h"

enum { MAX_OPERANDS = UFUNC_MAX_OPERANDS, SLOT_NBYTES = 16, PAYLOAD_WORDS = 4 };
typedef enum { FITS, BROADCAST, CORE, CORE_UNKNOWN } Problem; /* UfuncProblem of runtime/runtime.h */

typedef UfuncLoopType Loop;

/* ---- reading the symbol --------------------------------------------------------------------------------------- */

static bool read_dtypes(Arena *a, Loop *u, const char *at, const char *end) {
    uint32_t n = 0;
    while (at < end && n < MAX_OPERANDS) {
        size_t length = strcspn(at, ",>:");
        if (!(u->dtype[n++] = dtype_named(arena_strndup(a, at, length)))) return false;
        at += length;
        if (*at == '>') u->nin = n;
        at++;
    }
    u->nout = n - u->nin;
    return u->nout > 0;
}

/* "(m,n),()->(n)": how many names each pair of parentheses has. */
static void read_signature(Loop *u) {
    uint32_t i = 0;
    for (const char *p = u->signature; *p && i < MAX_OPERANDS; p++) {
        if (*p == '(') u->core_ndim[i] = p[1] != ')';
        else if (*p == ',' && p[-1] != ')') u->core_ndim[i]++;
        else if (*p == ')') i++;
    }
}

static bool read_symbol(Arena *a, const char *symbol, Loop *u) {
    *u = (Loop){.symbol = symbol};
    const char *part[5];
    uint32_t n = 0;
    for (const char *p = symbol; p && n < ARRAY_LEN(part); p = p ? p + 1 : NULL) {
        part[n++] = p;
        p = strchr(p, ':');
    }
    if (n < ARRAY_LEN(part)) return false;
    u->name = arena_strndup(a, part[2], (size_t)(part[3] - 1 - part[2]));
    u->signature = part[4];
    read_signature(u);
    return read_dtypes(a, u, part[3], part[4] - 1);
}

/* ---- types ---------------------------------------------------------------------------------------------------- */

/* Operands of the call: parameter 1 is the tuple of all positional ones, 2 is out=. */
static uint32_t narguments(const Call *c) { return c->type[1]->nelem; }
static const Type *argument(const Call *c, uint32_t i) { return c->type[1]->elem[i]; }

static bool find_loop(Call *c, Loop *u) {
    return ufunc_loop_find(c, c->type[0]->handle, narguments(c), c->type[1]->elem, u);
}

bool ufunc_loop_find(Call *c, Handle ufunc, uint32_t n, const Type *const *operand, Loop *u) {
    const Type *type[n + 1];
    for (uint32_t i = 0; i < n; i++) type[i] = library_widen(operand[i]);
    const char *symbol = library_host()->ufunc_loop(ufunc, n, type);
    if (!symbol) {
        const char *why = object_take_error();
        if (c->infer) call_error(c, DIAG_NO_IMPLEMENTATION, "%s", why);
        return false;
    }
    return read_symbol(&c->unit->arena, symbol, u);
}

/* The array that output k goes to; NULL: a new one. */
static const Type *out_type(const Call *c, const Loop *u, uint32_t k) {
    if (narguments(c) > u->nin + k) return argument(c, u->nin + k);
    if (call_is_none(c, 2)) return NULL;
    const Type *out = c->type[2];
    if (type_is_tuple(out)) return k < out->nelem && out->elem[k]->kind != TYPE_NONE ? out->elem[k] : NULL;
    return k ? NULL : out;
}

static bool input_ndim(Call *c, const Loop *u, uint32_t *ndim) {
    *ndim = 0;
    for (uint32_t i = 0; i < u->nin; i++) {
        const Type *t = argument(c, i);
        uint32_t own = type_is_array(t) ? t->ndim : 0;
        if (own < u->core_ndim[i]) {
            call_error(
                c, DIAG_NO_IMPLEMENTATION,
                "%s: Input operand %u does not have enough dimensions (has %u, gufunc core with signature "
                "%s requires %u)",
                u->name, i, own, u->signature, u->core_ndim[i]);
            return false;
        }
        if (own - u->core_ndim[i] > *ndim) *ndim = own - u->core_ndim[i];
    }
    return true;
}

/* NumPy keeps Fortran's order when all arrays have it. */
static Layout result_layout(const Call *c, const Loop *u, uint32_t ndim) {
    bool fortran = ndim > 1 && !*u->signature;
    for (uint32_t i = 0; i < u->nin; i++) {
        const Type *t = argument(c, i);
        if (type_is_array(t) && t->ndim == ndim) fortran &= t->layout == LAYOUT_F;
    }
    return fortran ? LAYOUT_F : LAYOUT_C;
}

static const Type *new_type(const Call *c, const Loop *u, uint32_t k, uint32_t loop_ndim) {
    uint32_t ndim = loop_ndim + u->core_ndim[u->nin + k];
    const Type *dtype = u->dtype[u->nin + k];
    return ndim ? type_array(dtype, ndim, result_layout(c, u, ndim), false, true) : dtype;
}

static bool is_too_small(const Type *fresh, const Type *out) {
    return out->ndim < (type_is_array(fresh) ? fresh->ndim : 0);
}

static const Type *output_type(Call *c, const Loop *u, uint32_t k, uint32_t loop_ndim) {
    const Type *fresh = new_type(c, u, k, loop_ndim), *out = out_type(c, u, k);
    if (!out) return fresh;
    if (!type_is_array(out))
        return call_error(c, DIAG_NO_IMPLEMENTATION, "return arrays must be of ArrayType, not %s", out->name);
    if (out->readonly) return call_error(c, DIAG_READONLY, "output array is read-only: %s", out->name);
    if (out->ndim < u->core_ndim[u->nin + k])
        return call_error(
            c, DIAG_NO_IMPLEMENTATION,
            "%s: Output operand %u does not have enough dimensions (has %u, gufunc core with signature %s "
            "requires %u)",
            u->name, k, out->ndim, u->signature, u->core_ndim[u->nin + k]);
    if (is_too_small(fresh, out) && !*u->signature)
        return call_error(c, DIAG_NO_IMPLEMENTATION,
                          "non-broadcastable output operand: %s has fewer dimensions than "
                          "the result of %s",
                          out->name, u->name);
    return out;
}

/* Loops over texts and records are the interpreter's business. */
static bool has_storage(const Call *c) {
    for (uint32_t i = 0; i < narguments(c); i++)
        if (is_storage_array(argument(c, i))) return true;
    return false;
}

static const Type *type_call(Call *c) {
    Loop u;
    uint32_t ndim;
    if (has_storage(c)) return call_decline(c);
    if (c->type[0]->kind != TYPE_FUNCTION || !find_loop(c, &u) || !input_ndim(c, &u, &ndim)) return NULL;
    const Type *result[MAX_OPERANDS];
    for (uint32_t k = 0; k < u.nout; k++)
        if (!(result[k] = output_type(c, &u, k, ndim))) return NULL;
    return u.nout == 1 ? result[0] : type_tuple(u.nout, result);
}

/* ---- emitting ------------------------------------------------------------------------------------------------- */

typedef struct {
    Lower *l;
    Call *c;
    Loop u;
    ValueId loop;  /* address of the UfuncLoop */
    uint32_t ndim; /* loop axes */
    View view[MAX_OPERANDS];
    ValueId copy[MAX_OPERANDS]; /* converted inputs, to be released */
    uint32_t ncopies;
} Emission;

static View scalar_view(Lower *l, const Type *dtype, ValueId value) {
    View v = view_new(l, dtype, 0, LAYOUT_C);
    v.data = lower_alloca(l, SLOT_NBYTES);
    if (value != NO_VALUE) lower_store_element(l, dtype, v.data, value);
    return v;
}

/* Input i in the loop's type. */
static void add_input(Emission *e, uint32_t i) {
    Lower *l = e->l;
    const Type *t = argument(e->c, i), *dtype = e->u.dtype[i];
    ValueId value = ir_field(&l->b, e->c->value[1], i);
    if (!type_is_array(t)) {
        e->view[i] = scalar_view(l, dtype, lower_cast(l, value, t, dtype));
        return;
    }
    if (type_dtype_of(t) == dtype && t->aligned) {
        e->view[i] = view_of(l, value, t);
        return;
    }
    const Type *to = type_array(dtype, t->ndim, LAYOUT_C, false, true);
    MapInput input = {t, value};
    MapBody *body = map_identity_body(&l->unit->arena, type_dtype_of(t), dtype);
    ValueId copy;
    if (t->ndim) {
        copy = map_new_array(l, body, 1, &input, to);
    } else { /* an array without axes stays one */
        copy = array_new_unchecked(l, to, NULL, false);
        View dst = view_of(l, copy, to);
        map_store_fresh(l, body, 1, &input, &dst);
    }
    lower_cleanup_push(l, copy);
    e->copy[e->ncopies++] = copy;
    e->view[i] = view_of(l, copy, to);
}

static ValueId operand_words(Emission *e, uint32_t n) {
    ValueId word[MAX_OPERANDS * (2 + 2 * ARRAY_MAX_NDIM)];
    uint32_t k = 0;
    for (uint32_t i = 0; i < n; i++) word[k++] = lower_i64(e->l, e->view[i].ndim);
    for (uint32_t i = 0; i < n; i++) {
        const View *v = &e->view[i];
        word[k++] = v->data;
        for (uint32_t a = 0; a < v->ndim; a++) word[k++] = v->shape[a];
        for (uint32_t a = 0; a < v->ndim; a++) word[k++] = v->stride[a];
    }
    return lower_shape_pointer(e->l, k, word);
}

static ValueId word_at(Lower *l, ValueId p, uint32_t i) {
    return ir_load(&l->b, type_i64, ir_ptr_add(&l->b, p, lower_i64(l, 8 * (int64_t)i)));
}

static void raise_broadcast(Emission *e, ValueId problem) {
    StrBuf text = {0};
    ValueId word[MAX_OPERANDS * ARRAY_MAX_NDIM];
    uint32_t n = 0;
    strbuf_puts(&text, "operands could not be broadcast together with shapes ");
    for (uint32_t i = 0; i < e->u.nin; i++) {
        shape_format(&text, e->view[i].ndim);
        strbuf_puts(&text, " ");
        for (uint32_t a = 0; a < e->view[i].ndim; a++) word[n++] = e->view[i].shape[a];
    }
    ValueId is = ir_icmp(&e->l->b, PRED_EQ, problem, lower_i64(e->l, BROADCAST));
    /* an exception carries 16 words: operands of many axes are told without their shapes */
    if (n > 16) lower_raise_if(e->l, is, "ValueError", "operands could not be broadcast together", 0, NULL);
    else lower_raise_if(e->l, is, "ValueError", lower_text(e->l, "%s", text.at), n, word);
    strbuf_free(&text);
}

static void raise_core(Emission *e, ValueId problem, ValueId payload) {
    Lower *l = e->l;
    ValueId word[PAYLOAD_WORDS];
    for (uint32_t i = 0; i < PAYLOAD_WORDS; i++) word[i] = word_at(l, payload, i);
    bool users = object_attribute(e->c->type[0]->handle,
                                  "_is_naja_ufunc"); /* NumPy's own have NumPy's words only */
    const char *text = lower_text(
        l,
        "%s%s: Input operand %%d has a mismatch in its core dimension %%d, with gufunc "
        "signature %s (size %%d is different from %%d)",
        users ? "Operand has a mismatch in one of its core dimensions: " : "", e->u.name, e->u.signature);
    ValueId is = ir_icmp(&l->b, PRED_EQ, problem, lower_i64(l, CORE));
    lower_raise_if(l, is, "ValueError", text, PAYLOAD_WORDS, word);
    text = lower_text(
        l,
        "%s: Output operand 0 has a core dimension that no input determines, with gufunc signature "
        "%s: pass out=",
        e->u.name, e->u.signature);
    is = ir_icmp(&l->b, PRED_EQ, problem, lower_i64(l, CORE_UNKNOWN));
    lower_raise_if(l, is, "ValueError", text, 0, NULL);
}

/* The extents of the results, checked; NO_VALUE when all operands are single numbers. */
static ValueId result_extents(Emission *e) {
    Lower *l = e->l;
    uint32_t nextents = 0, nwords = 0;
    for (uint32_t k = 0; k < e->u.nout; k++) nextents += e->ndim + e->u.core_ndim[e->u.nin + k];
    for (uint32_t i = 0; i < e->u.nin; i++) nwords += e->view[i].ndim;
    if (!nwords && !nextents) return NO_VALUE;
    ValueId extents = lower_alloca(l, 8 * (nextents + 1)), payload = lower_alloca(l, 8 * PAYLOAD_WORDS);
    ValueId args[] = {e->loop, operand_words(e, e->u.nin), extents, payload};
    ValueId problem = ir_native(&l->b, NATIVE_ufunc_shapes, type_i64, ARRAY_LEN(args), args);
    if (e->ndim) raise_broadcast(e, problem);
    if (*e->u.signature) raise_core(e, problem, payload);
    return extents;
}

/* A place for output k: a new array, or a stack slot. */
static ValueId add_output(Emission *e, uint32_t k, ValueId extents, uint32_t *at) {
    Lower *l = e->l;
    uint32_t i = e->u.nin + k, ndim = e->ndim + e->u.core_ndim[i];
    const Type *t = new_type(e->c, &e->u, k, e->ndim);
    if (!ndim) {
        e->view[i] = scalar_view(l, t, NO_VALUE);
        return NO_VALUE;
    }
    ValueId shape[ARRAY_MAX_NDIM];
    for (uint32_t a = 0; a < ndim; a++) shape[a] = word_at(l, extents, (*at)++);
    ValueId array = lower_array_new(l, t, shape, false);
    lower_cleanup_push(l, array);
    e->view[i] = view_of(l, array, t);
    return array;
}

/* The core extents of an array that output k goes to are those of the result. */
static void check_output_core(Emission *e, uint32_t k, const View *dst) {
    Lower *l = e->l;
    const View *made = &e->view[e->u.nin + k];
    uint32_t n = e->u.core_ndim[e->u.nin + k];
    for (uint32_t a = 0; a < n; a++) {
        ValueId have = dst->shape[dst->ndim - n + a], want = made->shape[made->ndim - n + a];
        const char *text = lower_text(
            l,
            "Operand has a mismatch in one of its core dimensions: %s: Output operand %u "
            "has a mismatch in its core dimension %u, with gufunc signature %s (size %%d is "
            "different from %%d)",
            e->u.name, k, a, e->u.signature);
        lower_raise_if(l, ir_icmp(&l->b, PRED_NE, have, want), "ValueError", text, 2,
                       (ValueId[]){have, want});
    }
}

/* What output k is to the caller: the new array or number, or the array of out= after it has been filled. */
static ValueId finish_output(Emission *e, uint32_t k, ValueId array) {
    Lower *l = e->l;
    const Type *fresh = new_type(e->c, &e->u, k, e->ndim), *out = out_type(e->c, &e->u, k);
    ValueId value = array == NO_VALUE ? lower_load_element(l, fresh, e->view[e->u.nin + k].data) : array;
    if (!out) return value;
    ValueId to = narguments(e->c) > e->u.nin + k ? ir_field(&l->b, e->c->value[1], e->u.nin + k)
                 : type_is_tuple(e->c->type[2])  ? ir_field(&l->b, e->c->value[2], k)
                                                 : e->c->value[2];
    View dst = view_of(l, to, out);
    check_output_core(e, k, &dst);
    view_assign(l, &dst, fresh, value, *e->u.signature ? STORE_LOOP : STORE_OUT);
    if (array != NO_VALUE) lower_decref(l, array);
    lower_incref(l, to);
    return to;
}

static ValueId symbol_address(Lower *l, const char *name) {
    ValueId v = ir_append(&l->b, OP_symbol, type_ptr, 0, NULL);
    inst_at(l->b.f, v)->imm.name = unit_name(l->unit, name);
    return v;
}

/* An output of a generalized ufunc that has too few axes for its loop: a ValueError, as in Numba. */
static bool raise_too_small(Emission *e) {
    for (uint32_t k = 0; k < e->u.nout; k++) {
        const Type *out = out_type(e->c, &e->u, k), *fresh = new_type(e->c, &e->u, k, e->ndim);
        if (!out || !is_too_small(fresh, out)) continue;
        lower_raise(
            e->l, "ValueError",
            lower_text(
                e->l,
                "Loop and array shapes are incompatible: output %u of %s has %u axes, and its result %u", k,
                e->u.name, out->ndim, fresh->ndim),
            0, NULL);
        return true;
    }
    return false;
}

static ValueId emit_call(Lower *l, Call *c) {
    Emission e = {.l = l, .c = c};
    ValueId array[MAX_OPERANDS], result[MAX_OPERANDS];
    uint32_t at = 0, narrays = 0;
    bool found = find_loop(c, &e.u) && input_ndim(c, &e.u, &e.ndim);
    assert(found);
    (void)found;
    if (*e.u.signature && raise_too_small(&e)) return NO_VALUE;
    e.loop = symbol_address(l, e.u.symbol);
    for (uint32_t i = 0; i < e.u.nin; i++) add_input(&e, i);
    ValueId extents = result_extents(&e);
    for (uint32_t k = 0; k < e.u.nout; k++) {
        array[k] = add_output(&e, k, extents, &at);
        narrays += array[k] != NO_VALUE;
    }
    ValueId args[] = {e.loop, operand_words(&e, e.u.nin + e.u.nout)};
    lower_check_status(l, ir_native(&l->b, NATIVE_ufunc_run, type_i32, ARRAY_LEN(args), args));
    for (uint32_t k = 0; k < e.u.nout; k++) result[k] = finish_output(&e, k, array[k]);
    lower_cleanup_pop(l, narrays + e.ncopies);
    for (uint32_t i = 0; i < e.ncopies; i++) lower_decref(l, e.copy[i]);
    return e.u.nout == 1 ? result[0] : ir_make(&l->b, c->result, e.u.nout, result);
}

/* ---- run(ufunc, *operands): all operands are given, and fit: for naja/library/linalg.py -------------------------- */

static const Type *type_run(Call *c) {
    Loop u;
    if (c->type[0]->kind != TYPE_FUNCTION || !find_loop(c, &u)) return NULL;
    if (narguments(c) != u.nin + u.nout)
        return call_error(c, DIAG_WRONG_ARGUMENTS, "%s needs %u operands", u.name, u.nin + u.nout);
    for (uint32_t i = u.nin; i < u.nin + u.nout; i++)
        if (!type_is_array(argument(c, i)) || type_dtype_of(argument(c, i)) != u.dtype[i])
            return call_error(c, DIAG_NO_IMPLEMENTATION, "%s: output %u must be an array of %s", u.name,
                              i - u.nin, u.dtype[i]->name);
    return type_none;
}

static ValueId emit_run(Lower *l, Call *c) {
    Emission e = {.l = l, .c = c};
    bool found = find_loop(c, &e.u);
    assert(found);
    (void)found;
    e.loop = symbol_address(l, e.u.symbol);
    for (uint32_t i = 0; i < e.u.nin; i++) add_input(&e, i);
    for (uint32_t i = e.u.nin; i < e.u.nin + e.u.nout; i++)
        e.view[i] = view_of(l, ir_field(&l->b, c->value[1], i), argument(c, i));
    ValueId args[] = {e.loop, operand_words(&e, e.u.nin + e.u.nout)};
    lower_check_status(l, ir_native(&l->b, NATIVE_ufunc_run, type_i32, ARRAY_LEN(args), args));
    lower_cleanup_pop(l, e.ncopies);
    for (uint32_t i = 0; i < e.ncopies; i++) lower_decref(l, e.copy[i]);
    return NO_VALUE;
}

/* ---- floating-point flags, for naja/library/linalg.py ------------------------------------------------------------ */

static const Type *type_clear(Call *c) {
    (void)c;
    return type_none;
}

static ValueId emit_clear(Lower *l, Call *c) {
    (void)c;
    ir_native(&l->b, NATIVE_fp_clear, NULL, 0, NULL);
    return NO_VALUE;
}

static const Type *type_invalid(Call *c) {
    (void)c;
    return type_bool;
}

static ValueId emit_invalid(Lower *l, Call *c) {
    (void)c;
    ValueId v = ir_native(&l->b, NATIVE_fp_invalid, type_i64, 0, NULL);
    return ir_icmp(&l->b, PRED_NE, v, lower_i64(l, 0));
}

/* ---- operands of an inner loop that is being compiled, for naja/dufunc.py --------------------------------------- */

static ValueId address_of(Lower *l, Call *c, uint32_t param) {
    return lower_un(l, OP_bitcast, type_ptr, lower_int_to_i64(l, c->value[param], c->type[param]));
}

static const Type *type_word(Call *c) { return is_integer_like(c->type[0]) ? type_i64 : call_decline(c); }

/* word(address, i): the int64 at address + 8 i. */
static ValueId emit_word(Lower *l, Call *c) {
    ValueId i = lower_int_to_i64(l, c->value[1], c->type[1]);
    return ir_load(&l->b, type_i64, lower_ptr_offset(l, address_of(l, c, 0), i, lower_i64(l, 8)));
}

/* contiguous(address, shape, dtype) and strided(address, shape, strides, dtype): an array that owns nothing. */
static const Type *type_memory(Call *c) {
    bool strided = c->nargs == 4;
    const Type *shape = library_widen(c->type[1]), *dtype = call_dtype(c, c->nargs - 1);
    if (!dtype || !type_is_tuple(shape) || (strided && c->type[2]->nelem != shape->nelem))
        return call_decline(c);
    return type_array(dtype, shape->nelem, strided && shape->nelem ? LAYOUT_A : LAYOUT_C, false, true);
}

static void tuple_words(Lower *l, Call *c, uint32_t param, ValueId *out) {
    const Type *t = c->type[param];
    for (uint32_t i = 0; i < t->nelem; i++)
        out[i] = lower_int_to_i64(l, ir_field(&l->b, c->value[param], i), t->elem[i]);
}

static ValueId emit_memory(Lower *l, Call *c) {
    View v = view_new(l, type_dtype_of(c->result), c->result->ndim, c->result->layout);
    v.data = address_of(l, c, 0);
    tuple_words(l, c, 1, v.shape);
    if (c->nargs == 4) tuple_words(l, c, 2, v.stride);
    else view_fill_strides(l, &v);
    return view_to_array(l, &v, c->result, NO_VALUE, NULL);
}

static const LibRow rows[] = {
    {"naja.bridge.word", "address, i, /", type_word, emit_word, NULL, 1, 0},
    {"naja.bridge.contiguous", "address, shape, dtype, /", type_memory, emit_memory, NULL, 1, 0},
    {"naja.bridge.strided", "address, shape, strides, dtype, /", type_memory, emit_memory, NULL, 1, 0},
    {"ufunc.call", "ufunc, *args, out=None", type_call, emit_call, NULL, 3, 0},
    {"naja.bridge.run", "ufunc, *operands", type_run, emit_run, NULL, 3, 0},
    {"naja.bridge.fp_clear", "", type_clear, emit_clear, NULL, 1, 0},
    {"naja.bridge.fp_invalid", "", type_invalid, emit_invalid, NULL, 1, 0},
};

const LibTable library_bridge_table = {"bridge", rows, ARRAY_LEN(rows)};
