"""Numba's numba.cpython.unicode: strings made and read by code points."""

import pytest
from leaks import left_behind

from naja import njit, types
from naja.unicode import _codepoint_to_kind, _empty_string, _get_code_point, _set_code_point, bytes_type


@njit
def shifted(text, by):
    greatest = 0
    for i in range(len(text)):
        greatest = max(greatest, _get_code_point(text, i) + by)
    out = _empty_string(_codepoint_to_kind(greatest), len(text), 0)
    for i in range(len(text)):
        _set_code_point(out, i, _get_code_point(text, i) + by)
    return out


@pytest.mark.core
@pytest.mark.parametrize("text", ["", "abc", "äÿ", "Ω漢", "a😀"])
@pytest.mark.parametrize("by", [0, 1])
def test_strings_are_made_by_code_points(text, by):
    expected = "".join(chr(ord(c) + by) for c in text)
    assert shifted(text, by) == expected
    assert njit(lambda text, by, other: shifted(text, by) == other)(text, by, expected)
    assert left_behind(shifted, text, by) == 0


def test_what_does_not_fit():
    @njit
    def put(kind, length, i, ch):
        out = _empty_string(kind, length, 0)
        _set_code_point(out, i, ch)
        return out

    assert put(2, 1, 0, 0x3A9) == "Ω"
    for given, error in {
        (1, 1, 1, 65): IndexError, (1, 1, -1, 65): IndexError, (1, 1, 0, 0x3A9): ValueError,
        (3, 1, 0, 65): ValueError, (1, -1, 0, 65): ValueError, (4, 1, 0, 0x110000): ValueError,
        (4, 2**62, 0, 65): ValueError,
    }.items():  # fmt: skip
        with pytest.raises(error):
            put(*given)
    for change in (lambda text: _set_code_point(text, 0, 65), lambda text: _set_code_point("abc", 0, 65)):
        with pytest.raises(ValueError, match="the string is not new"):
            njit(change)("abc" + str(len(given)))
    assert bytes_type == types.bytes_
