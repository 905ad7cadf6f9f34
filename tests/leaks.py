"""Blocks of memory that compiled code leaves behind."""

import gc

from differential import outcome

from naja import _core, njit


def left_behind(function, *args):
    """Runs the function, drops its result, and counts the blocks of memory that are still there."""
    gc.collect()
    before = _core.block_count()
    result = outcome(function, *args)
    del result
    gc.collect()
    return _core.block_count() - before


def check_outcome(function, *args):
    """Compiled as interpreted, and nothing left behind by a second call; gives the value, or the class that is raised."""
    compiled = njit(function)
    expected = outcome(function, *args)
    assert outcome(compiled, *args) == expected
    assert left_behind(compiled, *args) == 0
    return expected[1]
