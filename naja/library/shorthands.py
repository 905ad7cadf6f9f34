"""Functions that NumPy itself writes in terms of others: here they are the same few lines.

The results are NumPy's to the bit, because the functions they are made of are.
"""

import numpy as np

from naja import types
from naja.errors import TypingError
from naja.extending import overload, overload_method
from naja.library import kinds, low
from naja.library.dtypes import named_dtype, operand_of
from naja.library.numerical import dtype_of
from naja.library.reductions import as_kind_of, is_flag, put
from naja.library.written import axis_text, written

# ---- conversion -------------------------------------------------------------------------------------------------------


@overload(np.asanyarray, prefer_literal=True)
def asanyarray(a, dtype=None, order=None):
    """`numpy.asanyarray`: compiled code has no subclasses of arrays."""
    return (lambda a, dtype=None, order=None: np.asarray(a, dtype)) if kinds.is_none(order) else None


@overload(np.asarray_chkfinite, prefer_literal=True)
def asarray_chkfinite(a, dtype=None, order=None):
    """`numpy.asarray_chkfinite`."""
    if not kinds.is_none(order):
        return None

    def asarray_chkfinite(a, dtype=None, order=None):
        x = np.asarray(a, dtype)
        if not np.all(np.isfinite(x)):
            raise ValueError("array must not contain infs or NaNs")
        return x

    return asarray_chkfinite


@overload(np.astype, prefer_literal=True)
def astype(x, dtype, /, *, copy=True, device=None):
    """`numpy.astype`."""
    if not kinds.is_array(x):
        raise TypingError(f"Input should be a NumPy array. It is a {x} instead.")
    if kinds.value(copy, "np.astype: copy"):
        return lambda x, dtype, /, *, copy=True, device=None: x.astype(dtype)
    return lambda x, dtype, /, *, copy=True, device=None: np.asarray(x, dtype)


@overload_method(types.Array, "astype", prefer_literal=True)
def array_astype(a, dtype, order="K", casting="unsafe", subok=True, copy=True):
    """`numpy.ndarray.astype` with all its arguments: `copy` may be False."""
    if kinds.is_storage(a) or not all(map(kinds.is_known, (order, casting, copy))):
        return None
    if (kinds.value(order, "order"), kinds.value(casting, "casting")) != ("K", "unsafe"):
        return None
    if kinds.value(copy, "copy"):
        return lambda a, dtype, order="K", casting="unsafe", subok=True, copy=True: a.astype(dtype)
    return lambda a, dtype, order="K", casting="unsafe", subok=True, copy=True: np.asarray(a, dtype)


@overload_method(types.Array, "tobytes", prefer_literal=True)
def tobytes(a, order="C"):
    """`numpy.ndarray.tobytes`."""
    name = kinds.value(order, "order") if kinds.is_known(order) else ""
    if name not in ("C", "F", None) or a.ndim == 0:
        return None
    if name == "F" and a.ndim > 1:
        return lambda a, order="C": np.ascontiguousarray(a.T).tobytes()
    return lambda a, order="C": np.ascontiguousarray(a).tobytes()


@overload(np.require, prefer_literal=True)
def require(a, dtype=None, requirements=None, *, like=None):
    """`numpy.require` without requirements, or that of C order, which any letter may give."""
    if isinstance(requirements, types.BaseTuple) and len(requirements) == 1:
        requirements = requirements[0]
    letters = "" if kinds.is_none(requirements) else kinds.value(requirements, "np.require: requirements")
    if letters and (
        not isinstance(letters, str) or letters.upper() not in ("C", "C_CONTIGUOUS", "CONTIGUOUS")
    ):
        return None
    if letters and not kinds.is_array(a, 0):
        return lambda a, dtype=None, requirements=None, *, like=None: np.ascontiguousarray(
            np.asarray(a, dtype)
        )
    return lambda a, dtype=None, requirements=None, *, like=None: np.asarray(a, dtype)


