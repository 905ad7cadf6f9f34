"""Samples of a population and vectors of numbers: choice, permuted, multinomial, dirichlet and the multivariate methods.

Generator's algorithms, which are not RandomState's, are those of numpy/random/_generator.pyx: samples without replacement
are Floyd's (Bentley and Floyd, "A sample of brilliance", 1987) or the tail of a shuffle, whichever NumPy takes.
"""

import numpy as np

from naja import types
from naja.errors import TypingError
from naja.extending import overload_method
from naja.library import kinds
from naja.library import low as raw
from naja.library.distributions import check_size
from naja.library.random_numpy import (
    _check_probabilities,
    _check_run,
    _count_outcomes,
    _rows_of,
    checked_weights,
)
from naja.library.written import written

_RNG = types.NumPyRandomGeneratorType
_FREE = np.uint64(0xFFFFFFFFFFFFFFFF)  # of a slot of Floyd's hash set


def _write(text, **names):
    return written(__name__, text, **names)


# ---- choice ----------------------------------------------------------------------------------------------------------


def _order(source, index, first):
    """Shuffle all places from `first` on, as NumPy's _shuffle_int does."""
    for i in range(len(index) - 1, first - 1, -1):
        j = raw.random_integer(source, False, np.uint64(i), np.int64)
        index[i], index[j] = index[j], index[i]


def _mask_over(n):
    mask = np.uint64(n)
    for shift in (1, 2, 4, 8, 16, 32):
        mask |= mask >> np.uint64(shift)
    return mask


def _floyd(source, n, out, shuffle):
    """Different numbers below n, by Floyd's method with a hash set of at least 1.2 times as many slots."""
    size = len(out)
    mask = _mask_over(np.int64(1.2 * size))
    slots = np.full(np.int64(mask) + 1, _FREE)
    for j in range(n - size, n):
        x = np.uint64(raw.random_integer(source, False, np.uint64(j), np.int64))
        at = np.int64(x & mask)
        while slots[at] != _FREE and slots[at] != x:
            at = np.int64(np.uint64(at + 1) & mask)
        if slots[at] != _FREE:  # has been drawn: take j, which cannot have been
            x = np.uint64(j)
            at = np.int64(x & mask)
            while slots[at] != _FREE:
                at = np.int64(np.uint64(at + 1) & mask)
        slots[at] = x
        out[j - n + size] = np.int64(x)
    if shuffle:
        _order(source, out, 1)


def _pick_different(source, n, out, shuffle):
    size = len(out)
    if size > n:
        raise ValueError("Cannot take a larger sample than population when replace is False")
    if n > 10000 and size > n // (50 if shuffle else 20):
        index = np.arange(n)
        _order(source, index, max(n - size, 1))
        out[:] = index[n - size :]
    else:
        _floyd(source, n, out, shuffle)


def _summed(weight):
    cdf = np.cumsum(weight)
    cdf /= cdf[-1]
    return cdf


def _pick_weighted(source, n, p, out, replace):
    weight = checked_weights(n, p)
    if replace:
        x = np.empty(len(out), np.float64)
        raw.random_fill(source, "uniform01", x)
        out[:] = np.searchsorted(_summed(weight), x, side="right")
        return
    if len(out) > n:
        raise ValueError("Cannot take a larger sample than population when replace is False")
    if np.count_nonzero(weight > 0) < len(out):
        raise ValueError("Fewer non-zero entries in p than size")
    done = 0
    while done < len(out):
        x = np.empty(len(out) - done, np.float64)
        raw.random_fill(source, "uniform01", x)
        for i in range(done):
            weight[out[i]] = 0.0
        taken = np.zeros(n, np.bool_)
        for k in np.searchsorted(_summed(weight), x, side="right"):
            if not taken[k]:
                taken[k] = True
                out[done] = k
                done += 1


def _picker(p):
    """A function (source, n, replace, p, shuffle, out) that fills a run of indices below n."""
    if not kinds.is_none(p):
        _check_run(p, "p", "Generator.choice")
        return lambda source, n, replace, p, shuffle, out: _pick_weighted(source, n, p, out, replace)

    def pick(source, n, replace, p, shuffle, out):
        if not replace:
            _pick_different(source, n, out, shuffle)
        elif len(out):
            raw.random_integers(source, False, 0, np.uint64(n - 1), out)

    return pick


