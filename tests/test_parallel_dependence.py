"""Which elements of arrays the iterations of a parallel loop touch: shared ones are refused, those apart run in parallel."""

import numpy as np
import pytest

import naja
from naja import njit, prange

REFUSED = {
    "shift": "a[i] = a[i - 1]",
    "shifted slice": "a[i : i + 2] = i",
    "overlapping slices": "a[2 * i : 2 * i + 3] = i",
    "slice behind": "a[i] = a[i + 1 : i + 3].sum()",
    "every slice": "a[:] = i",
    "every second slice": "a[1:5] = i",
    "one element": "a[3] = i",
    "even onto even": "a[2 * i] = a[2 * i + 4]",
    "backwards": "a[n - i] = a[n - i - 1]",
    "view": "row = b[i]\n        b[i - 1, 0] = row[0]",
    "in a row": "b[0, i] = b[0, i + 1]",
}
APART = {
    "even and odd": "a[2 * i] = a[2 * i + 1]",
    "row": "b[i, :] = i",
    "row of inner loop": "for j in range(3):\n            b[i, j] = b[i, j - 1] + j",
    "blocks": "a[i * 3 : (i + 1) * 3] = i",
    "blocks of k": "a[i * k : (i + 1) * k] = a[i * k : (i + 1) * k] + i",
    "elements of blocks": "for j in range(k):\n            a[i * k + j] = a[i * k + j - 0] + 1",
    "diagonal": "b[i, i] = b[i, i] + 1",
    "other column": "b[i, 0] = b[i, 1]",
    "backwards": "a[n - i] = a[n - i] + 1",
    "view": "row = b[i]\n        row[0] = row[1]\n        row += 1",
    "two arrays": "a[i] = c[i - 1] + c[i + 1]",
    "under a condition": "if i == 2:\n            a[0] = i",
}


def loop_with(body):
    """Make a function of a loop over i from 1 to n - 1; the arrays have 3 * n elements or more."""
    source = f"def f(a, b, c, n, k):\n    for i in prange(1, n):\n        {body}\n"
    space = {"prange": prange}
    exec(source, space)
    return space["f"]


def loop_arguments():
    rng = np.random.default_rng(10)
    return rng.random(60), rng.random((20, 20)), rng.random(60), 15, 3


@pytest.mark.parametrize("name", REFUSED)
def test_shared_elements_are_refused(name):
    with pytest.raises(
        naja.errors.ParallelSafetyError, match="iterations of a parallel loop depend on each other"
    ):
        njit(loop_with(REFUSED[name]), parallel=True)(*loop_arguments())


@pytest.mark.parametrize("name", APART)
def test_elements_apart_run_in_parallel(name):
    f, function = njit(loop_with(APART[name]), parallel=True), loop_with(APART[name])
    got, expected = loop_arguments(), loop_arguments()
    f(*got)
    function(*expected)
    for x, y in zip(got, expected, strict=True):
        np.testing.assert_array_equal(x, y)
    assert f.explain(f.signatures[0]).count("parallel", "runs in parallel") == 1
    races = f.explain(f.signatures[0]).count("parallel", "not proved")
    assert races == (name == "under a condition")
