"""naja/library/arrays.py: taking, repeating, rolling, triangles, positions, against NumPy over layouts."""

import numpy as np
import pytest
from arrays import check, layouts, values

from naja import njit

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

ANY = """
np.flatnonzero(a)
np.nonzero(a)
a.nonzero()
np.where(a)
np.argwhere(a)
np.repeat(a, 2)
a.repeat(3)
np.repeat(a, 2, axis=0)
np.repeat(a, np.arange(a.size))
np.roll(a, 2)
np.roll(a, -1, axis=0)
np.append(a, a)
np.append(a, a, 0)
np.array_equal(a, a)
np.allclose(a, a)
np.diff(a)
np.take(a, 1)
np.take(a, np.array([0, 1, -1]))
np.take(a, np.array([[0, 1], [2, 0]]), 0)
np.take(a, np.array([0, 1]), axis=-1)
a.take(2)
np.take(a, 1, 0)
np.delete(a, 2)
np.delete(a, np.array([1, 3, -1]))
np.delete(a, slice(1, 3))
np.extract(a > 0, a)
np.compress(np.array([True, False, True]), a, axis=0)
np.average(a)
np.average(a, weights=np.abs(a) + 1)
np.atleast_1d(a)
np.diagflat(a)
np.tril(a)
np.triu(a, 1)
np.tril(a, -1)
""".split("\n")[1:-1]
MATRIX = """
np.rot90(a)
np.rot90(a, -1)
np.rot90(a, 2)
np.trace(a)
np.diagonal(a)
np.tril_indices_from(a)
np.triu_indices_from(a, 1)
np.diag(a, 1)
np.diag(a, -2)
""".split("\n")[1:-1]


def function_of(text):
    return eval(f"lambda a: {text}", {"np": np})


@pytest.mark.parametrize("text", ANY)
def test_any(text):
    for a in (
        values((20,), float),
        np.arange(20).reshape(4, 5) % 3,
        values((3, 4, 5), bool),
        np.asfortranarray(values((3, 4), float)),
        np.zeros((0, 3)),
    ):
        if a.size or "delete" not in text:
            check(function_of(text), a)


@pytest.mark.parametrize("text", MATRIX)
def test_matrix(text):
    for _, a in layouts(values((3, 4), np.int32)):
        check(function_of(text), a)


@pytest.mark.parametrize(
    "text",
    [
        "np.tri(a)",
        "np.tri(a, 5, 1)",
        "np.tril_indices(a)",
        "np.triu_indices(a, 1, 6)",
        "np.logspace(a, 3, 7, base=2.0)",
        "np.diag(np.arange(a), 1)",
        "np.diag(np.arange(a), -2)",
    ],
)
def test_made(text):
    check(function_of(text), 4)


def test_logspace():
    """NumPy's own powers differ by an ulp from machine to machine."""
    want, got = np.logspace(4, 3), njit(lambda a: np.logspace(a, 3))(4)
    np.testing.assert_array_max_ulp(got, want, 1)


@pytest.mark.core
def test_positions_and_errors():
    a = np.array([3, 0, -1, 0, 2])
    for text in ("np.nonzero(a)", "np.take(a, 1)", "np.take(a, 5)", "np.take(a, np.array([1, -6]))"):
        check(function_of(text), a)
    check(function_of("np.take(a, 1)"), np.zeros(0))
    check(function_of("np.repeat(a, -1)"), a)
    check(function_of("np.repeat(a, 2, axis=1)"), a)
    check(function_of("np.delete(a, 9)"), a)
    check(function_of("np.delete(a, np.array([0, 9]))"), a)
    check(function_of("np.extract(np.ones(9), a)"), a)


def test_diagonal_is_filled():
    def fill(a, value):
        np.fill_diagonal(a, value)

    check(fill, np.zeros((3, 5)), 2.0)
    check(fill, np.zeros((4, 3)), np.array([1.0, 2.0]))


@pytest.mark.parametrize("dtype", [bool, "i1", "u1", "i4", "i8", "u8", "f2", "f4", "f8", "c8", "c16"])
def test_traces(dtype):
    """To the bit: sums of few numbers go another way than those of many."""
    compiled = njit(lambda a, k: (np.trace(a, k), a.trace()))
    rng = np.random.default_rng(4)
    for shape in ((0, 0), (1, 1), (3, 3), (7, 9), (9, 7), (20, 20), (3, 0)):
        a = (rng.normal(size=shape) * 50).astype(dtype)
        for k in (-3, 0, 2, 30, -30):
            assert compiled(a, k) == (np.trace(a, k), np.trace(a)), (shape, k)
