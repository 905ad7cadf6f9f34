"""Reductions: the same bits as NumPy's for every layout, dtype and axis, and the same errors."""

import numpy as np
import pytest
from arrays import ALL, check, layouts, values

from naja import njit
from naja.errors import TypingError

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

NAMES = ["sum", "prod", "min", "max", "any", "all", "mean", "var", "std"]
DTYPES = [
    np.bool_,
    np.int8,
    np.int32,
    np.int64,
    np.uint16,
    np.uint64,
    np.float32,
    np.float64,
    np.complex64,
    np.complex128,
]


def reduction(name, rest="", expression="a"):
    return eval(f"lambda a: np.{name}({expression}{rest})", {"np": np})


@pytest.mark.core
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_all_axes(name, dtype):
    f = reduction(name)
    compiled = njit(f)
    for shape in [(1,), (7,), (8,), (100,), (129,), (1000,), (30, 40), (3, 4, 50)]:
        for _, a in layouts(values(shape, dtype)):
            if name == "prod" and np.dtype(dtype).kind in "fc":
                a = a / (np.abs(a) + 1)
            check(f, a.astype(dtype) if a.dtype != dtype else a, compiled=compiled)


@pytest.mark.core
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("axis", [0, 1, 2, -1, (0, 1), (1, 2), (0, 2), (0, 1, 2)])
def test_axes(name, axis):
    f = reduction(name, f", axis={axis}")
    g = reduction(name, f", axis={axis}, keepdims=True")
    compiled, kept = njit(f), njit(g)
    for dtype in (np.float32, np.float64, np.int32):
        for _, a in layouts(values((5, 6, 140), dtype)):
            check(f, a, compiled=compiled)
        check(g, a, compiled=kept)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_long_runs(dtype):
    f = reduction("sum")
    compiled = njit(f)
    for shape in [(8192,), (8193,), (50001,), (300, 399), (5, 9001)]:
        for _, a in layouts(values(shape, dtype)):
            check(f, a, compiled=compiled)


def test_converted_runs():
    for n in (100, 8192, 8193, 50000):
        big = np.random.default_rng(n).integers(-(2**62), 2**62, n)
        check(lambda a: np.mean(a), big)
        check(lambda a: np.var(a), big // 2**40)
        check(lambda a: np.sum(a, dtype=np.float64), values(n, np.float32))


@pytest.mark.core
@pytest.mark.parametrize("name", NAMES)
def test_fused(name):
    f = reduction(name, expression="a * 2 + 1")
    compiled = njit(f)
    for dtype in (np.float32, np.float64, np.int32, np.complex64):
        for shape in [(1,), (7,), (8,), (128,), (129,), (1000,), (9000,), (30, 40)]:
            for _, a in layouts(
                values(shape, dtype) / 64 if np.dtype(dtype).kind in "fc" else values(shape, dtype)
            ):
                if name in ("min", "max") and np.dtype(dtype).kind == "c":
                    continue
                if name == "prod":
                    a = a / (np.abs(a).max() * 4 + 1) if np.dtype(dtype).kind == "f" else a
                    if np.dtype(dtype).kind == "c":
                        continue
                check(f, a.astype(dtype), compiled=compiled)


def test_fused_of_two():
    dots = [
        lambda a, b: np.sum(a * b),
        lambda a, b: np.max(np.abs(a - b)),
        lambda a, b: np.any(a > b),
        lambda a, b: np.sum(a > b),
        lambda a, b: np.mean((a - b) ** 2),
        lambda a, b: np.count_nonzero(a == b),
        lambda a, b: (a * b).sum(axis=0),
    ]
    for f in dots:
        compiled = njit(f)
        for _, a in layouts(values((20, 30), np.float64)):
            check(f, a, values((20, 30), np.float64, seed=1), compiled=compiled)
            check(f, a, values((30,), np.float64, seed=1), compiled=compiled)
            check(f, a, values((20,), np.float64, seed=1), compiled=compiled)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0), (2, 0, 3)])
def test_empty(name, shape):
    check(reduction(name), np.zeros(shape))
    check(reduction(name, ", axis=0"), np.zeros(shape))
    check(reduction(name, expression="a + 1"), np.zeros(shape))
    check(reduction(name, ", axis=-1"), np.zeros(shape))


