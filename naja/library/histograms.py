"""Counting: bincount, histogram, histogram_bin_edges, histogram2d, histogramdd."""

import numpy as np

from naja import _core, types
from naja.errors import TypingError
from naja.extending import overload
from naja.library import kinds, low
from naja.library.bin_rules import bins_by_rule
from naja.library.numerical import dtype_of, inexact_dtype
from naja.library.quantiles import result_dtype
from naja.library.written import written


@overload(np.bincount, prefer_literal=True)
def bincount(x, weights=None, minlength=0):
    """`numpy.bincount`."""
    if kinds.is_array(x) and x.ndim != 1:
        raise TypingError("object too deep for desired array: np.bincount takes one axis")
    if not isinstance(kinds.scalar_type(x), (types.Integer, types.Boolean)):
        raise TypingError(
            "Cannot cast array data to int64 according to the rule 'safe': np.bincount counts integers"
        )
    weighted = not kinds.is_none(weights)
    dtype = np.float64 if weighted else np.int64

    def length(run, minlength):
        if minlength < 0:
            raise ValueError("'minlength' must not be negative")
        n = np.int64(minlength)
        for i in range(len(run)):
            if run[i] < 0:
                raise ValueError("'list' argument must have no negative elements")
            n = max(n, np.int64(run[i]) + 1)
        return n

    if weighted:

        def bincount_weights(x, weights=None, minlength=0):
            run, w = np.asarray(x), np.asarray(weights)
            if len(run) != len(w):
                raise ValueError("The weights and list don't have the same length.")
            out = np.zeros(length(run, minlength), dtype)
            for i in range(len(run)):
                out[np.int64(run[i])] += w[i]
            return out

        return bincount_weights

    def bincount(x, weights=None, minlength=0):
        run = np.asarray(x)
        out = np.zeros(length(run, minlength), dtype)
        for i in range(len(run)):
            out[np.int64(run[i])] += 1
        return out

    return bincount


# ---- histogram ----------------------------------------------------------------------------------------------------


def _outer_edges(has_range):
    """Return a function of (a, range): first and last edge, as numpy.lib._histograms_impl finds them."""

    def outer_edges(a, range):
        if has_range:
            first, last = np.float64(range[0]), np.float64(range[1])
            if first > last:
                raise ValueError("max must be larger than min in range parameter.")
            if not (np.isfinite(first) and np.isfinite(last)):
                low.value_error("supplied range of [%g, %g] is not finite", first, last)
        elif a.size == 0:
            first, last = 0.0, 1.0
        else:
            first, last = np.float64(a.min()), np.float64(a.max())
            if not (np.isfinite(first) and np.isfinite(last)):
                low.value_error("autodetected range of [%g, %g] is not finite", first, last)
        if first == last:
            return first - 0.5, last + 0.5
        return first, last

    return outer_edges


builtins_range = range  # np.histogram has an argument of this name


def _is_rule(bins):
    """Whether bins are named by a rule ("auto", "fd")."""
    return isinstance(kinds.plain(bins), (types.UnicodeType, str))


def _check_real(a, what):
    if kinds.is_complex(kinds.scalar_type(a)):
        raise TypingError(f"{what}: complex numbers have no order; count their real parts, or magnitudes")


def _counted_by_rule(a, bins, range_, weights, what):
    """Return a function of (a, range): the number of bins that a rule gives; None: it is known at run time only."""
    if not kinds.is_known(bins):
        return None
    if not kinds.is_none(weights):
        raise TypeError("Automated estimation of the number of bins is not supported for weighted data")
    rule = kinds.value(bins, f"{what}: bins")
    return bins_by_rule(rule, a, _outer_edges(not kinds.is_none(range_)), not kinds.is_none(range_))


def _edges_dtype(a, range_):
    """The dtype of equal edges: that of floating data, and of a range in an array, else float64."""
    return inexact_dtype(a, range_) if kinds.is_array(range_) else result_dtype(a)


def _check_edges(edges):
    for i in range(1, len(edges)):
        if edges[i - 1] > edges[i]:
            raise ValueError("`bins` must increase monotonically, when an array")


