"""Window functions, and functions of one variable that NumPy builds of others: i0, sinc, unwrap.

Formulas: Blackman and Tukey, "The Measurement of Power Spectra" (1958), as numpy/lib/_function_base_impl.py states
them; i0: Chebyshev series of Clenshaw (NPL Mathematical Tables 5, 1962), as in Cephes.
"""

import numpy as np

from naja import types
from naja.errors import TypingError
from naja.extending import overload
from naja.library import kinds


def _check_length(M, what):
    if not kinds.is_number(M):
        raise TypingError(f"{what}: M must be an integer, not {M}")


def _window(function, formula):
    """Register a window; `formula(n, M)` gives the value at n = 1 - M, 3 - M, ..., M - 1."""

    def window(M):
        _check_length(M, f"np.{function.__name__}")

        def window(M):
            count = np.int64(np.ceil(M))
            if M < 1:
                return np.empty(0, np.float64)
            if M == 1:
                return np.ones(1, np.float64)
            out = np.empty(count, np.float64)
            for i in range(count):
                out[i] = formula(np.float64(1 - M + 2 * i), np.float64(M - 1))
            return out

        return window

    window.__doc__ = f"`numpy.{function.__name__}`."
    overload(function)(window)


def _bartlett(n, m):
    return 1 + n / m if n <= 0 else 1 - n / m


def _blackman(n, m):
    return 0.42 + 0.5 * np.cos(np.pi * n / m) + 0.08 * np.cos(2.0 * np.pi * n / m)


def _hamming(n, m):
    return 0.54 + 0.46 * np.cos(np.pi * n / m)


def _hanning(n, m):
    return 0.5 + 0.5 * np.cos(np.pi * n / m)


_window(np.bartlett, _bartlett)
_window(np.blackman, _blackman)
_window(np.hamming, _hamming)
_window(np.hanning, _hanning)

# Coefficients of exp(-x) I0(x) on [0, 8] and of exp(-x) sqrt(x) I0(x) on [8, inf], highest order first.
_I0_NEAR = np.array([
    -4.41534164647933937950e-18, 3.33079451882223809783e-17, -2.43127984654795469359e-16, 1.71539128555513303061e-15,
    -1.16853328779934516808e-14, 7.67618549860493561688e-14, -4.85644678311192946090e-13, 2.95505266312963983461e-12,
    -1.72682629144155570723e-11, 9.67580903537323691224e-11, -5.18979560163526290666e-10, 2.65982372468238665035e-9,
    -1.30002500998624804212e-8, 6.04699502254191894932e-8, -2.67079385394061173391e-7, 1.11738753912010371815e-6,
    -4.41673835845875056359e-6, 1.64484480707288970893e-5, -5.75419501008210370398e-5, 1.88502885095841655729e-4,
    -5.76375574538582365885e-4, 1.63947561694133579842e-3, -4.32430999505057594430e-3, 1.05464603945949983183e-2,
    -2.37374148058994688156e-2, 4.93052842396707084878e-2, -9.49010970480476444210e-2, 1.71620901522208775349e-1,
    -3.04682672343198398683e-1, 6.76795274409476084995e-1,
])  # fmt: skip
_I0_FAR = np.array([
    -7.23318048787475395456e-18, -4.83050448594418207126e-18, 4.46562142029675999901e-17, 3.46122286769746109310e-17,
    -2.82762398051658348494e-16, -3.42548561967721913462e-16, 1.77256013305652638360e-15, 3.81168066935262242075e-15,
    -9.55484669882830764870e-15, -4.15056934728722208663e-14, 1.54008621752140982691e-14, 3.85277838274214270114e-13,
    7.18012445138366623367e-13, -1.79417853150680611778e-12, -1.32158118404477131188e-11, -3.14991652796324136454e-11,
    1.18891471078464383424e-11, 4.94060238822496958910e-10, 3.39623202570838634515e-9, 2.26666899049817806459e-8,
    2.04891858946906374183e-7, 2.89137052083475648297e-6, 6.88975834691682398426e-5, 3.36911647825569408990e-3,
    8.04490411014108831608e-1,
])  # fmt: skip


def _chebyshev(x, coefficients):
    """Clenshaw's recurrence."""
    b0, b1, b2 = coefficients[0], 0.0, 0.0
    for i in range(1, len(coefficients)):
        b2 = b1
        b1 = b0
        b0 = x * b1 - b2 + coefficients[i]
    return 0.5 * (b0 - b2)


def i0_scalar(x):
    """The modified Bessel function of order 0."""
    x = abs(x)
    if x <= 8.0:
        return np.exp(x) * _chebyshev(x / 2.0 - 2, _I0_NEAR)
    return np.exp(x) * _chebyshev(32.0 / x - 2.0, _I0_FAR) / np.sqrt(x)


@overload(np.i0)
def i0(x):
    """`numpy.i0`."""
    if kinds.is_complex(kinds.scalar_type(x)):
        raise TypingError("i0 not supported for complex values")
    element = kinds.scalar_type(x)
    dtype = np.dtype(str(element)).type if isinstance(element, types.Float) else np.float64
    return elementwise(x, dtype, lambda x: i0_scalar(np.float64(x)))


def elementwise(x, dtype, function):
    """Return an implementation of (x): `function` of a number, or of every element as `dtype`."""
    if kinds.is_number(x):
        return lambda x: dtype(function(x))
    if kinds.is_array(x, 0):
        return lambda x: dtype(function(x[()]))

    def elementwise(x):
        values = np.asarray(x)
        flat = np.ravel(values)
        out = np.empty(values.shape, dtype)
        run = out.reshape(out.size)
        for i in range(len(flat)):
            run[i] = function(flat[i])
        return out

    return elementwise


@overload(np.kaiser)
def kaiser(M, beta):
    """`numpy.kaiser`."""
    _check_length(M, "np.kaiser")

    def kaiser(M, beta):
        if M == 1:
            return np.ones(1, np.float64)
        count = max(np.int64(np.ceil(M)), 0)
        out = np.empty(count, np.float64)
        half = (M - 1) / 2.0
        for i in range(count):
            out[i] = i0_scalar(beta * np.sqrt(1 - ((i - half) / half) ** 2.0)) / i0_scalar(np.float64(beta))
        return out

    return kaiser


@overload(np.sinc)
def sinc(x):
    """`numpy.sinc`: sin(pi x) / (pi x)."""
    element = kinds.scalar_type(x)
    inexact = isinstance(element, (types.Float, types.Complex))
    dtype = np.dtype(str(element)).type if inexact else np.float64
    small = dtype(1.0e-20 if isinstance(element, types.Complex) else np.finfo(dtype).eps)
    pi = dtype(np.pi)

    def of_one(x):
        y = dtype(pi * dtype(x)) if x != 0 else small
        return dtype(np.sin(y)) / y

    return elementwise(x, dtype, of_one)
