"""Numerical functions over arrays: interp, trapezoid, gradient's kin, convolve, correlate, cov, corrcoef, unwrap."""

import numpy as np

from naja import _core, types
from naja.errors import TypingError
from naja.extending import overload
from naja.library import kinds
from naja.library.sorting import common_dtype
from naja.library.written import written


def dtype_of(t):
    """The NumPy scalar class of the elements of an array-like."""
    return _core.type_dtype(kinds.scalar_type(t)).type


def inexact_dtype(*array_types):
    """The common dtype of array-likes; float64 if that is an integer or a bool."""
    dtype = common_dtype(*array_types)
    return dtype if issubclass(dtype, np.inexact) else np.float64


# ---- interp -------------------------------------------------------------------------------------------------------


def _interval(key, xs, guess):
    """The j with xs[j] <= key < xs[j + 1]; n - 1 behind the last.  Points that come in order are found near `guess`."""
    n = len(xs)
    first, last = 0, n
    if 1 <= guess and guess + 2 < n:
        if key < xs[guess]:
            if key >= xs[guess - 1]:
                return guess - 1
            last = guess - 1
            if guess > 8 and key >= xs[guess - 8]:
                first = guess - 8
        elif key < xs[guess + 1]:
            return guess
        elif key < xs[guess + 2]:
            return guess + 1
        else:
            first = guess + 2
            if guess + 8 < n and key < xs[guess + 8]:
                last = guess + 8
    while first < last:
        middle = first + ((last - first) >> 1)
        if key >= xs[middle]:
            first = middle + 1
        else:
            last = middle
    return first - 1


def _interpolators(dtype):
    """Functions for values between points: by the slopes, or by a slope made for the point."""

    def on_real_line(slope, before, behind, y, next_y):
        found = slope * before + y
        if found != found:
            found = slope * behind + next_y
            if found != found and y == next_y:
                found = np.float64(y)
        return found

    if dtype is np.float64:

        def slope_at(xs, ys, j):
            return (dtype(ys[j + 1]) - dtype(ys[j])) / (xs[j + 1] - xs[j])

        def on_line(slope, key, xs, ys, j):
            return on_real_line(slope, key - xs[j], key - xs[j + 1], ys[j], ys[j + 1])

    else:  # part by part, so that an infinite one does not spoil the other

        def slope_at(xs, ys, j):
            y, next_y, scale = ys[j], ys[j + 1], 1.0 / (xs[j + 1] - xs[j])
            return complex((next_y.real - y.real) * scale, (next_y.imag - y.imag) * scale)

        def on_line(slope, key, xs, ys, j):
            before, behind, y, next_y = key - xs[j], key - xs[j + 1], ys[j], ys[j + 1]
            return complex(
                on_real_line(slope.real, before, behind, y.real, next_y.real),
                on_real_line(slope.imag, before, behind, y.imag, next_y.imag),
            )

    return slope_at, on_line


def _check_points(xs, ys):
    if len(xs) == 0:
        raise ValueError("array of sample points is empty")
    if len(xs) != len(ys):
        raise ValueError("fp and xp are not of the same length.")


def _on_circle(dtype):
    """`interp` of points of a period: sorted within it, and one more at either end."""

    def interp_period(x, xp, fp, left=None, right=None, period=None):
        xs, ys = np.asarray(xp), np.asarray(fp)
        _check_points(xs, ys)
        width = np.float64(abs(period))
        if width == 0:
            raise ValueError("period must be a non-zero value")
        places = xs % width
        order = np.argsort(places)
        n = len(places)
        inner_x, inner_y = np.empty(n + 2, np.float64), np.empty(n + 2, dtype)
        inner_x[1:-1] = places[order]
        inner_y[1:-1] = ys[order]
        inner_x[0], inner_x[-1] = inner_x[n] - width, inner_x[1] + width
        inner_y[0], inner_y[-1] = inner_y[n], inner_y[1]
        return np.interp(np.float64(1) * x % width, inner_x, inner_y)

    return interp_period


