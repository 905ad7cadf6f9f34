"""Dataclasses whose fields compiled code assigns: whoever has the instance sees the change, the caller included."""

import copy
import dataclasses
import os
import subprocess
import sys
from dataclasses import InitVar, dataclass, field
from typing import ClassVar, List, Optional

import numpy as np
import pytest
from differential import no_block_left

from naja import errors, njit


@dataclass
class Body:
    x: float
    v: float = 2.0

    def move(self, dt):
        self.x += self.v * dt


@dataclass(order=True)
class Task:
    priority: int
    name: str = field(default="", compare=False)


@dataclass
class Stats:
    n: int = 0
    total: float = 0
    seen: List[float] = field(default_factory=list)

    def push(self, value):
        self.n += 1
        self.total += value
        self.seen.append(value)

    @property
    def mean(self):
        return self.total / self.n

    @mean.setter
    def mean(self, value):
        self.total = value * self.n


@dataclass
class Grid:
    n: int
    scale: InitVar[float] = 2.0
    cells: np.ndarray = field(init=False)
    steps: int = field(default=0, init=False)

    def __post_init__(self, scale):
        self.cells = np.arange(self.n) * scale

    def step(self):
        self.cells += 1
        self.steps += 1
        return self


@dataclass(kw_only=True)
class Options:
    width: int
    height: float = 1.5
    note: Optional[float] = None


@dataclass
class Animal:
    age: int
    RATE: ClassVar[int] = 5

    def grow(self):
        self.age += self.RATE


@dataclass
class Dog(Animal):
    name: str = "dog"

    def grow(self):
        self.age += 2 * self.RATE
        self.name += "!"


@dataclass
class Pair:
    first: Body
    second: Body


@dataclass(slots=True)
class Slots:
    n: int
    x: float = 0.0


@dataclass(frozen=True)
class Frozen:
    x: float
    y: float = field(init=False, default=0.0)

    def __post_init__(self):
        object.__setattr__(self, "y", self.x * 2)


@dataclass(frozen=True)
class Positive:
    x: float

    def __post_init__(self):
        if self.x < 0:
            raise ValueError(f"negative: {self.x}")


@dataclass
class Config:
    n: int
    x: float = 0.0


def assigned(b):
    b.x = b.x + 5
    b.v *= 2
    return b.x * b.v


def by_method(b):
    b.move(0.5)
    b.move(0.25)
    return b.x


def aliased(b, c):
    b.x += 1.0
    c.x += 10.0
    return b.x, c.x, b is c, b is not c, b == c


def swapped(b, c):
    b.x, c.x = c.x, b.x
    return b.x


def in_a_list(bodies, dt):
    for body in bodies:
        body.move(dt)
    bodies.append(Body(7.0))
    bodies[0], bodies[1] = bodies[1], bodies[0]
    return sum([body.x for body in bodies])


def in_a_dict(bodies):
    for key, body in bodies.items():
        body.x += len(key)
    bodies["new"] = Body(1.0)
    return len(bodies)


def by_key(names):
    counts = {}
    for name in names:
        if name not in counts:
            counts[name] = Stats()
        counts[name].push(1.5)
    return counts["a"].n, counts["a"].total, len(counts), [s.mean for s in counts.values()]


def made(values):
    s = Stats()
    for value in values:
        s.push(value)
    before = s.mean
    s.mean = 10.0
    return before, s.total, s


def widened(values):
    s = Stats()  # its total is an int at first
    for value in values:
        s.total += value
    return s.total


def grid(n):
    g = Grid(n)
    g.step().step()
    h = Grid(2, 0.5)
    return g.cells, g.steps, h.cells, h.steps


def grid_argument(g):
    return g.step().cells.sum(), g.steps


def keyword_only(w):
    o = Options(width=w)
    o.width += 1
    o.note = 2.5
    return o, Options(width=1, height=2.0, note=1.0)


