"""Functions applied along axes, and arrays put together of blocks, pieces, functions of the index, and iterables.

block, apply_along_axis, apply_over_axes, piecewise, fromfunction, fromiter, put_along_axis, packbits, unpackbits.
"""

import numpy as np

from naja import types
from naja.extending import overload
from naja.library import kinds, low
from naja.library.kinds import is_array, is_none, is_number, value
from naja.library.low import checked_axis, checked_index
from naja.library.written import written

_FUNCTIONS = ("CLOSURE", "FUNCTION", "CHOICE", "DISPATCHER", "METHOD")


def _write(text, **names):
    return written(__name__, text, **names)


def _each(n, pattern):
    return "".join(f"{pattern.format(i=i)}, " for i in range(n))


# ---- blocks --------------------------------------------------------------------------------------------------------


def _block_depth(t):
    """How deeply lists are nested, and the greatest number of axes of what is in them."""
    if isinstance(t, types.List):
        depth, ndim = _block_depth(t.dtype)
        return depth + 1, ndim
    if isinstance(t, types.BaseTuple):
        if getattr(t, "instance_class", None) is not list:
            raise TypeError(
                "np.block: only lists can be used to arrange blocks, and np.block does not allow tuples"
            )
        found = [_block_depth(item) for item in t]
        if not found:
            raise ValueError("List at arrays cannot be empty")
        if len({depth for depth, _ in found}) > 1:
            raise ValueError("List depths are mismatched.")
        return found[0][0] + 1, max(ndim for _, ndim in found)
    return 0, t.ndim if is_array(t) else 0


def _block(t, depth, n):
    """A function that makes one array of `n` axes of what stands `depth` lists above the innermost blocks."""
    if is_array(t):
        if t.ndim == n:
            return _same
        return _write(
            f"def f(a):\n    return a.reshape(({'1, ' * (n - t.ndim)}{_each(t.ndim, 'a.shape[{i}]')}))\n"
        )
    if is_number(t):
        return _write(f"def f(a):\n    return np.full(({'1, ' * n}), a)\n")
    axis = n - depth
    if isinstance(t, types.List):
        inner = _block(t.dtype, depth - 1, n)

        def join(a):
            if len(a) == 0:
                raise ValueError("List at arrays cannot be empty")
            return np.concatenate([inner(x) for x in a], axis)

        return join
    parts = {f"part{i}": _block(item, depth - 1, n) for i, item in enumerate(t)}
    return _write(
        f"def f(a):\n    return np.concatenate(({_each(len(t), 'part{i}(a[{i}])')}), {axis})\n", **parts
    )


def _same(a):
    return a


@overload(np.block)
def block(arrays):
    """`numpy.block`: nested lists of arrays, joined along the last axes."""
    depth, ndim = _block_depth(arrays)
    if depth == 0:
        return (lambda arrays: arrays.copy()) if is_array(arrays) else None
    join = _block(arrays, depth, max(depth, ndim))
    return lambda arrays: join(arrays)


# ---- functions along axes ------------------------------------------------------------------------------------------

_apply_rows = low.by_type("apply_rows")


@overload(_apply_rows)
def apply_rows(call, rows, first, shape):
    """Results of `call` for all rows (`first` for the first one), in an array whose first axes are `shape`."""
    if is_number(first):

        def of_numbers(call, rows, first, shape):
            out = np.full(len(rows), first)
            for i in range(1, len(rows)):
                out[i] = call(rows[i])
            return out.reshape(shape)

        return of_numbers

    def of_arrays(call, rows, first, shape):
        out = np.empty((len(rows),) + first.shape, first.dtype)
        out[0] = first
        for i in range(1, len(rows)):
            out[i] = call(rows[i])
        return out.reshape(shape + first.shape)

    return of_arrays


_axes_back = low.by_type("axes_back")


@overload(_axes_back, prefer_literal=True)
def axes_back(a, axis, ndim):
    """The axes of `a` behind the first ndim - 1 ones, moved to `axis`."""
    place, rest = value(axis, "") % value(ndim, ""), value(ndim, "") - 1
    new = a.ndim - rest
    if new == 0 or place == rest:
        return lambda a, axis, ndim: a
    order = [*range(place), *range(rest, a.ndim), *range(place, rest)]
    return _write(
        f"def f(a, axis, ndim):\n    return np.transpose(a, ({''.join(f'{i}, ' for i in order)}))\n"
    )


