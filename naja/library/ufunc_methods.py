"""Methods of ufuncs of two operands: reduce, accumulate, reduceat, outer, at.

`np.add.reduce` and its likes are the reductions that naja emits.  Other ufuncs run over the axis in question one
element (for several axes: one row) after another, which is NumPy's order where it has no faster one of its own.
"""

import numpy as np

from naja import _core, types
from naja.errors import TypingError
from naja.library import low
from naja.library.kinds import is_array, is_array_like, is_integer, is_none, is_number, scalar_type, value
from naja.library.low import checked_axis, checked_index
from naja.library.reductions import literal
from naja.library.written import axis_text, written

_REDUCTIONS = {
    np.add: np.sum,
    np.multiply: np.prod,
    np.minimum: np.min,
    np.maximum: np.max,
    np.logical_and: np.all,
    np.logical_or: np.any,
}
_RUNNING = {np.add: np.cumsum, np.multiply: np.cumprod}
_WITH_DTYPE = (np.add, np.multiply)


def is_own(ufunc):
    """Whether it is an object of `naja.vectorize`, which is no `numpy.ufunc` itself."""
    return getattr(type(ufunc), "_is_naja_ufunc", False)


def result_type(ufunc, *types):
    """The NumPy dtype of a ufunc's result on elements of these types, one of them for all if there is but one; or None."""
    types = types if len(types) == ufunc.nin else types * ufunc.nin
    if is_own(ufunc):
        ufunc = ufunc._ufunc_for(types)
    try:
        return ufunc.resolve_dtypes((*(_core.type_dtype(t) for t in types), None))[-1].type
    except TypeError:
        return None


def _is_reorderable(ufunc, kind):
    if is_own(ufunc):
        return ufunc.is_reorderable
    try:
        ufunc.reduce(np.ones((1, 1), kind), axis=None)
    except ValueError:
        return False
    return True


def _reduce_number(ufunc, kind, has_initial):
    """`ufunc.reduce` of an array without axes: its element, with `initial` or what is neutral in front of it."""
    if has_initial:
        return lambda array, axis=0, dtype=None, out=None, keepdims=False, initial=None, where=True: ufunc(
            kind(initial), kind(array[()])
        )
    neutral = ufunc.identity
    if neutral is not None:
        return lambda array, axis=0, dtype=None, out=None, keepdims=False, initial=None, where=True: ufunc(
            kind(neutral), kind(array[()])
        )
    return lambda array, axis=0, dtype=None, out=None, keepdims=False, initial=None, where=True: kind(
        array[()]
    )


def _reduce(ufunc):
    known = None if is_own(ufunc) else _REDUCTIONS.get(ufunc)

    def emitted(array, axis, dtype, out, keepdims, initial, where):
        kind = ", dtype" if ufunc in _WITH_DTYPE else ""
        if not kind and not is_none(dtype):
            return None
        extra = "" if is_none(initial) else ", initial=initial"
        extra += "" if where is True else ", where=where"
        keep = value(keepdims, "ufunc.reduce: keepdims")
        call = f"reduction(array, {axis_text(axis)}{kind}, out, {bool(keep)}{extra})"
        text = (
            "def f(array, axis=0, dtype=None, out=None, keepdims=False, initial=None, where=True):\n"
            f"    return {call}\n"
        )
        return written(__name__, text, reduction=known)

    def factory(array, axis=0, dtype=None, out=None, keepdims=False, initial=None, where=True):
        if not is_array(array):
            return None
        if known is not None:
            return emitted(array, axis, dtype, out, keepdims, initial, where)
        if not (is_none(dtype) and is_none(out) and where is True) or value(
            keepdims, "ufunc.reduce: keepdims"
        ):
            return None
        kind = result_type(ufunc, array.dtype)
        if (
            kind is None
            or isinstance(axis, types.BaseTuple)
            or (is_none(axis) and not _is_reorderable(ufunc, kind))
        ):
            return None
        if array.ndim == 0 and literal(axis, None) in (0, -1):
            return _reduce_number(ufunc, kind, not is_none(initial))
        neutral, has_initial = ufunc.identity, not is_none(initial)
        has_neutral = neutral is not None
        message = f"zero-size array to reduction operation {ufunc.__name__} which has no identity"

        def reduce_row(a, initial):
            n, start = a.shape[0], 0
            if has_initial:
                total = kind(initial)
            elif has_neutral:
                total = kind(neutral)
            elif n == 0:
                raise ValueError(message)
            else:
                total, start = kind(a[0]), 1
            for i in range(start, n):
                total = ufunc(total, a[i])
            return total

        if is_none(axis):
            return (
                lambda array,
                axis=0,
                dtype=None,
                out=None,
                keepdims=False,
                initial=None,
                where=True: reduce_row(np.ravel(array), initial)
            )
        if array.ndim == 1:

            def reduce_only_axis(
                array, axis=0, dtype=None, out=None, keepdims=False, initial=None, where=True
            ):
                checked_axis(axis, 1)
                return reduce_row(array, initial)

            return reduce_only_axis

        def reduce(array, axis=0, dtype=None, out=None, keepdims=False, initial=None, where=True):
            a = np.moveaxis(array, checked_axis(axis, array.ndim), 0)
            total = np.empty(a.shape[1:], kind)
            start = 0
            if has_initial:
                total[...] = kind(initial)
            elif has_neutral:
                total[...] = kind(neutral)
            elif a.shape[0] == 0:
                raise ValueError(message)
            else:
                total[...] = a[0]
                start = 1
            for i in range(start, a.shape[0]):
                total[...] = ufunc(total, a[i])
            return total

        return reduce

    return factory


