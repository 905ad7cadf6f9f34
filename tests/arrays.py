"""Helpers of the array tests: arrays of every layout, and comparison with NumPy to the bit."""

import copy

import numpy as np

from naja import njit

INTS = [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64]
REALS = [np.bool_, *INTS, np.float32, np.float64]
ALL = [*REALS, np.complex64, np.complex128]
EDGES = [0.0, -0.0, 1.0, -1.0, 0.5, 3.25, -7.0, np.inf, -np.inf, np.nan, 1e30, -1e-30]
SHAPES = [(), (0,), (1,), (5,), (3, 4), (0, 3), (2, 0), (2, 3, 4)]


def values(shape, dtype, seed=0, edges=False):
    """Numbers of that dtype; floats of very different sizes, so that the order of additions shows."""
    rng = np.random.default_rng([seed, *np.atleast_1d(shape)])
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return np.asarray(rng.random(shape) < 0.5)
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        return np.asarray(rng.integers(info.min, info.max, shape, dtype=dtype, endpoint=True))
    if edges:
        return np.asarray(rng.choice(EDGES, shape)).astype(dtype)
    x = rng.standard_normal(shape) * 10.0 ** rng.uniform(-3, 5, shape)
    if dtype.kind == "c":
        x = x + 1j * rng.standard_normal(shape)
    return np.asarray(x).astype(dtype)


def layouts(a):
    """The same values in every memory layout: name, array."""
    yield "C", np.ascontiguousarray(a).reshape(a.shape)
    if a.ndim:
        wide = np.zeros([2 * n for n in a.shape], a.dtype)[tuple(slice(None, None, 2) for _ in a.shape)]
        wide[...] = a
        yield "strided", wide
        yield (
            "reversed",
            a[tuple(slice(None, None, -1) for _ in a.shape)].copy()[
                tuple(slice(None, None, -1) for _ in a.shape)
            ],
        )
    if a.ndim > 1:
        yield "F", np.asfortranarray(a)
        padded = np.zeros([n + 1 for n in a.shape], a.dtype)[tuple(slice(0, n) for n in a.shape)]
        padded[...] = a
        yield "padded", padded


def clone(value):
    """Copy an argument; an array keeps its strides (`copy` and `deepcopy` make it contiguous)."""
    if type(value) in (tuple, list):
        return type(value)(map(clone, value))
    if type(value) is not np.ndarray or value.dtype.hasobject:
        return copy.deepcopy(value)
    low, high = np.lib.array_utils.byte_bounds(value)
    offset = value.ctypes.data - low if value.size else 0
    memory = np.empty(max(high - low, value.itemsize), np.uint8)
    twin = np.ndarray(value.shape, value.dtype, memory, offset, value.strides)
    twin[...] = value
    twin.flags.writeable = value.flags.writeable
    return twin


def call(function, args):
    try:
        return function(*args), None
    except Exception as error:
        return None, error


def same_array(x, y):
    """The same kind of thing, dtype, shape and bits; any nan is a nan, and signs of zeros count."""
    if isinstance(x, tuple):
        return isinstance(y, tuple) and len(x) == len(y) and all(map(same_array, x, y))
    if isinstance(x, np.ndarray) != isinstance(y, np.ndarray):
        return False
    is_array = isinstance(x, np.ndarray)
    x, y = np.asarray(x), np.asarray(y)
    if x.shape != y.shape or (is_array and x.dtype != y.dtype):
        return False
    equal = (x == y) | ((x != x) & (y != y))
    if x.dtype.kind == "f":
        equal &= (np.signbit(x) == np.signbit(y)) | (x != x)
    return bool(np.all(equal))


def check(function, *args, compiled=None):
    """Calls the function interpreted and compiled on copies of the arguments and compares results, errors, and what became of
    the arguments."""
    want_args, got_args = clone(args), clone(args)
    want, want_error = call(function, want_args)
    got, got_error = call(compiled or njit(function), got_args)
    if want_error is not None:
        assert type(got_error) is type(want_error) and str(got_error) == str(want_error), (
            want_error,
            got_error,
        )
        return
    assert got_error is None, got_error
    assert same_array(want, got), (want, got)
    for x, y in zip(want_args, got_args):
        assert not isinstance(x, np.ndarray) or same_array(x, y), (x, y)
