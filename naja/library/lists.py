"""Methods and operators of lists, on the raw operations of `naja.library.low`.

Between taking cells apart and putting them together nothing here raises, so a list is whole whenever an exception leaves.
"""

import operator

import numpy as np

from naja import _core, types
from naja.errors import TypingError
from naja.extending import overload, overload_method
from naja.library import kinds, low
from naja.library.written import written
from naja.typed import List


def _is_list(t):
    return isinstance(t, (types.List, types.ListType))


def _check_integer(t, message):
    """TypingError if an argument is of a type, and it is none of integers."""
    if isinstance(t, types.Type) and not isinstance(
        types.unliteral(t), types.Integer | types.Boolean | types.Omitted
    ):
        raise TypingError(f"{message}, not {t}")


# ---- growing and shrinking ---------------------------------------------------------------------------------------------


@overload_method(types.MutableSequence, "extend")
def list_extend(a, iterable):
    if _is_list(iterable):

        def extend(a, iterable):
            n = len(iterable)
            for i in range(n):
                a.append(low.list_get(iterable, i))

        return extend

    if kinds.is_number(iterable):
        raise TypingError(f"extend argument must be iterable, not {iterable}")

    def extend_any(a, iterable):
        for x in iterable:
            a.append(x)

    return extend_any


@overload_method(types.MutableSequence, "insert")
def list_insert(a, index, value):
    _check_integer(index, "list insert indices must be integers")

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


@overload_method(types.MutableSequence, "pop")
def list_pop(a, index=-1):
    _check_integer(index, "argument for pop must be an integer")
    out_of_range = "list index out of range" if isinstance(a, types.ListType) else "pop index out of range"

    def pop(a, index=-1):
        low.list_change(a)
        n = len(a)
        if n == 0:
            raise IndexError("pop from empty list")
        if index < 0:
            index += n
        if index < 0 or index >= n:
            raise IndexError(out_of_range)
        value = low.list_take(a, index)
        low.list_move(a, index, index + 1, n - 1 - index)
        low.list_set_length(a, n - 1)
        low.list_shrink(a)
        return value

    return pop


@overload_method(types.MutableSequence, "remove")
def list_remove(a, value):
    def remove(a, value):
        for i in range(len(a)):
            if low.list_get(a, i) == value:
                a.pop(i)
                return
        raise ValueError("list.remove(x): x not in list")

    return remove


@overload_method(types.MutableSequence, "clear")
def list_clear(a):
    def clear(a):
        low.list_change(a)
        n = len(a)
        low.list_set_length(a, 0)
        low.list_release(a, 0, n)
        low.list_shrink(a)

    return clear


