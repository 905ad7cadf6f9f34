"""naja.types: its names, the classes of types, types that programs define, type hints."""

import gc
import pickle
import typing
import weakref
from collections import namedtuple
from enum import Enum, IntEnum

import numpy as np
import pytest

import naja
from naja import njit, types
from naja.errors import LiteralTypingError, NumbaValueError, TypingError
from naja.extending import as_numba_type

# Numba 0.68's names.
CLASSES = """
Array ArrayCTypes ArrayCompatible ArrayFlags ArrayIterator BaseAnonymousTuple BaseContainerIterator BaseContainerPayload
BaseFunction BaseNamedTuple BaseTuple Boolean BooleanLiteral BoundFunction Buffer ByteArray Bytes CPointer Callable
CharSeq ClassDataType ClassInstanceType ClassType CompileResultWAP Complex ConstSized Container ContextManager DType
DTypeSpec DeferredType DictItemsIterableType DictIteratorType DictKeysIterableType DictType DictValuesIterableType
Dispatcher Dummy EllipsisType EnumClass EnumMember EnumerateType EphemeralArray EphemeralPointer ExceptionClass
ExceptionInstance ExternalFunction ExternalFunctionPointer Float Function FunctionPrototype FunctionType Generator
Hashable InitialValue IntEnumClass IntEnumMember Integer IntegerLiteral IterableType IteratorType List ListIter
ListPayload ListType ListTypeIterableType ListTypeIteratorType Literal LiteralList LiteralStrKeyDict
MakeFunctionLiteral MemInfoPointer MemoryView Module MutableSequence NPDatetime NPTimedelta NamedTuple NamedTupleClass
NamedUniTuple NestedArray NoneType NumPyRandomBitGeneratorType NumPyRandomGeneratorType Number NumberClass
NumpyFlatType NumpyNdEnumerateType NumpyNdIndexType NumpyNdIterType ObjModeDispatcher Object Omitted Opaque Optional
Pair Phantom Poison PolynomialType PyArray PyObject RangeIteratorType RangeType RawPointer Record RecursiveCall
Sequence Set SetEntry SetIter SetIterableType SetIteratorType SetPayload SetType SimpleIterableType
SimpleIteratorType Sized SliceLiteral SliceType StarArgTuple StarArgUniTuple StringLiteral StructRef StructRefPayload
Tuple Type TypeRef UndefVar Undefined UndefinedFunctionType UniTuple UniTupleIter UnicodeCharSeq UnicodeIteratorType
UnicodeType UnionType VarArg WeakType WrapperAddressProtocol ZipType
""".split()
INSTANCES = """
Any b1 bool bool_ boolean byte c16 c8 c_bool c_float16 c_float32 c_float64 c_int16 c_int32 c_int64 c_int8 c_intp
c_uint16 c_uint32 c_uint64 c_uint8 c_uintp char code_type complex128 complex64 double ellipsis f2 f4 f8 ffi
ffi_forced_object float16 float32 float64 i1 i2 i4 i8 int16 int32 int64 int8 int_ intc intp long_ longlong none
np_bool_ np_char np_complex128 np_complex64 np_double np_float16 np_float32 np_float64 np_float_ np_int16 np_int32
np_int64 np_int8 np_int_ np_intc np_intp np_long np_longlong np_short np_uchar np_uint np_uint16 np_uint32 np_uint64
np_uint8 np_uintc np_uintp np_ulong np_ulonglong np_ushort npy_bitgen npy_rng py_bool py_complex py_float py_int
pyfunc_type pyobject range_iter32_type range_iter64_type range_state32_type range_state64_type short size_t
slice2_type slice3_type ssize_t string u1 u2 u4 u8 uchar uint uint16 uint32 uint64 uint8 uintc uintp ulong ulonglong
undefined unicode_type unknown unsigned_range_iter64_type unsigned_range_state64_type ushort void voidptr
""".split()


@pytest.mark.core
def test_names():
    for name in CLASSES:
        assert isinstance(getattr(types, name), type), name
    for name in INSTANCES:
        assert isinstance(getattr(types, name), types.Type), name
    for name in ("misc", "containers", "npytypes", "scalars", "functions", "iterators"):
        assert getattr(types, name).int64 is types.int64
    with pytest.raises(AttributeError, match="no attribute 'spam'"):
        types.spam  # noqa: B018


class Color(Enum):
    RED = 1
    BLUE = 2


class Weekday(IntEnum):
    MONDAY = 1


Point = namedtuple("Point", "x y")


@naja.njit
def compiled(x):
    return x