@pytest.mark.parametrize("name", ["min", "max", "sum", "argmin", "argmax", "any", "all"])
@pytest.mark.parametrize("n", [1, 2, 7, 31, 64, 1000])
def test_nan(name, n):
    for at in {0, n // 2, n - 1}:
        a = np.arange(float(n))
        a[at] = np.nan
        check(reduction(name), a)
        check(reduction(name), a.astype(np.float32))
        check(reduction(name), a[::-1])


def test_zeros_keep_numpys_sign():
    check(reduction("sum"), np.full(3, -0.0))
    check(reduction("sum", ", axis=0"), np.full((3, 2), -0.0))


def test_methods_and_others():
    a = values((4, 5), np.float64)
    for f in [
        lambda a: a.sum(),
        lambda a: a.sum(0),
        lambda a: a.mean(axis=1),
        lambda a: a.std(),
        lambda a: a.var(ddof=1),
        lambda a: a.max(1),
        lambda a: a.min(),
        lambda a: (a > 0).any(),
        lambda a: (a > 0).all(axis=0),
        lambda a: np.ptp(a),
        lambda a: np.ptp(a, axis=0),
        lambda a: np.std(a, axis=0, ddof=1),
        lambda a: np.amax(a),
        lambda a: np.count_nonzero(a > 0, axis=1),
        lambda a: a.prod(),
        lambda a: np.sum(a, dtype=np.float32),
        lambda a: np.sum(a, axis=None, keepdims=True),
    ]:
        check(f, a)
    with pytest.raises(TypingError, match="axis 2 is out of bounds for array of dimension 2"):
        njit(lambda a: np.sum(a, axis=2))(a)


@pytest.mark.parametrize("dtype", ALL)
def test_positions(dtype):
    for name in ("argmin", "argmax"):
        f, g = reduction(name), reduction(name, ", axis=0")
        h = reduction(name, ", axis=-1")
        compiled = njit(f), njit(g), njit(h)
        for shape in [(1,), (100,), (4, 5), (3, 4, 5)]:
            for _, a in layouts(values(shape, dtype)):
                for function, c in zip((f, g, h), compiled):
                    check(function, a, compiled=c)
    check(lambda a: np.argmax(a), np.zeros(0))
    check(lambda a: a.argmin(), np.zeros((2, 0)))


@pytest.mark.parametrize("dtype", ALL)
def test_running(dtype):
    functions = [lambda a: np.cumsum(a), lambda a: np.cumsum(a, axis=0), lambda a: a.cumsum(axis=-1)]
    if np.dtype(dtype).kind != "c":
        functions += [lambda a: np.cumprod(a), lambda a: a.cumprod(0)]
    for f in functions:
        compiled = njit(f)
        for shape in [(0,), (1,), (50,), (4, 5), (3, 4, 5)]:
            for _, a in layouts(values(shape, dtype)):
                check(f, a, compiled=compiled)


def test_loops_over_arrays():
    def rows(a):
        total = 0.0
        for row in a:
            total += row.sum()
        return total

    def elements(a):
        total = 0.0
        for x in a:
            total += x
        return total

    check(rows, values((7, 5), np.float64))
    for _, a in layouts(values(9, np.float64)):
        check(elements, a)


@pytest.mark.parametrize("name", ["argmin", "argmax"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_positions_in_long_arrays(name, dtype):
    """They are searched block by block: the first of equals, and the first nan, wherever the blocks begin."""
    function = eval(f"lambda a: np.{name}(a)", {"np": np})
    compiled = njit(function)
    sign = 1 if name == "argmax" else -1
    for n in (2047, 2048, 2049, 6200):
        a = np.random.default_rng(n).random(n).astype(dtype)
        for places in [(0,), (n - 1,), (n // 2, n - 1), (2047 % n, n - 1), (0, n // 3)]:
            for extreme in (9.0, np.inf, np.nan):
                b = a.copy()
                b[list(places)] = sign * extreme
                check(function, b, compiled=compiled)
        check(function, np.zeros(n, dtype) * -1, compiled=compiled)
        check(function, np.where(np.arange(n) % 2, np.nan, sign * np.inf).astype(dtype), compiled=compiled)


def slice_sums(a, out, means):
    for n in range(out.shape[0]):
        out[n] = a[:n].sum()
    for n in range(means.shape[0]):
        means[n] = np.mean(a[: n + 1])


@pytest.mark.core
@pytest.mark.parametrize(
    "dtype", [np.float64, np.float32, np.int64, np.int8, np.uint16, np.bool_, np.complex128]
)
@pytest.mark.parametrize("step", [1, -1, 3])
def test_short_slices_in_a_loop(dtype, step):
    """Added up in place below eight elements: the bits are those of the call."""
    a = (np.random.default_rng(1).normal(size=60) * 100).astype(dtype)[::step][:12]
    if a.dtype.kind == "f":
        a[:3] = -0.0
        a[10] = np.nan
    kind = a.sum().dtype
    expected = np.zeros(12, kind), np.zeros(12, a.mean().dtype)
    slice_sums(a, *expected)
    got = np.zeros(12, kind), np.zeros(12, a.mean().dtype)
    njit(slice_sums)(a, *got)
    assert [x.tobytes() for x in got] == [x.tobytes() for x in expected]


@pytest.mark.core
def test_mean_of_nothing_in_a_loop():
    @njit
    def last_mean(a):
        m = 0.0
        for _ in range(2):
            m = a.mean()
        return m

    assert np.isnan(last_mean(np.zeros(0)))
    assert np.signbit(last_mean(np.full(3, -0.0))) == np.signbit(np.full(3, -0.0).mean())
