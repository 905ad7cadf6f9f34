"""Built-in functions and the functions of operator, heapq, bisect, functools and itertools, against Python's own."""

import bisect
import functools
import heapq
import itertools
import operator
import random
from collections import namedtuple

import numpy as np
import pytest
from leaks import check_outcome

from naja import njit, types
from naja.errors import TypingError

Point = namedtuple("Point", "x y")
NoneType = type(None)
Sub = namedtuple("Sub", "x")


def check(f, *args):
    """Compiled and interpreted calls give the same value, or the same exception."""
    try:
        expected = f(*args)
    except Exception as error:
        with pytest.raises(type(error)) as caught:
            njit(f)(*args)
        assert str(caught.value) == str(error)
        return
    got = njit(f)(*args)
    assert got == expected
    assert type(got) is type(expected) or isinstance(expected, np.generic)


# ---- introspection -----------------------------------------------------------------------------------------------------

VALUES = [
    1,
    True,
    2.5,
    1j,
    "s",
    (1, 2),
    (1, "a"),
    [1],
    None,
    np.ones(2),
    np.int8(1),
    np.float32(1),
    Point(1, 2),
    range,
]
CLASSES = [
    int,
    bool,
    float,
    complex,
    str,
    tuple,
    list,
    type(None),
    np.ndarray,
    range,
    np.int8,
    np.float32,
    Point,
    Sub,
    object,
]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda c: c.__name__)
def test_isinstance(cls):
    f = njit(lambda x: isinstance(x, cls))
    for x in VALUES[:-1]:
        assert f(x) == isinstance(x, cls), (x, cls)


@pytest.mark.core
def test_isinstance_prunes_branches():
    def f(x):
        if isinstance(x, str):
            return len(x + "abc")
        if isinstance(x, (tuple, list)):
            return len(x)
        return x + 1

    for x in ("ab", (1, "a"), [1, 2], 3):
        check(f, x)


def test_isinstance_of_optional():
    @njit
    def f(x, flag):
        y = x if flag else None
        return isinstance(y, float), isinstance(y, NoneType), isinstance(y, str)

    assert f(1.5, True) == (True, False, False)
    assert f(1.5, False) == (False, True, False)


def test_isinstance_errors():
    with pytest.raises(TypingError, match="Cannot infer Numba type of Python type"):
        njit(lambda x: isinstance(x, "int"))(1)
    with pytest.raises(TypingError, match="Numba type classes.*are not supported"):
        njit(lambda x: isinstance(x, types.Integer))(1)


@pytest.mark.core
def test_getattr_and_hasattr():
    check(lambda x: getattr(x, "x") + getattr(x, "y"), Point(1, 2))  # noqa: B009
    check(lambda x: getattr(x, "z", 5), Point(1, 2))
    check(lambda x: getattr(x, "upper")(), "abc")  # noqa: B009
    check(lambda x: (hasattr(x, "real"), hasattr(x, "upper")), 1.0)
    check(lambda x: getattr(x, "real", 3), 4.0)
    with pytest.raises(AttributeError, match="'float64' has no attribute 'nothing'"):
        njit(lambda x: getattr(x, "nothing"))(1.0)  # noqa: B009
    with pytest.raises(TypingError, match="argument 'name' must be a literal string"):
        njit(lambda x, name: getattr(x, name))(1.0, "real")


def test_hasattr_decides_branches():
    def f(x):
        if hasattr(x, "shape"):
            return x.shape[0]
        return x

    assert njit(f)(np.ones(4)) == 4
    assert njit(f)(7) == 7


def test_callable():
    check(lambda x: (callable(x), callable(abs), callable(lambda: 1)), 1)


# ---- min, max, sorted, reversed ----------------------------------------------------------------------------------------


