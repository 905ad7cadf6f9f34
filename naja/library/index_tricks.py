"""Objects of NumPy that are indexed to make arrays: np.r_, np.c_, np.mgrid, np.ogrid, np.s_, np.index_exp.

A slice is a range of integers; NumPy's complex steps (a number of points) and directives in strings are left out.
"""

import operator

import numpy as np

from naja import _core, types
from naja.errors import TypingError
from naja.extending import overload
from naja.library import kinds
from naja.library.written import written

_RANGE = """\
    if {name}.stop is None:
        raise ValueError("a slice needs its end here")
    {result} = np.arange(
        0 if {name}.start is None else {name}.start, {name}.stop, 1 if {name}.step is None else {name}.step
    )
"""


def _parts(b):
    """Names and types of the parts of an index."""
    if not isinstance(b, types.BaseTuple) or isinstance(b, types.LiteralList):
        return [("b", b)]
    return [(f"b[{i}]", t) for i, t in enumerate(b)]


def _common_dtype(parts):
    """NumPy's dtype of all parts together: numbers alone are of no width."""
    weak = {"BOOL": True, "INT": 0, "FLOAT": 0.0, "COMPLEX": 0j}
    given = []
    for _, t in parts:
        if isinstance(t, types.SliceType):
            given.append(np.dtype(np.int64))
        elif kinds.is_number(t):
            given.append(weak.get(kinds.plain(t).kind))
        else:
            given.append(_core.type_dtype(kinds.scalar_type(t)))
    if any(dtype is None for dtype in given):
        raise TypingError("np.r_ and np.c_ join numbers, slices and arrays of numbers")
    return types.as_type(np.result_type(*given))


def _joined(b, ndim, shape_of_one, axis):
    """An implementation that concatenates all parts with `ndim` axes at least."""
    parts = _parts(b)
    if not all(isinstance(t, types.SliceType) or kinds.is_array_like(t) for _, t in parts):
        return None
    text, names = "def f(a, b):\n", []
    for i, (name, t) in enumerate(parts):
        own = 1 if isinstance(t, types.SliceType) else kinds.ndim_of(t)
        if isinstance(t, types.SliceType):
            text += _RANGE.format(name=name, result=f"x{i}")
        elif own == 0:
            text += f"    x{i} = np.full(1, {name}{'[()]' if kinds.is_array(t) else ''}, kind)\n"
        else:
            text += f"    x{i} = np.asarray({name})\n"
        shaped = f".reshape({shape_of_one})" if own < ndim else ""
        names.append(f"x{i}.astype(kind){shaped}")
    text += f"    return np.concatenate(({', '.join(names)},), {axis})\n"
    return written(__name__, text, kind=_common_dtype(parts))


def _grid(b, is_open):
    """The axes of a grid from slices: spread over all of it, or each with extents of one but its own."""
    parts = _parts(b)
    if not all(isinstance(t, types.SliceType) for _, t in parts):
        return None
    n = len(parts)
    text = "def f(a, b):\n" + "".join(
        _RANGE.format(name=name, result=f"x{i}") for i, (name, _) in enumerate(parts)
    )
    if not isinstance(b, types.BaseTuple):
        return written(__name__, text + "    return x0\n")
    if is_open:
        shapes = [", ".join("-1" if k == i else "1" for k in range(n)) for i in range(n)]
        result = "".join(f"x{i}.reshape(({shapes[i]},)), " for i in range(n))
        return written(__name__, f"{text}    return ({result})\n")
    lengths = ", ".join(f"len(x{i})" for i in range(n))
    text += f"    out = np.empty(({n}, {lengths}), np.int64)\n"
    for i in range(n):
        text += f"    out[{i}] = x{i}.reshape((-1,{' 1,' * (n - 1 - i)}))\n"
    return written(__name__, text + "    return out\n")


@overload(operator.getitem)
def getitem(a, b):
    """``np.r_[...]`` and its kin."""
    what = getattr(a, "object", None) if a.kind == "OBJECT" else None
    if what is np.r_:
        return _joined(b, 1, "-1", 0)
    if what is np.c_:
        return _joined(b, 2, "(-1, 1)", -1)
    if what is np.mgrid or what is np.ogrid:
        return _grid(b, what is np.ogrid)
    if what is np.s_ or (what is np.index_exp and isinstance(b, types.BaseTuple)):
        return lambda a, b: b
    return (lambda a, b: (b,)) if what is np.index_exp else None
