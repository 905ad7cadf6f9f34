/* reduce.c - reductions of strided arrays over any set of axes, in NumPy's order of additions.
 *
 * The order is part of the result, because float addition is not associative.  What NumPy's iterator does:
 *   1. Axes of extent 1 go; the others are sorted by the size of the input's strides, largest outermost, their signs
 *      kept; neighbours that follow each other in memory (both reduced, or both kept) are merged.
 *   2. Innermost axis kept: rows are added to rows of the output, element by element.
 *   3. Innermost axes reduced: they make a group.  One axis is one run, summed pairwise.  Of several axes, the
 *      innermost ones that together have at most 8192 elements are the core; the elements of the next axis are copied
 *      through a buffer that takes as many whole cores as fit, and every filling is one run.  An axis of more than
 *      8192 elements is a run of its own.  When elements are converted on the way, runs never exceed 8192.
 * Runs are added to the accumulator in order.
 *
 * Given a context, the work is divided among the threads of the pool where that cannot be told from the result: long runs
 * into pieces (pieces.c), else the longest kept axis into ranges.
 *
 * mean divides the sum; var is NumPy's two passes: mean, then the mean of the squared distances.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/arrays.h"
#include "runtime/runtime.h"

enum { BUFFER = 8192 }; /* elements: NumPy's default buffer */

typedef struct {
    int64_t n, in, out;
    bool reduced;
} Axis;

typedef struct {
    Context *context; /* NULL: this thread does it all */
    int32_t status;   /* of what the pool did */
    DType acc;
    const ReduceKernel *kernel;
    Converter convert; /* NULL: elements have the accumulator's type */
    Converter truth;   /* count_nonzero: to bool first */
    int64_t in_nbytes, acc_nbytes;
    Axis axis[RUNTIME_MAX_NDIM];
    int naxes, first_of_group; /* axis[first_of_group ..] are the reduced innermost ones */
    char *buffer;              /* BUFFER elements of the accumulator's type */
    char *flags;               /* truth: BUFFER bytes */
} Reducer;

/* ---- axes ------------------------------------------------------------------------------------------------------------ */

static bool goes_inside(const Axis *a, const Axis *b) {
    return a->in != 0 && b->in != 0 && llabs(a->in) < llabs(b->in);
}

static bool follows(const Axis *outer, const Axis *inner) {
    return outer->reduced == inner->reduced && outer->in == inner->in * inner->n &&
           (outer->reduced || outer->out == inner->out * inner->n);
}

/* False: the array has no elements. */
static bool plan_axes(Reducer *r, int64_t ndim, uint64_t mask, const int64_t *shape, const int64_t *in,
                      const int64_t *out) {
    Axis sorted[RUNTIME_MAX_NDIM];
    int n = 0;
    for (int64_t i = 0; i < ndim; i++) {
        if (shape[i] == 0) return false;
        if (shape[i] == 1) continue;
        bool reduced = mask >> i & 1;
        Axis a = {shape[i], in[i], reduced ? 0 : out[i], reduced};
        int k = n++;
        for (; k > 0 && goes_inside(&sorted[k - 1], &a); k--) sorted[k] = sorted[k - 1];
        sorted[k] = a;
    }
    r->naxes = 0;
    for (int i = 0; i < n; i++) {
        Axis *last = r->naxes ? &r->axis[r->naxes - 1] : NULL;
        if (last && follows(last, &sorted[i]))
            *last = (Axis){last->n * sorted[i].n, sorted[i].in, sorted[i].out, last->reduced};
        else r->axis[r->naxes++] = sorted[i];
    }
    r->first_of_group = r->naxes;
    while (r->first_of_group > 0 && r->axis[r->first_of_group - 1].reduced) r->first_of_group--;
    return true;
}

/* ---- runs ------------------------------------------------------------------------------------------------------------- */

static void convert(Reducer *r, char *out, const char *in, int64_t stride, int64_t n) {
    if (!r->truth) {
        r->convert(out, in, stride, n);
        return;
    }
    r->truth(r->flags, in, stride, n);
    r->convert(out, r->flags, 1, n);
}

