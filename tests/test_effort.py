"""Code that only calls other code is emitted with little effort, and works like any other."""

import numpy as np
import pytest

from naja import cfunc, njit
from naja.experimental import jitclass
from naja.types import float64, int64

pytestmark = pytest.mark.core


@pytest.fixture
def efforts(monkeypatch, capfd):
    """Calls a function; gives its result and, by name, whether each unit that was compiled for it is glue."""

    def call(f, *args):
        monkeypatch.setenv("NAJA_TIME", "1")
        capfd.readouterr()
        result = f(*args)
        monkeypatch.delenv("NAJA_TIME")
        lines = [x for x in capfd.readouterr().err.splitlines() if "(LLVM" in x]
        return result, {x.split(":")[1].strip().rpartition(".")[2]: x.endswith(", glue)") for x in lines}

    return call


def plain(x):
    return x + 1


def branches(x, y):
    if x > y:
        return x - y
    return x * y + 2


def calls(a):
    return np.sort(a)[0], np.median(a)


def text(i, x):
    return f"{i}: {x:.3f}" + ", " + str(i)


def container(i):
    x = [i, i * 2]
    return x[1], (i, "three", x), str(i).upper()


def raises(i):
    if i > 2:
        raise ValueError("too large", i)
    return 10 // i


@pytest.mark.parametrize(
    ("function", "args"),
    [(plain, (2,)), (branches, (1.5, 2.0)), (text, (4, 2.5)), (container, (7,)), (raises, (2,))],
)
def test_glue(efforts, function, args):
    result, made = efforts(njit(function), *args)
    assert made == {function.__name__: True}
    assert result == function(*args)


def test_errors_of_glue(efforts):
    f = njit(raises)
    for i, error in ((3, ValueError), (0, ZeroDivisionError)):
        with pytest.raises(error) as got:
            f(i)
        with pytest.raises(error) as expected:
            raises(i)
        assert type(got.value) is type(expected.value)
        assert got.traceback[-1].lineno == expected.traceback[-1].lineno


def test_what_it_calls_is_not(efforts):
    """Imports may be called in loops of others."""
    a = np.array([3.0, 1.0, 2.0])
    result, made = efforts(njit(calls), a)
    assert result == (1.0, 2.0)
    assert made.pop("calls") and not any(made.values())


def loop(n):
    s = 0
    for i in range(n):
        s += i
    return s


def array(a):
    return a + 1.0


def comprehension(n):
    return [i * i for i in range(n)]


@njit
def factorial(n):
    return 1 if n < 2 else n * factorial(n - 1)


def arithmetic(x):
    x = ((((x * 1.5 + 1) * x + 2) * x + 3) * x + 4) * x + 5
    x = ((((x * 1.5 + 1) * x + 2) * x + 3) * x + 4) * x + 5
    x = ((((x * 1.5 + 1) * x + 2) * x + 3) * x + 4) * x + 5
    x = ((((x * 1.5 + 1) * x + 2) * x + 3) * x + 4) * x + 5
    x = ((((x * 1.5 + 1) * x + 2) * x + 3) * x + 4) * x + 5
    return ((((x * 1.5 + 1) * x + 2) * x + 3) * x + 4) * x + 5


@pytest.mark.parametrize(
    ("function", "arg"),
    [(loop, 10), (array, np.arange(3.0)), (comprehension, 4), (factorial.py_func, 5), (arithmetic, 0.25)],
)
def test_no_glue(efforts, function, arg):
    result, made = efforts(njit(function), arg)
    assert made and not any(made.values())
    np.testing.assert_allclose(result, function(arg))


def test_functions_that_others_call_are_not(efforts):
    made = efforts(lambda: cfunc(float64(float64))(lambda x: x + 1))[1]
    assert made and not any(made.values())


def test_methods_are(efforts):
    @jitclass([("x", int64)])
    class Counter:
        def __init__(self, x):
            self.x = x

        def add(self, y):
            self.x += y
            return self.x

    counter, made = efforts(Counter, 3)
    assert made == {"constructor": True}
    result, made = efforts(counter.add, 4)
    assert result == 7 and made == {"add": True}
