"""Functions of Python's module statistics, of floats.

Python's own compute with ratios of big integers and round once.  Here sums are exact (the partial sums of `math.fsum`), so
a mean is the same but for rare cases of half a bit; variances, whose squares are rounded, agree to the last bits.  A mean of
integers is a float, also where Python gives an integer.
"""

import math
import statistics
from statistics import StatisticsError

from naja import types
from naja.errors import TypingError
from naja.extending import overload
from naja.library import kinds, low


def _floats(data):
    return [float(x) for x in data]


def _check(values, least, message):
    if len(values) < least:
        raise StatisticsError(message)


def _exact_mean(values):
    """The exact sum, divided and rounded once more where the first quotient leaves something."""
    n = float(len(values))
    total = math.fsum(values)
    if not math.isfinite(total):
        return total / n
    quotient = total / n
    rest = [x for x in values]
    rest.append(-total)
    low_part = math.fsum(rest)
    # total - quotient * n without rounding: both halves of the quotient have exact products.
    high = quotient * 134217729.0
    high = high - (high - quotient)
    if not math.isfinite(high):
        return quotient
    left = ((total - high * n) - (quotient - high) * n) + low_part
    return quotient + left / n


def _squares(values, centre):
    """The sum of the squares of the distances from a value."""
    return math.fsum([(x - centre) * (x - centre) for x in values])


def _squares_about_mean(values):
    """The mean is rounded: the distances from it have a sum, which is accounted for."""
    mean = _exact_mean(values)
    rest = math.fsum([x - mean for x in values])
    return _squares(values, mean) - rest * rest / len(values)


def _check_values(data, name):
    element = getattr(data, "dtype", None)
    if isinstance(kinds.plain(element), types.UnicodeType) or kinds.is_complex(element):
        raise TypingError(f"statistics.{name} takes numbers, not {data}")


@overload(statistics.mean)
def _mean(data):
    _check_values(data, "mean")

    def mean(data):
        values = _floats(data)
        _check(values, 1, "mean requires at least one data point")
        return _exact_mean(values)

    return mean


@overload(statistics.fmean)
def _fmean(data, weights=None):
    _check_values(data, "fmean")
    if kinds.is_none(weights):

        def fmean(data, weights=None):
            values = _floats(data)
            _check(values, 1, "fmean requires at least one data point")
            return math.fsum(values) / len(values)

        return fmean

    def weighted(data, weights=None):
        values, shares = _floats(data), _floats(weights)
        if len(values) != len(shares):
            raise StatisticsError("data and weights must be the same length")
        total = math.fsum(shares)
        if total == 0.0:
            raise StatisticsError("sum of weights must be non-zero")
        return math.fsum([values[i] * shares[i] for i in range(len(values))]) / total

    return weighted


@overload(statistics.geometric_mean)
def _geometric_mean(data):
    _check_values(data, "geometric_mean")

    def geometric_mean(data):
        values = _floats(data)
        for x in values:
            if x <= 0.0:
                raise StatisticsError(
                    "geometric mean requires a non-empty dataset containing positive numbers"
                )
        _check(values, 1, "geometric mean requires a non-empty dataset containing positive numbers")
        return math.exp(math.fsum([math.log(x) for x in values]) / len(values))

    return geometric_mean


@overload(statistics.harmonic_mean)
def _harmonic_mean(data, weights=None):
    _check_values(data, "harmonic_mean")
    if not kinds.is_none(weights):
        raise TypingError("statistics.harmonic_mean: weights is not supported in compiled code")

    def harmonic_mean(data, weights=None):
        values = _floats(data)
        _check(values, 1, "harmonic_mean requires at least one data point")
        for x in values:
            if x < 0.0:
                raise StatisticsError("harmonic mean does not support negative values")
        for x in values:
            if x == 0.0:
                return 0.0
        return len(values) / math.fsum([1.0 / x for x in values])

    return harmonic_mean


