"""Run every function of NumPy through compiled code, compare with NumPy, and write down what is covered.

``make coverage`` runs all of it and writes ``docs/numpy-coverage.md`` (`numpy_page.py`); `test_numpy_coverage.py` runs a
sample.  What is called, and how, is the table in `numpy_recipes.py`.  A case is one expression on one kind of argument:
dtype, number of axes, memory layout.  It is compiled once and run on several values: ordinary ones, edge values (nan, inf,
-0.0, extremes), no elements, one element.  Results are compared by type, shape and bits, and so is what became of the
arguments.

Functions run in worker processes of limited time and memory: one that crashes or hangs is a row of the table and not the
end of the run.  Rows are kept in a file with a stamp of what they depend on, so a run that was stopped goes on.
"""

import argparse
import collections
import functools
import hashlib
import json
import os
import queue
import re
import resource
import select
import subprocess
import sys
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import arrays
import numpy_page
from numpy_page import DESIGN, LENIENT, OK, RAISES, REFUSED, ROUNDED, ULP, WRONG
from numpy_recipes import by_design, recipes

# Differences of up to so many units in the last place count as rounding; sums that cancel may differ by so many units of
# the largest number of the result.
ULPS = 4
UNITS_OF_LARGEST = 64
SECONDS = 60  # of processor time for one function; the cases that are left are counted
MEMORY = 6 << 30  # bytes of address space of a worker

# Arguments vary in two ways, dtype and form (number of axes, layout).  A function's first expression meets every dtype and
# every form, f8 with half of them; every later one a few dtypes, each with another form, so that the expressions of one
# function together meet many pairs.
DTYPES = "f8 i8 ? c16 f4 u1 i4 c8 f2 u8 i2 u4 i1 u2".split()
FEW_DTYPES = ["f8 i8 ? c16 f4 u1".split(), "f4 i4 c8 f8 ? u8".split()]
FORMS = [
    (1, "C"),
    (2, "F"),
    (0, "C"),
    (3, "strided"),
    (2, "reversed"),
    (1, "strided"),
    (2, "C"),
    (3, "F"),
    (1, "reversed"),
    (2, "readonly"),
    (3, "reversed"),
    (2, "strided"),
    (1, "readonly"),
    (3, "C"),
]
MATRIX_FORMS = [(1, "C"), (1, "F"), (1, "strided"), (1, "reversed")]  # where only `A`, `S`, `H` have a layout
STRIDE = 5  # has no factor in common with the number of forms
LIBRARY = [
    ("f8", 1, "C"),
    ("f4", 1, "C"),
    ("i8", 1, "C"),
    ("f8", 2, "reversed"),
]  # ufuncs that are called through their loops
SAMPLE = [("f8", 1, "C"), ("i4", 2, "F"), ("f4", 2, "reversed"), ("c16", 2, "C")]
ONE = [("f8", 1, "C")]  # for expressions without arrays of varying type

SHAPES = {
    0: [()],
    1: [(5,), (0,), (1,)],
    2: [(4, 4), (2, 3), (0, 3), (1, 1)],
    3: [(2, 3, 4), (2, 0, 3), (1, 2, 1)],
}
EDGES = [0.0, -0.0, 1.0, -1.0, 2.5, np.inf, -np.inf, np.nan, 1e300, -1e-300, 3.0]
VARYING = re.compile(r"\b[abuxyvswmkABSH]\b")


# ---- values ---------------------------------------------------------------------------------------------------------------


def _plain(rng, shape, dtype):
    kind = dtype.kind
    if kind == "b":
        return np.asarray(rng.random(shape) < 0.5)
    if kind in "iu":
        return np.asarray(rng.integers(0 if kind == "u" else -5, 9, shape)).astype(dtype)
    values = np.round(rng.standard_normal(shape) * 4, 3)
    if kind == "c":
        values = values + 1j * np.round(rng.standard_normal(shape), 3)
    return np.asarray(values).astype(dtype)


