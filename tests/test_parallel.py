"""Parallel loops: reductions, the same bits for every thread count, errors, nesting, threads, fork."""

import math
import os
import subprocess
import sys
import textwrap
import threading

import numpy as np
import pytest

import naja
from naja import _core, njit, prange
from naja.errors import NajaError

MAX = naja.config.NUMBA_NUM_THREADS
THREADS = sorted({1, 2, MAX} & set(range(1, MAX + 1)))


@pytest.fixture(autouse=True)
def all_threads():
    """Give each test all threads, and leave all behind."""
    naja.set_num_threads(MAX)
    yield
    naja.set_num_threads(MAX)


def with_every_thread_count(function, *args):
    """Results of a call for each number of threads."""
    results = []
    for n in THREADS:
        naja.set_num_threads(n)
        results.append(function(*args))
    return results


@pytest.mark.core
def test_sum_squares():
    @njit(parallel=True)
    def sum_squares(arr):
        result = 0.0
        for i in prange(arr.shape[0]):
            result += arr[i] ** 2
        return result

    data = np.random.default_rng(0).random(100_003)
    results = with_every_thread_count(sum_squares, data)
    assert len({r.hex() for r in results}) == 1
    assert math.isclose(results[0], math.fsum(data**2), rel_tol=1e-13)
    assert sum_squares(data[:0]) == 0.0
    assert sum_squares(data[:1]) == data[0] ** 2
    assert math.isclose(sum_squares(data[::-7]), math.fsum(data[::-7] ** 2), rel_tol=1e-13)


REDUCTIONS = {
    "add": ("r += a[i]", 0, lambda a: a.sum()),
    "subtract": ("r -= a[i]", 5, lambda a: 5 - a.sum()),
    "written out": ("r = a[i] + r", 0, lambda a: a.sum()),
    "multiply": ("r *= (1 + a[i] % 2)", 1, lambda a: np.prod(1 + a % 2)),
    "min": ("r = min(r, a[i])", 10**9, lambda a: a.min()),
    "max": ("r = max(r, a[i])", -(10**9), lambda a: a.max()),
    "and": ("r &= a[i] | 0x10", -1, lambda a: np.bitwise_and.reduce(a | 0x10)),
    "or": ("r |= a[i]", 0, lambda a: np.bitwise_or.reduce(a)),
    "xor": ("r ^= a[i]", 0, lambda a: np.bitwise_xor.reduce(a)),
    "under a condition": ("if a[i] % 3 == 0:\n            r += a[i]", 0, lambda a: a[a % 3 == 0].sum()),
    "in an inner loop": ("for j in range(3):\n            r += a[i] * j", 0, lambda a: 3 * a.sum()),
}


@pytest.mark.parametrize("name", REDUCTIONS)
def test_reduction(name):
    statement, start, expected = REDUCTIONS[name]
    space = {"prange": prange}
    source = f"def f(a):\n    r = {start}\n    for i in prange(len(a)):\n        {statement}\n    return r\n"
    exec(source, space)
    f = njit(parallel=True)(space["f"])
    a = np.random.default_rng(1).integers(0, 60, 5001)
    if name == "multiply":
        a = a[:50]
    with np.errstate(over="ignore"):
        want = expected(a)
    assert with_every_thread_count(f, a) == [want] * len(THREADS)
    assert f(a[:0]) == start


@pytest.mark.core
def test_several_reductions_and_a_private_variable():
    @njit(parallel=True)
    def f(a):
        low, high, total, last = np.inf, -np.inf, 0.0, 0.0
        for i in prange(a.shape[0]):
            t = a[i] * 2
            low = min(low, t)
            high = max(high, t)
            total += t
            last = t
        return low, high, total, last

    a = np.random.default_rng(2).random(10_001)
    low, high, total, last = f(a)
    assert (low, high, last) == (2 * a.min(), 2 * a.max(), 2 * a[-1])
    assert math.isclose(total, 2 * a.sum(), rel_tol=1e-12)


def test_array_reduction():
    @njit(parallel=True)
    def column_sums(a):
        acc = np.zeros(a.shape[1])
        for i in prange(a.shape[0]):
            acc += a[i]
        return acc

    a = np.random.default_rng(3).random((1000, 7))
    before = naja._core.block_count()
    results = [r.tobytes() for r in with_every_thread_count(column_sums, a)]
    assert len(set(results)) == 1
    np.testing.assert_allclose(np.frombuffer(results[0]), a.sum(axis=0), rtol=1e-12)
    assert naja._core.block_count() == before


