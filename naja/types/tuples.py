"""Tuples and namedtuples."""

from naja import _core
from naja.types.abstract import Hashable, _Made
from naja.types.conversion import as_type


class BaseTuple(Hashable):
    """Tuples."""

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


class Tuple(_Made, BaseAnonymousTuple):
    """A tuple.

    Parameters
    ----------
    types : sequence of Type
        Types of the elements.
    """

    def __new__(cls, types):
        return _core.tuple_type(tuple(map(as_type, types)))


class UniTuple(Tuple):
    """A tuple whose elements have one type.

    Parameters
    ----------
    dtype : Type
        Type of the elements.
    count : int
        Number of elements.
    """

    def __new__(cls, dtype, count):
        return _core.tuple_type((as_type(dtype),) * count)


class NamedTuple(_Made, BaseTuple):
    """A namedtuple.

    Parameters
    ----------
    types : sequence of Type
        Types of the fields.
    cls : type
        The namedtuple class.
    """

    def __new__(cls, types, namedtuple_class):
        return _core.namedtuple_type(namedtuple_class, tuple(map(as_type, types)))


class NamedUniTuple(NamedTuple):
    """A namedtuple whose fields have one type."""

    def __new__(cls, dtype, count, namedtuple_class):
        return _core.namedtuple_type(namedtuple_class, (as_type(dtype),) * count)
