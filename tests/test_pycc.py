"""Modules that are compiled ahead of time: what they do in another process, what they depend on, how they are built."""

import importlib.util
import json
import os
import pickle
import platform
import re
import shutil
import subprocess
import sys
import textwrap
import types as python_types

import exported
import numpy as np
import pytest
from differential import outcome, same_arrays
from leaks import left_behind

from naja import _core, errors, extensions, njit, types
from naja.__main__ import main
from naja.pycc import CC

needs_compiler = pytest.mark.skipif(
    not any(map(shutil.which, ("cc", "gcc", "clang"))), reason="no C compiler to link modules with"
)
on_x86 = pytest.mark.skipif(platform.machine() != "x86_64", reason="names of x86-64")


def filled(bundle, name="filled"):
    """The module of a bundle, as its initialisation makes it."""
    module = python_types.ModuleType(name)
    extensions.fill(module, bundle)
    return module


@pytest.fixture(scope="module")
def functions():
    """The exported functions, from the bundle alone."""
    return filled(exported.cc._bundle(), "exported_module")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder of the built module."""
    folder = tmp_path_factory.mktemp("built")
    assert main(["build", exported.__file__, "-o", str(folder)]) == 0
    return folder


def run(folder, source, **environment):
    """Run a script that can import what lies in a folder; gives what it printed as JSON."""
    env = {
        **os.environ,
        "PYTHONPATH": f"{folder}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
        **environment,
    }
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(source)], capture_output=True, text=True, env=env, timeout=120
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout.splitlines()[-1])


def plain(function):
    return getattr(function, "py_func", function)


A = np.linspace(-3, 3, 101)
CASES = [
    ("add", (1, 2)),
    ("add", (1.5, 2)),
    ("add", (3,)),
    ("mean_of_halves", (A,)),
    ("mean_of_halves", (A[::-2],)),
    ("mean_of_halves", (A[:0],)),
    ("waves", (A,)),
    ("waves", (A[:0],)),
    ("solve", (np.array([[2.0, 1.0], [1.0, 3.0]]), np.array([1.0, 2.0]))),
    ("solve", (np.zeros((2, 2)), np.ones(2))),
    ("ordered", (np.array([3, 1, 2, 3]),)),
    ("draw", (7, 4)),
    ("shout", ("größe",)),
    ("sum_of_pair", (3, (1.5, 2.5))),
    ("fail", (0,)),
    ("fail", (1,)),
    ("fail", (2,)),
    ("fail", (4,)),
    ("inverse", (4.0,)),
    ("joined", (3,)),
]


@pytest.mark.core
@pytest.mark.parametrize("name, args", CASES)
def test_as_interpreted(functions, name, args):
    expected = outcome(plain(getattr(exported, name)), *args)
    result = outcome(getattr(functions, name), *args)
    assert result[0] == expected[0] and same_arrays(result[1], expected[1]), (result, expected)
    assert left_behind(getattr(functions, name), *args) == 0


def test_dict_result(functions):
    assert dict(functions.counts(np.array([1, 2, 1]))) == {1: 2, 2: 1}


def test_options_of_the_decorator(functions):
    assert functions.inverse(0.0) == np.inf


def test_exceptions_keep_class_arguments_and_place(functions):
    with pytest.raises(exported.Failure) as caught:
        functions.fail(2)
    assert caught.value.args == (2,)
    last = caught.traceback[-1]
    assert (last.path.name, last.name) == ("exported.py", "fail")
    assert str(last.statement).strip() == "raise Failure(n)"


def test_looks_like_the_function(functions):
    assert functions.__all__ == list(exported.cc._exports)
    assert functions.add.__name__ == "add" and functions.add.__doc__ == "Add two numbers."
    assert functions.add.__module__ == "exported_module"
    assert [str(s) for s in functions.add.nopython_signatures] == [
        "(float64, float64) -> float64",
        "(int64, int64) -> int64",
    ]


def test_arguments_are_checked(functions):
    with pytest.raises(TypeError, match="No matching definition"):
        functions.mean_of_halves(np.arange(3))
    with pytest.raises(TypeError, match="missing argument 'n'"):
        functions.fail()


def test_no_other_versions(functions):
    with pytest.raises(errors.UnsupportedError, match="compiled ahead of time"):
        functions.inverse.compile("i8(i8)")
    with pytest.raises(errors.UnsupportedError, match="compiled ahead of time"):
        functions.inverse.inspect_llvm()
    with pytest.raises(errors.UnsupportedError, match="compiled ahead of time"):
        functions.inverse.recompile()
    assert functions.inverse(2.0) == 0.5


@pytest.mark.core
def test_called_by_compiled_code(functions):
    add, fail, inverse = functions.add, functions.fail, functions.inverse

    @njit
    def caller(x, n):
        try:
            fail(n)
        except ValueError:
            n = 10
        return add(x, x), add(n), add(b=n, a=2), inverse(x)

    assert caller(2.0, 1) == (4.0, 11, 12, 0.5)
    with pytest.raises(ZeroDivisionError):
        caller(2.0, 0)
    assert left_behind(caller, 2.0, 0) == 0

    @njit
    def wrong(text):
        return add(text, text)

    with pytest.raises(errors.TypingError, match="No matching definition .* compiled ahead of time"):
        wrong("a")


def test_callers_are_not_cached(functions):
    add = functions.add

    def caller(x):
        return add(x, x)

    key, why, _ = _core.fingerprint(caller, (types.float64,))
    assert key is None and "ahead of time" in why


# ---- what a module depends on ----------------------------------------------------------------------------------------------


def bundle_of(function, signature, **attributes):
    cc = CC("one")
    for name, value in attributes.items():
        setattr(cc, name, value)
    cc.export("f", signature)(function)
    return cc._bundle()


def square_sum(a):
    total = 0.0
    for x in a:
        total += x * x
    return total


def changed(bundle, **values):
    header, _, body = bundle.partition(b"\n")
    return json.dumps({**json.loads(header), **values}).encode() + b"\n" + body


@pytest.mark.parametrize(
    "values, message",
    [
        (
            {"naja": "0.0.1"},
            r"module 'filled' cannot be used here: it was compiled with naja 0\.0\.1 and this is",
        ),
        ({"interface": "1-0"}, "another build of naja"),
        ({"python": "cpython-27"}, "compiled for Python's interface cpython-27"),
        (
            {"cpu": "zuse-z4", "cpu_features": ["valves"]},
            "for the CPU 'zuse-z4', and this machine's has no valves",
        ),
        ({"crc32": 1}, "module 'filled' is damaged"),
    ],
)
def test_refuses_what_was_made_for_something_else(values, message):
    bundle = bundle_of(square_sum, "f8(f8[:])")
    assert filled(bundle).f(np.arange(3.0)) == 5
    with pytest.raises(ImportError, match=message):
        filled(changed(bundle, **values))


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b[:20], lambda b: b"", lambda b: b + b"x"])
def test_damaged(damage):
    with pytest.raises(ImportError, match="damaged"):
        filled(damage(bundle_of(square_sum, "f8(f8[:])")))


@pytest.mark.parametrize("nbytes", [0, 10, 100, 400])
def test_image_cut_short(nbytes):
    _, _, body = bundle_of(square_sum, "f8(f8[:])").partition(b"\n")
    described, imports = pickle.loads(body)
    described[0]["versions"][0]["image"] = described[0]["versions"][0]["image"][:nbytes]
    described[0]["versions"][0]["imports"] = []
    with pytest.raises(ImportError, match="the code of f.* could not be loaded"):
        filled(extensions.dumps(described, "generic", []))


@on_x86
@pytest.mark.parametrize(
    "cpu, has, has_not",
    [("generic", "xmm", "ymm"), ("x86-64-v3", "ymm", "zmm"), ("x86-64-v2", "xmm", "vmul")],
)
def test_instructions(cpu, has, has_not):
    dispatcher = _core.Dispatcher(square_sum, {"target": cpu, "fastmath": 127}, {})
    text = dispatcher._inspect((types.float64[::1],)).assembly
    assert has in text and has_not not in text


@on_x86
def test_vector_functions_of_the_cpu():
    def sines(a):
        return np.sin(a)

    def symbols(cpu):
        text = _core.Dispatcher(sines, {"target": cpu}, {})._inspect((types.float64[::1],)).llvm_ir
        return {letter for letter in "bde" if re.search(f"_ZGV{letter}|vecmath_sin_{letter}", text)}

    assert symbols("generic") == set()
    assert symbols("x86-64-v3") == {"d"}


@pytest.mark.parametrize("cpu", ["generic", "host"])
def test_target_cpu(cpu):
    bundle = bundle_of(square_sum, "f8(f8[:])", target_cpu=cpu)
    header = json.loads(bundle.partition(b"\n")[0])
    assert header["cpu"] == cpu and (cpu == "host") == bool(header["cpu_features"])
    assert filled(bundle).f(np.arange(3.0)) == 5


def test_same_bytes_every_time(tmp_path):
    source = """
    import hashlib, json
    import exported
    print(json.dumps(hashlib.sha256(exported.cc._bundle()).hexdigest()))
    """
    folder = os.path.dirname(exported.__file__)
    digests = {
        run(folder, source, NAJA_CACHE_DIR=str(tmp_path / str(i)), PYTHONHASHSEED=str(i)) for i in range(2)
    }
    assert len(digests) == 1


# ---- describing a module -----------------------------------------------------------------------------------------------------


@pytest.mark.core
def test_names():
    cc = CC("some_module")
    assert cc.name == "some_module" and cc.target_cpu == "generic" and not cc.verbose
    assert cc.output_dir == os.path.dirname(os.path.abspath(__file__))
    assert cc.output_file.startswith("some_module.") and cc.output_file.endswith(".so")
    with pytest.raises(AttributeError):
        cc.name = "other"
    with pytest.raises(ValueError, match="should be a simple module name"):
        CC("package.module")
    with pytest.raises(TypeError, match="name of a CPU"):
        cc.target_cpu = None
    assert CC("some_module", source_module=json).output_dir == os.path.dirname(json.__file__)


def test_exporting():
    cc = CC("some_module")
    assert cc.export("f", "f8(f8[:])")(square_sum) is square_sum
    with pytest.raises(KeyError, match="duplicated export symbol f"):
        cc.export("f", "f8(f8[:])")(square_sum)
    with pytest.raises(TypeError, match="only Python functions can be exported"):
        cc.export("g", "f8(f8)")(np.sin)
    with pytest.raises(ValueError, match="is an identifier"):
        cc.export("f.g", "f8(f8)")


def test_signature_objects():
    assert filled(bundle_of(square_sum, types.float64(types.float64[:]))).f(np.ones(2)) == 2
    assert filled(bundle_of(square_sum, (types.float64[:],))).f(np.ones(2)) == 2


def test_compile_errors_are_the_usual_ones():
    def wrong(x):
        return x.missing

    with pytest.raises(errors.TypingError, match="missing"):
        bundle_of(wrong, "f8(f8)")


def test_classes_that_nobody_finds():
    class Local(Exception):
        pass

    def function(x):
        raise Local

    with pytest.raises(errors.UnsupportedError, match="Local is made by a function"):
        bundle_of(function, "f8(f8)")


def test_addresses_of_this_process():
    import ctypes

    callback = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(lambda x: x + 1)

    def function(x):
        return callback(x)

    with pytest.raises(errors.UnsupportedError):
        bundle_of(function, "f8(f8)")


# ---- the module as a file ----------------------------------------------------------------------------------------------------


@needs_compiler
def test_runs_without_the_compiler(built):
    source = """
    import json, sys
    import numpy as np
    import exported_module as m
    results = [m.add(1, 2), m.solve(np.eye(2), np.ones(2)).tolist(), m.shout("a"), m.draw(3, 2).tolist()]
    from naja import _core
    print(json.dumps([results, _core.compiler_is_loaded(), "naja.pycc" in sys.modules, m.__file__]))
    """
    folder = os.path.dirname(exported.__file__)
    results, has_compiler, has_pycc, file = run(f"{built}{os.pathsep}{folder}", source)
    assert results == [3, [1.0, 1.0], "A!", exported.draw(3, 2).tolist()]
    assert not has_compiler
    assert os.path.dirname(file) == str(built)


@needs_compiler
def test_imported_twice_and_by_another_name(built):
    path = built / exported.cc.output_file
    modules = []
    for name in ("exported_module", "package.exported_module"):
        spec = importlib.util.spec_from_file_location(name, path)
        modules.append(importlib.util.module_from_spec(spec))
        spec.loader.exec_module(modules[-1])
    assert [m.__name__ for m in modules] == ["exported_module", "package.exported_module"]
    assert modules[0].add(1, 2) == modules[1].add(1, 2) == 3
    assert modules[0].add is not modules[1].add


@needs_compiler
def test_pickled_by_name(built):
    source = """
    import json, pickle
    import exported_module as m
    print(json.dumps(pickle.loads(pickle.dumps(m.add)) is m.add))
    """
    assert run(f"{built}{os.pathsep}{os.path.dirname(exported.__file__)}", source)


@needs_compiler
def test_compile_writes_where_it_is_told(tmp_path, capsys):
    cc = CC("größe")
    cc.output_dir, cc.output_file, cc.verbose = tmp_path, "größe.so", True
    cc.export("f", "f8(f8[:])")(square_sum)
    cc.compile()
    assert [p.name for p in tmp_path.iterdir()] == ["größe.so"]
    assert "compiling f" in capsys.readouterr().out
    spec = importlib.util.spec_from_file_location("größe", tmp_path / "größe.so")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.f(np.ones(3)) == 3


def test_no_compiler(tmp_path, monkeypatch):
    monkeypatch.setenv("CC", "no-such-compiler")
    cc = CC("one")
    cc.output_dir = tmp_path
    with pytest.raises(RuntimeError, match="a C compiler is needed .* no-such-compiler"):
        cc.compile()


@needs_compiler
def test_compiler_that_fails(tmp_path, monkeypatch):
    monkeypatch.setenv("CC", "cc -no-such-option-of-cc")
    cc = CC("one")
    cc.output_dir = tmp_path
    with pytest.raises(RuntimeError, match="no-such-option-of-cc"):
        cc.compile()
    assert not list(tmp_path.iterdir())


def test_build_says_what_is_missing(tmp_path, capsys):
    (tmp_path / "nothing_to_build.py").write_text("x = 1\n")
    with pytest.raises(SystemExit):
        main(["build", str(tmp_path / "nothing_to_build.py")])
    assert "defines no naja.pycc.CC" in capsys.readouterr().err


SETUP = """
from setuptools import setup
from package.source import cc
setup(name="package", packages=["package"], ext_modules=[cc.distutils_extension()])
"""
SOURCE = """
from naja.pycc import CC
cc = CC("made")
@cc.export("twice", "f8(f8)")
def twice(x):
    return 2 * x
"""


@needs_compiler
def test_setuptools(tmp_path):
    pytest.importorskip("setuptools")
    (tmp_path / "package").mkdir()
    (tmp_path / "package/__init__.py").touch()
    (tmp_path / "package/source.py").write_text(SOURCE)
    (tmp_path / "setup.py").write_text(SETUP)
    import naja

    found = os.path.dirname(os.path.dirname(naja.__file__))
    env = {**os.environ, "PYTHONPATH": f"{found}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    command = [sys.executable, "setup.py", "build_ext", "--inplace"]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert run(tmp_path, "import package.made as m; print(m.twice(4.0))") == 8
