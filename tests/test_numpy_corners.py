"""Corners of NumPy's functions that the run over all of them (`numpy_coverage.py`) once found different."""

import numpy as np
import numpy_coverage
import pytest

from naja import errors, njit

NUMBER, FLAG = np.array(5.0), np.array(True)
HALVES = np.array([1.5, 2, 3], "f2")
SINGLES = np.array([1, -0.0, 3.5, 2, 7, 1, 2], "f4")
BOOLS = np.array([[True, False], [True, True]])
INTS = np.array([3, 5, 7, 1, 2], "i1")
LARGE = np.array([2**63 - 1, 5, 7])


def check(expression, a):
    function = eval(f"lambda a: {expression}", {"np": np})
    mine, theirs = a.copy(), a.copy()
    want = function(theirs)
    far, why = numpy_coverage.distance(want, njit(function)(mine))
    assert far == 0, why
    assert numpy_coverage.distance(theirs, mine)[0] == 0


@pytest.mark.core
@pytest.mark.parametrize("axis", ["0", "-1"])
@pytest.mark.parametrize(
    "call",
    "np.sum np.prod np.max np.min np.count_nonzero np.nansum np.ptp np.argmax np.argmin np.cumsum np.cumprod np.nancumsum "
    "np.add.reduce np.maximum.reduce np.hypot.reduce".split(),
)
def test_an_array_without_axes_has_axis_0_for_ufuncs(call, axis):
    check(f"{call}(a, axis={axis})", NUMBER)


@pytest.mark.parametrize("axis", [1, -2])
@pytest.mark.parametrize("call", ["np.sum", "np.argmax", "np.cumsum"])
def test_it_has_no_other_axis(call, axis):
    with pytest.raises(Exception, match="out of bounds for array of dimension 0"):
        njit(eval(f"lambda a: {call}(a, axis={axis})", {"np": np}))(NUMBER)


@pytest.mark.parametrize(
    "expression, a",
    [
        ("np.all(a, axis=0)", FLAG),
        ("np.all(a, axis=0, out=np.array(False))", FLAG),
        ("np.sum(a, axis=-1, keepdims=True)", NUMBER),
        ("np.cumsum(a, axis=0, out=np.ones(1))", NUMBER),
        ("np.argmax(a, axis=0, out=np.array(0))", NUMBER),
        ("a.argmax(axis=0, keepdims=True)", NUMBER),
        ("np.fmin.reduce(a, initial=3)", NUMBER),
        ("np.array_equiv(a, a)", NUMBER),
        ("np.may_share_memory(a, a)", NUMBER),
        ("np.may_share_memory(a, np.ones(3))", NUMBER),
        ("np.digitize(a, np.arange(9.0))", NUMBER),
        ("np.digitize(a, np.arange(9.0)[::-1])", NUMBER),
        ("np.polyval(np.arange(4.0), a)", NUMBER),
        ("np.flip(a)", NUMBER),
        ("np.pad(a, 1)", NUMBER),
        ("np.diff(a, 0)", NUMBER),
        ("np.sinc(a)", NUMBER),
        ("np.gradient(a)", NUMBER),
        ("np.take(a, 0, axis=-1)", NUMBER),
        ("np.take(a, (0, 0), axis=0)", NUMBER),
        ("np.compress([True], a, axis=0)", NUMBER),
        ("np.argpartition(a, 0, axis=None)", NUMBER),
        ("np.searchsorted(np.arange(9.0), a)", NUMBER),
        ("np.searchsorted(np.arange(9.0), a, 'right', np.arange(9))", NUMBER),
        ("np.apply_over_axes(np.sum, a, (0,))", NUMBER),
        ("np.require(a, np.float32, ('C',))", NUMBER),
        ("np.cumulative_sum(a, axis=-1, dtype=np.float32)", NUMBER),
        ("np.cumulative_prod(a, include_initial=True)", NUMBER),
        ("np.piecewise(a, [a < 1, a >= 1], [-1, 1])", NUMBER),
        ("np.piecewise(a, (a < 1,), (-1, 7))", NUMBER),
        ("np.hypot.reduce(a)", np.array(-0.0)),
        ("np.logaddexp.reduce(a)", np.array(-0.0)),
    ],
)
def test_arrays_without_axes(expression, a):
    check(expression, a)


