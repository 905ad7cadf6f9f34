"""Polynomials from roots and points: roots, poly, polyfit, polyint, polydiv, and the like of numpy.polynomial.

Roots are eigenvalues of the companion matrix.  Those of real coefficients have real numbers for a type, since a type cannot
depend on values: complex ones raise ValueError, and `np.roots(p + 0j)` gives them.
"""

import numpy as np
from numpy.polynomial import polynomial, polyutils

from naja import types
from naja.errors import TypingError
from naja.extending import overload
from naja.library import kinds
from naja.library.numerical import dtype_of, inexact_dtype
from naja.library.polynomials import _check_series, _check_some, _run, _series, _trim
from naja.library.sorting import common_dtype
from naja.library.written import written


def _check_order(m):
    if not kinds.is_integer(m):
        raise TypingError('The argument "m" must be an integer')


# ---- roots ---------------------------------------------------------------------------------------------------------


@overload(np.roots)
def roots(p):
    """`numpy.roots`."""
    if kinds.is_instance(p):
        return None
    if kinds.is_array(p) and p.ndim != 1:
        return _no_vector
    dtype = inexact_dtype(p)
    run = _run(dtype)

    def roots(p):
        c = run(p)
        first, end = 0, len(c)
        while first < end and c[first] == 0:
            first += 1
        while end > first and c[end - 1] == 0:
            end -= 1
        n = max(end - first - 1, 0)
        zeros = len(c) - end if end > first else 0
        out = np.zeros(n + zeros, dtype)
        if n > 0:
            companion = np.zeros((n, n), dtype)
            for i in range(n):
                companion[0, i] = -c[first + 1 + i] / c[first]
                if i:
                    companion[i, i - 1] = 1
            out[:n] = np.linalg.eigvals(companion)
        return out

    return roots


def _no_vector(p):
    raise ValueError("Input must be a 1d array.")


@overload(np.poly)
def poly(seq_of_zeros):
    """`numpy.poly` of roots, or of a matrix with real eigenvalues."""
    if kinds.is_array(seq_of_zeros, 2):
        return lambda seq_of_zeros: np.poly(np.linalg.eigvals(seq_of_zeros))
    dtype = common_dtype(seq_of_zeros)
    run = _run(dtype if issubclass(dtype, np.inexact) and dtype is not np.float16 else np.float64)

    def poly(seq_of_zeros):
        zeros = run(seq_of_zeros)
        c = np.zeros(len(zeros) + 1, zeros.dtype)
        c[0] = 1
        for k in range(len(zeros)):
            for i in range(k + 1, 0, -1):
                c[i] -= zeros[k] * c[i - 1]
        return c

    return poly


@overload(polynomial.polyfromroots)
def series_from_roots(roots):
    """`numpy.polynomial.polynomial.polyfromroots`."""
    run = _run(inexact_dtype(roots))

    def series_from_roots(roots):
        zeros = np.sort(run(roots))
        c = np.zeros(len(zeros) + 1, zeros.dtype)
        c[0] = 1
        for k in range(len(zeros)):
            for i in range(k + 1, 0, -1):
                c[i] = c[i - 1] - zeros[k] * c[i]
            c[0] = -zeros[k] * c[0]
        return c

    return series_from_roots


@overload(polynomial.polyroots)
def series_roots(c):
    """`numpy.polynomial.polynomial.polyroots`."""
    series, _ = _series(c)
    return lambda c: np.sort(np.roots(series(c)[::-1].copy()))


# ---- fits ----------------------------------------------------------------------------------------------------------


def _by_columns(y):
    """Functions that multiply a vector or the rows of a table by weights, and divide by the scale of the columns."""
    if y.ndim == 1:
        return (lambda values, w: values * w), (lambda c, scale: c / scale)
    return (lambda values, w: values * w[:, None]), (lambda c, scale: c / scale[:, None])


def _fitter(y, w, flip):
    weigh, unscale = _by_columns(y)
    with_w = not kinds.is_none(w)
    text = (
        "def f(x, y, deg, w, rcond):\n"
        "    points, values = np.ravel(np.asarray(x)) + 0.0, y + 0.0\n"
        "    if deg < 0:\n        raise ValueError('expected deg >= 0')\n"
        "    if len(points) == 0:\n        raise TypeError('expected non-empty vector for x')\n"
        "    if len(points) != len(values):\n        raise TypeError('expected x and y to have same length')\n"
        f"    table = np.vander(points, deg + 1, {not flip})\n"
    )
    if with_w:
        text += (
            "    weights = np.asarray(w) + 0.0\n"
            "    if len(weights) != len(values):\n        raise TypeError('expected w and y to have the same length')\n"
            "    table, values = table * weights[:, None], weigh(values, weights)\n"
        )
    return written(
        __name__,
        f"{text}    scale = np.sqrt(np.sum(table * table, axis=0))\n"
        "    scale[scale == 0] = 1\n"
        "    c, residuals, rank, s = np.linalg.lstsq(table / scale, values, rcond)\n"
        "    return unscale(c, scale), residuals, rank, s\n",
        weigh=weigh,
        unscale=unscale,
    )


