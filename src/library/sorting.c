/* sorting.c - naja.library.low: sorting one contiguous axis in the runtime, and errors with numbers in their text.
 *
 * For naja/library/ only, which takes care of axes, copies and the order of kth; operands are contiguous arrays of one
 * axis.  sort and partition work in place; the arg forms fill `out`, an array of int64 as long as `a`, and for
 * argpartition move nothing in `a`.
 */
#include "library/arrays.h"
#include "library/lower.h"
#include "library/shapes.h"

static bool is_run(const Type *t, bool written) {
    return t && type_is_array(t) && t->ndim == 1 && t->layout != LAYOUT_A && !(written && t->readonly);
}

static int64_t kernel_of(const Type *dtype) {
    if (type_is_time(dtype)) return 14;
    return dtype == type_f16 ? 13 : dtype_code(dtype);
}

/* Times sort with NaT last, as NumPy does it; selecting knows no NaT. */
static bool has_kernel(const Call *c, const Type *dtype) {
    return !type_is_time(dtype) || !strstr(c->row->name, "partition");
}

/* The number of leading operands that are runs is the row's data. */
static const Type *type_sorting(Call *c) {
    for (int i = 0; i < *(const int *)c->row->data; i++)
        if (!is_run(c->type[i], i > 0) || !has_kernel(c, type_dtype_of(c->type[i]))) return call_decline(c);
    return type_none;
}

static void run_of(Lower *l, const Call *c, uint32_t i, ValueId *data, ValueId *n) {
    View v = view_of(l, c->value[i], c->type[i]);
    *data = v.data;
    *n = v.shape[0];
}

static ValueId emit_status(Lower *l, const Call *c, Native native, uint32_t nargs, const ValueId *args) {
    lower_check_status(l, ir_native(&l->b, native, type_i32, nargs, args));
    return lower_empty(l, c->result);
}

static ValueId emit_sort(Lower *l, Call *c) {
    ValueId data, n, type = lower_i64(l, kernel_of(type_dtype_of(c->type[0])));
    run_of(l, c, 0, &data, &n);
    ValueId stable = lower_int_to_i64(l, c->value[1], c->type[1]);
    return emit_status(l, c, NATIVE_sort, 4, (ValueId[]){type, data, n, stable});
}

static ValueId emit_argsort(Lower *l, Call *c) {
    ValueId data, n, out, nout, type = lower_i64(l, kernel_of(type_dtype_of(c->type[0])));
    run_of(l, c, 0, &data, &n);
    run_of(l, c, 1, &out, &nout);
    ValueId stable = lower_int_to_i64(l, c->value[2], c->type[2]);
    return emit_status(l, c, NATIVE_argsort, 5, (ValueId[]){type, data, n, stable, out});
}

static ValueId emit_partition(Lower *l, Call *c) {
    ValueId data, n, kth, nkth, type = lower_i64(l, kernel_of(type_dtype_of(c->type[0])));
    run_of(l, c, 0, &data, &n);
    run_of(l, c, 1, &kth, &nkth);
    return emit_status(l, c, NATIVE_partition, 5, (ValueId[]){type, data, n, kth, nkth});
}

static ValueId emit_argpartition(Lower *l, Call *c) {
    ValueId data, n, kth, nkth, out, nout, type = lower_i64(l, kernel_of(type_dtype_of(c->type[0])));
    run_of(l, c, 0, &data, &n);
    run_of(l, c, 1, &kth, &nkth);
    run_of(l, c, 2, &out, &nout);
    return emit_status(l, c, NATIVE_argpartition, 6, (ValueId[]){type, data, n, kth, nkth, out});
}

/* ---- errors with numbers in their text ------------------------------------------------------------------- */

static const Type *type_fail(Call *c) {
    for (uint32_t i = 1; i < c->nargs; i++)
        if (c->type[i] && !is_integer_like(c->type[i]) && c->type[i] != type_f64) return call_decline(c);
    return call_literal_str(c, 0) ? type_none : call_decline(c);
}

/* The class is the row's data; each %d or %g of the message takes a number. */
static ValueId emit_fail(Lower *l, Call *c) {
    ValueId payload[3];
    uint32_t n = 0;
    for (uint32_t i = 1; i < c->nargs && c->value[i] != NO_VALUE; i++)
        payload[n++] = c->type[i] == type_f64 ? c->value[i] : lower_int_to_i64(l, c->value[i], c->type[i]);
    lower_raise(l, c->row->data, call_literal_str(c, 0), n, payload);
    return NO_VALUE;
}

static const int one = 1, two = 2, three = 3;
static const LibRow rows[] = {
    {"naja.library.low.sort", "a, stable, /", type_sorting, emit_sort, &one, 1, 0},
    {"naja.library.low.argsort", "a, out, stable, /", type_sorting, emit_argsort, &two, 1, 0},
    {"naja.library.low.partition", "a, kth, /", type_sorting, emit_partition, &two, 1, 0},
    {"naja.library.low.argpartition", "a, kth, out, /", type_sorting, emit_argpartition, &three, 1, 0},
    {"naja.library.low.value_error", "message, i, j, /", type_fail, emit_fail, "ValueError", 1, 0},
    {"naja.library.low.index_error", "message, i, j, /", type_fail, emit_fail, "IndexError", 1, 0},
};

const LibTable library_sorting_table = {"sorting", rows, ARRAY_LEN(rows)};
