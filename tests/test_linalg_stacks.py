"""numpy.linalg of stacks, along axes and of hermitian matrices, against NumPy."""

import numpy as np
import pytest
from differential import check_arrays

from naja import njit
from naja.errors import TypingError

RNG = np.random.default_rng(5)
A = np.arange(12.0).reshape(3, 4)
C = A + 1j * A[::-1]
T = RNG.random((2, 3, 4))
S = RNG.random((2, 3, 3))
H = np.array([[1, 2], [2, -3]])
V = np.array([3.0, 1.0, 2.0])

CASES = {
    "vector_norms": (lambda a, c: (np.linalg.norm(a, axis=1), np.linalg.norm(a, ord=np.inf, axis=0), np.linalg.norm(c, axis=0),
                                   np.linalg.norm(a, ord=3, axis=0, keepdims=True), np.linalg.norm(a, -np.inf, 1),
                                   np.linalg.norm(a, 0, 1), np.linalg.norm(a, 1, -1)), A, C),
    "axis_known_late": (lambda a, k: np.linalg.norm(a, axis=k), A, -1),
    "order_known_late": (lambda a, p: (np.linalg.norm(a, p, 0), np.linalg.norm(a, p, (0, 1))), A, 1),
    "matrix_norms": (lambda t, a: (np.linalg.norm(t, ord=1, axis=(0, 2)), np.linalg.norm(t, ord=-np.inf, axis=(2, 0)),
                                   np.linalg.norm(t, "nuc", (2, 0), True), np.linalg.norm(t, axis=(1, 2)),
                                   np.linalg.norm(a, 2, (0, 1), True), np.linalg.norm(a, keepdims=True),
                                   np.linalg.norm(t, -2, (1, 0)), np.linalg.norm(t, np.inf, (0, 1), True)), T, A),
    "integers": (lambda h: (np.linalg.norm(h, axis=0), np.linalg.norm([3, 4]), np.linalg.norm(h, 2, axis=1)), H),
    "single": (lambda a: (np.linalg.norm(a, axis=1), np.linalg.norm(a, 1, (0, 1))), A.astype(np.float32)),
    "rank": (lambda s, a: (np.linalg.matrix_rank(s), np.linalg.matrix_rank(a, rtol=1e-5), np.linalg.matrix_rank(s, 0.3)), S, A),
    "hermitian": (lambda h: (np.linalg.matrix_rank(h, hermitian=True), np.linalg.pinv(h, hermitian=True),
                             np.linalg.svd(h, hermitian=True), np.linalg.svd(h, compute_uv=False, hermitian=True)), H),
    "pinv": (lambda s, t: (np.linalg.pinv(s), np.linalg.pinv(t), np.linalg.pinv(t, rcond=0.5)), S, T),
    "cond": (lambda s: (np.linalg.cond(s), np.linalg.cond(s, 1), np.linalg.cond(s, "fro"), np.linalg.cond(s, -2),
                        np.linalg.cond(s, np.inf)), S),
    "power": (lambda s, h: (np.linalg.matrix_power(s, 3), np.linalg.matrix_power(s, -2), np.linalg.matrix_power(s, 0),
                            np.linalg.matrix_power(h, -1)), S, H),
    "qr_raw": (lambda a: np.linalg.qr(a, mode="raw"), A),
    "tensors": (lambda t, b: (np.linalg.tensorinv(t), np.linalg.tensorsolve(t, b), np.linalg.tensorinv(t.reshape((4, 2, 2)), 1)),
                (np.eye(4) * 2 + 1).reshape(2, 2, 2, 2), A[:2, :2].copy()),
    "chain": (lambda a: np.linalg.multi_dot([a, a.T.copy(), a]), A),
    "others": (lambda t, a, v: (np.linalg.diagonal(t), np.linalg.matmul(a, a.T), np.linalg.matrix_transpose(t),
                                np.linalg.outer(v, v), np.linalg.trace(t), np.linalg.trace(a, offset=1),
                                np.linalg.cross(v, v[::-1]), np.linalg.tensordot(a, a), np.linalg.tensordot(a, a, axes=(0, 0)),
                                np.linalg.vecdot(a, a), np.matrix_transpose(t)), T, A, V),
    "norms_by_name": (lambda a, s: (np.linalg.matrix_norm(a), np.linalg.matrix_norm(s, ord=1, keepdims=True),
                                    np.linalg.vector_norm(a, axis=1), np.linalg.vector_norm(a, ord=1, keepdims=True),
                                    np.linalg.vector_norm(a)), A, S),
}  # fmt: skip


@pytest.mark.core
@pytest.mark.parametrize("name", CASES)
def test_like_numpy(name):
    check_arrays(*CASES[name])


def test_errors():
    with pytest.raises(TypingError, match="Duplicate axes given"):
        njit(lambda t: np.linalg.norm(t, axis=(0, 0)))(T)
    with pytest.raises(ValueError, match="Invalid norm order for matrices"):
        njit(lambda t: np.linalg.norm(t, 5, axis=(0, 1)))(T)
    with pytest.raises(np.linalg.LinAlgError, match="empty"):
        njit(lambda s: np.linalg.cond(s))(S[:, :0])
    with pytest.raises(TypeError, match="no inverse of integers"):
        njit(lambda h, n: np.linalg.matrix_power(h, n))(H, -1)
    with pytest.raises(np.linalg.LinAlgError, match="must satisfy the requirement"):
        njit(lambda t, b: np.linalg.tensorsolve(t, b))(T, A)
