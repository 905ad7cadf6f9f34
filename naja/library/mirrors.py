"""Objects of SciPy whose numbers compiled code reads by itself: piecewise polynomials, interp1d, sparse matrices.

A *mirror* is the Python object and, beside it, views of the arrays that it is made of (`mirror_boxes.py`).  What pays is done
with those: splines are evaluated and sparse matrices multiplied without the interpreter.  Anything else is done with the
object (`implementation`), as with all objects of SciPy's (`naja/interpreter.py`).
"""

import operator

import numpy as np

from naja import _core, types
from naja.extending import overload, overload_method
from naja.interpreter import object_type
from naja.library import kinds, low
from naja.library.written import call_text, parameter_names, written


class Mirror(types.Type):
    """The type of an object with views of its parts.

    Parameters
    ----------
    held : PyObject
        The type of the object itself.
    parts : tuple of (str, Type)
        Attributes that are read, and their types.
    """

    def __init__(self, held, *parts):
        self.held, self.parts = held, parts
        super().__init__(f"{held}({', '.join(str(t) for _, t in parts)})")


class PiecewiseType(Mirror):
    """A piecewise polynomial in one variable: `scipy.interpolate.PPoly` and what is made of it."""


class Interp1dType(Mirror):
    """A `scipy.interpolate.interp1d` that joins points by lines."""


class SparseType(Mirror):
    """A sparse matrix by rows or columns."""

    @property
    def is_by_rows(self):
        """Whether the rows are compressed (CSR), not the columns (CSC)."""
        return "csr" in str(self.held)


def _view(dtype, ndim, layout):
    return types.Array(dtype, ndim, layout, readonly=True)


def _is_floats(array, ndim):
    return isinstance(array, np.ndarray) and array.dtype == np.float64 and array.ndim == ndim


_made = {}  # types, by class and what else they depend on: this is asked at every call


def _made_once(make, value, keep, *what):
    """The type that `make` makes of a held type and of `what`."""
    key = type(value), what
    found = _made.get(key)
    if found is None:
        from naja.library import mirror_boxes  # noqa: F401  says how they cross

        found = _made[key] = make(object_type(value, keep), *what)
    found.held.object.renew(value, keep)
    return found


def _piecewise_type(held):
    parts = ("c", _view(types.float64, 2, "A")), ("x", _view(types.float64, 1, "C"))
    return PiecewiseType(held, *parts, ("extrapolate", types.boolean))


def _interp1d_type(held):
    return Interp1dType(held, ("x", _view(types.float64, 1, "C")), ("_y", _view(types.float64, 2, "C")))


def _sparse_type(held, dtype, index_dtype):
    index = types.Array(types.from_dtype(index_dtype), 1, "C")
    parts = ("data", types.Array(types.from_dtype(dtype), 1, "C")), ("indices", index), ("indptr", index)
    return SparseType(held, *parts, ("shape", types.UniTuple(types.int64, 2)))


def _piecewise(value, keep):
    from scipy.interpolate import PPoly

    fits = (
        type(value).__call__ is PPoly.__call__
        and type(value.extrapolate) is bool
        and _is_floats(value.c, 2)
        and _is_floats(value.x, 1)
        and value.x.flags.c_contiguous
    )
    return _made_once(_piecewise_type, value, keep) if fits else None


def _interp1d(value, keep):
    fits = (
        getattr(value, "_kind", None) == "linear"
        and _is_floats(value.x, 1)
        and _is_floats(getattr(value, "_y", None), 2)
        and value._y.shape[1] == 1
        and value._y.flags.c_contiguous
        and value.x.flags.c_contiguous
        and value.bounds_error is True
        and not value._extrapolate
    )
    return _made_once(_interp1d_type, value, keep) if fits else None


def _is_plain(array, dtype):
    flags = array.flags
    return flags.c_contiguous and flags.writeable and array.dtype == dtype


def _sparse(value, keep):
    data, indices = value.data, value.indices
    dtype, index_dtype = data.dtype, indices.dtype
    if dtype.kind not in "iufc" or type(value).__name__[:3] not in ("csr", "csc") or len(value.shape) != 2:
        return None
    if not (
        _is_plain(data, dtype) and _is_plain(indices, index_dtype) and _is_plain(value.indptr, index_dtype)
    ):
        return None
    return _made_once(_sparse_type, value, keep, dtype, index_dtype)


def type_of(value, keep=False):
    """Return the mirror type of an object, or None if it has none.

    Parameters
    ----------
    value : object
    keep : bool
        As of `naja.interpreter.object_type`.
    """
    module, name = type(value).__module__, type(value).__name__
    if module.startswith("scipy.interpolate."):
        if name == "interp1d":
            return _interp1d(value, keep)
        return _piecewise(value, keep) if hasattr(value, "c") and hasattr(value, "extrapolate") else None
    if module.startswith("scipy.sparse.") and hasattr(value, "indptr"):
        return _sparse(value, keep)
    return None


