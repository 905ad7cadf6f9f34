"""List the files of the Python package that an installation needs, one a line.

Used by meson.build at configure time.
"""

from pathlib import Path

SUFFIXES = {".py", ".pyi", ".typed", ".c", ".h"}

root = Path(__file__).resolve().parent.parent
for path in sorted((root / "naja").rglob("*")):
    if path.suffix in SUFFIXES and path.is_file():
        print(path.relative_to(root).as_posix())
