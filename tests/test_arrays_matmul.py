"""Products of vectors and matrices: the bits of NumPy's, through the same BLAS."""

import warnings

import numpy as np
import pytest
from arrays import call, check, layouts, values

from naja import njit
from naja.errors import NajaPerformanceWarning

DTYPES = [np.float32, np.float64, np.complex64, np.complex128, np.int32, np.int64, np.uint8, np.bool_]
SHAPES = [
    ((17, 23), (23, 9)),
    ((17, 23), (23,)),
    ((23,), (23, 9)),
    ((23,), (23,)),
    ((1, 23), (23, 9)),
    ((17, 23), (23, 1)),
    ((0, 3), (3, 4)),
    ((3, 0), (0, 4)),
    ((100, 120), (120, 77)),
    ((3, 4), (5, 6)),
    ((3, 4), (5,)),
    ((3,), (4, 5)),
    ((3,), (4,)),
]
FUNCTIONS = [lambda a, b: a @ b, lambda a, b: np.dot(a, b)]


def small(shape, dtype, seed=0):
    rng = np.random.default_rng([seed, *shape])
    x = rng.standard_normal(shape) * 10
    return (
        (x + 1j * rng.standard_normal(shape)).astype(dtype)
        if np.dtype(dtype).kind == "c"
        else x.astype(dtype)
    )


def check_close(function, *args, compiled):
    """As `check`, up to rounding: NumPy's matmul does not use BLAS on strided arrays, compiled code copies them for it."""
    want, want_error = call(function, args)
    got, got_error = call(compiled, args)
    assert type(got_error) is type(want_error)
    if want_error is None:
        want, got = np.asarray(want), np.asarray(got)
        assert got.shape == want.shape and (got.dtype == want.dtype or not want.ndim)
        if want.size:
            eps = np.finfo(want.dtype).eps
            assert np.max(np.abs(got - want)) <= 1000 * eps * max(np.max(np.abs(want)), 100)


@pytest.mark.core
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_products(function, dtype):
    compiled = njit(function)
    check_strided = check_close if np.dtype(dtype).kind in "fc" else check
    for x, y in SHAPES:
        a, b = small(x, dtype), small(y, dtype, 1)
        for layout, p in layouts(a):
            (check if layout in "CF" else check_strided)(function, p, b, compiled=compiled)
        for layout, q in layouts(b):
            (check if layout in "CF" else check_strided)(function, a, q, compiled=compiled)


@pytest.mark.parametrize("dtype", DTYPES[:4])
def test_own_transpose(dtype):
    a = small((30, 20), dtype)
    check(lambda a: a @ a.T, a)
    check(lambda a: a.T @ a, a)
    check(lambda a: np.dot(a, a.T), np.asfortranarray(a))


def test_mixed_types_and_others():
    a, b = values((3, 4), np.int32), values((4, 2), np.float64)
    check(lambda a, b: a @ b, a, b)
    check(lambda a, b: np.matmul(a, b), a, b)
    check(lambda a, b: a.dot(b), a, b)
    check(lambda a, b: np.inner(a, b.T), a, b)
    check(lambda a, b: np.outer(a[0], b[:, 0]), a, b)


def test_warning_about_strides():
    a, x = np.ones((3, 3)), np.ones(3)

    def words(function, *arguments):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            njit(function)(*arguments)
        assert all(issubclass(w.category, NajaPerformanceWarning) for w in caught)
        assert all(w.lineno == function.__code__.co_firstlineno and w.filename == __file__ for w in caught)
        return [str(w.message).partition(", called on")[0] for w in caught]

    assert words(lambda a, b: np.dot(a, b), a[::-1], a) == ["np.dot() is faster on contiguous arrays"]
    assert words(lambda a, b: a @ b, a, a[:, ::-1]) == ["'@' is faster on contiguous arrays"]
    assert words(lambda a, b: np.vdot(a, b), x[::-1], x) == ["np.vdot() is faster on contiguous arrays"]
    assert words(lambda a, b: np.dot(a, b), a.T, a) == []
    assert words(lambda a, b: np.dot(a, b[:, None]), a, x) == []
    assert words(lambda a, b: np.dot(a, b), np.arange(3)[::-1], np.arange(3)) == []


def test_vdot_of_vectors():
    for x in (np.arange(4.0), np.arange(8.0)[::-2], np.arange(4, dtype=np.float32), np.zeros(0)):
        got = njit(lambda a, b: np.vdot(a, b))(x, x)
        assert got == np.vdot(x, x)
    with pytest.raises(ValueError, match="not aligned"):
        njit(lambda a, b: np.vdot(a, b))(np.ones(2), np.ones(3))
