"""Values across the boundary: every kind of argument and result, who owns the memory, and that nothing leaks."""

import gc
import sys
from collections import namedtuple

import numpy as np
import pytest

from naja import _core, njit

pytestmark = pytest.mark.core

Point = namedtuple("Point", "x y")


@njit
def identity(x):
    return x


@pytest.mark.parametrize(
    "value",
    [
        True,
        False,
        0,
        -1,
        2**62,
        -(2**63),
        2**63,
        2**64 - 1,
        0.0,
        -1.5,
        float("inf"),
        1 + 2j,
        None,
        "",
        "ascii",
        "naïve",
        "漢字",
        "\U0001f40d",
        (),
        (1,),
        (1, 2.5, True),
        ((1, 2), (3.0, (None, "x"))),
    ],
)
def test_identity(value):
    result = identity(value)
    assert result == value and type(result) is type(value)


def test_nan_and_negative_zero():
    assert np.isnan(identity(float("nan")))
    assert np.signbit(identity(-0.0))


@pytest.mark.parametrize("dtype", "i1 i2 i4 i8 u1 u2 u4 u8".split())
def test_numpy_integers_come_back_as_int(dtype):
    for value in (np.iinfo(dtype).min, np.iinfo(dtype).max):
        result = identity(np.dtype(dtype).type(value))
        assert type(result) is int and result == value


@pytest.mark.parametrize(
    "dtype, kind", [("f4", float), ("f8", float), ("c8", complex), ("c16", complex), ("?", bool)]
)
def test_other_numpy_scalars_come_back_as_python_numbers(dtype, kind):
    value = np.dtype(dtype).type(1.5)
    result = identity(value)
    assert type(result) is kind and result == value


def test_namedtuple():
    result = identity(Point(1, 2.5))
    assert result == Point(1, 2.5) and type(result) is Point


def test_slice_argument():
    @njit
    def take(a, s):
        return a[s].sum()

    a = np.arange(10.0)
    assert take(a, slice(2, 5)) == a[2:5].sum()
    assert take(a, slice(None, None, 2)) == a[::2].sum()
    assert take(a, slice(None, -3)) == a[:-3].sum()


# ---- arrays ----------------------------------------------------------------------------------------------------------


def test_returned_argument_is_the_same_object():
    a = np.arange(3.0)
    before = sys.getrefcount(a)
    for _ in range(10):
        assert identity(a) is a
    assert identity((a, 1))[0] is a
    assert sys.getrefcount(a) == before


def test_new_array_owns_its_memory():
    @njit
    def make(n):
        a = np.empty(n)
        for i in range(n):
            a[i] = i
        return a

    a = make(10)
    assert a.base is None and a.flags.owndata and a.flags.writeable and a.flags.c_contiguous
    assert a.ctypes.data % 64 == 0
    np.testing.assert_array_equal(a, np.arange(10.0))
    a.resize(20, refcheck=False)
    np.testing.assert_array_equal(a, np.concatenate([np.arange(10.0), np.zeros(10)]))


def test_view_of_a_new_array_keeps_the_block():
    @njit
    def tail(n):
        a = np.zeros(n)
        a[1] = 5.0
        return a[1:]

    before = _core.block_count()
    v = tail(10)
    assert len(v) == 9 and v[0] == 5.0
    assert v.base is not None
    assert _core.block_count() == before + 1
    del v
    gc.collect()
    assert _core.block_count() == before


def test_view_of_an_argument_has_it_as_base():
    @njit
    def every_other(a):
        return a[::2]

    a = np.arange(10.0)
    v = every_other(a)
    assert v.base is a
    v[0] = 42.0
    assert a[0] == 42.0
    assert every_other(a[::-1])[0] == 9.0


def test_view_of_an_array_in_a_tuple():
    @njit
    def second_tail(t):
        return t[1][1:]

    a, b = np.arange(3.0), np.arange(4.0)
    v = second_tail((a, b))
    assert v.base is b and len(v) == 3


def test_readonly_stays_readonly():
    @njit
    def tail(a):
        return a[1:]

    a = np.arange(4.0)
    a.flags.writeable = False
    assert not tail(a).flags.writeable


@pytest.mark.parametrize("dtype", "? i1 i2 i4 i8 u1 u2 u4 u8 f4 f8 c8 c16".split())
@pytest.mark.parametrize("shape", [(), (0,), (5,), (2, 3), (2, 0, 3), (2, 3, 4, 5)])
def test_array_round_trip(dtype, shape):
    a = np.ones(shape, dtype)
    assert identity(a) is a

    @njit
    def copied(a):
        return a.copy()

    b = copied(a)
    assert b is not a and b.dtype == a.dtype and b.shape == a.shape
    np.testing.assert_array_equal(a, b)


def test_strides_and_orders_survive():
    a = np.arange(24.0).reshape(2, 3, 4)
    for v in (a.T, a[:, ::-1], a[..., 1], np.asfortranarray(a), a[:0], np.broadcast_to(a[0, 0], (5, 4))):
        assert identity(v) is v


def test_one_block_in_two_results():
    @njit
    def pair(n):
        a = np.zeros(n)
        return a, a[1:], a

    before = _core.block_count()
    a, b, c = pair(4)
    a[1] = 7.0
    assert b[0] == 7.0 and c[1] == 7.0
    del a
    assert b[0] == 7.0
    del b, c
    gc.collect()
    assert _core.block_count() == before


def test_constant_array_is_copied_out():
    table = np.arange(5.0)

    @njit
    def get():
        return table

    np.testing.assert_array_equal(get(), table)


def test_no_blocks_leak_when_an_exception_passes():
    @njit
    def f(n, k):
        a = np.zeros(n)
        b = a + 1.0
        return b[k]

    assert f(3, 1) == 1.0
    before = _core.block_count()
    for _ in range(50):
        with pytest.raises(IndexError):
            f(3, 7)
    gc.collect()
    assert _core.block_count() == before


def test_temporaries_are_freed():
    @njit
    def f(a):
        b = a * 2.0
        c = b[1:] + b[:-1]
        return c.sum()

    a = np.arange(100.0)
    f(a)
    before, count = _core.block_count(), sys.getrefcount(a)
    for _ in range(100):
        f(a)
    assert _core.block_count() == before
    assert sys.getrefcount(a) == count


def test_optional_result():
    @njit
    def f(x):
        if x > 0:
            return x
        return None

    assert f(3) == 3
    assert f(-3) is None


def test_tuple_of_arrays_and_numbers():
    @njit
    def f(n):
        return np.zeros(n), n, (1.5, np.ones(2))

    a, n, (x, b) = f(3)
    assert n == 3 and x == 1.5 and a.shape == (3,) and b.sum() == 2.0
