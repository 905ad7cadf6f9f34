"""The cache: what is found again by another process, what changes the key, and what a broken entry does."""

import json
import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from naja import _core, njit, types
from naja.extending import overload_attribute

pytestmark = pytest.mark.core


def run(tmp_path, source, **environment):
    """Run a script in a new process with its own cache; gives what it printed as JSON."""
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(source))
    env = {**os.environ, "NAJA_CACHE_DIR": str(tmp_path / "cache"), **environment}
    result = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, env=env, timeout=120
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout.splitlines()[-1])


SUM = """
import json
import numpy as np
from naja import _core, njit

SCALE = {scale}

@njit
def scaled(x):
    return x * {scaled}

@njit
def f(a):
    s = 0.0
    for i in range(a.shape[0]):
        s += scaled(a[i]) * SCALE
    return s

result = f(np.arange(5.0))
version = next(iter(f.overloads.values()))
print(json.dumps([result, version.from_cache, _core.compiler_is_loaded()]))
"""


def test_second_process_hits_and_never_loads_llvm(tmp_path):
    source = SUM.format(scale=2.0, scaled=3)
    assert run(tmp_path, source) == [60.0, False, True]
    assert run(tmp_path, source) == [60.0, True, False]


def test_what_the_code_depends_on_is_in_the_key(tmp_path):
    assert run(tmp_path, SUM.format(scale=2.0, scaled=3)) == [60.0, False, True]
    assert run(tmp_path, SUM.format(scale=4.0, scaled=3)) == [120.0, False, True]  # a global
    assert run(tmp_path, SUM.format(scale=2.0, scaled=5)) == [100.0, False, True]  # a callee's code
    assert run(tmp_path, "\n\n\n" + SUM.format(scale=2.0, scaled=3)) == [60.0, True, False]  # not the line


def test_callee_in_another_module(tmp_path):
    (tmp_path / "other.py").write_text("from naja import njit\n@njit\ndef g(x):\n    return x + 1\n")
    source = """
        import json
        from naja import njit
        import other

        @njit
        def f(x):
            return other.g(x) * 2

        print(json.dumps([f(1), next(iter(f.overloads.values())).from_cache]))
    """
    assert run(tmp_path, source) == [4, False]
    assert run(tmp_path, source) == [4, True]
    (tmp_path / "other.py").write_text("from naja import njit\n@njit\ndef g(x):\n    return x + 10\n")
    os.utime(tmp_path / "other.py", (1, 1))
    assert run(tmp_path, source) == [22, False]


def test_exceptions_from_cached_code(tmp_path):
    source = """
        import json, traceback
        from naja import njit

        class Own(Exception):
            pass

        @njit
        def g(x):
            if x > 3:
                raise Own("big", x)
            return 10 // x

        @njit
        def f(x):
            return g(x)

        out = []
        for x in (5, 0):
            try:
                f(x)
            except Exception as e:
                last = traceback.extract_tb(e.__traceback__)[-1]
                out.append([type(e).__name__, list(e.args), last.name, last.line])
        print(json.dumps([out, next(iter(f.overloads.values())).from_cache]))
    """
    expected = [
        ["Own", ["big", 5], "g", 'raise Own("big", x)'],
        ["ZeroDivisionError", ["integer division or modulo by zero"], "g", "return 10 // x"],
    ]
    first, second = run(tmp_path, source), run(tmp_path, source)
    assert [first[1], second[1]] == [False, True]
    assert second[0] == first[0]
    assert [e[0] for e in first[0]] == [e[0] for e in expected]
    assert [e[2:] for e in first[0]] == [e[2:] for e in expected]
    assert first[0][0] == expected[0]


def test_namedtuple_and_closures(tmp_path):
    source = """
        import json
        from collections import namedtuple
        from naja import njit

        P = namedtuple("P", "x y")

        def make(k):
            @njit
            def f(p):
                return P(p.y + k, p.x)
            return f

        f = make({k})
        result = f(P(1, 2.5))
        print(json.dumps([list(result), type(result).__name__, next(iter(f.overloads.values())).from_cache]))
    """
    assert run(tmp_path, source.format(k=1)) == [[3.5, 1], "P", False]
    assert run(tmp_path, source.format(k=1)) == [[3.5, 1], "P", True]
    assert run(tmp_path, source.format(k=2)) == [[4.5, 1], "P", False]