@pytest.mark.core
def test_elementwise_writes():
    @njit(parallel=True)
    def f(a, out):
        for i in prange(a.shape[0]):
            for j in range(a.shape[1]):
                out[i, j] = a[i, j] * i + j

    a = np.random.default_rng(4).random((101, 13))
    out = np.zeros_like(a)
    f(a, out)
    i, j = np.indices(a.shape)
    np.testing.assert_array_equal(out, a * i + j)


def test_start_and_stop():
    @njit(parallel=True)
    def f(start, stop):
        r = 0
        for i in prange(start, stop):
            r += i
        return r

    for start, stop in ((3, 3000), (-50, 50), (5, 5), (9, 2)):
        assert f(start, stop) == sum(range(start, stop))


def test_nested_and_called():
    @njit(parallel=True)
    def inner(n):
        s = 0
        for i in prange(n):
            s += i
        return s

    @njit(parallel=True)
    def outer(n):
        s = 0
        for i in prange(n):
            for j in prange(i):
                s += j
            s += inner(i)
        return s

    assert outer(200) == sum(2 * sum(range(i)) for i in range(200))


def test_serial_without_parallel():
    @njit
    def f(n):
        last = -1
        for i in prange(n):
            last = last + i if last < 10 else i
        return last

    assert f(100) == f.py_func(100)


def assigned_under_conditions(a, p, q):
    out = np.zeros(a.shape)
    for i in prange(a.shape[0]):
        if p:
            h = a[i]
        if q:
            h = a[i] * 2
        if p or q:
            out[i] = h
    return out


def assigned_in_an_inner_loop(a, p, q):
    out = np.zeros(a.shape)
    for i in prange(a.shape[0]):
        for k in range(1, 3):
            part = a[: i + k]
            if part.sum() > 10:
                break
        out[i] = part.size + k
    return out


@pytest.mark.core
@pytest.mark.parametrize("function", [assigned_under_conditions, assigned_in_an_inner_loop])
def test_private_variables_that_seem_to_cross(function):
    a = np.arange(300.0)
    for p in (False, True):
        for q in (False, True):
            before = _core.block_count()
            np.testing.assert_array_equal(njit(function, parallel=True)(a, p, q), function(a, p, q))
            assert _core.block_count() == before


def test_private_variables_are_not_inherited():
    @njit(parallel=True)
    def f(a, n):
        out = np.zeros(len(a))
        for i in prange(len(a)):
            if i < n:
                t = a[i]
            out[i] = t
        return out

    a = np.arange(10.0)
    assert f(a, 10).tolist() == a.tolist()
    with pytest.raises(UnboundLocalError, match="'t'"):
        f(a, 5)


# ---- errors ----------------------------------------------------------------------------------------------------------

REFUSED = {
    "carried": (
        "    s = 0.0\n    for i in prange(len(a)):\n        s = a[i] + 0.5 * s * s\n    return s\n",
        "Reduction variable s has multiple conflicting reduction operators.",
        4,
    ),
    "maximum that is read": (
        "    best = 0.0\n    for i in prange(len(a)):\n        if a[i] > best:\n            best = a[i]\n        a[i] = best\n"
        "    return best\n",
        "'best'",
        4,
    ),
    "left over by the iteration before": (
        "    for i in prange(len(a)):\n        if i == 0:\n            t = 0.0\n        a[i] = t\n        t = a[i]\n    return t\n",
        "'t'",
        5,
    ),
    "shifted write": (
        "    for i in prange(1, len(a)):\n        a[i] = a[i - 1] + 1\n    return 0.0\n",
        "array element",
        3,
    ),
    "one element": ("    for i in prange(len(a)):\n        a[0] = 1.0 + i\n    return 0.0\n", "array element", 3),
    "list": ("    s = [0.0]\n    for i in prange(len(a)):\n        s.append(a[i])\n    return s\n", "one list", 4),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name, tmp_path):
    body, word, line = REFUSED[name]
    path = tmp_path / "program.py"
    path.write_text("def f(a):\n" + body)
    space = {"prange": prange}
    exec(compile(path.read_text(), str(path), "exec"), space)
    with pytest.raises(NajaError) as caught:
        njit(parallel=True)(space["f"])(np.ones(10))
    text = str(caught.value)
    assert word in text
    assert len(text.splitlines()) <= 8
    if line:
        assert f"line {line}" in text


