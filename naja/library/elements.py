"""Elements of arrays by other ways than indices: nditer, windows, positions along axes, conversions of single elements.

Also the functions of NumPy that look at number types, and differences along an axis.
"""

import warnings

import numpy as np

from naja import _core, types
from naja.errors import TypingError
from naja.extending import overload, overload_method
from naja.library import low
from naja.library.dtypes import named_dtype
from naja.library.kinds import (
    axis_of,
    is_array,
    is_array_like,
    is_integer,
    is_none,
    is_number,
    is_sequence,
    ndim_of,
    scalar_type,
    value,
)
from naja.library.low import checked_axis, checked_index
from naja.library.shaping import is_tuple
from naja.library.written import written


def _write(text, **names):
    return written(__name__, text, **names)


# ---- windows -------------------------------------------------------------------------------------------------------


@overload(np.lib.stride_tricks.sliding_window_view, prefer_literal=True)
def sliding_window_view(x, window_shape, axis=None):
    """A read-only view of all windows."""
    if not is_array(x):
        return None
    n, sizes = x.ndim, len(window_shape) if is_tuple(window_shape) else 1
    if is_none(axis):
        axes = list(range(n))
    else:
        axes = [value(t, "sliding_window_view: axis") % n for t in (axis if is_tuple(axis) else (axis,))]
    if len(axes) != sizes:
        return None
    window = [f"window_shape[{k}]" if is_tuple(window_shape) else "window_shape" for k in range(sizes)]
    shape = [f"x.shape[{i}]" for i in range(n)]
    text = "def f(x, window_shape, axis=None):\n"
    for k, w in zip(axes, window, strict=True):
        text += (
            f"    if {w} < 0:\n        raise ValueError('`window_shape` cannot contain negative values')\n"
        )
        shape[k] = f"{shape[k]} - ({w} - 1)"
        text += f"    if {shape[k]} < 0:\n        raise ValueError('window shape cannot be larger than input array shape')\n"
    strides = [f"x.strides[{i}]" for i in range(n)] + [f"x.strides[{k}]" for k in axes]
    whole, steps = "".join(f"{e}, " for e in shape + window), "".join(f"{s}, " for s in strides)
    return _write(
        f"{text}    return np.lib.stride_tricks.as_strided(x, ({whole}), ({steps}), writeable=False)\n"
    )


# ---- along axes ----------------------------------------------------------------------------------------------------


@overload(np.take_along_axis)
def take_along_axis(arr, indices, axis=-1):
    if not is_array(arr) or not is_array(indices):
        return None
    if is_none(axis):

        def take_flat(arr, indices, axis=-1):
            flat = np.ravel(arr)
            out = np.empty(indices.size, arr.dtype)
            for i in range(indices.size):
                out[i] = flat[checked_index(indices[i], flat.size)]
            return out

        return take_flat if indices.ndim == 1 else None
    if arr.ndim != indices.ndim:
        raise ValueError("`indices` and `arr` must have the same number of dimensions")
    return _write(_along(arr.ndim), checked_axis=checked_axis, checked_index=checked_index)


def _along(n):
    loops, indent = "", "    "
    for d in range(n):
        extent = f"x.shape[{d}]" if d == n - 1 else f"max(x.shape[{d}], a.shape[{d}])"
        loops += f"{indent}for i{d} in range({extent}):\n"
        indent += "    "
    front = "".join(f"i{d}, " for d in range(n - 1))
    at = "".join(f"(0 if a.shape[{d}] == 1 else i{d}), " for d in range(n - 1))
    given = "".join(f"(0 if x.shape[{d}] == 1 else i{d}), " for d in range(n - 1))
    checks = "".join(
        f"    if a.shape[{d}] != x.shape[{d}] and a.shape[{d}] != 1 and x.shape[{d}] != 1:\n"
        "        raise IndexError('shape mismatch: indexing arrays could not be broadcast together')\n"
        for d in range(n - 1)
    )
    shape = "".join(f"max(x.shape[{d}], a.shape[{d}]), " for d in range(n - 1))
    return (
        f"def f(arr, indices, axis=-1):\n"
        f"    place = checked_axis(axis, {n})\n"
        f"    a, x = np.moveaxis(arr, place, -1), np.moveaxis(indices, place, -1)\n"
        f"{checks}"
        f"    out = np.empty(({shape}x.shape[{n - 1}], ), arr.dtype)\n"
        f"{loops}"
        f"{indent}k = checked_index(x[{given}i{n - 1}], a.shape[{n - 1}])\n"
        f"{indent}out[{front}i{n - 1}] = a[{at}k]\n"
        f"    return np.ascontiguousarray(np.moveaxis(out, -1, place))\n"
    )