@pytest.mark.core
def test_min_max():
    check(lambda a: (min(a), max(a)), [3, 1, 2])
    check(lambda a: (min(a, key=abs), max(a, key=abs)), [3, -1, 2, -3])
    check(lambda a: (min(a, default=7), max(a, default=-1)), [3, 1])
    check(lambda n: (min((i for i in range(n)), default=7), max((i * i for i in range(n)), default=-1)), 0)
    check(lambda n: min(i * i - 3 * i for i in range(n)), 5)
    check(lambda n: max([i for i in range(n)], key=lambda x: -x, default=9), 0)
    check(lambda a, b: (min(a, b), max(a, b)), "b", "a")
    check(lambda a, b: (min(a, b), max(a, b)), (1, 2), (1, 1))
    check(lambda a, b, c: max(a, b, c, key=lambda x: x * x), 1, -3, 2)
    with pytest.raises(ValueError, match="min\\(\\)"):
        njit(lambda n: min([i for i in range(n)]))(0)
    check(lambda n: max([i for i in range(n)], key=abs), 0)


@pytest.mark.parametrize("n", [0, 1, 2, 7, 8, 9, 16, 17, 100, 1000])
@pytest.mark.parametrize("reverse", [False, True])
def test_sorted_is_stable(n, reverse):
    rng = random.Random(n)
    a = [(rng.randrange(10), i) for i in range(n)]
    f = njit(lambda a, reverse: sorted(a, key=lambda x: x[0], reverse=reverse))
    g = njit(lambda a, reverse: sorted(a, reverse=reverse))
    if n:
        assert f(a, reverse) == sorted(a, key=lambda x: x[0], reverse=reverse)
        assert g(a, reverse) == sorted(a, reverse=reverse)
    values = [rng.random() for _ in range(n)] or [0.0]
    assert g(values, reverse) == sorted(values, reverse=reverse)


def test_sorting_everything_iterable():
    check(lambda a: sorted(a), (3, 1, 2))
    check(lambda a: sorted(a), "hello")
    check(lambda a: sorted(a, key=lambda s: (len(s), s)), ["bb", "a", "ccc", "aa"])
    check(lambda n: sorted(i * 7 % 5 for i in range(n)), 5)
    assert njit(lambda a: sorted(a))(np.array([2.0, 1.0])) == [1.0, 2.0]

    def f(a):
        a.sort(key=lambda x: -x)
        b = list(a)
        a.sort()
        b.sort(reverse=True)
        return a, b

    check(f, [3, 1, 2])


def test_sorted_keeps_list_when_the_key_raises():
    def key(x):
        if x == 2:
            raise ValueError("two")
        return x

    compiled = njit(key)

    @njit
    def f(a):
        a.sort(key=compiled)

    a = [3, 1, 2]
    with pytest.raises(ValueError, match="two"):
        f(a)
    assert a == [3, 1, 2]


def test_reversed_of_a_list_that_gets_shorter():
    def work(a):
        seen = []
        for x in reversed(a):
            seen.append(x)
            a.pop()
            a.pop()
        return seen, a

    for a in ([1, 2, 3, 4, 5, 6], [1, 2]):
        assert njit(work)(list(a)) == work(list(a))


def test_reversed():
    check(lambda a: [x for x in reversed(a)], [1, 2, 3])  # noqa: C416
    check(lambda a: [x for x in reversed(a)], "abc")  # noqa: C416
    check(lambda a: [x for x in reversed(a)], (1, 2, 3))  # noqa: C416
    assert njit(lambda a: [x for x in reversed(a)])(np.arange(3)) == [2, 1, 0]  # noqa: C416


# ---- heapq and bisect --------------------------------------------------------------------------------------------------


@pytest.mark.core
def test_heaps_are_those_of_python():
    def f(a, more):
        heapq.heapify(a)
        out = [a[0]]
        for x in more:
            heapq.heappush(a, x)
            out.append(heapq.heappushpop(a, x + 1))
            out.append(heapq.heapreplace(a, x - 1))
        heap = list(a)
        while a:
            out.append(heapq.heappop(a))
        return out, heap

    rng = random.Random(1)
    for n in (1, 2, 5, 50):
        a, more = [rng.randrange(30) for _ in range(n)], [rng.randrange(30) for _ in range(n)]
        assert njit(f)(list(a), list(more)) == f(list(a), list(more))


def test_heap_of_tuples_and_errors():
    def f(a):
        heapq.heapify(a)
        heapq.heappush(a, (0, 2.5))
        return heapq.heappop(a), heapq.nsmallest(2, a), heapq.nlargest(2, a, key=lambda t: -t[1])

    check(f, [(3, 1.0), (1, 2.0), (2, 3.0)])

    def empty(a):
        a.pop()
        return heapq.heappop(a)

    with pytest.raises(IndexError, match="index out of range"):
        njit(empty)([1])
    with pytest.raises(TypingError, match="heap argument must be a list"):
        njit(lambda a: heapq.heapify(a))((1, 2))
    with pytest.raises(TypingError, match="First argument 'n' must be an integer"):
        njit(lambda a: heapq.nsmallest(1.5, a))([1])


