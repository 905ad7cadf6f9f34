"""Indices of which some are arrays, read and assigned, against NumPy."""

import numpy as np
import pytest

from naja import _core, njit

A = np.arange(24.0).reshape(2, 3, 4)
MASK = np.array([[True, False, True, True], [False] * 4, [True] * 4])
I, J = np.array([0, 2, -1]), np.array([1, 1, 3], np.int32)
K = np.array([[0, 1], [1, 0]], np.uint8)

INDICES = {
    "slice_array": lambda a, i, j, k, m: a[:, i],
    "two_slices_array": lambda a, i, j, k, m: a[:, 1:, j],
    "array_behind_integer": lambda a, i, j, k, m: a[:, 1, j],
    "integer_apart": lambda a, i, j, k, m: a[1, :, j],
    "two_arrays": lambda a, i, j, k, m: a[:, i, j],
    "arrays_apart": lambda a, i, j, k, m: a[k, :, k],
    "broadcast": lambda a, i, j, k, m: a[:, i[:, None], j],
    "all_arrays": lambda a, i, j, k, m: a[0 * i, i, j],
    "ellipsis": lambda a, i, j, k, m: a[..., j],
    "ellipsis_between": lambda a, i, j, k, m: a[k, ..., 2],
    "empty_ellipsis": lambda a, i, j, k, m: a[k, 1, ..., k],
    "newaxis": lambda a, i, j, k, m: a[None, :, i, None],
    "newaxis_between": lambda a, i, j, k, m: a[k, None, 1],
    "mask_behind": lambda a, i, j, k, m: a[:, m],
    "mask_and_integer": lambda a, i, j, k, m: a[1, m],
    "mask_of_one_axis": lambda a, i, j, k, m: a[:, m[:, 0], ::2],
    "mask_and_array": lambda a, i, j, k, m: a[:, m[:, 1], j[:1]],
    "zero_d": lambda a, i, j, k, m: a[np.array(1)],
    "zero_d_all": lambda a, i, j, k, m: a[np.array(1), 1, 2],
    "negative_step": lambda a, i, j, k, m: a[::-1, i, ::-1],
    "empty": lambda a, i, j, k, m: a[:, i[:0]],
}


@pytest.mark.core
@pytest.mark.parametrize("name", INDICES)
def test_getitem(name):
    function = INDICES[name]
    for a in (A, np.asfortranarray(A), A.astype(np.complex64)[:, :, ::-1]):
        want, got = function(a, I, J, K, MASK), njit(function)(a, I, J, K, MASK)
        assert np.shape(got) == np.shape(want) and np.array_equal(got, want)


def assign(value):
    def all_of_them(a, i, j, k, m, v):
        a[:, i] = v
        a[:, 1:, j] += v
        a[1, :, j] = v
        a[0 * i, i, j] = v
        a[..., j] -= v
        a[k, None, 1] *= v
        a[:, m] += v
        a[1, m] = v
        a[np.array(1)] = v

    a, b = A.copy(), A.copy()
    all_of_them(a, I, J, K, MASK, value)
    njit(all_of_them)(b, I, J, K, MASK, value)
    return a, b


@pytest.mark.core
def test_setitem_of_numbers():
    for value in (3, 2.5, np.array(4)):
        a, b = assign(value)
        assert np.array_equal(a, b)


def test_setitem_of_arrays():
    def rows(a, i, j, v, w):
        a[:, i] = v
        a[:, i, j] = w
        a[i[0], j[:2], :] = a[1, :2]

    a, b = A.copy(), A.copy()
    values = np.arange(12).reshape(3, 4), np.array([7.0, 8, 9])
    rows(a, I, J, *values)
    njit(rows)(b, I, J, *values)
    assert np.array_equal(a, b)


@pytest.mark.core
def test_errors_are_numpys():
    @njit
    def get(a, i, j):
        return a[:, i, j]

    @njit
    def masked(a, m):
        return a[:, m]

    @njit
    def put(a, i, v):
        a[:, i] = v

    def text(exception, function, *args):
        with pytest.raises(exception) as caught:
            function(*args)
        return str(caught.value)

    for function, exception, args in (
        (get, IndexError, (A, I + 1, J)),
        (get, IndexError, (A, I, J - 9)),
        (get, IndexError, (A, I, J[:2])),
        (masked, IndexError, (A, MASK[:, :3])),
        (put, ValueError, (A.copy(), I, np.ones(3))),
    ):
        before = _core.block_count()
        assert text(exception, function, *args) == text(exception, function.py_func, *args)
        after = _core.block_count()
        assert before == after


def test_indices_behind_a_slice_are_checked_once_for_all_rows():
    a, i, j = np.arange(24.0).reshape(2, 3, 4), np.array([0, -1, 3]), np.array([[2], [0]])

    def take(a, i, j):
        b = a.copy()
        b[:, :, i] = 7.0
        b[:, j, i] += 1
        return a[:, :, i], a[:, j, i], a[..., np.arange(4) > i[0]], a[:0, :, i], b

    for x, y in zip(take(a, i, j), njit(take)(a, i, j), strict=True):
        assert x.shape == y.shape and np.array_equal(x, y)
    with pytest.raises(IndexError, match="index 4 is out of bounds for axis 2 with size 4"):
        njit(lambda a, i: a[:, :, i])(a, np.array([0, 4]))
