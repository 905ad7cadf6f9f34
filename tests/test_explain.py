"""f.explain(): what the compiler says of every line."""

import html.parser

import numpy as np
import pytest

from naja import njit, prange
from naja.explain import Explanation

pytestmark = pytest.mark.core


def line_of(function, text):
    """The number of the line of a function that contains a text."""
    import inspect

    lines, first = inspect.getsourcelines(function.py_func)
    (found,) = [first + k for k, line in enumerate(lines) if text in line]
    return found


def said(function, text, kind):
    """What is said of the line with this text."""
    line = line_of(function, text)
    return [r.text for r in function.explain().remarks if r.line == line and r.kind == kind]


@njit
def mixture(a, index):
    b = np.sqrt(a) * 2.0 + a
    s = 0.0
    for k in range(index.shape[0]):
        s += b[index[k]]
    for i in range(a.shape[0]):
        b[i] = b[i] * 2.0 + 1.0
    rows = []
    for i in range(3):
        rows.append(np.zeros(i + 1))
    return s + np.sort(b)[0] + len(rows)


def test_lines_of_one_function():
    mixture(np.arange(10.0), np.arange(3))
    assert said(mixture, "np.sqrt", "fused") == ["one loop for 3 operations, without temporary arrays"]
    assert said(mixture, "np.sqrt", "memory") == ["makes an array"]
    assert "the index is checked at every access: it is read from memory" in said(mixture, "s += b", "bounds")
    assert "no check: the index is in range" in said(mixture, "s += b", "bounds")
    assert any("float64 at a time" in text for text in said(mixture, "b[i] = ", "vector"))
    assert "makes an array, in every iteration" in said(mixture, "rows.append", "memory")
    assert said(mixture, "np.sort", "call") == ["numpy.sort: compiled library function"]
    e = mixture.explain()
    assert e.count("bounds", "read from memory") == 1
    assert e.count("parallel") == 0


def test_parallel_loops():
    def total(a):
        s = 0.0
        for i in prange(a.shape[0]):
            s += a[i]
        return s

    for parallel, text in (
        (True, "runs in parallel; 1 reduction"),
        (False, "runs on one thread: the function is compiled without parallel=True"),
    ):
        f = njit(parallel=parallel)(total)
        f(np.arange(4.0))
        assert said(f, "prange", "parallel") == [text]


def test_who_does_a_call():
    @njit(bridge="allow")
    def call(a):
        return np.linalg.det(a) + np.polynomial.polynomial.polyval(2.0, a[0])

    @njit
    def plain(x):
        return x + 1

    call(np.eye(2))
    plain(1)
    assert any("numpy.linalg.det" in text for text in said(call, "det", "call"))
    assert plain.explain().remarks == []


def test_versions_and_signatures():
    @njit
    def add(a):
        return a + a

    add(np.arange(3.0))
    one = add.explain()
    assert isinstance(one, Explanation)
    add(np.arange(3))
    both = add.explain()
    assert list(both) == list(add.signatures)
    assert str(add.explain(add.signatures[0])) == str(one)


def test_text_and_html():
    mixture(np.arange(10.0), np.arange(3))
    e = mixture.explain()
    text = str(e)
    assert repr(e) == text
    assert text.startswith("mixture(array(float64, 1d, C), array(int64, 1d, C))")
    assert all(r.text in text for r in e.remarks)
    assert len([line for line in text.splitlines() if "def mixture" in line]) == 1

    tags, rows = [], 0

    class Checker(html.parser.HTMLParser):
        def handle_starttag(self, tag, attrs):
            nonlocal rows
            tags.append(tag)
            rows += tag == "tr"

        def handle_endtag(self, tag):
            assert tags.pop() == tag

    page = e.to_html()
    Checker().feed(page)
    assert not tags and rows >= 12
    assert e._repr_html_() == page
    assert "http" not in page and "<script" not in page


def test_a_function_without_source():
    space = {}
    exec("def hidden(a):\n    return a * 2.0 + 1.0\n", space)
    f = njit(space["hidden"])
    f(np.arange(3.0))
    assert f.explain().count("fused", "2 operations") == 1
    assert "fused" in str(f.explain())
