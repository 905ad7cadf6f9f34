"""Lists where NumPy takes anything that it can make an array of: ``np.sqrt([1, 2])``, ``a + [1, 2]``, ``a[:] = rows``.

The compiler asks when nothing else serves a call.  The answer is a function that makes arrays of the lists and calls again;
what is known at compile time (an axis) stays known, since its value is written into that function.
"""

import inspect

import numpy as np

from naja import types
from naja.errors import TypingError
from naja.library import INDEX
from naja.library.choices import constant_text
from naja.library.written import call_text, parameter_names, written

# Not functions of values: these write to the very list, or make the array.
_WRITES = frozenset("put place putmask copyto fill_diagonal put_along_axis".split())
_NOT = frozenset(
    "numpy.array numpy.asarray numpy.shape numpy.ndim numpy.size numpy.random.shuffle numpy.block numpy.fromiter "
    "numpy.linalg.multi_dot numpy.piecewise numpy.iterable numpy.polynomial.polyutils.as_series "
    "numpy.polynomial.polyutils.trimseq".split()
)

# Parameters of NumPy's functions that take array-likes, whatever the function.
_PARAMETERS = frozenset("a b x v m p y arr ary ar ar1 ar2 a1 a2 u c c1 c2 alist".split())
_FIRST = frozenset("m p".split())  # behind others these are orders

# Where Numba says it in other words, which its users look for.
_WORDS = {
    "numpy.fliplr": "Cannot np.fliplr on {type} type",
    "numpy.flipud": "Cannot np.flipud on {type} type",
    "numpy.moveaxis": 'The first argument "{parameter}" must be an array, not {type}',
    "numpy.rot90": 'The first argument "{parameter}" must be an array, not {type}',
    "numpy.partition": "The first argument must be an array-like, not {type}",
    "numpy.argpartition": "The first argument must be an array-like, not {type}",
    "numpy.union1d": "The arguments to np.union1d must be array-like, not {type}",
    "numpy.sort": 'Argument "{parameter}" must be array-like, not {type}',
    "numpy.argsort": 'Argument "{parameter}" must be array-like, not {type}',
}

_made = {}


def _is_no_array(t, has_default):
    t = types.unliteral(t)
    return t.kind in ("STR", "BYTES", "DICT", "SET", "FUNCTION", "OBJECT") or (
        t.kind == "NONE" and not has_default
    )


def check(name, function, arguments):
    """TypingError where a function of NumPy that the library has is given text or the like in place of an array.

    Parameters
    ----------
    name : str
        The function's name in the library.
    function : callable or None
    arguments : tuple of Type
        Types of the positional arguments.
    """
    if name == "numpy.array_equal":  # has words of its own
        return
    if name.removeprefix("numpy.") in _WRITES and arguments and not isinstance(arguments[0], types.Array):
        raise TypingError(
            f"argument 1 must be numpy.ndarray, not {types.unliteral(arguments[0])}: {name} writes to it"
        )
    if not name.startswith("numpy.") or name in _NOT or name.startswith("numpy.random."):
        return
    if name not in INDEX and name not in _WORDS:
        return
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return
    for i, (parameter, t) in enumerate(zip(parameters, arguments)):  # noqa: B905 - there may be fewer arguments, or too many
        known = parameter.name in _PARAMETERS and (i == 0 or parameter.name not in _FIRST)
        if known and _is_no_array(t, parameter.default is not parameter.empty):
            words = _WORDS.get(name, 'The argument "{parameter}" must be array-like, not {type}')
            raise TypingError(words.format(parameter=parameter.name, type=types.unliteral(t)))


def _is_flat(t):
    return isinstance(t, types.NumpyFlatType) and isinstance(t.elements[0], types.Array)


def _is_list(t):
    """Of this an array is made: a list, or ``a.flat``."""
    return isinstance(t, (types.List, types.ListType)) or _is_flat(t)


def _is_array_like(t, arrays_too):
    while _is_list(t):
        t = t.elements[0].dtype if _is_flat(t) else t.dtype
    if isinstance(t, types.BaseTuple):
        return len(t) > 0 and all(_is_array_like(item, False) for item in t)  # of arrays it is for a join
    return isinstance(t, types.Number | types.Boolean) or (arrays_too and isinstance(t, types.Array))


def _made_arrays(function, arguments, arrays_too):
    """Numbers of the arguments to make arrays of: lists, and in the end tuples, where no axes or shapes may stand."""
    everywhere = type(function).__name__ == "ufunc"
    return [
        i
        for i, t in enumerate(arguments)
        if _is_list(t) or (arrays_too and isinstance(t, types.BaseTuple) and (everywhere or i == 0))
    ]


def _serves(name, function, arguments, arrays_too):
    lists = [arguments[i] for i in _made_arrays(function, arguments, arrays_too)]
    if not lists or not all(_is_array_like(t, arrays_too) for t in lists) or name in _NOT:
        return False
    if type(function).__name__ == "ufunc":
        return True
    if name == "operator.setitem":
        return isinstance(arguments[0], types.Array) and _is_list(arguments[2])
    if name.startswith("operator."):
        return any(isinstance(t, types.Array) for t in arguments)
    return name.startswith("numpy.")


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
    if function is None or not _serves(name, function, arguments, arrays_too):
        return None
    key = name, arguments, keyword_names, arrays_too
    if key not in _made:
        parameters = parameter_names(arguments, keyword_names)
        passed = [constant_text(t) or p for p, t in zip(parameters, arguments, strict=True)]
        for i in _made_arrays(function, arguments, arrays_too):
            passed[i] = f"array({parameters[i]})"
        text = f"def f({', '.join(parameters)}):\n    return {call_text(name, parameters, keyword_names, passed)}\n"
        _made[key] = written(__name__, text, function=function, array=np.array)
    return _made[key]
