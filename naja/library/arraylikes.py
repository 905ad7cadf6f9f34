"""Lists where NumPy takes anything that it can make an array of: ``np.sqrt([1, 2])``, ``a + [1, 2]``, ``a[:] = rows``.

The compiler asks when nothing else serves a call.  The answer is a function that makes arrays of the lists and calls again;
what is known at compile time (an axis) stays known, since its value is written into that function.
"""

import numpy as np

from naja import types

# Not functions of values: these write to the very list, or make the array.
_NOT = frozenset(
    "numpy.array numpy.asarray numpy.shape numpy.ndim numpy.size numpy.random.shuffle numpy.block numpy.fromiter "
    "numpy.linalg.multi_dot numpy.piecewise numpy.iterable numpy.polynomial.polyutils.as_series "
    "numpy.polynomial.polyutils.trimseq".split()
)

_made = {}


def _is_list(t):
    return isinstance(t, (types.List, types.ListType))


def _is_array_like(t, arrays_too):
    while _is_list(t):
        t = t.dtype
    return isinstance(t, types.Number | types.Boolean) or (arrays_too and isinstance(t, types.Array))


def _serves(name, arguments, arrays_too):
    lists = [t for t in arguments if _is_list(t)]
    if not lists or not all(_is_array_like(t, arrays_too) for t in lists) or name in _NOT:
        return False
    if name == "operator.setitem":
        return isinstance(arguments[0], types.Array) and _is_list(arguments[2])
    if name.startswith("operator."):
        return any(isinstance(t, types.Array) for t in arguments)
    return name.startswith("numpy.")


def _passed(parameter, t):
    if _is_list(t):
        return f"array({parameter})"
    return repr(t.literal_value) if isinstance(t, types.Literal) else parameter


def implementation(name, function, arguments, keyword_names, arrays_too):
    """Return a function that calls `function` with arrays in place of lists, or None.

    Parameters
    ----------
    name : str
        The function's name in the library.
    function : callable
    arguments : tuple of Type
        Types of the arguments, those given by keyword last.
    keyword_names : tuple of str
    arrays_too : bool
        Whether lists of arrays count, which some functions take as they are.

    Returns
    -------
    function or None
    """
    if function is None or not _serves(name, arguments, arrays_too):
        return None
    key = name, arguments, keyword_names
    if key not in _made:
        npositional = len(arguments) - len(keyword_names)
        parameters = [f"a{i}" for i in range(npositional)] + list(keyword_names)
        passed = [_passed(p, t) for p, t in zip(parameters, arguments, strict=True)]
        for i, keyword in enumerate(keyword_names, npositional):
            passed[i] = f"{keyword}={passed[i]}"
        names = {"__name__": __name__, "function": function, "array": np.array}
        text = f"def call({', '.join(parameters)}):\n    return function({', '.join(passed)})\n"
        exec(compile(text, __file__, "exec"), names)
        _made[key] = names["call"]
    return _made[key]
