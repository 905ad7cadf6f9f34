"""Library functions that are compiled once, as units of their own, and called from others."""

import gc
import json
import os
import subprocess
import sys
import textwrap
import traceback

import numpy as np
import pytest

from naja import _core, njit

core = pytest.mark.core


def run(tmp_path, source, **environment):
    """Run a script in a new process with its own cache; gives what it printed as JSON."""
    env = {**os.environ, "NAJA_CACHE_DIR": str(tmp_path / "cache"), **environment}
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(source)], capture_output=True, text=True, env=env, timeout=300
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout.splitlines()[-1])


FUNCTIONS = """
import inspect, json, linecache, sys
import numpy as np
from naja import _core, njit

A = np.array([3.0, -1.0, 2.5, 0.0, 7.0])

def make(name, body):
    text = f"def {name}(a):\\n    return {body}\\n"
    linecache.cache[f"<{name}>"] = (len(text), None, text.splitlines(True), f"<{name}>")
    names = {"np": np}
    exec(compile(text, f"<{name}>", "exec"), names)
    return njit(names[name])
"""
REPORT = "\nprint(json.dumps([float(np.sum(r)), *_core.imports(), _core.compiler_is_loaded()]))\n"


def use(tmp_path, name, body, **environment):
    return run(tmp_path, FUNCTIONS + f"f = make({name!r}, {body!r})\nr = f(A)" + REPORT, **environment)


@core
def test_another_function_compiles_none(tmp_path):
    first = use(tmp_path, "f", "np.sort(a)[1:]")
    assert first[0] == 12.5 and first[1] >= 1 and first[2] >= 1
    assert use(tmp_path, "f", "np.sort(a)[1:]") == [12.5, first[1], 0, False]  # cached as a whole: no LLVM
    assert use(tmp_path, "g", "np.sort(a) * 2") == [
        23.0,
        first[1],
        0,
        True,
    ]  # another caller, the same import


@core
def test_another_function_of_the_process(tmp_path):
    source = """
        f, g, h = make("f", "np.sort(a)"), make("g", "np.sort(a)[::-1] + 1"), make("h", "np.sort(a)")
        counts = []
        for function, arg in ((f, A), (g, A), (h, A.astype(np.float32)), (f, A.astype(np.float32))):
            function(arg)
            counts.append(_core.imports())
        print(json.dumps(counts))
    """
    one, two, three, four = run(tmp_path, FUNCTIONS + textwrap.dedent(source), NAJA_TIME="")
    assert one[1] >= 1 and two == one
    assert three[1] > two[1] and four == three  # one per type of elements


@core
@pytest.mark.parametrize("damage", ["missing", "truncated", "garbled"])
def test_a_lost_import_is_a_miss(tmp_path, damage):
    expected = use(tmp_path, "f", "np.percentile(a, 30.0)")
    files = [p for p in (tmp_path / "cache").rglob("*") if p.is_file()]
    assert len(files) == 1 + expected[2]
    for path in files:
        if damage == "missing":
            path.unlink()
        else:
            data = bytearray(path.read_bytes())
            middle = len(data) // 2
            path.write_bytes(
                data[:middle] if damage == "truncated" else data[:middle] + b"\xff" * 8 + data[middle + 8 :]
            )
        result = use(tmp_path, "f", "np.percentile(a, 30.0)")
        assert result[:2] == expected[:2] and result[3]
        assert result[2] <= 1  # that one, unless it was the caller
        assert use(tmp_path, "f", "np.percentile(a, 30.0)") == [*expected[:2], 0, False]


def test_nothing_is_written_without_the_cache(tmp_path):
    source = """
        import os
        f = njit(cache=False)(make("f", "np.sort(a)").py_func)
        f(A)
        print(json.dumps([_core.imports(), len(os.listdir(os.environ["NAJA_CACHE_DIR"]))]))
    """
    os.mkdir(tmp_path / "cache")
    (loaded, compiled), nfiles = run(tmp_path, FUNCTIONS + textwrap.dedent(source))
    assert loaded >= 1 and compiled >= 1 and nfiles == 0


def test_options_of_the_caller(tmp_path):
    """Fast math, the error model and index checks are the caller's own; whether loops are parallel is not."""
    source = """
        f = make("f", "np.sort(a) / 3.0").py_func
        counts = []
        for options in ({}, {"fastmath": True}, {"error_model": "numpy"}, {"boundscheck": False}, {"nogil": True},
                        {"parallel": True}):
            njit(**options)(f)(A)
            counts.append(_core.imports()[1])
        print(json.dumps(counts))
    """
    counts = run(tmp_path, FUNCTIONS + textwrap.dedent(source))
    assert counts[0] >= 1 and counts[:5] == [counts[0]] * 5 and counts[5] > counts[0]


