"""Types of single values and of what has no better place."""

from naja import _core
from naja.types.abstract import (
    Dummy,
    Hashable,
    IterableType,
    IteratorType,
    Literal,
    Opaque,
    SimpleIterableType,
    SimpleIteratorType,
    Type,
    _Made,
)
from naja.types.conversion import as_type

__all__ = [
    "CPointer",
    "EllipsisType",
    "EnumerateType",
    "EphemeralArray",
    "EphemeralPointer",
    "Generator",
    "MemInfoPointer",
    "Module",
    "NoneType",
    "Object",
    "Omitted",
    "Optional",
    "PyObject",
    "RangeIteratorType",
    "RangeType",
    "RawPointer",
    "SliceLiteral",
    "SliceType",
    "StringLiteral",
    "UnicodeIteratorType",
    "UnicodeType",
    "VarArg",
    "ZipType",
]


class NoneType(Opaque):
    """None."""


class Optional(_Made, Type):
    """None or a value.

    Parameters
    ----------
    type_ : Type
        Type of the value.
    """

    def __new__(cls, type_):
        return _core.optional_type(as_type(type_))

    @property
    def key(self):
        """Type of the value."""
        return self.type


class Omitted(_Made, Opaque):
    """An argument left to its default.

    Parameters
    ----------
    default : object
        The default.
    """

    def __new__(cls, default):
        return _core.omitted_type(default)

    @property
    def value(self):
        """The default value."""
        return self.object

    @property
    def key(self):
        """Class and identity of the default."""
        return type(self.object), id(self.object)


# ---- strings -------------------------------------------------------------------------------------------------------------


class UnicodeType(IterableType, Hashable):
    """Strings."""

    @property
    def iterator_type(self):
        """Type of the iterator of a loop."""
        return UnicodeIteratorType(_core.simple_type("unicode_type"))


class UnicodeIteratorType(SimpleIteratorType):
    """The state of a loop over a string.

    Parameters
    ----------
    dtype : UnicodeType
    """

    def __init__(self, dtype):
        self.data = dtype
        super().__init__(f"iter_{dtype}", dtype)


class StringLiteral(Literal, UnicodeType):
    """A str known at compile time.

    Parameters
    ----------
    value : str
    """

    def __new__(cls, value):
        return _core.literal_type(value)

    def __init__(self, value):
        pass


# ---- ranges, slices, iterators ---------------------------------------------------------------------------------------------


class RangeType(SimpleIterableType):
    """A range.

    Parameters
    ----------
    dtype : Integer
        Type of the numbers.
    """

    def __new__(cls, dtype):
        return _core.range_type(as_type(dtype))

    def __init__(self, dtype):
        pass

    @property
    def iterator_type(self):
        """Type of the iterator of a loop."""
        return RangeIteratorType(self.dtype)

    @property
    def key(self):
        """The name."""
        return self.name


class RangeIteratorType(SimpleIteratorType):
    """The state of a loop over a range.

    Parameters
    ----------
    dtype : Integer
    """

    def __init__(self, dtype):
        self.dtype = dtype
        super().__init__(f"range_iter_{dtype}", dtype)


class SliceType(Type):
    """A slice.

    Parameters
    ----------
    name : str
        ``"slice<a:b>"`` or ``"slice<a:b:c>"``.
    members : int
        2 or 3.
    """

    def __new__(cls, name, members):
        return _core.slice_type(members == 3)

    def __init__(self, name, members):
        pass

    @property
    def members(self):
        """How many of start, stop and step vary."""
        return 3 if self.has_step else 2

    @property
    def key(self):
        """How many of start, stop and step vary."""
        return self.members


class SliceLiteral(Literal, SliceType):
    """A slice known at compile time.

    Parameters
    ----------
    value : slice
    """

    def __new__(cls, value):
        return _core.literal_type(value)


class ZipType(SimpleIteratorType):
    """What zip() returns.

    Parameters
    ----------
    iterables : sequence of Type
    """

    def __new__(cls, iterables):
        return _core.zip_type(tuple(iterables), False)

    def __init__(self, iterables):
        pass

    @property
    def source_types(self):
        """Types of what is walked through."""
        return self.elements

    @property
    def yield_type(self):
        """Type of what a step of the loop gives."""
        return _core.tuple_type(tuple(map(_item_type, self.elements)))


