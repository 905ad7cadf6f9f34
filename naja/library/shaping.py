"""Repeating, padding, splitting, joining and broadcasting arrays; axes put first, last or added.

What depends on the number of axes or operands is written as text (`written`).  Copies of whole arrays are emitted
assignments of slices and broadcast views.
"""

import numpy as np

from naja import _core, types
from naja.errors import TypingError
from naja.extending import overload, overload_attribute, overload_method
from naja.library import low
from naja.library.choices import constant_text
from naja.library.kinds import (
    axis_of,
    first_item,
    is_array,
    is_integer,
    is_known,
    is_none,
    is_number,
    is_sequence,
    ndim_of,
    scalar_type,
    value,
)
from naja.library.lists import array_of_list
from naja.library.low import checked_axis
from naja.library.written import written


def is_list(t):
    """Whether a type is a list's, not a tuple's."""
    return isinstance(t, (types.List, types.ListType))


def is_tuple(t):
    """Whether a type is a tuple's."""
    return isinstance(t, types.BaseTuple)


def _write(text, **names):
    return written(__name__, text, **names)


def _each(n, pattern):
    """``pattern`` for 0 .. n - 1, a comma behind each: what stands in a tuple display."""
    return "".join(f"{pattern.format(i=i)}, " for i in range(n))


# ---- repeating -----------------------------------------------------------------------------------------------------


@overload(np.tile)
def tile(A, reps):
    if not is_array(A):
        return (lambda A, reps: np.tile(np.asarray(A), reps)) if is_number(A) or is_sequence(A) else None
    if is_array(reps) or is_list(reps):
        return None
    count = len(reps) if is_tuple(reps) else 1
    if not is_tuple(reps) and not is_integer(reps):
        return None
    n = max(count, A.ndim)
    times = [f"reps[{i}]" for i in range(count)] if is_tuple(reps) else ["reps"]
    times = ["1"] * (n - count) + times
    extents = ["1"] * (n - A.ndim) + [f"A.shape[{i}]" for i in range(A.ndim)]
    pairs = "".join(f"max({r}, 0), {e}, " for r, e in zip(times, extents, strict=True))
    ones = "".join(f"1, {e}, " for e in extents)
    whole = "".join(f"max({r}, 0) * {e}, " for r, e in zip(times, extents, strict=True))
    return _write(
        f"def f(A, reps):\n"
        f"    c = np.empty(({pairs}), A.dtype)\n"
        f"    c[...] = np.ascontiguousarray(A).reshape(({ones}))\n"
        f"    return c.reshape(({whole}))\n"
    )


@overload(np.resize)
def resize(a, new_shape):
    if not is_array(a):
        return (
            (lambda a, new_shape: np.resize(np.asarray(a), new_shape))
            if is_number(a) or is_sequence(a)
            else None
        )
    if not is_integer(new_shape) and not is_tuple(new_shape):
        return None

    def resize_of(a, new_shape):
        source = np.ravel(a)
        out = np.zeros(new_shape, a.dtype)
        flat = out.reshape(-1)
        n, m = source.size, flat.size
        if n:
            for start in range(0, m, n):
                k = min(n, m - start)
                flat[start : start + k] = source[:k]
        return out

    return resize_of


# ---- padding -------------------------------------------------------------------------------------------------------


def _sides(t, ndim, name):
    """Texts of what stands before and behind each axis, for the forms that pad_width and its kin may have."""
    if not is_tuple(t):
        return [(name, name)] * ndim
    items = list(t)
    if items and all(is_tuple(x) for x in items):
        at = range(ndim) if len(items) == ndim else [0] * ndim
        if len(items) not in (1, ndim) or any(len(x) not in (1, 2) for x in items):
            return None
        return [(f"{name}[{i}][0]", f"{name}[{i}][{len(items[i]) - 1}]") for i in at]
    if len(items) == 1:
        return [(f"{name}[0]", f"{name}[0]")] * ndim
    return [(f"{name}[0]", f"{name}[1]")] * ndim if len(items) == 2 else None


