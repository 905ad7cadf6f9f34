"""The option locals=: variables with types of their own."""

import numpy as np
import pytest

from naja import njit, types
from naja.errors import TypingError


@pytest.mark.core
def test_assignments_are_converted():
    @njit(locals={"x": types.float32})
    def f(y):
        x = y
        return x

    assert f(0.1) == np.float32(0.1) and f.nopython_signatures[0].return_type is types.float32
    assert f(3) == 3.0

    @njit(locals={"total": types.int32})
    def g(a):
        total = 0
        for x in a:
            total += x
        return total

    assert g(np.array([1.75, 2.75])) == 3  # cut off at each step
    assert g.nopython_signatures[0].return_type is types.int32


@pytest.mark.core
def test_parameters():
    @njit(locals={"a": types.uint8, "c": types.float64})
    def f(a, b, *, c=1):
        return a, b, c

    assert f(257, 2) == (1, 2, 1.0)
    assert f.nopython_signatures[0].return_type.types[0] is types.uint8


def test_loop_variable_and_unpacking():
    @njit(locals={"i": types.int8, "q": types.float32})
    def f(n):
        i, q = n, 1
        for i in range(n):
            q = q + i
        return i, q

    assert f(3) == (2, 4.0)


def test_containers_and_arrays():
    @njit(locals={"a": types.float64[:], "o": types.optional(types.int64)})
    def f(n):
        a = np.zeros(n)
        o = n
        if n > 2:
            o = None
        return a, o

    a, o = f(3)
    assert len(a) == 3 and o is None and f(1)[1] == 1
    assert f.nopython_signatures[0].return_type.types[0] is types.float64[:]


def test_variable_shared_with_an_inner_function():
    @njit(locals={"x": types.float32})
    def f(y):
        x = y

        def g():
            return x

        return g()

    assert f(0.1) == np.float32(0.1) and f.nopython_signatures[0].return_type is types.float32


@pytest.mark.core
def test_refusals():
    @njit(locals={"x": types.int64})
    def f():
        x = "text"
        return x

    with pytest.raises(
        TypingError, match="variable 'x' is declared as int64 by locals=, and cannot hold unicode_type"
    ) as e:
        f()
    assert len(str(e.value).splitlines()) <= 8
    with pytest.raises(TypeError, match="locals= is a dict"):
        njit(locals=[1])(lambda x: x)
    with pytest.raises(TypeError, match="is not a type"):
        njit(locals={"x": "spam"})(lambda x: x)


def test_names_that_do_not_occur_and_calls():
    @njit(locals={"nowhere": types.float32})
    def inner(x):
        return x

    @njit(locals={"y": types.float32})
    def outer(x):
        y = inner(x)
        return y

    assert outer.nopython_signatures == [] and outer(0.1) == np.float32(0.1) and inner(0.1) == 0.1
    assert outer.nopython_signatures[0].return_type is types.float32


def test_no_reference_is_lost():
    @njit(locals={"b": types.float64[::1]})
    def f(a):
        b = a
        b = b + 1
        return b.sum()

    a = np.ones(3)
    import sys

    f(a)
    before = sys.getrefcount(a)
    for _ in range(5):
        assert f(a) == 6.0
    assert sys.getrefcount(a) == before
