"""Arrays, what has the buffer protocol, and what belongs to arrays."""

from naja import _core
from naja.types.abstract import ArrayCompatible, Type, _Made
from naja.types.conversion import as_type


class Buffer(ArrayCompatible):
    """Memory with elements."""

    @property
    def is_contig(self):
        """Whether the elements lie without gaps."""
        return self.layout in "CF"

    @property
    def is_c_contig(self):
        """Whether the elements lie in C order."""
        return self.layout == "C" or (self.ndim <= 1 and self.layout in "CF")

    @property
    def is_f_contig(self):
        """Whether the elements lie in Fortran order."""
        return self.layout == "F" or (self.ndim <= 1 and self.layout in "CF")

    def copy(self, dtype=None, ndim=None, layout=None, readonly=None):
        """Return an array type that differs from this one as given."""
        return _core.array_type(
            self.dtype if dtype is None else dtype,
            self.ndim if ndim is None else ndim,
            self.layout if layout is None else layout,
            readonly=self.readonly if readonly is None else readonly,
            aligned=self.aligned,
        )

    @property
    def key(self):
        """What distinguishes this array type from others."""
        return self.dtype, self.ndim, self.layout, self.mutable, self.aligned


class Array(_Made, Buffer):
    """A NumPy array.

    Parameters
    ----------
    dtype : Type
        Type of the elements.
    ndim : int
        Number of dimensions.
    layout : {'C', 'F', 'A'}
        C order, Fortran order, or any strides.
    readonly : bool
        Elements cannot be assigned.
    aligned : bool
        Elements lie at multiples of their size.
    """

    def __new__(cls, dtype, ndim, layout, readonly=False, name=None, aligned=True):
        return _core.array_type(as_type(dtype), ndim, layout, readonly=readonly, aligned=aligned)


class DType(_Made, Type):
    """A number type used as a value, such as ``np.float64``.

    Parameters
    ----------
    dtype : Type
        The number type.
    """

    def __new__(cls, dtype):
        return _core.dtype_type(as_type(dtype))


NumberClass = DType


class NumpyFlatType(Type):
    """``a.flat``."""


class ArrayFlags(Type):
    """``a.flags``."""


class _BufferMeta(type(Type)):
    def __instancecheck__(cls, instance):
        return type.__instancecheck__(cls._kind, instance) and str(instance).removeprefix(
            "readonly "
        ).startswith(cls._word)


class _BytesLike(Buffer):
    """bytes or bytearray."""

    ndim, layout, aligned = 1, "C", True

    @property
    def dtype(self):
        """Type of the items."""
        return _core.simple_type("uint8")

    @property
    def mutable(self):
        """Whether items can be assigned."""
        return isinstance(self, ByteArray)


class Bytes(_BytesLike, metaclass=_BufferMeta):
    """A bytes object."""

    _kind, _word = _BytesLike, "bytes("

    def __new__(cls, dtype=None, ndim=1, layout="C", readonly=True):
        return _core.simple_type("bytes")


class ByteArray(_BytesLike, metaclass=_BufferMeta):
    """A bytearray."""

    _kind, _word = _BytesLike, "bytearray("


class MemoryView(Array, metaclass=_BufferMeta):
    """A memoryview."""

    _kind, _word = Array, "memoryview("


class PyArray(Array, metaclass=_BufferMeta):
    """An `array.array`."""

    _kind, _word = Array, "pyarray("