def _accumulate(ufunc):
    running = None if is_own(ufunc) else _RUNNING.get(ufunc)

    def factory(array, axis=0, dtype=None, out=None):
        if not is_array(array) or array.ndim == 0 or not is_none(dtype):
            return None
        if running is not None and is_none(out):
            return lambda array, axis=0, dtype=None, out=None: running(array, axis, dtype)
        kind = result_type(ufunc, array.dtype)
        if kind is None:
            return None
        as_result = (lambda x: x != 0) if kind is np.bool_ else (lambda x: x)

        def accumulate(array, axis=0, dtype=None, out=None):
            place = checked_axis(axis, array.ndim)
            result = np.empty(array.shape, kind)
            a, r = np.moveaxis(array, place, 0), np.moveaxis(result, place, 0)
            if a.shape[0]:
                r[0] = as_result(a[0])
            for i in range(1, a.shape[0]):
                r[i] = ufunc(r[i - 1], a[i])
            return result

        return _into(accumulate, out, "array, axis=0, dtype=None", "array, axis")

    return factory


def _into(function, out, parameters, names):
    """The function, or what puts its result into `out` and returns that."""
    if is_none(out):
        return function
    if not is_array(out):
        raise TypingError("output must be an array")
    text = (
        f"def f({parameters}, out=None):\n    result = function({names})\n"
        "    if result.shape != out.shape:\n"
        "        raise ValueError('output operand has a wrong shape')\n"
        "    out[...] = result\n    return out\n"
    )
    return written(__name__, text, function=function)


def _reduceat(ufunc):
    message = f"index %d out-of-bounds in {ufunc.__name__}.reduceat [0, %d)"
    method = ufunc.reduceat

    def check(array, indices, axis, out):
        if ufunc.nin != 2:
            raise TypingError(
                f"reduceat only supported for binary functions; {ufunc.__name__} takes {ufunc.nin}"
            )
        for name, t in (("array", array), ("indices", indices)):
            if not is_array_like(t):
                raise TypingError(
                    f'The "{name}" argument of {ufunc.__name__}.reduceat "{name}" must be array-like'
                )
        if not is_integer(axis):
            raise TypingError(f'The "axis" must be an integer, not {axis}')
        if not is_none(out) and not is_array(out):
            raise TypingError("output must be an array")
        if is_array(indices) and indices.ndim != 1:
            raise TypingError('The "indices" of reduceat must have at most 1 dimension')

    def factory(array, indices, axis=0, dtype=None, out=None):
        check(array, indices, axis, out)
        if not is_none(dtype):
            return None
        if not is_array(array) or not is_array(indices):
            return lambda array, indices, axis=0, dtype=None, out=None: method(
                np.asarray(array), np.asarray(indices), axis, dtype, out
            )
        kind = result_type(ufunc, array.dtype)
        if kind is None or not isinstance(indices.dtype, types.Integer):
            return None
        known = None if is_own(ufunc) else _REDUCTIONS.get(ufunc)
        if known is not None and ufunc in _WITH_DTYPE:
            if isinstance(array.dtype, types.Boolean):
                kind = np.int64
            elif isinstance(array.dtype, types.Integer):
                kind = np.int64 if array.dtype.signed else np.uint64

        if array.ndim == 1 and known is not None:

            def run(a, start, stop):
                return kind(known(a[start:stop]))

        elif array.ndim == 1:

            def run(a, start, stop):
                total = kind(a[start])
                for i in range(start + 1, stop):
                    total = kind(ufunc(total, a[i]))
                return total

        else:

            def run(a, start, stop):
                total = a[start].astype(kind)
                for i in range(start + 1, stop):
                    total[...] = ufunc(total, a[i])
                return total

        def reduceat(array, indices, axis=0, dtype=None, out=None):
            place = checked_axis(axis, array.ndim)
            a = np.moveaxis(array, place, 0)
            n, m = a.shape[0], indices.size
            for k in range(m):
                if indices[k] < 0 or indices[k] >= n:
                    low.index_error(message, int(indices[k]), n)
            moved = np.empty((m,) + a.shape[1:], kind)
            for k in range(m):
                start = int(indices[k])
                stop = int(indices[k + 1]) if k + 1 < m else n
                moved[k] = run(a, start, max(stop, start + 1))
            return np.ascontiguousarray(np.moveaxis(moved, 0, place))

        return _into(reduceat, out, "array, indices, axis=0, dtype=None", "array, indices, axis")

    return factory


