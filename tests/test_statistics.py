"""Python's module statistics in compiled code: the same numbers, as floats."""

import math
import random
import statistics

import numpy as np
import pytest

from naja import njit

DATA = [
    [1.0, 2.5, 4.0, 7.0],
    [3, 1, 2, 2],
    [0.1] * 10,
    [1e300, 1e300, -1e300],
    [1e8 + 0.1, 1e8 + 0.2, 1e8 + 0.4],
    [math.inf, 1.0],
    [5.0, 5.0],
    list(np.random.default_rng(1).normal(size=101)),
]


def functions():
    return {
        "mean": lambda x: statistics.mean(x),
        "fmean": lambda x: statistics.fmean(x),
        "median": lambda x: statistics.median(x),
        "median_low": lambda x: statistics.median_low(x),
        "median_high": lambda x: statistics.median_high(x),
        "mode": lambda x: statistics.mode(x),
        "multimode": lambda x: statistics.multimode(x),
        "quantiles": lambda x: statistics.quantiles(x),
        "deciles": lambda x: statistics.quantiles(x, n=10, method="inclusive"),
    }


def spreads():
    return {
        "stdev": lambda x: statistics.stdev(x),
        "pstdev": lambda x: statistics.pstdev(x),
        "variance": lambda x: statistics.variance(x),
        "pvariance": lambda x: statistics.pvariance(x),
        "about": lambda x: statistics.pvariance(x, 2.0),
        "geometric": lambda x: statistics.geometric_mean([abs(v) + 1 for v in x]),
        "harmonic": lambda x: statistics.harmonic_mean([abs(v) + 1 for v in x]),
    }


def outcome(f, x):
    try:
        return f(x)
    except statistics.StatisticsError as error:
        return str(error)


@pytest.mark.parametrize("name", functions())
def test_location(name):
    f = functions()[name]
    compiled = njit(f)
    for x in DATA:
        assert compiled(x) == f(x) or math.isnan(f(x))
    empty = [1.0]
    empty.pop()
    g = njit(lambda x: f.__wrapped__(x)) if hasattr(f, "__wrapped__") else compiled
    assert outcome(g, np.zeros(0)) == outcome(f, [])


@pytest.mark.parametrize("name", spreads())
def test_spread(name):
    f = spreads()[name]
    compiled = njit(f)
    for x in DATA:
        if all(map(math.isfinite, x)) and max(x) < 1e200:
            assert compiled(x) == pytest.approx(f(x), rel=4e-15, abs=0)
    if name not in ("geometric", "harmonic", "about"):
        assert outcome(compiled, np.zeros(0)) == outcome(f, [])


def test_mean_is_rounded_once():
    """Of sums that no float holds, too."""
    draw = random.Random(3)
    f = njit(lambda x: statistics.mean(x))
    for _ in range(300):
        x = [draw.uniform(-1, 1) * 10 ** draw.randint(-8, 8) for _ in range(draw.randint(1, 9))]
        assert f(x) == statistics.mean(x)


def test_two_sets_of_data():
    def f(x, y):
        fit = statistics.linear_regression(x, y)
        through = statistics.linear_regression(x, y, proportional=True)
        return (statistics.covariance(x, y), statistics.correlation(x, y), fit.slope, fit.intercept, through.slope,
                statistics.fmean(x, weights=y))  # fmt: skip

    x, y = [1.0, 2.0, 4.0, 8.0], [2.0, 3.0, 5.5, 11.0]
    assert njit(f)(x, y) == pytest.approx(f(x, y), rel=1e-14)
    with pytest.raises(statistics.StatisticsError, match="same number of data points"):
        njit(f)(x, y[:3])
    with pytest.raises(statistics.StatisticsError, match="constant"):
        njit(lambda x, y: statistics.correlation(x, y))([1.0, 1.0], [1.0, 2.0])


def test_modes_of_strings():
    f = njit(lambda x: (statistics.mode(x), statistics.multimode(x)))
    assert f(["b", "a", "b", "a"]) == ("b", ["b", "a"])
