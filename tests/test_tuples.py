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


# ---- tuple() of what is no tuple -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "function",
    [
        lambda t: tuple(2 * v for v in t),
        lambda t: tuple([v if v > 1 else -v for v in t]),
        lambda t: (tuple(i * t[0] for i in range(3)), tuple(range(5, 0, -2)), tuple("añb")),
        lambda t: tuple(map(lambda v: v + 1, t)) + tuple(map(lambda a, b: a * b, t, (1, 2, 3))),
        lambda t: (tuple(enumerate(t, 5)), tuple(zip(t, t)), tuple(reversed(t))),  # noqa: B905
        lambda t: tuple(i + a * b for i, (a, b) in enumerate(zip(t, t))),  # noqa: B905
        lambda t: tuple(tuple(r * c for c in t) for r in t),
        lambda t: [tuple(r * c for c in t) for r in t],
        lambda t: tuple(s + "!" for s in tuple(str(v) for v in t)),
    ],
)
def test_a_tuple_of_as_many_items_as_are_known(function):
    assert_same(function, njit(function), (3, 1, 2))


def test_a_tuple_of_a_list_that_is_made_in_a_loop():
    def rows(t):
        out = []
        for k in range(3):
            out.append(tuple([v + k for v in t]))
            row = [v * k for v in t]
            out.append(tuple(row))
            pair = [k, k + 1, k + 2]
            out.append(tuple(pair))
        return out

    assert njit(rows)((3, 1, 2)) == rows((3, 1, 2))


def test_a_tuple_as_a_shape_and_as_an_index():
    def shapes(a, b):
        grown = np.zeros(tuple(n + 1 for n in a.shape))
        return grown.shape, a.reshape(tuple(a.shape[::-1])).shape, a[tuple(slice(0, n) for n in b.shape)]

    a, b = np.arange(12.0).reshape(3, 4), np.zeros((2, 2))
    want, got = shapes(a, b), njit(shapes)(a, b)
    assert got[:2] == want[:2] and np.array_equal(got[2], want[2])


@pytest.mark.parametrize(
    "function",
    [
        lambda t: tuple([v for v in t if v > 1]),
        lambda t: tuple(v for v in t if v > 1),
        lambda t: tuple(v for v in t for w in t),
        lambda t: tuple([v for v in t for w in t]),
        lambda t: tuple([v for v in t] + [1]),
        lambda t: tuple(range(t[0])),
        lambda t: tuple({v for v in t}),
        lambda t: tuple(sorted(t)),
    ],
)
def test_a_tuple_of_no_known_length_says_why(function):
    with pytest.raises(TypingError, match="known when it runs, and a tuple's length is part of its type"):
        njit(function)((3, 1, 2))


def test_a_list_that_is_changed_has_no_known_length():
    @njit
    def grown(t):
        items = [v for v in t]
        items.append(4)
        return tuple(items)

    with pytest.raises(TypingError, match="Keep a list, or say the length"):
        grown((3, 1, 2))


def test_what_is_spread_in_a_tuple_has_a_known_length():
    def spread(n):
        return (*range(3), n), (*"ab", 1), (0, *(i * n for i in range(2)))

    assert njit(spread)(4) == spread(4)
