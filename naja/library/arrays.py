"""Making, joining, cutting and rearranging arrays; positions and selections by masks and indices.

Most of these are views and copies put together from emitted ones.  What needs a loop over elements runs over
C-ordered memory: an axis splits the extents into (outer, n, inner).
"""

import numpy as np

from naja import types
from naja.extending import overload, overload_method
from naja.library import kinds, low
from naja.library.low import checked_axis, checked_index
from naja.library.reductions import is_array, is_none, is_scalar, literal, put
from naja.library.sorting import common_dtype
from naja.library.written import axis_text, written


def _is_arraylike(t):
    return is_array(t) or is_scalar(t) or isinstance(t, types.BaseTuple)


# ---- positions ------------------------------------------------------------------------------------------------------


@overload(np.flatnonzero)
def flatnonzero_overload(a):
    if not _is_arraylike(a):
        return None

    def flatnonzero(a):
        flat = np.ravel(np.asarray(a))
        n = np.count_nonzero(flat)
        out = np.empty(n, np.intp)
        found, i = 0, 0
        while found + 8 <= n:  # so many are still to come: no test for each
            for j in range(8):
                out[found] = i + j
                found += bool(flat[i + j])
            i += 8
        while found < n:
            out[found] = i
            found += bool(flat[i])
            i += 1
        return out

    return flatnonzero


_positions = low.by_type("positions")


@overload(_positions)
def positions_overload(a):
    """The indices of the elements that are not zero, one row for each axis."""
    if a.ndim == 1:

        def positions(a):
            return np.flatnonzero(a).reshape(1, -1)

    elif a.ndim == 2:

        def positions(a):
            n = np.count_nonzero(a)
            out = np.empty((2, n), np.intp)
            found = 0
            for i in range(a.shape[0]):
                for j in range(a.shape[1]):
                    if found == n:
                        break
                    out[0, found] = i
                    out[1, found] = j
                    found += a[i, j] != 0
            return out

    else:

        def positions(a):
            flat = np.flatnonzero(a)
            out = np.empty((a.ndim, flat.size), np.intp)
            for i in range(a.ndim - 1, -1, -1):
                n = a.shape[i]
                for k in range(flat.size):
                    out[i, k] = flat[k] % n
                    flat[k] //= n
            return out

    return positions


def _rows2(rows):
    return rows[0], rows[1]


def _rows3(rows):
    return rows[0], rows[1], rows[2]


def _rows4(rows):
    return rows[0], rows[1], rows[2], rows[3]


def _rows5(rows):
    return rows[0], rows[1], rows[2], rows[3], rows[4]


_SPLITTERS = {2: _rows2, 3: _rows3, 4: _rows4, 5: _rows5}


@overload(np.nonzero)
def nonzero_overload(a):
    if is_scalar(a) or (is_array(a) and a.ndim == 0):
        raise ValueError(
            "Calling nonzero on 0d arrays is not allowed. Use np.atleast_1d(scalar).nonzero() instead."
        )
    if is_array(a):
        if a.ndim == 1:
            return lambda a: (np.flatnonzero(a),)
        if a.ndim not in _SPLITTERS:
            return None
        split = _SPLITTERS[a.ndim]
        return lambda a: split(_positions(a))
    return lambda a: np.nonzero(np.asarray(a))


@overload_method(types.Array, "nonzero")
def method_nonzero(a):
    return lambda a: np.nonzero(a)


@overload(np.where)
def where_overload(condition):
    return lambda condition: np.nonzero(np.asarray(condition))


@overload(np.argwhere)
def argwhere_overload(a):
    if not _is_arraylike(a):
        return None
    if is_array(a) and a.ndim:
        return lambda a: _positions(a).T.copy()
    if is_array(a) or is_scalar(a):
        return lambda a: np.empty((1 if np.any(np.asarray(a)) else 0, 0), np.intp)
    return lambda a: np.argwhere(np.asarray(a))


# ---- taking and putting ---------------------------------------------------------------------------------------------


