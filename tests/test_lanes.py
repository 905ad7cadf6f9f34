"""Iterations of outer loops computed side by side: every bit, every exception and every store as one after the other."""

import math
import random

import numpy as np
import pytest
from differential import Difference, kind_of, outcome
from lane_programs import LaneProgram

from naja import njit, prange

pytestmark = pytest.mark.core


def lanes(function):
    """Return how many loops of a function's last version compute iterations side by side."""
    return function.overloads[function.signatures[-1]].stats["lanes"]


def escape(h, w, limit):
    out = np.zeros((h, w), np.int64)
    for i in range(h):
        for j in range(w):
            x, y, n = -1.5 + 3.0 * j / w, -1.5 + 3.0 * i / h, 0
            while x * x + y * y <= 4.0 and n < limit:
                x, y = x * x - y * y - 0.7, 2 * x * y + 0.27
                n += 1
            out[i, j] = n
    return out


def escape_complex(h, limit):
    out = np.zeros((h, h), np.int32)
    for i in range(h):
        for j in range(h):
            c, z, n = complex(-2 + 3 * j / h, -1.5 + 3 * i / h), 0j, 0
            for n in range(limit):
                if z.real * z.real + z.imag * z.imag > 4.0:
                    break
                z = z * z + c
            out[i, j] = n
    return out


def collatz(n):
    best = 0
    for i in range(1, n):
        x, steps = i, 0
        while x != 1:
            if x % 2 == 0:
                x //= 2
            else:
                x = 3 * x + 1
            steps += 1
        if steps > best:
            best = steps
    return best


def pairs(x, y):
    out = np.empty(x.shape[0])
    for i in range(x.shape[0]):
        s = 0.0
        for j in range(y.shape[0]):
            d = x[i] - y[j]
            s += d * d
        out[i] = s
    return out


def product(a, b):
    c = np.zeros((a.shape[0], b.shape[1]))
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            s = 0.0
            for k in range(a.shape[1]):
                s += a[i, k] * b[k, j]
            c[i, j] = s
    return c


def convolution(a, w):
    out = np.zeros((a.shape[0] - w.shape[0] + 1, a.shape[1] - w.shape[1] + 1))
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            s = 0.0
            for p in range(w.shape[0]):
                for q in range(w.shape[1]):
                    s += a[y + p, x + q] * w[p, q]
            out[y, x] = s
    return out


def roots(x):
    total = 0.0
    for i in range(x.shape[0]):
        v = x[i] * 10 + 0.1
        r = v
        for _ in range(50):
            q = 0.5 * (r + v / r)
            if abs(q - r) < 1e-12:
                break
            r = q
        total += r
    return total


def triangle(n):
    total = 0.0
    for i in range(n):
        s = 0.0
        for j in range(i):
            s = s * 0.5 + 1.0 / (j + 1)
        total += s
    return total


def forces(p):
    energy = 0.0
    for i in range(p.shape[0]):
        x, y, ax, ay = p[i, 0], p[i, 1], 0.0, 0.0
        for j in range(p.shape[0]):
            if j != i:
                dx, dy = p[j, 0] - x, p[j, 1] - y
                r = math.sqrt(dx * dx + dy * dy)
                ax += dx / (r * r * r)
                ay += dy / (r * r * r)
        energy += ax * ax + ay * ay
    return energy


def short_floats(x):
    out = np.empty_like(x)
    for i in range(x.shape[0]):
        v = x[i]
        for _ in range(25):
            v = v * np.float32(0.9) + np.float32(0.1)
        out[i] = v
    return out


def flags(n):
    c = 0
    for i in range(n):
        found, x = False, float(i)
        for _ in range(15):
            x = x * 0.9 + 0.05
            if x < 3.0:
                found = True
                break
        c += i if found else -1
    return c


def two_loops(n):
    total = 0.0
    for i in range(n):
        x = 1.0 + i
        while x > 1.0:
            x *= 0.7
        y = x
        while y < 5.0:
            y = y * 1.3 + 0.01
        total = total * 0.5 + x * y
    return total


