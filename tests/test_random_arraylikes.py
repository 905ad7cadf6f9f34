"""Lists, tuples and arrays as parameters of what draws random numbers: NumPy's streams, to the bit."""

import warnings

import numpy as np
import pytest

from naja import njit
from naja.errors import NajaPerformanceWarning, TypingError

B = np.array([3, 100, 7])
OF_GENERATOR = [
    "r.normal([1.0, 2.0], [[1.0], [2.0]])", "r.beta([1, 2], 3.0)", "r.binomial(10, [0.2, 0.5])", "r.uniform([0, 1], [1, 2.5])",
    "r.poisson([1.0, 5.0], size=(3, 2))", "r.hypergeometric(10, 5, [3, 4])", "r.zipf([2.0, 3.0])", "r.wald(1.0, b)",
    "r.integers([1, 5], [10, 20])", "r.integers(b)", "r.integers(0, b, size=(2, 3))", "r.integers(b[:, None], b + 150)",
    "r.integers(-b, b, endpoint=True)", "r.integers(b.astype(np.int32), dtype=np.int32)", "r.integers(0, [2**40, 9], dtype=np.uint64)",
    "r.integers(0, 2, size=4, dtype='bool')", "r.integers(0, 9, 5, 'u1')", "r.random(3, 'f4')", "r.random(2, dtype='float64')",
    "r.standard_normal(3, 'f4')", "r.standard_exponential(3, dtype='f4')", "r.permutation([1, 2, 3])", "r.permuted([3, 1, 2])",
    "r.permuted([[3, 1, 2], [4, 5, 6]], axis=1)",
]  # fmt: skip
OF_STATE = [
    "r.normal([1.0, 2.0], 3.0)", "r.randint([1, 2], 10)", "r.randint(0, b, size=(2, 3))", "r.randint(b)",
    "r.randint(b, b + 7, dtype=np.int32)", "r.gamma([1.0, 2.0])",
]  # fmt: skip


def check(expression, make):
    scope = {"np": np}
    exec(f"def f(r, b):\n    return {expression}, r.random()\n", scope)
    with warnings.catch_warnings():
        warnings.simplefilter("error", NajaPerformanceWarning)
        got = njit(scope["f"])(make(3), B)
    want = scope["f"](make(3), B)
    np.testing.assert_array_equal(got[0], want[0])
    assert got[1] == want[1]
    assert np.asarray(got[0]).dtype == np.asarray(want[0]).dtype


@pytest.mark.parametrize("expression", OF_GENERATOR)
def test_generators(expression):
    check(expression, np.random.default_rng)


@pytest.mark.parametrize("expression", OF_STATE)
def test_random_states(expression):
    check(expression, np.random.RandomState)


def test_bounds_are_tested_before_anything_is_drawn():
    for run, message in (
        (lambda r, b: r.integers(b, 50), "low >= high"),
        (lambda r, b: r.integers(-b), "high <= 0"),
        (lambda r, b: r.integers(0, [5, 2**40], dtype=np.int32), "high is out of bounds for int32"),
    ):
        r = np.random.default_rng(3)
        with pytest.raises(ValueError, match=message):
            njit(run)(r, B)
        assert r.random() == np.random.default_rng(3).random()
    with pytest.raises(TypingError, match="dtypes of 32 and 64 bits"):
        njit(lambda r, b: r.integers(b, dtype=np.uint8))(np.random.default_rng(3), B)