@overload_method(types.MutableSequence, "reverse")
def list_reverse(a):
    def reverse(a):
        low.list_change(a)
        n = len(a)
        for i in range(n // 2):
            x, y = low.list_take(a, i), low.list_take(a, n - 1 - i)
            low.list_put(a, i, y)
            low.list_put(a, n - 1 - i, x)

    return reverse


@overload_method(types.MutableSequence, "copy")
def list_copy(a):
    if not _is_list(a):  # a.flat is a sequence, too
        return None

    def copy(a):
        n = len(a)
        b = low.list_like(a, n)
        low.list_copy(b, 0, a, 0, n)
        low.list_retain(b, 0, n)
        low.list_set_length(b, n)
        return b

    return copy


# ---- searching ---------------------------------------------------------------------------------------------------------


@overload_method(types.LiteralList, "count")
def literal_list_count(a, value):
    terms = " + ".join(f"(a[{i}] == value)" for i in range(a.count)) or "0"
    return written(__name__, f"def f(a, value):\n    return {terms}")


@overload_method(types.LiteralList, "copy")
def literal_list_copy(a):
    return lambda a: a


@overload_method(types.MutableSequence, "count")
def list_count(a, value):
    def count(a, value):
        n = 0
        for x in a:
            if x == value:
                n += 1
        return n

    return count


@overload_method(types.MutableSequence, "index")
def list_index(a, value, start=0, end=9223372036854775807):
    _check_integer(start, "start argument for index must be an integer")
    _check_integer(end, "end argument for index must be an integer")
    missing = "item not in list" if isinstance(a, types.ListType) else "value is not in list"

    def index(a, value, start=0, end=9223372036854775807):
        n = len(a)
        first = max(start + n, 0) if start < 0 else start
        last = end + n if end < 0 else min(end, n)
        for i in range(first, last):
            if low.list_get(a, i) == value:
                return i
        raise ValueError(missing)

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


@overload_method(types.MutableSequence, "not_contains")
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
    if isinstance(a, types.ListType):

        def add_typed(a, b):
            c = a.copy()
            c.extend(b)
            return c

        return add_typed

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


@overload(operator.imul)
def list_imul(a, b):
    if not (_is_list(a) and isinstance(b, types.Integer)):
        return None

    def imul(a, b):
        low.list_change(a)
        n = len(a)
        times = max(b, 0)
        if n and times > 1152921504606846975 // n:
            raise MemoryError()
        if times == 0:
            a.clear()
        else:
            low.list_reserve(a, n * times)
            for i in range(1, times):
                low.list_copy(a, i * n, a, 0, n)
            low.list_retain(a, n, n * times)
            low.list_set_length(a, n * times)
        return a

    return imul


# ---- order -------------------------------------------------------------------------------------------------------------


def merge_order(keys):
    """Return the indices that sort a list, keeping the order of equal items: merges of runs that double in length."""
    n = len(keys)
    order, spare = np.arange(n), np.empty(n, np.int64)
    width = 1
    while width < n:
        for begin in range(0, n, 2 * width):
            middle, end = min(begin + width, n), min(begin + 2 * width, n)
            i, j = begin, middle
            for k in range(begin, end):
                if j == end or (i < middle and not keys[order[j]] < keys[order[i]]):
                    spare[k] = order[i]
                    i += 1
                else:
                    spare[k] = order[j]
                    j += 1
        order, spare = spare, order
        width *= 2
    return order


@overload(low.list_order)
def list_order(keys):
    return merge_order


@overload(low.list_has_negative_zero)
def list_has_negative_zero(a):
    """Equal numbers are the same but for zeros: only those need a stable sort."""
    if not isinstance(a.dtype, types.Float):
        return lambda a: False

    def has_negative_zero(a):
        for x in a:
            if x == 0 and np.signbit(x):
                return True
        return False

    return has_negative_zero


def _is_sortable(t):
    return isinstance(t, (types.Integer, types.Float, types.Boolean))


@overload_method(types.MutableSequence, "sort")
def list_sort(a, key=None, reverse=False):
    if (
        not isinstance(reverse, (types.Boolean, types.Integer, types.Literal, types.Omitted))
        and reverse is not False
    ):
        raise TypingError("an integer is required for the 'reverse' argument")
    no_key = key is None or isinstance(key, types.NoneType) or getattr(key, "value", 0) is None
    if no_key and _is_sortable(a.dtype):

        def sort_numbers(a, key=None, reverse=False):
            low.list_change(a)
            if reverse:
                a.reverse()
            low.list_sort(a, low.list_has_negative_zero(a))
            if reverse:
                a.reverse()

        return sort_numbers
    keys = (lambda a, key: a) if no_key else (lambda a, key: [key(x) for x in a])

    def sort(a, key=None, reverse=False):
        low.list_change(a)
        if reverse:
            a.reverse()
        order = low.list_order(keys(a, key))
        n = len(a)
        b = low.list_like(a, n)
        for i in range(n):
            low.list_copy(b, i, a, order[i], 1)
        low.list_copy(a, 0, b, 0, n)
        if reverse:
            a.reverse()

    return sort


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


@overload(operator.setitem)
def list_setitem(a, index, value):
    if not (_is_list(a) and isinstance(index, types.SliceType)):
        return None
    if isinstance(value, (types.Number, types.NoneType, types.Boolean)):
        raise TypingError("can only assign an iterable when using a slice with assignment/setitem")
    mismatch = (
        "length mismatch for extended slice and sequence: %d items for a slice of %d"
        if isinstance(a, types.ListType)
        else "attempt to assign sequence of size %d to extended slice of size %d"
    )

    def setitem(a, index, value):
        low.list_change(a)
        items = []
        for x in value:
            items.append(x)
        m = len(items)
        start, stop, step = index.indices(len(a))
        if step == 1:
            stop = max(start, stop)
            n, rest = stop - start, len(a) - stop
            low.list_reserve(a, start + m + rest)
            low.list_release(a, start, stop)
            low.list_move(a, start + m, stop, rest)
            for i in range(m):
                low.list_put(a, start + i, low.list_get(items, i))
            low.list_set_length(a, start + m + rest)
            low.list_shrink(a)
        else:
            n = len(range(start, stop, step))
            if n != m:
                low.value_error(mismatch, m, n)
            for i in range(m):
                a[start + i * step] = low.list_get(items, i)

    return setitem


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
        low.list_change(a)
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
            low.list_shrink(a)

    return delete_slice


# ---- making ------------------------------------------------------------------------------------------------------------


@overload(List)
def typed_list_of(*args, **kwargs):
    if kwargs:
        raise TypingError("List() takes no keyword arguments")
    if len(args) > 1:
        raise TypingError(f"List() expected at most 1 argument, got {len(args)}")
    (iterable,) = args
    if isinstance(iterable, types.Number | types.NoneType) or (
        isinstance(iterable, types.BaseTuple) and not types.is_homogeneous(*map(types.unliteral, iterable))
    ):
        raise TypingError(f"List() argument must be iterable, and its items of one type: it is a {iterable}")
    if isinstance(iterable, types.Array) and iterable.ndim == 0:

        def make_scalar(iterable):
            a = List()
            a.append(iterable[()])
            return a

        return make_scalar

    def make(iterable):
        a = List()
        for x in iterable:
            a.append(x)
        return a

    return make


@overload(list)
def list_of(iterable=None):
    if isinstance(iterable, types.List):
        return lambda iterable=None: iterable.copy()

    def make(iterable=None):
        a = []
        for x in iterable:
            a.append(x)
        return a

    return make


# ---- lists as indices of arrays ------------------------------------------------------------------------------------


@overload(operator.getitem)
def array_item(a, b):
    if not isinstance(a, types.Array) or not _is_list(b):
        return None
    return lambda a, b: a[np.array(b)]


@overload(operator.setitem)
def set_array_items(a, b, c):
    if not isinstance(a, types.Array) or not _is_list(b):
        return None

    def put_items(a, b, c):
        a[np.array(b)] = c

    return put_items


# ---- as arrays ---------------------------------------------------------------------------------------------------------


def _depth(t):
    """Nesting of lists and arrays, and the type of the numbers in them; None if they are none."""
    if isinstance(t, types.Number | types.Boolean):
        return 0, t
    if isinstance(t, types.Array):
        return t.ndim, t.dtype
    if isinstance(t, types.BaseTuple):
        return _row_of_numbers(t)
    inner = _depth(t.dtype) if _is_list(t) else None
    return inner and (inner[0] + 1, inner[1])


def _row_of_numbers(t):
    """What `_depth` says of a tuple of numbers: one axis; None: it is no such tuple."""
    if not len(t) or not all(isinstance(item, types.Number | types.Boolean) for item in t):
        return None
    scalar = types.unliteral(t[0])
    for item in t:
        scalar = scalar and _core.type_unify(scalar, types.unliteral(item))
    return scalar and (1, scalar)


def _element(object, dtype):
    if dtype is None or isinstance(dtype, types.NoneType):
        return object
    return getattr(dtype, "dtype", None)


def fill_rows(out, rows):
    """Copy the items of a list, which are lists or arrays of one length, into an array's rows."""
    for i in range(len(rows)):
        if len(rows[i]) != len(out[i]):
            raise ValueError(
                "setting an array element with a sequence. The requested array has an inhomogeneous shape"
            )
        low.list_fill(out[i], rows[i])


@overload(low.list_fill)
def list_fill(out, a):
    if isinstance(a, types.Array):

        def copy(out, a):
            if out.shape != a.shape:
                raise ValueError(
                    "setting an array element with a sequence. The requested array has an inhomogeneous shape"
                )
            out[...] = a

        return copy
    if isinstance(a, types.BaseTuple):
        lines = "".join(f"    out[{i}] = a[{i}]\n" for i in range(len(a)))
        return written(__name__, f"def f(out, a):\n{lines}")
    if isinstance(a.dtype, types.Number | types.Boolean):

        def fill(out, a):
            for i in range(len(a)):
                out[i] = low.list_get(a, i)

        return fill
    return fill_rows


def _first(depth, width=None):
    """Write a function that gives the shape of nested lists: the lengths of the first item, its first item, ...

    `width`: the innermost ones are tuples of this length.
    """
    lines = ["def shape(a):", "    n0 = len(a)"]
    for level in range(1, depth):
        empty = " or ".join(f"n{k} == 0" for k in range(level))
        is_known = width is not None and level == depth - 1
        length = width if is_known else f"0 if {empty} else len(a{'[0]' * level})"
        lines.append(f"    n{level} = {length}")
    lines.append(f"    return ({', '.join(f'n{k}' for k in range(depth))},)")
    names = {}
    exec("\n".join(lines), names)
    return names["shape"]


_SHAPES = {depth: _first(depth) for depth in range(1, 7)}


@overload(low.list_shape)
def list_shape(a):
    innermost = a
    while _is_list(innermost):
        innermost = innermost.dtype
    depth = _depth(a)[0]
    if isinstance(innermost, types.BaseTuple):
        return _first(depth, len(innermost))
    return _SHAPES[depth]


def array_of_list(object, dtype):
    """Return the implementation of np.array for a list of numbers, lists or arrays of numbers; None: it is no such list.

    Parameters
    ----------
    object, dtype : Type
    """
    depth = _depth(object) if _is_list(object) else None
    scalar = depth and _element(depth[1], dtype)
    if scalar is None or depth[0] > max(_SHAPES):
        return None

    def array(object, dtype=None, copy=True, order="K", ndmin=0):
        a = np.empty(low.list_shape(object), scalar)
        low.list_fill(a, object)
        return a

    return array


@overload(np.asarray)
def asarray_of_list(a, dtype=None):
    return (lambda a, dtype=None: np.array(a, dtype)) if array_of_list(a, dtype) else None
