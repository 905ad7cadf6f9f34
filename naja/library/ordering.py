"""What compares items: min, max, sorted, reversed, heapq, bisect.

sorted() merges runs of indices, so it is stable.  The
heap functions do what CPython's do, comparison by comparison: a leaf is brought up along the smaller children first
(Knuth, The Art of Computer Programming 3, 5.2.3, exercise 18), so that heaps are equal item by item.
"""

import bisect
import heapq

import numpy as np

from naja import types
from naja.errors import TypingError
from naja.extending import overload
from naja.library import kinds

_MISSING = object()

# ---- min and max -------------------------------------------------------------------------------------------------------


def _lesser(x, y):
    return x < y


def _greater(x, y):
    return x > y


def _first_of_all(builtin, wins):
    """Register min or max: the first item that no later one beats."""
    try:
        builtin(())
    except ValueError as error:
        empty = str(error)  # differs between versions of Python

    @overload(builtin)
    def extremum(first, *others, key=None, default=_MISSING):
        keyed = not kinds.is_none(key)
        if others:
            if keyed:
                return lambda first, *others, key=None: builtin((first, *others), key=key)
            return _of_arguments(wins)
        if default is not _MISSING:
            return _of_iterable_or(wins, keyed)
        return _of_iterable(wins, keyed, empty)


def _of_arguments(wins):
    def of_two(x, y):
        return y if wins(y, x) else x

    def of_arguments(first, *others):
        best = first
        for x in others:
            best = of_two(best, x)
        return best

    return of_arguments


def _of_iterable(wins, keyed, empty):
    if keyed:

        def by_key(first, key=None):
            rest = iter(first)
            found = False
            for x in rest:
                best = x
                found = True
                break
            if not found:
                raise ValueError(empty)
            best_key = key(best)
            for x in rest:
                x_key = key(x)
                if wins(x_key, best_key):
                    best, best_key = x, x_key
            return best

        return by_key

    def by_value(first):
        rest = iter(first)
        found = False
        for x in rest:
            best = x
            found = True
            break
        if not found:
            raise ValueError(empty)
        for x in rest:
            if wins(x, best):
                best = x
        return best

    return by_value


def _of_iterable_or(wins, keyed):
    if keyed:

        def by_key(first, key=None, default=None):
            rest = iter(first)
            for x in rest:
                best = x
                best_key = key(best)
                for y in rest:
                    y_key = key(y)
                    if wins(y_key, best_key):
                        best, best_key = y, y_key
                return best
            return default

        return by_key

    def by_value(first, default=None):
        rest = iter(first)
        for x in rest:
            best = x
            for y in rest:
                if wins(y, best):
                    best = y
            return best
        return default

    return by_value


_first_of_all(min, _lesser)
_first_of_all(max, _greater)

# ---- sorting -----------------------------------------------------------------------------------------------------------

_RUN = 8


def _insert_runs(keys, order, reverse):
    n = len(order)
    for begin in range(0, n, _RUN):
        for i in range(begin + 1, min(begin + _RUN, n)):
            at = order[i]
            j = i
            while j > begin and (keys[order[j - 1]] < keys[at] if reverse else keys[at] < keys[order[j - 1]]):
                order[j] = order[j - 1]
                j -= 1
            order[j] = at


def _merge(keys, order, out, begin, middle, end, reverse):
    i, j = begin, middle
    for k in range(begin, end):
        if i == middle:
            take_right = True
        elif j == end:
            take_right = False
        elif reverse:
            take_right = keys[order[i]] < keys[order[j]]
        else:
            take_right = keys[order[j]] < keys[order[i]]
        if take_right:
            out[k] = order[j]
            j += 1
        else:
            out[k] = order[i]
            i += 1


def sorted_order(keys, reverse):
    """Indices that sort a list, as an int64 array; stable."""
    n = len(keys)
    order, other = np.arange(n), np.empty(n, np.int64)
    _insert_runs(keys, order, reverse)
    width = _RUN
    while width < n:
        for begin in range(0, n, 2 * width):
            middle, end = min(begin + width, n), min(begin + 2 * width, n)
            _merge(keys, order, other, begin, middle, end, reverse)
        order, other = other, order
        width *= 2
    return order


@overload(sorted)
def _sorted(iterable, key=None, reverse=False):
    if kinds.is_none(key):

        def by_value(iterable, key=None, reverse=False):
            items = [x for x in iterable]
            order = sorted_order(items, bool(reverse))
            return [items[i] for i in order]

        return by_value

    def by_key(iterable, key=None, reverse=False):
        items = [x for x in iterable]
        order = sorted_order([key(x) for x in items], bool(reverse))
        return [items[i] for i in order]

    return by_key


@overload(reversed)
def _reversed(sequence):
    if isinstance(sequence, (types.DictType, types.DictView)):

        def backwards_through_dict(sequence):
            items = list(sequence)
            for i in range(len(items) - 1, -1, -1):
                yield items[i]

        return backwards_through_dict

    if isinstance(sequence, types.List):

        def backwards_through_list(sequence):
            i = len(sequence) - 1
            while 0 <= i < len(sequence):  # one that has got shorter ends the loop
                yield sequence[i]
                i -= 1

        return backwards_through_list

    def backwards(sequence):
        for i in range(len(sequence) - 1, -1, -1):
            yield sequence[i]

    return backwards


