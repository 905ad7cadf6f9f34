"""Axes that only the run knows: reductions, scans, joins and views, against NumPy over every layout."""

import numpy as np
import pytest
from arrays import check, layouts, values

from naja import njit
from naja.errors import TypingError

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

FUNCTIONS = [
    lambda a, k: np.sum(a, k),
    lambda a, k: a.sum(axis=k, keepdims=True),
    lambda a, k: np.mean(a, axis=k),
    lambda a, k: a.max(k),
    lambda a, k: np.min(a, k, keepdims=True),
    lambda a, k: np.std(a, axis=k, ddof=1),
    lambda a, k: np.any(a > 0.5, axis=k),
    lambda a, k: np.sum(a * 2 + 1, axis=k),
    lambda a, k: np.ptp(a, axis=k),
    lambda a, k: np.argmax(a, k),
    lambda a, k: np.argmin(a, axis=k),
    lambda a, k: np.cumsum(a, k),
    lambda a, k: np.cumprod(a, axis=k),
    lambda a, k: np.swapaxes(a, 0, k),
    lambda a, k: np.moveaxis(a, k, -1),
    lambda a, k: np.moveaxis(a, 0, k),
    lambda a, k: np.expand_dims(a, k),
    lambda a, k: np.flip(a, k),
    lambda a, k: np.concatenate((a, a * 2), axis=k),
    lambda a, k: np.stack((a, a * 2), axis=k),
]


@pytest.mark.parametrize("number", range(len(FUNCTIONS)))
def test_late_axis(number):
    function = FUNCTIONS[number]
    for shape, dtype in [
        ((3, 4, 5), float),
        ((300, 4), float),
        ((7,), float),
        ((3, 4), np.int32),
        ((3, 0, 2), float),
    ]:
        for _, a in layouts(values(shape, dtype)):
            for axis in range(-a.ndim - 1, a.ndim + 1):
                check(function, a, axis)


@pytest.mark.core
def test_late_axis_of_some():
    a = values((4, 5), float)
    for axis in range(-3, 3):
        check(FUNCTIONS[0], a, axis)
        check(FUNCTIONS[14], a, axis)


def test_mismatched_extents():
    def join(a, b, k):
        return np.concatenate((a, b), axis=k)

    for axis in range(3):
        check(join, np.zeros((2, 3, 4)), np.ones((2, 5, 4)), axis)
        check(join, np.zeros((2, 3, 4)), np.ones((2, 3, 1)), axis)


def test_wrong_axis():
    with pytest.raises(TypingError, match="the axis must be an integer, not float64"):
        njit(lambda a, k: np.sum(a, axis=k))(np.zeros(3), 1.0)
