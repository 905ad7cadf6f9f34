"""histogram, bincount, interp, convolve, windows, cov and others written in Python, against NumPy."""

import numpy as np
import pytest

from naja import njit
from naja.errors import TypingError

RNG = np.random.default_rng(11)
REALS = RNG.normal(size=30)
INTS = RNG.integers(0, 9, 20)
SPECIAL = np.array([[np.nan, np.inf, 1.0], [-np.inf, -0.0, 2.5]])


def same(got, want):
    if isinstance(want, tuple):
        assert len(got) == len(want)
        for g, w in zip(got, want, strict=True):
            same(g, w)
        return
    got, want = np.asarray(got), np.asarray(want)
    assert got.shape == want.shape
    assert got.dtype == want.dtype or want.ndim == 0
    np.testing.assert_allclose(got, want, rtol=2e-6 if want.dtype.char in "fF" else 1e-13, atol=1e-14)


def check(function, *args):
    same(njit(function)(*args), function(*args))


@pytest.mark.parametrize("x", [INTS, INTS.astype(np.uint8), INTS > 4, (1, 2, 2), np.zeros(0, np.int64)])
def test_bincount(x):
    check(lambda x: (np.bincount(x), np.bincount(x, minlength=15)), x)


def test_bincount_with_weights_and_errors():
    f = njit(lambda x, w: np.bincount(x, w))
    same(f(INTS, INTS * 0.5), np.bincount(INTS, INTS * 0.5))
    with pytest.raises(ValueError, match="The weights and list don't have the same length"):
        f(INTS, INTS[1:] * 0.5)
    with pytest.raises(ValueError, match="must have no negative elements"):
        njit(lambda x: np.bincount(x))(-INTS)
    with pytest.raises(TypingError, match="counts integers"):
        njit(lambda x: np.bincount(x))(REALS)


@pytest.mark.parametrize(
    "x", [REALS, INTS.reshape(4, 5), REALS.astype(np.float32), np.ones(3)], ids=["real", "int", "f4", "equal"]
)
def test_histogram(x):
    def histograms(x):
        return (
            np.histogram(x),
            np.histogram(x, 7, (-1.0, 1.0)),
            np.histogram(x, np.array([-1.0, 0.0, 0.3, 5.0])),
            np.histogram(x, bins=5, density=True),
            np.histogram_bin_edges(x, 4),
        )

    check(histograms, x)


def test_histogram_of_nothing_with_weights_and_errors():
    check(lambda x: np.histogram(x), np.zeros(0))
    check(lambda x, w: np.histogram(x, 5, weights=w), INTS, INTS * 0.5)
    f = njit(lambda x, bins: np.histogram(x, bins))
    with pytest.raises(ValueError, match=r"autodetected range of \[nan, nan\] is not finite"):
        f(SPECIAL, 3)
    with pytest.raises(ValueError, match="`bins` must be positive"):
        f(REALS, 0)
    with pytest.raises(ValueError, match="must increase monotonically"):
        f(REALS, np.array([1.0, 0.0]))


@pytest.mark.core
def test_histogram_of_several_dimensions():
    rng = np.random.default_rng(3)
    x, y = rng.random(50), rng.random(50)
    table = np.stack([x, y, x * y], 1)
    check(lambda s: (np.histogramdd(s, bins=(2, 3, 4))[0], np.histogramdd(s, bins=(2, 3, 4))[1][1]), table)
    check(lambda s, w: np.histogramdd(s, (2, 3, 4), density=True, weights=w)[0], table, y)
    check(lambda x, y: np.histogramdd((x, y), 5, ((0, 1), (0.2, 0.5)))[0], x, y)
    check(lambda x, y, e: np.histogramdd((x, y), (5, e))[0], x, y, np.array([0, 0.2, 0.7]))
    check(lambda x, y: (np.histogram2d(x, y), np.histogram2d(x, y, (4, 5), ((0, 1), (0, 0.5)), True)), x, y)
    check(lambda x, y, e: np.histogram2d(x, y, e, weights=y), x, y, np.linspace(0, 1, 5))
    with pytest.raises(ValueError, match=r"`bins\[0\]` must be positive"):
        njit(lambda x, y: np.histogram2d(x, y, 0))(x, y)
    with pytest.raises(ValueError, match="must be equal to the dimension"):
        njit(lambda s: np.histogramdd(s, (2, 3)))(table)
    with pytest.raises(TypingError, match="number of dimensions must be known"):
        njit(lambda s: np.histogramdd(s, 3))(table)


@pytest.mark.parametrize("function", [np.bartlett, np.blackman, np.hamming, np.hanning])
def test_windows(function):
    f = njit(lambda n: function(n))
    for n in (-1, 0, 1, 2, 5, 10):
        same(f(n), function(n))


def test_kaiser_i0_sinc():
    for n in (0, 1, 2, 11):
        check(lambda n: np.kaiser(n, 14.0), n)
    for x in (REALS * 9, INTS, 2.5, 0, REALS.astype(np.float32)):
        check(lambda x: (np.i0(x), np.sinc(x)), x)


XP, FP = np.array([1.0, 2, 4, 5.5]), np.array([3.0, -1, 2, 7])


