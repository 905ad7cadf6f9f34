"""Integrals of samples, recursive filters and distances of SciPy, written in Python for the compiler."""

import warnings

import numpy as np
import pytest

from naja import njit
from naja.errors import NajaPerformanceWarning

pytest.importorskip("scipy")
from scipy import integrate, signal  # noqa: E402
from scipy.spatial import distance  # noqa: E402

A = np.array([[4.0, 1.0, 0.5, np.nan], [1.0, 3.0, np.inf, 2.0], [0.5, -0.0, 2.0, 7.0]])
C, X = np.arange(24.0).reshape(2, 3, 4) ** 1.5, np.array([0.0, 1.0, 1.5, 4.0])
EXPRESSIONS = [
    "integrate.trapezoid(x)", "integrate.trapezoid(c, x)", "integrate.trapezoid(c, dx=0.5, axis=1)", "integrate.trapezoid([1, 2, 4])",
    "integrate.trapezoid(c[:, ::-1], c, axis=0)", "integrate.cumulative_trapezoid(x)", "integrate.cumulative_trapezoid(c, x, initial=0)",
    "integrate.cumulative_trapezoid(c, dx=0.5, axis=0)", "integrate.cumulative_trapezoid(c, c + 1, axis=1, initial=0)",
    "integrate.cumulative_trapezoid([1, 2, 4], [0, 1, 3])", "integrate.cumulative_trapezoid(c, [0.0, 2.0, 3.0], axis=-2)",
    "signal.lfilter([1.0, 0.5], [1.0, -0.3], x)", "signal.lfilter([2.0, 0.5, 0.25], [2.0, -0.3], c, axis=1)",
    "signal.lfilter([0.2], [1.0, -0.8], c[:, :, ::-1])", "signal.lfilter([1.0, 0.5], [1.0], x)", "signal.lfilter([1, 2, 3], 1, x)",
    "signal.lfilter([1.0, 0.5], [1.0, 0.3j], x)", "signal.lfilter([1.0], [1.0, 0.5], x[:0])", "signal.lfilter([1.0, 2.0], [1, 2], a)",
    "distance.cdist(c[0], c[1])", "distance.cdist(a, a, 'cityblock')", "distance.cdist(c[0], c[1, ::-1], metric='sqeuclidean')",
    "distance.cdist(c[0].T, c[1].T, 'chebyshev')", "distance.pdist(c[0])", "distance.pdist(c[1].T, 'chebyshev')", "distance.pdist(c[0, :1])",
    "distance.euclidean(x, x[::-1])", "distance.euclidean([1, 2], (3, 5))", "distance.cityblock(x, x + 1)",
    "distance.sqeuclidean(x, [1.0, 2.0, 3.0, 4.0])", "distance.chebyshev(x, x * x)",
]  # fmt: skip


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_like_scipy(expression):
    scope = {"np": np, "integrate": integrate, "signal": signal, "distance": distance}
    exec(f"def f(a, c, x):\n    return {expression}\n", scope)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("error", NajaPerformanceWarning)
        got = njit(scope["f"])(A, C, X)
    with np.errstate(all="ignore"):
        want = scope["f"](A, C, X)
    assert np.shape(got) == np.shape(want) and np.asarray(got).dtype == np.asarray(want).dtype
    np.testing.assert_allclose(got, want, rtol=1e-13, atol=1e-13)


@pytest.mark.filterwarnings("ignore::naja.errors.NajaPerformanceWarning")
def test_what_is_left_to_the_interpreter():
    def run(x):
        return distance.cosine(x, x + 1), distance.cityblock(x, x + 1, w=x), integrate.simpson(x)

    np.testing.assert_allclose(njit(run)(X), run(X))


def test_errors():
    for run, message in (
        (
            lambda c, x: integrate.cumulative_trapezoid(c, x[:3]),
            "length of x along axis must be the same as y",
        ),
        (lambda c, x: integrate.cumulative_trapezoid(x, initial=1.0), "must be `None` or `0`"),
        (lambda c, x: distance.cdist(c[0], c[0].T), "must have the same number of columns"),
    ):
        with pytest.raises(ValueError, match=message):
            njit(run)(C, X)
