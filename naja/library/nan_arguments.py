"""where=, initial=, out=, mean= and several axes of the reductions that skip NaN; what is left is in `reductions`.

NaN is replaced by the operation's identity and the reduction that does not skip it is called, so the bits are NumPy's.
"""

import numpy as np

from naja import types
from naja.extending import overload
from naja.library.kinds import is_array_like
from naja.library.reduction_arguments import _is_mask
from naja.library.reductions import _square, as_kind_of, is_array, is_flag, is_inexact, is_none, literal, put
from naja.library.written import axis_text, written


def _wants(axis, out, where, *others):
    """Whether a call has one of the arguments that this module is for."""
    several = isinstance(axis, types.BaseTuple)
    return several or not is_none(out) or _is_mask(where) or not all(is_none(t) for t in others)


def _masked(where):
    return ", where=where" if _is_mask(where) else ""


def _write(parameters, lines, **names):
    text = "".join(f"    {line}\n" for line in lines)
    return written(
        __name__, f"def f({parameters}):\n{text}", put=put, as_kind_of=as_kind_of, square=_square, **names
    )


def _returned(out, found):
    return f"return {found}" if is_none(out) else f"return put(out, {found})"


_TOTAL = "a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=True"


def _total(function, neutral):
    nan_function = getattr(np, "nan" + function.__name__)

    @overload(nan_function, prefer_literal=True)
    def factory(a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=True):
        if not is_array_like(a) or not is_flag(keepdims) or not _wants(axis, out, where, initial):
            return None
        if not is_array(a):
            return _again(nan_function, _TOTAL, keepdims, axis, dtype, out, initial, where)
        first = "" if is_none(initial) else ", initial=initial"
        filled = f"np.where(np.isnan(a), {neutral}, a)" if is_inexact(a) else "a"
        call = f"total({filled}, {axis_text(axis)}, dtype, keepdims={literal(keepdims, False)}{first}{_masked(where)})"
        return _write(_TOTAL, [_returned(out, call)], total=function)


def _again(function, parameters, keepdims, axis, dtype, out, initial, where, **others):
    """A call with an array in place of an array-like."""
    given = [f"axis={axis_text(axis)}", f"keepdims={literal(keepdims, False)}"]
    names = {"dtype": dtype, "out": out, "initial": initial, **others}
    given += [f"{name}={name}" for name, t in names.items() if not is_none(t)]
    call = f"function(np.asarray(a), {', '.join(given)}{_masked(where)})"
    return _write(parameters, [f"return {call}"], function=function)


_total(np.sum, 0)
_total(np.prod, 1)

_EXTREME = "a, axis=None, out=None, keepdims=False, initial=None, where=True"


def _extreme(function):
    nan_function = getattr(np, "nan" + function.__name__)
    name = "fmax" if function is np.max else "fmin"

    @overload(nan_function, prefer_literal=True)
    def factory(a, axis=None, out=None, keepdims=False, initial=None, where=True):
        if not is_array_like(a) or not is_flag(keepdims) or not _wants(axis, out, where, initial):
            return None
        if not is_array(a):
            return _again(nan_function, _EXTREME, keepdims, axis, None, out, initial, where)
        keep = f"keepdims={literal(keepdims, False)}"
        if is_none(initial):
            if _is_mask(where):
                raise ValueError(
                    f"reduction operation '{name}' does not have an identity, so to use a where mask one has to specify 'initial'"
                )
            if isinstance(axis, types.BaseTuple):
                if isinstance(a.dtype, types.Complex):
                    return None
                if not is_inexact(a):
                    call = f"extreme(a, {axis_text(axis)}, {keep})"
                    return _write(_EXTREME, [_returned(out, call)], extreme=function)
                worst = "-np.inf" if function is np.max else "np.inf"
                lines = [
                    f"found = extreme(np.where(np.isnan(a), {worst}, a), {axis_text(axis)}, {keep})",
                    f"some = np.any(~np.isnan(a), {axis_text(axis)}, {keep})",
                    _returned(out, "as_kind_of(kind, np.where(some, found, np.nan))"),
                ]
                return _write(_EXTREME, lines, extreme=function, kind=a.dtype)
            call = f"nan_extreme(a, {axis_text(axis)}, {keep})"
        else:
            filled = "np.where(np.isnan(a), initial, a).astype(a.dtype)" if is_inexact(a) else "a"
            call = f"extreme({filled}, {axis_text(axis)}, {keep}, initial=initial{_masked(where)})"
        return _write(_EXTREME, [_returned(out, call)], extreme=function, nan_extreme=nan_function)


