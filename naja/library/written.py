"""Library functions that are written as text, because what they say depends on the number of axes or arguments."""

import numpy as np

from naja import types


def written(module, text, **names):
    """Define a function from its text.

    Parameters
    ----------
    module : str
        ``__name__`` of the module that asks: the function is compiled as the library's.
    text : str
        Python text that defines ``f``.
    **names
        What the text may refer to, besides ``np``.

    Returns
    -------
    function
    """
    scope = {"__name__": module, "np": np, **names}
    exec(compile(text, f"<{module}>", "exec"), scope)
    return scope["f"]


def axis_text(axis):
    """How an argument `axis` is written: a tuple does not hand its constants on, so they are named.

    Parameters
    ----------
    axis : Type or object

    Returns
    -------
    str
    """
    if isinstance(axis, types.BaseTuple):
        return "(" + "".join(f"{t.literal_value}, " for t in axis) + ")"
    return "axis"
