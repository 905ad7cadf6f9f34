"""Attributes, views and copies: reshape, transpose, ravel, squeeze, flip, astype ..."""

import numpy as np
import pytest
from arrays import ALL, SHAPES, check, layouts, values

from naja import njit
from naja.errors import TypingError

ATTRIBUTES = [
    lambda a: a.shape,
    lambda a: a.size,
    lambda a: a.ndim,
    lambda a: a.itemsize,
    lambda a: a.nbytes,
    lambda a: a.T,
    lambda a: a.real,
    lambda a: a.copy(),
    lambda a: np.copy(a),
    lambda a: a.ravel(),
    lambda a: a.flatten(),
    lambda a: np.ravel(a),
    lambda a: a.reshape(-1),
    lambda a: np.transpose(a),
    lambda a: np.expand_dims(a, 0),
    lambda a: np.expand_dims(a, -1),
    lambda a: np.size(a),
    lambda a: np.shape(a),
    lambda a: np.ndim(a),
]


@pytest.mark.core
@pytest.mark.parametrize("function", ATTRIBUTES)
def test_attributes(function):
    compiled = njit(function)
    for shape in SHAPES:
        for _, a in layouts(values(shape, np.float64)):
            check(function, a, compiled=compiled)


@pytest.mark.parametrize("dtype", ALL)
def test_dtypes(dtype):
    for _, a in layouts(values((2, 3), dtype)):
        check(lambda a: (a.itemsize, a.nbytes), a)
        check(lambda a: a.copy(), a)
        check(lambda a: np.ascontiguousarray(a), a)
        check(lambda a: np.asfortranarray(a), a)
        check(lambda a: a.T.ravel(), a)


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128, np.float32, np.int16])
def test_parts(dtype):
    def write(a):
        a.real[:] = 1
        return a

    for _, a in layouts(values((2, 3), dtype)):
        check(lambda a: a.real, a)
        check(lambda a: a.imag, a)
        check(write, a)


@pytest.mark.core
@pytest.mark.parametrize(
    "shape",
    [
        (12,),
        (3, 4),
        (2, 6),
        (2, 3, 2),
        (1, 12, 1),
        (-1,),
        (3, -1),
        (-1, 2, 3),
        (5,),
        (5, -1),
        (-1, -1),
        (0, -1),
    ],
)
def test_reshape(shape):
    def method(a, shape):
        return a.reshape(shape)

    def function(a, shape):
        return np.reshape(a, shape)

    literal = eval(f"lambda a: a.reshape({', '.join(map(str, shape))})")
    for base in ((12,), (3, 4), (2, 3, 2)):
        for _, a in layouts(values(base, np.float64)):
            check(literal, a)
            if -1 not in shape:
                check(method, a, shape)
                check(function, a, shape)


def test_reshape_shares_memory_as_numpy_does():
    def f(a):
        b = a.reshape(2, -1)
        b[0, 0] = 99
        return a

    for _, a in layouts(np.arange(12.0)):
        check(f, a)
    for _, a in layouts(np.arange(12.0).reshape(4, 3)):
        check(f, a)


def test_axes():
    a = values((2, 3, 4), np.float64)
    for _, x in layouts(a):
        check(lambda a: np.transpose(a, (1, 2, 0)), x)
        check(lambda a: a.transpose(2, 0, 1), x)
        check(lambda a: a.transpose((0, 2, 1)), x)
        check(lambda a: np.swapaxes(a, 0, -1), x)
        check(lambda a: a.swapaxes(1, 2), x)
        check(lambda a: np.moveaxis(a, 0, -1), x)
        check(lambda a: np.moveaxis(a, -1, 0), x)
        check(lambda a: np.flip(a, 1), x)
        check(lambda a: np.flip(a, (0, 2)), x)
        check(lambda a: np.flipud(a), x)
        check(lambda a: np.fliplr(a), x)
        check(lambda a: np.squeeze(a[:1], 0), x)
        check(lambda a: a[:, :1].squeeze(axis=1), x)
        check(lambda a: np.squeeze(a, 0), x)
    with pytest.raises(TypingError, match="axes don't match array"):
        njit(lambda a: a.transpose(1, 0))(a)
    with pytest.raises(TypingError, match="out of bounds"):
        njit(lambda a: np.expand_dims(a, 9))(a)


@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 4), (1, 4), (3, 5), (0, 4)])
def test_broadcast_to(shape):
    for base in ((4,), (1, 4), (1,), (3, 1)):
        check(lambda a: np.broadcast_to(a, shape), values(base, np.float64))


@pytest.mark.parametrize("source", ALL)
@pytest.mark.parametrize(
    "target", [np.bool_, np.int8, np.int64, np.uint32, np.float32, np.float64, np.complex64, np.complex128]
)
def test_astype(source, target):
    if np.dtype(source).kind == "c" and np.dtype(target).kind != "c":
        return
    a = values((2, 3), source)
    if np.dtype(source).kind == "f":
        a = np.abs(a) % 100
    for _, x in layouts(a):
        check(lambda a: a.astype(target), x)


@pytest.mark.core
@pytest.mark.parametrize("source", [np.float64, np.float32, np.float16])
@pytest.mark.parametrize("target", ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_floats_that_do_not_fit_an_integer(source, target):
    """The low bits of a conversion to int32 or int64, as NumPy's, not the nearest integer that fits."""
    dtype = np.dtype(target).type
    a = np.array([300.7, -1.5, -129.0, 65535.9, 1e5, -1e5, 3e9, -2.0], source)
    if target in ("i4", "u4", "u8"):
        a = a[np.abs(a) < 2**31]
    if target in ("u4", "u8"):
        a = np.append(a, source(3e9) if source != np.float16 else source(6e4))

    def convert(a):
        return a.astype(dtype)

    def one_by_one(a):
        out = np.empty(a.shape, dtype)
        for i in range(a.shape[0]):
            out[i] = a[i]
        return out

    expected = a.astype(dtype)
    assert njit(convert)(a).tolist() == expected.tolist()
    assert njit(one_by_one)(a).tolist() == expected.tolist()
    njit(convert)(np.array([np.nan, np.inf, -np.inf], source))


def test_single_elements():
    def fill(a):
        a.fill(3)
        return a

    for _, a in layouts(values((3, 4), np.float32)):
        check(fill, a)
        check(lambda a: a.item(5), a)
        check(lambda a: a.item(-1), a)
        check(lambda a: a.item(1, 2), a)
        check(lambda a: a.item(12), a)
        check(lambda a: a.item(1, 4), a)
        check(lambda a: a[:1, :1].item(), a)
        check(lambda a: a.item(), a)


def test_views_survive_their_array():
    @njit
    def f(n):
        a = np.arange(n) * 1.0
        b = a.reshape(2, -1)[1:]
        a = np.zeros(1)
        return b.T

    assert np.array_equal(f(8), np.arange(8.0).reshape(2, -1)[1:].T)


def test_other_element_sizes_of_one_element():
    """Its stride does not matter, as there is no second one."""
    compiled = njit(lambda a: a.view(np.uint8))
    for a in (np.arange(1.0)[::-1], np.arange(6.0).reshape(2, 3)[:, 1:2], np.zeros(0)[::-1]):
        np.testing.assert_array_equal(compiled(a), a.view(np.uint8))
    with pytest.raises(ValueError, match="the last axis must be contiguous"):
        compiled(np.arange(3.0)[::-1])
