"""Inner functions that compiled code gives to Python: what calls them, and those that have captured nothing."""

import types
import weakref

_OWN = ("locals", "cache", "nopython")  # options of the function itself
_callers = {}  # text of the options -> the dispatcher that calls its first argument
_functions = weakref.WeakKeyDictionary()  # lender -> {(code, text of the options): dispatcher}


def _call(function, /, *args, **keywords):
    return function(*args, **keywords)


def _usable(options):
    """The options of a function that hold for an inner one, too, and a text that tells them apart."""
    usable = {name: value for name, value in options.items() if name not in _OWN}
    return usable, repr(sorted(usable.items()))


def caller(options):
    """
    The compiled function that calls an inner function.

    Parameters
    ----------
    options : dict
        Those of the function that made the inner function.

    Returns
    -------
    Dispatcher
    """
    from naja.decorators import njit

    usable, key = _usable(options)
    if key not in _callers:
        _callers[key] = njit(**usable)(_call)
    return _callers[key]


def function_of(code, lender, options):
    """
    A dispatcher for an inner function that has captured nothing from compiled code.

    Parameters
    ----------
    code : code
    lender : function
        The Python function around it, whose globals and captured variables it sees.
    options : dict
        Those of the function that made it.

    Returns
    -------
    Dispatcher or None
        None: it names itself or a sibling, which compiled code makes anew in every call.
    """
    from naja.decorators import njit

    around = dict(zip(lender.__code__.co_freevars, lender.__closure__ or (), strict=True))
    if not set(code.co_freevars) <= set(around):
        return None
    usable, key = _usable(options)
    known = _functions.setdefault(lender, {})
    key = (code, key)
    if key not in known:
        cells = tuple(around[name] for name in code.co_freevars)
        function = types.FunctionType(code, lender.__globals__, code.co_name, None, cells)
        function.__qualname__ = code.co_qualname
        known[key] = njit(**usable)(function)
    return known[key]
