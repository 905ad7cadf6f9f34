"""Array accesses: in range, negative, out of range; which loops keep their checks; random loop nests."""

import random

import numpy as np
import programs
import pytest
from differential import outcome

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
        (gather, (np.arange(4.0), np.array([0, -1])), 1, 0),
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


def check_nest(rng):
    """One random nest does the same interpreted and compiled."""
    text = programs.loop_nest(rng)
    names = {"np": np}
    exec(text, names)
    compiled = njit(names["f"])
    for n, m in [(4, 5), (5, 5), (3, 6), (0, 2)]:
        results = []
        for function in (names["f"], compiled):
            a, b = np.arange(5.0), np.arange(20.0).reshape(4, 5)
            result = outcome(function, a, b, np.array([0, 2, -1]), n, m)
            results.append((result, a.tolist(), b.tolist()))
        assert results[0] == results[1], f"n={n} m={m}\n{text}"


@pytest.mark.parametrize("seed", range(6))
def test_random_nests(seed):
    rng = random.Random(seed)
    for _ in range(15):
        check_nest(rng)
