"""Exceptions inside compiled code: try, except, else, finally, raise; interpreted against compiled."""

import threading
import time
import traceback

import numpy as np
import pytest
from leaks import check_outcome

from naja import _core, njit, prange


class Mine(ValueError):
    """An exception class of the program's own."""


def outcome(function, *args):
    """What a call gives: its result, or all that can be seen of the exception."""
    try:
        return np.asarray(function(*args)).tolist()
    except BaseException as e:
        return seen(e)


def seen(e):
    lines = [frame.lineno for frame in traceback.extract_tb(e.__traceback__)][1:]
    args = [np.asarray(a).tolist() for a in e.args]
    cause = seen(e.__cause__)[:2] if e.__cause__ else None
    return type(e).__name__, args, lines, cause, e.__suppress_context__


def check(function, cases):
    compiled = njit(function)
    outcome(compiled, *cases[0])
    for case in cases:
        before = _core.block_count()
        assert outcome(compiled, *case) == outcome(function, *case), case
        assert _core.block_count() == before, case


@pytest.mark.core
def test_every_clause():
    def f(x):
        try:
            if x == 0:
                raise ValueError("zero")
            if x == 1:
                raise IndexError
            if x == 2:
                raise Mine(x)
            if x == 3:
                raise KeyError(x, 2.5)
            y = 10 // (x - 4)
        except (IndexError, Mine):
            return -1
        except ValueError:
            return -2
        except ZeroDivisionError:
            return -3
        else:
            y += 100
        finally:
            x = 5
        return y + x

    check(f, [(i,) for i in range(7)])


@pytest.mark.core
def test_loops_leave_through_finally():
    def f(a, i):
        r = 0.0
        for k in range(5):
            try:
                r += a[i + k]
                if k == 3:
                    continue
                if r > 20:
                    break
                if r == 11:
                    return -77.0
            except IndexError:
                r -= 1
            finally:
                r += 10
        return r

    check(f, [(np.arange(8.0), i) for i in range(12)])


@pytest.mark.core
def test_raise_again_and_causes():
    def f(x):
        try:
            try:
                raise Mine(x)
            except IndexError:
                return 1
        except ValueError as e:
            if x == 1:
                raise
            if x == 2:
                raise e
            if x == 3:
                raise TypeError("t") from e
            if x == 4:
                raise TypeError("t") from None
            if x == 5:
                raise TypeError("t") from KeyError(x)
            if x == 6:
                raise TypeError from OSError
            return 7

    check(f, [(i,) for i in range(8)])


def test_an_exception_outlives_its_handler():
    def f(n):
        kept = None
        for i in range(n):
            try:
                raise Mine(i)
            except Mine as e:
                if kept is None:
                    kept = e
        if kept is not None:
            raise kept
        return 0

    check(f, [(0,), (1,), (5,)])


def test_the_next_exception_does_not_spoil_the_first():
    def f(x):
        try:
            raise KeyError(x)
        except KeyError:
            try:
                raise ValueError(x + 1, x + 2)
            except ValueError:
                pass
            raise

    check(f, [(1,), (2,)])


def test_exceptions_of_callees():
    @njit
    def callee(x):
        if x > 3:
            raise OverflowError("big")
        if x > 2:
            raise Mine(x)
        return x

    def catches(x):
        try:
            return callee(x)
        except Mine:
            return -1

    def passes(x):
        try:
            return callee(x)
        finally:
            x += 1

    assert [catches(i) for i in range(4)] == [njit(catches)(i) for i in range(4)]
    with pytest.raises(OverflowError, match="big") as caught:
        njit(catches)(4)
    names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert names[-2:] == ["catches", "callee"]
    with pytest.raises(Mine) as caught:
        njit(passes)(3)
    names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert names[-2:] == ["passes", "callee"]


def test_exceptions_of_the_runtime():
    def f(k, a, n):
        try:
            if k == 0:
                return float(a[n])
            if k == 1:
                return 1.0 / (n - n)
            if k == 2:
                return float(np.zeros(n).reshape(-n, 3)[0, 0])
            return float(n % (n - n))
        except LookupError:
            return -1.0
        except ArithmeticError:
            return -2.0
        except Exception:
            return -3.0

    compiled = njit(f)
    for k in range(4):
        assert compiled(k, np.ones(2), 7) == f(k, np.ones(2), 7)


