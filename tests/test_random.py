"""np.random in compiled code: the streams of RandomState, its errors, seeds, threads and parallel loops."""

import copy
import os
import random
import sys
import threading
import warnings

import numpy as np
import pytest

import naja
from naja import njit, prange
from naja.errors import TypingError

PARAMETERS = {
    "beta": [(0.5, 0.3), (2, 0.7), (3.0, 4.0)],
    "exponential": [(), (1.5,)],
    "standard_gamma": [(0.3,), (1.0,), (0.0,), (2.5,)],
    "gamma": [(2.5, 1.5), (0.2,)],
    "f": [(3, 4)],
    "noncentral_f": [(3, 4, 0.5), (0.5, 2, 1.0)],
    "chisquare": [(3,)],
    "noncentral_chisquare": [(3, 1.5), (0.5, 1.5), (2, 0)],
    "standard_t": [(3,)],
    "vonmises": [(0.5, 1), (0.0, 1e-9), (1.0, 1e-6), (-3.0, 200.0)],
    "pareto": [(2,)],
    "weibull": [(2,), (0,)],
    "power": [(2,)],
    "laplace": [(), (1, 2)],
    "gumbel": [(), (1, 2)],
    "logistic": [(), (1, 2)],
    "normal": [(), (1, 2), (1, 0)],
    "lognormal": [(), (0.5, 1)],
    "rayleigh": [(), (2,)],
    "wald": [(1, 2)],
    "triangular": [(0, 0.5, 2)],
    "uniform": [(), (2, 3), (3, 2)],
    "binomial": [(50, 0.3), (5, 0.9), (1000, 0.5), (0, 0.5), (7, 0.0), (7, 1.0)],
    "negative_binomial": [(5, 0.5), (0.5, 0.9)],
    "poisson": [(), (3,), (30,), (0,)],
    "zipf": [(2.5,)],
    "geometric": [(0.25,), (0.5,), (1.0,), (1e-9,)],
    "hypergeometric": [(50, 50, 25), (5, 9, 3), (3, 50, 40)],
    "logseries": [(0.5,), (0.99,)],
    "random": [()],
    "random_sample": [()],
    "ranf": [()],
    "sample": [()],
    "standard_normal": [()],
    "standard_exponential": [()],
    "standard_cauchy": [()],
}


def compiled_call(text, names=""):
    """A function of a seed (and more) that seeds and returns a call's result and the number that comes next."""
    space = {"np": np}
    exec(f"def f(seed, {names}):\n    np.random.seed(seed)\n    return {text}, np.random.random()\n", space)
    return space["f"]


def assert_same(got, expected):
    assert np.array_equal(got[0], expected[0], equal_nan=True)
    assert got[1] == expected[1]
    if np.ndim(expected[0]):
        assert got[0].dtype == expected[0].dtype


@pytest.mark.core
@pytest.mark.parametrize("name", PARAMETERS)
def test_distributions_equal_randomstate(name):
    for parameters in PARAMETERS[name]:
        text = ", ".join(map(repr, parameters))
        call = compiled_call(
            f"(np.random.{name}({text}), np.random.{name}({', '.join(filter(None, (text, 'size=(3, 7)')))}))"
        )
        compiled = njit(call)
        for seed in (0, 1, 2**32 - 1):
            (single, array), after = compiled(seed)
            (single_expected, expected), after_expected = call(seed)
            assert_same((array, after), (expected, after_expected))
            assert single == single_expected and type(single) is type(single_expected)


CALLS = [
    "np.random.rand()",
    "np.random.rand(4, 3)",
    "np.random.randn()",
    "np.random.randn(5)",
    "np.random.random(size=())",
    "np.random.normal(size=None)",
    "np.random.normal(size=0)",
    "np.random.randint(10)",
    "np.random.randint(3, 1000, size=20)",
    "np.random.randint(-5, 5, (3, 4), np.int8)",
    "np.random.randint(0, 2**40, 7, dtype=np.uint64)",
    "np.random.randint(low=2, high=9)",
    "np.random.randint(7, 8, dtype=np.uint8)",
    "np.random.randint(0, 2, 5, np.bool_)",
    "np.random.randint(-(2**63), 2**63 - 1, 4)",
    "np.random.permutation(10)",
    "np.random.permutation(0)",
    "np.random.permutation(a)",
    "np.random.permutation(m)",
    "np.random.choice(10)",
    "np.random.choice(10, 5)",
    "np.random.choice(a)",
    "np.random.choice(a, (2, 3))",
    "np.random.choice(a, 4, False)",
    "np.random.choice(a, 4, True, w)",
    "np.random.choice(a, 6, False, w)",
    "np.random.choice(10, p=w)",
    "np.random.choice(0, 0)",
    "np.random.multinomial(50, w)",
    "np.random.multinomial(0, w, 3)",
    "np.random.multinomial(50, w, (2, 3))",
    "np.random.dirichlet(w)",
    "np.random.dirichlet(w, size=4)",
]
A, M = np.arange(10) * 1.5, np.arange(20.0).reshape(5, 4)
W = np.array([0.05, 0.15, 0.1, 0.2, 0.05, 0.05, 0.1, 0.1, 0.1, 0.1])


