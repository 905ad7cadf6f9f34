"""naja.typed.Dict and Set: from Python against Python's own, and shared with compiled code."""

import collections.abc
import copy
import itertools
import operator
import pickle

import numpy as np
import pytest

from naja import njit, typeof, types
from naja.errors import TypingError
from naja.experimental import jitclass
from naja.typed import Dict, List, Set

pytestmark = pytest.mark.usefixtures("no_leaks")


KEYS = [
    [3, 1, 2],
    [2.5, -0.0, 1.5],
    [True, False],
    [1j, 2 + 1j],
    ["b", "a", "\u20ac", ""],
    [b"b", b"a", b""],
    [(1, "a"), (0, "b"), (1, "b")],
    [((1, 2), 0.5), ((1, 3), 0.5)],
    [np.datetime64("2020-01-01"), np.datetime64("1970-01-02")],
]
ids = [type(k[0]).__name__ for k in KEYS]


@pytest.mark.core
@pytest.mark.parametrize("keys", KEYS, ids=ids)
def test_items_come_back(keys):
    plain = {k: str(i) for i, k in enumerate(keys)}
    d = Dict(plain)
    assert len(d) == len(plain)
    assert list(d) == list(plain) and list(reversed(d)) == list(reversed(plain))
    assert list(d.values()) == list(plain.values()) and list(d.items()) == list(plain.items())
    assert d == plain and plain == d and not d != plain and d == Dict(plain.items())
    assert all(k in d and d[k] == v and d.get(k) == v for k, v in plain.items())
    assert pickle.loads(pickle.dumps(d)) == plain and typeof(pickle.loads(pickle.dumps(d))) is typeof(d)
    assert copy.copy(d) == plain and copy.deepcopy(d) == plain
    assert isinstance(d, collections.abc.MutableMapping)
    s = Set(keys)
    assert list(s) == keys and s == set(keys) and set(keys) == s and all(k in s for k in keys)
    assert pickle.loads(pickle.dumps(s)) == s and copy.deepcopy(s) == s
    assert isinstance(s, collections.abc.MutableSet)


@pytest.mark.core
@pytest.mark.parametrize("keys", KEYS, ids=ids)
def test_python_and_compiled_code_agree_on_keys(keys):
    @njit
    def has(d, k):
        return k in d

    @njit
    def put(d, k, v):
        d[k] = v

    d = Dict({keys[0]: 0})
    for i, k in enumerate(keys):
        put(d, k, i)
        assert d[k] == i and has(d, k)
    for i, k in enumerate(keys):
        d[k] = -i
        put(d, k, i)
    assert d == {k: i for i, k in enumerate(keys)}
    del d[keys[0]]
    assert not has(d, keys[0]) and all(has(d, k) for k in keys[1:])


def test_text():
    assert str(Dict({1: 2.5})) == "{1: 2.5}"
    assert repr(Dict({1: 2.5})) == "DictType[int64,float64]({1: 2.5})"
    assert str(Dict()) == "{}"
    assert str(Set([1, 2])) == "{1, 2}" and str(Set(["a"])) == "{'a'}" and str(Set()) == "{}"
    assert repr(Set([1])) == "SetType[int64]({1})"
    assert str(typeof(Set([1]))) == "SetType[int64]" and typeof(Set([1])) is types.SetType(types.int64)
    assert typeof(Dict({1: "a"})) is types.DictType(types.int64, types.unicode_type)


def outcome(operation, d):
    try:
        result = operation(d)
    except (KeyError, TypeError, ValueError) as error:
        return type(error), dict(d)
    return result, dict(d)


