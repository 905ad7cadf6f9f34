"""Report functions and files that have grown long, and fail on those that are too long.

A function is reported over 100 lines and fails over 150; a file is reported over 1000 lines and fails
over 1500.  What has a good reason to be longer is listed in ALLOWED with that reason.  Headers, which
no formatter touches, may have at most 132 columns.

The C side needs no parser: in the house style a function's body ends with the first "}" in column 0,
and its head is the last line in column 0 before the "{".

usage: check_sizes.py [ROOT]    prints "file:line: message", exits with 1 on a failure
"""

import ast
import re
import sys
from pathlib import Path

FUNCTION_REPORT, FUNCTION_FAIL = 100, 150
FILE_REPORT, FILE_FAIL = 1000, 1500
COLUMNS = 132

# "src/stage/file.c" or "src/stage/file.c:function" -> why it may be longer.
ALLOWED = {}

FUNCTION_HEAD = re.compile(r"^(?!typedef\b|struct\b|enum\b|union\b|#)[A-Za-z_].*?\b(\w+)\s*\(")


def c_functions(text):
    """Yield (name, first line, number of lines) of the function definitions in C source."""
    head = None  # (name, line) of the candidate that the current lines may be the body of
    opened = False
    for number, line in enumerate(text.splitlines(), 1):
        if not opened:
            found = FUNCTION_HEAD.match(line)
            if found:
                head = found.group(1), number
            if head and line.rstrip().endswith("{"):
                opened = True
            elif line.rstrip().endswith((";", "}")):
                head = None  # a declaration, or a function on one line
        elif line.startswith("}"):
            yield head[0], head[1], number - head[1] + 1
            head, opened = None, False


def python_functions(text):
    """Yield (name, first line, number of lines) of the functions in Python source."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def judge(what, nlines, report, fail, reason):
    """Return (message, whether it is a failure), or None if nothing is to be said."""
    if nlines <= report:
        return None
    if nlines <= fail:
        return f"{what} has {nlines} lines", False
    if reason:
        return f"{what} has {nlines} lines, allowed: {reason}", False
    return (
        f"{what} has {nlines} lines, more than {fail}: split it, or list it in scripts/check_sizes.py",
        True,
    )


def check_file(path, name, allowed):
    """Yield (line number, message, is a failure) for one file."""
    text = path.read_text()
    lines = text.splitlines()
    verdict = judge("the file", len(lines), FILE_REPORT, FILE_FAIL, allowed.get(name))
    if verdict:
        yield 1, *verdict
    if path.suffix == ".h":
        for number, line in enumerate(lines, 1):
            if len(line) > COLUMNS or line != line.rstrip():
                yield number, f"{len(line)} columns, or blanks at the end", True
        return
    functions = python_functions if path.suffix == ".py" else c_functions
    for function, line, nlines in functions(text):
        verdict = judge(function, nlines, FUNCTION_REPORT, FUNCTION_FAIL, allowed.get(f"{name}:{function}"))
        if verdict:
            yield line, *verdict


def check(root, allowed=ALLOWED):
    """Return (messages, number of failures) for the tree at `root`."""
    root = Path(root)
    files = [p for p in sorted((root / "src").rglob("*")) if p.suffix in {".c", ".h"}]
    files += sorted((root / "naja").rglob("*.py"))
    messages, failures = [], 0
    for path in files:
        name = path.relative_to(root).as_posix()
        for line, message, is_failure in check_file(path, name, allowed):
            messages.append(f"{name}:{line}: {'error: ' * is_failure}{message}")
            failures += is_failure
    return messages, failures


def main(argv):
    """Check the tree given, or the one this script is in."""
    messages, failures = check(argv[1] if len(argv) > 1 else Path(__file__).resolve().parent.parent)
    print("\n".join(messages) or "sizes: no function over 100 lines, no file over 1000")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
