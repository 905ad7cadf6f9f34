"""Inner functions that compiled code gives to Python: compiled code with what it has captured."""

import functools
import gc
import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from naja import _core, njit, typeof
from naja.errors import TypingError

pytestmark = pytest.mark.usefixtures("no_leaks")


def adder(a):
    def add(x):
        "Adds."
        return x + a

    return add


def counter(start):
    n = start

    def inc(by=1):
        nonlocal n
        n += by
        return n

    def get():
        return n

    return inc, get


def views(a):
    def item(i):
        return a[i]

    def tail():
        return a[1:]

    def whole():
        return a

    return item, tail, whole


def of_locals(n):
    a = np.arange(n)
    log = [1]
    seen = {1: "x"}
    word = str(n) + "!"

    def f(i):
        log.append(i)
        seen[i] = word
        return a.sum(), len(log), len(seen), word

    return f


def one_of(k, a):
    def plus(x):
        return x + a

    def times(x):
        return x * a + 0.5

    if k:
        return plus
    return times


def factorial():
    def fact(n):
        return 1 if n < 2 else n * fact(n - 1)

    return fact


def parity(k):
    def even(n):
        return k if n == 0 else odd(n - 1)

    def odd(n):
        return -k if n == 0 else even(n - 1)

    return even, odd


def with_defaults(a):
    def f(x, k=a, *rest, scale=2, **more):
        return x * k + len(rest) + scale + len(more)

    return f


def nested(a):
    def outer(b):
        n = a

        def inner(c):
            nonlocal n
            n += c
            return n * b

        return inner

    return outer


def in_list(n):
    made = []
    for i in range(n):

        def f(x, i=i):
            return x + i

        made.append(f)
    return made


def of_text(s):
    t = s + "é"
    return lambda: (t, s, len(t))


def generators(n):
    def numbers():
        for i in range(n):
            yield i * n

    return numbers


@pytest.mark.core
def test_captured_numbers():
    f = njit(adder)(3)
    assert f(4) == 7 and f(2.5) == 5.5 and f(x=1) == 4
    assert np.array_equal(f(np.arange(3)), np.arange(3) + 3)
    assert njit(adder)(2.5)(1) == 3.5
    assert (f.__name__, f.__qualname__, f.__module__, f.__doc__) == (
        "add",
        "adder.<locals>.add",
        __name__,
        "Adds.",
    )
    assert "adder.<locals>.add" in repr(f) and f.__code__.co_name == "add"


@pytest.mark.core
def test_shared_variables_stay_shared():
    got, want = njit(counter)(10), counter(10)
    for inc, get in (got, want):
        assert (inc(), inc(5), get(), inc(by=2), get()) == (11, 16, 16, 18, 18)
    other, _ = njit(counter)(0)
    assert other() == 1 and got[1]() == 18


def test_arrays_are_not_copied():
    x = np.arange(5.0)
    item, tail, whole = njit(views)(x)
    assert whole() is x
    x[2] = 99
    assert item(2) == 99 and tail().tolist() == [1, 99, 3, 4]
    assert np.shares_memory(tail(), x)


def test_arguments_live_as_long():
    item, tail, whole = njit(views)(np.arange(4.0))
    gc.collect()
    assert item(2) == 2 and tail().tolist() == [1, 2, 3] and whole().tolist() == [0, 1, 2, 3]
    part = tail()
    del item, tail, whole
    gc.collect()
    assert part.tolist() == [1, 2, 3]


def test_containers_and_text():
    f, g = njit(of_locals)(4), of_locals(4)
    for i in (1, 2, 7, 2):
        assert f(i) == g(i)
    assert njit(of_text)("aΩ")() == of_text("aΩ")()
    assert njit(of_text)("a" * 100)() == of_text("a" * 100)()


def test_one_of_several():
    compiled = njit(one_of)
    for k in (True, False):
        assert compiled(k, 3)(10) == one_of(k, 3)(10)


def test_recursive_ones():
    assert njit(factorial)()(10) == factorial()(10)
    for mine, theirs in zip(njit(parity)(3), parity(3), strict=True):
        assert [mine(n) for n in range(5)] == [theirs(n) for n in range(5)]


def test_parameters():
    mine, theirs = njit(with_defaults)(3), with_defaults(3)
    for f in (mine, theirs):
        assert (f(2), f(2, 10), f(2, 10, 1, 1), f(2, scale=5), f(k=1, x=2), f(2, z=1)) == (
            8,
            22,
            24,
            11,
            4,
            9,
        )


