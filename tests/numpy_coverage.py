"""Run every function of NumPy through compiled code, compare with NumPy, and write down what is covered.

``make coverage`` runs all of it and writes ``docs/numpy-coverage.md``; `test_numpy_coverage.py` runs a sample.  What is
called, and how, is the table in `numpy_recipes.py`.  A case is one expression on one kind of argument: dtype, number of
axes, memory layout.  It is compiled once and run on several values: ordinary ones, edge values (nan, inf, -0.0, extremes),
no elements, one element.  Results are compared by type, shape and bits, and so is what became of the arguments.

Functions run in worker processes, so that one that crashes is a row of the table and not the end of the run.
"""

import argparse
import collections
import json
import os
import re
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import arrays
from numpy_recipes import exempt, public_names, recipes

# Differences of up to so many units in the last place count as rounding.
ULPS = 4

# dtype, axes, layout.  The first expression of a function meets all of EVERY, the others MOST: every dtype, number of axes
# and layout occurs, not every combination.
MOST = [
    *[(dtype, 1, "C") for dtype in "? i8 u1 f4 f8 c16".split()],
    *[
        ("f8", 0, "C"),
        ("f8", 2, "F"),
        ("f8", 2, "reversed"),
        ("f8", 3, "strided"),
        ("f8", 2, "readonly"),
        ("i4", 2, "C"),
    ],
]
EVERY = [
    *MOST,
    *[(dtype, 1, "C") for dtype in "i1 i2 i4 u2 u4 u8 f2 c8".split()],
    *[("f8", 1, layout) for layout in ("strided", "reversed", "readonly")],
    *[
        ("f8", ndim, layout)
        for ndim, layout in [(2, "C"), (2, "strided"), (3, "C"), (3, "F"), (3, "reversed")]
    ],
    *[
        ("i8", 0, "C"),
        ("i8", 3, "reversed"),
        ("u1", 2, "reversed"),
        ("f4", 3, "F"),
        ("c16", 2, "strided"),
        ("?", 2, "F"),
    ],
]
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


def _complex_distance(x, y):
    """As for floats when infinities or nans are there; else in units of the whole number's last place."""
    finite = np.isfinite(x) & np.isfinite(y)
    far = max(_distance(f(x[~finite]).copy(), f(y[~finite]).copy()) for f in (np.real, np.imag))
    x, y = x[finite], y[finite]
    if far or x.tobytes() == y.tobytes():
        return far
    unit = np.spacing(np.maximum(np.abs(x), np.finfo(x.real.dtype).tiny))
    return max(1, int(np.ceil(np.max(np.abs(x - y) / unit))))


def _first_difference(want, got):
    for w, g in zip(want, got, strict=True):
        if repr(w) != repr(g):
            return f"{g!r}, not {w!r}"
    return "other bits"


# ---- one case ----------------------------------------------------------------------------------------------------------------

OK, ULP, WRONG, REFUSED, RAISES, LENIENT, SKIPPED = "ok ulp wrong refused raises lenient skipped".split()


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
    for w, g in zip(want_arguments, got_arguments, strict=True):
        if isinstance(w, np.random.Generator):
            w, g = w.random(), g.random()
        other, _ = distance(w, g)
        if other > far:
            far, why = other, "other contents of an argument"
    return (OK if far == 0 else ULP if far <= ULPS else WRONG), far, why if far else ""


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
            if verdict[0] != REFUSED and not rung:
                rung = _rung(compiled)
            yield *verdict, rung
            if verdict[0] == REFUSED:
                return


def _rung(compiled):
    """The highest rung in the last version made; 1 when nothing was left to do."""
    sites = compiled.inspect_calls(compiled.signatures[-1])
    return max((site.rung for site in sites), default=1) or 1


# ---- one function --------------------------------------------------------------------------------------------------------------


def cases_for(expression, cases):
    """Return the cases that make a difference to an expression."""
    if not VARYING.search(expression.replace("np.", "")):
        return ONE
    if not re.search(r"\b[abum]\b", expression):
        return [case for case in cases if case[1:] == (1, "C") or case == ("f8", 2, "F")] or ONE
    return cases