@overload(np.apply_along_axis, prefer_literal=True)
def apply_along_axis(func1d, axis, arr, *args, **kwargs):
    """`numpy.apply_along_axis`: the function may be any that compiled code can call."""
    if not is_array(arr):
        if not kinds.is_array_like(arr):
            return None
        return lambda func1d, axis, arr, *args: np.apply_along_axis(func1d, axis, np.asarray(arr), *args)
    n = arr.ndim
    if n == 0:
        raise ValueError("Cannot apply_along_axis when any iteration dimensions are 0")
    k = kinds.axis_of(axis, n, "np.apply_along_axis")
    more = [f"x{i}" for i in range(len(args))]
    head = ", ".join(["func1d", "axis", "arr", *more])
    shape = "".join(f"arr.shape[{i}], " for i in range(n) if i != k)
    return _write(
        f"def f({head}):\n"
        f"    moved = np.ascontiguousarray(np.moveaxis(arr, {k}, -1))\n"
        f"    rows = moved.reshape(({'*'.join(['1', *(f'arr.shape[{i}]' for i in range(n) if i != k)])}, arr.shape[{k}]))\n"
        f"    if len(rows) == 0:\n"
        f"        raise ValueError('Cannot apply_along_axis when any iteration dimensions are 0')\n"
        f"    call = lambda row: func1d({', '.join(['row', *more])})\n"
        f"    found = apply_rows(call, rows, call(rows[0]), ({shape}))\n"
        f"    return axes_back(found, {k}, {n})\n",
        apply_rows=_apply_rows,
        axes_back=_axes_back,
    )


_with_axis = low.by_type("with_axis")


@overload(_with_axis, prefer_literal=True)
def with_axis(a, ndim, axis):
    """What a function along an axis gave, as an array of `ndim` axes."""
    n = value(ndim, "")
    if is_array(a, n):
        return lambda a, ndim, axis: a
    if not is_array(a, n - 1):
        if is_number(a) and n == 1:
            return lambda a, ndim, axis: np.full(1, a)
        raise ValueError("function is not returning an array of the correct shape")
    return lambda a, ndim, axis: np.expand_dims(a, axis)


@overload(np.apply_over_axes, prefer_literal=True)
def apply_over_axes(func, a, axes):
    """`numpy.apply_over_axes` for axes known at compile time."""
    if not is_array(a):
        return None
    listed = list(axes) if isinstance(axes, types.BaseTuple) else [axes]
    if a.ndim == 0:  # reductions take it for an array of one axis
        return lambda func, a, axes: np.apply_over_axes(func, a.reshape((1,)), axes)[0]
    places = [kinds.axis_of(t, a.ndim, "np.apply_over_axes") for t in listed]
    steps = "".join(
        f"    a{i + 1} = with_axis(func(a{i}, {k}), {a.ndim}, {k})\n" for i, k in enumerate(places)
    )
    return _write(
        f"def f(func, a, axes):\n    a0 = a\n{steps}    return a{len(places)}\n", with_axis=_with_axis
    )


# ---- pieces --------------------------------------------------------------------------------------------------------


def _is_function(t):
    return t.kind in _FUNCTIONS


