"""literally(): arguments whose values are part of their types, and what asks for them."""

import gc
import weakref

import numpy as np
import pytest

import naja
from naja import literally, njit, types
from naja.errors import ForceLiteralArg, TypingError
from naja.extending import overload


@njit
def inner(x):
    return literally(x)


@njit
def outer(x, y):
    return inner(x) + y


def kind_of(x):
    """Say whether the type of x has its value; overloaded below."""
    return "plain"


@overload(kind_of, prefer_literal=True)
def kind_of_overload(x):
    word = "literal" if isinstance(x, types.Literal) else "plain"
    return lambda x: word


@pytest.mark.core
def test_argument_becomes_literal():
    @njit
    def f(x):
        return kind_of(literally(x))

    assert f(3) == f("a") == f(True) == "literal"
    assert f.signatures == [(types.literal(3),), (types.literal("a"),), (types.literal(True),)]


@pytest.mark.core
def test_value_and_versions():
    @njit
    def f(x):
        return literally(x)

    values = [1, 2, True, False, "text", "", -5, 1]
    for value in values:
        got = f(value)
        assert got == value and type(got) is type(value)
    assert len(f.signatures) == len({(type(v), v) for v in values})
    assert literally(7) == 7  # in plain Python


def test_through_calls():
    assert outer(3, 4) == 7 and outer(4, 5) == 9 and outer(3, 1) == 4
    assert outer.signatures == [(types.literal(3), types.int64), (types.literal(4), types.int64)]


def test_any_parameter_and_several():
    @njit
    def second(a, b):
        return a + literally(b)

    @njit
    def third(a, b, c):
        return literally(a) + second(b, c)

    @njit
    def f(x, y, z):
        return third(z, y, x)

    assert f(1, 2, 4) == 7 and f(1, 5, 4) == 10 and f(3, 2, 4) == 9
    assert f.signatures[0] == (types.literal(1), types.int64, types.literal(4))


def test_constant_in_the_caller():
    @njit
    def f(y):
        return inner(10) + inner(20) + y

    assert f(1) == 31 and f.signatures == [(types.int64,)]


def test_keywords_defaults_and_closures():
    @njit
    def f(a, b=2, *, c=True):
        def g():
            return literally(b)

        return g() + a if literally(c) else -1

    assert f(1) == 3 and f(1, 5) == 6 and f(a=1, b=4) == 5 and f(1, c=False) == -1


def test_branches_are_pruned():
    @njit
    def f(a, kind):
        if literally(kind) == "sum":
            return a.sum()
        return a.shape  # another type: no version has both

    assert f(np.ones(3), "sum") == 3.0 and f(np.ones(3), "shape") == (3,)


@pytest.mark.core
def test_refusals():
    @njit
    def computed(x):
        return inner(x + 1)

    with pytest.raises(TypingError, match="literally\\(\\) takes a constant or an argument") as raised:
        computed(3)
    assert len(str(raised.value).splitlines()) <= 8
    for value in (1.5, None, np.ones(2), (1, 2)):
        with pytest.raises(TypingError, match="Cannot request literal type"):
            inner(value)
    with pytest.raises(TypingError, match="Cannot request literal type"):
        inner.compile((types.int64,))
    inner.compile((types.literal(77),))
    assert (types.literal(77),) in inner.signatures


def unit_vector(axis, n):
    """Overloaded below."""


@overload(unit_vector)
def unit_vector_overload(axis, n):
    if not isinstance(axis, types.IntegerLiteral):
        raise ForceLiteralArg({0})
    where = axis.literal_value

    def implementation(axis, n):
        a = np.zeros(n)
        a[where] = 1
        return a

    return implementation


def test_overload_forces_literals():
    @njit
    def f(axis, n):
        return unit_vector(axis, n)

    for axis in (0, 2, 1):
        np.testing.assert_array_equal(f(axis, 3), np.eye(3)[axis])
    assert f.signatures[0] == (types.literal(0), types.int64)

    @njit
    def g(n):
        return unit_vector(n - 1, n)

    with pytest.raises(TypingError, match="Cannot request literal type"):
        g(3)


def picky(x):
    """Overloaded below: takes literals only."""


@overload(picky)
def picky_overload(x):
    if not isinstance(x, types.Literal):
        return None
    value = x.literal_value
    return lambda x: value * 2


