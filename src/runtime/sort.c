/* sort.c - sorting and selecting along one contiguous run of numbers.
 *
 * Sorting is NumPy's own: every dtype carries pointers to its sort functions, vectorised for the CPU at hand, which
 * need neither the GIL nor an array object for numbers.  boundary/ puts them into `sort_kernel` at import, so order
 * (NaN last, stable where asked for) and speed are NumPy's.
 *
 * Selecting (partition, median) has no such pointer.  Here it is Floyd and Rivest's SELECT ("Algorithm 489", CACM
 * 1975): the pivot is the order statistic of a small sample, chosen so that what is looked for lies close to it; about
 * 1.5 n comparisons.  The partition is Lomuto's without branches, so random data cost no mispredictions; a second
 * pass takes what equals the pivot out, so equal elements cost no more.  When the pivots prove bad, the rest is
 * sorted: O(n log n) at worst.  NaNs are moved to the end first.  Half floats and complex numbers are sorted.
 */
#include <math.h>

#include "runtime/arrays.h"
#include "runtime/runtime.h"

SortKernel sort_kernel[SORT_KERNELS];

int32_t naja_sort(int64_t type, void *data, int64_t n, int64_t stable) {
    return n < 2 || sort_kernel[type].sort[stable](data, n, NULL) >= 0 ? STATUS_OK : STATUS_MEMORY;
}

/* Fills `index`. */
int32_t naja_argsort(int64_t type, void *data, int64_t n, int64_t stable, int64_t *index) {
    for (int64_t i = 0; i < n; i++) index[i] = i;
    return n < 2 || sort_kernel[type].argsort[stable](data, index, n, NULL) >= 0 ? STATUS_OK : STATUS_MEMORY;
}

/* ---- selection ----------------------------------------------------------------------------------------------------- */

enum { SAMPLE_FROM = 600 }; /* elements from which a sample pays: Floyd and Rivest's number */

typedef struct {
    int64_t low, high;
} Range;

/* The part of [low, high] around k whose own selection gives a good pivot at k. */
static Range sample_range(int64_t low, int64_t high, int64_t k) {
    double n = (double)(high - low + 1), i = (double)(k - low + 1), z = log(n);
    double size = 0.5 * exp(2 * z / 3), spread = 0.5 * sqrt(z * size * (n - size) / n);
    if (i < n / 2) spread = -spread;
    int64_t from = (int64_t)((double)k - i * size / n + spread),
            to = (int64_t)((double)k + (n - i) * size / n + spread);
    return (Range){from < low ? low : from, to > high ? high : to};
}

static int rounds_allowed(int64_t n) {
    int rounds = 12;
    while (n >>= 1) rounds += 2;
    return rounds;
}

/* E: what is moved; T: what is compared; KEY(e): the T of an E; `v` is there for KEY of an index.
 * The result is false when the rounds ran out: the array must be sorted. */