# ---- differences -----------------------------------------------------------------------------------------------------


def _slopes(kind, casts):
    """Return functions that write the slopes of one run: at points one step apart, and at given distances.

    `casts`: coefficients are numbers of the run's own type, as NumPy's are that come of Python's numbers.
    """
    like = kind if casts else lambda x: x

    def even(f, out, step, second):
        n, last = len(f), len(f) - 1
        for i in range(1, last):
            out[i] = (kind(f[i + 1]) - kind(f[i - 1])) / like(2.0 * step)
        if second:
            a, b, c = like(-1.5 / step), like(2.0 / step), like(-0.5 / step)
            out[0] = a * kind(f[0]) + b * kind(f[1]) + c * kind(f[2])
            a, b, c = like(0.5 / step), like(-2.0 / step), like(1.5 / step)
            out[last] = a * kind(f[n - 3]) + b * kind(f[n - 2]) + c * kind(f[last])
        else:
            out[0] = (kind(f[1]) - kind(f[0])) / like(step)
            out[last] = (kind(f[last]) - kind(f[n - 2])) / like(step)

    def uneven(f, out, d, second):
        n, last = len(f), len(f) - 1
        for i in range(1, last):
            x, y = d[i - 1], d[i]
            a, b, c = -y / (x * (x + y)), (y - x) / (x * y), x / (y * (x + y))
            out[i] = a * f[i - 1] + b * f[i] + c * f[i + 1]
        if second:
            x, y = d[0], d[1]
            a, b, c = -(2.0 * x + y) / (x * (x + y)), (x + y) / (x * y), -x / (y * (x + y))
            out[0] = a * f[0] + b * f[1] + c * f[2]
            x, y = d[n - 3], d[n - 2]
            a, b, c = y / (x * (x + y)), -(y + x) / (x * y), (2.0 * y + x) / (y * (x + y))
            out[last] = a * f[n - 3] + b * f[n - 2] + c * f[last]
        else:
            out[0] = (kind(f[1]) - kind(f[0])) / d[0]
            out[last] = (kind(f[last]) - kind(f[n - 2])) / d[n - 2]

    return even, uneven


def _slopes_along(kind, is_weak, spacing, edge_order):
    """Return a function of a table of runs, results and the spacing: a number, or the positions of the points."""
    second = edge_order == 2
    even, uneven = _slopes(kind, is_weak and isinstance(kind, types.Float))
    if not is_array(spacing):

        def along(rows, out, spacing):
            for i in range(len(rows)):
                even(rows[i], out[i], np.float64(spacing), second)

        return along

    def along_positions(rows, out, spacing):
        if len(spacing) != rows.shape[1]:
            raise ValueError("when 1d, distances must match the length of the corresponding dimension")
        d = np.diff(spacing.astype(np.float64))
        is_even = np.all(d == d[0])
        for i in range(len(rows)):
            if is_even:
                even(rows[i], out[i], d[0], second)
            else:
                uneven(rows[i], out[i], d, second)

    return along_positions


def _gradient_axes(axis, ndim):
    if is_none(axis):
        return list(range(ndim))
    axes = [value(t, "np.gradient: axis") for t in (axis if is_tuple(axis) else (axis,))]
    if any(not -ndim <= k < ndim for k in axes):
        raise ValueError(f"axis {axes} is out of bounds for array of dimension {ndim}")
    return [k % ndim for k in axes]


