"""Small functions that only compute become part of the loops that call them: same results, same exceptions and frames."""

import math
import traceback

import numpy as np
import pytest
from differential import outcome

from naja import njit

pytestmark = pytest.mark.core


def lanes(function):
    return function.overloads[function.signatures[-1]].stats["lanes"]


@njit
def escape(x, y, limit):
    c, z = complex(x, y), 0j
    for i in range(limit):
        z = z * z + c
        if z.real * z.real + z.imag * z.imag >= 4:
            return i
    return limit


@njit
def length(a, b):
    return math.sqrt(a * a + b * b) + 0.5


@njit
def halves(x):
    return x * 0.5, x + 1.0


@njit
def inverse(x, pole):
    if x == pole:
        raise ValueError("at the pole")
    return 1.0 / (x - pole)


@njit
def settle(x):
    n = 0
    while x > 0.1:
        x *= 0.8
        n += 1
        if n > 15:
            return -1.0
    return x


@njit
def both(x):
    return length(settle(x), 1.0)


@njit
def note(out, i, x):
    out[i] = x


def image(w, h, limit):
    out = np.zeros((h, w), np.uint8)
    for x in range(w):
        for y in range(h):
            out[y, x] = escape(-2.0 + 3.0 * x / w, -1.0 + 2.0 * y / h, limit)
    return out


def lengths(n):
    total = 0.0
    for i in range(n):
        s = 0.0
        for j in range(7):
            s += length(float(i), float(j))
        total += s
    return total


def tuples(n):
    total = 0.0
    for i in range(n):
        x = float(i)
        for _ in range(7):
            a, b = halves(x)
            x = a + b * 0.25
        total += x
    return total


def settled(n):
    total = 0.0
    for i in range(n):
        total = total * 0.9 + settle(float(i))
    return total


def two_deep(n):
    total = 0.0
    for i in range(n):
        total += both(float(i))
    return total


KERNELS = [(image, 17, 9, 20), (lengths, 30), (tuples, 30), (settled, 50), (two_deep, 40)]


@pytest.mark.parametrize("kernel", KERNELS, ids=[k[0].__name__ for k in KERNELS])
def test_kernel(kernel):
    function, *arguments = kernel
    compiled = njit(function)
    assert np.asarray(compiled(*arguments)).tobytes() == np.asarray(function(*arguments)).tobytes()
    assert lanes(compiled) == 1


def poles(n, pole, out):
    for i in range(n):
        s = 0.0
        for _ in range(3):
            s = s * 0.5 + inverse(float(i), pole)
        out[i] = s


@pytest.mark.parametrize("pole", [0.0, 11.0, 17.0, 29.0, 40.0])
def test_exceptions_of_what_is_inlined(pole):
    compiled, results = njit(poles), []
    for function in (poles, compiled):
        out = np.zeros(30)
        results.append((outcome(function, 30, pole, out), out.tolist()))
    assert results[0] == results[1]
    assert lanes(compiled) == 1


def test_frames_of_what_is_inlined():
    with pytest.raises(ValueError) as caught:
        njit(poles)(30, 17.0, np.zeros(30))
    assert [f.name for f in traceback.extract_tb(caught.value.__traceback__)][-2:] == ["poles", "inverse"]


def test_functions_with_effects_are_called():
    @njit
    def f(n):
        out = np.zeros(n)
        for i in range(n):
            for j in range(3):
                note(out, i, i + j)
        return out

    np.testing.assert_array_equal(f(5), f.py_func(5))


def test_recursion_in_a_loop():
    @njit
    def depth(n):
        s = 0
        for i in range(n):
            for j in range(i):
                s += depth(j) + 1
        return s

    assert depth(6) == depth.py_func(6)


def test_functions_that_call_each_other():
    @njit
    def even(n):
        s = 0
        for i in range(n):
            for j in range(i):
                s += odd(j) + 1
        return s

    @njit
    def odd(n):
        s = 1
        for i in range(n):
            for j in range(i):
                s += even(j) * 2
        return s

    assert even(6) == even.py_func(6)
    assert odd(5) == odd.py_func(5)


def test_results_that_are_not_used():
    @njit
    def f(n, pole):
        k = 0
        for i in range(n):
            for _ in range(2):
                inverse(float(i), pole)
                k += 1
        return k

    assert f(5, 9.0) == 10
    with pytest.raises(ValueError, match="at the pole"):
        f(5, 3.0)
