"""Generators: functions with `yield` and generator expressions, consumed in compiled code and by Python."""

import functools
import gc
import inspect
import sys
import threading
import traceback

import numpy as np
import pytest
from differential import no_block_left, outcome

from naja import _core, njit, typeof, types
from naja.errors import TypingError


def count(n):
    for i in range(n):
        yield i * i


def pairs(n):
    for i in range(n):
        for j in range(i):
            if j != 2:
                yield i, j / 2


def mixed(a):
    yield 1
    for x in a:
        if x > 1:
            yield x
    yield 2.5


def sometimes(n):
    for i in range(n):
        if i % 2:
            yield None
        else:
            yield i


def early(n):
    for i in range(n):
        if i == 3:
            return
        yield i


def empty(n):
    if n < 0:
        yield n


def views(a):
    b = a * 2
    for i in range(3):
        yield b[i:]
    yield a
    yield b


def names(n):
    word = "abc"
    for _ in range(n):
        yield word


def delegates(a):
    yield from a
    yield from range(3)
    yield 7


def recursive(n):
    if n > 0:
        for x in inner(n - 1):
            yield x
        yield n


inner = njit(recursive)
count_c = njit(count)


@pytest.mark.core
@pytest.mark.parametrize(
    "function, args",
    [
        (count, (5,)),
        (count, (0,)),
        (pairs, (4,)),
        (mixed, (np.arange(4),)),
        (sometimes, (5,)),
        (early, (9,)),
        (early, (2,)),
        (empty, (3,)),
        (names, (2,)),
        (delegates, (np.arange(3),)),
        (recursive, (4,)),
    ],
)
def test_from_python(function, args):
    assert list(njit(function)(*args)) == list(function(*args))


def test_arrays_are_the_callers_own():
    a = np.arange(4.0)
    got, want = list(njit(views)(a)), list(views(a))
    assert got[3] is a
    for x, y in zip(got, want, strict=True):
        np.testing.assert_array_equal(x, y)


def test_dropping_half_way_frees_everything():
    compiled = njit(views)
    list(compiled(np.arange(4.0)))
    before = _core.block_count()
    for taken in range(6):
        g = compiled(np.arange(4.0))
        items = [next(g, None) for _ in range(taken)]
        del g, items
    g = compiled(np.arange(4.0))
    next(g)
    g.close()
    assert list(g) == []
    del g
    gc.collect()
    assert _core.block_count() == before


def test_arguments_outlive_the_call():
    @njit
    def halves(a):
        for i in range(a.size):
            yield a[i] / 2

    g = halves(np.arange(100_000.0))
    gc.collect()
    filler = np.full(100_000, -1.0)
    assert sum(g) == np.arange(100_000.0).sum() / 2
    assert filler[0] == -1


def test_code_outlives_the_function():
    def make():
        @njit
        def f(n):
            for i in range(n):
                yield i

        return f(4)

    g = make()
    gc.collect()
    assert list(g) == [0, 1, 2, 3]


def test_exception_has_a_traceback_and_ends_it():
    @njit
    def elements(a):
        for i in range(10):
            yield a[i]

    g = elements(np.arange(2))
    assert next(g) == 0
    assert next(g) == 1
    with pytest.raises(IndexError, match="index 2 is out of bounds") as info:
        next(g)
    assert "yield a[i]" in "".join(traceback.format_tb(info.value.__traceback__))
    assert list(g) == []


@pytest.mark.core
def test_loops_next_and_default():
    @njit
    def total(n):
        s = 0
        for x in count_c(n):
            s += x
        g = count_c(3)
        first = next(g)
        return s, first, next(g), next(g), next(g, -1), next(count_c(0), 2.5)

    assert total(5) == (30, 0, 1, 4, -1, 2.5)


def test_next_raises_stop_iteration():
    @njit
    def f(n):
        return next(count_c(n))

    assert f(1) == 0
    with pytest.raises(StopIteration):
        f(0)


def test_break_and_nested_loops_free_everything():
    @njit
    def rows(a):
        for i in range(a.shape[0]):
            yield a[i] + 1

    @njit
    def f(a):
        s = 0.0
        for x in rows(a):
            for y in rows(a):
                s += x[0] * y[1]
                if s > 50:
                    break
            if s > 100:
                return s
        return s

    a = np.arange(12.0).reshape(4, 3)
    f(a)
    before = _core.block_count()
    assert f(a) == f.py_func(a)
    assert _core.block_count() == before


