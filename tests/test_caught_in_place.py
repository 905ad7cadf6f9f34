"""Exceptions that handlers only match: they stay where they are, and cost nothing where LLVM sees the raise."""

import os
import subprocess
import sys
import traceback

import numpy as np
import pytest

from naja import _core, njit, prange


class Base(ValueError):
    """A class of the program's own."""


class Derived(Base):
    """Another one."""


@njit
def fail(x):
    """Raise what x says: without arguments, with constants, with numbers, with what owns memory, with a cause."""
    if x == 1:
        raise ValueError
    if x == 2:
        raise KeyError("constant")
    if x == 3:
        raise Derived(x, 2.5)
    if x == 4:
        raise IndexError("text " + str(x))
    if x == 5:
        raise TypeError(np.full(3, x), [x, x])
    if x == 6:
        raise Base from OSError("a cause " + str(x))
    if x == 7:
        return 1 // (x - 7)
    return x


@njit
def deep(x):
    """Pass it on."""
    if x > 9:
        return deep(x - 10) + 1
    return fail(x)


CAUSES = 1  # of what `fail` raises: moved when they are made


def seen(function, *args):
    """Return the result, or all that can be seen of the exception."""
    try:
        return function(*args)
    except BaseException as e:
        lines = [frame.lineno for frame in traceback.extract_tb(e.__traceback__)][1:]
        cause = type(e.__cause__).__name__, str(e.__cause__)
        return type(e).__name__, [str(a) for a in e.args], lines, cause


def check(function, cases):
    compiled = njit(function)
    seen(compiled, *cases[0])
    for case in cases:
        before = _core.block_count()
        assert seen(compiled, *case) == seen(function, *case), case
        assert _core.block_count() == before, case
    return compiled


def moved(compiled):
    """Count the exceptions that are moved out of the context."""
    return sum(text.count("call ptr @naja_catch(") for text in compiled.inspect_llvm().values())


def by_class(x):
    try:
        return deep(x)
    except (IndexError, KeyError):
        return -1
    except Base:
        return -2
    except ZeroDivisionError:
        return -3


def any_class(x):
    try:
        return deep(x)
    except:  # noqa: E722
        return -1


def one_behind_the_other(x):
    caught = 0
    for k in range(8):
        try:
            caught += deep(10 * k + k)
        except Exception:
            caught += 1000
    return deep(x) + caught


def one_in_the_other(x):
    caught = 0
    for k in range(9):
        try:
            try:
                caught += deep(10 * k + k)
            except (KeyError, TypeError):
                caught += 1000
        except ValueError:
            caught += 1000000
            try:
                deep(k + 1)
            except KeyError:
                caught += 10000000
            except ArithmeticError:
                break
        except Exception:
            try:
                if k > 6:
                    raise KeyError(k)
            except KeyError:
                caught += 5
    return caught, deep(x)


def again(x):
    try:
        return deep(x)
    except KeyError:
        raise Base(x)  # noqa: B904
    except Base:
        deep(x - 1)
        return -2


def in_a_generator(x):
    def items(n):
        for k in range(n):
            try:
                yield deep(k) + k
            except Base:
                yield -k
            except LookupError:
                yield -100 * k

    total = 0
    try:
        for item in items(x):
            total += item
    except ValueError:
        total += 5
    return total


FUNCTIONS = [by_class, any_class, one_behind_the_other, one_in_the_other, again, in_a_generator]


@pytest.mark.core
@pytest.mark.parametrize("function", FUNCTIONS)
def test_exceptions_stay_where_they_are(function):
    compiled = check(function, [(i,) for i in (*range(9), 23, 31, 45, 66, 77, 88)])
    assert moved(compiled) == CAUSES


def test_far_down():
    check(one_behind_the_other, [(400 + i,) for i in range(8)])


def test_what_is_looked_at_is_moved():
    @njit
    def text(x):
        try:
            return str(deep(x))
        except ValueError as e:
            return str(e)
        except KeyError:
            return "no"

    assert [text(x) for x in (0, 1, 2, 3)] == ["0", "", "no", "(3, 2.5)"]
    assert moved(text) == CAUSES + 1


