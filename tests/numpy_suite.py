"""Run NumPy's own tests with its functions replaced by compiled wrappers, and count what passes.

``make suite`` runs the files of FILES as NumPy installs them and writes ``docs/numpy-tests.md``.  In a loaded test module `np`, and every name
that is a function of NumPy's, becomes a wrapper: a call goes through a compiled function that makes the same call, with
Python's constants (axis=0, dtype=float) written into it.  What compiled code refuses at compile time is called directly and
counted as refused, so a test that passes says something only if some of its calls were compiled.  The interpreter bridge is
off.  A test that fails with wrappers and passes without them is a difference between naja and NumPy, or an assumption of the
test that compiled code cannot meet: that a number is a NumPy scalar, that an array subclass survives, that a warning comes.

A file runs in a process of limited memory.  A test that kills it, or takes too long, is a failure, and the rest of the file
goes on in another process until the file's time is up.
"""

import argparse
import collections
import faulthandler
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
import types
from concurrent.futures import ThreadPoolExecutor

import numpy as np

FILES = [
    "_core/tests/test_umath.py",
    "_core/tests/test_numeric.py",
    "_core/tests/test_multiarray.py",
    "_core/tests/test_indexing.py",
    "_core/tests/test_shape_base.py",
    "_core/tests/test_einsum.py",
    "_core/tests/test_item_selection.py",
    "_core/tests/test_ufunc.py",
    "lib/tests/test_function_base.py",
    "lib/tests/test_arraysetops.py",
    "lib/tests/test_arraypad.py",
    "lib/tests/test_histograms.py",
    "lib/tests/test_index_tricks.py",
    "lib/tests/test_nanfunctions.py",
    "lib/tests/test_polynomial.py",
    "lib/tests/test_shape_base.py",
    "lib/tests/test_stride_tricks.py",
    "lib/tests/test_twodim_base.py",
    "lib/tests/test_type_check.py",
    "lib/tests/test_ufunclike.py",
    "linalg/tests/test_linalg.py",
    "fft/tests/test_pocketfft.py",
    "fft/tests/test_helper.py",
]

MEMORY = 6 << 30  # bytes of address space of a process
TEST_SECONDS = 60  # of one test
KEPT = 200  # compiled calls that are kept from one test to the next

# ---- wrappers ------------------------------------------------------------------------------------------------------------------

counts = collections.Counter()  # of the test that runs: "compiled" and "refused" calls
_made = {}


def _is_constant(value, place):
    """Whether an argument is written into the compiled function."""
    if isinstance(value, int) and not isinstance(value, bool):
        return place >= 1
    if isinstance(value, tuple):
        return place >= 1 and all(_is_constant(item, 1) for item in value)
    return value is None or isinstance(value, (bool, str, type, np.dtype))


def _compiled(function, args, kwargs):
    """A compiled function that makes this call, and the arguments to give it."""
    from naja import njit

    names, passed, text, key = {"f": function}, [], [], [function]
    for place, (name, value) in enumerate([*((None, v) for v in args), *kwargs.items()]):
        place = place if name is None else max(place, 1)
        if _is_constant(value, place):
            names[f"c{place}_{name}"] = value
            word = (
                repr(value) if isinstance(value, (int, str, tuple)) or value is None else f"c{place}_{name}"
            )
            if isinstance(value, (type, np.dtype)) or (isinstance(value, tuple) and "class" in word):
                word = f"c{place}_{name}"
        else:
            word = f"x{len(passed)}"
            passed.append(value)
        text.append(word if name is None else f"{name}={word}")
        key.append((name, word, repr(value) if not word.startswith("x") else type(value)))
    key = tuple(key)
    if key not in _made:
        head = ", ".join(f"x{i}" for i in range(len(passed)))
        _made[key] = njit(bridge="error")(eval(f"lambda {head}: f({', '.join(text)})", names))
    return _made[key], passed


# What gives Python's own numbers.
_PYTHON_RESULTS = frozenset(
    "allclose array_equal array_equiv can_cast iscomplexobj isfortran isrealobj isscalar issubdtype iterable "
    "may_share_memory ndim shape shares_memory size".split()
)


def _result_type(compiled, passed):
    """The type of what a call with these arguments gives, or None."""
    from naja import typeof

    signatures = compiled.nopython_signatures
    if len(signatures) > 1:
        given = tuple(map(typeof, passed))
        signatures = [signature for signature in signatures if signature.args == given]
    return signatures[0].return_type if signatures else None


