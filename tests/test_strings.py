"""Strings in compiled code: read in place or made at run time; every method against the interpreter's."""

import functools
import gc

import pytest
from differential import assert_same

import naja
from naja import njit, prange

compiled_of = functools.cache(njit)

TEXTS = ["", "a", "abc", "abd", "abcd", "ü", "日本", "\U0001f40d", "abc\0", "yes"]


def compare(s, t):
    return s == t, s != t, s == "abc", "日本" == s, s != "ü", len(s), bool(s), not t, s == 3


@pytest.mark.core
@pytest.mark.parametrize("s", TEXTS)
def test_comparison(s):
    compiled = compiled_of(compare)
    for t in [*TEXTS, s[:1] + s[1:]]:
        assert_same(compare, compiled, s, t)


def results(s):
    chosen = "yes" if s == "abc" else "nein, größer"
    return chosen, "constant", s, len("größer"), "a" == "a", "a" != "a"


@pytest.mark.parametrize("s", TEXTS)
def test_results(s):
    assert_same(results, compiled_of(results), s)


def test_an_argument_comes_back_as_itself():
    s = "".join(["some", " text"])
    assert njit(lambda s: s)(s) is s


def by_method(x, method="linear"):
    if method == "linear":
        return x
    if method == "square":
        return x * x
    raise ValueError("unknown method", method)


def test_text_that_decides():
    compiled = compiled_of(by_method)
    for args in [(3,), (3, "linear"), (3, "square"), (3, "cubic")]:
        assert_same(by_method, compiled, *args)


def test_text_inside_compiled_calls():
    @njit
    def f(x):
        return compiled(x, method="square") + compiled(x)

    compiled = compiled_of(by_method)
    assert f(5) == 30


# ---- made at run time ------------------------------------------------------------------------------------------------

WORDS = [
    "",
    "a",
    "Hello, World",
    " \t pad \n",
    "ünïcödé ß",
    "ǆungla Ǆ ΑΣ",
    "日本語 テスト",
    "a\U0001f40db\U0001f40d",
    "12",
    "-7",
    "٣٤",
    "½²Ⅷ",
    "x\tyz\tw",
    "aXbXXc",
    "title Case Here",
    "if",
    "snake_case",
    "\x85\u2028 x \xa0",
]


@pytest.fixture(autouse=True)
def no_leak():
    before = naja._core.block_count()
    yield
    if naja._core.block_count() != before:
        gc.collect()
    assert naja._core.block_count() <= before


def combine(s, t):
    u = s + t
    u += s
    return (
        u,
        s + "é",
        "x" + t,
        s * 3,
        2 * s,
        s * -1,
        t in s,
        t not in s,
        s < t,
        s <= t,
        s > t,
        s >= t,
        u == s + t + s,
        hash(u),
    )


@pytest.mark.core
@pytest.mark.parametrize("s", WORDS)
def test_combine(s):
    compiled = compiled_of(combine)
    for t in WORDS:
        assert_same(combine, compiled, s, t)


def slices(s, i, j, k):
    return s[i:j], s[i:j:k], s[::k], s[j:], s[:i], s[::-1], s[-3:]


@pytest.mark.parametrize("s", WORDS)
def test_slices(s):
    compiled = compiled_of(slices)
    for i, j, k in [(0, 2, 1), (1, -1, 2), (-3, 100, -1), (5, 1, -2), (-100, 3, 3), (2, 2, -3)]:
        assert_same(slices, compiled, s, i, j, k)


def items(s):
    out = ""
    n = 0
    for c in s:
        out = c + out
        n += ord(c)
    for i in range(len(s)):
        if s[i] == "X" or s[-1 - i] != s[i]:
            out += s[i]
    return out, n


@pytest.mark.core
def test_items():
    compiled = compiled_of(items)
    for s in WORDS:
        assert_same(items, compiled, s)


def item(s, i):
    return s[i]


def test_item_errors():
    compiled = compiled_of(item)
    for i in [0, 2, 3, -3, -4, 10**9]:
        assert_same(item, compiled, "abc", i)


def searches(s, t, i, j):
    return (
        s.find(t),
        s.rfind(t),
        s.count(t),
        s.find(t, i),
        s.rfind(t, i, j),
        s.count(t, i, j),
        s.startswith(t),
        s.endswith(t),
        s.startswith(t, i),
        s.endswith(t, i, j),
        s.startswith(("a", t)),
        s.endswith((t, "c")),
        s.replace(t, "<é>"),
        s.replace(t, "", 1),
        s.replace(t, "yy", i),
        s.removeprefix(t),
        s.removesuffix(t),
        s.strip(t),
        s.lstrip(t),
        s.rstrip(t),
    )


@pytest.mark.parametrize("s", WORDS)
def test_searches(s):
    compiled = compiled_of(searches)
    for t in ["", "a", "X", "l", "語", "\U0001f40d", "o, W", " ", s, s[1:], s[:-1]]:
        for i, j in [(0, 3), (-2, 100), (4, -1)]:
            assert_same(searches, compiled, s, t, i, j)


def raising(s, t):
    return s.index(t), s.rindex(t, 0), s.partition(t), s.rpartition(t)


@pytest.mark.parametrize("t", ["", "l", "o", "z", "é"])
def test_raising_searches(t):
    assert_same(raising, compiled_of(raising), "hello wörld", t)