static int32_t new_buffer(Reducer *r) {
    r->buffer = malloc((size_t)(BUFFER * r->acc_nbytes + BUFFER));
    if (!r->buffer) return STATUS_MEMORY;
    r->flags = r->buffer + BUFFER * r->acc_nbytes;
    return STATUS_OK;
}

static void run_here(Reducer *r, char *acc, const char *in, int64_t n, int64_t stride) {
    if (!r->convert) {
        r->kernel->run(acc, in, n, stride);
        return;
    }
    for (int64_t i = 0; i < n; i += BUFFER) {
        int64_t count = n - i < BUFFER ? n - i : BUFFER;
        convert(r, r->buffer, in + i * stride, stride, count);
        r->kernel->run(acc, r->buffer, count, r->acc_nbytes);
    }
}

typedef struct {
    const Reducer *reducer;
    const char *in;
    int64_t stride;
} LongRun;

/* Part of a run, in any thread, with a buffer of its own. */
static int32_t run_piece(const void *data, char *acc, int64_t first, int64_t n) {
    const LongRun *l = data;
    Reducer r = *l->reducer;
    if (r.convert && new_buffer(&r) != STATUS_OK) return STATUS_MEMORY;
    run_here(&r, acc, l->in + first * l->stride, n, l->stride);
    if (r.convert) free(r.buffer);
    return STATUS_OK;
}

static void run(Reducer *r, char *acc, const char *in, int64_t n, int64_t stride) {
    if (!pieces_are_worth_it(r->context, r->kernel, r->acc, n)) {
        run_here(r, acc, in, n, stride);
        return;
    }
    LongRun l = {r, in, stride};
    int32_t status = pieces_reduce(r->context, r->kernel, r->acc, r->convert ? BUFFER : 0, run_piece, &l, n,
                                   acc);
    if (status != STATUS_OK) r->status = status;
}

static void row(Reducer *r, char *out, const char *in, const Axis *a) {
    if (!r->convert) {
        r->kernel->row(out, a->out, in, a->in, a->n);
        return;
    }
    for (int64_t i = 0; i < a->n; i += BUFFER) {
        int64_t count = a->n - i < BUFFER ? a->n - i : BUFFER;
        convert(r, r->buffer, in + i * a->in, a->in, count);
        r->kernel->row(out + i * a->out, a->out, r->buffer, r->acc_nbytes, count);
    }
}

static void copy_elements(Reducer *r, char *out, const char *in, const Axis *a) {
    if (r->convert) {
        convert(r, out, in, a->in, a->n);
        return;
    }
    if (a->in == r->in_nbytes) {
        memcpy(out, in, (size_t)(a->n * r->in_nbytes));
        return;
    }
    for (int64_t i = 0; i < a->n; i++) memcpy(out + i * r->in_nbytes, in + i * a->in, (size_t)r->in_nbytes);
}

/* The elements of axes a[0 .. n) in order; gives the end of what was written. */
static char *gather(Reducer *r, char *out, const char *in, const Axis *a, int n) {
    if (n == 1) {
        copy_elements(r, out, in, a);
        return out + a->n * r->acc_nbytes;
    }
    for (int64_t i = 0; i < a->n; i++) out = gather(r, out, in + i * a->in, a + 1, n - 1);
    return out;
}

/* One axis of cores through the buffer. */
static void buffered(Reducer *r, char *acc, const char *in, const Axis *a, const Axis *core, int ncore,
                     int64_t core_size) {
    int64_t per = BUFFER / core_size;
    for (int64_t i = 0; i < a->n; i += per) {
        int64_t count = a->n - i < per ? a->n - i : per;
        char *end = r->buffer;
        for (int64_t k = 0; k < count; k++) end = gather(r, end, in + (i + k) * a->in, core, ncore);
        r->kernel->run(acc, r->buffer, count * core_size, r->acc_nbytes);
    }
}

static void reduce_cores(Reducer *r, char *acc, const char *in, const Axis *a, int n, int ncore,
                         int64_t core_size) {
    if (n == ncore) { /* everything is one core */
        char *end = gather(r, r->buffer, in, a, n);
        r->kernel->run(acc, r->buffer, (end - r->buffer) / r->acc_nbytes, r->acc_nbytes);
    } else if (n == ncore + 1) {
        buffered(r, acc, in, a, a + 1, ncore, core_size);
    } else {
        for (int64_t i = 0; i < a->n; i++)
            reduce_cores(r, acc, in + i * a->in, a + 1, n - 1, ncore, core_size);
    }
}

