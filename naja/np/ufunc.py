"""Numba's `numba.np.ufunc`: the ufuncs that `vectorize` and `guvectorize` make."""

from naja.dufunc import (
    DUFunc,
    GUFunc,
    GUFuncBuilder,
    GUVectorize,
    PyUFunc_None,
    PyUFunc_One,
    PyUFunc_ReorderableNone,
    PyUFunc_Zero,
    Vectorize,
    guvectorize,
    vectorize,
)

__all__ = [
    "DUFunc",
    "GUFunc",
    "GUFuncBuilder",
    "GUVectorize",
    "PyUFunc_None",
    "PyUFunc_One",
    "PyUFunc_ReorderableNone",
    "PyUFunc_Zero",
    "Vectorize",
    "guvectorize",
    "vectorize",
]
