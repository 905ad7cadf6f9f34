"""From Python objects to types: what a signature, a type hint or a value says about its type."""

import types as _python_types
import typing as _typing

from naja import _core

__all__ = [
    "as_numba_type",
    "as_type",
    "from_dtype",
    "from_struct_dtype",
    "get_hashable_key",
    "is_homogeneous",
    "literal",
    "maybe_literal",
    "typeof",
    "unliteral",
]

# Type by Python class, where a hint or signature names one.
_PYTHON_TYPES = {
    bool: "boolean",
    int: "int64",
    float: "float64",
    complex: "complex128",
    str: "unicode_type",
    bytes: "bytes",
    bytearray: "bytearray",
    type(None): "none",
    type(...): "ellipsis",
}


def as_type(value):
    """Return the type that a value stands for in a signature.

    Parameters
    ----------
    value : Type, numpy.dtype, type, type hint or None
        ``None`` is ``none``; ``int``, ``float``, ``complex``, ``bool`` and NumPy scalar classes are their types.

    Returns
    -------
    Type

    Raises
    ------
    TypeError
        If it stands for no type.
    """
    if isinstance(value, _core.Type):
        return value
    found = as_numba_type.find(value)
    if found is None and not isinstance(value, str):
        try:
            found = _core.from_dtype(value)
        except Exception:
            found = None
    if found is None:
        raise TypeError(f"{value!r} is not a type")
    return found


# ---- type hints ----------------------------------------------------------------------------------------------------------


def _from_class(cls):
    if cls in _PYTHON_TYPES:
        return _core.simple_type(_PYTHON_TYPES[cls])
    class_type = getattr(cls, "class_type", None)  # a jitclass
    if class_type is not None:
        return class_type.instance_type
    try:
        return _core.from_dtype(cls) if issubclass(cls, _numpy().generic) else None
    except Exception:
        return None


def _numpy():
    import numpy

    return numpy


def _from_union(args):
    others = [arg for arg in args if arg is not type(None)]
    if len(others) == 1 and len(args) == 2:
        return _core.optional_type(as_numba_type(others[0]))
    from naja.errors import TypingError

    raise TypingError(
        "Cannot type Union that is not an Optional, of one type and None: "
        + " | ".join(getattr(arg, "__name__", str(arg)) for arg in args)
    )


def _from_array(args):
    """Return the type of ``np.ndarray[tuple[int, int], np.dtype[np.float64]]``: any strides, two axes."""
    shape, dtype = args
    axes = _typing.get_args(shape)
    scalar = _typing.get_args(dtype)
    if not scalar or not axes or ... in axes:
        return None
    return _core.array_type(as_numba_type(scalar[0]), len(axes), "A")


def _from_tuple(args):
    if ... in args:
        return None
    return _core.tuple_type(tuple(map(as_numba_type, args)))


# By the origin of a generic hint.
_GENERIC = {
    list: lambda args: _core.list_type(as_numba_type(args[0]), typed=True),
    set: lambda args: _core.set_type(as_numba_type(args[0])),
    dict: lambda args: _core.dict_type(as_numba_type(args[0]), as_numba_type(args[1])),
    tuple: _from_tuple,
    _typing.Union: _from_union,
    _python_types.UnionType: _from_union,
}


class AsNumbaType:
    """The types that Python classes and type hints stand for.

    Known are numbers, strings, NumPy's scalar classes and dtypes, jitclasses, ``list[T]``, ``set[T]``, ``dict[K, V]``,
    ``tuple[A, B]``, ``T | None``, and arrays that say their number of axes
    (``np.ndarray[tuple[int, int], np.dtype[np.float64]]``).
    """

    def __init__(self):
        self.lookup = {}
        self.functions = []

    def find(self, hint):
        """Return the type, or None."""
        if isinstance(hint, _core.Type):
            return hint
        if hint is None:
            return _core.simple_type("none")
        try:
            if hint in self.lookup:
                return self.lookup[hint]
        except TypeError:
            pass
        found = self._built_in(hint)
        for function in self.functions:
            found = found or function(hint)
        return found

    def _built_in(self, hint):
        origin, args = _typing.get_origin(hint), _typing.get_args(hint)
        if origin in _GENERIC and args:
            return _GENERIC[origin](args)
        if origin is not None and len(args) == 2 and origin is _numpy().ndarray:
            return _from_array(args)
        if isinstance(hint, type):
            return _from_class(hint)
        if isinstance(hint, _numpy().dtype):
            return _core.from_dtype(hint)
        return None

    def __call__(self, py_type):
        """Return the type that a class or type hint stands for.

        Parameters
        ----------
        py_type : type, type hint or Type

        Returns
        -------
        Type

        Raises
        ------
        naja.errors.TypingError
            If it stands for no type.
        """
        found = self.find(py_type)
        if found is None:
            from naja.errors import TypingError

            raise TypingError(f"Cannot infer Numba type of Python type {py_type}")
        return found

    def register(self, func_or_py_type, numba_type=None):
        """Say what a class stands for, or add a function that is asked about hints not known otherwise.

        Parameters
        ----------
        func_or_py_type : type or callable
            A class, or a function that takes a hint and returns a type or None.
        numba_type : Type, optional
            The type, for a class.

        Returns
        -------
        type or callable
            What was given, so that it can decorate.
        """
        if numba_type is None:
            self.functions.append(func_or_py_type)
        else:
            if not isinstance(func_or_py_type, type):
                raise ValueError(f"{func_or_py_type!r} is not a class")
            self.lookup[func_or_py_type] = numba_type
        return func_or_py_type