@pytest.mark.core
@pytest.mark.parametrize(
    "operation",
    [
        lambda d: d.pop(1),
        lambda d: d.pop(9),
        lambda d: d.pop(9, 0.5),
        lambda d: d.popitem(),
        lambda d: d.get(9),
        lambda d: d.get(9, 4),
        lambda d: d[9],
        lambda d: d.__delitem__(9),
        lambda d: d.__delitem__(2),
        lambda d: d.setdefault(1, 7.0),
        lambda d: d.setdefault(9, 7.0),
        lambda d: d.update({2: 0.5, 11: 1.0}),
        lambda d: d.update([(2, 0.5), (11, 1.0)]),
        lambda d: d.update([(2, 0.5, 1)]),
        lambda d: d.update(3),
        lambda d: d.clear(),
        lambda d: d.copy(),
        lambda d: d | {3: 0.25, 4: 0.5},
        lambda d: operator.ior(d, {3: 0.25}),
        lambda d: d.keys() & {1, 5},
        lambda d: d.keys() | {1, 5},
        lambda d: d.keys() - {1, 5},
        lambda d: d.items() & {(1, 1.5)},
        lambda d: (1, 1.5) in d.items(),
        lambda d: 1.5 in d.values(),
        lambda d: len(d.items()),
        lambda d: d.pop(),
        lambda d: {d: 1},
    ],
)
def test_methods(operation):
    plain = {1: 1.5, 2: 2.5, 3: 3.5}
    assert outcome(operation, Dict(plain)) == outcome(operation, plain)


def test_fromkeys_and_empty():
    assert Dict.fromkeys("abc", 1) == dict.fromkeys("abc", 1)
    d = Dict.empty(types.int8, types.float32, n_keys=100)
    assert typeof(d) is types.DictType(types.int8, types.float32) is d._dict_type is d._numba_type_
    d[1] = 2
    assert d == {1: 2.0}
    assert Dict(dcttype=types.DictType(types.int64, types.int8))._typed
    assert Set.empty(types.unicode_type, n_keys=9)._numba_type_ is types.SetType(types.unicode_type)


def test_no_type_yet():
    d = Dict()
    assert not d._typed and len(d) == 0 and list(d) == [] and 1 not in d and d.get(1) is None
    assert d.pop(1, 2) == 2 and d == {} and d.copy() == {} and pickle.loads(pickle.dumps(d)) == {}
    for operation in (lambda: d[1], lambda: d.pop(1), lambda: d.popitem(), lambda: d.__delitem__(1)):
        with pytest.raises(KeyError):
            operation()
    with pytest.raises(TypeError, match="invalid operation on untyped dictionary"):
        d.setdefault(1)
    with pytest.raises(TypeError, match="invalid operation on untyped dictionary"):
        njit(lambda d: len(d))(d)
    d.setdefault(1, 2)
    assert d._typed and d == {1: 2}
    s = Set()
    s.discard(1)
    assert not s._typed and s == set() and 1 not in s
    s.add("a")
    assert s._typed and s == {"a"}


def test_what_does_not_fit():
    d = Dict({1: 2})
    with pytest.raises(TypingError, match="cannot safely cast unicode_type to int64"):
        d["a"] = 1
    with pytest.raises(TypingError, match="cannot safely cast float64 to int64"):
        d[1] = 2.5
    with pytest.raises(OverflowError):
        Dict.empty(types.int8, types.int8)[1] = 300
    assert d == {1: 2} and "a" not in d and 1 << 70 not in d
    with pytest.raises(TypingError, match="unhashable type"):
        Dict.empty(types.float64[:], types.int64)
    with pytest.raises(TypingError, match="unhashable type"):
        Set([np.zeros(1)])
    with pytest.raises(TypingError, match="Dict expect at most 1 argument, got 2"):
        Dict({}, {})
    with pytest.raises(TypingError, match="object is not iterable"):
        Dict(3)
    with pytest.raises(ValueError, match="element #1 has length 3; 2 is required"):
        Dict(((1, "a"), (2, "b", 3)))


def test_change_during_iteration():
    d = Dict({1: 2, 3: 4})
    with pytest.raises(RuntimeError, match="dictionary changed size during iteration"):
        for k in d:
            d[k + 10] = 0
    s = Set([1, 2])
    with pytest.raises(RuntimeError, match="Set changed size during iteration"):
        for k in s:
            s.add(k + 10)
    for k in d:
        d[k] = 0
    assert set(d.values()) == {0}


def test_many_items_and_removals():
    rng = np.random.default_rng(1)
    d, plain = Dict(), {}
    for key, value in rng.integers(0, 500, (5000, 2)).tolist():
        if value % 3:
            d[key] = plain[key] = value
        else:
            assert d.pop(key, None) == plain.pop(key, None)
    assert list(d.items()) == list(plain.items())


