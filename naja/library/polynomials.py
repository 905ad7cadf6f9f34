"""Polynomials: the functions of `numpy` (highest power first) and of `numpy.polynomial.polynomial` (lowest first).

Evaluation is Horner's scheme, division is synthetic division; both as NumPy's.
"""

import numpy as np
from numpy.polynomial import polynomial

from naja import types
from naja.errors import TypingError
from naja.extending import overload
from naja.library import kinds
from naja.library.numerical import dtype_of, inexact_dtype
from naja.library.sorting import common_dtype


def _run(dtype):
    """Return a function that makes an array of one axis of coefficients."""

    def run(x):
        values = np.ravel(np.asarray(x))
        out = np.empty(len(values), dtype)
        out[:] = values
        return out

    return run


def _check_series(*series):
    for t in series:
        if kinds.is_array(t) and t.ndim > 1:
            raise TypingError("Coefficient array is not 1-d")


# ---- numpy: highest power first -----------------------------------------------------------------------------------


@overload(np.polyval)
def polyval(p, x):
    """`numpy.polyval`: Horner's scheme."""
    if kinds.is_instance(p) or kinds.is_instance(x):
        return None
    dtype = common_dtype(p, x)
    run = _run(dtype)

    def at(c, x):
        y = dtype(0)
        for i in range(len(c)):
            y = dtype(y * x + c[i])
        return y

    if kinds.is_number(x):
        return lambda p, x: at(run(p), dtype(x))
    if kinds.is_array(x, 0):
        return lambda p, x: at(run(p), dtype(x[()]))

    def polyval(p, x):
        c, points = run(p), np.asarray(x)
        flat = np.ravel(points)
        out = np.empty(points.shape, dtype)
        values = out.reshape(out.size)
        for i in range(len(flat)):
            values[i] = at(c, dtype(flat[i]))
        return out

    return polyval


def _sum_of(a1, a2, from_end, sign):
    """Return a function of (a, b): a + sign * b, aligned at the last or the first coefficient."""
    dtype = common_dtype(a1, a2)
    run = _run(dtype)

    def sum_of(a, b):
        x, y = run(a), run(b)
        n = max(len(x), len(y))
        out = np.zeros(n, dtype)
        skip = n - len(x) if from_end else 0
        for i in range(len(x)):
            out[skip + i] = x[i]
        skip = n - len(y) if from_end else 0
        for i in range(n):
            term = y[i - skip] if 0 <= i - skip < len(y) else dtype(0)
            out[i] = out[i] + term if sign > 0 else out[i] - term
        return out

    return sum_of


@overload(np.polyadd)
def polyadd(a1, a2):
    """`numpy.polyadd`."""
    if kinds.is_instance(a1) or kinds.is_instance(a2):
        return None
    run = _sum_of(a1, a2, True, 1)
    return lambda a1, a2: run(a1, a2)


@overload(np.polysub)
def polysub(a1, a2):
    """`numpy.polysub`."""
    if kinds.is_instance(a1) or kinds.is_instance(a2):
        return None
    run = _sum_of(a1, a2, True, -1)
    return lambda a1, a2: run(a1, a2)


def _without_leading_zeros(c):
    """The coefficients from the first that is not zero, but at least one, as `numpy.poly1d` keeps them."""
    if len(c) == 0:
        return np.zeros(1, c.dtype)
    first = 0
    while first < len(c) - 1 and c[first] == 0:
        first += 1
    return c[first:]


@overload(np.polymul)
def polymul(a1, a2):
    """`numpy.polymul`."""
    if kinds.is_instance(a1) or kinds.is_instance(a2):
        return None

    def polymul(a1, a2):
        x, y = np.ravel(np.asarray(a1)), np.ravel(np.asarray(a2))
        return np.convolve(_without_leading_zeros(x), _without_leading_zeros(y))

    return polymul


