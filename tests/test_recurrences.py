"""Loops that leave a closed form: LLVM puts it in their place, so they need no place where Ctrl-C is served."""

import re

import numpy as np
import pytest

from naja import njit


def loops_left(compiled):
    """Count the back edges of the machine-independent code, and the polls."""
    (text,) = compiled.inspect_llvm().values()
    body = text[text.index("@naja_native(") :]
    body = body[: body.index("\n}")]
    edges, block = {}, "entry"
    for line in body.splitlines()[1:]:
        label = re.match(r'"?([\w.]+)"?:', line)
        if label:
            block = label.group(1)
        else:
            edges.setdefault(block, []).extend(re.findall(r'label %"?([\w.]+)"?', line))
    state, back = {}, 0

    def walk(b):
        nonlocal back
        state[b] = "open"
        for to in edges.get(b, ()):
            if to not in state:
                walk(to)
            back += state[to] == "open"
        state[b] = "done"

    for b in edges:
        if b not in state:
            walk(b)
    return back, body.count("load volatile")


def sum_of_range(n, m):
    s = 0
    for i in range(n):
        s += i
    return s


def polynomial(n, m):
    s, t = m, 1
    for i in range(m, n):
        s += i * i * 3 - m
        t -= s
    return s, t


def steps(n, m):
    s, last = 0, -1
    for i in range(n, -5, -3):
        s += i * m
        last = 2 * i
    return s, last


def by_while(n, m):
    i, s = m, 0
    while i < n:
        s += 2 * i
        i += 1
    return i, s


def nothing(n, m):
    for i in range(n):
        pass
    return m


def of_unsigned(n, m):
    s, three = np.uint64(1), np.uint64(3)
    for i in range(n):
        s += three
    return s


CLOSED = [sum_of_range, polynomial, steps, by_while, nothing, of_unsigned]


@pytest.mark.core
@pytest.mark.parametrize("function", CLOSED)
def test_closed_forms(function):
    f = njit(function)
    for n, m in ((0, 0), (1, 1), (-7, 2), (2, -7), (20, 3), (1000, -1000)):
        assert f(n, m) == function(n, m)
    assert loops_left(f) == (0, 0)


@pytest.mark.core
def test_they_take_no_time():
    f = njit(sum_of_range)
    n = 0x123456789ABCDEF
    assert f(n, 0) == (n * (n - 1) // 2 + 2**63) % 2**64 - 2**63
    assert f(-n, 0) == 0


def of_floats(n, m):
    s = 0.0
    for i in range(n):
        s += i
    return s


def geometric(n, m):
    s = 1
    for i in range(n):
        s = s * 3 + i
    return s


def each_other(n, m):
    a, b = 0, 1
    for i in range(n):
        a, b = b, a + b
    return a


def what_raises(n, m):
    s = 0
    for i in range(n):
        s += i // m
    return s


def what_branches(n, m):
    s = 0
    for i in range(n):
        if i > m:
            s += i
    return s


def any_step(n, m):
    i, s = 0, 0
    while i < n:
        s += i
        i += m
    return s


@pytest.mark.core
@pytest.mark.parametrize("function", [of_floats, geometric, each_other, what_raises, what_branches, any_step])
def test_what_stays_a_loop_has_a_poll(function):
    f = njit(function)
    for n in (0, 1, 20):
        assert f(n, 3) == function(n, 3)
    back, polls = loops_left(f)
    assert polls > 0 or back == 0


def test_loops_that_do_not_end():
    """Nothing changes the condition: they are loops for ever, or none."""

    @njit
    def f(n, on):
        s = 0
        while on:
            s += n
        return s

    assert f(5, False) == 0
    back, polls = loops_left(f)
    assert polls > 0 and back > 0


def test_a_debugger_sees_the_loop():
    f = njit(sum_of_range, debug=True)
    assert f(10, 0) == 45
    back, polls = loops_left(f)
    assert back > 0 and polls > 0


def test_loops_in_loops_and_callees():
    @njit
    def triangle(n):
        s = 0
        for i in range(n):
            s += i
        return s

    def f(n):
        total = 0
        for i in range(n):
            for j in range(i):
                total += j * i
            total += triangle(i)
        return total

    assert njit(f)(50) == sum(sum(j * i for j in range(i)) + i * (i - 1) // 2 for i in range(50))
