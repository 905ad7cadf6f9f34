"""Methods of str that give lists or take them (split, rsplit, splitlines, join), and format() with named fields."""

from _string import formatter_field_name_split
from string import Formatter

from naja import types
from naja.errors import TypingError
from naja.extending import overload_method
from naja.library import low
from naja.library.written import written


def _plain(t):
    """Return what a literal or a default widens to; a Python value is itself."""
    return t.base if isinstance(t, types.Type) else t


def _is_none(t):
    return _plain(t) in (None, types.none)


def _is_text(t):
    return isinstance(_plain(t), types.UnicodeType)


def _is_integer(t):
    return isinstance(_plain(t), (int, types.Integer, types.Boolean))


def _check_split(sep, maxsplit):
    if not (_is_none(sep) or _is_text(sep)):
        raise TypingError(f"The sep must be a UnicodeType, not {sep}")
    if not _is_integer(maxsplit):
        raise TypingError(f'"maxsplit" must be an integer, not {maxsplit}')


# ---- splitting --------------------------------------------------------------------------------------------------------


def _splitting(own, is_space):
    """Return `split` at whitespace and at separators, of texts of which `own` gives what pieces are cut from."""

    def split_words(s, sep=None, maxsplit=-1):
        text = own(s)
        parts = []
        n = len(s)
        at = 0
        while True:
            while at < n and is_space(s, at):
                at += 1
            if at == n:
                return parts
            if maxsplit >= 0 and len(parts) >= maxsplit:
                parts.append(text[at:])
                return parts
            end = at
            while end < n and not is_space(s, end):
                end += 1
            parts.append(text[at:end])
            at = end

    def split(s, sep=None, maxsplit=-1):
        text = own(s)
        parts = []
        if len(sep) == 0:
            raise ValueError("empty separator")
        at = 0
        while maxsplit < 0 or len(parts) < maxsplit:
            end = s.find(sep, at)
            if end < 0:
                break
            parts.append(text[at:end])
            at = end + len(sep)
        parts.append(text[at:])
        return parts

    return split_words, split


_SPLIT_STR = _splitting(low.owned, lambda s, k: s[k].isspace())
_SPLIT_BYTES = _splitting(lambda s: s, lambda s, k: s[k : k + 1].isspace())


@overload_method(types.UnicodeType, "split")
def str_split(s, sep=None, maxsplit=-1):
    _check_split(sep, maxsplit)
    return _SPLIT_STR[0 if _is_none(sep) else 1]


@overload_method(types.Bytes, "split")
def bytes_split(s, sep=None, maxsplit=-1):
    if not (_is_none(sep) or isinstance(_plain(sep), types.Bytes)):
        raise TypingError(f"a bytes-like object is required, not {sep}")
    if not _is_integer(maxsplit):
        raise TypingError(f'"maxsplit" must be an integer, not {maxsplit}')
    return _SPLIT_BYTES[0 if _is_none(sep) else 1]


@overload_method(types.UnicodeType, "rsplit")
def str_rsplit(s, sep=None, maxsplit=-1):
    _check_split(sep, maxsplit)
    if _is_none(sep):

        def rsplit_words(s, sep=None, maxsplit=-1):
            text = low.owned(s)
            parts = []
            end = len(s)
            while True:
                while end > 0 and s[end - 1].isspace():
                    end -= 1
                if end == 0:
                    break
                if maxsplit >= 0 and len(parts) >= maxsplit:
                    parts.append(text[:end])
                    break
                at = end
                while at > 0 and not s[at - 1].isspace():
                    at -= 1
                parts.append(text[at:end])
                end = at
            parts.reverse()
            return parts

        return rsplit_words

    def rsplit(s, sep=None, maxsplit=-1):
        text = low.owned(s)
        parts = []
        if len(sep) == 0:
            raise ValueError("empty separator")
        end = len(s)
        while maxsplit < 0 or len(parts) < maxsplit:
            at = s.rfind(sep, 0, end)
            if at < 0:
                break
            parts.append(text[at + len(sep) : end])
            end = at
        parts.append(text[:end])
        parts.reverse()
        return parts

    return rsplit


