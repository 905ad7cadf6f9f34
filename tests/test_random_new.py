"""np.random.default_rng in compiled code: NumPy's streams for the same seeds, and objects when Python sees them."""

import numpy as np
import pytest

from naja import njit, objmode, prange
from naja.errors import TypingError

pytestmark = pytest.mark.usefixtures("no_leaks")


def draw(seed):
    g = np.random.default_rng(seed)
    first = g.integers(0, 10, 3), g.random(), g.random(2, dtype=np.float32)
    return first, g.standard_normal(3), g.integers(0, 2**40, 2), g.permutation(5), g.random(dtype=np.float32)


def flat(values):
    return np.concatenate(
        [np.ravel(x) for part in values for x in (part if isinstance(part, tuple) else (part,))]
    )


compiled = njit(draw, bridge="error")

SEEDS = [0, 1, 5, 2**32, 2**40 + 3, 2**63 - 1, np.uint64(2**64 - 1), np.int8(7), True]
SEEDS += [(1, 2), (0, 0), [3, 4, 5, 6, 7], np.array([5, 7, 9, 0, 11, 2**40]), np.arange(9, dtype=np.uint32)]


@pytest.mark.core
@pytest.mark.parametrize("seed", SEEDS, ids=repr)
def test_streams_are_numpys(seed):
    assert np.array_equal(flat(draw(seed)), flat(compiled(seed)))


def test_seeds_from_the_system_differ():
    one = njit(lambda: np.random.default_rng().random(), bridge="error")
    other = njit(lambda: np.random.default_rng(None).random(), bridge="error")
    assert len({one(), one(), other(), other()}) == 4


@pytest.mark.core
def test_python_goes_on_with_the_stream():
    def make(seed):
        g = np.random.default_rng(seed)
        return g, g.integers(0, 5), g.random(3, dtype=np.float32), g

    want, got = make(7), njit(make)(7)
    assert got[0] is got[3] and type(got[0]) is np.random.Generator
    assert got[0].bit_generator.state == want[0].bit_generator.state
    assert got[0].random() == want[0].random() and got[0].spawn(1)[0].random() == want[0].spawn(1)[0].random()
    assert got[0].bit_generator.seed_seq.entropy == 7


def test_compiled_code_goes_on_with_the_object():
    @njit
    def alternate(seed):
        g = np.random.default_rng(seed)
        a = g.random()
        with objmode(b="float64"):
            b = g.random()
        return a, b, g.random()

    g = np.random.default_rng(3)
    assert alternate(3) == (g.random(), g.random(), g.random())


@pytest.mark.core
def test_generators_in_lists_branches_and_parallel_loops():
    def several(n, given):
        total, kept = 0.0, [given]
        for i in range(n):
            kept.append(np.random.default_rng(i))
        for g in kept:
            total += g.random()
        return total

    def either(given, flag):
        if flag:
            given = np.random.default_rng(3)
        return given.random()

    @njit(parallel=True)
    def parallel(out):
        for i in prange(len(out)):
            out[i] = np.random.default_rng(i).standard_normal()
        return out

    assert njit(several)(4, np.random.default_rng(9)) == several(4, np.random.default_rng(9))
    for flag in (False, True):
        assert njit(either)(np.random.default_rng(1), flag) == either(np.random.default_rng(1), flag)
    want = [np.random.default_rng(i).standard_normal() for i in range(500)]
    assert np.array_equal(parallel(np.empty(500)), want)


def test_a_generator_is_given_back():
    g = np.random.default_rng(1)
    assert njit(lambda g: np.random.default_rng(g))(g) is g
    assert njit(lambda g: [g])(g)[0] is g


def test_wrong_seeds():
    for seed in (-1, (3, -1)):
        with pytest.raises(ValueError, match="expected non-negative integer"):
            compiled(seed)
    with pytest.raises(TypingError, match="SeedSequence expects int or sequence of ints"):
        compiled(1.5)
