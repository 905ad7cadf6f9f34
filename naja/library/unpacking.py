"""Unpacking with a star: ``a, *b, c = values``."""

from functools import cache

from naja import types
from naja.extending import overload
from naja.library import low
from naja.library.instances import is_iterable

_SOURCE = """\
def unpack_star(values, before, after):
    n = len(values)
    if n < {least}:
        low.value_error("not enough values to unpack (expected at least {least}, got %d)", n, 0)
    return ({items})
"""


def _items(rest, before, after):
    """Return the items of the result as source text; those from the end count from n, which is known to suffice."""
    front = [f"values[{i}]" for i in range(before)]
    back = [f"values[n - {i}]" for i in range(after, 0, -1)]
    return "".join(f"{item}, " for item in [*front, rest, *back])


@cache
def _implementation(rest, before, after):
    text = _SOURCE.format(least=before + after, items=_items(rest, before, after))
    namespace = {"low": low}
    exec(compile(text, __file__, "exec"), namespace)
    return namespace["unpack_star"]


@overload(low.unpack_star, prefer_literal=True)
def unpack_star_overload(values, before, after):
    if not all(isinstance(t, types.IntegerLiteral) for t in (before, after)):
        return None
    before, after = before.literal_value, after.literal_value
    rest = f"list(values[{before} : n - {after}])"
    if isinstance(values, types.BaseTuple):
        # The items have types of their own, so each is named; a list holds those between, which share one.
        rest = "[" + ", ".join(f"values[{i}]" for i in range(before, len(values) - after)) + "]"
    return _implementation(rest, before, after)


_OBJECT_SOURCE = """\
def unpack_object(values):
    items = [x for x in values]
    if len(items) < {n}:
        low.value_error("not enough values to unpack (expected {n}, got %d)", len(items), 0)
    if len(items) > {n}:
        low.value_error("too many values to unpack (expected {n})", 0, 0)
    return ({items})
"""


def _register_objects(n):
    """``a, b = obj`` of an object with __iter__: a function for each number of variables."""
    text = _OBJECT_SOURCE.format(n=n, items="".join(f"items[{i}], " for i in range(n)))
    namespace = {"low": low, "__name__": __name__}
    exec(compile(text, __file__, "exec"), namespace)

    @overload(getattr(low, f"unpack_object_{n}"))
    def unpack_object_overload(values):
        return namespace["unpack_object"] if is_iterable(values) else None


for _n in range(1, 10):
    _register_objects(_n)
