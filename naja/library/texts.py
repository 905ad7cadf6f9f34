"""Text of containers, put together item by item: str(), repr(), print() and f-strings of what the compiler's own rows have
no text for (src/library/string_formats.c).
"""

import builtins
import sys

from naja import types
from naja.extending import overload
from naja.library import low
from naja.library.mutables import fields_of
from naja.library.written import written


def _joined(items):
    """The items' texts with commas between them."""
    text = ""
    for x in items:
        if text:
            text += ", "
        text += repr(x)
    return text


def _list_text(x):
    return "[" + _joined(x) + "]"


def _set_text(x):
    return "{" + _joined(x) + "}" if len(x) else "set()"


def _frozenset_text(x):
    return "frozenset({" + _joined(x) + "})" if len(x) else "frozenset()"


def _typed_set_text(x):
    return "{" + _joined(x) + "}"


def _dict_text(x):
    text = ""
    for key, value in x.items():
        if text:
            text += ", "
        text += repr(key) + ": " + repr(value)
    return "{" + text + "}"


def _strdict_text(t):
    names = [key.literal_value for key in t.literal_value]
    parts = [repr(f"{', ' if i else ''}{name!r}: ") + f" + repr(x[{name!r}])" for i, name in enumerate(names)]
    return written(__name__, f"def f(x):\n    return {' + '.join([repr('{'), *parts, repr('}')])}")


def _view_text(x):
    kind = {"keys": "dict_keys", "values": "dict_values", "items": "dict_items"}[x.what]
    return lambda x: kind + "([" + _joined(x) + "])"


def _tuple_text(t):
    names, begin, end = [""] * t.count, "(", ",)" if t.count == 1 else ")"
    if isinstance(t, types.LiteralList):
        begin, end = "[", "]"
    elif isinstance(t, types.NamedTuple):
        shown = [name for name, *_ in fields_of(t, shown=True)]
        names, begin, end = [f"{name}=" for name in shown], f"{t.instance_class.__name__}(", ")"
    is_object = not issubclass(getattr(t, "instance_class", tuple), (tuple, list))
    items = [f"x.{name}" for name in shown] if is_object else [f"x[{i}]" for i in range(len(names))]
    parts = [
        repr(("" if i == 0 else ", ") + name) + f" + repr({item})"
        for i, (name, item) in enumerate(zip(names, items, strict=True))
    ]
    return written(__name__, f"def f(x):\n    return {' + '.join([repr(begin), *parts, repr(end)])}")


def _optional_text(function):
    return lambda x: "None" if x is None else function(low.unwrap(x))


def _container_text(t):
    """The function that shows a value of this type, or None."""
    if isinstance(t, types.MutableSequence):
        return _list_text
    if isinstance(t, types.SetType):
        return _typed_set_text
    if isinstance(t, types.BaseSet):
        return _frozenset_text if t.frozen else _set_text
    if isinstance(t, types.DictType):
        return _dict_text
    if isinstance(t, types.DictView):
        return _view_text(t)
    if isinstance(t, types.LiteralStrKeyDict):
        return _strdict_text(t)
    if t.kind in ("TUPLE", "NAMEDTUPLE"):
        return _tuple_text(t)
    return None


@overload(builtins.str)
def _str(x):
    if isinstance(x, types.Optional):
        return _optional_text(str)
    function = _container_text(x)
    return function and (lambda x: function(x))


@overload(builtins.repr)
def _repr(x):
    if isinstance(x, types.Optional):
        return _optional_text(repr)
    function = _container_text(x)
    return function and (lambda x: function(x))


def _texts(args):
    """The arguments as texts; None if all of them are, so that there is nothing to do here."""
    if all(isinstance(t, types.UnicodeType) for t in args):
        return None
    return ", ".join(f"str(args[{i}])" for i in range(len(args)))


def _print_by_items(args):
    """The function that prints values of which an extension prints some itself, one after the other; or None."""
    extension = sys.modules.get("naja.lowering.extension")
    if extension is None or not any(t.kind == "USER" and extension.prints(t) for t in args):
        return None
    lines = []
    for i, t in enumerate(args):
        own = t.kind == "USER" and extension.prints(t)
        lines += ["print('', end=' ' if sep is None else sep)"] * (i > 0)
        lines += [f"print_item(args[{i}])" if own else f"print(str(args[{i}]), end='')"]
    lines += ["print('', end=end, flush=flush)"]
    body = "".join(f"    {line}\n" for line in lines)
    head = "def f(*args, sep=None, end=None, file=None, flush=False):\n"
    return written(__name__, head + body, print_item=extension.print_item)


@overload(builtins.print)
def _print(*args, sep=None, end=None, file=None, flush=False):
    by_items = _print_by_items(args)
    if by_items is not None:
        return by_items
    texts = _texts(args)
    if texts is None:
        return None
    return written(
        __name__,
        "def f(*args, sep=None, end=None, file=None, flush=False):\n"
        f"    print({texts}, sep=sep, end=end, file=file, flush=flush)",
    )


@overload(low.print_items)
def _print_items(items, sep=None, end=None, file=None, flush=False):
    """``print(*items)``"""
    between = "sep" if isinstance(sep, types.UnicodeType | types.StringLiteral) else "' '"
    return written(
        __name__,
        f"""def f(items, sep=None, end=None, file=None, flush=False):
    text, begun = "", False
    for x in items:
        if begun:
            text += {between}
        text += str(x)
        begun = True
    print(text, end=end, file=file, flush=flush)""",
    )


@overload(low.fstring_join)
def _fstring_join(*args):
    texts = _texts(args)
    return texts and written(__name__, f"def f(*args):\n    return ''.join(({texts},))")