def test_exception_in_a_worker():
    @njit(parallel=True)
    def f(a, limit):
        s = 0.0
        for i in prange(a.shape[0]):
            if a[i] >= limit:
                raise ValueError("too large", i)
            s += a[i]
        return s

    a = np.arange(10_000.0)
    for n in THREADS:
        naja.set_num_threads(n)
        with pytest.raises(ValueError) as caught:
            f(a, 4321.0)
        assert caught.value.args == ("too large", 4321)
        with pytest.raises(IndexError):
            njit(parallel=True)(lambda a: _read_outside(a))(a)
    assert f(a, 1e9) == a.sum()


@njit(parallel=True)
def _read_outside(a):
    s = 0.0
    for i in prange(len(a) + 1):
        s += a[i]
    return s


# ---- threads and processes -------------------------------------------------------------------------------------------


def test_thread_functions():
    with pytest.raises(ValueError):
        naja.set_num_threads(0)
    with pytest.raises(ValueError):
        naja.set_num_threads(MAX + 1)
    with pytest.raises(TypeError):
        naja.set_num_threads(1.5)
    naja.set_num_threads(1)
    assert naja.get_num_threads() == 1
    assert naja.get_thread_id() == 0


def test_several_python_threads():
    @njit(parallel=True, nogil=True)
    def f(a):
        s = 0.0
        for i in prange(a.shape[0]):
            s += a[i]
        return s

    a = np.random.default_rng(5).random(50_000)
    want, wrong = f(a), []

    def work():
        for _ in range(50):
            if f(a) != want:
                wrong.append(1)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    assert not wrong


PROGRAM = """
    import os, sys, numpy as np, naja
    from naja import njit, prange
    @njit(parallel=True)
    def f(a):
        s = 0.0
        for i in prange(a.shape[0]):
            s += a[i]
        return s
    a = np.random.default_rng(6).random(100_000)
    want = f(a)
    {rest}
"""


def run_program(rest, **environment):
    """Run a program in a process of its own; return its output."""
    code = textwrap.dedent(PROGRAM).format(rest=textwrap.dedent(rest))
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],  # -P: not the checkout's own copy
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_fork_after_a_parallel_loop():
    rest = """
pid = os.fork()
if pid == 0:
    os._exit(0 if f(a) == want else 1)
print(os.waitpid(pid, 0)[1], naja.threading_layer())
"""
    assert run_program(rest, NAJA_NUM_THREADS="2") == "0 native"


def test_openmp_layer():
    rest = "print(naja.threading_layer(), f(a) == want)"
    assert run_program(rest, NAJA_THREADING_LAYER="omp", NAJA_NUM_THREADS="2") in ("omp True", "native True")


def test_thread_count_from_the_environment():
    rest = "print(naja.get_num_threads(), want.hex())"
    one = run_program(rest, NAJA_NUM_THREADS="1").split()
    three = run_program(rest, NAJA_NUM_THREADS="3").split()
    assert (one[0], three[0]) == ("1", "3")
    assert one[1] == three[1]


# ---- settings, from compiled code ----------------------------------------------------------------------------------


def test_threads_are_set_and_read_in_compiled_code():
    @njit
    def limit(n):
        before = naja.get_num_threads()
        naja.set_num_threads(n)
        return before, naja.get_num_threads(), naja.get_thread_id()

    most = naja.get_num_threads()
    try:
        assert limit(1) == (most, 1, 0)
        assert naja.get_num_threads() == 1
        with pytest.raises(ValueError, match=f"^The number of threads must be between 1 and {most}$"):
            limit(most + 1)
    finally:
        naja.set_num_threads(most)


@pytest.mark.parametrize("n", [1, 3, 997, 1000])
def test_chunk_size_reaches_every_iteration_once(n):
    @njit(parallel=True)
    def run(chunk, n):
        visits, inside = np.zeros(n), np.full(n, -1)
        before = naja.set_parallel_chunksize(chunk)
        for i in prange(n):
            visits[i] += 1
            inside[i] = naja.get_parallel_chunksize()
        return visits, inside, naja.set_parallel_chunksize(before)

    for chunk in (0, 1, 2, 7, n, 2 * n):
        visits, inside, after = run(chunk, n)
        assert (visits == 1).all() and (inside == 0).all() and after == chunk
    assert naja.get_parallel_chunksize() == 0


