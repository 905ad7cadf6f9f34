"""What compiled code does with objects of cffi."""

from naja import types
from naja.errors import TypingError


def _from_buffer(buffer):
    if not isinstance(buffer, types.Array):
        return None
    if not buffer.is_contig:
        raise TypingError("from_buffer() unsupported on non-contiguous buffers")

    def from_buffer(buffer):
        return buffer.ctypes

    return from_buffer


def candidates(ffi):
    """Return the overloads of ``ffi.from_buffer`` for an ``FFI`` of cffi."""
    from naja import cffi_utils

    return [(_from_buffer, False)] if cffi_utils.is_ffi_instance(ffi) else []
