"""Numba's `numba.cpython.listobj`: lists in code that extensions build."""

from naja import _core, types
from naja.llvm import ir
from naja.lowering import cgutils, layout

__all__ = ["ListInstance"]

_INTP = ir.IntType(64)
_CELLS, _LENGTH, _CAPACITY, _PARENT = 0, 1, 2, 6  # words of ListBody in src/runtime/abi.h


class ListInstance:
    """A list whose parts are attributes: reading one appends a load.

    Parameters
    ----------
    context : Context
    builder : IRBuilder
    list_type : types.List
        Of items that are numbers, whose memory looks as that of an array.
    list_val : value

    Raises
    ------
    TypeError
        If items of that type do not lie side by side as they do in arrays.
    """

    def __init__(self, context, builder, list_type, list_val):
        # A cell has one number in its natural size, or 8 bytes for each leaf: so not those of complex64.
        if list_type.dtype.kind not in ("BOOL", "INT", "FLOAT") and list_type.dtype is not types.complex128:
            raise TypeError(
                f"{list_type}: only real numbers and complex128 lie side by side in a list's memory"
            )
        self._context, self._builder, self._type, self._list = context, builder, list_type, list_val

    def _word(self, i):
        address = cgutils.pointer_add(self._builder, self._list, _core.BLOCK_HEADER_NBYTES + 8 * i)
        return self._builder.load(self._builder.bitcast(address, _INTP.as_pointer()))

    @property
    def dtype(self):
        """The type of the items."""
        return self._type.dtype

    @property
    def value(self):
        """The list itself."""
        return self._list

    @property
    def size(self):
        """How many items there are."""
        return self._word(_LENGTH)

    @property
    def allocated(self):
        """How many items there is memory for."""
        return self._word(_CAPACITY)

    @property
    def parent(self):
        """The Python list that an argument stands for, or null."""
        return self._builder.inttoptr(self._word(_PARENT), layout.VOID_POINTER)

    @property
    def data(self):
        """Address of the first item."""
        item = layout.data_type(self.dtype).as_pointer()
        return self._builder.inttoptr(self._word(_CELLS), item)

    def _item(self, idx):
        return cgutils.gep(self._builder, self.data, idx)

    def getitem(self, idx):
        """Append an item: its index is not checked."""
        value = self._builder.load(self._item(idx))
        return cgutils.as_bool_bit(self._builder, value) if self.dtype.kind == "BOOL" else value

    def setitem(self, idx, val):
        """Append the assignment of an item: its index is not checked."""
        if self.dtype.kind == "BOOL":
            val = self._builder.zext(val, layout.data_type(self.dtype))
        self._builder.store(val, self._item(idx))