@pytest.mark.parametrize("text", CALLS)
def test_calls_equal_randomstate(text):
    call = compiled_call(text, "a, m, w")
    compiled = njit(call)
    for seed in range(4):
        assert_same(compiled(seed, A, M, W), call(seed, A, M, W))


@njit
def shuffled(x, seed):
    np.random.seed(seed)
    np.random.shuffle(x)
    return x


@pytest.mark.parametrize("x", [np.arange(11), M, list(range(9)), np.zeros(0), np.arange(10)[::-2]])
def test_shuffle(x):
    expected = copy.deepcopy(x)
    np.random.RandomState(3).shuffle(expected)
    assert np.array_equal(shuffled(copy.deepcopy(x), 3), expected)


ERRORS = [
    "np.random.normal(0, -1.0)",
    "np.random.normal(0, -0.0)",
    "np.random.gamma(-1.0)",
    "np.random.beta(0.0, 1)",
    "np.random.triangular(1, 0, 2)",
    "np.random.triangular(0, 3, 2)",
    "np.random.triangular(1, 1, 1)",
    "np.random.uniform(0, np.inf)",
    "np.random.binomial(-1, 0.5)",
    "np.random.binomial(1, np.nan)",
    "np.random.negative_binomial(0, 0.5)",
    "np.random.negative_binomial(1, 1.5)",
    "np.random.poisson(-1)",
    "np.random.poisson(np.nan)",
    "np.random.poisson(1e30)",
    "np.random.zipf(1)",
    "np.random.geometric(0)",
    "np.random.logseries(1)",
    "np.random.hypergeometric(2, 2, 5)",
    "np.random.hypergeometric(-1, 9, 5)",
    "np.random.hypergeometric(2, 2, 0)",
    "np.random.randint(5, 5)",
    "np.random.randint(0)",
    "np.random.randint(300, dtype=np.uint8)",
    "np.random.randint(-1, 5, dtype=np.uint8)",
    "np.random.random(-1)",
    "np.random.choice(0)",
    "np.random.choice(3, 5, False)",
    "np.random.choice(3, p=np.array([0.5, 0.5]))",
    "np.random.choice(3, p=np.array([0.5, 0.5, 0.5]))",
    "np.random.choice(3, p=np.array([-0.5, 0.5, 1]))",
    "np.random.choice(3, p=np.array([np.nan, 0.5, 1]))",
    "np.random.choice(3, 3, False, np.array([0, 0.5, 0.5]))",
    "np.random.choice(np.zeros(0))",
    "np.random.multinomial(-1, np.array([0.5, 0.5]))",
    "np.random.multinomial(5, np.array([-0.7, 0.7]))",
    "np.random.multinomial(5, np.array([0.7, 0.7, 0.1]))",
    "np.random.dirichlet(np.array([0.0, 1.0]))",
    "np.random.seed(-1)",
    "np.random.seed(2**32)",
]


@pytest.mark.parametrize("text", ERRORS)
def test_errors_have_numpys_words(text):
    space = {"np": np}
    exec(f"def f():\n    return {text}\n", space)
    with pytest.raises((ValueError, OverflowError)) as expected:
        space["f"]()
    with pytest.raises(type(expected.value)) as got:
        njit(space["f"])()
    assert str(got.value) == str(expected.value)


def test_wrong_types_are_compile_time_errors():
    for text, what in (
        ("np.random.normal((0,))", "Argument loc is not one of the expected type"),
        ("np.random.normal(0, 1, 2.5)", "size should be int or tuple of ints or None, got float64"),
        ("np.random.randint(0, 5, 3, np.float64)", "Argument dtype is not one of the expected type"),
        ("np.random.shuffle(3)", "Argument x is not one of the expected type"),
    ):
        space = {"np": np}
        exec(f"def f():\n    return {text}\n", space)
        with pytest.raises(TypingError, match=what):
            njit(space["f"])()


