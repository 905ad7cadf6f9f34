"""Python's operators and number built-ins: compiled and interpreted give the same answers and the same errors.

Where machine numbers must differ from Python's (integers wrap at 64 bits, a float power never turns complex), the
expected value says so here.
"""

import itertools
import math
import operator

import numpy as np
import pytest
from differential import assert_same, outcome, same, wrap
from hypothesis import given, settings
from hypothesis import strategies as st

from naja import njit
from naja.errors import TypingError

INTS = [0, 1, -1, 2, 3, -3, 7, -7, 10, 63, 64, 2**31, -(2**31), 2**53, 2**53 + 1, 2**62, 2**63 - 1, -(2**63)]
FLOATS = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    1.5,
    -2.5,
    3.0,
    7.25,
    1e10,
    -1e300,
    1e308,
    5e-324,
    2.0**53,
    2.0**63,
    -(2.0**63),
    math.inf,
    -math.inf,
    math.nan,
]
COMPLEXES = [0j, complex(-0.0, 0.0), 1 + 0j, -1 + 2j, 1j, 0.5 - 0.25j, 3 + 4j, 1e200 + 1e200j]
BOOLS = [False, True]
VALUES = {"bool": BOOLS, "int": INTS, "float": FLOATS, "complex": COMPLEXES}
KINDS = list(VALUES)

BINARY = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "**": lambda a, b: a**b,
    "<<": lambda a, b: a << b,
    ">>": lambda a, b: a >> b,
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
UNARY = {
    "-": lambda a: -a,
    "+": lambda a: +a,
    "~": lambda a: ~a,
    "not": lambda a: not a,
    "abs": lambda a: abs(a),
    "bool": lambda a: bool(a),
    "if": lambda a: 1 if a else 2,
}


def expected(op, a, b):
    """Python's answer as a 64-bit machine gives it."""
    integers = isinstance(a, int) and isinstance(b, int)
    if op == "**" and integers:
        if b < 0:
            return ("raises", ValueError, "Integers to negative integer powers are not allowed.")
        return ("value", wrap(pow(int(a), int(b), 2**64)))
    if op == "/" and integers and b != 0:
        return ("value", float(a) / float(b))
    if op == "<<" and integers and b > 1000:
        return ("value", 0)
    if integers and isinstance(a, bool) and isinstance(b, bool) and op in ("<<", ">>"):
        return ("value", int(BINARY[op](a, b)))
    got = outcome(BINARY[op], a, b)
    if op == "**" and got[:2] == ("raises", OverflowError):
        if a < 0 and b != math.floor(b):
            return ("value", math.nan)
        return ("value", math.inf if isinstance(a, float) or isinstance(b, float) else None)
    if (
        op == "**"
        and got[0] == "value"
        and isinstance(got[1], complex)
        and not isinstance(a, complex)
        and not isinstance(b, complex)
    ):
        return ("value", math.nan)
    if got[0] == "value" and type(got[1]) is int:
        return ("value", wrap(got[1]))
    return got


def overflows(a, b):
    """A float power whose magnitude is infinite: the sign is IEEE's."""
    return math.copysign(1, a) < 0 and float(b) % 2 == 1


@pytest.mark.core
@pytest.mark.parametrize("op", BINARY)
def test_binary_operators(op):
    compiled = njit(BINARY[op])
    for left, right in itertools.product(KINDS, KINDS):
        if outcome(BINARY[op], VALUES[left][1], VALUES[right][1])[:2] == ("raises", TypeError):
            with pytest.raises(TypingError):
                compiled(VALUES[left][1], VALUES[right][1])
            continue
        for a, b in itertools.product(VALUES[left], VALUES[right]):
            if op == "**" and "complex" in (left, right):
                continue
            want = expected(op, a, b)
            if op == "**" and want == ("value", math.inf) and overflows(a, b):
                want = ("value", -math.inf)
            assert_same(BINARY[op], compiled, a, b, expected=want)


