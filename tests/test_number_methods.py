"""Methods of int and float that give or take bytes and digits, and str.translate with its tables."""

import sys

import pytest

from naja import TypingError, njit

INTS = [0, 1, 255, 256, 1000, 2**31 - 1, 2**63 - 1, -1, -128, -129, -(2**63)]


def same(f, *args):
    """The compiled and the interpreted function give the same, or raise the same."""
    try:
        want = f(*args)
    except (ValueError, OverflowError) as error:
        with pytest.raises(type(error)) as caught:
            njit(f)(*args)
        assert str(caught.value) == str(error)
    else:
        assert njit(f)(*args) == want


def to_bytes(n, length, order, signed):
    return n.to_bytes(length, order, signed=signed)


def to_short(n):
    return n.to_bytes(2, "little")


def from_bytes(b, order):
    return int.from_bytes(b, order), int.from_bytes(b, order, signed=True)


@pytest.mark.parametrize("n", INTS)
def test_to_bytes(n):
    for length in (0, 1, 2, 4, 8, 9, 20):
        for signed in (False, True):
            same(to_bytes, n, length, "big", signed)
            same(to_bytes, n, length, "little", signed)
    same(to_short, n)
    same(to_bytes, n, 4, "middle", True)
    same(to_bytes, n, -1, "big", True)


@pytest.mark.parametrize("b", [b"", b"\x00", b"\x7f", b"\xff\x01", b"\x01" * 8, b"\0\0" + b"\x05" * 8])
def test_from_bytes(b):
    same(from_bytes, b, "big")
    same(lambda b: int.from_bytes(b, "big"), b)


def test_bytes_of_a_number_that_does_not_fit():
    f = njit(lambda b: int.from_bytes(b, "big"))
    for b in (b"\xff" * 8, b"\x01" + b"\0" * 8):
        with pytest.raises(OverflowError, match="does not fit 64 bits"):
            f(b)
    assert njit(lambda b: int.from_bytes(b, "big", signed=True))(b"\xff" * 12) == -1


@pytest.mark.parametrize(
    "text",
    ["0x1.8p1", "-0x0p0", "0x1.921fb54442d18p+1", " 0x.8 ", "1.8p-3", "inf", "-Infinity", "0x1p-1074", "0x1p-1075",
     "0x1.8p-1075", "0x1.fffffffffffff8p0", "0x1.fffffffffffff7p0", "0x123456789abcdef12345p3", "0x1p1023"],
)  # fmt: skip
def test_fromhex(text):
    f = njit(lambda s: float.fromhex(s))
    assert f(text).hex() == float.fromhex(text).hex()


@pytest.mark.parametrize("text", ["", "0x", "0xg", "0x1p", "1..2"])
def test_fromhex_refuses(text):
    with pytest.raises(ValueError, match="invalid"):
        njit(lambda s: float.fromhex(s))(text)


def test_fromhex_of_what_is_too_large():
    with pytest.raises(OverflowError):
        njit(lambda s: float.fromhex(s))("0x1p1024")


def test_ratio_of_an_integer():
    same(lambda n: n.as_integer_ratio(), 12)


def swapped(s):
    return s.translate(str.maketrans("abc", "xyz"))


def dropped(s):
    return s.translate(str.maketrans("ab", "cd", "e"))


def by_code_points(s):
    return s.translate({ord("a"): "bb", ord("b"): "é"})


def some_vanish(s):
    return s.translate({ord("a"): "bb", ord("c"): None})


def of_a_dict(s):
    return s.translate(str.maketrans({"a": "1", "b": "22"}))


def passed(s, table):
    return s.translate(table)


def mapped(d):
    return "{a}-{b:>4}{{}}{a!r}".format_map(d)


@pytest.mark.parametrize("s", ["", "abcabcdd", "édeaé", "xyz"])
def test_translate(s):
    for f in (swapped, dropped, by_code_points, some_vanish, of_a_dict):
        same(f, s)
    same(passed, s, str.maketrans("ab", "ba"))


def test_maketrans_of_different_lengths():
    same(lambda s, a: s.translate(str.maketrans(a, "x")), "a", "ab")


def test_tables_that_are_no_dicts_are_refused():
    with pytest.raises(TypingError, match=r"str\.translate takes a dict"):
        njit(passed)("a", [1, 2])


def test_format_map():
    same(mapped, {"a": 1, "b": 22})


@pytest.mark.skipif(sys.version_info < (3, 11), reason="to_bytes without arguments")
def test_to_bytes_defaults():
    same(lambda n: n.to_bytes(), 7)
