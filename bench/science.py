"""Kernels of the kind that scientists write: rows like those of ``kernels.py``, C in ``science.c``."""

import math

import numpy as np


def histogram(a, low, high, counts):
    """Count values by equal bins."""
    n = counts.shape[0]
    scale = n / (high - low)
    for x in a:
        k = int((x - low) * scale)
        if 0 <= k < n:
            counts[k] += 1
    return counts[0]


def prefix(a, sums, products):
    """Cumulative sums and products."""
    s, p = 0.0, 1.0
    for i in range(a.shape[0]):
        s += a[i]
        p *= a[i]
        sums[i] = s
        products[i] = p
    return sums[-1]


def bilateral(image, out, radius, space, tone):
    """Bilateral filter of a grey image."""
    n, m = image.shape
    for i in range(radius, n - radius):
        for j in range(radius, m - radius):
            total, weights = 0.0, 0.0
            for di in range(-radius, radius + 1):
                for dj in range(-radius, radius + 1):
                    v = image[i + di, j + dj]
                    d = v - image[i, j]
                    w = math.exp(-(di * di + dj * dj) * space - d * d * tone)
                    total += w * v
                    weights += w
            out[i, j] = total / weights
    return out[radius, radius]


def life(grid, out):
    """One step of the game of life inside a border."""
    n, m = grid.shape
    for i in range(1, n - 1):
        for j in range(1, m - 1):
            k = 0
            for di in range(-1, 2):
                for dj in range(-1, 2):
                    if di != 0 or dj != 0:
                        k += grid[i + di, j + dj]
            out[i, j] = k == 3 or (k == 2 and grid[i, j] == 1)
    return int(out[1, 1])


def kmeans(points, centers, sums, counts):
    """Assign points to the nearest center and sum them up by center."""
    n, dims = points.shape
    sums[:] = 0.0
    counts[:] = 0
    for i in range(n):
        best, nearest = np.inf, 0
        for k in range(centers.shape[0]):
            d = 0.0
            for p in range(dims):
                diff = points[i, p] - centers[k, p]
                d += diff * diff
            if d < best:
                best, nearest = d, k
        counts[nearest] += 1
        for p in range(dims):
            sums[nearest, p] += points[i, p]
    return counts[0]


def pairwise(x, d):
    """Distances of all pairs of points."""
    n = x.shape[0]
    for i in range(n):
        for j in range(n):
            s = 0.0
            for k in range(x.shape[1]):
                t = x[i, k] - x[j, k]
                s += t * t
            d[i, j] = np.sqrt(s)
    return d[0, n - 1]


def lu(source, a, pivot):
    """LU decomposition with partial pivoting, in place on a copy."""
    n = a.shape[0]
    a[:] = source
    for k in range(n):
        p = k
        for i in range(k + 1, n):
            if abs(a[i, k]) > abs(a[p, k]):
                p = i
        pivot[k] = p
        if p != k:
            for j in range(n):
                a[k, j], a[p, j] = a[p, j], a[k, j]
        for i in range(k + 1, n):
            a[i, k] /= a[k, k]
            for j in range(k + 1, n):
                a[i, j] -= a[i, k] * a[k, j]
    return a[n - 1, n - 1]


def cholesky(a, out):
    """Cholesky decomposition of a positive definite matrix."""
    n = a.shape[0]
    for i in range(n):
        for j in range(i + 1):
            s = a[i, j]
            for k in range(j):
                s -= out[i, k] * out[j, k]
            if i == j:
                out[i, i] = math.sqrt(s)
            else:
                out[i, j] = s / out[j, j]
    return out[n - 1, n - 1]


def fft(source, x):
    """Radix-2 Fourier transform of complex numbers, on a copy."""
    n = x.shape[0]
    x[:] = source
    j = 0
    for i in range(1, n):
        bit = n >> 1
        while j & bit:
            j ^= bit
            bit >>= 1
        j |= bit
        if i < j:
            x[i], x[j] = x[j], x[i]
    length = 2
    while length <= n:
        angle = -2.0 * math.pi / length
        step = complex(math.cos(angle), math.sin(angle))
        half = length // 2
        for i in range(0, n, length):
            w = 1.0 + 0.0j
            for k in range(half):
                u = x[i + k]
                v = x[i + k + half] * w
                x[i + k] = u + v
                x[i + k + half] = u - v
                w *= step
        length *= 2
    return x[1].real


def black_scholes(spot, strike, time, rate, sigma, call):
    """Prices of European options."""
    for i in range(spot.shape[0]):
        root = sigma * math.sqrt(time[i])
        d1 = (math.log(spot[i] / strike[i]) + (rate + 0.5 * sigma * sigma) * time[i]) / root
        d2 = d1 - root
        n1 = 0.5 * (1.0 + math.erf(d1 / math.sqrt(2.0)))
        n2 = 0.5 * (1.0 + math.erf(d2 / math.sqrt(2.0)))
        call[i] = spot[i] * n1 - strike[i] * math.exp(-rate * time[i]) * n2
    return call[0]


