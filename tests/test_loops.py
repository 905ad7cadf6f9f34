"""Loops and their accesses: indices that wrap or fail, at the right iteration, however the checks are made."""

import itertools

import numpy as np
import pytest

from naja import njit

pytestmark = pytest.mark.core
BIG = 2**63 - 1


def outcome(function, *args):
    """Return the result, or the name and text of the exception."""
    try:
        return function(*args)
    except Exception as error:
        return type(error).__name__, str(error)


def same(function, compiled, *args):
    """Run both on copies of the arguments; results and arrays must agree, also those written before an error."""
    ours = [a.copy() if isinstance(a, np.ndarray) else a for a in args]
    theirs = [a.copy() if isinstance(a, np.ndarray) else a for a in args]
    assert outcome(compiled, *ours) == outcome(function, *theirs), args
    for x, y in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(x, y)


# ---- ranges whose step is a value -------------------------------------------------------------------------------------


def fill(a, start, stop, step):
    """Write where a range leads."""
    for j in range(start, stop, step):
        a[j] += 1 + j
    return 0


def sieve_like(a, m, step):
    """Steps that depend on the outer loop."""
    for i in range(1, m):
        for j in range(i * i, len(a), i * step):
            a[j] += j
    return 0


def test_range_with_step():
    compiled = njit(fill)
    starts = [-12, -3, 0, 2, 5, 9, 10, BIG, -BIG - 1]
    stops = [-12, -1, 0, 3, 10, 11, 20, BIG, -BIG - 1]
    steps = [-4, -1, 0, 1, 2, 3, 7, BIG, BIG // 2, -BIG - 1]
    for start, stop, step in itertools.product(starts, stops, steps):
        # not too many items for the interpreter
        if step == 0 or (abs(stop - start) // abs(step) < 1000 and max(abs(start), abs(stop)) < BIG):
            same(fill, compiled, np.zeros(10, np.int64), start, stop, step)


def test_step_from_outer_loop():
    compiled = njit(sieve_like)
    for m, step in itertools.product(range(12), (-3, -1, 0, 1, 2, 5)):
        same(sieve_like, compiled, np.zeros(10, np.int64), m, step)


# ---- one comparison for wrapping and for the check --------------------------------------------------------------------


def gather(a, index, out):
    """Read where the data says."""
    for i in range(len(index)):
        out[i] = a[index[i]]
    return len(index)


def scatter(a, rows, columns):
    """Write where the data says, in two dimensions."""
    for k in range(len(rows)):
        a[rows[k], columns[k]] += k + 1
    return a.sum()


@pytest.mark.parametrize("bad", [10, -11, BIG, -BIG - 1, 0, -1, 9, -10])
def test_gather(bad):
    index = np.array([3, -1, 9, -10, bad, 2])
    same(gather, njit(gather), np.arange(10.0), index, np.zeros(6))


@pytest.mark.parametrize(
    "row, column", [(0, 0), (-3, -4), (3, 0), (-4, 0), (0, 4), (0, -5), (BIG, 0), (2, -BIG - 1)]
)
def test_scatter(row, column):
    same(scatter, njit(scatter), np.zeros((3, 4)), np.array([0, -1, row, 1]), np.array([-1, 2, column, 1]))


def walk(a, position, steps):
    """A while loop whose index is not a counter."""
    total = 0.0
    while steps > 0:
        total += a[position]
        position = position * 3 % 11 - 5
        steps -= 1
    return total


def test_while():
    compiled = njit(walk)
    for n in (4, 5, 6, 12):
        for position in range(-6, 7):
            same(walk, compiled, np.arange(float(n)), position, 30)


# ---- remainders as indices --------------------------------------------------------------------------------------------


def ring(a, b, start, stop):
    """Neighbours on a ring, the wrapping written as a remainder."""
    n = len(a)
    for i in range(start, stop):
        b[i % n] += a[(i + 1) % n] - 2 * a[(i - 1) % n] + a[(3 - i) % n]
    return b[0]


def neighbours(a, b):
    """The same over the array's own length, where no division is needed."""
    n = len(a)
    for i in range(n):
        b[i] = a[(i + 1) % n] * 2 + a[(i - 1) % n] + a[(i + n) % n] * 5 + a[(i - n) % n] * 7 + a[(i + 2) % n]
    return n


def slots(a, m, count):
    """A divisor that is only a number."""
    for i in range(count):
        a[i % m] += i + 1
    return 0


def test_ring():
    compiled = njit(ring)
    for n, start, stop in itertools.product((1, 2, 3, 5), (-7, -1, 0, 2), (-3, 0, 1, 9)):
        same(ring, compiled, np.arange(1.0, n + 1), np.zeros(n), start, stop)
    same(ring, compiled, np.zeros(0), np.zeros(0), 0, 1)


def test_neighbours():
    compiled = njit(neighbours)
    for n in range(9):
        same(neighbours, compiled, np.arange(1.0, n + 1), np.zeros(n))


def test_divisor():
    compiled = njit(slots)
    for m, count in itertools.product((-6, -5, -1, 0, 1, 2, 5, 6, 7, BIG, -BIG - 1), (0, 1, 4, 12)):
        same(slots, compiled, np.zeros(5, np.int64), m, count)


def test_divisor_under_numpy_error_model():
    def pick(a, i):
        return a[i % len(a)]

    compiled = njit(error_model="numpy")(pick)
    assert compiled(np.arange(3.0), 5) == 2
    with pytest.raises(IndexError):
        compiled(np.zeros(0), 1)


# ---- while loops that count -------------------------------------------------------------------------------------------


def count_up(x, y, i, step):
    """Add up to the length, which is asked for each time."""
    while i < len(x):
        y[i] += 2 * x[i]
        i += 1
    return i


def count_below(x, n, m):
    """Stop at whichever comes first; leave early at a mark."""
    i = 0
    s = 0
    while i < n - 1:
        if x[i + 1] == m:
            break
        s += x[i]
        i += 1
    return s, i


def test_counting_while():
    compiled = njit(count_up)
    for n, start in itertools.product((0, 1, 5, 16384, 16385, 50000), (0, 1, -1, -3, 5, 6)):
        same(count_up, compiled, np.arange(n), np.ones(n, np.int64), start, 1)
    same(count_up, compiled, np.arange(40000), np.ones(39000, np.int64), 0, 1)  # the writes before the error


def test_while_with_other_exits():
    compiled = njit(count_below)
    for n, m in itertools.product((-BIG, -1, 0, 1, 2, 7, 39999, 40000, 40001, BIG), (-1, 0, 3, 33000)):
        same(count_below, compiled, np.arange(40000), n, m)


def test_ranges_that_end_far_before_they_begin():
    """Their distance is no int64."""

    @njit(cache=False)
    def count(first, end):
        n = 0
        for _ in range(first, end):
            n += 1
            if n == 5:
                break
        return n

    far = 6 * 10**18
    assert count(far, -far) == 0 and count(-far, far) == 5
    assert count(2**63 - 1, -(2**63)) == 0 and count(2**63 - 3, 2**63 - 1) == 2
