"""Splines, interp1d and sparse matrices of SciPy, whose numbers compiled code reads without the interpreter."""

import gc
import os
import subprocess
import sys

import numpy as np
import pytest

from naja import _core, njit, types
from naja.errors import TypingError

pytest.importorskip("scipy")
from scipy import interpolate, sparse  # noqa: E402

X = np.array([0.0, 0.5, 1.5, 2.0, 3.5, 4.0])
Y = np.array([1.0, -0.5, 2.0, 0.25, 0.0, 3.0])
AT = np.array([-1.0, 0.0, 0.25, 0.5, 1.9, 2.0, 3.999, 4.0, 5.0, np.nan, np.inf, -np.inf])
SPLINES = {
    "cubic": interpolate.CubicSpline(X, Y),
    "clamped": interpolate.CubicSpline(X, Y, bc_type="clamped", extrapolate=False),
    "pchip": interpolate.PchipInterpolator(X, Y),
    "akima": interpolate.Akima1DInterpolator(X, Y),
    "hermite": interpolate.CubicHermiteSpline(X, Y, np.ones(6)),
    "pieces": interpolate.PPoly(np.arange(12.0).reshape(3, 4), X[:5]),
    "derivative": interpolate.CubicSpline(X, Y).derivative(),
}
RNG = np.random.default_rng(3)
DENSE = np.where(RNG.random((5, 7)) < 0.4, RNG.integers(1, 9, (5, 7)), 0)
FORMATS = (sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array, sparse.csc_array)


@pytest.mark.core
@pytest.mark.parametrize("name", SPLINES)
def test_piecewise_polynomials(name):
    spline = SPLINES[name]
    evaluate = njit(bridge="error")(lambda s, x: s(x))
    derive = njit(bridge="error")(lambda s, x, nu: s(x, nu))
    finite = AT[np.isfinite(AT) | np.isnan(AT)]
    for at in (
        finite,
        finite[::-1],
        finite.reshape(2, 5),
        finite[:0],
        np.arange(5),
        finite.astype(np.float32),
    ):
        assert np.array_equal(spline(at), evaluate(spline, at), equal_nan=True)
    for at in finite.tolist():
        got = evaluate(spline, at)
        assert type(got) is float and np.array_equal(spline(at), got, equal_nan=True)
    for nu in range(5):
        assert np.array_equal(spline(finite, nu), derive(spline, finite, nu), equal_nan=True)
    with pytest.raises(ValueError, match="Order of derivative cannot be negative"):
        derive(spline, 0.5, -1)


def test_points_joined_by_lines():
    line = interpolate.interp1d(X, Y)
    evaluate = njit(bridge="error")(lambda s, x: s(x))
    inside = np.linspace(0, 4, 23)
    for at in (inside, inside[::-2], inside.reshape(1, 23), np.arange(5), inside[:0]):
        assert np.array_equal(line(at), evaluate(line, at))
    assert [evaluate(line, at) for at in inside.tolist()] == line(inside).tolist()
    for outside, word in ((-0.1, "below"), (4.1, "above")):
        with pytest.raises(ValueError, match=f"is {word} the interpolation range's m..imum value"):
            evaluate(line, outside)
        with pytest.raises(ValueError, match=word):
            evaluate(line, np.array([1.0, outside]))


@pytest.mark.core
@pytest.mark.parametrize("make", FORMATS)
@pytest.mark.parametrize("dtype", ["f8", "f4", "c16", "i4", "i8"])
def test_sparse_products(make, dtype):
    matrix = make(DENSE.astype(dtype))
    multiply = njit(bridge="error")(lambda m, v: (m @ v, m.dot(v)))
    for kind in ("f8", "f4", "c8", "i2"):
        vector, wide = np.arange(7).astype(kind), RNG.integers(0, 9, (7, 3)).astype(kind)
        for operand in (vector, vector[::-1], wide, np.asfortranarray(wide), wide[:, :0]):
            for want, got in zip(
                (matrix @ operand, matrix.dot(operand)), multiply(matrix, operand), strict=True
            ):
                assert want.dtype == got.dtype and want.shape == got.shape
                assert np.allclose(want, got, rtol=1e-6 if want.dtype.char in "fF" else 1e-14)
    with pytest.raises(ValueError, match="dimension mismatch"):
        multiply(matrix, np.ones(5))


