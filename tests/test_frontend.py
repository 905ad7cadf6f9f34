"""Bytecode to SSA: what the SSA says is what Python does, and what is refused is refused in the right place."""

import os
import random
import re
import runpy
import sys
import types
from pathlib import Path

import pytest
from ssa_machine import Machine

from naja import _compiler

pytestmark = pytest.mark.core

SOME_GLOBAL = 7
A_TUPLE = (1, 2.5, (None, True), "text")


def helper(*args, **keywords):
    return args, keywords


# --- programs: each returns something that shows the order and result of what it did ------------------------------


def arithmetic(x, y):
    return (x + y) * (x - y) // (y + 20), x % 7, x**2, x / 3, -x, +x, ~x, x << 2, x >> 1, x & y, x | y, x ^ y


def augmented(x, y):
    x += y
    x -= 1
    x *= 2
    x //= 3
    x **= 2
    x %= 1000
    x |= 1
    x <<= 1
    return x


def comparisons(x, y):
    return (
        x < y,
        x <= y,
        x == y,
        x != y,
        x > y,
        x >= y,
        x is None,
        y is not None,
        x in (1, 2),
        y not in (3, x),
    )


def chained(x, y):
    return 0 < x < y, x < y < 10 < 20, not (x < y <= x)


def boolean(x, y):
    a = x and y or x + 1
    b = not x or not y
    return a, b, x or (y and 5), (x > 1) == (y > 1)


def ternary(x, y):
    return (x if x > y else y if y > 3 else 0) + (1 if not x else 2)


def while_else(x, y):
    out = []
    while x < 20:
        x += y + 1 if y >= 0 else 1
        if x == 7:
            continue
        if x > 15 and y == 2:
            break
        out.append(x)
    else:
        out.append("else")
    return out, x


def forever(x, y):
    n = 0
    while True:
        n += 1
        if n > x:
            return n
        elif n == y:
            break
    return -n


def for_else(x, y):
    s = 0
    for i in range(x):
        if i == y:
            continue
        for j in range(i):
            if j * i > 12:
                break
            s += i * j
        else:
            s += 100
            continue
        s += 1000
    else:
        s = s * 2
    return s


def for_break(x, y):
    for i in range(10):
        for j in range(10):
            if i * j == x + y:
                return i, j
            if j > i:
                break
    else:
        i = -1
    return i


def loop_over_several(x, y):
    out = []
    for a, (b, c) in zip(range(x), zip(range(y), "abc")):
        out.append((a, b, c))
    for n, item in enumerate(out):
        out[n] = item[::-1]
    return out


def swapped(x, y):
    a, b, c, d = x, y, 3, 4
    a, b = b, a
    a, b, c = c, a, b
    (a, b), c = (d, c), (a, b)
    [p, q] = divmod(x, 3)
    return a, b, c, d, p, q


def walrus(x, y):
    if (n := x + 1) > 3 and (m := n * 2) < 100:
        return n, m
    while (x := x - 1) > -3:
        n += x
    return n, x


def calls(x, y):
    t = (x, y)
    k = helper(x, b=y, *t, a=1)
    return (
        helper(),
        helper(x, k=y),
        helper(*t),
        helper(1, *t, 2, *range(x % 3)),
        k,
        max(x, y, key=lambda v: -v),
    )


def displays(x, y):
    t = 1, 2
    return [x, y], [1, 2, 3], [], (), (x,), (*t, x), (x, *t, *(7, 8)), [*(1, 2), y]


def comprehension(x, y):
    total = [x * i for i in range(y) if i != 2]
    nested = [[j + x for j in range(i)] for i in range(3)]
    pairs = [(i, j) for i in range(3) for j in range(i) if i + j != y]
    x = [x for x in range(x)]
    return (
        total,
        nested,
        pairs,
        x,
        [total[i] if i else (last := i) for i in range(len(total))],
        [a for a in [b for b in x]],
    )


