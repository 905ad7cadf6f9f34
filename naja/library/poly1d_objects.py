"""`np.poly1d`: a dataclass of compiled code that becomes NumPy's object in Python.

The coefficients lie in a list with one item, since assigning one (``p[5] = 2``) may need more of them.  Roots are those of
`np.roots`: of real coefficients real, as in Numba.
"""

from dataclasses import dataclass

import numpy as np

from naja.errors import TypingError
from naja.extending import overload
from naja.library import kinds, low

_coefficients = low.by_type("poly1d_coefficients")
_at = low.by_type("poly1d_at")
_quotient = low.by_type("poly1d_quotient")


@dataclass(eq=False)
class Poly1d:
    """`numpy.poly1d`."""

    state: list
    variable: str

    @staticmethod
    def _to_python(state, variable):
        return np.poly1d(state[0], variable=variable)

    @property
    def coeffs(self):
        return self.state[0]

    @property
    def c(self):
        return self.state[0]

    @property
    def coef(self):
        return self.state[0]

    @property
    def coefficients(self):
        return self.state[0]

    @property
    def order(self):
        return len(self.state[0]) - 1

    @property
    def o(self):
        return len(self.state[0]) - 1

    @property
    def roots(self):
        return np.roots(self.state[0])

    @property
    def r(self):
        return np.roots(self.state[0])

    def __len__(self):
        return len(self.state[0]) - 1

    def __iter__(self):
        yield from self.state[0]

    def __getitem__(self, power):
        c = self.state[0]
        if power < 0 or power >= len(c):
            return c[0] * 0
        return c[len(c) - 1 - power]

    def __setitem__(self, power, x):
        c = self.state[0]
        if power < 0:
            raise ValueError("Does not support negative powers.")
        if power >= len(c):
            longer = np.zeros(power + 1, c.dtype)
            longer[power + 1 - len(c) :] = c
            self.state[0] = longer
            c = longer
        c[len(c) - 1 - power] = x

    def __call__(self, x):
        return _at(self, x)

    def __neg__(self):
        return _make(-self.state[0])

    def __pos__(self):
        return self

    def __add__(self, other):
        return _make(np.polyadd(self.state[0], _coefficients(other)))

    def __radd__(self, other):
        return _make(np.polyadd(_coefficients(other), self.state[0]))

    def __sub__(self, other):
        return _make(np.polysub(self.state[0], _coefficients(other)))

    def __rsub__(self, other):
        return _make(np.polysub(_coefficients(other), self.state[0]))

    def __mul__(self, other):
        return _make(np.polymul(self.state[0], _coefficients(other)))

    def __rmul__(self, other):
        return _make(np.polymul(_coefficients(other), self.state[0]))

    def __truediv__(self, other):
        return _quotient(self, other)

    def __rtruediv__(self, other):
        return _quotient(_make(_coefficients(other)), self)

    def __pow__(self, n):
        if n < 0:
            raise ValueError("Power to non-negative integers only.")
        found = np.ones(1, self.state[0].dtype)
        for _ in range(n):
            found = np.polymul(self.state[0], found)
        return _make(found)

    def __eq__(self, other):
        return np.array_equal(self.state[0], _coefficients(other))

    def __ne__(self, other):
        return not np.array_equal(self.state[0], _coefficients(other))

    def deriv(self, m=1):
        return _make(np.polyder(self.state[0], m))

    def integ(self, m=1, k=0):
        return _make(np.polyint(self.state[0], m, k))


def _trimmed(c):
    """Coefficients without the zeros in front; one of them at least."""
    first = 0
    while first < len(c) and c[first] == 0:
        first += 1
    return c[first:].copy() if first < len(c) else np.zeros(1, c.dtype)


def _make(c):
    return Poly1d([_trimmed(c)], "x")


def _is_one(t):
    return t.kind == "NAMEDTUPLE" and t.instance_class is Poly1d


@overload(_coefficients)
def _coefficients_overload(x):
    if _is_one(x):
        return lambda x: x.state[0]
    return lambda x: np.atleast_1d(np.asarray(x))


@overload(_at)
def _at_overload(p, x):
    """p(x); of a polynomial the composition."""
    if not _is_one(x):
        return lambda p, x: np.polyval(p.state[0], x)

    def composed(p, x):
        found = np.zeros(1, np.result_type(p.state[0], x.state[0]))
        for c in p.state[0]:
            found = np.polyadd(np.polymul(found, x.state[0]), np.full(1, c))
        return _make(found)

    return composed


@overload(_quotient)
def _quotient_overload(a, b):
    """By a number a polynomial; else quotient and remainder."""
    if kinds.is_number(b):
        return lambda a, b: _make(a.state[0] / b)

    def quotient(a, b):
        whole, rest = np.polydiv(a.state[0], _coefficients(b))
        return _make(whole), _make(rest)

    return quotient


@overload(np.poly1d, prefer_literal=True)
def poly1d(c_or_r, r=False, variable=None):
    """From coefficients, roots, or another polynomial."""
    name = "x" if kinds.is_none(variable) else kinds.value(variable, "np.poly1d: variable")
    of_roots = bool(kinds.value(r, "np.poly1d: r"))
    if _is_one(c_or_r):
        return lambda c_or_r, r=False, variable=None: Poly1d([c_or_r.state[0].copy()], name)
    if not kinds.is_array_like(c_or_r):
        return None
    if kinds.ndim_of(c_or_r) > 1:
        raise TypingError("Polynomial must be 1d only.")
    if of_roots:
        return lambda c_or_r, r=False, variable=None: Poly1d([_trimmed(np.poly(c_or_r))], name)
    return lambda c_or_r, r=False, variable=None: Poly1d([_trimmed(np.atleast_1d(np.asarray(c_or_r)))], name)


# ---- functions of NumPy that take and give them ----------------------------------------------------------------------------


def _register_pair(function):
    @overload(function)
    def combined(a1, a2):
        if not _is_one(a1) and not _is_one(a2):
            return None
        return lambda a1, a2: _make(function(_coefficients(a1), _coefficients(a2)))


for _function in (np.polyadd, np.polysub, np.polymul):
    _register_pair(_function)


@overload(np.polydiv)
def polydiv(u, v):
    if not _is_one(u) and not _is_one(v):
        return None
    return lambda u, v: _quotient(_make(_coefficients(u)), _coefficients(v))


@overload(np.polyval)
def polyval(p, x):
    if not _is_one(p) and not _is_one(x):
        return None
    return lambda p, x: _at(_make(_coefficients(p)), x)


@overload(np.roots)
def roots(p):
    return (lambda p: np.roots(p.state[0])) if _is_one(p) else None


@overload(np.polyder)
def polyder(p, m=1):
    return (lambda p, m=1: p.deriv(m)) if _is_one(p) else None


@overload(np.polyint)
def polyint(p, m=1, k=None):
    if not _is_one(p):
        return None
    if kinds.is_none(k):
        return lambda p, m=1, k=None: p.integ(m)
    return lambda p, m=1, k=None: p.integ(m, k)


@overload(np.asarray)
def asarray(a):
    return (lambda a: a.state[0]) if _is_one(a) else None
