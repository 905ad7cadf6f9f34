"""Methods and operators of lists, on the raw operations of `naja.library.low`.

Between taking cells apart and putting them together nothing here raises, so a list is whole whenever an exception leaves.
"""

import operator

import numpy as np

from naja import types
from naja.extending import overload, overload_method
from naja.library import low


def _is_list(t):
    return isinstance(t, types.List)


# ---- growing and shrinking ---------------------------------------------------------------------------------------------


@overload_method(types.List, "extend")
def list_extend(a, iterable):
    if _is_list(iterable):

        def extend(a, iterable):
            n = len(iterable)
            for i in range(n):
                a.append(low.list_get(iterable, i))

        return extend

    def extend_any(a, iterable):
        for x in iterable:
            a.append(x)

    return extend_any


@overload_method(types.List, "insert")
def list_insert(a, index, value):
    def insert(a, index, value):
        n = len(a)
        a.append(value)
        if index < 0:
            index = max(index + n, 0)
        if index < n:
            last = low.list_take(a, n)
            low.list_move(a, index + 1, index, n - index)
            low.list_set_length(a, n)
            low.list_put(a, index, last)
            low.list_set_length(a, n + 1)

    return insert


@overload_method(types.List, "pop")
def list_pop(a, index=-1):
    def pop(a, index=-1):
        n = len(a)
        if n == 0:
            raise IndexError("pop from empty list")
        if index < 0:
            index += n
        if index < 0 or index >= n:
            raise IndexError("pop index out of range")
        value = low.list_take(a, index)
        low.list_move(a, index, index + 1, n - 1 - index)
        low.list_set_length(a, n - 1)
        return value

    return pop


@overload_method(types.List, "remove")
def list_remove(a, value):
    def remove(a, value):
        for i in range(len(a)):
            if low.list_get(a, i) == value:
                a.pop(i)
                return
        raise ValueError("list.remove(x): x not in list")

    return remove


@overload_method(types.List, "clear")
def list_clear(a):
    def clear(a):
        n = len(a)
        low.list_set_length(a, 0)
        low.list_release(a, 0, n)

    return clear


