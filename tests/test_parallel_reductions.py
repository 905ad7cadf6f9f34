"""Reductions of whole arrays in functions with parallel=True: divided among threads, with the bits of one thread."""

import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import naja
from naja import _core, njit

SIZES = (0, 1, 1000, 65_536, 300_007)
NEEDS_ELEMENTS = {"min", "max", "mean", "var", "std"}
NAMES = ("sum", "prod", "min", "max", "any", "all", "mean", "var", "std", "count_nonzero")


def method(name):
    """Make a function that calls numpy.<name> of an array, and of it along each axis."""
    space = {"np": np}
    exec(f"def whole(a):\n    return np.{name}(a)\n", space)
    exec(f"def axes(a):\n    return np.{name}(a, axis=0), np.{name}(a, axis=1), np.{name}(a)\n", space)
    return space["whole"], space["axes"]


def of_dtype(dtype, n):
    rng = np.random.default_rng(n)
    a = rng.normal(size=n)
    if dtype[0] == "c":
        a = a + 1j * rng.normal(size=n)
    elif dtype[0] in "iu":
        a = a * 50
    with np.errstate(invalid="ignore"):
        return (a > 0) if dtype == "?" else a.astype(dtype)


def bits(result):
    return [np.asarray(x).tobytes() for x in (result if isinstance(result, tuple) else (result,))]


@pytest.fixture(autouse=True)
def all_threads():
    """Leave the number of threads as it was."""
    before = naja.get_num_threads()
    yield
    naja.set_num_threads(before)


@pytest.mark.core
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", ["f8", "f4", "c16", "c8", "i8", "i2", "u4", "?"])
def test_same_bits_as_one_thread(name, dtype):
    whole, _ = method(name)
    parallel, serial = njit(whole, parallel=True), njit(whole)
    for n in SIZES:
        if not n and name in NEEDS_ELEMENTS:
            continue
        a = of_dtype(dtype, n)
        before = _core.block_count()
        for x in (a, a[::-3]):
            for threads in sorted({1, naja.config.NUMBA_NUM_THREADS}):
                naja.set_num_threads(threads)
                assert bits(parallel(x)) == bits(serial(x))
        assert _core.block_count() == before


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", ["f8", "c8", "i2"])
def test_axes(name, dtype):
    _, axes = method(name)
    parallel, serial = njit(axes, parallel=True), njit(axes)
    a = of_dtype(dtype, 240_000)
    for shape in ((2, 120_000), (400, 600), (120_000, 2)):
        for x in (a.reshape(shape), np.asfortranarray(a.reshape(shape)), a.reshape(shape)[::-1, ::2]):
            assert bits(parallel(x)) == bits(serial(x))


def test_as_numpy():
    @njit(parallel=True)
    def f(a):
        return a.sum(), np.mean(a), a.max(), np.min(a), a.std(), np.argmax(a), a.any(), np.all(a)

    a = np.random.default_rng(1).normal(size=500_001)
    got = f(a)
    assert got[:4] == (a.sum(), a.mean(), a.max(), a.min()) and got[5:] == (a.argmax(), True, True)
    assert got[4] == pytest.approx(a.std(), rel=1e-14)
    a[77_777] = np.nan
    assert np.isnan(f(a)[2]) and np.isnan(f(a)[3])


def test_zeros_keep_their_sign():
    @njit(parallel=True)
    def f(a):
        return a.sum(), a.min(), a.max()

    for a in (np.full(200_000, -0.0), np.where(np.arange(200_000) % 2, 0.0, -0.0)):
        assert bits(f(a)) == bits(njit(f.py_func)(a))
        assert bits(f(a)[0]) == bits(a.sum())


PROGRAM = """
    import hashlib, numpy as np
    from naja import njit
    @njit(parallel=True)
    def f(a, b):
        return a.sum(), a.mean(), a.var(), b.sum(), b.max(), np.sum(a * b), np.min(a + b), a.reshape(100, -1).sum(axis=0)
    rng = np.random.default_rng(2)
    digest = hashlib.sha256()
    for x in f(rng.random(300_000), rng.random(300_000)):
        digest.update(np.asarray(x).tobytes())
    print(digest.hexdigest())
"""


def test_same_bits_for_threads_and_layers():
    digests = set()
    for threads, layer in (("1", "default"), ("2", "default"), ("3", "omp"), ("7", "default"), ("7", "omp")):
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(PROGRAM)],
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


def test_what_the_option_switches_off():
    def total(a):
        return a.sum()

    a, counts = np.ones(4), []
    for parallel in (False, {"reduction": False}, True):
        f = njit(total, parallel=parallel)
        assert f(a) == 4.0
        counts.append(f.get_metadata(f.signatures[0])["parfor_diagnostics"].count_parfors())
    assert counts == [0, 0, 1]


def test_inside_of_parallel_loops():
    @njit(parallel=True)
    def f(a):
        out = np.zeros(5)
        for i in naja.prange(5):
            out[i] = a[i:].sum() + np.max(a)
        return out

    a = np.random.default_rng(3).random(150_000)
    assert f(a).tolist() == [a[i:].sum() + a.max() for i in range(5)]


def test_a_function_without_anything_parallel_says_so():
    def last(a):
        return a[-1]

    with pytest.warns(
        naja.errors.NajaPerformanceWarning, match="no transformation for parallel execution was possible"
    ):
        njit(last, parallel=True)(np.ones(3))