as_numba_type = AsNumbaType()
AsNumbaTypeRegistry = AsNumbaType  # Numba's name


# ---- values --------------------------------------------------------------------------------------------------------------


def typeof(value, purpose=None):
    """Return the type of a Python value as an argument of a compiled function.

    Parameters
    ----------
    value : object
        A number, tuple, string, array, function, ...
    purpose : object, optional
        Accepted for compatibility.

    Returns
    -------
    Type

    Raises
    ------
    naja.errors.NumbaValueError
        If the value has no type; it is a ValueError, too.
    """
    try:
        return _core.typeof(value)
    except OverflowError:
        raise
    except Exception as error:
        found = _typeof_by_class(value)
        if found is None:
            raise _untypable(value, error) from error
        return found


def _typeof_by_class(value):
    """Return the type of objects that are no arguments, but have a type that a program may ask for."""
    from numpy.random import BitGenerator

    if isinstance(value, BitGenerator):
        from naja.types.names import npy_bitgen

        return npy_bitgen
    return None


def _untypable(value, error):
    """Return the exception for a value without a type."""
    import numpy as np

    from naja.errors import NumbaTypeError, NumbaValueError

    if isinstance(value, np.ma.MaskedArray):
        return NumbaTypeError("Unsupported array type: numpy.ma.MaskedArray: pass a.filled() and the mask")
    if isinstance(value, np.ndarray):
        return NumbaValueError(f"Unsupported array dtype: {value.dtype}: convert it with astype()")
    return NumbaValueError(f"Cannot determine Numba type of {type(value)}: {error}")


def from_dtype(dtype):
    """Return the type of the elements of arrays with this NumPy dtype.

    Parameters
    ----------
    dtype : numpy.dtype or what `numpy.dtype` accepts

    Returns
    -------
    Type
    """
    return _core.from_dtype(dtype)


def from_struct_dtype(dtype):
    """Return the record type of a structured NumPy dtype.

    Parameters
    ----------
    dtype : numpy.dtype

    Returns
    -------
    Record

    Raises
    ------
    TypeError
        If the dtype has no fields.
    """
    if dtype.fields is None:
        raise TypeError(f"{dtype!r} has no fields")
    return _core.from_dtype(dtype)


# ---- literals ------------------------------------------------------------------------------------------------------------


def literal(value):
    """Return the type whose only value is `value` (an int, a bool, a str or a slice of ints).

    Parameters
    ----------
    value : int, bool, str or slice

    Returns
    -------
    Literal

    Raises
    ------
    naja.errors.LiteralTypingError
        If the value cannot be a literal.
    """
    from naja.errors import LiteralTypingError

    try:
        return _core.literal_type(value)
    except TypeError as error:
        raise LiteralTypingError(str(error)) from None


def maybe_literal(value):
    """Return ``literal(value)``, or None if the value cannot be a literal."""
    try:
        return _core.literal_type(value)
    except (TypeError, OverflowError):
        return None


def unliteral(type_):
    """Return what a literal type widens to, a list or dict without initial items; any other type itself."""
    return type_.base if getattr(type_, "initial", None) is None else type_.__unliteral__()


def is_homogeneous(*types):
    """Whether all types are the same."""
    return len(set(types)) <= 1


def get_hashable_key(value):
    """Return the value, or its identity if it has no hash."""
    try:
        hash(value)
    except TypeError:
        return id(value)
    return value
