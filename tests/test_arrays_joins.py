"""Arrays made of several: concatenate, stack and their relatives."""

import numpy as np
import pytest
from arrays import ALL, check, layouts, values


@pytest.mark.core
@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 3, 4), (0, 3)])
def test_equal_parts(shape):
    for _, a in layouts(values(shape, np.float64)):
        b = values(shape, np.float64, seed=1)
        check(lambda a, b: np.concatenate((a, b)), a, b)
        check(lambda a, b: np.concatenate((a, b, a), axis=-1), a, b)
        check(lambda a, b: np.stack((a, b)), a, b)
        check(lambda a, b: np.stack((a, b), axis=-1), a, b)
        check(lambda a, b: np.hstack((a, b)), a, b)
        check(lambda a, b: np.vstack((a, b)), a, b)
        check(lambda a, b: np.column_stack((a, b)), a, b)


@pytest.mark.parametrize("dtype", ALL)
def test_dtypes(dtype):
    a = values(3, dtype)
    check(lambda a, b: np.concatenate([a, b]), a, values(4, np.float32))
    check(lambda a, b: np.hstack((b, a)), a, values(4, np.int16))


def test_unequal_parts():
    check(lambda a, b: np.concatenate((a, b)), np.zeros((2, 3)), np.ones((4, 3)))
    check(lambda a, b: np.concatenate((a, b)), np.zeros((2, 3)), np.ones((2, 4)))
    check(lambda a, b: np.concatenate((a, b), axis=1), np.zeros((2, 3)), np.ones((2, 4)))
    check(lambda a, b: np.stack((a, b)), np.zeros(3), np.ones(4))
    check(lambda a, b: np.column_stack((a, b)), np.zeros(3), np.ones((3, 2)))
    check(lambda a, b: np.vstack((a, b)), np.zeros(3), np.ones((2, 3)))
