"""Speed of NumPy's common functions in compiled code, at 10, 1,000 and 1,000,000 elements.

``python bench/functions.py`` writes ``bench/functions.md``: nanoseconds per call, and naja's time divided by NumPy's, Numba's
and C's.  A function is called over and over by one compiled loop (NumPy: by a Python loop), which changes an element of the
input and reads one of the result each time, so that no call can be left out.  Implementations run in processes of their
own, without threads, and are timed in turn: a round is one short measurement of every function, size and implementation.
Rounds are repeated while there is time, the least time of all rounds counts, and the page is written after each, so that a
run can be stopped.
"""

import argparse
import ctypes
import json
import os
import select
import subprocess
import sys
import tempfile
import time

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
SIZES = (10, 1000, 1_000_000)

# name: (expression, what is read of the result).  a, b, c: n float64; i: n int64 below 10; m: n bools; k: n valid indices;
# s: a sorted; A: a square matrix of at most n elements, P: one that is well conditioned and at most 200 wide; v: 5 floats.
ARRAY, NUMBER = "r[0]", "r"
FUNCTIONS = {
    "add": ("np.add(a, b)", ARRAY),
    "a * b + c": ("a * b + c", ARRAY),
    "sqrt": ("np.sqrt(b)", ARRAY),
    "exp": ("np.exp(a)", ARRAY),
    "log": ("np.log(b)", ARRAY),
    "sin": ("np.sin(a)", ARRAY),
    "tanh": ("np.tanh(a)", ARRAY),
    "a ** 2": ("a ** 2", ARRAY),
    "abs": ("np.abs(a)", ARRAY),
    "floor": ("np.floor(a)", ARRAY),
    "maximum": ("np.maximum(a, b)", ARRAY),
    "where": ("np.where(m, a, b)", ARRAY),
    "clip": ("np.clip(a, -0.5, 0.5)", ARRAY),
    "round": ("np.round(a, 2)", ARRAY),
    "isnan": ("np.isnan(a)", ARRAY),
    "sum": ("np.sum(a)", NUMBER),
    "mean": ("np.mean(a)", NUMBER),
    "std": ("np.std(a)", NUMBER),
    "min": ("np.min(a)", NUMBER),
    "argmax": ("np.argmax(a)", NUMBER),
    "all": ("np.all(b > 0)", NUMBER),
    "cumsum": ("np.cumsum(a)", ARRAY),
    "prod": ("np.prod(b)", NUMBER),
    "sum axis 0": ("np.sum(A, axis=0)", ARRAY),
    "sum axis 1": ("np.sum(A, axis=1)", ARRAY),
    "median": ("np.median(a)", NUMBER),
    "percentile": ("np.percentile(a, 30.0)", NUMBER),
    "sort": ("np.sort(a)", ARRAY),
    "argsort": ("np.argsort(a)", ARRAY),
    "searchsorted": ("np.searchsorted(s, a)", ARRAY),
    "unique": ("np.unique(i)", ARRAY),
    "diff": ("np.diff(a)", ARRAY),
    "concatenate": ("np.concatenate((a, b))", ARRAY),
    "transpose copy": ("A.T.copy()", "r[0, 0]"),
    "repeat": ("np.repeat(a, 2)", ARRAY),
    "a[k]": ("a[k]", ARRAY),
    "a[m]": ("a[m]", ARRAY),
    "nonzero": ("np.nonzero(m)", "r[0][0]"),
    "dot": ("np.dot(a, b)", NUMBER),
    "matmul": ("np.dot(P, P)", "r[0, 0]"),
    "outer": ("np.outer(v, a)", "r[0, 0]"),
    "linspace": ("np.linspace(0.0, 1.0, len(a))", ARRAY),
    "zeros": ("np.zeros(len(a))", ARRAY),
    "interp": ("np.interp(a, s, b)", ARRAY),
    "histogram": ("np.histogram(a, 10)", "r[0][0]"),
    "bincount": ("np.bincount(i)", ARRAY),
    "convolve": ("np.convolve(a, v)", ARRAY),
    "roll": ("np.roll(a, 3)", ARRAY),
    "norm": ("np.linalg.norm(a)", NUMBER),
    "solve": ("np.linalg.solve(P, P[0])", ARRAY),
    "fft": ("np.fft.fft(a)", "r[0].real"),
}

# The same in C, for functions of one loop: value of element j; s is the sum of all.
C_LOOPS = {
    "add": "r[j] = a[j] + b[j]",
    "a * b + c": "r[j] = a[j] * b[j] + c[j]",
    "sqrt": "r[j] = sqrt(b[j])",
    "exp": "r[j] = exp(a[j])",
    "sin": "r[j] = sin(a[j])",
    "abs": "r[j] = fabs(a[j])",
    "maximum": "r[j] = a[j] > b[j] ? a[j] : b[j]",
    "a ** 2": "r[j] = a[j] * a[j]",
    "sum": "s += a[j]",
    "dot": "s += a[j] * b[j]",
}
C_FUNCTION = """
double {name}(double *a, const double *b, const double *c, long n, long times) {{
    double total = 0;
    for (long t = 0; t < times; t++) {{
        double *r = {memory}, s = 0;
        a[0] += total * 0;
        for (long j = 0; j < n; j++) {body};
        total += {read};
        free(r);
    }}
    return total;
}}
"""


