"""What the compiler made of a function, line by line: ``f.explain()``.

The facts come from the compiler as text (``engine/remarks.c``, ``engine/calls.c``, ``engine/emit.c``); here they are put
beside the source.
"""

import html
import linecache
from collections import namedtuple

__all__ = ["Explanation", "Remark", "explain"]

Remark = namedtuple("Remark", "filename line kind text")
Remark.__doc__ = """One fact about a line.

Attributes
----------
filename : str
line : int
kind : str
    ``"fused"``, ``"parallel"``, ``"vector"``, ``"bounds"``, ``"memory"`` or ``"call"``.
text : str
"""

_ORDER = ("parallel", "vector", "fused", "bounds", "memory", "call")
_RUNGS = {
    2: "compiled library function",
    3: "NumPy's own inner loop, called without the interpreter",
    4: "the interpreter does this call, with the GIL",
}
_TYPES = {
    "double": "float64",
    "float": "float32",
    "i64": "int64",
    "i32": "int32",
    "i16": "int16",
    "i8": "int8",
}

_STYLE = """
.naja-explain { font: 13px/1.45 monospace; border-collapse: collapse; }
.naja-explain td { vertical-align: top; padding: 0 .7em; white-space: pre-wrap; }
.naja-explain td:first-child { color: #888; text-align: right; }
.naja-explain td:nth-child(2) { white-space: pre; }
.naja-explain .good { background: #e6f4e6; } .naja-explain .slow { background: #fbe7e2; }
.naja-explain span { display: block; } .naja-explain b { font-weight: normal; color: #666; }
"""


class Explanation:
    """What the compiler made of one version of a function; shown as text, in notebooks as a table.

    Attributes
    ----------
    name : str
        Name of the function and types of the version.
    remarks : list of Remark
        Sorted by file, line and kind.
    """

    def __init__(self, name, source, remarks):
        self.name = name
        self._source = source  # (filename, first line, number of lines) of the function itself
        self.remarks = sorted(set(remarks), key=lambda r: (r.filename, r.line, _ORDER.index(r.kind), r.text))

    def count(self, kind, text=""):
        """Return how many remarks there are of a kind, with a text in them.

        Parameters
        ----------
        kind : str
        text : str, optional

        Returns
        -------
        int
        """
        return sum(r.kind == kind and text in r.text for r in self.remarks)

    def _lines(self):
        """Yield (filename, line, source text, remarks): the function's own lines, then others with remarks."""
        by_place = {}
        for remark in self.remarks:
            by_place.setdefault((remark.filename, remark.line), []).append(remark)
        filename, first, n = self._source
        places = [(filename, line) for line in range(first, first + n)]
        for place in places + sorted(by_place.keys() - set(places)):
            text = linecache.getline(*place).rstrip("\n")
            yield *place, text, by_place.get(place, [])

    def __str__(self):
        lines, at = [self.name], None
        for filename, line, text, remarks in self._lines():
            if filename != at:
                lines.append(f'File "{filename}"')
                at = filename
            lines.append(f"{line:5}  {text}")
            indent = " " * (7 + len(text) - len(text.lstrip()))
            lines += [f"{indent}  ^ {r.kind}: {r.text}" for r in remarks]
        return "\n".join(lines)

    __repr__ = __str__

    def to_html(self):
        """Return a self-contained HTML fragment: a table with the source and what is said of each line.

        Returns
        -------
        str
        """
        rows, at = [], None
        for filename, line, text, remarks in self._lines():
            if filename != at:
                rows.append(f"<tr><td></td><td><i>{html.escape(filename)}</i></td><td></td></tr>")
                at = filename
            said = "".join(f"<span><b>{r.kind}</b> {html.escape(r.text)}</span>" for r in remarks)
            mark = _mark(remarks)
            rows.append(f"<tr{mark}><td>{line}</td><td>{html.escape(text)}</td><td>{said}</td></tr>")
        title = f"<p><code>{html.escape(self.name)}</code></p>"
        return f'<style>{_STYLE}</style>{title}<table class="naja-explain">{"".join(rows)}</table>'

    _repr_html_ = to_html


def _mark(remarks):
    texts = " ".join(r.text for r in remarks)
    if (
        "every iteration" in texts
        or "every access" in texts
        or "interpreter does" in texts
        or "one thread" in texts
    ):
        return ' class="slow"'
    return ' class="good"' if any(r.kind in ("parallel", "vector", "fused") for r in remarks) else ""


def _passes(text):
    for row in (text or "").splitlines():
        filename, line, _, kind, said = row.split("\t", 4)
        yield Remark(filename, int(line), kind, said)


def _vectors(text, files):
    """Of each line the widest vectors, by type of their elements."""
    widest = {}
    for row in (text or "").splitlines():
        filename, line, lanes, element = row.split("\t")
        place = filename, int(line), element
        widest[place] = max(widest.get(place, 0), int(lanes))
    for (filename, line, element), lanes in widest.items():
        full = next((f for f in files if f.endswith(filename)), None)
        if full and element in _TYPES:
            yield Remark(full, line, "vector", f"{lanes} x {_TYPES[element]} at a time")


def _calls(text, filename):
    for row in (text or "").splitlines():
        _, line, _, _, _, rung, name, _ = row.split("\t", 7)
        if int(rung) in _RUNGS and not name.startswith("operator."):
            yield Remark(filename, int(line), "call", f"{name}: {_RUNGS[int(rung)]}")


def explain(dispatcher, args):
    """Compile a version anew and tell what the compiler did.

    Parameters
    ----------
    dispatcher : Dispatcher
    args : tuple of types

    Returns
    -------
    Explanation
    """
    import inspect

    version = dispatcher._explain(tuple(args))
    function = dispatcher.py_func
    filename = function.__code__.co_filename
    try:
        source, first = inspect.getsourcelines(function)
    except OSError:
        source, first = [], function.__code__.co_firstlineno
    remarks = list(_passes(version.remarks_text))
    files = {filename, *(r.filename for r in remarks)}
    remarks += _vectors(version.vector_text, files)
    remarks += _calls(version.calls_text, filename)
    name = f"{dispatcher.__name__}({', '.join(map(str, args))})"
    return Explanation(name, (filename, first, len(source)), remarks)