def _of_number(function):
    """A function of one array, given a number."""

    @overload(function)
    def of_number(a):
        return (lambda a: function(np.asarray(a))) if kinds.is_number(a) else None


_of_number(np.copy)
_of_number(np.ravel)


@overload(np.real_if_close)
def real_if_close(a, tol=100):
    """`numpy.real_if_close`: complex numbers keep their type, which would depend on the values."""
    return lambda a, tol=100: np.asarray(a)


@overload(np.sort_complex)
def sort_complex(a):
    """`numpy.sort_complex`."""
    element = kinds.scalar_type(a)
    if isinstance(element, types.Complex):
        return lambda a: np.sort(a)
    small = isinstance(element, types.Integer) and element.bitwidth <= 16
    dtype = np.complex64 if small else np.complex128
    return lambda a: np.sort(a).astype(dtype)


@overload(np.broadcast_arrays)
def broadcast_arrays(*args):
    """`numpy.broadcast_arrays` with numbers among the arrays."""
    if not any(map(kinds.is_number, args)) or not all(kinds.is_number(t) or kinds.is_array(t) for t in args):
        return None
    names = [f"a{i}" for i in range(len(args))]
    arrays = ", ".join(f"np.asarray({name})" for name in names)
    return written(__name__, f"def f({', '.join(names)}):\n    return np.broadcast_arrays({arrays})\n")


@overload(np.atleast_1d)
def atleast_1d(*arys):
    """`numpy.atleast_1d` of several."""
    if len(arys) < 2:
        return None
    names = [f"a{i}" for i in range(len(arys))]
    arrays = ", ".join(f"np.atleast_1d({name})" for name in names)
    return written(__name__, f"def f({', '.join(names)}):\n    return {arrays}\n")


# ---- arrays like another, of a shape of their own -----------------------------------------------------------------------


def _like(function, make):
    @overload(function, prefer_literal=True)
    def like(prototype, dtype=None, order="K", subok=True, shape=None, *, device=None):
        if (
            kinds.is_none(shape)
            or not kinds.is_array(prototype)
            or kinds.value(order, "order") not in ("K", "A", "C")
        ):
            return None
        kind = prototype.dtype if kinds.is_none(dtype) else None
        if kind is not None:
            return lambda prototype, dtype=None, order="K", subok=True, shape=None, *, device=None: make(
                shape, kind
            )
        return lambda prototype, dtype=None, order="K", subok=True, shape=None, *, device=None: make(
            shape, dtype
        )


_like(np.empty_like, np.empty)
_like(np.zeros_like, np.zeros)
_like(np.ones_like, np.ones)


@overload(np.full_like, prefer_literal=True)
def full_like(a, fill_value, dtype=None, order="K", subok=True, shape=None, *, device=None):
    """`numpy.full_like` with a shape of its own."""
    if kinds.is_none(shape) or not kinds.is_array(a) or kinds.value(order, "order") not in ("K", "A", "C"):
        return None
    kind = a.dtype if kinds.is_none(dtype) else None
    if kind is not None:
        return lambda a, fill_value, dtype=None, order="K", subok=True, shape=None, *, device=None: np.full(
            shape, fill_value, kind
        )
    return lambda a, fill_value, dtype=None, order="K", subok=True, shape=None, *, device=None: np.full(
        shape, fill_value, dtype
    )


# ---- numbers ----------------------------------------------------------------------------------------------------------------


def _infinite(function, sign):
    @overload(function)
    def infinite(x, out=None):
        if kinds.is_complex(kinds.scalar_type(x)):
            raise TypingError(
                f"This operation is not supported for {x} values because it would be ambiguous."
            )
        if kinds.is_none(out):
            return lambda x, out=None: np.logical_and(np.isinf(x), sign(np.signbit(x)))

        def into(x, out=None):
            out[...] = np.logical_and(np.isinf(x), sign(np.signbit(x)))
            return out

        return into


