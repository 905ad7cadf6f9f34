"""The types of compiled values, under Numba's names.

A type is an interned object made by the compiler's core: equal types are the same object.  Classes here say what
kind a type is (``isinstance(t, types.Array)``) and construct types (``types.Array(types.float64, 2, "C")``).
``float64[:, ::1]`` is an array type, ``float64(int64)`` a signature.
"""

from naja import _core

Type = _core.Type


def _getitem(self, index):
    """Return the array type that a slice notation such as ``[:, ::1]`` stands for."""
    index = index if isinstance(index, tuple) else (index,)
    self = self.dtype if self.kind == "DTYPE" else self
    if not all(
        isinstance(i, slice) and i.start is None and i.stop is None and i.step in (None, 1) for i in index
    ):
        raise TypeError(f"{self}[...] takes slices such as [:], [::1] or [:, ::1] only")
    contiguous = [i.step == 1 for i in index]
    if any(contiguous[1:-1]) or (len(contiguous) > 1 and contiguous[0] and contiguous[-1]):
        raise TypeError(
            "::1 marks the contiguous axis: the first one (Fortran order) or the last one (C order)"
        )
    layout = "C" if contiguous[-1] else "F" if contiguous[0] else "A"
    return _core.array_type(self, len(index), layout)


def _call(self, *args):
    """Return a signature for types, a converted value for a Python value."""
    if (
        len(args) == 1
        and not isinstance(args[0], (Type, str))
        and self.kind in ("BOOL", "INT", "FLOAT", "COMPLEX")
    ):
        return _core.type_dtype(self).type(args[0]).item()
    from naja.typing import Signature

    return Signature(self, tuple(map(as_type, args)))


Type.__getitem__ = _getitem
Type.__call__ = _call
Type.cast_python_value = lambda self, value: _core.type_dtype(self).type(value).item()


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
        return none
    simple = {int: int64, float: float64, complex: complex128, bool: boolean, str: unicode_type}.get(value)
    if simple is not None:
        return simple
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
        return ListType(as_type(args[0]))
    if origin is tuple:
        return Tuple(tuple(map(as_type, args)))
    others = [arg for arg in args if arg is not type(None)]
    if len(args) == 2 and len(others) == 1:
        return Optional(as_type(others[0]))
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


# ---- classes by kind -------------------------------------------------------------------------------------------------


class _Made(Type):
    """A type whose class is called to make it; ``__new__`` returns the interned object."""

    def __init__(self, *args, **kwargs):
        pass


class Hashable(Type):
    """Types of values that have a hash."""


class Number(Hashable):
    """Numbers."""


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


class NoneType(Type):
    """None."""


class Literal(Type):
    """Types with exactly one value."""

    @property
    def literal_type(self):
        """What the literal widens to."""
        return self.base


class IntegerLiteral(Literal, Integer):
    """An int known at compile time."""


class BooleanLiteral(Literal, Boolean):
    """A bool known at compile time."""


class UnicodeType(Hashable):
    """Strings."""


class StringLiteral(Literal, UnicodeType):
    """A str known at compile time."""


class BaseTuple(Hashable):
    """Tuples."""

    def __len__(self):
        return self.count

    def __iter__(self):
        return iter(self.types)

    def __getitem__(self, index):
        return self.types[index]

    @property
    def key(self):
        """What distinguishes this tuple type from others."""
        return self.types


class BaseAnonymousTuple(BaseTuple):
    """Tuples that are not namedtuples."""


class Tuple(_Made, BaseAnonymousTuple):
    """A tuple.

    Parameters
    ----------
    types : sequence of Type
        Types of the elements.
    """

    def __new__(cls, types):
        return _core.tuple_type(tuple(map(as_type, types)))


class UniTuple(Tuple):
    """A tuple whose elements have one type.

    Parameters
    ----------
    dtype : Type
        Type of the elements.
    count : int
        Number of elements.
    """

    def __new__(cls, dtype, count):
        return _core.tuple_type((as_type(dtype),) * count)


class NamedTuple(_Made, BaseTuple):
    """A namedtuple.

    Parameters
    ----------
    types : sequence of Type
        Types of the fields.
    cls : type
        The namedtuple class.
    """

    def __new__(cls, types, namedtuple_class):
        return _core.namedtuple_type(namedtuple_class, tuple(map(as_type, types)))


class NamedUniTuple(NamedTuple):
    """A namedtuple whose fields have one type."""

    def __new__(cls, dtype, count, namedtuple_class):
        return _core.namedtuple_type(namedtuple_class, (as_type(dtype),) * count)


