"""Sets in compiled code, compared with the interpreter."""

import numpy as np
import pytest

from naja import _core, njit
from naja.errors import TypingError
from naja.extending import register_jitable

pytestmark = pytest.mark.core


def check(function, *args):
    """Compiled and interpreted agree, and nothing is left behind."""
    expected = function(*args)
    compiled = njit(function)
    assert compiled(*args) == expected
    before = _core.block_count()
    assert compiled(*args) == expected
    assert _core.block_count() == before


@register_jitable
def total(s):
    t = 0
    for x in s:
        t += x * x + 1
    return t


def displays(x):
    s = {1, 2, x}
    t = {i % 5 for i in range(20)}
    u = set()
    u.add(2.5)
    v = set([1, 2, 2, 3])
    return total(s), len(t), len(u), len(v), 2 in s, 7 not in s, x in {3, 4}, 2.5 in u


def changes():
    s = {1, 2, 3, 4}
    s.remove(1)
    s.discard(9)
    s.discard(2)
    n = len(s)
    s.update([7, 8], (9, 10))
    m = len(s)
    c = s.copy()
    s.clear()
    return n, m, len(c), len(s), bool(s), bool(c)


def pop_all():
    s = {5, 6, 7}
    t = 0
    while s:
        t += s.pop()
    return t, len(s)


def operators(n):
    a = set(range(n))
    b = set(range(3, n + 5, 2))
    r = [
        total(a | b),
        total(a & b),
        total(a - b),
        total(a ^ b),
        total(a.union(b, [100])),
        total(a.intersection(b, [3, 5])),
        total(a.difference(b, [0])),
        total(a.symmetric_difference([1, 77])),
    ]
    a |= b
    r.append(total(a))
    a &= b
    r.append(total(a))
    a ^= {1, 2, 3}
    r.append(total(a))
    a -= {1}
    r.append(total(a))
    return sum([x * (i + 1) for i, x in enumerate(r)])


def with_itself(n):
    a = set(range(n))
    b = a.copy()
    c = a.copy()
    a -= a
    b ^= b
    c &= c
    return len(a), len(b), len(c), len(c | c), len(c - c)


def comparisons(x):
    a = {1, 2}
    b = {1, 2, x}
    return a < b, a <= b, a > b, a >= b, a == b, a != b, a.issubset(b), b.issuperset([1]), a.isdisjoint({5}), a <= a, a < a  # fmt: skip


def of_strings(words):
    s = set(words)
    return len(s), "a" in s, "zz" in s


def of_tuples(n):
    s = set()
    for i in range(n):
        s.add((i % 3, i % 2 == 0))
    return len(s), (0, True) in s


def of_nan(x):
    s = {x}
    return x in s, len(s)


CASES = [
    (displays, 9),
    (changes,),
    (pop_all,),
    (operators, 12),
    (operators, 0),
    (with_itself, 9),
    (comparisons, 3),
    (comparisons, 2),
    (of_strings, ["a", "b", "a", "日本"]),
    (of_tuples, 12),
]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c[0].__name__)
def test_like_python(case):
    check(*case)


@pytest.mark.parametrize(
    "dtype", ["int8", "uint8", "int32", "uint64", "float32", "float64", "complex128", "bool"]
)
def test_types_of_items(dtype):
    @njit
    def distinct(a):
        s = set()
        for x in a:
            s.add(x)
        t = 0
        for x in a:
            t += x in s
        return len(s), t

    a = np.array([0, 1, 0, 3, 1, 120], dtype)
    assert distinct(a) == (len(set(a.tolist())), len(a))


def test_errors():
    @njit
    def remove(x):
        {1, 2}.remove(x)

    @njit
    def pop():
        s = {1}
        s.pop()
        s.pop()

    @njit
    def grow():
        s = {1}
        for x in s:
            s.add(x + 1)

    with pytest.raises(KeyError) as info:
        remove(5)
    assert info.value.args == (5,)
    with pytest.raises(KeyError, match="pop from an empty set"):
        pop()
    with pytest.raises(RuntimeError, match="Set changed size during iteration"):
        grow()


@njit
def change(s, x):
    s.add(x)
    s.discard(1)
    return len(s)


@pytest.mark.parametrize(
    "s", [{1, 2, 3}, {1.5, -0.0}, {1 + 2j}, {"a", "日本"}, {(1, "x"), (2, "y")}, {(1, 2.5, True)}, {True}]
)
def test_arguments_and_results(s):
    before = set(s)
    blocks = _core.block_count()
    assert njit(lambda s: s)(s) is s
    assert njit(lambda s: s.copy())(s) == before
    assert njit(lambda s: len([x for x in s if x in s]))(s) == len(before)
    assert s == before
    assert _core.block_count() == blocks


def test_changes_reach_the_argument():
    s = {1, 2}
    assert change(s, 7) == 2
    assert s == {2, 7}
    t = {"a"}
    njit(lambda s: s.clear())(t)
    assert t == set()


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint32", "uint64", "float32", "complex64"])
def test_arguments_of_numpy_scalars(dtype):
    items = set(np.array([0, 1, 5, 100], dtype))
    assert njit(lambda s: len([x for x in s if x in s]))(items) == 4


def test_unusable_arguments():
    f = njit(lambda s: len(s))
    with pytest.raises(TypeError, match="heterogeneous set"):
        f({1, "a"})


@pytest.mark.parametrize("sign", ["|=", "&=", "-=", "^="])
def test_in_place_is_in_place(sign):
    scope = {}
    exec(f"def f(a, b):\n    c = a\n    c {sign} b\n    return sorted(a), sorted(c)", scope)
    a, b = {1, 2, 3}, {3, 4}
    plain = set(a)
    assert njit(scope["f"])(a, b) == scope["f"](plain, b) and a == plain


@pytest.mark.parametrize("sign", ["|", "&", "-", "^", "<", "<=", ">", ">=", "|=", "&="])
def test_operands_that_are_no_sets(sign):
    scope = {}
    exec(f"def f(a, b):\n    a {sign} b", scope)
    with pytest.raises(TypingError, match="All arguments must be Sets"):
        njit(scope["f"])({1}, (1, 2))
    with pytest.raises(TypingError, match="All Sets must be of the same type"):
        njit(scope["f"])({1}, {"a"})
