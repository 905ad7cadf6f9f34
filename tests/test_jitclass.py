"""Classes of compiled objects: naja.experimental.jitclass."""

import copy
import pickle
import typing
from collections import OrderedDict

import numpy as np
import pytest

from naja import _core, deferred_type, errors, float32, float64, int32, int64, njit, optional, typeof, types
from naja.experimental import jitclass

pytestmark = [pytest.mark.core, pytest.mark.usefixtures("no_leaks")]


@jitclass([("x", int32), ("y", float32), ("arr", float32[:])])
class Particle:
    """A thing with a position."""

    def __init__(self, x, y, arr):
        self.x = x
        self.y = y
        self.arr = arr

    def move(self, by, times=1):
        """Move it."""
        self.x += by * times
        self.y += by * times
        return by

    @property
    def total(self):
        """Sum of the coordinates."""
        return self.x + self.y

    @total.setter
    def total(self, value):
        self.x = value
        self.y = 0

    @staticmethod
    def add(a, b):
        return a + b


def make_node():
    node_type = deferred_type()

    @jitclass([("data", float64), ("next", optional(node_type))])
    class Node:
        def __init__(self, data, next):
            self.data = data
            self.next = next

    node_type.define(Node.class_type.instance_type)
    return Node


@jitclass
class Text:
    name: str
    values: typing.List[float]  # noqa: UP006
    count: int
    flag: bool

    def __init__(self, name):
        self.name = name
        self.count = 3

    def shout(self):
        return self.name + "!"


def make_tree():
    tree_type = deferred_type()

    @jitclass([("key", int64), ("left", optional(tree_type)), ("right", optional(tree_type))])
    class Tree:
        def __init__(self, key):
            self.key = key
            self.left = None
            self.right = None

        def insert(self, key):
            at = self
            while True:
                if key < at.key:
                    if at.left is None:
                        at.left = Tree(key)
                        return
                    at = at.left
                else:
                    if at.right is None:
                        at.right = Tree(key)
                        return
                    at = at.right

    tree_type.define(Tree.class_type.instance_type)
    return Tree


# ---- from Python ---------------------------------------------------------------------------------------------------------


def test_members_are_read_and_written():
    a = np.arange(3, dtype=np.float32)
    p = Particle(1, 2.5, a)
    assert (p.x, p.y) == (1, 2.5)
    assert p.arr is a
    p.x = 9.7
    assert p.x == 9
    p.arr = b = np.ones(2, dtype=np.float32)
    assert p.arr is b


def test_methods_take_defaults_and_keywords():
    p = Particle(1, 2, np.zeros(1, dtype=np.float32))
    assert p.move(2) == 2
    assert p.move(times=3, by=1) == 1
    assert (p.x, p.y) == (6, 7)
    assert p.add(1, 2) == 3
    assert Particle.add("a", "b") == "ab"


def test_properties():
    p = Particle(1, 2, np.zeros(1, dtype=np.float32))
    assert p.total == 3
    p.total = 11
    assert (p.x, p.y, p.total) == (11, 0, 11)


def test_constructor_parameters():
    @jitclass([("v", types.UniTuple(int64, 4))])
    class Four:
        def __init__(self, a, b, c=3, *, d=4):
            self.v = (a, b, c, d)

    assert Four(1, 2).v == (1, 2, 3, 4)
    assert Four(b=1, a=5, d=7).v == (5, 1, 3, 7)
    with pytest.raises(TypeError):
        Four(1)


def test_what_an_instance_is():
    p = Particle(1, 2, np.zeros(1, dtype=np.float32))
    assert isinstance(p, Particle)
    assert typeof(p) is p._numba_type_ is Particle.class_type.instance_type
    assert isinstance(typeof(p), types.ClassInstanceType)
    assert list(typeof(p).struct) == ["x", "y", "arr"]
    assert pickle.loads(pickle.dumps(typeof(p))) is typeof(p)
    assert Particle.__doc__ == "A thing with a position."
    assert Particle.move.__doc__ == "Move it."
    assert Particle.total.__doc__ == "Sum of the coordinates."


