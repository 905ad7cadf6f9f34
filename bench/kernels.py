"""The benchmark programs: one Python function each, its arguments, and what stands against it.

A row of `KERNELS` is name, Python function, arguments (made anew in each process), the C function of
``kernels.c`` with its ctypes signature, and NumPy's way to do the same, where there is one.  The module imports
neither naja nor Numba: each worker compiles the functions with its own decorator.
"""

import numpy as np


def sum_loop(a):
    """Sum of an array, one element after another."""
    s = 0.0
    for i in range(a.shape[0]):
        s += a[i]
    return s


def dot_loop(a, b):
    """Dot product."""
    s = 0.0
    for i in range(a.shape[0]):
        s += a[i] * b[i]
    return s


def axpy(alpha, x, y):
    """y += alpha * x."""
    for i in range(x.shape[0]):
        y[i] += alpha * x[i]
    return y[0]


def matmul(a, b, c):
    """Matrix product by the textbook's three loops."""
    n, m, k = a.shape[0], b.shape[1], a.shape[1]
    for i in range(n):
        for j in range(m):
            s = 0.0
            for p in range(k):
                s += a[i, p] * b[p, j]
            c[i, j] = s
    return c[0, 0]


def stencil5(a, b):
    """Five-point stencil."""
    n, m = a.shape
    for i in range(1, n - 1):
        for j in range(1, m - 1):
            b[i, j] = 0.2 * (a[i, j] + a[i - 1, j] + a[i + 1, j] + a[i, j - 1] + a[i, j + 1])
    return b[1, 1]


def mandelbrot(size, limit):
    """Sum of the iteration counts over a square of the complex plane."""
    total = 0
    for i in range(size):
        for j in range(size):
            cr = 3.0 * i / size - 2.0
            ci = 2.0 * j / size - 1.0
            x = 0.0
            y = 0.0
            n = 0
            while n < limit and x * x + y * y < 4.0:
                x, y = x * x - y * y + cr, 2.0 * x * y + ci
                n += 1
            total += n
    return total


def nbody(position, velocity, mass, steps, dt):
    """Gravitation between a few bodies."""
    n = mass.shape[0]
    for _ in range(steps):
        for i in range(n):
            for j in range(i + 1, n):
                dx = position[i, 0] - position[j, 0]
                dy = position[i, 1] - position[j, 1]
                dz = position[i, 2] - position[j, 2]
                d2 = dx * dx + dy * dy + dz * dz
                mag = dt / (d2 * np.sqrt(d2))
                velocity[i, 0] -= dx * mass[j] * mag
                velocity[i, 1] -= dy * mass[j] * mag
                velocity[i, 2] -= dz * mass[j] * mag
                velocity[j, 0] += dx * mass[i] * mag
                velocity[j, 1] += dy * mass[i] * mag
                velocity[j, 2] += dz * mass[i] * mag
        for i in range(n):
            position[i, 0] += dt * velocity[i, 0]
            position[i, 1] += dt * velocity[i, 1]
            position[i, 2] += dt * velocity[i, 2]
    return position[0, 0]


def sieve(flags):
    """Number of primes below the length of `flags`."""
    n = flags.shape[0]
    for i in range(n):
        flags[i] = True
    flags[0] = False
    flags[1] = False
    i = 2
    while i * i < n:
        if flags[i]:
            for j in range(i * i, n, i):
                flags[j] = False
        i += 1
    count = 0
    for i in range(n):
        if flags[i]:
            count += 1
    return count


def collatz(limit):
    """Longest Collatz sequence of the numbers below `limit`."""
    best = 0
    for start in range(1, limit):
        n = start
        steps = 0
        while n != 1:
            if n % 2 == 0:
                n = n // 2
            else:
                n = 3 * n + 1
            steps += 1
        if steps > best:
            best = steps
    return best


def nqueens(n, column, down, up):
    """Number of ways to put n queens on a board, without recursion."""
    count = 0
    row = 0
    at = np.zeros(n + 1, np.int64)
    at[0] = -1
    while row >= 0:
        c = at[row]
        if c >= 0:
            column[c] = 0
            down[row + c] = 0
            up[row - c + n] = 0
        c += 1
        while c < n and (column[c] or down[row + c] or up[row - c + n]):
            c += 1
        if c == n:
            row -= 1
        elif row == n - 1:
            count += 1
            at[row] = c
            column[c] = 1
            down[row + c] = 1
            up[row - c + n] = 1
        else:
            at[row] = c
            column[c] = 1
            down[row + c] = 1
            up[row - c + n] = 1
            row += 1
            at[row] = -1
    return count


def floyd(d):
    """All shortest paths (Floyd-Warshall)."""
    n = d.shape[0]
    for k in range(n):
        for i in range(n):
            for j in range(n):
                through = d[i, k] + d[k, j]
                if through < d[i, j]:
                    d[i, j] = through
    return d[0, n - 1]


def sum_array(a):
    """np.sum in compiled code."""
    return np.sum(a)


def make_sum_squares(prange):
    """Return the parallel sum of squares, for the given module's prange."""

    def sum_squares(a):
        result = 0.0
        for i in prange(a.shape[0]):
            result += a[i] ** 2
        return result

    return sum_squares


def _random(*shape):
    return np.random.default_rng(1).random(shape)


def _nbody_args():
    return _random(5, 3), _random(5, 3) - 0.5, _random(5), 20000, 1e-3


# name, function (None: made by the worker), arguments, C signature, NumPy
KERNELS = {
    "sum": (sum_loop, lambda: (_random(10**6),), "d:an", lambda a: np.sum(a)),
    "dot": (dot_loop, lambda: (_random(10**6), _random(10**6)), "d:aan", lambda a, b: np.dot(a, b)),
    "axpy": (axpy, lambda: (1.5, _random(10**5), _random(10**5)), "d:daan", lambda c, x, y: np.add(y, c * x, out=y)),
    "matmul": (matmul, lambda: (_random(200, 200), _random(200, 200), _random(200, 200)), "d:aaan", lambda a, b, c: np.matmul(a, b, out=c)),
    "stencil5": (stencil5, lambda: (_random(500, 500), _random(500, 500)), "d:aan", None),
    "mandelbrot": (mandelbrot, lambda: (200, 200), "l:ll", None),
    "nbody": (nbody, _nbody_args, "d:aaanld", None),
    "sieve": (sieve, lambda: (np.zeros(10**6, np.bool_),), "l:an", None),
    "collatz": (collatz, lambda: (200000,), "l:l", None),
    "nqueens": (nqueens, lambda: (9, np.zeros(9, np.int64), np.zeros(18, np.int64), np.zeros(19, np.int64)), "l:laaa", None),
    "floyd": (floyd, lambda: (_random(200, 200),), "d:an", None),
    "sum_array": (sum_array, lambda: (_random(10**6),), "d:an", lambda a: np.sum(a)),
    "sum_squares": (None, lambda: (_random(10**7),), "d:an", lambda a: np.sum(a**2)),
}  # fmt: skip
