"""scipy.optimize's searches for a zero of a function of one number, with compiled functions.

The sequence of steps is SciPy's, so the results are the same bits.  Sources: R. P. Brent, Algorithms for Minimization
Without Derivatives (1973), chapter 4; E. Halley's and Newton's methods as in W. Press et al., Numerical Recipes, 9.4.
Left to the interpreter: ``full_output=True``, and `newton` of arrays.
"""

import numpy as np
from scipy import optimize

from naja.extending import overload
from naja.library import kinds
from naja.library.shared import shared

_RTOL = 4 * np.finfo(float).eps


def _serves(f, numbers, args, full_output):
    """Whether these are arguments of one search, for a number, of a function that is compiled."""
    is_function = getattr(f, "kind", None) in ("CLOSURE", "DISPATCHER", "FUNCTION", "CHOICE", "CFUNCTION")
    flag = kinds.is_known(full_output) and not kinds.value(full_output, "full_output")
    plain = all(kinds.is_number(t) and not kinds.is_complex(t) for t in numbers)
    return is_function and flag and plain


def _values_of(args):
    """A function of the argument `args`: a tuple of what a function gets behind the number."""
    if isinstance(args, tuple) or getattr(args, "kind", None) in ("TUPLE", "NAMEDTUPLE"):
        return lambda args: args
    return lambda args: (args,)


@shared
def _check(xtol, rtol, maxiter):
    if xtol <= 0:
        raise ValueError("xtol too small (" + str(xtol) + " <= 0)")
    if rtol < _RTOL:
        raise ValueError("rtol too small (" + str(rtol) + " < 8.88178e-16)")
    if maxiter < 1:
        raise ValueError("maxiter must be greater than 0")


@shared
def _at(f, x, args):
    y = np.float64(f(x, *args))
    if y != y:
        raise ValueError("The function value at x=" + str(x) + " is NaN; solver cannot continue.")
    return y


@shared
def _opposite(fa, fb):
    if np.signbit(fa) == np.signbit(fb):
        raise ValueError("f(a) and f(b) must have different signs")


@overload(optimize.bisect, prefer_literal=True)
def bisect(f, a, b, args=(), xtol=2e-12, rtol=_RTOL, maxiter=100, full_output=False, disp=True):
    """`scipy.optimize.bisect`."""
    if not _serves(f, (a, b), args, full_output):
        return None
    values = _values_of(args)

    def bisect(f, a, b, args=(), xtol=2e-12, rtol=_RTOL, maxiter=100, full_output=False, disp=True):
        _check(xtol, rtol, maxiter)
        more = values(args)
        low, high = np.float64(a), np.float64(b)
        f_low, f_high = _at(f, low, more), _at(f, high, more)
        if f_low == 0:
            return low
        if f_high == 0:
            return high
        _opposite(f_low, f_high)
        width = high - low
        middle = low
        for _ in range(maxiter):
            width *= 0.5
            middle = low + width
            y = _at(f, middle, more)
            if np.signbit(y) == np.signbit(f_low):
                low = middle
            if y == 0 or abs(width) < xtol + rtol * abs(middle):
                return middle
        if disp:
            raise RuntimeError("Failed to converge after " + str(maxiter) + " iterations.")
        return low

    return bisect


@overload(optimize.brentq, prefer_literal=True)
def brentq(f, a, b, args=(), xtol=2e-12, rtol=_RTOL, maxiter=100, full_output=False, disp=True):
    """`scipy.optimize.brentq`: inverse quadratic interpolation, safeguarded by bisection."""
    if not _serves(f, (a, b), args, full_output):
        return None
    values = _values_of(args)

    def brentq(f, a, b, args=(), xtol=2e-12, rtol=_RTOL, maxiter=100, full_output=False, disp=True):
        _check(xtol, rtol, maxiter)
        more = values(args)
        # best: the guess at hand; last: the one before; other: the end of the bracket on the other side of the zero
        last, best, other = np.float64(a), np.float64(b), 0.0
        f_last, f_best, f_other = _at(f, last, more), _at(f, best, more), 0.0
        step_before, step = 0.0, 0.0
        if f_last == 0:
            return last
        if f_best == 0:
            return best
        _opposite(f_last, f_best)
        for _ in range(maxiter):
            if f_last != 0 and f_best != 0 and np.signbit(f_last) != np.signbit(f_best):
                other, f_other = last, f_last
                step_before = step = best - last
            if abs(f_other) < abs(f_best):
                last, best, other = best, other, best
                f_last, f_best, f_other = f_best, f_other, f_best
            delta = (xtol + rtol * abs(best)) / 2
            half = (other - best) / 2
            if f_best == 0 or abs(half) < delta:
                return best
            bisects = True
            if abs(step_before) > delta and abs(f_best) < abs(f_last):
                if last == other:
                    trial = -f_best * (best - last) / (f_best - f_last)
                else:
                    slope_last = (f_last - f_best) / (last - best)
                    slope_other = (f_other - f_best) / (other - best)
                    trial = (
                        -f_best
                        * (f_other * slope_other - f_last * slope_last)
                        / (slope_other * slope_last * (f_other - f_last))
                    )
                if 2 * abs(trial) < min(abs(step_before), 3 * abs(half) - delta):
                    step_before, step, bisects = step, trial, False
            if bisects:
                step_before, step = half, half
            last, f_last = best, f_best
            if abs(step) > delta:
                best += step
            else:
                best += delta if half > 0 else -delta
            f_best = _at(f, best, more)
        if disp:
            raise RuntimeError("Failed to converge after " + str(maxiter) + " iterations.")
        return best

    return brentq


