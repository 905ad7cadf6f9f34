"""Elementwise expressions on arrays: broadcasting, promotion, fusion, in-place operators, and their errors."""

import numpy as np
import pytest
from arrays import ALL, REALS, SHAPES, check, layouts, values
from hypothesis import given, settings
from hypothesis import strategies as st

from naja import njit
from naja.errors import TypingError

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

SMALL = [
    np.bool_,
    np.int8,
    np.uint8,
    np.int32,
    np.int64,
    np.uint64,
    np.float32,
    np.float64,
    np.complex64,
    np.complex128,
]
BINARY = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "<": lambda a, b: a < b,
    "==": lambda a, b: a == b,
}


@pytest.mark.core
@pytest.mark.parametrize("x", SMALL)
@pytest.mark.parametrize("y", SMALL)
def test_promotion(x, y):
    for symbol, f in BINARY.items():
        if symbol == "-" and x == y == np.bool_:
            continue
        if symbol == "/" and np.dtype(x).kind == np.dtype(y).kind == "c":
            continue
        check(f, values(5, x), values(5, y, seed=1))


@pytest.mark.parametrize("dtype", ALL)
def test_python_scalars_are_weak(dtype):
    a = values(5, dtype)
    check(lambda a: a + 1, a)
    check(lambda a: 2 * a, a)
    check(lambda a: a * 2.5, a)
    check(lambda a: a + 1j, a)
    check(lambda a, s: a * s, a, 3)
    check(lambda a, s: s * a, a, 1.5)
    if np.dtype(dtype).kind in "iu":
        check(lambda a: a == 1000, a)
        if np.dtype(dtype).itemsize == 1:
            with pytest.raises(TypingError, match="Python integer 1000 out of bounds"):
                njit(lambda a: a + 1000)(a)


FUNCTIONS = [
    lambda a, b: a + b,
    lambda a, b: a * 2 - b,
    lambda a, b: (a > b) & (a > 0),
    lambda a, b: -a,
    lambda a, b: np.maximum(a, b),
    lambda a, b: np.where(a > b, a, b),
    lambda a, b: np.sqrt(np.abs(a)) + b * b,
    lambda a, b: abs(a - b) / 2,
    lambda a, b: a**2 + b,
    lambda a, b: np.clip(a, -1, 1),
    lambda a, b: np.minimum(a, 0) + np.floor(b),
    lambda a, b: ~(a == b),
    lambda a, b: np.add(a, b),
]


@pytest.mark.core
@pytest.mark.parametrize("function", FUNCTIONS)
def test_layouts(function):
    compiled = njit(function)
    for shape in SHAPES:
        if shape == ():
            continue
        a, b = values(shape, np.float64, edges=True), values(shape, np.float64, seed=1, edges=True)
        for _, x in layouts(a):
            for _, y in layouts(b):
                check(lambda a, b: np.asarray(function(a, b)), x, y, compiled=compiled)


BROADCASTS = [
    ((3, 4), (4,)),
    ((3, 4), (3, 1)),
    ((3, 1), (4,)),
    ((1,), (5,)),
    ((2, 3, 4), (3, 1)),
    ((0, 3), (3,)),
    ((1, 3), (0, 1)),
    ((3,), (4,)),
    ((2, 3), (2,)),
    ((2, 3), (3, 2)),
    ((5,), (1, 1, 1)),
    ((2, 1, 4), (3, 1)),
    ((4,), (0,)),
]


@pytest.mark.core
@pytest.mark.parametrize("shapes", BROADCASTS)
def test_broadcasting(shapes):
    a, b = values(shapes[0], np.float64), values(shapes[1], np.float64)
    check(lambda a, b: a + b, a, b)
    check(lambda a, b: b * 2 - a, a, b)
    check(lambda a, b: np.where(a > 0, a, b), a, b)


def test_errors_name_the_operation_that_fails():
    check(lambda a, b, c: (a + b) * c, np.zeros(3), np.zeros(3), np.zeros(4))
    check(lambda a, b, c: a + b * c, np.zeros(3), np.zeros(4), np.zeros(4))
    check(lambda a, b, c: a + b * c, np.zeros((2, 3)), np.zeros(4), np.zeros(4))


def in_place_add(a, b):
    a += b
    return a


def in_place_many(a, b):
    a *= 2
    a -= b
    a /= 4
    return a


def in_place_self(a, b):
    a += a[::-1]
    return a


def in_place_shifted(a, b):
    a[1:] += a[:-1]
    return a


def in_place_fused(a, b):
    a += b * 2 + 1
    return a


def in_place_element(a, b):
    a[0] += 5
    return a


@pytest.mark.core
@pytest.mark.parametrize(
    "function",
    [in_place_add, in_place_many, in_place_self, in_place_shifted, in_place_fused, in_place_element],
)
def test_in_place(function):
    compiled = njit(function)
    for dtype in (np.float32, np.float64, np.complex128):
        for _, a in layouts(values((3, 4), dtype)):
            check(function, a, values((3, 4), dtype, seed=1), compiled=compiled)
            check(function, a, values(4, dtype, seed=1), compiled=compiled)
            check(function, a, values(3, dtype, seed=1), compiled=compiled)
            check(function, a, values((2, 3, 4), dtype, seed=1), compiled=compiled)


