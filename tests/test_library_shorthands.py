"""Functions that NumPy writes in terms of others, compared with NumPy; and that the interpreter does not do them."""

import re
import warnings

import numpy as np
import pytest
from arrays import check, layouts, values

from naja import njit
from naja.errors import NajaPerformanceWarning

EXPRESSIONS = [
    "np.asanyarray(a)",
    "np.asanyarray(a, np.float32)",
    "np.asarray_chkfinite(a)",
    "np.astype(a, np.complex128)",
    "np.astype(a, np.float32, copy=False)",
    "np.require(a, np.float64, 'C')",
    "np.copy(a.size)",
    "np.ravel(a.size)",
    "np.real_if_close(a)",
    "np.sort_complex(a)",
    "np.atleast_1d(a, 2.5)",
    "np.broadcast_arrays(a, 2.5)[1].copy()",
    "np.zeros_like(a, shape=(2, 3))",
    "np.ones_like(a, dtype=np.int8, shape=4)",
    "np.full_like(a, 7, shape=(2, 3))",
    "np.empty_like(a, shape=(2, 0))",
    "np.isneginf(a)",
    "np.isposinf(a)",
    "np.isposinf(a, np.zeros(a.shape, np.bool_))",
    "np.fix(a)",
    "np.fix(a, np.zeros_like(a))",
    "np.clip(a, min=-1)",
    "np.clip(a, max=1)",
    "a.clip(max=1)",
    "np.may_share_memory(a, a[1:])",
    "np.may_share_memory(a[:1], a[1:])",
    "np.unique_counts(a)",
    "np.unique_all(a)",
    "np.unique_inverse(a)",
    "np.sort(np.unique_values(a))",
    "np.argmax(a, axis=-1, keepdims=True)",
    "np.cumulative_sum(a, axis=0)",
    "np.cumulative_prod(a, axis=0, include_initial=True)",
    "np.expand_dims(2.5, 0)",
]
SPREADS = [
    "a, where=a > 0",
    "a, axis=0, where=a > 0, ddof=1",
    "a, axis=0, keepdims=True, where=a < 1e9",
    "a, correction=1",
]
NUMBERS = [
    "np.linspace(0, 1, 5, retstep=True)",
    "np.linspace(2.0, 1.0, 4, False, True)",
    "np.linspace(0, 1, 1, retstep=True)",
    "np.mask_indices(3, np.triu)",
    "np.mask_indices(4, np.tril, 1)",
    "np.diag_indices_from(np.ones((3, 3)))",
    "np.diag_indices_from(np.ones((2, 3)))",
    "np.trace(np.arange(12).reshape(3, 4), dtype=np.float64)",
    "np.average(np.array([2**31 - 1, 3], np.int32), weights=np.array([2, 5], np.int32))",
    "np.average(np.array([1.0, 3.0]), 0, np.array([2, 5]), True)",
    "np.average(np.array([1, 3]), None, np.array([2**63 - 1, 2**63 - 1]))",
    "np.unwrap(np.array([3, 200, 7], np.uint8))",
    "np.unwrap(np.array([-0.0, np.nan, 9.0, 1.0], np.float32))",
    "np.angle(np.array([True, False]))",
]


def function(expression):
    return eval(f"lambda a: {expression}", {"np": np})


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


@pytest.mark.core
@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_of_arrays(expression):
    run = function(expression)
    compiled = njit(run, bridge="error")
    for _, a in layouts(values((5,), np.float64)):
        check(run, a, compiled=compiled)
    for a in (
        values((5,), np.float64, edges=True),
        values((5,), np.int16),
        values((0,), np.float64),
        np.ones(1),
    ):
        check(run, a, compiled=compiled)


@pytest.mark.core
@pytest.mark.parametrize("name", ["np.var", "np.std"])
@pytest.mark.parametrize("arguments", SPREADS)
def test_spread(name, arguments):
    run = function(f"{name}({arguments})")
    compiled = njit(run, bridge="error")
    for a in (values((3, 4), np.float64), values((3, 4), np.int32), values((4,), np.complex128).real.copy()):
        np.testing.assert_allclose(compiled(a), run(a), rtol=1e-14)
    singles = values((3, 4), np.float32)
    if isinstance(run(singles), np.ndarray):
        assert compiled(singles).dtype == np.float32


@pytest.mark.parametrize("name", ["var", "std"])
def test_spread_around_a_mean_and_into_an_array(name):
    spread = getattr(np, name)

    def run(a, out):
        return spread(a, axis=0, mean=np.mean(a, axis=0, keepdims=True)), spread(a, axis=1, out=out), out

    a = values((3, 4), np.float64)
    want, got = run(a, np.zeros(3)), njit(run, bridge="error")(a, np.zeros(3))
    for x, y in zip(want, got, strict=True):
        np.testing.assert_allclose(y, x, rtol=1e-14)


@pytest.mark.core
@pytest.mark.parametrize("expression", NUMBERS)
def test_of_numbers(expression):
    run = eval(f"lambda: {expression}", {"np": np})
    check(run, compiled=njit(run, bridge="error"))


