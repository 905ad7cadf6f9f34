"""Numba's `numba.np.linalg`: routines of LAPACK that compiled code calls by the addresses of arrays.

The routines are SciPy's, with 32-bit integers.  A wrapper takes the letter of the routine's kind first, then the arguments of
the Fortran routine by value, without the last, and gives that: LAPACK's ``info``.
"""

import ctypes
import functools

import numpy as np

from naja import types
from naja.errors import TypingError
from naja.extending import get_cython_function_address, register_jitable

__all__ = ["_BLAS", "_LAPACK", "ensure_blas", "ensure_lapack", "get_blas_kind"]

_KINDS = {types.float32: "s", types.float64: "d", types.complex64: "c", types.complex128: "z"}
F_INT_nptype, F_INT_nbtype = np.int32, types.int32


def get_blas_kind(dtype, func_name="<BLAS function>"):
    """Return the letter with which the names of BLAS and LAPACK routines begin.

    Parameters
    ----------
    dtype : Type
    func_name : str
        For the message.

    Returns
    -------
    {'s', 'd', 'c', 'z'}

    Raises
    ------
    TypingError
        For other than floating and complex numbers.
    """
    kind = _KINDS.get(dtype)
    if kind is None:
        raise TypingError(f"unsupported dtype for {func_name}(): {dtype}")
    return kind


def _check(module, name):
    try:
        get_cython_function_address(module, name)
    except ImportError:
        raise ImportError("scipy 0.16+ is required for linear algebra") from None


def ensure_blas():
    """Raise ImportError if SciPy's BLAS is not there."""
    _check("scipy.linalg.cython_blas", "dgemm")


def ensure_lapack():
    """Raise ImportError if SciPy's LAPACK is not there."""
    _check("scipy.linalg.cython_lapack", "dgetrf")


@functools.cache
def _routine(module, name, count):
    address = get_cython_function_address(module, name)
    return ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * count)(address)


_ROUTINE = """
@register_jitable
def {name}(kind, {parameters}):
    numbers = np.empty({count}, np.int32)
    {stores}
    numbers[{last}] = 0
    routine({arguments}, numbers[{last}:].ctypes)
    return numbers[{last}]
"""


@functools.cache
def _wrapper(name, dtype, parameters):
    """A function of compiled code; a parameter in capitals is an integer, any other the address of an array."""
    kind = get_blas_kind(dtype, name)
    names = parameters.split()
    integers = [n for n in names if n.isupper()]
    arguments = [f"numbers[{integers.index(n)}:].ctypes" if n.isupper() else n for n in names]
    text = _ROUTINE.format(
        name=f"numba_x{name}",
        parameters=", ".join(names),
        count=len(integers) + 1,
        stores="; ".join(f"numbers[{i}] = {n}" for i, n in enumerate(integers)),
        last=len(integers),
        arguments=", ".join(arguments),
    )
    routine = _routine("scipy.linalg.cython_lapack", kind + name, len(names) + 1)
    scope = {"__name__": __name__, "np": np, "register_jitable": register_jitable, "routine": routine}
    exec(compile(text, f"<LAPACK {kind}{name}>", "exec"), scope)
    return scope[f"numba_x{name}"]


class _LAPACK:
    """Wrappers of LAPACK's routines, by the type of the elements."""

    @classmethod
    def numba_xgesv(cls, dtype):
        """``(kind, n, nrhs, a, lda, ipiv, b, ldb)``: the solution of linear equations."""
        return _wrapper("gesv", dtype, "N NRHS a LDA ipiv b LDB")

    @classmethod
    def numba_xxgetrf(cls, dtype):
        """``(kind, m, n, a, lda, ipiv)``: the LU factorisation."""
        return _wrapper("getrf", dtype, "M N a LDA ipiv")

    @classmethod
    def numba_xgetrs(cls, dtype):
        """``(kind, trans, n, nrhs, a, lda, ipiv, b, ldb)``: a solution by an LU factorisation; `trans` is an address."""
        return _wrapper("getrs", dtype, "trans N NRHS a LDA ipiv b LDB")

    @classmethod
    def numba_xxpotrf(cls, dtype):
        """``(kind, uplo, n, a, lda)``: the Cholesky factorisation; `uplo` is the address of a letter."""
        return _wrapper("potrf", dtype, "uplo N a LDA")


class _BLAS:
    """Numba's wrappers of BLAS; compiled code has ``np.dot`` and its kin instead."""
