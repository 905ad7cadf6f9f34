"""Array accesses: in range, negative, out of range; which loops keep their checks; random loop nests."""

import random

import numpy as np
import programs
import pytest
from differential import Difference, kind_of, outcome

from naja import njit


def stats(function):
    (overload,) = function.overloads.values()
    return overload.stats


def total(a, n):
    s = 0.0
    for i in range(n):
        s += a[i]
    return s


def own_length(a):
    s = 0.0
    for i in range(1, len(a)):
        s += a[i] - a[i - 1]
    return s


def stencil(a, b):
    for i in range(1, a.shape[0] - 1):
        for j in range(1, a.shape[1] - 1):
            b[i, j] = a[i - 1, j] + a[i + 1, j] + a[i, j - 1] + a[i, j + 1]


def flat(a, m, n):
    s = 0.0
    for i in range(m):
        for j in range(n):
            s += a[i * n + j]
    return s


def made_here(n):
    a = np.zeros(n)
    for i in range(n):
        a[i] = i
    return a


def best_so_far(a):
    best = 0
    for i in range(1, len(a)):
        if a[i] > a[best]:
            best = i
    return best, a[best] if len(a) else 0.0


def pivots(a):
    s = 0.0
    n = a.shape[0]
    for k in range(n):
        p = k
        for i in range(k + 1, n):
            if abs(a[i, k]) > abs(a[p, k]):
                p = i
        for j in range(n):
            s += a[k, j] * a[p, j]
    return s


def insertion(a):
    for i in range(1, a.shape[0]):
        x = a[i]
        j = i - 1
        while j >= 0 and a[j] > x:
            a[j + 1] = a[j]
            j -= 1
        a[j + 1] = x


def while_both(a, limit):
    i = 0
    while i < a.shape[0] and a[i] < limit:
        i += 1
    return i


def common(a, b, table):
    for i in range(1, a.shape[0] + 1):
        for j in range(1, b.shape[0] + 1):
            if a[i - 1] == b[j - 1]:
                table[i, j] = table[i - 1, j - 1] + 1
            else:
                table[i, j] = max(table[i - 1, j], table[i, j - 1])


def searches_some(a, b, n):
    """A test in front of the inner loop would leave the checks of `b`."""
    found = 0
    for k in range(n):
        i = k ^ 1
        while i < 3 and (a[i] or b[i + k]):
            i += 1
        found += i
    return found


def searches_all(a, n):
    found = 0
    for k in range(n):
        i = k ^ 1
        while i < 3 and a[i]:
            i += 1
        found += i
    return found


def gather(a, index):
    s = 0.0
    for i in range(index.size):
        s += a[index[i]]
    return s


@pytest.mark.core
def test_in_range():
    a = np.arange(10.0)
    compiled = njit(total)
    assert compiled(a, 10) == 45.0
    assert compiled(a, 0) == compiled(a, -5) == 0.0
    assert compiled(a[::2], 5) == 20.0


@pytest.mark.core
@pytest.mark.parametrize("n", [11, 12, 1000])
def test_out_of_range(n):
    with pytest.raises(IndexError, match="index 10 is out of bounds for axis 0 with size 10"):
        njit(total)(np.arange(10.0), n)


def test_what_happened_before_the_error_stays():
    @njit
    def fill(a, n):
        for i in range(n):
            a[i] = i + 1

    a = np.zeros(4)
    with pytest.raises(IndexError):
        fill(a, 9)
    assert a.tolist() == [1, 2, 3, 4]


@pytest.mark.core
def test_negative_indices_wrap():
    @njit
    def backwards(a, n):
        s = 0.0
        for i in range(1, n):
            s = s * 10 + a[-i]
        return s

    a = np.arange(5.0)
    assert backwards(a, 6) == 43210.0
    with pytest.raises(IndexError, match="index -6 is out of bounds for axis 0 with size 5"):
        backwards(a, 7)


