"""Members of enum.Flag and enum.IntFlag classes: one or several together, against Python itself."""

import enum

import pytest

from naja import njit


class Access(enum.Flag):
    read = enum.auto()
    write = enum.auto()
    execute = enum.auto()
    both = read | write


class Color(enum.IntFlag):
    red = 1
    green = 2
    blue = 4
    yellow = 3


class Level(int, enum.Enum):
    low = 5
    high = 7


def operators(a, b):
    return a | b, a & b, a ^ b, ~a, a in b, b not in a, a == b, bool(a & b), not a


def parts(a):
    total = 0
    for one in a:
        total += one.value
    return total, len(a), [one for one in a], a.value, list(a)


def named(a):
    return a.name, str(a), f"{a}"


def in_place(a):
    a |= Access.execute
    a &= ~Access.read
    return (1, a) if a & Access.write else (2, a)


def collected(n):
    found = Access(0)
    for one in Access:
        if n & one.value:
            found |= one
    return found, found == Access.both, found is Access.both


def with_numbers(c):
    return c | 8, 4 | c, c & 1, c + 1, c < 4, c == 3, Color(5), {Color.red: 1}[Color.red]


def made(n):
    return Access(n)


def key(a):
    counts = {}
    for one in (Access.read, Access.both, a):
        counts[one] = counts.get(one, 0) + 1
    return counts[a], len(counts)


ALL = [Access(n) for n in range(8)]


@pytest.mark.parametrize("function", [parts, in_place, key])
def test_one_flag(function):
    compiled = njit(function)
    for a in ALL:
        assert compiled(a) == function(a)


def test_two_flags():
    compiled = njit(operators)
    for flags in (ALL, [Color(n) for n in range(12)]):
        for a in flags:
            for b in flags:
                want, got = operators(a, b), compiled(a, b)
                assert got == want and list(map(type, got)) == list(map(type, want)), (a, b)


def test_names():
    compiled = njit(named)
    for a in ALL[1:]:
        assert compiled(a) == named(a)


def test_numbers():
    compiled = njit(with_numbers)
    for c in (Color.red, Color.yellow, Color.blue | Color.red):
        want, got = with_numbers(c), compiled(c)
        assert got == want and list(map(type, got)) == list(map(type, want))
    assert [njit(collected)(n) for n in range(8)] == [collected(n) for n in range(8)]
    assert [njit(made)(n) for n in range(8)] == ALL
    with pytest.raises(ValueError) as wanted:
        made(8)
    with pytest.raises(ValueError) as got:
        njit(made)(8)
    assert str(got.value) == str(wanted.value)


def test_a_member_that_is_an_int():
    def of(level):
        return level, level + 1, level == Level.low, level.value, level.name

    for level in Level:
        assert njit(of)(level) == of(level)
        assert type(njit(of)(level)[0]) is Level