def test_chunk_size_leaves_the_bits_of_a_reduction():
    @njit(parallel=True)
    def total(a):
        s = 0.0
        for i in prange(a.size):
            s += a[i]
        return s

    a = np.random.default_rng(3).random(10007)
    expected = total(a)
    with naja.parallel_chunksize(13) as before:
        assert before == 0 and naja.get_parallel_chunksize() == 13
        assert total(a) == expected
    assert naja.get_parallel_chunksize() == 0


def test_bad_chunk_sizes():
    @njit
    def negative():
        naja.set_parallel_chunksize(-1)

    @njit
    def text():
        naja.set_parallel_chunksize("x")

    for call in (negative, lambda: naja.set_parallel_chunksize(-1)):
        with pytest.raises(ValueError, match="^chunksize must be greater than or equal to zero$"):
            call()
    for call in (text, lambda: naja.set_parallel_chunksize("x")):
        with pytest.raises((TypeError, NajaError), match="The parallel chunksize must be an integer"):
            call()


def strided(a, start, stop, step):
    total, seen = 0.0, np.zeros(a.size)
    for i in prange(start, stop, step):
        total += a[i]
        seen[i] = i
    return total, seen


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000, -1, -2, -5])
def test_ranges_with_steps(step):
    f = njit(strided, parallel=True)
    a = np.arange(1003.0)
    for start, stop in ((0, 1003), (5, 998), (7, 7), (1002, -1), (998, 3), (3, 4), (4, 3)):
        expected = strided(a, start, stop, step)
        for got in with_every_thread_count(f, a, start, stop, step):
            assert got[0] == expected[0] and (got[1] == expected[1]).all()


def test_a_step_of_zero():
    with pytest.raises(ValueError, match="must not be zero"):
        njit(strided, parallel=True)(np.ones(3), 0, 3, 0)


def evens_and_odds(a):
    for i in prange(0, a.size - 1, 2):
        a[i], a[i + 1] = a[i + 1], a[i]
    return a


@pytest.mark.core
def test_constant_steps():
    def f(a):
        down, up = 0.0, 0.0
        for i in prange(a.size - 1, -1, -1):
            down += a[i]
        for i in prange(1, a.size, 3):
            up += a[i]
        return down, up

    a = np.arange(500.0)
    same_as_serial(f, a)
    same_as_serial(evens_and_odds, np.arange(501.0))
    for n in (np.uint8(9), np.int32(-3), True, 0):
        same_as_serial(lambda n: sum_of_range(n), n)


@njit(parallel=True)
def sum_of_range(n):
    s = 0
    for i in prange(n):
        s += i
    return s


# ---- loops that stay serial -----------------------------------------------------------------------------------------


def until_large(a):
    for i in prange(a.size):
        if a[i] > 3:
            break
        a[i] = -1.0
    return a


def first_large(a):
    for i in prange(a.size):
        if a[i] > 3:
            return i
    return -1


def doubled(a):
    return [a[i] * 2 for i in prange(a.size)]


@pytest.mark.parametrize("function", [until_large, first_large, doubled])
def test_loops_that_stay_serial_say_so(function):
    with pytest.warns(naja.errors.NajaPerformanceWarning, match="will not be executed in parallel"):
        got = njit(function, parallel=True)(np.arange(10.0))
    np.testing.assert_array_equal(got, function(np.arange(10.0)))


def test_a_warning_can_be_an_error():
    import warnings

    def first_large(a):
        for i in prange(a.size):
            if a[i] > 3:
                return i
        return -1

    with warnings.catch_warnings():
        warnings.simplefilter("error", naja.errors.NajaPerformanceWarning)
        with pytest.raises(naja.errors.NajaPerformanceWarning, match="more than one entry to or exit"):
            njit(first_large, parallel=True)(np.arange(10.0))


# ---- variables that some iterations replace ------------------------------------------------------------------------


def same_as_serial(function, *args):
    """The parallel result, for every thread count, is what Python computes."""
    parallel = njit(parallel=True)(function)
    expected = function(*args)
    for got in with_every_thread_count(parallel, *args):
        np.testing.assert_equal(got, expected)


def argmax_first(a):
    best = a[0]
    at = 0
    for i in prange(a.size):
        if a[i] > best:
            best = a[i]
            at = i
    return best, at


def argmin_last(a):
    best = np.inf
    at = -1
    for i in prange(a.size):
        if best >= a[i]:
            best = a[i]
            at = i
    return best, at


