"""Dicts in compiled code, compared with the interpreter."""

import numpy as np
import pytest

from naja import _core, njit
from naja.errors import TypingError

pytestmark = pytest.mark.core


def check(function, *args):
    """Compiled and interpreted agree, and nothing is left behind."""
    expected = function(*args)
    compiled = njit(function)
    assert compiled(*args) == expected
    before = _core.block_count()
    assert compiled(*args) == expected
    assert _core.block_count() == before


def count(n, m):
    d = {}
    for i in range(n):
        k = i * i % m
        if k in d:
            d[k] += 1
        else:
            d[k] = 1
    total = 0
    for k in d:
        total += k * 100 + d[k]
    return total, len(d)


def count_by_get(words):
    d = {}
    for w in words:
        d[w] = d.get(w, 0) + 1
    best = 0
    for v in d.values():
        best = max(best, v)
    return best, len(d)


def get_none(k):
    d = {1: 2.5}
    x = d.get(k)
    return -1.0 if x is None else x


def groups(n):
    d = {}
    for i in range(n):
        k = i % 3
        if k not in d:
            d[k] = []
        d[k].append(i * 0.5)
    total = 0.0
    for k, v in d.items():
        for x in v:
            total += x * k
    return total, len(d[0])


def setdefault(n):
    d = {}
    for i in range(n):
        d.setdefault(str(i % 4), []).append(i)
    return len(d), len(d["1"]), d["3"][-1]


def displays(x):
    d = {"a": 1.5, "b": x, "c": 2}
    e = {1: "one", 2: "two"}
    f = {k: k * k for k in range(10) if k % 2}
    return d["a"] + d["b"] + d["c"], e[2], e.get(3, "none"), len(f), f[7]


def pops():
    d = {1: 1.5, 2: 2.5, 3: 3.5}
    a = d.pop(1)
    b = d.pop(7, -1.0)
    c = d.popitem()
    del d[2]
    return a, b, c, len(d)


def equality(x):
    a = {1: 2, x: 3}
    b = {x: 3, 1: 2}
    c = a.copy()
    c[9] = 9
    return a == b, a != b, a == c, len(a), len(c), bool(c), (a | c) == c


def updates():
    a = {1: 1, 2: 2}
    a.update({2: 20, 3: 30})
    b = dict(a)
    b[5] = 5
    a.clear()
    c = dict([(1, 2), (3, 4)])
    return len(a), len(b), b[2], c[3]


def views(x):
    d = {1: 10, 2: 20}
    return 1 in d.keys(), 10 in d.values(), x in d.values(), (2, 20) in d.items(), (2, 2) in d.items(), len(d.items()), sum(d.values())  # fmt: skip


def tuple_keys(n):
    d = {}
    for i in range(n):
        d[i % 3, "x" * (i % 2)] = i
    return len(d), d[1, "x"], (0, "y") in d


def float_keys(x):
    d = {0.0: 1, 1.5: 2}
    d[-0.0] = 5
    return d[0.0], x in d, len(d)


def in_order(n):
    d = {}
    for i in range(n):
        d[(i * 7919) % 1009] = i
    for i in range(0, n, 3):
        d.pop((i * 7919) % 1009)
    d[5] = 1
    keys = 0
    for j, k in enumerate(d):
        keys = (keys * 31 + k * j) % 1000003
    return keys, len(d)


def unpacked():
    a = {1: 2, 3: 4}
    b = {**a, 5: 6}
    return len(b), b[3]


CASES = [
    (count, 1000, 97),
    (count, 0, 5),
    (count_by_get, ["a", "b", "a", "αβγ", "a", ""]),
    (get_none, 1),
    (get_none, 2),
    (groups, 10),
    (setdefault, 10),
    (displays, 4.0),
    (pops,),
    (equality, 2),
    (updates,),
    (views, 20),
    (views, 21),
    (tuple_keys, 10),
    (float_keys, 1.5),
    (float_keys, np.nan),
    (in_order, 1000),
    (unpacked,),
]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c[0].__name__)
def test_like_python(case):
    check(*case)


@pytest.mark.parametrize("seed", range(5))
def test_random_operations(seed):
    def run(ops):
        d = {}
        log = 0
        for i in range(ops.shape[0]):
            op, k = ops[i, 0], ops[i, 1]
            if op < 5:
                d[k] = i
            elif op < 8:
                log += d.pop(k, -1)
            elif op == 8 and len(d):
                a, b = d.popitem()
                log += a * b
            else:
                log += d.get(k, 3)
        for k, v in d.items():
            log = (log * 33 + k + v) % 1000000007
        return log, len(d)

    rng = np.random.default_rng(seed)
    ops = np.stack([rng.integers(0, 10, 3000), rng.integers(0, 5 * 4**seed, 3000)], axis=1)
    check(run, ops)


def test_keys_that_collide():
    def run(n):
        d = {}
        for i in range(n):
            d[i << 40] = i
        t = 0
        for i in range(n):
            t += d[i << 40]
        return t

    check(run, 20000)


def test_missing_keys():
    @njit
    def get(k):
        return {1: 2}[k]

    @njit
    def delete(k):
        d = {"a": 2}
        del d[k]

    with pytest.raises(KeyError) as info:
        get(5)
    assert info.value.args == (5,)
    with pytest.raises(KeyError):
        delete("b")


def test_changed_during_iteration():
    @njit
    def f():
        d = {1: 2}
        for k in d:
            d[k + 1] = 1

    before = _core.block_count()
    with pytest.raises(RuntimeError, match="dictionary changed size during iteration"):
        f()
    assert _core.block_count() == before


def test_unhashable():
    @njit
    def f(x):
        d = {}
        d[[x]] = 1
        return len(d)

    with pytest.raises(TypingError, match="unhashable type"):
        f(1)


