"""Axes, modes, kinds and methods that the program knows at run time only."""

import numpy as np
import pytest
from differential import check_arrays

from naja import njit

A = np.random.default_rng(2).integers(0, 9, (3, 4, 2)).astype(float)
V = np.array([3.0, 1.0, 2.0, 5.0, 4.0, 1.0])

AXES = {
    "sort": lambda a, k: (
        np.sort(a, k),
        np.argsort(a, axis=k, kind="stable"),
        np.take(np.partition(a, 0, axis=k), 0, axis=k),
    ),
    "median": lambda a, k: (np.median(a, axis=k), np.median(a, k, keepdims=True), np.nanmedian(a, axis=k)),
    "percentile": lambda a, k: (np.percentile(a, 30, axis=k), np.quantile(a, 0.25, axis=k, method="lower")),
    "differences": lambda a, k: (
        np.diff(a, axis=k),
        np.trapezoid(a, axis=k),
        np.trapezoid(a, dx=0.5, axis=k),
    ),
    "split": lambda a, k: np.array_split(a, 2, axis=k),
}


def in_place(a, k):
    a.sort(k)


@pytest.mark.core
@pytest.mark.parametrize("name", AXES)
def test_axis(name):
    for axis in (0, 1, -1, -3):
        check_arrays(AXES[name], A, axis)


def test_methods_and_wrong_axes():
    check_arrays(in_place, A, 1)
    with pytest.raises(np.exceptions.AxisError):
        njit(lambda a, k: np.sort(a, k))(A, 3)


@pytest.mark.core
def test_words():
    for mode in ("full", "same", "valid"):
        check_arrays(
            lambda v, mode: (np.convolve(v, v[:3], mode), np.correlate(v, v[:3], mode=mode)), V, mode
        )
    for kind in ("quicksort", "mergesort", "stable", "heapsort"):
        check_arrays(lambda v, kind: (np.sort(v, kind=kind), np.argsort(v, kind="stable")), V, kind)
    for method in ("linear", "lower", "hazen", "inverted_cdf"):
        check_arrays(lambda v, q, method: np.quantile(v, q, method=method), V, 0.4, method)
    for side in ("left", "right"):
        check_arrays(lambda v, side: np.searchsorted(v, v, side), np.sort(V), side)
    with pytest.raises(ValueError, match="np.convolve: mode must be one of 'full', 'same', 'valid'"):
        njit(lambda v, mode: np.convolve(v, v, mode))(V, "none")


@pytest.mark.core
def test_flags():
    a, b = np.array([3, 1, 2, 5]), np.array([1, 5, 7])
    for flag in (False, True):
        check_arrays(
            lambda a, b, f: (np.isin(a, b, f, not f), np.intersect1d(a, b, f), np.setdiff1d(a, b, f)),
            a,
            b,
            flag,
        )
        check_arrays(
            lambda a, f: (np.angle(a, f), np.linspace(0, 1, 5, f), np.geomspace(1, 8, 4, f)), a * 1j, flag
        )


def test_axes_that_may_be_the_only_one():
    check_arrays(lambda v, k: np.split(v, 2, k)[1], V, -1)
    check_arrays(lambda a, k: np.unique(a, axis=k), A[:, :, 0], 1)
