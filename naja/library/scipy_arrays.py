"""Functions of SciPy on arrays that are short loops: integrals of samples, recursive filters, distances.

Steps and their order are SciPy's, up to the order in which sums are taken.  Left to the interpreter: weights, metrics that are
not named here, and the state ``zi`` of a filter.
"""

import numpy as np
from scipy import integrate, signal
from scipy.spatial import distance

from naja import types
from naja.errors import TypingError
from naja.extending import overload
from naja.library import kinds
from naja.library.written import written


def _is_real(t):
    """An array-like of numbers that are not complex."""
    return kinds.is_array_like(t) and not isinstance(kinds.scalar_type(t), types.Complex)


# ---- integrals of samples -------------------------------------------------------------------------------------------------


@overload(integrate.trapezoid, prefer_literal=True)
def trapezoid(y, x=None, dx=1.0, axis=-1):
    """`scipy.integrate.trapezoid`, which is NumPy's."""
    if not kinds.is_array_like(y) or not kinds.ndim_of(y):
        return None
    place = kinds.axis_of(axis, kinds.ndim_of(y), "trapezoid")
    return written(
        __name__,
        "def f(y, x=None, dx=1.0, axis=-1):\n"
        f"    return np.trapezoid(np.asarray(y), {'None' if kinds.is_none(x) else 'np.asarray(x)'}, dx, {place})\n",
    )


@overload(integrate.cumulative_trapezoid, prefer_literal=True)
def cumulative_trapezoid(y, x=None, dx=1.0, axis=-1, initial=None):
    """`scipy.integrate.cumulative_trapezoid`."""
    if not kinds.is_array_like(y) or not kinds.ndim_of(y):
        return None
    ndim = kinds.ndim_of(y)
    place = kinds.axis_of(axis, ndim, "cumulative_trapezoid")
    if not kinds.is_none(x) and not (kinds.is_array_like(x) and kinds.ndim_of(x) in (1, ndim)):
        return None

    def part(inside):
        return "".join(f"{inside}, " if d == place else ":, " for d in range(ndim))

    text = "def f(y, x=None, dx=1.0, axis=-1, initial=None):\n    a = np.asarray(y)\n"
    text += f"    if a.shape[{place}] == 0:\n        raise ValueError('At least one point is required along `axis`.')\n"
    steps = "dx"
    if not kinds.is_none(x):
        one = kinds.ndim_of(x) == 1
        text += f"    b = np.asarray(x)\n    if b.shape[{0 if one else place}] != a.shape[{place}]:\n"
        text += "        raise ValueError('If given, length of x along axis must be the same as y.')\n"
        text += f"    d = np.diff(b, axis={0 if one else place})\n"
        steps = "d"
        if one and ndim > 1:
            shape = ", ".join("-1" if d == place else "1" for d in range(ndim))
            text += f"    d = d.reshape(({shape}, ))\n"
    areas = f"{steps} * (a[{part('1:')}] + a[{part(':-1')}]) / 2.0"
    text += f"    found = np.cumsum({areas}, axis={place})\n"
    if not kinds.is_none(initial):
        if not kinds.is_number(initial):
            raise TypingError("cumulative_trapezoid: `initial` parameter should be a scalar.")
        shape = "".join("1, " if d == place else f"found.shape[{d}], " for d in range(ndim))
        text += "    if initial != 0:\n        raise ValueError('`initial` must be `None` or `0`.')\n"
        text += (
            f"    found = np.concatenate((np.full(({shape}), initial, found.dtype), found), axis={place})\n"
        )
    return written(__name__, f"{text}    return found\n")


# ---- filters ------------------------------------------------------------------------------------------------------------------


def _filter_run(b, a, x, out, z):
    """One run of samples through a filter in direct form II, transposed."""
    last = len(b) - 1
    for i in range(len(x)):
        sample = x[i]
        y = z[0] + b[0] * sample if last else b[0] * sample
        for m in range(last - 1):
            z[m] = z[m + 1] + sample * b[m + 1] - y * a[m + 1]
        if last:
            z[last - 1] = sample * b[last] - y * a[last]
        out[i] = y