@overload_method(_RNG, "choice", prefer_literal=True)
def choice(self, a, size=None, replace=True, p=None, axis=0, shuffle=True):
    """`numpy.random.Generator.choice`."""
    if isinstance(a, (types.BaseTuple, types.List)):
        return lambda self, a, size=None, replace=True, p=None, axis=0, shuffle=True: self.choice(
            np.asarray(a), size, replace, p, axis, shuffle
        )
    is_single, draw = check_size(size, "Generator.choice"), _picker(p)
    if kinds.is_integer(a):
        population, picked = "a", "index"
        words = "a must be a positive integer unless no samples are taken"
    elif kinds.is_array(a) and a.ndim:
        k = kinds.axis_of(axis, a.ndim, "Generator.choice")
        population, picked = f"a.shape[{k}]", f"np.take(a, index, {k})"
        words = "a cannot be empty unless no samples are taken"
    else:
        raise TypingError(
            f"Generator.choice: Argument a is not one of the expected type(s): an integer or an array, but of type {a}"
        )
    if is_single:
        picked = picked.replace("index", "index[0]")
    shape = "1" if is_single else "size"
    back = "index = index.reshape(whole.shape)" if not is_single else "pass"
    return _write(
        "def f(self, a, size=None, replace=True, p=None, axis=0, shuffle=True):\n"
        f"    whole, n = np.empty({shape}, np.int64), {population}\n"
        "    if n <= 0 and whole.size:\n"
        "        raise ValueError(words)\n"
        "    index = whole.reshape(whole.size)\n"
        "    draw(source_of(self), n, replace, p, shuffle, index)\n"
        f"    {back}\n"
        f"    return {picked}\n",
        words=words,
        draw=draw,
        source_of=raw.random_of,
    )


# ---- permuted --------------------------------------------------------------------------------------------------------


def _shuffle_run(source, run):
    for i in range(len(run) - 1, 0, -1):
        j = raw.random_draw(source, "interval", i)
        item = run[i]
        run[i] = run[j]
        run[j] = item


@overload_method(_RNG, "permuted", prefer_literal=True)
def permuted(self, x, axis=None, out=None):
    """`numpy.random.Generator.permuted`: every run along an axis by itself."""
    if kinds.is_sequence(x):
        return lambda self, x, axis=None, out=None: self.permuted(np.asarray(x), axis, out=out)
    if not kinds.is_array(x) or x.ndim == 0:
        return None
    k = None if kinds.is_none(axis) else kinds.axis_of(axis, x.ndim, "Generator.permuted")
    if k is None:
        rows = "np.ravel(x).copy().reshape((1, x.size))"
    else:
        rows = f"np.swapaxes(x, {k}, -1)"
    into = (
        "    if out.shape != x.shape:\n        raise ValueError('out must have the same shape as x')\n    out[...] = result\n"
        "    return out\n"
    )
    result = "moved.reshape(x.shape)" if k is None else f"np.ascontiguousarray(np.swapaxes(moved, {k}, -1))"
    return _write(
        "def f(self, x, axis=None, out=None):\n"
        f"    source, moved = source_of(self), {rows}.copy()\n"
        "    n = moved.shape[-1]\n"
        "    if moved.size:\n"
        "        for row in moved.reshape((moved.size // n, n)):\n"
        "            shuffle(source, row)\n"
        f"    result = {result}\n" + ("    return result\n" if kinds.is_none(out) else into),
        source_of=raw.random_of,
        shuffle=_shuffle_run,
    )


# ---- several numbers at once -----------------------------------------------------------------------------------------


@overload_method(_RNG, "multinomial")
def multinomial(self, n, pvals, size=None):
    """`numpy.random.Generator.multinomial`: a binomial number for each outcome but the last."""
    _check_run(pvals, "pvals", "Generator.multinomial")
    new = _rows_of(size, "Generator.multinomial")

    def multinomial(self, n, pvals, size=None):
        d = len(pvals)
        if n < 0:
            raise ValueError("n < 0")
        _check_probabilities(pvals)
        out = new(size, d, np.int64(0))
        _count_outcomes(raw.random_of(self), n, pvals, out.reshape(-1, d))
        return out

    return multinomial


def _break_stick(source, alpha, row):
    """Beta numbers of what is left: for parameters so small that gamma numbers would all be zero."""
    n = len(alpha)
    rest = np.empty(n, np.float64)
    total = 0.0
    for i in range(n - 1, -1, -1):
        total += alpha[i]
        rest[i] = total
    left = 1.0
    for i in range(n - 1):
        x = raw.random_draw(source, "beta", alpha[i], rest[i + 1])
        row[i] = left * x
        left *= 1.0 - x
        if rest[i + 1] == 0:
            break
    row[n - 1] = left


def _scale_gammas(source, alpha, row):
    total = 0.0
    for i in range(len(alpha)):
        row[i] = raw.random_draw(source, "standard_gamma", alpha[i])
        total += row[i]
    scale = 1 / total
    for i in range(len(alpha)):
        row[i] *= scale


