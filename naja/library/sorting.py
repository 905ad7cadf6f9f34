"""Sorting, selecting and searching: sort, argsort, partition, argpartition, lexsort, searchsorted, digitize.

Runs of numbers are sorted by NumPy's own functions and partitioned by the runtime (src/runtime/sort.c); here are axes,
copies and the checks of arguments.  An array is brought into a shape whose last axis is the one to sort, and sorted
row by row.
"""

import numpy as np

from naja import _core, types
from naja.errors import TypingError
from naja.extending import overload, overload_method
from naja.library import kinds, low

_KINDS = {None: False, "quicksort": False, "heapsort": False, "stable": True, "mergesort": True}


def is_stable(kind, stable, what):
    """Whether the arguments `kind` and `stable` of a sort ask for a stable one."""
    name, flag = kinds.value(kind, f"{what}: kind"), kinds.value(stable, f"{what}: stable")
    if name is not None and flag is not None:
        raise TypingError(
            "`kind` and keyword parameters can't be provided at the same time. Use only one of them."
        )
    if name is not None and name.lower() not in _KINDS:
        names = {"q": False, "h": False, "m": True, "s": True}
        if name[:1].lower() not in names:
            raise TypingError(f"sort kind must be one of 'quick', 'heap', or 'stable' (got {name!r})")
        return names[name[:1].lower()]
    return bool(flag) if flag is not None else _KINDS[name and name.lower()]


def _check_no_order(order, what):
    if not kinds.is_none(order):
        raise TypingError(f"{what}: order names fields, and these elements have none")


def sorting_axis(a, axis, what):
    """The axis to sort along; None: the flattened array."""
    if not kinds.is_array(a) or a.ndim == 0:
        return None
    return None if kinds.is_none(axis) else kinds.axis_of(axis, a.ndim, what)


# ---- sort ---------------------------------------------------------------------------------------------------------


def _sort_rows(rows, stable):
    for i in range(len(rows)):
        low.sort(rows[i], stable)


def _argsort_rows(rows, out, stable):
    for i in range(len(rows)):
        low.argsort(rows[i], out[i], stable)


def _partition_rows(rows, places):
    for i in range(len(rows)):
        low.partition(rows[i], places)


def _argpartition_rows(rows, places, out):
    for i in range(len(rows)):
        low.argpartition(rows[i], places, out[i])


def run_copy(a):
    """The elements of an array as a new contiguous array of one axis."""
    out = np.empty(a.size, a.dtype)
    out.reshape(a.shape)[...] = a
    return out


def moved_copy(axis):
    """Return a function that gives a C-contiguous copy of an array, with this axis last."""

    def moved_copy(a):
        view = np.swapaxes(a, axis, -1)
        out = np.empty(view.shape, a.dtype)
        out[...] = view
        return out

    return moved_copy


def moved_back(a, axis, like_a=True):
    """Return a function that puts the last axis back and gives a contiguous array, in Fortran's order if `a` is."""
    if like_a and a.layout == "F" and a.ndim > 1:
        return lambda moved: np.asfortranarray(np.swapaxes(moved, axis, -1))
    if axis == a.ndim - 1:
        return lambda moved: moved
    return lambda moved: np.ascontiguousarray(np.swapaxes(moved, axis, -1))


