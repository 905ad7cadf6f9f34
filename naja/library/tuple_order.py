"""Comparisons of tuples with lists, sets, dicts or objects among their items; of plain values they are rows of the compiler."""

import operator

from naja import types
from naja.extending import overload
from naja.library.written import written

_CONTAINERS = (types.List, types.ListType, types.BaseSet, types.DictType)


def _has_container(t):
    if isinstance(t, types.BaseTuple) and not isinstance(t, types.LiteralList):
        return any(_has_container(item) for item in t)
    return isinstance(t, _CONTAINERS) or getattr(t, "instance_class", None) is not None


def _is_tuple(t):
    return isinstance(t, types.BaseTuple) and not isinstance(t, types.LiteralList)


def _register(function, sign):
    @overload(function)
    def compare(a, b):
        if not (_is_tuple(a) and _is_tuple(b) and (_has_container(a) or _has_container(b))):
            return None
        n = min(len(a), len(b))
        if sign in ("==", "!="):
            pairs = " and ".join(f"a[{i}] == b[{i}]" for i in range(n))
            return written(__name__, f"def f(a, b):\n    return {'not ' if sign == '!=' else ''}({pairs})")
        lines = [f"    if not a[{i}] == b[{i}]:\n        return a[{i}] {sign} b[{i}]" for i in range(n)]
        return written(__name__, "\n".join(["def f(a, b):", *lines, f"    return {len(a)} {sign} {len(b)}"]))


for _function, _sign in (
    (operator.eq, "=="),
    (operator.ne, "!="),
    (operator.lt, "<"),
    (operator.le, "<="),
    (operator.gt, ">"),
    (operator.ge, ">="),
):
    _register(_function, _sign)
