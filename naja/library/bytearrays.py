"""Slices of bytearrays that bytes are assigned to."""

import operator

from naja import types
from naja.extending import overload

_BYTES = (types.Bytes, types.ByteArray)


@overload(operator.setitem)
def _assign_slice(target, index, value):
    """``target[a:b:c] = value``; the length stays what it is."""
    if not (
        isinstance(target, types.ByteArray)
        and isinstance(index, types.SliceType)
        and isinstance(value, _BYTES)
    ):
        return None

    def assign_slice(target, index, value):
        start, stop, step = index.indices(len(target))
        n = len(range(start, stop, step))
        if len(value) != n:
            if step == 1:
                raise ValueError(
                    f"a bytearray keeps its length in compiled code: {len(value)} bytes do not fit a slice of {n}"
                )
            raise ValueError(f"attempt to assign bytes of size {len(value)} to extended slice of size {n}")
        source = bytes(value)
        for k in range(n):
            target[start + k * step] = source[k]

    return assign_slice
