"""The root of all types, and the classes that say what several kinds of types have in common."""

from naja import _core

Type = _core.Type


def _getitem(self, index):
    """Return the array type that a slice notation such as ``[:, ::1]`` stands for."""
    index = index if isinstance(index, tuple) else (index,)
    self = self.dtype if self.kind == "DTYPE" else self
    if not all(
        isinstance(i, slice) and i.start is None and i.stop is None and i.step in (None, 1) for i in index
    ):
        raise TypeError(f"{self}[...] takes slices such as [:], [::1] or [:, ::1] only")
    contiguous = [i.step == 1 for i in index]
    if any(contiguous[1:-1]) or (len(contiguous) > 1 and contiguous[0] and contiguous[-1]):
        raise TypeError(
            "::1 marks the contiguous axis: the first one (Fortran order) or the last one (C order)"
        )
    layout = "C" if contiguous[-1] else "F" if contiguous[0] else "A"
    return _core.array_type(self, len(index), layout)


def _call(self, *args):
    """Return a signature for types, a converted value for a Python value."""
    if (
        len(args) == 1
        and not isinstance(args[0], (Type, str))
        and self.kind in ("BOOL", "INT", "FLOAT", "COMPLEX")
    ):
        return _core.type_dtype(self).type(args[0]).item()
    from naja.types.conversion import as_type
    from naja.typing import Signature

    return Signature(self, tuple(map(as_type, args)))


Type.__getitem__ = _getitem
Type.__call__ = _call
Type.cast_python_value = lambda self, value: _core.type_dtype(self).type(value).item()


class _Made(Type):
    """A type whose class is called to make it; ``__new__`` returns the interned object."""

    def __init__(self, *args, **kwargs):
        pass


class Hashable(Type):
    """Types of values that have a hash."""


class Number(Hashable):
    """Numbers."""


class Literal(Type):
    """Types with exactly one value."""

    @property
    def literal_type(self):
        """What the literal widens to."""
        return self.base


class ArrayCompatible(Type):
    """Arrays and what can be used as one."""


class Sequence(Type):
    """Values of one type, in order."""


class MutableSequence(Sequence):
    """Values of one type, in an order that can change."""


class Callable(Type):
    """What can be called."""


class IteratorType(Type):
    """The state of a for loop."""
