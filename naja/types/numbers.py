"""Numbers, truth values, times and members of enums."""

import functools

from naja import _core
from naja.types.abstract import Dummy, Hashable, Literal, Number, Type, _Converting, _Made

__all__ = [
    "Boolean",
    "BooleanLiteral",
    "Complex",
    "EnumClass",
    "EnumMember",
    "Float",
    "IntEnumClass",
    "IntEnumMember",
    "Integer",
    "IntegerLiteral",
    "NPDatetime",
    "NPTimedelta",
    "parse_integer_bitwidth",
    "parse_integer_signed",
]


def parse_integer_bitwidth(name):
    """Return the number of bits that the name of an integer type says."""
    return int(name.lower().removeprefix("literal[int](").lstrip("uint"))


def parse_integer_signed(name):
    """Return whether the name of an integer type is that of a signed one."""
    return name.startswith("int")


@functools.total_ordering
class _Ordered(_Made, Number):
    """Numbers of one family, ordered by their width."""

    def __new__(cls, name, *parts):
        return _core.simple_type(name)

    def __lt__(self, other):
        if self.kind != getattr(other, "kind", None) or self._family() != other._family():
            return NotImplemented
        return self.bitwidth < other.bitwidth

    def _family(self):
        return None


class Integer(_Ordered):
    """Integers of 8 to 64 bits.

    Parameters
    ----------
    name : str
        ``"int32"``, ``"uint8"``, ...
    """

    def _family(self):
        return self.signed

    @classmethod
    def from_bitwidth(cls, bitwidth, signed=True):
        """Return the integer type of this many bits.

        Parameters
        ----------
        bitwidth : int
            8, 16, 32 or 64.
        signed : bool

        Returns
        -------
        Integer
        """
        return _core.int_type(bitwidth, signed)

    @property
    def minval(self):
        """The least value."""
        return -(1 << (self.bitwidth - 1)) if self.signed else 0

    @property
    def maxval(self):
        """The greatest value."""
        return (1 << (self.bitwidth - self.signed)) - 1


class Float(_Ordered):
    """Floating-point numbers of 16, 32 or 64 bits.

    Parameters
    ----------
    name : str
        ``"float32"``, ...
    """


class Complex(_Ordered):
    """Complex numbers.

    Parameters
    ----------
    name : str
        ``"complex64"`` or ``"complex128"``.
    """


class Boolean(_Made, _Converting, Hashable):
    """True and False."""

    def __new__(cls, name="boolean"):
        return _core.simple_type("boolean")

    def cast_python_value(self, value):
        """Return whether a Python value is true."""
        return bool(value)


class IntegerLiteral(Literal, Integer):
    """An int known at compile time.

    Parameters
    ----------
    value : int
    """

    bitwidth = property(lambda self: self.base.bitwidth)
    signed = property(lambda self: self.base.signed)

    def __new__(cls, value):
        return _core.literal_type(value)

    def _family(self):
        return self.literal_value


class BooleanLiteral(Literal, Boolean):
    """A bool known at compile time.

    Parameters
    ----------
    value : bool
    """

    def __new__(cls, value):
        return _core.literal_type(value)


# ---- times -------------------------------------------------------------------------------------------------------------

# NumPy's numbers of the units.
_UNIT_CODES = {
    "Y": 0,
    "M": 1,
    "W": 2,
    "D": 4,
    "h": 5,
    "m": 6,
    "s": 7,
    "ms": 8,
    "us": 9,
    "ns": 10,
    "ps": 11,
    "fs": 12,
    "as": 13,
    "": 14,
}


@functools.total_ordering
class _Time(_Made, _Converting, Hashable):
    """Times: whole numbers of a unit."""

    @property
    def unit_code(self):
        """NumPy's number of the unit."""
        return _UNIT_CODES[self.unit]

    @property
    def key(self):
        """What distinguishes this type from others of its kind."""
        return self.unit

    def __lt__(self, other):
        if self.kind != getattr(other, "kind", None):
            return NotImplemented
        return self.unit_code < other.unit_code

    def cast_python_value(self, value):
        """Return a Python value as a NumPy scalar of this type."""
        return _core.type_dtype(self).type(value, *([self.unit] if self.unit else []))


class NPDatetime(_Time):
    """A ``numpy.datetime64``.

    Parameters
    ----------
    unit : str
        ``"ns"``, ``"D"``, ...; empty for the generic unit.
    """

    type_name = "datetime64"

    def __new__(cls, unit):
        return _core.datetime_type(unit)


class NPTimedelta(_Time):
    """A ``numpy.timedelta64``.

    Parameters
    ----------
    unit : str
        ``"ns"``, ``"D"``, ...; empty for the generic unit.
    """

    type_name = "timedelta64"

    def __new__(cls, unit):
        return _core.timedelta_type(unit)


# ---- enums -------------------------------------------------------------------------------------------------------------


def _value_type(instance_class):
    """Return the one type that all values of an enum class have."""
    found = {_core.typeof(member.value) for member in instance_class}
    if len(found) > 1:
        names = ", ".join(sorted(map(str, found)))
        raise ValueError(f"Cannot type heterogeneous enum: got value types {names}")
    return next(iter(found))


class EnumMember(_Made, Hashable):
    """A member of an enum class.

    Parameters
    ----------
    instance_class : type
        The enum class.
    dtype : Type
        Type of the values; it follows from the class.
    """

    basename = "Enum"
    class_type_class = property(lambda self: EnumClass)

    def __new__(cls, instance_class, dtype=None):
        return _core.typeof(next(iter(instance_class)))

    @property
    def dtype(self):
        """Type of the values."""
        return _value_type(self.instance_class)

    @property
    def key(self):
        """The class and the type of its values."""
        return self.instance_class, self.dtype

    @property
    def mangling_args(self):
        """Name and parameters, for making symbols."""
        return self.basename, (self.instance_class, self.dtype)


class IntEnumMember(EnumMember):
    """A member of an IntEnum class, which computes as an int64.

    Parameters
    ----------
    instance_class : type
        The enum class.
    dtype : Type
        int64.
    """

    basename = "IntEnum"


class EnumClass(_Made, Dummy):
    """An enum class.

    Parameters
    ----------
    instance_class : type
        The class.
    dtype : Type
        Type of the values; it follows from the class.
    """

    basename = "Enum class"

    def __new__(cls, instance_class, dtype=None):
        return _core.function_type(instance_class)

    @property
    def instance_class(self):
        """The class."""
        return self.object

    @property
    def dtype(self):
        """Type of the values."""
        return _value_type(self.object)

    @property
    def member_type(self) -> Type:
        """Type of a member."""
        return _core.typeof(next(iter(self.object)))

    @property
    def key(self):
        """The class and the type of its values."""
        return self.object, self.dtype


class IntEnumClass(EnumClass):
    """An IntEnum class.

    Parameters
    ----------
    instance_class : type
        The class.
    dtype : Type
        int64.
    """

    basename = "IntEnum class"