def c_library(folder):
    """Compile C_LOOPS; None without clang-19."""
    text = "#include <math.h>\n#include <stdlib.h>\n"
    for k, (name, body) in enumerate(C_LOOPS.items()):
        is_sum = body.startswith("s +=")
        text += C_FUNCTION.format(
            name=f"f{k}",
            body=body,
            memory="NULL" if is_sum else "malloc(n * sizeof *r)",
            read="s" if is_sum else "r[0]",
        )
    source, library = os.path.join(folder, "functions.c"), os.path.join(folder, "functions.so")
    with open(source, "w") as file:
        file.write(text)
    flags = ["-O3", "-march=native", "-fno-math-errno", "-fveclib=libmvec", "-fPIC", "-shared"]
    try:
        done = subprocess.run(
            ["clang-19", *flags, source, "-o", library, "-lm", "-lmvec"], capture_output=True
        )
    except FileNotFoundError:
        return None
    return library if done.returncode == 0 else None


# ---- the worker ------------------------------------------------------------------------------------------------------------


def arguments(n):
    """The variables of the expressions, by name."""
    rng = np.random.default_rng(3)
    side, width = max(2, int(n**0.5)), min(200, max(2, int(n**0.5)))
    a = rng.standard_normal(n)
    return {
        "a": a,
        "b": rng.random(n) + 0.5,
        "c": rng.random(n),
        "i": rng.integers(0, 10, n),
        "m": rng.random(n) < 0.5,
        "k": rng.integers(0, n, n),
        "s": np.sort(a),
        "A": rng.random((side, side)),
        "P": rng.random((width, width)) + 5 * np.eye(width),
        "v": rng.random(5),
    }


def source(expression, read):
    """The text of the loop around one expression."""
    names = [
        name for name in "abcimksAPv" if name in set(expression.replace("np.", "").replace("linalg.", ""))
    ]
    return names, (
        f"def f(a, {''.join(f'{n}, ' for n in names if n != 'a')}times, zero):\n"
        f"    total = 0.0\n"
        f"    for _ in range(times):\n"
        f"        r = {expression}\n"
        f"        total += {read}\n"
        f"        a[0] += total * zero\n"
        f"    return total\n"
    )


def _python(name, decorate):
    """The loop around one expression as a function of the variables and the number of times."""
    names, text = source(*FUNCTIONS[name])
    space = {"np": np}
    exec(text, space)
    f = decorate(space["f"])
    names = ["a", *(n for n in names if n != "a")]
    return lambda values, times: f(*[values[n] for n in names], times, 0.0)


def _c(name, path):
    if name not in C_LOOPS:
        return None
    f = getattr(ctypes.CDLL(path), f"f{list(C_LOOPS).index(name)}")
    f.restype = ctypes.c_double

    def run(values, times):
        given = [ctypes.c_void_p(values[n].ctypes.data) for n in "abc"]
        return f(*given, ctypes.c_long(len(values["a"])), ctypes.c_long(times))

    return run


def work(implementation, path):
    """Answer lines "name TAB n TAB seconds" with the least nanoseconds per call."""
    decorate = lambda f: f  # noqa: E731
    if implementation in ("naja", "numba"):
        import importlib
        import warnings

        warnings.simplefilter("ignore")
        decorate = importlib.import_module(implementation).njit
    functions, values = {}, {n: arguments(n) for n in SIZES}
    for line in sys.stdin:
        name, n, seconds = line.rstrip("\n").split("\t")
        try:
            if name not in functions:
                functions[name] = _c(name, path) if path else _python(name, decorate)
            run = functions[name]
            answer = {"ns": run and _measure(lambda times: run(values[int(n)], times), float(seconds))}  # noqa: B023
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}".splitlines()[0][:100]}
        print(json.dumps(answer), flush=True)


def _measure(run, seconds):
    run(1)
    start = time.perf_counter()
    run(1)
    once = time.perf_counter() - start
    times = max(1, min(1000, int(seconds / 5 / max(once, 1e-7))))
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.thread_time()  # what other programs take of the processor is not ours
        run(times)
        best = min(best, (time.thread_time() - start) / times)
    return best * 1e9


# ---- the driver -------------------------------------------------------------------------------------------------------------