def _edge(i, n):
    return min(max(i, 0), n - 1)


def _wrap(i, n):
    return i % n


def _symmetric(i, n):
    k = i % (2 * n)
    return k if k < n else 2 * n - 1 - k


def _reflect(i, n):
    if n == 1:
        return 0
    k = i % (2 * n - 2)
    return k if k < n else 2 * n - 2 - k


_SOURCES = {"edge": _edge, "wrap": _wrap, "symmetric": _symmetric, "reflect": _reflect}


def _pad_axis(source, ndim, axis):
    """The function (a, before, after) that lengthens one axis by what `source` says."""
    shape = "".join(f"a.shape[{i}]{' + before + after' if i == axis else ''}, " for i in range(ndim))
    return _write(
        f"def f(a, before, after):\n"
        f"    n = a.shape[{axis}]\n"
        f"    if n == 0 and before + after > 0:\n"
        f"        value_error(message, {axis}, 0)\n"
        f"    out = np.empty(({shape}), a.dtype)\n"
        f"    x, y = np.moveaxis(a, {axis}, 0), np.moveaxis(out, {axis}, 0)\n"
        f"    y[before : before + n] = x\n"
        f"    for i in range(before):\n"
        f"        y[i] = x[source(i - before, n)]\n"
        f"    for i in range(n, n + after):\n"
        f"        y[before + i] = x[source(i, n)]\n"
        f"    return out\n",
        value_error=low.value_error,
        message="can't extend empty axis %d using modes other than 'constant' or 'empty'",
        source=source,
    )


@overload(np.flip, prefer_literal=True)
def flip(m, axis=None):
    """`numpy.flip` of an array without axes."""
    return (lambda m, axis=None: m[()]) if is_array(m) and m.ndim == 0 and is_none(axis) else None


@overload(np.pad, prefer_literal=True)
def pad(array, pad_width, mode="constant", constant_values=0):
    if not is_array(array):
        if not is_sequence(array):
            return None
        return None
    n, kind = array.ndim, value(mode, "np.pad: mode")
    if n == 0 and is_integer(pad_width):
        return lambda array, pad_width, mode="constant", constant_values=0: array.copy()
    sides = _sides(pad_width, n, "pad_width") if not is_list(pad_width) and not is_array(pad_width) else None
    if sides is None or n == 0 or kind not in ("constant", "empty", *_SOURCES):
        return None
    head = 'def f(array, pad_width, mode="constant", constant_values=0):\n'
    checks = "".join(
        f'    if {b} < 0 or {e} < 0:\n        raise ValueError("index can\'t contain negative values")\n'
        for b, e in dict.fromkeys(sides)
    )
    if kind in _SOURCES:
        steps = "".join(f"    a = pad{i}(a, {b}, {e})\n" for i, (b, e) in enumerate(sides))
        pads = {f"pad{i}": _pad_axis(_SOURCES[kind], n, i) for i in range(n)}
        return _write(f"{head}{checks}    a = array\n{steps}    return a\n", **pads)
    shape = "".join(f"array.shape[{i}] + {b} + {e}, " for i, (b, e) in enumerate(sides))
    inside = "".join(f"{b} : {b} + array.shape[{i}], " for i, (b, _) in enumerate(sides))
    fill = ""
    if kind == "constant":
        if not is_tuple(constant_values):
            return _write(
                f"{head}{checks}    out = np.full(({shape}), constant_values, array.dtype)\n"
                f"    out[{inside}] = array\n    return out\n"
            )
        values = _sides(constant_values, n, "constant_values")
        if values is None:
            return None
        for i, ((b, e), (x, y)) in enumerate(zip(sides, values, strict=True)):
            fill += f"    out[{':, ' * i}:{b}] = {x}\n    out[{':, ' * i}{b} + array.shape[{i}]:] = {y}\n"
    return _write(
        f"{head}{checks}    out = np.empty(({shape}), array.dtype)\n{fill}    out[{inside}] = array\n    return out\n"
    )


