"""The truth of arrays: of one that has one element it is the element's."""

import operator

import numpy as np

from naja.extending import overload
from naja.library import kinds

_EMPTY = "The truth value of an empty array is ambiguous. Use `array.size > 0` to check that an array is not empty."
_MANY = "The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()"
_EMPTY_IS_FALSE = tuple(map(int, np.__version__.split(".")[:2])) < (2, 2)


def _truth(a):
    n = a.size
    if n == 0 and _EMPTY_IS_FALSE:
        return False
    if n == 0:
        raise ValueError(_EMPTY)
    if n > 1:
        raise ValueError(_MANY)
    return bool(a.flat[0])


@overload(operator.truth)
def _array_truth(a):
    return _truth if kinds.is_array(a) else None


@overload(bool)
def _array_bool(a):
    return _truth if kinds.is_array(a) else None


@overload(operator.not_)
def _array_not(a):
    return (lambda a: not _truth(a)) if kinds.is_array(a) else None