def rows_of(a):
    """A C-contiguous array that has elements, as a table of its last axis."""
    n = a.shape[-1]
    return a.reshape(a.size // n, n)


def _sorted_copy(a, axis, stable):
    """Return a function of (a) that gives a sorted copy."""
    if axis is None or a.ndim == 1:

        def sort_run(a):
            out = run_copy(a)
            low.sort(out, stable)
            return out

        return sort_run
    move, back = moved_copy(axis), moved_back(a, axis)

    def sort_axis(a):
        moved = move(a)
        if moved.size:
            _sort_rows(rows_of(moved), stable)
        return back(moved)

    return sort_axis


@overload(np.sort, prefer_literal=True)
def sort(a, axis=-1, kind=None, order=None, *, stable=None):
    """`numpy.sort`: NumPy's own sort of each run."""
    if kinds.is_storage(a):
        return None  # storage_arrays.py, or the interpreter
    _check_no_order(order, "np.sort")
    is_stable_ = is_stable(kind, stable, "np.sort")
    axis_ = sorting_axis(a, axis, "np.sort")
    run = _sorted_copy(a, axis_, is_stable_)

    def sort(a, axis=-1, kind=None, order=None, *, stable=None):
        return run(a)

    return sort


@overload_method(types.Array, "sort", prefer_literal=True)
def array_sort(a, axis=-1, kind=None, order=None, *, stable=None):
    """`numpy.ndarray.sort`: in place."""
    if kinds.is_storage(a):
        return None  # storage_arrays.py, or the interpreter
    _check_no_order(order, "ndarray.sort")
    is_stable_ = is_stable(kind, stable, "ndarray.sort")
    axis_ = kinds.axis_of(axis, a.ndim, "ndarray.sort")
    if a.ndim == 1 and a.is_contig:

        def array_sort_run(a, axis=-1, kind=None, order=None, *, stable=None):
            low.sort(a, is_stable_)

        return array_sort_run
    run = _sorted_copy(a, axis_, is_stable_)

    def array_sort(a, axis=-1, kind=None, order=None, *, stable=None):
        a[...] = run(a)

    return array_sort


@overload(np.argsort, prefer_literal=True)
def argsort(a, axis=-1, kind=None, order=None, *, stable=None):
    """`numpy.argsort`: NumPy's own sort of each run."""
    if kinds.is_storage(a):
        return None  # storage_arrays.py, or the interpreter
    _check_no_order(order, "np.argsort")
    is_stable_ = is_stable(kind, stable, "np.argsort")
    axis_ = sorting_axis(a, axis, "np.argsort")
    if axis_ is None or a.ndim == 1:
        run = np.ascontiguousarray if kinds.is_array(a, 1) else run_copy

        def argsort(a, axis=-1, kind=None, order=None, *, stable=None):
            out = np.empty(a.size, np.int64)
            low.argsort(run(a), out, is_stable_)
            return out

        return argsort
    move, back = moved_copy(axis_), moved_back(a, axis_, False)

    def argsort_axis(a, axis=-1, kind=None, order=None, *, stable=None):
        moved = move(a)
        out = np.empty(moved.shape, np.int64)
        if moved.size:
            _argsort_rows(rows_of(moved), rows_of(out), is_stable_)
        return back(out)

    return argsort_axis


@overload_method(types.Array, "argsort", prefer_literal=True)
def array_argsort(a, axis=-1, kind=None, order=None, *, stable=None):
    """`numpy.ndarray.argsort`."""
    if kinds.is_storage(a):
        return None  # storage_arrays.py, or the interpreter
    return argsort(a, axis, kind, order, stable=stable)


# ---- partition ----------------------------------------------------------------------------------------------------


def _check_partitioned(a, what):
    if not kinds.is_array_like(a) or kinds.is_number(a):
        raise TypingError(f"The first argument must be an array-like: {what} partitions axes")
    if kinds.is_array(a, 0):
        raise TypingError("The first argument must be at least 1-D (found 0-D)")


def _no_places(a, kth, axis=-1, kind="introselect", order=None):
    raise ValueError("kth must be scalar or 1-D")


def places_of(kth, n):
    """The positions `kth`, an array, in a run of n: ascending, not negative; ValueError for one out of range.

    In a run of nothing there is none: NumPy does not look at `kth` then.
    """
    out = np.empty(kth.size if n else 0, np.int64)
    for i in range(len(out)):
        k = np.int64(kth[i])
        place = k + n if k < 0 else k
        if place < 0 or place >= n:
            low.value_error("kth(=%d) out of bounds (%d)", place, n)
        out[i] = place
    low.sort(out, False)
    return out


def single(x):
    """An array of one axis with the element x."""
    return np.full(1, x)


def to_run(t):
    """What makes an array of one axis of an argument of type `t`."""
    if isinstance(t, types.BaseTuple):
        return np.asarray
    return np.ravel if kinds.is_array(t) else single


def _check_kth(kth, what):
    dtype = kinds.scalar_type(kth) if isinstance(kth, types.BaseTuple) else kinds.element(kth)
    if not kinds.is_integer(dtype) and not isinstance(dtype, types.Boolean):
        raise TypingError(f"{what}: Partition index must be integer")


@overload(np.partition, prefer_literal=True)
def partition(a, kth, axis=-1, kind="introselect", order=None):
    """`numpy.partition`: selection by Floyd and Rivest (src/runtime/sort.c)."""
    if kinds.is_storage(a):
        return None  # storage_arrays.py, or the interpreter
    if kinds.is_sequence(a):
        return lambda a, kth, axis=-1, kind="introselect", order=None: np.partition(np.array(a), kth, axis)
    _check_no_order(order, "np.partition")
    _check_partitioned(a, "np.partition")
    _check_kth(kth, "np.partition")
    if kinds.is_array(kth) and kth.ndim > 1:
        return _no_places
    axis_ = sorting_axis(a, axis, "np.partition")
    run = to_run(kth)
    if axis_ is None or a.ndim == 1:

        def partition(a, kth, axis=-1, kind="introselect", order=None):
            out = run_copy(a)
            low.partition(out, places_of(run(kth), len(out)))
            return out

        return partition

    move, back = moved_copy(axis_), moved_back(a, axis_)

    def partition_axis(a, kth, axis=-1, kind="introselect", order=None):
        moved = move(a)
        places = places_of(run(kth), moved.shape[-1] if moved.size else 0)
        if moved.size:
            _partition_rows(rows_of(moved), places)
        return back(moved)

    return partition_axis


@overload(np.argpartition, prefer_literal=True)
def argpartition(a, kth, axis=-1, kind="introselect", order=None):
    """`numpy.argpartition`: selection by Floyd and Rivest (src/runtime/sort.c)."""
    if kinds.is_storage(a):
        return None  # storage_arrays.py, or the interpreter
    if kinds.is_sequence(a):
        return lambda a, kth, axis=-1, kind="introselect", order=None: np.argpartition(np.array(a), kth, axis)
    _check_no_order(order, "np.argpartition")
    if kinds.is_array(a, 0) and kinds.is_none(axis):
        return lambda a, kth, axis=-1, kind="introselect", order=None: np.argpartition(a.reshape((1,)), kth)
    _check_partitioned(a, "np.argpartition")
    _check_kth(kth, "np.argpartition")
    if kinds.is_array(kth) and kth.ndim > 1:
        return _no_places
    axis_ = sorting_axis(a, axis, "np.argpartition")
    run = to_run(kth)
    if axis_ is None or a.ndim == 1:

        def argpartition(a, kth, axis=-1, kind="introselect", order=None):
            values = run_copy(a)
            out = np.empty(len(values), np.int64)
            low.argpartition(values, places_of(run(kth), len(out)), out)
            return out

        return argpartition
    move, back = moved_copy(axis_), moved_back(a, axis_, False)

    def argpartition_axis(a, kth, axis=-1, kind="introselect", order=None):
        moved = move(a)
        places = places_of(run(kth), moved.shape[-1] if moved.size else 0)
        out = np.empty(moved.shape, np.int64)
        if moved.size:
            _argpartition_rows(rows_of(moved), places, rows_of(out))
        return back(out)

    return argpartition_axis


@overload_method(types.Array, "partition", prefer_literal=True)
def array_partition(a, kth, axis=-1, kind="introselect", order=None):
    """`numpy.ndarray.partition`: in place."""
    if kinds.is_storage(a):
        return None  # storage_arrays.py, or the interpreter
    whole = partition(a, kth, axis, kind, order)

    def array_partition(a, kth, axis=-1, kind="introselect", order=None):
        a[...] = whole(a, kth, axis, kind, order)

    return array_partition


@overload_method(types.Array, "argpartition", prefer_literal=True)
def array_argpartition(a, kth, axis=-1, kind="introselect", order=None):
    """`numpy.ndarray.argpartition`."""
    if kinds.is_storage(a):
        return None  # storage_arrays.py, or the interpreter
    return argpartition(a, kth, axis, kind, order)


# ---- searchsorted -------------------------------------------------------------------------------------------------


def _less_plain(x, y):
    return x < y


def _less_float(x, y):
    return x < y or (y != y and x == x)


def _less_complex(x, y):
    if x.real < y.real:
        return x.imag == x.imag or y.imag != y.imag
    if x.real > y.real:
        return y.imag != y.imag and x.imag == x.imag
    if x.real == y.real or (x.real != x.real and y.real != y.real):
        return x.imag < y.imag or (y.imag != y.imag and x.imag == x.imag)
    return y.real != y.real


def _less_time(x, y):
    return x < y or (np.isnat(y) and not np.isnat(x))


def less_than(t):
    """Return the order of sorted arrays of elements of type `t`: NaN and NaT come last."""
    if isinstance(t, (types.NPDatetime, types.NPTimedelta)):
        return _less_time
    return _less_complex if kinds.is_complex(t) else _less_float if kinds.is_float(t) else _less_plain


def common_dtype(*array_types):
    """The dtype (a NumPy scalar class) that NumPy computes in for these array-likes, each with its own dtype."""
    dtypes = [_core.type_dtype(kinds.scalar_type(t)) for t in array_types]
    dtype = np.result_type(*dtypes)
    return dtype if dtype.kind in "mM" else dtype.type  # a time's class does not know the unit


def _bisection(a, v, side):
    """Return a function of (a, key, ...) as `_searcher` does, for real numbers, without branches on elements.

    What lies before the key is a step of the same length in every round, taken or not, so that the processor has nothing to
    guess, and works on several keys at once.  NaN comes last: before a key that is none, no NaN lies.
    """
    convert, left = common_dtype(a, v), side == "left"

    def lies_before(y, x):
        return y < x if left else y <= x

    def is_number_before_nan(y, x):
        return y == y if left else True

    def bisect(a, x, before):
        base, n = 0, len(a)
        while n > 1:
            half = n >> 1
            base = base + half if before(convert(a[base + half - 1]), x) else base
            n -= half
        return base + 1 if n == 1 and before(convert(a[base]), x) else base

    def search(a, key, first, last, sorter):
        x = convert(key)
        return bisect(a, x, lies_before) if x == x else bisect(a, x, is_number_before_nan)

    return search


def _steps(a, v, side):
    """Return a function of (a, v, out) for keys that ascend, or False: from one key's place to the next one's.

    The places of many keys in few elements are near each other, so going there takes less time than a search.
    """
    convert, left = common_dtype(a, v), side == "left"

    def ascends(v):
        for i in range(len(v)):
            if not v[max(i - 1, 0)] <= v[i]:  # NaN is left to the search
                return False
        return True

    def steps(a, v, out):
        if 8 * len(v) < len(a) or not ascends(v) or (len(a) and a[-1] != a[-1]):
            return False
        at = 0
        for i in range(len(v)):
            x = convert(v[i])
            while at < len(a) and (convert(a[at]) < x if left else convert(a[at]) <= x):
                at += 1
            out[i] = at
        return True

    return steps


def _is_real(*array_types):
    return np.dtype(common_dtype(*array_types)).kind in "biuf"


def _searcher(a, v, side, with_sorter):
    """Return a function of (a, key, first, last, sorter): where a key belongs in a[first:last]."""
    if not with_sorter and _is_real(a, v):
        return _bisection(a, v, side)
    convert = common_dtype(a, v)
    less = less_than(types.as_type(convert))
    left = side == "left"

    def search(a, key, first, last, sorter):
        x = convert(key)
        while first < last:
            middle = first + ((last - first) >> 1)
            if with_sorter:
                at = np.int64(sorter[middle])
                if at < 0 or at >= len(a):
                    raise ValueError("Sorter index out of range.")
                y = convert(a[at])
            else:
                y = convert(a[middle])
            if less(y, x) if left else not less(x, y):
                first = middle + 1
            else:
                last = middle
        return first

    return search


def _search_all(a, v, side, with_sorter):
    """Return a function of (a, v, sorter, out) that searches every element of v, all of one axis.

    As NumPy does, a key that is not less than the one before is looked for from where that one was found.
    """
    search = _searcher(a, v, side, with_sorter)
    if not with_sorter and _is_real(a, v):
        steps = _steps(a, v, side)

        def search_each(a, v, sorter, out):
            if steps(a, v, out):
                return
            for i in range(len(v)):
                out[i] = search(a, v[i], 0, len(a), sorter)

        return search_each
    less = less_than(kinds.scalar_type(v))

    def search_all(a, v, sorter, out):
        first, last = 0, len(a)
        for i in range(len(v)):
            if i and less(v[i - 1], v[i]):
                last = len(a)
            elif i:
                first = 0
                last = last + 1 if last < len(a) else len(a)
            first = search(a, v[i], first, last, sorter)
            last = first
            out[i] = first

    return search_all


@overload(np.searchsorted, prefer_literal=True)
def searchsorted(a, v, side="left", sorter=None):
    """`numpy.searchsorted`: binary search in the order of sorted arrays, NaN last."""
    if kinds.is_storage(a):
        return None
    side_ = kinds.value(side, "np.searchsorted: side")
    if side_ not in ("left", "right"):
        raise TypingError(f"search side must be 'left' or 'right' (got {side_!r})")
    if kinds.is_array(a) and a.ndim != 1:
        raise TypingError("np.searchsorted: object too deep for desired array: `a` must have one axis")
    with_sorter = not kinds.is_none(sorter)
    if kinds.is_array(v, 0):
        return lambda a, v, side="left", sorter=None: np.searchsorted(a, v[()], side_, sorter)
    search, search_all = _searcher(a, v, side_, with_sorter), _search_all(a, v, side_, with_sorter)

    def check(a, sorter):
        if with_sorter:
            if len(sorter) != len(a):
                raise ValueError("sorter.size must equal a.size")

    if kinds.is_number(v):

        def searchsorted_scalar(a, v, side="left", sorter=None):
            run = np.asarray(a)
            check(run, sorter)
            return search(run, v, 0, len(run), sorter)

        return searchsorted_scalar

    def searchsorted(a, v, side="left", sorter=None):
        run, keys = np.asarray(a), np.asarray(v)
        check(run, sorter)
        out = np.empty(keys.shape, np.int64)
        search_all(run, np.ravel(keys), sorter, np.ravel(out))
        return out

    return searchsorted


@overload_method(types.Array, "searchsorted", prefer_literal=True)
def array_searchsorted(a, v, side="left", sorter=None):
    """`numpy.ndarray.searchsorted`."""
    return searchsorted(a, v, side, sorter)


def _order_of(bins):
    """1 if bins ascend, -1 if they descend, 0 if they do neither."""
    up = down = True
    for i in range(1, len(bins)):
        up = up and bins[i - 1] <= bins[i]
        down = down and bins[i - 1] >= bins[i]
    return 1 if up else -1 if down else 0


@overload(np.digitize, prefer_literal=True)
def digitize(x, bins, right=False):
    """`numpy.digitize`: `numpy.searchsorted` in monotonic bins."""
    if kinds.is_complex(kinds.scalar_type(x)):
        raise TypingError("x may not be complex")
    left = bool(kinds.value(right, "np.digitize: right"))
    find = searchsorted(bins, x, "left" if left else "right", None)
    if kinds.is_array(x, 0):
        return lambda x, bins, right=False: np.digitize(x[()], bins, right)

    def digitize(x, bins, right=False):
        edges = np.asarray(bins)
        order = _order_of(edges)
        if order == 0:
            raise ValueError("bins must be monotonically increasing or decreasing")
        if order > 0:
            return find(edges, x)
        return len(edges) - find(np.ascontiguousarray(edges[::-1]), x)

    return digitize


# ---- lexsort ------------------------------------------------------------------------------------------------------


def _stable_order(values, order):
    """Sort `order` stably by values[order]."""
    taken = np.empty(len(order), values.dtype)
    for i in range(len(order)):
        taken[i] = values[order[i]]
    by = np.empty(len(order), np.int64)
    low.argsort(taken, by, True)
    out = np.empty_like(by)
    for i in range(len(order)):
        out[i] = order[by[i]]
    return out


def _start_order(keys):
    return np.arange(len(keys[0]))


def _order_by(i, before):
    """Return a function of (keys) that orders by keys[i] what `before` has ordered."""

    def order_by(keys):
        order = before(keys)
        if len(keys[i]) != len(order):
            raise ValueError("all keys need to be the same shape")
        return _stable_order(keys[i], order)

    return order_by


def _lexsort_stack(keys, axis):
    """`numpy.lexsort` of keys of several axes, stacked in an array."""
    place = kinds.axis_of(axis, keys.ndim - 1, "np.lexsort")

    def lexsort_stack(keys, axis=-1):
        moved = np.ascontiguousarray(np.moveaxis(keys, place + 1, -1))
        n = moved.shape[-1]
        out = np.empty(moved.shape[1:], np.int64)
        if out.size:
            rows = out.reshape((out.size // n, n))
            table = moved.reshape((len(keys), len(rows), n))
            for k in range(len(rows)):
                order = np.arange(n)
                for i in range(len(keys)):
                    order = _stable_order(table[i, k], order)
                rows[k] = order
        return np.moveaxis(out, -1, place)

    return lexsort_stack


@overload(np.lexsort, prefer_literal=True)
def lexsort(keys, axis=-1):
    """`numpy.lexsort`: a stable sort by each key, the last one being the most important."""
    if kinds.is_array(keys) and keys.ndim > 2:
        return _lexsort_stack(keys, axis)
    kinds.axis_of(axis, 1, "np.lexsort")
    if kinds.is_array(keys, 2):

        def lexsort_rows(keys, axis=-1):
            order = np.arange(keys.shape[1])
            for i in range(keys.shape[0]):
                order = _stable_order(keys[i], order)
            return order

        return lexsort_rows
    if isinstance(keys, types.BaseTuple) and len(keys) and all(kinds.is_array(t, 1) for t in keys):
        order_by_all = _start_order
        for i in range(len(keys)):
            order_by_all = _order_by(i, order_by_all)

        def lexsort(keys, axis=-1):
            return order_by_all(keys)

        return lexsort
    return None