def _as_numpy(value, result):
    """A number comes back as Python's; tests ask it for the dtype that its type in compiled code, `result`, stands for."""
    from naja import _core, types

    if type(value) is tuple and isinstance(result, types.BaseTuple):
        return tuple(map(_as_numpy, value, result.elements))
    if type(value) not in (float, int, bool, complex) or result is None:
        return value
    number = types.unliteral(result)
    return (
        _core.type_dtype(number).type(value) if isinstance(number, (types.Number, types.Boolean)) else value
    )


# What is said of arguments that compiled code does not take.
_REFUSALS = re.compile("can't unbox heterogeneous list|int too big to convert")


def _is_for_numpy_only(value):
    """Array subclasses, and lists of different types, which compiled code does not take for what they are."""
    if isinstance(value, list):
        return len({type(item) for item in value}) > 1 or any(map(_is_for_numpy_only, value))
    return isinstance(value, np.ndarray) and type(value) is not np.ndarray


class Wrapper:
    """A function of NumPy that is called through compiled code where that takes the arguments."""

    def __init__(self, function):
        self.__wrapped__ = function

    def __call__(self, *args, **kwargs):
        from naja.errors import NumbaError

        if any(map(_is_for_numpy_only, (*args, *kwargs.values()))):
            counts["refused"] += 1
            return self.__wrapped__(*args, **kwargs)
        try:
            compiled, passed = _compiled(self.__wrapped__, args, kwargs)
            result = compiled(*passed)
        except Exception as error:
            if isinstance(error, (NumbaError, SyntaxError)) or _REFUSALS.search(str(error)):
                counts["refused"] += 1
                return self.__wrapped__(*args, **kwargs)
            counts["compiled"] += 1
            raise
        counts["compiled"] += 1
        if self.__wrapped__.__name__ in _PYTHON_RESULTS:
            return result
        return _as_numpy(result, _result_type(compiled, passed))

    def __eq__(self, other):
        return self.__wrapped__ is getattr(other, "__wrapped__", other)

    def __hash__(self):
        return hash(self.__wrapped__)

    def __getattr__(self, name):
        return getattr(self.__wrapped__, name)

    def __repr__(self):
        return repr(self.__wrapped__)


def _wrapped_names():
    from numpy_recipes import recipes

    table = recipes()
    modules = {"numpy": np, "numpy.linalg": np.linalg, "numpy.fft": np.fft}
    for space, module in modules.items():
        for name in table[space]:
            value = getattr(module, name)
            if not isinstance(value, type):
                yield id(value), value


class Module(types.ModuleType):
    """A module of NumPy with wrappers for its functions."""

    def __init__(self, module, wrappers):
        super().__init__(module.__name__)
        self.__dict__.update(_module=module, _wrappers=wrappers)

    def __getattr__(self, name):
        value = getattr(self._module, name)
        if value is np.linalg or value is np.fft:
            return Module(value, self._wrappers)
        return self._wrappers.get(id(value), value)


# ---- the plugin of pytest ---------------------------------------------------------------------------------------------------------


class Plugin:
    """Puts the wrappers into test modules, and writes down a line when a test begins and one for its outcome."""

    def __init__(self, path, wraps, done):
        self.file, self.wraps, self.done, self.seen = open(path, "a"), wraps, done, set()
        self.wrappers = {key: Wrapper(f) for key, f in _wrapped_names()} if wraps else {}

    def _write(self, *row):
        self.file.write(json.dumps(row) + "\n")
        self.file.flush()

    def pytest_collection_modifyitems(self, items):
        """Leave out what an earlier process has done."""
        items[:] = [item for item in items if item.nodeid not in self.done]

    def pytest_sessionfinish(self):
        """Say that nothing is left."""
        self._write("", "end", 0, 0, "")

    def pytest_itemcollected(self, item):
        """Replace names in a module when its first test is found, and functions among the parameters of any test."""
        module = getattr(item, "module", None)
        if not self.wraps or module is None:
            return
        params = item.callspec.params if hasattr(item, "callspec") else {}
        for name, value in params.items():
            params[name] = self.wrappers.get(id(value), value)
        if module.__name__ in self.seen:
            return
        self.seen.add(module.__name__)
        for name, value in list(vars(module).items()):
            if value in (np, np.linalg, np.fft) if isinstance(value, types.ModuleType) else False:
                setattr(module, name, Module(value, self.wrappers))
            elif id(value) in self.wrappers:
                setattr(module, name, self.wrappers[id(value)])

    def pytest_runtest_setup(self, item):
        """Begin to count, and to watch the time."""
        faulthandler.dump_traceback_later(TEST_SECONDS, exit=True)
        counts.clear()
        if len(_made) > KEPT:
            _made.clear()
        self._write(item.nodeid, "began", 0, 0, "")

    def pytest_runtest_logreport(self, report):
        """Write the outcome of a test."""
        if report.when == "call" or report.outcome != "passed":
            crash = getattr(report.longrepr, "reprcrash", None)
            why = (
                str(crash.message if crash else report.longrepr).strip().split("\n")[0][:160]
                if report.failed
                else ""
            )
            self._write(report.nodeid, report.outcome, counts["compiled"], counts["refused"], why)