def test_chain_of_generators():
    @njit
    def squares(it):
        for x in it:
            yield x * x

    @njit
    def above(it, limit):
        for x in it:
            if x > limit:
                yield x

    @njit
    def f(a):
        s = 0.0
        for x in above(squares(above(a, 0.5)), 0.3):
            s += x
        return s

    a = np.random.default_rng(1).random(100)
    want = sum(y for y in (x * x for x in a if x > 0.5) if y > 0.3)
    assert f(a) == want


def test_passed_from_python_and_between_units():
    @njit
    def consume(it):
        s = 0
        for x in it:
            s += x
        return s

    assert consume(count_c(4)) == 14
    g = count_c(4)
    next(g)
    assert consume(g) == 14
    assert list(g) == []

    @njit
    def bad(a):
        for i in range(5):
            yield a[i]

    with pytest.raises(IndexError) as info:
        consume(bad(np.arange(3)))
    lines = "".join(traceback.format_tb(info.value.__traceback__))
    assert "for x in it" in lines and "yield a[i]" in lines


def test_choice_between_generators():
    @njit
    def other(n):
        for i in range(n):
            yield -i

    @njit
    def f(c, n):
        g = count_c(n) if c else other(n)
        s = 0
        for x in g:
            s += x
        return s

    assert f(True, 4) == 14
    assert f(False, 4) == -6


@pytest.mark.core
def test_generator_expressions():
    @njit
    def f(a, k):
        s = 0
        for x in (v * k for v in a if v > 1):
            s += x
        for p in ((i, j) for i in range(3) for j in range(i)):
            s += p[0] * 10 + p[1]
        return s

    a = np.arange(6)
    assert f(a, 3) == f.py_func(a, 3)


def test_zip_stops_without_moving_the_others():
    @njit
    def f(a):
        g = count_c(100)
        s = 0
        for x, y in zip(a, g):
            s += x * y
        for i, y in enumerate(count_c(3)):
            s += i * y
        return s, next(g)

    assert f(np.arange(4)) == f.py_func(np.arange(4))


def test_a_value_that_grows_across_yields():
    @njit
    def f(a):
        total = 0
        for i in range(6):
            total += i
            yield a[i % a.size] + total

    a = np.arange(3)
    assert list(f(a)) == list(f.py_func(a))


def test_closures_that_yield():
    @njit
    def f(n, k):
        def scaled(m):
            for i in range(m):
                yield i * k

        s = 0
        for x in scaled(n):
            s += x
        return s

    assert f(5, 3) == 30


def test_default_and_star_arguments():
    @njit
    def f(a, b=2, *rest, c=3):
        yield a
        yield b
        for x in rest:
            yield x
        yield c

    for args, kwargs in [((1,), {}), ((1, 5), {}), ((1, 5, 6, 7), {"c": 9}), ((1,), {"c": 4})]:
        assert list(f(*args, **kwargs)) == list(f.py_func(*args, **kwargs))


def test_one_thread_at_a_time():
    @njit(nogil=True)
    def slow(n):
        for i in range(n):
            s = 0.0
            for j in range(20000):
                s += j % 7
            yield i + 0 * int(s)

    g = slow(400)
    seen, clashes = [], 0
    lock = threading.Lock()

    def take():
        nonlocal clashes
        while True:
            try:
                x = next(g)
            except StopIteration:
                return
            except ValueError as e:
                assert "already executing" in str(e)
                with lock:
                    clashes += 1
                continue
            with lock:
                seen.append(x)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(seen) == list(range(400))


def test_yields_that_do_not_fit():
    @njit
    def f(a):
        yield 1
        yield a

    with pytest.raises(TypingError, match="yields array.* here and int64 elsewhere"):
        f(np.arange(3))


def test_cached():
    assert list(count_c(3)) == [0, 1, 4]
    again = njit(count)
    assert list(again(3)) == [0, 1, 4]
    assert repr(again(3)).startswith("<compiled int64 generator at ")


