"""The ufunc bridge (rung 3): which inner loop of a NumPy-ABI ufunc serves compiled code.

NumPy resolves the types of a call and hands out the strided C loop that does it
(`numpy.ufunc._resolve_dtypes_and_context`, `numpy.ufunc._get_strided_loop`).  A loop is known to compiled code by a
symbol that says where the ufunc lives and for which types the loop is, so that code from the on-disk cache finds it
again in another process.
"""

import re
import sys

import numpy as np

from naja import _core

__all__ = ["loop_address", "loop_symbol", "parse_signature"]

PREFIX = "naja_ufunc"

# Modules in which ufuncs are looked for by name, first these, then all that are imported.
_HOMES = (
    "numpy",
    "numpy.linalg._umath_linalg",
    "numpy.fft._pocketfft_umath",
    "numpy._core.umath",
    "numpy.core.umath",
    "scipy.special",
    "scipy.special._ufuncs",
)

_symbols = {}  # (id of ufunc, types) -> (symbol, lasting, ufunc)
_local = {}  # ufuncs that no module names, by the number in their symbol
_addresses = {}


def parse_signature(signature):
    """Split the signature of a generalized ufunc.

    Parameters
    ----------
    signature : str or None
        Such as ``"(m,n),(n)->(m)"``; None for an elementwise ufunc.

    Returns
    -------
    operands : list of tuple of str
        The names of the core dimensions of every operand.
    nin : int
        How many of the operands are inputs.
    """
    left, right = re.sub(r"\s+", "", signature).split("->")

    def names(side):
        return [tuple(filter(None, part.split(","))) for part in re.findall(r"\(([^)]*)\)", side)]

    inputs = names(left)
    return inputs + names(right), len(inputs)


def _home_of(ufunc):
    """Return the name of a module that has the ufunc under its own name, or None."""
    name = ufunc.__name__
    candidates = [getattr(ufunc, "__module__", None), *_HOMES]
    for module in dict.fromkeys([*filter(None, candidates), *sorted(sys.modules)]):
        loaded = sys.modules.get(module)
        if loaded is not None and vars(loaded).get(name) is ufunc:
            return module
    return None


def _dtype(type_, alone):
    """What NumPy is told about an operand: a dtype, or Python's number class for a weak scalar."""
    from naja import types

    if isinstance(type_, types.Array):
        return _core.type_dtype(type_.dtype)
    weak = {"int64": int, "float64": float, "complex128": complex}.get(str(type_))
    if weak is not None and not alone:
        return weak
    try:
        return np.dtype("bool" if isinstance(type_, types.Boolean) else str(type_))
    except (TypeError, ValueError):
        return None


def _text(dtype):
    return "?" if dtype.kind == "b" else f"{dtype.kind}{dtype.itemsize}"


def _resolve(ufunc, types):
    alone = not any(hasattr(t, "ndim") for t in types)
    given = [_dtype(t, alone) for t in types]
    if len(given) < ufunc.nin:
        raise TypeError(f"{ufunc.__name__}() takes {ufunc.nin} arguments, but {len(given)} were given")
    if len(given) > ufunc.nargs:
        raise TypeError(
            f"{ufunc.__name__}() takes from {ufunc.nin} to {ufunc.nargs} positional arguments but {len(given)} were given"
        )
    given = given[: ufunc.nin]
    if any(dtype is None for dtype in given):
        shown = ", ".join(map(str, types))
        raise TypeError(f"ufunc '{ufunc.__name__}' takes numbers and arrays of numbers, not ({shown})")
    return ufunc.resolve_dtypes((*given, *[None] * ufunc.nout))


def loop_symbol(ufunc, types):
    """Name the inner loop that a ufunc runs for operands of these types.

    Parameters
    ----------
    ufunc : numpy.ufunc or DUFunc
    types : tuple of naja.types.Type
        Types of the positional arguments; those beyond the inputs are outputs.

    Returns
    -------
    symbol : str
    lasting : bool
        False when another process could not find the ufunc again by its name.

    Raises
    ------
    TypeError
        If the ufunc has no loop for these types, or its loops work on Python objects.
    """
    known = _symbols.get((id(ufunc), types))
    if known:
        return known[:2]
    if not isinstance(ufunc, np.ufunc):
        ufunc, original = ufunc._ufunc_for(types), ufunc
    else:
        original = ufunc
    dtypes = _resolve(ufunc, types)
    if any(dtype.kind not in "biufc" or _text(dtype) in ("f16", "c32") for dtype in dtypes):
        shown = ", ".join(map(str, types))
        raise TypeError(
            f"ufunc '{ufunc.__name__}' works on {dtypes[-1]} for ({shown}), which compiled code cannot hold"
        )
    home = _home_of(ufunc)
    if home is None:
        home = f"!{id(ufunc)}"
        _local[home] = ufunc
    inputs, outputs = dtypes[: ufunc.nin], dtypes[ufunc.nin :]
    text = ",".join(map(_text, inputs)) + ">" + ",".join(map(_text, outputs))
    symbol = f"{PREFIX}:{home}:{ufunc.__name__}:{text}:{ufunc.signature or ''}"
    lasting = not home.startswith("!")
    if original is ufunc:  # the loops of a ufunc made by vectorize may still grow
        _symbols[id(ufunc), types] = symbol, lasting, ufunc
    return symbol, lasting


def _core_numbers(ufunc):
    """Core dimensions by number, per operand, and the extents that the signature fixes."""
    if not ufunc.signature:
        return ((),) * ufunc.nargs, ()
    operands, _ = parse_signature(ufunc.signature)
    numbers = {}
    core = tuple(tuple(numbers.setdefault(name, len(numbers)) for name in names) for names in operands)
    return core, tuple(int(name) if name.isdigit() else -1 for name in numbers)


def loop_address(symbol):
    """Return the address of the loop that a symbol names.

    Parameters
    ----------
    symbol : str
        As made by `loop_symbol`, in this process or another.

    Returns
    -------
    int
        Address of a ``UfuncLoop``, which lives as long as the process.
    """
    import importlib

    if symbol not in _addresses:
        _, home, name, text, _ = symbol.split(":", 4)
        ufunc = _local[home] if home.startswith("!") else getattr(importlib.import_module(home), name)
        wanted = tuple(np.dtype(part) for part in re.split("[,>]", text))
        dtypes, info = ufunc._resolve_dtypes_and_context(wanted)
        if tuple(map(_text, dtypes)) != tuple(map(_text, wanted)):
            raise TypeError(f"ufunc '{name}' has no loop for {text}")
        ufunc._get_strided_loop(info)
        _addresses[symbol] = _core.ufunc_loop(info, ufunc.nin, ufunc.nout, *_core_numbers(ufunc))
    return _addresses[symbol]
