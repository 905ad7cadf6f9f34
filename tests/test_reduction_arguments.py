"""where=, initial= and out= of reductions; reductions of numbers and tuples; view(dtype); membership."""

import numpy as np
import pytest

from naja import njit

A = np.arange(24.0).reshape(2, 3, 4) % 7
M = A > 2

CASES = {
    "sum_where": lambda a, m: np.sum(a, where=m),
    "sum_axis_where": lambda a, m: np.sum(a, axis=1, where=m),
    "sum_initial": lambda a, m: np.sum(a, axis=0, initial=3.0),
    "sum_both": lambda a, m: a.sum(axis=0, initial=3.0, where=m),
    "prod_initial": lambda a, m: np.prod(a + 1, initial=2.0),
    "prod_where": lambda a, m: a.prod(where=m),
    "max_initial": lambda a, m: np.max(a, initial=100.0),
    "max_axis_initial": lambda a, m: a.max(axis=0, initial=3.0),
    "min_where": lambda a, m: np.min(a, axis=1, initial=5.0, where=m),
    "min_of_nothing": lambda a, m: a[:, :0].min(initial=4),
    "any_where": lambda a, m: np.any(a, axis=0, where=m),
    "all_where": lambda a, m: np.all(a, where=m),
    "mean_where": lambda a, m: np.mean(a, where=m),
    "mean_axis_where": lambda a, m: a.mean(axis=1, where=m),
    "sum_of_number": lambda a, m: np.sum(3.0),
    "max_of_tuple": lambda a, m: np.max((1, 4, 2)),
    "var_of_tuple": lambda a, m: np.var((1, 4, 2)),
    "argmax_of_tuple": lambda a, m: np.argmax((1, 4, 2)),
    "contains": lambda a, m: (3.0 in a, 99 in a, 99 not in a, True in m),
}


@pytest.mark.core
@pytest.mark.parametrize("name", CASES)
def test_like_numpy(name):
    function = CASES[name]
    want, got = function(A, M), njit(function)(A, M)
    assert np.shape(got) == np.shape(want) and np.array_equal(got, want)


@pytest.mark.core
def test_out():
    def fill(a, m, total, high, running, place):
        np.sum(a, axis=(0, 1), out=total)
        np.max(a, axis=0, out=high)
        np.cumsum(a, axis=0, out=running)
        return np.argmax(a, axis=2, out=place)

    def outputs():
        return np.empty(4, np.float32), np.empty((3, 4)), np.empty((2, 3, 4)), np.empty((2, 3), np.int64)

    want, got = outputs(), outputs()
    fill(A, M, *want)
    last = njit(fill)(A, M, *got)
    for x, y in zip(want, got, strict=True):
        assert np.array_equal(x, y)
    assert np.array_equal(last, want[-1])


def test_where_without_identity_needs_initial():
    @njit
    def least(a, m):
        return np.min(a, where=m)

    with pytest.raises(
        Exception, match="does not have an identity, so to use a where mask one has to specify 'initial'"
    ):
        least(A, M)


@pytest.mark.core
@pytest.mark.parametrize("dtype", ["float32", "int16", "complex128", "uint64"])
def test_view(dtype):
    @njit
    def view(a):
        return a.view(dtype)

    for a in (A, A[:, 1:], A[0, 0]):
        want, got = a.view(dtype), view(a)
        assert got.dtype == want.dtype and got.shape == want.shape and got.tobytes() == want.tobytes()


def test_view_refuses_what_does_not_fit():
    @njit
    def view(a):
        return a.view(np.complex128)

    for a in (np.zeros(3), np.zeros((2, 4))[:, ::2]):
        with pytest.raises(ValueError) as want:
            view.py_func(a)
        with pytest.raises(ValueError) as got:
            view(a)
        assert str(got.value) == str(want.value)


@pytest.mark.parametrize(
    "arguments", ["", ", axis=0", ", axis=1", ", keepdims=True", ", axis=1, keepdims=True"]
)
@pytest.mark.parametrize("given", ["initial=2", "initial=-3, where=m"])
def test_initial_is_what_is_left_of_nothing(arguments, given):
    function = eval(f"lambda a, m: np.max(a{arguments}, {given})", {"np": np})
    compiled = njit(function)
    for shape in [(3, 4), (0, 4), (3, 0)]:
        a = np.random.default_rng(1).normal(size=shape)
        got, want = compiled(a, a > 0), function(a, a > 0)
        assert np.array_equal(got, want) and np.shape(got) == np.shape(want)


def test_running_sums_of_narrow_types():
    for a in (
        np.arange(-3, 9).reshape(3, 4),
        np.linspace(0, 30, 7),
        np.array([True, False, True]),
        np.zeros((0, 2)),
    ):
        for dtype in (np.bool_, np.int8, np.uint16, np.int32):
            for function in (np.cumsum, np.cumprod):
                for axis in (None, 0, -1):
                    want = function(a, axis, dtype)
                    got = njit(lambda a: function(a, axis, dtype))(a)
                    assert got.dtype == want.dtype
                    assert np.array_equal(got, want)
        assert np.array_equal(njit(lambda a: a.cumsum(dtype=bool))(a), a.cumsum(dtype=bool))


@pytest.mark.parametrize(
    "name", ["sum", "prod", "min", "max", "any", "mean", "std", "argmax", "argmin", "ptp"]
)
def test_out_has_the_shape_of_the_result(name):
    """An assignment would stretch axes of one element."""
    function = getattr(np, name)
    kind = {"any": bool, "argmax": np.intp, "argmin": np.intp}.get(name, float)
    compiled = njit(lambda a, out: function(a, axis=1, out=out))
    a = np.random.default_rng(3).normal(size=(4, 3, 1))
    for shape in ((4, 2), (2, 4, 1), (3, 1), (4,)):
        with pytest.raises(ValueError, match="output array does not match"):
            compiled(a, np.zeros(shape, kind))
    out = np.zeros((4, 1), kind)
    np.testing.assert_array_equal(compiled(a, out), function(a, axis=1))