@overload(np.take, prefer_literal=True)
def take_overload(a, indices, axis=None, out=None, mode="raise"):
    how = literal(mode, None)
    if how not in ("raise", "wrap", "clip"):
        raise ValueError("clipmode must be one of 'clip', 'raise', or 'wrap'")
    if is_array(a) and a.ndim == 0 and not is_none(axis):  # its one element, along one axis
        return written(
            __name__,
            'def f(a, indices, axis=None, out=None, mode="raise"):\n'
            f"    return np.take(a.reshape((1,)), indices, axis, {'None' if is_none(out) else 'out'}, {how!r})\n",
        )
    if is_array(out):
        return written(
            __name__,
            'def f(a, indices, axis=None, out=None, mode="raise"):\n'
            f"    return put(out, np.take(a, indices, {axis_text(axis)}, None, {how!r}))\n",
            put=put,
        )
    if not is_none(out):
        return None
    if how != "raise":
        extent = "np.size(a)" if is_none(axis) else "np.shape(a)[axis]"
        inside = "i % n" if how == "wrap" else "np.minimum(np.maximum(i, 0), n - 1)"
        return written(
            __name__,
            'def f(a, indices, axis=None, out=None, mode="raise"):\n'
            f"    i, n = {'indices' if isinstance(indices, types.Integer) else 'np.asarray(indices)'}, {extent}\n"
            "    if n == 0 and np.size(i):\n"
            '        raise IndexError("cannot do a non-empty take from an empty axes.")\n'
            f"    return np.take(a, {inside}, axis)\n",
        )
    if isinstance(indices, types.BaseTuple):
        return lambda a, indices, axis=None, out=None, mode="raise": np.take(a, np.asarray(indices), axis)
    if not is_array(a):
        if not isinstance(a, types.BaseTuple):
            return None
        return lambda a, indices, axis=None, out=None, mode="raise": np.take(np.asarray(a), indices, axis)
    if is_none(axis):

        def take(a, indices, axis=None, out=None, mode="raise"):
            return _pick(np.ravel(a), indices)

    elif isinstance(axis, types.Integer):

        def take(a, indices, axis=None, out=None, mode="raise"):
            place = checked_axis(axis, a.ndim)
            return _pick_along(np.moveaxis(a, place, 0), indices, place)

    else:
        return None
    return take


_check_indices = low.by_type("check_indices")


@overload(_check_indices)
def check_indices_overload(indices, n):
    """IndexError unless every index is of an axis of n elements: library code indexes without checks."""
    if isinstance(indices, types.Integer):

        def check_one(indices, n):
            if n == 0:
                raise IndexError("cannot do a non-empty take from an empty axes.")
            checked_index(indices, n)

        return check_one

    def check(indices, n):
        if n == 0 and indices.size:
            raise IndexError("cannot do a non-empty take from an empty axes.")
        for i in np.ravel(indices):
            checked_index(i, n)

    return check


_pick = low.by_type("pick")


@overload(_pick)
def pick_overload(a, indices):
    if is_array(indices) and indices.ndim == 0:
        return lambda a, indices: _pick(a, indices[()])

    def pick(a, indices):
        _check_indices(indices, a.shape[0])
        return a[indices]

    return pick


_pick_along = low.by_type("pick_along")


@overload(_pick_along)
def pick_along_overload(a, indices, place):
    """Of an array whose axis in question stands first; its axes go back to `place`."""
    if isinstance(indices, types.Integer):
        if a.ndim == 1:
            return lambda a, indices, place: _pick(a, indices)
        return lambda a, indices, place: _pick(a, indices).copy()
    if indices.ndim == 1:
        return lambda a, indices, place: np.ascontiguousarray(np.moveaxis(_pick(a, indices), 0, place))
    if indices.ndim == 2:

        def swapped(a, indices, place):
            found = _pick(a, indices.T)
            return np.ascontiguousarray(np.moveaxis(np.moveaxis(found, 0, place + 1), 0, place))

        return swapped
    return None


