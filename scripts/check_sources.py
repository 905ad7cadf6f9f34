"""Check that every C file of src/ and tests/unit/ is listed in a meson.build.

Sources are listed by hand; a file that was forgotten would be missing from the modules without a word
until something calls it.

usage: check_sources.py [ROOT]    prints the files that are not listed, exits with 1 if there are any
"""

import re
import sys
from pathlib import Path


def listed(meson_build):
    """Return every string of a meson.build."""
    return set(re.findall(r"'([^']+)'", meson_build.read_text())) if meson_build.exists() else set()


def check(root):
    """Return the list of complaints about the tree at `root`."""
    root = Path(root)
    missing = [p for p in (root / "src").glob("*/*.c") if p.name not in listed(p.parent / "meson.build")]
    units = listed(root / "tests" / "meson.build")
    missing += [p for p in (root / "tests" / "unit").glob("*.c") if p.stem not in units]
    return [f"{p.relative_to(root).as_posix()}: not listed in any meson.build" for p in sorted(missing)]


def main(argv):
    """Check the tree given, or the one this script is in."""
    complaints = check(argv[1] if len(argv) > 1 else Path(__file__).resolve().parent.parent)
    print("\n".join(complaints) or "sources: all are listed")
    return bool(complaints)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
