"""Elements of arrays that are no numbers: records, strings of fixed length, arrays inside records."""

from typing import Any, NamedTuple

from naja import _core
from naja.types.abstract import Type, _Made
from naja.types.conversion import as_type, from_dtype

__all__ = ["CharSeq", "NestedArray", "Record", "RecordField", "UnicodeCharSeq"]


class RecordField(NamedTuple):
    """A field of a record: its type, offset in bytes, alignment (None: that of its type) and title (None: it has none)."""

    type: Type
    offset: int
    alignment: Any = None
    title: Any = None


class Record(_Made, Type):
    """An element of an array with a structured dtype.

    Parameters
    ----------
    fields : list of (str, dict)
        Name of each field, with its ``type`` and ``offset`` in bytes, and its ``title`` if it has one.
    size : int
        Bytes of a record.
    aligned : bool
        Whether the fields lie where a C compiler would place them.
    """

    def __new__(cls, fields, size, aligned):
        return _core.record_type(
            tuple((name, info["offset"], as_type(info["type"]), info.get("title")) for name, info in fields),
            size,
            aligned,
        )

    @classmethod
    def make_c_struct(cls, name_types):
        """Return the record type that a C struct with these fields has.

        Parameters
        ----------
        name_types : list of (str, Type)

        Returns
        -------
        Record
        """
        import numpy

        names = [name for name, _ in name_types]
        formats = [_core.type_dtype(as_type(type_)) for _, type_ in name_types]
        return from_dtype(numpy.dtype({"names": names, "formats": formats}, align=True))

    @property
    def fields(self):
        """Fields by name and by title, as of a NumPy dtype: a dict of `RecordField`."""
        found = {}
        for name, offset, type_, title in self.record_fields:
            field = RecordField(type_, offset, None, title)
            found[name] = field
            if title is not None:
                found[title] = field
        return found

    @property
    def members(self):
        """Names and types of the fields, by offset."""
        ordered = sorted(self.record_fields, key=lambda field: field[1])
        return [(name, type_) for name, _, type_, _ in ordered]

    @property
    def dtype(self):
        """The structured NumPy dtype."""
        return _core.type_dtype(self)

    @property
    def has_titles(self):
        """Whether some field has a title."""
        return any(title is not None for *_, title in self.record_fields)

    def is_title(self, key):
        """Return whether a name is a field's title."""
        return any(title == key for *_, title in self.record_fields)

    def __len__(self):
        return len(self.record_fields)

    def typeof(self, key):
        """Return the type of a field."""
        return self.fields[key].type

    def offset(self, key):
        """Return the offset of a field in bytes."""
        return self.fields[key].offset

    def alignof(self, key):
        """Return the alignment of a field, in bytes."""
        return _core.type_dtype(self.fields[key].type).alignment


class NestedArray(_Made, Type):
    """An array of fixed shape inside a record.

    Parameters
    ----------
    dtype : Type
        Type of the elements.
    shape : tuple of int
    """

    def __new__(cls, dtype, shape):
        return _core.nested_type(as_type(dtype), tuple(shape))


class _FixedString(_Made, Type):
    """A string of fixed length in an array."""

    @property
    def key(self):
        """The length."""
        return self.count


class CharSeq(_FixedString):
    """A bytes string of fixed length in an array (dtype ``S``).

    Parameters
    ----------
    count : int
        Number of bytes.
    """

    mutable = True

    def __new__(cls, count):
        return _core.charseq_type(count, False)


class UnicodeCharSeq(_FixedString):
    """A string of fixed length in an array (dtype ``U``).

    Parameters
    ----------
    count : int
        Number of characters.
    """

    mutable = True

    def __new__(cls, count):
        return _core.charseq_type(count, True)
