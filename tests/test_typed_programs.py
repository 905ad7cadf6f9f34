"""Random programs over numbers, strings, containers and exceptions do the same interpreted and compiled."""

import gc
import math
import random
import re

import pytest
import typed_programs
from differential import outcome

from naja import _core, njit, typed


class Oops(Exception):
    """An exception class of the program's own."""


# What list.index says, with the item or without.
NOT_IN_LIST = r"(list.index\(x\): x|value is|[^,(]+ is) not in list"

ARGUMENTS = [
    (3, 0.5, "naja", [1, 2, 3], {"a": 1, "b": 2}),
    (-2, -0.0, "", [7], {"naja": 5}),
    (12, 1e6, "a,b", [5, -5, 0, 5], {"": 0}),
]


def run(function, arguments):
    """What a call gives and what it did to its arguments, as text: signs of zero, nan and types count."""
    i, x, s, li, ds = arguments
    li, ds = list(li), dict(ds)
    result = outcome(function, i, x, s, li, ds)
    if result[0] == "raises" and result[1].__module__.startswith("naja"):
        return ("refused", result[2])
    if result[0] == "value" and isinstance(result[1], tuple):
        result = tuple(dict(v) if isinstance(v, typed.Dict) else v for v in result[1])
    return re.sub(NOT_IN_LIST, "x not in list", repr(result)), repr(li), repr(ds)


def check_typed(rng):
    """One random program does the same interpreted and compiled, and leaves nothing behind; False: refused."""
    text, functions = typed_programs.program(rng)
    interpreted = {"math": math, "Oops": Oops}
    compiled = dict(interpreted)
    exec(text, interpreted)
    exec(text, compiled)
    for name in functions:
        compiled[name] = njit(compiled[name])
    function = njit(compiled["f"])
    for arguments in ARGUMENTS:
        want, got = run(interpreted["f"], arguments), run(function, arguments)
        if got[0] == "refused":
            return got[1]
        assert want == got, f"{arguments}\nwanted {want}\ngot    {got}\n{text}"
    gc.collect()
    before = _core.block_count()
    for arguments in ARGUMENTS:
        run(function, arguments)
    gc.collect()
    assert _core.block_count() == before, f"blocks left behind\n{text}"
    return None


@pytest.mark.parametrize("seed", range(4))
def test_random_programs(seed):
    rng = random.Random(seed)
    refused = [check_typed(rng) for _ in range(2)]
    assert sum(reason is not None for reason in refused) <= 1, refused