@pytest.mark.core
@pytest.mark.parametrize("op", UNARY)
def test_unary_operators(op):
    compiled = njit(UNARY[op])
    for kind in KINDS:
        if op == "~" and kind not in ("bool", "int"):
            with pytest.raises(TypingError):
                compiled(VALUES[kind][1])
            continue
        for a in VALUES[kind]:
            want = outcome(UNARY[op], a)
            if want[0] == "value" and type(want[1]) is int:
                want = ("value", wrap(want[1]))
            assert_same(UNARY[op], compiled, a, expected=want)


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, 5, 10, 63, 64, 65, 100])
def test_literal_exponents(exponent):
    namespace = {}
    exec(f"def power(a): return a**{exponent}", namespace)
    power = namespace["power"]
    compiled = njit(power)
    for a in INTS:
        assert compiled(a) == wrap(a**exponent)
    for a in FLOATS:
        want = expected("**", a, exponent)
        if want == ("value", math.inf) and overflows(a, exponent):
            want = ("value", -math.inf)
        assert_same(power, compiled, a, expected=want, ulps=1)


def test_negative_literal_exponent_is_a_float():
    @njit
    def inverse(a):
        return a**-1

    assert same(inverse(4), 0.25)
    assert same(inverse(0.5), 2.0)
    assert outcome(inverse, 0) == outcome(inverse.py_func, 0)


@pytest.mark.parametrize("base", [2, 3])
def test_complex_powers(base):
    square = njit(lambda z: z**2)
    cube = njit(lambda z: z**3)
    general = njit(lambda z, w: z**w)
    for z in COMPLEXES[2:7]:
        assert np.isclose(square(z), z**2, rtol=1e-15)
        assert np.isclose(cube(z), z**3, rtol=1e-15)
        for w in (base, -base, 0.5, 1j, 2 - 1j, 0):
            assert np.isclose(general(z, complex(w)), z ** complex(w), rtol=1e-13)
    for w in (-1, 1j):
        assert_same(lambda z, w: z**w, general, 0j, complex(w))
    assert_same(lambda z, w: z**w, general, 0j, 0j)


SIZES = [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64]


@pytest.mark.parametrize("op", ["+", "-", "*", "//", "%", "&", "|", "^", "<<", ">>", "<", "==", ">="])
def test_integers_of_all_sizes(op):
    """Unsigned meets unsigned in uint64, all others meet in int64."""
    compiled = njit(BINARY[op])
    for left, right in itertools.product(SIZES, SIZES):
        kinds = np.iinfo(left).kind + np.iinfo(right).kind
        if kinds in ("iu", "ui") and np.uint64 in (left, right) and op in ("//", "%"):
            continue
        unsigned = kinds == "uu" or (op in ("<<", ">>") and kinds[0] == "u")
        for a in (0, 1, 5, np.iinfo(left).max, np.iinfo(left).min):
            for b in (1, 3, np.iinfo(right).max, np.iinfo(right).min):
                if op == "<<" and b > 1000:
                    continue
                want = outcome(BINARY[op], int(a), int(b))
                if want[0] == "value" and type(want[1]) is int:
                    want = ("value", wrap(want[1], signed=not unsigned))
                assert_same(None, compiled, left(a), right(b), expected=want)


