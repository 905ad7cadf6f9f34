"""What the library's modules ask about argument types when they choose an implementation.

A factory gets a type for an argument that the call has, and the Python default for one that it has not.
"""

import dataclasses

import numpy as np

from naja import _core, types
from naja.errors import TypingError


def plain(t):
    """What a literal type widens to; anything else itself."""
    return types.unliteral(t) if isinstance(t, types.Type) else t


def is_array(t, ndim=None):
    """Whether `t` is an array type (of `ndim` axes)."""
    return isinstance(t, types.Array) and (ndim is None or t.ndim == ndim)


def is_storage(t):
    """Whether `t` is an array of records or strings, whose elements are no numbers."""
    return is_array(t) and isinstance(t.dtype, types.Record | types.UnicodeCharSeq | types.CharSeq)


def is_number(t):
    """Whether `t` is the type of a number, a bool or a time."""
    scalars = (types.Number, types.Boolean, types.NPDatetime, types.NPTimedelta)
    return isinstance(plain(t), scalars) or isinstance(t, (bool, int, float, complex))


def is_integer(t):
    """Whether `t` is an integer type or value; bools are not."""
    return isinstance(plain(t), types.Integer) or (isinstance(t, int) and not isinstance(t, bool))


def is_complex(t):
    """Whether `t` is a complex type, or an array of one."""
    return isinstance(element(t), types.Complex)


def is_float(t):
    """Whether `t` is a floating type, or an array of one."""
    return isinstance(element(t), types.Float)


def is_none(t):
    """Whether an argument is None or was left out with the default None."""
    return t is None or isinstance(t, types.NoneType)


def is_sequence(t):
    """Whether `t` is a tuple or list, which NumPy takes for an array."""
    return isinstance(t, (types.BaseTuple, types.List, types.ListType))


def ndim_of(t):
    """How many axes NumPy sees in an array-like."""
    if is_array(t):
        return t.ndim
    if isinstance(t, types.BaseTuple):
        return 1 + max(map(ndim_of, t), default=0)
    return 1 + ndim_of(t.dtype) if is_sequence(t) else 0


def is_array_like(t):
    """Whether NumPy would make an array of it: an array, number, tuple or list."""
    return is_array(t) or is_number(t) or is_sequence(t)


def is_instance(t):
    """Whether a type is that of a dataclass's instances, which is a tuple's by its making only."""
    return t.kind == "NAMEDTUPLE" and dataclasses.is_dataclass(t.instance_class)


def element(t):
    """The type of an array's elements; any other type itself, a literal as what it widens to."""
    return t.dtype if is_array(t) else plain(t)


def first_item(t):
    """The type of an array-like's first item that is no tuple or list; itself if it is none of these."""
    while is_sequence(t) and not (isinstance(t, types.BaseTuple) and not len(t)):
        t = t[0] if isinstance(t, types.BaseTuple) else t.dtype
    return t


def scalar_type(t):
    """The type of the elements that NumPy sees in an array-like: of a tuple the promoted one."""
    if is_array(t):
        return t.dtype
    if isinstance(t, types.BaseTuple):
        items = [_core.type_dtype(scalar_type(item)) for item in t]
        return types.as_type(np.result_type(*items)) if items else types.float64
    if is_sequence(t):
        return scalar_type(t.dtype)
    return types.unliteral(t) if isinstance(t, types.Type) else types.as_type(type(t))


def is_known(t):
    """Whether the value of an argument is known at compile time."""
    return not isinstance(t, types.Type) or isinstance(t, (types.Literal, types.NoneType))


def value(t, what):
    """The value of an argument that must be known at compile time.

    Parameters
    ----------
    t : Type or object
        The type the call gave, or the default.
    what : str
        Function and argument, for the error: ``"np.sort: axis"``.

    Raises
    ------
    TypingError
        If it is not a constant.
    """
    if not isinstance(t, types.Type):
        return t
    if isinstance(t, types.Literal):
        return t.literal_value
    if isinstance(t, types.NoneType):
        return None
    raise TypingError(f"{what} must be a constant in compiled code, not a value of type {t}")


def axis_of(t, ndim, what):
    """The axis an argument names, from 0 to ndim - 1.

    For one axis only, a number that is not constant is taken for 0: the implementation has to test it.
    """
    if ndim == 1 and not is_known(t):
        return 0
    axis = value(t, f"{what}: axis")
    if not -ndim <= axis < ndim:
        raise TypingError(f"{what}: axis {axis} is out of bounds for array of dimension {ndim}")
    return axis % ndim


class LiteralsWanted:
    """What an overload gives when it can choose only with the values of some arguments.

    Parameters
    ----------
    positions : iterable of int
        Which arguments.
    """

    def __init__(self, positions):
        self.literal_positions = tuple(sorted(positions))


class Known:
    """What an overload of the library returns when the call is a constant.

    Parameters
    ----------
    value : bool, int, str, None or tuple of these
        The constant.
    """

    def __init__(self, value):
        self.known_value = value
