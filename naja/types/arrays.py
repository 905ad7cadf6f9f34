"""Arrays, what has the buffer protocol, and what belongs to arrays."""

from naja import _core
from naja.types.abstract import (
    ArrayCompatible,
    Callable,
    DTypeSpec,
    IterableType,
    IteratorType,
    MutableSequence,
    Opaque,
    SimpleIteratorType,
    Type,
    _Made,
)
from naja.types.conversion import as_type

__all__ = [
    "Array",
    "ArrayCTypes",
    "ArrayFlags",
    "ArrayIterator",
    "Buffer",
    "ByteArray",
    "Bytes",
    "DType",
    "MemoryView",
    "NumPyRandomBitGeneratorType",
    "NumPyRandomGeneratorType",
    "NumPyRandomStateType",
    "NumberClass",
    "NumpyFlatType",
    "NumpyNdEnumerateType",
    "NumpyNdIndexType",
    "NumpyNdIterType",
    "PolynomialType",
    "PyArray",
]


class Buffer(IterableType, ArrayCompatible):
    """Memory with elements."""

    slice_is_copy = False

    @property
    def as_array(self):
        """The type as an array type: itself."""
        return self

    @property
    def iterator_type(self):
        """Type of the iterator of a loop."""
        return ArrayIterator(self)

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


class DType(_Made, Callable, DTypeSpec, Opaque):
    """A number type used as a value, such as ``np.float64`` or ``a.dtype``.

    Parameters
    ----------
    dtype : Type
        The number type.
    """

    def __new__(cls, dtype):
        return _core.dtype_type(as_type(dtype))

    @property
    def instance_type(self):
        """The number type."""
        return self.dtype

    @property
    def key(self):
        """The number type."""
        return self.dtype

    def __getitem__(self, index):
        """Return the array type that a slice notation such as ``[:, ::1]`` stands for."""
        return Type.__getitem__(self.dtype, index)


NumberClass = DType


class ArrayIterator(SimpleIteratorType):
    """The state of a loop over an array.

    Parameters
    ----------
    array_type : Array
    """

    def __init__(self, array_type):
        self.array_type = array_type
        item = array_type.dtype if array_type.ndim <= 1 else array_type.copy(ndim=array_type.ndim - 1)
        super().__init__(f"iter({array_type})", item)

    @property
    def key(self):
        """The array's type."""
        return self.array_type


class ArrayFlags(Type):
    """``a.flags``.

    Parameters
    ----------
    arytype : Array
    """

    def __new__(cls, arytype):
        return _core.flags_type(arytype)

    def __init__(self, arytype):
        pass

    @property
    def array_type(self):
        """The array's type."""
        return self.elements[0]


class ArrayCTypes(_Made, Type):
    """``a.ctypes``.

    Parameters
    ----------
    arytype : Array
    """

    def __new__(cls, arytype):
        return _core.ctypes_type(arytype)

    @property
    def dtype(self):
        """Type of the array's elements."""
        return self.array_type.dtype

    @property
    def ndim(self):
        """Number of the array's dimensions."""
        return self.array_type.ndim

    @property
    def key(self):
        """Element type and number of dimensions."""
        return self.dtype, self.ndim


class NumpyFlatType(_Made, SimpleIteratorType, MutableSequence):
    """``a.flat``.

    Parameters
    ----------
    arrty : Array
    """

    def __new__(cls, arrty):
        return _core.flat_type(arrty)

    @property
    def array_type(self):
        """The array's type."""
        return self.elements[0]

    @property
    def dtype(self):
        """Type of the elements."""
        return self.array_type.dtype

    yield_type = dtype

    @property
    def key(self):
        """The array's type."""
        return self.array_type


class NumpyNdIndexType(_Made, SimpleIteratorType):
    """``np.ndindex(shape)``.

    Parameters
    ----------
    ndim : int
        Number of axes.
    """

    def __new__(cls, ndim):
        return _core.flat_type(_core.tuple_type((_core.simple_type("int64"),) * ndim))

    @property
    def ndim(self):
        """Number of axes."""
        return len(self.elements[0].types)

    @property
    def yield_type(self):
        """Type of an index."""
        return self.elements[0]

    @property
    def key(self):
        """Number of axes."""
        return self.ndim


class NumpyNdEnumerateType(SimpleIteratorType):
    """``np.ndenumerate(a)``.

    Parameters
    ----------
    arrty : Array
    """

    def __init__(self, arrty):
        self.array_type = arrty
        index = _core.tuple_type((_core.simple_type("int64"),) * arrty.ndim)
        super().__init__(f"ndenumerate({arrty})", _core.tuple_type((index, arrty.dtype)))

    @property
    def key(self):
        """The array's type."""
        return self.array_type