@overload(signal.lfilter, prefer_literal=True)
def lfilter(b, a, x, axis=-1, zi=None):
    """`scipy.signal.lfilter` without a state."""
    if not all(kinds.is_array_like(t) for t in (b, a, x)) or not kinds.is_none(zi):
        return None
    ndim = kinds.ndim_of(x)
    if ndim == 0 or kinds.ndim_of(b) > 1 or kinds.ndim_of(a) > 1:
        return None
    scalars = [kinds.scalar_type(t) for t in (b, a, x)]
    if any(t not in (types.float64, types.int64, types.complex128) for t in scalars):
        return None  # SciPy computes in the narrower type
    kind = np.complex128 if types.complex128 in scalars else np.float64
    place = kinds.axis_of(axis, ndim, "lfilter")

    def coefficients(b, a):
        n = max(len(b), len(a))
        forth, back = np.zeros(n, kind), np.zeros(n, kind)
        if len(b) == 0 or len(a) == 0 or a[0] == 0:
            raise ValueError("the first coefficient of `a` must not be zero")
        for i in range(len(b)):
            forth[i] = b[i] / a[0]
        for i in range(len(a)):
            back[i] = a[i] / a[0]
        return forth, back

    return written(
        __name__,
        "def f(b, a, x, axis=-1, zi=None):\n"
        "    forth, back = coefficients(np.atleast_1d(np.asarray(b)), np.atleast_1d(np.asarray(a)))\n"
        f"    moved = np.ascontiguousarray(np.swapaxes(np.asarray(x), {place}, -1)).astype(kind)\n"
        "    n = moved.shape[-1]\n    out = np.empty(moved.shape, kind)\n"
        "    if out.size:\n"
        "        samples, found = moved.reshape((moved.size // n, n)), out.reshape((out.size // n, n))\n"
        "        for i in range(len(samples)):\n"
        "            run(forth, back, samples[i], found[i], np.zeros(len(forth), kind))\n"
        f"    return {'out' if place == ndim - 1 else f'np.ascontiguousarray(np.swapaxes(out, {place}, -1))'}\n",
        coefficients=coefficients,
        run=_filter_run,
        kind=kind,
    )


# ---- distances ----------------------------------------------------------------------------------------------------------------


def _euclidean(u, v):
    total = 0.0
    for k in range(len(u)):
        total += (u[k] - v[k]) * (u[k] - v[k])
    return np.sqrt(total)


def _sqeuclidean(u, v):
    total = 0.0
    for k in range(len(u)):
        total += (u[k] - v[k]) * (u[k] - v[k])
    return total


def _cityblock(u, v):
    total = 0.0
    for k in range(len(u)):
        total += abs(u[k] - v[k])
    return total


def _chebyshev(u, v):
    most = 0.0
    for k in range(len(u)):
        most = max(most, abs(u[k] - v[k]))
    return most


_METRICS = {
    "euclidean": _euclidean,
    "sqeuclidean": _sqeuclidean,
    "cityblock": _cityblock,
    "chebyshev": _chebyshev,
}


def _metric(t):
    """The function of a metric that is named by a constant; None: one for the interpreter."""
    name = t.literal_value if isinstance(t, types.Literal) else t if isinstance(t, str) else None
    return _METRICS.get(name)


def _is_table(t):
    return kinds.is_array(t, 2) and _is_real(t)


@overload(distance.cdist, prefer_literal=True)
def cdist(XA, XB, metric="euclidean"):
    """`scipy.spatial.distance.cdist` of real numbers."""
    between = _metric(metric)
    if between is None or not _is_table(XA) or not _is_table(XB):
        return None

    def cdist(XA, XB, metric="euclidean"):
        if XA.shape[1] != XB.shape[1]:
            raise ValueError("XA and XB must have the same number of columns (i.e. feature dimension.)")
        a, b = XA.astype(np.float64), XB.astype(np.float64)
        out = np.empty((len(a), len(b)))
        for i in range(len(a)):
            for j in range(len(b)):
                out[i, j] = between(a[i], b[j])
        return out

    return cdist


@overload(distance.pdist, prefer_literal=True)
def pdist(X, metric="euclidean"):
    """`scipy.spatial.distance.pdist` of real numbers."""
    between = _metric(metric)
    if between is None or not _is_table(X):
        return None

    def pdist(X, metric="euclidean"):
        a = X.astype(np.float64)
        n, k = len(a), 0
        out = np.empty(n * (n - 1) // 2)
        for i in range(n):
            for j in range(i + 1, n):
                out[k] = between(a[i], a[j])
                k += 1
        return out

    return pdist


def _register_pair(function):
    between = _METRICS[function.__name__]

    @overload(function)
    def of_vectors(u, v, w=None):
        """Between two vectors, without weights."""
        if not kinds.is_none(w) or not all(_is_real(t) and kinds.ndim_of(t) == 1 for t in (u, v)):
            return None
        whole = all(isinstance(kinds.scalar_type(t), types.Integer) for t in (u, v))
        if whole and function is not distance.euclidean:
            return None  # SciPy's result is an integer

        def of_two(u, v, w=None):
            a, b = np.asarray(u).astype(np.float64), np.asarray(v).astype(np.float64)
            if len(a) != len(b):
                raise ValueError("operands could not be broadcast together with shapes of different lengths")
            return between(a, b)

        return of_two


for _function in (distance.euclidean, distance.sqeuclidean, distance.cityblock, distance.chebyshev):
    _register_pair(_function)