def run_function(expressions, sample=False, is_library=False):
    """Run all recipes of one function; return a dict for the table."""
    from naja import njit

    verdicts, remarks, forms, rungs, ulps = collections.Counter(), {}, {}, set(), 0
    for expression in expressions:
        own = collections.Counter()
        cases = SAMPLE if sample else LIBRARY if is_library else MOST if forms else EVERY
        for case in cases_for(expression, cases):
            for verdict, far, remark, rung in run_case(expression, case, njit):
                own[verdict] += 1
                rungs.add(rung)
                if verdict == ULP:
                    ulps = max(ulps, far)
                if verdict not in (OK, ULP):
                    remarks.setdefault(f"{verdict}: {expression}: {remark}", "/".join(map(str, case)))
        forms[expression] = dict(own)
        verdicts += own
    return {
        "verdicts": dict(verdicts),
        "forms": forms,
        "remarks": remarks,
        "rungs": sorted(rungs - {0}),
        "ulps": ulps,
    }


def work():
    """Answer requests of the driver, one a line: a JSON list of space, name and whether few cases will do."""
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    table = recipes()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        space, name, sample = json.loads(line)
        try:
            answer = run_function(table[space][name], sample, space == "scipy.special")
        except Exception as error:
            answer = {"crash": f"{type(error).__name__}: {error}"[:200]}
        print(json.dumps(answer), file=answers, flush=True)


# ---- all functions -------------------------------------------------------------------------------------------------------------