def test_parts_of_sparse_matrices():
    def row_sums(m):
        out = np.zeros(m.shape[0])
        for i in range(m.shape[0]):
            for k in range(m.indptr[i], m.indptr[i + 1]):
                out[i] += m.data[k] * (m.indices[k] + 1)
        m.data[:] = 1
        return out

    ours, theirs = sparse.csr_matrix(DENSE * 1.0), sparse.csr_matrix(DENSE * 1.0)
    assert np.array_equal(row_sums(theirs), njit(bridge="error")(row_sums)(ours))
    assert (ours != theirs).nnz == 0 and ours.data.max() == 1


@pytest.mark.filterwarnings("ignore::naja.errors.NajaPerformanceWarning")
def test_what_the_object_does():
    spline, matrix = SPLINES["cubic"], sparse.csr_matrix(DENSE * 1.0)
    v = np.arange(7.0)

    def with_splines(s):
        return s.derivative()(1.0), s.roots(), s.integrate(0.5, 1.0), s(1.0, extrapolate=False)

    def with_matrices(m, v):
        return (m * 2.0) @ v, m[1, 2], m.T @ np.ones(5), m.nnz, (m + m).toarray(), (-m).sum(), m.sum(axis=0)

    for function, args in ((with_splines, (spline,)), (with_matrices, (matrix, v))):
        compiled = njit(function)
        for want, got in zip(function(*args), compiled(*args), strict=True):
            assert np.allclose(want, got, rtol=1e-13)


@pytest.mark.core
@pytest.mark.filterwarnings("ignore::naja.errors.NajaPerformanceWarning")
def test_made_inside():
    @njit
    def interpolate_each(x, y, at):
        total = 0.0
        for i in range(3):
            spline = interpolate.CubicSpline(x, y + i)
            for value in at:
                total += spline(value)
        return total

    at = np.linspace(0, 4, 9)
    assert np.isclose(interpolate_each(X, Y, at), interpolate_each.py_func(X, Y, at), rtol=1e-14)

    @njit
    def diagonal(n, v):
        matrix = sparse.csr_matrix((np.full(n, 2.0), np.arange(n), np.arange(n + 1)), shape=(n, n))
        return matrix @ v, matrix

    product, matrix = diagonal(4, np.arange(4.0))
    assert product.tolist() == [0, 2, 4, 6] and type(matrix) is sparse.csr_matrix
    assert np.array_equal(matrix.toarray(), 2 * np.eye(4))


@pytest.mark.filterwarnings("ignore::naja.errors.NajaPerformanceWarning")
def test_identity_and_memory():
    same, keep = njit(lambda s: s), njit(lambda x, y: interpolate.CubicSpline(x, y))
    assert same(SPLINES["pchip"]) is SPLINES["pchip"]
    keep(X, Y)
    gc.collect()
    blocks, count = _core.block_count(), sys.getrefcount(SPLINES["pchip"].c)
    for _ in range(5):
        same(SPLINES["pchip"])
        keep(X, Y)
    gc.collect()
    after = sys.getrefcount(SPLINES["pchip"].c)
    assert (_core.block_count(), after) == (blocks, count)


def test_types():
    t = types.typeof(SPLINES["cubic"])
    assert t is types.typeof(interpolate.CubicSpline(X, 2 * Y)) and "CubicSpline" in str(t)
    # what compiled code does not evaluate by itself stays the interpreter's
    for other in (
        interpolate.CubicSpline(X, np.stack([Y, Y], axis=1)),
        interpolate.CubicSpline(X, np.append(Y[:-1], Y[0]), bc_type="periodic"),
        interpolate.interp1d(X, Y, kind="cubic"),
        interpolate.interp1d(X, Y, fill_value="extrapolate"),
        sparse.coo_matrix(DENSE),
    ):
        assert types.typeof(other).kind == "PYOBJECT"
    with pytest.raises(TypingError, match="can only be called through the interpreter"):
        njit(bridge="error")(lambda s: s.roots())(SPLINES["cubic"])


PROGRAM = """
import numpy as np
from scipy import interpolate
from naja import njit

@njit(cache=True)
def f(s, x):
    return s(x)

print(f(interpolate.CubicSpline(np.arange(4.0), np.arange(4.0)), 1.5))
"""


def test_in_a_fresh_process(tmp_path):
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    env = {**os.environ, "NAJA_CACHE_DIR": str(tmp_path / "cache")}
    for _ in range(2):
        run = subprocess.run([sys.executable, path], env=env, capture_output=True, text=True)
        assert run.stdout.strip() == "1.5", run.stderr