def test_recursion_can_be_caught():
    @njit
    def deep(n):
        if n < 0:
            return n
        return deep(n + 1) + 1

    @njit
    def f(n):
        try:
            return deep(n)
        except RecursionError:
            return -5

    assert f(1) == -5


def test_arrays_on_every_path():
    def f(n, m):
        b = np.zeros(3)
        for i in range(n):
            a = np.ones(m)
            try:
                b = a[:3] + i
                if i % 2:
                    raise ValueError(a)
                if i == 4:
                    raise KeyError(b)
                b = b * 2
                a[i] = 3
            except ValueError:
                b = b + a[0]
            except IndexError:
                b = b - 1
        return b.sum()

    check(f, [(n, m) for n in range(8) for m in (3, 4, 9)])


def test_variables_have_the_value_they_had():
    def f(a, n):
        x = y = 0
        try:
            x = 1
            y = a[n]
            x = 2
            y += a[n + 1]
            x = 3
            y += a[n + 2]
        except IndexError:
            return x * 1000 + y
        return -x * 1000 - y

    check(f, [(np.arange(4), n) for n in range(6)])


def test_unassigned_variables():
    def f(a, n):
        try:
            y = a[n]
        except IndexError:
            pass
        return y

    compiled = njit(f)
    assert compiled(np.arange(3), 1) == 1
    with pytest.raises(UnboundLocalError, match="'y'"):
        compiled(np.arange(3), 7)


def test_nothing_to_raise_again():
    def f(x):
        raise

    check(f, [(1,)])


def test_a_body_that_cannot_raise():
    def f(x):
        try:
            pass
        except ValueError:
            x = 3
        finally:
            x += 1
        return x

    check(f, [(1,)])


def test_loops_that_end_by_an_exception():
    def f(x):
        while True:
            try:
                x += 1
                if x > 10:
                    raise StopIteration
            except StopIteration:
                break
        return x

    check(f, [(1,), (20,)])


def test_nested_finally():
    def f(x):
        trace = 1
        try:
            try:
                trace = trace * 10 + 2
                if x == 1:
                    raise KeyError
                if x == 2:
                    return trace
            finally:
                trace = trace * 10 + 3
                if x == 3:
                    raise Mine(trace)
                if x == 4:
                    return trace
        except (KeyError, Mine):
            trace = trace * 10 + 4
        finally:
            trace = trace * 10 + 5
        return trace

    check(f, [(i,) for i in range(6)])


def test_a_comprehension_inside():
    def f(a, n):
        try:
            t = [a[n], a[n + 1]]
            return t[0] + t[1]
        except IndexError:
            return -1

    check(f, [(np.arange(4), i) for i in range(6)])


def test_workers_of_a_parallel_loop():
    @njit(parallel=True)
    def inside(a):
        bad = 0
        for i in prange(len(a)):
            try:
                if a[i] < 0:
                    raise ValueError(i)
                a[i] *= 2
            except ValueError:
                bad += 1
        return bad

    a = np.arange(-50.0, 1000.0)
    assert inside(a) == 50
    assert a[-1] == 999 * 2

    @njit(parallel=True)
    def outside(a):
        try:
            for i in prange(len(a)):
                if a[i] == 70:
                    raise Mine(i)
        except ValueError:
            return -1
        return 1

    assert outside(np.arange(100.0)) == -1
    assert outside(np.arange(50.0)) == 1


def test_messages():
    from naja.errors import TypingError

    @njit
    def f(x, cls):
        try:
            return 1 // x
        except cls:
            return 0

    with pytest.raises(TypingError, match="`except` with int64, which is not an exception class"):
        f(1, 2)

    @njit
    def g(x):
        raise ValueError from x

    with pytest.raises(TypingError, match="the cause of an exception cannot be int64"):
        g(1)


def test_ten_thousand_leave_nothing_behind():
    @njit
    def f(x):
        try:
            raise Mine(np.ones(2), x)
        except Mine as e:
            if x % 3 == 0:
                raise KeyError(np.zeros(3)) from e
            if x % 3 == 1:
                raise
        return x

    def call(i):
        try:
            f(i)
        except (KeyError, Mine):
            pass

    call(0), call(1), call(2)
    before = _core.block_count()
    for i in range(10_000):
        call(i)
    assert _core.block_count() == before


