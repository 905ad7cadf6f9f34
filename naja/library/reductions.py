"""Reductions that skip NaN, and the arguments of reductions that the emitted ones leave out.

The NaN forms follow NumPy's own Python code (numpy/lib/_nanfunctions_impl.py): replace NaN by the operation's
identity, reduce, and divide by the count, so the bits are the same.
"""

import numpy as np

from naja import types
from naja.extending import overload
from naja.library import low
from naja.library.shared import shared


def literal(t, default):
    """Return the value of a constant argument: of a literal type, or of a Python default; else `default`."""
    if isinstance(t, types.Literal):
        return t.literal_value
    if isinstance(t, types.Type):
        return default
    return t


def is_none(t):
    """Whether an argument is None or left out."""
    return t is None or isinstance(t, types.NoneType) or t is np._NoValue


def is_array(t):
    """Whether a type is an array's."""
    return isinstance(t, types.Array)


def is_scalar(t):
    """Whether a type is a number's."""
    return isinstance(t, types.Number | types.Boolean)


@shared
def put(out, found):
    """Write a result where `out` says; unlike an assignment this stretches no axis."""
    if out.shape != np.shape(found):
        raise ValueError("output array does not match result: its shape differs")
    out[...] = found
    return out


def is_inexact(t):
    """Whether the elements of an array type can be NaN."""
    return isinstance(t.dtype, types.Float | types.Complex)


def is_flag(t):
    """Whether an argument is a bool known at compile time."""
    return isinstance(literal(t, None), bool)


# ---- sums and products ----------------------------------------------------------------------------------------


def _nan_total(function, neutral):
    def factory(a, axis=None, dtype=None, out=None, keepdims=False):
        if not is_none(out) or not is_flag(keepdims) or isinstance(axis, types.BaseTuple):
            return None
        keep = literal(keepdims, False)
        if not is_array(a):

            def of_other(a, axis=None, dtype=None, out=None, keepdims=False):
                return nan_function(np.asarray(a), axis, dtype, None, keep)

        elif a.ndim == 0 and not keep:

            def of_other(a, axis=None, dtype=None, out=None, keepdims=False):
                return nan_function(np.atleast_1d(a), axis, dtype)

        elif is_inexact(a):

            def of_other(a, axis=None, dtype=None, out=None, keepdims=False):
                return function(np.where(np.isnan(a), neutral, a), axis, dtype, None, keep)

        else:

            def of_other(a, axis=None, dtype=None, out=None, keepdims=False):
                return function(a, axis, dtype, None, keep)

        return of_other

    nan_function = getattr(np, "nan" + function.__name__)
    overload(nan_function, prefer_literal=True)(factory)


_nan_total(np.sum, 0)
_nan_total(np.prod, 1)


def _nan_scan(function, neutral):
    def factory(a, axis=None, dtype=None, out=None):
        if not is_none(out):
            return None
        if not is_array(a):

            def scan(a, axis=None, dtype=None, out=None):
                return nan_function(np.asarray(a), axis, dtype)

        elif a.ndim == 0:

            def scan(a, axis=None, dtype=None, out=None):
                return nan_function(np.atleast_1d(a), axis, dtype)

        elif is_inexact(a):

            def scan(a, axis=None, dtype=None, out=None):
                return function(np.where(np.isnan(a), neutral, a), axis, dtype)

        else:

            def scan(a, axis=None, dtype=None, out=None):
                return function(a, axis, dtype)

        return scan

    nan_function = getattr(np, "nan" + function.__name__)
    overload(nan_function, prefer_literal=True)(factory)


_nan_scan(np.cumsum, 0)
_nan_scan(np.cumprod, 1)


# ---- extremes ---------------------------------------------------------------------------------------------------


_others = low.by_type("others")


@overload(_others)
def others(shape, axis):
    def product(shape, axis):
        n = 1
        for i in range(len(shape)):
            if i != axis and i != axis + len(shape):
                n *= shape[i]
        return n

    return product


_check_extent = low.by_type("check_extent")


@overload(_check_extent)
def check_extent(a, axis, message):
    if is_none(axis):

        def check(a, axis, message):
            if a.size == 0:
                raise ValueError(message)

    elif isinstance(axis, types.Integer):

        def check(a, axis, message):
            if a.size == 0 and -a.ndim <= axis < a.ndim and a.shape[axis] == 0 and _others(a.shape, axis) > 0:
                raise ValueError(message)

    else:

        def check(a, axis, message):
            pass

    return check


def _nan_extreme(function, ufunc, worst):
    """`worst` takes the place of NaN: what it leaves as the result is looked at again."""
    message = f"zero-size array to reduction operation {ufunc} which has no identity"

    def factory(a, axis=None, out=None, keepdims=False):
        if not is_none(out) or not is_flag(keepdims) or isinstance(axis, types.BaseTuple):
            return None
        if is_array(a) and isinstance(a.dtype, (types.NPDatetime, types.NPTimedelta)):
            return None
        keep = literal(keepdims, False)
        if not is_array(a):

            def extreme(a, axis=None, out=None, keepdims=False):
                return nan_function(np.asarray(a), axis, None, keep)

        elif not is_inexact(a):

            def extreme(a, axis=None, out=None, keepdims=False):
                _check_extent(a, axis, message)
                return function(a, axis, None, keep)

        elif is_none(axis) and not keep:
            kind = a.dtype

            def extreme(a, axis=None, out=None, keepdims=False):
                if a.size == 0:
                    raise ValueError(message)
                found = function(np.where(np.isnan(a), kind(worst), a))
                if found == worst and np.all(np.isnan(a)):
                    return kind(np.nan)
                return found

        else:
            kind = a.dtype

            def extreme(a, axis=None, out=None, keepdims=False):
                _check_extent(a, axis, message)
                absent = np.isnan(a)
                found = function(np.where(absent, kind(worst), a), axis, None, keep)
                return np.where(np.all(absent, axis, None, keep), kind(np.nan), found)

        return extreme

    nan_function = getattr(np, "nan" + function.__name__)
    overload(nan_function, prefer_literal=True)(factory)


