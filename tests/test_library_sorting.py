"""sort, argsort, partition, searchsorted, digitize, lexsort, quantiles and sets, against NumPy."""

import numpy as np
import pytest

from naja import njit

RNG = np.random.default_rng(7)
TABLE = RNG.random((4, 5))
TABLE[1, 2], TABLE[0, 0] = np.nan, np.inf
INTS = RNG.integers(0, 9, 20)
ARRAYS = [
    TABLE,
    TABLE[1],
    TABLE.T,
    TABLE[:, ::2],
    INTS,
    INTS.astype(np.uint8),
    TABLE.astype(np.float32),
    TABLE + 1j,
    INTS > 4,
    np.zeros(0),
    np.zeros((0, 3)),
]
IDS = [f"{a.dtype}{a.shape}" for a in ARRAYS]


def same(got, want):
    if isinstance(want, tuple):
        assert len(got) == len(want)
        for g, w in zip(got, want, strict=True):
            same(g, w)
        return
    got, want = np.asarray(got), np.asarray(want)
    assert got.shape == want.shape
    assert got.dtype == want.dtype or want.ndim == 0
    np.testing.assert_allclose(got, want, rtol=1e-6 if want.dtype.char in "fF" else 1e-13, atol=1e-15)


def check(function, *args):
    same(njit(function)(*args), function(*args))


@pytest.mark.parametrize("a", ARRAYS, ids=IDS)
def test_sort(a):
    def sorts(a):
        return np.sort(a), np.sort(a, axis=0, kind="stable"), np.sort(a, axis=None)

    def in_place(a):
        b = a.copy()
        b.sort(axis=0)
        return b

    check(sorts, a)
    check(in_place, a)


@pytest.mark.parametrize("a", ARRAYS, ids=IDS)
def test_argsort(a):
    def orders(a):
        return np.argsort(a, kind="stable"), np.argsort(a, axis=0, kind="mergesort"), a.argsort(stable=True)

    check(orders, a)


