"""Lists, sets and dicts."""

from naja import _core
from naja.types.abstract import MutableSequence, Type, _Made
from naja.types.conversion import as_type


class List(_Made, MutableSequence):
    """A list of compiled code.

    Parameters
    ----------
    dtype : Type
        Type of the elements.
    reflected : bool
        Whether it is a Python list passed in, to which changes are written back.
    """

    def __new__(cls, dtype, reflected=False):
        return _core.list_type(as_type(dtype), reflected=reflected)

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

    initial_value = None  # the items of a display are not part of its type

    @property
    def key(self):
        """What distinguishes this list type from others."""
        return self.dtype, self.reflected


class ListType(_Made, MutableSequence):
    """A `naja.typed.List`.

    Parameters
    ----------
    itemty : Type
        Type of the elements.
    """

    def __new__(cls, itemty):
        return _core.list_type(as_type(itemty), typed=True)

    @property
    def item_type(self):
        """Type of the elements."""
        return self.dtype

    initial_value = None  # the items of a display are not part of its type

    @property
    def key(self):
        """What distinguishes this list type from others."""
        return self.dtype


class Set(_Made, Type):
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
    def key(self):
        """What distinguishes this set type from others."""
        return self.dtype, self.reflected


class DictType(_Made, Type):
    """A dict of compiled code: a `naja.typed.Dict`.

    Parameters
    ----------
    keyty, valty : Type
        Types of keys and values.
    """

    def __new__(cls, keyty, valty):
        return _core.dict_type(as_type(keyty), as_type(valty))

    @property
    def keyvalue_type(self):
        """Type of an item."""
        return _core.tuple_type((self.key_type, self.value_type))

    @property
    def key(self):
        """What distinguishes this dict type from others."""
        return self.key_type, self.value_type


class DictView(Type):
    """The keys, values or items of a dict."""
