"""Lists, sets and dicts, and the iterators over them."""

import ast

from naja import _core
from naja.types.abstract import (
    Container,
    InitialValue,
    IterableType,
    MutableSequence,
    SimpleIterableType,
    SimpleIteratorType,
    Type,
    _Made,
)
from naja.types.conversion import as_type

__all__ = [
    "BaseContainerIterator",
    "BaseContainerPayload",
    "BaseSet",
    "DictItemsIterableType",
    "DictIteratorType",
    "DictKeysIterableType",
    "DictType",
    "DictValuesIterableType",
    "DictView",
    "List",
    "ListIter",
    "ListPayload",
    "ListType",
    "ListTypeIterableType",
    "ListTypeIteratorType",
    "Pair",
    "Set",
    "SetEntry",
    "SetIter",
    "SetIterableType",
    "SetIteratorType",
    "SetPayload",
    "SetType",
    "UniTupleIter",
    "UnionType",
]


def _initial_text(initial_value):
    """Return what a type keeps of the items that a display gave a container: their text."""
    return None if initial_value is None else repr(initial_value)


class _FromDisplay(InitialValue):
    """A container whose display may be known."""

    @property
    def initial_value(self):
        """A copy of the items that a display of constants gave it; None: they are not known."""
        return None if self.initial is None else ast.literal_eval(self.initial)

    def __unliteral__(self):
        """Return the type without initial items."""
        return self.copy() if isinstance(self, List) else DictType(self.key_type, self.value_type)


class List(_Made, MutableSequence, _FromDisplay):
    """A list of compiled code.

    Parameters
    ----------
    dtype : Type
        Type of the elements.
    reflected : bool
        Whether it is a Python list passed in, to which changes are written back.
    initial_value : list, optional
        The constants that a display made it of.
    """

    mutable = True

    def __new__(cls, dtype, reflected=False, initial_value=None):
        return _core.list_type(as_type(dtype), reflected=reflected, initial=_initial_text(initial_value))

    def copy(self, dtype=None, reflected=None):
        """Return a list type that differs from this one as given."""
        return _core.list_type(
            self.dtype if dtype is None else as_type(dtype),
            reflected=self.reflected if reflected is None else reflected,
        )

    @property
    def item_type(self):
        """Type of the elements."""
        return self.dtype

    @property
    def iterator_type(self):
        """Type of the iterator of a loop."""
        return ListIter(self)

    @property
    def key(self):
        """What distinguishes this list type from others."""
        return self.dtype, self.reflected, self.initial

    def __getitem__(self, args):
        """Return the type of the elements, for an index; for slices the type of arrays."""
        if isinstance(args, int):
            return self.dtype
        return Type.__getitem__(self, args)


class ListType(_Made, MutableSequence, InitialValue):
    """A `naja.typed.List`.

    Parameters
    ----------
    itemty : Type
        Type of the elements.
    """

    mutable = True

    def __new__(cls, itemty):
        return _core.list_type(as_type(itemty), typed=True)

    @classmethod
    def refine(cls, itemty):
        """Return the type of lists with these elements."""
        return cls(itemty)

    @property
    def item_type(self):
        """Type of the elements."""
        return self.dtype

    @property
    def iterator_type(self):
        """Type of the iterator of a loop."""
        return ListTypeIteratorType(ListTypeIterableType(self))

    @property
    def key(self):
        """What distinguishes this list type from others."""
        return self.dtype


class BaseSet(Container):
    """Sets: those of compiled code and `naja.typed.Set`."""

    mutable = True


class Set(_Made, BaseSet):
    """A set of compiled code.

    Parameters
    ----------
    dtype : Type
        Type of the items.
    reflected : bool
        Whether it is a Python set passed in, to which changes are written back.
    """

    def __new__(cls, dtype, reflected=False):
        return _core.set_type(as_type(dtype), reflected=reflected)

    def copy(self, dtype=None, reflected=None):
        """Return a set type that differs from this one as given."""
        return _core.set_type(
            self.dtype if dtype is None else as_type(dtype),
            reflected=self.reflected if reflected is None else reflected,
        )

    @property
    def iterator_type(self):
        """Type of the iterator of a loop."""
        return SetIter(self)

    @property
    def key(self):
        """What distinguishes this set type from others."""
        return self.dtype, self.reflected


class SetType(_Made, BaseSet):
    """A `naja.typed.Set`.

    Parameters
    ----------
    keyty : Type
        Type of the items.
    """

    def __new__(cls, keyty):
        return _core.set_type(as_type(keyty), typed=True)

    @classmethod
    def refine(cls, keyty):
        """Return the type of sets with these items."""
        return cls(keyty)

    @property
    def key_type(self):
        """Type of the items."""
        return self.dtype

    @property
    def iterator_type(self):
        """Type of the iterator of a loop."""
        return SetIteratorType(SetIterableType(self))

    @property
    def key(self):
        """What distinguishes this set type from others."""
        return self.dtype


