"""Random programs against the interpreter, for as long as one likes: ``make fuzz MINUTES=60``.

Every program is run interpreted and compiled on the same arguments; result, arrays and exception must be the same,
and no memory block may stay behind.  The first difference is printed with its seed and program, and ends the run.
"""

import argparse
import os
import random
import sys
import time

os.environ.setdefault("NAJA_CACHE", "0")
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import test_bounds  # noqa: E402
import test_lanes  # noqa: E402
import test_refcount  # noqa: E402
import test_typed_programs  # noqa: E402

FAMILIES = {
    "loop nests": test_bounds.check_nest,
    "iterations side by side": test_lanes.check_lanes,
    "arrays made and dropped": test_refcount.check_juggler,
    "numbers, strings, containers and exceptions": test_typed_programs.check_typed,
}


def main():
    """Run for the time asked for; return the exit status."""
    parser = argparse.ArgumentParser(description="random programs against the interpreter")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=None, help="run this one program of each family and stop")
    arguments = parser.parse_args()
    first = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(2**32)
    end, count = time.monotonic() + arguments.minutes * 60, 0
    while True:
        for name, check in FAMILIES.items():
            try:
                check(random.Random(first + count))
            except AssertionError as difference:
                print(f"fuzz: {name}, --seed {first + count}\n{difference}")
                return 1
        count += 1
        if arguments.seed is not None or time.monotonic() > end:
            print(f"fuzz: {count * len(FAMILIES)} programs, no difference")
            return 0


if __name__ == "__main__":
    sys.exit(main())
