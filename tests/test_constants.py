"""Integers that the program spells out must fit 64 bits; what is computed at run time wraps."""

import pytest

from naja import njit
from naja.errors import TypingError


@pytest.mark.core
@pytest.mark.parametrize("expression", ["2**70", "1 << 64", "2**64 + 1", "-(2**62) * 4", "10**400"])
def test_a_constant_that_does_not_fit_is_an_error(expression):
    space = {}
    exec(f"def f(x):\n    return x + ({expression})", space)
    with pytest.raises(TypingError, match="64 bits"):
        njit(space["f"])(1)


@pytest.mark.parametrize(
    "expression", ["2**62", "1 << 62", "(-2)**63", "3 * 5 - 7", "0 << 99", "1**1000", "(-1)**1001"]
)
def test_constants_that_fit(expression):
    space = {}
    exec(f"def f(x):\n    return x + ({expression})", space)
    assert njit(space["f"])(0) == eval(expression)


def test_run_time_arithmetic_wraps():
    assert njit(lambda x, n: x**n)(2, 64) == 0
    assert njit(lambda x: x * x)(2**62) == 0
