"""Functions as values: chosen at run time, in tuples, passed on and returned."""

import numpy as np
import pytest

from naja import _core, njit


@njit
def inc(x):
    return x + 1


@njit
def double(x):
    return x * 2


@njit
def scaled(x, k=1):
    return x * 2.5 + k


def check(f, *args):
    assert njit(f)(*args) == f(*args)


@pytest.mark.core
def test_choice_by_a_branch():
    def f(c, x):
        if c == 0:
            h = inc
        elif c == 1:
            h = double
        else:
            h = scaled
        return h(x)

    for c in range(3):
        check(f, c, 5)
    check(lambda c, x: (inc if c else double)(x), True, 5)
    check(lambda c, x: (inc if c else double)(x), False, 5)


FUNCTIONS = (inc, double, inc)


@pytest.mark.core
def test_tuples_of_functions_with_an_index():
    def f(n):
        r = 0
        for i in range(n):
            r += FUNCTIONS[i % 3](i)
        return r

    check(f, 10)
    check(lambda functions, i: functions[i](3), (inc, double), 1)

    def compose(functions, x):
        for h in functions[::-1]:
            x = h(x)
        return x

    check(compose, (inc, double, double, inc), 0.5)
    with pytest.raises(IndexError, match="tuple index out of range"):
        njit(lambda functions, i: functions[i](3))((inc, double), 2)


def test_changing_from_turn_to_turn():
    def f(n):
        h = inc
        r = 1
        for i in range(n):
            r = h(r)
            if i % 3 == 0:
                h = double
            else:
                h = inc
        return r

    check(f, 20)


@pytest.mark.core
def test_captured_values_go_along():
    def f(c, x, y):
        if c:
            h = lambda z: z + x  # noqa: E731
        else:
            h = lambda z: z * y  # noqa: E731
        return h(3)

    def owning(c):
        if c:
            a = np.ones(5)
            h = lambda z: a.sum() + z  # noqa: E731
        else:
            b = np.ones(3)
            h = lambda z: b[0] * z  # noqa: E731
        s = 0.0
        for i in range(3):
            s += h(i)
        return s

    for c in (True, False):
        check(f, c, 5, 7)
        before = _core.block_count()
        check(owning, c)
        assert _core.block_count() == before


def test_keywords_builtins_and_mixed_kinds():
    check(lambda c, x: (scaled if c else (lambda x, k: x - k))(x, k=3), True, 4.0)
    check(lambda c, x: (scaled if c else (lambda x, k: x - k))(x, k=3), False, 4.0)
    check(lambda c, x: (abs if c else np.sqrt)(x), True, 4.0)
    check(lambda c, x: (abs if c else np.sqrt)(x), False, 4.0)


@njit
def apply(h, x):
    return h(x)


def test_passed_on_and_returned():
    check(lambda c, x: apply(inc if c else double, x), True, 4)
    check(lambda c, x: apply(inc if c else double, x), False, 4)
    f = njit(lambda c: inc if c else double)
    assert f(True) is inc
    assert f(False) is double
    check(lambda c: callable(inc if c else double), True)


def test_exceptions_come_through():
    @njit
    def bad(x):
        raise ValueError("bad")

    with pytest.raises(ValueError, match="bad"):
        njit(lambda c, x: (inc if c else bad)(x))(False, 1)
