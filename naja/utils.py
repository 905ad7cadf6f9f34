"""Numba's `numba.core.utils`: what its users ask about the interpreter, and signatures of Python functions."""

import struct
import sys
from inspect import signature as pysignature

__all__ = ["MACHINE_BITS", "PYVERSION", "get_nargs_range", "pysignature"]

PYVERSION = sys.version_info[:2]
MACHINE_BITS = struct.calcsize("P") * 8


def get_nargs_range(pyfunc):
    """Return the smallest and the largest number of positional arguments that a function takes.

    Parameters
    ----------
    pyfunc : function
        With positional parameters only.

    Returns
    -------
    tuple of int
    """
    parameters = pysignature(pyfunc).parameters.values()
    most = len(parameters)
    least = sum(p.default is p.empty for p in parameters)
    return least, most