def edit_distance(a, b, row):
    """Edit distance of two arrays of integers."""
    m = b.shape[0]
    for j in range(m + 1):
        row[j] = j
    for i in range(a.shape[0]):
        corner = row[0]
        row[0] = i + 1
        for j in range(m):
            cost = corner + (0 if a[i] == b[j] else 1)
            corner = row[j + 1]
            row[j + 1] = min(cost, row[j] + 1, corner + 1)
    return row[m]


def quicksort(source, a, stack):
    """Sort a copy, with a stack of ranges."""
    a[:] = source
    top = 0
    stack[0], stack[1] = 0, a.shape[0] - 1
    while top >= 0:
        low, high = stack[2 * top], stack[2 * top + 1]
        top -= 1
        if low >= high:
            continue
        pivot = a[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while a[i] < pivot:
                i += 1
            while a[j] > pivot:
                j -= 1
            if i <= j:
                a[i], a[j] = a[j], a[i]
                i += 1
                j -= 1
        top += 1
        stack[2 * top], stack[2 * top + 1] = low, j
        top += 1
        stack[2 * top], stack[2 * top + 1] = i, high
    return a[0]


def matvec_int32(a, x, y):
    """Matrix times vector, of 32-bit integers."""
    n, m = a.shape
    for i in range(n):
        s = np.int32(0)
        for j in range(m):
            s += a[i, j] * x[j]
        y[i] = s
    return y[0]


def axpy_float32(alpha, x, y):
    """y += alpha * x in single precision."""
    for i in range(x.shape[0]):
        y[i] += np.float32(alpha) * x[i]
    return y[0]


def julia(re, im, size, limit):
    """Sum of the iteration counts of a Julia set, with complex numbers."""
    total, c = 0, complex(re, im)
    for i in range(size):
        for j in range(size):
            z = complex(3.0 * i / size - 1.5, 3.0 * j / size - 1.5)
            n = 0
            while n < limit and z.real * z.real + z.imag * z.imag < 4.0:
                z = z * z + c
                n += 1
            total += n
    return total


def stencil7(a, b):
    """Seven-point stencil in three dimensions."""
    n, m, p = a.shape
    for i in range(1, n - 1):
        for j in range(1, m - 1):
            for k in range(1, p - 1):
                b[i, j, k] = a[i, j, k] + 0.1 * (
                    a[i - 1, j, k]
                    + a[i + 1, j, k]
                    + a[i, j - 1, k]
                    + a[i, j + 1, k]
                    + a[i, j, k - 1]
                    + a[i, j, k + 1]
                    - 6.0 * a[i, j, k]
                )
    return b[1, 1, 1]


def masked(a, mask):
    """Number, sum and maximum of the elements that a mask names."""
    count, total, most = 0, 0.0, -np.inf
    for i in range(a.shape[0]):
        if mask[i]:
            count += 1
            total += a[i]
            if a[i] > most:
                most = a[i]
    return total / count + most


def count_between(a, low, high):
    """Number of elements in an interval."""
    count = 0
    for x in a:
        if x >= low and x < high:
            count += 1
    return count


def first_above(a, limits):
    """Places of the first elements above limits."""
    total = 0
    for limit in limits:
        i = 0
        while i < a.shape[0] and a[i] <= limit:
            i += 1
        total += i
    return total


def argmax_rows(a, out):
    """Place of the greatest element of each row."""
    for i in range(a.shape[0]):
        best = 0
        for j in range(1, a.shape[1]):
            if a[i, j] > a[i, best]:
                best = j
        out[i] = best
    return out[0]


def parse_numbers(text):
    """Sum of the decimal numbers in a text of bytes."""
    total, value, inside = 0, 0, False
    for i in range(text.shape[0]):
        c = text[i]
        if 48 <= c <= 57:
            value = value * 10 + (c - 48)
            inside = True
        elif inside:
            total += value
            value, inside = 0, False
    return total + value


def sparse(values, columns, begins, x, y):
    """Sparse matrix (compressed rows) times vector."""
    for i in range(begins.shape[0] - 1):
        s = 0.0
        for k in range(begins[i], begins[i + 1]):
            s += values[k] * x[columns[k]]
        y[i] = s
    return y[0]


def gauss_seidel(a, sweeps):
    """Relaxation in place."""
    n, m = a.shape
    for _ in range(sweeps):
        for i in range(1, n - 1):
            for j in range(1, m - 1):
                a[i, j] = 0.25 * (a[i - 1, j] + a[i + 1, j] + a[i, j - 1] + a[i, j + 1])
    return a[1, 1]


def moving_average(a, width, out):
    """Mean over a window."""
    s = 0.0
    for i in range(a.shape[0]):
        s += a[i]
        if i >= width:
            s -= a[i - width]
        out[i] = s / min(i + 1, width)
    return out[-1]


def longest_common(a, b, table):
    """Length of the longest common subsequence, by a table."""
    for i in range(1, a.shape[0] + 1):
        for j in range(1, b.shape[0] + 1):
            if a[i - 1] == b[j - 1]:
                table[i, j] = table[i - 1, j - 1] + 1
            else:
                table[i, j] = max(table[i - 1, j], table[i, j - 1])
    return table[a.shape[0], b.shape[0]]


def insertion_sort(source, a):
    """Sort a copy by insertion."""
    a[:] = source
    for i in range(1, a.shape[0]):
        x = a[i]
        j = i - 1
        while j >= 0 and a[j] > x:
            a[j + 1] = a[j]
            j -= 1
        a[j + 1] = x
    return a[0]


def _rng():
    return np.random.default_rng(5)


def _random(*shape):
    return _rng().random(shape)


def _definite(n):
    a = _random(n, n)
    return a @ a.T + n * np.eye(n)


def _sparse_args(n=20000, per_row=10):
    columns = _rng().integers(0, n, n * per_row)
    return _random(n * per_row), columns, np.arange(n + 1) * per_row, _random(n), np.zeros(n)


def _small(n, bound=4):
    return _rng().integers(0, bound, n)


def _digits():
    numbers = _rng().integers(0, 100000, 20000)
    return np.frombuffer(" ".join(map(str, numbers)).encode(), np.uint8).copy()


# name, function, arguments, C signature, NumPy (none)
SCIENCE = {
    "histogram": (histogram, lambda: (_random(10**5), 0.0, 1.0, np.zeros(64, np.int64)), "l:andda", None),
    "prefix": (prefix, lambda: (_random(10**5) + 0.5, np.zeros(10**5), np.zeros(10**5)), "d:aaan", None),
    "bilateral": (bilateral, lambda: (_random(64, 64), np.zeros((64, 64)), 2, 0.1, 2.0), "d:aanldd", None),
    "life": (life, lambda: (_small((200, 200), 2).astype(np.uint8), np.zeros((200, 200), np.uint8)), "l:aan", None),
    "kmeans": (kmeans, lambda: (_random(5000, 3), _random(8, 3), np.zeros((8, 3)), np.zeros(8, np.int64)), "l:anmaaa", None),
    "pairwise": (pairwise, lambda: (_random(200, 3), np.zeros((200, 200))), "d:anma", None),
    "lu": (lu, lambda: (_random(100, 100), np.zeros((100, 100)), np.zeros(100, np.int64)), "d:aaan", None),
    "cholesky": (cholesky, lambda: (_definite(100), np.zeros((100, 100))), "d:aan", None),
    "fft": (fft, lambda: (_random(4096) + 0j, np.zeros(4096, np.complex128)), "d:aan", None),
    "black_scholes": (black_scholes, lambda: (_random(10**4) + 1, _random(10**4) + 1, _random(10**4) + 0.1, 0.02, 0.3, np.zeros(10**4)), "d:aaandda", None),
    "edit_distance": (edit_distance, lambda: (_small(500), _small(500)[::-1].copy(), np.zeros(501, np.int64)), "l:aaan", None),
    "quicksort": (quicksort, lambda: (_random(20000), np.zeros(20000), np.zeros(40000, np.int64)), "d:aaan", None),
    "matvec_int32": (matvec_int32, lambda: (_small((300, 300)).astype(np.int32), _small(300).astype(np.int32), np.zeros(300, np.int32)), "l:aaan", None),
    "axpy_float32": (axpy_float32, lambda: (1.5, _random(10**5).astype(np.float32), _random(10**5).astype(np.float32)), "d:daan", None),
    "julia": (julia, lambda: (-0.8, 0.156, 200, 100), "l:ddll", None),
    "stencil7": (stencil7, lambda: (_random(50, 50, 50), np.zeros((50, 50, 50))), "d:aan", None),
    "masked": (masked, lambda: (_random(10**5), _random(10**5) < 0.5), "d:aan", None),
    "count_between": (count_between, lambda: (_random(10**5), 0.25, 0.75), "l:andd", None),
    "first_above": (first_above, lambda: (np.sort(_random(10**4)), _random(50)), "l:ana", None),
    "argmax_rows": (argmax_rows, lambda: (_random(300, 300), np.zeros(300, np.int64)), "l:aan", None),
    "parse_numbers": (parse_numbers, lambda: (_digits(),), "l:an", None),
    "sparse": (sparse, _sparse_args, "d:anaaaa", None),
    "gauss_seidel": (gauss_seidel, lambda: (_random(100, 100), 5), "d:anl", None),
    "moving_average": (moving_average, lambda: (_random(10**5), 20, np.zeros(10**5)), "d:anla", None),
    "longest_common": (longest_common, lambda: (_small(400), _small(400)[::-1].copy(), np.zeros((401, 401), np.int64)), "l:aaan", None),
    "insertion_sort": (insertion_sort, lambda: (_random(1000), np.zeros(1000)), "d:aan", None),
}  # fmt: skip
