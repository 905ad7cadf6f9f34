"""Order statistics: median, percentile, quantile, and the forms that pass over NaN.

One run is copied, partitioned at the two places that a quantile lies between, and interpolated as NumPy does
(numpy/lib/_function_base_impl.py documents the nine methods of Hyndman and Fan, "Sample quantiles in statistical
packages", 1996, and NumPy's own five).
"""

import numpy as np

from naja import _core, types
from naja.errors import TypingError
from naja.extending import overload
from naja.library import kinds, low
from naja.library.sorting import moved_copy, rows_of, run_copy

_REAL = (types.Integer, types.Float, types.Boolean)

# What becomes of a run: `reduce(run, q)` for a contiguous run that may be reordered gives one number.


def result_dtype(t):
    """The dtype of means of these elements: that of floating ones, float64 for integers."""
    dtype = kinds.scalar_type(t)
    return np.dtype(str(dtype)).type if isinstance(dtype, (types.Float, types.Complex)) else np.float64


def _as_run(t):
    return run_copy if kinds.is_array(t) else lambda a: run_copy(np.asarray(a))


def _numbers_first(run):
    """Move NaNs to the end; give how many others there are."""
    n = 0
    for i in range(len(run)):
        x = run[i]
        if x == x:
            run[i] = run[n]
            run[n] = x
            n += 1
    return n


def _median_of(dtype, ignore_nan):
    """Return a function of (run) that gives its median."""
    nan = dtype(np.nan)

    def median(run):
        n = len(run)
        m = _numbers_first(run)
        if m == 0 or (m < n and not ignore_nan):
            return nan
        half = m // 2
        low.partition(run[:m], np.full(1, half))
        upper = dtype(run[half])
        if m % 2:
            return upper
        lower = dtype(run[0])
        for i in range(1, half):
            lower = max(lower, dtype(run[i]))
        return dtype((lower + upper) / 2)

    return median


def _along_axis(a, axis, keepdims, what, dtype, reduce):
    """Return a function of (a, q) that applies `reduce(run, q)` along an axis, all axes (None), or several."""
    if not kinds.is_array(a) or kinds.is_none(axis):
        run = _as_run(a)
        if keepdims and kinds.is_array(a):
            shape = (1,) * a.ndim
            return lambda a, q: np.full(shape, reduce(run(a), q), dtype)
        return lambda a, q: reduce(run(a), q)
    at = kinds.axis_of(axis, a.ndim, what)
    if a.ndim == 1:
        if keepdims:
            return lambda a, q: np.full(1, reduce(run_copy(a), q), dtype)
        return lambda a, q: reduce(run_copy(a), q)
    move = moved_copy(at)

    def reduce_rows(a, q):
        moved = move(a)
        out = np.empty(moved.shape[:-1], dtype)
        flat = out.reshape(out.size)
        if moved.size:
            rows = rows_of(moved)
            for i in range(len(rows)):
                flat[i] = reduce(rows[i], q)
        else:
            for i in range(len(flat)):
                flat[i] = np.nan
        return out

    if keepdims:
        return lambda a, q: np.swapaxes(np.expand_dims(reduce_rows(a, q), -1), at, -1)
    if at == a.ndim - 1:
        return reduce_rows
    # The last axis took the place of the one that is gone; put it last again.
    return lambda a, q: np.squeeze(np.swapaxes(np.expand_dims(reduce_rows(a, q), -1), at, -1), at)


def _median(a, axis, out, overwrite_input, keepdims, what, ignore_nan):
    if not kinds.is_none(out):
        raise TypingError(f"{what}: `out` is not supported in compiled code")
    if not isinstance(kinds.scalar_type(a), _REAL):
        return None
    dtype = result_dtype(a)
    median = _median_of(dtype, ignore_nan)
    return _along_axis(
        a, axis, bool(kinds.value(keepdims, f"{what}: keepdims")), what, dtype, lambda run, q: median(run)
    )


@overload(np.median, prefer_literal=True)
def median(a, axis=None, out=None, overwrite_input=False, keepdims=False):
    """`numpy.median`: by selection."""
    run = _median(a, axis, out, overwrite_input, keepdims, "np.median", False)

    def median(a, axis=None, out=None, overwrite_input=False, keepdims=False):
        return run(a, 0.5)

    return run and median


