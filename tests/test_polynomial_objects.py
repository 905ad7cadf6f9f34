"""numpy.polynomial.Polynomial in compiled code: made, passed, returned, evaluated and computed with, as in NumPy."""

import os
import subprocess
import sys

import numpy as np
import pytest
from numpy.polynomial import Polynomial

import naja
from naja import njit
from naja.errors import TypingError

pytestmark = pytest.mark.usefixtures("no_leaks")

P = Polynomial([1, 2, 3.0])
Q = Polynomial([1.0, -1, 0, 2], domain=[0, 2], window=[-1, 3])
Z = Polynomial([1.0, 2j])
V = np.array([3.0, 1.0, 2.0])


def same(x, y):
    if isinstance(x, Polynomial):
        return type(x) is type(y) and x == y and x.coef.dtype == y.coef.dtype
    if isinstance(x, tuple):
        return len(x) == len(y) and all(map(same, x, y))
    return np.array_equal(x, y)


EXPRESSIONS = [
    "p",
    "(p.coef, p.domain, p.window)",
    "p(0.5)",
    "p(v)",
    "p([0.5, 2.0])",
    "p + p",
    "p - 1",
    "v + p",
    "2 * p * p - p",
    "(p * p) // p",
    "p ** 3 % p",
    "-p / 2",
    "p.deriv()",
    "p.deriv(2)",
    "p.degree()",
    "p.copy()",
    "p.mapparms()",
    "p.linspace(4)",
    "(p - p).trim()",
    "p.trim(1.5)",
    "p.truncate(2)",
    "p.cutdeg(9)",
    "(p == p, p != p, p == p + 1, len(p))",
    "[p, p + p][1]",
]


@pytest.mark.core
@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expressions(expression):
    run = eval(f"lambda p, v: {expression}")
    compiled = njit(run, bridge="error")
    for p in (P, Q, Z) if "//" not in expression and "%" not in expression else (P, Q):
        assert same(run(p, V), compiled(p, V)), p


@pytest.mark.core
def test_made_in_compiled_code():
    make = njit(lambda c, d, w: Polynomial(c, d, w), bridge="error")
    for c in ([0, 1], (1.0, 2), np.array([1, 2, 3]), V.astype(np.float32), V * 1j, V[::-1]):
        assert same(Polynomial(c), njit(lambda c: Polynomial(c))(c))
        assert same(Polynomial(c, [0, 2], V[:2]), make(c, np.array([0, 2]), V[:2]))
    assert same(Polynomial(V, window=[0, 1]), njit(lambda c: Polynomial(c, window=[0, 1]))(V))


def test_roots():
    p = Polynomial([2.0, -3, 1], domain=[0, 2])
    np.testing.assert_allclose(njit(lambda p: p.roots())(p), p.roots())


@pytest.mark.parametrize(
    "run, argument, error, words",
    [
        (lambda c: Polynomial(c, c), V, ValueError, "Domain has wrong number of elements."),
        (lambda c: Polynomial(c, window=c), V, ValueError, "Window has wrong number of elements."),
        (lambda c: Polynomial(c[:0]), V, ValueError, "Coefficient array is empty"),
        (lambda c: Polynomial(c), np.ones((2, 2)), TypingError, "Coefficient array is not 1-d"),
        (lambda p: p + Polynomial([1.0, 2.0]), Q, TypeError, "Domains differ"),
        (lambda p: p.cutdeg(-1), Q, ValueError, "size must be a positive integer"),
        (lambda p: p.foo, Q, TypingError, "foo"),
    ],
)
def test_errors(run, argument, error, words):
    with pytest.raises(error, match=words):
        njit(run)(argument)


def test_coefficients_that_are_no_floats():
    with pytest.raises(TypingError, match="cannot be passed to compiled code"):
        naja.typeof(Polynomial(np.array([1, 2], object)))


def test_cached_functions_take_them_in_a_new_process(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "from numpy.polynomial import Polynomial\nfrom naja import njit\n"
        "@njit(cache=True)\ndef f(p):\n    return (p * p)(2.0)\n"
        "print(f(Polynomial([1.0, 2.0])))\n"
    )
    run = [sys.executable, str(program)]
    environment = {**os.environ, "NAJA_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": os.getcwd()}
    outputs = [
        subprocess.run(run, env=environment, capture_output=True, text=True, check=True).stdout for _ in "ab"
    ]
    assert outputs == ["25.0\n", "25.0\n"]