static void reduce_rows(Reducer *r, char *acc, const char *in, const Axis *a, int n) {
    if (n == 1) {
        run(r, acc, in, a->n, a->in);
        return;
    }
    for (int64_t i = 0; i < a->n; i++) reduce_rows(r, acc, in + i * a->in, a + 1, n - 1);
}

/* The innermost reduced axes into one accumulator. */
static void reduce_group(Reducer *r, char *acc, const char *in) {
    const Axis *a = &r->axis[r->first_of_group];
    int n = r->naxes - r->first_of_group, ncore = 0;
    int64_t size = 1;
    while (ncore < n && size * a[n - 1 - ncore].n <= BUFFER) size *= a[n - 1 - ncore++].n;
    if (n == 0) run(r, acc, in, 1, r->in_nbytes);
    else if (n == 1 || ncore == 0 || !r->kernel->pairwise) reduce_rows(r, acc, in, a, n);
    else reduce_cores(r, acc, in, a, n, ncore, size);
}

static void walk(Reducer *r, int k, char *out, const char *in) {
    const Axis *a = &r->axis[k];
    if (k == r->first_of_group) {
        reduce_group(r, out, in);
    } else if (k == r->naxes - 1) {
        row(r, out, in, a);
    } else {
        for (int64_t i = 0; i < a->n; i++) walk(r, k + 1, out + i * a->out, in + i * a->in);
    }
}

/* ---- ranges of a kept axis --------------------------------------------------------------------------------------------- */

enum { LEAST_ELEMENTS = 65536, RANGES = 64, LEAST_RANGES = 16, LEAST_CONTIGUOUS = 512 };

typedef struct {
    const Reducer *reducer;
    int axis;
    char *out;
    const char *in;
} KeptAxis;

static int32_t walk_range(Context *context, void *unused, int64_t begin, int64_t end, void *captures) {
    const KeptAxis *k = captures;
    Reducer r = *k->reducer;
    Axis *a = &r.axis[k->axis];
    (void)context, (void)unused;
    if (r.buffer && new_buffer(&r) != STATUS_OK) return STATUS_MEMORY;
    r.context = NULL;
    a->n = end - begin;
    walk(&r, 0, k->out + begin * a->out, k->in + begin * a->in);
    if (k->reducer->buffer) free(r.buffer);
    return STATUS_OK;
}

/* The longest kept axis; -1: there is none worth dividing. */
static int kept_axis(const Reducer *r) {
    int64_t total = 1;
    int longest = -1;
    for (int i = 0; i < r->naxes; i++) {
        total *= r->axis[i].n;
        if (!r->axis[i].reduced && (longest < 0 || r->axis[i].n > r->axis[longest].n)) longest = i;
    }
    bool worth = r->context && total >= LEAST_ELEMENTS && longest >= 0 && r->axis[longest].n >= LEAST_RANGES;
    return worth && naja_get_num_threads() > 1 ? longest : -1;
}

static void walk_all(Reducer *r, char *out, const char *in) {
    int axis = kept_axis(r);
    if (axis < 0) {
        walk(r, 0, out, in);
        return;
    }
    char nothing[8];
    KeptAxis k = {r, axis, out, in};
    int64_t n = r->axis[axis].n, length = (n + RANGES - 1) / RANGES;
    if (axis == r->naxes - 1 && length < LEAST_CONTIGUOUS) length = LEAST_CONTIGUOUS;
    r->status = naja_parallel_for(r->context, walk_range, &k, 0, n, length, nothing, 0);
}

/* ---- the output ---------------------------------------------------------------------------------------------------------- */

/* Calls f for every element of the output. */
typedef void (*OutputFn)(void *data, char *out, const char *in);
static void each_output(int64_t ndim, uint64_t mask, const int64_t *shape, const int64_t *in_stride,
                        const int64_t *out_stride, char *out, const char *in, OutputFn f, void *data) {
    if (ndim == 0) {
        f(data, out, in);
        return;
    }
    int64_t n = mask & 1 ? 1 : *shape;
    for (int64_t i = 0; i < n; i++)
        each_output(ndim - 1, mask >> 1, shape + 1, in_stride + 1, out_stride + 1,
                    out + (mask & 1 ? 0 : i * *out_stride), in + i * *in_stride, f, data);
}