@overload(np.gradient, prefer_literal=True)
def gradient(f, *varargs, axis=None, edge_order=1):
    """`numpy.gradient`: along one axis an array, along several a tuple of arrays."""
    if is_sequence(f):
        names = [f"v{i}" for i in range(len(varargs))]
        head = f"def f({', '.join(['f', *names])}, *, axis=None, edge_order=1):\n"
        order = value(edge_order, "np.gradient: edge_order")
        return _write(
            f"{head}    return np.gradient({', '.join(['np.array(f)', *names])}, edge_order={order})\n"
        )
    if is_array(f) and not f.ndim and not varargs:
        return lambda f, *, axis=None, edge_order=1: ()
    if not is_array(f) or not f.ndim or not isinstance(f.dtype, types.Number):
        return None
    order, axes = value(edge_order, "np.gradient: edge_order"), _gradient_axes(axis, f.ndim)
    if order not in (1, 2):
        raise ValueError("'edge_order' greater than 2 not supported")
    spacings = list(varargs) if len(varargs) != 1 or is_array(varargs[0]) else list(varargs) * len(axes)
    if spacings and len(spacings) != len(axes):
        raise TypeError("invalid number of arguments")
    if any(is_array(t) and t.ndim != 1 for t in spacings):
        raise ValueError("distances must be either scalars or 1d")
    kind = f.dtype if isinstance(f.dtype, types.Float | types.Complex) else types.float64
    names = [f"v{i}" for i in range(len(varargs))]
    text = f"def f({', '.join(['f', *names])}, *, axis=None, edge_order=1):\n"
    scope = {"kind": kind}
    for i, k in enumerate(axes):
        spacing = spacings[i] if spacings else types.float64
        scope[f"along{i}"] = _slopes_along(kind, not is_array(spacing), spacing, order)
        step = "1.0" if not spacings else names[i if len(names) == len(axes) else 0]
        text += (
            f"    if f.shape[{k}] < {order + 1}:\n"
            "        raise ValueError('Shape of array too small to calculate a numerical gradient, at least "
            "(edge_order + 1) elements are required.')\n"
            f"    moved = np.ascontiguousarray(np.moveaxis(f, {k}, -1))\n"
            f"    n, g{i} = moved.shape[-1], np.empty(moved.shape, kind)\n"
            f"    along{i}(moved.reshape((moved.size // n, n)), g{i}.reshape((moved.size // n, n)), {step})\n"
        )
    found = [f"np.ascontiguousarray(np.moveaxis(g{i}, -1, {k}))" for i, k in enumerate(axes)]
    return _write(
        f"{text}    return {found[0] if len(found) == 1 else '(' + ', '.join(found) + ')'}\n", **scope
    )


# ---- positions in shapes -----------------------------------------------------------------------------------------------


def _is_fortran(order, what):
    name = value(order, f"{what}: order")
    if name not in ("C", "F"):
        raise ValueError(f"{what}: order must be 'C' or 'F'")
    return name == "F"


@overload(np.unravel_index, prefer_literal=True)
def unravel_index(indices, shape, order="C"):
    """`numpy.unravel_index` of a number or an array."""
    if not is_tuple(shape) or not (is_integer(indices) or _is_of_integers(indices)):
        return None
    n = len(shape)
    if n == 0 and is_array(indices):
        raise ValueError("multiple indices are not supported for 0d array")
    size = " * ".join(f"shape[{d}]" for d in range(n)) or "1"
    given = "indices.astype(np.int64)" if is_array(indices) else "indices"
    text = f"def f(indices, shape, order='C'):\n    i, size = {given}, {size}\n"
    if is_array(indices):
        text += "    for k in i.flat:\n        if k < 0 or k >= size:\n            value_error(message, k, size)\n"
    else:
        text += "    if i < 0 or i >= size:\n        value_error(message, i, size)\n"
    for d in range(n) if _is_fortran(order, "np.unravel_index") else reversed(range(n)):
        text += f"    i{d} = i % shape[{d}]\n    i = i // shape[{d}]\n"
    return _write(
        f"{text}    return ({''.join(f'i{d}, ' for d in range(n))})\n",
        value_error=low.value_error,
        message="index %d is out of bounds for array with size %d",
    )


def _is_of_integers(t):
    return is_array(t) and isinstance(t.dtype, types.Integer)