def test_bisect():
    a = [1, 2, 2, 2, 5]
    f = njit(lambda a, x: (bisect.bisect_left(a, x), bisect.bisect_right(a, x), bisect.bisect(a, x)))
    for x in range(7):
        assert f(a, x) == (bisect.bisect_left(a, x), bisect.bisect_right(a, x), bisect.bisect(a, x))
    assert njit(lambda a: bisect.bisect_left(a, 2.0, 1, 3))(np.array(a, float)) == 1

    def insert(a, x):
        bisect.insort(a, x)
        bisect.insort_left(a, x)
        return a

    check(insert, [1, 4], 2)
    check(lambda a: bisect.bisect(a, 1, -1), [1, 2])
    check(lambda a: bisect.bisect_left(a, 4, key=lambda x: x * x), [1, 2, 3])


# ---- operator and functools --------------------------------------------------------------------------------------------


def test_operator_functions():
    check(
        lambda a, b: (operator.contains(a, b), operator.countOf(a, b), operator.indexOf(a, b)), (1, 2, 2), 2
    )
    check(lambda a, b: operator.indexOf(a, b), (1, 2), 3)
    check(lambda a, b: operator.concat(a, b), [1], [2])
    check(lambda a: (operator.inv(a), operator.length_hint([a])), 3)
    check(lambda a, b: (operator.iadd(a, b), operator.imul(a, b), operator.ipow(a, b)), 3, 4)
    check(lambda a, b: (operator.ifloordiv(a, b), operator.imod(a, b), operator.ixor(a, b)), 30, 4)
    check(lambda a: (operator.itemgetter(1)(a), operator.itemgetter(0, 2)(a)), (1, "a", 2.5))
    check(lambda a: operator.attrgetter("y")(a), Point(1, 2))
    check(lambda a: operator.methodcaller("count", "a")(a), "banana")
    check(lambda a: sorted(a, key=operator.itemgetter(1)), [(1, 3), (2, 1)])