def closest_of_some(a, target):
    best, at, considered = 1e300, -1, 0
    for i in prange(a.size):
        if a[i] < 0:
            continue
        considered += 1
        distance = abs(a[i] - target)
        if distance < best and i % 3 != 1:
            best = distance
            at = i
    return best, at, considered


def last_negative(a):
    value, at, seen = 0.0, -1, False
    for i in prange(a.size):
        if a[i] < 0:
            value = a[i]
            at = i
            seen = True
    return value, at, seen


def best_of_rows(a):
    best, row = -np.inf, -1
    for i in prange(a.shape[0]):
        for j in range(a.shape[1]):
            if a[i, j] > best:
                best = a[i, j]
                row = i
    return best, row


SEQUENCES = {
    "random": np.random.default_rng(0).normal(size=5003),
    "ties": np.random.default_rng(1).integers(-3, 4, 4001).astype(float),
    "one": np.array([2.5]),
    "nan": np.where(np.arange(3000) % 7 == 0, np.nan, np.sin(np.arange(3000.0))),
    "nan first": np.array([np.nan, 1.0, 3.0, 2.0]),
    "infinite": np.array([-np.inf] * 300 + [np.inf] * 5 + [-np.inf] * 300),
    "zeros": np.array([0.0, -0.0] * 500),
}


@pytest.mark.parametrize("name", SEQUENCES)
def test_best_and_where_it_is(name):
    a = SEQUENCES[name]
    same_as_serial(argmax_first, a)
    same_as_serial(argmin_last, a)
    same_as_serial(closest_of_some, a, 0.3)
    same_as_serial(last_negative, a)
    if a.size % 2 == 0:
        same_as_serial(best_of_rows, a.reshape(-1, 2))


@pytest.mark.core
def test_best_of_integers():
    a = np.random.default_rng(2).integers(-50, 50, 3000)
    same_as_serial(argmax_first, a)
    same_as_serial(argmax_first, a.astype(np.uint8))


def test_last_assignment_without_an_initial_value():
    def last_even(n):
        for i in prange(n):
            if i % 2 == 0:
                found = i
        return found

    same_as_serial(last_even, 1001)


def test_best_with_an_unrelated_assignment_is_refused():
    @njit(parallel=True)
    def confused(a):
        best = 0.0
        for i in prange(a.size):
            if a[i] > best:
                best = 2 * a[i]
        return best

    with pytest.raises(naja.errors.ParallelSafetyError, match="variable 'best' crosses the iterations"):
        confused(np.arange(5.0))


def test_best_read_behind_a_write_is_refused():
    @njit(parallel=True)
    def moving(a):
        best = 0.0
        for i in prange(a.size):
            if a[i] > best:
                a[i] -= 1.0
                best = a[i]
        return best

    with pytest.raises(naja.errors.ParallelSafetyError, match="variable 'best' crosses the iterations"):
        moving(np.arange(5.0))


def fill_dict(a):
    large = {}
    for i in prange(len(a)):
        if a[i] > 5:
            large[i] = np.array([a[i], a[i] * 2])
    return large