def _place_in(t, mode, name, extent):
    """Lines that make the place `at` of an index along an axis of this extent, and bring it into range, or raise."""
    place = f"    at = {name}{'.astype(np.int64)' if is_array(t) else ''}\n"
    if mode == "wrap":
        return f"{place}    at = at % {extent}\n"
    if mode == "clip":
        least, most = ("np.minimum", "np.maximum") if is_array(t) else ("min", "max")
        return f"{place}    at = {least}({most}(at, 0), {extent} - 1)\n"
    if mode != "raise":
        raise ValueError("clipmode must be one of 'clip', 'raise', or 'wrap'")
    outside = "np.any(at < 0) or np.any(at >= {0})" if is_array(t) else "at < 0 or at >= {0}"
    return (
        f"{place}    if {outside.format(extent)}:\n"
        "        raise ValueError('invalid entry in coordinates array')\n"
    )


@overload(np.ravel_multi_index, prefer_literal=True)
def ravel_multi_index(multi_index, dims, mode="raise", order="C"):
    """`numpy.ravel_multi_index` of numbers and arrays."""
    if is_array(multi_index) and multi_index.ndim > 1 and is_tuple(dims):
        rows = "".join(f"multi_index[{d}], " for d in range(len(dims)))
        modes = value(mode, "np.ravel_multi_index: mode") if not is_tuple(mode) else None
        if modes is None:
            return None
        return _write(
            "def f(multi_index, dims, mode='raise', order='C'):\n"
            f"    if multi_index.shape[0] != {len(dims)}:\n"
            "        raise ValueError('parameter multi_index must be a sequence of length of dims')\n"
            f"    return np.ravel_multi_index(({rows}), dims, {modes!r}, {value(order, 'order')!r})\n"
        )
    if not is_tuple(multi_index) or not is_tuple(dims) or len(multi_index) != len(dims):
        return None
    if not all(is_integer(t) or _is_of_integers(t) for t in multi_index):
        return None
    n, fortran = len(dims), _is_fortran(order, "np.ravel_multi_index")
    modes = list(mode) if is_tuple(mode) else [mode] * n
    if len(modes) != n:
        return None
    text = "def f(multi_index, dims, mode='raise', order='C'):\n    found = 0\n"
    for d in reversed(range(n)) if fortran else range(n):
        how = value(modes[d], "np.ravel_multi_index: mode")
        text += f"{_place_in(multi_index[d], how, f'multi_index[{d}]', f'dims[{d}]')}"
        text += f"    found = found * dims[{d}] + at\n"
    return _write(f"{text}    return found\n")


# ---- single elements -----------------------------------------------------------------------------------------------------


