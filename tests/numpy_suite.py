"""Run NumPy's own tests with its functions replaced by compiled wrappers, and count what passes.

``python tests/numpy_suite.py`` runs the files of FILES as NumPy installs them.  In a loaded test module `np`, and every name
that is a function of NumPy's, becomes a wrapper: a call goes through a compiled function that makes the same call, with
Python's constants (axis=0, dtype=float) written into it.  What compiled code refuses at compile time is called directly and
counted as refused, so a test that passes says something only if some of its calls were compiled.  The interpreter bridge is
off.  A test that fails with wrappers and passes without them is a difference between naja and NumPy, or an assumption of the
test that compiled code cannot meet: that a number is a NumPy scalar, that an array subclass survives, that a warning comes.
"""

import argparse
import collections
import json
import os
import subprocess
import sys
import types

import numpy as np

FILES = [
    "_core/tests/test_umath.py",
    "_core/tests/test_numeric.py",
    "_core/tests/test_multiarray.py",
    "_core/tests/test_indexing.py",
    "_core/tests/test_shape_base.py",
    "_core/tests/test_einsum.py",
    "lib/tests/test_function_base.py",
    "lib/tests/test_arraysetops.py",
    "lib/tests/test_nanfunctions.py",
    "lib/tests/test_twodim_base.py",
    "linalg/tests/test_linalg.py",
    "fft/tests/test_pocketfft.py",
    "fft/tests/test_helper.py",
]

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


def _as_numpy(value):
    """Numbers come back as Python's; tests ask them for their dtype."""
    if type(value) is tuple:
        return tuple(map(_as_numpy, value))
    scalar = {float: np.float64, int: np.int64, bool: np.bool_, complex: np.complex128}.get(type(value))
    return scalar(value) if scalar else value


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
        except (NumbaError, SyntaxError):
            counts["refused"] += 1
            return self.__wrapped__(*args, **kwargs)
        except Exception:
            counts["compiled"] += 1
            raise
        counts["compiled"] += 1
        return _as_numpy(result)

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
    """Puts the wrappers into test modules, and writes down a line for every test."""

    def __init__(self, path, wraps):
        self.file, self.wraps, self.seen = open(path, "w"), wraps, set()
        self.wrappers = {key: Wrapper(f) for key, f in _wrapped_names()} if wraps else {}

    def pytest_itemcollected(self, item):
        """Replace names in a module when its first test is found."""
        module = getattr(item, "module", None)
        if not self.wraps or module is None or module.__name__ in self.seen:
            return
        self.seen.add(module.__name__)
        for name, value in list(vars(module).items()):
            if value in (np, np.linalg, np.fft) if isinstance(value, types.ModuleType) else False:
                setattr(module, name, Module(value, self.wrappers))
            elif id(value) in self.wrappers:
                setattr(module, name, self.wrappers[id(value)])

    def pytest_runtest_setup(self, item):
        """Begin to count."""
        counts.clear()

    def pytest_runtest_logreport(self, report):
        """Write the outcome of a test."""
        if report.when == "call" or report.outcome != "passed":
            crash = getattr(report.longrepr, "reprcrash", None)
            why = (
                str(crash.message if crash else report.longrepr).strip().split("\n")[0][:160]
                if report.failed
                else ""
            )
            row = [report.nodeid, report.outcome, counts["compiled"], counts["refused"], why]
            self.file.write(json.dumps(row) + "\n")
            self.file.flush()


def run_file(path, rows, wraps, seconds):
    """Run one test file in a process of its own; return {test: [outcome, compiled, refused, why]}."""
    command = [sys.executable, os.path.abspath(__file__), "--file", path, "--rows", rows]
    if not wraps:
        command.append("--plain")
    try:
        subprocess.run(
            command, timeout=seconds, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
        )
    except subprocess.TimeoutExpired:
        pass
    with open(rows) as file:
        found = [json.loads(line) for line in file if line.endswith("\n")]
    return {row[0]: row[1:] for row in found}


def table(results):
    """Return the rows of the table: per file, what became of the tests that reached compiled code."""
    lines = [
        "| file | tests | with compiled calls | of these pass | fail | calls compiled | calls refused |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, (plain, wrapped) in results.items():
        known = {test: row for test, row in wrapped.items() if plain.get(test, ["passed"])[0] == "passed"}
        reached = [row for row in known.values() if row[1]]
        passed = sum(row[0] == "passed" for row in reached)
        lines.append(
            f"| {name} | {len(known)} | {len(reached)} | {passed} | {len(reached) - passed} "
            f"| {sum(r[1] for r in known.values())} | {sum(r[2] for r in known.values())} |"
        )
    return lines


def main():
    """Run the files and print the table and the failures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--file", help=argparse.SUPPRESS)
    parser.add_argument("--rows", help=argparse.SUPPRESS)
    parser.add_argument("--plain", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--only", nargs="*", default=FILES)
    parser.add_argument("--seconds", type=float, default=1800, help="per file")
    parser.add_argument("--output", help="write the table to this file")
    options = parser.parse_args()
    if options.file:
        import pytest

        plugin = Plugin(options.rows, not options.plain)
        return pytest.main(["-q", "-x", "--maxfail=100000", "-p", "no:cacheprovider", options.file], [plugin])
    import tempfile

    results, home = {}, os.path.dirname(np.__file__)
    with tempfile.TemporaryDirectory() as folder:
        for name in options.only:
            rows = os.path.join(folder, "rows")
            pair = [
                run_file(os.path.join(home, name), rows, wraps, options.seconds) for wraps in (False, True)
            ]
            results[name] = pair
            print(table({name: pair})[-1], flush=True)
            for test, (outcome, compiled, _, why) in pair[1].items():
                if outcome == "failed" and compiled and pair[0].get(test, ["passed"])[0] == "passed":
                    print(f"    {test.split('::', 1)[-1]}: {why}", flush=True)
    if options.output:
        with open(options.output, "w") as file:
            file.write("\n".join(table(results)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
