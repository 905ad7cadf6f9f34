"""Arguments of reductions that the emitted ones leave out: where=, initial=, out=; numbers and tuples as arrays.

One argument is taken off at a time: what is left is a call of the same function.  Elements that `where` leaves out
count as the neutral element, and `initial` joins the result: sums of floats can differ from NumPy's in the last bit
then, whose runs end at such elements.  Sums and products of float16 run in float32, as NumPy's do.
"""

import numpy as np

from naja import types
from naja.extending import overload, overload_method
from naja.library.kinds import is_array, is_number, is_sequence
from naja.library.reductions import as_kind_of, is_flag, is_none, literal, put
from naja.library.shared import shared
from naja.library.written import axis_text, written

_JOINS = {"sum": np.add, "prod": np.multiply, "min": np.minimum, "max": np.maximum}
_NEUTRAL = {"sum": 0, "prod": 1, "any": False, "all": True}
_WORDS = {"min": "minimum", "max": "maximum"}


def _of_array(function, head, **arguments):
    """A call with an array in place of an array-like, and with all that is given."""
    given = ""
    for name, t in arguments.items():
        if not isinstance(t, types.Type) or is_none(t):
            continue
        known = name == "keepdims" and isinstance(t, types.Literal)
        given += f", {name}={axis_text(t) if name == 'axis' else repr(t.literal_value) if known else name}"
    return written(
        __name__, f"def f(a, {head}):\n    return function(np.asarray(a){given})\n", function=function
    )


def _is_mask(where):
    return not is_none(where) and literal(where, None) is not True


def _leaves_number(axis, keep, ndim):
    reduced = ndim if is_none(axis) else axis.count if isinstance(axis, types.BaseTuple) else 1
    return not keep and reduced >= ndim


def _nothing(axis, at, keep, ndim):
    """Text that answers for an array without elements, of which only `initial` is left."""
    left = f"np.full(np.sum(a, {at}, None, None, {keep}).shape, kind(initial))"
    if _leaves_number(axis, keep, ndim):
        left = "kind(initial)"
    return f"    if a.size == 0:\n        return {left}\n"


def _expression(name, ndim, axis, dtype, out, keep, initial, where, out_dtype):
    """The text of the reduction without one of its arguments; NumPy's words when there is none."""
    kind = "" if name not in ("sum", "prod") else ", dtype"
    at = axis_text(axis)
    rest = f"{at}{kind}, None, {keep}"
    given = "".join(f", {n}={n}" for n, is_given in (("initial", initial), ("where", where)) if is_given)
    if out:
        if kind and out_dtype is not None:
            rest = f"{at}, out_dtype, None, {keep}"
        return f"    return put(out, function(a, {rest}{given}))"
    if where:
        if name not in _NEUTRAL and not initial:
            raise ValueError(
                f"reduction operation '{_WORDS[name]}' does not have an identity, so to use a where mask one has to "
                "specify 'initial'"
            )
        if name in _WORDS:
            masked = "np.where(where, a, kind(initial))"
            return (
                _nothing(axis, at, keep, ndim) + f"    return join(function({masked}, {rest}), kind(initial))"
            )
        joined = ", initial=initial" if initial else ""
        return f"    return function(np.where(where, a, kind({_NEUTRAL[name]})), {rest}{joined})"
    if initial:
        if name in _WORDS:
            return _nothing(axis, at, keep, ndim) + f"    return join(function(a, {rest}), kind(initial))"
        return f"    return join(function(a, {rest}), initial)"
    return f"    return function(a, {rest})"


def _parameters(name):
    return (
        "axis=None, dtype=None, out=None, keepdims=False, initial=None, where=True"
        if name in ("sum", "prod")
        else "axis=None, out=None, keepdims=False, initial=None, where=True"
    )


def _of_halves(function, name, a, axis, dtype, out, keep, initial, where):
    """Sums and products of float16 are computed in float32 and rounded once, unless a dtype says otherwise."""
    given = "" if is_none(initial) else ", initial=initial"
    given += ", where=where" if _is_mask(where) else ""
    kind = "np.float32" if is_none(dtype) else "dtype"
    found = f"function(a.astype({kind}), {axis_text(axis)}, None, None, {keep}{given})"
    if is_none(dtype):
        found = f"narrow({found})"
    if not is_none(out):
        found = f"put(out, {found})"
    narrow = np.float16 if _leaves_number(axis, keep, a.ndim) else _narrowed
    text = f"def f(a, {_parameters(name)}):\n    return {found}\n"
    return written(__name__, text, function=function, narrow=narrow, put=put)


