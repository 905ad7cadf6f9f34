"""Instances of dataclasses in and out of compiled functions, further methods of namedtuples, and functools.partial objects."""

import dataclasses
import functools
import gc
import math
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


@dataclasses.dataclass(init=False)
class OwnInit:
    x: float

    def __init__(self, x):
        self.x = x + 1


def test_what_is_refused():
    @njit
    def made():
        return Nested(k=1)

    @njit
    def own(x):
        return OwnInit(x)

    @njit
    def read(p):
        return p.x

    with pytest.raises(errors.TypingError, match="missing 1 required arguments: 'body'|takes 2 fields"):
        made()
    with pytest.raises(errors.TypingError, match="__init__.. is plain Python"):
        own(1.0)
    assert read(OwnInit(1.0)) == 2.0


# ---- classes with methods --------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, order=True)
class Vector:
    x: float
    y: float = 2.0
    DIMENSIONS: ClassVar[int] = 2

    def norm(self):
        return math.hypot(self.x, self.y)

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __mul__(self, k):
        return Vector(self.x * k, self.y * k)

    def __rmul__(self, k):
        return self * k

    def __neg__(self):
        return Vector(-self.x, -self.y)

    def __abs__(self):
        return self.norm()

    def __bool__(self):
        return self.x != 0

    def __getitem__(self, i):
        return self.x if i == 0 else self.y

    def __len__(self):
        return 2

    def __iter__(self):
        yield self.x
        yield self.y

    def __contains__(self, value):
        return value == self.x or value == self.y

    def __call__(self, t):
        return self.x * t + self.y

    @property
    def squared(self):
        return self.x**2 + self.y**2

    @staticmethod
    def unit():
        return Vector(1.0, 0.0)

    @classmethod
    def diagonal(cls, a):
        return cls(a, a)


@dataclasses.dataclass
class Particle:
    at: Vector
    weight: float = 1.0
    tags: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Plain:
    x: float
    n: int = 0


@dataclasses.dataclass
class Base:
    a: int

    def area(self):
        return self.a

    def twice(self):
        return 2 * self.area()


@dataclasses.dataclass
class Derived(Base):
    b: int = 2

    def area(self):
        return self.a * self.b


class Pair(NamedTuple):
    a: int
    b: int = 3

    def total(self):
        return self.a + self.b

    def __add__(self, other):
        return Pair(self.a + other.a, self.b + other.b)

    @property
    def product(self):
        return self.a * self.b

    @classmethod
    def zero(cls):
        return cls(0, 0)


def methods(v):
    return (
        v.norm(),
        v.squared,
        v.unit(),
        v.diagonal(3.0),
        Vector.unit(),
        Vector.diagonal(2.0),
        v(2.0),
        v.DIMENSIONS,
    )


def operators(v):
    return v + v * 2.0 + (-v), 2.0 * v, abs(v), bool(v), 1 if v else 2, not v, v[0], v[1], len(v), hash(v)


def loops(v):
    total = 0.0
    for c in v:
        total += c
    return total, sum(v), max(v), list(v), sorted(v), 3.0 in v, 7.0 in v, [i * c for i, c in enumerate(v)]


def comparisons(v):
    u = Vector(v.x, v.y + 1)
    others = sorted([u, v, Vector(1.0, 1.0)]), min([u, v, Vector(3.0, 1.0)], key=lambda p: p.norm())
    return (
        v == u,
        v != u,
        v < u,
        v <= u,
        v > u,
        v == (v.x, v.y),
        v != (v.x, v.y),
        v == Plain(1.0),
        others,
        {v: 1}[v],
    )


def factories(v):
    p, q = Particle(v), Particle(v, tags=[4])
    p.tags.append(3)
    return p.tags, q.tags, p.weight, p.at.norm()


def inheritance(v):
    d = Derived(3)
    changed = dataclasses.replace(d, b=9)
    return d.twice(), Base(3).twice(), Derived(3, b=4).twice(), changed.area(), dataclasses.astuple(changed)


def nested_conversion(v):
    return dataclasses.astuple(Nested(Body(v.x), 3)), dataclasses.asdict(Nested(Body(v.x), 3))


def equality_of_mutable_ones(v):
    p = Plain(0.0)
    return p == Plain(0.0), p != Plain(1.0), 1 if p else 2


def of_namedtuple(v):
    n = Pair(1, 2)
    return (
        n.total(),
        n.product,
        n + n,
        n[0],
        Pair.zero(),
        len(n),
        n == (1, 2),
        n._replace(a=5),
        n._asdict()["a"],
        n < Pair(2),
    )