def _edges(rng, shape, dtype):
    if dtype.kind == "b":
        return _plain(rng, shape, dtype)
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        return rng.choice(np.array([info.min, info.max, 0, 1, info.max - 1, info.min + 1], dtype), shape)
    values = rng.choice(np.array(EDGES), shape)
    if dtype.kind == "c":
        values = values + 1j * rng.choice(np.array(EDGES[:6]), shape)
    return np.asarray(values).astype(dtype)


def _laid_out(a, layout):
    if layout == "F":
        return np.asfortranarray(a)
    if layout == "strided":
        wide = np.zeros(tuple(2 * n for n in a.shape), a.dtype)[(slice(None, None, 2),) * a.ndim]
        wide[...] = a
        return wide
    if layout == "reversed":
        back = (slice(None, None, -1),) * a.ndim
        return np.ascontiguousarray(a[back])[back]
    return np.array(a, order="C")


def _matrices(rng, dtype):
    base = _plain(rng, (3, 3), dtype) + (np.eye(3) * 9).astype(dtype)
    base = base.astype(dtype)
    whole = base.astype("c16")
    return {
        "A": base,
        "B": _plain(rng, (3,), dtype),
        "S": np.stack([base, base[::-1].copy()]),
        "H": _cast(whole @ whole.conj().T, dtype),
    }


def _cast(a, dtype):
    return (a if dtype.kind == "c" else a.real).astype(dtype)


def values(dtype, shape, layout, edges=False, seed=0):
    """Return the variables of the expressions for one case.

    Parameters
    ----------
    dtype : str
    shape : tuple of int
    layout : str
    edges : bool
        Whether `a`, `b` and the numbers are edge values.
    seed : int
    """
    rng, dtype = np.random.default_rng([seed, *shape]), np.dtype(dtype)
    make = _edges if edges else _plain
    a = _laid_out(make(rng, shape, dtype), layout)
    found = {
        "a": a,
        "b": make(rng, shape, dtype),
        "u": make(rng, shape[-1:], dtype),
        "x": make(rng, (), dtype)[()],
        "y": make(rng, (), dtype)[()],
        "m": np.asarray(rng.random(shape) < 0.6),
        "v": make(rng, (7,), dtype),
        "w": make(rng, (4,), dtype),
        "k": rng.integers(-shape[0], shape[0], 3) if shape and shape[0] else np.zeros(0, np.int64),
        "n": 2,
        **_matrices(rng, dtype),
    }
    found["s"] = np.sort(_plain(rng, (7,), dtype))
    if layout != "C":
        matrix_layout = "F" if layout == "readonly" else layout
        found.update({name: _laid_out(found[name], matrix_layout) for name in "ASH"})
    a.flags.writeable = layout != "readonly"
    return found


def clone(value):
    """Copy an argument; a Generator keeps its state."""
    if isinstance(value, np.random.Generator):
        bits = type(value.bit_generator)()
        bits.state = value.bit_generator.state
        return np.random.Generator(bits)
    return arrays.clone(value)


# ---- comparison --------------------------------------------------------------------------------------------------------------


def _ordered(x):
    """Floats as integers in which neighbours differ by one."""
    bits = x.view({2: np.int16, 4: np.int32, 8: np.int64}[x.itemsize]).astype(object)
    top = 1 << (8 * x.itemsize - 1)
    return np.where(bits < 0, -top - bits, bits)


def _distance(x, y):
    """Units in the last place between two arrays of floats; 0: the same bits, any nan being a nan."""
    both_nan = np.isnan(x) & np.isnan(y)
    if np.any(np.isnan(x) != np.isnan(y)):
        return float("inf")
    x, y = x[~both_nan], y[~both_nan]
    if not x.size or x.tobytes() == y.tobytes():
        return 0
    if np.any(np.isinf(x) != np.isinf(y)) or np.any((x == 0) & (y == 0) & (np.signbit(x) != np.signbit(y))):
        return float("inf")
    return int(np.max(np.abs(_ordered(x) - _ordered(y))))