_infinite(np.isneginf, lambda negative: negative)
_infinite(np.isposinf, lambda negative: np.logical_not(negative))


@overload(np.fix)
def fix(x, out=None):
    """`numpy.fix`."""
    if kinds.is_none(out):
        return lambda x, out=None: np.trunc(x)
    return lambda x, out=None: np.trunc(x, out)


def _clip(a, a_min=None, a_max=None, out=None, *, min=None, max=None):
    if all(map(kinds.is_none, (min, max))):
        return None
    if not all(map(kinds.is_none, (a_min, a_max))):
        raise TypingError(
            "Passing `min` or `max` keyword argument when `a_min` and `a_max` are provided is forbidden."
        )
    if kinds.is_none(out):
        return lambda a, a_min=None, a_max=None, out=None, *, min=None, max=None: np.clip(a, min, max)
    return lambda a, a_min=None, a_max=None, out=None, *, min=None, max=None: np.clip(a, min, max, out)


overload(np.clip)(_clip)
overload_method(types.Array, "clip")(
    lambda a, min=None, max=None, out=None: (
        (lambda a, min=None, max=None, out=None: np.clip(a, min, max))
        if kinds.is_array(a) and kinds.is_none(out)
        else None
    )
)


def _points_between(kind, with_end):
    """`linspace` computed in a complex or short floating dtype, which NumPy takes from the ends."""

    def points(start, stop, num):
        if num < 0:
            raise ValueError("Number of samples, must be non-negative.")
        first, last = kind(start), kind(stop)
        parts, length = num - with_end, kind(last - first)
        out = np.empty(num, kind)
        step = kind(length / kind(parts)) if parts > 0 else length
        for i in range(num):
            scaled = kind(kind(i) / kind(parts)) * length if step == 0 and parts > 0 else kind(i) * step
            out[i] = kind(scaled) + first
        if with_end and num > 1:
            out[-1] = last
        return out

    return points


def _inexact_of(*ends):
    """The dtype that NumPy computes in for arrays and numbers; numbers give way."""
    operands = [operand_of(t, "np.linspace") if not kinds.is_sequence(t) else dtype_of(t) for t in ends]
    return np.result_type(*operands, 0.0).type


def _linspace_of_arrays(start, stop, endpoint, retstep, dtype, axis):
    """`numpy.linspace` between the elements of arrays that broadcast together."""
    if not kinds.is_array_like(start) or not kinds.is_array_like(stop):
        return None
    ndim = max(kinds.ndim_of(start), kinds.ndim_of(stop))
    with_end, with_step = (kinds.value(t, "np.linspace: endpoint, retstep") for t in (endpoint, retstep))
    place = kinds.axis_of(axis, ndim + 1, "np.linspace")
    found = "np.moveaxis(out, 0, place)" if place else "out"
    if not kinds.is_none(dtype):
        floored = named_dtype(dtype, "np.linspace").kind in "iu"
        found = f"{f'np.floor({found})' if floored else found}.astype(dtype)"
    return written(
        __name__,
        "def f(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0, *, device=None):\n"
        "    if num < 0:\n        raise ValueError('Number of samples, must be non-negative.')\n"
        "    first, last = np.asarray(start).astype(kind), np.asarray(stop).astype(kind)\n"
        f"    parts, length = num - {int(with_end)}, np.asarray(last - first)\n"
        "    step = np.asarray(length / kind(parts)) if parts > 0 else np.full(length.shape, np.nan, kind)\n"
        "    small = parts > 0 and np.any(step == 0)\n"
        "    out = np.empty((num, ) + length.shape, kind)\n"
        "    for i in range(num):\n"
        "        if small:\n            out[i] = kind(kind(i) / kind(parts)) * length + first\n"
        "        else:\n            out[i] = kind(i) * (step if parts > 0 else length) + first\n"
        + ("    if num > 1:\n        out[-1] = last\n" if with_end else "")
        + f"    return {found}{', step' if with_step else ''}\n",
        kind=_inexact_of(start, stop),
        place=place,
    )


