"""The stubs for type checkers agree with what is there: names, members, parameters."""

import ast
import inspect
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import naja
from naja import _core
from naja.decorators import OPTIONS

PACKAGE = Path(naja.__file__).parent


def stub(name):
    return ast.parse((PACKAGE / name).read_text())


def names_of(body):
    """Names that the statements of a stub bind; private ones left out."""
    found = set()
    for node in body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {alias.asname for alias in node.names if alias.asname}
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.AnnAssign):
            found.add(node.target.id)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets}
    return {name for name in found if not name.startswith("_")}


def test_marker():
    assert (PACKAGE / "py.typed").exists()


@pytest.mark.core
def test_top_level_names():
    found = names_of(stub("__init__.pyi").body) - {"P", "R", "T"}
    assert set(naja.__all__) <= found, set(naja.__all__) - found
    for name in found:
        assert hasattr(naja, name), name


def class_of(name):
    return next(n for n in stub("_core.pyi").body if isinstance(n, ast.ClassDef) and n.name == name)


@pytest.mark.core
@pytest.mark.parametrize("name", ["Type", "Dispatcher", "Overload"])
def test_members(name):
    import naja.dispatcher  # noqa: F401  adds attributes

    found = names_of(class_of(name).body)
    there = {member for member in dir(getattr(_core, name)) if not member.startswith("_")}
    assert found == there, (found - there, there - found)


def test_parameters_of_methods():
    for node in class_of("Dispatcher").body:
        runtime = isinstance(node, ast.FunctionDef) and getattr(_core.Dispatcher, node.name, None)
        if not inspect.isfunction(runtime):
            continue
        parameters = [a.arg for a in node.args.posonlyargs + node.args.args]
        there = [
            p.name
            for p in inspect.signature(runtime).parameters.values()
            if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        ]
        assert parameters == there, node.name


def test_options_of_the_decorators():
    for node in stub("__init__.pyi").body:
        if isinstance(node, ast.FunctionDef) and node.name == "jit" and node.args.kwonlyargs:
            named = {a.arg for a in node.args.args + node.args.kwonlyargs} - {"signature_or_function"}
            assert named <= set(OPTIONS), named - set(OPTIONS)
            break
    else:
        pytest.fail("jit has no overload with options")


PROGRAM = """
import naja
from naja import int64, njit, types

@njit
def f(x: int, y: float = 2.0) -> float:
    return x * y

@njit(fastmath=True, parallel=True)
def g(x: int) -> str:
    return str(x)

@njit("int64(int64)")
def h(x: int) -> int:
    return x

reveal_type(f(1))
reveal_type(g(3))
reveal_type(h.py_func(3))
reveal_type(f.signatures)
naja.set_num_threads(2)
a = types.Array(int64, 1, "C")
f("text")
"""


@pytest.mark.slow
@pytest.mark.skipif(find_spec("mypy") is None, reason="mypy is not installed")
def test_mypy_understands(tmp_path):
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--cache-dir",
        str(tmp_path / "cache"),
        "--no-error-summary",
        str(path),
    ]
    text = subprocess.run(command, capture_output=True, text=True, cwd=PACKAGE.parent).stdout
    text = text.replace("builtins.", "")  # as older versions print it
    for shown in ("float", "str", "int", "list[tuple[naja._core.Type, ...]]"):
        assert f'Revealed type is "{shown}"' in text, text
    errors = [line for line in text.splitlines() if "program.py" in line and ": error:" in line]
    assert len(errors) == 1 and "incompatible type" in errors[0], text
