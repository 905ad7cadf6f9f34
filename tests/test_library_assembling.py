"""block, functions along axes, piecewise, fromfunction, fromiter, put_along_axis and bits in compiled code."""

import numpy as np
import pytest
from differential import check_arrays

from naja import njit
from naja.errors import TypingError

A = np.arange(12.0).reshape(3, 4)
F = np.asfortranarray(A)
T = np.random.default_rng(0).random((2, 3, 4))
V = np.array([3.0, 1.0, 2.0, 5.0, 4.0, 1.0])
M = A > 5
BITS = np.random.default_rng(1).integers(0, 2, (5, 11)).astype(bool)


def scaled_sums(a, s):
    return np.apply_along_axis(lambda v: v.sum() * s, 1, a)


def put_greatest(a, v):
    np.put_along_axis(a, np.argmax(a, axis=1, keepdims=True), 99.0, axis=1)
    np.put_along_axis(a, np.argsort(a, axis=0), a * 2, axis=0)
    np.put_along_axis(v, np.array([0, -1]), (7.0, 8.0), axis=None)


CASES = {
    "block": (lambda a, f: np.block([[a, f], [np.ones((2, 4)), f[:2]]]), A, F),
    "block_rows": (lambda v: (np.block([v, v]), np.block([v, 1.0]), np.block([[1, 2], [3, 4]]), np.block(v)), V),
    "block_deep": (lambda t: np.block([[[t, t]], [[t, t]]]), T),
    "along_closure": (scaled_sums, A, 2.5),
    "along_numbers": (lambda a, t: (np.apply_along_axis(np.sum, 0, a), np.apply_along_axis(np.max, -1, t)), A, T),
    "along_arrays": (lambda t: (np.apply_along_axis(np.sort, 1, t), np.apply_along_axis(np.cumsum, 0, t)), T),
    "along_tables": (lambda t: (np.apply_along_axis(np.diag, 1, t), np.apply_along_axis(np.diag, 2, t)), T),
    "along_arguments": (lambda t, k: np.apply_along_axis(lambda v, k: v[:2] + k, 0, t, k), T, 3.0),
    "along_known_late": (lambda t, k: np.apply_along_axis(np.mean, k, t), T, -2),
    "over_axes": (lambda t: (np.apply_over_axes(np.sum, t, (0, 2)), np.apply_over_axes(np.max, t, -1)), T),
    "piecewise": (lambda v: (np.piecewise(v, [v < 2, v >= 2], [-1.0, 1.0]), np.piecewise(v, [v < 2], [-1.0, 1.0])), V),
    "piecewise_functions": (lambda v: np.piecewise(v, [v < 2, v > 4], [lambda x: -x, lambda x: x * 2]), V),
    "piecewise_mixed": (lambda v, k: np.piecewise(v, [v < 2], (lambda x, k: x * k, 5.0), k), V, 3.0),
    "piecewise_table": (lambda v: np.piecewise(v, np.stack((v < 2, v > 3)), [1.0, 2.0, 3.0]), V),
    "fromfunction": (lambda: (np.fromfunction(lambda i, j: i + 2 * j, (3, 2)),
                              np.fromfunction(lambda i, j: i == j, (3, 3), dtype=int))),
    "fromiter": (lambda n: (np.fromiter([1, 2, n], np.float64), np.fromiter((i * i for i in range(n)), np.int64),
                            np.fromiter(range(40), np.int32, 10)), 21),
    "put_along_axis": (put_greatest, A, V),
    "packbits": (lambda m: (np.packbits(m), np.packbits(m, axis=0), np.packbits(m, axis=-1, bitorder="little")), BITS),
    "packbits_integers": (lambda x: np.packbits(x), np.array([0, 3, 0, 1])),
    "unpackbits": (lambda m, n: (np.unpackbits(np.packbits(m)), np.unpackbits(np.packbits(m, axis=1), axis=1, count=n),
                                 np.unpackbits(np.packbits(m, axis=1), axis=0, count=-1, bitorder="little")), BITS, 11),
    "empty": (lambda v: (np.packbits(v > 0), np.fromiter(v, np.float32), np.piecewise(v, [v > 0], [1.0])), V[:0]),
}  # fmt: skip


@pytest.mark.core
@pytest.mark.parametrize("name", CASES)
def test_like_numpy(name):
    case = CASES[name] if isinstance(CASES[name], tuple) else (CASES[name],)
    check_arrays(*case)


def test_errors():
    with pytest.raises(ValueError, match="iteration dimensions are 0"):
        njit(lambda a: np.apply_along_axis(np.sum, 0, a))(np.ones((3, 0)))
    with pytest.raises(ValueError, match="Expected 9 but iterator had only 2 items"):
        njit(lambda: np.fromiter((1, 2), np.int64, 9))()
    with pytest.raises(TypingError, match="does not allow tuples"):
        njit(lambda a: np.block((a, a)))(A)
    with pytest.raises(ValueError, match="with 1 condition"):
        njit(lambda v: np.piecewise(v, [v > 1], [1.0, 2.0, 3.0]))(V)
    with pytest.raises(TypingError, match="unsigned byte"):
        njit(lambda a: np.unpackbits(a))(A)