def shapes(s, n, fill):
    return (
        s.center(n),
        s.center(n, fill),
        s.ljust(n),
        s.ljust(n, fill),
        s.rjust(n),
        s.rjust(n, fill),
        s.zfill(n),
        s.expandtabs(),
        s.expandtabs(n),
        s.strip(),
        s.lstrip(),
        s.rstrip(),
    )


@pytest.mark.parametrize("s", WORDS)
def test_shapes(s):
    compiled = compiled_of(shapes)
    for n, fill in [(0, "*"), (7, "é"), (12, "語"), (20, "\U0001f40d"), (-3, " ")]:
        assert_same(shapes, compiled, s, n, fill)
    assert_same(shapes, compiled, s, 5, "too long")


def cases(s):
    return (
        s.lower(),
        s.upper(),
        s.swapcase(),
        s.title(),
        s.capitalize(),
        s.casefold(),
        s.isalpha(),
        s.isdecimal(),
        s.isdigit(),
        s.isnumeric(),
        s.isprintable(),
        s.isspace(),
        s.isalnum(),
        s.islower(),
        s.isupper(),
        s.istitle(),
        s.isascii(),
        s.isidentifier(),
        repr(s),
        str(s),
        ascii(s),
    )


@pytest.mark.parametrize("s", [*WORDS, "İstanbul", "ﬁne", "O'Neil's", "\ud800", "'", "\"'", "\\\x00\x7f"])
def test_cases(s):
    assert_same(cases, compiled_of(cases), s)


def test_every_character():
    compiled = compiled_of(cases)
    for begin in list(range(0x800)) + list(range(0x3000, 0x110000, 2999)):
        s = chr(begin)
        assert compiled(s) == cases(s), hex(begin)


def code(i):
    return chr(i), ord(chr(i))


def test_chr():
    compiled = compiled_of(code)
    for i in [0, 65, 255, 256, 0xFFFF, 0x10000, 0x10FFFF, -1, 0x110000]:
        assert_same(code, compiled, i)
    assert_same(ord, njit(lambda s: ord(s)), "ab")


NUMBERS = [
    "0",
    " 12 ",
    "-7",
    "+9",
    "1_000",
    "1__0",
    "_1",
    "1_",
    "0x1F",
    "0b101",
    "0o17",
    "٣٤",
    "",
    " ",
    "abc",
    "12a",
    "00",
    "0_0",
    "010",
    "é",
    "- 1",
    "z",
    "1\x00",
    "9223372036854775807",
    "-9223372036854775808",
]


@pytest.mark.parametrize("base", [10, 0, 2, 16, 36, 1, 37, -1])
def test_int(base):
    def parse(s):
        return int(s, base)

    compiled = njit(parse)
    for s in NUMBERS[: None if base < 11 else -2]:
        assert_same(parse, compiled, s)


@pytest.mark.core
def test_int_that_is_too_large():
    with pytest.raises(OverflowError, match="does not fit 64 bits"):
        njit(lambda s: int(s))("9223372036854775808")


def test_float():
    def parse(s):
        return float(s)

    compiled = njit(parse)
    for s in [
        "1.5",
        " -2e10 ",
        "1_0.5_0",
        "inf",
        "-Infinity",
        "nan",
        ".5",
        "5.",
        ".",
        "",
        "1e",
        "1e5_0",
        "0x1",
        "٣.٤",
        "1e400",
        "4.9e-324",
        "infi",
        "1 2",
        "abc",
        "1__0",
    ]:
        assert_same(parse, compiled, s)


def build(n):
    s = ""
    for i in range(n):
        s += chr(97 + i % 26)
    t = s
    t += "!"
    s += "?"
    return s, t


@pytest.mark.core
def test_appending_in_place_never_shows():
    assert_same(build, compiled_of(build), 1000)


def pick(flag, s):
    t = s + "1" if flag else "constant"
    return t if len(t) > 2 else None


@pytest.mark.core
def joined(sep, parts):
    return sep.join(parts), sep.join([p for p in parts if p]), sep.join(p + p for p in parts), "".join(parts)


def joined_slices(s):
    return s[1:2].join([s[:1], s, s[2:], s[::-1]]), s.join([s[:2]]), s.join(("x", s))


@pytest.mark.parametrize("sep", ["", ", ", "é", "日", "\U0001f40d"])
def test_joins_of_all_kinds(sep):
    """The result is as wide as its widest character, and no wider."""
    compiled = compiled_of(joined)
    for parts in (["a"], ["a", "b"], ["", ""], ["é", "a", ""], ["a", "日本", "é"], ["\U0001f40d", "b"]):
        assert_same(joined, compiled, sep, parts)
    assert compiled(sep, ["a", "b"])[0].isascii() == sep.isascii()
    assert_same(joined_slices, compiled_of(joined_slices), "ab" + sep + "cd")


def test_joins():
    for flag in [True, False]:
        for s in ["", "long enough"]:
            assert_same(pick, compiled_of(pick), flag, s)


def complain(s, n):
    if n == 0:
        raise ValueError(f"bad {s}: {n}")
    if n == 1:
        raise KeyError(s + "!", n)
    return s.index("q")


@pytest.mark.core
def test_exceptions_with_texts():
    compiled = compiled_of(complain)
    for n in range(3):
        assert_same(complain, compiled, "naïve", n)


def test_parallel_texts():
    @njit(parallel=True)
    def total(s, n):
        k = 0
        for i in prange(n):
            k += len(s + str(i))
        return k

    assert total("ab", 1000) == sum(len("ab" + str(i)) for i in range(1000))
