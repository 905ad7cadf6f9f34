"""Lists in compiled code against Python's own."""

import numpy as np
import pytest

from naja import _core, njit, types
from naja.errors import TypingError


def differential(function, *calls):
    """Compiled and interpreted calls agree in result, exception, and what they leave in their arguments."""
    import copy

    compiled = njit(function)
    blocks = _core.block_count()
    for args in calls:
        results = []
        for f in (function, compiled):
            own = copy.deepcopy(args)
            try:
                result = f(*own)
            except Exception as e:
                result = type(e), str(e)
            results.append((result, own))
        np.testing.assert_equal(results[1], results[0])
        assert repr(results[1]) == repr(results[0])
    del results, result, own
    assert _core.block_count() == blocks


def display():
    return [1, 2, 3]


def appended(n):
    a = []
    for i in range(n):
        a.append(i * 1.5)
    return a


def nested(n):
    return [[j * i for j in range(i)] for i in range(n)]


def refined_in_place(n):
    a = [[] for _ in range(n)]
    a[0].append(1.5)
    return a


def of_tuples(n):
    return [(i, i * 0.5) for i in range(n)]


def mixed(flag):
    a = [1] if flag else [2]
    a.append(3)
    return a


def item(a, i):
    a[i] = a[i] + 1
    return a[i]


def grown(a):
    for x in a:
        if len(a) < 10:
            a.append(x)
    return len(a)


def methods():
    a = [1, 2, 3]
    a.extend([4, 5])
    a.insert(0, 9)
    a.insert(-1, 8)
    a.insert(100, 7)
    x, y, z = a.pop(), a.pop(0), a.pop(-2)
    a.remove(2)
    a.reverse()
    a += [3]
    return a, x, y, z, a.count(3), a.index(3), a.index(3, 2), a.copy()


def operators():
    a = [1, 2, 3]
    same = (
        a == [1, 2, 3],
        a != [1, 2, 3],
        a < [1, 3],
        a <= [1, 2, 3],
        a > [1, 2],
        a >= [4],
        2 in a,
        5 not in a,
    )
    return same, a + [4], a * 2, 2 * a, a * -1, list(a), list(range(3))


def slices(a, start, stop, step):
    return a[start:stop:step]


def deleted(a, start, stop, step):
    del a[start:stop:step]
    return a


def deleted_item(a, i):
    del a[i]
    return a


def popped(a, i):
    return a.pop(i)


def of_strings(s):
    a = ["a", s]
    a.append("c" + s)
    return a, s in a, "x" in a, a.index("a")


SLICES = [
    ([0, 1, 2, 3, 4, 5], start, stop, step)
    for start in (-9, -2, 0, 3, 9)
    for stop in (-9, -1, 0, 4, 9)
    for step in (-3, -1, 1, 2, 7, 0)
]


@pytest.mark.core
@pytest.mark.parametrize(
    ("function", "calls"),
    [
        (display, [()]),
        (appended, [(0,), (1,), (100,)]),
        (nested, [(0,), (5,)]),
        (refined_in_place, [(2,)]),
        (of_tuples, [(3,)]),
        (mixed, [(True,), (False,)]),
        (item, [([1, 2, 3], i) for i in (0, 2, -1, -3, 3, -4)]),
        (methods, [()]),
        (operators, [()]),
        (slices, SLICES),
        (deleted, SLICES),
        (deleted_item, [([1, 2, 3], i) for i in (0, -1, 2, 3, -4)]),
        (popped, [([1, 2, 3], i) for i in (0, -1, 2, 3, -4)] + [([1.5], 0)]),
        (of_strings, [("b",), ("\u20ac",), ("",)]),
        (grown, [([1, 2, 3],), ([1.5],)]),
    ],
)
def test_against_python(function, calls):
    differential(function, *calls)


@njit
def put(a, x):
    a.append(x)


@pytest.mark.core
def test_element_type_comes_from_a_callee():
    @njit
    def f():
        a = []
        put(a, 1.5)
        put(a, 2.0)
        return a

    assert f() == [1.5, 2.0]