def distance(want, got):
    """How far apart two results are: 0 for the same, units in the last place, or infinity; and a word that says why."""
    if isinstance(want, (tuple, list)):
        if not isinstance(got, (tuple, list)) or len(want) != len(got):
            return float("inf"), f"gives {type(got).__name__}, not {type(want).__name__} of {len(want)}"
        pairs = [distance(w, g) for w, g in zip(want, got, strict=True)]
        return max(pairs, default=(0, ""))
    if want is None or isinstance(want, (str, bytes, np.dtype, type)):
        return (0, "") if want == got else (float("inf"), f"gives {got!r}, not {want!r}"[:80])
    if isinstance(want, np.ndarray) and not want.ndim and np.isscalar(got):
        want = want[
            ()
        ]  # compiled code has a number where NumPy's Python functions keep an array without axes
    if isinstance(want, np.ndarray) != isinstance(got, np.ndarray):
        return float("inf"), f"gives {type(got).__name__}, not {type(want).__name__}"
    is_array = isinstance(want, np.ndarray)
    want, got = np.asarray(want), np.asarray(got)
    if want.shape != got.shape:
        return float("inf"), f"shape {got.shape}, not {want.shape}"
    kinds_agree = want.dtype.kind == got.dtype.kind or {want.dtype.kind, got.dtype.kind} == {"i", "u"}
    if want.dtype != got.dtype and (is_array or not kinds_agree):
        return float("inf"), f"dtype {got.dtype}, not {want.dtype}"
    if not is_array:
        got = got.astype(want.dtype)  # numbers come back as Python's, which are of no width
    want, got = np.ascontiguousarray(want).ravel(), np.ascontiguousarray(got).ravel()
    if want.dtype.kind not in "fc":
        far = 0 if np.array_equal(want, got) else float("inf")
    elif want.dtype.kind == "c":
        far = _complex_distance(want, got)
    else:
        far = _distance(want, got)
    return far, _first_difference(want, got) if far else ""


# Complex numbers that are infinite or nan, both, but differ in a part: which part an operation spoils is not defined.
PARTS = 0.5


def _complex_distance(x, y):
    """PARTS; or in units of the whole number's last place."""
    finite = np.isfinite(x)
    if np.any(finite != np.isfinite(y)):
        return float("inf")
    if any(_distance(f(x[~finite]).copy(), f(y[~finite]).copy()) for f in (np.real, np.imag)):
        return PARTS
    x, y = x[finite], y[finite]
    if x.tobytes() == y.tobytes():
        return 0
    unit = np.spacing(np.maximum(np.abs(x), np.finfo(x.real.dtype).tiny))
    units = np.max(np.abs(x - y) / unit)
    return max(1, int(np.ceil(units))) if np.isfinite(units) else float("inf")


def _is_rounding(want, got):
    """Whether a difference is small compared with the largest number of a result."""
    if isinstance(want, (tuple, list)):
        return all(map(_is_rounding, want, got))
    if (
        not isinstance(want, (np.ndarray, np.generic, float, complex))
        or np.asarray(want).dtype.kind not in "fc"
    ):
        return distance(want, got)[0] == 0
    want = np.asarray(want)
    got = np.asarray(got).astype(want.dtype)
    if want.shape != got.shape or np.any(np.isfinite(want) != np.isfinite(got)):
        return False
    finite = np.isfinite(want)
    if distance(want[~finite], got[~finite])[0] > PARTS:
        return False
    wide = want.dtype if want.dtype.itemsize > 2 else np.dtype("f4")
    want, got = want[finite].astype(wide), got[finite].astype(wide)
    if want.dtype.kind == "f" and np.any((want == 0) & (got == 0) & (np.signbit(want) != np.signbit(got))):
        return False
    largest = np.max(np.abs(want), initial=0)
    return bool(np.all(np.abs(want - got) <= UNITS_OF_LARGEST * np.finfo(want.dtype).eps * largest))


def _first_difference(want, got):
    for w, g in zip(want, got, strict=True):
        if repr(w) != repr(g):
            return f"{g!r}, not {w!r}"
    return "other bits"


# ---- one case ----------------------------------------------------------------------------------------------------------------