def _widened(t, dtype):
    """Return a function that makes an array of points of a dtype, which NumPy computes in."""
    if kinds.is_array(t) and dtype_of(t) is dtype:
        return lambda points: points
    return lambda points: np.asarray(points).astype(dtype)


@overload(np.interp, prefer_literal=True)
def interp(x, xp, fp, left=None, right=None, period=None):
    """`numpy.interp`: as numpy/_core/src/multiarray/compiled_base.c, with all slopes ahead where points are many."""
    for t in (x, xp):
        if kinds.is_complex(kinds.scalar_type(t)):
            raise TypingError(
                "Cannot cast array data from dtype('complex128') to dtype('float64') according to 'safe'"
            )
    dtype = np.complex128 if kinds.is_complex(kinds.scalar_type(fp)) else np.float64
    if not kinds.is_none(period):
        return _on_circle(dtype) if kinds.is_array(x) or kinds.is_number(x) else None
    has_left, has_right = not kinds.is_none(left), not kinds.is_none(right)
    slope_at, on_line = _interpolators(dtype)

    def value_at(key, xs, ys, slopes, left, right, guess):
        n = len(xs)
        if n == 1:  # nan is at the point, too
            return left if key < xs[0] else right if key > xs[0] else dtype(ys[0]), guess
        if key != key:
            return dtype(key), guess
        if key > xs[n - 1]:  # NumPy asks this first, which matters when points are in no order
            return right, guess
        if key < xs[0]:
            return left, guess
        j = _interval(key, xs, guess)
        if j >= n - 1:
            return dtype(ys[n - 1]), j
        if xs[j] == key:
            return dtype(ys[j]), j
        return on_line(slopes[j] if len(slopes) else slope_at(xs, ys, j), key, xs, ys, j), j

    left_of = (lambda left, ys: dtype(left)) if has_left else lambda left, ys: dtype(ys[0])
    right_of = (lambda right, ys: dtype(right)) if has_right else lambda right, ys: dtype(ys[-1])

    if kinds.is_array(x, 0):
        return lambda x, xp, fp, left=None, right=None, period=None: np.interp(x[()], xp, fp, left, right)
    doubles, values = _widened(xp, np.float64), _widened(fp, dtype)

    if kinds.is_number(x):
        none = np.empty(0, dtype)

        def interp_scalar(x, xp, fp, left=None, right=None, period=None):
            xs, ys = doubles(xp), values(fp)
            _check_points(xs, ys)
            return value_at(np.float64(x), xs, ys, none, left_of(left, ys), right_of(right, ys), 0)[0]

        return interp_scalar

    def interp(x, xp, fp, left=None, right=None, period=None):
        points, xs, ys = np.asarray(x), doubles(xp), values(fp)
        _check_points(xs, ys)
        low_value, high_value = left_of(left, ys), right_of(right, ys)
        flat = np.ravel(points)
        slopes = np.empty(len(xs) - 1 if len(xs) <= len(flat) else 0, dtype)
        for j in range(len(slopes)):
            slopes[j] = slope_at(xs, ys, j)
        out = np.empty(points.shape, dtype)
        run = out.reshape(out.size)
        guess, n, first, last = 0, len(xs), xs[0], xs[-1]
        for i in range(len(flat)):
            key = np.float64(flat[i])
            # near the last one, which is what _interval looks at first: in front of a call, for keys in order
            near = 1 <= guess and guess + 2 < n and first <= key and key <= last and xs[guess] <= key
            if near and xs[guess + 1] <= key and key < xs[guess + 2]:
                guess += 1
            elif not (near and key < xs[guess + 1]):
                run[i], guess = value_at(key, xs, ys, slopes, low_value, high_value, guess)
                continue
            if xs[guess] == key:
                run[i] = ys[guess]
            else:
                slope = slopes[guess] if len(slopes) else slope_at(xs, ys, guess)
                run[i] = on_line(slope, key, xs, ys, guess)
        return out

    return interp


