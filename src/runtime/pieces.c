/* pieces.c - long reductions on several threads, with the bits of one.
 *
 * A sum of floats is a tree (reduce_kernels.c).  Its first levels are cut off: what is below them are pieces, which the
 * thread pool adds up in any order, and the levels above are added as ever.  Where elements are converted on the way the
 * runs between two fillings of the buffer are the pieces.  Other operations have no order that shows (whole numbers,
 * extremes, truth), so their pieces are equal shares, merged from left to right.  Products of floats multiply one after
 * the other, as NumPy's do, and stay on one thread.
 */
#include <string.h>

#include "runtime/arrays.h"
#include "runtime/runtime.h"

enum {
    LANES = 8,
    SHARES = 64,
    LEVELS = 6 /* 2 ** LEVELS pieces of a tree */,
    LEAST = 65536,
    LEAST_PIECE = 16384
};
enum { SUM_NBYTES = 16 };

typedef struct {
    int64_t first, n;
} Range;

typedef struct {
    const ReduceKernel *kernel;
    PieceFn piece;
    const void *data;
    Range range[1 << LEVELS]; /* of a tree */
    int64_t n, length;        /* not of a tree: elements, and elements of a piece */
    char start[SUM_NBYTES];
    char *sum;
} Pieces;

void reduce_identity(DType type, int64_t identity, char *out) {
    switch (dtype_itemsize[type]) { /* known sizes: a memset of any takes longer than a short reduction */
    case 1: memset(out, 0, 1); break;
    case 2: memset(out, 0, 2); break;
    case 4: memset(out, 0, 4); break;
    case 8: memset(out, 0, 8); break;
    default: memset(out, 0, 16);
    }
    if (identity == 0) return;
    switch (type) {
    case DTYPE_BOOL: *(uint8_t *)out = 1; break;
    case DTYPE_F32:
    case DTYPE_C64: *(float *)out = 1; break;
    case DTYPE_F64:
    case DTYPE_C128: *(double *)out = 1; break;
    default: *(int64_t *)out = 1;
    }
}

bool pieces_are_worth_it(const Context *context, const ReduceKernel *kernel, DType type, int64_t n) {
    bool any_order = kernel->pairwise || kernel->identity < 0 || type < DTYPE_F32;
    return context && n >= LEAST && any_order && naja_get_num_threads() > 1;
}

/* ---- the tree --------------------------------------------------------------------------------------------------------- */

static int64_t left_half(const ReduceKernel *kernel, int64_t n) {
    int64_t half = n * kernel->parts / 2;
    return (half - half % LANES) / kernel->parts;
}

static bool is_cut(int64_t n, int level) { return level < LEVELS && n >= 2 * LEAST_PIECE; }

static uint32_t cut(Pieces *p, uint32_t at, int64_t first, int64_t n, int level) {
    if (!is_cut(n, level)) {
        p->range[at] = (Range){first, n};
        return at + 1;
    }
    int64_t half = left_half(p->kernel, n);
    at = cut(p, at, first, half, level + 1);
    return cut(p, at, first + half, n - half, level + 1);
}

/* The sum of the pieces below a node into the first of them; gives the number behind the last. */
static uint32_t add_up(Pieces *p, uint32_t at, int64_t n, int level) {
    if (!is_cut(n, level)) return at + 1;
    int64_t half = left_half(p->kernel, n);
    uint32_t right = add_up(p, at, half, level + 1), end = add_up(p, right, n - half, level + 1);
    p->kernel->row(p->sum + at * SUM_NBYTES, 0, p->sum + right * SUM_NBYTES, 0, 1);
    return end;
}

/* ---- running --------------------------------------------------------------------------------------------------------- */

static int32_t run_pieces(Context *context, void *unused, int64_t begin, int64_t end, void *captures) {
    const Pieces *p = captures;
    (void)context, (void)unused;
    for (int64_t k = begin; k < end; k++) {
        char *sum = p->sum + k * SUM_NBYTES;
        memcpy(sum, p->start, SUM_NBYTES);
        int64_t first = k * p->length, left = p->n - first;
        Range r = {first, left < p->length ? left : p->length};
        if (!p->length) r = p->range[k];
        int32_t status = p->piece(p->data, sum, r.first, r.n);
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

static int32_t on_pool(Context *context, Pieces *p, int64_t count, char *acc) {
    char nothing[8];
    int32_t status = naja_parallel_for(context, run_pieces, p, 0, count, (count + SHARES - 1) / SHARES,
                                       nothing, 0);
    if (status != STATUS_OK) return status;
    if (!p->length) count = add_up(p, 0, p->n, 0) > 0;
    for (int64_t k = 0; k < count; k++) p->kernel->row(acc, 0, p->sum + k * SUM_NBYTES, 0, 1);
    return STATUS_OK;
}

int32_t pieces_reduce(Context *context, const ReduceKernel *kernel, DType type, int64_t run_limit,
                      PieceFn piece, const void *data, int64_t n, char *acc) {
    char on_stack[(1 << LEVELS) * SUM_NBYTES];
    Pieces p = {.kernel = kernel, .piece = piece, .data = data, .n = n, .sum = on_stack};
    int64_t count;
    if (kernel->identity < 0) memcpy(p.start, acc, dtype_itemsize[type]); /* an extreme, of itself too */
    else reduce_identity(type, kernel->identity, p.start);
    if (kernel->pairwise && !run_limit) {
        count = cut(&p, 0, 0, n, 0);
        return on_pool(context, &p, count, acc);
    }
    p.length = kernel->pairwise ? run_limit : (n + SHARES - 1) / SHARES;
    count = (n + p.length - 1) / p.length;
    if (count > 1 << LEVELS) p.sum = malloc((size_t)count * SUM_NBYTES);
    if (!p.sum) return STATUS_MEMORY;
    int32_t status = on_pool(context, &p, count, acc);
    if (p.sum != on_stack) free(p.sum);
    return status;
}
