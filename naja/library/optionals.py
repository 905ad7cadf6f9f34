"""Calls with an Optional where an implementation takes the value in it: the value is taken out first.

None raises TypeError at run time: that is the caller's mistake, as it is for operators.
"""

from naja import types
from naja.library import low
from naja.library.written import parameter_names, written

__all__ = ["implementation", "name_for", "value_type"]

# By name, identity of the function (which the implementation keeps alive), and what is Optional.
_made = {}


# What the library's names of methods begin with, by the kind of the receiver.
_SPACES = {
    "ARRAY": "ndarray",
    "BYTES": "bytes",
    "DICT": "dict",
    "FLOAT": "float",
    "LIST": "list",
    "RANGE": "range",
    "SET": "set",
    "STR": "str",
}


def value_type(t):
    """Return the type of the value in an Optional; any other type as it is.

    Parameters
    ----------
    t : Type

    Returns
    -------
    Type
    """
    return t.type if isinstance(t, types.Optional) else t


def name_for(name, values):
    """Return the name in the library of what is called with the values of Optionals.

    Parameters
    ----------
    name : str or None
        ``"optional.split"`` for a method of one.
    values : tuple of Type
        Types of the arguments, the receiver first.

    Returns
    -------
    str or None
    """
    if not name or not name.startswith("optional."):
        return name
    return f"{_SPACES.get(values[0].kind, 'value')}.{name.partition('.')[2]}"


def _call_text(name, is_method, parameters, keyword_names, passed):
    n = len(parameters) - len(keyword_names)
    items = [*passed[:n], *(f"{p}={x}" for p, x in zip(parameters[n:], passed[n:], strict=True))]
    if not is_method:
        return f"function({', '.join(items)})"
    attribute = name.rsplit(".", 1)[-1]
    if attribute.endswith("@"):
        return f"{items[0]}.{attribute[:-1]}"
    return f"{items[0]}.{attribute}({', '.join(items[1:])})"


def implementation(name, function, arguments, keyword_names):
    """Return a function that makes the call with the values of Optionals.

    Parameters
    ----------
    name : str
        The function's name in the library; of a method or attribute its own behind the last dot.
    function : callable or None
        None: a method or an attribute, whose receiver comes first.
    arguments : tuple of Type
        Types of the arguments, those given by keyword last.
    keyword_names : tuple of str

    Returns
    -------
    function
    """
    optional = tuple(isinstance(t, types.Optional) for t in arguments)
    key = name, id(function), optional, keyword_names
    if key not in _made:
        parameters = parameter_names(arguments, keyword_names)
        passed = [f"unwrap({p})" if o else p for p, o in zip(parameters, optional, strict=True)]
        call = _call_text(name, function is None, parameters, keyword_names, passed)
        text = f"def f({', '.join(parameters)}):\n    return {call}\n"
        _made[key] = written(__name__, text, function=function, unwrap=low.unwrap)
    return _made[key]
