"""Reductions and ranges of `numpy.datetime64` and `numpy.timedelta64`.

Reductions work on the int64 behind the times (`low.ticks`), where NaT is the least number.  Subtracting one with wrap-around
makes it the greatest, which is how the maximum finds it.
"""

import builtins

import numpy as np

from naja import types
from naja.errors import TypingError
from naja.extending import overload, overload_method
from naja.library import kinds, low
from naja.library.dtypes import named_dtype

_NAT = -(2**63)


def is_times(a, span_only=False):
    """Whether a type is that of an array of times (of timedeltas only)."""
    wanted = types.NPTimedelta if span_only else (types.NPTimedelta, types.NPDatetime)
    return kinds.is_array(a) and isinstance(a.dtype, wanted)


def _dtype(a):
    return types._core.type_dtype(a.dtype)


def _extremum(name, reduce, nat_is_greatest):
    def factory(a, axis=None, out=None, keepdims=False):
        if not is_times(a) or not kinds.is_none(out):
            return None
        dtype, keep = _dtype(a), kinds.value(keepdims, f"np.{name}: keepdims")
        if nat_is_greatest:
            return lambda a, axis=None, out=None, keepdims=False: low.times(
                reduce(low.ticks(a) - 1, axis, None, keep) + 1, dtype
            )
        return lambda a, axis=None, out=None, keepdims=False: low.times(
            reduce(low.ticks(a), axis, None, keep), dtype
        )

    overload(getattr(np, name), prefer_literal=True)(factory)
    return factory


def _extrema(name, reduce, nat_is_greatest):
    """The reduction that NaT decides, and the one that leaves it out."""
    factory = _extremum(name, reduce, nat_is_greatest)
    overload(getattr(np, f"a{name}"), prefer_literal=True)(factory)
    overload_method(types.Array, name, prefer_literal=True)(factory)
    _extremum(f"nan{name}", reduce, not nat_is_greatest)


_extrema("min", np.min, False)
_extrema("max", np.max, True)


def _position(name):
    greatest = name == "argmax"

    def factory(a, axis=None):
        if not is_times(a):
            return None
        if greatest:
            return lambda a, axis=None: np.argmax(low.ticks(a) - 1, axis)
        return lambda a, axis=None: np.argmin(low.ticks(a), axis)

    overload(getattr(np, name), prefer_literal=True)(factory)
    overload_method(types.Array, name, prefer_literal=True)(factory)


# The first NaT is the answer of both.
_position("argmin")
_position("argmax")


def _total(ticks):
    total = 0
    for tick in ticks.flat:
        if tick == _NAT:
            return _NAT
        total += tick
    return total


def _sum(a, axis=None, dtype=None, out=None, keepdims=False):
    if not is_times(a, span_only=True) or not kinds.is_none(dtype) or not kinds.is_none(out):
        return None
    unit, keep = _dtype(a), kinds.value(keepdims, "np.sum: keepdims")
    if kinds.is_none(axis) and not keep:
        return lambda a, axis=None, dtype=None, out=None, keepdims=False: low.times(
            _total(low.ticks(a)), unit
        )

    def sum_axis(a, axis=None, dtype=None, out=None, keepdims=False):
        ticks = low.ticks(a)
        missing = np.any(ticks == _NAT, axis, None, keep)
        return low.times(np.where(missing, _NAT, np.sum(ticks, axis, None, None, keep)), unit)

    return sum_axis


def _mean(a, axis=None, dtype=None, out=None, keepdims=False):
    if not is_times(a, span_only=True) or not kinds.is_none(dtype) or not kinds.is_none(out):
        return None
    keep = kinds.value(keepdims, "np.mean: keepdims")
    if kinds.is_none(axis):
        return (
            lambda a, axis=None, dtype=None, out=None, keepdims=False: np.sum(a, None, None, None, keep)
            / a.size
        )
    return lambda a, axis=None, dtype=None, out=None, keepdims=False: (
        np.sum(a, axis, None, None, keep) / a.shape[axis]
    )


overload(np.sum, prefer_literal=True)(_sum)
overload_method(types.Array, "sum", prefer_literal=True)(_sum)
overload(np.mean, prefer_literal=True)(_mean)
overload_method(types.Array, "mean", prefer_literal=True)(_mean)


@overload(np.median)
def median(a, axis=None, out=None, overwrite_input=False, keepdims=False):
    """`numpy.median` of all spans of an array: NaT if one is."""
    if not is_times(a, span_only=True) or not all(map(kinds.is_none, (axis, out))) or keepdims is not False:
        return None
    dtype = _dtype(a)

    def median(a, axis=None, out=None, overwrite_input=False, keepdims=False):
        ticks, n = np.sort(low.ticks(a).ravel()), a.size
        if n == 0 or ticks[0] == _NAT:
            return low.times(_NAT, dtype)
        return np.mean(low.times(ticks[(n - 1) // 2 : n // 2 + 1], dtype))

    return median


# ---- ranges ---------------------------------------------------------------------------------------------------------------

_TIMES = (types.NPDatetime, types.NPTimedelta)


def _ticks_in(t, kind, default):
    """Return a function that gives the ticks of a number or time in the unit of `kind`."""
    if kinds.is_none(t):
        return lambda x: default
    if not isinstance(t, _TIMES):
        return lambda x: np.int64(x)
    dtype = np.dtype(kind.str.replace("M", "m")) if isinstance(t, types.NPTimedelta) else kind

    def ticks_in(x):
        ticks = x.astype(dtype).astype(np.int64)
        if ticks == _NAT:
            raise ValueError("arange: cannot use NaT (not-a-time) datetime values")
        return ticks

    return ticks_in


@overload(np.arange, prefer_literal=True)
def arange(start, stop=None, step=None, dtype=None):
    """`numpy.arange` of times; a stop that is a span or a number counts from a start that is a moment."""
    of_times = [types._core.type_dtype(t) for t in (start, stop, step) if isinstance(t, _TIMES)]
    if not of_times or isinstance(step, types.NPDatetime):
        return None
    is_moment = isinstance(start, types.NPDatetime)
    if is_moment and kinds.is_none(stop):
        raise TypingError("arange requires both a start and a stop for NumPy datetime64 ranges")
    kind = np.result_type(*of_times) if kinds.is_none(dtype) else named_dtype(dtype, "np.arange")
    is_length = is_moment and not isinstance(stop, types.NPDatetime)
    first_of, stop_of, step_of = _ticks_in(start, kind, 0), _ticks_in(stop, kind, 0), _ticks_in(step, kind, 1)
    only_stop = kinds.is_none(stop)

    def arange(start, stop=None, step=None, dtype=None):
        first, end, by = first_of(start), stop_of(stop), step_of(step)
        if is_length:
            end += first
        if only_stop:
            first, end = 0, first
        if by == 0:
            raise ValueError("arange: step cannot be zero")
        return low.times(np.arange(first, end, by), kind)

    return arange


def _first(function, wins):
    @overload(function)
    def of_array(a):
        if not is_times(a) or a.ndim != 1:
            return None

        def first(a):
            if len(a) == 0:
                raise ValueError("the argument of min() or max() is empty")
            best = a[0]
            for i in range(1, len(a)):
                if wins(a[i], best):
                    best = a[i]
            return best

        return first


_first(builtins.min, lambda x, y: x < y)
_first(builtins.max, lambda x, y: x > y)
