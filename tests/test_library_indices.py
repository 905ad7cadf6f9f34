"""Triangles, indices and polynomials written in Python, against NumPy."""

import numpy as np
import pytest
from numpy.polynomial import polynomial as series

from naja import njit
from naja.errors import TypingError

TABLE = np.arange(12.0).reshape(3, 4) + 1
P, Q = np.array([2.0, 0.0, -1.0, 3.0]), np.array([1, 4])


def same(got, want):
    if isinstance(want, tuple):
        assert len(got) == len(want)
        for g, w in zip(got, want, strict=True):
            same(g, w)
        return
    got, want = np.asarray(got), np.asarray(want)
    assert got.shape == want.shape
    assert got.dtype == want.dtype or want.ndim == 0
    np.testing.assert_allclose(got, want, rtol=1e-13, atol=1e-14)


def check(function, *args):
    same(njit(function)(*args), function(*args))


@pytest.mark.parametrize("k", [-5, -1, 0, 2, 7])
def test_triangles(k):
    check(lambda m, k: (np.tril(m, k), np.triu(m, k)), TABLE, k)
    check(lambda m, k: (np.tril(m, k), np.triu(m, k)), TABLE.T, k)
    check(lambda m, k: (np.tril(m, k), np.triu(m, k)), np.stack((TABLE, -TABLE)), k)
    check(lambda m, k: (np.tril(m, k), np.triu(m, k)), TABLE[0], k)
    check(lambda k: (np.tri(3, 4, k), np.tri(2, k=k), np.tri(3, 2, k, dtype=np.int32)), k)
    check(lambda k: (np.tril_indices(3, k), np.triu_indices(4, k, 2)), k)
    check(lambda m, k: (np.tril_indices_from(m, k), np.triu_indices_from(m, k)), TABLE, k)


def test_vander():
    check(lambda x: (np.vander(x), np.vander(x, 2), np.vander(x, 5, increasing=True)), P)
    check(lambda x: np.vander(x, 3), Q)
    with pytest.raises(ValueError, match="Negative dimensions are not allowed"):
        njit(lambda x: np.vander(x, -1))(P)
    with pytest.raises(ValueError, match="x must be a one-dimensional"):
        njit(lambda x: np.vander(x))(TABLE)


@pytest.mark.parametrize("shape", [(3, 3), (3, 5), (7, 3)])
@pytest.mark.parametrize("value", [5, np.array([1.0, 2.0])])
@pytest.mark.parametrize("wrap", [False, True])
def test_fill_diagonal(shape, value, wrap):
    got, want = np.zeros(shape), np.zeros(shape)
    njit(lambda a, v, w: np.fill_diagonal(a, v, w))(got, value, wrap)
    np.fill_diagonal(want, value, wrap)
    same(got, want)


def test_diag_indices_and_trim_zeros():
    check(lambda n: (np.diag_indices(n), np.diag_indices(n, 3)), 4)
    for a in (np.array([0, 0, 1, 0, 2, 0]), np.zeros(3), np.zeros(0)):
        check(lambda a: (np.trim_zeros(a), np.trim_zeros(a, "f"), np.trim_zeros(a, "B")), a)


@pytest.mark.parametrize("p", [P, Q, P * (1 + 1j)])
def test_numpy_polynomials(p):
    check(lambda p, q: (np.polyadd(p, q), np.polysub(p, q), np.polymul(p, q), np.polyadd(q, p)), p, Q)
    check(lambda p, x: (np.polyval(p, x), np.polyval(p, 3), np.polyval(p, 0.5)), p, TABLE)
    check(lambda p: (np.polyder(p), np.polyder(p, 2)), p)


@pytest.mark.parametrize("p", [np.array([0.0, 0, 1, 2]), np.zeros(3), np.zeros(0), np.array([0, 0, 2])])
def test_products_of_polynomials_drop_leading_zeros(p):
    check(
        lambda p, q: (np.polymul(p, q), np.polymul(q, p), np.polymul(p, (0, 1, 2))), p, np.array([0.0, 3, 4])
    )


@pytest.mark.parametrize("p", [P, Q, P * (1 + 1j), np.array([1.0, 0.0, 0.0])])
def test_series(p):
    check(lambda p, q: (series.polyadd(p, q), series.polysub(p, q), series.polymul(p, q)), p, Q)
    check(lambda p, q: (series.polydiv(p, q), series.polydiv(q, p)), p, Q)
    check(lambda p, x: (series.polyval(x, p), series.polyval(2.5, p)), p, TABLE)


def test_polynomial_errors():
    with pytest.raises(ZeroDivisionError):
        njit(lambda p, q: series.polydiv(p, q))(P, np.zeros(2))
    with pytest.raises(ValueError, match="Coefficient array is empty"):
        njit(lambda p, q: series.polyadd(p, q))(P, P[:0])
    with pytest.raises(TypingError, match="Coefficient array is not 1-d"):
        njit(lambda p, q: series.polyadd(p, q))(P, TABLE)


@pytest.mark.core
def test_core():
    check(lambda m, p: (np.tril(m), np.polyval(p, 2.0), np.vander(p)), TABLE, P)
