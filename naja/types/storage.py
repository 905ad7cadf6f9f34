"""Elements of arrays that are no numbers: records, strings of fixed length, arrays inside records."""

from naja import _core
from naja.types.abstract import Type, _Made
from naja.types.conversion import as_type, from_dtype

__all__ = ["CharSeq", "NestedArray", "Record", "RecordField", "UnicodeCharSeq"]


class RecordField:
    """A field of a record: its type, offset in bytes, alignment and title."""

    __slots__ = ("alignment", "offset", "title", "type")

    def __init__(self, type, offset, alignment=None, title=None):
        self.type, self.offset, self.alignment, self.title = type, offset, alignment, title

    def __repr__(self):
        return f"RecordField(type={self.type}, offset={self.offset})"


class Record(_Made, Type):
    """An element of an array with a structured dtype.

    Parameters
    ----------
    fields : list of (str, dict)
        Name of each field, with its ``type`` and ``offset`` in bytes.
    size : int
        Bytes of a record.
    aligned : bool
        Whether the fields lie where a C compiler would place them.
    """

    def __new__(cls, fields, size, aligned):
        return _core.record_type(
            tuple((name, info["offset"], as_type(info["type"])) for name, info in fields), size, aligned
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
        """Fields by name: a dict of `RecordField`."""
        return {
            name: RecordField(type_, offset, _core.type_dtype(type_).alignment)
            for name, offset, type_ in self.record_fields
        }

    @property
    def members(self):
        """Names and types of the fields, by offset."""
        ordered = sorted(self.record_fields, key=lambda field: field[1])
        return [(name, type_) for name, _, type_ in ordered]

    @property
    def dtype(self):
        """The structured NumPy dtype."""
        return _core.type_dtype(self)

    @property
    def has_titles(self):
        """Whether some field has a title: never."""
        return False

    def is_title(self, key):
        """Return whether a name is a field's title: never."""
        return False

    def __len__(self):
        return len(self.record_fields)

    def typeof(self, key):
        """Return the type of a field."""
        return self.fields[key].type

    def offset(self, key):
        """Return the offset of a field in bytes."""
        return self.fields[key].offset

    def alignof(self, key):
        """Return the alignment of a field."""
        return self.fields[key].alignment


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
