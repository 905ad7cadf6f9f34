"""Sparse matrices of SciPy that compiled code makes of their three arrays: by the interpreter, with a type that is known."""

import numpy as np
import scipy.sparse

from naja import _core, types
from naja.extending import overload
from naja.interpreter import interpreted, type_of_object
from naja.library import kinds


def _type_of_made(cls):
    """A function of the types of data, indices and pointers, and of a shape: the type of the matrix."""

    def type_of_made(data, indices, pointers, shape):
        # SciPy takes 32 bits for indices that fit, whatever it is given
        return type_of_object(cls(np.ones((1, 1), _core.type_dtype(data.dtype))), keep=True)

    return type_of_made


def _maker(cls, name):
    @interpreted(_type_of_made(cls), f"scipy.sparse.{cls.__name__}")
    def make(data, indices, pointers, shape):
        return cls((data, indices, pointers), shape=shape)

    make._naja_name_ = f"bridge:{__name__}:{name}"

    @overload(cls)
    def made(arg1, shape=None, dtype=None, copy=False):
        """A matrix of (data, indices, pointers); of anything else a trial tells the type."""
        parts = getattr(arg1, "types", ())
        fits = len(parts) == 3 and all(kinds.is_array(t, 1) for t in parts) and kinds.is_none(dtype)
        if not fits or not isinstance(parts[0].dtype, (types.Integer, types.Float, types.Complex)):
            return None
        return lambda arg1, shape=None, dtype=None, copy=False: make(arg1[0], arg1[1], arg1[2], shape)

    return make


_csr_matrix = _maker(scipy.sparse.csr_matrix, "_csr_matrix")
_csc_matrix = _maker(scipy.sparse.csc_matrix, "_csc_matrix")
_csr_array = _maker(scipy.sparse.csr_array, "_csr_array")
_csc_array = _maker(scipy.sparse.csc_array, "_csc_array")