def _refusal(function):
    """What NumPy says to a conversion of an array of one element and one axis; None: it converts."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            function(np.ones(1))
    except TypeError as error:
        return str(error)
    return None


def _of_one(function, exception, message):
    refusal = _refusal(function)

    @overload(function)
    def factory(x):
        if not is_array(x):
            return None

        def refuse(x):
            raise exception(refusal)

        def convert(x):
            if x.size != 1:
                raise exception(message)
            return function(x.item())

        return refuse if x.ndim and refusal else convert


_of_one(int, TypeError, "only length-1 arrays can be converted to Python scalars")
_of_one(float, TypeError, "only length-1 arrays can be converted to Python scalars")
_of_one(complex, TypeError, "only length-1 arrays can be converted to Python scalars")
_of_one(
    bool,
    ValueError,
    "The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()",
)


# ---- copies in an order ----------------------------------------------------------------------------------------------------


def _in_order(name, copies):
    def factory(a, order="C"):
        wanted = value(order, f"{name}: order")
        if not is_array(a) or wanted not in ("F", "A", "K"):
            return None
        if wanted != "F" and a.layout == "C":
            return (lambda a, order="C": np.ravel(a).copy()) if copies else (lambda a, order="C": np.ravel(a))
        if wanted != "F" and a.layout != "F":
            return None
        return (lambda a, order="C": np.ravel(a.T).copy()) if copies else (lambda a, order="C": np.ravel(a.T))

    return factory


overload(np.ravel, prefer_literal=True)(_in_order("np.ravel", False))
overload_method(types.Array, "ravel", prefer_literal=True)(_in_order("ravel", False))
overload_method(types.Array, "flatten", prefer_literal=True)(_in_order("flatten", True))


# ---- rounding --------------------------------------------------------------------------------------------------------------


def _round(function):
    def factory(a, decimals=0, out=None):
        if is_array(out):

            def into(a, decimals=0, out=None):
                out[...] = np.round(a, decimals)
                return out

            return into
        if not is_array(a):
            return None
        if isinstance(a.dtype, types.Integer):

            def round_ints(a, decimals=0, out=None):
                result = a.copy()
                if decimals < 0:
                    step = 10 ** (-decimals)
                    for i in range(result.size):
                        result.flat[i] = np.rint(np.true_divide(a.flat[i], step)) * step
                return result

            return round_ints
        if isinstance(a.dtype, types.Float):
            kind = a.dtype

            def round_floats(a, decimals=0, out=None):
                if decimals == 0:
                    return np.rint(a)
                if decimals > 0:
                    scale = kind(10.0**decimals)
                    return np.rint(a * scale) / scale
                scale = kind(10.0 ** (-decimals))
                return np.rint(a / scale) * scale

            return round_floats
        if isinstance(a.dtype, types.Boolean):
            return lambda a, decimals=0, out=None: a.astype(np.float16)
        if isinstance(a.dtype, types.Complex):

            def round_parts(a, decimals=0, out=None):
                result = np.empty(a.shape, a.dtype)
                result.real[...] = np.round(a.real, decimals)
                result.imag[...] = np.round(a.imag, decimals)
                return result

            return round_parts
        return None

    return factory


overload(np.round)(_round(np.round))
overload(np.around)(_round(np.round))
overload_method(types.Array, "round")(_round(np.round))


@overload(np.clip)
def clip(a, a_min=None, a_max=None, out=None):
    if not is_array(out) and not is_none(out):
        raise TypeError('The argument "out" must be an array if it is provided')
    if is_none(out):
        if is_array(a) or not is_sequence(a):
            return None
        return lambda a, a_min=None, a_max=None, out=None: np.clip(np.asarray(a), a_min, a_max)

    def into(a, a_min=None, a_max=None, out=None):
        out[...] = np.clip(a, a_min, a_max)
        return out

    return into


overload_method(types.Array, "clip")(clip)


# ---- kinds of numbers --------------------------------------------------------------------------------------------------------


@overload(np.angle, prefer_literal=True)
def angle(z, deg=False):
    if not is_array(z) and not is_number(z):
        raise TypeError('Argument "z" must be a complex or Array[complex]')
    degrees = value(deg, "np.angle: deg")
    if is_number(z):
        return (lambda z, deg=False: np.arctan2(z.imag, z.real) * (180 / np.pi)) if degrees else (
            lambda z, deg=False: np.arctan2(z.imag, z.real)
        )  # fmt: skip
    if isinstance(z.dtype, types.Boolean):  # NumPy's imaginary part is the number 0: an int64
        return lambda z, deg=False: np.angle(z.astype(np.int64), degrees)
    zero = "np.zeros_like(z)" if not isinstance(z.dtype, types.Complex) else "z.imag"
    scale = " * (180 / np.pi)" if degrees else ""
    return _write(f"def f(z, deg=False):\n    return np.arctan2({zero}, z.real){scale}\n")


@overload(np.iscomplexobj)
def iscomplexobj(x):
    is_complex = isinstance(x.dtype if is_array(x) else x, types.Complex)
    return (lambda x: True) if is_complex else (lambda x: False)


@overload(np.isrealobj)
def isrealobj(x):
    is_complex = isinstance(x.dtype if is_array(x) else x, types.Complex)
    return (lambda x: False) if is_complex else (lambda x: True)


@overload(np.isreal)
def isreal(x):
    return lambda x: np.equal(np.imag(x), 0)


@overload(np.iscomplex)
def iscomplex(x):
    return lambda x: np.not_equal(np.imag(x), 0)


@overload(np.isscalar)
def isscalar(element):
    if is_number(element) or isinstance(element, types.UnicodeType):
        return lambda element: True
    return lambda element: False


def _geomspace_of_any(start, stop, endpoint, dtype, axis):
    """`numpy.geomspace` of array-likes, complex numbers, and into a dtype; computed in the dtype that NumPy takes."""
    ends = [_core.type_dtype(scalar_type(t)) for t in (start, stop)]
    final = None if is_none(dtype) else named_dtype(dtype, "np.geomspace")
    kind = np.result_type(*ends, final or np.float64, 0.0).type
    ndim = max(ndim_of(start), ndim_of(stop))
    place = axis_of(axis, ndim + 1, "np.geomspace")
    has_end = bool(value(endpoint, "np.geomspace: endpoint"))
    found = "np.moveaxis(out, 0, place)" if place else "out"
    return _write(
        "def f(start, stop, num=50, endpoint=True, dtype=None, axis=0):\n"
        "    first, last = np.asarray(start).astype(kind), np.asarray(stop).astype(kind)\n"
        "    if np.any(first == 0) or np.any(last == 0):\n"
        "        raise ValueError('Geometric sequence cannot include zero')\n"
        "    sign = np.sign(first)\n"
        "    first, last = np.asarray(first / sign), np.asarray(last / sign)\n"
        f"    powers = np.linspace(np.asarray(np.log10(first)), np.asarray(np.log10(last)), num, {has_end})\n"
        "    out = np.power(kind(10), powers)\n"
        f"    if num > 0:\n        out[0] = first\n        if num > 1 and {has_end}:\n            out[-1] = last\n"
        f"    out = out * sign\n    return {found}{'' if final is None else '.astype(final)'}\n",
        kind=kind,
        place=place,
        final=final,
    )


@overload(np.geomspace, prefer_literal=True)
def geomspace(start, stop, num=50, endpoint=True, dtype=None, axis=0):
    if not is_array_like(start) or not is_array_like(stop):
        return None
    numbers = all(is_number(t) and not isinstance(t, types.Complex) for t in (start, stop))
    if not numbers or not is_none(dtype) or (not is_none(axis) and value(axis, "np.geomspace: axis") != 0):
        return _geomspace_of_any(start, stop, endpoint, dtype, axis)
    has_end = bool(value(endpoint, "np.geomspace: endpoint"))
    between = _write(f"def f(first, last, num):\n    return np.linspace(first, last, num, {has_end})\n")

    def space(start, stop, num=50, endpoint=True, dtype=None, axis=0):
        if start == 0 or stop == 0:
            raise ValueError("Geometric sequence cannot include zero")
        first_value, last_value = np.float64(start), np.float64(stop)
        sign = np.sign(first_value)
        first, last = np.log10(first_value / sign), np.log10(last_value / sign)
        out = np.power(10.0, between(first, last, num))
        if num > 0:
            out[0] = first_value / sign
            if num > 1 and has_end:
                out[-1] = last_value / sign
        return out * sign

    return space


# ---- reshape ---------------------------------------------------------------------------------------------------------


def _reshape_text(a, shape, order, what):
    """The text of an expression that reshapes `a`, an array, in Fortran's order; None: not in that order."""
    layout = value(order, f"{what}: order")
    if layout not in ("C", "F", "A"):
        raise TypingError(f"{what}: order must be one of 'C', 'F', or 'A' (got {layout!r})")
    if layout == "C" or (layout == "A" and a.layout != "F"):
        return "a.reshape(shape)"
    n = len(shape) if is_tuple(shape) else 1
    backwards = "".join(f"shape[{i}], " for i in range(n - 1, -1, -1)) if is_tuple(shape) else "shape, "
    return f"np.transpose(np.transpose(a).reshape(({backwards})))"


@overload(np.reshape, prefer_literal=True)
def reshape(a, shape, order="C", *, copy=None):
    """`numpy.reshape` in other orders and of array-likes."""
    if not is_array(a):
        return (
            (lambda a, shape, order="C", *, copy=None: np.reshape(np.asarray(a), shape, order))
            if is_sequence(a)
            else None
        )
    if not is_tuple(shape) and not is_integer(shape):
        return None
    text, must = _reshape_text(a, shape, order, "np.reshape"), value(copy, "np.reshape: copy")
    if must is False:
        return None
    return _write(
        f'def f(a, shape, order="C", *, copy=None):\n    return {text}{".copy()" if must else ""}\n'
    )


@overload_method(types.Array, "reshape", prefer_literal=True)
def array_reshape(a, *shape, order="C"):
    """`numpy.ndarray.reshape` in other orders."""
    if not shape:
        return None
    one = len(shape) == 1
    given = shape[0] if one else types.Tuple(shape)
    names = "shape" if one else ", ".join(f"n{i}" for i in range(len(shape)))
    head = f'def f(a, {names}, order="C"):\n' + ("" if one else f"    shape = ({names}, )\n")
    return _write(f"{head}    return {_reshape_text(a, given, order, 'ndarray.reshape')}\n")