def _limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


# Failures that say nothing of values: what is said of them, and why they are there.
EXPLAINED = [
    (
        r"FloatingPointError|did not raise fpe|DID NOT WARN|RuntimeWarning|ComplexWarning|^test_(log2_special|tol_warnings)|test_warnings",
        "compiled code neither warns nor obeys `np.errstate`",
    ),
    (
        r"mappingproxy|metadata| is dtype\(|is <class",
        "dtypes carry no metadata and are not compared by identity",
    ),
    (r"int too big to convert", "Python integers beyond 64 bits are refused"),
    (r"DeprecationWarning", "compiled code gives no deprecation warnings"),
    (
        r"ufunc_override|wrap_out|__array__|array_function",
        "array subclasses and objects with `__array_ufunc__`, `__array_function__` or `__array_wrap__` are not asked",
    ),
    (r"took too long", "each of a test's many dtypes and shapes is a compilation of its own"),
    (
        r"^test_n$|test_order_mismatch|test_compatible_cast|test_diagonal_view_notwriteable|OWNDATA|owndata",
        "which object owns an array's memory, and whether it is the very argument, is not what compiled code keeps",
    ),
    (
        r"test_partition_iterative|memory_order|memory_layout|order_preserve|^test_order$|einsum_chunking_precision|negative_zero",
        "an order that NumPy does not promise: of the other elements of a partition, of sums, of a result's memory",
    ),
    (
        r"test_clip_min_max_args|test_require_range|test_array_copy_str|test_putmask_kwargs|test_kwargs",
        "arguments that NumPy refuses and compiled code takes, or ignores",
    ),
    (r"test_broadcast$|output array is read-only", "broadcast views are read-only"),
    (
        r"q_strong_promotion|nep50_isclose",
        "a NumPy number is what Python's is, which gives way to the dtype of an array",
    ),
    (
        r"^test_poly$|correct_quantile_value|test_multiple_axes",
        "a type or a number of axes that depends on values is that of the general case",
    ),
    (r"test_list_to_list|test_non_array|isinstance\(", "a list is taken for an array, and gives one"),
    (
        r"test_nextafter_0|test_coercion|test_result_type",
        "a float16 number is a float32 in arithmetic, and integers are int64",
    ),
]


def explanation(test, why):
    """Return why a test fails although values agree, or None.

    Parameters
    ----------
    test : str
        Its name, as in "TestTypes::test_coercion[f]".
    why : str
        The first line of what pytest says.
    """
    name = test.split("::")[-1].split("[")[0]
    return next(
        (reason for text, reason in EXPLAINED if re.search(text, f"{name}\n{why}", re.MULTILINE)), None
    )


def run_file(path, rows, wraps, seconds):
    """Run one test file in processes of its own.

    Parameters
    ----------
    path : str
    rows : str
        Where the processes write what became of the tests; made anew.
    wraps : bool
        Whether NumPy's functions are replaced.
    seconds : float
        For the whole file.

    Returns
    -------
    dict
        ``{test: [outcome, compiled calls, refused calls, why]}``; the outcome of a test that was begun last when the time
        was up is "began".
    """
    command = [sys.executable, os.path.abspath(__file__), "--file", path, "--rows", rows]
    command += [] if wraps else ["--plain"]
    open(rows, "w").close()
    found, end = {}, time.monotonic() + seconds
    while end - time.monotonic() > 1:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        child = subprocess.Popen(command, preexec_fn=_limit_memory, **quiet)
        try:
            code = child.wait(end - time.monotonic())
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            code = None
        before = len(found)
        found = read(rows)
        if code is None or found.pop("", None) or len(found) == before:
            break
        last = list(found)[-1]
        if found[last][0] == "began":
            reason = "took too long" if code == 1 else f"the process died with {code}"
            with open(rows, "a") as file:
                file.write(json.dumps([last, "failed", 1, 0, reason]) + "\n")
            found = read(rows)
    return found


