"""A sample of the run over NumPy's functions that `make coverage` does in full, and of what makes it fail."""

import numpy as np
import numpy_coverage as coverage
import numpy_page
import pytest
from numpy_recipes import by_design, exempt, public_names, recipes

from naja import njit

TABLE = recipes()

# One function of every kind: emitted, in Python, an inner loop, the interpreter, a method, an attribute, a generator.
SOME = [
    ("numpy", "sum"),
    ("numpy", "add"),
    ("numpy", "median"),
    ("numpy", "concatenate"),
    ("numpy", "take"),
    ("numpy.linalg", "det"),
    ("numpy.fft", "rfft"),
    ("ndarray", "reshape"),
    ("ndarray", "T"),
    ("Generator", "normal"),
]


@pytest.mark.core
@pytest.mark.parametrize("space, name", SOME[:3])
def test_some_functions_quickly(space, name):
    _check(space, name)


@pytest.mark.parametrize("space, name", SOME[3:])
def test_some_functions(space, name):
    _check(space, name)


def _check(space, name):
    row = coverage.run_function(TABLE[space][name], sample=True)
    verdicts = row["verdicts"]
    assert verdicts.get(coverage.OK, 0) > 0
    assert not verdicts.get(coverage.WRONG) and not verdicts.get(coverage.RAISES), row["remarks"]
    assert row["rungs"]


def test_every_row_is_a_public_name_and_calls_it():
    for space, rows in TABLE.items():
        if space == "scipy.special":
            continue
        assert set(rows) <= set(public_names(space)) | set(dir(np.ndarray)), space
        for name, expressions in rows.items():
            assert all(name in expression or name == "dtype" for expression in expressions), (space, name)
    assert not set(exempt()) & set(TABLE["numpy"])


# ---- the judge is no rubber stamp --------------------------------------------------------------------------------------


@pytest.mark.core
def test_differences_are_seen():
    far = lambda want, got: coverage.distance(want, got)[0]  # noqa: E731
    a = np.array([1.0, -0.0, np.nan, np.inf])
    assert far(a, a.copy()) == 0
    assert far(a, np.array([1.0, 0.0, np.nan, np.inf])) == np.inf
    assert far(a, np.array([np.nextafter(1.0, 2), -0.0, np.nan, np.inf])) == 1
    assert far(a, a.astype("f4")) == np.inf
    assert far(a, a[None]) == np.inf
    assert far(np.float64(1), 1.0) == 0
    assert far(np.array(1.0), 1.0) == 0
    assert far(1.0, np.ones(1)) == np.inf
    assert far((a, 1), (a,)) == np.inf
    assert far(np.int8(3), 3) == 0
    assert far(np.int8(3), 3.0) == np.inf
    assert far(np.complex128(1 + 1e-20j), complex(1, 2e-20)) == 1
    assert far(np.complex128(complex(np.inf, np.nan)), complex(np.inf, 1)) == coverage.PARTS
    assert far(np.complex128(complex(np.inf, np.nan)), complex(1, 1)) == np.inf
    assert far(None, 0) == np.inf


@pytest.mark.core
def test_rounding_is_told_from_errors():
    def verdict(want, got):
        return coverage._judge((np.array(want), [], None), (np.array(got), [], None))[0]

    assert verdict([1e9, 1.0], [1e9, 1.0 + 1e-8]) == coverage.ROUNDED
    assert verdict([1e9, 1.0], [1e9, 1.0 + 1e-2]) == coverage.WRONG
    assert verdict([1.0, 1.0], [1.0, 1.0 + 1e-12]) == coverage.WRONG
    assert verdict([1e9, np.nan, 1.0], [1e9, 1.0, 1.0]) == coverage.WRONG
    assert verdict([np.inf, 1.0], [-np.inf, 1.0]) == coverage.WRONG
    assert verdict([0.0], [-0.0]) == coverage.WRONG