# ---- integrals and differences ------------------------------------------------------------------------------------


@overload(np.trapezoid, prefer_literal=True)
def trapezoid(y, x=None, dx=1.0, axis=-1):
    """`numpy.trapezoid`."""
    if not kinds.is_array(y):
        return lambda y, x=None, dx=1.0, axis=-1: np.trapezoid(np.asarray(y), x, dx)
    has_x, n = not kinds.is_none(x), y.ndim
    k = kinds.axis_of(axis, n, "np.trapezoid")
    moves_x = has_x and kinds.is_array(x) and x.ndim > 1
    if moves_x and x.ndim != n:
        return None

    def widths(x, dx):
        if not has_x:
            return dx
        points = np.moveaxis(x, k, -1) if moves_x else np.ravel(np.asarray(x))
        return points[..., 1:] - points[..., :-1]

    if n == 1:

        def trapezoid_run(y, x=None, dx=1.0, axis=-1):
            return np.sum(widths(x, dx) * (y[1:] + y[:-1]) / 2.0)

        return trapezoid_run

    def trapezoid(y, x=None, dx=1.0, axis=-1):
        values = np.moveaxis(y, k, -1)
        return np.sum(widths(x, dx) * (values[..., 1:] + values[..., :-1]) / 2.0, axis=-1)

    return trapezoid


@overload(np.ediff1d, prefer_literal=True)
def ediff1d(ary, to_end=None, to_begin=None):
    """`numpy.ediff1d`."""
    dtype = dtype_of(ary)
    if dtype is np.bool_:
        raise TypingError("Boolean dtype is unsupported (as per NumPy)")
    for t, name in ((to_end, "to_end"), (to_begin, "to_begin")):
        if not kinds.is_none(t) and not np.can_cast(dtype_of(t), dtype, casting="same_kind"):
            raise TypingError(
                f"dtype of `{name}` must be compatible with input `ary` under the `same_kind` rule."
            )
    nothing = np.empty(0, dtype)
    begin = (lambda t: np.ravel(np.asarray(t))) if not kinds.is_none(to_begin) else lambda t: nothing
    end = (lambda t: np.ravel(np.asarray(t))) if not kinds.is_none(to_end) else lambda t: nothing

    def ediff1d(ary, to_end=None, to_begin=None):
        values, first, last = np.ravel(np.asarray(ary)), begin(to_begin), end(to_end)
        n = max(len(values) - 1, 0)
        out = np.empty(n + len(first) + len(last), dtype)
        out[: len(first)] = first
        for i in range(n):
            out[len(first) + i] = values[i + 1] - values[i]
        out[len(first) + n :] = last
        return out

    return ediff1d


# ---- convolution --------------------------------------------------------------------------------------------------


_OUTPUTS_AT_ONCE = 1024  # so that they stay in the first cache


def _correlate_into(conjugate):
    """Return a function of (a, v, out, first): out[k] = sum of a[i + first + k] conj(v[i])."""
    value = np.conj if conjugate else lambda x: x

    # The loop over outputs is inside, where it becomes vectors; products are added in the order of v all the same.
    def correlate_into(a, v, out, first):
        n, size = len(a), len(out)
        for begin in range(0, size, _OUTPUTS_AT_ONCE):
            end = min(begin + _OUTPUTS_AT_ONCE, size)
            for i in range(len(v)):
                weight, shift = value(v[i]), first + i
                low, high = max(begin, -shift), min(end, n - shift)
                if low < high:
                    out[low:high] += a[low + shift : high + shift] * weight

    return correlate_into