def test_uint64_with_signed_integers():
    add = njit(lambda a, b: a + b)
    mask = njit(lambda a, b: a & b)
    less = njit(lambda a, b: a < b)
    equal = njit(lambda a, b: a == b)
    big = np.uint64(2**64 - 1)
    assert same(add(big, 1), 0) and same(add(np.uint64(3), -5), -2)
    assert same(njit(lambda a, b: a // b)(np.uint64(7), -2), -4)
    assert same(njit(lambda a, b: a | b)(np.uint64(0), np.int8(-1)), -1)
    assert mask(big, 255) == 255
    assert less(-1, big) and not less(big, -1)
    assert not equal(big, -1) and not equal(-1, big)
    assert equal(np.uint64(7), 7)


def test_constants_beside_uint64_are_unsigned():
    def mixed(h):
        return (
            h * 31 + 7,
            h // 2,
            h % 10,
            h ^ 0xFFFF,
            5 - h,
            h - 8,
            (h * 6364136223846793005 + 1) >> 33,
            sum([h, h]),
        )

    with np.errstate(over="ignore"):
        for h in (np.uint64(7), np.uint64(2**64 - 3), np.uint64(2**63 + 5)):
            assert njit(mixed)(h) == tuple(map(int, mixed(h)))

    def hashed(data):
        h = np.uint64(14695981039346656037)
        for c in data:
            h = (h ^ c) * 1099511628211
        return h

    want = 14695981039346656037
    for c in b"hello":
        want = (want ^ c) * 1099511628211 % 2**64
    assert njit(hashed)(np.frombuffer(b"hello", np.uint8)) == want
    assert njit(hashed)(b"hello") % 2**64 == want  # items of bytes are ints, of both signs


def test_negative_of_unsigned_integers():
    for kind in (np.uint8, np.uint16, np.uint32, np.uint64):
        for value in (0, 1, np.iinfo(kind).max):
            with np.errstate(over="ignore"):
                assert njit(lambda x: -x)(kind(value)) == int(-np.array(kind(value)))


def test_float32():
    for op in ("+", "-", "*", "/"):
        compiled = njit(BINARY[op])
        for a, b in itertools.product([0.1, -2.5, 1e30, 3.0], [0.3, 7.0, -1e-30]):
            x, y = np.float32(a), np.float32(b)
            with np.errstate(all="ignore"):
                assert same(compiled(x, y), float(BINARY[op](x, y))), (op, a, b)
                assert same(compiled(x, b), BINARY[op](float(x), b))
        assert same(compiled(np.float32(0.1), np.int16(3)), float(BINARY[op](np.float32(0.1), np.float32(3))))


def test_comparison_of_integers_with_floats_is_exact():
    compiled = njit(lambda a, b: (a < b, a <= b, a == b, a != b, a > b, a >= b))
    exact = lambda a, b: (a < b, a <= b, a == b, a != b, a > b, a >= b)
    ints = [0, 2**53, 2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63), 2**62 + 1]
    for a, b in itertools.product(ints, FLOATS + [2.0**62, 2.0**53 + 2, -(2.0**53)]):
        assert compiled(a, b) == exact(a, b), (a, b)
        assert compiled(b, a) == exact(b, a), (a, b)
    for a, b in itertools.product([0, 2**64 - 1, 2**63], FLOATS + [2.0**64]):
        assert compiled(np.uint64(a), b) == exact(a, b), (a, b)


@pytest.mark.core
def test_chained_and_boolean_operators():
    def function(a, b, c):
        return (a < b < c, a and b, a or b, not (a or c), a if b else c)

    compiled = njit(function)
    for args in itertools.product([0, 1, 5], repeat=3):
        assert compiled(*args) == function(*args)


def test_none():
    def function(x=None):
        if x is None:
            return 1
        return 2 if x is not None else 3

    compiled = njit(function)
    assert compiled() == 1 and compiled(None) == 1 and compiled(5) == 2
    equal = njit(lambda x: (x == None, x != None))
    assert equal(None) == (True, False) and equal(3) == (False, True)


CONVERSIONS = {
    "int": (lambda a: int(a), ("bool", "int", "float")),
    "float": (lambda a: float(a), ("bool", "int", "float")),
    "complex": (lambda a: complex(a), ("bool", "int", "float", "complex")),
    "round": (lambda a: round(a), ("bool", "int", "float")),
    "real": (lambda a: a.real, ("bool", "int", "float", "complex")),
    "imag": (lambda a: a.imag, ("bool", "int", "float", "complex")),
    "conjugate": (lambda a: a.conjugate(), ("bool", "int", "float", "complex")),
    "is_integer": (lambda a: a.is_integer(), ("float",)),
    "bit_length": (lambda a: a.bit_length(), ("bool", "int")),
    "bit_count": (lambda a: a.bit_count(), ("bool", "int")),
}


@pytest.mark.core
@pytest.mark.parametrize("name", CONVERSIONS)
def test_conversions(name):
    function, kinds = CONVERSIONS[name]
    compiled = njit(function)
    for kind in kinds:
        for a in VALUES[kind]:
            want = outcome(function, a)
            if want[0] == "value" and type(want[1]) is int and wrap(want[1]) != want[1]:
                want = ("raises", OverflowError, "float too large to convert to a 64-bit integer")
            assert_same(function, compiled, a, expected=want)


def test_conversions_of_literals():
    @njit
    def function():
        return (
            int("12"),
            float("nan"),
            float("-inf"),
            float(" 2.5 "),
            int(),
            float(),
            bool(),
            complex(),
            int(True),
            complex(1, 2),
        )

    got = function()
    assert got[0] == 12 and math.isnan(got[1]) and got[2:] == (-math.inf, 2.5, 0, 0.0, False, 0j, 1, 1 + 2j)


@pytest.mark.parametrize("dtype", [*SIZES, np.float32, np.float64, np.complex64, np.complex128, np.bool_])
def test_numpy_types_as_functions(dtype):
    compiled = njit(lambda x: dtype(x))
    for x in (0, 1, 100, 2.75, True):
        assert compiled(x) == dtype(x)
    if np.dtype(dtype).kind in "iu":
        bits, signed = np.dtype(dtype).itemsize * 8, np.dtype(dtype).kind == "i"
        assert compiled(300) == wrap(300, bits, signed)
        assert compiled(-1) == wrap(-1, bits, signed)


@pytest.mark.parametrize("digits", [-400, -309, -17, -3, -2, -1, 0, 1, 2, 3, 15, 17, 300, 400])
def test_round_to_digits(digits):
    function = lambda x, n: round(x, n)
    compiled = njit(function)
    for x in [
        *FLOATS,
        0.125,
        0.375,
        2.675,
        1.005,
        5e15,
        15.0,
        25.0,
        250.0,
        350.0,
        123456.789,
        1.7976931348623157e308,
        49.99,
        50.0,
    ]:
        assert_same(function, compiled, x, digits)
    for n in [0, 5, 15, 25, -15, -25, 123456789, 2**53, 149, 150, 151]:
        assert_same(function, compiled, n, digits)


@settings(max_examples=300, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(-320, 330))
def test_round_to_any_digits(x, digits):
    assert_same(round, rounded, x, digits)


rounded = njit(lambda x, n: round(x, n))
divided = njit(lambda a, b: divmod(a, b))


def test_divmod():
    for left, right in itertools.product(("int", "float"), repeat=2):
        for a, b in itertools.product(VALUES[left], VALUES[right]):
            want = outcome(divmod, a, b)
            if want[0] == "value" and type(want[1][0]) is int:
                want = ("value", tuple(map(wrap, want[1])))
            assert_same(divmod, divided, a, b, expected=want)


@settings(max_examples=300, deadline=None)
@given(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1))
def test_divmod_of_integers(a, b):
    want = outcome(divmod, a, b)
    if want[0] == "value":
        want = ("value", tuple(map(wrap, want[1])))
    assert_same(divmod, divided, a, b, expected=want)