@pytest.mark.parametrize(
    "expression, a",
    [
        ("np.sum(a, axis=0)", HALVES),
        ("np.sum(a, axis=0, keepdims=True)", HALVES),
        ("np.apply_over_axes(np.sum, a, (0,))", HALVES),
        ("np.around(a)", FLAG),
        ("np.around(a)", BOOLS),
        ("np.round(a)", BOOLS),
        ("np.arctan2(a, 2)", BOOLS),
        ("np.hypot(2, a)", BOOLS),
        ("np.arctan2(a, np.int8(2))", BOOLS),
        ("np.einsum('ij->i', a)", BOOLS),
        ("np.einsum('ij,jk->ik', a, a)", BOOLS),
        ("np.einsum('ii', a)", BOOLS),
        ("np.count_nonzero(a, axis=0)", HALVES),
        ("np.count_nonzero(a[None], axis=1, keepdims=True)", HALVES),
        ("np.count_nonzero(a)", HALVES.astype("m8[s]")),
        ("np.histogram(a, 3, weights=a > 1)", SINGLES),
        ("np.histogram(a, 3)", HALVES),
        ("np.histogram2d(a, a[::-1], 3)", SINGLES),
        ("np.histogram2d(a, a, 3)", LARGE),
        ("np.interp(a, (0.0, 1.0, 2.0), (3.0, 2.0, 0.0), period=3.0)", SINGLES),
        ("np.linspace(1j, a[0], 3)", SINGLES.astype("c16")),
        ("np.linspace(1j, a[0], 3, endpoint=False)", SINGLES.astype("c16")),
        ("np.linspace(a[0], a[1], 4)", HALVES),
        ("np.linspace(a[0], a[1], 4, endpoint=False)", SINGLES),
        ("np.linspace(a[0], a[2], 4, dtype=np.int32)", SINGLES),
        ("np.linspace(a[0], a[2], 1)", SINGLES),
        ("np.linspace(a[0], a[0], 3)", SINGLES),
        ("np.outer(a, a)", HALVES / 3),
        ("np.correlate(a, a[::-1], 'full')", HALVES / 3),
        ("np.convolve(a, a)", HALVES / 3),
        ("np.sinc(a)", HALVES / 3),
        ("np.sinc(a - a)", HALVES),
        ("np.histogram2d(a, a[::-1], 3)", HALVES / 3),
        ("np.unwrap(a)", np.array([3, -32768, 32767, 0], "i2")),
        ("np.logical_and.accumulate(a)", SINGLES.astype("c8")),
        ("np.logical_or.accumulate(a.reshape(1, 7), axis=-1)", SINGLES.astype("c8")),
        ("np.hypot.reduce(a)", np.array([-0.0])),
        ("np.logaddexp2.reduce(a.reshape(1, 3), axis=0)", -np.zeros(3)),
        ("np.real_if_close(a)", SINGLES + 1j),
    ],
)
def test_types_of_results(expression, a):
    check(expression, a)


@pytest.mark.parametrize(
    "expression, a",
    [
        ("np.polyadd(a, a[:3])", SINGLES),
        ("np.polyadd(a[:2], a)", SINGLES),
        ("np.polysub(a, a[:3])", SINGLES),
        ("np.polyint(a)", SINGLES),
        ("np.polyint(a, 2)", HALVES),
        ("np.poly(a)", HALVES),
        ("np.polydiv(a, a[::-1][:4])", SINGLES),
        ("np.polydiv(a, a[:3])", INTS),
    ],
)
def test_polynomials(expression, a):
    check(expression, a)


@pytest.mark.core
def test_arange_of_large_integers_counts_exactly():
    top = 2**63 - 1
    between = njit(lambda a, b, step: np.arange(a, b, step))
    cases = [
        (-top - 1, -top + 500, 1),
        (top - 519, top, 1),
        (top - 3, top, 2),
        (-top - 1, top, 2**62 - 1),
        (top, top - 5, -2),
        (5, -20, -3),
        (3, 3, 1),
        (5, 3, 1),
    ]
    for case in cases:
        assert np.array_equal(between(*case), np.arange(*case)), case
    with pytest.raises(ValueError, match="Maximum allowed size exceeded"):
        between(-top - 1, top, 1)
    with pytest.raises(ZeroDivisionError):
        between(0, 5, 0)


