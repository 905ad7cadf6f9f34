"""naja.typed.List: from Python against Python's own list, and shared with compiled code."""

import copy
import itertools
import operator
import pickle

import numpy as np
import pytest

from naja import njit, typeof, types
from naja.errors import TypingError
from naja.typed import List

pytestmark = pytest.mark.usefixtures("no_leaks")


VALUES = [
    [3, 1, 2],
    [2.5, -0.0, 1.5],
    [True, False, True],
    [1j, 2 + 1j],
    ["b", "a", "\u20ac", ""],
    [(1, "a"), (0, "b")],
    [np.int8(3), np.int8(1)],
    [np.float32(0.5), np.float32(0.25)],
    [None, None],
]


@pytest.mark.core
@pytest.mark.parametrize("values", VALUES, ids=lambda v: type(v[0]).__name__)
def test_items_come_back(values):
    a = List(values)
    assert len(a) == len(values)
    assert list(a) == values
    assert a == values and values == a and not a != values
    assert a == List(values)
    assert a[-1] == values[-1]
    assert str(a) == str([x.item() if isinstance(x, np.generic) else x for x in values])
    assert values[0] in a
    assert a.index(values[1]) == values.index(values[1])
    assert a.count(values[0]) == values.count(values[0])
    assert pickle.loads(pickle.dumps(a)) == a
    assert copy.copy(a) == a and copy.deepcopy(a) == a
    assert typeof(pickle.loads(pickle.dumps(a))) is typeof(a)


def both(operation, start=range(6)):
    """The same on a typed list and on a list: contents, result or exception class."""
    results = []
    for make in (list, List):
        a = make(start)
        try:
            result = operation(a)
        except Exception as error:
            result = type(error)
        results.append((list(a), list(result) if isinstance(result, (list, List)) else result))
    assert results[1] == results[0]


BOUNDS = (-9, -3, 0, 2, 9, None)


@pytest.mark.core
def test_slices():
    for start, stop, step in itertools.product(BOUNDS, BOUNDS, (-3, -1, 0, 1, 2, 7, None)):
        s = slice(start, stop, step)
        both(lambda a: a[s])
        both(lambda a: operator.delitem(a, s))
        for new in ([], [7], [7, 8], [7, 8, 9], range(6)):
            both(lambda a: operator.setitem(a, s, list(new)))
            both(lambda a: operator.setitem(a, s, a))


@pytest.mark.core
def test_methods():
    for i in (-9, -6, -1, 0, 3, 5, 6, 9):
        both(lambda a: a.pop(i))
        both(lambda a: a.insert(i, 77))
        both(lambda a: a[i])
        both(lambda a: operator.setitem(a, i, 77))
        both(lambda a: operator.delitem(a, i))
        both(lambda a: a.index(3, i))
        both(lambda a: a.index(3, 0, i))
        both(lambda a: a.remove(i))
        both(lambda a: a * i)
    both(lambda a: a + [1])
    both(lambda a: a.extend(a))
    both(lambda a: a.extend((1, 2)))
    both(lambda a: operator.iadd(a, [1]))
    both(lambda a: a.reverse())
    both(lambda a: a.clear())
    both(lambda a: a.copy())
    both(lambda a: [a < [1], a <= [0, 1], a > [], a >= [9], a == 1, a != 1])


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("key", [None, lambda x: -x, lambda x: x % 3, lambda x: (x % 2, -x)])
def test_sort(key, reverse):
    both(lambda a: a.sort(key=key, reverse=reverse), [3, 1, 4, 1, 5, 9, 2, 6])
    both(lambda a: a.sort(key=key, reverse=reverse), [0.5, -1.0, 2.5])
    both(lambda a: a.sort(reverse=reverse), ["b", "a", "", "ab"])


def test_sort_notices_changes():
    a = List([3, 1, 2])
    with pytest.raises(ValueError, match="^list modified during sort$"):
        a.sort(key=lambda x: a.append(1) or x)


@pytest.mark.core
def test_compiled_code_shares_the_list():
    @njit
    def f(a, x):
        a.append(x)
        a[0] = x
        return a

    a = List([1])
    b = f(a, 5)
    assert a == [5, 5] and b == [5, 5]
    b.append(6)
    assert a == [5, 5, 6]


def test_nested_lists_are_shared():
    a = List([[1], [2, 3]])
    assert str(typeof(a)) == "ListType[ListType[int64]]"
    inner = njit(lambda a: a[1])(a)
    inner.append(4)
    a[0].append(9)
    assert [list(x) for x in a] == [[1, 9], [2, 3, 4]]
    inner = a[0]
    a.clear()
    assert list(inner) == [1, 9]


def test_arrays_stay_the_same_objects():
    x, y = np.arange(3.0), np.arange(2.0)
    a = List([x, y])
    assert a[0] is x and a.pop() is y
    del x, y
    assert njit(lambda a: a[0].sum())(a) == 3.0