@pytest.mark.parametrize("x", [REALS * 3 + 3, INTS.reshape(4, 5), 2.5, SPECIAL, (1, 2, 3)])
def test_interp(x):
    check(lambda x, xp, fp: (np.interp(x, xp, fp), np.interp(x, xp, fp, left=-1, right=9.0)), x, XP, FP)
    check(lambda x, xp, fp: np.interp(x, xp, fp), x, XP, FP + 1j)


def test_interp_errors():
    f = njit(lambda x, xp, fp: np.interp(x, xp, fp))
    with pytest.raises(ValueError, match="fp and xp are not of the same length"):
        f(1.0, XP, FP[1:])
    with pytest.raises(ValueError, match="array of sample points is empty"):
        f(1.0, XP[:0], FP[:0])


def test_trapezoid_and_differences():
    for y in (REALS, INTS, (1, 2, 4.0), REALS.reshape(5, 6)):
        check(lambda y: (np.trapezoid(y), np.trapezoid(y, dx=0.5), np.ediff1d(y)), y)
    check(lambda y, x: np.trapezoid(y, x), REALS, np.sort(REALS))
    check(lambda y: np.ediff1d(y, to_end=np.array([1.0, 2]), to_begin=9), REALS)


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("m", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("n", [1, 4, 5])
def test_convolve(n, m, mode):
    def both(a, v):
        return np.convolve(a, v, mode=mode), np.correlate(a, v, mode=mode)

    check(both, REALS[:n], REALS[-m:] * (1 + 2j))


def test_convolve_errors():
    with pytest.raises(ValueError, match="v cannot be empty"):
        njit(lambda a, v: np.convolve(a, v))(XP, XP[:0])
    with pytest.raises(TypingError, match="mode must be one of"):
        njit(lambda a, v: np.convolve(a, v, mode="some"))(XP, XP)


@pytest.mark.parametrize("x", [SPECIAL, SPECIAL.astype(np.float32), SPECIAL + 1j, INTS, np.nan, np.inf, 3])
def test_nan_to_num(x):
    check(lambda x: (np.nan_to_num(x), np.nan_to_num(x, nan=3.0, posinf=5.0, neginf=-5.0)), x)


def test_nan_to_num_in_place():
    x = SPECIAL.copy()
    njit(lambda x: np.nan_to_num(x, copy=False))(x.T)
    same(x, np.nan_to_num(SPECIAL))


def test_unwrap():
    for x in (np.cumsum(REALS) * 3, np.linspace(0, 40, 9)):
        check(lambda x: (np.unwrap(x), np.unwrap(x, period=4.0)), x)


@pytest.mark.parametrize("x", [REALS.reshape(5, 6), INTS.reshape(4, 5), REALS.reshape(5, 6) * (1 + 2j)])
def test_covariance(x):
    check(lambda x: (np.cov(x), np.cov(x, rowvar=False, bias=True), np.corrcoef(x)), x)


def test_covariance_of_two_and_of_one():
    check(lambda x, y: np.cov(x, y, ddof=0), REALS, REALS**2)
    check(lambda x: (np.cov(x), np.corrcoef(x)), REALS)


@pytest.mark.core
def test_core():
    check(lambda x, y: (np.interp(x, x, y), np.bincount(y), np.convolve(x, y)), np.sort(REALS)[:20], INTS)


@pytest.mark.parametrize("fp", [REALS, REALS * (1 + 2j)], ids=["real", "complex"])
def test_interp_of_a_period_and_of_points_near_each_other(fp):
    xp = np.sort(RNG.random(30))

    def interpolate(x, xp, fp):
        return (
            np.interp(x, xp, fp),
            np.interp(x[::-1], xp, fp),
            np.interp(x[:5], xp, fp),
            np.interp(x * 3, xp, fp, period=0.7),
        )

    check(interpolate, np.linspace(-0.2, 1.2, 300), xp, fp)
    check(interpolate, RNG.random(300), xp, fp)
    check(interpolate, np.array([np.nan, 0.5, np.inf, -np.inf, xp[3], xp[-1], xp[0]]), xp, fp)


def test_covariance_of_nested_tuples():
    table = ((1.0, 2.0, 5.0), (1.0, 0.0, 7.0))
    for function in (np.cov, np.corrcoef):
        assert np.allclose(njit(lambda x: function(x))(table), function(table), rtol=1e-14)
        got = njit(lambda x: function(x, rowvar=False))(table)
        assert np.allclose(got, function(table, rowvar=False), rtol=1e-14, equal_nan=True)
    tiny = ((1e-100, 1e100), (1e100, 1e-100))
    assert np.allclose(njit(lambda x: np.corrcoef(x))(tiny), np.corrcoef(tiny), atol=1e-14)


def test_interp_of_few_points():
    rng = np.random.default_rng(0)
    compiled = njit(lambda x, xs, ys: np.interp(x, xs, ys))
    keys = np.array([0.0, 0.5, 1, 2, 2.5, 3, np.nan, np.inf, -np.inf, 9, 1.5, 1.75])
    for n in [1, 2, 3, 5, 9, 30] * 20:
        xs, ys = rng.choice([0.0, 1, 2, 3, np.inf, -1, 1.5], n), rng.choice([0.0, 1, np.nan, np.inf, 5], n)
        xs = np.sort(xs)
        for x in (rng.permutation(keys), np.sort(keys), np.tile(np.sort(keys), 4)):
            with np.errstate(all="ignore"):
                want = np.interp(x, xs, ys)
            assert np.array_equal(compiled(x, xs, ys), want, equal_nan=True)
