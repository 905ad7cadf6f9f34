"""Triangles and indices: tri, tril, triu, their indices, vander, diag_indices, fill_diagonal, trim_zeros and others."""

import numpy as np

from naja import _core, types
from naja.errors import TypingError
from naja.extending import overload
from naja.library import kinds
from naja.library.numerical import dtype_of


def _dtype_argument(dtype, default):
    """The NumPy scalar class that a dtype argument names."""
    if kinds.is_none(dtype):
        return default
    if isinstance(dtype, types.Type):
        return _core.type_dtype(dtype.dtype).type
    return np.dtype(dtype).type


@overload(np.tri, prefer_literal=True)
def tri(N, M=None, k=0, dtype=float):
    """`numpy.tri`."""
    cls = _dtype_argument(dtype, np.float64)
    width = (lambda N, M: N) if kinds.is_none(M) else lambda N, M: M

    def tri(N, M=None, k=0, dtype=float):
        out = np.zeros((max(N, 0), max(width(N, M), 0)), cls)
        for i in range(out.shape[0]):
            for j in range(min(i + k + 1, out.shape[1])):
                out[i, j] = 1
        return out

    return tri


def _triangle(m, what, upper):
    """Return a function of (m, k): a copy with the other triangle of the last two axes zeroed."""
    if not kinds.is_array(m):
        raise TypingError(f"{what}: m must be an array")
    if m.ndim == 1:

        def triangle_of_row(m, k):
            n = len(m)
            out = np.zeros((n, n), m.dtype)
            for i in range(n):
                for j in range(n):
                    if (j >= i + k) if upper else (j <= i + k):
                        out[i, j] = m[j]
            return out

        return triangle_of_row

    def triangle(m, k):
        out = np.empty(m.shape, m.dtype)
        out[...] = m
        rows, columns = m.shape[-2], m.shape[-1]
        if out.size:
            tables = out.reshape(out.size // (rows * columns), rows, columns)
            for t in range(len(tables)):
                for i in range(rows):
                    for j in range(columns):
                        if (j < i + k) if upper else (j > i + k):
                            tables[t, i, j] = 0
        return out

    return triangle


def _check_k(k, what):
    if not kinds.is_integer(k):
        raise TypingError(f"{what}: k must be an integer")


@overload(np.tril)
def tril(m, k=0):
    """`numpy.tril`."""
    _check_k(k, "np.tril")
    run = _triangle(m, "np.tril", False)
    return lambda m, k=0: run(m, k)


@overload(np.triu)
def triu(m, k=0):
    """`numpy.triu`."""
    _check_k(k, "np.triu")
    run = _triangle(m, "np.triu", True)
    return lambda m, k=0: run(m, k)


def _triangle_indices(n, k, m, what, upper):
    for t, name in ((n, "n"), (k, "k"), (m, "m")):
        if not kinds.is_integer(t) and not (name == "m" and kinds.is_none(t)):
            raise TypingError(f"{what}: {name} must be an integer")
    width = (lambda n, m: n) if kinds.is_none(m) else lambda n, m: m

    def inside(i, j, k):
        return j >= i + k if upper else j <= i + k

    def triangle_indices(n, k, m):
        columns, count = width(n, m), 0
        for i in range(n):
            for j in range(columns):
                count += inside(i, j, k)
        rows, places = np.empty(count, np.int64), np.empty(count, np.int64)
        at = 0
        for i in range(n):
            for j in range(columns):
                if inside(i, j, k):
                    rows[at] = i
                    places[at] = j
                    at += 1
        return rows, places

    return triangle_indices


@overload(np.tril_indices)
def tril_indices(n, k=0, m=None):
    """`numpy.tril_indices`."""
    run = _triangle_indices(n, k, m, "np.tril_indices", False)
    return lambda n, k=0, m=None: run(n, k, m)


@overload(np.triu_indices)
def triu_indices(n, k=0, m=None):
    """`numpy.triu_indices`."""
    run = _triangle_indices(n, k, m, "np.triu_indices", True)
    return lambda n, k=0, m=None: run(n, k, m)


def _check_table(arr):
    if not kinds.is_array(arr, 2):
        raise TypingError("input array must be 2-d")


@overload(np.tril_indices_from)
def tril_indices_from(arr, k=0):
    """`numpy.tril_indices_from`."""
    _check_table(arr)
    run = _triangle_indices(types.int64, k, types.int64, "np.tril_indices_from", False)
    return lambda arr, k=0: run(arr.shape[0], k, arr.shape[1])


@overload(np.triu_indices_from)
def triu_indices_from(arr, k=0):
    """`numpy.triu_indices_from`."""
    _check_table(arr)
    run = _triangle_indices(types.int64, k, types.int64, "np.triu_indices_from", True)
    return lambda arr, k=0: run(arr.shape[0], k, arr.shape[1])


@overload(np.diag_indices, prefer_literal=True)
def diag_indices(n, ndim=2):
    """`numpy.diag_indices`."""
    count = kinds.value(ndim, "np.diag_indices: ndim")
    if not 1 <= count <= 4:
        return None
    repeat = (lambda i: (i,), lambda i: (i, i), lambda i: (i, i, i), lambda i: (i, i, i, i))[count - 1]
    return lambda n, ndim=2: repeat(np.arange(n))


def _no_vector(x, N=None, increasing=False):
    raise ValueError("x must be a one-dimensional array or sequence.")


@overload(np.vander, prefer_literal=True)
def vander(x, N=None, increasing=False):
    """`numpy.vander`: running products."""
    if kinds.ndim_of(x) != 1:
        return _no_vector
    if not kinds.is_none(N) and not kinds.is_integer(N):
        raise TypingError("Second argument N must be None or an integer")
    dtype = np.result_type(dtype_of(x), np.int64).type
    width = (lambda x, N: len(x)) if kinds.is_none(N) else lambda x, N: N

    def vander(x, N=None, increasing=False):
        values = np.asarray(x)
        n = width(values, N)
        if n < 0:
            raise ValueError("Negative dimensions are not allowed")
        out = np.empty((len(values), n), dtype)
        for i in range(len(values)):
            power = dtype(1)
            for j in range(n):
                out[i, j if increasing else n - 1 - j] = power
                power = dtype(power * values[i])
        return out

    return vander


@overload(np.fill_diagonal, prefer_literal=True)
def fill_diagonal(a, val, wrap=False):
    """`numpy.fill_diagonal` of two or more axes."""
    if not kinds.is_array(a) or a.ndim < 2:
        raise TypingError("The first argument must be at least 2-d (found something else)")
    if a.ndim != 2:
        return None

    def step_down(a, wrap):
        return a.shape[0] if wrap else min(a.shape[0], a.shape[1])

    scalar = kinds.is_number(val)
    run = (lambda v: np.full(1, v)) if scalar else lambda v: np.ravel(np.asarray(v))

    def fill_diagonal(a, val, wrap=False):
        values, n = run(val), a.shape[1]
        if len(values) == 0:
            raise ValueError("cannot copy an empty array to a diagonal")
        at = 0
        for i in range(step_down(a, wrap)):
            j = i % (n + 1)
            if j < n:
                a[i, j] = values[at % len(values)]
                at += 1

    return fill_diagonal


@overload(np.trim_zeros, prefer_literal=True)
def trim_zeros(filt, trim="fb", axis=None):
    """`numpy.trim_zeros` of one axis."""
    if not kinds.is_array(filt, 1):
        raise TypingError("np.trim_zeros: the first argument must be an array of one axis")
    ends = kinds.value(trim, "np.trim_zeros: trim").lower()
    front, back = "f" in ends, "b" in ends

    def trim_zeros(filt, trim="fb", axis=None):
        first, last = 0, len(filt)
        if front:
            while first < last and filt[first] == 0:
                first += 1
        if back:
            while last > first and filt[last - 1] == 0:
                last -= 1
        return filt[first:last]

    return trim_zeros