class ArrayCompatible(Type):
    """Arrays and what can be used as one."""


class Buffer(ArrayCompatible):
    """Memory with elements."""

    @property
    def is_contig(self):
        """Whether the elements lie without gaps."""
        return self.layout in "CF"

    @property
    def is_c_contig(self):
        """Whether the elements lie in C order."""
        return self.layout == "C" or (self.ndim <= 1 and self.layout in "CF")

    @property
    def is_f_contig(self):
        """Whether the elements lie in Fortran order."""
        return self.layout == "F" or (self.ndim <= 1 and self.layout in "CF")

    def copy(self, dtype=None, ndim=None, layout=None, readonly=None):
        """Return an array type that differs from this one as given."""
        return _core.array_type(
            self.dtype if dtype is None else dtype,
            self.ndim if ndim is None else ndim,
            self.layout if layout is None else layout,
            readonly=self.readonly if readonly is None else readonly,
            aligned=self.aligned,
        )

    @property
    def key(self):
        """What distinguishes this array type from others."""
        return self.dtype, self.ndim, self.layout, self.mutable, self.aligned


class Array(_Made, Buffer):
    """A NumPy array.

    Parameters
    ----------
    dtype : Type
        Type of the elements.
    ndim : int
        Number of dimensions.
    layout : {'C', 'F', 'A'}
        C order, Fortran order, or any strides.
    readonly : bool
        Elements cannot be assigned.
    aligned : bool
        Elements lie at multiples of their size.
    """

    def __new__(cls, dtype, ndim, layout, readonly=False, name=None, aligned=True):
        return _core.array_type(as_type(dtype), ndim, layout, readonly=readonly, aligned=aligned)


class Sequence(Type):
    """Values of one type, in order."""


class MutableSequence(Sequence):
    """Values of one type, in an order that can change."""


class List(_Made, MutableSequence):
    """A list of compiled code.

    Parameters
    ----------
    dtype : Type
        Type of the elements.
    reflected : bool
        Whether it is a Python list passed in, to which changes are written back.
    """

    def __new__(cls, dtype, reflected=False):
        return _core.list_type(as_type(dtype), reflected=reflected)

    def copy(self, dtype=None, reflected=None):
        """Return a list type that differs from this one as given."""
        return _core.list_type(
            self.dtype if dtype is None else as_type(dtype),
            reflected=self.reflected if reflected is None else reflected,
        )

    @property
    def item_type(self):
        """Type of the elements."""
        return self.dtype

    initial_value = None  # the items of a display are not part of its type

    @property
    def key(self):
        """What distinguishes this list type from others."""
        return self.dtype, self.reflected


class ListType(_Made, MutableSequence):
    """A `naja.typed.List`.

    Parameters
    ----------
    itemty : Type
        Type of the elements.
    """

    def __new__(cls, itemty):
        return _core.list_type(as_type(itemty), typed=True)

    @property
    def item_type(self):
        """Type of the elements."""
        return self.dtype

    initial_value = None  # the items of a display are not part of its type

    @property
    def key(self):
        """What distinguishes this list type from others."""
        return self.dtype


class Set(_Made, Type):
    """A set of compiled code.

    Parameters
    ----------
    dtype : Type
        Type of the items.
    reflected : bool
        Whether it is a Python set passed in, to which changes are written back.
    """

    def __new__(cls, dtype, reflected=False):
        return _core.set_type(as_type(dtype), reflected=reflected)

    def copy(self, dtype=None, reflected=None):
        """Return a set type that differs from this one as given."""
        return _core.set_type(
            self.dtype if dtype is None else as_type(dtype),
            reflected=self.reflected if reflected is None else reflected,
        )

    @property
    def key(self):
        """What distinguishes this set type from others."""
        return self.dtype, self.reflected


class DictType(_Made, Type):
    """A dict of compiled code: a `naja.typed.Dict`.

    Parameters
    ----------
    keyty, valty : Type
        Types of keys and values.
    """

    def __new__(cls, keyty, valty):
        return _core.dict_type(as_type(keyty), as_type(valty))

    @property
    def keyvalue_type(self):
        """Type of an item."""
        return _core.tuple_type((self.key_type, self.value_type))

    @property
    def key(self):
        """What distinguishes this dict type from others."""
        return self.key_type, self.value_type


class DictView(Type):
    """The keys, values or items of a dict."""


