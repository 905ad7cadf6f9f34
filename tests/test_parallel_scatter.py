"""Parallel loops that accumulate into arrays wherever an index says: the serial result, the same bits for all threads."""

import os
import subprocess
import sys
import textwrap
import warnings

import numpy as np
import pytest

import naja
from naja import _core, njit, prange


def histogram(index, weight, rows, target):
    for i in prange(index.size):
        target[index[i]] += 1


def weighted(index, weight, rows, target):
    for i in prange(index.size):
        if weight[i] > 0.1:
            target[index[i]] -= weight[i]


def written_out(index, weight, rows, target):
    for i in prange(index.size):
        target[index[i]] = weight[i] + target[index[i]]


def largest(index, weight, rows, target):
    for i in prange(index.size):
        target[index[i]] = max(target[index[i]], weight[i])


def least(index, weight, rows, target):
    for i in prange(index.size):
        target[index[i]] = min(weight[i], target[index[i]])


def product(index, weight, rows, target):
    for i in prange(index.size):
        target[index[i]] *= 1.0 + 1e-6 * weight[i]


def two_updates(index, weight, rows, target):
    for i in prange(index.size):
        target[index[i]] += weight[i]
        target[index[index.size - 1 - i]] += 1


def with_a_sum(index, weight, rows, target):
    total = 0.0
    for i in prange(index.size):
        target[index[i]] += weight[i]
        total += weight[i]
    target[0] += total


def of_inner_loops(index, weight, rows, target):
    for i in prange(rows.shape[0]):
        for j in range(rows.shape[1]):
            target[j % target.size] += rows[i, j]


def through_views(index, weight, rows, target):
    pairs = target.reshape(-1, 1)
    for i in prange(index.size):
        row = pairs[index[i]]
        row[0] += weight[i]


def whole_target(index, weight, rows, target):
    for i in prange(index.size // 100):
        target[:] += weight[i]


def one_slot(index, weight, rows, target):
    for i in prange(index.size):
        target[0] += weight[i]


CASES = {
    f.__name__: f
    for f in (
        histogram, weighted, written_out, largest, least, product, two_updates, with_a_sum, of_inner_loops, through_views,
        whole_target, one_slot,
    )
}  # fmt: skip


def arguments(m, dtype=np.float64):
    """Return index, weights, rows and a target of m elements; some are negative zeros."""
    rng = np.random.default_rng(m)
    target = rng.choice([0.0, -0.0, 1.0], m).astype(dtype)
    return rng.integers(0, m, 20_000), rng.random(20_000), rng.random((300, 7)), target


@pytest.fixture(autouse=True)
def all_threads():
    """Leave the number of threads as it was."""
    before = naja.get_num_threads()
    yield
    naja.set_num_threads(before)


@pytest.mark.parametrize("name", CASES)
def test_as_serial(name):
    parallel, serial = njit(CASES[name], parallel=True), njit(CASES[name])
    for m in (1, 5, 700, 60_000):
        expected, got = arguments(m), []
        serial(*expected)
        for n in sorted(
            {1, 2, naja.config.NUMBA_NUM_THREADS} & set(range(1, naja.config.NUMBA_NUM_THREADS + 1))
        ):
            naja.set_num_threads(n)
            args = arguments(m)
            before = _core.block_count()
            parallel(*args)
            assert _core.block_count() == before
            got.append(args[3])
            np.testing.assert_allclose(args[3], expected[3], rtol=1e-11)
            np.testing.assert_array_equal(np.signbit(args[3]), np.signbit(expected[3]))
        assert len({x.tobytes() for x in got}) == 1
        args = arguments(m)
        parallel(args[0][:0], args[1][:0], args[2][:0], args[3])
        np.testing.assert_array_equal(args[3], arguments(m)[3])


PROGRAM = """
    import hashlib, sys
    sys.path.insert(0, {folder!r})
    import numpy as np, naja
    from naja import njit
    from test_parallel_scatter import CASES, arguments
    digest = hashlib.sha256()
    for name, function in CASES.items():
        args = arguments(300)
        njit(function, parallel=True)(*args)
        digest.update(args[3].tobytes())
    print(digest.hexdigest())
"""


def test_same_bits_for_threads_and_layers():
    program = textwrap.dedent(PROGRAM).format(folder=os.path.dirname(__file__))
    digests = set()
    for threads, layer in (("1", "default"), ("2", "default"), ("3", "omp"), ("7", "default"), ("7", "omp")):
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "NUMBA_NUM_THREADS": threads, "NUMBA_THREADING_LAYER": layer},
            capture_output=True,
            text=True,
            timeout=300,
        )
        if "neither libgomp nor libomp" in done.stderr:
            continue
        assert done.returncode == 0, done.stderr
        digests.add(done.stdout)
    assert len(digests) == 1