@shared
def _failed(iterations, value):
    raise RuntimeError(
        "Failed to converge after " + str(iterations) + " iterations, value is " + str(value) + "."
    )


@shared
def _close(x, y, rtol, tol):
    return x == y or (np.isfinite(y) and abs(x - y) <= tol + rtol * abs(y))


@overload(optimize.newton, prefer_literal=True)
def newton(
    func,
    x0,
    fprime=None,
    args=(),
    tol=1.48e-8,
    maxiter=50,
    fprime2=None,
    x1=None,
    rtol=0.0,
    full_output=False,
    disp=True,
):
    """`scipy.optimize.newton`: Newton's, Halley's or the secant method."""
    if not _serves(func, (x0,), args, full_output) or not (kinds.is_none(x1) or kinds.is_number(x1)):
        return None
    values, has_second, has_x1 = _values_of(args), not kinds.is_none(fprime2), not kinds.is_none(x1)

    def slopes(func, x0, fprime, args, tol, maxiter, fprime2, x1, rtol, disp):
        x = np.float64(x0)
        for iteration in range(maxiter):
            y = func(x, *args)
            if y == 0:
                return x
            slope = fprime(x, *args)
            if slope == 0:
                if disp:
                    raise RuntimeError(
                        "Derivative was zero. Failed to converge after "
                        + str(iteration + 1)
                        + " iterations, value is "
                        + str(x)
                        + "."
                    )
                return x
            step = y / slope
            if has_second:
                change = step * fprime2(x, *args) / slope / 2
                if abs(change) < 1:
                    step /= 1.0 - change
            after = x - step
            if _close(after, x, rtol, tol):
                return after
            x = after
        if disp:
            _failed(maxiter, x)
        return x

    def secants(func, x0, fprime, args, tol, maxiter, fprime2, x1, rtol, disp):
        before = np.float64(x0)
        if has_x1:
            if x1 == x0:
                raise ValueError("x1 and x0 must be different")
            x = np.float64(x1)
        else:
            x = before * (1 + 1e-4)
            x += 1e-4 if x >= 0 else -1e-4
        y_before, y = np.float64(func(before, *args)), np.float64(func(x, *args))
        if abs(y) < abs(y_before):
            before, x, y_before, y = x, before, y, y_before
        for iteration in range(maxiter):
            if y == y_before:
                if x != before and disp:
                    raise RuntimeError(
                        "Tolerance of "
                        + str(x - before)
                        + " reached. Failed to converge after "
                        + str(iteration + 1)
                        + " iterations, value is "
                        + str(x)
                        + "."
                    )
                return (x + before) / 2.0
            if abs(y) > abs(y_before):
                after = (-y_before / y * x + before) / (1 - y_before / y)
            else:
                after = (-y / y_before * before + x) / (1 - y / y_before)
            if _close(after, x, rtol, tol):
                return after
            before, y_before = x, y
            x = after
            y = np.float64(func(x, *args))
        if disp:
            _failed(maxiter, x)
        return x

    search = secants if kinds.is_none(fprime) else slopes

    def newton(
        func,
        x0,
        fprime=None,
        args=(),
        tol=1.48e-8,
        maxiter=50,
        fprime2=None,
        x1=None,
        rtol=0.0,
        full_output=False,
        disp=True,
    ):
        if tol <= 0:
            raise ValueError("tol too small (" + str(tol) + " <= 0)")
        return search(func, x0, fprime, values(args), tol, maxiter, fprime2, x1, rtol, disp)

    return newton