typedef struct {
    DType acc;
    int64_t identity, nbytes;
} Start;

static void store_start(void *data, char *out, const char *in) {
    const Start *s = data;
    if (s->identity < 0) {
        memcpy(out, in, (size_t)s->nbytes);
        return;
    }
    reduce_identity(s->acc, s->identity, out);
}

/* ---- one reduction --------------------------------------------------------------------------------------------------------- */

typedef struct {
    Context *context;
    DType from, acc;
    char *out;
    const char *in;
    int64_t ndim;
    uint64_t mask;
    const int64_t *shape, *in_stride, *out_stride;
} ReduceCall;

static bool needs_buffer(const Reducer *r) {
    return r->convert || (r->kernel->pairwise && r->naxes - r->first_of_group > 1);
}

static int32_t reduce(Reduction op, const ReduceCall *c) {
    Reducer r = {.context = c->context,
                 .acc = c->acc,
                 .kernel = &reduce_kernel[op][c->acc],
                 .in_nbytes = dtype_itemsize[c->from],
                 .acc_nbytes = dtype_itemsize[c->acc]};
    if (op == REDUCE_COUNT_NONZERO) {
        r.truth = reduce_converter(c->from, DTYPE_BOOL);
        r.convert = reduce_converter(DTYPE_BOOL, DTYPE_I64);
    } else if (c->from != c->acc) {
        r.convert = reduce_converter(c->from, c->acc);
    }
    Start start = {c->acc, r.kernel->identity, r.acc_nbytes};
    bool some = plan_axes(&r, c->ndim, c->mask, c->shape, c->in_stride, c->out_stride);
    if (some || start.identity >= 0)
        each_output(c->ndim, c->mask, c->shape, c->in_stride, c->out_stride, c->out, c->in, store_start,
                    &start);
    if (!some) return STATUS_OK;
    if (needs_buffer(&r) && new_buffer(&r) != STATUS_OK) return STATUS_MEMORY;
    walk_all(&r, c->out, c->in);
    free(r.buffer);
    return r.status;
}

/* ---- mean ---------------------------------------------------------------------------------------------------------------------- */

/* Division of the sum by a count: NumPy divides in double precision and rounds to the result's type; a complex sum is
 * divided by the complex number (count, 0), which multiplies by its reciprocal. */
typedef struct {
    DType type;
    double count;
} Division;

static void divide_complex(double *re, double *im, double count) {
    double ratio = 0.0 / count, scale = 1.0 / (count + 0.0 * ratio);
    double x = *re, y = *im;
    if (count == 0) {
        *re = x / 0.0;
        *im = y / 0.0;
        return;
    }
    *re = (x + y * ratio) * scale;
    *im = (y - x * ratio) * scale;
}

static void divide(void *data, char *out, const char *in) {
    const Division *d = data;
    double re, im;
    (void)in;
    switch (d->type) {
    case DTYPE_F32: *(float *)out = (float)((double)*(float *)out / d->count); break;
    case DTYPE_C64:
        re = ((float *)out)[0], im = ((float *)out)[1];
        divide_complex(&re, &im, d->count);
        ((float *)out)[0] = (float)re, ((float *)out)[1] = (float)im;
        break;
    case DTYPE_C128: divide_complex((double *)out, (double *)out + 1, d->count); break;
    default: *(double *)out /= d->count;
    }
}

static int64_t reduced_size(const ReduceCall *c) {
    int64_t n = 1;
    for (int64_t i = 0; i < c->ndim; i++)
        if (c->mask >> i & 1) n *= c->shape[i];
    return n;
}

static void divide_outputs(const ReduceCall *c, double count) {
    Division d = {c->acc, count};
    each_output(c->ndim, c->mask, c->shape, c->in_stride, c->out_stride, c->out, c->in, divide, &d);
}

static int32_t mean(const ReduceCall *c) {
    int32_t status = reduce(REDUCE_SUM, c);
    if (status == STATUS_OK) divide_outputs(c, (double)reduced_size(c));
    return status;
}

/* ---- variance -------------------------------------------------------------------------------------------------------------------- */