class Mischief(collections.abc.Sequence):
    """Items that change the dict while it is updated with them."""

    def __init__(self, d):
        self.d = d

    def __len__(self):
        return 50

    def __getitem__(self, i):
        if i >= 50:
            raise IndexError
        self.d.clear()
        self.d.update({(100 + i, "x"): "y"})
        return (i, str(i)), str(i)


def test_changes_while_updating():
    d = Dict({(1, "a"): "b"})
    d.update(Mischief(d))
    assert d[49, "49"] == "49"


@jitclass([("a", types.int64)])
class Bag:
    def __init__(self, a):
        self.a = a


@pytest.mark.core
def test_values_of_all_kinds():
    a = np.arange(3.0)
    d = Dict({"a": a})
    d["b"] = np.ones(2)
    assert d["a"] is a or np.array_equal(d["a"], a)
    d["a"][0] = 7
    assert a[0] == 7
    nested = Dict({1: Dict({2: 3})})
    nested[1][5] = 6
    assert nested == {1: {2: 3, 5: 6}}
    assert Dict({1: {2: 3}})[1] == {2: 3}
    assert Dict({1: [2, 3]})[1] == List([2, 3])
    assert Dict({1: {2, 3}})[1] == Set([2, 3])
    assert List([{1: 2}])[0] == {1: 2}
    bags = Dict({"x": Bag(4)})
    bags["x"].a += 1
    assert bags["x"].a == 5

    @njit
    def total(bags):
        n = 0
        for bag in bags.values():
            bag.a *= 2
            n += bag.a
        return n

    assert total(bags) == 10 and bags["x"].a == 10


def test_shared_by_reference():
    @njit
    def same(d):
        d["new"] = 1.0
        return d

    d = Dict({"a": 0.5})
    e = same(d)
    e["more"] = 2.0
    assert d == e == {"a": 0.5, "new": 1.0, "more": 2.0}

    @njit
    def same_set(s):
        s.add(5)
        return s

    s = Set([1])
    t = same_set(s)
    t.add(7)
    assert s == t == {1, 5, 7}


@njit
def made(n):
    d = {}
    for i in range(n):
        d[i] = i * 0.5
    e = Dict.empty(types.int64, types.unicode_type)
    e[1] = "x"
    f = Dict()
    f["k"] = 1
    g = Dict([(1, 2.5), (2, 3.5)])
    h = Dict(d)
    h[100] = 1.0
    s = Set()
    s.add(3)
    t = Set.empty(types.float64)
    u = Set([1, 1, 2])
    return d, e, f, g, h, s, t, u


@pytest.mark.core
def test_made_by_compiled_code():
    d, e, f, g, h, s, t, u = made(3)
    assert all(isinstance(x, Dict) for x in (d, e, f, g, h)) and all(isinstance(x, Set) for x in (s, t, u))
    assert d == {0: 0.0, 1: 0.5, 2: 1.0} and e == {1: "x"} and f == {"k": 1} and g == {1: 2.5, 2: 3.5}
    assert h == {**d, 100: 1.0} and s == {3} and t == set() and u == {1, 2}
    assert d._numba_type_ is types.DictType(types.int64, types.float64)
    assert t._numba_type_ is types.SetType(types.float64)


def test_isinstance():
    @njit
    def kinds(d, s):
        return isinstance(d, Dict), isinstance(d, dict), isinstance(s, Set), isinstance(s, set)

    assert kinds(Dict({1: 2}), Set([1])) == (True, True, True, False)


def test_explicit_signature():
    @njit("int64(DictType(int64, int64))")
    def first(d):
        return d[1]

    assert first(Dict({1: 2})) == 2
    with pytest.raises(TypeError):
        first(Dict({1.5: 2}))


@pytest.mark.core
@pytest.mark.parametrize("operation", ["or_", "and_", "sub", "xor", "eq", "ne", "lt", "le", "gt", "ge"])
def test_set_operators(operation):
    operation = getattr(operator, operation)
    values = [[1, 2, 3], [3, 4], [1, 2]]
    for x, y in itertools.product(values, values):
        expected = operation(set(x), set(y))
        assert operation(Set(x), Set(y)) == expected
        assert operation(Set(x), set(y)) == expected
        assert operation(set(x), Set(y)) == expected