class Worker:
    """A process that runs functions; after a crash, or a hundred functions, a new one takes its place."""

    def __init__(self):
        self.process, self.left = None, 0

    def _start(self):
        self.close()
        command = [sys.executable, os.path.abspath(__file__), "--worker"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.left = 100

    def run(self, space, name, sample):
        """Return the row of one function."""
        if not self.left:
            self._start()
        self.left -= 1
        try:
            self.process.stdin.write(json.dumps([space, name, sample]) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if line:
            return json.loads(line)
        code = self.process.wait()
        self.left = 0
        return {"crash": f"the process died with {code}"}

    def close(self):
        """End the process."""
        if self.process and self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait()


def run_all(wanted, sample=False, jobs=1, tell=lambda *_: None):
    """Run functions in worker processes; return ``{(space, name): row}``."""
    jobs_list, rows = [list(wanted[k::jobs]) for k in range(jobs)], {}

    def run_some(functions):
        worker = Worker()
        for space, name in functions:
            rows[space, name] = worker.run(space, name, sample)
            tell(space, name, rows[space, name])
        worker.close()

    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(run_some, jobs_list))
    return rows


# ---- the page ------------------------------------------------------------------------------------------------------------------

HEAD = """<!-- Written by `make coverage`; edit tests/numpy_recipes.py instead. -->
# What of NumPy compiles, and how exactly

Every public function of the name spaces below was called from compiled code and compared with NumPy {version}, on
{ncases} kinds of arguments (dtype/axes/layout: {cases}), each with ordinary values, edge values (nan, inf, -0.0, extremes
of integers), no elements and one element. Expressions after a function's first meet fewer kinds. The calls are rows
of `tests/numpy_recipes.py`; a function without a row is listed as missing.

- **rung**: 1 emitted by the compiler, 2 written in Python and compiled, 3 NumPy's or SciPy's own inner loop, 4 the interpreter
  (with a warning); of several the highest.
- **forms**: how many of the recipe's expressions work everywhere that NumPy's do.
- **exactness**: *bits*: always the same bits; *n ulp*: rounding differs by at most n units in the last place; *differs*: see the
  remark.

"""


SUITE_HEAD = """
## NumPy's own tests

With NumPy's functions replaced by compiled wrappers (`tests/numpy_suite.py`); tests that NumPy passes without them.

"""


def exactness(row):
    """Return the word for a row's agreement with NumPy."""
    verdicts = row["verdicts"]
    if verdicts.get(WRONG) or verdicts.get(RAISES):
        return "**differs**"
    if not verdicts.get(OK) and not verdicts.get(ULP):
        return "-"
    return f"{row['ulps']} ulp" if row["ulps"] else "bits"


def works(verdicts):
    """Whether a form does what NumPy does wherever NumPy does it."""
    return bool(verdicts) and set(verdicts) <= {OK, ULP, LENIENT}


def _line(name, row):
    if "crash" in row:
        return f"| {name} | - | - | **crash** | {row['crash']} |"
    good = sum(map(works, row["forms"].values()))
    seen = sum(map(bool, row["forms"].values()))
    remarks = [f"{text} ({case})" for text, case in row["remarks"].items() if not text.startswith(LENIENT)]
    shown = "; ".join(remarks[:2]).replace("|", "\\|").replace("\n", " ")
    more = f"; and {len(remarks) - 2} more" if len(remarks) > 2 else ""
    rung = ", ".join(map(str, row["rungs"][-1:])) or "-"
    return f"| {name} | {rung} | {good} of {seen} | {exactness(row)} | {shown}{more} |"


def summary(rows, missing):
    """Return counts for one name space: a dict."""
    counts = collections.Counter()
    for row in rows.values():
        if "crash" in row:
            counts["crash"] += 1
            continue
        forms = [f for f in row["forms"].values() if f]
        whole = forms and all(map(works, forms))
        counts["complete" if whole else "partly" if any(map(works, forms)) else "not"] += 1
        counts[f"rung {max(row['rungs'], default=0)}"] += 1
        counts["bits"] += bool(exactness(row) == "bits")
        counts["differs"] += exactness(row) == "**differs**"
    counts["missing"] = len(missing)
    return counts


def page(rows, table, cases):
    """Return the text of docs/numpy-coverage.md."""
    kinds_shown = ", ".join("/".join(map(str, case)) for case in cases)
    out, totals = [HEAD.format(version=np.__version__, ncases=len(cases), cases=kinds_shown)], []
    body = []
    reasons = exempt()
    for space in table:
        own = {name: rows[s, name] for s, name in sorted(rows) if s == space}
        missing = [n for n in public_names(space) if n not in table[space] and n not in reasons]
        c = summary(own, missing)
        totals.append(
            f"| {space} | {len(own)} | {c['complete']} | {c['partly']} | {c['not'] + c['crash']} | {c['bits']} | {c['differs']} "
            f"| {c['rung 1']} / {c['rung 2']} / {c['rung 3']} / {c['rung 4']} | {c['missing']} |"
        )
        body += [f"## {space}", "", "| name | rung | forms | exactness | remarks |", "|---|---|---|---|---|"]
        body += [_line(name, row) for name, row in own.items()]
        waiting = [name for name in table[space] if (space, name) not in rows]
        body += ["", f"Missing from the table: {', '.join(missing) or 'nothing'}.", ""]
        body += [f"In the table, but not run this time: {', '.join(waiting)}.", ""] if waiting else []
    if any((space, name) not in rows for space in table for name in table[space]):
        out += ["**This run was not complete**: what was not run is listed below each table.", ""]
    out += [
        "| name space | functions | complete | in part | not | same bits | differ | rungs 1 / 2 / 3 / 4 | missing |"
    ]
    out += ["|---|---|---|---|---|---|---|---|---|", *totals, "", *body]
    kinds = {}
    for name, reason in sorted(reasons.items()):
        kinds.setdefault(reason, []).append(name)
    out += ["## Not counted", ""]
    out += [f"- {reason}: {', '.join(names)}" for reason, names in kinds.items()]
    return "\n".join(out) + "\n"


def _rows_of(path):
    """The rows of an earlier run."""
    if not path or not os.path.exists(path):
        return {}
    with open(path) as file:
        return {(space, name): row for space, name, row in map(json.loads, file)}


def main():
    """Run what is asked for, print differences, write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--only", help="a regular expression for space.name")
    parser.add_argument("--sample", action="store_true", help="few kinds of arguments")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--rows", help="keep results in this file; a run that was interrupted goes on")
    parser.add_argument("--output", help="write the page to this file")
    parser.add_argument("--suite", help="what numpy_suite.py --output wrote, for the page's last section")
    options = parser.parse_args()
    if options.worker:
        return work()
    table = recipes()
    wanted = [(space, name) for space in table for name in table[space]]
    if options.only:
        wanted = [pair for pair in wanted if re.search(options.only, ".".join(pair))]

    rows = _rows_of(options.rows)
    wanted = [pair for pair in wanted if pair not in rows]

    def tell(space, name, row):
        text = row.get("crash") or " ".join(f"{k} {v}" for k, v in row["verdicts"].items())
        print(f"{space}.{name}: {text}", flush=True)
        for remark, case in row.get("remarks", {}).items():
            print(f"    {case} {remark}", flush=True)
        if options.rows:
            with open(options.rows, "a") as file:
                file.write(json.dumps([space, name, row]) + "\n")

    rows.update(run_all(wanted, options.sample, options.jobs, tell))
    if options.output:
        text = page(rows, table, SAMPLE if options.sample else EVERY)
        if options.suite:
            with open(options.suite) as file:
                text += SUITE_HEAD + file.read()
        with open(options.output, "w") as file:
            file.write(text)
    return any("crash" in row or row["verdicts"].get(WRONG) for row in rows.values())


if __name__ == "__main__":
    sys.exit(main())
