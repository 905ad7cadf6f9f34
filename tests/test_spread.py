"""f(*values) of lists, arrays and whatever else has a length that is known at run time only."""

import dataclasses
import itertools

import numpy as np
import pytest

from naja import TypingError, njit


@njit
def three(a, b, c):
    return a + 10 * b + 100 * c


@njit
def with_default(x, a, b=7):
    return x + 10 * a + 100 * b


@njit
def total(*args):
    s = 0
    for a in args:
        s += a
    return s, len(args)


@dataclasses.dataclass(frozen=True)
class Point:
    x: float
    y: float

    def moved(self, dx, dy):
        return Point(self.x + dx, self.y + dy)


def whole(xs):
    return three(*xs)


def behind(xs):
    return three(1, *xs)


def between(xs):
    return three(1, *xs, c=3)


def of_array(xs):
    return three(*np.array(xs))


def of_range(n):
    return three(*range(n, n + 3))


def of_text(s):
    def pair(a, b):
        return b + a

    return pair(*s)


def any_number(xs):
    return total(*xs)


def of_tuple_and_list(xs):
    t = (1, 2)
    return three(*t, *xs)


def of_class(xs):
    return Point(*xs)


def of_method(xs):
    return Point(1.0, 2.0).moved(*xs)


def required_only(xs):
    return with_default(*xs)


def largest(xs):
    return max(*xs), min(*xs)


def chained(rows):
    return list(itertools.chain(*rows))


def printed(xs):
    print(*xs, sep="-")


@pytest.mark.parametrize(
    ("f", "arg"),
    [
        (whole, [1, 2, 3]),
        (whole, (1, 2, 3)),
        (whole, np.array([1.5, 2.0, 3.0])),
        (behind, [5, 6]),
        (between, [4]),
        (of_array, [1, 2, 3]),
        (of_range, 4),
        (of_text, "ab"),
        (any_number, [1, 2, 3]),
        (any_number, [1]),
        (any_number, (1, 2.5)),
        (of_tuple_and_list, [9]),
        (of_class, [1.0, 2.5]),
        (of_method, [1.0, 2.5]),
        (required_only, [1, 2]),
        (largest, [3, 1, 2]),
        (largest, np.array([3.0, 1.0])),
        (chained, [[1], [2, 3]]),
        (printed, [1, 2, 3]),
    ],
)
def test_spread(f, arg, capsys):
    want = f(arg)
    text = capsys.readouterr().out
    assert njit(f)(arg) == want
    assert capsys.readouterr().out == text


def columns_of_lists(rows):
    return [list(c) for c in zip(*rows)]


def columns_of_tuples(rows):
    xs, ys = zip(*rows)
    return list(xs), sum(ys)


def product(a, b):
    return [[sum(x * y for x, y in zip(row, col)) for col in zip(*b)] for row in a]


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (columns_of_lists, ([[1, 2, 3], [4, 5, 6]],)),
        (columns_of_lists, ([[1, 2, 3], [4]],)),
        (columns_of_lists, (["abc", "de"],)),
        (columns_of_lists, (np.arange(6).reshape(3, 2),)),
        (columns_of_tuples, ([(1, 2.5), (3, 4.5)],)),
        (product, ([[1, 2], [3, 4]], [[5, 6], [7, 8]])),
    ],
)
def test_zip_of_rows(f, args):
    assert njit(f)(*args) == f(*args)


@pytest.mark.parametrize("xs", [[1, 2], [1, 2, 3, 4], np.zeros(0)])
def test_wrong_number(xs):
    with pytest.raises(
        TypeError, match=f"the call takes 3 arguments from what it spreads, but {len(xs)} are given"
    ):
        njit(whole)(xs)


def test_no_rows_to_unpack():
    rows = [(1, 2.5)]
    rows.pop()

    @njit
    def f():
        rows = [(1, 2.5)]
        rows.pop()
        xs, ys = zip(*rows)
        return len(xs)

    with pytest.raises(ValueError, match="not enough values to unpack"):
        f()


def test_unknown_number_is_refused():
    def lead(xs):
        return total(1, *xs)

    def two(xs):
        return three(*xs, *xs)

    def display(xs):
        return (1, *xs)

    with pytest.raises(TypingError, match="known at run time only, and this callee takes any number"):
        njit(lead)([1, 2])
    with pytest.raises(TypingError, match="can spread one list"):
        njit(two)([1, 2])
    with pytest.raises(TypingError, match=r"make a list, \[\*a, b\]"):
        njit(display)([1, 2])
    with pytest.raises(TypingError, match="unpack .*set"):
        njit(whole)({1, 2, 3})