class DictType(_Made, IterableType, _FromDisplay):
    """A dict of compiled code: a `naja.typed.Dict`.

    Parameters
    ----------
    keyty, valty : Type
        Types of keys and values.
    initial_value : dict, optional
        The constants that a display made it of.
    """

    def __new__(cls, keyty, valty, initial_value=None):
        return _core.dict_type(as_type(keyty), as_type(valty), _initial_text(initial_value))

    @classmethod
    def refine(cls, keyty, valty):
        """Return the type of dicts with these keys and values."""
        return cls(keyty, valty)

    @property
    def keyvalue_type(self):
        """Type of an item."""
        return _core.tuple_type((self.key_type, self.value_type))

    @property
    def iterator_type(self):
        """Type of the iterator of a loop."""
        return DictKeysIterableType(self).iterator_type

    @property
    def key(self):
        """What distinguishes this dict type from others."""
        return self.key_type, self.value_type, self.initial


class DictView(_Made, SimpleIterableType):
    """The keys, values or items of a dict.

    Parameters
    ----------
    parent : DictType
    """

    _what = None

    def __new__(cls, parent):
        return _core.dict_view_type(parent, cls._what)

    @property
    def parent(self):
        """Type of the dict."""
        return self.elements[0]

    @property
    def yield_type(self):
        """Type of what a loop gives."""
        parent = self.parent
        return {"keys": parent.key_type, "values": parent.value_type, "items": parent.keyvalue_type}[
            self.what
        ]

    @property
    def iterator_type(self):
        """Type of the iterator of a loop."""
        return DictIteratorType(self)


class DictKeysIterableType(DictView):
    """The keys of a dict.

    Parameters
    ----------
    parent : DictType
    """

    _what = "keys"


class DictValuesIterableType(DictView):
    """The values of a dict.

    Parameters
    ----------
    parent : DictType
    """

    _what = "values"


class DictItemsIterableType(DictView):
    """The items of a dict.

    Parameters
    ----------
    parent : DictType
    """

    _what = "items"


# ---- iterators ---------------------------------------------------------------------------------------------------------


class BaseContainerIterator(SimpleIteratorType):
    """The state of a loop over a container.

    Parameters
    ----------
    container : Type
        The container's type.
    """

    def __init__(self, container):
        self.container = container
        super().__init__(f"iter({container})", container.dtype)

    @property
    def key(self):
        """The container's type."""
        return self.container


class UniTupleIter(BaseContainerIterator):
    """The state of a loop over a tuple."""


class ListIter(BaseContainerIterator):
    """The state of a loop over a list."""


class SetIter(BaseContainerIterator):
    """The state of a loop over a set."""


class ListTypeIterableType(SimpleIterableType):
    """A typed list as what a loop walks through.

    Parameters
    ----------
    parent : ListType
    """

    def __init__(self, parent):
        self.parent, self.yield_type = parent, parent.dtype
        super().__init__(f"list[{parent.name}]", None)

    @property
    def iterator_type(self):
        """Type of the iterator of a loop."""
        return ListTypeIteratorType(self)


class SetIterableType(SimpleIterableType):
    """A set as what a loop walks through.

    Parameters
    ----------
    parent : Set
    """

    def __init__(self, parent):
        self.parent, self.yield_type = parent, parent.dtype
        super().__init__(f"set[{parent.name}]", None)

    @property
    def iterator_type(self):
        """Type of the iterator of a loop."""
        return SetIteratorType(self)


class _IterableIterator(SimpleIteratorType):
    """The state of a loop over something iterable.

    Parameters
    ----------
    iterable : Type
    """

    def __init__(self, iterable):
        self.iterable, self.parent = iterable, iterable.parent
        super().__init__(f"iter[{iterable.parent}, {iterable}]", iterable.yield_type)

    @property
    def key(self):
        """What is walked through."""
        return self.iterable


class ListTypeIteratorType(_IterableIterator):
    """The state of a loop over a typed list."""


class SetIteratorType(_IterableIterator):
    """The state of a loop over a typed set."""


class DictIteratorType(_IterableIterator):
    """The state of a loop over a dict or a view of it."""


# ---- names that say how Numba stores containers --------------------------------------------------------------------------


class Pair(Type):
    """Two values.

    Parameters
    ----------
    first_type, second_type : Type
    """

    def __init__(self, first_type, second_type):
        self.first_type, self.second_type = first_type, second_type
        super().__init__(f"pair<{first_type}, {second_type}>")

    @property
    def key(self):
        """Both types."""
        return self.first_type, self.second_type


class UnionType(Type):
    """A value of one of several types.

    Parameters
    ----------
    types : iterable of Type
    """

    def __init__(self, types):
        self.types = tuple(sorted(set(types), key=str))
        super().__init__(f"Union[{','.join(map(str, self.types))}]")

    @property
    def key(self):
        """The types."""
        return self.types


class BaseContainerPayload(Type):
    """What a container's header points to.

    Parameters
    ----------
    container : Type
    """

    def __init__(self, container):
        self.container = container
        super().__init__(f"payload({container})")

    @property
    def key(self):
        """The container's type."""
        return self.container


class ListPayload(BaseContainerPayload):
    """What a list's header points to."""


class SetPayload(BaseContainerPayload):
    """What a set's header points to."""


class SetEntry(Type):
    """An entry of a set.

    Parameters
    ----------
    set_type : Set
    """

    def __init__(self, set_type):
        self.set_type = set_type
        super().__init__(f"entry({set_type})")

    @property
    def key(self):
        """The set's type."""
        return self.set_type
