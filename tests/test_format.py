# ruff: noqa: F521, F522, F523, F524, F525
"""Text of values: str, repr, format, f-strings, templates, print; always what the interpreter writes."""

import functools
import math
import random
import struct
from collections import namedtuple

import numpy as np
import pytest
from differential import assert_same

import naja
from naja import errors, njit, prange
from naja.errors import NajaError

compiled_of = functools.cache(njit)
Point = namedtuple("Point", "x y")


@pytest.fixture(autouse=True)
def no_leak():
    before = naja._core.block_count()
    yield
    assert naja._core.block_count() <= before


def texts(x):
    return str(x), repr(x), f"{x}", f"<{x!r}>", f"{x!s}", format(x), format(x, "")


VALUES = [
    0,
    1,
    -1,
    2**63 - 1,
    -(2**63),
    True,
    False,
    None,
    1.5,
    -0.0,
    math.inf,
    -math.inf,
    math.nan,
    1j,
    1 + 2j,
    -0.0j,
    complex(math.nan, -math.inf),
    complex(-0.0, 3),
    "",
    "it's",
    'say "it\'s"',
    "tab\tü\U0001f40d",
    (1, 2.5, "a"),
    (1,),
    (),
    ((1, None), "x"),
    Point(1, "y"),
]


@pytest.mark.parametrize("x", VALUES, ids=repr)
def test_texts(x):
    assert_same(texts, compiled_of(texts), x)


def test_unsigned():
    assert compiled_of(text)(np.uint64(2**64 - 1)) == str(2**64 - 1)


def text(x):
    return str(x)


@pytest.mark.core
def test_floats_are_the_shortest():
    compiled = compiled_of(text)
    rng = random.Random(1)
    numbers = (
        [2.0**e for e in range(-1074, 1024)] + [10.0**e for e in range(-30, 30)] + [0.1, 1 / 3, 5e-324, 1e22]
    )
    numbers += [
        1e15,
        1e16,
        123456789012345680.0,
        9007199254740993.0,
        1.7976931348623157e308,
        2.2250738585072014e-308,
    ]
    numbers += [struct.unpack("d", rng.randbytes(8))[0] for _ in range(5000)]
    numbers += [rng.uniform(-1e5, 1e5) for _ in range(2000)] + [
        rng.randrange(10**6) / 1000 for _ in range(2000)
    ]
    for x in numbers:
        assert compiled(x) == str(x)


def test_narrow_floats():
    compiled = compiled_of(text)
    rng = random.Random(2)
    numbers = [np.float32(2.0) ** e for e in range(-149, 128)] + [np.float32(0.1), np.float32(16777216)]
    numbers += [np.frombuffer(rng.randbytes(4), np.float32)[0] for _ in range(2000)]
    for x in numbers:
        y = compiled(x)
        assert np.float32(y) == x or np.isnan(x)
        assert len(y) <= len(repr(float(x)))
    assert compiled(np.float32(0.1)) == "0.1"


def specified(x, spec):
    return format(x, spec), f"{x:{spec}}"


SPECS = [
    "",
    "d",
    "5d",
    "<8",
    ">8",
    "^8",
    "*^9",
    "+",
    " ",
    "08",
    ",",
    "_",
    "x",
    "#x",
    "#010b",
    "o",
    "c",
    "e",
    ".3f",
    "10.2e",
    "g",
    "G",
    "%",
    ".1%",
    "n",
    "s",
    "5s",
    ".2",
    "zz",
    "=+7",
    "\U0001f40d<5",
]


@pytest.mark.parametrize(
    "x", [0, 42, -7, 2**40, True, 3.14159, -0.0, 1e300, math.nan, "", "text", "ü語", 1 + 2j], ids=repr
)
def test_specifications(x):
    compiled = compiled_of(specified)
    for spec in SPECS:
        assert_same(specified, compiled, x, spec)


def percent(i, x, s):
    return (
        "%d items, %5.1f%%, %s" % (i, x, s),
        "%-6d|%+d|% d|%05d|%x|%#X|%o" % (i, i, i, i, i, i, i),
        "%e %g %G %.3f %10.2e" % (x, x, x, x, x),
        "%r %a %10s|%-10s|%.2s|%c%c" % (s, s, s, s, s, 65, "é"),
        "%d" % x,
        "%i" % i,
        "no value",
        "%s %s" % (i, (i, x)),
        "100%% %s" % s,
    )


def braces(i, x, s):
    return (
        "{} {} {}".format(i, x, s),
        "{2}{0}{{x}}{1!r:>8}{2!r}".format(i, x, s),
        "{:>5d}|{:.2f}|{:*^9}".format(i, x, s),
        ", ".join((s, "b", s + "!")),
        "".join(()),
        s.join(("x",)),
    )