@overload(np.polyder)
def polyder(p, m=1):
    """`numpy.polyder`."""
    if kinds.is_instance(p):
        return None
    dtype = np.result_type(dtype_of(p), np.int64).type
    run = _run(dtype)

    def polyder(p, m=1):
        if m < 0:
            raise ValueError("Order of derivative must be positive (see polyint)")
        c = run(p)
        for _ in range(m):
            n = len(c) - 1
            if n < 1:
                return c[:0]
            for i in range(n):
                c[i] = c[i] * (n - i)
            c = c[:n]
        return c

    return polyder


# ---- numpy.polynomial.polynomial: lowest power first --------------------------------------------------------------


def _trim(c):
    """Without trailing zeros; one coefficient stays."""
    n = len(c)
    while n > 1 and c[n - 1] == 0:
        n -= 1
    return c[:n]


def _check_some(c):
    if len(c) == 0:
        raise ValueError("Coefficient array is empty")


def _series(*types_):
    """Return a function that makes a trimmed series of the common floating dtype of all, and that dtype."""
    _check_series(*types_)
    dtype = inexact_dtype(*types_)
    run = _run(dtype)

    def series(x):
        c = run(x)
        _check_some(c)
        return _trim(c)

    return series, dtype


def _register_sum(function, sign):
    def sum_series(c1, c2):
        series, dtype = _series(c1, c2)

        def sum_series(c1, c2):
            x, y = series(c1), series(c2)
            out = np.zeros(max(len(x), len(y)), dtype)
            out[: len(x)] = x
            for i in range(len(y)):
                out[i] = out[i] + y[i] if sign > 0 else out[i] - y[i]
            return _trim(out)

        return sum_series

    sum_series.__doc__ = f"`numpy.polynomial.polynomial.{function.__name__}`."
    overload(function)(sum_series)


_register_sum(polynomial.polyadd, 1)
_register_sum(polynomial.polysub, -1)


@overload(polynomial.polymul)
def series_mul(c1, c2):
    """`numpy.polynomial.polynomial.polymul`."""
    series, _ = _series(c1, c2)
    return lambda c1, c2: _trim(np.convolve(series(c1), series(c2)))


@overload(polynomial.polydiv)
def series_div(c1, c2):
    """`numpy.polynomial.polynomial.polydiv`: synthetic division."""
    series, dtype = _series(c1, c2)

    def series_div(c1, c2):
        x, y = series(c1), series(c2)
        if y[-1] == 0:
            raise ZeroDivisionError("polynomial division")
        n, m = len(x), len(y)
        if n < m:
            return np.zeros(1, dtype), x
        scale = y[m - 1]
        if m == 1:
            return x / scale, np.zeros(1, dtype)
        quotient = np.empty(n - m + 1, dtype)
        for i in range(n - m, -1, -1):
            lead = x[i + m - 1]
            quotient[i] = lead / scale
            for j in range(m - 1):
                x[i + j] -= y[j] / scale * lead
        return quotient, _trim(x[: m - 1])

    return series_div


@overload(polynomial.polyval, prefer_literal=True)
def series_val(x, c, tensor=True):
    """`numpy.polynomial.polynomial.polyval` of one series: Horner's scheme."""
    if isinstance(tensor, types.Type) and not isinstance(kinds.plain(tensor), types.Boolean):
        raise TypingError(f'The argument "tensor" must be boolean, not {tensor}')
    if kinds.is_array(c) and c.ndim != 1:
        return None
    dtype = inexact_dtype(x, c)
    run = _run(dtype)

    def at(c, x):
        y = c[-1]
        for i in range(len(c) - 2, -1, -1):
            y = dtype(c[i] + y * x)
        return y

    if kinds.is_number(x):

        def series_val_scalar(x, c, tensor=True):
            s = run(c)
            _check_some(s)
            return at(s, dtype(x))

        return series_val_scalar

    if kinds.is_array(x, 0):
        return lambda x, c, tensor=True: polynomial.polyval(x[()], c)

    def series_val(x, c, tensor=True):
        s, points = run(c), np.asarray(x)
        _check_some(s)
        flat = np.ravel(points)
        out = np.empty(points.shape, dtype)
        values = out.reshape(out.size)
        for i in range(len(flat)):
            values[i] = at(s, dtype(flat[i]))
        return out

    return series_val
