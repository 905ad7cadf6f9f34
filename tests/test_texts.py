"""str(), repr(), print() and f-strings of containers, bytes and arrays: CPython's text exactly."""

import collections

import numpy as np
import pytest

from naja import _core, njit, types
from naja.experimental import jitclass
from naja.typed import List, Set

Point = collections.namedtuple("Point", "x y")

VALUES = {
    "list": [1, 2, 3],
    "floats": [1.0, float("nan"), float("inf"), -0.0, 1e22],
    "bools": [True, False],
    "complex": [1j, 2 + 1j],
    "texts": ["a", "b'", 'c"', "\u20ac\n"],
    "tuples": [(1, "a"), (2, "b")],
    "nested": [[1, 2], [3]],
    "dict": {1: 2.5, 2: -1.0},
    "dict_of_lists": {"a": [1.0], "b": [2.0, 3.0]},
    "dict_of_dicts": {"a": {"b": 1}},
    "set": {7},
    "tuple_of_containers": ([1], {2: 3}, {4}),
    "one": ([1],),
    "named": Point([1], {2: "x"}),
    "bytes": b"a'\"\\\t\n\r\x00\x7f\xff",
    "bytes_quote": b"it's",
    "array": np.arange(3.0),
    "matrix": np.eye(2),
    "long": np.arange(2000),
    "readonly": np.broadcast_to(np.int8(3), (2, 2)),
    "time": np.datetime64("2020-01-01"),
    "lists_of_arrays": [np.ones(2), np.zeros(1)],
    "optional": None,
}


def as_str(x):
    return str(x)


def as_repr(x):
    return repr(x)


def as_fstring(x):
    return f"<{x}|{x!r}>"


@pytest.mark.core
@pytest.mark.parametrize("function", [as_str, as_repr, as_fstring])
@pytest.mark.parametrize("name", VALUES)
def test_text(function, name):
    value = VALUES[name]
    compiled = njit(function)
    assert compiled(value) == function(value)
    before = _core.block_count()
    compiled(value)
    assert _core.block_count() == before


@pytest.mark.parametrize(
    "make",
    [
        lambda: str([]),
        lambda: str(set()),
        lambda: str({}),
        lambda: str({1: {2}}.keys()),
        lambda: str({1: 2}.items()),
        lambda: repr({1: 2}.values()),
        lambda: str(range(3)) + str(range(0, 9, 2)),
        lambda: str([None]),
        lambda: str(bytearray(b"ab")) + repr(b""),
        lambda: str([b"x"]),
        lambda: str([1, "a", 2.5]),
        lambda: repr(([1], ())),
    ],
)
def test_made_in_compiled_code(make):
    assert njit(make)() == make()


def test_changes_show():
    @njit
    def f(values):
        values.append(9)
        return str(values)

    assert f([1, 2]) == "[1, 2, 9]"


def test_optional_container():
    def f(n):
        x = None
        if n:
            x = [n]
        return str(x)

    assert [njit(f)(n) for n in (0, 3)] == [f(0), f(3)]


def test_typed_containers():
    assert njit(as_str)(List([1, 2])) == "[1, 2]"
    assert njit(as_str)(Set([1, 2])) == "{1, 2}"


@jitclass([("a", types.int64)])
class Bag:
    def __init__(self, a):
        self.a = a

    def __str__(self):
        return "bag"


def test_instances():
    assert njit(as_str)(Bag(1)) == "bag"


@pytest.mark.core
def test_print(capsys):
    def show(a):
        print([1, 2], (1, "a"), {1: 2.5}, {3}, a)
        print([1], None, 2.5, sep="-", end="!\n")
        print({})

    show(np.ones((2, 2)))
    expected = capsys.readouterr().out
    njit(show)(np.ones((2, 2)))
    assert capsys.readouterr().out == expected