@overload(np.piecewise)
def piecewise(x, condlist, funclist, *args):
    """`numpy.piecewise`: values, functions, or both in a tuple."""
    if not is_array(x):
        return None
    more = [f"x{i}" for i in range(len(args))]
    head = f"def f({', '.join(['x', 'condlist', 'funclist', *more])}):\n"
    if x.ndim == 0 and not is_array(condlist):  # as of its one element, along one axis
        listed = "[np.full(1, c) for c in condlist]"
        if isinstance(condlist, types.BaseTuple):
            listed = f"({_each(len(condlist), 'np.full(1, condlist[{i}])')})"
        call = ", ".join(["x.reshape((1,))", listed, "funclist", *more])
        return _write(f"{head}    return np.piecewise({call})[0]\n")
    if is_array(condlist):
        wrapped = "(condlist,)" if condlist.ndim == x.ndim else "[row for row in condlist]"
        return _write(f"{head}    return np.piecewise({', '.join(['x', wrapped, 'funclist', *more])})\n")
    mixed = isinstance(funclist, types.BaseTuple)
    if not mixed and not isinstance(funclist, types.List):
        return None
    if isinstance(condlist, types.BaseTuple):
        listed = f"[{_each(len(condlist), 'condlist[{i}]')}]"
        return _write(f"{head}    return np.piecewise({', '.join(['x', listed, 'funclist', *more])})\n")

    def step(t, name):
        call = ", ".join(["x[where]", *more])
        return f"{name}({call})" if _is_function(t) else name

    text = (
        f"{head}    out = np.zeros(x.shape, x.dtype)\n"
        "    n, m = len(condlist), len(funclist)\n"
        "    if m != n and m != n + 1:\n"
        "        count_error(message, n, n + 1)\n"
        "    rest = np.ones(x.shape, np.bool_)\n"
        "    for condition in condlist:\n"
        "        rest &= ~condition\n"
    )
    if mixed:
        for i, t in enumerate(funclist):
            text += f"    where = condlist[{i}] if {i} < n else rest\n    out[where] = {step(t, f'funclist[{i}]')}\n"
    else:
        text += (
            "    for k in range(m):\n"
            "        where = condlist[k] if k < n else rest\n"
            f"        out[where] = {step(funclist.dtype, 'funclist[k]')}\n"
        )
    return _write(
        text + "    return out\n",
        count_error=low.value_error,
        message="with %d condition(s), either as many or %d functions are expected",
    )


# ---- from functions and iterables ------------------------------------------------------------------------------------


@overload(np.fromfunction)
def fromfunction(function, shape, dtype=float):
    """`numpy.fromfunction`: the function of the indices."""
    if not isinstance(shape, types.BaseTuple):
        return None
    parts = ", ".join(f"index[{i}]" for i in range(len(shape)))
    return _write(
        "def f(function, shape, dtype=float):\n"
        f"    index = np.indices(shape, dtype)\n    return function({parts})\n"
    )


@overload(np.fromiter)
def fromiter(iter, dtype, count=-1):
    """`numpy.fromiter`: of anything that compiled code iterates over."""

    def fromiter(iter, dtype, count=-1):
        out, n = np.empty(max(count, 16), dtype), 0
        for x in iter:
            if n == count:
                break
            if n == len(out):
                grown = np.empty(2 * n, dtype)
                grown[:n] = out
                out = grown
            out[n] = x
            n += 1
        if n < count:
            low.value_error("iterator too short: Expected %d but iterator had only %d items.", count, n)
        return out[:n].copy()

    return fromiter


# ---- writing along an axis -------------------------------------------------------------------------------------------


@overload(np.put_along_axis)
def put_along_axis(arr, indices, values, axis):
    """`numpy.put_along_axis`."""
    if not is_array(arr) or not is_array(indices):
        return None
    if is_none(axis):

        def put_flat(arr, indices, values, axis):
            places = np.ravel(indices)
            given = np.broadcast_to(np.asarray(values), places.shape)
            for i in range(len(places)):
                arr.flat[checked_index(places[i], arr.size)] = given[i]

        return put_flat
    n = arr.ndim
    if indices.ndim != n:
        raise ValueError("`indices` and `arr` must have the same number of dimensions")
    shape = "".join(f"(max(x.shape[{d}], a.shape[{d}])), " for d in range(n - 1)) + f"x.shape[{n - 1}], "
    loops, indent = "", "    "
    for d in range(n):
        loops += f"{indent}for i{d} in range(shape[{d}]):\n"
        indent += "    "
    at = "".join(f"i{d}, " for d in range(n - 1))
    wide = "".join(f"i{d} if a.shape[{d}] > 1 else 0, " for d in range(n - 1))
    fits = " and ".join(f"a.shape[{d}] in (1, shape[{d}])" for d in range(n - 1)) or "True"
    moved = (
        "np.moveaxis(np.asarray(values), place, -1)" if is_array(values) and values.ndim == n else "values"
    )
    return _write(
        "def f(arr, indices, values, axis):\n"
        f"    place = checked_axis(axis, {n})\n"
        "    a, x = np.moveaxis(arr, place, -1), np.moveaxis(indices, place, -1)\n"
        f"    shape = ({shape})\n"
        f"    if not ({fits}):\n"
        "        raise IndexError('shape mismatch: indexing arrays could not be broadcast together')\n"
        f"    x, v = np.broadcast_to(x, shape), np.broadcast_to({moved}, shape)\n"
        f"{loops}{indent}a[{wide}checked_index(x[{at}i{n - 1}], a.shape[{n - 1}])] = v[{at}i{n - 1}]\n",
        checked_axis=checked_axis,
        checked_index=checked_index,
    )