@pytest.mark.parametrize("symbol", ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow"])
def test_operators_in_place_as_functions(symbol):
    function = getattr(operator, "i" + symbol)

    def change(a, b):
        c = function(a, b)
        return a, c

    for a, b in ((np.array([7.0, -2.5, 9.0]), np.array([2.0, 3.0, -4.0])), (np.eye(2) + 1, 3.0)):
        want, got = change(a.copy(), b), njit(change)(a.copy(), b)
        np.testing.assert_array_equal(got, want)
    if symbol != "truediv":
        np.testing.assert_array_equal(njit(change)(np.array([7, 8]), 3), change(np.array([7, 8]), 3))


@pytest.mark.parametrize("symbol", ["lshift", "rshift", "and", "or", "xor"])
def test_bitwise_operators_in_place_as_functions(symbol):
    function = getattr(operator, "i" + symbol)
    a, b = np.array([7, 12, -3]), np.array([2, 3, 1])
    np.testing.assert_array_equal(njit(lambda a, b: function(a, b))(a.copy(), b), function(a.copy(), b))

    def in_place(a, b):
        operator.iadd(a, b)
        return a

    check(in_place, [1], [2])


def test_partial():
    check(lambda x: functools.partial(operator.sub, 10)(x), 3)

    def f(x):
        def g(a, b, c=1):
            return a * 100 + b * 10 + c

        h = functools.partial(g, x, c=7)
        return h(5), functools.partial(g, 1)(2, 3)

    check(f, 3)


# ---- itertools ---------------------------------------------------------------------------------------------------------


@pytest.mark.core
def test_itertools():
    check(lambda n: [x for x, _ in zip(itertools.count(3, 2), range(n))], 4)
    check(lambda n: list(itertools.islice(itertools.count(2), n)), 4)
    check(lambda a: list(itertools.islice(a, 1, None, 2)), [1, 2, 3, 4, 5])
    check(lambda a: list(itertools.islice(a, 1, 3)), [1, 2, 3, 4, 5])
    check(lambda a: list(itertools.islice(itertools.cycle(a), 7)), [1, 2, 3])
    check(lambda a: list(itertools.chain(a, a, a)), [1, 2])
    check(lambda a: list(itertools.repeat(a, 3)), 2.5)
    check(lambda a: list(itertools.accumulate(a)), [1, 2, 3])
    check(lambda a: list(itertools.accumulate(a, operator.mul, initial=2)), [1, 2, 3])
    check(lambda a: list(itertools.takewhile(lambda x: x < 3, a)), [1, 2, 3, 1])
    check(lambda a: list(itertools.dropwhile(lambda x: x < 3, a)), [1, 2, 3, 1])
    check(lambda a: list(itertools.filterfalse(lambda x: x < 3, a)), [1, 2, 3, 1])
    check(lambda a: list(itertools.compress(a, [True, False, True])), [1, 2, 3])
    check(lambda a: list(itertools.starmap(operator.sub, a)), [(1, 2), (5, 3)])
    check(lambda a: list(itertools.pairwise(a)), [1, 2, 3])
    check(lambda a: list(itertools.product(a, [4, 5])), [1, 2])
    check(lambda a: list(itertools.product(a, repeat=3)), [0, 1])
    check(lambda a: list(itertools.combinations(a, 2)), [1, 2, 3, 4])
    check(lambda a: list(itertools.combinations_with_replacement(a, 3)), [1, 2, 3])
    check(lambda a: list(itertools.permutations(a, 3)), [1, 2, 3, 4])
    check(lambda a: list(itertools.zip_longest(a, [1], fillvalue=0)), [5, 6, 7])


def _pairs(a):
    x, y = itertools.tee(a)
    next(y)
    return list(zip(x, y))


def test_tee():
    check(_pairs, [1, 2, 3])
    check(lambda a: [list(x) for x in itertools.tee(a, 3)], [1, 2, 3])


@pytest.mark.parametrize(
    "f", [itertools.combinations, itertools.combinations_with_replacement, itertools.permutations]
)
def test_choices_of_a_length_known_at_run_time(f):
    """Lists, since the length of a tuple is known at compile time."""
    g = njit(lambda a, r: [[x for x in c] for c in f(a, r)])
    for n in range(5):
        for r in range(6):
            assert g([10 * k for k in range(n + 1)][: n or 1], r) == [
                list(c) for c in f([10 * k for k in range(n + 1)][: n or 1], r)
            ]
    with pytest.raises(ValueError, match="r must be non-negative"):
        g([1, 2], -1)


def test_permutations_of_everything():
    check(lambda a: [list(p) for p in itertools.permutations(a)], [1, 2, 3, 4])
    check(lambda a, b, c: list(itertools.permutations((a, b, c))), 1, 2, 3)
    check(lambda n: max(itertools.permutations(range(n)), key=lambda p: p[0] - p[1])[0], 4)


def test_islice_of_nothing_takes_nothing():
    def f(a):
        rest = iter(a)
        first = list(itertools.islice(rest, 2))
        return first, list(rest)

    check(f, [1, 2, 3, 4])
    check(lambda a: list(itertools.islice(a, -1)), [1])


def test_zip_strict():
    check(lambda a, b: list(zip(a, b, strict=True)), [1, 2], [3.5, 4.5])
    check(lambda a, b: list(zip(a, b, strict=True)), [1, 2], [3])
    check(lambda a, b: list(zip(a, a, b, strict=True)), [1, 2], [3, 4, 5])
    check(lambda a, b: list(zip(a, b, strict=False)), [1, 2], [3])


# ---- ranges, slices, namedtuples ---------------------------------------------------------------------------------------


def test_ranges():
    for args in ((5,), (2, 9, 3), (9, 2, -3), (0,), (-5, 5, 2)):
        r = range(*args)
        for x in range(-7, 11):
            check(
                lambda a, b, c, x: (x in range(a, b, c), x not in range(a, b, c)), r.start, r.stop, r.step, x
            )
    check(lambda n: (range(n) == range(0, n, 1), range(n) != range(1, n), range(0) == range(3, 3)), 4)
    check(lambda n: range(1, n).index(3) + range(n).count(2), 5)
    check(lambda n: range(1, n).index(30), 5)
    check(lambda n: [x for x in range(n)[1:6:2]], 9)  # noqa: C416
    check(lambda n: [x for x in range(n, 0, -2)[::-1]], 9)  # noqa: C416
    check(lambda x: x in range(5), 2.5)
    check(lambda x: x in range(5), 3.0)


def test_parts_of_slices():
    check(lambda a, b: (slice(a, b).start, slice(a, b).stop, slice(a, b).step), 1, 5)
    check(lambda a, b: (slice(a, None, b).stop is None, slice(a, None, b).step), 1, 5)
    f = njit(lambda s: (s.start, s.stop, s.step))
    for s in (slice(1, 2), slice(None, 3, -1), slice(4)):
        assert f(s) == (s.start, s.stop, s.step)


def test_namedtuple_fields_and_replace():
    check(lambda p: (p._fields, p._replace(x=5), p._replace(y=2.5, x=1)), Point(1, 2))
    with pytest.raises(TypingError, match="unexpected field names: \\['z'\\]"):
        njit(lambda p: p._replace(z=1))(Point(1, 2))


@pytest.mark.parametrize("shape", [(3, 4), (1, 2), (2, 3, 2), (0, 3)])
def test_sum_of_rows(shape):
    @njit
    def f(a, start):
        return sum(a, start)

    @njit
    def g(a):
        return sum(a)

    a = np.arange(np.prod(shape), dtype=np.float64).reshape(shape)
    start = np.ones(shape[1:])
    np.testing.assert_array_equal(f(a, start), sum(a, start))
    if shape[0]:
        np.testing.assert_array_equal(f(a, 2.5), sum(a, 2.5))
        np.testing.assert_array_equal(g(a), sum(a))
    else:
        with pytest.raises(ValueError, match="without rows"):
            g(a)


def test_sum_of_other_things():
    def lists(rows):
        return sum(rows, []), sum([rows[1], rows[0]], [0])

    def tuples(n):
        return sum(((1,), (n, 2.5)), ()), sum((1, n, 2.5)), sum(())

    def arrays(a):
        return sum([a, a]).tolist(), sum((a, a), a).tolist(), sum([a], 0.5).tolist()

    def generators(n):
        return sum(x for x in range(n)), sum((x * 0.5 for x in range(n)), 3)

    def texts(s):
        return sum([s, s], "")

    check_outcome(lists, [[1], [2, 3]])
    check_outcome(tuples, 4)
    check_outcome(arrays, np.arange(3.0))
    check_outcome(generators, 4)
    check_outcome(texts, "x")


def test_sorted_tuples():
    def work(n):
        return (
            sorted(()),
            sorted((3, n, 2)),
            sorted((3, n, 2), key=lambda x: -x),
            sorted(("b", "a"), reverse=True),
        )

    check_outcome(work, 7)


def test_methods_looked_up_in_their_class():
    def work(words, a):
        numbers = [3, 1]
        list.append(numbers, 5)
        return (
            sorted(words, key=str.lower),
            list(map(str.upper, words)),
            str.join(",", words),
            str.split("a b"),
            max(words, key=str.lower),
            dict.get({1: 2}, 1),
            float.is_integer(2.0),
            numbers,
            float(np.ndarray.sum(a)),
        )

    check_outcome(work, ["b", "A", "C"], np.arange(3.0))

    @njit
    def wrong():
        return str.lower(5)

    with pytest.raises(TypingError, match="Unknown attribute 'lower' of type int64"):
        wrong()


def test_groupby():
    def work(numbers, text):
        counts = []
        for key, group in itertools.groupby(numbers):
            counts.append((key, len(list(group))))
        sums = [(key, sum(group)) for key, group in itertools.groupby(numbers, lambda x: x % 2)]
        return counts, sums, "".join([k + str(len(list(g))) for k, g in itertools.groupby(text)])

    check_outcome(work, [1, 1, 2, 2, 1], "aabbbc")
    check_outcome(work, [7], "")


def test_chain_from_iterable():
    def work(n):
        chain = itertools.chain.from_iterable
        return list(chain([[1, 2], [n]])), list(chain(["ab", "c"])), list(chain([x, x + 1] for x in range(n)))

    check_outcome(work, 3)