# ---- splitting -----------------------------------------------------------------------------------------------------


def _part(ndim, axis):
    """The function (a, start, stop, place) that slices an axis, `axis` or, if that is None, `place`."""
    head = "def f(a, start, stop, place):\n"
    if axis is not None:
        return _write(f"{head}    return a[{':, ' * axis}start:stop]\n")
    tests = "".join(
        f"    if place == {i}:\n        return a[{':, ' * i}start:stop]\n" for i in range(ndim - 1)
    )
    return _write(f"{head}{tests}    return a[{':, ' * (ndim - 1)}start:stop]\n")


def _split_axis(ary, axis, name):
    """The axis; None if it is not known yet, -1 if there is no such axis."""
    if is_integer(axis) and not is_known(axis):
        return None
    k = value(axis, f"np.{name}: axis")
    k = k + ary.ndim if k < 0 else k
    return k if 0 <= k < ary.ndim else -1


def _splitter(name, equal):
    def factory(ary, indices_or_sections, axis=0):
        if not is_array(ary) or is_none(axis):
            return None
        ndim, k = ary.ndim, _split_axis(ary, axis, name)
        if k == -1:
            return None
        part = _part(ndim, k)
        place_of = (lambda axis: checked_axis(axis, ndim)) if k is None else lambda axis: k
        if is_integer(indices_or_sections):

            def split(ary, indices_or_sections, axis=0):
                place = place_of(axis)
                n, count = ary.shape[place], indices_or_sections
                if count <= 0:
                    raise ValueError("number sections must be larger than 0.")
                if equal and n % count:
                    raise ValueError("array split does not result in an equal division")
                parts = []
                each, extras, start = n // count, n % count, 0
                for i in range(count):
                    stop = start + each + (1 if i < extras else 0)
                    parts.append(part(ary, start, stop, place))
                    start = stop
                return parts

        elif (
            is_array(indices_or_sections, 1) or is_tuple(indices_or_sections) or is_list(indices_or_sections)
        ):
            if is_tuple(indices_or_sections) and not all(is_integer(t) for t in indices_or_sections):
                return None

            def split(ary, indices_or_sections, axis=0):
                place = place_of(axis)
                parts, start = [], 0
                for stop in indices_or_sections:
                    parts.append(part(ary, start, stop, place))
                    start = int(stop)
                parts.append(part(ary, start, ary.shape[place], place))
                return parts

        else:
            return None
        return split

    return factory


overload(np.split, prefer_literal=True)(_splitter("split", True))
overload(np.array_split, prefer_literal=True)(_splitter("array_split", False))


if hasattr(np, "unstack"):  # since NumPy 2.1

    @overload(np.unstack, prefer_literal=True)
    def unstack(x, /, *, axis=0):
        """`numpy.unstack`: a list, since the length of a tuple is part of its type."""
        if not is_array(x):
            return None
        if x.ndim == 0:
            raise ValueError("Input array must be at least 1-d.")

        def unstack(x, /, *, axis=0):
            moved = np.moveaxis(x, axis, 0)
            return [moved[i] for i in range(len(moved))]

        return unstack


def _split_along(function, axis, least, words):
    @overload(function)
    def factory(ary, indices_or_sections):
        if not is_array(ary):
            return None
        if ary.ndim < least:
            raise ValueError(words)
        k = 0 if ary.ndim == 1 else axis
        return lambda ary, indices_or_sections: np.split(ary, indices_or_sections, k)


_split_along(np.hsplit, 1, 1, "hsplit only works on arrays of 1 or more dimensions")
_split_along(np.vsplit, 0, 2, "vsplit only works on arrays of 2 or more dimensions")
_split_along(np.dsplit, 2, 3, "dsplit only works on arrays of 3 or more dimensions")


