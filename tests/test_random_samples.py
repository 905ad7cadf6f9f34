"""Generator.choice, permuted, multinomial, dirichlet and the multivariate methods: NumPy's own streams."""

import numpy as np
import pytest
from differential import same_arrays

from naja import _core, njit
from naja.errors import NajaPerformanceWarning, TypingError

A = np.arange(12.0).reshape(3, 4)
V = np.array([3.0, 1.0, 2.0, 5.0, 4.0, 1.0])
P = np.array([0.1, 0.2, 0.3, 0.1, 0.2, 0.1])
COV = np.array([[2.0, 0.3], [0.3, 1.0]])


CASES = {
    "choice": lambda r: (r.choice(5), r.choice(V, 3), r.choice(V, 3, replace=False), r.choice([1, 2, 3], (2, 2))),
    "choice_floyd": lambda r: (r.choice(1000, 100, replace=False), r.choice(1000, 100, replace=False, shuffle=False)),
    "choice_tail": lambda r: (r.choice(20000, 3000, replace=False), r.choice(20000, 5, replace=False)),
    "choice_weighted": lambda r: (r.choice(V, 3, p=P), r.choice(6, (2, 2), p=P, replace=False), r.choice(V, p=P)),
    "choice_axis": lambda r: (r.choice(A, 2, axis=1), r.choice(A, axis=1), r.choice(A, (2, 2)), r.choice(A, 0)),
    "permuted": lambda r: (r.permuted(A, axis=1, out=np.empty((3, 4))), r.permuted(A), r.permuted(A, axis=0), r.permuted(V)),
    "bytes": lambda r: (r.bytes(0), r.bytes(7), r.random(), r.bytes(8)),
    "multinomial": lambda r: (r.multinomial(10, P), r.multinomial(10, [0.2, 0.3, 0.5], size=(2, 2)), r.multinomial(0, P)),
    "dirichlet": lambda r: (r.dirichlet([1.0, 2.0, 3.0]), r.dirichlet(V, 4), r.dirichlet([0.01, 0.02, 0.03], 4)),
    "hypergeometric": lambda r: (r.multivariate_hypergeometric([3, 4, 5], 2), r.multivariate_hypergeometric((3, 4, 5), 10, 3)),
    "multivariate_normal": lambda r: (
        r.multivariate_normal(np.zeros(2), COV),
        r.multivariate_normal([0, 1], COV, size=3),
        r.multivariate_normal(np.zeros(2), COV, (2, 2), method="cholesky"),
        r.multivariate_normal(np.zeros(2), COV, method="eigh"),
    ),
    "arrays_of_parameters": lambda r: (
        r.normal(V, 1.0), r.normal(A, V[:4]), r.normal(1.0, V[:4], size=(2, 4)), r.poisson(V), r.binomial(np.arange(4), 0.3),
        r.gamma(V, 2.0), r.hypergeometric(np.arange(3), 4, 2), r.uniform(V, V + 1),
    ),
}  # fmt: skip


@pytest.mark.core
@pytest.mark.parametrize("name", CASES)
def test_streams(name):
    mine, theirs = np.random.default_rng(7), np.random.default_rng(7)
    compiled = njit(bridge="error")(CASES[name])
    want = CASES[name](mine)
    blocks = _core.block_count()
    got = compiled(theirs)
    assert same_arrays(want, got), (want, got)
    assert mine.random() == theirs.random()
    del got
    assert _core.block_count() == blocks


def test_arrays_of_parameters_of_np_random():
    def draw(seed, v):
        np.random.seed(seed)
        return np.random.normal(v, 1.0), np.random.poisson(v, (2, 6)), np.random.beta(v, 0.5)

    assert same_arrays(draw(3, V), njit(draw)(3, V))


ERRORS = {
    "Cannot take a larger sample": lambda r: r.choice(3, 5, replace=False),
    "Fewer non-zero entries": lambda r: r.choice(2, 2, p=np.array([1.0, 0.0]), replace=False),
    "probabilities do not sum to 1": lambda r: r.choice(2, 2, p=np.array([0.2, 0.2])),
    "unless no samples are taken": lambda r: r.choice(0, 2),
    "n < 0": lambda r: r.multinomial(-1, P),
    "alpha < 0": lambda r: r.dirichlet([-1.0, 2.0]),
    "nsample > sum": lambda r: r.multivariate_hypergeometric([1, 2], 9),
    "mean and cov must have same length": lambda r: r.multivariate_normal(np.zeros(3), COV),
    "scale < 0": lambda r: r.normal(0.0, np.array([1.0, -1.0])),
}


@pytest.mark.parametrize("message", ERRORS)
def test_errors(message):
    rng, untouched = np.random.default_rng(1), np.random.default_rng(1)
    with pytest.raises(ValueError, match=message):
        njit(ERRORS[message])(rng)
    if message in ("scale < 0", "n < 0"):
        assert rng.random() == untouched.random()


def test_typing_errors():
    with pytest.raises(TypingError, match="a real number or an array of them"):
        njit(lambda r: r.normal("a"))(np.random.default_rng(1))
    with pytest.raises(TypingError, match='has the method "marginals" only'):
        njit(lambda r: r.multivariate_hypergeometric([1], 1, method="count"))(np.random.default_rng(1))


def test_children():
    def draw(r):
        first, second = r.spawn(2)
        return first.random(), second.integers(100), r.random()

    mine, theirs = np.random.default_rng(7), np.random.default_rng(7)
    with pytest.warns(NajaPerformanceWarning, match=r"numpy.random.Generator.spawn\(\)"):
        assert njit(draw)(theirs) == draw(mine)