@pytest.mark.core
@pytest.mark.parametrize("function", [percent, braces])
def test_templates(function):
    for args in [(3, 2.5, "abc"), (-12345, -1e15, "it's ü"), (0, 0.0, "")]:
        assert_same(function, compiled_of(function), *args)


def test_templates_that_are_refused():
    with pytest.raises(NajaError, match="known at compile time"):
        njit(lambda s: s % 3)("%d")
    with pytest.raises(NajaError, match="wants 2 values, but 1 are given"):
        njit(lambda x: "%d %d" % x)(3)
    with pytest.raises(NajaError, match="not supported in compiled code"):
        njit(lambda x: "%(name)s" % x)(3)
    with pytest.raises(NajaError, match="does not fit its place"):
        njit(lambda x: "%d" % x)("text")


def bits(i):
    return bin(i), oct(i), hex(i)


def test_bits():
    for i in [0, 1, -1, 255, -(2**63), 2**63 - 1, True]:
        assert_same(bits, compiled_of(bits), i)


def show(x, y):
    print()
    print(x)
    print("x =", x, y, None, True, (x, y), sep=" | ", end="!\n")
    print(f"{x}", y, sep="", flush=True)
    print("ü語\U0001f40d", end="")


@pytest.mark.core
def test_print(capsys):
    for args in [(1, 2.5), ("text", -3), (1j, "\n")]:
        show(*args)
        expected = capsys.readouterr().out
        compiled_of(show)(*args)
        assert capsys.readouterr().out == expected


def test_print_that_fails(monkeypatch):
    class Broken:
        def write(self, text):
            raise OSError("full")

    monkeypatch.setattr("sys.stdout", Broken())
    with pytest.raises(OSError, match="full"):
        compiled_of(show)(1, 2)
    monkeypatch.setattr("sys.stdout", None)
    compiled_of(show)(1, 2)


def test_print_to_a_file_is_refused():
    @njit
    def f(x, out):
        print(x, file=out)

    with pytest.raises(NajaError, match="prints to sys.stdout only"):
        f(1, 2)


def test_workers_print(capsys):
    """A worker takes the GIL that the caller, who waits for it, would otherwise keep."""

    @njit(parallel=True)
    def f(s, n):
        k = 0
        for i in prange(n):
            print(i)
            k += len((s + "é").upper())
        return k

    assert f("aß", 300) == 4 * 300
    assert sorted(map(int, capsys.readouterr().out.split())) == list(range(300))


# ---- str.format with names, attributes, items ------------------------------------------------------------------------


def test_format_with_names_and_parts():
    def work(i, x, s, t, d):
        return (
            "{0} {1:.2f} {2!r} {name}".format(i, x, s, name=i),
            "{:>{w}}|{:{fill}<5}|{:{w}.{p}f}".format(s, i, x, w=6, fill="*", p=2),
            "{0[0]} {0[1]:.1f} {1[a]:03d}".format(t, d),
            "{z.real} {z.imag!r} {z}".format(z=complex(i, x)),
            "{{{name}}} {}".format(s, name=t),
            "{a}{b}{a}".format(b=s, a=i),
        )

    check = (3, 2.5, "abc", (1, 2.5), {"a": 7})
    assert njit(work)(*check) == work(*check)


def test_format_templates_that_do_not_fit():
    @njit
    def unnamed(x):
        return "{name}".format(other=x)

    @njit
    def missing(x):
        return "{} {0.real}".format(x)

    @njit
    def out_of_range(x):
        return "{1.real}".format(x)

    @njit
    def broken(x):
        return "{0.real".format(x)

    @njit
    def unknown(template, x):
        return template.format(name=x)

    for f, words in (
        (unnamed, "a value named 'name', which is not given"),
        (missing, "cannot switch from automatic field numbering to manual"),
        (out_of_range, "Replacement index 1 out of range"),
        (broken, "this format template is not supported"),
    ):
        with pytest.raises(errors.TypingError, match=words):
            f(1.5)
    with pytest.raises(errors.TypingError, match="must be known at compile time"):
        unknown("{name}", 1)


def test_narrow_floats_are_widened_where_numpy_does():
    def work(x, z):
        return f"{x} {x!s} {z}", "{} {!s}".format(x, x), format(x), str(x), "%s" % x, f"{x:.3f}"

    for x in (np.float32(1.1), np.float32(-0.0), np.float32(np.inf), np.float32(2.5)):
        z = np.complex64(complex(x, 1.1))
        assert njit(work)(x, z) == work(x, z)


def test_print_of_the_items_of_an_iterable(capsys):
    def work(items, a, s):
        print(*items)
        print(*a, sep=", ")
        print(*s, sep="-", end="!\n")
        print(*range(3))
        print(*[x * 2 for x in items], sep="")
        print(*(1, "x"))
        print(*items[:0])

    written = []
    for f in (work, njit(work)):
        f([3, 4], np.arange(3.0), "ab")
        written.append(capsys.readouterr().out)
    assert written[0] == written[1] != ""
