"""frozenset in compiled code: a set that nothing changes, and that has CPython's hash."""

import gc

import numpy as np
import pytest
from leaks import check_outcome

from naja import _core, njit, typeof
from naja.errors import TypingError

pytestmark = pytest.mark.usefixtures("no_leaks")


def made(n):
    s = frozenset([1, 2, n])
    return len(s), 2 in s, 9 in s, sorted(s), s, frozenset(range(n)), frozenset("abca") == frozenset("cab")


def combined(n):
    s, t = frozenset([1, 2, 3, n]), frozenset([3, n, 9])
    u = {2, 3}
    return (
        s | t,
        s & t,
        s - t,
        s ^ t,
        s | u,
        u | s,
        u & s,
        s.union([77], u),
        s.intersection(u),
        s.difference([1]),
        s.symmetric_difference(u),
        s.copy(),
        frozenset(u),
        set(s),
    )


def compared(n):
    s, t = frozenset([1, n]), frozenset([1, n, 3])
    return (
        s < t,
        s <= t,
        s > t,
        s >= t,
        s == {1, n},
        s != t,
        s.issubset(t),
        t.issuperset(s),
        s.isdisjoint({9}),
        {1, n} <= t,
    )


def hashes(n):
    return (
        hash(frozenset([1, 2, n])),
        hash(frozenset(range(100))),
        hash(frozenset([(1, n), (2, 3)])),
        hash(frozenset([1.5, -0.0, 1e300])),
        hash(frozenset([-1, -2])),
    )


def keys(n):
    d = {}
    for i in range(n):
        for j in range(n):
            d[frozenset([i, j])] = d.get(frozenset([j, i]), 0) + 1
    seen = {frozenset([0, 1]), frozenset([1, 0]), frozenset([2])}
    return (
        len(d),
        d[frozenset([1, 2])],
        frozenset([2, 1]) in d,
        len(seen),
        frozenset([frozenset([1]), frozenset([1])]) == frozenset([frozenset([1])]),
    )


def in_place(n):
    s = frozenset([1, 2])
    t = s
    s |= {n}
    s -= frozenset([1])
    return sorted(s), sorted(t)


def shown(n):
    return str(frozenset([n])), repr(frozenset([n])), f"{frozenset(['a'])}", str(frozenset([n][:0]))


def loops(n):
    total = 0
    for x in frozenset(range(n)):
        total += x
    return (
        total,
        sum(frozenset([1, n])),
        max(frozenset([1, n])),
        [x * 2 for x in frozenset([n])],
        isinstance(frozenset([n]), frozenset),
    )


@pytest.mark.core
@pytest.mark.parametrize("function", [made, combined, compared, hashes, keys, in_place, shown, loops])
def test_as_interpreted(function):
    check_outcome(function, 5)


@pytest.mark.core
def test_arguments_and_results():
    @njit
    def same(s):
        return s

    @njit
    def grow(s, x):
        return s | {x}, len(s), x in s

    s = frozenset([1, 2, 3])
    assert same(s) is s and typeof(s).frozen and str(typeof(s)) == "frozenset(int64)"
    assert grow(s, 7) == (frozenset([1, 2, 3, 7]), 3, False)
    assert type(grow(s, 7)[0]) is frozenset and s == {1, 2, 3}
    words = frozenset(["a", "bc"])
    assert grow(words, "d")[0] == {"a", "bc", "d"}
    nested = {frozenset([1, 2]): 5, frozenset([3]): 6}
    assert njit(lambda d: d[frozenset([2, 1])])(nested) == 5
    assert njit(lambda s: frozenset([2, 1]) in s)({frozenset([1, 2]), frozenset([4])})


def test_what_is_kept_outlives_the_call():
    @njit
    def keep(s, x):
        return [s, frozenset([x])]

    kept = keep(frozenset([10**6, 5]), 3)
    gc.collect()
    assert kept == [{10**6, 5}, {3}]


@pytest.mark.parametrize(
    "method", ["add", "discard", "remove", "pop", "clear", "update", "symmetric_difference_update"]
)
def test_nothing_changes_it(method):
    namespace = {}
    argument = "" if method in ("pop", "clear") else "[1]" if "update" in method else "1"
    exec(f"def f(s):\n    s.{method}({argument})\n", namespace)
    with pytest.raises(AttributeError):
        namespace["f"](frozenset([1]))
    with pytest.raises(TypingError, match=f"'frozenset' object has no attribute '{method}'"):
        njit(namespace["f"])(frozenset([1]))


def test_sets_are_no_keys():
    with pytest.raises(TypingError, match="unhashable"):
        njit(lambda n: {frozenset([n]): 1, 3: {n}}[3] if n else {set([n]): 1})(1)
    assert np.array_equal(njit(lambda s: np.array(sorted(s)))(frozenset([2, 1])), [1, 2])
    assert _core.block_count() >= 0