# ---- joining -------------------------------------------------------------------------------------------------------


@overload(np.dstack)
def dstack(tup):
    if not is_tuple(tup) or not all(is_array(t) for t in tup):
        return None
    parts = _each(len(tup), "np.atleast_3d(tup[{i}])")
    return _write(f"def f(tup):\n    return np.concatenate(({parts}), 2)\n")


def is_list_of_arrays(t):
    """Whether a type is that of a list of arrays."""
    return is_list(t) and is_array(t.dtype)


def _check_casting(arrays, out, dtype, casting):
    """TypingError if a rule does not let the arrays be converted to a dtype, or to that of `out`."""
    to = out.dtype if is_array(out) else getattr(dtype, "dtype", None)
    rule = value(casting, "casting")
    if rule not in ("no", "equiv", "safe", "same_kind", "unsafe"):
        raise TypingError(
            f"casting must be one of 'no', 'equiv', 'safe', 'same_kind', or 'unsafe' (got {rule!r})"
        )
    for t in arrays if is_tuple(arrays) else [arrays]:
        source = _core.type_dtype(scalar_type(first_item(t)))
        if to is not None and not np.can_cast(source, _core.type_dtype(to), rule):
            target = _core.type_dtype(to)
            raise TypingError(
                f"Cannot cast array data from {source!r} to {target!r} according to the rule {rule!r}"
            )


def _joined_into(name, arrays, axis, out, dtype, casting):
    """A join of arrays that are converted to a dtype, or written into `out`, or None."""
    if is_array(out) and not is_none(dtype):
        raise TypingError(f"{name}() only takes `out` or `dtype` as an argument, but both were provided.")
    _check_casting(arrays, out, dtype, casting)
    head = "def f(arrays, axis=0, out=None, *, dtype=None, casting='same_kind'):\n"
    join = f"np.{name}(arrays, {constant_text(axis) if isinstance(axis, types.Type) else axis or 0})"
    if is_array(out):
        return _write(
            f"{head}    joined = {join}\n"
            "    if joined.shape != out.shape:\n"
            '        raise ValueError("Output array is the wrong shape")\n'
            "    out[...] = joined\n    return out\n"
        )
    return _write(f"{head}    return {join}.astype(dtype)\n") if is_none(out) and not is_none(dtype) else None


@overload(np.concatenate, prefer_literal=True)
def concatenate(arrays, axis=0, out=None, *, dtype=None, casting="same_kind"):
    if not is_none(out) or not is_none(dtype):
        return _joined_into("concatenate", arrays, axis, out, dtype, casting)
    if is_tuple(arrays) and all(is_array(t) for t in arrays) and is_none(axis):
        parts = _each(len(arrays), "np.ravel(arrays[{i}])")
        return _write(
            f"def f(arrays, axis=0, out=None, *, dtype=None, casting='same_kind'):\n    return np.concatenate(({parts}))\n"
        )
    if not is_list_of_arrays(arrays) or not is_integer(axis):
        return None
    ndim = arrays.dtype.ndim
    if ndim == 0:
        raise ValueError("zero-dimensional arrays cannot be concatenated")
    kind = arrays.dtype.dtype
    message = (
        "all the input array dimensions except for the concatenation axis must match exactly, but along dimension %d, "
        "the array at index 0 differs from the array at index %d"
    )

    def joined(arrays, axis=0, out=None, *, dtype=None, casting="same_kind"):
        if len(arrays) == 0:
            raise ValueError("need at least one array to concatenate")
        place = checked_axis(axis, ndim)
        total = 0
        for number, a in enumerate(arrays):
            total += a.shape[place]
            for i in range(ndim):
                if i != place and a.shape[i] != arrays[0].shape[i]:
                    low.value_error(message, i, number)
        out = empty(arrays[0].shape, total, place)
        target, start = np.moveaxis(out, place, 0), 0
        for a in arrays:
            n = a.shape[place]
            target[start : start + n] = np.moveaxis(a, place, 0)
            start += n
        return out

    shape = _each(ndim, "total if place == {i} else shape[{i}]")
    empty = _write(f"def f(shape, total, place):\n    return np.empty(({shape}), kind)\n", kind=kind)
    return joined