def fill_set(a):
    large = {-1.0}
    for i in prange(len(a)):
        if a[i] > 5:
            large.add(a[i] // 2)
    return large


@pytest.mark.parametrize("fill", [fill_dict, fill_set])
def test_tables_are_filled_on_one_thread(fill):
    f = njit(parallel=True, cache=False)(fill)
    a = np.arange(10.0)
    with pytest.warns(naja.errors.NajaPerformanceWarning, match="change one dict or set") as caught:
        got = f(a)
    assert [w.lineno for w in caught] == [fill.__code__.co_firstlineno + 4]
    if isinstance(got, set):
        assert got == fill(a)
    else:
        assert {k: v.tolist() for k, v in got.items()} == {k: v.tolist() for k, v in fill(a).items()}
    assert f.get_metadata(f.signatures[0])["parallel_loops"] == 0


# ---- containers that iterations share --------------------------------------------------------------------------------


def read_containers(a, numbers, names, seen):
    out = np.zeros(a.size)
    for i in prange(a.size):
        k = i % len(numbers)
        out[i] = (
            numbers[k] + names[k] + names.get(k + 1, 0.5) + numbers.index(numbers[k]) + numbers.count(1.0)
        )
        if k in names and i in seen and 2.0 in numbers:
            out[i] += 1
        for x in numbers:
            out[i] += x
        for x in seen:
            out[i] += x
        own = [1.0]
        own.append(a[i])
        out[i] += sum(own) + len(names)
    return out


def write_list_elements(a, numbers, names, seen):
    for i in prange(len(numbers)):
        numbers[i] = numbers[i] + a[i]
    return np.array(numbers)


@pytest.mark.parametrize("function", [read_containers, write_list_elements])
def test_containers_may_be_read(function):
    def called(a):
        numbers, names, seen = [1.0, 2.0, 1.0], {0: 1.0, 1: 2.0, 2: 4.0}, {3, 4}
        return step(a, numbers, names, seen)

    a = np.arange(50.0)
    results = []
    for step in (njit(function, parallel=True), function):
        results.append(called(a) if step is function else njit(called)(a))
    np.testing.assert_array_equal(*results)


# ---- inside of try and with ------------------------------------------------------------------------------------------


def in_a_try(a, limit):
    total, state = 0.0, 0
    try:
        for i in prange(a.size):
            if a[i] > limit:
                raise ValueError("too large", i)
            total += a[i]
        state = 1
    except ValueError:
        return -1.0, state
    finally:
        state += 10
    return total, state


def in_nested_tries(a, limit):
    out = np.zeros(a.size)
    caught = 0
    try:
        for i in prange(a.size):
            try:
                if a[i] > limit:
                    raise ValueError
                out[i] = 1.0
            except ValueError:
                out[i] = 2.0
                if i == 5:
                    raise
    except Exception:
        caught = 1
    return out.sum() > 0, caught


def what_is_converted_behind_it(a, limit):
    x, y, name = 1, 2, None
    try:
        for i in prange(a.size):
            if a[i] > limit:
                raise ValueError
    except ValueError:
        x, y, name = 2.5, y + 1j, 7
    return x, y, name


def in_a_handler(a, limit):
    total, x = 0.0, 1
    for k in range(3):
        try:
            if k:
                raise KeyError(k)
        except KeyError:
            try:
                for i in prange(a.size):
                    total += a[i] * k
                    if a[i] > limit:
                        raise
            finally:
                x += 0.5
    return total, x


def with_an_else(a, limit):
    out = np.zeros(a.size)
    try:
        for i in prange(a.size):
            out[i] = 1 // (1 if a[i] < limit else 0)
        else:
            out[0] = 5
    except ZeroDivisionError:
        return -1.0
    else:
        for i in prange(a.size):
            out[i] += i
    finally:
        out[0] += 1
    return out.sum()


def outcome(function, *args):
    try:
        return function(*args)
    except KeyError as e:
        return e.args


@pytest.mark.core
@pytest.mark.parametrize("function", [what_is_converted_behind_it, in_a_handler, with_an_else])
def test_loops_around_handlers(function):
    f, a = njit(function, parallel=True), np.arange(300.0)
    for limit in (1000.0, 20.0, 2.0):
        outcome(f, a, limit)
        before = _core.block_count()
        assert outcome(f, a, limit) == outcome(function, a, limit)
        assert _core.block_count() == before
    assert "in parallel" in str(f.explain(f.signatures[0]))


@pytest.mark.core
@pytest.mark.parametrize("function", [in_a_try, in_nested_tries])
def test_loops_in_a_try(function):
    f, a = njit(function, parallel=True), np.arange(300.0)
    for limit in (1000.0, 20.0, 2.0):
        before = _core.block_count()
        assert with_every_thread_count(f, a, limit) == [function(a, limit)] * len(THREADS)
        assert _core.block_count() == before
    assert f.explain(f.signatures[0]).count("parallel", "runs in parallel") == 1


def test_loops_in_a_with():
    @njit(parallel=True)
    def f(n):
        inside = np.full(n, -1)
        total = 0
        with naja.parallel_chunksize(3):
            for i in prange(n):
                inside[i] = naja.get_parallel_chunksize()
            for i in prange(n):
                total += i
        return inside, total, naja.get_parallel_chunksize()

    inside, total, after = f(100)
    assert (inside == 0).all() and total == 4950 and after == 0
    assert f.explain(f.signatures[0]).count("parallel", "runs in parallel") == 2


def test_a_handler_that_reads_what_iterations_left():
    @njit(parallel=True)
    def f(a):
        n = 0
        try:
            for i in prange(a.size):
                n += 1
                if a[i] > 5:
                    raise ValueError
        except ValueError:
            return -n
        return n

    with pytest.warns(naja.errors.NajaPerformanceWarning, match="exception handler around it"):
        assert f(np.arange(30.0)) == -7
    assert f(np.zeros(30)) == 30