def _implementation(function, name, a, axis, dtype, out, keepdims, initial, where):
    if not is_flag(keepdims):
        return None
    keep = literal(keepdims, False)
    if not is_array(a):
        if not is_number(a) and not is_sequence(a):
            return None
        given = {"dtype": dtype} if name in ("sum", "prod") else {}
        given |= {"axis": axis, "out": out, "keepdims": keepdims, "initial": initial, "where": where}
        return _of_array(function, _parameters(name), **given)
    if name in _NEUTRAL and a.dtype == types.float16 and name in ("sum", "prod"):
        return _of_halves(function, name, a, axis, dtype, out, keep, initial, where)
    has_initial, has_where, has_out = not is_none(initial), _is_mask(where), not is_none(out)
    if has_out and not is_array(out):
        return None
    if has_initial and name not in _JOINS:
        return None
    if initial is None and where is True and not has_out:
        return None
    out_dtype = out.dtype if has_out and is_none(dtype) else None
    text = _expression(name, a.ndim, axis, dtype, has_out, keep, has_initial, has_where, out_dtype)
    return written(
        __name__,
        f"def f(a, {_parameters(name)}):\n{text}\n",
        function=function,
        put=put,
        join=_JOINS.get(name),
        kind=a.dtype,
        out_dtype=out_dtype,
    )


@shared
def _narrowed(a):
    return a.astype(np.float16)


def _add(function, name):
    if name in ("sum", "prod"):

        def factory(a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=True):
            return _implementation(function, name, a, axis, dtype, out, keepdims, initial, where)

    else:

        def factory(a, axis=None, out=None, keepdims=False, initial=None, where=True):
            return _implementation(function, name, a, axis, None, out, keepdims, initial, where)

    overload(function, prefer_literal=True)(factory)
    overload_method(types.Array, name, prefer_literal=True)(factory)


for _name in ("sum", "prod", "min", "max", "any", "all"):
    _add(getattr(np, _name), _name)


@overload(np.mean, prefer_literal=True)
def mean(a, axis=None, dtype=None, out=None, keepdims=False, where=True):
    if not is_array(a):
        if not is_number(a) and not is_sequence(a):
            return None
        head = "axis=None, dtype=None, out=None, keepdims=False, where=True"
        return _of_array(np.mean, head, axis=axis, dtype=dtype, out=out, keepdims=keepdims, where=where)
    whole = is_none(axis) and is_none(dtype) and is_none(out) and literal(keepdims, None) is False
    if a.dtype == types.float16 and whole and not _is_mask(where):

        def mean_of_halves(a, axis=None, dtype=None, out=None, keepdims=False, where=True):
            return np.float16(np.mean(a.astype(np.float32)))

        return mean_of_halves
    if not _is_mask(where) or not is_none(out) or not is_flag(keepdims):
        return _into(np.mean, out, keepdims, where)
    keep = literal(keepdims, False)
    kind = types.float64 if isinstance(a.dtype, (types.Integer, types.Boolean)) else a.dtype
    kind = kind if is_none(dtype) else dtype.dtype

    total = types.float32 if kind == types.float16 else kind
    at = axis_text(axis)
    return written(
        __name__,
        "def f(a, axis=None, dtype=None, out=None, keepdims=False, where=True):\n"
        f"    count = np.sum(np.broadcast_to(where, a.shape), {at}, None, None, {keep})\n"
        f"    total = np.sum(a.astype(wide), {at}, None, None, {keep}, where=where)\n"
        "    return as_kind_of(kind, np.divide(total, count))\n",
        kind=kind,
        wide=total,
        as_kind_of=as_kind_of,
    )


def _into(function, out, keepdims, where):
    if is_none(out) or not is_array(out) or not is_flag(keepdims) or _is_mask(where):
        return None
    keep = literal(keepdims, False)

    def into(a, axis=None, dtype=None, out=None, keepdims=False, where=True):
        return put(out, function(a, axis, dtype, None, keep))

    return into


overload_method(types.Array, "mean", prefer_literal=True)(mean)


# ---- out= of running sums, of positions and of spreads ---------------------------------------------------------------


def _is_bool(dtype):
    named = dtype.dtype if isinstance(dtype, types.DType) else getattr(dtype, "object", dtype)
    return isinstance(named, types.Boolean) or named is bool or named is np.bool_