def downwards(n):
    total = 0.0
    for i in range(n, 0, -2):
        x = float(i)
        while x > 0.5:
            x *= 0.6
        total = total * 0.5 + x
    return total


def calls(n):
    total = 0.0
    for i in range(n):
        s = 0.0
        for j in range(9):
            s += math.exp(-0.1 * i * j) * math.sin(0.3 * j * i)
        total += s
    return total


def many_times(n):
    """The inner loop's checkpoint comes before its end."""
    total = 0.0
    for i in range(n):
        x = 0.0
        for j in range(20000 * (i % 3)):
            x = x * 0.5 + j
        total += x
    return total


rng = np.random.default_rng(1)
KERNELS = [
    (escape, 9, 17, 40),
    (escape_complex, 19, 33),
    (collatz, 37),
    (pairs, rng.normal(size=45), rng.normal(size=31)),
    (product, rng.random((5, 21)), rng.random((21, 18))),
    (convolution, rng.random((20, 24)), rng.random((3, 5))),
    (roots, rng.random(40)),
    (triangle, 60),
    (forces, rng.random((26, 3))),
    (short_floats, rng.random(70).astype(np.float32)),
    (flags, 33),
    (two_loops, 50),
    (downwards, 33),
    (calls, 29),
    (many_times, 19),
]


@pytest.mark.parametrize("kernel", KERNELS, ids=[k[0].__name__ for k in KERNELS])
def test_kernel(kernel):
    function, *arguments = kernel
    compiled = njit(function)
    expected, result = function(*arguments), compiled(*arguments)
    assert np.asarray(result).tobytes() == np.asarray(expected).tobytes()
    assert lanes(compiled) == 1


@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 15, 16, 17, 31])
def test_every_number_of_iterations(n):
    x = np.linspace(-1, 1, n)
    for function in (pairs, short_floats):
        arguments = (x, x) if function is pairs else (x.astype(np.float32),)
        np.testing.assert_array_equal(njit(function)(*arguments), function(*arguments))


def smooth(x, out):
    for i in range(x.shape[0] - 2):
        s = 0.0
        for j in range(3):
            s = s * 0.5 + x[i + j]
        out[i] = s


@pytest.mark.parametrize("shift", [-3, -1, 0, 1, 3, 40])
def test_results_that_later_iterations_read(shift):
    """An array that overlaps what is read: iterations see what those before them have stored."""
    compiled = njit(smooth)
    results = []
    for function in (smooth, compiled):
        memory = np.arange(100.0)
        function(memory[10:40], memory[10 + shift : 40 + shift])
        results.append(memory)
    np.testing.assert_array_equal(*results)
    assert lanes(compiled) == 1


def relax(x, y):
    for i in range(x.shape[0]):
        v = x[i]
        for j in range(y.shape[0]):
            v = v * 0.5 + y[j]
        x[i] = v


def test_elements_that_are_replaced():
    compiled = njit(relax)
    for y in (np.arange(5.0), None):
        results = []
        for function in (relax, compiled):
            x = np.arange(30.0)
            function(x, x[20:25] if y is None else y)
            results.append(x)
        np.testing.assert_array_equal(*results)
    assert lanes(compiled) == 1


def stops(n, at, out):
    for i in range(n):
        x = 0.0
        for _ in range(12):
            x = x * 0.5 + 1.0 / (i - at)
        out[i] = x


def stops_in_the_rest(n, at, out):
    for i in range(n):
        x = 1.0
        for _ in range(12):
            x = x * 0.5 + i
        if i == at:
            raise ValueError(i)
        out[i] = x


@pytest.mark.parametrize("function", [stops, stops_in_the_rest])
@pytest.mark.parametrize("at", [0, 5, 8, 20, 29, 40])
def test_exceptions_come_when_they_come(function, at):
    """What was stored before is stored, and nothing behind."""
    compiled, results = njit(function), []
    for f in (function, compiled):
        out = np.full(30, -1.0)
        results.append((outcome(f, 30, at, out), out.tolist()))
    assert results[0] == results[1]
    assert lanes(compiled) == 1


