"""Methods and operators of ranges beyond iteration."""

import operator

from naja import types
from naja.extending import overload, overload_method
from naja.library import kinds, low


def _is_range(t):
    return isinstance(t, types.RangeType)


@overload(operator.contains)
def _contains(r, value):
    if not _is_range(r) or not kinds.is_number(value):
        return None
    if kinds.is_integer(value) or isinstance(value, types.Boolean):

        def contains(r, value):
            x, start, stop, step = int(value), r.start, r.stop, r.step
            inside = start <= x < stop if step > 0 else stop < x <= start
            return inside and (x - start) % step == 0

        return contains

    def contains_any(r, value):
        for x in r:
            if x == value:
                return True
        return False

    return contains_any


@overload_method(types.RangeType, "not_contains")
def _not_contains(r, value):
    return lambda r, value: not operator.contains(r, value)


@overload(operator.eq)
def _eq(a, b):
    if isinstance(a, types.SliceType) and isinstance(b, types.SliceType):
        return lambda a, b: a.start == b.start and a.stop == b.stop and a.step == b.step
    if not (_is_range(a) and _is_range(b)):
        return None

    def eq(a, b):
        n = len(a)
        if n != len(b):
            return False
        return n == 0 or (a.start == b.start and (n == 1 or a.step == b.step))

    return eq


@overload(operator.ne)
def _ne(a, b):
    both = (_is_range(a) and _is_range(b)) or (
        isinstance(a, types.SliceType) and isinstance(b, types.SliceType)
    )
    return (lambda a, b: not a == b) if both else None


@overload(operator.getitem)
def _getitem(r, index):
    if not (_is_range(r) and isinstance(index, types.SliceType)):
        return None

    def getitem(r, index):
        start, stop, step = index.indices(len(r))
        return range(r.start + start * r.step, r.start + stop * r.step, r.step * step)

    return getitem


@overload_method(types.RangeType, "index")
def _index(r, value):
    def index(r, value):
        if value not in r:
            low.value_error("%d is not in range", value, 0)
        return (int(value) - r.start) // r.step

    return index


@overload_method(types.RangeType, "count")
def _count(r, value):
    return lambda r, value: int(value in r)