def _function(expression):
    """The expression as a function of the variables it uses."""
    names = list(
        dict.fromkeys(re.findall(r"(?<![\w.\"'])([abuxyvswmkABSHnog])\b(?!\s*=[^=])(?![\"'])", expression))
    )
    bound = re.findall(r"\bfor ([\w, ]+) in\b|\blambda ([\w, ]+):", expression)
    inner = {name.strip() for pair in bound for part in pair for name in part.split(",")}
    names = [name for name in names if name not in inner]
    space = {"np": np}
    if "special." in expression:
        from scipy import special

        space["special"] = special
    return eval(f"lambda {', '.join(names)}: {expression}", space), names


def _out(expression, arguments):
    """Arrays for ``out=o``: like what the expression gives without it."""
    function, names = _function(expression.replace(", out=o", "").replace(", where=m", ""))
    made = function(*[clone(arguments[name]) for name in names])
    return np.ones(np.shape(made), np.asarray(made).dtype)


def _call(function, names, arguments):
    copies = [clone(arguments[name]) for name in names]
    try:
        return function(*copies), copies, None
    except Exception as error:
        return None, copies, error


def _judge(want, got):
    """Compare two calls: (verdict, units in the last place, remark); None: NumPy refuses this."""
    (want, want_arguments, want_error), (got, got_arguments, got_error) = want, got
    from naja.errors import NumbaError

    if want_error is not None:
        return (
            None
            if got_error is not None
            else (LENIENT, 0, f"no {type(want_error).__name__}: {want_error}"[:100])
        )
    if got_error is not None:
        text = str(got_error).splitlines()[0][:110] if str(got_error) else ""
        verdict = REFUSED if isinstance(got_error, NumbaError) else RAISES
        return verdict, 0, f"{type(got_error).__name__}: {text}"
    far, why = distance(want, got)
    same_type = not why.startswith(("dtype", "gives", "shape"))
    rounded = far <= ULPS or (same_type and _is_rounding(want, got))
    for w, g in zip(want_arguments, got_arguments, strict=True):
        if isinstance(w, np.random.Generator):
            w, g = w.random(), g.random()
        other, _ = distance(w, g)
        if other > far:
            far, why = other, "other contents of an argument"
            rounded = rounded and (far <= ULPS or _is_rounding(w, g))
    verdict = OK if far == 0 else ULP if far <= ULPS else ROUNDED if rounded else WRONG
    return verdict, far, why if far else ""


def run_case(expression, case, njit):
    """Run one expression on one kind of argument; yields (verdict, ulps, remark, rung)."""
    dtype, ndim, layout = case
    function, names = _function(expression)
    compiled, rung, numpy_ran = njit(function), 0, False
    for edges in (False, True):
        for shape in SHAPES[ndim]:
            if edges and 0 in shape:
                continue
            arguments = values(dtype, shape, layout, edges)
            if "g" in names:
                arguments["g"] = np.random.default_rng(12)
            if "o" in names:
                try:
                    arguments["o"] = _out(expression, arguments)
                except Exception:
                    continue
            want = _call(function, names, arguments)
            if want[2] is not None and not numpy_ran and shape == SHAPES[ndim][-1]:
                return  # NumPy has nothing for this dtype or number of axes
            numpy_ran |= want[2] is None
            if want[2] is not None and not compiled.signatures:
                continue
            verdict = _judge(want, _call(compiled, names, arguments))
            if verdict is None:
                continue
            if verdict[0] in (WRONG, REFUSED, RAISES) and by_design(expression, verdict[2]):
                verdict = (DESIGN, 0, by_design(expression, verdict[2]))
            if compiled.signatures and not rung:
                rung = _rung(compiled)
            yield *verdict, rung
            if not compiled.signatures:
                return


def _rung(compiled):
    """The highest rung in the last version made; 1 when nothing was left to do."""
    sites = compiled.inspect_calls(compiled.signatures[-1])
    return max((site.rung for site in sites), default=1) or 1


# ---- one function --------------------------------------------------------------------------------------------------------------