def comprehension_in_call(x, y):
    return helper(x, [i for i in range(y)], *[i + 1 for i in range(x)], z=[y for _ in range(2)])


def slices(x, y):
    a = list(range(20))
    a[1:3] = [x]
    a[y] = a[x] + a[-1]
    a[::5] = [0] * len(a[::5])
    a[2] += 5
    return a[:], a[x:], a[:y], a[x:y], a[x:y:2], a[::-1], a[1:4], a[None:None:3]


def attributes(x, y):
    return x.real, (x + 1j * y).conjugate().imag, "a-b".split("-"), x.bit_length()


def closures(x, y):
    k = x + 1

    def add(a, b=y, c=3):
        return a + b * c + k

    def twice(f, v):
        return f(f(v))

    return add(1), add(1, 2), add(1, 2, 4), twice(lambda v: v + k, x), (lambda: lambda: k + x)()()


def recursive_closure(x, y):
    step = 1

    def fact(n):
        return 1 if n < 2 else n * fact(n - step)

    return fact(x)


def closure_in_loop(x, y):
    s = 0
    for i in range(x):
        v = i * y
        f = lambda a: a + v  # noqa: E731
        s += f(i)
    return s


def formatted(x, y):
    return f"{x}", f"x={x}, y={y + 1}!", f"{'in'}ner {x!s}"


def constants(x, y):
    return (
        SOME_GLOBAL,
        A_TUPLE,
        None,
        True,
        1.5,
        -0.0,
        1e300,
        2**63,
        2 + 3j,
        "é\n",
        b"bytes",
        ...,
        (1, (2, "x")),
        10**9,
    )


def unpacked(x, y):
    a, b = range(2)
    (c, d), e = [x, y], "z"
    return a, b, c, d, e


def deleted(x, y):
    z = x
    del z
    z = y
    return z


def nothing(x, y):
    if x:
        pass
    for _ in ():
        pass


def match_values(x, y):
    match x:
        case 0 | 1:
            return "small"
        case 5 if y:
            return "five"
        case None:
            return "none"
        case z:
            return z


def conditional_none(x, y):
    a = None if x > y else x
    if a is None:
        return "none"
    b = y if a is not None and y else None
    return "some" if b is not None else a


def late_definition(x, y):
    if x > 2:
        z = y
    elif x > 1:
        z = y + 1
    else:
        return -1
    return z


