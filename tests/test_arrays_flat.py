"""Going through elements and indices: a.flat, np.ndindex, np.ndenumerate."""

import numpy as np
import pytest
from arrays import check, layouts, values


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