def _correlation(a, v, mode, what, reverse):
    name = kinds.value(mode, f"{what}: mode")
    modes = {"valid": 0, "same": 1, "full": 2, 0: 0, 1: 1, 2: 2}
    if name not in modes:
        raise TypingError(f"{what}: mode must be one of 'valid', 'same', or 'full' (got {name!r})")
    kind = modes[name]
    for t in (a, v):
        if kinds.ndim_of(t) > 1:
            raise TypingError(f"{what}() is only supported on 1D arrays: object too deep for desired array")
    result = common_dtype(a, v)
    dtype = np.float32 if result is np.float16 else result  # as NumPy adds up products
    rounded = (lambda out: out.astype(result)) if dtype is not result else (lambda out: out)
    into = _correlate_into(not reverse and issubclass(dtype, np.complexfloating))
    error = "v cannot be empty" if reverse else "second array argument cannot be empty"
    other = "a cannot be empty" if reverse else "first array argument cannot be empty"

    def copied(x):
        values = np.ravel(np.asarray(x))
        out = np.empty(len(values), dtype)
        out[:] = values
        return out

    as_they_are = a == v and kinds.is_array(a, 1) and dtype_of(a) is dtype
    run = (lambda x: x) if as_they_are else copied

    def correlation(a, v):
        x, y = run(a), run(v)
        if len(x) == 0:
            raise ValueError(other)
        if len(y) == 0:
            raise ValueError(error)
        if reverse:
            if len(y) > len(x):
                x, y = y, x
            y = np.ascontiguousarray(y[::-1])
        n, m = len(x), len(y)
        short = min(n, m)
        full = n + m - 1
        if kind == 2:
            size, first = full, 1 - m
        elif kind == 1:
            size = max(n, m)
            first = 1 - m + (short // 2 if n < m else (short - 1) // 2)  # the middle, as NumPy rounds it
        else:
            size, first = max(n, m) - short + 1, short - m
        out = np.zeros(size, dtype)
        into(x, y, out, first)
        return rounded(out)

    return correlation


@overload(np.convolve, prefer_literal=True)
def convolve(a, v, mode="full"):
    """`numpy.convolve`: the sums themselves, no transforms."""
    run = _correlation(a, v, mode, "np.convolve", True)

    def convolve(a, v, mode="full"):
        return run(a, v)

    return convolve


@overload(np.correlate, prefer_literal=True)
def correlate(a, v, mode="valid"):
    """`numpy.correlate`: the sums themselves, no transforms."""
    run = _correlation(a, v, mode, "np.correlate", False)

    def correlate(a, v, mode="valid"):
        return run(a, v)

    return correlate


# ---- small ones ---------------------------------------------------------------------------------------------------


@overload(np.nan_to_num, prefer_literal=True)
def nan_to_num(x, copy=True, nan=0.0, posinf=None, neginf=None):
    """`numpy.nan_to_num`."""
    element = kinds.scalar_type(x)
    dtype = dtype_of(x)
    if not isinstance(element, (types.Float, types.Complex)):
        same = kinds.is_number(x)
        if kinds.is_array(x, 0):
            return lambda x, copy=True, nan=0.0, posinf=None, neginf=None: x[()]
        return (
            (lambda x, copy=True, nan=0.0, posinf=None, neginf=None: x)
            if same
            else (lambda x, copy=True, nan=0.0, posinf=None, neginf=None: np.asarray(x).copy())
        )
    part = np.dtype(dtype).type(0).real.dtype.type
    most, least = part(np.finfo(part).max), part(np.finfo(part).min)
    high = (lambda v: part(v)) if not kinds.is_none(posinf) else lambda v: most
    below = (lambda v: part(v)) if not kinds.is_none(neginf) else lambda v: least

    def of_part(x, nan, posinf, neginf):
        if x != x:
            return part(nan)
        if np.isinf(x):
            return high(posinf) if x > 0 else below(neginf)
        return part(x)

    if isinstance(element, types.Complex):

        def of_one(x, nan, posinf, neginf):
            return dtype(complex(of_part(x.real, nan, posinf, neginf), of_part(x.imag, nan, posinf, neginf)))

    else:
        of_one = of_part
    if kinds.is_number(x):
        return lambda x, copy=True, nan=0.0, posinf=None, neginf=None: of_one(x, nan, posinf, neginf)
    in_place = not kinds.value(copy, "np.nan_to_num: copy") and kinds.is_array(x)
    if kinds.is_array(x, 0) and not in_place:
        return lambda x, copy=True, nan=0.0, posinf=None, neginf=None: of_one(x[()], nan, posinf, neginf)

    def replaced(x, nan, posinf, neginf):
        values = np.asarray(x)
        out = np.empty(values.shape, dtype)
        out[...] = values
        run = out.reshape(out.size)
        for i in range(len(run)):
            run[i] = of_one(run[i], nan, posinf, neginf)
        return out

    if in_place:

        def nan_to_num_in_place(x, copy=True, nan=0.0, posinf=None, neginf=None):
            x[...] = replaced(x, nan, posinf, neginf)
            return x

        return nan_to_num_in_place

    def nan_to_num(x, copy=True, nan=0.0, posinf=None, neginf=None):
        return replaced(x, nan, posinf, neginf)

    return nan_to_num


def _unwrap_axis(p, discont, axis):
    """Unwrap the runs along an axis of an array of several."""
    k = kinds.axis_of(axis, p.ndim, "np.unwrap")
    jump = "discont" if not kinds.is_none(discont) else "None"
    return written(
        __name__,
        "def f(p, discont=None, axis=-1, *, period=6.283185307179586):\n"
        f"    moved = np.ascontiguousarray(np.moveaxis(p, {k}, -1))\n"
        "    n = moved.shape[-1]\n"
        f"    out = np.empty(moved.shape, {'np.float32' if p.dtype is types.float32 else 'np.float64'})\n"
        "    if moved.size:\n"
        "        rows, results = moved.reshape((-1, n)), out.reshape((-1, n))\n"
        "        for i in range(len(rows)):\n"
        f"            results[i] = np.unwrap(rows[i], {jump}, period=period)\n"
        f"    return np.moveaxis(out, -1, {k})\n",
    )


@overload(np.unwrap, prefer_literal=True)
def unwrap(p, discont=None, axis=-1, *, period=6.283185307179586):
    """`numpy.unwrap`."""
    for name, t in (("discont", discont), ("period", period)):
        if not kinds.is_none(t) and not kinds.is_number(t):
            raise TypingError(f'The argument "{name}" must be a scalar, not {t}')
    if not kinds.is_integer(axis):
        raise TypingError(f'The argument "axis" must be an integer, not {axis}')
    if kinds.is_array(p) and p.ndim != 1:
        return _unwrap_axis(p, discont, axis) if p.ndim else None
    dtype = (
        np.float64 if kinds.is_float(kinds.scalar_type(p)) or not kinds.is_integer(period) else dtype_of(p)
    )
    if dtype is not np.float64:
        return None
    jump = (
        (lambda discont, period: period / 2.0) if kinds.is_none(discont) else lambda discont, period: discont
    )
    result = dtype_of(p) if kinds.is_float(kinds.scalar_type(p)) else np.float64

    def unwrap(p, discont=None, axis=-1, *, period=6.283185307179586):
        values = np.asarray(p)
        steps = np.diff(values)  # of unsigned numbers these wrap
        out = np.empty(len(values), result)
        limit, shift, half = jump(discont, period), result(0), result(period / 2.0)
        for i in range(len(values)):
            out[i] = values[i]
            if i:
                step = result(steps[i - 1])
                inside = result(result(step + half) % result(period)) - half
                if inside == -half and step > 0:
                    inside = half
                if not np.abs(steps[i - 1]) < limit:  # a nan spoils what follows
                    shift = result(shift + result(inside - step))
                out[i] += shift
        return out

    return unwrap


# ---- covariance ---------------------------------------------------------------------------------------------------


# Before NumPy 2.2, what is one row is one variable with rowvar=False, too.
_ONE_ROW_STAYS = np.cov(np.zeros((1, 2)), rowvar=False, ddof=0).shape != (2, 2)


def _observations(x, dtype):
    """Return a function of (x, rowvar) that makes a table of float rows, one per variable."""
    if kinds.is_array(x, 2):

        def rows(x, rowvar):
            out = np.empty(x.shape, dtype)
            out[...] = x
            return out if rowvar or (_ONE_ROW_STAYS and x.shape[0] == 1) else np.ascontiguousarray(out.T)

        return rows
    if kinds.ndim_of(x) == 2:
        rows_of_array = _observations(types.Array(types.as_type(dtype), 2, "C"), dtype)
        return lambda x, rowvar: rows_of_array(np.asarray(x), rowvar)

    def row(x, rowvar):
        values = np.ravel(np.asarray(x))
        out = np.empty((1, len(values)), dtype)
        out[0] = values
        return out

    return row


@overload(np.cov, prefer_literal=True)
def cov(m, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None, *, dtype=None):
    """`numpy.cov` without weights."""
    if not (kinds.is_none(fweights) and kinds.is_none(aweights) and kinds.is_none(dtype)):
        return None
    for t in (m, y):
        if isinstance(t, types.Type) and kinds.ndim_of(t) > 2:
            raise TypingError(f"{'m' if t is m else 'y'} has more than 2 dimensions")
    with_y = not kinds.is_none(y)
    element = np.result_type(*(dtype_of(t) for t in ((m, y) if with_y else (m,))), np.float64).type
    first, second = _observations(m, element), _observations(y if with_y else m, element)
    lost = (
        (lambda ddof, bias: 0.0 if bias else 1.0)
        if kinds.is_none(ddof)
        else lambda ddof, bias: np.float64(ddof)
    )
    conj = np.conj if issubclass(element, np.complexfloating) else lambda x: x

    def table(m, y, rowvar):
        if with_y:
            return np.concatenate((first(m, rowvar), second(y, rowvar)), axis=0)
        return first(m, rowvar)

    def covariance(m, y, rowvar, bias, ddof):
        x = table(m, y, rowvar)
        n = x.shape[1]
        for i in range(len(x)):
            x[i] -= x[i].sum() / n
        free = max(n - lost(ddof, bias), 0.0)
        return np.dot(x, conj(x.T)) * np.true_divide(1, free)

    if not with_y and kinds.ndim_of(m) < 2:

        def cov_scalar(
            m, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None, *, dtype=None
        ):
            return covariance(m, y, rowvar, bias, ddof).reshape(())

        return cov_scalar

    def cov(m, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None, *, dtype=None):
        return covariance(m, y, rowvar, bias, ddof)

    return cov


@overload(np.corrcoef, prefer_literal=True)
def corrcoef(x, y=None, rowvar=True, *, dtype=None):
    """`numpy.corrcoef`."""
    covariance = cov(x, y, rowvar)
    if covariance is None or not kinds.is_none(dtype):
        return None
    if kinds.is_none(y) and kinds.ndim_of(x) < 2:
        return (
            lambda x, y=None, rowvar=True, *, dtype=None: covariance(x, y, rowvar)[()]
            / covariance(x, y, rowvar)[()]
        )

    def clip(c):
        return min(max(c, -1.0), 1.0)

    if kinds.is_complex(kinds.scalar_type(x)):

        def bounded(c):
            return complex(clip(c.real), clip(c.imag))

    else:
        bounded = clip

    def corrcoef(x, y=None, rowvar=True, *, dtype=None):
        c = covariance(x, y, rowvar)
        n = len(c)
        deviation = np.empty(n, np.float64)
        for i in range(n):
            deviation[i] = np.sqrt(c[i, i].real)
        for i in range(n):
            for j in range(n):
                c[i, j] = bounded(c[i, j] / deviation[i] / deviation[j])
        return c

    return corrcoef
