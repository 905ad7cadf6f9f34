"""Mapping and class patterns of ``match``.

A class pattern is decided by the type of what is matched, so the cases that cannot match vanish.
"""

from naja import types
from naja.errors import TypingError
from naja.extending import overload
from naja.library import kinds, low

# A positional pattern in these is the value itself.
_PLAIN = (bool, bytearray, bytes, dict, float, frozenset, int, list, set, str, tuple)


@overload(low.is_mapping)
def _is_mapping(subject):
    return kinds.Known(subject.kind == "DICT")


@overload(low.match_keys, prefer_literal=True)
def _match_keys(subject, keys):
    names = {"subject": None}
    if not isinstance(keys, types.BaseTuple) or not all(kinds.is_known(key) for key in keys):
        raise TypingError("the keys of a mapping pattern must be literals")
    values = [kinds.value(key, "match: key") for key in keys]
    tests = "".join(f"    if {value!r} not in subject:\n        return None\n" for value in values)
    items = "".join(f"subject[{value!r}], " for value in values)
    exec(f"def match_keys(subject, keys):\n{tests}    return ({items})\n", names)
    return names["match_keys"]


def _attributes(cls, n, names):
    """Names of the attributes that a pattern looks at; None stands for the value itself."""
    if n == 0:
        return list(names)
    if cls in _PLAIN:
        given = (None,)
    else:
        given = getattr(cls, "__match_args__", ())
    if n > len(given):
        plural = "" if len(given) == 1 else "s"
        raise TypingError(f"{cls.__name__}() accepts {len(given)} positional sub-pattern{plural} ({n} given)")
    repeated = [name for name in given[:n] if name in names]
    if repeated:
        raise TypingError(f"{cls.__name__}() got multiple sub-patterns for attribute {repeated[0]!r}")
    return [*given[:n], *names]


@overload(low.match_class, prefer_literal=True)
def _match_class(subject, cls, n, names):
    asked, n = getattr(cls, "object", None), kinds.value(n, "match")
    if isinstance(cls, types.DType):
        attributes = [None] * n
    elif isinstance(asked, type):
        attributes = _attributes(asked, n, [kinds.value(name, "match") for name in names])
    else:
        raise TypingError(
            f"a class pattern needs a class that is known when the function is compiled, not {cls}"
        )
    items = "".join("subject, " if name is None else f"subject.{name}, " for name in attributes)
    text = (
        "def match_class(subject, cls, n, names):\n"
        "    if isinstance(subject, cls):\n"
        f"        return ({items})\n"
        "    return None\n"
    )
    namespace = {}
    exec(text, namespace)
    return namespace["match_class"]
