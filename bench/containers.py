"""Containers side by side: naja, Numba and CPython, as ``run.py`` has kernels.

``python bench/containers.py`` prints the table.  A row of `PROGRAMS` is a function that gets an implementation's module
(None: plain CPython) and returns a call without arguments; what it returns is compared between implementations.
"""

import argparse
import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROUNDS_WARM = 2


# ---- the programs ---------------------------------------------------------------------------------------------------


def _jit(module, function):
    return module.njit(function) if module else function


def _ints(n, bound):
    import numpy as np

    return np.random.default_rng(1).integers(0, bound, n)


def count_ints(module):
    """Count 10**6 integers in a dict."""

    def count(a):
        d = {}
        for x in a:
            if x in d:
                d[x] += 1
            else:
                d[x] = 1
        return len(d)

    a = _ints(10**6, 10**4)
    a = a if module else a.tolist()
    count = _jit(module, count)
    return lambda: count(a)


def count_words(module):
    """Count 10**5 words in a dict."""

    def count(words):
        d = {}
        for w in words:
            if w in d:
                d[w] += 1
            else:
                d[w] = 1
        return len(d)

    words = [f"word{i}" for i in _ints(10**5, 5000)]
    count = _jit(module, count)
    words = module.typed.List(words) if module else words
    return lambda: count(words)


def append_and_sort(module):
    """Append 10**6 floats to a list and sort it."""

    def build(n):
        values, x = [], 0.5
        for _ in range(n):
            x = 3.9 * x * (1.0 - x)
            values.append(x)
        values.sort()
        return values[n // 2]

    build = _jit(module, build)
    return lambda: build(10**6)


def set_operations(module):
    """Union, intersection, difference and symmetric difference of sets of 10**5 integers."""

    def combine(n):
        a, b = set(), set()
        for i in range(n):
            a.add(i * 3)
            b.add(i * 2)
        return len(a | b) + len(a & b) + len(a - b) + len(a ^ b)

    combine = _jit(module, combine)
    return lambda: combine(10**5)


def typed_list(module):
    """typed.List of a list of 10**5 floats (CPython: a copy)."""
    values = _floats(10**5)
    make = module.typed.List if module else list
    return lambda: len(make(values))


def typed_dict_get(module):
    """10**4 lookups in a typed.Dict from Python."""
    return lambda: sum(map(_filled(module).__getitem__, range(10**4)))


def _floats(n):
    return [i * 0.5 for i in range(n)]


_made = {}


def _filled(module):
    if module not in _made:
        d = module.typed.Dict.empty(module.types.int64, module.types.float64) if module else {}
        for i in range(10**4):
            d[i] = i * 0.5
        _made[module] = d
    return _made[module]


def typed_dict_set(module):
    """10**4 assignments to a typed.Dict from Python."""

    def fill():
        d = _filled(module)
        for i in range(10**4):
            d[i] = 1.5
        return len(d)

    return fill


def list_argument(module):
    """A list of 10**5 floats as an argument, read only."""

    def total(values):
        s = 0.0
        for x in values:
            s += x
        return s

    values, total = _floats(10**5), _jit(module, total)
    return lambda: total(values)


def list_changed(module):
    """A list of 10**5 floats as an argument, every item changed."""

    def change(values):
        for i in range(len(values)):
            values[i] = values[i] * 0.5 + 1.0
        return len(values)

    values, change = _floats(10**5), _jit(module, change)
    return lambda: change(values)


def list_result(module):
    """A list of 10**5 floats as a result."""

    def make(n):
        return [i * 0.5 for i in range(n)]

    make = _jit(module, make)
    return lambda: len(make(10**5))


PROGRAMS = {
    program.__name__: program
    for program in (
        count_ints,
        count_words,
        append_and_sort,
        set_operations,
        typed_list,
        typed_dict_get,
        typed_dict_set,
        list_argument,
        list_changed,
        list_result,
    )
}


# ---- timing -----------------------------------------------------------------------------------------------------------


def serve(implementation):
    """Answer lines "program seconds" from standard input with the least time of a call and its result."""
    module = None
    if implementation != "python":
        import importlib
        import warnings

        warnings.simplefilter("ignore")  # Numba's, on lists as arguments
        module = importlib.import_module(implementation)
        importlib.import_module(f"{implementation}.typed")
    calls = {}
    for line in sys.stdin:
        name, seconds = line.split()
        try:
            answer = _time(calls, name, module, float(seconds))
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}".splitlines()[0]}
        print(json.dumps(answer), flush=True)


def _time(calls, name, module, seconds):
    if name not in calls:
        calls[name] = PROGRAMS[name](module)
        for _ in range(ROUNDS_WARM):
            calls[name]()
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        result = calls[name]()
        best = min(best, time.perf_counter() - start)
    return {"seconds": best, "result": result}


class Worker:
    """A process that times programs with one implementation."""

    def __init__(self, python, implementation):
        command = [python, os.path.abspath(__file__), "--serve", implementation]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def time(self, program, seconds):
        """Return {"seconds", "result"} or {"error"}."""
        self.process.stdin.write(f"{program} {seconds}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline() or '{"error": "the process ended"}')

    def close(self):
        """End the process."""
        self.process.stdin.close()
        self.process.wait()


def table(workers, rounds, seconds, only):
    """Return the rows of the table; ValueError if results differ."""
    from run import race, ratio

    lines = [
        "| program | naja, ms (min) | naja / Numba (min / median) | naja / CPython |",
        "|---|---|---|---|",
    ]
    for program in only or PROGRAMS:
        times, errors = race(workers, program, rounds, seconds)
        results = {str(worker.time(program, 0.001).get("result")) for worker in workers.values()}
        if len(results) > 1 and not errors:
            raise ValueError(f"{program}: results differ: {results}")
        mine = f"{min(times['naja']) * 1e3:.3f}" if times["naja"] else errors.get("naja", "-")
        cells = [ratio(times, other) for other in ("numba", "python")]
        lines.append(f"| {program} | {mine} | {' | '.join(cells)} |")
    return lines


def main():
    """Run the programs and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.2, help="per program, implementation and round")
    parser.add_argument("--only", nargs="*", choices=list(PROGRAMS), help="these programs only")
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve)
        return
    sys.path.insert(0, HERE)
    from run import machine, numba_python

    os.environ["PYTHONPATH"] = os.path.dirname(HERE)
    workers = {"naja": Worker(sys.executable, "naja"), "python": Worker(sys.executable, "python")}
    numba = numba_python()
    if numba:
        workers["numba"] = Worker(numba, "numba")
    lines = table(workers, arguments.rounds, arguments.seconds, arguments.only)
    for worker in workers.values():
        worker.close()
    print("\n".join([machine(), "", "naja's time divided by another's: below 1 naja is faster.", "", *lines]))


if __name__ == "__main__":
    main()
