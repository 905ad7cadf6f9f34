"""Programs to which Numba gives a wrong answer without a word, and what naja answers: the value, an exception, or an error
when the function is compiled.

Integers have 64 bits and wrap, here as in NumPy: that is the one difference from Python that stays.
"""

import math
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from naja import errors, njit, prange

LIMIT = 2**63


# ---- functions -------------------------------------------------------------------------------------------------------


@njit(parallel=True)
def best_so_far(a):
    best, where = -1.0, -1
    for i in prange(len(a)):
        if a[i] > best:
            best = a[i]
            where = i
    return best, where


@njit(parallel=True)
def last_hit(a):
    last = 0.0
    for i in prange(len(a)):
        if a[i] > 0.5:
            last = a[i]
    return last


@njit(parallel=True)
def subtracted(a):
    e = 100.0
    for i in prange(len(a)):
        e = e - a[i]
    return e


@njit(parallel=True)
def conditional_sum(a, wanted):
    s = 5.0
    for i in prange(len(a)):
        if wanted:
            s += a[i]
    return s


@njit(parallel=True)
def loop_in_each_branch(n, up):
    a = np.zeros(n)
    if up:
        for i in prange(n):
            a[i] += 1
    else:
        for i in prange(n):
            a[i] -= 1
    return a.sum()


@njit(parallel=True)
def shifted(n):
    a = np.arange(n)
    a[1:] = a[:-1]
    return a[0], a[-1], a.sum()


@njit
def constant_too_large():
    return 2**70


@njit
def shift(n):
    return 1 << n


@njit
def to_int(x):
    return int(x)


@njit
def after_the_loop(n):
    for i in range(n):
        x = i
    return x


@njit
def text(x):
    return str(x)


@njit
def item(i):
    return np.zeros(5)[i]


@njit
def endless(n):
    while True:
        if n > 10:
            return n
        n += 1


@njit
def conditional_variable(n):
    for i in range(n):
        if i == 2:
            y = i * 10
    return y


@njit
def decided_branch(flag=None):
    n = 0
    while n < 5:
        if flag is None:
            n += 1
        else:
            n += 100
    return n


@njit
def store_behind_a_comprehension(n):
    out = np.zeros(n)

    def double(x):
        return 2 * x

    values = [double(i) for i in range(n)]
    for i in range(n):
        out[i] = values[i]
    return out.sum()


@njit
def assigned_twice_by_an_inner_function(flag):
    x = 0

    def change():
        nonlocal x
        x = 1
        if flag:
            x = 2

    change()
    return x


@njit
def assigned_behind_the_capture(n):
    y = 1

    def get():
        return y

    y = n
    return get()


@njit
def default_of_an_inner_function(x):
    def scale(v, factor=0.5):
        return v * factor

    return scale(x) + scale(x, 2.0)


@njit
def sum_of_an_axis(n):
    return np.ones((2, n)).sum(axis=1)[1]


@njit
def clip_into(n):
    return np.clip(np.ones(5), 0, 0.5, np.zeros(n))[0]


@njit
def wrapped(a, b):
    return a + b


@njit
def power_of_two(n):
    return 2**n


@njit
def quotient(a, b):
    return a // b


@njit
def magnitude(a):
    return abs(a)


# ---- the table -------------------------------------------------------------------------------------------------------

HITS = np.full(2000, 0.25)
HITS[[400, 900]] = 0.75, 1.0
PEAK = np.zeros(2000)
PEAK[777] = 2.0

