"""Inserting, putting by index or mask, and choosing among arrays: insert, put, putmask, place, copyto, choose, select."""

import numpy as np

from naja import types
from naja.extending import overload, overload_method
from naja.library import low
from naja.library.kinds import is_array, is_integer, is_none, is_number, is_sequence, value
from naja.library.low import checked_axis, checked_index
from naja.library.shaping import is_list, is_list_of_arrays, is_tuple
from naja.library.written import written


def _write(text, **names):
    return written(__name__, text, **names)


def _each(n, pattern):
    """``pattern`` for 0 .. n - 1, a comma behind each: what stands in a tuple display."""
    return "".join(f"{pattern.format(i=i)}, " for i in range(n))


# ---- inserting and deleting ------------------------------------------------------------------------------------------


def _insert_one(arr, values, axis):
    """Before one index: values of as many axes may be several."""
    count = "1"
    if is_array(values):
        count = "values.size" if arr.ndim == 1 else "values.shape[0]" if values.ndim == arr.ndim else "1"
    at = "checked_axis(axis, arr.ndim)" if not is_none(axis) else "0"
    shape = _each(arr.ndim, "arr.shape[{i}] + (more if place == {i} else 0)")
    return _write(
        f"def f(arr, obj, values, axis=None):\n"
        f"    place, more = {at}, {count}\n"
        f"    n = arr.shape[place]\n"
        f"    i = obj + n if obj < 0 else obj\n"
        f"    if i < 0 or i > n:\n"
        f"        index_error(message, obj, n)\n"
        f"    out = np.empty(({shape}), arr.dtype)\n"
        f"    a, o = np.moveaxis(arr, place, 0), np.moveaxis(out, place, 0)\n"
        f"    o[:i] = a[:i]\n"
        f"    o[i : i + more] = values\n"
        f"    o[i + more :] = a[i:]\n"
        f"    return out\n",
        checked_axis=checked_axis,
        index_error=low.index_error,
        message="index %d is out of bounds for axis 0 with size %d",
    )


def _inserted_places(obj, n):
    """Where new elements go that stand before these indices of an axis of n."""
    m = obj.size
    where = np.empty(m, np.intp)
    for k in range(m):
        i = int(obj[k])
        if i < -n or i > n:
            low.index_error("index %d is out of bounds for axis 0 with size %d", i, n)
        where[k] = i + n if i < 0 else i
    order = np.argsort(where, kind="mergesort")
    for k in range(m):
        where[order[k]] += k
    return where


def _insert_several(arr, obj, values, axis):
    """Before several indices, in an array obj of them; a single one is one index with any number of values."""
    n = arr.ndim
    at = "checked_axis(axis, arr.ndim)" if not is_none(axis) else "0"
    shape = _each(n, "(m if place == {i} else arr.shape[{i}])")
    whole = _each(n, "arr.shape[{i}] + (m if place == {i} else 0)")
    count = "1"
    if is_array(values) and values.ndim:
        d = n - values.ndim
        extents = "".join(f"values.shape[{i - d}] if place == {i} else " for i in range(d, n))
        count = f"{extents}1" if d >= 0 else "1"
    return _write(
        f"def f(arr, obj, values, axis=None):\n"
        f"    place, m = {at}, obj.size\n"
        f"    size = arr.shape[place]\n"
        f"    where = places(obj, size)\n"
        f"    if m == 1:\n"
        f"        m = {count}\n"
        f"        where = where[0] + np.arange(m)\n"
        f"    given = np.moveaxis(np.broadcast_to(values, ({shape})), place, 0)\n"
        f"    rest = np.ones(size + m, np.bool_)\n"
        f"    for i in where:\n"
        f"        rest[i] = False\n"
        f"    out = np.empty(({whole}), arr.dtype)\n"
        f"    a, o = np.moveaxis(arr, place, 0), np.moveaxis(out, place, 0)\n"
        f"    for k in range(m):\n"
        f"        o[where[k]] = given[k]\n"
        f"    k = 0\n"
        f"    for i in range(size + m):\n"
        f"        if rest[i]:\n"
        f"            o[i] = a[k]\n"
        f"            k += 1\n"
        f"    return out\n",
        checked_axis=checked_axis,
        places=_inserted_places,
    )


