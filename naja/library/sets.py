"""Set operations on arrays: unique, intersect1d, union1d, setdiff1d, setxor1d, isin.  Everything is by sorting."""

import numpy as np

from naja import types
from naja.extending import overload
from naja.library import kinds, low
from naja.library.sorting import common_dtype, less_than, run_copy
from naja.library.written import written


def to_sorted(t):
    """Return a function of (a): its elements as a new sorted array."""
    run = run_copy if kinds.is_array(t) else lambda a: run_copy(np.asarray(a))

    def sorted_run(a):
        out = run(a)
        low.sort(out, False)
        return out

    return sorted_run


def differ_of(t, equal_nan):
    """Return a function of two neighbours in sorted order: are they different?"""
    if equal_nan and (kinds.is_float(t) or kinds.is_complex(t)):
        return lambda x, y: x != y and not (x != x and y != y)
    return lambda x, y: x != y


def _unique_run(t, equal_nan):
    """Return a function of a sorted array that moves its different elements to the front and gives their number."""
    differ = differ_of(t, equal_nan)

    def unique_run(run):
        n = 0
        for i in range(len(run)):
            if i == 0 or differ(run[i], run[n - 1]):
                run[n] = run[i]
                n += 1
        return n

    return unique_run


def unique_of(t, equal_nan=True):
    """Return a function of (a): its different elements, sorted."""
    sorted_run, unique_run = to_sorted(t), _unique_run(kinds.scalar_type(t), equal_nan)

    def unique(a):
        run = sorted_run(a)
        return run[: unique_run(run)].copy()

    return unique


def _unique_counts(t, equal_nan):
    """Return a function of (a): the different elements, sorted, and how often each is there."""
    sorted_run, differ = to_sorted(t), differ_of(kinds.scalar_type(t), equal_nan)

    def unique_counts(a):
        run = sorted_run(a)
        counts = np.empty(len(run), np.int64)
        n = first = 0
        for i in range(len(run)):
            if i == 0 or differ(run[i], run[n - 1]):
                if n:
                    counts[n - 1] = i - first
                run[n] = run[i]
                first = i
                n += 1
        if n:
            counts[n - 1] = len(run) - first
        return run[:n].copy(), counts[:n].copy()

    return unique_counts


def _unique_parts(t, equal_nan):
    """Return a function of (a): the different elements, the first place of each, where each element went, counts."""
    differ = differ_of(kinds.scalar_type(t), equal_nan)
    run_of = run_copy if kinds.is_array(t) else lambda a: run_copy(np.asarray(a))

    def unique_parts(a):
        values = run_of(a)
        order = np.empty(len(values), np.int64)
        low.argsort(values, order, True)
        first, inverse = np.empty_like(order), np.empty_like(order)
        counts, kept = np.zeros_like(order), np.empty_like(values)
        n = 0
        for i in range(len(order)):
            x = values[order[i]]
            if i == 0 or differ(x, kept[n - 1]):
                kept[n] = x
                first[n] = order[i]
                n += 1
            inverse[order[i]] = n - 1
            counts[n - 1] += 1
        return kept[:n].copy(), first[:n].copy(), inverse, counts[:n].copy()

    return unique_parts


def _unique_slices(ar, axis, index, inverse, counts):
    """The different slices along an axis: rows in the order of their first elements, then their second, ..."""
    k = kinds.axis_of(axis, ar.ndim, "np.unique")
    parts = (("first", index), ("inverse", inverse), ("counts", counts))
    wanted = "".join(f", {name}" for name, is_wanted in parts if is_wanted)
    return written(
        __name__,
        "def f(ar, return_index=False, return_inverse=False, return_counts=False, axis=None, *, equal_nan=True, "
        "sorted=True):\n"
        f"    moved = np.ascontiguousarray(np.moveaxis(ar, {k}, 0))\n"
        "    n = moved.shape[0]\n"
        "    rows = moved.reshape((n, moved.size // n if n else 0))\n"
        "    order = np.lexsort(rows.T[::-1]) if rows.shape[1] else np.arange(n)\n"
        "    first, inverse, counts = np.empty(n, np.int64), np.empty(n, np.int64), np.zeros(n, np.int64)\n"
        "    m = 0\n"
        "    for i in order:\n"
        "        if m == 0 or differ(rows[i], rows[first[m - 1]]):\n"
        "            first[m] = i\n"
        "            m += 1\n"
        "        inverse[i] = m - 1\n"
        "        counts[m - 1] += 1\n"
        "    first, counts = first[:m].copy(), counts[:m].copy()\n"
        f"    found = np.moveaxis(moved[first], 0, {k})\n"
        f"    return found{wanted}\n",
        differ=_rows_differ,
    )


def _rows_differ(x, y):
    for i in range(len(x)):
        if x[i] != y[i]:
            return True
    return False