PROGRAMS = [
    arithmetic, augmented, comparisons, chained, boolean, ternary, while_else, forever, for_else, for_break,
    loop_over_several, swapped, walrus, calls, displays, comprehension, comprehension_in_call, slices, attributes,
    closures, recursive_closure, closure_in_loop, formatted, constants, unpacked, deleted, nothing, match_values,
    conditional_none, late_definition,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_ssa_computes_what_python_computes(program):
    machine = Machine(_compiler.dump_ssa(program), [helper])
    for x in (0, 1, 2, 3, 5, 8):
        for y in (0, 1, 2, 7):
            assert repr(machine(x, y)) == repr(program(x, y)), (x, y)


RAISING = """
def f(x):
    assert x > 0, "not positive"
    assert x != 7
    if x == 3:
        raise ValueError("three", x)
    if x == 4:
        raise KeyError
    return x
"""


def outcome(f, x):
    try:
        return f(x)
    except Exception as e:  # noqa: BLE001
        return repr(e)


def test_exceptions():
    namespace = {}
    exec(RAISING, namespace)  # noqa: S102  (pytest rewrites the asserts of this file)
    f = namespace["f"]
    machine = Machine(_compiler.dump_ssa(f))
    for x in range(9):
        assert outcome(machine, x) == outcome(f, x)


def test_free_variables_are_read_now():
    scale = 3

    def f(x):
        return [x * scale for x in range(x)]

    assert Machine(_compiler.dump_ssa(f))(4) == [0, 3, 6, 9]


def test_own_name_before_it_is_bound():
    namespace = {}
    exec("def fact(n): return n * fact(n - 1) if n else 1", namespace)  # noqa: S102
    fact = namespace.pop("fact")
    text = _compiler.dump_ssa(fact)
    assert "call" in text and "NJ" not in text


# --- random control flow --------------------------------------------------------------------------------------------


class Writer:
    """Writes a random function of two small integers that ends, in the language of the programs above."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.lines = ["def f(x, y):", "    a = b = c = 0", "    fuel = 60"]
        self.loops = 0

    def expression(self, depth=0):
        choose = self.random.choice
        if depth > 2 or self.random.random() < 0.3:
            return choose(["a", "b", "c", "x", "y", "1", "2", "-3"])
        e = lambda: self.expression(depth + 1)  # noqa: E731
        return choose([
            lambda: f"({e()} + {e()})", lambda: f"({e()} - {e()})", lambda: f"({e()} * {e()} % 101)",
            lambda: f"({e()} if {self.condition(depth + 1)} else {e()})", lambda: f"({e()} and {e()})",
            lambda: f"({e()} or {e()})", lambda: f"sum([{e()} + q for q in range(3) if q != {e()}])",
            lambda: f"({choose('abc')} := {e()})", lambda: f"max({e()}, {e()})", lambda: f"(lambda u: u + {choose('xy')})({e()})",
        ])()  # fmt: skip

    def condition(self, depth=0):
        e = lambda: self.expression(depth + 1)  # noqa: E731
        return self.random.choice([
            lambda: f"{e()} < {e()}", lambda: f"{e()} == {e()}", lambda: f"not {e()}", lambda: f"{e()} < {e()} <= {e()}",
            lambda: f"{e()} > 1 and {e()} < 5", lambda: f"{e()} or {e()} > 2", lambda: f"({e()} or None) is not None",
        ])()  # fmt: skip

    def block(self, indent, budget):
        pad = "    " * indent
        for _ in range(self.random.randint(1, 3)):
            kind = self.random.choice(["assign", "assign", "if", "for", "while", "leave", "swap", "return"])
            if budget <= 0 and kind in ("if", "for", "while"):
                kind = "assign"
            if kind == "assign":
                op = self.random.choice(["=", "+=", "-="])
                self.lines.append(f"{pad}{self.random.choice('abcxy')} {op} {self.expression()}")
            elif kind == "swap":
                self.lines.append(f"{pad}a, b, c = {self.expression()}, a, b")
            elif kind == "return" and self.random.random() < 0.3:
                self.lines.append(f"{pad}if {self.condition()}: return a, b, c, {self.expression()}")
            elif kind == "leave" and self.loops:
                self.lines.append(f"{pad}if {self.condition()}: {self.random.choice(['break', 'continue'])}")
            elif kind == "if":
                self.lines.append(f"{pad}if {self.condition()}:")
                self.block(indent + 1, budget - 1)
                if self.random.random() < 0.5:
                    self.lines.append(f"{pad}else:")
                    self.block(indent + 1, budget - 1)
            elif kind in ("for", "while"):
                head = f"for {self.random.choice('abct')} in range({self.random.randint(0, 5)})"
                self.lines.append(f"{pad}{head}:" if kind == "for" else f"{pad}while {self.condition()}:")
                self.lines += [f"{pad}    fuel -= 1", f"{pad}    if fuel < 0: return 'fuel', a, b, c"]
                self.loops += 1
                self.block(indent + 1, budget - 1)
                self.loops -= 1
                if self.random.random() < 0.3:
                    self.lines.append(f"{pad}else:")
                    self.block(indent + 1, budget - 1)
        self.lines.append(f"{pad}pass")

    def source(self):
        self.block(1, 3)
        return "\n".join([*self.lines, "    return a, b, c, x, y"])


@pytest.mark.parametrize("seed", range(150))
def test_random_programs(seed):
    source = Writer(seed).source()
    namespace = {}
    exec(compile(source, "<random>", "exec"), namespace)  # noqa: S102
    f = namespace["f"]
    text = _compiler.dump_ssa(f)
    if text.startswith("NJ1005"):
        pytest.skip("a lambda sees a later assignment")
    machine = Machine(text)
    for x, y in [(0, 0), (1, 4), (5, 2), (-2, 3)]:
        assert machine(x, y) == f(x, y), source


# --- what is refused, and where ---------------------------------------------------------------------------------------

REFUSED = [
    ("NJ1002", "`async`", "async def f(x):\n    pass", 1, None),
    ("NJ1002", "a class definition", "def f(x):\n    class A: pass", 2, 4),
    ("NJ1002", "a global variable", "def f(x):\n    global g\n    g = x", 3, 4),
    ("NJ1002", "`super()` with arguments", "class A:\n    def f(self):\n        return super(A, self).f()\nf = A.f", 3, None),
    ("NJ1003", "'nowhere'", "def f(x):\n    return x + nowhere", 2, 15),
    ("NJ1005", "'b'", "def f(x):\n    def a(): return b()\n    def b(y=x): return a()\n    return a()", 3, 4),
    ("NJ1007", "64 bits", "def f(x):\n    return x + 18446744073709551616", 2, 15),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "words", "source", "line", "column"), REFUSED, ids=[f"{r[0]}-{r[1]}" for r in REFUSED]
)
def test_refused(code, words, source, line, column):
    namespace = {}
    exec(source, namespace)  # noqa: S102
    text = _compiler.dump_ssa(namespace["f"])
    assert text.startswith(f"{code} at {line}:"), text
    assert words in text
    if column is not None and not (sys.version_info[:2] == (3, 11) and "dict" in words):
        assert text.startswith(f"{code} at {line}:{column}-"), text


def test_long_functions_need_no_deep_stack():
    lines = ["def f(x, y):"] + [f"    if x == {i}: y += {i % 7}" for i in range(3000)] + ["    return y"]
    namespace = {}
    exec("\n".join(lines), namespace)  # noqa: S102
    machine = Machine(_compiler.dump_ssa(namespace["f"]))
    assert machine(5, 1) == 6


def test_standard_library_decodes():
    """Every function of some modules is either built or refused with a message."""
    import argparse
    import collections
    import statistics
    import textwrap

    seen = 0
    for module in (argparse, collections, statistics, textwrap):
        for value in vars(module).values():
            members = vars(value).values() if isinstance(value, type) else [value]
            for f in members:
                if isinstance(f, types.FunctionType):
                    text = _compiler.dump_ssa(f)
                    assert text.startswith(("func ", "NJ1")), text
                    assert not text.startswith("NJ9"), text
                    seen += 1
    assert seen > 100


# --- the text itself ------------------------------------------------------------------------------------------------
# ssa_examples.txt is rewritten by: NAJA_UPDATE=1 pytest tests/test_frontend.py


def normalised(text):
    """Without the margin, and with values numbered in order of appearance and objects by name."""
    names = dict(re.findall(r"^# (\d+): (.*)$", text, re.MULTILINE))
    text = re.sub(r"\s+; \S+:\d+$", "", text, flags=re.MULTILINE)
    text = re.sub(r"^# .*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"@(\d+)", lambda m: f"@{names[m[1]]}", text)

    def renumber(body):
        numbers = {}
        return re.sub(r"%\d+", lambda m: numbers.setdefault(m[0], f"%{len(numbers)}"), body[0])

    return re.sub(r"^func .*?^}$", renumber, text, flags=re.MULTILINE | re.DOTALL)


def test_golden():
    directory = Path(__file__).parent / "ir"
    namespace = runpy.run_path(str(directory / "ssa_examples.py"), run_name="ssa_examples")
    functions = [f for f in namespace.values() if isinstance(f, types.FunctionType)]
    text = "\n".join(normalised(_compiler.dump_ssa(f)) for f in functions)
    golden = directory / "ssa_examples.txt"
    if os.environ.get("NAJA_UPDATE"):
        golden.write_text(text)
    assert text == golden.read_text()