def _find_bins(weighted):
    """Return a function of (a, weights, first, last, edges, out) that counts into equal bins.

    As in NumPy, the bin is computed and then corrected by one where rounding put a value on the wrong side of an edge.
    """

    def count(a, weights, first, last, edges, out):
        n = len(out)
        norm = n / (last - first)
        for i in range(len(a)):
            x = np.float64(a[i])
            if x >= first and x <= last:
                k = np.int64((x - first) * norm)
                if k >= n:
                    k = n - 1
                if x < edges[k]:
                    k -= 1
                elif k != n - 1 and x >= edges[k + 1]:
                    k += 1
                if weighted:
                    out[k] += weights[i]
                else:
                    out[k] += 1

    return count


def _count_between(weighted):
    """Return a function of (a, weights, edges, out) that counts between edges by binary search."""

    def count(a, weights, edges, out):
        n = len(out)
        for i in range(len(a)):
            x = a[i]
            if x >= edges[0] and x <= edges[n]:
                first, last = 0, n
                while first < last:
                    middle = first + ((last - first + 1) >> 1)
                    if edges[middle] <= x:
                        first = middle
                    else:
                        last = middle - 1
                k = min(first, n - 1)
                if weighted:
                    out[k] += weights[i]
                else:
                    out[k] += 1

    return count


def _as_density(counts, edges):
    out = np.empty(len(counts), np.float64)
    total = counts.sum()
    for i in range(len(counts)):
        out[i] = counts[i] / (edges[i + 1] - edges[i]) / total
    return out


def _equal_edges(a, range_):
    """Return a function of (a, bins, range): the edges of so many equal bins."""
    dtype = _edges_dtype(a, range_)
    kind = dtype if kinds.is_none(range_) else np.float64  # what the edges are computed in
    outer_edges = _outer_edges(not kinds.is_none(range_))

    def equal_edges(a, bins, range):
        outer = outer_edges(a, range)
        first, last = kind(outer[0]), kind(outer[1])
        edges = np.empty(bins + 1, dtype)
        step = kind(kind(last - first) / kind(bins))
        for i in builtins_range(bins):
            edges[i] = kind(kind(i) * step) + first
        edges[bins] = last if bins else first
        for i in builtins_range(bins):
            if not edges[i] < edges[i + 1]:
                low.value_error("Too many bins for data range. Cannot create %d finite-sized bins.", bins, 0)
        return edges

    return equal_edges


def _edges_of(a, bins, range_):
    """Return a function of (a, bins, range): the edges."""
    if kinds.is_number(bins):
        if not kinds.is_integer(bins):
            raise TypingError("`bins` must be an integer, a string, or an array")
        equal = _equal_edges(a, range_)

        def checked_edges(a, bins, range):
            if bins < 1:
                raise ValueError("`bins` must be positive, when an integer")
            return equal(a, bins, range)

        return checked_edges

    def given_edges(a, bins, range):
        edges = np.asarray(bins)
        _check_edges(edges)
        return edges

    return given_edges


@overload(np.histogram_bin_edges, prefer_literal=True)
def histogram_bin_edges(a, bins=10, range=None, weights=None):
    """`numpy.histogram_bin_edges`."""
    _check_real(a, "np.histogram_bin_edges")
    if _is_rule(bins):
        count = _counted_by_rule(a, bins, range, weights, "np.histogram_bin_edges")

        edges_of_rule = _equal_edges(a, range)

        def edges_by_rule(a, bins=10, range=None, weights=None):
            values = np.ravel(np.asarray(a))
            return edges_of_rule(values, count(values, range), range)

        return count and edges_by_rule
    edges_of = _edges_of(a, bins, range)

    def histogram_bin_edges(a, bins=10, range=None, weights=None):
        return edges_of(np.asarray(a), bins, range)

    return histogram_bin_edges