# ---- states --------------------------------------------------------------------------------------------------------------


@njit
def seed(n):
    np.random.seed(n)


@njit
def draw():
    return np.random.random()


@njit
def draw_normal():
    return np.random.normal()


def test_state_is_apart_from_pythons():
    seed(5)
    np.random.seed(7)
    assert draw() == np.random.RandomState(5).random()
    assert np.random.random() == np.random.RandomState(7).random()


def test_seeding_forgets_the_second_normal_number():
    seed(5)
    draw_normal()
    seed(5)
    expected = np.random.RandomState(5)
    assert [draw_normal() for _ in range(3)] == [expected.normal() for _ in range(3)]


def test_array_seeds_and_system_seeds():
    @njit
    def from_array(v):
        np.random.seed(v)
        return np.random.random()

    v = np.array([1, 2, 2**32 - 1])
    assert from_array(v) == np.random.RandomState(v).random()
    with pytest.raises(ValueError, match=r"Seed values must be between 0 and 2\*\*32 - 1"):
        from_array(np.array([-1]))
    with pytest.raises(ValueError, match="Seed must be non-empty"):
        from_array(np.zeros(0, np.int64))

    @njit
    def from_system():
        np.random.seed()
        return np.random.random()

    assert from_system() != from_system()


def test_each_thread_has_a_state():
    seed(1)
    draw()
    got = []

    def work():
        got.append(draw())
        seed(1)
        got.append(draw())

    for _ in range(2):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    first = np.random.RandomState(1)
    assert got[1] == got[3] == first.random()
    assert got[0] != got[2]
    assert draw() == first.random()


