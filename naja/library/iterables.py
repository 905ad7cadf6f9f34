"""Built-in functions that go through iterables: map, filter, iter, sum, any, all, bytes, functools.reduce.

map, filter and iter are generators: their items are computed when they are asked for, as Python does.
"""

import functools

import numpy as np

from naja import types
from naja.extending import overload, overload_method
from naja.library import kinds, low
from naja.library.written import written


@overload(iter)
def _iter(iterable):
    def items(iterable):
        for x in iterable:
            yield x

    return items


@overload(any)
def _any(iterable):
    """Of items that are no numbers, which are the compiler's: anything that has a truth."""

    def any_true(iterable):
        for x in iterable:
            if x:
                return True
        return False

    return any_true


@overload(all)
def _all(iterable):
    def all_true(iterable):
        for x in iterable:
            if not x:
                return False
        return True

    return all_true


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


@overload(sum)
def _sum_of_any(iterable, start=0):
    """`sum` of what the compiler's own rows do not add: lists, tuples, arrays, times, instances."""
    if isinstance(kinds.plain(start), types.UnicodeType | types.Bytes):
        kind, join = (
            ("strings", "''") if isinstance(kinds.plain(start), types.UnicodeType) else ("bytes", "b''")
        )
        message = f"sum() can't sum {kind} [use {join}.join(seq) instead]"

        def refuse(iterable, start=0):
            raise TypeError(message)

        return refuse
    if isinstance(iterable, types.BaseTuple):
        first = "start" if isinstance(start, types.Type) and not isinstance(start, types.Omitted) else "0"
        terms = [first, *(f"iterable[{i}]" for i in range(iterable.count))]
        return written(__name__, f"def f(iterable, start=0):\n    return {' + '.join(terms)}")
    if not kinds.is_number(start) and not isinstance(start, types.Omitted):

        def sum_from(iterable, start=0):
            total = start
            for x in iterable:
                total = total + x
            return total

        return sum_from
    if kinds.is_number(getattr(iterable, "dtype", None) or getattr(iterable, "yield_type", None)):
        return None

    def sum_of_any(iterable, start=0):
        items = iter(iterable)
        try:
            total = start + next(items)
        except StopIteration:
            raise ValueError(
                "sum() of nothing has no type here: give start a value of the items' type"
            ) from None
        for x in items:
            total = total + x
        return total

    return sum_of_any


def _bytearray_of(source):
    """A bytearray of numbers, or None if the type has none."""
    if isinstance(source, types.Array):  # its memory in C order, as of every buffer

        def bytearray_of_array(source):
            memory = np.ascontiguousarray(source).ravel().view(np.uint8)
            made = bytearray(len(memory))
            for i in range(len(memory)):
                made[i] = memory[i]
            return made

        return bytearray_of_array
    if not isinstance(source, (types.BaseTuple, types.MutableSequence, types.RangeType)):
        return None

    def bytearray_of(source):
        made = bytearray(len(source))
        i = 0
        for number in source:
            if number < 0 or number > 255:
                raise ValueError("bytes must be in range(0, 256)")
            made[i] = number
            i += 1
        return made

    return bytearray_of


@overload(bytearray)
def _bytearray(source):
    return _bytearray_of(source)


@overload(bytes)
def _bytes(source):
    convert = _bytearray_of(source)
    return None if convert is None else lambda source: bytes(convert(source))


# ---- methods of generators ---------------------------------------------------------------------------------------------


@overload_method(types.Generator, "throw")
def generator_throw(self, error):
    if error.kind == "FUNCTION":

        def throw_class(self, error):
            return self.throw(error())

        return throw_class

    def throw(self, error):
        if low.generator_waits(self):
            return low.generator_throw(self, error)
        low.generator_end(self)
        raise error

    return throw


@overload_method(types.Generator, "close")
def generator_close(self):
    def close(self):
        if low.generator_waits(self):
            try:
                low.generator_throw(self, GeneratorExit())
            except GeneratorExit:
                return
            except StopIteration:
                return
            raise RuntimeError("generator ignored GeneratorExit")
        low.generator_end(self)

    return close


@overload_method(types.Generator, "send")
def generator_send(self, value):
    if kinds.is_none(value):
        return lambda self, value: next(self)
    return lambda self, value: low.generator_send(self, value)