class Optional(_Made, Type):
    """None or a value.

    Parameters
    ----------
    type : Type
        Type of the value.
    """

    def __new__(cls, type_):
        return _core.optional_type(as_type(type_))


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


class DeferredType(Type):
    """A type that is named before it exists."""

    def define(self, type_):
        """Say what the type stands for, once."""
        _core.deferred_define(self, type_)

    def get(self):
        """Return what the type stands for."""
        resolved = _core.type_resolve(self)
        if resolved is None:
            raise RuntimeError("deferred type not defined")
        return resolved


def deferred_type():
    """Return a new type that gets its meaning later, by ``define()``: for members of a class's own type.

    Returns
    -------
    DeferredType
    """
    return _core.deferred_type(object())


# Types of jitclasses by id: pickling one finds it again in the same process only, as its class lives nowhere else.
_instance_types = {}


def _find_instance_type(process, number):
    import os

    if process != os.getpid() or number not in _instance_types:
        raise TypeError("the type of a jitclass can be unpickled in the process that made the class only")
    return _instance_types[number]


class ClassInstanceType(Type):
    """Instances of a jitclass."""

    def __reduce__(self):
        import os

        _instance_types[self.id] = self
        return _find_instance_type, (os.getpid(), self.id)

    @property
    def struct(self):
        """Types of the members, by name."""
        return self.class_type.struct

    @property
    def classname(self):
        """Name of the class."""
        return self.class_type.class_name

    @property
    def methods(self):
        """The Python functions of the methods, by name."""
        return self.class_type.methods

    @property
    def jit_methods(self):
        """The methods, by name."""
        return self.class_type.jit_methods

    @property
    def jit_props(self):
        """The properties' functions, by name."""
        return self.class_type.jit_props


class _StructDescriptor:
    """What tells a struct type from others: its class and its fields."""

    def __init__(self, cls, fields):
        self.__naja_content__ = (cls.__module__, cls.__qualname__, *fields)


# Struct types by class and fields.
_struct_types = {}


class StructRef(_Made, Type):
    """Structs passed by reference; subclasses are kinds of structs (`naja.experimental.structref`).

    Parameters
    ----------
    fields : sequence of (str, Type)
        Names and types.
    """

    _box_class = None

    def __new__(cls, fields):
        fields = tuple((name, type_) for name, type_ in fields)
        for name, type_ in fields:
            if not isinstance(name, str):
                raise ValueError("expecting a str for field name")
            if not isinstance(type_, Type):
                raise ValueError("expecting a Numba Type for field type")
        self = _struct_types.get((cls, fields))
        if self is None:
            self = cls._define(fields)
        return self

    @classmethod
    def _define(cls, fields):
        descriptor = _StructDescriptor(cls, fields)
        self = _core.instance_type(descriptor, f"numba.{cls.__name__}{fields}")
        self.__class__ = cls
        self._descriptor = descriptor
        self._fields = fields
        _struct_types[cls, fields] = self
        try:
            self._fields = tuple(self.preprocess_fields(fields))
            _core.instance_define(self, *(tuple(zip(*self._fields, strict=True)) or ((), ())))
        except BaseException:
            del _struct_types[cls, fields]
            raise
        descriptor.__naja_content__ += self._fields
        return self

    @property
    def name(self):
        """The name, as printed."""
        return self.__dict__.get("_name") or Type.name.__get__(self)

    @name.setter
    def name(self, value):
        self._name = value

    @property
    def field_dict(self):
        """Types of the fields, by name."""
        return dict(self._fields)

    def preprocess_fields(self, fields):
        """Return the fields that a struct made with these has; subclasses may change them."""
        return fields


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


class DType(_Made, Type):
    """A number type used as a value, such as ``np.float64``.

    Parameters
    ----------
    dtype : Type
        The number type.
    """

    def __new__(cls, dtype):
        return _core.dtype_type(as_type(dtype))


NumberClass = DType


class Callable(Type):
    """What can be called."""


class Function(Callable):
    """A function known at compile time: built-in, of a library, or compiled."""


Dispatcher = Function


class Module(Type):
    """A module or other object known at compile time."""


class BoundFunction(Callable):
    """A method with its receiver."""


class Closure(Callable):
    """An inner function with its captured values."""


class FunctionChoice(Callable):
    """One of several functions, chosen at run time."""


class RangeType(Type):
    """A range."""


class SliceType(Type):
    """A slice."""


class EllipsisType(Type):
    """``...``."""