def test_type_comes_with_the_first_item():
    a = List()
    assert repr(a) == "ListType[Undefined]([])" and not a._typed and len(a) == 0 and a == List()
    with pytest.raises(RuntimeError, match="invalid operation on untyped list"):
        a._dtype  # noqa: B018
    with pytest.raises(TypeError, match="invalid operation on untyped list: nothing was appended yet"):
        njit(lambda a: len(a))(a)
    a.extend(())
    assert not a._typed
    a.append(1.5)
    assert a._dtype is types.float64 and a._numba_type_ is types.ListType(types.float64)
    a.append(2)
    assert repr(a) == "ListType[float64]([1.5, 2.0])"


def test_arrays_are_copied_in():
    for dtype in (np.int32, np.float64, np.bool_, np.complex64):
        x = np.arange(5).astype(dtype)
        assert typeof(List(x)).item_type is types.from_dtype(x.dtype)
        np.testing.assert_array_equal(np.array(list(List(x)), dtype), x)
        assert list(List(x[::2])) == list(x[::2])
    assert list(List(np.array(1))) == [1]


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: List(3), TypeError, r"^List\(\) argument must be iterable, not int$"),
        (lambda: List(1, 2), TypeError, r"^List\(\) expected at most 1 argument, got 2$"),
        (lambda: List(iterable=()), TypeError, r"^List\(\) takes no keyword arguments$"),
        (
            lambda: List([1, 2.5]),
            TypingError,
            r"^cannot safely cast float64 to int64\. Please cast explicitly\.$",
        ),
        (lambda: List([1, "a"]), TypingError, r"^cannot safely cast unicode_type to int64"),
        (lambda: List([object()]), TypingError, "cannot determine the type of a value"),
        (lambda: List([1])["a"], TypeError, "^list indices must be integers or slices, not str$"),
        (lambda: List([1])[1], IndexError, "^list index out of range$"),
        (lambda: List([1]).index(2), ValueError, "^2 is not in list$"),
        (lambda: List([1]).remove(2), ValueError, r"^list\.remove\(x\): x not in list$"),
        (lambda: List.empty_list(types.int64).pop(), IndexError, "^pop from empty list$"),
        (lambda: List.empty_list(types.int8).append(300), OverflowError, "^300 does not fit int8$"),
        (lambda: List.empty_list(types.uint64).append(-1), OverflowError, "^-1 does not fit uint64$"),
        (
            lambda: List.empty_list(types.int64, -1),
            RuntimeError,
            r"^expecting \*allocated\* to be >= 0, not -1$",
        ),
        (lambda: hash(List([1])), TypeError, "unhashable"),
        (lambda: List([1]) + 1, TypeError, "can only concatenate"),
        (
            lambda: operator.setitem(List([1, 2, 3]), slice(None, None, 2), [1]),
            ValueError,
            "^length mismatch for extended slice and sequence: 1 items for a slice of 2$",
        ),
    ],
)
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_immutable():
    a = List([1, 2])
    assert a._is_mutable()
    a._make_immutable()
    assert not a._is_mutable()
    for change in (
        lambda: a.append(1),
        lambda: a.extend([1]),
        lambda: a.insert(0, 1),
        lambda: a.pop(),
        lambda: a.remove(1),
        lambda: a.clear(),
        lambda: a.reverse(),
        lambda: a.sort(),
        lambda: operator.setitem(a, 0, 1),
        lambda: operator.delitem(a, 0),
        lambda: operator.setitem(a, slice(0, 1), [1]),
        lambda: operator.delitem(a, slice(0, 1)),
        lambda: operator.iadd(a, [1]),
    ):
        with pytest.raises(ValueError, match="^list is immutable$"):
            change()
    assert a == [1, 2]
    a._make_mutable()
    a.append(3)
    assert a == [1, 2, 3]


def test_room():
    a = List.empty_list(types.int32, allocated=7)
    assert a._allocated() == 7
    a = List.empty_list(types.int32)
    assert [a.append(i) or a._allocated() for i in range(17)] == [4] * 4 + [8] * 4 + [16] * 8 + [25]
    while a:
        a.pop()
    assert a._allocated() == 0


def test_uint64():
    a = List.empty_list(types.uint64)
    a.append(2**64 - 1)
    assert list(a) == [2**64 - 1]


def test_is_a_mutable_sequence():
    from collections.abc import MutableSequence

    assert issubclass(List, MutableSequence)
    assert List[int].__origin__ is List
    for t, cls, other in (
        (typeof(List([1])), types.ListType, types.List),
        (typeof([1]), types.List, types.ListType),
    ):
        assert isinstance(t, cls) and not isinstance(t, other)


def test_dispatch_by_type():
    f = njit(lambda a: a[0])
    assert f(List([1])) == 1 and f(List([1.5])) == 1.5 and f(List(["a"])) == "a" and f(List([1])) == 1
    assert len(f.signatures) == 3


def test_python_lists_when_nothing_is_compiled(monkeypatch):
    from naja import config

    monkeypatch.setattr(config, "DISABLE_JIT", True)
    assert type(List()) is list and type(List.empty_list(types.int32)) is list and List([1]) == [1]


# ---- in compiled code --------------------------------------------------------------------------------------------------


