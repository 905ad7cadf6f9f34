"""The root of all types, and the classes that say what several kinds of types have in common.

A type that the compiler knows is interned by the core.  A class that a program derives from `Type` makes *own* types:
they are told apart by their class and ``key``, and have no more than what the program says of them.
"""

import weakref

from naja import _core

__all__ = [
    "ArrayCompatible",
    "Callable",
    "ConstSized",
    "Container",
    "DTypeSpec",
    "Dummy",
    "Hashable",
    "InitialValue",
    "IterableType",
    "IteratorType",
    "Literal",
    "MutableSequence",
    "Number",
    "Opaque",
    "Phantom",
    "Poison",
    "Sequence",
    "SimpleIterableType",
    "SimpleIteratorType",
    "Sized",
    "Type",
    "TypeRef",
    "UndefVar",
    "Undefined",
    "WeakType",
]

# Own types that are alive, by class and key.
_own_types = weakref.WeakValueDictionary()


class _TypeMeta(type):
    """Makes calls of a class give the same object for the same type."""

    def __call__(cls, *args, **kwargs):
        self = super().__call__(*args, **kwargs)
        return _intern(self) if self.is_own else self


def _intern(self):
    try:
        return _own_types.setdefault((type(self), self.key), self)
    except TypeError:  # a key without a hash: a type of its own
        return self


def _rebuild(cls, attributes):
    """Make an own type again, from its pickle."""
    self = cls.__new__(cls)
    self.__dict__.update(attributes)
    return _intern(self)


class Type(_core.Type, metaclass=_TypeMeta):
    """The type of a compiled value.

    Parameters
    ----------
    name : str
        As printed.
    """

    def __init__(self, name):
        self.name = name

    @property
    def key(self):
        """What distinguishes this type from others of its class."""
        return self.name

    @property
    def mangling_args(self):
        """Name and parameters, for making symbols."""
        return self.name, ()

    is_internal = True

    def unify(self, typingctx, other):
        """Return a type that holds values of this and the other type, or None."""
        return _core.type_unify(self, other)

    def can_convert_to(self, typingctx, other):
        """Return how well values convert: 'exact', 'promote', 'safe', 'unsafe' or None."""
        return _core.type_can_convert(self, other)

    def can_convert_from(self, typingctx, other):
        """Return how well values of the other type convert to this one."""
        return _core.type_can_convert(other, self)

    def augment(self, other):
        """Return this type made precise by the other one; None if that is not possible."""
        return

    def cast_python_value(self, value):
        """Return a Python value converted to this type, as a NumPy scalar."""
        return _core.type_dtype(self).type(value)

    def __call__(self, *args):
        """Return a signature for types, a converted value for a Python value."""
        if len(args) == 1 and not isinstance(args[0], _core.Type) and isinstance(self, _Converting):
            return self.cast_python_value(args[0])
        from naja.types.conversion import as_type
        from naja.typing import Signature

        return Signature(self, tuple(map(as_type, args)))

    def __getitem__(self, index):
        """Return the array type that a slice notation such as ``[:, ::1]`` stands for."""
        index = index if isinstance(index, tuple) else (index,)
        self = self.dtype if self.kind == "DTYPE" else self
        for i in index:
            if not (isinstance(i, slice) and i.start is None and i.stop is None and i.step in (None, 1)):
                raise KeyError(f"Can only index numba types with slices with no start or stop, got {i!r}")
        contiguous = [i.step == 1 for i in index]
        if any(contiguous[1:-1]) or (len(contiguous) > 1 and contiguous[0] and contiguous[-1]):
            raise TypeError(
                "::1 marks the contiguous axis: the first one (Fortran order) or the last one (C order)"
            )
        layout = "C" if contiguous[-1] else "F" if contiguous[0] else "A"
        return _core.array_type(self, len(index), layout)

    def __reduce__(self):
        """Pickle an own type by its class and attributes, any other by its structure."""
        if self.is_own:
            return _rebuild, (type(self), self.__dict__)
        return super().__reduce__()


