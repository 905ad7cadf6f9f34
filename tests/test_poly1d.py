"""np.poly1d in compiled code, compared with NumPy's."""

import warnings

import numpy as np
import pytest

from naja import _core, njit
from naja.errors import NajaPerformanceWarning, TypingError

A, X = np.array([0.0, 1.0, -3.0, 2.0]), np.linspace(-1, 2, 4)
EXPRESSIONS = [
    "np.poly1d([1, 2, 3])(2)",
    "np.poly1d(a)(x)",
    "np.poly1d(a)([[1.0, 2.0]])",
    "np.poly1d(a)(1 + 2j)",
    "np.poly1d((1, 2))(0.5)",
    "np.poly1d(4.0)",
    "np.poly1d([0, 0])",
    "np.poly1d(a, variable='z')",
    "np.poly1d(x, r=True)",
    "np.poly1d(np.poly1d(a))",
    "(p.coeffs, p.c, p.coef, p.coefficients, p.order, p.o, p.variable, len(p))",
    "(p.roots, p.r, np.roots(p))",
    "(p + p, p + 1, 2.5 - p, p - [1, 2], 2 * p, p * p, p * x, -p, +p)",
    "(p / 2, p / np.poly1d([1, 1]), p ** 3, p ** 1)",
    "(p == p, p == np.poly1d([1, 2]), p != p)",
    "(p.deriv(), p.deriv(2), p.integ(), p.integ(2, [1, 2]), p.integ(m=1, k=3))",
    "(p[0], p[2], p[7], p[-1])",
    "p(p)",
    "list(p)",
    "np.polyval(p, x)",
    "np.polyval(a, p)",
    "(np.polyder(p), np.polyint(p, 2))",
    "(np.polyadd(p, a), np.polysub(x, p), np.polymul(p, p), np.polydiv(p, [1.0, 1]))",
    "np.asarray(p)",
    "np.poly1d(np.polyfit(x, x * x, 2))(1.5)",
]


def same(x, y):
    if isinstance(y, (tuple, list)):
        return len(x) == len(y) and all(map(same, x, y))
    if isinstance(y, np.poly1d):
        return isinstance(x, np.poly1d) and x.variable == y.variable and same(x.coeffs, y.coeffs)
    if isinstance(y, np.ndarray):
        return x.dtype == y.dtype and x.shape == y.shape and np.allclose(x, y, rtol=1e-12, atol=1e-12)
    return x == y or np.isclose(x, y, rtol=1e-12)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_like_numpy(expression):
    scope = {"np": np}
    exec(f"def f(a, x):\n    p = np.poly1d(a)\n    return {expression}\n", scope)
    with warnings.catch_warnings():
        warnings.simplefilter("error", NajaPerformanceWarning)
        got = njit(scope["f"])(A, X)
    want = scope["f"](A, X)
    assert same(got, want), (got, want)


def test_coefficients_are_assigned():
    def run(a):
        p = np.poly1d(a)
        q = p
        p[5] = 2.5
        p[0] = -1
        return p, q.order, q(2.0)

    blocks = _core.block_count()
    got, want = njit(run)(A), run(A)
    assert same(got, want)
    del got
    assert _core.block_count() == blocks


def test_errors():
    with pytest.raises(TypingError, match="Polynomial must be 1d only"):
        njit(lambda a: np.poly1d(a)(1))(np.ones((2, 2)))
    for run, message in ((lambda a: np.poly1d(a) ** -1, "Power to non-negative integers only"),):
        with pytest.raises(ValueError, match=message):
            njit(run)(A)