def test_fork_gives_a_fresh_state():
    seed(1)
    read, write = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        child = os.fork()
    if child == 0:
        os.write(write, repr(draw()).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as stream:
        in_child = float(stream.read())
    os.waitpid(child, 0)
    assert in_child != draw()


@njit(parallel=True)
def parallel_numbers(seed, out):
    np.random.seed(seed)
    for i in prange(len(out)):
        out[i] = np.random.normal()
    first = np.random.random()
    for i in prange(len(out)):
        out[i] += np.random.random()
    return first


@pytest.fixture
def threads():
    before = naja.get_num_threads()
    yield naja.set_num_threads
    naja.set_num_threads(before)


@pytest.mark.core
def test_parallel_numbers_do_not_depend_on_threads(threads):
    results = []
    for n in (1, 2, 1):
        if n <= naja.config.NUMBA_NUM_THREADS:
            threads(n)
        out = np.empty(10_000)
        results.append((parallel_numbers(3, out), out))
    for first, out in results[1:]:
        assert first == results[0][0]
        assert np.array_equal(out, results[0][1])
    assert len(set(results[0][1])) == 10_000
    other = np.empty(10_000)
    parallel_numbers(4, other)
    assert not np.any(other == results[0][1])
    assert abs(results[0][1].mean() - 0.5) < 0.1


def test_parallel_loops_without_numbers_leave_the_stream_alone():
    @njit(parallel=True)
    def f(seed, a):
        np.random.seed(seed)
        total = 0.0
        for i in prange(len(a)):
            total += a[i]
        return np.random.random()

    assert f(3, np.ones(1000)) == np.random.RandomState(3).random()


# ---- Python's module random ------------------------------------------------------------------------------------------------

PYTHON_CALLS = [
    "random.random()",
    "random.getrandbits(1)",
    "random.getrandbits(32)",
    "random.getrandbits(50)",
    "random.getrandbits(64)",
    "random.getrandbits(0)",
    "random.randint(1, 6)",
    "random.randint(-(2**62), 2**62)",
    "random.randrange(10)",
    "random.randrange(5, 100, 7)",
    "random.randrange(100, 5, -7)",
    "random.choice(x)",
    "random.choice((3, 1, 4, 1, 5))",
    "random.choice([2.5, 1.5])",
    "random.sample(list(x), 3)",
    "random.sample(range(1000), 5)",
    "random.sample(range(1000), 40)",
    "random.sample('abcdef', 6)",
    "random.sample([1, 2], 0)",
    "random.choices(list(x), k=4)",
    "random.choices([1.5, 2.5, 3.5], weights=[1, 0, 5], k=6)",
    "random.choices('abc', cum_weights=[1.0, 1.5, 7.0])",
    "random.uniform(2, 5)",
    "random.gauss(1, 2)",
    "random.gauss(0.0, 1.0)",
    "random.normalvariate(1.0, 2)",
    "random.lognormvariate(0.5, 0.25)",
    "random.expovariate(1.5)",
    "random.gammavariate(2.5, 2.0)",
    "random.gammavariate(1.0, 2.0)",
    "random.gammavariate(0.3, 2.0)",
    "random.betavariate(2.0, 0.5)",
    "random.triangular()",
    "random.triangular(1, 5)",
    "random.triangular(1, 5, 2)",
    "random.triangular(3, 3)",
    "random.paretovariate(3.0)",
    "random.weibullvariate(1.0, 1.5)",
    "random.vonmisesvariate(1.0, 4.0)",
    "random.vonmisesvariate(-1.0, 0.5)",
    "random.vonmisesvariate(1.0, 0.0)",
]


@pytest.mark.parametrize("text", PYTHON_CALLS)
def test_python_random_equals_cpython(text):
    space = {"random": random}
    exec(
        f"def f(seed, x):\n    random.seed(seed)\n    return {text}, {text}, {text}, random.random()\n", space
    )
    compiled = njit(space["f"])
    for seed in (0, 1, -5, 2**40):
        assert compiled(seed, A) == space["f"](seed, A)


def test_python_shuffle():
    @njit
    def shuffled(seed, x):
        random.seed(seed)
        random.shuffle(x)
        return x

    for x in (np.arange(20), list(range(9))):
        expected = list(x)
        random.Random(4).shuffle(expected)
        assert list(shuffled(4, x)) == expected


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("random.randint(5, 4)", ValueError, "empty range in randrange(5, 5)"),
        ("random.randrange(0)", ValueError, "empty range for randrange()"),
        ("random.randrange(1, 5, 0)", ValueError, "zero step for randrange()"),
        ("random.randrange(5, 1)", ValueError, "empty range in randrange(5, 1)"),
        ("random.choice(np.zeros(0))", IndexError, "Cannot choose from an empty sequence"),
        ("random.sample([1, 2], 3)", ValueError, "Sample larger than population or is negative"),
        (
            "random.choices([1], weights=[1, 2])",
            ValueError,
            "The number of weights does not match the population",
        ),
        ("random.choices([1, 2], weights=[0, 0])", ValueError, "Total of weights must be greater than zero"),
        ("random.gammavariate(0.0, 1.0)", ValueError, "gammavariate: alpha and beta must be > 0.0"),
        ("random.getrandbits(-1)", ValueError, "number of bits must be non-negative"),
        ("random.expovariate(0.0)", ZeroDivisionError, "float division by zero"),
    ],
)
def test_python_random_errors(text, error, message):
    space = {"random": random, "np": np}
    exec(f"def f():\n    return {text}\n", space)
    with pytest.raises(error) as got:
        njit(space["f"])()
    assert str(got.value) == message


def test_states_of_random_and_numpy_are_apart():
    @njit
    def f():
        random.seed(3)
        np.random.seed(3)
        np.random.random()
        return random.random()

    assert f() == random.Random(3).random()


# ---- Generator objects -------------------------------------------------------------------------------------------------------

BIT_GENERATORS = [np.random.PCG64, np.random.MT19937, np.random.Philox, np.random.SFC64]
ONLY_LEGACY = {"random_sample", "ranf", "sample", "uniform", "negative_binomial", "hypergeometric"}
GENERATOR_PARAMETERS = {name: p for name, p in PARAMETERS.items() if name not in ONLY_LEGACY} | {
    "uniform": [(), (2, 3)],
    "negative_binomial": [(5, 0.5), (0.5, 0.9)],
    "hypergeometric": [(50, 50, 25), (5, 9, 3), (3, 50, 40), (5, 5, 0)],
}


def assert_shares_stream(call, *arguments, bits=np.random.PCG64):
    """Two Generators of one seed give the same, and are in the same state afterwards."""
    mine, numpys = np.random.Generator(bits(7)), np.random.Generator(bits(7))
    got, expected = njit(call)(mine, *arguments), call(numpys, *arguments)
    for x, y in zip(got, expected, strict=True):
        assert np.array_equal(x, y, equal_nan=True)
        if np.ndim(y):
            assert x.dtype == y.dtype
    assert mine.random() == numpys.random()


