"""numpy.polynomial.Polynomial: objects as arguments, results and values of compiled code.

A value is three arrays: coefficients (lowest power first), domain and window (`polynomial_boxes.py`).  What objects can do is
written in terms of the functions of `numpy.polynomial.polynomial`, as in NumPy.  Symbols are not kept: results are
polynomials in "x".
"""

import operator

import numpy as np
from numpy.polynomial import Polynomial, polynomial

from naja import _core, types
from naja.errors import TypingError
from naja.extending import overload, overload_method
from naja.library import kinds, low
from naja.library.polynomials import _run


class PolynomialType(types.Type):
    """The type of a `numpy.polynomial.Polynomial`.

    Parameters
    ----------
    dtype : Type
        Of the coefficients.
    """

    def __init__(self, dtype):
        self.dtype = dtype
        self.coef = types.Array(dtype, 1, "C")
        self.domain = self.window = types.Array(types.float64, 1, "C")
        super().__init__(f"Polynomial({dtype})")


def _is_one(t):
    return isinstance(t, PolynomialType)


_made = low.by_type("polynomial_of")  # three arrays, which the polynomial shares


@overload(_made)
def _made_overload(coef, domain, window):
    from naja.library.polynomial_boxes import made

    return lambda coef, domain, window: made(coef, domain, window)


# ---- making them ------------------------------------------------------------------------------------------------------------


def _series(t):
    """Return a function that copies an array-like of one axis into a new array of floats."""
    if kinds.ndim_of(t) > 1:
        raise TypingError("Coefficient array is not 1-d")
    dtype = _core.type_dtype(kinds.scalar_type(t))
    kind = dtype.type if dtype.kind in "fc" and dtype.itemsize > 2 else np.float64
    return _run(kind)


def _interval(t, message):
    """Return a function that copies a domain or window; without one it is -1 .. 1."""
    if kinds.is_none(t):
        return lambda x: np.array([-1.0, 1.0])
    series = _series(t)

    def interval(x):
        ends = series(x)
        if len(ends) != 2:
            raise ValueError(message)
        return ends.astype(np.float64)

    return interval


@overload(Polynomial)
def _polynomial(coef, domain=None, window=None, symbol="x"):
    if not kinds.is_array_like(coef):
        return None
    series = _series(coef)
    domain_of = _interval(domain, "Domain has wrong number of elements.")
    window_of = _interval(window, "Window has wrong number of elements.")

    def polynomial_of(coef, domain=None, window=None, symbol="x"):
        c = series(coef)
        if len(c) == 0:
            raise ValueError("Coefficient array is empty")
        return _made(c, domain_of(domain), window_of(window))

    return polynomial_of


# ---- evaluation ---------------------------------------------------------------------------------------------------------------


def _mapped(p):
    """Offset and scale from domain to window."""
    length = p.domain[1] - p.domain[0]
    offset = (p.domain[1] * p.window[0] - p.domain[0] * p.window[1]) / length
    return offset, (p.window[1] - p.window[0]) / length


@overload(low.call_value)
def _call(value, arg):
    """p(x): a number or an array, mapped from the domain to the window."""
    if not _is_one(value) or not kinds.is_array_like(arg):
        return None

    def call(value, arg):
        offset, scale = _mapped(value)
        return polynomial.polyval(offset + scale * np.asarray(arg), value.coef)

    if kinds.is_number(arg):

        def call(value, arg):
            offset, scale = _mapped(value)
            return polynomial.polyval(offset + scale * arg, value.coef)

    return call


# ---- arithmetic -------------------------------------------------------------------------------------------------------------------


def _check_same(p, q):
    if p.domain[0] != q.domain[0] or p.domain[1] != q.domain[1]:
        raise TypeError("Domains differ")
    if p.window[0] != q.window[0] or p.window[1] != q.window[1]:
        raise TypeError("Windows differ")


