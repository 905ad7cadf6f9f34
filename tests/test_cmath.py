"""Module cmath: compiled and interpreted agree up to rounding; special values and errors are the same."""

import cmath
import itertools
import math

import pytest
from differential import close_complex, outcome, same_float

from naja import njit

PARTS = [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.5, -30.0, 1e-10, 1e150, math.inf, -math.inf, math.nan]
FUNCTIONS = [
    "sqrt",
    "exp",
    "log",
    "log10",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "acosh",
    "atanh",
]


def compile_call(name, nargs=1):
    namespace = {"cmath": cmath}
    args = ", ".join("ab"[:nargs])
    exec(f"def f({args}): return cmath.{name}({args})", namespace)
    return njit(namespace["f"])


def is_special(z):
    return not cmath.isfinite(z)


def check(function, compiled, *args):
    want, got = outcome(function, *args), outcome(compiled, *args)
    if want[0] == "raises":
        assert got == want, (args, got, want)
    elif any(map(cmath.isnan, args)):
        # C leaves open which parts of the result a nan reaches.
        assert got[0] == "value" and cmath.isnan(got[1]) == cmath.isnan(want[1]), (args, got, want)
    elif is_special(want[1]):
        # The sign of a zero or infinity beside a nan is not specified by C.
        assert got[0] == "value", (args, got, want)
        for x, y in ((got[1].real, want[1].real), (got[1].imag, want[1].imag)):
            assert same_float(abs(x), abs(y)), (args, got, want)
    else:
        assert got[0] == "value" and close_complex(got[1], want[1], 1e-12), (args, got, want)


@pytest.mark.core
@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name):
    compiled, function = compile_call(name), getattr(cmath, name)
    for re, im in itertools.product(PARTS, PARTS):
        check(function, compiled, complex(re, im))
    assert compiled(0.5) == compiled(0.5 + 0j)


@pytest.mark.parametrize("name", ["isnan", "isinf", "isfinite"])
def test_tests(name):
    compiled, function = compile_call(name), getattr(cmath, name)
    for re, im in itertools.product(PARTS, PARTS):
        assert compiled(complex(re, im)) is function(complex(re, im))


def test_polar_coordinates():
    phase, polar, rect = compile_call("phase"), compile_call("polar"), compile_call("rect", 2)
    for re, im in itertools.product(PARTS[:9], PARTS[:9]):
        z = complex(re, im)
        assert same_float(phase(z), cmath.phase(z))
        assert all(same_float(x, y, 1) for x, y in zip(polar(z), cmath.polar(z)))
        assert close_complex(rect(re, im), cmath.rect(re, im), 1e-15)
    for r, phi in itertools.product([0.0, 1.0, -2.0, math.nan], [math.inf, -math.inf, math.nan, 0.0, -0.0]):
        assert outcome(rect, r, phi)[0] == outcome(cmath.rect, r, phi)[0], (r, phi)


def test_log_with_base_and_isclose():
    log, isclose = compile_call("log", 2), compile_call("isclose", 2)
    for z, base in itertools.product([1 + 1j, 2j, 5 + 0j], [10 + 0j, 2 + 1j]):
        assert close_complex(log(z, base), cmath.log(z, base))
    for a, b in itertools.product([1 + 1j, 1 + 1.0000000001j, 2j, complex(math.inf, 0)], repeat=2):
        assert isclose(a, b) is cmath.isclose(a, b)


def test_logarithms_to_a_base_and_places_at_infinity():
    log, rect = njit(lambda z, base: cmath.log(z, base)), njit(lambda r, phi: cmath.rect(r, phi))
    inf, nan = float("inf"), float("nan")

    values = [
        complex(a, b) for a in (-inf, -2.0, 0.0, 1.0, 2.0, inf, nan) for b in (-0.0, 0.0, 1.0, inf, nan)
    ]
    for z, base in itertools.product(values, values):
        got, want = outcome(log, z, base), outcome(cmath.log, z, base)
        assert got[0] == want[0], (z, base)
        assert want[0] != "value" or close_complex(got[1], want[1]), (z, base)
    for r, phi in [(0.0, inf), (-0.0, -inf), (0.0, nan), (inf, nan), (-inf, nan), (1.0, inf)]:
        got, want = outcome(rect, r, phi), outcome(cmath.rect, r, phi)
        assert got[0] == want[0] and (want[0] != "value" or close_complex(got[1], want[1])), (r, phi)