def test_words_of_errors():
    with pytest.raises(Exception, match="`axis`"):
        njit(lambda a: np.cumulative_sum(a))(np.ones((2, 2)))
    with pytest.raises(Exception, match="at least 2-d"):
        njit(lambda a: np.diag_indices_from(a))(np.ones(2))
    with pytest.raises(ValueError, match="infs or NaNs"):
        njit(lambda a: np.asarray_chkfinite(a))(np.array([np.inf]))
    with pytest.raises(Exception, match="forbidden"):
        njit(lambda a: np.clip(a, 1, 2, min=3))(np.ones(2))


METHODS = """
m.choose((v, v * 2)); k.choose((v, 9.0)); k.choose((v, v), mode="wrap"); A.argmax(-1, keepdims=True)
A.argmin(axis=0, keepdims=True); v.astype(np.float64, copy=False); v.astype(np.int8, copy=True)
v.astype(np.float32, copy=False); np.roll(A, (1, 2), axis=(0, 1)); np.roll(A, 1, axis=(0, 1)); np.roll(A, (1, 2), (0, 0))
np.roll(A, (1, -2), 1); A.tobytes(); A.tobytes("F"); A.T.tobytes(); A[:, ::2].tobytes(order="C"); m.tobytes(); S.tobytes()
S[::-1].tobytes(); A[:0].tobytes(); (A + 1j).tobytes()
"""


@pytest.mark.parametrize("text", re.split(r"[;\n]", METHODS.strip()))
def test_methods_without_the_interpreter(text):
    k = np.array([0, 1, 1, 0])
    known = {
        "A": np.arange(12.0).reshape(3, 4),
        "v": np.arange(4.0),
        "k": k,
        "m": k == 1,
        "S": np.array(["ab", "c"]),
    }
    names = [name for name in known if re.search(rf"(?<![\w.]){name}\b", text)]
    function = eval(f"lambda {', '.join(names)}: {text.strip()}", {"np": np})
    arguments = [known[name] for name in names]
    compiled = njit(function)
    want, got = function(*arguments), compiled(*arguments)
    assert np.array_equal(want, got)
    assert np.asarray(want).dtype == np.asarray(got).dtype
    assert np.shape(want) == np.shape(got)
    assert max(site.rung for site in compiled.inspect_calls(compiled.signatures[0])) < 4


def test_astype_without_a_copy():
    @njit
    def same(a):
        return a.astype(np.float64, copy=False)

    a = np.arange(3.0)
    assert np.shares_memory(same(a), a)
    assert not np.shares_memory(same(np.arange(3)), a)


SHORT, PAIR = np.float32(1.5), np.array([1.0, 2.0])
SPACES = [
    "np.linspace(s, 2, 5)",
    "np.linspace(0, s, 5, retstep=True)",
    "np.linspace(s, 3.0, 4, dtype=np.int64)",
    "np.linspace(np.float16(1), s, 3)",
    "np.linspace(np.int16(1), s, 3)",
    "np.linspace(np.int32(1), s, 3)",
    "np.linspace(s, 2, 0)",
    "np.linspace(s, 2, 1, endpoint=False)",
    "np.logspace(0, 2, 5, base=b)",
    "np.logspace(b, 2, 3)",
    "np.logspace(b, 2, 3, axis=-1)",
    "np.logspace(b, b[::-1], 3, base=[[2.0], [3.0]], axis=1)",
    "np.logspace(0, 2, 3, dtype=np.int64)",
    "np.geomspace(b, 10, 4)",
    "np.geomspace(b, [10.0, -20.0], 4, axis=1)",
    "np.geomspace(1, 1000, 4, dtype=np.int64)",
    "np.geomspace(b, 64, 4, False, dtype=np.float32)",
    "np.geomspace(1j, 1000j, 4)",
    "np.geomspace(-1, -1000, 4)",
    "np.geomspace(s, 16, 5)",
    "np.geomspace(b, 10, 0)",
    "np.geomspace(b, 10, 1)",
]


@pytest.mark.parametrize("expression", SPACES)
def test_spaces_have_the_dtype_that_numpy_gives(expression):
    scope = {"np": np}
    exec(f"def f(s, b):\n    return {expression}\n", scope)
    with warnings.catch_warnings():
        warnings.simplefilter("error", NajaPerformanceWarning)
        got = njit(scope["f"])(SHORT, PAIR)
    with np.errstate(invalid="ignore"):
        want = scope["f"](SHORT, PAIR)
    for x, y in zip(got, want) if isinstance(want, tuple) else ((got, want),):
        if isinstance(x, np.ndarray):
            assert x.dtype == y.dtype and x.shape == y.shape
        np.testing.assert_allclose(
            x, y, rtol=2e-7 if y.dtype == np.float32 else 1e-3 if y.dtype == np.float16 else 1e-14, atol=1e-13
        )


def test_no_geometric_sequence_has_a_zero():
    with pytest.raises(ValueError, match="Geometric sequence cannot include zero"):
        njit(lambda b: np.geomspace(b, 10))(np.array([1.0, 0.0]))