@pytest.mark.parametrize("name", ["ior", "iand", "isub", "ixor"])
def test_set_in_place(name):
    s = t = Set([1, 2, 3])
    plain = {1, 2, 3}
    s = getattr(operator, name)(s, Set([3, 4]))
    assert s is t and s == getattr(operator, name)(plain, {3, 4})


@pytest.mark.parametrize(
    "operation",
    [
        lambda s: s.remove(1),
        lambda s: s.remove(9),
        lambda s: s.discard(9),
        lambda s: s.update([1, 7], {8}),
        lambda s: s.union([1, 7], (8,)),
        lambda s: s.intersection([1, 7]),
        lambda s: s.difference([1, 7]),
        lambda s: s.symmetric_difference([1, 7]),
        lambda s: s.intersection_update([1, 7]),
        lambda s: s.difference_update([1, 7]),
        lambda s: s.symmetric_difference_update([1, 7]),
        lambda s: s.issubset(range(5)),
        lambda s: s.issuperset([1]),
        lambda s: s.isdisjoint([8]),
        lambda s: s.clear(),
        lambda s: s.copy(),
        lambda s: s | 3,
    ],
)
def test_set_methods(operation):
    def outcome(s):
        try:
            return operation(s), set(s)
        except (KeyError, TypeError) as error:
            return type(error), set(s)

    assert outcome(Set([1, 2, 3])) == outcome({1, 2, 3})


def test_sets_in_compiled_code():
    @njit
    def f(s, t):
        u = s.copy()
        u |= t
        return len(s & t), 3 in s, u, s == t, s != t, s.issubset(u)

    s, t = Set([1, 2, 3]), Set([3, 4])
    assert f(s, t) == (1, True, {1, 2, 3, 4}, False, True, True)
    assert isinstance(f(s, t)[2], Set) and s == {1, 2, 3}


def test_without_compilation(monkeypatch):
    monkeypatch.setattr("naja.config.DISABLE_JIT", True)
    assert type(Dict()) is dict and type(Dict.empty(types.int64, types.int64)) is dict
    assert type(Set()) is set and type(Set.empty(types.int64)) is set


def test_strings_of_fixed_length_are_kept_as_str_and_bytes():
    assert types.DictType(types.UnicodeCharSeq(3), types.intp) == types.DictType(
        types.unicode_type, types.intp
    )
    places = Dict.empty(types.UnicodeCharSeq(3), types.intp)
    counts = Dict.empty(types.Tuple((types.CharSeq(2), types.intp)), types.UnicodeCharSeq(1))

    @njit
    def number(places, names):
        for i, name in enumerate(names):
            places[name] = i
        return places["ä"]

    @njit
    def note(counts, names):
        for i, name in enumerate(names):
            counts[name, i] = str(i)

    assert number(places, np.array(["abc", "ä", ""])) == 1
    assert dict(places) == {"abc": 0, "ä": 1, "": 2}
    note(counts, np.array([b"x", b"yz"]))
    assert dict(counts) == {(b"x", 0): "0", (b"yz", 1): "1"}
    assert types.ListType(types.CharSeq(4)).dtype == types.bytes_


def test_keys_of_a_fixed_type_are_converted_in_callees():
    """A dict of a caller's that does not widen: the callee must not wait for that."""

    @njit
    def put(d):
        d[1] = 12.0
        d[2] = 14

    @njit
    def inner():
        d = Dict.empty(types.int32, types.float64)

        def bar():
            d[1] = 12.0

        bar()
        return list(d.keys())

    @njit
    def outer():
        d = Dict.empty(types.int32, types.float64)
        put(d)
        return d

    assert inner() == [1]
    assert dict(outer()) == {1: 12.0, 2: 14.0}


def test_tuples_as_keys_are_converted_item_by_item():
    d = Dict.empty(types.Tuple([types.uint32, types.float64]), types.int64)
    d[(1, 2)] = 5
    assert d[(1, 2.0)] == 5 and d.get((1, 2)) == 5 and (1, 2) in d
    with pytest.raises(OverflowError):
        d[(-1, 2)] = 3
    with pytest.raises(TypingError):
        d[("a", 2)] = 3