class EnumerateType(SimpleIteratorType):
    """What enumerate() returns.

    Parameters
    ----------
    iterable_type : Type
    """

    def __new__(cls, iterable_type):
        return _core.zip_type((iterable_type,), True)

    def __init__(self, iterable_type):
        pass

    @property
    def source_type(self):
        """Type of what is walked through."""
        return self.elements[0]

    @property
    def yield_type(self):
        """Type of what a step of the loop gives."""
        return _core.tuple_type((_core.simple_type("int64"), _item_type(self.elements[0])))


def _item_type(iterable):
    """Return the type that a loop over values of this type gives."""
    if isinstance(iterable, IteratorType):
        return iterable.yield_type
    return iterable.iterator_type.yield_type if hasattr(iterable, "iterator_type") else iterable.dtype


class Generator(_Made, SimpleIteratorType):
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

    yield_type = _core.Type.yield_type

    def __new__(cls, gen_func, yield_type, arg_types=(), state_types=(), has_finalizer=True):
        return _core.generator_type(as_type(yield_type))


class EllipsisType(Opaque):
    """``...``."""


# ---- objects and pointers --------------------------------------------------------------------------------------------------


class Module(Dummy):
    """A module or other object known at compile time.

    Parameters
    ----------
    pymod : module
    """

    def __new__(cls, pymod):
        return _core.function_type(pymod)

    def __init__(self, pymod):
        pass

    @property
    def pymod(self):
        """The module."""
        return self.object

    @property
    def key(self):
        """The module."""
        return self.object


class PyObject(Dummy):
    """Any Python object."""


class RawPointer(_Made, Opaque):
    """An address of something unknown.

    Parameters
    ----------
    name : str
        For the reader; all such types are `voidptr`.
    """

    def __new__(cls, name="void*"):
        return _core.simple_type("voidptr")


class CPointer(Type):
    """A pointer to values of a type.

    Parameters
    ----------
    dtype : Type
        Type of the values.
    addrspace : int, optional
        Address space; compiled code has pointers to the default one only.
    """

    mutable = True
    addrspace = None

    def __new__(cls, dtype, addrspace=None):
        if cls is CPointer and addrspace is None:
            return _core.cpointer_type(as_type(dtype))
        return super().__new__(cls)

    def __init__(self, dtype, addrspace=None):
        if self.is_own:
            self._dtype, self.addrspace = as_type(dtype), addrspace
            super().__init__(f"{dtype}*" if addrspace is None else f"{dtype}_{addrspace}*")

    @property
    def dtype(self):
        """Type of the values."""
        return self._dtype if self.is_own else self.pointee

    @property
    def key(self):
        """Type of the values and address space."""
        return self.dtype, self.addrspace


class EphemeralPointer(CPointer):
    """A pointer that is valid for one call."""


class EphemeralArray(Type):
    """Several values of a type, valid for one call.

    Parameters
    ----------
    dtype : Type
    count : int
    """

    def __init__(self, dtype, count):
        self.dtype, self.count = dtype, count
        super().__init__(f"*{dtype}[{count}]")

    @property
    def key(self):
        """Type and number."""
        return self.dtype, self.count


class MemInfoPointer(Type):
    """A counted pointer to a value.

    Parameters
    ----------
    dtype : Type
    """

    mutable = True

    def __init__(self, dtype):
        self.dtype = dtype
        super().__init__(f"memory-managed *{dtype}")

    @property
    def key(self):
        """Type of the value."""
        return self.dtype


class Object(Type):
    """An instance of a class.

    Parameters
    ----------
    clsobj : type
    """

    mutable = True

    def __init__(self, clsobj):
        self.cls = clsobj
        super().__init__(f"Object({clsobj.__name__})")


class VarArg(Type):
    """Any number of arguments of one type, in a signature.

    Parameters
    ----------
    dtype : Type
    """

    def __init__(self, dtype):
        self.dtype = dtype
        super().__init__(f"*{dtype}")

    @property
    def key(self):
        """Type of the arguments."""
        return self.dtype
