"""reduce, accumulate, reduceat, outer and at of ufuncs in compiled code, against NumPy."""

import numpy as np
import pytest

from naja import njit
from naja.errors import TypingError

A = np.linspace(-3, 4, 24).reshape(2, 3, 4)
B = np.arange(12).reshape(3, 4)
V = np.linspace(-2, 3, 6)
I = np.array([0, 2, 1])
J = np.array([1, 1, 3])

CASES = {
    "add_reduce": lambda: np.add.reduce(A),
    "add_reduce_axis": lambda: np.add.reduce(A, 1),
    "add_reduce_axes": lambda: np.add.reduce(A, axis=(0, 2)),
    "add_reduce_all": lambda: np.add.reduce(B, axis=None),
    "multiply_reduce": lambda: np.multiply.reduce(V),
    "maximum_reduce": lambda: np.maximum.reduce(A, axis=-1),
    "maximum_initial": lambda: np.maximum.reduce(V, initial=10.0),
    "logical_or": lambda: np.logical_or.reduce(A > 0, axis=1),
    "bitwise_or": lambda: np.bitwise_or.reduce(B),
    "bitwise_xor": lambda: np.bitwise_xor.reduce(B, axis=1),
    "bitwise_and_nothing": lambda: np.bitwise_and.reduce(B[:0]),
    "hypot": lambda: np.hypot.reduce(V),
    "subtract": lambda: np.subtract.reduce(B, axis=1),
    "hypot_all": lambda: np.hypot.reduce(A, axis=None),
    "logaddexp": lambda: np.logaddexp.reduce(A, axis=2),
    "add_accumulate": lambda: np.add.accumulate(A, axis=1),
    "multiply_accumulate": lambda: np.multiply.accumulate(V),
    "maximum_accumulate": lambda: np.maximum.accumulate(V[::-1]),
    "minimum_accumulate": lambda: np.minimum.accumulate(A, 2),
    "logaddexp_accumulate": lambda: np.logaddexp.accumulate(B * 0.5),
    "add_outer": lambda: np.add.outer(V, V),
    "mixed_outer": lambda: np.multiply.outer(V, I),
    "outer_2d": lambda: np.subtract.outer(B, I),
    "outer_of_number": lambda: np.greater.outer(B, 5),
    "outer_of_tuple": lambda: np.maximum.outer((1, 5), I),
    "reduceat": lambda: np.add.reduceat(V, I),
    "reduceat_2d": lambda: np.add.reduceat(B, I),
    "reduceat_axis": lambda: np.maximum.reduceat(A, J, axis=2),
    "reduceat_tuple": lambda: np.subtract.reduceat(V, (0, 3, 1)),
}


@pytest.mark.core
@pytest.mark.parametrize("name", CASES)
def test_like_numpy(name):
    function = CASES[name]
    want, got = function(), njit(function)()
    assert np.shape(got) == np.shape(want) and np.asarray(got).dtype == np.asarray(want).dtype
    assert (
        np.array_equal(got, want)
        if "log" not in name and "hypot" not in name
        else np.allclose(got, want, rtol=1e-14)
    )


def in_place(a, b, i, j, v):
    np.add.at(a, j, 1.5)
    np.subtract.at(a, j, v[:3])
    np.maximum.at(a, i, 0)
    np.multiply.at(a, -2, 3.0)
    np.negative.at(a, j)
    np.add.at(b, j[:2], 1)
    np.add.at(b, i, b[0].copy())
    np.add.at(b, i, b[i] * 2)
    np.add.at(b, (i, j), 4)


@pytest.mark.core
def test_at():
    want, got = (V.copy(), B.copy()), (V.copy(), B.copy())
    in_place(*want, I, J, V)
    njit(in_place)(*got, I, J, V)
    assert np.array_equal(want[0], got[0]) and np.array_equal(want[1], got[1])


@pytest.mark.core
def test_errors():
    @njit
    def at(a, i):
        np.add.at(a, i, 1)

    @njit
    def reduceat(a, i):
        return np.add.reduceat(a, i)

    @njit
    def reduce(a):
        return np.hypot.reduce(a) + np.subtract.reduce(a)

    for function, args in ((at, (V.copy(), J + 5)), (reduceat, (V, J + 5)), (reduce, (V[:0],))):
        with pytest.raises((IndexError, ValueError)) as want:
            function.py_func(*args)
        with pytest.raises(type(want.value)) as got:
            function(*args)
        assert str(got.value) == str(want.value)


@pytest.mark.core
def test_calls_with_where_and_dtype():
    def call(v, m, x, y):
        np.add(v, 1, out=x, where=m)
        np.sqrt(np.abs(v), where=m, out=y)
        return np.add(I, J, dtype=np.float64), np.multiply(v, v, y, where=m), np.exp(I, dtype=np.float32)

    want, got = [(np.zeros(6), np.ones(6)) for _ in range(2)]
    results = zip((*want, *call(V, V > 0, *want)), (*got, *njit(call)(V, V > 0, *got)), strict=True)
    for x, y in results:
        assert x.dtype == y.dtype and np.allclose(x, y, rtol=1e-6)


@pytest.mark.core
def test_where_refuses_what_numpy_does_not_cast():
    with pytest.raises(Exception, match="where"):
        njit(lambda out: np.sqrt(V, out=out, where=V > 0))(np.zeros(6, np.int64))


@pytest.mark.core
def test_strided_views():
    stride_tricks = np.lib.stride_tricks

    def views(v, a):
        return (
            stride_tricks.as_strided(v, (2, 3), (8, 16)),
            stride_tricks.as_strided(v, shape=(2,)),
            stride_tricks.sliding_window_view(v, 3),
            stride_tricks.sliding_window_view(a, (2, 2)),
            stride_tricks.sliding_window_view(a, 2, axis=0),
            a.ravel("F"),
            a.flatten("F"),
        )

    for x, y in zip(views(V, B), njit(views)(V, B), strict=True):
        assert x.shape == y.shape and np.array_equal(x, y)


@pytest.mark.parametrize(
    "call",
    [
        "np.abs(c, dtype=np.float64)",  # of complex numbers: their length, not their real parts
        "np.sqrt(r, dtype=np.float32)",
        "np.sqrt(c, dtype=np.complex64)",
        "np.add(u, u, dtype=np.int16)",
        "np.add(i, 2, dtype='f4')",
        "np.isnan(r, dtype=np.bool_)",
        "np.greater(r, 1, dtype=np.bool_)",
        "np.true_divide(i, 3, dtype=np.float32)",
        "np.multiply(r, i, dtype=np.complex128)",
    ],
)
def test_dtype_is_that_of_the_result(call):
    arguments = np.array([3 + 4j, -1]), np.array([1.5, 2.0]), np.array([7, -8]), np.array([200, 100], "u1")
    function = eval(f"lambda c, r, i, u: {call}", {"np": np})
    got, want = njit(bridge="error")(function)(*arguments), function(*arguments)
    assert got.dtype == want.dtype and np.array_equal(got, want)


@pytest.mark.parametrize("call", ["np.sqrt(c, dtype=np.float64)", "np.add(r, r, dtype=np.int64)"])
def test_dtype_without_a_loop_is_refused(call):
    function = eval(f"lambda c, r: {call}", {"np": np})
    with pytest.raises(TypingError):
        njit(bridge="error")(function)(np.ones(2, complex), np.ones(2))
