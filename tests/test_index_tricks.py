"""np.r_, np.c_, np.mgrid, np.ogrid, np.s_ and np.index_exp in compiled code."""

import re

import numpy as np
import pytest

from naja import njit
from naja.errors import NajaPerformanceWarning

VALUES = {
    "v": np.arange(4.0),
    "f": np.arange(4, dtype=np.float32),
    "i": np.arange(4, dtype=np.int8),
    "A": np.arange(8.0).reshape(4, 2)[::-1],
    "z": np.array(2.5),
    "n": 3,
}
EXPRESSIONS = """
np.r_[v, 1.0]; np.r_[f, 1.0]; np.r_[f, v]; np.r_[i, n]; np.r_[1, 2, 3]; np.r_[0:5, 7]; np.r_[2:9:3]; np.r_[v]; np.r_[A, A]
np.r_[True, False]; np.r_[v, 2 + 1j]; np.r_[v, z, v[:0]]; np.r_[n:0:-1]; np.r_[(1, 2), v]
np.c_[v, v]; np.c_[v]; np.c_[A, v]; np.c_[v, i * 2.5]; np.c_[0:4, v]; np.c_[1, 2]
np.mgrid[0:3, 0:2]; np.mgrid[1:6:2]; np.mgrid[0:2, 0:n, 1:3]; np.mgrid[0:0, 0:2]; np.mgrid[5:n:-1, :2]
np.ogrid[0:3, 1:5:2]; np.ogrid[0:n]
v[np.s_[1:3]]; A[np.s_[1, :]]; A[np.index_exp[1:n]]; A[np.s_[..., 0]]
"""


@pytest.mark.core
@pytest.mark.parametrize("text", re.split(r"[;\n]", EXPRESSIONS.strip()))
def test_like_numpy(text):
    names = [name for name in VALUES if re.search(rf"(?<![\w.]){name}\b", text)]
    function = eval(f"lambda {', '.join(names)}: {text.strip()}", {"np": np})
    arguments = [VALUES[name] for name in names]
    compiled = njit(function)
    want, got = function(*arguments), compiled(*arguments)
    assert type(want) is type(got)
    for x, y in zip(want, got, strict=True) if isinstance(want, tuple) else [(want, got)]:
        assert x.dtype == y.dtype
        assert x.shape == y.shape
        assert np.array_equal(x, y)
    assert max(site.rung for site in compiled.inspect_calls(compiled.signatures[0])) < 4


def test_directives_are_left_to_the_interpreter():
    with pytest.warns(NajaPerformanceWarning, match="getitem"):
        got = njit(lambda v: np.r_["0,2", v])(VALUES["v"])
    np.testing.assert_array_equal(got, np.r_["0,2", VALUES["v"]])


def test_what_cannot_be_joined():
    with pytest.raises(ValueError, match="needs its end"):
        njit(lambda: np.mgrid[3:])()
    with pytest.raises(ValueError, match="must match exactly"):
        njit(lambda v, A: np.c_[A, v[:2]])(VALUES["v"], VALUES["A"])
