"""collections.deque, Counter and defaultdict in compiled code, as CPython has them."""

import collections
import copy
import gc
from collections import Counter, OrderedDict, defaultdict, deque

import numpy as np
import pytest
from differential import outcome

from naja import _core, njit
from naja.errors import TypingError

pytestmark = pytest.mark.usefixtures("no_leaks")


def ends():
    d = deque()
    for i in range(10):
        d.append(i)
    for i in range(3):
        d.appendleft(-i)
    a = d.popleft()
    b = d.pop()
    d.rotate(2)
    d.rotate(-1)
    return a, b, len(d), list(d), d[0], d[-1], d[3], 4 in d, d.count(4), d.index(4)


def bfs(n):
    g = {i: [(i * 2) % n, (i * 3 + 1) % n] for i in range(n)}
    q = deque([0])
    seen = {0}
    order = []
    while q:
        u = q.popleft()
        order.append(u)
        for v in g[u]:
            if v not in seen:
                seen.add(v)
                q.append(v)
    return order


def bounded(n):
    d = deque(maxlen=3)
    out = []
    for i in range(n):
        d.append(i)
        out.append(sum(d))
    return out, d.maxlen, d


def returned():
    return deque([1, 2, 3])


def of_text():
    return deque("abc", maxlen=2)


def operations():
    d = deque([1, 2, 3])
    e = d.copy()
    e.extendleft([7, 8])
    e.reverse()
    e.insert(1, 99)
    e.remove(3)
    del e[0]
    e[0] = -5
    f = d + e
    d += deque([9])
    return d, e, f, d == deque([1, 2, 3, 9]), d < e, list(reversed(d)), f * 2


def pairs():
    q = deque([(0, 0)])
    s = 0
    seen = set()
    while len(q) > 0:
        x, y = q.popleft()
        if (x, y) in seen or x > 4 or y > 4:
            continue
        seen.add((x, y))
        s += x * y
        q.append((x + 1, y))
        q.append((x, y + 1))
    return s, len(seen)


def pop_of_empty():
    d = deque([1])
    d.pop()
    d.pop()


def out_of_range():
    d = deque([1])
    return d[5]


def changed_in_loop():
    d = deque([1, 2])
    for x in d:
        d.append(x)


def shown():
    return repr(deque([1, 2])), str(deque([1.5], maxlen=4)), f"{deque(['a'])}"


def words_at_ends():
    d = deque(["a"])
    d.append("b" + "c")
    d.appendleft("z")
    return " ".join(d)


def of_arrays(n):
    d = deque()
    for i in range(n):
        d.append(np.arange(i))
    return sum([a.sum() for a in d])


def window(a, k):
    dq = deque()
    out = []
    for i in range(len(a)):
        while dq and a[dq[-1]] <= a[i]:
            dq.pop()
        dq.append(i)
        if dq[0] <= i - k:
            dq.popleft()
        if i >= k - 1:
            out.append(a[dq[0]])
    return out


def letters(s):
    c = Counter(s)
    return c["a"], c["zz"], len(c), c.most_common(1), c.total(), sorted(c.items()), c


def counted_by_hand(a):
    c = Counter()
    for x in a:
        c[x] += 1
    return c.most_common(), sorted(c), sum(c.values())


def arithmetic():
    a = Counter([1, 1, 2, 3])
    b = Counter([1, 2, 2, 5])
    return a + b, a - b, a | b, a & b, a == b, a <= a + b, sorted(a.elements()), -(a - b), +a


def updated():
    a = Counter("hello")
    a.update("world")
    a.subtract("l")
    del a["h"]
    return sorted(a.items()), "h" in a, a.get("o", 5)


def most_common_words(text):
    c = Counter(text.lower().split())
    return [w for w, _ in c.most_common(3)]


def default_int(s):
    d = defaultdict(int)
    for ch in s:
        d[ch] += 1
    return sorted(d.items()), len(d), d["q"], "q" in d, d


def default_list(n):
    d = defaultdict(list)
    for i in range(n):
        d[i % 3].append(i)
    return d[0], sorted(d.keys()), len(d[7]), d


