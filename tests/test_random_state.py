"""RandomState objects in compiled code: one stream with Python, made inside, as members, and what refuses them."""

import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
from differential import same_arrays

from naja import _core, njit, prange, typed, types
from naja.errors import NajaPerformanceWarning, TypingError

V = np.array([3.0, 1.0, 2.0, 5.0, 4.0, 1.0])
P = np.array([0.1, 0.2, 0.3, 0.1, 0.2, 0.1])
COV = np.array([[2.0, 0.3], [0.3, 1.0]])

CASES = {
    "uniform": lambda r: (r.rand(), r.rand(2, 3), r.random(), r.random(3), r.random_sample((2,)), r.uniform(1, 2, 3), r.uniform()),
    "normal": lambda r: (r.randn(), r.randn(3), r.normal(), r.normal(1, 2, (2, 2)), r.standard_normal(), r.standard_normal(3)),
    "normal_array": lambda r: (r.normal(V, 1.0), r.lognormal(0.1, V), r.normal(V, V, size=(2, 6))),
    "continuous": lambda r: (
        r.beta(0.5, 0.3), r.exponential(2.0), r.gamma(2.5, 1.5), r.gamma(0.2), r.f(3, 4), r.noncentral_f(3, 4, 0.5), r.chisquare(3),
        r.noncentral_chisquare(3, 1.5), r.standard_cauchy(), r.standard_t(3), r.vonmises(0.5, 1), r.pareto(2), r.weibull(2),
        r.power(2), r.laplace(), r.gumbel(), r.logistic(), r.lognormal(), r.rayleigh(), r.wald(1, 2), r.triangular(0, 0.5, 2),
        r.standard_gamma(2.5), r.standard_exponential(),
    ),
    "discrete": lambda r: (
        r.poisson(3), r.poisson(30, 4), r.zipf(2.5), r.logseries(0.5), r.geometric(0.25), r.binomial(50, 0.3), r.binomial(5, 0.9, 3),
        r.negative_binomial(5, 0.5), r.hypergeometric(50, 50, 25),
    ),
    "integers": lambda r: (
        r.randint(10), r.randint(2, 5), r.randint(0, 100, 5), r.randint(0, 2**40, (2, 2)), r.randint(3, size=4, dtype=np.uint8),
        r.tomaxint(), r.tomaxint(3), r.bytes(0), r.bytes(7),
    ),
    "order": lambda r: (r.permutation(5), r.permutation(V), r.permutation(V.reshape(2, 3))),
    "choice": lambda r: (r.choice(5), r.choice(V, 3), r.choice(V, 3, False), r.choice(6, (2, 2), p=P), r.choice(V, 2, False, P)),
    "vectors": lambda r: (r.multinomial(10, P), r.multinomial(10, [0.2, 0.3, 0.5], size=2), r.dirichlet([1.0, 2.0]), r.dirichlet(V, 2)),
    "multivariate_normal": lambda r: (
        r.multivariate_normal(np.zeros(2), COV), r.multivariate_normal([0, 1], COV, size=3), r.multivariate_normal(V[:2], COV, (2, 2)),
    ),
}  # fmt: skip


@pytest.mark.core
@pytest.mark.parametrize("name", CASES)
def test_streams(name):
    mine, theirs = np.random.RandomState(7), np.random.RandomState(7)
    compiled = njit(bridge="error")(CASES[name])
    want = CASES[name](mine)
    blocks = _core.block_count()
    got = compiled(theirs)
    assert same_arrays(want, got), (want, got)
    assert mine.randn() == theirs.randn()  # a waiting normal number, too
    del got
    assert _core.block_count() == blocks


def test_every_method_is_there():
    known = set()
    for case in CASES.values():
        known.update(case.__code__.co_names)
    known.update(["shuffle", "seed", "get_state", "set_state", "random_integers"])  # tested below
    assert {name for name in dir(np.random.RandomState) if not name.startswith("_")} <= known


def test_normal_numbers_are_made_in_pairs():
    draw = njit(lambda r: r.standard_normal())
    mine, theirs = np.random.RandomState(3), np.random.RandomState(3)
    for i in range(7):
        want = mine.standard_normal()
        assert want == (draw(theirs) if i % 3 else theirs.standard_normal())
    theirs.seed(4)  # forgets the one that waits
    assert draw(theirs) == np.random.RandomState(4).standard_normal()


@pytest.mark.parametrize("bits", [np.random.PCG64, np.random.Philox, np.random.SFC64, np.random.MT19937])
def test_any_bit_generator(bits):
    draw = njit(lambda r: (r.randn(), r.random(), r.randint(10), r.gamma(2.0), r.randn()))
    mine, theirs = np.random.RandomState(bits(5)), np.random.RandomState(bits(5))
    assert draw(theirs) == draw.py_func(mine)
    assert mine.random() == theirs.random()


def test_numpys_own_state():
    np.random.seed(9)
    want = np.random.randn(3), np.random.random()
    np.random.seed(9)
    draw = njit(lambda r: (r.randn(3), r.random()))
    got = draw(np.random.mtrand._rand)
    assert same_arrays(want, got)


def test_shuffle_and_the_deprecated():
    def shuffle(r, a, rows, items):
        r.shuffle(a)
        r.shuffle(rows)
        r.shuffle(items)
        return a, rows, items

    args = lambda: (np.arange(10), np.arange(12).reshape(6, 2), [1, 2, 3, 4])  # noqa: E731
    mine, theirs = np.random.RandomState(1), np.random.RandomState(1)
    assert same_arrays(shuffle(mine, *args()), njit(shuffle)(theirs, *args()))
    draw = njit(lambda r: (r.random_integers(5), r.random_integers(2, 4, 6)))
    with pytest.warns(DeprecationWarning):
        want = mine.random_integers(5), mine.random_integers(2, 4, 6)
    assert same_arrays(want, draw(theirs))


