"""Whether an overload and the implementation that it returns have the same parameters.

A call is typed by the overload and carried out by the implementation: a name or a default value that differs would be the
wrong argument in one of them.
"""

import inspect
from inspect import Parameter

from naja.errors import TypingError

__all__ = ["bind_first", "check"]


def _names(function):
    """What must be equal for a quick yes: names, kinds and default values."""
    code = function.__code__
    count = code.co_argcount + code.co_kwonlyargcount
    stars = code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS)
    return code.co_argcount, stars, code.co_varnames[: count + bool(stars)]


def _defaults(function):
    return function.__defaults__, function.__kwdefaults__


def _is_same(first, second):
    """Whether default values are equal; NaN is."""
    try:
        return first is second or bool(first == second) or (first != first and second != second)
    except (TypeError, ValueError):
        return False


def _refuse(what, typing, implementation, difference):
    raise TypingError(
        f"{what}. Typing signature: {typing}. Implementation signature: {implementation}. {difference}"
    )


def _shown(parameters):
    return f"Difference: {{{', '.join(map(repr, parameters))}}}"


def _check_stars(typing, implementation):
    for parameter in (*typing.parameters.values(), *implementation.parameters.values()):
        if parameter.kind == Parameter.VAR_KEYWORD:
            raise TypingError(
                "The use of VAR_KEYWORD (e.g. **kwargs) is unsupported. "
                f"(offending argument name is '{parameter}')"
            )
    kinds = [p.kind for p in implementation.parameters.values()]
    for parameter in typing.parameters.values():
        if parameter.kind == Parameter.VAR_POSITIONAL and Parameter.VAR_POSITIONAL not in kinds:
            _refuse(
                f"VAR_POSITIONAL (e.g. *args) argument kind (offending argument name is '{parameter}') found in the "
                "typing function signature, but is not in the implementing function signature",
                typing,
                implementation,
                "",
            )


def _split(signature):
    """Parameters without default value (with ``*args``), and those that have one."""
    parameters = list(signature.parameters.values())
    plain = [p for p in parameters if p.default is Parameter.empty]
    return plain, [p for p in parameters if p.default is not Parameter.empty]


def _difference(first, second):
    names = [p.name for p in first], [p.name for p in second]
    return [p for p in first if p.name not in names[1]] + [p for p in second if p.name not in names[0]]


def _check_names(typing, implementation):
    (plain, keyword), (own_plain, own_keyword) = _split(typing), _split(implementation)
    stars = [i for i, p in enumerate(own_plain) if p.kind == Parameter.VAR_POSITIONAL]
    takes_rest = stars and all(p.kind != Parameter.VAR_POSITIONAL for p in plain)
    differ = "Typing and implementation arguments differ in"
    if takes_rest:  # *args stands for what is left
        ahead = own_plain[: stars[0]]
        for mine, own in zip(plain, ahead, strict=False):
            if mine.name != own.name:
                shown = f"{_shown([mine, own])} First difference: '{own}'"
                _refuse(f"{differ} argument names", typing, implementation, shown)
    elif [p.name for p in plain] != [p.name for p in own_plain]:
        found = _difference(plain, own_plain) or plain
        if any(p.name in {k.name for k in (*keyword, *own_keyword)} for p in found):
            found = _difference([*plain, *keyword], [*own_plain, *own_keyword]) or found
        _refuse(f"{differ} argument names", typing, implementation, _shown(found))
    if {p.name for p in keyword} != {p.name for p in own_keyword}:
        found = _difference(keyword, own_keyword)
        _refuse(f"{differ} keyword argument names", typing, implementation, _shown(found))
    return keyword, own_keyword


def check(factory, implementation):
    """Raise if an overload and its implementation have other parameters.

    Parameters
    ----------
    factory, implementation : function

    Raises
    ------
    TypingError
        If names or default values of parameters differ, or stars are used that cannot be matched.
    """
    implementation = getattr(implementation, "py_func", implementation)
    try:
        same = _names(factory) == _names(implementation)
    except AttributeError:  # no Python functions: nothing to compare
        return
    values = (*_defaults(factory), *_defaults(implementation))
    if same and not any(values) and not factory.__code__.co_flags & inspect.CO_VARKEYWORDS:
        return
    typing, own = inspect.signature(factory), inspect.signature(implementation)
    _check_stars(typing, own)
    keyword, own_keyword = _check_names(typing, own)
    values = {p.name: p for p in own_keyword}
    found = [(p, values[p.name]) for p in keyword if not _is_same(p.default, values[p.name].default)]
    if found:
        _refuse(
            "Typing and implementation arguments differ in keyword argument default values",
            typing,
            own,
            _shown([p for pair in found for p in pair]),
        )


def bind_first(function, value):
    """Return a function without another's first parameter, which gets a constant.

    Parameters
    ----------
    function : function
    value : object
        What compiled code knows as a constant.

    Returns
    -------
    function
    """
    from naja import njit

    code = function.__code__
    names = code.co_varnames[1 : code.co_argcount]
    keyword_only = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    rest = code.co_flags & inspect.CO_VARARGS
    star = [f"*{code.co_varnames[code.co_argcount + code.co_kwonlyargcount]}"] if rest else []
    parameters = [*names, *(star or ["*"] * bool(keyword_only)), *keyword_only]
    passed = ["value", *names, *star, *(f"{n}={n}" for n in keyword_only)]
    scope = {"__name__": function.__module__, "function": njit(function), "value": value}
    exec(f"def bound({', '.join(parameters)}):\n    return function({', '.join(passed)})\n", scope)
    bound = scope["bound"]
    bound.__defaults__ = function.__defaults__ and function.__defaults__[-len(names) :] if names else None
    bound.__kwdefaults__ = function.__kwdefaults__
    return bound
