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
    """How an argument `axis` is written: constants that a call does not hand on are named.

    Parameters
    ----------
    axis : Type or object

    Returns
    -------
    str
    """
    if isinstance(axis, types.BaseTuple):
        return "(" + "".join(f"{t.literal_value}, " for t in axis) + ")"
    if isinstance(axis, (int, types.Literal)):
        return str(axis if isinstance(axis, int) else axis.literal_value)
    return "axis"


def parameter_names(arguments, keyword_names):
    """Names for the parameters of a function that stands for a call: keywords keep theirs."""
    return [f"a{i}" for i in range(len(arguments) - len(keyword_names))] + list(keyword_names)


def call_text(name, parameters, keyword_names, passed):
    """The text of a call.

    Parameters
    ----------
    name : str
        The function's name in the library: a method's says what it is a method of.  A function is called `function`.
    parameters : list of str
        As `parameter_names` has them.
    keyword_names : tuple of str
        Names of the last ones, which are passed by keyword.
    passed : list of str
        What is passed for each parameter.

    Returns
    -------
    str
    """
    n = len(parameters) - len(keyword_names)
    items = [*passed[:n], *(f"{p}={x}" for p, x in zip(parameters[n:], passed[n:], strict=True))]
    if name.startswith("ndarray."):
        return f"{items[0]}.{name.partition('.')[2]}({', '.join(items[1:])})"
    return f"function({', '.join(items)})"
