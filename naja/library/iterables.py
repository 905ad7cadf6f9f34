"""Built-in functions that go through iterables: map, filter, iter, sum, functools.reduce.

map, filter and iter are generators: their items are computed when they are asked for, as Python does.
"""

import functools

from naja import types
from naja.extending import overload
from naja.library import kinds


@overload(iter)
def _iter(iterable):
    def items(iterable):
        for x in iterable:
            yield x

    return items


@overload(map)
def _map(func, iterable, *others):
    if not others:

        def apply(func, iterable):
            for x in iterable:
                yield func(x)

        return apply

    def apply_several(func, iterable, *others):
        for args in zip(iterable, *others):  # noqa: B905
            yield func(*args)

    return apply_several


@overload(filter)
def _filter(func, iterable):
    if kinds.is_none(func):

        def keep_true(func, iterable):
            for x in iterable:
                if x:
                    yield x

        return keep_true

    def keep(func, iterable):
        for x in iterable:
            if func(x):
                yield x

    return keep


@overload(functools.reduce)
def _reduce(func, iterable, initial=None):
    if kinds.is_none(initial):

        def fold(func, iterable, initial=None):
            rest = iter(iterable)
            result = next(rest)
            for x in rest:
                result = func(result, x)
            return result

        return fold

    def fold_from(func, iterable, initial=None):
        result = initial
        for x in iterable:
            result = func(result, x)
        return result

    return fold_from


@overload(sum)
def _sum_of_rows(iterable, start=0):
    """`sum` of an array of two or more axes: its parts are added."""
    if not (isinstance(iterable, types.Array) and iterable.ndim > 1):
        return None
    if isinstance(start, types.Array):

        def sum_from_array(iterable, start=0):
            total = start + iterable[0] if len(iterable) else start + 0
            for i in range(1, len(iterable)):
                total = total + iterable[i]
            return total

        return sum_from_array

    def sum_of_rows(iterable, start=0):
        if len(iterable) == 0:
            raise ValueError("sum() of an array without rows has no shape: give an array as start")
        total = start + iterable[0]
        for i in range(1, len(iterable)):
            total = total + iterable[i]
        return total

    return sum_of_rows
