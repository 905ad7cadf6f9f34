"""From Python objects to types and back: `typeof`, constructors, identity, pickling."""

import pickle
from collections import namedtuple

import numpy as np
import pytest

from naja import _core, njit, types
from naja.errors import TypingError

pytestmark = pytest.mark.core

Point = namedtuple("Point", "x y")


@pytest.mark.parametrize(
    "value, name",
    [
        (True, "boolean"),
        (np.bool_(False), "boolean"),
        (1, "int64"),
        (-(2**63), "int64"),
        (2**63, "uint64"),
        (1.5, "float64"),
        (1j, "complex128"),
        (None, "none"),
        ("text", "unicode_type"),
        (..., "ellipsis"),
        ((1, 2.0), "Tuple(int64, float64)"),
        (np.zeros(3), "array(float64, 1d, C)"),
        (np.zeros((2, 3), order="F"), "array(float64, 2d, F)"),
        (np.zeros((4, 4))[::2], "array(float64, 2d, A)"),
        (np.zeros((), np.int8), "array(int8, 0d, C)"),
    ],
)
def test_names(value, name):
    assert _core.typeof(value).name == name
    assert str(_core.typeof(value)) == name


@pytest.mark.parametrize("dtype", "bool i1 i2 i4 i8 u1 u2 u4 u8 f4 f8 c8 c16 q Q l L".split())
def test_scalars_and_arrays_of_every_dtype(dtype):
    scalar = np.dtype(dtype).type(1)
    t = _core.typeof(scalar)
    assert t is _core.from_dtype(dtype)
    assert t is _core.typeof(np.zeros(2, dtype)).dtype
    assert _core.type_dtype(t) == np.dtype(dtype)


def test_float16_is_storage_only():
    assert _core.typeof(np.zeros(2, "f2")).dtype is types.float16


def test_array_flags():
    a = np.zeros((3, 4))
    assert not _core.typeof(a).readonly and _core.typeof(a).mutable and _core.typeof(a).aligned
    a.flags.writeable = False
    assert _core.typeof(a).readonly and not _core.typeof(a).mutable
    unaligned = np.zeros(33, np.uint8)[1:].view(np.float64)
    assert not _core.typeof(unaligned).aligned


def test_equal_types_are_identical():
    assert _core.typeof(np.zeros(3)) is _core.typeof(np.ones(7)) is types.Array(types.float64, 1, "C")
    assert _core.typeof((1, 2)) is types.UniTuple(types.int64, 2)
    assert types.float64[:, ::1] is _core.typeof(np.zeros((2, 2)))
    assert len({_core.typeof(1), types.int64}) == 1


def test_namedtuple():
    t = _core.typeof(Point(1, 2.0))
    assert t is _core.typeof(Point(3, 4.0))
    assert t is not _core.typeof((1, 2.0))
    assert t.instance_class is Point
    assert t.fields == ("x", "y")
    assert t.types == (types.int64, types.float64)


@pytest.mark.parametrize(
    "value", [1, 1.5, None, "s", (1, (2.0, True)), np.zeros((2, 2)), Point(1, 2), np.float32(1)]
)
def test_pickle_gives_the_identical_type(value):
    t = _core.typeof(value)
    assert pickle.loads(pickle.dumps(t)) is t


def test_literals():
    t = _core.literal_type(3)
    assert t.literal_value == 3 and t.base is types.int64
    assert _core.literal_type(True).literal_value is True
    assert _core.literal_type("ab").literal_value == "ab"
    with pytest.raises(TypeError):
        _core.literal_type(1.5)


def test_attributes_only_where_they_make_sense():
    assert types.int32.bitwidth == 32 and types.int32.signed
    assert not types.uint8.signed
    assert types.complex64.underlying_float is types.float32
    with pytest.raises(AttributeError):
        _ = types.float64.ndim
    with pytest.raises(AttributeError):
        _ = _core.typeof((1, 2.0)).dtype


def test_classes_by_kind():
    assert isinstance(_core.typeof(1), types.Integer)
    assert isinstance(_core.typeof(np.zeros(3)), types.Array)
    assert isinstance(_core.typeof((1, 2)), types.BaseTuple)


def test_functions_and_dtypes_as_values():
    assert _core.typeof(np.float32).dtype is types.float32
    assert _core.typeof(np.dtype("i4")).dtype is types.int32

    @njit
    def f():
        return 1

    assert _core.typeof(f) is _core.typeof(f)
    assert _core.typeof(f).object is f


@pytest.mark.parametrize(
    "value, words",
    [
        ([], "empty list"),
        ({}, "dict"),
        (np.array([None]), "dtype"),
        (np.zeros(3, ">f8"), "byte order"),
        (np.ma.zeros(3), "masked"),
        (object(), "object"),
        (lambda x: x, "@njit"),
        (np.zeros(3, [("a", "O")]), "dtype"),
    ],
)
def test_refusals_say_what_and_what_to_do(value, words):
    with pytest.raises(TypingError, match=words):
        _core.typeof(value)


@pytest.mark.parametrize("value", [2**64, -(2**63) - 1])
def test_int_beyond_64_bits(value):
    with pytest.raises(OverflowError, match="64 bits"):
        _core.typeof(value)


def test_unify_promote_convert():
    assert _core.type_unify(types.int64, types.float64) is types.float64
    assert _core.type_unify(types.int64, types.unicode_type) is None
    assert _core.type_promote(types.int32, types.float32) is types.float64
    assert _core.type_can_convert(types.int64, types.int64) == "exact"
    assert _core.type_can_convert(types.unicode_type, types.int64) is None
