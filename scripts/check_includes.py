"""Check that the #include lines under src/ follow the order of the stages.

The tree is the architecture: one stage, one folder, one door (`<stage>/<stage>.h`).  A file may include

1. files of its own folder,
2. doors of stages earlier in STAGES,
3. the .def tables of earlier stages, and what the table SHARED names,
4. `Python.h`, NumPy's headers and LLVM's headers where FOREIGN allows them.

Nothing includes boundary/.  Each exception is one row with its reason.

usage: check_includes.py [ROOT]    prints "file:line: message", exits with 1 if there was any
"""

import re
import sys
from pathlib import Path, PurePosixPath

STAGES = [
    "base",
    "vecmath",
    "types",
    "ir",
    "frontend",
    "library",
    "infer",
    "passes",
    "codegen",
    "engine",
    "runtime",
    "boundary",
]

# (header pattern, includers: stages or files, reason)
SHARED = [
    (
        "runtime/abi.h",
        ["library", "passes", "codegen", "engine", "boundary"],
        "the layout of contexts, blocks and results, on which generated code and C agree; plain C",
    ),
    (
        "runtime/*.def",
        ["ir", "library", "passes", "codegen"],
        "the table of functions that generated code may call",
    ),
    (
        "runtime/text.h",
        ["boundary"],
        "the layout of strings and the hooks through which their functions ask Python",
    ),
    (
        "engine/compiler_api.h",
        ["boundary"],
        "the seam between the two modules: functions of the one that the other calls",
    ),
    (
        "frontend/decode.h",
        ["boundary"],
        "the decoder is a part of the frontend that both modules contain",
    ),
]

# (what it is, header pattern, includers: stages or files, reason)
FOREIGN = [
    (
        "LLVM",
        r"llvm(-c)?/",
        ["codegen", "engine"],
        "the rest of the compiler does not depend on LLVM",
    ),
    (
        "CPython",
        r"(Python\.h|structmember\.h|frameobject\.h|opcode\w*\.h|internal/|cpython/|numpy/)",
        [
            "frontend",
            "boundary",
            "library/objects.c",
            "library/bridge*",
            "engine/compile.c",
            "engine/module.c",
        ],
        "objects of Python enter as handles; only the decoder, the bridges, the boundary and the door of the "
        "compiler module see them",
    ),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')


def is_among(file, includers):
    """Tell whether `file` ("stage/name.c") is in one of the stages or matches one of the patterns."""
    return any(file.parts[0] == one or file.match(one) for one in includers)


def complaint(file, quote, header):
    """Return what is wrong with this include, or None."""
    for name, pattern, includers, reason in FOREIGN:
        if re.match(pattern, header) and not is_among(file, includers):
            return f"includes {header}: {name} belongs to {', '.join(includers)} ({reason})"
    if quote == "<":
        return None

    path = PurePosixPath(header)
    stage, own = path.parts[0], file.parts[0]
    if len(path.parts) == 1 or stage not in STAGES:
        return f'includes "{header}": write the stage too, as in "{own}/{path.name}"'
    if stage == own:
        return None
    if any(path.match(pattern) and is_among(file, includers) for pattern, includers, _ in SHARED):
        return None
    if stage == "boundary":
        return f"includes {header}: nothing includes the boundary"
    if STAGES.index(stage) > STAGES.index(own):
        return f"includes {header}: {stage} comes after {own} in the order of the stages"
    if header != f"{stage}/{stage}.h" and path.suffix != ".def":
        return f"includes {header}: the door of that stage is {stage}/{stage}.h"
    return None


def check(root):
    """Return the list of complaints about the tree at `root`."""
    complaints = []
    source = Path(root) / "src"
    for path in sorted(source.glob("*/**/*")):
        file = PurePosixPath(path.relative_to(source).as_posix())
        if path.suffix not in {".c", ".h", ".def"} or file.parts[0] not in STAGES:
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = INCLUDE.match(line)
            message = found and complaint(file, *found.groups())
            if message:
                complaints.append(f"src/{file}:{number}: {message}")
    return complaints


def main(argv):
    """Check the tree given, or the one this script is in."""
    complaints = check(argv[1] if len(argv) > 1 else Path(__file__).resolve().parent.parent)
    print("\n".join(complaints) or "includes: all follow the order of the stages")
    return bool(complaints)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
