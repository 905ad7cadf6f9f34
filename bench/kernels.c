/* kernels.c - the benchmark programs in C, for comparison: the same algorithms, the same order of operations.
 * Built by run.py with clang-19 -O3 -march=native.  `n` is the length, or the side of square arrays. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

double sum(const double *a, int64_t n) {
    double s = 0;
    for (int64_t i = 0; i < n; i++) s += a[i];
    return s;
}

double dot(const double *a, const double *b, int64_t n) {
    double s = 0;
    for (int64_t i = 0; i < n; i++) s += a[i] * b[i];
    return s;
}

double axpy(double alpha, const double *x, double *y, int64_t n) {
    for (int64_t i = 0; i < n; i++) y[i] += alpha * x[i];
    return y[0];
}

double matmul(const double *a, const double *b, double *c, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) {
            double s = 0;
            for (int64_t p = 0; p < n; p++) s += a[i * n + p] * b[p * n + j];
            c[i * n + j] = s;
        }
    return c[0];
}

double stencil5(const double *a, double *b, int64_t n) {
    for (int64_t i = 1; i < n - 1; i++)
        for (int64_t j = 1; j < n - 1; j++)
            b[i * n + j] = 0.2 * (a[i * n + j] + a[(i - 1) * n + j] + a[(i + 1) * n + j] + a[i * n + j - 1] +
                                  a[i * n + j + 1]);
    return b[n + 1];
}

int64_t mandelbrot(int64_t size, int64_t limit) {
    int64_t total = 0;
    for (int64_t i = 0; i < size; i++)
        for (int64_t j = 0; j < size; j++) {
            double cr = 3.0 * (double)i / (double)size - 2.0, ci = 2.0 * (double)j / (double)size - 1.0;
            double x = 0, y = 0;
            int64_t n = 0;
            while (n < limit && x * x + y * y < 4.0) {
                double t = x * x - y * y + cr;
                y = 2.0 * x * y + ci;
                x = t;
                n++;
            }
            total += n;
        }
    return total;
}

double nbody(double *p, double *v, const double *m, int64_t n, int64_t steps, double dt) {
    for (int64_t s = 0; s < steps; s++) {
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = i + 1; j < n; j++) {
                double dx = p[3 * i] - p[3 * j], dy = p[3 * i + 1] - p[3 * j + 1],
                       dz = p[3 * i + 2] - p[3 * j + 2];
                double d2 = dx * dx + dy * dy + dz * dz, mag = dt / (d2 * sqrt(d2));
                v[3 * i] -= dx * m[j] * mag;
                v[3 * i + 1] -= dy * m[j] * mag;
                v[3 * i + 2] -= dz * m[j] * mag;
                v[3 * j] += dx * m[i] * mag;
                v[3 * j + 1] += dy * m[i] * mag;
                v[3 * j + 2] += dz * m[i] * mag;
            }
        for (int64_t i = 0; i < n; i++)
            for (int64_t k = 0; k < 3; k++) p[3 * i + k] += dt * v[3 * i + k];
    }
    return p[0];
}

int64_t sieve(bool *flags, int64_t n) {
    for (int64_t i = 0; i < n; i++) flags[i] = true;
    flags[0] = flags[1] = false;
    for (int64_t i = 2; i * i < n; i++)
        if (flags[i])
            for (int64_t j = i * i; j < n; j += i) flags[j] = false;
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++)
        if (flags[i]) count++;
    return count;
}

int64_t collatz(int64_t limit) {
    int64_t best = 0;
    for (int64_t start = 1; start < limit; start++) {
        int64_t n = start, steps = 0;
        while (n != 1) {
            n = n % 2 == 0 ? n / 2 : 3 * n + 1;
            steps++;
        }
        if (steps > best) best = steps;
    }
    return best;
}

int64_t nqueens(int64_t n, int64_t *column, int64_t *down, int64_t *up) {
    int64_t count = 0, row = 0, *at = calloc((size_t)n + 1, sizeof *at);
    at[0] = -1;
    while (row >= 0) {
        int64_t c = at[row];
        if (c >= 0) column[c] = down[row + c] = up[row - c + n] = 0;
        c++;
        while (c < n && (column[c] || down[row + c] || up[row - c + n])) c++;
        if (c == n) {
            row--;
            continue;
        }
        at[row] = c;
        column[c] = down[row + c] = up[row - c + n] = 1;
        if (row == n - 1) {
            count++;
        } else {
            row++;
            at[row] = -1;
        }
    }
    free(at);
    return count;
}

double floyd(double *d, int64_t n) {
    for (int64_t k = 0; k < n; k++)
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = 0; j < n; j++) {
                double through = d[i * n + k] + d[k * n + j];
                if (through < d[i * n + j]) d[i * n + j] = through;
            }
    return d[n - 1];
}

double sum_array(const double *a, int64_t n) { return sum(a, n); }
