"""Unpacking with a star: ``a, *b, c = values``."""

from functools import cache

from naja import types
from naja.extending import overload
from naja.library import low

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
