"""numpy.fft, over the pocketfft loops that NumPy brings (rung 3): the same bits as NumPy, without the GIL.

The loops are generalized ufuncs, ``(n),()->(m)``: a run, the factor to multiply by, and the transform.  They pad and cut
by themselves, so a transform along an axis is one call of a loop on the array with that axis last.  What is around them
follows numpy/fft/_pocketfft.py: the factor is computed in the precision of the input, several axes are transformed
from the last to the first.

Differences: an array of several axes gives a result in C order, whatever the order of the input.
"""

import numpy as np
from numpy.fft import _pocketfft_umath as loops

from naja import _core, bridge, njit, types
from naja.errors import TypingError
from naja.extending import overload
from naja.library import kinds, low
from naja.library.written import axis_text, written

_NORMS = {None: "backward", "backward": "backward", "ortho": "ortho", "forward": "forward"}
_INVERSE = {"backward": "forward", "ortho": "ortho", "forward": "backward"}
_BAD_NORM = 'Invalid norm value {}; should be "backward", "ortho" or "forward".'


# ---- arguments --------------------------------------------------------------------------------------------------------


def _check_input(a, name):
    if not kinds.is_array_like(a):
        raise TypingError(f"np.fft.{name}: a must be an array, not {a}")
    if not ((kinds.is_array(a) and a.ndim) or kinds.is_sequence(a)):
        raise TypingError(f"np.fft.{name}: axis -1 is out of bounds for array of dimension 0")


def _check_count(n, name):
    if not kinds.is_none(n) and not kinds.is_integer(n):
        raise TypingError(f"np.fft.{name}: n must be an integer or None, not {n}")


def _ndim(a):
    """Axes of the array that an array-like becomes."""
    if kinds.is_array(a):
        return a.ndim
    return (
        1 + (_ndim(a[0]) if len(a) and kinds.is_sequence(a[0]) else 0)
        if isinstance(a, types.BaseTuple)
        else 1
    )


def _norm(norm, forward, name):
    """The normalisation as it is seen forward; an invalid one stays as it is."""
    norm = kinds.value(norm, f"np.fft.{name}: norm")
    known = _NORMS.get(norm)
    return norm if known is None else known if forward else _INVERSE[known]


# ---- one axis ---------------------------------------------------------------------------------------------------------


class _Kind:
    """One of the four transforms: complex or real, there or back.

    Parameters
    ----------
    is_real, forward : bool
    """

    def __init__(self, is_real, forward):
        self.is_real, self.forward = is_real, forward
        self.is_half = is_real and forward  # gives n // 2 + 1 points of n
        self.makes_real = is_real and not forward

    def loops(self):
        """Return the loops for even and odd numbers of points."""
        if self.is_half:
            return loops.rfft_n_even, loops.rfft_n_odd
        loop = loops.irfft if self.is_real else loops.fft if self.forward else loops.ifft
        return loop, loop


_FFT, _IFFT, _RFFT, _IRFFT = (
    _Kind(is_real, forward) for is_real in (False, True) for forward in (True, False)
)


class _Types:
    """The types that one transform is done in, as NumPy chooses them.

    Parameters
    ----------
    kind : _Kind
    dtype : numpy.dtype
        Of the input.
    norm : str or None
        Seen forward.
    name : str
        Of the function, for the error.
    """

    def __init__(self, kind, dtype, norm, name):
        if dtype.kind not in "biufc":
            raise TypingError(f"np.fft.{name} transforms numbers, not {dtype}")
        rounded = np.result_type(np.empty(0, dtype).real.dtype, 1.0)
        result = rounded if kind.makes_real else np.result_type(dtype, 1j)
        try:
            chosen = kind.loops()[0].resolve_dtypes((dtype, int if norm == "backward" else rounded, result))
        except TypeError as error:
            raise TypingError(f"np.fft.{name}: {error}") from None
        self.rounded, self.result = rounded.type, result.type
        self.source, self.factor, self.target = (t.type for t in chosen)


def _factor(norm, types_):
    """A compiled function of the number of points that gives what the loop multiplies by."""
    rounded, factor = types_.rounded, types_.factor
    wide = np.float32 if rounded is np.float16 else rounded  # NumPy computes half precision in single
    if norm == "backward":
        return njit(lambda n: factor(1))
    if norm == "forward":
        return njit(lambda n: factor(rounded(wide(1) / wide(rounded(n)))))
    if norm == "ortho":
        return njit(lambda n: factor(rounded(wide(1) / wide(rounded(np.sqrt(wide(rounded(n))))))))
    return njit(lambda n: factor(1))  # of an invalid one: the transform will raise


