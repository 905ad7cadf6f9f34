"""A module to be compiled ahead of time: tests/test_pycc.py."""

from collections import namedtuple

import numpy as np

from naja import njit, objmode
from naja.pycc import CC

cc = CC("exported_module")


class Failure(Exception):
    """An exception that the source defines."""


@njit
def half(x):
    return x / 2


@cc.export("add", ["f8(f8, f8)", "i8(i8, i8)"])
def add(a, b=1):
    """Add two numbers."""
    return a + b


@cc.export("mean_of_halves", "f8(f8[:])")
def mean_of_halves(a):
    total = 0.0
    for x in a:
        total += half(x)
    return total / len(a)


@cc.export("waves", "f8[:](f8[::1])")
def waves(a):
    return np.exp(a) * np.sin(a) + np.sqrt(np.abs(a))


@cc.export("solve", "f8[:](f8[:, ::1], f8[::1])")
def solve(a, b):
    return np.linalg.solve(a, b)


@cc.export("ordered", "i8[:](i8[:])")
def ordered(a):
    return np.unique(np.sort(a)[::-1])


@cc.export("draw", "f8[:](i8, i8)")
def draw(seed, n):
    np.random.seed(seed)
    return np.random.normal(0.0, 1.0, n)


@cc.export("shout", "unicode_type(unicode_type)")
def shout(text):
    return text.upper() + "!"


@cc.export("sum_of_pair", "Tuple((i8, f8))(i8, UniTuple(f8, 2))")
def sum_of_pair(n, pair):
    return n, pair[0] + pair[1]


@cc.export("counts", "DictType(i8, i8)(i8[:])")
def counts(a):
    found = {}
    for x in a:
        found[x] = found.get(x, 0) + 1
    return found


@cc.export("fail", "f8(i8)")
def fail(n):
    if n == 1:
        raise ValueError("one", n)
    if n == 2:
        raise Failure(n)
    return 1 / n


@cc.export("inverse", "f8(f8)")
@njit(error_model="numpy")
def inverse(x):
    return 1 / x


Point = namedtuple("Point", "x y")


@cc.export("joined", "unicode_type(i8)")
def joined(n):
    with objmode(text="unicode_type"):
        text = "-".join(str(i) for i in range(n)) + Point.__name__
    return text
