"""inspect_calls: which rung of the library serves every operation of a compiled function."""

import warnings

import numpy as np
import pytest

from naja import njit
from naja.errors import NajaPerformanceWarning


def rungs(function, *args):
    """{name: rung} of the one version that these arguments make."""
    compiled = njit(function)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NajaPerformanceWarning)
        compiled(*args)
    sites = compiled.inspect_calls(compiled.signatures[0])
    return {site.name: site.rung for site in sites}


@njit
def helper(x):
    return x + 1


@pytest.mark.core
def test_every_rung():
    def f(a, m):
        b = np.sort(a) + a.sum()
        np.linalg.det(m)
        return helper(b[0])

    found = rungs(f, np.ones(3), np.eye(2))
    assert found["numpy.sort"] == 2
    assert found["ndarray.sum"] == 1
    assert found["operator.add"] == 1
    assert found["numpy.linalg.det"] == 3  # written in Python, over LAPACK's loop
    assert found["test_inspect_calls.helper"] == 0


def test_ufunc_loops_and_the_interpreter():
    special = pytest.importorskip("scipy.special")
    integrate = pytest.importorskip("scipy.integrate")

    def f(a):
        return special.erf(a)[0] + integrate.simpson(a)

    found = rungs(f, np.linspace(0, 1, 5))
    assert [rung for name, rung in found.items() if name.endswith("erf")] == [3]
    assert [rung for name, rung in found.items() if name.endswith("simpson")] == [4]


def test_positions_and_types():
    def f(a):
        return (a * 2).sum()

    compiled = njit(f)
    compiled(np.ones(3))
    by_args = compiled.inspect_calls()
    (sites,) = by_args.values()
    product, total = sites[-1], sites[0]
    assert (product.name, product.type) == ("operator.mul", "array(float64, 1d, C)")
    assert (total.name, total.type) == ("ndarray.sum", "float64")
    first = f.__code__.co_firstlineno
    assert {s.line for s in sites} == {first + 1}
    assert all(s.function.endswith("f") and s.end_column > s.column >= 0 for s in sites)


def test_recursion_and_branches_not_taken():
    @njit
    def fibonacci(n: int) -> int:
        return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

    fibonacci(3)
    sites = fibonacci.inspect_calls(fibonacci.signatures[0])
    assert [s.rung for s in sites if s.name.endswith("fibonacci")] == [0, 0]