@overload(np.unique, prefer_literal=True)
def unique(
    ar,
    return_index=False,
    return_inverse=False,
    return_counts=False,
    axis=None,
    *,
    equal_nan=True,
    sorted=True,
):
    """`numpy.unique` of the flattened array, or of its slices along an axis."""
    if kinds.is_storage(ar):
        return None
    index, inverse = (
        kinds.value(return_index, "np.unique: return_index"),
        kinds.value(return_inverse, "return_inverse"),
    )
    counts, same_nan = (
        kinds.value(return_counts, "np.unique: return_counts"),
        kinds.value(equal_nan, "equal_nan"),
    )
    if not kinds.is_none(axis) and kinds.is_array(ar, 1):
        kinds.axis_of(axis, 1, "np.unique")
    elif not kinds.is_none(axis):
        return _unique_slices(ar, axis, index, inverse, counts)
    run = _unique_run_of(ar, same_nan, index, inverse, counts)

    def unique(
        ar,
        return_index=False,
        return_inverse=False,
        return_counts=False,
        axis=None,
        *,
        equal_nan=True,
        sorted=True,
    ):
        return run(ar)

    return unique


def _unique_run_of(ar, equal_nan, index, inverse, counts):
    """Return a function of (ar): its different elements and what else is asked for."""
    if not (index or inverse):  # sorted values say as much as their places do, and are faster to have
        return _unique_counts(ar, equal_nan) if counts else unique_of(ar, equal_nan)
    parts = _unique_parts(ar, equal_nan)
    # One tuple after the other: what was asked for, in NumPy's order.
    with_index = (lambda u, p: (*u, p[1])) if index else (lambda u, p: u)
    shape = (lambda ar, v: v.reshape(ar.shape)) if kinds.is_array(ar) else (lambda ar, v: v)
    with_inverse = (lambda ar, u, p: (*u, shape(ar, p[2]))) if inverse else (lambda ar, u, p: u)
    with_counts = (lambda u, p: (*u, p[3])) if counts else (lambda u, p: u)

    def unique_with(ar):
        p = parts(ar)
        return with_counts(with_inverse(ar, with_index((p[0],), p), p), p)

    return unique_with


# ---- two arrays ---------------------------------------------------------------------------------------------------


def _pair(a, b):
    """Return functions that make both operands runs of the common dtype, and that dtype."""
    dtype = common_dtype(a, b)

    def convert(x):
        values = np.ravel(np.asarray(x))
        out = np.empty(len(values), dtype)
        out[:] = values
        return out

    return convert, types.as_type(dtype)


def _sorted_of(convert):
    def sorted_of(x):
        run = convert(x)
        low.sort(run, False)
        return run

    return sorted_of


def _unique_of(convert, element):
    """Return a function of (x): its different elements in the common dtype, sorted."""
    unique_run = _unique_run(element, True)

    def unique_of(x):
        run = convert(x)
        low.sort(run, False)
        return run[: unique_run(run)].copy()

    return unique_of


@overload(np.union1d, prefer_literal=True)
def union1d(ar1, ar2):
    """`numpy.union1d`."""
    if kinds.is_storage(ar1):
        return None
    convert, element = _pair(ar1, ar2)
    unique_run = _unique_run(element, True)

    def union1d(ar1, ar2):
        both = np.concatenate((convert(ar1), convert(ar2)))
        low.sort(both, False)
        return both[: unique_run(both)].copy()

    return union1d


def _as_given(convert, element, unique):
    return _sorted_of(convert) if unique else _unique_of(convert, element)


@overload(np.intersect1d, prefer_literal=True)
def intersect1d(ar1, ar2, assume_unique=False, return_indices=False):
    """`numpy.intersect1d`: neighbours that are equal in the sorted union."""
    if kinds.is_storage(ar1):
        return None
    is_unique = bool(kinds.value(assume_unique, "np.intersect1d: assume_unique"))
    convert, element = _pair(ar1, ar2)
    if not kinds.value(return_indices, "np.intersect1d: return_indices"):
        unique = convert if is_unique else _unique_of(convert, element)

        def intersect1d(ar1, ar2, assume_unique=False, return_indices=False):
            both = np.concatenate((unique(ar1), unique(ar2)))
            low.sort(both, False)
            n = 0
            for i in range(1, len(both)):
                if both[i - 1] == both[i]:
                    both[n] = both[i - 1]
                    n += 1
            return both[:n].copy()

        return intersect1d
    parts = _unique_parts(types.Array(element, 1, "C"), True)

    def intersect1d_indices(ar1, ar2, assume_unique=False, return_indices=False):
        values1, first1, _, _ = parts(convert(ar1))
        values2, first2, _, _ = parts(convert(ar2))
        m = min(len(values1), len(values2))
        at1, at2, n, i, j = np.empty(m, np.int64), np.empty(m, np.int64), 0, 0, 0
        out = np.empty(m, values1.dtype)
        while i < len(values1) and j < len(values2):
            if values1[i] == values2[j]:
                out[n] = values1[i]
                at1[n] = first1[i]
                at2[n] = first2[j]
                n += 1
                i += 1
                j += 1
            elif less(values1[i], values2[j]):
                i += 1
            else:
                j += 1
        return out[:n].copy(), at1[:n].copy(), at2[:n].copy()

    less = less_than(element)
    return intersect1d_indices


