"""How many equal bins a histogram has by the rules that `numpy.histogram_bin_edges` documents ("auto", "fd", ...).

A rule gives the width of a bin; the count is how many of these cover the range.
"""

import numpy as np

from naja import _core, types
from naja.library import kinds
from naja.library.quantiles import result_dtype


def _span_of(element):
    """Return a function of (x): the distance of its extremes; that of integers does not overflow."""
    if isinstance(element, types.Float):
        kind = result_dtype(element)
        return lambda x: kind(x.max() - x.min())
    return lambda x: np.float64(np.uint64(x.max()) - np.uint64(x.min()))


def _least_risk(span, range_of):
    """Stone's rule: the number of bins with the least estimated risk of cross-validation."""

    def stone(x, range):
        n, reach = x.size, span(x)
        if n <= 1 or reach == 0:
            return 0.0
        most = max(100, int(np.sqrt(n)))
        best, least = 1, np.inf
        for bins in builtins_range(1, most + 1):
            share = np.histogram(x, bins, range_of(x, range))[0] / n
            risk = (2 - (n + 1) * np.dot(share, share)) / (reach / bins)
            if risk < least:
                best, least = bins, risk
        return np.float64(reach / best)

    return stone


builtins_range = range


def _width(rule, element, range_of):
    """Return a function of (x, range): the width of bins by this rule; 0: one bin."""
    span, kind = _span_of(element), result_dtype(element)

    def sturges(x, range):
        return np.float64(span(x) / (np.log2(x.size) + 1.0))

    def root(x, range):
        return np.float64(span(x) / np.sqrt(x.size))

    def rice(x, range):
        return np.float64(span(x) / kind(2.0 * x.size ** (1.0 / 3)))

    def scott(x, range):
        return np.float64(kind((24.0 * np.pi**0.5 / x.size) ** (1.0 / 3.0)) * kind(np.std(x)))

    def freedman_diaconis(x, range):
        quartiles = np.percentile(x, (75, 25))
        iqr = kind(quartiles[0] - quartiles[1])
        return np.float64(kind(kind(2.0) * iqr) * kind(x.size ** (-1.0 / 3.0)))

    def doane(x, range):
        n = x.size
        if n <= 2:
            return 0.0
        skew = np.sqrt(6.0 * (n - 2) / ((n + 1.0) * (n + 3)))
        sigma = np.std(x)
        if not sigma > 0.0:
            return 0.0
        third = np.mean(((x - np.mean(x)) / sigma) ** 3)
        return np.float64(span(x) / (1.0 + np.log2(n) + np.log2(1.0 + abs(third) / skew)))

    def auto(x, range):
        fd, plain = freedman_diaconis(x, range), sturges(x, range)
        fd = max(fd, root(x, range) / 2)
        return min(fd, plain) if fd else plain

    rules = {
        "auto": auto,
        "doane": doane,
        "fd": freedman_diaconis,
        "rice": rice,
        "scott": scott,
        "sqrt": root,
        "stone": _least_risk(span, range_of),
        "sturges": sturges,
    }
    if rule not in rules:
        raise ValueError(f"{rule!r} is not a valid estimator for `bins`")
    return rules[rule]


def bins_by_rule(rule, a, outer_edges, has_range):
    """Return a function of (values, range) that gives a number of bins.

    Parameters
    ----------
    rule : str
        As `numpy.histogram_bin_edges` names it.
    a : Type
        Of what is counted; `values` are its elements in an array of one axis.
    outer_edges : function
        Of (values, range): the first and the last edge.
    has_range : bool
        Whether there is a range, outside of which values do not count.

    Raises
    ------
    ValueError
        If there is no such rule.
    """
    element = kinds.scalar_type(a)
    if isinstance(element, types.Boolean):
        element = types.uint8
    kind, dtype = result_dtype(element), _core.type_dtype(element).type
    integer = isinstance(element, types.Integer)
    width_of = _width(rule, element, (lambda x, range: range) if has_range else _own_range(outer_edges))
    inside = _inside if has_range else (lambda x, first, last: x)

    def count(values, range):
        first, last = outer_edges(values, range)
        x = inside(values.astype(dtype), first, last)
        if x.size == 0:
            return 1
        width = width_of(x, range)
        if not width:
            return 1
        if integer:
            width = max(width, 1.0)
        return int(np.ceil(kind(kind(last) - kind(first)) / width))

    return count


def _own_range(outer_edges):
    return lambda x, range: outer_edges(x, None)


def _inside(x, first, last):
    return x[(x >= first) & (x <= last)]
