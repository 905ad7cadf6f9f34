"""The checks under scripts/: what they accept and what they find."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

import check_includes
import check_sizes
import check_sources
import dependency_group


def write(root, name, text):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    "file, include",
    [
        ("src/ir/build.c", '"ir/ir.h"'),
        ("src/ir/build.c", '"ir/private.h"'),
        ("src/ir/build.c", '"types/types.h"'),
        ("src/ir/build.c", "<stdlib.h>"),
        ("src/types/types.h", '"types/kinds.def"'),
        ("src/infer/infer.c", '"ir/ops.def"'),
        ("src/codegen/call.c", '"runtime/abi.h"'),
        ("src/codegen/call.c", '"runtime/natives.def"'),
        ("src/codegen/call.c", "<llvm-c/Core.h>"),
        ("src/engine/emit.c", "<llvm-c/TargetMachine.h>"),
        ("src/frontend/decode.c", "<Python.h>"),
        ("src/library/bridge_ufunc.c", "<numpy/ufuncobject.h>"),
        ("src/boundary/module.c", '"engine/engine.h"'),
    ],
)
def test_includes_accepted(tmp_path, file, include):
    write(tmp_path, file, f"/* a comment */\n#include {include}\n")
    assert check_includes.check(tmp_path) == []


@pytest.mark.parametrize(
    "file, include, words",
    [
        ("src/ir/build.c", '"infer/infer.h"', "infer comes after ir"),
        ("src/base/arena.c", '"types/types.h"', "types comes after base"),
        ("src/infer/infer.c", '"ir/private.h"', "the door of that stage is ir/ir.h"),
        ("src/infer/infer.c", '"infer.h"', "write the stage too"),
        ("src/infer/infer.c", '"runtime/abi.h"', "runtime comes after infer"),
        ("src/codegen/call.c", '"runtime/runtime.h"', "runtime comes after codegen"),
        ("src/runtime/pool.c", '"boundary/boundary.h"', "nothing includes the boundary"),
        ("src/passes/fold.c", "<llvm-c/Core.h>", "LLVM belongs to codegen, engine"),
        ("src/runtime/sort.c", "<Python.h>", "CPython belongs to frontend"),
        ("src/types/print.c", "<numpy/arrayobject.h>", "CPython belongs to"),
        ("src/ir/build.c", '  "codegen/codegen.h"', "codegen comes after ir"),
    ],
)
def test_includes_rejected(tmp_path, file, include, words):
    write(tmp_path, file, f"\n#  include {include}\n")
    (complaint,) = check_includes.check(tmp_path)
    assert complaint.startswith(f"{file}:2: ")
    assert words in complaint


C_SOURCE = """\
#include <stdio.h>
typedef struct {
    int a;
} A;
static int declared(int x,
                    int y);
int table[] = {
    1,
};
int one_line(void) { return 1; }
static int two(int x,
               int y) {
    if (x) {
        y++;
    }
    return y;
}
struct B *returns_struct(void) {
    return 0;
}
"""


def test_sizes_of_c_functions():
    # A return type that begins with `struct` is not recognised: the house style has typedefs.
    assert list(check_sizes.c_functions(C_SOURCE)) == [("two", 11, 7)]


@pytest.mark.parametrize("nlines, failures, nmessages", [(100, 0, 0), (101, 0, 1), (150, 0, 1), (151, 1, 1)])
def test_sizes_of_functions(tmp_path, nlines, failures, nmessages):
    write(tmp_path, "src/ir/long.c", "void f(void) {\n" + "    g();\n" * (nlines - 2) + "}\n")
    body = "    g()\n" * (nlines - 1)
    write(tmp_path, "naja/long.py", f"def f():\n{body}")
    messages, failed = check_sizes.check(tmp_path, {})
    assert failed == 2 * failures
    assert len(messages) == 2 * nmessages


def test_sizes_of_files(tmp_path):
    write(tmp_path, "src/ir/big.c", "int x;\n" * 1501)
    write(tmp_path, "src/ir/wide.h", "/* " + "x" * 140 + " */\n")
    messages, failed = check_sizes.check(tmp_path, {})
    assert failed == 2
    assert "src/ir/big.c:1: error: the file has 1501 lines" in messages[0]
    assert check_sizes.check(tmp_path, {"src/ir/big.c": "a reason"})[1] == 1


def test_sources_not_listed(tmp_path):
    write(tmp_path, "src/ir/meson.build", "ir_sources = files(\n  'build.c',\n)\n")
    write(tmp_path, "src/ir/build.c", "")
    write(tmp_path, "src/ir/print.c", "")
    write(tmp_path, "tests/unit/arena.c", "")
    assert check_sources.check(tmp_path) == [
        "src/ir/print.c: not listed in any meson.build",
        "tests/unit/arena.c: not listed in any meson.build",
    ]


def test_dependency_groups_include_each_other():
    groups = {"test": ["a", "b"], "dev": [{"include-group": "test"}, "c"]}
    assert list(dependency_group.requirements(groups, "dev")) == ["a", "b", "c"]


@pytest.mark.parametrize("script", ["check_includes", "check_sizes", "check_sources"])
def test_a_script_exits_with_one_on_a_complaint(tmp_path, script):
    write(tmp_path, "src/base/arena.c", '#include "ir/ir.h"\n' + "int x;\n" * 1501)
    ran = subprocess.run(
        [sys.executable, ROOT / "scripts" / f"{script}.py", tmp_path], capture_output=True, text=True
    )
    assert ran.returncode == 1
    assert ran.stdout.startswith("src/base/arena.c")
    assert ran.stderr == ""
