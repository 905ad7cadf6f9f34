/* science.c - science.py's kernels in C: the same algorithms, the same order of operations; built as kernels.c is. */
#include <complex.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

int64_t histogram(const double *a, int64_t n, double low, double high, int64_t *counts) {
    double scale = 64 / (high - low);
    for (int64_t i = 0; i < n; i++) {
        int64_t k = (int64_t)((a[i] - low) * scale);
        if (0 <= k && k < 64) counts[k]++;
    }
    return counts[0];
}

double prefix(const double *a, double *sums, double *products, int64_t n) {
    double s = 0, p = 1;
    for (int64_t i = 0; i < n; i++) {
        s += a[i];
        p *= a[i];
        sums[i] = s;
        products[i] = p;
    }
    return sums[n - 1];
}

double bilateral(const double *image, double *out, int64_t n, int64_t radius, double space, double tone) {
    for (int64_t i = radius; i < n - radius; i++)
        for (int64_t j = radius; j < n - radius; j++) {
            double total = 0, weights = 0;
            for (int64_t di = -radius; di <= radius; di++)
                for (int64_t dj = -radius; dj <= radius; dj++) {
                    double v = image[(i + di) * n + j + dj], d = v - image[i * n + j];
                    double w = exp((double)-(di * di + dj * dj) * space - d * d * tone);
                    total += w * v;
                    weights += w;
                }
            out[i * n + j] = total / weights;
        }
    return out[radius * n + radius];
}

int64_t life(const uint8_t *grid, uint8_t *out, int64_t n) {
    for (int64_t i = 1; i < n - 1; i++)
        for (int64_t j = 1; j < n - 1; j++) {
            int64_t k = 0;
            for (int64_t di = -1; di < 2; di++)
                for (int64_t dj = -1; dj < 2; dj++)
                    if (di != 0 || dj != 0) k += grid[(i + di) * n + j + dj];
            out[i * n + j] = k == 3 || (k == 2 && grid[i * n + j] == 1);
        }
    return out[n + 1];
}

int64_t kmeans(const double *points, int64_t n, int64_t dims, const double *centers, double *sums,
               int64_t *counts) {
    memset(sums, 0, sizeof *sums * (size_t)(8 * dims));
    memset(counts, 0, 8 * sizeof *counts);
    for (int64_t i = 0; i < n; i++) {
        double best = INFINITY;
        int64_t nearest = 0;
        for (int64_t k = 0; k < 8; k++) {
            double d = 0;
            for (int64_t p = 0; p < dims; p++) {
                double diff = points[dims * i + p] - centers[dims * k + p];
                d += diff * diff;
            }
            if (d < best) best = d, nearest = k;
        }
        counts[nearest]++;
        for (int64_t p = 0; p < dims; p++) sums[dims * nearest + p] += points[dims * i + p];
    }
    return counts[0];
}

double pairwise(const double *x, int64_t n, int64_t dims, double *d) {
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) {
            double s = 0;
            for (int64_t k = 0; k < dims; k++) {
                double t = x[dims * i + k] - x[dims * j + k];
                s += t * t;
            }
            d[i * n + j] = sqrt(s);
        }
    return d[n - 1];
}

double lu(const double *source, double *a, int64_t *pivot, int64_t n) {
    memcpy(a, source, sizeof *a * (size_t)(n * n));
    for (int64_t k = 0; k < n; k++) {
        int64_t p = k;
        for (int64_t i = k + 1; i < n; i++)
            if (fabs(a[i * n + k]) > fabs(a[p * n + k])) p = i;
        pivot[k] = p;
        if (p != k)
            for (int64_t j = 0; j < n; j++) {
                double t = a[k * n + j];
                a[k * n + j] = a[p * n + j];
                a[p * n + j] = t;
            }
        for (int64_t i = k + 1; i < n; i++) {
            a[i * n + k] /= a[k * n + k];
            for (int64_t j = k + 1; j < n; j++) a[i * n + j] -= a[i * n + k] * a[k * n + j];
        }
    }
    return a[n * n - 1];
}

double cholesky(const double *a, double *out, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j <= i; j++) {
            double s = a[i * n + j];
            for (int64_t k = 0; k < j; k++) s -= out[i * n + k] * out[j * n + k];
            out[i * n + j] = i == j ? sqrt(s) : s / out[j * n + j];
        }
    return out[n * n - 1];
}

