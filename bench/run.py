"""Benchmarks side by side: naja, Numba from PyPI, clang-19 -O3 -march=native, NumPy; ratios with minimum and median.

``make bench`` runs everything and writes ``bench/results.md``.  Numba lives in an environment of its own
(``.venv-numba``, made on first use); where it or clang-19 cannot be had its column says so.  Implementations run in
processes of their own and are timed in turn, round by round, so that a change of the machine's speed meets all.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import sysconfig
import textwrap

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
NUMBA = "numba==0.68.1"
sys.path.insert(0, HERE)

from kernels import KERNELS  # noqa: E402
from programs import PROGRAMS  # noqa: E402
from science import SCIENCE  # noqa: E402


def say(text):
    """Tell the user what happens."""
    print(text, file=sys.stderr, flush=True)


# ---- preparing ------------------------------------------------------------------------------------------------------


def numba_python():
    """Return the interpreter of the environment with Numba, made if need be; None if it cannot be had."""
    folder = os.path.join(ROOT, ".venv-numba")
    python = os.path.join(folder, "bin", "python")
    if (
        os.path.exists(python)
        and subprocess.run([python, "-c", "import numba"], capture_output=True).returncode == 0
    ):
        return python
    say(f"bench: making .venv-numba with {NUMBA}")
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", folder], capture_output=True)
    if made.returncode == 0:
        made = subprocess.run([python, "-m", "pip", "install", "-q", NUMBA, "scipy"], capture_output=True)
    if made.returncode:
        say("bench: Numba cannot be installed; its column stays empty")
        return None
    return python


def c_library(folder, contract):
    """Compile the C kernels; None without clang-19.  clang contracts x * y + z to one rounding unless it is told not to."""
    library = os.path.join(folder, f"kernels-{contract}.so")
    flags = ["-O3", "-march=native", f"-ffp-contract={contract}", "-fno-math-errno", "-fPIC"]
    compilers = {"kernels": "clang-19", "science": "clang-19", "parallel": "gcc"}
    objects = [os.path.join(folder, f"{name}-{contract}.o") for name in compilers]
    commands = [
        [
            compiler,
            *flags,
            *(["-fopenmp"] if compiler == "gcc" else []),
            "-c",
            os.path.join(HERE, f"{name}.c"),
            "-o",
            target,
        ]
        for (name, compiler), target in zip(compilers.items(), objects, strict=True)
    ]
    commands.append(["gcc", "-shared", "-fopenmp", *objects, "-o", library, "-lm"])
    try:
        if all(subprocess.run(command, capture_output=True).returncode == 0 for command in commands):
            return library
    except FileNotFoundError:
        pass
    say("bench: clang-19 and gcc cannot build the C kernels; their columns stay empty")
    return None


def build_floor(folder):
    """Compile floor.c, whose function shows what a call of C costs; the rows of calls need it."""
    include, suffix = sysconfig.get_path("include"), sysconfig.get_config_var("EXT_SUFFIX")
    target = os.path.join(folder, f"floor{suffix}")
    command = ["cc", "-O2", "-shared", "-fPIC", f"-I{include}", os.path.join(HERE, "floor.c"), "-o", target]
    subprocess.run(command, check=True)


class Worker:
    """A process that times kernels with one implementation."""

    def __init__(self, python, *args):
        command = [python, os.path.join(HERE, "worker.py"), *args]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def time(self, kernel, seconds):
        """Return {"seconds", "result"} or {"error"}."""
        try:
            self.process.stdin.write(f"{kernel} {seconds}\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        return json.loads(line) if line else {"error": "the process ended"}

    def close(self):
        """End the process."""
        self.process.stdin.close()
        self.process.wait()


# ---- run time of kernels ----------------------------------------------------------------------------------------------


def race(workers, kernel, rounds, seconds):
    """Time one kernel on all workers in turn; return {worker: [seconds per round]} and errors."""
    times, errors = {name: [] for name in workers}, {}
    for _ in range(rounds):
        for name, worker in workers.items():
            answer = worker.time(kernel, seconds)
            if answer.get("error"):
                errors[name] = answer["error"]
            elif answer["seconds"] is not None:
                times[name].append(answer["seconds"])
    return times, errors


def ratio(times, other):
    """naja's time against another's: minimum against minimum, and the median of the rounds' ratios."""
    if not times["naja"] or not times.get(other):
        return "-"
    pairs = [a / b for a, b in zip(times["naja"], times[other], strict=False)]
    return f"{min(times['naja']) / min(times[other]):.2f} / {statistics.median(pairs):.2f}"


