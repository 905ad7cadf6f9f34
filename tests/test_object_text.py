"""str(), repr(), print() and f-strings of everything that Python can show; numbers from texts and ratios."""

import math
from enum import Enum

import numpy as np
import pytest

from naja import njit


class Color(Enum):
    RED = 1


VALUES = [
    np.arange(3),
    np.zeros((2, 2), np.float32),
    np.array(5),
    [1, 2],
    [1.5],
    ["a", "b"],
    {1, 2},
    {1: 2.5, 3: 4.0},
    b"bytes",
    bytearray(b"ab"),
    np.timedelta64(3, "s"),
    np.datetime64("2020-01-01"),
    np.array([(1, 2.5)], dtype=[("a", "i4"), ("b", "f8")]),
    (1, np.arange(2), [1]),
    Color.RED,
    slice(1, 5),
    range(3),
]


@pytest.mark.core
@pytest.mark.parametrize("value", VALUES, ids=lambda v: type(v).__name__)
def test_text(value, capsys):
    @njit
    def f(x):
        print(x, 1, sep="|")
        return str(x), repr(x), f"<{x}>"

    assert f(value) == f.py_func(value)
    lines = capsys.readouterr().out.splitlines()
    half = len(lines) // 2
    assert half and lines[:half] == lines[half:]  # the compiled function's, then Python's


def test_text_of_array_elements(capsys):
    a = np.array([(1, b"abc", "δ")], dtype=[("n", "i8"), ("s", "S3"), ("u", "U4")])

    @njit
    def f(a):
        print(a[0].n, a[0].s, a[0].u)
        return str(a[0])

    assert f(a) == str(a[0])
    assert capsys.readouterr().out == "1 b'abc' δ\n"


def test_text_of_views_keeps_references():
    @njit
    def f(n):
        a = np.arange(n)
        b = a[1:]
        words = str(b)
        return words, b.sum()

    for _ in range(3):
        assert f(4) == (str(np.arange(4)[1:]), 6)


@pytest.mark.parametrize(
    "text", ["1+2j", "-1.5e-3-2e+2j", "j", "-j", "3", "nan", "(1+2j)", " 1j ", "1e5j", "inf-infj"]
)
def test_complex_of_text(text):
    @njit
    def f(s):
        return complex(s)

    got, wanted = f(text), complex(text)
    assert repr(got) == repr(wanted)


@pytest.mark.parametrize("text", ["", "1+2", "1 + 2j", "j1", "1+2jj", "abc"])
def test_complex_of_malformed_text(text):
    @njit
    def f(s):
        return complex(s)

    with pytest.raises(ValueError):
        complex(text)
    with pytest.raises(ValueError):
        f(text)


@pytest.mark.parametrize("x", [0.5, -2.75, 3.0, 1e10, 2.0**40, 1 / 3, 0.0, -1024.0])
def test_ratio_and_hex(x):
    @njit
    def f(x):
        return x.as_integer_ratio(), x.hex()

    assert f(x) == f.py_func(x)


def test_ratio_refusals_and_hex_of_rare_numbers():
    @njit
    def ratio(x):
        return x.as_integer_ratio()

    @njit
    def text(x):
        return x.hex()

    with pytest.raises(OverflowError):
        ratio(1e300)
    with pytest.raises(ValueError, match="NaN"):
        ratio(math.nan)
    for x in (5e-324, -0.0, math.inf, -math.inf, 1.7976931348623157e308, 2.2250738585072014e-308, 1e-310):
        assert text(x) == x.hex()


@pytest.mark.parametrize(
    "values",
    [
        [],
        [0.1] * 10,
        [1e100, 1.0, -1e100],
        [1.0, 1e-16, 1e-16],
        [1e308, 1e308, -1e308],
        [math.inf, 1.0],
        [2, 3],
    ],
)
def test_fsum_and_prod(values):
    @njit
    def f(x):
        return math.fsum(x)

    @njit
    def g(x):
        return math.prod(x), math.prod(x, start=2)

    if not values:
        values = np.zeros(0)
    try:
        wanted = math.fsum(values)
    except OverflowError:
        with pytest.raises(OverflowError):
            f(values)
    else:
        assert f(values) == wanted
    assert g(values) == (math.prod(values), math.prod(values, start=2))


def test_fsum_of_opposite_infinities():
    @njit
    def f(x):
        return math.fsum(x)

    with pytest.raises(ValueError, match="-inf \\+ inf in fsum"):
        f([math.inf, -math.inf])
    assert math.isnan(f([math.nan, 1.0]))