@settings(max_examples=300, deadline=None)
@given(st.floats(), st.floats())
def test_divmod_of_floats(a, b):
    assert_same(divmod, divided, a, b)


def test_pow_with_modulus():
    compiled = njit(lambda a, b, m: pow(a, b, m))
    for args in itertools.product(
        [0, 1, 2, 3, -3, 10**18, -(2**63)],
        [0, 1, 2, 65, -1, -2, 2**62],
        [1, -1, 2, 7, -7, 10**9 + 7, 0, 2**63 - 1],
    ):
        assert_same(pow, compiled, *args)
    two = njit(lambda a, b: pow(a, b))
    assert two(3, 4) == 81 and same(two(2.0, 0.5), 2.0**0.5)


def test_min_and_max():
    for function in (lambda a, b: (min(a, b), max(a, b)), lambda a, b: (min((a, b)), max(a, b, 3))):
        compiled = njit(function)
        for a, b in itertools.product([1, 2, -5], repeat=2):
            assert compiled(a, b) == function(a, b)
        for a, b in itertools.product([0.0, -0.0, 1.5, math.nan, math.inf], repeat=2):
            want = function(a, b)
            assert same(compiled(a, b), (want[0], float(want[1]))), (a, b)  # 3 joins floats as 3.0


def test_error_model_numpy():
    @njit(error_model="numpy")
    def function(a, b):
        return a / b, a // b, a % b

    assert same(function(1.0, 0.0)[:2], (math.inf, math.inf)) and math.isnan(function(1.0, 0.0)[2])
    assert function(7, 0)[1:] == (0, 0) and function(7, 0)[0] == math.inf
    assert function(-(2**63), -1)[1:] == (-(2**63), 0)


