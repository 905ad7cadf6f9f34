"""Messages of the compiler: one error, the user's line with a caret, why, and what to do, in at most eight lines."""

import numpy as np
import pytest

from naja import njit
from naja.errors import NajaError, TypingError

pytestmark = pytest.mark.core


def plain(x):
    return x


@njit
def fails_inside(v):
    return v.missing


def add_text(a):
    return a + "text"


def no_attribute(a):
    return a.nope


def calls_plain(a):
    return plain(a)


def fails_in_callee(a):
    return 1, fails_inside(a.ndim + 0)


def not_iterable(a):
    for x in a.ndim + 0:
        a = x
    return a


def not_callable(a):
    return a(1)


def wrong_raise(a):
    raise a


def undefined_name(a):
    return a + not_defined_anywhere  # noqa: F821


def bad_index(a):
    return a["x"]


def returns_an_iterator(a):
    return zip(a, a)


def grows_a_tuple(a):
    t = ()
    for x in a:
        t = t + (x,)
    return t


CASES = [
    (returns_an_iterator, "NJ2016", "cannot return zip() or enumerate() to Python", "return zip", "^"),
    (
        grows_a_tuple,
        "NJ2002",
        "Cannot unify Tuple() and UniTuple(float64 x 1): variable 't' has one type on one path and the other on another",
        "t",
        "^",
    ),
    (add_text, "NJ2001", "cannot add array(float64, 1d, C) and unicode_type", 'a + "text"', "^^^^^^^^^^"),
    (no_attribute, "NJ2005", "Unknown attribute 'nope' of type array(float64, 1d, C)", "a.nope", "^^^^^^"),
    (
        calls_plain,
        "NJ2012",
        "Untyped global name 'plain': plain() is a plain Python function",
        "plain(a)",
        "^^^^^^^^",
    ),
    (fails_in_callee, "NJ2005", "Unknown attribute 'missing' of type int64", "v.missing", "^^^^^^^^^"),
    (not_iterable, "NJ2006", "cannot iterate over int64", "for x in", "^"),
    (not_callable, "NJ2003", "array(float64, 1d, C) is not callable", "a(1)", "^^^^"),
    (wrong_raise, "NJ2014", "cannot raise array(float64, 1d, C)", "raise a", "^"),
    (undefined_name, "NJ1003", "not_defined_anywhere", "not_defined_anywhere", "^"),
    (bad_index, "NJ2007", "", 'a["x"]', "^^^^^^"),
]


@pytest.mark.parametrize(
    ("function", "code", "message", "source", "caret"), CASES, ids=[c[0].__name__ for c in CASES]
)
def test_message(function, code, message, source, caret):
    with pytest.raises(NajaError) as caught:
        njit(function)(np.ones(2))
    text = str(caught.value)
    lines = text.splitlines()
    assert message in lines[0]
    assert source in text and caret in text and "Hint: " in text
    assert len(lines) <= 8
    assert caught.value.code == code
    assert __file__ in text


def test_error_in_a_callee_names_both():
    with pytest.raises(TypingError) as caught:
        njit(fails_in_callee)(np.ones(2))
    text = str(caught.value)
    assert "in fails_inside(int64), called from fails_in_callee, line" in text
    assert "return v.missing" in text


def test_an_error_that_no_call_reaches_is_none():
    @njit
    def f(x, text=None):
        if text is not None:
            return text.nothing_of_the_kind
        return x

    assert f(1) == 1


def test_the_first_error_is_the_one_reported():
    @njit
    def f(x):
        a = x.first_wrong
        b = x.second_wrong
        return a, b

    with pytest.raises(TypingError, match="first_wrong"):
        f(1)


def test_forgotten_import_of_a_name_of_naja():
    @njit
    def forgets():
        for _ in prange(3):  # noqa: F821
            pass

    with pytest.raises(TypingError, match="'prange' looks like a Numba internal function, has it been"):
        forgets()