def leaves(n, limit):
    for i in range(n):
        x = 1.0
        for j in range(30):
            x = x * 1.2 + i
            if x > limit:
                return i * 100 + j
    return -1


@pytest.mark.parametrize("limit", [0.5, 900.0, 1e4, 1e9])
def test_return_from_an_inner_loop(limit):
    compiled = njit(leaves)
    assert compiled(40, limit) == leaves(40, limit)
    assert lanes(compiled) == 1


def guarded(n, b, last):
    """b[j] only exists where the test allows it."""
    total = 0.0
    for i in range(n):
        s = 0.0
        for j in range(20):
            if j < last and (i + j) % 2 == 0:
                s = s * 0.5 + b[j]
        total += s
    return total


def test_loads_behind_tests():
    b = np.arange(6.0)
    compiled = njit(guarded)
    assert compiled(30, b, 6) == guarded(30, b, 6)
    assert lanes(compiled) == 1
    with pytest.raises(IndexError, match="index 6 is out of bounds for axis 0 with size 6"):
        compiled(30, b, 7)


def carried(n):
    """The inner loop needs what the iteration before computed."""
    x = 0.0
    for i in range(n):
        for j in range(5):
            x = x * 0.5 + i * j
    return x


def simple(a):
    """LLVM vectorises this one."""
    n = 0
    for i in range(a.shape[0]):
        k = 0
        for j in range(a.shape[1]):
            k += a[i, j]
        n ^= k
    return n


def test_loops_that_stay_as_they_are():
    for function, argument in ((carried, 20), (simple, np.arange(60).reshape(5, 12))):
        compiled = njit(function)
        assert compiled(argument) == function(argument)
        assert lanes(compiled) == 0


def parallel_pairs(x, y):
    out = np.empty(x.shape[0])
    for i in prange(x.shape[0]):
        s = 0.0
        for j in range(y.shape[0]):
            s += abs(x[i] - y[j]) * 0.5
        out[i] = s
    return out


def test_in_parallel_loops():
    x, y = rng.normal(size=1000), rng.normal(size=20)
    compiled = njit(parallel=True)(parallel_pairs)
    np.testing.assert_array_equal(compiled(x, y), parallel_pairs(x, y))
    assert lanes(compiled) == 1


def filtered(a, k, out):
    for i in range(1, a.shape[0] - 1):
        for j in range(1, a.shape[1] - 1):
            s = 0.0
            for p in range(3):
                for q in range(3):
                    s += a[i + p - 1, j + q - 1] * k[p, q]
            out[i, j] = s


def test_short_loops_are_left_to_llvm():
    """It writes them out, and vectorises the loop around them."""
    a, k = np.random.default_rng(5).normal(size=(20, 31)), np.arange(9.0).reshape(3, 3) / 7
    compiled = njit(filtered)
    got, want = np.zeros_like(a), np.zeros_like(a)
    compiled(a, k, got)
    filtered(a, k, want)
    np.testing.assert_array_equal(got, want)
    assert lanes(compiled) == 0


def check_lanes(text):
    """A program does the same interpreted and compiled."""
    names = {"np": np, "math": math}
    exec(text, names)
    compiled = njit(names["f"])
    for n, m in ((0, 3), (8, 5), (21, 6), (30, 0)):
        results = []
        for function in (names["f"], compiled):
            data = np.random.default_rng(n + m)
            a, b, g, o = data.normal(size=30), data.normal(size=7), data.normal(size=(7, 30)), np.zeros(30)
            with np.errstate(all="ignore"):
                result = outcome(function, n, m, a, b, g, o, np.array([0.3]))
            if result[0] == "value":
                result = "value", repr([float(x) for x in result[1]])
            results.append((result, repr(a.tolist()), repr(o.tolist())))
        if results[0] != results[1]:
            raise Difference(
                kind_of(results[0][0], results[1][0]),
                f"n={n} m={m}\nwanted {results[0]}\ngot    {results[1]}",
            )