def optional(o):
    if o.note is None:
        o.note = 2.5
    else:
        o.note += 1
    return o.note


def inherited(a, d):
    a.grow()
    d.grow()
    return a.age, d.age, d.name, isinstance(d, Animal), Dog.RATE


def nested(p):
    p.first.x += 1
    p.second = Body(10.0)
    return p.first.x + p.second.x


def ordered():
    tasks = [Task(3, "c"), Task(1, "a"), Task(2, "b")]
    tasks[0].priority = 0
    tasks.sort()
    return tasks, min(tasks), Task(1) < Task(2), Task(1) >= Task(1), Task(1, "q") == Task(1, "r")


def texts(b):
    b.x += 1
    return str(b), f"{b}", dataclasses.astuple(b), dataclasses.asdict(b), dataclasses.replace(b, x=9.0)


def matched(b):
    b.x += 1
    match b:
        case Body(2.0, v=v):
            return v
        case Body(x=x):
            return x * 100


def slots(s):
    s.n += 1
    s.x = s.n * 2.0
    return s


def chosen(n):
    a = Body(1.0) if n > 2 else Body(1)
    b = None
    if n > 3:
        b = a
    a.x += 2.5
    return a, b, b is a


def captured(n):
    b = Body(0.0)

    def add(value):
        b.x += value

    for i in range(n):
        add(i)
    return b.x


def by_generator(n):
    def generated(b):
        for i in range(n):
            b.x += i
            yield b.x

    b = Body(0.0)
    return [x for x in generated(b)], b.x


def raised(b):
    b.x += 1
    raise ValueError(b.x)


def frozen(x):
    f = Frozen(x)
    return f, f.y


def validated(x):
    try:
        return Positive(x).x
    except ValueError:
        return -1.0


def refused(p):
    try:
        p.x = 5.0
    except dataclasses.FrozenInstanceError:
        return -p.x
    return p.x


CASES = [
    (assigned, Body(1.0)),
    (assigned, Body(1, 3)),
    (by_method, Body(1.0)),
    (aliased, Body(1.0), Body(1.0)),
    (swapped, Body(1.0), Body(2.0)),
    (in_a_list, [Body(1.0), Body(2.0)], 0.5),
    (in_a_dict, {"a": Body(1.0), "bb": Body(2.0)}),
    (by_key, ["a", "b", "a"]),
    (made, (1.0, 2.5)),
    (widened, (1.0, 2.5)),
    (grid, 4),
    (grid_argument, Grid(3)),
    (keyword_only, 3),
    (optional, Options(width=1)),
    (optional, Options(width=1, note=2.0)),
    (inherited, Animal(3), Dog(4)),
    (nested, Pair(Body(1.0), Body(2.0))),
    (ordered,),
    (texts, Body(1.0)),
    (matched, Body(1.0)),
    (matched, Body(3.0)),
    (slots, Slots(1)),
    (chosen, 5),
    (chosen, 1),
    (captured, 5),
    (by_generator, 4),
    (raised, Body(1.0)),
    (frozen, 2.0),
    (validated, 2.0),
    (validated, -2.0),
    (refused, Positive(3.0)),
]


def plain(value):
    """Arrays as lists, so that instances that have some can be compared."""
    if dataclasses.is_dataclass(value):
        return (type(value), plain(vars(value) if hasattr(value, "__dict__") else dataclasses.astuple(value)))
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(map(plain, value))
    return value


def done(function, args):
    try:
        return plain(function(*args))
    except ValueError as error:
        return error.args


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].__name__)
def test_like_python(case):
    function, *args = case
    compiled = njit(function)
    mine, theirs = copy.deepcopy(args), copy.deepcopy(args)
    want = done(function, mine)
    done(compiled, copy.deepcopy(args))  # what is made once
    with no_block_left():
        got = done(compiled, theirs)
        assert got == want
        assert plain(theirs) == plain(mine)
        del got


