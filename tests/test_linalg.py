"""numpy.linalg in compiled code: NumPy's own results, errors and messages."""

import numpy as np
import pytest

from naja import njit
from naja.errors import TypingError

LA = np.linalg
rng = np.random.default_rng(0)
SQUARE = rng.random((4, 4))
POSITIVE = SQUARE + SQUARE.T + 8 * np.eye(4)
MATRICES = {
    "f8": SQUARE,
    "f4": SQUARE.astype("f4"),
    "c16": SQUARE + 1j * SQUARE.T,
    "c8": (SQUARE + 1j * SQUARE.T).astype("c8"),
    "i8": (SQUARE * 10).astype("i8"),
    "F": np.asfortranarray(SQUARE),
    "A": rng.random((8, 8))[::2, ::-2],
    "stack": rng.random((2, 3, 3)),
}


def assert_same(got, want):
    if isinstance(want, tuple):
        assert len(got) == len(want)
        for g, w in zip(got, want, strict=True):
            assert_same(g, w)
        return
    want = np.asarray(want)
    assert np.shape(got) == want.shape
    if want.ndim:
        assert got.dtype == want.dtype
    assert np.allclose(got, want, rtol=1e-5 if want.dtype.char in "fF" else 1e-12, equal_nan=True)


def check(function, *args):
    assert_same(njit(function)(*args), function(*args))


def check_error(function, *args):
    with pytest.raises(Exception) as want:  # noqa: PT011
        function(*args)
    with pytest.raises(want.type) as got:
        njit(function)(*args)
    assert str(want.value) in str(got.value)


@pytest.mark.parametrize("name", MATRICES)
@pytest.mark.parametrize(
    "function",
    [
        lambda a: LA.inv(a),
        lambda a: LA.det(a),
        lambda a: LA.slogdet(a),
        lambda a: LA.svd(a),
        lambda a: LA.svd(a, full_matrices=False),
        lambda a: LA.svdvals(a),
        lambda a: LA.qr(a),
        lambda a: LA.qr(a, mode="complete"),
        lambda a: LA.qr(a, mode="r"),
        lambda a: LA.eigh(a),
        lambda a: LA.eigvalsh(a, "U"),
    ],
    ids="inv det slogdet svd svd_thin svdvals qr qr_complete qr_r eigh eigvalsh".split(),
)
def test_one_matrix(function, name):
    check(function, MATRICES[name])


@pytest.mark.parametrize(
    "function",
    [lambda a: LA.svd(a), lambda a: LA.svd(a, False), lambda a: LA.qr(a), lambda a: LA.qr(a, "complete")],
    ids=["svd", "svd_thin", "qr", "qr_complete"],
)
@pytest.mark.parametrize("shape", [(5, 2), (2, 5), (2, 4, 3)])
def test_shapes(function, shape):
    check(function, rng.random(shape))


@pytest.mark.core
def test_solve():
    for a in MATRICES.values():
        if a.ndim == 2:
            check(lambda a, b: LA.solve(a, b), a, np.arange(4.0))
        check(lambda a, b: LA.solve(a, b), a, np.arange(2.0 * a.shape[-1]).reshape(-1, 2))
    check_error(lambda a, b: LA.solve(a, b), np.zeros((2, 2)), np.ones(2))


@pytest.mark.parametrize("dtype", ["f8", "f4", "c16"])
def test_positive_matrices(dtype):
    a = POSITIVE.astype(dtype)
    check(lambda a: LA.cholesky(a), a)
    check(lambda a: LA.eig(a), a)
    check(lambda a: LA.eigvals(a), a)
    check(lambda a: LA.pinv(a), a[:, :2].copy())
    check(lambda a: LA.matrix_rank(a), a)
    for b in (np.arange(4.0), rng.random((4, 2))):
        check(lambda a, b: LA.lstsq(a, b), a[:, :2].copy(), b.astype(dtype))
    for n in (0, 1, 2, 3, 5, -2):
        check(lambda a, n: LA.matrix_power(a, n), a, n)


@pytest.mark.parametrize("dtype", ["f8", "f4", "c16", "i8"])
def test_norms(dtype):
    a = (POSITIVE * 3).astype(dtype)
    for order in (1, -1, 2, -2, np.inf, -np.inf):
        check(lambda a, order: LA.norm(a, order), a, order)
        check(lambda a, order: LA.cond(a, order), a, order)
    for order in (1, -1, 2, 0, np.inf, -np.inf, 3, 0.5):
        check(lambda a, order: LA.norm(a, order), a[0].copy(), order)
    check(lambda a: LA.norm(a), a)
    check(lambda a: LA.norm(a), a[:, 0])
    check(lambda a: LA.norm(a, "fro"), a)
    check(lambda a: LA.norm(a, "nuc"), a)
    check(lambda a: LA.cond(a), a)
    check(lambda a: LA.cond(a, "fro"), a)
    check(lambda a: LA.cond(a), np.zeros((2, 2)))
    with pytest.raises(ValueError, match="Invalid norm order for matrices"):
        njit(lambda a: LA.norm(a, 7))(a)


@pytest.mark.core
def test_failures():
    check_error(lambda a: LA.inv(a), np.zeros((2, 2)))
    check_error(lambda a: LA.inv(a), np.zeros((2, 3)))
    check_error(lambda a: LA.cholesky(a), -np.eye(2))
    check_error(lambda a: LA.eig(a), np.full((2, 2), np.nan))
    check_error(lambda a: LA.eigvals(a), np.full((2, 2), np.inf))
    check_error(lambda a: LA.svd(a), np.full((2, 2), np.nan))
    check_error(lambda a, b: LA.lstsq(a, b), np.full((2, 2), np.nan), np.ones(2))
    with pytest.raises(ValueError, match="must not cause a domain change"):
        njit(lambda a: LA.eig(a))(np.array([[0.0, 1], [-1, 0]]))
    with pytest.raises(TypingError, match="Array must be at least two-dimensional"):
        njit(lambda a: LA.inv(a))(np.ones(3))
    f = njit(lambda a: LA.inv(a))
    assert_same(f(np.eye(2)), np.eye(2))  # an earlier failure leaves nothing behind


def test_empty():
    a = np.zeros((0, 0))
    check(lambda a: LA.inv(a), a)
    check(lambda a: LA.det(a), a)
    check(lambda a: LA.slogdet(a), a)
    check(lambda a: LA.svdvals(a), a)
    check(lambda a: LA.eigh(a), a)
    check(lambda a: LA.cholesky(a), a)
    check(lambda a, b: LA.lstsq(a, b), np.zeros((0, 2)), np.zeros(0))
    check(lambda a: LA.pinv(a), np.zeros((0, 3)))
