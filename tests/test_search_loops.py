"""Loops that look for something in arrays: many elements at a time, and the iteration that finds it exactly."""

import numpy as np
import pytest

from naja import njit

pytestmark = pytest.mark.core

LENGTHS = [0, 1, 32, 33, 64, 65, 95, 96, 97, 129, 193]
DTYPES = ["f8", "f4", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "?"]


def searches(function):
    """Return how many loops of a function's last version search several elements at a time."""
    return function.overloads[function.signatures[-1]].stats["searches"]


def where(a, x):
    for i in range(len(a)):
        if a[i] == x:
            return i
    return -1


def first_from(a, x, i, n):
    while i < n and a[i] != x:
        i += 1
    return i


def first_up_to(a, x, i, last):
    while i <= last:
        if a[i] == x:
            break
        i += 1
    return i


def backwards(a, x):
    for i in range(len(a) - 1, -1, -1):
        if a[i] == x:
            return i
    return -1


def contains(a, x):
    found = False
    for v in a:
        if v == x:
            found = True
            break
    return found


def count_before(a, x):
    n = 0
    for v in a:
        if v == x:
            return n, 2 * n
        n += 1
    return n, -1


def last_item(a, x):
    v = x
    for v in a:
        if v == x:
            break
    return v


def places(length):
    """Return places in an array of that length: all of one length, else those where something changes."""
    near = {0, 31, 32, 33, 63, 64, 65, 95, 96, 97, length // 2, length - 2, length - 1}
    return range(length) if length == 97 else sorted(p for p in near if 0 <= p < length)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("search", [where, backwards, contains, count_before, last_item])
def test_every_place(search, dtype):
    compiled = njit(cache=False)(search)
    one = np.ones(1, dtype)[0]
    for length in LENGTHS:
        a = np.zeros(length, dtype)
        assert compiled(a, one) == search(a, one)
        for place in places(length):
            a[place] = 1
            assert compiled(a, one) == search(a, one), (length, place)
            a[-1] = 1  # not only the first
            assert compiled(a, one) == search(a, one), (length, place)
            a[:] = 0
    assert searches(compiled) == 1


@pytest.mark.parametrize("search", [first_from, first_up_to])
def test_limits_and_starts(search):
    compiled = njit(cache=False)(search)
    a = np.zeros(300)
    a[[40, 130, 299]] = 7.0
    for start in range(0, 300, 7):
        for end in (0, 1, 39, 40, 41, 100, 130, 131, 200, 299):
            assert compiled(a, 7.0, start, end) == search(a, 7.0, start, end), (start, end)
    assert searches(compiled) >= 1
    with pytest.raises(IndexError):
        compiled(a, 8.0, 0, 400)
    assert compiled(a, 7.0, 0, 400) == 40


def test_nan_infinity_and_zeros():
    @njit(cache=False)
    def first_above(a, limit):
        for i in range(len(a)):
            if a[i] > limit:
                return i
        return -1

    @njit(cache=False)
    def while_below(a, limit):
        i = 0
        while i < len(a) and a[i] <= limit:
            i += 1
        return i

    @njit(cache=False)
    def first_nan(a):
        for i in range(len(a)):
            if a[i] != a[i]:
                return i
        return -1

    for place in range(200):
        a = np.zeros(200)
        a[place] = np.nan
        assert first_above(a, 0.0) == -1
        assert while_below(a, 0.0) == place  # not (nan <= 0.0)
        assert first_nan(a) == place
        a[place] = np.inf
        assert first_above(a, 0.0) == while_below(a, 0.0) == place
        a[place] = -0.0
        assert first_above(a, 0.0) == first_nan(a) == -1
        assert while_below(a, 0.0) == 200
        assert while_below(a, np.nan) == 0
    assert searches(first_above) == searches(while_below) == searches(first_nan) == 1


def test_layouts():
    compiled = njit(cache=False)(where)
    table = np.zeros((200, 3))
    for place in (0, 33, 64, 150, 199):
        table[place] = 5.0
        for a in (
            table[:, 1],
            table[::-1, 1],
            table[:, 0].copy()[::-1],
            np.ascontiguousarray(table[:, 2])[:],
        ):
            assert compiled(a, 5.0) == where(a, 5.0)
        table[place] = 0.0
    line = np.zeros(400)
    for place in (0, 33, 150, 399):
        line[place] = 5.0
        for a in (line[::-1], line[::2], line[::-2], line[10:350], line[::-1][::-1]):
            assert compiled(a, 5.0) == where(a, 5.0)
        line[place] = 0.0
    assert compiled(np.broadcast_to(0.0, 10**5), 1.0) == -1


def test_rows_columns_and_planes():
    @njit(cache=False)
    def in_rows(a, x, out):
        for r in range(a.shape[0]):
            out[r] = -1
            for c in range(a.shape[1]):
                if a[r, c] > x:
                    out[r] = c
                    break

    @njit(cache=False)
    def in_columns(a, x, out):
        for c in range(a.shape[1]):
            out[c] = -1
            for r in range(a.shape[0]):
                if a[r, c] > x:
                    out[c] = r
                    break

    rng = np.random.default_rng(5)
    for order in "CF":
        a = np.asarray(rng.random((150, 170)), order=order)
        for limit in (0.0, 0.5, 0.99, 0.999, 2.0):
            rows, columns = np.empty(150, int), np.empty(170, int)
            in_rows(a, limit, rows)
            in_columns(a, limit, columns)
            above = a > limit
            np.testing.assert_array_equal(rows, np.where(above.any(1), above.argmax(1), -1))
            np.testing.assert_array_equal(columns, np.where(above.any(0), above.argmax(0), -1))
    assert searches(in_rows) == searches(in_columns) == 1


def test_several_arrays_and_conditions():
    @njit(cache=False)
    def mismatch(a, b):
        n = 0
        for x, y in zip(a, b):
            if x != y:
                break
            n += 1
        return n

    @njit(cache=False)
    def either(a, b, low, high):
        for i in range(min(len(a), len(b))):
            if a[i] < low or abs(b[i]) > high:
                return i
        return -1

    @njit(cache=False)
    def both(a, low, high):
        for i in range(len(a)):
            if a[i] > low and a[i] < high:
                return i
        return -1

    @njit(cache=False)
    def neighbours(a):
        i = 0
        while i + 1 < len(a) and a[i] <= a[i + 1]:
            i += 1
        return i

    rng = np.random.default_rng(3)
    for length in (0, 1, 40, 100, 333):
        a = np.sort(rng.random(length))
        assert neighbours(a) == max(length - 1, 0)
        for place in places(length):
            b = a.copy()
            b[place] = -2.0
            assert mismatch(a, b) == place
            assert mismatch(a, b[: length - 1]) == min(place, length - 1)
            assert either(a, b, 0.0, 1.5) == either(b, a, 0.0, 1.5) == place
            assert both(b, -3.0, -1.0) == place
            assert neighbours(b) == neighbours.py_func(b)
        assert mismatch(a, a) == length
        assert either(a, a, 0.0, 1.5) == both(a, 2.0, 3.0) == -1
    assert searches(mismatch) == searches(either) == searches(both) == 1


def test_integer_conditions():
    @njit(cache=False)
    def divisible(a, bits):
        for i in range(len(a)):
            if a[i] % 7 == 0 and (a[i] & bits) != 0:
                return i
        return -1

    for dtype in ("i8", "i4", "u4", "u1"):
        a = np.full(200, 8, dtype)
        for place in (0, 10, 40, 150, 199):
            a[place] = 14
            assert divisible(a, 4) == divisible.py_func(a, 4) == place
            a[place] = 8
        assert divisible(a, 4) == -1


def test_what_is_no_search():
    """What has an effect, may fail, or looks at what counts stays as it is."""

    @njit(cache=False)
    def stores(a, x):
        for i in range(len(a)):
            if a[i] == x:
                return i
            a[i] = x
        return -1

    @njit(cache=False)
    def divides(a, b):
        for i in range(len(a)):
            if 10 // a[i] == b:
                return i
        return -1

    @njit(cache=False)
    def looks_up(a, index, x):
        for i in range(len(index)):
            if index[i] < 0 or index[i] >= len(a):
                return -1
            if a[index[i]] == x:
                return i
        return -2

    @njit(cache=False)
    def sums(a, limit):
        s = 0.0
        for i in range(len(a)):
            s += a[i]
            if s > limit:
                return i
        return -1

    @njit(cache=False)
    def above_place(a):
        for i in range(len(a)):
            if a[i] > i:
                return i
        return -1

    a = np.ones(200)
    assert stores(a.copy(), 2.0) == -1
    assert divides(np.full(200, 3), 4) == -1
    with pytest.raises(ZeroDivisionError):
        divides(np.append(np.full(100, 3), 0), 4)
    assert divides(np.append(np.append(np.full(100, 3), 2), 0), 5) == 100
    assert looks_up(a, np.append(np.arange(150), 10**12), 3.0) == -1
    assert sums(a, 100.5) == 100
    assert above_place(np.append(np.zeros(100), 500.0)) == 100
    for function in (stores, divides, looks_up, sums, above_place):
        assert searches(function) == 0


def test_counters_of_other_kinds():
    """What else counts in the loop is where it should be behind it."""

    @njit(cache=False)
    def counts(a, x):
        down, byte, twice = 1000, np.uint8(0), 0
        for i in range(len(a)):
            if a[i] == x:
                break
            down -= 3
            byte = np.uint8(byte + np.uint8(7))
            twice += 2
        return down, byte, twice

    a = np.zeros(500)
    for place in (0, 5, 40, 100, 499):
        a[place] = 1.0
        assert counts(a, 1.0) == (1000 - 3 * place, 7 * place % 256, 2 * place)
        a[place] = 0.0


def test_long_conditions():
    """What is used twice at every step is computed once."""
    steps = "".join(f"        v = v + v * {k}.5\n" for k in range(40))
    names = {}
    exec(
        f"def first(a, x):\n    for i in range(len(a)):\n        v = a[i]\n{steps}        if v > x:\n            return i\n    return -1",
        names,
    )
    compiled = njit(cache=False)(names["first"])
    a = np.zeros(200)
    a[150] = 1.0
    assert compiled(a, 0.5) == 150 and searches(compiled) == 1


def test_reasons_are_said():
    compiled = njit(cache=False)(where)
    compiled(np.zeros(3), 1.0)
    assert compiled.explain().count("vector", "searched 32 at a time") == 1


def test_the_pass_can_be_left_out(monkeypatch):
    a = np.arange(100.0)
    monkeypatch.setenv("NAJA_SKIP", "search")
    plain = njit(cache=False)(where)
    assert plain(a, 77.0) == 77 and searches(plain) == 0
    monkeypatch.delenv("NAJA_SKIP")
    compiled = njit(cache=False)(where)
    assert compiled(a, 77.0) == 77 and searches(compiled) == 1