static int64_t total_size(const ReduceCall *c) {
    int64_t n = 1;
    for (int64_t i = 0; i < c->ndim; i++) n *= c->shape[i];
    return n;
}

/* Contiguous strides in the order of the input's own, as NumPy gives new arrays. */
static void keep_order(const ReduceCall *c, int64_t itemsize, int64_t *stride, int *order) {
    for (int i = 0; i < c->ndim; i++) {
        int k = i;
        for (; k > 0 && c->in_stride[order[k - 1]] != 0 && c->in_stride[i] != 0 &&
               llabs(c->in_stride[order[k - 1]]) < llabs(c->in_stride[i]);
             k--)
            order[k] = order[k - 1];
        order[k] = i;
    }
    for (int64_t k = c->ndim; k-- > 0;) {
        stride[order[k]] = itemsize;
        itemsize *= c->shape[order[k]] ? c->shape[order[k]] : 1;
    }
}

typedef struct {
    DType acc, real;
    Converter convert;
    const int64_t *square_stride, *mean_stride;
    int order[RUNTIME_MAX_NDIM]; /* axes by the input's strides, innermost last */
} Squares;

enum { ROW_CHUNK = 256 };

#define SQUARE_REAL(T)                                                       \
    for (int64_t i = 0; i < n; i++) {                                        \
        T x = *(const any_##T *)(in + i * is) - *(const T *)(mean + i * ms); \
        *(T *)(to + i * ts) = x * x;                                         \
    }
#define SQUARE_COMPLEX(T)                                  \
    for (int64_t i = 0; i < n; i++) {                      \
        const any_##T *x = (const any_##T *)(in + i * is); \
        const T *m = (const T *)(mean + i * ms);           \
        T re = x[0] - m[0], im = x[1] - m[1];              \
        *(T *)(to + i * ts) = re * re + im * im;           \
    }

/* Squared distances of a row of elements from their means. */
static void square_row(DType acc, char *to, int64_t ts, const char *in, int64_t is, const char *mean,
                       int64_t ms, int64_t n) {
    switch (acc) {
    case DTYPE_F32: SQUARE_REAL(float) break;
    case DTYPE_F64:
        if (ts == 8 && is == 8 && ms == 0) { /* the usual case, which vectorises */
            double m = *(const double *)mean;
            for (int64_t i = 0; i < n; i++) {
                double x = ((const any_double *)in)[i] - m;
                ((double *)to)[i] = x * x;
            }
        } else if (ts == 8 && is == 8 && ms == 8) {
            for (int64_t i = 0; i < n; i++) {
                double x = ((const any_double *)in)[i] - ((const double *)mean)[i];
                ((double *)to)[i] = x * x;
            }
        } else {
            SQUARE_REAL(double)
        }
        break;
    case DTYPE_C64: SQUARE_COMPLEX(float) break;
    default: SQUARE_COMPLEX(double)
    }
}

/* Integers are converted first, a chunk at a time. */
static void squares_of_row(const Squares *s, char *to, int64_t ts, const char *in, int64_t is,
                           const char *mean, int64_t ms, int64_t n) {
    char chunk[ROW_CHUNK * 16];
    int64_t size = dtype_itemsize[s->acc];
    if (!s->convert) {
        square_row(s->acc, to, ts, in, is, mean, ms, n);
        return;
    }
    for (int64_t i = 0; i < n; i += ROW_CHUNK) {
        int64_t count = n - i < ROW_CHUNK ? n - i : ROW_CHUNK;
        s->convert(chunk, in + i * is, is, count);
        square_row(s->acc, to + i * ts, ts, chunk, size, mean + i * ms, ms, count);
    }
}

static void squares(const Squares *s, const ReduceCall *c, int64_t depth, char *to, const char *in,
                    const char *mean) {
    int axis = s->order[depth];
    int64_t mean_stride = c->mask >> axis & 1 ? 0 : s->mean_stride[axis];
    if (depth + 1 == c->ndim) {
        squares_of_row(s, to, s->square_stride[axis], in, c->in_stride[axis], mean, mean_stride,
                       c->shape[axis]);
        return;
    }
    for (int64_t i = 0; i < c->shape[axis]; i++)
        squares(s, c, depth + 1, to + i * s->square_stride[axis], in + i * c->in_stride[axis],
                mean + i * mean_stride);
}

typedef struct {
    const Squares *squares;
    const char *in, *mean;
    int64_t stride;
} SquareRun;

/* Squares are summed block by block and never stored. */
static int32_t sum_squares(const void *data, char *out, int64_t first, int64_t n) {
    const SquareRun *q = data;
    const Squares *s = q->squares;
    const char *in = q->in + first * q->stride;
    Fold fold;
    double block[128];
    int64_t size = dtype_itemsize[s->real];
    for (int64_t k = naja_fold_begin(&fold, REDUCE_SUM, s->real, n, 0); k;
         k = naja_fold_next(&fold, (char *)block, k)) {
        squares_of_row(s, (char *)block, size, in, q->stride, q->mean, 0, k);
        in += k * q->stride;
    }
    memcpy(out, fold_result(&fold), (size_t)size);
    return STATUS_OK;
}

/* All elements along one stride. */
static int32_t sum_all_squares(const ReduceCall *c, const Squares *s, const char *means, int64_t stride,
                               int64_t n) {
    const ReduceKernel *kernel = &reduce_kernel[REDUCE_SUM][s->real];
    SquareRun q = {s, c->in, means, stride};
    if (!pieces_are_worth_it(c->context, kernel, s->real, n)) return sum_squares(&q, c->out, 0, n);
    reduce_identity(s->real, 0, c->out);
    return pieces_reduce(c->context, kernel, s->real, 0, sum_squares, &q, n, c->out);
}

/* The stride of all elements of an array that is reduced as a whole; 0: there is none. */
static int64_t single_stride(const ReduceCall *c) {
    Reducer r = {0};
    if (!plan_axes(&r, c->ndim, c->mask, c->shape, c->in_stride, c->out_stride)) return 0;
    return r.naxes == 1 && r.axis[0].reduced ? r.axis[0].in : 0;
}

static void root(void *data, char *out, const char *in) {
    (void)in;
    if (*(const DType *)data == DTYPE_F32) *(float *)out = sqrtf(*(float *)out);
    else *(double *)out = sqrt(*(double *)out);
}

/* The sum of squared distances, given the means: through a temporary array, as NumPy's. */
static int32_t sum_of_squares(const ReduceCall *c, Squares *s, const char *means, ReduceCall *sum,
                              int64_t *square_stride) {
    int64_t stride = single_stride(c), total = total_size(c), acc_nbytes = dtype_itemsize[s->acc];
    *sum = *c;
    sum->from = sum->acc = s->real;
    if (stride) return sum_all_squares(c, s, means, stride, total);
    char *data = malloc((size_t)(total * acc_nbytes + 16));
    if (!data) return STATUS_MEMORY;
    if (c->ndim == 0) squares_of_row(s, data, 0, c->in, 0, means, 0, 1);
    else if (total) squares(s, c, 0, data, c->in, means);
    sum->in = data;
    sum->in_stride = square_stride;
    int32_t status = reduce(REDUCE_SUM, sum);
    free(data);
    sum->in = c->in;
    return status;
}

/* c->acc is the type of the mean, real or complex; the output is real. */
static int32_t variance(const ReduceCall *c, int64_t ddof, bool take_root) {
    DType real = c->acc == DTYPE_C64 ? DTYPE_F32 : c->acc == DTYPE_C128 ? DTYPE_F64 : c->acc;
    int64_t square_stride[RUNTIME_MAX_NDIM], mean_stride[RUNTIME_MAX_NDIM], nmeans = dtype_itemsize[c->acc];
    Squares s = {c->acc,        real,        c->from != c->acc ? reduce_converter(c->from, c->acc) : NULL,
                 square_stride, mean_stride, {0}};
    for (int64_t i = c->ndim; i-- > 0;) {
        mean_stride[i] = c->mask >> i & 1 ? 0 : nmeans;
        if (!(c->mask >> i & 1)) nmeans *= c->shape[i];
    }
    /* squares of complex numbers take the place of their real parts */
    keep_order(c, dtype_itemsize[c->acc], square_stride, s.order);
    char *means = malloc((size_t)nmeans + 16);
    if (!means) return STATUS_MEMORY;
    ReduceCall m = *c, sum;
    m.out = means;
    m.out_stride = mean_stride;
    int32_t status = mean(&m);
    if (status == STATUS_OK) status = sum_of_squares(c, &s, means, &sum, square_stride);
    free(means);
    if (status != STATUS_OK) return status;
    double count = (double)(reduced_size(c) - ddof);
    divide_outputs(&sum, count > 0 ? count : 0);
    if (take_root)
        each_output(c->ndim, c->mask, c->shape, c->in_stride, c->out_stride, c->out, c->in, root, &real);
    return STATUS_OK;
}

void naja_mean_divide(int64_t type, char *sum, int64_t count) {
    Division d = {(DType)type, (double)count};
    divide(&d, sum, NULL);
}

/* ---- short ones ------------------------------------------------------------------------------------------------------------------- */

/* How many elements follow each other in memory, if they all do or lie along one axis, and all are reduced; -1: no. */
static int64_t single_run(const ReduceCall *c, int64_t *stride) {
    int64_t n = 1, expected = dtype_itemsize[c->from];
    *stride = c->ndim == 1 ? c->in_stride[0] : expected;
    for (int64_t i = c->ndim; i-- > 0;) {
        if (!(c->mask >> i & 1) || (c->ndim > 1 && c->in_stride[i] != expected)) return -1;
        n *= c->shape[i];
        expected *= c->shape[i];
    }
    return n;
}

/* Of what is no bool, the truth of some is found at a time. */
static int64_t count_truths(DType from, const char *in, int64_t n, int64_t stride) {
    enum { AT_ONCE = 512 };
    char truth[AT_ONCE];
    int64_t total = 0;
    for (int64_t i = 0; i < n; i += AT_ONCE) {
        int64_t count = n - i < AT_ONCE ? n - i : AT_ONCE;
        reduce_converter(from, DTYPE_BOOL)(truth, in + i * stride, stride, count);
        total += reduce_count_bools(truth, count, 1);
    }
    return total;
}

/* Counting is so fast that threads are not worth it before very many. */
static bool count_run(const ReduceCall *c) {
    int64_t stride, n = single_run(c, &stride);
    if (n < 0 || (c->context && n >= 1 << 20)) return false;
    int64_t count = c->from == DTYPE_BOOL ? reduce_count_bools(c->in, n, stride)
                                          : count_truths(c->from, c->in, n, stride);
    memcpy(c->out, &count, sizeof count);
    return true;
}

/* Planning takes longer than adding up a few elements: 110 ns against 10.  False: it is not that simple. */
static bool reduce_short(Reduction op, const ReduceCall *c) {
    if (op == REDUCE_COUNT_NONZERO) return count_run(c);
    const ReduceKernel *kernel = op <= REDUCE_MEAN && op != REDUCE_COUNT_NONZERO && c->from == c->acc
                                     ? &reduce_kernel[op == REDUCE_MEAN ? REDUCE_SUM : op][c->acc]
                                     : NULL;
    int64_t stride, n = kernel ? single_run(c, &stride) : -1;
    if (n <= 0 || n > BUFFER) return false;
    if (kernel->identity < 0) memcpy(c->out, c->in, dtype_itemsize[c->acc]);
    else reduce_identity(c->acc, kernel->identity, c->out);
    kernel->run(c->out, c->in, n, stride);
    if (op == REDUCE_MEAN) naja_mean_divide(c->acc, c->out, n);
    return true;
}

/* ---- what compiled code calls -------------------------------------------------------------------------------------------------------- */

int32_t naja_reduce(Context *context, int64_t op, int64_t from, int64_t acc, char *out, const char *in,
                    int64_t ndim, int64_t mask, const int64_t *shape, const int64_t *in_stride,
                    const int64_t *out_stride, int64_t ddof) {
    ReduceCall c = {context, (DType)from,    (DType)acc, out,       in,
                    ndim,    (uint64_t)mask, shape,      in_stride, out_stride};
    if (reduce_short((Reduction)op, &c)) return STATUS_OK;
    switch ((Reduction)op) {
    case REDUCE_MEAN: return mean(&c);
    case REDUCE_VAR: return variance(&c, ddof, false);
    case REDUCE_STD: return variance(&c, ddof, true);
    default: return reduce((Reduction)op, &c);
    }
}
