"""`a.flat` with slices, arrays and masks; single elements are emitted."""

import operator

import numpy as np

from naja import types
from naja.errors import TypingError
from naja.extending import overload, overload_method
from naja.library import kinds


def _is_flat(t):
    return isinstance(t, types.NumpyFlatType) and isinstance(t.elements[0], types.Array)


def _is_index(t):
    return (
        isinstance(t, types.SliceType)
        or (kinds.is_array(t, 1) and not kinds.is_float(t))
        or t.kind == "ELLIPSIS"
    )


@overload(operator.getitem)
def getitem(a, b):
    """A new array, whatever the index."""
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