@overload(np.stack, prefer_literal=True)
def stack(arrays, axis=0, out=None, *, dtype=None, casting="same_kind"):
    if not is_none(out) or not is_none(dtype):
        return _joined_into("stack", arrays, axis, out, dtype, casting)
    if not is_list_of_arrays(arrays) or not is_integer(axis):
        return None
    ndim, kind = arrays.dtype.ndim, arrays.dtype.dtype
    shape = _each(ndim, "shape[{i}]")
    empty = _write(f"def f(n, shape):\n    return np.empty((n, {shape}), kind)\n", kind=kind)

    def stacked(arrays, axis=0, out=None, *, dtype=None, casting="same_kind"):
        if len(arrays) == 0:
            raise ValueError("need at least one array to stack")
        place = checked_axis(axis, ndim + 1)
        out = empty(len(arrays), arrays[0].shape)
        for i, a in enumerate(arrays):
            if a.shape != arrays[0].shape:
                raise ValueError("all input arrays must have the same shape")
            out[i] = a
        if place == 0:
            return out
        return np.ascontiguousarray(np.moveaxis(out, 0, place))

    return stacked


def _stack_list(function, one, other):
    """hstack and vstack of lists: `one` where the arrays have one axis, else `other`."""

    @overload(function)
    def factory(tup, *, dtype=None, casting="same_kind"):
        if not is_none(dtype):
            _check_casting(tup, None, dtype, casting)

            def converted(tup, *, dtype=None, casting="same_kind"):
                return function(tup).astype(dtype)

            return converted
        if not is_list_of_arrays(tup):
            return None
        chosen = one if tup.dtype.ndim == 1 else other
        return lambda tup, *, dtype=None, casting="same_kind": chosen(tup)


def _join_first(tup):
    return np.concatenate(tup, 0)


def _join_second(tup):
    return np.concatenate(tup, 1)


def _stack_rows(tup):
    return np.stack(tup, 0)


def _stack_columns(tup):
    return np.stack(tup, 1)


for _function in (_join_first, _join_second, _stack_rows, _stack_columns):
    overload(_function)(lambda tup, function=_function: function)

_stack_list(np.hstack, _join_first, _join_second)
_stack_list(np.vstack, _stack_rows, _join_first)
_stack_list(np.column_stack, _stack_columns, _join_second)

if hasattr(np, "row_stack"):  # deprecated

    @overload(np.row_stack)
    def row_stack(tup, *, dtype=None, casting="same_kind"):
        """`numpy.row_stack`, the old name of `numpy.vstack`."""
        if not is_none(dtype):
            return lambda tup, *, dtype=None, casting="same_kind": np.vstack(tup, dtype=dtype)
        return lambda tup, *, dtype=None, casting="same_kind": np.vstack(tup)


def _copied_text(t, dtype, copy, layout):
    """The text of an array `object` of type `t` as np.array wants it; None: whether it needs a copy shows at run time."""
    same = is_none(dtype) or (isinstance(dtype, types.DType) and dtype.elements[0] == t.dtype)
    if copy:
        if layout in ("K", "A") and t.layout == "F":
            layout = "F"
        text = "object.copy()" if is_none(dtype) else "np.array(object, dtype)"
        if layout == "F":
            return f"np.ascontiguousarray({'object.T.copy()' if is_none(dtype) else 'np.array(object.T, dtype)'}).T"
        return f"np.ascontiguousarray({text})" if layout == "C" else text
    if same and (layout in ("K", "A", t.layout) or t.ndim == 0):
        return "object"
    if copy is not None:
        return None
    text = "object" if same else "np.array(object, dtype)"
    return {"C": f"np.ascontiguousarray({text})", "F": f"np.asfortranarray({text})"}.get(layout, text)


