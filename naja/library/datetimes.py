"""Reductions of arrays of `numpy.datetime64` and `numpy.timedelta64`.

They work on the int64 behind the times (`low.ticks`), where NaT is the least number.  Subtracting one with wrap-around
makes it the greatest, which is how the maximum finds it.
"""

import builtins

import numpy as np

from naja import types
from naja.extending import overload, overload_method
from naja.library import kinds, low

_NAT = -(2**63)


def is_times(a, span_only=False):
    """Whether a type is that of an array of times (of timedeltas only)."""
    wanted = types.NPTimedelta if span_only else (types.NPTimedelta, types.NPDatetime)
    return kinds.is_array(a) and isinstance(a.dtype, wanted)


def _dtype(a):
    return types._core.type_dtype(a.dtype)


def _extremum(name):
    greatest = name == "max"

    def factory(a, axis=None, out=None, keepdims=False):
        if not is_times(a) or not kinds.is_none(out):
            return None
        dtype, keep = _dtype(a), kinds.value(keepdims, f"np.{name}: keepdims")
        if greatest:
            return lambda a, axis=None, out=None, keepdims=False: low.times(
                np.max(low.ticks(a) - 1, axis, None, keep) + 1, dtype
            )
        return lambda a, axis=None, out=None, keepdims=False: low.times(
            np.min(low.ticks(a), axis, None, keep), dtype
        )

    overload(getattr(np, name), prefer_literal=True)(factory)
    overload(getattr(np, f"a{name}"), prefer_literal=True)(factory)
    overload_method(types.Array, name, prefer_literal=True)(factory)


_extremum("min")
_extremum("max")


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