class Worker:
    """A process with one implementation; after it has died, a new one."""

    LIMIT = 120  # seconds for one answer, compilation included

    def __init__(self, python, *args):
        self.command = [python, os.path.abspath(__file__), "--worker", *args]
        self.process = None

    def _start(self):
        threads = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL", "NUMBA")}
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **threads},
        )

    def time(self, name, n, seconds):
        """Return nanoseconds per call, None where there is nothing, or a text that says what went wrong."""
        if self.process is None:
            self._start()
        try:
            self.process.stdin.write(f"{name}\t{n}\t{seconds}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return self._end()
        if not select.select([self.process.stdout], [], [], self.LIMIT)[0]:
            self.process.kill()
            self._end()
            return f"took more than {self.LIMIT} s"
        line = self.process.stdout.readline()
        if not line:
            return self._end()
        answer = json.loads(line)
        return answer.get("error") or answer["ns"]

    def _end(self):
        code, self.process = self.process.wait(), None
        return f"the process ended with {code}"

    def close(self):
        """End the process."""
        if self.process:
            self.process.stdin.close()
            self.process.wait()


def measure_round(workers, names, best, failed, seconds):
    """Time every function, size and implementation once; keep least times in `best`.

    Parameters
    ----------
    workers : dict of Worker
    names : list of str
    best : dict
        ``{(name, n): {implementation: nanoseconds}}``.
    failed : dict
        ``{(implementation, name, n): text}``: what is not asked for again.
    seconds : float
        For one measurement.
    """
    for name in names:
        for n in SIZES:
            row = best.setdefault((name, n), {})
            for key, worker in workers.items():
                if (key, name, n) in failed:
                    continue
                ns = worker.time(name, n, seconds)
                if isinstance(ns, float):
                    row[key] = min(row.get(key, float("inf")), ns)
                else:
                    failed[key, name, n] = ns
                    if ns:
                        print(f"{name} {n} {key}: {ns}", file=sys.stderr)


def _cell(best, other):
    if "naja" not in best or other not in best:
        return "-"
    return f"{best['naja'] / best[other]:.2f}"


def bars(best, n):
    """Say which bar is missed: 1.1 times NumPy's time at any size, a fifth of it at ten elements."""
    if "naja" not in best:
        return "no result"
    ratio = best["naja"] / best["numpy"]
    return (
        "slower than NumPy" if ratio > 1.1 else "less than 5 times as fast" if n == 10 and ratio > 0.2 else ""
    )


def page(best, rounds, machine):
    """Return the text of bench/functions.md."""
    missed = [(name, n, bars(row, n)) for (name, n), row in best.items() if bars(row, n)]
    lines = ["# NumPy's functions in compiled code", "", f"{machine}; the least of {rounds} rounds.", ""]
    lines += [
        "Nanoseconds of processor time per call; then naja's time divided by another's: below 1 naja is faster.",
        "The bars: at most 1.1 times NumPy's time, and at ten elements at most a fifth of it.",
        "",
        f"{len(best) - len(missed)} of {len(best)} meet the bars." + (" Missed:" if missed else ""),
        *(f"- {name}, {n:,} elements: {why}" for name, n, why in missed),
        "",
        "| function | elements | naja, ns | / NumPy | / Numba | / C | bar missed |",
        "|---|---|---|---|---|---|---|",
    ]
    for (name, n), row in best.items():
        cells = [_cell(row, other) for other in ("numpy", "numba", "c")]
        mine = f"{row['naja']:.0f}" if "naja" in row else "-"
        lines.append(f"| {name} | {n:,} | {mine} | {' | '.join(cells)} | {bars(row, n)} |")
    return "\n".join(lines) + "\n"


def _options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worker", nargs="+", help=argparse.SUPPRESS)
    parser.add_argument("--minutes", type=float, default=8, help="no round begins that would end later")
    parser.add_argument("--rounds", type=int, default=20, help="at most")
    parser.add_argument("--seconds", type=float, default=0.02, help="for one measurement")
    parser.add_argument("--only", nargs="*", help="these functions only")
    parser.add_argument("--numba", help="an interpreter that has Numba; default: the one bench/run.py makes")
    parser.add_argument("--output", default=os.path.join(HERE, "functions.md"))
    return parser.parse_args()


def main():
    """Time everything and write the table."""
    options = _options()
    if options.worker:
        work(options.worker[0], options.worker[1] if len(options.worker) > 1 else None)
        return
    sys.path.insert(0, HERE)
    from run import machine, numba_python

    begin, best, failed = time.monotonic(), {}, {}
    with tempfile.TemporaryDirectory() as folder:
        numba, library = options.numba or numba_python(), c_library(folder)
        workers = {"naja": Worker(sys.executable, "naja"), "numpy": Worker(sys.executable, "numpy")}
        if numba:
            workers["numba"] = Worker(numba, "numba")
        if library:
            workers["c"] = Worker(sys.executable, "c", library)
        for k in range(options.rounds):
            start = time.monotonic()
            measure_round(workers, options.only or FUNCTIONS, best, failed, options.seconds)
            now = time.monotonic()
            print(f"round {k + 1}: {now - start:.0f} s", flush=True)
            with open(options.output, "w") as file:
                file.write(page(best, k + 1, machine()))
            if now - begin + (now - start) * 0.8 > options.minutes * 60:
                break
        for worker in workers.values():
            worker.close()
    with open(options.output) as file:
        print(file.read())


if __name__ == "__main__":
    main()
