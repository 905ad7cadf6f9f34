"""The items that a display of constants gave a list or dict, as overloads see them: `initial_value`."""

import pickle

import pytest

from naja import literal_unroll, literally, njit, types
from naja.errors import TypingError, UnsupportedError
from naja.extending import overload

seen = []


def look(x):
    """Return x; overloaded below."""
    return x


@overload(look)
def look_overload(x):
    if x.initial_value is None:
        return lambda x: literally(x)
    seen.append(x.initial_value)
    return lambda x: x


def count(x):
    """The number of items that a display had; overloaded below."""
    return len(x)


@overload(count)
def count_overload(x):
    if x.initial_value is None:
        return lambda x: literally(x)
    n = len(x.initial_value)
    return lambda x: n


@njit
def hand_on(x):
    return look(x)


def changed_list():
    items = [1, 2, 3]
    items.append(9)
    items[0] = 7
    return look(items)


def list_of_text():
    return look(["a'b", "c\\", "é\n", ""])


def list_of_bools():
    return look([True, False])


def changed_dict():
    d = {"a": 1, "b": 2}
    d["a"] = 20
    d["c"] = 3
    return look(d)


def dict_of_ints():
    return look({1: "x", 3: "y"})


def long_display():
    return look(
        {
            0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 7, 8: 8, 9: 9, 10: 9,
            11: 8, 12: 7, 13: 6, 14: 5, 15: 4, 16: 3, 17: 2, 18: 1, 19: 0, 20: 1,
        }
    )  # fmt: skip


def spread_dict():
    return look({"a": 1, **{"b": 2}})  # noqa: PIE800


def in_a_loop():
    items = [0]
    for i in range(3):
        items = [1, 2]
        items.append(i)
        items = look(items)
    return items


@pytest.mark.core
@pytest.mark.parametrize(
    "function, initial",
    [
        (changed_list, [1, 2, 3]),
        (list_of_text, ["a'b", "c\\", "é\n", ""]),
        (list_of_bools, [True, False]),
        (changed_dict, {"a": 1, "b": 2}),
        (dict_of_ints, {1: "x", 3: "y"}),
        (long_display, {i: min(i, 9) if i < 11 else 19 - i for i in range(20)} | {20: 1}),
        (spread_dict, {"a": 1, "b": 2}),
        (in_a_loop, [1, 2]),
    ],
)
def test_what_a_display_had(function, initial):
    seen.clear()
    compiled = njit(function)
    result = compiled()
    expected = function()
    assert (dict(result) if isinstance(expected, dict) else result) == expected
    assert seen and seen[-1] == initial and [type(x) for x in seen[-1]] == [type(x) for x in initial]


def test_through_a_function():
    """literally() asks for it from function to function."""
    seen.clear()
    assert njit(lambda: hand_on([4, 5]))() == [4, 5]
    assert seen == [[4, 5]]


@njit
def not_constant(x):
    return look([1, x])


@njit
def floats(x):
    return look([1.5, 2.5])


@njit
def two_displays(x):
    return look([1] if x else [2])


@njit
def computed(x):
    return look({1: 2} | {3: 4})


@njit
def argument(x):
    return look([0] * x)


@pytest.mark.parametrize("function", [not_constant, floats, two_displays, computed, argument])
def test_what_is_not_known(function):
    with pytest.raises(TypingError, match="Cannot request literal type"):
        function(3)


def test_python_list_is_no_display():
    @njit
    def f(x):
        return look(x)

    with pytest.raises(TypingError, match="Cannot request literal type"):
        f([1, 2])


@pytest.mark.core
def test_part_of_the_version():
    """Each display has a version of the function that it is handed to; values are the same all the same."""

    @njit
    def sized(x):
        x.append(0)
        return count(x), len(x)

    @njit
    def f():
        a, b = [1, 2], [1, 2, 3]
        return sized(a), sized(b), sized(a)

    assert f() == ((2, 3), (3, 4), (2, 4))


def test_asked_without():
    """An overload that does not ask is asked once for all displays."""
    asked = []

    def plain(x):
        return 0

    @overload(plain)
    def plain_overload(x):
        asked.append(x.initial_value)
        return lambda x: len(x)

    @njit
    def f():
        return plain([1, 2]) + plain([3])

    assert f() == 3
    assert set(asked) == {None}


def test_prefers_literals():
    def size(x):
        return 0

    @overload(size, prefer_literal=True)
    def size_overload(x):
        n = -1 if x.initial_value is None else len(x.initial_value)
        return lambda x: n

    @njit
    def f(i):
        return size([1, 2]), size([i]), size({"a": 1})

    assert f(3) == (2, -1, 1)


def test_inside_literal_containers():
    """A list display in a display of different types, or in a dict of them."""
    names = []

    def parts(x):
        return 0

    @overload(parts)
    def parts_overload(x):
        values = x.literal_value
        names.append([str(v) for v in (values.values() if isinstance(values, dict) else values)])
        return lambda x: len(x)

    @njit
    def f():
        return parts(["a", 10, 1j, ["b", "c"]]) + parts({"a": 1, "b": [1, 2], "c": "x"})

    assert f() == 7
    assert ["Literal[str](a)", "Literal[int](10)", "complex128", "list(unicode_type)<iv=['b', 'c']>"] in names
    assert ["Literal[int](1)", "list(int64)<iv=[1, 2]>", "Literal[str](x)"] in names


def test_literally_of_a_value():
    @njit
    def f(n):
        items = [1, 2]
        literally(items).append(n)
        return literally(items), literally({"a": 1})

    items, d = f(5)
    assert items == [1, 2, 5] and dict(d) == {"a": 1}


def test_power():
    """Without its value, and again with it."""
    calls = []

    def power(x, n):
        raise NotImplementedError

    @overload(power)
    def power_overload(x, n):
        if not isinstance(n, types.Literal):
            return lambda x, n: literally(n)
        calls.append(n.literal_value)
        if n.literal_value == 2:
            return lambda x, n: x * x
        return lambda x, n: x**n

    @njit
    def f(x, n):
        return power(x, n)

    assert [f(3, 2), f(3, 3), f(3, 2)] == [9, 27, 9]
    assert calls == [2, 3]


@pytest.mark.core
def test_types():
    known, unknown = types.List(types.intp, initial_value=[1, 2]), types.List(types.intp)
    assert known.initial_value == [1, 2] and unknown.initial_value is None
    assert known is types.List(types.intp, initial_value=[1, 2]) and known != unknown
    assert types.unliteral(known) is unknown and known.copy() is unknown
    assert pickle.loads(pickle.dumps(known)) is known
    assert str(known) == "list(int64)<iv=[1, 2]>"
    d = types.DictType(types.unicode_type, types.intp, {"a": 1})
    assert d.initial_value == {"a": 1} and types.unliteral(d).initial_value is None
    assert types.ListType(types.intp).initial_value is None
    known.initial_value.append(3)  # a copy
    assert known.initial_value == [1, 2]


def test_as_a_signature():
    @njit(types.intp(types.List(types.intp, initial_value=[1, 2])))
    def f(x):
        return len(x)

    assert f([1, 2, 3]) == 3


def test_literal_unroll_takes_one():
    @njit
    def f(x):
        n = 0
        for i in literal_unroll(x, x):
            n += i
        return n

    with pytest.raises(UnsupportedError, match="literal_unroll takes one argument, found 2"):
        f((1, 2))
