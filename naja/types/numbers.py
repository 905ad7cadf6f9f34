"""Numbers, truth values, times and members of enums."""

from naja import _core
from naja.types.abstract import Hashable, Literal, Number, Type, _Made


class Integer(_Made, Number):
    """Integers of 8 to 64 bits.

    Parameters
    ----------
    name : str
        ``"int32"``, ``"uint8"``, ...
    """

    def __new__(cls, name):
        return _core.simple_type(name)


class Float(_Made, Number):
    """Floating-point numbers of 16, 32 or 64 bits.

    Parameters
    ----------
    name : str
        ``"float32"``, ...
    """

    def __new__(cls, name):
        return _core.simple_type(name)


class Complex(_Made, Number):
    """Complex numbers.

    Parameters
    ----------
    name : str
        ``"complex64"`` or ``"complex128"``.
    """

    def __new__(cls, name, *parts):
        return _core.simple_type(name)


class Boolean(Hashable):
    """True and False."""


class IntegerLiteral(Literal, Integer):
    """An int known at compile time."""


class BooleanLiteral(Literal, Boolean):
    """A bool known at compile time."""


class _Time(Hashable):
    """Times: whole numbers of a unit."""

    @property
    def unit_code(self):
        """NumPy's number of the unit."""
        units = ("Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as", "")
        return dict(zip(units, _UNIT_CODES, strict=True))[self.unit]

    @property
    def key(self):
        """What distinguishes this type from others of its kind."""
        return self.unit

    def can_convert_to(self, context, other):
        """Return 'safe' if every value of this type is one of the other, else None."""
        return _core.type_can_convert(self, other)


_UNIT_CODES = (0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14)


class NPDatetime(_Made, _Time):
    """A ``numpy.datetime64``.

    Parameters
    ----------
    unit : str
        ``"ns"``, ``"D"``, ...; empty for the generic unit.
    """

    type_name = "datetime64"

    def __new__(cls, unit):
        return _core.datetime_type(unit)


class NPTimedelta(_Made, _Time):
    """A ``numpy.timedelta64``.

    Parameters
    ----------
    unit : str
        ``"ns"``, ``"D"``, ...; empty for the generic unit.
    """

    type_name = "timedelta64"

    def __new__(cls, unit):
        return _core.timedelta_type(unit)


class EnumMember(_Made, Hashable):
    """A member of an enum class.

    Parameters
    ----------
    cls : type
        The enum class.
    dtype : Type
        Type of the values; it follows from the class.
    """

    def __new__(cls, instance_class, dtype=None):
        return _core.typeof(next(iter(instance_class)))


class _IntEnumMemberMeta(type(Type)):
    def __instancecheck__(cls, instance):
        return type.__instancecheck__(EnumMember, instance) and len(instance.elements) == 1


class IntEnumMember(EnumMember, metaclass=_IntEnumMemberMeta):
    """A member of an IntEnum class, which computes as an int64."""
