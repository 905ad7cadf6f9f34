"""Empty lists, dicts and sets as arguments and defaults: what the function puts in says what they hold."""

import copy
from dataclasses import dataclass, field

import pytest
from differential import no_block_left

from naja import njit, typeof
from naja.errors import TypingError


def counted(d, k):
    d[k] = d.get(k, 0.0) + 1.5
    return d


def added(s, v):
    s.add(v)
    return len(s)


def grown(items):
    for i in range(3):
        items.append((i, str(i)))
    return items[-1]


def extended(items, more):
    items.extend(more)
    items += more
    items.insert(0, more[0])
    return sum(items)


def filled(rows, n):
    for i in range(n):
        rows.append([])
        for j in range(i):
            rows[i].append(i * j * 0.5)
    return len(rows)


def looked_at(items):
    return len(items), [x for x in items], list(reversed(items))


def handed_on(items):
    def put(target, value):
        target.append(value)

    put(items, 2.5)
    return items


@pytest.mark.parametrize(
    "case",
    [
        (counted, {}, "a"),
        (counted, {}, 3),
        (counted, {"a": 1.0}, "a"),
        (added, set(), 4),
        (added, set(), "x"),
        (added, {1}, 4),
        (grown, []),
        (extended, [], [1, 2]),
        (extended, [], [1.5]),
        (filled, [], 4),
        (looked_at, []),
        (looked_at, [1.5]),
        (handed_on, []),
    ],
    ids=lambda case: case[0].__name__,
)
def test_like_python(case):
    function, *args = case
    compiled = njit(function)
    mine, theirs = copy.deepcopy(args), copy.deepcopy(args)
    want = function(*mine)
    compiled(*copy.deepcopy(args))
    with no_block_left():
        got = compiled(*theirs)
        assert got == want and theirs == mine
        del got


def test_one_function_takes_several():
    @njit
    def put(items, value):
        items.append(value)
        return items

    assert put([], 1) == [1]
    assert put([], "a") == ["a"]
    assert put([2.5], 1.0) == [2.5, 1.0]
    items = []
    assert put(items, 1.5) is items and put(items, 2.5) == [1.5, 2.5]


def test_a_default_is_one_object():
    def collect(value, items=[], seen={}):  # noqa: B006
        items.append(value)
        seen[value] = len(items)
        return items, seen

    compiled = njit(collect)
    assert compiled(1) == ([1], {1: 1})
    assert compiled(2) == ([1, 2], {1: 1, 2: 2})
    assert compiled(3, []) == ([3], {1: 1, 2: 2, 3: 1})
    assert collect.__defaults__[0] == [1, 2]


@dataclass
class Log:
    n: int
    items: list = field(default_factory=list)
    seen: dict = field(default_factory=dict)


def test_empty_fields_and_fields_that_widen():
    @njit
    def push(log, value):
        log.items.append(value)
        log.seen[value] = log.n
        log.n += 1
        return len(log.items)

    @njit
    def halve(log):
        log.n = log.n / 2

    log, words = Log(1), Log(1)
    assert push(log, 2.5) == 1 and push(log, 3.5) == 2
    assert log == Log(3, [2.5, 3.5], {2.5: 1, 3.5: 2})
    assert push(words, "a") == 1 and words.items == ["a"]
    halve(log)
    assert log.n == 1.5


def test_typeof_has_no_answer():
    with pytest.raises(TypingError, match="empty list"):
        typeof([])