@overload(np.insert)
def insert(arr, obj, values, axis=None):
    if not is_array(arr):
        if not is_sequence(arr):
            return None
        return lambda arr, obj, values, axis=None: np.insert(np.asarray(arr), obj, values, axis)
    if is_none(axis) and arr.ndim != 1:
        return lambda arr, obj, values, axis=None: np.insert(np.ravel(arr), obj, values)
    if not is_number(values) and not is_array(values):
        return lambda arr, obj, values, axis=None: np.insert(arr, obj, np.asarray(values), axis)
    if is_integer(obj):
        too_deep = arr.ndim > 1 and is_array(values) and values.ndim > arr.ndim
        return None if too_deep else _insert_one(arr, values, axis)
    if isinstance(obj, types.SliceType):

        def insert_slice(arr, obj, values, axis=None):
            n = arr.shape[0 if axis is None else checked_axis(axis, arr.ndim)]
            return np.insert(arr, np.arange(n)[obj], values, axis)

        return insert_slice
    if not is_array(obj) and is_sequence(obj):
        return lambda arr, obj, values, axis=None: np.insert(arr, np.asarray(obj), values, axis)
    if is_array(obj, 0):
        return lambda arr, obj, values, axis=None: np.insert(arr, obj[()], values, axis)
    if not is_array(obj, 1) or not isinstance(obj.dtype, types.Integer):
        return None
    if is_array(values, 0):
        return lambda arr, obj, values, axis=None: np.insert(arr, obj, values[()], axis)
    if is_array(values) and values.ndim > arr.ndim:
        return None
    return _insert_several(arr, obj, values, axis)


# ---- putting ---------------------------------------------------------------------------------------------------------


@overload(np.put, prefer_literal=True)
def put(a, ind, v, mode="raise"):
    how = value(mode, "np.put: mode")
    if not is_array(a) or how not in ("raise", "wrap", "clip"):
        return None
    if how != "raise":
        inside = "i % n" if how == "wrap" else "np.minimum(np.maximum(i, 0), n - 1)"
        return _write(
            'def f(a, ind, v, mode="raise"):\n'
            f"    i, n = np.asarray(ind), a.size\n    if n:\n        np.put(a, {inside}, v)\n"
        )
    if is_integer(ind):
        return lambda a, ind, v, mode="raise": np.put(a, np.asarray((ind,)), v)
    if not is_array(ind):
        return (lambda a, ind, v, mode="raise": np.put(a, np.asarray(ind), v)) if is_sequence(ind) else None
    if is_number(v):

        def put_number(a, ind, v, mode="raise"):
            for i in ind.flat:
                a.flat[checked_index(i, a.size)] = v

        return put_number
    if not is_array(v):
        return (lambda a, ind, v, mode="raise": np.put(a, ind, np.asarray(v))) if is_sequence(v) else None

    def put_each(a, ind, v, mode="raise"):
        items, k = np.ravel(v), 0
        if items.size == 0:
            return
        for i in ind.flat:
            a.flat[checked_index(i, a.size)] = items[k]
            k = k + 1 if k + 1 < items.size else 0

    return put_each


@overload_method(types.Array, "put", prefer_literal=True)
def method_put(a, indices, values, mode="raise"):
    how = value(mode, "ndarray.put: mode")
    return _write(f'def f(a, indices, values, mode="raise"):\n    np.put(a, indices, values, {how!r})\n')


@overload(np.putmask)
def putmask(a, mask, values):
    if not is_array(a) or not is_array(mask):
        return None
    if is_number(values):
        kind = a.dtype

        def put_number(a, mask, values):
            if mask.shape != a.shape:
                raise ValueError("putmask: mask and data must be the same size")
            a[...] = np.where(mask, kind(values), a)

        return put_number
    if not is_array(values):
        return (
            (lambda a, mask, values: np.putmask(a, mask, np.asarray(values))) if is_sequence(values) else None
        )

    def put_each(a, mask, values):
        if mask.size != a.size:
            raise ValueError("putmask: mask and data must be the same size")
        items, wanted = np.ravel(values).copy(), np.ravel(mask)
        if np.may_share_memory(a, mask):
            wanted = wanted.copy()
        if items.size == 0:
            return
        for i in range(a.size):
            if wanted[i]:
                a.flat[i] = items[i % items.size]

    return put_each


@overload(np.place)
def place(arr, mask, vals):
    if not is_array(arr) or not is_array(mask):
        return None
    if not is_array(vals):
        return lambda arr, mask, vals: np.place(arr, mask, np.ravel(np.asarray(vals)))

    def place_each(arr, mask, vals):
        if mask.size != arr.size:
            raise ValueError("place: mask and data must be the same size")
        items, wanted, k = np.ravel(vals), np.ravel(mask), 0
        if items.size == 0 and np.any(wanted):
            raise ValueError("Cannot insert from an empty array!")
        for i in range(arr.size):
            if wanted[i]:
                arr.flat[i] = items[k]
                k = k + 1 if k + 1 < items.size else 0

    return place_each