@njit
def hand_on(x):
    return picky(x)


@njit
def hand_on_twice(x, y=3):
    return hand_on(x) + hand_on(y)


@pytest.mark.core
def test_constants_of_callers_are_offered():
    @njit
    def f():
        return hand_on(10) + hand_on(20), hand_on_twice(1), hand_on_twice(1, 2)

    assert f() == (60, 8, 6)

    @njit
    def g(n):
        return hand_on(n)

    with pytest.raises(TypingError, match="picky"):  # its own argument: literally() says so
        g(3)

    @njit
    def h(n):
        return hand_on(literally(n))

    assert h(3) == 6


def test_axis_that_a_caller_gives():
    @njit
    def joined(a, b, axis):
        return np.concatenate((a, b), axis)

    @njit
    def f(a, b):
        return joined(a, b, 0), joined(a, b, 1)

    a, b = np.ones((2, 2)), np.zeros((2, 2))
    for got, wanted in zip(f(a, b), f.py_func(a, b), strict=True):
        np.testing.assert_array_equal(got, wanted)


def test_literals_die_with_the_dispatcher():
    @njit
    def f(x):
        return literally(x)

    f("some text")
    ref = weakref.ref(f)
    del f
    gc.collect()
    assert ref() is None


# ---- options of callees ------------------------------------------------------------------------------------------------


@njit(error_model="numpy")
def numpy_divide(a, b):
    return a / b


@njit
def divide(a, b):
    return a / b


@pytest.mark.core
def test_error_model_of_a_callee():
    @njit
    def python(a, b):
        return numpy_divide(a, b)

    @njit(error_model="numpy")
    def numpy(a, b):
        return divide(a, b)

    @njit
    def both(a, b):
        x = numpy_divide(a, b)
        return x + divide(a, b + 1.0)

    assert python(1.0, 0.0) == np.inf  # its own
    assert numpy(1.0, 0.0) == np.inf  # its caller's
    assert both(1.0, 0.0) == np.inf
    with pytest.raises(ZeroDivisionError):
        both(1.0, -1.0)


def test_one_callee_from_two_models():
    @njit(error_model="numpy")
    def lenient(a, b):
        return divide(a, b)

    @njit
    def strict(a, b):
        return lenient(a, b), divide(a, b)

    assert strict(1.0, 2.0) == (0.5, 0.5)
    with pytest.raises(ZeroDivisionError):
        strict(1.0, 0.0)


def test_boundscheck_of_a_callee():
    @njit(boundscheck=True)
    def checked(a, i):
        return a[i]

    @njit(boundscheck=False)
    def unchecked(a, i):
        return checked(a, i)

    with pytest.raises(IndexError):
        unchecked(np.zeros(3), 5)


# ---- callees with given signatures -----------------------------------------------------------------------------------------


@njit("float32(float32)")
def single(x):
    return x / 3


@njit(["int64(int64)", "float64(float64)"])
def add_one(x):
    return x + 1


@pytest.mark.core
def test_given_signatures_of_a_callee():
    @njit
    def f(x):
        return single(x)

    assert f(1.0) == np.float32(1) / np.float32(3)
    assert f.nopython_signatures[0].return_type is types.float32

    @njit
    def g(x):
        return add_one(x)

    assert g(True) == 2 and g(2.5) == 3.5 and g(np.int8(3)) == 4
    assert [s.return_type for s in g.nopython_signatures] == [types.int64, types.float64, types.int64]


@njit("int64(int64, int64)")
def with_default(x, y=2):
    return x * y


def test_given_signatures_and_defaults():
    @njit
    def f(x):
        return with_default(x), with_default(x, 3), with_default(y=4, x=x)

    assert f(5) == (10, 15, 20) and f(True) == (2, 3, 4)


def test_no_matching_definition():
    @njit
    def f(x):
        return add_one(x)

    with pytest.raises(TypingError, match="No matching definition for argument type\\(s\\) unicode_type"):
        f("a")
    assert naja.extending.is_jitted(add_one)


def test_functions_that_call_each_other():
    @njit
    def outer(n, value):
        if n < 1:
            return value
        return n * inner(n - 1, value)

    @njit
    def inner(n, value):
        if n < 1:
            return literally(value)
        return n * outer(n - 1, value)

    assert outer(10, 12) == 12 * 3628800
    assert inner(4, 3) == 72