def test_one_instance_stays_one():
    both = njit(aliased)
    b, c = Body(1.0), Body(1.0)
    assert both(b, b) == (12.0, 12.0, True, False, True) and b.x == 12.0
    assert both(b, c)[2:4] == (False, True)
    same = njit(lambda b, k: b if k else Body(0.0))
    njit(assigned)(b)
    assert same(b, True) is b and same(b, False) == Body(0.0)
    pair = Pair(b, b)
    first = pair.first
    njit(lambda p: p.first.move(1.0))(pair)
    assert pair.first is first is b is pair.second
    assert njit(lambda p: p.first is p.second)(pair)


def test_fields_that_did_not_change_keep_their_objects():
    @njit
    def push(s):
        s.n += 1
        s.seen.append(3.5)

    s = Stats(1, 0, [1.5])
    total, seen = s.total, s.seen
    push(s)
    assert s.seen is seen and seen == [1.5, 3.5] and s.total is total and s.n == 2


def test_values_turn_into_shared_instances():
    """A function that only reads may be compiled before one that assigns."""

    @njit
    def read(c):
        return c.n

    @njit
    def write(c):
        c.n = 7

    @njit
    def fresh():
        c = Config(1)
        c.x = 2.5
        return c

    c = Config(1)
    assert read(c) == 1
    write(c)
    assert read(c) == c.n == 7
    assert fresh() == Config(1, 2.5)


def test_what_a_field_cannot_be():
    @njit
    def text(c):
        c.n = "seven"

    with pytest.raises(
        errors.TypingError, match="cannot assign .* to the field 'n', which is int64.*annotate"
    ):
        text(Config(1))

    @njit
    def unknown(c):
        c.m = 1

    with pytest.raises(errors.TypingError, match="cannot set attribute 'm'"):
        unknown(Config(1))

    @njit
    def missing():
        return Options(height=1.0)

    with pytest.raises(errors.TypingError, match="missing 1 required arguments: 'width'"):
        missing()


PROGRAM = """
from dataclasses import dataclass, field
from naja import njit

@dataclass
class P:
    n: int = 3
    items: list = field(default_factory=%s)

@njit
def bump(p):
    p.n += 1

@njit
def made():
    p = P()
    p.items.%s
    return len(p.items)

p = P(3, [1.5])
bump(p)
print(p.n, made(), len(bump.stats.cache_hits), len(made.stats.cache_hits))
"""


def test_functions_of_dataclasses_are_cached(tmp_path):
    def run(*parts):
        path = tmp_path / "program.py"
        path.write_text(PROGRAM % parts)
        settings = dict(os.environ, NAJA_CACHE_DIR=str(tmp_path / "cache"), NAJA_CACHE="1")
        done = subprocess.run(
            [sys.executable, str(path)], env=settings, capture_output=True, text=True, check=True
        )
        return done.stdout.split()

    assert run("list", "append(1)") == ["4", "1", "0", "0"]
    assert run("list", "append(1)") == ["4", "1", "1", "1"]
    assert run("set", "add(1)") == ["4", "1", "1", "0"] or run("set", "add(1)")[:2] == ["4", "1"]


@pytest.mark.parametrize(
    "items",
    [
        [(1, 2.5), (3, 4.5)],
        [("a", (1, b"b")), ("c", (2, b"d"))],
        [(True, None, 1 + 2j)],
        [Positive(1.0), Positive(2.0)],
        [Body(1.0), Body(2.0)],
    ],
)
def test_items_that_did_not_change_keep_their_objects(items):
    @njit
    def first(items, other):
        items[0] = other
        return len(items)

    before = list(items)
    njit(lambda items: len(items))(items)
    assert all(a is b for a, b in zip(items, before, strict=True))
    other = copy.deepcopy(items[-1])
    first(items, other)
    assert items == [other, *before[1:]] and all(a is b for a, b in zip(items[1:], before[1:], strict=True))
