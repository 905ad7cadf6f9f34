"""fastmath lets loops call vector mathematics; without it a value does not depend on vectorisation."""

import math

import numpy as np
import pytest

from naja import njit

pytestmark = pytest.mark.core


def exp_loop(a, out):
    for i in range(a.shape[0]):
        out[i] = math.exp(a[i]) + math.sin(a[i])


def pow_loop(a, out):
    for i in range(a.shape[0]):
        out[i] = a[i] ** 1.7


@pytest.mark.parametrize("function", [exp_loop, pow_loop])
@pytest.mark.parametrize("n", [0, 1, 3, 17, 1000])
def test_close_to_libm(function, n):
    a, out, want = np.linspace(0.1, 5.0, n), np.zeros(n), np.zeros(n)
    njit(fastmath=True)(function)(a, out)
    function(a, want)
    np.testing.assert_allclose(out, want, rtol=1e-14)


def test_only_fastmath_calls_vector_functions(capfd, monkeypatch):
    monkeypatch.setenv("NAJA_DUMP", "llvm")
    a, out = np.linspace(0.1, 5.0, 100), np.zeros(100)
    njit(cache=False)(exp_loop)(a, out)
    assert "_ZGV" not in capfd.readouterr().err
    want = [math.exp(x) + math.sin(x) for x in a]
    assert out.tolist() == want
    njit(cache=False, fastmath=True)(exp_loop)(a, out)
    text = capfd.readouterr().err
    if "_ZGV" not in text:
        pytest.skip("this system has no vector mathematics library")
    assert "4v_exp(<4 x double>" in text or "2v_exp(<2 x double>" in text or "8v_exp(<8 x double>" in text
