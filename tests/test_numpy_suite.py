"""What `numpy_suite.py` counts of a small file of tests, one of which ends its process."""

import numpy_suite as suite
from numpy import concatenate as np_concatenate

TESTS = """
import os
import numpy as np

def test_good():
    assert np.sum(np.arange(4.0)) == 6

def test_bad():
    assert np.sum(np.arange(4.0)) == 7

def test_dies():
    if type(np.sum).__name__ == "Wrapper":
        os._exit(9)

def test_behind():
    assert np.sort(np.array([2, 1]))[0] == 1
"""


def test_a_crash_is_a_failure_and_the_rest_is_run(tmp_path):
    path, rows = tmp_path / "test_small.py", tmp_path / "rows"
    path.write_text(TESTS)
    plain, wrapped = (suite.run_file(str(path), str(rows), wraps, 100) for wraps in (False, True))
    outcomes = {name.split("::")[-1]: row[0] for name, row in wrapped.items()}
    assert outcomes == {
        "test_good": "passed",
        "test_bad": "failed",
        "test_dies": "failed",
        "test_behind": "passed",
    }
    assert suite.table_row("small", plain, wrapped)[:6] == ["small", 3, 0, 3, 2, 1]
    assert suite.failures(plain, wrapped) == {"test_dies": "the process died with 9"}
    page = suite.page({"small": (plain, wrapped)})
    assert "| small | 3 | 0 | 3 | 2 | 1 | 0 |" in page
    assert "- `test_dies`: the process died with 9" in page


def test_only_warnings_and_the_like_are_explained():
    assert suite.explanation("test_a", "AssertionError: FloatingPointError not raised by exp")
    assert not suite.explanation("test_a", "AssertionError: Arrays are not equal")
    assert suite.explanation("TestPromotion::test_metadata[f]", "assert None == {}")


def test_numbers_have_the_dtype_of_their_type():
    np = suite.np
    total = suite.Wrapper(np.sum)
    for dtype in ("f4", "f8", "c8"):
        assert total(np.ones(3, dtype)).dtype == dtype
    assert [type(x) for x in suite.Wrapper(np.modf)(np.float32(1.5))] == [np.float32] * 2


def test_arguments_that_are_refused_are_given_to_numpy():
    suite.counts.clear()
    assert suite.Wrapper(np_concatenate)([suite.np.ones(2), suite.np.ones(1, int)]).size == 3
    assert suite.counts == {"refused": 1}


def test_wrappers_equal_what_they_stand_for():
    a, b = suite.Wrapper(suite.np.divmod), suite.np.divmod
    assert a == b and b == a and a != suite.np.add and hash(a) == hash(b)
