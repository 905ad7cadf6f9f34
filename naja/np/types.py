"""Types of NumPy's values, under Numba's names."""

from naja.types import Array, ArrayFlags, DType, NPDatetime, NPTimedelta, NumpyFlatType

__all__ = ["Array", "ArrayFlags", "DType", "NPDatetime", "NPTimedelta", "NumpyFlatType"]