def test_broken_entries_are_misses(tmp_path):
    source = SUM.format(scale=2.0, scaled=3)
    run(tmp_path, source)
    entries = list((tmp_path / "cache").rglob("*.naja"))
    assert entries
    for entry in entries:
        entry.write_bytes(entry.read_bytes()[:-20])
    assert run(tmp_path, source) == [60.0, False, True]
    assert run(tmp_path, source) == [60.0, True, False]
    for entry in (tmp_path / "cache").rglob("*.naja"):
        data = bytearray(entry.read_bytes())
        data[len(data) // 2] ^= 0xFF
        entry.write_bytes(data)
    assert run(tmp_path, source) == [60.0, False, True]


def test_a_directory_that_cannot_be_written_is_no_error(tmp_path):
    (tmp_path / "cache").write_text("a file, not a directory")
    assert run(tmp_path, SUM.format(scale=2.0, scaled=3))[0] == 60.0


def test_cache_can_be_turned_off(tmp_path):
    source = SUM.format(scale=2.0, scaled=3).replace("@njit\ndef f", "@njit(cache=False)\ndef f")
    assert run(tmp_path, source)[1] is False
    assert run(tmp_path, source)[1] is False
    source = SUM.format(scale=2.0, scaled=3)
    run(tmp_path, source)
    assert run(tmp_path, source, NAJA_CACHE="0")[1] is False


def test_experiments_do_not_use_the_cache(tmp_path):
    source = SUM.format(scale=2.0, scaled=3)
    assert run(tmp_path, source, NAJA_SKIP="fuse") == [60.0, False, True]
    assert run(tmp_path, source) == [60.0, False, True]
    assert run(tmp_path, source, NAJA_SKIP="fuse") == [60.0, False, True]


# ---- the key, in this process ----------------------------------------------------------------------------------------


def key(source, name="f", types_=(types.int64,), **scope):
    exec(textwrap.dedent(source), scope)
    return _core.fingerprint(scope[name], types_)[0]


def test_key_follows_content():
    base = "def f(x):\n    return x + K\n"
    assert key(base, K=1) == key(base, K=1)
    assert key(base, K=1) != key(base, K=2)
    assert key(base, K=1) != key(base, K=1.0)
    assert key(base, K=0.0) != key(base, K=-0.0)
    assert key(base, K=(1, 2)) != key(base, K=(1, 3))
    assert key(base, K=np.arange(3)) == key(base, K=np.arange(3))
    assert key(base, K=np.arange(3)) != key(base, K=np.arange(3.0))
    assert key(base, K=np.arange(3)) != key(base, K=np.arange(4))
    assert key(base, K=1, types_=(types.float64,)) != key(base, K=1)


def test_key_ignores_what_is_not_used():
    base = "def f(x):\n    return x + K\n"
    assert key(base, K=1, other=1) == key(base, K=1, other=2)


def test_key_sees_defaults_and_nested_functions():
    assert key("def f(x, y=1): return x + y") != key("def f(x, y=2): return x + y")
    nested = "def f(x):\n    def g(y):\n        return y * {}\n    return g(x)\n"
    assert key(nested.format(2)) == key(nested.format(2))
    assert key(nested.format(2)) != key(nested.format(3))


def test_key_follows_module_attributes():
    source = "import numpy as np\ndef f(x):\n    return np.{}(x)\n"
    assert key(source.format("sin")) != key(source.format("cos"))
    assert key(source.format("linalg.norm")) == key(source.format("linalg.norm"))


def test_mutual_recursion_ends():
    source = """
        from naja import njit
        @njit
        def even(n):
            return True if n == 0 else odd(n - 1)
        @njit
        def odd(n):
            return False if n == 0 else even(n - 1)
    """
    assert key(source, "even") == key(source, "even")
    assert key(source, "even") != key(source, "odd")


def test_objects_without_content_are_not_cached():
    print_ = _core.fingerprint
    scope = {"thing": object()}
    exec("def f(x):\n    return thing\n", scope)
    key_, why, _ = print_(scope["f"], (types.int64,))
    assert key_ is None and why


def test_options_are_in_the_key():
    def f(x):
        return x + 1

    assert _core.fingerprint(njit(f))[0] != _core.fingerprint(njit(fastmath=True)(f))[0]
    assert _core.fingerprint(njit(f))[0] == _core.fingerprint(njit(f))[0]


# ---- overloads of users -------------------------------------------------------------------------------------------------

OVERLOADED = """
import json
import numpy as np
from naja import njit, types
from naja.extending import overload, overload_method

def scale(x):
    raise NotImplementedError

{overloads}

@njit
def f(x):
    return {call}

result = f({argument})
print(json.dumps([result, next(iter(f.overloads.values())).from_cache]))
"""

FACTORY = """
@overload({function})
def factory(x):
    factor = {factor}
    return lambda x: x * factor
"""


def overloaded(tmp_path, overloads, call="scale(x)", argument="2.5"):
    return run(tmp_path, OVERLOADED.format(overloads=overloads, call=call, argument=argument))


def test_overloads_of_users_are_cached_and_in_the_key(tmp_path):
    factory = FACTORY.format(function="scale", factor=2.0)
    assert overloaded(tmp_path, factory) == [5.0, False]
    assert overloaded(tmp_path, factory) == [5.0, True]
    assert overloaded(tmp_path, FACTORY.format(function="scale", factor=4.0)) == [10.0, False]
    assert overloaded(tmp_path, factory) == [5.0, True]


def test_overload_of_a_function_that_naja_serves(tmp_path):
    call, argument = "np.trapezoid(x)", "np.arange(3.0)"
    assert overloaded(tmp_path, "", call, argument) == [2.0, False]
    assert overloaded(tmp_path, "", call, argument) == [2.0, True]
    other = (
        "@overload(np.trapezoid)\ndef other(y, x=None, dx=1.0):\n    return lambda y, x=None, dx=1.0: -1.0\n"
    )
    assert overloaded(tmp_path, other, call, argument) == [-1.0, False]
    assert overloaded(tmp_path, "", call, argument) == [2.0, True]


def test_overloaded_methods_are_in_the_key(tmp_path):
    method = "@overload_method(types.Array, 'twice')\ndef twice(a):\n    return lambda a: a.sum() * {}\n"
    call, argument = "x.twice()", "np.arange(3.0)"
    assert overloaded(tmp_path, method.format(2), call, argument) == [6.0, False]
    assert overloaded(tmp_path, method.format(2), call, argument) == [6.0, True]
    assert overloaded(tmp_path, method.format(3), call, argument) == [9.0, False]


def test_overloads_of_operators_are_in_the_key(tmp_path):
    operator_ = (
        "import operator\n@overload(operator.add)\ndef add(a, b):\n"
        "    if isinstance(a, types.UnicodeType) and isinstance(b, types.Integer):\n"
        "        return lambda a, b: len(a) + {}\n"
    )
    call, argument = "x + 1", "'abc'"
    assert overloaded(tmp_path, operator_.format(10), call, argument) == [13, False]
    assert overloaded(tmp_path, operator_.format(10), call, argument) == [13, True]
    assert overloaded(tmp_path, operator_.format(20), call, argument) == [23, False]


def test_overloads_of_methods_of_classes_are_in_the_key(tmp_path):
    maker = "@overload(dict.fromkeys)\ndef fromkeys(keys):\n    return lambda keys: keys * {}\n"
    call, argument = "dict.fromkeys(x)", "7"
    assert overloaded(tmp_path, maker.format(2), call, argument) == [14, False]
    assert overloaded(tmp_path, maker.format(2), call, argument) == [14, True]
    assert overloaded(tmp_path, maker.format(3), call, argument) == [21, False]


def test_factories_without_comparable_content_go_by_their_file(tmp_path):
    names_a_registry = (
        "known = {{'factor': {}}}\n@overload(scale)\ndef factory(x):\n    factor = known['factor']\n"
    )
    names_a_registry += "    return lambda x: x * factor\n"
    path = tmp_path / "factories.py"
    source = "import sys\nsys.path.insert(0, {!r})\nimport factories\nscale = factories.scale\n".format(
        str(tmp_path)
    )
    head = "from naja.extending import overload\ndef scale(x):\n    raise NotImplementedError\n"
    path.write_text(head + names_a_registry.format(2.0))
    assert overloaded(tmp_path, source) == [5.0, False]
    assert overloaded(tmp_path, source) == [5.0, True]
    path.write_text(head + names_a_registry.format(16.0))
    assert overloaded(tmp_path, source) == [40.0, False]


def test_content_that_was_refused_once_is_not_taken_for_known():
    thing = object()
    factory_scope, scope = {"thing": thing, "__name__": "elsewhere"}, {"thing": thing}
    exec(compile("def factory(x):\n    return thing\n", __file__, "exec"), factory_scope)
    exec("def f(x):\n    return x.refused_once_or_twice + thing\n", scope)
    overload_attribute(types.Integer, "refused_once_or_twice")(factory_scope["factory"])
    assert _core.fingerprint(scope["f"], (types.int64,))[0] is None


def test_helpers_of_overloads_are_in_the_key(tmp_path):
    helper = "@njit\ndef helper(x):\n    return x + {}\n@overload(scale)\ndef factory(x):\n    return lambda x: helper(x)\n"
    assert overloaded(tmp_path, helper.format(1)) == [3.5, False]
    assert overloaded(tmp_path, helper.format(1)) == [3.5, True]
    assert overloaded(tmp_path, helper.format(2)) == [4.5, False]


def test_declared_locals_are_in_the_key(tmp_path):
    source = """
        import json
        from naja import njit, types

        def f(x):
            y = x
            return y

        f = njit(locals={"y": types.TYPE})(f)
        result = f(2.75)
        print(json.dumps([float(result), next(iter(f.overloads.values())).from_cache]))
        """
    assert run(tmp_path, source.replace("TYPE", "int64")) == [2.0, False]
    assert run(tmp_path, source.replace("TYPE", "float64")) == [2.75, False]
    assert run(tmp_path, source.replace("TYPE", "int64")) == [2.0, True]


@pytest.mark.parametrize(("default", "other"), [("2.5", "-0.0"), ("'ab'", "'abc'"), ("(1, 2.0)", "None")])
def test_signatures_with_omitted_arguments_are_cached(tmp_path, default, other):
    source = """
        import json
        from naja import njit, types

        def f(x, y=DEFAULT, z=1):
            return x, y, z

        omitted = types.Omitted(f.__defaults__[0])
        g = njit([(types.int64, omitted, types.int64), (types.int64, omitted, types.Omitted(1))])(f)
        print(json.dumps([version.from_cache for version in g.overloads.values()]))
        """
    first = source.replace("DEFAULT", default)
    assert run(tmp_path, first) == [False, False]
    assert run(tmp_path, first) == [True, True]
    assert run(tmp_path, source.replace("DEFAULT", other)) == [False, False]
    assert run(tmp_path, first) == [True, True]


# ---- what users read ---------------------------------------------------------------------------------------------------


def test_counters(tmp_path):
    source = """
        import json
        from naja import njit

        @njit(cache=True)
        def f(num=1000):
            return num

        f()
        f(2.5)
        hits, misses = f._cache_hits, f._cache_misses
        st = f.stats
        print(json.dumps([[hits[s] for s in f.signatures], [misses[s] for s in f.signatures],
                          sum(st.cache_hits.values()), sum(st.cache_misses.values()), bool(st.cache_path)]))
        """
    assert run(tmp_path, source) == [[0, 0], [1, 1], 0, 2, True]
    assert run(tmp_path, source) == [[1, 1], [0, 0], 2, 0, True]


def test_directory_at_run_time(tmp_path):
    source = f"""
        import json, os
        from naja import config, njit

        before = config.CACHE_DIR
        config.CACHE_DIR = {str(tmp_path / "elsewhere")!r}

        @njit
        def f(x):
            return x + 1

        f(1)
        there = len(os.listdir(config.CACHE_DIR))
        path = f.stats.cache_path
        config.CACHE_DIR = before

        @njit
        def g(x):
            return x + 2

        g(1)
        print(json.dumps([there, path, g.stats.cache_path]))
        """
    there, path, after = run(tmp_path, source)
    assert there >= 1 and path == str(tmp_path / "elsewhere") and after == str(tmp_path / "cache")


def test_jitclasses_are_cached(tmp_path):
    """Methods, the constructor and functions that use the class; classes of one name do not meet."""
    source = """
        import json
        from naja import _core, njit, types
        from naja.experimental import jitclass

        def make(k):
            @jitclass([("x", types.float64)])
            class C:
                def __init__(self, x):
                    self.x = x
                def add(self, y):
                    self.x += y * k
                    return self.x
            return C

        One, Two = make(1), make(2)

        @njit
        def f(x):
            return One(x).add(1.0) + Two(x).add(1.0)

        a, b = One(1.0), Two(1.0)
        result = [f(0.0), a.add(3.0), b.add(3.0)]
        print(json.dumps([result, _core.compiler_is_loaded()]))
        """
    assert run(tmp_path, source) == [[3.0, 4.0, 7.0], True]
    assert run(tmp_path, source) == [[3.0, 4.0, 7.0], False]