# function, arguments, the value or the class of the exception
ANSWERS = [
    (best_so_far, (PEAK,), (2.0, 777)),
    (last_hit, (HITS,), 1.0),
    (subtracted, (np.ones(10),), 90.0),
    (conditional_sum, (np.ones(10), True), 15.0),
    (conditional_sum, (np.ones(10), False), 5.0),
    (loop_in_each_branch, (3, True), 3.0),
    (loop_in_each_branch, (3, False), -3.0),
    (shifted, (6,), (0, 4, 10)),
    (constant_too_large, (), errors.TypingError),
    (shift, (62,), 2**62),
    (shift, (-1,), ValueError),
    (to_int, (math.nan,), ValueError),
    (to_int, (math.inf,), OverflowError),
    (to_int, (1e30,), OverflowError),
    (to_int, (-1e30,), OverflowError),
    (to_int, (-(2.0**63),), -(2**63)),
    (after_the_loop, (3,), 2),
    (after_the_loop, (0,), UnboundLocalError),
    (text, (1.5,), "1.5"),
    (item, (10,), IndexError),
    (item, (-7,), IndexError),
    (item, (-5,), 0.0),
    (endless, (3,), 11),
    (conditional_variable, (5,), 20),
    (conditional_variable, (1,), UnboundLocalError),
    (decided_branch, (), 5),
    (store_behind_a_comprehension, (4,), 12.0),
    (assigned_twice_by_an_inner_function, (True,), 2),
    (assigned_twice_by_an_inner_function, (False,), 1),
    (assigned_behind_the_capture, (7,), 7),
    (default_of_an_inner_function, (3.0,), 7.5),
    (sum_of_an_axis, (3,), 3.0),
    (clip_into, (5,), 0.5),
    (clip_into, (3,), ValueError),
]

# What wraps: function, arguments, Python's answer.
WRAPS = [
    (wrapped, (LIMIT - 1, 1), LIMIT),
    (power_of_two, (63,), LIMIT),
    (power_of_two, (64,), 2 * LIMIT),
    (shift, (63,), LIMIT),
    (shift, (64,), 2 * LIMIT),
    (quotient, (-LIMIT, -1), LIMIT),
    (magnitude, (-LIMIT,), LIMIT),
]


def names(rows):
    return [f"{row[0].__name__}{k}" for k, row in enumerate(rows)]


@pytest.mark.core
@pytest.mark.parametrize(("function", "args", "answer"), ANSWERS, ids=names(ANSWERS))
def test_answer(function, args, answer):
    if isinstance(answer, type):
        with pytest.raises(answer):
            function(*args)
    else:
        assert function(*args) == answer
    if answer not in (OverflowError, errors.TypingError) and function is not clip_into:
        try:
            expected = function.py_func(*args)
        except Exception as error:  # noqa: BLE001
            expected = type(error)
        assert expected == answer


@pytest.mark.parametrize(("function", "args", "python"), WRAPS, ids=names(WRAPS))
def test_integers_wrap_at_64_bits(function, args, python):
    assert function.py_func(*args) == python
    assert function(*args) == (python + LIMIT) % (2 * LIMIT) - LIMIT


# ---- what changes behind a compiled function's back -------------------------------------------------------------------

scale = 2


def test_a_global_that_changes(monkeypatch):
    @njit
    def scaled(x):
        return x * scale

    assert scaled(5) == 10
    monkeypatch.setitem(globals(), "scale", 3)
    scaled.recompile()
    assert scaled(5) == 15


def test_a_callee_in_another_module_that_changes(tmp_path):
    main = tmp_path / "main.py"
    other = tmp_path / "other.py"
    main.write_text(
        textwrap.dedent(
            """
            from naja import njit
            from other import inner

            @njit(cache=True)
            def outer(x):
                return inner(x)

            print(outer(5))
            """
        )
    )

    def run(factor):
        other.write_text(
            f"from naja import njit\n\n@njit(cache=True)\ndef inner(x):\n    return x * {factor}\n"
        )
        environment = {
            "NAJA_CACHE_DIR": str(tmp_path / "cache"),
            "PYTHONPATH": ":".join(sys.path),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        return subprocess.run(
            [sys.executable, main], env=environment, capture_output=True, text=True, check=True
        ).stdout.strip()

    assert [run(2), run(4), run(2)] == ["10", "20", "10"]


def test_closures_that_differ_in_what_they_captured(tmp_path):
    def make(k):
        @njit(cache=True)
        def add(x):
            return x + k

        return add

    assert [make(k)(1) for k in (1, 10, 100)] == [2, 11, 101]
