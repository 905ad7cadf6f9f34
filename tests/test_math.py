"""Module math: compiled and interpreted give the same numbers (to the last bits of the C library) and errors."""

import itertools
import math

import numpy as np
import pytest
from differential import assert_same, outcome, same, same_float
from hypothesis import given, settings
from hypothesis import strategies as st

from naja import njit

FLOATS = [
    0.0,
    -0.0,
    0.5,
    -0.5,
    1.0,
    -1.0,
    2.0,
    -2.0,
    3.5,
    -3.5,
    10.0,
    100.5,
    -170.5,
    171.0,
    172.0,
    1e-300,
    1e5,
    710.0,
    -746.0,
    1e16,
    1e300,
    -1e300,
    5e-324,
    math.inf,
    -math.inf,
    math.nan,
]
INTS = [0, 1, -1, 2, 5, -7, 20, 2**40]

# Functions of one number, and by how many units of the last place the C library's may differ from CPython's own.
ONE = {
    "sqrt": 0,
    "exp": 0,
    "exp2": 1,
    "expm1": 0,
    "log": 0,
    "log2": 1,
    "log10": 0,
    "log1p": 0,
    "sin": 0,
    "cos": 0,
    "tan": 0,
    "asin": 0,
    "acos": 0,
    "atan": 0,
    "sinh": 0,
    "cosh": 0,
    "tanh": 0,
    "asinh": 0,
    "acosh": 0,
    "atanh": 0,
    "erf": 1,
    "erfc": 1,
    "gamma": 40,
    "lgamma": 40,
    "cbrt": 0,
    "fabs": 0,
    "degrees": 0,
    "radians": 0,
    "ulp": 0,
    "isnan": 0,
    "isinf": 0,
    "isfinite": 0,
    "floor": 0,
    "ceil": 0,
    "trunc": 0,
    "modf": 0,
    "frexp": 0,
}
TWO = {"atan2": 0, "fmod": 0, "remainder": 0, "nextafter": 0, "copysign": 0, "pow": 0, "log": 1, "hypot": 1}


def compile_call(name, nargs):
    namespace = {"math": math}
    args = ", ".join("abc"[:nargs])
    exec(f"def f({args}): return math.{name}({args})", namespace)
    return njit(namespace["f"])


def check(function, compiled, *args, ulps=0):
    want = outcome(function, *args)
    if want[0] == "value" and type(want[1]) is int and abs(want[1]) >= 2**63:
        want = ("raises", OverflowError, "float too large to convert to a 64-bit integer")
    assert_same(function, compiled, *args, ulps=ulps, expected=want)


@pytest.mark.core
@pytest.mark.parametrize("name", ONE)
def test_one_argument(name):
    compiled, function = compile_call(name, 1), getattr(math, name)
    for x in FLOATS + INTS + [True]:
        check(function, compiled, x, ulps=ONE[name])


@pytest.mark.parametrize("name", ONE)
@settings(max_examples=50, deadline=None)
@given(x=st.one_of(st.floats(), st.floats(-100, 100), st.floats(-1, 1)))
def test_any_argument(name, x):
    if name in ("gamma", "lgamma") and -200 < x < 3:
        return  # ill-conditioned around poles and zeros: see test_gamma_near_poles
    compiled = CALLS.setdefault(name, compile_call(name, 1))
    check(getattr(math, name), compiled, x, ulps=ONE[name])


CALLS = {}


def test_gamma_near_poles():
    gamma, lgamma = compile_call("gamma", 1), compile_call("lgamma", 1)
    for x in np.linspace(-20.05, 3.05, 151).tolist():
        assert math.isclose(gamma(x), math.gamma(x), rel_tol=1e-12)
        assert math.isclose(lgamma(x), math.lgamma(x), rel_tol=1e-9, abs_tol=1e-12)


@pytest.mark.core
@pytest.mark.parametrize("name", TWO)
def test_two_arguments(name):
    compiled, function = compile_call(name, 2), getattr(math, name)
    for x, y in itertools.product(FLOATS, FLOATS):
        check(function, compiled, x, y, ulps=TWO[name])
    for x, y in itertools.product(INTS[:5], INTS[:5]):
        check(function, compiled, x, y, ulps=TWO[name])