@overload_method(types.UnicodeType, "splitlines")
def str_splitlines(s, keepends=False):
    if not _is_integer(keepends):
        raise TypingError(f'"keepends" must be an integer or a boolean, not {keepends}')

    def splitlines(s, keepends=False):
        text = low.owned(s)
        parts = []
        n = len(s)
        at = 0
        while at < n:
            end = at
            while end < n and s[end] not in "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029":
                end += 1
            behind = end
            if behind < n:
                behind += 1
                if behind < n and s[end] == "\r" and s[behind] == "\n":
                    behind += 1
            parts.append(text[at : behind if keepends else end])
            at = behind
        return parts

    return splitlines


# ---- joining ----------------------------------------------------------------------------------------------------------


@overload_method(types.UnicodeType, "join")
def str_join(sep, parts):
    item = getattr(parts, "dtype", None)
    if isinstance(parts, (types.List, types.ListType)) and not _is_text(item):
        raise TypingError(f"str.join takes strings, not {item}")
    if isinstance(parts, (types.List, types.ListType)) and isinstance(item, types.UnicodeType):
        return lambda sep, parts: low.text_join(sep, parts)

    def join(sep, parts):
        all_parts = [""]
        all_parts.clear()
        for part in parts:
            all_parts.append(part)
        return low.text_join(sep, all_parts)

    return join


@overload_method(types.Bytes, "join")
def bytes_join(sep, parts):
    item = _plain(getattr(parts, "dtype", None))
    if isinstance(parts, (types.List, types.ListType)) and not isinstance(item, types.Bytes):
        raise TypingError(f"bytes.join takes bytes, not {item}")

    def join(sep, parts):
        result = bytearray(0)
        first = True
        for part in parts:
            if first:
                first = False
            else:
                result += sep
            result += part
        return bytes(result)

    return join


# ---- format ------------------------------------------------------------------------------------------------------------


class _Template:
    """Writes the expression that a template of str.format() stands for."""

    def __init__(self, nargs, names):
        self.nargs, self.names, self.next = nargs, names, 0

    def text(self, template):
        """The expression of a template, or of the format specification of a field."""
        parts = []
        for literal, field, spec, conversion in Formatter().parse(template):
            if literal:
                parts.append(repr(literal))
            if field is not None:
                parts.append(self.field(field, spec, conversion))
        return " + ".join(parts) or "''"

    def field(self, field, spec, conversion):
        value = self.value(field)
        if conversion:
            value = f"{dict(r='repr', s='str', a='ascii')[conversion]}({value})"
        return f"format({value}, {self.text(spec)})" if spec else f"str({value})"

    def value(self, field):
        first, rest = formatter_field_name_split(field)
        if first == "":
            if self.next is None:
                raise TypingError(
                    "cannot switch from manual field specification to automatic field numbering"
                )
            first, self.next = self.next, self.next + 1
        elif isinstance(first, int):
            if self.next:
                raise TypingError(
                    "cannot switch from automatic field numbering to manual field specification"
                )
            self.next = None
        if isinstance(first, int) and first >= self.nargs:
            raise TypingError(f"Replacement index {first} out of range for positional args tuple")
        if isinstance(first, str) and first not in self.names:
            raise TypingError(f"the format template wants a value named '{first}', which is not given")
        value = f"args[{first}]" if isinstance(first, int) else first
        return value + "".join(f".{key}" if is_attribute else f"[{key!r}]" for is_attribute, key in rest)


@overload_method(types.UnicodeType, "format", prefer_literal=True)
def str_format(s, *args, **keywords):
    """Templates with names, attributes, items and specifications of their own; plain ones are rows of the compiler."""
    if not isinstance(s, types.StringLiteral):
        raise TypingError("a template for formatting must be known at compile time")
    try:
        text = _Template(len(args), keywords).text(s.literal_value)
    except (ValueError, KeyError) as error:
        raise TypingError(f"this format template is not supported in compiled code: {error}") from None
    names = "".join(f", {name}=None" for name in keywords)
    return written(__name__, f"def f(s, *args{names}):\n    return {text}")