# ---- what is left to the object -------------------------------------------------------------------------------------------


# What operators look like; the others are calls of their functions.
_SYMBOLS = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**", "matmul": "@", "and_": "&",
    "or_": "|", "xor": "^", "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=",
}  # fmt: skip
_SYNTAX = {
    **{name: f"return {{0}} {symbol} {{1}}" for name, symbol in _SYMBOLS.items()},
    "getitem": "return {0}[{1}]",
    "setitem": "{0}[{1}] = {2}",
    "neg": "return -{0}",
    "pos": "return +{0}",
    "contains": "return {1} in {0}",
}


def implementation(name, callable_, arguments, keyword_names):
    """A call with the objects in place of their mirrors, or None.

    Parameters
    ----------
    name : str
        ``"user.method"``, ``"user.attribute@"``, or a function's.
    callable_ : object or None
        The function.
    arguments : tuple of Type
    keyword_names : tuple of str

    Returns
    -------
    function or None
    """
    names = parameter_names(arguments, keyword_names)
    passed = [f"{p}._object" if isinstance(t, Mirror) else p for p, t in zip(names, arguments, strict=True)]
    head = f"def f({', '.join(names)}):\n    return "
    attribute = name.rpartition(".")[2]
    if name.startswith("user.") and name.endswith("@"):
        if attribute.startswith("_") or callable(
            getattr(arguments[0].held.object.sample(), attribute[:-1], len)
        ):
            return None
        return written(__name__, f"{head}{passed[0]}.{attribute[:-1]}\n")
    if name.startswith("user."):
        text = call_text("function", names[1:], keyword_names, passed[1:]).partition("(")[2]
        return written(__name__, f"{head}{passed[0]}.{attribute}({text}\n")
    if name == "naja.library.low.call_value":
        text = call_text("function", names[1:], keyword_names, passed[1:]).partition("(")[2]
        return written(__name__, f"{head}{passed[0]}({text}\n")
    if callable_ is None:
        return None
    operation = getattr(callable_, "__name__", None)
    if getattr(callable_, "__module__", None) == "_operator" and operation in _SYNTAX:
        return written(__name__, f"def f({', '.join(names)}):\n    {_SYNTAX[operation].format(*passed)}\n")
    text = call_text("function", names, keyword_names, passed)
    return written(__name__, f"{head}{text}\n", function=callable_)


# ---- piecewise polynomials ------------------------------------------------------------------------------------------------


def _interval(x, at, extrapolate, i):
    """The interval that a number lies in, the last one being closed, from interval `i` on; -1: in none."""
    n = len(x)
    if not (x[0] <= at <= x[n - 1]):
        if not extrapolate or at != at:
            return -1
        return 0 if at < x[0] else n - 2
    if x[i] <= at < x[i + 1]:
        return i
    low, high = 0, n - 1
    while high - low > 1:
        middle = (low + high) >> 1
        if x[middle] <= at:
            low = middle
        else:
            high = middle
    return low


def _polynomial(c, i, s, nu):
    """The nu-th derivative of piece i at distance s from its beginning: powers in ascending order, as in SciPy."""
    result, power, order = 0.0, 1.0, len(c)
    for k in range(nu, order):
        factor = 1.0
        for j in range(k, k - nu, -1):
            factor *= j
        result += c[order - k - 1, i] * power * factor
        power *= s
    return result


def _value_at(c, x, at, extrapolate, nu):
    i = _interval(x, at, extrapolate, 0)
    return np.nan if i < 0 else _polynomial(c, i, at - x[i], nu)


def _values_at(c, x, at, extrapolate, nu):
    out = np.empty(at.shape, np.float64)
    flat, values, i = out.reshape(out.size), np.ravel(at), 0
    for k in range(len(flat)):
        i = max(i, 0)
        i = _interval(x, values[k], extrapolate, i)
        flat[k] = np.nan if i < 0 else _polynomial(c, i, values[k] - x[i], nu)
    return out


def evaluator(at, nu, extrapolate):
    """A function (c, x, at, extrapolate, nu) that evaluates a piecewise polynomial, or None: the object has to.

    Parameters
    ----------
    at, nu, extrapolate : Type
        Of the arguments of a call.
    """
    is_number = kinds.is_number(at) and not kinds.is_complex(at)
    is_array = kinds.is_array(at) and isinstance(at.dtype, (types.Integer, types.Float))
    if not kinds.is_none(extrapolate) or not kinds.is_integer(nu) or not (is_number or is_array):
        return None

    def evaluate(c, x, at, extrapolate, nu):
        if nu < 0:
            raise ValueError("Order of derivative cannot be negative")
        return inner(c, x, at, extrapolate, nu)

    if is_array:
        inner = _values_at
    else:

        def inner(c, x, at, extrapolate, nu):
            return _value_at(c, x, np.float64(at), extrapolate, nu)

    return evaluate