@pytest.mark.parametrize(
    ("function", "args", "left", "versioned"),
    [
        (total, (np.arange(4.0), 4), 0, 1),
        (own_length, (np.arange(4.0),), 0, 0),
        (stencil, (np.ones((4, 5)), np.zeros((4, 5))), 0, 1),
        (flat, (np.arange(12.0), 3, 4), 0, 1),
        (made_here, (5,), 0, 0),
        (best_so_far, (np.arange(4.0),), 1, 1),
        (pivots, (np.eye(3),), 0, 1),
        (insertion, (np.arange(4.0)[::-1].copy(),), 1, 0),
        (while_both, (np.arange(4.0), 2.0), 0, 0),
        (common, (np.arange(4), np.arange(4), np.zeros((5, 5), np.int64)), 0, 1),
        (gather, (np.arange(4.0), np.array([0, -1])), 1, 0),
        (searches_some, (np.arange(4), np.zeros(6, np.int64), 3), 4, 0),
        (searches_all, (np.arange(4), 3), 1, 1),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_checks_left(function, args, left, versioned):
    compiled = njit(function)
    compiled(*args)
    assert (stats(compiled)["checks_left"], stats(compiled)["versioned_loops"]) == (left, versioned)


@pytest.mark.core
def test_ranges_that_wrap_around():
    """Ends of ranges near the limits of int64 prove nothing."""

    @njit
    def wrapping(a, start, n):
        s = 0.0
        for i in range(start, n):
            s += a[i - start]
        return s

    a = np.arange(4.0)
    top = 2**63 - 1
    assert wrapping(a, top - 4, top) == 6.0
    assert wrapping(a, -(2**63), -(2**63) + 4) == 6.0
    with pytest.raises(IndexError):
        wrapping(a, top - 5, top)

    @njit
    def counting(a, i, n):
        s = 0.0
        while i < n:
            s += a[i]
            i += 2**62
        return s

    assert counting(a, 1, 2) == 1.0
    with pytest.raises(IndexError, match="4611686018427387905"):
        counting(a, 1, top)


@pytest.mark.core
def test_chosen_indices():
    """The best so far: from in front of the loop it may be anything."""

    @njit
    def least(a, best, n):
        for i in range(n):
            if a[i] < a[best]:
                best = i
        return best

    a = np.array([3.0, 1.0, 2.0])
    assert least(a, 0, 3) == 1 and least(a, 1, 3) == 1
    assert least(a, -1, 0) == -1 and least(a, -2, 2) == -2  # wraps; nothing is less
    assert least(a, 7, 0) == 7
    for best in (3, -4, 2**63 - 1, -(2**63)):
        with pytest.raises(IndexError, match=f"index {best} is out of bounds"):
            least(a, best, 3)
    with pytest.raises(IndexError, match="index 3 is out of bounds"):
        least(a, 0, 4)

    @njit
    def carried(a, rows):
        """What an earlier row has left is not in the range of this one."""
        last, s = 0, 0.0
        for r in range(rows):
            for i in range(3 - r):
                s = s * 10 + a[last + r]
                last = i
        return s

    for n in (3, 5):
        assert outcome(carried, np.arange(float(n)), 3) == outcome(carried.py_func, np.arange(float(n)), 3)


@pytest.mark.core
def test_counting_down():
    @njit
    def down(a, i, stop):
        s = 0.0
        while i >= stop:
            s = s * 10 + a[i]
            i -= 1
        return s

    a = np.arange(4.0)
    assert down(a, 3, 0) == 3210.0 and down(a, 3, -2) == 321032.0
    with pytest.raises(IndexError, match="index 4 is out of bounds"):
        down(a, 4, 0)
    with pytest.raises(IndexError, match="index -5 is out of bounds"):
        down(a, 1, -9)

    @njit
    def bottom(a, i):
        s = 0.0
        while i > -(2**63):
            i -= 2**62
            s += a[i & 3]
        return s

    assert bottom(a, 2**62) == 0.0


def test_huge_extents():
    """A broadcast array may have more elements than any test in front of a loop takes into account."""
    wide = np.broadcast_to(np.float64(1.0), (2**59,))

    @njit
    def ends(a):
        n = a.shape[0]
        return a[n - 1] + a[-1] + a[0]

    @njit
    def last(a):
        s = 0.0
        for i in range(a.shape[0] - 2, a.shape[0]):
            s += a[i]
        return s

    assert ends(wide) == 3.0
    assert last(wide) == 2.0


def check_nest(text):
    """A nest does the same interpreted and compiled."""
    names = {"np": np}
    exec(text, names)
    compiled = njit(names["f"])
    for n, m in [(4, 5), (5, 5), (3, 6), (0, 2)]:
        results = []
        for function in (names["f"], compiled):
            a, b = np.arange(5.0), np.arange(20.0).reshape(4, 5)
            result = outcome(function, a, b, np.array([0, 2, -1]), n, m)
            results.append((result, a.tolist(), b.tolist()))
        if results[0] != results[1]:
            raise Difference(
                kind_of(results[0][0], results[1][0]),
                f"n={n} m={m}\nwanted {results[0]}\ngot    {results[1]}",
            )


@pytest.mark.parametrize("seed", range(6))
def test_random_nests(seed):
    rng = random.Random(seed)
    for _ in range(15):
        check_nest(programs.loop_nest(rng))