def test_arrays_as_values():
    def f(a):
        d = {"a": a}
        d["b"] = a[1:]
        d["a"] = d["b"] + 1
        return d["a"].sum() + d["b"].sum()

    a = np.arange(5.0)
    check(f, a)


def test_passed_to_functions():
    @njit
    def fill(d, n):
        for i in range(n):
            d[i] = i * 0.5

    @njit
    def f(n):
        d = {}
        fill(d, n)
        return d[n - 1], len(d)

    assert f(10) == (4.5, 10)


def test_results_and_arguments():
    @njit
    def squares(n):
        return {i: str(i * i) for i in range(n)}

    @njit
    def double(d):
        for k in d:
            d[k] *= 2
        d["new"] = 0.5
        return d["a"]

    blocks = _core.block_count()
    assert squares(4) == {0: "0", 1: "1", 2: "4", 3: "9"}
    d = {"a": 1.0, "b": 2.0}
    assert double(d) == 2.0
    assert d == {"a": 2.0, "b": 4.0, "new": 0.5}
    assert list(d) == ["a", "b", "new"]
    assert njit(lambda d: d)(d) is d
    assert _core.block_count() == blocks


def test_nested_arguments():
    @njit
    def f(d):
        for v in d.values():
            v.append(9)
        return len(d)

    d = {1: [1, 2], 2: [3]}
    assert f(d) == 2
    assert d == {1: [1, 2, 9], 2: [3, 9]}


def test_unusable_arguments():
    f = njit(lambda d: len(d))
    with pytest.raises(TypeError, match="heterogeneous dict"):
        f({1: 2, "a": 3})


@pytest.mark.parametrize(
    "operation",
    [
        lambda d, s: d.keys() & s,
        lambda d, s: d.keys() | s,
        lambda d, s: d.keys() - s,
        lambda d, s: d.keys() ^ s,
        lambda d, s: s & d.keys(),
        lambda d, s: d.keys() == s,
        lambda d, s: d.keys() != s,
        lambda d, s: d.keys() <= s,
        lambda d, s: d.keys() > s,
        lambda d, s: d.keys() == d.keys(),
        lambda d, s: d.keys().isdisjoint(s),
        lambda d, s: d.items() & {(1, 2)},
        lambda d, s: d.items() == {(1, 2), (3, 4)},
        lambda d, s: [k for k in reversed(d)],  # noqa: C416
        lambda d, s: [v for v in reversed(d.values())],  # noqa: C416
    ],
)
def test_views_as_sets(operation):
    check(operation, {1: 2, 3: 4}, {1, 9})


@pytest.mark.parametrize(
    "make",
    [
        lambda: dict(a=1, b=2),  # noqa: C408
        lambda: dict({"c": 3}, a=1),
        lambda: dict([("c", 3)], c=1),
        lambda: dict.fromkeys([1, 2], 0.5),
        lambda: dict.fromkeys("ab", 1),
        lambda: dict.fromkeys((1, 2)),
    ],
)
def test_ways_to_make_one(make):
    check(make)


def test_what_is_put_in_follows_from_containers_nothing_is_put_into():
    @njit
    def positions(negative):
        found = []
        return found

    def arrays(n):
        kept = {}
        for i in range(n):
            found = positions(i)
            if len(found) > 0:
                kept[i] = np.array(found)
        return len(kept)

    def rows():
        table, none = [], []
        table.append(np.array(none))
        return len(table), len(table[0])

    assert njit(arrays)(3) == 0 and njit(rows)() == (1, 0)


PATTERNS = {
    "dense": np.arange(3000),
    "negative": -np.arange(3000),
    "around zero": np.arange(3000) - 1500,
    "squares": np.arange(3000) ** 2,
    "runs": (np.arange(3000) // 100) * 10**6 + np.arange(3000) % 100,
    "extremes": np.concatenate(
        [np.arange(1500) + np.iinfo(np.int64).min, np.iinfo(np.int64).max - np.arange(1500)]
    ),
    **{f"multiples of 2**{k}": np.arange(3000) << k for k in (1, 6, 7, 12, 31, 32, 33, 50)},
}


@pytest.mark.parametrize("name", PATTERNS)
def test_patterns_of_integers(name):
    """Keys that lie in the same slots at first are found all the same, before and after the table is scattered."""

    def count(keys):
        d = {}
        for key in keys:
            d[key] = d.get(key, 0) + 1
        for key in keys[::3]:
            del d[key]
        copied = d.copy()
        for key in keys[::2]:
            d[key] = d.get(key, 0) + 10
        total = 0
        for key in keys:
            total += d.get(key, -1) + 3 * copied.get(key, -1)
        return total, len(d), len(copied), [key for key in d]

    assert njit(count)(PATTERNS[name]) == count(PATTERNS[name])
    as_set = njit(lambda keys: len(set(keys) - set(keys[::5])))
    assert as_set(PATTERNS[name]) == len(set(PATTERNS[name]) - set(PATTERNS[name][::5]))
    assert njit(lambda d, keys: [d[key] for key in keys])(
        {int(key): i for i, key in enumerate(PATTERNS[name])}, PATTERNS[name]
    ) == list(range(3000))


def test_a_dict_that_is_spread_keeps_its_items():
    def spread(n):
        d = {1: n}
        e = {**d, 7: 49}
        made = {i: i for i in range(n)}
        both = {**made, **e}
        named = {"a": 1, "b": n}
        copied = {**named}
        copied["c"] = 3
        named["z"] = 5
        return d, e, made, both, named, copied

    for n in (0, 1, 3):
        assert [dict(d) for d in njit(spread)(n)] == list(spread(n))
