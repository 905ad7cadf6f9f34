"""What is wrong with arguments that a method of str does not take: asked when nothing else implements the call."""

from naja import types
from naja.errors import TypingError
from naja.extending import overload_method
from naja.library import kinds


def _is_integer(t):
    return isinstance(kinds.plain(t), (int, types.Integer, types.Boolean))


def _is_index(t):
    t = kinds.plain(t)
    return kinds.is_none(t) or _is_integer(t) or (isinstance(t, types.Optional) and _is_integer(t.type))


def _is_text(t):
    t = kinds.plain(t)
    return isinstance(t, (str, types.UnicodeType, types.UnicodeCharSeq))


def _check(holds, message, t):
    if not holds:
        raise TypingError(f"{message}, not {t}")


def _justify(name):
    @overload_method(types.UnicodeType, name)
    def justify(s, width, fillchar=" "):
        _check(_is_integer(width), "The width must be an Integer", width)
        _check(_is_text(fillchar), "The fillchar must be a UnicodeType", fillchar)


for _name in ("center", "ljust", "rjust"):
    _justify(_name)


@overload_method(types.UnicodeType, "zfill")
def _zfill(s, width):
    _check(_is_integer(width), "<width> must be an Integer", width)


@overload_method(types.UnicodeType, "count")
def _count(s, sub, start=None, end=None):
    _check(_is_text(sub), "The substring must be a UnicodeType", sub)
    for index in (start, end):
        _check(_is_index(index), "The slice indices must be an Integer or None", index)


@overload_method(types.UnicodeType, "replace")
def _replace(s, old, new, count=-1):
    for text in (old, new):
        _check(
            _is_text(text), "The object must be a UnicodeType.  What is replaced and put in are strings", text
        )
    _check(
        _is_integer(count), "Unsupported parameters. The parameters must be Integer.  The count is one", count
    )


def _affix(name, argument):
    @overload_method(types.UnicodeType, name)
    def with_affix(s, affix, start=None, end=None):
        texts = affix if isinstance(affix, types.BaseTuple) else (affix,)
        for t in texts:
            _check(_is_text(t), f"The arg '{argument}' should be a string or a tuple of strings", affix)
        _check(_is_index(start), "When specified, the arg 'start' must be an Integer or None", start)
        _check(_is_index(end), "When specified, the arg 'end' must be an Integer or None", end)


_affix("startswith", "prefix")
_affix("endswith", "suffix")