def test_same_list_comes_back():
    @njit
    def f(a, b):
        a.append(1)
        return b

    x = [5]
    assert f(x, x) is x
    assert x == [5, 1]


def test_inner_lists_keep_their_identity():
    @njit
    def f(a):
        for row in a:
            row.append(0)
        a.append([7])

    one = [1]
    x = [one, one]
    f(x)
    assert x == [[1, 0, 0], [1, 0, 0], [7]]
    assert x[0] is one and x[1] is one


def test_items_that_do_not_change_stay_the_same_objects():
    @njit
    def f(a):
        a[1] = 2.5

    x = [1000.5, 2000.5, 3000.5]
    first, last = x[0], x[2]
    f(x)
    assert x == [1000.5, 2.5, 3000.5]
    assert x[0] is first and x[2] is last


def test_changes_are_seen_after_an_exception():
    @njit
    def f(a):
        a.append(1)
        return a[10]

    x = [0]
    with pytest.raises(IndexError, match="^list index out of range$"):
        f(x)
    assert x == [0, 1]


def test_arrays_in_lists_outlive_the_call():
    @njit
    def f(a):
        return [a, a[1:], a * 2]

    blocks = _core.block_count()
    x = np.arange(3.0)
    result = f(x)
    assert result[0] is x
    np.testing.assert_equal(result, [x, x[1:], x * 2])
    del x
    np.testing.assert_equal(result[1], [1.0, 2.0])
    del result
    assert _core.block_count() == blocks


def test_list_types_print_as_they_do_in_numba():
    assert str(types.List(types.int64)) == "list(int64)"
    assert str(types.List(types.float64, reflected=True)) == "reflected list(float64)"
    assert types.List(types.int64) is types.List(types.int64)


def test_heterogeneous_argument():
    @njit
    def f(a):
        return len(a)

    assert f([1, 2]) == 2
    with pytest.raises(TypeError, match="can't unbox heterogeneous list: int != float"):
        f([1, 2.5])
    blocks = _core.block_count()
    with pytest.raises(TypeError, match="can't unbox heterogeneous list: int != str"):
        f([1, "a"])
    assert _core.block_count() == blocks


def test_wrong_element_is_told():
    @njit
    def f(a):
        a.append("x")

    with pytest.raises(TypingError, match=r"cannot append unicode_type to reflected list\(int64\)"):
        f([1])


def unpacked_range(n):
    a, b, c = range(1, n, 2)
    return a, b, c


def aliased(a):
    b = a
    b += [1]
    b *= 2
    return a, b is a, a is not b


def replaced(a, start, stop, step, new):
    a[start:stop:step] = new
    return a


def as_arrays(a):
    b = [a, a]
    c = np.zeros(len(a))
    c[:] = a
    return (
        np.array(b),
        np.asarray([b, b]),
        np.array(a, np.float32),
        np.sqrt(a),
        np.dot(a, a),
        np.cumsum(b, axis=1),
        c + a,
    )


def ragged(a):
    return np.array([a, a[1:]])


def swapped(a):
    a[0], a[1] = a[1], a[0]
    a[:] = a[::-1]
    return a


@pytest.mark.core
@pytest.mark.parametrize(
    ("function", "calls"),
    [
        (unpacked_range, [(6,), (5,), (3,), (9,)]),
        (aliased, [([5],)]),
        (replaced, [(*args, new) for args in SLICES for new in ([7], [7, 8, 9])]),
        (swapped, [([[1, 2], [3]],)]),
    ],
)
def test_more_against_python(function, calls):
    differential(function, *calls)


@pytest.mark.core
def test_lists_become_arrays():
    f = njit(as_arrays)
    for a in ([1, 2, 3], [0.5], [4]):
        for got, expected in zip(f(a), as_arrays(a), strict=True):
            np.testing.assert_array_equal(got, expected)
    with pytest.raises(ValueError, match="The requested array has an inhomogeneous shape"):
        njit(ragged)([1, 2])


def test_unpacking_counts():
    @njit
    def f(a):
        x, y = a
        return x

    assert f([1, 2]) == 1 and f("ab") == "a"
    with pytest.raises(ValueError, match=r"^too many values to unpack \(expected 2\)$"):
        f([1, 2, 3])
    with pytest.raises(ValueError, match=r"^not enough values to unpack \(expected 2, got 1\)$"):
        f([1])