def made():
    a = List()
    a.append(1)
    a.extend((2, 3))
    a.insert(0, 9)
    a.reverse()
    b = a.copy()
    b.pop()
    del b[0]
    return a, b, a + b, a == b, a < b, 3 in a, a.count(9), a.index(2), len(a)


def from_iterables():
    return List([0, 1, 2]), List(range(3)), List((1.5, 2.5)), List("abc"), List(List([1])), list(List([1]))


def nested():
    a = List()
    for i in range(1, 4):
        b = List()
        for j in range(i):
            b.append(j)
        a.append(b)
    return a


def assigned(step):
    a = List(range(6))
    a[1:3] = (7, 8, 9)
    a[::step] = a[::step]
    a[2:2] = a
    a *= 2
    del a[1::3]
    return a


@pytest.mark.core
@pytest.mark.parametrize("function", [made, from_iterables, nested])
def test_compiled_as_interpreted(function):
    assert str(njit(function)()) == str(function())


@pytest.mark.parametrize("step", [1, 2, -1, -2])
def test_compiled_slices(step):
    assert str(njit(assigned)(step)) == str(assigned(step))


@pytest.mark.core
def test_empty_list_of_named_types():
    text, inner = types.unicode_type, types.ListType(types.int32)

    @njit
    def f():
        a = List.empty_list(types.int32, allocated=7)
        a.append(1)
        b = List.empty_list(text)
        b.append("x")
        c = List.empty_list(inner)
        c.append(a)
        return a, b, c, a._allocated(), List.empty_list(float), a._dtype

    result = f()
    assert [str(typeof(x)) for x in result[:3]] == [
        "ListType[int32]",
        "ListType[unicode_type]",
        "ListType[ListType[int32]]",
    ]
    assert result[3] == 7 and typeof(result[4]) is types.ListType(types.float64) and result[5] == np.int32


def test_constants_outlive_their_function():
    def make():
        @njit
        def f():
            a = List()
            a.append("constant" * 1)
            a.append("other")
            return a

        return f()

    import gc

    a = make()
    gc.collect()
    assert list(a) == ["constant", "other"]


@pytest.mark.parametrize(
    "line",
    ["a.append(1)", "a[0] = 1", "a.pop()", "del a[0]", "del a[:1]", "a[:1] = a"]
    + ["a.extend((0,))", "a.insert(0, 0)", "a.clear()", "a.reverse()", "a.sort()", "a.remove(1)", "a *= 2"],
)
def test_immutable_in_compiled_code(line):
    names = {}
    exec(f"def f(a):\n    {line}", names)
    a = List([1])
    a._make_immutable()
    with pytest.raises(ValueError, match="^list is immutable$"):
        njit(names["f"])(a)
    assert a == [1]


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: List(23), r"List\(\) argument must be iterable, and its items of one type: it is a int64"),
        (
            lambda: List((1, 1.5)),
            r"List\(\) argument must be iterable, and its items of one type: it is a Tuple",
        ),
        (lambda: List((1,), (2,)), r"List\(\) expected at most 1 argument, got 2"),
        (lambda: List(iterable=(1,)), r"List\(\) takes no keyword arguments"),
        (lambda: List.empty_list(types.int32).append("a"), "cannot safely cast unicode_type to int32"),
        (lambda: List.empty_list(types.int32).append(1.5), "cannot safely cast float64 to int32"),
        (lambda: List.empty_list(3.5), r"List\.empty_list\(\) takes a type, not float64"),
    ],
)
def test_errors_of_compilation(call, text):
    with pytest.raises(TypingError, match=text):
        njit(call)()


@pytest.mark.parametrize("reverse", [False, True])
def test_compiled_sort(reverse):
    for make in (list, List):
        for values in (
            [3, 1, 2, 1],
            [2.5, -1.0],
            [True, False],
            ["b", "", "ab"],
            [(1, 2), (0, 9), (1, 1)],
            [1],
        ):
            expected = sorted(values, reverse=reverse)

            @njit
            def f(a, reverse):
                a.sort(reverse=reverse)
                return a

            assert list(f(make(values), reverse)) == expected


def test_compiled_sort_by_key():
    @njit
    def f(a, reverse):
        a.sort(key=lambda x: x % 3, reverse=reverse)

    for reverse in (False, True):
        values = list(range(100, 0, -1)) + list(range(50))
        for make in (list, List):
            a = make(values)
            f(a, reverse)
            assert list(a) == sorted(values, key=lambda x: x % 3, reverse=reverse)


def test_zeros_keep_their_order():
    values = [0.0, -0.0, 1.0, -0.0, 0.0, -1.0]
    for reverse in (False, True):
        a, b = List(values), List(values)
        a.sort(reverse=reverse)
        njit(lambda a, reverse: a.sort(reverse=reverse))(b, reverse)
        assert str(a) == str(b) == str(sorted(values, reverse=reverse))


def test_change_during_iteration():
    @njit
    def grow(a):
        for x in a:
            a.append(x)

    with pytest.raises(RuntimeError, match="list was mutated during iteration"):
        grow(List([1, 2]))