class IteratorType(Type):
    """The state of a for loop."""


class ZipType(Type):
    """What zip() and enumerate() return."""


class ExceptionInstance(Type):
    """An exception about to be raised."""


class NumpyFlatType(Type):
    """``a.flat``."""


class ArrayFlags(Type):
    """``a.flags``."""


class PyObject(Type):
    """Any Python object."""


class NumPyRandomGeneratorType(Type):
    """A numpy.random.Generator, whose stream compiled code shares."""


class RawPointer(Type):
    """An address."""


class RecordField:
    """A field of a record: its type, offset in bytes, alignment and title."""

    __slots__ = ("alignment", "offset", "title", "type")

    def __init__(self, type, offset, alignment=None, title=None):
        self.type, self.offset, self.alignment, self.title = type, offset, alignment, title

    def __repr__(self):
        return f"RecordField(type={self.type}, offset={self.offset})"


class Record(_Made, Type):
    """An element of an array with a structured dtype.

    Parameters
    ----------
    fields : list of (str, dict)
        Name of each field, with its ``type`` and ``offset`` in bytes.
    size : int
        Bytes of a record.
    aligned : bool
        Whether the fields lie where a C compiler would place them.
    """

    def __new__(cls, fields, size, aligned):
        return _core.record_type(
            tuple((name, info["offset"], as_type(info["type"])) for name, info in fields), size, aligned
        )

    @classmethod
    def make_c_struct(cls, name_types):
        """Return the record type that a C struct with these fields has.

        Parameters
        ----------
        name_types : list of (str, Type)

        Returns
        -------
        Record
        """
        import numpy

        names = [name for name, _ in name_types]
        formats = [_core.type_dtype(as_type(type_)) for _, type_ in name_types]
        return from_dtype(numpy.dtype({"names": names, "formats": formats}, align=True))

    @property
    def fields(self):
        """Fields by name: a dict of `RecordField`."""
        return {
            name: RecordField(type_, offset, _core.type_dtype(type_).alignment)
            for name, offset, type_ in self.record_fields
        }

    @property
    def members(self):
        """Names and types of the fields, by offset."""
        ordered = sorted(self.record_fields, key=lambda field: field[1])
        return [(name, type_) for name, _, type_ in ordered]

    @property
    def dtype(self):
        """The structured NumPy dtype."""
        return _core.type_dtype(self)

    @property
    def has_titles(self):
        """Whether some field has a title: never."""
        return False

    def is_title(self, key):
        """Return whether a name is a field's title: never."""
        return False

    def __len__(self):
        return len(self.record_fields)

    def typeof(self, key):
        """Return the type of a field."""
        return self.fields[key].type

    def offset(self, key):
        """Return the offset of a field in bytes."""
        return self.fields[key].offset

    def alignof(self, key):
        """Return the alignment of a field."""
        return self.fields[key].alignment


class NestedArray(_Made, Type):
    """An array of fixed shape inside a record.

    Parameters
    ----------
    dtype : Type
        Type of the elements.
    shape : tuple of int
    """

    def __new__(cls, dtype, shape):
        return _core.nested_type(as_type(dtype), tuple(shape))


class _FixedString(_Made, Type):
    """A string of fixed length in an array."""


class _FixedStringMeta(type(Type)):
    def __instancecheck__(cls, instance):
        return type.__instancecheck__(_FixedString, instance) and instance.is_unicode == cls._unicode


class CharSeq(_FixedString, metaclass=_FixedStringMeta):
    """A bytes string of fixed length in an array (dtype ``S``).

    Parameters
    ----------
    count : int
        Number of bytes.
    """

    _unicode = False

    def __new__(cls, count):
        return _core.charseq_type(count, False)


class UnicodeCharSeq(_FixedString, metaclass=_FixedStringMeta):
    """A string of fixed length in an array (dtype ``U``).

    Parameters
    ----------
    count : int
        Number of characters.
    """

    _unicode = True

    def __new__(cls, count):
        return _core.charseq_type(count, True)


class _BufferMeta(type(Type)):
    def __instancecheck__(cls, instance):
        return type.__instancecheck__(cls._kind, instance) and str(instance).removeprefix(
            "readonly "
        ).startswith(cls._word)


class _BytesLike(Buffer):
    """bytes or bytearray."""

    ndim, layout, aligned = 1, "C", True

    @property
    def dtype(self):
        """Type of the items."""
        return uint8

    @property
    def mutable(self):
        """Whether items can be assigned."""
        return isinstance(self, ByteArray)