@pytest.mark.core
@pytest.mark.parametrize(
    ("value", "cls"),
    [
        (1, types.Integer),
        (True, types.Boolean),
        ((1, 2), types.UniTuple),
        ((1, 2.0), types.Tuple),
        (Point(1, 2), types.NamedUniTuple),
        (Point(1, 2.0), types.NamedTuple),
        (np.zeros(3), types.Array),
        (memoryview(b"ab"), types.MemoryView),
        (b"ab", types.Bytes),
        (bytearray(b"ab"), types.ByteArray),
        (Color.RED, types.EnumMember),
        (Weekday.MONDAY, types.IntEnumMember),
        (Color, types.EnumClass),
        (Weekday, types.IntEnumClass),
        (compiled, types.Dispatcher),
        (ValueError, types.ExceptionClass),
        (Point, types.NamedTupleClass),
        (np.float64, types.NumberClass),
        (np.dtype("i4"), types.DType),
        (slice(1, 2), types.SliceType),
        (None, types.NoneType),
        (np.random.default_rng(1).bit_generator, types.NumPyRandomBitGeneratorType),
    ],
)
def test_class_of_typeof(value, cls):
    assert isinstance(naja.typeof(value), cls)


@pytest.mark.core
def test_classes_exclude():
    assert not isinstance(naja.typeof((1, 2.0)), types.UniTuple)
    assert not isinstance(naja.typeof(Color.RED), types.IntEnumMember)
    assert not isinstance(naja.typeof(bytearray()), types.UnicodeCharSeq)
    assert not isinstance(naja.typeof(np.zeros(2)), types.MemoryView)
    assert isinstance(types.UniTuple(types.int64, 2), types.BaseTuple)
    assert isinstance(types.int64, types.Hashable) and isinstance(types.int64, types.Number)
    assert isinstance(types.List(types.int64), types.MutableSequence)


def test_integers():
    assert (types.int8.minval, types.int8.maxval) == (-128, 127)
    assert (types.uint64.minval, types.uint64.maxval) == (0, 2**64 - 1)
    assert types.Integer.from_bitwidth(8, signed=False) is types.uint8
    assert types.int8 < types.int16 <= types.int16 and types.float64 > types.float32
    for a, b in [(types.int8, types.uint32), (types.int8, types.float32), (types.float64, types.complex128)]:
        with pytest.raises(TypeError):
            a < b  # noqa: B015


def test_calls_convert_or_make_signatures():
    assert types.int32(42.5) == 42 and types.double(-5) == -5.0
    assert types.NPDatetime("Y")("1900") == np.datetime64("1900", "Y")
    assert np.isnat(types.NPTimedelta("s")("NaT"))
    assert types.int64().args == () and types.int64(types.f8).args == (types.f8,)


def test_keys_and_parts():
    array = types.Array(types.int32, 2, "F", readonly=True)
    assert (array.dtype, array.ndim, array.layout, array.mutable) == (types.int32, 2, "F", False)
    assert array.copy(layout="C", readonly=False) is types.int32[:, ::1]
    assert types.ArrayIterator(array).yield_type.ndim == 1
    assert types.DictType(types.int64, types.f8).keyvalue_type is types.Tuple((types.int64, types.f8))
    assert types.DictItemsIterableType(types.DictType(types.int64, types.f8)).yield_type.types == (
        types.int64,
        types.f8,
    )
    assert types.List(types.f8)[0] is types.f8
    assert types.Optional(types.int64).type is types.int64
    assert types.NumpyNdIndexType(2).yield_type is types.UniTuple(types.int64, 2)
    assert types.NumpyFlatType(types.f8[:]).dtype is types.f8
    assert list(types.UniTuple(types.int64, 2)) == [types.int64] * 2
    assert types.BaseTuple.from_types((types.int64, types.f8)) is types.Tuple((types.int64, types.f8))
    assert types.LiteralList((types.int64, types.f8)).types == (types.int64, types.f8)
    assert naja.typeof(Color).member_type is naja.typeof(Color.RED)


@pytest.mark.core
def test_own_types():
    class Money(types.Type):
        def __init__(self, currency, dtype):
            self.currency, self.dtype = currency, dtype  # dtype: an attribute that other kinds have, too
            super().__init__(name=f"Money({currency})")

    euro = Money("EUR", types.int64)
    assert Money("EUR", types.int64) is euro and Money("USD", types.int64) is not euro
    assert (euro.name, str(euro), euro.key, euro.dtype) == (
        "Money(EUR)",
        "Money(EUR)",
        "Money(EUR)",
        types.int64,
    )
    assert isinstance(euro, types.Type) and euro != types.int64
    assert hash(euro) == hash(Money("EUR", types.int64))
    with pytest.raises(AttributeError):
        euro.ndim  # noqa: B018
    assert types.Tuple((euro, types.int64)).types[0] is euro  # the core has met it


class Keyed(types.Dummy):
    def __init__(self, param):
        super().__init__("Keyed")
        self.param = param

    @property
    def key(self):
        return self.param