@overload(np.linspace, prefer_literal=True)
def linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0, *, device=None):
    """`numpy.linspace` of numbers: complex and short ones, and with the step."""
    if not kinds.is_number(start) or not kinds.is_number(stop):
        return _linspace_of_arrays(start, stop, endpoint, retstep, dtype, axis)
    with_end, with_step = (kinds.value(t, "np.linspace: endpoint, retstep") for t in (endpoint, retstep))
    head = "def f(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0, *, device=None):\n"
    kind = _inexact_of(start, stop)
    if kind is not np.float64:
        is_cast = not kinds.is_none(dtype)
        rounded = "np.floor(found)" if is_cast and named_dtype(dtype, "np.linspace").kind in "iu" else "found"
        cast = f"{rounded}.astype(dtype)" if is_cast else "found"
        step = ", kind((kind(stop) - kind(start)) / parts if parts > 0 else np.nan)" if with_step else ""
        text = f"{head}    found = points(start, stop, num)\n    parts = num - {int(with_end)}\n    return {cast}{step}\n"
        return written(__name__, text, kind=kind, points=_points_between(kind, int(with_end)))
    values = f"np.linspace(np.float64(start), np.float64(stop), num, {with_end}, dtype=dtype)"
    if not with_step:
        return written(__name__, f"{head}    return {values}\n")
    return written(
        __name__,
        f"{head}    parts = num - {int(with_end)}\n"
        f"    return {values}, ((stop * 1.0 - start * 1.0) / parts if parts > 0 else np.nan)\n",
    )


# ---- running sums ---------------------------------------------------------------------------------------------------------------


def _cumulative(function, scan, neutral):
    @overload(function, prefer_literal=True)
    def cumulative(x, /, *, axis=None, dtype=None, out=None, include_initial=False):
        if not kinds.is_array(x) or not is_flag(include_initial):
            return None
        if kinds.is_none(axis) and x.ndim > 1:
            raise TypingError("For arrays which have more than one dimension ``axis`` argument is required.")
        first = kinds.value(include_initial, "include_initial")
        if first and not kinds.is_none(out):
            return None
        if x.ndim == 0:
            return lambda x, /, *, axis=None, dtype=None, out=None, include_initial=False: function(
                x.reshape((1,)), axis=axis, dtype=dtype, out=out, include_initial=first
            )
        at = 0 if kinds.is_none(axis) else kinds.axis_of(axis, x.ndim, f"np.{function.__name__}")
        lines = [f"    found = scan(x, {at}, dtype{'' if kinds.is_none(out) else ', out'})\n"]
        if first:
            behind = ", ".join("1" if d == at else f"x.shape[{d}]" for d in range(x.ndim))
            lines.append(f"    start = np.full(({behind}, ), {neutral}, found.dtype)\n")
            lines.append(f"    return np.concatenate((start, found), {at})\n")
        else:
            lines.append("    return found\n")
        head = "def f(x, /, *, axis=None, dtype=None, out=None, include_initial=False):\n"
        return written(__name__, head + "".join(lines), scan=scan)


_cumulative(np.cumulative_sum, np.cumsum, 0)
_cumulative(np.cumulative_prod, np.cumprod, 1)


# ---- places ------------------------------------------------------------------------------------------------------------------


@overload(np.diag_indices_from)
def diag_indices_from(arr):
    """`numpy.diag_indices_from`."""
    if not kinds.is_array(arr):
        return None
    if arr.ndim < 2:
        raise TypingError("input array must be at least 2-d")
    ndim = arr.ndim

    def diag_indices_from(arr):
        for d in range(1, ndim):
            if arr.shape[d] != arr.shape[0]:
                raise ValueError("All dimensions of input must be of equal length")
        return np.diag_indices(arr.shape[0], ndim)

    return diag_indices_from


