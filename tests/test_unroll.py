"""Loops over tuples whose items have different types, and literal_unroll."""

import itertools
from collections import namedtuple

import numpy as np
import pytest

from naja import literal_unroll, njit
from naja.errors import TypingError

Point = namedtuple("Point", "x y z")


def check(f, *args):
    expected = f(*args)
    got = njit(f)(*args)
    assert got == expected
    assert type(got) is type(expected)


def lengths(t):
    n = 0
    for x in t:
        n += len(x)
    return n


@pytest.mark.core
def test_mixed_tuples():
    for t in (("ab", (1, 2, 3), [1]), ("ab", "c"), Point("a", (1, 2), "xyz"), ((1, 2.5), (1, "a", 3)), ()):
        check(lengths, t)


def leave(t):
    n = 0
    for x in t:
        if isinstance(x, str):
            continue
        n += x
        if n > 3:
            break
    else:
        n += 100
    return n


@pytest.mark.core
def test_break_continue_and_else():
    for t in ((1, "a", 5, "x", 7), (1, "a", 1, "x", 1), ("a", 4), (4, "a")):
        check(leave, t)


def nested(t, times):
    n = 0.0
    for i in range(times):
        for x in t:
            for y in x:
                if isinstance(y, str):
                    n += len(y) * i
                    continue
                while n < 10:
                    n += 1
                n += y
            if i == 2:
                break
    return n


def test_nested_loops():
    check(nested, ((1, "a"), (2.5, 3), (1, 2, "xyz")), 5)


def returns(t):
    for x in t:
        if isinstance(x, str):
            return x
    return "none"


def caught(t):
    n = 0
    for x in t:
        try:
            if isinstance(x, str):
                raise ValueError("a string")
            if x > 10:
                break
            n += x
        except ValueError:
            n += 100
            continue
        finally:
            n += 10000
        n += 1000
    return n


def test_ways_out():
    check(returns, (1, "a", 2))
    check(returns, (1, 2.5, 2))
    check(caught, (1, "a", 2))
    check(caught, (1, "a", 12, "b"))


def test_the_variable_after_the_loop():
    def f(t):
        for x in t:  # noqa: B007
            pass
        return x

    check(f, (1, "a"))


def test_enumerate_and_zip():
    def f(t):
        out = []
        for i, x in enumerate(t, 2):
            out.append((i, str(x)))
        return out

    def g(a, b):
        n = 0
        for x, y in zip(a, b):  # noqa: B905
            n += len(x) + int(y)
        return n

    check(f, (1, "a", 2.5))
    check(g, ("ab", (1, 2)), (1, 2.5, "q"))


def test_star_arguments_generators_and_chains():
    def f(*args):
        n = 0
        for x in args:
            n += len(x)
        return n

    check(f, "ab", (1,), [1, 2])
    check(lambda t: sum(len(x) for x in t), ("ab", (1, 2, 3)))
    check(lambda a, b: list(itertools.chain(a, b)), (1, 2), [3])

    @njit
    def g(t):
        for x in t:
            yield len(x)

    assert njit(lambda t: list(g(t)))(("ab", (1, 2, 3))) == [2, 3]
    assert list(g(("ab", (1, 2, 3)))) == [2, 3]


one, two = njit(lambda x: x + 1), njit(lambda x: x * 2)


def test_tuples_of_functions():
    def f(x):
        n = 0
        for g in (one, two):
            n += g(x)
        return n

    check(f, 5)


def test_arrays_of_different_ranks():
    @njit
    def f(t):
        n = 0.0
        for a in t:
            n += a.ndim * a.sum()
        return n

    assert f((np.ones(2), np.ones((2, 2)), np.ones((1, 1, 1), np.float32))) == 2 + 8 + 3


# ---- literal_unroll ----------------------------------------------------------------------------------------------------


@pytest.mark.core
def test_literal_unroll_keeps_constants():
    def f(t):
        n = 0
        for i in literal_unroll((0, 2, 1)):
            if isinstance(t[i], str):
                n += len(t[i])
            else:
                n += t[i]
        return n

    check(f, (1, 2.5, "abc"))


def test_literal_unroll_of_lists():
    def f():
        a = [12, 12.7, 3j, 4]
        n = 0
        for x in literal_unroll(a):
            n += x
            if n.real < 26:
                n -= 1
            else:
                break
        return n

    def g():
        z = ["a", 1, 2.5]
        n = 0
        for i in range(len(literal_unroll(z))):
            n += len(str(z[i])) + i
        return n

    check(f)
    check(g)


def test_large_loops_are_refused():
    mixed = (1, "a") * 600
    with pytest.raises(TypingError, match="its items have different types"):
        njit(lengths)(mixed)


def test_specialisations_stay_apart():
    f = njit(lengths)
    assert f(("ab", (1, 2, 3))) == 5
    assert f(("ab", "cd")) == 4
    assert f(((1,), "abc", [1])) == 5
