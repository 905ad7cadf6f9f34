"""Creation of arrays: contents, dtypes, layouts and errors are NumPy's."""

import numpy as np
import pytest
from arrays import ALL, check, layouts, values

from naja import njit

NUMBERS = [np.int8, np.int32, np.int64, np.uint16, np.float32, np.float64, np.complex64, np.complex128]


@pytest.mark.core
@pytest.mark.parametrize("dtype", NUMBERS)
def test_filled(dtype):
    check(lambda n: np.zeros(n, dtype), 5)
    check(lambda n: np.ones((n, 2), dtype), 3)
    check(lambda n: np.full((n, 2, 2), 7, dtype), 3)
    check(lambda n: np.empty((n, 0), dtype), 3)


def test_defaults():
    check(lambda n: np.zeros(n), 4)
    check(lambda n: np.ones(()), 4)
    check(lambda n: np.full(n, 2), 4)
    check(lambda n: np.full(n, 2.5), 4)
    check(lambda n: np.full(n, True), 4)
    check(lambda n: np.zeros(n, dtype="int32"), 4)
    check(lambda n: np.zeros(n, dtype="f4"), 4)
    check(lambda n: np.zeros(n, float), 4)
    check(lambda n: np.zeros(n, int), 4)
    check(lambda n: np.zeros(n, bool), 4)
    check(lambda n: np.zeros((n, n), order="F"), 4)
    check(lambda a: np.zeros(a.shape, a.dtype), np.ones((2, 3), np.int16))


@pytest.mark.parametrize("n", [0, -1, 2**60, 2**62])
def test_bad_sizes(n):
    if n == 2**60:
        with pytest.raises((MemoryError, ValueError)):
            njit(lambda n: np.zeros(n))(n)
    else:
        check(lambda n: np.zeros(n), n)
        check(lambda n: np.zeros((2, n)), n)


@pytest.mark.parametrize("dtype", ALL)
def test_like(dtype):
    for _, a in layouts(values((2, 3), dtype)):
        check(lambda a: np.zeros_like(a), a)
        check(lambda a: np.ones_like(a), a)
        check(lambda a: np.full_like(a, 1), a)
    check(lambda a: np.zeros_like(a, dtype=np.float32), values((2, 3), dtype))
    check(lambda a: np.empty_like(a).shape, values((2, 3), dtype))


RANGES = [
    (5,),
    (0,),
    (-3,),
    (1, 5),
    (5, 1),
    (0, 10, 3),
    (10, 0, -3),
    (0, 10, -1),
    (0, 1, 0),
    (-7, 7, 2),
    (0, 9, 3),
    (0, 2**40, 2**38),
]


@pytest.mark.core
@pytest.mark.parametrize("args", RANGES)
def test_arange(args):
    names = "abc"[: len(args)]
    f = eval(f"lambda {','.join(names)}: np.arange({','.join(names)})")
    g = eval(f"lambda {','.join(names)}: np.arange({','.join(names)}, dtype=np.float32)")
    check(f, *args)
    check(f, *map(float, args))
    if 0 not in args[2:]:
        check(g, *args)


@pytest.mark.parametrize(
    "args",
    [
        (0.0, 1.0, 0.1),
        (0.1, 0.35, 0.05),
        (1.0, 0.0, -0.3),
        (0.0, 1e-300, 1e300),
        (0.0, 1e9, 1e8),
        (0.5, 7.0, 1.0),
        (0.0, np.nan, 1.0),
        (1.0, 3.0, 1e-1),
        (-2.7, 3.1, 0.7),
    ],
)
def test_arange_lengths(args):
    check(lambda a, b, c: np.arange(a, b, c), *args)


@pytest.mark.parametrize(
    "args",
    [
        (0.0, 1.0, 5),
        (0, 10, 7),
        (0.1, 0.7, 50),
        (3.0, -2.0, 11),
        (1.0, 1.0, 3),
        (0.0, 1.0, 1),
        (0.0, 1.0, 0),
        (0.0, 1.0, -1),
        (0.0, 5e-324, 4),
        (-1e300, 1e300, 6),
    ],
)
def test_linspace(args):
    check(lambda a, b, n: np.linspace(a, b, n), *args)
    check(lambda a, b, n: np.linspace(a, b, n, endpoint=False), *args)


def test_linspace_default():
    check(lambda a, b: np.linspace(a, b), 0, 3)
    check(lambda a, b: np.linspace(a, b, 7, dtype=np.int64), 0, 3)


def test_eye():
    for n in (0, 1, 4):
        check(lambda n: np.eye(n), n)
        check(lambda n: np.eye(n, n + 2), n)
        check(lambda n: np.eye(n, k=1), n)
        check(lambda n: np.eye(n + 3, n, -2), n)
        check(lambda n: np.eye(n, dtype=np.int32), n)
        check(lambda n: np.identity(n), n)


def test_array_of_tuples():
    check(lambda x: np.array((1, 2, 3)), 0)
    check(lambda x: np.array(((1, 2.5), (x, 4))), 7)
    check(lambda x: np.array((x, x), dtype=np.float32), 7)
    check(lambda x: np.asarray((1.5, x)), 7)


@pytest.mark.parametrize("dtype", [np.int32, np.float64, np.complex128])
def test_array_of_arrays(dtype):
    for _, a in layouts(values((2, 3), dtype)):
        check(lambda a: np.array(a), a)
        check(lambda a: np.asarray(a), a)
        check(lambda a: np.asarray(a, dtype=np.complex128), a)
    a = values(3, dtype)
    assert njit(lambda a: np.asarray(a))(a) is a
    assert njit(lambda a: np.array(a))(a) is not a