@overload(np.setxor1d, prefer_literal=True)
def setxor1d(ar1, ar2, assume_unique=False):
    """`numpy.setxor1d`: elements of the sorted union that differ from both neighbours."""
    if kinds.is_storage(ar1):
        return None
    is_unique = bool(kinds.value(assume_unique, "np.setxor1d: assume_unique"))
    convert, element = _pair(ar1, ar2)
    unique = convert if is_unique else _unique_of(convert, element)

    def setxor1d(ar1, ar2, assume_unique=False):
        both = np.concatenate((unique(ar1), unique(ar2)))
        low.sort(both, False)
        out = np.empty_like(both)
        n = 0
        for i in range(len(both)):
            if (i == 0 or both[i - 1] != both[i]) and (i + 1 == len(both) or both[i] != both[i + 1]):
                out[n] = both[i]
                n += 1
        return out[:n].copy()

    return setxor1d


def _member(ar1, ar2, invert):
    """Return a function of (a, b): a boolean array of one axis, whether each element of a is in b."""
    convert, element = _pair(ar1, ar2)
    sorted_of = _sorted_of(convert)
    by_flags = _by_flags() if isinstance(element, types.Integer) else lambda values, table, out: False
    search = _by_search(element)

    def member(a, b):
        values, table = convert(a), sorted_of(b)
        out = np.zeros(len(values), np.bool_)
        if len(table) <= _FEW:
            for x in table:
                out |= values == x
        elif not by_flags(values, table, out):
            search(values, table, out)
        return ~out if invert else out

    return member


_FEW = 16  # so many comparisons of whole arrays take less time than a search for each element


def _by_flags():
    """Return a function of (values, table, out) that looks integers up in a table of bools, or returns False."""

    def by_flags(values, table, out):
        low, high = table[0], table[-1]
        span = np.uint64(high) - np.uint64(low)
        if span > np.uint64(6 * (len(values) + len(table))):  # as NumPy decides
            return False
        present = np.zeros(np.int64(span) + 1, np.bool_)
        for x in table:
            present[np.int64(np.uint64(x) - np.uint64(low))] = True
        for i in range(len(values)):
            if low <= values[i] <= high:
                out[i] = present[np.int64(np.uint64(values[i]) - np.uint64(low))]
        return True

    return by_flags


def _by_search(element):
    """Return a function of (values, table, out) that searches the sorted table."""
    less = less_than(element)

    def by_search(values, table, out):
        for i in range(len(values)):
            x = values[i]
            first, last = 0, len(table)
            while first < last:
                middle = first + ((last - first) >> 1)
                if less(table[middle], x):
                    first = middle + 1
                else:
                    last = middle
            out[i] = first < len(table) and table[first] == x

    return by_search


def _isin(element, test_elements, invert):
    member = _member(element, test_elements, invert)
    if kinds.is_array(element):
        return lambda a, b: member(a, b).reshape(a.shape)
    if kinds.is_number(element):
        return lambda a, b: member(a, b).reshape(())
    return member


@overload(np.isin, prefer_literal=True)
def isin(element, test_elements, assume_unique=False, invert=False, *, kind=None):
    """`numpy.isin`: comparisons with a few, a table of integers that lie near each other, or binary search."""
    if kinds.is_storage(element):
        return None
    run = _isin(element, test_elements, bool(kinds.value(invert, "np.isin: invert")))

    def isin(element, test_elements, assume_unique=False, invert=False, *, kind=None):
        return run(element, test_elements)

    return isin


@overload(np.setdiff1d, prefer_literal=True)
def setdiff1d(ar1, ar2, assume_unique=False):
    """`numpy.setdiff1d`."""
    if kinds.is_storage(ar1):
        return None
    is_unique = bool(kinds.value(assume_unique, "np.setdiff1d: assume_unique"))
    absent = _member(ar1, ar2, True)
    first = (lambda a: run_copy(np.asarray(a))) if is_unique else unique_of(ar1)

    def setdiff1d(ar1, ar2, assume_unique=False):
        values = first(ar1)
        keep = absent(values, ar2)
        n = 0
        for i in range(len(values)):
            if keep[i]:
                values[n] = values[i]
                n += 1
        return values[:n].copy()

    return setdiff1d