@pytest.mark.core
def test_a_raise_that_is_inlined_is_a_branch():
    @njit
    def check_item(i):
        if i % 3 == 1:
            raise ValueError
        if i % 3 == 2:
            raise KeyError("odd")
        return i

    @njit
    def run(n):
        caught = 0
        for i in range(n):
            try:
                caught += check_item(i) & 1
            except ValueError:
                caught += 10
            except KeyError:
                caught += 100
        return caught

    assert run(100) == 33 * 10 + 33 * 100 + 17
    (text,) = run.inspect_llvm().values()
    body = text[text.index("@naja_native(") :]
    body = body[: body.index("\n}")]
    calls = [line for line in body.splitlines() if " call " in line and "@llvm." not in line]
    assert all("@naja_poll(" in line for line in calls), calls


def test_a_raise_and_its_handler_in_one_function():
    def f(n):
        total = 0
        for i in range(n):
            try:
                if i & 1:
                    raise StopIteration
                total += i
            except StopIteration:
                total -= 1
        return total

    compiled = check(f, [(n,) for n in range(5)])
    (text,) = compiled.inspect_llvm().values()
    for name in ("catch", "pending_matches", "drop_error"):
        assert f"call void @naja_{name}" not in text and f"@naja_{name}(" not in text.split("declare")[0]


def test_exceptions_of_the_interpreter_and_of_the_library():
    def f(text, x):
        items = [1, 2, 3]
        result = 0
        try:
            result += int(text)
        except OverflowError:
            return -1
        except ValueError:
            result -= 100
        try:
            items.remove(x)
        except ValueError:
            result -= 1000
        try:
            result += np.linalg.inv(np.full((2, 2), float(x)))[0, 0] > 0
        except np.linalg.LinAlgError:
            result -= 10000
        return result

    check(f, [("1", 2), ("x", 2), ("7", 9), ("y", 9)])


def test_recursion():
    @njit
    def down(n):
        return down(n + 1) + 1 if n >= 0 else 0

    @njit
    def f(n):
        caught = 0
        for _ in range(n):
            try:
                caught += down(0)
            except RecursionError:
                caught += 1
        down(0)
        return caught

    with pytest.raises(RecursionError):
        f(3)


def test_workers():
    @njit(parallel=True)
    def f(a):
        total = 0
        for i in prange(a.size):
            try:
                total += deep(a[i])
            except Derived:
                total += 100
            except ValueError:
                total += 10000
        return total

    def serial(a):
        return f.py_func(a)

    a = np.arange(3000) % 2 * 3 + np.arange(3000) % 5 // 4 * 10
    before = _core.block_count()
    assert f(a) == serial(a)
    a[1500] = 5
    assert seen(f, a)[0] == "TypeError"
    assert _core.block_count() == before


def test_classes_by_turns():
    """More runs of numbers of sites than are compared one after another."""

    @njit
    def raises(x):
        if x == 0:
            raise ValueError("0")
        if x == 1:
            raise KeyError("1")
        if x == 2:
            raise ValueError("2")
        if x == 3:
            raise KeyError("3")
        if x == 4:
            raise ValueError("4")
        if x == 5:
            raise KeyError("5")
        if x == 6:
            raise ValueError("6")
        if x == 7:
            raise KeyError("7")
        if x == 8:
            raise ValueError("8")
        if x == 9:
            raise KeyError("9")
        if x == 10:
            raise ValueError("10")
        if x == 11:
            raise KeyError("11")
        if x == 12:
            raise ValueError("12")
        if x == 13:
            raise KeyError("13")
        if x == 14:
            raise ValueError("14")
        if x == 15:
            raise KeyError("15")
        if x == 16:
            raise ValueError("16")
        if x == 17:
            raise TypeError
        if x == 18:
            raise ValueError("18")
        return x

    def f(x):
        try:
            return raises(x)
        except ValueError:
            return -1
        except LookupError:
            return -2

    check(f, [(x,) for x in range(20)])


PROGRAM = """
import sys
from naja import njit
Parent = {"ValueError": ValueError, "KeyError": KeyError}[sys.argv[1]]
class Mine(Parent):
    pass
@njit(cache=True)
def f(x):
    try:
        if x:
            raise Mine
    except ValueError:
        return 1
    except LookupError:
        return 2
    return 0
print(f(True))
"""


def test_the_cache_knows_the_bases_of_classes(tmp_path):
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    environment = {**os.environ, "NAJA_CACHE_DIR": str(tmp_path / "cache")}
    for parent, result in (("ValueError", "1"), ("KeyError", "2"), ("ValueError", "1")):
        run = [sys.executable, str(path), parent]
        out = subprocess.run(run, env=environment, capture_output=True, text=True, check=True)
        assert out.stdout.strip() == result