# What kernels and programs are raced against: by worker, the column's head.
AGAINST_KERNELS = {
    "c": "naja / clang -O3 (min / median)",
    "strict": "the same, -ffp-contract=off",
    "numba": "naja / Numba",
    "numpy": "naja / NumPy",
}
AGAINST_SCIENCE = {key: head for key, head in AGAINST_KERNELS.items() if key != "numpy"}
AGAINST_PROGRAMS = {"numba": "naja / Numba (min / median)", "python": "naja / interpreter"}


def race_table(what, names, against, workers, arguments):
    """Return the rows of a table: one for each name that was not left out by --only."""
    lines = [
        f"| {what} | naja, ms (min) | {' | '.join(against.values())} |",
        "|---" * (2 + len(against)) + "|",
    ]
    for name in names:
        if arguments.only and name not in arguments.only:
            continue
        say(f"bench: {name}")
        times, errors = race(workers, name, arguments.rounds, arguments.seconds)
        mine = f"{min(times['naja']) * 1e3:.3f}" if times["naja"] else errors.get("naja", "-")
        lines.append(f"| {name} | {mine} | {' | '.join(ratio(times, other) for other in against)} |")
    return lines


# ---- latency ------------------------------------------------------------------------------------------------------------

# Each program prints one number: milliseconds, or for calls nanoseconds above an empty METH_FASTCALL function
# with the same arguments.
IMPORT = """
    import time, numpy
    t = time.perf_counter(); import {module}
    print((time.perf_counter() - t) * 1e3)
"""
FIRST = """
    import time, numpy as np
    from {module} import njit
    def f(a):
        s = 0.0
        for i in range(a.shape[0]): s += a[i]
        return s
    a = np.ones(10)
    f = njit(**{options})(f)
    t = time.perf_counter(); f(a)
    print((time.perf_counter() - t) * 1e3)
"""
WARM = """
    import time, numpy as np
    from {module} import njit
    def warm(a):
        s = 0.0
        for i in range(a.shape[0]): s += a[i] * 2
        return s
    def f(a):
        s = 0.0
        for i in range(a.shape[0]): s += a[i]
        return s
    a = np.ones(10)
    njit(**{options})(warm)(a)
    f = njit(**{options})(f)
    t = time.perf_counter(); f(a)
    print((time.perf_counter() - t) * 1e3)
"""
CACHED = """
    import time, numpy as np
    t = time.perf_counter()
    import cached_{module} as m
    m.f(np.ones(10))
    elapsed = (time.perf_counter() - t) * 1e3
    maps = open("/proc/self/maps").read() if "{module}" == "naja" else ""
    assert "_compiler" not in maps and "LLVM" not in maps, "the compiler was loaded"
    print(elapsed)
"""
# The function and an empty one of C get the same arguments, from local variables, and are timed in turn.
CALL = """
    import time, numpy as np
    from {module} import njit
    from floor import empty
    a = np.ones(10)
    args = {args}
    names = ", ".join("abcde"[:len(args)])
    space = {{}}
    exec(f"def f({{names}}): return {body}", space)
    exec(f"def loop(f, times, {{names}}):\\n    for _ in times: f({{names}})", space)
    f, loop = njit(**{options})(space["f"]), space["loop"]
    f(*args)
    least = {{f: float("inf"), empty: float("inf")}}
    for _ in range(1500):
        for function in least:
            times = range(400)
            t = time.perf_counter_ns(); loop(function, times, *args); t = time.perf_counter_ns() - t
            least[function] = min(least[function], t / 400)
    print(least[f] - least[empty])
"""
ROWS = [
    ("import, NumPy already imported, ms", IMPORT, {}, "<= 10"),
    ("first call of a one-loop function, the process's first, ms", FIRST, {}, "<= 25"),
    ("the same in a warm process, ms", WARM, {}, "<= 12"),
    ("import to first result, function cached, ms", CACHED, {}, "<= 10"),
    ("call f(int), ns above an empty C function with the same arguments", CALL, {"args": "(1,)", "body": "a + 1"}, "<= 40"),
    ("call f(float, float), ns", CALL, {"args": "(1.0, 2.0)", "body": "a + b"}, "<= 40"),
    ("call f(array), ns", CALL, {"args": "(a,)", "body": "a[0]"}, "<= 40"),
    ("call f(5 arrays), ns", CALL, {"args": "(a, a, a, a, a)", "body": "a[0] + b[0] + c[0] + d[0] + e[0]"}, "<= 40"),
]  # fmt: skip


