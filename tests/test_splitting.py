"""str.split, rsplit, splitlines and join against Python."""

import pytest

from naja import _core, njit
from naja.errors import TypingError

TEXTS = [
    "",
    " ",
    "a",
    "a b  c",
    "  lead and trail  ",
    "a,b,,c,",
    ",",
    "漢字 Ä\u2003x",
    "a\r\nb\rc\n\nd",
    "one\x0btwo\x85three",
]


def both(function, *args):
    assert function(*args) == function.py_func(*args)


@pytest.mark.core
def test_split():
    @njit
    def plain(s):
        return s.split(), s.rsplit()

    @njit
    def words(s, n):
        return s.split(None, n), s.rsplit(None, n), s.split(maxsplit=n)

    @njit
    def by(s, sep, n):
        return s.split(sep, n), s.rsplit(sep, n), s.split(sep), s.split(sep=sep, maxsplit=n)

    for s in TEXTS:
        both(plain, s)
        for n in (-1, 0, 1, 2, 10):
            both(words, s, n)
            both(by, s, ",", n)
            both(by, s, " a", n)
    for f in (lambda s: s.split(""), lambda s: s.rsplit("")):
        with pytest.raises(ValueError, match="empty separator"):
            njit(f)("abc")
    with pytest.raises(TypingError, match="maxsplit"):
        njit(lambda s: s.split(",", 1.5))("abc")


def test_splitlines():
    @njit
    def lines(s):
        return s.splitlines(), s.splitlines(True), s.splitlines(keepends=False)

    for s in TEXTS:
        both(lines, s)


@pytest.mark.core
def test_join():
    @njit
    def glue(sep, s):
        return sep.join(s.split(",")), sep.join(s), sep.join([s, sep, s])

    @njit
    def passed(sep, parts):
        return sep.join(parts)

    before = _core.block_count()
    for s in TEXTS:
        for sep in ("", "-", "漢"):
            both(glue, sep, s)
    both(passed, ", ", ["a", "bc", ""])
    assert _core.block_count() == before
    with pytest.raises(TypingError):
        passed(",", [1, 2])