@overload(np.mask_indices)
def mask_indices(n, mask_func, k=0):
    """`numpy.mask_indices`."""
    return lambda n, mask_func, k=0: np.nonzero(mask_func(np.ones((n, n), np.int64), k) != 0)


@overload(np.may_share_memory)
def may_share_memory(a, b, max_work=0):
    """`numpy.may_share_memory`: whether the bytes between first and last element overlap."""
    if not kinds.is_array(a) or not kinds.is_array(b):
        return (lambda a, b, max_work=0: False) if kinds.is_number(a) or kinds.is_number(b) else None
    bounds_a, bounds_b = _bounds(a), _bounds(b)

    def may_share_memory(a, b, max_work=0):
        (a_low, a_high), (b_low, b_high) = bounds_a(a), bounds_b(b)
        return a.size > 0 and b.size > 0 and a_low < b_high and b_low < a_high

    return may_share_memory


def _bounds(t):
    """Return a function of (x): the address of an array's first byte, and that behind its last one."""

    def bounds_of_element(x):
        return x.ctypes.data, x.ctypes.data + x.itemsize

    def bounds_of_array(x):
        low = x.ctypes.data
        high = low + x.itemsize
        for d in range(x.ndim):
            reach = (x.shape[d] - 1) * x.strides[d]
            low, high = low + min(reach, 0), high + max(reach, 0)
        return low, high

    return bounds_of_array if t.ndim else bounds_of_element


def _first_byte(x, k):
    """The address of the k-th element of an array with axes."""
    place = x.ctypes.data
    for d in range(x.ndim - 1, -1, -1):
        place += k % x.shape[d] * x.strides[d]
        k //= x.shape[d]
    return place


@overload(np.shares_memory)
def shares_memory(a, b, max_work=-1):
    """`numpy.shares_memory`: exact; where elements have gaps between them, by a map of the bytes in question."""
    if not kinds.is_array(a) or not kinds.is_array(b):
        return (lambda a, b, max_work=-1: False) if kinds.is_number(a) or kinds.is_number(b) else None
    if not a.ndim or not b.ndim:
        x, y = (f"{name}{'' if t.ndim else '.reshape((1,))'}" for name, t in (("a", a), ("b", b)))
        return written(__name__, f"def f(a, b, max_work=-1):\n    return np.shares_memory({x}, {y})\n")
    bounds_a, bounds_b = _bounds(a), _bounds(b)

    def shares_memory(a, b, max_work=-1):
        (a_low, a_high), (b_low, b_high) = bounds_a(a), bounds_b(b)
        first, end = max(a_low, b_low), min(a_high, b_high)
        if a.size == 0 or b.size == 0 or first >= end:
            return False
        if (a.flags.c_contiguous or a.flags.f_contiguous) and (b.flags.c_contiguous or b.flags.f_contiguous):
            return True
        taken = np.zeros(end - first, np.bool_)
        for k in range(a.size):
            byte = _first_byte(a, k)
            taken[max(byte - first, 0) : max(byte + a.itemsize - first, 0)] = True
        for k in range(b.size):
            byte = _first_byte(b, k)
            if np.any(taken[max(byte - first, 0) : max(byte + b.itemsize - first, 0)]):
                return True
        return False

    return shares_memory


# ---- sums along a diagonal -----------------------------------------------------------------------------------------------------


@overload(np.trace, prefer_literal=True)
def trace(a, offset=0, axis1=0, axis2=1, dtype=None, out=None):
    """`numpy.trace` with a dtype."""
    if not kinds.is_array(a) or kinds.is_none(dtype) or not kinds.is_none(out):
        return None
    return lambda a, offset=0, axis1=0, axis2=1, dtype=None, out=None: np.sum(
        np.diagonal(a, offset, axis1, axis2), -1, dtype
    )