def test_complex_items_stay_the_same_objects():
    x = [12.5j]
    first = x[0]
    njit(lambda a: len(a))(x)
    assert x[0] is first


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda a: a["x"], "list indices must be integers or slices, not unicode_type"),
        (lambda a: a.pop("x"), "argument for pop must be an integer, not"),
        (lambda a: a.insert("x", 1), "list insert indices must be integers, not"),
        (lambda a: a.index(1, "x"), "start argument for index must be an integer, not"),
        (lambda a: a.index(1, 0, 1.5), "end argument for index must be an integer, not"),
    ],
)
def test_wrong_indices(call, text):
    with pytest.raises(TypingError, match=text):
        njit(call)([1])


def test_heterogeneous_nested_argument():
    with pytest.raises(TypeError, match=r"reflected list\(int64\) != reflected list\(float64\)"):
        njit(lambda a: len(a))([[1], [1.5]])


def mixed_display(x):
    a = ["a", 1, x]
    return "a" in a, "b" in a, 1 in a, 9 in a, len(a), a[1], a


@pytest.mark.core
def test_display_of_different_types():
    assert njit(mixed_display)(2j) == mixed_display(2j)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (
            "a.append(1)",
            r"Cannot mutate a literal list, whose items have different types: LiteralList\(.*\) has no 'append'",
        ),
        ("a[0] = 1", "Cannot mutate a literal list, whose items have different types"),
        ("del a[0]", "Cannot mutate a literal list, whose items have different types"),
        ("a[x]", "Cannot __getitem__ on a literal list"),
        ("a.index(1)", "list.index is unsupported for literal lists"),
    ],
)
def test_display_of_different_types_is_fixed(line, text):
    names = {}
    exec(f"def f(x):\n    a = ['a', 1]\n    {line}", names)
    with pytest.raises(TypingError, match=text):
        njit(names["f"])(0)


def test_a_constant_that_is_no_index_of_a_display():
    """It raises when it is reached, as an index of any list does."""

    @njit
    def work(i):
        try:
            return [1, i, 3][7]
        except IndexError:
            return [1, i, 3][-3] + [4, i][1]

    assert work(5) == work.py_func(5) == 6


def test_items_of_numpy_scalars():
    def double(values):
        values[0] = values[0] * 2
        return values[0] + values[1]

    for values in (
        [np.float64(1.5), 2.5, np.float64(3.5)],
        [1.5, np.float64(2.5)],
        [np.int64(1), 2, np.int64(3)],
        [1, np.int64(2)],
        [np.float32(0.5), np.float32(1.5)],
        [np.int8(1), np.int8(2)],
    ):
        kept, plain = values[1], list(values)
        assert njit(double)(values) == double(plain)
        assert values == plain and values[1] is kept
    with pytest.raises(TypeError, match="heterogeneous list: float != int"):
        njit(double)([1.5, 2])
    with pytest.raises(TypeError, match="heterogeneous list: int != bool"):
        njit(double)([1, True])


def test_literal_lists_count_and_copy():
    def f():
        a = ["a", 1, "a", 2]
        b = a.copy()
        return a.count("a"), a.count(1), a.count(7), b[0], b[3]

    assert njit(f)() == f()


@pytest.mark.core
def test_arrays_of_lists_of_tuples():
    def points(n):
        out = []
        for i in range(n):
            out.append((i, 2.5, i > 0))
        return np.array(out), np.asarray(out, np.float32), np.array([out, out]).T

    for got, want in zip(njit(points)(2), points(2), strict=True):
        assert got.dtype == want.dtype and np.array_equal(got, want)
    assert [a.shape for a in njit(points)(0)] == [(0, 3), (0, 3), (3, 0, 2)]

    @njit
    def ragged(n):
        rows = [[(1, 2)]]
        rows.append([(3, 4)] * n)
        return np.array(rows)

    assert np.array_equal(ragged(1), [[[1, 2]], [[3, 4]]])
    with pytest.raises(ValueError, match="inhomogeneous shape"):
        ragged(2)