@pytest.mark.core
@pytest.mark.parametrize("name", GENERATOR_PARAMETERS)
def test_generator_distributions(name):
    for parameters in GENERATOR_PARAMETERS[name]:
        text = ", ".join(map(repr, parameters))
        sized = ", ".join(filter(None, (text, "size=(3, 7)")))
        space = {}
        exec(f"def f(g):\n    return g.{name}({text}), g.{name}({sized}), g.{name}({text})\n", space)
        for bits in BIT_GENERATORS:
            assert_shares_stream(space["f"], bits=bits)


GENERATOR_CALLS = [
    "g.random(4, np.float32), g.random(dtype=np.float32), g.random()",
    "g.standard_normal((2, 3), np.float32), g.standard_normal(dtype=np.float32)",
    "g.standard_exponential(5, np.float32), g.standard_exponential(5, method='inv'), g.standard_exponential(method='zig')",
    "g.standard_gamma(2.5, 3, np.float32), g.standard_gamma(0.5, dtype=np.float32), g.standard_gamma(2.5)",
    "g.random(out=np.empty(5)), g.standard_normal(out=np.empty((2, 3)))",
    "g.integers(10), g.integers(5, 10), g.integers(low=3, high=9, size=4), g.integers(7, endpoint=True)",
    "g.integers(0, 256, 9, np.uint8), g.integers(-5, 5, 7, dtype=np.int16), g.integers(0, 2, 5, np.bool_)",
    "g.integers(0, 2**40, 5), g.integers(-(2**63), 2**63 - 1, 5, endpoint=True), g.integers(5, 6)",
    "g.permutation(10), g.permutation(a), g.permutation(m), g.permutation(m, axis=1)",
]


@pytest.mark.parametrize("text", GENERATOR_CALLS)
def test_generator_calls(text):
    space = {"np": np}
    exec(f"def f(g, a, m):\n    return ({text},)\n", space)
    for bits in BIT_GENERATORS[:2]:
        assert_shares_stream(space["f"], A, M, bits=bits)


@pytest.mark.parametrize("x", [np.arange(11), M, np.zeros(0)])
def test_generator_shuffle(x):
    def f(g, x):
        g.shuffle(x)
        return (x,)

    mine, numpys = x.copy(), x.copy()
    g, h = np.random.default_rng(3), np.random.default_rng(3)
    njit(f)(g, mine)
    f(h, numpys)
    assert np.array_equal(mine, numpys)
    assert g.random() == h.random()


@pytest.mark.parametrize(
    "text",
    [
        "g.normal(0, -1.0)",
        "g.uniform(2, 1)",
        "g.uniform(0, np.inf)",
        "g.negative_binomial(1, 0.0)",
        "g.negative_binomial(np.nan, 0.5)",
        "g.hypergeometric(2, 2, 5)",
        "g.hypergeometric(10**9, 2, 5)",
        "g.standard_gamma(-1)",
        "g.integers(5, 5)",
        "g.integers(5, 4, endpoint=True)",
        "g.integers(0)",
        "g.integers(300, dtype=np.uint8)",
        "g.integers(-1, 5, dtype=np.uint8)",
        "g.random(-1)",
    ],
)
def test_generator_errors_have_numpys_words(text):
    space = {"np": np}
    exec(f"def f(g):\n    return {text}\n", space)
    with pytest.raises((ValueError, OverflowError)) as expected:
        space["f"](np.random.default_rng(1))
    with pytest.raises(type(expected.value)) as got:
        njit(space["f"])(np.random.default_rng(1))
    assert str(got.value) == str(expected.value)


def test_generator_is_given_back_and_has_a_type():
    g = np.random.default_rng(1)
    count = sys.getrefcount(g)
    assert njit(lambda g: g)(g) is g
    assert njit(lambda g, h: (h, g.random()))(g, g)[0] is g
    assert sys.getrefcount(g) == count
    assert naja.typeof(g) is naja.types.npy_rng


def test_integers_up_to_the_last_of_their_type():
    cases = (
        (0, 2**64 - 1, np.uint64),
        (5, 2**63, np.int64),
        (-(2**63), 2**63, np.int64),
        (1, 2**64 - 2, np.uint64),
    )
    for low, high, dtype in cases:
        mine, theirs = np.random.default_rng(3), np.random.default_rng(3)
        want = mine.integers(low, high, size=4, dtype=dtype)
        got = njit(lambda r, low, high: r.integers(low, high, 4, dtype))(theirs, low, high)
        assert got.dtype == dtype and np.array_equal(want, got)
    with pytest.raises(ValueError, match="high is out of bounds for int64"):
        njit(lambda r, high: r.integers(0, high, 4))(np.random.default_rng(3), 2**63 + 1)
