"""The checked copies of loops, which run only when an index may be out of range, against the interpreter."""

import numpy as np
import pytest

from naja import njit

pytestmark = pytest.mark.core


def last_of_window(a, shift):
    total = 0.0
    for i in range(a.shape[0]):
        total += a[i - shift]
    return total, a[0]


def first_above(a, limit, n):
    for i in range(n):
        if a[i] > limit:
            return i
    return -1


def search(a, limit, n):
    found, count = -1, 0
    for i in range(n):
        count += 1
        if a[i] > limit:
            found = i
            break
    return found, count


def two_loops(a, n, m):
    s, t = 0.0, 1.0
    for i in range(n):
        for j in range(m):
            s += a[i, j] * t
            t = t * 0.5 + 1.0
        a[i, 0] = s
    return s, t, a.sum()


def two_exits(a, n):
    k, s = 0, 0.0
    while True:
        for i in range(n):
            s += a[i]
            if s > 10.0:
                return s
            if a[i] < 0.0:
                break
        else:
            s += 0.25
        k += 1
        if k == 4:
            break
    return s - k


def views(a, n):
    total = 0.0
    for i in range(n):
        row = a[i]
        for j in range(row.shape[0] + n - a.shape[0]):
            total += row[j]
    return total


def run(function, args):
    args = [x.copy() if isinstance(x, np.ndarray) else x for x in args]
    try:
        return function(*args), args
    except IndexError as error:
        return str(error), args


LINE, GRID = np.arange(12.0), np.arange(20.0).reshape(4, 5)
CASES = [
    (last_of_window, [(LINE, 0), (LINE, 3), (LINE, -1), (LINE, 12), (LINE, 13)]),
    (first_above, [(LINE, 5.0, 12), (LINE, 50.0, 12), (LINE, 5.0, 30), (LINE, 50.0, 13), (LINE, 50.0, -2)]),
    (search, [(LINE, 5.0, 12), (LINE, 50.0, 12), (LINE, 5.0, 30), (LINE, 50.0, 13)]),
    (two_loops, [(GRID, 4, 5), (GRID, 4, 6), (GRID, 5, 5), (GRID, 0, 9), (GRID, 3, 2)]),
    (
        two_exits,
        [(LINE, 12), (LINE, 2), (LINE, 13), (-LINE, 12), (-LINE, 99), (LINE * 0.01, 12), (LINE * 0.01, 13)],
    ),
    (views, [(GRID, 4), (GRID, 3), (GRID, 5)]),
]


@pytest.mark.parametrize("function, all_args", CASES, ids=[case[0].__name__ for case in CASES])
def test_like_the_interpreter(function, all_args):
    compiled = njit(function)
    for args in all_args:
        want, want_args = run(function, args)
        got, got_args = run(compiled, args)
        assert got == want, args
        for x, y in zip(got_args, want_args):
            assert np.array_equal(x, y), args


def test_cold_loop_is_a_function(capfd, monkeypatch):
    monkeypatch.setenv("NAJA_DUMP", "llvm")
    assert njit(cache=False)(first_above)(LINE, 5.0, 12) == 6
    assert "@cold(" in capfd.readouterr().err
