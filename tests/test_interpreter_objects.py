"""Objects of SciPy's and NumPy's classes that only the interpreter knows: passed, made inside, and what is done with them."""

import gc
import weakref

import numpy as np
import pytest

from naja import _core, njit, types
from naja.errors import NajaPerformanceWarning, TypingError

pytest.importorskip("scipy")
import scipy.integrate  # noqa: E402
import scipy.interpolate  # noqa: E402
import scipy.optimize  # noqa: E402
import scipy.sparse  # noqa: E402
import scipy.spatial  # noqa: E402
import scipy.stats  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::naja.errors.NajaPerformanceWarning")

A = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]])
B = np.array([1.0, 2.0, 3.0])
X = np.linspace(0.1, 3.0, 7)
Y = np.sin(X)
POINTS = np.random.default_rng(0).random((12, 2))
SPARSE = scipy.sparse.csr_matrix(A)

# What a program does, and its arguments.
CASES = {
    "tree_passed": (lambda tree, b: tree.query(b), scipy.spatial.cKDTree(A), B),
    "tree_made": (lambda a, b: scipy.spatial.cKDTree(a).query(b), A, B),
    "attribute": (lambda tree: tree.n + tree.data[0, 1], scipy.spatial.cKDTree(A)),
    "spline_made": (lambda x, y: scipy.interpolate.UnivariateSpline(x, y)(x), X, Y),
    "spline_keywords": (lambda x, y: scipy.interpolate.make_interp_spline(x, y, k=1)(x, nu=1), X, Y),
    "spline_passed": (lambda s, x: s(x, 1), scipy.interpolate.BSpline(np.arange(9.0), np.ones(5), 3), X + 3),
    "grid": (
        lambda x, y, at: scipy.interpolate.RegularGridInterpolator((x, x), np.outer(y, y))(at),
        X, Y, np.array([[0.5, 0.5], [1.0, 2.0]]),
    ),
    "sparse": (lambda m, b: (m @ b, m.T @ b, m.toarray(), m[1, 1], (m * 2.0) @ b, m.sum(), m.nnz), SPARSE, B),
    "sparse_global": (lambda b: SPARSE @ b, B),
    "sparse_made": (lambda d, i, p, b: scipy.sparse.csr_matrix((d, i, p)) @ b, SPARSE.data, SPARSE.indices, SPARSE.indptr, B),
    "minimize_scalar": (lambda c: scipy.optimize.minimize_scalar(lambda t: t * t - c * t).x, 2.0),
    "minimize": (lambda x: scipy.optimize.minimize(lambda p: (p[0] - 1) ** 2 + p[1] ** 2, x).success, np.array([0.5, 0.5])),
    "solve_ivp": (lambda y: scipy.integrate.solve_ivp(lambda t, y: -y, (0, 1), y).y[0, -1], B),
    "curve_fit": (lambda x, y: scipy.optimize.curve_fit(lambda x, a, b: a * x + b, x, y)[0], X, Y),
    "frozen": (lambda x: scipy.stats.norm(0.5, 2.0).pdf(x), X),
    "result": (lambda x, y: scipy.stats.ttest_ind(x, y).pvalue, X, Y),
    "hull": (lambda points: scipy.spatial.ConvexHull(points).vertices.sum(), POINTS),
    "poly1d": (lambda c: (np.poly1d(c)(2.0), np.poly1d(c).order), B),
}  # fmt: skip


def same(x, y):
    if isinstance(x, tuple):
        return len(x) == len(y) and all(map(same, x, y))
    return np.allclose(x, y, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_programs(name):
    function, *args = CASES[name]
    want = function(*args)
    compiled = njit(function)
    compiled(*args)
    gc.collect()
    blocks = _core.block_count()
    got = compiled(*args)
    assert same(want, got), (want, got)
    del got
    gc.collect()
    assert _core.block_count() == blocks


@pytest.mark.core
def test_variables_lists_and_results():
    @njit
    def choose(a, b, n):
        tree = scipy.spatial.cKDTree(a)
        trees = [tree]
        for i in range(n):
            tree = scipy.spatial.cKDTree(a + i)
            trees.append(tree)
        return tree, len(trees), trees[1].query(b)[0]

    tree, n, distance = choose(A, B, 3)
    assert isinstance(tree, scipy.spatial.cKDTree) and n == 4
    assert np.array_equal(tree.data, A + 2)
    assert distance == scipy.spatial.cKDTree(A).query(B)[0]


def test_objects_are_passed_on_and_not_kept():
    @njit
    def same_object(value):
        return value

    for _ in range(2):
        matrix = scipy.sparse.csr_matrix(A)
        assert same_object(matrix) is matrix
        gone = weakref.ref(matrix)
        del matrix
        gc.collect()
        assert gone() is None


def test_trials_work_on_copies():
    """Finding out the type of a result does not change what the program passed."""

    @njit
    def change(matrix, value):
        matrix.setdiag(value)
        return matrix.diagonal()

    matrix = scipy.sparse.csr_matrix(A)
    assert np.array_equal(change(matrix, 7.0), np.full(3, 7.0))
    other = scipy.sparse.csr_matrix(A)
    njit(lambda m, value: m.setdiag(value) if value > 100 else None)(other, 1.0)
    assert np.array_equal(other.toarray(), A)


def test_types_say_the_class():
    tree, other = scipy.spatial.cKDTree(A), scipy.sparse.coo_matrix(A)
    t = types.typeof(tree)
    assert str(t) == "scipy.spatial._ckdtree.cKDTree" and t is types.typeof(scipy.spatial.cKDTree(2 * A))
    assert t is not types.typeof(other) and t.kind == types.typeof(other).kind == "PYOBJECT"
    f = njit(lambda value: value.size)
    assert f(tree) == tree.size and f(other) == other.size
    assert len(f.signatures) == 2


def test_the_cost_is_said():
    with pytest.warns(NajaPerformanceWarning, match=r"object.query\(\) .* at line"):
        njit(lambda tree, b: tree.query(b))(scipy.spatial.cKDTree(A), B)
    with pytest.raises(TypingError, match="can only be called through the interpreter"):
        njit(bridge="error")(lambda tree, b: tree.query(b))(scipy.spatial.cKDTree(A), B)


def test_what_is_refused():
    with pytest.raises(TypingError, match="Unknown attribute 'nothing'|has no attribute 'nothing'"):
        njit(lambda m: m.nothing)(SPARSE)
    with pytest.raises(TypingError, match="not callable"):
        njit(lambda m: m(1))(SPARSE)
    with pytest.raises(ValueError, match="x must consist of vectors of length 3"):
        njit(lambda tree, b: tree.query(b))(scipy.spatial.cKDTree(A), np.zeros(5))

    class Own:
        pass

    with pytest.raises(TypingError, match="cannot determine the type of a value"):
        njit(lambda x: x)(Own())


def test_items_of_objects_are_assigned():
    def assign(p):
        p[3] = 2.5
        p[0] = 1
        return p.coeffs

    np.testing.assert_array_equal(njit(assign)(np.poly1d([1.0, 2.0])), assign(np.poly1d([1.0, 2.0])))