def test_annotations():
    t = Text("abc")
    assert (t.name, t.count, t.flag, t.shout()) == ("abc", 3, False, "abc!")
    assert Text.class_type.struct["values"] is types.ListType(float64)
    t.name = "x" * 3
    assert t.shout() == "xxx!"


# ---- from compiled code -----------------------------------------------------------------------------------------------------


def test_construct_pass_and_return():
    @njit
    def work(a):
        p = Particle(1, 2, a)
        p.move(2, times=2)
        p.total = p.total + p.add(1, 1)
        return p, p.arr

    a = np.arange(3, dtype=np.float32)
    p, b = work(a)
    assert isinstance(p, Particle)
    assert p.x == 13
    assert b is a and p.arr is a


def test_members_of_all_sorts():
    spec = [("c", types.complex64), ("b", types.bool_), ("s", types.unicode_type), ("o", optional(float64))]

    @jitclass([*spec, ("t", types.Tuple([int32, float64[:]])), ("l", types.List(int64))])
    class Sorts:
        def __init__(self, a):
            self.c = 1 + 2j
            self.b = True
            self.s = "é" + str(3)
            self.o = None
            self.t = (1, a * 2)
            self.l = []
            self.l.append(4)

    s = Sorts(np.arange(3.0))
    assert (s.c, s.b, s.s, s.o, s.l) == (1 + 2j, True, "é3", None, [4])
    assert s.t[0] == 1 and s.t[1].tolist() == [0, 2, 4]
    s.c, s.b, s.s, s.o, s.l, s.t = 3, False, "z", 2, [1, 2], (5, np.ones(1))
    assert (s.c, s.b, s.s, s.o, s.l, s.t[0]) == (3, False, "z", 2.0, [1, 2], 5)


def test_instances_in_lists_and_tuples():
    @njit
    def work(n, a):
        made = [Particle(i, i, a) for i in range(n)]
        pair = (made[1], made[2])
        pair[0].move(10)
        return made[1].x, made, pair

    x, made, pair = work(4, np.zeros(2, dtype=np.float32))
    assert x == 11
    assert [p.x for p in made] == [0, 11, 2, 3]
    assert pair[1].x == 2


def test_linked_list():
    Node = make_node()

    @njit
    def chain(n):
        head = Node(0, None)
        for i in range(1, n):
            head = Node(i, head)
        return head

    @njit
    def total(node):
        s = 0.0
        while node is not None:
            s += node.data
            node = node.next
        return s

    head = chain(100)
    assert total(head) == 4950
    assert head.next.next.data == 97
    assert total(None) == 0
    long = chain(300_000)  # destroyed without recursion
    del long
    head.next = None
    assert total(head) == 99


def test_binary_tree():
    Tree = make_tree()

    @njit
    def depth(t):
        most = 0
        stack = [(t, 1)]
        while len(stack) > 0:
            at, level = stack.pop()
            most = max(most, level)
            if at.left is not None:
                stack.append((at.left, level + 1))
            if at.right is not None:
                stack.append((at.right, level + 1))
        return most

    t = Tree(5)
    for key in (2, 8, 1, 3, 9, 10):
        t.insert(key)
    assert t.left.right.key == 3
    assert depth(t) == 4


def test_identity():
    Node = make_node()

    @njit
    def same(a, b):
        return a is b, a is not b, a.next is b, a.next is None

    first = Node(1, None)
    second = Node(2, first)
    assert same(first, first) == (True, False, False, True)
    assert same(second, first) == (False, True, True, False)


def test_isinstance_in_compiled_code():
    Node = make_node()

    @njit
    def which(x):
        if isinstance(x, (Particle, Node)):
            return 1 if isinstance(x, Node) else 2
        return 0

    assert which(Node(1, None)) == 1
    assert which(Particle(1, 2, np.zeros(1, dtype=np.float32))) == 2
    assert which(3) == 0


def test_generic_code_over_several_classes():
    def make(kind):
        @jitclass([("value", kind)])
        class Box:
            def __init__(self, value):
                self.value = value

            def get(self):
                return self.value

        return Box

    @njit
    def get(b):
        return b.get() + b.value

    assert get(make(int64)(3)) == 6
    assert get(make(float64)(1.5)) == 3.0
    assert get(make(float64[:])(np.ones(2))).tolist() == [2, 2]