# ---- heaps -------------------------------------------------------------------------------------------------------------


def _sift_down(heap, start, at):
    item = heap[at]
    while at > start:
        parent = (at - 1) >> 1
        if not item < heap[parent]:
            break
        heap[at] = heap[parent]
        at = parent
    heap[at] = item


def _sift_up(heap, at):
    end, start = len(heap), at
    item = heap[at]
    child = 2 * at + 1
    while child < end:
        if child + 1 < end and not heap[child] < heap[child + 1]:
            child += 1
        heap[at] = heap[child]
        at = child
        child = 2 * at + 1
    heap[at] = item
    _sift_down(heap, start, at)


def _check_heap(heap, item=None):
    if not isinstance(heap, types.MutableSequence):
        raise TypingError("heap argument must be a list")
    if isinstance(heap.dtype, types.Complex):
        raise TypingError("'<' not supported between instances of 'complex' and 'complex'")
    if isinstance(heap.dtype, types.Integer) and isinstance(item, (types.Float, types.Complex)):
        raise TypingError(f"heap type must be the same as item type: {item} does not fit {heap}")


@overload(heapq.heapify)
def _heapify(heap):
    _check_heap(heap)

    def heapify(heap):
        for i in range(len(heap) // 2 - 1, -1, -1):
            _sift_up(heap, i)

    return heapify


@overload(heapq.heappush)
def _heappush(heap, item):
    _check_heap(heap, item)

    def heappush(heap, item):
        heap.append(item)
        _sift_down(heap, 0, len(heap) - 1)

    return heappush


@overload(heapq.heappop)
def _heappop(heap):
    _check_heap(heap)

    def heappop(heap):
        if len(heap) == 0:
            raise IndexError("index out of range")
        last = heap.pop()
        if len(heap) == 0:
            return last
        first = heap[0]
        heap[0] = last
        _sift_up(heap, 0)
        return first

    return heappop


@overload(heapq.heapreplace)
def _heapreplace(heap, item):
    _check_heap(heap, item)

    def heapreplace(heap, item):
        if len(heap) == 0:
            raise IndexError("index out of range")
        first = heap[0]
        heap[0] = item
        _sift_up(heap, 0)
        return first

    return heapreplace


@overload(heapq.heappushpop)
def _heappushpop(heap, item):
    _check_heap(heap, item)

    def heappushpop(heap, item):
        if len(heap) > 0 and heap[0] < item:
            first = heap[0]
            heap[0] = item
            _sift_up(heap, 0)
            return first
        return item

    return heappushpop


def _check_count(n):
    if not isinstance(kinds.plain(n), (types.Integer, types.Boolean)):
        raise TypingError("First argument 'n' must be an integer")


def _check_iterable(iterable):
    if not isinstance(
        iterable, (types.Sequence, types.Array, types.BaseTuple, types.Generator, types.RangeType)
    ):
        raise TypingError("Second argument 'iterable' must be iterable")


def _best(function, reverse):
    @overload(function)
    def best(n, iterable, key=None):
        _check_count(n)
        _check_iterable(iterable)
        if kinds.is_none(key):
            return lambda n, iterable, key=None: sorted(iterable, reverse=reverse)[: max(n, 0)]
        return lambda n, iterable, key=None: sorted(iterable, key=key, reverse=reverse)[: max(n, 0)]


_best(heapq.nsmallest, False)
_best(heapq.nlargest, True)

# ---- bisection ---------------------------------------------------------------------------------------------------------


def _check_bounds(lo):
    if lo < 0:
        raise ValueError("lo must be non-negative")


def _bisection(function, goes_right):
    @overload(function)
    def bisect_any(a, x, lo=0, hi=None, key=None):
        keyed, bounded = not kinds.is_none(key), not kinds.is_none(hi)

        def position(a, x, lo=0, hi=None, key=None):
            _check_bounds(lo)
            low_, high = lo, len(a)
            if bounded:
                high = hi
            if high > len(a):
                raise IndexError("list index out of range")
            while low_ < high:
                middle = (low_ + high) // 2
                item = a[middle]
                if keyed:
                    right = goes_right(key(item), x)
                else:
                    right = goes_right(item, x)
                if right:
                    low_ = middle + 1
                else:
                    high = middle
            return low_

        return position


def _not_greater(item, x):
    return not x < item


_bisection(bisect.bisect_left, _lesser)
_bisection(bisect.bisect_right, _not_greater)


def _insertion(function, search):
    @overload(function)
    def insort(a, x, lo=0, hi=None, key=None):
        if kinds.is_none(key):

            def insert(a, x, lo=0, hi=None, key=None):
                a.insert(search(a, x, lo, hi), x)

            return insert

        def insert_by_key(a, x, lo=0, hi=None, key=None):
            a.insert(search(a, key(x), lo, hi, key=key), x)

        return insert_by_key


_insertion(bisect.insort_left, bisect.bisect_left)
_insertion(bisect.insort_right, bisect.bisect_right)