def default_float(n):
    d = defaultdict(float)
    for i in range(n):
        d[(i % 2, i % 3)] += i * 0.5
    return sorted(d.items())


def default_set(n):
    d = defaultdict(set)
    for i in range(n):
        d[i % 3].add(i * i % 7)
    return sorted([(k, len(v)) for k, v in d.items()])


def default_of_lambda():
    d = defaultdict(lambda: 7)
    d["a"] += 1
    return d["a"], d["b"]


def graph(edges):
    g = defaultdict(list)
    for u, v in edges:
        g[u].append(v)
        g[v].append(u)
    seen = set()
    n = 0
    for s in list(g):
        if s in seen:
            continue
        n += 1
        q = deque([s])
        seen.add(s)
        while q:
            u = q.popleft()
            for v in g[u]:
                if v not in seen:
                    seen.add(v)
                    q.append(v)
    return n


CASES = [
    (ends, ()),
    (bfs, (11,)),
    (bounded, (6,)),
    (returned, ()),
    (of_text, ()),
    (operations, ()),
    (pairs, ()),
    (pop_of_empty, ()),
    (out_of_range, ()),
    (changed_in_loop, ()),
    (shown, ()),
    (words_at_ends, ()),
    (of_arrays, (4,)),
    (
        window,
        (
            np.array([1, 3, -1, -3, 5, 3, 6, 7]),
            3,
        ),
    ),
    (letters, ("abracadabra",)),
    (counted_by_hand, (np.array([3, 1, 3, 2]),)),
    (arithmetic, ()),
    (updated, ()),
    (most_common_words, ("the cat the dog a cat the",)),
    (default_int, ("abca",)),
    (default_list, (10,)),
    (default_float, (9,)),
    (default_set, (12,)),
    (default_of_lambda, ()),
    (graph, ([(1, 2), (2, 3), (5, 6)],)),
]


def plain(x):
    """Without the classes of NumPy's numbers, which compiled code does not have."""
    if isinstance(x, tuple):
        return tuple(map(plain, x))
    if type(x) is list:
        return list(map(plain, x))
    return x.item() if isinstance(x, np.generic) else x


@pytest.mark.core
@pytest.mark.parametrize("function, args", CASES, ids=lambda x: getattr(x, "__name__", ""))
def test_as_interpreted(function, args):
    compiled = njit(function)
    want, got = outcome(function, *copy.deepcopy(args)), outcome(compiled, *copy.deepcopy(args))
    assert got[0] == want[0]
    assert repr(tuple(map(plain, got[1:]))) == repr(tuple(map(plain, want[1:])))
    gc.collect()
    before = _core.block_count()
    outcome(compiled, *copy.deepcopy(args))
    gc.collect()
    assert _core.block_count() == before


def test_more_of_deque():
    @njit
    def work(n):
        d = deque(range(n))
        d.rotate(3)
        d.rotate(-2)
        a = list(d)
        d.clear()
        d.append(7)
        return a, len(d), bool(d), d.index(7), d.maxlen is None, d.copy() is not None

    d = deque(range(6))
    d.rotate(1)
    assert work(6) == (list(d), 1, True, 0, True, True)


def test_errors():
    @njit
    def index(x):
        return deque([1, 2]).index(x)

    @njit
    def remove(x):
        deque([1, 2]).remove(x)

    @njit
    def full(n):
        d = deque([1, 2], maxlen=n)
        d.insert(0, 3)

    @njit
    def no_factory():
        return defaultdict()

    with pytest.raises(ValueError, match="value is not in deque"):
        index(3)
    with pytest.raises(ValueError, match="x not in deque"):
        remove(3)
    with pytest.raises(IndexError, match="already at its maximum size"):
        full(2)
    with pytest.raises(ValueError, match="maxlen must be non-negative"):
        full(-1)
    with pytest.raises(TypingError, match="needs a function that makes its values"):
        no_factory()
    with pytest.raises(TypingError, match=r"pass dict\(x\)"):
        index(type("Mapping", (dict,), {})(a=1))


def test_long_queues_do_not_move_items_twice():
    @njit
    def work(n):
        d, total = deque(), 0
        for i in range(n):
            d.append(i)
            d.append(-i)
            total += d.popleft()
        while d:
            total += d.pop() if len(d) % 2 else d.popleft()
        return total

    assert work(20000) == 0


