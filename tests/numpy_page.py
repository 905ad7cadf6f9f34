"""The page docs/numpy-coverage.md, made of the rows of `numpy_coverage.py`."""

import collections
import re

import numpy as np
from numpy_recipes import exempt, public_names

# What can become of one call.
OK, ULP, ROUNDED, DESIGN, WRONG, REFUSED, RAISES, LENIENT = (
    "ok ulp rounded design wrong refused raises lenient".split()
)

HEAD = """<!-- Written by `make coverage`; edit tests/numpy_recipes.py instead. -->
# What of NumPy compiles, and how exactly

Every public function of the name spaces below is called from compiled code and compared with NumPy {version}: {calls} calls
of {expressions} expressions, the rows of `tests/numpy_recipes.py`. A call has an array of some dtype, number of axes and
memory layout, with ordinary values, edge values (nan, inf, -0.0, extremes of integers), no elements, or one element. A
function without a row is listed as missing.

- **rung**: 1 emitted by the compiler, 2 written in Python and compiled, 3 NumPy's or SciPy's own inner loop, 4 the
  interpreter (with a warning); of several the highest.
- **forms**: how many of the function's expressions do what NumPy does wherever NumPy accepts the arguments.
- **arguments**: the keywords that occur.
- **dtypes**, **layouts**: how many dtypes, and how many combinations of number of axes and memory layout, were met.
- **exactness**: *bits*: always the same bits; *n ulp*: rounding differs by at most n units in the last place; *tolerance*:
  somewhere by more, but by at most 64 units of the largest number of the result; *differs*: see below. A star: the parts of
  complex numbers that are infinite or nan can differ.

"""
ROWS_HEAD = [
    "| name | rung | forms | arguments | dtypes | layouts | exactness |",
    "|---|---|---|---|---|---|---|",
]
SUMMARY_HEAD = [
    "| name space | functions | complete | in part | not | same bits | differ | rungs 1 / 2 / 3 / 4 | missing |",
    "|---|---|---|---|---|---|---|---|---|",
]
REMARKS = 4  # shown of one function


def exactness(row):
    """Return the word for a row's agreement with NumPy."""
    verdicts = row["verdicts"]
    if verdicts.get(WRONG) or verdicts.get(RAISES):
        return "**differs**"
    if not set(verdicts) & {OK, ULP, ROUNDED}:
        return "-"
    word = "tolerance" if verdicts.get(ROUNDED) else f"{row['ulps']} ulp" if row["ulps"] else "bits"
    return word + "*" * row["parts"]


def works(verdicts):
    """Whether a form does what NumPy does wherever NumPy does it."""
    return bool(verdicts) and set(verdicts) <= {OK, ULP, ROUNDED, DESIGN, LENIENT}


def _forms(row):
    """How many forms work, of how many that NumPy does."""
    seen = [form for form in row["forms"].values() if form]
    return sum(map(works, seen)), len(seen)


def is_complete(row):
    """Whether all forms work and all cases were run."""
    if "crash" in row or row["left"]:
        return False
    good, seen = _forms(row)
    return good == seen > 0


def _keywords(expressions):
    found = re.findall(r"[(,]\s*(\w+)=", " ".join(expressions))
    return ", ".join(dict.fromkeys(found))


def _line(name, row):
    if "crash" in row:
        return f"| {name} | - | - | - | - | - | **crash** |"
    good, seen = _forms(row)
    rung = ", ".join(map(str, row["rungs"][-1:])) or "-"
    kinds = f"{len(row['dtypes'])} | {row['layouts']}"
    return f"| {name} | {rung} | {good} of {seen} | {_keywords(row['forms'])} | {kinds} | {exactness(row)} |"


def _remarks(name, row):
    """What a reader should know of a function that is not complete: lines of a list."""
    if "crash" in row:
        return [f"- **{name}**: {row['crash']}"]
    found = [f"{text} ({case})" for text, case in row["remarks"].items() if not text.startswith(LENIENT)]
    found += [f"{row['left']} cases were left out: too slow to compile"] * bool(row["left"])
    found += ["NumPy accepts none of the arguments"] * (not _forms(row)[1])
    more = [f"and {len(found) - REMARKS} more"] if len(found) > REMARKS else []
    return [f"- **{name}**", *("  - " + text.replace("\n", " ") for text in [*found[:REMARKS], *more])]


