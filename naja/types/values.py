"""Types of single values and of what has no better place."""

from naja import _core
from naja.types.abstract import Hashable, Literal, Type, _Made
from naja.types.conversion import as_type


class NoneType(Type):
    """None."""


class Optional(_Made, Type):
    """None or a value.

    Parameters
    ----------
    type : Type
        Type of the value.
    """

    def __new__(cls, type_):
        return _core.optional_type(as_type(type_))


class Omitted(_Made, Type):
    """An argument left to its default.

    Parameters
    ----------
    value : object
        The default.
    """

    def __new__(cls, value):
        return _core.omitted_type(value)

    @property
    def value(self):
        """The default value."""
        return self.object


class UnicodeType(Hashable):
    """Strings."""


class StringLiteral(Literal, UnicodeType):
    """A str known at compile time."""


class Generator(_Made, Type):
    """What a call of a function with `yield` gives.

    Parameters
    ----------
    gen_func : object
        Ignored: generators of all functions that yield one type have one type.
    yield_type : Type
        Type of the items.
    arg_types, state_types : sequence of Type
        Ignored.
    has_finalizer : bool
        Ignored.
    """

    def __new__(cls, gen_func, yield_type, arg_types=(), state_types=(), has_finalizer=True):
        return _core.generator_type(as_type(yield_type))


class RangeType(Type):
    """A range."""


class SliceType(Type):
    """A slice."""


class EllipsisType(Type):
    """``...``."""


class ZipType(Type):
    """What zip() and enumerate() return."""


class Module(Type):
    """A module or other object known at compile time."""


class ExceptionInstance(Type):
    """An exception about to be raised."""


class PyObject(Type):
    """Any Python object."""


class NumPyRandomGeneratorType(Type):
    """A numpy.random.Generator, whose stream compiled code shares."""


class RawPointer(Type):
    """An address."""