#define SELECT(name, E, T, KEY)                                                                           \
    static int64_t name##_split(E *a, int64_t low, int64_t high, T pivot, bool with_equal, const T *v) {  \
        int64_t at = low;                                                                                 \
        (void)v;                                                                                          \
        for (int64_t i = low; i <= high; i++) {                                                           \
            E e = a[i];                                                                                   \
            T x = KEY(e);                                                                                 \
            a[i] = a[at];                                                                                 \
            a[at] = e;                                                                                    \
            at += with_equal ? !(pivot < x) : x < pivot;                                                  \
        }                                                                                                 \
        return at;                                                                                        \
    }                                                                                                     \
    static bool name(E *a, int64_t low, int64_t high, int64_t k, const T *v) {                            \
        for (int rounds = rounds_allowed(high - low); low < high; rounds--) {                             \
            if (rounds == 0) return false;                                                                \
            if (high - low > SAMPLE_FROM) {                                                               \
                Range sample = sample_range(low, high, k);                                                \
                if (!name(a, sample.low, sample.high, k, v)) return false;                                \
            }                                                                                             \
            T pivot = KEY(a[k]);                                                                          \
            int64_t at = name##_split(a, low, high, pivot, false, v);                                     \
            if (k < at) {                                                                                 \
                high = at - 1;                                                                            \
                continue;                                                                                 \
            }                                                                                             \
            at = name##_split(a, at, high, pivot, true, v);                                               \
            if (k < at) return true;                                                                      \
            low = at;                                                                                     \
        }                                                                                                 \
        return true;                                                                                      \
    }                                                                                                     \
    /* NaNs to the end; gives the number of others. */                                                    \
    static int64_t name##_numbers(E *a, int64_t n, const T *v) {                                          \
        int64_t at = 0;                                                                                   \
        (void)v;                                                                                          \
        bool any = false;                                                                                 \
        for (int64_t i = 0; i < n; i++) any |= KEY(a[i]) != KEY(a[i]);                                    \
        if (!any) return n; /* the usual case, and this loop is vectorised */                             \
        for (int64_t i = 0; i < n; i++) {                                                                 \
            E e = a[i];                                                                                   \
            T x = KEY(e);                                                                                 \
            a[i] = a[at];                                                                                 \
            a[at] = e;                                                                                    \
            at += x == x;                                                                                 \
        }                                                                                                 \
        return at;                                                                                        \
    }                                                                                                     \
    /* Every a[kth[i]] to its place; kth ascending and in range. */                                       \
    static bool name##_all(void *data, int64_t n, const int64_t *kth, int64_t nkth, const void *values) { \
        E *a = data;                                                                                      \
        const T *v = values;                                                                              \
        int64_t low = 0, numbers = (T)0.5 > 0 ? name##_numbers(a, n, v) : n;                              \
        for (int64_t i = 0; i < nkth && kth[i] < numbers; i++) {                                          \
            if (kth[i] < low) continue;                                                                   \
            if (!name(a, low, numbers - 1, kth[i], v)) return false;                                      \
            low = kth[i] + 1;                                                                             \
        }                                                                                                 \
        return true;                                                                                      \
    }

/* clang-format never settles on a list of macro calls. */
/* clang-format off */
#define VALUE(e) (e)
#define INDIRECT(e) (v[e])
#define TYPES(X)                                                                                     \
    X(BOOL, uint8_t)                                                                                 \
    X(I8, int8_t)                                                                                    \
    X(I16, int16_t) X(I32, int32_t) X(I64, int64_t) X(U8, uint8_t) X(U16, uint16_t) X(U32, uint32_t) \
        X(U64, uint64_t) X(F32, float) X(F64, double)
#define X(name, T) SELECT(select_##name, T, T, VALUE) SELECT(argselect_##name, int64_t, T, INDIRECT)
TYPES(X)
#undef X

/* clang-format on */
typedef bool (*Select)(void *data, int64_t n, const int64_t *kth, int64_t nkth, const void *values);
static const struct {
    Select values, indices;
} selects[SORT_KERNELS] = {
#define X(name, T) [DTYPE_##name] = {select_##name##_all, argselect_##name##_all},
    TYPES(X)
#undef X
};

int32_t naja_partition(int64_t type, void *data, int64_t n, const int64_t *kth, int64_t nkth) {
    Select select = selects[type].values;
    return select && select(data, n, kth, nkth, NULL) ? STATUS_OK : naja_sort(type, data, n, 0);
}

/* Fills `index`. */
int32_t naja_argpartition(int64_t type, void *data, int64_t n, const int64_t *kth, int64_t nkth,
                          int64_t *index) {
    Select select = selects[type].indices;
    for (int64_t i = 0; i < n; i++) index[i] = i;
    return select && select(index, n, kth, nkth, data) ? STATUS_OK : naja_argsort(type, data, n, 0, index);
}