@overload_method(types.Array, "take", prefer_literal=True)
def method_take(a, indices, axis=None, out=None, mode="raise"):
    if is_none(out) and literal(mode, None) == "raise":
        return lambda a, indices, axis=None, out=None, mode="raise": np.take(a, indices, axis)
    return take_overload(a, indices, axis, out, mode)


@overload(np.compress)
def compress_overload(condition, a, axis=None):
    if is_none(axis):

        def compress(condition, a, axis=None):
            return _pick(np.ravel(np.asarray(a)), np.flatnonzero(condition))

    else:

        def compress(condition, a, axis=None):
            return np.take(a, np.flatnonzero(condition), axis)

    return compress


@overload(np.extract)
def extract_overload(condition, arr):
    def extract(condition, arr):
        flat, wanted = np.ravel(np.asarray(arr)), np.flatnonzero(np.asarray(condition))
        return _pick(flat, wanted)

    return extract


@overload_method(types.Array, "compress")
def method_compress(a, condition, axis=None):
    return lambda a, condition, axis=None: np.compress(condition, a, axis)


# ---- repeating and rolling ------------------------------------------------------------------------------------------


def _is_integral(t):
    """Whether a type is an integer's or an array-like's of integers."""
    if isinstance(t, types.BaseTuple):
        return all(_is_integral(item) for item in t)
    if is_array(t) or isinstance(t, (types.List, types.ListType)):
        return _is_integral(t.dtype)
    return isinstance(t, (types.Integer, types.Boolean))


@overload(np.repeat)
def repeat_overload(a, repeats, axis=None):
    if not _is_integral(repeats):
        raise TypeError("The repeats argument must be an integer or an array-like of integer dtype")
    if not is_array(a):
        return lambda a, repeats, axis=None: np.repeat(np.asarray(a), repeats, axis)
    if is_none(axis):
        if isinstance(repeats, types.Integer):

            def repeat(a, repeats, axis=None):
                if repeats < 0:
                    raise ValueError("negative dimensions are not allowed")
                flat = np.ravel(a)
                out = np.empty(flat.size * repeats, a.dtype)
                for i in range(flat.size):
                    x = flat[i]
                    for k in range(repeats):
                        out[i * repeats + k] = x
                return out

        elif is_array(repeats) and isinstance(repeats.dtype, types.Integer) and repeats.ndim == 1:

            def repeat(a, repeats, axis=None):
                flat = np.ravel(a)
                if repeats.size == 1:
                    return np.repeat(flat, repeats[0])
                if repeats.size != flat.size:
                    raise ValueError("operands could not be broadcast together")
                total = 0
                for i in range(repeats.size):
                    if repeats[i] < 0:
                        raise ValueError("repeats may not contain negative values.")
                    total += repeats[i]
                out = np.empty(total, a.dtype)
                at = 0
                for i in range(flat.size):
                    for _ in range(repeats[i]):
                        out[at] = flat[i]
                        at += 1
                return out

        elif isinstance(repeats, types.BaseTuple):
            return lambda a, repeats, axis=None: np.repeat(a, np.asarray(repeats), axis)
        else:
            return None
        return repeat
    if isinstance(repeats, types.BaseTuple):
        return lambda a, repeats, axis=None: np.repeat(a, np.asarray(repeats), axis)

    def repeat_axis(a, repeats, axis=None):
        n = a.shape[checked_axis(axis, a.ndim)]
        return np.take(a, np.repeat(np.arange(n), repeats), axis)

    return repeat_axis


@overload_method(types.Array, "repeat")
def method_repeat(a, repeats, axis=None):
    return lambda a, repeats, axis=None: np.repeat(a, repeats, axis)