def _register_operator(function, of_series):
    @overload(function)
    def combined(a, b):
        """Of two polynomials, or of one and a number or series."""
        if _is_one(a) and _is_one(b):

            def of_two(a, b):
                _check_same(a, b)
                return _made(of_series(a.coef, b.coef), a.domain, a.window)

            return of_two
        if _is_one(a) and kinds.is_array_like(b):
            return lambda a, b: _made(of_series(a.coef, b), a.domain, a.window)
        if _is_one(b) and kinds.is_array_like(a):
            return lambda a, b: _made(of_series(a, b.coef), b.domain, b.window)
        return None


_register_operator(operator.add, polynomial.polyadd)
_register_operator(operator.sub, polynomial.polysub)
_register_operator(operator.mul, polynomial.polymul)
_register_operator(operator.floordiv, lambda a, b: polynomial.polydiv(a, b)[0])
_register_operator(operator.mod, lambda a, b: polynomial.polydiv(a, b)[1])


@overload(operator.neg)
def _negated(a):
    return (lambda a: _made(-a.coef, a.domain, a.window)) if _is_one(a) else None


@overload(operator.pow)
def _power(a, b):
    if not _is_one(a) or not kinds.is_integer(b):
        return None
    return lambda a, b: _made(polynomial.polypow(a.coef, b), a.domain, a.window)


@overload(operator.truediv)
def _divided(a, b):
    if not _is_one(a) or not kinds.is_number(b):
        return None
    return lambda a, b: _made(a.coef / b, a.domain, a.window)


def _same_values(x, y):
    return len(x) == len(y) and np.all(x == y)


def _register_comparison(function, answer):
    @overload(function)
    def compared(a, b):
        if not _is_one(a) or not _is_one(b):
            return None

        def compare(a, b):
            same = _same_values(a.coef, b.coef) and _same_values(a.domain, b.domain)
            return answer(same and _same_values(a.window, b.window))

        return compare


_register_comparison(operator.eq, lambda same: same)
_register_comparison(operator.ne, lambda same: not same)


@overload(len)
def _length(obj):
    return (lambda obj: len(obj.coef)) if _is_one(obj) else None


# ---- methods ------------------------------------------------------------------------------------------------------------------------


@overload_method(PolynomialType, "degree")
def _degree(self):
    return lambda self: len(self.coef) - 1


@overload_method(PolynomialType, "copy")
def _copy(self):
    return lambda self: _made(self.coef.copy(), self.domain.copy(), self.window.copy())


@overload_method(PolynomialType, "mapparms")
def _mapparms(self):
    return lambda self: _mapped(self)


@overload_method(PolynomialType, "deriv")
def _derivative(self, m=1):
    def derivative(self, m=1):
        _, scale = _mapped(self)
        c = polynomial.polyder(self.coef, m)
        return _made(c * scale**m, self.domain, self.window)

    return derivative


@overload_method(PolynomialType, "trim")
def _trimmed(self, tol=0):
    def trimmed(self, tol=0):
        if tol < 0:
            raise ValueError("tol must be non-negative")
        n = len(self.coef)
        while n > 0 and not abs(self.coef[n - 1]) > tol:
            n -= 1
        c = self.coef[:n].copy() if n else self.coef[:1] * 0
        return _made(c, self.domain, self.window)

    return trimmed


def _truncated(p, n):
    if n < 1:
        raise ValueError("size must be a positive integer")
    return _made(p.coef[:n].copy() if n < len(p.coef) else p.coef.copy(), p.domain, p.window)


@overload_method(PolynomialType, "truncate")
def _truncate(self, size):
    return lambda self, size: _truncated(self, size)


@overload_method(PolynomialType, "cutdeg")
def _cutdeg(self, deg):
    return lambda self, deg: _truncated(self, deg + 1)


@overload_method(PolynomialType, "roots")
def _roots(self):
    def roots(self):
        offset, scale = _mapped(self)
        return (polynomial.polyroots(self.coef) - offset) / scale

    return roots


@overload_method(PolynomialType, "linspace")
def _linspace(self, n=100):
    def linspace(self, n=100):
        x = np.linspace(self.domain[0], self.domain[1], n)
        return x, self(x)

    return linspace
