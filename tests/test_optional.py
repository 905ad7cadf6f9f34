"""Values that may be None: in expressions, arguments, containers and loops; what happens when they are."""

import math

import numpy as np
import pytest

from naja import njit, types
from naja.extending import overload, overload_method

MAYBE = types.optional


@njit
def pick(value, keep):
    """Give value or None."""
    return value if keep else None


@pytest.mark.core
@pytest.mark.parametrize("value", [3, 2.5, 1j, True, "text", (1, 2.5), b"ab"], ids=repr)
def test_round_trip(value):
    assert pick(value, True) == value and pick(value, False) is None


@pytest.mark.core
def test_unpacking_and_items():
    @njit
    def f(keep):
        t = (1, 2.5) if keep else None
        a, b = t
        return a + b

    assert f(True) == 3.5
    with pytest.raises(TypeError, match="expected Tuple.*, got None"):
        f(False)

    @njit
    def g(keep, i):
        t = (1, 2, 3) if keep else None
        return t[0] + t[i]

    assert g(True, 2) == 4
    with pytest.raises(TypeError, match="got None"):
        g(False, 2)


def test_as_an_index():
    @njit
    def f(a, i, keep):
        k = i if keep else None
        return a[k]

    a = np.arange(5)
    assert f(a, 2, True) == 2 and f(a, -1, True) == 4
    with pytest.raises(TypeError, match="expected int64, got None"):
        f(a, 2, False)
    with pytest.raises(IndexError):
        f(a, 9, True)


@pytest.mark.core
def test_expressions():
    @njit
    def f(x, y, keep):
        a = x if keep else None
        b = y if keep else None
        return a + b, a * 2, -a, a < b, a == b, math.sqrt(a), np.maximum(a, b), a is None, b is not None

    got = f(4.0, 3, True)
    assert got == f.py_func(4.0, 3, True)
    with pytest.raises(TypeError, match="expected float64, got None"):
        f(4.0, 3, False)


def test_arrays():
    @njit
    def f(a, keep):
        b = a if keep else None
        return b + 1, b.sum(), len(b), b[0], b.shape, np.sqrt(b) * b

    a = np.arange(1.0, 4)
    for got, wanted in zip(f(a, True), f.py_func(a, True), strict=True):
        np.testing.assert_array_equal(got, wanted)
    with pytest.raises(TypeError, match="expected array\\(float64, 1d, C\\), got None"):
        f(a, False)


def test_signatures():
    @njit(MAYBE(types.int64)(MAYBE(types.int64)))
    def f(x):
        return None if x is None else x + 1

    assert f(None) is None and f(3) == 4

    @njit([types.float64[:](MAYBE(types.float64[:]), types.float64)])
    def g(a, y):
        return np.zeros(2) if a is None else a + y

    np.testing.assert_array_equal(g(None, 1.0), np.zeros(2))
    np.testing.assert_array_equal(g(np.ones(3), 1.0), np.full(3, 2.0))


def test_loops_and_containers():
    @njit
    def last_even(n):
        found = None
        for i in range(n):
            if i % 2 == 0:
                found = i
        return found

    assert last_even(0) is None and last_even(6) == 4

    @njit
    def collect(keep):
        items = [1.5, 2.5] if keep else None
        total = 0.0
        for x in items:
            total += x
        return total

    assert collect(True) == 4.0
    with pytest.raises(TypeError, match="got None"):
        collect(False)


def test_no_block_is_lost_when_it_is_none():
    from naja import _core

    @njit
    def f(n, keep):
        a = np.ones(n)
        b = a if keep else None
        return (b + a).sum()

    assert f(3, True) == 6.0
    with pytest.raises(TypeError):
        f(3, False)
    before = _core.block_count()
    for _ in range(5):
        with pytest.raises(TypeError):
            f(3, False)
    assert _core.block_count() == before


# ---- library functions, overloads and methods get the value ------------------------------------------------------------


def successor(x):
    raise NotImplementedError


@overload(successor)
def successor_overload(x):
    return (lambda x: x + 1) if isinstance(x, types.Integer) else None


@overload_method(types.Array, "sum_and")
def sum_and_overload(a, x):
    return (lambda a, x: a.sum() + x) if isinstance(x, types.Integer) else None


ARRAY = np.array([3.0, 1.0, 2.0])
CALLS = {
    "overload": (successor, types.int64, 3, 4),
    "overloaded method": (lambda x: np.ones(2).sum_and(x), types.int64, 3, 5.0),
    "method of the library": (lambda a: a.argsort()[0], types.float64[:], ARRAY, 1),
    "receiver and argument": (lambda s: s.split(s)[0], types.unicode_type, "a,b", ""),
    "function of the library": (lambda k: np.roll(np.arange(4), k)[0], types.int64, 1, 3),
    "attribute": (lambda a: a.mT[0, 1], types.float64[:, :], np.arange(4.0).reshape(2, 2), 2.0),
}


@pytest.mark.core
@pytest.mark.parametrize("case", CALLS)
def test_calls_get_the_value_of_an_optional(case):
    function, type_, argument, expected = CALLS[case]
    if function is successor:
        compiled = njit((types.Optional(type_),))(lambda x: successor(x))
    else:
        compiled = njit((types.Optional(type_),))(function)
    assert compiled(argument) == expected
    with pytest.raises(TypeError, match="got None"):
        compiled(None)


def test_a_seed_that_may_be_none():
    @njit((types.Optional(types.uint64),))
    def draw(seed):
        if seed is not None:
            np.random.seed(seed)
        return np.random.random()

    assert draw(7) == draw(7) == np.random.RandomState(7).random_sample()
    assert draw(None) != draw(7)
