"""Tuples and namedtuples."""

from naja import _core
from naja.types.abstract import Callable, ConstSized, Hashable, Literal, Opaque, Sequence, _Made
from naja.types.conversion import as_type

__all__ = [
    "BaseAnonymousTuple",
    "BaseNamedTuple",
    "BaseTuple",
    "LiteralList",
    "LiteralStrKeyDict",
    "NamedTuple",
    "NamedTupleClass",
    "NamedUniTuple",
    "StarArgTuple",
    "StarArgUniTuple",
    "Tuple",
    "UniTuple",
]


class BaseTuple(ConstSized, Hashable):
    """Tuples."""

    @classmethod
    def from_types(cls, tys, pyclass=None):
        """Return the type of tuples with elements of these types.

        Parameters
        ----------
        tys : sequence of Type
        pyclass : type, optional
            A namedtuple class.

        Returns
        -------
        BaseTuple
        """
        tys = tuple(map(as_type, tys))
        if pyclass is not None and pyclass is not tuple:
            return _core.namedtuple_type(pyclass, tys)
        return _core.tuple_type(tys)

    def __len__(self):
        return self.count

    def __iter__(self):
        return iter(self.types)

    def __getitem__(self, index):
        return self.types[index]

    @property
    def key(self):
        """What distinguishes this tuple type from others."""
        return self.types


class BaseAnonymousTuple(BaseTuple):
    """Tuples that are not namedtuples."""


class BaseNamedTuple(BaseTuple):
    """Namedtuples."""

    @property
    def key(self):
        """The class and the types of the fields."""
        return self.instance_class, self.types


class Tuple(_Made, BaseAnonymousTuple):
    """A tuple.

    Parameters
    ----------
    types : sequence of Type
        Types of the elements.
    """

    def __new__(cls, types=()):
        return _core.tuple_type(tuple(map(as_type, types)))


class UniTuple(Tuple, Sequence):
    """A tuple whose elements have one type; here it is a `Tuple`, too.

    Parameters
    ----------
    dtype : Type
        Type of the elements.
    count : int
        Number of elements.
    """

    def __new__(cls, dtype, count):
        return _core.tuple_type((as_type(dtype),) * count)


class StarArgTuple(Tuple):
    """What ``*args`` collects: a plain tuple."""


class StarArgUniTuple(UniTuple):
    """What ``*args`` collects when all have one type: a plain tuple."""


class NamedTuple(_Made, BaseNamedTuple):
    """A namedtuple.

    Parameters
    ----------
    types : sequence of Type
        Types of the fields.
    namedtuple_class : type
        The namedtuple class.
    """

    def __new__(cls, types, namedtuple_class):
        return _core.namedtuple_type(namedtuple_class, tuple(map(as_type, types)))


class NamedUniTuple(NamedTuple, Sequence):
    """A namedtuple whose fields have one type.

    Parameters
    ----------
    dtype : Type
        Type of the fields.
    count : int
        Number of fields.
    namedtuple_class : type
        The namedtuple class.
    """

    def __new__(cls, dtype, count, namedtuple_class):
        return _core.namedtuple_type(namedtuple_class, (as_type(dtype),) * count)


class NamedTupleClass(_Made, Callable, Opaque):
    """A namedtuple class.

    Parameters
    ----------
    instance_class : type
        The class.
    """

    def __new__(cls, instance_class):
        return _core.function_type(instance_class)

    @property
    def instance_class(self):
        """The class."""
        return self.object

    @property
    def key(self):
        """The class."""
        return self.object


class LiteralList(NamedTuple, Literal):
    """A list display whose items have different types: a tuple that says it is a list.

    Parameters
    ----------
    literal_value : sequence of Type
        Types of the items.
    """

    mutable = False

    def __new__(cls, literal_value):
        return _core.namedtuple_type(list, tuple(map(as_type, literal_value)))

    @property
    def literal_value(self):
        """Types of the items, in a list."""
        return list(self.types)


class LiteralStrKeyDict(_Made, Literal, ConstSized, Hashable):
    """A dict whose keys are literal strings, with values of any types: a display, or what ``**keywords`` collects.

    Parameters
    ----------
    literal_value : dict of StringLiteral to Type
        Types of the values.
    value_index : dict, optional
        Positions of the keys; as in the dict.
    """

    mutable = False

    def __new__(cls, literal_value, value_index=None):
        return _core.strdict_type(tuple(as_type(t) for item in literal_value.items() for t in item))

    @property
    def literal_value(self):
        """Types of the values by key."""
        return dict(zip(self.elements[::2], self.elements[1::2], strict=True))

    @property
    def value_index(self):
        """Positions of the keys."""
        return {key: position for position, key in enumerate(self.elements[::2])}

    @property
    def types(self):
        """Types of the values."""
        return tuple(self.elements[1::2])

    @property
    def count(self):
        """Number of items."""
        return len(self.elements) // 2

    @property
    def key(self):
        """Keys and types of the values."""
        return tuple(self.literal_value.items())

    def __len__(self):
        return self.count

    def __iter__(self):
        return iter(self.types)
