"""Print the requirements of one dependency group of pyproject.toml, one a line."""

import sys
import tomllib
from pathlib import Path


def requirements(groups, name):
    """Flatten a group: its own requirements and those of the groups it includes."""
    for entry in groups[name]:
        if isinstance(entry, dict):
            yield from requirements(groups, entry["include-group"])
        else:
            yield entry


if __name__ == "__main__":
    text = (Path(__file__).resolve().parent.parent / "pyproject.toml").read_text()
    print("\n".join(requirements(tomllib.loads(text)["dependency-groups"], sys.argv[1])))
