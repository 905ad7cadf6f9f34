"""What Numba keeps in `numba.np.unsafe` and `numba.cpython.unsafe`: tuples by index, arrays as tuples, bits.

Numba's functions check nothing; here an index is checked as everywhere.
"""

from naja import errors, types
from naja.extending import intrinsic, overload
from naja.library.written import written
from naja.lowering import cgutils

__all__ = [
    "build_full_slice_tuple",
    "leading_zeros",
    "to_fixed_tuple",
    "trailing_zeros",
    "tuple_setitem",
    "viewer",
]


def _only_compiled(name):
    return NotImplementedError(f"{name} works in compiled functions only")


def _constant(length, name):
    if not isinstance(length, types.IntegerLiteral):
        raise errors.TypingError(f"{name}: the length must be a constant, not {length}")
    return length.literal_value


def _tuple_text(parameters, items):
    return f"def f({parameters}):\n    return ({''.join(f'{item}, ' for item in items)})"


def to_fixed_tuple(array, length):
    """Return the items of an array with one axis as a tuple.

    Parameters
    ----------
    array : ndarray, 1d
    length : int
        Number of items, a constant.

    Returns
    -------
    tuple

    Raises
    ------
    IndexError
        If the array is shorter.
    """
    raise _only_compiled("to_fixed_tuple")


@overload(to_fixed_tuple, prefer_literal=True)
def _to_fixed_tuple(array, length):
    if not isinstance(array, types.Array) or array.ndim != 1:
        raise errors.TypingError(f"to_fixed_tuple: expected an array with one axis, not {array}")
    items = (f"array[{i}]" for i in range(_constant(length, "to_fixed_tuple")))
    return written(__name__, _tuple_text("array, length", items))


def tuple_setitem(tup, idx, val):
    """Return a copy of a tuple with one item replaced.

    Parameters
    ----------
    tup : tuple
    idx : int
        Which item; a constant if the items have several types.
    val : object
        Converted to the type of the item that it replaces.

    Returns
    -------
    tuple
        Of the same type.

    Raises
    ------
    IndexError
        If there is no such item.
    """
    raise _only_compiled("tuple_setitem")


@intrinsic
def _as_type_of(typingctx, value, like):
    def codegen(context, builder, sig, args):
        return context.cast(builder, args[0], *sig.args)

    return like(value, like), codegen


@overload(tuple_setitem, prefer_literal=True)
def _tuple_setitem(tup, idx, val):
    if not isinstance(tup, types.BaseTuple):
        raise errors.TypingError(f"tuple_setitem: expected a tuple, not {tup}")
    at = idx.literal_value if isinstance(idx, types.IntegerLiteral) else None
    if at is None and not isinstance(tup, types.UniTuple):
        raise errors.TypingError(f"tuple_setitem: the index into {tup} must be a constant")
    n = len(tup)
    if at is not None and not -n <= at < n:
        raise errors.TypingError(f"tuple_setitem: index {at} is out of bounds for {tup}")
    new = "as_type_of(val, tup[{0}])"
    if at is not None:
        items = (new.format(i) if i == at % n else f"tup[{i}]" for i in range(n))
        return written(__name__, _tuple_text("tup, idx, val", items), as_type_of=_as_type_of)
    items = "".join(f"{new.format(i)} if at == {i} else tup[{i}], " for i in range(n))
    text = (
        "def f(tup, idx, val):\n"
        f"    at = idx + {n} if idx < 0 else idx\n"
        f"    if at < 0 or at >= {n}:\n"
        "        raise IndexError('tuple index out of range')\n"
        f"    return ({items})"
    )
    return written(__name__, text, as_type_of=_as_type_of)


def build_full_slice_tuple(sz):
    """Return a tuple of `sz` slices, a constant number, that each take a whole axis."""
    raise _only_compiled("build_full_slice_tuple")


@overload(build_full_slice_tuple, prefer_literal=True)
def _build_full_slice_tuple(sz):
    items = ["slice(None, None)"] * _constant(sz, "build_full_slice_tuple")
    return written(__name__, _tuple_text("sz", items))


@intrinsic
def viewer(typingctx, val, viewty):
    """Return a number with the same bits of another type; both are of the same size."""
    target = getattr(viewty, "dtype", None) or viewty.instance_type
    if val.bitwidth != target.bitwidth:
        raise errors.TypingError(f"viewer: {val} and {target} have different sizes")

    def codegen(context, builder, sig, args):
        return builder.bitcast(args[0], context.get_value_type(sig.return_type))

    return target(val, viewty), codegen


def _zeros(src, method):
    if not isinstance(src, types.Integer):
        raise errors.TypingError(f"the zeros of an integer are counted, not of a {src}")

    def codegen(context, builder, sig, args):
        return getattr(builder, method)(args[0], cgutils.false_bit)

    return src(src), codegen


@intrinsic
def leading_zeros(typingctx, src):
    """Return the number of zero bits in front of an integer's highest set bit; all bits of 0."""
    return _zeros(src, "ctlz")


@intrinsic
def trailing_zeros(typingctx, src):
    """Return the number of zero bits behind an integer's lowest set bit; all bits of 0."""
    return _zeros(src, "cttz")