@pytest.mark.core
@pytest.mark.parametrize(
    "function",
    [
        methods,
        operators,
        loops,
        comparisons,
        factories,
        inheritance,
        nested_conversion,
        equality_of_mutable_ones,
        of_namedtuple,
    ],
)
def test_methods_and_operators(function):
    v = Vector(3.0, 4.0)
    assert repr(njit(function)(v)) == repr(function(v))


def test_they_are_no_tuples():
    def unpack(w):
        a, b = w
        return a

    refused = [
        (lambda w: w[0], "cannot index"),
        (lambda w: len(w), "len"),
        (lambda w: hash(w), "unhashable type: 'Plain'"),
        (lambda w: w < w, "cannot compare"),
        (lambda w: [x for x in w], "is not iterable"),
        (lambda w: w + w, r"\+|add"),
        (unpack, "cannot unpack non-iterable"),
    ]
    for function, text in refused:
        with pytest.raises(TypeError):
            function(Plain(1.0))
        with pytest.raises(errors.TypingError, match=text):
            njit(function)(Plain(1.0))


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


def test_keywords_of_partial_objects():
    @njit
    def work(a):
        def weighted(x, y, z=1, *, scale=1):
            return (x + y * z) * scale

        first = functools.partial(weighted, a)
        scaled = functools.partial(weighted, a, scale=10)
        return first(2), first(2, z=5), first(2, scale=3), scaled(2), scaled(2, z=3), scaled(2, scale=0)

    assert work(3) == work.py_func(3)


@dataclasses.dataclass(frozen=True)
class Iterated:
    x: float
    y: float

    def __add__(self, other):
        return Iterated(self.x + other.x, self.y + other.y)

    def __lt__(self, other):
        return self.x < other.x

    def __gt__(self, other):
        return self.x > other.x

    def __iter__(self):
        yield self.x
        yield self.y


def test_iterable_objects_are_unpacked_and_summed():
    def parts(p):
        x, y = p
        return x - y, [c for c in p], max(p)

    def totals(ps):
        return sum(ps, Iterated(0.0, 0.0)), min(ps[0], ps[1]), max(ps[0], ps[1])

    def three(p):
        x, y, z = p
        return x

    def one(p):
        (x,) = p
        return x

    pairs = [Iterated(1.0, 2.0), Iterated(3.0, 4.0)]
    assert njit(parts)(pairs[0]) == parts(pairs[0])
    assert njit(totals)(pairs) == totals(pairs)
    with pytest.raises(ValueError, match=r"not enough values to unpack \(expected 3, got 2\)"):
        njit(three)(pairs[0])
    with pytest.raises(ValueError, match=r"too many values to unpack \(expected 1\)"):
        njit(one)(pairs[0])


# ---- inheritance -------------------------------------------------------------------------------------------------------


@dataclasses.dataclass
class Shape:
    name: str
    scale: float = 1.0
    log: list = dataclasses.field(default_factory=list)

    def __post_init__(self):
        self.log.append("shape")

    def area(self):
        return self.scale

    def described(self, unit):
        return f"{self.name} {self.area():.1f}{unit}"

    @property
    def size(self):
        return 2 * self.area()

    @staticmethod
    def sides():
        return 0

    def grow(self, by=2.0):
        self.scale *= by
        return self


@dataclasses.dataclass
class Square(Shape):
    side: float = 1.0

    def __post_init__(self):
        super().__post_init__()
        self.log.append("square")

    def area(self):
        return super().area() * self.side * self.side

    @property
    def size(self):
        return super().size + 1

    @staticmethod
    def sides():
        return 4

    def grow(self, by=2.0):
        self.side += 1
        return super().grow(by=by)


@dataclasses.dataclass
class Named(Square):
    def described(self, unit):
        return "<" + super().described(unit) + ">" + str(super().sides())


@pytest.mark.parametrize("cls", [Shape, Square, Named])
def test_methods_of_base_classes(cls):
    def work(k):
        s = cls("s", 2.0)
        before = s.area(), s.size, s.described("m"), s.sides()
        s.grow().grow(0.5)
        return before, s.area(), s.size, s, s.log, isinstance(s, Shape), isinstance(s, Square)

    def given(s):
        s.grow(3.0)
        return s.described("cm"), s.size

    assert njit(work)(1) == work(1)
    mine, theirs = cls("g", 1.5), cls("g", 1.5)
    assert njit(given)(theirs) == given(mine) and theirs == mine


def test_super_in_its_places():
    @dataclasses.dataclass
    class Lone:
        x: int

        def missing(self):
            return super().nothing()

    @njit
    def lone(x):
        return Lone(x).missing()

    with pytest.raises(errors.TypingError, match="'super' object has no attribute 'nothing'"):
        lone(1)

    @njit
    def plain(x):
        return super().f()

    with pytest.raises(errors.TypingError, match="has no class here"):
        plain(1)