def _planned(number, forms):
    """The dtypes and forms for a function's expression of this number."""
    start = STRIDE * number % len(forms)
    turned = forms[start:] + forms[:start]
    if number:
        few = FEW_DTYPES[number % 2]
        return list(zip(few, turned * len(few), strict=False))
    return [*zip(DTYPES, turned * len(DTYPES), strict=False), *(("f8", form) for form in turned[1::2])]


def _numpy_takes(expression, case):
    dtype, ndim, layout = case
    function, names = _function(expression)
    for shape in SHAPES[ndim]:
        arguments = values(dtype, shape, layout)
        arguments["g"] = np.random.default_rng(12)
        try:
            if "o" in names:
                arguments["o"] = _out(expression, arguments)
        except Exception:
            continue
        if _call(function, names, arguments)[2] is None:
            return True
    return False


def cases_for(expression, number):
    """Return the cases for a function's expression of this number.

    A form that NumPy refuses (an axis too few, say) gives way to the next one that it takes.
    """
    used = expression.replace("np.", "")
    if not VARYING.search(used):
        return ONE
    forms = (
        FORMS
        if re.search(r"\b[abum]\b", used)
        else MATRIX_FORMS
        if re.search(r"\b[ASH]\b", used)
        else FORMS[:1]
    )
    chosen = {}
    for dtype, form in _planned(number, forms):
        first = forms.index(form)
        candidates = [(dtype, *f) for f in forms[first:] + forms[:first]]
        fits = (c for c in candidates if c not in chosen and _numpy_takes(expression, c))
        chosen.update({c: None for c in [next(fits, None)] if c})
    if not chosen and number:  # none of the few dtypes that later expressions meet
        return cases_for(expression, 0)[: len(FEW_DTYPES[0])]
    return list(chosen)


def run_function(expressions, sample=False, is_library=False, seconds=SECONDS):
    """Run all recipes of one function; return a dict for the table."""
    from naja import njit

    verdicts, remarks, forms, rungs, ulps, parts, left = collections.Counter(), {}, {}, set(), 0, False, 0
    end, seen, designs = time.process_time() + seconds, {}, set()
    for number, expression in enumerate(expressions):
        own = collections.Counter()
        varies = VARYING.search(expression.replace("np.", ""))
        fixed = (SAMPLE if sample else LIBRARY if is_library else None) if varies else ONE
        for case in fixed or cases_for(expression, number):
            if time.process_time() > end:
                left += 1
                continue
            for verdict, far, remark, rung in run_case(expression, case, njit):
                seen[case] = None
                own[verdict] += 1
                rungs.add(rung)
                if verdict == ULP:
                    ulps = max(ulps, int(far))
                    parts |= far == PARTS
                if verdict == DESIGN:
                    designs.add(remark)
                elif verdict not in (OK, ULP, ROUNDED):
                    remarks.setdefault(f"{verdict}: {expression}: {remark}", "/".join(map(str, case)))
        forms[expression] = dict(own)
        verdicts += own
    return {
        "verdicts": dict(verdicts),
        "forms": forms,
        "remarks": remarks,
        "rungs": sorted(rungs - {0}),
        "ulps": ulps,
        "parts": parts,
        "dtypes": list(dict.fromkeys(case[0] for case in seen)),
        "layouts": len({case[1:] for case in seen}),
        "designs": sorted(designs),
        "left": left,
    }


def work():
    """Answer requests of the driver, one a line: a JSON list of space, name, whether few cases will do, and seconds."""
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    table = recipes()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        space, name, sample, seconds = json.loads(line)
        try:
            answer = run_function(table[space][name], sample, space == "scipy.special", seconds)
        except Exception as error:
            answer = {"crash": f"{type(error).__name__}: {error}"[:200]}
        print(json.dumps(answer), file=answers, flush=True)


# ---- all functions -------------------------------------------------------------------------------------------------------------