@pytest.mark.parametrize("n", [1, 2, 10, 599, 5000])
@pytest.mark.parametrize("kind", ["random", "equal", "ascending", "descending", "nan"])
def test_partition(n, kind):
    a = {
        "random": RNG.random(n),
        "equal": np.ones(n),
        "ascending": np.arange(float(n)),
        "descending": -np.arange(float(n)),
        "nan": np.where(RNG.random(n) < 0.3, np.nan, RNG.random(n)),
    }[kind]
    want = np.sort(a)
    f, g = njit(lambda a, k: np.partition(a, k)), njit(lambda a, k: np.argpartition(a, k))
    for k in {0, n // 2, n - 1}:
        got, order = f(a, k), g(a, k)
        np.testing.assert_array_equal(got[k], want[k])
        np.testing.assert_array_equal(np.sort(got), want)
        np.testing.assert_array_equal(np.sort(got[:k]), want[:k])
        np.testing.assert_array_equal(np.sort(a[order[:k]]), want[:k])
        assert sorted(order) == list(range(n))


@pytest.mark.parametrize("dtype", "?bhilBHILfdFD")
def test_partition_of_every_type(dtype):
    a = RNG.integers(0, 50, (6, 40)).astype(dtype)
    f = njit(lambda a, k: np.partition(a, k, axis=1))
    k = np.array([3, -1, 20])
    np.testing.assert_array_equal(f(a, k)[:, k], np.sort(a, axis=1)[:, k])


@pytest.mark.parametrize("v", [INTS, INTS * 0.5, np.array([np.nan, 1.0, 8.0]), 3, 2.5, (1, 2.5), TABLE])
@pytest.mark.parametrize(
    "a", [np.sort(INTS), np.sort(TABLE[1]), np.zeros(0), np.sort(INTS).astype(np.float32)]
)
def test_searchsorted(a, v):
    check(lambda a, v: (np.searchsorted(a, v), a.searchsorted(v, side="right")), a, v)


def test_searchsorted_with_sorter():
    f = njit(lambda a, v, order: np.searchsorted(a, v, sorter=order))
    order = np.argsort(INTS, kind="stable")
    np.testing.assert_array_equal(f(INTS, INTS, order), np.searchsorted(INTS, INTS, sorter=order))
    with pytest.raises(ValueError, match="Sorter index out of range"):
        f(INTS, INTS, order + 100)
    with pytest.raises(ValueError, match="sorter.size"):
        f(INTS, INTS, order[1:])


@pytest.mark.parametrize("bins", [[1, 3, 5, 5, 8], [8, 5, 5, 1]])
def test_digitize(bins):
    check(lambda x, b: (np.digitize(x, b), np.digitize(x, b, right=True)), INTS.reshape(4, 5), np.array(bins))


def test_digitize_in_no_order():
    with pytest.raises(ValueError, match="bins must be monotonically increasing or decreasing"):
        njit(lambda x, b: np.digitize(x, b))(INTS, np.array([1, 5, 2]))


def test_lexsort():
    check(lambda x, y: np.lexsort((x, y)), INTS * 0.5, INTS % 3)
    check(lambda x: np.lexsort(x), INTS.reshape(4, 5))


@pytest.mark.parametrize("a", [a for a in ARRAYS if a.size and a.dtype.kind in "fui"])
def test_median(a):
    def medians(a):
        return np.median(a), np.nanmedian(a), np.median(a, axis=0), np.nanmedian(a, axis=-1, keepdims=True)

    check(medians, a)


METHODS = (
    "inverted_cdf averaged_inverted_cdf closest_observation linear lower higher midpoint nearest hazen weibull "
    "median_unbiased normal_unbiased interpolated_inverted_cdf"
).split()


@pytest.mark.parametrize("method", METHODS)
def test_quantile_methods(method):
    f = njit(lambda x, q: np.quantile(x, q, method=method))
    q = np.linspace(0, 1, 17)
    for a in (INTS, INTS[:5] * 0.5, np.array([1.0]), np.array([3.0, 1.0, np.nan])):
        same(f(a, q), np.quantile(a, q, method=method))


def test_quantiles_along_axes():
    a = RNG.random((3, 4, 5))
    check(lambda a, q: (np.percentile(a, q, axis=1), np.percentile(a, 30, axis=0)), a, np.array([[10, 20.5]]))
    check(
        lambda a: (np.nanquantile(a, 0.3, axis=0), np.quantile(a, (0.2, 0.5), axis=-1, keepdims=True)), TABLE
    )


def test_quantile_out_of_range():
    with pytest.raises(ValueError, match=r"Quantiles must be in the range \[0, 1\]"):
        njit(lambda a: np.quantile(a, 1.5))(INTS)
    with pytest.raises(ValueError, match=r"Percentiles must be in the range \[0, 100\]"):
        njit(lambda a: np.percentile(a, -1))(INTS)


WITH_NAN = np.array([1.0, np.nan, 2, np.nan, 1])


@pytest.mark.parametrize(
    "a", [INTS, INTS.reshape(4, 5), WITH_NAN, INTS > 4, WITH_NAN + 1j, np.zeros(0), (1, 2, 2)]
)
def test_unique(a):
    check(lambda a: (np.unique(a), np.unique(a, return_counts=True), np.unique(a, equal_nan=False)), a)
    check(lambda a: np.unique(a, True, True, True), a)


@pytest.mark.core
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_unique_slices(axis):
    table = np.array([[1, 2, 1], [0, 5, 0], [1, 2, 1], [0, 4, 0]])
    run = eval(f"lambda a: (np.unique(a, axis={axis}), np.unique(a, True, True, True, {axis}))", {"np": np})
    for a in (
        table,
        np.asfortranarray(table * 0.5),
        table[:, ::-1],
        table[:0],
        table[:, :0],
        table.reshape(2, 3, 2),
    ):
        check(run, a)


@pytest.mark.parametrize("b", [INTS[:5], WITH_NAN, np.zeros(0), (1, 2)])
@pytest.mark.parametrize("a", [INTS.reshape(4, 5), WITH_NAN, np.zeros(0)])
def test_sets(a, b):
    def sets(a, b):
        return np.union1d(a, b), np.intersect1d(a, b), np.setxor1d(a, b), np.setdiff1d(a, b)

    check(sets, a, b)
    check(lambda a, b: (np.isin(a, b), np.isin(a, b, invert=True)), a, b)
    check(lambda a, b: np.intersect1d(a, b, return_indices=True), a, b)


@pytest.mark.core
def test_core():
    check(
        lambda a: (np.sort(a), np.argsort(a), np.median(a), np.unique(a), np.searchsorted(a, 3)),
        np.sort(INTS),
    )


@pytest.mark.parametrize("shape, axis", [((0,), -1), ((0, 3), -1), ((0, 3), 0), ((2, 0), 1)])
def test_partition_of_nothing(shape, axis):
    a = np.empty(shape)
    for function in (lambda a: np.partition(a, 5, axis=axis), lambda a: np.argpartition(a, 5, axis=axis)):
        got, want = njit(function)(a), function(a)
        assert got.shape == want.shape and got.dtype == want.dtype


@pytest.mark.parametrize("side", ["left", "right"])
def test_searchsorted_of_ascending_keys(side):
    """Ascending keys are gone through beside the elements; what ends with NaN, or does not ascend, is searched."""

    def f(a, v):
        return np.searchsorted(a, v, side)

    compiled = njit(f)
    rng = np.random.default_rng(5)
    for dtype in (np.float64, np.int32, np.uint8):
        for n, m in ((0, 3), (5, 0), (1, 40), (100, 13), (100, 12), (3000, 3000)):
            a = np.sort(rng.integers(0, 50, n)).astype(dtype)
            v = rng.integers(0, 60, m).astype(dtype)
            for keys in (v, np.sort(v), np.sort(v)[::-1], np.sort(np.repeat(v, 2))[::2]):
                np.testing.assert_array_equal(compiled(a, keys), f(a, keys))
    a = np.array([-np.inf, -0.0, 0.0, 2.0, np.inf, np.nan, np.nan])
    for keys in (a, a[:5], a[2:6], np.array([np.nan]), np.array([np.nan, 1.0]), np.array([-0.0, 0.0, 0.0])):
        for elements in (a, a[:5]):
            np.testing.assert_array_equal(compiled(elements, keys), f(elements, keys))


@pytest.mark.parametrize("invert", [False, True])
def test_isin_by_comparisons_flags_and_search(invert):
    """Few elements are compared with all, integers near each other are looked up, others searched."""

    def f(a, b):
        return np.isin(a, b, invert=invert)

    compiled = njit(f)
    rng = np.random.default_rng(2)
    for dtype in (np.int64, np.int8, np.uint64, np.uint8, np.float64, np.bool_):
        for n, spread in ((0, 9), (3, 9), (16, 50), (17, 50), (60, 100)):
            a, b = rng.integers(0, spread, 200).astype(dtype), rng.integers(0, spread, n).astype(dtype)
            np.testing.assert_array_equal(compiled(a, b), f(a, b))
    far = np.array(
        [-(2**63), -5, 0, 7, 2**63 - 1] + list(range(1000, 20000, 1000))
    )  # too far apart for a table
    a = np.concatenate([far, far + 1 - 2 * (far > 0)])
    np.testing.assert_array_equal(compiled(a, far), f(a, far))
    far = np.array([0, 2**64 - 1, 2**63] + list(range(5, 30)), np.uint64)
    np.testing.assert_array_equal(compiled(far[::-1], far[1:]), f(far[::-1], far[1:]))
    a = np.array([np.nan, -0.0, np.inf, 1.0])
    b = np.array([0.0, np.nan, np.inf] + [2.0] * 20)
    for table in (b, b[:3]):
        np.testing.assert_array_equal(compiled(a, table), f(a, table))


def test_unique_counts_of_sorted_values():
    def f(a):
        return np.unique(a, return_counts=True)

    compiled = njit(f)
    rng = np.random.default_rng(3)
    for a in (
        rng.integers(0, 5, 100),
        np.zeros(0),
        np.array([7]),
        rng.integers(0, 9, (6, 7)).astype(np.uint8),
        np.array([np.nan, 1.0, np.nan, -0.0, 0.0, np.inf, 1.0]),
        rng.random(20) < 0.5,
        np.array(["b", "a", "b", "cc"]),
        rng.integers(0, 3, 20) * 1j,
    ):
        for got, want in zip(compiled(a), f(a)):
            np.testing.assert_array_equal(got, want)
            assert got.dtype == want.dtype
