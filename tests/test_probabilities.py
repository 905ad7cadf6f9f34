"""Distributions of scipy.stats in compiled code, against SciPy's own methods."""

import numpy as np
import pytest

from naja import _core, njit
from naja.errors import TypingError

stats = pytest.importorskip("scipy.stats")

from naja.library import probabilities  # noqa: E402

# Shape parameters: good ones, and some that are none.
SHAPES = {
    "norm": [()], "uniform": [()], "expon": [()], "laplace": [()], "logistic": [()], "cauchy": [()], "rayleigh": [()],
    "gumbel_r": [()], "halfnorm": [()],
    "gamma": [(2.0,), (0.3,), (0.0,)], "beta": [(2.0, 3.0), (0.5, 0.5), (1.0, -1.0)], "t": [(1.0,), (10.0,), (0.0,)],
    "chi2": [(1.0,), (4.5,), (-1.0,)], "f": [(3.0, 4.0), (10.0, 1.5), (0.0, 1.0)], "lognorm": [(0.5,), (2.0,), (0.0,)],
    "weibull_min": [(1.5,), (0.7,), (-1.0,)], "pareto": [(2.0,), (0.5,), (0.0,)],
    "poisson": [(2.5,), (0.0,), (-1.0,)], "binom": [(10.0, 0.4), (1.0, 0.0), (2.5, 0.5), (3.0, 1.5)],
    "bernoulli": [(0.3,), (1.5,)], "geom": [(0.25,), (1.0,), (0.0,)],
}  # fmt: skip
CONTINUOUS = ("pdf", "logpdf", "cdf", "logcdf", "sf", "logsf", "ppf", "isf")
SMALL = dict.fromkeys(("logcdf", "logsf"), 1e-14)  # logarithms of numbers near one
DISCRETE = ("pmf", "logpmf", "cdf", "logcdf", "sf", "logsf")
X = np.array([-np.inf, -3.0, -1.0, -0.0, 0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 7.0, 11.0, 40.0, np.inf, np.nan])
Q = np.array([-1.0, 0.0, 1e-9, 0.1, 0.5, 0.7, 1 - 1e-9, 1.0, 2.0, np.nan])


def compiled(distribution, method, nshapes):
    """The method as a compiled function of the variable, the shapes, loc and scale."""
    space = {"d": distribution}
    shapes = "".join(f", s{i}" for i in range(nshapes))
    exec(f"def f(x{shapes}, *where): return d.{method}(x{shapes}, *where)", space)
    return njit(bridge="error")(space["f"])


def cases():
    for name, rows in SHAPES.items():
        for method in DISCRETE if name in probabilities.DISCRETE else CONTINUOUS:
            yield name, method, rows


@pytest.mark.core
def test_every_row_is_tested():
    assert set(SHAPES) == {*probabilities.CONTINUOUS, *probabilities.DISCRETE}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("name", "method", "rows"), list(cases()), ids=lambda v: v if isinstance(v, str) else ""
)
def test_against_scipy(name, method, rows):
    distribution = getattr(stats, name)
    f = compiled(distribution, method, len(rows[0]))
    x = Q if method in ("ppf", "isf") else X
    if method in ("pdf", "logpdf"):
        x = x[~np.isinf(x)]  # SciPy's answers there are 0 or nan, by distribution; ours are 0
    for shapes in rows:
        for where in (
            ((), (0.5,), (1.0, 2.0), (0.0, -1.0)) if name in probabilities.CONTINUOUS else ((), (2.0,))
        ):
            want = getattr(distribution, method)(x, *shapes, *where)
            if method == "logcdf" and name in probabilities.DISCRETE and np.isnan(want[0]):
                continue  # SciPy gives 0 above the support, whatever the parameters are
            got = f(x, *shapes, *where)
            assert got.dtype == np.float64
            assert np.allclose(want, got, rtol=1e-11, atol=SMALL.get(method, 1e-300), equal_nan=True), (
                shapes,
                where,
                want,
                got,
            )
            assert np.array_equal(got, np.array([f(v, *shapes, *where) for v in x.tolist()]), equal_nan=True)


@pytest.mark.core
def test_keywords_broadcasting_and_numbers_of_all_kinds():
    def work(x, column):
        return (
            stats.norm.pdf(x, scale=2.0, loc=column),
            stats.gamma.cdf(x, a=2),
            stats.norm.cdf(1),
            stats.norm.cdf(np.float32(0.25)),
            stats.t.ppf(0.975, df=np.arange(1, 4)),
            stats.poisson.pmf(np.arange(5), 2),
        )

    x, column = np.linspace(-1, 3, 5), np.array([[0.0], [1.0]])
    want = work(x, column)
    blocks = _core.block_count()
    got = njit(bridge="error")(work)(x, column)
    for a, b in zip(want, got, strict=True):
        assert np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-12)
    del got, a, b
    assert _core.block_count() == blocks


def test_what_is_refused():
    with pytest.raises(TypingError, match="scipy.stats.norm.pdf: Argument x is not one of the expected"):
        njit(lambda: stats.norm.pdf("a"))()
    with pytest.raises(TypingError):
        njit(lambda x: stats.gamma.pdf(x))(1.0)
    with pytest.raises(ValueError, match="broadcast"):
        njit(lambda x, y: stats.norm.pdf(x, y))(np.ones(3), np.ones(2))


def test_distributions_of_the_programs_own_are_not_ours():
    class Own(type(stats.norm)):
        def _pdf(self, x):
            return 0.25 + 0 * x

    own = Own(name="norm")
    assert probabilities.candidates(own, "pdf") == []
    assert probabilities.candidates(stats.norm, "fit") == []
