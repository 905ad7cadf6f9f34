"""Calls in compiled code: arguments, defaults, recursion, inner functions, functions as values, overloads."""

import numpy as np
import pytest
from differential import assert_same

from naja import njit, types
from naja.errors import TypingError
from naja.extending import overload, overload_attribute, overload_method, register_jitable

pytestmark = pytest.mark.core


@njit
def defaults(a, b=2, *rest):
    return a, b, rest


@njit
def keyword_only(a, *, scale=3, shift=0.5):
    return a * scale + shift


@njit
def never_returns(x):
    raise ValueError("no", x)


def test_arguments():
    @njit
    def calls(x):
        t = (x, 4.5)
        return (
            defaults(x),
            defaults(x, 3),
            defaults(b=1, a=x),
            defaults(*t),
            defaults(x, 1, 2.5, None),
            defaults(x, *t),
        )

    assert calls(5) == ((5, 2, ()), (5, 3, ()), (5, 1, ()), (5, 4.5, ()), (5, 1, (2.5, None)), (5, 5, (4.5,)))


def test_keyword_only_arguments():
    @njit
    def calls(x):
        return keyword_only(x), keyword_only(x, scale=1.5), keyword_only(x, shift=0, scale=x)

    assert calls(5) == (15.5, 8.0, 25)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda x: defaults(), r"defaults\(\) missing a required argument: 'a'"),
        (lambda x: defaults(x, c=1), r"defaults\(\) got an unexpected keyword argument 'c'"),
        (lambda x: defaults(x, a=1), r"defaults\(\) got multiple values for argument 'a'"),
        (lambda x: keyword_only(x, 2), r"keyword_only\(\) takes 1 positional argument but 2 were given"),
    ],
)
def test_wrong_arguments(call, text):
    with pytest.raises(TypingError, match=text):
        njit(call)(1)


@njit
def fibonacci(n):
    if n < 2:
        return n
    return fibonacci(n - 1) + fibonacci(n - 2)


@njit
def is_even(n):
    if n == 0:
        return True
    return is_odd(n - 1)


@njit
def is_odd(n):
    if n == 0:
        return False
    return is_even(n - 1)


@njit
def halves(n):
    return 0.0 if n == 0 else 0.5 + halves(n - 1)


@njit
def endless(n):
    return endless(n)


def test_recursion():
    assert fibonacci(15) == 610
    assert [is_even(n) for n in range(4)] == [True, False, True, False]
    assert halves(4) == 2.0


def test_recursion_without_end():
    with pytest.raises(TypingError, match="calls itself on every path"):
        endless(1)


def test_a_call_that_never_returns():
    @njit
    def f(x):
        if x > 2:
            never_returns(x)
        return x

    assert f(1) == 1
    with pytest.raises(ValueError, match="no"):
        f(3)


def inner_functions(n):
    def line(x, slope=2):
        return x * n + slope

    def twice(f, x):
        return f(f(x))

    shifted = lambda q: line(q) + 1  # noqa: E731
    return line(3), line(3, slope=1), shifted(4), twice(lambda z: z * n, 5), twice(line, 1)


def inner_recursion(n):
    def factorial(k):
        if k <= 1:
            return 1
        return k * factorial(k - 1)

    return factorial(n)


def captured_array(a):
    def at(i):
        return a[i]

    return at(0) + at(1)


def test_inner_functions():
    assert_same(inner_functions, njit(inner_functions), 5)
    assert_same(inner_recursion, njit(inner_recursion), 6)
    assert njit(captured_array)(np.array([1.5, 2.0])) == 3.5


@njit
def apply(f, x):
    return f(x)


@njit
def successor(x):
    return x + 1


def test_functions_as_arguments():
    @njit
    def f(n):
        return apply(successor, n), apply(lambda x: x + n, 3), apply(lambda t: t[0], (n, 1.5))

    assert f(4) == (5, 7, 4)


def test_specialisations_are_shared_and_apart():
    @njit
    def f(x):
        return apply(successor, x), apply(successor, x + 0.5), apply(successor, x)

    assert f(1) == (2, 2.5, 2)


# --- overloads ------------------------------------------------------------------------------------------------------------


def scaled(x, factor=2):
    raise NotImplementedError


@overload(scaled)
def scaled_overload(x, factor=2):
    if isinstance(x, types.Integer):
        return lambda x, factor=2: x * factor
    if isinstance(x, types.Float):
        return lambda x, factor=2: x / factor
    return None


@register_jitable
def helper(a):
    return a + 1


@overload_method(types.Array, "alternating")
def alternating_overload(a):
    def alternating(a):
        total, sign = 0.0, 1
        for x in a:
            total += sign * x
            sign = -sign
        return total

    return alternating


@overload_attribute(types.Array, "first")
def first_overload(a):
    return lambda a: a[0]


def test_overloads():
    @njit
    def f(i, x):
        return scaled(i), scaled(i, 5), scaled(x, factor=4), helper(i)

    assert f(3, 2.0) == (6, 15, 0.5, 4)


def test_overloaded_methods_and_attributes():
    @njit
    def f(a):
        return a.alternating(), a.first

    assert f(np.array([5.0, 2.0, 1.0])) == (4.0, 5.0)


def test_overload_that_declines():
    @njit
    def f(x):
        return scaled(x)

    with pytest.raises(TypingError, match="scaled"):
        f((1, 2))


@njit
def grows(t, n):
    if n == 0:
        return 0
    return grows((t, t), n - 1)


def test_recursion_with_growing_types():
    with pytest.raises(TypingError, match="grows"):
        grows(1, 3)


@njit
def total(t):
    if len(t) == 0:
        return 0
    return t[0] + total(t[1:])


def test_recursion_over_a_tuple():
    assert total(tuple(range(20))) == 190
    assert total((1, 2.5, True)) == 4.5


def test_methods_whose_arguments_branch():
    """The method was looked up before the argument's branches met."""

    @njit
    def work(i):
        s = {i, 6}
        s.remove(6 if i < 5 else i)
        a = [1, 2, 3]
        a.insert(0, 7 if i < 5 else i)
        return sorted(s), a

    for i in (3, 8):
        assert work(i) == work.py_func(i)


def test_given_signatures_do_not_bind_what_is_inlined():
    @njit(["float64(float64[:], int32)"], inline="always")
    def inlined(a, i):
        return a[i]

    @njit(["float64(float64[:], int32)"])
    def called(a, i):
        return a[i]

    integers = np.arange(3)
    assert njit(lambda a: inlined(a, 1))(integers) == 1
    with pytest.raises(TypingError, match="takes given signatures only"):
        njit(lambda a: called(a, 1))(integers)
    with pytest.raises(TypeError, match="No matching definition"):
        inlined(integers, 1)
