"""What `numpy_suite.py` counts of a small file of tests, one of which ends its process."""

import numpy_suite as suite

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
    assert suite.explanation("AssertionError: FloatingPointError not raised by exp")
    assert not suite.explanation("AssertionError: Arrays are not equal")