def _limit(rcond):
    """A function of (x, rcond): the relative size below which singular values count as zero."""
    if kinds.is_none(rcond):
        return lambda x, rcond: np.size(x) * 2.220446049250313e-16
    return lambda x, rcond: rcond


@overload(np.polyfit, prefer_literal=True)
def polyfit(x, y, deg, rcond=None, full=False, w=None, cov=False):
    """`numpy.polyfit` of real numbers; it does not warn of fits that are badly conditioned."""
    if kinds.value(cov, "np.polyfit: cov"):
        return None
    if not kinds.is_array(y):
        return lambda x, y, deg, rcond=None, full=False, w=None, cov=False: np.polyfit(
            x, np.asarray(y), deg, rcond, False, w
        )
    if y.ndim not in (1, 2) or kinds.is_complex(y) or kinds.is_complex(kinds.scalar_type(x)):
        return None
    fit, limit = _fitter(y, w, True), _limit(rcond)

    def polyfit(x, y, deg, rcond=None, full=False, w=None, cov=False):
        return fit(x, y, deg, w, limit(x, rcond))[0]

    def polyfit_full(x, y, deg, rcond=None, full=False, w=None, cov=False):
        c, residuals, rank, s = fit(x, y, deg, w, limit(x, rcond))
        return c, residuals, rank, s, limit(x, rcond)

    return polyfit_full if kinds.value(full, "np.polyfit: full") else polyfit


@overload(polynomial.polyfit, prefer_literal=True)
def series_fit(x, y, deg, rcond=None, full=False, w=None):
    """`numpy.polynomial.polynomial.polyfit` up to one degree."""
    if kinds.value(full, "polyfit: full") or not kinds.is_integer(deg) or not kinds.is_array(y):
        return None
    if y.ndim not in (1, 2) or kinds.is_complex(y) or kinds.is_complex(kinds.scalar_type(x)):
        return None
    fit, limit = _fitter(y, w, False), _limit(rcond)

    def series_fit(x, y, deg, rcond=None, full=False, w=None):
        return fit(x, y, deg, w, limit(x, rcond))[0]

    return series_fit


@overload(polynomial.polyvander)
def series_vander(x, deg):
    """`numpy.polynomial.polynomial.polyvander` of a vector."""
    if not kinds.is_array(x, 1):
        return None
    dtype = inexact_dtype(x)

    def series_vander(x, deg):
        if deg < 0:
            raise ValueError("deg must be non-negative")
        out = np.empty((deg + 1, len(x)), dtype)
        out[0] = 1
        for k in range(1, deg + 1):
            out[k] = out[k - 1] * x
        return np.ascontiguousarray(out.T)

    return series_vander


# ---- integrals, derivatives, division ------------------------------------------------------------------------------


@overload(np.polyint, prefer_literal=True)
def polyint(p, m=1, k=None):
    """`numpy.polyint`."""
    if kinds.is_instance(p):
        return None
    _check_order(m)
    run = _run(np.result_type(dtype_of(p), np.float64).type)
    constant = "0" if kinds.is_none(k) else "k" if kinds.is_number(k) else "k[i if len(k) > 1 else 0]"
    return written(
        __name__,
        "def f(p, m=1, k=None):\n"
        "    if m < 0:\n        raise ValueError('Order of integral must be positive (see polyder)')\n"
        "    c = run(p)\n"
        "    for i in range(m):\n"
        "        n = len(c)\n"
        "        out = np.empty(n + 1, c.dtype)\n"
        "        for j in range(n):\n            out[j] = c[j] / (n - j)\n"
        f"        out[n] = {constant}\n"
        "        c = out\n"
        "    return c\n",
        run=run,
    )


@overload(polynomial.polyint)
def series_int(c, m=1):
    """`numpy.polynomial.polynomial.polyint` of one series, or of those in the columns of a table."""
    _check_order(m)
    if not kinds.is_array_like(c):
        return None
    if not kinds.is_number(kinds.scalar_type(kinds.first_item(c))):
        raise TypingError(f"Input dtype must be scalar. The coefficients are {c}")
    dtype = inexact_dtype(c)

    def series_int(c, m=1):
        if m < 0:
            raise ValueError("The order of integration must be non-negative")
        out = np.asarray(c).astype(dtype)
        for _ in range(m):
            n = len(out)
            if n == 1 and np.all(out[0] == 0):
                continue
            longer = np.empty((n + 1,) + out.shape[1:], dtype)
            longer[0] = 0
            for i in range(n):
                longer[i + 1] = out[i] / (i + 1)
            out = longer
        return out

    return series_int


