/* fold.c - reductions of elements that compiled code makes block by block, as in np.sum(a * b).
 *
 * Compiled code asks for the length of the next block, computes that many elements into a buffer, and hands them in:
 *
 *     n = naja_fold_begin(fold, op, acc, total, converted)
 *     while n: fill buffer[0..n); n = naja_fold_next(fold, buffer, n)
 *     the result is at fold + 0
 *
 * The bits are those of the reduction over the whole temporary array, which never exists: blocks are the leaves of
 * the pairwise tree, from left to right, and a stack of pending right halves, one per level, combines their sums.
 */
#include <string.h>

#include "runtime/arrays.h"

enum { LEAF = 128, LANES = 8, PLAIN_BLOCK = 512, CHUNK = 8192 };

_Static_assert(sizeof(Fold) <= FOLD_NBYTES, "compiled code reserves FOLD_NBYTES");

static void add(const Fold *f, char *acc, const char *x) { f->kernel->row(acc, 0, x, 0, 1); }

/* Splits n elements down to the first leaf. */
static int64_t descend(Fold *f, int64_t n) {
    int64_t parts = f->kernel->parts;
    while (n * parts > LEAF) {
        int64_t half = n * parts / 2;
        half = (half - half % LANES) / parts;
        f->level[f->depth++].right = n - half;
        n = half;
    }
    return n;
}

static int64_t next_run(Fold *f) {
    int64_t n = f->rest < f->run_limit ? f->rest : f->run_limit;
    f->rest -= n;
    return n ? descend(f, n) : 0;
}

static int64_t next_plain(Fold *f) {
    int64_t n = f->rest < PLAIN_BLOCK ? f->rest : PLAIN_BLOCK;
    if (f->op == REDUCE_ANY && f->acc[0]) n = 0;
    if (f->op == REDUCE_ALL && !f->acc[0]) n = 0;
    f->rest -= n;
    return n;
}

static void start(Fold *f) {
    memset(f->acc, 0, sizeof f->acc);
    reduce_identity(f->type, f->kernel->identity == 1, f->acc);
}

int64_t naja_fold_begin(Fold *f, int64_t op, int64_t type, int64_t n, int64_t converted) {
    f->op = (Reduction)op;
    f->type = (DType)type;
    f->kernel = &reduce_kernel[op][type];
    f->rest = n;
    f->run_limit = converted ? CHUNK : INT64_MAX;
    f->depth = 0;
    start(f);
    return f->kernel->pairwise ? next_run(f) : next_plain(f);
}

static int64_t next_leaf(Fold *f, const char *buffer, int64_t n) {
    char sum[16];
    memset(sum, 0, sizeof sum);
    naja_leaf_sum(f->type, sum, buffer, n);
    while (f->depth) {
        FoldLevel *l = &f->level[f->depth - 1];
        if (l->right >= 0) {
            int64_t right = l->right;
            memcpy(l->left, sum, sizeof sum);
            l->right = -1;
            return descend(f, right);
        }
        add(f, l->left, sum);
        memcpy(sum, l->left, sizeof sum);
        f->depth--;
    }
    add(f, f->acc, sum);
    return next_run(f);
}

int64_t naja_fold_next(Fold *f, const char *buffer, int64_t n) {
    if (f->kernel->pairwise) return next_leaf(f, buffer, n);
    if (f->kernel->identity < 0 &&
        f->depth == 0) { /* the first element starts; depth tells that it has come */
        memcpy(f->acc, buffer, dtype_itemsize[f->type]);
        f->depth = 1;
    }
    f->kernel->run(f->acc, buffer, n, dtype_itemsize[f->type]);
    return next_plain(f);
}
