"""naja/library: the index, what is imported when, errors, options, and the cache."""

import os
import subprocess
import sys
import traceback
from importlib import import_module

import numpy as np
import pytest

from naja import extending, library, njit, types
from naja.errors import TypingError
from naja.library.mirrors import SparseType
from naja.library.polynomial_objects import PolynomialType

SPACES = {
    types.Integer: "int",
    types.NumPyRandomGeneratorType: "rng",
    types.NumPyRandomStateType: "random_state",
    types.UnicodeType: "str",
    types.Bytes: "bytes",
    types.Array: "ndarray",
    types.Float: "float",
    types.MutableSequence: "list",
    types.LiteralList: "list",
    types.RangeType: "range",
    types.Generator: "generator",
    types.NamedTuple: "tuple",
    types.BaseTuple: "tuple",
    types.BaseSet: "set",
    types.DictType: "dict",
    types.LiteralStrKeyDict: "dict",
    types.DictView: "dict_view",
    types.EnumMember: "enum",
    types.DType: "dtype",
    types.ArrayFlags: "flagsobj",
    types.NumpyFlatType: "flatiter",
    PolynomialType: "polynomial",
    SparseType: "user",
}
IMPLEMENTED = {module for modules in library.INDEX.values() for module in modules}


def registered():
    """Every name that a module of the library implements, with the module."""
    for function, entries in extending._functions.values():
        for factory, *_ in entries:
            if factory.__module__.startswith("naja.library."):
                yield library.name_of(function), factory.__module__.rsplit(".", 1)[1]
    for table, end in ((extending._methods, ""), (extending._attributes, "@")):
        for name, entries in table.items():
            for factory, _, cls, *_ in entries:
                if extending._is_own(factory):
                    yield f"{SPACES[cls]}.{name}{end}", factory.__module__.rsplit(".", 1)[1]


def test_index_and_modules_agree():
    for module in IMPLEMENTED:
        import_module(f"naja.library.{module}")
    found = {}
    for name, module in registered():
        found.setdefault(name, set()).add(module)
    assert found == {name: set(modules) for name, modules in library.INDEX.items()}


def run(code, tmp_path):
    environment = {**os.environ, "NAJA_CACHE_DIR": str(tmp_path / "cache")}
    (tmp_path / "case.py").write_text(code)
    command = [sys.executable, "-P", str(tmp_path / "case.py")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    return done.stdout


MODULES = """
import sys
import numpy as np
from naja import njit
@njit
def f(a):
    return np.sqrt(a).sum()
f(np.ones(3))
print([m for m in sys.modules if m.startswith("naja.library.")])
@njit
def g(a):
    return np.sort(a)
g(np.ones(3))
print("naja.library.sorting" in sys.modules)
"""


def test_modules_are_imported_when_needed(tmp_path):
    assert run(MODULES, tmp_path).split("\n")[:2] == ["[]", "True"]


CACHED = """
import sys
import numpy as np
from naja import njit
@njit
def f(a, k):
    return np.partition(a, k)[k]
print(f(np.array([3.0, 1.0, 2.0]), 1), next(iter(f.overloads.values())).from_cache, "naja.library" in sys.modules)
try:
    f(np.zeros(3), 3)
except ValueError as error:
    print(error)
"""


def test_users_of_the_library_are_cached(tmp_path):
    error = "kth(=3) out of bounds (3)"
    assert run(CACHED, tmp_path).splitlines() == ["2.0 False True", error]
    assert run(CACHED, tmp_path).splitlines() == ["2.0 True False", error]


@pytest.mark.core
def test_errors_point_at_the_call():
    @njit
    def f(a, k):
        return np.partition(a, k)  # here

    with pytest.raises(ValueError, match=r"kth\(=-1\) out of bounds \(3\)") as info:
        f(np.zeros(3), -4)
    frames = traceback.extract_tb(info.tb)
    assert [frame.name for frame in frames][-1] == "f"
    assert frames[-1].line.endswith("# here")
    assert not any("naja/library" in frame.filename for frame in frames)


def test_compile_errors_point_at_the_call():
    @njit
    def f(a):
        return np.partition(a, 1.5)  # here

    with pytest.raises(TypingError, match="Partition index must be integer") as info:
        f(np.zeros(3))
    assert "# here" in str(info.value)


@pytest.mark.parametrize(
    "options",
    [{"fastmath": True}, {"error_model": "python"}, {"error_model": "numpy"}, {"boundscheck": True}],
)
def test_options_of_the_caller_do_not_reach_the_library(options):
    f = njit(**options)(lambda a: np.sort(a))
    a = np.array([2.0, np.nan, -0.0, 0.0, np.inf, -np.inf])
    np.testing.assert_array_equal(f(a), np.sort(a))


def test_an_overload_of_the_user_comes_first():
    f = njit(lambda a: np.sort(a) + 12345)
    a = np.array([2.0, 1.0])
    entries = []
    try:

        @extending.overload(np.sort)
        def mine(a, axis=-1, kind=None, order=None):
            def implementation(a, axis=-1, kind=None, order=None):
                return a * 2

            return implementation

        entries = extending._functions[id(np.sort)][1]
        assert f(a)[0] == 12349.0
    finally:
        entries[:] = [entry for entry in entries if entry[0] is not mine]


def test_prefer_literal():
    def subject(x):
        raise NotImplementedError

    seen = []

    @extending.overload(subject, prefer_literal=True)
    def implementation(x):
        seen.append(isinstance(x, types.Literal))
        return lambda x: x

    assert njit(lambda: subject(3))() == 3
    assert seen[0] is True
