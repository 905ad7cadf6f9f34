"""Reductions and products of float16 arrays: computed in float32, as NumPy does, and rounded to float16.

The compiler's own loops have no half precision; it asks here when nothing else serves a call.
"""

import numpy as np

from naja import types
from naja.extending import overload
from naja.library import low
from naja.library.choices import constant_text
from naja.library.kinds import is_array
from naja.library.written import call_text, parameter_names, written

# Functions and methods whose result is one of the values, or is rounded from float32; those in _KEPT give other types.
_ROUNDED = frozenset(
    "min max amin amax ptp var std dot matmul inner outer vdot trace nanmin nanmax cumsum cumprod".split()
)
_KEPT = frozenset("argmin argmax any all nanargmin nanargmax".split())

_made = {}
_rounded = low.by_type("rounded")


@overload(_rounded)
def rounded(x):
    """A float32 result as float16."""
    return (lambda x: x.astype(np.float16)) if is_array(x) else (lambda x: np.float16(x))


def _is_half(t):
    return is_array(t) and t.dtype is types.float16


def implementation(name, function, arguments, keyword_names):
    """Return a function that calls `function` with float32 arrays in place of float16 ones, or None.

    Parameters
    ----------
    name : str
        The function's name in the library.
    function : callable or None
        None for a method.
    arguments : tuple of Type
        Types of the arguments, constants as literals, those given by keyword last.
    keyword_names : tuple of str

    Returns
    -------
    function or None
    """
    space, _, short = name.rpartition(".")
    if short not in _ROUNDED | _KEPT or space not in ("numpy", "ndarray", "operator"):
        return None
    if not any(map(_is_half, arguments)) or any(is_array(t) and not _is_half(t) for t in arguments):
        return None
    if "dtype" in keyword_names or "out" in keyword_names:
        return None
    key = name, arguments, keyword_names
    if key not in _made:
        parameters = parameter_names(arguments, keyword_names)
        passed = [
            f"{p}.astype(np.float32)" if _is_half(t) else constant_text(t) or p
            for p, t in zip(parameters, arguments, strict=True)
        ]
        call = call_text(name, parameters, keyword_names, passed)
        result = f"rounded({call})" if short in _ROUNDED else call
        text = f"def f({', '.join(parameters)}):\n    return {result}\n"
        _made[key] = written(__name__, text, function=function, rounded=_rounded)
    return _made[key]
