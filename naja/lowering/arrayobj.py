"""Arrays in code that extensions build: their parts, and where an element lies."""

from naja import types
from naja.errors import NumbaNotImplementedError
from naja.llvm import ir
from naja.lowering import cgutils

__all__ = ["basic_indexing", "get_array_index_type", "make_array", "normalize_indices", "populate_array"]

_INTP = ir.IntType(64)


def make_array(array_type):
    """Return the class of arrays of a type, whose members are attributes.

    Parameters
    ----------
    array_type : types.Array

    Returns
    -------
    type
        Called with context, builder and a value or an address.
    """
    return cgutils.create_struct_proxy(array_type)


def populate_array(array, data, shape, strides, itemsize, meminfo, parent=None):
    """Set the members of an array.

    Parameters
    ----------
    array : object
        What `make_array` gives.
    data : value
        Address of the first element.
    shape, strides : value or sequence of values
    itemsize, meminfo, parent : value
        `parent` None: the array has no Python object.

    Returns
    -------
    object
        The array.
    """
    builder, context = array._builder, array._context
    axes = [cgutils.unpack_tuple(builder, x) if hasattr(x, "type") else list(x) for x in (shape, strides)]
    intp = types.UniTuple(types.intp, len(axes[0]))
    nitems = ir.Constant(_INTP, 1)
    for extent in axes[0]:
        nitems = builder.mul(nitems, extent, flags=["nsw"])
    array.shape, array.strides = (context.make_tuple(builder, intp, axis) for axis in axes)
    array.data, array.itemsize, array.nitems = data, itemsize, nitems
    array.meminfo = meminfo
    array.parent = context.get_dummy_value() if parent is None else parent
    return array


class _Indexed:
    """What an index gives: the index's own type, and the result's."""

    def __init__(self, index, result):
        self.index, self.result, self.advanced = index, result, False


def get_array_index_type(ary, idx):
    """Return what an index by integers gives, with attributes ``index`` and ``result``; None: it is no such index.

    Parameters
    ----------
    ary : types.Array
    idx : Type
        An integer, or a tuple of them.
    """
    axes = idx.types if isinstance(idx, types.BaseTuple) else (idx,)
    if len(axes) > ary.ndim or not all(isinstance(t, types.Integer) for t in axes):
        return None
    left = ary.ndim - len(axes)
    return _Indexed(
        idx, types.Array(ary.dtype, left, ary.layout if ary.layout == "C" else "A") if left else ary.dtype
    )


def normalize_indices(context, builder, index_types, indices):
    """Return types and values of an index's integers, all as signed words.

    Parameters
    ----------
    index_types : sequence of Type
    indices : sequence of values
    """
    wide = [context.cast(builder, x, t, types.intp) for t, x in zip(index_types, indices, strict=True)]
    return (types.intp,) * len(wide), wide


def basic_indexing(context, builder, aryty, ary, index_types, indices, boundscheck=None):
    """Append the address that an index by integers denotes; negative ones count from the end.

    Parameters
    ----------
    aryty : types.Array
    ary : object
        What `make_array` gives.
    index_types : sequence of Type
    indices : sequence of values
        Words.
    boundscheck : bool, optional
        False: out of bounds is not looked for.  Otherwise IndexError is raised.

    Returns
    -------
    address : value
    shape, strides : list of values
        Of the axes that are left.

    Raises
    ------
    NumbaNotImplementedError
        For slices and other kinds of indices.
    """
    if not all(isinstance(t, types.Integer) for t in index_types):
        raise NumbaNotImplementedError(f"an index of types {tuple(index_types)}: only integers are")
    shape, strides = (cgutils.unpack_tuple(builder, x, aryty.ndim) for x in (ary.shape, ary.strides))
    zero, offset = ir.Constant(_INTP, 0), ir.Constant(_INTP, 0)
    for axis, index in enumerate(indices):
        from_end = builder.add(index, shape[axis])
        index = builder.select(builder.icmp_signed("<", index, zero), from_end, index)
        if boundscheck is not False:
            outside = builder.icmp_unsigned(">=", index, shape[axis])
            with cgutils.if_unlikely(builder, outside):
                text = f"index is out of bounds for axis {axis}"
                context.call_conv.return_user_exc(builder, IndexError, (text,))
        offset = builder.add(offset, builder.mul(index, strides[axis]))
    return cgutils.pointer_add(builder, ary.data, offset), shape[len(indices) :], strides[len(indices) :]