def test_ldexp():
    compiled = compile_call("ldexp", 2)
    for x, n in itertools.product(FLOATS, [0, 1, -1, 10, -1074, 1023, 1024, 5000, -5000, 2**40, -(2**40)]):
        check(math.ldexp, compiled, x, n)


@pytest.mark.parametrize("name", ["factorial", "isqrt"])
def test_integer_functions(name):
    compiled, function = compile_call(name, 1), getattr(math, name)
    for n in [0, 1, 2, 3, 4, 8, 9, 15, 20, -1, -5]:
        assert_same(function, compiled, n)


def test_isqrt_of_large_numbers():
    compiled = compile_call("isqrt", 1)
    for n in [
        2**31,
        2**52,
        2**53 + 1,
        (2**31 - 1) ** 2,
        (2**31) ** 2 - 1,
        3037000499**2,
        3037000499**2 - 1,
        2**63 - 1,
    ]:
        assert compiled(n) == math.isqrt(n)
    assert compiled(np.uint64(2**64 - 1)) == 2**32 - 1


@pytest.mark.parametrize("name", ["comb", "perm", "gcd", "lcm"])
def test_integer_functions_of_two(name):
    compiled, function = compile_call(name, 2), getattr(math, name)
    for n, k in itertools.product([0, 1, 2, 5, 10, 20, -1, -6, 30], [0, 1, 2, 3, 10, 20, -1, -4]):
        want = outcome(function, n, k)
        if want[0] == "value" and want[1] >= 2**63:
            want = ("raises", OverflowError, "the result does not fit a 64-bit integer")
        assert_same(function, compiled, n, k, expected=want)
    if name == "comb":
        assert compiled(62, 31) == math.comb(62, 31)


def test_integer_overflow_raises():
    assert outcome(compile_call("factorial", 1), 21)[1] is OverflowError
    assert outcome(compile_call("comb", 2), 100, 50)[1] is OverflowError


def test_any_number_of_arguments():
    def function(a, b, c):
        return math.gcd(a, b, c), math.lcm(a, b, c), math.gcd(a), math.gcd(), math.lcm()

    compiled = njit(function)
    for args in itertools.product([12, 18, -30, 0, 7], repeat=3):
        assert compiled(*args) == function(*args)
    lengths = njit(
        lambda a, b, c: (math.hypot(a, b, c), math.hypot(a), math.hypot(), math.dist((a, b), (b, c)))
    )
    for a, b, c in itertools.product([0.0, 3.0, -4.0, 12.5], repeat=3):
        want = (math.hypot(a, b, c), math.hypot(a), math.hypot(), math.dist((a, b), (b, c)))
        assert all(same_float(x, y, 2) for x, y in zip(lengths(a, b, c), want))


def test_isclose():
    compiled = njit(lambda a, b: math.isclose(a, b))
    loose = njit(lambda a, b, r, t: math.isclose(a, b, rel_tol=r, abs_tol=t))
    for a, b in itertools.product([0.0, 1.0, 1 + 1e-10, 1.1, math.inf, -math.inf, math.nan], repeat=2):
        assert compiled(a, b) is math.isclose(a, b)
        assert loose(a, b, 0.2, 0.0) is math.isclose(a, b, rel_tol=0.2)
    assert outcome(loose, 1.0, 2.0, -1.0, 0.0) == ("raises", ValueError, "tolerances must be non-negative")


def test_constants():
    compiled = njit(lambda: (math.pi, math.e, math.tau, math.inf, math.nan))
    assert same(compiled(), (math.pi, math.e, math.tau, math.inf, math.nan))


def test_float32_stays_float32():
    compiled = compile_call("sqrt", 1)
    assert compiled(np.float32(2)) == float(np.sqrt(np.float32(2)))


def test_numpy_error_model_gives_nan():
    @njit(error_model="numpy")
    def function(x):
        return math.sqrt(x), math.log(x), math.acos(x)

    assert all(map(math.isnan, function(-2.0)))
    assert function(0.0)[1] == -math.inf


@pytest.mark.core
def test_error_in_a_loop_names_the_line():
    @njit
    def total(n):
        s = 0.0
        for i in range(n):
            s += math.sqrt(5 - i)
        return s

    assert total(5) == total.py_func(5)
    with pytest.raises(ValueError, match="math domain error|expected a nonnegative input") as error:
        total(10)
    assert error.traceback[-1].lineno + 1 == total.py_func.__code__.co_firstlineno + 4