def test_functions_of_functions():
    mine, theirs = njit(nested)(1)(10), nested(1)(10)
    assert [mine(2), mine(3)] == [theirs(2), theirs(3)] == [30, 60]
    assert [f(10) for f in njit(in_list)(3)] == [10, 11, 12]
    assert list(njit(generators)(4)()) == list(generators(4)())


def test_as_arguments():
    @njit
    def apply(f, x):
        return f(x)

    @njit
    def compose(f, g):
        def both(x):
            return f(g(x))

        return both

    plus, times = njit(one_of)(True, 3), njit(one_of)(False, 3)
    assert apply(plus, 5) == 8 and apply(times, 5) == 15.5 and apply(njit(adder)(1.5), 5) == 6.5
    assert compose(plus, times)(2) == 9.5 and compose(compose(plus, plus), plus)(0) == 9
    assert functools.reduce(compose, [plus] * 4)(0) == 12


def test_as_decorators():
    @njit
    def logged(f):
        def wrapper(x, y):
            return f(x, y) + 1

        return wrapper

    @logged
    @njit
    def add(x, y):
        return x + y

    assert add(1, 2) == 4


def test_without_captured_values_they_are_dispatchers():
    @njit(fastmath=True)
    def make():
        def double(x):
            return 2 * x

        return double

    double = make()
    assert type(double) is type(make) and double is make() and double(4) == 8
    assert double.targetoptions["fastmath"] is True
    assert double.py_func(4) == 8


def test_options_of_the_maker():
    @njit(error_model="numpy")
    def make(z):
        return lambda x: x / z

    assert make(0.0)(1.0) == np.inf
    with pytest.raises(ZeroDivisionError):
        njit(lambda z: lambda x: x / z)(0.0)(1.0)


def test_as_constants():
    plus = njit(adder)(7)
    held = njit(views)(np.arange(3.0))[0]

    @njit
    def uses(x):
        return plus(x)

    @njit
    def uses_held(i):
        return held(i)

    assert uses(3) == 10
    with pytest.raises(TypingError, match="captured arrays or containers"):
        uses_held(1)


def test_errors_have_the_inner_line():
    @njit
    def make(a):
        def f(i):
            if i > 3:
                raise ValueError("too big")
            return a[i]

        return f

    f = make(np.arange(3))
    with pytest.raises(ValueError, match="too big") as caught:
        f(9)
    assert caught.traceback[-1].name == "f"
    with pytest.raises(IndexError):
        f(3)
    with pytest.raises(TypingError, match="takes 1 positional argument but 2 were given"):
        f(1, 2)


def test_no_count_is_lost():
    def once():
        f = njit_locals(4)
        f(1)
        inc, _ = njit_counter(3)
        inc()
        njit_text("abc")()
        njit_views(np.arange(4.0))
        njit_list(4)[2](1)

    njit_locals, njit_counter, njit_text, njit_views, njit_list = map(
        njit, (of_locals, counter, of_text, views, in_list)
    )
    once()
    gc.collect()
    before = _core.block_count()
    for _ in range(20):
        once()
    gc.collect()
    assert _core.block_count() == before


def test_types_tell_the_makers_apart():
    def maker(k):
        @njit
        def make(a):  # the inner code is one object for both
            def f(x):
                return x + a * k

            return f

        return make

    one, ten = maker(1)(2), maker(10)(2)

    @njit
    def both(f, g, x):
        return f(x), g(x)

    assert typeof(one) is not typeof(ten)
    assert one(1) == 3 and ten(1) == 21 and both(one, ten, 1) == (3, 21)


def test_from_the_cache(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent("""
        import numpy as np
        from naja import njit

        @njit(cache=True)
        def make(a):
            n = 0
            def f(i):
                nonlocal n
                n += 1
                return a[i] + n
            return f

        @njit(cache=True)
        def plain():
            def g(x):
                return x + 1
            return g

        f = make(np.arange(5))
        print(f(1), f(1), plain()(3), make.stats.cache_hits)
        """)
    )
    environment = {**os.environ, "NAJA_CACHE_DIR": str(tmp_path / "cache")}

    def run():
        done = subprocess.run(
            [sys.executable, script], env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    run()
    assert run().split()[:3] == ["2", "3", "4"]
