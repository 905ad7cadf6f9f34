"""Array expressions in functions with parallel=True: run on the thread pool when they are long, with the same results."""

import numpy as np
import pytest

import naja
from naja import _core, njit, vectorize
from naja.errors import NajaError

N = 40_000  # more than maploop.c runs in one piece


@vectorize
def cubed(x):
    return x * x * x


def arithmetic(a, b):
    return np.sqrt(a * a + b) * 2.0 - abs(b) ** 0.5


def stores(a, b):
    out = np.zeros(a.shape)
    out[...] = a + b
    out *= 3
    out += a
    out[1:] = out[:-1] + 1
    return out


def by_numbers(a, b):
    return a + b[0], a * 2, a**2, np.where(a > 0.5, a, 7.0), a.astype(np.float32), -a


def of_users(a, b):
    return cubed(a) + b


def broadcast(a, b):
    return a.reshape(-1, 100) * b[:100] + b[0]


@pytest.mark.core
@pytest.mark.parametrize("function", [arithmetic, stores, by_numbers, of_users, broadcast])
@pytest.mark.parametrize("n", [0, 100, N])
def test_results(function, n):
    rng = np.random.default_rng(1)
    a, b = rng.random(n), rng.random(max(n, 100))[: n or 100]
    if n == 0 and function is not broadcast:
        b = b[:0] if function is not by_numbers else b
    want, got = njit(function)(a, b), njit(function, parallel=True)(a, b)
    for x, y in zip(want, got, strict=True) if type(want) is tuple else [(want, got)]:
        np.testing.assert_array_equal(x, y)
        assert x.dtype == y.dtype


@pytest.mark.parametrize("dtype", ["i1", "u2", "i8", "f4", "c8", "c16", "?"])
def test_dtypes_and_layouts(dtype):
    def add(a, b):
        return a + b

    parallel, serial = njit(add, parallel=True), njit(add)
    a = (np.random.default_rng(2).random((200, 300)) * 100).astype(dtype)
    for x, y in (
        (a, a),
        (np.asfortranarray(a),) * 2,
        (a, np.asfortranarray(a)),
        (a[::2], a[1::2]),
        (a[:, ::-1], a),
        (a, a[0]),
    ):
        got = parallel(x, y)
        np.testing.assert_array_equal(got, serial(x, y))
        assert got.flags.f_contiguous == serial(x, y).flags.f_contiguous


def test_same_bits_for_any_number_of_threads():
    f = njit(arithmetic, parallel=True)
    a, b = np.random.default_rng(3).random((2, 3 * N + 17))
    before, results = naja.get_num_threads(), []
    for n in sorted({1, before}):
        naja.set_num_threads(n)
        results.append(f(a, b))
    naja.set_num_threads(before)
    for x in results:
        np.testing.assert_array_equal(x, njit(arithmetic)(a, b))


def test_inside_of_parallel_loops():
    @njit(parallel=True)
    def f(a):
        out = np.zeros(4)
        for i in naja.prange(4):
            out[i] = (a * i + 1).sum()
        return out

    a = np.ones(N)
    assert f(a).tolist() == [N * (i + 1.0) for i in range(4)]


def test_errors_and_leaks():
    @njit(parallel=True)
    def power(a, b):
        return a**b

    a, b = np.arange(N), np.full(N, 2)
    assert power(a, b)[-1] == (N - 1) ** 2
    b[N // 2] = -1
    before = _core.block_count()
    with pytest.raises(ValueError, match="negative integer powers"):
        power(a, b)
    with pytest.raises(ValueError, match="could not be broadcast together"):
        power(a, b[1:])
    assert _core.block_count() == before


def test_what_the_option_switches_off():
    def add(a):
        return a + 1.0

    a = np.ones(4)
    counts = []
    for parallel in (False, {"numpy": False}, {"prange": False}, True):
        f = njit(add, parallel=parallel)
        assert f(a).tolist() == [2.0] * 4
        counts.append("parallel_for" in f.inspect_llvm(f.signatures[0]))
    assert counts == [False, False, True, True]
    with pytest.raises((NameError, NajaError), match="Unrecognized parallel options"):
        njit(add, parallel={"everything": False})


def test_diagnostics(capsys):
    @njit(parallel=True)
    def f(a):
        s = 0.0
        for i in naja.prange(len(a)):
            s += a[i]
        return s, a + 1.0

    with pytest.raises(ValueError, match="No parfors diagnostic available"):
        f.parallel_diagnostics()
    f(np.ones(4))
    assert f.get_metadata(f.signatures[0])["parfor_diagnostics"].count_parfors() == 2
    line = f.py_func.__code__.co_firstlineno + 3
    for level in (1, 2, 3, 4):
        f.parallel_diagnostics(level=level)
        text = capsys.readouterr().out
        assert "2 parallel loops" in text
        assert f"{line}: parallel: runs in parallel; 1 reduction" in text
        assert (f"{line + 2}: fused: one loop" in text) == (level > 1)
        assert len([x for x in text.splitlines() if "parallel: " not in x and "fused: " not in x]) == level
    with pytest.raises(ValueError, match="1, 2, 3 or 4"):
        f.parallel_diagnostics(level=5)


def five_points(a, out):
    out[1:-1, 1:-1] = 0.25 * (a[:-2, 1:-1] + a[2:, 1:-1] + a[1:-1, :-2] + a[1:-1, 2:]) - a[1:-1, 1:-1]
    return out


def rows_and_columns(a, out):
    column = a[:, :1]
    out[...] = a * a[0] + column
    out[::-1, ::2] += column * 2
    out[2] = a[1]
    return out, a.T + 1, a + a.T[:, ::-1].T, a[0] * a[:, 0][:, None]


def one_axis(a, out):
    flat = out.ravel()[::3]
    flat[...] = a.ravel()[::3] * 2
    flat += flat[::-1]
    return flat, np.where(flat > 1, flat, 0.5)


@pytest.mark.core
@pytest.mark.parametrize("function", [five_points, rows_and_columns, one_axis])
@pytest.mark.parametrize("order", ["C", "F"])
def test_nests(function, order):
    parallel, serial = njit(function, parallel=True), njit(function)
    for shape in ((300, 257), (7, 9), (3, 40_000), (40_000, 3)):
        results = []
        before = _core.block_count()
        for f in (parallel, serial):
            a = np.asarray(np.random.default_rng(4).random(shape), order=order)
            results.append(f(a, np.ones_like(a)))
        for x, y in zip(*results, strict=True):
            np.testing.assert_array_equal(x, y)
        del results, x, y
        assert _core.block_count() == before


def test_errors_in_nests():
    @njit(parallel=True)
    def power(a, b):
        return a**b

    a, b = np.ones((300, 200), np.int64), np.ones((200, 300), np.int64)
    b[100, 5] = -1
    before = _core.block_count()
    with pytest.raises(ValueError, match="negative integer powers"):
        power(a, b.T)
    assert _core.block_count() == before
