"""Typed IR: what inference decides, seen in its text."""

import io
import re

import numpy as np
import pytest

from naja import njit

pytestmark = pytest.mark.core


def typed(function, *args):
    """The typed IR of a function and its callees for these arguments, without line remarks."""
    compiled = njit(function)
    compiled(*args)
    out = io.StringIO()
    compiled.inspect_types(file=out)
    return re.sub(r" +;.*", "", out.getvalue())


def pruned(x):
    if x is None:
        return x.anything + 1
    if isinstance(x, float):
        return x
    return x[0].nothing


def test_branches_on_types_go():
    text = typed(pruned, 1.5)
    assert "condbr" not in text and "getattr" not in text and "ret %0" in text


def widened(n):
    x = 0
    for i in range(n):
        x = x + 0.5 * i
    return x


def test_constants_take_the_type_of_the_phi():
    text = typed(widened, 3)
    assert re.search(r"float64 = const_float 0\.0", text)
    assert re.search(r"float64 = phi", text)
    assert "cast" not in text


@njit
def callee(x, scale=2):
    return x * scale


def two_calls(i, x):
    return callee(i), callee(i + 1), callee(x), callee(x=i)


def test_specialisations_are_made_once():
    text = typed(two_calls, 1, 2.5)
    assert len(re.findall(r"^func callee", text, re.M)) == 2
    assert text.count("=> &callee.") == 4


def folded(a):
    t = (1, 2.5, a)
    if a.ndim == 2 and len(t) == 3 and "x" == "x":
        return t[a.ndim - 1]
    return t[5]


def test_literals_fold():
    text = typed(folded, np.ones((2, 2)))
    assert "condbr" not in text and "binary" not in text
    assert re.search(r"float64 = (item 1|const_float 2\.5)", text)


def optional(n):
    x = None
    if n > 3:
        x = n
    if x is None:
        return 0
    return x + 1


def test_optional_values_are_unwrapped_where_they_are_used():
    text = typed(optional, 5)
    assert "OptionalType(int64)" in text
    assert re.search(r"binary IS ", text)


def maybe_unassigned(n):
    for i in range(n):
        y = i
    return y


def always_assigned(n):
    y = 0
    for i in range(n):
        y = i
    return y


def test_checks_of_unassigned_variables_only_where_needed():
    assert "Literal[str](y)" in typed(maybe_unassigned, 3)
    assert "Literal[str](y)" not in typed(always_assigned, 3)