@overload(polynomial.polyder)
def series_der(c, m=1):
    """`numpy.polynomial.polynomial.polyder` of one series."""
    _check_order(m)
    if kinds.is_array(c) and c.ndim != 1:
        return None
    run = _run(inexact_dtype(c))

    def series_der(c, m=1):
        if m < 0:
            raise ValueError("The order of derivation must be non-negative")
        out = run(c)
        if m >= len(out):
            return out[:1] * 0
        for _ in range(m):
            for i in range(1, len(out)):
                out[i - 1] = i * out[i]
            out = out[: len(out) - 1]
        return out.copy()

    return series_der


@overload(np.polydiv)
def polydiv(u, v):
    """`numpy.polydiv`: synthetic division."""
    if kinds.is_instance(u) or kinds.is_instance(v):
        return None
    dtype = inexact_dtype(u, v)
    run = _run(dtype)

    def polydiv(u, v):
        rest, divisor = run(u), run(v)
        m, n = len(rest) - 1, len(divisor) - 1
        quotient = np.zeros(max(m - n + 1, 1), dtype)
        scale = dtype(dtype(1) / divisor[0])
        for k in range(m - n + 1):
            d = dtype(scale * rest[k])
            quotient[k] = d
            for j in range(n + 1):
                rest[k + j] -= dtype(d * divisor[j])
        first = 0
        while first < len(rest) - 1 and np.isclose(rest[first], 0, 1e-14):
            first += 1
        return quotient, rest[first:].copy()

    return polydiv


@overload(polynomial.polymulx)
def series_mul_x(c):
    """`numpy.polynomial.polynomial.polymulx`."""
    series, dtype = _series(c)

    def series_mul_x(c):
        values = series(c)
        if len(values) == 1 and values[0] == 0:
            return values
        out = np.zeros(len(values) + 1, dtype)
        out[1:] = values
        return out

    return series_mul_x


@overload(polynomial.polypow)
def series_pow(c, pow, maxpower=None):
    """`numpy.polynomial.polynomial.polypow`."""
    series, dtype = _series(c)
    bounded = not kinds.is_none(maxpower)

    def series_pow(c, pow, maxpower=None):
        values = series(c)
        if pow < 0:
            raise ValueError("Power must be a non-negative integer.")
        if bounded:
            if pow > maxpower:
                raise ValueError("Power is too large")
        out = np.ones(1, dtype)
        for _ in range(pow):
            out = np.convolve(out, values)
        return out

    return series_pow


# ---- polyutils -----------------------------------------------------------------------------------------------------


@overload(polyutils.trimseq)
def trimseq(seq):
    """`numpy.polynomial.polyutils.trimseq` of a sequence of numbers."""
    if isinstance(seq, types.UnicodeType):
        raise TypingError(f'The argument "seq" must be array-like, not {seq}')
    if kinds.is_array(seq) and seq.ndim != 1:
        raise TypingError("Coefficient array is not 1-d")
    if kinds.is_array(seq):
        return lambda seq: _trim(seq) if len(seq) else seq
    if isinstance(seq, types.List):

        def trim_list(seq):
            n = len(seq)
            while n > 1 and seq[n - 1] == 0:
                n -= 1
            return seq[:n] if n < len(seq) else seq

        return trim_list
    if isinstance(seq, types.BaseTuple):
        raise TypingError(
            f'Unsupported type {seq!r} for argument "seq": the length of the result depends on the values'
        )
    return None


@overload(polyutils.as_series, prefer_literal=True)
def as_series(alist, trim=True):
    """`numpy.polynomial.polyutils.as_series`: a list of series of one dtype."""
    if isinstance(kinds.plain(alist), types.UnicodeType):
        raise TypingError(f'The argument "alist" must be array-like, not {kinds.plain(alist)}')
    if isinstance(trim, types.Type) and not isinstance(kinds.plain(trim), types.Boolean):
        raise TypingError('The argument "trim" must be boolean')
    if kinds.is_array(alist):
        if alist.ndim > 2:
            raise TypingError("Coefficient array is not 1-d")
        items = "[x for x in alist]"
        parts = [alist.dtype]
    elif isinstance(alist, types.List):
        items, parts = "[x for x in alist]", [alist.dtype]
    elif isinstance(alist, types.BaseTuple):
        items, parts = f"[{', '.join(f'run(alist[{i}])' for i in range(len(alist)))}]", list(alist)
    else:
        return None
    _check_series(*parts)
    dtype = inexact_dtype(*parts)
    return written(
        __name__,
        "def f(alist, trim=True):\n"
        f"    out = [run(x) for x in {items}]\n"
        "    for c in out:\n        check(c)\n"
        "    return [cut(c) for c in out] if trim else out\n",
        run=_run(dtype),
        check=_check_some,
        cut=_trim,
    )