def test_given_to_python():
    @njit
    def work(n):
        groups, count = defaultdict(list), Counter()
        for i in range(n):
            groups[i % 2].append(i)
            count[i % 3] += 1
        return groups, count, deque([(1, 2.0)])

    groups, count, queue = work(5)
    assert (
        type(groups) is defaultdict and groups.default_factory is list and groups == {0: [0, 2, 4], 1: [1, 3]}
    )
    assert type(groups[0]) is list
    assert type(count) is Counter and count == collections.Counter([0, 0, 1, 1, 2])
    assert type(queue) is deque and queue == deque([(1, 2.0)])


# ---- as arguments: taken in, and changed behind the call ------------------------------------------------------------------


def change_deque(d):
    d.append(4)
    d.appendleft(0)
    d[1] = 9
    d.rotate(1)
    return len(d), d[-1]


def drain(d):
    total = 0
    while d:
        x = d.popleft()
        total += x
        if x > 1:
            d.append(x // 2)
    return total


def set_item_only(d):
    d[1] = d[0]
    return list(d)


def read_deque(d):
    return d[0], len(d)


def change_counter(c):
    c[5] += 1
    c[99] += 2
    del c[6]
    return c[5], c.most_common(1)


def count_more(c):
    c.update([1, 1, 2])
    return c.total()


def change_default(d):
    d[5] += 1
    d[8] = 3
    return d[7]


def read_default(d):
    return d[5], d[7]


def change_lists(d):
    d[5].append(1)
    d[6].append(2)
    return len(d)


def change_order(d):
    d["z"] = 5
    d.move_to_end("a")
    d.move_to_end("z", last=False)
    return list(d), d == {"a": 1, "b": 2, "z": 5}, len(d)


def several(*args):
    total = 0
    for d in args:
        d.append(total)
        total += len(d)
    return total


@pytest.mark.core
@pytest.mark.parametrize(
    "function, make",
    [
        (change_deque, lambda: [deque([1, 2, 3])]),
        (change_deque, lambda: [deque([1, 2, 3], maxlen=3)]),
        (change_deque, lambda: [deque([1, 2, 3], maxlen=4)]),
        (set_item_only, lambda: [deque([1.5, 2.5])]),
        (drain, lambda: [deque([8, 4])]),
        (drain, lambda: [deque([8, 4], maxlen=1)]),
        (set_item_only, lambda: [deque(["a", "b", "c"])]),
        (set_item_only, lambda: [deque([(1, 2.0), (3, 4.0)])]),
        (read_deque, lambda: [deque([True, False])]),
        (change_counter, lambda: [Counter([5, 5, 6])]),
        (count_more, lambda: [Counter([2])]),
        (change_default, lambda: [defaultdict(int, {5: 2})]),
        (read_default, lambda: [defaultdict(float, {5: 2.5})]),
        (change_lists, lambda: [defaultdict(list, {5: [2]})]),
        (change_order, lambda: [collections.OrderedDict(a=1, b=2)]),
        (several, lambda: [deque([1]), deque([2, 3])]),
        (several, lambda: [deque([1])] * 2),
    ],
)
def test_arguments(function, make):
    compiled, wanted_args, got_args = njit(function), make(), make()
    assert compiled(*got_args) == function(*wanted_args)
    assert got_args == wanted_args
    for got, wanted in zip(got_args, wanted_args, strict=True):
        assert list(got) == list(wanted) and repr(got) == repr(wanted)  # order, classes, maxlen
        kinds = [[type(x) for x in d] for d in (got, wanted)]
        assert kinds[0] == kinds[1]


def test_argument_keeps_its_items():
    items = [(1, 2), (3, 4), (5, 6)]
    d = deque(items)

    @njit
    def f(d):
        d[1] = (7, 8)
        return d[0]

    assert f(d) == (1, 2)
    assert d[0] is items[0] and d[2] is items[2] and d[1] == (7, 8)


def test_argument_of_a_call_that_raises():
    @njit
    def f(d, c):
        d.append(7)
        c[1] += 1
        raise ValueError("late")

    d, c = deque([1]), Counter([1])
    with pytest.raises(ValueError, match="late"):
        f(d, c)
    assert d == deque([1, 7]) and c == Counter([1, 1])


def test_argument_by_keyword_and_back():
    @njit
    def f(d, n=2):
        d.rotate(n)
        return d

    d = deque([1, 2, 3, 4], maxlen=7)
    got = f(d, n=1)
    assert got == d == deque([4, 1, 2, 3]) and type(got) is deque and got.maxlen == 7
    c = njit(lambda c: c)(Counter("aab"))
    assert c == Counter("aab") and type(c) is Counter


@pytest.mark.parametrize("make", [Counter, lambda: defaultdict(int), OrderedDict])
def test_empty_argument(make):
    @njit
    def count(d, key):
        d[key] = d.get(key, 0) + 1
        return len(d)

    for key in ("a", 3):
        d = make()
        assert count(d, key) == 1 and d == {key: 1} and type(d) is type(make())
    assert njit(lambda x: len(x))(make()) == 0


def test_empty_deque():
    with pytest.raises(TypingError, match="cannot determine the type of an empty deque"):
        njit(lambda x: len(x))(deque())


def test_lists_in_a_defaultdict_get_their_type_from_what_is_appended():
    def neighbours(edges):
        adjacent = defaultdict(list)
        for u, v, w in edges:
            adjacent[u].append((v, w))
            adjacent[v].append((u, w))
        total = 0.0
        for v, w in adjacent[0]:
            total += v * w
        return total, adjacent

    edges = [(0, 1, 2.0), (1, 2, 3.5), (0, 2, 1.5)]
    assert njit(neighbours)(edges) == neighbours(edges)


def ordered(xs):
    d = collections.OrderedDict()
    for i, x in enumerate(xs):
        d[x] = i
    d.move_to_end(xs[0])
    order = list(d)
    d.move_to_end(xs[1], last=False)
    first = d.popitem(last=False)
    same = collections.OrderedDict([(1, 2), (3, 4)]) == collections.OrderedDict([(3, 4), (1, 2)])
    return order, first, list(reversed(d)), repr(d), same, d | {7: 8}, repr(collections.OrderedDict())


def cached(keys, capacity):
    cache = collections.OrderedDict()
    hits = 0
    for key in keys:
        if key in cache:
            hits += 1
            cache.move_to_end(key)
        else:
            cache[key] = hits
            if len(cache) > capacity:
                cache.popitem(last=False)
    return hits, cache


def chained(a, b):
    c = collections.ChainMap(a, b)
    c["w"] = 7
    child = c.new_child()
    child["x"] = 9
    del c["w"]
    return (c["x"], c["y"], len(c), "z" in c, sorted(c), c.get("q", -1), c.get("y"), list(c.items()),
            c.parents["x"], child["x"], c["x"])  # fmt: skip


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (ordered, ([3, 1, 2],)),
        (cached, ([1, 2, 3, 1, 4, 1, 2, 5], 3)),
        (chained, ({"x": 1}, {"x": 2, "y": 3})),
    ],
)
def test_ordered_dicts_and_chain_maps(f, args):
    got, want = njit(f)(*args), f(*args)
    assert got == want and list(map(type, got)) == list(map(type, want))


def test_ordered_dicts_and_chain_maps_raise():
    def empty():
        d = collections.OrderedDict()
        d[1] = 2
        d.popitem()
        return d.popitem()

    def not_in_first(a, b):
        del collections.ChainMap(a, b)["y"]

    with pytest.raises(KeyError, match="dictionary is empty"):
        njit(empty)()
    with pytest.raises(KeyError):
        njit(not_in_first)({"x": 1}, {"y": 1})


def test_dict_of_a_mapping():
    """By its keys, also if these are pairs."""

    def keyed(n):
        d, c = defaultdict(int), Counter()
        o = collections.OrderedDict()
        for i in range(n):
            d[i, i + 1] += 5
            c[i, i] += 1
            o[i, -i] = i
        return dict(d), dict(c), dict(o), dict(collections.ChainMap({(1, 2): 3}, {(3, 4): 5}))

    assert njit(keyed)(3) == keyed(3)