def read(rows):
    """Return ``{test: [outcome, compiled, refused, why]}`` of a file of rows; the test "" is there if a process has ended."""
    with open(rows) as file:
        return {row[0]: row[1:] for row in map(json.loads, file)}


def _counted(plain, wrapped):
    """The tests that NumPy passes without wrappers, with wrappers."""
    return {
        test: row
        for test, row in wrapped.items()
        if row[0] != "began" and plain.get(test, ["passed"])[0] == "passed"
    }


HEAD = """<!-- Written by `make suite`. -->
# NumPy's own tests through compiled code

NumPy {version}'s test files with its functions replaced by compiled wrappers (`tests/numpy_suite.py`): a call goes through a
compiled function that makes the same call, without the interpreter. Calls that compiled code refuses are made directly and
counted. Only tests that NumPy passes without wrappers count; *not run* is what was left when a file's time was up.

| file | tests | not run | with compiled calls | of these pass | fail | explained | calls compiled | calls refused |
|---|---|---|---|---|---|---|---|---|
"""


def table_row(name, plain, wrapped):
    """Return a file's row: what became of the tests that reached compiled code."""
    known = _counted(plain, wrapped)
    left = sum(row[0] == "passed" and test not in known for test, row in plain.items())
    reached = [row for row in known.values() if row[1]]
    passed = sum(row[0] == "passed" for row in reached)
    return [
        name,
        len(known) + left,
        left,
        len(reached),
        passed,
        len(reached) - passed,
        sum(explanation(*failure) is not None for failure in failures(plain, wrapped).items()),
        sum(row[1] for row in known.values()),
        sum(row[2] for row in known.values()),
    ]


def failures(plain, wrapped):
    """Return ``{test: why}`` of the tests that fail with compiled calls only."""
    return {
        test.split("::", 1)[-1]: why
        for test, (outcome, compiled, _, why) in _counted(plain, wrapped).items()
        if outcome == "failed" and compiled
    }


def page(results):
    """Return the text of docs/numpy-tests.md; results are ``{file: (plain, wrapped)}``."""
    rows = [table_row(name, *pair) for name, pair in results.items()]
    rows.append(["all", *(sum(column) for column in list(zip(*rows, strict=True))[1:])])
    lines = [f"| {' | '.join(map(str, row))} |" for row in rows]
    failed = {name: failures(*pair) for name, pair in results.items()}
    reasons = collections.Counter(explanation(*failure) for own in failed.values() for failure in own.items())
    lines += ["", "## Explained failures", ""]
    lines += [f"- {count}: {reason}" for reason, count in reasons.most_common() if reason]
    lines += ["", "## Other tests that fail through compiled code only"]
    for name in results:
        failed[name] = {test: why for test, why in failed[name].items() if not explanation(test, why)}
        lines += ["", f"### {name}", ""] if failed[name] else []
        lines += [f"- `{test}`: {why.replace('`', '')}" for test, why in failed[name].items()]
    return HEAD.format(version=np.__version__) + "\n".join(lines) + "\n"


def _run_child(options):
    import pytest

    plugin = Plugin(options.rows, not options.plain, read(options.rows))
    return pytest.main(["-q", "--maxfail=100000", "-p", "no:cacheprovider", options.file], [plugin])


def main():
    """Run the files, print failures, write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--file", help=argparse.SUPPRESS)
    parser.add_argument("--rows", help=argparse.SUPPRESS)
    parser.add_argument("--plain", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--only", nargs="*", default=FILES)
    parser.add_argument("--seconds", type=float, default=600, help="per file")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--output", help="write the page to this file")
    options = parser.parse_args()
    if options.file:
        return _run_child(options)
    home = os.path.dirname(np.__file__)

    def run(name):
        with tempfile.TemporaryDirectory() as folder:
            rows = os.path.join(folder, "rows")
            pair = [
                run_file(os.path.join(home, name), rows, wraps, options.seconds) for wraps in (False, True)
            ]
        print(" | ".join(map(str, table_row(name, *pair))), flush=True)
        for test, why in failures(*pair).items():
            print(f"    {test}: {why}", flush=True)
        return pair

    with ThreadPoolExecutor(options.jobs) as pool:
        results = dict(zip(options.only, pool.map(run, options.only), strict=True))
    if options.output:
        with open(options.output, "w") as file:
            file.write(page(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