def test_own_types_by_key():
    assert Keyed(1) is Keyed(1) and Keyed(1) is not Keyed(2)
    kept = Keyed(3)
    assert pickle.loads(pickle.dumps(kept)) is kept
    assert Keyed([1]) is not Keyed([1])  # no hash, so nothing to find it by


def test_own_types_die():
    ref = weakref.ref(types.Dummy("that nobody keeps"))
    gc.collect()
    assert ref() is None


def test_own_type_without_name():
    class Nameless(types.Type):
        key = "k"

        def __init__(self):
            pass

    with pytest.raises(AttributeError, match="no name"):
        types.Tuple((Nameless(),))


def test_pointers_and_prototypes():
    assert types.CPointer(types.f4) is types.CPointer(types.f4)
    assert types.CPointer(types.f4, 0) is not types.CPointer(types.f4, 1)
    sig = types.int64(types.int64)
    assert types.ExternalFunctionPointer(sig, None) is types.FunctionType(sig)
    with pytest.raises(ValueError, match="calling convention 'stdcall'"):
        types.ExternalFunctionPointer(sig, None, cconv="stdcall")
    assert types.FunctionType(sig).signature == sig


@pytest.mark.core
@pytest.mark.parametrize(
    ("hint", "type_"),
    [
        (int, types.int64),
        (float, types.float64),
        (bool, types.boolean),
        (complex, types.complex128),
        (str, types.unicode_type),
        (bytes, types.bytes_),
        (None, types.none),
        (np.float32, types.float32),
        (np.dtype("u2"), types.uint16),
        (list[int], types.ListType(types.int64)),
        (typing.List[float], types.ListType(types.float64)),  # noqa: UP006
        (set[int], types.Set(types.int64)),
        (dict[str, float], types.DictType(types.unicode_type, types.float64)),
        (tuple[int, float], types.Tuple((types.int64, types.float64))),
        (int | None, types.Optional(types.int64)),
        (typing.Optional[float], types.Optional(types.float64)),  # noqa: UP045
        (np.ndarray[tuple[int, int], np.dtype[np.float64]], types.float64[:, :]),
        (types.f8[:], types.f8[:]),
    ],
)
def test_as_numba_type(hint, type_):
    assert as_numba_type(hint) is type_


def test_as_numba_type_refusals():
    with pytest.raises(TypingError, match="Cannot type Union that is not an Optional"):
        as_numba_type(int | float)
    for hint in (object, tuple[int, ...], np.ndarray, typing.Any):
        with pytest.raises(TypingError, match="Cannot infer Numba type of Python type"):
            as_numba_type(hint)


def test_as_numba_type_register():
    class Celsius:
        pass

    as_numba_type.register(Celsius, types.float64)
    assert as_numba_type(Celsius) is types.float64
    assert as_numba_type(list[Celsius]) is types.ListType(types.float64)
    with pytest.raises(ValueError, match="not a class"):
        as_numba_type.register("Celsius", types.float64)


def test_typeof_errors():
    with pytest.raises(ValueError, match="Cannot determine Numba type of <class 'object'>"):
        naja.typeof(object())
    with pytest.raises(NumbaValueError, match="Unsupported array dtype"):
        naja.typeof(np.zeros(3, dtype=np.dtype("f8").newbyteorder()))
    with pytest.raises(LiteralTypingError):
        types.literal(1.5)


def test_type_as_option_of_a_call():
    @njit
    def f(x):
        return x + 1

    f.compile((types.int64,))
    assert f.signatures == [(types.int64,)] and isinstance(f.signatures[0][0], types.Integer)


@pytest.mark.core
@pytest.mark.parametrize("base", [types.float64, types.uint8, types.complex128, types.boolean])
def test_array_types_in_compiled_code(base):
    @njit
    def f():
        return (
            naja.typed.List.empty_list(base[:]),
            naja.typed.List.empty_list(base[::1]),
            naja.typed.List.empty_list(base[:, ::1]),
            naja.typed.List.empty_list(base[::1, :]),
            naja.typed.List.empty_list(base[:, :, :]),
        )

    wanted = [base[:], base[::1], base[:, ::1], base[::1, :], base[:, :, :]]
    assert [t._dtype for t in f()] == wanted


def test_array_types_in_compiled_code_refusals():
    @njit
    def f(s):
        return naja.typed.List.empty_list(types.float64[s])

    with pytest.raises(TypingError):
        f(slice(None))

    @njit
    def g():
        return naja.typed.List.empty_list(types.float64[1:])

    with pytest.raises(TypingError):
        g()

    @njit
    def h(n):
        return np.zeros(n, types.float64[:])

    with pytest.raises(TypingError):
        h(3)


def test_values_of_types():
    for name in ("int8", "uint32", "int64", "float32", "float64", "complex64"):
        value = getattr(types, name)(1)
        assert type(value) is getattr(np, name) and value == 1
    assert types.boolean(3) is True