@pytest.mark.parametrize("a", [np.arange(-2, 6), np.array([0.5, -1.5, 2.0]), np.arange(1)])
def test_builtins_over_generators(a):
    def sums(a):
        return sum(x * x for x in a), sum(x for x in a if x > 1), sum(x * y for x, y in zip(a, a))

    def tests(a):
        return any(x > 3 for x in a), all(x > -9 for x in a), max(x - 1 for x in a), min(-x for x in a)

    def maps(a):
        return sum(map(lambda v: v + 1, a)), sum(map(lambda v, w: v * w, a, a))

    def filters(a):
        return sum(filter(lambda v: v > 1, a)), sum(filter(None, a))

    def reduces(a):
        return functools.reduce(lambda x, y: x - y, a), functools.reduce(lambda x, y: x * y, a, 10)

    def by_hand(a):
        it = iter(a)
        first = next(it)
        rest = 0
        for x in it:
            rest += x
        return first, rest, next(it, -1)

    for f in (sums, tests, maps, filters, reduces, by_hand):
        compiled = njit(f)
        compiled(a)
        before = _core.block_count()
        assert compiled(a) == f(a), f.__name__
        assert _core.block_count() == before


def test_an_error_inside_sum_frees_the_generator():
    @njit
    def f(a):
        b = a + 1
        return sum(b[i] for i in range(20))

    with pytest.raises(IndexError):
        f(np.arange(3))
    before = _core.block_count()
    with pytest.raises(IndexError):
        f(np.arange(3))
    assert _core.block_count() == before


def test_type():
    t = typeof(count_c(3))
    assert isinstance(t, types.Generator)
    assert t.yield_type == types.int64
    assert str(t) == "int64 generator"
    assert types.Generator(None, types.int64, (), (), True) is t


def test_send_throw_and_close():
    @njit
    def work(n):
        for i in range(n):
            yield i

    g = work(5)
    assert g.send(None) == 0
    assert next(g) == 1
    with pytest.raises(TypeError, match="takes no value by send"):
        g.send(3)
    assert g.send(None) == 2
    g.close()
    with pytest.raises(StopIteration):
        g.send(None)


# ---- results: the value of StopIteration and of `yield from` ----------------------------------------------------------------


def halves(n):
    for i in range(n):
        yield i
    return n / 2


def letters(n):
    for i in range(n):
        yield str(i)
    return "end" + str(n)


def until_two(n):
    for i in range(n):
        if i == 2:
            return i
        yield i


def copies(a):
    yield a[:1]
    return a * 2


def delegating(function):
    inner = njit(function)

    def outer(x):
        result = yield from inner(x)
        yield result
        yield from inner(x)

    return outer


def exhaust(generator):
    """All items, and the values of the StopIteration that ends it and of the next one."""
    items, values = [], []
    while len(values) < 2:
        try:
            items.append(next(generator))
        except StopIteration as stop:
            values.append(stop.value)
    return items, values


@pytest.mark.core
@pytest.mark.parametrize("function", [halves, letters, until_two, count, early])
@pytest.mark.parametrize("n", [0, 1, 5])
def test_result_of_a_generator(function, n):
    assert exhaust(njit(function)(n)) == exhaust(function(n))


@pytest.mark.core
@pytest.mark.parametrize("function, n", [(halves, 3), (halves, 0), (count, 2)])
def test_yield_from_gives_the_result(function, n):
    outer = delegating(function)
    assert list(njit(outer)(n)) == list(outer(n))


def test_yield_from_gives_text_arrays_and_none():
    @njit
    def f(n, a):
        text = yield from njit_letters(n)
        yield text + "!"
        either = yield from njit_either(n)
        yield "none" if either is None else str(either)
        array = yield from njit_texts(a)
        yield str(array.sum())
        nothing = yield from ["x"]
        yield "nothing" if nothing is None else "something"

    @njit
    def njit_texts(a):
        yield "a"
        return a * 2

    @njit
    def njit_either(n):
        yield "0"
        if n > 2:
            return n

    njit_letters = njit(letters)
    assert list(f(1, np.arange(3))) == ["0", "end1!", "0", "none", "a", "6", "x", "nothing"]
    before = _core.block_count()
    for _ in range(3):
        assert list(f(1, np.arange(3)))[-1] == "nothing"
        half = f(4, np.arange(3))
        next(half)
        del half
    assert _core.block_count() == before