def summary(rows, missing):
    """Return counts for one name space: a dict."""
    counts = collections.Counter(missing=len(missing))
    for row in rows.values():
        if "crash" in row:
            counts["not"] += 1
            continue
        good, _ = _forms(row)
        counts["complete" if is_complete(row) else "partly" if good else "not"] += 1
        counts[f"rung {max(row['rungs'], default=0)}"] += 1
        counts["bits"] += exactness(row).rstrip("*") == "bits"
        counts["differs"] += exactness(row) == "**differs**"
    return counts


def _summary_line(space, number, c):
    rungs = " / ".join(str(c[f"rung {k}"]) for k in (1, 2, 3, 4))
    return (
        f"| {space} | {number} | {c['complete']} | {c['partly']} | {c['not']} | {c['bits']} | {c['differs']} | {rungs} "
        f"| {c['missing']} |"
    )


def _sections(space, own):
    """The tables of one name space: (title, rows)."""
    if space != "numpy":
        return [(space, own)]
    ufuncs = {name for name in own if isinstance(getattr(np, name), np.ufunc)}
    return [
        ("numpy: functions", {name: row for name, row in own.items() if name not in ufuncs}),
        ("numpy: ufuncs", {name: row for name, row in own.items() if name in ufuncs}),
    ]


def _head(rows):
    calls = sum(sum(row.get("verdicts", {}).values()) for row in rows.values())
    expressions = sum(len(row.get("forms", ())) for row in rows.values())
    return HEAD.format(version=np.__version__, calls=f"{calls:,}", expressions=f"{expressions:,}")


def _designs(rows):
    """Reasons, and the functions that they hold for."""
    found = {}
    for (space, name), row in sorted(rows.items()):
        for reason in row.get("designs", ()):
            found.setdefault(reason, []).append(name if space == "numpy" else f"{space}.{name}")
    return [f"- {reason}: {', '.join(names)}" for reason, names in found.items()]


def page(rows, table):
    """Return the text of docs/numpy-coverage.md.

    Parameters
    ----------
    rows : dict
        What `numpy_coverage.run_all` returns.
    table : dict
        What `numpy_recipes.recipes` returns.
    """
    reasons, summaries, open_ends, tables = exempt(), [], [], []
    totals, count = collections.Counter(), 0
    for space in table:
        own = {name: rows[s, name] for s, name in sorted(rows) if s == space}
        missing = [
            n for n in public_names(space) if not {n, f"{space}.{n}"} & (set(table[space]) | set(reasons))
        ]
        counts = summary(own, missing)
        totals, count = totals + counts, count + len(own)
        summaries.append(_summary_line(space, len(own), counts))
        ends = [line for name, row in own.items() if not is_complete(row) for line in _remarks(name, row)]
        ends += [f"- no row: {', '.join(missing)}"] if missing else []
        waiting = [name for name in table[space] if name not in own]
        ends += [f"- not run this time: {', '.join(waiting)}"] if waiting else []
        open_ends += [f"### {space}", "", *ends, ""] if ends else []
        for title, part in _sections(space, own):
            tables += [f"## {title}", "", *ROWS_HEAD, *(_line(name, row) for name, row in part.items()), ""]
    out = [_head(rows) + "\n".join(["## Summary", "", *SUMMARY_HEAD]), *summaries]
    out += [_summary_line("all", count, totals), "", "## Where compiled code differs or refuses", ""]
    out += open_ends or ["Nowhere.", ""]
    out += ["## Different by design", "", *_designs(rows), "", *tables, "## Not counted", ""]
    kinds = {}
    for name, reason in sorted(reasons.items()):
        kinds.setdefault(reason, []).append(name)
    out += [f"- {reason}: {', '.join(names)}" for reason, names in kinds.items()]
    return "\n".join(out) + "\n"