def test_in_place_keeps_the_object():
    a = np.zeros(3)
    assert njit(in_place_add)(a, np.ones(3)) is a
    with pytest.raises(TypingError, match="Cannot cast ufunc 'add' output"):
        njit(in_place_add)(np.zeros(3, np.int64), np.ones(3))


def test_out():
    def f(a, b, out):
        np.add(a, b, out)
        return np.multiply(a, b, out)

    check(f, values(5, np.float64), values(5, np.float64), np.zeros(5))
    check(f, values(5, np.float64), values(5, np.float64), np.zeros((2, 5)))
    check(f, values(5, np.float64), values(5, np.float64), np.zeros(4))
    out = np.zeros(3)
    assert njit(lambda a, out: np.sqrt(a, out))(np.ones(3), out) is out


def stencil(a):
    a[1:-1, 1:-1] = (a[2:, 1:-1] + a[:-2, 1:-1] + a[1:-1, 2:] + a[1:-1, :-2]) * 0.25
    return a


def assign_expression(a):
    a[::2] = a[1::2] * 2
    a[:] = a[::-1] + a
    return a


def write_between(a):
    b = a * 2
    a[0] = 100
    return b + a


def used_twice(a):
    b = a + 1
    c = b * b
    return b + c, c


def in_a_loop(a):
    b = a * 2
    for i in range(3):
        a = a + b * i
    return a


def on_one_path(a):
    b = a * 2
    if a[0, 0] > 0:
        return b + 1
    return b


@pytest.mark.core
@pytest.mark.parametrize(
    "function", [stencil, assign_expression, write_between, used_twice, in_a_loop, on_one_path]
)
def test_fusion_keeps_meaning(function):
    compiled = njit(function)
    for _, a in layouts(values((6, 6), np.float64)):
        check(function, a, compiled=compiled)


def test_zero_dimensions():
    a = np.array(2.5)
    check(lambda a: a + 1, a)
    check(lambda a, b: a + b, a, np.arange(3.0))
    check(lambda a: np.sqrt(a), a)

    def store(a):
        a[()] = 7
        a[...] += 1
        return a

    check(store, a)


@pytest.mark.parametrize("dtype", REALS)
def test_where_clip_round_isclose(dtype):
    a, b = values(20, dtype), values(20, dtype, seed=1)
    check(lambda a, b: np.where(a > b, a, b), a, b)
    check(lambda a, b: np.where(a, 1, 0), a, b)
    check(lambda a, b: np.where(a > b, a, 0), a, b)
    if np.dtype(dtype).kind != "b":
        check(lambda a, b: np.clip(a, b, b), a, b)
        check(lambda a, b: a.clip(0, 5), a, b)
        check(lambda a, b: np.round(a), a, b)
    if np.dtype(dtype).kind == "f":
        check(lambda a, b: np.isclose(a, a + 1e-9), a, b)
        check(lambda a, b: np.clip(a, None, b), a, b)


OPERATORS = ["+", "-", "*"]


@st.composite
def expressions(draw, depth=3):
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from(["a", "b", "c", "2", "0.5", "a[::-1]", "b.T"]))
    x, y = draw(expressions(depth - 1)), draw(expressions(depth - 1))
    kind = draw(st.sampled_from([*OPERATORS, "maximum", "where", "neg", "abs"]))
    if kind in OPERATORS:
        return f"({x} {kind} {y})"
    return {
        "maximum": f"np.maximum({x}, {y})",
        "where": f"np.where({x} > {y}, {x}, {y})",
        "neg": f"(-{x})",
        "abs": f"abs({x})",
    }[kind]


@settings(max_examples=40, deadline=None)
@given(expressions(), st.sampled_from(["{}", "np.sum({})", "np.max({})", "np.mean({})"]))
def test_random_expressions(expression, form):
    source = form.format(f"(a + {expression})")
    check(
        eval(f"lambda a, b, c: {source}", {"np": np}),
        values((4, 4), np.float64),
        values((4, 4), np.float64, seed=2),
        values(4, np.float64),
    )


@pytest.mark.parametrize("name", ["less", "less_equal", "greater", "greater_equal", "equal", "not_equal"])
def test_comparisons_of_both_signs_are_exact(name):
    """float64, the common type of int64 and uint64, has not room for them."""
    function = getattr(np, name)
    signed = np.array([-1, 5, 2**63 - 1, 2**62, -(2**63)], np.int64)
    unsigned = np.array([2**63, 5, 2**63 - 1, 2**62 + 1, 2**64 - 1], np.uint64)
    compiled = njit(lambda a, b: function(a, b))
    for a in (signed, signed.astype(np.int8), signed[:, None], signed[1]):
        for b in (unsigned, unsigned[::-1], unsigned[0]):
            np.testing.assert_array_equal(compiled(a, b), function(a, b))
            np.testing.assert_array_equal(compiled(b, a), function(b, a))
