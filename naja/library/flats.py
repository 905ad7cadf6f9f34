"""`a.flat` with slices, arrays and masks; single elements are emitted."""

import operator

import numpy as np

from naja import types
from naja.errors import TypingError
from naja.extending import overload, overload_method
from naja.library import kinds, low
from naja.library.written import written


def _is_flat(t):
    return isinstance(t, types.NumpyFlatType) and isinstance(t.elements[0], types.Array)


def _is_index(t):
    return (
        isinstance(t, types.SliceType)
        or (kinds.is_array(t, 1) and not kinds.is_float(t))
        or kinds.is_sequence(t)
        or (isinstance(t, types.BaseTuple) and len(t) == 0)
        or t.kind == "ELLIPSIS"
    )


@overload(operator.getitem)
def getitem(a, b):
    """A new array, whatever the index."""
    if _is_flat(a) and isinstance(b, types.BaseTuple) and len(b) == 0:
        return lambda a, b: a.base.flatten()
    if _is_flat(a) and kinds.is_sequence(b):
        return lambda a, b: a.base.flatten()[np.asarray(b)]
    return (lambda a, b: a.base.flatten()[b].copy()) if _is_flat(a) and _is_index(b) else None


@overload(operator.setitem)
def setitem(a, b, c):
    """Values are taken in turn, and again from the first when there are too few."""
    if not _is_flat(a) or not _is_index(b) or not (kinds.is_array_like(c)):
        return None
    if a.elements[0].readonly:
        raise TypingError(
            f"Cannot modify readonly array of type: {a.elements[0]} (assignment destination is read-only)"
        )
    if kinds.is_sequence(b):

        def fill_some(a, b, c):
            a[np.asarray(b)] = c

        return fill_some
    if kinds.is_number(c):

        def fill(a, b, c):
            base = a.base
            for place in np.arange(base.size)[b]:
                base.flat[place] = c

        return fill

    def fill_in_turn(a, b, c):
        base, values = a.base, np.ravel(np.asarray(c))
        places = np.arange(base.size)[b]
        if len(places) and not len(values):
            raise ValueError("Error setting single item of array.")
        for i in range(len(places)):
            base.flat[places[i]] = values[i % len(values)]

    return fill_in_turn


@overload_method(types.NumpyFlatType, "copy")
def copy(self):
    """`numpy.flatiter.copy`: the elements in C order."""
    return (lambda self: self.base.flatten()) if _is_flat(self) else None


@overload(low.set_flat)
def set_flat(a, values):
    """``a.flat = values``: taken in turn, and again from the first when there are too few."""
    if not kinds.is_array(a) or not kinds.is_array_like(values):
        return None

    def fill_all(a, values):
        a.flat[:] = values

    return fill_all


def _of_flat(function):
    @overload(function)
    def compared(a, b):
        """Comparisons are those of the elements in C order."""
        if not _is_flat(a) and not _is_flat(b):
            return None
        first, second = (
            f"{name}.base.flatten()" if _is_flat(t) else name for name, t in (("a", a), ("b", b))
        )
        return written(__name__, f"def f(a, b):\n    return function({first}, {second})\n", function=function)


for _function in (operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge):
    _of_flat(_function)


@overload(np.array, prefer_literal=True)
def array(object, dtype=None):
    """A new array of one axis."""
    if not _is_flat(object):
        return None
    end = "" if kinds.is_none(dtype) else ".astype(dtype)"
    return written(__name__, f"def f(object, dtype=None):\n    return object.base.flatten(){end}\n")


@overload(np.asarray, prefer_literal=True)
def asarray(a, dtype=None):
    """The same: a.flat is no array."""
    if not _is_flat(a):
        return None
    end = "" if kinds.is_none(dtype) else ".astype(dtype)"
    return written(__name__, f"def f(a, dtype=None):\n    return a.base.flatten(){end}\n")