@overload(np.array, prefer_literal=True)
def array(object, dtype=None, copy=True, order="K", ndmin=0):
    if is_tuple(object) and object and all(is_array(t) for t in object):
        if is_none(dtype):
            return lambda object, dtype=None, copy=True, order="K", ndmin=0: np.stack(object)
        return lambda object, dtype=None, copy=True, order="K", ndmin=0: np.stack(object).astype(dtype)
    if is_tuple(object) and object and all(is_array(t) or is_list(t) for t in object):
        parts = _each(len(object), "np.array(object[{i}])")
        cast = "" if is_none(dtype) else ".astype(dtype)"
        return _write(
            f'def f(object, dtype=None, copy=True, order="K", ndmin=0):\n    return np.stack(({parts})){cast}\n'
        )
    least, layout = value(ndmin, "np.array: ndmin"), value(order, "np.array: order")
    if is_list_of_arrays(object):
        return lambda object, dtype=None, copy=True, order="K", ndmin=0: np.stack(object)
    if is_sequence(object) and (layout != "K" or least > ndim_of(object)):
        made = "np.array(object)" if is_none(dtype) else "np.array(object, dtype)"
        return _write(
            'def f(object, dtype=None, copy=True, order="K", ndmin=0):\n'
            f"    return np.array({made}, copy=None, order={layout!r}, ndmin={least})\n"
        )
    if is_list(object):
        return array_of_list(object, dtype)
    if not is_array(object):
        return None
    text = _copied_text(object, dtype, value(copy, "np.array: copy"), layout if object.ndim else "K")
    if text is None:
        return None
    if least > object.ndim:
        text += f".reshape(({'1, ' * (least - object.ndim)}{_each(object.ndim, 'object.shape[{i}]')}))"
    return _write(f'def f(object, dtype=None, copy=True, order="K", ndmin=0):\n    return {text}\n')


@overload(np.asarray)
def asarray(a, dtype=None):
    if not is_tuple(a) or not a or not all(is_array(t) or is_list(t) for t in a):
        return None
    return lambda a, dtype=None: np.array(a, dtype)


def _of_one(function):
    """NumPy makes arrays of one axis of numbers and 0-d arrays here."""

    @overload(function)
    def factory(a, dtype=None):
        if is_array(a) and a.ndim == 0 and is_none(dtype):
            return lambda a, dtype=None: a.reshape((1,))
        if is_array(a) and a.ndim == 0:
            return lambda a, dtype=None: np.full(1, a[()], dtype)
        if is_number(a):
            return lambda a, dtype=None: np.full(1, a, dtype)
        if is_array(a):
            return (lambda a, dtype=None: function(np.asarray(a, dtype))) if not is_none(dtype) else None
        return (lambda a, dtype=None: function(np.asarray(a, dtype))) if is_sequence(a) else None


_of_one(np.ascontiguousarray)
_of_one(np.asfortranarray)


# ---- broadcasting --------------------------------------------------------------------------------------------------


@overload(np.broadcast_to)
def broadcast_to(array, shape):
    if is_array(array) or not (is_number(array) or is_sequence(array)):
        return None
    return lambda array, shape: np.broadcast_to(np.asarray(array), shape)


_common = low.by_type("common_extent")


@overload(_common)
def common_extent(x, y):
    def extent(x, y):
        if x == y or y == 1:
            return x
        if x != 1:
            raise ValueError(
                "shape mismatch: objects cannot be broadcast to a single shape.  Their shapes are not compatible."
            )
        return y

    return extent