# ---- lifetimes ------------------------------------------------------------------------------------------------------


@core
def test_code_goes_with_its_last_caller():
    gc.collect()
    before = _core.imports()[0]
    f, g = njit(lambda a: np.sort(a)), njit(lambda a: np.sort(a) + 1)
    a = np.array([5, 4, 9], np.int16)
    f(a), g(a)
    loaded = _core.imports()[0]
    assert loaded > before
    del f
    gc.collect()
    assert _core.imports()[0] == loaded and list(g(a)) == [5, 6, 10]
    del g
    gc.collect()
    assert _core.imports()[0] == before


def test_values_outlive_the_code():
    """Text of an import lies in its code, which whoever has the text keeps."""

    def make():
        @njit
        def f(n):
            d = {}
            for i in range(n):
                d[f"key {i}"] = str(i) * i
            return sorted(d.items())

        return f

    f = make()
    result = f(3)
    del f
    gc.collect()
    assert result == [("key 0", ""), ("key 1", "1"), ("key 2", "22")]


# ---- exceptions -----------------------------------------------------------------------------------------------------


def raised(f, *args):
    with pytest.raises(Exception) as info:
        f(*args)
    places = [
        (e.name, e.lineno, e.colno, e.end_colno) for e in traceback.extract_tb(info.value.__traceback__)[1:]
    ]
    return type(info.value), info.value.args, places


def interpolate(a):
    n = a.size * 2
    return np.interp(a, a[n:], a[n:])


def percentile(a):
    return np.percentile(a, 120.0)


def quantiles(a):
    return np.quantile(a, a + 5)


def histogram(a):
    return np.histogram(a, 0)


def inverse(a):
    return np.linalg.inv(np.zeros((2, 2)) * a[0])


def caller(a):
    b = a + 1
    return inverse(b), percentile(b)


for _name in ("inverse", "percentile"):
    globals()[_name] = njit(globals()[_name])


@core
@pytest.mark.parametrize("function", [interpolate, percentile, quantiles, histogram, inverse, caller])
def test_errors_are_those_of_one_unit(function, monkeypatch):
    plain = getattr(function, "py_func", function)
    a = np.arange(3.0)
    gc.collect()
    before = _core.imports()[0]
    f = njit(plain)
    got = raised(f, a)
    assert _core.imports()[0] > before
    monkeypatch.setenv("NAJA_SKIP", "nothing")  # an experiment is one unit
    loaded = _core.imports()[0]
    one = njit(plain)
    assert raised(one, a) == got
    assert _core.imports()[0] == loaded
    assert got[2][0][0] == plain.__name__


@core
def test_handlers_see_what_imports_raise():
    @njit
    def f(a, q):
        seen = 0
        try:
            return np.percentile(a, q)
        except ZeroDivisionError:
            seen += 1
        except ValueError:
            seen += 10
        try:
            np.linalg.inv(np.zeros((2, 2)))
        except np.linalg.LinAlgError:
            seen += 100
        finally:
            seen += 1000
        return float(seen)

    a = np.arange(5.0)
    assert f(a, 50.0) == 2.0
    assert f(a, 101.0) == 1110.0
    assert f.py_func(a, 101.0) == 1110.0


def test_errors_from_the_cache(tmp_path):
    source = FUNCTIONS + textwrap.dedent("""
        import traceback
        f = make("f", "np.percentile(a, 120.0)")
        try:
            f(A)
        except ValueError as e:
            last = traceback.extract_tb(e.__traceback__)[-1]
            print(json.dumps([str(e), last.name, last.lineno, _core.compiler_is_loaded()]))
    """)
    first, second = run(tmp_path, source), run(tmp_path, source)
    assert first[:3] == second[:3] == ["Percentiles must be in the range [0, 100]", "f", 2]
    assert [first[3], second[3]] == [True, False]


@pytest.mark.filterwarnings("error::naja.errors.NajaPerformanceWarning")
def test_errors_of_parallel_loops():
    """Imports of a parallel function need no parallel loops of their own."""
    from naja import prange

    @njit(parallel=True)
    def f(a, q):
        out = np.zeros(q.size)
        for i in prange(q.size):
            out[i] = np.percentile(a, q[i])
        return out

    a, q = np.arange(11.0), np.linspace(0, 100, 40)
    np.testing.assert_allclose(f(a, q), np.percentile(a, q))
    q[7] = 500.0
    with pytest.raises(ValueError, match="Percentiles must be in the range"):
        f(a, q)


# ---- what is shared --------------------------------------------------------------------------------------------------