/* Products by the textbook's formula, as Python's: C's own would look for NaN. */
static inline double complex product(double complex x, double complex y) {
    return __builtin_complex(creal(x) * creal(y) - cimag(x) * cimag(y),
                             creal(x) * cimag(y) + cimag(x) * creal(y));
}

double fft(const double complex *source, double complex *x, int64_t n) {
    memcpy(x, source, sizeof *x * (size_t)n);
    for (int64_t i = 1, j = 0; i < n; i++) {
        int64_t bit = n >> 1;
        for (; j & bit; bit >>= 1) j ^= bit;
        j |= bit;
        if (i < j) {
            double complex t = x[i];
            x[i] = x[j];
            x[j] = t;
        }
    }
    for (int64_t length = 2; length <= n; length *= 2) {
        double angle = -2.0 * M_PI / (double)length;
        double complex step = __builtin_complex(cos(angle), sin(angle));
        for (int64_t i = 0; i < n; i += length) {
            double complex w = 1.0;
            for (int64_t k = 0; k < length / 2; k++) {
                double complex u = x[i + k], v = product(x[i + k + length / 2], w);
                x[i + k] = u + v;
                x[i + k + length / 2] = u - v;
                w = product(w, step);
            }
        }
    }
    return creal(x[1]);
}

double black_scholes(const double *spot, const double *strike, const double *time, int64_t n, double rate,
                     double sigma, double *call) {
    for (int64_t i = 0; i < n; i++) {
        double root = sigma * sqrt(time[i]);
        double d1 = (log(spot[i] / strike[i]) + (rate + 0.5 * sigma * sigma) * time[i]) / root,
               d2 = d1 - root;
        double n1 = 0.5 * (1.0 + erf(d1 / sqrt(2.0))), n2 = 0.5 * (1.0 + erf(d2 / sqrt(2.0)));
        call[i] = spot[i] * n1 - strike[i] * exp(-rate * time[i]) * n2;
    }
    return call[0];
}

static inline int64_t least(int64_t a, int64_t b) { return b < a ? b : a; }

int64_t edit_distance(const int64_t *a, const int64_t *b, int64_t *row, int64_t n) {
    for (int64_t j = 0; j <= n; j++) row[j] = j;
    for (int64_t i = 0; i < n; i++) {
        int64_t corner = row[0];
        row[0] = i + 1;
        for (int64_t j = 0; j < n; j++) {
            int64_t cost = corner + (a[i] != b[j]);
            corner = row[j + 1];
            row[j + 1] = least(least(cost, row[j] + 1), corner + 1);
        }
    }
    return row[n];
}

double quicksort(const double *source, double *a, int64_t *stack, int64_t n) {
    memcpy(a, source, sizeof *a * (size_t)n);
    int64_t top = 0;
    stack[0] = 0;
    stack[1] = n - 1;
    while (top >= 0) {
        int64_t low = stack[2 * top], high = stack[2 * top + 1], i = low, j = high;
        top--;
        if (low >= high) continue;
        double pivot = a[(low + high) / 2];
        while (i <= j) {
            while (a[i] < pivot) i++;
            while (a[j] > pivot) j--;
            if (i <= j) {
                double t = a[i];
                a[i++] = a[j];
                a[j--] = t;
            }
        }
        top++;
        stack[2 * top] = low;
        stack[2 * top + 1] = j;
        top++;
        stack[2 * top] = i;
        stack[2 * top + 1] = high;
    }
    return a[0];
}

int64_t matvec_int32(const int32_t *a, const int32_t *x, int32_t *y, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        int32_t s = 0;
        for (int64_t j = 0; j < n; j++) s += a[i * n + j] * x[j];
        y[i] = s;
    }
    return y[0];
}

double axpy_float32(double alpha, const float *x, float *y, int64_t n) {
    for (int64_t i = 0; i < n; i++) y[i] += (float)alpha * x[i];
    return y[0];
}

int64_t julia(double re, double im, int64_t size, int64_t limit) {
    int64_t total = 0;
    for (int64_t i = 0; i < size; i++)
        for (int64_t j = 0; j < size; j++) {
            double complex z = __builtin_complex(3.0 * (double)i / (double)size - 1.5,
                                                 3.0 * (double)j / (double)size - 1.5);
            int64_t n = 0;
            while (n < limit && creal(z) * creal(z) + cimag(z) * cimag(z) < 4.0) {
                z = product(z, z) + __builtin_complex(re, im);
                n++;
            }
            total += n;
        }
    return total;
}

