"""Instances of dataclasses in and out of compiled functions, further methods of namedtuples, and functools.partial objects."""

import dataclasses
import functools
import gc
from typing import ClassVar, NamedTuple

import numpy as np
import pytest

from naja import _core, errors, njit


@dataclasses.dataclass
class Body:
    x: float
    mass: float = 2.0
    name: str = "b"


@dataclasses.dataclass(frozen=True)
class Frozen:
    n: int
    a: object
    kind: ClassVar[str] = "f"


@dataclasses.dataclass(slots=True)
class Slots:
    n: int
    pair: tuple


@dataclasses.dataclass
class Nested:
    body: Body
    k: int


class Point(NamedTuple):
    x: float
    y: float = 2.0


@pytest.mark.core
def test_fields_are_read():
    @njit
    def weight(b, g):
        return b.mass * g + b.x, b.name + "!"

    assert weight(Body(1.0), 10.0) == (21.0, "b!")
    assert weight(Body(1, 3), 10.0) == (31.0, "b!")
    assert len(weight.signatures) == 2


@pytest.mark.core
def test_made_and_returned():
    @njit
    def move(b, d):
        return Body(b.x + d, name=b.name), Body(0.0), Frozen(3, np.arange(3.0) + d)

    moved, fresh, frozen = move(Body(1.0, 5.0, "c"), 0.5)
    assert moved == Body(1.5, 2.0, "c") and type(moved) is Body
    assert fresh == Body(0.0)
    assert type(frozen) is Frozen and frozen.n == 3 and frozen.a.tolist() == [0.5, 1.5, 2.5]
    with pytest.raises(dataclasses.FrozenInstanceError):
        frozen.n = 4


def test_slots_nesting_lists_and_optionals():
    @njit
    def work(s, n, bodies):
        total = 0.0
        for b in bodies:
            total += b.mass
        bodies.append(Body(9.0))
        found = None
        if n.k > 1:
            found = n.body
        return Slots(s.n + 1, (s.pair[1], s.pair[0])), Nested(n.body, n.k * 2), total, found

    bodies = [Body(0.0, 1.0), Body(0.0, 2.5)]
    for k in (1, 2):
        slots, nested, total, found = work(Slots(1, (2, 3.5)), Nested(Body(4.0), k), bodies)
        assert slots == Slots(2, (3.5, 2))
        assert nested == Nested(Body(4.0), 2 * k)
        assert found == (Body(4.0) if k > 1 else None)
    assert total == 5.5 and bodies[-1] == Body(9.0)


def test_comparison_repr_replace_and_patterns():
    @njit
    def work(a, b):
        c = dataclasses.replace(b, mass=7.0)
        match c:
            case Body(x, mass=m):
                n = x + m
            case _:
                n = -1.0
        return a == b, a != c, repr(a), isinstance(a, Body), c, n

    got = work(Body(1.0), Body(1.0))
    assert got == (True, True, "Body(x=1.0, mass=2.0, name='b')", True, Body(1.0, 7.0), 8.0)


def test_an_array_in_a_field_is_the_same_memory():
    @njit
    def fill(f):
        f.a[:] = 7.0
        return f.a

    f = Frozen(1, np.zeros(3))
    assert fill(f) is f.a
    assert f.a.tolist() == [7.0] * 3


@pytest.mark.core
def test_nothing_is_left_behind():
    @njit
    def work(f):
        g = Frozen(f.n + 1, f.a * 2)
        return g, [Frozen(1, f.a + 1)]

    f = Frozen(1, np.ones(3))
    work(f)
    gc.collect()
    before = _core.block_count()
    work(f)
    gc.collect()
    assert _core.block_count() == before


def test_what_is_refused():
    @dataclasses.dataclass
    class Post:
        x: float

        def __post_init__(self):
            self.x += 1

    @dataclasses.dataclass
    class Made:
        x: float
        items: list = dataclasses.field(default_factory=list)

    @njit
    def assign(b):
        b.x = 5.0

    @njit
    def post(x):
        return Post(x)

    @njit
    def made(x):
        return Made(x)

    @njit
    def read(p):
        return p.x

    with pytest.raises(errors.TypingError, match="which compiled code has by value"):
        assign(Body(1.0))
    with pytest.raises(errors.TypingError, match="__post_init__.. is plain Python"):
        post(1.0)
    with pytest.raises(errors.TypingError, match="takes 2 fields"):
        made(1.0)
    assert read(Post(1.0)) == 2.0


# ---- namedtuples -----------------------------------------------------------------------------------------------------


@pytest.mark.core
def test_namedtuples():
    @njit
    def work(n):
        p = Point(n)
        return p, p._replace(y=1.0), p._fields, p._asdict()

    assert work(3.0) == (Point(3.0), Point(3.0, 1.0), ("x", "y"), {"x": 3.0, "y": 2.0})


# ---- functools.partial -----------------------------------------------------------------------------------------------


@njit
def combine(a, b, c=1, *, d=0):
    return ((a * 10 + b) * 10 + c) * 10 + d


BOUND = functools.partial(combine, 1, c=3)


@pytest.mark.core
def test_partial_objects_that_the_program_names():
    power = functools.partial(np.power, 2.0)

    @njit
    def work(n):
        return BOUND(n), BOUND(n, c=7), BOUND(n, d=4), power(n)

    assert work(2) == (1230, 1270, 1234, 4.0)


def test_partial_objects_that_compiled_code_makes():
    @njit
    def work(n):
        bound = functools.partial(combine, n, c=5)
        return bound(2), bound(3)

    assert work(1) == (1250, 1350)
