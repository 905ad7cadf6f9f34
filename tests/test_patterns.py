"""Mapping and class patterns of `match`."""

import enum
from typing import NamedTuple

import numpy as np
import pytest
from differential import outcome

from naja import errors, njit


class Point(NamedTuple):
    x: float
    y: float = 2.0


class Color(enum.IntEnum):
    RED = 1
    BLUE = 2


def check(function, *args):
    expected = outcome(function, *args)
    assert outcome(njit(function), *args) == expected
    return expected[1]


@pytest.mark.core
def test_builtin_classes():
    def kind(x):
        match x:
            case bool():
                return 0
            case int(n):
                return n + 1
            case float(y):
                return int(y * 10)
            case str() as s:
                return len(s)
            case (int(a), *rest):
                return a * 100 + len(rest)
            case np.ndarray():
                return x.ndim
        return -1

    for value in (True, 7, 2.5, "abc", (4, 5, 6)):
        check(kind, value)
    assert njit(kind)(np.zeros((2, 2))) == 2
    assert njit(kind)(1j) == -1


@pytest.mark.core
def test_namedtuples_by_position_and_by_name():
    def kind(p):
        match p:
            case Point(x=0.0, y=0.0):
                return 0.0
            case Point(0.0, y):
                return y
            case Point(x=a, y=b) if a > b:
                return a - b
            case Point(a, b):
                return a + b
        return -1.0

    for p in (Point(0.0, 0.0), Point(0.0, 5.0), Point(7.0, 1.0), Point(1.0, 7.0)):
        check(kind, p)
    assert njit(kind)((1.0, 2.0)) == -1.0


def test_alternatives_and_nesting():
    def kind(pair):
        match pair:
            case (Point(x=a) | Point(y=a), int(n) | float(n)):
                return a + n
        return -1.0

    check(kind, (Point(1.0, 2.0), 3))
    check(kind, (Point(1.0, 2.0), 3.5))
    check(kind, (1.0, 3.5))


def test_values_with_dots():
    def kind(x):
        match x:
            case Color.RED:
                return 10
            case Color.BLUE:
                return 20
        return 0

    for value in (1, 2, 3):
        check(kind, value)


@pytest.mark.core
def test_mappings():
    def look(n, which):
        d = {"a": n, "b": 2, "c": 3}
        match d:
            case {"z": x}:
                return x
            case {"a": x, "b": y} if which == 0:
                return x * 10 + y
            case {"a": 7}:
                return -7
            case {"c": x, **rest}:
                return x * 100 + len(rest) * 10 + rest["a"]
        return 0

    check(look, 4, 0)
    check(look, 7, 1)
    check(look, 4, 1)


def test_what_is_no_mapping():
    def look(x):
        match x:
            case {"a": _}:
                return 1
            case _:
                return 2

    check(look, 3)
    assert njit(look)((1, 2)) == 2


def test_what_is_refused():
    @njit
    def positional(p):
        match p:
            case Point(a, b, c):
                return a + b + c
        return 0.0

    @njit
    def variable(x, cls):
        match x:
            case cls():
                return 1
        return 0

    with pytest.raises(errors.TypingError, match="accepts 2 positional sub-patterns .3 given."):
        positional(Point(1.0))
    with pytest.raises(errors.TypingError, match="needs a class that is known"):
        variable(1, 2)