double stencil7(const double *a, double *b, int64_t n) {
    int64_t row = n, plane = n * n;
    for (int64_t i = 1; i < n - 1; i++)
        for (int64_t j = 1; j < n - 1; j++)
            for (int64_t k = 1; k < n - 1; k++) {
                const double *p = a + i * plane + j * row + k;
                b[i * plane + j * row + k] = *p + 0.1 * (p[-plane] + p[plane] + p[-row] + p[row] + p[-1] +
                                                         p[1] - 6.0 * *p);
            }
    return b[plane + row + 1];
}

double masked(const double *a, const bool *mask, int64_t n) {
    int64_t count = 0;
    double total = 0, most = -INFINITY;
    for (int64_t i = 0; i < n; i++)
        if (mask[i]) {
            count++;
            total += a[i];
            if (a[i] > most) most = a[i];
        }
    return total / (double)count + most;
}

int64_t count_between(const double *a, int64_t n, double low, double high) {
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++)
        if (a[i] >= low && a[i] < high) count++;
    return count;
}

int64_t first_above(const double *a, int64_t n, const double *limits) {
    int64_t total = 0;
    for (int64_t k = 0; k < 50; k++) {
        int64_t i = 0;
        while (i < n && a[i] <= limits[k]) i++;
        total += i;
    }
    return total;
}

int64_t argmax_rows(const double *a, int64_t *out, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        int64_t best = 0;
        for (int64_t j = 1; j < n; j++)
            if (a[i * n + j] > a[i * n + best]) best = j;
        out[i] = best;
    }
    return out[0];
}

int64_t parse_numbers(const uint8_t *text, int64_t n) {
    int64_t total = 0, value = 0;
    bool inside = false;
    for (int64_t i = 0; i < n; i++) {
        uint8_t c = text[i];
        if (48 <= c && c <= 57) {
            value = value * 10 + (c - 48);
            inside = true;
        } else if (inside) {
            total += value;
            value = 0;
            inside = false;
        }
    }
    return total + value;
}

double sparse(const double *values, int64_t n, const int64_t *columns, const int64_t *begins, const double *x,
              double *y) {
    for (int64_t i = 0; i < n / 10; i++) {
        double s = 0;
        for (int64_t k = begins[i]; k < begins[i + 1]; k++) s += values[k] * x[columns[k]];
        y[i] = s;
    }
    return y[0];
}

double gauss_seidel(double *a, int64_t n, int64_t sweeps) {
    for (int64_t s = 0; s < sweeps; s++)
        for (int64_t i = 1; i < n - 1; i++)
            for (int64_t j = 1; j < n - 1; j++)
                a[i * n + j] = 0.25 * (a[(i - 1) * n + j] + a[(i + 1) * n + j] + a[i * n + j - 1] +
                                       a[i * n + j + 1]);
    return a[n + 1];
}

double moving_average(const double *a, int64_t n, int64_t width, double *out) {
    double s = 0;
    for (int64_t i = 0; i < n; i++) {
        s += a[i];
        if (i >= width) s -= a[i - width];
        out[i] = s / (double)least(i + 1, width);
    }
    return out[n - 1];
}

int64_t longest_common(const int64_t *a, const int64_t *b, int64_t *table, int64_t n) {
    int64_t w = n + 1;
    for (int64_t i = 1; i <= n; i++)
        for (int64_t j = 1; j <= n; j++) {
            if (a[i - 1] == b[j - 1]) {
                table[i * w + j] = table[(i - 1) * w + j - 1] + 1;
            } else {
                int64_t above = table[(i - 1) * w + j], left = table[i * w + j - 1];
                table[i * w + j] = left > above ? left : above;
            }
        }
    return table[n * w + n];
}

double insertion_sort(const double *source, double *a, int64_t n) {
    memcpy(a, source, sizeof *a * (size_t)n);
    for (int64_t i = 1; i < n; i++) {
        double x = a[i];
        int64_t j = i - 1;
        for (; j >= 0 && a[j] > x; j--) a[j + 1] = a[j];
        a[j + 1] = x;
    }
    return a[0];
}
