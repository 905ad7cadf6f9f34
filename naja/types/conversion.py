"""From Python objects to types: what a signature or a value says about its type."""

from naja import _core
from naja.types.abstract import Type

# Type by Python class, where a hint or signature names one.
_PYTHON_TYPES = {
    bool: "boolean",
    int: "int64",
    float: "float64",
    complex: "complex128",
    str: "unicode_type",
    bytes: "bytes",
    type(None): "none",
}


def as_type(value):
    """Return the type that a value stands for in a signature.

    Parameters
    ----------
    value : Type, numpy.dtype, type or None
        ``None`` is ``none``; ``int``, ``float``, ``complex``, ``bool`` and NumPy scalar classes are their types.

    Returns
    -------
    Type

    Raises
    ------
    TypeError
        If it stands for no type.
    """
    if isinstance(value, Type):
        return value
    if value is None:
        return _core.simple_type("none")
    simple = _PYTHON_TYPES.get(value) if isinstance(value, type) else None
    if simple is not None:
        return _core.simple_type(simple)
    hinted = _from_hint(value)
    if hinted is not None:
        return hinted
    try:
        return _core.from_dtype(value)
    except Exception:
        raise TypeError(f"{value!r} is not a type") from None


as_numba_type = as_type


def _from_hint(value):
    """Return the type that a jitclass or a type hint such as ``List[float]`` stands for, or None."""
    import typing

    class_type = getattr(value, "class_type", None)
    if class_type is not None:
        return class_type.instance_type
    origin, args = typing.get_origin(value), typing.get_args(value)
    if origin is list:
        return _core.list_type(as_type(args[0]), typed=True)
    if origin is tuple:
        return _core.tuple_type(tuple(map(as_type, args)))
    others = [arg for arg in args if arg is not type(None)]
    if len(args) == 2 and len(others) == 1:
        return _core.optional_type(as_type(others[0]))
    return None


def typeof(value, purpose=None):
    """Return the type of a Python value as an argument of a compiled function.

    Parameters
    ----------
    value : object
        A number, tuple, string, array, function, ...

    Returns
    -------
    Type

    Raises
    ------
    ValueError
        If the value has no type.
    """
    try:
        return _core.typeof(value)
    except OverflowError:
        raise
    except Exception as error:
        raise ValueError(f"Cannot determine Numba type of {type(value)}") from error


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


def literal(value):
    """Return the type whose only value is `value` (an int, a bool or a str)."""
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
    """Return what a literal type widens to; any other type itself."""
    return type_.base


def is_homogeneous(*types):
    """Whether all types are the same."""
    return len(set(types)) <= 1