def _converter(dtype, to):
    """A compiled function that brings an array into another type."""
    return njit((lambda a: a) if dtype == np.dtype(to) else (lambda a: a.astype(to)))


def _shape_with(ndim):
    """A compiled function that gives the shape of an array with another extent along one axis."""
    extents = "".join(f"n if axis == {k} else a.shape[{k}], " for k in range(ndim))
    return njit(written(__name__, f"def f(a, n, axis):\n    return ({extents})\n"))


def _transform(kind, dtype, ndim, norm, name):
    """A compiled function of (a, n, axis) that transforms an array along one axis, counted from the front."""
    types_ = _Types(kind, dtype, norm, name)
    even, odd = kind.loops()
    is_half, target = kind.is_half, types_.target
    is_bad, bad_norm = norm not in _INVERSE, _BAD_NORM.format(norm)
    factor, shape_with = _factor(norm, types_), _shape_with(ndim)
    convert, narrow = _converter(dtype, types_.source), _converter(np.dtype(target), types_.result)

    @njit
    def run(a, scale, out, n):
        if is_half and n % 2:
            bridge.run(odd, a, scale, out)
        else:
            bridge.run(even, a, scale, out)

    @njit
    def transform(a, n, axis):
        if n < 1:
            low.value_error("Invalid number of FFT data points (%d) specified.", n, 0)
        if is_bad:
            raise ValueError(bad_norm)
        scale = factor(n)
        out = np.empty(shape_with(a, n // 2 + 1 if is_half else n, axis), target)
        if ndim == 1:
            run(convert(a), scale, out, n)
        else:
            run(convert(np.swapaxes(a, axis, -1)), scale, np.swapaxes(out, axis, -1), n)
        return narrow(out)

    return transform


def _finish(result, out, ndim, name):
    """A compiled function of (result, out, axis) that gives the result, in `out` if that is given."""
    if kinds.is_none(out):
        return njit(lambda result, out, axis: result)
    if not kinds.is_array(out) or out.readonly:
        raise TypingError(f"np.fft.{name}: out must be a writable array, not {out}")
    to = _core.type_dtype(out.dtype)
    if not np.can_cast(result, to, "same_kind"):
        raise TypingError(
            f"np.fft.{name}: Cannot cast ufunc output from {np.dtype(result)!r} to {to!r} "
            "with casting rule 'same_kind'"
        )
    if out.ndim != ndim:

        @njit
        def refuse(result, out, axis):
            raise ValueError("output array has wrong shape.")
            return out

        return refuse

    @njit
    def finish(result, out, axis):
        if out.shape[axis] != result.shape[axis]:
            raise ValueError("output array has wrong shape.")
        out[...] = result
        return out

    return finish


def _dtype(a):
    """The dtype of the array that an array-like becomes."""
    return _core.type_dtype(kinds.scalar_type(a))


def _result(kind, dtype):
    """The scalar class of what a transform gives."""
    return _Types(kind, dtype, "backward", "fft").result


def _one_axis(function, kind, hermitian=False):
    """Register a transform along one axis; Hermitian ones conjugate and count as the other direction."""
    name = function.__name__
    makes_real = kind.makes_real
    before, after = hermitian and makes_real, hermitian and not makes_real

    def factory(a, n=None, axis=-1, norm=None, out=None):
        _check_input(a, name)
        _check_count(n, name)
        dtype, ndim = _dtype(a), _ndim(a)
        transform = _transform(kind, dtype, ndim, _norm(norm, kind.forward != hermitian, name), name)
        given = None if before else out  # NumPy's hfft makes no use of `out`
        finish = _finish(_result(kind, dtype), given, ndim, name)
        whole = kinds.is_none(n)

        def fft(a, n=None, axis=-1, norm=None, out=None):
            array = np.conj(np.asarray(a)) if before else np.asarray(a)
            place = low.checked_axis(axis, ndim)
            if whole:
                points = 2 * (array.shape[place] - 1) if makes_real else array.shape[place]
            else:
                points = n
            result = transform(array, points, place)
            return finish(np.conj(result) if after else result, out, place)

        return fft

    factory.__doc__ = f"`numpy.fft.{name}`."
    overload(function, prefer_literal=True)(factory)


_one_axis(np.fft.fft, _FFT)
_one_axis(np.fft.ifft, _IFFT)
_one_axis(np.fft.rfft, _RFFT)
_one_axis(np.fft.irfft, _IRFFT)
_one_axis(np.fft.hfft, _IRFFT, hermitian=True)
_one_axis(np.fft.ihfft, _RFFT, hermitian=True)


# ---- several axes ------------------------------------------------------------------------------------------------------


def _length(t, name, what):
    """Number of integers in a tuple argument."""
    if not isinstance(t, (types.BaseTuple, tuple)) or not all(map(kinds.is_integer, t)):
        raise TypingError(f"np.fft.{name}: {what} must be a tuple of integers in compiled code, not {t}")
    return len(t)


def _axis_item(axes, k, naxes, ndim):
    """Text for axis number k."""
    return f"{ndim - naxes + k}" if kinds.is_none(axes) else f"low.checked_axis(axes[{k}], {ndim})"


def _plan(s, axes, naxes, ndim, half_back):
    """A compiled function of (a, s, axes) that gives the points and the axes of every transform, as two tuples."""
    places = [_axis_item(axes, k, naxes, ndim) for k in range(naxes)]
    lines = [f"    p{k} = {place}" for k, place in enumerate(places)]
    for k in range(naxes):
        own = f"a.shape[p{k}]"
        if not kinds.is_none(s):
            lines.append(f"    n{k} = {own} if s[{k}] == -1 else s[{k}]")
        elif half_back and k == naxes - 1:
            lines.append(f"    n{k} = 2 * ({own} - 1)")
        else:
            lines.append(f"    n{k} = {own}")
    points, axes = ("(" + "".join(f"{x}{k}, " for k in range(naxes)) + ")" for x in "np")
    text = "def f(a, s, axes):\n" + "\n".join(lines) + f"\n    return {points}, {axes}\n"
    return njit(written(__name__, text, low=low))


def _steps(kinds_, dtype, ndim, norm, name):
    """A compiled function of (a, points, axes) that transforms an array along one axis after another.

    Parameters
    ----------
    kinds_ : list of _Kind
        By axis, in the order of `axes`; the last axis is the first to be transformed, unless its transform ends in real
        numbers.
    """
    order = range(len(kinds_)) if kinds_[-1].makes_real else range(len(kinds_) - 1, -1, -1)
    lines, names = [], {}
    for at, k in enumerate(order):
        kind = kinds_[k]
        names[f"step{at}"] = _transform(kind, dtype, ndim, _norm(norm, kind.forward, name), name)
        dtype = np.dtype(_result(kind, dtype))
        lines.append(f"    a{at + 1} = step{at}(a{at}, n[{k}], p[{k}])\n")
    text = f"def f(a0, n, p):\n{''.join(lines)}    return a{len(lines)}\n"
    return njit(written(__name__, text, **names)), dtype.type


def _several_axes(function, kind, takes_out=True):
    """Register a transform along several axes: of the last one of this kind, of the others complex."""
    name = function.__name__
    other = _FFT if kind.forward else _IFFT
    two = name.endswith("2")

    def choose(a, s, axes, norm, out):
        _check_input(a, name)
        ndim = _ndim(a)
        if not kinds.is_none(axes):
            naxes = _length(axes, name, "axes")
            if not kinds.is_none(s) and _length(s, name, "s") != naxes:
                return _wrong_lengths(two)
        else:
            naxes = ndim if kinds.is_none(s) else _length(s, name, "s")
            if naxes > ndim:
                raise TypingError(
                    f"np.fft.{name}: axis {-naxes} is out of bounds for array of dimension {ndim}"
                )
        if naxes == 0:
            raise TypingError(f"np.fft.{name}: at least one axis must be transformed in compiled code")
        steps, result = _steps([other] * (naxes - 1) + [kind], _dtype(a), ndim, norm, name)
        plan = _plan(s, axes, naxes, ndim, kind.makes_real)
        finish = _finish(result, out if takes_out else None, ndim, name)
        axes_text = axis_text(axes).replace("axis", "axes") if kinds.is_known(axes) else "axes"
        default = "(-2, -1)" if two else "None"
        text = f"""
def f(a, s=None, axes={default}, norm=None, out=None):
    array = np.asarray(a)
    points, places = plan(array, s, {axes_text})
    return finish(steps(array, points, places), out, places[0])
"""
        return written(__name__, text, plan=plan, steps=steps, finish=finish)

    if two:

        def factory(a, s=None, axes=(-2, -1), norm=None, out=None):
            return choose(a, s, axes, norm, out)

    else:

        def factory(a, s=None, axes=None, norm=None, out=None):
            return choose(a, s, axes, norm, out)

    factory.__doc__ = f"`numpy.fft.{name}`."
    overload(function, prefer_literal=True)(factory)


def _wrong_lengths(two):
    def fail(a, s=None, axes=None, norm=None, out=None):
        raise ValueError("Shape and axes have different lengths.")

    def fail2(a, s=None, axes=(-2, -1), norm=None, out=None):
        raise ValueError("Shape and axes have different lengths.")

    return fail2 if two else fail


# NumPy's ifft2 and irfft2 make no use of `out`.
_several_axes(np.fft.fftn, _FFT)
_several_axes(np.fft.fft2, _FFT)
_several_axes(np.fft.ifftn, _IFFT)
_several_axes(np.fft.ifft2, _IFFT, takes_out=False)
_several_axes(np.fft.rfftn, _RFFT)
_several_axes(np.fft.rfft2, _RFFT)
_several_axes(np.fft.irfftn, _IRFFT)
_several_axes(np.fft.irfft2, _IRFFT, takes_out=False)


# ---- frequencies and shifts ----------------------------------------------------------------------------------------------


def _check_points(n, name):
    if not kinds.is_integer(n):
        raise TypingError(f"np.fft.{name}: n should be an integer, not {n}")


@overload(np.fft.fftfreq, prefer_literal=True)
def fftfreq(n, d=1.0, device=None):
    """`numpy.fft.fftfreq`."""
    _check_points(n, "fftfreq")

    def fftfreq(n, d=1.0, device=None):
        scale = 1.0 / (n * d)
        half = (n - 1) // 2 + 1
        if n < 0:
            raise ValueError("negative dimensions are not allowed")
        out = np.empty(n, np.float64)
        for i in range(n):
            out[i] = (i if i < half else i - n) * scale
        return out

    return fftfreq


@overload(np.fft.rfftfreq, prefer_literal=True)
def rfftfreq(n, d=1.0, device=None):
    """`numpy.fft.rfftfreq`."""
    _check_points(n, "rfftfreq")

    def rfftfreq(n, d=1.0, device=None):
        scale = 1.0 / (n * d)
        out = np.empty(max(n // 2 + 1, 0), np.float64)
        for i in range(len(out)):
            out[i] = i * scale
        return out

    return rfftfreq


def _shift(function, sign):
    """Register fftshift (sign 1) or ifftshift (-1): half a turn along some axes."""
    name = function.__name__

    def factory(x, axes=None):
        if not kinds.is_array_like(x) or kinds.is_number(x):
            raise TypingError(f"np.fft.{name}: x must be an array, not {x}")
        ndim = _ndim(x)
        if kinds.is_none(axes):
            places = [str(k) for k in range(ndim)]
        elif kinds.is_integer(axes):
            places = [f"low.checked_axis(axes, {ndim})"]
        else:
            places = [f"low.checked_axis(axes[{k}], {ndim})" for k in range(_length(axes, name, "axes"))]
        lines = [f"    p{k} = {place}\n" for k, place in enumerate(places)]
        lines += [
            f"    out = turned(out, {'-' if sign < 0 else ''}(array.shape[p{k}] // 2), p{k})\n"
            for k in range(len(places))
        ]
        text = f"def f(x, axes=None):\n    array = np.asarray(x)\n    out = array.copy()\n{''.join(lines)}    return out\n"
        return written(__name__, text, low=low, turned=_turned)

    factory.__doc__ = f"`numpy.fft.{name}`."
    overload(function, prefer_literal=True)(factory)


@njit
def _turned(a, shift, axis):
    """A C-contiguous array with its elements moved along one axis, those that leave it coming in again at the other end."""
    out = np.empty_like(a)
    n = a.shape[axis]
    if a.size == 0:
        return out
    inner = 1
    for k in range(axis + 1, a.ndim):
        inner *= a.shape[k]
    source, target = a.reshape(a.size // (n * inner), n, inner), out.reshape(a.size // (n * inner), n, inner)
    by = shift % n
    for i in range(source.shape[0]):
        for j in range(n):
            target[i, j + by - (n if j + by >= n else 0)] = source[i, j]
    return out


_shift(np.fft.fftshift, 1)
_shift(np.fft.ifftshift, -1)
