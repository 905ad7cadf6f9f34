"""Roots, fits, integrals and quotients of polynomials in compiled code, against NumPy."""

import numpy as np
import pytest
from differential import check_arrays
from numpy.polynomial import polynomial, polyutils

from naja import njit

V = np.array([3.0, 1.0, 2.0, 5.0, 4.0, 1.0])
X = np.linspace(-1, 2, 6)
A = np.arange(12.0).reshape(3, 4)
P = np.array([1.0, -3.0, 2.0])

CASES = {
    "roots": (lambda p: (np.roots(p), np.roots([1.0, -3.0, 2.0, 0.0]), np.roots(p[:1]), np.roots([0, 0, 1, 1]), np.roots(p + 0j),
                         np.roots(np.array([1.0, 0.0, 1.0]) + 0j)), P),
    "roots_single": (lambda p: np.roots(p), P.astype(np.float32)),
    "poly": (lambda v: (np.poly(v), np.poly(np.array([[2.0, 1.0], [1.0, 3.0]])), np.poly((1, 2))), V),
    "polydiv": (lambda v: (np.polydiv(v, v[:2]), np.polydiv(v[:2], v), np.polydiv((1, 5, 6), (1, 2))), V),
    "polyfit": (lambda x, v: (np.polyfit(x, v, 2), np.polyfit(x, v, 1, w=v), np.polyfit(x, np.stack((v, v * v), axis=1), 2),
                              np.polyfit(x, v, 1, full=True), np.polyfit([0, 1, 2], [1, 3, 5], 1)), X, V),
    "polyint": (lambda v: (np.polyint(v), np.polyint(v, 2, k=1.0), np.polyint(v, 2, k=[1.0, 2.0]), np.polyint((1, 2))), V),
    "integrals": (lambda v, a: (polynomial.polyint(v), polynomial.polyint(a, 2), polynomial.polyint((0,), 3)), V, A),
    "derivatives": (lambda v: (polynomial.polyder(v), polynomial.polyder(v, 2), polynomial.polyder(v, 9)), V),
    "series": (lambda v, x: (polynomial.polyfit(x, v, 2), polynomial.polyroots([-2.0, 1.0, 1.0]), polynomial.polyfromroots(v),
                             polynomial.polyvander(v, 2), polynomial.polymulx(v), polynomial.polypow(v, 2)), V, X),
    "trimseq": (lambda v: (polyutils.trimseq(v * 0), polyutils.trimseq(v), polyutils.trimseq([1, 0, 2, 0])), V),
    "as_series": (lambda v: (polyutils.as_series([v, v[:1] * 0]), polyutils.as_series((1, np.arange(3)), False)), V),
}  # fmt: skip


@pytest.mark.core
@pytest.mark.parametrize("name", CASES)
def test_like_numpy(name):
    check_arrays(*CASES[name])


def test_errors():
    with pytest.raises(ValueError, match="must not cause a domain change"):
        njit(lambda p: np.roots(p))(np.array([1.0, 0.0, 1.0]))
    with pytest.raises(ValueError, match="Input must be a 1d array"):
        njit(lambda p: np.roots(p))(A)
    with pytest.raises(TypeError, match="same length"):
        njit(lambda x, y: np.polyfit(x, y, 1))(V, V[1:])
    with pytest.raises(ValueError, match="expected deg >= 0"):
        njit(lambda x, n: np.polyfit(x, x, n))(V, -1)