@overload(low.call_value)
def _call_piecewise(spline, x, nu=0, extrapolate=None):
    """A piecewise polynomial, or its derivative, at numbers."""
    evaluate = evaluator(x, nu, extrapolate) if isinstance(spline, PiecewiseType) else None
    if evaluate is None:
        return None
    return lambda spline, x, nu=0, extrapolate=None: evaluate(spline.c, spline.x, x, spline.extrapolate, nu)


# ---- interp1d ---------------------------------------------------------------------------------------------------------------


def _check_range(x, at):
    if at < x[0]:
        raise ValueError("A value in x_new is below the interpolation range's minimum value.")
    if at > x[len(x) - 1]:
        raise ValueError("A value in x_new is above the interpolation range's maximum value.")


def line_evaluator(at):
    """A function (x, y, at) that joins points by lines, or None."""
    if kinds.is_array(at) and isinstance(at.dtype, (types.Integer, types.Float)):

        def evaluate_all(x, y, at):
            for value in np.ravel(at):
                _check_range(x, value)
            return np.interp(at, x, y[:, 0])

        return evaluate_all
    if not kinds.is_number(at) or kinds.is_complex(at):
        return None

    def evaluate(x, y, at):
        _check_range(x, at)
        return np.interp(at, x, y[:, 0])

    return evaluate


@overload(low.call_value)
def _call_interp1d(line, x):
    """Points joined by lines, at numbers inside of their range."""
    evaluate = line_evaluator(x) if isinstance(line, Interp1dType) else None
    return None if evaluate is None else lambda line, x: evaluate(line.x, line._y, x)


# ---- sparse matrices --------------------------------------------------------------------------------------------------------


def _check_inner(n, m):
    if n != m:
        raise ValueError("matmul: dimension mismatch with signature (n,k=%d),(k=%d)->(n)")


def multiplier(is_by_rows, dtype, operand):
    """A function (data, indices, indptr, shape, operand) that multiplies a sparse matrix, or None: the object has to.

    Parameters
    ----------
    is_by_rows : bool
    dtype : Type
        Of the matrix's elements.
    operand : Type
        A vector or a matrix.
    """
    if (
        not kinds.is_array(operand)
        or operand.ndim not in (1, 2)
        or not isinstance(operand.dtype, types.Number)
    ):
        return None
    result = np.result_type(_core.type_dtype(dtype), _core.type_dtype(operand.dtype)).type
    if result is np.bool_ or _core.type_dtype(operand.dtype).kind not in "iufc":
        return None
    if operand.ndim == 1 and is_by_rows:

        def multiply(data, indices, indptr, shape, v):
            _check_inner(shape[1], len(v))
            out = np.empty(shape[0], result)
            for i in range(shape[0]):
                total = result(0)
                for k in range(indptr[i], indptr[i + 1]):
                    total += result(data[k]) * result(v[indices[k]])
                out[i] = total
            return out

        return multiply
    if operand.ndim == 1:

        def multiply(data, indices, indptr, shape, v):
            _check_inner(shape[1], len(v))
            out = np.zeros(shape[0], result)
            for j in range(shape[1]):
                factor = result(v[j])
                for k in range(indptr[j], indptr[j + 1]):
                    out[indices[k]] += result(data[k]) * factor
            return out

        return multiply

    def multiply(data, indices, indptr, shape, m):
        _check_inner(shape[1], len(m))
        out = np.zeros((shape[0], m.shape[1]), result)
        for i in range(len(indptr) - 1):
            for k in range(indptr[i], indptr[i + 1]):
                row, column = (i, indices[k]) if is_by_rows else (indices[k], i)
                factor = result(data[k])
                for j in range(m.shape[1]):
                    out[row, j] += factor * result(m[column, j])
        return out

    return multiply


def _product(a, b):
    multiply = multiplier(a.is_by_rows, a.parts[0][1].dtype, b) if isinstance(a, SparseType) else None
    if multiply is None:
        return None
    return lambda a, b: multiply(a.data, a.indices, a.indptr, a.shape, b)


overload(operator.matmul)(_product)


@overload_method(SparseType, "dot")
def _dot(self, other):
    """A sparse matrix times a vector or matrix."""
    product = _product(self, other)
    return None if product is None else lambda self, other: product(self, other)
