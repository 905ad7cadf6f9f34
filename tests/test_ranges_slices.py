"""Ranges and slices as values: arguments, results, attributes, comparison, text."""

import itertools

import numpy as np
import pytest

import naja
from naja import njit, types


@njit
def itself(x):
    return x


@njit
def total(r):
    s = 0
    for i in r:
        s += i
    return s


RANGES = [range(0), range(5), range(2, 10, 3), range(10, 2, -3), range(-3, 3), range(5, 5), range(0, -4, -1)]


@pytest.mark.core
@pytest.mark.parametrize("r", RANGES)
def test_range_argument_and_result(r):
    got = itself(r)
    assert type(got) is range and (got.start, got.stop, got.step) == (r.start, r.stop, r.step)
    assert total(r) == sum(r)

    @njit
    def parts(r):
        return r.start, r.stop, r.step, len(r), 4 in r

    assert parts(r) == parts.py_func(r)


def test_range_made_in_compiled_code():
    @njit
    def make(a, b, c):
        return range(a, b, c), range(a)

    assert make(1, 9, 2) == (range(1, 9, 2), range(1))
    assert [len(make(5, 1, -1)[0])] == [4]
    with pytest.raises(ValueError, match="zero"):
        make(1, 2, 0)


def test_range_types():
    assert naja.typeof(range(3)) is not naja.typeof(range(0, 3, 2))
    assert isinstance(naja.typeof(range(3)), types.RangeType) and naja.typeof(range(3)).dtype is types.int64
    with pytest.raises(OverflowError):
        itself(range(2**70))


def test_ranges_in_tuples():
    assert itself((range(3), 1)) == (range(3), 1)


SLICES = [slice(*parts) for parts in itertools.product([None, 0, -2], [None, 3, -1], [None, 1, 2, -1])]


@pytest.mark.core
@pytest.mark.parametrize("s", SLICES)
def test_slice_argument_and_result(s):
    @njit
    def parts(s):
        return s, s.start, s.stop, s.step, s.indices(5)

    assert parts(s) == parts.py_func(s)


@pytest.mark.core
def test_slice_types():
    for s in (slice(1), slice(1, 2), slice(1, 2, 1), slice(1, 2, None)):
        assert naja.typeof(s) is types.slice2_type
    for s in (slice(1, 2, 2), slice(1, 2, -1), slice(None, None, -2)):
        assert naja.typeof(s) is types.slice3_type
    assert (types.slice2_type.members, types.slice3_type.members) == (2, 3)


def test_slice_comparison_and_text():
    @njit
    def f(a, b):
        return a == b, a != b, str(a), repr(b)

    for a, b in itertools.product([slice(1), slice(1, 3), slice(None, 1)], repeat=2):
        assert f(a, b) == f.py_func(a, b)


def test_slice_made_in_compiled_code():
    @njit
    def cut(a, x, y, z):
        return a[slice(x, y, z)], a[slice(x)], slice(x, y)

    got = cut(np.arange(20), 2, 12, 3)
    np.testing.assert_array_equal(got[0], np.arange(20)[2:12:3])
    np.testing.assert_array_equal(got[1], np.arange(2))
    assert got[2] == slice(2, 12)


def test_slice_indices_refuses_step_zero():
    @njit
    def f(s, n):
        return s.indices(n)

    with pytest.raises(ValueError, match="slice step cannot be zero"):
        f(slice(None, None, 0), 3)
    with pytest.raises(ValueError, match="length should not be negative"):
        f(slice(None), -1)


def test_bounds_that_are_floats_are_cut_off():
    @njit
    def items(a, b, c):
        return [i for i in range(a, b, c)]

    assert items(0.5, 7.9, 2.0) == [0, 2, 4, 6]
    assert items(7.9, -1.5, -3) == [7, 4, 1]
    assert njit(lambda b: [i for i in range(np.round(b))])(2.6) == [0, 1, 2]
    with pytest.raises(ValueError, match="arg 3 must not be zero"):
        items(0, 3, 0.5)


def test_ranges_of_different_kinds_meet():
    def up_or_down(n, up):
        r = range(n) if up else range(n - 1, -1, -1)
        return [i for i in r], len(r), r[0]

    def within(v):
        return [v in r for r in (range(3), range(1, 4), range(0, 10, 3))]

    for up in (True, False):
        assert njit(up_or_down)(4, up) == up_or_down(4, up)
    assert njit(within)(3) == within(3)