_nan_extreme(np.min, "fmin", np.inf)
_nan_extreme(np.max, "fmax", -np.inf)


def _nan_position(function, worst):
    def factory(a, axis=None, out=None, keepdims=False):
        if not is_none(out) or literal(keepdims, True):
            return None
        if not is_array(a):

            def position(a, axis=None, out=None, keepdims=False):
                return nan_function(np.asarray(a), axis)

        elif not is_inexact(a):

            def position(a, axis=None, out=None, keepdims=False):
                return function(a, axis)

        else:
            kind = a.dtype

            def position(a, axis=None, out=None, keepdims=False):
                absent = np.isnan(a)
                found = function(np.where(absent, kind(worst), a), axis)
                if np.any(np.asarray(np.all(absent, axis))):
                    raise ValueError("All-NaN slice encountered")
                return found

        return position

    nan_function = getattr(np, "nan" + function.__name__)
    overload(nan_function, prefer_literal=True)(factory)


_nan_position(np.argmin, np.inf)
_nan_position(np.argmax, -np.inf)


# ---- means --------------------------------------------------------------------------------------------------------


@overload(np.nanmean, prefer_literal=True)
def nanmean(a, axis=None, dtype=None, out=None, keepdims=False):
    if not is_none(out) or not is_flag(keepdims) or isinstance(axis, types.BaseTuple):
        return None
    keep = literal(keepdims, False)
    if not is_array(a):

        def mean(a, axis=None, dtype=None, out=None, keepdims=False):
            return np.nanmean(np.asarray(a), axis, dtype, None, keep)

    elif not is_inexact(a):

        def mean(a, axis=None, dtype=None, out=None, keepdims=False):
            return np.mean(a, axis, dtype, None, keep)

    elif not is_none(dtype):

        def mean(a, axis=None, dtype=None, out=None, keepdims=False):
            return np.nanmean(a.astype(dtype), axis, None, None, keep)

    elif is_none(axis) and not keep:
        kind = a.dtype

        def mean(a, axis=None, dtype=None, out=None, keepdims=False):
            count = a.size - np.count_nonzero(np.isnan(a))
            return kind(np.divide(np.sum(np.where(np.isnan(a), 0, a)), count))

    else:
        kind = a.dtype

        def mean(a, axis=None, dtype=None, out=None, keepdims=False):
            count = np.count_nonzero(a == a, axis, keepdims=keep)
            total = np.sum(np.where(np.isnan(a), 0, a), axis, None, None, keep)
            return as_kind_of(kind, np.divide(total, count))

    return mean


as_kind_of = low.by_type("as_kind")


@overload(as_kind_of)
def _as_kind(kind, value):
    if is_array(value):
        return lambda kind, value: value.astype(kind)
    return lambda kind, value: kind(value)


_square = low.by_type("square")


@overload(_square)
def square(x):
    if isinstance(getattr(x, "dtype", x), types.Complex):
        return lambda x: (x * np.conjugate(x)).real
    return lambda x: x * x


@overload(np.nanvar, prefer_literal=True)
def nanvar(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False):
    if not is_none(out) or not is_flag(keepdims) or isinstance(axis, types.BaseTuple):
        return None
    keep = literal(keepdims, False)
    if not is_array(a):

        def variance(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False):
            return np.nanvar(np.asarray(a), axis, dtype, None, ddof, keep)

    elif not is_none(dtype):

        def variance(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False):
            return np.nanvar(a.astype(dtype), axis, None, None, ddof, keep)

    elif not is_inexact(a):

        def variance(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False):
            return np.var(a, axis, None, None, ddof, keep)

    elif is_none(axis) and not keep:
        kind = a.dtype
        real = kind.underlying_float if isinstance(kind, types.Complex) else kind

        def variance(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False):
            count = a.size - np.count_nonzero(np.isnan(a))
            if count <= ddof:
                return real(np.nan)
            mean = kind(np.divide(np.sum(np.where(np.isnan(a), 0, a)), count))
            parts = np.where(np.isnan(a), 0, a - mean)
            return real(np.divide(np.sum(_square(parts)), count - ddof))

    else:
        kind = a.dtype
        real = kind.underlying_float if isinstance(kind, types.Complex) else kind

        def variance(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False):
            absent = np.isnan(a)
            count = np.count_nonzero(~absent, axis, keepdims=True)
            mean = np.divide(np.sum(np.where(absent, 0, a), axis, None, None, True), count).astype(kind)
            parts = np.where(absent, 0, a - mean)
            freedom = np.count_nonzero(~absent, axis, keepdims=keep) - ddof
            spread = np.divide(np.sum(_square(parts), axis, None, None, keep), freedom)
            return as_kind_of(real, np.where(freedom <= 0, np.nan, spread))

    return variance


@overload(np.nanstd, prefer_literal=True)
def nanstd(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False):
    if not is_none(out) or not is_flag(keepdims) or isinstance(axis, types.BaseTuple):
        return None
    keep = literal(keepdims, False)

    def deviation(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False):
        return np.sqrt(np.nanvar(a, axis, dtype, None, ddof, keep))

    return deviation