class _Made(Type):
    """A type whose class is called to make it; ``__new__`` returns the interned object."""

    def __init__(self, *args, **kwargs):
        pass


class _Converting(Type):
    """A type that converts a Python value when it is called with one."""


class Dummy(Type):
    """A type without values that code could compute with."""


class Opaque(Dummy):
    """A type of values that are passed on and never looked into."""


class Phantom(Dummy):
    """A type of what exists while code is compiled and not when it runs."""


class Undefined(Dummy):
    """A type that is not known yet.

    Parameters
    ----------
    name : str, optional
        As printed.
    """

    def __init__(self, name="undefined"):
        super().__init__(name)


class UndefVar(Dummy):
    """The type of a variable that is not assigned."""


class Poison(Type):
    """A type that may never be used.

    Parameters
    ----------
    ty : Type
        What it stands in for.
    """

    def __init__(self, ty):
        self.ty = ty
        super().__init__(f"Poison<{ty}>")


class WeakType(Type):
    """A type about a Python object that it does not keep alive."""

    @property
    def key(self):
        """The object, by identity."""
        return self._wr

    def __eq__(self, other):
        """Equal types are the same object; one whose object is gone equals no other."""
        return self is other and (not self.is_own or self._wr() is not None)

    def __hash__(self):
        return object.__hash__(self)

    def _store_object(self, obj):
        self._wr = weakref.ref(obj)

    def _get_object(self):
        obj = self._wr()
        if obj is None:
            raise ReferenceError("underlying object has vanished")
        return obj


class TypeRef(Dummy):
    """A type used as a value.

    Parameters
    ----------
    instance_type : Type
        The type.
    """

    def __init__(self, instance_type):
        self.instance_type = instance_type
        super().__init__(f"typeref[{instance_type}]")

    @property
    def key(self):
        """The type."""
        return self.instance_type


class Hashable(Type):
    """Types of values that have a hash."""


class Number(_Converting, Hashable):
    """Numbers."""

    def unify(self, typingctx, other):
        """Return the type that both meet in where control flow joins, or None."""
        return _core.type_unify(self, other) if isinstance(other, Number) else None


class Callable(Type):
    """What can be called."""


class DTypeSpec(Type):
    """What says which elements an array has."""


class IterableType(Type):
    """What a loop can walk through."""


class Sized(Type):
    """What has a length."""


class ConstSized(Sized):
    """What has a length that is part of the type."""


class IteratorType(IterableType):
    """The state of a for loop."""


class Container(Sized, IterableType):
    """What has a length and can be walked through."""


class Sequence(Container):
    """Values of one type, in order."""


class MutableSequence(Sequence):
    """Values of one type, in an order that can change."""


class ArrayCompatible(Type):
    """Arrays and what can be used as one."""


class InitialValue:
    """What knows the items that a display gave it.

    Parameters
    ----------
    initial_value : object
        The items; None: they are not known.
    """

    def __init__(self, initial_value):
        self._initial_value = initial_value

    @property
    def initial_value(self):
        """The items that a display gave it; None: they are not known."""
        return getattr(self, "_initial_value", None)


class SimpleIterableType(IterableType):
    """What a loop can walk through by an iterator of a known type.

    Parameters
    ----------
    name : str
        As printed.
    iterator_type : Type
        Type of the iterator.
    """

    def __init__(self, name, iterator_type):
        self._iterator_type = iterator_type
        super().__init__(name)

    @property
    def iterator_type(self):
        """Type of the iterator."""
        return self._iterator_type


class SimpleIteratorType(IteratorType):
    """An iterator over items of a known type.

    Parameters
    ----------
    name : str
        As printed.
    yield_type : Type
        Type of the items.
    """

    def __init__(self, name, yield_type):
        self._yield_type = yield_type
        super().__init__(name)

    @property
    def yield_type(self):
        """Type of the items."""
        return self._yield_type


class Literal(Type):
    """Types with exactly one value."""

    @property
    def literal_type(self):
        """What the literal widens to."""
        return self.base
