"""`with` in compiled functions: jitclasses with __enter__ and __exit__, and the managers that compiled code knows."""

import contextlib
import gc
import threading

import numpy as np
import pytest

from naja import (
    _core,
    errors,
    float64,
    int64,
    njit,
    parallel_chunksize,
    prange,
    set_parallel_chunksize,
    types,
)
from naja.experimental import jitclass


@jitclass([("log", types.ListType(int64)), ("swallow", types.boolean)])
class Guard:
    def __init__(self, log, swallow):
        self.log = log
        self.swallow = swallow

    def __enter__(self):
        self.log.append(1)
        return self

    def __exit__(self, cls, value, traceback):
        if value is None:
            self.log.append(2)
        else:
            self.log.append(3)
        return self.swallow


@jitclass([("n", float64)])
class Scale:
    def __init__(self, n):
        self.n = n

    def __enter__(self):
        return self.n * 2

    def __exit__(self, cls, value, traceback):
        self.n += 1


def new_log():
    from naja.typed import List

    return List.empty_list(int64)


@njit
def guarded(g, x):
    with g as same:
        same.log.append(x)
        if x > 5:
            raise ValueError(x)
    g.log.append(99)
    return x


@pytest.mark.core
def test_enter_and_exit_of_a_jitclass():
    g = Guard(new_log(), False)
    assert guarded(g, 4) == 4
    assert list(g.log) == [1, 4, 2, 99]


@pytest.mark.core
def test_an_exception_goes_on_or_is_swallowed():
    g = Guard(new_log(), False)
    with pytest.raises(ValueError, match="7"):
        guarded(g, 7)
    assert list(g.log) == [1, 7, 3]
    g = Guard(new_log(), True)
    assert guarded(g, 7) == 7
    assert list(g.log) == [1, 7, 3, 99]


def test_return_break_and_continue():
    @njit
    def work(g, n):
        for i in range(n):
            with g:
                if i == 0:
                    continue
                if i == 2:
                    break
                if n > 10:
                    return -1
                g.log.append(10 * i)
        return i

    g = Guard(new_log(), False)
    assert work(g, 5) == 2
    assert list(g.log) == [1, 2, 1, 10, 2, 1, 2]
    g = Guard(new_log(), False)
    assert work(g, 50) == -1
    assert list(g.log) == [1, 2, 1, 2]


def test_several_managers_and_the_entered_value():
    @njit
    def work(a, b):
        with a as x, b as y:
            result = x * 100 + y
        return result, a.n, b.n

    assert work(Scale(1.0), Scale(3.0)) == (206.0, 2.0, 4.0)


def test_the_same_in_python():
    with Scale(2.0) as x:
        assert x == 4.0


@pytest.mark.core
def test_nothing_is_left_behind():
    g = Guard(new_log(), False)

    def run():
        with contextlib.suppress(ValueError):
            guarded(g, 7)
        guarded(g, 1)

    run()
    for _ in range(100):
        g.log.append(0)  # room, so that the list does not grow
    gc.collect()
    before = _core.block_count()
    run()
    gc.collect()
    assert _core.block_count() == before


@pytest.mark.core
def test_nullcontext_and_errstate():
    shared = contextlib.nullcontext()

    @njit
    def work(x):
        with contextlib.nullcontext(x + 1) as y, shared:
            with np.errstate(divide="ignore", invalid="ignore"):
                z = np.sqrt(-y)
        return y, z

    y, z = work(1.0)
    assert y == 2.0 and np.isnan(z)


def test_errstate_cannot_raise():
    @njit
    def work(x):
        with np.errstate(all="raise"):
            return x / 2

    with pytest.raises(errors.TypingError, match="can only be 'ignore' or 'warn'"):
        work(1.0)


@pytest.mark.core
def test_parallel_chunksize():
    @njit(parallel=True)
    def work(n):
        total = 0
        with parallel_chunksize(8) as size:
            inside = set_parallel_chunksize(8)
            for i in prange(n):
                total += i
        after = set_parallel_chunksize(0)
        return total, size, inside, after

    set_parallel_chunksize(3)
    try:
        assert work(1000) == (499500, 8, 8, 3)
    finally:
        set_parallel_chunksize(0)

    @njit
    def wrong():
        with parallel_chunksize("8"):
            pass

    with pytest.raises(errors.TypingError, match="The parallel chunksize must be an integer"):
        wrong()


def test_plain_python_managers_are_refused_with_the_fix():
    lock = threading.Lock()

    @njit
    def locked(x):
        with lock:
            return x

    @njit
    def number(x):
        with x:
            return x

    @jitclass([("n", float64)])
    class Half:
        def __init__(self):
            self.n = 1.0

        def __enter__(self):
            return self.n

    @njit
    def half(h):
        with h:
            return 1

    for function, argument, words in (
        (locked, 1, "cannot enter"),
        (number, 1, "no context manager that compiled code knows"),
        (half, Half(), "it has no __exit__"),
    ):
        with pytest.raises(errors.NajaError, match=words) as raised:
            function(argument)
        assert len(str(raised.value).splitlines()) <= 8