@pytest.mark.parametrize("name", ["power", "float_power"])
def test_complex_powers_have_numpys_special_cases(name):
    special = [0j, complex(0, -0.0), 1 + 0j, 2 + 0j, 3 + 0j, -2 + 0j, 0.5 + 0j, 1 + 4j, -1 + 1j, 1j, 2 - 3j]
    special += [complex(np.inf, 0), complex(-np.inf, 2), complex(np.nan, 1), complex(0, np.inf), 1e300 + 1j]
    x, y = (np.ascontiguousarray(part) for part in np.meshgrid(special, special))
    power = getattr(np, name)
    with np.errstate(all="ignore"):
        want = power(x, y)
    got = njit(lambda x, y: power(x, y))(x, y)
    assert want.tobytes() == got.tobytes() or list(map(repr, want.flat)) == list(map(repr, got.flat))


@pytest.mark.parametrize("name", ["spacing", "nextafter"])
def test_neighbours_of_halves(name):
    halves = np.arange(65536, dtype="u2").view("f2")
    function = getattr(np, name)
    with np.errstate(all="ignore"):
        if name == "spacing":
            want, got = function(halves), njit(lambda x: function(x))(halves)
        else:
            others = np.concatenate((halves[::-1][:65530], halves[:6]))
            want, got = function(halves, others), njit(lambda x, y: function(x, y))(halves, others)
    assert numpy_coverage.distance(want, got)[0] == 0


@pytest.mark.parametrize("dtype", ["c8", "c16"])
@pytest.mark.parametrize("name", ["sign", "reciprocal"])
def test_complex_signs_and_reciprocals(name, dtype):
    parts = [0.0, -0.0, 1.0, -2.5, np.inf, -np.inf, np.nan, 1e30]
    x = np.array([complex(re, im) for re in parts for im in parts], dtype)
    function = getattr(np, name)
    with np.errstate(all="ignore"):
        want = function(x)
    got = njit(lambda x: function(x))(x)
    for part in (np.real, np.imag):
        assert numpy_coverage.distance(part(want).copy(), part(got).copy())[0] == 0


def test_arrays_of_too_many_dimensions_are_refused():
    a = np.ones((1,) * 33)
    with pytest.raises(
        errors.TypingError, match="at most 32 dimensions in compiled code, and this one has 33"
    ):
        njit(lambda a: a.sum())(a)
    for text in ("np.expand_dims(a, 0)", "a[None]", "np.stack((a, a))"):
        with pytest.raises(errors.TypingError, match=r"number of dimensions must be within \[0, 32\]"):
            njit(bridge="error")(eval(f"lambda a: {text}", {"np": np}))(a[0])
    assert njit(lambda a: a.sum())(a[0]) == 1


@pytest.mark.parametrize("power", range(8))
def test_powers_of_matrices_multiply_as_numpy(power):
    finite = np.arange(9.0).reshape(3, 3) / 7
    infinite = np.array([[np.inf, 1.0], [1.0, 2.0]])
    for a in (finite, infinite, BOOLS, BOOLS.astype("i8")):
        want = np.linalg.matrix_power(a, power)
        got = njit(lambda a, n: np.linalg.matrix_power(a, n))(a, power)
        assert got.dtype == want.dtype
        np.testing.assert_allclose(got, want, 1e-14)


@pytest.mark.parametrize("order", [0, 1, 2, 3, np.inf])
def test_norms_along_the_only_axis(order):
    want = np.linalg.vector_norm(SINGLES, axis=0, ord=order)
    got = njit(lambda x: np.linalg.vector_norm(x, axis=0, ord=order))(SINGLES)
    np.testing.assert_allclose(got, want, 1e-6)


@pytest.mark.parametrize("name", ["concatenate", "stack"])
def test_joins_take_out_or_dtype(name):
    join = getattr(np, name)
    with pytest.raises(errors.TypingError, match=f"{name}\\(\\) only takes `out` or `dtype` as an argument"):
        njit(lambda a, out: join((a, a), out=out, dtype=np.float64))(SINGLES, np.empty(14))