def _outer(ufunc):
    outer_of = ufunc.outer

    def factory(A, B):
        if not is_array(A) or not is_array(B):
            if not (is_array(A) or is_number(A)) or not (is_array(B) or is_number(B)):
                return lambda A, B: outer_of(np.asarray(A), np.asarray(B))
            return lambda A, B: ufunc(A, B)
        shape = "".join(f"A.shape[{i}], " for i in range(A.ndim)) + "1, " * B.ndim
        if not A.ndim or not B.ndim:
            return lambda A, B: ufunc(A, B)
        return written(__name__, f"def f(A, B):\n    return ufunc(A.reshape(({shape})), B)\n", ufunc=ufunc)

    return factory


def _at_places(ufunc, a, indices, b):
    """Any index: the places in the array that it selects are found by selecting from their numbers."""
    kind = a.dtype
    single = ufunc.nin == 1

    def places_of(a, indices):
        return np.asarray(np.arange(a.size).reshape(a.shape)[indices])

    def each(a, indices, b=None):
        places = places_of(a, indices)
        spread = np.broadcast_to(np.asarray(b), places.shape)
        for place, x in zip(places.flat, spread.flat):  # noqa: B905 - compiled
            a.flat[place] = kind(ufunc(a.flat[place], x))

    def each_one(a, indices, b=None):
        for place in places_of(a, indices).flat:
            a.flat[place] = kind(ufunc(a.flat[place]))

    return each_one if single else each


def _at(ufunc):
    method = ufunc.at

    def factory(a, indices, b=None):
        if not is_array(a):
            return None
        single = ufunc.nin == 1
        if single != is_none(b):
            given = (
                "second operand provided when ufunc is unary" if single else "second operand needed for ufunc"
            )
            raise TypingError(f"{ufunc.__name__}.at: {given}")
        if not single and not is_array_like(b):
            return None
        if isinstance(indices, types.List):
            return lambda a, indices, b=None: method(a, np.asarray(indices), b)
        if isinstance(b, types.List):
            return lambda a, indices, b=None: method(a, indices, np.asarray(b))
        if result_type(ufunc, a.dtype, *([] if single else [scalar_type(b)])) is None:
            raise TypingError(f"ufunc '{ufunc.__name__}' has no loop for {a.dtype}")
        kind = a.dtype
        plain = is_array(indices) and not isinstance(indices.dtype, types.Boolean)
        if not plain or a.ndim != 1 or not (single or is_array(b) or is_number(b)):
            return _at_places(ufunc, a, indices, b)
        if single:

            def at_one(a, indices, b=None):
                for i in indices.flat:
                    k = checked_index(i, a.shape[0])
                    a[k] = kind(ufunc(a[k]))

            return at_one
        if is_array(b) and b.ndim:

            def at_each(a, indices, b=None):
                n = a.shape[0]
                spread = np.broadcast_to(b, indices.shape)
                for i, x in zip(indices.flat, spread.flat):  # noqa: B905 - compiled
                    k = checked_index(i, n)
                    a[k] = kind(ufunc(a[k], x))

            def at_each_row(a, indices, b=None):
                n = a.shape[0]
                if b.shape[0] != indices.shape[0]:
                    at_each(a, indices, b)
                    return
                for i in range(indices.shape[0]):
                    k = checked_index(indices[i], n)
                    a[k] = kind(ufunc(a[k], b[i]))

            return at_each_row if indices.ndim == b.ndim == 1 else at_each

        number = (lambda b: b[()]) if is_array(b) else (lambda b: b)

        def at(a, indices, b=None):
            n = a.shape[0]
            x = number(b)
            for i in indices.flat:
                k = checked_index(i, n)
                a[k] = kind(ufunc(a[k], x))

        return at

    return factory


