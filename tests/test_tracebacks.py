"""Exceptions out of compiled code: class, arguments, and a traceback with the compiled functions' own lines."""

import traceback

import numpy as np
import pytest

from naja import njit, prange

pytestmark = pytest.mark.core


class OwnError(Exception):
    pass


@njit
def inner(a, b, c):
    return (a + 1) // (b - 2) + c * 3  # the line


@njit
def outer(x, y):
    return inner(y, x, 1) + inner(x, y, 2)


def frames(error):
    return traceback.extract_tb(error.__traceback__)


def test_one_frame_per_compiled_function():
    with pytest.raises(ZeroDivisionError) as info:
        outer(2, 5)
    names = [f.name for f in frames(info.value)]
    assert names[-2:] == ["outer", "inner"]
    last = frames(info.value)[-1]
    assert "# the line" in last.line
    assert last.filename == __file__


def test_carets_point_at_the_operation():
    with pytest.raises(ZeroDivisionError) as info:
        outer(2, 5)
    last = frames(info.value)[-1]
    source = open(__file__, encoding="utf-8").read().splitlines()[last.lineno - 1]
    assert source[last.colno : last.end_colno] == "(a + 1) // (b - 2)"
    assert "^" in "".join(traceback.format_exception(info.value))


def test_the_version_that_failed_can_be_called_again():
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            outer(2, 5)
        assert outer(3, 5) == 6 // 1 + 3 + 4 // 3 + 6


def test_raise_with_arguments():
    @njit
    def f(x):
        if x > 10:
            raise ValueError("too large", x)
        if x < 0:
            raise OwnError(x, 2.5)
        if x == 5:
            raise KeyError
        return x

    assert f(1) == 1
    with pytest.raises(ValueError) as info:
        f(11)
    assert info.value.args == ("too large", 11)
    with pytest.raises(OwnError) as info:
        f(-3)
    assert info.value.args == (-3, 2.5)
    with pytest.raises(KeyError) as info:
        f(5)
    assert info.value.args == ()
    assert frames(info.value)[-1].line == "raise KeyError"


def test_index_error_has_numpys_words():
    @njit
    def get(a, i):
        return a[i]

    a = np.zeros(3)
    with pytest.raises(IndexError, match="index 7 is out of bounds for axis 0 with size 3"):
        get(a, 7)
    with pytest.raises(IndexError, match="index -4 is out of bounds for axis 0 with size 3"):
        get(a, -4)


def test_assertion():
    scope = {}  # in a string, since pytest rewrites the asserts of this file
    exec("def f(x):\n    assert x > 0, 'must be positive'\n    return x\n", scope)
    f = njit(scope["f"])
    assert f(1) == 1
    with pytest.raises(AssertionError, match="must be positive"):
        f(-1)


def test_recursion_error_instead_of_a_crash():
    @njit
    def down(n):
        if n < 0:
            return 0
        return down(n + 1) + 1

    with pytest.raises(RecursionError):
        down(1)


def test_memory_error():
    @njit
    def huge(n):
        return np.empty(n)

    with pytest.raises((MemoryError, ValueError)):
        huge(2**60)


def test_traceback_frames_have_the_functions_globals():
    with pytest.raises(ZeroDivisionError) as info:
        outer(2, 5)
    tb = info.value.__traceback__
    while tb.tb_next:
        tb = tb.tb_next
    assert tb.tb_frame.f_code is inner.py_func.__code__
    assert tb.tb_frame.f_globals is globals()


def test_parallel_body_is_one_frame():
    @njit(parallel=True)
    def f(a, k):
        total = 0
        for i in prange(len(a)):
            if i == k:
                raise ValueError("found", i)
            total += i
        return total

    a = np.zeros(100_000)
    assert f(a, -1) == 100_000 * 99_999 // 2
    with pytest.raises(ValueError) as info:
        f(a, 77_777)
    assert info.value.args == ("found", 77_777)
    compiled = [frame for frame in frames(info.value) if frame.name == "f"]
    assert [frame.line for frame in compiled] == ['raise ValueError("found", i)']


def test_locals_of_a_frame_of_a_function_with_captured_variables():
    limit = 3

    @njit
    def work(x):
        if x > limit:
            raise ValueError(x)
        return x

    with pytest.raises(ValueError) as raised:
        work(5)
    traceback = raised.value.__traceback__
    while traceback.tb_next:
        traceback = traceback.tb_next
    assert traceback.tb_frame.f_code.co_name == "work"
    assert "limit" not in traceback.tb_frame.f_locals
