"""Numba's `numba.cpython.unicode` and `numba.cpython.charseq`: strings by code points, for compiled code.

Numba's functions check nothing; here an index is checked as everywhere, and so is what is put into a string.
"""

from naja import types
from naja.extending import intrinsic, overload
from naja.lowering import cgutils

__all__ = ["bytes_type"]

bytes_type = types.Bytes(types.uint8, 1, "C", readonly=True)


def _only_compiled(name):
    return NotImplementedError(f"{name} works in compiled functions only")


def _codepoint_to_kind(cp):
    """Return how many bytes a string needs for each of its characters, of which this code point is the greatest.

    Parameters
    ----------
    cp : int

    Returns
    -------
    int
        1, 2 or 4.

    Raises
    ------
    ValueError
        If there is no such character.
    """
    raise _only_compiled("_codepoint_to_kind")


@overload(_codepoint_to_kind)
def _codepoint_to_kind_overload(cp):
    def kind_of(cp):
        if cp < 0 or cp > 0x10FFFF:
            raise ValueError("Invalid codepoint. Found value greater than Unicode maximum")
        return 1 if cp < 0x100 else 2 if cp < 0x10000 else 4

    return kind_of


def _get_code_point(a, i):
    """Return the code point of a character of a string.

    Parameters
    ----------
    a : str
    i : int

    Returns
    -------
    uint32

    Raises
    ------
    IndexError
        If there is no such character.
    """
    raise _only_compiled("_get_code_point")


@overload(_get_code_point)
def _get_code_point_overload(a, i):
    if isinstance(a, types.UnicodeType):
        return lambda a, i: types.uint32(ord(a[i]))
    return None


@intrinsic
def _new_string(typingctx, kind, length):
    def codegen(context, builder, signature, args):
        kind, length = args
        size = builder.mul(length, builder.sext(kind, length.type))
        block = context.nrt.meminfo_alloc(builder, size)
        cgutils.guard_memory_error(context, builder, block, "cannot allocate a string")
        text = cgutils.create_struct_proxy(types.unicode_type)(context, builder)
        text.meminfo, text.data = block, context.nrt.meminfo_data(builder, block)
        text.kind, text.length, text.parent = kind, length, cgutils.get_null_value(block.type)
        cgutils.memset(builder, text.data, size, 0)
        return text._getvalue()

    return types.unicode_type(types.int32, types.int64), codegen


@intrinsic
def _put(typingctx, text, i, ch):
    def codegen(context, builder, signature, args):
        text = cgutils.create_struct_proxy(types.unicode_type)(context, builder, args[0])
        for width, dtype in ((1, types.uint8), (2, types.uint16), (4, types.uint32)):
            is_kind = builder.icmp_unsigned("==", text.kind, context.get_constant(types.int32, width))
            with builder.if_then(is_kind):
                unit = context.get_value_type(dtype)
                chars = builder.bitcast(text.data, unit.as_pointer())
                value = builder.trunc(args[2], unit) if width < 4 else args[2]
                builder.store(value, builder.gep(chars, [args[1]]))
        return context.get_dummy_value()

    return types.none(types.unicode_type, types.int64, types.uint32), codegen


@intrinsic
def _writable_kind(typingctx, text):
    """The kind of a string whose characters are its own; 0: they are a constant's or a Python object's."""

    def codegen(context, builder, signature, args):
        text = cgutils.create_struct_proxy(types.unicode_type)(context, builder, args[0])
        has_block = cgutils.is_not_null(builder, text.meminfo)
        is_own = builder.and_(has_block, cgutils.is_null(builder, text.parent))
        return builder.select(is_own, text.kind, context.get_constant(types.int32, 0))

    return types.int32(types.unicode_type), codegen


def _empty_string(kind, length, is_ascii=0):
    """Return a new string of null characters, to be filled by `_set_code_point` before anybody else sees it.

    Parameters
    ----------
    kind : int
        What `_codepoint_to_kind` gives for the greatest code point it will have; no smaller one, no greater one.
    length : int
        Number of characters.
    is_ascii : int
        Whether all of them will be ASCII; naja does not ask.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If there is no such kind or length.
    """
    raise _only_compiled("_empty_string")


@overload(_empty_string)
def _empty_string_overload(kind, length, is_ascii=0):
    def empty_string(kind, length, is_ascii=0):
        if (kind != 1 and kind != 2 and kind != 4) or length < 0 or length > 0x0FFFFFFFFFFFFFFF:
            raise ValueError("no string has such a kind or length")
        return _new_string(types.int32(kind), types.int64(length))

    return empty_string


def _set_code_point(a, i, ch):
    """Set a character of a string that `_empty_string` has made.

    Parameters
    ----------
    a : str
    i : int
    ch : int
        Its code point.

    Raises
    ------
    IndexError
        If there is no such character.
    ValueError
        If the string is not new, or the code point does not fit its kind.
    """
    raise _only_compiled("_set_code_point")


@overload(_set_code_point)
def _set_code_point_overload(a, i, ch):
    if not isinstance(a, types.UnicodeType):
        return None

    def set_code_point(a, i, ch):
        if i < 0 or i >= len(a):
            raise IndexError("string index out of range")
        if _codepoint_to_kind(ch) > _writable_kind(a):
            raise ValueError("the string is not new, or the code point does not fit its kind")
        _put(a, types.int64(i), types.uint32(ch))

    return set_code_point
