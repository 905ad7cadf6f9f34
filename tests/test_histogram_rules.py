"""Numbers of bins by rule ("auto", "fd", ...), and edges of short floats."""

import numpy as np
import pytest
from differential import check_arrays

from naja import njit
from naja.errors import TypingError

RNG = np.random.default_rng(3)
RULES = ["auto", "doane", "fd", "rice", "scott", "sqrt", "stone", "sturges"]
DATA = {
    "normal": RNG.standard_normal(100),
    "singles": RNG.standard_normal(37).astype("f4"),
    "integers": RNG.integers(-50, 50, 80),
    "bytes": RNG.integers(0, 3, 50).astype("u1"),
    "none": np.zeros(0),
    "one": np.ones(1),
    "equal": np.ones(5),
    "skewed": RNG.exponential(3, 1000),
    "table": RNG.random((5, 6))[::-1],
}


@pytest.mark.core
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.filterwarnings("ignore:The number of bins")
def test_rules(rule):
    whole = eval(f"lambda a: np.histogram(a, {rule!r})", {"np": np})
    part = eval(f"lambda a: np.histogram_bin_edges(a, bins={rule!r}, range=(-1, 2))", {"np": np})
    density = eval(f"lambda a: np.histogram(a, {rule!r}, density=True)", {"np": np})
    for name in DATA:
        check_arrays(whole, DATA[name])
    for name in ("normal", "singles", "integers", "none"):
        check_arrays(part, DATA[name])
    check_arrays(density, DATA["normal"])


@pytest.mark.core
def test_what_rules_do_not_take():
    with pytest.raises(Exception, match="'width' is not a valid estimator for `bins`"):
        njit(lambda a: np.histogram(a, "width"))(DATA["normal"])
    with pytest.raises(Exception, match="not supported for weighted data"):
        njit(lambda a: np.histogram(a, "auto", weights=a))(DATA["normal"])
    with pytest.raises(ValueError, match="autodetected range of"):
        njit(lambda a: np.histogram(a, "auto"))(np.array([1.0, np.inf]))
    for call in (np.histogram, np.histogram_bin_edges):
        with pytest.raises(TypingError, match="complex numbers have no order"):
            njit(lambda a, call=call: call(a))(np.ones(3, complex))


def test_edges_are_computed_in_the_type_of_the_data():
    for dtype in ("f2", "f4", "f8"):
        a = DATA["normal"].astype(dtype)
        check_arrays(lambda a: np.histogram(a), a)
        check_arrays(lambda a: np.histogram_bin_edges(a, 4, (0.0, 3.0)), a)
        check_arrays(lambda a: np.histogram2d(a, a[::-1], 3), a)