@overload(np.nanmedian, prefer_literal=True)
def nanmedian(a, axis=None, out=None, overwrite_input=False, keepdims=False):
    """`numpy.nanmedian`: by selection."""
    run = _median(a, axis, out, overwrite_input, keepdims, "np.nanmedian", True)

    def nanmedian(a, axis=None, out=None, overwrite_input=False, keepdims=False):
        return run(a, 0.5)

    return run and nanmedian


# ---- quantiles ----------------------------------------------------------------------------------------------------

# Hyndman and Fan's continuous methods are (alpha, beta) of  q (n - alpha - beta + 1) + alpha - 1.
_CONTINUOUS = {
    "interpolated_inverted_cdf": (0.0, 1.0),
    "hazen": (0.5, 0.5),
    "weibull": (0.0, 0.0),
    "median_unbiased": (1.0 / 3.0, 1.0 / 3.0),
    "normal_unbiased": (3.0 / 8.0, 3.0 / 8.0),
}
_DISCRETE = {
    "inverted_cdf",
    "closest_observation",
    "lower",
    "higher",
    "nearest",
}  # they give one of the values
_METHODS = {*_CONTINUOUS, *_DISCRETE, "averaged_inverted_cdf", "linear", "midpoint"}


def _virtual_index(method):
    """Return a function of (n, q): the place of the quantile among n ordered values, not rounded yet."""
    if method in _CONTINUOUS:
        alpha, beta = _CONTINUOUS[method]
        return lambda n, q: n * q + (alpha + q * (1 - alpha - beta)) - 1
    return {
        "linear": lambda n, q: (n - 1) * q,
        "inverted_cdf": _inverted_cdf,
        "averaged_inverted_cdf": lambda n, q: n * q - 1,
        "closest_observation": _closest_observation,
        "lower": lambda n, q: np.floor((n - 1) * q),
        "higher": lambda n, q: np.ceil((n - 1) * q),
        "midpoint": lambda n, q: 0.5 * (np.floor((n - 1) * q) + np.ceil((n - 1) * q)),
        "nearest": lambda n, q: np.rint((n - 1) * q),
    }[method]


def _inverted_cdf(n, q):
    index = n * q - 1
    below = np.floor(index)
    return max(below if index == below else below + 1, 0.0)


def _closest_observation(n, q):
    """The nearest one; of two as near, the one whose place (from 1) is even."""
    index = n * q - 1 - 0.5
    below = np.floor(index)
    return max(below if index == below and below % 2 == 1 else below + 1, 0.0)


def _weight_of(method):
    """Return a function of (gamma): how much of the upper neighbour is taken."""
    if method == "averaged_inverted_cdf":
        return lambda gamma: 0.5 if gamma == 0 else 1.0
    if method == "midpoint":
        return lambda gamma: 0.0 if gamma == 0 else 0.5
    return lambda gamma: gamma


def _quantile_of(dtype, method, ignore_nan):
    """Return a function of (run, q) that gives one quantile of a run."""
    virtual_index, weight = _virtual_index(method), _weight_of(method)
    discrete = method in _DISCRETE
    nan = dtype(np.nan if issubclass(dtype, np.inexact) else 0)

    def quantile(run, q):
        n = len(run)
        m = _numbers_first(run)
        if m == 0 or (m < n and not ignore_nan):
            return nan
        place = virtual_index(m, q)
        below = np.int64(np.floor(place))
        t = weight(place - below)
        below = min(max(below, 0), m - 1)
        above = min(max(np.int64(np.floor(place)) + 1, 0), m - 1)
        places = np.empty(2, np.int64)
        places[0] = below
        places[1] = above
        low.partition(run[:m], places)
        x, y = dtype(run[below]), dtype(run[above])
        if discrete:
            return x
        # NumPy's _lerp: from the nearer end, so that it is exact at both.
        step = y - x
        return dtype(y - step * (1 - t)) if t >= 0.5 else dtype(x + step * t)

    return quantile


def _method_of(method, interpolation, what):
    name = kinds.value(method, f"{what}: method")
    if not kinds.is_none(interpolation):
        name = kinds.value(interpolation, f"{what}: interpolation")
    if name not in _METHODS:
        raise TypingError(f"{name!r} is not a valid method. Use one of: {', '.join(sorted(_METHODS))}")
    return name


