"""str.translate and str.maketrans, and str.format_map."""

from string import Formatter

from naja import types
from naja.errors import TypingError
from naja.extending import overload, overload_method
from naja.library import kinds
from naja.library.strings import _is_text, _Template
from naja.library.written import written


def _pair_up(table, x, y):
    if len(x) != len(y):
        raise ValueError("the first two maketrans arguments must have equal length")
    for i in range(len(x)):
        table[ord(x[i])] = ord(y[i])


@overload(str.maketrans)
def _maketrans(x, y=None, z=None):
    """Of two strings a dict of code points; of three one whose values may be None; of a dict the same with other keys."""
    if kinds.is_none(y):
        if not isinstance(x, types.DictType):
            raise TypingError(f"if you give only one argument to maketrans it must be a dict, not {x}")
        if not _is_text(x.key_type):
            return lambda x, y=None, z=None: x.copy()

        def of_texts(x, y=None, z=None):
            table = {}
            for key, value in x.items():
                if len(key) != 1:
                    raise ValueError("string keys in translate table must be of length 1")
                table[ord(key)] = value
            return table

        return of_texts
    if not (_is_text(x) and _is_text(y) and (kinds.is_none(z) or _is_text(z))):
        raise TypingError("the arguments of maketrans must be strings")
    if kinds.is_none(z):

        def of_two(x, y=None, z=None):
            table = {0: 0}
            table.clear()
            _pair_up(table, x, y)
            return table

        return of_two

    def of_three(x, y=None, z=None):
        table = {}
        _pair_up(table, x, y)
        for c in z:
            table[ord(c)] = None
        return table

    return of_three


@overload_method(types.UnicodeType, "translate")
def _translate(s, table):
    if not isinstance(table, types.DictType):
        raise TypingError(
            f"str.translate takes a dict in compiled code, not {table}; str.maketrans makes one"
        )
    value = kinds.plain(table.value_type)
    optional = isinstance(value, types.Optional)
    value = value.type if optional else value
    if isinstance(value, types.NoneType):
        text = ""
    elif _is_text(value):
        text = "result += low_value"
    elif isinstance(value, types.Integer):
        text = "result += chr(low_value)"
    else:
        raise TypingError(
            f"str.translate: the table has values of type {table.value_type}, not code points or strings"
        )
    lines = ["def f(s, table):", "    result = ''", "    for c in s:", "        if ord(c) not in table:"]
    lines += ["            result += c", "            continue"]
    if text and optional:
        lines += ["        value = table[ord(c)]", "        if value is not None:"]
        lines.append("            " + text.replace("low_value", "value"))
    elif text:
        lines.append("        " + text.replace("low_value", "table[ord(c)]"))
    return written(__name__, "\n".join([*lines, "    return result"]))


class _MapTemplate(_Template):
    """Fields are keys of the mapping `d`."""

    def value(self, field):
        first, *rest = field.replace("[", ".").split(".")
        if rest:
            raise ValueError(f"a field with attributes or items, {field!r}")
        if not first or first.isdigit():
            raise ValueError("Format string contains positional fields")
        return f"d[{first!r}]"


@overload_method(types.UnicodeType, "format_map", prefer_literal=True)
def _format_map(s, d):
    if not isinstance(s, types.StringLiteral):
        raise TypingError("a template for formatting must be known at compile time")
    try:
        list(Formatter().parse(s.literal_value))
        text = _MapTemplate(0, ()).text(s.literal_value)
    except (ValueError, KeyError) as error:
        raise TypingError(f"this format template is not supported in compiled code: {error}") from None
    return written(__name__, f"def f(s, d):\n    return {text}")
