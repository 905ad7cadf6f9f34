"""scipy.fft and scipy.linalg in compiled code: through the interpreter, with a warning, and with SciPy's own results."""

import numpy as np
import pytest

from naja import njit
from naja.errors import NajaPerformanceWarning

pytest.importorskip("scipy")
import scipy.fft as fft
import scipy.linalg as linalg

V = np.arange(8.0)
A = np.random.default_rng(0).normal(size=(4, 4))
H = A @ A.T + 4 * np.eye(4)

CALLS = [
    "fft.fft(v)",
    "fft.rfft(v)",
    "fft.irfft(v)",
    "fft.dct(v, type=4, norm='ortho')",
    "fft.fft2(a)",
    "fft.fftn(a, axes=(0,))",
    "fft.fftshift(v)",
    "fft.fftfreq(8)",
    "fft.next_fast_len(13)",
    "linalg.inv(a)",
    "linalg.det(a)",
    "linalg.solve(a, v[:4])",
    "linalg.lu(a)",
    "linalg.lu_factor(a)",
    "linalg.cho_solve(linalg.cho_factor(h), v[:4])",
    "linalg.cholesky(h, lower=True)",
    "linalg.qr(a)",
    "linalg.svd(a)",
    "linalg.eigh(h)",
    "linalg.expm(a)",
    "linalg.solve_triangular(a, v[:4])",
    "linalg.norm(a)",
    "linalg.pinv(a)",
    "linalg.toeplitz(v)",
    "linalg.block_diag(a, h)",
]


@pytest.mark.parametrize("call", CALLS)
def test_call(call):
    function = eval(f"lambda v, a, h: {call}", {"fft": fft, "linalg": linalg})
    # a file name of its own: there is one warning for each line
    function.__code__ = function.__code__.replace(co_filename=call)
    with pytest.warns(NajaPerformanceWarning, match="calls it through the interpreter"):
        got = njit(function)(V, A, H)
    want = function(V, A, H)
    pairs = zip(got, want, strict=True) if isinstance(want, tuple) else [(got, want)]
    assert all(np.array_equal(g, w) for g, w in pairs)