@overload(np.histogram, prefer_literal=True)
def histogram(a, bins=10, range=None, density=None, weights=None):
    """`numpy.histogram`."""
    _check_real(a, "np.histogram")
    is_density = bool(kinds.value(density, "np.histogram: density"))
    if _is_rule(bins):
        count = _counted_by_rule(a, bins, range, weights, "np.histogram")

        def histogram_by_rule(a, bins=10, range=None, density=None, weights=None):
            values = np.ravel(np.asarray(a))
            return np.histogram(values, count(values, range), range, is_density)

        return count and histogram_by_rule
    weighted = not kinds.is_none(weights)
    edges_of = _edges_of(a, bins, range)
    dtype = _core.type_dtype(kinds.scalar_type(weights)).type if weighted else np.int64
    equal = kinds.is_number(bins)
    find, between = _find_bins(weighted), _count_between(weighted)
    finish = _as_density if is_density else lambda counts, edges: counts
    ravel_weights = (lambda w: np.ravel(np.asarray(w))) if weighted else lambda w: w

    def histogram(a, bins=10, range=None, density=None, weights=None):
        values, w = np.ravel(np.asarray(a)), ravel_weights(weights)
        if weighted:
            if len(w) != len(values):
                raise ValueError("weights should have the same shape as a.")
        edges = edges_of(values, bins, range)
        counts = np.zeros(max(len(edges) - 1, 0), dtype)
        if equal:
            find(values, w, np.float64(edges[0]), np.float64(edges[-1]), edges, counts)
        elif len(counts):
            between(values, w, edges, counts)
        return finish(counts, edges), edges

    return histogram


# ---- several dimensions ---------------------------------------------------------------------------------------------


def _edges_along(bins, range_, i, dtype):
    """Return a function of (column, bins, range) that gives the edges of dimension i; `dtype`: the columns'."""
    if kinds.is_number(bins):
        if not kinds.is_integer(bins):
            raise TypingError(f"`bins[{i}]` must be an integer, when a scalar")
        outer_edges = _outer_edges(not kinds.is_none(range_))
        kind = dtype if kinds.is_none(range_) else np.float64
        message = f"`bins[{i}]` must be positive, when an integer"

        def equal_edges(column, bins, range):
            if bins < 1:
                raise ValueError(message)
            first, last = outer_edges(column, range)
            return np.linspace(kind(first), kind(last), bins + 1)

        return equal_edges
    message = f"`bins[{i}]` must be monotonically increasing, when an array"

    def given_edges(column, bins, range):
        edges = np.asarray(bins)
        for i in builtins_range(1, len(edges)):
            if edges[i - 1] > edges[i]:
                raise ValueError(message)
        return edges

    return given_edges


def _column(dtype, bins, *arrays):
    """Return a function that has integers compared with edges as floats, as NumPy does unless these are integers."""
    is_inexact = all(issubclass(dtype_of(t), np.inexact) for t in arrays)
    is_exact = kinds.ndim_of(bins) == 1 and all(issubclass(dtype_of(t), np.integer) for t in (bins, *arrays))
    return (lambda c: c) if is_inexact or is_exact else lambda c: c.astype(dtype)


def _joint_text(n, density, weighted):
    """The text that counts columns c0, c1, ... between edges e0, e1, ... into `counts`."""
    dims = range(n)
    lines = [f"    n{i} = np.searchsorted(e{i}, c{i}, 'right')" for i in dims]
    lines += [
        f"    counts = np.zeros(({''.join(f'len(e{i}) - 1, ' for i in dims)}))",
        "    for k in each(len(c0)):",
    ]
    # a value on the last edge belongs to the last bin
    lines += [f"        i{i} = n{i}[k] - (2 if c{i}[k] == e{i}[-1] else 1)" for i in dims]
    inside = " and ".join(f"0 <= i{i} < len(e{i}) - 1" for i in dims)
    place = ", ".join(f"i{i}" for i in dims)
    lines += [f"        if {inside}:", f"            counts[{place}] += {'w[k]' if weighted else '1'}"]
    if density:
        lines.append("    total = counts.sum()")
        for i in dims:
            shape = "1, " * i + "-1, " + "1, " * (n - 1 - i)
            lines.append(f"    counts = counts / np.diff(e{i}).reshape(({shape}))")
        lines.append("    counts = counts / total")
    return "\n".join(lines) + "\n"


