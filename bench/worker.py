"""One implementation in a process of its own, timing what the driver asks for.

Started by ``run.py`` as ``worker.py IMPLEMENTATION [LIBRARY]``.  Reads lines "kernel seconds" from standard input;
answers each with a line of JSON: the least time of one call in seconds and the result, or an error.
"""

import ctypes
import json
import os
import sys
import time

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from kernels import KERNELS, make_sum_squares
from programs import PROGRAMS, Compiled, Interpreted
from science import SCIENCE

ROWS = {**KERNELS, **SCIENCE}


def _with_jit(name_of_module):
    import importlib

    module, *parts = (
        importlib.import_module(name_of_module + part) for part in ("", ".experimental", ".typed")
    )

    def get(name):
        if name in PROGRAMS:
            return PROGRAMS[name][0](Compiled(module, *parts))
        function = ROWS[name][0]
        if function is None:
            return module.njit(parallel=True)(make_sum_squares(module.prange))
        return module.njit(function)

    return get


def _numpy(name):
    return ROWS[name][3]


def _c(library):
    kinds = {
        "d": ctypes.c_double,
        "l": ctypes.c_int64,
        "n": ctypes.c_int64,
        "m": ctypes.c_int64,
        "a": ctypes.c_void_p,
    }

    def get(name):
        result, letters = ROWS[name][2].split(":")
        function = getattr(library, name)
        function.restype = kinds[result]
        function.argtypes = [kinds[letter] for letter in letters]

        def call(*args):
            shape = next((a.shape for a in args if isinstance(a, np.ndarray)), ())
            values = [a.ctypes.data if isinstance(a, np.ndarray) else a for a in args]
            for letter, length in zip("nm", shape, strict=False):  # of the first array
                if letter in letters:
                    values.insert(letters.index(letter), length)
            return function(*values)

        return call

    return get


def _implementation(argv):
    if argv[1] == "c":
        return _c(ctypes.CDLL(argv[2]))
    if argv[1] == "numpy":
        return _numpy
    if argv[1] == "python":
        return lambda name: PROGRAMS[name][0](Interpreted)
    return _with_jit(argv[1])


def _measure(function, args, seconds):
    result = function(*args)
    best, end = float("inf"), time.perf_counter() + seconds
    while True:
        start = time.perf_counter()
        function(*args)
        now = time.perf_counter()
        best = min(best, now - start)
        if now > end:
            return best, float(np.asarray(result).flat[0])


def main():
    """Answer requests until the input ends."""
    get, functions = _implementation(sys.argv), {}
    for line in sys.stdin:
        name, seconds = line.split()
        try:
            if name not in functions:
                functions[name] = get(name), {**ROWS, **PROGRAMS}[name][1]()
            function, args = functions[name]
            seconds, result = _measure(function, args, float(seconds)) if function else (None, None)
            answer = {"seconds": seconds, "result": result}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}".splitlines()[0][:200]}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