def _quantile(a, q, axis, out, method, keepdims, weights, interpolation, what, ignore_nan, scale):
    """Return a function of (a, q), or None."""
    if not kinds.is_none(out) or not kinds.is_none(weights):
        raise TypingError(f"{what}: `out` and `weights` are not supported in compiled code")
    if not isinstance(kinds.scalar_type(a), _REAL):
        raise TypingError("Not supported for complex dtype: a must be an array of real numbers")
    name = _method_of(method, interpolation, what)
    dtype = _core.type_dtype(kinds.scalar_type(a)).type if name in _DISCRETE else result_dtype(a)
    if name not in _DISCRETE and not kinds.is_number(q):
        dtype = np.result_type(dtype, _core.type_dtype(kinds.scalar_type(q))).type
    reduce = _quantile_of(dtype, name, ignore_nan)
    keep = bool(kinds.value(keepdims, f"{what}: keepdims"))
    one = _along_axis(a, axis, keep, what, dtype, reduce)
    error = (
        "Percentiles must be in the range [0, 100]" if scale != 1 else "Quantiles must be in the range [0, 1]"
    )

    def checked(q):
        x = np.float64(q) / scale
        if not 0 <= x <= 1:
            raise ValueError(error)
        return x

    if kinds.is_number(q):
        return lambda a, q: one(a, checked(q))
    if kinds.is_array(q, 0):
        return lambda a, q: one(a, checked(q[()]))
    scalar = not kinds.is_array(a) or (not keep and (kinds.is_none(axis) or a.ndim == 1))

    def several(a, q):
        qs = np.asarray(q)
        flat = np.ravel(qs)
        for i in range(len(flat)):
            checked(flat[i])
        if scalar:
            values = np.empty(qs.shape, dtype)
            out = values.reshape(values.size)
            for i in range(len(flat)):
                out[i] = one(a, checked(flat[i]))
            return values
        first = one(a, checked(flat[0]) if len(flat) else 0.0)
        table = np.empty((len(flat), first.size), dtype)
        for i in range(len(flat)):
            table[i] = np.ravel(one(a, checked(flat[i])))
        return table.reshape(qs.shape + first.shape)

    return several


@overload(np.quantile, prefer_literal=True)
def quantile(
    a,
    q,
    axis=None,
    out=None,
    overwrite_input=False,
    method="linear",
    keepdims=False,
    *,
    weights=None,
    interpolation=None,
):
    """`numpy.quantile`, all methods."""
    run = _quantile(a, q, axis, out, method, keepdims, weights, interpolation, "np.quantile", False, 1)

    def quantile(
        a,
        q,
        axis=None,
        out=None,
        overwrite_input=False,
        method="linear",
        keepdims=False,
        *,
        weights=None,
        interpolation=None,
    ):
        return run(a, q)

    return quantile


@overload(np.percentile, prefer_literal=True)
def percentile(
    a,
    q,
    axis=None,
    out=None,
    overwrite_input=False,
    method="linear",
    keepdims=False,
    *,
    weights=None,
    interpolation=None,
):
    """`numpy.percentile`, all methods."""
    run = _quantile(a, q, axis, out, method, keepdims, weights, interpolation, "np.percentile", False, 100)

    def percentile(
        a,
        q,
        axis=None,
        out=None,
        overwrite_input=False,
        method="linear",
        keepdims=False,
        *,
        weights=None,
        interpolation=None,
    ):
        return run(a, q)

    return percentile


@overload(np.nanquantile, prefer_literal=True)
def nanquantile(
    a,
    q,
    axis=None,
    out=None,
    overwrite_input=False,
    method="linear",
    keepdims=False,
    *,
    weights=None,
    interpolation=None,
):
    """`numpy.nanquantile`, all methods."""
    run = _quantile(a, q, axis, out, method, keepdims, weights, interpolation, "np.nanquantile", True, 1)

    def nanquantile(
        a,
        q,
        axis=None,
        out=None,
        overwrite_input=False,
        method="linear",
        keepdims=False,
        *,
        weights=None,
        interpolation=None,
    ):
        return run(a, q)

    return nanquantile


@overload(np.nanpercentile, prefer_literal=True)
def nanpercentile(
    a,
    q,
    axis=None,
    out=None,
    overwrite_input=False,
    method="linear",
    keepdims=False,
    *,
    weights=None,
    interpolation=None,
):
    """`numpy.nanpercentile`, all methods."""
    run = _quantile(a, q, axis, out, method, keepdims, weights, interpolation, "np.nanpercentile", True, 100)

    def nanpercentile(
        a,
        q,
        axis=None,
        out=None,
        overwrite_input=False,
        method="linear",
        keepdims=False,
        *,
        weights=None,
        interpolation=None,
    ):
        return run(a, q)

    return nanpercentile
