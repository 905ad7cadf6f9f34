"""Dicts whose keys are known at compile time: what is asked with a key that is not, and what a dict is made of.

Such a dict never changes.  A key that is a literal is looked up while compiling (src/library/strdicts.c); here stands what
compares a string with all of the keys, and what needs one type for all values.
"""

import operator

from naja import types
from naja.errors import TypingError
from naja.extending import overload, overload_method
from naja.library import kinds
from naja.library.written import written


def _is_strdict(t):
    return isinstance(t, types.LiteralStrKeyDict)


def _names(t):
    return [key.literal_value for key in t.literal_value]


def _written(parameters, lines):
    return written(__name__, "\n".join([f"def f({parameters}):", *(f"    {line}" for line in lines)]))


@overload(operator.getitem)
def strdict_getitem(d, key):
    if not _is_strdict(d):
        return None
    if not isinstance(kinds.plain(key), types.UnicodeType):
        raise TypingError(f"the keys of {d} are strings, not {key}")
    tests = [line for name in _names(d) for line in (f"if key == {name!r}:", f"    return d[{name!r}]")]
    return _written("d, key", [*tests, "raise KeyError(key)"])


@overload(operator.contains)
def strdict_contains(d, key):
    if not _is_strdict(d):
        return None
    if not isinstance(kinds.plain(key), types.UnicodeType):
        return kinds.Known(False)
    names = tuple(_names(d))
    return lambda d, key: key in names


@overload_method(types.LiteralStrKeyDict, "not_contains")
def strdict_not_contains(d, key):
    return lambda d, key: not operator.contains(d, key)


@overload_method(types.LiteralStrKeyDict, "get", prefer_literal=True)
def strdict_get(d, key, default=None):
    if isinstance(key, types.StringLiteral):
        found = key.literal_value in _names(d)
        return _written(
            "d, key, default=None", [f"return d[{key.literal_value!r}]" if found else "return default"]
        )
    tests = [line for name in _names(d) for line in (f"if key == {name!r}:", f"    return d[{name!r}]")]
    return _written("d, key, default=None", [*tests, "return default"])


@overload_method(types.LiteralStrKeyDict, "copy")
def strdict_copy(d):
    return lambda d: d


def _changes(name):
    def refuse(d, *args):
        raise TypingError(
            f"Cannot mutate a literal dictionary, whose values have different types: {name}() of {d}"
        )

    overload_method(types.LiteralStrKeyDict, name)(refuse)


for _name in ("clear", "pop", "popitem", "setdefault", "update"):
    _changes(_name)


@overload(operator.setitem)
def strdict_setitem(d, key, value):
    if _is_strdict(d):
        raise TypingError(f"Cannot mutate a literal dictionary, whose values have different types: {d}")


@overload(operator.delitem)
def strdict_delitem(d, key):
    if _is_strdict(d):
        raise TypingError(f"Cannot mutate a literal dictionary, whose values have different types: {d}")


def _equal(a, b):
    if not (_is_strdict(a) and _is_strdict(b)):
        return None
    if sorted(_names(a)) != sorted(_names(b)):
        return kinds.Known(False)
    tests = [f"a[{name!r}] == b[{name!r}]" for name in _names(a)]
    return _written("a, b", [f"return {' and '.join(tests) or True}"])


@overload(operator.eq)
def strdict_eq(a, b):
    return _equal(a, b)


@overload(operator.ne)
def strdict_ne(a, b):
    equal = _equal(a, b)
    if isinstance(equal, kinds.Known):
        return kinds.Known(True)
    return equal and (lambda a, b: not operator.eq(a, b))


@overload(dict, prefer_literal=True)
def dict_of_strdict(iterable=None):
    """dict(kw): a dict that can be changed, if there is one type for all values; else the same."""
    if not _is_strdict(iterable):
        return None
    values = [kinds.plain(t) for t in iterable.types]
    if any(t != values[0] for t in values):
        return lambda iterable=None: iterable
    items = [f"d[{name!r}] = iterable[{name!r}]" for name in _names(iterable)]
    return _written("iterable=None", ["d = dict()", *items, "return d"])
