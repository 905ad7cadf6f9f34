"""Going through elements and indices: a.flat, np.ndindex, np.ndenumerate."""

import numpy as np
import pytest
from arrays import check, layouts, values

from naja import njit
from naja.errors import TypingError


def over_flat(a):
    s = 0.0
    for x in a.flat:
        s = s * 1.01 + x
    return s


def over_indices(a):
    s, k = 0.0, 0
    for i in np.ndindex(a.shape):
        k += 1
        s = s * 1.01 + a[i] * k
    return s


def over_both(a):
    s = 0.0
    for i, x in np.ndenumerate(a):
        s = s * 1.01 + x * (a[i] + len(i))
    return s


def by_number(a):
    for i in range(-a.size, a.size):
        a.flat[i] += i
    return a.flat[0], len(a.flat)


@pytest.mark.core
@pytest.mark.parametrize("shape", [(5,), (3, 4), (2, 3, 4), (0, 3), (2, 0)])
def test_loops(shape):
    for _, a in layouts(values(shape, float)):
        for function in (over_flat, over_indices, over_both):
            check(function, a)
        if a.size:
            check(by_number, a)
        check(lambda a: a.flat[a.size], a)


def test_extents():
    def counted(n, m):
        k = 0
        for i, j in np.ndindex(n, m):
            k = k * 3 + i + j
        return k

    for n, m in [(3, 4), (0, 2), (1, 1)]:
        check(counted, n, m)
    check(counted, -1, 2)


def assign(a, b, c):
    a.flat[b] = c
    return a.flat[b], a.flat.copy(), a


@pytest.mark.core
@pytest.mark.parametrize(
    "index", [slice(1, 3), slice(None, None, -1), np.array([3, 1, 2, -1]), np.arange(12) > 4]
)
def test_slices_arrays_and_masks(index):
    compiled = njit(assign)
    for a in (
        np.arange(12.0).reshape(3, 4),
        np.arange(12.0).reshape(3, 4).T[::-1],
        np.arange(24.0).reshape(3, 8)[:, ::2],
    ):
        for value in (7.0, np.array([7.0, 8.0]), [1, 2, 3]):
            want, got = assign(a.copy(), index, value), compiled(a.copy(), index, value)
            assert all(np.array_equal(x, y) for x, y in zip(want, got, strict=True))


def test_slices_that_cannot_be_assigned():
    a = np.arange(4.0)
    with pytest.raises(ValueError, match="Error setting single item"):
        njit(assign)(a, slice(0, 2), np.empty(0))
    a.flags.writeable = False
    with pytest.raises(TypingError, match="read-only"):
        njit(assign)(a, slice(0, 2), 1.0)