def _roll_axes(shift, axis):
    """An implementation that rolls along one axis after the other; a number goes with each of the other's items."""
    n = max(len(t) for t in (shift, axis) if isinstance(t, types.BaseTuple))
    if any(isinstance(t, types.BaseTuple) and len(t) not in (1, n) for t in (shift, axis)) or is_none(axis):
        return None
    body = ""
    for i in range(n):
        items = [
            f"{name}[{i % len(t)}]" if isinstance(t, types.BaseTuple) else name
            for name, t in (("shift", shift), ("axis", axis))
        ]
        body += f"    a = np.roll(a, {items[0]}, {items[1]})\n"
    return written(__name__, f"def f(a, shift, axis=None):\n{body}    return a\n")


@overload(np.roll)
def roll_overload(a, shift, axis=None):
    if isinstance(shift, types.BaseTuple) or isinstance(axis, types.BaseTuple):
        return _roll_axes(shift, axis) if is_array(a) else None
    if not is_array(a):
        return (lambda a, shift, axis=None: np.roll(np.asarray(a), shift, axis)) if _is_arraylike(a) else None
    if is_none(axis):

        def roll(a, shift, axis=None):
            flat = np.ravel(a)
            out = np.empty(a.size, a.dtype)
            if a.size:
                k = int(shift) % a.size
                out[k:] = flat[: a.size - k]
                out[:k] = flat[a.size - k :]
            return out.reshape(a.shape)

    else:

        def roll(a, shift, axis=None):
            place = checked_axis(axis, a.ndim)
            out = np.empty(a.shape, a.dtype)
            source, target = np.moveaxis(a, place, 0), np.moveaxis(out, place, 0)
            n = a.shape[place]
            if n:
                k = int(shift) % n
                target[k:] = source[: n - k]
                target[:k] = source[n - k :]
            return out

    return roll


@overload(np.rot90, prefer_literal=True)
def rot90_overload(m, k=1, axes=(0, 1)):
    if not is_array(m):
        raise TypeError('The first argument "m" must be an array')
    if not kinds.is_integer(k):
        raise TypeError(f'The second argument "k" must be an integer, not {k}')
    if m.ndim < 2:
        raise TypeError("Input must be >= 2-d.")
    first, second = (literal(t, None) for t in axes) if len(axes) == 2 else (None, None)
    if first is None or second is None or not all(-m.ndim <= t < m.ndim for t in (first, second)):
        raise ValueError(f"Axes={axes} out of range for array of ndim={m.ndim}.")
    first, second = first % m.ndim, second % m.ndim
    if first == second:
        raise ValueError("Axes must be different.")

    def rot90(m, k=1, axes=(0, 1)):
        turns = k % 4
        if turns == 0:
            return m[...]
        if turns == 2:
            return np.flip(np.flip(m, first), second)
        if turns == 1:
            return np.swapaxes(np.flip(m, second), first, second)
        return np.flip(np.swapaxes(m, first, second), second)

    return rot90


# ---- appending, inserting, deleting -----------------------------------------------------------------------------------


@overload(np.append)
def append_overload(arr, values, axis=None):
    if is_none(axis):

        def append(arr, values, axis=None):
            return np.concatenate((np.ravel(np.asarray(arr)), np.ravel(np.asarray(values))))

    else:

        def append(arr, values, axis=None):
            return np.concatenate((np.asarray(arr), np.asarray(values)), axis)

    return append


def _marker(obj):
    """A function of (obj, n) that gives which of n elements stay; None: `obj` is no index."""
    if isinstance(obj, types.SliceType):

        def marked(obj, n):
            keep = np.ones(n, np.bool_)
            keep[obj] = False
            return keep

    elif isinstance(obj, types.Integer):

        def marked(obj, n):
            keep = np.ones(n, np.bool_)
            keep[checked_index(obj, n)] = False
            return keep

    elif is_array(obj) and isinstance(obj.dtype, types.Boolean):

        def marked(obj, n):
            if obj.size != n:
                raise ValueError(
                    "boolean array argument obj to delete must be one dimensional and match the axis length"
                )
            return ~np.ravel(obj)

    elif is_array(obj) and isinstance(obj.dtype, types.Integer):

        def marked(obj, n):
            keep = np.ones(n, np.bool_)
            for i in np.ravel(obj):
                keep[checked_index(i, n)] = False
            return keep

    else:
        return None
    return marked


