"""Sorting, selecting and searching: sort, argsort, partition, argpartition, lexsort, searchsorted, digitize.

Runs of numbers are sorted by NumPy's own functions and partitioned by the runtime (src/runtime/sort.c); here are axes,
copies and the checks of arguments.  An array is brought into a shape whose last axis is the one to sort, and sorted
row by row.
"""

import numpy as np

from naja import types
from naja.errors import TypingError
from naja.extending import overload, overload_method
from naja.library import kinds, low

_KINDS = {None: False, "quicksort": False, "heapsort": False, "stable": True, "mergesort": True}


def is_stable(kind, stable, what):
    """Whether the arguments `kind` and `stable` of a sort ask for a stable one."""
    name, flag = kinds.value(kind, f"{what}: kind"), kinds.value(stable, f"{what}: stable")
    if name is not None and flag is not None:
        raise TypingError("`kind` and keyword parameters can't be provided at the same time. Use only one of them.")
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


def _sorted_copy(a, axis, stable):
    """Return a function of (a) that gives a sorted copy."""
    if axis is None:

        def sort_flat(a):
            out = np.ravel(a).copy()
            low.sort(out, stable)
            return out

        return sort_flat
    if a.ndim == 1:

        def sort_run(a):
            out = np.empty(len(a), a.dtype)
            out[:] = a
            low.sort(out, stable)
            return out

        return sort_run
    if axis == a.ndim - 1:

        def sort_rows(a):
            out = np.empty(a.shape, a.dtype)
            out[...] = a
            n = out.shape[-1]
            if out.size:
                rows = out.reshape(out.size // n, n)
                for i in range(len(rows)):
                    low.sort(rows[i], stable)
            return out

        return sort_rows

    def sort_axis(a):
        out = np.empty(a.shape, a.dtype)
        moved = np.ascontiguousarray(np.swapaxes(a, axis, -1)).copy()
        n = moved.shape[-1]
        if moved.size:
            rows = moved.reshape(moved.size // n, n)
            for i in range(len(rows)):
                low.sort(rows[i], stable)
        out[...] = np.swapaxes(moved, axis, -1)
        return out

    return sort_axis


@overload(np.sort, prefer_literal=True)
def sort(a, axis=-1, kind=None, order=None, *, stable=None):
    """`numpy.sort`: NumPy's own sort of each run."""
    _check_no_order(order, "np.sort")
    is_stable_ = is_stable(kind, stable, "np.sort")
    axis_ = sorting_axis(a, axis, "np.sort")
    run = _sorted_copy(a, axis_, is_stable_)

    def sort(a, axis=-1, kind=None, order=None, *, stable=None):
        return run(a)

    return sort


# ---- partition ----------------------------------------------------------------------------------------------------


def places_of(kth, n):
    """The positions `kth`, an array, in a run of n: ascending, not negative; ValueError for one out of range."""
    out = np.empty(kth.size, np.int64)
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
    return np.ravel if kinds.is_array(t) else single


def _check_kth(kth, what):
    dtype = kinds.element(kth)
    if not kinds.is_integer(dtype) and not isinstance(dtype, types.Boolean):
        raise TypingError(f"{what}: Partition index must be integer")
    if kinds.is_array(kth) and kth.ndim > 1:
        raise TypingError(f"{what}: kth must have at most one axis")


def _partition_rows(rows, places):
    for i in range(len(rows)):
        low.partition(rows[i], places)


@overload(np.partition, prefer_literal=True)
def partition(a, kth, axis=-1, kind="introselect", order=None):
    """`numpy.partition`: selection by Floyd and Rivest (src/runtime/sort.c)."""
    _check_no_order(order, "np.partition")
    _check_kth(kth, "np.partition")
    axis_ = sorting_axis(a, axis, "np.partition")
    run = to_run(kth)
    if axis_ is None or a.ndim == 1:

        def partition(a, kth, axis=-1, kind="introselect", order=None):
            out = np.ravel(a).copy()
            low.partition(out, places_of(run(kth), len(out)))
            return out

        return partition

    def partition_axis(a, kth, axis=-1, kind="introselect", order=None):
        out = np.empty(a.shape, a.dtype)
        moved = np.ascontiguousarray(np.swapaxes(a, axis_, -1)).copy()
        n = moved.shape[-1]
        places = places_of(run(kth), n)
        if moved.size:
            _partition_rows(moved.reshape(moved.size // n, n), places)
        out[...] = np.swapaxes(moved, axis_, -1)
        return out

    return partition_axis