@pytest.mark.core
@pytest.mark.parametrize("dtype", ["i1", "u2", "i4", "i8", "u8", "f4", "f8", "c8", "c16"])
def test_dtypes(dtype):
    def f(index, target):
        for i in prange(index.size):
            target[index[i]] += 1

    index = np.random.default_rng(4).integers(0, 50, 5000)
    got = np.ones(50, dtype)
    njit(f, parallel=True)(index, got)
    expected = np.ones(50, dtype)
    with np.errstate(over="ignore"):
        np.add.at(expected, index, np.ones(1, dtype)[0])
    np.testing.assert_array_equal(got, expected)


def test_bits_and_bools():
    def f(index, bits, low, flags, odd):
        for i in prange(index.size):
            bits[index[i]] |= 1 << (i % 7)
            low[index[i]] &= 255 - (1 << (i % 3))
            flags[index[i]] |= i % 11 == 0
            odd[index[i]] ^= i

    index = np.random.default_rng(5).integers(0, 400, 3000)
    results = []
    for g in (njit(f, parallel=True), f):
        arrays = (
            np.zeros(400, np.uint8),
            np.full(400, 255, np.int16),
            np.zeros(400, bool),
            np.zeros(400, np.int64),
        )
        g(index, *arrays)
        results.append(arrays)
    for x, y in zip(*results, strict=True):
        np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize("order", ["C", "F", "A"])
def test_rows_and_layouts(order):
    def f(index, rows, sums, counts):
        for i in prange(index.size):
            counts[index[i]] += 1
            sums[index[i]] += rows[i]
            sums[index[i], 1:3] -= rows[i, 1:3] * 2
            for d in range(rows.shape[1]):
                sums[index[i], d] += 1.0

    rng = np.random.default_rng(6)
    index, rows = rng.integers(0, 9, 4000), rng.integers(0, 100, (4000, 4)).astype(float)
    results = []
    for g in (njit(f, parallel=True), f):
        sums = np.zeros((9, 8))[:, ::-2] if order == "A" else np.zeros((9, 4), order=order)
        counts = np.zeros(9, np.int32)
        g(index, rows, sums, counts)
        results.append((sums.copy(), counts))
    for x, y in zip(*results, strict=True):
        np.testing.assert_array_equal(x, y)


def test_two_axes():
    def f(x, y, target):
        for i in prange(x.size):
            target[x[i], y[i]] += i

    rng = np.random.default_rng(7)
    x, y = rng.integers(0, 5, 3000), rng.integers(0, 6, 3000)
    got, expected = np.zeros((5, 6)), np.zeros((5, 6))
    njit(f, parallel=True)(x, y, got)
    np.add.at(expected, (x, y), np.arange(3000))
    np.testing.assert_array_equal(got, expected)


def test_an_error_releases_the_copies():
    @njit(parallel=True)
    def f(index, weight, target):
        for i in prange(index.size):
            target[index[i]] += weight[i + 1]

    before = _core.block_count()
    with pytest.raises(IndexError, match="index 5000 is out of bounds"):
        f(np.zeros(5000, int), np.ones(5000), np.zeros(3))
    assert _core.block_count() == before


# ---- carried arrays ------------------------------------------------------------------------------------------------