def test_inherited_methods_and_members():
    class Base:
        x: int

        def double(self):
            return self.x * 2

    @jitclass
    class Derived(Base):
        y: float

        def __init__(self, x):
            self.x = x
            self.y = self.double()

    d = Derived(4)
    assert (d.x, d.y, d.double()) == (4, 8.0, 8)


def test_private_names():
    @jitclass({"__value": int64})
    class Secret:
        def __init__(self, v):
            self.__value = v

        def __get(self):
            return self.__value

        def get(self):
            return self.__get()

    assert Secret(5).get() == 5


# ---- special methods ---------------------------------------------------------------------------------------------------------


@jitclass([("v", float64)])
class Number:
    def __init__(self, v):
        self.v = v

    def __add__(self, other):
        return Number(self.v + other.v)

    def __rmul__(self, k):
        return Number(self.v * k)

    def __isub__(self, k):
        self.v -= k
        return self

    def __neg__(self):
        return Number(-self.v)

    def __eq__(self, other):
        return self.v == other.v

    def __lt__(self, other):
        return self.v < other.v

    def __hash__(self):
        return int(self.v)

    def __bool__(self):
        return self.v != 0

    def __len__(self):
        return 7

    def __contains__(self, x):
        return x == self.v

    def __getitem__(self, i):
        return self.v + i

    def __setitem__(self, i, x):
        self.v = i + x

    def __float__(self):
        return self.v

    def __int__(self):
        return int(self.v)

    def __abs__(self):
        return abs(self.v)

    def __str__(self):
        return "number"


