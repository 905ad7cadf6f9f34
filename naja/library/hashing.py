"""hash() of what is made of several values: the numbers that CPython gives, so that they can be compared with its own."""

import sys

import numpy as np

from naja import types
from naja.extending import overload
from naja.library import kinds
from naja.special import literal_unroll

# CPython's tuple hash: xxHash64 over the hashes of the items (Objects/tupleobject.c), as signed numbers.
_PRIME_1, _PRIME_2, _PRIME_5 = -7046029288634856825, -4417276706812531889, 2870177450012600261
_NONE = 0xFCA86420  # of None, since Python 3.12; before, it was an address


def _mix(so_far, item):
    so_far += item * _PRIME_2
    so_far = (so_far << 31) | ((so_far >> 33) & 0x7FFFFFFF)
    return so_far * _PRIME_1


def _finish(so_far, count):
    so_far += count ^ (_PRIME_5 ^ 3527539)
    return 1546275796 if so_far == -1 else so_far


def _refusal(message, error=TypeError):
    """A function that raises when it is called, as hash() of such a value does in Python."""

    def refuse(obj):
        raise error(message)
        return 0

    return refuse


@overload(hash)
def _hash(obj):
    """Tuples, times, None and ...; numbers, strings and bytes are rows of the compiler."""
    if isinstance(obj, types.BaseTuple) and not isinstance(obj, types.LiteralList):

        def hash_of_tuple(obj):
            so_far, count = _PRIME_5, 0
            for item in literal_unroll(obj):  # each with its own type: joined ones would lose digits
                so_far = _mix(so_far, hash(item))
                count += 1
            return _finish(so_far, count)

        return hash_of_tuple
    if isinstance(obj, types.BaseSet) and obj.frozen:

        def hash_of_frozenset(obj):
            so_far = 0
            for item in obj:
                h = hash(item)
                so_far ^= (h ^ 89869747 ^ (h << 16)) * 3644798167
            so_far ^= (len(obj) + 1) * 1927868237
            so_far ^= ((so_far >> 11) & 0x1FFFFFFFFFFFFF) ^ ((so_far >> 25) & 0x7FFFFFFFFF)
            so_far = so_far * 69069 + 907133923
            return 590923713 if so_far == -1 else so_far

        return hash_of_frozenset
    if isinstance(obj, types.NoneType) and sys.version_info >= (3, 12):
        return kinds.Known(_NONE)
    if isinstance(obj, types.NPTimedelta) and not obj.unit:
        return _refusal("Can't hash generic timedelta64", ValueError)
    if isinstance(
        obj, (types.NPDatetime, types.NPTimedelta)
    ):  # as Numba's: of one unit equal times are equal numbers
        return lambda obj: obj.astype(np.int64)
    if isinstance(obj, types.IntEnumMember):
        return lambda obj: hash(obj.value)
    if isinstance(obj, (types.List, types.ListType, types.Set, types.DictType, types.Array)):
        return _refusal(f"unhashable type: '{obj}'")
    if isinstance(obj, (types.Function, types.Closure, types.BoundFunction)):
        return _refusal(f"No __hash__ is defined for object of type {obj} in compiled code")
    return None