@pytest.mark.core
def test_made_inside():
    @njit(bridge="error")
    def make(seed):
        return np.random.RandomState(seed)

    @njit(bridge="error")
    def draw(seed):
        r = np.random.RandomState(seed)
        return r.randn(3), r.randint(0, 10, 4), r.choice(5, 2, False), r.random()

    blocks = _core.block_count()
    for seed in (0, 42, 2**32 - 1, np.array([1, 2, 3]), np.arange(1000)):
        got = draw(seed)
        assert same_arrays(draw.py_func(seed), got)
        del got
        mine, theirs = make(seed), np.random.RandomState(seed)
        assert type(mine) is np.random.RandomState
        assert mine.randn() == theirs.randn() and mine.bytes(5) == theirs.bytes(5)
        del mine
    assert _core.block_count() == blocks
    assert draw(None)[3] != draw(None)[3]
    for wrong, message in (
        (-1, "between 0 and 2"),
        (2**32, "between 0 and 2"),
        (np.zeros(0, np.int64), "non-empty"),
    ):
        with pytest.raises(ValueError, match=message):
            draw(wrong)
    with pytest.raises(TypingError, match="the seed must be an integer, an array of integers or None"):
        draw(1.5)


def test_made_inside_and_given_to_python_is_one_stream():
    @njit
    def make(seed):
        r = np.random.RandomState(seed)
        first = r.randn()
        return first, r, r

    first, r, same = make(11)
    want = np.random.RandomState(11)
    assert r is same and first == want.randn()
    assert r.randn() == want.randn()  # the one that waited in compiled code
    draw = njit(lambda r: r.randn())
    for _ in range(5):
        assert draw(r) == want.randn()
        assert r.randn() == want.randn()


def test_an_object_of_a_made_one_draws_from_it():
    """Compiled code goes on with the generator after Python has seen it."""

    @njit
    def kept(items):
        r = np.random.RandomState(5)
        r.randn()
        items.append(r)
        return items

    items = kept(typed.List.empty_list(types.npy_random_state))
    want = np.random.RandomState(5)
    want.randn()
    draw = njit(lambda items: items[0].randn())
    for _ in range(4):
        assert items[0].randn() == want.randn()
        assert draw(items) == want.randn()


def test_states():
    def states(r):
        r.seed(3)
        first = r.random()
        name, key, at, has_gauss, gauss = r.get_state()
        r.random()
        r.set_state((name, key, at, has_gauss, gauss))
        return first, r.random(), len(key), name

    mine, theirs = np.random.RandomState(1), np.random.RandomState(1)
    with pytest.warns(NajaPerformanceWarning, match=r"numpy.random.RandomState.seed\(\) .* at line"):
        assert njit(states)(theirs) == states(mine)
    assert mine.random() == theirs.random()


CACHED = """
import sys, warnings
import numpy as np
from naja import njit

@njit(cache=True, bridge="allow")
def draw(state):
    state.seed(8)
    return state.random(), state.get_state()[0]

print(draw(np.random.RandomState(1)), len(draw.stats.cache_hits))
"""


def test_what_the_object_does_is_cached(tmp_path):
    """Methods that the interpreter runs for the library go by name in the cache."""
    path = tmp_path / "draws.py"
    path.write_text(CACHED)
    env = {**os.environ, "NAJA_CACHE_DIR": str(tmp_path / "cache")}
    runs = [subprocess.run([sys.executable, path], env=env, capture_output=True, text=True) for _ in range(2)]
    want = (np.random.RandomState(8).random(), "MT19937")
    assert [run.stdout.strip() for run in runs] == [f"{want} 0", f"{want} 1"], runs[1].stderr


def test_in_tuples_loops_and_caches():
    @njit
    def walk(pair, n):
        total = 0.0
        for _ in range(n):
            total += pair[0].normal(pair[1], 1.0)
        return total

    mine, theirs = np.random.RandomState(2), np.random.RandomState(2)
    assert walk((theirs, 0.5), 1000) == walk.py_func((mine, 0.5), 1000)

    @njit(parallel=True)
    def each(states, out):
        for i in prange(len(states)):
            out[i] = states[i].normal()

    rows = [np.random.RandomState(i) for i in range(8)]
    states = typed.List(rows)
    out = np.empty(8)
    each(states, out)
    assert out.tolist() == [np.random.RandomState(i).normal() for i in range(8)]


def test_types():
    state = np.random.RandomState(1)
    assert types.typeof(state) is types.npy_random_state
    assert types.npy_random_state is not types.npy_rng
    assert pickle.loads(pickle.dumps(types.npy_random_state)) is types.npy_random_state
    draw = njit(lambda r: r.random())
    draw(state)
    assert draw.signatures == [(types.npy_random_state,)]
    assert str(types.npy_random_state) == "NumPyRandomStateType"


def test_what_is_refused():
    state = np.random.RandomState(1)
    with pytest.raises(ValueError, match="scale < 0"):
        njit(lambda r: r.normal(0.0, -1.0))(state)
    with pytest.raises(ValueError, match="a must be greater than 0"):
        njit(lambda r: r.choice(0))(state)
    with pytest.raises(TypingError, match="integers"):
        njit(lambda r: r.integers(3))(state)  # a method of Generator
    with pytest.raises(TypingError, match=r"RandomState.rand: extents must be integers"):
        njit(lambda r: r.rand(2.5))(state)
    eager = njit((types.npy_rng,))(lambda r: r.random())
    with pytest.raises(TypeError, match="No matching definition"):
        eager(state)