OPERATIONS = {
    "add": lambda a, b: (a + b).v,
    "rmul": lambda a, b: (3 * a).v,
    "neg": lambda a, b: (-a).v,
    "eq": lambda a, b: (a == b, a == a, a != b, a != a),
    "lt": lambda a, b: (a < b, a > b),
    "hash": lambda a, b: hash(a),
    "bool": lambda a, b: (bool(a), not a, 1 if b else 2),
    "len": lambda a, b: len(a),
    "contains": lambda a, b: (2.0 in a, 2.0 not in a),
    "getitem": lambda a, b: a[3],
    "convert": lambda a, b: (float(a), int(a), complex(a), abs(a)),
    "str": lambda a, b: str(a),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_special_methods(name):
    f = OPERATIONS[name]
    a, b = Number(2.0), Number(-5.0)
    assert njit(f)(a, b) == f(a, b)


def test_special_methods_that_write():
    @njit
    def work(a):
        a[3] = 4.0
        a -= 2
        return a

    a = Number(1)
    assert work(a).v == 5.0
    a[1] = 1
    a -= 1
    assert a.v == 1.0


def test_truth_without_special_methods():
    Node = make_node()
    assert njit(lambda n: 1 if n else 2)(Node(1, None)) == 1
    assert njit(lambda n: 1 if n.next else 2)(Node(1, None)) == 2


# ---- errors --------------------------------------------------------------------------------------------------------------------


class Plain:
    def __init__(self):
        pass

    def method(self):
        pass


@pytest.mark.parametrize(
    ("spec", "error", "text"),
    [
        ([("x", int)], TypeError, "spec values should be Numba type instances, got <class 'int'>"),
        ([(1, int32)], TypeError, "spec keys should be strings, got 1"),
        ([("method", int32)], NameError, "name shadowing: method"),
    ],
)
def test_bad_specifications(spec, error, text):
    with pytest.raises(error, match=text.replace("(", r"\(")):
        jitclass(Plain, spec)


def test_bad_classes():
    class Constant:
        limits = [3, 4]

    class Deleter:
        @property
        def p(self):
            return 1

        @p.deleter
        def p(self):
            pass

    class Special:
        def __getattr__(self, name):
            pass

    class Stars:
        def __init__(self, *args):
            pass

    for cls, error, text in (
        (Constant, TypeError, "class members are not yet supported: limits"),
        (Deleter, TypeError, "deleter is not supported: p"),
        (Special, TypeError, "Method '__getattr__' is not supported."),
        (Stars, errors.UnsupportedError, "VAR_POSITIONAL argument type unsupported"),
    ):
        with pytest.raises(error, match=text):
            jitclass(cls)
    with pytest.raises(TypeError, match="cannot subclass from a jitclass"):
        type(Particle)("Sub", (Particle,), {})


def test_init_must_return_none():
    @jitclass([])
    class Wrong:
        def __init__(self):
            return 7

    with pytest.raises(errors.TypingError, match=r"__init__\(\) should return None, not int64"):
        Wrong()


def test_wrong_uses():
    p = Particle(1, 2, np.zeros(1, dtype=np.float32))
    with pytest.raises(AttributeError, match="'Particle' object has no attribute 'z'; the members"):
        p.z = 3
    with pytest.raises(errors.TypingError, match="Cannot cast unicode_type to array.*attribute 'arr'"):
        p.arr = "text"
    with pytest.raises(errors.TypingError, match="Cannot cast array"):
        p.arr = np.zeros((2, 2), dtype=np.float32)
    with pytest.raises(AttributeError, match="cannot be deleted"):
        del p.x
    with pytest.raises(TypeError):
        p.x = "text"
    with pytest.raises(errors.TypingError, match="Unknown attribute 'nope'"):
        njit(lambda p: p.nope)(p)
    with pytest.raises(errors.TypingError, match="made without its constructor"):
        njit(lambda p: p.x)(_core.Instance.__new__(Particle))


def test_members_that_were_never_assigned():
    t = Text("a")
    with pytest.raises(AttributeError, match="'values' is read before it is assigned"):
        t.values  # noqa: B018
    with pytest.raises(AttributeError, match="'values' is read before it is assigned"):
        njit(lambda t: len(t.values))(t)


def test_deferred_types():
    d = deferred_type()
    with pytest.raises(RuntimeError, match="deferred type not defined"):
        d.get()
    d.define(int64)
    assert d.get() is int64
    with pytest.raises(TypeError, match="already defined"):
        d.define(int64)
    open_type = deferred_type()

    @jitclass([("x", optional(open_type))])
    class Early:
        def __init__(self):
            pass

    with pytest.raises(errors.TypingError, match="are not defined yet"):
        Early()


def test_order_of_members():
    cls = jitclass(Plain, OrderedDict(b=int32, a=float64))
    assert list(cls.class_type.struct) == ["b", "a"]


# ---- what classes have besides members and methods ---------------------------------------------------------------------------


class Base:
    """Methods and values that a compiled class inherits."""

    scale = 2.5
    names = ("x", "y")

    def scaled(self):
        return self.x * self.scale

    def __repr__(self):
        return "at " + str(self.x)


@jitclass([("x", int64), ("y", int64)])
class Derived(Base):
    limit = 10

    def __init__(self, x, y=3):
        self.x = x
        self.y = y

    @classmethod
    def at_limit(cls, y=7):
        return cls(cls.limit, y)

    def __call__(self, a, b=1):
        return self.x * a + self.limit * b

    def __divmod__(self, other):
        return self.x // other.x, self.x % other.x

    def __round__(self):
        return self.x // 10 * 10

    def __iter__(self):
        for i in range(self.x):
            yield i

    def __enter__(self):
        return self.x

    def __exit__(self, kind, value, traceback):
        self.x = -1


def test_values_in_the_class():
    @njit
    def read(d):
        return d.limit, d.scale, d.names[1], Derived.limit

    d = Derived(4)
    assert read(d) == read.py_func(d) == (10, 2.5, "y", 10)
    assert d.scaled() == 10.0
    assert Derived.limit == 10
    with pytest.raises(AttributeError):
        d.limit = 3


def test_class_methods():
    @njit
    def make(n):
        return Derived.at_limit(n), Derived(1).at_limit()

    a, b = make(2)
    assert (a.x, a.y, b.x, b.y) == (10, 2, 10, 7)
    assert Derived.at_limit(y=1).y == 1


def test_more_special_methods():
    def use(d):
        return d(2), d(2, b=0), divmod(d, Derived(3)), round(d), repr(d), str(d)

    want = (18, 8, (1, 1), 0, "at 4", "at 4")
    assert use(Derived(4)) == want
    assert njit(use)(Derived(4)) == want
    assert list(Derived(3)) == [0, 1, 2]
    d = Derived(5)
    with d as x:
        assert x == 5
    assert d.x == -1

    @njit
    def total(d):
        s = 0
        for i in iter(d):
            s += i
        return s

    assert total(Derived(4)) == 6


def test_truth_by_length():
    @jitclass([("n", int64)])
    class Sized:
        def __init__(self, n):
            self.n = n

        def __len__(self):
            return self.n

        def truth(self):
            return bool(self), not self, 1 if self else 0

    for n in (0, 2):
        assert Sized(n).truth() == (n != 0, n == 0, 1 if n else 0)
    assert njit(lambda s: bool(s))(Derived(0)) is True


def test_parts_of_slices_are_indices():
    @jitclass([("data", int64[:])])
    class Ends:
        def __init__(self):
            self.data = np.zeros(10, np.int64)

        def __setitem__(self, part, value):
            self.data[part.start] = value
            self.data[part.stop] = value + part.step

        def __getitem__(self, part):
            return self.data[part.start]

    e = Ends()
    e[1:5:1] = 1
    assert (e[1:1:1], e[5:5:5]) == (1, 2)
    with pytest.raises(TypeError):
        e[:5:1]


def test_instances_are_copied_and_pickled():
    d = Derived(4, 5)
    for same in (copy.copy(d), pickle.loads(pickle.dumps(d))):
        assert same is not d and (same.x, same.y) == (4, 5)
    t = Text("abc")
    other = copy.deepcopy(t)
    assert (other.name, other.count) == ("abc", 3)
    p = Particle(1, 2.0, np.arange(3, dtype=np.float32))
    assert copy.copy(p).arr is p.arr and copy.deepcopy(p).arr is not p.arr


# ---- loops -----------------------------------------------------------------------------------------------------------


@jitclass([("stop", int64), ("i", int64)])
class Countdown:
    def __init__(self, n):
        self.i = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.i <= 0:
            raise StopIteration
        self.i -= 1
        return self.i


@jitclass([("a", float64[:])])
class Sequence:
    def __init__(self, a):
        self.a = a

    def __getitem__(self, i):
        if i >= len(self.a):
            raise IndexError("past the end")
        return self.a[i]


@jitclass([("a", float64[:])])
class Doubled:
    def __init__(self, a):
        self.a = a

    def __iter__(self):
        for x in self.a:
            yield x * 2


@jitclass([("n", int64)])
class Counts:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return Countdown(self.n)


def test_loops_over_instances():
    @njit
    def work(a, n):
        total = 0.0
        for x in Sequence(a):
            total += x
        for x in Doubled(a):
            total += x
        for i, x in enumerate(Sequence(a)):
            total += i * x
        for x, y in zip(Sequence(a), Doubled(a)):
            total += x * y
        for x in Counts(n):
            if x == 2:
                continue
            for y in Countdown(x):
                total += y
        down = Countdown(n)
        first = next(down)
        return total, first, list(down), sum(Countdown(n)), [k * 2 for k in Countdown(3)], max(Doubled(a))

    a, n = np.arange(4.0), 5
    total = 6.0 + 12.0 + 14.0 + 28.0 + sum(y for x in range(n) if x != 2 for y in range(x))
    assert work(a, n) == (total, 4, [3, 2, 1, 0], 10, [4, 2, 0], 6.0)
    with pytest.raises(errors.TypingError, match="is not iterable"):
        njit(lambda t: [x for x in t])(Text("a"))


def test_lists_of_comprehensions_become_members():
    @jitclass
    class Stack:
        items: list[float]

        def __init__(self, n):
            self.items = [0.5 * i for i in range(n)]

        def replace(self, items):
            self.items = items

    @njit
    def work(n):
        s = Stack(n)
        s.items.append(7.0)
        before = len(s.items)
        mine = [1.0, 2.0]
        s.replace(mine)
        mine.append(3.0)
        return before, s.items[2], len(s.items)

    assert work(3) == (4, 3.0, 3)
    s = Stack(2)
    assert list(s.items) == [0.0, 0.5]
