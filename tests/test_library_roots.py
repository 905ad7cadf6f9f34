"""scipy.optimize's brentq, bisect and newton with compiled functions: SciPy's bits and errors."""

import numpy as np
import pytest

from naja import njit

optimize = pytest.importorskip("scipy.optimize")


@njit
def cubic(x, c=2.0):
    return x**3 - c * x - 5.0


@njit
def wave(x, c):
    return np.cos(x) - c * x


def same(function, *arguments):
    """The same bits and class, and no call of the interpreter."""
    compiled = njit(function)
    want, got = function(*arguments), compiled(*arguments)
    assert type(got) is float
    assert np.float64(want).tobytes() == np.float64(got).tobytes(), (want, got)
    assert max(site.rung for site in compiled.inspect_calls(compiled.signatures[0])) < 4


@pytest.mark.core
@pytest.mark.parametrize("search", [optimize.brentq, optimize.bisect], ids=["brentq", "bisect"])
def test_brackets(search):
    for low, high in ((1.0, 4.0), (4.0, 1.0), (2, 3), (-10.0, 100.0), (1e-3, 1e5)):
        same(lambda a, b: search(cubic, a, b), low, high)
    for c in (0.1, 1.0, 7.5):
        same(lambda c: search(wave, 0.0, 2.0, args=(c,)), c)
        same(lambda c: search(wave, 0.0, 2.0, c, 1e-6, 1e-7, 60), c)
    same(lambda: search(lambda x: x - 1.0, 1.0, 3.0))
    same(lambda: search(lambda x: x - 3.0, 1.0, 3.0))
    same(lambda c: search(lambda x: x * x - c, 0.0, 9.0), 7.0)  # a captured variable
    same(lambda: search(cubic, 1.0, 4.0, maxiter=3, disp=False))


def test_errors_of_brackets():
    for search in (optimize.brentq, optimize.bisect):
        cases = [
            (lambda: search(cubic, 4.0, 5.0), ValueError, "different signs"),
            (lambda: search(cubic, 1.0, 4.0, xtol=0.0), ValueError, "xtol too small"),
            (lambda: search(cubic, 1.0, 4.0, rtol=1e-20), ValueError, "rtol too small"),
            (
                lambda: search(cubic, 1.0, 4.0, maxiter=2),
                RuntimeError,
                "Failed to converge after 2 iterations",
            ),
            (lambda: search(lambda x: np.sqrt(x), -1.0, 4.0), ValueError, "is NaN"),
        ]
        for function, error, words in cases:
            with pytest.raises(error, match=words):
                njit(function)()


@pytest.mark.core
def test_newton():
    for x in (1.0, 3, -2.5, 100.0):
        same(lambda x: optimize.newton(cubic, x), x)
        same(lambda x: optimize.newton(cubic, x, lambda x: 3 * x**2 - 2.0), x)
        same(lambda x: optimize.newton(cubic, x, lambda x: 3 * x**2 - 2.0, fprime2=lambda x: 6 * x), x)
    same(lambda x: optimize.newton(cubic, x, x1=4.0), 1.0)
    same(lambda c: optimize.newton(wave, 0.5, args=(c,), tol=1e-3), 2.0)
    same(lambda: optimize.newton(cubic, 1.0, maxiter=2, disp=False))


def test_errors_of_newton():
    cases = [
        (
            lambda: optimize.newton(lambda x: x * x + 1.0, 3.0, maxiter=5),
            RuntimeError,
            "Failed to converge after 5",
        ),
        (lambda: optimize.newton(cubic, 1.0, lambda x: 0.0 * x), RuntimeError, "Derivative was zero"),
        (lambda: optimize.newton(cubic, 1.0, x1=1.0), ValueError, "must be different"),
        (lambda: optimize.newton(cubic, 1.0, tol=0.0), ValueError, "tol too small"),
        (lambda: optimize.newton(lambda x: 1.0 + 0.0 * x, 1.0), RuntimeError, "Tolerance of"),
    ]
    for function, error, words in cases:
        with pytest.raises(error, match=words):
            njit(function)()