@overload(np.delete)
def delete_overload(arr, obj, axis=None):
    if isinstance(arr, (types.Integer, types.Float, types.Boolean, types.Complex)):
        raise TypeError("arr must be either an Array or a Sequence")
    if isinstance(obj, (types.List, types.BaseTuple)) and _is_integral(obj):
        return lambda arr, obj, axis=None: np.delete(arr, np.asarray(obj), axis)
    marked = _marker(obj)
    if marked is None:
        raise TypeError("obj should be of Integer dtype")
    if not is_none(axis):

        def delete_along(arr, obj, axis=None):
            a = np.asarray(arr)
            keep = marked(obj, a.shape[checked_axis(axis, a.ndim)])
            return np.take(a, np.flatnonzero(keep), axis)

        return delete_along
    if isinstance(obj, types.Integer):

        def delete_one(arr, obj, axis=None):
            flat = np.ravel(np.asarray(arr))
            at = checked_index(obj, flat.size)
            return np.concatenate((flat[:at], flat[at + 1 :]))

        return delete_one

    def delete(arr, obj, axis=None):
        flat = np.ravel(np.asarray(arr))
        return flat[marked(obj, flat.size)]

    return delete


# ---- triangles and diagonals ----------------------------------------------------------------------------------------


@overload(np.diag)
def diag_overload(v, k=0):
    if not is_array(v):
        return None
    if v.ndim == 1:

        def diag(v, k=0):
            n = v.size + abs(k)
            out = np.zeros((n, n), v.dtype)
            row, column = max(0, -k), max(0, k)
            for i in range(v.size):
                out[row + i, column + i] = v[i]
            return out

    elif v.ndim == 2:

        def diag(v, k=0):
            rows, columns = v.shape
            row, column = max(0, -k), max(0, k)
            n = max(0, min(rows - row, columns - column))
            out = np.empty(n, v.dtype)
            for i in range(n):
                out[i] = v[row + i, column + i]
            return out

    else:
        return None
    return diag


@overload(np.diagflat)
def diagflat_overload(v, k=0):
    return lambda v, k=0: np.diag(np.ravel(np.asarray(v)), k)


def _diagonal_axes(a, axis1, axis2):
    """Two axes counted from the front; None: not known."""
    first, second = literal(axis1, None), literal(axis2, None)
    if not isinstance(first, int) or not isinstance(second, int) or not is_array(a) or a.ndim < 2:
        return None
    if not (-a.ndim <= first < a.ndim and -a.ndim <= second < a.ndim):
        raise ValueError(f"axis is out of bounds for array of dimension {a.ndim}")
    if first % a.ndim == second % a.ndim:
        raise ValueError("axis1 and axis2 cannot be the same")
    return first % a.ndim, second % a.ndim


@overload(np.diagonal, prefer_literal=True)
def diagonal_overload(a, offset=0, axis1=0, axis2=1):
    axes = _diagonal_axes(a, axis1, axis2)
    if axes is None:
        return None
    if a.ndim == 2 and axes == (0, 1):
        return lambda a, offset=0, axis1=0, axis2=1: np.diag(a, offset)
    order = [i for i in range(a.ndim) if i not in axes] + list(axes)
    shape = "".join(f"m.shape[{i}], " for i in range(a.ndim - 2))
    return written(
        __name__,
        "def f(a, offset=0, axis1=0, axis2=1):\n"
        f"    m = np.transpose(a, ({''.join(f'{i}, ' for i in order)}))\n"
        "    row, column = max(0, -offset), max(0, offset)\n"
        f"    n = max(0, min(m.shape[{a.ndim - 2}] - row, m.shape[{a.ndim - 1}] - column))\n"
        f"    out = np.empty(({shape}n), a.dtype)\n"
        "    for i in range(n):\n"
        "        out[..., i] = m[..., row + i, column + i]\n"
        "    return out\n",
    )


