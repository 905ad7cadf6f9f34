"""Objects as keys of dicts and items of sets: by their own __hash__ and __eq__, by their fields, or each for itself."""

from dataclasses import dataclass

import pytest
from differential import no_block_left

from naja import errors, njit
from naja.experimental import jitclass


@jitclass
class Key:
    a: int

    def __init__(self, a):
        self.a = a

    def __hash__(self):
        return hash(self.a // 2)

    def __eq__(self, other):
        return self.a == other.a


@jitclass
class Plain:
    a: int

    def __init__(self, a):
        self.a = a


@jitclass
class Compared:
    a: int

    def __init__(self, a):
        self.a = a

    def __eq__(self, other):
        return self.a == other.a


@dataclass(unsafe_hash=True)
class Fields:
    p: int
    q: int = 2


@dataclass(eq=False)
class Itself:
    p: int


@dataclass(frozen=True)
class ByOne:
    p: int
    q: str

    def __eq__(self, other):
        return self.p == other.p

    def __hash__(self):
        return hash(self.p)


def test_jitclasses_with_a_hash():
    @njit
    def work(n):
        d = {}
        for i in range(n):
            d[Key(i % 7)] = d.get(Key(i % 7), 0) + 1
        s = {Key(i % 5) for i in range(n)}
        s.add(Key(2))
        s.discard(Key(0))
        popped = d.pop(Key(3))
        del d[Key(4)]
        return len(d), len(s), popped, Key(2) in s, Key(0) in s, sorted([k.a for k in d]), d.get(Key(9), -1)

    work(7)
    with no_block_left():
        assert work(20) == (5, 4, 3, True, False, [0, 1, 2, 5, 6], -1)

    @njit
    def missing():
        return {Key(1): 2}[Key(5)]

    with pytest.raises(KeyError):
        missing()


def test_jitclasses_without_one():
    @njit
    def work():
        a, b = Plain(1), Plain(1)
        d = {a: 1, b: 2}
        s = {a, b}
        s.discard(b)
        return d[a], d[b], len(d), a in d, Plain(1) in d, len(s)

    assert work() == (1, 2, 2, True, False, 1)


def test_dataclasses():
    @njit
    def by_fields():
        a = Fields(1)
        a.q = 3
        d = {a: 1}
        d[Fields(1, 3)] = 5
        return (
            len(d),
            d[a],
            hash(a) == hash(Fields(1, 3)),
            {Fields(1), Fields(1), Fields(2)} == {Fields(2), Fields(1)},
        )

    @njit
    def each():
        a, b = Itself(1), Itself(1)
        a.p = 2
        d = {a: 5, b: 6}
        return d[a], d[b], len(d), a == b, a == a

    @njit
    def by_method():
        d = {ByOne(1, "a"): 1}
        d[ByOne(1, "b")] = 2
        return len(d), d[ByOne(1, "z")], [k.q for k in d]

    assert by_fields() == (1, 5, True, True)
    assert each() == (5, 6, 2, False, True)
    assert by_method() == (1, 2, ["a"])


def test_what_cannot_be_a_key():
    @njit
    def compared():
        return {Compared(1): 2}

    with pytest.raises(errors.TypingError, match="unhashable type: .*Compared.*has __eq__ and no __hash__"):
        compared()


def test_python_finds_nothing_by_compiled_methods():
    @njit
    def made():
        return {Key(1): 2.5}

    @njit
    def look(d, a):
        return d[Key(a)]

    d = made()
    assert len(d) == 1 and look(d, 1) == 2.5
    with pytest.raises(TypeError, match="found by compiled code only"):
        d[Key(1)]
    with pytest.raises(TypeError, match="cannot be passed"):
        look({Key(1): 2.5}, 1)
