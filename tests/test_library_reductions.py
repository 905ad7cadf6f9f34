"""naja/library/reductions.py: the reductions that skip NaN give NumPy's bits."""

import numpy as np
import pytest
from arrays import check, layouts, values

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

NAMES = ["nansum", "nanprod", "nanmin", "nanmax", "nanmean", "nanvar", "nanstd", "nanargmin", "nanargmax"]


def function_of(name, rest=""):
    return eval(f"lambda a: np.{name}(a{rest})", {"np": np})


def with_nans(shape, dtype):
    a = values(shape, dtype)
    if a.dtype.kind in "fc":
        a[np.arange(a.size).reshape(shape) % 4 == 0] = np.nan
    return a


def agree(function, a):
    """Compiled scalars are Python's: those of 32 bits are compared as such."""
    if a.dtype in (np.float32, np.complex64, np.int32):
        check(lambda a: np.asarray(function(a)).astype(a.dtype), a, compiled=np_result(function, a.dtype))
    else:
        check(function, a)


def np_result(function, dtype):
    from naja import njit

    compiled = njit(function)
    return lambda a: np.asarray(compiled(a)).astype(dtype)


@pytest.mark.parametrize("name", [*NAMES, "nancumsum", "nancumprod"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex128, np.int32, np.bool_])
def test_kinds(name, dtype):
    if name == "nancumprod" and dtype is np.complex128:
        return  # products of complex numbers: NumPy's scan rounds once where a loop rounds twice
    for shape in [(50,), (7, 9), (3, 4, 5)]:
        for _, a in layouts(with_nans(shape, dtype)):
            if np.dtype(dtype).kind in "fc":
                a = a / (np.abs(a) + 1)
            agree(function_of(name), a)


@pytest.mark.parametrize("name", NAMES)
def test_axes(name):
    for _, a in layouts(with_nans((4, 5, 6), float)):
        for axis in (0, 1, -1):
            check(function_of(name, f", axis={axis}"), a)
    if "arg" not in name:
        check(function_of(name, ", axis=1, keepdims=True"), with_nans((4, 5), float))


@pytest.mark.core
@pytest.mark.parametrize("name", NAMES)
def test_empty_and_all_nan(name):
    for a in (np.zeros(0), np.full(3, np.nan), np.array([np.nan, 2.0, np.inf])):
        check(function_of(name), a)
    if "arg" not in name:
        check(function_of(name, ", axis=0"), np.array([[np.nan, 1.0], [np.nan, 2.0]]))
        check(function_of(name, ", axis=0"), np.zeros((0, 2)))


def test_degrees_of_freedom():
    for name in ("nanvar", "nanstd"):
        for ddof in (0, 1, 2, 7):
            check(function_of(name, f", ddof={ddof}"), with_nans((9,), float))
            check(function_of(name, f", axis=0, ddof={ddof}"), with_nans((9, 3), float))