def test_threads_catch_their_own():
    @njit(nogil=True)
    def f(n, k):
        wrong = 0
        for i in range(n):
            try:
                if i % 2:
                    raise ValueError(i + k)
                raise KeyError(i)
            except KeyError:
                wrong += i % 2
            except ValueError:
                wrong += 1 - i % 2
        return wrong

    assert f(10, 0) == 0
    results = []
    threads = [threading.Thread(target=lambda k=k: results.append(f(20_000, k))) for k in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert results == [0] * 4


def test_speed():
    @njit
    def f(n):
        caught = 0
        for i in range(n):
            try:
                if i >= 0:
                    raise ValueError(i)
            except ValueError:
                caught += 1
        return caught

    f(1)
    best = min(timed(f, 100_000) for _ in range(5))
    assert best / 100_000 < 1e-6  # 0.1 us on a quiet machine


def timed(f, n):
    begin = time.perf_counter()
    f(n)
    return time.perf_counter() - begin


def test_what_a_handler_hands_to_the_next_one_stays_alive():
    """A phi at the top of a block is alive where the block raises: a list argument was freed here."""

    @njit
    def work(i, values, table):
        try:
            try:
                i = table[i]
            except ValueError:
                values = [i, 9]
                if i <= 11:
                    raise KeyError("q") from None
        except ValueError:
            return values
        return values

    values = [1, 2, 3]
    with pytest.raises(KeyError):
        work(3, values, {4: 5})
    assert values == [1, 2, 3]
    assert work(4, values, {4: 5}) == [1, 2, 3]


# ---- functions that never return -------------------------------------------------------------------------------------------


def test_what_follows_a_call_that_always_raises():
    def as_index(items):
        def fail(x):
            raise ValueError(x)

        try:
            return items[fail(3)]
        except ValueError as error:
            return -len(str(error))

    def one_branch(n):
        def fail(x):
            raise ValueError(x)

        y = fail(n) if n > 5 else n * 2
        return y + 1

    def in_a_loop(n):
        def fail(x):
            raise ValueError(x)

        items = [[0]]
        for i in range(n):
            try:
                items.append([i])
                fail(i)
                items.append([100])
            except ValueError:
                items.append([i * 2])
        return items

    check_outcome(as_index, [1, 2])
    check_outcome(one_branch, 3)
    check_outcome(one_branch, 7)
    check_outcome(in_a_loop, 3)


def test_what_the_caller_handles_is_raised_again():
    @njit
    def again(x):
        if x:
            raise
        return 1

    @njit
    def catches(x):
        try:
            return again(x)
        except ZeroDivisionError:
            return -1

    def handled(f, error):
        try:
            raise error
        except Exception:
            return f(True)

    assert again(False) == 1
    with pytest.raises(RuntimeError, match="No active exception to reraise"):
        again(True)
    error = Mine(1, 2)
    before = _core.block_count()
    with pytest.raises(Mine) as e:
        handled(again, error)
    assert e.value is error and e.value.args == (1, 2)
    names = [frame.name for frame in traceback.extract_tb(e.value.__traceback__)]
    assert "handled" in names
    with pytest.raises(Mine):
        handled(catches, error)
    assert handled(catches, ZeroDivisionError()) == -1
    with pytest.raises(RuntimeError, match="No active exception to reraise"):
        catches(True)
    assert _core.block_count() == before


def read_and_dropped(b):
    if b:
        x = 1
    x
    return 0


def read_and_moved(b):
    if b:
        x = 1
    y = x
    return 0


def swapped(b):
    if b:
        x = 1
        y = 2
    x, y = y, x
    return 0


def behind_an_empty_loop(n):
    for i in range(n):
        pass
    i
    return 0


def moved_in_try(b):
    y = 0
    try:
        if b:
            x = 1
        y = x
    except UnboundLocalError:
        return y + 10
    return y


def deleted_on_a_path(b):
    x = 1
    if b:
        del x
    x
    return 1


def missing_in_the_first_round(n):
    while n:
        n -= 1
        if n == 1:
            z = [1]
        z
    return n


def in_a_branch_of_an_expression(b):
    if b == 3:
        x = 1
    y = [b, x if b else 0]
    return y[1] if b < 3 else x


@pytest.mark.parametrize("b", [0, 1, 3])
@pytest.mark.parametrize(
    "function",
    [
        in_a_branch_of_an_expression,
        read_and_dropped,
        read_and_moved,
        swapped,
        behind_an_empty_loop,
        moved_in_try,
        deleted_on_a_path,
        missing_in_the_first_round,
    ],
    ids=lambda function: function.__name__,
)
def test_unbound_locals_raise_though_nothing_uses_them(function, b):
    assert outcome(njit(function), b) == outcome(function, b)