class Bytes(_BytesLike, metaclass=_BufferMeta):
    """A bytes object."""

    _kind, _word = _BytesLike, "bytes("

    def __new__(cls, dtype=None, ndim=1, layout="C", readonly=True):
        return _core.simple_type("bytes")


class ByteArray(_BytesLike, metaclass=_BufferMeta):
    """A bytearray."""

    _kind, _word = _BytesLike, "bytearray("


class MemoryView(Array, metaclass=_BufferMeta):
    """A memoryview."""

    _kind, _word = Array, "memoryview("


class PyArray(Array, metaclass=_BufferMeta):
    """An `array.array`."""

    _kind, _word = Array, "pyarray("


_CLASSES = {
    "RECORD": Record,
    "NESTED": NestedArray,
    "CHARSEQ": _FixedString,
    "BYTES": _BytesLike,
    "BOOL": Boolean,
    "INT": Integer,
    "FLOAT": Float,
    "COMPLEX": Complex,
    "DATETIME": NPDatetime,
    "TIMEDELTA": NPTimedelta,
    "ENUM": EnumMember,
    "NONE": NoneType,
    "LITERAL": Literal,
    "STR": UnicodeType,
    "TUPLE": Tuple,
    "NAMEDTUPLE": NamedTuple,
    "ARRAY": Array,
    "OPTIONAL": Optional,
    "LIST": List,
    "TYPED_LIST": ListType,
    "LITERAL_INT": IntegerLiteral,
    "LITERAL_BOOL": BooleanLiteral,
    "LITERAL_STR": StringLiteral,
    "SET": Set,
    "DICT": DictType,
    "VIEW": DictView,
    "RANGE": RangeType,
    "SLICE": SliceType,
    "ELLIPSIS": EllipsisType,
    "ITER": IteratorType,
    "ZIP": ZipType,
    "DTYPE": DType,
    "OBJECT": Module,
    "FUNCTION": Function,
    "CLOSURE": Closure,
    "CHOICE": FunctionChoice,
    "METHOD": BoundFunction,
    "EXCEPTION": ExceptionInstance,
    "OMITTED": Omitted,
    "FLAT": NumpyFlatType,
    "FLAGS": ArrayFlags,
    "PYOBJECT": PyObject,
    "PTR": RawPointer,
    "RNG": NumPyRandomGeneratorType,
    "GENERATOR": Generator,
    "INSTANCE": ClassInstanceType,
    "DEFERRED": DeferredType,
}
for _kind, _class in _CLASSES.items():
    _core.register_type_class(_kind, _class)

# ---- instances -------------------------------------------------------------------------------------------------------

none = void = _core.simple_type("none")
boolean = bool_ = b1 = bool = _core.simple_type("boolean")
int8 = i1 = char = _core.simple_type("int8")
int16 = i2 = short = _core.simple_type("int16")
int32 = i4 = intc = _core.simple_type("int32")
int64 = i8 = intp = int_ = long_ = longlong = ssize_t = _core.simple_type("int64")
uint8 = u1 = byte = uchar = _core.simple_type("uint8")
uint16 = u2 = ushort = _core.simple_type("uint16")
uint32 = u4 = uintc = _core.simple_type("uint32")
uint64 = u8 = uintp = uint = ulong = ulonglong = size_t = _core.simple_type("uint64")
float16 = f2 = _core.simple_type("float16")
float32 = f4 = _core.simple_type("float32")
float64 = f8 = double = float_ = _core.simple_type("float64")
complex64 = c8 = _core.simple_type("complex64")
complex128 = c16 = _core.simple_type("complex128")
unicode_type = string = _core.simple_type("unicode_type")
ellipsis = _core.simple_type("ellipsis")
voidptr = _core.simple_type("voidptr")
npy_rng = _core.simple_type("NumPyRandomGeneratorType")
pyobject = _core.simple_type("pyobject")
bytes_ = bytes_type = _core.simple_type("bytes")
undefined = _core.simple_type("undefined")
Any = undefined
slice2_type = _core.slice_type(False)
slice3_type = _core.slice_type(True)

optional = Optional

signed_domain = frozenset([int8, int16, int32, int64])
unsigned_domain = frozenset([uint8, uint16, uint32, uint64])
integer_domain = signed_domain | unsigned_domain
real_domain = frozenset([float32, float64])
complex_domain = frozenset([complex64, complex128])
number_domain = real_domain | integer_domain | complex_domain