_extreme(np.max)
_extreme(np.min)

_MEAN = "a, axis=None, dtype=None, out=None, keepdims=False, where=True"


@overload(np.nanmean, prefer_literal=True)
def nanmean(a, axis=None, dtype=None, out=None, keepdims=False, where=True):
    if not is_array_like(a) or not is_flag(keepdims) or not _wants(axis, out, where):
        return None
    if not is_array(a) or (is_inexact(a) and not is_none(dtype)):
        source = "np.asarray(a)" if is_none(dtype) else "np.asarray(a).astype(dtype)"
        rest = f"axis={axis_text(axis)}, keepdims={literal(keepdims, False)}{_masked(where)}"
        call = f"function({source}, {rest}{'' if is_none(out) else ', out=out'})"
        return _write(_MEAN, [f"return {call}"], function=np.nanmean)
    rest = f"{axis_text(axis)}, keepdims={literal(keepdims, False)}{_masked(where)}"
    if not is_inexact(a):
        return _write(
            _MEAN, [_returned(out, f"np.mean(a, {rest}{'' if is_none(dtype) else ', dtype=dtype'})")]
        )
    lines = [
        "absent = np.isnan(a)",
        f"count = np.sum(~absent, {rest})",
        f"total = np.sum(np.where(absent, 0, a), {rest})",
        _returned(out, "as_kind_of(kind, np.divide(total, count))"),
    ]
    return _write(_MEAN, lines, kind=a.dtype)


_SPREAD = "a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, where=True, mean=None, correction=None"


@overload(np.nanvar, prefer_literal=True)
def nanvar(
    a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, where=True, mean=None, correction=None
):
    if not is_array_like(a) or not is_flag(keepdims) or not _wants(axis, out, where, mean, correction):
        return None
    less = "ddof" if is_none(correction) else "correction"
    keep, axes = literal(keepdims, False), axis_text(axis)
    if not is_array(a) or not is_none(dtype) or not is_inexact(a):
        kind = "dtype" if not is_none(dtype) else "np.float64"
        plain = is_array(a) and is_inexact(a)
        source = (
            f"np.asarray(a).astype({kind})"
            if plain or not is_none(dtype) or _is_whole(a)
            else "np.asarray(a)"
        )
        given = "".join(f", {name}={name}" for name, t in (("out", out), ("mean", mean)) if not is_none(t))
        call = f"function({source}, {axes}, ddof={less}, keepdims={keep}{given}{_masked(where)})"
        return _write(_SPREAD, [f"return {call}"], function=np.nanvar)
    real = a.dtype.underlying_float if isinstance(a.dtype, types.Complex) else a.dtype
    masked = _masked(where)
    lines = ["absent = np.isnan(a)", f"count = np.sum(~absent, {axes}, keepdims=True{masked})"]
    if is_none(mean):
        lines.append(
            f"middle = np.divide(np.sum(np.where(absent, 0, a), {axes}, keepdims=True{masked}), count).astype(kind)"
        )
    else:
        lines.append("middle = mean")
    lines += [
        "parts = np.where(absent, 0, a - middle)",
        f"freedom = np.sum(~absent, {axes}, keepdims={keep}{masked}) - {less}",
        f"spread = np.divide(np.sum(square(parts), {axes}, keepdims={keep}{masked}), freedom)",
        _returned(out, "as_kind_of(real, np.where(freedom <= 0, np.nan, spread))"),
    ]
    return _write(_SPREAD, lines, kind=a.dtype, real=real)


def _is_whole(a):
    return is_array(a) and not is_inexact(a)


@overload(np.nanstd, prefer_literal=True)
def nanstd(
    a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, where=True, mean=None, correction=None
):
    if not is_array_like(a) or not is_flag(keepdims) or not _wants(axis, out, where, mean, correction):
        return None
    names = {"dtype": dtype, "mean": mean, "correction": correction}
    given = "".join(f", {name}={name}" for name, t in names.items() if not is_none(t))
    rest = f"{axis_text(axis)}, ddof=ddof, keepdims={literal(keepdims, False)}{given}{_masked(where)}"
    return _write(_SPREAD, [_returned(out, f"np.sqrt(np.nanvar(a, {rest}))")])
