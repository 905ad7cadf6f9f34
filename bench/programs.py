"""Whole programs: strings, exceptions, generators, classes and typed lists, against Numba and the interpreter.

A row of `PROGRAMS` is a function that is given a name space (naja, Numba, or `Interpreted`) and returns the program, and
its arguments.  The interpreter runs the same source.
"""

import numpy as np


class Interpreted:
    """The names that programs use, for the interpreter: nothing is compiled."""

    int64 = float64 = None

    @staticmethod
    def njit(function):
        """Return the function as it is."""
        return function

    @staticmethod
    def jitclass(spec):
        """Return a decorator that returns the class as it is."""
        return lambda cls: cls

    @staticmethod
    def array(item):
        """Return nothing: members have no types."""

    @staticmethod
    def own_type():
        """Return nothing for the type of a class's own instances, and a function that says which class it is."""
        return None, lambda cls: None

    @staticmethod
    def optional(item):
        """Return nothing: members have no types."""

    List = list


class Compiled:
    """The same names of naja or Numba."""

    def __init__(self, module, experimental, typed):
        self.njit, self.jitclass, self.List = module.njit, experimental.jitclass, typed.List
        self.int64, self.float64, self.optional = module.int64, module.float64, module.optional
        self.deferred_type = module.deferred_type

    @staticmethod
    def array(item):
        """Return the type of contiguous arrays of an item type."""
        return item[::1]

    def own_type(self):
        """Return the type of a class's own instances, and a function that says which class it is."""
        t = self.deferred_type()
        return t, lambda cls: t.define(cls.class_type.instance_type)


def levenshtein(space):
    """Edit distance of two strings, with one row of the table."""

    @space.njit
    def distance(a, b):
        row = np.arange(len(b) + 1)
        for i in range(len(a)):
            corner = row[0]
            row[0] = i + 1
            for j in range(len(b)):
                above = row[j + 1]
                cost = 0 if a[i] == b[j] else 1
                row[j + 1] = min(above + 1, row[j] + 1, corner + cost)
                corner = above
        return row[len(b)]

    return distance


def exceptions(space):
    """Raise and catch in a callee, every other time."""

    @space.njit
    def check(i):
        if i % 2:
            raise ValueError
        return i

    @space.njit
    def run(n):
        caught = 0
        for i in range(n):
            try:
                caught += check(i) & 1
            except Exception:
                caught += 1
        return caught

    return run


def pipeline(space):
    """Three generators, each feeding the next."""

    @space.njit
    def numbers(n):
        for i in range(n):  # noqa: UP028
            yield i

    @space.njit
    def squares(n):
        for x in numbers(n):
            yield x * x

    @space.njit
    def even(n):
        for x in squares(n):
            if x % 2 == 0:
                yield x

    @space.njit
    def run(n):
        total = 0
        for x in even(n):
            total += x
        return total

    return run


def build(space):
    """Append to a string, and join a list of strings."""

    @space.njit
    def run(n):
        text = ""
        parts = space_list()
        for i in range(n):
            word = str(i % 1000)
            text += word
            parts.append(word)
        return len(text) + len(",".join(parts))

    space_list = space.List
    return run


def split(space):
    """Count the words of a text that are longer than three characters."""

    @space.njit
    def run(text):
        long = 0
        for word in text.split(" "):
            if len(word) > 3:
                long += 1
        return long

    return run


def particles(space):
    """A class whose method updates arrays that are members."""
    array = space.array(space.float64)

    @space.jitclass([("x", array), ("v", array), ("n", space.int64)])
    class Particles:
        def __init__(self, n):
            self.n = n
            self.x = np.zeros(n)
            self.v = np.arange(n) * 1.0

        def step(self, dt):
            for i in range(self.n):
                self.x[i] += self.v[i] * dt

    @space.njit
    def run(n, steps):
        p = Particles(n)
        for _ in range(steps):
            p.step(0.001)
        return p.x[n - 1]

    return run


def linked(space):
    """A linked list of instances, made and walked through."""
    node, define = space.own_type()

    @space.jitclass([("value", space.int64), ("next", space.optional(node))])
    class Node:
        def __init__(self, value, next):
            self.value = value
            self.next = next

    define(Node)

    @space.njit
    def run(n, times):
        head = Node(0, None)
        for i in range(1, n):
            head = Node(i, head)
        total = 0
        for _ in range(times):
            at = head
            while at.next is not None:
                total += at.value
                at = at.next
        return total

    return run


def rows(space):
    """A typed list of arrays, read item by item."""

    @space.njit
    def run(n, times):
        table = space_list()
        for i in range(n):
            table.append(np.full(4, i * 1.0))
        total = 0.0
        for _ in range(times):
            for i in range(len(table)):
                total += table[i][1]
            for row in table:
                total += row[2]
        return total

    space_list = space.List
    return run


_WORDS = " ".join(["the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog"] * 2000)

PROGRAMS = {
    "levenshtein": (levenshtein, lambda: (_WORDS[:400], _WORDS[13:413])),
    "exceptions": (exceptions, lambda: (100_000,)),
    "pipeline": (pipeline, lambda: (100_000,)),
    "build": (build, lambda: (10_000,)),
    "split": (split, lambda: (_WORDS,)),
    "particles": (particles, lambda: (1000, 100)),
    "linked": (linked, lambda: (1000, 20)),
    "rows": (rows, lambda: (1000, 20)),
}