def test_untaken_results_are_freed():
    compiled, texts = njit(copies), njit(letters)
    list(compiled(np.arange(3)))
    before = _core.block_count()
    for _ in range(3):
        list(compiled(np.arange(3)))
        list(texts(2))
        with pytest.raises(StopIteration) as stop:
            g = compiled(np.arange(3))
            next(g)
            next(g)
        np.testing.assert_array_equal(stop.value.value, [0, 2, 4])
        del stop, g
    assert _core.block_count() == before


def test_results_that_do_not_unify():
    @njit
    def f(n):
        yield n
        if n:
            return "a"
        return 1.5

    with pytest.raises(TypingError, match="Can't unify return type"):
        f(3)


# ---- throw and close ------------------------------------------------------------------------------------------------------


def guarded(n, log):
    try:
        for i in range(n):
            try:
                yield i
            except ValueError:
                yield 100 + i
    finally:
        log[0] += 1


def unguarded(n, log):
    for i in range(n):
        yield i
    log[0] += 1


def partly(n, log):
    yield -1
    try:
        yield -2
    except KeyError:
        log[0] += 10
    yield -3


def stubborn(n, log):
    for _ in range(n):
        try:
            yield 1
        except BaseException:
            log[0] += 1


def throw_at(function, n, steps, *errors):
    """What a generator gives when exceptions are thrown into it after so many steps."""
    log = np.zeros(1)
    g = function(n, log)
    seen = [next(g) for _ in range(steps)]
    for error in errors:
        try:
            seen.append(g.throw(error))
        except BaseException as raised:
            seen.append((type(raised), raised.args))
    return seen, list(g), log[0]


@pytest.mark.core
@pytest.mark.parametrize("function", [guarded, unguarded, partly])
@pytest.mark.parametrize("steps", [0, 1, 2])
@pytest.mark.parametrize("errors", [(ValueError("x"),), (KeyError("k"),), (ValueError, ValueError(1, 2)), ()])
def test_throw(function, steps, errors):
    assert throw_at(njit(function), 3, steps, *errors) == throw_at(function, 3, steps, *errors)


def close_at(function, steps, drop):
    log = np.zeros(1)
    g = function(3, log)
    for _ in range(steps):
        next(g)
    if drop:
        del g
        gc.collect()
        return log[0]
    return g.close(), list(g), log[0]


@pytest.mark.core
@pytest.mark.parametrize("function", [guarded, unguarded, partly])
@pytest.mark.parametrize("steps", [0, 1, 2])
@pytest.mark.parametrize("drop", [False, True])
def test_close_runs_what_is_around(function, steps, drop):
    assert close_at(njit(function), steps, drop) == close_at(function, steps, drop)


def test_close_ignored():
    compiled, log = njit(stubborn), np.zeros(1)
    g = compiled(5, log)
    next(g)
    with pytest.raises(RuntimeError, match="generator ignored GeneratorExit"):
        g.close()
    assert list(g) == [] and log[0] == 1


def test_throw_what_is_no_exception():
    g = njit(unguarded)(3, np.zeros(1))
    next(g)
    with pytest.raises(TypeError, match="exceptions must be classes or instances"):
        g.throw(3)
    assert next(g) == 1


def test_throw_frees_what_is_alive():
    @njit
    def f(n):
        a = np.ones(n)
        try:
            b = a + 1
            yield b
            yield b + a
        except ValueError:
            yield a
        yield a * 3

    def run():
        g = f(3)
        next(g)
        got = [g.throw(ValueError("x")).sum(), next(g).sum()]
        g = f(3)
        next(g)
        with pytest.raises(KeyError):
            g.throw(KeyError("y"))
        return got

    assert run() == [3.0, 9.0]
    gc.collect()
    before = _core.block_count()
    for _ in range(3):
        run()
    gc.collect()
    assert _core.block_count() == before


def test_what_a_generator_stores_lives_on():
    """A constant, and a view of an argument, in a list that is alive across items."""

    @njit
    def f(a, text):
        words, views = ["x", text], [a[1:]]
        for word in words:
            yield word
        views.append(a)
        yield str(len(views[0]))
        yield from ["y", text]

    before = sys.getrefcount(f)
    for _ in range(3):
        assert list(f(np.arange(4), "té")) == ["x", "té", "3", "y", "té"]
    assert sys.getrefcount(f) == before