def _joint(n, sample, bins, ranges, density, weights):
    """Return the text of a histogram of n dimensions, and what it refers to; `sample`, `bins`, `ranges`: text, by dimension."""
    weighted = not kinds.is_none(weights)
    text = "".join(
        f"    c{i} = column{i}({sample[i]})\n    e{i} = edges{i}(c{i}, {bins[i]}, {ranges[i]})\n"
        for i in range(n)
    )
    if weighted:
        text += "    w = np.ravel(np.asarray(weights))\n    if len(w) != len(c0):\n"
        text += '        raise ValueError("The weights and list don\'t have the same length.")\n'
    return text + _joint_text(n, bool(kinds.value(density, "density")), weighted)


_WRONG_BINS = "The dimension of bins must be equal to the dimension of the sample x."


def _ranges(t, n):
    """Types and texts of the ranges of n dimensions."""
    if kinds.is_none(t):
        return [None] * n, ["None"] * n
    if isinstance(t, types.BaseTuple) and len(t) != n:
        raise TypingError("range argument must have one entry per dimension")
    items = list(t) if isinstance(t, types.BaseTuple) else [t] * n
    return items, [f"range[{i}]" for i in range(n)]


@overload(np.histogramdd, prefer_literal=True)
def histogramdd(sample, bins=10, range=None, density=None, weights=None):
    """`numpy.histogramdd`: the number of dimensions must show in the type of the sample or of the bins."""
    if isinstance(sample, types.BaseTuple):
        n = len(sample)
        columns = [f"np.asarray(sample[{i}])" for i in builtins_range(n)]
    elif kinds.is_array(sample, 2) and isinstance(bins, types.BaseTuple):
        n = len(bins)
        columns = [f"sample[:, {i}]" for i in builtins_range(n)]
    else:
        raise TypingError(
            "np.histogramdd: the number of dimensions must be known at compile time: give bins as a tuple with an item for "
            "each, or the sample as a tuple of columns"
        )
    each = list(bins) if isinstance(bins, types.BaseTuple) else [bins] * n
    dtype = inexact_dtype(sample)
    _check_real(sample, "np.histogramdd")
    if len(each) != n:
        raise TypingError(_WRONG_BINS)
    range_types, range_texts = _ranges(range, n)
    bin_texts = [f"bins[{i}]" if isinstance(bins, types.BaseTuple) else "bins" for i in builtins_range(n)]
    check = f"    if sample.shape[1] != {n}:\n        raise ValueError({_WRONG_BINS!r})\n"
    text = _joint(n, columns, bin_texts, range_texts, density, weights)
    edges = ", ".join(f"e{i}" for i in builtins_range(n))
    return written(
        __name__,
        "def f(sample, bins=10, range=None, density=None, weights=None):\n"
        f"{check if kinds.is_array(sample) else ''}{text}    return counts, [{edges}]\n",
        each=builtins_range,
        **{f"column{i}": _column(dtype, each[i], sample) for i in builtins_range(n)},
        **{f"edges{i}": _edges_along(each[i], range_types[i], i, dtype) for i in builtins_range(n)},
    )


_FEW_EDGES = (
    "    if len(bins) < 3:\n"
    "        raise ValueError('np.histogram2d: in compiled code numbers of bins are a tuple, and an array is of 3 or more edges')\n"
)


@overload(np.histogram2d, prefer_literal=True)
def histogram2d(x, y, bins=10, range=None, density=None, weights=None):
    """`numpy.histogram2d`."""
    pair = isinstance(bins, types.BaseTuple) and len(bins) == 2
    each, texts = (list(bins), ["bins[0]", "bins[1]"]) if pair else ([bins, bins], ["bins", "bins"])
    range_types, range_texts = _ranges(range, 2)
    dtype = inexact_dtype(x, y)
    _check_real(x, "np.histogram2d")
    _check_real(y, "np.histogram2d")
    text = _joint(2, ["np.asarray(x)", "np.asarray(y)"], texts, range_texts, density, weights)
    return written(
        __name__,
        "def f(x, y, bins=10, range=None, density=None, weights=None):\n"
        "    if len(x) != len(y):\n        raise ValueError('x and y must have the same length.')\n"
        + ("" if not kinds.is_array(bins) else _FEW_EDGES)
        + f"{text}    return counts, e0, e1\n",
        each=builtins_range,
        **{f"column{i}": _column(dtype, each[i], x, y) for i in (0, 1)},
        **{f"edges{i}": _edges_along(each[i], range_types[i], i, dtype) for i in (0, 1)},
    )