def _sum_kind(dtype):
    """The type of a sum."""
    if isinstance(dtype, types.Boolean) or (isinstance(dtype, types.Integer) and dtype.signed):
        return types.int64
    return types.uint64 if isinstance(dtype, types.Integer) else dtype


def _trace_of_matrix(kind):
    """Sums of less than 8 reals go from the first to the last in NumPy, too: no array of them is needed."""
    few = 4 if isinstance(kind, types.Complex) else 8

    def trace(a, offset=0, axis1=0, axis2=1):
        row, column = max(0, -offset), max(0, offset)
        n = min(a.shape[0] - row, a.shape[1] - column)
        if n >= few:
            return np.sum(np.diag(a, offset))
        total = kind(0)
        for i in range(n):
            total += a[row + i, column + i]
        return total

    return trace


@overload(np.trace, prefer_literal=True)
def trace_overload(a, offset=0, axis1=0, axis2=1):
    if is_array(a) and a.ndim < 2:
        raise ValueError("np.trace() only supported on 2-D arrays and those of more axes")
    axes = _diagonal_axes(a, axis1, axis2)
    if axes is None:
        return None
    first, second = axes
    if a.ndim == 2 and axes == (0, 1) and a.dtype != types.float16:
        return _trace_of_matrix(_sum_kind(a.dtype))
    return written(
        __name__,
        "def f(a, offset=0, axis1=0, axis2=1):\n"
        f"    return np.sum(np.diagonal(a, offset, {first}, {second}){', -1' if a.ndim > 2 else ''})\n",
    )


overload_method(types.Array, "trace", prefer_literal=True)(trace_overload)
overload_method(types.Array, "diagonal", prefer_literal=True)(diagonal_overload)


# ---- at least so many axes ----------------------------------------------------------------------------------------------


@overload(np.atleast_1d)
def atleast_1d_overload(*arys):
    if len(arys) != 1 or not _is_arraylike(arys[0]):
        return None
    if is_array(arys[0]) and arys[0].ndim:
        return lambda a: a
    return lambda a: np.ravel(np.asarray(a))


# ---- equal or nearly so ---------------------------------------------------------------------------------------------------


@overload(np.array_equal, prefer_literal=True)
def array_equal_overload(a1, a2, equal_nan=False):
    if not _is_arraylike(a1) or not _is_arraylike(a2):
        raise TypeError('Both arguments to "array_equals" must be array-like')
    if not is_array(a1) or not is_array(a2):
        return lambda a1, a2, equal_nan=False: np.array_equal(np.asarray(a1), np.asarray(a2), equal_nan)
    if a1.ndim != a2.ndim:
        return lambda a1, a2, equal_nan=False: False

    def array_equal(a1, a2, equal_nan=False):
        return a1.shape == a2.shape and np.all(a1 == a2)

    def array_equal_nan(a1, a2, equal_nan=False):
        if not equal_nan:
            return a1.shape == a2.shape and np.all(a1 == a2)
        return a1.shape == a2.shape and np.all((a1 == a2) | ((a1 != a1) & (a2 != a2)))

    return array_equal if literal(equal_nan, None) is False else array_equal_nan


def broadcasts(x, y):
    """Whether two shapes broadcast together."""
    for i in range(1, min(len(x), len(y)) + 1):
        if x[-i] != y[-i] and x[-i] != 1 and y[-i] != 1:
            return False
    return True


@overload(np.array_equiv)
def array_equiv_overload(a1, a2):
    if not _is_arraylike(a1) or not _is_arraylike(a2):
        return None

    if not all(kinds.ndim_of(t) for t in (a1, a2)):
        return lambda a1, a2: bool(np.all(np.asarray(a1) == np.asarray(a2)))

    def array_equiv(a1, a2):
        x, y = np.asarray(a1), np.asarray(a2)
        return broadcasts(x.shape, y.shape) and bool(np.all(x == y))

    return array_equiv


