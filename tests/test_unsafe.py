"""Tuples by index, arrays as tuples and bits of numbers: what Numba keeps in its unsafe modules; and cross2d."""

import numpy as np
import pytest

from naja import errors, njit
from naja.np.extensions import cross2d
from naja.unsafe import (
    build_full_slice_tuple,
    leading_zeros,
    to_fixed_tuple,
    trailing_zeros,
    tuple_setitem,
    viewer,
)


def test_arrays_become_tuples():
    @njit
    def three(a):
        return to_fixed_tuple(a, 3)

    for a in (np.arange(5.0), np.arange(9)[::-3], np.array([1, 2, 3], np.int8)):
        assert three(a) == tuple(a[:3])
    with pytest.raises(IndexError):
        three(np.arange(2.0))
    with pytest.raises(errors.TypingError, match="one axis"):
        three(np.zeros((2, 2)))

    @njit
    def many(a, n):
        return to_fixed_tuple(a, n)

    with pytest.raises(errors.TypingError, match="must be a constant"):
        many(np.arange(3), 2)


def test_items_of_tuples_are_replaced():
    @njit
    def put(t, i, v):
        return tuple_setitem(t, i, v)

    @njit
    def second(t, v):
        return tuple_setitem(t, 1, v)

    t = (1, 2, 3)
    for i in range(-3, 3):
        want = list(t)
        want[i] = 9
        assert put(t, i, 9) == tuple(want)
    assert put((1.0, 2.0), 0, 7) == (7.0, 2.0)
    assert second((1, 2.5, "x"), 4) == (1, 4.0, "x")
    for i in (3, -4):
        with pytest.raises(IndexError):
            put(t, i, 0)
    with pytest.raises(errors.TypingError, match="must be a constant"):
        put((1, 2.5), 0, 1)
    with pytest.raises(IndexError):
        second((1,), 2)


def test_slices_of_whole_axes():
    @njit
    def run(a):
        return a[build_full_slice_tuple(2)]

    a = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(run(a), a)


def test_bits():
    @njit
    def as_int(x):
        return viewer(x, np.int64)

    @njit
    def zeros(n):
        return leading_zeros(n), trailing_zeros(n)

    for x in (0.0, -0.0, 1.5, np.inf):
        assert as_int(x) == np.float64(x).view(np.int64)
    assert [zeros(n) for n in (0, 1, 12, -1)] == [(64, 64), (63, 0), (60, 2), (0, 0)]
    assert zeros(np.uint8(4)) == (5, 2)
    with pytest.raises(errors.TypingError, match="different sizes"):
        as_int(np.float32(1))


def test_cross_products_of_two_components():
    compiled = njit(lambda a, b: cross2d(a, b))
    rng = np.random.default_rng(2)
    for a, b in (
        ([1.0, 2.0], [3.0, 4.0]),
        (rng.random(2), rng.integers(0, 9, 2)),
        (rng.random((4, 2)), rng.random((4, 2))),
        (rng.random((3, 1, 2)), rng.random(2)),
    ):
        x, y = np.asarray(a), np.asarray(b)
        want = x[..., 0] * y[..., 1] - x[..., 1] * y[..., 0]
        np.testing.assert_array_equal(compiled(x, y), want)
        np.testing.assert_array_equal(cross2d(a, b), want)
    assert compiled((1, 2), (3, 5)) == -1
    for f in (compiled, cross2d):
        with pytest.raises(ValueError, match="Incompatible dimensions for 2D cross product"):
            f(np.arange(3.0), np.arange(2.0))
