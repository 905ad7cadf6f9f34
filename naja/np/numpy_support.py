"""Numba's `numba.np.numpy_support`: NumPy's dtypes and the types of compiled values."""

import numpy as np

from naja import _core
from naja.errors import NumbaNotImplementedError, NumbaTypeError
from naja.types import Array, DType, as_type, from_struct_dtype, typeof
from naja.types import from_dtype as _from_dtype

__all__ = [
    "as_dtype",
    "as_struct_dtype",
    "from_dtype",
    "from_struct_dtype",
    "is_array",
    "is_fortran",
    "map_arrayscalar_type",
    "map_layout",
    "numpy_version",
    "parse_dtype",
    "select_array_wrapper",
]

#: Major and minor version of NumPy.
numpy_version = tuple(map(int, np.__version__.split(".")[:2]))


def from_dtype(dtype):
    """Return the type of the elements of arrays with this dtype.

    Parameters
    ----------
    dtype : numpy.dtype

    Returns
    -------
    Type

    Raises
    ------
    NumbaNotImplementedError
        If there is none.
    """
    if dtype == np.dtype(object):
        return _core.simple_type("pyobject")
    try:
        return _from_dtype(dtype)
    except Exception as error:
        raise NumbaNotImplementedError(str(error)) from None


def as_dtype(nbtype):
    """Return the dtype of arrays with elements of this type.

    Parameters
    ----------
    nbtype : Type

    Returns
    -------
    numpy.dtype

    Raises
    ------
    NumbaNotImplementedError
        If there is none.
    """
    nbtype = as_type(nbtype).base
    if nbtype.kind == "PYOBJECT":
        return np.dtype(object)
    try:
        return _core.type_dtype(nbtype)
    except (TypeError, AttributeError):
        raise NumbaNotImplementedError(f"{nbtype!r} cannot be represented as a NumPy dtype") from None


as_struct_dtype = as_dtype


def parse_dtype(ty):
    """Return the type of elements that an argument such as ``dtype=`` names, or None.

    Parameters
    ----------
    ty : Type
        Of a dtype or of a constant string.

    Raises
    ------
    NumbaTypeError
        For a string that names none.
    """
    if isinstance(ty, DType):
        return ty.dtype
    name = getattr(ty, "literal_value", None)
    if not isinstance(name, str):
        return None
    try:
        return from_dtype(np.dtype(name))
    except TypeError:
        raise NumbaTypeError(f"Invalid NumPy dtype specified: '{name}'") from None


def map_arrayscalar_type(val):
    """Return the type of a NumPy scalar."""
    if not isinstance(val, np.generic):
        raise NotImplementedError(f"{val!r} is not a NumPy scalar")
    return from_dtype(val.dtype)


def is_array(val):
    """Whether a value is a NumPy array."""
    return isinstance(val, np.ndarray)


def map_layout(val):
    """Return 'C', 'F' or 'A': the order in which the elements of an array lie."""
    if val.flags["C_CONTIGUOUS"]:
        return "C"
    return "F" if val.flags["F_CONTIGUOUS"] else "A"


def select_array_wrapper(inputs):
    """Return the index of the operand with the greatest array priority, the first of equals."""
    ranked = [(i, getattr(t, "array_priority", 0)) for i, t in enumerate(inputs) if isinstance(t, Array)]
    return max(ranked, key=lambda pair: pair[1])[0] if ranked else None


def is_fortran(val):
    """Whether an array is in Fortran order and not in C order."""
    return typeof(val).layout == "F"