class Worker:
    """A process that runs functions; after a crash, or a number of functions, a new one takes its place."""

    FUNCTIONS = 40

    def __init__(self):
        self.process, self.left = None, 0

    def _start(self):
        self.close()
        command = [sys.executable, os.path.abspath(__file__), "--worker"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.left = self.FUNCTIONS

    def run(self, space, name, sample=False, seconds=SECONDS):
        """Return the row of one function."""
        if not self.left:
            self._start()
        self.left -= 1
        try:
            self.process.stdin.write(json.dumps([space, name, sample, seconds]) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return self._died()
        # The worker ends in time by itself unless one call hangs.
        if not select.select([self.process.stdout], [], [], 10 * seconds)[0]:
            self.process.kill()
            self._died()
            return {"crash": f"did not end in {10 * seconds} s"}
        line = self.process.stdout.readline()
        return json.loads(line) if line else self._died()

    def _died(self):
        self.left = 0
        return {"crash": f"the process died with {self.process.wait()}"}

    def close(self):
        """End the process."""
        if self.process and self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait()


def run_all(wanted, sample=False, jobs=1, tell=lambda *_: None, seconds=SECONDS):
    """Run functions in worker processes; return ``{(space, name): row}``."""
    waiting, rows = queue.SimpleQueue(), {}
    for pair in wanted:
        waiting.put(pair)

    def run_some(_):
        worker = Worker()
        while True:
            try:
                pair = waiting.get_nowait()
            except queue.Empty:
                return worker.close()
            rows[pair] = worker.run(*pair, sample, seconds)
            tell(*pair, rows[pair])

    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(run_some, range(jobs)))
    return rows


# ---- rows that are kept ---------------------------------------------------------------------------------------------------------


@functools.cache
def _program():
    """A digest of naja, this program, and the libraries' versions."""
    import scipy

    import naja

    digest = hashlib.blake2b(f"{np.__version__} {scipy.__version__} {sys.version}".encode(), digest_size=8)
    for folder, _, names in sorted(os.walk(os.path.dirname(naja.__file__))):
        for name in sorted(names):
            if name.endswith((".py", ".so")):
                with open(os.path.join(folder, name), "rb") as file:
                    digest.update(file.read())
    with open(__file__, "rb") as file:
        digest.update(file.read())
    return digest.hexdigest()


def stamp(expressions, sample):
    """Return what a row is valid for."""
    text = json.dumps([_program(), expressions, sample])
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def read_rows(path):
    """Return the rows of earlier runs, the last one of every function."""
    if not path or not os.path.exists(path):
        return {}
    with open(path) as file:
        return {(space, name): row for space, name, row in map(json.loads, file)}


def _tell(space, name, row):
    text = row.get("crash") or " ".join(f"{k} {v}" for k, v in row["verdicts"].items())
    print(f"{space}.{name}: {text}", flush=True)
    for remark, case in row.get("remarks", {}).items():
        print(f"    {case} {remark}", flush=True)


def _options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--only", help="a regular expression for space.name")
    parser.add_argument("--sample", action="store_true", help="few kinds of arguments")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--seconds", type=int, default=SECONDS, help="of processor time for one function")
    parser.add_argument("--rows", help="keep rows in this file: those that are still valid are not run again")
    parser.add_argument("--output", help="write the page to this file")
    return parser.parse_args()


def main():
    """Run what is asked for, print differences, write the page."""
    options = _options()
    if options.worker:
        return work()
    table, rows = recipes(), read_rows(options.rows)
    stamps = {(space, name): stamp(own[name], options.sample) for space, own in table.items() for name in own}
    rows = {pair: row for pair, row in rows.items() if pair in stamps}
    wanted = [pair for pair in stamps if rows.get(pair, {}).get("stamp") != stamps[pair]]
    if options.only:
        wanted = [pair for pair in stamps if re.search(options.only, ".".join(pair))]

    def tell(space, name, row):
        _tell(space, name, row)
        row["stamp"] = stamps[space, name]
        if options.rows:
            with open(options.rows, "a") as file:
                file.write(json.dumps([space, name, row]) + "\n")

    rows.update(run_all(wanted, options.sample, options.jobs, tell, options.seconds))
    if options.output:
        with open(options.output, "w") as file:
            file.write(numpy_page.page(rows, table))
    return any("crash" in row or row["verdicts"].get(WRONG) for row in rows.values())


if __name__ == "__main__":
    sys.exit(main())