@pytest.mark.core
def test_designs_are_narrow():
    assert by_design("np.cov(a)", "shape (1, 1), not ()")
    assert not by_design("np.cov(a)", "shape (2, 2), not (3, 3)")
    assert not by_design("np.min(a)", "np.float64(-0.0), not np.float64(1.0)")
    assert not by_design("np.sum(a)", "dtype float64, not int64")


@pytest.mark.core
def test_wrong_code_is_seen():
    def verdicts(compiled):
        wrong = lambda function: _Compiled(compiled)  # noqa: E731
        return {v[0] for case in coverage.SAMPLE for v in coverage.run_case("np.sort(a)", case, wrong)}

    class _Compiled:
        def __init__(self, function):
            self.function, self.signatures = function, [()]

        def __call__(self, *args):
            return self.function(*args)

        def inspect_calls(self, signature):
            return []

    def refuses(a):
        return njit(lambda a: a.no_such_thing)(a)

    def writes(a):
        result = np.sort(a)
        if a.size:
            a.flat[0] = 77
        return result

    def raises(a):
        raise ZeroDivisionError

    assert verdicts(np.sort) == {coverage.OK}
    assert coverage.WRONG in verdicts(lambda a: a.copy())
    assert coverage.WRONG in verdicts(writes)
    assert verdicts(raises) == {coverage.RAISES}
    assert verdicts(refuses) == {coverage.REFUSED}


def test_cases_cover_dtypes_and_forms():
    first, second, third = (coverage.cases_for(f"np.sum(a, axis={k})", k) for k in (0, 1, 2))
    assert {case[0] for case in first} == set(coverage.DTYPES)
    assert {case[1:] for case in first} == set(coverage.FORMS)
    assert {np.dtype(case[0]).kind for case in second} == set("biufc")
    assert not {case[1:] for case in third if case[1] < 3}  # NumPy refuses axis 2
    assert coverage.cases_for("np.arange(5)", 0) == coverage.ONE
    assert len({case[2] for case in coverage.cases_for("np.linalg.det(A)", 0)}) == 4


def test_a_page_has_every_function():
    wanted = [("ndarray", "T"), ("numpy.fft", "rfftfreq")]
    rows = coverage.run_all(wanted, sample=True)
    rows["numpy", "sort"] = {"crash": "the process died with -11"}
    page = numpy_page.page(rows, TABLE)
    assert "| T | 1 | 1 of 1 |  | 4 | 4 | bits |" in page
    assert "| rfftfreq | 2 | 3 of 3 | d | 1 | 1 | bits |" in page
    assert "| sort | - | - | - | - | - | **crash** |" in page
    assert "- **sort**: the process died with -11" in page
    assert "not run this time: abs" in page or "not run this time: all" in page


def test_a_crash_is_a_row():
    worker = coverage.Worker()
    worker._start()
    worker.process.kill()
    worker.process.wait()
    assert "died" in worker.run("ndarray", "T", True)["crash"]
    assert worker.run("ndarray", "T", True)["verdicts"] == {"ok": 26}
    worker.close()


def test_what_takes_too_long_is_left_out():
    row = coverage.run_function(TABLE["ndarray"]["sum"], sample=True, seconds=0)
    assert row["left"] == 4 * len(TABLE["ndarray"]["sum"])
    assert not numpy_page.is_complete(row)


def test_rows_are_kept_until_what_they_depend_on_changes(tmp_path):
    path = tmp_path / "rows"
    assert coverage.read_rows(path) == {}
    path.write_text('["numpy", "sum", {"stamp": 1}]\n["numpy", "sum", {"stamp": 2}]\n')
    assert coverage.read_rows(path) == {("numpy", "sum"): {"stamp": 2}}
    assert coverage.stamp(["a.T"], False) == coverage.stamp(["a.T"], False)
    assert coverage.stamp(["a.T"], False) != coverage.stamp(["a.mT"], False)
