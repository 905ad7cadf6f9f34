"""Runs a random program interpreted and compiled, and says how they differ."""

import gc
import math
import re

import numpy as np
from differential import Difference, kind_of, outcome

from naja import _core, njit, typed


class Oops(Exception):
    """An exception class of the programs' own."""


# What list.index says, with the item or without.
NOT_IN_LIST = r"(list.index\(x\): x|value is|[^,(]+ is) not in list"
NAMES = {"math": math, "np": np, "Oops": Oops}


def shown(value):
    """A value as text that tells all of it: types, signs of zero, dtypes and shapes count."""
    if isinstance(value, np.ndarray):
        return f"array({value.dtype}, {value.shape}, {value.tolist()})"
    if isinstance(value, typed.Dict):
        value = dict(value)
    if type(value) in (tuple, list):
        return f"{type(value).__name__}({', '.join(map(shown, value))})"
    if isinstance(value, set):
        value = sorted(value)
    return repr(value)


def run(function, arguments):
    """What a call gives and what it did to its arguments, as text; ("refused", why) if it cannot be compiled."""
    with np.errstate(all="ignore"):
        result = outcome(function, *arguments)
    if result[0] == "raises" and result[1].__module__.startswith("naja"):
        return ("refused", result[2])
    told = (
        shown(result[1]) if result[0] == "value" else re.sub(NOT_IN_LIST, "x not in list", repr(result[1:]))
    )
    return (*result[:2], told, [shown(argument) for argument in arguments])


def has_wide(value):
    """Whether an integer in a result does not fit a machine word: compiled code need not give the same."""
    if isinstance(value, (list, tuple, set)):
        return any(map(has_wide, value))
    if isinstance(value, dict):
        return has_wide(list(value)) or has_wide(list(value.values()))
    return isinstance(value, int) and not -(2**63) <= value < 2**63


def check_calls(text, calls):
    """`f` of a program does the same interpreted and compiled, and leaves nothing behind; else gives why it was refused.

    `calls` are functions that make the arguments of a call.  Other functions at the top that begin with g are compiled, too.
    """
    interpreted, compiled = dict(NAMES), dict(NAMES)
    exec(text, interpreted)
    exec(text, compiled)
    for name in [name for name in compiled if name[0] in "fg"]:
        compiled[name] = njit(compiled[name])
    for make in calls:
        want, got = run(interpreted["f"], make()), run(compiled["f"], make())
        if got[0] == "refused":
            return got[1]
        if want[0] == "value" and has_wide(want[1]):
            return None
        if want[2:] != got[2:]:
            raise Difference(kind_of(want, got), f"{make()}\nwanted {want[2:]}\ngot    {got[2:]}")
    want = got = None
    gc.collect()
    before = _core.block_count()
    for make in calls:
        run(compiled["f"], make())
    gc.collect()
    if _core.block_count() != before:
        raise Difference("blocks left behind", "")
    return None