@overload_method(_RNG, "dirichlet")
def dirichlet(self, alpha, size=None):
    """`numpy.random.Generator.dirichlet`."""
    _check_run(alpha, "alpha", "Generator.dirichlet")
    new = _rows_of(size, "Generator.dirichlet")

    def dirichlet(self, alpha, size=None):
        n = len(alpha)
        weight, largest = np.empty(n, np.float64), 0.0
        for i in range(n):
            weight[i] = alpha[i]
            if not weight[i] >= 0.0:
                raise ValueError("alpha < 0")
            largest = max(largest, weight[i])
        out, source = new(size, n, 0.0), raw.random_of(self)
        if n == 0:
            return out
        for row in out.reshape(-1, n):
            if largest < 0.1:
                _break_stick(source, weight, row)
            else:
                _scale_gammas(source, weight, row)
        return out

    return dirichlet


@overload_method(_RNG, "multivariate_hypergeometric", prefer_literal=True)
def multivariate_hypergeometric(self, colors, nsample, size=None, method="marginals"):
    """`numpy.random.Generator.multivariate_hypergeometric`, by its method "marginals"."""
    if kinds.value(method, "Generator.multivariate_hypergeometric: method") != "marginals":
        raise TypingError(
            'Generator.multivariate_hypergeometric: compiled code has the method "marginals" only'
        )
    _check_run(colors, "colors", "Generator.multivariate_hypergeometric")
    new = _rows_of(size, "Generator.multivariate_hypergeometric")

    def multivariate_hypergeometric(self, colors, nsample, size=None, method="marginals"):
        d, total = len(colors), 0
        for i in range(d):
            if colors[i] < 0:
                raise ValueError("colors must be a nonnegative integer array")
            total += colors[i]
        if nsample < 0:
            raise ValueError("nsample must be nonnegative.")
        if total >= 1000000000:
            raise ValueError('When method is "marginals", sum(colors) must be less than 1000000000.')
        if nsample > total:
            raise ValueError("nsample > sum(colors)")
        out, source = new(size, d, np.int64(0)), raw.random_of(self)
        if d == 0:
            return out
        more = nsample > total // 2
        for row in out.reshape(-1, d):
            left, rest = total - nsample if more else nsample, total
            for i in range(d - 1):
                if left <= 0:
                    break
                rest -= colors[i]
                row[i] = raw.random_draw(source, "hypergeometric", np.int64(colors[i]), rest, left)
                left -= row[i]
            if left > 0:
                row[d - 1] = left
            if more:
                for i in range(d):
                    row[i] = colors[i] - row[i]
        return out

    return multivariate_hypergeometric


def _factor(method):
    """A function of a covariance matrix: a matrix whose product with its transpose it is."""

    def by_svd(cov):
        u, s, vh = np.linalg.svd(cov)
        return u * np.sqrt(s), s, vh

    def by_eigh(cov):
        s, u = np.linalg.eigh(cov)
        return u * np.sqrt(np.abs(s)), s, np.ascontiguousarray(u.T)

    if method == "svd":
        return lambda cov: by_svd(cov)[0]
    if method == "eigh":
        return lambda cov: by_eigh(cov)[0]
    return lambda cov: np.linalg.cholesky(cov)


@overload_method(_RNG, "multivariate_normal", prefer_literal=True)
def multivariate_normal(self, mean, cov, size=None, check_valid="warn", tol=1e-8, *, method="svd"):
    """`numpy.random.Generator.multivariate_normal`; it does not warn of matrices that are no covariances."""
    what = "Generator.multivariate_normal"
    _check_run(mean, "mean", what)
    name, check = kinds.value(method, f"{what}: method"), kinds.value(check_valid, f"{what}: check_valid")
    if name not in ("svd", "eigh", "cholesky"):
        raise TypingError("method must be one of {'eigh', 'svd', 'cholesky'}")
    if check not in ("warn", "raise", "ignore"):
        raise TypingError("check_valid must equal 'warn', 'raise', or 'ignore'")
    factor, new, must_fit = _factor(name), _rows_of(size, what), check == "raise"

    def multivariate_normal(self, mean, cov, size=None, check_valid="warn", tol=1e-8, *, method="svd"):
        center, matrix = np.asarray(mean) + 0.0, np.asarray(cov) + 0.0
        n = len(center)
        if matrix.shape[0] != matrix.shape[1]:
            raise ValueError("cov must be 2 dimensional and square")
        if n != matrix.shape[0]:
            raise ValueError("mean and cov must have same length")
        out = new(size, n, 0.0)
        rows = out.reshape(-1, n)
        raw.random_fill(raw.random_of(self), "standard_normal", rows)
        root = factor(matrix)
        if must_fit:
            if not np.allclose(np.dot(root, np.ascontiguousarray(root.T)), matrix, rtol=tol, atol=tol):
                raise ValueError("covariance is not symmetric positive-semidefinite.")
        rows[:] = center + np.dot(rows, np.ascontiguousarray(root.T))
        return out

    return multivariate_normal
