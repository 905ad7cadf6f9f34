"""Arrays of strings (dtypes U and S): their elements are str and bytes in compiled code."""

import numpy as np
import pytest

from naja import _core, njit, typeof, types
from naja.errors import TypingError

TEXTS = np.array(["", "a", "Äpfel", "漢字", "😀 x", "longest one"])
BYTES = np.array([b"", b"a", b"bc\x00d", b"\xff", b"longest one"])


@pytest.mark.core
def test_items():
    @njit
    def item(array, i):
        return array[i]

    for array in (TEXTS, BYTES, TEXTS[::-2], BYTES[1::2]):
        for i in range(-len(array), len(array)):
            assert item(array, i) == array[i]
            assert type(item(array, i)) in (str, bytes)
    with pytest.raises(IndexError):
        item(TEXTS, len(TEXTS))


@pytest.mark.core
def test_assignment_cuts():
    @njit
    def assign(array, i, text):
        array[i] = text

    for text in ("", "ab", "abcdefgh", "漢字漢字"):
        ours = np.array(["xyz", "uvw"])
        theirs = ours.copy()
        assign(ours, 1, text)
        theirs[1] = text
        assert ours.tolist() == theirs.tolist()
    for text in (b"", b"ab", b"abcdefgh", b"\xff\x00\x01"):
        ours = np.array([b"xyz", b"uvw"])
        theirs = ours.copy()
        assign(ours, -1, text)
        theirs[-1] = text
        assert ours.tobytes() == theirs.tobytes()
    with pytest.raises(ValueError, match="ascii"):
        assign(np.array([b"xyz"]), 0, "漢字")


def test_methods_and_operators():
    @njit
    def use(array, text):
        x = array[0]
        return (
            x == text,
            x + text,
            len(x),
            hash(x) == hash(text),
            x.upper(),
            text in x,
            x < text,
            x * 2,
            str(x),
        )

    for first, second in (("abc", "abc"), ("Ä", "a"), ("b漢", "漢")):
        expected = use.py_func(np.array([first]), second)
        assert use(np.array([first]), second) == expected

    @njit
    def equal(x, y):
        return x[0] == y[0], x[0] != y[0], x[0] < y[0]

    assert equal(np.array(["ab", "c"]), np.array(["ab", "ccccc"])) == (True, False, False)
    assert equal(np.array([b"ab"]), np.array([b"ac"])) == (False, True, True)


def test_whole_arrays():
    @njit
    def fill(array, text):
        array[1:] = text
        other = array.copy()
        other[0] = "q"
        count = 0
        for x in array:
            count += x == text
        return other, count, len(array), array.size

    array = np.array(["ab", "c", "d"])
    other, count, n, size = fill(array, "zz")
    assert other.tolist() == ["q", "zz", "zz"]
    assert array.tolist() == ["ab", "zz", "zz"]
    assert (count, n, size) == (2, 3, 3)


def test_new_array():
    dtype = np.dtype("U4")

    @njit
    def make(n):
        array = np.zeros(n, dtype)
        array[0] = "abcdef"
        return array

    result = make(2)
    assert result.dtype == dtype
    assert result.tolist() == ["abcd", ""]


def test_types():
    assert str(typeof(TEXTS)) == "array([unichr x 11], 1d, C)"
    assert str(typeof(BYTES)) == "array([char x 11], 1d, C)"
    assert typeof(TEXTS).dtype == types.UnicodeCharSeq(11)
    assert isinstance(types.UnicodeCharSeq(3), types.UnicodeCharSeq)
    assert not isinstance(types.UnicodeCharSeq(3), types.CharSeq)
    assert types.CharSeq(2).count == 2


def test_items_are_values():
    @njit
    def change(array):
        x = array[0]
        array[0] = "new"
        return x

    assert change(np.array(["old"])) == "old"


def test_no_leak():
    @njit
    def walk(array):
        n = 0
        for x in array:
            n += len(x + "!")
        return n

    before = _core.block_count()
    walk(TEXTS)
    assert _core.block_count() == before


def test_arithmetic_is_refused():
    @njit
    def add(array):
        return array + 1

    with pytest.raises(TypingError):
        add(TEXTS)