@overload(np.broadcast_shapes)
def broadcast_shapes(*args):
    if not all(is_integer(t) or is_tuple(t) for t in args):
        return None
    ndims = [len(t) if is_tuple(t) else 1 for t in args]
    n = max(ndims, default=0)
    parts = ""
    for d in range(n):
        extent = "1"
        for i, (t, k) in enumerate(zip(args, ndims, strict=True)):
            if d >= n - k:
                extent = f"common({extent}, " + (f"x{i}[{d - n + k}])" if is_tuple(t) else f"x{i})")
        parts += f"{extent}, "
    names = ", ".join(f"x{i}" for i in range(len(args)))
    return _write(f"def f({names}):\n    return ({parts})\n", common=_common)


@overload(np.broadcast_arrays)
def broadcast_arrays(*args):
    if not args or not all(is_array(t) for t in args):
        return None
    names = ", ".join(f"x{i}" for i in range(len(args)))
    shapes = _each(len(args), "x{i}.shape")
    parts = _each(len(args), "np.broadcast_to(x{i}, shape)")
    return _write(f"def f({names}):\n    shape = np.broadcast_shapes({shapes})\n    return ({parts})\n")


@overload(np.meshgrid, prefer_literal=True)
def meshgrid(*xi, indexing="xy", copy=True, sparse=False):
    if not xi or not all(is_array(t) and t.ndim <= 1 for t in xi):
        return None
    order, thin = value(indexing, "np.meshgrid: indexing"), value(sparse, "np.meshgrid: sparse")
    shares = not value(copy, "np.meshgrid: copy")
    if order not in ("xy", "ij"):
        raise ValueError("Valid values for `indexing` are 'xy' and 'ij'.")
    n, head = len(xi), ", ".join(f"x{i}" for i in range(len(xi)))
    axis = list(range(n))
    if order == "xy" and n > 1:
        axis[0], axis[1] = 1, 0
    shape = "".join(f"x{axis.index(d)}.size, " for d in range(n))
    body = ""
    for i in range(n):
        own = "".join(f"x{i}.size, " if axis[i] == d else "1, " for d in range(n))
        view = f"np.ascontiguousarray(x{i}).reshape(({own}))"
        if not thin:
            view = f"np.broadcast_to({view}, ({shape}))"
        body += f"    y{i} = {view if shares else view + '.copy()'}\n"
    return _write(
        f'def f({head}, indexing="xy", copy=True, sparse=False):\n{body}    return ({_each(n, "y{i}")})\n'
    )


@overload(np.indices, prefer_literal=True)
def indices(dimensions, dtype=int, sparse=False):
    if not is_tuple(dimensions) or not all(is_integer(t) for t in dimensions):
        raise TypingError('The argument "dimensions" must be a tuple of integers')
    n = len(dimensions)
    own = [
        f"np.arange(dimensions[{i}]).astype(dtype).reshape(({'1, ' * i}-1, {'1, ' * (n - 1 - i)}))"
        for i in range(n)
    ]
    head = "def f(dimensions, dtype=int, sparse=False):\n"
    if value(sparse, "np.indices: sparse"):
        return _write(f"{head}    return ({''.join(f'{x}, ' for x in own)})\n")
    body = "".join(f"    out[{i}] = {x}\n" for i, x in enumerate(own))
    shape = _each(n, "dimensions[{i}]")
    return _write(f"{head}    out = np.empty(({n}, {shape}), dtype)\n{body}    return out\n")


@overload(np.ix_)
def ix_(*args):
    if not args or not all(is_array(t, 1) for t in args):
        return None
    n, parts = len(args), ""
    for i, t in enumerate(args):
        source = (
            f"np.flatnonzero(x{i})" if isinstance(t.dtype, types.Boolean) else f"np.ascontiguousarray(x{i})"
        )
        parts += f"{source}.reshape(({'1, ' * i}-1, {'1, ' * (n - 1 - i)})), "
    return _write(f"def f({', '.join(f'x{i}' for i in range(n))}):\n    return ({parts})\n")


# ---- axes ----------------------------------------------------------------------------------------------------------