# ---- bits ------------------------------------------------------------------------------------------------------------


def _is_little(bitorder, what):
    order = value(bitorder, f"{what}: bitorder")
    if order not in ("big", "little"):
        raise ValueError("'order' must be either 'little' or 'big'")
    return order == "little"


def _pack_rows(rows, out, little):
    for i in range(len(rows)):
        for k in range(out.shape[1]):
            byte = 0
            for j in range(min(8, rows.shape[1] - 8 * k)):
                if rows[i, 8 * k + j]:
                    byte |= 1 << (j if little else 7 - j)
            out[i, k] = byte


def _unpack_rows(rows, out, little):
    for i in range(len(rows)):
        for j in range(min(out.shape[1], 8 * rows.shape[1])):
            k = j & 7
            out[i, j] = (rows[i, j >> 3] >> (k if little else 7 - k)) & 1


def _last_axis(a, axis, what):
    """Texts: a C-contiguous array whose last axis is the one in question, its other extents, and the way back."""
    n = a.ndim
    if is_none(axis) or n == 0:
        return "np.ascontiguousarray(np.ravel(a))", "", "{}"
    k = kinds.axis_of(axis, n, what)
    lead = "".join(f"moved.shape[{i}], " for i in range(n - 1))
    back = "{}" if k == n - 1 else f"np.ascontiguousarray(np.swapaxes({{}}, {k}, -1))"
    return f"np.ascontiguousarray(np.swapaxes(a, {k}, -1))", lead, back


@overload(np.packbits, prefer_literal=True)
def packbits(a, axis=None, bitorder="big"):
    """`numpy.packbits`."""
    if not is_array(a):
        return (
            (lambda a, axis=None, bitorder="big": np.packbits(np.asarray(a), axis, bitorder))
            if kinds.is_array_like(a)
            else None
        )
    if not isinstance(a.dtype, (types.Integer, types.Boolean)):
        raise TypeError("Expected an input array of integer or boolean data type")
    source, lead, back = _last_axis(a, axis, "np.packbits")
    return _write(
        'def f(a, axis=None, bitorder="big"):\n'
        f"    moved = {source}\n    n = moved.shape[-1]\n"
        f"    out = np.zeros(({lead}(n + 7) // 8, ), np.uint8)\n"
        "    if out.size:\n"
        "        pack(moved.reshape((moved.size // n, n)), out.reshape((moved.size // n, (n + 7) // 8)), little)\n"
        f"    return {back.format('out')}\n",
        pack=_pack_rows,
        little=_is_little(bitorder, "np.packbits"),
    )


@overload(np.unpackbits, prefer_literal=True)
def unpackbits(a, axis=None, count=None, bitorder="big"):
    """`numpy.unpackbits`."""
    if not is_array(a):
        return None
    if a.dtype != types.uint8:
        raise TypeError("Expected an input array of unsigned byte data type")
    source, lead, back = _last_axis(a, axis, "np.unpackbits")
    size = "8 * n" if is_none(count) else "count if count >= 0 else 8 * n + count"
    return _write(
        'def f(a, axis=None, count=None, bitorder="big"):\n'
        f"    moved = {source}\n    n = moved.shape[-1]\n    size = {size}\n"
        "    if size < 0:\n        value_error(message, size - 8 * n, 8 * n)\n"
        f"    out = np.zeros(({lead}size, ), np.uint8)\n"
        "    if out.size and n:\n"
        "        unpack(moved.reshape((moved.size // n, n)), out.reshape((moved.size // n, size)), little)\n"
        f"    return {back.format('out')}\n",
        unpack=_unpack_rows,
        little=_is_little(bitorder, "np.unpackbits"),
        value_error=low.value_error,
        message="-count (%d) larger than number of elements (%d)",
    )