@pytest.mark.parametrize("seed", range(6))
def test_random_programs(seed):
    rng = random.Random(seed)
    for _ in range(6):
        check_lanes(LaneProgram(rng).text())


def two_inner_loops(n, m, a, s):
    t = 0.0
    for i in range(1, n):
        x = a[i] * 2.0
        y = s[0]
        for _ in range(m):
            x = x * -0.75 + 2.0
        for _ in range(m + 20000 * (i == 5)):
            x = x * 0.25 + a[i]
            x = x * 0.5 + y
        t += x
    return t


def test_what_is_computed_ends_before_a_loop_with_checkpoints():
    """Its header is where the checkpoint comes back to, not where lanes meet.  Found by random programs."""
    a, s = np.random.default_rng(1).normal(size=30), np.array([0.3])
    compiled = njit(two_inner_loops)
    for n, m in ((30, 3), (8, 5), (1, 0)):
        assert compiled(n, m, a, s) == two_inner_loops(n, m, a, s)


# ---- functions of several numbers ----------------------------------------------------------------------------------------


def exp_each(a, o):
    for i in range(len(a)):
        o[i] = math.exp(a[i])


def exp_sum(a, o):
    t = 0.0
    for x in a:
        t += math.exp(-x * x) * math.cos(3.0 * x)
    return t


def numpy_exp_sum(a, o):
    t = 0.0
    for i in range(len(a)):
        t += np.exp(a[i])
    return t


def log_backwards(a, o):
    for i in range(len(a)):
        o[i] = math.log(a[-1 - i])


def exp_of_distances(a, o):
    for i in range(len(a)):
        t = 0.0
        for j in range(len(a)):
            t += math.exp(-abs(a[i] - a[j]))
        o[i] = t


def until_large(a, o):
    for i in range(len(a)):
        x = math.exp(a[i])
        if x > 2.9:
            return i
        o[i] = x
    return -1


KERNELS = [exp_each, exp_sum, numpy_exp_sum, log_backwards, exp_of_distances, until_large]


def run_on(function, a):
    """Return what came of it and what it left in the output."""
    o = np.zeros(len(a))
    return outcome(function, a, o), o


@pytest.mark.parametrize("function", KERNELS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 64, 101])
def test_functions_side_by_side(function, n):
    a = np.random.default_rng(n).random(n) + 0.1
    compiled = njit(function)
    (got, got_out), (want, want_out) = run_on(compiled, a), run_on(function, a)
    assert got == want and got_out.tobytes() == want_out.tobytes()


@pytest.mark.parametrize("bad", [1000.0, -1.0, 0.0, math.inf, math.nan])
@pytest.mark.parametrize("place", [0, 5, 30, 40])
@pytest.mark.parametrize(
    "function", [exp_each, exp_sum, log_backwards, until_large], ids=lambda f: f.__name__
)
def test_what_one_of_them_raises(function, place, bad):
    """The exception is the one of the first such element, and nothing behind it has been written."""
    a = np.random.default_rng(1).random(41) + 0.1
    a[place] = bad
    (got, got_out), (want, want_out) = run_on(njit(function), a), run_on(function, a)
    assert repr(got) == repr(want)
    np.testing.assert_array_equal(got_out, want_out)


def test_loops_of_functions_are_counted():
    a = np.linspace(0.1, 2.0, 50)
    for function in (exp_each, exp_sum, numpy_exp_sum, log_backwards, exp_of_distances):
        compiled = njit(function)
        run_on(compiled, a)
        has_kernels = "vecmath_" in compiled.inspect_asm(compiled.signatures[0])
        assert lanes(compiled) == has_kernels, function


def test_what_llvm_vectorises_is_left_to_it():
    @njit
    def each(a, o):
        for i in range(len(a)):
            o[i] = np.exp(a[i])

    run_on(each, np.linspace(0.1, 2.0, 50))
    assert lanes(each) == 0