def _at_least(function, n):
    @overload(function)
    def factory(*arys):
        if len(arys) > 1:
            if not all(is_array(t) or is_number(t) for t in arys):
                return None
            names = ", ".join(f"x{i}" for i in range(len(arys)))
            parts = _each(len(arys), "function(x{i})")
            return _write(f"def f({names}):\n    return ({parts})\n", function=function)
        if not arys or not (is_array(arys[0]) or is_number(arys[0]) or is_sequence(arys[0])):
            return None
        t = arys[0]
        if not is_array(t):
            return lambda a: function(np.asarray(a))
        if t.ndim >= n:
            return lambda a: a
        if t.ndim == 2:
            return lambda a: a[:, :, None]
        if t.ndim == 1:
            return (lambda a: a[None, :]) if n == 2 else (lambda a: a[None, :, None])
        return (lambda a: a.reshape((1, 1))) if n == 2 else (lambda a: a.reshape((1, 1, 1)))


_at_least(np.atleast_2d, 2)
_at_least(np.atleast_3d, 3)


@overload(np.rollaxis, prefer_literal=True)
def rollaxis(a, axis, start=0):
    if not is_array(a):
        return None
    k, to = value(axis, "np.rollaxis: axis"), value(start, "np.rollaxis: start")
    k, to = k + a.ndim if k < 0 else k, to + a.ndim if to < 0 else to
    if not 0 <= k < a.ndim or not 0 <= to <= a.ndim:
        return None
    place = to - 1 if k < to else to
    return _write(f"def f(a, axis, start=0):\n    return np.moveaxis(a, {k}, {place})\n")


@overload(np.moveaxis, prefer_literal=True)
def moveaxis(a, source, destination):
    if not is_array(a) or not is_tuple(source) or not is_tuple(destination):
        return None
    sources, targets = ([value(x, "np.moveaxis") % a.ndim for x in t] for t in (source, destination))
    if len(sources) != len(targets) or len(set(sources)) != len(sources) or len(set(targets)) != len(targets):
        return None
    order = [i for i in range(a.ndim) if i not in sources]
    for to, k in sorted(zip(targets, sources, strict=True)):
        order.insert(to, k)
    axes = "".join(f"{k}, " for k in order)
    return _write(f"def f(a, source, destination):\n    return np.transpose(a, ({axes}))\n")


@overload(np.expand_dims, prefer_literal=True)
def expand_dims(a, axis):
    if is_number(a):
        return lambda a, axis: np.expand_dims(np.asarray(a), axis)
    if not is_array(a) or not is_tuple(axis):
        return None
    n = a.ndim + len(axis)
    new = [axis_of(t, n, "np.expand_dims") for t in axis]
    if len(set(new)) != len(new):
        raise ValueError("repeated axis")
    parts = ", ".join("None" if i in new else ":" for i in range(n))
    return _write(f"def f(a, axis):\n    return a[{parts}]\n")


@overload_attribute(types.Array, "mT")
def matrix_transpose(a):
    if a.ndim < 2:
        return None
    return lambda a: np.swapaxes(a, -1, -2)


@overload(np.size, prefer_literal=True)
def size(a, axis=None):
    if is_number(a) and is_none(axis):
        return lambda a, axis=None: 1
    if is_tuple(a) or is_list(a):
        if is_none(axis):
            return lambda a, axis=None: np.asarray(a).size
        return lambda a, axis=None: np.size(np.asarray(a), axis)
    if not is_array(a) or not is_integer(axis):
        return None
    return lambda a, axis=None: a.shape[axis]


@overload(np.shape)
def shape(a):
    return (lambda a: ()) if is_number(a) else None


# ---- lists of numbers ------------------------------------------------------------------------------------------------


@overload_method(types.Array, "tolist")
def tolist(a):
    if a.ndim == 0:
        return lambda a: a.item()
    if a.ndim == 1:
        return lambda a: [x for x in a]
    return lambda a: [row.tolist() for row in a]