def _register_medians():
    """median_low, median_high and median of whatever can be sorted."""

    @overload(statistics.median_low)
    def median_low(data):
        def pick(data):
            values = sorted(data)
            if len(values) == 0:
                raise StatisticsError("no median for empty data")
            return values[(len(values) - 1) // 2]

        return pick

    @overload(statistics.median_high)
    def median_high(data):
        def pick(data):
            values = sorted(data)
            if len(values) == 0:
                raise StatisticsError("no median for empty data")
            return values[len(values) // 2]

        return pick

    @overload(statistics.median)
    def median(data):
        def between(data):
            values = sorted(data)
            n = len(values)
            if n == 0:
                raise StatisticsError("no median for empty data")
            return float(values[n // 2]) if n % 2 else (values[n // 2 - 1] + values[n // 2]) / 2

        return between


_register_medians()


def _counted(data):
    counts = {}
    for x in data:
        counts[x] = counts.get(x, 0) + 1
    return counts


@overload(statistics.mode)
def _mode(data):
    def mode(data):
        counts = _counted(data)
        if len(counts) == 0:
            raise StatisticsError("no mode for empty data")
        most = max(counts.values())
        return next(x for x, n in counts.items() if n == most)

    return mode


@overload(statistics.multimode)
def _multimode(data):
    def multimode(data):
        counts = _counted(data)
        most = max(counts.values(), default=0)
        return [x for x, n in counts.items() if n == most]

    return multimode


_squares_about = low.by_type("squares_about")


@overload(_squares_about)
def _squares_about_any(centre, values):
    if kinds.is_none(centre):
        return lambda centre, values: _squares_about_mean(values)
    return lambda centre, values: _squares(values, float(centre))


def _spread(name, parameter, least, take_root):
    """Register variance, pvariance, stdev or pstdev; the first two of a sample divide by one less."""
    message = f"{name} requires at least {'two data points' if least == 2 else 'one data point'}"

    def of(data, centre):
        values = _floats(data)
        _check(values, least, message)
        result = _squares_about(centre, values) / (len(values) - (least - 1))
        return math.sqrt(result) if take_root else result

    function = getattr(statistics, name)
    scope = {
        "overload": overload,
        "function": function,
        "of": of,
        "check": _check_values,
        "__name__": __name__,
    }
    text = (
        f"@overload(function)\ndef choose(data, {parameter}=None):\n    check(data, {name!r})\n"
        f"    return lambda data, {parameter}=None: of(data, {parameter})"
    )
    exec(text, scope)


_spread("variance", "xbar", 2, False)
_spread("pvariance", "mu", 1, False)
_spread("stdev", "xbar", 2, True)
_spread("pstdev", "mu", 1, True)


@overload(statistics.quantiles)
def _quantiles(data, n=4, method="exclusive"):
    _check_values(data, "quantiles")

    def quantiles(data, n=4, method="exclusive"):
        if n < 1:
            raise StatisticsError("n must be at least 1")
        values = sorted(_floats(data))
        size = len(values)
        if size < 2:
            raise StatisticsError("must have at least two data points")
        result = [0.0]
        result.clear()
        if method == "inclusive":
            m = size - 1
            for i in range(1, n):
                j, delta = divmod(i * m, n)
                result.append((values[j] * (n - delta) + values[j + 1] * delta) / n)
            return result
        if method != "exclusive":
            raise ValueError("Unknown method: " + repr(method))
        m = size + 1
        for i in range(1, n):
            j = i * m // n
            j = 1 if j < 1 else size - 1 if j > size - 1 else j
            delta = i * m - j * n
            result.append((values[j - 1] * (n - delta) + values[j] * delta) / n)
        return result

    return quantiles


def _centred(x, y, name):
    """Both data sets as distances from their means."""
    xs, ys = _floats(x), _floats(y)
    if len(xs) != len(ys):
        raise StatisticsError(name + " requires that both inputs have same number of data points")
    _check(xs, 2, name + " requires at least two data points")
    xmean, ymean = math.fsum(xs) / len(xs), math.fsum(ys) / len(ys)
    return [a - xmean for a in xs], [b - ymean for b in ys], xmean, ymean


def _products(a, b):
    return math.fsum([a[i] * b[i] for i in range(len(a))])


@overload(statistics.covariance)
def _covariance(x, y):
    def covariance(x, y):
        xs, ys, _, _ = _centred(x, y, "covariance")
        return _products(xs, ys) / (len(xs) - 1)

    return covariance


@overload(statistics.correlation)
def _correlation(x, y):
    def correlation(x, y):
        xs, ys, _, _ = _centred(x, y, "correlation")
        square = _products(xs, xs) * _products(ys, ys)
        if square == 0.0:
            raise StatisticsError("at least one of the inputs is constant")
        return _products(xs, ys) / math.sqrt(square)

    return correlation


@overload(statistics.linear_regression, prefer_literal=True)
def _linear_regression(x, y, proportional=False):
    through_origin = kinds.value(proportional, "statistics.linear_regression: proportional")
    result = statistics.LinearRegression

    def fit(x, y, proportional=False):
        xs, ys, xmean, ymean = _centred(x, y, "linear regression")
        if through_origin:
            xs, ys = _floats(x), _floats(y)
        square = _products(xs, xs)
        if square == 0.0:
            raise StatisticsError("x is constant")
        slope = _products(xs, ys) / square
        return result(slope, 0.0 if through_origin else ymean - slope * xmean)

    return fit