ARRAYS = {
    "subtract": ("r -= a[i]", 5.0),
    "multiply": ("r *= 1 + a[i] / 100", 1.0),
    "divide": ("r /= 1 + a[i] / 100", 7.0),
    "maximum": ("r = np.maximum(r, a[i])", -1.0),
    "minimum": ("r = np.minimum(a[i] + 1, r)", 100.0),
    "or": ("r |= a[i].astype(np.int64)", 1),
    "and": ("r &= a[i].astype(np.int64) | 16", -1),
    "xor": ("r ^= a[i].astype(np.int64)", 3),
    "add a number": ("r += a[i, 0]", 2.0),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_carried_arrays(name):
    statement, start = ARRAYS[name]
    space = {"prange": prange, "np": np}
    source = f"def f(a):\n    r = np.full(3, {start})\n    for i in prange(len(a)):\n        {statement}\n    return r\n"
    exec(source, space)
    a = np.random.default_rng(8).integers(0, 9, (500, 3)).astype(float)
    before = _core.block_count()
    np.testing.assert_allclose(njit(space["f"], parallel=True)(a), space["f"](a), rtol=1e-12)
    assert _core.block_count() == before


# ---- what is no reduction ------------------------------------------------------------------------------------------


def mixed_operations(index, target):
    for i in prange(index.size):
        target[index[i]] = target[index[i]] * 0.5 + 1


def read_elsewhere(index, target):
    for i in prange(index.size):
        target[index[i]] += target[index[i] // 2]


def guarded(index, target):
    for i in prange(index.size):
        if i > target[index[i]]:
            target[index[i]] = i


def floats_into_integers(index, target):
    whole = target.view(np.int64)
    for i in prange(index.size):
        whole[index[i]] += 0.75


def copied_elsewhere(index, target):
    rows = np.zeros((index.size, target.size))
    for i in prange(index.size):
        target[index[i]] += 1
        rows[i, :] = target
    target += rows.sum(axis=0)


def view_copied_elsewhere(index, target):
    rows = np.zeros((index.size, 9))
    for i in prange(index.size):
        target[index[i]] += 1
        rows[i, :] = target[1:10]
    target[1:10] += rows.sum(axis=0)


@pytest.mark.parametrize(
    "function",
    [
        mixed_operations,
        read_elsewhere,
        copied_elsewhere,
        view_copied_elsewhere,
        guarded,
        floats_into_integers,
    ],
)
def test_other_updates_run_on_one_thread(function):
    index = np.random.default_rng(9).integers(0, 50, 3000)
    got, expected = np.ones(50), np.ones(50)
    with pytest.warns(
        naja.errors.NajaPerformanceWarning, match="updates an array at indices that iterations may share"
    ):
        njit(function, parallel=True)(index, got)
    njit(function)(index, expected)
    np.testing.assert_array_equal(got, expected)


def own_elements(a, out):
    for i in prange(a.size):
        out[i] += a[i]
        out[i] *= 2


def own_rows(a, out):
    for i in prange(4):
        for j in range(4):
            out[i * 4 + j] = out[i * 4 + j] * 0.5 + a[j]


def own_shares(a, out):
    for t in prange(4):
        for i in range(t * a.size // 4, (t + 1) * a.size // 4):
            out[i] = out[i] * 2 + a[i]


@pytest.mark.parametrize("function", [own_elements, own_rows, own_shares])
def test_own_elements_need_no_copies(function):
    a, got, expected = np.arange(16.0), np.ones(16), np.ones(16)
    f = njit(function, parallel=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        f(a, got)
    function(a, expected)
    np.testing.assert_array_equal(got, expected)
    assert f.explain(f.signatures[0]).count("parallel", "accumulate") == 0


def test_plain_scatters_are_named():
    @njit(parallel=True)
    def f(index, target):
        for i in prange(index.size):
            target[index[i]] = i

    target = np.zeros(5, int)
    f(np.arange(5), target)
    assert target.tolist() == [0, 1, 2, 3, 4]
    text = f.explain(f.signatures[0])
    assert text.count("parallel", "not proved: iterations that write the same element race") == 1


# ---- arrays that are parts of something ------------------------------------------------------------------------------


@naja.experimental.jitclass([("counts", naja.types.int64[:]), ("scale", naja.types.int64)])
class Counter:
    def __init__(self, n):
        self.counts = np.zeros(n, np.int64)
        self.scale = 2

    def add(self, index):
        for i in prange(index.size):
            self.counts[index[i]] += self.scale


@njit(parallel=True)
def count_in_an_instance(index, n):
    counter = Counter(n)
    for i in prange(index.size):
        counter.counts[index[i]] += counter.scale
    return counter.counts


@njit(parallel=True)
def count_in_a_tuple(index, n):
    pair = np.zeros(n, np.int64), np.zeros(n, np.int64)
    for i in prange(index.size):
        pair[0][index[i]] += 1
        pair[0][index[index.size - 1 - i]] = 1 + pair[0][index[index.size - 1 - i]]
        pair[1][i % n] -= 1
    return pair[0]


@njit(parallel=True)
def count_by_a_method(index, n):
    counter = Counter(n)
    counter.add(index)
    return counter.counts


@pytest.mark.parametrize("count", [count_in_an_instance, count_in_a_tuple, count_by_a_method])
def test_arrays_in_other_things(count):
    index = np.random.default_rng(11).integers(0, 7, 400_000)
    before = _core.block_count()
    with warnings.catch_warnings():
        if count is not count_by_a_method:  # methods of a jitclass are compiled for one thread
            warnings.simplefilter("error")
        count(index, 7)
    for _ in range(5):
        np.testing.assert_array_equal(count(index, 7), 2 * np.bincount(index, minlength=7))
    assert _core.block_count() == before