@overload_method(types.List, "reverse")
def list_reverse(a):
    def reverse(a):
        n = len(a)
        for i in range(n // 2):
            x, y = low.list_take(a, i), low.list_take(a, n - 1 - i)
            low.list_put(a, i, y)
            low.list_put(a, n - 1 - i, x)

    return reverse


@overload_method(types.List, "copy")
def list_copy(a):
    def copy(a):
        n = len(a)
        b = low.list_like(a, n)
        low.list_copy(b, 0, a, 0, n)
        low.list_retain(b, 0, n)
        low.list_set_length(b, n)
        return b

    return copy


# ---- searching ---------------------------------------------------------------------------------------------------------


@overload_method(types.List, "count")
def list_count(a, value):
    def count(a, value):
        n = 0
        for x in a:
            if x == value:
                n += 1
        return n

    return count


@overload_method(types.List, "index")
def list_index(a, value, start=0, stop=9223372036854775807):
    def index(a, value, start=0, stop=9223372036854775807):
        n = len(a)
        first = max(start + n, 0) if start < 0 else start
        end = stop + n if stop < 0 else min(stop, n)
        for i in range(first, end):
            if low.list_get(a, i) == value:
                return i
        raise ValueError("value is not in list")

    return index


@overload(operator.contains)
def list_contains(a, value):
    if not _is_list(a):
        return None

    def contains(a, value):
        for x in a:
            if x == value:
                return True
        return False

    return contains


@overload_method(types.List, "not_contains")
def list_not_contains(a, value):
    return lambda a, value: not operator.contains(a, value)


# ---- comparison --------------------------------------------------------------------------------------------------------


@overload(operator.eq)
def list_eq(a, b):
    if _is_list(a) != _is_list(b) and isinstance(a if _is_list(b) else b, types.BaseTuple):
        return lambda a, b: False
    if not (_is_list(a) and _is_list(b)):
        return None

    def eq(a, b):
        n = len(a)
        if n != len(b):
            return False
        for i in range(n):
            if low.list_get(a, i) != low.list_get(b, i):
                return False
        return True

    return eq


@overload(operator.ne)
def list_ne(a, b):
    return (lambda a, b: not a == b) if list_eq(a, b) else None


def _ordered(compare):
    """Lists are ordered by their first items that differ, then by their lengths."""

    @overload(compare)
    def list_order(a, b):
        if not (_is_list(a) and _is_list(b)):
            return None

        def order(a, b):
            for i in range(min(len(a), len(b))):
                x, y = low.list_get(a, i), low.list_get(b, i)
                if x != y:
                    return compare(x, y)
            return compare(len(a), len(b))

        return order


for _compare in (operator.lt, operator.le, operator.gt, operator.ge):
    _ordered(_compare)


# ---- concatenation and repetition --------------------------------------------------------------------------------------


@overload(operator.add)
def list_add(a, b):
    if not (_is_list(a) and _is_list(b)):
        return None

    def add(a, b):
        c = []
        for x in a:
            c.append(x)
        for x in b:
            c.append(x)
        return c

    return add


@overload(operator.iadd)
def list_iadd(a, b):
    if not _is_list(a):
        return None

    def iadd(a, b):
        a.extend(b)
        return a

    return iadd


@overload(operator.mul)
def list_mul(a, b):
    if isinstance(a, types.Integer) and _is_list(b):
        return lambda a, b: b * a
    if not (_is_list(a) and isinstance(b, types.Integer)):
        return None

    def mul(a, b):
        n = len(a)
        times = max(b, 0)
        if n and times > 1152921504606846975 // n:
            raise MemoryError()
        c = low.list_like(a, n * times)
        for i in range(times):
            low.list_copy(c, i * n, a, 0, n)
        low.list_retain(c, 0, n * times)
        low.list_set_length(c, n * times)
        return c

    return mul


# ---- slices ------------------------------------------------------------------------------------------------------------


@overload(operator.getitem)
def list_getitem(a, index):
    if not (_is_list(a) and isinstance(index, types.SliceType)):
        return None

    def getitem(a, index):
        start, stop, step = index.indices(len(a))
        n = len(range(start, stop, step))
        b = low.list_like(a, n)
        for i in range(n):
            low.list_put(b, i, low.list_get(a, start + i * step))
            low.list_set_length(b, i + 1)
        return b

    return getitem


@overload(operator.delitem)
def list_delitem(a, index):
    if not _is_list(a):
        return None
    if isinstance(index, types.Integer):

        def delete(a, index):
            n = len(a)
            if index < 0:
                index += n
            if index < 0 or index >= n:
                raise IndexError("list assignment index out of range")
            a.pop(index)

        return delete

    def delete_slice(a, index):
        start, stop, step = index.indices(len(a))
        n = len(range(start, stop, step))
        if step < 0:
            start, step = start + (n - 1) * step, -step
        kept = start
        for i in range(start, len(a)):
            gone = (i - start) % step == 0 and (i - start) // step < n
            if gone:
                low.list_release(a, i, i + 1)
            else:
                low.list_move(a, kept, i, 1)
                kept += 1
        if n:
            low.list_set_length(a, kept)

    return delete_slice


# ---- making ------------------------------------------------------------------------------------------------------------


@overload(list)
def list_of(iterable=None):
    if _is_list(iterable):
        return lambda iterable=None: iterable.copy()

    def make(iterable=None):
        a = []
        for x in iterable:
            a.append(x)
        return a

    return make


@overload(np.array)
def array_of_list(object, dtype=None):
    if not _is_list(object) or not isinstance(object.dtype, types.Number):
        return None
    scalar = object.dtype if dtype is None or isinstance(dtype, types.NoneType) else dtype.dtype

    def array(object, dtype=None):
        n = len(object)
        a = np.empty(n, scalar)
        for i in range(n):
            a[i] = low.list_get(object, i)
        return a

    return array
