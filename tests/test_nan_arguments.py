"""where=, initial=, out=, mean= and several axes of reductions that skip NaN, and of reductions of float16 and of lists."""

import warnings

import numpy as np
import pytest

from naja import njit
from naja.errors import NajaPerformanceWarning, TypingError

CUBE = np.arange(24.0).reshape(2, 3, 4)
CUBE[0, 1, 2] = CUBE[1, :, 0] = np.nan
ARRAYS = {
    "f8": CUBE,
    "f4": CUBE.astype(np.float32),
    "f2": CUBE.astype(np.float16),
    "reversed": CUBE[::-1, :, ::-1],
    "transposed": CUBE.transpose(0, 2, 1),
    "whole": np.arange(24).reshape(2, 3, 4),
    "empty": np.zeros((2, 0, 4)),
}
OF_ANY = [
    "np.nansum(a, axis=(0, 1))",
    "np.nansum(a, initial=2)",
    "np.nansum(a, 1, initial=2, where=a > 3)",
    "np.nansum(a, where=np.arange(a.shape[-1]) % 2 == 0)",
    "np.nansum(a, axis=1, out=out)",
    "np.nansum(a, axis=(0, -1), keepdims=True, dtype=np.float64)",
    "np.nanprod(a % 3, 1, where=a > 3)",
    "np.nanprod(a % 3, axis=(0, 1), keepdims=True)",
    "np.nanmax(a, axis=1, initial=2)",
    "np.nanmin(a, 1, initial=2, where=a > 5)",
    "np.sum(a, axis=1, initial=3)",
    "np.sum(a, axis=1, where=a > 5)",
    "np.sum(a, axis=1, out=out)",
    "np.prod(a % 3, axis=1, where=a > 5, initial=2)",
    "np.max(a, 1, where=a > 5, initial=1)",
    "np.sum(a, 1, dtype=np.float64)",
]
OF_SOME = [  # of arrays with elements
    "np.nanmax(a, axis=(0, 1))",
    "np.nanmin(a, axis=(0, 2), keepdims=True)",
    "np.nanmax(a, axis=1, out=out)",
    "np.nanmean(a, axis=(0, 1))",
    "np.nanmean(a, axis=1, where=a > 3)",
    "np.nanmean(a, where=a > 3)",
    "np.nanmean(a, axis=1, out=out)",
    "np.nanmean(a, 0, dtype=np.float64, where=a > 3, keepdims=True)",
    "np.nanvar(a, axis=(0, 1))",
    "np.nanvar(a, axis=1, where=a > 3)",
    "np.nanvar(a, where=a > 3, ddof=1)",
    "np.nanvar(a, axis=1, mean=np.ones((a.shape[0], 1, a.shape[2]), a.dtype))",
    "np.nanvar(a, axis=1, correction=1)",
    "np.nanstd(a, axis=1, out=out)",
    "np.nanstd(a, axis=-1, where=a > 3, keepdims=True)",
    "np.mean(a, axis=1, where=a > 3)",
    "np.mean(a, where=a > 3)",
    "np.var(a, where=a > 3)",
]


def compiled(expression, *names):
    scope = {"np": np}
    exec(f"def f({', '.join(names)}):\n    return {expression}\n", scope)
    return scope["f"], njit(scope["f"])


def check(expression, *arrays):
    plain, fast = compiled(expression, *"a out".split()[: len(arrays)])
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        want = plain(*(x.copy() for x in arrays))
        warnings.simplefilter("error", NajaPerformanceWarning)
        got = fast(*(x.copy() for x in arrays))
    assert np.shape(got) == np.shape(want)
    if isinstance(got, np.ndarray):
        assert got.dtype == want.dtype
    eps = np.finfo(want.dtype).eps if np.asarray(want).dtype.kind == "f" else 0
    np.testing.assert_allclose(got, want, rtol=4 * eps, atol=0)


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("expression", OF_ANY)
def test_of_any_array(expression, name):
    a = ARRAYS[name]
    check(expression, a, np.zeros((a.shape[0], a.shape[2]), a.dtype))


@pytest.mark.parametrize("name", [n for n in ARRAYS if n != "empty"])
@pytest.mark.parametrize("expression", OF_SOME)
def test_of_arrays_with_elements(expression, name):
    a = ARRAYS[name]
    kind = np.float64 if a.dtype.kind == "i" and "max" not in expression else a.dtype
    if a.dtype == np.float16 and "std" in expression and "out" in expression:
        kind = np.float16
    check(expression, a, np.zeros((a.shape[0], a.shape[2]), kind))


@pytest.mark.parametrize(
    "expression",
    [
        "np.nansum(a, 0, initial=1j)",
        "np.nanmean(a, 0, where=a.real > 3)",
        "np.nanvar(a, 0, where=a.real > 3)",
    ],
)
def test_of_complex(expression):
    check(expression, CUBE + 1j)


LISTS = [
    "np.mean([[1, 2], [3, 4]], axis=0, keepdims=True)",
    "np.mean([[1, 2], [3, 4]], dtype=np.float32)",
    "np.mean([[1, 2], [3, 4]], where=[True, False])",
    "np.sum([[1, 2], [3, 4]], axis=0, keepdims=True, initial=3)",
    "np.sum(3.5, initial=3)",
    "np.sum([[1, 2], [3, 4]], where=[True, False])",
    "np.max([[1, 2], [3, 4]], axis=1, initial=3)",
    "np.any([[1, 2], [3, 4]], axis=1, keepdims=True)",
    "np.ptp([[1, 2], [3, 4]], axis=0, keepdims=True)",
    "np.argmax([[1, 2], [3, 4]], axis=0, keepdims=True)",
    "np.mean(5)",
    "np.sum((1, 2.5), keepdims=True)",
    "np.nansum([1.0, np.nan], initial=2.0)",
    "np.nanmean([1.0, np.nan, 2.0], where=[True, True, False])",
    "np.cumsum([1, 2], dtype=np.float32)",
]


@pytest.mark.parametrize("expression", LISTS)
def test_lists_keep_all_arguments(expression):
    check(expression)


@pytest.mark.parametrize("a", [np.array([["a", ""], [" ", "0"]]), np.array([[b"a", b""], [b" ", b"0"]])])
def test_count_of_strings(a):
    for expression in (
        "np.count_nonzero(a)",
        "np.count_nonzero(a, axis=0)",
        "np.count_nonzero(a, -1, keepdims=True)",
    ):
        check(expression, a)


def test_a_mask_of_an_extreme_needs_an_initial_value():
    with pytest.raises(TypingError, match="reduction operation 'fmax' does not have an identity"):
        compiled("np.nanmax(a, where=a > 5)", "a")[1](CUBE)
