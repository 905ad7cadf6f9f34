"""Arrays at addresses: `carray` and `farray`, in Python and in compiled code."""

__all__ = ["carray", "farray"]


def carray(ptr, shape, dtype=None):
    """Return the array in C order that lies at an address.  It does not own its memory.

    Parameters
    ----------
    ptr : ctypes pointer, ``c_void_p``, or in compiled code a value of a pointer type
        Where the elements lie.
    shape : int or tuple of int
        Extents.
    dtype : dtype, optional
        Type of the elements; it must be given for an address without a type, and else be that of the pointer.

    Returns
    -------
    ndarray

    Raises
    ------
    TypeError
        If `ptr` is no pointer, or the dtype is missing or another than the pointer's.
    """
    return _array_at(ptr, shape, dtype).reshape(shape)


def farray(ptr, shape, dtype=None):
    """Return the array in Fortran order that lies at an address.  It does not own its memory.

    Parameters
    ----------
    ptr, shape, dtype
        As for `carray`.

    Returns
    -------
    ndarray

    Raises
    ------
    TypeError
        As for `carray`.
    """
    if not isinstance(shape, int):
        return _array_at(ptr, shape[::-1], dtype).reshape(shape[::-1]).T
    return _array_at(ptr, shape, dtype)


def _array_at(ptr, shape, dtype):
    import ctypes

    import numpy as np

    if isinstance(ptr, ctypes.c_void_p):
        if dtype is None:
            raise TypeError("explicit dtype required for void* argument")
        element = None
    elif isinstance(ptr, ctypes._Pointer):
        element = np.dtype(ptr._type_)
        if dtype is not None and np.dtype(dtype) != element:
            raise TypeError(f"mismatching dtype '{np.dtype(dtype)}' for pointer {ptr}")
    else:
        raise TypeError(f"expected a ctypes pointer, got {ptr!r}")
    dtype = element if dtype is None else np.dtype(dtype)
    count = int(np.prod(shape))
    memory = ctypes.cast(ptr, ctypes.POINTER(ctypes.c_char * (count * dtype.itemsize)))[0]
    return np.frombuffer(memory, dtype=dtype, count=count)
