"""type(), issubclass(), hash() of compound values, bits of numbers, ~ of unsigned numbers."""

import sys
from collections import namedtuple
from enum import Enum, IntEnum

import numpy as np
import pytest

from naja import njit
from naja.errors import TypingError

Point = namedtuple("Point", "x y")


class Color(Enum):
    RED = 1


class Level(IntEnum):
    LOW = 7


@pytest.mark.core
@pytest.mark.parametrize(
    "value",
    [1, 2.5, 1j, True, "a", (1, 2), Point(1, 2), np.zeros(2), None, [1], {1}, {1: 2}, Color.RED, range(2)],
)
def test_type_is(value):
    cls = type(value)

    @njit
    def f(x):
        return type(x) is cls, type(x) == cls, type(x) != cls, type(x) is object  # noqa: E721

    assert f(value) == (True, True, False, False)


@pytest.mark.core
def test_type_makes_values():
    @njit
    def f(x, y):
        return type(x)(y)

    for x, y in [(3, 2.75), (2.5, 3), (1j, 2), (True, 0.0), (np.float32(1), 0.1), (np.int8(1), 300.5)]:
        got, wanted = f(x, y), type(x)(y) if not isinstance(x, np.int8) else None
        assert wanted is None or got == wanted
        assert f.nopython_signatures[-1].return_type is f.nopython_signatures[-1].args[0]


def test_branches_by_type_are_pruned():
    @njit
    def f(x):
        if type(x) is str:
            return len(x)
        return x + 1

    assert f("abc") == 3 and f(1) == 2 and f(1.5) == 2.5


def test_issubclass():
    @njit
    def f(x):
        return (
            issubclass(bool, int),
            issubclass(type(x), float),
            issubclass(int, (str, float)),
            issubclass(int, object),
        )

    assert f(1.5) == (True, True, False, True) and f(1)[1] is False

    @njit
    def g(x):
        return issubclass(x, int)

    with pytest.raises(TypingError, match="takes classes known at compile time"):
        g(3)


HASHABLE = [
    (),
    (1,),
    (1, 2),
    (1, "a", 2.5),
    ((1, 2), (3.5, "x")),
    (True, 1j, b"ab"),
    Point(1, -1),
    (2**63, -1),
    (np.float32(0.5), np.int8(3)),
    tuple(range(20)),
    Level.LOW,
    (Level.LOW, 2),
]


@pytest.mark.core
@pytest.mark.parametrize("value", HASHABLE, ids=repr)
def test_hash_of_tuples(value):
    @njit
    def f(x):
        return hash(x)

    assert f(value) == hash(value)


def test_hash_of_none():
    @njit
    def f(x):
        return hash(x), hash((x, 1))

    if sys.version_info >= (3, 12):
        assert f(None) == (hash(None), hash((None, 1)))
    else:  # an address
        with pytest.raises(TypingError):
            f(None)


@pytest.mark.parametrize("value", [[1], np.zeros(2), {1}, {1: 2}], ids=lambda v: type(v).__name__)
def test_unhashable(value):
    @njit
    def f(x):
        return hash(x)

    with pytest.raises(TypeError, match="unhashable type: '"):
        f(value)


def test_hash_of_a_function():
    @njit
    def f():
        return hash(np.cos)

    with pytest.raises(TypeError, match="No __hash__ is defined for object"):
        f()


def test_isinstance_stops_at_the_first():
    @njit
    def f(x):
        return isinstance(x, (float, "not a type"))

    assert f(2.5) is True
    with pytest.raises(TypingError, match="Cannot infer Numba type of Python type"):
        f(2)


@pytest.mark.core
@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (np.float64(2.5), np.int64),
        (np.float64(-0.0), np.uint64),
        (np.float32(1.5), np.int32),
        (np.int32(-1), np.uint32),
        (np.uint8(200), np.int8),
        (np.int64(2**62), np.float64),
        (np.float64(1), np.float64),
    ],
)
def test_view_of_numbers(value, dtype):
    @njit
    def f(x):
        return x.view(dtype)

    assert f(value) == value.view(dtype)


def test_view_of_another_size():
    @njit
    def f(x):
        return x.view(np.int64)

    with pytest.raises(TypingError, match="only supported if the itemsize is unchanged"):
        f(np.float32(1))


def test_invert():
    @njit
    def f(x):
        return ~x

    for cls in (np.uint8, np.uint16, np.uint32, np.uint64, np.int8, np.int32, np.int64):
        for v in (0, 1, 77):
            assert f(cls(v)) == ~cls(v), cls


def test_isinstance_of_more_kinds():
    def times(x):
        return isinstance(x, np.datetime64), isinstance(x, np.timedelta64), isinstance(x, (int, complex))

    def unions(x):
        return isinstance(x, int | str), isinstance(x, int | None), isinstance(x, float | bytes | None)

    def objects(d):
        error = ValueError("x")
        keys = isinstance(d.keys(), type({}.keys())) if False else True
        return (
            isinstance(error, LookupError | ValueError),
            isinstance(error, OSError),
            isinstance(d, dict),
            keys,
        )

    for value in (np.datetime64(1, "ns"), np.timedelta64(5, "D"), 3):
        assert njit(times)(value) == times(value)
    for value in (3, "a", None, 2.5, b"x", True):
        assert njit(unions)(value) == unions(value)
    assert njit(objects)({1: 2}) == objects({1: 2})
    for value in (Color.RED, Level.LOW, 3):
        assert njit(lambda x: isinstance(x, Color))(value) == isinstance(value, Color)