def prepare_cached(folder, modules):
    """Write the modules whose function is cached, and run them once to fill the caches."""
    source = """
        from {module} import njit
        @njit(cache=True)
        def f(a):
            s = 0.0
            for i in range(a.shape[0]): s += a[i]
            return s
    """
    for module, (python, environment) in modules.items():
        with open(os.path.join(folder, f"cached_{module}.py"), "w") as file:
            file.write(textwrap.dedent(source.format(module=module)))
        code = f"import numpy as np, cached_{module} as m; m.f(np.ones(10))"
        subprocess.run([python, "-c", code], env=environment, cwd=folder, capture_output=True)


def latency_table(folder, modules, rounds):
    """Return the rows of the latency table."""
    lines = ["| what | bar | naja (min / median) | Numba (min / median) |", "|---|---|---|---|"]
    prepare_cached(folder, modules)
    build_floor(folder)
    for what, program, values, bar in ROWS:
        say(f"bench: {what}")
        results = {module: [] for module in ("naja", "numba")}
        for _ in range(rounds):
            for module, (python, environment) in modules.items():
                options = "{'cache': False}" if module == "naja" else "{}"
                code = textwrap.dedent(program.format(module=module, options=options, **values))
                run = subprocess.run(
                    [python, "-c", code], env=environment, cwd=folder, capture_output=True, text=True
                )
                if run.returncode == 0:
                    results[module].append(float(run.stdout.split()[-1]))
                else:
                    say(run.stderr.strip().splitlines()[-1])
        cells = [f"{min(r):.1f} / {statistics.median(r):.1f}" if r else "-" for r in results.values()]
        lines.append(f"| {what} | {bar} | {' | '.join(cells)} |")
    return lines


# ---- the whole ----------------------------------------------------------------------------------------------------------


def machine():
    """Return one line about the machine."""
    model = "unknown processor"
    try:
        with open("/proc/cpuinfo") as file:
            model = next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{model}, {os.cpu_count()} processors, Python {sys.version.split()[0]}"


def main():
    """Run the benchmarks and write the table."""
    import tempfile

    parser = argparse.ArgumentParser(description="benchmarks")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.15, help="per kernel, implementation and round")
    parser.add_argument("--only", nargs="*", help="these kernels only; no latency table")
    parser.add_argument("--output", default=os.path.join(HERE, "results.md"))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        numba, library, strict = numba_python(), c_library(folder, "on"), c_library(folder, "off")
        path = os.environ.get("PYTHONPATH", ROOT)
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([os.path.abspath(path), folder])}
        environment["NAJA_CACHE_DIR"] = environment["NUMBA_CACHE_DIR"] = os.path.join(folder, "cache")
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # installed packages have their bytecode
        os.environ.update(NAJA_CACHE_DIR=environment["NAJA_CACHE_DIR"], PYTHONPATH=environment["PYTHONPATH"])
        workers = {"naja": Worker(sys.executable, "naja"), "numpy": Worker(sys.executable, "numpy")}
        modules = {"naja": (sys.executable, environment)}
        if numba:
            workers["numba"] = Worker(numba, "numba")
            modules["numba"] = (numba, environment)
        if library:
            workers["c"] = Worker(sys.executable, "c", library)
        if strict:
            workers["strict"] = Worker(sys.executable, "c", strict)
        programs = {name: workers[name] for name in ("naja", "numba") if name in workers}
        programs["python"] = Worker(sys.executable, "python")
        lines = ["# Benchmark results", "", machine(), ""]
        lines += ["naja's time divided by another's: below 1 naja is faster.", ""]
        lines += race_table("kernel", KERNELS, AGAINST_KERNELS, workers, arguments)
        lines += ["", *race_table("kernel of science", SCIENCE, AGAINST_SCIENCE, workers, arguments)]
        lines += ["", *race_table("program", PROGRAMS, AGAINST_PROGRAMS, programs, arguments)]
        for worker in [*workers.values(), programs["python"]]:
            worker.close()
        if not arguments.only:
            lines += ["", *latency_table(folder, modules, arguments.rounds)]
    text = "\n".join(lines) + "\n"
    print(text)
    with open(arguments.output, "w") as file:
        file.write(text)


if __name__ == "__main__":
    main()
