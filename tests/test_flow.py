"""Control flow and types: loops, None, variables that change type, branches that are pruned, unassigned variables."""

import sys

import numpy as np
import pytest
from differential import assert_same, outcome

from naja import njit
from naja.errors import TypingError

pytestmark = pytest.mark.core


def breaks(n):
    total = 0
    for i in range(n):
        if i % 2:
            continue
        if i > 7:
            break
        total += i
    else:
        total = -1
    while total > 3:
        total -= 3
    else:
        total += 100
    return total


@pytest.mark.parametrize("n", [0, 5, 20])
def test_loops(n):
    assert_same(breaks, njit(breaks), n)


def ranges(a, b, c):
    total = 0
    for i in range(a, b, c):
        total = total * 3 + i
    for i in reversed(range(a, b, c)):
        total = total * 3 - i
    r = range(a, b)
    for i in r:
        total += i
    for i in r:
        total -= 2 * i
    return total, len(range(a, b, c)), r.start, r.stop, r.step


@pytest.mark.parametrize(
    "a, b, c", [(0, 10, 3), (10, 0, -3), (0, 10, -1), (5, 5, 1), (10, -1, -1), (0, 0, 2), (1, 9, 1)]
)
def test_ranges(a, b, c):
    assert_same(ranges, njit(ranges), a, b, c)


def test_range_ends():
    def last(start, stop, step):
        n = 0
        for i in range(start, stop, step):
            n += 1
        return n, i

    top = 2**63 - 1
    for args in [(top - 5, top, 2), (-top, -top + 9, 4), (-top - 1, top, top), (top, -top, -top)]:
        assert_same(last, njit(last), *args)
    assert_same(last, njit(last), 0, 10, 0)


def literal_step(n):
    total = 0
    for i in range(n, 0, -1):
        total = total * 3 + i
    for i in range(0, n, 1):
        total += i
    return total


def test_literal_step():
    assert_same(literal_step, njit(literal_step), 9)


def zips(a, n):
    total = 0.0
    for i, (x, j) in enumerate(zip(a, range(n)), 5):
        total += i * x * j
    return total


def test_enumerate_and_zip():
    for n in (0, 3, 10):
        assert_same(zips, njit(zips), (1.5, 2.5, 3.5, 4.5), n)
        assert njit(zips)(np.arange(6.0), n) == zips(np.arange(6.0), n)


def rows(a):
    total = 0.0
    for row in a:
        for x in row:
            total = total * 2 + x
    return total


@pytest.mark.parametrize("layout", ["C", "F", "A"])
def test_rows_of_arrays(layout):
    a = np.arange(12.0).reshape(3, 4)
    a = {"C": a, "F": np.asfortranarray(a), "A": a[:, ::2]}[layout]
    assert njit(rows)(a) == rows(a)


def test_rows_keep_their_array():
    @njit
    def last_row(n):
        a = np.zeros((n, 3))
        for i in range(n):
            a[i, 0] = i
        for row in a:
            row[1] += 5
        return row

    assert last_row(4).tolist() == [3.0, 5.0, 0.0]


def truth_values(a, b):
    return a and b, a or b, not a, (1 if a else 2), a < b <= 3, bool(b)


@pytest.mark.parametrize("a, b", [(0, 2), (3, 0), (1, 2), (0, 0)])
def test_truth(a, b):
    assert_same(truth_values, njit(truth_values), a, b)


# --- None ------------------------------------------------------------------------------------------------------------


def maybe(n):
    best = None
    for i in range(n):
        if best is None:
            best = 1.0
        else:
            best = best + i
    return best


@pytest.mark.parametrize("n", [0, 1, 5])
def test_none_until_found(n):
    assert_same(maybe, njit(maybe), n)


def compares_none(n):
    x = None
    if n > 3:
        x = n
    return x == None, x != None, x is None, x is not None, x == 5, bool(x), x  # noqa: E711


@pytest.mark.parametrize("n", [1, 5, 0])
def test_comparing_with_none(n):
    assert_same(compares_none, njit(compares_none), n)


def test_none_where_a_number_is_needed():
    @njit
    def add(n):
        x = None
        if n > 3:
            x = n
        return x + 1

    assert add(5) == 6
    with pytest.raises(TypeError):
        add(1)


def default_none(a, scale=None, shift=2):
    if scale is None:
        return a.sum() + shift if isinstance(a, np.ndarray) else a + shift
    return a * scale + shift


def test_pruned_branches():
    f = njit(default_none)
    assert_same(default_none, f, 3)
    assert_same(default_none, f, 3, 2.5)
    assert_same(default_none, f, 3, None, 7)


def by_dimension(a):
    if a.ndim == 1:
        return a[0]
    if a.ndim == 2:
        return a[0, 0]
    return a[0, 0, 0]


@pytest.mark.parametrize("ndim", [1, 2, 3])
def test_branches_on_dimensions(ndim):
    a = np.full((2,) * ndim, 7.0)
    assert njit(by_dimension)(a) == 7.0


# --- types that meet ---------------------------------------------------------------------------------------------------


def widens(n):
    x = 0
    for i in range(n):
        x = x + 0.5 * i
    return x


def test_int_becomes_float():
    assert njit(widens)(0) == 0.0 and isinstance(njit(widens)(0), float)
    assert njit(widens)(5) == widens(5)


def test_incompatible_types():
    @njit
    def mix(n):
        x = 1
        if n > 2:
            x = (1, 2)
        return x

    with pytest.raises(TypingError, match="Cannot unify .* and .*: variable 'x' has one type"):
        mix(1)


def test_incompatible_types_that_do_not_meet():
    @njit
    def separate(n):
        x = 1
        y = x + n
        x = (y, 2)
        z = x[1]
        for x in range(3):
            z += x
        return z

    assert separate(1) == 5


# --- unassigned variables -------------------------------------------------------------------------------------------------


def after_loop(n):
    for i in range(n):
        y = i
    return y


def on_one_path(n):
    if n > 1:
        y = 1
    return y


def nested(n):
    for i in range(n):
        for j in range(i):
            z = i * j
    w = 0
    for _ in range(2):
        w += z
    return w, j


@pytest.mark.parametrize("function", [after_loop, on_one_path, nested])
def test_unassigned(function):
    compiled = njit(function)
    for n in (0, 1, 2, 5):
        want = outcome(function, n)
        if sys.version_info < (3, 11) and want[0] == "raises":
            want = (*want[:2], outcome(compiled, n)[2])
        assert outcome(compiled, n) == want


def test_endless_loops_end():
    @njit
    def count(x):
        while True:
            x += 1
            if x > 10:
                return x

    assert count(1) == 11


def test_constants_beyond_int64():
    assert njit(lambda: (9223372036854775808, 1))() == (9223372036854775808, 1)


def _not_called(width, other):
    nothing = None

    def less(x):
        if width > 0.0:
            return nothing(x)
        return x

    def equal(x):
        return x if width == other else nothing(x)

    def falsy(x):
        if not width:
            return x
        return nothing(x)

    return less, equal, falsy


@pytest.mark.parametrize("width, other", [(0, 0), (0.0, 0.0), (0, 0.0), (0.0, 0), (-0.0, 0.0)])
def test_numbers_that_are_known_decide_branches(width, other):
    for function in _not_called(width, other):
        assert njit(function)(3) == 3, function.__name__


def test_nan_decides_branches():
    nan, nothing = float("nan"), None

    def f(x):
        if nan == nan or nan < 1.0 or nan >= 1.0 or not nan:
            return nothing(x)
        return x if nan != nan else nothing(x)

    assert njit(f)(3) == f(3) == 3
