"""Arrays that compiled code makes are freed once: after their last use, on every path, and when something raises."""

import random

import numpy as np
import programs
import pytest
from differential import Difference, kind_of, outcome
from leaks import left_behind

from naja import njit


@pytest.mark.core
def test_temporaries_and_results():
    @njit
    def work(a):
        b = a + 1.0
        c = b * b
        return c[1:].sum(), b[::2]

    a = np.arange(10.0)
    assert left_behind(work, a) == 0
    s, view = work(a)
    assert s == ((a + 1) ** 2)[1:].sum()
    assert view.tolist() == (a + 1)[::2].tolist()


@pytest.mark.core
def test_an_argument_comes_back_as_the_same_object():
    @njit
    def same(a, flag):
        b = a
        if flag:
            b = a + 1.0
        return b

    a = np.arange(3.0)
    assert same(a, False) is a
    assert same(a, True) is not a
    assert left_behind(same, a, True) == 0


@pytest.mark.core
def test_loops_that_replace_an_array():
    @njit
    def work(a, n):
        b = a
        for i in range(n):
            b = b + 1.0
            if i > 5:
                break
        return b.sum()

    a = np.zeros(4)
    assert [work(a, n) for n in (0, 1, 3, 100)] == [0.0, 4.0, 12.0, 28.0]
    assert left_behind(work, a, 100) == 0


@pytest.mark.core
def test_iterating_over_what_is_made_here():
    @njit
    def work(n):
        s = 0.0
        for row in np.ones((n, 3)) * 2.0:
            for x in row + 1.0:
                s += x
                if s > 100.0:
                    return s
        return s

    assert work(3) == 27.0
    assert left_behind(work, 3) == 0
    assert left_behind(work, 1000) == 0


@pytest.mark.core
def test_exceptions():
    @njit
    def inner(a, i):
        b = a * 2.0
        return b[i] + a[i]

    @njit
    def outer(a, i):
        b = a + 1.0
        c = b + 1.0
        return inner(c, i) + inner(b, i + 1) + b[0]

    a = np.zeros(3)
    assert [outer(a, i) for i in (0, 1)] == [10.0, 10.0]
    for i in range(5):
        assert left_behind(outer, a, i) == 0
        assert left_behind(inner, a, i) == 0


@njit
def same(x):
    return x


@njit
def fresh(x):
    return x + 1.0


@njit
def pick(x, y, k):
    if k > 2:
        return x
    return y


@njit
def fail(x, k):
    if k > 3:
        raise ValueError("bad")
    return x * 2.0


def test_a_handler_takes_what_its_block_makes():
    """A block that begins by converting a constant for the handler holds it from there on."""

    def work(s, n):
        try:
            s = ""
            for _ in range(n):
                s = s[0]
        except KeyError:
            pass
        except IndexError:
            s += "!"
        return s

    compiled = njit(work)
    assert [compiled("abc", n) for n in (0, 2)] == ["", "!"]
    assert left_behind(compiled, "abc", 2) == 0


HELPERS = {"same": same, "fresh": fresh, "pick": pick, "fail": fail}


def check_juggler(text):
    """A program does the same interpreted and compiled, and leaves nothing behind; else gives why it was refused."""
    interpreted = {"np": np, **{name: helper.py_func for name, helper in HELPERS.items()}}
    compiled = {"np": np, **HELPERS}
    exec(text, interpreted)
    exec(text, compiled)
    function = njit(compiled["f"])
    for k in (1, 3, 5):
        want, got = (run(f, k) for f in (interpreted["f"], function))
        if got[0] == "refused":
            return got[1]
        if want != got:
            raise Difference(kind_of(want[0], got[0]), f"k={k}\nwanted {want}\ngot    {got}")
        if left_behind(function, np.arange(4.0), np.arange(16.0).reshape(4, 4), k):
            raise Difference("blocks left behind", f"k={k}")
    return None


@pytest.mark.parametrize("seed", range(6))
def test_random_programs(seed):
    rng = random.Random(seed)
    for _ in range(12):
        check_juggler(programs.array_juggler(rng))


def run(function, k):
    """What a call gives, as values that can be compared; "refused" when it cannot be compiled."""
    a, b = np.arange(4.0), np.arange(16.0).reshape(4, 4)
    result = outcome(function, a, b, k)
    if result[0] == "value":
        result = ("value", result[1].tolist(), result[1] is a)
    elif result[1].__module__.startswith("naja"):
        return ("refused", result[2])
    return result[:2], a.tolist(), b.tolist()
