"""Tuples and namedtuples in compiled code: items, slices, operators, loops, construction."""

from collections import namedtuple

import numpy as np
import pytest
from differential import assert_same

from naja import njit
from naja.errors import TypingError

pytestmark = pytest.mark.core

Point = namedtuple("Point", "x y")
Options = namedtuple("Options", "a b c", defaults=(3,))


def parts(t):
    return t[0], t[-1], t[1:], t[::-1], t[-2:], t[5:], len(t), bool(t)


@pytest.mark.parametrize("t", [(1,), (1, 2.5), (1, 2.5, True), (1, (2, 3.0), 4j, None)])
def test_constant_indices_and_slices(t):
    assert_same(parts, njit(parts), t)


def item(t, i):
    return t[i]


@pytest.mark.parametrize("t", [(1, 2, 3), (1.5, 2.5), tuple(range(40)), ((1, 2.0), (3, 4.0))])
@pytest.mark.parametrize("i", [0, 1, -1, -2, 50, -50])
def test_index_at_run_time(t, i):
    assert_same(item, njit(item), t, i)


def test_index_at_run_time_needs_one_type():
    with pytest.raises(TypingError, match="items of .* have different types"):
        njit(item)((1, (2, 3)), 0)


def operators(t, u):
    return t + u, t * 2, t == u, t != u, t < u, t <= u, t > u, t >= u


@pytest.mark.parametrize(
    "t, u",
    [
        ((1, 2), (1, 3)),
        ((1, 2), (1, 2)),
        ((2, 2.5), (1, 9.0)),
        ((1,), (1, 2)),
        ((1, 2), (1,)),
        ((), (1,)),
        ((), ()),
        ((1, (2, 3)), (1, (2, 4))),
        ((1.0, float("nan")), (1.0, 2.0)),
    ],
)
def test_operators(t, u):
    assert_same(operators, njit(operators), t, u)


def search(t, x):
    return x in t, x not in t, t.count(x)


def find(t, x):
    return t.index(x)


@pytest.mark.parametrize("t, x", [((1, 2, 1), 1), ((1, 2, 1), 7), ((1.0, 2), 2), ((True, 2), 1)])
def test_search(t, x):
    assert_same(search, njit(search), t, x)
    assert_same(find, njit(find), t, x)


def loops(t):
    total = 0.0
    for x in t:
        total = total * 3 + x
    for i, x in enumerate(t, 1):
        total += i * x
    for x, y in zip(t, reversed(t)):
        total += x * y
    for x in (7, 8.5):
        total -= x
    return total


@pytest.mark.parametrize("t", [(1, 2, 3), (1.5, 2), (), tuple(range(50))])
def test_loops(t):
    assert_same(loops, njit(loops), t)


def folds(t):
    return sum(t), any(t), all(t), max(t), min(t), sum(t, 10)


@pytest.mark.parametrize("t", [(1, 2, 0), (1.5, 2.5), (3,), (0, 0)])
def test_folds(t):
    assert_same(folds, njit(folds), t)


def unpack(t):
    (a, b), c = t
    a, c = c, a
    return a, b, c, tuple(t), (), (a, (b, c))


def test_unpacking():
    assert_same(unpack, njit(unpack), ((1, 2.5), 3))


def test_unpacking_counts():
    with pytest.raises(TypingError, match="cannot unpack .* with 3 items into 2 variables"):
        njit(unpack)(((1, 2, 3), 3))


def unpack_array(a):
    x, y = a
    return float(x), float(y)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_unpacking_arrays(n):
    assert_same(unpack_array, njit(unpack_array), np.arange(float(n)))


def holds_arrays(a, b):
    t = (a, (b, a[1:]))
    u = t + (3,)
    return t, u[1][0], u


def test_tuples_hold_arrays():
    a, b = np.arange(3.0), np.arange(4)
    (x, (y, z)), w, u = njit(holds_arrays)(a, b)
    assert x is a and y is b and w is b and u[0] is a
    assert z.tolist() == [1.0, 2.0]


# --- namedtuples ----------------------------------------------------------------------------------------------------


def fields(p):
    x, y = p
    return p.x, p.y, p[0], len(p), x + y, p, p == p, p.x in p


def test_namedtuple_fields():
    assert_same(fields, njit(fields), Point(1, 2.5))
    assert njit(fields)(Point(1, 2.5))[5].y == 2.5


def construct(x):
    return Point(x, y=2), Options(1, 2), Options(1, b=2.5, c=x), Options(a=x, b=1)


def test_namedtuple_construction():
    assert_same(construct, njit(construct), 4)


def test_namedtuple_arguments():
    @njit
    def wrong(x):
        return Point(x)

    with pytest.raises(TypingError, match="Point takes 2 fields"):
        wrong(1)


# --- list displays: tuples of the class list ---------------------------------------------------------------------------


def displays(n):
    a = [1, 2, n]
    total = 0
    for x in a:
        total += x
    return (
        a,
        a[0],
        a[1:],
        a + [4.5],
        [0] * 3,
        len(a),
        total,
        2 in a,
        tuple([1, 2, n]),
        a == [1, 2, 3],
        a == (1, 2, 3),
        [],
        a[-1],
    )


def test_list_displays():
    assert_same(displays, njit(displays), 3)


def test_arrays_of_list_displays():
    @njit
    def f(n):
        return np.array([[1, 2], [3, n]]), np.zeros([2, 3])

    a, b = f(2.5)
    assert a.tolist() == [[1.0, 2.0], [3.0, 2.5]] and b.shape == (2, 3)


def test_tuples_with_containers_are_compared():
    def ordered(rows):
        return (
            sorted(rows, key=lambda x: (-len(x), x)),
            sorted([(1, [2, 3]), (1, [1])]),
            max([([1], 2), ([0, 5], 1)]),
            min((2, [1]), (2, [0])),
        )

    def compared(a, b):
        x, y = (1, a), (1, b)
        return x == y, x != y, x < y, x <= y, x > y, x >= y, (1, (2, a)) < (1, (2, b)), (1, a, 3) > (1, a)

    def sets(a, b):
        return (1, a) == (1, b), (1, a) != (1, b), (1, a) <= (1, b)

    rows = [[9], [0], [0, 1], [7, 7]]
    assert njit(ordered)(rows) == ordered(rows)
    for a, b in (([1, 2], [1, 3]), ([1], [1]), ([2], [1, 5])):
        assert njit(compared)(a, b) == compared(a, b)
    assert njit(sets)({1}, {1, 2}) == sets({1}, {1, 2})
