/* parallel.c - kernels with OpenMP, built by gcc: Debian's clang comes without a library for it. */
#include <stdint.h>

double sum_squares(const double *a, int64_t n) {
    double s = 0;
#pragma omp parallel for simd reduction(+ : s)
    for (int64_t i = 0; i < n; i++) s += a[i] * a[i];
    return s;
}