_METHODS = {"reduce": _reduce, "accumulate": _accumulate, "reduceat": _reduceat, "outer": _outer, "at": _at}
_found = {}


def candidates(ufunc, name):
    """What implements a method of a ufunc, as `naja.extending` keeps it.

    Parameters
    ----------
    ufunc : numpy.ufunc
    name : str
        The method's name.

    Returns
    -------
    list of tuple
        Factories, each with True: constants are asked for as literals first.
    """
    if name not in _METHODS or (name not in ("at", "reduceat") and ufunc.nin != 2) or ufunc.nout != 1:
        return []
    if ufunc.signature or ufunc.nin > 2:
        return []
    key = ufunc, name
    if key not in _found:
        _found[key] = [(_METHODS[name](ufunc), True)]
    return _found[key]


# ---- calls with where= and dtype= ----------------------------------------------------------------------------------------


def _operand(t):
    """An operand's type as `numpy.ufunc.resolve_dtypes` takes it: numbers of Python have no dtype of their own."""
    if is_array(t):
        return _core.type_dtype(t.dtype)
    kinds = ((types.Boolean, np.dtype(bool)), (types.Integer, int), (types.Float, float))
    return next((kind for cls, kind in kinds if isinstance(t, cls)), complex)


def _fits(ufunc, args, out):
    """Whether NumPy would cast the result to the type of `out`."""
    try:
        kind = ufunc.resolve_dtypes((*map(_operand, args), None))[-1]
    except (TypeError, ValueError):
        return False
    return np.can_cast(kind, _core.type_dtype(out.dtype), "same_kind")


def _computing_types(ufunc, args, dtype):
    """The dtypes that NumPy brings the inputs into so that the result has one; None: there is no such loop."""
    try:
        given = _core.type_dtype(dtype.dtype) if hasattr(dtype, "dtype") else np.dtype(value(dtype, "dtype"))
        found = ufunc.resolve_dtypes((*map(_operand, args), None), signature=(None,) * ufunc.nin + (given,))
    except (TypeError, ValueError):
        return None
    return [kind.type for kind in found[:-1]] if found[-1] == given else None


def _call(ufunc):
    def factory(*args, out=None, where=True, dtype=None):
        if len(args) == ufunc.nin + 1 and is_none(out):
            args, out, outs = args[:-1], args[-1], f"x{ufunc.nin}, "
        else:
            outs = ""
        if len(args) != ufunc.nin or not all(is_array(t) or is_number(t) for t in args):
            return None
        masked = where is not True and not is_none(where)
        if (not masked and is_none(dtype)) or (masked and not is_array(out)):
            return None
        if is_array(out) and not _fits(ufunc, args, out):
            return None
        computing = [] if is_none(dtype) else _computing_types(ufunc, args, dtype)
        if computing is None:
            return None
        names = [f"x{i}" for i in range(ufunc.nin)]
        inputs = [f"np.asarray(x{i}).astype(t{i})" for i in range(len(computing))] or names
        call = f"ufunc({', '.join(inputs)})"
        to = outs.strip(", ") or "out"
        if masked:
            body = f"    {to}[...] = np.where(where, {call}, {to})\n    return {to}\n"
        elif is_array(out):
            body = f"    {to}[...] = {call}\n    return {to}\n"
        else:
            body = f"    return {call}\n"
        return written(
            __name__,
            f"def f({', '.join(names)}, {outs}out=None, where=True, dtype=None):\n{body}",
            ufunc=ufunc,
            **{f"t{i}": kind for i, kind in enumerate(computing)},
        )

    return factory


def call_candidates(ufunc):
    """What implements calls of a ufunc with `where` and `dtype`: the others are emitted.

    Parameters
    ----------
    ufunc : numpy.ufunc

    Returns
    -------
    list of tuple
        As `candidates` gives them.
    """
    if ufunc.nout != 1 or ufunc.signature:
        return []
    key = ufunc, "call"
    if key not in _found:
        _found[key] = [(_call(ufunc), True)]
    return _found[key]