# ---- unique_* -----------------------------------------------------------------------------------------------------------------------


def _unique(function, asked):
    """`numpy.unique_all` and its kin: what `asked` names, as NumPy's named tuple."""
    result = type(function(np.zeros(1)))
    flags = ", ".join(f"return_{name}=True" for name in asked)

    @overload(function)
    def unique(x, /):
        text = f"def f(x, /):\n    return result(*np.unique(x, {flags}, equal_nan=False))\n"
        return written(__name__, text, result=result)


_unique(np.unique_all, ("index", "inverse", "counts"))
_unique(np.unique_counts, ("counts",))
_unique(np.unique_inverse, ("inverse",))


@overload(np.unique_values)
def unique_values(x, /):
    """`numpy.unique_values`, sorted, which NumPy leaves open."""
    return lambda x, /: np.unique(x, equal_nan=False)


# ---- variance with where= and out= ------------------------------------------------------------------------------------------


_of_some = low.by_type("variance_of_some")


def _spread(function, name):
    """Variance or deviation of the elements that `where` has; into `out`; around a given mean."""
    head = (
        "axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=True, mean=None, correction=None"
    )

    def factory(
        a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=True, mean=None, correction=None
    ):
        if not kinds.is_array(a) or not is_flag(keepdims):
            return None
        free = "ddof" if kinds.is_none(correction) else "correction"
        if free == "correction" and ddof not in (0, None):
            raise ValueError("ddof and correction can't be provided simultaneously.")
        at, keep = axis_text(axis), kinds.value(keepdims, f"np.{name}: keepdims")
        if kinds.is_none(mean) and (kinds.is_none(where) or where is True):
            if kinds.is_none(out) and free == "ddof":
                return None
            found = f"function(a, {at}, dtype, None, {free}, {keep})"
        else:
            found = f"_of_some(a, {at}, dtype, where, {free}, {keep}, mean)"
            found = f"np.sqrt({found})" if name == "std" else found
        body = f"    return {found}\n" if kinds.is_none(out) else f"    return put(out, {found})\n"
        return written(__name__, f"def f(a, {head}):\n{body}", function=function, _of_some=_of_some, put=put)

    overload(function, prefer_literal=True)(factory)
    overload_method(types.Array, name, prefer_literal=True)(factory)


@overload(_of_some, prefer_literal=True)
def _of_some_overload(a, axis, dtype, where, ddof, keepdims, mean):
    """Variance of the elements that `where` has, as numpy._core._methods._var computes it."""
    kind = a.dtype if isinstance(a.dtype, (types.Float, types.Complex)) else types.float64
    kind = kind if kinds.is_none(dtype) else dtype.dtype
    square = "(x * np.conjugate(x)).real" if isinstance(kind, types.Complex) else "x * x"
    real = kind.underlying_float if isinstance(kind, types.Complex) else kind
    at, keep = axis_text(axis), kinds.value(keepdims, "keepdims")
    own_mean = (
        f"    count = np.sum(w, {at}, None, None, True)\n"
        f"    total = np.sum(a, {at}, kind, None, True, where=w)\n"
        "    mean = np.asarray(np.true_divide(total, count)).astype(kind)\n"
    )
    return written(
        __name__,
        "def f(a, axis, dtype, where, ddof, keepdims, around):\n"
        "    w = np.broadcast_to(where, a.shape)\n"
        + (own_mean if kinds.is_none(mean) else "    mean = around\n")
        + "    x = np.subtract(a, mean)\n"
        f"    squares = np.sum({square}, {at}, None, None, {keep}, where=w)\n"
        f"    free = np.maximum(np.sum(w, {at}, None, None, {keep}) - ddof, 0)\n"
        "    return as_kind(real, np.true_divide(squares, free))\n",
        kind=kind,
        real=real,
        as_kind=as_kind_of,
    )


_spread(np.var, "var")
_spread(np.std, "std")