@overload(np.isclose, prefer_literal=True)
def isclose_overload(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
    """Of what is no expression of arrays and numbers: 0-d arrays, array-likes, NaN that equals NaN."""
    if not _is_arraylike(a) or not _is_arraylike(b):
        return None
    if is_scalar(a) and is_scalar(b):

        def isclose_numbers(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
            close = np.isfinite(b) and abs(a - b) <= atol + rtol * abs(b)
            return bool(a == b or close or (equal_nan and a != a and b != b))

        return isclose_numbers

    if all(isinstance(kinds.scalar_type(t), types.Boolean) for t in (a, b)):
        return lambda a, b, rtol=1e-05, atol=1e-08, equal_nan=False: np.isclose(
            a, np.asarray(b).astype(np.float64), rtol, atol, equal_nan
        )

    def isclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
        x, y = np.asarray(a), np.asarray(b)
        close = (x == y) | (np.isfinite(y) & (np.abs(x - y) <= atol + rtol * np.abs(y)))
        return close | ((x != x) & (y != y) & equal_nan)

    return isclose


@overload(np.allclose)
def allclose_overload(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
    if not _is_arraylike(a) or not _is_arraylike(b):
        return None

    def allclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
        return bool(np.all(np.isclose(np.asarray(a), np.asarray(b), rtol, atol, equal_nan)))

    return allclose


# ---- number ranges -----------------------------------------------------------------------------------------------------------


@overload(np.logspace, prefer_literal=True)
def logspace_overload(start, stop, num=50, endpoint=True, base=10.0, dtype=None, axis=0):
    """`numpy.logspace`: powers of a base, or of the elements of an array of bases, which broadcasts with the ends."""
    if not all(kinds.is_array_like(t) for t in (start, stop, base)):
        return None
    ndim = max(kinds.ndim_of(t) for t in (start, stop, base))
    of_bases = kinds.ndim_of(base) > 0
    place = kinds.axis_of(axis, ndim + 1, "np.logspace") if ndim else 0
    text = "def f(start, stop, num=50, endpoint=True, base=10.0, dtype=None, axis=0):\n"
    if of_bases:
        for name, t in (("start", start), ("stop", stop), ("base", base)):
            index = "None, " * (ndim - kinds.ndim_of(t))
            text += f"    {name}_ = np.asarray({name})[{index}...]\n"
        text += f"    bases = np.expand_dims(base_, {place})\n"
    ends = "start_, stop_" if of_bases else "start, stop"
    bases = "bases" if of_bases else "base"
    along = f", axis={place}" if ndim else ""
    powers = f"np.power({bases}, np.linspace({ends}, num, {bool(literal(endpoint, True))}{along}))"
    return written(__name__, f"{text}    return {powers}{'' if is_none(dtype) else '.astype(dtype)'}\n")


def _diff_of_none(a, n=1, axis=-1, prepend=None, append=None):
    if n < 0:
        raise ValueError("order must be non-negative but got " + str(n))
    if n > 0:
        raise ValueError("diff requires input that is at least one dimensional")
    return a[()]


def _diff_of_longer(a, place, prepend, append):
    """`numpy.diff` of what `prepend` and `append`, arrays or numbers, make of an array along an axis."""
    one = "".join("1, " if d == place else f"a.shape[{d}], " for d in range(a.ndim))

    def end(t, name):
        if kinds.ndim_of(t):
            return f"np.asarray({name}), "
        return f"np.broadcast_to(np.asarray({name}), ({one})), "

    before = "" if is_none(prepend) else end(prepend, "prepend")
    behind = "" if is_none(append) else end(append, "append")
    kind = common_dtype(*(t for t in (a, prepend, append) if not is_none(t)))
    return written(
        __name__,
        "def f(a, n=1, axis=-1, prepend=None, append=None):\n"
        "    if n == 0:\n        return a.astype(kind)\n"
        f"    return np.diff(np.concatenate(({before}a, {behind}), {place}), n, {place})\n",
        kind=kind,
    )


@overload(np.diff, prefer_literal=True)
def diff_overload(a, n=1, axis=-1, prepend=None, append=None):
    if not is_array(a) or not isinstance(literal(axis, None), int):
        return None
    if a.ndim == 0:
        return _diff_of_none
    subtract = np.not_equal if isinstance(a.dtype, types.Boolean) else np.subtract
    place = literal(axis, -1)
    if not -a.ndim <= place < a.ndim:
        raise ValueError(f"axis {place} is out of bounds for array of dimension {a.ndim}")
    if not is_none(prepend) or not is_none(append):
        if literal(n, None) == 0:
            return lambda a, n=1, axis=-1, prepend=None, append=None: a.copy()
        return _diff_of_longer(a, place % a.ndim, prepend, append)
    where = ":, " * (place % a.ndim)
    step = written(
        __name__, f"def f(a):\n    return subtract(a[{where}1:], a[{where}:-1])\n", subtract=subtract
    )
    if isinstance(a.dtype, types.NPDatetime):  # the first step gives timedeltas

        def diff_moments(a, n=1, axis=-1, prepend=None, append=None):
            if n < 1:
                raise ValueError("order must be positive but got " + str(n))
            return np.diff(step(a), n - 1, place)

        return diff_moments

    def diff(a, n=1, axis=-1, prepend=None, append=None):
        if n < 0:
            raise ValueError("order must be non-negative but got " + str(n))
        if n == 0:
            return a.copy()
        out = step(a)
        for _ in range(n - 1):
            out = step(out)
        return out

    return diff


@overload(np.average, prefer_literal=True)
def average_overload(a, axis=None, weights=None, returned=False, *, keepdims=False):
    if not is_array(a):
        return None
    keep, sums = bool(literal(keepdims, None)), bool(literal(returned, None))
    how = f"axis={axis_text(axis)}, keepdims={keep}"
    head = "def f(a, axis=None, weights=None, returned=False, *, keepdims=False):\n"
    result = (
        "    return mean, np.broadcast_to(np.asarray(scale), np.shape(mean)).copy()\n"
        if sums
        else "    return mean\n"
    )
    leaves_number = not keep and (is_none(axis) or a.ndim == 1)
    if sums and leaves_number:
        result = "    return mean, scale\n"
    if is_none(weights):
        count = f"    scale = a.size / np.asarray(mean).size + 0.0 * np.asarray(mean){'[()]' if sums and leaves_number else ''}\n"
        return written(__name__, f"{head}    mean = np.mean(a, {how})\n{count if sums else ''}{result}")
    if not is_array(weights):
        return lambda a, axis=None, weights=None, returned=False, *, keepdims=False: np.average(
            a, axis, np.asarray(weights)
        )
    if weights.ndim != a.ndim:
        if is_none(axis):
            raise TypeError("Axis must be specified when shapes of a and weights differ.")
        at = literal(axis, None)
        if weights.ndim != 1 or not isinstance(at, int) or not -a.ndim <= at < a.ndim:
            return None
        same, shape = (
            f"weights.shape[0] == a.shape[{at}]",
            "1, " * (at % a.ndim) + "-1, " + "1, " * (a.ndim - 1 - at % a.ndim),
        )
        given = f"np.broadcast_to(np.ascontiguousarray(weights).reshape(({shape})), a.shape)"
    else:
        same, given = "weights.shape == a.shape", "weights"
    least = () if isinstance(a.dtype, (types.Float, types.Complex)) else (np.float64,)
    return written(
        __name__,
        f"{head}"
        f"    if not {same}:\n"
        '        raise ValueError("Shape of weights must be consistent with shape of a along specified axis.")\n'
        f"    w = {given}\n"
        f"    scale = np.sum(w, {how}, dtype=kind)\n"
        "    if np.any(np.asarray(scale) == 0.0):\n"
        '        raise ZeroDivisionError("Weights sum to zero, can\'t be normalized")\n'
        f"    mean = np.divide(np.sum(np.multiply(a.astype(kind), w.astype(kind)), {how}), scale)\n{result}",
        kind=np.result_type(*(types._core.type_dtype(t.dtype) for t in (a, weights)), *least).type,
    )