def test_functions_of_operator():
    compiled = njit(
        lambda a, b: (operator.add(a, b), operator.floordiv(a, b), operator.lt(a, b), operator.neg(a))
    )
    assert compiled(7, 2) == (9, 3, False, -7)


def test_augmented_assignment():
    def function(a, b):
        x = a
        x += b
        x *= 3
        x -= 1
        x //= 2
        x **= 2
        x %= 1000
        x <<= 2
        x |= 1
        x ^= 12
        x &= 0xFFF
        x >>= 1
        return x

    compiled = njit(function)
    for a, b in itertools.product([0, 5, -9, 1000], repeat=2):
        assert compiled(a, b) == function(a, b)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["+", "-", "*", "//", "%", "&", "|", "^", "<", "=="]),
    st.integers(-(2**63), 2**63 - 1),
    st.integers(-(2**63), 2**63 - 1),
)
def test_any_integers(op, a, b):
    assert_same(None, COMPILED[op], a, b, expected=expected(op, a, b))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["+", "-", "*", "/", "//", "%", "<", "=="]), st.floats(), st.floats())
def test_any_floats(op, a, b):
    assert_same(None, COMPILED[op], a, b, expected=expected(op, a, b))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["<", "<=", "==", "!=", ">", ">="]), st.integers(-(2**63), 2**63 - 1), st.floats())
def test_any_integer_against_float(op, a, b):
    assert_same(BINARY[op], COMPILED[op], a, b)
    assert_same(BINARY[op], COMPILED[op], float(a), a)


COMPILED = {op: njit(function) for op, function in BINARY.items()}


def test_hash():
    compiled = njit(lambda x: hash(x))
    for x in [*INTS, *FLOATS[:-1], *COMPLEXES, True, 2**61 - 1, 2**61, 1.5e300, 0.1]:
        assert compiled(x) == hash(x), x
    assert compiled(np.uint64(2**64 - 1)) == hash(2**64 - 1)


@settings(max_examples=200, deadline=None)
@given(st.floats(-1e6, 1e6), st.integers(-6, 9))
def test_numpy_round(x, decimals):
    assert same(numpy_rounded(x, decimals), float(np.round(x, decimals)))


numpy_rounded = njit(lambda x, d: np.round(x, d))


def test_numpy_parts():
    function = lambda z: (np.real(z), np.imag(z), np.angle(z), np.conj(z))
    compiled = njit(function)
    for z in COMPLEXES:
        assert same(compiled(z), tuple(np.asarray(v).item() for v in function(z))), z
    integers = njit(lambda n: (n.numerator, n.denominator, operator.index(n)))
    assert integers(6) == (6, 1, 6)


@settings(max_examples=300, deadline=None)
@given(st.integers(-(10**12), 10**12), st.integers(0, 9), st.sampled_from([0.0, 1.0, -1.0]))
def test_round_near_ties(n, digits, side):
    """Halves of the last digit that stays, as they are and one step to either side."""
    x = (n + 0.5) / 10**digits
    assert_same(round, rounded, float(np.nextafter(x, x + side)) if side else x, digits)