def _narrow_integer(dtype):
    """The integer type of less than 64 bits that a dtype argument names, or None."""
    named = dtype.dtype if isinstance(dtype, types.DType) else None
    return named if isinstance(named, types.Integer) and named.bitwidth < 64 else None


def _scan(function, of_bools):
    @overload(function, prefer_literal=True)
    def factory(a, axis=None, dtype=None, out=None):
        if not is_array(a):
            if not is_number(a) and not is_sequence(a):
                return None
            return _of_array(function, "axis=None, dtype=None, out=None", axis=axis, dtype=dtype, out=out)
        if is_none(out) and _is_bool(dtype):
            if is_none(axis):
                return lambda a, axis=None, dtype=None, out=None: of_bools.accumulate(np.ravel(a) != 0)
            return lambda a, axis=None, dtype=None, out=None: of_bools.accumulate(a != 0, axis)
        narrow = _narrow_integer(dtype)
        if is_none(out) and narrow and not isinstance(a.dtype, types.Complex):
            # the last bits of a wide sum are those of a narrow one
            return lambda a, axis=None, dtype=None, out=None: function(a.astype(narrow), axis).astype(narrow)
        if not is_array(out):
            return None
        return written(
            __name__,
            "def f(a, axis=None, dtype=None, out=None):\n"
            f"    return put(out, function(a, {axis_text(axis)}, dtype))\n",
            function=function,
            put=put,
        )

    overload_method(types.Array, function.__name__, prefer_literal=True)(factory)


_scan(np.cumsum, np.logical_or)
_scan(np.cumprod, np.logical_and)


def _extreme_range(function):
    @overload(function, prefer_literal=True)
    def factory(a, axis=None, out=None, keepdims=False):
        if not is_array(a):
            if not is_number(a) and not is_sequence(a):
                return None
            head = "axis=None, out=None, keepdims=False"
            return _of_array(function, head, axis=axis, out=out, keepdims=keepdims)
        if not is_array(out) or not is_flag(keepdims):
            return None
        keep = literal(keepdims, False)

        def into(a, axis=None, out=None, keepdims=False):
            return put(out, function(a, axis, None, keep))

        return into


_extreme_range(np.ptp)


def _position(function):
    @overload(function, prefer_literal=True)
    def factory(a, axis=None, out=None, keepdims=False):
        if not is_array(a):
            if not is_number(a) and not is_sequence(a):
                return None
            head = "axis=None, out=None, keepdims=False"
            return _of_array(function, head, axis=axis, out=out, keepdims=keepdims)
        if literal(keepdims, None) not in (True, False) or (literal(keepdims, False) and is_none(axis)):
            return None
        found = f"function(a, {axis_text(axis)})"
        if literal(keepdims, False) and a.ndim:
            found = f"np.expand_dims({found}, axis)"
        if is_array(out):
            body = f"    return put(out, {found})"
        elif is_none(out) and literal(keepdims, False):
            body = f"    return {found}"
        else:
            return None
        return written(
            __name__, f"def f(a, axis=None, out=None, keepdims=False):\n{body}\n", function=function, put=put
        )

    overload_method(types.Array, function.__name__, prefer_literal=True)(factory)


_position(np.argmin)
_position(np.argmax)


def _of_anything(function):
    @overload(function)
    def factory(a, axis=None):
        if is_array(a) or not (is_number(a) or is_sequence(a)):
            return None
        return lambda a, axis=None: function(np.asarray(a), axis)


for _function in (np.var, np.std, np.count_nonzero):
    _of_anything(_function)


@overload(np.count_nonzero, prefer_literal=True)
def count_nonzero(a, axis=None, *, keepdims=False):
    """`numpy.count_nonzero` of halves, times, bytes and strings: they are compared first."""
    if not is_array(a):
        return None
    if isinstance(a.dtype, (types.CharSeq, types.UnicodeCharSeq)):
        none = "b''" if isinstance(a.dtype, types.CharSeq) else "''"
    elif a.dtype == types.float16 or isinstance(a.dtype, types.NPTimedelta):
        none = "0" if a.dtype == types.float16 else "zero"
    else:
        return None
    return written(
        __name__,
        "def f(a, axis=None, *, keepdims=False):\n"
        f"    return np.count_nonzero(a != {none}, {axis_text(axis)}, keepdims={bool(literal(keepdims, False))})\n",
        zero=np.timedelta64(0),
    )