@overload(np.copyto, prefer_literal=True)
def copyto(dst, src, casting="same_kind", where=True):
    if not is_array(dst) or not (is_array(src) or is_number(src)):
        return None
    if value(casting, "np.copyto: casting") not in ("same_kind", "unsafe"):
        return None
    if not is_array(where) and (not isinstance(where, types.Type) or isinstance(where, types.Literal)):

        def copy(dst, src, casting="same_kind", where=True):
            dst[...] = src

        def leave(dst, src, casting="same_kind", where=True):
            pass

        return copy if value(where, "np.copyto: where") else leave

    def copy_where(dst, src, casting="same_kind", where=True):
        dst[...] = np.where(where, src, dst)

    return copy_where


# ---- choosing --------------------------------------------------------------------------------------------------------


@overload(np.choose, prefer_literal=True)
def choose(a, choices, out=None, mode="raise"):
    how = value(mode, "np.choose: mode")
    head = 'def f(a, choices, out=None, mode="raise"):\n'
    if is_list(choices):
        items = "a" if is_array(a) else "np.asarray(a)"
        if not is_array(choices.dtype):
            return None
        return _write(
            f"{head}    index, shape = {items}, choices[0].shape\n"
            "    whole = np.broadcast_to(index, np.broadcast_shapes(index.shape, shape))\n"
            f"    return np.take_along_axis(np.stack(choices), fit(whole, len(choices))[None], 0)[0]\n",
            fit=_fit(how),
        )
    if not is_tuple(choices) or not choices or not (is_array(a) or is_integer(a)):
        return None
    if is_array(out):
        return _write(
            f"{head}    chosen = np.choose(a, choices, None, {how!r})\n"
            "    if np.shape(chosen) != out.shape:\n"
            '        raise TypeError("choose: invalid shape for output array.")\n'
            "    out[...] = chosen\n    return out\n"
        )
    picked = f"choices[{len(choices) - 1}]"
    for i in range(len(choices) - 2, -1, -1):
        picked = f"np.where(x == {i}, choices[{i}], {picked})"
    return _write(f"{head}    x = fit(a, {len(choices)})\n    return {picked}\n", fit=_fit(how))


overload_method(types.Array, "choose", prefer_literal=True)(choose)


def _fit(how):
    """A function of (indices, n) that brings indices of n choices into range, or raises."""

    def check(a, n):
        if np.any(a < 0) or np.any(a >= n):
            raise ValueError("invalid entry in choice array")
        return a

    def clip(a, n):
        return np.minimum(np.maximum(a, 0), n - 1)

    def wrap(a, n):
        return a % n

    if how not in ("raise", "clip", "wrap"):
        raise ValueError("clipmode must be one of 'clip', 'raise', or 'wrap'")
    return {"raise": check, "clip": clip, "wrap": wrap}[how]


def _check_select(condlist, choicelist):
    if is_array(condlist):
        raise TypeError("condlist must be a List or a Tuple")
    if is_array(choicelist):
        raise TypeError("choicelist must be a List or a Tuple")
    conditions = [condlist.dtype] if is_list(condlist) else list(condlist)
    choices = [choicelist.dtype] if is_list(choicelist) else list(choicelist)
    if is_list(choicelist) and not is_array(choices[0]) and not is_number(choices[0]):
        raise TypeError("items of choicelist must be arrays")
    for t in conditions:
        if not is_array(t):
            raise TypeError("items of condlist must be arrays")
        if not isinstance(t.dtype, types.Boolean):
            raise TypeError("condlist arrays must contain booleans")
    if is_list(condlist) and is_array(choices[0]) and conditions[0].ndim != choices[0].ndim:
        raise TypeError("condlist and choicelist elements must have the same number of dimensions")
    if any(t.ndim == 0 for t in conditions):
        raise TypeError("condlist arrays must be of at least dimension 1")


@overload(np.select)
def select(condlist, choicelist, default=0):
    if not is_number(default):
        raise TypeError("default must be a scalar (number or boolean)")
    if all(is_array(t) or is_list(t) or is_tuple(t) for t in (condlist, choicelist)):
        _check_select(condlist, choicelist)
    if is_tuple(condlist) and is_tuple(choicelist) and condlist and is_number(default):
        if len(condlist) != len(choicelist):
            raise ValueError("list of cases must be same length as list of conditions")
        picked = "default"
        for i in range(len(condlist) - 1, -1, -1):
            picked = f"np.where(condlist[{i}], choicelist[{i}], {picked})"
        return _write(f"def f(condlist, choicelist, default=0):\n    return {picked}\n")
    if not (is_list_of_arrays(condlist) and is_list_of_arrays(choicelist)) or not is_number(default):
        return None

    def pick(condlist, choicelist, default=0):
        n = len(condlist)
        if len(choicelist) != n:
            raise ValueError("list of cases must be same length as list of conditions")
        if n == 0:
            raise ValueError("select with an empty condition list is not possible")
        out = np.where(condlist[n - 1], choicelist[n - 1], default)
        for i in range(n - 2, -1, -1):
            out = np.where(condlist[i], choicelist[i], out)
        return out

    return pick