class NumpyNdIterType(IteratorType):
    """``np.nditer(arrays)``.

    Parameters
    ----------
    arrays : sequence of Type
        Types of the operands: arrays and scalars.
    """

    def __init__(self, arrays):
        self.arrays = tuple(arrays)
        only = [a for a in self.arrays if isinstance(a, Array)]
        self.ndim = max((a.ndim for a in only), default=0)
        self.layout = self._common_layout(only)
        self.dtypes = tuple(a.dtype if isinstance(a, Array) else a for a in self.arrays)
        self.indexers = self._indexers()
        self.need_shaped_indexing = any(
            kind == "indexed" or (kind == "flat" and end - start < self.ndim)
            for kind, start, end, _ in self.indexers
        )
        super().__init__(f"nditer({', '.join(map(str, self.arrays))})")

    @property
    def key(self):
        """Types of the operands."""
        return self.arrays

    @property
    def views(self):
        """Types of the items: 0-d arrays."""
        return [_core.array_type(dtype, 0, "C") for dtype in self.dtypes]

    @property
    def yield_type(self):
        """Type of what a step of the loop gives."""
        views = self.views
        return _core.tuple_type(tuple(views)) if len(views) > 1 else views[0]

    def _common_layout(self, arrays):
        full = [a for a in arrays if a.ndim == self.ndim]
        is_fortran = bool(full) and self.ndim > 1 and all(a.layout == "F" for a in full)
        return "F" if is_fortran else "C"

    def _indexers(self):
        """Group the operands by how they are walked: (way, first axis, last axis, positions)."""
        groups = {}
        for i, operand in enumerate(self.arrays):
            if not isinstance(operand, Array):
                where = "scalar", 0, 0
            elif operand.ndim == 0:
                where = "0d", 0, 0
            else:
                flat = operand.layout == self.layout or (operand.layout == "C" and operand.ndim == 1)
                first = self.ndim - operand.ndim if self.layout == "C" else 0
                where = "flat" if flat else "indexed", first, first + operand.ndim
            groups.setdefault(where, []).append(i)
        return [(*where, positions) for where, positions in groups.items()]


class PolynomialType(Type):
    """A `numpy.polynomial.Polynomial`.

    Parameters
    ----------
    coef, domain, window : Array
        Types of its parts.
    n_args : int, optional
        Number of arguments it was made with.
    """

    def __init__(self, coef, domain=None, window=None, n_args=1):
        default = _core.array_type(_core.simple_type("int64"), 1, "C")
        self.coef, self.n_args = coef, n_args
        self.domain, self.window = domain or default, window or default
        self.fields = {"coef": self.coef, "domain": self.domain, "window": self.window}
        super().__init__(f"PolynomialType({self.coef}, {self.domain}, {self.window}, {n_args})")


class NumPyRandomGeneratorType(Type):
    """A numpy.random.Generator, whose stream compiled code shares."""


class NumPyRandomStateType(Type):
    """A numpy.random.RandomState, whose stream compiled code shares."""


class NumPyRandomBitGeneratorType(Opaque):
    """The source of random bits of a numpy.random.Generator."""


# ---- bytes, memoryview, array.array --------------------------------------------------------------------------------------


class Bytes(_Made, Buffer):
    """A bytes object.

    Parameters
    ----------
    dtype, ndim, layout, readonly
        Accepted for compatibility: bytes are one kind.
    """

    ndim, layout, aligned, mutable, readonly = 1, "C", True, False, True

    def __new__(cls, dtype=None, ndim=1, layout="C", readonly=True):
        return _core.simple_type("bytes")

    @property
    def dtype(self):
        """Type of the items."""
        return _core.simple_type("uint8")


class ByteArray(Bytes):
    """A bytearray.

    Parameters
    ----------
    dtype, ndim, layout, readonly
        Accepted for compatibility: bytearrays are one kind.
    """

    mutable, readonly = True, False

    def __new__(cls, dtype=None, ndim=1, layout="C", readonly=False):
        return _core.simple_type("bytearray")


class MemoryView(Array):
    """A memoryview.

    Parameters
    ----------
    dtype : Type
        Type of the items.
    ndim : int
        Number of dimensions.
    layout : {'C', 'F', 'A'}
    readonly : bool
    """

    def __new__(cls, dtype, ndim, layout, readonly=False, aligned=True):
        return _core.buffer_type(
            _core.array_type(as_type(dtype), ndim, layout, readonly=readonly, aligned=aligned), "memoryview"
        )


class PyArray(Array):
    """An `array.array`.

    Parameters
    ----------
    dtype : Type
        Type of the items.
    ndim : int
        1.
    layout : str
        ``'C'``.
    readonly : bool
    """

    def __new__(cls, dtype, ndim=1, layout="C", readonly=False, aligned=True):
        return _core.buffer_type(
            _core.array_type(as_type(dtype), ndim, layout, readonly=readonly, aligned=aligned), "array.array"
        )