@pytest.mark.parametrize("which", [any, all])
@pytest.mark.parametrize(
    "item",
    ["None", "'x' * i", "[1] * i", "(i,)", "None if i else 3", "{i: 1}", "i > 1"],
    ids=lambda text: text.replace(" ", ""),
)
def test_any_and_all_ask_anything_for_its_truth(which, item):
    text = (
        f"def items(n):\n    for i in range(n):\n        yield {item}\n"
        "def of_generator(n):\n    return which(items(n))\n"
        "def of_list(n):\n    return which([x for x in items(n)])\n"
    )
    interpreted, compiled = {"which": which}, {"which": which}
    exec(text, interpreted)
    exec(text, compiled)
    compiled["items"] = njit(compiled["items"])
    for name in ("of_generator", "of_list"):
        for n in (0, 1, 3):
            assert njit(compiled[name])(n) is interpreted[name](n)


# ---- several at once ---------------------------------------------------------------------------------------------------


def pairs(a):
    it = iter(a)
    return list(zip(it, it))  # noqa: B905


def triples(a):
    doubled = (x * 2 for x in a)
    return [p + q + r for p, q, r in zip(doubled, doubled, doubled)]  # noqa: B905


def two_of_a_kind(a):
    return list(zip(iter(a), iter(a)))  # noqa: B905


def of_two_kinds(a):
    return [x for x in zip(iter(a), iter([1.5, 2.5, 3.5]))]  # noqa: B905


def from_a_list(a):
    both = [iter(a)] * 2
    return [p + q for p, q in zip(both[0], both[1])]  # noqa: B905


@pytest.mark.parametrize("function", [pairs, triples, two_of_a_kind, of_two_kinds, from_a_list])
def test_zip_takes_items_in_order(function):
    compiled = njit(function)
    for n in range(8):
        items = list(range(1, n + 1))
        if items:
            assert compiled(list(items)) == function(list(items))


def test_a_generator_in_a_heap_frame_is_no_stack_generator():
    """The frame of a generator that owns something owns its arguments, too."""

    @njit
    def items(a):
        for x in a:
            yield x

    @njit
    def side_by_side(a, b):
        others = iter(b)
        for x in a:
            yield x, next(others)

    @njit
    def both(a):
        return [pair for pair in side_by_side(items(a), items(a))]

    assert both([1, 2, 3]) == [(1, 1), (2, 2), (3, 3)]
    with no_block_left():
        assert both([4, 5]) == [(4, 4), (5, 5)]


def test_a_loop_over_rows_whose_type_becomes_known_later():
    def columns(n):
        m = [[float(i == j) for j in range(n)] for i in range(n)]

        def mul(a, b):
            return [[sum(a[i][k] * b[k][j] for k in range(n)) for j in range(n)] for i in range(n)]

        p = mul(m, mul(m, m))
        return [list(c) for c in zip(*p)], max(max(r) for r in p)  # noqa: B905

    assert njit(columns)(3) == columns(3)


# ---- throw, close ------------------------------------------------------------------------------------------------------


def patient(n, log):
    try:
        for i in range(n):
            yield i
    except ValueError as e:
        log.append("value " + str(e.args[0]))
        yield -1
    except KeyError:
        log.append("key")
        yield -2
    finally:
        log.append("end")


def restarted(log):
    n = 0
    while True:
        try:
            yield n
            n += 1
        except ValueError as e:
            log.append(str(e))
            n = 100


def ignoring():
    try:
        yield 1
    except GeneratorExit:
        yield 2


def thrown(k, patient, restarted, ignoring):
    log = ["begin"]
    g = patient(4, log)
    first = next(g)
    if k == 0:
        second = g.throw(ValueError("x" * 3))
    elif k == 1:
        second = g.throw(KeyError)
    elif k == 2:
        second = g.throw(IndexError("q"))
    else:
        second = g.send(None)
    g.close()
    g.close()
    return first, second, list(g), log


def thrown_again(k, patient, restarted, ignoring):
    log = ["begin"]
    w = restarted(log)
    out = [next(w), next(w)]
    out.append(w.throw(ValueError("reset")))
    out.append(next(w))
    try:
        raise ValueError("caught" + str(k))
    except ValueError as e:
        out.append(w.throw(e))
    return out, log


