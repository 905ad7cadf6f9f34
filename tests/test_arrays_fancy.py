"""Indexing with arrays: masks of bools and arrays of integers, read and assigned to."""

import numpy as np
import pytest
from arrays import ALL, check, layouts, values
from differential import outcome, same_arrays

from naja import njit


@pytest.mark.core
@pytest.mark.parametrize("dtype", ALL)
def test_masks(dtype):
    def store(a, m):
        a[m] = 1
        return a

    for _, a in layouts(values((3, 4), dtype)):
        check(lambda a, m: a[m], a, values((3, 4), np.bool_, seed=1))
        check(lambda a, m: a[m], a, values(3, np.bool_, seed=1))
        check(store, a, values((3, 4), np.bool_, seed=1))
        check(store, a, values(3, np.bool_, seed=1))


@pytest.mark.core
def test_mask_expressions():
    def clamp(a):
        a[a > 0] = 0
        a[a < -1] *= 2
        return a, a[a != 0].sum()

    for _, a in layouts(values((5, 6), np.float64)):
        check(clamp, a)
        check(lambda a: a[np.abs(a) < 1], a)


def test_mask_values():
    def store(a, m, v):
        a[m] = v
        return a

    a, m = np.arange(6.0), np.array([1, 0, 1, 1, 0, 0], bool)
    check(store, a, m, np.array([7, 8, 9]))
    check(store, a, m, np.array([7.0]))
    check(store, a, m, np.array([7.0, 8.0]))
    check(store, a, m[:4], 3.0)
    check(lambda a, m: a[m], a, m[:4])
    check(store, np.zeros((2, 3)), m.reshape(2, 3), 5)


@pytest.mark.core
@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.uint16, np.uint64])
def test_integers(dtype):
    def store(a, i):
        a[i] = 5
        return a

    for index in (np.array([2, 0, 1, 1]), np.array([[0, 2], [1, 1]]), np.zeros(0, int)):
        index = index.astype(dtype)
        for shape in ((3,), (3, 4)):
            for _, a in layouts(values(shape, np.float64)):
                check(lambda a, i: a[i], a, index)
                check(store, a, index)


def test_integer_errors_and_values():
    def store(a, i, v):
        a[i] = v
        return a

    a = np.arange(3.0)
    check(lambda a, i: a[i], a, np.array([0, 3]))
    check(lambda a, i: a[i], a, np.array([-1, -3]))
    check(lambda a, i: a[i], a, np.array([-4]))
    check(store, a, np.array([2, 0]), np.array([10, 20]))
    check(store, a, np.array([2, 0]), np.array([10]))
    check(store, a, np.array([2, 0]), np.array([1, 2, 3]))
    check(store, np.zeros((3, 2)), np.array([2, 0]), np.array([1.0, 2.0]))
    check(store, np.zeros((3, 2)), np.array([2, 0]), np.array([[1.0], [2.0]]))


def test_a_permutation_of_itself():
    @njit
    def f(a, i):
        a[i] = a
        return a

    assert np.array_equal(f(np.arange(4.0), np.array([3, 2, 1, 0])), [3, 2, 1, 0])


@pytest.mark.parametrize("shape", [(4,), (4, 3), (0, 3)])
@pytest.mark.parametrize("mask", [(0,), (4, 0), (0, 3), (0, 0), (0, 5), (2, 0), (5,)])
def test_empty_masks_fit_any_axis(shape, mask):
    """As NumPy has it: an extent of 0 is no mismatch, for it selects nothing."""

    def read(a, m):
        return a[m], a[m, ...]

    def write(a, m):
        a[m] = 1.0

    a, m = np.zeros(shape), np.zeros(mask, np.bool_)
    if len(mask) > len(shape):
        pytest.skip("too many indices, which compiling refuses")
    for function in (read, write):
        want, got = outcome(function, a.copy(), m), outcome(njit(function), a.copy(), m)
        if want[0] == "raises" or got[0] == "raises":
            assert want == got
        else:
            assert same_arrays(want[1] or 0, got[1] or 0)


@pytest.mark.parametrize(
    "text",
    ["a[i] = 7.0", "a[i] = v", "b[i] = 7.0", "b[:, i] = 7.0", "b[i, i] = v", "b[i, 0] = v", "b[1, i] = v"],
)
def test_nothing_is_stored_if_an_index_is_out_of_range(text):
    names = {}
    exec(f"def f(a, b, i, v):\n    {text}\n", names)
    arguments = np.arange(3.0), np.arange(9.0).reshape(3, 3), np.array([0, 1, 5]), np.full(3, -1.0)
    results = []
    for function in (names["f"], njit(names["f"])):
        a, b, i, v = (x.copy() for x in arguments)
        with pytest.raises(IndexError) as raised:
            function(a, b, i, v)
        results.append((a.tolist(), b.tolist(), str(raised.value)))
    assert results[0] == results[1]
    assert results[1][:2] == (arguments[0].tolist(), arguments[1].tolist())
