"""Strings in compiled code: read in place, compared, measured, given back; literals among them."""

import pytest
from differential import assert_same

from naja import njit

pytestmark = pytest.mark.core

TEXTS = ["", "a", "abc", "abd", "abcd", "ü", "日本", "\U0001f40d", "abc\0", "yes"]


def compare(s, t):
    return s == t, s != t, s == "abc", "日本" == s, s != "ü", len(s), bool(s), not t, s == 3


@pytest.mark.parametrize("s", TEXTS)
def test_comparison(s):
    compiled = njit(compare)
    for t in [*TEXTS, s[:1] + s[1:]]:
        assert_same(compare, compiled, s, t)


def results(s):
    chosen = "yes" if s == "abc" else "nein, größer"
    return chosen, "constant", s, len("größer"), "a" == "a", "a" != "a"


@pytest.mark.parametrize("s", TEXTS)
def test_results(s):
    assert_same(results, njit(results), s)


def test_an_argument_comes_back_as_itself():
    s = "".join(["some", " text"])
    assert njit(lambda s: s)(s) is s


def by_method(x, method="linear"):
    if method == "linear":
        return x
    if method == "square":
        return x * x
    raise ValueError("unknown method", method)


def test_text_that_decides():
    compiled = njit(by_method)
    for args in [(3,), (3, "linear"), (3, "square"), (3, "cubic")]:
        assert_same(by_method, compiled, *args)


def test_text_inside_compiled_calls():
    @njit
    def f(x):
        return compiled(x, method="square") + compiled(x)

    compiled = njit(by_method)
    assert f(5) == 30
