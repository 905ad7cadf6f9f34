"""Indexing of arrays: elements, views, assignments, and the errors of all of them."""

import numpy as np
import pytest
from arrays import ALL, check, layouts, values

from naja import njit
from naja.errors import TypingError


@njit
def element(a, i, j):
    return a[i, j]


@pytest.mark.core
@pytest.mark.parametrize("dtype", ALL)
def test_elements(dtype):
    for _, a in layouts(values((3, 4), dtype)):
        for i in range(-3, 3):
            for j in range(-4, 4):
                assert element(a, i, j) == a[i, j]


@pytest.mark.core
@pytest.mark.parametrize("index", [(3, 0), (-4, 0), (0, 4), (0, -5), (10**12, 0), (-(2**63), 0)])
def test_out_of_bounds(index):
    check(lambda a, i, j: a[i, j], np.zeros((3, 4)), *index)


def test_empty():
    check(lambda a: a[0], np.zeros(0))
    check(lambda a: a[-1], np.zeros(0))
    check(lambda a: a[0], np.zeros((0, 3)))


@pytest.mark.parametrize(
    "index", [np.int8(-1), np.int16(2), np.uint8(2), np.uint64(1), np.uint64(7), np.int32(-4)]
)
def test_index_types(index):
    check(lambda a, i: a[i], np.arange(3.0), index)


VIEWS = [
    lambda a: a[1],
    lambda a: a[-1],
    lambda a: a[1:],
    lambda a: a[:-1],
    lambda a: a[:, 1],
    lambda a: a[..., 1],
    lambda a: a[1, ...],
    lambda a: a[::-1],
    lambda a: a[:, ::2],
    lambda a: a[::2, ::-2],
    lambda a: a[None],
    lambda a: a[:, None, 1],
    lambda a: a[..., None],
    lambda a: a[1:2, None, ::-1],
    lambda a: a[5:],
    lambda a: a[:0],
    lambda a: a[2:1],
    lambda a: a[-100:100],
    lambda a: a[...],
    lambda a: a[1:, 1:],
    lambda a: a[-2:, :-1],
]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 4)])
def test_views(view, shape):
    compiled = njit(view)
    for _, a in layouts(values(shape, np.float64)):
        check(view, a, compiled=compiled)


def test_views_write_through():
    def f(a):
        b = a[1:, ::2]
        b[0, 0] = 100
        c = a.T
        c[0] = 7
        return b

    check(f, np.arange(12.0).reshape(3, 4))


@njit
def sliced(a, start, stop, step):
    return a[start:stop:step]


def test_slices():
    bounds = [-100, -6, -5, -2, -1, 0, 1, 3, 4, 5, 6, 100]
    a = np.arange(5.0)
    for start in bounds:
        for stop in bounds:
            for step in (-100, -3, -2, -1, 1, 2, 3, 100):
                assert np.array_equal(sliced(a, start, stop, step), a[start:stop:step])
    check(lambda a, s: a[::s], a, 0)


def store_scalar(a):
    a[0, 1] = 5
    a[1] = 6
    a[:, 2] = 7
    return a


def store_row(a, b):
    a[1] = b
    a[:, :] = b
    return a


def store_overlap_up(a):
    a[1:] = a[:-1]
    return a


def store_overlap_down(a):
    a[:-1] = a[1:]
    return a


def store_reversed(a):
    a[::-1] = a
    return a


def store_transposed(a):
    a[:3, :3] = a[:3, :3].T
    return a


def store_tuple(a):
    a[0] = (1, 2, 3, 4)
    return a


@pytest.mark.core
@pytest.mark.parametrize(
    "store",
    [store_scalar, store_overlap_up, store_overlap_down, store_reversed, store_transposed, store_tuple],
)
def test_stores(store):
    compiled = njit(store)
    for dtype in (np.float64, np.int32, np.complex64, np.uint8):
        for _, a in layouts(np.arange(12).reshape(3, 4).astype(dtype)):
            check(store, a, compiled=compiled)


@pytest.mark.parametrize("shape", [(4,), (1,), (1, 4), (3, 4), (1, 1, 4), (3,), (2, 4), (3, 1), (0,)])
def test_store_broadcast(shape):
    check(store_row, np.zeros((3, 4)), values(shape, np.float64))


@pytest.mark.parametrize("dtype", ALL)
def test_store_converts(dtype):
    def f(a, b):
        a[:] = b
        return a

    check(f, np.zeros(5, np.complex128), values(5, dtype))
    if np.dtype(dtype).kind in "biu":
        check(f, np.zeros(5), values(5, dtype))
        check(f, np.zeros(5, np.int16), values(5, dtype))


def test_errors_of_typing():
    a = np.zeros((2, 3))
    with pytest.raises(
        TypingError, match="too many indices for array: array is 2-dimensional, but 3 were indexed"
    ):
        njit(lambda a: a[0, 0, 0])(a)
    with pytest.raises(TypingError, match="only integers, slices"):
        njit(lambda a: a[1.5])(a)
    with pytest.raises(TypingError, match="single ellipsis"):
        njit(lambda a: a[..., ...])(a)

    def store(a):
        a[0] = 1

    frozen = np.zeros(3)
    frozen.flags.writeable = False
    with pytest.raises(TypingError, match="read-only"):
        njit(store)(frozen)


def test_boundscheck_off():
    @njit(boundscheck=False)
    def f(a, i):
        return a[i]

    assert f(np.arange(3.0), -1) == 2.0


def test_same_object_comes_back():
    @njit
    def f(a):
        a[0] = 1
        return a

    a = np.zeros(3)
    assert f(a) is a