@core
@pytest.mark.parametrize(
    "body",
    [
        "np.median(a.reshape(5, 1), axis=0)",
        "np.array([len(x) for x in 'a b c'.split(' ')])",  # parameters that are left to their defaults
        "np.array(sorted([x for x in a]))",
        "np.array(list({x for x in a} - {1.0}))",
    ],
)
def test_containers_are_imports(tmp_path, body):
    first = use(tmp_path, "f", body)
    second = use(tmp_path, "g", body + " * 2")
    assert first[2] >= 1
    assert second == [first[0] * 2, first[1], 0, True]


# ---- what stays with the caller -------------------------------------------------------------------------------------


@core
def test_callbacks_stay():
    gc.collect()

    key = njit(lambda x: -x)

    @njit
    def f(a):
        return sorted(a, key=key)

    assert f([1.5, 3.5, 2.5]) == [3.5, 2.5, 1.5]

    key = njit(lambda x: x)
    assert f([1.5, 3.5, 2.5]) == [3.5, 2.5, 1.5]  # bound when it was compiled
    f.recompile()
    assert f([1.5, 3.5, 2.5]) == [1.5, 2.5, 3.5]


def test_texts_say_what_is_called():
    @njit
    def f(a):
        return np.sort(a)[0]

    f(np.arange(4.0))
    (llvm,) = f.inspect_llvm().values()
    (assembly,) = f.inspect_asm().values()
    assert "naja_import:" in llvm and "naja_import:" in assembly
    assert "np.sort" in str(f.explain()) or "sort" in str(f.inspect_calls())


@core
def test_loops_of_imports_are_seen_by_signals(monkeypatch):
    """The caller of loops that poll begins by saying so, even if it has none itself."""

    @njit
    def polls(n):
        s = {n, n + 1, n + 2}
        return sorted(s)

    @njit
    def none(a):
        return np.sort(a)

    polls(3), none(np.arange(4.0))
    for f in (polls, none):
        (llvm,) = f.inspect_llvm().values()
        monkeypatch.setenv("NAJA_SKIP", "nothing")
        (one_unit,) = f.inspect_llvm().values()
        monkeypatch.delenv("NAJA_SKIP")
        assert "naja_import:" in llvm and "naja_import:" not in one_unit
        assert ("naja_enter" in llvm) == ("naja_enter" in one_unit) == (f is polls)


# ---- threads and processes ------------------------------------------------------------------------------------------


def test_threads_compile_at_once(tmp_path):
    source = """
        from concurrent.futures import ThreadPoolExecutor
        fs = [make(f"f{i}", f"np.sort(a)[0] + np.median(a) + {i}") for i in range(6)]
        with ThreadPoolExecutor(6) as pool:
            r = [x - i for i, x in enumerate(pool.map(lambda f: f(A), fs))]
        compiled = _core.imports()[1]
        fs[0](A)
        single = make("g", "np.sort(a)[0] + np.median(a) - 1")(A)
        print(json.dumps([r, compiled == _core.imports()[1], len(r)]))
    """
    r, same, n = run(tmp_path, FUNCTIONS + textwrap.dedent(source))
    assert r == [1.5] * 6 and same


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one processor: nothing is compiled at once")
def test_compiling_at_once_gives_the_same_code(tmp_path):
    body = "np.percentile(a, 30) + len(set(a) | set(a[1:])) + np.sort(a)[0] + np.median(a)"
    source = FUNCTIONS + f"os.sched_setaffinity(0, CPUS)\nf = make('f', {body!r})\nr = f(A)" + REPORT
    source = "import os\n" + source
    entries = []
    for name, cpus in ("one", "sorted(os.sched_getaffinity(0))[:1]"), ("all", "os.sched_getaffinity(0)"):
        (tmp_path / name).mkdir()
        answer = run(tmp_path / name, source.replace("CPUS", cpus))
        assert answer[1] > 3 and answer[2] == answer[1]
        files = (path for path in (tmp_path / name).rglob("*") if path.is_file())
        entries.append({path.name: b"\x7fELF" + path.read_bytes().split(b"\x7fELF")[1] for path in files})
    assert len(entries[0]) > 4 and entries[0] == entries[1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_forked_children_compile(tmp_path):
    source = """
        import os
        f, g = make("f", "np.sort(a)"), make("g", "np.sort(a)[0] + np.median(a)")
        f(A)
        pid = os.fork()
        if not pid:
            os._exit(0 if g(A) == 1.5 and list(f(A)) == sorted(A) else 1)
        print(json.dumps([os.waitpid(pid, 0)[1], g(A)]))
    """
    assert run(tmp_path, FUNCTIONS + textwrap.dedent(source)) == [0, 1.5]