def thrown_into_none(k, patient, restarted, ignoring):
    log = ["begin"]
    g = patient(2, log)
    if k:
        next(g)
        g.close()
    try:
        g.throw(ValueError("nowhere"))
    except ValueError as e:
        return str(e), list(g), log
    return "", list(g), log


def closed_early(k, patient, restarted, ignoring):
    log = ["begin"]
    g = patient(5, log)
    for x in g:
        if x == k:
            break
    g.close()
    return next(g, -5), log


def not_closed(k, patient, restarted, ignoring):
    g = ignoring()
    next(g)
    g.close()
    return k


@pytest.mark.parametrize("k", range(4))
@pytest.mark.parametrize("function", [thrown, thrown_again, thrown_into_none, closed_early, not_closed])
def test_throw_and_close(function, k):
    makers = [njit(maker) for maker in (patient, restarted, ignoring)]
    source = inspect.getsource(function)
    scope = {}
    exec(source.replace(", patient, restarted, ignoring)", ")", 1), scope)
    scope.update(patient=makers[0], restarted=makers[1], ignoring=makers[2])
    compiled = njit(scope[function.__name__])
    want = outcome(function, k, patient, restarted, ignoring)
    outcome(compiled, k)
    with no_block_left():
        assert outcome(compiled, k) == want


def test_what_is_known_at_run_time_only_is_not_thrown_into():
    @njit
    def up():
        yield 1

    @njit
    def stop(g):
        g.close()

    with pytest.raises(TypingError, match="whose function is known at run time only"):
        stop(up())


# ---- send --------------------------------------------------------------------------------------------------------------


SENDING = """
def running_total():
    total = 0.0
    while True:
        x = yield total
        if x is None:
            return
        total += x

def mean():
    n, s, a = 0, 0.0, None
    while True:
        v = yield a
        s += v
        n += 1
        a = s / n

def counted(start):
    t = start
    while t < 100:
        got = yield t
        t += 1 if got is None else got

def products():
    s = 0
    while True:
        pair = yield s
        if pair is not None:
            a, b = pair
            s += a * b

def deaf(n):
    for i in range(n):
        yield i

def drive(g, k):
    return g.send(k)

def totals(k):
    g = running_total()
    next(g)
    g.send(2.0)
    return g.send(3.5), next(g, -1.0), list(g)

def means(k):
    g = mean()
    next(g)
    return [g.send(v) for v in (1.0, 2.0, float(k))]

def handed_on(k):
    g = counted(k)
    out = [next(g), g.send(10), next(g), drive(g, 5)]
    h = counted(0) if k > 1 else counted(50)
    next(h)
    out.append(h.send(7))
    try:
        g.send(1000)
    except StopIteration:
        out.append(-1)
    return out

def pairs_sent(k):
    g = products()
    next(g)
    g.send((2, 3))
    next(g)
    return g.send((4, k))

def not_begun(k):
    g = counted(k)
    return g.send(5)

def not_heard(k):
    g = deaf(5)
    next(g)
    return g.send(k + 1)

def never_sent(k):
    return [v for v in counted(95)], sum(counted(98)), list(products_of(3))

def products_of(n):
    for i in range(n):
        x = yield i
        if x is not None:
            yield -1
"""


@pytest.mark.parametrize(
    "name", ["totals", "means", "handed_on", "pairs_sent", "not_begun", "not_heard", "never_sent"]
)
def test_send(name):
    plain, compiled = {}, {}
    exec(SENDING, plain)
    exec(SENDING, compiled)
    for key, value in list(compiled.items()):
        if inspect.isfunction(value):
            compiled[key] = njit(value)
    for k in range(4):
        want = outcome(plain[name], k)
        outcome(compiled[name], k)
        with no_block_left():
            assert outcome(compiled[name], k) == want


def test_what_cannot_be_sent():
    @njit
    def listener():
        word = yield 1
        yield 2 if word is None else 3

    @njit
    def delegate():
        yield from listener()

    @njit
    def text():
        g = listener()
        next(g)
        return g.send("a")

    @njit
    def through():
        g = delegate()
        next(g)
        return g.send(1)

    @njit
    def from_python(g):
        return g.send(1)

    with pytest.raises(TypingError, match="only numbers and tuples of numbers are sent"):
        text()
    with pytest.raises(TypingError, match="it may wait in a `yield from`"):
        through()
    with pytest.raises(TypingError, match="its function is known at run time only"):
        from_python(listener())
